"""May somebody be enrolled, may this touch happen now, and how much may a mailbox still send?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import guards
from followupd.core.guards import Entry, Situation
from followupd.core.model import (
    Cadence,
    Caps,
    Claim,
    Enrollment,
    EnrollmentState,
    Go,
    History,
    Limits,
    Outcome,
    Skip,
    Stop,
    Suppression,
    ThreadContext,
    Usage,
    Verdict,
    Wait,
)
from followupd.core.timing import timing_for
from tests.store.made import NOW, begin, cadence, prospect, step

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FINISHED = EnrollmentState.FINISHED


def past(outcome: Outcome, days: int = 10, name: str = "proposal") -> Enrollment:
    """An enrollment that was finished some days ago."""
    begun = begin(plan=cadence(name=name), now=NOW - 60 * DAY).enrollments[0]
    return replace(begun, state=FINISHED, outcome=outcome, finished=NOW - days * DAY)


def under_way(state: EnrollmentState, name: str = "proposal") -> Enrollment:
    return replace(begin(plan=cadence(name=name)).enrollments[0], state=state)


# -- admission -----------------------------------------------------------------------------------


def admitted(*enrollments: Enrollment, suppressed: Suppression | None = None, plan: Cadence | None = None) -> Go | Stop:
    history = History(enrollments=enrollments, suppressed=suppressed)
    return guards.admit(Entry(address="ann@ann.example", cadence=plan or cadence(), history=history, now=NOW))


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ([under_way(EnrollmentState.ACTIVE)], "duplicate: is in cadence proposal since 12 Nov 2026"),
        ([under_way(EnrollmentState.PAUSED)], "duplicate: is in cadence proposal since 12 Nov 2026"),
        ([past(Outcome.SILENT)], "duplicate: has been through cadence proposal since 13 Sep 2026"),
        ([past(Outcome.YES)], "duplicate: has been through cadence proposal since 13 Sep 2026"),
        ([under_way(EnrollmentState.ACTIVE, "nurture")], "is under way in cadence nurture; stop that first"),
        ([under_way(EnrollmentState.HELD, "nurture")], "is under way in cadence nurture; stop that first"),
        ([past(Outcome.NO, 10, "nurture")], "said no on 02 Nov 2026; let it rest until 02 Dec 2026"),
        ([past(Outcome.NO, 29, "nurture")], "said no on 14 Oct 2026; let it rest until 13 Nov 2026"),
        ([past(Outcome.OPTED_OUT, 300, "nurture")], "opted out on 16 Jan 2026"),
        ([past(Outcome.SILENT, 10, "nurture"), past(Outcome.OPTED_OUT, 50, "reopen")], "opted out on 23 Sep 2026"),
    ],
)
def test_not_admitted(known: list[Enrollment], reason: str) -> None:
    """Each reason stands in the receipt in words."""
    found = admitted(*known)
    assert isinstance(found, Stop)
    assert found.reason == reason


@pytest.mark.parametrize(
    "known",
    [
        [],
        [past(Outcome.SILENT, 1, "nurture")],  # silence is not a no
        [past(Outcome.YES, 1, "nurture")],
        [past(Outcome.NO, 30, "nurture")],  # it has rested
        [past(Outcome.STOPPED, 1, "nurture")],
    ],
)
def test_admitted(known: list[Enrollment]) -> None:
    """Who is new, or has rested, may be enrolled."""
    assert admitted(*known) == Go()


def test_suppressed_comes_first() -> None:
    """Whatever else is known of somebody: a suppression is the reason that is told."""
    known = Suppression(key="@ann.example", reason="asked by letter", source="by lee", at=NOW)
    found = admitted(under_way(EnrollmentState.ACTIVE), suppressed=known)
    assert found == Stop(Outcome.OPTED_OUT, "suppressed since 12 Nov 2026 (asked by letter); nobody may write there")


# -- sending -------------------------------------------------------------------------------------


def verdict(
    plan: Cadence | None = None, now: datetime = NOW, state: EnrollmentState = EnrollmentState.ACTIVE, **facts: object
) -> Verdict:
    plan = plan or cadence()
    change = begin(plan=plan)
    touch = replace(change.touches[0], deadline=facts.pop("deadline", None))
    claim = Claim(
        touch=touch, enrollment=replace(change.enrollments[0], state=state, rested=facts.pop("rested", 0)), prospect=prospect(), thread=ThreadContext(), epoch=1,
        **facts,
    )  # fmt: skip
    return guards.clear_to_send(Situation(claim=claim, cadence=plan, timing=timing_for(plan, prospect(), "dana"), now=now))


OFFICE = cadence(window="mon-fri 09:00-17:00")  # New York is at UTC-5
LIMITED = cadence(limits=Limits(touches=5, gap="2d", days=30))
CALL = cadence((step(0, channel="task", after="0m"),), window="mon-fri 10:00-17:00", limits=Limits(gap="2d"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Go()),
        ({"state": EnrollmentState.PAUSED}, Wait(NOW, "the enrollment is paused")),
        ({"state": FINISHED}, Wait(NOW, "the enrollment is finished")),
        ({"deadline": NOW}, Skip("its deadline was Thu 12 Nov 2026, 09:00 America/New_York")),
        ({"deadline": NOW + SECOND}, Go()),
        ({"plan": LIMITED, "sent_in_cadence": 4}, Go()),
        ({"plan": LIMITED, "sent_in_cadence": 5}, Stop(Outcome.SILENT, "the cadence allows 5 touches, and none was answered")),
        ({"plan": LIMITED, "now": NOW + 30 * DAY}, Go()),
        (
            {"plan": LIMITED, "now": NOW + 30 * DAY + SECOND},
            Stop(Outcome.SILENT, "the cadence allows 30 days, and nothing was answered"),
        ),
        ({"plan": LIMITED, "previous_sent": NOW - 2 * DAY}, Go()),
        ({"plan": LIMITED, "previous_sent": NOW - DAY}, Wait(NOW + DAY, "at least 2d between two mails to one person")),
        ({"plan": OFFICE}, Go()),
        ({"plan": OFFICE, "now": NOW + 8 * HOUR - SECOND}, Go()),
        ({"plan": CALL, "previous_sent": NOW - DAY}, Go()),  # a rep's work keeps no window and no gap between mails
    ],
)
def test_clear_to_send(given: dict[str, object], expected: Verdict) -> None:
    """Each question on its border: what may happen now, what waits and until when, what ends the cadence."""
    assert verdict(**given) == expected


@pytest.mark.parametrize(("now", "opens"), [(NOW - MINUTE, NOW), (NOW + 8 * HOUR, NOW + DAY), (NOW + 2 * DAY, NOW + 4 * DAY)])
def test_outside_the_window(now: datetime, opens: datetime) -> None:
    """Outside its window a touch waits for the next opening, and says which one."""
    found = verdict(OFFICE, now)
    assert isinstance(found, Wait)
    assert found.until == opens
    assert found.reason.startswith("window mon-fri 09:00-17:00, moved to ")


def test_a_fraction_of_a_second_does_not_close_the_window() -> None:
    """In the last second of the window a mail may still leave, as at its whole second."""
    assert verdict(OFFICE, NOW + 8 * HOUR - timedelta(microseconds=1)) == Go()
    assert verdict(OFFICE, NOW + timedelta(microseconds=999_999)) == Go()


def test_order_is_meaning() -> None:
    """Of two reasons the one that is asked first is told: what has ended is not said to be outside the window."""
    closed = cadence(window="mon-fri 10:00-17:00", limits=Limits(touches=1))
    assert verdict(closed, sent_in_cadence=1) == Stop(Outcome.SILENT, "the cadence allows 1 touches, and none was answered")


# -- room ----------------------------------------------------------------------------------------

EVENLY = Caps(per_minute=2, per_hour=10, per_day=50, gap=(0.0, 0.0))


@pytest.mark.parametrize(
    ("usage", "free", "ask_again"),
    [
        (Usage(), 2, None),
        (Usage(last_minute=1, oldest_minute=NOW - 30 * SECOND), 1, None),
        (Usage(last_minute=2, oldest_minute=NOW - 50 * SECOND), 0, NOW + 10 * SECOND),
        (Usage(last_hour=9, oldest_hour=NOW - 40 * MINUTE), 1, None),
        (Usage(last_hour=10, oldest_hour=NOW - 40 * MINUTE), 0, NOW + 20 * MINUTE),
        (Usage(last_day=50, oldest_day=NOW - 23 * HOUR), 0, NOW + HOUR),
        (
            Usage(
                last_minute=2,
                oldest_minute=NOW - 50 * SECOND,
                last_hour=10,
                oldest_hour=NOW - 40 * MINUTE,
                last_day=10,
                oldest_day=NOW - HOUR,
            ),
            0,
            NOW + 20 * MINUTE,
        ),
        (Usage(last_minute=3), 0, NOW + MINUTE),  # a cap that was lowered, and nobody knows since when
        (Usage(not_before=NOW + 7 * SECOND), 0, NOW + 7 * SECOND),
        (Usage(not_before=NOW), 2, None),
    ],
)
def test_room(usage: Usage, free: int, ask_again: datetime | None) -> None:
    """Each cap slides: a mail counts for exactly a minute, an hour and a day. The tightest cap counts."""
    assert guards.room(usage, EVENLY, NOW) == (free, ask_again)


def test_gap_lets_one_start_at_a_time() -> None:
    """With a gap between two mails, at most one may start."""
    assert guards.room(Usage(), replace(EVENLY, gap=(45.0, 180.0)), NOW) == (1, None)


@pytest.mark.parametrize(
    ("first_sent", "cap"),
    [
        (None, 20),
        (NOW, 20),
        (NOW - DAY + SECOND, 20),
        (NOW - DAY, 30),
        (NOW - 9 * DAY, 110),
        (NOW - 10 * DAY, 120),
        (NOW - 300 * DAY, 120),
    ],
)
def test_ramp(first_sent: datetime | None, cap: int) -> None:
    """A new mailbox starts small, and grows each day up to its cap."""
    caps = Caps(per_day=120, ramp_start=20, ramp_add=10)
    assert guards.day_cap(caps, Usage(first_sent=first_sent), NOW) == cap
    assert guards.day_cap(Caps(per_day=120), Usage(first_sent=first_sent), NOW) == 120


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=200), st.integers(1, 6), st.integers(1, 12))
def test_no_span_ever_holds_more_than_its_cap(wishes: list[int], per_minute: int, per_hour: int) -> None:
    """Whenever mails are wished for: in no minute and in no hour more leave than the caps allow, and never one too few."""
    caps = Caps(per_minute=per_minute, per_hour=per_hour, per_day=1000, gap=(0.0, 0.0))
    sent: list[datetime] = []
    for second in sorted(wishes):
        now = datetime(2026, 11, 12, tzinfo=UTC) + second * SECOND
        spans = {span: [at for at in sent if at > now - span] for span in (MINUTE, HOUR)}
        usage = Usage(
            last_minute=len(spans[MINUTE]), oldest_minute=min(spans[MINUTE], default=None), last_hour=len(spans[HOUR]),
            oldest_hour=min(spans[HOUR], default=None),
        )  # fmt: skip
        free, ask_again = guards.room(usage, caps, now)
        assert free == min(per_minute - len(spans[MINUTE]), per_hour - len(spans[HOUR]))
        assert (ask_again is None) == (free > 0)
        if free:
            sent.append(now)
        else:
            assert now < ask_again <= now + HOUR


# -- again, and two cadences at once ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "known", "reason"),
    [
        (cadence(again="30d"), [past(Outcome.SILENT, 29)], "duplicate: was in cadence proposal until 14 Oct 2026; may come again from 13 Nov 2026"),
        (cadence(again="30d"), [past(Outcome.SILENT, 30)], None),
        (cadence(again="30d"), [past(Outcome.NO, 29)], "duplicate: was in cadence proposal until 14 Oct 2026; may come again from 13 Nov 2026"),
        (cadence(again="1d"), [past(Outcome.OPTED_OUT, 300)], "opted out on 16 Jan 2026"),
        (cadence(again="1d"), [past(Outcome.SILENT, 90), under_way(EnrollmentState.ACTIVE)], "duplicate: is in cadence proposal since 12 Nov 2026"),
    ],
)  # fmt: skip
def test_again(plan: Cadence, known: list[Enrollment], reason: str | None) -> None:
    """Somebody comes again only where the cadence says after how long, never after an opt-out, never while still in it."""
    found = admitted(*known, plan=plan)
    assert found == (Go() if reason is None else Stop(found.outcome if isinstance(found, Stop) else Outcome.STOPPED, reason))


def other(**more: object) -> Enrollment:
    return replace(under_way(EnrollmentState.ACTIVE, "nurture"), **more)


@pytest.mark.parametrize(
    ("plan", "known", "goes", "ends"),
    [
        (cadence(), other(), False, False),
        (cadence(priority=51), other(), True, True),
        (cadence(priority=50), other(priority=51), False, False),
        (cadence(exclusive=False), other(), True, False),
        (cadence(), other(exclusive=False), True, False),
        (cadence(priority=80), other(exclusive=False), True, False),
        (cadence(priority=80), other(state=FINISHED, outcome=Outcome.SILENT, finished=NOW), True, False),
    ],
)
def test_two_cadences(plan: Cadence, known: Enrollment, goes: bool, ends: bool) -> None:
    """Exclusive cadences don't share a person: the more urgent one wins, and only that one ends the other."""
    entry = Entry(address="ann@ann.example", cadence=plan, history=History(enrollments=(known,)), now=NOW)
    assert isinstance(guards.admit(entry), Go) == goes
    assert bool(guards.giving_way(entry)) == ends


def test_what_follows_by_rule_is_no_new_conversation() -> None:
    """After a no the thanks may follow: the cadence that is being left is no obstacle, and neither is its no."""
    left = past(Outcome.NO, 0)
    entry = Entry(
        address="ann@ann.example", cadence=cadence(name="after-the-no"), history=History(enrollments=(left,)), now=NOW,
        leaving=frozenset({left.id}),
    )  # fmt: skip
    assert guards.admit(entry) == Go()
    assert isinstance(guards.admit(replace(entry, leaving=frozenset())), Stop)


@pytest.mark.parametrize(
    ("plan", "ahead", "expected"),
    [
        (LIMITED, NOW + DAY, NOW + 3 * DAY),
        (LIMITED, NOW + 2 * DAY, NOW + 4 * DAY),
        (LIMITED, NOW + 2 * DAY + SECOND, None),
        (LIMITED, NOW - DAY, NOW + 2 * DAY),
        (cadence(), NOW + 23 * HOUR, NOW + 47 * HOUR),
        (CALL, NOW, None),
    ],
)
def test_the_more_urgent_writes_first(plan: Cadence, ahead: datetime, expected: datetime | None) -> None:
    """A mail waits where a more urgent cadence would write within the gap; a task does not."""
    found = verdict(plan, now=NOW if plan is not CALL else NOW + HOUR, ahead=ahead)
    assert found == (Go() if expected is None else Wait(expected, "a more urgent cadence writes to this person first"))


def test_days_without_standing_still() -> None:
    """The days that a pause took are not counted."""
    plan = cadence(limits=Limits(days=30))
    assert isinstance(verdict(plan, NOW + 31 * DAY), Stop)
    assert verdict(plan, NOW + 31 * DAY, rested=2 * 86_400) == Go()
