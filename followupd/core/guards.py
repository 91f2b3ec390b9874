"""May this happen now? Two ordered tables of questions: ADMISSION for a row, SENDING for a touch.

Decides: the verdict, with its reason, on facts that were gathered before. Never looks anything up, never changes
anything. A new stop rule is one function and one line in its table; its position is when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from followupd.core import when
from followupd.core.model import (
    Cadence,
    Caps,
    Claim,
    EnrollmentState,
    Go,
    History,
    Outcome,
    Skip,
    Stop,
    Usage,
    Verdict,
    Wait,
)
from followupd.core.timing import Timing

REST_AFTER_NO = timedelta(days=30)
"""How long nobody may be enrolled anew who said no: long enough that it is a new conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What ADMISSION sees: who is to be enrolled where, and what we know of them."""

    address: str
    cadence: str
    history: History
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What SENDING sees: the claim and the time, nothing that can do anything."""

    claim: Claim
    cadence: Cadence
    timing: Timing
    now: datetime


def admit(entry: Entry) -> Go | Stop:
    """Whether a person may be enrolled; a `Stop` carries the reason for the receipt."""
    for question in ADMISSION:
        verdict = question(entry)
        if verdict is not None:
            return verdict
    return Go()


def clear_to_send(situation: Situation) -> Verdict:
    """Whether a claimed touch may happen now."""
    for question in SENDING:
        verdict = question(situation)
        if verdict is not None:
            return verdict
    return Go()


def room(usage: Usage, caps: Caps, now: datetime) -> tuple[int, datetime | None]:
    """How many mails a mailbox may start now, and, where that is none, when to ask again.

    Caps are sliding: a mail counts for exactly 60 seconds, 60 minutes and 24 hours after it left. With a gap between two
    mails, at most one may start at a time.
    """
    if usage.not_before and usage.not_before > now:
        return 0, usage.not_before
    spans = (
        (caps.per_minute, usage.last_minute, usage.oldest_minute, timedelta(minutes=1)),
        (caps.per_hour, usage.last_hour, usage.oldest_hour, timedelta(hours=1)),
        (day_cap(caps, usage, now), usage.last_day, usage.oldest_day, timedelta(days=1)),
    )
    free = min(cap - used for cap, used, _, _ in spans)
    if free <= 0:
        ends = [oldest + span for cap, used, oldest, span in spans if used >= cap and oldest]
        return 0, max(ends) if ends else now + timedelta(minutes=1)
    return (1 if caps.gap[1] > 0 else free), None


def day_cap(caps: Caps, usage: Usage, now: datetime) -> int:
    """The cap of today: a new mailbox starts small and grows by `ramp_add` each day (providers watch for jumps)."""
    if caps.ramp_start is None:
        return caps.per_day
    days = (now - usage.first_sent).days if usage.first_sent else 0
    return min(caps.per_day, caps.ramp_start + caps.ramp_add * days)


# -- ADMISSION -----------------------------------------------------------------------------------


def _suppressed(entry: Entry) -> Stop | None:
    found = entry.history.suppressed
    if not found:
        return None
    return Stop(Outcome.OPTED_OUT, f"suppressed since {found.at:%d %b %Y} ({found.reason}); nobody may write there")


def _opted_out(entry: Entry) -> Stop | None:
    for enrollment in entry.history.enrollments:
        if enrollment.outcome == Outcome.OPTED_OUT:
            return Stop(Outcome.OPTED_OUT, f"opted out on {enrollment.finished:%d %b %Y}")
    return None


def _already_enrolled(entry: Entry) -> Stop | None:
    for enrollment in entry.history.enrollments:
        if enrollment.cadence == entry.cadence:
            state = "is in" if enrollment.state != EnrollmentState.FINISHED else "has been through"
            return Stop(Outcome.STOPPED, f"duplicate: {state} cadence {entry.cadence} since {enrollment.started:%d %b %Y}")
    return None


def _under_way(entry: Entry) -> Stop | None:
    for enrollment in entry.history.enrollments:
        if enrollment.state != EnrollmentState.FINISHED:
            return Stop(Outcome.STOPPED, f"is under way in cadence {enrollment.cadence}; stop that first")
    return None


def _said_no(entry: Entry) -> Stop | None:
    for enrollment in entry.history.enrollments:
        rests_until = (enrollment.finished or entry.now) + REST_AFTER_NO
        if enrollment.outcome == Outcome.NO and rests_until > entry.now:
            return Stop(Outcome.NO, f"said no on {enrollment.finished:%d %b %Y}; let it rest until {rests_until:%d %b %Y}")
    return None


ADMISSION: tuple[Callable[[Entry], Stop | None], ...] = (_suppressed, _opted_out, _already_enrolled, _under_way, _said_no)


# -- SENDING -------------------------------------------------------------------------------------


def _finished(situation: Situation) -> Verdict | None:
    enrollment = situation.claim.enrollment
    if enrollment.state == EnrollmentState.ACTIVE:
        return None
    return Wait(situation.now, f"the enrollment is {enrollment.state}")


def _deadline_over(situation: Situation) -> Verdict | None:
    deadline = situation.claim.touch.deadline
    if deadline and deadline <= situation.now:
        return Skip(f"its deadline was {when.speak(deadline, situation.timing.zone)}")
    return None


def _touches_used_up(situation: Situation) -> Verdict | None:
    allowed = situation.cadence.limits.touches
    if allowed is not None and situation.claim.sent_in_cadence >= allowed:
        return Stop(Outcome.SILENT, f"the cadence allows {allowed} touches, and none was answered")
    return None


def _days_used_up(situation: Situation) -> Verdict | None:
    allowed = situation.cadence.limits.days
    if allowed is not None and situation.now > situation.claim.enrollment.started + timedelta(days=allowed):
        return Stop(Outcome.SILENT, f"the cadence allows {allowed} days, and nothing was answered")
    return None


def _too_soon(situation: Situation) -> Verdict | None:
    gap, previous = situation.cadence.limits.gap, situation.claim.previous_sent
    if situation.claim.touch.channel == "task" or not gap or not previous:
        return None
    # Business days keep the hour of the day: a gap must not push the mail past today's window by seconds.
    due = situation.timing.after(previous, gap, "the last mail to this person")
    return Wait(due.at, f"at least {gap} between two mails to one person") if due.at > situation.now else None


def _outside_window(situation: Situation) -> Verdict | None:
    # Windows begin and end on whole minutes, and instants are whole seconds: the fraction of this second decides nothing.
    second = situation.now.replace(microsecond=0)
    opens = situation.timing.next_open(second, situation.claim.touch.position)
    return Wait(opens.at, "; ".join(opens.why)) if opens.at > second else None


SENDING: tuple[Callable[[Situation], Verdict | None], ...] = (
    _finished,
    _deadline_over,
    _touches_used_up,
    _days_used_up,
    _too_soon,
    _outside_window,
)
