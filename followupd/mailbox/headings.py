"""The header of a stranger's mail to a `Heading`, and an index of the headings of a folder.

Decides only what extent in a header, and never raises over one: the fields are split and read here, with bounded
patterns on a bounded number of bytes, because the parsers of the standard library are no match for a hostile header.
Obeys RFC 5322 sections 2.2.3, 3.4 and 3.6.4.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta

from followupd.core.inbound import ADDR, QUOTED_STRING, date_of, decode_words, one_sender
from followupd.core.reports import ids_in, plain
from followupd.mailbox.extent import Extent
from followupd.mailbox.model import Heading, Unreachable

# Three parts, so that none can push another out of its share: who wrote it and what it is; what it answers; to whom it went.
PARTS = (
    ("FROM MESSAGE-ID IN-REPLY-TO X-FOLLOWUPD-TOUCH X-FOLLOWUPD-LETTER X-MICROSOFT-ORIGINAL-MESSAGE-ID DATE SUBJECT", 4096),
    ("REFERENCES", 8192),
    ("TO CC BCC", 4096),
)
LONGEST = sum(size for _, size in PARTS)  # bytes of a header that are read
RECIPIENTS = 50
IDS = 100
MARKS = 200_000  # names of mails in an index, about 3 MB: from here on it forgets what is old; ten times that is too much
LATE = 256  # names that may wait to be put in order
EARLIER = timedelta(days=7)  # an index begins so long before what was asked for: the next one may ask for more

_FIELD = re.compile(rb"([!-9;-~]{1,64})[ \t]{0,8}:(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?![ \t])")
_OURS = "x-followupd-touch", "x-followupd-letter", "x-microsoft-original-message-id"


def head_of(raw: bytes) -> bytes:
    """The header of a mail, as far as it is read."""
    end = raw.find(b"\r\n\r\n", 0, LONGEST)
    return raw[: end if end >= 0 else LONGEST]


def read_heading(folder: str, uidvalidity: int, uid: int, received: datetime, raw: bytes) -> Heading:
    """What the header says. Never raises."""
    fields = _fields(raw)
    own = _ids(fields, "message-id", most=2)
    message_id = own[0] if len(own) == 1 and len(fields.get("message-id", ())) == 1 else ""
    originals = [one for name in _OURS for one in _ids(fields, name, most=2)]
    references = _ids(fields, "references")
    # Of a long thread the beginning and the end; an answer names what it answers last.
    if len(references) > IDS - 20:
        references = references[:10] + references[-(IDS - 30) :]
    named = dict.fromkeys((*own, *originals, *_ids(fields, "in-reply-to", most=5), *references))
    return Heading(
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        received=received,
        message_id=message_id,
        ids=tuple(named)[:IDS],
        original_id=originals[0] if originals else "",
        sender=one_sender(fields.get("from", []))[0],
        recipients=_recipients(fields),
        subject=plain(decode_words(" ".join(fields.get("subject", [""])[0].split())), 500),
        date=date_of(fields.get("date", [""])[0]),
    )


def _fields(raw: bytes) -> dict[str, list[str]]:
    """The values of each field, unfolded; bytes that are no UTF-8 become a question mark."""
    found: dict[str, list[str]] = {}
    for line in _FOLD.split(raw[:LONGEST]):
        field = _FIELD.match(line)
        if field:
            values = found.setdefault(field[1].decode("ascii").lower(), [])
            if len(values) < 5:
                values.append(field[2].decode("utf-8", "replace").strip())
    return found


def _ids(fields: dict[str, list[str]], name: str, *, most: int = 200) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for value in fields.get(name, ()) for one in ids_in(value, most=most)))


def _recipients(fields: dict[str, list[str]]) -> tuple[str, ...]:
    values = [value for name in ("to", "cc", "bcc") for value in fields.get(name, [])]
    found = (match.group().lower() for value in values for match in ADDR.finditer(QUOTED_STRING.sub(" ", value)))
    return tuple(dict.fromkeys(found))[:RECIPIENTS]


class Index:
    """By which names the mails of one folder go: kept small, as numbers, because most of them will never be asked for.

    It knows all mails of the folder received since `since`, up to the UID `end`, but for those that are still expected.
    """

    def __init__(self, uidvalidity: int, since: datetime) -> None:
        """Of a folder in which nothing has been seen."""
        self.uidvalidity = uidvalidity
        self.since = since
        self.end = 0
        self.expected: list[int] = []
        self._names, self._uids = array("q"), array("Q")  # in the order of the names
        self._late: list[tuple[int, int]] = []  # not yet among them

    def reaches(self, since: datetime) -> bool:
        """Whether it goes back that far, and is not filled with mails that are older than anybody asks for."""
        return self.since <= since and not (len(self) > MARKS and self.since < since - 3 * EARLIER)

    def complete(self, extent: Extent, since: datetime) -> bool:
        """Whether it knows all mails of a folder that has come so far."""
        return not self.expected and extent == (self.uidvalidity, self.end + 1) and self.reaches(since)

    def expect(self, uids: list[int]) -> None:
        """These mails are there, too."""
        self.expected = uids
        self.end = max(self.end, *uids, 0)

    def add(self, uids: list[int], headings: Iterable[Heading]) -> None:
        """These of the expected mails have been seen, and those that are not gone have these headings."""
        if len(self) > 10 * MARKS:
            raise Unreachable(
                f"more mails since {self.since:%Y-%m-%d} than can be looked through: move what is old to a folder that is not read"
            )
        for heading in headings:
            for name in {heading.sender, *heading.ids} - {""}:
                self._late.append((hash(name), heading.uid))
        if len(self._late) > max(LATE, len(self._names) // 8):
            self._put_in_order()
        self.expected = self.expected[len(uids) :]

    def matching(self, names: frozenset[str]) -> list[int]:
        """UIDs of the mails from these addresses, or naming these ids; perhaps some more (two names may have one number)."""
        wanted = {hash(name) for name in names}
        found = {uid for name, uid in self._late if name in wanted}
        for name in wanted:
            place = bisect_left(self._names, name)
            while place < len(self._names) and self._names[place] == name:
                found.add(self._uids[place])
                place += 1
        return sorted(found)

    def __len__(self) -> int:
        return len(self._names) + len(self._late)

    def _put_in_order(self) -> None:
        pairs = sorted((*zip(self._names, self._uids, strict=True), *self._late))
        self._names, self._uids = array("q", (name for name, _ in pairs)), array("Q", (uid for _, uid in pairs))
        self._late = []
