"""Limits of the kernel that a workload needs: raised where that is allowed, put back, and named where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd.bench.servers import inotify
from followupd.bench.suite import Missing


def limits(folder: Path) -> dict[str, int]:
    """What stands there."""
    return {name: int((folder / name).read_text()) for name in inotify.EACH}


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A kernel as it comes: few instances, enough watches."""
    for name, value in {"max_user_instances": 128, "max_user_watches": 65536}.items():
        (tmp_path / name).write_text(f"{value}\n")
    return tmp_path


def test_raised_and_put_back(kernel: Path) -> None:
    """What is too low is raised as long as the block lasts, and no longer; what suffices is left alone."""
    before = limits(kernel)
    with inotify.room(1000, kernel):
        assert limits(kernel) == before | {"max_user_instances": 1064}
    assert limits(kernel) == before


def test_who_may_not(kernel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it may not be raised the work is missing something, and the line says what to do."""
    monkeypatch.setattr(inotify.os, "access", lambda *_: False)
    with (
        pytest.raises(Missing, match=r"fs\.inotify\.max_user_instances is 128.*sysctl -w fs\.inotify\.max_user_instances=1064"),
        inotify.room(1000, kernel),
    ):
        pass
    assert limits(kernel)["max_user_instances"] == 128
