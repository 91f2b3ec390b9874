"""Taking touches in hand: the claim, the gate, and what the mailbox may still send.

Claim = intent: the transaction that selects a due touch marks it SENDING with token, owner, attempt, lease and
Message-ID; only then is a connection used. The gate is asked once more, just before the mail's final part leaves.

The lease is not a column: a claimed touch's `due` is moved to the lease's end, so that it leaves the head of the due index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from followupd.core import guards
from followupd.core.learned import GOING_ON
from followupd.core.lifecycle import TouchFact, move_touch
from followupd.core.model import (
    Claim,
    DomainUsage,
    Enrollment,
    EnrollmentState,
    Mailbox,
    Prospect,
    Reply,
    ReplyKind,
    Taken,
    Talk,
    ThreadContext,
    Touch,
    TouchState,
    Usage,
)
from followupd.core.outbound import message_id
from followupd.store import reading, rows, schema
from followupd.store.engine import insert

_HUMAN = [
    kind.value for kind in ReplyKind
    if not kind.startswith("bounce") and kind not in (ReplyKind.AUTO_REPLY, ReplyKind.OUT_OF_OFFICE, ReplyKind.COMPLAINT)
]  # fmt: skip


MOST_FACTS = 300
"""The latest of what was learned about a person; more is no message's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A mailbox that we hold (with the epoch that says so), and how many more mails it may have in flight."""

    mailbox: Mailbox
    places: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who claims: the run of the daemon, until when, and the key for Message-IDs. `token` draws one per claim."""

    run: str
    lease: datetime
    key: bytes
    token: Callable[[], str]
    fraction: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A claimed mail at the gate: when it asks, when its mailbox was last looked at, and the bytes that are about to leave."""

    claim: Claim
    at: datetime
    looked: datetime
    subject: str
    opens: bool
    text: str
    raw: bytes


def usage(connection: sa.Connection, mailbox: str, now: datetime) -> Usage:
    """What a mailbox has sent in the sliding spans; mails in hand count as sent now."""
    touch, box = schema.touch.c, schema.mailbox.c
    sent = sa.select(touch.settled.label("at")).where(
        touch.mailbox == mailbox, schema.SENT, touch.settled > now - timedelta(days=1),
        touch.state.in_([TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED]),
    )  # fmt: skip
    # The first intent of a mail that is tried again lies far back: what is in hand may leave any moment.
    in_hand = sa.select(sa.literal(now, schema.Instant).label("at")).where(
        touch.mailbox == mailbox, touch.channel == "email", schema.IN_HAND
    )
    both = sa.union_all(sent, in_hand).subquery()
    found: dict[str, Any] = {}
    for name, span in (("minute", timedelta(minutes=1)), ("hour", timedelta(hours=1)), ("day", timedelta(days=1))):
        row = connection.execute(sa.select(sa.func.count(), sa.func.min(both.c.at)).where(both.c.at > now - span)).one()
        found[f"last_{name}"], found[f"oldest_{name}"] = row[0], row[1]
    state = connection.execute(sa.select(box.not_before, box.first_sent).where(box.name == mailbox)).mappings().first()
    return Usage(**found, not_before=state["not_before"] if state else None, first_sent=state["first_sent"] if state else None)


def domain_usage(connection: sa.Connection, mailbox: str, now: datetime) -> list[DomainUsage]:
    """What a mailbox has sent to each domain in the sliding spans; mails in hand count as sent now."""
    touch = schema.touch.c
    domain = sa.func.substr(reading.domain_of(touch.address), 2).label("domain")
    sent = sa.select(domain, touch.settled.label("at")).where(
        touch.mailbox == mailbox, schema.SENT, touch.settled > now - timedelta(days=1),
        touch.state.in_([TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED]),
    )  # fmt: skip
    in_hand = sa.select(domain, sa.literal(now, schema.Instant).label("at")).where(
        touch.mailbox == mailbox, touch.channel == "email", schema.IN_HAND
    )
    both = sa.union_all(sent, in_hand).subquery()
    at, recent = both.c.at, both.c.at > now - timedelta(hours=1)
    counted = sa.select(
        both.c.domain, sa.func.count().label("last_day"), sa.func.min(at).label("oldest_day"),
        sa.func.count().filter(recent).label("last_hour"), sa.func.min(at).filter(recent).label("oldest_hour"),
    ).group_by(both.c.domain)  # fmt: skip
    return [DomainUsage(**row) for row in connection.execute(counted).mappings()]


def claim_due(connection: sa.Connection, engine: sa.Engine, now: datetime, wants: list[Want], hand: Hand) -> list[Claim]:
    """Due touches of our mailboxes, marked SENDING in this transaction, with all that judging and writing needs."""
    claims: list[Claim] = []
    for want in wants:
        if not _any_due(connection, want.mailbox.name, now) or not _still_ours(connection, want):
            continue
        used = usage(connection, want.mailbox.name, now)
        free, _ = guards.room(used, want.mailbox.caps, now)
        tasks = _take(connection, engine, now, want, hand, "task", 50)
        mails = _take_mails(connection, engine, now, want, hand, min(free, want.places), used)
        if mails:
            _note_start(connection, now, want.mailbox, hand.fraction())
        claims += [_with_context(connection, touch, enrollment, want, now) for touch, enrollment in tasks + mails]
    return claims


def _take_mails(
    connection: sa.Connection, engine: sa.Engine, now: datetime, want: Want, hand: Hand, places: int, used: Usage
) -> list[tuple[Touch, Enrollment]]:
    """Follow-ups first: who has had a mail waits for the next one, who has had none waits for nothing yet.

    First mails don't starve for it: follow-ups only ever come from first mails, so a mailbox that is full begins with as many
    people as it can go on with.
    """
    if places <= 0:
        return []
    caps, rooms = want.mailbox.caps, dict[str, int]()
    if used.last_day >= min(caps.domain_hour, caps.domain_day) - places:  # else no domain can be near its cap
        for one in domain_usage(connection, want.mailbox.name, now):
            rooms[one.domain], _ = guards.domain_room(one, caps, now)
    taken: list[tuple[Touch, Enrollment]] = []
    for follow_ups in (True, False):
        taken += _take(connection, engine, now, want, hand, "email", places - len(taken), rooms, follow_ups=follow_ups)
    return taken


def _any_due(connection: sa.Connection, mailbox: str, now: datetime) -> bool:
    """Most turns find nothing: one look into the due index is cheaper than counting what was sent."""
    touch = schema.touch.c
    first = sa.select(touch.id).where(touch.mailbox == mailbox, schema.DUE, touch.due <= now).limit(1)
    return connection.execute(first).first() is not None


def _note_start(connection: sa.Connection, now: datetime, mailbox: Mailbox, fraction: float) -> None:
    """The gap to the next mail is drawn with the claim, so that a restart does not forget it."""
    low, high = mailbox.caps.gap
    box = schema.mailbox.c
    values: dict[str, Any] = {"first_sent": sa.func.coalesce(box.first_sent, sa.literal(now, schema.Instant))}
    if high > 0:
        values["not_before"] = now + timedelta(seconds=low + (high - low) * fraction)
    connection.execute(sa.update(schema.mailbox).where(box.name == mailbox.name).values(values))


def _still_ours(connection: sa.Connection, want: Want) -> bool:
    # The row is locked where rows can be: two claims for one mailbox take turns, or both would find the same room.
    box = schema.mailbox.c
    mine = sa.select(box.epoch, box.reconcile).where(box.name == want.mailbox.name).with_for_update()
    found = connection.execute(mine).first()
    return found is not None and found.epoch == want.epoch and found.reconcile is None


def _take(
    connection: sa.Connection,
    engine: sa.Engine,
    now: datetime,
    want: Want,
    hand: Hand,
    channel: str,
    places: int,
    rooms: dict[str, int] | None = None,
    *,
    follow_ups: bool = False,
) -> list[tuple[Touch, Enrollment]]:
    """`rooms` says how many mails may still go to a domain; it is counted down."""
    if places <= 0:
        return []
    rooms = {} if rooms is None else rooms
    full = [domain for domain, room in rooms.items() if room <= 0]
    given = {
        "box": want.mailbox.name, "now": now, "since": now - guards.TRIP_SPAN, "most": want.mailbox.caps.one_person, "places": places,
        "way": channel, **({"full": full} if full else {}),
    }  # fmt: skip
    taken, marks, addresses = [], [], set[str]()
    for row in connection.execute(_due(channel, follow_ups, bool(full)), given).mappings().all():
        found = rows.noun(Touch, row, "t_")
        domain = found.address.rpartition("@")[2]
        room = rooms.setdefault(domain, guards.domain_room(DomainUsage(domain=domain), want.mailbox.caps, now)[0])
        if channel == "email" and (found.address in addresses or room <= 0):
            continue
        addresses.add(found.address)
        rooms[domain] = room - 1
        claimed = replace(
            found, state=move_touch(found, TouchFact.CLAIMED), due=hand.lease, attempt=found.attempt + 1, token=hand.token(), owner=hand.run,
            intended=found.intended or now, version=found.version + 1,
            message_id=found.message_id or message_id(found.id, want.mailbox.domain, hand.key) if channel == "email" else "",
        )  # fmt: skip
        marks.append(rows.values(claimed) | {"epoch": want.epoch, "known_id": found.id})
        # What judging sees is the due time that brought it here; the lease is the store's own business.
        taken.append((replace(claimed, due=found.due), rows.noun(Enrollment, row, "e_")))
    if marks:  # the rows are ours since they were selected: nobody else can have moved them
        connection.execute(sa.update(schema.touch).where(schema.touch.c.id == sa.bindparam("known_id")), marks)
    names = [{"id": one.message_id, "touch": one.id} for one, _ in taken if one.message_id]
    if names:
        connection.execute(insert(schema.mail_alias, engine).on_conflict_do_nothing(), names)
    return taken


@lru_cache(maxsize=8)
def _due(channel: str, follow_ups: bool, some_full: bool) -> sa.Select[Any]:
    """Touches that are due, in the order of the index: the first few of a long queue are found without looking at the others."""
    touch, enrollment = schema.touch.c, schema.enrollment.c
    other = schema.touch.alias("other").c
    wanted = [touch.channel == sa.bindparam("way", type_=sa.Text)]
    if channel == "email":
        since, most = sa.bindparam("since", type_=schema.Instant), sa.bindparam("most", type_=sa.Integer)
        # One mail at a time to one person: gaps and priorities are judged by what has been sent.
        in_hand = sa.select(1).where(other.address == touch.address, other.state == TouchState.SENDING, other.channel == "email")
        wanted += [~sa.exists(in_hand), ~_tripped(touch.id, touch.address, enrollment.parent, since, most)]
    if follow_ups:
        wanted.append(_follows(touch))
    if some_full:
        domain = sa.func.substr(reading.domain_of(touch.address), 2)
        wanted.append(domain.not_in(sa.bindparam("full", expanding=True, type_=sa.Text)))
    return (
        sa.select(*rows.labelled(Touch, "t_"), *rows.labelled(Enrollment, "e_"))
        .join(schema.enrollment, enrollment.id == touch.enrollment)
        .where(
            touch.mailbox == sa.bindparam("box", type_=sa.Text), schema.DUE, touch.due <= sa.bindparam("now", type_=schema.Instant),
            enrollment.state == EnrollmentState.ACTIVE, ~_suppressed(touch.address), ~_switched_off(touch.mailbox, enrollment.cadence), *wanted,
        )
        .order_by(touch.due).limit(sa.bindparam("places", type_=sa.Integer)).with_for_update(skip_locked=True, of=schema.touch)
    )  # fmt: skip


def _suppressed(address: Any) -> Any:
    return sa.exists(sa.select(1).where(schema.suppression.c.key.in_([address, reading.domain_of(address)])))


def _switched_off(mailbox: Any, cadence: Any) -> Any:
    scope = schema.switch.c.scope
    return sa.exists(sa.select(1).where(sa.or_(scope == "all", scope == "mailbox:" + mailbox, scope == "cadence:" + cadence)))


def _follows(touch: Any) -> Any:
    """A step that is not the first of its cadence, of somebody who has had a mail in it.

    The index for it holds only later steps: a file of 100,000 new people does not stand in the way of those under way.
    """
    earlier = schema.touch.alias("earlier").c
    had = sa.select(1).where(earlier.enrollment == touch.enrollment, earlier.channel == "email", earlier.state == TouchState.SENT)
    return sa.and_(schema.LATER_STEP, sa.exists(had))


def _tripped(own: Any, address: Any, parent: Any, since: Any, most: Any) -> Any:
    """The trip wire: whatever cadences, guards and people want, one address gets so many mails within its span and no more.

    It looks at mails alone, not at what any rule made of them: what has left, may have left, or is leaving. The first mail after
    one of theirs, in what that mail began, answers it and is not held up: so many mails more as they write themselves.
    """
    one, later, r = schema.touch.alias("one").c, schema.touch.alias("later").c, schema.reply.c
    gone = (TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED)
    left = sa.select(sa.func.count()).where(
        one.address == address, one.channel == "email", one.id != own,
        sa.or_(one.state == TouchState.SENDING, sa.and_(one.settled > since, one.state.in_(gone))),
    )  # fmt: skip
    since_then = sa.select(1).where(
        later.address == address, later.channel == "email", later.settled > r.seen, later.state.in_(gone)
    )
    answered = sa.select(1).where(
        r.enrollment == parent, parent != "", r.seen > since, r.kind.in_(_HUMAN), ~sa.exists(since_then)
    )
    return sa.and_(left.scalar_subquery() >= most, ~sa.exists(answered))


def _colleague(address: Any) -> tuple[Any, ...]:
    """Somebody else at the company has said something for certain, and no human has let this person go on since."""
    w = schema.company_word.c
    now, waived = (sa.bindparam(name, type_=schema.Instant) for name in ("moment", "waived"))
    return w.company == sa.bindparam("company", type_=sa.Text), w.until > now, w.address != address, w.at > waived


def _concerns(enrollment: Enrollment, now: datetime) -> dict[str, Any]:
    """What `_colleague` asks by. Who goes on from one cadence to the next is not concerned: their own word was the last one."""
    company = "" if enrollment.parent else guards.company_of(enrollment.address)
    return {"company": company, "moment": now, "waived": enrollment.waived or NEVER_WAIVED}


NEVER_WAIVED = datetime.min.replace(tzinfo=UTC)

# To build a statement takes longer than to carry it out: those of every claim and every gate are built once.


def _about_one() -> sa.Select[Any]:
    """The person, when they last had a mail, how far the cadence has come, and when a more urgent one writes to them next."""
    t, e, p = schema.touch.c, schema.enrollment.c, schema.prospect.c
    address, here = sa.bindparam("address", type_=sa.Text), sa.bindparam("enrollment", type_=sa.Text)
    sent = sa.select(sa.func.max(t.settled)).where(t.address == address, t.channel == "email", t.state == TouchState.SENT)
    count = sa.select(sa.func.count()).where(t.enrollment == here, t.state.in_([TouchState.SENT, TouchState.OPEN]))
    ahead = sa.select(sa.func.min(t.due)).join(schema.enrollment, e.id == t.enrollment).where(
        t.address == address, t.channel == "email", schema.DUE, e.id != here, e.priority > sa.bindparam("priority"), e.state == EnrollmentState.ACTIVE,
    )  # fmt: skip
    fact, r, mine = schema.fact.c, schema.reply.c, schema.enrollment.alias("mine")
    lesson = sa.and_(
        fact.about == "learned", fact.at >= t.settled
    )  # what is said when a task is closed is noted in the same breath
    taught = sa.select(1).where(fact.address == address, sa.or_(lesson, sa.and_(fact.about == GOING_ON, fact.at > t.settled)))
    answered = sa.select(1).select_from(schema.reply.join(mine, mine.c.id == r.enrollment)).where(
        mine.c.address == address, r.kind.in_(_HUMAN), r.seen > t.settled
    )  # fmt: skip
    untaught = sa.select(sa.func.count()).where(
        t.enrollment == here, t.state == TouchState.SENT, ~sa.exists(taught), ~sa.exists(answered)
    )
    w = schema.company_word.c
    colleague = sa.select(sa.func.max(w.until)).where(*_colleague(address))
    facts = {"previous_sent": sent, "sent_in_cadence": count, "ahead": ahead, "colleague": colleague, "untaught": untaught}
    labelled = (one.scalar_subquery().label(name) for name, one in facts.items())
    return sa.select(*rows.columns(Prospect), *labelled).where(p.id == sa.bindparam("prospect"))


_ABOUT_ONE = _about_one()
_HAD = (
    sa.select(schema.item_taken).where(schema.item_taken.c.address == sa.bindparam("address"))
    .order_by(schema.item_taken.c.at, schema.item_taken.c.item)
)  # fmt: skip

_LEARNED = (
    sa.select(schema.fact.c.name, schema.fact.c.value)
    .where(schema.fact.c.address == sa.bindparam("address"), schema.fact.c.about == "learned")
    .order_by(schema.fact.c.at.desc(), schema.fact.c.id.desc()).limit(MOST_FACTS)
)  # fmt: skip


_MOVES = sa.select(schema.handover).where(schema.handover.c.address == sa.bindparam("address")).order_by(schema.handover.c.at)


def _moves(connection: sa.Connection, touch: Touch, sent: datetime | None) -> tuple[tuple[str, ...], str]:
    """The other mailboxes in which a person's answers may lie; and, before the first mail after a handover, whose place this one has taken."""
    moves = connection.execute(_MOVES, {"address": touch.address}).mappings().all()
    others = dict.fromkeys(name for row in moves for name in (row["giver"], row["taker"]) if name != touch.mailbox)
    last = moves[-1] if moves else None
    new = last is not None and last["taker"] == touch.mailbox and last["state"] == "moved" and (sent is None or sent < last["at"])
    return tuple(others), last["name"] if last is not None and new else ""


def _with_context(connection: sa.Connection, touch: Touch, enrollment: Enrollment, want: Want, now: datetime) -> Claim:
    given = {
        "address": touch.address,
        "enrollment": enrollment.id,
        "priority": enrollment.priority,
        "prospect": enrollment.prospect,
        **_concerns(enrollment, now),
    }
    found = connection.execute(_ABOUT_ONE, given).mappings().one()
    had = connection.execute(_HAD, {"address": touch.address}).mappings()
    learned = connection.execute(_LEARNED, {"address": touch.address}).all()
    also, giver = _moves(connection, touch, found["previous_sent"])
    return Claim(
        touch=touch, enrollment=enrollment, prospect=rows.noun(Prospect, found), epoch=want.epoch, thread=thread_of(connection, enrollment),
        previous_sent=found["previous_sent"], sent_in_cadence=found["sent_in_cadence"], ahead=found["ahead"], untaught=found["untaught"],
        also=also, took_over_from=giver, colleague=found["colleague"], taken=tuple(Taken(**row) for row in had), answer=_answer(connection, enrollment),
        learned={row.name: row.value for row in reversed(learned)}, most=want.mailbox.caps.one_person,
    )  # fmt: skip


_ANSWER = (
    rows.select(Reply)
    .where(schema.reply.c.enrollment.in_([sa.bindparam("mine"), sa.bindparam("parent")]), schema.reply.c.kind.in_(_HUMAN))
    .order_by(schema.reply.c.received.desc()).limit(1)
)  # fmt: skip
_IN_THREAD = (
    sa.select(schema.mail.c.message_id, schema.mail.c.subject, schema.mail.c.opens, schema.touch.c.settled)
    .join(schema.touch, schema.touch.c.id == schema.mail.c.touch)
    .where(schema.mail.c.enrollment == sa.bindparam("enrollment"), schema.touch.c.state.in_([TouchState.SENT, TouchState.DOUBTFUL]))
    .order_by(schema.touch.c.settled)
)  # fmt: skip
_ANSWER_IN_THREAD = (
    sa.select(schema.reply.c.message_id, schema.reply.c.received)
    .where(
        schema.reply.c.enrollment == sa.bindparam("enrollment"), schema.reply.c.matched == "thread", schema.reply.c.kind.in_(_HUMAN),
        schema.reply.c.message_id != "",
    ).order_by(schema.reply.c.received.desc()).limit(1)
)  # fmt: skip


def _answer(connection: sa.Connection, enrollment: Enrollment) -> Reply | None:
    given = {"mine": enrollment.id, "parent": enrollment.parent or enrollment.id}
    found = connection.execute(_ANSWER, given).mappings().first()
    return rows.noun(Reply, found) if found else None


def _talking() -> sa.Select[Any]:
    """What passes between people: what they wrote to us, what the rep wrote by hand, and what waits for an answer."""
    e, r, seen, task = schema.enrollment.c, schema.reply.c, schema.seen_mail.c, schema.task.c
    address = sa.bindparam("address", type_=sa.Text)
    theirs = sa.select(e.id).where(e.address == address)
    said = sa.select(sa.func.max(r.seen)).where(r.enrollment.in_(theirs), r.kind.in_(_HUMAN))
    by_hand = sa.select(sa.func.max(seen.at)).where(seen.touch == "", seen.address == address)
    waits = sa.select(sa.func.count()).where(
        task.address == address, task.state == "open", task.reply != "", task.kind.in_(["answer", "decide", "call"])
    )
    facts = {"said": said, "by_hand": by_hand, "waits": waits}
    return sa.select(*(one.scalar_subquery().label(name) for name, one in facts.items()))


_TALKING = _talking()


def talk(connection: sa.Connection, address: str) -> Talk:
    """What passes between a person and the rep beside the cadences."""
    found = connection.execute(_TALKING, {"address": address}).mappings().one()
    return Talk(said=found["said"], by_hand=found["by_hand"], waits=found["waits"] > 0)


def thread_of(connection: sa.Connection, enrollment: Enrollment) -> ThreadContext:
    """The conversation that a mail of this enrollment goes on: its own, else that of the enrollment it came from."""
    for one in filter(None, (enrollment.id, enrollment.parent)):
        sent = connection.execute(_IN_THREAD, {"enrollment": one}).mappings().all()
        if sent:
            start = max((index for index, row in enumerate(sent) if row["opens"]), default=0)
            return _thread(connection, one, [dict(row) for row in sent[start:]])
    return ThreadContext()


def _thread(connection: sa.Connection, enrollment: str, sent: list[dict[str, Any]]) -> ThreadContext:
    answer = connection.execute(_ANSWER_IN_THREAD, {"enrollment": enrollment}).first()
    ids = [row["message_id"] for row in sent]
    last = ids[-1]
    if answer and answer.received > sent[-1]["settled"]:
        last = answer.message_id
        ids.append(last)
    return ThreadContext(subject=sent[0]["subject"], last_id=last, references=tuple(ids))


def _passing() -> sa.Update:
    touch, enrollment, box = schema.touch.c, schema.enrollment.c, schema.mailbox.c
    mine, mailbox, address = (sa.bindparam(name, type_=sa.Text) for name in ("mine", "box", "whom"))
    return sa.update(schema.touch).where(
        touch.id == mine, touch.state == TouchState.SENDING, touch.token == sa.bindparam("claim"), touch.due > sa.bindparam("until"),
        sa.exists(sa.select(1).where(box.name == mailbox, box.epoch == sa.bindparam("held"), box.reconcile.is_(None))),
        ~sa.exists(sa.select(1).where(schema.seen_mail.c.touch == mine)),  # a copy of it lies in the mailbox: somebody has sent it
        sa.exists(sa.select(1).where(enrollment.id == sa.bindparam("of"), enrollment.state == EnrollmentState.ACTIVE)),
        ~sa.exists(sa.select(1).where(*_colleague(address))), ~_suppressed(address), ~_switched_off(mailbox, sa.bindparam("way", type_=sa.Text)),
        ~_tripped(mine, address, sa.bindparam("parent", type_=sa.Text), sa.bindparam("since", type_=schema.Instant), sa.bindparam("most")),
    ).values(text="gate passed")  # fmt: skip


_PASSING = _passing()
CALM = (
    sa.update(schema.mailbox).where(schema.mailbox.c.name == sa.bindparam("box"), schema.mailbox.c.trouble > 0)
    .values(trouble=0, trouble_text="")
)  # fmt: skip


@lru_cache(maxsize=8)
def _kept_mail(engine: sa.Engine) -> Any:
    statement = insert(schema.mail, engine)
    return statement.on_conflict_do_update(
        index_elements=["touch"], set_={column.name: statement.excluded[column.name] for column in schema.mail.c}
    )


def gate(
    connection: sa.Connection, engine: sa.Engine, claim: Claim, now: datetime, margin: timedelta, mail: dict[str, Any]
) -> bool:
    """One last question, and the point of no return: still ours, still wanted, lease long enough, nobody has stopped it.

    With the same transaction the bytes that are about to leave are kept.
    """
    passed = connection.execute(
        _PASSING,
        {
            "mine": claim.touch.id, "claim": claim.touch.token, "until": now + margin, "box": claim.touch.mailbox, "held": claim.epoch,
            "of": claim.enrollment.id, "whom": claim.touch.address, "way": claim.enrollment.cadence, "since": now - guards.TRIP_SPAN,
            "parent": claim.enrollment.parent, "most": claim.most, **_concerns(claim.enrollment, now),
        },
    )  # fmt: skip
    if passed.rowcount != 1:
        return False
    known = {"touch": claim.touch.id, "enrollment": claim.enrollment.id, "message_id": claim.touch.message_id, "gated": now}
    connection.execute(_kept_mail(engine), {**known, **mail})
    return True


def lately(connection: sa.Connection, address: str, now: datetime) -> tuple[datetime, ...]:
    """When mails have left for an address within the span of the trip wire, oldest first."""
    touch = schema.touch.c
    left = sa.select(touch.settled).where(
        touch.address == address, schema.SENT, touch.settled > now - guards.TRIP_SPAN,
        touch.state.in_([TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED]),
    ).order_by(touch.settled)  # fmt: skip
    return tuple(connection.execute(left).scalars())


def hold_mailbox(connection: sa.Connection, engine: sa.Engine, name: str, run: str) -> int:
    """Become the owner of a mailbox: the epoch goes up, and what an earlier owner still holds passes no gate."""
    box = schema.mailbox.c
    connection.execute(insert(schema.mailbox, engine).values(name=name).on_conflict_do_nothing())
    connection.execute(sa.update(schema.mailbox).where(box.name == name).values(owner=run, epoch=box.epoch + 1))
    return int(connection.execute(sa.select(box.epoch).where(box.name == name)).scalar_one())
