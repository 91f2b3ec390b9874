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
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from followupd.core import timing as times
from followupd.core import when
from followupd.core.guards import NOTHING_LEARNED
from followupd.core.model import (
    Accepted,
    Cadence,
    Change,
    Deferred,
    Delivery,
    Doubtful,
    Enrollment,
    EnrollmentState,
    Event,
    HandedOver,
    Newcomer,
    Outcome,
    Prospect,
    Refused,
    Step,
    Suppression,
    Task,
    Touch,
    TouchState,
    altered,
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


NOTHING = Change()


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
    if length == _USUAL_ID:
        bits, two = int.from_bytes(digest[:8], "big"), _PAIRS
        return f"{two[bits >> 54]}{two[bits >> 44 & 1023]}{two[bits >> 34 & 1023]}{two[bits >> 24 & 1023]}{two[bits >> 14 & 1023]}{two[bits >> 4 & 1023]}"
    return base64.b32encode(digest[: -(-length // 8) * 5]).decode().lower()[:length]  # 5 bytes are 8 letters


_USUAL_ID = 12
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, section 6, in small letters
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
"""Ten bits as two letters. A file of 100,000 rows needs 300,000 ids, for which `base64` takes longer than the database for its rows."""


def enrollment_id(address: str, cadence: str, number: int) -> str:
    """The id of somebody's round in a cadence."""
    return made_id("enrollment", address, cadence, str(number)) if number > 1 else made_id("enrollment", address, cadence)


def touch_id(enrollment: str, step: str) -> str:
    """The id of a step that happens to an enrollment: the same step twice would be the same touch."""
    return made_id("touch", enrollment, step)


def task_id(touch: Touch) -> str:
    """The id of the task that a touch becomes when it is handed to a human."""
    return made_id("task", touch.id, length=6)


def escalation_id(task: str) -> str:
    """The id of the task by which a manager is told of another one."""
    return made_id("escalated", task, length=6)


GONE = "the address is gone"
"""The reason of a suppression for an address that does not exist."""


def wants_reason(enrollment: Enrollment) -> bool:
    """Whether it is held because it has taught nothing, and for that alone."""
    return enrollment.state == EnrollmentState.HELD and enrollment.reason.startswith(NOTHING_LEARNED)


OVER = frozenset({TouchState.SENT, TouchState.SKIPPED, TouchState.FAILED})
"""Touches of which nothing more is to come."""


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
    round: int = 1
    fraction: float = 0.0  # drawn from 0 up to 1: decides the arm of an experiment


def begin(start: Start, now: datetime) -> Change:
    """A new enrollment with its first touches."""
    cadence, prospect = start.cadence, start.prospect
    begun = max(now, start.start_at) if start.start_at else now
    variant = drawn(cadence.variants, start.fraction)
    enrollment = Enrollment(
        id=enrollment_id(prospect.address, cadence.name, start.round), prospect=prospect.id, address=prospect.address, cadence=cadence.name, digest=cadence.digest,
        mailbox=start.mailbox, state=EnrollmentState.ACTIVE, started=now, moved=begun, source=start.source, parent=start.parent,
        round=start.round, priority=cadence.priority, exclusive=cadence.exclusive, variant=variant,
        passed=tuple(step.id for step in _before(cadence, start.start_step)), rested=int((begun - now).total_seconds()),
    )  # fmt: skip
    following = go_on(enrollment, cadence, prospect, now=begun, previous="the enrollment began")
    event = Event(
        at=now, kind="enrolled", text=f"enrolled in {cadence.name} from {start.source}{f', variant {variant}' if variant else ''}",
        address=prospect.address, enrollment=enrollment.id,
        data={
            "cadence": cadence.name, "role": cadence.role, "mailbox": start.mailbox, "source": start.source,
            "parent": start.parent, **plans(following),
        },
    )  # fmt: skip
    return Change(prospects=(prospect,), events=(event,)) + following


def begun_alike(newcomer: Newcomer) -> Change:
    """What `begin` would give for somebody who begins as somebody else does."""
    person, source, begun = newcomer
    (enrollment,), (event,) = begun.enrollments, begun.events
    own = enrollment_id(person.address, enrollment.cadence, enrollment.round)
    touches = tuple(altered(one, id=touch_id(own, one.step), enrollment=own, address=person.address) for one in begun.touches)
    before, _, after = event.text.partition(f" from {enrollment.source}")
    said = altered(
        event,
        text=f"{before} from {source}{after}",
        address=person.address,
        enrollment=own,
        data={**event.data, "source": source},
    )
    mine = altered(enrollment, id=own, prospect=person.id, address=person.address, source=source)
    return Change(prospects=(person,), enrollments=(mine,), touches=touches, events=(said,))


def plans(change: Change) -> dict[str, list[str]]:
    """For the journal: the steps whose touches a change plans."""
    steps = [touch.step for touch in change.touches if touch.version == 0]
    return {"plans": steps} if steps else {}


def drawn(variants: Mapping[str, int], fraction: float) -> str:
    """The arm that a drawn fraction falls on: each has its share of the line from 0 to 1, in the order of writing."""
    left = fraction * sum(variants.values())
    for arm, share in variants.items():
        left -= share
        if left < 0:
            return arm
    return ""


def _before(cadence: Cadence, start_step: str) -> tuple[Step, ...]:
    position = next((step.position for step in cadence.steps if step.id == start_step), 0)
    return cadence.steps[:position]


def ahead(enrollment: Enrollment, cadence: Cadence) -> tuple[Step, ...]:
    """The steps that have not had their turn, in the order in which they come."""
    return tuple(step for step in cadence.steps if step.id not in enrollment.passed)


def go_on(enrollment: Enrollment, cadence: Cadence, prospect: Prospect, *, now: datetime, previous: str) -> Change:
    """The cadence moves on: the next step gets its touch, and so do those before it that nothing waits for.

    An enrollment that stands still goes on standing still: a pause keeps its end.
    """
    return planned(enrollment, cadence, prospect, now=now, previous=previous, moved=now)


def planned(
    enrollment: Enrollment, cadence: Cadence, prospect: Prospect, *, now: datetime, previous: str, moved: datetime | None = None
) -> Change:
    """The touches that come next, counted from where the cadence last moved on: `moved`, where that is only now."""
    moved, paused = moved or enrollment.moved, enrollment.until if enrollment.state == EnrollmentState.PAUSED else None
    timing = times.timing_for(cadence, prospect, enrollment.mailbox)
    coming = _coming(enrollment, cadence)
    passed = (*enrollment.passed, *(step.id for step in coming))
    if coming and coming[-1].wait:
        following = altered(enrollment, moved=moved, until=paused, position=coming[-1].position, passed=passed)
    else:
        closes = timing.after(max(moved, now), cadence.end_after, previous).at
        state = move_enrollment(enrollment, EnrollmentFact.RAN_OUT)
        until = closes if state == EnrollmentState.ACTIVE else paused
        following = altered(enrollment, moved=moved, state=state, position=len(cadence.steps), passed=passed, until=until)
    touches = tuple(touch_for(step, following, prospect, timing, now=now, previous=previous) for step in coming)
    return Change(enrollments=(following,), touches=touches)


def _coming(enrollment: Enrollment, cadence: Cadence) -> tuple[Step, ...]:
    """The steps ahead up to the first one that the cadence waits for."""
    steps = ahead(enrollment, cadence)
    end = next((number for number, step in enumerate(steps, 1) if step.wait), len(steps))
    return steps[:end]


def touch_for(
    step: Step, enrollment: Enrollment, prospect: Prospect, timing: times.Timing, *, now: datetime, previous: str
) -> Touch:
    """A step's touch with its date. Its id is made of enrollment and step: the same step twice would be the same touch."""
    due = times.first_due(timing, step, enrollment, prospect, previous, now)
    anchor, _ = times.anchor_of(step, enrollment, prospect, previous, timing.zone, step.within or "")
    return Touch(
        id=touch_id(enrollment.id, step.id), enrollment=enrollment.id, address=enrollment.address, mailbox=enrollment.mailbox,
        position=step.position, step=step.id, channel=step.channel, state=TouchState.SCHEDULED, due=due.at, why=due.why,
        waits=step.wait, deadline=timing.deadline(step, anchor),
    )  # fmt: skip


def in_state(enrollment: Enrollment, state: EnrollmentState, now: datetime) -> Enrollment:
    """The enrollment in another state, with the account of how long it stood still: that time counts for no limit."""
    still = state in (EnrollmentState.HELD, EnrollmentState.PAUSED)
    since = enrollment.still_since
    if still:
        return altered(enrollment, state=state, still_since=since or now)
    rested = enrollment.rested + (int((now - since).total_seconds()) if since and now > since else 0)
    return altered(enrollment, state=state, still_since=None, rested=rested)


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
    settled = altered(touch, state=state, settled=now, text=text[:300], code=code, token="")
    stood, enrollment = enrollment, _cleared(touch, enrollment, cadence, prospect, now)
    following = Change(enrollments=(enrollment,)) if touch.state == TouchState.DOUBTFUL else NOTHING
    if touch.state not in OVER and state in OVER and touch.waits and enrollment.state != EnrollmentState.FINISHED:
        goes_on = _following(enrollment, cadence, prospect, now, f"{touch.step} was {_spoken(state, touch.channel)}")
        following = goes_on if following is NOTHING else following + goes_on
    event = noted(settled, now, **_goes_on(stood, enrollment), **plans(following))
    # What follows is about other touches: an id made of enrollment and step is that of one touch only.
    return altered(following, touches=(settled, *following.touches), events=(event, *following.events))


def _goes_on(before: Enrollment, after: Enrollment) -> dict[str, bool]:
    """For the journal: whether an enrollment that stood still goes on with this."""
    return {"resumes": True} if after.state == EnrollmentState.ACTIVE != before.state else {}


def _following(enrollment: Enrollment, cadence: Cadence, prospect: Prospect, now: datetime, previous: str) -> Change:
    try:
        return go_on(enrollment, cadence, prospect, now=now, previous=previous)
    except (ValueError, LookupError) as problem:  # what happened is a fact in hand: it is kept, whatever the next date is
        waiting = next((step.position for step in ahead(enrollment, cadence)), len(cadence.steps))
        return hold(altered(enrollment, position=waiting), f"the next step can't be dated: {problem}", now)


def settle_doubt(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, fact: TouchFact, now: datetime, by: str
) -> Change:
    """A human's word on a doubtful touch; raises NotNow where there is no doubt."""
    if move_touch(touch, fact) != TouchState.SCHEDULED:
        return settle(touch, enrollment, cadence, prospect, fact, now, f"settled by {by}")
    if enrollment.state == EnrollmentState.FINISHED:
        raise NotNow(f"{enrollment.address} is {enrollment.state} in {enrollment.cadence}, so nothing is sent again")
    opens = times.timing_for(cadence, prospect, enrollment.mailbox).next_open(now, touch.position)
    again = altered(
        touch, state=TouchState.SCHEDULED, due=opens.at, settled=None, again=True, why=(f"sent again: {by}", *opens.why)
    )
    cleared = _cleared(touch, enrollment, cadence, prospect, now)
    event = Event(
        at=now, kind="send_again", text=f"step {touch.step}: is sent again: {by}", address=touch.address,
        enrollment=enrollment.id, touch=touch.id, data=_goes_on(enrollment, cleared),
    )  # fmt: skip
    return Change(enrollments=(cleared,), touches=(again,), events=(event,))


def _cleared(touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, now: datetime) -> Enrollment:
    """An enrollment that stood still for the doubt about this touch alone goes on; every other reason to stand still remains."""
    if touch.state != TouchState.DOUBTFUL or not enrollment.reason.startswith(doubt_reason(touch)):
        return enrollment
    state = move_enrollment(enrollment, EnrollmentFact.CLEARED)
    closes = None
    if state == EnrollmentState.ACTIVE and enrollment.position == len(cadence.steps):  # it was waiting for an answer alone
        closes = times.timing_for(cadence, prospect, enrollment.mailbox).after(now, cadence.end_after, "the doubt").at
    return altered(
        in_state(enrollment, state, now),
        reason="" if state == EnrollmentState.ACTIVE else enrollment.reason,
        until=closes or enrollment.until,
    )


def noted(touch: Touch, now: datetime, **more: object) -> Event:
    """For the journal: what became of a touch, in the words that it bears, and what came of that."""
    text = f"step {touch.step}: {_spoken(touch.state, touch.channel)}{' - ' + touch.text if touch.text else ''}"
    return Event(
        at=now, kind=f"touch_{touch.state}", text=text, address=touch.address, enrollment=touch.enrollment, touch=touch.id, data={"step": touch.step, "channel": touch.channel, **more},
    )  # fmt: skip


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
            return change + Change(aliases=tuple((other, touch.id) for other in ids)) if ids else change
        case HandedOver():
            return _hand_over(touch, enrollment, cadence, prospect, delivery, now)
        case Doubtful(text):
            return doubt(touch, enrollment, now, text)
        case Deferred():
            return _deferred(touch, enrollment, cadence, prospect, delivery, moment)
        case Refused():
            return _refused(touch, enrollment, cadence, prospect, delivery, moment)


def _hand_over(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, given: HandedOver, now: datetime
) -> Change:
    state = move_touch(touch, TouchFact.HANDED_OVER)
    if state == touch.state:
        return Change()
    if enrollment.state == EnrollmentState.FINISHED:  # it ended while we had the touch in hand
        return Change(touches=(_ended(altered(touch, state=state), enrollment),))
    step = cadence.step(touch.step)
    remind, escalate = _alarms(touch, step, enrollment, cadence, prospect, now)
    task = Task(
        id=task_id(touch), owner=enrollment.mailbox, address=touch.address, kind=given.kind or step.template, title=given.title,
        text=given.text, created=now, enrollment=enrollment.id, touch=touch.id, deadline=touch.deadline, remind=remind, escalate=escalate,
    )  # fmt: skip
    event = Event(
        at=now, kind="task", text=f"step {touch.step}: {given.title}"[:600], address=touch.address, enrollment=enrollment.id,
        touch=touch.id, data={"step": touch.step, "channel": touch.channel, "task": task.id, "kind": task.kind},
    )  # fmt: skip
    # The enrollment is in the change, as it was judged by: has it ended meanwhile, the change is stale and is judged again.
    return Change(enrollments=(enrollment,), touches=(altered(touch, state=state, token=""),), tasks=(task,), events=(event,))


def _alarms(
    touch: Touch, step: Step, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """When to remind and when to escalate, seen from the touch's own deadline; what would be over by now is left out.

    The manager hears only of what the owner was reminded of: of a task that comes too late for that, nobody but the owner does.
    """
    if touch.deadline is None or step.within is None:
        return None, None
    timing = times.timing_for(cadence, prospect, enrollment.mailbox)
    anchor, _ = times.anchor_of(step, enrollment, prospect, "", timing.zone, step.within)
    end = timing.deadline(step, anchor)
    shift = touch.deadline - end if end else timedelta()
    remind, escalate = (at + shift if at and at + shift > now else None for at in timing.alarms(step, anchor))
    return remind, escalate if remind else None


def remind(task: Task, now: datetime) -> Change:
    """The owner of a task is reminded of its deadline."""
    event = Event(
        at=now, kind="reminded", text=f"{task.owner} was reminded: {task.title}"[:600], address=task.address,
        enrollment=task.enrollment, touch=task.touch,
    )  # fmt: skip
    return Change(tasks=(altered(task, remind=None),), events=(event,))


def escalate(task: Task, superior: str, now: datetime) -> Change:
    """The owner's manager is told of a task that is still open shortly before its deadline. Nobody there: it is noted."""
    whom = superior or "nobody (the mailbox has no reports_to)"
    event = Event(
        at=now, kind="escalated", text=f"{whom} was told that {task.owner} has not done: {task.title}"[:600], address=task.address,
        enrollment=task.enrollment, touch=task.touch,
    )  # fmt: skip
    told = Task(
        id=escalation_id(task.id), owner=superior, address=task.address, kind="escalated",
        title=f"{task.owner} has not done: {task.title}"[:200], text=task.text, created=now, enrollment=task.enrollment,
        deadline=task.deadline,
    )  # fmt: skip
    return Change(tasks=(altered(task, escalate=None), *((told,) if superior else ())), events=(event,))


def doubt(touch: Touch, enrollment: Enrollment, now: datetime, text: str) -> Change:
    """Nobody knows whether the server has it: the touch is doubtful and a human decides, unless proof appears."""
    state = move_touch(touch, TouchFact.DOUBTED)
    if state == touch.state:
        return Change()
    reason = f"{doubt_reason(touch)}: {text}"
    event = Event(
        at=now, kind="touch_doubtful", text=reason, address=touch.address, enrollment=enrollment.id, touch=touch.id,
        data={"step": touch.step, "channel": touch.channel},
    )  # fmt: skip
    doubtful = altered(touch, state=state, text=text[:300], settled=now, token="")
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
    return _put_off(touch, enrollment, cadence, prospect, delivery, moment)


FULL_RETRIES = ("1d", "3d", "7d")
"""A mailbox that is full stays full for days; then its owner is back from a holiday, or never comes."""


def _put_off(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, delivery: Deferred | Refused, moment: Moment
) -> Change:
    """The recipient's side takes it later, perhaps: one attempt is used up, and the next is dated."""
    state = move_touch(touch, TouchFact.DEFERRED)
    retries = tuple(when.parse_delay(text) for text in (FULL_RETRIES if delivery.trouble == "full" else cadence.retry))
    again = when.retry_at(moment.now, touch.attempt, retries, moment.fraction)
    if again is None:
        return _given_up(
            touch, enrollment, cadence, prospect, delivery.code, f"put off {touch.attempt} times: {delivery.text}", moment
        )
    timing = times.timing_for(cadence, prospect, enrollment.mailbox)
    opens = timing.next_open(again, touch.position)
    why = (f"attempt {touch.attempt} was put off ({delivery.code} {delivery.text[:80]})", *opens.why)
    event = Event(
        at=moment.now, kind="touch_deferred", text=f"step {touch.step}: put off, {delivery.code} {delivery.text}",
        address=touch.address, enrollment=enrollment.id, touch=touch.id,
    )  # fmt: skip
    later = altered(
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
    later = altered(
        touch, state=state, due=until, attempt=attempt, intended=intended, why=why, settled=None, token="", text=reason[:300]
    )
    # The enrollment is in the change, as it was judged by: has it ended meanwhile, the change is stale and is judged again.
    return Change(enrollments=(enrollment,), touches=(_ended(later, enrollment),))


def _ended(touch: Touch, enrollment: Enrollment) -> Touch:
    """The touch as it is, or skipped where the enrollment has ended while we had it in hand."""
    if enrollment.state != EnrollmentState.FINISHED:
        return touch
    return altered(touch, state=move_touch(touch, TouchFact.ENDED), settled=enrollment.finished, token="")


def _refused(
    touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, delivery: Refused, moment: Moment
) -> Change:
    if move_touch(touch, TouchFact.REFUSED) == touch.state:
        return Change()
    if delivery.gone:
        reason = f"{delivery.code} {delivery.text}"
        failed = altered(
            touch,
            state=move_touch(touch, TouchFact.REFUSED),
            settled=moment.now,
            code=delivery.code,
            text=delivery.text[:300],
            token="",
        )
        gone = Suppression(key=touch.address, reason=GONE, source=reason[:200], at=moment.now)
        event = noted(failed, moment.now)
        event = altered(event, data={**event.data, "gone": True})  # the end of the enrollment says so, too
        change = Change(touches=(failed,), suppressions=(gone,), events=(event,))
        return change + finish(enrollment, Outcome.BOUNCED, f"the address is gone: {reason}", moment.now)
    if delivery.trouble == "full":
        return _put_off(touch, _cleared(touch, enrollment, cadence, prospect, moment.now), cadence, prospect, delivery, moment)
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
    held = altered(in_state(enrollment, state, now), reason=reason[:300], until=None)
    event = Event(at=now, kind="held", text=f"held: {reason}"[:600], address=enrollment.address, enrollment=enrollment.id)
    return Change(enrollments=(held,), events=(event,))


def put_off(enrollment: Enrollment, until: datetime, reason: str, now: datetime) -> Change:
    """Nothing is sent before `until`; an enrollment that waits for a human goes on waiting for that human."""
    state = move_enrollment(enrollment, EnrollmentFact.AWAY)
    if state == EnrollmentState.HELD and DOUBT in enrollment.reason:  # settling the doubt must not send to who asked for time
        return Change(enrollments=(altered(enrollment, reason=reason[:300]),))
    if state != EnrollmentState.PAUSED:
        return Change()
    if enrollment.state == EnrollmentState.PAUSED and enrollment.until is None:
        return Change()  # a human has paused it without a date: no mail shortens that
    later = max(until, enrollment.until) if enrollment.state == EnrollmentState.PAUSED and enrollment.until else until
    paused = altered(in_state(enrollment, state, now), until=later, reason=reason[:300])
    event = Event(
        at=now,
        kind="paused",
        text=f"paused until {later:%d %b %Y %H:%M} UTC: {reason}"[:600],
        address=enrollment.address,
        enrollment=enrollment.id,
    )
    return Change(enrollments=(paused,), events=(event,))


def finish(
    enrollment: Enrollment, outcome: Outcome, reason: str, now: datetime, fact: EnrollmentFact = EnrollmentFact.DECIDED, *, answer: str = ""
) -> Change:  # fmt: skip
    """The end. Open touches are skipped by the store in the same transaction (cell "enrollment finished"). `answer` is the reply that brought it."""
    state = move_enrollment(enrollment, fact)
    if enrollment.state == EnrollmentState.FINISHED or state != EnrollmentState.FINISHED:
        return Change()
    over = altered(
        in_state(enrollment, state, now), outcome=outcome, finished=now, reason=reason[:300], answer=answer, until=None
    )
    event = Event(
        at=now, kind="finished", text=f"finished: {outcome} - {reason}"[:600], address=enrollment.address, enrollment=enrollment.id,
        data={"outcome": outcome.value, "reply": answer},
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
    timing = times.timing_for(cadence, prospect, enrollment.mailbox)
    awake = altered(in_state(enrollment, state, now), until=None, reason="")
    touches = []
    for touch in open_touches:
        if touch.state == TouchState.SCHEDULED and touch.due < now:
            opens = timing.next_open(now, touch.position)
            touches.append(altered(touch, due=opens.at, why=(*touch.why[:4], "the pause is over", *opens.why)))
    waits = any(touch.waits for touch in open_touches)
    if not waits and ahead(enrollment, cadence):  # it stood still because the next step could not be dated
        try:
            following = go_on(awake, cadence, prospect, now=now, previous="it was resumed")
        except (ValueError, LookupError) as problem:
            return hold(enrollment, f"the next step still can't be dated: {problem}", now)
        return Change(events=(_resumed(enrollment, fact, now, plans(following)),)) + following
    closes = None if waits else timing.after(now, cadence.end_after, "the pause").at
    event = _resumed(enrollment, fact, now, {})
    return Change(enrollments=(altered(awake, until=closes),), touches=tuple(touches), events=(event,))


def _resumed(enrollment: Enrollment, fact: EnrollmentFact, now: datetime, data: Mapping[str, object]) -> Event:
    return Event(
        at=now, kind="resumed", text=f"goes on: {fact!s}", address=enrollment.address, enrollment=enrollment.id, data=data
    )


def after_silence(enrollment: Enrollment, now: datetime) -> Change:
    """Nobody answered until the end of the last wait. Silence is an outcome of its own, never a no."""
    return finish(enrollment, Outcome.SILENT, "nobody answered", now, EnrollmentFact.SILENT)


DOUBT = "may have been sent, or not"


def doubt_reason(touch: Touch) -> str:
    """The beginning of the reason of an enrollment that stands still for this doubt."""
    return f"step {touch.step} {DOUBT}"
