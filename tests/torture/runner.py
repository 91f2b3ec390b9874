"""The daemon in a process of its own, as `followupd run` starts it, with one fault laid around its functions from outside.

python -m tests.torture.runner CONFIG [FAULT]
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from followupd import daemon, dispatch, listen
from followupd.channels.smtp import Connection
from followupd.cli.door import enter
from followupd.world import Writer


class Broken(Exception):
    """What a loop dies of."""


def blocks() -> None:
    """The event loop stands still before the first mail, for as long as BLOCKED says."""
    original, done = Connection.begin, list[bool]()

    async def begin(self: Connection, *parameters: Any, **named: Any) -> Any:
        if not done:
            done.append(True)
            print("blocked", file=sys.stderr, flush=True)
            time.sleep(float(os.environ["BLOCKED"]))  # noqa: ASYNC251 - to block is the point
        return await original(self, *parameters, **named)

    Connection.begin = begin  # type: ignore[method-assign]


def _dies(owner: Any, name: str) -> Callable[[], None]:
    def lay() -> None:
        async def broken(*_: object, **__: object) -> Any:
            print("broken", file=sys.stderr, flush=True)
            raise Broken(f"{name} is broken")

        setattr(owner, name, broken)

    return lay


def chatters() -> None:
    """Before the first mail everybody says more on stderr than a pipe and the log's own patience hold: libraries, Python, a print."""
    original = Connection.begin

    async def begin(self: Connection, *parameters: Any, **named: Any) -> Any:
        for number in range(2000):
            logging.getLogger("imapclient").warning("no. %d", number)
            warnings.warn(f"no. {number}", stacklevel=1)
            print("x" * 100, file=sys.stderr, flush=True)
        return await original(self, *parameters, **named)

    Connection.begin = begin  # type: ignore[method-assign]


def fake_clock() -> None:
    """None of the daemon's: libfaketime 0.9.10 refuses every `time.sleep` of Python 3.11 (EINVAL from clock_nanosleep)."""
    time.sleep = lambda seconds: threading.Event().wait(seconds)


FAULTS: dict[str, Callable[[], None]] = {
    "blocks": blocks,
    "chatters": chatters,
    "fake clock": fake_clock,
    "claim dies": _dies(dispatch, "claim"),
    "touch dies": _dies(dispatch, "_by_channel"),
    "look dies": _dies(listen, "read_to_end"),
    "writer dies": _dies(Writer, "_written"),
    "round dies": _dies(daemon, "_scan"),
}


def main() -> None:
    """Run until told to stop."""
    config, *fault = sys.argv[1:]
    if fault:
        FAULTS[fault[0]]()
    daemon.SCAN_SECONDS = 0.1
    sys.exit(enter(["run", "--config", config]))


if __name__ == "__main__":
    main()
