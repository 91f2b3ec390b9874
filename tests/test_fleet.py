"""One daemon among many: woken by what others say, and rid of everything as soon as nobody can see that it lives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from followupd import fleet, letters
from followupd import store as stores
from followupd.clock import RealClock
from followupd.core.model import Change, Round, Switch
from followupd.store import Store, open_store
from followupd.world import Watch, World
from tests.store.made import NOW

pytestmark = pytest.mark.slow


def world(store: Store, run: str, *names: str) -> World:
    """As much of it as the fleet asks for."""
    found = SimpleNamespace(
        office=SimpleNamespace(store=store, clock=RealClock()), run=run, inboxes=dict.fromkeys(names), epochs={}, parting={}, in_flight={}, troubled=set(),
        watches={name: Watch(RealClock()) for name in names}, wake=asyncio.Event(), lost=asyncio.Event(), stopping=asyncio.Event(), connections={},
    )  # fmt: skip
    found.call = asyncio.to_thread
    found.let_go = lambda: World.let_go(found)  # type: ignore[arg-type]
    return cast("World", found)


@pytest.fixture
def both(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, Store]]:
    """Give the store of a daemon that looks at the clock once in half a minute, and that of a command line."""

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(fleet, "BEAT_SECONDS", 30.0)
    monkeypatch.setattr(letters, "recover", nothing)
    found = open_store(postgres_url), open_store(postgres_url)
    yield found
    for one in found:
        one.close()


@asynccontextmanager
async def alive(one: World) -> AsyncIterator[fleet.Fleet]:
    """A daemon that shows that it lives."""
    ours = fleet.Fleet(one)
    await ours.begin()
    one.wake.clear()
    pulse = asyncio.create_task(ours._pulse())
    try:
        async with asyncio.timeout(20):
            yield ours
    finally:
        pulse.cancel()
        with suppress(asyncio.CancelledError):
            await pulse


async def test_a_word_wakes_at_once(both: tuple[Store, Store]) -> None:
    """What a command writes for a mailbox of ours wakes the sender long before the next beat; for others' mailboxes it does not."""
    store, desk = both
    one = world(store, "a", "dana")
    async with alive(one):
        assert one.epochs == {"dana": 1}
        await asyncio.to_thread(desk.apply_one, Change(rounds=(Round(id="digest:lee", mailbox="lee", due=NOW),)))
        await asyncio.to_thread(desk.apply_one, Change(rounds=(Round(id="digest:dana", mailbox="dana", due=NOW),)))
        await one.wake.wait()
        one.wake.clear()
        await asyncio.to_thread(desk.apply_one, Change(switches=(Switch(scope="all", reason="", at=NOW, on=False),)))
        await one.wake.wait()


async def test_the_end_of_the_session_is_heard(both: tuple[Store, Store]) -> None:
    """A session that the server ends shows at once: everything is let go, and taken again with a new one."""
    store, desk = both
    one = world(store, "a", "dana", "lee")
    async with alive(one) as ours:
        assert store.session is not None
        process = store.session.process
        with desk.writing() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": process})
        await one.lost.wait()
        assert one.epochs == {}
        assert store.held == frozenset()
        while not one.epochs:
            await ours._look_now.wait()
            await ours._look()
        assert one.epochs.keys() == {"dana", "lee"}
        assert store.session.process != process


async def test_a_database_that_does_not_answer(both: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is no answer: others may have our mailboxes by now, so nothing is begun any more, whatever the thread waits for."""
    store, _ = both
    one = world(store, "a", "dana")
    answer = threading.Event()
    async with alive(one) as ours:
        monkeypatch.setattr(stores, "HOLD_SECONDS", 0.5)
        monkeypatch.setattr(fleet.Fleet, "_beat", lambda _: answer.wait(20))
        with suppress(AttributeError):  # what the thread brings in the end is no sign of life
            await ours._show_life()
        assert one.epochs == {}
        answer.set()
