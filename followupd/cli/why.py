"""Why does the next thing happen when it does, or why does nothing happen? One sentence, and its parts.

Decides the words only, from nouns that were read before: `explain` is pure, and a table of questions like the guards'.
The first question that applies gives the sentence; its order is the order of strength: a suppression outdoes a cadence, an
end outdoes a pause, what waits for a human outdoes a date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd.core.answers import doubt_in
from followupd.core.model import (
    Enrollment,
    EnrollmentState,
    Outcome,
    Reply,
    ReplyKind,
    Suppression,
    Switch,
    Task,
    Touch,
    TouchState,
)
from followupd.core.when import speak


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The mailbox that writes, as the store knows it. `silent` says why no daemon seems to be at work, or nothing."""

    name: str
    address: str = ""  # empty where the mailbox is no longer in the configuration
    trouble: str = ""  # why it can't be read
    waits: str = ""  # why nothing leaves yet although it can
    silent: str = ""
    free_at: datetime | None = None  # when it may send again, where that is not now
    free_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the sentence is made from."""

    address: str
    now: datetime
    zone: ZoneInfo
    suppressed: Suppression | None = None
    enrollment: Enrollment | None = None
    steps: int = 0
    touches: tuple[Touch, ...] = ()
    tasks: tuple[Task, ...] = ()  # open ones
    reviews: tuple[Reply, ...] = ()  # answers that wait for a human's word
    end_enroll: str | None = None
    not_begun: str = ""  # why what should follow its end did not begin
    permission: str = ""  # what they have said on whether they want to go on hearing from us
    sender: Sender | None = None
    switches: tuple[Switch, ...] = ()
    halted: str = ""  # the file that stops everything is there
    tripped: datetime | None = None  # until when the trip wire holds mail to this address
    crowded: datetime | None = None  # until when this mailbox sends nothing to this domain


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the explanation: `what` is next, rule, reason, condition, task or command."""

    what: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The sentence, what it says in one word, and the date it speaks of."""

    verdict: str
    sentence: str
    parts: tuple[Part, ...] = ()
    at: datetime | None = None
    step: str = ""


def explain(facts: Facts) -> Answer:
    """The one sentence about this person."""
    for question in QUESTIONS:
        answer = question(facts)
        if answer is not None:
            return answer
    raise AssertionError("the last question always answers")


# -- the questions -------------------------------------------------------------------------------


def _suppressed(facts: Facts) -> Answer | None:
    found = facts.suppressed
    if found is None:
        return None
    whom = f"everybody at {found.key} is" if found.key.startswith("@") else "the address is"
    reason = f"{found.reason}; {found.source}" if found.source else found.reason
    sentence = (
        f"Nothing will be sent to {facts.address} by anyone: {whom} suppressed since {speak(found.at, facts.zone)} ({reason})."
    )
    return Answer(verdict="suppressed", sentence=sentence, parts=(Part("reason", reason),), at=found.at)


def _never_enrolled(facts: Facts) -> Answer | None:
    if facts.enrollment is not None:
        return None
    command = f"followupd enroll {facts.address} CADENCE"
    sentence = f"Nothing will be sent to {facts.address}: nobody by that address has been enrolled here."
    return Answer(verdict="unknown", sentence=sentence, parts=(Part("reason", "never enrolled"), Part("command", command)))


_MEANING = {
    Outcome.YES: "they said yes",
    Outcome.NO: "they said no",
    Outcome.SILENT: "nobody answered",
    Outcome.REFERRED: "they named somebody else",
    Outcome.OPTED_OUT: "they may not be written to any more",
    Outcome.BOUNCED: "the address takes no mail",
    Outcome.FAILED: "it could not be delivered",
    Outcome.STOPPED: "somebody ended it",
    Outcome.WELCOME: "they want to hear more of this",
}


def _finished(facts: Facts) -> Answer | None:
    enrollment = _of(facts)
    if enrollment.state != EnrollmentState.FINISHED:
        return None
    outcome = enrollment.outcome or Outcome.STOPPED
    since = f" on {speak(enrollment.finished, facts.zone)}" if enrollment.finished else ""
    said = _because(enrollment.reason)
    more = f" ({said})" if said and said != _MEANING[outcome] else ""
    sentence = (
        f"Nothing more will be sent to {facts.address} in {enrollment.cadence}: it finished{since} with outcome {outcome}, "
        f"because {_MEANING[outcome]}{more}{f'; {facts.not_begun}' if facts.not_begun else ''}."
    )
    reasons = (f"{_MEANING[outcome]}{more}", facts.not_begun, facts.permission)
    parts = tuple(Part("reason", text) for text in reasons if text)
    return Answer(verdict="finished", sentence=sentence, parts=parts, at=enrollment.finished)


def _in_doubt(facts: Facts) -> Answer | None:
    doubtful = _first(facts, TouchState.DOUBTFUL)
    if doubtful is None or _of(facts).state != EnrollmentState.HELD:
        return None
    about = f"step {doubtful.step} may have been sent, or not{f' ({doubtful.text})' if doubtful.text else ''}"
    command = f"followupd decide {doubtful.id} sent, skip or again"
    sentence = f"{_until_then(facts)} you decide: {about}; followupd review shows the mail, then run {command}."
    return Answer(verdict="held", sentence=sentence, parts=(Part("reason", about), Part("command", command)), step=doubtful.step)


def _unread_answer(facts: Facts) -> Answer | None:
    if _of(facts).state != EnrollmentState.HELD or not facts.reviews:
        return None
    reply = facts.reviews[0]
    words = f'{reply.address or "somebody"} wrote "{_short(reply.text or reply.subject)}"'
    command = f"followupd decide {reply.id} KIND"
    doubt = doubt_in(reply)
    words += f"; it is not believed: {doubt}" if doubt else ""
    sentence = f"{_until_then(facts)} you say what an answer means: {words}; run {command}, such as yes, no, later or engaged."
    return Answer(verdict="held", sentence=sentence, parts=(Part("reason", words), Part("command", command)))


def _held(facts: Facts) -> Answer | None:
    enrollment = _of(facts)
    if enrollment.state != EnrollmentState.HELD:
        return None
    command = f"followupd resume {facts.address}"
    said = _because(enrollment.reason) or "somebody must look at it"
    first = (
        f"deal with task {facts.tasks[0].id} ({facts.tasks[0].title}), then run" if facts.tasks else "put that right, then run"
    )
    sentence = f"{_until_then(facts)} you have looked: {said}; {first} {command} to go on, or followupd stop {facts.address}."
    parts = (Part("reason", said), *_task_parts(facts), Part("command", command))
    return Answer(verdict="held", sentence=sentence, parts=parts)


def _paused(facts: Facts) -> Answer | None:
    enrollment = _of(facts)
    if enrollment.state != EnrollmentState.PAUSED:
        return None
    said, command = _because(enrollment.reason), f"followupd resume {facts.address}"
    reason = Part("reason", said or "paused")
    paused = f"it was {said}" if said.startswith("paused by ") else f"it is paused{' because ' + said if said else ''}"
    if enrollment.until is None:
        sentence = f"Nothing is sent to {facts.address} in {enrollment.cadence} until somebody runs {command}: {paused}."
        return Answer(verdict="paused", sentence=sentence, parts=(reason, Part("command", command)))
    waiting = _first(facts, TouchState.SCHEDULED)
    then, parts = _after_the_pause(facts, waiting, enrollment.until)
    sentence = (
        f"Nothing is sent to {facts.address} in {enrollment.cadence} before {speak(enrollment.until, facts.zone)}: "
        f"{paused}; {then}{_unless(facts, enrollment.until)}."
    )
    parts = (reason, *parts, *_conditions(facts, enrollment.until), Part("command", command))
    return Answer(verdict="paused", sentence=sentence, parts=parts, at=enrollment.until, step=waiting.step if waiting else "")


def _after_the_pause(facts: Facts, waiting: Touch | None, until: datetime) -> tuple[str, tuple[Part, ...]]:
    if waiting is None:
        return "then it waits once more for an answer", ()
    when = f"on {speak(waiting.due, facts.zone)}" if waiting.due > until else "at the next opening of its window"
    text = f"then step {waiting.step} follows {when}"
    rules = waiting.why if waiting.due > until else ()
    return text, (Part("next", text), *(Part("rule", _spelt(rule)) for rule in rules))


def _in_hand(facts: Facts) -> Answer | None:
    touch = _first(facts, TouchState.SENDING)
    if touch is None:
        return None
    text = f"step {touch.step} of {_of(facts).cadence} is being sent to {facts.address} right now (attempt {touch.attempt})"
    return Answer(verdict="sending", sentence=_sentence(text), parts=(Part("next", text),), at=touch.intended, step=touch.step)


def _next_touch(facts: Facts) -> Answer | None:
    touch = _first(facts, TouchState.SCHEDULED)
    if touch is None:
        return None
    enrollment = _of(facts)
    what = "mail to" if touch.channel == "email" else f"{touch.channel} for {touch.mailbox}, about"
    if touch.due > facts.now:
        date = f"on {speak(touch.due, facts.zone)}"
    else:
        date = f"which was due on {speak(touch.due, facts.zone)} and happens as soon as it can"
    head = f"the next {what} {facts.address} is step {touch.step} of {enrollment.cadence}, {date}"
    rules = tuple(_spelt(rule) for rule in touch.why)
    by = f", from {facts.sender.address}" if facts.sender and facts.sender.address and touch.channel == "email" else ""
    sentence = f"{head}{by}{': ' if rules else ''}{'; '.join(rules)}{_unless(facts, touch.due)}"
    parts = (
        Part("next", head + by),
        *((Part("reason", facts.permission),) if facts.permission else ()),
        *(Part("rule", rule) for rule in rules),
        *_conditions(facts, touch.due),
        *_task_parts(facts),
    )
    return Answer(verdict="next", sentence=_sentence(sentence), parts=parts, at=touch.due, step=touch.step)


def _open_task(facts: Facts) -> Answer | None:
    touch = _first(facts, TouchState.OPEN)
    if touch is None or not touch.waits:
        return None
    task = next((task for task in facts.tasks if task.touch == touch.id), None)
    name = f'task {task.id}, "{task.title}"' if task else f"step {touch.step}"
    key = task.id if task else "TASK"
    command = f"followupd done {key}"
    alone = f", and by itself on {speak(touch.deadline, facts.zone)}" if touch.deadline else ""
    sentence = (
        f"Nothing is sent to {facts.address} in {_of(facts).cadence} before a person has acted: {name} (step {touch.step}) waits for "
        f"{touch.mailbox}; it goes on after {command} or followupd skip {key}{alone}."
    )
    parts = (Part("reason", f"{name} waits for {touch.mailbox}"), *_task_parts(facts), Part("command", command))
    return Answer(verdict="task", sentence=sentence, parts=parts, at=touch.deadline, step=touch.step)


def _last_wait(facts: Facts) -> Answer | None:
    enrollment = _of(facts)
    if enrollment.until is None:
        return None
    then = f", and {facts.end_enroll} begins" if facts.end_enroll else ""
    count = {0: "all steps", 1: "the one step"}.get(facts.steps, f"all {facts.steps} steps")
    date = speak(enrollment.until, facts.zone)
    sentence = (
        f"Nothing more will be sent to {facts.address} in {enrollment.cadence}, because {count} of it are over; if nobody answers by {date}, "
        f"it finishes with outcome silent{then}."
    ).replace("step of it are over", "step of it is over")
    reason = Part("reason", f"{count} over; the wait for an answer lasts until {date}")
    return Answer(verdict="silence", sentence=sentence, parts=(reason, *_task_parts(facts)), at=enrollment.until)


def _nothing(facts: Facts) -> Answer:
    enrollment = _of(facts)
    text = f"nothing is planned for {facts.address} in {enrollment.cadence}, though it is {enrollment.state}"
    return Answer(verdict="nothing", sentence=_sentence(text), parts=(Part("reason", text),))


QUESTIONS: tuple[Callable[[Facts], Answer | None], ...] = (
    _suppressed,
    _never_enrolled,
    _finished,
    _in_doubt,
    _unread_answer,
    _held,
    _paused,
    _in_hand,
    _next_touch,
    _open_task,
    _last_wait,
    _nothing,
)


# -- what else must be true ----------------------------------------------------------------------


def _conditions(facts: Facts, due: datetime) -> tuple[Part, ...]:
    """What keeps a mail that is due at `due` from leaving, each as the rest of "while ..."."""
    return tuple(
        Part("condition", text) for text in (*_switched_off(facts), *_mailbox_troubles(facts, due), *_too_many(facts, due))
    )


def _switched_off(facts: Facts) -> list[str]:
    enrollment = _of(facts)
    names = {
        "all": ("everything is stopped", "--all"),
        f"mailbox:{enrollment.mailbox}": (f"mailbox {enrollment.mailbox} is stopped", f"--mailbox {enrollment.mailbox}"),
        f"cadence:{enrollment.cadence}": (f"cadence {enrollment.cadence} is stopped", f"--cadence {enrollment.cadence}"),
    }
    found = [(names[one.scope], one.reason) for one in facts.switches if one.on and one.scope in names]
    words = [f"{what} ({reason}; followupd resume {option} ends that)" for (what, option), reason in found]
    return [f"everything is stopped ({facts.halted})", *words] if facts.halted else words


def _mailbox_troubles(facts: Facts, due: datetime) -> list[str]:
    sender = facts.sender
    if sender is None:
        return []
    if not sender.address:
        return [f"mailbox {sender.name} is not in the configuration"]
    found = [f"the daemon is not running ({sender.silent}; start it with followupd run)"] if sender.silent else []
    if sender.trouble:
        found.append(f"mailbox {sender.name} can't be read ({sender.trouble})")
    if sender.waits:
        found.append(sender.waits)
    if sender.free_at and sender.free_at > max(due, facts.now):
        found.append(f"mailbox {sender.name} rests until {speak(sender.free_at, facts.zone)} ({sender.free_why})")
    return found


def _too_many(facts: Facts, due: datetime) -> list[str]:
    found = []
    if facts.tripped and facts.tripped > max(due, facts.now):
        found.append(
            f"{facts.address} has had as many mails within 20 hours as trip_wire allows, from all cadences together (until "
            f"{speak(facts.tripped, facts.zone)})"
        )
    if facts.crowded and facts.crowded > max(due, facts.now):
        domain = facts.address.rpartition("@")[2]
        found.append(
            f"mailbox {_of(facts).mailbox} has sent as many mails to {domain} as its per_domain allows (until "
            f"{speak(facts.crowded, facts.zone)})"
        )
    return found


def _unless(facts: Facts, due: datetime) -> str:
    conditions = [part.text for part in _conditions(facts, due)]
    return f"; but nothing leaves while {', nor while '.join(conditions)}" if conditions else ""


# -- words ---------------------------------------------------------------------------------------


def _of(facts: Facts) -> Enrollment:
    assert facts.enrollment is not None
    return facts.enrollment


def _first(facts: Facts, state: TouchState) -> Touch | None:
    return min(
        (touch for touch in facts.touches if touch.state == state), key=lambda touch: (touch.due, touch.position), default=None
    )


def _task_parts(facts: Facts) -> tuple[Part, ...]:
    return tuple(Part("task", f"{task.id}: {task.title}") for task in facts.tasks)


def _until_then(facts: Facts) -> str:
    return f"Nothing is sent to {facts.address} in {_of(facts).cadence} until"


_KINDS = frozenset(kind.value for kind in ReplyKind)


def _because(reason: str) -> str:
    """A stored reason as a clause: `no: We'll pass` was an answer and its words."""
    kind, colon, words = reason.partition(": ")
    if not colon or kind not in _KINDS:
        return reason
    if kind.startswith("bounce") or kind == ReplyKind.COMPLAINT:
        return f"a report came back ({kind.replace('_', ' ')}): {words}"
    if kind == ReplyKind.OUT_OF_OFFICE:
        return f'they are away: "{_short(words)}"'
    return f'they answered "{_short(words)}"'


_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "bd": "business day"}


def _spelt(rule: str) -> str:
    """A rule with its leading duration in words: `3bd after ...` is 3 business days after."""
    found = re.match(r"(\d{1,8})\s?(s|m|h|d|w|bd) after ", rule)
    if not found:
        return rule
    plural = "" if found[1] == "1" else "s"
    return f"{found[1]} {_UNITS[found[2]]}{plural} after {rule[found.end() :]}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 120 else words[:119] + "…"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
