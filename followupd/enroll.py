"""A CSV row becomes an enrollment.

Decides nothing itself: `files/prospects.py` reads and judges rows, `core/guards.py` admits, `core/lifecycle.py` begins.
This story keeps the order: the file is claimed by renaming it, good rows are enrolled in batches, the receipt is written,
the original moves to `done/`. Killed anywhere, the claimed file is taken up again at the next start; rows that were
enrolled before are recognised, so nothing happens twice.

Plain code over an `Office`: the daemon runs it in a thread, `followupd add` directly.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Self

from followupd import log
from followupd.core import guards, lifecycle, when
from followupd.core.model import NURTURE, STRANGER, Cadence, Change, History, Newcomer, Prospect, Stop
from followupd.core.timing import timing_for
from followupd.files.prospects import (
    ORIGINS,
    Candidate,
    Rejection,
    Row,
    Rules,
    is_day,
    judge,
    parse_date,
    read_sheet,
    receipt,
    same_person,
)
from followupd.files.sheet import ANSWERED, Line, receipt_rows
from followupd.office import DRAFTS, Office, evening_after, give_way, mailbox_for
from followupd.store import Arrivals, Store

BATCH = 500
"""Rows in one transaction: few enough that sending never waits long for the store, enough that a commit costs little."""

LONG_BATCH = 5_000
"""Rows that are judged together where nobody has to wait: more would only take more memory."""

CROWD = 20_000
"""People in one transaction where nobody has to wait. A large store has each page of its indexes written once in each of them; more would
take more memory, and the last ones are written when there is nothing left to judge beside it."""

MOST_KINDS = 10_000
"""So many different reasons are counted; a summary for people needs no more."""
IN_MEMORY = 4_000_000
"""Bytes of a receipt before it goes to a temporary file."""
RECEIPT = ".receipt.csv"
CLAIMED = ".taken"
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")

UNENDED_RESTS = 60.0
"""Seconds for which a text without a line end at its end must rest."""

DONE = "done"


@dataclass(slots=True)
class Intake:
    """What became of one file. The rows of its receipt are kept outside the memory: there may be millions."""

    name: str
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    problem: str = ""  # the whole file was refused
    mode: int = 0o600  # who may read the receipt
    reasons: dict[tuple[str, str], tuple[int, int, str]] = field(default_factory=dict)
    """Why rows were not enrolled, by what became of them and reasons that are alike: how many, the first line, its reason."""
    _rows: IO[bytes] = field(default_factory=partial(SpooledTemporaryFile, IN_MEMORY))

    def count(self, lines: Iterable[Line]) -> None:
        """So many more rows."""
        lines = list(lines)
        self._rows.write(receipt_rows(lines))
        refused = [line for line in lines if line[2] != "accepted"]
        self.accepted += len(lines) - len(refused)
        for number, _, result, reason in refused:
            setattr(self, result, getattr(self, result) + 1)
            kind = (result, _alike(reason))
            if kind in self.reasons or len(self.reasons) < MOST_KINDS:
                count, first, said = self.reasons.get(kind, (0, number, reason))
                self.reasons[kind] = (count + 1, first, said)

    def write_receipt(self, path: Path) -> None:
        """The receipt, whole or not at all, for those who may read the file itself. A link that lies in its way is taken away, never followed."""
        half = path.with_name(f".{path.name}.half")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            os.fchmod(file.fileno(), self.mode)
            file.write(receipt([(1, "", "rejected", self.problem)] if self.problem else []))
            self._rows.seek(0)
            shutil.copyfileobj(self._rows, file)
        half.replace(path)

    def close(self) -> None:
        """No receipt is wanted any more; what was counted stays."""
        self._rows.close()


def _alike(reason: str) -> str:
    """A reason without what differs from row to row: quoted values and row numbers."""
    return re.sub(r"\brow \d+", "row …", re.sub(r'"[^"]{0,200}"', '"…"', reason))


# -- the folder ----------------------------------------------------------------------------------


class Folder:
    """The inbox between two scans: a file is taken once its size and time have held still.

    A text whose last line is not ended may be half of one: it is left for a minute longer.
    """

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._seen: dict[Path, tuple[int, int]] = {}
        self._since: dict[Path, float] = {}
        self._told: set[Path] = set()
        self.problems: dict[Path, str] = {}  # what the last scan could not look at, or will not take

    def resting(self, inbox: Path) -> list[Path]:
        """Files to take: those that a killed daemon had claimed, and those that have not changed since the last scan."""
        self.problems = {}
        now = time.monotonic()
        found = {path: state for path in self._files(inbox) if (state := _state(path)) is not None}
        still = {path for path, state in found.items() if self._seen.get(path) == state}
        self._since = {path: self._since.get(path, now) if path in still else now for path in found}
        self._seen = found
        return sorted(path for path in found if path.name.endswith(CLAIMED) or (path in still and self._whole(path, now)))

    def _whole(self, path: Path, now: float) -> bool:
        return now - self._since[path] >= UNENDED_RESTS or _ended(path)

    def news(self, problems: Mapping[Path, str]) -> list[Path]:
        """The problems that were not there at the last scan: each is told once for as long as it lasts."""
        fresh = [path for path in problems if path not in self._told]
        self._told = set(problems)
        return fresh

    def _files(self, inbox: Path) -> Iterator[Path]:
        """CSV files in the inbox and in one folder per rep. Never follows a link; leaves receipts, half-written files and drafts alone."""
        for entry in self._entries(inbox):
            if entry.is_dir(follow_symlinks=False) and entry.name not in (DONE, DRAFTS) and not entry.name.startswith("."):
                yield from (Path(inner.path) for inner in self._entries(Path(entry.path)) if self._wanted(inner))
            elif self._wanted(entry):
                yield Path(entry.path)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            return sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:  # gone, a share that is away, no permission: the other folders go on
            self.problems[folder] = error.strerror or str(error)
            return []

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        name = entry.name.lower()
        if name.startswith((".", "~")) or name.endswith(RECEIPT) or not name.removesuffix(CLAIMED).endswith(SUFFIXES):
            return False
        regular = entry.is_file(follow_symlinks=False)
        if not regular and not entry.is_dir(follow_symlinks=False):
            self.problems[Path(entry.path)] = "a link or a device, not a regular file: copy the file itself into the inbox"
        return regular


def _ended(path: Path) -> bool:
    """Whether a text ends with a line end; what is no text is whole as soon as it rests."""
    if not path.name.lower().endswith((".csv", ".tsv", ".txt")):
        return True
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 4, 0))
            return file.read(4).rstrip(b"\0")[-1:] in (b"\n", b"\r", b"")  # UTF-16 ends in a NUL; an empty file says so itself
    except OSError:
        return True  # taking it will say what is wrong


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns)


# -- one file ------------------------------------------------------------------------------------


def take_in(office: Office, path: Path, progress: Callable[[int], None] | None = None) -> Intake:
    """Take a file from the inbox: claim it, enroll its good rows, write the receipt, move the original to `done/`."""
    claimed = path if path.name.endswith(CLAIMED) else path.with_name(path.name + CLAIMED)
    if claimed != path:
        path.rename(claimed)
    name, before = claimed.name.removesuffix(CLAIMED), _state(claimed)
    shown = name.encode("utf-8", "backslashreplace").decode()  # a name that is no UTF-8 has no place in the store
    with contextlib.closing(add(office, claimed, name=shown, owner=_owner(office, claimed), progress=progress)) as found:
        _finish(found, claimed, name, shown, whole=_state(claimed) == before)
    return found


def _finish(found: Intake, claimed: Path, name: str, shown: str, *, whole: bool) -> None:
    """The receipt beside the original's place, and the original to those that are done; unless somebody is still writing into it."""
    if not whole:
        log.note("intake-again", file=shown, reason="somebody is still writing into it")
        return  # the next scan takes the whole; rows that are enrolled are recognised
    _write_receipt(found, claimed.with_name(_stem(name) + RECEIPT))
    _put_away(claimed, name)
    log.note(
        "intake", file=shown, accepted=found.accepted, rejected=found.rejected, duplicate=found.duplicate, problem=found.problem
    )


def _put_away(claimed: Path, name: str) -> None:
    """The original to `done/`, which is a folder here: a link would carry files to wherever somebody has pointed it."""
    done = claimed.parent / DONE
    done.mkdir(exist_ok=True)
    folder = os.open(done, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.replace(claimed, _free_name(done / name).name, dst_dir_fd=folder)
    finally:
        os.close(folder)


def add(office: Office, path: Path, *, name: str, owner: str = "", progress: Callable[[int], None] | None = None) -> Intake:
    """Enroll the good rows of a file, wherever it lies; the file itself is left as it is."""
    found = Intake(name=name)
    try:
        file = _open(path)
    except OSError as error:
        found.problem = f"{path.name}: {error.strerror}"
        return found
    found.mode = os.fstat(file.fileno()).st_mode & 0o644
    with file:  # a full disk from here on is no fault of the file: it is tried again
        _add_rows(office, file, found, owner, progress)
    return found


def _add_rows(office: Office, file: BinaryIO, found: Intake, owner: str, progress: Callable[[int], None] | None) -> None:
    intake = office.config.intake
    sheet = read_sheet(file, name=found.name, fallback=intake.encoding, limits=intake.limits)
    if sheet.problem:
        found.problem = sheet.problem
        return
    digest, now = _digest(file), office.clock.now()
    with contextlib.closing(sheet), Crowd(office.store) as crowd:
        take_rows = _clerk(office, found.name, owner, sheet.header, digest, crowd)
        office.store.note_intake(digest, found.name, now)
        while batch := list(islice(sheet.rows, LONG_BATCH if office.store.alone() else BATCH)):
            found.count(take_rows(batch))
            if progress:
                progress(len(batch))
    office.store.note_intake(
        digest, found.name, now, office.clock.now(), accepted=found.accepted, rejected=found.rejected, duplicate=found.duplicate
    )


def _clerk(
    office: Office, name: str, owner: str, header: Collection[str], digest: str, crowd: Crowd
) -> Callable[[Iterable[Row]], Iterable[Line]]:
    """Who takes the rows of a file with these columns: prospects are enrolled, answers to tasks carried out."""
    if set(header) >= ANSWERED and "email" not in header:
        from followupd import tasksheet  # with all that a rep's answers may lead to

        only = next(iter(office.config.mailboxes)) if len(office.config.mailboxes) == 1 else ""
        before = office.store.intake(digest)
        known = bool(before and before["finished"])
        return tasksheet.Clerk(office=office, name=name, owner=owner or only, known=known).carry_out
    return Clerk(office, name, rules_of(office, name, owner), crowd).enroll


def _open(path: Path) -> BinaryIO:
    """The file, opened without following links, and only if it is a regular one."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "not a regular file")
    return file


def _digest(file: BinaryIO) -> str:
    """Of all its bytes; the reading goes on where it was."""
    here, found = file.tell(), hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1 << 20):
        found.update(chunk)
    file.seek(here)
    return found.hexdigest()


def _owner(office: Office, path: Path) -> str:
    folder = path.parent.name
    return folder if folder in office.config.mailboxes else ""


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{_stem(path.name)}-{number}.{path.name.rpartition('.')[2]}")
    return free


def _write_receipt(found: Intake, path: Path) -> None:
    """The receipt; without room for it the file stays in the inbox, and what is missing is told."""
    try:
        found.write_receipt(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        disk, wanted = os.statvfs(path.parent), 80 * (found.accepted + found.rejected + found.duplicate)
        free = disk.f_bavail * disk.f_frsize
        missing = f"the disk is full: {path} needs about {wanted} bytes, {free} are free, {max(wanted - free, 0)} are missing"
        raise OSError(errno.ENOSPC, missing, str(path)) from error


# -- rows ----------------------------------------------------------------------------------------


def rules_of(office: Office, name: str, owner: str) -> Rules:
    """What a row is judged by. The file's name may begin with a cadence (`proposal-march.csv`), its folder be a rep's."""
    workspace, config = office.workspace, office.config
    company = config.who()
    prefix = [
        cadence
        for cadence in workspace.cadences
        if _stem(name) == cadence or name.startswith((f"{cadence}-", f"{cadence}_", f"{cadence}."))
    ]
    always = [(column, "intake.needs of the configuration") for column in config.intake.needs]
    only = next(iter(config.mailboxes)) if len(config.mailboxes) == 1 else ""
    return Rules(
        cadences={name: (*workspace.required(name), *always) for name in workspace.editions},
        languages={
            name: {tag: (*workspace.required(name, tag), *always) for tag in workspace.languages(name)} for name in workspace.editions
        },
        steps={each.name: tuple(step.id for step in each.steps) for each in workspace.cadences.values()},
        owners=frozenset(config.mailboxes), own_addresses=office.own_addresses(), own_domains=frozenset(company.domains),
        default_cadence=max(prefix, key=len, default=""), default_owner=owner or only, default_zone=config.defaults.timezone,
        now=office.clock.now(),
        without_owner=frozenset(each.name for each in workspace.cadences.values() if each.mailbox != ("owner",)),
        date_columns={each.name: dates_of(each) for each in workspace.cadences.values()},
    )  # fmt: skip


def dates_of(cadence: Cadence) -> tuple[str, ...]:
    """The columns that a cadence counts from: they must hold dates."""
    return tuple(dict.fromkeys(step.since for step in cadence.steps if step.since not in ("previous", "enrolled")))


Named = dict[str, tuple[int, str]]
"""Whom a file has named, by the mailbox behind the address: the line and the address."""


class Crowd:
    """Newcomers on their way into the store: at once where others wait for it, else by the ten thousand, while the next ones are judged.

    Who is in the crowd may be missing in what the store says: the crowd knows whom the file has named in it.
    """

    def __init__(self, store: Store) -> None:
        """Nobody in it."""
        self._store = store
        self._ready: Arrivals | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._written: Future[None] | None = None
        self._behind, self._ahead = Named(), Named()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self.arrive()
        finally:
            if self._writer:
                self._writer.shutdown()
            if self._ready:
                self._ready.close()

    def named(self, person: str) -> tuple[int, str] | None:
        """Where the file has named somebody who may be on the way still."""
        return self._behind.get(person) or self._ahead.get(person)

    def add(self, newcomers: Sequence[Newcomer], named: Named) -> None:
        """These come along."""
        if not newcomers:
            return
        if not self._store.alone():
            self.arrive()
            self._store.enroll(newcomers)
            return
        self._ready = self._ready or self._store.arrivals()
        self._store.lay_ready(self._ready, newcomers)
        self._behind |= named
        if len(self._ready) >= CROWD:
            self._hand_over()

    def arrive(self) -> None:
        """All of them are in the store when this returns."""
        self._hand_over()
        self._wait()

    def _hand_over(self) -> None:
        """Those who lie ready are written from now on, once those before them are."""
        self._wait()
        if self._ready is None:
            return
        self._writer = self._writer or ThreadPoolExecutor(1, thread_name_prefix="arrivals")
        self._written = self._writer.submit(self._store.enroll_all, self._ready)
        self._ready, self._ahead, self._behind = None, self._behind, {}

    def _wait(self) -> None:
        """Until nobody is being written; whatever went wrong there goes wrong here."""
        written, self._written = self._written, None
        if written is not None:
            written.result()
        self._ahead = {}


class Clerk:
    """Enrolls rows of one file, batch by batch.

    Whom the file has named before is known by what the store says of them, so that a file of a million rows takes no more memory
    than one of a thousand; only those are remembered who are on their way there, or named by another address than that of their mailbox.
    """

    def __init__(self, office: Office, source: str, rules: Rules, crowd: Crowd | None = None) -> None:
        """`source` goes into each enrollment, with the row's line."""
        self._office, self._source, self._rules = office, source, rules
        self._crowd = crowd
        self._named = Named()
        self._since = office.clock.now()
        self._kept: set[str] = set()

    def enroll(self, rows: Iterable[Row]) -> list[Line]:
        """Judge and enroll one batch, in one transaction; what became of each row, in order."""
        judged = [judge(row, self._rules) for row in rows]
        people = {one.address: same_person(one.address) for one in judged if isinstance(one, Candidate)}
        known = self._office.store.histories(sorted({*people, *people.values()}))
        batch = _Batch(now=self._office.clock.now())
        lines = [
            (one.line, one.address, "rejected", one.reason)
            if isinstance(one, Rejection)
            else (one.line, one.address, *self._begin(one, people[one.address], known, batch))
            for one in judged
        ]
        if self._crowd is None:
            self._office.store.enroll(batch.newcomers)
        else:
            self._crowd.add(batch.newcomers, batch.named)
        self._summon(batch)
        self._named |= {person: named for person, named in batch.named.items() if person != named[1]}
        return lines

    def _summon(self, batch: _Batch) -> None:
        """Whoever is to be met is asked about that evening; after a crash before this, the start of the daemon finds them."""
        office, evenings = self._office, dict[str, datetime]()
        to_meet = [one for one in batch.newcomers if one.prospect.columns.get("meeting_at")]
        for prospect, _, begun in to_meet:
            mailbox = begun.enrollments[0].mailbox
            evening = evening_after(office, mailbox, prospect, batch.now)
            if evening is not None:
                evenings[mailbox] = min(evening, evenings.get(mailbox, evening))
        if not evenings:
            return
        from followupd import desk

        if self._crowd:
            self._crowd.arrive()
        for mailbox, evening in evenings.items():
            desk.carry_on(office, partial(office.summon, "meetings", mailbox, max(evening, batch.now)))

    def _begin(self, row: Candidate, person: str, known: Mapping[str, History], batch: _Batch) -> tuple[str, str]:
        """What becomes of a row, and why or when; whoever begins is among the batch's newcomers then."""
        history = _of_person(known, row.address, person)
        if named := batch.named.get(person) or self._named_before(person) or self._enrolled_from(history):
            number, address = named
            return "duplicate", f"duplicate of row {number}" + (
                "" if address == row.address else f": {address} is the same mailbox"
            )
        edition = self._office.workspace.editions[row.cadence]
        cadence, dates = edition.cadence, self._rules.date_columns[row.cadence]
        prospect = prospect_of(row, cadence, dates)
        # Of a stranger no question of admission knows anything but what stands against keeping them warm.
        entry = (
            None if history is STRANGER and cadence.role != NURTURE else self._entry(row, cadence, prospect, history, batch.now)
        )
        verdict = guards.admit(entry) if entry else None
        if isinstance(verdict, Stop):
            return "duplicate" if verdict.reason.startswith("duplicate") else "rejected", verdict.reason
        if cadence.digest not in self._kept:
            self._office.keep(edition, batch.now)
            self._kept.add(cadence.digest)
        batch.named[person] = row.line, row.address
        source = f"{self._source}:{row.line}{origin_of(row)}"
        begun, when_first = batch.begun(
            cadence, prospect, mailbox_for(cadence, row.owner, row.address), source, row.start_at, row.start_step,
            round=guards.rounds(entry) + 1 if entry else 1, fraction=self._office.dice.fraction(), dates=dates,
            waived=bool(entry and history.company and guards.waives(entry)),
        )  # fmt: skip
        if begun is None:
            return "rejected", when_first
        ended = give_way(entry) if entry and history.enrollments else None
        if ended and ended.enrollments:
            self._office.store.apply_one(ended)
        batch.newcomers.append(Newcomer(prospect, source, begun))
        return "accepted", when_first

    def _named_before(self, person: str) -> tuple[int, str] | None:
        return self._named.get(person) or (self._crowd.named(person) if self._crowd else None)

    def _entry(self, row: Candidate, cadence: Cadence, prospect: Prospect, history: History, now: datetime) -> guards.Entry:
        return guards.Entry(
            address=row.address, cadence=cadence, history=history, now=now, against=self._office.against(cadence, prospect, history),
            referred_by=row.columns.get("referred_by_email", "").strip().lower(),
        )  # fmt: skip

    def _enrolled_from(self, history: History) -> tuple[int, str] | None:
        """The row of this file, and its address, from which this person was enrolled a moment ago."""
        for one in history.enrollments:
            number = one.source.removeprefix(f"{self._source}:").partition(",")[0]
            if one.started >= self._since and number != one.source and number.isdecimal():
                return int(number), one.address
        return None


@dataclass(slots=True)
class _Batch:
    """Rows that are enrolled at one moment. Most of them begin alike, so that few first dates have to be worked out."""

    now: datetime
    newcomers: list[Newcomer] = field(default_factory=list)
    named: Named = field(default_factory=dict)
    _alike: dict[tuple[object, ...], tuple[Change | None, str]] = field(default_factory=dict)

    def begun(
        self, cadence: Cadence, person: Prospect, mailbox: str, source: str, start_at: datetime | None, start_step: str, *,
        round: int, fraction: float, dates: Collection[str], waived: bool,  # noqa: A002 - as in `lifecycle.Start`
    ) -> tuple[Change | None, str]:  # fmt: skip
        """How somebody begins, and when that is; None and the reason where it can't be planned.

        The key holds everything but ids, address and source that `lifecycle.begin` makes it of; `dates` are the columns that the
        cadence counts from.
        """
        arm = lifecycle.drawn(cadence.variants, fraction) if cadence.variants else ""
        alike = (
            cadence.digest, mailbox, person.zone, person.country, start_at, start_step, round, arm, waived, *[person.columns.get(name) for name in dates],
        )  # fmt: skip
        known = self._alike.get(alike)
        if known is None:
            start = lifecycle.Start(
                prospect=person, cadence=cadence, mailbox=mailbox, source=source, start_at=start_at, start_step=start_step, round=round,
                fraction=fraction,
            )  # fmt: skip
            known = self._alike[alike] = self._begin(start, waived=waived)
        return known

    def _begin(self, start: lifecycle.Start, *, waived: bool) -> tuple[Change | None, str]:
        try:
            begun = lifecycle.begin(start, self.now)
        except ValueError as problem:  # such as a window that is never open in this person's holidays
            return None, f"can't be planned: {problem}"
        if waived:
            begun = replace(begun, enrollments=tuple(replace(one, waived=self.now) for one in begun.enrollments))
        first = begun.touches[0]
        zone = timing_for(start.cadence, start.prospect, start.mailbox).zone
        return begun, f"{first.step} on {when.speak(first.due, zone)}"


def origin_of(row: Candidate) -> str:
    """Where a row came from, if it says so: an old no, a referral."""
    origin = row.columns.get("came_from", "")
    return f", came from {origin}" if origin in ORIGINS else ""


def _of_person(known: Mapping[str, History], address: str, person: str) -> History:
    """What we know of an address, and of the mailbox behind it where that is another: `ann+list@` is Ann."""
    own, behind = known[address], known[person]
    if own is behind:
        return own
    both = (*own.enrollments, *behind.enrollments)
    return History(suppressed=own.suppressed or behind.suppressed, enrollments=both, company=own.company)


def prospect_of(row: Candidate, cadence: Cadence, dates: Collection[str] | None = None) -> Prospect:
    """The person of a row. Columns that a cadence counts from are kept as instants, so that nobody has to read them twice.

    A day without a time stays a day: what is counted from it decides whether its beginning or its end is meant.
    """
    prospect = Prospect(
        id=lifecycle.made_id("prospect", row.address), address=row.address, zone=row.zone, country=row.country, owner=row.owner,
        columns=row.columns,
    )  # fmt: skip
    counted = dates_of(cadence) if dates is None else dates
    written = {name: row.columns[name].strip() for name in counted if row.columns.get(name)} if counted else {}
    if not written:
        return prospect
    zone = timing_for(cadence, prospect, "").zone
    instants = {name: text if is_day(text) else parse_date(text, zone).isoformat() for name, text in written.items()}
    return replace(prospect, columns={**row.columns, **instants})
