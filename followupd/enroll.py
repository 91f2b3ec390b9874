"""A CSV row becomes an enrollment.

Decides nothing itself: `files/prospects.py` reads and judges rows, `core/guards.py` admits, `core/lifecycle.py` begins.
This story keeps the order: the file is claimed by renaming it, good rows are enrolled in batches, the receipt is written,
the original moves to `done/`. Killed anywhere, the claimed file is taken up again at the next start; rows that were
enrolled before are recognised, so nothing happens twice.

Plain code over an `Office`: the daemon runs it in a thread, `followupd add` directly.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from followupd import log
from followupd.core import guards, lifecycle, when
from followupd.core.model import Cadence, Change, History, Prospect, Stop
from followupd.core.timing import timing_for
from followupd.files.prospects import Candidate, Rejection, Row, Rules, is_day, judge, parse_date, read_sheet, receipt
from followupd.office import Office, give_way, mailbox_for

BATCH = 500
"""Rows in one transaction: few enough that sending never waits long for the store, enough that a commit costs little."""

MOST_BYTES = 50_000_000
RECEIPT = ".receipt.csv"
CLAIMED = ".taken"
DONE = "done"

Line = tuple[int, str, str, str]  # line, address, accepted / rejected / duplicate, reason


@dataclass(slots=True)
class Intake:
    """What became of one file."""

    name: str
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    problem: str = ""  # the whole file was refused
    lines: list[Line] = field(default_factory=list)

    def count(self, line: Line) -> None:
        """One more row."""
        self.lines.append(line)
        setattr(self, line[2], getattr(self, line[2]) + 1)


# -- the folder ----------------------------------------------------------------------------------


class Folder:
    """The inbox between two scans: a file is taken once its size and time have held still."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._seen: dict[Path, tuple[int, int]] = {}

    def resting(self, inbox: Path) -> list[Path]:
        """Files to take: those that a killed daemon had claimed, and those that have not changed since the last scan."""
        found = {path: state for path in _files(inbox) if (state := _state(path)) is not None}
        rested = [path for path, state in found.items() if self._seen.get(path) == state or path.name.endswith(CLAIMED)]
        self._seen = found
        return sorted(rested)


def _files(inbox: Path) -> Iterator[Path]:
    """CSV files in the inbox and in one folder per rep. Never follows a link; leaves receipts and half-written files alone."""
    if not inbox.is_dir():
        return
    for entry in sorted(os.scandir(inbox), key=lambda each: each.name):
        if entry.is_dir(follow_symlinks=False) and entry.name != DONE and not entry.name.startswith("."):
            yield from (Path(inner.path) for inner in os.scandir(entry.path) if _wanted(inner))
        elif _wanted(entry):
            yield Path(entry.path)


def _wanted(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    if not entry.is_file(follow_symlinks=False) or name.startswith((".", "~")) or name.endswith(RECEIPT):
        return False
    return name.removesuffix(CLAIMED).endswith((".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods"))


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
    name = claimed.name.removesuffix(CLAIMED)
    found = add(office, claimed, name=name, owner=_owner(office, claimed), progress=progress)
    _write_receipt(found, claimed.with_name(_stem(name) + RECEIPT))
    done = claimed.parent / DONE
    done.mkdir(exist_ok=True)
    claimed.replace(_free_name(done / name))
    log.note(
        "intake", file=name, accepted=found.accepted, rejected=found.rejected, duplicate=found.duplicate, problem=found.problem
    )
    return found


def add(office: Office, path: Path, *, name: str, owner: str = "", progress: Callable[[int], None] | None = None) -> Intake:
    """Enroll the good rows of a file, wherever it lies; the file itself is left as it is."""
    found = Intake(name=name)
    data = _read(path)
    if isinstance(data, str):
        found.problem = data
        return found
    sheet = read_sheet(data, name=name)
    if sheet.problem:
        found.problem = sheet.problem
        return found
    digest, now = hashlib.sha256(data).hexdigest(), office.clock.now()
    office.store.note_intake(digest, name, now)
    clerk = Clerk(office, name, rules_of(office, name, owner))
    rows = iter(sheet.rows)
    while batch := list(islice(rows, BATCH)):
        for line in clerk.enroll(batch):
            found.count(line)
        if progress:
            progress(len(batch))
    office.store.note_intake(
        digest, name, now, office.clock.now(), accepted=found.accepted, rejected=found.rejected, duplicate=found.duplicate
    )
    return found


def _read(path: Path) -> bytes | str:
    """The bytes, or why not. Opened without following links, and only if it is a regular file of a sane size."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return f"{path.name}: {error.strerror}"
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            return f"{path.name}: not a regular file"
        if facts.st_size > MOST_BYTES:
            return f"{path.name}: {facts.st_size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB, split it"
        return file.read(MOST_BYTES + 1)


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
    lines = found.lines or [(1, "", "rejected", found.problem)]
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(receipt(lines))
    half.replace(path)


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
    only = next(iter(config.mailboxes)) if len(config.mailboxes) == 1 else ""
    return Rules(
        cadences={name: workspace.required(name) for name in workspace.editions},
        languages={name: {tag: workspace.required(name, tag) for tag in workspace.languages(name)} for name in workspace.editions},
        steps={each.name: tuple(step.id for step in each.steps) for each in workspace.cadences.values()},
        owners=frozenset(config.mailboxes), own_addresses=office.own_addresses(), own_domains=frozenset(company.domains),
        default_cadence=max(prefix, key=len, default=""), default_owner=owner or only, default_zone=config.defaults.timezone,
        without_owner=frozenset(each.name for each in workspace.cadences.values() if each.mailbox != ("owner",)),
        date_columns={each.name: dates_of(each) for each in workspace.cadences.values()},
    )  # fmt: skip


def dates_of(cadence: Cadence) -> tuple[str, ...]:
    """The columns that a cadence counts from: they must hold dates."""
    return tuple(dict.fromkeys(step.since for step in cadence.steps if step.since not in ("previous", "enrolled")))


class Clerk:
    """Enrolls rows of one file, batch by batch, remembering whom the file has named before."""

    def __init__(self, office: Office, source: str, rules: Rules) -> None:
        """`source` goes into each enrollment, with the row's line."""
        self._office, self._source, self._rules = office, source, rules
        self._lines: dict[str, int] = {}
        self._kept: set[str] = set()

    def enroll(self, rows: Iterable[Row]) -> list[Line]:
        """Judge and enroll one batch, in one transaction; what became of each row, in order."""
        judged = [judge(row, self._rules) for row in rows]
        known = self._office.store.histories([one.address for one in judged if isinstance(one, Candidate)])
        change, lines, now = [], [], self._office.clock.now()
        for one in judged:
            begun = None if isinstance(one, Rejection) else self._begin(one, known[one.address], now)
            if isinstance(begun, Change):
                change.append(begun)
                lines.append((one.line, one.address, "accepted", self._when(begun)))
            elif isinstance(begun, str):
                lines.append((one.line, one.address, "duplicate" if begun.startswith("duplicate") else "rejected", begun))
            elif isinstance(one, Rejection):
                lines.append((one.line, one.address, "rejected", one.reason))
        if change:
            self._office.store.enroll(joined(change))
        return lines

    def _begin(self, row: Candidate, history: History, now: datetime) -> Change | str:
        if row.address in self._lines:
            return f"duplicate of row {self._lines[row.address]}"
        edition = self._office.workspace.editions[row.cadence]
        cadence = edition.cadence
        entry = guards.Entry(address=row.address, cadence=cadence, history=history, now=now)
        verdict = guards.admit(entry)
        if isinstance(verdict, Stop):
            return verdict.reason
        if cadence.digest not in self._kept:
            self._office.keep(edition, now)
            self._kept.add(cadence.digest)
        self._lines[row.address] = row.line
        mailbox = mailbox_for(cadence, row.owner, row.address)
        prospect = prospect_of(row, cadence)
        start = lifecycle.Start(
            prospect=prospect, cadence=cadence, mailbox=mailbox, source=f"{self._source}:{row.line}", start_at=row.start_at,
            start_step=row.start_step, round=guards.rounds(entry) + 1, fraction=self._office.dice.fraction(),
        )  # fmt: skip
        try:
            begun = lifecycle.begin(start, now)
        except ValueError as problem:  # such as a window that is never open in this person's holidays
            return f"can't be planned: {problem}"
        ended = give_way(entry)
        if ended.enrollments:
            self._office.store.apply_one(ended)
        return begun

    def _when(self, change: Change) -> str:
        first, enrollment = change.touches[0], change.enrollments[0]
        cadence = self._office.workspace.editions[enrollment.cadence].cadence
        zone = timing_for(cadence, change.prospects[0], enrollment.mailbox).zone
        return f"{first.step} on {when.speak(first.due, zone)}"


def prospect_of(row: Candidate, cadence: Cadence) -> Prospect:
    """The person of a row. Columns that a cadence counts from are kept as instants, so that nobody has to read them twice.

    A day without a time stays a day: what is counted from it decides whether its beginning or its end is meant.
    """
    prospect = Prospect(
        id=lifecycle.made_id("prospect", row.address), address=row.address, zone=row.zone, country=row.country, owner=row.owner,
        columns=row.columns,
    )  # fmt: skip
    zone = timing_for(cadence, prospect, "").zone
    written = {name: row.columns[name].strip() for name in dates_of(cadence) if row.columns.get(name)}
    dates = {name: text if is_day(text) else parse_date(text, zone).isoformat() for name, text in written.items()}
    return replace(prospect, columns={**row.columns, **dates})


def joined(changes: list[Change]) -> Change:
    """Changes that only add rows, as one."""
    return Change(
        prospects=tuple(row for one in changes for row in one.prospects), enrollments=tuple(row for one in changes for row in one.enrollments),
        touches=tuple(row for one in changes for row in one.touches), events=tuple(row for one in changes for row in one.events),
    )  # fmt: skip
