"""A CSV file with 100,000 people, and one with a million: `followupd add` from exec to exit.

Every row is read, judged and asked for in the store, its first dates worked out, and its person, enrollment, first touch and line in
the timeline written, with a line in the receipt; of 200 rows one has no address and one names somebody again. Two floors do the same
file in one transaction with `csv.reader` and ready-made statements, judge nothing and work out nothing: one puts each row into one
table with a unique address, the other writes the four rows that somebody's enrollment consists of into our own tables.
"""

from __future__ import annotations

import csv
import hashlib
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

from followupd.bench.process import call, measure
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import person, workspace

FULL, TIMES = 100_000, 10
NAME = "price-list-of-march.csv"
ODD = 200  # of so many rows one has no address, and another one names somebody a second time
COUNTRIES = ("US", "DE", "GB", "FR", "NL")

CADENCE = """\
cadence: price-list
about: People who have asked for the price list.
mailbox: [rep-001]
window: mon-fri 09:00-17:00
holidays: prospect
timezone: America/New_York
steps:
  - {id: first, email: first-word, after: 1d}
  - {id: second, email: first-word, after: 3bd}
  - {id: third, email: first-word, after: 5bd}
end: {after: 7d}
"""


def write_file(path: Path, count: int) -> None:
    """So many rows of nine columns, in no order."""
    chance = random.Random(7)
    numbers = chance.sample(range(10 * count), count)
    names = ("email", "first_name", "last_name", "company", "title", "goals", "number")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*names, "country", "source"])
        for place, number in enumerate(numbers):
            row = person(number)
            if place % ODD == ODD // 2:
                row["email"] = f"{row['first_name']} at {row['company']}"
            elif place % ODD == ODD - 1:
                row["email"] = person(numbers[place - chance.randrange(1, ODD // 2 - 1)])["email"]
            out.writerow([*(row[name] for name in names), COUNTRIES[number % 5], 'the "spring" fair, Köln'])


def enrolled(count: int) -> int:
    """How many rows of such a file are somebody new."""
    return count - sum(place % ODD in (ODD // 2, ODD - 1) for place in range(count))


def ours(place: Place, times: int = 1) -> Figures:
    """The command."""
    count = place.size(FULL) * times
    with workspace(place.folder / "w", smtp=9, imap=9) as laid:
        (laid.folder / "cadences" / "price-list.yaml").write_text(CADENCE, encoding="utf-8")
        write_file(laid.folder / NAME, count)
        command = [sys.executable, "-m", "followupd", "--config", str(laid.config), "add", str(laid.folder / NAME)]
        cost = measure(command, timeout=1_800, env=laid.environ, cwd=laid.folder)
        if cost.code:
            raise WrongOutcome(f"exit code {cost.code}:\n{cost.output[-2000:]}")
        with (laid.folder / NAME.replace(".csv", ".receipt.csv")).open(encoding="utf-8-sig", newline="") as file:
            said = {"accepted": 0, "rejected": 0, "duplicate": 0}
            for row in csv.DictReader(file):
                said[row["result"]] += 1
        good, odd = enrolled(count), (count - enrolled(count)) // 2
        if said != {"accepted": good, "rejected": odd, "duplicate": odd}:
            raise WrongOutcome(f"of {count} rows {said}, but {good} are somebody new")
        _check(laid.folder / "followupd.db", good, "prospect", "enrollment", "touch", "event")
    return {"per_second": count / cost.wall, "cpu_per_1000": cost.cpu / count * 1000, "memory_mb": cost.memory_mb}


def _check(path: Path, good: int, *tables: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table in tables:
            column = "id" if table in ("enrollment", "touch") else "address"
            (found,) = connection.execute(f"SELECT count(DISTINCT {column}) FROM {table}")
            if found != (good,):
                raise WrongOutcome(f"{table}: {found[0]} instead of {good}")


def floor(place: Place, every: bool) -> Figures:
    """One of the floors, in a process of its own."""
    count = place.size(FULL)
    write_file(place.folder / NAME, count)
    seconds, cost = call(load_all if every else load, str(place.folder))
    if every:  # it lets rows without an address in, too
        _check(place.folder / "bare.db", count - (count - enrolled(count)) // 2, "prospect", "enrollment", "touch")
    return {"per_second": count / seconds, "cpu_per_1000": cost.cpu / count * 1000, "memory_mb": cost.memory_mb}


def load(folder: str) -> float:
    """Each row into one table; how many seconds it took."""
    began = time.monotonic()
    with closing(_opened(folder)) as connection:
        connection.execute(
            "CREATE TABLE person (email TEXT NOT NULL UNIQUE, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT)"
        )
        with (Path(folder) / NAME).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR IGNORE INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
    return time.monotonic() - began


def load_all(folder: str) -> float:
    """Each row as the four rows of somebody's enrollment, in tables like ours; how many seconds it took."""
    from followupd.store import open_store

    open_store(f"sqlite:///{folder}/bare.db").close()
    began = time.monotonic()
    with closing(_opened(folder)) as connection, (Path(folder) / NAME).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        connection.execute("BEGIN IMMEDIATE")
        while batch := list(islice(rows, 5_000)):
            ids = [hashlib.sha256(row[0].encode()).hexdigest()[:12] for row in batch]
            for statement, values in _FOUR.items():
                connection.executemany(statement, [values(own, row) for own, row in zip(ids, batch, strict=True)])
        connection.execute("COMMIT")
    return time.monotonic() - began


_AT, _WHY = (
    "2026-11-30T18:00:00.000000Z",
    '["1d after Mon 30 Nov (the enrollment began)","times are in Europe/Berlin (the zone of DE)"]',
)
_FOUR: dict[str, Callable[[str, list[str]], tuple[object, ...]]] = {
    "INSERT OR IGNORE INTO prospect (id, address, owner, columns) VALUES (?, ?, ?, ?)": lambda own, row: (
        own, row[0], "rep-001", ",".join(row),
    ),
    "INSERT OR IGNORE INTO enrollment (id, prospect, address, cadence, digest, mailbox, state, started, moved, source, version, passed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)": lambda own, row: (
        own, own, row[0], "price-list", "0" * 64, "rep-001", "active", _AT, _AT, NAME, 1, '["first"]',
    ),
    "INSERT OR IGNORE INTO touch (id, enrollment, address, mailbox, step, channel, state, due, why, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)":
    lambda own, row: (own, own, row[0], "rep-001", "first", "email", "scheduled", _AT, _WHY, 1),
    "INSERT INTO event (at, kind, text, address, enrollment, data) VALUES (?, ?, ?, ?, ?, ?)": lambda own, row: (
        _AT, "enrolled", f"enrolled in price-list from {NAME}", row[0], own, '{"cadence":"price-list","role":"sales","mailbox":"rep-001"}',
    ),
}  # fmt: skip


def _opened(folder: str) -> sqlite3.Connection:
    connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


WORKLOAD = Workload(
    name="intake",
    what="A CSV file of 100,000 people enrolled by the command",
    contenders=(
        Contender(name="followupd", role="ours", run=ours),
        Contender(name="ten times the rows", role="ours", run=lambda place: ours(place, TIMES), quick=False, rounds=1),
        Contender(name="csv + INSERT", role="floor", run=lambda place: floor(place, False)),
        Contender(name="csv + INSERT of all four rows", role="floor", run=lambda place: floor(place, True)),
    ),
    ratios=(
        Ratio(name="followupd : csv + INSERT", of="followupd", figure="per_second", over="csv + INSERT", at_least=0.4, gate=True, reached=0.05),
        Ratio(name="followupd : the same four rows, ready-made", of="followupd", figure="per_second", over="csv + INSERT of all four rows"),
        Ratio(name="memory, ten times the rows : once", of="ten times the rows", figure="memory_mb", over="followupd", at_most=1.15),
    ),
)  # fmt: skip
