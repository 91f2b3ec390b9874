"""The tables, and the indexes that hold promises.

One schema for SQLite and PostgreSQL. Column names are the field names of `core/model.py`. Decides nothing; the
promises kept here rather than by care are: one enrollment per address, cadence and round (its id is made of them), one touch
per enrollment and step, at most one unsettled touch that an enrollment waits for, one record per received mail, one content
item per person.

Times are UTC text of fixed width, so that they sort as they are, read well in any tool, and mean the same in both
databases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData()


@lru_cache(maxsize=256)  # what is written together tells the same moments again and again
def instant(value: datetime | None) -> str | None:
    """A moment as it is stored."""
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def day(value: date | None) -> str | None:
    """A local date as it is stored."""
    return None if value is None else value.isoformat()


def unplain(text: str) -> Any:
    """The same, read: as `json.loads`, in a third of its time."""
    return [] if text == "[]" else _DECODER.raw_decode(text)[0]


_DECODER = json.JSONDecoder()
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str, check_circular=False)


def plain(value: Any) -> str | None:
    """Lists and dictionaries as they are stored."""
    return None if value is None else _ENCODER.encode(value)


def texts(value: Mapping[str, str]) -> str:
    """The same for texts by name; in half the time, where many have the same names."""
    return _form(tuple(value)) % tuple(map(encode_basestring, value.values()))


@lru_cache(maxsize=256)
def _form(names: tuple[str, ...]) -> str:
    return "{" + ",".join(f"{encode_basestring(name)}:".replace("%", "%%") + "%s" for name in names) + "}"


class Instant(sa.TypeDecorator[datetime]):
    """An aware datetime as UTC text, `2026-11-12T14:05:00.000000Z`."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Store."""
        return instant(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read."""
        return None if value is None else datetime.fromisoformat(value)


class Day(sa.TypeDecorator[date]):
    """A local date as text."""

    impl = sa.String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Store."""
        return day(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """Read."""
        return None if value is None else date.fromisoformat(value)


class Plain(sa.TypeDecorator[Any]):
    """Lists and dictionaries of plain values, as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Store."""
        return plain(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read."""
        return None if value is None else unplain(value)


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="", **more)


def _number(name: str, start: int = 0) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=str(start))


def _when(name: str, **more: Any) -> sa.Column[datetime]:
    return sa.Column(name, Instant, **more)


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _partial(name: str, where: sa.TextClause, *columns: sa.Column[Any], unique: bool = False) -> None:
    # SQLite takes such an index only for a statement that says its condition word for word: statements use the same text.
    sa.Index(name, *columns, unique=unique, sqlite_where=where)


@sa.event.listens_for(metadata, "before_create")
def _same_for_postgresql(_: sa.MetaData, connection: sa.Connection, **_how: Any) -> None:
    """Said only where tables are made there: the very word `postgresql_where` would load that dialect at each start on SQLite."""
    if connection.dialect.name == "postgresql":
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            where = index.dialect_options["sqlite"]["where"]
            index.dialect_options["postgresql"]["where"] = where


setting = sa.Table("setting", metadata, _id("name"), sa.Column("value", sa.LargeBinary, nullable=False))

cadence = sa.Table(
    "cadence", metadata, _id("digest"), _text("name"), _text("body"), _when("kept", nullable=False), sa.Column("parts", Plain)
)

prospect = sa.Table(
    "prospect", metadata, _id(), sa.Column("address", sa.Text, nullable=False, unique=True),
    sa.Column("zone", sa.Text), sa.Column("country", sa.Text), _text("owner"), sa.Column("columns", Plain, nullable=False),
)  # fmt: skip
TO_MEET = sa.text("replace(prospect.columns, '\"meeting_at\":\"', '') <> prospect.columns")
_partial("prospect_to_meet", TO_MEET, prospect.c.address)

enrollment = sa.Table(
    "enrollment", metadata, _id(), sa.Column("prospect", sa.Text, nullable=False), sa.Column("address", sa.Text, nullable=False),
    _text("cadence"), _text("digest"), _text("mailbox"), _text("state"), sa.Column("outcome", sa.Text), _number("position"),
    _when("started", nullable=False), _when("moved", nullable=False), _when("until"), _when("finished"), _text("reason"),
    _text("source"), _text("parent"), _number("version"), _number("round", 1), _number("priority", 50),
    sa.Column("exclusive", sa.Boolean, nullable=False, server_default=sa.true()), _text("variant"),
    sa.Column("passed", Plain, nullable=False, server_default="[]"), _when("still_since"), _number("rested"), _text("answer"), _when("waived"),
    sa.UniqueConstraint("address", "cadence", "round", name="one_enrollment_per_round"),
)  # fmt: skip
_partial("enrollment_until", sa.text("enrollment.until IS NOT NULL"), enrollment.c.until)

touch = sa.Table(
    "touch", metadata, _id(), sa.Column("enrollment", sa.Text, nullable=False), _text("address"), _text("mailbox"),
    _number("position"), _text("step"), _text("channel"), _text("state"), _when("due", nullable=False),
    sa.Column("why", Plain, nullable=False), sa.Column("waits", sa.Boolean, nullable=False, server_default=sa.true()), _when("deadline"),
    _number("attempt"), _text("token"), _text("owner"), _number("epoch"), _text("message_id"), _when("intended"), _when("settled"),
    _number("code"), _text("text"), sa.Column("live", sa.Boolean, nullable=False, server_default=sa.true()), _number("version"),
    sa.Column("again", sa.Boolean, nullable=False, server_default=sa.false()),
    # What became of its mail: whoever settles a touch writes this row, and need not touch the mail again, which is ten times as long.
    _when("left"), _text("copy"),
    sa.UniqueConstraint("enrollment", "step", name="one_touch_per_step"),
)  # fmt: skip
_WAITED_FOR = sa.text("touch.waits AND touch.state IN ('scheduled', 'sending', 'open', 'doubtful')")
_partial("one_open_touch", _WAITED_FOR, touch.c.enrollment, unique=True)
DUE = sa.text("touch.state = 'scheduled' AND touch.live")
_partial("touch_due", DUE, touch.c.mailbox, touch.c.due)
TASK_DUE = sa.text(f"{DUE.text} AND touch.channel = 'task'")
_partial(
    "touch_due_task", TASK_DUE, touch.c.mailbox, touch.c.channel, touch.c.due
)  # with the channel, or SQLite may prefer the one above
LATER_STEP = sa.text("touch.position > 0")
_partial("touch_due_later", sa.text(f"{DUE.text} AND {LATER_STEP.text}"), touch.c.mailbox, touch.c.channel, touch.c.due)
IN_HAND = sa.text("touch.state = 'sending'")
_partial("touch_in_hand", IN_HAND, touch.c.mailbox, touch.c.due, touch.c.channel)
IN_DOUBT = sa.text("touch.state = 'doubtful'")
_partial("touch_in_doubt", IN_DOUBT, touch.c.settled)
SENT = sa.text("touch.settled IS NOT NULL AND touch.channel = 'email' AND touch.state IN ('sent', 'doubtful', 'failed')")
_partial("touch_sent", SENT, touch.c.mailbox, touch.c.settled)
sa.Index("touch_by_address", touch.c.address)
WITH_DEADLINE = sa.text("touch.deadline IS NOT NULL AND touch.state IN ('scheduled', 'open')")
_partial("touch_deadline", WITH_DEADLINE, touch.c.deadline)
COPY_WANTED = sa.text("touch.copy IN ('wanted', 'begun')")
_partial("touch_copy_wanted", COPY_WANTED, touch.c.mailbox, touch.c.settled)

mail = sa.Table(
    "mail", metadata, _id("touch"), sa.Column("enrollment", sa.Text, nullable=False), _text("message_id"), _text("subject"),
    sa.Column("opens", sa.Boolean, nullable=False), _text("text"), sa.Column("raw", sa.LargeBinary, nullable=False),
    _when("gated", nullable=False), _when("looked", nullable=False),
)  # fmt: skip

# Under which other names our mails are known: a Message-ID that we have given says itself of which touch it is.
mail_alias = sa.Table("mail_alias", metadata, _id(), sa.Column("touch", sa.Text, nullable=False))

task = sa.Table(
    "task", metadata, _id(), _text("owner"), _text("address"), _text("kind"), _text("title"), _text("text"), _when("created", nullable=False),
    _text("enrollment"), _text("touch"), _text("reply"), _when("deadline"), _text("state"), _when("closed"), _number("version"), _when("remind"), _when("escalate"),
)  # fmt: skip
_partial("task_open", sa.text("task.state = 'open'"), task.c.owner)
TO_REMIND = sa.text("task.state = 'open' AND task.remind IS NOT NULL")
_partial("task_remind", TO_REMIND, task.c.remind)
TO_ESCALATE = sa.text("task.state = 'open' AND task.escalate IS NOT NULL")
_partial("task_escalate", TO_ESCALATE, task.c.escalate)
sa.Index("task_by_enrollment", task.c.enrollment)

reply = sa.Table(
    "reply", metadata, _id(), _text("mailbox"), _text("folder"), _number("uidvalidity"), _number("uid"), _text("fingerprint"),
    _text("message_id"), _text("address"), _text("subject"), _text("text"), _when("received", nullable=False), _when("seen", nullable=False),
    _text("kind"), sa.Column("confidence", sa.Float, nullable=False), _text("evidence"), _text("matched"), _text("enrollment"), _text("touch"),
    sa.Column("resume", Day), sa.Column("reason", sa.Text), sa.Column("contact", sa.Text), _text("decided_by"),
    sa.Column("review", sa.Boolean, nullable=False), _number("version"), sa.Column("raw", sa.LargeBinary),
    # The same mail may come to light again: in another folder, or under a new UID after UIDVALIDITY has changed.
    sa.UniqueConstraint("mailbox", "fingerprint", name="one_record_per_mail"),
)  # fmt: skip
sa.Index("reply_by_enrollment", reply.c.enrollment)
sa.Index("reply_by_place", reply.c.mailbox, reply.c.folder, reply.c.uidvalidity, reply.c.uid)
sa.Index("reply_by_time", reply.c.mailbox, reply.c.received)
sa.Index("reply_by_id", reply.c.mailbox, reply.c.message_id)
KNOWN_WRITER = sa.text("reply.address <> '' AND reply.matched IN ('thread', 'token')")
_partial("reply_by_writer", KNOWN_WRITER, reply.c.address)
FOR_REVIEW = sa.text("reply.review")
_partial("reply_review", FOR_REVIEW, reply.c.received)

suppression = sa.Table("suppression", metadata, _id("key"), _text("reason"), _text("source"), _when("at", nullable=False))

item_taken = sa.Table(
    "item_taken", metadata, sa.Column("address", sa.Text, primary_key=True), sa.Column("item", sa.Text, primary_key=True),
    sa.Column("ours", sa.Boolean, nullable=False, server_default=sa.false()), _when("at"), _text("touch"),
)  # fmt: skip

event = sa.Table(
    "event", metadata, sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _when("at", nullable=False), _text("kind"), _text("text"), _text("address"), _text("enrollment"), _text("touch"),
    sa.Column("data", Plain, nullable=False),
)  # fmt: skip
sa.Index("event_by_address", event.c.address, event.c.number)
CROSSING = sa.text("event.kind = 'crossing'")
_partial("event_crossing", CROSSING, event.c.at)

cursor = sa.Table(
    "cursor", metadata, sa.Column("mailbox", sa.Text, primary_key=True), sa.Column("folder", sa.Text, primary_key=True),
    _number("uidvalidity"), _number("uid"), _when("read", nullable=False),
)  # fmt: skip

switch = sa.Table("switch", metadata, _id("scope"), _text("reason"), _when("at", nullable=False))

mailbox = sa.Table(
    "mailbox", metadata, _id("name"), _text("owner"), _number("epoch"), _when("not_before"), _number("trouble"), _text("trouble_text"),
    _when("first_sent"), _when("looked"), _text("state_text"), _text("sent_folder"), _text("keeps"), _when("proved"), _when("reconcile"),
    _text("wanted"),
)  # fmt: skip

# Which daemons are at work. `owner` and `wanted` of a mailbox name a run; whether that one lives, a lock says (`fleet.py`).
daemon = sa.Table(
    "daemon", metadata, _id("run"), _text("host"), _number("pid"), _when("since", nullable=False), _when("seen", nullable=False), _text("version"),
)  # fmt: skip

# What was found in the mailbox of our own mails and of what the rep wrote by hand to somebody under way.
seen_mail = sa.Table(
    "seen_mail", metadata, sa.Column("mailbox", sa.Text, primary_key=True), sa.Column("folder", sa.Text, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True), sa.Column("uid", sa.BigInteger, primary_key=True),
    _text("touch"), _text("message_id"), _text("address"), _when("at", nullable=False),
)  # fmt: skip
sa.Index("seen_by_touch", seen_mail.c.touch)

alarm = sa.Table(
    "alarm", metadata, _id("key"), _text("mailbox"), _text("text"), _when("at", nullable=False), _when("told"), _when("over"),
    _text("teller"),
)  # fmt: skip

# Mails to our own people, what they answered, what is done again and again, and what was learned.
letter = sa.Table(
    "letter", metadata, _id(), _text("kind"), _text("mailbox"), _text("to"), _text("subject"), _text("text"), _when("created", nullable=False),
    _when("due", nullable=False), sa.Column("items", Plain, nullable=False, server_default="[]"), _text("state"), _number("attempt"),
    _when("settled"), _text("said"), _number("version"),
)  # fmt: skip
LETTER_DUE = sa.text("letter.state = 'wanted'")
_partial("letter_due", LETTER_DUE, letter.c.mailbox, letter.c.due)
sa.Index("letter_by_mailbox", letter.c.mailbox, letter.c.kind, letter.c.created)

letter_answer = sa.Table(
    "letter_answer", metadata, _id(), _text("letter"), _text("mailbox"), _text("sender"), _text("text"), _when("received", nullable=False),
    _text("state"), _number("done"), sa.Column("results", Plain, nullable=False, server_default="[]"), _number("version"),
)  # fmt: skip
ANSWER_OPEN = sa.text("letter_answer.state IN ('waiting', 'proved')")
_partial("letter_answer_open", ANSWER_OPEN, letter_answer.c.received)

fact = sa.Table(
    "fact", metadata, _id(), _text("address"), _text("name"), _text("value"), _when("at", nullable=False), _text("about"), _text("source"),
    _text("by"), _text("enrollment"), _text("touch"),
)  # fmt: skip
sa.Index("fact_by_address", fact.c.address, fact.c.at)

# What somebody has said for certain, as their colleagues are concerned.
company_word = sa.Table(
    "company_word", metadata, _id(), _text("company"), _text("address"), _text("outcome"), _text("words"), _when("at", nullable=False),
    _when("until", nullable=False), _text("reply"),
)  # fmt: skip
sa.Index("word_by_company", company_word.c.company, company_word.c.until)

# Who has gone from one mailbox to another.
handover = sa.Table(
    "handover", metadata, _id(), *(_text(name) for name in ("address", "giver", "taker", "name")), _when("at", nullable=False), _text("by"),
    _when("until"), _text("state"), _number("version"),
)  # fmt: skip
sa.Index("handover_by_address", handover.c.address)
sa.Index("handover_by_taker", handover.c.taker, handover.c.until)

round_ = sa.Table("round", metadata, _id(), _text("mailbox"), _when("due", nullable=False), _number("version"))

intake = sa.Table(
    "intake", metadata, _id("digest"), _text("name"), _when("taken", nullable=False), _when("finished"), _number("accepted"),
    _number("rejected"), _number("duplicate"),
)  # fmt: skip
