"""Threads come when they are wanted and go when they are not."""

from __future__ import annotations

import threading
import time

import pytest

from followupd.bench.servers import wait_until
from followupd.mailbox.threads import Threads


def test_as_many_as_are_wanted_at_once_and_none_for_ever() -> None:
    """Ten that block at once have a thread each; afterwards all threads end, and the next work gets a new one."""
    threads, gate = Threads(20, idle=0.05), threading.Barrier(11)
    waiting = [threads.submit(gate.wait, 10) for _ in range(10)]
    gate.wait(10)
    assert len({one.result(10) for one in waiting}) == 10
    wait_until(lambda: threads.running == 0)
    assert threads.submit(sum, [1, 2]).result(10) == 3
    threads.shutdown()


def test_one_does_for_what_comes_one_after_the_other() -> None:
    """Work that comes when a thread is free starts no other."""
    threads, names = Threads(20), set[str | None]()
    for _ in range(50):
        names.add(threads.submit(lambda: threading.current_thread().native_id).result(10))  # type: ignore[arg-type]
        time.sleep(0)
    assert threads.running <= 2
    threads.shutdown()


def test_never_more_than_allowed() -> None:
    """What comes beyond waits for a place, and is done."""
    threads, seen = Threads(3, idle=0.05), list[int]()

    def work() -> None:
        seen.append(threads.running)
        time.sleep(0.002)

    for one in [threads.submit(work) for _ in range(60)]:
        one.result(10)
    assert max(seen) <= 3
    assert len(seen) == 60
    threads.shutdown()


def test_a_fault_and_a_cancelled_one() -> None:
    """A fault is told to whoever waits for it, the thread goes on; what was cancelled before its turn is not done."""
    threads, hold, done = Threads(1), threading.Event(), list[int]()
    first = threads.submit(hold.wait, 10)
    second = threads.submit(done.append, 1)
    assert second.cancel()
    broken = threads.submit(int, "x")
    hold.set()
    assert first.result(10)
    with pytest.raises(ValueError, match="invalid literal"):
        broken.result(10)
    assert threads.submit(len, "abc").result(10) == 3
    assert done == []
    threads.shutdown()
    with pytest.raises(RuntimeError, match="over"):
        threads.submit(len, "")
