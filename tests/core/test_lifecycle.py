"""Two tables and what follows from them: beginning, going on, deliveries, replies, and a human's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from followupd.core import answers, lifecycle
from followupd.core.lifecycle import ENROLLMENT_MOVES, TOUCH_MOVES, EnrollmentFact, Moment, NotNow, TouchFact
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
    HandedOver,
    Newcomer,
    Outcome,
    Refused,
    ReplyKind,
    Thread,
    Touch,
    TouchState,
)
from tests.store.made import NOW, STEPS, begin, cadence, effects, match, prospect, reading, reply, step

ACTIVE, HELD, PAUSED, FINISHED = EnrollmentState
SCHEDULED, SENDING, OPEN, SENT, SKIPPED, FAILED, DOUBTFUL = TouchState
DAY = timedelta(days=1)
TOUCH_REQUESTS = {TouchFact.DONE, TouchFact.SKIP, TouchFact.SETTLE_SENT, TouchFact.SEND_AGAIN}
REQUESTS = {EnrollmentFact.PAUSE, EnrollmentFact.RESUME, EnrollmentFact.STOP}


def enrolled(plan: Cadence | None = None, **more: object) -> Enrollment:
    return replace(begin(plan=plan).enrollments[0], version=1, **more)


def taken(state: TouchState = SENDING, plan: Cadence | None = None, position: int = 0, **more: object) -> Touch:
    """The touch at a position, by default in hand."""
    first = begin().touches[0]
    named = (plan or cadence()).steps[position]
    known = {"position": position, "step": named.id, "channel": named.channel, "waits": named.wait, "id": f"t-{position}"}
    claimed = {"state": state, "attempt": 1, "token": "token", "intended": NOW, "version": 2}
    return replace(first, **known | claimed | more)


def only(change: Change) -> Enrollment:
    (found,) = change.enrollments
    return found


# -- the two tables ------------------------------------------------------------------------------


def test_tables_are_complete() -> None:
    """Every state has a cell for every fact, and every cell is a state or a refusal."""
    assert set(TOUCH_MOVES) == {(state, fact) for state in TouchState for fact in TouchFact}
    assert set(ENROLLMENT_MOVES) == {(state, fact) for state in EnrollmentState for fact in EnrollmentFact}
    assert set(TOUCH_MOVES.values()) == {*TouchState, "x"}
    assert set(ENROLLMENT_MOVES.values()) == {ACTIVE, HELD, PAUSED, FINISHED, "x"}


@pytest.mark.parametrize("state", TouchState)
@pytest.mark.parametrize("fact", TouchFact)
def test_touch_moves(state: TouchState, fact: TouchFact) -> None:
    """A fact is never refused, because the world doesn't ask; a request is refused where its cell says so, in words."""
    cell = TOUCH_MOVES[state, fact]
    if cell != "x":
        assert lifecycle.move_touch(taken(state), fact) == cell
        return
    assert fact in TOUCH_REQUESTS
    with pytest.raises(NotNow, match=f"step step-0 is {state}, so {fact} does not apply"):
        lifecycle.move_touch(taken(state), fact)


@pytest.mark.parametrize("state", EnrollmentState)
@pytest.mark.parametrize("fact", EnrollmentFact)
def test_enrollment_moves(state: EnrollmentState, fact: EnrollmentFact) -> None:
    """The same for enrollments: only requests can be refused."""
    cell = ENROLLMENT_MOVES[state, fact]
    if cell != "x":
        assert lifecycle.move_enrollment(enrolled(state=state), fact) == cell
        return
    assert fact in REQUESTS
    with pytest.raises(NotNow, match=f"ann@ann.example is {state} in proposal, so {fact} does not apply"):
        lifecycle.move_enrollment(enrolled(state=state), fact)


def test_finished_is_a_sink() -> None:
    """Nothing that happens and nothing that is asked for leaves FINISHED."""
    assert {ENROLLMENT_MOVES[FINISHED, fact] for fact in EnrollmentFact} == {"finished", "x"}


def test_nothing_settled_is_scheduled_again() -> None:
    """A touch that is over never gets back to SCHEDULED, SENDING or OPEN, whatever happens."""
    assert {TOUCH_MOVES[state, fact] for state in (SENT, SKIPPED, FAILED) for fact in TouchFact} <= {SENT, SKIPPED, FAILED, "x"}


def test_only_a_claim_leads_to_sending() -> None:
    """A mail is in flight only after its claim."""
    assert {fact for (state, fact), cell in TOUCH_MOVES.items() if cell == "sending" != state} == {"claimed"}


# -- beginning -----------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"round": 2}, {"start_step": "step-1"}, {"parent": "p"}, {"fraction": 0.9}])
def test_to_begin_alike(more: dict[str, Any]) -> None:
    """Somebody who begins as somebody else does begins as they would have begun alone."""
    plan = cadence((step(0, wait=False, after="0m"), step(1)), variants={"a": 1, "b": 1})
    ann, bob = prospect("ann", country="DE"), prospect("bob", country="DE", columns={"first_name": "Bob", "goals": "x"})
    assert lifecycle.begun_alike(Newcomer(bob, "list.csv:2", begin(ann, plan, **more))) == begin(bob, plan, **more)
    elsewhere = begin(ann, plan, **more).enrollments[0]
    first = replace(begin(ann, plan, **more), enrollments=(replace(elsewhere, waived=NOW),))
    assert lifecycle.begun_alike(Newcomer(bob, "other.csv:9", first)).enrollments[0].waived == NOW


def test_begin() -> None:
    """An enrollment starts with its first touch, and its ids are made of what they stand for."""
    change = begin()
    enrollment = only(change)
    (touch,) = change.touches
    assert (enrollment.state, enrollment.position, enrollment.started, enrollment.digest) == (
        ACTIVE,
        0,
        NOW,
        "digest of proposal",
    )
    assert (touch.state, touch.step, touch.due, touch.enrollment) == (SCHEDULED, "step-0", NOW, enrollment.id)
    assert (touch.mailbox, touch.address) == ("dana", "ann@ann.example")
    assert change.prospects == (prospect(),)
    assert [event.text for event in change.events] == ["enrolled in proposal from list.csv:2"]
    assert begin() == change
    assert begin(prospect("bob")).enrollments[0].id != enrollment.id


def test_begin_later_and_further_on() -> None:
    """`start_at` dates the first touch, `start_step` says which it is; a start in the past is now."""
    monday = NOW + 4 * DAY
    assert begin(start_at=monday).touches[0].due == monday
    assert begin(start_at=NOW - 4 * DAY).touches[0].due == NOW
    change = begin(start_step="step-2")
    assert (change.touches[0].step, change.touches[0].due, only(change).position) == ("step-2", NOW + 3 * DAY, 2)


def test_steps_that_are_not_waited_for() -> None:
    """Steps with `wait: false` are scheduled together with the one behind them that is waited for."""
    plan = cadence((step(0, after="0m", wait=False), step(1, channel="task", wait=False), step(2), step(3)))
    change = begin(plan=plan)
    assert [(touch.step, touch.waits) for touch in change.touches] == [("step-0", False), ("step-1", False), ("step-2", True)]
    assert only(change).position == 2


def test_nothing_left_to_wait_for() -> None:
    """After the last step that is waited for, the enrollment waits for an answer until `end_after`, then it is SILENT."""
    plan = cadence((step(0, wait=False),), end_after="10d")
    enrollment = only(begin(plan=plan))
    assert (enrollment.state, enrollment.until, enrollment.position) == (ACTIVE, NOW + 10 * DAY, 1)


def test_since_columns() -> None:
    """A step may count from a date column, from the enrollment's beginning, or from the step before."""
    meeting = prospect(columns={"meeting_at": "2026-11-12T16:00:00+00:00"})
    plan = cadence((step(0, after="2h", since="meeting_at"), step(1, after="4d", since="enrolled"), step(2, after="1d")))
    first = begin(meeting, plan)
    assert first.touches[0].due == NOW + timedelta(hours=4)
    assert first.touches[0].why[0].endswith("(meeting_at)")
    later = NOW + timedelta(hours=5)
    following = lifecycle.settle(taken(plan=plan), only(first), plan, meeting, TouchFact.ACCEPTED, later, "ok")
    assert following.touches[1].due == NOW + 4 * DAY
    last = lifecycle.settle(taken(plan=plan, position=1), only(following), plan, meeting, TouchFact.ACCEPTED, later + DAY, "ok")
    assert (last.touches[1].due, last.touches[1].why[0]) == (later + 2 * DAY, "1d after Fri 13 Nov (step-1 was sent)")


def test_what_should_have_happened_already() -> None:
    """A touch whose date is over happens at the next opening, and says so; its deadline stays where it was."""
    past = prospect(columns={"meeting_at": "2026-11-10T16:00:00+00:00"})
    plan = cadence((step(0, after="2h", since="meeting_at", within="24h"),), window="mon-fri 10:00-12:00")
    (touch,) = begin(past, plan).touches
    assert touch.due == datetime(2026, 11, 12, 15, 0, tzinfo=UTC)
    assert "that is over, so it happens at the next opening" in touch.why
    assert touch.deadline == datetime(2026, 11, 11, 16, 0, tzinfo=UTC)


# -- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "fact", "after"),
    [
        (SENDING, TouchFact.ACCEPTED, SENT),
        (SENDING, TouchFact.REFUSED, FAILED),
        (SENDING, TouchFact.NOT_WANTED, SKIPPED),
        (SCHEDULED, TouchFact.EXPIRED, SKIPPED),
        (SCHEDULED, TouchFact.SKIP, SKIPPED),
        (SCHEDULED, TouchFact.PROVED, SENT),
        (OPEN, TouchFact.DONE, SENT),
        (OPEN, TouchFact.SKIP, SKIPPED),
        (OPEN, TouchFact.EXPIRED, SKIPPED),
        (DOUBTFUL, TouchFact.PROVED, SENT),
        (DOUBTFUL, TouchFact.SETTLE_SENT, SENT),
        (DOUBTFUL, TouchFact.SKIP, SKIPPED),
        (DOUBTFUL, TouchFact.BOUNCED, FAILED),
    ],
)
def test_settled_touch_goes_on(state: TouchState, fact: TouchFact, after: TouchState) -> None:
    """However a touch is over, the next one is scheduled from that moment."""
    change = lifecycle.settle(taken(state), enrolled(), cadence(), prospect(), fact, NOW + DAY, "because")
    over, following = change.touches
    assert (over.state, over.settled, over.text, over.token) == (after, NOW + DAY, "because", "")
    assert (following.step, following.state, following.due) == ("step-1", SCHEDULED, NOW + 4 * DAY)
    assert (only(change).position, only(change).moved) == (1, NOW + DAY)


def test_cadence_to_its_end() -> None:
    """Touch after touch, then a wait for an answer, then silence, which is an outcome of its own."""
    change, now, sent = begin(), NOW, []
    while touches := [touch for touch in change.touches if touch.state == SCHEDULED]:
        sent.append((touches[0].step, touches[0].due - NOW))
        now = touches[0].due
        hand = replace(touches[0], state=SENDING)
        change = lifecycle.settle(hand, only(change), cadence(), prospect(), TouchFact.ACCEPTED, now, "ok", 250)
    assert sent == [("step-0", 0 * DAY), ("step-1", 3 * DAY), ("step-2", 6 * DAY)]
    assert only(change).until == now + 7 * DAY
    over = only(lifecycle.after_silence(only(change), now + 7 * DAY))
    assert (over.state, over.outcome, over.reason, over.until) == (FINISHED, Outcome.SILENT, "nobody answered", None)


@pytest.mark.parametrize("state", [HELD, PAUSED, FINISHED])
def test_silence_ends_only_what_is_active(state: EnrollmentState) -> None:
    """Somebody who was put off or whose answer waits for a human is not silent."""
    assert lifecycle.after_silence(enrolled(state=state), NOW) == Change()


@pytest.mark.parametrize("last", [False, True])
def test_pause_keeps_its_end_when_a_touch_is_settled(last: bool) -> None:
    """An absence that is read while a mail is on its way still pauses until its own date, also at the cadence's end."""
    plan = cadence((step(0),)) if last else cadence()
    back = NOW + 20 * DAY
    away = enrolled(plan, state=PAUSED, until=back, reason="out of office")
    after = only(lifecycle.settle(taken(), away, plan, prospect(), TouchFact.ACCEPTED, NOW, "ok"))
    assert (after.state, after.until, after.reason) == (PAUSED, back, "out of office")


def test_held_enrollment_has_no_date() -> None:
    """Who waits for a human waits for no date, or the daemon would look at them at every turn."""
    plan = cadence((step(0),))
    after = only(lifecycle.settle(taken(), enrolled(plan, state=HELD), plan, prospect(), TouchFact.ACCEPTED, NOW, "ok"))
    assert (after.state, after.until) == (HELD, None)


def test_touch_that_nobody_waits_for() -> None:
    """When a step with `wait: false` is over, nothing follows from it."""
    plan = cadence((step(0, wait=False), step(1)))
    change = lifecycle.settle(taken(plan=plan), enrolled(plan), plan, prospect(), TouchFact.ACCEPTED, NOW, "ok")
    assert (len(change.touches), change.enrollments) == (1, ())


def test_accepted_after_the_end() -> None:
    """The answer came while a mail was on the wire: that it was sent is recorded, and nothing more is scheduled."""
    over = enrolled(state=FINISHED, outcome=Outcome.NO, finished=NOW)
    change = lifecycle.after_delivery(taken(), over, cadence(), prospect(), Accepted(250, "ok"), Moment(now=NOW))
    assert [touch.state for touch in change.touches] == [SENT]
    assert change.enrollments == ()


def test_settled_twice() -> None:
    """The same word a second time changes nothing."""
    assert lifecycle.settle(taken(SENT), enrolled(), cadence(), prospect(), TouchFact.ACCEPTED, NOW, "ok") == Change()


# -- deliveries ----------------------------------------------------------------------------------


def after(delivery: Delivery, touch: Touch | None = None, enrollment: Enrollment | None = None, fraction: float = 0.0) -> Change:
    moment = Moment(now=NOW, fraction=fraction)
    return lifecycle.after_delivery(touch or taken(), enrollment or enrolled(), cadence(), prospect(), delivery, moment)


def test_accepted() -> None:
    """Sent; the next touch is scheduled; every id that the server's answer names is kept."""
    change = after(Accepted(250, "queued as 4F2A", ids=("other@relay.example",)))
    assert [touch.state for touch in change.touches] == [SENT, SCHEDULED]
    assert (change.touches[0].code, change.touches[0].text) == (250, "queued as 4F2A")
    assert change.aliases == (("other@relay.example", "t-0"),)
    assert [event.kind for event in change.events] == ["touch_sent"]


def test_handed_over() -> None:
    """A manual touch is open until a human closes its task; the cadence waits."""
    plan = cadence((step(0, channel="task", template="call"), *STEPS[1:]))
    touch = taken(plan=plan, deadline=NOW + DAY)
    delivery = HandedOver("Dial 555", title="Call Ann")
    change = lifecycle.after_delivery(touch, enrolled(plan), plan, prospect(), delivery, Moment(now=NOW))
    (task,) = change.tasks
    assert [(row.state, row.token) for row in change.touches] == [(OPEN, "")]
    assert (task.kind, task.title, task.text, task.owner, task.touch, task.deadline) == (
        "call",
        "Call Ann",
        "Dial 555",
        "dana",
        "t-0",
        NOW + DAY,
    )
    assert only(change).position == 0


@pytest.mark.parametrize(("attempt", "fraction", "wait"), [(1, 0.0, 300), (1, 1.0, 330), (2, 0.0, 1800)])
def test_deferred(attempt: int, fraction: float, wait: int) -> None:
    """A definite "not now" is tried again after the written waits, a little later by the dice, with the same Message-ID."""
    (touch,) = after(Deferred(451, "try later"), taken(attempt=attempt, message_id="m@x"), fraction=fraction).touches
    assert (touch.state, touch.due, touch.attempt, touch.intended) == (SCHEDULED, NOW + timedelta(seconds=wait), attempt, NOW)
    assert (touch.code, touch.text, touch.message_id, touch.token) == (451, "try later", "m@x", "")
    assert touch.why == (f"attempt {attempt} was put off (451 try later)",)


def test_deferred_waits_for_the_window() -> None:
    """A retry keeps to the window as well."""
    plan = cadence(window="mon-fri 09:00-09:04")
    (touch,) = lifecycle.after_delivery(taken(), enrolled(plan), plan, prospect(), Deferred(451, "x"), Moment(now=NOW)).touches
    assert touch.due == NOW + DAY


def test_attempts_used_up() -> None:
    """After the last retry the touch has failed, and a human must look before anything more is sent."""
    change = after(Deferred(451, "try later"), taken(attempt=3))
    assert [touch.state for touch in change.touches] == [FAILED, SCHEDULED]
    assert (only(change).state, only(change).reason) == (HELD, "step step-0 was refused: 451 put off 3 times: try later")
    assert [task.kind for task in change.tasks] == ["settle"]


@pytest.mark.parametrize(
    "delivery", [Deferred(0, "no route", "server"), Deferred(454, "login", "mailbox"), Refused(535, "login", blames="mailbox")]
)
def test_our_own_trouble_costs_no_attempt(delivery: Delivery) -> None:
    """What says nothing about this mail gives the touch back as if it had not been tried."""
    change = after(delivery)
    (touch,) = change.touches
    assert (touch.state, touch.due, touch.attempt, touch.intended, touch.token) == (SCHEDULED, NOW, 0, None, "")
    assert only(change).state == ACTIVE


def test_refused() -> None:
    """A definite no fails the touch and holds the enrollment: whether the next one makes sense is for a human to say."""
    change = after(Refused(554, "no"))
    assert [touch.state for touch in change.touches] == [FAILED, SCHEDULED]
    assert (only(change).state, only(change).until) == (HELD, None)
    assert change.tasks[0].title == "ann@ann.example: step-0 could not be delivered"
    assert change.suppressions == ()


def test_gone() -> None:
    """A code that says that the address does not exist ends the enrollment and suppresses the address."""
    change = after(Refused(550, "5.1.1 unknown", gone=True))
    assert [touch.state for touch in change.touches] == [FAILED]
    assert (only(change).state, only(change).outcome) == (FINISHED, Outcome.BOUNCED)
    assert [(row.key, row.reason) for row in change.suppressions] == [("ann@ann.example", "the address is gone")]


def test_doubtful() -> None:
    """Lost after the dot: nothing is sent again and nothing more is sent, until proof or a human's word."""
    change = after(Doubtful("connection lost"))
    (touch,) = change.touches
    assert (touch.state, touch.settled) == (DOUBTFUL, NOW)
    assert (only(change).state, only(change).reason) == (HELD, "step step-0 may have been sent, or not: connection lost")


@pytest.mark.parametrize("state", [SCHEDULED, OPEN, SENT, SKIPPED, FAILED, DOUBTFUL])
def test_doubt_is_only_about_what_is_in_hand(state: TouchState) -> None:
    """A lease that ran out says nothing about a touch that is settled already."""
    assert lifecycle.doubt(taken(state), enrolled(), NOW, "lost") == Change()


LATE = [
    Deferred(451, "x"),
    Deferred(0, "x", "server"),
    Refused(554, "x"),
    Refused(550, "x", gone=True),
    Refused(535, "x", blames="mailbox"),
    Doubtful("x"),
]


@pytest.mark.parametrize("delivery", LATE)
@pytest.mark.parametrize("state", [OPEN, FAILED])
def test_late_word_about_what_is_over(delivery: Delivery, state: TouchState) -> None:
    """A negative answer about a touch that has another fate by now changes nothing."""
    assert after(delivery, taken(state)) == Change()


@pytest.mark.parametrize("delivery", [Deferred(451, "x"), Deferred(0, "x", "server"), Refused(535, "x", blames="mailbox")])
def test_late_word_clears_a_doubt(delivery: Delivery) -> None:
    """The lease ran out, then the answer came after all: it was not sent, the doubt is gone, and it is tried again."""
    doubted = after(Doubtful("slow"))
    change = after(delivery, doubted.touches[0], only(doubted))
    assert [(touch.state, touch.settled) for touch in change.touches] == [(SCHEDULED, None)]
    assert (only(change).state, only(change).reason) == (ACTIVE, "")


@pytest.mark.parametrize(
    "delivery", [Deferred(451, "x"), Deferred(0, "x", "server"), Refused(535, "x", blames="mailbox"), HandedOver("x")]
)
def test_given_back_after_the_end(delivery: Delivery) -> None:
    """A touch that comes back when its enrollment is finished is skipped: nothing is scheduled or open in what is over."""
    over = enrolled(state=FINISHED, outcome=Outcome.NO, finished=NOW)
    change = after(delivery, enrollment=over)
    assert [(touch.state, touch.settled) for touch in change.touches] == [(SKIPPED, NOW)]
    assert (change.tasks, [row.state for row in change.enrollments]) in (((), []), ((), [FINISHED]))


def test_refused_after_the_end() -> None:
    """A refusal in a finished enrollment is recorded and asks nobody."""
    change = after(Refused(554, "no"), enrollment=enrolled(state=FINISHED, outcome=Outcome.NO, finished=NOW))
    assert ([touch.state for touch in change.touches], change.enrollments, change.tasks) == ([FAILED], (), ())


def test_postpone() -> None:
    """A claim is given back with its attempt; the reason joins the others, and the enrollment must still be as it was judged."""
    enrollment = enrolled()
    change = lifecycle.postpone(taken(attempt=2, why=("first",)), enrollment, NOW + DAY, "outside the window")
    (touch,) = change.touches
    assert (touch.state, touch.due, touch.attempt, touch.intended, touch.why) == (
        SCHEDULED,
        NOW + DAY,
        1,
        NOW,
        ("first", "outside the window"),
    )
    assert change.enrollments == (enrollment,)


@pytest.mark.parametrize("state", [SCHEDULED, OPEN, SENT, SKIPPED, FAILED, DOUBTFUL])
def test_only_what_is_in_hand_can_be_given_back(state: TouchState) -> None:
    """A touch that somebody else has moved is left alone."""
    assert lifecycle.postpone(taken(state), enrolled(), NOW, "late") == Change()


def test_cannot_write() -> None:
    """A message that can't be written stays where it is, and the owner is asked."""
    change = lifecycle.cannot_write(taken(), enrolled(), "no value for company", NOW)
    assert [touch.state for touch in change.touches] == [SCHEDULED]
    assert (only(change).state, only(change).reason) == (HELD, "no value for company")
    assert change.tasks[0].title == "ann@ann.example: step-0 can't be written"
    over = lifecycle.cannot_write(taken(), enrolled(state=FINISHED, finished=NOW), "no value", NOW)
    assert ([touch.state for touch in over.touches], over.tasks) == ([SKIPPED], ())


# -- doubts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "state", "following"),
    [(TouchFact.SETTLE_SENT, SENT, 1), (TouchFact.SKIP, SKIPPED, 1), (TouchFact.SEND_AGAIN, SCHEDULED, 0)],
)
def test_human_settles_a_doubt(fact: TouchFact, state: TouchState, following: int) -> None:
    """It was sent; skip it; send it again: the enrollment that stood still for this doubt goes on."""
    doubted = after(Doubtful("lost"))
    change = lifecycle.settle_doubt(doubted.touches[0], only(doubted), cadence(), prospect(), fact, NOW + DAY, "lee")
    assert (change.touches[0].state, len(change.touches)) == (state, 1 + following)
    assert (only(change).state, only(change).reason) == (ACTIVE, "")


def test_doubt_about_a_step_that_is_not_waited_for() -> None:
    """Settling it lets the enrollment go on that stood still for it."""
    plan = cadence((step(0, wait=False), step(1)))
    touch = taken(plan=plan)
    doubted = lifecycle.doubt(touch, enrolled(plan), NOW, "lost")
    change = lifecycle.settle_doubt(doubted.touches[0], only(doubted), plan, prospect(), TouchFact.SETTLE_SENT, NOW, "lee")
    assert (only(change).state, only(change).position) == (ACTIVE, 1)


@pytest.mark.parametrize("state", [SCHEDULED, SENDING, OPEN, SENT, SKIPPED, FAILED])
def test_no_doubt_to_settle(state: TouchState) -> None:
    """Where there is no doubt, a human's word about it is refused."""
    with pytest.raises(NotNow):
        lifecycle.settle_doubt(taken(state), enrolled(), cadence(), prospect(), TouchFact.SEND_AGAIN, NOW, "lee")


def test_nothing_is_sent_again_after_the_end() -> None:
    """An enrollment that is finished keeps its reason, and its doubtful mail can't be sent again."""
    over = enrolled(state=FINISHED, outcome=Outcome.NO, reason="no: no thanks")
    with pytest.raises(NotNow, match="is finished in proposal, so nothing is sent again"):
        lifecycle.settle_doubt(taken(DOUBTFUL), over, cadence(), prospect(), TouchFact.SEND_AGAIN, NOW, "lee")
    change = lifecycle.settle_doubt(taken(DOUBTFUL), over, cadence(), prospect(), TouchFact.SETTLE_SENT, NOW, "lee")
    assert [touch.state for touch in change.touches] == [SENT]
    assert {row.reason for row in change.enrollments} <= {"no: no thanks"}


@pytest.mark.parametrize("fact", [TouchFact.SETTLE_SENT, TouchFact.SEND_AGAIN, TouchFact.PROVED])
def test_doubt_outlives_no_question(fact: TouchFact) -> None:
    """A question came while the mail was in flight: settling the doubt must not send the next mail to who waits for an answer."""
    asked = enrolled(state=HELD, reason="engaged: what does it cost?")
    doubted = lifecycle.doubt(taken(), asked, NOW, "lost")
    assert doubted.enrollments == ()
    change = (
        lifecycle.settle(doubted.touches[0], asked, cadence(), prospect(), fact, NOW, "x")
        if fact == TouchFact.PROVED
        else (lifecycle.settle_doubt(doubted.touches[0], asked, cadence(), prospect(), fact, NOW, "lee"))
    )
    assert (only(change).state, only(change).reason) == (HELD, "engaged: what does it cost?")


def test_doubt_leaves_a_pause_alone() -> None:
    """Who asked for time gets it, whatever became of the mail that was on its way."""
    away = enrolled(state=PAUSED, until=NOW + 60 * DAY, reason="later: in January")
    doubted = lifecycle.doubt(taken(), away, NOW, "lost")
    change = lifecycle.settle_doubt(doubted.touches[0], away, cadence(), prospect(), TouchFact.SETTLE_SENT, NOW, "lee")
    assert (only(change).state, only(change).until) == (PAUSED, NOW + 60 * DAY)


def test_time_asked_for_during_a_doubt() -> None:
    """Who asks for time by a new mail while a doubt is open is not written to when the doubt is settled."""
    doubted = only(after(Doubtful("lost")))
    held = only(lifecycle.put_off(doubted, NOW + 60 * DAY, "later: in January", NOW))
    assert (held.state, held.reason) == (HELD, "later: in January")
    change = lifecycle.settle_doubt(taken(DOUBTFUL), held, cadence(), prospect(), TouchFact.SETTLE_SENT, NOW, "lee")
    assert only(change).state == HELD


# -- holding, pausing, waking --------------------------------------------------------------------


@pytest.mark.parametrize(("state", "then"), [(ACTIVE, HELD), (PAUSED, HELD), (HELD, HELD), (FINISHED, None)])
def test_hold(state: EnrollmentState, then: EnrollmentState | None) -> None:
    """A human must look: no date wakes the enrollment, the last reason is shown; what is over stays over."""
    change = lifecycle.hold(enrolled(state=state, until=NOW + DAY), "a question", NOW)
    assert [(row.state, row.until, row.reason) for row in change.enrollments] == ([(then, None, "a question")] if then else [])


@pytest.mark.parametrize(
    ("state", "until", "expected"),
    [
        (ACTIVE, None, NOW + 5 * DAY),
        (ACTIVE, NOW + 9 * DAY, NOW + 5 * DAY),  # that was the wait for an answer
        (PAUSED, NOW + 2 * DAY, NOW + 5 * DAY),
        (PAUSED, NOW + 9 * DAY, NOW + 9 * DAY),  # no mail shortens a pause
        (PAUSED, None, "same"),  # a human has paused it, until a human resumes it
        (HELD, None, "same"),
        (FINISHED, None, "same"),
    ],
)
def test_put_off(state: EnrollmentState, until: datetime | None, expected: datetime | str) -> None:
    """A pause is never shortened by a mail, and waits for no less than a human."""
    change = lifecycle.put_off(enrolled(state=state, until=until), NOW + 5 * DAY, "away", NOW)
    if expected == "same":
        assert change == Change()
    else:
        assert (only(change).state, only(change).until, only(change).reason) == (PAUSED, expected, "away")


@pytest.mark.parametrize(
    ("state", "fact"), [(PAUSED, EnrollmentFact.WOKE), (PAUSED, EnrollmentFact.RESUME), (HELD, EnrollmentFact.RESUME)]
)
def test_wake(state: EnrollmentState, fact: EnrollmentFact) -> None:
    """A touch whose date has passed meanwhile is dated anew, at the next opening; a later one keeps its date."""
    plan = cadence(window="mon-fri 10:00-12:00")
    past, later = taken(SCHEDULED, due=NOW - DAY, position=1), taken(SCHEDULED, due=NOW + 5 * DAY, waits=False)
    change = lifecycle.wake(enrolled(plan, state=state, until=NOW), (past, later), plan, prospect(), NOW, fact)
    assert (only(change).state, only(change).until, only(change).reason) == (ACTIVE, None, "")
    assert [(touch.id, touch.due) for touch in change.touches] == [("t-1", NOW + timedelta(hours=1))]
    assert "the pause is over" in change.touches[0].why


def test_wake_after_the_last_touch() -> None:
    """An enrollment that had nothing left to send goes back to waiting for an answer."""
    over = enrolled(state=PAUSED, position=3, until=NOW, passed=("step-0", "step-1", "step-2"))
    change = lifecycle.wake(over, (), cadence(), prospect(), NOW, EnrollmentFact.WOKE)
    assert (only(change).state, only(change).until) == (ACTIVE, NOW + 7 * DAY)


def test_next_step_that_cannot_be_dated() -> None:
    """What happened is recorded all the same; a human looks, and once the step can be dated the cadence goes on."""
    plan = cadence((step(0), step(1, since="renewal_at")))
    change = lifecycle.settle(taken(), enrolled(plan), plan, prospect(), TouchFact.ACCEPTED, NOW, "ok")
    held = only(change)
    assert ([touch.state for touch in change.touches], held.state, held.position) == ([SENT], HELD, 1)
    assert "the next step can't be dated" in held.reason
    still = only(lifecycle.wake(held, (), plan, prospect(), NOW, EnrollmentFact.RESUME))
    assert (still.state, still.position) == (HELD, 1)
    mended = prospect(columns={"renewal_at": "2026-12-01T10:00:00+00:00"})
    going = lifecycle.wake(held, (), plan, mended, NOW, EnrollmentFact.RESUME)
    assert (only(going).state, only(going).reason) == (ACTIVE, "")
    assert [touch.due for touch in going.touches] == [datetime(2026, 12, 4, 10, 0, tzinfo=UTC)]


@pytest.mark.parametrize("state", [ACTIVE, HELD, FINISHED])
def test_a_date_wakes_only_a_pause(state: EnrollmentState) -> None:
    """What is held waits for a human, not for a date."""
    assert lifecycle.wake(enrolled(state=state), (), cadence(), prospect(), NOW, EnrollmentFact.WOKE) == Change()


def test_finish_once() -> None:
    """The first outcome stays."""
    over = only(lifecycle.finish(enrolled(), Outcome.NO, "no thanks", NOW))
    assert (over.outcome, over.finished, over.reason) == (Outcome.NO, NOW, "no thanks")
    assert lifecycle.finish(over, Outcome.YES, "yes please", NOW) == Change()


# -- replies -------------------------------------------------------------------------------------

IN_A_WEEK = NOW + 7 * DAY
DEFAULTS = {  # kind: state, outcome, until, suppressed
    ReplyKind.YES: (FINISHED, Outcome.YES, None, False),
    ReplyKind.NO: (FINISHED, Outcome.NO, None, False),
    ReplyKind.LATER: (PAUSED, None, NOW + 30 * DAY, False),
    ReplyKind.ENGAGED: (HELD, None, None, False),
    ReplyKind.REFERRAL: (FINISHED, Outcome.REFERRED, None, False),
    ReplyKind.UNSUBSCRIBE: (FINISHED, Outcome.OPTED_OUT, None, True),
    ReplyKind.OUT_OF_OFFICE: (PAUSED, None, IN_A_WEEK, False),
    ReplyKind.AUTO_REPLY: (ACTIVE, None, None, False),
    ReplyKind.BOUNCE_HARD: (FINISHED, Outcome.BOUNCED, None, True),
    ReplyKind.BOUNCE_SOFT: (PAUSED, None, NOW + 3 * DAY, False),
    ReplyKind.BOUNCE_BLOCKED: (PAUSED, None, IN_A_WEEK, False),
    ReplyKind.COMPLAINT: (FINISHED, Outcome.OPTED_OUT, None, True),
    ReplyKind.UNCLEAR: (HELD, None, None, False),
}


def answer(
    kind: ReplyKind, enrollment: Enrollment, touch: Touch | None = None, plan: Cadence | None = None, **more: object
) -> Change:
    plan = plan or cadence()
    open_ones = () if enrollment.state == FINISHED else (enrollment,)
    matched = match(enrollment, touch, open=open_ones, **{name: more.pop(name) for name in ("soft_bounces",) if name in more})
    return answers.after_reply(reply(kind, **more), reading(kind), matched, effects(plan, kind, *open_ones), NOW)


def test_every_kind_has_an_effect() -> None:
    """No kind of reply is without a consequence that is written down."""
    assert set(answers.DEFAULT_EFFECTS) == set(ReplyKind) == set(DEFAULTS)


@pytest.mark.parametrize("kind", ReplyKind)
@pytest.mark.parametrize("state", [ACTIVE, HELD, PAUSED])
def test_default_effects(kind: ReplyKind, state: EnrollmentState) -> None:
    """What each kind does where the cadence says nothing, in each state that is not the end."""
    expected, outcome, until, suppressed = DEFAULTS[kind]
    before = enrolled(state=state, until=NOW + DAY if state == PAUSED else None, reason="a question" if state == HELD else "")
    change = answer(kind, before, taken(SENT))
    found = next(iter(change.enrollments), before)
    if expected in (ACTIVE, PAUSED) and (state == HELD or expected == ACTIVE):  # who waits for a human goes on waiting
        assert found == before
    else:
        assert (found.state, found.outcome, found.until) == (expected, outcome, until)
    assert bool(change.suppressions) == suppressed
    assert [row.id for row in change.replies] == ["r-1"]
    assert change.events[0].kind == "reply"


@pytest.mark.parametrize("kind", ReplyKind)
def test_after_the_end(kind: ReplyKind) -> None:
    """A finished enrollment only remembers a mail. A human's words are shown to the owner; an opt-out counts whenever it comes."""
    change = answer(kind, enrolled(state=FINISHED, outcome=Outcome.SILENT, finished=NOW), taken(SENT))
    automatic = kind in answers.AUTOMATIC or kind == ReplyKind.UNSUBSCRIBE
    assert (change.enrollments, [task.kind for task in change.tasks]) == ((), [] if automatic else ["read"])
    assert bool(change.suppressions) == DEFAULTS[kind][3]


def test_acts_on_every_open_enrollment() -> None:
    """Who has answered has answered, whichever mail the answer was to."""
    first, second = enrolled(), replace(enrolled(), id="other", cadence="nurture")
    matched = match(first, taken(SENT), open=(first, second))
    change = answers.after_reply(
        reply(ReplyKind.NO), reading(ReplyKind.NO), matched, effects(cadence(), ReplyKind.NO, first, second), NOW
    )
    assert {row.id: row.outcome for row in change.enrollments} == {first.id: Outcome.NO, "other": Outcome.NO}


def test_cadence_says_what_differs() -> None:
    """A cadence's own effect replaces the default one; a default follow-on counts only where that cadence exists."""
    own = Effect(move="hold", task="look")
    plan = cadence(replies={ReplyKind.NO: own})
    assert answers.effect_of(plan, ReplyKind.NO, frozenset()) == own
    assert only(answer(ReplyKind.NO, enrolled(), plan=plan)).state == HELD
    assert answers.effect_of(cadence(), ReplyKind.NO, frozenset({"after-the-no"})).enroll == "after-the-no"
    assert answers.effect_of(cadence(), ReplyKind.NO, frozenset()).enroll is None
    assert answers.effect_of(cadence(name="after-the-no"), ReplyKind.NO, frozenset({"after-the-no"})).enroll is None


def test_opt_out_cannot_be_weakened() -> None:
    """Whatever a cadence says about it, who asks for no more mail is suppressed."""
    plan = cadence(replies={ReplyKind.UNSUBSCRIBE: Effect(move="continue")})
    assert [row.key for row in answer(ReplyKind.UNSUBSCRIBE, enrolled(), plan=plan).suppressions] == ["ann@ann.example"]


@pytest.mark.parametrize(
    ("kind", "resume", "until"),
    [
        (ReplyKind.LATER, date(2027, 1, 11), datetime(2027, 1, 11, 5, 0, tzinfo=UTC)),  # midnight in New York
        (ReplyKind.OUT_OF_OFFICE, date(2026, 11, 20), datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),  # Friday, so Monday
        (ReplyKind.LATER, date(2026, 11, 12), NOW + timedelta(hours=1)),  # a date that is over does not make us write at once
    ],
)
def test_date_in_the_reply(kind: ReplyKind, resume: date, until: datetime) -> None:
    """The reply's own date counts, in the prospect's zone; after an absence one business day more."""
    assert only(answer(kind, enrolled(), resume=resume)).until == until


def test_cadence_says_how_long() -> None:
    """Without a date in the reply the cadence's own length counts."""
    plan = cadence(replies={ReplyKind.LATER: Effect(move="pause", pause="60d")})
    assert only(answer(ReplyKind.LATER, enrolled(), plan=plan)).until == NOW + 60 * DAY


def test_colleague_is_suppressed_on_their_own_wish() -> None:
    """A colleague who asks for no more mail gets none; the prospect's own enrollment is held for a human."""
    mail = reply(ReplyKind.UNCLEAR, address="bob@ann.example")
    enrollment = enrolled()
    change = answers.after_reply(
        mail, reading(ReplyKind.UNSUBSCRIBE), match(enrollment), effects(cadence(), ReplyKind.UNCLEAR, enrollment), NOW
    )
    assert (only(change).state, [row.key for row in change.suppressions]) == (HELD, ["bob@ann.example"])


@pytest.mark.parametrize(("before", "state"), [(0, PAUSED), (1, PAUSED), (2, HELD), (7, HELD)])
def test_soft_bounces(before: int, state: EnrollmentState) -> None:
    """A full mailbox is waited for twice; at the third report a human looks."""
    assert only(answer(ReplyKind.BOUNCE_SOFT, enrolled(), taken(SENT), soft_bounces=before)).state == state


# -- what a reply proves -------------------------------------------------------------------------


@pytest.mark.parametrize("state", [SCHEDULED, SENDING, DOUBTFUL])
def test_reply_proves_the_mail(state: TouchState) -> None:
    """A mail that names the Message-ID of a touch proves that it was sent: the doubt is gone, and the cadence goes on."""
    enrollment = only(after(Doubtful("lost"))) if state == DOUBTFUL else enrolled()
    change = answer(ReplyKind.AUTO_REPLY, enrollment, taken(state))
    assert [(touch.step, touch.state) for touch in change.touches] == [("step-0", SENT), ("step-1", SCHEDULED)]
    assert only(change).state == ACTIVE


def test_proof_and_effect_together() -> None:
    """An absence that answers a doubtful mail settles the doubt and pauses."""
    change = answer(ReplyKind.OUT_OF_OFFICE, only(after(Doubtful("lost"))), taken(DOUBTFUL))
    assert (only(change).state, only(change).until, change.touches[0].state) == (PAUSED, IN_A_WEEK, SENT)


@pytest.mark.parametrize("state", [SCHEDULED, SENDING, DOUBTFUL, SENT])
def test_report_fails_the_mail(state: TouchState) -> None:
    """A report about a mail that could not be delivered fails its touch; a cadence that waited for it goes on after the pause."""
    change = answer(ReplyKind.BOUNCE_SOFT, enrolled(), taken(state, settled=NOW - DAY if state == SENT else None))
    assert change.touches[0].state == FAILED
    assert [touch.state for touch in change.touches[1:]] == ([] if state == SENT else [SCHEDULED])
    assert only(change).state == PAUSED
    if state == SENT:
        assert change.touches[0].settled == NOW - DAY  # it left then: the caps count it there


def test_proof_after_the_end() -> None:
    """In a finished enrollment the proof is recorded, and nothing follows."""
    change = answer(ReplyKind.YES, enrolled(state=FINISHED, outcome=Outcome.NO, finished=NOW), taken(DOUBTFUL))
    assert ([touch.state for touch in change.touches], change.enrollments) == ([SENT], ())


def test_ids_are_made_of_what_they_stand_for() -> None:
    """The same parts make the same id, other parts another one, and parts can't run into each other."""
    assert lifecycle.made_id("touch", "a", "1") == lifecycle.made_id("touch", "a", "1")
    assert lifecycle.made_id("touch", "a1") != lifecycle.made_id("touch", "a", "1")
    assert len(lifecycle.made_id("x", length=6)) == 6
    assert step(0).thread == Thread.SAME
