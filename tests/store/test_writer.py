"""The daemon's writer: changes and gates in one commit, each answered for itself, and nobody left waiting."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from followupd.core import lifecycle
from followupd.core.lifecycle import TouchFact
from followupd.core.model import Change, Claim, Enrollment, EnrollmentState, Outcome, TouchState
from followupd.store import Passing, Store, StoreBusy, open_store
from followupd.world import CROWD, Writer
from tests.store.made import NOW, cadence
from tests.store.test_contract import MAIL, MARGIN, claimed, touch_of


def passing(one: Claim) -> Passing:
    """A claim before the gate."""
    return Passing(claim=one, at=NOW, **MAIL)  # type: ignore[arg-type]


def sent(one: Claim) -> Change:
    """What follows where the server has taken it."""
    return lifecycle.settle(one.touch, one.enrollment, cadence(), one.prospect, TouchFact.ACCEPTED, NOW, "ok", 250)


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Writer]:
    """A writer at work."""
    pool = ThreadPoolExecutor(max_workers=1)
    writer = Writer(store, pool, MARGIN)
    work = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        pool.shutdown()


async def test_together(store: Store) -> None:
    """Of changes and gates that come at the same time each gets its own answer: written or stale, passed or not."""
    ann, bob, cid, dot = claimed(store, "ann", "bob", "cid", "dot")
    for one in (ann, bob):
        assert store.gate(one, NOW, MARGIN, **MAIL)
    stale = replace(sent(bob), touches=(replace(bob.touch, version=bob.touch.version + 7),))
    late = replace(dot, touch=replace(dot.touch, token="another"))
    async with running(store) as writer:
        found = await asyncio.gather(
            writer.write(sent(ann)), writer.write(stale), writer.gate(passing(cid)), writer.gate(passing(late))
        )
    assert found == [True, False, True, False]
    assert touch_of(store, ann.enrollment).state == TouchState.SENT
    assert touch_of(store, bob.enrollment).state == TouchState.SENDING
    assert (store.kept_mail(cid.touch.id) is None, store.kept_mail(dot.touch.id) is None) == (False, True)


@pytest.mark.parametrize(("crowd", "first"), [(0, 1), (CROWD, 4)])
async def test_company(store: Store, monkeypatch: pytest.MonkeyPatch, crowd: int, first: int) -> None:
    """Where many mails are in flight, results that come soon after each other are one commit; else nobody waits for anybody."""
    people, written = claimed(store, "ann", "bob", "cid", "dot"), list[int]()
    apply = store.apply

    def counted(changes: Sequence[Change]) -> list[bool]:
        written.append(len(changes))
        return apply(changes)

    async def later(one: Claim, turns: int) -> bool:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await writer.write(sent(one))

    monkeypatch.setattr(store, "apply", counted)
    async with running(store) as writer:
        writer.crowd = crowd
        found = await asyncio.gather(*(later(one, 5 * place) for place, one in enumerate(people)))
    assert found == [True] * 4
    assert (written[0], sum(written)) == (first, 4)


async def test_a_stop_in_the_same_commit(store: Store) -> None:
    """What is written comes first: a gate that is asked in the same moment sees that the person's enrollment has ended."""
    (ann,) = claimed(store, "ann")
    async with running(store) as writer:
        over = lifecycle.finish(ann.enrollment, Outcome.NO, "they said no", NOW)
        found = await asyncio.gather(writer.gate(passing(ann)), writer.write(over))
    assert found == [False, True]


async def test_an_end_is_known_before_it_is_written(store: Store) -> None:
    """From the moment in which an end is handed over, a mail that has passed the gate before is told of it; a later claim is not."""
    (ann,) = claimed(store, "ann")
    loop = asyncio.get_running_loop()
    async with running(store) as writer:
        before = loop.time()
        assert not writer.ended(ann.enrollment.id, before)
        writing = asyncio.create_task(writer.write(lifecycle.finish(ann.enrollment, Outcome.NO, "they said no", NOW)))
        await asyncio.sleep(0)
        assert writer.ended(ann.enrollment.id, before)
        assert await writing
        assert writer.ended(ann.enrollment.id, before)
        assert not writer.ended(ann.enrollment.id, loop.time() + 1)
    found = store.find(Enrollment, ann.enrollment.id)
    assert found is not None
    assert found.state == EnrollmentState.FINISHED


async def test_a_locked_store(tmp_path: Path) -> None:
    """While somebody else has the store locked a gate is refused at once, and a result in hand is tried until it is written."""
    store = open_store(f"sqlite:///{tmp_path}/followupd.db")
    store.own(0.1)
    ann, bob = claimed(store, "ann", "bob")
    assert store.gate(ann, NOW, MARGIN, **MAIL)
    other = sqlite3.connect(tmp_path / "followupd.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with running(store) as writer:
        result, gate = asyncio.create_task(writer.write(sent(ann))), asyncio.create_task(writer.gate(passing(bob)))
        while not writer.stuck:
            await asyncio.sleep(0.01)
        assert not result.done()
        other.execute("ROLLBACK")
        assert await result
        with suppress(StoreBusy):  # it is tried for itself after the result: refused where that came too early
            assert await gate
        assert writer.stuck == ""
    other.close()
    store.close()


async def test_whoever_waits_hears_of_a_fault(store: Store) -> None:
    """A change that can't be written at all is told to whoever handed it over; the writer goes on with the others."""
    ann, bob = claimed(store, "ann", "bob")
    assert store.gate(bob, NOW, MARGIN, **MAIL)
    broken = Change(touches=(replace(ann.touch, due=None),))  # type: ignore[arg-type]
    async with running(store) as writer:
        with pytest.raises(Exception, match=r"due|NOT NULL|null"):
            await writer.write(broken)
        assert await writer.write(sent(bob))
