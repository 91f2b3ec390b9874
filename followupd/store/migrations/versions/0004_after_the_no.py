"""Mails to our own people and their answers, what is done again and again, and what was learned.

What the columns mean stands in `schema.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.create_table(
        "letter", _id(), *(_text(name) for name in ("kind", "mailbox", "to", "subject", "text")), _when("created", nullable=False),
        _when("due", nullable=False), sa.Column("items", sa.Text(), server_default="[]", nullable=False), _text("state"), _number("attempt"),
        _when("settled"), _text("said"), _number("version"),
    )  # fmt: skip
    due = sa.text("letter.state = 'wanted'")
    op.create_index("letter_due", "letter", ["mailbox", "due"], sqlite_where=due, postgresql_where=due)
    op.create_index("letter_by_mailbox", "letter", ["mailbox", "kind", "created"])
    op.create_table(
        "letter_answer", _id(), *(_text(name) for name in ("letter", "mailbox", "sender", "text")), _when("received", nullable=False),
        _text("state"), _number("done"), sa.Column("results", sa.Text(), server_default="[]", nullable=False), _number("version"),
    )  # fmt: skip
    still = sa.text("letter_answer.state IN ('waiting', 'proved')")
    op.create_index("letter_answer_open", "letter_answer", ["received"], sqlite_where=still, postgresql_where=still)
    op.create_table(
        "fact", _id(), *(_text(name) for name in ("address", "name", "value")), _when("at", nullable=False),
        *(_text(name) for name in ("about", "source", "by", "enrollment", "touch")),
    )  # fmt: skip
    op.create_index("fact_by_address", "fact", ["address", "at"])
    op.create_table(
        "company_word", _id(), *(_text(name) for name in ("company", "address", "outcome", "words")), _when("at", nullable=False),
        _when("until", nullable=False), _text("reply"),
    )  # fmt: skip
    op.create_index("word_by_company", "company_word", ["company", "until"])
    op.create_table(
        "handover", _id(), *(_text(name) for name in ("address", "giver", "taker", "name")), _when("at", nullable=False), _text("by"),
        _when("until"), _text("state"), _number("version"),
    )  # fmt: skip
    op.create_index("handover_by_address", "handover", ["address"])
    op.create_index("handover_by_taker", "handover", ["taker", "until"])
    op.create_table("round", _id(), _text("mailbox"), _when("due", nullable=False), _number("version"))
    op.add_column("enrollment", _text("answer"))
    op.add_column("enrollment", _when("waived"))


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Text(), primary_key=True)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _when(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.String(27), nullable=nullable)
