"""Threads for connections that block: as many as are wanted at once, and none that has had nothing to do for a while.

Decides nothing. A thousand mailboxes log in with many threads; the same thousand in IDLE need none, and a server that hangs holds up those
threads only that talk to it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

IDLE = 5.0
"""Seconds after which a thread that has nothing to do ends."""


class Threads(Executor):
    """At most so many at once; what comes beyond that waits. None of them holds up the end of the process."""

    def __init__(self, most: int, idle: float = IDLE) -> None:
        """None runs yet."""
        self._most, self._idle = most, idle
        self._lock = threading.Lock()
        self._wanted: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._running = self._free = 0
        self._over = False

    @property
    def running(self) -> int:
        """How many there are."""
        return self._running

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have it done by the next thread that is free, or by a new one."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
                future.set_exception(error)

        with self._lock:
            if self._over:
                raise RuntimeError("these threads are over")
            self._wanted.put(work)
            if self._free >= self._wanted.qsize() or self._running >= self._most:
                return future
            self._running += 1
        threading.Thread(target=self._work, name="imap", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing new is taken; each thread ends after what it is at, and nobody waits for that."""
        with self._lock:
            self._over = True
            for _ in range(self._running):
                self._wanted.put(None)

    def _work(self) -> None:
        while (work := self._next()) is not None:
            work()
            del work  # or it would keep what it brought until the next comes

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._free += 1
        try:
            found = self._wanted.get(timeout=self._idle)
        except queue.Empty:
            found = None
        with self._lock:
            self._free -= 1
            if found is None:
                with suppress(queue.Empty):  # something may have come in the very last moment
                    found = self._wanted.get_nowait()
            self._running -= found is None
        return found
