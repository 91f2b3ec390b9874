"""Random histories: whatever happens, in whatever order, and however late a judgement is, the promises hold.

The store of these tests is a dictionary that keeps the real store's rules: versions, one open touch that is waited for,
and the cell "enrollment finished". Everything else is the real code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core import answers, belief, lifecycle
from followupd.core.lifecycle import EnrollmentFact, Moment, NotNow, TouchFact
from followupd.core.model import (
    Accepted,
    Cadence,
    Change,
    Deferred,
    Delivery,
    Doubtful,
    Enrollment,
    EnrollmentState,
    HandedOver,
    Outcome,
    Refused,
    ReplyKind,
    Touch,
    TouchState,
)
from tests.store.made import NOW, begin, cadence, effects, match, prospect, reading, reply, report, step

ACTIVE, HELD, PAUSED, FINISHED = EnrollmentState
SCHEDULED, SENDING, OPEN, SENT, SKIPPED, FAILED, DOUBTFUL = TouchState
UNSETTLED = {SCHEDULED, SENDING, OPEN, DOUBTFUL}

PLANS = [
    cadence(),
    cadence((step(0, after="0m"),)),
    cadence((step(0, after="2h", wait=False), step(1, channel="task", within="1d"), step(2, wait=False), step(3))),
    cadence(
        (step(0, after="0m"), step(1, channel="task", within="4h", wait=False)), window="mon-fri 09:00-11:30", end_after="3bd"
    ),
    cadence((step(0, after="0m"), step(1, since="renewal_at"), step(2)), retry=()),
]
DELIVERIES: list[Delivery] = [
    Accepted(250, "ok"), Accepted(250, "ok", ("alias@relay.example",)), Doubtful("lost"), Deferred(451, "later"), Deferred(0, "no route", "server"),
    Deferred(454, "login", "mailbox"), Refused(554, "spam"), Refused(550, "gone", gone=True), Refused(535, "login", blames="mailbox"),
]  # fmt: skip
ENDS = {ReplyKind.NO: Outcome.NO, ReplyKind.UNSUBSCRIBE: Outcome.OPTED_OUT, ReplyKind.BOUNCE_HARD: Outcome.BOUNCED}


class Shelved:
    """The rules of the real store, on two dictionaries."""

    def __init__(self) -> None:
        self.enrollments: dict[str, Enrollment] = {}
        self.touches: dict[str, Touch] = {}

    def apply(self, change: Change) -> bool:
        enrollments, touches = dict(self.enrollments), dict(self.touches)
        for row, rows in [(row, enrollments) for row in change.enrollments] + [(row, touches) for row in change.touches]:
            known = rows.get(row.id)
            if known is None and row.version == 0:
                rows[row.id] = replace(row, version=1)
            elif row.version and (known is None or known.version != row.version):
                return False
            elif row.version:
                rows[row.id] = replace(row, version=row.version + 1)
        for one in change.enrollments:
            if enrollments[one.id].state == FINISHED:  # the cell "enrollment finished"
                for touch in touches.values():
                    after = lifecycle.move_touch(touch, TouchFact.ENDED)
                    if touch.enrollment == one.id and after != touch.state:
                        touches[touch.id] = replace(touch, state=after, settled=one.finished, version=touch.version + 1)
        waited_for = [touch for touch in touches.values() if touch.waits and touch.state in UNSETTLED]
        assert len(waited_for) <= 1, "a second touch that is waited for would be kept out"
        self.enrollments, self.touches = enrollments, touches
        return True


class Walk:
    """One person in one cadence, and everything that can happen to them."""

    def __init__(self, plan: Cadence, start: str) -> None:
        self.store, self.now, self.plan, self.replies = Shelved(), NOW, plan, 0
        self.hand: tuple[Touch, Enrollment] | None = None  # what a claim brought, as old as it may be
        self.firm = False
        self.over: tuple[object, ...] | None = None
        self.asked = False  # the person waits for an answer
        self.away: datetime | None = None  # the person has asked for time
        assert self.store.apply(begin(plan=plan, start_step=start))

    # -- what the walk stands on

    @property
    def enrollment(self) -> Enrollment:
        return next(iter(self.store.enrollments.values()))

    def unsettled(self) -> tuple[Touch, ...]:
        return tuple(touch for touch in self.store.touches.values() if touch.state in UNSETTLED)

    def write(self, judge: Callable[[], Change]) -> None:
        """Judged on the rows of now: it must be writable."""
        before = {touch.id for touch in self.unsettled()}
        change = judge()
        assert self.store.apply(change), "judged on fresh rows, and stale all the same"
        if self.firm:
            assert {touch.id for touch in self.unsettled()} <= before, "something new after a firm end"

    def requested(self, judge: Callable[[], Change]) -> None:
        try:
            self.write(judge)
        except NotNow:
            return

    # -- what happens

    def time_passes(self, hours: int) -> None:
        """What the daemon does at each turn: pauses that end, silence, deadlines, leases."""
        self.now += timedelta(hours=hours)
        one = self.enrollment
        if one.until and one.until <= self.now and one.state != FINISHED:
            if one.state == PAUSED:
                self.write(lambda: lifecycle.wake(one, self.unsettled(), self.plan, prospect(), self.now, EnrollmentFact.WOKE))
            else:
                self.write(lambda: lifecycle.after_silence(one, self.now))
                assert self.enrollment.outcome == Outcome.SILENT
        for touch in self.unsettled():
            if touch.deadline and touch.deadline <= self.now and touch.state in {SCHEDULED, OPEN}:
                current = self.store.touches[touch.id]
                self.write(lambda current=current: self.settled(current, TouchFact.EXPIRED, "its deadline is over"))

    def settled(self, touch: Touch, fact: TouchFact, text: str) -> Change:
        return lifecycle.settle(touch, self.enrollment, self.plan, prospect(), fact, self.now, text)

    def claim(self) -> None:
        one = self.enrollment
        if self.hand is not None:
            return
        due = sorted((touch for touch in self.unsettled() if touch.state == SCHEDULED), key=lambda touch: touch.due)
        if one.state != ACTIVE or not due:
            return
        self.now = max(self.now, due[0].due)
        state = lifecycle.move_touch(due[0], TouchFact.CLAIMED)
        taken = replace(due[0], state=state, attempt=due[0].attempt + 1, token="token", intended=self.now)
        self.store.touches[taken.id] = claimed = replace(taken, version=taken.version + 1)
        self.hand = claimed, one

    def settle_claim(self, judge: Callable[[Touch, Enrollment], Change]) -> None:
        """As dispatch does: first on what the claim brought, and on fresh rows only if that was stale."""
        assert self.hand is not None
        touch, enrollment = self.hand
        self.hand = None
        if not self.store.apply(judge(touch, enrollment)):
            self.write(lambda: judge(self.store.touches[touch.id], self.enrollment))

    def send(self, meanwhile: list[tuple[Any, ...]], delivery: Delivery, fraction: float) -> None:
        """A claim and its delivery, and what happens while the mail is on the wire."""
        self.claim()
        for move in meanwhile:
            self.do(*move)
        self.delivered(delivery, fraction)

    def delivered(self, delivery: Delivery, fraction: float) -> None:
        if self.hand is None:
            return
        moment = Moment(now=self.now, fraction=fraction)
        said = HandedOver("do it", "Do") if self.hand[0].channel == "task" else delivery
        self.settle_claim(
            lambda touch, enrollment: lifecycle.after_delivery(touch, enrollment, self.plan, prospect(), said, moment)
        )

    def judged_otherwise(self, word: str) -> None:
        judges: dict[str, Callable[[Touch, Enrollment], Change]] = {
            "postpone": lambda touch, enrollment: lifecycle.postpone(
                touch, enrollment, self.now + timedelta(hours=3), "outside the window"
            ),
            "skip": lambda touch, one: lifecycle.settle(
                touch, one, self.plan, prospect(), TouchFact.NOT_WANTED, self.now, "its condition does not hold"
            ),
            "cannot write": lambda touch, enrollment: lifecycle.cannot_write(touch, enrollment, "no value", self.now),
        }
        self.claim()
        if self.hand is not None:
            self.settle_claim(judges[word])

    def lease_runs_out(self) -> None:
        """Somebody else calls the touch doubtful while we still have it in hand; our own word may come later."""
        if self.hand is None:
            return
        current = self.store.touches[self.hand[0].id]
        self.write(lambda: lifecycle.doubt(current, self.enrollment, self.now, "the daemon did not come back"))

    def daemon_dies(self) -> None:
        self.claim()
        self.hand = None
        for touch in self.unsettled():
            if touch.state == SENDING:
                self.write(lambda touch=touch: lifecycle.doubt(touch, self.enrollment, self.now, "killed"))

    def mail_comes(self, kind: ReplyKind, named: int, resume: date | None, colleague: bool, soft: int) -> None:
        one, touches = self.enrollment, list(self.store.touches.values())
        touch = touches[named] if named < len(touches) and touches[named].attempt else None
        found = match(one, touch, open=() if one.state == FINISHED else (one,), soft_bounces=soft)
        writer = "bob@ann.example" if colleague else "ann@ann.example"
        believed = belief.believed(kind, found, writer, report=report("ann@ann.example")).kind
        self.replies += 1
        mail = reply(believed, self.replies, self.now, address=writer, resume=resume)
        self.write(lambda: answers.after_reply(mail, reading(kind), found, effects(self.plan, believed, *found.open), self.now))
        self.asked |= believed in {ReplyKind.ENGAGED, ReplyKind.UNCLEAR}
        if believed in {ReplyKind.LATER, ReplyKind.OUT_OF_OFFICE} and self.enrollment.state == PAUSED:
            self.away = self.enrollment.until
        if found.open and believed in ENDS:
            assert self.enrollment.outcome == ENDS[believed]
            self.firm = True

    # -- what a human asks for

    def human_settles(self, word: TouchFact, which: int) -> None:
        touches = list(self.store.touches.values())
        touch = touches[min(which, len(touches) - 1)]
        if touch.state == DOUBTFUL:
            self.requested(lambda: lifecycle.settle_doubt(touch, self.enrollment, self.plan, prospect(), word, self.now, "lee"))
        elif touch.state == OPEN:
            self.requested(lambda: self.settled(touch, word, "by lee"))

    def human_pauses(self, days: int | None) -> None:
        def judge() -> Change:
            state = lifecycle.move_enrollment(self.enrollment, EnrollmentFact.PAUSE)
            until = self.now + timedelta(days=days) if days else None
            return Change(enrollments=(replace(self.enrollment, state=state, until=until, reason="paused by lee"),))

        self.requested(judge)
        self.asked, self.away = False, None

    def human_resumes(self) -> None:
        if any(touch.state == DOUBTFUL for touch in self.unsettled()):
            return  # the desk says: settle that first

        def judge() -> Change:
            lifecycle.move_enrollment(self.enrollment, EnrollmentFact.RESUME)
            return lifecycle.wake(self.enrollment, self.unsettled(), self.plan, prospect(), self.now, EnrollmentFact.RESUME)

        self.requested(judge)
        self.asked, self.away = False, None

    def human_stops(self) -> None:
        self.requested(
            lambda: lifecycle.finish(self.enrollment, Outcome.STOPPED, "stopped by lee", self.now, EnrollmentFact.STOP)
        )

    # -- what always holds

    def do(self, move: Callable[..., None], *given_with: Any) -> None:
        move(self, *given_with)
        self.finished_is_a_sink()
        self.never_stuck()
        self.waits_for_whom_it_must()
        self.touches_add_up()

    def finished_is_a_sink(self) -> None:
        for one in self.store.enrollments.values():
            assert self.over is None or (one.state, one.outcome, one.finished, one.reason) == self.over
            assert (one.state == FINISHED) == (one.outcome is not None) == (one.finished is not None)
            if one.state == FINISHED:
                self.over = one.state, one.outcome, one.finished, one.reason
                assert not [touch for touch in self.unsettled() if touch.state in {SCHEDULED, OPEN}]
                assert one.until is None

    def never_stuck(self) -> None:
        """Whoever is not at the end waits for a touch, for a date, or for a human who can see why."""
        for one in self.store.enrollments.values():
            waited_for = [touch for touch in self.unsettled() if touch.waits]
            if one.state == ACTIVE:
                assert bool(waited_for) != bool(one.until), "an active enrollment waits for one touch, or for an answer"
                assert waited_for or one.position == len(self.plan.steps)
            elif one.state == HELD:
                assert one.reason
                assert one.until is None
            elif one.state == PAUSED:
                assert one.until or one.reason == "paused by lee"

    def waits_for_whom_it_must(self) -> None:
        """Nothing but a human's word lets an enrollment go on that waits for one, and nothing else shortens the time asked for."""
        if self.enrollment.state == ACTIVE:
            assert not self.asked
            assert self.away is None or self.away <= self.now

    def touches_add_up(self) -> None:
        for touch in self.store.touches.values():
            assert touch.attempt >= 0
            assert (touch.settled is None) == (touch.state in {SCHEDULED, SENDING, OPEN})
            assert bool(touch.token) == (touch.state == SENDING)


def moves(*kinds: ReplyKind) -> st.SearchStrategy[tuple[Any, ...]]:
    """What may happen next: often a claim and its delivery, with something in between; now and then a mail or a human's wish."""
    delivery = st.sampled_from(DELIVERIES) | st.sampled_from(DELIVERIES[:3])
    days = st.none() | st.dates(date(2026, 11, 1), date(2027, 6, 1))
    mail = st.tuples(
        st.just(Walk.mail_comes),
        st.sampled_from(kinds),
        st.integers(0, 4),
        days,
        st.sampled_from([False, False, True]),
        st.integers(0, 3),
    )
    hours = st.tuples(st.just(Walk.time_passes), st.sampled_from([0, 1, 24, 24 * 10, 24 * 120]))
    settles = st.tuples(st.just(Walk.human_settles), st.sampled_from(WORDS), st.integers(0, 4))
    pauses = st.tuples(st.just(Walk.human_pauses), st.sampled_from([None, 1, 1, 20]))
    resumes = st.just((Walk.human_resumes,))
    meanwhile = mail | hours | st.just((Walk.lease_runs_out,)) | pauses | settles
    sent = st.tuples(st.just(Walk.send), st.lists(meanwhile, max_size=2), delivery, st.sampled_from([0.0, 0.5, 1.0]))
    otherwise = st.tuples(st.just(Walk.judged_otherwise), st.sampled_from(["postpone", "skip", "cannot write"]))
    return st.one_of(
        sent,
        sent,
        sent,
        sent,
        sent,
        sent,
        mail,
        hours,
        hours,
        settles,
        resumes,
        resumes,
        resumes,
        pauses,
        otherwise,
        st.just((Walk.daemon_dies,)),
    )


GOES_ON = [kind for kind in ReplyKind if answers.DEFAULT_EFFECTS[kind].move != "finish"]
WORDS = [TouchFact.DONE, TouchFact.SKIP, TouchFact.SETTLE_SENT, TouchFact.SEND_AGAIN]
walks = st.tuples(
    st.lists(moves(*GOES_ON), min_size=20, max_size=40),  # first nobody ends it, or most walks would be short
    st.lists(moves(*ReplyKind) | st.just((Walk.human_stops,)), max_size=12),
)


@settings(deadline=None, max_examples=settings().max_examples * 5)
@given(st.sampled_from(PLANS), st.sampled_from(["", "", "step-0", "nonsense"]), walks)
def test_random_histories(plan: Cadence, start: str, walk: tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]) -> None:
    """FINISHED is never left, nothing new follows a firm end, one touch at a time is waited for, and nobody is ever stuck."""
    person = Walk(plan, start)
    for move in walk[0] + walk[1]:
        person.do(*move)


def _when(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.mark.parametrize("answer_first", [True, False])
def test_answer_meets_a_mail_on_the_wire(answer_first: bool) -> None:
    """The delicate meeting: a no arrives while a mail is leaving. In either order it is sent once, and the end stays the end."""
    store = Shelved()
    store.apply(begin())
    (one,), (touch,) = store.enrollments.values(), store.touches.values()
    hand = replace(touch, state=SENDING, attempt=1, token="token")
    store.touches[hand.id] = hand
    plan = cadence()

    def answered() -> Change:
        current = store.enrollments[one.id]
        found = match(current, store.touches[hand.id])
        return answers.after_reply(
            reply(ReplyKind.NO), reading(ReplyKind.NO), found, effects(plan, ReplyKind.NO, current), _when(1)
        )

    def accepted() -> Change:
        return lifecycle.after_delivery(
            store.touches[hand.id], store.enrollments[one.id], plan, prospect(), Accepted(250, "ok"), Moment(now=_when(1))
        )

    for judge in (answered, accepted) if answer_first else (accepted, answered):
        assert store.apply(judge())
    assert (store.enrollments[one.id].outcome, store.touches[hand.id].state) == (Outcome.NO, SENT)
    assert {each.state for each in store.touches.values()} <= {SENT, SKIPPED}
