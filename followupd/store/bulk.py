"""Many changes at once: what a group of settled mails writes, with one statement for each kind of row.

Decides which changes of a group may go together, and which of them came too late. Keeps no promise of its own: every row is
written under the same conditions as alone (`writing.py`), and the rows are counted. Where one more or one fewer was written than
expected, nothing of it stays, and `writing.py` writes the changes one by one. Never builds a statement per row: they are texts
with places for tuples, which go to the driver as they are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.core.model import Change, CompanyWord, Enrollment, EnrollmentState, Event, Fact, Suppression, Taken, Task, Touch
from followupd.store import rows, schema, writing
from followupd.store.prepared import spoken

_PLAIN = (
    ("suppressions", Suppression, schema.suppression), ("items", Taken, schema.item_taken), ("facts", Fact, schema.fact),
    ("company_words", CompanyWord, schema.company_word), ("events", Event, schema.event),
)  # fmt: skip
"""Rows of a change that are only added, and kept out by nothing but their own like."""

_IN_BULK = {"enrollments", "touches", "tasks", "aliases", "mails"} | {name for name, _, _ in _PLAIN}

_OTHERS = attrgetter(*sorted(set(Change.__dataclass_fields__) - _IN_BULK))
"""What of a change is not written in bulk: rare, or kept out by more than an id."""


class _Uncounted(Exception):
    """Another number of rows was written than there were."""


def write_all(connection: sa.Connection, engine: sa.Engine, changes: Sequence[Change]) -> list[bool]:
    """Write changes in their order, each all or nothing. False for one that was stale."""
    written: list[bool] = []
    for run in _runs(changes):
        together = _write_run(connection, run) if len(run) > 1 else None
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
    return keys | {row.enrollment or row.id for row in change.tasks} | {fact.touch for fact in change.mails}


def _versioned(change: Change) -> Iterator[Enrollment | Touch | Task]:
    yield from change.enrollments
    yield from change.touches
    yield from change.tasks


# -- one run -------------------------------------------------------------------------------------

Stored = dict[str, Sequence[Any]]
"""Rows as they lie in the database, by id."""


def _write_run(connection: sa.Connection, changes: Sequence[Change]) -> list[bool] | None:
    """Write a run; None, and nothing is written, where it has to be done one by one."""
    before = {kind: _stored(connection, kind, changes) for kind in (Enrollment, Touch, Task)}
    fresh = [all(_as_read(row, before[type(row)]) for row in _versioned(change) if row.version) for change in changes]
    try:
        with connection.begin_nested():
            _write(connection, [change for change, well in zip(changes, fresh, strict=True) if well], before)
    except (_Uncounted, sqlalchemy.exc.IntegrityError):
        return None
    return fresh


def _stored(connection: sa.Connection, kind: Any, changes: Sequence[Change]) -> Stored:
    ids = sorted(row.id for change in changes for row in _versioned(change) if row.version and type(row) is kind)
    if not ids:
        return {}
    given = json.dumps(ids) if connection.dialect.name == "sqlite" else ids
    text, cursor = _reading(kind, connection.dialect), connection.connection.cursor()
    try:
        cursor.execute(text, (given,))
        return {row[0]: row for row in cursor.fetchall()}
    except connection.dialect.loaded_dbapi.Error as error:
        raise spoken(connection, text, error) from error


def _as_read(row: Enrollment | Touch | Task, before: Stored) -> bool:
    """Whether nobody has moved it since; its version is its last column."""
    return row.id in before and before[row.id][-1] == row.version


def _write(connection: sa.Connection, changes: Sequence[Change], before: Mapping[Any, Stored]) -> None:
    """In the order of `writing.write`: what is settled makes room for what is new."""
    enrollments = [row for change in changes for row in change.enrollments]
    _move(connection, enrollments, before[Enrollment])
    _write_versioned(connection, [row for change in changes for row in change.touches], before[Touch])
    _write_versioned(connection, [row for change in changes for row in change.tasks], before[Task])
    writing.follow(connection, [row for row in enrollments if _unfollowed(row, before[Enrollment])])
    _write_plain(connection, changes)


def _write_versioned(connection: sa.Connection, found: Sequence[Touch] | Sequence[Task], before: Stored) -> None:
    _move(connection, [row for row in found if row.version], before)
    if added := [rows.stored(row) for row in found if not row.version]:
        kind: Any = type(found[0])
        _count(connection, adding(rows.TABLES[kind], rows.names(kind), connection.dialect), added)


def _move(connection: sa.Connection, moved: Sequence[Any], before: Stored) -> None:
    """Of each row only what is new in it: the indexes of all other columns stay untouched."""
    alike = defaultdict[tuple[int, ...], list[tuple[Any, ...]]](list)
    for row in moved:
        was, is_now = before[row.id], rows.stored(row)
        places = tuple(place for place, value in enumerate(is_now) if value != was[place])
        alike[places].append((*(is_now[place] for place in places), row.id, row.version))
    for places, values in alike.items():
        kind: Any = type(moved[0])
        _count(connection, _moving(kind, places, connection.dialect), values)


def _unfollowed(row: Enrollment, before: Stored) -> bool:
    """Whether its touches may not know yet how it stands. Those of one that was active and is active are live."""
    was = before[row.id][rows.names(Enrollment).index("state")]
    return not row.state == was == EnrollmentState.ACTIVE


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
    told = defaultdict[tuple[str, ...], list[tuple[Any, ...]]](list)
    for fact in (fact for change in changes for fact in change.mails):
        known = {"left": schema.instant(fact.left), "copy": fact.copy, "message_id": fact.message_id}
        known = {name: value for name, value in known.items() if value is not None}
        told[tuple(known)].append((*known.values(), fact.touch))
    for names, values in told.items():
        carry_out(connection, _updating(schema.mail, names, ("touch",), dialect), values)


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


@lru_cache(maxsize=64)
def _reading(kind: Any, dialect: sa.Dialect) -> str:
    """All rows of these ids: in a fixed order and locked, where others write beside us."""
    quote, table = dialect.identifier_preparer.quote, rows.TABLES[kind].name
    read = f"SELECT {', '.join(map(quote, rows.names(kind)))} FROM {table} WHERE id"  # noqa: S608 - names of ours
    if dialect.name == "sqlite":
        return f"{read} IN (SELECT value FROM json_each(?))"  # noqa: S608
    return f"{read} = ANY(%s) ORDER BY id FOR UPDATE"


@lru_cache(maxsize=256)
def adding(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> str:
    """Insert a row with these columns where nothing keeps it out."""
    columns = ", ".join(map(dialect.identifier_preparer.quote, names))
    marks = f"VALUES ({', '.join('?' * len(names))})"
    found = marks if dialect.name == "sqlite" else f"SELECT * FROM {_arrays(table, names, dialect)}"  # noqa: S608
    return f"INSERT INTO {table.name} ({columns}) {found} ON CONFLICT DO NOTHING"


@lru_cache(maxsize=1024)
def _moving(kind: Any, places: tuple[int, ...], dialect: sa.Dialect) -> str:
    names = rows.names(kind)
    return _updating(rows.TABLES[kind], tuple(names[place] for place in places), ("id", "version"), dialect)


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
