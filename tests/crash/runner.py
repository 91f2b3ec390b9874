"""The daemon in a process of its own, that kills itself at a named point when it comes there for the n-th time.

    python -m tests.crash.runner CONFIG [POINT N]

Nothing of this is in the product: the points are laid around its functions from outside. SIGKILL, as from the kernel; with
`AT_POINT=STOP` in the environment SIGSTOP, so that a test may do something at just that moment. `tests.crash.zygote` runs the same
by a fork.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiosmtplib

from followupd import daemon, dispatch, enroll, evidence, fleet, listen, log, oauth, store
from followupd.channels.smtp import Connection
from followupd.channels.wire import Wire
from followupd.cli.running import new_loop
from followupd.clock import RealClock, RealDice
from followupd.core import lifecycle
from followupd.core.model import Change, Deferred, Doubtful, Enrollment, Touch
from followupd.marks import Marks
from followupd.office import open_office
from followupd.reader import Reader
from followupd.store import Store, writing

POINTS: dict[str, tuple[Any, str, str]] = {
    "before claim": (Store, "claim_due", "before"),
    "after claim": (Store, "claim_due", "after"),
    "before the connection": (Connection, "begin", "before"),
    "connected": (aiosmtplib.SMTP, "connect", "after"),
    "logged in": (Connection, "_login", "after"),
    "after MAIL": (Wire, "write", "after MAIL"),
    "after RCPT": (Connection, "begin", "after"),
    "after the look": (evidence, "last_look", "after"),
    "before the gate": (Store, "gates", "before"),
    "after the gate": (Store, "gates", "after"),
    "after 354, before the phase mark": (Marks, "phase", "before"),
    "after the phase mark": (Marks, "phase", "after"),
    "in the body": (Wire, "write", "amid"),
    "dot written": (Wire, "write", "after the dot"),
    "server accepted": (Wire, "write", "after the judge"),
    "answer read": (Connection, "finish", "after"),
    "before the result mark": (Marks, "result", "before"),
    "after the result mark": (Marks, "result", "after"),
    "before the commit": (Store, "apply", "before"),
    "in the commit": (writing, "write", "after"),
    "after the commit": (Store, "apply", "after"),
    "mailbox calm again": (Store, "calm", "after"),
    "slot cleared": (Marks, "clear", "after"),
    "mail fetched": (listen, "handle", "before"),
    "mail parsed": (Reader, "read", "after"),
    "mail matched": (Store, "match", "after"),
    "mail understood": (Reader, "classify", "after"),
    "mail handled": (listen, "handle", "after"),
    "file claimed": (enroll, "add", "before"),
    "file noted": (Store, "note_intake", "after"),
    "people looked up": (Store, "histories", "after"),
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

IN_DOUBT = {"after the phase mark", "in the body", "dot written", "server accepted", "answer read", "before the result mark"}
"""The only points at which nobody can know afterwards whether the mail left."""

INTAKE = {"file claimed", "file noted", "people looked up", "batch enrolled", "file enrolled", "receipt written"}
"""The points of intake: passed once, at the first file."""

ANSWERS = {name for name in POINTS if name.startswith("mail ")}
"""The points that are passed only where an answer is read."""

ONCE = INTAKE | {"connected", "logged in", "mailbox calm again"}
"""The points that a run passes once."""

BODY_END = b"\r\n.\r\n"


def lay(name: str, nth: int) -> None:
    """Lay the point around its function."""
    owner, attribute, side = (POINTS | TOKEN_POINTS)[name]
    original, left = getattr(owner, attribute), [nth]
    number = signal.SIGSTOP if os.environ.get("AT_POINT") == "STOP" else signal.SIGKILL

    def pass_by() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), number)

    wrapped = _on_the_wire(original, side, pass_by) if owner is Wire else _wrapped(original, side, pass_by)
    setattr(owner, attribute, wrapped)


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


def _on_the_wire(original: Any, side: str, pass_by: Callable[[], None]) -> Any:
    """Points about the bytes that leave: the envelope in one call or in several, the mail and its dot in one."""

    def write(self: Wire, data: bytes) -> None:
        if side == "after MAIL" or not data.endswith(BODY_END):
            original(self, data)
            if side == "after MAIL" and data.startswith(b"MAIL "):
                pass_by()
            return
        judged = Path(os.environ.get("JUDGE", os.devnull))
        before, half = judged.stat().st_size if judged.exists() else 0, len(data) // 2
        original(self, data[:half])
        if side == "amid":
            pass_by()
        original(self, data[half:])
        if side == "after the judge":
            until = time.monotonic() + 10
            while (judged.stat().st_size if judged.exists() else 0) == before and time.monotonic() < until:
                time.sleep(0.001)
        if side != "amid":
            pass_by()

    return write


# -- other daemons ---------------------------------------------------------------------------------


def slow_down(seconds: float) -> None:
    """Each mail takes so long before MAIL: so that hundreds of them are under way for as long as the kills go on."""
    original = Connection.begin

    async def begin(*parameters: Any, **named: Any) -> Any:
        await asyncio.sleep(seconds)
        return await original(*parameters, **named)

    Connection.begin = begin  # type: ignore[method-assign]


def resend_on_doubt() -> None:
    """The rule of most mailers, for control: what is in doubt is sent again. A judge that sees anything sees the doubles."""
    finish = Connection.finish

    async def deferred(*parameters: Any, **named: Any) -> Any:
        delivery = await finish(*parameters, **named)
        return Deferred(0, delivery.text) if isinstance(delivery, Doubtful) else delivery

    def postponed(touch: Touch, enrollment: Enrollment, now: datetime, reason: str, **_: object) -> Change:
        return lifecycle.postpone(touch, enrollment, now, reason)

    Connection.finish = deferred  # type: ignore[method-assign]
    lifecycle.doubt = postponed


def shorten(environ: Mapping[str, str]) -> None:
    """Leases and what belongs to them in seconds instead of minutes, in proportion; ownership and the quiet period likewise."""
    if lease := float(environ.get("LEASE", "0")):
        dispatch.LEASE, dispatch.GATE_MARGIN = timedelta(seconds=lease), timedelta(seconds=lease / 3)
        dispatch.DOT_WITHIN = lease / 4.5
        store.HOLD_SECONDS, fleet.BEAT_SECONDS = 2, 0.5
    if quiet := float(environ.get("QUIET", "0")):
        evidence.QUIET = timedelta(seconds=quiet)


def run(config: Path, point: tuple[str, ...]) -> None:
    """The daemon, to its end, and with its exit code."""
    code = 3
    try:
        if point:
            lay(point[0], int(point[1]))
        slow_down(float(os.environ.get("SLOW", "0")))
        shorten(os.environ)
        if os.environ.get("POLICY") == "resend on doubt":
            resend_on_doubt()
        log.to_stderr(stamped=True)
        daemon.SCAN_SECONDS = 0.1
        daemon.TEND_SECONDS = 0.2
        listen.IDLE_SECONDS = 1.0  # the folder of sent mail is read at least so often
        oauth.REST = float(os.environ.get("REST", oauth.REST))
        office = open_office(config, RealClock(), RealDice(), os.environ)
        built = daemon.build(office, os.environ)
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(daemon.serve(built))
        code = 0
    except BaseException:  # noqa: BLE001 - the end of a process
        traceback.print_exc()
    log.settle()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run(Path(sys.argv[1]), tuple(sys.argv[2:]))
