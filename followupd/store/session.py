"""The one session of PostgreSQL by which a daemon shows that it lives, and in which others wake it.

A lock of the session bears the name of the daemon's run; the server frees it when the session ends, whatever became of the daemon: it
has died, says nothing any more, or its link is cut. Decides nothing about mailboxes (`fleet.py`). SQLite has no such thing, and needs none.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.store.engine import open_session

CHANNEL = "followupd"
"""The channel of NOTIFY, one for each database."""

FRESH = 2.0
"""Seconds for which an answer of the session stands for the next one, too."""


def key_of(run: str) -> str:
    """In SQL: the number that is locked for a run, 64 bits of its name."""
    return f"hashtextextended('followupd daemon ' || {run}, 0)"


class Session:
    """Opened where there is none, and forgotten where it has broken. Raises sqlalchemy's DBAPIError where it can't answer."""

    def __init__(self, engine: sa.Engine, seconds: Callable[[], float]) -> None:
        """`seconds`: after how long without a word the server ends it."""
        self._engine, self._seconds = engine, seconds
        self._turn = threading.Lock()  # of those who use it
        self._open: sa.Connection | None = None
        self._shown = set[str]()
        self._heard = deque[str](maxlen=1000)
        self._answered = float("-inf")
        self.process = 0  # the server's process behind it

    def show(self, run: str) -> bool:
        """Lock the name of a run, for as long as the session lives. False: another session has it."""
        if self.open and run in self._shown:
            return True
        if not self.ask(sa.text(f"SELECT pg_try_advisory_lock({key_of(':run')})").bindparams(run=run)).scalar():
            return False
        self._shown.add(run)
        return True

    def ask(self, question: Any) -> sa.CursorResult[Any]:
        """One statement, complete when this returns."""
        with self._turn:
            try:
                if self._open is None:
                    self._begin()
                assert self._open is not None
                found = self._open.execute(question)
            except sqlalchemy.exc.DBAPIError:
                self._end()
                raise
            self._answered = time.monotonic()
            return found

    @property
    def open(self) -> bool:
        """Whether it was there when it was last used."""
        return self._open is not None

    @property
    def fresh(self) -> bool:
        """Whether it has answered so lately that it need not be asked."""
        return self._open is not None and time.monotonic() - self._answered < FRESH

    def ear(self) -> int | None:
        """A descriptor of its own for the socket on which news arrive, to be closed by whoever asked; nothing may read from it but `ask`.

        The session's own may be closed by another thread at any time: an event loop that has just been told to watch it would end the process
        (libuv, for EBADF).
        """
        with self._turn:
            if self._open is None:
                return None
            driver: Any = self._open.connection.dbapi_connection
            try:
                return os.dup(driver.fileno())
            except Exception:  # noqa: BLE001 - psycopg's own, which may not be installed: the link is gone
                return None

    def heard(self) -> tuple[str, ...]:
        """What others have said since this was asked last. It comes in with the answer to a question."""
        found = tuple(self._heard)
        for _ in found:
            self._heard.popleft()
        return found

    def close(self) -> None:
        """The lock is free from now on."""
        with self._turn:
            self._end()

    def _begin(self) -> None:
        self._shown.clear()
        self._open = open_session(self._engine, self._seconds())
        driver: Any = self._open.connection.dbapi_connection  # psycopg's
        driver.add_notify_handler(lambda note: self._heard.append(note.payload))
        self._open.exec_driver_sql(f"LISTEN {CHANNEL}")
        self.process = int(self._open.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    def _end(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None
        self._shown.clear()


def tell(connection: sa.Connection, text: str) -> None:
    """Say something to all daemons on this database, once the transaction is committed. On SQLite there is nobody else."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, text)))
