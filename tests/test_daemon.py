"""The roof: housekeeping lives and dies with the daemon."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from followupd import daemon
from followupd.world import World

WORLD = cast("World", SimpleNamespace(keepers={}))


def ticking(monkeypatch: pytest.MonkeyPatch, work: Any, group: asyncio.TaskGroup) -> AsyncIOScheduler:
    """The daemon's scheduler with `work` as the round that looks into the inbox folder, ten times a second."""
    monkeypatch.setattr(daemon, "_scan", work)
    monkeypatch.setattr(daemon, "SCAN_SECONDS", 0.1)
    return daemon._ticker(WORLD, group)


async def test_housekeeping_that_fails_ends_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that raises ends the group that the daemon's loops live in, with its own exception."""

    async def fails(*_: object) -> None:
        raise RuntimeError("the folder is gone")

    async def serves() -> None:
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            scheduler = ticking(monkeypatch, fails, group)
            scheduler.start()
            try:
                await asyncio.Event().wait()
            finally:
                scheduler.shutdown(wait=False)

    with pytest.raises(ExceptionGroup) as raised:
        await serves()
    assert [str(error) for error in raised.value.exceptions] == ["the folder is gone"]


async def test_the_end_waits_for_housekeeping(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A round that is in flight when the daemon is told to stop is finished, and nothing is reported as failed."""
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def slow(*_: object) -> None:
        begun.set()
        await go_on.wait()
        done.append(True)

    with caplog.at_level(logging.ERROR):
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            scheduler = ticking(monkeypatch, slow, group)
            scheduler.start()
            await begun.wait()
            scheduler.shutdown(wait=False)
            go_on.set()
    assert done == [True]
    assert not caplog.records


def test_rounds_that_were_missed() -> None:
    """After a leap of a year there is one round, not millions of them to count; none is ever due in the past."""
    now = datetime(2027, 1, 1, tzinfo=UTC)
    every = daemon.Every(seconds=0.1, timezone="UTC")
    for before in (None, now - timedelta(days=365), now + timedelta(days=1)):
        assert every.get_next_fire_time(before, now) == now + timedelta(seconds=0.1)
