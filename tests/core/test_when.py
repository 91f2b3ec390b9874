"""Durations, windows, holidays, absences and zones; and the dates that follow (the oracle looks at 100,000 more of them)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import when
from followupd.core.model import OwnCalendar
from followupd.core.when import ALWAYS, NO_HOLIDAYS, Calendar, Delay, Unit, Window

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = when.parse_window("mon-fri 09:00-17:00")
US = when.calendar_for(("US",))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def exactly(message: str) -> str:
    return f"^{re.escape(message)}$"


def due(anchor: str, delay: str, window: Window = ALWAYS, zone: ZoneInfo = BERLIN, calendar: Calendar = NO_HOLIDAYS) -> when.Due:
    return when.due_at(
        utc(anchor), when.parse_delay(delay), anchor_name="thanks was sent", window=window, zone=zone, calendar=calendar
    )


# -- durations -----------------------------------------------------------------------------------


@given(st.integers(0, 57), st.sampled_from(Unit))
def test_prints_what_it_reads(amount: int, unit: Unit) -> None:
    """A duration that is printed and read again is the same."""
    assert when.parse_delay(str(Delay(amount, unit))) == Delay(amount, unit)


@pytest.mark.parametrize("text", ["400d", "57w", "9600h", "285bd", "0m", "34560000s", "007d"])
def test_longest_durations(text: str) -> None:
    """Up to 400 days, in whichever unit."""
    assert when.parse_delay(text).amount >= 0


@pytest.mark.parametrize(
    "text",
    [
        "", "3", "d", "-3d", "+3d", "1.5h", "3 d", "3 dayz", "3days", "P3D", "1h30m", "401d", "58w", "286bd", "9601h", "3D", "３d", "٣d",
        " 3d", "3d\n", "9" * 5000 + "d", "1e3s", "0x1d", "nand", "3bdd", "1y",
    ],
)  # fmt: skip
def test_no_duration(text: str) -> None:
    """Anything else is refused with what to write instead, at once."""
    with pytest.raises(ValueError, match=exactly('write a duration such as "90m", "3d" or "4bd", at most 400d')):
        when.parse_delay(text)


def test_length_in_seconds() -> None:
    """Fixed units have a length; business days have none."""
    lengths = {"45s": 45, "3m": 180, "2h": 7200, "1d": 86_400, "2w": 1_209_600}
    assert {text: when.seconds(when.parse_delay(text)) for text in lengths} == lengths
    with pytest.raises(ValueError, match="3bd is not always equally long"):
        when.seconds(when.parse_delay("3bd"))


@pytest.mark.parametrize(
    ("attempt", "fraction", "expected"),
    [(1, 0.0, 300), (1, 1.0, 330), (1, 0.5, 315), (1, 0.001, 301), (2, 0.0, 1800), (3, 0.0, None), (99, 0.0, None)],
)
def test_retries_are_a_written_list(attempt: int, fraction: float, expected: int | None) -> None:
    """Each attempt has its own wait, up to a tenth longer by the dice; after the last there is none."""
    now = utc("2026-11-12T09:00Z")
    found = when.retry_at(now, attempt, (Delay(5, Unit.MINUTES), Delay(30, Unit.MINUTES)), fraction)
    assert found == (None if expected is None else now + timedelta(seconds=expected))


# -- windows -------------------------------------------------------------------------------------

MORNING, NOON = (540, 690), (810, 960)


@pytest.mark.parametrize(
    ("text", "days", "written"),
    [
        ("always", [((0, 1440),)] * 7, "always"),
        ("mon-thu 09:00-11:30, 13:30-16:00", [(MORNING, NOON)] * 4 + [()] * 3, None),
        ("mon-fri 09:00-11:30; sat 13:30-16:00", [(MORNING,)] * 5 + [(NOON,), ()], None),
        ("mon,wed 9:00-11:30", [(MORNING,), (), (MORNING,), (), (), (), ()], "mon,wed 09:00-11:30"),
        ("Mon – Tue  9:00–11:30", [(MORNING,)] * 2 + [()] * 5, "mon-tue 09:00-11:30"),
        ("sun-thu 9:00-11:30", [(MORNING,)] * 4 + [(), (), (MORNING,)], "mon-thu,sun 09:00-11:30"),
        ("sun 22:00-24:00", [()] * 6 + [((1320, 1440),)], None),
        ("mon 9:00-10:00; mon 10:00-11:30", [(MORNING,)] + [()] * 6, "mon 09:00-11:30"),
        ("mon-sun 00:00-24:00", [((0, 1440),)] * 7, "always"),
    ],
)
def test_windows(text: str, days: list[tuple[when.Span, ...]], written: str | None) -> None:
    """A window is read as the open minutes of each weekday, and written in one way."""
    window = when.parse_window(text)
    assert window.days == tuple(days)
    assert str(window) == (written or text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'write a window such as "mon-fri 09:00-17:00"'),
        ("weekdays", 'write a window such as "mon-fri 09:00-17:00"'),
        ("mon-fri", 'write a window such as "mon-fri 09:00-17:00"'),
        ("09:00-17:00", 'write a window such as "mon-fri 09:00-17:00"'),
        ("mon-fri 9-5", 'write a window such as "mon-fri 09:00-17:00"'),
        ("mon 09:00-10:00;", 'write a window such as "mon-fri 09:00-17:00"'),
        ("mo-fr 09:00-17:00", 'no such day: "mo"; write mon, tue, wed, thu, fri, sat or sun'),
        ("mon-fri 17:00-09:00", '17:00-09:00 runs over midnight; write "17:00-24:00" and "00:00-09:00"'),
        ("mon 09:00-09:00", "09:00-09:00 is no time at all; write the later time second"),
        ("mon-fri 09:00-25:00", 'no such time: "25:00"; write a time from 00:00 to 24:00'),
        ("mon-fri 09:00-24:01", 'no such time: "24:01"; write a time from 00:00 to 24:00'),
        ("mon-fri 09:60-10:00", 'no such time: "09:60"; write a time from 00:00 to 24:00'),
        ("mon 09:00-12:00, 11:00-17:00", '09:00-12:00 and 11:00-17:00 overlap; write "09:00-17:00"'),
        ("mon-fri 09:00-12:00; fri 11:00-11:30", '09:00-12:00 and 11:00-11:30 overlap; write "09:00-12:00"'),
        ("mon 09:00-10:00" + ", 11:00-12:00" * 9999, 'write a window such as "mon-fri 09:00-17:00", in at most 200 characters'),
    ],
)
def test_no_window(text: str, message: str) -> None:
    """What is no window is refused with what to write instead."""
    with pytest.raises(ValueError, match=exactly(message)):
        when.parse_window(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("before 08:00 or after 18:00", ((0, 480), (1080, 1440))),
        ("after 18:00 or before 8:00", ((0, 480), (1080, 1440))),
        ("between 10:00 and 12:00", ((600, 720),)),
        ("09:00-10:30", ((540, 630),)),
        ("09:00-10:30, 14:00-15:00", ((540, 630), (840, 900))),
    ],
)
def test_hours_of_a_step(text: str, spans: tuple[when.Span, ...]) -> None:
    """A step's `at` names hours, the same on every day."""
    assert when.parse_clause(text) == Window((spans,) * 7)


@pytest.mark.parametrize(
    "text", ["", "noon", "before 8", "between 10:00 and 9:00", "after 24:00", "mon 09:00-10:00", "before 25:00"]
)
def test_no_hours(text: str) -> None:
    """What names no hours is refused."""
    with pytest.raises(ValueError, match="write"):
        when.parse_clause(text)


windows = st.lists(
    st.lists(st.integers(0, 96), max_size=6, unique=True).map(
        lambda marks: tuple((low * 15, high * 15) for low, high in zip(*[iter(sorted(marks))] * 2, strict=False))
    ),
    min_size=7,
    max_size=7,
).map(lambda days: Window(tuple(days)))


@given(windows.filter(lambda window: any(window.days)))
def test_window_prints_what_it_reads(window: Window) -> None:
    """A window that is printed and read again is the same."""
    if len(str(window)) <= 200:
        assert when.parse_window(str(window)) == window


@given(windows, windows, st.integers(0, 6), st.integers(0, 1439))
def test_overlap_is_open_where_both_are(a: Window, b: Window, day: int, minute: int) -> None:
    """A minute is in the overlap exactly when it is in both windows."""

    def is_open(window: Window) -> bool:
        return any(start <= minute < end for start, end in window.days[day])

    assert is_open(when.overlap(a, b)) == (is_open(a) and is_open(b))


# -- holidays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "day", "name"),
    [
        (("US",), "2026-11-26", "Thanksgiving Day"),
        (("US",), "2026-07-03", "Independence Day (observed)"),
        (("US",), "2026-11-25", None),
        (("DE-BY",), "2026-01-06", "Epiphany"),
        (("DE",), "2026-01-06", None),
        (("DE",), "2026-12-24", None),
        (("US", "DE"), "2026-10-03", "German Unity Day (DE)"),
        ((), "2026-12-25", None),
    ],
)
def test_holidays(codes: tuple[str, ...], day: str, name: str | None) -> None:
    """Public holidays of countries and regions, named in English."""
    assert when.calendar_for(codes).name_of(date.fromisoformat(day)) == name


@pytest.mark.parametrize("tongue", ["de_DE.UTF-8", "C"])
def test_holiday_names_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch, tongue: str) -> None:
    """Two machines with other languages write the same reason."""
    monkeypatch.setenv("LANGUAGE", tongue)
    assert Calendar(("AT",)).name_of(date(2026, 1, 6)) == "Epiphany"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("UK", 'no holidays known for "UK"; did you mean GB?'),
        ("Germany", 'no holidays known for "Germany"; did you mean DE?'),
        ("us", 'no holidays known for "us"; did you mean US?'),
        ("XX", 'no holidays known for "XX"; write a code such as "US" or "DE-BY"'),
        ("DE-BAY", 'no holidays known for "DE-BAY"; did you mean DE-BY?'),
        ("US-", 'no holidays known for "US-"; write "US" alone'),
        ("", 'no holidays known for ""; write a code such as "US" or "DE-BY"'),
        ("\x1b[2J", 'no holidays known for "?[2J"; write a code such as "US" or "DE-BY"'),
    ],
)
def test_no_such_region(code: str, message: str) -> None:
    """An unknown code is refused with the one that was probably meant."""
    with pytest.raises(ValueError, match=exactly(message)):
        when.calendar_for((code,))


# -- the calendar of whoever writes ---------------------------------------------------------------


def dana(*absences: str, holidays: tuple[str, ...] = ()) -> OwnCalendar:
    return OwnCalendar(name="Dana Reyes", holidays=holidays, absences=tuple(when.parse_absence(each) for each in absences))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-10-03", "German Unity Day"),
        ("2026-11-26", "Thanksgiving Day for Dana Reyes"),
        ("2026-12-23", None),
        ("2026-12-24", "an absence of Dana Reyes"),
        ("2026-12-25", "Christmas Day"),  # of both, and in the absence: the prospect's comes first
        ("2027-01-01", "New Year's Day"),
        ("2027-01-02", "an absence of Dana Reyes"),
        ("2027-01-03", None),
        ("2027-01-18", "Martin Luther King Jr. Day for Dana Reyes"),
        ("2027-03-01", "an absence of Dana Reyes"),
    ],
)
def test_two_sides(day: str, name: str | None) -> None:
    """A day is closed by the prospect's holidays, by those of whoever writes, and by an absence; the name says which."""
    calendar = when.calendar_for(("DE",), dana("2026-12-24..2027-01-02", "2027-03-01", holidays=("US",)))
    assert calendar.name_of(date.fromisoformat(day)) == name


def test_calendars_are_told_apart() -> None:
    """The same regions and owner are one calendar, kept; another owner is another calendar."""
    own = dana("2026-12-24")
    assert when.calendar_for(("US",), own) is when.calendar_for(("US",), dana("2026-12-24"))
    assert when.calendar_for(("US",), own) != US
    assert len({when.calendar_for(("US",), own), Calendar(("US",), own), US}) == 2
    assert repr(Calendar((), own)).startswith("Calendar((), OwnCalendar(name='Dana Reyes'")


def test_no_such_region_of_the_owner() -> None:
    """A wrong code of the owner is refused as one of the prospect's is."""
    with pytest.raises(ValueError, match="did you mean GB"):
        when.calendar_for(("US",), dana(holidays=("UK",)))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-12-24", "2026-12-24", "2026-12-24"),
        ("2026-12-24..2027-01-02", "2026-12-24", "2027-01-02"),
        ("2028-02-29..2028-02-29", "2028-02-29", "2028-02-29"),
        ("2026-01-01..2027-02-04", "2026-01-01", "2027-02-04"),  # 400 days
    ],
)
def test_absences(text: str, first: str, last: str) -> None:
    """One day, or the first and the last."""
    assert when.parse_absence(text) == (date.fromisoformat(first), date.fromisoformat(last))


SUCH = 'write an absence such as "2026-12-24" or "2026-12-24..2027-01-02"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", SUCH),
        ("..", SUCH),
        ("2026-12-24..", SUCH),
        ("2026-12-24...2027-01-02", SUCH),
        ("2026-12-24 - 2027-01-02", SUCH),
        ("2026-12-24..2027-01-02..2027-01-03", SUCH),
        ("20261224", SUCH),
        ("2026-W52-4", SUCH),
        ("24.12.2026", SUCH),
        ("２０２６-12-24", SUCH),
        ("2026-12-24\n", SUCH),
        ("2026-12-24.." * 100_000, SUCH),
        ("2026-02-29", 'no such day: "2026-02-29"; write a day of the calendar such as "2026-12-24"'),
        ("2026-12-24..2026-13-01", 'no such day: "2026-13-01"; write a day of the calendar such as "2026-12-24"'),
        ("0000-01-01", 'no such day: "0000-01-01"; write a day of the calendar such as "2026-12-24"'),
        ("2027-01-02..2026-12-24", '2027-01-02 to 2026-12-24 ends before it begins; write "2026-12-24..2027-01-02"'),
        ("2026-01-01..2027-02-05", "2026-01-01 to 2027-02-05 is 401 days; write an absence of at most 400"),
    ],
)
def test_no_absence(text: str, message: str) -> None:
    """What is no absence is refused with what to write instead."""
    with pytest.raises(ValueError, match=exactly(message)):
        when.parse_absence(text)


@pytest.mark.parametrize(
    ("absences", "expected"),
    [
        (["2026-11-12..2027-01-10"], "2027-01-11T09:00+01:00"),  # 60 days
        (["2026-11-12..2027-12-16"], "2027-12-17T09:00+01:00"),  # 400 days
        (["2026-11-12..2027-12-16", "2027-12-17..2028-12-15"], "2028-12-18T09:00+01:00"),  # one after the other
        (["2026-11-01..2026-11-11", "2026-11-13"], "2026-11-12T09:00+01:00"),
    ],
)
def test_back_from_an_absence(absences: list[str], expected: str) -> None:
    """However long somebody is away, the window opens when they are back; it is told in one sentence."""
    calendar = when.calendar_for((), dana(*absences))
    found = due("2026-11-12T08:00+01:00", "0m", OFFICE, BERLIN, calendar)
    assert found.at == utc(expected)
    assert len(found.why) <= 2 + len(absences)


def test_absence_in_the_reasons() -> None:
    """Business days and openings both leave out an absence, and say so once with its first and last day."""
    calendar = when.calendar_for(("US",), dana("2026-11-24..2026-11-29", "2026-12-01", holidays=("DE",)))
    found = due("2026-11-23T15:00+00:00", "1bd", when.parse_window("tue-fri 09:00-11:30"), NEW_YORK, calendar)
    assert found == when.Due(
        utc("2026-12-02T14:00+00:00"),
        (
            "1bd after Mon 23 Nov (thanks was sent)",
            "Tue 24 Nov to Sun 29 Nov is an absence of Dana Reyes",
            "Thu 26 Nov is Thanksgiving Day",
            "Tue 1 Dec is an absence of Dana Reyes",
            "window tue-fri 09:00-11:30, moved to Wed 2 Dec 09:00 America/New_York",
        ),
    )


def test_never_open_in_an_absence() -> None:
    """A window that never opens is told as soon as ever, in a long absence too."""
    calendar = when.calendar_for((), OwnCalendar(name="Dana Reyes", absences=((date(2026, 1, 1), date(9999, 12, 31)),)))
    with pytest.raises(ValueError, match='the window "never" does not open within 400 days'):
        when.next_open(utc("2026-11-12T08:00Z"), window=Window(((),) * 7), zone=BERLIN, calendar=calendar)


@pytest.mark.parametrize(
    ("anchor", "delay", "expected"),
    [
        ("2026-11-21T10:00-05:00", "1bd", "2026-11-23T10:00-05:00"),  # Saturday: the next business day is Monday
        ("2026-11-22T10:00-05:00", "1bd", "2026-11-23T10:00-05:00"),
        ("2026-11-26T10:00-05:00", "1bd", "2026-11-27T10:00-05:00"),  # Thanksgiving itself
        ("2026-11-25T10:00-05:00", "1bd", "2026-11-27T10:00-05:00"),  # would land on it
        ("2026-11-26T10:00-05:00", "0bd", "2026-11-27T00:00-05:00"),  # the anchor; the calendar closes the day
        ("2026-12-24T10:00-05:00", "1bd", "2026-12-28T10:00-05:00"),
        ("2026-12-25T10:00-05:00", "2bd", "2026-12-29T10:00-05:00"),
    ],
)
def test_business_days_from_closed_days(anchor: str, delay: str, expected: str) -> None:
    """Whatever day the anchor is: the days after it are counted, at the same time of day."""
    assert due(anchor, delay, ALWAYS, NEW_YORK, US).at == utc(expected)


# -- zones and countries -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("America/NewYork", "did you mean America/New_York"),
        ("europe/berlin", "did you mean Europe/Berlin"),
        ("New York", "did you mean"),
        ("../../etc/passwd", "write an IANA name"),
        ("/usr/share/zoneinfo/Europe/Berlin", "no such zone"),
        ("Europe/../Europe/Berlin", "no such zone"),
        ("zone.tab", "no such zone"),
        ("posix/Europe/Berlin", "no such zone"),
        ("localtime", "no such zone"),
        ("Europe", "no such zone"),
        ("Europe/Berlin\0", "no such zone"),
        ("", "write an IANA name"),
        ("x" * 100_000, "no such zone"),
    ],
)
def test_no_such_zone(name: str, message: str) -> None:
    """Only plain IANA names are zones; the nearest one is named; nothing is looked up on the disk."""
    with pytest.raises(ValueError, match=message) as caught:
        when.zone_named(name)
    assert len(str(caught.value)) < 200


def test_zones() -> None:
    """The names that people use, old ones too."""
    for name in ("Europe/Berlin", "Asia/Kolkata", "UTC", "Etc/GMT+5", "US/Eastern", "America/Argentina/Buenos_Aires"):
        assert when.zone_named(name).key == name


def test_zone_of_country() -> None:
    """Every country has one zone to fall back on, and it is one of its own."""
    table = when._zone_of_each_country()
    lines = [line.split("\t") for line in when._table("tzdata.zoneinfo", "zone.tab").splitlines() if not line.startswith("#")]
    own = {(line[0], line[2]) for line in lines}
    assert set(table.items()) <= own
    assert {country for country, _ in own} - set(table) == {"AQ", "UM"}
    assert when.zone_of_country("FR") == "Europe/Paris"
    assert when.zone_of_country("US") == "America/New_York"
    assert when.zone_of_country("XX") is None
    assert when.zone_of_country("fr") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("Elbonia", None),
    ],
)
def test_country_names(text: str, code: str | None) -> None:
    """Countries are known by their codes and their English names."""
    assert when.country_named(text) == code


# -- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchor", "delay", "expected"),
    [
        ("2026-03-28T09:00+01:00", "24h", "2026-03-29T10:00+02:00"),  # elapsed time
        ("2026-03-28T09:00+01:00", "1d", "2026-03-29T09:00+02:00"),  # the clock on the wall
        ("2026-03-28T02:30+01:00", "1d", "2026-03-29T03:00+02:00"),  # no such time: the first after the gap
        ("2026-10-24T02:30+02:00", "1d", "2026-10-25T02:30+02:00"),  # twice: the first
        ("2026-10-25T02:30+01:00", "0d", "2026-10-25T02:30+01:00"),  # never before the anchor
        ("2026-10-25T02:30+01:00", "1w", "2026-11-01T02:30+01:00"),
        ("2026-11-12T15:00+01:00", "1bd", "2026-11-13T15:00+01:00"),
        ("2026-11-13T15:00+01:00", "1bd", "2026-11-16T15:00+01:00"),  # Friday
        ("2026-11-14T15:00+01:00", "1bd", "2026-11-16T15:00+01:00"),  # Saturday
        ("2026-11-12T15:00+01:00", "0bd", "2026-11-12T15:00+01:00"),
        ("2026-11-12T15:00:00.000001+01:00", "0s", "2026-11-12T15:00:01+01:00"),  # never early
    ],
)
def test_delays(anchor: str, delay: str, expected: str) -> None:
    """Hours are elapsed time, days keep the wall clock, business days leave out the weekend."""
    assert due(anchor, delay).at == utc(expected)


@pytest.mark.parametrize(
    ("anchor", "delay", "expected"),
    [
        ("2011-12-29T10:00-10:00", "1d", "2011-12-31T00:00+14:00"),  # the first instant after the day that never came
        ("2011-12-29T10:00-10:00", "1bd", "2012-01-02T10:00+14:00"),  # Friday never came, so the next one is Monday
        ("2011-12-28T10:00-10:00", "3bd", "2012-01-03T10:00+14:00"),
        ("2012-01-02T10:00+14:00", "1bd", "2012-01-03T10:00+14:00"),
    ],
)
def test_day_that_a_country_skipped(anchor: str, delay: str, expected: str) -> None:
    """Samoa had no Friday, 30 December 2011: it is no business day."""
    assert due(anchor, delay, zone=ZoneInfo("Pacific/Apia")).at == utc(expected)


@pytest.mark.parametrize(
    ("at", "text", "expected"),
    [
        ("2026-11-12T08:00+01:00", "mon-fri 09:00-17:00", "2026-11-12T09:00+01:00"),
        ("2026-11-12T16:59:59+01:00", "mon-fri 09:00-17:00", "2026-11-12T16:59:59+01:00"),
        ("2026-11-12T17:00+01:00", "mon-fri 09:00-17:00", "2026-11-13T09:00+01:00"),
        ("2026-11-13T17:00+01:00", "mon-fri 09:00-17:00", "2026-11-16T09:00+01:00"),
        ("2026-11-12T12:00+01:00", "mon-thu 09:00-11:30, 13:30-16:00", "2026-11-12T13:30+01:00"),
        ("2026-03-29T00:00+01:00", "sun 02:15-04:00", "2026-03-29T03:00+02:00"),  # begins in the gap
        ("2026-03-29T00:00+01:00", "sun 02:00-03:00; mon 08:00-09:00", "2026-03-30T08:00+02:00"),  # lies in the gap
        ("2026-10-25T02:50+02:00", "sun 02:15-02:45; mon 08:00-09:00", "2026-10-25T02:15+01:00"),  # comes again
        ("2026-10-25T00:00+02:00", "sun 02:15-02:45", "2026-10-25T02:15+02:00"),
    ],
)
def test_openings(at: str, text: str, expected: str) -> None:
    """The first open instant, the same one where it is open already; clock changes included."""
    found = when.next_open(utc(at), window=when.parse_window(text), zone=BERLIN, calendar=NO_HOLIDAYS)
    assert found.at == utc(expected)
    assert bool(found.why) == (found.at != utc(at))


def test_never_open() -> None:
    """A window that never opens is a mistake that is told, soon."""
    begin = time.perf_counter()
    with pytest.raises(ValueError, match='the window "never" does not open within 400 days'):
        when.next_open(utc("2026-11-12T08:00Z"), window=Window(((),) * 7), zone=BERLIN, calendar=NO_HOLIDAYS)
    assert time.perf_counter() - begin < 0.5


def test_end_of_time() -> None:
    """A date at the end of the calendar is refused and does not break anything."""
    with pytest.raises(ValueError, match="no date that far away"):
        due("9999-12-31T20:00+00:00", "30d")


def test_reasons_for_each_part_of_a_date() -> None:
    """Everything that moved the date is said once, in the order in which it happened."""
    window = when.parse_window("mon-thu 09:00-11:30")
    found = due("2026-11-23T15:00+00:00", "3bd", window, NEW_YORK, US)
    assert found == when.Due(
        utc("2026-11-30T14:00+00:00"),
        (
            "3bd after Mon 23 Nov (thanks was sent)",
            "Thu 26 Nov is Thanksgiving Day",
            "window mon-thu 09:00-11:30, moved to Mon 30 Nov 09:00 America/New_York",
        ),
    )


@pytest.mark.parametrize(
    ("anchor", "delay", "zone", "why"),
    [
        ("2026-11-12T14:00+01:00", "2h", BERLIN, ["2h after Thu 12 Nov 14:00 (thanks was sent)"]),
        ("2026-11-12T14:00+01:00", "0m", BERLIN, ["at Thu 12 Nov 14:00 (thanks was sent)"]),
        (
            "2026-03-28T02:30+01:00",
            "1d",
            BERLIN,
            ["1d after Sat 28 Mar (thanks was sent)", "the clocks skip 02:30 on Sun 29 Mar, so Sun 29 Mar 03:00"],
        ),
        (
            "2026-11-25T12:00-05:00",
            "1d",
            NEW_YORK,
            [
                "1d after Wed 25 Nov (thanks was sent)",
                "Thu 26 Nov is Thanksgiving Day",
                "window always, moved to Fri 27 Nov 00:00 America/New_York",
            ],
        ),
    ],
)
def test_reasons(anchor: str, delay: str, zone: ZoneInfo, why: list[str]) -> None:
    """Each reason names what it counts from, or what it leaves out; what changed nothing is not mentioned."""
    assert list(due(anchor, delay, ALWAYS, zone, US).why) == why


def test_moments_for_people() -> None:
    """A moment is told in the prospect's own time, and its date is the one on their wall."""
    at = utc("2026-11-12T23:30Z")
    assert when.speak(at, BERLIN) == "Fri 13 Nov 2026, 00:30 Europe/Berlin"
    assert when.local_date(at, BERLIN) == date(2026, 11, 13)
    assert when.local_date(at, NEW_YORK) == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("anchor", "delay", "zone", "expected"),
    [
        ("2027-02-28T09:00+01:00", "1d", "Europe/Berlin", "2027-03-01T09:00+01:00"),
        ("2028-02-28T09:00+01:00", "1d", "Europe/Berlin", "2028-02-29T09:00+01:00"),  # a leap day
        ("2028-02-29T09:00+01:00", "52w", "Europe/Berlin", "2029-02-27T09:00+01:00"),
        ("2026-10-03T02:15+10:30", "1d", "Australia/Lord_Howe", "2026-10-04T02:30+11:00"),  # half an hour is skipped
        ("2026-04-04T01:45+11:00", "1d", "Australia/Lord_Howe", "2026-04-05T01:45+11:00"),  # half an hour comes twice
        ("2016-09-06T12:00+03:00", "60d", "Europe/Istanbul", "2016-11-05T12:00+03:00"),  # by law no winter time that year
        ("2026-12-31T23:30+14:00", "1d", "Pacific/Kiritimati", "2027-01-01T23:30+14:00"),
    ],
)
def test_unusual_days(anchor: str, delay: str, zone: str, expected: str) -> None:
    """Leap days, half-hour changes, changes by law and zones at the edge of the day keep the clock on the wall."""
    assert due(anchor, delay, zone=when.zone_named(zone)).at == utc(expected)


def test_fast_enough_for_a_long_list() -> None:
    """A due date costs some 20 microseconds, so that 100,000 rows are planned in seconds (limit with room for a busy machine)."""
    window, delay, anchor = when.parse_window("mon-thu 09:00-11:30"), when.parse_delay("3bd"), utc("2026-11-12T15:00Z")
    begin = time.process_time()
    for minute in range(2000):
        when.due_at(anchor + timedelta(minutes=minute), delay, anchor_name="x", window=window, zone=NEW_YORK, calendar=US)
    assert (time.process_time() - begin) / 2000 < 100e-6


@given(
    wall=st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(9990, 1, 1)),  # noqa: DTZ001 - a wall time
    fold=st.integers(0, 1),
    name=st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
    hours=st.integers(-12, 14),
)
def test_instants_are_made_as_by_replacing(wall: datetime, fold: int, name: str, hours: int) -> None:
    """A wall time in a zone, before and after a clock change, and the instant of a wall time: the same as by `datetime.replace`. A fraction is rounded up."""
    zone, offset, wall = when.zone_named(name), timedelta(hours=hours), wall.replace(fold=fold)
    for made, expected in (
        (when._earlier(wall, zone), wall.replace(tzinfo=zone)),
        (when._later(wall, zone), wall.replace(tzinfo=zone, fold=1)),
        (when._instant(wall, offset), (wall - offset).replace(tzinfo=UTC)),
    ):
        assert (made, made.fold, made.tzinfo, made.utcoffset()) == (
            expected,
            expected.fold,
            expected.tzinfo,
            expected.utcoffset(),
        )
    at = wall.replace(tzinfo=UTC)
    assert when._whole(at) == at.replace(microsecond=0) + timedelta(seconds=at.microsecond > 0)


TABLES = """
import json, sys, warnings
warnings.simplefilter("ignore")
if sys.argv[1] == "whole":
    import holidays.countries
from holidays.registry import COUNTRIES
from followupd.core import when
codes = [code for _, code, *_ in COUNTRIES.values()]
first = len([name for name in sys.modules if name.startswith("holidays.countries.")])
when._region("US", 2026)
one = len([name for name in sys.modules if name.startswith("holidays.countries.")])
print(json.dumps([{code: [sorted(when._regions(code)), sorted(map(str, when._region(code, 2026).items()))] for code in codes}, first, one]))
"""


def test_tables_of_one_country_are_loaded_alone() -> None:
    """One country's holidays bring no other's; and all countries say the same as where the library has loaded all of them at once."""
    alone, whole = (
        json.loads(subprocess.run([sys.executable, "-c", TABLES, how], check=True, capture_output=True, text=True).stdout)
        for how in ("alone", "whole")
    )
    assert alone[0] == whole[0]
    assert len(alone[0]) > 200
    assert alone[1:] == [0, 1]
