"""One daemon among many: it shows that it lives, holds its share of the mailboxes, and has each of them watched.

Decides nothing about who should hold what (`core/fleet.py`) and nothing about mails. What it keeps is the order: a mailbox is taken
before anything is claimed in it; one that is given up is finished with first (nothing new is begun, what is in flight is settled,
the watcher ends), and only then free for whoever has asked. Whoever can't show that it lives holds nothing: from that moment nothing is claimed.

Others are woken by NOTIFY, so nobody waits for a tick. A file of SQLite has one daemon, which holds everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

from followupd import letters, listen, log
from followupd import store as stores
from followupd.store import Store, StoreBusy, fleet, incarnation
from followupd.world import World

Result = TypeVar("Result")

BEAT_SECONDS = 1.5
"""How often a daemon shows that it lives, and looks who else does: so soon the death of another one is noticed."""

LOOK_SECONDS = 30.0
"""How often it looks who holds what although nobody has said that anything has changed."""

GRACE = 2.5
"""Seconds after which it takes what somebody else should have taken: that one may be slow, or not know the account."""

APART = 0.005
"""Seconds between two mailboxes that begin to be watched: what a login takes of a server."""

BREATH = 0.1
"""Seconds between two looks whether what is being given up is finished with."""

AGAIN_SECONDS = 5.0
"""How often a store that refuses is asked again for our mailboxes, where no session shows that we live (SQLite)."""


def check_home(store: Store) -> None:
    """Somewhere else all of a sudden: begin anew, and ask."""
    if moved := incarnation.elsewhere(store):
        raise incarnation.StoreMoved(moved)


class Fleet:
    """This daemon as one of those that share the store."""

    def __init__(self, world: World) -> None:
        """Nothing is held yet."""
        self._world, self._store = world, world.office.store
        self._alone = self._store.session is None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet")  # a sign of life never waits for a free thread
        self._since = world.office.clock.now()
        self._joined = False
        self._ear: int | None = None  # where others are heard until the next sign of life
        self._living = frozenset[str]()
        self._look_now = asyncio.Event()  # holders have changed, or should
        self._left: dict[str, float] = {}  # mailboxes that nobody holds, and since when (steady time) we know
        self._told = frozenset[str]()  # mailboxes of which is said that others hold them
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._ending: dict[str, int] = {}  # epochs of mailboxes that are finished with, whose watchers have not ended yet
        self._spare = set[asyncio.Task[None]]()

    async def begin(self) -> None:
        """Show that we live and take what is ours, before anything else is begun."""
        await self._show_life()
        await self._look()

    async def run(self, group: asyncio.TaskGroup, sending: asyncio.Task[None]) -> None:
        """Until the daemon is told to stop; then everything is given up, as soon as `sending` has finished with it."""
        world = self._world
        pulse = group.create_task(self._pulse(), name="pulse")
        end = group.create_task(self._heed_the_end(), name="end")
        try:
            while not world.stopping.is_set():
                await self._watch(group)
                if await self._is_time_to_look():
                    await self._look()
                with contextlib.suppress(StoreBusy):  # asked again at the next turn
                    await self._part()
            await self._depart(sending)
        finally:
            pulse.cancel()
            end.cancel()
            self._pool.shutdown(wait=False)
            self._close_ear()

    async def _watch(self, group: asyncio.TaskGroup) -> None:
        """Have each of our mailboxes watched, one after the other: a hundred logins at once would all end at the same time, the last one's."""
        world = self._world
        for name in world.inboxes:
            if (
                name in world.epochs
                and (name not in self._watchers or self._watchers[name].done())
                and not world.stopping.is_set()
            ):
                self._watchers[name] = group.create_task(listen.follow(world, name), name=f"listen {name}")
                await asyncio.sleep(APART)

    async def _is_time_to_look(self) -> bool:
        """Wait for it; False where only what is given up wants to be looked after."""
        world, steady = self._world, self._world.office.clock.steady()
        if self._alone:
            seconds = AGAIN_SECONDS if not world.epochs else LOOK_SECONDS
        else:
            seconds = max(0.0, min([LOOK_SECONDS, *(since + GRACE - steady for since in self._left.values())]))
        giving = bool(world.parting or self._ending)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._look_now.wait(), min(seconds, BREATH) if giving else seconds)
            return not world.stopping.is_set()
        return not giving and not (self._alone and bool(world.epochs))

    async def _heed_the_end(self) -> None:
        """Whoever is told to stop does not sleep on."""
        await self._world.stopping.wait()
        self._look_now.set()

    # -- showing that we live

    async def _pulse(self) -> None:
        """For ever. Where there is only one daemon to a store, nobody wants to see that it lives: only what we have lost is looked after."""
        while self._alone:
            await self._world.lost.wait()
            self._world.lost.clear()
            self._look_now.set()
        while True:
            await self._rest()
            await self._show_life()

    async def _show_life(self) -> None:
        """And hear what others have said. Where nobody can see that we live, what we hold may be others' by now: it is let go at once."""
        if self._joined and self._alone:
            return
        try:
            async with asyncio.timeout(None if self._alone else stores.HOLD_SECONDS * 0.8):
                heard = await self._apart(self._beat)
        except TimeoutError:
            self._lose("the database does not answer")
        except StoreBusy as problem:
            self._lose(str(problem))
        else:
            self._heed_others(heard)

    def _heed_others(self, heard: fleet.Heard) -> None:
        if not self._joined or heard.living != self._living or fleet.FLEET in heard.said:
            self._look_now.set()
        if self._joined and heard.living != self._living:
            log.note("daemons-changed", living=len(heard.living), gone=len(self._living - heard.living))
        self._joined, self._living = self._alone or self._world.run in heard.living, heard.living
        if any(fleet.woken(said, self._world.epochs) for said in heard.said):
            self._world.wake.set()

    def _beat(self) -> fleet.Heard:
        if not self._joined:
            fleet.join(self._store, self._member())
        heard = fleet.beat(self._store)
        self._close_ear()
        if self._store.session is not None:
            self._ear = self._store.session.ear()
        return heard

    def _close_ear(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            os.close(ear)

    def _member(self) -> fleet.Member:
        now = self._world.office.clock.now()
        return fleet.Member(
            run=self._world.run, host=socket.gethostname(), pid=os.getpid(), since=self._since, seen=now, version=_version()
        )

    async def _apart(self, verb: Callable[..., Result], *parameters: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, verb, *parameters)

    def _lose(self, reason: str) -> None:
        log.trouble("store-refuses", reason=reason)
        if self._alone:
            return
        self._joined, self._living = False, frozenset()
        if self._world.epochs or self._world.parting:
            log.trouble("mailboxes-let-go", reason=f"nothing shows any more that we hold them: {reason}")
            self._world.let_go()
            self._ending.clear()

    async def _rest(self) -> None:
        """Until the next sign of life is due, or somebody says something; not at all where our session is known to be gone."""
        world, loop, news = self._world, asyncio.get_running_loop(), asyncio.Event()
        heard, self._ear = self._ear, None
        if heard is not None:
            loop.add_reader(heard, news.set)
        waits = [asyncio.create_task(event.wait()) for event in (news, world.lost)]
        try:
            await asyncio.wait(waits, timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if heard is not None:
                loop.remove_reader(heard)
                os.close(heard)
            for one in waits:
                one.cancel()
        if world.lost.is_set():
            world.lost.clear()
            self._joined = self._joined and self._store.session is not None and self._store.session.open
            self._look_now.set()

    # -- who holds what

    async def _look(self) -> None:
        """Take what of the mailboxes should be ours, and hear which of them should be others'."""
        world, steady = self._world, self._world.office.clock.steady()
        waited = [name for name, since in self._left.items() if steady - since >= GRACE]
        self._look_now.clear()
        if not self._joined:
            return
        try:
            held = await world.call(
                fleet.take_turn, self._store, world.run, list(world.inboxes), waited, world.office.clock.now()
            )
            if held.taken or not world.epochs:  # after a failover, too: before a single claim there
                await world.call(check_home, self._store)
        except StoreBusy as problem:
            log.trouble("store-refuses", reason=problem)
            return
        self._left = {name: self._left.get(name, steady) for name in held.left}
        await self._heed(held)
        fresh = [name for name in held.taken if name in world.epochs]
        if fresh and not self._alone:
            log.note("mailboxes-taken", mailbox=_named(fresh), daemons=len(self._living))
        if new := set(held.others) - self._told:  # they are looked after; said once
            log.note("standing-by", mailbox=_named(new), reason="held by another followupd on this database")
        self._told = frozenset(held.others)

    async def _heed(self, held: fleet.Held) -> None:
        world = self._world
        if held.taken:
            await letters.recover(world, held.taken)
        for name in [*world.epochs, *world.parting]:
            if name not in held.epochs:  # somebody has taken it from us
                world.epochs.pop(name, None)
                world.parting.pop(name, None)
                world.watches[name].asked.set()
        for name, epoch in held.epochs.items():
            if name in held.give and name not in self._ending:
                world.epochs.pop(name, None)
                world.parting[name] = epoch
            elif name not in held.give:
                world.parting.pop(name, None)
                self._ending.pop(name, None)
                world.epochs[name] = epoch
        self._store.held = frozenset(world.epochs)
        world.troubled.update(held.taken)
        world.wake.set()

    # -- giving up

    async def _part(self) -> None:
        """Give up what others have asked for, and what is finished with. Raises StoreBusy."""
        world = self._world
        idle = [name for name in world.parting if not world.in_flight.get(name, 0)]
        if idle:
            busy = await world.call(fleet.in_hand, self._store, world.run, idle)
            for name in [name for name in idle if name not in busy and name in world.parting]:
                self._ending[name] = world.parting.pop(name)
                world.watches[name].asked.set()
        ended = [name for name in self._ending if name not in self._watchers or self._watchers[name].done()]
        if not ended:
            return
        kept = await world.call(fleet.give, self._store, world.run, ended)
        for name in ended:
            epoch = self._ending.pop(name, 0)
            if name in kept:  # something was claimed in the very last moment
                world.parting[name] = epoch
            else:
                self._hang_up(name)
        if given := frozenset(ended) - kept:
            self._told |= given
            log.note("mailboxes-given", mailbox=_named(given))

    def _hang_up(self, name: str) -> None:
        """A provider that counts connections counts ours and the next holder's."""
        closing = asyncio.create_task(self._world.connections[name].close())
        self._spare.add(closing)
        closing.add_done_callback(self._spare.discard)

    async def _depart(self, sending: asyncio.Task[None]) -> None:
        """The end: each mailbox goes to the others as soon as it is finished with, and not before."""
        world = self._world
        if not self._joined:
            return
        with contextlib.suppress(StoreBusy):  # without a store the end of our session says the same
            if not self._alone:
                world.parting.update(world.epochs)
                world.epochs.clear()
                self._store.held = frozenset()
                while world.parting or self._ending:
                    over = sending.done()
                    await self._part()
                    if over and not self._ending:
                        break
                    await asyncio.sleep(BREATH / 2)
            await self._apart(fleet.leave, self._store, world.run)


def _named(names: Iterable[str], most: int = 20) -> str:
    found = sorted(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ",".join(found[:most]) + more


def _version() -> str:
    try:
        return version("followupd")
    except PackageNotFoundError:
        return ""
