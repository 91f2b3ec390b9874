"""Evidence, sent copies, hand-written mail and alarms.

What the columns mean stands in `schema.py`. Mails of before have left no later than their gate; whether a mailbox keeps what it sends is
not known yet.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("touch", sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False))
    later = sa.text("touch.state = 'scheduled' AND touch.live AND touch.position > 0")
    op.create_index("touch_due_later", "touch", ["mailbox", "channel", "due"], sqlite_where=later, postgresql_where=later)
    op.add_column("mail", _when("left"))
    op.add_column("mail", _text("copy"))
    wanted = sa.text("mail.copy IN ('wanted', 'begun')")
    op.create_index("mail_copy_wanted", "mail", ["gated"], sqlite_where=wanted, postgresql_where=wanted)
    crossing = sa.text("event.kind = 'crossing'")
    op.create_index("event_crossing", "event", ["at"], sqlite_where=crossing, postgresql_where=crossing)
    op.create_index("reply_by_place", "reply", ["mailbox", "folder", "uidvalidity", "uid"])
    op.create_index("reply_by_time", "reply", ["mailbox", "received"])
    op.create_index("reply_by_id", "reply", ["mailbox", "message_id"])
    for column in (_text("sent_folder"), _text("keeps"), _when("proved"), _when("reconcile")):
        op.add_column("mailbox", column)
    op.create_table(
        "seen_mail",
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("mailbox", "folder")),
        *(sa.Column(name, sa.BigInteger(), primary_key=True) for name in ("uidvalidity", "uid")),
        *(_text(name) for name in ("touch", "message_id", "address")),
        _when("at", nullable=False),
    )
    op.create_index("seen_by_touch", "seen_mail", ["touch"])
    op.create_table(
        "alarm",
        sa.Column("key", sa.Text(), primary_key=True),
        _text("mailbox"),
        _text("text"),
        _when("at", nullable=False),
        _when("told"),
        _when("over"),
    )


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=nullable)
