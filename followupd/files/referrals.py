"""Somebody whom a prospect has named: name and address out of their words, the draft of a row, and what a rep answers about it.

Decides what of a stranger's words may become a cell: one line, printable, an address that intake would take. Pure text; who may be written to
is decided by intake, as for any row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from followupd.core.model import Prospect
from followupd.files.blanks import LONGEST_NAME, says_nothing
from followupd.files.prospects import normal_address

_ADDRESS = re.compile(r"<?\bmailto:|[<(]?([^\s<>(),;:\"']{1,64}@[^\s<>(),;:\"']{1,255})[>)]?")
_AROUND = " \t,;:<>()[]\"'-–—."


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody else, as named; empty where nothing fit to use was said."""

    name: str
    address: str


def named(contact: str) -> Named:
    """Name and address in the words of a prospect: `Dana Miller <dana@acme.test>`, `Dana`, `dana@acme.test`. What breaks a line ends them."""
    first = contact.splitlines()[0] if contact.strip() else ""
    addresses = addresses_in(first)
    name = " ".join(_ADDRESS.sub(" ", first).split()).strip(_AROUND)
    fit = name.isprintable() and "=?" not in name and "@" not in name and not says_nothing(name)
    return Named(name[:LONGEST_NAME] if fit else "", addresses[0] if len(addresses) == 1 else "")


def addresses_in(text: str) -> list[str]:
    """The addresses that a mail could be sent to, each once."""
    found = []
    for part in _ADDRESS.findall(text):
        try:
            found.append(normal_address(part.rstrip(".")))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def file_name(who: Named, reply: str) -> str:
    """`referral-dana-miller-k2x7qa.csv`: the same name for the same answer."""
    plain = re.sub(r"[^a-z0-9]+", "-", (who.name or who.address.partition("@")[0]).lower().encode("ascii", "ignore").decode())
    return "-".join(part for part in ("referral", plain.strip("-")[:40].strip("-"), reply) if part) + ".csv"


SHARED = ("company", "country", "timezone", "language")
"""What is true of a colleague, too. Goals, challenges and meetings are the referrer's own."""


def cells(who: Named, referrer: Prospect, writer: str, owner: str, cadence: str) -> dict[str, str]:
    """The draft of a row."""
    first, _, last = who.name.partition(" ")
    same_house = not who.address or who.address.rpartition("@")[2] == referrer.domain
    shared = {name: referrer.columns.get(name, "") for name in SHARED if same_house or name != "company"}
    by = referrer.display_name if writer in ("", referrer.address) else ""
    return {
        "email": who.address, "first_name": first, "last_name": last, **shared, "referred_by": by or writer or referrer.address,
        "referred_by_email": writer or referrer.address, "cadence": cadence, "owner": owner, "came_from": "referral",
    }  # fmt: skip


def rows(cell: Mapping[str, str], needed: Iterable[str]) -> list[list[str]]:
    """The draft as a table, with an empty column for what the cadence needs beside."""
    header = [*cell, *(name for name in dict.fromkeys(needed) if name not in cell)]
    return [header, [cell.get(name, "") for name in header]]


# -- what the rep says of it ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """Yes or no, and the address where one is given; or why it is asked about."""

    go: bool = False
    address: str = ""
    doubt: str = ""


_FINE = re.compile(
    r"(?:ok(?:ay)?|sure|confirm(?:ed)?|fine|go|agreed|write|einverstanden|d'accord|vale|va bene|akkoord)\b[ ,.:!-]*",
    re.IGNORECASE,
)


def wish(words: str, written: date) -> Wish:
    """What a rep answers to the draft of a row: `yes`, `ok dana@acme.test`, `no`."""
    addresses = addresses_in(words)
    if len(addresses) > 1:
        return Wish(doubt=f"which of the addresses is it: {' or '.join(addresses)}?")
    if "@" in words and not addresses:
        return Wish(doubt='the address can\'t be read; write "ok" and the address')
    rest = _ADDRESS.sub(" ", words).strip(_AROUND)
    rest = _FINE.sub("", rest, count=1).strip(_AROUND) if (fine := _FINE.match(rest)) else rest
    if not rest and (fine or addresses):
        return Wish(go=True, address=addresses[0] if addresses else "")
    from followupd.core.orders import meant

    order = meant(rest, written)
    if order.doubt or order.verb not in ("yes", "no", "skip") or (fine and order.verb != "yes"):
        return Wish(doubt=order.doubt or f'is that a yes or a no: "{words[:80]}"?')
    if order.verb != "yes":
        return Wish() if not addresses else Wish(doubt="no, and yet an address?")
    return Wish(go=True, address=addresses[0] if addresses else "")
