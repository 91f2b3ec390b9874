"""When do the steps of a cadence happen for one prospect?

Decides: which zone, window and holidays hold for a person and for whoever writes to them, and from them the date of each
step with the rule behind each part of it. Never reads a clock: the anchor is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from followupd.core import when
from followupd.core.model import Cadence, Enrollment, OwnCalendar, Prospect, Step

REMIND_AT, ESCALATE_AT = 5 / 6, 11 / 12
"""How much of a deadline is over when the owner is reminded, and when their manager is told (20 h and 22 h of 24 h)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The zone, window and holidays that hold for one prospect in one cadence."""

    cadence: Cadence
    zone: ZoneInfo
    zone_from: str
    calendar: when.Calendar

    def window(self, position: int) -> when.Window:
        """The cadence's window; a step's own `at` replaces its hours."""
        return _window(self.cadence.window, self.cadence.steps[position].at if position < len(self.cadence.steps) else None)

    def next_open(self, at: datetime, position: int) -> when.Due:
        """The first moment from `at` on at which this step may happen."""
        if self._open_for_tasks(position):
            return when.Due(at, ())
        return when.next_open(at, window=self.window(position), zone=self.zone, calendar=self.calendar)

    def after(self, anchor: datetime, delay: str, anchor_name: str) -> when.Due:
        """`delay` after `anchor`, whatever the window. Only business days know of holidays here."""
        length = _delay(delay)
        calendar = self.calendar if length.unit == when.Unit.BUSINESS_DAYS else when.NO_HOLIDAYS
        return when.due_at(anchor, length, anchor_name=anchor_name, window=when.ALWAYS, zone=self.zone, calendar=calendar)

    def due(self, step: Step, anchor: datetime, anchor_name: str) -> when.Due:
        """When a step is due, with the rule behind each part of the date."""
        window = when.ALWAYS if self._open_for_tasks(step.position) else self.window(step.position)
        calendar = self.calendar
        found = when.due_at(anchor, _delay(step.after), anchor_name=anchor_name, window=window, zone=self.zone, calendar=calendar)
        return when.Due(found.at, (*found.why, f"times are in {self.zone.key} ({self.zone_from})"))

    def deadline(self, step: Step, anchor: datetime) -> datetime | None:
        """The end of the step's `within`, where it has one."""
        return self.after(anchor, step.within, "").at if step.within else None

    def alarms(self, step: Step, anchor: datetime) -> tuple[datetime | None, datetime | None]:
        """When the owner is reminded of a step with a deadline, and when their manager is told: as written, else late in it."""
        end = self.deadline(step, anchor)
        if end is None:
            return None, None
        written = (self.after(anchor, each, "").at if each else None for each in (step.remind, step.escalate))
        remind, escalate = (
            at or anchor + timedelta(seconds=int((end - anchor).total_seconds() * share))
            for at, share in zip(written, (REMIND_AT, ESCALATE_AT), strict=True)
        )
        return remind, escalate

    def _open_for_tasks(self, position: int) -> bool:
        """A task is a rep's work: the prospect's window binds it only where the step says `at`."""
        if position >= len(self.cadence.steps):
            return True
        step = self.cadence.steps[position]
        return step.channel == "task" and step.at is None


def timing_for(cadence: Cadence, prospect: Prospect, mailbox: str) -> Timing:
    """Zone: the row's own, else the country's, else the cadence's. Holidays: the prospect's country, or as written; and those
    of the mailbox's owner, with their absences.
    """
    own = cadence.calendars.get(mailbox)
    return Timing(cadence, *_here(prospect.zone, prospect.country, cadence.timezone, cadence.holidays, own))


def zone_for(cadence: Cadence, prospect: Prospect) -> ZoneInfo:
    """The zone alone."""
    return _here(prospect.zone, prospect.country, cadence.timezone, (), None)[0]


@lru_cache(maxsize=1024)
def _here(
    own_zone: str | None, country: str | None, usual_zone: str, holidays: tuple[str, ...], own: OwnCalendar | None
) -> tuple[ZoneInfo, str, when.Calendar]:
    name, source = _zone_of(own_zone, country, usual_zone)
    return when.zone_named(name), source, _calendar(holidays, country, own)


def anchor_of(
    step: Step, enrollment: Enrollment, prospect: Prospect, previous: str, zone: ZoneInfo, delay: str = ""
) -> tuple[datetime, str]:
    """The moment that a step counts from, and its name for people. A date column holds an ISO instant, or a day (see intake).

    `delay` is the length that is counted (by itself the step's `after`). Days count from the day as it is written. Hours
    after a day without a time count from its end: "2h after the meeting" must not come before the meeting.
    """
    match step.since:
        case "previous":
            return enrollment.moved, previous
        case "enrolled":
            return enrollment.started, "the enrollment began"
        case column:
            return _moment(prospect.columns[column], column, zone, _delay(delay or step.after))
    raise AssertionError(step.since)


def first_due(timing: Timing, step: Step, enrollment: Enrollment, prospect: Prospect, previous: str, now: datetime) -> when.Due:
    """When a step is due, but never in the past: what should have happened already happens at the next opening."""
    anchor, name = anchor_of(step, enrollment, prospect, previous, timing.zone)
    found = timing.due(step, anchor, name)
    if found.at >= now:
        return found
    caught_up = timing.next_open(now, step.position)
    return when.Due(caught_up.at, (*found.why, "that is over, so it happens at the next opening", *caught_up.why))


_DAY_ALONE = 10  # characters: 2026-11-12


def _moment(text: str, column: str, zone: ZoneInfo, delay: when.Delay) -> tuple[datetime, str]:
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        return found.astimezone(UTC), column
    if len(text) == _DAY_ALONE and delay.unit in (when.Unit.SECONDS, when.Unit.MINUTES, when.Unit.HOURS):
        return when.start_of(found.date() + timedelta(days=1), zone), f"the end of {column}"
    return (when.start_of(found.date(), zone) if len(text) == _DAY_ALONE else found.replace(tzinfo=zone).astimezone(UTC)), column


def _zone_of(own: str | None, country: str | None, usual: str) -> tuple[str, str]:
    if own:
        return own, "the prospect's own zone"
    by_country = when.zone_of_country(country.partition("-")[0]) if country else None
    if by_country:
        return by_country, f"the zone of {country}"
    return usual, "the cadence's zone"


def _calendar(codes: tuple[str, ...], country: str | None, own: OwnCalendar | None) -> when.Calendar:
    """`holidays: none` means none at all, the owner's neither; whoever is away is away all the same."""
    if own is not None and not codes:
        own = replace(own, holidays=())
    if codes == ("prospect",):
        codes = (country,) if country else ()
    try:
        return when.calendar_for(codes, own)
    except ValueError:  # a country whose holidays nobody keeps: no holiday is better than no mail
        return when.calendar_for((), own)


@lru_cache(maxsize=1024)
def _delay(text: str) -> when.Delay:
    return when.parse_delay(text)


@lru_cache(maxsize=1024)
def _window(text: str, clause: str | None) -> when.Window:
    window = when.parse_window(text)
    if clause is None:
        return window
    # A step's `at` keeps the days of the window and replaces its hours: "before 08:00" would else never be open.
    hours = when.parse_clause(clause)
    return when.Window(days=tuple(at if day else () for at, day in zip(hours.days, window.days, strict=True)))
