"""People who are enrolled by the thousand: the way in for files of a million rows.

Decides nothing about who may come. Rows are only ever added here: who is enrolled already is left as they are, without a second
line in their timeline. Most people of a file begin alike, so their rows are cast: what is the same for all is made ready for the
database once, and for each person only their ids, address and source are put in. PostgreSQL gets them by COPY.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from followupd.core.lifecycle import enrollment_id, touch_id
from followupd.core.model import Change, Enrollment, Event, Newcomer, Prospect, Touch
from followupd.store import bulk, rows, schema, writing
from followupd.store.prepared import spoken

Row = tuple[Any, ...]


def write(connection: sa.Connection, engine: sa.Engine, newcomers: Sequence[Newcomer]) -> None:
    """Enroll them all. Raises IntegrityError where somebody else has enrolled one of them meanwhile: nothing of it may stay then."""
    _write_people(connection, engine, [one.prospect for one in newcomers])
    cast = list(_cast(newcomers))
    enrolled = _there(connection, schema.enrollment, [enrollment[0] for enrollment, _, _ in cast])
    fresh: list[Cast] = []
    for each in cast:
        if each[0][0] not in enrolled:
            enrolled.add(each[0][0])
            fresh.append(each)
    _add(connection, schema.enrollment, Enrollment, [enrollment for enrollment, _, _ in fresh])
    _add(connection, schema.touch, Touch, [touch for _, touches, _ in fresh for touch in touches])
    _add(connection, schema.event, Event, [event for _, _, event in fresh])


def _write_people(connection: sa.Connection, engine: sa.Engine, people: Sequence[Prospect]) -> None:
    known, added, others = _there(connection, schema.prospect, [one.id for one in people]), list[Row](), list[Prospect]()
    for one in people:
        if one.id in known:
            others.append(one)
        else:
            known.add(one.id)
            added.append(rows.stored(one))
    _add(connection, schema.prospect, Prospect, added)
    writing.write_prospects(connection, engine, others)


def _there(connection: sa.Connection, table: sa.Table, ids: Sequence[str]) -> set[str]:
    """Which of these ids are there already."""
    if connection.dialect.name == "sqlite":
        statement, given = f"SELECT id FROM {table.name} WHERE id IN (SELECT value FROM json_each(?))", json.dumps(ids)  # noqa: S608
    else:
        statement, given = f"SELECT id FROM {table.name} WHERE id = ANY(%s)", ids  # type: ignore[assignment]  # noqa: S608
    return set(connection.exec_driver_sql(statement, (given,)).scalars())


def _add(connection: sa.Connection, table: sa.Table, kind: Any, values: list[Row]) -> None:
    if not values:
        return
    if connection.dialect.name == "sqlite":
        bulk.carry_out(connection, bulk.adding(table, rows.names(kind), connection.dialect), values)
    else:
        _copy(connection, table, rows.names(kind), values)


def _copy(connection: sa.Connection, table: sa.Table, names: Iterable[str], values: Iterable[Row]) -> None:
    columns = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise spoken(connection, "COPY", error) from error


# -- casting -------------------------------------------------------------------------------------

Cast = tuple[Row, list[Row], Row]
"""Somebody's enrollment, its touches, and the line in their timeline."""


def _cast(newcomers: Iterable[Newcomer]) -> Iterator[Cast]:
    moulds: dict[int, Callable[[str, str, str], Cast]] = {}
    for person, source, begun in newcomers:
        mould = moulds.get(id(begun))
        if mould is None:
            mould = moulds[id(begun)] = _mould(begun)
        yield mould(person.id, person.address, source)


def _mould(begun: Change) -> Callable[[str, str, str], Cast]:
    """What makes rows of somebody who begins so, of their id, address and source (see `lifecycle.begun_alike`)."""
    (enrollment,), (event,) = begun.enrollments, begun.events
    cadence, number = enrollment.cadence, enrollment.round
    place = {name: rows.names(Enrollment).index(name) for name in ("prospect", "address", "source")}
    whole, touches = rows.stored(enrollment), [(one.step, rows.stored(one)[3:]) for one in begun.touches]
    said, _, after = event.text.partition(f" from {enrollment.source}")
    at, kind, *_ = rows.stored(event)
    data, rest = _around(event, enrollment.source)

    def cast(person: str, address: str, source: str) -> Cast:
        source = rows.storable(source)
        own = enrollment_id(address, cadence, number)
        mine = list(whole)
        mine[0], mine[place["prospect"]], mine[place["address"]], mine[place["source"]] = own, person, address, source
        planned = [(touch_id(own, step), own, address, *same) for step, same in touches]
        told = (at, kind, f"{said} from {source}{after}", address, own, "", f"{data}{schema.plain(source)}{rest}")
        return tuple(mine), planned, told

    return cast


def _around(event: Event, source: str) -> tuple[str, str]:
    """The stored data of an event before and after its source."""
    data = dict(event.data)
    names = list(data)
    place = names.index("source")
    before = {name: data[name] for name in names[: place + 1]}
    written, after = str(schema.plain(before)), str(schema.plain({name: data[name] for name in names[place + 1 :]}))
    return written[: -len(str(schema.plain(source))) - 1], f",{after[1:]}"
