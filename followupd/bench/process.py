"""What a piece of work costs: wall time, processor time and memory of a process with all its children.

Processor time is what the kernel has booked (`wait4`) once the process is over, and what `/proc` shows while it runs. Memory is
the largest sum of the PSS of all processes of the tree that a look every quarter of a second has found: pages that several share
are counted once. Linux only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

LOOK = 0.25  # seconds between two looks at the memory
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process took. `code` is negative for a signal, as in `subprocess`."""

    wall: float
    cpu: float  # seconds, user and system, of the whole tree
    memory_mb: float  # the most at once
    code: int
    output: str = ""
    timed_out: bool = False


class Process:
    """A process in a session of its own that is measured while it runs. Its tree ends with it."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, out: IO[bytes] | None = None,
        memory: bool = True,
    ) -> None:  # fmt: skip
        self.began = time.monotonic()
        self._popen = subprocess.Popen(
            command, env=dict(env) if env is not None else None, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out or subprocess.DEVNULL,
            stderr=subprocess.STDOUT if out else subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.pid = self._popen.pid
        self.memory_mb = 0.0
        self._cpu = 0.0  # booked by the kernel, once it is over
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True) if memory else None
        if self._watcher:
            self._watcher.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.returncode is None and self._reap(os.WNOHANG) is None

    def cpu(self) -> float:
        """Seconds of processor time up to now, of all its processes; to a hundredth while it runs."""
        if self._popen.returncode is not None:
            return self._cpu
        return cpu_of(self.pid)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int | None:
        """Its exit code; None if it has not ended by then."""
        until = time.monotonic() + timeout
        while (code := self._reap(os.WNOHANG)) is None:
            if time.monotonic() > until:
                return None
            time.sleep(0.002)
        return code

    def stop(self, timeout: float = 30.0) -> int:
        """SIGTERM, and SIGKILL to the whole tree if that was not enough; its exit code."""
        self.signal(signal.SIGTERM)
        code = self.wait(timeout)
        return self.kill() if code is None else code

    def kill(self) -> int:
        """SIGKILL to the whole tree; the exit code."""
        left = tree(self.pid) if self._popen.returncode is None else []
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        code = self._reap(0)
        assert code is not None
        return code

    def _reap(self, options: int) -> int | None:
        if self._popen.returncode is None:
            pid, status, usage = os.wait4(self.pid, options)
            if not pid:
                return None
            self._cpu = usage.ru_utime + usage.ru_stime
            self._popen.returncode = os.waitstatus_to_exitcode(status)
            self._over.set()
            if self._watcher:
                self._watcher.join()
        return int(self._popen.returncode)

    def _watch(self) -> None:
        pause = 0.02  # a short run is looked at, too
        while True:
            self.memory_mb = max(self.memory_mb, sum(map(_pss_mb, tree(self.pid))))
            if self._over.wait(pause):
                return
            pause = min(pause * 2, LOOK)


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, waiting = list[int](), [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with suppress(OSError):  # a process, or a thread of one, that has gone meanwhile
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def cpu_of(pid: int) -> float:
    """Seconds of processor time up to now of a process and all that descend from it, those that are over included."""
    return sum(_booked(one) for one in tree(pid))


def _booked(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICK  # its own time and that of children it has waited for
    return 0.0


def _pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def measure(
    command: Sequence[str], *, timeout: float = 600.0, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Cost:
    """Run a command to its end, or kill it; what it has said is in `output`."""
    with tempfile.TemporaryFile() as out:
        process = Process(command, env=env, cwd=cwd, out=out)
        try:
            code = process.wait(timeout)
        except BaseException:
            process.kill()
            raise
        late = code is None
        code = process.kill() if code is None else code
        wall = time.monotonic() - process.began
        out.seek(0)
        said = out.read().decode(errors="replace")
    return Cost(wall=wall, cpu=process.cpu(), memory_mb=process.memory_mb, code=code, output=said, timed_out=late)


class Failed(RuntimeError):
    """The work in a process of its own came to nothing; the text has what it said."""


def call(function: Callable[..., Any], *parameters: Any, timeout: float = 600.0) -> tuple[Any, Cost]:
    """Call a function of a module in a fresh Python; what it returned (as JSON has it) and what the process cost. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="call") as folder:
        answer = Path(folder) / "answer"
        named = f"{function.__module__}:{function.__qualname__}"
        command = [sys.executable, "-m", "followupd.bench.process", named, str(answer), json.dumps(parameters)]
        cost = measure(command, timeout=timeout)
        if cost.code or not answer.exists():
            said = f"not done within {timeout:.0f} s" if cost.timed_out else f"exit code {cost.code}"
            raise Failed(f"{named}: {said}\n{cost.output[-2000:]}")
        return json.loads(answer.read_text()), cost


def main() -> None:
    """The other end of `call`."""
    named, answer, parameters = sys.argv[1:]
    module, _, name = named.partition(":")
    returned = getattr(import_module(module), name)(*json.loads(parameters))
    Path(answer).write_text(json.dumps(returned))


if __name__ == "__main__":
    main()
