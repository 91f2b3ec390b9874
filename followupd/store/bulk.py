"""Many changes at once: what a group of settled mails writes, with one statement for each kind of row.

Decides which changes of a group may go together, and which of them came too late. Keeps no promise of its own: every row is
written under the same conditions as alone (`writing.py`), and the rows are counted. Where one more or one fewer was written than
expected, nothing of it stays, and `writing.py` writes the changes one by one. Never builds a statement per row: they are texts
with places for tuples, which go to the driver as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.core.model import (
    Change,
    CompanyWord,
    Enrollment,
    EnrollmentState,
    Event,
    Fact,
    MailFact,
    Reply,
    Suppression,
    Taken,
    Task,
    Touch,
)
from followupd.store import rows, schema, writing
from followupd.store.prepared import Prepared, among, spoken

Known: TypeAlias = Mapping[str, Any]
"""Enrollments, touches and tasks by their ids, as they lie in the database."""

_PLAIN = (
    ("suppressions", Suppression, schema.suppression), ("items", Taken, schema.item_taken), ("facts", Fact, schema.fact),
    ("company_words", CompanyWord, schema.company_word), ("events", Event, schema.event),
)  # fmt: skip
"""Rows of a change that are only added, and kept out by nothing but their own like."""

_IN_BULK = {"enrollments", "touches", "tasks", "replies", "raws", "cursors", "aliases", "mails"} | {name for name, _, _ in _PLAIN}

_OTHERS = attrgetter(*sorted(set(Change.__dataclass_fields__) - _IN_BULK))
"""What of a change is not written in bulk: rare, or kept out by more than an id."""


class _Uncounted(Exception):
    """Another number of rows was written than there were."""


def write_all(connection: sa.Connection, engine: sa.Engine, changes: Sequence[Change], known: Known | None = None) -> list[bool]:
    """Write changes in their order, each all or nothing. False for one that was stale.

    What is `known` of rows need not be read. It may be out of date: every row is written under its version.
    """
    written: list[bool] = []
    for run in _runs(changes):
        together = None
        if _keys(run[0]) is not None:
            together = (_write_run(connection, run, known) if known else None) or _write_run(connection, run, {})
        written += together or [_alone(connection, engine, change) for change in run]
    return written


def _alone(connection: sa.Connection, engine: sa.Engine, change: Change) -> bool:
    try:
        with connection.begin_nested():
            writing.write(connection, engine, change)
    except writing.Stale:
        return False
    return True


def _runs(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """The changes in their order, cut where one can't go with those before it: alone is what can't be written in bulk at all.

    No two of a run speak of the same enrollment, so that each may be judged by what was there before all of them.
    """
    run: list[Change] = []
    taken: set[str] = set()
    for change in changes:
        keys = _keys(change)
        if run and (keys is None or not taken.isdisjoint(keys)):
            yield run
            run, taken = [], set()
        if keys is None:
            yield [change]
        else:
            run.append(change)
            taken |= keys
    if run:
        yield run


def _keys(change: Change) -> set[str] | None:
    """What a change speaks of; None where it can't be written in bulk."""
    if any(_OTHERS(change)) or not all(row.version for row in change.enrollments):
        return None
    ids = [row.id for row in _versioned(change)]
    if len(set(ids)) < len(ids):
        return None
    keys = {row.id for row in change.enrollments} | {row.enrollment for row in change.touches}
    keys |= {row.enrollment or row.id for row in change.tasks} | {fact.touch for fact in change.mails}
    return keys | {row.enrollment or row.id for row in change.replies} | {name for name, _ in change.raws}


def _versioned(change: Change) -> tuple[Enrollment | Touch | Task | Reply, ...]:
    return (*change.enrollments, *change.touches, *change.tasks, *change.replies)


# -- one run -------------------------------------------------------------------------------------


def _write_run(connection: sa.Connection, changes: Sequence[Change], known: Known) -> list[bool] | None:
    """Write a run; None, and nothing is written, where it has to be done in another way."""
    wanted: dict[Any, dict[str, int]] = {Enrollment: {}, Touch: {}, Task: {}, Reply: {}}
    for change in changes:
        for row in _versioned(change):
            if row.version:
                wanted[type(row)][row.id] = row.version
    before = {kind: _before(connection, kind, versions, known) for kind, versions in wanted.items()}
    fresh = [all(_as_read(row, before[type(row)]) for row in _versioned(change) if row.version) for change in changes]
    try:
        with _all_or_nothing(connection):
            _write(connection, [change for change, well in zip(changes, fresh, strict=True) if well], before)
    except (_Uncounted, sqlalchemy.exc.IntegrityError):
        return None
    return fresh


def _before(connection: sa.Connection, kind: Any, versions: Mapping[str, int], known: Known) -> Known:
    """How the rows of this kind that are to be written lie in the database, as far as they do."""
    found = {name: known[name] for name, version in versions.items() if name in known and known[name].version == version}
    if missing := sorted(versions.keys() - found.keys()):
        found |= {row[0]: rows.made(kind, row) for row in _reading(kind).rows(connection, ids=missing)}
    return found


def _as_read(row: Enrollment | Touch | Task | Reply, before: Known) -> bool:
    """Whether nobody has moved it since."""
    return row.id in before and before[row.id].version == row.version


@contextmanager
def _all_or_nothing(connection: sa.Connection) -> Iterator[None]:
    """As `begin_nested`, in a tenth of its time."""
    cursor = connection.connection.cursor()

    def say(text: str) -> None:
        try:
            cursor.execute(text)
        except connection.dialect.loaded_dbapi.Error as error:
            raise spoken(connection, text, error) from error

    say("SAVEPOINT run")
    try:
        yield
    except BaseException:
        say("ROLLBACK TO SAVEPOINT run")
        say("RELEASE SAVEPOINT run")
        raise
    say("RELEASE SAVEPOINT run")


def _write(connection: sa.Connection, changes: Sequence[Change], before: Mapping[Any, Known]) -> None:
    """In the order of `writing.write`: what is settled makes room for what is new."""
    enrollments = [row for change in changes for row in change.enrollments]
    facts = [fact for change in changes for fact in change.mails]
    told = defaultdict[str, dict[str, Any]](dict)
    for fact in facts:
        told[fact.touch] |= _told(fact)
    _move(connection, enrollments, before[Enrollment], {})
    _write_versioned(connection, [row for change in changes for row in change.touches], before[Touch], told)
    _write_versioned(connection, [row for change in changes for row in change.tasks], before[Task], {})
    _write_versioned(connection, [row for change in changes for row in change.replies], before[Reply], {})
    _tell(connection, facts, told)
    writing.follow(connection, [row for row in enrollments if _unfollowed(row, before[Enrollment])])
    _write_plain(connection, changes)


def _write_versioned(
    connection: sa.Connection,
    found: Sequence[Touch] | Sequence[Task] | Sequence[Reply],
    before: Known,
    told: dict[str, dict[str, Any]],
) -> None:
    _move(connection, [row for row in found if row.version], before, told)
    if added := [rows.stored(row) for row in found if not row.version]:
        kind: Any = type(found[0])
        _count(connection, adding(rows.TABLES[kind], rows.names(kind), connection.dialect), added)


def _move(connection: sa.Connection, moved: Sequence[Any], before: Known, told: dict[str, dict[str, Any]]) -> None:
    """Of each row only what is new in it: the indexes of all other columns stay untouched. What is `told` beside it goes along."""
    if not moved:
        return
    kind: Any = type(moved[0])
    everything, ways = rows.parts(kind)
    alike = defaultdict[tuple[tuple[int, ...], tuple[str, ...]], list[tuple[Any, ...]]](list)
    for row in moved:
        values, more = [], told.pop(row.id, _NOTHING)
        places = []
        for place, (now, was) in enumerate(zip(everything(row), everything(before[row.id]), strict=True)):
            if now is not was and now != was:
                places.append(place)
                way = ways[place]
                values.append(now if way is None or now is None else way(now))
        alike[tuple(places), tuple(more)].append((*values, *more.values(), row.version + 1, row.id, row.version))
    for (changed, beside), rows_ in alike.items():
        _count(connection, _moving(kind, changed, beside, connection.dialect), rows_)


_NOTHING: dict[str, Any] = {}


def _unfollowed(row: Enrollment, before: Known) -> bool:
    """Whether its touches may not know yet how it stands. Those of one that was active and is active are live."""
    return not row.state == before[row.id].state == EnrollmentState.ACTIVE


def _told(fact: MailFact) -> dict[str, Any]:
    known = {"left": schema.instant(fact.left), "copy": fact.copy}
    return {name: value for name, value in known.items() if value is not None}


def _tell(connection: sa.Connection, facts: Sequence[MailFact], told: Mapping[str, dict[str, Any]]) -> None:
    """What of it no touch that was moved has taken along; and the names that providers have given."""
    alike = defaultdict[tuple[str, ...], list[tuple[Any, ...]]](list)
    for touch, values in told.items():
        if values:
            alike[tuple(values)].append((*values.values(), touch))
    for names, found in alike.items():
        carry_out(connection, _updating(schema.touch, names, ("id",), connection.dialect), found)
    named = [(fact.message_id, fact.touch) for fact in facts if fact.message_id is not None]
    carry_out(connection, _updating(schema.mail, ("message_id",), ("touch",), connection.dialect), named)


def _write_plain(connection: sa.Connection, changes: Sequence[Change]) -> None:
    """Rows that stand by themselves: the first of a kind stays, and nobody has to hear of it."""
    dialect = connection.dialect
    for name, kind, table in _PLAIN:
        carry_out(
            connection,
            adding(table, rows.names(kind), dialect),
            [rows.stored(row) for change in changes for row in getattr(change, name)],
        )
    aliases = [alias for change in changes for alias in change.aliases]
    carry_out(connection, adding(schema.mail_alias, ("id", "touch"), dialect), aliases)
    writing.keep_raws(connection, [raw for change in changes for raw in change.raws])
    reached = {(one.mailbox, one.folder): one for change in changes for one in change.cursors}  # the last word on each counts
    cursors = [(*place, one.uidvalidity, one.uid, schema.instant(one.read)) for place, one in reached.items()]
    carry_out(connection, _reaching(dialect), cursors)


# -- statements ----------------------------------------------------------------------------------


def carry_out(connection: sa.Connection, statement: str, values: list[tuple[Any, ...]]) -> int:
    """A statement for each of the tuples, or one for all of them where arrays can be given; how many rows that were in all."""
    if not values:
        return 0
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            cursor.execute(statement, tuple(map(list, zip(*values, strict=True))))
        else:
            cursor.executemany(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise spoken(connection, statement, error) from error
    return int(cursor.rowcount)


def _count(connection: sa.Connection, statement: str, values: list[tuple[Any, ...]]) -> None:
    if carry_out(connection, statement, values) != len(values):
        raise _Uncounted


def _arrays(table: sa.Table, names: Sequence[str], dialect: sa.Dialect) -> str:
    """One array for each of these columns, side by side as a table."""
    return f"unnest({', '.join(f'%s::{table.c[name].type.compile(dialect=dialect)}[]' for name in names)})"


@cache
def _reading(kind: Any) -> Prepared:
    """All rows of these ids: in a fixed order and locked, where others write beside us."""
    key = rows.TABLES[kind].c.id
    return Prepared(rows.select(kind).where(among(key, "ids")).order_by(key).with_for_update())


@lru_cache(maxsize=256)
def adding(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect, there: str = "DO NOTHING") -> str:
    """Insert a row with these columns where nothing keeps it out; `there`: what becomes of one that lies there."""
    columns = ", ".join(map(dialect.identifier_preparer.quote, names))
    marks = f"VALUES ({', '.join('?' * len(names))})"
    found = marks if dialect.name == "sqlite" else f"SELECT * FROM {_arrays(table, names, dialect)}"  # noqa: S608
    return f"INSERT INTO {table.name} ({columns}) {found} ON CONFLICT {there}"


@cache
def _reaching(dialect: sa.Dialect) -> str:
    """How far a folder has been read."""
    key, later = ("mailbox", "folder"), ("uidvalidity", "uid", "read")
    new = ", ".join(f"{name} = excluded.{name}" for name in later)
    return adding(schema.cursor, key + later, dialect, f"({', '.join(key)}) DO UPDATE SET {new}")


@lru_cache(maxsize=1024)
def _moving(kind: Any, places: tuple[int, ...], beside: tuple[str, ...], dialect: sa.Dialect) -> str:
    names = rows.names(kind)
    changed = (*(names[place] for place in places), *beside, "version")
    return _updating(rows.TABLES[kind], changed, ("id", "version"), dialect)


@lru_cache(maxsize=1024)
def _updating(table: sa.Table, names: tuple[str, ...], keys: tuple[str, ...], dialect: sa.Dialect) -> str:
    quote, alone = dialect.identifier_preparer.quote, dialect.name == "sqlite"
    given = {name: "?" if alone else f"given.c{place}" for place, name in enumerate((*names, *(f"the {key}" for key in keys)))}
    said = ", ".join(f"{quote(name)} = {given[name]}" for name in names)
    of = " AND ".join(f"{table.name}.{quote(key)} = {given[f'the {key}']}" for key in keys)
    source = (
        ""
        if alone
        else f" FROM {_arrays(table, (*names, *keys), dialect)} AS given ({', '.join(f'c{n}' for n in range(len(given)))})"
    )
    return f"UPDATE {table.name} SET {said}{source} WHERE {of}"  # noqa: S608
