"""The log: one line per touch, reply and trouble, with stable fields, made for grep and journald.

The timeline in the store is the truth; the log is for watching, and must never hold up a mail: where nobody takes its lines they
are dropped, and counted. A value can't break out of its line: control characters are escaped, long values and lines cut. Secrets
never come here, because nobody hands them in.
"""

from __future__ import annotations

import atexit
import logging
import queue
import sys
import threading
from contextlib import suppress
from typing import TextIO

_log = logging.getLogger("followupd")
LONGEST = 300
LONGEST_LINE = 4096
WAITING = 1000
"""Lines that may wait for a reader who is slow; beyond that they are dropped."""


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
    plain = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return f'"{plain}"'.replace("\\x0a", " ") if " " in plain or '"' in plain else plain


class _Patient(logging.Handler):
    """Hands lines to a thread that may be held up by whoever reads them; whoever logs never is."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._dropped = 0
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        """One line more, or one more dropped."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            dropped, self._dropped = self._dropped, 0
            try:
                if dropped:
                    self._stream.write(f"WARNING lines-dropped count={dropped}\n")
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads on, no room, closed: there is nowhere left to say so
                self._dropped += dropped + 1

    def close(self) -> None:
        """What waits is still written, if somebody takes it soon."""
        with suppress(queue.Full):
            self._lines.put_nowait(None)
            self._writer.join(1.0)
        super().close()


def to_stderr(*, stamped: bool) -> None:
    """Write the log to stderr; journald brings its own time stamps."""
    handler = _Patient(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s" if stamped else "%(levelname)s %(message)s"))
    for former in _log.handlers:
        former.close()
    _log.handlers[:] = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False
