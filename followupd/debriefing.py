"""The debrief: after a no to the offer the owner is asked five questions, in one letter that goes with the task of the cadence.

Decides which no is asked about and what the letter tells of it. The letter belongs to the task `debrief`: it is written when the task is
handed over, and the task closes by itself when all five questions are answered. A task that is done by hand stops nothing: the
letter can be answered all the same. Never writes to a prospect; asks about no opt-out and about no silence (docs/decisions/0037).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd import desk, letters
from followupd.core import debrief
from followupd.core.lifecycle import NotNow, made_id
from followupd.core.model import NURTURE, Change, Enrollment, Event, Fact, Letter, Outcome, Prospect, Reply, Task, TouchState
from followupd.core.when import speak
from followupd.letters import Heeded
from followupd.office import Office

KIND = "debrief"
"""The task, and the letter that goes with it."""

QUESTION = "question"
"""The kind of the items of its letter."""

LAST_TOUCHES = 12
"""So many of them are told."""


# -- asking --------------------------------------------------------------------------------------


def asked(office: Office, handed: Change, now: datetime) -> Change:
    """The letter that goes with a debrief task which is handed over; nothing for every other task."""
    change = Change()
    for task in handed.tasks:
        if not is_debrief(task):
            continue
        enrollment = office.store.find(Enrollment, task.enrollment)
        no = office.store.find(Enrollment, enrollment.parent) if enrollment and enrollment.parent else None
        if no is not None and no.outcome == Outcome.NO and task.owner in office.config.mailboxes:
            change += Change(letters=(_letter(office, task, no, now),))
    return change


def is_debrief(task: Task) -> bool:
    """Whether a task is the debrief of a cadence, by the name of its note."""
    return bool(task.touch) and (task.kind == KIND or task.kind.startswith(f"{KIND}-"))


def _letter(office: Office, task: Task, no: Enrollment, now: datetime) -> Letter:
    prospect, _ = desk.person(office, no.address)
    whom = _whom(prospect)
    items = [
        {
            "kind": QUESTION,
            "id": question.name,
            "address": no.address,
            "title": question.text,
            "task": task.id,
            "enrollment": no.id,
        }
        for question in debrief.QUESTIONS
    ]
    text = "\n".join(
        [
            *_told(office, no, prospect, task, whom),
            "",
            *(f"{number}. {one['title']}" for number, one in enumerate(items, 1)),
            "",
            *_how(task, no),
        ]
    )
    return letters.letter(office, task.owner, KIND, f"Five questions about the no from {whom}", text, now, task.id, items=items)


def _whom(prospect: Prospect) -> str:
    company = prospect.columns.get("company", "")
    return f"{prospect.called}{f' ({company})' if company else ''}"


def _told(office: Office, no: Enrollment, prospect: Prospect, task: Task, whom: str) -> list[str]:
    """What we know: their words, the reason in them, and what they had from us."""
    mailbox = office.mailbox(task.owner)
    zone = ZoneInfo(mailbox.zone if mailbox else "UTC")
    ended = f" on {speak(no.finished, zone)}" if no.finished else ""
    lines = [f"{whom}, {prospect.address}, said no{ended}, in {no.cadence}."]
    reply = _last_word(office, no)
    if reply is not None and reply.text.strip():
        said = " ".join(reply.text.split())
        lines += ["", "Their words:", f"  {said[:600]}{' ...' if len(said) > 600 else ''}"]
    if reply is not None and reply.reason:
        lines += [f"The reason that they give: {reply.reason.value.replace('_', ' ')}"]
    touched = [one for one in office.store.touches(no.id) if one.settled and one.state == TouchState.SENT]
    if touched:
        lines += ["", "What they had from us before:"]
        recent = sorted(touched, key=lambda one: one.settled or no.started)[-LAST_TOUCHES:]
        lines += [f"  {speak(one.settled, zone)}: {one.step} ({one.channel})" for one in recent if one.settled]
    return lines


def _last_word(office: Office, no: Enrollment) -> Reply | None:
    """The answer that ended it."""
    known = [
        event.data.get("reply")
        for event in office.store.timeline(no.address)
        if event.kind == "reply" and event.enrollment == no.id
    ]
    return office.store.find(Reply, str(known[-1])) if known else None


def _how(task: Task, no: Enrollment) -> list[str]:
    return [
        "Answer this mail, a line for each number, in your own words and your own language. Such as:",
        "",
        "1 yes",
        "2 pitched too early",
        "5 open, their budget comes in April",
        "",
        f"With all five the task {task.id} is done. Or from the command line: followupd debrief {no.address} --help",
    ]


# -- the answers ---------------------------------------------------------------------------------


def take(office: Office, letter: Letter, item: Mapping[str, str], words: str, now: datetime) -> Heeded:
    """What stands behind the number of a question is its answer, whatever it says."""
    number = next((at for at, one in enumerate(letter.items, 1) if dict(one) == dict(item)), 0)
    if not words.strip():
        return Heeded(said=f"{number}: there is nothing behind the number; {item['title']}", understood=False)
    change = _kept(
        office, item["address"], item["enrollment"], {item["id"]: words}, now, source=f"letter {letter.id}", by=letter.mailbox
    )
    told = f"{number}: noted about {item['address']}, {_short(item['id'])}: {change.facts[0].value}"
    for task in _answered(office, item["address"], item["enrollment"], change):
        change += desk.closing(office, task.id, done=True, by=letter.mailbox)
        told += f". That was the last one: task {task.id} is done"
    return Heeded(said=told, change=change)


def note(office: Office, address: str, answers: Mapping[str, str], by: str) -> desk.Done:
    """The same from the command line, about the last no of a person. Raises Unknown, and NotNow where there was no no."""
    now = office.clock.now()
    no = last_no(office, address)

    change = _kept(office, address, no.id, answers, now, source="followupd debrief", by=by)
    office.store.apply_one(change)
    lines = [f"{address}: noted {_short(fact.name)}: {fact.value}" for fact in change.facts]
    for task in _answered(office, address, no.id, change):
        lines += desk.close_task(office, task.id, done=True, by=by).lines
    return desk.Done(lines=tuple(lines))


def last_no(office: Office, address: str) -> Enrollment:
    """The enrollment with a person's last no to the offer. Raises Unknown, and NotNow where there is none."""
    _, enrollments = desk.person(office, address)
    ended = [one for one in enrollments if one.outcome == Outcome.NO and one.finished and not _keeps_warm(office, one)]
    if not ended:
        raise NotNow(f"{address} has not said no to anything; followupd show {address} shows what was said")
    return max(ended, key=lambda one: one.finished or one.started)


def _keeps_warm(office: Office, enrollment: Enrollment) -> bool:
    """Whether a no there was to nurture, or to thanks, and not to the offer."""
    try:
        return office.cadence(enrollment.digest).role == NURTURE
    except LookupError:
        return False


def _kept(
    office: Office, address: str, enrollment: str, answers: Mapping[str, str], now: datetime, *, source: str, by: str
) -> Change:
    change = Change()
    for name, words in answers.items():
        said = " ".join(words.split())[: debrief.LONGEST]
        fact = Fact(
            id=made_id("debrief", enrollment, name, source, by, now.isoformat()), address=address, name=name, value=said, at=now,
            about=debrief.ABOUT, source=source, by=by, enrollment=enrollment,
        )  # fmt: skip
        text = f"debrief, {_short(name)}: {said} (by {by})"
        event = Event(at=now, kind="debrief", text=text[:600], address=address, enrollment=enrollment, data={"name": name})
        change += Change(facts=(fact,), events=(event,))
    return change


def _answered(office: Office, address: str, enrollment: str, change: Change) -> list[Task]:
    """The open tasks that are done now: all five questions about this no have an answer."""
    answered = {*debrief.answers(office.store.facts(address), enrollment), *(fact.name for fact in change.facts)}
    if not answered >= set(debrief.NAMES):
        return []
    return [one for one in office.store.tasks() if one.address == address and is_debrief(one)]


def _short(name: str) -> str:
    return next((question.short for question in debrief.QUESTIONS if question.name == name), name)


# -- looking back --------------------------------------------------------------------------------


def history(office: Office, address: str) -> list[tuple[Enrollment, Mapping[str, Fact]]]:
    """Each no of a person with what was answered about it, latest first."""
    _, enrollments = desk.person(office, address)
    facts = office.store.facts(address)
    found = [(one, debrief.answers(facts, one.id)) for one in enrollments if one.outcome == Outcome.NO]
    return [(one, said) for one, said in found if said or not _keeps_warm(office, one)]


def since(office: Office, begin: datetime | None, end: datetime | None = None) -> tuple[int, tuple[debrief.Row, ...]]:
    """The table over all debriefs whose answers fall between two moments."""
    found = [one for one in office.store.facts() if (begin is None or one.at >= begin) and (end is None or one.at < end)]
    return debrief.table(found)
