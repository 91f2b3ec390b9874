"""The counts of `report`, on SQLite and on a real PostgreSQL: where the borders of each lie. The year of `tests/test_report.py` shows the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from followupd.core import lifecycle
from followupd.core.courtesy import MARK
from followupd.core.figures import Span
from followupd.core.model import Change, EnrollmentState, Fact, Outcome, Reason, ReplyKind, Taken, Task, TouchState
from followupd.store import Store
from tests.store.made import NOW, begin, cadence, prospect, reply

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
THEN = Span(since=NOW, until=NOW + 10 * DAY)


def person(
    store: Store, name: str, *, outcome: Outcome | None = None, ends: datetime = NOW, answer: str = "", **more: Any
) -> Change:
    """Somebody who was enrolled a week before, with the touch of the first step waiting; ended or not."""
    change = begin(prospect(name), cadence(), NOW - 7 * DAY, **more)
    (one,) = change.enrollments
    if outcome is not None:
        one = replace(one, state=EnrollmentState.FINISHED, outcome=outcome, finished=ends, answer=answer)
    touches = tuple(replace(touch, state=TouchState.SKIPPED, settled=ends) if outcome else touch for touch in change.touches)
    made = replace(change, enrollments=(one,), touches=touches)
    store.apply_one(made)
    return made


def sent(store: Store, made: Change, step: str, settled: datetime, state: TouchState = TouchState.SENT) -> str:
    """A further touch of theirs, at its end. Returns its id."""
    (first,) = made.touches
    name = lifecycle.made_id("touch", first.enrollment, step)
    store.apply_one(Change(touches=(replace(first, id=name, step=step, state=state, settled=settled, waits=False, position=1),)))
    return name


def counts(store: Store, name: str, span: Span = THEN) -> list[dict[str, Any]]:
    """One count, without the digest."""
    return [{key: value for key, value in row.items() if key != "digest"} for row in store.figures(span)[name]]


def test_nothing(store: Store) -> None:
    """A store in which nothing happened has nothing to count, and says so."""
    found = store.figures(Span())
    assert found.pop("gifts") == [{"people": 0, "gift_first": 0, "asked": 0, "gifts": 0}]
    assert set(map(len, found.values())) == {0}


def test_period(store: Store) -> None:
    """An enrollment counts by when it finished: the beginning of the period is in it, its end is not. Days go from date to date."""
    for name, ends in (("ann", NOW), ("bob", NOW - MINUTE), ("cid", NOW + 10 * DAY), ("dan", NOW + 10 * DAY - MINUTE)):
        person(store, name, outcome=Outcome.NO, ends=ends)
    person(store, "eve")
    assert counts(store, "endings") == [{"cadence": "proposal", "mailbox": "dana", "outcome": "no", "count": 2}]
    assert sorted(row["days"] for row in counts(store, "days")) == [7, 17]
    assert counts(store, "under_way") == [{"cadence": "proposal", "mailbox": "dana", "state": "active", "count": 1}]
    for span in (replace(THEN, mailbox="lee"), replace(THEN, cadence="reopen")):
        assert counts(store, "endings", span) == counts(store, "under_way", span) == []


def test_acknowledgement(store: Store) -> None:
    """The one mail that acknowledges an answer is no enrollment of its own."""
    change = begin(prospect("ann"), cadence(), NOW - DAY)
    (one,) = change.enrollments
    store.apply_one(replace(change, enrollments=(replace(one, source=f"proposal, {MARK} r-1"),)))
    assert counts(store, "under_way") == []


def test_what_decided(store: Store) -> None:
    """Touches count up to the answer: not what came later, was skipped or came back; a mail that the answer names was there before it."""
    ann = person(store, "ann", outcome=Outcome.YES, answer="r-1", ends=NOW + HOUR)
    for step, at, state in (
        ("a", NOW - 2 * DAY, TouchState.SENT),
        ("b", NOW - DAY, TouchState.SKIPPED),
        ("c", NOW - HOUR, TouchState.FAILED),
        ("d", NOW + MINUTE, TouchState.SENT),
    ):
        sent(store, ann, step, at, state)
    store.apply_one(Change(replies=(reply(ReplyKind.YES, received=NOW, enrollment=ann.enrollments[0].id),)))
    assert counts(store, "decided") == [{"touch": 1, "outcome": "yes", "count": 1}]
    bob = person(store, "bob", outcome=Outcome.NO, answer="r-2", ends=NOW + HOUR)
    named = sent(store, bob, "a", NOW + MINUTE)  # the clock of the mail server is behind ours
    store.apply_one(Change(replies=(reply(ReplyKind.NO, 2, received=NOW, enrollment=bob.enrollments[0].id, touch=named),)))
    person(store, "cid", outcome=Outcome.NO)  # a rep's word: there is no reply, and nothing had been sent
    assert sorted(map(str, counts(store, "decided"))) == sorted(
        map(
            str,
            [
                {"touch": 1, "outcome": "yes", "count": 1},
                {"touch": 1, "outcome": "no", "count": 1},
                {"touch": 0, "outcome": "no", "count": 1},
            ],
        )
    )


def test_reasons(store: Store) -> None:
    """The stated reason is that of the deciding answer; the real one the latest since, and none from before."""
    ann = person(store, "ann", outcome=Outcome.NO, answer="r-1")
    store.apply_one(Change(replies=(reply(ReplyKind.NO, reason=Reason.PRICE, enrollment=ann.enrollments[0].id),)))
    told = [("trust", NOW - DAY), ("budget", NOW + DAY), ("timing", NOW + 2 * DAY)]
    facts = [
        Fact(id=f"f{number}", address="ann@ann.example", name="real_reason", value=value, at=at, about="reason")
        for number, (value, at) in enumerate(told)
    ]
    store.apply_one(Change(facts=tuple(facts)))
    person(store, "bob", outcome=Outcome.NO)
    person(store, "cid", outcome=Outcome.SILENT)
    found = {(row["stated"], row["real"]): row["count"] for row in counts(store, "reasons")}
    assert found == {("price", "timing"): 1, (None, None): 1}


def test_after_a_touch(store: Store) -> None:
    """An answer belongs to the last touch before it; two questions after one touch are one; a report belongs to the mail it names."""
    ann = person(store, "ann")
    one = sent(store, ann, "a", NOW)
    sent(store, ann, "b", NOW + DAY)
    back = sent(store, ann, "c", NOW + 2 * DAY, TouchState.FAILED)
    way = ann.enrollments[0].id
    mails = [
        reply(ReplyKind.ENGAGED, 1, received=NOW + HOUR, enrollment=way, touch=one), reply(ReplyKind.ENGAGED, 2, received=NOW + 2 * HOUR, enrollment=way),
        reply(ReplyKind.YES, 3, received=NOW + 25 * HOUR, enrollment=way, touch=one),  # an old mail is answered, after the next one
        reply(ReplyKind.BOUNCE_SOFT, 4, received=NOW + 5 * DAY, enrollment=way, touch=back), reply(ReplyKind.LATER, 5, received=NOW - DAY, enrollment=way),
        reply(ReplyKind.OUT_OF_OFFICE, 6, received=NOW + 26 * HOUR, enrollment=way), reply(ReplyKind.NO, 7, received=NOW + DAY),  # nobody's
    ]  # fmt: skip
    store.apply_one(Change(replies=tuple(mails)))
    assert {(row["step"], row["kind"]): row["count"] for row in counts(store, "kinds")} == {
        ("a", "engaged"): 1, ("b", "yes"): 1, ("c", "bounce_soft"): 1, ("b", "out_of_office"): 1,
    }  # fmt: skip
    assert {row["step"]: row["count"] for row in counts(store, "answered")} == {"a": 1, "b": 1}
    assert {row["step"]: row["count"] for row in counts(store, "taught")} == {"a": 1, "b": 1}
    states = {(row["step"], row["state"]): row["count"] for row in counts(store, "steps")}
    assert states == {("step-0", "scheduled"): 1, ("a", "sent"): 1, ("b", "sent"): 1, ("c", "failed"): 1}
    early = replace(THEN, until=NOW + HOUR)
    assert {row["step"] for row in counts(store, "answered", early)} == {
        "a"
    }  # of the period is the touch, whenever it was answered


def test_facts_teach(store: Store) -> None:
    """A fact that was noted for a touch teaches, and so do a fact and an answer together once; what the rep thinks of himself does not."""
    ann = person(store, "ann")
    one, two = sent(store, ann, "a", NOW), sent(store, ann, "b", NOW + DAY)
    told = [("team_size", "learned", one), ("team_size", "learned", one), ("asked", "debrief", two), ("city", "learned", "")]
    facts = [
        Fact(id=f"f{number}", address="ann@ann.example", name=name, value="40", at=NOW + DAY, about=about, touch=touch)
        for number, (name, about, touch) in enumerate(told)
    ]
    store.apply_one(Change(facts=tuple(facts)))
    assert {row["step"]: row["count"] for row in counts(store, "taught")} == {"a": 1}
    assert counts(store, "learned") == [{"cadence": "proposal", "step": "a", "name": "team_size", "count": 2}]


def test_channels(store: Store) -> None:
    """Tasks of a step count by their kind, tasks of no step apart; what was dropped was not done."""
    ann = person(store, "ann")
    touch, way = sent(store, ann, "call", NOW), ann.enrollments[0].id
    known = {
        "owner": "dana",
        "address": "ann@ann.example",
        "title": "Call",
        "text": "",
        "created": NOW,
        "enrollment": way,
        "closed": NOW,
        "state": "done",
    }
    tasks = [
        Task(id="k1", kind="voicemail", touch=touch, **known),
        Task(id="k2", kind="answer", **known),
        Task(id="k3", kind="answer", **known | {"state": "dropped"}),
    ]
    store.apply_one(Change(tasks=tuple(tasks)))
    assert counts(store, "channels") == [{"channel": "email", "kind": "voicemail", "mailbox": "dana", "count": 1}]
    assert counts(store, "by_hand") == [{"kind": "answer", "count": 1}]


@pytest.mark.parametrize("span", [THEN, replace(THEN, cadence="proposal")])
def test_gifts(store: Store, span: Span) -> None:
    """Gifts are items that are not ours, and people brought to them; they count up to the first item of ours. People count by their first."""
    for name, items in (("ann", "ggag"), ("bob", "ag"), ("cid", "g"), ("dan", "")):
        made = person(store, name)
        touch = sent(store, made, "a", NOW)
        address = made.enrollments[0].address
        taken = [
            Taken(address=address, item=f"{name}-{number}", ours=each == "a", at=NOW + number * DAY, touch=touch)
            for number, each in enumerate(items)
        ]
        store.apply_one(Change(items=tuple(taken)))
    brought = Task(
        id="k1", owner="dana", address="bob@bob.example", kind="give-lead", title="", text="", created=NOW, closed=NOW - DAY, state="done",
        enrollment=lifecycle.made_id("enrollment", "bob@bob.example", "proposal"),
    )  # fmt: skip
    assert counts(store, "gifts", span) == [{"people": 3, "gift_first": 2, "asked": 2, "gifts": 2}]
    store.apply_one(Change(tasks=(brought,)))
    assert counts(store, "gifts", span) == [
        {"people": 2, "gift_first": 2, "asked": 2, "gifts": 3}
    ]  # bob's first was before the period
    assert counts(store, "gifts", replace(span, mailbox="lee")) == [{"people": 0, "gift_first": 0, "asked": 0, "gifts": 0}]


def test_reopened(store: Store) -> None:
    """Who came from an old no: by the cadence, or by the file."""
    store.apply_one(begin(prospect("ann"), cadence(name="reopen"), NOW - DAY))
    change = begin(prospect("bob"), cadence(), NOW - DAY)
    store.apply_one(replace(change, enrollments=(replace(change.enrollments[0], source="list.csv:2, came from old_no"),)))
    person(store, "cid")
    assert counts(store, "reopened") == [{"state": "active", "outcome": None, "count": 2}]
