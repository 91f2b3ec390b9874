"""Postfix' smtp-sink: it takes mails as fast as they come, throws them away and counts them. It announces PIPELINING, and wants no login.

What it can't say is who got what: a run that it has counted right is also looked at in the sender's own store.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from followupd.bench.servers import as_nobody, free_port, listens, program, wait_until

LOOK = 0.005  # seconds between two looks at the counter


class Sink:
    """A running sink: its port, how many mails it has taken, and when the first and the last of them."""

    def __init__(self, port: int, counter: Path) -> None:
        self.port = port
        self.first = self.last = 0.0  # monotonic time of the first and the last acceptance
        self._counted = 0
        self._over = threading.Event()
        self._file = counter.open("rb")
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def count(self) -> int:
        """The mails taken so far."""
        self._look()
        return self._counted

    @property
    def span(self) -> float:
        """Seconds from the first acceptance to the last, within some milliseconds."""
        self._look()
        return self.last - self.first

    def begin(self) -> None:
        """What comes now is counted as if nothing had come before."""
        self._look()
        self.first = self.last = 0.0

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._watcher.join()
        self._file.close()

    def _watch(self) -> None:
        size = 0
        while not self._over.wait(LOOK):
            now = os.fstat(self._file.fileno()).st_size
            if now != size:
                size = now
                self._look()

    def _look(self) -> None:
        end = os.fstat(self._file.fileno()).st_size
        found = re.findall(rb"mesg=(\d+)", os.pread(self._file.fileno(), 200, max(end - 200, 0)))
        if found and int(found[-1]) != self._counted:
            self._counted, self.last = int(found[-1]), time.monotonic()
            self.first = self.first or self.last


@contextmanager
def sink(*, port: int = 0) -> Iterator[Sink]:
    """A running smtp-sink. Raises Missing."""
    command = program("smtp-sink", "postfix")
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="sink") as folder:
        counter = Path(folder) / "counter"
        with counter.open("wb") as out:
            rights, _ = as_nobody()
            process = subprocess.Popen(
                [command, "-4", "-a", "-c", "-m", "2000", f"127.0.0.1:{port}", "1000"],
                stdout=out,
                stderr=subprocess.DEVNULL,
                **rights,
            )
        try:
            wait_until(lambda: listens(port))
            found = Sink(port, counter)
            try:
                yield found
            finally:
                found.close()
        finally:
            process.kill()
            process.wait()
