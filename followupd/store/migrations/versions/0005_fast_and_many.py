"""Which daemons are at work, and who asks for whose mailbox.

What the columns mean stands in `schema.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward; there is no way back."""
    _many_daemons()
    _people_to_meet()


def _many_daemons() -> None:
    op.create_table(
        "daemon", sa.Column("run", sa.Text(), primary_key=True), _text("host"), _number("pid"), _when("since", nullable=False),
        _when("seen", nullable=False), _text("version"),
    )  # fmt: skip
    op.add_column("mailbox", _text("wanted"))
    op.add_column("alarm", _text("teller"))


def _people_to_meet() -> None:
    """A start asks for them, for each mailbox: without an index it would look at everybody."""
    dated = sa.text("replace(prospect.columns, '\"meeting_at\":\"', '') <> prospect.columns")
    op.create_index("prospect_to_meet", "prospect", ["address"], sqlite_where=dated, postgresql_where=dated)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=nullable)
