"""The first tables. What the columns mean stands in `schema.py`; this says only how they were made at first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _when(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=nullable)


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Forward; there is no way back."""
    _setting()
    _cadence()
    _prospect()
    _enrollment()
    _touch()
    _mail()
    _mail_alias()
    _task()
    _reply()
    _suppression()
    _item_taken()
    _event()
    _cursor()
    _switch()
    _mailbox()
    _intake()


def _setting() -> None:
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _cadence() -> None:
    op.create_table(
        "cadence",
        sa.Column("digest", sa.Text(), nullable=False),
        _text("name"),
        _text("body"),
        _when("kept"),
        sa.PrimaryKeyConstraint("digest"),
    )


def _prospect() -> None:
    op.create_table(
        "prospect",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        _text("owner"),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address"),
    )


def _enrollment() -> None:
    op.create_table(
        "enrollment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("prospect", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        _text("cadence"),
        _text("digest"),
        _text("mailbox"),
        _text("state"),
        sa.Column("outcome", sa.Text(), nullable=True),
        _number("position"),
        _when("started"),
        _when("moved"),
        _when("until", nullable=True),
        _when("finished", nullable=True),
        _text("reason"),
        _text("source"),
        _text("parent"),
        _number("version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address", "cadence", name="one_enrollment_per_cadence"),
    )
    op.create_index("enrollment_by_address", "enrollment", ["address"])
    _index("enrollment_until", "enrollment", ["until"], "enrollment.until IS NOT NULL")


def _touch() -> None:
    op.create_table(
        "touch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        _text("address"),
        _text("mailbox"),
        _number("position"),
        _text("step"),
        _text("channel"),
        _text("state"),
        _when("due"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("waits", sa.Boolean(), server_default=sa.true(), nullable=False),
        _when("deadline", nullable=True),
        _number("attempt"),
        _text("token"),
        _text("owner"),
        _number("epoch"),
        _text("message_id"),
        _when("intended", nullable=True),
        _when("settled", nullable=True),
        _number("code"),
        _text("text"),
        sa.Column("live", sa.Boolean(), server_default=sa.true(), nullable=False),
        _number("version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("enrollment", "position", name="one_touch_per_step"),
    )
    _index(
        "one_open_touch",
        "touch",
        ["enrollment"],
        "touch.waits AND touch.state IN ('scheduled', 'sending', 'open', 'doubtful')",
        unique=True,
    )
    op.create_index("touch_by_address", "touch", ["address"])
    _index("touch_deadline", "touch", ["deadline"], "touch.deadline IS NOT NULL AND touch.state IN ('scheduled', 'open')")
    _index("touch_due", "touch", ["mailbox", "due"], "touch.state = 'scheduled' AND touch.live")
    _index("touch_in_doubt", "touch", ["settled"], "touch.state = 'doubtful'")
    _index("touch_in_hand", "touch", ["mailbox", "due"], "touch.state = 'sending'")
    _index("touch_sent", "touch", ["mailbox", "settled"], "touch.settled IS NOT NULL AND touch.channel = 'email'")


def _mail() -> None:
    op.create_table(
        "mail",
        sa.Column("touch", sa.Text(), nullable=False),
        sa.Column("enrollment", sa.Text(), nullable=False),
        _text("message_id"),
        _text("subject"),
        sa.Column("opens", sa.Boolean(), nullable=False),
        _text("text"),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _when("gated"),
        _when("looked"),
        sa.PrimaryKeyConstraint("touch"),
    )
    op.create_index("mail_by_enrollment", "mail", ["enrollment"])


def _mail_alias() -> None:
    op.create_table(
        "mail_alias",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("touch", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alias_by_touch", "mail_alias", ["touch"])


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False),
        _text("owner"),
        _text("address"),
        _text("kind"),
        _text("title"),
        _text("text"),
        _when("created"),
        _text("enrollment"),
        _text("touch"),
        _text("reply"),
        _when("deadline", nullable=True),
        _text("state"),
        _when("closed", nullable=True),
        _number("version"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_by_enrollment", "task", ["enrollment"])
    _index("task_open", "task", ["owner"], "task.state = 'open'")


def _reply() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.Text(), nullable=False),
        _text("mailbox"),
        _text("folder"),
        _number("uidvalidity"),
        _number("uid"),
        _text("fingerprint"),
        _text("message_id"),
        _text("address"),
        _text("subject"),
        _text("text"),
        _when("received"),
        _when("seen"),
        _text("kind"),
        sa.Column("confidence", sa.Float(), nullable=False),
        _text("evidence"),
        _text("matched"),
        _text("enrollment"),
        _text("touch"),
        sa.Column("resume", sa.String(10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        _text("decided_by"),
        sa.Column("review", sa.Boolean(), nullable=False),
        _number("version"),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mailbox", "fingerprint", name="one_record_per_mail"),
    )
    op.create_index("reply_by_enrollment", "reply", ["enrollment"])
    _index("reply_review", "reply", ["received"], "reply.review")


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("key", sa.Text(), nullable=False),
        _text("reason"),
        _text("source"),
        _when("at"),
        sa.PrimaryKeyConstraint("key"),
    )


def _item_taken() -> None:
    op.create_table(
        "item_taken",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", "item"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        _when("at"),
        _text("kind"),
        _text("text"),
        _text("address"),
        _text("enrollment"),
        _text("touch"),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("event_by_address", "event", ["address", "number"])


def _cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        _number("uidvalidity"),
        _number("uid"),
        _when("read"),
        sa.PrimaryKeyConstraint("mailbox", "folder"),
    )


def _switch() -> None:
    op.create_table(
        "switch",
        sa.Column("scope", sa.Text(), nullable=False),
        _text("reason"),
        _when("at"),
        sa.PrimaryKeyConstraint("scope"),
    )


def _mailbox() -> None:
    op.create_table(
        "mailbox",
        sa.Column("name", sa.Text(), nullable=False),
        _text("owner"),
        _number("epoch"),
        _when("not_before", nullable=True),
        _number("trouble"),
        _text("trouble_text"),
        _when("first_sent", nullable=True),
        _when("looked", nullable=True),
        _text("state_text"),
        sa.PrimaryKeyConstraint("name"),
    )


def _intake() -> None:
    op.create_table(
        "intake",
        sa.Column("digest", sa.Text(), nullable=False),
        _text("name"),
        _when("taken"),
        _when("finished", nullable=True),
        _number("accepted"),
        _number("rejected"),
        _number("duplicate"),
        sa.PrimaryKeyConstraint("digest"),
    )
