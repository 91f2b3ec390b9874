"""A copy of a store while it is in use, and putting one back.

A backup is made by one reading transaction, looked through before it gets its name, readable by its owner only, and never
written over anything. Putting one back keeps what lay there, loses no opt-out that came later, and marks every mailbox: mails
have left that the backup does not know of (`incarnation.py`). SQLite only; PostgreSQL has tools of its own.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from followupd.store import incarnation, open_store
from followupd.store.sqlite_file import StoreProblem, examine, own, reading

_ADDED = sa.text("INSERT INTO suppression (key, reason, source, at) VALUES (:key, :reason, :source, :at) ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore has done."""

    kept: Path | None  # where the store lies that was there before
    suppressions: int  # opt-outs that the backup did not know of
    unread: str  # why those of the store that was there could not be read; "" where they could
    since: datetime  # from when on the mailboxes are asked


def back_up(store: Path, target: Path) -> int:
    """Copy the store into a new file; its size in bytes. Raises StoreProblem, and leaves nothing half done."""
    if not store.is_file():
        raise StoreProblem(f"{store}: there is no store yet, so there is nothing to back up")
    _absent(target)
    half = target.with_name(f".{target.name}.half")
    _room(store, target)
    try:
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(store, timeout=30.0)) as connection:
            connection.execute("VACUUM INTO ?", (str(half),))
        examine(half)
        _to_disk(half)
        os.link(half, target)  # a rename would write over a file that has come there meanwhile
        _to_disk(target.parent)
        return target.stat().st_size
    except FileExistsError:
        _absent(target)
        raise
    except (OSError, sqlite3.OperationalError) as error:
        _room(store, target, error)
        raise StoreProblem(f"{target}: the backup could not be written: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreProblem(f"{store}: {error}; a damaged store can't be backed up, keep your last backup") from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def _absent(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise StoreProblem(f"{target}: is there already and is not written over; give another name")
    if not target.parent.is_dir():
        raise StoreProblem(f"{target.parent}: no such folder; the backup would lie in it")


def _room(store: Path, target: Path, error: Exception | None = None) -> None:
    """How many bytes are missing is more use than that the disk is full."""
    wanted = sum(path.stat().st_size for path in (store, store.with_name(store.name + "-wal")) if path.is_file())
    found = os.statvfs(target.parent)
    free = found.f_bavail * found.f_frsize
    full = error is not None and ("full" in str(error) or getattr(error, "errno", 0) == errno.ENOSPC)
    if free < wanted or full:
        raise StoreProblem(
            f"{target}: the disk is full: the backup needs up to {wanted / 1e6:.1f} MB, {free / 1e6:.1f} MB are free, "
            f"{max(wanted - free, 0) / 1e6:.1f} MB are missing"
        )


def restore(store: Path, backup: Path, mailboxes: Collection[str], now: datetime) -> Restored:
    """Put a backup in the place of the store. Raises StoreProblem: a daemon is at work, or the backup is no sound store."""
    if not backup.is_file():
        raise StoreProblem(f"{backup}: there is no such file")
    if store.exists() and store.samefile(backup):
        raise StoreProblem(f"{backup}: is the store itself; name a backup")
    owned = own(store)  # no daemon can start meanwhile
    try:
        examine(backup)
        _a_store(backup)
        fresh = store.with_name(f".{store.name}.restored")
        _copy(backup, fresh)
        try:
            known, unread = _suppressions(store)
            with closing(open_store(f"sqlite:///{fresh}", examined=True)) as opened:
                with opened.writing() as connection:
                    added = sum(connection.execute(_ADDED, row).rowcount for row in known)
                since = incarnation.mark(opened, mailboxes, now)
            _to_disk(fresh)
            kept = _set_aside(store, now) if store.exists() else None
            fresh.replace(store)
            _to_disk(store.parent)
        finally:
            for name in ("", "-wal", "-shm", "-journal"):
                fresh.with_name(fresh.name + name).unlink(missing_ok=True)
        return Restored(kept=kept, suppressions=added, unread=unread, since=since)
    finally:
        os.close(owned)


def _a_store(backup: Path) -> None:
    """An empty file is a sound database, too, but a new store in the place of the old one is not what anybody wants."""
    try:
        with closing(reading(backup)) as connection:
            connection.execute("SELECT 1 FROM touch, alembic_version LIMIT 1")
    except sqlite3.Error as error:
        raise StoreProblem(f"{backup}: is no backup of a followupd store ({error})") from error


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with (
        source.open("rb") as reads,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as writes,
    ):
        shutil.copyfileobj(reads, writes, 1 << 20)
    log = source.with_name(source.name + "-wal")
    if log.is_file() and log.stat().st_size:  # a plain copy of a store in use has its latest commits there
        shutil.copyfile(log, target.with_name(target.name + "-wal"))


def _suppressions(store: Path) -> tuple[list[dict[str, object]], str]:
    """Whom the store that lies there knows as opted out, as far as it can still be read; and why not."""
    if not store.is_file() or not store.stat().st_size:
        return [], ""
    try:
        with closing(reading(store)) as connection:
            connection.text_factory = lambda content: content.decode("utf-8", "replace")
            found = connection.execute("SELECT key, reason, source, at FROM suppression").fetchall()
    except sqlite3.Error as error:  # damaged in whatever way: that must not keep a backup from being put back
        return [], str(error)
    return [dict(zip(("key", "reason", "source", "at"), row, strict=True)) for row in found], ""


def _set_aside(store: Path, now: datetime) -> Path:
    """Another name for what lies there, with its log; only then is that log taken out of the way of the new store."""
    kept = store.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%SZ}")
    number = 1
    while kept.exists():
        number += 1
        kept = store.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%SZ}-{number}")
    for name in ("", "-wal", "-shm"):
        here, there = store.with_name(store.name + name), kept.with_name(kept.name + name)
        if here.exists():
            try:
                os.link(here, there)
            except OSError:  # a file system without links
                shutil.copy2(here, there)
    _to_disk(store.parent)
    for name in ("-wal", "-shm", "-witness"):
        store.with_name(store.name + name).unlink(missing_ok=True)
    return kept


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
