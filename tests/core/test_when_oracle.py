"""The dates of `core/when.py` against the oracle: every zone, every region, the next ten years, and the odd days of the past.

Where the two differed, and who was right:

- Samoa left out Friday, 30 December 2011. The code counted it as a business day and landed on Saturday; the oracle counts only
  days that came. The oracle was right.
"""

from __future__ import annotations

import random
import time
import warnings
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path

import holidays
import numpy as np
import pytest
from holidays import registry
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core import when
from followupd.core.when import ALWAYS, NO_HOLIDAYS, Delay, Unit, Window
from tests.core import oracle
from tests.core.oracle import Sides, Spans, Wall
from tests.faults import Toll

CHUNKS, CASES, QUICK_CASES = 20, 100_000, 2000
FIRST, LAST, TABLE_END = 2026, 2036, 2039  # the next ten years; what follows from them may lie later
ZONES = sorted(when._zones())
COUNTRIES = sorted(code for _, code, *_ in registry.COUNTRIES.values())
REGIONS = sorted(f"{country}-{region}" for country in COUNTRIES for region in when._regions(country) or ())


def compare(dice: random.Random, wall: Wall, calendars: list[Sides], number: int, first: int = FIRST, last: int = LAST) -> None:
    """So many random cases in this zone, all with the same answer."""
    for _ in range(number):
        case = oracle.some_case(dice, wall, dice.choice(calendars), first, last)
        assert case.delayed == case.expected_delayed, case.question
        assert case.found == case.expected, case.question


def some_calendars(dice: random.Random, number: int) -> list[Sides]:
    """Of any regions."""
    return [oracle.some_sides(dice, COUNTRIES + REGIONS, FIRST, TABLE_END) for _ in range(number)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_zone_for_ten_years(chunk: int) -> None:
    """100,000 random cases, in every zone of tzdata: the first instant after the delay that is open on both sides."""
    dice, zones = random.Random(chunk), ZONES[chunk::CHUNKS]
    calendars = some_calendars(dice, 8)
    share, rest = divmod(CASES // CHUNKS, len(zones))
    for number, name in enumerate(zones):
        compare(dice, Wall(when.zone_named(name), FIRST, TABLE_END), calendars, share + (number < rest))


# -- the fast ring -------------------------------------------------------------------------------

TRICKY = (
    "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Santiago", "America/St_Johns",
    "Antarctica/Troll", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "Europe/Berlin",
    "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Niue", "Etc/GMT+12",
)  # fmt: skip


@lru_cache(maxsize=64)
def wall_of(name: str, first: int = FIRST, last: int = TABLE_END) -> Wall:
    return Wall(when.zone_named(name), first, last)


@pytest.mark.fault("F65")
@pytest.mark.parametrize("name", TRICKY)
def test_tricky_zones(name: str, toll: Toll) -> None:
    """2,000 cases in zones with half hours, double hours, clock changes at midnight, and at both ends of the day."""
    dice = random.Random(name)
    wall = Wall(when.zone_named(name), FIRST, FIRST + 4)
    compare(dice, wall, some_calendars(dice, 2), QUICK_CASES // len(TRICKY), FIRST, FIRST + 1)
    toll(injected=QUICK_CASES // len(TRICKY))


ODD_YEARS = [
    ("Africa/Cairo", 2023), ("Africa/Khartoum", 2017), ("Africa/Sao_Tome", 2018), ("America/Asuncion", 2024),
    ("America/Caracas", 2016), ("America/Mexico_City", 2022), ("America/Nuuk", 2023), ("America/Sao_Paulo", 2018),
    ("America/Scoresbysund", 2024), ("America/St_Johns", 2010), ("Antarctica/Casey", 2020), ("Antarctica/Troll", 2020),
    ("Asia/Almaty", 2024), ("Asia/Amman", 2022), ("Asia/Beirut", 2023), ("Asia/Gaza", 2023), ("Asia/Kathmandu", 1985),
    ("Asia/Pyongyang", 2015), ("Asia/Pyongyang", 2018), ("Australia/Lord_Howe", 2010), ("Europe/Istanbul", 2016),
    ("Europe/Volgograd", 2020), ("Kwajalein", 1993), ("Pacific/Apia", 2011), ("Pacific/Enderbury", 1994),
    ("Pacific/Fakaofo", 2011), ("Pacific/Kiritimati", 1994),
]  # fmt: skip


@pytest.mark.fault("F65")
@pytest.mark.parametrize(("name", "year"), ODD_YEARS)
def test_odd_years(name: str, year: int, toll: Toll) -> None:
    """Years in which a law moved the clocks, by half an hour, at midnight, for good, or over the date line."""
    dice = random.Random(f"{name} {year}")
    calendars = [oracle.some_sides(dice, ["US", "DE-BY", "JP", "WS"], year, year + 4) for _ in range(2)]
    compare(dice, Wall(when.zone_named(name), year, year + 4), calendars, 80, year, year + 1)
    toll(injected=80)


# -- what must hold whatever the oracle says ------------------------------------------------------


@st.composite
def places(draw: st.DrawFn) -> tuple[Wall, Sides, Spans, random.Random]:
    """A zone in some year, two calendars, a window, and dice for the rest."""
    name, year = draw(st.sampled_from([*((name, FIRST) for name in TRICKY), *ODD_YEARS]))
    dice = random.Random(draw(st.integers(0, 2**32)))
    absences = tuple(
        (date(year, month, 3), date(year, month, 3) + timedelta(days=days)) for month, days in ((2, 0), (7, 60), (12, 9))
    )
    both = oracle.sides(("US",), ("DE-BY",), absences, year, year + 4)
    return wall_of(name, year, year + 4), both, oracle.some_spans(dice), dice


def window_of(spans: Spans) -> Window:
    return Window(tuple(tuple(each) for each in spans))


@given(places())
def test_never_early_never_shut_never_twice_moved(place: tuple[Wall, Sides, Spans, random.Random]) -> None:
    """An opening lies at or after what was asked, in the window, on no closed day; and it is its own opening, without a reason."""
    wall, both, spans, dice = place
    (at, _, _), window = oracle.some_start(dice, wall, wall.first, wall.first + 1), window_of(spans)
    found = when.next_open(at, window=window, zone=wall.zone, calendar=both.calendar)
    local = found.at.astimezone(wall.zone)
    assert found.at >= at
    assert found.at.tzinfo is UTC
    assert any(start <= local.hour * 60 + local.minute < end for start, end in spans[local.weekday()])
    assert both.calendar.name_of(local.date()) is None
    assert when.next_open(found.at, window=window, zone=wall.zone, calendar=both.calendar) == when.Due(found.at, ())


@given(places())
def test_later_anchors_never_give_earlier_dates(place: tuple[Wall, Sides, Spans, random.Random]) -> None:
    """Openings and elapsed time keep the order of what they start from; days keep it on the calendar."""
    wall, both, spans, dice = place
    early, amount, unit = oracle.some_start(dice, wall, wall.first, wall.first + 1)
    late = early + timedelta(minutes=dice.randrange(3000))
    delay = Delay(amount, Unit(unit))

    def after(anchor: datetime, window: Window) -> datetime:
        return when.due_at(anchor, delay, anchor_name="", window=window, zone=wall.zone, calendar=both.calendar).at

    if unit in oracle.SECONDS:
        assert after(early, window_of(spans)) <= after(late, window_of(spans))
    else:
        first, second = (when.local_date(after(each, ALWAYS), wall.zone) for each in (early, late))
        went_back = late.astimezone(wall.zone).replace(tzinfo=None) < early.astimezone(wall.zone).replace(tzinfo=None)
        assert first <= second or went_back


@given(places(), st.sampled_from(Unit), st.integers(0, 56))
def test_longer_delays_never_give_earlier_dates(
    place: tuple[Wall, Sides, Spans, random.Random], unit: Unit, amount: int
) -> None:  # fmt: skip
    """One more of the same unit is never sooner."""
    wall, both, spans, dice = place
    (anchor, _, _), window = oracle.some_start(dice, wall, wall.first, wall.first + 1), window_of(spans)
    sooner, later = (
        when.due_at(anchor, Delay(more, unit), anchor_name="", window=window, zone=wall.zone, calendar=both.calendar).at
        for more in (amount, amount + 1)
    )
    assert sooner <= later


# -- other people's code --------------------------------------------------------------------------


@settings(max_examples=settings().max_examples * 3)
@given(st.sampled_from(TRICKY), st.integers(0, 3650), st.integers(0, 1439), st.integers(1, 285), st.integers(0, 10**6))
def test_business_days_as_numpy_counts_them(name: str, day: int, minute: int, count: int, seed: int) -> None:
    """The date of `5bd` is the one that numpy finds with the same holidays."""
    both = two_sides(seed % 5)
    zone = when.zone_named(name)
    anchor = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    closed = np.flatnonzero(both.closed).astype("datetime64[D]")
    expected = np.busday_offset(np.datetime64(when.local_date(anchor, zone)), count, roll="backward", holidays=closed)
    found = when.due_at(
        anchor, Delay(count, Unit.BUSINESS_DAYS), anchor_name="", window=ALWAYS, zone=zone, calendar=both.calendar
    )  # fmt: skip
    assert when.local_date(found.at, zone) == expected.astype(date)


@lru_cache(maxsize=8)
def two_sides(seed: int) -> Sides:
    return oracle.some_sides(random.Random(seed), ["US", "DE-BY", "GB-SCT", "JP", "SA", "BR"], FIRST, TABLE_END)


@pytest.fixture
def c_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The C library's own idea of local time, which is put back afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def test_clocks_as_the_c_library_shows_them(c_clock: pytest.MonkeyPatch) -> None:
    """The oracle's table of a zone is the one that the C library works out from the same files."""
    dice = random.Random(3)
    for name in {*ZONES[::4], *TRICKY}:
        c_clock.setenv("TZDIR", folder_of(name))
        c_clock.setenv("TZ", name)
        time.tzset()
        wall = Wall(when.zone_named(name), FIRST, LAST)
        end = wall.start + len(wall.offset)
        moments = [dice.randrange(wall.start, end) for _ in range(50)]
        for minute in moments + [change + step for change in wall.changes for step in (-1, 0)]:
            assert time.localtime(minute * 60).tm_gmtoff == int(wall.offset[minute - wall.start]) * 60, (name, minute)


def folder_of(zone: str) -> str:
    """Where zoneinfo reads this zone: the machine's own table, else that of the package."""
    own = [path for path in zoneinfo.TZPATH if (Path(path) / zone).is_file()]
    return own[0] if own else str(resources.files("tzdata") / "zoneinfo")


@pytest.mark.parametrize("part", range(4))
def test_holidays_of_every_country(part: int) -> None:
    """Asked year by year, no country loses a day that is kept in another year than its holiday."""
    for country in COUNTRIES[part::4]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kept = set(holidays.country_holidays(country, years=range(FIRST - 1, LAST + 2), expand=False))
        calendar = when.calendar_for((country,))
        days = (date(FIRST, 1, 1) + timedelta(days=number) for number in range((date(LAST + 1, 1, 1) - date(FIRST, 1, 1)).days))
        assert {day for day in days if calendar.name_of(day)} == {day for day in kept if FIRST <= day.year <= LAST}, country


@pytest.mark.parametrize(
    ("codes", "day"),
    [
        ("US", "2027-12-31"),  # New Year's Day 2028 is a Saturday
        ("GB", "2027-12-28"),  # Boxing Day is a Sunday
        ("JP", "2030-05-06"),  # Greenery Day is a Saturday, Constitution Day a Friday, Children's Day a Sunday
        ("AU-NSW", "2027-12-27"),
        ("CO", "2026-01-12"),  # Epiphany goes to the Monday
    ],
)
def test_holidays_kept_on_another_day(codes: str, day: str) -> None:
    """A holiday that is kept on another day closes that day too, in another year if need be."""
    assert when.calendar_for((codes,)).name_of(date.fromisoformat(day))


def test_calendars_reach_far() -> None:
    """A year far ahead has its fixed holidays, and no warning about tables that end is printed."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert when.Calendar(("IN",)).name_of(date(2050, 1, 26)) == "Republic Day"
        assert when.Calendar(("US", "IN")).name_of(date(2099, 12, 25)) == "Christmas Day (US)"
        assert NO_HOLIDAYS.name_of(date(9999, 12, 31)) is None
