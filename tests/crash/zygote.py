"""A process that has imported followupd and forks daemons off itself: a start costs milliseconds instead of a second.

    python -m tests.crash.zygote

It has also read a workspace, made a store and written a mail, so that no child builds models of files and loads libraries again.

Reads one JSON object a line (`start` with what the runner needs, or `bury` with a pid) and answers each with a number: the pid,
or the exit code. It holds no lock, no thread and no connection, so that a fork of it is as good as a new process. Its children
die with it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

PR_SET_PDEATHSIG, PR_SET_PTRACER = 1, 0x59616D61


class Child:
    """A daemon that the zygote has borne; of `Popen` as much as the tests use."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        """The child runs."""
        self.pid, self.returncode = pid, None
        self._zygote, self._ending = zygote, os.pidfd_open(pid)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None and select.select([self._ending], [], [], 0)[0]:
            self._bury()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; a signal's number below zero."""
        if self.returncode is None:
            if not select.select([self._ending], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"daemon {self.pid}", timeout or 0.0)
            self._bury()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._ending, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _bury(self) -> None:
        os.close(self._ending)
        self.returncode = self._zygote.ask({"bury": self.pid})


class Zygote:
    """The zygote, seen from the test; may be asked from several threads."""

    def __init__(self) -> None:
        """Start it; it is ready at the first question."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()

    def start(self, config: Path, *point: str, environ: Mapping[str, str], log: Path) -> Child:
        """A new daemon."""
        order = {"config": str(config), "point": point, "environ": dict(environ), "log": str(log)}
        return Child(self, self.ask({"start": order}))

    def ask(self, order: Mapping[str, Any]) -> int:
        """One question, one answer."""
        assert self._process.stdin
        assert self._process.stdout
        with self._turn:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())


def main() -> None:
    """Answer until the other side closes."""
    from tests.crash import runner

    _warm_up()
    for line in sys.stdin:
        match json.loads(line):
            case {"start": order}:
                pid = os.fork()
                if pid == 0:
                    _be_born(order)
                    runner.run(Path(order["config"]), tuple(order["point"]))
                print(pid, flush=True)
            case {"bury": pid}:
                _, status = os.waitpid(pid, 0)
                print(os.waitstatus_to_exitcode(status), flush=True)


def _warm_up() -> None:
    """Do once what every child would do again, and leave nothing open."""
    import psycopg  # noqa: F401 - of those on PostgreSQL
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    from followupd.clock import RealClock, RealDice
    from followupd.files import page
    from followupd.office import open_office
    from tests.crash.scene import furnish

    with tempfile.TemporaryDirectory() as folder:
        config = furnish(Path(folder), smtp=9, imap=9)
        open_office(config, RealClock(), RealDice(), {"DANA": "secret"}).store.close()
    page.rendered("A **thought**.")
    gc.collect()
    gc.freeze()  # a child's collector that looks through all of it would copy it


def _be_born(order: Mapping[str, Any]) -> None:
    """The child has its own environment, its own streams, and no life after the zygote."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_PTRACER, ctypes.c_ulong(-1))  # strace may look at it though it is no child of its own
    os.environ.clear()
    os.environ.update(order["environ"])
    out = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.close(out)
    os.close(nothing)


if __name__ == "__main__":
    main()
