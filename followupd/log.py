"""The log: one line per touch, reply and trouble, with stable fields, made for grep and journald.

The timeline in the store is the truth; the log is for watching, and must never hold up a mail: where nobody takes its lines they
are dropped, and counted. That holds for whatever anybody writes to stderr, a library as well as the interpreter itself: one of
them that waits for a reader would hold up the event loop. A value can't break out of its line: control characters are escaped,
long values and lines cut. Secrets never come here, because nobody hands them in.
"""

from __future__ import annotations

import atexit
import io
import logging
import os
import queue
import sys
import threading
from typing import TextIO

_log = logging.getLogger("followupd")
BUSY = "apscheduler"
"""Warns of each round that is left out because the last one still goes on, which is what we want."""

LONGEST = 300
LONGEST_LINE = 4096
WAITING = 1000
"""Lines that may wait for a reader who is slow; beyond that they are dropped."""

PATIENCE = 1.0
"""Seconds for which the end waits until what was said is read."""


def note(event: str, **fields: object) -> None:
    """One line: the event's name, then `name=value` in the order given."""
    if _log.isEnabledFor(logging.INFO):  # nobody listens in a simulation
        _log.info("%s", _line(event, fields))


def trouble(event: str, **fields: object) -> None:
    """The same for what somebody should look at."""
    _log.warning("%s", _line(event, fields))


def _line(event: str, fields: dict[str, object]) -> str:
    line = " ".join([event, *(f"{name}={_value(value)}" for name, value in fields.items() if value not in (None, ""))])
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _value(value: object) -> str:
    text = str(value)[:LONGEST]
    plain = text if text.isprintable() else "".join(letter if letter.isprintable() else _escape(letter) for letter in text)
    return f'"{plain}"'.replace("\\x0a", " ") if " " in plain or '"' in plain else plain


def _escape(letter: str) -> str:
    return f"\\x{ord(letter):02x}"


class Patient(io.TextIOBase):
    """In the place of stderr: hands on what is written to a thread that may be held up by whoever reads it; whoever writes never is.

    The thread writes to the descriptor itself: the stream's own lock, held by a thread that is held up, would hold up the exit.
    """

    def __init__(self, stream: TextIO) -> None:
        """In front of `stream`, from now on."""
        super().__init__()
        self.stream = stream
        try:
            self._descriptor = stream.fileno()
        except (OSError, ValueError):  # a stream in memory
            self._descriptor = -1
        self._pieces: queue.SimpleQueue[str | threading.Event] = queue.SimpleQueue()  # may be written to from within itself
        self._dropped = 0
        threading.Thread(target=self._work, name="log", daemon=True).start()
        atexit.register(self.settle)

    def write(self, text: str) -> int:
        """One piece more, or one more dropped."""
        if self._pieces.qsize() < WAITING:
            self._pieces.put(text)
        else:
            self._dropped += 1
        return len(text)

    def isatty(self) -> bool:
        """Whether somebody looks at a terminal."""
        return self.stream.isatty()

    def settle(self) -> None:
        """What waits is still written, if somebody takes it soon."""
        written = threading.Event()
        self._pieces.put(written)
        written.wait(PATIENCE)

    def _work(self) -> None:
        while True:
            piece = self._pieces.get()
            if isinstance(piece, threading.Event):
                piece.set()
                continue
            dropped, self._dropped = self._dropped, 0
            try:
                self._pass_on((f"WARNING lines-dropped count={dropped}\n" if dropped else "") + piece)
            except (OSError, ValueError):  # nobody reads on, no room, closed: there is nowhere left to say so
                self._dropped += dropped + 1

    def _pass_on(self, text: str) -> None:
        if self._descriptor < 0:
            self.stream.write(text)
            return
        left = text.encode("utf-8", "backslashreplace")
        while left:
            left = left[os.write(self._descriptor, left) :]


class _OneLine(logging.Formatter):
    """A library's words, and the traceback it may bring, in one line that can't be broken out of."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, with its end."""
        line = "".join(letter if letter.isprintable() else _escape(letter) for letter in super().format(record))
        return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def settle() -> None:
    """Before the end: what was said stands where it is read, or nobody takes it. From now on stderr is what it was."""
    if isinstance(sys.stderr, Patient):
        patient, sys.stderr = sys.stderr, sys.stderr.stream
        logging.captureWarnings(capture=False)
        patient.settle()


def to_stderr(*, stamped: bool) -> None:
    """Write the log to stderr, and see to it that stderr holds up nobody; journald brings its own time stamps."""
    sys.stderr = Patient(sys.stderr)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s" if stamped else "%(levelname)s %(message)s"))
    logging.root.handlers[:] = [handler]
    # Where in the code a line was said, and by which thread, stands nowhere: then it need not be found out for each line.
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    logging.captureWarnings(capture=True)
    logging.getLogger(BUSY).setLevel(logging.ERROR)
    _log.setLevel(logging.INFO)
