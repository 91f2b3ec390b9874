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
import time
from typing import TextIO

_log = logging.getLogger("followupd")
_lines: _Lines | None = None  # where our own lines go, once `to_stderr` has been called
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
    if _lines is not None:
        _lines.write("INFO", _line(event, fields))
    elif _log.isEnabledFor(logging.INFO):  # nobody listens in a simulation
        _log.info("%s", _line(event, fields))


def trouble(event: str, **fields: object) -> None:
    """The same for what somebody should look at."""
    if _lines is not None:
        _lines.write("WARNING", _line(event, fields))
    else:
        _log.warning("%s", _line(event, fields))


def _line(event: str, fields: dict[str, object]) -> str:
    line = " ".join([event, *[f"{name}={_value(value)}" for name, value in fields.items() if value is not None and value != ""]])
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
            waiting = [self._pieces.get()]  # with what is said meanwhile: each turn of this thread costs the others theirs
            while len(waiting) < WAITING and not self._pieces.empty():
                waiting.append(self._pieces.get())
            lines = [one for one in waiting if isinstance(one, str)]
            dropped, self._dropped = self._dropped, 0
            told = f"WARNING lines-dropped count={dropped}\n" if dropped else ""
            try:
                self._pass_on(told + "".join(lines))
            except (OSError, ValueError):  # nobody reads on, no room, closed: there is nowhere left to say so
                self._dropped += dropped + len(lines)
            for one in waiting:
                if isinstance(one, threading.Event):
                    one.set()

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


class _Lines:
    """Our own lines, written as `logging` would, in a tenth of its time: they are one line each already, and say nothing that it knows."""

    def __init__(self, patient: Patient, *, stamped: bool) -> None:
        self._patient = patient
        self._stamped = stamped
        self._second, self._stamp = -1, ""

    def write(self, level: str, line: str) -> None:
        """One line."""
        self._patient.write(f"{self._time()}{level} {line}\n")

    def _time(self) -> str:
        if not self._stamped:
            return ""
        now = time.time()
        if int(now) != self._second:
            self._second, self._stamp = int(now), time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        return f"{self._stamp},{int(now * 1000) % 1000:03d} "


def settle() -> None:
    """Before the end: what was said stands where it is read, or nobody takes it. From now on stderr is what it was."""
    global _lines  # noqa: PLW0603  (as the root logger, there is one for the process)
    _lines = None
    if isinstance(sys.stderr, Patient):
        patient, sys.stderr = sys.stderr, sys.stderr.stream
        logging.captureWarnings(capture=False)
        patient.settle()


def to_stderr(*, stamped: bool) -> None:
    """Write the log to stderr, and see to it that stderr holds up nobody; journald brings its own time stamps."""
    global _lines  # noqa: PLW0603
    sys.stderr = patient = Patient(sys.stderr)
    _lines = _Lines(patient, stamped=stamped)
    handler = logging.StreamHandler(patient)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s" if stamped else "%(levelname)s %(message)s"))
    logging.root.handlers[:] = [handler]
    # Where in the code a line was said, and by which thread, stands nowhere: then it need not be found out for each line.
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    logging.captureWarnings(capture=True)
    logging.getLogger(BUSY).setLevel(logging.ERROR)
    _log.setLevel(logging.INFO)
