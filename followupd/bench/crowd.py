"""A store with very many people who wait: what a start and a quiet daemon must not grow with.

One person for each mailbox comes about as in `workspace.fill`; everybody else is a copy of their rows in the tables that grow with the
enrollments (prospects, enrollments, touches), made by the database itself, because a million of them must be there within a minute.
Their mails and events are not copied. SQLite only. The store is made once for a run of the suite, and used in one round after the other.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from followupd.bench.process import call, measure
from followupd.bench.workspace import Workspace, fill, workspace
from followupd.store import schema

MAILBOXES = 100

ROOT = Path(__file__).resolve().parents[2]
"""Where this very package lies."""

NEXT_DUE = timedelta(days=2)
"""Before that nothing is due."""

OVER = 60
"""Days over which the rest is due."""


@contextmanager
def crowded(folder: Path, count: int, *, smtp: int, imap: int) -> Iterator[tuple[Workspace, Path]]:
    """A workspace of 100 mailboxes, and the store with so many enrollments that it works on. Its marks lie in memory."""
    store = _store(count)
    memory = Path("/dev/shm")
    marks = Path(tempfile.mkdtemp(prefix="bench", dir=memory if memory.is_dir() else None))
    try:
        with workspace(folder, smtp=smtp, imap=imap, mailboxes=MAILBOXES, in_flight=1, store=str(store)) as laid:
            laid.environ |= compiled() | {"RUNTIME_DIRECTORY": str(marks)}
            yield laid, store
    finally:
        shutil.rmtree(marks, ignore_errors=True)


def make_due(store: Path, number: int) -> str:
    """Have one person's mail be due now, and nobody else's; their address. The daemon must not be running."""
    with closing(sqlite3.connect(store)) as database, database:
        (name, address) = database.execute(
            "SELECT id, address FROM touch WHERE state = 'scheduled' AND live ORDER BY id LIMIT 1 OFFSET ?", (number * 37,)
        ).fetchone()
        database.execute("UPDATE touch SET due = ? WHERE id = ?", (_stamp(datetime.now(UTC) - timedelta(seconds=1)), name))
    return str(address)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def compiled() -> dict[str, str]:
    """The environment of a daemon whose bytecode is kept: an installed package has it beside it, a checkout may not."""
    kept = {"PYTHONPYCACHEPREFIX": str(_folder() / "bytecode"), "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **kept}


@cache
def warm() -> None:
    """Have everything compiled once that a daemon and its reader load."""
    modules = "followupd.cli.running, followupd.daemon, followupd.reading_process, followupd.core.replies, followupd.core.inbound"
    measure([sys.executable, "-c", f"import {modules}"], env=compiled())


@cache
def _folder() -> Path:
    found = Path(tempfile.mkdtemp(prefix="crowd"))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    return found


@cache
def _store(count: int) -> Path:
    store = _folder() / f"{count}.db"
    call(make, str(store), count)
    return store


def make(path: str, count: int) -> None:
    """Write the store. In a process of its own, whose memory ends with it."""
    with tempfile.TemporaryDirectory(prefix="crowd") as name:
        with workspace(Path(name), smtp=1, imap=1, mailboxes=MAILBOXES, in_flight=1, store=path) as laid:
            fill(laid, MAILBOXES, due=datetime.now(UTC) + NEXT_DUE + timedelta(days=1))
        for beside in Path(path).parent.glob(f"{Path(path).name}-*"):
            beside.unlink()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _multiply(database, count)


COPIED = ("prospect", "enrollment", "touch")

NAMED = {"prospect": ("id",), "enrollment": ("id", "prospect"), "touch": ("id", "enrollment")}
"""Columns with the id of a row that is copied: a copy's has the number of the copy behind it."""


def _multiply(database: sqlite3.Connection, count: int) -> None:
    """Copy what is there until there are so many. The indexes are made at the end: in no order at all they would take most of the time."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    indexes = database.execute(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({', '.join('?' * len(COPIED))})",
        COPIED,
    ).fetchall()
    for name, _ in indexes:
        database.execute(f'DROP INDEX "{name}"')
    database.create_function(
        "late", 1, lambda n: _stamp(_BEGIN + timedelta(seconds=n * 7919 % (OVER * 86400))), deterministic=True
    )
    database.execute("BEGIN")
    database.execute("CREATE TEMP TABLE copy (number INTEGER PRIMARY KEY)")
    more = max(0, count // MAILBOXES - 1)
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO copy SELECT i FROM n WHERE ? > 0",
        (more, more),
    )
    for table in COPIED:
        columns = [column.name for column in schema.metadata.tables[table].columns]
        chosen = ", ".join(_copied(table, column) for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        database.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM (SELECT row_number() OVER (ORDER BY id) AS place, * FROM "{table}") AS one, copy'
        )
    database.execute("COMMIT")
    for _, sql in indexes:
        database.execute(sql)
    database.execute("PRAGMA journal_mode=WAL")


_BEGIN = datetime.now(UTC) + NEXT_DUE


def _copied(table: str, column: str) -> str:
    """One column of a copy: ids with the number of the copy behind them, addresses with it in front, due times spread."""
    own = f'one."{column}"'
    if column in NAMED[table]:
        return f"{own} || printf('-%07d', copy.number)"
    if column == "address":
        return f"printf('n%07d.', copy.number) || {own}"
    if table == "touch" and column == "due":
        return f"CASE WHEN one.state = 'scheduled' THEN late(copy.number * {MAILBOXES} + one.place) ELSE {own} END"
    return own
