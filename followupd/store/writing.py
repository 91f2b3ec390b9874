"""How a `Change` is written: all of it or nothing, and only if nobody was there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from followupd.core.model import Alarm, Change, Enrollment, EnrollmentState, Prospect, Touch, TouchState
from followupd.store import rows, schema
from followupd.store.engine import insert
from followupd.store.prepared import Prepared, among

TOLD = ("left", "copy")
"""What is told of a mail and stands with its touch."""

UNSETTLED = (TouchState.SCHEDULED.value, TouchState.SENDING.value, TouchState.OPEN.value, TouchState.DOUBTFUL.value)


class Stale(Exception):
    """Somebody else has moved a row since it was read: read again, and judge again."""


def write(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    """Write one change; raises Stale, and then nothing of it may stay."""
    write_prospects(connection, engine, change.prospects)
    moved = [enrollment for enrollment in change.enrollments if _versioned(connection, engine, enrollment)]
    for touch in change.withdrawn:
        _withdraw(connection, touch)
    for touch in sorted(change.touches, key=lambda row: row.version == 0):  # settle the old one before the next is open
        _versioned(connection, engine, touch)
    for task in change.tasks:
        _versioned(connection, engine, task)
    for row in (*change.replies, *change.letters, *change.letter_answers, *change.rounds, *change.handovers):
        _versioned(connection, engine, row)
    follow(connection, moved)
    _write_plain(connection, engine, change)


def write_prospects(connection: sa.Connection, engine: sa.Engine, prospects: Sequence[Prospect]) -> None:
    """A later row may know more of a person; what it leaves out is kept as it was."""
    if not prospects:
        return
    stored = rows.select(Prospect).where(among(schema.prospect.c.id, "ids"))
    found = connection.execute(stored, {"ids": [prospect.id for prospect in prospects]}).mappings()
    known = {row.id: row for row in rows.nouns(Prospect, found)}
    values = []
    for prospect in prospects:
        known[prospect.id] = _joined(known[prospect.id], prospect) if prospect.id in known else prospect
        values.append(rows.values(known[prospect.id]))
    if values:
        statement = insert(schema.prospect, engine)
        later = {name: statement.excluded[name] for name in ("zone", "country", "owner", "columns")}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=later), values)


def _joined(known: Prospect, later: Prospect) -> Prospect:
    more = {name: text for name, text in later.columns.items() if text or name not in known.columns}
    return replace(
        later, zone=later.zone or known.zone, country=later.country or known.country, owner=later.owner or known.owner,
        columns={**known.columns, **more},
    )  # fmt: skip


def _versioned(connection: sa.Connection, engine: sa.Engine, row: Any) -> bool:
    """Write one row; False where it is new and lies there already."""
    table = rows.TABLES[type(row)]
    values = rows.values(row) | {"version": row.version + 1}
    if row.version == 0:
        added = connection.execute(_added(table, engine), values)
        # Inserting the same twice is harmless; a row that another promise keeps out must never vanish silently.
        if added.rowcount != 1 and connection.execute(sa.select(table.c.id).where(table.c.id == row.id)).first() is None:
            raise Stale(f"{type(row).__name__} {row.id} is kept out by another row")
        return bool(added.rowcount)
    moved = connection.execute(_moved(table), values | {"known_id": row.id, "known_version": row.version})
    if moved.rowcount != 1:
        raise Stale(f"{type(row).__name__} {row.id}")
    return True


def _withdraw(connection: sa.Connection, touch: Touch) -> None:
    """A touch that was planned and never tried goes as if it had never been; its place is free for another."""
    c = schema.touch.c
    gone = sa.delete(schema.touch).where(
        c.id == touch.id, c.version == touch.version, c.state == TouchState.SCHEDULED, c.attempt == 0
    )
    if connection.execute(gone).rowcount != 1:
        raise Stale(f"Touch {touch.id}")


# To build a statement takes longer than to carry it out: those of every commit are built once.


@lru_cache(maxsize=64)
def _added(table: sa.Table, engine: sa.Engine) -> Any:
    return insert(table, engine).on_conflict_do_nothing()


@lru_cache(maxsize=64)
def _moved(table: sa.Table) -> sa.Update:
    return sa.update(table).where(table.c.id == sa.bindparam("known_id"), table.c.version == sa.bindparam("known_version"))


@lru_cache(maxsize=64)
def _reached(engine: sa.Engine) -> Any:
    statement = insert(schema.cursor, engine)
    later = {name: statement.excluded[name] for name in ("uidvalidity", "uid", "read")}
    return statement.on_conflict_do_update(index_elements=["mailbox", "folder"], set_=later)


def follow(connection: sa.Connection, enrollments: Sequence[Enrollment]) -> None:
    """What the enrollments' states mean for their touches and tasks, in the same transaction.

    Touches of an enrollment that stands still leave the due index (`live`), so that they can't clog its head. When it
    is finished, open ones are skipped: the cell "enrollment finished" of the touch table.
    """
    if not enrollments:
        return
    _LIVE.many(connection, ({"mine": row.id, "now_live": row.state == EnrollmentState.ACTIVE} for row in enrollments))
    over = [{"mine": row.id, "at": row.finished} for row in enrollments if row.state == EnrollmentState.FINISHED]
    if over:
        _SKIPPED.many(connection, over)
        _DROPPED.many(connection, over)


def _following() -> tuple[sa.Update, sa.Update, sa.Update]:
    touch, task = schema.touch.c, schema.task.c
    mine, live = sa.bindparam("mine", type_=sa.Text), sa.bindparam("now_live", type_=sa.Boolean)
    at = sa.bindparam("at", type_=schema.Instant)
    unended = sa.or_(
        touch.state == TouchState.SCHEDULED, touch.state == TouchState.OPEN
    )  # no list: it could not be done for many
    ended = sa.update(schema.touch).where(touch.enrollment == mine, unended)
    planned = sa.or_(task.touch != "", task.kind == "escalated")
    obsolete = sa.update(schema.task).where(task.enrollment == mine, planned, task.state == "open")
    return (
        sa.update(schema.touch).where(touch.enrollment == mine, touch.live != live).values(live=live),
        ended.values(state=TouchState.SKIPPED, settled=at, text="the enrollment is finished", version=touch.version + 1),
        obsolete.values(state="dropped", closed=at, version=task.version + 1),
    )


_LIVE, _SKIPPED, _DROPPED = map(Prepared, _following())
_EVENT = sa.insert(schema.event)
_RAW = Prepared(
    sa.update(schema.reply)
    .where(schema.reply.c.id == sa.bindparam("mine", type_=sa.Text))
    .values(raw=sa.bindparam("bytes", type_=sa.LargeBinary))
)


def keep_raws(connection: sa.Connection, raws: Sequence[tuple[str, bytes]]) -> None:
    """The mails themselves, each with its reply."""
    _RAW.many(connection, ({"mine": mine, "bytes": raw} for mine, raw in raws))


def _write_plain(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    for name, touch in change.aliases:
        connection.execute(insert(schema.mail_alias, engine).values(id=name, touch=touch).on_conflict_do_nothing())
    for taken in change.items:
        connection.execute(insert(schema.item_taken, engine).values(rows.values(taken)).on_conflict_do_nothing())
    for row in (*change.suppressions, *change.facts, *change.company_words):
        connection.execute(_added(rows.TABLES[type(row)], engine), rows.values(row))
    if change.events:
        connection.execute(_EVENT, [rows.values(event) for event in change.events])
    for cursor in change.cursors:
        connection.execute(_reached(engine), rows.values(cursor))
    for switch in change.switches:
        if switch.on:
            values = {"scope": switch.scope, "reason": switch.reason, "at": switch.at}
            connection.execute(insert(schema.switch, engine).values(values).on_conflict_do_nothing())
        else:
            connection.execute(sa.delete(schema.switch).where(schema.switch.c.scope == switch.scope))
    if over := [{"which": alarm.key, "when": alarm.at} for alarm in change.alarms if not alarm.on]:
        connection.execute(_OVER, over)
    for alarm in change.alarms:
        if alarm.on:
            _ring(connection, engine, alarm)
    for seen in change.seen:
        connection.execute(insert(schema.seen_mail, engine).values(rows.values(seen)).on_conflict_do_nothing())
    for mail in change.found:
        known = rows.values(mail)
        told = {name: known.pop(name) for name in TOLD}
        if connection.execute(insert(schema.mail, engine).values(known).on_conflict_do_nothing()).rowcount:
            connection.execute(sa.update(schema.touch).where(schema.touch.c.id == mail.touch).values(told))
    keep_raws(connection, change.raws)
    for fact in change.mails:
        if told := {name: value for name in TOLD if (value := getattr(fact, name)) is not None}:
            connection.execute(sa.update(schema.touch).where(schema.touch.c.id == fact.touch).values(told))
        if fact.message_id is not None:
            renamed = sa.update(schema.mail).where(schema.mail.c.touch == fact.touch)
            connection.execute(renamed.values(message_id=fact.message_id))


_OVER = (
    sa.update(schema.alarm).where(schema.alarm.c.key == sa.bindparam("which"), schema.alarm.c.over.is_(None))
    .values(over=sa.bindparam("when", type_=schema.Instant))
)  # fmt: skip


def _ring(connection: sa.Connection, engine: sa.Engine, alarm: Alarm) -> None:
    """Raise an alarm, once for as long as it lasts."""
    table = schema.alarm
    values = {"mailbox": alarm.mailbox, "text": alarm.text[:600], "at": alarm.at, "told": None, "over": None, "teller": ""}
    statement = insert(table, engine).values(key=alarm.key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values, where=table.c.over.is_not(None)))
