"""Which daemons are at work, and who asks for whose mailbox; claims that cost the same however much lies in the store.

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
    _fast_claims()
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


def _fast_claims() -> None:
    """Tasks have an index of their own: they are claimed beside any number of mails. Which mails were sent is answered by the index alone."""
    task_due = sa.text("touch.state = 'scheduled' AND touch.live AND touch.channel = 'task'")
    op.create_index("touch_due_task", "touch", ["mailbox", "channel", "due"], sqlite_where=task_due, postgresql_where=task_due)
    op.drop_index("alias_by_touch", "mail_alias")
    op.drop_index("touch_sent", "touch")
    sent = sa.text("touch.settled IS NOT NULL AND touch.channel = 'email' AND touch.state IN ('sent', 'doubtful', 'failed')")
    op.create_index("touch_sent", "touch", ["mailbox", "settled"], sqlite_where=sent, postgresql_where=sent)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=nullable)
