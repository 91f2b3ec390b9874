"""Which zone, window and holidays hold for a person and their rep, and what a step counts from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from followupd.core import timing
from followupd.core.model import Cadence, OwnCalendar, Prospect
from tests.store.made import NOW, begin, cadence, prospect, step

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = "mon-fri 09:00-17:00"
DANA = OwnCalendar(name="Dana Reyes", holidays=("US",), absences=((date(2026, 11, 30), date(2026, 12, 2)),))


def due(plan: Cadence, person: Prospect, mailbox: str = "dana") -> str:
    found = begin(person, plan, NOW, mailbox).touches[0]
    zone = timing.timing_for(plan, person, mailbox).zone
    return f"{found.due.astimezone(zone):%a %d %b %H:%M}"


def planned(*, after: str, since: str = "enrolled", **more: object) -> Cadence:
    known = {"window": OFFICE, "timezone": "Europe/Berlin", "holidays": ("prospect",)}
    return cadence((step(0, after=after, since=since),), **(known | more))


@pytest.mark.parametrize(
    ("person", "zone", "source"),
    [
        (prospect(zone="Asia/Tokyo", country="DE"), "Asia/Tokyo", "the prospect's own zone"),
        (prospect(country="JP"), "Asia/Tokyo", "the zone of JP"),
        (prospect(country="DE-BY"), "Europe/Berlin", "the zone of DE-BY"),
        (prospect(), "America/New_York", "the cadence's zone"),
    ],
)
def test_zone(person: Prospect, zone: str, source: str) -> None:
    """The row's own zone; else its country's; else the cadence's."""
    found = timing.timing_for(cadence(), person, "dana")
    assert (found.zone.key, found.zone_from) == (zone, source)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "Thu 26 Nov 15:00"),
        ({"calendars": {"dana": OwnCalendar(name="Dana", holidays=("US",))}}, "Fri 27 Nov 15:00"),
        ({"calendars": {"lee": OwnCalendar(name="Lee", holidays=("US",))}}, "Thu 26 Nov 15:00"),
        ({"calendars": {"dana": DANA}, "holidays": ()}, "Thu 26 Nov 15:00"),
    ],
)
def test_holidays_of_the_owner(more: dict[str, object], expected: str) -> None:
    """Business days count neither the prospect's holidays nor the rep's; `holidays: none` means none at all."""
    assert due(planned(after="10bd", **more), prospect(country="DE")) == expected


@pytest.mark.parametrize("codes", [("prospect",), (), ("US",)])
def test_absence(codes: tuple[str, ...]) -> None:
    """Who is away is away, whatever the cadence says of holidays."""
    plan = planned(after="18d", calendars={"dana": DANA}, holidays=codes)
    assert due(plan, prospect(country="DE")) == "Thu 03 Dec 09:00"


@pytest.mark.parametrize(
    ("after", "meeting", "expected"),
    [
        ("1h", "2026-11-16T14:00:00+00:00", "Mon 16 Nov 16:00"),
        ("2h", "2026-11-16", "Tue 17 Nov 09:00"),  # hours after a day: after its end
        ("0m", "2026-11-16", "Tue 17 Nov 09:00"),
        ("0d", "2026-11-16", "Mon 16 Nov 09:00"),  # days after a day: from the day itself
        ("1d", "2026-11-16", "Tue 17 Nov 09:00"),
        ("3bd", "2026-11-16", "Thu 19 Nov 09:00"),
        ("2h", "2026-11-16 10:00", "Mon 16 Nov 12:00"),  # a time without a zone is the prospect's own
    ],
)
def test_date_columns(after: str, meeting: str, expected: str) -> None:
    """What is counted from a day never comes before what happened on it."""
    person = prospect(columns={"meeting_at": meeting})
    assert due(planned(after=after, since="meeting_at"), person) == expected


def test_alarms() -> None:
    """Reminded after five sixths, escalated after eleven twelfths, or as written."""
    at = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    plan = cadence()
    found = timing.timing_for(plan, prospect(), "dana")
    assert found.alarms(step(0, within="24h"), at) == (at + timedelta(hours=20), at + timedelta(hours=22))
    assert found.alarms(step(0, within="24h", remind="1h", escalate="2h"), at) == (
        at + timedelta(hours=1),
        at + timedelta(hours=2),
    )
    assert found.alarms(step(0), at) == (None, None)
