"""The daemon in a process of its own, that kills itself at a named point when it comes there for the n-th time.

    python -m tests.crash.runner CONFIG [POINT N]

Nothing of this is in the product: the points are laid around its functions from outside. SIGKILL, as from the kernel.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from followupd import daemon, enroll, listen, log, oauth
from followupd.channels.smtp import Connection
from followupd.clock import RealClock, RealDice
from followupd.marks import Marks
from followupd.reader import Reader
from followupd.store import Store, writing
from followupd.world import Watch

POINTS: dict[str, tuple[Any, str, str]] = {
    "before claim": (Store, "claim_due", "before"),
    "after claim": (Store, "claim_due", "after"),
    "before RCPT": (Connection, "begin", "before"),
    "after RCPT": (Connection, "begin", "after"),
    "after the look": (Watch, "look", "after"),
    "before the gate": (Store, "gate", "before"),
    "after the gate": (Store, "gate", "after"),
    "before the phase mark": (Marks, "phase", "before"),
    "after the phase mark": (Marks, "phase", "after"),
    "answer read": (Connection, "finish", "after"),
    "before the result mark": (Marks, "result", "before"),
    "after the result mark": (Marks, "result", "after"),
    "before the commit": (Store, "apply", "before"),
    "in the commit": (writing, "write", "after"),
    "after the commit": (Store, "apply", "after"),
    "slot cleared": (Marks, "clear", "after"),
    "mail fetched": (listen, "handle", "before"),
    "mail parsed": (Reader, "read", "after"),
    "mail matched": (Store, "match", "after"),
    "mail handled": (listen, "handle", "after"),
    "file claimed": (enroll, "add", "before"),
    "batch enrolled": (Store, "enroll", "after"),
    "file enrolled": (enroll, "add", "after"),
    "receipt written": (enroll, "_write_receipt", "after"),
}
"""Every named point, with the function that it lies before or after."""

TOKEN_POINTS: dict[str, tuple[Any, str, str]] = {
    "token received": (oauth, "keep_consent", "before"),
    "token kept": (oauth, "keep_consent", "after"),
}
"""The same for mailboxes that log in by token."""

IN_DOUBT = {"after the phase mark", "answer read", "before the result mark"}
"""The only points at which nobody can know afterwards whether the mail left."""


def lay(name: str, nth: int) -> None:
    """Lay the point around its function."""
    owner, attribute, side = (POINTS | TOKEN_POINTS)[name]
    original, left = getattr(owner, attribute), [nth]

    def pass_by() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, attribute, _wrapped(original, side, pass_by))


def _wrapped(original: Any, side: str, pass_by: Callable[[], None]) -> Any:
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def waiting(*parameters: Any, **named: Any) -> Any:
            if side == "before":
                pass_by()
            found = await original(*parameters, **named)
            if side == "after":
                pass_by()
            return found

        return waiting

    @functools.wraps(original)
    def plain(*parameters: Any, **named: Any) -> Any:
        if side == "before":
            pass_by()
        found = original(*parameters, **named)
        if side == "after":
            pass_by()
        return found

    return plain


def slow_down(seconds: float) -> None:
    """Each mail takes so long before MAIL: so that hundreds of them are under way for as long as the kills go on."""
    original = Connection.begin

    async def begin(self: Connection, *envelope: str) -> Any:
        await asyncio.sleep(seconds)
        return await original(self, *envelope)

    Connection.begin = begin  # type: ignore[method-assign]


def main() -> None:
    """Run until killed, or told to stop."""
    config, *point = sys.argv[1:]
    if point:
        lay(point[0], int(point[1]))
    slow_down(float(os.environ.get("SLOW", "0")))
    log.to_stderr(stamped=True)
    daemon.SCAN_SECONDS = 0.1
    daemon.TEND_SECONDS = 0.2
    oauth.REST = float(os.environ.get("REST", oauth.REST))
    office = daemon.open_office(Path(config), RealClock(), RealDice(), os.environ)
    asyncio.run(daemon.serve(daemon.build(office, os.environ)))


if __name__ == "__main__":
    main()
