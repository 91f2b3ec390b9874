"""A clock that runs weeks in a minute and waits for whoever is at work.

Decides when time may pass: only while nobody works. Then it goes on to the next moment that somebody waits for, at most
so many times as fast as the machine's clock. So a mail leaves at the very moment for which it was claimed, however
slow the machine is, and the same demo gives the same mails. Never decides what happens: that is the daemon's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TURN = timedelta(hours=2)
"""What the daemon takes for a second of real waiting: so often it looks for pauses and deadlines that are over."""


class Stuck(Exception):
    """The daemon did not come to rest; the text says what was waited for."""


@dataclass(slots=True, eq=False)
class _Sleeper:
    until: datetime
    wake: asyncio.Event
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def asleep(self) -> bool:
        return not (self.over.is_set() or self.wake.is_set())


class PatientClock:
    """Stands still until it is told to go on (`move`). The daemon sees a `Clock` like any other."""

    speed = TURN.total_seconds()

    def __init__(self, start: datetime, most: float) -> None:
        """Stands at `start`, and never runs faster than `most` times real time; that counts from the first `pace`."""
        self._most = most
        self._start, self._now = start, start  # `_start`: from where the pace is counted
        self._begun: float | None = None
        self._sleepers: list[_Sleeper] = []
        self._news = asyncio.Event()

    def now(self) -> datetime:
        """The demo's wall clock, UTC."""
        return self._now

    def steady(self) -> float:
        """Monotonic real seconds: freshness is about real readings."""
        return time.monotonic()

    def ahead(self) -> float:
        """Nobody sets this clock."""
        return 0.0

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Return at `until`, or as soon as `wake` is set."""
        sleeper = _Sleeper(until, wake)
        self._sleepers.append(sleeper)
        self._news.set()
        waits = [asyncio.ensure_future(event.wait()) for event in (wake, sleeper.over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            self._sleepers.remove(sleeper)

    # -- for whoever lets time pass

    @property
    def at_rest(self) -> bool:
        """Whether the daemon waits for time to pass, and for nothing else."""
        return bool(self._sleepers) and all(one.asleep for one in self._sleepers)

    async def rested(self, limit: float) -> None:
        """Return once `at_rest`; TimeoutError where that takes longer than `limit` real seconds."""
        async with asyncio.timeout(limit):
            while not self.at_rest:
                self._news.clear()
                await self._news.wait()

    async def pace(self, to: datetime) -> None:
        """Wait until `to` may come at this speed. After slow work it is late, and time is made up for."""
        if self._begun is None:
            self._begun = time.monotonic()
        early = self._begun + (to - self._start).total_seconds() / self._most - time.monotonic()
        await asyncio.sleep(max(0.0, early))

    def hasten(self, times: float) -> None:
        """From now on it may run so many times as fast."""
        self._most *= times
        self._start, self._begun = self._now, None

    def set(self, to: datetime) -> None:
        """It is `to` now, but nobody is called yet: something else happens first at this moment."""
        self._now = max(self._now, to)

    def move(self, to: datetime) -> None:
        """It is `to` now, and whoever waited for it goes to work."""
        self.set(to)
        for one in self._sleepers:
            if one.until <= self._now:
                one.over.set()
