"""Whether this store is still the one that the last daemon here has written to.

A restored backup, a copied file and a cloned machine all hold an old truth: mails have left that they do not know of. So the
store remembers where it lives (`Home`) and until when it was written to, and a daemon that finds it somewhere else, or older
than it was, asks the mailboxes before it sends anything (`mark`: the column `reconcile`).

SQLite lives on a machine, under a path, in an inode; beside it lies a small witness with the minute in which it was last
written to, because an old file that is copied *into* the inode of the newer one looks the same from all other sides.
PostgreSQL lives in a cluster, on a timeline (a promoted replica may have lost the last commits), under a database's number;
daemons on several machines share it, so the machine says nothing there. A copy of its files may look the same from all these sides.

Of both the marks know better than any place: they name the last gates that were passed, and a store that does not know of one of
them is older than it was, be it by a second. PostgreSQL may be exchanged while we run, so each new connection is asked (`guard`).

Decides only whether there is a difference. What follows is the daemon's business.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.core.model import Gate
from followupd.store import Store, StoreProblem, schema
from followupd.store.engine import insert

SETTING = "incarnation"
"""The row of table `setting` that holds the record, as JSON."""

MACHINE = Path("/etc/machine-id")

BACK = timedelta(days=7)
"""How much earlier than the newest known time the mailboxes are read: mails may have left before the last minute was noted."""

SLACK = timedelta(minutes=3)
"""Clocks of several machines on one PostgreSQL differ, and clocks are set: less than this says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a store lives. What can't be known is empty, and empty differs from nothing."""

    machine: str = ""  # SQLite
    path: str = ""
    inode: str = ""
    cluster: str = ""  # PostgreSQL
    timeline: str = ""
    database: str = ""


SAYS = {
    "machine": "it lies on another machine",
    "path": "it lies in another place",
    "inode": "its file is another one",
    "cluster": "it lies in another database server",
    "timeline": "another server has taken over from the one that wrote it",
    "database": "it lies in another database",
}


class StoreMoved(StoreProblem):
    """The store is another one than at the start, such as after a failover: only a new start finds out what that means."""

    def __init__(self, reason: str) -> None:
        """`reason` as `check` gives it."""
        super().__init__(f"the store has moved while it was in use: {reason}")


def check(store: Store, now: datetime, gates: Collection[Gate] = ()) -> str:
    """Why this store may not know of all mails that have left, for people; "" where nothing speaks for it."""
    moved = elsewhere(store)
    if moved:
        return moved
    written, seen = last_minute(store), _instant(_witness(store.engine).get("minute"))
    if written and seen and written < seen:  # the witness is written after the store
        return f"it is of {written:%F %H:%M}, but was written to at {seen:%F %H:%M} UTC: an older copy has been put in its place"
    if written and now < written - SLACK:
        return f"it was written to at {written:%F %H:%M} UTC, but by the clock it is {now:%F %H:%M}"
    with store.reading() as connection:
        return _forgotten(connection, gates)


def elsewhere(store: Store) -> str:
    """How the place differs from the one where it was last written to; "" where it does not, and for a new store."""
    with store.reading() as connection:
        return _elsewhere(connection, store.engine)


def guard(store: Store) -> None:
    """From now on each new connection to PostgreSQL must lead to the same store, and to one that knows what we have sent.

    Raises StoreMoved from whatever wanted the connection. The file of SQLite is watched by `sqlite_file.Place`.
    """
    if store.engine.dialect.name == "sqlite":
        return

    @sa.event.listens_for(store.engine, "engine_connect")
    def ask(connection: sa.Connection) -> None:
        if "asked" in connection.info:
            return
        moved = _elsewhere(connection, store.engine) or _forgotten(connection, tuple(store.passed))
        connection.rollback()
        if moved:
            connection.invalidate()
            raise StoreMoved(moved)
        connection.info["asked"] = True


def _forgotten(connection: sa.Connection, gates: Collection[Gate]) -> str:
    """Which of these gates the store knows nothing of, for people; "" if it knows them all."""
    mail = schema.mail.c
    for gate in gates:
        known = sa.select(mail.touch).where(mail.touch == gate.touch, mail.gated >= gate.at)
        if connection.execute(known).first() is None:
            return f"it does not know of a mail of {gate.at:%F %T} UTC: an older copy has been put in its place"
    return ""


def _elsewhere(connection: sa.Connection, engine: sa.Engine) -> str:
    record, home = _record(connection), _home(engine, connection)
    for name, says in SAYS.items():
        before, here = record.get(name, ""), getattr(home, name)
        if before and here and before != here:
            return f"{says}: {here} instead of {before}"
    return ""


def mark(store: Store, mailboxes: Collection[str], now: datetime) -> datetime:
    """Every mailbox asks its folders first, beginning some days before the newest time that the store knows of; when that is."""
    with store.writing() as connection:
        since = _newest(connection, now) - BACK
        box = schema.mailbox.c
        names = {*mailboxes, *connection.execute(sa.select(box.name)).scalars()}
        for name in sorted(names):
            statement = insert(schema.mailbox, store.engine).values(name=name, reconcile=since)
            earlier = sa.case((box.reconcile < since, box.reconcile), else_=sa.literal(since, schema.Instant))
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"reconcile": earlier}))
    return since


def keep(store: Store, now: datetime) -> None:
    """Note where the store lives and that it is written to now; once a minute, and after `check` and `mark` at the start."""
    with store.writing() as connection:
        home = _home(store.engine, connection)
        record = {name: value for name in SAYS if (value := getattr(home, name))} | {"minute": now.isoformat(timespec="seconds")}
        values = {"name": SETTING, "value": json.dumps(record).encode()}
        statement = insert(schema.setting, store.engine).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    witness = _witness_path(store.engine)
    if witness is not None:  # only after the commit: the store is never older than its witness
        half = witness.with_name(witness.name + ".half")
        with suppress(OSError):  # no room for it: one witness less
            half.touch(mode=0o600)
            half.write_text(json.dumps({"minute": record["minute"]}), encoding="utf-8")
            half.replace(witness)


def last_minute(store: Store) -> datetime | None:
    """When a daemon last noted that it was writing to this store."""
    with store.reading() as connection:
        return _instant(_record(connection).get("minute"))


# -- what is known -------------------------------------------------------------------------------


def _record(connection: sa.Connection) -> dict[str, Any]:
    found = connection.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == SETTING)).scalar()
    return _read(bytes(found)) if found else {}


def _read(text: bytes) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _newest(connection: sa.Connection, now: datetime) -> datetime:
    """The newest time that the store knows of, but never later than now: it may have been written by a clock that was wrong."""
    gated = connection.execute(sa.select(sa.func.max(schema.mail.c.gated))).scalar()
    known = [at for at in (_instant(_record(connection).get("minute")), gated) if at is not None]
    return min(now, max(known, default=now))


def _home(engine: sa.Engine, connection: sa.Connection) -> Home:
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "").resolve()
        return Home(machine=_machine(), path=str(path), inode=str(path.stat().st_ino))
    found = {name: _asked(connection, question) for name, question in _QUESTIONS.items()}
    return Home(**found)


_QUESTIONS = {
    "cluster": "SELECT system_identifier::text FROM pg_control_system()",
    "timeline": "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
    "database": "SELECT oid::text FROM pg_database WHERE datname = current_database()",
}


def _asked(connection: sa.Connection, question: str) -> str:
    """The answer, or nothing where this server does not let us ask."""
    try:
        with connection.begin_nested():
            return str(connection.execute(sa.text(question)).scalar() or "")
    except sqlalchemy.exc.DBAPIError:
        return ""


def _machine() -> str:
    """The machine's id (machine-id(5)); nothing where it has none of its own."""
    with suppress(OSError):
        found = MACHINE.read_text("ascii", "replace").strip()
        return found if len(found) == 32 else ""
    return ""


def _witness_path(engine: sa.Engine) -> Path | None:
    return Path(f"{engine.url.database}-witness") if engine.dialect.name == "sqlite" else None


def _witness(engine: sa.Engine) -> dict[str, Any]:
    path = _witness_path(engine)
    with suppress(OSError):
        return _read(path.read_bytes()) if path else {}
    return {}
