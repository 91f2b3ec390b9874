"""The morning letter of each owner: gathered here, composed in `core/digest.py`.

Decides from when on answers are news, and what stands in the way of more than one person. Never sends: the letter is written together with
the date of the next one, so that each morning has one, and a morning that nobody was there for is made up for on the same day or not at all.
A morning with nothing to say has none: a letter that says nothing teaches people not to read the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd import log
from followupd.core import when
from followupd.core.answers import AUTOMATIC
from followupd.core.digest import MOST, MOST_LEAVING, Answered, Duty, Leaving, Morning, Written, compose, morning_of, next_morning
from followupd.core.model import Change, Enrollment, Reply, Task, Touch
from followupd.letters import letter
from followupd.office import Office

KIND = "digest"

FIRST = timedelta(days=7)
"""How far back the very first digest looks for answers."""

LAST = timedelta(days=60)
"""An earlier digest is looked for so far back: its owner may have been away for long."""

FAULTS = 3
"""So many mistakes in the files are named."""


# -- when ----------------------------------------------------------------------------------------


def next_digest(office: Office, mailbox: str, now: datetime) -> datetime | None:
    """When the next one is due; None where nobody wants any."""
    wanted = office.config.digest
    if wanted is None:
        return None
    zone, calendar = _clock(office, mailbox)
    return next_morning(now, wanted.at, wanted.days, zone, calendar)


def this_morning(office: Office, mailbox: str, now: datetime) -> datetime | None:
    """When the digest of today was due; None where today has none, or none yet."""
    wanted = office.config.digest
    if wanted is None:
        return None
    zone, calendar = _clock(office, mailbox)
    moment = morning_of(when.local_date(now, zone), wanted.at, wanted.days, zone, calendar)
    return moment if moment is not None and moment <= now else None


def _clock(office: Office, mailbox: str) -> tuple[ZoneInfo, when.Calendar]:
    """The owner's zone, and their days off."""
    return office.zone(mailbox), when.calendar_for((), office.config.calendars()[mailbox])


# -- the letter ----------------------------------------------------------------------------------


def morning_round(office: Office, mailbox: str, now: datetime) -> Change:
    """The digest of this morning, where there is one and it has something to say."""
    if this_morning(office, mailbox, now) is None:
        return Change()
    _lay_out(office, mailbox)
    zone, _ = _clock(office, mailbox)
    return letter_of(office, mailbox, digest_of(office, mailbox, now), now, when.local_date(now, zone).isoformat())


def _lay_out(office: Office, mailbox: str) -> None:
    """The tasks of this morning as a file. Without it the letter is as good; a full disk must stop nobody's mail."""
    if not _tasks(office, mailbox) and not _sheet(office, mailbox):
        return
    from followupd import tasksheet

    try:
        office.propose(mailbox, tasksheet.NAME, tasksheet.tasks_sheet(office, mailbox).encode())
    except OSError as problem:
        log.trouble("draft-not-written", mailbox=mailbox, file=tasksheet.NAME, reason=problem.strerror or str(problem))


def _sheet(office: Office, mailbox: str) -> str:
    """Where that file lies; nothing where there is none."""
    from followupd import tasksheet

    path = office.drafts(mailbox) / tasksheet.NAME
    return (
        str(path.relative_to(office.workspace.base) if path.is_relative_to(office.workspace.base) else path)
        if path.is_file()
        else ""
    )


def letter_of(office: Office, mailbox: str, found: Written | None, now: datetime, about: str) -> Change:
    """The digest as a letter to the owner; an empty change where there is none."""
    if found is None:
        return Change()
    return Change(letters=(letter(office, mailbox, KIND, found.subject, found.text, now, about, items=found.items),))


def digest_of(office: Office, mailbox: str, now: datetime) -> Written | None:
    """What the digest would say now."""
    return compose(gather(office, mailbox, now))


def gather(office: Office, mailbox: str, now: datetime) -> Morning:
    """Everything that the letter of this mailbox is made of."""
    store, zone = office.store, office.zone(mailbox)
    tasks = [task for task in _tasks(office, mailbox) if task.kind != "alarm"]  # those are told by their alarms
    doubts = tuple(reply for reply in store.reviews()[0] if _whose(office, reply) == mailbox)
    sends = tuple(pair for pair in store.doubtful() if pair[0].mailbox == mailbox)
    tomorrow = when.start_of(when.local_date(now, zone) + timedelta(days=1), zone)
    counts, first = store.leaving(mailbox, tomorrow, MOST_LEAVING)
    still = store.standing_still(mailbox)
    answers = _answers(office, mailbox, now, {reply.id for reply in doubts})
    about = (
        {task.address for task in tasks} | {reply.address for reply in doubts} | {touch.address for touch, _ in (*sends, *first)}
    )
    about |= {one.address for one in still} | {each.address for one in answers for each in one.enrollments[:1]}
    life = store.last_words([task.address for task in tasks])
    part = office.mailbox(mailbox)
    return Morning(
        owner=part.display_name.partition(" ")[0] if part else "", zone=zone, now=now, people=store.people(sorted(about)), answers=answers,
        duties=_duties(office, tasks, life), doubts=doubts, sends=sends,
        leaving=Leaving(counts=counts, first=first), still=still, obstacles=tuple(_obstacles(office, mailbox)),
        sheet=_sheet(office, mailbox) if tasks else "",
    )  # fmt: skip


def _whose(office: Office, reply: Reply) -> str:
    """The mailbox whose owner decides about an answer: that of today's enrollment, wherever the mail was read."""
    enrollment = office.store.find(Enrollment, reply.enrollment) if reply.enrollment else None
    return enrollment.mailbox if enrollment else reply.mailbox


def _since(office: Office, mailbox: str, now: datetime) -> datetime:
    """When the last digest was written."""
    before = office.store.letters_of(mailbox, KIND, now - LAST)
    return before[-1].created if before else now - FIRST


def _tasks(office: Office, mailbox: str) -> tuple[Task, ...]:
    """What waits for the owner; as a manager they go by their address."""
    return office.store.tasks(mailbox) + office.store.tasks(office.config.mailboxes[mailbox].address)


def _answers(office: Office, mailbox: str, now: datetime, doubts: Collection[str]) -> tuple[Answered, ...]:
    """What came since the last digest; what became of it only for those that find room in the letter."""
    found = office.store.answers_since(mailbox, _since(office, mailbox, now))
    news = [
        one for one in found if one.folder and one.id not in doubts
    ]  # what the rep has said of somebody is no mail: it lies nowhere
    told = {
        one.id for automatic in (True, False) for one in [each for each in news if (each.kind in AUTOMATIC) == automatic][:MOST]
    }
    return tuple(_answered(office, one) if one.id in told else Answered(reply=one) for one in news)


def _answered(office: Office, reply: Reply) -> Answered:
    enrollment = office.store.find(Enrollment, reply.enrollment) if reply.enrollment else None
    return Answered(reply=reply, enrollments=office.store.person(enrollment.address)[1] if enrollment else ())


def _duties(office: Office, tasks: Sequence[Task], life: Mapping[str, datetime]) -> tuple[Duty, ...]:
    replies = office.store.find_all(Reply, [task.reply for task in tasks])
    touches = office.store.find_all(Touch, [task.touch for task in tasks])
    enrollments = office.store.find_all(Enrollment, [touch.enrollment for touch in touches.values()])
    return tuple(
        Duty(
            task=task, reply=replies.get(task.reply), life=life.get(task.address),
            learn=_to_learn(office, touches[task.touch], enrollments) if task.touch in touches else "",
        )
        for task in tasks
    )  # fmt: skip


def _to_learn(office: Office, touch: Touch, enrollments: Mapping[str, Enrollment]) -> str:
    """What the step wants to be learned, in the edition that the person is in."""
    try:
        return office.cadence(enrollments[touch.enrollment].digest).step(touch.step).learn or ""
    except LookupError:  # an edition that can't be read any more: the task stands all the same
        return ""


def _obstacles(office: Office, mailbox: str) -> Iterator[str]:
    """What stands in the way of everybody of this mailbox, or of whole cadences."""
    if halted := office.halted():
        yield f"nothing is sent: {halted}"
    alarms = [alarm for alarm in office.store.alarms_up() if alarm.mailbox in ("", mailbox)]
    yield from (alarm.text for alarm in alarms)
    for one in office.store.switches():
        told = any(alarm.text.startswith(one.reason) for alarm in alarms)
        if not told and (one.scope in ("all", f"mailbox:{mailbox}") or one.scope.startswith("cadence:")):
            yield f"{one.scope} is stopped: {one.reason}"
    if not alarms and mailbox in office.store.in_trouble():
        yield "the mail server has not taken the last mail of this mailbox; followupd status says more"
    problems = office.workspace.problems
    if problems:
        more = f"; and {len(problems) - FAULTS} more" if len(problems) > FAULTS else ""
        yield f"mistakes in the files: {'; '.join(str(one) for one in problems[:FAULTS])}{more}"
