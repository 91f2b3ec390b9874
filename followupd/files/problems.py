"""Problems in the files that people write: where, what is wrong, and what to write instead.

Decides how a problem looks (like a compiler's message) and what the nearest known word is. Never prints or raises.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 60
"""So many characters of somebody's text are shown in a message."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right. Lines and columns count from 1, as editors do."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


def shown(text: object, most: int = SHOWN) -> str:
    """Somebody's text for a message: one line, cut, anything that a terminal could obey as an escape."""
    plain = str(text)
    cut = plain if len(plain) <= most else plain[: most - 1] + "…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or nothing."""
    found = difflib.get_close_matches(name[:SHOWN], sorted(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word: the nearest one, else all that are known."""
    words = sorted(known)
    found = nearest(name, words)
    if found:
        return f'did you mean "{found}"?'
    return f"known: {', '.join(words[:20])}" if words else "there are none"
