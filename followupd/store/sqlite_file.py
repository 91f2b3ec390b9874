"""The file under an SQLite store: whether it is sound, whose it is, who has it locked, and whether it is still there.

Decides nothing about what lies in it, and changes nothing: a file that may be damaged is only ever opened for reading, because
SQLite tidies up behind a connection that may write, and the evidence would be gone.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

THOROUGH = 64_000_000
"""Bytes up to which indexes are compared with their tables as well; a bigger file is only walked through."""

EXAMINED_WITHIN = 15.0
"""Seconds after which an examination that has found nothing gives up: a daemon that does not start is no help either."""

LOCKS = Path("/proc/locks")
WRITE_LOCK = "120"  # the byte of the shared-memory file that whoever writes holds (walformat, section 2.3.1)


class StoreProblem(Exception):
    """The store can't be used as it is; the text says why and what to do, for people."""


class StoreDamaged(StoreProblem):
    """What lies there is no whole store. Nothing was changed."""


class StoreFailing(StoreProblem):
    """The disk has failed to read or write. What it has kept nobody knows: asking again may be answered with a lie."""


class StoreReplaced(StoreProblem):
    """The file was deleted, or another one put in its place, while it was in use."""


class StoreOwned(StoreProblem):
    """A living daemon has it."""


def damaged(path: object, error: object) -> StoreDamaged:
    """The one thing to say about a store that can't be trusted."""
    return StoreDamaged(
        f"{path}: {error}; the store is damaged, or no followupd store. Nothing was changed and nothing is sent. "
        f"Restore a backup: followupd restore FILE (what lies there now is kept beside it)"
    )


def failing(path: object, error: sqlite3.Error) -> StoreFailing | None:
    """What to say if the disk itself has failed; None for all that passes, such as a lock or a full disk."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_IOERR:
        return None
    name = getattr(error, "sqlite_errorname", "")
    return StoreFailing(
        f"{path}: {error} ({name}). The disk failed, so this daemon ends: what was not written will be known again from the file. While it "
        "goes on nothing is sent; look at the disk (dmesg), and move the store to a sound one"
    )


# -- soundness -----------------------------------------------------------------------------------


def examine(path: Path) -> None:
    """Look through the whole file, for a bounded time. Raises StoreDamaged; a file that is not there is sound."""
    if not path.is_file() or path.stat().st_size == 0:
        return
    check = "integrity_check" if path.stat().st_size <= THOROUGH else "quick_check"
    until = time.monotonic() + EXAMINED_WITHIN
    try:
        with closing(reading(path)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)
            found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}(3)")]
    except sqlite3.OperationalError as error:
        if _passes(error):  # locked, interrupted: this says nothing about what lies in it
            return
        raise damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from error
    if found != ["ok"]:
        raise damaged(path, "; ".join(found)[:200].replace("\n", " "))


def reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, not even at its end."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5.0)


def _passes(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM,
    )  # fmt: skip


# -- whose it is ---------------------------------------------------------------------------------


def own(path: Path) -> int:
    """Become the one daemon of this file; the descriptor to close at the end. Raises StoreOwned, naming the process.

    The lock lies on a file of its own: SQLite's locks on its own files vanish when anything in the process closes one of them.
    """
    beside = path.with_name(path.name + "-owner")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        who = f" (process {owner})" if owner.isdigit() else ""
        raise StoreOwned(f"another followupd is running on {path}{who}; only one may, so this one ends") from None
    with suppress(OSError):  # a full disk: the lock is what counts
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def owned(path: Path) -> bool:
    """Whether a daemon runs on this file, or nobody can tell. Only looked up: to try the lock would send away a daemon that begins now."""
    with suppress(OSError, ValueError):
        try:
            found = path.with_name(path.name + "-owner").stat()
        except FileNotFoundError:
            return False
        inode = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        locks = [line.split() for line in LOCKS.read_text("ascii", "replace").splitlines()]
        return any(inode in fields and "FLOCK" in fields for fields in locks)
    return True


def holder(path: Path) -> str:
    """Which process holds the write lock, such as `process 4711 (followupd add march.csv)`; "" where nobody can tell."""
    with suppress(OSError, ValueError):
        shared = path.with_name(path.name + "-shm").stat()
        inode = f"{os.major(shared.st_dev):02x}:{os.minor(shared.st_dev):02x}:{shared.st_ino}"
        for line in LOCKS.read_text("ascii", "replace").splitlines():
            fields = line.split()
            if fields[1] == "POSIX" and fields[3] == "WRITE" and fields[5] == inode and fields[6] == WRITE_LOCK:
                return f"process {fields[4]}{_called(int(fields[4]))}"
    return ""


def _called(process: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return f" ({' '.join(words).strip()[:80]})"
    return ""


# -- still there ---------------------------------------------------------------------------------


class Place:
    """The file that was opened, to be found again before each transaction."""

    def __init__(self, path: Path) -> None:
        """The file that lies there now."""
        self._path = path
        self._known = self._seen()

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def check(self) -> None:
        """Raises StoreReplaced: what is written from now on would be lost, and what is read is no longer true."""
        seen = self._seen()
        if seen != self._known:
            happened = "has been deleted" if seen is None else "is another file than the one that was opened"
            raise StoreReplaced(f"{self._path}: {happened} while it was in use; nothing is sent until followupd is started again")
