"""How far a folder has come, as EXAMINE and STATUS tell it (RFC 3501 sections 6.3.2 and 6.3.10).

Decides only what extent in the lines of a server. What it does not say, or says in no form that is known, stays 0: then the folder is
asked in another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_STATUS = re.compile(rb'\* STATUS ("(?:[^"\\]|\\.)*"|[^ ]+) \(([^()]*)\)\s*', re.IGNORECASE)
_NUMBER = re.compile(rb"(UIDNEXT|UIDVALIDITY) ([0-9]{1,10})", re.IGNORECASE)
_CODE = re.compile(rb"\* OK \[(UIDNEXT|UIDVALIDITY) ([0-9]{1,10})\]", re.IGNORECASE)
_EXISTS = re.compile(rb"\* ([0-9]{1,10}) EXISTS", re.IGNORECASE)


class Extent(NamedTuple):
    """The next mail of a folder will have this number, under this numbering. 0 where the server does not say."""

    uidvalidity: int
    uidnext: int


NOTHING = Extent(0, 0)


def told(lines: Iterable[bytes]) -> dict[bytes, Extent]:
    """By the folder's plain name, what the answers to STATUS say."""
    found: dict[bytes, Extent] = {}
    for line in lines:
        if said := _STATUS.fullmatch(line):
            numbers = {name.upper(): int(number) for name, number in _NUMBER.findall(said[2])}
            found[plain_name(said[1])] = Extent(numbers.get(b"UIDVALIDITY", 0), numbers.get(b"UIDNEXT", 0))
    return found


def opened(lines: Iterable[bytes]) -> tuple[Extent, int] | None:
    """What the answer to EXAMINE says, with the number of mails; None where it lacks a part that it must have."""
    numbers: dict[bytes, int] = {}
    exists: int | None = None
    for line in lines:
        if code := _CODE.match(line):
            numbers[code[1].upper()] = int(code[2])
        elif count := _EXISTS.fullmatch(line):
            exists = int(count[1])
    if exists is None or b"UIDVALIDITY" not in numbers:
        return None
    return Extent(numbers[b"UIDVALIDITY"], numbers.get(b"UIDNEXT", 0)), exists


def exists(line: bytes) -> bool:
    """Whether a line tells how many mails there are: it is said when some have come."""
    return _EXISTS.fullmatch(line) is not None


def plain_name(name: bytes) -> bytes:
    """A folder's name without the quotes around it. INBOX is the same in all letters (RFC 3501 section 5.1)."""
    bare = re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name
    return b"INBOX" if bare.upper() == b"INBOX" else bare
