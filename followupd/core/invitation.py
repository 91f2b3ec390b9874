"""A calendar part becomes an `Invitation`: which meeting, when, and what is said of it.

Decides only what stands there (RFC 5545, RFC 5546), never what follows. A small reader of the few properties that matter, and no library:
strangers write this text, and all that is wanted is one meeting with a beginning and an end. Everything is bounded; a property that can't
be read is as if it were not there, and `read_invitation` never raises. Times without a zone stay without one: whose clock is meant is for the
caller to say. Where a zone is known by its offsets alone, the widest span that they allow is taken: a pause may be an hour too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followupd.core.model import Invitation

LONGEST = 65_536  # characters that are read
LINES = 2_000
LINE = 2_000  # characters of one unfolded line
ATTENDEES = 50
YEARS = range(1990, 2101)
MOST = timedelta(days=60)
"""A longer meeting is none."""

WINDOWS = {
    "w. europe standard time": "Europe/Berlin", "central europe standard time": "Europe/Budapest", "romance standard time": "Europe/Paris",
    "central european standard time": "Europe/Warsaw", "gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik",
    "e. europe standard time": "Europe/Chisinau", "fle standard time": "Europe/Kyiv", "gtb standard time": "Europe/Bucharest",
    "turkey standard time": "Europe/Istanbul", "russian standard time": "Europe/Moscow", "israel standard time": "Asia/Jerusalem",
    "south africa standard time": "Africa/Johannesburg", "arabian standard time": "Asia/Dubai", "india standard time": "Asia/Kolkata",
    "china standard time": "Asia/Shanghai", "singapore standard time": "Asia/Singapore", "tokyo standard time": "Asia/Tokyo",
    "korea standard time": "Asia/Seoul", "aus eastern standard time": "Australia/Sydney", "new zealand standard time": "Pacific/Auckland",
    "eastern standard time": "America/New_York", "central standard time": "America/Chicago", "mountain standard time": "America/Denver",
    "us mountain standard time": "America/Phoenix", "pacific standard time": "America/Los_Angeles", "alaskan standard time": "America/Anchorage",
    "hawaiian standard time": "Pacific/Honolulu", "atlantic standard time": "America/Halifax", "e. south america standard time": "America/Sao_Paulo",
    "argentina standard time": "America/Buenos_Aires", "sa pacific standard time": "America/Bogota", "utc": "UTC",
}  # fmt: skip
"""Names by which Outlook calls the zones of most people (CLDR windowsZones). Of others the offsets in the mail are taken."""

PROPERTY = re.compile(r"([A-Za-z-]{1,40})((?:;[A-Za-z-]{1,40}=(?:\"[^\"]{0,300}\"|[^\";:,]{0,300})(?:,(?:\"[^\"]{0,300}\"|[^\";:,]{0,300})){0,5}){0,20}):(.{0,2000})")  # fmt: skip
PARAMETER = re.compile(r";([A-Za-z-]{1,40})=(\"[^\"]{0,300}\"|[^\";:,]{0,300})")
MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
DURATION = re.compile(r"\+?P(?:(\d{1,3})W|(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?)")
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?")
ADDRESS = re.compile(r"mailto:([^\s<>\"]{1,254}@[^\s<>\"]{1,253})", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """What stands in the text, before it is understood."""

    method: str = ""
    events: int = 0
    fields: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    attendees: list[tuple[str, str]] = field(default_factory=list)
    offsets: dict[str, set[timedelta]] = field(default_factory=dict)


def read_invitation(text: str, method: str = "") -> Invitation | None:
    """The meeting that a calendar part speaks of; None where it speaks of none. `method` is what the mail's header says. Never raises."""
    try:
        found = _gathered(text[:LONGEST])
        return _understood(found, found.method or method.upper()[:20]) if found.events else None
    except (ValueError, OverflowError, ArithmeticError):
        return None


def _gathered(text: str) -> _Found:
    found, inside, zone = _Found(), list[str](), ""
    for name, parameters, value in _properties(text):
        match name:
            case "BEGIN":
                inside.append(value.upper()[:40])
                found.events += inside[-1] == "VEVENT"
                if len(inside) > 10:
                    break
            case "END":
                inside = inside[:-1]
            case "METHOD" if inside == ["VCALENDAR"]:
                found.method = value.strip().upper()[:20]
            case "TZID" if inside[-1:] == ["VTIMEZONE"]:
                zone = value.strip()[:200]
            case "TZOFFSETTO" if "VTIMEZONE" in inside and zone:
                found.offsets.setdefault(zone, set()).add(_offset(value))
            case "ATTENDEE" if inside[-1:] == ["VEVENT"] and len(found.attendees) < ATTENDEES:
                if address := ADDRESS.match(value):
                    found.attendees.append((address[1].lower(), parameters.get("PARTSTAT", "").upper()[:20]))
            case _ if inside[-1:] == ["VEVENT"] and found.events == 1:
                found.fields.setdefault(name, (parameters, value))
    return found


def _properties(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Name, parameters and value of each line, unfolded (RFC 5545 section 3.1)."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    for line in lines[:LINES]:
        match = PROPERTY.fullmatch(line[:LINE].strip())
        if match:
            named = {key.upper(): value.strip('"') for key, value in PARAMETER.findall(match[2])}
            yield match[1].upper(), named, match[3].strip()


def _understood(found: _Found, method: str) -> Invitation:
    begins, latest = _moments(found, "DTSTART")
    ends = _end(found, begins, latest)
    if begins is not None and (ends is None or ends < begins or ends - begins > MOST):
        begins = ends = None
    edition = found.fields.get("SEQUENCE", ({}, "0"))[1]
    organizer = ADDRESS.match(found.fields.get("ORGANIZER", ({}, ""))[1])
    answers = [answer for _, answer in found.attendees]
    return Invitation(
        method=method, uid=_text(found, "UID"), edition=int(edition) if re.fullmatch(r"\d{1,6}", edition) else 0,
        begins=begins, ends=ends, status=_text(found, "STATUS").upper()[:20], summary=_text(found, "SUMMARY")[:120],
        answer=answers[0] if method == "REPLY" and len(answers) == 1 else "", organizer=organizer[1].lower() if organizer else "",
        attendees=tuple(address for address, _ in found.attendees),
        recurs=found.events > 1 or any(name in found.fields for name in ("RRULE", "RDATE", "RECURRENCE-ID")),
    )  # fmt: skip


def _text(found: _Found, name: str) -> str:
    shown = re.sub(r"\\([,;\\nN])", lambda one: " " if one[1] in "nN" else one[1], found.fields.get(name, ({}, ""))[1])
    return " ".join("".join(char if char.isprintable() else " " for char in shown[:300]).split())


def _end(found: _Found, begins: datetime | None, latest: datetime | None) -> datetime | None:
    """DTEND, else DTSTART and DURATION; a day without either lasts a day, a moment an hour."""
    _, ends = _moments(found, "DTEND")
    if begins is None or latest is None:
        return None
    if ends is not None:
        return ends if (ends.tzinfo is None) == (begins.tzinfo is None) else None
    length = DURATION.fullmatch(found.fields.get("DURATION", ({}, ""))[1])
    if length and any(length.groups()):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in length.groups())
        return latest + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    whole_day = "T" not in found.fields["DTSTART"][1]
    return latest + (timedelta(days=1) if whole_day else timedelta(hours=1))


def _moments(found: _Found, name: str) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest that a property may mean: one moment, unless its zone is known by its offsets alone."""
    parameters, value = found.fields.get(name, ({}, ""))
    match = MOMENT.fullmatch(value)
    if match is None or int(match[1]) not in YEARS:
        return None, None
    wall = datetime.combine(
        date(int(match[1]), int(match[2]), int(match[3])),
        time(int(match[4]), int(match[5]), min(int(match[6]), 59)) if match[4] else time(),  # 60: a leap second
    )
    if match[7]:
        return wall.replace(tzinfo=UTC), wall.replace(tzinfo=UTC)
    called = parameters.get("TZID", "")
    if not called or match[4] is None:
        return wall, wall
    if zone := _zone(called):
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        return at, at
    known = sorted(found.offsets.get(called, ()))
    if not known:
        return wall, wall
    return (wall - known[-1]).replace(tzinfo=UTC), (wall - known[0]).replace(tzinfo=UTC)


def _zone(called: str) -> ZoneInfo | None:
    """By its IANA name, however much stands before it, or by the name that Windows has for it."""
    name = WINDOWS.get(called.lower().strip(), called.strip())
    tail = re.search(r"(?:^|/)([A-Z][A-Za-z_]{1,30}/[A-Za-z_+-]{1,30}(?:/[A-Za-z_]{1,30})?|UTC|GMT)$", name)
    if tail is None:
        return None
    try:
        return ZoneInfo(tail[1])
    except (ValueError, OSError, LookupError):
        return None


def _offset(value: str) -> timedelta:
    match = OFFSET.fullmatch(value.strip())
    if match is None or int(match[2]) > 15 or int(match[3]) > 59:
        return timedelta()
    span = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -span if match[1] == "-" else span
