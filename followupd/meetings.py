"""Meetings with prospects: what a calendar mail of theirs changes, what the owner is asked on the evening after, and a no before one.

Decides when the owner is asked for the next step, and that a meeting ahead of a no is the owner's to confirm or to cancel. What a
meeting does to a cadence is `appointments.py`'s. Accepting an invitation is no yes to an offer (docs/decisions/0039): nobody's cadence ends
with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from followupd import appointments, desk
from followupd.core import learned, lifecycle, when
from followupd.core.meeting import Meeting, Saying
from followupd.core.model import (
    Change,
    Effect,
    Enrollment,
    Inbound,
    Letter,
    Match,
    Prospect,
    Reading,
    ReplyKind,
    Task,
)
from followupd.letters import Heeded, letter
from followupd.office import MEETING, NEVER, NEXT_STEP, Office, evening_after, meeting_at

KIND = "meetings"
"""The round that looks at them each evening."""

# -- a calendar mail -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a calendar mail says, and what it does in place of its kind's effect."""

    saying: Saying
    meeting: Meeting | None
    effect: Effect


def as_read(reading: Reading, words: Reading | None) -> Reading:
    """What a calendar mail means. Whoever accepts a meeting has answered, and not said yes to an offer; `words`: what is typed beside it.

    An opt-out wins, and a no is for a human to read: mail programs write "has declined" themselves.
    """
    if words is not None and words.kind == ReplyKind.UNSUBSCRIBE:
        return words
    if words is not None and words.kind == ReplyKind.NO:
        return replace(
            reading, kind=ReplyKind.UNCLEAR, guess=ReplyKind.NO, evidence=f"{reading.evidence}, and says: {words.evidence}"
        )
    return replace(reading, kind=ReplyKind.ENGAGED) if reading.kind == ReplyKind.YES else reading


def planned(office: Office, inbound: Inbound, reading: Reading, match: Match, now: datetime) -> Planned | None:
    """What a calendar mail of the prospect's own does; None: it is an answer like any other, and a human reads it."""
    if inbound.invitation is None or reading.kind != ReplyKind.ENGAGED or inbound.sender != match.prospect.address:
        return None
    saying, found = appointments.told(office, match.enrollment.mailbox, match.prospect.address, inbound.invitation, now)
    words = {
        (Saying.AHEAD, "REQUEST"): "They invite you to a meeting, answer it: {{ reply.quote }}",
        (Saying.AHEAD, "REPLY"): "",
        (Saying.OFF, "REPLY"): "They can't come to the meeting: {{ reply.quote }}",
        (Saying.OFF, "CANCEL"): "They have cancelled the meeting: {{ reply.quote }}",
        (Saying.STALE, inbound.invitation.method): "",
    }.get((saying, inbound.invitation.method))
    if words is None:
        return None
    return Planned(saying=saying, meeting=found, effect=Effect(move="continue", task=words or None))


def arranged(office: Office, plan: Planned, change: Change, match: Match, now: datetime, source: str) -> Change:
    """What the meeting does to the cadences of the person, as they are after the answer itself."""
    moved = {one.id: one for one in change.enrollments}
    return appointments.arranged(office, plan.saying, plan.meeting, [moved.get(one.id, one) for one in match.open], now, source)


# -- each evening --------------------------------------------------------------------------------


def next_evening(office: Office, mailbox: str, now: datetime) -> datetime:
    """The next evening after a meeting of somebody under way. Where nobody is to be met, intake and a no summon the round."""
    evenings = (evening_after(office, mailbox, prospect, now) for _, prospect in office.store.to_meet(mailbox))
    return min((one for one in evenings if one is not None and one > now), default=NEVER)


def look_over(office: Office, mailbox: str, now: datetime) -> Change:
    """Meetings that are over and have no next step, and those that lie ahead of a no."""
    change = Change()
    for task in office.store.tasks(mailbox):
        if task.kind == MEETING and task.deadline is not None:
            change += Change(letters=_pressing(office, task, now))
    for enrollment, prospect in office.store.to_meet(mailbox):
        evening = evening_after(office, mailbox, prospect, now)
        if evening is not None and evening <= now:
            change += _asked(office, enrollment, prospect, now)
    return change


def _asked(office: Office, enrollment: Enrollment, prospect: Prospect, now: datetime) -> Change:
    """The owner is asked for the next step after a meeting, once."""
    met = meeting_at(office, enrollment.mailbox, prospect)
    if met is None:
        return Change()
    name = lifecycle.made_id(NEXT_STEP, enrollment.address, f"{met:%FT%TZ}", length=6)
    if office.store.find(Task, name) is not None:
        return Change()
    zone = office.zone(enrollment.mailbox)
    person = prospect.called
    title = f"What is the next step with {person}?"
    text = (
        f"You met {person} ({prospect.address}) on {when.speak(met, zone)}. Write the next step that you agreed on in a few words; messages "
        "can then speak of it."
    )
    task = Task(
        id=name, owner=enrollment.mailbox, address=enrollment.address, kind=NEXT_STEP, title=title, text=text, created=now,
        enrollment=enrollment.id,
    )  # fmt: skip
    item = {"kind": NEXT_STEP, "id": name, "address": enrollment.address, "title": title}
    asks = f"1. {title}\n\n{text}\n\nAnswer this letter, for example:\n\n    1 a call with their team next week\n"
    return Change(tasks=(task,), letters=(letter(office, enrollment.mailbox, NEXT_STEP, title, asks, now, name, items=(item,)),))


def take(office: Office, letter: Letter, item: Mapping[str, str], words: str, now: datetime) -> Heeded:
    """What the owner answers is the next step."""
    task = office.store.find(Task, item["id"])
    if task is None or task.state != "open":
        return Heeded(said="nothing is changed: that has been settled already", understood=False)
    step = learned.plain(re.sub(r"^done\s*[,:.-]\s*", "", words, flags=re.IGNORECASE))
    if re.fullmatch(r"(?:skip|none|no|nothing)\W*", step, re.IGNORECASE):
        return Heeded(said="no next step is kept", change=desk.closing(office, task.id, done=False, by=letter.to))
    if re.fullmatch(r"(?:done|yes|ok|okay|\W*)\W*", step, re.IGNORECASE):
        return Heeded(said=f'what is the next step with {task.address}? Write it in a few words, or "none"', understood=False)
    change = desk.closing(office, task.id, done=True, by=letter.to, note=step)
    return Heeded(said=f'the next step with {task.address} is "{step}"', change=change)


def _pressing(office: Office, task: Task, now: datetime) -> tuple[Letter, ...]:
    """A letter where the meeting is today or tomorrow."""
    if task.owner not in office.config.mailboxes or task.deadline is None:
        return ()
    zone = office.zone(task.owner)
    if when.local_date(task.deadline, zone) > when.local_date(now, zone) + timedelta(days=1) or task.deadline <= now:
        return ()
    item = {"kind": "task", "id": task.id, "address": task.address, "title": task.title}
    text = f"1. {task.title}\n\n{task.text}\n\nOnce it is done, answer this letter:\n\n    1 done\n"
    return (letter(office, task.owner, MEETING, task.title, text, now, task.id, items=(item,)),)
