"""The workload `year`: what is recorded of its writes is all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd.bench.suite import WrongOutcome
from followupd.bench.workloads import year


def test_its_writes_leave_the_same_store() -> None:
    """Carried out once more on an empty store, they leave as many rows of each kind; the workload itself looks at that."""
    found = year.lived(20, record=True)
    assert found["writes"] > 20
    assert found["seconds"] > 0


def test_a_write_that_was_not_recorded_is_noticed(tmp_path: Path) -> None:
    """A figure for half of the writes would be wrong, and is none."""
    with pytest.raises(WrongOutcome, match="its writes have left"):
        year.bare((), tmp_path, {"prospect": 1})
