"""The connections through which one mailbox sends: kept open, and as many as it may have.

Decides who uses which one next, and whose turn is so near that it may pass the gate meanwhile. On each there may be two mails: one that the server is answering, and one whose envelope lies behind
it (RFC 2920), so that a server that is far away never waits for us; on a single connection one only. Never opens more than it is allowed to at the moment, and never
says what an answer means.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from followupd.core.model import Accepted, Deferred, Doubtful, Refused


def nothing() -> None:
    """Nobody waits for the dot to leave."""


class Courier(Protocol):
    """What brings mails to the mail server: a `Connection` (channels/smtp.py)."""

    async def begin(self, sender: str, recipient: str, copy_to: str = "", *, follows: int = 0) -> Deferred | Refused | None:
        """Everything before the mail itself. None: the server is ready for it. `copy_to` gets the same mail in the same breath.

        `follows`: so many bytes are ready to follow at once; 0: whether the mail follows is not known yet.
        """

    async def finish(
        self, raw: bytes, *, before_dot: Callable[[], None], after_dot: Callable[[], None] = nothing
    ) -> Accepted | Deferred | Refused | Doubtful:
        """The mail; `before_dot` may still stop it. `after_dot`: it is on its way, and another may begin behind it."""

    async def reset(self) -> None:
        """Forget the mail begun."""

    async def close(self) -> None:
        """No more mails."""


class Berth:
    """A connection and who is on it."""

    __slots__ = ("courier", "mails", "open")

    def __init__(self, courier: Courier) -> None:
        """Nobody is."""
        self.courier = courier
        self.mails = 0
        self.open = True  # whether another mail may come: nobody is before the dot


SOON = 0.15
"""Seconds: whoever has a connection by then, at the pace of the last mails, may pass the gate now."""

REMEMBERED, FORGOTTEN = 32, 2.0
"""So many mails tell the pace; those that have left so many seconds ago tell nothing any more."""

FEW = 8
"""Fewer mails than that tell no pace."""


class Connections:
    """Those of one mailbox. `allowed` says how many there may be now; it is asked each time."""

    def __init__(self, connect: Callable[[], Courier], allowed: Callable[[], int]) -> None:
        """None is open yet."""
        self._connect, self._allowed = connect, allowed
        self._berths: list[Berth] = []
        self._waiting: deque[asyncio.Future[Berth]] = deque()
        self._far: deque[asyncio.Future[None]] = deque()  # they wait until they are near
        self._near = 0  # those that are, and have no place yet
        self._left: deque[float] = deque(maxlen=REMEMBERED)  # when the last mails were over, on the loop's clock

    async def near(self) -> bool:
        """Wait until a place will soon be free. False, and at once: one is free now, or places are not taken in turn at such a pace.

        Whoever was told True says so to `take`, or turns back.
        """
        if not self._far and (not self._full or not self._soon()):
            return False
        if self._far or self._near >= self._soon():
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._far.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.turn_back()
                raise
        else:
            self._near += 1
        return True

    def turn_back(self) -> None:
        """Who was near does not leave: the next one is."""
        self._near -= 1
        self._advance()

    def _advance(self) -> None:
        while self._far and self._near < max(1, self._soon()):
            turn = self._far.popleft()
            if not turn.done():  # else it gave up
                turn.set_result(None)
                self._near += 1

    def _soon(self) -> int:
        """How many get a place soon."""
        now = asyncio.get_running_loop().time()
        while self._left and now - self._left[0] > FORGOTTEN:
            self._left.popleft()
        if len(self._left) < FEW:
            return 2 * self._allowed()
        return int(SOON * len(self._left) / max(now - self._left[0], SOON / REMEMBERED))

    @property
    def _full(self) -> bool:
        """Whether whoever comes now has to wait: there are more mails than connections, and more than one of these."""
        allowed = self._allowed()
        return bool(self._waiting) or (allowed > 1 and len(self._berths) >= allowed and self._used(allowed) is None)

    async def take(self, *, near: bool = False) -> Berth:
        """A place on a connection for one mail, first come, first served. Give it back with `leave`, whatever happens."""
        try:
            return await self._take()
        finally:
            if near:
                self.turn_back()

    async def _take(self) -> Berth:
        berth = None if self._waiting else self._free()
        if berth is None:
            place: asyncio.Future[Berth] = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                return await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    await self.leave(place.result())
                raise
        return berth

    def on_its_way(self, berth: Berth) -> None:
        """The mail's dot has left: the next one may begin behind it."""
        berth.open = True
        self._serve()

    async def leave(self, berth: Berth, *, keep: bool = True) -> None:
        """This mail is over. Not to be kept, or one too many: the connection is closed as soon as nobody is on it."""
        berth.mails -= 1
        self._left.append(asyncio.get_running_loop().time())
        if not berth.mails:
            berth.open = True
            if not keep or len(self._berths) > self._allowed():
                self._berths.remove(berth)
                await berth.courier.close()
        self._serve()

    async def spare(self) -> None:
        """Close those that are kept for nothing and are too many now: a provider that counts connections counts the idle ones, too."""
        for berth in [one for one in self._berths if not one.mails]:
            if len(self._berths) > self._allowed():
                self._berths.remove(berth)
                await berth.courier.close()

    async def close(self) -> None:
        """Close those that nobody is on."""
        for berth in [one for one in self._berths if not one.mails]:
            self._berths.remove(berth)
            await berth.courier.close()

    def _serve(self) -> None:
        while self._waiting:
            if self._waiting[0].done():  # gave up
                self._waiting.popleft()
                continue
            berth = self._free()
            if berth is None:
                return
            self._waiting.popleft().set_result(berth)

    def _free(self) -> Berth | None:
        allowed = self._allowed()
        found = self._used(allowed)
        if (found is None or found.mails) and len(self._berths) < allowed:
            found = Berth(self._connect())
            self._berths.append(found)
        if found is not None:
            found.mails += 1
            found.open = False
        return found

    def _used(self, allowed: int) -> Berth | None:
        """One that is there, and takes another mail: best one that nobody is on."""
        behind = None
        for one in self._berths:
            if not one.mails:
                return one
            if behind is None and one.open and one.mails == 1:
                behind = one
        return behind if len(self._berths) <= allowed > 1 else None
