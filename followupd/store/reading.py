"""What the stories and the people at the command line ask of the store. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from followupd.core import belief, courtesy, guards
from followupd.core.answers import AUTOMATIC
from followupd.core.lifecycle import GONE
from followupd.core.model import (
    STRANGER,
    Alarm,
    CompanyWord,
    Cursor,
    Enrollment,
    EnrollmentState,
    Event,
    Fact,
    Handover,
    History,
    KeptMail,
    Letter,
    LetterAnswer,
    Outcome,
    Prospect,
    Reply,
    ReplyKind,
    Round,
    Seen,
    SentKeeping,
    Suppression,
    Switch,
    Taken,
    Task,
    Touch,
    TouchState,
    filled,
)
from followupd.store import rows, schema
from followupd.store.matching import handed_over, touches_in
from followupd.store.prepared import Prepared, among, by_index, each
from followupd.store.writing import UNSETTLED

_FINISHED = EnrollmentState.FINISHED.value

# What every turn of the claim loop asks is built once, with these in place of values: asking takes a tenth of building the question.
_NOW, _LIMIT = sa.bindparam("now", type_=schema.Instant), sa.bindparam("limit", type_=sa.Integer)
_MAILBOXES = sa.bindparam("mailboxes", expanding=True, type_=sa.Text)


def _asked(connection: sa.Connection, kind: type[rows.Noun], statement: sa.Select[Any], **given: Any) -> tuple[rows.Noun, ...]:
    """The nouns that a statement finds, with these values."""
    return rows.nouns(kind, connection.execute(statement, given).mappings())


def suppression_keys(address: str) -> tuple[str, str]:
    """Under which keys an address may be suppressed: itself, and its domain."""
    return address, "@" + address.rpartition("@")[2]


def domain_of(address: Any) -> Any:
    """`@` and what follows it in a column of normalised addresses, in words that both databases know."""
    local = sa.func.rtrim(address, sa.func.replace(address, "@", ""))  # takes all letters off the end, up to the "@"
    return sa.func.substr(address, sa.func.length(local))


def histories(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, History]:
    """What admission needs to know, for many addresses at once."""
    keys = {key for address in addresses for key in suppression_keys(address)} if _any(connection, schema.suppression) else ()
    suppressed = {row.key: row for row in _in(connection, Suppression, schema.suppression.c.key, keys)}
    known: dict[str, list[Enrollment]] = {}
    for enrollment in _in(connection, Enrollment, schema.enrollment.c.address, addresses):
        known.setdefault(enrollment.address, []).append(enrollment)
    words: dict[str, list[CompanyWord]] = {}
    companies = {guards.company_of(one) for one in addresses} - {""} if _any(connection, schema.company_word) else ()
    for word in _in(connection, CompanyWord, schema.company_word.c.company, companies):
        words.setdefault(word.company, []).append(word)
    if not suppressed and not words:  # as nearly always: then there is nothing to be put together
        return dict.fromkeys(addresses, STRANGER) | {address: History(enrollments=tuple(each)) for address, each in known.items()}
    return {
        address: History(
            suppressed=next((suppressed[key] for key in suppression_keys(address) if key in suppressed), None),
            enrollments=tuple(known.get(address, ())),
            company=tuple(words.get(guards.company_of(address), ())),
        )
        for address in addresses
    }


def _any(connection: sa.Connection, table: sa.Table) -> bool:
    """Whether there is anything in a table that is nearly always empty, or small."""
    return connection.exec_driver_sql(f"SELECT 1 FROM {table.name} LIMIT 1").first() is not None  # noqa: S608 - a name of ours


def _in(connection: sa.Connection, kind: type[rows.Noun], column: Any, keys: Collection[str]) -> list[rows.Noun]:
    if not keys:
        return []
    statement = rows.select(kind).where(among(column, "keys"))
    return [*rows.nouns(kind, connection.execute(statement, {"keys": sorted(keys)}).mappings())]


def _one(connection: sa.Connection, kind: type[rows.Noun], column: Any, key: str) -> rows.Noun | None:
    found = _by(kind, column).rows(connection, key=key)  # type: ignore[arg-type]
    return rows.made(kind, found[0]) if found else None


@cache
def _by(kind: type, column: Any) -> Prepared:
    return Prepared(rows.select(kind).where(column == sa.bindparam("key")).limit(1))


def in_hand(connection: sa.Connection, run: str | None, now: datetime | None) -> tuple[tuple[Touch, Enrollment], ...]:
    """SENDING touches: those of one run of the daemon, or (run None) those whose lease ended before `now`."""
    if run is None and now is not None:
        return _pairs(connection, _LEASE_OVER, now=now)
    return _pairs(connection, _IN_HAND if run is None else _IN_HAND.where(schema.touch.c.owner == run))


_IN_HAND = rows.with_enrollment(Touch, "t_").where(schema.IN_HAND)
_LEASE_OVER = _IN_HAND.where(schema.touch.c.due <= _NOW)


def _pairs(connection: sa.Connection, statement: Any, **given: Any) -> tuple[tuple[Touch, Enrollment], ...]:
    found = statement.rows(connection, **given) if isinstance(statement, Prepared) else connection.execute(statement, given)
    size = len(rows.names(Touch))
    return tuple((rows.made(Touch, row[:size]), rows.made(Enrollment, row[size:])) for row in found)


def next_due(connection: sa.Connection, mailboxes: Sequence[str]) -> datetime | None:
    """When the next touch is due, or the next letter or round."""
    if not mailboxes:
        return None
    by_index(connection)
    return min((due for (due,) in _EARLIEST.rows(connection, mailboxes=mailboxes) if due is not None), default=None)


def first_due(connection: sa.Connection, mailboxes: Sequence[str]) -> dict[str, datetime]:
    """When the next touch of each mailbox is due, where one is planned."""
    return {name: due for name, due in _FIRST_DUE.rows(connection, mailboxes=mailboxes) if due is not None}


def _earliest(table: sa.Table, *conditions: Any) -> Any:
    return sa.select(sa.func.min(table.c.due)).where(among(table.c.mailbox, "mailboxes"), *conditions)


def _first_due() -> sa.Select[Any]:
    """One look into the due index for each mailbox. The order with the limit makes PostgreSQL walk the index."""
    touch, one = schema.touch.c, each("mailboxes", "one")
    first = sa.select(touch.due).where(touch.mailbox == one.c.value, schema.DUE).order_by(touch.due).limit(1)
    return sa.select(one.c.value, first.correlate(one).scalar_subquery())


def _earliest_of_all() -> sa.CompoundSelect[Any]:
    first = _first_due().subquery()
    return sa.union_all(sa.select(sa.func.min(first.c[1])), _earliest(schema.letter, schema.LETTER_DUE), _earliest(schema.round_))


_FIRST_DUE = Prepared(_first_due())
_EARLIEST = Prepared(_earliest_of_all())


def next_date(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> datetime | None:
    """When a turn of the claim loop would find something to do next, if nobody writes to the store before; `now` where it well may already."""
    if any(connection.execute(one).first() for one in _NOT_QUIET):
        return now
    dates = [next_due(connection, mailboxes), *(connection.execute(one).scalar() for one in _DATES)]
    return min((date for date in dates if date is not None), default=None)


_DATES = tuple(
    sa.select(column).where(*conditions).order_by(column).limit(1)
    for column, *conditions in (
        (schema.enrollment.c.until, schema.enrollment.c.until.is_not(None), schema.enrollment.c.state != _FINISHED),
        (schema.touch.c.deadline, schema.WITH_DEADLINE),
        (schema.task.c.remind, schema.TO_REMIND),
        (schema.task.c.escalate, schema.TO_ESCALATE),
    )
)
_NOT_QUIET = (
    sa.select(schema.alarm.c.key).where(schema.alarm.c.over.is_(None)).limit(1),
    sa.select(schema.touch.c.id).where(schema.IN_HAND).limit(1),
    sa.select(schema.letter_answer.c.id).where(schema.ANSWER_OPEN).limit(1),
)
"""What may be over at any moment: an alarm, a mail in hand, an answer to a letter that waits for its proof."""


def chores(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> dict[str, Any]:
    """Which questions of a turn have an answer, by the verb that asks them; and how many suppressions there are."""
    by_index(connection)
    return dict(zip(_CHORES, _ANY_CHORES.one(connection, mailboxes=mailboxes, now=now), strict=True))


def _chores() -> dict[str, Any]:
    e, t, k, alarm = schema.enrollment.c, schema.touch.c, schema.task.c, schema.alarm.c
    letter, answer, round_ = schema.letter.c, schema.letter_answer.c, schema.round_.c
    one = each("mailboxes", "one")
    first = sa.select(t.due).where(t.mailbox == one.c.value, schema.DUE).order_by(t.due).limit(1).correlate(one).scalar_subquery()
    remind = sa.exists().where(schema.TO_REMIND, k.remind <= _NOW).select_from(schema.task)
    escalate = sa.exists().where(schema.TO_ESCALATE, k.escalate <= _NOW).select_from(schema.task)
    return {
        "ripe": sa.exists().where(e.until.is_not(None), e.until <= _NOW, e.state != _FINISHED),
        "overdue": sa.exists().where(t.deadline <= _NOW, schema.WITH_DEADLINE),
        "alarms": sa.or_(remind, escalate),
        "alarms_up": sa.exists().where(alarm.over.is_(None)),
        "in_hand": sa.exists().where(schema.IN_HAND, t.due <= _NOW),
        "letter_answers": sa.exists().where(schema.ANSWER_OPEN, among(answer.mailbox, "mailboxes")),
        "letters_due": sa.exists().where(schema.LETTER_DUE, among(letter.mailbox, "mailboxes"), letter.due <= _NOW),
        "rounds_due": sa.exists().where(among(round_.mailbox, "mailboxes"), round_.due <= _NOW),
        "claim_due": sa.exists(sa.select(1).select_from(one).where(first <= _NOW)),
        "suppressed_under_way": sa.select(sa.func.count()).select_from(schema.suppression).scalar_subquery(),
    }


_CHORES = _chores()
_ANY_CHORES = Prepared(sa.select(*_CHORES.values()))


# -- our own people ------------------------------------------------------------------------------


def letters_due(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> tuple[Letter, ...]:
    """Letters that are to be sent now, oldest first."""
    return _asked(connection, Letter, _LETTERS_DUE, mailboxes=mailboxes, now=now)


_LETTERS_DUE = rows.select(Letter).where(
    schema.LETTER_DUE, schema.letter.c.mailbox.in_(_MAILBOXES), schema.letter.c.due <= _NOW
).order_by(schema.letter.c.due).limit(20)  # fmt: skip


def letters_of(connection: sa.Connection, mailbox: str, kind: str, since: datetime) -> tuple[Letter, ...]:
    """The letters of a kind that were written about a mailbox since then, oldest first."""
    c = schema.letter.c
    return listed(connection, Letter, c.mailbox == mailbox, c.kind == kind, c.created >= since, order=c.created, limit=1000)


def letters_in_hand(connection: sa.Connection) -> tuple[Letter, ...]:
    """Letters that were begun and of which nobody has said how that ended."""
    return listed(connection, Letter, schema.letter.c.state == "sending", order=schema.letter.c.created, limit=1000)


def letters_to(connection: sa.Connection, address: str, since: datetime) -> tuple[Letter, ...]:
    """The letters to somebody of ours that were written since then, newest first."""
    c = schema.letter.c
    return listed(connection, Letter, c.to == address, c.created >= since, order=c.created.desc(), limit=1000)


def letter_answers(connection: sa.Connection, mailboxes: Sequence[str]) -> tuple[LetterAnswer, ...]:
    """Answers to letters that have not had their effect yet: those that are proved first, whatever others have sent."""
    found = (_asked(connection, LetterAnswer, _ANSWERS, mailboxes=mailboxes, state=state) for state in ("proved", "waiting"))
    return tuple(answer for answers in found for answer in answers)


_ANSWERS = rows.select(LetterAnswer).where(
    schema.ANSWER_OPEN, schema.letter_answer.c.state == sa.bindparam("state"), schema.letter_answer.c.mailbox.in_(_MAILBOXES)
).order_by(schema.letter_answer.c.received).limit(100)  # fmt: skip


def answers_to(connection: sa.Connection, letter: str) -> tuple[LetterAnswer, ...]:
    """What was answered to a letter, by whomever."""
    c = schema.letter_answer.c
    return listed(connection, LetterAnswer, c.letter == letter, order=c.received, limit=1000)


def rounds_due(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> tuple[Round, ...]:
    """What is to be done again now."""
    return _asked(connection, Round, _ROUNDS_DUE, mailboxes=mailboxes, now=now)


_ROUNDS_DUE = rows.select(Round).where(
    schema.round_.c.mailbox.in_(_MAILBOXES), schema.round_.c.due <= _NOW
).order_by(schema.round_.c.due).limit(1000)  # fmt: skip


def facts(connection: sa.Connection, address: str | None) -> tuple[Fact, ...]:
    """What was learned about a person, or about everybody, oldest first."""
    if not address:
        return listed(connection, Fact, order=schema.fact.c.at, limit=1_000_000)
    return tuple(rows.made(Fact, row) for row in _FACTS_OF.rows(connection, address=address))


_FACTS_OF = Prepared(rows.select(Fact).where(schema.fact.c.address == sa.bindparam("address")).order_by(schema.fact.c.at))


def answers_since(connection: sa.Connection, mailbox: str, since: datetime) -> tuple[Reply, ...]:
    """What people of a mailbox have answered since then, oldest first: what was read there, and elsewhere by those who were handed over.

    What a rep has said of somebody lies in no folder, and is none.
    """
    r, e = schema.reply.c, schema.enrollment.c
    handed = handed_over(e.address, mailbox)
    gone = sa.and_(r.mailbox == mailbox, r.enrollment.not_in(sa.select(e.id).where(e.mailbox != mailbox, handed)))
    come = sa.and_(r.mailbox != mailbox, r.enrollment.in_(sa.select(e.id).where(e.mailbox == mailbox, handed)))
    read = (r.folder != "", r.received > since - LATE, r.seen > since)
    return listed(connection, Reply, sa.or_(gone, come), *read, order=r.received)


LATE = timedelta(days=30)
"""A mail that lay unread for longer is no news."""


def people(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, Prospect]:
    """Who these are, as far as they are known."""
    return {one.address: one for one in _in(connection, Prospect, schema.prospect.c.address, set(addresses))}


def last_words(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, datetime]:
    """When these people last wrote themselves."""
    e, r = schema.enrollment.c, schema.reply.c
    listed_, found = sorted(set(addresses)), {}
    for start in range(0, len(listed_), 500):
        few = e.address.in_(listed_[start : start + 500])
        last = (
            sa.select(e.address, sa.func.max(r.received).label("at")).join(schema.enrollment, e.id == r.enrollment)
            .where(few, r.folder != "", r.kind.not_in([kind.value for kind in AUTOMATIC])).group_by(e.address)
        )  # fmt: skip
        found.update({row.address: row.at for row in connection.execute(last)})
    return found


def leaving(
    connection: sa.Connection, mailbox: str, until: datetime, limit: int
) -> tuple[dict[str, int], tuple[tuple[Touch, Enrollment], ...]]:
    """The mails that are due by then: how many of each cadence, and the first of them."""
    t, e = schema.touch.c, schema.enrollment.c
    mine = (t.mailbox == mailbox, schema.DUE, t.due < until, t.channel == "email")
    counts = sa.select(e.cadence, sa.func.count()).join(schema.touch, t.enrollment == e.id).where(*mine).group_by(e.cadence)
    first = (
        sa.select(*rows.labelled(Touch, "t_"), *rows.labelled(Enrollment, "e_"))
        .join(schema.enrollment, e.id == t.enrollment).where(*mine).order_by(t.due, t.id).limit(limit)
    )  # fmt: skip
    return {row[0]: row[1] for row in connection.execute(counts.order_by(sa.func.count().desc(), e.cadence))}, _pairs(
        connection, first
    )


def standing_still(connection: sa.Connection, mailbox: str, limit: int) -> tuple[Enrollment, ...]:
    """Enrollments that no date sets going again, longest first."""
    e = schema.enrollment.c
    stands = sa.or_(e.state == EnrollmentState.HELD, sa.and_(e.state == EnrollmentState.PAUSED, e.until.is_(None)))
    return listed(connection, Enrollment, e.mailbox == mailbox, stands, order=e.still_since, limit=limit)


def ripe(connection: sa.Connection, now: datetime, limit: int) -> tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]:
    """Enrollments whose `until` has come: pauses that end, and last waits that are over."""
    return tuple(with_touches(connection, one) for one in _asked(connection, Enrollment, _RIPE, now=now, limit=limit))


_RIPE = rows.select(Enrollment).where(
    schema.enrollment.c.until.is_not(None), schema.enrollment.c.until <= _NOW, schema.enrollment.c.state != _FINISHED
).order_by(schema.enrollment.c.until).limit(_LIMIT)  # fmt: skip


def with_touches(connection: sa.Connection, enrollment: Enrollment) -> tuple[Enrollment, Prospect, tuple[Touch, ...]]:
    """An enrollment with its person and its unsettled touches."""
    prospect = _one(connection, Prospect, schema.prospect.c.id, enrollment.prospect)
    assert prospect is not None
    t = schema.touch.c
    touches = rows.select(Touch).where(t.enrollment == enrollment.id, t.state.in_(UNSETTLED))
    return enrollment, prospect, rows.nouns(Touch, connection.execute(touches).mappings())


def under_way(connection: sa.Connection) -> tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]:
    """Every unfinished enrollment with its person and its unsettled touches, in the order of their beginning."""
    e, t, p = schema.enrollment.c, schema.touch.c, schema.prospect.c
    going = listed(connection, Enrollment, e.state != _FINISHED, order=e.started, limit=1_000_000)
    mine = sa.select(e.prospect).where(e.state != _FINISHED)
    people = {one.id: one for one in listed(connection, Prospect, p.id.in_(mine), limit=1_000_000)}
    touches: dict[str, list[Touch]] = {}
    for touch in listed(connection, Touch, t.state.in_(UNSETTLED), order=t.position, limit=10_000_000):
        touches.setdefault(touch.enrollment, []).append(touch)
    return tuple((one, people[one.prospect], tuple(touches.get(one.id, ()))) for one in going)


def to_meet(connection: sa.Connection, mailbox: str) -> tuple[tuple[Enrollment, Prospect], ...]:
    """Unfinished enrollments of a mailbox whose person brings the date of a meeting."""
    e, p = schema.enrollment.c, schema.prospect.c
    statement = (
        sa.select(*rows.labelled(Enrollment, "e_"), *rows.labelled(Prospect, "p_"))
        .join(schema.prospect, p.id == e.prospect)
        .where(e.address.in_(sa.select(p.address).where(schema.TO_MEET)), e.mailbox == mailbox, e.state != _FINISHED).order_by(e.started)
    )  # fmt: skip
    found = connection.execute(statement).mappings()
    return tuple((rows.noun(Enrollment, row, "e_"), rows.noun(Prospect, row, "p_")) for row in found)


def touches_under_way(connection: sa.Connection) -> dict[str, tuple[Touch, ...]]:
    """All touches of unfinished enrollments, in whatever state, by enrollment."""
    e, t = schema.enrollment.c, schema.touch.c
    mine = sa.select(e.id).where(e.state != _FINISHED)
    found: dict[str, list[Touch]] = {}
    for touch in listed(connection, Touch, t.enrollment.in_(mine), order=t.position, limit=10_000_000):
        found.setdefault(touch.enrollment, []).append(touch)
    return {enrollment: tuple(touches) for enrollment, touches in found.items()}


def taken(connection: sa.Connection) -> dict[str, tuple[Taken, ...]]:
    """The content items that each person has had, oldest first."""
    had = schema.item_taken.c
    found: dict[str, list[Taken]] = {}
    for row in connection.execute(sa.select(schema.item_taken).order_by(had.at, had.item)).mappings():
        found.setdefault(row["address"], []).append(Taken(**row))
    return {address: tuple(items) for address, items in found.items()}


def overdue(connection: sa.Connection, now: datetime, limit: int) -> tuple[tuple[Touch, Enrollment], ...]:
    """Touches whose deadline is over, of enrollments that are under way."""
    return _pairs(connection, _OVERDUE, now=now, limit=limit)


_OVERDUE = rows.with_enrollment(Touch, "t_").where(
    schema.touch.c.deadline <= _NOW, schema.WITH_DEADLINE
).order_by(schema.touch.c.deadline).limit(_LIMIT)  # fmt: skip


def alarms(connection: sa.Connection, now: datetime, limit: int) -> tuple[Task, ...]:
    """Open tasks whose owner is to be reminded, or whose owner's manager is to be told, oldest first."""
    found = {one.id: one for each in _ALARMS for one in _asked(connection, Task, each, now=now, limit=limit)}
    return tuple(sorted(found.values(), key=lambda one: (one.created, one.id)))


_ALARMS = tuple(
    rows.select(Task).where(condition, column <= _NOW).order_by(column).limit(_LIMIT)
    for condition, column in ((schema.TO_REMIND, schema.task.c.remind), (schema.TO_ESCALATE, schema.task.c.escalate))
)


def waiting_for(connection: sa.Connection, addresses: Sequence[str], ids: Sequence[str]) -> tuple[tuple[Task, Reply], ...]:
    """Open tasks that come from answers: about these people, from these writers, or from mails of these Message-IDs."""
    found = _waiting_for().rows(connection, addresses=list(addresses), ids=[one for one in ids if one])
    size = len(rows.names(Task))
    return tuple((rows.made(Task, row[:size]), rows.made(Reply, row[size:])) for row in found)


@cache
def _waiting_for() -> Prepared:
    k, r = schema.task.c, schema.reply.c
    whom = sa.or_(among(k.address, "addresses"), among(r.address, "addresses"), among(r.message_id, "ids"))
    return Prepared(
        sa.select(*rows.columns(Task), *rows.columns(Reply))
        .join(schema.reply, r.id == k.reply).where(k.state == "open", k.reply != "", whom).order_by(r.received, k.id).limit(1000)
    )  # fmt: skip


def by_hand_since(connection: sa.Connection, addresses: Sequence[str], since: datetime) -> bool:
    """Whether the rep has written to one of these people by hand since then."""
    s = schema.seen_mail.c
    found = sa.select(s.uid).where(s.touch == "", s.address.in_(list(addresses)), s.at >= since).limit(1)
    return connection.execute(found).first() is not None


def suppressed_under_way(connection: sa.Connection, limit: int) -> tuple[tuple[Enrollment, Suppression], ...]:
    """Enrollments that go on although their person is suppressed: they are to be finished.

    By their addresses first, which an index finds; everybody is gone through only where a whole domain is suppressed.
    """
    e, s = schema.enrollment.c, schema.suppression.c
    address, domain = sa.select(s.key).where(s.key.not_like("@%")), sa.select(s.key).where(s.key.like("@%"))
    going = {one.id: one for one in listed(connection, Enrollment, e.address.in_(address), e.state != _FINISHED, limit=limit)}
    if len(going) < limit and connection.execute(domain.limit(1)).first():
        theirs = listed(connection, Enrollment, domain_of(e.address).in_(domain), e.state != _FINISHED, limit=limit)
        going |= {one.id: one for one in theirs}
    keys = {key for one in going.values() for key in suppression_keys(one.address)}
    known = {one.key: one for one in _in(connection, Suppression, s.key, list(keys))}
    found = ((one, next((known[key] for key in suppression_keys(one.address) if key in known), None)) for one in going.values())
    return tuple((one, suppressed) for one, suppressed in found if suppressed is not None)


def cursors(connection: sa.Connection, mailbox: str) -> dict[str, Cursor]:
    """Where the watcher stands, for each folder."""
    c = schema.cursor.c
    return {
        row["folder"]: Cursor(**row)
        for row in connection.execute(sa.select(schema.cursor).where(c.mailbox == mailbox)).mappings()
    }


def blocked_since(connection: sa.Connection, mailbox: str, since: datetime, but: str) -> int:
    """How many mails were refused for what we are, as reports since then say."""
    return _reported(connection, ReplyKind.BOUNCE_BLOCKED, mailbox, since, but)


def complaints_since(connection: sa.Connection, mailbox: str, since: datetime, but: str) -> int:
    """How many mails were complained about since then."""
    return _reported(connection, ReplyKind.COMPLAINT, mailbox, since, but)


def _reported(connection: sa.Connection, kind: ReplyKind, mailbox: str, since: datetime, but: str) -> int:
    """Mails with reports of this kind, each once: whoever has one of our mails can write any number of reports about it."""
    r = schema.reply.c
    mails = sa.case((r.touch == "", r.id), else_=r.touch)
    return connection.execute(
        sa.select(sa.func.count(sa.distinct(mails))).where(r.mailbox == mailbox, r.kind == kind, r.seen > since, mails != but)
    ).scalar_one()


def bounced(connection: sa.Connection, mailbox: str, last: int) -> tuple[int, int]:
    """Bounces among the last mails, and how many mails these are; what was before the mailbox was last resumed is forgiven."""
    t, s, a = schema.touch.c, schema.suppression.c, schema.alarm.c
    forgiven = connection.execute(sa.select(a.over).where(a.key == f"bounces:{mailbox}")).scalar()
    mails = sa.select(t.address, t.state).where(
        t.mailbox == mailbox, schema.SENT,
        *([t.settled > forgiven] if forgiven else []),
    ).order_by(t.settled.desc()).limit(last).subquery()  # fmt: skip
    gone = sa.select(1).where(s.key == mails.c.address, s.reason == GONE)
    bad = sa.and_(mails.c.state == TouchState.FAILED, sa.exists(gone))
    row = connection.execute(sa.select(sa.func.count().filter(bad), sa.func.count()).select_from(mails)).one()
    return row[0], row[1]


def unproved(connection: sa.Connection, mailbox: str, since: datetime, until: datetime) -> int:
    """How many mails without proof the mailbox has received in a span. Automatic ones that change nothing don't count."""
    r = schema.reply.c
    proved = (*belief.NAMED, belief.VOUCHED)
    return connection.execute(
        sa.select(sa.func.count()).where(
            r.mailbox == mailbox,
            r.received > since,
            r.received <= until,
            r.matched.not_in(proved),
            r.folder != "",  # the word of a rep
            r.kind != ReplyKind.AUTO_REPLY,
        )
    ).scalar_one()


def acknowledged(connection: sa.Connection, domain: str, since: datetime) -> int:
    """How many acknowledgements were begun for addresses of a domain since then."""
    e = schema.enrollment.c
    return connection.execute(
        sa.select(sa.func.count()).where(
            e.started > since, e.source.like(f"%, {courtesy.MARK} %"), domain_of(e.address) == f"@{domain}"
        )
    ).scalar_one()


# -- for people ----------------------------------------------------------------------------------


def person(connection: sa.Connection, address: str) -> tuple[Prospect | None, tuple[Enrollment, ...]]:
    """Who that is, and all enrollments, latest first."""
    e = schema.enrollment.c
    found = connection.execute(rows.select(Enrollment).where(e.address == address).order_by(e.started.desc(), e.id)).mappings()
    return _one(connection, Prospect, schema.prospect.c.address, address), rows.nouns(Enrollment, found)


def touches_of(connection: sa.Connection, enrollment: str) -> tuple[Touch, ...]:
    """All touches of an enrollment, in the order of their steps."""
    t = schema.touch.c
    return rows.nouns(
        Touch,
        connection.execute(rows.select(Touch).where(t.enrollment == enrollment).order_by(t.position)).mappings(),
    )


def timeline(connection: sa.Connection, address: str, limit: int) -> tuple[Event, ...]:
    """Everything that happened to a person, oldest first."""
    v = schema.event.c
    latest = sa.select(schema.event).where(v.address == address).order_by(v.number.desc()).limit(limit)
    found = [
        Event(**{name: value for name, value in row.items() if name != "number"}) for row in connection.execute(latest).mappings()
    ]
    return tuple(reversed(found))


def listed(
    connection: sa.Connection, kind: type[rows.Noun], *conditions: Any, order: Any = None, limit: int = 1000
) -> tuple[rows.Noun, ...]:
    """Nouns of one kind under conditions."""
    statement = rows.select(kind).where(*conditions).order_by(order).limit(limit)
    return rows.nouns(kind, connection.execute(statement).mappings())


def tasks(connection: sa.Connection, owner: str | None) -> tuple[Task, ...]:
    """Open tasks, the most pressing first."""
    k = schema.task.c
    mine = (k.owner == owner,) if owner else ()
    return listed(connection, Task, k.state == "open", *mine, order=sa.func.coalesce(k.deadline, k.created))


def reviews_of(connection: sa.Connection, enrollments: Sequence[str]) -> tuple[Reply, ...]:
    """The replies of these enrollments that wait for a human's word."""
    return tuple(rows.made(Reply, row) for row in _reviews_of().rows(connection, enrollments=list(enrollments)))


@cache
def _reviews_of() -> Prepared:
    r = schema.reply.c
    return Prepared(rows.select(Reply).where(schema.FOR_REVIEW, among(r.enrollment, "enrollments")).order_by(r.received))


def reviews(connection: sa.Connection) -> tuple[tuple[Reply, ...], tuple[tuple[Touch, Enrollment, bytes], ...]]:
    """What waits for a human's word: replies in doubt, and doubtful touches with the bytes that may have left."""
    r, t = schema.reply.c, schema.touch.c
    replies = listed(connection, Reply, schema.FOR_REVIEW, order=r.received)
    statement = (
        sa.select(*rows.labelled(Touch, "t_"), *rows.labelled(Enrollment, "e_"), schema.mail.c.raw)
        .join(schema.enrollment, schema.enrollment.c.id == t.enrollment).outerjoin(schema.mail, schema.mail.c.touch == t.id)
        .where(schema.IN_DOUBT).order_by(t.settled)
    )  # fmt: skip
    found = connection.execute(statement).mappings().all()
    return replies, tuple((rows.noun(Touch, row, "t_"), rows.noun(Enrollment, row, "e_"), row["raw"] or b"") for row in found)


def decisions(connection: sa.Connection) -> tuple[tuple[Reply, Prospect, str], ...]:
    """Replies whose meaning a human has said, with the person and the mail of ours that each answers."""
    found = []
    for reply in listed(
        connection, Reply, schema.reply.c.evidence.like("decided by %"), order=schema.reply.c.received, limit=100_000
    ):
        enrollment = _one(connection, Enrollment, schema.enrollment.c.id, reply.enrollment)
        prospect = _one(connection, Prospect, schema.prospect.c.id, enrollment.prospect) if enrollment else None
        if prospect is None:
            continue
        mail = schema.mail.c
        which = mail.touch == reply.touch if reply.touch else mail.touch.in_(touches_in(reply.enrollment))
        asked = connection.execute(
            sa.select(mail.text).where(which, mail.gated <= reply.received).order_by(mail.gated.desc()).limit(1)
        ).scalar()
        found.append((reply, prospect, asked or ""))
    return tuple(found)


def suppressions(connection: sa.Connection) -> tuple[Suppression, ...]:
    """Whom nobody may write to."""
    return listed(connection, Suppression, order=schema.suppression.c.at, limit=1_000_000)


def switches(connection: sa.Connection) -> tuple[Switch, ...]:
    """Which scopes a human or a breaker has stopped."""
    return tuple(Switch(**row) for row in connection.execute(sa.select(schema.switch)).mappings())


def doubtful(connection: sa.Connection) -> tuple[tuple[Touch, Enrollment], ...]:
    """Touches in doubt, oldest first."""
    return _pairs(connection, _DOUBTFUL)


_DOUBTFUL = Prepared(rows.with_enrollment(Touch, "t_").where(schema.IN_DOUBT).order_by(schema.touch.c.settled).limit(1000))


_KEPT = sa.select(
    *((schema.touch if field.name in ("left", "copy") else schema.mail).c[field.name] for field in fields(KeptMail))
).join(schema.touch, schema.touch.c.id == schema.mail.c.touch)


def kept_mail(connection: sa.Connection, touch: str) -> KeptMail | None:
    """The bytes of a touch."""
    found = connection.execute(_KEPT.where(schema.mail.c.touch == touch)).mappings().first()
    return KeptMail(**found) if found else None


def copies_wanted(connection: sa.Connection, mailbox: str, limit: int) -> tuple[KeptMail, ...]:
    """Mails whose copy is not settled."""
    return tuple(filled(KeptMail, row) for row in _COPIES_WANTED.rows(connection, mailbox=mailbox, limit=limit))


_COPIES_WANTED = Prepared(
    _KEPT.where(schema.COPY_WANTED, schema.touch.c.mailbox == sa.bindparam("mailbox")).order_by(schema.mail.c.gated).limit(_LIMIT)
)


def seen_of(connection: sa.Connection, touch: str) -> tuple[Seen, ...]:
    """Where copies of a touch lie."""
    found = sa.select(schema.seen_mail).where(schema.seen_mail.c.touch == touch).order_by(schema.seen_mail.c.at)
    return tuple(Seen(**row) for row in connection.execute(found).mappings())


def sent_keeping(connection: sa.Connection, mailbox: str) -> SentKeeping:
    """What is known of a mailbox's sent mails."""
    found = _SENT_KEEPING.rows(connection, mailbox=mailbox)
    return filled(SentKeeping, found[0]) if found else SentKeeping()


_SENT_KEEPING = Prepared(
    sa.select(*(schema.mailbox.c[field.name] for field in fields(SentKeeping))).where(
        schema.mailbox.c.name == sa.bindparam("mailbox")
    )
)


def open_of(connection: sa.Connection, addresses: Sequence[str]) -> tuple[Enrollment, ...]:
    """Unfinished enrollments of these people."""
    e = schema.enrollment.c
    return tuple(one for one in _in(connection, Enrollment, e.address, addresses) if one.state != EnrollmentState.FINISHED)


def colleagues(connection: sa.Connection, company: str) -> tuple[Enrollment, ...]:
    """Unfinished enrollments at a company."""
    e = schema.enrollment.c
    ends = sa.or_(e.address.endswith(f"@{company}", autoescape=True), e.address.endswith(f".{company}", autoescape=True))
    found = listed(connection, Enrollment, e.state != _FINISHED, ends, order=e.started, limit=100_000)
    return tuple(one for one in found if guards.company_of(one.address) == company)


def referrals(connection: sa.Connection, mailbox: str, since: datetime) -> tuple[tuple[Reply, Enrollment], ...]:
    """Answers that name somebody else, to the people of a mailbox, oldest first."""
    e, r = schema.enrollment.c, schema.reply.c
    statement = (
        sa.select(*rows.labelled(Reply, "r_"), *rows.labelled(Enrollment, "e_")).join(schema.enrollment, e.id == r.enrollment)
        .where(e.mailbox == mailbox, r.kind == ReplyKind.REFERRAL.value, r.contact.is_not(None), r.received > since).order_by(r.received)
    )  # fmt: skip
    found = connection.execute(statement).mappings()
    return tuple((rows.noun(Reply, row, "r_"), rows.noun(Enrollment, row, "e_")) for row in found)


def old_noes(connection: sa.Connection, before: datetime) -> tuple[str, ...]:
    """Who has said no in something that ended by then."""
    e = schema.enrollment.c
    found = sa.select(e.address).distinct().where(e.outcome == Outcome.NO.value, e.finished <= before).order_by(e.address)
    return tuple(connection.execute(found).scalars())


def replies_of(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, tuple[Reply, ...]]:
    """What came back in the enrollments of these people, oldest first."""
    e, r = schema.enrollment.c, schema.reply.c
    found: dict[str, list[Reply]] = {}
    for start in range(0, len(addresses), 500):
        statement = (
            sa.select(*rows.columns(Reply), e.address.label("whose")).join(schema.enrollment, e.id == r.enrollment)
            .where(e.address.in_(addresses[start : start + 500])).order_by(r.received)
        )  # fmt: skip
        for row in connection.execute(statement).mappings():
            found.setdefault(row["whose"], []).append(rows.noun(Reply, row))
    return {address: tuple(replies) for address, replies in found.items()}


def belonging(connection: sa.Connection, mailbox: str) -> tuple[str, ...]:
    """The addresses of people who belong to a mailbox: by their owner, by what is under way, by a task that waits."""
    e, p, k = schema.enrollment.c, schema.prospect.c, schema.task.c
    found = sa.union(
        sa.select(e.address).where(e.mailbox == mailbox, e.state != _FINISHED),
        sa.select(p.address).where(p.owner == mailbox),
        sa.select(k.address).where(k.owner == mailbox, k.state == "open", k.address.in_(sa.select(p.address))),
    )
    return tuple(sorted(connection.execute(found).scalars()))


def handovers(connection: sa.Connection, address: str | None, taker: str | None) -> tuple[Handover, ...]:
    """How a person went from mailbox to mailbox, oldest first; or who is with a taker until a date."""
    h = schema.handover.c
    if address and not taker:
        return tuple(rows.made(Handover, row) for row in _handovers_of().rows(connection, address=address))
    wanted = [h.address == address] if address else []
    wanted += [h.taker == taker, h.state == "moved", h.until.is_not(None)] if taker else []
    return listed(connection, Handover, *wanted, order=h.at, limit=1_000_000)


@cache
def _handovers_of() -> Prepared:
    h = schema.handover.c
    return Prepared(rows.select(Handover).where(h.address == sa.bindparam("address")).order_by(h.at))


def company_words(connection: sa.Connection, since: datetime) -> tuple[CompanyWord, ...]:
    """What was said for certain since then, oldest first."""
    c = schema.company_word.c
    return listed(connection, CompanyWord, c.at >= since, order=c.at, limit=100_000)


def unread(connection: sa.Connection, mailbox: str, places: Sequence[tuple[str, int, int, str]]) -> tuple[int, ...]:
    """Which of these mails have no record."""
    r = schema.reply.c
    found = []
    for number, (folder, uidvalidity, uid, message_id) in enumerate(places):
        ways = [sa.and_(r.folder == folder, r.uidvalidity == uidvalidity, r.uid == uid)]
        ways += [r.message_id == message_id] if message_id else []
        questions = (sa.select(r.id).where(r.mailbox == mailbox, way).limit(1) for way in ways)
        if all(connection.execute(question).first() is None for question in questions):
            found.append(number)
    return tuple(found)


def crossed(connection: sa.Connection, address: str, received: datetime) -> tuple[tuple[str, datetime, datetime], ...]:
    """Mails that left after an answer had arrived."""
    return tuple((touch, looked, left) for touch, looked, left in _crossed().rows(connection, address=address, received=received))


@cache
def _crossed() -> Prepared:
    t, m = schema.touch.c, schema.mail.c
    later = t.left > sa.bindparam("received", type_=schema.Instant)
    return Prepared(
        sa.select(m.touch, m.looked, t.left).join(schema.touch, t.id == m.touch)
        .where(t.address == sa.bindparam("address"), later).order_by(t.left)
    )  # fmt: skip


def left_undone(connection: sa.Connection, mailbox: str, until: datetime) -> tuple[Enrollment, ...]:
    """Enrollments with a scheduled mail that was due by then, however long it had waited for its turn."""
    t, e = schema.touch.c, schema.enrollment.c
    due = sa.select(t.enrollment).where(t.mailbox == mailbox, schema.DUE, t.due <= until, t.channel == "email")
    return listed(
        connection, Enrollment, e.id.in_(due), e.state == EnrollmentState.ACTIVE.value, order=e.started, limit=1_000_000
    )


def alarms_up(connection: sa.Connection, untold: bool) -> tuple[Alarm, ...]:
    """Alarms that are not over, oldest first."""
    found = (_UNTOLD if untold else _UP).rows(connection)
    return tuple(Alarm(key=key, text=text, at=at, mailbox=mailbox) for key, text, at, mailbox in found)


_RAISED = sa.select(*(schema.alarm.c[name] for name in ("key", "text", "at", "mailbox"))).where(
    schema.alarm.c.over.is_(None)
).order_by(schema.alarm.c.at, schema.alarm.c.key)  # fmt: skip
_UP, _UNTOLD = Prepared(_RAISED), Prepared(_RAISED.where(schema.alarm.c.told.is_(None)))


def overview(connection: sa.Connection, now: datetime) -> dict[str, Any]:
    """The figures of `status`."""
    e, t, box = schema.enrollment.c, schema.touch.c, schema.mailbox.c
    states = connection.execute(
        sa.select(e.cadence, e.state, e.outcome, sa.func.count().label("count")).group_by(e.cadence, e.state, e.outcome)
    ).mappings()
    queue = connection.execute(
        sa.select(t.mailbox, t.channel, t.state, sa.func.count().label("count"), sa.func.min(t.due).label("next"))
        .where(t.state.in_(UNSETTLED)).group_by(t.mailbox, t.channel, t.state)
    ).mappings()  # fmt: skip
    sent = connection.execute(
        sa.select(t.mailbox, sa.func.count().label("count"))
        .where(t.channel == "email", t.state == TouchState.SENT, t.settled > now - timedelta(days=1)).group_by(t.mailbox)
    ).mappings()  # fmt: skip
    upcoming = rows.select(Touch).where(schema.DUE).order_by(t.due).limit(10)
    editions = connection.execute(
        sa.select(e.cadence, e.digest, sa.func.count().label("count")).where(e.state != "finished").group_by(e.cadence, e.digest)
    ).mappings()
    crossings = sa.select(schema.event.c.data).where(schema.CROSSING).order_by(schema.event.c.at.desc()).limit(10_000)
    return {
        "crossings": [dict(data) for (data,) in connection.execute(crossings)],
        "editions": [dict(row) for row in editions],
        "enrollments": [dict(row) for row in states],
        "queue": [dict(row) for row in queue],
        "sent_24h": {row["mailbox"]: row["count"] for row in sent},
        "next": rows.nouns(Touch, connection.execute(upcoming).mappings()),
        "mailboxes": [dict(row) for row in connection.execute(sa.select(schema.mailbox).order_by(box.name)).mappings()],
        "switches": switches(connection),
    }
