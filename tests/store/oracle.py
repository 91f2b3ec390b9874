"""What a claim brings along and what the gate asks, for one mail after the other, in the plainest statements: the oracle of both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from followupd.core import guards
from followupd.core.learned import GOING_ON
from followupd.core.model import Claim, Enrollment, EnrollmentState, Prospect, Reply, Taken, ThreadContext, Touch, TouchState
from followupd.store import rows, schema
from followupd.store.claiming import Passing
from followupd.store.gathering import HUMAN, MOST_FACTS, NEVER, Taking

GONE = (TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED)
T, E, R, F, W, M = (
    table.c for table in (schema.touch, schema.enrollment, schema.reply, schema.fact, schema.company_word, schema.mail)
)


def claim_of(connection: sa.Connection, taking: Taking, now: datetime) -> Claim:
    """The claim that this touch becomes."""
    touch, enrollment = taking.touch, taking.enrollment
    address, scalar = touch.address, lambda statement: connection.execute(statement).scalar()
    sent = scalar(sa.select(sa.func.max(T.settled)).where(T.address == address, T.channel == "email", T.state == TouchState.SENT))
    count = sa.select(sa.func.count()).where(T.enrollment == enrollment.id, T.state.in_([TouchState.SENT, TouchState.OPEN]))
    ahead = sa.select(sa.func.min(T.due)).join(schema.enrollment, E.id == T.enrollment).where(
        T.address == address, T.channel == "email", T.state == TouchState.SCHEDULED, T.live, E.id != enrollment.id,
        E.priority > enrollment.priority, E.state == EnrollmentState.ACTIVE,
    )  # fmt: skip
    lesson = sa.and_(F.about == "learned", F.at >= T.settled)
    taught = sa.select(1).where(F.address == address, sa.or_(lesson, sa.and_(F.about == GOING_ON, F.at > T.settled)))
    answered = sa.select(1).join_from(schema.reply, schema.enrollment, E.id == R.enrollment).where(
        E.address == address, R.kind.in_(HUMAN), R.seen > T.settled
    )  # fmt: skip
    untaught = sa.select(sa.func.count()).where(
        T.enrollment == enrollment.id, T.state == TouchState.SENT, ~sa.exists(taught), ~sa.exists(answered)
    )
    learned = connection.execute(
        sa.select(F.name, F.value)
        .where(F.address == address, F.about == "learned")
        .order_by(F.at.desc(), F.id.desc())
        .limit(MOST_FACTS)
    ).all()
    had = schema.item_taken.c
    taken = connection.execute(sa.select(schema.item_taken).where(had.address == address).order_by(had.at, had.item)).mappings()
    also, giver = moves(connection, touch, sent)
    prospect = rows.select(Prospect).where(schema.prospect.c.id == enrollment.prospect)
    return Claim(
        touch=touch, enrollment=enrollment, prospect=rows.noun(Prospect, connection.execute(prospect).mappings().one()), epoch=taking.epoch,
        thread=thread_of(connection, enrollment), previous_sent=sent, sent_in_cadence=scalar(count), ahead=scalar(ahead), also=also,
        took_over_from=giver, untaught=scalar(untaught), colleague=scalar(sa.select(sa.func.max(W.until)).where(*colleague(enrollment, now))),
        taken=tuple(Taken(**row) for row in taken), answer=answer_of(connection, enrollment),
        learned={row.name: row.value for row in reversed(learned)}, most=taking.mailbox.caps.one_person,
        first=scalar(sa.select(sa.func.min(E.started)).where(E.address == address)),
    )  # fmt: skip


def colleague(enrollment: Enrollment, now: datetime) -> tuple[Any, ...]:
    company = "" if enrollment.parent else guards.company_of(enrollment.address)
    return W.company == company, W.until > now, W.address != enrollment.address, W.at > (enrollment.waived or NEVER)


def moves(connection: sa.Connection, touch: Touch, sent: datetime | None) -> tuple[tuple[str, ...], str]:
    h = schema.handover.c
    found = connection.execute(sa.select(schema.handover).where(h.address == touch.address).order_by(h.at)).mappings().all()
    others = dict.fromkeys(name for row in found for name in (row["giver"], row["taker"]) if name != touch.mailbox)
    last = found[-1] if found else None
    new = last is not None and last["taker"] == touch.mailbox and last["state"] == "moved" and (sent is None or sent < last["at"])
    return tuple(others), last["name"] if last is not None and new else ""


def answer_of(connection: sa.Connection, enrollment: Enrollment) -> Reply | None:
    mine = [enrollment.id, enrollment.parent or enrollment.id]
    latest = rows.select(Reply).where(R.enrollment.in_(mine), R.kind.in_(HUMAN)).order_by(R.received.desc()).limit(1)
    found = connection.execute(latest).mappings().first()
    return rows.noun(Reply, found) if found else None


def thread_of(connection: sa.Connection, enrollment: Enrollment) -> ThreadContext:
    for one in filter(None, (enrollment.id, enrollment.parent)):
        mails = sa.select(M.message_id, M.subject, M.opens, T.settled).join(schema.touch, T.id == M.touch).where(
            M.enrollment == one, T.state.in_([TouchState.SENT, TouchState.DOUBTFUL])
        ).order_by(T.settled)  # fmt: skip
        sent = connection.execute(mails).all()
        if not sent:
            continue
        sent = sent[max((index for index, row in enumerate(sent) if row.opens), default=0) :]
        answer = connection.execute(
            sa.select(R.message_id, R.received)
            .where(R.enrollment == one, R.matched == "thread", R.kind.in_(HUMAN), R.message_id != "")
            .order_by(R.received.desc()).limit(1)
        ).first()  # fmt: skip
        ids = [row.message_id for row in sent]
        if answer and answer.received > sent[-1].settled:
            ids.append(answer.message_id)
        return ThreadContext(subject=sent[0].subject, last_id=ids[-1], references=tuple(ids))
    return ThreadContext()


def passes(connection: sa.Connection, passing: Passing, margin: timedelta) -> bool:
    """Whether this mail may leave, asked for it alone."""
    claim, now = passing.claim, passing.at
    touch, enrollment, box, other, later = (
        claim.touch,
        claim.enrollment,
        schema.mailbox.c,
        schema.touch.alias().c,
        schema.touch.alias().c,
    )
    scope, key, since = schema.switch.c.scope, schema.suppression.c.key, now - guards.TRIP_SPAN

    def exists(*conditions: Any) -> bool:
        return connection.execute(sa.select(sa.literal(1)).where(*conditions).limit(1)).first() is not None

    left = sa.select(sa.func.count()).where(
        other.address == touch.address, other.channel == "email", other.id != touch.id,
        sa.or_(other.state == TouchState.SENDING, sa.and_(other.settled > since, other.state.in_(GONE))),
    )  # fmt: skip
    since_then = sa.exists().where(
        later.address == touch.address, later.channel == "email", later.settled > R.seen, later.state.in_(GONE)
    )
    answered = enrollment.parent and exists(R.enrollment == enrollment.parent, R.seen > since, R.kind.in_(HUMAN), ~since_then)
    return (
        exists(T.id == touch.id, T.state == TouchState.SENDING, T.token == touch.token, T.due > now + margin)
        and exists(box.name == touch.mailbox, box.epoch == claim.epoch, box.reconcile.is_(None))
        and not exists(schema.seen_mail.c.touch == touch.id)
        and exists(E.id == enrollment.id, E.state == EnrollmentState.ACTIVE)
        and not exists(*colleague(enrollment, now))
        and not exists(key.in_([touch.address, "@" + touch.address.rpartition("@")[2]]))
        and not exists(scope.in_(["all", f"mailbox:{touch.mailbox}", f"cadence:{enrollment.cadence}"]))
        and not (connection.execute(left).scalar_one() >= claim.most and not answered)
    )
