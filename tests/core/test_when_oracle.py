"""The dates of `core/when.py` against the oracle: every zone, every region, the next ten years, and the odd days of the past.

Where the two differed, and who was right:

- Samoa left out Friday, 30 December 2011. The code counted it as a business day and landed on Saturday; the oracle counts only
  days that came. The oracle was right.
- A landing time that falls into a gap over midnight becomes the first instant after it, though that is the next day. Both
  agree; the window decides whether anything may happen then.
"""

from __future__ import annotations

import os
import random
import time
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followupd.core import when
from followupd.core.when import ALWAYS, NO_HOLIDAYS, Delay, Due, OwnCalendar, Unit, Window
from tests.core import oracle
from tests.core.oracle import Wall

CHUNKS, CASES = 20, 100_000
FIRST, LAST = 2026, 2036  # the next ten years; what follows from them may lie some years later
TABLE_END = 2041
ZONES = sorted(when._zones())
REGIONS = sorted(
    code if not region else f"{code}-{region}" for code, regions in when._known_regions().items() for region in ("", *regions)
)


def compare(dice: random.Random, wall: Wall, number: int, first: int = FIRST, last: int = LAST) -> None:
    """So many random cases in this zone, all with the same answer."""
    both = oracle.NOTHING
    for each in range(number):
        if each % 50 == 0:
            both = oracle.some_sides(dice, REGIONS, first, last + 4)
        case = oracle.some_case(dice, wall, both, first, last)
        assert case.delayed == case.expected_delayed, case.question
        assert case.found == case.expected, case.question


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_zone_every_region_ten_years(chunk: int) -> None:
    """100,000 random cases, in every zone of tzdata: the first instant after the delay that is open on both sides."""
    dice, zones = random.Random(chunk), ZONES[chunk::CHUNKS]
    share, rest = divmod(CASES // CHUNKS, len(zones))
    for number, name in enumerate(zones):
        compare(dice, Wall(when.zone_named(name), FIRST, TABLE_END), share + (number < rest))
