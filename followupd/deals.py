"""Dead deals: a cadence that has taught nothing for so many touches proposes to end, and its owner is asked for one reason to go on.

Decides how the owner is asked, what their words mean, and that no answer is an answer: the cadence then ends in silence. When it is time
to ask is a rule of sending (`guards.py`); whoever answers, or learns something meanwhile, lets it go on (`office.going_on`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from followupd import desk
from followupd.core import learned, lifecycle, when
from followupd.core.model import Change, Enrollment, EnrollmentState, Letter, Task, Touch
from followupd.letters import Heeded, letter
from followupd.office import REASON, Office

__all__ = ["REASON", "propose", "take", "unanswered"]

PATIENCE = "3bd"
"""For so long the owner is waited for, by the owner's own calendar."""

NO_REASON = re.compile(
    r"(?:no|none|nope|no reason|there is none|end|end it|stop|stop it|let it go|let it rest|let (?:him|her|them) go|close|close it|drop|drop it|skip|nein|keine[rn]?|ende|beenden|aufhören|schluss"
    r"|non|aucune|fin|arrête[rz]?|no hay|ninguna|terminar|nessuna|fine|basta|nee|geen|stoppen|einde)",
    re.IGNORECASE,
)
"""Words of an owner who lets it go."""

DONE = re.compile(r"^done\s*[,:.-]\s*", re.IGNORECASE)

BARE_YES = re.compile(
    r"(?:done|yes|yep|ok|okay|sure|go on|go|continue|keep going|weiter|ja|oui|sí|si|sì|continuer|seguir|verder|please do)",
    re.IGNORECASE,
)
"""Words that go on without a reason; the reason is what is asked for."""


def propose(office: Office, touch: Touch, enrollment: Enrollment, reason: str, now: datetime) -> Change:
    """The touch that would come next waits, the enrollment is held, and its owner is asked: a task, and a letter."""
    given_back = lifecycle.postpone(touch, enrollment, now, reason)
    if not given_back.touches or enrollment.state == EnrollmentState.FINISHED:
        return given_back
    until = _patience(office, enrollment.mailbox, now)
    task = Task(
        id=lifecycle.made_id(REASON, touch.id, str(enrollment.version), length=6), owner=enrollment.mailbox, address=enrollment.address, kind=REASON,
        title=f"Is there a reason to go on with {enrollment.address}?", text=_asking(office, enrollment, reason, until), created=now,
        enrollment=enrollment.id, deadline=until, remind=until,
    )  # fmt: skip
    change = given_back + lifecycle.hold(enrollment, reason, now) + Change(tasks=(task,))
    return change + Change(letters=_letters(office, task, now))


def _patience(office: Office, mailbox: str, now: datetime) -> datetime:
    calendar = when.calendar_for((), office.config.calendars().get(mailbox))
    return when.due_at(
        now,
        when.parse_delay(PATIENCE),
        anchor_name="the question",
        window=when.ALWAYS,
        zone=office.zone(mailbox),
        calendar=calendar,
    ).at


def _asking(office: Office, enrollment: Enrollment, reason: str, until: datetime) -> str:
    _, prospect, _ = office.store.with_touches(enrollment)
    return (
        f"{prospect.called} ({prospect.address}) has not answered, and {reason}. The cadence {enrollment.cadence} proposes to end here.\n\n"
        'Give one reason to go on, in your own words, and it goes on where it stands; the count begins anew. Write "end", and it ends. '
        f"Without an answer by {when.speak(until, office.zone(enrollment.mailbox))} it ends by itself, as nobody answered."
    )


def _letters(office: Office, task: Task, now: datetime) -> tuple[Letter, ...]:
    if task.owner not in office.config.mailboxes:
        return ()
    item = {"kind": REASON, "id": task.id, "address": task.address, "title": task.title}
    text = f"1. {task.title}\n\n{task.text}\n\nAnswer this letter, for example:\n\n    1 their budget is decided in March\n    1 end\n"
    return (letter(office, task.owner, REASON, task.title, text, now, task.id, items=(item,)),)


def take(office: Office, letter: Letter, item: Mapping[str, str], words: str, now: datetime) -> Heeded:
    """What the owner answers: any reason goes on, "end" ends it, and a bare yes is asked for its reason."""
    task = office.store.find(Task, item["id"])
    said = re.sub(r"[\s.!,]+$", "", DONE.sub("", learned.plain(words)))
    if task is None or task.state != "open":
        return Heeded(said="nothing is changed: that has been settled already", understood=False)
    if not said or BARE_YES.fullmatch(said):
        return Heeded(
            said=f'which reason is there to go on with {task.address}? Write it in a few words, or "end"', understood=False
        )
    ends = NO_REASON.fullmatch(said) is not None
    change = desk.reasoned(office, task, "" if ends else said, now, by=letter.to, source=f"letter {letter.id}")
    moved = next(iter(change.enrollments), None)
    if moved is None:
        return Heeded(said=f"{task.address} had moved on meanwhile; nothing is changed", change=change)
    return Heeded(said=f"{task.address}: {'it ends' if ends else f'it goes on, because: {said}'}", change=change)


def unanswered(office: Office, tasks: Iterable[Task], now: datetime) -> Change:
    """Nobody has given a reason in time: these cadences end in silence."""
    change = Change()
    for task in tasks:
        change += desk.reasoned(office, replace(task, remind=None), "", now, by=task.owner, why="no reason to go on was given")
    return change
