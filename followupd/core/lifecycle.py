"""What follows? Two transition tables, and the functions that turn facts into a `Change`.

Rule 1: every move of a state is a cell of the two tables below; nothing else in the program moves a state.
Rule 2: facts are never refused, each state has a cell for each fact, even if it says "stay" (`.`), because the world does
not ask. Requests are a human's wish; they may be refused (`x`), as `NotNow`.

Decides all consequences of deliveries, replies, deadlines and requests. Never reads clock, dice or store: `now` and
drawn fractions are arguments, ids are made from what they stand for, so the same inputs give the same change.
`docs/lifecycle.md` is generated from the tables.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from followupd.core import timing as times
from followupd.core import when
from followupd.core.model import (
    Accepted,
    Cadence,
    Change,
    Deferred,
    Delivery,
    Doubtful,
    Effect,
    Enrollment,
    EnrollmentState,
    Event,
    HandedOver,
    Match,
    Outcome,
    Prospect,
    Reading,
    Refused,
    Reply,
    ReplyKind,
    Suppression,
    Switch,
    Task,
    Touch,
    TouchState,
)


class TouchFact(StrEnum):
    """What can happen to a touch. The last four are requests."""

    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    HANDED_OVER = "handed over"
    DEFERRED = "deferred"
    REFUSED = "refused"
    POSTPONED = "postponed"
    NOT_WANTED = "not wanted"
    DOUBTED = "doubted"
    PROVED = "proved"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    ENDED = "enrollment finished"
    DONE = "done"
    SKIP = "skip"
    SETTLE_SENT = "settle as sent"
    SEND_AGAIN = "send again"


class EnrollmentFact(StrEnum):
    """What can happen to an enrollment. The last three are requests."""

    MOVED = "moved on"
    RAN_OUT = "last touch over"
    SILENT = "stayed silent"
    DOUBT = "must be looked at"
    AWAY = "put off to a date"
    WOKE = "date has come"
    CLEARED = "doubt is gone"
    DECIDED = "decided"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


TOUCHES = """
                     scheduled  sending    open       sent       skipped    failed     doubtful
claimed              sending    .          .          .          .          .          .
accepted             sent       sent       .          .          sent       sent       sent
handed over          open       open       .          .          .          .          .
deferred             .          scheduled  .          .          .          .          scheduled
refused              failed     failed     .          .          .          .          failed
postponed            .          scheduled  .          .          .          .          .
not wanted           skipped    skipped    .          .          .          .          .
doubted              .          doubtful   .          .          .          .          .
proved               sent       sent       .          .          sent       sent       sent
bounced              failed     failed     .          failed     failed     .          failed
expired              skipped    .          skipped    .          .          .          .
enrollment finished  skipped    .          skipped    .          .          .          .
done                 x          x          sent       x          x          x          x
skip                 skipped    x          skipped    x          x          x          skipped
settle as sent       x          x          x          x          x          x          sent
send again           x          x          x          x          x          x          scheduled
"""

ENROLLMENTS = """
                     active     held       paused     finished
moved on             .          .          .          .
last touch over      .          .          .          .
stayed silent        finished   .          .          .
must be looked at    held       .          held       .
put off to a date    paused     .          paused     .
date has come        .          .          active     .
doubt is gone        .          active     .          .
decided              finished   finished   finished   .
pause                paused     paused     paused     x
resume               x          active     active     x
stop                 finished   finished   finished   x
"""


class NotNow(Exception):
    """A human's request that doesn't fit the state; the text says why, for people."""


def _read(table: str) -> dict[tuple[str, str], str]:
    header, *rows = [line for line in table.splitlines() if line.strip()]
    states = header.split()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        fact, cells = row[:21].strip(), row[21:].split()
        found.update({(state, fact): state if cell == "." else cell for state, cell in zip(states, cells, strict=True)})
    return found


TOUCH_MOVES = _read(TOUCHES)
ENROLLMENT_MOVES = _read(ENROLLMENTS)


def move_touch(touch: Touch, fact: TouchFact) -> TouchState:
    """The touch's next state; raises NotNow for a request that the table refuses."""
    cell = TOUCH_MOVES[touch.state, fact]
    if cell == "x":
        raise NotNow(f"step {touch.step} is {touch.state}, so {fact!s} does not apply")
    return TouchState(cell)


def move_enrollment(enrollment: Enrollment, fact: EnrollmentFact) -> EnrollmentState:
    """The enrollment's next state; raises NotNow for a request that the table refuses."""
    cell = ENROLLMENT_MOVES[enrollment.state, fact]
    if cell == "x":
        raise NotNow(f"{enrollment.address} is {enrollment.state} in {enrollment.cadence}, so {fact!s} does not apply")
    return EnrollmentState(cell)


def made_id(*parts: str, length: int = 12) -> str:
    """An id made from what it stands for: the same thing twice has the same id. 5 bits a letter."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:length]


def task_id(touch: Touch) -> str:
    """The id of the task that a touch becomes when it is handed to a human."""
    return made_id("task", touch.id, length=6)


# -- effects -------------------------------------------------------------------------------------

DEFAULT_EFFECTS: dict[ReplyKind, Effect] = {
    ReplyKind.YES: Effect(move="finish", outcome=Outcome.YES, task="Call {{ prospect.first_name }}: {{ reply.quote }}"),
    ReplyKind.NO: Effect(move="finish", outcome=Outcome.NO, enroll="after-the-no"),
    ReplyKind.LATER: Effect(move="pause", pause="30d"),
    ReplyKind.ENGAGED: Effect(move="hold", task="Answer this: {{ reply.quote }}"),
    ReplyKind.REFERRAL: Effect(move="finish", outcome=Outcome.REFERRED, task="Somebody else was named: {{ reply.quote }}"),
    ReplyKind.UNSUBSCRIBE: Effect(move="finish", outcome=Outcome.OPTED_OUT, suppress=True),
    ReplyKind.OUT_OF_OFFICE: Effect(move="pause", pause="7d"),
    ReplyKind.AUTO_REPLY: Effect(move="continue"),
    ReplyKind.BOUNCE_HARD: Effect(move="finish", outcome=Outcome.BOUNCED, suppress=True),
    ReplyKind.BOUNCE_SOFT: Effect(move="pause", pause="3d"),
    ReplyKind.BOUNCE_BLOCKED: Effect(move="pause", pause="7d"),
    ReplyKind.COMPLAINT: Effect(move="finish", outcome=Outcome.OPTED_OUT, suppress=True),
    ReplyKind.UNCLEAR: Effect(move="hold", task="What does this mean? {{ reply.quote }}"),
}
"""What each kind does where the cadence says nothing (the table of the manual). The rep reads the task texts."""

AUTOMATIC = frozenset({
    ReplyKind.OUT_OF_OFFICE, ReplyKind.AUTO_REPLY, ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED,
    ReplyKind.COMPLAINT,
})  # fmt: skip
"""Kinds that no human typed: they count nowhere as a reply."""

BOUNCES = frozenset({ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED})

FIRM = frozenset({ReplyKind.YES, ReplyKind.NO, ReplyKind.UNSUBSCRIBE, ReplyKind.REFERRAL})
"""Kinds that end a conversation: they act only when the prospect said them."""

OVER = frozenset({TouchState.SENT, TouchState.SKIPPED, TouchState.FAILED})
"""Touches of which nothing more is to come."""

SOFT_BOUNCES = 3
"""After so many soft bounces in one enrollment a human must look (Gmail and Postfix give up in about that many days)."""

BLOCKED_LIMIT = 3
"""So many refusals of our own mail within a day stop the mailbox."""


def effect_of(cadence: Cadence, kind: ReplyKind, known_cadences: frozenset[str]) -> Effect:
    """The cadence's own effect, else the default one; a default `enroll` counts only where that cadence exists."""
    found = cadence.replies.get(kind) or DEFAULT_EFFECTS[kind]
    # What only the default says is meant for workspaces that have such a cadence, and never for that cadence itself.
    absent = found.enroll not in known_cadences or found.enroll == cadence.name
    return replace(found, enroll=None) if absent and found.enroll == DEFAULT_EFFECTS[kind].enroll else found


# -- beginning, and going on ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Who is to be enrolled, and how: the input of `begin`."""

    prospect: Prospect
    cadence: Cadence
    mailbox: str
    source: str
    start_at: datetime | None = None
    start_step: str = ""
    parent: str = ""


def begin(start: Start, now: datetime) -> Change:
    """A new enrollment with its first touches."""
    cadence, prospect = start.cadence, start.prospect
    begun = max(now, start.start_at) if start.start_at else now
    enrollment = Enrollment(
        id=made_id("enrollment", prospect.address, cadence.name),
        prospect=prospect.id, address=prospect.address, cadence=cadence.name, digest=cadence.digest,
        mailbox=start.mailbox, state=EnrollmentState.ACTIVE, started=now, moved=begun,
        source=start.source, parent=start.parent,
    )  # fmt: skip
    position = next((step.position for step in cadence.steps if step.id == start.start_step), 0)
    following = go_on(enrollment, cadence, prospect, position=position, now=begun, previous="the enrollment began")
    event = Event(
        at=now, kind="enrolled", text=f"enrolled in {cadence.name} from {start.source}", address=prospect.address,
        enrollment=enrollment.id,
    )  # fmt: skip
    return Change(prospects=(prospect,), events=(event,)) + following


def go_on(enrollment: Enrollment, cadence: Cadence, prospect: Prospect, *, position: int, now: datetime, previous: str) -> Change:
    """The cadence moves on to `position`: that touch is scheduled, and those behind it for which it does not wait.

    An enrollment that stands still goes on standing still: a pause keeps its end.
    """
    paused = enrollment.until if enrollment.state == EnrollmentState.PAUSED else None
    enrollment = replace(enrollment, position=position, moved=now, until=paused)
    timing = times.timing_for(cadence, prospect)
    touches: list[Touch] = []
    for step in cadence.steps[position:]:
        due = times.first_due(timing, step, enrollment, prospect, previous, now)
        anchor, _ = times.anchor_of(step, enrollment, prospect, previous)
        touch = Touch(
            id=made_id("touch", enrollment.id, str(step.position)), enrollment=enrollment.id,
            address=enrollment.address, mailbox=enrollment.mailbox, position=step.position, step=step.id,
            channel=step.channel, state=TouchState.SCHEDULED, due=due.at, why=due.why, waits=step.wait,
            deadline=timing.deadline(step, anchor),
        )  # fmt: skip
        touches.append(touch)
        if step.wait:
            return Change(enrollments=(replace(enrollment, position=step.position),), touches=tuple(touches))
    closes = timing.after(now, cadence.end_after, previous).at
    state = move_enrollment(enrollment, EnrollmentFact.RAN_OUT)
    closing = replace(
        enrollment, state=state, position=len(cadence.steps), until=closes if state == EnrollmentState.ACTIVE else paused
    )
    return Change(enrollments=(closing,), touches=tuple(touches))


def settle(
    touch: Touch,
    enrollment: Enrollment,
    cadence: Cadence,
    prospect: Prospect,
    fact: TouchFact,
    now: datetime,
    text: str,
    code: int = 0,
) -> Change:
    """A touch is over, one way or another; if the cadence waited for it, the next one is scheduled."""
    state = move_touch(touch, fact)
    if state == touch.state:
        return Change()
    settled = replace(touch, state=state, settled=now, text=text[:300], code=code, token="")
    event = Event(
        at=now, kind=f"touch_{state}", text=f"step {touch.step}: {_spoken(state, touch.channel)}{' - ' + text if text else ''}"[:600],
        address=touch.address, enrollment=enrollment.id, touch=touch.id,
    )  # fmt: skip
    change = Change(touches=(settled,), events=(event,))
    enrollment = _cleared(touch, enrollment, cadence, prospect, now)
    if touch.state == TouchState.DOUBTFUL:
        change += Change(enrollments=(enrollment,))
    if touch.state in OVER or state not in OVER or not touch.waits or enrollment.state == EnrollmentState.FINISHED:
        return change
    previous = f"{touch.step} was {_spoken(state, touch.channel)}"
    try:
        return change + go_on(enrollment, cadence, prospect, position=touch.position + 1, now=now, previous=previous)
    except (ValueError, LookupError) as problem:  # what happened is a fact in hand: it is kept, whatever the next date is
        return change + hold(replace(enrollment, position=touch.position + 1), f"the next step can't be dated: {problem}", now)


def settle_doubt(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, fact: TouchFact, now: datetime, by: str
) -> Change:
    """A human's word on a doubtful touch; raises NotNow where there is no doubt."""
    if move_touch(touch, fact) != TouchState.SCHEDULED:
        return settle(touch, enrollment, cadence, prospect, fact, now, f"settled by {by}")
    if enrollment.state == EnrollmentState.FINISHED:
        raise NotNow(f"{enrollment.address} is {enrollment.state} in {enrollment.cadence}, so nothing is sent again")
    opens = times.timing_for(cadence, prospect).next_open(now, touch.position)
    again = replace(
        touch, state=TouchState.SCHEDULED, due=opens.at, settled=None, why=(f"sent again at the word of {by}", *opens.why)
    )
    event = Event(
        at=now, kind="send_again", text=f"step {touch.step}: is sent again at the word of {by}", address=touch.address,
        enrollment=enrollment.id, touch=touch.id,
    )  # fmt: skip
    return Change(enrollments=(_cleared(touch, enrollment, cadence, prospect, now),), touches=(again,), events=(event,))


def _cleared(touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, now: datetime) -> Enrollment:
    """An enrollment that stood still for the doubt about this touch alone goes on; every other reason to stand still remains."""
    if touch.state != TouchState.DOUBTFUL or not enrollment.reason.startswith(_doubt_reason(touch)):
        return enrollment
    state = move_enrollment(enrollment, EnrollmentFact.CLEARED)
    closes = None
    if state == EnrollmentState.ACTIVE and enrollment.position == len(cadence.steps):  # it was waiting for an answer alone
        closes = times.timing_for(cadence, prospect).after(now, cadence.end_after, "the doubt").at
    return replace(
        enrollment,
        state=state,
        reason="" if state == EnrollmentState.ACTIVE else enrollment.reason,
        until=closes or enrollment.until,
    )


def _spoken(state: TouchState, channel: str) -> str:
    if channel == "task" and state == TouchState.SENT:
        return "done"
    return {TouchState.OPEN: "handed to the rep", TouchState.FAILED: "refused"}.get(state, state.value)


# -- after a delivery ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What consequences need beside the fact: the time, the drawn chance, and what else the workspace knows."""

    now: datetime
    fraction: float = 0.0
    cadences: frozenset[str] = frozenset()


def after_delivery(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, delivery: Delivery, moment: Moment
) -> Change:
    """What follows from what the mail server said, or from handing over to a human."""
    now = moment.now
    match delivery:
        case Accepted(code, text, ids):
            change = settle(touch, enrollment, cadence, prospect, TouchFact.ACCEPTED, now, text, code)
            return change + Change(aliases=tuple((other, touch.id) for other in ids))
        case HandedOver(text, title):
            return _hand_over(touch, enrollment, cadence, prospect, title, text, now)
        case Doubtful(text):
            return doubt(touch, enrollment, now, text)
        case Deferred():
            return _deferred(touch, enrollment, cadence, prospect, delivery, moment)
        case Refused():
            return _refused(touch, enrollment, cadence, prospect, delivery, moment)


def _hand_over(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, title: str, text: str, now: datetime
) -> Change:
    state = move_touch(touch, TouchFact.HANDED_OVER)
    if state == touch.state:
        return Change()
    if enrollment.state == EnrollmentState.FINISHED:  # it ended while we had the touch in hand
        return Change(touches=(_ended(replace(touch, state=state), enrollment),))
    step = cadence.steps[touch.position]
    task = Task(
        id=task_id(touch), owner=enrollment.mailbox, address=touch.address, kind=step.template,
        title=title, text=text, created=now, enrollment=enrollment.id, touch=touch.id, deadline=touch.deadline,
    )  # fmt: skip
    event = Event(
        at=now, kind="task", text=f"step {touch.step}: {title}", address=touch.address, enrollment=enrollment.id, touch=touch.id
    )
    # The enrollment is in the change, as it was judged by: has it ended meanwhile, the change is stale and is judged again.
    return Change(enrollments=(enrollment,), touches=(replace(touch, state=state, token=""),), tasks=(task,), events=(event,))


def doubt(touch: Touch, enrollment: Enrollment, now: datetime, text: str) -> Change:
    """Nobody knows whether the server has it: the touch is doubtful and a human decides, unless proof appears."""
    state = move_touch(touch, TouchFact.DOUBTED)
    if state == touch.state:
        return Change()
    reason = f"{_doubt_reason(touch)}: {text}"
    event = Event(at=now, kind="touch_doubtful", text=reason, address=touch.address, enrollment=enrollment.id, touch=touch.id)
    doubtful = replace(touch, state=state, text=text[:300], settled=now, token="")
    change = Change(touches=(doubtful,), events=(event,))
    if enrollment.state != EnrollmentState.ACTIVE:  # it stands still for another reason, which must outlast the doubt
        return change
    return change + hold(enrollment, reason, now)


def _deferred(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, delivery: Deferred, moment: Moment
) -> Change:
    state = move_touch(touch, TouchFact.DEFERRED)
    if state == touch.state:
        return Change()
    enrollment = _cleared(touch, enrollment, cadence, prospect, moment.now)
    if delivery.blames != "message":  # the server's or our mailbox's trouble costs the touch no attempt
        return postpone(touch, enrollment, moment.now, f"{delivery.code or 'no connection'}: {delivery.text}", TouchFact.DEFERRED)
    retries = tuple(when.parse_delay(text) for text in cadence.retry)
    again = when.retry_at(moment.now, touch.attempt, retries, moment.fraction)
    if again is None:
        return _given_up(
            touch, enrollment, cadence, prospect, delivery.code, f"put off {touch.attempt} times: {delivery.text}", moment
        )
    timing = times.timing_for(cadence, prospect)
    opens = timing.next_open(again, touch.position)
    why = (f"attempt {touch.attempt} was put off ({delivery.code} {delivery.text[:80]})", *opens.why)
    event = Event(
        at=moment.now, kind="touch_deferred", text=f"step {touch.step}: put off, {delivery.code} {delivery.text}",
        address=touch.address, enrollment=enrollment.id, touch=touch.id,
    )  # fmt: skip
    later = replace(
        touch, state=state, due=opens.at, why=why, settled=None, code=delivery.code, text=delivery.text[:300], token=""
    )
    return Change(enrollments=(enrollment,), touches=(_ended(later, enrollment),), events=(event,))


def postpone(touch: Touch, enrollment: Enrollment, until: datetime, reason: str, fact: TouchFact = TouchFact.POSTPONED) -> Change:
    """The claim is given back: this touch is asked again at `until`, as if it had not been tried."""
    state = move_touch(touch, fact)
    if state == touch.state:  # we no longer have it in hand
        return Change()
    attempt = max(touch.attempt - 1, 0)
    intended = touch.intended if attempt else None
    why = touch.why if touch.due == until else (*touch.why[:4], reason[:200])
    later = replace(
        touch, state=state, due=until, attempt=attempt, intended=intended, why=why, settled=None, token="", text=reason[:300]
    )
    # The enrollment is in the change, as it was judged by: has it ended meanwhile, the change is stale and is judged again.
    return Change(enrollments=(enrollment,), touches=(_ended(later, enrollment),))


def _ended(touch: Touch, enrollment: Enrollment) -> Touch:
    """The touch as it is, or skipped where the enrollment has ended while we had it in hand."""
    if enrollment.state != EnrollmentState.FINISHED:
        return touch
    return replace(touch, state=move_touch(touch, TouchFact.ENDED), settled=enrollment.finished, token="")


def _refused(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, delivery: Refused, moment: Moment
) -> Change:
    if move_touch(touch, TouchFact.REFUSED) == touch.state:
        return Change()
    if delivery.gone:
        reason = f"{delivery.code} {delivery.text}"
        failed = replace(
            touch,
            state=move_touch(touch, TouchFact.REFUSED),
            settled=moment.now,
            code=delivery.code,
            text=delivery.text[:300],
            token="",
        )
        gone = Suppression(key=touch.address, reason="the address is gone", source=reason[:200], at=moment.now)
        change = Change(touches=(failed,), suppressions=(gone,))
        return change + finish(enrollment, Outcome.BOUNCED, f"the address is gone: {reason}", moment.now)
    if delivery.blames == "mailbox":
        enrollment = _cleared(touch, enrollment, cadence, prospect, moment.now)
        return postpone(touch, enrollment, moment.now, f"{delivery.code}: {delivery.text}", TouchFact.DEFERRED)
    return _given_up(touch, enrollment, cadence, prospect, delivery.code, delivery.text, moment)


def _given_up(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, code: int, text: str, moment: Moment
) -> Change:
    """A touch that can't be delivered holds the enrollment: whether the next one makes sense is for a human to say."""
    change = settle(touch, enrollment, cadence, prospect, TouchFact.REFUSED, moment.now, text, code)
    if enrollment.state == EnrollmentState.FINISHED:
        return change
    moved = next(iter(change.enrollments), enrollment)
    reason = f"step {touch.step} was refused: {code} {text}"
    task = Task(
        id=made_id("settle", touch.id, length=6), owner=enrollment.mailbox, address=touch.address, kind="settle",
        title=f"{touch.address}: {touch.step} could not be delivered", text=reason, created=moment.now,
        enrollment=enrollment.id,
    )  # fmt: skip
    return change + hold(moved, reason, moment.now) + Change(tasks=(task,))


def cannot_write(touch: Touch, enrollment: Enrollment, reason: str, now: datetime) -> Change:
    """The message can't be written (a value is missing): nothing leaves, and the owner is asked."""
    task = Task(
        id=made_id("write", touch.id, str(enrollment.version), length=6), owner=enrollment.mailbox, address=touch.address, kind="settle",
        title=f"{touch.address}: {touch.step} can't be written", text=reason, created=now, enrollment=enrollment.id,
    )  # fmt: skip
    given_back = postpone(touch, enrollment, now, reason)
    if not given_back.touches or enrollment.state == EnrollmentState.FINISHED:
        return given_back
    return given_back + hold(enrollment, reason, now) + Change(tasks=(task,))


# -- holding, pausing, finishing -----------------------------------------------------------------


def hold(enrollment: Enrollment, reason: str, now: datetime) -> Change:
    """A human must look before anything more is sent."""
    state = move_enrollment(enrollment, EnrollmentFact.DOUBT)
    if state != EnrollmentState.HELD:
        return Change()
    held = replace(enrollment, state=state, reason=reason[:300], until=None)
    event = Event(at=now, kind="held", text=f"held: {reason}"[:600], address=enrollment.address, enrollment=enrollment.id)
    return Change(enrollments=(held,), events=(event,))


def put_off(enrollment: Enrollment, until: datetime, reason: str, now: datetime) -> Change:
    """Nothing is sent before `until`; an enrollment that waits for a human goes on waiting for that human."""
    state = move_enrollment(enrollment, EnrollmentFact.AWAY)
    if state == EnrollmentState.HELD and DOUBT in enrollment.reason:  # settling the doubt must not send to who asked for time
        return Change(enrollments=(replace(enrollment, reason=reason[:300]),))
    if state != EnrollmentState.PAUSED:
        return Change()
    if enrollment.state == EnrollmentState.PAUSED and enrollment.until is None:
        return Change()  # a human has paused it without a date: no mail shortens that
    later = max(until, enrollment.until) if enrollment.state == EnrollmentState.PAUSED and enrollment.until else until
    paused = replace(enrollment, state=state, until=later, reason=reason[:300])
    event = Event(
        at=now,
        kind="paused",
        text=f"paused until {later:%d %b %Y %H:%M} UTC: {reason}"[:600],
        address=enrollment.address,
        enrollment=enrollment.id,
    )
    return Change(enrollments=(paused,), events=(event,))


def finish(
    enrollment: Enrollment, outcome: Outcome, reason: str, now: datetime, fact: EnrollmentFact = EnrollmentFact.DECIDED
) -> Change:
    """The end. Open touches are skipped by the store in the same transaction (cell "enrollment finished")."""
    state = move_enrollment(enrollment, fact)
    if enrollment.state == EnrollmentState.FINISHED or state != EnrollmentState.FINISHED:
        return Change()
    over = replace(enrollment, state=state, outcome=outcome, finished=now, reason=reason[:300], until=None)
    event = Event(
        at=now, kind="finished", text=f"finished: {outcome} - {reason}"[:600], address=enrollment.address, enrollment=enrollment.id,
        data={"outcome": outcome.value},
    )  # fmt: skip
    return Change(enrollments=(over,), events=(event,))


def wake(
    enrollment: Enrollment,
    open_touches: tuple[Touch, ...],
    cadence: Cadence,
    prospect: Prospect,
    now: datetime,
    fact: EnrollmentFact,
) -> Change:
    """A pause is over, by date or by a human: the touches that waited are dated anew, never into the past.

    An enrollment whose last touch was over goes back to waiting for silence.
    """
    state = move_enrollment(enrollment, fact)
    if state == enrollment.state:
        return Change()
    timing = times.timing_for(cadence, prospect)
    touches = []
    for touch in open_touches:
        if touch.state == TouchState.SCHEDULED and touch.due < now:
            opens = timing.next_open(now, touch.position)
            touches.append(replace(touch, due=opens.at, why=(*touch.why[:4], "the pause is over", *opens.why)))
    waits = any(touch.waits for touch in open_touches)
    if not waits and enrollment.position < len(cadence.steps):  # it stood still because the next step could not be dated
        awake = replace(enrollment, state=state, until=None, reason="")
        try:
            return go_on(awake, cadence, prospect, position=enrollment.position, now=now, previous="it was resumed")
        except (ValueError, LookupError) as problem:
            return hold(enrollment, f"the next step still can't be dated: {problem}", now)
    closes = None if waits else timing.after(now, cadence.end_after, "the pause").at
    event = Event(at=now, kind="resumed", text=f"goes on: {fact!s}", address=enrollment.address, enrollment=enrollment.id)
    return Change(
        enrollments=(replace(enrollment, state=state, until=closes, reason=""),), touches=tuple(touches), events=(event,)
    )


def after_silence(enrollment: Enrollment, now: datetime) -> Change:
    """Nobody answered until the end of the last wait. Silence is an outcome of its own, never a no."""
    return finish(enrollment, Outcome.SILENT, "nobody answered", now, EnrollmentFact.SILENT)


# -- after a reply -------------------------------------------------------------------------------


def trusted_kind(kind: ReplyKind, match: Match, writer: str) -> tuple[ReplyKind, str]:
    """How far a mail is believed (table in docs/decisions): a firm word counts only from the prospect's own address.

    A delivery report counts against an address only if it names a mail of ours that went there: reports are easily forged.
    """
    if kind in FIRM and writer != match.prospect.address:
        return ReplyKind.UNCLEAR, f"written by {writer or 'nobody in particular'}, not by {match.prospect.address}"
    if kind in (ReplyKind.BOUNCE_HARD, ReplyKind.COMPLAINT) and match.touch is None:
        return ReplyKind.UNCLEAR, "a report that names no mail of ours"
    return kind, ""


def after_reply(
    reply: Reply, reading: Reading, match: Match, cadences: dict[str, tuple[Cadence, Effect]], now: datetime
) -> Change:
    """What follows from a received mail. `cadences` holds, for each open enrollment, its cadence and the effect there.

    The mail itself is recorded in the same change. It acts on every open enrollment of the person: who has answered has
    answered, whichever mail the answer was to. A finished enrollment only remembers it.
    """
    change = Change(replies=(reply,), events=(_reply_event(reply, match, now),))
    suppress = reply.kind in (ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT, ReplyKind.BOUNCE_HARD)
    # Also after the end: an opt-out is an opt-out, whenever it comes.
    if suppress or any(effect.suppress for _, effect in cadences.values()):
        change += Change(
            suppressions=(
                Suppression(key=match.prospect.address, reason=_why_suppressed(reply.kind), source=f"reply {reply.id}", at=now),
            )
        )
    if reading.kind == ReplyKind.UNSUBSCRIBE and reply.address and reply.address != match.prospect.address:
        own_wish = Suppression(key=reply.address, reason="asked for no more mail", source=f"reply {reply.id}", at=now)
        change += Change(suppressions=(own_wish,))
    if match.touch is not None and match.touch.enrollment not in cadences:
        change += _proof(match.touch, reply, now)
    for enrollment in match.open:
        cadence, effect = cadences[enrollment.id]
        if match.touch is not None and match.touch.enrollment == enrollment.id:
            change += _proof_in(match.touch, enrollment, cadence, match.prospect, reply, now)
            enrollment = next((row for row in change.enrollments if row.id == enrollment.id), enrollment)
        change += _effect(effect, enrollment, cadence, reply, match, now)
    if not match.open and reply.kind not in AUTOMATIC and reply.kind != ReplyKind.UNSUBSCRIBE:
        change += Change(
            tasks=(chore(reply, match.enrollment, "read", f"{match.prospect.address} wrote after the end", reply.text, now),)
        )
    return change


def chore(reply: Reply, enrollment: Enrollment, kind: str, title: str, text: str, now: datetime) -> Task:
    """A task for the owner that comes from a reply."""
    return Task(
        id=made_id(kind, reply.id, enrollment.id, length=6), owner=enrollment.mailbox, address=enrollment.address, kind=kind, title=title[:200],
        text=text[:2000], created=now, enrollment=enrollment.id, reply=reply.id,
    )  # fmt: skip


def _effect(effect: Effect, enrollment: Enrollment, cadence: Cadence, reply: Reply, match: Match, now: datetime) -> Change:
    quote = f"{reply.kind}: {reply.evidence}"
    if reply.kind == ReplyKind.BOUNCE_SOFT and match.soft_bounces + 1 >= SOFT_BOUNCES:
        return hold(enrollment, f"{match.soft_bounces + 1} soft bounces: {reply.evidence}", now)
    match effect.move:
        case "finish":
            return finish(enrollment, effect.outcome or Outcome.STOPPED, quote, now)
        case "pause":
            return put_off(enrollment, _resume_at(effect, cadence, reply, match.prospect, now), quote, now)
        case "hold":
            return hold(enrollment, quote, now)
        case _:
            return Change()


def _resume_at(effect: Effect, cadence: Cadence, reply: Reply, prospect: Prospect, now: datetime) -> datetime:
    """The date in the reply, else the cadence's own length. After an absence one business day more: a full inbox comes first."""
    timing = times.timing_for(cadence, prospect)
    if reply.resume is None:
        return timing.after(now, effect.pause or "30d", "the reply").at
    morning = datetime.combine(reply.resume, time(0), timing.zone).astimezone(UTC)
    if reply.kind == ReplyKind.OUT_OF_OFFICE:
        morning = timing.after(morning, "1bd", "the return").at
    return max(morning, now + timedelta(hours=1))


def _proof(touch: Touch, reply: Reply, now: datetime) -> Change:
    """A mail that names the Message-ID of a touch proves that the touch was sent; a failed report, that it failed."""
    fact, text = _what_it_proves(reply)
    state = move_touch(touch, fact)
    if state == touch.state:
        return Change()
    return Change(touches=(replace(touch, state=state, settled=touch.settled or now, text=text[:300], token=""),))


def _proof_in(touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, reply: Reply, now: datetime) -> Change:
    """The same, in an enrollment that is open: if the cadence waited for this touch, it goes on; a doubt is cleared."""
    fact, text = _what_it_proves(reply)
    if touch.state in OVER:
        return _proof(touch, reply, now)
    return settle(touch, enrollment, cadence, prospect, fact, now, text)


def _what_it_proves(reply: Reply) -> tuple[TouchFact, str]:
    if reply.kind in BOUNCES:
        return TouchFact.BOUNCED, f"delivery report {reply.id}: {reply.evidence}"
    return TouchFact.PROVED, f"proved by reply {reply.id}"


DOUBT = "may have been sent, or not"


def _doubt_reason(touch: Touch) -> str:
    return f"step {touch.step} {DOUBT}"


def _reply_event(reply: Reply, match: Match, now: datetime) -> Event:
    return Event(
        at=now, kind="reply", text=f"{reply.address or 'somebody'} answered: {reply.kind} ({reply.evidence})"[:600], address=match.prospect.address,
        enrollment=match.enrollment.id, touch=match.touch.id if match.touch else "", data={"kind": reply.kind.value, "reply": reply.id, "matched": reply.matched},
    )  # fmt: skip


def _why_suppressed(kind: ReplyKind) -> str:
    return {
        ReplyKind.UNSUBSCRIBE: "asked for no more mail",
        ReplyKind.COMPLAINT: "complained about a mail",
        ReplyKind.BOUNCE_HARD: "the address is gone",
    }.get(kind, f"after a reply: {kind}")


def blocked_mailbox(mailbox: str, count: int, evidence: str, now: datetime) -> Change:
    """Refusals of our mail are about our mailbox: at the threshold it stops until a human has looked."""
    if count < BLOCKED_LIMIT:
        return Change()
    reason = f"{count} mails were refused within a day, for what we are or sent: {evidence}"
    return Change(switches=(Switch(scope=f"mailbox:{mailbox}", reason=reason[:300], at=now),))
