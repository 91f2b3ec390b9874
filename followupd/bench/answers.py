"""People who answer, for measuring: replies and strangers' mails, when a bare IMAP client hears of them, and when the store has them.

    Postman   hands mails over by LMTP; each is in the mailbox when it says so
    Bell      a bare socket in IDLE: the moment at which the server tells of the n-th mail
    Ledger    a look into the store at each commit: the moment from which an enrollment is seen to be over

All moments are of the monotonic clock, which the processes of a machine share.
"""

from __future__ import annotations

import smtplib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from followupd.bench.suite import WrongOutcome

NO = "No thank you, we have decided for another solution. Please don't write to us again."
STRANGE = "Dear all,\r\n\r\nthe canteen is closed on Friday. {filler}\r\n\r\nYour service team"


def reply(address: str, message_id: str, number: int, *, text: str = NO) -> bytes:
    """A plain answer to a mail of ours, as a mail program writes it."""
    return (
        f"Return-Path: <{address}>\r\nReceived: from mx.{address.partition('@')[2]} by mail.example.com; {formatdate()}\r\n"
        f"From: {address.partition('@')[0]} <{address}>\r\nTo: rep@example.com\r\nSubject: Re: A thought\r\nDate: {formatdate()}\r\n"
        f"Message-ID: <answer-{number}@{address.partition('@')[2]}>\r\nIn-Reply-To: <{message_id}>\r\nReferences: <{message_id}>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\nBest regards\r\nAnn\r\n\r\n"
        "On Mon, the rep wrote:\r\n> Hello,\r\n> here is the list that I promised you.\r\n"
    ).encode()


def stranger(number: int) -> bytes:
    """A mail that concerns nobody we write to."""
    filler = "There will be a van with soup in front of the house. " * 20
    return (
        f"Return-Path: <news@org{number}.example>\r\nFrom: News <news@org{number}.example>\r\nTo: rep@example.com\r\nSubject: News {number}\r\n"
        f"Date: {formatdate()}\r\nMessage-ID: <news-{number}@org{number}.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{STRANGE.format(filler=filler)}\r\n"
    ).encode()


class Postman:
    """One LMTP connection, which numbers what it brings to each mailbox. Nobody else may bring anything there."""

    def __init__(self, port: int) -> None:
        self._lmtp = smtplib.LMTP("127.0.0.1", port, timeout=60)
        self._lmtp.ehlo_or_helo_if_needed()
        self.brought: dict[str, int] = {}

    def bring(self, user: str, raw: bytes) -> tuple[int, float]:
        """Hand over a mail; its number in the mailbox, and when it was there."""
        self._lmtp.sendmail("someone@elsewhere.example", [user], raw)
        self.brought[user] = self.brought.get(user, 0) + 1
        return self.brought[user], time.monotonic()

    def close(self) -> None:
        """Say good-bye."""
        with suppress(smtplib.SMTPException, OSError):
            self._lmtp.quit()


class Bell:
    """A bare client in IDLE on one mailbox: what IMAP lets anybody know at the earliest."""

    def __init__(self, port: int, user: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")
        self._rung: list[tuple[int, float]] = []
        self._file.readline()
        for line in (f"a LOGIN {user} secret", "b EXAMINE INBOX"):
            self._socket.sendall(line.encode() + b"\r\n")
            while not self._file.readline().startswith(line[:2].encode()):
                pass
        self._socket.sendall(b"c IDLE\r\n")
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def rang(self, number: int) -> float | None:
        """When the server first told of the n-th mail; None if it has not."""
        return next((at for count, at in list(self._rung) if count >= number), None)

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._file.close()
        self._socket.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while line := self._file.readline():
                at, words = time.monotonic(), line.split()
                if len(words) == 3 and words[2] == b"EXISTS":
                    self._rung.append((int(words[1]), at))


OVER = "SELECT address FROM enrollment WHERE state = 'finished' AND address IN ({})"


@dataclass(slots=True)
class Ledger:
    """Looks at a SQLite store at each of its commits, about every half millisecond, for those whose end is waited for."""

    path: Path
    over: dict[str, float] = field(default_factory=dict)  # when it was first seen
    waited: set[str] = field(default_factory=set)
    _end: threading.Event = field(default_factory=threading.Event)

    def watch(self, addresses: Iterable[str]) -> None:
        """Also look for these."""
        self.waited = {*self.waited, *addresses}

    def run(self) -> None:
        """Look, until `close`."""
        store = sqlite3.connect(self.path, timeout=30)
        version = -1
        while not self._end.wait(0.0005):
            (now,) = store.execute("PRAGMA data_version").fetchone()
            waited = sorted(self.waited - self.over.keys())
            if now == version or not waited:
                continue
            version = now
            for start in range(0, len(waited), 500):
                some = waited[start : start + 500]
                found = store.execute(OVER.format(",".join("?" * len(some))), some).fetchall()
                at = time.monotonic()
                self.over.update((address, at) for (address,) in found)
        store.close()

    def close(self) -> None:
        """Look no more."""
        self._end.set()


@contextmanager
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger that looks in a thread of its own."""
    found = Ledger(path)
    thread = threading.Thread(target=found.run)
    thread.start()
    try:
        yield found
    finally:
        found.close()
        thread.join()


def until(condition: Mapping[str, float], names: Iterable[str], seconds: float, what: str) -> None:
    """Wait until all names are there; WrongOutcome if some are not in time."""
    end, names = time.monotonic() + seconds, set(names)
    while left := names - condition.keys():
        if time.monotonic() > end:
            raise WrongOutcome(f"{len(left)} of {len(names)} {what}")
        time.sleep(0.01)
