"""The figures of `report`: counts that the database makes, each in one statement. What they mean stands in `core/figures.py`.

Decides nothing. No statement brings single people: what comes back has as many rows as there are cadences, steps, kinds and days.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from followupd.core.answers import AUTOMATIC, BOUNCES
from followupd.core.courtesy import MARK
from followupd.core.figures import BESIDE, GIFT, REOPENS, Span
from followupd.core.keeping import REAL_REASON
from followupd.core.model import EnrollmentState, Outcome, ReplyKind, TouchState
from followupd.store import schema

Rows = list[dict[str, Any]]

_E, _T, _R, _F, _K = schema.enrollment.c, schema.touch.c, schema.reply.c, schema.fact.c, schema.task.c
_HUMAN = [kind.value for kind in ReplyKind if kind not in AUTOMATIC]
_SENT = _T.state == TouchState.SENT
_OVER = _E.state == EnrollmentState.FINISHED
_LEARNED = _F.about.in_(("learned", "reason"))  # a debrief says what we think of ourselves; lists and drafts teach nothing
_STILL_TO_COME = [TouchState.SCHEDULED.value, TouchState.SENDING.value, TouchState.OPEN.value]


class Days(FunctionElement[int]):
    """From the date of one instant to that of another, in days (UTC)."""

    type = sa.Integer()
    inherit_cache = True


@compiles(Days, "sqlite")
def _(element: Days, compiler: Any, **more: Any) -> str:
    first, last = (f"julianday(substr({compiler.process(one, **more)}, 1, 10))" for one in element.clauses)
    return f"CAST({last} - {first} AS INTEGER)"


@compiles(Days, "postgresql")
def _(element: Days, compiler: Any, **more: Any) -> str:
    first, last = (f"CAST(substr({compiler.process(one, **more)}, 1, 10) AS date)" for one in element.clauses)
    return f"({last} - {first})"


def counted(connection: sa.Connection, span: Span) -> dict[str, Rows]:
    """Every count, by the name of its statement."""
    return {name: [dict(row) for row in connection.execute(made(span)).mappings()] for name, made in STATEMENTS.items()}


# -- whom and when -------------------------------------------------------------------------------


def _whose(span: Span) -> list[sa.ColumnElement[bool]]:
    """Enrollments of the mailbox and the cadence that are asked for."""
    wanted = ((_E.mailbox, span.mailbox), (_E.cadence, span.cadence))
    return [column == name for column, name in wanted if name]


def _in(column: sa.ColumnElement[Any], span: Span) -> list[sa.ColumnElement[bool]]:
    bounds: list[sa.ColumnElement[bool]] = [column.is_not(None)]
    bounds += [column >= span.since] if span.since else []
    return bounds + ([column < span.until] if span.until else [])


_COUNT = sa.func.count().label("count")


def _own(span: Span) -> list[sa.ColumnElement[bool]]:
    """The same without acknowledgements: each is one mail of the conversation, and leads to no outcome of its own."""
    return [_E.source.not_like(f"%{MARK}%"), *_whose(span)]


# -- enrollments ---------------------------------------------------------------------------------


def _under_way(span: Span) -> sa.Select[Any]:
    by = (_E.cadence, _E.digest, _E.mailbox, _E.state)
    return sa.select(*by, _COUNT).where(~_OVER, *_own(span)).group_by(*by)


def _endings(span: Span) -> sa.Select[Any]:
    by = (_E.cadence, _E.digest, _E.mailbox, _E.outcome)
    return sa.select(*by, _COUNT).where(_OVER, *_in(_E.finished, span), *_own(span)).group_by(*by)


def _firm(span: Span) -> list[sa.ColumnElement[bool]]:
    return [_OVER, _E.outcome.in_((Outcome.YES.value, Outcome.NO.value)), *_in(_E.finished, span), *_own(span)]


def _days(span: Span) -> sa.Select[Any]:
    by, days = (_E.cadence, _E.digest, _E.mailbox), Days(_E.started, _E.finished)
    return sa.select(*by, days.label("days"), _COUNT).where(*_firm(span)).group_by(*by, days)


_DECIDING, _NAMED = schema.reply.alias("deciding"), schema.touch.alias("named")
_CAME = sa.func.coalesce(
    sa.case((_NAMED.c.settled > _DECIDING.c.received, _NAMED.c.settled), else_=_DECIDING.c.received),
    _E.finished,
    type_=schema.Instant,
)
"""When the answer came that ended it; the clock of the mail server may be behind ours, and a mail that is answered was there before."""
_WITH_ANSWER = schema.enrollment.outerjoin(_DECIDING, _DECIDING.c.id == _E.answer).outerjoin(
    _NAMED, sa.and_(_NAMED.c.id == _DECIDING.c.touch, _NAMED.c.enrollment == _E.id)
)


def _decided(span: Span) -> sa.Select[Any]:
    before = (
        sa.select(sa.func.count())
        .where(_T.enrollment == _E.id, _SENT, _T.settled <= _CAME)
        .correlate(schema.enrollment, _DECIDING, _NAMED)
    )
    each = (
        sa.select(_E.digest, _E.outcome, before.scalar_subquery().label("touch"))
        .select_from(_WITH_ANSWER)
        .where(*_firm(span))
        .subquery()
        .c
    )
    by = (each.digest, each.touch, each.outcome)
    return sa.select(*by, _COUNT).group_by(*by)


def _reasons(span: Span) -> sa.Select[Any]:
    latest = (
        sa.select(_F.value).where(_F.address == _E.address, _F.about == "reason", _F.name == REAL_REASON, _F.at >= _E.finished)
        .order_by(_F.at.desc(), _F.id.desc()).limit(1).correlate(schema.enrollment)
    )  # fmt: skip
    each = (
        sa.select(_E.digest, _DECIDING.c.reason.label("stated"), latest.scalar_subquery().label("real"))
        .select_from(_WITH_ANSWER).where(*_firm(span), _E.outcome == Outcome.NO)
    ).subquery().c  # fmt: skip
    by = (each.digest, each.stated, each.real)
    return sa.select(*by, _COUNT).group_by(*by)


def _reopened(span: Span) -> sa.Select[Any]:
    again = sa.or_(_E.cadence == REOPENS, _E.source.like("%, came from old_no%"))
    when = sa.or_(~_OVER, sa.and_(*_in(_E.finished, span)))
    return sa.select(_E.state, _E.outcome, _COUNT).where(again, when, *_own(span)).group_by(_E.state, _E.outcome)


# -- touches -------------------------------------------------------------------------------------

_OF_TOUCH = schema.touch.join(schema.enrollment, _E.id == _T.enrollment)
_STEP = (_E.cadence, _T.step, _T.channel)
_PLACE = sa.func.min(_T.position).label("position")


def _steps(span: Span) -> sa.Select[Any]:
    when = sa.or_(_T.state.in_(_STILL_TO_COME), sa.and_(*_in(_T.settled, span)))
    return (
        sa.select(*_STEP, _T.state, _PLACE, _COUNT).select_from(_OF_TOUCH).where(when, *_whose(span)).group_by(*_STEP, _T.state)
    )


def _answers() -> sa.CTE:
    """Each received mail with the touch that it came after: the last one sent before it in that enrollment. A bounce names its own."""
    came = sa.case((_NAMED.c.settled > _R.received, _NAMED.c.settled), else_=_R.received)
    last = (
        sa.select(_T.id).where(_T.enrollment == _R.enrollment, _SENT, _T.settled <= came).order_by(_T.settled.desc(), _T.position.desc())
        .limit(1).correlate(schema.reply, _NAMED).scalar_subquery()
    )  # fmt: skip
    named = sa.and_(_R.kind.in_([kind.value for kind in BOUNCES]), _R.touch != "")
    whole = schema.reply.outerjoin(_NAMED, sa.and_(_NAMED.c.id == _R.touch, _NAMED.c.enrollment == _R.enrollment))
    after = sa.case((named, _R.touch), else_=last).label("touch")
    return sa.select(_R.kind, after).select_from(whole).where(_R.enrollment != "").cte("answers").prefix_with("MATERIALIZED")


_TOUCHES = sa.func.count(sa.distinct(_T.id)).label("count")


def _kinds(span: Span) -> sa.Select[Any]:
    answers = _answers()
    joined = _OF_TOUCH.join(answers, answers.c.touch == _T.id)
    by = (*_STEP, answers.c.kind)
    return sa.select(*by, _TOUCHES).select_from(joined).where(*_in(_T.settled, span), *_whose(span)).group_by(*by)


def _answered(span: Span) -> sa.Select[Any]:
    answers = _answers()
    joined = _OF_TOUCH.join(answers, sa.and_(answers.c.touch == _T.id, answers.c.kind.in_(_HUMAN)))
    return sa.select(*_STEP, _TOUCHES).select_from(joined).where(_SENT, *_in(_T.settled, span), *_whose(span)).group_by(*_STEP)


def _taught(span: Span) -> sa.Select[Any]:
    answers = _answers()
    replies = sa.select(answers.c.touch).where(answers.c.kind.in_(_HUMAN), answers.c.touch.is_not(None))
    both = sa.union(replies, sa.select(_F.touch).where(_F.touch != "", _LEARNED)).subquery()
    joined = _OF_TOUCH.join(both, both.c.touch == _T.id)
    return sa.select(*_STEP, _TOUCHES).select_from(joined).where(_SENT, *_in(_T.settled, span), *_whose(span)).group_by(*_STEP)


def _learned(span: Span) -> sa.Select[Any]:
    joined = _OF_TOUCH.join(schema.fact, _F.touch == _T.id)
    when = (_LEARNED, _SENT, *_in(_T.settled, span), *_whose(span))
    return sa.select(_E.cadence, _T.step, _F.name, _COUNT).select_from(joined).where(*when).group_by(_E.cadence, _T.step, _F.name)


def _channels(span: Span) -> sa.Select[Any]:
    kind = sa.func.coalesce(_K.kind, "")
    joined = _OF_TOUCH.outerjoin(schema.task, _K.touch == _T.id)
    sent = (
        sa.select(_T.channel, kind.label("kind"), _T.mailbox, _COUNT)
        .select_from(joined)
        .where(_SENT, *_in(_T.settled, span), *_whose(span))
    )
    return sent.group_by(_T.channel, kind, _T.mailbox)


def _by_hand(span: Span) -> sa.Select[Any]:
    joined = schema.task.join(schema.enrollment, _E.id == _K.enrollment)
    done = (_K.touch == "", _K.kind.in_(BESIDE), _K.state == "done", *_in(_K.closed, span), *_whose(span))
    return sa.select(_K.kind, _COUNT).select_from(joined).where(*done).group_by(_K.kind)


# -- gifts before asks ---------------------------------------------------------------------------


def _gifts(span: Span) -> sa.Select[*tuple[Any, ...]]:
    i = schema.item_taken.c
    items = sa.select(i.address, i.at, sa.case((i.ours, 1), else_=0).label("ours")).where(i.at.is_not(None))
    brought = sa.select(_K.address, _K.closed, sa.literal(0)).where(_K.kind == GIFT, _K.state == "done")
    if _whose(span):
        items = items.join_from(schema.item_taken, schema.touch, _T.id == i.touch).join(schema.enrollment, _E.id == _T.enrollment)
        items = items.where(*_whose(span))
        brought = brought.join_from(schema.task, schema.enrollment, _E.id == _K.enrollment).where(*_whose(span))
    given = sa.union_all(items, brought).subquery("given").c
    first_ask = sa.func.min(sa.case((given.ours == 1, given.at))).over(partition_by=given.address).label("ask")
    each = sa.select(given.address, given.at, given.ours, first_ask).subquery("each").c
    people = (
        sa.select(
            sa.func.min(each.at).label("first"), sa.func.min(sa.case((each.ours == 0, each.at))).label("gift"),
            sa.func.min(each.ask).label("ask"), sa.func.count(sa.case((sa.and_(each.ours == 0, each.at < each.ask), 1))).label("before"),
        ).group_by(each.address).subquery("people").c
    )  # fmt: skip
    began, asked = sa.and_(*_in(people.first, span)), sa.and_(*_in(people.ask, span))
    gift_first = sa.and_(people.gift.is_not(None), sa.or_(people.ask.is_(None), people.gift < people.ask))
    return sa.select(
        sa.func.count(sa.case((began, 1))).label("people"), sa.func.count(sa.case((sa.and_(began, gift_first), 1))).label("gift_first"),
        sa.func.count(sa.case((asked, 1))).label("asked"),
        sa.cast(sa.func.coalesce(sa.func.sum(sa.case((asked, people.before), else_=0)), 0), sa.Integer).label("gifts"),
    )  # fmt: skip


STATEMENTS = {
    "under_way": _under_way, "endings": _endings, "days": _days, "decided": _decided, "reasons": _reasons, "reopened": _reopened,
    "steps": _steps, "kinds": _kinds, "answered": _answered, "taught": _taught, "learned": _learned, "channels": _channels, "by_hand": _by_hand,
    "gifts": _gifts,
}  # fmt: skip
