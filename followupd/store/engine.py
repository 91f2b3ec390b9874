"""How each database is opened, so that the statements need not know which one it is.

SQLite: WAL, `synchronous=FULL` (a lost "sent" mark means a second mail), every transaction that may write takes the write
lock at its beginning (an upgrade from reading to writing would fail at once), one that only reads takes none and waits for
nobody; one connection per process. PostgreSQL: the default isolation, a small pool. Network file systems are refused for SQLite: their locks lie.
"""

from __future__ import annotations

import os
import select
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from followupd.store.prepared import spoken
from followupd.store.sqlite_file import Place, StoreProblem, damaged

BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's (a CSV of 100,000 rows is written in short ones)."""

CACHE_KB = 4096
"""What SQLite keeps of a store in memory, if it is as large: most of the ways into the indexes of ten million enrollments."""

BULK_CACHE_KB = 32_768
"""The same for a connection by which people are enrolled by the thousand: each of them belongs into nine places of a large store."""

LOG_PAGES = 4000
"""How long SQLite's log may grow before it is written into the file (16 MB): what was changed several times meanwhile is written once."""

KEPT_STATEMENTS = 512
"""How many statements a connection keeps prepared: a turn of the daemon goes through 300, and to plan one takes longer than to carry it out."""

READING = "followupd_reading"
"""The execution option of a transaction that only reads."""

_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"})


class StoreBusy(Exception):
    """The database can't write now (locked, full, restarting). Nothing was written; the same may be asked again."""


SILENCE = 8
"""Seconds after which PostgreSQL gives up a transaction that says nothing, and both sides a link that has gone dead without a word."""

_POSTGRESQL = {
    "application_name": "followupd", "connect_timeout": SILENCE, "keepalives_idle": SILENCE // 2, "keepalives_interval": SILENCE // 4,
    "keepalives_count": 2, "tcp_user_timeout": SILENCE * 1000, "prepare_threshold": 2,
}  # fmt: skip
"""What our side does to notice a dead link; and a statement that comes a second time is prepared: it will come again."""

RESTED = 1.0
"""Seconds after which a connection that nobody has used is asked whether it is there before it is used again."""

_THEIRS = (
    f"SET idle_in_transaction_session_timeout = '{SILENCE}s'; SET tcp_user_timeout = '{SILENCE}s'; SET tcp_keepalives_idle = {SILENCE // 2}; "
    f"SET tcp_keepalives_interval = {SILENCE // 4}; SET tcp_keepalives_count = 2"
)
"""What the server does, for each connection of ours."""

_PRESSED = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
)
"""The bytes of kept mails are pressed by the quicker of two ways, where the server has both: a third less work (measured)."""


def open_engine(url: str, *, bulk: bool = False) -> sa.Engine:
    """An engine for `sqlite:///PATH` or `postgresql+psycopg://...`; `bulk`: for one long transaction beside the usual connection."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(Path(parsed.database or ""), bulk=bulk)
    # The last one used is the next one used: it has the statements prepared, and the server's process behind it its catalogs at hand.
    engine = sa.create_engine(parsed, pool_size=5, max_overflow=5, pool_use_lifo=True, connect_args=_POSTGRESQL)
    sa.event.listen(engine, "connect", _let_no_frozen_daemon_hold_rows)
    sa.event.listen(engine, "reset", _put_back)
    sa.event.listen(engine, "checkout", lambda connection, entry, _: _check_there(engine, connection, entry))
    return engine


def _let_no_frozen_daemon_hold_rows(connection: Any, _: object) -> None:
    """A daemon that is stopped in the middle of a transaction keeps its rows locked: whoever takes its mailboxes over would wait for it."""
    connection.prepared_max = KEPT_STATEMENTS
    with connection.cursor() as cursor:
        cursor.execute(_THEIRS)
        cursor.execute(_PRESSED)
    connection.commit()


def _put_back(_: Any, entry: ConnectionPoolEntry | None, _how: Any) -> None:
    if entry is not None:  # else it was detached
        entry.info["used"] = time.monotonic()


def _check_there(engine: sa.Engine, connection: Any, entry: ConnectionPoolEntry) -> None:
    """A server that has gone has said so, or is asked where that was long ago. To ask each time costs as much as a small transaction."""
    if time.monotonic() - entry.info.get("used", float("inf")) < RESTED and not _speaks(connection):
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise sa.exc.InvalidatePoolError(str(error)) from error  # all of them: the next one is made anew


def _speaks(connection: Any) -> bool:
    """Whether something has come that nobody has asked for: the end of the link, most likely."""
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    return bool(news.poll(0))


def open_session(engine: sa.Engine, seconds: float) -> sa.Connection:
    """A session of PostgreSQL outside the pool, for locks that live as long as it; the server ends it after so many silent seconds.

    Raises StoreProblem behind a pooler that changes servers between two transactions: the locks would belong to somebody else.
    """
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    session.detach()
    who = sa.select(sa.func.pg_backend_pid())
    try:
        before = session.scalar(who)
        with engine.begin() as other:  # behind such a pooler this takes the server that has just become free
            other.scalar(who)
            _check_same(engine, before, session.scalar(who))
        if session.dialect.server_version_info >= (14,):  # type: ignore[operator]
            session.exec_driver_sql(f"SET idle_session_timeout = {round(seconds * 1000)}")
    except BaseException:
        session.close()
        raise
    return session


def _check_same(engine: sa.Engine, before: int | None, after: int | None) -> None:
    if before != after:
        raise StoreProblem(
            f"{engine.url.render_as_string(hide_password=True)}: lies behind a pooler that changes servers between transactions, so that "
            "no lock lasts; name PostgreSQL itself here, or a pooler by session (pgbouncer: pool_mode = session)"
        )


def _open_sqlite(path: Path, *, bulk: bool) -> sa.Engine:
    if not path.parent.is_dir():
        raise StoreProblem(f"{path.parent}: no such folder; the store would lie in it")
    if path.exists() and not path.is_file():
        raise StoreProblem(f"{path}: is no file; write the name of one, such as followupd.db")
    kind = _file_system(path.parent)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StoreProblem(
            f"{path}: lies on a network file system ({kind}), whose locks can't be trusted; use a local disk or PostgreSQL"
        )
    if not bulk:  # beside another connection: fcntl(2) takes all locks from a process that closes the file anywhere
        with suppress(OSError):  # SQLite gives its log the same mode; what stands in the way it will say itself
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = sa.create_engine(
        f"sqlite:///{path}", poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "isolation_level": None, "cached_statements": KEPT_STATEMENTS},
    )  # fmt: skip

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        try:
            _log_ahead(connection)
            temporary, cache = ("FILE", BULK_CACHE_KB) if bulk else ("MEMORY", CACHE_KB)
            own = (f"temp_store={temporary}", f"cache_size=-{cache}")
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "mmap_size=0", f"wal_autocheckpoint={LOG_PAGES}", *own):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:  # locked, read-only, no space: nothing is wrong with what lies in it
            raise StoreProblem(f"{path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise damaged(path, error) from error
        places[:] = [Place(path)]

    places: list[Place] = []

    @sa.event.listens_for(engine, "begin")
    def _take_the_lock(connection: sa.Connection) -> None:
        text = "BEGIN" if connection.get_execution_options().get(READING) else "BEGIN IMMEDIATE"
        try:
            connection.connection.cursor().execute(text)
        except sqlite3.Error as error:
            raise spoken(connection, text, error) from error
        try:
            places[0].check()  # after the lock: it may have been waited for
        except StoreProblem:
            connection.exec_driver_sql("ROLLBACK")
            raise

    return engine


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL. Of several processes that make a store at once, SQLite sends all but one away without waiting."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _file_system(folder: Path) -> str:
    """The type of the file system that holds a folder, from the mount table; empty where there is none (not Linux)."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    folder, best, kind = folder.resolve(), "", ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) >= 3 and folder.is_relative_to(fields[1]) and len(fields[1]) >= len(best):
            best, kind = fields[1], fields[2]
    return kind


def insert(table: sa.Table, engine: sa.Engine) -> Any:
    """An insert that knows `ON CONFLICT`, in the words of the engine's database."""
    return insert_for(table, engine.dialect.name)


def insert_for(table: sa.Table, dialect: str) -> Any:
    """The same, in the words of that dialect."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)
