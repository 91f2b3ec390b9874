"""The morning letter of each owner: gathered here, composed in `core/digest.py`.

Decides from when on answers are news, and what stands in the way of more than one person. Never sends: the letter is written together with
the date of the next one, so that each morning has one, and a morning that nobody was there for is made up for on the same day or not at all.
A morning with nothing to say has none: a letter that says nothing teaches people not to read the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd.core import when
from followupd.core.digest import MOST_LEAVING, Answered, Duty, Leaving, Morning, Written, compose, morning_of, next_morning
from followupd.core.model import Change, Enrollment, Reply, Task, Touch
from followupd.letters import letter
from followupd.office import Office, UnreadableCadence

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
    return when.zone_named(office.config.mailbox(mailbox).zone), when.calendar_for((), office.config.calendars()[mailbox])


# -- the letter ----------------------------------------------------------------------------------


def morning_round(office: Office, mailbox: str, now: datetime) -> Change:
    """The digest of this morning, where there is one and it has something to say."""
    if this_morning(office, mailbox, now) is None:
        return Change()
    zone, _ = _clock(office, mailbox)
    return letter_of(office, mailbox, digest_of(office, mailbox, now), now, when.local_date(now, zone).isoformat())


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
    store, zone = office.store, when.zone_named(office.config.mailbox(mailbox).zone)
    replies = [
        one for one in store.answers_since(mailbox, _since(office, mailbox, now)) if one.folder
    ]  # what the rep said of somebody is no mail
    tasks = [task for task in _tasks(office, mailbox) if task.kind != "alarm"]  # those are told by their alarms
    doubts = tuple(reply for reply in store.reviews()[0] if _whose(office, reply) == mailbox)
    sends = tuple(pair for pair in store.doubtful() if pair[0].mailbox == mailbox)
    tomorrow = when.start_of(when.local_date(now, zone) + timedelta(days=1), zone)
    counts, first = store.leaving(mailbox, tomorrow, MOST_LEAVING)
    still = store.standing_still(mailbox)
    answers = tuple(_answered(office, reply) for reply in replies)
    about = (
        {task.address for task in tasks} | {reply.address for reply in doubts} | {touch.address for touch, _ in (*sends, *first)}
    )
    about |= {one.address for one in still} | {each.address for one in answers for each in one.enrollments[:1]}
    life = store.last_words([task.address for task in tasks])
    part = office.mailbox(mailbox)
    return Morning(
        owner=part.display_name.partition(" ")[0] if part else "", zone=zone, now=now, people=store.people(sorted(about)), answers=answers,
        duties=tuple(_duty(office, task, life.get(task.address)) for task in tasks), doubts=doubts, sends=sends,
        leaving=Leaving(counts=counts, first=first), still=still, obstacles=tuple(_obstacles(office, mailbox)),
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


def _answered(office: Office, reply: Reply) -> Answered:
    enrollment = office.store.find(Enrollment, reply.enrollment) if reply.enrollment else None
    return Answered(reply=reply, enrollments=office.store.person(enrollment.address)[1] if enrollment else ())


def _duty(office: Office, task: Task, life: datetime | None) -> Duty:
    touch = office.store.find(Touch, task.touch) if task.touch else None
    enrollment = office.store.find(Enrollment, touch.enrollment) if touch else None
    learn = ""
    if touch and enrollment:
        try:
            learn = office.cadence(enrollment.digest).step(touch.step).learn or ""
        except (UnreadableCadence, LookupError):
            learn = ""
    return Duty(task=task, learn=learn, life=life, reply=office.store.find(Reply, task.reply) if task.reply else None)


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
