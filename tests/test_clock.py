"""Clocks that are set while somebody sleeps by them, and leaps that are noticed or forgotten."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from followupd import machine
from followupd.clock import FORGOTTEN_AFTER, FastClock, Leaps, RealClock
from followupd.store import open_store
from tests.faults import Toll


@dataclass
class Set:
    """A clock that is set by the test."""

    wall: float = 0.0
    monotonic: float = 0.0

    def ahead(self) -> float:
        return self.wall - self.monotonic

    def steady(self) -> float:
        return self.monotonic

    def run(self, seconds: float, *, times: float = 1.0) -> None:
        self.monotonic += seconds
        self.wall += seconds * times


@pytest.mark.parametrize("seconds", [121.0, 3600.0, -121.0, -86400.0, 9e8])
def test_leap(seconds: float) -> None:
    """A leap is told once, with its size, in both directions."""
    clock = Set()
    leaps = Leaps(cast("Any", clock))
    clock.run(5)
    assert leaps.look() == 0
    clock.wall += seconds
    clock.run(1)
    assert leaps.look() == pytest.approx(seconds)
    clock.run(1)
    assert leaps.look() == 0


def test_correction() -> None:
    """A clock that is put right by a second every minute never leaps."""
    clock = Set()
    leaps = Leaps(cast("Any", clock))
    for _ in range(60 * 24):
        clock.run(60)
        clock.wall += 1
        assert leaps.look() == 0


@pytest.mark.fault("F63")
def test_sixty_times_too_fast(toll: Toll) -> None:
    """A clock that runs away is noticed within three seconds, and again for as long as it does."""
    clock = Set()
    leaps = Leaps(cast("Any", clock))
    told = []
    for second in range(60):
        clock.run(1, times=60)
        if leaps.look():
            told.append(second)
    assert told[0] <= 3
    assert len(told) >= 15
    assert FORGOTTEN_AFTER > 60
    toll()


class Earlier(RealClock):
    """The machine's clock, set back by a day a moment after somebody went to sleep."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=time.monotonic() - self._begun > 0.05)


@pytest.mark.fault("F62")
async def test_set_back_while_asleep(toll: Toll) -> None:
    """Who sleeps for a fifth of a second is not kept waiting for a day."""
    clock = Earlier()
    async with asyncio.timeout(10):
        await clock.wait(clock.now() + timedelta(seconds=0.2), asyncio.Event())
    assert datetime.now(UTC) - clock.now() > timedelta(hours=23)
    toll()


async def test_woken() -> None:
    """An event ends the sleep."""
    wake = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, wake.set)
    async with asyncio.timeout(10):
        await RealClock().wait(datetime.now(UTC) + timedelta(days=1), wake)


def test_nobody_sets_a_fast_clock() -> None:
    """The demo's clock has no leaps, however fast it is."""
    assert Leaps(FastClock(datetime.now(UTC), 1e6)).look() == 0


# -- the clock of the database -------------------------------------------------------------------


class Off(RealClock):
    """The machine's clock, as far as the code can tell; `machine.RealClock` is put in its place."""

    by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.fault("F66")
@pytest.mark.parametrize(
    ("seconds", "said", "refused"),
    [(0, 0, False), (60, 0, False), (95, 1, False), (-95, 1, False), (3700, 1, True), (-3700, 1, True)],
)
def test_clock_of_the_database(
    postgres_url: str, seconds: int, said: int, refused: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, toll: Toll,
) -> None:  # fmt: skip
    """A minute and a half apart is said at the start; with an hour the daemon does not start."""
    clock = Off()
    clock.by = timedelta(seconds=seconds)
    monkeypatch.setattr(machine, "RealClock", Off)
    with closing(open_store(postgres_url)) as store, caplog.at_level("WARNING", logger="followupd"):
        reason = machine.compare_clocks(cast("Any", SimpleNamespace(store=store, clock=clock)))
    assert len([record for record in caplog.records if "clocks-differ" in record.getMessage()]) == said
    assert bool(reason) == refused
    assert not reason or "set the clocks (NTP)" in reason
    toll()


def test_no_other_clock(tmp_path: Path) -> None:
    """SQLite has the machine's own clock."""
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as store:
        assert machine.compare_clocks(cast("Any", SimpleNamespace(store=store, clock=RealClock()))) == ""
