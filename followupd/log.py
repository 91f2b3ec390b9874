"""The log: one line per touch, reply and trouble, with stable fields, made for grep and journald.

The timeline in the store is the truth; the log is for watching. A value can't break out of its line: control
characters are escaped and long values cut. Secrets never come here, because nobody hands them in.
"""

from __future__ import annotations

import logging
import sys

_log = logging.getLogger("followupd")
LONGEST = 300


def note(event: str, **fields: object) -> None:
    """One line: the event's name, then `name=value` in the order given."""
    if _log.isEnabledFor(logging.INFO):  # nobody listens in a simulation
        _log.info("%s", _line(event, fields))


def trouble(event: str, **fields: object) -> None:
    """The same for what somebody should look at."""
    _log.warning("%s", _line(event, fields))


def _line(event: str, fields: dict[str, object]) -> str:
    return " ".join([event, *(f"{name}={_value(value)}" for name, value in fields.items() if value not in (None, ""))])


def _value(value: object) -> str:
    text = str(value)[:LONGEST]
    plain = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return f'"{plain}"'.replace("\\x0a", " ") if " " in plain or '"' in plain else plain


def to_stderr(*, stamped: bool) -> None:
    """Write the log to stderr; journald brings its own time stamps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s" if stamped else "%(levelname)s %(message)s"))
    _log.handlers[:] = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False
