"""How a `Change` is written: all of it or nothing, and only if nobody was there before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from followupd.core.model import Change, Enrollment, EnrollmentState, Task, Touch, TouchState
from followupd.store import rows, schema
from followupd.store.engine import insert

UNSETTLED = (TouchState.SCHEDULED.value, TouchState.SENDING.value, TouchState.OPEN.value, TouchState.DOUBTFUL.value)


class Stale(Exception):
    """Somebody else has moved a row since it was read: read again, and judge again."""


def write(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    """Write one change; raises Stale, and then nothing of it may stay."""
    _write_prospects(connection, engine, change)
    for enrollment in change.enrollments:
        _versioned(connection, engine, enrollment)
    for touch in sorted(change.touches, key=lambda row: row.version == 0):  # settle the old one before the next is open
        _versioned(connection, engine, touch)
    for task in change.tasks:
        _versioned(connection, engine, task)
    for reply in change.replies:
        _versioned(connection, engine, reply)
    for enrollment in change.enrollments:
        _follow(connection, enrollment)
    _write_plain(connection, engine, change)


def _write_prospects(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    if not change.prospects:
        return
    statement = insert(schema.prospect, engine)
    # A later row may know more of a person; what it leaves out is kept as it was.
    for prospect in change.prospects:
        known = connection.execute(sa.select(schema.prospect.c.columns).where(schema.prospect.c.id == prospect.id)).scalar()
        values = rows.values(replace(prospect, columns={**(known or {}), **prospect.columns}))
        connection.execute(statement.values(values).on_conflict_do_update(index_elements=["id"], set_=values))


def _versioned(connection: sa.Connection, engine: sa.Engine, row: Any) -> None:
    table, values = rows.TABLES[type(row)], rows.values(row)
    values["version"] = row.version + 1
    if row.version == 0:
        added = connection.execute(insert(table, engine).values(values).on_conflict_do_nothing())
        # Inserting the same twice is harmless; a row that another promise keeps out must never vanish silently.
        if added.rowcount != 1 and connection.execute(sa.select(table.c.id).where(table.c.id == row.id)).first() is None:
            raise Stale(f"{type(row).__name__} {row.id} is kept out by another row")
        return
    moved = connection.execute(sa.update(table).where(table.c.id == row.id, table.c.version == row.version).values(values))
    if moved.rowcount != 1:
        raise Stale(f"{type(row).__name__} {row.id}")


def _follow(connection: sa.Connection, enrollment: Enrollment) -> None:
    """What an enrollment's state means for its touches and tasks, in the same transaction.

    Touches of an enrollment that stands still leave the due index (`live`), so that they can't clog its head. When it
    is finished, open ones are skipped: the cell "enrollment finished" of the touch table.
    """
    touch, task = schema.touch.c, schema.task.c
    live = enrollment.state == EnrollmentState.ACTIVE
    mine = touch.enrollment == enrollment.id
    connection.execute(sa.update(schema.touch).where(mine, touch.live != live).values(live=live))
    if enrollment.state != EnrollmentState.FINISHED:
        return
    ended = sa.update(schema.touch).where(mine, touch.state.in_([TouchState.SCHEDULED, TouchState.OPEN]))
    connection.execute(
        ended.values(state=TouchState.SKIPPED, settled=enrollment.finished, text="the enrollment is finished", version=touch.version + 1)
    )
    obsolete = sa.update(schema.task).where(task.enrollment == enrollment.id, task.touch != "", task.state == "open")
    connection.execute(obsolete.values(state="dropped", closed=enrollment.finished, version=task.version + 1))


def _write_plain(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    for suppression in change.suppressions:
        connection.execute(insert(schema.suppression, engine).values(rows.values(suppression)).on_conflict_do_nothing())
    for name, touch in change.aliases:
        connection.execute(insert(schema.mail_alias, engine).values(id=name, touch=touch).on_conflict_do_nothing())
    for address, item in change.items:
        connection.execute(insert(schema.item_taken, engine).values(address=address, item=item).on_conflict_do_nothing())
    if change.events:
        connection.execute(sa.insert(schema.event), [rows.values(event) for event in change.events])
    for cursor in change.cursors:
        values = rows.values(cursor)
        statement = insert(schema.cursor, engine).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["mailbox", "folder"], set_=values))
    for switch in change.switches:
        if switch.on:
            values = {"scope": switch.scope, "reason": switch.reason, "at": switch.at}
            connection.execute(insert(schema.switch, engine).values(values).on_conflict_do_nothing())
        else:
            connection.execute(sa.delete(schema.switch).where(schema.switch.c.scope == switch.scope))


def write_new(connection: sa.Connection, engine: sa.Engine, change: Change) -> None:
    """Write a change that only adds rows, in bulk: the way in for files of 100,000 rows."""
    prospects = insert(schema.prospect, engine)
    if change.prospects:
        connection.execute(
            prospects.on_conflict_do_update(index_elements=["id"], set_={name: prospects.excluded[name] for name in ("zone", "country", "owner", "columns")}),
            [rows.values(prospect) for prospect in change.prospects],
        )
    for kind, batch in ((Enrollment, change.enrollments), (Touch, change.touches), (Task, change.tasks)):
        if batch:
            values = [{**rows.values(row), "version": 1} for row in batch]
            connection.execute(insert(rows.TABLES[kind], engine).on_conflict_do_nothing(), values)
    if change.events:
        connection.execute(sa.insert(schema.event), [rows.values(event) for event in change.events])
