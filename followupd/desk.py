"""A human's requests: pause, resume, stop, done, skip, decide, settle, suppress, learn.

Decides nothing itself; `core/lifecycle.py` says what a request does, or that it does not fit (`NotNow`). Requests are
plain functions over an `Office`, called by the command line directly and by the daemon in its store's thread. What they
write is seen by the daemon at its next gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from followupd.core import learned, lifecycle
from followupd.core.answers import AUTOMATIC
from followupd.core.lifecycle import EnrollmentFact, NotNow, TouchFact
from followupd.core.model import (
    Change,
    Enrollment,
    EnrollmentState,
    Event,
    Match,
    Outcome,
    Prospect,
    Reading,
    Reason,
    Reply,
    ReplyKind,
    Suppression,
    Switch,
    Task,
    Touch,
    TouchState,
)
from followupd.core.revision import compare, moved
from followupd.office import NEXT_STEP, REASON, Office, all_closed, asked_by, closed, consequences, decided, going_on, let_go
from followupd.store import Stale


class Unknown(Exception):
    """Nobody and nothing by that name; the text says so to a human."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a request did, for each row it moved, in words."""

    lines: tuple[str, ...]


def carry_on(office: Office, judge: Callable[[], Change]) -> Change:
    """Gather, judge, write; again where somebody else was there before."""
    for _ in range(50):
        change = judge()
        try:
            office.store.apply_one(change)
        except Stale:
            continue
        return change
    raise NotNow("the daemon is changing the same rows; try again")


def _open(office: Office, address: str) -> list[Enrollment]:
    prospect, enrollments = office.store.person(address)
    if prospect is None:
        raise Unknown(f"{address}: nobody by that address is known here")
    found = [one for one in enrollments if one.state != EnrollmentState.FINISHED]
    if not found:
        last = enrollments[0] if enrollments else None
        raise NotNow(
            f"{address} is in no cadence" + (f"; the last one was {last.cadence}: {last.outcome}, {last.reason}" if last else "")
        )
    return found


# -- one person ----------------------------------------------------------------------------------


Request = Callable[[Enrollment, datetime], Change]
"""What is asked for one enrollment of a person. May raise NotNow."""


def pause(office: Office, address: str, until: datetime | None, by: str) -> Done:
    """Nothing is sent to them before `until`; without a date, until somebody resumes it."""

    def one(enrollment: Enrollment, now: datetime) -> Change:
        state = lifecycle.move_enrollment(enrollment, EnrollmentFact.PAUSE)
        reason = f"paused by {by}"
        event = Event(
            at=now,
            kind="paused",
            text=reason + (f" until {until:%d %b %Y %H:%M} UTC" if until else ""),
            address=address,
            enrollment=enrollment.id,
        )
        paused = replace(lifecycle.in_state(enrollment, state, now), until=until, reason=reason)
        return Change(enrollments=(paused,), events=(event,))

    return _each(office, address, one)


def resume(office: Office, address: str) -> Done:
    """Goes on where it stood. A doubtful mail must be settled first: going on would decide it silently."""
    return _each(office, address, _resuming(office, "whoever resumed it"))


def resuming(office: Office, address: str, by: str) -> Change:
    """What `resume` writes. Raises Unknown and NotNow."""
    return _of_each(office, address, _resuming(office, by))


def _resuming(office: Office, by: str) -> Request:
    def one(enrollment: Enrollment, now: datetime) -> Change:
        _, prospect, touches = office.store.with_touches(enrollment)
        doubtful = [touch for touch in touches if touch.state == TouchState.DOUBTFUL]
        if doubtful:
            raise NotNow(
                f"step {doubtful[0].step} may have been sent, or not: run followupd decide {doubtful[0].id} sent, skip or again"
            )
        lifecycle.move_enrollment(enrollment, EnrollmentFact.RESUME)
        asked = [
            task for task in office.store.tasks(enrollment.mailbox) if (task.kind, task.enrollment) == (REASON, enrollment.id)
        ]
        if asked and lifecycle.wants_reason(enrollment):
            return reasoned(office, asked[0], f"resumed by {by}", now, by=by, source="followupd resume")
        let = replace(enrollment, waived=now)  # whatever a colleague has said: a human has decided
        woken = lifecycle.wake(let, touches, office.cadence(enrollment.digest), prospect, now, EnrollmentFact.RESUME)
        return woken + let_go(office, enrollment, by)

    return one


def stop(office: Office, address: str, by: str) -> Done:
    """The end of every cadence for this person; they may be enrolled again some day."""
    return _each(office, address, _stopping(by))


def stopping(office: Office, address: str, by: str) -> Change:
    """What `stop` writes. Raises Unknown and NotNow."""
    return _of_each(office, address, _stopping(by))


def _stopping(by: str) -> Request:
    return lambda enrollment, now: lifecycle.finish(enrollment, Outcome.STOPPED, f"stopped by {by}", now, EnrollmentFact.STOP)


def _of_each(office: Office, address: str, request: Request) -> Change:
    change = Change()
    for enrollment in _open(office, address):
        change += request(enrollment, office.clock.now())
    return change


def _each(office: Office, address: str, request: Request) -> Done:
    lines: list[str] = []

    def judge() -> Change:
        lines.clear()
        change = Change()
        for enrollment in _open(office, address):
            one = request(enrollment, office.clock.now())
            lines.extend(f"{address}: {event.text} ({enrollment.cadence})" for event in one.events)
            change += one
        return change

    carry_on(office, judge)
    return Done(lines=tuple(lines))


def suppress(office: Office, key: str, reason: str, by: str) -> Done:
    """Nobody writes to this address (or `@domain`) ever again; what is under way there ends now."""
    lines = [f"{key}: suppressed ({reason})"]
    change = carry_on(office, lambda: suppressing(office, key, reason, by))
    lines += [f"{one.address}: finished in {one.cadence}" for one in change.enrollments]
    return Done(lines=tuple(lines))


def suppressing(office: Office, key: str, reason: str, by: str) -> Change:
    """What `suppress` writes."""
    now = office.clock.now()
    change = Change(
        suppressions=(Suppression(key=key, reason=reason, source=f"by {by}", at=now),),
        events=(Event(at=now, kind="suppressed", text=f"suppressed by {by}: {reason}", address=key),),
    )
    if not key.startswith("@"):
        change += all_closed(office, (task for task, _ in office.store.waiting_for([key], ())), now)
    for enrollment in _concerned(office, key):
        change += lifecycle.finish(enrollment, Outcome.OPTED_OUT, f"suppressed: {reason}", now)
    return change


def _concerned(office: Office, key: str) -> Iterable[Enrollment]:
    if key.startswith("@"):
        return [one for one in office.store.enrollments() if one.address.endswith(key)]
    return [one for one in office.store.person(key)[1] if one.state != EnrollmentState.FINISHED]


def migrate(office: Office, enrollment_id: str, by: str) -> Done:
    """Move one person under way to their cadence as it is in the files today. Raises NotNow with the reason where it can't be."""
    now = office.clock.now()

    def judge() -> Change:
        enrollment = office.store.find(Enrollment, enrollment_id)
        assert enrollment is not None
        edition = office.workspace.editions.get(enrollment.cadence)
        if edition is None:
            raise NotNow(f"{enrollment.address}: there is no cadence {enrollment.cadence} in order to move to")
        if edition.cadence.digest == enrollment.digest:
            return Change()
        office.keep(edition, now)
        _, prospect, _ = office.store.with_touches(enrollment)
        revision = compare(office.cadence(enrollment.digest), edition.cadence)
        move = moved(revision, enrollment, office.store.touches(enrollment.id), prospect, now)
        if move.why_not:
            raise NotNow(f"{enrollment.address}: {move.why_not}")
        return move.change

    change = carry_on(office, judge)
    return Done(lines=tuple(f"{event.address}: {event.text} (by {by})" for event in change.events))


# -- a whole scope -------------------------------------------------------------------------------


def switch(office: Office, scope: str, *, on: bool, reason: str) -> Done:
    """Stop (`on`) or release everything in a scope: `all`, `mailbox:NAME`, `cadence:NAME`. States stay as they are."""
    now = office.clock.now()
    office.store.apply_one(Change(switches=(Switch(scope=scope, reason=reason, at=now, on=on),)))
    return Done(lines=(f"{scope}: {'nothing is sent' if on else 'sending again'}",))


def stop_scope(office: Office, scope: str, by: str) -> Done:
    """Finish every enrollment of a scope, for good."""
    kind, _, name = scope.partition(":")
    found = office.store.enrollments(**({kind: name} if name else {}))
    for enrollment in found:
        carry_on(office, partial(_stopped, office, enrollment.id, by))
    return Done(lines=(f"{scope}: {len(found)} enrollments stopped",))


def _stopped(office: Office, enrollment_id: str, by: str) -> Change:
    enrollment = office.store.find(Enrollment, enrollment_id)
    if enrollment is None or enrollment.state == EnrollmentState.FINISHED:
        return Change()
    return lifecycle.finish(enrollment, Outcome.STOPPED, f"stopped by {by}", office.clock.now(), EnrollmentFact.STOP)


# -- tasks ---------------------------------------------------------------------------------------


def close_task(office: Office, task_id: str, *, done: bool, by: str, note: str = "") -> Done:
    """A task is done, or dropped. Where a cadence waited for it, the next touch is scheduled."""
    change = carry_on(office, lambda: closing(office, task_id, done=done, by=by, note=note))
    following = [
        f"next: {touch.step} on {touch.due:%a %d %b %Y %H:%M} UTC"
        for touch in change.touches
        if touch.state == TouchState.SCHEDULED
    ]
    noted = [f"noted: {fact.name} = {fact.value}" for fact in change.facts]
    return Done(lines=(f"task {task_id}: {'done' if done else 'dropped'}", *noted, *following))


# -- what was learned ----------------------------------------------------------------------------


def learn(office: Office, address: str, text: str, by: str) -> Done:
    """A fact about a person, as somebody types it: `team_size=40`, or a sentence. Raises Unknown, and NotNow where it says nothing."""
    now = office.clock.now()
    change = carry_on(office, lambda: lesson(office, address, text, now, source="followupd learn", by=by))
    return Done(lines=tuple(f"{fact.address}: noted {fact.name} = {fact.value}" for fact in change.facts))


def lesson(
    office: Office, address: str, text: str, now: datetime, *, source: str, by: str, name: str = learned.NOTE, touch: str = ""
) -> Change:
    """What keeping a fact changes. It counts for the touch that is named, else for the last one that has reached the person.

    Raises Unknown for a person whom nobody knows, and NotNow where there is nothing to note; both with words for people.
    """
    prospect, enrollments = person(office, address)
    about = office.store.find(Touch, touch) if touch else _last_touch(office, enrollments)
    enrollment = about.enrollment if about else next((one.id for one in enrollments), "")
    known = [one.at for one in office.store.facts(prospect.address)]
    at = max([now, *(before + timedelta(microseconds=1) for before in known)])  # of two in one breath the second counts
    try:
        fact = learned.noted(
            prospect.address, text, at, source=source, by=by, name=name, enrollment=enrollment, touch=about.id if about else ""
        )
    except ValueError as problem:
        raise NotNow(str(problem)) from None
    event = Event(
        at=now, kind="learned", text=f"learned {fact.name}: {fact.value} ({source}, by {by})"[:600], address=fact.address, enrollment=fact.enrollment,
        touch=fact.touch, data={"name": fact.name},
    )  # fmt: skip
    change = Change(facts=(fact,), events=(event,))
    for one in enrollments:
        change += going_on(office, one, now)
    return change


def reasoned(office: Office, task: Task, words: str, now: datetime, *, by: str, source: str = "", why: str = "") -> Change:
    """A cadence that has taught nothing goes on for a reason in words, and ends in silence without one (`why`: how that came)."""
    enrollment = office.store.find(Enrollment, task.enrollment)
    reason = learned.plain(words)
    change = closed(office, task, now, state="done" if reason else "dropped")
    if enrollment is None or not lifecycle.wants_reason(enrollment):
        return change
    if reason:
        fact = learned.noted(
            task.address, f"reason_to_go_on={reason}", now, source=source or f"task {task.id}", by=by, enrollment=enrollment.id, about=learned.GOING_ON
        )  # fmt: skip
        text = f"goes on, although nothing was learned: {reason} (by {by})"
        event = Event(at=now, kind="reason", text=text[:600], address=task.address, enrollment=enrollment.id)
        return change + going_on(office, enrollment, now) + Change(facts=(fact,), events=(event,), tasks=change.tasks)
    over = lifecycle.finish(enrollment, Outcome.SILENT, why or f"{by} gave no reason to go on", now)
    cadence, (_, prospect, _) = office.cadence(enrollment.digest), office.store.with_touches(enrollment)
    if cadence.end_enroll:
        over += office.follow_on(enrollment, prospect, cadence.end_enroll, now, "no reason to go on")
    return change + over


def _last_touch(office: Office, enrollments: Iterable[Enrollment]) -> Touch | None:
    reached = [
        touch
        for one in enrollments
        if one.state != EnrollmentState.FINISHED
        for touch in office.store.touches(one.id)
        if touch.state == TouchState.SENT and touch.settled
    ]
    return max(reached, key=lambda touch: (touch.settled, touch.position), default=None)


def _taught(office: Office, task: Task, note: str, by: str, now: datetime) -> Change:
    """What the rep says when a task is done: the answer to the question of its step, or a note. Nothing where it says nothing."""
    touch, question = asked_by(office, task)
    if not learned.plain(note) or office.store.person(task.address)[0] is None:
        return Change()
    name = touch.step if touch and question else learned.NOTE
    return lesson(
        office, task.address, note, now, source=f"task {task.id}", by=by, name=name, touch=touch.id if touch else task.touch
    )


def closing(office: Office, task_id: str, *, done: bool, by: str, note: str = "", teaches: bool = True) -> Change:
    """What `close_task` writes; `teaches`: the note is something learned. Raises Unknown and NotNow."""
    now = office.clock.now()
    task = office.store.find(Task, task_id)
    if task is None:
        raise Unknown(f"{task_id}: no such task; followupd tasks lists them")
    if task.state != "open":
        raise NotNow(f"task {task_id} was closed before: {task.state}")
    if task.kind == NEXT_STEP and done:
        return _stepped(office, task, note, by, now)
    if task.kind == REASON:
        if done and not learned.plain(note):
            raise NotNow(
                f'write the reason to go on: followupd done {task_id} --note "..."; without one: followupd skip {task_id}'
            )
        return reasoned(office, task, note if done else "", now, by=by)
    state = "done" if done else "dropped"
    change = closed(office, task, now, state=state) + (_taught(office, task, note, by, now) if done and teaches else Change())
    touch = office.store.find(Touch, task.touch) if task.touch else None
    if touch is None or touch.state != TouchState.OPEN:
        text = f"task {task.title!r} {state} by {by}{': ' + note if note else ''}"
        event = Event(
            at=now, kind=f"task_{state}", text=text[:600], address=task.address, enrollment=task.enrollment,
            data={"task": task.id, "kind": task.kind},
        )  # fmt: skip
        return change + Change(events=(event,))
    enrollment = office.store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    _, prospect, _ = office.store.with_touches(enrollment)
    fact = TouchFact.DONE if done else TouchFact.SKIP
    text = f"{'done' if done else 'dropped'} by {by}{': ' + note if note else ''}"
    return change + lifecycle.settle(touch, enrollment, office.cadence(enrollment.digest), prospect, fact, now, text)


def _stepped(office: Office, task: Task, note: str, by: str, now: datetime) -> Change:
    """The next step after a meeting stands in the prospect's own column from now on."""
    step, (prospect, _) = learned.plain(note), person(office, task.address)
    if not step:
        raise NotNow(f'write the next step: followupd done {task.id} --note "..."')
    event = Event(
        at=now,
        kind="next_step",
        text=f"the next step is: {step} (by {by})"[:600],
        address=task.address,
        enrollment=task.enrollment,
    )
    known = replace(prospect, columns={**prospect.columns, "next_step": step})
    return closed(office, task, now) + Change(prospects=(known,), events=(event,))


# -- in doubt ------------------------------------------------------------------------------------

BY_RULES = "rules"
"""Who has decided what a reply means, where no human has."""


def decide(office: Office, reply_id: str, kind: ReplyKind, by: str) -> Done:
    """A human's word for what a reply means; its effect follows as if it had been read so at once."""
    change = carry_on(office, lambda: deciding(office, reply_id, kind, by))
    lines = [
        f"{one.address}: {one.state}{f', {one.outcome}' if one.outcome else ''} in {one.cadence}" for one in change.enrollments
    ]
    return Done(lines=(f"reply {reply_id}: {kind}", *lines))


def deciding(
    office: Office, reply_id: str, kind: ReplyKind, by: str, *, resume: date | None = None, reason: Reason | None = None
) -> Change:
    """What `decide` writes. A day or a reason that the human names counts more than what was read. Raises Unknown and NotNow."""
    now = office.clock.now()
    reply = office.store.find(Reply, reply_id)
    if reply is None:
        raise Unknown(f"{reply_id}: no such reply; followupd review lists them")
    if reply.kind == kind and reply.decided_by != BY_RULES and resume is None:  # what it began must not be ended by it
        raise NotNow(f"reply {reply_id} was decided before: {kind}, by {reply.decided_by}")
    answered = replace(decided(reply, kind, by), resume=resume or reply.resume, reason=reason or reply.reason)
    enrollment = office.store.find(Enrollment, reply.enrollment)
    if enrollment is None:  # a mail that could not be read: nobody is known to have written it
        return Change(replies=(answered,))
    change = _followed(office, answered, enrollment, f"decided by {by}", now)
    # Who has opted out wants silence, and a machine waits for nothing: then every task about this answer is over.
    all_over = kind in AUTOMATIC or kind == ReplyKind.UNSUBSCRIBE
    obsolete = [task for task in office.store.tasks() if task.reply == reply_id and (all_over or task.kind == "decide")]
    for task in obsolete:  # an answer that nobody has given was not given
        change += all_closed(office, [task], now, "done" if task.kind == "decide" else "dropped")
    return change


def told(office: Office, word: Reply, enrollment: Enrollment) -> Change:
    """What follows from what a human says of a person without a mail of theirs, kept as `word`: as if it had been an answer."""
    return _followed(office, word, enrollment, f"{word.decided_by}: {word.text}", office.clock.now())


def _followed(office: Office, answered: Reply, enrollment: Enrollment, evidence: str, now: datetime) -> Change:
    match = office.store.match([], [enrollment.address], enrollment.mailbox, "")
    assert match is not None
    goes_on, match = _released(office, match, now)
    reading = Reading(
        kind=answered.kind,
        confidence=1.0,
        evidence=evidence,
        resume=answered.resume,
        reason=answered.reason,
        contact=answered.contact,
    )
    return goes_on + consequences(office, replace(answered, evidence=evidence), reading, match, now)


def _released(office: Office, match: Match, now: datetime) -> tuple[Change, Match]:
    """What was held goes on first, so that the human's word has the effect that it would have had at once."""
    change, enrollments = Change(), []
    for enrollment in match.open:
        touches = tuple(touch for touch in match.touches if touch.enrollment == enrollment.id)
        if enrollment.state == EnrollmentState.HELD and not any(touch.state == TouchState.DOUBTFUL for touch in touches):
            woken = lifecycle.wake(
                enrollment, touches, office.cadence(enrollment.digest), match.prospect, now, EnrollmentFact.RESUME
            )
            change, enrollment = change + woken, woken.enrollments[0]
        enrollments.append(enrollment)
    return change, replace(match, open=tuple(enrollments))


SETTLEMENTS = {"sent": TouchFact.SETTLE_SENT, "skip": TouchFact.SKIP, "again": TouchFact.SEND_AGAIN}
"""What a human can say of a mail that may have been sent, or not."""


def settle(office: Office, touch_id: str, word: str, by: str) -> Done:
    """A human's word on a doubtful mail: it was sent; skip it; send it again (the same name, so many servers drop a copy)."""
    change = carry_on(office, lambda: settling(office, touch_id, word, by))
    return Done(lines=tuple(event.text for event in change.events) or (f"touch {touch_id}: {word}",))


def settling(office: Office, touch_id: str, word: str, by: str) -> Change:
    """What `settle` writes. Raises Unknown and NotNow."""
    touch = office.store.find(Touch, touch_id)
    if touch is None:
        raise Unknown(f"{touch_id}: no such touch; followupd review lists what is in doubt")
    enrollment = office.store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    _, prospect, _ = office.store.with_touches(enrollment)
    now = office.clock.now()
    return lifecycle.settle_doubt(touch, enrollment, office.cadence(enrollment.digest), prospect, SETTLEMENTS[word], now, by)


def person(office: Office, address: str) -> tuple[Prospect, tuple[Enrollment, ...]]:
    """Who that is; raises Unknown."""
    prospect, enrollments = office.store.person(address)
    if prospect is None:
        raise Unknown(f"{address}: nobody by that address is known here")
    return prospect, enrollments
