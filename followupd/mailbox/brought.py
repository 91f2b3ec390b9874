"""What a server brings of mails that it was asked for before it was known whether there are any (RFC 3501 section 7.4.2).

Decides only what stands in its lines. Whatever is not just as it was asked for is left to imapclient: `found` is None then, and all is
asked once more in the other way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from imapclient.datetime_util import parse_to_datetime

from followupd.mailbox.model import RAW_LIMIT, Arrival

_FETCH = re.compile(rb"\* [0-9]{1,10} FETCH \(", re.IGNORECASE)
_UID = re.compile(rb"[( ]UID ([0-9]{1,10})(?=[ )])", re.IGNORECASE)
_SIZE = re.compile(rb"[( ]RFC822\.SIZE ([0-9]{1,10})(?=[ )])", re.IGNORECASE)
_DATE = re.compile(rb'[( ]INTERNALDATE "([0-9A-Za-z :+-]{20,30})"(?=[ )])', re.IGNORECASE)
_BODY = re.compile(rb" BODY\[\](?:<0>)? \{[0-9]{1,9}\}\Z", re.IGNORECASE)

Pieces = Sequence[bytes]
"""A line of an answer: text, and where it has literals, literal and text in turn."""


def found(answer: Iterable[Pieces], folder: str, uidvalidity: int, after: int) -> tuple[Arrival, ...] | None:
    """The mails behind a UID, in their order; None where one of them can't be told for certain."""
    mails: dict[int, Arrival] = {}
    for pieces in answer:
        if not _FETCH.match(pieces[0]):
            continue
        text = b"".join(pieces[::2])
        uid, size, date = _UID.search(text), _SIZE.search(text), _DATE.search(text)
        if len(pieces) == 1 and b"BODY" not in pieces[0].upper():
            continue  # flags, which nobody has asked for
        if len(pieces) != 3 or not (uid and size and date and _BODY.search(pieces[0])):
            return None
        try:
            received: datetime = parse_to_datetime(date[1], normalise=False)
        except ValueError:
            return None
        if int(uid[1]) > after:
            mails[int(uid[1])] = Arrival(
                folder=folder, uidvalidity=uidvalidity, uid=int(uid[1]), received=received.astimezone(UTC), size=int(size[1]),
                raw=pieces[1][:RAW_LIMIT],
            )  # fmt: skip
    return tuple(mail for _, mail in sorted(mails.items()))
