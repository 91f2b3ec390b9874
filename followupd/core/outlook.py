"""What is still to come for people under way: the dates of their steps if nobody answers, and how full each day gets.

Decides by the same functions that date touches when they happen: each touch is taken to happen when it is due, each task to be
done at once. Conditions (`when`) and content are not asked, so a step that will be left out is counted. Never moves anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followupd.core import guards
from followupd.core import timing as times
from followupd.core.lifecycle import TouchFact, settle
from followupd.core.model import Cadence, Caps, Enrollment, EnrollmentState, Prospect, Touch, TouchState, Usage

MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Coming:
    """One step that is still to come, and when."""

    step: str
    channel: str
    due: datetime
    position: int


def outlook(
    enrollment: Enrollment, open_touches: Iterable[Touch], cadence: Cadence, prospect: Prospect, now: datetime
) -> tuple[Coming, ...]:
    """The steps before somebody, in the order of their dates. Who waits for a human is taken to go on now, who is paused when
    the pause ends.
    """
    timing = times.timing_for(cadence, prospect, enrollment.mailbox)
    begins = max(now, enrollment.until or now) if enrollment.state == EnrollmentState.PAUSED else now
    awake = replace(enrollment, state=EnrollmentState.ACTIVE, until=None)
    waiting = [touch for touch in open_touches if touch.state in (TouchState.SCHEDULED, TouchState.OPEN)]
    found: list[Coming] = []
    last: datetime | None = None
    while waiting and len(found) < MOST_STEPS:
        touch = min(waiting, key=lambda one: (one.due, one.position))
        waiting.remove(touch)
        at = _happens(touch, timing, begins, last)
        found.append(Coming(touch.step, touch.channel, at, touch.position))
        last = at if touch.channel == "email" else last
        fact = TouchFact.DONE if touch.state == TouchState.OPEN else TouchFact.ACCEPTED
        sending = touch if fact == TouchFact.DONE else replace(touch, state=TouchState.SENDING)
        change = settle(sending, awake, cadence, prospect, fact, at, "")
        awake = next(iter(change.enrollments), awake)
        waiting += [one for one in change.touches if one.id != touch.id]
    return tuple(sorted(found, key=lambda one: (one.due, one.position)))


def _happens(touch: Touch, timing: times.Timing, begins: datetime, last: datetime | None) -> datetime:
    at = max(touch.due, begins)
    gap = timing.cadence.limits.gap
    if gap and last is not None and touch.channel == "email":
        at = max(at, timing.after(last, gap, "").at)
    return timing.next_open(at, touch.position).at if at > touch.due else at


# -- how full the days get -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that will be due, with what is needed to put it off."""

    due: datetime
    timing: times.Timing
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of one mailbox: mails due (put off ones included), how many may leave, and to which days the others slip."""

    day: date
    due: int
    cap: int
    slips: Mapping[date, int]


def forecast(mails: Iterable[Mail], caps: Caps, usage: Usage, zone: ZoneInfo, now: datetime, days: int) -> list[Day]:
    """The coming days of one mailbox in its own zone. The cap of a day is taken by the calendar day."""
    today = now.astimezone(zone).date()
    waiting: dict[date, list[Mail]] = {}
    for mail in mails:
        waiting.setdefault(max(today, mail.due.astimezone(zone).date()), []).append(mail)
    found: list[Day] = []
    for number in range(days):
        day = today + timedelta(days=number)
        due = sorted(waiting.pop(day, []), key=lambda mail: mail.due)
        cap = guards.day_cap(caps, usage, datetime.combine(day, time(23, 59), zone))
        free = max(0, cap - usage.last_day) if number == 0 else cap
        slips: Counter[date] = Counter()
        for mail in due[free:]:
            morning = datetime.combine(day + timedelta(days=1), time(0), zone)
            later = replace(mail, due=mail.timing.next_open(morning, mail.position).at)
            slipped = max(day + timedelta(days=1), later.due.astimezone(zone).date())
            waiting.setdefault(slipped, []).append(later)
            slips[slipped] += 1
        found.append(Day(day=day, due=len(due), cap=free, slips=slips))
    return found
