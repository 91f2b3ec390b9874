"""What the store promises, on SQLite and on a real PostgreSQL: the same tests for both."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from followupd.bench.servers import wait_until
from followupd.core import lifecycle
from followupd.core.courtesy import MARK
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Alarm,
    Cadence,
    Caps,
    Change,
    Claim,
    Cursor,
    Enrollment,
    EnrollmentState,
    Event,
    Gate,
    Mailbox,
    Newcomer,
    Outcome,
    Prospect,
    Reply,
    ReplyKind,
    Seen,
    Suppression,
    Switch,
    Taken,
    Task,
    Touch,
    TouchState,
)
from followupd.core.troubles import TROUBLES
from followupd.store import Hand, MailboxTaken, Stale, Store, StoreProblem, Want, claiming, incarnation, open_store, schema
from tests.store.made import NOW, begin, cadence, prospect, reply, step

UTC_ZONE = ZoneInfo("UTC")

ACTIVE, HELD, PAUSED, FINISHED = EnrollmentState
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LEASE = 45 * MINUTE
MARGIN = 15 * MINUTE
FREELY = Caps(per_minute=1000, per_hour=1000, per_day=1000, in_flight=1000, gap=(0.0, 0.0))
TOKENS = itertools.count()


def mailbox(name: str = "dana", caps: Caps = FREELY) -> Mailbox:
    return Mailbox(name=name, address=f"{name}@example.com", display_name=name.capitalize(), zone="UTC", caps=caps)


def enroll(store: Store, *names: str, plan: Cadence | None = None, now: datetime = NOW, box: str = "dana") -> list[Enrollment]:
    """Enroll people in a cadence whose text is kept."""
    kept = plan or cadence()
    store.keep_cadence(kept.digest, kept.name, "the text", {"inherited": {}}, now)
    store.apply([begin(prospect(name), plan, now, box) for name in names])
    found = [store.person(prospect(name).address)[1] for name in names]
    return [next(one for one in each if one.cadence == (plan or cadence()).name) for each in found]


def claim(
    store: Store,
    now: datetime = NOW,
    *,
    places: int = 1000,
    caps: Caps = FREELY,
    epoch: int = 1,
    box: str = "dana",
    run: str = "run",
) -> list[Claim]:
    hand = Hand(run=run, lease=now + LEASE, key=b"k" * 32, token=lambda: f"token-{next(TOKENS)}", fraction=lambda: 0.5)
    return store.claim_due(now, [Want(mailbox=mailbox(box, caps), places=places, epoch=epoch)], hand)


def claimed(store: Store, *names: str, now: datetime = NOW) -> list[Claim]:
    """People whose first mail is in hand."""
    enroll(store, *names, now=now)
    store.hold_mailbox("dana", "run")
    return claim(store, now)


MAIL = {"subject": "Words", "opens": True, "text": "Dear Ann", "raw": b"From: dana", "looked": NOW}


def gate(store: Store, one: Claim, now: datetime = NOW, **mail: object) -> bool:
    return store.gate(one, now, MARGIN, **{**MAIL, **mail})


def accepted(store: Store, one: Claim, now: datetime = NOW) -> Change:
    """The mail went through the gate and was accepted."""
    assert gate(store, one, now)
    change = lifecycle.settle(one.touch, one.enrollment, cadence(), one.prospect, TouchFact.ACCEPTED, now, "ok", 250)
    store.apply_one(change)
    return change


def move(store: Store, enrollment: Enrollment, **more: object) -> Enrollment:
    """Write an enrollment as somebody else would."""
    now = store.find(Enrollment, enrollment.id)
    assert now is not None
    store.apply_one(Change(enrollments=(replace(now, **more),)))
    moved = store.find(Enrollment, enrollment.id)
    assert moved is not None
    return moved


def touch_of(store: Store, enrollment: Enrollment, position: int = 0) -> Touch:
    return next(touch for touch in store.touches(enrollment.id) if touch.position == position)


class TestWriting:
    """`apply`, `apply_one`, `enroll`: whole or not at all, and only if nobody was there before."""

    def test_what_is_written_is_read_back(self, store: Store) -> None:
        """Every noun comes back as it was, with its version one higher."""
        change = begin(prospect(zone="Europe/Berlin", country="DE-BY", columns={"first_name": "Zoë", "note": 'a;b\n"c" {{ d }}'}))
        task = Task(
            id="k-1",
            owner="dana",
            address="ann@ann.example",
            kind="call",
            title="Call",
            text="x",
            created=NOW,
            deadline=NOW + DAY,
        )
        mail = reply(ReplyKind.LATER, enrollment=change.enrollments[0].id, resume=NOW.date(), confidence=0.75)
        store.apply_one(change + Change(tasks=(task,), replies=(mail,)))
        person, enrollments = store.person("ann@ann.example")
        assert person == change.prospects[0]
        assert enrollments == (replace(change.enrollments[0], version=1),)
        assert store.touches(enrollments[0].id) == (replace(change.touches[0], version=1),)
        assert store.find(Task, "k-1") == replace(task, version=1)
        assert store.find(Reply, "r-1") == replace(mail, version=1)
        assert store.tasks("dana") == store.tasks() == (replace(task, version=1),)
        assert store.tasks("lee") == ()
        assert store.find(Reply, "r-2") is None

    def test_text_of_strangers(self, store: Store) -> None:
        """Whatever stands in a mail can be stored: NUL, half a surrogate, right-to-left marks."""
        evil = "a\0b\ud800c\u202e\U0001f600'; DROP TABLE touch; --"
        (one,) = enroll(store, "ann")
        event = Event(at=NOW, kind="reply", text=evil, address=one.address, data={"x": evil.replace("\ud800", "")})
        mail = reply(ReplyKind.UNCLEAR, text=evil, subject=evil, evidence=evil, enrollment=one.id)
        store.apply_one(Change(replies=(mail,), events=(event,)))
        found = store.find(Reply, "r-1")
        assert found is not None
        assert found.text == found.subject == "a\ufffdb\ufffdc\u202e\U0001f600'; DROP TABLE touch; --"
        assert store.timeline(one.address)[-1].text == found.text
        assert len(store.touches(one.id)) == 1

    def test_all_or_nothing(self, store: Store) -> None:
        """If one row of a change has moved, nothing of the change stays."""
        (one,) = enroll(store, "ann")
        touch = touch_of(store, one)
        stale = replace(touch, version=7, text="never")
        extras = Change(
            events=(Event(at=NOW, kind="x", text="never"),), suppressions=(Suppression(key="x@y.z", reason="", source="", at=NOW),),
            aliases=(("id", touch.id),), cursors=(Cursor(mailbox="dana", folder="INBOX", uidvalidity=1, uid=2, read=NOW),),
            tasks=(Task(id="k", owner="dana", address="", kind="call", title="", text="", created=NOW),),
        )  # fmt: skip
        assert store.apply([Change(enrollments=(replace(one, reason="never"),), touches=(stale,)) + extras]) == [False]
        with pytest.raises(Stale):
            store.apply_one(Change(enrollments=(replace(one, reason="never"),), touches=(stale,)) + extras)
        assert (store.find(Enrollment, one.id), touch_of(store, one)) == (one, touch)
        assert (store.suppressions(), store.cursors("dana"), store.tasks()) == ((), {}, ())
        assert [event.kind for event in store.timeline("ann@ann.example")] == ["enrolled"]

    def test_one_stale_among_many(self, store: Store) -> None:
        """Many changes are one commit, and one that came too late does not hurt the others."""
        people = enroll(store, *(f"p{number}" for number in range(20)))
        move(store, people[7], reason="moved")
        written = store.apply([Change(enrollments=(replace(one, reason="mine"),)) for one in people])
        assert written == [number != 7 for number in range(20)]
        reasons = [found.reason for one in people if (found := store.find(Enrollment, one.id))]
        assert reasons == ["moved" if number == 7 else "mine" for number in range(20)]

    def test_second_in_one_group_is_stale(self, store: Store) -> None:
        """Two changes of the same row in one group: the second has to be judged again."""
        (one,) = enroll(store, "ann")
        both = [Change(enrollments=(replace(one, reason="first"),)), Change(enrollments=(replace(one, reason="second"),))]
        assert store.apply(both) == [True, False]

    def test_same_row_twice(self, store: Store) -> None:
        """Enrolling the same twice leaves what is there."""
        (one,) = enroll(store, "ann")
        held = move(store, one, state=HELD, reason="a question")
        assert store.apply([begin()]) == [True]
        assert store.find(Enrollment, one.id) == held
        assert len(store.touches(one.id)) == 1

    def test_waited_for_touch_never_vanishes(self, store: Store) -> None:
        """A second open touch that the enrollment would wait for is kept out, and the writer hears of it."""
        (one,) = enroll(store, "ann")
        second = replace(touch_of(store, one), id="other", position=1, step="step-1", version=0)
        assert store.apply([Change(touches=(second,), events=(Event(at=NOW, kind="x", text="x", address=one.address),))]) == [
            False
        ]
        assert [event.kind for event in store.timeline(one.address)] == ["enrolled"]
        assert store.apply([Change(touches=(replace(second, waits=False),))]) == [True]

    def test_next_touch_takes_the_place_of_the_last(self, store: Store) -> None:
        """Settling one touch and scheduling the next is one change, in whatever order it names them."""
        (first,) = claimed(store, "ann")
        change = lifecycle.settle(first.touch, first.enrollment, cadence(), first.prospect, TouchFact.ACCEPTED, NOW, "ok")
        store.apply_one(replace(change, touches=change.touches[::-1]))
        assert [touch.state for touch in store.touches(first.enrollment.id)] == [TouchState.SENT, TouchState.SCHEDULED]

    def test_end_skips_what_is_open(self, store: Store) -> None:
        """With the end of an enrollment its scheduled and open touches are skipped and their tasks dropped, in one transaction."""
        plan = cadence((step(0, after="0m", wait=False), step(1, after="0m", wait=False, channel="task"), step(2)))
        (one,) = enroll(store, "ann", plan=plan)
        call = touch_of(store, one, 1)
        mine = Task(
            id="k-1",
            owner="dana",
            address=one.address,
            kind="call",
            title="",
            text="",
            created=NOW,
            enrollment=one.id,
            touch=call.id,
        )
        store.apply_one(Change(touches=(replace(call, state=TouchState.OPEN),), tasks=(mine, replace(mine, id="k-2", touch=""))))
        store.hold_mailbox("dana", "run")
        (first,) = claim(store)
        store.apply_one(lifecycle.finish(one, Outcome.NO, "no thanks", NOW))
        states = [(touch.state, touch.text) for touch in store.touches(one.id)]
        over = (TouchState.SKIPPED, "the enrollment is finished")
        assert states == [(TouchState.SENDING, ""), over, over]  # what is on the wire is settled by its own delivery
        assert first.touch.position == 0
        assert [task.id for task in store.tasks()] == ["k-2"]

    def test_late_delivery_meets_the_end(self, store: Store) -> None:
        """A claim that is given back after the end was judged on old facts: it is stale, and judged again it is skipped."""
        (first,) = claimed(store, "ann")
        store.apply_one(lifecycle.finish(first.enrollment, Outcome.NO, "no thanks", NOW))
        assert store.apply([lifecycle.postpone(first.touch, first.enrollment, NOW, "not wanted")]) == [False]
        again = store.find(Enrollment, first.enrollment.id)
        assert again is not None
        assert store.apply([lifecycle.postpone(first.touch, again, NOW, "not wanted")]) == [True]
        assert touch_of(store, again).state == TouchState.SKIPPED

    def test_switches(self, store: Store) -> None:
        """A scope is stopped once, with the first reason, and released."""
        for reason in ("first", "second"):
            store.apply_one(Change(switches=(Switch(scope="all", reason=reason, at=NOW),)))
        assert store.switches() == (Switch(scope="all", reason="first", at=NOW),)
        store.apply_one(Change(switches=(Switch(scope="all", reason="", at=NOW, on=False),)))
        assert store.switches() == ()

    def test_first_suppression_stays(self, store: Store) -> None:
        """A suppression is never overwritten or lost."""
        first, second = (Suppression(key="@x.example", reason=reason, source="lee", at=NOW) for reason in ("one", "two"))
        store.apply([Change(suppressions=(first,)), Change(suppressions=(second,))])
        assert store.suppressions() == (first,)

    def test_cursor_moves_with_the_change(self, store: Store) -> None:
        """The place in each folder is the last one written."""
        for uid in (5, 9):
            store.apply_one(Change(cursors=(Cursor(mailbox="dana", folder="INBOX", uidvalidity=2**32 - 1, uid=uid, read=NOW),)))
        assert store.cursors("dana")["INBOX"].uid == 9
        assert store.cursors("lee") == {}


class TestEnrollingInBulk:
    """`enroll`: the way in for long files."""

    @staticmethod
    def many(count: int = 30) -> list[Newcomer]:
        first = begin(prospect("somebody"))
        return [Newcomer(prospect(f"p{number}"), f"list.csv:{number}", first) for number in range(count)]

    def test_same_as_one_by_one(self, store: Store) -> None:
        """What is written in bulk reads like what is written singly."""
        store.enroll(self.many())
        (one,) = store.person("p7@p7.example")[1]
        assert one == replace(begin(prospect("p7")).enrollments[0], version=1, source="list.csv:7")
        assert [touch.version for touch in store.touches(one.id)] == [1]
        assert len(store.enrollments()) == 30

    def test_twice(self, store: Store) -> None:
        """The same file again changes nothing: no state, no second line in a timeline."""
        store.enroll(self.many())
        held = move(store, store.person("p7@p7.example")[1][0], state=HELD, reason="a question")
        store.enroll(self.many())
        assert store.person("p7@p7.example")[1] == (held,)
        assert len(store.timeline("p7@p7.example")) == 1

    @pytest.mark.parametrize("bulk", [True, False])
    def test_what_a_later_row_leaves_out_is_kept(self, store: Store, bulk: bool) -> None:
        """A later row adds to what is known of a person; an empty cell or a missing column takes nothing away."""
        known = prospect(zone="Europe/Berlin", country="DE", columns={"first_name": "Ann", "goals": "grow", "title": ""})
        later = prospect(
            zone=None, country="FR", owner="", columns={"first_name": "Anna", "goals": "", "title": "", "company": "X"}
        )
        for person, plan in ((known, cadence()), (later, cadence(name="nurture"))):
            change = begin(person, plan)
            store.enroll([Newcomer(person, "list.csv:2", change)]) if bulk else store.apply_one(change)
        columns = {"first_name": "Anna", "goals": "grow", "title": "", "company": "X"}
        assert store.person(known.address)[0] == replace(later, zone="Europe/Berlin", owner="dana", columns=columns)

    def test_whether_anybody_waits(self, store: Store, url: str) -> None:
        """Long transactions are for a file that no daemon owns; on PostgreSQL nobody waits for them."""
        assert store.alone()
        daemon = open_store(url)
        daemon.own(1.0)
        assert store.alone() == (store.engine.dialect.name == "postgresql")
        assert daemon.alone() == store.alone()
        daemon.close()
        assert store.alone()

    def test_same_person_twice_in_one_batch(self, store: Store) -> None:
        """Two rows of one person in one batch: the later one adds to the earlier."""
        first, second = prospect(columns={"a": "1"}), prospect(columns={"b": "2"})
        both = begin(first), begin(second, cadence(name="nurture"))
        store.enroll([Newcomer(person, "list.csv:2", begun) for person, begun in zip((first, second), both, strict=True)])
        person, enrollments = store.person(first.address)
        assert (person.columns, len(enrollments)) == ({"a": "1", "b": "2"}, 2)


class TestClaiming:
    """`claim_due`: the intention is on disk before anything leaves."""

    def test_claim(self, store: Store) -> None:
        """A due touch is marked SENDING with token, owner, attempt, lease and Message-ID, and comes with all that is needed."""
        (one,) = claimed(store, "ann")
        stored = touch_of(store, one.enrollment)
        assert (stored.state, stored.owner, stored.attempt, stored.due, stored.intended) == (
            TouchState.SENDING,
            "run",
            1,
            NOW + LEASE,
            NOW,
        )
        assert stored.message_id.endswith("@example.com")
        assert one.touch == replace(stored, due=NOW)
        assert (one.prospect, one.epoch, one.sent_in_cadence, one.previous_sent, one.ahead) == (prospect(), 1, 0, None, None)
        assert claim(store) == []

    def test_next_claim_knows_what_was(self, store: Store) -> None:
        """The second mail's claim knows when the first left, what it said, what was answered and what was on the shelf."""
        (first,) = claimed(store, "ann")
        accepted(store, first)
        mail = reply(ReplyKind.AUTO_REPLY, enrollment=first.enrollment.id)
        human = reply(ReplyKind.ENGAGED, 2, enrollment=first.enrollment.id)
        guide = Taken(address=first.touch.address, item="guide", ours=True, at=NOW, touch=first.touch.id)
        store.apply_one(Change(items=(guide,), replies=(mail, human)))
        (second,) = claim(store, NOW + 3 * DAY)
        assert (second.touch.step, second.sent_in_cadence, second.previous_sent, second.taken) == (
            "step-1",
            1,
            NOW,
            (guide,),
        )
        assert second.answer == replace(human, version=1)
        assert second.touch.message_id != first.touch.message_id

    def test_name_of_a_mail_stays(self, store: Store) -> None:
        """A touch that is tried again has the Message-ID and the Date of its first intent."""
        (first,) = claimed(store, "ann")
        put_off = lifecycle.after_delivery(
            first.touch, first.enrollment, cadence(), first.prospect, lifecycle.Deferred(451, "x"), lifecycle.Moment(now=NOW)
        )
        store.apply_one(put_off)
        (again,) = claim(store, NOW + HOUR)
        assert (again.touch.message_id, again.touch.intended, again.touch.attempt) == (first.touch.message_id, NOW, 2)
        assert again.touch.token != first.touch.token

    def test_not_before_its_time(self, store: Store) -> None:
        """What is due later is not claimed, and `next_due` says when that is."""
        enroll(store, "ann", now=NOW + HOUR)
        store.hold_mailbox("dana", "run")
        assert claim(store, NOW + HOUR - timedelta(microseconds=1)) == []
        assert store.next_due(["dana"]) == NOW + HOUR
        assert len(claim(store, NOW + HOUR)) == 1
        assert store.next_due(["dana", "lee"]) is None

    @pytest.mark.parametrize("state", [HELD, PAUSED, FINISHED])
    def test_standing_still(self, store: Store, state: EnrollmentState) -> None:
        """Nothing is claimed in an enrollment that is held, paused or finished, nor does it keep the claim loop awake."""
        (one,) = enroll(store, "ann")
        store.hold_mailbox("dana", "run")
        moved = move(store, one, state=state, finished=NOW if state == FINISHED else None)
        assert (claim(store), store.next_due(["dana"])) == ([], None)
        if state != FINISHED:
            move(store, moved, state=ACTIVE)
            assert len(claim(store)) == 1

    @pytest.mark.parametrize("key", ["ann@ann.example", "@ann.example"])
    def test_suppressed(self, store: Store, key: str) -> None:
        """Nothing is claimed for a suppressed address or domain; others are not concerned."""
        enroll(store, "ann", "bob")
        store.hold_mailbox("dana", "run")
        store.apply_one(Change(suppressions=(Suppression(key=key, reason="", source="", at=NOW),)))
        assert [one.touch.address for one in claim(store)] == ["bob@bob.example"]

    @pytest.mark.parametrize(
        "key", ["@nn.example", "@example", "%", "@%", "nn@ann.example", "ANN@ANN.EXAMPLE", "@a", "", "_nn@ann.example"]
    )
    def test_suppressions_of_others(self, store: Store, key: str) -> None:
        """A key that is only alike suppresses nobody."""
        enroll(store, "ann")
        store.hold_mailbox("dana", "run")
        store.apply_one(Change(suppressions=(Suppression(key=key, reason="", source="", at=NOW),)))
        assert len(claim(store)) == 1
        assert store.suppressed_under_way() == ()

    @pytest.mark.parametrize(
        ("scope", "stops"),
        [("all", True), ("mailbox:dana", True), ("cadence:proposal", True), ("mailbox:lee", False), ("cadence:x", False)],
    )
    def test_switched_off(self, store: Store, scope: str, stops: bool) -> None:
        """A stopped scope claims nothing until it is released."""
        enroll(store, "ann")
        store.hold_mailbox("dana", "run")
        store.apply_one(Change(switches=(Switch(scope=scope, reason="", at=NOW),)))
        assert len(claim(store)) == (0 if stops else 1)
        store.apply_one(Change(switches=(Switch(scope=scope, reason="", at=NOW, on=False),)))
        assert len(claim(store)) == (1 if stops else 0)

    def test_places_and_caps(self, store: Store) -> None:
        """Never more than the free places, nor than the tightest cap leaves; what is in hand counts."""
        enroll(store, *(f"p{number}" for number in range(9)))
        store.hold_mailbox("dana", "run")
        caps = replace(FREELY, per_minute=5)
        assert [
            len(claim(store, places=3, caps=caps)),
            len(claim(store, places=3, caps=caps)),
            len(claim(store, places=3, caps=caps)),
        ] == [3, 2, 0]
        assert len(claim(store, NOW + MINUTE, places=9, caps=caps)) == 0  # still in hand

    def test_retries_count_in_hand(self, store: Store) -> None:
        """A mail whose first intent lies far back takes its place under the caps again while it is in hand."""
        (first,) = claimed(store, "ann")
        store.apply_one(lifecycle.postpone(first.touch, first.enrollment, NOW, "x"))
        stored = touch_of(store, first.enrollment)
        store.apply_one(Change(touches=(replace(stored, attempt=1, intended=NOW - 2 * DAY),)))
        assert len(claim(store)) == 1
        assert store.usage("dana", NOW).last_minute == 1

    def test_gap(self, store: Store) -> None:
        """The gap to the next mail is drawn with the claim and outlives the daemon."""
        enroll(store, "ann", "bob")
        store.hold_mailbox("dana", "run")
        caps = replace(FREELY, gap=(60.0, 120.0))
        assert len(claim(store, caps=caps)) == 1
        assert store.usage("dana", NOW).not_before == NOW + timedelta(seconds=90)
        assert claim(store, NOW + timedelta(seconds=89), caps=caps) == []
        assert len(claim(store, NOW + timedelta(seconds=90), caps=caps)) == 1

    def test_tasks_take_no_mail_places(self, store: Store) -> None:
        """A manual touch is handed over however full the mailbox is, and has no Message-ID."""
        enroll(store, "ann", plan=cadence((step(0, channel="task", after="0m"),)))
        store.hold_mailbox("dana", "run")
        (one,) = claim(store, places=0, caps=replace(FREELY, per_day=0))
        assert (one.touch.channel, one.touch.message_id) == ("task", "")

    def test_other_mailboxes(self, store: Store) -> None:
        """Only the mailboxes that are wanted, each with its own."""
        enroll(store, "ann")
        enroll(store, "bob", box="lee")
        store.hold_mailbox("dana", "run")
        store.hold_mailbox("lee", "run")
        assert [one.touch.address for one in claim(store, box="lee")] == ["bob@bob.example"]

    def test_epoch_lost(self, store: Store) -> None:
        """Who no longer owns the mailbox claims nothing."""
        enroll(store, "ann")
        assert [store.hold_mailbox("dana", "one"), store.hold_mailbox("dana", "two")] == [1, 2]
        assert claim(store, epoch=1) == []
        assert len(claim(store, epoch=2)) == 1

    def test_two_claimers(self, store: Store, url: str) -> None:
        """Two claimers at once never take the same touch, and never find the same room under a cap."""
        enroll(store, *(f"p{number}" for number in range(60)))
        store.hold_mailbox("dana", "run")
        start = threading.Barrier(2)

        def take(each: Store, run: str) -> list[Claim]:
            start.wait(10)
            return [one for _ in range(20) for one in claim(each, places=2, caps=replace(FREELY, per_hour=50), run=run)]

        with closing(open_store(url)) as other, ThreadPoolExecutor(2) as pool:
            both = [pool.submit(take, each, run) for each, run in ((store, "one"), (other, "two"))]
            taken = [one.touch.id for each in both for one in each.result(60)]
        assert len(taken) == len(set(taken)) == 50

    def test_lease(self, store: Store) -> None:
        """While in hand a touch is due at the end of its lease; `in_hand` tells whose it is and whose lease is over."""
        (one,) = claimed(store, "ann")
        assert [touch.id for touch, _ in store.in_hand("run")] == [one.touch.id]
        assert store.in_hand("other") == ()
        assert [touch.id for touch, _ in store.in_hand()] == [one.touch.id]
        assert store.in_hand(None, NOW + LEASE - timedelta(seconds=1)) == ()
        ((touch, enrollment),) = store.in_hand(None, NOW + LEASE)
        assert (touch.id, enrollment.id) == (one.touch.id, one.enrollment.id)


class TestLimits:
    """What holds beside the caps of a mailbox: the trip wire, domains, and who goes first."""

    PLANS = tuple(cadence((step(0, after="0m"),), name=f"c{number}") for number in range(6))

    def had(self, store: Store, count: int, now: datetime = NOW, box: str = "dana") -> None:
        """Ann has had so many mails since `now`, one a minute, each of a cadence of its own."""
        store.hold_mailbox(box, "run")
        for number in range(count):
            at = now + number * MINUTE
            enroll(store, "ann", plan=self.PLANS[number], now=at, box=box)
            (one,) = claim(store, at, box=box)
            accepted(store, one, at)

    @pytest.mark.parametrize("most", [1, 2, 4])
    def test_trip_wire(self, store: Store, most: int) -> None:
        """An address gets so many mails within 20 hours, from any mailbox and cadence; then the next one leaves."""
        caps = replace(FREELY, one_person=most)
        self.had(store, most - 1)
        self.had(store, 0, box="lee")
        enroll(store, "ann", plan=self.PLANS[4], now=NOW + HOUR, box="lee")
        (last,) = claim(store, NOW + HOUR, box="lee", caps=caps)
        accepted(store, last, NOW + HOUR)
        enroll(store, "ann", plan=self.PLANS[5], now=NOW + 2 * HOUR)
        enroll(store, "bob", plan=self.PLANS[5], now=NOW + 2 * HOUR)
        held_until = NOW + 20 * HOUR if most > 1 else NOW + 21 * HOUR
        assert [one.prospect.id for one in claim(store, held_until - timedelta(seconds=1), caps=caps)] == ["p-bob"]
        assert [one.prospect.id for one in claim(store, held_until, caps=caps)] == ["p-ann"]
        assert store.lately("ann@ann.example", NOW + 2 * HOUR)[-1] == NOW + HOUR

    def test_trip_wire_at_the_gate(self, store: Store) -> None:
        """What was claimed passes no gate any more when as many mails have left meanwhile; nor when others are in hand."""
        self.had(store, 3)
        enroll(store, "ann", plan=self.PLANS[4], now=NOW + HOUR)
        (one,) = claim(store, NOW + HOUR)
        tight = replace(one, most=3)
        assert not gate(store, tight, NOW + HOUR)
        assert gate(store, one, NOW + HOUR)
        assert gate(store, tight, NOW + 20 * HOUR - 44 * MINUTE) is False
        store.apply_one(Change(touches=(replace(touch_of(store, store.person("ann@ann.example")[1][-1]), settled=NOW - DAY),)))
        assert gate(store, tight, NOW + HOUR)

    @pytest.mark.parametrize(
        ("kind", "seen", "parent", "leaves"),
        [
            (ReplyKind.YES, 30 * MINUTE, True, True),
            (ReplyKind.YES, 30 * MINUTE, False, False),  # it answers nothing of theirs
            (ReplyKind.YES, MINUTE, True, False),  # and has had an answer
            (ReplyKind.YES, -21 * HOUR, True, False),
            (ReplyKind.AUTO_REPLY, 30 * MINUTE, True, False),  # no human
            (ReplyKind.OUT_OF_OFFICE, 30 * MINUTE, True, False),
        ],
    )
    def test_an_acknowledgement_is_not_held_up(
        self, store: Store, kind: ReplyKind, seen: timedelta, parent: bool, leaves: bool
    ) -> None:
        """The first mail after one of theirs leaves, in what that mail began: so many more as they write themselves."""
        self.had(store, 4)
        first = store.person("ann@ann.example")[1][-1]
        store.apply_one(Change(replies=(reply(kind, at=NOW + seen, enrollment=first.id),)))
        answer = begin(prospect("ann"), self.PLANS[5], NOW + HOUR, parent=first.id if parent else "")
        store.apply_one(answer)
        assert len(claim(store, NOW + HOUR)) == leaves

    def test_follow_ups_first(self, store: Store) -> None:
        """Where a cap bites, who has had a mail gets the next one before others get their first, however long those have waited."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        enroll(store, *(f"p{number}" for number in range(5)))
        due = NOW + 3 * DAY
        tight = replace(FREELY, per_minute=3)  # one mail will be in hand
        assert [one.prospect.id for one in claim(store, due - MINUTE, caps=replace(FREELY, per_minute=1))] == ["p-p0"]
        taken = claim(store, due + MINUTE, caps=tight)
        assert [(one.prospect.id, one.touch.step) for one in taken] == [("p-ann", "step-1"), ("p-p1", "step-0")]

    def test_a_later_step_without_a_mail_is_no_follow_up(self, store: Store) -> None:
        """Who enters a cadence at its second step has had no mail: first come, first served."""
        enroll(store, "p0")
        store.apply_one(begin(prospect("p1"), start_step="step-1", now=NOW + MINUTE))
        store.hold_mailbox("dana", "run")
        (one,) = claim(store, NOW + 9 * DAY, caps=replace(FREELY, per_minute=1))
        assert one.prospect.id == "p-p0"

    def test_domains(self, store: Store) -> None:
        """One company gets so many in an hour, in one claim as in several; others go on, and strangers at one provider, too."""
        people = [
            prospect(f"p{number}", address=f"p{number}@{domain}")
            for number, domain in enumerate(["acme.test"] * 4 + ["gmail.com"] * 4)
        ]
        kept = cadence()
        store.keep_cadence(kept.digest, kept.name, "the text", {"inherited": {}}, NOW)
        store.apply([begin(one) for one in people])
        store.hold_mailbox("dana", "run")
        caps = replace(FREELY, domain_hour=2, domain_day=3)
        taken = claim(store, NOW, caps=caps)
        assert sorted(one.prospect.domain for one in taken) == ["acme.test"] * 2 + ["gmail.com"] * 4
        for one in taken:
            accepted(store, one)
        assert claim(store, NOW + 59 * MINUTE, caps=caps) == []
        (third,) = claim(store, NOW + HOUR, caps=caps)
        accepted(store, third, NOW + HOUR)
        assert claim(store, NOW + 23 * HOUR, caps=caps) == []
        assert [one.prospect.domain for one in claim(store, NOW + DAY, caps=caps)] == ["acme.test"]


class TestGate:
    """`gate`: one last question, and the point of no return."""

    def test_open(self, store: Store) -> None:
        """For a claim that is still ours, wanted and young the gate opens, and the bytes that leave are kept."""
        (one,) = claimed(store, "ann")
        assert gate(store, one)
        store.apply_one(lifecycle.doubt(one.touch, one.enrollment, NOW, "lost"))
        (((touch, enrollment, raw),),) = (store.reviews()[1],)
        assert (touch.state, enrollment.state, raw) == (TouchState.DOUBTFUL, HELD, b"From: dana")

    def test_keeps_the_last_bytes(self, store: Store) -> None:
        """A second attempt keeps what leaves then."""
        (one,) = claimed(store, "ann")
        assert gate(store, one, raw=b"first")
        assert gate(store, one, raw=b"second")
        with store.engine.connect() as connection:
            assert connection.execute(sa.select(schema.mail.c.raw)).scalars().all() == [b"second"]

    def test_is_known_afterwards(self, store: Store) -> None:
        """A store that does not know of a gate that was passed is an older copy, if only by seconds, and says so."""
        (one,) = claimed(store, "ann")
        assert gate(store, one)
        assert gate(store, one, NOW + MINUTE / 60)
        incarnation.keep(store, NOW)
        assert incarnation.check(store, NOW, store.passed) == ""
        for lost in (Gate(one.touch.id, NOW + MINUTE), Gate("another", NOW)):
            assert "an older copy has been put in its place" in incarnation.check(store, NOW, (lost,))

    def shut(self, store: Store, one: Claim, now: datetime = NOW) -> None:
        assert not gate(store, one, now)
        with store.engine.connect() as connection:
            assert connection.execute(sa.select(schema.mail)).all() == []

    def test_token_changed(self, store: Store) -> None:
        """A claim that somebody else has taken over is shut out."""
        (one,) = claimed(store, "ann")
        self.shut(store, replace(one, touch=replace(one.touch, token="another")))

    def test_settled(self, store: Store) -> None:
        """A touch that is no longer in hand doesn't leave."""
        (one,) = claimed(store, "ann")
        store.apply_one(lifecycle.postpone(one.touch, one.enrollment, NOW, "late"))
        self.shut(store, one)

    @pytest.mark.parametrize("key", ["ann@ann.example", "@ann.example"])
    def test_suppressed(self, store: Store, key: str) -> None:
        """A suppression after the claim holds the mail back."""
        (one,) = claimed(store, "ann")
        store.apply_one(Change(suppressions=(Suppression(key=key, reason="", source="", at=NOW),)))
        self.shut(store, one)

    @pytest.mark.parametrize("scope", ["all", "mailbox:dana", "cadence:proposal"])
    def test_switched_off(self, store: Store, scope: str) -> None:
        """A human's stop after the claim holds the mail back."""
        (one,) = claimed(store, "ann")
        store.apply_one(Change(switches=(Switch(scope=scope, reason="", at=NOW),)))
        self.shut(store, one)

    @pytest.mark.parametrize("state", [HELD, PAUSED, FINISHED])
    def test_answered(self, store: Store, state: EnrollmentState) -> None:
        """An answer after the claim holds the mail back."""
        (one,) = claimed(store, "ann")
        move(store, one.enrollment, state=state, finished=NOW if state == FINISHED else None)
        self.shut(store, one)

    def test_other_owner(self, store: Store) -> None:
        """When another daemon has the mailbox, what the first one holds doesn't leave."""
        (one,) = claimed(store, "ann")
        store.hold_mailbox("dana", "other")
        self.shut(store, one)

    def test_lease_too_short(self, store: Store) -> None:
        """A process that slept until its lease is nearly over sends nothing."""
        (one,) = claimed(store, "ann")
        self.shut(store, one, NOW + LEASE - MARGIN)
        assert gate(store, one, NOW + LEASE - MARGIN - timedelta(seconds=1))


class TestMatching:
    """`match`: whom a received mail belongs to."""

    def test_by_the_name_of_a_mail(self, store: Store) -> None:
        """A mail that names one of ours belongs to that touch, whoever wrote it; the first name counts."""
        first, second = claimed(store, "ann", "bob")
        accepted(store, first)
        found = store.match(["unknown@x", first.touch.message_id, second.touch.message_id], ["stranger@x.example"], "dana", "f")
        assert found is not None
        assert (found.key, found.touch.id, found.enrollment.id, found.prospect) == (
            "thread",
            first.touch.id,
            first.enrollment.id,
            first.prospect,
        )
        assert (found.asked, found.asked_subject, found.known) == ("Dear Ann", "Words", False)
        assert [touch.step for touch in found.touches] == ["step-1"]

    def test_by_an_alias(self, store: Store) -> None:
        """Every name that a mail is known under leads to it."""
        (one,) = claimed(store, "ann")
        store.apply_one(Change(aliases=(("new-name@relay.example", one.touch.id),)))
        found = store.match(["new-name@relay.example"], [], "dana", "f")
        assert found is not None
        assert found.touch.id == one.touch.id

    def test_by_address(self, store: Store) -> None:
        """A mail that names none of ours belongs to whom we write to from this mailbox, if anybody."""
        (one,) = enroll(store, "ann")
        found = store.match([], ["ann@ann.example"], "dana", "f")
        assert found is not None
        assert (found.key, found.enrollment, found.touch, found.open) == ("address", one, None, (one,))
        assert store.match([], ["ann@ann.example"], "lee", "f") is None
        assert store.match(["x@y"], ["stranger@x.example"], "dana", "f") is None
        assert store.match([], [], "dana", "f") is None

    def test_by_a_token(self, store: Store) -> None:
        """A mail sent to the address with a touch's token belongs to that touch; a name in the thread comes first."""
        first, second = claimed(store, "ann", "bob")
        found = store.match([], ["ann@private.example"], "dana", "f", token=first.touch.id)
        assert found is not None
        assert (found.key, found.touch.id, found.enrollment.id) == ("token", first.touch.id, first.enrollment.id)
        accepted(store, second)
        assert store.match([second.touch.message_id], [], "dana", "f", token=first.touch.id).key == "thread"
        assert store.match([], [], "dana", "f", token="no-such") is None

    def test_by_who_has_answered_before(self, store: Store) -> None:
        """An address that has answered in a thread is known from then on."""
        (one,) = claimed(store, "ann")
        assert store.match([], ["ann@private.example"], "dana", "f") is None
        store.apply_one(
            Change(
                replies=(reply(ReplyKind.ENGAGED, enrollment=one.enrollment.id, address="ann@private.example", matched="thread"),)
            )
        )
        found = store.match([], ["ann@private.example"], "dana", "f")
        assert found is not None
        assert (found.key, found.enrollment.id) == ("alias", one.enrollment.id)
        assert store.match([], ["ann@private.example"], "lee", "f") is None

    def test_by_company_and_subject(self, store: Store) -> None:
        """A colleague who answers our subject belongs to the one we wrote to; neither the company nor the subject is enough alone."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        found = store.match([], ["boss@ann.example"], "dana", "f", company="ann.example", subject="WORDS")
        assert found is not None
        assert (found.key, found.enrollment.id) == ("company", one.enrollment.id)
        assert store.match([], ["boss@ann.example"], "dana", "f", company="ann.example", subject="Other words") is None
        assert store.match([], ["boss@other.example"], "dana", "f", company="other.example", subject="Words") is None
        assert store.match([], ["boss@ann.example"], "dana", "f", company="ann.example") is None

    def test_open_enrollment_first(self, store: Store) -> None:
        """Of several enrollments the open one is meant, else the latest; all open ones are told."""
        (old,) = enroll(store, "ann")
        (new,) = enroll(store, "ann", plan=cadence(name="nurture"), now=NOW + DAY)
        move(store, new, state=FINISHED, finished=NOW + DAY)
        found = store.match([], ["ann@ann.example"], "dana", "f")
        assert (found.enrollment.id, [one.id for one in found.open]) == (old.id, [old.id])
        move(store, old, state=FINISHED, finished=NOW + DAY)
        found = store.match([], ["ann@ann.example"], "dana", "f")
        assert (found.enrollment.id, found.open, found.touches) == (new.id, (), ())

    def test_known(self, store: Store) -> None:
        """The same mail under another UID is known; the same words in another mailbox are another mail."""
        (one,) = enroll(store, "ann")
        store.apply_one(Change(replies=(reply(ReplyKind.BOUNCE_SOFT, enrollment=one.id),)))
        again = store.match([], ["ann@ann.example"], "dana", "f-1")
        assert (again.known, again.soft_bounces) == (True, 1)
        assert not store.match([], ["ann@ann.example"], "dana", "f-2").known

    def test_one_record_per_mail(self, store: Store) -> None:
        """Two watchers that read the same mail at once: one of them is told to judge again."""
        enroll(store, "ann")
        same = [Change(replies=(reply(ReplyKind.NO, id=name, uid=uid),)) for name, uid in (("r-1", 1), ("r-2", 99))]
        assert store.apply(same) == [True, False]

    def test_hostile_ids(self, store: Store) -> None:
        """A mail that names thousands of ids is looked up all the same, and a quote is a quote."""
        (one,) = claimed(store, "ann")
        ids = [one.touch.message_id, "' OR 1=1 --", *(f"{number}@evil" for number in range(5000))]
        assert store.match(ids, ["x@y.z"] * 3, "dana", "f").touch.id == one.touch.id
        assert store.match(["' OR '1'='1"], [], "dana", "f") is None


class TestThread:
    """What a mail of the same conversation must point at."""

    def test_own(self, store: Store) -> None:
        """The first mail has no thread; the second one answers it, and the third names both."""
        (one,) = claimed(store, "ann")
        assert (one.thread.subject, one.thread.last_id, one.thread.references) == ("", "", ())
        accepted(store, one)
        (two,) = claim(store, NOW + 3 * DAY)
        assert (two.thread.subject, two.thread.last_id, two.thread.references) == (
            "Words",
            one.touch.message_id,
            (one.touch.message_id,),
        )
        assert gate(store, two, NOW + 3 * DAY, opens=False, subject="Re: Words")
        store.apply_one(
            lifecycle.settle(two.touch, two.enrollment, cadence(), two.prospect, TouchFact.ACCEPTED, NOW + 3 * DAY, "ok")
        )
        (three,) = claim(store, NOW + 6 * DAY)
        assert three.thread.references == (one.touch.message_id, two.touch.message_id)
        assert three.thread.subject == "Words"

    def test_new_thread(self, store: Store) -> None:
        """A mail that opened a new thread is the beginning of the conversation that goes on."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        (two,) = claim(store, NOW + 3 * DAY)
        assert gate(store, two, NOW + 3 * DAY, opens=True, subject="Something else")
        store.apply_one(
            lifecycle.settle(two.touch, two.enrollment, cadence(), two.prospect, TouchFact.ACCEPTED, NOW + 3 * DAY, "ok")
        )
        (three,) = claim(store, NOW + 6 * DAY)
        assert (three.thread.subject, three.thread.references) == ("Something else", (two.touch.message_id,))

    @pytest.mark.parametrize("automatic", [False, True])
    def test_answer(self, store: Store, automatic: bool) -> None:
        """A human's answer is answered; a machine's is not."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        kind = ReplyKind.OUT_OF_OFFICE if automatic else ReplyKind.LATER
        store.apply_one(Change(replies=(reply(kind, at=NOW + HOUR, enrollment=one.enrollment.id),)))
        (two,) = claim(store, NOW + 3 * DAY)
        assert two.thread.last_id == (one.touch.message_id if automatic else "answer-1@ann.example")
        assert two.thread.references[0] == one.touch.message_id

    def test_parent(self, store: Store) -> None:
        """An enrollment that came from another one goes on in its conversation."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        child = cadence(name="after-the-no")
        store.keep_cadence(child.digest, child.name, "text", {}, NOW)
        store.apply_one(begin(plan=child, now=NOW + HOUR, parent=one.enrollment.id))
        (first,) = claim(store, NOW + HOUR)
        assert (first.enrollment.cadence, first.thread.last_id) == ("after-the-no", one.touch.message_id)


class TestWhatTimeBrings:
    """`ripe`, `overdue`, `suppressed_under_way`."""

    def test_ripe(self, store: Store) -> None:
        """A pause or a last wait whose date has come, with the person and the open touches; nothing else."""
        ann, bob, eve, _ = enroll(store, "ann", "bob", "eve", "kim")
        move(store, ann, state=PAUSED, until=NOW + HOUR)
        move(store, bob, state=PAUSED, until=NOW + DAY)
        move(store, eve, state=FINISHED, until=NOW, finished=NOW)
        assert store.ripe(NOW) == ()
        ((one, person, touches),) = store.ripe(NOW + HOUR)
        assert (one.id, person, [touch.step for touch in touches]) == (ann.id, prospect(), ["step-0"])
        assert len(store.ripe(NOW + DAY)) == 2
        assert len(store.ripe(NOW + DAY, 1)) == 1

    def test_overdue(self, store: Store) -> None:
        """A deadline that is over, of a touch that is still scheduled or open."""
        ann, bob = enroll(store, "ann", "bob", plan=cadence((step(0, within="2h"), step(1))))
        assert store.overdue(NOW) == ()
        assert {enrollment.id for _, enrollment in store.overdue(NOW + 2 * HOUR)} == {ann.id, bob.id}
        store.apply_one(Change(touches=(replace(touch_of(store, ann), state=TouchState.SENT),)))
        assert [enrollment.id for _, enrollment in store.overdue(NOW + 2 * HOUR)] == [bob.id]

    def test_alarms(self, store: Store) -> None:
        """Open tasks whose reminder or escalation has come, each once; none that is closed."""
        ann, bob = enroll(store, "ann", "bob")
        known = {"owner": "dana", "address": "", "kind": "call", "title": "Call", "text": "", "created": NOW}
        first = Task(id="first", enrollment=ann.id, remind=NOW + HOUR, escalate=NOW + 2 * HOUR, **known)
        second = Task(id="second", escalate=NOW + HOUR, **known)  # about nobody in a cadence
        closed = Task(id="closed", enrollment=bob.id, remind=NOW, state="done", **known)
        store.apply_one(Change(tasks=(first, second, closed)))
        assert store.alarms(NOW) == ()
        assert {task.id for task in store.alarms(NOW + HOUR)} == {"first", "second"}
        store.apply_one(Change(tasks=(replace(first, version=1, remind=None),)))
        assert [task.id for task in store.alarms(NOW + HOUR)] == ["second"]
        assert {task.id for task in store.alarms(NOW + 3 * HOUR)} == {"first", "second"}

    def test_a_morning(self, store: Store) -> None:
        """What a digest is made of: news, who wrote last, what leaves, who stands still, who waits for an answer, who was written to by hand."""
        ann, bob, eve = enroll(store, "ann", "bob", "eve")
        asks = reply(ReplyKind.ENGAGED, 1, id="r1", message_id="asks@x", enrollment=ann.id)
        away = reply(ReplyKind.OUT_OF_OFFICE, 2, id="r2", seen=NOW + HOUR, enrollment=bob.id)
        told = reply(ReplyKind.NO, 3, id="r3", folder="", enrollment=eve.id)
        known = {"owner": "dana", "title": "", "text": "", "created": NOW, "reply": "r1"}
        tasks = [
            Task(id=one, kind="answer", address=ann.address, state=state, **known)
            for one, state in (("k1", "open"), ("k2", "done"))
        ]
        hand = Seen(mailbox="dana", folder="Sent", uidvalidity=1, uid=1, at=NOW + HOUR, address=ann.address)
        store.apply_one(
            Change(
                replies=(asks, away, told),
                tasks=(*tasks, Task(id="k3", kind="call", address=ann.address, **{**known, "reply": ""})),
                seen=(hand,),
            )
        )
        assert [one.id for one in store.answers_since("dana", NOW)] == ["r2"]
        assert {one.id for one in store.answers_since("dana", NOW - HOUR)} == {
            "r1",
            "r2",
        }  # what a rep has said lies in no folder
        assert store.answers_since("lee", NOW - HOUR) == ()
        assert store.last_words([ann.address, bob.address, eve.address]) == {ann.address: NOW}
        assert set(store.people([ann.address, "who@x.test"])) == {ann.address}
        for addresses, ids in (([ann.address], ()), ([], ("asks@x",)), ([asks.address], ("",))):
            assert [(task.id, one.id) for task, one in store.waiting_for(addresses, ids)] == [("k1", "r1")]
        assert store.waiting_for([bob.address], ("",)) == ()
        assert [store.by_hand_since([ann.address], at) for at in (NOW, NOW + 2 * HOUR)] == [True, False]
        due = max(touch_of(store, one).due for one in (ann, bob, eve))
        counts, first = store.leaving("dana", due + HOUR, 2)
        assert (counts, len(first)) == ({ann.cadence: 3}, 2)
        assert store.leaving("dana", NOW - DAY) == ({}, ())
        move(store, ann, state=HELD, still_since=NOW)
        move(store, bob, state=PAUSED, until=NOW + DAY)
        move(store, eve, state=PAUSED, still_since=NOW - HOUR)
        assert [one.address for one in store.standing_still("dana")] == [eve.address, ann.address]
        assert store.leaving("dana", due + HOUR) == ({}, ())

    def test_one_mail_to_a_person_at_a_time(self, store: Store) -> None:
        """Of two cadences that are due for one person, the second waits until the first mail is settled; a task does not."""
        enroll(store, "ann", "bob")
        enroll(store, "ann", plan=cadence(name="beside"))
        enroll(store, "ann", plan=cadence(name="chore", steps=(step(0, channel="task", after="0m"),)))
        store.hold_mailbox("dana", "run")
        first = claim(store)
        assert sorted((one.touch.address[:3], one.touch.channel) for one in first) == [
            ("ann", "email"),
            ("ann", "task"),
            ("bob", "email"),
        ]
        assert claim(store) == []
        mail = next(one for one in first if (one.touch.address[:3], one.touch.channel) == ("ann", "email"))
        accepted(store, mail)
        (second,) = claim(store)
        assert (second.touch.address, second.previous_sent) == ("ann@ann.example", NOW)

    def test_withdrawn(self, store: Store) -> None:
        """A planned touch that is taken back is gone, and its place is free; one that was tried stays, and so does all else."""
        (ann,) = enroll(store, "ann")
        planned = touch_of(store, ann)
        other = replace(planned, id="other", step="step-1", position=1, version=0)
        store.apply_one(Change(withdrawn=(planned,), touches=(other,)))
        assert [touch.id for touch in store.touches(ann.id)] == ["other"]
        tried = replace(touch_of(store, ann, 1), attempt=1)
        store.apply_one(Change(touches=(tried,)))
        for row in (tried, replace(tried, version=tried.version + 1)):
            with pytest.raises(Stale):
                store.apply_one(Change(withdrawn=(row,), touches=(replace(other, id="third", step="step-2"),)))
        assert [touch.id for touch in store.touches(ann.id)] == ["other"]

    def test_ahead(self, store: Store) -> None:
        """A claim knows when a more urgent cadence writes to the same person next; a lesser one, a task or a pause is none."""
        (ann,) = enroll(store, "ann")
        urgent = cadence(name="urgent", steps=(step(0, after="2h"),), priority=80)
        for plan in (
            urgent,
            cadence(name="lesser", priority=20),
            cadence(name="chore", steps=(step(0, channel="task"),), priority=90),
        ):
            enroll(store, "ann", plan=plan, box="lee")
        store.hold_mailbox("dana", "run")
        (one,) = claim(store)
        assert (one.enrollment.id, one.ahead) == (ann.id, NOW + 2 * HOUR)
        standing = next(row for row in store.person("ann@ann.example")[1] if row.cadence == "urgent")
        move(store, standing, state=PAUSED)
        store.apply_one(lifecycle.postpone(one.touch, one.enrollment, NOW, "again"))
        assert claim(store)[0].ahead is None

    @pytest.mark.parametrize("keys", [["ann@ann.example"], ["@ann.example"], ["ann@ann.example", "@ann.example"]])
    def test_suppressed_under_way(self, store: Store, keys: list[str]) -> None:
        """People under way who were suppressed meanwhile, each once, until their enrollment is finished."""
        ann, _ = enroll(store, "ann", "bob")
        assert store.suppressed_under_way() == ()
        store.apply_one(Change(suppressions=tuple(Suppression(key=key, reason="asked", source="", at=NOW) for key in keys)))
        for _ in range(2):
            ((one, why),) = store.suppressed_under_way()
            assert (one.id, why.reason) == (ann.id, "asked")
        move(store, ann, state=FINISHED, finished=NOW)
        assert store.suppressed_under_way() == ()


class TestMailboxes:
    """Ownership, usage, rest."""

    def test_usage_slides(self, store: Store) -> None:
        """A mail counts for a minute, an hour and a day after it left, to the instant; the first one is remembered."""
        (one,) = claimed(store, "ann")
        accepted(store, one)
        for after, counts in (
            (MINUTE - timedelta(seconds=1), (1, 1, 1)), (MINUTE, (0, 1, 1)), (HOUR, (0, 0, 1)), (DAY - timedelta(seconds=1), (0, 0, 1)), (DAY, (0, 0, 0)),
        ):  # fmt: skip
            found = store.usage("dana", NOW + after)
            assert (found.last_minute, found.last_hour, found.last_day) == counts
            assert found.oldest_day == (NOW if counts[2] else None)
        assert (found.first_sent, store.usage("nobody", NOW).last_day) == (NOW, 0)

    def test_skipped_and_manual_touches_are_no_usage(self, store: Store) -> None:
        """Only mails count."""
        (one,) = enroll(store, "ann", plan=cadence((step(0, channel="task", after="0m"), step(1))))
        store.apply_one(Change(touches=(replace(touch_of(store, one), state=TouchState.SENT, settled=NOW),)))
        assert store.usage("dana", NOW).last_day == 0

    def test_back_off_and_calm(self, store: Store) -> None:
        """Troubles in a row make the mailbox rest longer and longer; a mail that went through ends them."""
        enroll(store, "ann")
        store.hold_mailbox("dana", "run")
        trouble, now, rests = replace(TROUBLES["server"], waits=(60.0, 300.0)), NOW, []
        for turn in (1, 2, 3):
            rested = store.back_off("dana", now, trouble, "421 later", UTC_ZONE)
            assert store.back_off("dana", now + MINUTE / 2, trouble, "another in flight", UTC_ZONE) == rested  # the same trouble
            assert rested[1] == turn
            rests.append(rested[0] - now)
            now = rested[0]
        assert rests == [MINUTE, 5 * MINUTE, 5 * MINUTE]
        assert claim(store, now - timedelta(seconds=1)) == []
        assert len(claim(store, now)) == 1
        store.calm("dana")
        assert store.back_off("dana", now, trouble, "x", UTC_ZONE) == (now + MINUTE, 1)
        assert store.overview(NOW)["mailboxes"][0]["trouble_text"] == "the mail server can't be used: x"

    def test_a_gap_is_no_rest(self, store: Store) -> None:
        """The gap of the mail that met the trouble again is not taken for a rest that still stands; and a rest does not shorten it."""
        enroll(store, "ann")
        store.hold_mailbox("dana", "run")
        trouble, now = replace(TROUBLES["server"], waits=(60.0, 300.0, 600.0)), NOW
        for turn, wait in ((1, 60), (2, 300), (3, 600)):
            with store.engine.begin() as connection:
                connection.execute(sa.update(schema.mailbox).values(not_before=now + timedelta(seconds=90)))
            until = now + timedelta(seconds=max(wait, 90 if turn > 1 else wait))
            assert store.back_off("dana", now, trouble, "421 later", UTC_ZONE, gap=90.0) == (until, turn)
            now = until

    def test_troubles_of_two_kinds(self, store: Store) -> None:
        """Each kind is counted for itself; the longer rest holds; where refusals stop a mailbox, each of them counts."""
        store.hold_mailbox("dana", "run")
        assert store.back_off("dana", NOW, TROUBLES["login"], "535", UTC_ZONE) == (NOW + 15 * MINUTE, 1)
        assert store.back_off("dana", NOW, TROUBLES["server"], "421", UTC_ZONE) == (NOW + 15 * MINUTE, 1)
        counts = [store.back_off("dana", NOW, TROUBLES["policy"], "550 5.7.1", UTC_ZONE)[1] for _ in range(3)]
        assert counts == [1, 2, 3]

    def test_bounced(self, store: Store) -> None:
        """Mails to addresses that are gone, among the last ones; what was before the mailbox was resumed is forgiven."""
        for number in range(8):
            (one,) = enroll(store, f"p{number}")
            touch = replace(
                touch_of(store, one), state=TouchState.FAILED if number < 6 else TouchState.SENT, settled=NOW + number * MINUTE
            )
            gone = Suppression(
                key=one.address, reason="the address is gone" if number < 5 else "asked by letter", source="", at=NOW
            )
            store.apply_one(Change(touches=(touch,), suppressions=(gone,) if number < 6 else ()))
        assert [store.bounced("dana", last) for last in (100, 4, 2)] == [(5, 8), (1, 4), (0, 2)]
        assert store.bounced("lee", 100) == (0, 0)
        alarm = Alarm(key="bounces:dana", mailbox="dana", text="x", at=NOW)
        store.apply_one(Change(alarms=(alarm,)))
        store.apply_one(Change(alarms=(replace(alarm, on=False, at=NOW + 2 * MINUTE),)))
        assert store.bounced("dana", 100) == (2, 5)

    def test_domain_usage(self, store: Store) -> None:
        """Mails are counted by the domain that they go to, over an hour and a day; those in hand count as sent now."""
        for number, minutes in enumerate((30, 90, 60 * 23, 60 * 25)):
            (one,) = enroll(store, f"p{number}")
            touch = replace(touch_of(store, one), state=TouchState.SENT, settled=NOW - minutes * MINUTE)
            store.apply_one(Change(touches=(touch,)))
        found = {one.domain: one for one in store.domain_usage("dana", NOW)}
        whole = sum(one.last_day for one in found.values()), sum(one.last_hour for one in found.values())
        assert whole == (3, 1)
        assert all("@" not in domain and domain for domain in found)

    def test_note_look(self, store: Store) -> None:
        """When the mailbox was last read is kept when it can't be read any more."""
        store.hold_mailbox("dana", "run")
        store.note_looks({"dana": (NOW, "fine"), "lee": (NOW, "")})
        store.note_looks({"dana": (None, "login refused")})
        (row,) = store.overview(NOW)["mailboxes"]
        assert (row["looked"], row["state_text"], row["owner"]) == (NOW, "login refused", "run")

    def test_one_owner(self, store: Store, url: str) -> None:
        """On PostgreSQL a mailbox that another living daemon holds is refused, and free as soon as that one is gone."""

        def free(one: Store) -> int:
            with suppress(MailboxTaken):  # the server takes a moment to notice that the link is gone
                return one.hold_mailbox("dana", "two")
            return 0

        store.hold_mailbox("dana", "one")
        other = open_store(url)
        try:
            if store.engine.dialect.name == "postgresql":
                with pytest.raises(MailboxTaken, match="mailbox dana is held by another followupd"):
                    other.hold_mailbox("dana", "two")
                assert other.hold_mailbox("lee", "two") == 1
                store.close()
            assert wait_until(lambda: free(other)) == 2
        finally:
            other.close()

    def test_lost_session(self, store: Store, url: str) -> None:
        """Where only the session that shows the owner is ended, the owner notices, and passes no gate once another has taken over."""
        (one,) = claimed(store, "ann")
        assert store.still_holds()
        if store.engine.dialect.name != "postgresql":
            return
        assert store.session is not None
        with store.writing() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": store.session.process})
        other = open_store(url)
        try:
            assert wait_until(lambda: not store.still_holds())
            assert other.hold_mailbox("dana", "two") == one.epoch + 1
            assert not gate(store, one)
            with pytest.raises(MailboxTaken):
                store.hold_mailbox("dana", "one")
        finally:
            other.close()

    def test_pooler(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """Behind a pooler that changes servers between transactions no lock lasts: that is said, with what to do instead."""
        if store.engine.dialect.name != "postgresql":
            return
        turns = itertools.count(1)
        monkeypatch.setattr(sa.Connection, "scalar", lambda *_, **__: next(turns))  # a server of its own for each statement
        with pytest.raises(StoreProblem, match=r"lies behind a pooler .* pool_mode = session"):
            store.hold_mailbox("dana", "run")

    def test_blocked_since(self, store: Store) -> None:
        """How often our mail was refused for what we are, lately."""
        enroll(store, "ann")
        mails = [
            reply(kind, number, NOW + number * HOUR)
            for number, kind in enumerate((ReplyKind.BOUNCE_BLOCKED,) * 3 + (ReplyKind.NO,))
        ]
        store.apply([Change(replies=(mail,)) for mail in mails])
        assert [
            store.blocked_since("dana", NOW - HOUR),
            store.blocked_since("dana", NOW),
            store.blocked_since("lee", NOW - HOUR),
        ] == [3, 2, 0]

    def test_unproved(self, store: Store) -> None:
        """Mails of which nothing proves who wrote them, in one mailbox and a span of time; automatic ones that change nothing don't count."""
        enroll(store, "ann")
        keys = ("thread", "token", "vouched", "address", "alias", "company", "beside")
        mails = [reply(ReplyKind.NO, number, NOW + number * HOUR, matched=key) for number, key in enumerate(keys)]
        mails.append(reply(ReplyKind.AUTO_REPLY, 99, NOW + 4 * HOUR, matched="address"))
        store.apply([Change(replies=(mail,)) for mail in mails])
        spans = [(NOW - HOUR, NOW + 9 * HOUR), (NOW + 3 * HOUR, NOW + 5 * HOUR), (NOW - HOUR, NOW + 2 * HOUR)]
        assert [store.unproved("dana", *span) for span in spans] == [4, 2, 0]
        assert store.unproved("lee", *spans[0]) == 0

    def test_acknowledged(self, store: Store) -> None:
        """Acknowledgements into one domain, lately: whose source says so, and no other enrollment."""
        for number, (name, mark) in enumerate([("ann", MARK), ("bob", MARK), ("carl", "reply"), ("dora", MARK)]):
            begun = begin(prospect(name))
            (one,) = begun.enrollments
            source = f"proposal, {mark} r-{number}"
            address = one.address if name == "dora" else f"{name}@p.example"
            store.apply_one(
                replace(begun, enrollments=(replace(one, address=address, source=source, started=NOW + number * HOUR),))
            )
        assert store.acknowledged("p.example", NOW - HOUR) == 2
        assert store.acknowledged("p.example", NOW) == 1
        assert [store.acknowledged(domain, NOW - HOUR) for domain in ("example", "q.p.example", "dora.example")] == [0, 0, 1]


class TestPeople:
    """What is asked at the command line, and by admission."""

    def test_histories(self, store: Store) -> None:
        """Enrollments and suppressions of many people at once; the address comes before the domain."""
        enroll(store, *(f"p{number}" for number in range(20)))
        for key in ("@p1.example", "p2@p2.example", "@p2.example"):
            store.apply_one(Change(suppressions=(Suppression(key=key, reason=key, source="", at=NOW),)))
        addresses = [f"p{number}@p{number}.example" for number in range(1200)]
        found = store.histories(addresses)
        assert list(found) == addresses
        assert [len(one.enrollments) for one in found.values()] == [1] * 20 + [0] * 1180
        assert {address: one.suppressed.key for address, one in found.items() if one.suppressed} == {
            "p1@p1.example": "@p1.example", "p2@p2.example": "p2@p2.example",
        }  # fmt: skip
        assert store.histories([]) == {}

    def test_timeline(self, store: Store) -> None:
        """Everything that happened to a person, oldest first; of much the latest."""
        enroll(store, "ann", "bob")
        events = [
            Event(at=NOW, kind="x", text=str(number), address="ann@ann.example", data={"number": number}) for number in range(9)
        ]
        store.apply([Change(events=(event,)) for event in events])
        assert [event.text for event in store.timeline("ann@ann.example")][1:] == list("012345678")
        assert store.timeline("ann@ann.example", 2) == tuple(events[-2:])

    def test_reviews(self, store: Store) -> None:
        """What waits for a human's word: replies in doubt."""
        enroll(store, "ann")
        store.apply([Change(replies=(reply(ReplyKind.UNCLEAR, number, review=number == 2),)) for number in (1, 2)])
        assert [one.id for one in store.reviews()[0]] == ["r-2"]

    def test_overview(self, store: Store) -> None:
        """The figures of `status` add up."""
        first, _ = claimed(store, "ann", "bob")
        accepted(store, first)
        (eve,) = enroll(store, "eve", now=NOW + DAY)
        found = store.overview(NOW + MINUTE)
        assert found["enrollments"] == [{"cadence": "proposal", "state": "active", "outcome": None, "count": 3}]
        queue = {(row["channel"], row["state"]): (row["count"], row["next"]) for row in found["queue"]}
        assert queue == {("email", "scheduled"): (2, NOW + DAY), ("email", "sending"): (1, NOW + LEASE)}
        assert (found["sent_24h"], found["switches"]) == ({"dana": 1}, ())
        assert [touch.enrollment for touch in found["next"]] == [eve.id, first.enrollment.id]

    def test_enrollments_of_a_scope(self, store: Store) -> None:
        """Unfinished enrollments of a mailbox, a cadence, or all."""
        ann, _ = enroll(store, "ann", "bob")
        (eve,) = enroll(store, "eve", plan=cadence(name="nurture"), box="lee")
        move(store, ann, state=FINISHED, finished=NOW)
        assert [one.address for one in store.enrollments(mailbox="dana")] == ["bob@bob.example"]
        assert [one.id for one in store.enrollments(cadence="nurture")] == [eve.id]
        assert len(store.enrollments()) == 2

    def test_cadence_text(self, store: Store) -> None:
        """The text that an enrollment began with stays what it was."""
        for text in ("first", "second"):
            store.keep_cadence("digest of proposal", "proposal", text, {"inherited": {"window": text}}, NOW)
        assert store.cadence("digest of proposal") == ("proposal", "first", {"inherited": {"window": "first"}})
        store.keep_cadence("a later one", "proposal", "third", {}, NOW + DAY)
        assert store.latest_cadences() == {"proposal": "a later one"}
        assert store.cadence("unknown") is None

    def test_raw_mail(self, store: Store) -> None:
        """A received mail is kept as it came, together with what is noted of it."""
        enroll(store, "ann")
        store.apply_one(Change(replies=(reply(ReplyKind.NO),), raws=(("r-1", b"\x00\xff raw"),)))
        with store.engine.connect() as connection:
            assert bytes(connection.execute(sa.select(schema.reply.c.raw)).scalar_one()) == b"\x00\xff raw"

    def test_files(self, store: Store) -> None:
        """A file is remembered by its content, with what became of its rows."""
        assert store.intake("digest") is None
        store.note_intake("digest", "list.csv", NOW)
        assert store.intake("digest")["finished"] is None
        store.note_intake("digest", "list.csv", NOW, NOW + HOUR, accepted=3, rejected=2, duplicate=1)
        found = store.intake("digest")
        assert (found["name"], found["finished"], found["accepted"], found["rejected"], found["duplicate"]) == (
            "list.csv",
            NOW + HOUR,
            3,
            2,
            1,
        )

    def test_nobody(self, store: Store) -> None:
        """Whom nobody knows has no history."""
        assert store.person("x@y.z") == (None, ())
        assert (store.timeline("x@y.z"), store.find(Prospect, "x"), store.touches("x")) == ((), None, ())


# -- counting ------------------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Every time that mailboxes are counted, and which."""
    found: list[set[str]] = []
    count = claiming._counted

    def noted(connection: sa.Connection, mailboxes: list[str], *more: object) -> object:
        found.append(set(mailboxes))
        return count(connection, mailboxes, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(claiming, "_counted", noted)
    return found


def test_caps_hold_where_not_every_claim_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far from its caps a mailbox is counted once; near them at each claim, and not one mail goes beyond."""
    questions = counted(monkeypatch)
    enroll(store, *(f"p{number}" for number in range(130)))
    store.hold_mailbox("dana", "run")
    caps = replace(FREELY, per_hour=100, domain_hour=1000, domain_day=1000)
    sizes = [len(claim(store, NOW + timedelta(milliseconds=number), places=10, caps=caps)) for number in range(12)]
    assert sizes == [10] * 10 + [0, 0]
    assert 6 <= len(questions) <= 8  # the first one, and when fewer than 42 were left


@pytest.mark.parametrize(
    ("later", "epoch"),
    [(timedelta(seconds=30), 1), (-timedelta(seconds=1), 1), (timedelta(), 2)],
    ids=["late", "set back", "another owner"],
)
def test_what_was_counted_grows_old(store: Store, monkeypatch: pytest.MonkeyPatch, later: timedelta, epoch: int) -> None:
    """It is counted again some time after, when the clock was set back, and by whoever holds the mailbox from now on."""
    questions = counted(monkeypatch)
    enroll(store, *(f"p{number}" for number in range(30)))
    store.hold_mailbox("dana", "run")
    caps = replace(FREELY, domain_hour=1000, domain_day=1000)
    first = NOW + timedelta(minutes=1)
    assert len(claim(store, first, places=10, caps=caps)) == 10
    for _ in range(epoch - 1):
        store.hold_mailbox("dana", "run")
    claim(store, first + later, places=10, caps=caps, epoch=epoch)
    assert questions == [{"dana"}, {"dana"}]
