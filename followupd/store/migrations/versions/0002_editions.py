"""Editions of cadences, rounds, arms, what has had its turn, reminders, and a ledger of content items.

What the columns mean stands in `schema.py`. Enrollments of before know the text of their cadence alone: their messages and
inherited defaults go on being those of the workspace. Their steps with a touch have had their turn.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TOUCH_INDEXES = {
    "one_open_touch": (["enrollment"], "touch.waits AND touch.state IN ('scheduled', 'sending', 'open', 'doubtful')", True),
    "touch_due": (["mailbox", "due"], "touch.state = 'scheduled' AND touch.live", False),
    "touch_in_hand": (["mailbox", "due"], "touch.state = 'sending'", False),
    "touch_in_doubt": (["settled"], "touch.state = 'doubtful'", False),
    "touch_sent": (["mailbox", "settled"], "touch.settled IS NOT NULL AND touch.channel = 'email'", False),
    "touch_by_address": (["address"], "", False),
    "touch_deadline": (["deadline"], "touch.deadline IS NOT NULL AND touch.state IN ('scheduled', 'open')", False),
}
_ENROLLMENT_INDEXES = {
    "enrollment_by_address": (["address"], "", False),
    "enrollment_until": (["until"], "enrollment.until IS NOT NULL", False),
}
_TASK_INDEXES = {
    "task_remind": (["remind"], "task.state = 'open' AND task.remind IS NOT NULL", False),
    "task_escalate": (["escalate"], "task.state = 'open' AND task.escalate IS NOT NULL", False),
}


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("cadence", sa.Column("parts", sa.Text(), nullable=True))
    _enrollment()
    _touch()
    op.add_column("task", _when("remind"))
    op.add_column("task", _when("escalate"))
    _make_indexes("task", _TASK_INDEXES)
    op.add_column("item_taken", sa.Column("ours", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("item_taken", _when("at"))
    op.add_column("item_taken", _text("touch"))


def _enrollment() -> None:
    _drop_indexes(_ENROLLMENT_INDEXES)
    with op.batch_alter_table("enrollment") as table:
        for column in (_number("round", 1), _number("priority", 50), _flag("exclusive"), _text("variant"), _list("passed")):
            table.add_column(column)
        table.add_column(_when("still_since"))
        table.add_column(_number("rested", 0))
        table.drop_constraint("one_enrollment_per_cadence", type_="unique")
        table.create_unique_constraint("one_enrollment_per_round", ["address", "cadence", "round"])
    _make_indexes("enrollment", _ENROLLMENT_INDEXES)
    _note_passed()


def _touch() -> None:
    _drop_indexes(_TOUCH_INDEXES)
    with op.batch_alter_table("touch") as table:
        table.drop_constraint("one_touch_per_step", type_="unique")
        table.create_unique_constraint("one_touch_per_step", ["enrollment", "step"])
    _make_indexes("touch", _TOUCH_INDEXES)


def _note_passed() -> None:
    connection = op.get_bind()
    steps: dict[str, list[str]] = {}
    for row in connection.execute(sa.text("SELECT enrollment, step FROM touch ORDER BY enrollment, position")):
        steps.setdefault(row.enrollment, []).append(row.step)
    noted = [{"id": enrollment, "passed": json.dumps(names)} for enrollment, names in steps.items()]
    if noted:
        connection.execute(sa.text("UPDATE enrollment SET passed = :passed WHERE id = :id"), noted)


def _drop_indexes(indexes: dict[str, Any]) -> None:
    """Rebuilding a table (SQLite can't change a constraint otherwise) would lose the conditions of its indexes."""
    for name in indexes:
        op.drop_index(name)


def _make_indexes(table: str, indexes: dict[str, Any]) -> None:
    for name, (columns, where, unique) in indexes.items():
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str, start: int) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default=str(start), nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False)


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="[]", nullable=False)


def _when(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=True)
