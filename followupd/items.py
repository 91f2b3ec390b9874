"""What the words of an answer do to a task, an answer in doubt, a mail in doubt, and a person who stands still.

Decides which order fits which kind of item, and that an item must still be what it was when the letter was written: nobody's later word,
and no later work, is undone by an answer to an older letter. What an order does is `desk.py`'s, the same as from the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from followupd import desk
from followupd.core.answers import AUTOMATIC
from followupd.core.lifecycle import NotNow, made_id
from followupd.core.model import (
    Change,
    Enrollment,
    EnrollmentState,
    Event,
    Letter,
    Reply,
    ReplyKind,
    Task,
    Touch,
    TouchState,
)
from followupd.letters import Heeded
from followupd.office import NEXT_STEP, REASON, Office

if TYPE_CHECKING:
    from followupd.core.orders import Order


TOLD = "told"
"""How a word of the rep about a person is matched: no mail of theirs lies behind it."""

SHEET = "sheet"
"""The kind of the letter that a file stands for whose rows are answered (`tasksheet.py`): the same file says the same once."""

SAYS = {
    "yes": ReplyKind.YES, "no": ReplyKind.NO, "later": ReplyKind.LATER, "question": ReplyKind.ENGAGED, "away": ReplyKind.OUT_OF_OFFICE,
    "machine": ReplyKind.AUTO_REPLY, "referral": ReplyKind.REFERRAL, "opt-out": ReplyKind.UNSUBSCRIBE,
}  # fmt: skip
"""Which kind of answer an order says that something was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One order about one item of a letter."""

    office: Office
    letter: Letter
    item: Mapping[str, str]
    order: Order
    words: str
    now: datetime

    @property
    def by(self) -> str:
        """Who says it, and where: as it will stand in the timeline."""
        if self.letter.kind == SHEET:
            return f"{self.letter.mailbox}, in {self.letter.subject}"
        return f'{self.letter.to}, in answer to "{self.letter.subject[:80]}"'

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the mailbox."""
        return self.office.zone(self.letter.mailbox)


def spoken(at: datetime, zone: ZoneInfo) -> str:
    """A moment by the owner's clock."""
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def asked(why: str) -> Heeded:
    """Nothing is changed, and the rep is asked."""
    return Heeded(said=why, understood=False)


def take(
    does: Mapping[str, Callable[[Case], Heeded]], fits: str
) -> Callable[[Office, Letter, Mapping[str, str], str, datetime], Heeded]:
    """The words behind an item's number, read as an order and carried out by the row of a table; what is in none is asked about."""

    def heed(office: Office, letter: Letter, item: Mapping[str, str], words: str, now: datetime) -> Heeded:
        from followupd.core.orders import meant

        order = meant(words, now.astimezone(office.zone(letter.mailbox)).date())
        if order.doubt:
            return asked(order.doubt)
        deed = does.get(order.verb)
        if deed is None:
            return asked(f'"{order.verb}" does not fit here: {fits}')
        try:
            return deed(Case(office=office, letter=letter, item=item, order=order, words=words, now=now))
        except (desk.Unknown, NotNow) as problem:
            return asked(f"nothing is changed: {problem}")

    return heed


# -- a task --------------------------------------------------------------------------------------


def _closed(case: Case) -> Heeded:
    """Done or dropped. What is said beside "done" is kept as learned."""
    task = case.office.store.find(Task, case.item["id"])
    if problem := _gone(task, case):
        return asked(problem)
    assert task is not None
    done = case.order.verb in ("done", "sent")
    change = desk.closing(case.office, task.id, done=done, by=case.by, note=case.order.note)
    following = next(
        (f"; next: {one.step} on {spoken(one.due, case.zone)}" for one in change.touches if one.state == TouchState.SCHEDULED), ""
    )
    kept = "".join(f'; noted {fact.name}: "{fact.value}"' for fact in change.facts)
    return Heeded(said=f"{'done' if done else 'dropped'}{kept}{following}", change=change)


def _gone(task: Task | None, case: Case) -> str:
    """Why a task is not what it was, or nothing."""
    if task is None:
        return "this task is not there any more"
    if task.state != "open":
        closed = f" on {spoken(task.closed, case.zone)}" if task.closed else ""
        return f"nothing is changed: it is {task.state} already{closed}"
    return ""


IN_WORDS = {
    REASON: 'write "done, " and the reason to go on in your own words; or "skip", and it ends',
    NEXT_STEP: 'write "done, " and the next step in your own words; or "skip"',
}
"""Tasks that ask the owner for words: what is written behind their number is no word of the person."""


def _of_task(case: Case) -> Heeded:
    """The rep's word for the person whom a task is about."""
    task = case.office.store.find(Task, case.item["id"])
    if problem := _gone(task, case):
        return asked(problem)
    assert task is not None
    if not task.address or task.address in case.office.own_addresses():
        return asked('this task is about no person: write "done" or "skip"')
    if task.kind in IN_WORDS:
        return asked(IN_WORDS[task.kind])
    reply = case.office.store.find(Reply, task.reply) if task.reply else None
    waits = reply is not None and reply.review
    found = _decided(case, reply) if reply and waits else _person(case, task.address, task.enrollment)
    if not found.understood:
        return found
    settled = {one.id for one in found.change.tasks}
    change = found.change
    if task.id not in settled and not task.touch and case.order.verb != "later":
        change += desk.closing(case.office, task.id, done=True, by=case.by, note=case.words, teaches=False)
    return Heeded(said=found.said, change=change)


# -- an answer in doubt --------------------------------------------------------------------------


def _of_reply(case: Case) -> Heeded:
    """What an answer means, in the rep's word."""
    reply = case.office.store.find(Reply, case.item["id"])
    if reply is None:
        return asked("this answer is not there any more")
    if case.order.verb in ("stop", "opt-out") and not reply.review:
        return _person(case, case.item.get("address", "") or reply.address, reply.enrollment)
    if not reply.review and reply.decided_by != "rules":
        return asked(f"nothing is changed: it counts as {spelled(reply.kind)} already ({reply.decided_by})")
    if not reply.review and SAYS.get(case.order.verb) == reply.kind and case.order.until in (None, reply.resume):
        return Heeded(said=f"it counts as {spelled(reply.kind)} already")
    return _decided(case, reply)


def spelled(kind: ReplyKind) -> str:
    """A kind of answer in plain words."""
    plain = {
        ReplyKind.ENGAGED: "a question", ReplyKind.OUT_OF_OFFICE: "an absence", ReplyKind.AUTO_REPLY: "a machine's answer", ReplyKind.UNCLEAR: "unclear",
        ReplyKind.UNSUBSCRIBE: "an opt-out", ReplyKind.LATER: '"later"',
    }  # fmt: skip
    return plain.get(kind, f"a {kind.value.replace('_', ' ')}")


def _decided(case: Case, reply: Reply) -> Heeded:
    enrollment = case.office.store.find(Enrollment, reply.enrollment)
    if enrollment is not None and (later := _written_since(case.office, enrollment.address, reply.received, but=reply.id)):
        return asked(
            f"nothing is changed: {enrollment.address} has written again, {spoken(later.at, case.zone)}: {later.text[:200]}"
        )
    order = replace(case.order, verb="opt-out") if case.order.verb == "stop" else case.order  # what an answer says that says stop
    kind = SAYS[order.verb]
    change = desk.deciding(case.office, reply.id, kind, case.by, resume=order.until, reason=order.reason)
    return Heeded(said=f"{_kind(order)}{_outcome(change, case)}", change=change)


def _kind(order: Order) -> str:
    why = f" ({order.reason.value})" if order.reason else ""
    return f"counts as {spelled(SAYS[order.verb])}{why}"


def _outcome(change: Change, case: Case) -> str:
    """What became of the person's cadences, in words."""
    found = []
    for one in change.enrollments:
        if one.state == EnrollmentState.FINISHED:
            found.append(f"{one.cadence} is finished: {one.outcome}")
        elif one.state == EnrollmentState.PAUSED and one.until:
            found.append(f"{one.cadence} waits until {one.until.astimezone(case.zone):%a %d %b %Y}")
        elif one.version == 0:
            found.append(f"{one.cadence} begins")
        else:
            found.append(f"{one.cadence} is {one.state}")
    return f"; {', '.join(found)}" if found else ""


# -- a person ------------------------------------------------------------------------------------


def _of_person(case: Case) -> Heeded:
    enrollment = case.office.store.find(Enrollment, case.item["id"])
    return _person(case, case.item.get("address", ""), enrollment.id if enrollment else "")


def _person(case: Case, address: str, enrollment_id: str) -> Heeded:
    """What the rep says of somebody, as far as nobody has said anything since the letter was written."""
    office, order = case.office, case.order
    if order.verb == "opt-out":  # safe whatever has happened since
        change = desk.suppressing(office, address, f"the rep said: {case.words[:100]}", case.by)
        return Heeded(said=f"nobody writes to {address} again", change=change)
    later = _written_since(office, address, case.letter.created)
    if later:
        return asked(f"nothing is changed: {address} has written since, {spoken(later.at, case.zone)}: {later.text[:200]}")
    enrollment = office.store.find(Enrollment, enrollment_id) or next(iter(office.store.person(address)[1]), None)
    if enrollment is None:
        return asked(f"{address} is nobody whom we know")
    still = [one for one in office.store.person(address)[1] if one.state != EnrollmentState.FINISHED]
    if not still:
        return asked(
            f"nothing is changed: {address} is in no cadence any more; {enrollment.cadence} ended: {enrollment.outcome}, {enrollment.reason}"
        )
    if order.verb == "stop":
        return _stopped(case, address)
    if order.verb == "go on":
        return Heeded(said=f"{address} goes on", change=desk.resuming(office, address, case.by))
    word = _word(case, enrollment)
    if office.store.find(Reply, word.id) is not None:
        return asked("nothing is changed: that was said before")
    change = desk.told(office, word, enrollment)
    return Heeded(said=f"{_kind(order)}{_outcome(change, case)}", change=change)


def _stopped(case: Case, address: str) -> Heeded:
    return Heeded(said=f"{address} is stopped: nothing more is sent", change=desk.stopping(case.office, address, case.by))


def _word(case: Case, enrollment: Enrollment) -> Reply:
    """What the rep says of a person, kept like an answer of theirs: its effect, its reason and its place in every report are the same."""
    when = "" if case.letter.kind == SHEET else f"{case.now:%FT%T}"
    order, name = case.order, made_id("told", case.letter.id, case.item["id"], case.words, when, length=6)
    return Reply(
        id=name, mailbox=enrollment.mailbox, folder="", uidvalidity=0, uid=0, fingerprint=name, message_id="", address=enrollment.address,
        subject=case.letter.subject, text=case.words[:300], received=case.now, seen=case.now, kind=SAYS[order.verb], confidence=1.0,
        evidence=f"{case.by}: {case.words[:200]}", matched=TOLD, enrollment=enrollment.id, resume=order.until, reason=order.reason, decided_by=case.by,
    )  # fmt: skip


def _written_since(office: Office, address: str, since: datetime, *, but: str = "") -> Event | None:
    """The last time that somebody has written themselves since then; what a rep has said of them is none of theirs."""
    found = (
        event
        for event in office.store.timeline(address)
        if event.kind == "reply" and event.at > since and event.data.get("reply") != but and event.data.get("matched") != TOLD
    )
    return next(
        (event for event in reversed(list(found)) if event.data.get("kind") not in {kind.value for kind in AUTOMATIC}), None
    )


# -- a mail in doubt -----------------------------------------------------------------------------


def _settled(case: Case) -> Heeded:
    touch = case.office.store.find(Touch, case.item["id"])
    if touch is None:
        return asked("this mail is not there any more")
    if touch.state != TouchState.DOUBTFUL:
        return asked(f"nothing is changed: it is no longer in doubt ({touch.state}{f', {touch.text}' if touch.text else ''})")
    word = "sent" if case.order.verb == "done" else case.order.verb
    change = desk.settling(case.office, touch.id, word, case.by)
    return Heeded(said={"sent": "it counts as sent", "skip": "it is skipped", "again": "it is sent again"}[word], change=change)


# -- what was learned ----------------------------------------------------------------------------


def learn(office: Office, letter: Letter, item: Mapping[str, str], text: str, now: datetime) -> Heeded:
    """A fact about the person whom an item is about."""
    address = item.get("address", "")
    if not address or address in office.own_addresses():
        return asked("this is about no person of whom something could be learned")
    task = office.store.find(Task, item.get("id", "")) if item.get("kind") == "task" else None
    source = f"letter {letter.id}"
    try:
        change = desk.lesson(office, address, text, now, source=source, by=letter.to, touch=task.touch if task else "")
    except (desk.Unknown, NotNow) as problem:
        return asked(str(problem))
    known = {(one.name, one.value) for one in office.store.facts(address) if one.source == source}
    if letter.kind == SHEET and known & {(one.name, one.value) for one in change.facts}:
        return asked("nothing is changed: that was learned before")
    said = ", ".join(f'{fact.name} = "{fact.value}"' for fact in change.facts)
    return Heeded(said=f"learned about {address}: {said}", change=change)


# -- the tables ----------------------------------------------------------------------------------

EXAMPLES = {
    "task": ("done", "done, they have 40 people now", "no budget", "later March"),
    "reply": ("yes", "no budget", "question"),
    "doubt": ("sent", "again"),
    "person": ("go on", "stop"),
    "question": ("yes", "no, I pitched too early"),
    "next-step": ("a call with their team next week",),
    "reason": ("their budget is decided in March", "end"),
}
"""What may be written behind the number of an item of each kind."""

WORD_FOR_PERSON = ("yes", "no", "later", "stop", "opt-out", "go on")

task = take(
    {"done": _closed, "sent": _closed, "skip": _closed, **dict.fromkeys(WORD_FOR_PERSON[:-1], _of_task)},
    'write "done" or "skip", or what they said: "yes", "no budget", "later March", "stop"',
)
reply = take(
    {**dict.fromkeys(SAYS, _of_reply), "stop": _of_reply},
    'write what the answer means: "yes", "no budget", "later March", "question", "away until 7 March", "stop"',
)
doubt = take({"sent": _settled, "done": _settled, "skip": _settled, "again": _settled}, 'write "sent", "again" or "skip"')
person = take(dict.fromkeys(WORD_FOR_PERSON, _of_person), 'write "go on", "later March", "stop", "yes" or "no budget"')
