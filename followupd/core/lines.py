"""Lines of a letter to our own people: plain text, at most 78 columns, and other people's words in it as nothing but data.

Decides how a stranger's words are shown: without characters that a screen obeys, cut to a sane length, and never at the beginning of a
line, so that nobody can write a line that looks like one of ours. Every line begins with words of ours or with a bar.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

WIDE = 78
"""Columns of a line (RFC 5322 section 2.1.1 wants lines no longer than that)."""

INDENT = "    "
BAR = f"{INDENT}| "
"""Stands before every line of words that are not ours."""

MORE = "…"


def one_line(text: str, longest: int = WIDE) -> str:
    """Somebody's words on one line of at most so many columns, harmless."""
    return _cut(" ".join(_harmless(text[: 8 * longest]).split()), longest)


def quoted(text: str, longest: int = 300) -> list[str]:
    """Somebody's words as one paragraph behind a bar."""
    return [BAR + line for line in _folded(one_line(text, longest), WIDE - len(BAR))]


def kept(text: str, most: int = 40) -> list[str]:
    """A text with lines of its own, such as the words for a call, behind a bar; what is too long is cut, and says so."""
    found = []
    for line in text[: most * WIDE].strip().splitlines():
        found += list(_folded(" ".join(_harmless(line).split()), WIDE - len(BAR))) or [""]
    cut = len(found) > most or len(text) > most * WIDE
    return [(BAR + line).rstrip() for line in found[:most]] + ([f"{BAR}{MORE}"] if cut else [])


def ours(text: str, indent: str = INDENT) -> list[str]:
    """A sentence of ours, folded. Words of others in it have gone through `one_line`, and stand behind some of ours."""
    return [indent + line for line in _folded(" ".join(text.split()), WIDE - len(indent))]


def titled(begins: str, theirs: str, ends: str = "") -> str:
    """One line: words of ours, somebody's, and ours again; theirs are cut to the room that is left."""
    return begins + one_line(theirs, max(WIDE - columns(begins) - columns(ends), 12)) + ends


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _harmless(text: str) -> str:
    """Without what a screen obeys or hides: control characters and ends of lines become blanks, invisible ones go."""
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter
    return "" if unicodedata.category(letter) in ("Cf", "Cs", "Co", "Cn") else " "


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest and columns(text) <= longest:
        return text
    found, room = [], longest - 1
    for letter in text[: 4 * longest]:  # marks that take no column could go on for ever
        room -= _width(letter)
        if room < 0:
            break
        found.append(letter)
    return "".join(found).rstrip() + MORE


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in _words(text, width):
        if line and columns(line) + 1 + columns(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _words(text: str, width: int) -> Iterator[str]:
    """The words; one that is wider than a line in pieces."""
    for word in text.split():
        piece = ""
        for letter in word:
            if columns(piece) + _width(letter) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece
