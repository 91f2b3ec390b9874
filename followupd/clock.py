"""Clock and dice: the only places that know what time it is and what chance brings.

Decides nothing. `now` is the wall clock, which may jump; `steady` never does, and is what freshness and leases in flight
are measured by. A fast clock runs weeks in a minute on the same code; `speed` says by how much, so that
spans which mean real waiting (leases) can be stretched with it.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

SLICE = 30.0
"""The longest single sleep, in seconds: after a suspended laptop wakes, at most so long passes unnoticed."""


class Clock(Protocol):
    """What time it is."""

    @property
    def speed(self) -> float:
        """Clock seconds per real second."""

    def now(self) -> datetime:
        """The wall clock, UTC."""

    def steady(self) -> float:
        """Real seconds since some moment; never jumps."""

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Return at `until`, or as soon as `wake` is set."""


class RealClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Monotonic real seconds."""
        return time.monotonic()

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Sleep in slices against the wall clock."""
        while not wake.is_set() and (left := (until - self.now()).total_seconds() / self.speed) > 0:
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


class Dice(Protocol):
    """Chance."""

    def fraction(self) -> float:
        """A number from 0 up to 1."""

    def token(self) -> str:
        """A word that nobody has had before."""


class RealDice:
    """Chance from the operating system."""

    def fraction(self) -> float:
        """A number from 0 up to 1."""
        return random.SystemRandom().random()

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
