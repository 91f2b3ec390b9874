"""What our own receiving server says of a mail's sender: Authentication-Results, read (RFC 8601).

Decides whether that server vouches for the address in From, says that it is not the sender's, or says nothing of use. Only
the topmost field with our server's own name counts: every server puts its field above those that came with the mail, and
anybody can write a field with any name into a mail (RFC 8601 section 7.1). Never looks up anything, never checks a signature
itself, and never raises: what can't be read vouches for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 8_192  # characters of one field that are read
FIELDS = 10  # fields of one mail that are looked at
RESULTS = 50  # results of one field

KNOWN_SERVERS = {
    "imap.gmail.com": "mx.google.com",
    "imap.googlemail.com": "mx.google.com",
    "outlook.office365.com": "",  # Microsoft writes its results without a name in front
    "imap-mail.outlook.com": "",
    "imap.fastmail.com": "messagingengine.com",
}
"""Under which name the servers of the large providers write their results, by the IMAP host; a name holds for those below it, too."""


class Standing(StrEnum):
    """What our server says of the sender."""

    PASS = "pass"  # noqa: S105 - the mail comes from whom it says
    NONE = "none"  # it says nothing that helps
    FAIL = "fail"  # it does not, or the sender's domain does not stand for it


@dataclass(frozen=True, slots=True)
class Stated:
    """The standing of a sender, and in words for people what has failed."""

    standing: Standing = Standing.NONE
    text: str = ""


NOTHING = Stated()


@dataclass(frozen=True, slots=True)
class Result:
    """One method and what came of it, with the properties it was about (`header.from`, `header.d`, `smtp.mailfrom`)."""

    method: str
    value: str
    about: tuple[tuple[str, str], ...] = ()

    def domain(self, *names: str) -> str:
        """The domain of the first of these properties that is there, lower case."""
        given = dict(reversed(self.about))
        found = next((given[name] for name in names if name in given), "")
        return found.rpartition("@")[2].strip(".").lower()


def stated(fields: Sequence[str], server: str | None, sender: str) -> Stated:
    """What the server of this name says of `sender`. `fields` are the mail's, topmost first; `server` None: none is known to be ours."""
    domain = sender.rpartition("@")[2].lower()
    if server is None or not domain:
        return NOTHING
    for field in fields[:FIELDS]:
        name, results, whole = read_field(field)
        if _is_ours(name, server):
            return _judged(results, domain, whole=whole)
    return NOTHING


def _is_ours(name: str, server: str) -> bool:
    server = server.lower().rstrip(".")
    return name == server or ("." in server and name.endswith(f".{server}"))


def _judged(results: Sequence[Result], domain: str, *, whole: bool) -> Stated:
    """DMARC decides where it was evaluated (RFC 7489); else an aligned signature or sender, else a failure of one of them."""
    if any(one.method == "dmarc" and one.value == "fail" for one in results):
        return Stated(Standing.FAIL, "DMARC failed")
    # Whoever broke the field off may have hidden the result that matters: then nothing in it vouches.
    if whole and any(_vouches(one, domain) for one in results):
        return Stated(Standing.PASS)
    for method, name in (("spf", "SPF"), ("dkim", "DKIM")):
        if any(one.method == method and one.value in ("fail", "hardfail") for one in results):
            return Stated(Standing.FAIL, f"{name} failed")
    return NOTHING


def _vouches(result: Result, domain: str) -> bool:
    """Whether the method has passed for the domain in From itself (relaxed alignment, RFC 7489 section 3.1)."""
    if result.value != "pass":
        return False
    match result.method:
        case "dmarc":
            return result.domain("header.from") in ("", domain)
        case "dkim":
            return _aligned(result.domain("header.d", "header.i"), domain)
        case "spf":
            return _aligned(result.domain("smtp.mailfrom", "smtp.mail"), domain)
    return False


def _aligned(one: str, other: str) -> bool:
    """One domain is the other, or lies under it. A name of a single label is nobody's own domain."""
    return "." in one and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


# -- the field -----------------------------------------------------------------------------------

METHOD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,40})(?:\s?/\s?[0-9]{1,5})?\s?=\s?([A-Za-z]{1,20})(?![\w-])")
PROPERTY = re.compile(r"(?<![\w.-])([A-Za-z]{1,20}\.[A-Za-z][A-Za-z0-9._-]{0,40})\s?=\s?(\S{1,320})")
NAME = re.compile(r"[^\s;=]{1,253}")


def read_field(value: str) -> tuple[str, tuple[Result, ...], bool]:
    """The server's name (empty where there is none), its results, and whether the whole field could be read."""
    pieces, whole = _pieces(value)
    name, results = "", []
    for number, piece in enumerate(pieces[: RESULTS + 1]):
        text = " ".join(piece.split())
        found = METHOD.match(text)
        if number == 0 and not found:
            first = NAME.match(text)
            name = first[0].lower() if first else ""
        elif found:
            about = tuple((prop[1].lower(), prop[2]) for prop in PROPERTY.finditer(text, found.end()))
            results.append(Result(found[1].lower(), found[2].lower(), about))
    return name, tuple(results), whole and len(value) <= LONGEST and len(pieces) <= RESULTS + 1


def _pieces(value: str) -> tuple[list[str], bool]:
    """The parts between the semicolons, without comments. What stands in quotes can't end a part or look like a result."""
    pieces, depth, quoted = [""], 0, False
    for sign, escaped in _signs(value[:LONGEST]):
        if quoted:
            quoted = escaped or sign != '"'
            pieces[-1] += "" if not quoted else "_" if sign in '=;" ' else sign
        elif sign in "()" and not escaped:
            depth = max(0, depth + (1 if sign == "(" else -1))
            pieces[-1] += " "
        elif depth:
            continue
        elif sign == '"':
            quoted = True
        elif sign == ";":
            pieces.append("")
        else:
            pieces[-1] += sign
    return pieces, not depth and not quoted


def _signs(value: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether a backslash stood before it (RFC 5322 section 3.2.1)."""
    escaped = False
    for sign in value:
        if sign == "\\" and not escaped:
            escaped = True
            continue
        yield sign, escaped
        escaped = False
