"""What a simulation asks of its store: when is something to happen next; and to be as it was when it was new.

Decides nothing: what `dispatch.tidy` and `dispatch.claim` look for at a moment is asked for all later moments at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from followupd.core.model import EnrollmentState
from followupd.store import Store, schema
from followupd.store.engine import READING


class Moments:
    """The question, built once: to build it takes longer than to ask it."""

    def __init__(self, engine: sa.Engine, mailboxes: tuple[str, ...]) -> None:
        self._engine, self._mailboxes = engine.execution_options(**{READING: True}), mailboxes
        touch, now = schema.touch.c, sa.bindparam("now", type_=schema.Instant)
        waits = [
            sa.exists(sa.select(1).where(touch.mailbox == name, schema.DUE, touch.due <= now, touch.channel == "email"))
            for name in mailboxes
        ]
        later = [
            sa.select(column).where(column > now, *conditions).order_by(column).limit(1).scalar_subquery()
            for column, *conditions in self._columns()
        ]
        self._question = sa.select(*(part.label(f"part_{number}") for number, part in enumerate([*waits, *later])))

    def _columns(self) -> list[tuple[Any, ...]]:
        touch, enrollment, task = schema.touch.c, schema.enrollment.c, schema.task.c
        unfinished = (enrollment.until.is_not(None), enrollment.state != EnrollmentState.FINISHED)
        return [
            *((touch.due, touch.mailbox == name, schema.DUE) for name in self._mailboxes),
            (touch.deadline, schema.WITH_DEADLINE),
            (enrollment.until, *unfinished),
            (task.remind, schema.TO_REMIND),
            (task.escalate, schema.TO_ESCALATE),
            (schema.letter.c.due, schema.LETTER_DUE),
            (schema.round_.c.due,),
        ]

    def after(self, now: datetime) -> tuple[list[datetime], list[str]]:
        """Moments later than `now` at which something is due, and the mailboxes in which a mail is due and waits."""
        with self._engine.begin() as connection:
            row = tuple(connection.execute(self._question, {"now": now}).one())
        held, dates = row[: len(self._mailboxes)], row[len(self._mailboxes) :]
        waiting = [name for name, waits in zip(self._mailboxes, held, strict=True) if waits]
        return [date for date in dates if date is not None], waiting


def forget_everything(store: Store) -> None:
    """Empty a store whose simulation is over; its secret and its version stay."""
    with store.engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            if table is not schema.setting:
                connection.execute(sa.delete(table))
    store.reset()
