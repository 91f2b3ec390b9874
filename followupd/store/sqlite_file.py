"""The file under an SQLite store: whether it is sound, whose it is, who has it locked, and whether it is still there.

Decides nothing about what lies in it, and changes nothing: a file that may be damaged is only ever opened for reading, because
SQLite tidies up behind a connection that may write, and the evidence would be gone. How much of it is looked at before the first mail,
and how much beside the work, is decided here (docs/decisions/0046).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

AT_ONCE = 32_000_000
"""Bytes up to which a file is looked through whole before it is opened: a fifth of a second."""

THOROUGH = 64_000_000
"""Bytes up to which indexes are compared with their tables as well; a bigger file is only walked through."""

EXAMINED_WITHIN = 15.0
"""Seconds after which an examination that holds up the start, and has found nothing, gives up: a daemon that does not start is no help either."""

BESIDE_WITHIN = 120.0
"""The same for one that holds up nobody; the log (-wal) can't be emptied meanwhile."""

STEPS = 100_000
"""Instructions of SQLite between two looks at the clock: some milliseconds."""

LOCKS = Path("/proc/locks")
WRITE_LOCK = "120"  # the byte of the shared-memory file that whoever writes holds (walformat, section 2.3.1)


class StoreProblem(Exception):
    """The store can't be used as it is; the text says why and what to do, for people."""


class StoreDamaged(StoreProblem):
    """What lies there is no whole store. `found` is what SQLite says of it."""

    found: object = ""


class StoreFailing(StoreProblem):
    """The disk has failed to read or write. What it has kept nobody knows: asking again may be answered with a lie."""


class StoreReplaced(StoreProblem):
    """The file was deleted, or another one put in its place, while it was in use."""


class StoreOwned(StoreProblem):
    """A living daemon has it."""


def damaged(path: object, error: object, *, at_work: bool = False) -> StoreDamaged:
    """The one thing to say about a store that can't be trusted. `at_work`: it was in use when that was found."""
    done = "The daemon that had it in use ends, and no other begins" if at_work else "Nothing was changed and nothing is sent"
    problem = StoreDamaged(
        f"{path}: {error}; the store is damaged, or no followupd store. {done}. "
        f"Restore a backup: followupd restore FILE (what lies there now is kept beside it)"
    )
    problem.found = error
    return problem


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


def examine(path: Path, first: Collection[str] = ()) -> None:
    """Look through a file before it is opened, for a bounded time. Raises StoreDamaged; a file that is not there is sound.

    A small one whole; a big one whole only where damage is to be expected: after a power cut, and where it was found before. Of any
    other big one only the tables in `first`, on which everything rests; the rest is `walk`'s.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size == 0:
        return
    until = time.monotonic() + EXAMINED_WITHIN
    noted = _noted(path)
    if size <= AT_ONCE or noted or _was_cut_off(path):
        whole = _look(path, [_whole(size)], lambda: time.monotonic() > until)
        if noted and not whole:
            raise damaged(path, noted)
        _note(path, "")
    else:
        _look(path, [f'PRAGMA quick_check("{name}")' for name in _there(path, first)], lambda: time.monotonic() > until)


def walk(path: Path, stopped: Callable[[], bool]) -> None:
    """Look through all of a big file while it is in use, in a thread that gets only the time that nobody else wants.

    Raises StoreDamaged, and the next start looks through all of it first. Ends without a word where `stopped` says so.
    """
    size = path.stat().st_size
    if size <= AT_ONCE:
        return  # done before it was opened
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)  # of this thread alone (setpriority(2), BUGS)
    until = time.monotonic() + BESIDE_WITHIN
    try:
        _look(path, [_whole(size)], lambda: stopped() or time.monotonic() > until)
    except StoreDamaged as problem:
        _note(path, str(problem.found))
        raise damaged(path, problem.found, at_work=True) from problem


def _whole(size: int) -> str:
    return "PRAGMA integrity_check(3)" if size <= THOROUGH else "PRAGMA quick_check(3)"


def _look(path: Path, questions: Sequence[str], over: Callable[[], bool]) -> bool:
    """Whether all questions were asked and answered well. Raises StoreDamaged."""
    found: list[str] = []
    try:
        with closing(reading(path)) as connection:
            connection.set_progress_handler(over, STEPS)
            for question in questions:
                found += [str(row[0]) for row in connection.execute(question)]
    except sqlite3.OperationalError as error:
        if _passes(error):  # locked, interrupted: this says nothing about what lies in it
            return False
        raise damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from error
    if set(found) - {"ok"}:
        raise damaged(path, "; ".join(found)[:200].replace("\n", " "))
    return True


def _there(path: Path, names: Collection[str]) -> list[str]:
    """Those of the tables that are there: not each version of the store has all of them."""
    try:
        with closing(reading(path)) as connection:
            found = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except sqlite3.OperationalError as error:
        if _passes(error):
            return []
        raise damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from error
    return [name for name in names if name in found]


def _was_cut_off(path: Path) -> bool:
    """Whether the machine went down while the file was in use: its log is still there, and is older than this boot."""
    try:
        last = path.with_name(path.name + "-wal").stat()
    except FileNotFoundError:
        return False
    return last.st_size > 0 and last.st_mtime < time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _note_of(path: Path) -> Path:
    return path.with_name(path.name + "-damaged")


def _note(path: Path, found: str) -> None:
    """Keep for the next start that damage was found in this very file; forget it."""
    with suppress(OSError):
        if found:
            _note_of(path).write_text(f"{path.stat().st_ino} {found}\n", encoding="utf-8")
        else:
            _note_of(path).unlink(missing_ok=True)


def _noted(path: Path) -> str:
    """What damage was found in this very file; "" where none was, or where another one lies there now."""
    with suppress(OSError):
        inode, _, found = _note_of(path).read_text("utf-8", "replace").strip().partition(" ")
        return found if inode == str(path.stat().st_ino) else ""
    return ""


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
        owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").partition("\n")[0].strip()
        os.close(descriptor)
        who = f" (process {owner})" if owner.isdigit() else ""
        raise StoreOwned(f"another followupd is running on {path}{who}; only one may, so this one ends") from None
    with suppress(OSError):  # a full disk: the lock is what counts
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def tell_where(descriptor: int, folder: Path) -> None:
    """Write beside the owner's number where its signs of life lie."""
    with suppress(OSError):
        os.pwrite(descriptor, f"{os.getpid()}\n{folder}\n".encode(), 0)


def told_where(path: Path) -> Path | None:
    """What the owner, or the last one, has written there."""
    with suppress(OSError):
        folder = path.with_name(path.name + "-owner").read_text("utf-8", "replace").partition("\n")[2].strip()
        return Path(folder) if folder else None
    return None


def owned(path: Path) -> bool:
    """Whether a living daemon has this file. Only looked at: to try the lock would be to have it for a moment."""
    with suppress(OSError, ValueError, IndexError):
        beside = path.with_name(path.name + "-owner").stat()
        inode = f"{os.major(beside.st_dev):02x}:{os.minor(beside.st_dev):02x}:{beside.st_ino}"
        lines = (line.split() for line in LOCKS.read_text("ascii", "replace").splitlines())
        return any(fields[1] == "FLOCK" and fields[5] == inode for fields in lines)
    return False


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
