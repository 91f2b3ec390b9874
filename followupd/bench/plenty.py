"""A store with any number of enrollments, each with a touch that is planned: written by the database itself, in minutes for ten million.

What is due at the same moment lies all over the tables, as it does when a large file was taken in at once: row n has the rank `n * STRIDE`
modulo the number of rows, and is due in the order of ranks. The first ranks are due now, the rest over the next 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from followupd.core.model import Caps, EnrollmentState, Mailbox, TouchState
from followupd.store import Store, Want, open_store, schema

NOW = datetime(2026, 11, 12, 14, 0, tzinfo=UTC)
BOXES = tuple(f"box{number:02}" for number in range(100))
ALONE = "alone"
"""A mailbox that has half of what is due for itself; the others share the rest."""

STRIDE = 7_368_787  # a prime that divides no power of ten
FREELY = Caps(
    per_minute=10**9, per_hour=10**9, per_day=10**9, in_flight=10**6, gap=(0.0, 0.0), domain_hour=10**9, domain_day=10**9, one_person=10**6
)  # fmt: skip

_TABLES = (schema.prospect, schema.enrollment, schema.touch)


def fill(url: str, count: int, due_now: int, *, analyzed: bool = True) -> None:
    """Write so many enrollments into a new store; so many of their touches are due before NOW.

    `analyzed`: PostgreSQL has looked through the tables since, as it does by itself some time after.
    """
    with closing(open_store(url)) as store:
        indexes = [index for table in _TABLES for index in table.indexes]
        for index in indexes:
            index.drop(store.engine)
        with _carelessly(store):
            for table, columns in _rows(store.engine.dialect.name, count, due_now).items():
                source = f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM "
                _write(store, source + _numbers(store.engine.dialect.name, count))
            for index in sorted(indexes, key=lambda one: str(one.name)):
                _write(store, str(sa.schema.CreateIndex(index).compile(store.engine)))
        if analyzed and store.engine.dialect.name == "postgresql":
            _alone(store, "VACUUM (FREEZE, ANALYZE)")
            _alone(store, "CHECKPOINT")
        for name in (ALONE, *BOXES):
            store.hold_mailbox(name, "run")


def wants(names: Sequence[str], places: int) -> list[Want]:
    """These mailboxes, each with so many places and no limit that matters."""
    boxes = (Mailbox(name=name, address=f"{name}@example.com", display_name=name, zone="UTC", caps=FREELY) for name in names)
    return [Want(mailbox=box, places=places, epoch=1) for box in boxes]


def _numbers(dialect: str, count: int) -> str:
    rank = f"(n * {STRIDE}) % {count} AS rank"
    if dialect == "postgresql":
        return f"(SELECT n, {rank} FROM generate_series(0::bigint, {count - 1}) AS n) AS numbers"
    series = f"WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n < {count - 1}) SELECT n, {rank} FROM series"
    return f"({series})"


def _rows(dialect: str, count: int, due_now: int) -> dict[sa.Table, dict[str, str]]:
    """What each column holds, in the words of the database, from `n` and `rank`."""
    number = "lpad(n::text, 12, '0')" if dialect == "postgresql" else "printf('%012d', n)"
    address = f"'person-' || {number} || '@company-' || {number} || '.example'"
    box = f"CASE WHEN rank % 2 = 0 THEN '{ALONE}' ELSE 'box' || {_two('(rank / 2) % 100', dialect)} END"
    # A second between any two that are due now, so that their order is known; 90 days for the others.
    seconds = f"CASE WHEN rank < {due_now} THEN rank - {due_now} ELSE 3600 + rank * {90.0 * 86400 / count} END"
    due, past = _instant(seconds, dialect), f"'{_text(NOW - timedelta(days=1))}'"
    yes = "true" if dialect == "postgresql" else "1"
    prospect = {
        "id": f"'prospect-' || {number}", "address": address, "owner": "'dana'",
        "columns": """'{"first_name":"Ann","last_name":"Bee","company":"A company of some size","title":"Head of Purchasing","city":"Berlin"}'""",
    }  # fmt: skip
    enrollment = {
        "id": f"'enrollment-' || {number}", "prospect": f"'prospect-' || {number}", "address": address, "cadence": "'proposal'",
        "digest": "'0123456789abcdef0123456789abcdef'", "mailbox": box, "state": f"'{EnrollmentState.ACTIVE}'", "started": past, "moved": past,
        "source": f"'list.csv:' || {number}", "round": "1", "exclusive": yes,
    }  # fmt: skip
    touch = {
        "id": f"'touch-' || {number}", "enrollment": f"'enrollment-' || {number}", "address": address, "mailbox": box, "step": "'step-0'",
        "channel": "'email'", "state": f"'{TouchState.SCHEDULED}'", "due": due, "why": """'["at once","in the window of the person"]'""", "version": "1",
    }  # fmt: skip
    return {schema.prospect: prospect, schema.enrollment: enrollment, schema.touch: touch}


def _two(number: str, dialect: str) -> str:
    return f"lpad(({number})::text, 2, '0')" if dialect == "postgresql" else f"printf('%02d', {number})"


def _instant(seconds: str, dialect: str) -> str:
    """NOW plus so many seconds, as text."""
    if dialect == "postgresql":
        moment = f"timestamp '{NOW:%Y-%m-%d %H:%M:%S}' + ({seconds}) * interval '1 second'"
        return f"""to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"strftime('%Y-%m-%dT%H:%M:%f', {NOW.timestamp()} + ({seconds}), 'unixepoch') || '000Z'"


def _text(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _write(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(statement.replace("%", "%%") if store.engine.dialect.name == "postgresql" else statement)


@contextmanager
def _carelessly(store: Store) -> Iterator[None]:
    """With much memory, and without a care for what a crash would leave."""
    if store.engine.dialect.name == "postgresql":
        with _settings(store, {"fsync": "off", "max_wal_size": "'40GB'", "maintenance_work_mem": "'1GB'", "autovacuum": "off"}):
            yield
        return
    with closing(store.engine.raw_connection()) as pooled:
        database: Any = pooled.driver_connection
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            database.execute(f"PRAGMA {pragma}")
    yield
    with closing(store.engine.raw_connection()) as pooled:
        pooled.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]


@contextmanager
def _settings(store: Store, values: dict[str, str]) -> Iterator[None]:
    for name, value in values.items():
        _alone(store, f"ALTER SYSTEM SET {name} = {value}")
    _alone(store, "SELECT pg_reload_conf()")
    store.engine.dispose()  # what sessions have taken over at their beginning
    yield
    for name in values:
        _alone(store, f"ALTER SYSTEM RESET {name}")
    _alone(store, "SELECT pg_reload_conf()")


def _alone(store: Store, statement: str) -> None:
    """Outside any transaction."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
