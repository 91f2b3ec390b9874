"""What the plays share: one loop, one reading process, and a stage that is cleared when the play is over."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from followupd import daemon
from followupd.core import unread
from followupd.reader import Reader
from tests.stories.stage import Play


class KeptReader(Reader):
    """The reading process of all plays: starting one costs more than a whole play."""

    async def close(self) -> None:
        """Stay."""


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """Give the loop in which all daemons of all plays live, one after the other."""
    with asyncio.Runner() as found:
        yield found


@pytest.fixture(scope="session")
def reader(runner: asyncio.Runner) -> Iterator[Reader]:
    """Give the one process that reads the mails of all plays."""
    found = KeptReader()
    yield found
    runner.run(Reader.close(found))


@pytest.fixture(autouse=True)
def nothing_by_itself(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> None:
    """Files are looked at when the play says so and taken in one go, and a lost mailbox is sought again at once."""
    monkeypatch.setattr(daemon, "Reader", lambda **_: reader)
    monkeypatch.setattr(daemon, "SCAN_SECONDS", 3600.0)
    monkeypatch.setattr(daemon, "RELOAD_SECONDS", 3600.0)
    monkeypatch.setattr(daemon, "BREATH", 0.0)
    monkeypatch.setattr(unread, "pause", lambda *_: 0.01)


MEMORY = Path("/dev/shm")  # no play is about the disk, and syncing to one takes half of its time


@pytest.fixture
def stage(runner: asyncio.Runner) -> Iterator[Callable[..., Play]]:
    """Set a stage: `stage(cadences={...}, limits="...", gap="...")`."""
    with contextlib.ExitStack() as stack:

        def make(**setting: Any) -> Play:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="play", dir=MEMORY if MEMORY.is_dir() else None))
            play = Play(Path(folder), runner, **setting)
            stack.callback(play.close)
            return play

        yield make


@pytest.fixture
def play(stage: Callable[..., Play]) -> Play:
    """The usual stage: one mailbox, one cadence of four mails."""
    return stage()
