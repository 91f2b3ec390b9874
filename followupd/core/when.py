"""When may something happen: durations, windows, zones, holidays, and the date that follows from them.

Decides the instant of a touch and says in words why it is that one. Never looks at a clock and rolls no dice: both are
given. Reads nothing but the tables that come with the libraries (zone names, countries, public holidays).

- `s m h` are elapsed time; `d w` keep the wall clock of the prospect.
- `bd` counts Monday to Friday without the holidays of either side and without absences. It counts the days after the
  anchor's and keeps the time of day, whatever day the anchor is: `1bd` after a Saturday, 10:00 is Monday, 10:00, as it is
  after Friday, 10:00. `0bd` is the anchor itself, on a holiday too: the window moves it, where there is one.
- All days are those on the prospect's wall, an absence too. A day that a zone left out was no day: nothing counts it.
- A wall time that a clock change skips becomes the first instant after the gap; one that comes twice is its first.
- Instants are whole seconds: fractions are rounded up, so nothing is ever early.
"""

from __future__ import annotations

import difflib
import math
import pkgutil
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from followupd.core.holiday_tables import countries, tables
from followupd.core.model import OwnCalendar

FARTHEST = 400
"""Days: no delay and no absence is longer, and a window that stays shut for so long (absences aside) is a mistake."""

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SATURDAY = 5
_MIDNIGHT = 1440
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

# -- durations -----------------------------------------------------------------------------------


class Unit(StrEnum):
    """What a duration is counted in."""

    SECONDS = "s"
    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WEEKS = "w"
    BUSINESS_DAYS = "bd"


_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600, Unit.DAYS: 86_400, Unit.WEEKS: 604_800}
_ROUGHLY = {**_SECONDS, Unit.BUSINESS_DAYS: 86_400 * 7 / 5}


@dataclass(frozen=True, slots=True)
class Delay:
    """A duration such as `90m` or `3bd`; printed as it is read."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def parse_delay(text: str) -> Delay:
    """Read `90m`, `3d`, `4bd`; no fraction, no sign, nothing longer than 400 days."""
    found = re.fullmatch(r"([0-9]{1,8})(s|m|h|d|w|bd)", text)
    if found:
        delay = Delay(int(found[1]), Unit(found[2]))
        if delay.amount * _ROUGHLY[delay.unit] <= FARTHEST * 86_400:
            return delay
    raise ValueError('write a duration such as "90m", "3d" or "4bd", at most 400d')


def seconds(delay: Delay) -> float:
    """The length of a duration that is always equally long; business days are not."""
    if delay.unit is Unit.BUSINESS_DAYS:
        raise ValueError(f'{delay} is not always equally long; write days or hours, such as "3d" or "4h"')
    return float(delay.amount * _SECONDS[delay.unit])


def retry_at(now: datetime, attempt: int, retries: tuple[Delay, ...], fraction: float) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1), up to a tenth later by `fraction`; None when used up."""
    if attempt > len(retries):
        return None
    return now + timedelta(seconds=math.ceil(seconds(retries[attempt - 1]) * (1 + fraction / 10)))


# -- windows -------------------------------------------------------------------------------------

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """The open minutes `[start, end)` of each local day of the week, Monday first; `end` may be 1440."""

    days: tuple[tuple[Span, ...], ...]

    def __str__(self) -> str:
        return _written(self)


ALWAYS = Window((((0, _MIDNIGHT),),) * 7)

_SUCH = 'write a window such as "mon-fri 09:00-17:00"'
_DAYS_OF = r"[a-z]+(?: ?- ?[a-z]+)?"
_SPAN = r"[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}"
_GROUP = re.compile(rf"({_DAYS_OF}(?: ?, ?{_DAYS_OF})*) ({_SPAN}(?: ?, ?{_SPAN})*)")
_CLAUSE = re.compile(rf"(before|after) ([0-9]{{1,2}}:[0-9]{{2}})|between ([0-9:]{{4,5}}) and ([0-9:]{{4,5}})|({_SPAN})")


def parse_window(text: str) -> Window:
    """Read `always`, or groups such as `mon-thu 09:00-11:30, 13:30-16:00; sat 10:00-12:00`."""
    plain = _plain(text)
    if plain == "always":
        return ALWAYS
    days: tuple[list[Span], ...] = tuple([] for _ in DAY_NAMES)
    for group in plain.split(";"):
        found = _GROUP.fullmatch(group.strip())
        if not found:
            raise ValueError(_SUCH)
        spans = [_span(part) for part in found[2].split(",")]
        for day in _days(found[1]):
            days[day].extend(spans)
    return Window(tuple(_joined(spans) for spans in days))


def parse_clause(text: str) -> Window:
    """Read a step's `at`: `before 08:00 or after 18:00`, `between 10:00 and 12:00`, `09:00-10:30`; the same every day."""
    spans = []
    for part in re.split(r" or | ?, ?", _plain(text)):
        found = _CLAUSE.fullmatch(part)
        if not found:
            raise ValueError('write hours such as "09:00-10:30", "between 10:00 and 12:00" or "before 08:00 or after 18:00"')
        side, moment, low, high, span = found.groups()
        spans.append(_span(span or {"before": f"00:00-{moment}", "after": f"{moment}-24:00"}.get(side, f"{low}-{high}")))
    return Window((_joined(spans),) * 7)


def overlap(a: Window, b: Window) -> Window:
    """Where both are open."""
    return Window(
        tuple(
            tuple(
                (max(one[0], two[0]), min(one[1], two[1])) for one in ones for two in twos if one[0] < two[1] and two[0] < one[1]
            )
            for ones, twos in zip(a.days, b.days, strict=True)
        )
    )


def _plain(text: str) -> str:
    if len(text) > 200:
        raise ValueError(f"{_SUCH}, in at most 200 characters")
    return " ".join(text.replace("–", "-").lower().split())


def _days(text: str) -> Iterator[int]:
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        for name in (first, last or first):
            if name not in DAY_NAMES:
                raise ValueError(f"no such day: {_shown(name)}; write mon, tue, wed, thu, fri, sat or sun")
        start, length = DAY_NAMES.index(first), DAY_NAMES.index(last or first) - DAY_NAMES.index(first)
        yield from ((start + step) % 7 for step in range(length % 7 + 1))


def _span(text: str) -> Span:
    start, end = (_minute(part.strip()) for part in text.split("-"))
    if start < end:
        return start, end
    if start == end:
        raise ValueError(f"{_clock(start)}-{_clock(end)} is no time at all; write the later time second")
    raise ValueError(f'{_clock(start)}-{_clock(end)} runs over midnight; write "{_clock(start)}-24:00" and "00:00-{_clock(end)}"')


def _minute(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not found or int(found[2]) > 59 or minute > _MIDNIGHT:
        raise ValueError(f"no such time: {_shown(text)}; write a time from 00:00 to 24:00")
    return minute


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, those that touch as one; those that overlap are a mistake."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            low, high = joined[-1]
            both = f"{_clock(low)}-{_clock(max(high, end))}"
            raise ValueError(f'{_clock(low)}-{_clock(high)} and {_clock(start)}-{_clock(end)} overlap; write "{both}"')
        if joined and start == joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, end))
    return tuple(joined)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=1024)
def _written(window: Window) -> str:
    """As `parse_window` reads it: neighbouring days with the same hours as one."""
    if window == ALWAYS:
        return "always"
    runs: dict[tuple[Span, ...], list[list[int]]] = {}
    for day, spans in enumerate(window.days):
        known = runs.setdefault(spans, [])
        if known and known[-1][-1] == day - 1:
            known[-1].append(day)
        else:
            known.append([day])
    runs.pop((), None)
    groups = []
    for spans, days in runs.items():
        names = ",".join(DAY_NAMES[run[0]] + (f"-{DAY_NAMES[run[-1]]}" if len(run) > 1 else "") for run in days)
        groups.append(f"{names} {', '.join(f'{_clock(start)}-{_clock(end)}' for start, end in spans)}")
    return "; ".join(groups) or "never"


# -- holidays ------------------------------------------------------------------------------------


class Calendar:
    """The public holidays of some regions, and the days on which whoever writes is not there.

    Made by `calendar_for`; a year is worked out when it is first asked for.
    """

    __slots__ = ("_hash", "_years", "codes", "own")

    def __init__(self, codes: tuple[str, ...], own: OwnCalendar | None = None) -> None:
        """Codes that are known."""
        self.codes = codes
        self.own = own
        self._years: dict[int, dict[date, str]] = {}
        self._hash = hash((codes, own))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Calendar) and (other.codes, other.own) == (self.codes, self.own))

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Calendar({self.codes!r}, {self.own!r})" if self.own else f"Calendar({self.codes!r})"

    def name_of(self, day: date) -> str | None:
        """`Thanksgiving Day`, `Thanksgiving Day for Dana Reyes`, `an absence of Dana Reyes`; None on a usual day."""
        if day.year not in self._years:
            self._years[day.year] = self._year(day.year)
        return self._years[day.year].get(day)

    def absence(self, day: date) -> tuple[date, date] | None:
        """The absence that this day falls into, first and last day; None outside of them."""
        return next((span for span in self.own.absences if span[0] <= day <= span[1]), None) if self.own else None

    def reason(self, day: date) -> str | None:
        """Why nothing happens on this day, in a sentence; one and the same for all days of an absence."""
        name = self.name_of(day)
        if name is None:
            return None
        absence = self.absence(day)
        if absence is None or absence[0] == absence[1] or name != self._away:
            return f"{_spoken(day)} is {name}"
        return f"{_spoken(absence[0])} to {_spoken(absence[1])} is {name}"

    @property
    def _away(self) -> str:
        return f"an absence of {self.own.name}" if self.own else ""

    def _year(self, year: int) -> dict[date, str]:
        found = _holidays(self.codes, year)
        if self.own:
            for day, name in _holidays(self.own.holidays, year).items():
                found.setdefault(day, f"{name} for {self.own.name}")
            for first, last in self.own.absences:
                begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
                for number in range((end - begin).days + 1):
                    found.setdefault(begin + number * _DAY, self._away)
        return found


NO_HOLIDAYS = Calendar(())


@lru_cache(maxsize=1024)
def calendar_for(codes: tuple[str, ...], own: OwnCalendar | None = None) -> Calendar:
    """The public holidays of countries and regions such as `US` and `DE-BY`, and the calendar of whoever writes."""
    for code in (*codes, *(own.holidays if own else ())):
        country, _, region = code.partition("-")
        regions = _regions(country)
        if regions is None or (region not in regions if "-" in code else region):
            raise ValueError(_no_such_region(code))
    return Calendar(codes, own)


def parse_absence(text: str) -> tuple[date, date]:
    """Read `2026-12-24..2027-01-02` or `2026-12-24`: first and last day of an absence of at most 400 days."""
    days = text.split("..") if len(text) <= 60 else []
    if not 1 <= len(days) <= 2 or not all(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day) for day in days):
        raise ValueError('write an absence such as "2026-12-24" or "2026-12-24..2027-01-02"')
    first, last = _day(days[0]), _day(days[-1])
    if last < first:
        raise ValueError(f'{first} to {last} ends before it begins; write "{last}..{first}"')
    if (last - first).days >= FARTHEST:
        raise ValueError(f"{first} to {last} is {(last - first).days + 1} days; write an absence of at most {FARTHEST}")
    return first, last


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'no such day: {_shown(text)}; write a day of the calendar such as "2026-12-24"') from None


def _holidays(codes: tuple[str, ...], year: int) -> dict[date, str]:
    """By day; with several codes each name tells whose it is."""
    found: dict[date, str] = {}
    for code in codes:
        where = f" ({code})" if len(codes) > 1 else ""
        for day, name in _region(code, year).items():
            found.setdefault(day, name + where)
    return found


def country_named(text: str) -> str | None:
    """The code of a country written as `de`, `DEU`, `Germany` or `UK`; None where it is none of these."""
    return _countries().get("".join(char for char in text[:60].lower() if char.isalpha()))


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    spellings = {"uk": "GB", "el": "GR", "holland": "NL", "unitedstatesofamerica": "US"}
    for name, (_, code, long, *_) in countries().items():
        spellings |= {name.replace("_", ""): code, code.lower(): code, long.lower(): code}
    return spellings


@lru_cache(maxsize=1024)
def _no_such_region(code: str) -> str:
    country, _, region = code.partition("-")
    known = _regions(country)
    if known is not None:
        instead = _nearest(region, known, f'"{country}" alone', f"{country}-")
    else:
        meant = country_named(country)
        instead = f"did you mean {meant}?" if meant else 'write a code such as "US" or "DE-BY"'
    return f"no holidays known for {_shown(code)}; {instead}"


@lru_cache(maxsize=512)
def _regions(country: str) -> frozenset[str] | None:
    """The regions of a country by their codes; None where no such country is known."""
    if country not in {code for _, code, *_ in countries().values()}:
        return None
    # Regions with longer names than ISO 3166-2 has are the library's own.
    return frozenset(name for name in tables(country).subdivisions if re.fullmatch("[A-Z0-9]{1,3}", name))


@lru_cache(maxsize=1024)
def _region(code: str, year: int) -> dict[date, str]:
    """One year of one region, named in English where the library can: the names must not hang on this machine's language."""
    country, _, region = code.partition("-")
    tongues = tables(country)
    english = [name for name in tongues.supported_languages if name.startswith("en")]
    language = english[0] if english else tongues.default_language
    with warnings.catch_warnings():  # the tables of a few end with a certain year: nothing to tell at the moment of sending
        warnings.simplefilter("ignore")
        found = tables(country, subdiv=region or None, years=year, expand=False, language=language)
    return {day: name.replace("; ", " and ") for day, name in found.items() if day.year == year}


# -- zones ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name such as `Europe/Berlin`; nothing else is looked up, no path either."""
    if name in _zones():
        return ZoneInfo(name)
    raise ValueError(_no_such_zone(name))


@lru_cache(maxsize=4096)
def _no_such_zone(name: str) -> str:
    # Only names whose place begins alike are compared: a file may bring 100,000 wrong ones.
    initial = name[:60].rpartition("/")[2].strip()[:1].upper()
    alike = [known for known in _zones() if known.rpartition("/")[2].startswith(initial)] if initial else []
    instead = _nearest(name, alike, 'an IANA name such as "America/New_York"')
    return f"no such zone: {_shown(name)}; {instead}"


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(_table("tzdata", "zones").split()) - {"Factory"}


# Where a country has several zones: the one of its capital or of most of its people.
_MAIN_ZONE = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FM": "Pacific/Pohnpei", "GL": "America/Nuuk", "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa", "KZ": "Asia/Almaty", "MH": "Pacific/Majuro", "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland", "PF": "Pacific/Tahiti", "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron", "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}  # fmt: skip


def zone_of_country(code: str) -> str | None:
    """The zone of a country (ISO 3166, two letters); its main one where it has several; None where nobody can say."""
    return _zone_of_each_country().get(code)


@lru_cache(maxsize=1)
def _zone_of_each_country() -> dict[str, str]:
    lines = [line.split("\t") for line in _table("tzdata.zoneinfo", "zone.tab").splitlines() if not line.startswith("#")]
    zones = Counter(line[0] for line in lines)
    return {line[0]: line[2] for line in lines if zones[line[0]] == 1} | _MAIN_ZONE


def _table(package: str, name: str) -> str:
    return (pkgutil.get_data(package, name) or b"").decode()


# -- dates ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """An instant in UTC, and the rule behind each part of it that a person would ask about."""

    at: datetime
    why: tuple[str, ...]


def due_at(anchor: datetime, delay: Delay, *, anchor_name: str, window: Window, zone: ZoneInfo, calendar: Calendar) -> Due:
    """`delay` after `anchor`, then the first instant from there on that is in the window and on no holiday."""
    return _due_at(_whole(anchor), delay, anchor_name, window, zone, calendar)


@lru_cache(maxsize=1024)  # many mails are settled within one second
def _due_at(anchor: datetime, delay: Delay, anchor_name: str, window: Window, zone: ZoneInfo, calendar: Calendar) -> Due:
    try:
        at, why = _delayed(anchor, delay, anchor_name, zone, calendar)
        opening = next_open(at, window=window, zone=zone, calendar=calendar)
    except OverflowError:
        raise ValueError("no date that far away; write a year before 9990") from None
    return Due(opening.at, (*why, *opening.why))


def next_open(at: datetime, *, window: Window, zone: ZoneInfo, calendar: Calendar) -> Due:
    """The first instant from `at` on that is in the window and on no holiday; the 400 days begin anew after an absence."""
    return _next_open(_whole(at), window, zone, calendar)


@lru_cache(maxsize=1024)
def _next_open(at: datetime, window: Window, zone: ZoneInfo, calendar: Calendar) -> Due:
    here = at
    why: list[str] = []
    farthest = at + FARTHEST * _DAY
    while here < farthest:
        midnight, offset, end = _stretch(here, zone)
        spans = window.days[midnight.weekday()]
        closed = calendar.reason(midnight.date()) if spans else None
        if closed:
            _note(why, closed)
            if calendar.absence(midnight.date()):
                farthest = end + FARTHEST * _DAY
        for start, stop in spans if not closed else ():
            opening = max(here, _instant(midnight + start * _MINUTE, offset))
            if opening < min(end, _instant(midnight + stop * _MINUTE, offset)):
                return Due(opening, (*why, _moved(opening, window, zone)) if opening > at else ())
        here = end
    raise ValueError(f'the window "{window}" does not open within {FARTHEST} days; write a wider one')


def worked(at: datetime, length: timedelta, *, window: Window, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """The moment at which the window has been open for so long since `at`, holidays and absences left out; at the latest in 1200 days."""
    here, left = _whole(at), length
    farthest = here + 3 * FARTHEST * _DAY
    while here < farthest:
        midnight, offset, end = _stretch(here, zone)
        for start, stop in window.days[midnight.weekday()] if not calendar.name_of(midnight.date()) else ():
            opens = max(here, _instant(midnight + start * _MINUTE, offset))
            open_for = min(end, _instant(midnight + stop * _MINUTE, offset)) - opens
            if open_for >= left:
                return opens + left
            left -= max(open_for, timedelta())
        here = end
    return farthest


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    return _at_wall(datetime.combine(day, time.min), zone)[0]


def on_the_wall(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The first instant of a local day at which its clocks show this, such as `07:30`; the end of the gap where they skip it."""
    return _at_wall(datetime.combine(day, time.fromisoformat(clock)), zone)[0]


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The date on the prospect's wall."""
    return at.astimezone(zone).date()


def speak(at: datetime, zone: ZoneInfo) -> str:
    """A moment for people: `Thu 12 Nov 2026, 09:00 Europe/Berlin`."""
    local = at.astimezone(zone)
    return f"{_spoken(local)} {local.year}, {local.hour:02}:{local.minute:02} {zone.key}"


def _delayed(anchor: datetime, delay: Delay, name: str, zone: ZoneInfo, calendar: Calendar) -> tuple[datetime, list[str]]:
    there = anchor.astimezone(zone)
    local = datetime.combine(there, there.time())
    whose = f" ({name})" if name else ""
    if delay.unit in (Unit.SECONDS, Unit.MINUTES, Unit.HOURS):
        counted = f"{delay} after" if delay.amount else "at"
        at = anchor + delay.amount * _SECONDS[delay.unit] * _SECOND
        return at, [f"{counted} {_spoken(local)} {local.hour:02}:{local.minute:02}{whose}"]
    why = [f"{delay} after {_spoken(local)}{whose}"]
    if delay.unit is Unit.BUSINESS_DAYS:
        wall = _business_day(local, delay.amount, zone, calendar, why)
    else:
        wall = local + delay.amount * _SECONDS[delay.unit] * _SECOND
    at, skipped = _at_wall(wall, zone)
    if skipped:
        after = at.astimezone(zone)
        why.append(f"the clocks skip {wall.hour:02}:{wall.minute:02} on {_spoken(wall)}, so {_spoken(after)} {after:%H:%M}")
    return max(at, anchor), why


def _business_day(local: datetime, count: int, zone: ZoneInfo, calendar: Calendar, why: list[str]) -> datetime:
    landed = _counted(local, count, calendar, why)
    return _counted(landed, _left_out(local, landed, zone, calendar), calendar, why)


def _counted(local: datetime, count: int, calendar: Calendar, why: list[str]) -> datetime:
    while count:
        local += _DAY
        if local.weekday() < _SATURDAY:
            closed = calendar.reason(local.date())
            if closed:
                _note(why, closed)
            else:
                count -= 1
    return local


def _left_out(first: datetime, last: datetime, zone: ZoneInfo, calendar: Calendar) -> int:
    """How many business days never came, such as Friday, 30 December 2011 in Samoa, which went over the date line."""
    if _gap(first, last, zone) < _DAY / 2:  # nearly always
        return 0
    days = [first + number * _DAY for number in range(1, (last - first).days + 1)]
    return sum(_gap(day, day, zone) >= _DAY and day.weekday() < _SATURDAY and not calendar.name_of(day.date()) for day in days)


def _gap(early: datetime, late: datetime, zone: ZoneInfo) -> timedelta:
    """By how much the clocks have been put forward from one wall time to another; from one to itself: the gap it lies in."""
    return _offset(_later(late, zone)) - _offset(_earlier(early, zone))


def _at_wall(wall: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """The instant at which the clock on the wall shows this, and whether it never does (then the first one after the gap)."""
    before, after = _offset(_earlier(wall, zone)), _offset(_later(wall, zone))
    if before >= after:  # a usual time; or one that comes twice, and fold=0 is the first
        return _instant(wall, before), False
    return _change(_instant(wall, after), _instant(wall, before), zone), True


def _earlier(wall: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(wall, wall.time(), zone)  # as `replace(tzinfo=zone)`, and so is the next, in a fraction of its time


def _later(wall: datetime, zone: ZoneInfo) -> datetime:
    return datetime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second, wall.microsecond, zone, fold=1)


def _stretch(here: datetime, zone: ZoneInfo) -> tuple[datetime, timedelta, datetime]:
    """From `here` to where the local day ends or the clocks change: its midnight (naive), its offset, its end."""
    local = here.astimezone(zone)
    offset = _offset(local)
    midnight = datetime.combine(local, time.min)
    end = _instant(midnight + _DAY, offset)
    if _offset((end - _SECOND).astimezone(zone)) != offset:
        end = _change(here, end, zone)
    return midnight, offset, end


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second with another offset than that at `low`; at `high` the clocks have changed."""
    offset = _offset(low.astimezone(zone))
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle > low and _offset(middle.astimezone(zone)) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None  # every zone of zoneinfo has one
    return offset


def _instant(wall: datetime, offset: timedelta) -> datetime:
    return _EPOCH + (wall - offset - _WALL_EPOCH)


_EPOCH, _WALL_EPOCH = datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1)  # noqa: DTZ001 - a wall time has no zone


def _whole(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at + timedelta(microseconds=1_000_000 - at.microsecond) if at.microsecond else at


def _spoken(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()].capitalize()} {day.day} {_MONTHS[day.month - 1]}"


def _moved(opening: datetime, window: Window, zone: ZoneInfo) -> str:
    local = opening.astimezone(zone)
    return f"window {window}, moved to {_spoken(local)} {local.hour:02}:{local.minute:02} {zone.key}"


def _note(why: list[str], sentence: str) -> None:
    if sentence not in why:  # a day with a clock change is looked at twice, an absence day by day
        why.append(sentence)


def _shown(text: str) -> str:
    """Somebody's text for a message: one line, short, nothing that a terminal could obey."""
    plain = "".join(char if char.isprintable() else "?" for char in text[:60])
    return f'"{plain}"'


def _nearest(text: str, known: Iterable[str], otherwise: str, prefix: str = "") -> str:
    found = difflib.get_close_matches(text[:60], sorted(known), n=2, cutoff=0.5)
    return f"did you mean {' or '.join(prefix + name for name in found)}?" if found else f"write {otherwise}"
