"""Clock and dice: the only places that know what time it is and what chance brings.

Decides one thing: from when on the wall clock has leapt. `now` is the wall clock, which may leap; `steady` never does, and is
what freshness and leases in flight are measured by. `ahead` is how far they are apart. A fast clock runs weeks in a minute on the same code; `speed` says by how much, so that
spans which mean real waiting (leases) can be stretched with it.
"""

from __future__ import annotations

import os
import random
import secrets
import struct
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

SLICE = 30.0
"""The longest single sleep, in seconds: after a suspended laptop wakes, at most so long passes unnoticed."""


LEAP = 120.0
"""Seconds by which the wall clock may move against the steady one before that counts as a leap: clocks are corrected by less."""

INCREDIBLE = 300 * 86400.0
"""Seconds of a leap that nobody believes without a human's word."""

FORGOTTEN_AFTER = 600.0
"""Steady seconds after which small corrections are forgotten, so that they don't add up to a leap."""


class Clock(Protocol):
    """What time it is."""

    @property
    def speed(self) -> float:
        """Clock seconds per real second."""

    def now(self) -> datetime:
        """The wall clock, UTC."""

    def steady(self) -> float:
        """Real seconds since some moment; never jumps."""

    def ahead(self) -> float:
        """Seconds by which the wall clock is ahead of the steady one. Changes when the clock is set, and when the machine sleeps."""

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Return at `until`, or as soon as `wake` is set; or when that time would have come, had nobody set the clock back."""


class RealClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Monotonic real seconds."""
        return time.monotonic()

    def ahead(self) -> float:
        """The steady clock stands still while the machine is suspended (CLOCK_MONOTONIC, clock_gettime(2)), the wall clock does not."""
        return time.time() - time.monotonic()

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Sleep in slices against the wall clock, but never longer than it looked at the beginning."""
        import asyncio  # a command that waits for nothing has no need of it

        over = self.steady() + (until - self.now()).total_seconds() / self.speed
        while not wake.is_set():
            left = min((until - self.now()).total_seconds() / self.speed, over - self.steady())
            if left <= 0:
                return
            try:
                await asyncio.wait_for(wake.wait(), min(left, SLICE))
            except TimeoutError:
                continue


class FastClock(RealClock):
    """A clock that starts at `start` and runs `speed` times as fast as the machine's."""

    def __init__(self, start: datetime, speed: float) -> None:
        """The clock begins to run now."""
        self.speed = speed
        self._start, self._begun = start, time.monotonic()

    def now(self) -> datetime:
        """The fast wall clock, UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._begun) * self.speed)

    def ahead(self) -> float:
        """Nobody sets this clock."""
        return 0.0


class Leaps:
    """Notices that the wall clock has leapt, in either direction, however slowly it did."""

    def __init__(self, clock: Clock) -> None:
        """As it is now, it is right."""
        self._clock = clock
        self._settle()

    def _settle(self) -> None:
        self._ahead, self._since = self._clock.ahead(), self._clock.steady()

    def look(self) -> float:
        """How far the clock has leapt since it was last looked at, in seconds; 0 where it has not."""
        leap = self._clock.ahead() - self._ahead
        leapt = abs(leap) > LEAP
        if leapt or self._clock.steady() - self._since > FORGOTTEN_AFTER:
            self._settle()
        return leap if leapt else 0.0


class Dice(Protocol):
    """Chance."""

    def fraction(self) -> float:
        """A number from 0 up to 1."""

    def token(self) -> str:
        """A word that nobody has had before."""


_THROWS = 512
"""Numbers that are asked for at once."""


class RealDice:
    """Chance from the operating system."""

    def __init__(self) -> None:
        """With nothing thrown yet."""
        self._thrown = deque[int]()

    def fraction(self) -> float:
        """A number from 0 up to 1."""
        while True:
            try:
                return (self._thrown.popleft() >> 11) * 2.0**-53
            except IndexError:  # many at once: to ask takes longer than what is asked for
                self._thrown.extend(struct.unpack(f"{_THROWS}Q", os.urandom(8 * _THROWS)))

    def token(self) -> str:
        """128 bits, as text."""
        return secrets.token_hex(16)


class SeededDice:
    """Chance that repeats itself: the same seed gives the same throws."""

    def __init__(self, seed: int) -> None:
        """Begin the row of throws that belongs to `seed`."""
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point

    def fraction(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    def token(self) -> str:
        """128 bits, as text."""
        return f"{self._random.getrandbits(128):032x}"
