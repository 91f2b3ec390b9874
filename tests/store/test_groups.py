"""A group of changes that is written in bulk leaves what the same changes leave one by one, whatever is in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followupd.bench.plenty import FREELY
from followupd.core import lifecycle
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Change,
    Claim,
    Cursor,
    Enrollment,
    EnrollmentState,
    Event,
    Fact,
    Mailbox,
    MailFact,
    Newcomer,
    Outcome,
    Prospect,
    ReplyKind,
    Suppression,
    Switch,
    Taken,
    Task,
    Touch,
    TouchState,
)
from followupd.store import Hand, Store, Want, arriving, bulk, open_store, rows, schema, writing
from tests.store.made import NOW, begin, cadence, prospect, reply, step

PLAN = cadence((step(0, after="0m"), step(1, wait=False), step(2), step(3)))
PEOPLE = ("ann", "bob", "cid", "dan", "eve")

Rows = dict[str, list[tuple[Any, ...]]]


def begun(store: Store) -> tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]:
    """Five people: three with a mail in hand, one whose mail is in doubt, one who stands still; each with a task and a kept mail."""
    store.apply([begin(prospect(name), PLAN) for name in PEOPLE])
    people = [store.person(prospect(name).address)[1][0] for name in PEOPLE]
    states = (*[TouchState.SENDING] * 3, TouchState.DOUBTFUL, TouchState.SCHEDULED)
    in_hand = [replace(store.touches(one.id)[0], state=state) for one, state in zip(people, states, strict=True)]
    tasks = [Task(id=f"k-{one.id}", owner="dana", address=one.address, kind="call", title="", text="", created=NOW,
                  enrollment=one.id, touch=touch.id) for one, touch in zip(people, in_hand, strict=True)]  # fmt: skip
    store.apply_one(Change(touches=tuple(in_hand), tasks=tuple(tasks)))
    store.apply_one(Change(enrollments=(replace(people[-1], state=EnrollmentState.PAUSED, until=NOW),)))
    with store.writing() as connection:
        kept = {"subject": "Words", "opens": True, "text": "Dear", "raw": b"From: dana", "gated": NOW, "looked": NOW}
        connection.execute(sa.insert(schema.mail), [{"touch": one.id, "enrollment": one.enrollment, **kept} for one in in_hand])
    return tuple(store.with_touches(store.person(one.address)[1][0]) for one in people)


@st.composite
def changes(draw: st.DrawFn, people: tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]) -> Change:
    """Something that a story might write about one of the people, on what it has read: too early, or not."""
    enrollment, person, touches = draw(st.sampled_from(people))
    touch, number = touches[0], draw(st.integers(0, 9))
    task = Task(id=f"k-{enrollment.id}", owner="dana", address="", kind="call", title=f"{number}", text="", created=NOW, version=1,
                enrollment=enrollment.id, touch=touch.id, state=draw(st.sampled_from(["open", "done"])))  # fmt: skip
    other = replace(
        touch, id=f"other-{number}", step=f"step-{number % 5}", position=number % 5, waits=draw(st.booleans()), version=0
    )
    later = NOW + timedelta(minutes=number)
    answer = reply(ReplyKind.BOUNCE_SOFT, number % 3, enrollment=enrollment.id)
    parts = {
        "settled": lambda: lifecycle.settle(touch, enrollment, PLAN, person, TouchFact.ACCEPTED, later, "ok"),
        "put off": lambda: lifecycle.postpone(touch, enrollment, later, "full"),
        "finished": lambda: lifecycle.finish(enrollment, Outcome.NO, "no", later),
        "held": lambda: lifecycle.hold(enrollment, "a question", later),
        "active": lambda: Change(enrollments=(replace(enrollment, state=EnrollmentState.ACTIVE, until=None),)),
        "moved": lambda: Change(enrollments=(replace(enrollment, reason=f"{number}\0é\ud800"),)),
        "another": lambda: Change(touches=(other,)),
        "the same": lambda: Change(touches=(replace(touch, version=0),)),
        "moved touch": lambda: Change(touches=(replace(touches[-1], text=f"{number}", due=later),)),
        "answered": lambda: Change(replies=(answer,)),
        "answered, with its bytes": lambda: Change(replies=(answer,), raws=((answer.id, b"From: %d" % number),)),
        "decided": lambda: Change(replies=(replace(answer, decided_by=f"{number}", version=1),)),
        "withdrawn": lambda: Change(withdrawn=(touches[-1],)),
        "task": lambda: Change(tasks=(task,)),
        "new task": lambda: Change(tasks=(replace(task, id=f"k-{number}", version=0),)),
        "switched": lambda: Change(switches=(Switch(scope="all", reason="x", at=later, on=draw(st.booleans())),)),
        "read": lambda: Change(cursors=(Cursor(mailbox="dana", folder=draw(st.sampled_from(["INBOX", "Junk"])), uidvalidity=1, uid=number, read=NOW),)),
        "renamed": lambda: Change(aliases=((f"name-{number % 3}", touch.id),)),
        "given": lambda: Change(items=(Taken(address=person.address, item=f"{number % 3}", ours=True, at=later, touch=touch.id),)),
        "left": lambda: Change(mails=(MailFact(touch=touch.id, left=later, copy=draw(st.sampled_from([None, "wanted", "kept"]))),)),
        "named": lambda: Change(mails=(MailFact(touch=touch.id, message_id=f"{number}"),)),
        "suppressed": lambda: Change(suppressions=(Suppression(key=person.address, reason=f"{number}", source="", at=later),)),
        "learned": lambda: Change(facts=(Fact(id=f"f-{number % 3}", address=person.address, name="n", value=f"{number}", at=later),)),
        "enrolled": lambda: begin(prospect(f"p{number}"), PLAN),
    }  # fmt: skip
    usual = st.sampled_from(["settled", "moved", "left", "given", "another", "finished", "answered, with its bytes", "read"])
    found = Change(events=(Event(at=later, kind="x", text=f"{number}", address=person.address, data={"n": number}),))
    for name in draw(st.lists(usual | st.sampled_from(sorted(parts)), min_size=1, max_size=3)):
        found += parts[name]()
    ahead = draw(st.sampled_from([0, 0, 0, 1, 1, -1]))  # on what somebody before it in the group writes, or on what is long over
    return replace(
        found,
        enrollments=tuple(replace(one, version=one.version + ahead) for one in found.enrollments if one.version),
        touches=tuple(replace(one, version=one.version + ahead) if one.version else one for one in found.touches),
    ) if not found.prospects else found  # fmt: skip


def one_by_one(connection: sa.Connection, engine: sa.Engine, group: Sequence[Change]) -> list[bool]:
    """How every change was written before there was a way to write many: the oracle."""
    written = []
    for change in group:
        try:
            with connection.begin_nested():
                writing.write(connection, engine, change)
        except writing.Stale:
            written.append(False)
        else:
            written.append(True)
    return written


def left_by(store: Store, write: Any, group: Sequence[Change]) -> tuple[list[bool] | str, Rows]:
    """What a way of writing says and leaves, all of which is taken back."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        try:
            said = write(connection, store.engine, group)
            left = {table.name: found(connection, table) for table in schema.metadata.sorted_tables}
        except sa.exc.IntegrityError:
            said, left = "a promise of the store is broken", {}
        transaction.rollback()
    return said, left


def found(connection: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    """All rows of a table; PostgreSQL gives no number twice, so that only the order of events can be the same."""
    columns = [column for column in table.columns if column.name != "number"]
    order = table.columns if "number" not in table.columns else [table.columns["number"]]
    return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*order))]


def test_same_as_one_by_one(store: Store) -> None:
    """Whatever the changes of a group are, which of them came too late and what all of them leave is the same as one by one."""
    people = begun(store)
    before = {each.id for each in store.enrollments()}
    together = [0]

    @settings(max_examples=60 if store.engine.dialect.name == "sqlite" else 20, deadline=None, suppress_health_check=list(HealthCheck), database=None)  # fmt: skip
    @given(st.lists(changes(people), min_size=2, max_size=8))
    def check(group: list[Change]) -> None:
        together[0] += any(len(run) > 1 for run in bulk._runs(group))  # else nothing is compared
        assert left_by(store, bulk.write_all, group) == left_by(store, one_by_one, group)

    check()
    assert together[0] > 3
    assert {each.id for each in store.enrollments()} == before


def test_settled_mails_are_written_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows from accepted mails of different people is not written one by one."""
    people = begun(store)
    monkeypatch.setattr(writing, "write", None)
    group = [
        lifecycle.settle(touches[0], enrollment, PLAN, person, TouchFact.ACCEPTED, NOW, "ok")
        + Change(mails=(MailFact(touch=touches[0].id, left=NOW, copy="wanted"),), aliases=((f"of {person.id}", touches[0].id),))
        for enrollment, person, touches in people[:4]
    ]
    assert store.apply(group) == [True] * 4


def test_an_answer_is_written_like_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows from an answer, with the mail and the place reached, takes the same short way; heard twice, it is written once."""
    enrollment, *_ = begun(store)[0]
    answer = reply(ReplyKind.NO, 1, enrollment=enrollment.id)
    reached = Cursor(mailbox="dana", folder="INBOX", uidvalidity=1, uid=7, read=NOW)
    change = lifecycle.finish(enrollment, Outcome.NO, "no", NOW) + Change(
        replies=(answer,), raws=((answer.id, b"No thanks"),), cursors=(reached,)
    )
    with monkeypatch.context() as only:
        only.setattr(writing, "write", None)
        assert store.apply([change]) == [True]
    assert store.apply([replace(change, enrollments=(), cursors=(replace(reached, uid=9),))]) == [True]
    with store.engine.connect() as connection:
        kept = connection.execute(sa.select(schema.reply.c.id, schema.reply.c.raw)).all()
    assert [tuple(row) for row in kept] == [(answer.id, b"No thanks")]
    assert store.cursors("dana")["INBOX"].uid == 9


def test_the_last_word_on_a_folder(store: Store) -> None:
    """Places of one folder that several changes have reached, or one of them twice, are written at once; the last one stands."""
    places = [Cursor(mailbox="dana", folder="INBOX", uidvalidity=1, uid=number, read=NOW) for number in range(3)]
    group = [Change(cursors=tuple(places[:2])), Change(cursors=(places[2],))]
    assert store.apply(group) == [True, True]
    assert store.cursors("dana") == {"INBOX": places[2]}


def test_one_leans_on_another(store: Store) -> None:
    """A change is judged by what those before it in its group have written: it may lean on that, and is stale where it did not know."""
    enrollment, *_ = begun(store)[0]
    later = replace(enrollment, version=enrollment.version + 1)
    moved = [Change(enrollments=(replace(one, reason=f"{one.version}"),)) for one in (enrollment, later, later)]
    assert store.apply(moved) == [True, True, False]


def test_newcomers_are_cast(store: Store) -> None:
    """People who are enrolled by the thousand have the same rows as if each had begun alone."""
    plan = cadence((step(0, wait=False), step(1)), variants={"a": 1, "b": 1})
    for count, more in enumerate(({}, {"start_step": "step-1"}, {"round": 3, "fraction": 0.7}, {"parent": "p"})):
        first = begin(prospect("first"), plan, **more)
        newcomers = [
            Newcomer(prospect(f"{name}-{count}", columns={"a": "é\0"}, zone="Europe/Berlin"), f'"fair" é\\.csv:{count}', first)
            for name in PEOPLE
        ]

        def together(connection: sa.Connection, engine: sa.Engine, group: list[Newcomer]) -> list[bool]:
            arriving.write(connection, engine, group)
            return [True] * len(group)

        def alone(connection: sa.Connection, engine: sa.Engine, group: list[Newcomer]) -> list[bool]:
            return one_by_one(connection, engine, [lifecycle.begun_alike(one) for one in group])

        assert left_by(store, together, newcomers) == left_by(store, alone, newcomers)


def in_hand(store: Store, names: Sequence[str]) -> list[Claim]:
    """Claims of the first mails of these people."""
    store.apply([begin(prospect(name), PLAN) for name in names])
    box = Mailbox(name="dana", address="dana@example.com", display_name="", zone="UTC", caps=FREELY)
    hand = Hand(run="run", lease=NOW + timedelta(hours=1), key=b"k" * 32, token=lambda: "t", fraction=lambda: 0.5)
    claims = store.claim_due(NOW, [Want(mailbox=box, places=9, epoch=store.hold_mailbox("dana", "run"))], hand)
    assert len(claims) == len(names)
    return claims


def sent(claim: Claim) -> Change:
    """What follows where the mail of a claim was accepted."""
    found = lifecycle.settle(claim.touch, claim.enrollment, PLAN, claim.prospect, TouchFact.ACCEPTED, NOW, "ok")
    return found + Change(mails=(MailFact(touch=claim.touch.id, left=NOW, copy="wanted"),))


def test_results_of_claims_are_those_of_rows_that_were_read(url: str) -> None:
    """Results that are written on what the claim brought leave what they leave where every row is read before it is written."""
    with closing(open_store(url)) as store:
        changes = [sent(claim) for claim in in_hand(store, PEOPLE)]
        known = dict(store._known)
        assert bool(known) == (store.engine.dialect.name == "sqlite")

        def remembering(connection: sa.Connection, engine: sa.Engine, group: Sequence[Change]) -> list[bool]:
            return bulk.write_all(connection, engine, group, known)

        found = left_by(store, remembering, changes)
        assert found == left_by(store, bulk.write_all, changes)
        assert found[0] == [True] * len(PEOPLE)
        assert store.apply(changes) == found[0]
        assert not store._known


def test_a_claimed_row_that_somebody_has_moved(url: str) -> None:
    """A result on a row that another process has moved since the claim is too late, and the others of its group are written."""
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        claims = in_hand(store, PEOPLE)
        other.apply_one(Change(enrollments=(replace(claims[1].enrollment, reason="by hand"),)))
        assert store.apply([sent(claim) for claim in claims]) == [True, False, True, True, True]
        states = [store.find(Touch, claim.touch.id).state for claim in claims]
        assert states == [TouchState.SENT, TouchState.SENDING, *[TouchState.SENT] * 3]


def test_version_is_the_last_of_a_row() -> None:
    """Rows that are read to be compared begin with their id and end with their version."""
    assert all((rows.names(kind)[0], rows.names(kind)[-1]) == ("id", "version") for kind in (Enrollment, Touch, Task))
