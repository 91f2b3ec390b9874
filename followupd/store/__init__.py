"""The store: what must not be lost. A dozen verbs, each with its contract; nothing outside this folder sees SQL.

Decides nothing about cadences. It keeps promises: a change is written whole or not at all, a touch is claimed by one
daemon at a time, and what a claim promises is checked again by the gate. Plain synchronous code; stories await it
through one small pool of threads (`world.py`). The clock is always an argument.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.core.figures import Span
from followupd.core.model import (
    Alarm,
    Change,
    Claim,
    CompanyWord,
    Cursor,
    DomainUsage,
    Enrollment,
    Event,
    Fact,
    Gate,
    Handover,
    History,
    KeptMail,
    Letter,
    LetterAnswer,
    Match,
    Newcomer,
    Prospect,
    Reply,
    Round,
    Seen,
    SentKeeping,
    Suppression,
    Switch,
    Taken,
    Talk,
    Task,
    Touch,
    Usage,
    altered,
)
from followupd.core.troubles import Trouble
from followupd.store import bulk, claiming, fleet, matching, reading, rows, schema, writing
from followupd.store.arriving import Arrivals
from followupd.store.claiming import Hand, Passing, Want
from followupd.store.engine import READING, StoreBusy, insert, open_engine
from followupd.store.session import Session
from followupd.store.sqlite_file import (
    StoreDamaged,
    StoreFailing,
    StoreOwned,
    StoreProblem,
    StoreReplaced,
    damaged,
    examine,
    failing,
    holder,
    own,
    owned,
    tell_where,
    told_where,
    walk,
)
from followupd.store.writing import Stale

HOLD_SECONDS = 9.0
"""How long a daemon may say nothing: after that PostgreSQL ends its session, and others take its mailboxes over."""

MOST_KNOWN = 4096
"""Rows in hand that are remembered: several times as many as a daemon has."""

FIRST = tuple(
    one.name
    for one in (schema.setting, schema.switch, schema.suppression, schema.mailbox, schema.cursor, schema.cadence, schema.round_)
)
"""What is looked at before a big file is opened: who may be written to, from where, with what. None of them grows with the enrollments."""

__all__ = [
    "Arrivals", "Hand", "MailboxTaken", "Passing", "Stale", "Store", "StoreBusy", "StoreDamaged", "StoreFailing", "StoreOwned", "StoreProblem", "StoreReplaced", "Want", "open_store",
]  # fmt: skip

Result = TypeVar("Result")


class MailboxTaken(Exception):
    """Another daemon owns the mailbox; the text says which."""


def open_store(url: str, *, examined: bool = False) -> Store:
    """Open, and where needed make or upgrade, the store behind `sqlite:///PATH` or `postgresql://...`.

    `examined`: a file is looked through first, and not touched if it is damaged. Raises StoreProblem with words for people: no
    folder, no server, a damaged file, a store of a newer followupd.
    """
    if examined and url.startswith("sqlite:///"):
        examine(Path(url.removeprefix("sqlite:///")), first=FIRST)
    engine = open_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        from followupd.store.upgrade import bring_up_to_date

        bring_up_to_date(engine)
    except sqlalchemy.exc.OperationalError as error:
        engine.dispose()
        raise StoreProblem(f"{engine.url.render_as_string(hide_password=True)}: {error.orig}") from error
    except sqlalchemy.exc.DatabaseError as error:
        engine.dispose()
        raise damaged(engine.url.database or "the store", error.orig) from error
    return Store(engine)


_LOOKED = (
    sa.update(schema.mailbox).where(schema.mailbox.c.name == sa.bindparam("box"))
    .values(looked=sa.func.coalesce(sa.bindparam("when", type_=schema.Instant), schema.mailbox.c.looked), state_text=sa.bindparam("words"))
)  # fmt: skip


def _first(error: BaseException) -> str:
    """What went wrong first: a transaction that SQLite has rolled back itself (no room) fails once more when it is to be ended."""
    first, known = error, error.__context__
    while known is not None:
        first, known = known if isinstance(known, sqlalchemy.exc.OperationalError) else first, known.__context__
    return str(getattr(first, "orig", first))


class Store:
    """The verbs. One transaction each, unless said otherwise. All raise StoreBusy where the database can't do it now."""

    def __init__(self, engine: sa.Engine) -> None:
        """See `open_store`."""
        self.engine = engine
        self._reader = engine.execution_options(**{READING: True})  # the same connections
        self._looker = self._reader if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")
        self.session = (
            Session(engine, lambda: HOLD_SECONDS) if engine.dialect.name == "postgresql" else None
        )  # shows that we live
        self.held: frozenset[str] = frozenset()  # mailboxes in which nobody need be woken: we hold them
        self._known: dict[
            str, Enrollment | Touch
        ] = {}  # rows that we have in hand, as they lie in the file; others may have moved them since
        self._counts: dict[str, claiming.Counted] = {}  # what mailboxes have sent, as it was counted last
        self._swept: int | None = None  # how many suppressions there were when nobody under way was suppressed
        self._lock: threading.Lock | None = threading.Lock() if engine.dialect.name == "sqlite" else None
        self.passed: deque[Gate] = deque(maxlen=16)  # the last ones passed: whatever lies behind this URL must know of them
        self._asking = threading.local()  # the transaction in which this thread asks all its questions
        self._file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
        self._owned = -1

    def close(self) -> None:
        """Let go of all connections, and of the ownership."""
        if self.session is not None:
            self.session.close()
        self.engine.dispose()
        if self._owned >= 0:
            os.close(self._owned)
            self._owned = -1

    def own(self, patience: float) -> None:
        """Be the one daemon on this file, and wait for others' locks only so long (seconds). Raises StoreOwned.

        Nothing to do on PostgreSQL, where daemons share the database and each mailbox has its owner.
        """
        if self._file is not None:
            self._owned = own(self._file)
            with self._reader.connect() as connection:  # reading waits for nobody
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience * 1000)}")

    def alone(self) -> bool:
        """Whether nobody has to wait where we write for long: no daemon owns the file. PostgreSQL lets the others go on anyway."""
        return self._file is None or not owned(self._file)

    def look_through(self, stopped: Callable[[], bool]) -> None:
        """Look through a big file beside the work, in a thread of its own, until `stopped`. Raises StoreDamaged."""
        if self._file is not None:
            walk(self._file, stopped)

    def owned(self) -> bool:
        """Whether a daemon is at work on this file now."""
        return self._file is not None and owned(self._file)

    def reset(self) -> None:
        """Everything that was remembered between two questions is asked anew."""
        self._swept = None
        self._known.clear()

    @contextmanager
    def _transaction(self, engine: sa.Engine | None = None) -> Iterator[sa.Connection]:
        # SQLite has one connection per process: threads take turns.
        if getattr(self._asking, "connection", None) is not None:  # it would wait for itself
            self._asking.connection = None
            self._asking.end()
        with self._plainly(), self._lock or nullcontext(), (engine or self.engine).begin() as connection:
            yield connection

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """What goes wrong is told in our words."""
        try:
            yield
        except sqlalchemy.exc.OperationalError as error:
            if isinstance(error.orig, sqlite3.Error) and (broken := failing(self._file, error.orig)):
                raise broken from error
            raise StoreBusy(self._busy(_first(error))) from error
        except sqlalchemy.exc.DatabaseError as error:
            if self._file is None or type(error) is not sqlalchemy.exc.DatabaseError:  # a promise of ours was broken: our fault
                raise
            raise damaged(self._file, error.orig) from error

    def _busy(self, said: str) -> str:
        """Why the database can't do it now; who has it locked, where that can be told."""
        if self._file is None or "locked" not in said:
            return said
        process = holder(self._file)
        return f"{said} by {process}" if process else said

    def clock(self) -> datetime | None:
        """What time it is for the database's machine; None where that is ours."""
        if self._file is not None:
            return None
        found: datetime = self._read(lambda c: c.execute(sa.text("SELECT clock_timestamp()")).scalar_one())
        return found

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that may write, for the other modules of this folder."""
        return self._transaction()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that only reads, for the other modules of this folder."""
        return self._transaction(self._reader)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All questions of this thread in this block are answered by one state of the store: the one before whatever is written in it."""
        with ExitStack() as asking:
            self._asking.connection = asking.enter_context(self._transaction(self._reader))
            self._asking.end = asking.close
            try:
                yield
            finally:
                self._asking.connection = None

    def _read(self, question: Callable[..., Result], *parameters: Any) -> Result:
        asking: sa.Connection | None = getattr(self._asking, "connection", None)
        if asking is not None:
            return question(asking, *parameters)
        with self._transaction(self._reader) as connection:
            return question(connection, *parameters)

    def _look(self, question: Callable[..., Result], *parameters: Any) -> Result:
        """One statement for which no transaction is begun, where that is a matter of its own."""
        with self._transaction(self._looker) as connection:
            return question(connection, *parameters)

    # -- writing

    def apply(self, changes: Sequence[Change]) -> list[bool]:
        """Write changes, each all or nothing, many in one commit. False for one that was `Stale`: judge again."""
        with self._transaction() as connection:
            fleet.wake(connection, self, changes)
            return self._write_all(connection, changes)

    def _write_all(self, connection: sa.Connection, changes: Sequence[Change]) -> list[bool]:
        written = bulk.write_all(connection, self.engine, changes, self._known)
        for change in changes:
            for name in (*(one.id for one in change.enrollments), *(one.id for one in change.touches)):
                self._known.pop(name, None)
        return written

    def apply_one(self, change: Change) -> None:
        """Write one change; raises Stale."""
        with self._transaction() as connection:
            writing.write(connection, self.engine, change)
            fleet.wake(connection, self, (change,))

    def enroll(self, newcomers: Sequence[Newcomer]) -> None:
        """Enroll people, in bulk and in one commit. Who is enrolled already is left as they are."""
        with self._transaction() as connection:
            arrivals = Arrivals(connection)
            arrivals.add(newcomers)
            self._land(arrivals)

    def arrivals(self) -> Arrivals:
        """For many more: a connection of its own, on which people are laid ready while others are written."""
        with self._plainly():
            if self._file is None:
                connection = self.engine.connect()
                connection.detach()  # what lies ready on it goes with it
            else:
                connection = open_engine(str(self.engine.url), bulk=True).connect()
            with connection.execution_options(**{READING: True}).begin():
                return Arrivals(connection)

    def lay_ready(self, arrivals: Arrivals, newcomers: Sequence[Newcomer]) -> None:
        """These arrive, too. Nothing of it is kept, and nobody has to wait for it."""
        with self._plainly(), arrivals.connection.begin():
            arrivals.add(newcomers)

    def enroll_all(self, arrivals: Arrivals) -> None:
        """Enroll those who lie ready, in one commit; who is enrolled already is left as they are. Meanwhile others may use the store."""
        with closing(arrivals), self._plainly(), arrivals.connection.execution_options(**{READING: False}).begin():
            self._land(arrivals)

    def _land(self, arrivals: Arrivals) -> None:
        fleet.wake(arrivals.connection, self, arrivals.begun())
        arrivals.write(self.engine)

    def keep_cadence(self, digest: str, name: str, text: str, parts: Mapping[str, Any], now: datetime) -> None:
        """Keep what enrollments begin with, under its digest: the text, and the parts that it leans on."""
        with self._transaction() as connection:
            values = {"digest": digest, "name": name, "body": text, "parts": dict(parts), "kept": now}
            connection.execute(insert(schema.cadence, self.engine).values(values).on_conflict_do_nothing())

    # -- sending

    def claim_due(self, now: datetime, wants: list[Want], hand: Hand) -> list[Claim]:
        """Due touches of the mailboxes we hold, at most each one's places and room, marked SENDING.

        Suppression, switches and the enrollment's state are checked in the same transaction.
        """
        if not (waiting := self._look(claiming.waiting, now, wants)):
            return []
        with self._transaction() as connection:
            claims = claiming.claim_due(connection, now, wants, waiting, hand, self._counts)
        if self._file is not None:  # on PostgreSQL rows are read to be locked, in an order
            self._remember(claims, hand.lease)
        return claims

    def _remember(self, claims: Sequence[Claim], lease: datetime) -> None:
        """Results are nearly always written on the rows that the claim has read, and written: they need not be read once more."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        for one in claims:
            self._known[one.enrollment.id] = one.enrollment
            self._known[one.touch.id] = altered(one.touch, due=lease)

    def gates(self, passings: Sequence[Passing], margin: timedelta) -> list[bool]:
        """The point of no return for mails: True for each whose claim is still ours, wanted and young. Keeps the bytes of those."""
        if not passings:
            return []
        with self._transaction() as connection:
            passed = claiming.gates(connection, passings, margin)
        self._note_passed(passings, passed)
        return passed

    def apply_and_pass(
        self, changes: Sequence[Change], passings: Sequence[Passing], margin: timedelta
    ) -> tuple[list[bool], list[bool]]:
        """`apply` and then `gates`, in one transaction: on a slow disk each commit costs more than all that is in it."""
        with self._transaction() as connection:
            fleet.wake(connection, self, changes)
            written = self._write_all(connection, changes)
            passed = claiming.gates(connection, passings, margin)
        self._note_passed(passings, passed)
        return written, passed

    def _note_passed(self, passings: Sequence[Passing], passed: Sequence[bool]) -> None:
        self.passed.extend(Gate(one.claim.touch.id, one.at) for one, well in zip(passings, passed, strict=True) if well)

    def gate(self, claim: Claim, now: datetime, margin: timedelta, **mail: Any) -> bool:
        """The same for one."""
        return self.gates([Passing(claim=claim, at=now, **mail)], margin)[0]

    def hold_mailbox(self, name: str, run: str) -> int:
        """Own a mailbox from now on; returns the epoch that every claim and gate must carry. Raises MailboxTaken.

        On PostgreSQL a lock of the session shows that the owner lives; the server frees it when the owner dies, or has said nothing for
        HOLD_SECONDS. On SQLite the lock on the marks does (one process to a store). Correctness rests on the epoch, never on the lock.
        """
        if self.session is not None:
            try:
                shown = self.session.show(run)
            except sqlalchemy.exc.DBAPIError as error:
                raise StoreBusy(str(error.orig)) from error
            if not shown:
                raise MailboxTaken(f"another session bears the name of this run, {run}")
        with self._transaction() as connection:
            epoch = fleet.hold(connection, self.engine, self.session, name, run)
        if not epoch:
            raise MailboxTaken(f"mailbox {name} is held by another followupd on this database")
        return epoch

    def still_holds(self) -> bool:
        """Whether what shows others that we live still does. False: our mailboxes may have other owners by now."""
        if self.session is None or self.session.fresh:
            return True
        if not self.session.open:
            return False
        try:
            return bool(self.session.ask(sa.select(sa.true())).scalar())
        except sqlalchemy.exc.DBAPIError:
            return False

    def back_off(
        self, mailbox: str, now: datetime, trouble: Trouble, words: str, zone: ZoneInfo, *, gap: float = 0.0
    ) -> tuple[datetime, int]:
        """The mailbox rests as this trouble wants it. Until when, and how many of its kind there were in a row.

        Several mails in flight that meet the same trouble are one trouble, but for what stops the mailbox: there each refused mail counts.
        What stands for no longer than the longest `gap` (seconds) between two mails is that gap, and no rest.
        """
        box, mine = schema.mailbox.c, schema.mailbox.c.name == mailbox
        with self._transaction() as connection:
            known = connection.execute(sa.select(box.trouble, box.trouble_text, box.not_before).where(mine)).first()
            before = known.trouble if known and known.trouble_text.startswith(trouble.spoken) else 0
            standing = known.not_before if known and known.trouble and known.not_before and known.not_before > now else now
            if before and standing > now + timedelta(seconds=gap) and not trouble.stops:
                return standing, before
            until = max(standing, trouble.rest(before + 1, now, zone))
            values = {"trouble": before + 1, "trouble_text": f"{trouble.spoken}: {words}"[:300], "not_before": until}
            connection.execute(sa.update(schema.mailbox).where(mine).values(values))
        return until, before + 1

    def calm(self, mailbox: str) -> None:
        """A mail went through: the troubles of this mailbox are over."""
        with self._transaction() as connection:
            connection.execute(claiming.CALM, {"box": mailbox})

    def note_looks(self, states: Mapping[str, tuple[datetime | None, str]]) -> None:
        """When each of these mailboxes was last read to its end, and how its watcher is."""
        found = [
            {"box": mailbox, "when": looked, "words": text[:300]} for mailbox, (looked, text) in sorted(states.items())
        ]  # in the order in which claims lock them
        if found:
            with self._transaction() as connection:
                connection.execute(_LOOKED, found)

    def tell_where(self, folder: Path) -> None:
        """The owner's signs of life lie in that folder (`marks.py`). Nothing to do on PostgreSQL, where the store itself has them."""
        if self._owned >= 0:
            tell_where(self._owned, folder)

    def told_where(self) -> Path | None:
        """The folder with the signs of life of the daemon that has this file, or had it last."""
        return told_where(self._file) if self._file is not None else None

    def usage(self, mailbox: str, now: datetime) -> Usage:
        """What a mailbox has sent in the sliding spans."""
        return self._read(claiming.usages, [mailbox], now)[mailbox]

    def next_due(self, mailboxes: Sequence[str]) -> datetime | None:
        """When the next touch of these mailboxes is due: how long the claim loop may sleep."""
        return self._read(reading.next_due, mailboxes)

    def first_due(self, mailboxes: Sequence[str]) -> dict[str, datetime]:
        """When the next touch of each mailbox is due, where one is planned."""
        return self._read(reading.first_due, mailboxes)

    def next_date(self, mailboxes: Sequence[str], now: datetime) -> datetime | None:
        """Until when the claim loop finds nothing to do, as long as nobody writes to the store (`stirred`)."""
        return self._read(reading.next_date, mailboxes, now)

    def stirred(self) -> object:
        """Something that is another one after each time that anybody has written to the store; None where that can't be told (PostgreSQL)."""
        if self._file is None:
            return None
        with self._transaction(
            self._reader
        ) as connection:  # others' commits (PRAGMA data_version), and what we have changed ourselves
            others = connection.exec_driver_sql("PRAGMA data_version").scalar()
            return others, connection.connection.driver_connection.total_changes  # type: ignore[union-attr]

    def chores(self, now: datetime, mailboxes: Sequence[str]) -> frozenset[str]:
        """The verbs of a turn of the claim loop that would find something now, by their names; asked in one question.

        They are `ripe`, `overdue`, `alarms`, `alarms_up`, `in_hand` (leases that are over) and `suppressed_under_way`; and, for these
        mailboxes, `letter_answers`, `rounds_due`, `letters_due` and `claim_due`.
        """
        found = self._read(reading.chores, mailboxes, now)
        found["suppressed_under_way"] = found["suppressed_under_way"] != self._swept
        return frozenset(name for name, any_ in found.items() if any_)

    def in_hand(self, run: str | None = None, now: datetime | None = None) -> tuple[tuple[Touch, Enrollment], ...]:
        """SENDING touches of a run, or those whose lease is over, or all."""
        return self._read(reading.in_hand, run, now)

    # -- what became of a mail

    def doubtful(self) -> tuple[tuple[Touch, Enrollment], ...]:
        """Touches that may have been sent, or not, oldest doubt first."""
        return self._read(reading.doubtful)

    def talk(self, address: str) -> Talk:
        """What passes between a person and the rep beside the cadences."""
        return self._read(claiming.talk, address)

    def kept_mail(self, touch: str) -> KeptMail | None:
        """The bytes of a touch as they left, or were about to."""
        return self._read(reading.kept_mail, touch)

    def copies_wanted(self, mailbox: str, limit: int = 50) -> tuple[KeptMail, ...]:
        """Sent mails of which nobody knows yet that a copy lies in the folder of sent mail, oldest first."""
        return self._read(reading.copies_wanted, mailbox, limit)

    def seen_of(self, touch: str) -> tuple[Seen, ...]:
        """Where copies of a touch were seen."""
        return self._read(reading.seen_of, touch)

    def sent_keeping(self, mailbox: str) -> SentKeeping:
        """Where this mailbox's sent mails come to lie, as far as known."""
        return self._read(reading.sent_keeping, mailbox)

    def note_keeping(self, mailbox: str, **known: Any) -> None:
        """What has become known of that: fields of `SentKeeping`."""
        with self._transaction() as connection:
            connection.execute(sa.update(schema.mailbox).where(schema.mailbox.c.name == mailbox).values(known))

    def open_of(self, addresses: Sequence[str]) -> tuple[Enrollment, ...]:
        """Unfinished enrollments of these people."""
        return self._read(reading.open_of, addresses)

    def colleagues(self, company: str) -> tuple[Enrollment, ...]:
        """Unfinished enrollments at a company, as `guards.company_of` names it."""
        return self._read(reading.colleagues, company)

    def referrals(self, mailbox: str, since: datetime) -> tuple[tuple[Reply, Enrollment], ...]:
        """Answers since then that name somebody else, each with what it answers, to the people of a mailbox."""
        return self._read(reading.referrals, mailbox, since)

    def old_noes(self, before: datetime) -> tuple[str, ...]:
        """The addresses of people who have said no in something that ended by then."""
        return self._read(reading.old_noes, before)

    def replies_of(self, addresses: Sequence[str]) -> dict[str, tuple[Reply, ...]]:
        """What came back in all enrollments of these people, oldest first."""
        return self._read(reading.replies_of, addresses)

    def belonging(self, mailbox: str) -> tuple[str, ...]:
        """The addresses of people who belong to a mailbox, whether the configuration still knows it or not."""
        return self._read(reading.belonging, mailbox)

    def handovers(self, *, address: str | None = None, taker: str | None = None) -> tuple[Handover, ...]:
        """How a person went from mailbox to mailbox, oldest first; or who is with a taker until a date."""
        return self._read(reading.handovers, address, taker)

    def company_words(self, since: datetime) -> tuple[CompanyWord, ...]:
        """What was said for certain since then and concerns colleagues, oldest first."""
        return self._read(reading.company_words, since)

    def unread(self, mailbox: str, places: Sequence[tuple[str, int, int, str]]) -> tuple[int, ...]:
        """Of mails in a mailbox, given as (folder, UIDVALIDITY, UID, Message-ID): the positions of those that are not recorded."""
        return self._read(reading.unread, mailbox, places)

    def crossed(self, address: str, received: datetime) -> tuple[tuple[str, datetime, datetime], ...]:
        """Mails to a person that left after their answer had arrived: (touch, last look, when it left)."""
        return self._read(reading.crossed, address, received)

    def left_undone(self, mailbox: str, until: datetime) -> tuple[Enrollment, ...]:
        """Enrollments with a mail that was due between two times and, as far as this store knows, has not been sent."""
        return self._read(reading.left_undone, mailbox, until)

    # -- gathering

    def histories(self, addresses: Sequence[str]) -> dict[str, History]:
        """Everything that admission needs to know about these people."""
        return self._read(reading.histories, addresses)

    def anything_sent(self) -> str:
        """The Message-ID of some mail of ours, whichever is at hand; "" where there is none."""
        return self._read(matching.anything)

    def match(
        self,
        ids: Sequence[str],
        addresses: Sequence[str],
        mailbox: str,
        fingerprint: str,
        *,
        token: str = "",
        company: str = "",
        subject: str = "",
    ) -> Match | None:
        """Whom a received mail belongs to, with what judging it needs; None for strangers.

        `token` is the touch that an address names, `company` the writer's domain where it is a company's, `subject` that of an answer.
        """
        return self._read(matching.match, ids, addresses, mailbox, fingerprint, token, company, subject)

    def concerned(self, ids: Sequence[str], addresses: Sequence[str]) -> frozenset[str]:
        """Which of these Message-IDs and addresses are such that a mail with one of them may be matched by it."""
        return self._read(matching.concerned, ids, addresses)

    def first_enrollments(self, addresses: Sequence[str]) -> dict[str, datetime]:
        """When each of them was enrolled for the first time."""
        return self._read(matching.first_enrollments, addresses)

    def cursors(self, mailbox: str) -> dict[str, Cursor]:
        """Where the watcher stands in each folder."""
        return self._read(reading.cursors, mailbox)

    def blocked_since(self, mailbox: str, since: datetime, but: str = "") -> int:
        """How many of our mails were refused for what we are, the touch `but` left out."""
        return self._read(reading.blocked_since, mailbox, since, but)

    def bounced(self, mailbox: str, last: int) -> tuple[int, int]:
        """Of the last mails since the mailbox was stopped for bounces: how many went to addresses that do not exist, and of how many."""
        return self._read(reading.bounced, mailbox, last)

    def complaints_since(self, mailbox: str, since: datetime, but: str = "") -> int:
        """How many of our mails were called spam, the touch `but` left out."""
        return self._read(reading.complaints_since, mailbox, since, but)

    def domain_usage(self, mailbox: str, now: datetime) -> tuple[DomainUsage, ...]:
        """What a mailbox has sent to each domain in the sliding spans."""
        return tuple(self._read(claiming.domain_usages, [mailbox], now).get(mailbox, ()))

    def lately(self, address: str, now: datetime) -> tuple[datetime, ...]:
        """When the mails of the trip wire's span have left for an address, oldest first."""
        return self._read(claiming.lately, address, now)

    def unproved(self, mailbox: str, since: datetime, until: datetime) -> int:
        """How many mails came into the mailbox in this time of which nothing proves who wrote them."""
        return self._read(reading.unproved, mailbox, since, until)

    def acknowledged(self, domain: str, since: datetime) -> int:
        """How many answers from this domain were acknowledged since then."""
        return self._read(reading.acknowledged, domain, since)

    def ripe(self, now: datetime, limit: int = 200) -> tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]:
        """Enrollments whose date has come (a pause, or the last wait for an answer)."""
        return self._read(reading.ripe, now, limit)

    def overdue(self, now: datetime, limit: int = 200) -> tuple[tuple[Touch, Enrollment], ...]:
        """Touches whose deadline is over."""
        return self._read(reading.overdue, now, limit)

    def alarms(self, now: datetime, limit: int = 200) -> tuple[Task, ...]:
        """Open tasks whose owner is to be reminded, or whose owner's manager is to be told, oldest first."""
        return self._read(reading.alarms, now, limit)

    def waiting_for(self, addresses: Sequence[str], ids: Sequence[str]) -> tuple[tuple[Task, Reply], ...]:
        """Open tasks that come from answers: about these people, from these writers, or from mails of these Message-IDs."""
        return self._read(reading.waiting_for, addresses, ids)

    def by_hand_since(self, addresses: Sequence[str], since: datetime) -> bool:
        """Whether the rep is known to have written to one of these people by hand since then."""
        return self._read(reading.by_hand_since, addresses, since)

    def suppressed_under_way(self, limit: int = 200) -> tuple[tuple[Enrollment, Suppression], ...]:
        """Enrollments of suppressed people that still go on.

        This looks at everybody and is asked at every turn of the claim loop: while there are as many suppressions as when nobody
        was found, nobody is. (The claim and the gate look for themselves; this only ends what would stand still for ever.)
        """
        known = self._read(lambda c: c.execute(sa.select(sa.func.count()).select_from(schema.suppression)).scalar_one())
        if known == self._swept:
            return ()
        found = self._read(reading.suppressed_under_way, limit)
        self._swept = None if found else known
        return found

    def with_touches(self, enrollment: Enrollment) -> tuple[Enrollment, Prospect, tuple[Touch, ...]]:
        """An enrollment with its person and its unsettled touches."""
        return self._read(reading.with_touches, enrollment)

    def under_way(self) -> tuple[tuple[Enrollment, Prospect, tuple[Touch, ...]], ...]:
        """Every unfinished enrollment with its person and its unsettled touches."""
        return self._read(reading.under_way)

    def to_meet(self, mailbox: str) -> tuple[tuple[Enrollment, Prospect], ...]:
        """Unfinished enrollments of a mailbox whose person brings the date of a meeting."""
        return self._read(reading.to_meet, mailbox)

    def touches_under_way(self) -> dict[str, tuple[Touch, ...]]:
        """All touches of unfinished enrollments, in whatever state, by enrollment."""
        return self._read(reading.touches_under_way)

    def taken(self) -> dict[str, tuple[Taken, ...]]:
        """The content items that each person has had, oldest first."""
        return self._read(reading.taken)

    def cadence(self, digest: str) -> tuple[str, str, dict[str, Any] | None] | None:
        """Name, text and parts of the cadence that an enrollment started with."""
        table = schema.cadence.c
        found = self._read(
            lambda c: c.execute(sa.select(table.name, table.body, table.parts).where(table.digest == digest)).first()
        )
        return (found.name, found.body, found.parts) if found else None

    def latest_cadences(self) -> dict[str, str]:
        """The digest of the newest kept edition of each cadence, by name."""
        table = schema.cadence.c
        newest = sa.select(table.name, table.digest).order_by(table.kept, table.digest)
        return self._read(lambda c: {row.name: row.digest for row in c.execute(newest)})

    def key(self) -> bytes:
        """The secret of this store: it makes our Message-IDs unguessable. Made once, with the store."""
        found: bytes = self._read(
            lambda c: c.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == "key")).scalar_one()
        )
        return bytes(found)

    # -- files

    def intake(self, digest: str) -> dict[str, Any] | None:
        """What became of a file with this content, if it was seen before."""
        table = schema.intake
        found = self._read(lambda c: c.execute(sa.select(table).where(table.c.digest == digest)).mappings().first())
        return dict(found) if found else None

    def note_intake(self, digest: str, name: str, taken: datetime, finished: datetime | None = None, **counts: int) -> None:
        """Remember a file, and, once it is done, how many rows were accepted, rejected and duplicate."""
        values = {"digest": digest, "name": name, "taken": taken, "finished": finished, **counts}
        with self._transaction() as connection:
            statement = insert(schema.intake, self.engine).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=values))

    # -- our own people

    def letters_due(self, mailboxes: Sequence[str], now: datetime) -> tuple[Letter, ...]:
        """Letters of these mailboxes that are to be sent now, oldest first."""
        return self._read(reading.letters_due, mailboxes, now)

    def letters_of(self, mailbox: str, kind: str, since: datetime) -> tuple[Letter, ...]:
        """The letters of a kind that were written about a mailbox since then, oldest first."""
        return self._read(reading.letters_of, mailbox, kind, since)

    def letters_to(self, address: str, since: datetime) -> tuple[Letter, ...]:
        """The letters to somebody of ours that were written since then, newest first."""
        return self._read(reading.letters_to, address, since)

    def letters_in_hand(self) -> tuple[Letter, ...]:
        """Letters that were begun and of which nobody has said how that ended."""
        return self._read(reading.letters_in_hand)

    def letter_answers(self, mailboxes: Sequence[str]) -> tuple[LetterAnswer, ...]:
        """Answers to letters that have not had their effect yet: those that are proved first, oldest first."""
        return self._read(reading.letter_answers, mailboxes)

    def answers_to(self, letter: str) -> tuple[LetterAnswer, ...]:
        """What was answered to a letter, by whomever, oldest first."""
        return self._read(reading.answers_to, letter)

    def rounds_due(self, mailboxes: Sequence[str], now: datetime) -> tuple[Round, ...]:
        """What is to be done again now for these mailboxes."""
        return self._read(reading.rounds_due, mailboxes, now)

    def facts(self, address: str | None = None) -> tuple[Fact, ...]:
        """What was learned about a person, or about everybody, oldest first."""
        return self._read(reading.facts, address)

    def answers_since(self, mailbox: str, since: datetime) -> tuple[Reply, ...]:
        """What people of a mailbox have answered since then, oldest first: also to the mailbox from which they were handed over."""
        return self._read(reading.answers_since, mailbox, since)

    def people(self, addresses: Sequence[str]) -> dict[str, Prospect]:
        """Who these are, by address."""
        return self._read(reading.people, addresses)

    def last_words(self, addresses: Sequence[str]) -> dict[str, datetime]:
        """When these people last wrote themselves."""
        return self._read(reading.last_words, addresses)

    def leaving(
        self, mailbox: str, until: datetime, limit: int = 20
    ) -> tuple[dict[str, int], tuple[tuple[Touch, Enrollment], ...]]:
        """The mails that are due by then: how many of each cadence, and the first of them."""
        return self._read(reading.leaving, mailbox, until, limit)

    def standing_still(self, mailbox: str, limit: int = 1000) -> tuple[Enrollment, ...]:
        """Enrollments that no date sets going again, longest first."""
        return self._read(reading.standing_still, mailbox, limit)

    # -- for people

    def person(self, address: str) -> tuple[Prospect | None, tuple[Enrollment, ...]]:
        """Who that is, and all enrollments, latest first."""
        return self._read(reading.person, address)

    def touches(self, enrollment: str) -> tuple[Touch, ...]:
        """All touches of an enrollment."""
        return self._read(reading.touches_of, enrollment)

    def timeline(self, address: str, limit: int = 500) -> tuple[Event, ...]:
        """Everything that happened to a person, oldest first."""
        return self._read(reading.timeline, address, limit)

    def tasks(self, owner: str | None = None) -> tuple[Task, ...]:
        """Open tasks."""
        return self._read(reading.tasks, owner)

    def find(self, kind: type[rows.Noun], key: str) -> rows.Noun | None:
        """One noun by its id."""
        return self._read(reading._one, kind, rows.TABLES[kind].c.id, key)  # noqa: SLF001 - one package

    def find_all(self, kind: type[rows.Noun], keys: Sequence[str]) -> dict[str, rows.Noun]:
        """Many nouns by their ids; what is not there is left out."""
        column = rows.TABLES[kind].c.id
        return {one.id: one for one in self._read(reading._in, kind, column, set(keys))}  # noqa: SLF001

    def reviews_of(self, enrollments: Sequence[str]) -> tuple[Reply, ...]:
        """Replies of these enrollments in doubt."""
        return self._read(reading.reviews_of, enrollments)

    def reviews(self) -> tuple[tuple[Reply, ...], tuple[tuple[Touch, Enrollment, bytes], ...]]:
        """What waits for a human's word: replies in doubt, doubtful touches with their bytes."""
        return self._read(reading.reviews)

    def decisions(self) -> tuple[tuple[Reply, Prospect, str], ...]:
        """Replies whose meaning a human has said, each with its person and our mail that it answers."""
        return self._read(reading.decisions)

    def suppressions(self) -> tuple[Suppression, ...]:
        """Whom nobody may write to."""
        return self._read(reading.suppressions)

    def switches(self) -> tuple[Switch, ...]:
        """Which scopes are stopped."""
        return self._read(reading.switches)

    def alarms_up(self, *, untold: bool = False) -> tuple[Alarm, ...]:
        """The alarms that are up, oldest first; or those of them that nobody has been told of yet."""
        return self._read(reading.alarms_up, untold)

    def in_trouble(self) -> frozenset[str]:
        """The mailboxes whose last mail was not accepted, for what they are or for their server."""
        box = schema.mailbox.c
        return frozenset(self._read(lambda c: c.execute(sa.select(box.name).where(box.trouble > 0)).scalars().all()))

    def told(self, key: str, now: datetime) -> None:
        """Those whom it concerns have been told of an alarm."""
        with self._transaction() as connection:
            connection.execute(sa.update(schema.alarm).where(schema.alarm.c.key == key).values(told=now))

    def overview(self, now: datetime) -> dict[str, Any]:
        """The figures of `status`."""
        return self._read(reading.overview, now)

    def figures(self, span: Span) -> dict[str, list[dict[str, Any]]]:
        """The counts of `report`, by name."""
        from followupd.store.figures import counted

        return self._read(counted, span)

    def enrollments(self, *, mailbox: str | None = None, cadence: str | None = None) -> tuple[Enrollment, ...]:
        """Unfinished enrollments, of a mailbox or a cadence, or all."""
        e = schema.enrollment.c
        wanted = [column == value for column, value in ((e.mailbox, mailbox), (e.cadence, cadence)) if value]
        return self._read(
            lambda c: reading.listed(c, Enrollment, e.state != "finished", *wanted, order=e.started, limit=1_000_000)
        )


def new_key() -> bytes:
    """A fresh secret for a new store."""
    return secrets.token_bytes(32)
