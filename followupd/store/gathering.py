"""What claims bring along: all that judging and writing a touch needs, for all claims of a turn at once.

Each question is asked once for everybody, and answered in Python: who has had what, and when. Writes nothing, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from followupd.core import guards
from followupd.core.learned import GOING_ON
from followupd.core.model import (
    Claim,
    Enrollment,
    EnrollmentState,
    Mailbox,
    Prospect,
    Reply,
    ReplyKind,
    Taken,
    ThreadContext,
    Touch,
    TouchState,
)
from followupd.store import rows, schema
from followupd.store.prepared import Prepared, Row, among, listed

HUMAN = [
    kind.value for kind in ReplyKind
    if not kind.startswith("bounce") and kind not in (ReplyKind.AUTO_REPLY, ReplyKind.OUT_OF_OFFICE, ReplyKind.COMPLAINT)
]  # fmt: skip
"""What people write."""

MOST_FACTS = 300
"""The latest of what was learned about a person; more is no message's business."""

_SENT = TouchState.SENT.value
_HAPPENED = frozenset((_SENT, TouchState.OPEN.value))
_NO_THREAD = ThreadContext()
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taking:
    """A touch that has just been taken in hand, by whom, with which epoch, and where its row lies."""

    touch: Touch
    enrollment: Enrollment
    mailbox: Mailbox
    epoch: int
    place: object = None


def claims(connection: sa.Connection, takings: Sequence[Taking], now: datetime) -> list[Claim]:
    """The claims that these have become."""
    if not takings:
        return []
    addresses = listed(connection, list({one.touch.address for one in takings}))
    talks = listed(connection, list({name for one in takings for name in (one.enrollment.id, one.enrollment.parent) if name}))
    prospects = [one.enrollment.prospect for one in takings]
    people = {row[0]: rows.made(Prospect, row) for row in _PROSPECTS.rows(connection, prospects=prospects)}
    past = _grouped(_PAST.rows(connection, addresses=addresses))
    urgent = _more_urgent(connection, takings, past)
    words = company_words(connection, [one.enrollment for one in takings], now)
    had = {
        address: tuple(Taken(address=address, item=item, ours=ours, at=at, touch=by) for item, ours, at, by in taken)
        for address, taken in _grouped(_HAD.rows(connection, addresses=addresses)).items()
    }
    facts = _grouped(_FACTS.rows(connection, addresses=addresses))
    moves = _grouped(_MOVES.rows(connection, addresses=addresses))
    said = _grouped(_SAID.rows(connection, enrollments=talks))
    sent = _grouped(_IN_THREAD.rows(connection, enrollments=talks))
    known_since = {address: (first, heard) for address, first, heard in _KNOWN_SINCE.rows(connection, addresses=addresses)}
    answers = _answers(connection, takings, said)
    made = []
    for one in takings:
        touch, enrollment = one.touch, one.enrollment
        mine, known = past.get(touch.address, ()), facts.get(touch.address, ())
        first, heard = known_since.get(touch.address, (None, None))
        here = [row for row in mine if row[0] == enrollment.id and row[2] in _HAPPENED]
        left = [row[3] for row in mine if row[2] == _SENT and row[1] == "email" and row[3]]
        previous = max(left) if left else None
        also, giver = _moved(moves.get(touch.address, ()), touch.mailbox, previous)
        made.append(
            Claim(
                touch=touch, enrollment=enrollment, prospect=people[enrollment.prospect], epoch=one.epoch, thread=thread_of(enrollment, sent, said),
                previous_sent=previous, sent_in_cadence=len(here), ahead=urgent.get(enrollment.id), also=also, took_over_from=giver,
                untaught=_untaught(here, known, heard) if here else 0, colleague=held_until(enrollment, words, now),
                taken=had.get(touch.address, ()), learned=_learned(known) if known else {}, answer=answers.get(enrollment.id),
                most=one.mailbox.caps.one_person, first=first,
            )
        )  # fmt: skip
    return made


def _grouped(found: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by their first column, in their order."""
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(row[0], []).append(row[1:])
    return groups


# -- what has passed between us ------------------------------------------------------------------


def _more_urgent(connection: sa.Connection, takings: Sequence[Taking], past: Mapping[str, list[Row]]) -> dict[str, datetime]:
    """When a cadence that is more urgent writes to the same person next, by enrollment."""
    waits: dict[str, list[Row]] = {}  # (enrollment, due) of the mails that are to come
    for address, theirs in past.items():
        if found := [(row[0], row[4]) for row in theirs if row[1] == "email" and row[2] == TouchState.SCHEDULED and row[5]]:
            waits[address] = found
    if not waits:
        return {}
    others = {name for found in waits.values() for name, _ in found}
    urgency: dict[str, int] = dict(_URGENCY.rows(connection, enrollments=list(others)))
    ahead = {}
    for taking in takings:
        mine = taking.enrollment
        dues = [
            due for name, due in waits.get(taking.touch.address, ())
            if name != mine.id and urgency.get(name, mine.priority) > mine.priority
        ]  # fmt: skip
        if dues:
            ahead[mine.id] = min(dues)
    return ahead


def _untaught(here: Sequence[Row], known: Sequence[Row], heard: datetime | None) -> int:
    """Touches after which nobody has answered and nothing was learned. What is said as a task is closed is noted in the same breath."""
    if not known and heard is None:
        return [row[2] for row in here].count(_SENT)
    lesson = max((at for _, _, at, about in known if about == "learned"), default=NEVER)
    reason = max((at for _, _, at, about in known if about == GOING_ON), default=NEVER)
    last = max(reason, heard or NEVER)
    return sum(row[2] == _SENT and (row[3] is None or (lesson < row[3] and last <= row[3])) for row in here)


def _learned(known: Sequence[Row]) -> dict[str, str]:
    latest = [(name, value) for name, value, _, about in known if about == "learned"][:MOST_FACTS]
    return dict(reversed(latest))


def _moved(moves: Sequence[Row], mailbox: str, sent: datetime | None) -> tuple[tuple[str, ...], str]:
    """The other mailboxes in which a person's answers may lie; and, before the first mail after a handover, whose place this one has taken."""
    if not moves:
        return (), ""
    others = dict.fromkeys(name for giver, taker, *_ in moves for name in (giver, taker) if name != mailbox)
    _, taker, name, state, at = moves[-1]
    new = taker == mailbox and state == "moved" and (sent is None or sent < at)
    return tuple(others), name if new else ""


# -- the conversation ----------------------------------------------------------------------------


def _answers(connection: sa.Connection, takings: Sequence[Taking], said: Mapping[str, list[Row]]) -> dict[str, Reply]:
    """The person's last human answer in the enrollment, or in the one it came from, by enrollment."""
    latest: dict[str, str] = {}
    for one in takings:
        mine = [said[name][0] for name in (one.enrollment.id, one.enrollment.parent) if name in said]
        if mine:
            latest[one.enrollment.id] = max(mine, key=lambda row: row[1])[0]
    if not latest:
        return {}
    replies = {row[0]: rows.made(Reply, row) for row in _REPLIES.rows(connection, replies=list(set(latest.values())))}
    return {enrollment: replies[reply] for enrollment, reply in latest.items()}


def thread_of(enrollment: Enrollment, sent: Mapping[str, list[Row]], said: Mapping[str, list[Row]]) -> ThreadContext:
    """The conversation that a mail of this enrollment goes on: its own, else that of the enrollment it came from."""
    for one in (enrollment.id, enrollment.parent):
        if one and (mails := sent.get(one)):
            start = max((place for place, (_, _, opens, _) in enumerate(mails) if opens), default=0)
            return _thread(mails[start:], said.get(one, ()))
    return _NO_THREAD


def _thread(mails: Sequence[Row], said: Sequence[Row]) -> ThreadContext:
    ids = [name for name, _, _, _ in mails]
    answered = next(((name, at) for _, at, name, matched in said if matched == "thread" and name), None)
    if answered and answered[1] > mails[-1][3]:
        ids.append(answered[0])
    return ThreadContext(subject=mails[0][1], last_id=ids[-1], references=tuple(ids))


# -- colleagues ----------------------------------------------------------------------------------


def company_words(connection: sa.Connection, enrollments: Iterable[Enrollment], now: datetime) -> dict[str, list[Row]]:
    """What was said for certain at their companies and still counts then, by company."""
    companies = {_concerned(one) for one in enrollments} - {""}
    return _grouped(_WORDS.rows(connection, companies=list(companies), now=now)) if companies else {}


def _concerned(enrollment: Enrollment) -> str:
    """Which company's word concerns it. Who goes on from one cadence to the next is not concerned: their own word was the last one."""
    return "" if enrollment.parent else guards.company_of(enrollment.address)


def held_until(enrollment: Enrollment, words: Mapping[str, list[Row]], now: datetime) -> datetime | None:
    """Until when somebody else's word at the company holds this one: the latest that no human has let them go on in spite of."""
    if not words:
        return None
    waived = enrollment.waived or NEVER
    ends = (
        until for address, until, at in words.get(_concerned(enrollment), ())
        if until > now and address != enrollment.address and at > waived
    )  # fmt: skip
    return max(ends, default=None)


# -- the questions -------------------------------------------------------------------------------


def _questions() -> tuple[Prepared, ...]:
    t, e, r, m = schema.touch.c, schema.enrollment.c, schema.reply.c, schema.mail.c
    item, fact, h, w = schema.item_taken.c, schema.fact.c, schema.handover.c, schema.company_word.c
    past = sa.select(t.address, t.enrollment, t.channel, t.state, t.settled, t.due, t.live).where(
        among(t.address, "addresses"), t.state.in_([TouchState.SENT, TouchState.OPEN, TouchState.SCHEDULED])
    )
    urgency = sa.select(e.id, e.priority).where(among(e.id, "enrollments"), e.state == EnrollmentState.ACTIVE)
    had = sa.select(item.address, item.item, item.ours, item.at, item.touch).where(among(item.address, "addresses"))
    facts = sa.select(fact.address, fact.name, fact.value, fact.at, fact.about).where(
        among(fact.address, "addresses"), fact.about.in_(["learned", GOING_ON])
    )
    moves = sa.select(h.address, h.giver, h.taker, h.name, h.state, h.at).where(among(h.address, "addresses"))
    said = sa.select(r.enrollment, r.id, r.received, r.message_id, r.matched).where(
        among(r.enrollment, "enrollments"), r.kind.in_(HUMAN)
    )
    since = (  # when they were enrolled for the first time, and have last written themselves
        sa.select(e.address, sa.func.min(e.started), sa.func.max(r.seen))
        .join_from(schema.enrollment, schema.reply, sa.and_(r.enrollment == e.id, r.kind.in_(HUMAN)), isouter=True)
        .where(among(e.address, "addresses")).group_by(e.address)
    )  # fmt: skip
    in_thread = sa.select(t.enrollment, m.message_id, m.subject, m.opens, t.settled).join(schema.mail, t.id == m.touch).where(
        among(t.enrollment, "enrollments"), t.state.in_([TouchState.SENT, TouchState.DOUBTFUL])
    )  # fmt: skip
    words = sa.select(w.company, w.address, w.until, w.at).where(
        among(w.company, "companies"), w.until > sa.bindparam("now", type_=schema.Instant)
    )
    return (
        Prepared(rows.select(Prospect).where(among(schema.prospect.c.id, "prospects"))), Prepared(past), Prepared(urgency),
        Prepared(had.order_by(item.at, item.item)), Prepared(facts.order_by(fact.at.desc(), fact.id.desc())), Prepared(moves.order_by(h.at)),
        Prepared(said.order_by(r.received.desc())), Prepared(since), Prepared(rows.select(Reply).where(among(r.id, "replies"))),
        Prepared(in_thread.order_by(t.settled)), Prepared(words),
    )  # fmt: skip


_PROSPECTS, _PAST, _URGENCY, _HAD, _FACTS, _MOVES, _SAID, _KNOWN_SINCE, _REPLIES, _IN_THREAD, _WORDS = _questions()
