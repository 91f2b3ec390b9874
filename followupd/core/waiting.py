"""Nobody who wrote to us is dropped: who waits for a word from us, when the owner is reminded, and when the manager is told.

Decides which answers want a human's, and the moments, counted in the owner's working hours; and the words of the letters. Never reads a
clock. What a machine wrote waits for nothing, and an opt-out wants silence: nobody is ever reminded of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd.core import when
from followupd.core.answers import AUTOMATIC
from followupd.core.lines import INDENT, kept, one_line, ours, quoted, titled
from followupd.core.model import Prospect, Reply, ReplyKind, Task

KINDS = frozenset({"answer", "call", "decide", "read", "apologize"})
"""Kinds of tasks that come from somebody's answer."""

WORDS = frozenset({"answer", "call", "decide"})
"""Those of them behind which somebody waits for a word."""

SETTLED_BY_HAND = KINDS - {"decide"}
"""Those of them that are done once the rep has written by hand. What an answer means is still to be said then."""

ONE_MESSAGE = timedelta(hours=1)
"""Two mails of one person within this time are one message: what was forgotten, and the attachment."""

# -- who waits -----------------------------------------------------------------------------------

LONG = 40
"""Words. Whoever took the time to write more than this wrote to a person."""

PERSONAL = re.compile(
    r"\b(?:personally|my (?:wife|husband|partner|son|daughter|child(?:ren)?|mother|father|parents?|family|health)|passed away|funeral"
    r"|(?:am|was|been|fell|seriously) (?:ill|sick)|illness|hospital|surgery|cancer|(?:mat|pat)ernity|retir(?:e|ed|ing|ement)"
    r"|(?:lost|losing|leaving) my job|laid off|my last day|(?:enjoyed|loved|appreciated?) (?:our|talking|meeting|speaking|your|the|how)"
    r"|pleasure (?:to|meeting|talking|speaking)|(?:hard|difficult) decision|heartfelt|from the bottom of my heart"
    r"|persönlich|meine (?:frau|mutter|familie|tochter|eltern)|mein (?:mann|vater|sohn)|verstorben|gestorben|beerdigung|krank(?:heit|enhaus)?"
    r"|elternzeit|(?:in|im) (?:rente|ruhestand)|(?:nettes?|gutes?|angenehmes?|schönes?|tolles?) gespräch|schweren herzens|sehr gefreut"
    r"|personnellement|ma (?:femme|mère|famille|fille)|mon (?:mari|père|fils)|décès|décédée?|obsèques|malad(?:e|ie)|hôpital|à la retraite"
    r"|j'ai (?:beaucoup )?(?:aimé|apprécié)|ravie? de)\b",
    re.IGNORECASE,
)
"""Signs that somebody wrote to a person, in the languages in which most of our reps are written to; others show by their length."""


def by_hand(reply: Reply) -> str:
    """Why a no wants more than the automatic thanks: an answer by hand. Nothing where it does not."""
    if reply.kind != ReplyKind.NO or not reply.folder:
        return ""
    if len(reply.text.split()) > LONG:
        return "they took the time to explain"
    if PERSONAL.search(reply.text):
        return "it is personal"
    return "it asks something" if "?" in reply.text else ""


def waits(reply: Reply) -> bool:
    """Whether somebody waits for a human's word. A no that says no more than no is at peace; what the rep has said of them is no mail."""
    if reply.kind in AUTOMATIC or reply.kind == ReplyKind.UNSUBSCRIBE or not reply.folder:
        return False
    return reply.kind != ReplyKind.NO or bool(by_hand(reply))


# -- until when ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long somebody may wait, in working time, and what the owner's working time is."""

    remind: timedelta
    escalate: timedelta
    hours: when.Window
    zone: ZoneInfo
    calendar: when.Calendar  # the owner's, absences included
    superior: str = ""


def alarms(since: datetime, patience: Patience) -> tuple[datetime | None, datetime]:
    """When the owner is reminded of somebody who waits since then, and when the manager is told (docs/decisions/0041).

    An absence stops no clock, for the prospect waits all the same: whoever is away when the mail comes is not reminded, the manager is told
    at once; whoever is away when they would be reminded neither, and the manager is told then. Without a manager they are reminded once
    they are back.
    """
    own = patience.calendar.own
    always_there = when.calendar_for(patience.calendar.codes, replace(own, absences=()) if own else None)
    clock = {"window": patience.hours, "zone": patience.zone}
    remind = when.worked(since, patience.remind, calendar=always_there, **clock)  # type: ignore[arg-type]
    escalate = when.worked(since, patience.escalate, calendar=always_there, **clock)  # type: ignore[arg-type]
    for moment in (since, remind):
        if patience.calendar.absence(when.local_date(moment, patience.zone)):
            if patience.superior:
                return None, moment
            return when.worked(since, patience.remind, calendar=patience.calendar, **clock), escalate  # type: ignore[arg-type]
    return remind, escalate


def expected(task: Task, reply: Reply, since: datetime, before: Sequence[tuple[Task, Reply]], patience: Patience) -> Task:
    """The task with its alarms. `before` are the open ones that come from the same person's answers.

    A second mail within the hour goes with the first. A later one, while an earlier one has had no answer, is the manager's at once.
    """
    beside = next((one for one, other in before if _is_one_message(other, reply) and (one.remind or one.escalate)), None)
    if beside is not None:
        return replace(task, remind=beside.remind, escalate=beside.escalate)
    remind, escalate = alarms(since, patience)
    return replace(task, remind=remind, escalate=since if unanswered(before, reply) else escalate)


def unanswered(before: Sequence[tuple[Task, Reply]], reply: Reply) -> bool:
    """Whether an earlier message of the same person still waits. What was only to be read, or apologised for, is no such message."""
    return any(
        task.kind in WORDS and other.id != reply.id and other.received < reply.received - ONE_MESSAGE for task, other in before
    )


def _is_one_message(other: Reply, reply: Reply) -> bool:
    return other.id != reply.id and abs(other.received - reply.received) <= ONE_MESSAGE


# -- in words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A task of which somebody is told now, with what is known beside it."""

    task: Task
    reply: Reply | None = None
    prospect: Prospect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A letter in words; `items` are what its numbers stand for."""

    subject: str
    text: str
    items: tuple[Mapping[str, str], ...] = ()


def reminder(name: str, dues: Sequence[Due], zone: ZoneInfo) -> Told:
    """What the owner is reminded of, all in one letter."""
    lines = ours(f"Hello {one_line(name, 30)}. Times are those of {zone.key}.", "")
    items = []
    for number, due in enumerate(dues, 1):
        title = titled(f"{number}. ", due.task.title or due.task.kind)
        items.append({"kind": "task", "id": due.task.id, "address": due.task.address, "title": title.partition(". ")[2]})
        lines += ["", title, *_about(due, zone)]
    if any(due.reply for due in dues):
        lines += [
            "",
            *ours(
                "Write to them from your own mailbox: that is seen there, and ends it. What needs no answer you may drop here.",
                "",
            ),
        ]
    lines += ["", "Answer this mail, a line for each number, such as:", "", f"{INDENT}1 done", f"{INDENT}1 drop"]
    return Told(subject=_subject(dues, "waits for your answer"), text="\n".join(lines) + "\n", items=tuple(items))


def escalation(owner: str, dues: Sequence[Due], zone: ZoneInfo, away: str) -> Told:
    """What the manager is told that the owner has left lying. There are no numbers in it: it is the owner's to answer."""
    who = one_line(owner, 40)
    lines = ours(f"{who} has not done what follows. Times are those of {zone.key}.", "")
    lines += ["", *ours(away, "")] if away else []
    for due in dues:
        lines += ["", titled("* ", due.task.title or due.task.kind), *_about(due, zone)]
    lines += ["", *ours(f"An answer to this mail goes to {who}. Nobody writes to you about this again.", "")]
    return Told(subject=_subject(dues, f"waits for an answer from {who}"), text="\n".join(lines) + "\n")


def _about(due: Due, zone: ZoneInfo) -> list[str]:
    task, reply = due.task, due.reply
    name = due.prospect.display_name if due.prospect else ""
    company = due.prospect.columns.get("company", "") if due.prospect else ""
    lines = [titled(f"{INDENT}about ", ", ".join(part for part in (name, company, task.address) if part))] if task.address else []
    if reply is not None:
        lines += [
            titled(f"{INDENT}waits since {_time(reply.received, zone)}; wrote from ", reply.address),
            *quoted(reply.text or reply.subject, 1200),
        ]
        return lines
    lines += ours(
        f"by {_time(task.deadline, zone)}; yours since {_time(task.created, zone)}"
        if task.deadline
        else f"since {_time(task.created, zone)}"
    )
    return lines + kept(task.text)


def _subject(dues: Sequence[Due], waits_for: str) -> str:
    first, people = dues[0], len({due.task.address for due in dues})
    if not all(due.reply for due in dues):
        return f"Not done yet: {one_line(first.task.title, 60)}" if len(dues) == 1 else f"{len(dues)} things wait"
    if people == 1:
        name = one_line((first.prospect.display_name if first.prospect else "") or first.task.address, 40)
        return f"{name} {waits_for}"
    return f"{people} people wait for an answer"


def _time(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
