"""Claims and gates of many mails at once: each gets what it would get alone, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from followupd.core.learned import GOING_ON
from followupd.core.model import (
    Alarm,
    Caps,
    Change,
    Claim,
    CompanyWord,
    Enrollment,
    EnrollmentState,
    Fact,
    Gate,
    Handover,
    KeptMail,
    Letter,
    LetterAnswer,
    Mailbox,
    Outcome,
    Prospect,
    ReplyKind,
    Round,
    Suppression,
    Taken,
    Task,
    Touch,
    TouchState,
)
from followupd.store import Hand, Passing, Store, Want, gathering, rows, schema
from followupd.store.gathering import Taking
from followupd.store.prepared import Prepared, among
from tests.store import oracle
from tests.store.made import NOW, begin, cadence, prospect, reply, step

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MARGIN = 15 * MINUTE
ADDRESSES = ("ann@acme.test", "bob@acme.test", "cid@mail.acme.test", "dee@other.test", "eve@gmail.com", "fay@other.test")
BOXES = ("dana", "lee")
FREELY = Caps(per_minute=1000, per_hour=1000, per_day=1000, in_flight=1000, gap=(0.0, 0.0), domain_hour=1000, domain_day=1000)


def box(name: str, caps: Caps = FREELY) -> Mailbox:
    return Mailbox(name=name, address=f"{name}@example.com", display_name="", zone="UTC", caps=caps)


class Life:
    """A store in which anything has happened, in the way of chance."""

    def __init__(self, seed: int) -> None:
        self.chance, self._ticks = random.Random(seed), iter(range(10_000))
        one, many = self.chance.choice, self.chance.randint
        self.people = [Prospect(id=f"p-{number}", address=address) for number, address in enumerate(ADDRESSES)]
        self.enrollments = [self.enrollment(number) for number in range(many(4, 12))]
        self.touches = [self.touch(owner, place) for owner in self.enrollments for place in range(many(1, 4))]
        everybody = [enrollment.id for enrollment in self.enrollments]
        self.replies = [
            reply(one(list(ReplyKind)), number, self.at(), enrollment=one(everybody), matched=one(["thread", "address"]), message_id=one(["", f"m{number}@x.test"]))
            for number in range(many(0, 8))
        ]  # fmt: skip
        self.replies = [replace(each, seen=self.at(), version=1) for each in self.replies]
        self.facts = [
            Fact(id=f"f-{number}", address=one(ADDRESSES), name=one("ab"), value=str(number), at=self.at(), about=one(["learned", GOING_ON, "debrief"]))
            for number in range(many(0, 8))
        ]  # fmt: skip
        self.words = [
            CompanyWord(id=f"w-{number}", company=one(["acme.test", "other.test"]), address=one(ADDRESSES), outcome=Outcome.NO, words="", at=self.at(), until=NOW + many(-5, 5) * DAY)
            for number in range(many(0, 2))
        ]  # fmt: skip
        self.handovers = [
            Handover(id=f"h-{number}", address=one(ADDRESSES), giver=one(BOXES), taker=one(BOXES), name="Dana", at=self.at(), by="dana", state=one(["moved", "returned"]))
            for number in range(many(0, 3))
        ]  # fmt: skip
        taken = {
            (address, item): Taken(address=address, item=item, ours=item == "a", at=self.at())
            for address in ADDRESSES
            for item in "ab"
        }
        self.taken = [each for each in taken.values() if self.chance.random() < 0.4]
        self.mails = [self.mail(touch) for touch in self.touches if touch.settled and touch.channel == "email"]

    def at(self) -> datetime:
        """A moment within the last days that nothing else has."""
        return NOW - self.chance.randint(0, 3000) * MINUTE + timedelta(microseconds=next(self._ticks))

    def enrollment(self, number: int) -> Enrollment:
        person, chance = self.chance.choice(self.people), self.chance
        parent = f"e-{chance.randrange(number)}" if number and chance.random() < 0.3 else ""
        state = EnrollmentState.ACTIVE if chance.random() < 0.8 else chance.choice(list(EnrollmentState))
        return Enrollment(
            id=f"e-{number}", prospect=person.id, address=person.address, cadence=f"c{number}", digest="d", mailbox=chance.choice(BOXES), state=state,
            started=NOW - 9 * DAY, moved=NOW, parent=parent, priority=chance.choice([40, 50, 60]), waived=self.at() if chance.random() < 0.2 else None,
            passed=("step-0",), version=1,
        )  # fmt: skip

    def touch(self, enrollment: Enrollment, place: int) -> Touch:
        chance = self.chance
        state = chance.choice([TouchState.SENDING, *TouchState])
        settled = self.at() if state in {TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED, TouchState.SKIPPED} else None
        return Touch(
            id=f"{enrollment.id}-{place}", enrollment=enrollment.id, address=enrollment.address, mailbox=enrollment.mailbox, position=place, step=f"step-{place}",
            channel=chance.choice(["email", "email", "task"]), state=state, due=NOW + chance.randint(-30, 120) * MINUTE, settled=settled, waits=False, token=chance.choice("ttu"),
            message_id=f"t.{enrollment.id}-{place}@example.com", version=1,
        )  # fmt: skip

    def mail(self, touch: Touch) -> KeptMail:
        return KeptMail(
            touch=touch.id, enrollment=touch.enrollment, message_id=touch.message_id, subject=f"S {touch.position}", opens=self.chance.random() < 0.5,
            text="", raw=b"", gated=NOW, looked=NOW, left=None, copy="",
        )  # fmt: skip

    def lie_in(self, store: Store) -> None:
        """Be what lies in the store, and all of it."""
        nouns: list[tuple[sa.Table, list[Any]]] = [
            (schema.prospect, self.people), (schema.enrollment, self.enrollments), (schema.touch, self.touches), (schema.reply, self.replies),
            (schema.fact, self.facts), (schema.company_word, self.words), (schema.handover, self.handovers), (schema.item_taken, self.taken),
            (schema.mail, self.mails),
        ]  # fmt: skip
        with store.writing() as connection:
            for table in (
                *(table for table, _ in nouns),
                schema.suppression,
                schema.switch,
                schema.seen_mail,
                schema.mailbox,
                schema.mail_alias,
            ):
                connection.execute(sa.delete(table))
            for table, each in nouns:
                if each:
                    connection.execute(sa.insert(table), [rows.values(noun) for noun in each])

    def takings(self) -> list[Taking]:
        """Some touches, as if they had just been taken in hand."""
        by_id = {one.id: one for one in self.enrollments}
        few = self.chance.sample(self.touches, self.chance.randint(1, len(self.touches)))
        return [Taking(touch, by_id[touch.enrollment], box(touch.mailbox), 1) for touch in few]


def test_claims_bring_what_each_would_alone(store: Store) -> None:
    """Whatever has happened, and whoever is claimed in the same turn: a claim brings along what questions about it alone would find."""
    brought = []
    for seed in range(15):
        life = Life(seed)
        life.lie_in(store)
        with store.reading() as connection:
            takings = life.takings()
            found = gathering.claims(connection, takings, NOW)
            for one, claim in zip(takings, found, strict=True):
                assert claim == oracle.claim_of(connection, one, NOW), seed
        brought += found
    for name in (
        "previous_sent",
        "sent_in_cadence",
        "ahead",
        "untaught",
        "also",
        "took_over_from",
        "colleague",
        "taken",
        "answer",
        "learned",
    ):
        assert any(getattr(one, name) for one in brought), name  # or nothing was compared
    assert any(one.thread.references for one in brought)


def in_the_way(life: Life, store: Store) -> None:
    """Some of what stops a mail at the gate, by chance."""
    chance = life.chance
    with store.writing() as connection:
        for name in BOXES:
            values = {"name": name, "epoch": chance.choice([1, 1, 1, 2]), "reconcile": NOW if chance.random() < 0.1 else None}
            connection.execute(sa.insert(schema.mailbox), values)
        for table, column, keys in (
            (schema.suppression, "key", [*ADDRESSES, "@other.test"]), (schema.switch, "scope", ["all", "mailbox:lee", "cadence:c1", "cadence:c2"])
        ):  # fmt: skip
            for key in keys:
                if chance.random() < 0.04:
                    connection.execute(sa.insert(table), {column: key, "at": NOW})
        for touch in chance.sample(life.touches, 1):
            connection.execute(
                sa.insert(schema.seen_mail),
                {"mailbox": "dana", "folder": "Sent", "uidvalidity": 1, "uid": 1, "touch": touch.id, "at": NOW},
            )


def test_a_group_passes_as_each_would_alone(store: Store) -> None:
    """Of a group of mails exactly those pass the gate that would pass alone, in whatever order they stand; only their bytes are kept."""
    verdicts: list[bool] = []
    for seed in range(25):
        life = Life(seed)
        life.lie_in(store)
        in_the_way(life, store)
        with store.reading() as connection:
            claims = gathering.claims(connection, life.takings(), NOW)
        group = [
            Passing(
                claim=replace(one, touch=replace(one.touch, token="t"), most=life.chance.randint(1, 6)), at=NOW - life.chance.randint(0, 30) * MINUTE, looked=NOW,
                subject="S", opens=True, text="words", raw=f"mail {seed}".encode(),
            )
            for one in claims
        ]  # fmt: skip
        with store.reading() as connection:
            alone = [oracle.passes(connection, one, MARGIN) for one in group]
        before = list(store.passed)
        assert store.gates(group, MARGIN) == alone, seed
        assert (
            list(store.passed)
            == [*before, *(Gate(one.claim.touch.id, one.at) for one, well in zip(group, alone, strict=True) if well)][-16:]
        )
        kept = {one.claim.touch.id for one in group if (mail := store.kept_mail(one.claim.touch.id)) and mail.raw == one.raw}
        assert kept == {one.claim.touch.id for one, well in zip(group, alone, strict=True) if well}
        verdicts += alone
    assert 10 < sum(verdicts) < len(verdicts) - 10  # or nothing was compared


def enrolled(store: Store, *people: Prospect, mailbox: str = "dana", **more: Any) -> None:
    store.apply([begin(one, mailbox=mailbox, **more) for one in people])


def claimed(store: Store, *names: str, now: datetime = NOW, places: int = 10, caps: Caps = FREELY) -> list[Claim]:
    hand = Hand(run="run", lease=now + HOUR, key=b"k" * 32, token=iter(map(str, range(1000))).__next__, fraction=lambda: 0.5)
    return store.claim_due(now, [Want(mailbox=box(name, caps), places=places, epoch=1) for name in names], hand)


def passing(claim: Claim) -> Passing:
    return Passing(claim=claim, at=NOW, looked=NOW, subject="S", opens=True, text="words", raw=b"bytes")


def test_two_mails_to_one_person_in_one_group(store: Store) -> None:
    """The trip wire counts those of the same group: where one of two would have stopped the other, they don't both leave."""
    enrolled(store, prospect("ann"))
    enrolled(store, prospect("ann"), plan=cadence(name="other", exclusive=False))
    store.hold_mailbox("dana", "run")
    (first,) = claimed(store, "dana")
    with store.writing() as connection:  # as if two daemons had claimed them in the same moment
        connection.execute(
            sa.update(schema.touch)
            .where(schema.touch.c.state == "scheduled")
            .values(state="sending", token="second", due=NOW + HOUR)
        )
        row = connection.execute(rows.with_enrollment(Touch, "t_").where(schema.touch.c.token == "second")).mappings().one()
    second = replace(first, touch=rows.noun(Touch, row, "t_"), enrollment=rows.noun(Enrollment, row, "e_"))
    group = [passing(replace(one, most=1)) for one in (first, second)]
    assert sum(store.gates(group, MARGIN)) < 2
    assert store.gates([passing(replace(one, most=2)) for one in (first, second)], MARGIN) == [True, True]


def test_one_turn_claims_from_many_mailboxes(store: Store) -> None:
    """Each mailbox gets its own first ones, as many as it has places, follow-ups before first mails and tasks beside them."""
    boxes = [f"box{number}" for number in range(5)]
    for name in boxes:
        store.hold_mailbox(name, "run")
        for number in range(4):
            enrolled(store, prospect(f"{name}-{number}"), mailbox=name, now=NOW - number * MINUTE)
    enrolled(store, prospect("tess"), mailbox="box1", plan=cadence((step(0, channel="task", after="0m"),), name="calls"))
    hand = Hand(run="run", lease=NOW + HOUR, key=b"k" * 32, token=lambda: "t", fraction=lambda: 0.5)
    wants = [Want(mailbox=box(name), places=number, epoch=1 if name != "box3" else 7) for number, name in enumerate(boxes)]
    found = [one.touch for one in store.claim_due(NOW, wants, hand)]
    assert [(one.mailbox, one.channel, (NOW - one.due) // MINUTE) for one in found] == [
        ("box1", "task", 0), ("box1", "email", 3), ("box2", "email", 3), ("box2", "email", 2), *(("box4", "email", late) for late in (3, 2, 1, 0)),
    ]  # fmt: skip


def test_one_person_in_many_mailboxes(store: Store) -> None:
    """Somebody to whom two mailboxes would write now gets one mail: the other waits until that is settled."""
    for name in BOXES:
        store.hold_mailbox(name, "run")
        enrolled(store, prospect("ann"), mailbox=name, plan=cadence(name=f"of {name}", exclusive=False))
    assert len(claimed(store, *BOXES)) == 1
    assert claimed(store, *BOXES) == []


def test_somebody_elses_later_mail_does_not_count(store: Store) -> None:
    """What answers a person is claimed above the trip wire, whatever has left for others since they wrote."""
    store.hold_mailbox("dana", "run")
    ann, zoe = prospect("ann"), prospect("zoe")
    enrolled(store, ann)
    (first,) = claimed(store, "dana")
    store.apply_one(Change(touches=(replace(first.touch, state=TouchState.SENT, settled=NOW - HOUR),)))
    store.apply_one(Change(replies=(reply(ReplyKind.YES, at=NOW - 30 * MINUTE, enrollment=first.enrollment.id),)))
    enrolled(store, zoe)
    (other,) = claimed(store, "dana")
    store.apply_one(Change(touches=(replace(other.touch, state=TouchState.SENT, settled=NOW - MINUTE),)))
    enrolled(store, ann, plan=cadence(name="thanks", exclusive=False), parent=first.enrollment.id)
    assert [one.touch.address for one in claimed(store, "dana", caps=replace(FREELY, one_person=1))] == [ann.address]


def pausing(store: Store) -> Change:
    change = begin(now=NOW + DAY)
    return replace(change, enrollments=(replace(change.enrollments[0], state=EnrollmentState.PAUSED, until=NOW),))


def with_touch(store: Store, **more: Any) -> Change:
    change = begin(now=NOW + DAY)
    return replace(change, touches=(replace(change.touches[0], **{"due": NOW if "state" in more else NOW + DAY} | more),))


CHORES: dict[str, Callable[[Store], Change]] = {
    "ripe": pausing,
    "overdue": lambda store: with_touch(store, deadline=NOW),
    "alarms": lambda store: Change(tasks=(Task(id="k", owner="dana", address="", kind="call", title="", text="", created=NOW, remind=NOW),)),
    "alarms_up": lambda store: Change(alarms=(Alarm(key="k", text="t", at=NOW),)),
    "in_hand": lambda store: with_touch(store, state=TouchState.SENDING),
    "letter_answers": lambda store: Change(letter_answers=(LetterAnswer(id="a", letter="l", mailbox="dana", sender="s", text="", received=NOW),)),
    "letters_due": lambda store: Change(letters=(Letter(id="l", kind="digest", mailbox="dana", to="t", subject="s", text="", created=NOW, due=NOW),)),
    "rounds_due": lambda store: Change(rounds=(Round(id="r", mailbox="dana", due=NOW),)),
    "claim_due": lambda store: begin(),
    "suppressed_under_way": lambda store: Change(suppressions=(Suppression(key="zoe@x.test", reason="asked", source="", at=NOW),)),
}  # fmt: skip
"""What makes each verb of a turn find something."""


@pytest.fixture
def quiet(store: Store) -> Store:
    """Give a store in which there is nothing to do."""
    store.hold_mailbox("dana", "run")
    assert store.suppressed_under_way() == ()
    assert store.chores(NOW, ["dana", "lee"]) == frozenset()
    return store


@pytest.mark.parametrize("verb", CHORES)
def test_one_question_says_what_is_to_be_done(quiet: Store, verb: str) -> None:
    """`chores` names a verb exactly when it would find something, and only for the mailboxes that are asked about."""
    quiet.apply_one(CHORES[verb](quiet))
    assert quiet.chores(NOW, ["dana", "lee"]) == {verb}
    if verb in {"letter_answers", "letters_due", "rounds_due", "claim_due"}:
        assert quiet.chores(NOW, ["lee"]) == quiet.chores(NOW, []) == frozenset()
    if verb not in {"alarms_up", "letter_answers", "suppressed_under_way"}:
        assert quiet.chores(NOW - timedelta(microseconds=1), ["dana"]) == frozenset()


def test_every_chore_is_a_verb() -> None:
    """Each name is a verb of the store."""
    assert all(callable(getattr(Store, verb)) for verb in CHORES)


def test_no_keys_and_many(store: Store) -> None:
    """A prepared statement takes any number of keys, also none; what stands in a text comes back as it went in."""
    asked = Prepared(
        sa.select(schema.suppression.c.key).where(among(schema.suppression.c.key, "keys")).order_by(schema.suppression.c.key)
    )
    odd = sorted(["a'b@x.test", 'c"d@x.test', "e,{f}@x.test", "é\\n@x.test", *(f"n{number:05}@x.test" for number in range(700))])
    store.apply_one(Change(suppressions=tuple(Suppression(key=key, reason="", source="", at=NOW) for key in odd)))
    with store.reading() as connection:
        assert asked.rows(connection, keys=[]) == []
        assert [key for (key,) in asked.rows(connection, keys=odd)] == odd
