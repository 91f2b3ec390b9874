"""People who are enrolled by the thousand: the way in for files of a million rows.

Decides nothing about who may come. Rows are only ever added here: who is enrolled already is left as they are, without a second
line in their timeline. Most people of a file begin alike, so what is the same for many is laid down once, as a mould, and of each
person only what is theirs. Both lie in temporary tables of the connection; the database itself makes the rows of them, with one
statement for each kind, in the order of the index that would else be filled all over (docs/decisions/0049-people-by-the-thousand.md).
PostgreSQL gets the temporary tables by COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from followupd.core.lifecycle import enrollment_id, touch_id
from followupd.core.model import Change, Enrollment, Event, Newcomer, Prospect, Touch
from followupd.store import bulk, rows, schema, writing
from followupd.store.prepared import by_index, spoken

Row = tuple[Any, ...]


def _column(column: sa.Column[Any]) -> sa.Column[Any]:
    return sa.Column(column.name, column.type)


def _number(name: str = "number") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=name == "number", autoincrement=False)


def _named(kind: type, *but: str) -> tuple[str, ...]:
    return tuple(name for name in rows.names(kind) if name not in but)


_laid = sa.MetaData()
_ALIKE, _PLANNED = _named(Enrollment, "id", "prospect", "address", "source"), _named(Touch, "id", "enrollment", "address")

# How people begin: their enrollment, and the line in their timeline around where they come from; and the touches that are planned.
_begun = sa.Table(
    "arriving_begun", _laid, _number(), *(_column(schema.enrollment.c[name]) for name in _ALIKE),
    sa.Column("at", schema.Instant), *(sa.Column(name, sa.Text) for name in ("kind", "said", "said_after", "data", "data_after")),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_planned = sa.Table(
    "arriving_planned", _laid, _number(), *(_column(schema.touch.c[name]) for name in _PLANNED), prefixes=["TEMPORARY"]
)

# Who arrives, and their touches, in the order in which they came.
_arriving = sa.Table(
    "arriving", _laid, _number(), *(_column(schema.prospect.c[name]) for name in rows.names(Prospect)),
    sa.Column("enrollment", sa.Text), sa.Column("source", sa.Text), _number("begun"), prefixes=["TEMPORARY"],
)  # fmt: skip
_touch = sa.Table(
    "arriving_touch", _laid, _number(), _number("person"), sa.Column("id", sa.Text), _number("planned"), prefixes=["TEMPORARY"],
)  # fmt: skip


def write(connection: sa.Connection, engine: sa.Engine, newcomers: Sequence[Newcomer]) -> None:
    """Enroll them all, in this transaction."""
    arrivals = Arrivals(connection)
    arrivals.add(newcomers)
    arrivals.write(engine)


class Arrivals:
    """People who are laid ready beside the store, and then written into it at once."""

    def __init__(self, connection: sa.Connection) -> None:
        """On a connection on which nobody lies ready."""
        self.connection = connection
        self._moulds: dict[int, _Mould] = {}
        self._begins = set[str]()  # the enrollments of those who lie ready
        self._people = self._touches = self._plans = 0
        for table in _laid.sorted_tables:
            connection.exec_driver_sql(_making(table, connection.dialect))

    def close(self) -> None:
        """Whoever lies ready still is forgotten."""
        self.connection.close()
        if self.connection.dialect.name == "sqlite":
            self.connection.engine.dispose()

    def begun(self) -> list[Change]:
        """How those who lie ready begin: one for each mould."""
        return [mould.change for mould in self._moulds.values()]

    def __len__(self) -> int:
        """How many lie ready."""
        return self._people

    def add(self, newcomers: Iterable[Newcomer]) -> None:
        """Lay these ready, too."""
        people, touches, begun, planned = list[Row](), list[Row](), list[Row](), list[Row]()
        for person, source, change in newcomers:
            mould = self._moulds.get(id(change))
            if mould is None:
                mould = self._cast(change, begun, planned)
            own = enrollment_id(person.address, mould.cadence, mould.round)
            self._people += 1
            again = own in self._begins  # then the first row counts, and the person may be told more of
            self._begins.add(own)
            people.append((self._people, *_stored(person), None if again else own, rows.storable(source), mould.number))
            for step, number in () if again else mould.steps:
                self._touches += 1
                touches.append((self._touches, self._people, touch_id(own, step), number))
        for table, values in ((_begun, begun), (_planned, planned), (_arriving, people), (_touch, touches)):
            _lay(self.connection, table, values)

    def _cast(self, change: Change, begun: list[Row], planned: list[Row]) -> _Mould:
        """What all have in common who begin so (see `lifecycle.begun_alike`)."""
        (enrollment,), (event,) = change.enrollments, change.events
        steps = list[tuple[str, int]]()
        for touch in change.touches:
            self._plans += 1
            planned.append((self._plans, *_only(touch, _PLANNED)))
            steps.append((touch.step, self._plans))
        said, _, after = event.text.partition(f" from {enrollment.source}")
        number = len(self._moulds) + 1
        begun.append(
            (number, *_only(enrollment, _ALIKE), *_only(event, ("at", "kind")), f"{said} from ", after, *_around(event, enrollment.source))
        )  # fmt: skip
        mould = self._moulds[id(change)] = _Mould(number, enrollment.cadence, enrollment.round, steps, change)
        return mould

    def write(self, engine: sa.Engine) -> None:
        """Everybody's rows, into a transaction of the connection. Who is enrolled already is left as they are; nobody lies ready afterwards."""
        by_index(self.connection)
        self._write_people(engine)
        while not self._write_enrollments():
            pass
        self._enter(schema.touch)
        self._enter(schema.event)
        for table in _laid.sorted_tables:
            self.connection.exec_driver_sql(f"DELETE FROM {table.name}")  # noqa: S608 - a name of ours
        self._moulds.clear()
        self._begins.clear()
        self._people = self._touches = self._plans = 0

    def _write_people(self, engine: sa.Engine) -> None:
        if self._enter(schema.prospect) < self._people:
            known = rows.nouns(Prospect, self.connection.execute(_KNOWN_OTHERWISE).mappings())
            writing.write_prospects(self.connection, engine, known)

    def _write_enrollments(self) -> bool:
        """False, and nothing is written, where somebody else has enrolled one of them meanwhile; on SQLite nobody can."""
        self.connection.exec_driver_sql(_LEAVING)
        expected = self.connection.exec_driver_sql("SELECT count(enrollment) FROM arriving").scalar_one()
        attempt = self.connection.begin_nested() if self.connection.dialect.name == "postgresql" else None
        if self._enter(schema.enrollment) == expected:
            if attempt is not None:
                attempt.commit()
            return True
        if attempt is None:
            raise writing.Stale("an enrollment is kept out by another row")
        attempt.rollback()
        return False

    def _enter(self, table: sa.Table) -> int:
        return self.connection.exec_driver_sql(_entering(table, self.connection.dialect)).rowcount


@dataclass(frozen=True, slots=True)
class _Mould:
    number: int
    cadence: str
    round: int
    steps: list[tuple[str, int]]
    change: Change  # kept, or another one might come to lie in its place


def _stored(person: Prospect) -> Row:
    """As `rows.stored`, for many of one kind."""
    own, address, zone, country, owner, columns = _WHOLE(person)
    together = f"{own}{address}{zone}{country}{owner}"
    return (
        (own, address, zone, country, owner, schema.texts(columns))
        if together.isascii() and "\0" not in together
        else rows.stored(person)
    )


_WHOLE = attrgetter(*rows.names(Prospect))


def _only(noun: Any, names: tuple[str, ...]) -> Row:
    """Some fields of a noun as they are stored."""
    kind: Any = type(noun)
    known = dict(zip(rows.names(kind), rows.stored(noun), strict=True))
    return tuple(known[name] for name in names)


def _around(event: Event, source: str) -> tuple[str, str]:
    """The stored data of an event before and after its source."""
    data = dict(event.data)
    names = list(data)
    place = names.index("source")
    before = {name: data[name] for name in names[: place + 1]}
    written, after = str(schema.plain(before)), str(schema.plain({name: data[name] for name in names[place + 1 :]}))
    return written[: -len(str(schema.plain(source))) - 1], f",{after[1:]}"


def _lay(connection: sa.Connection, table: sa.Table, values: list[Row]) -> None:
    if not values:
        return
    if connection.dialect.name == "sqlite":
        bulk.carry_out(connection, f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", values)  # noqa: S608
        return
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise spoken(connection, "COPY", error) from error


# -- statements ----------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _making(table: sa.Table, dialect: sa.Dialect) -> str:
    return str(sa.schema.CreateTable(table, if_not_exists=True).compile(dialect=dialect))


_FROM = {
    schema.prospect: "arriving a WHERE true ORDER BY a.address, a.number",
    schema.enrollment: "arriving a JOIN arriving_begun b ON b.number = a.begun WHERE a.enrollment IS NOT NULL ORDER BY a.address, a.number",
    schema.touch: "arriving_touch t JOIN arriving a ON a.number = t.person JOIN arriving_planned b ON b.number = t.planned"
    " WHERE a.enrollment IS NOT NULL ORDER BY t.number",
    schema.event: "arriving a JOIN arriving_begun b ON b.number = a.begun WHERE a.enrollment IS NOT NULL ORDER BY a.number",
}
"""From what each kind of row is made, and in which order: touches and events in that of the file, as mails that are due at once will leave."""

_MADE = {
    schema.prospect: {name: f"a.{name}" for name in rows.names(Prospect)},
    schema.enrollment: {"id": "a.enrollment", "prospect": "a.id", "address": "a.address", "source": "a.source"} | {name: f"b.{name}" for name in _ALIKE},
    schema.touch: {"id": "t.id", "enrollment": "a.enrollment", "address": "a.address"} | {name: f'b."{name}"' for name in _PLANNED},
    schema.event: {
        "at": "b.at", "kind": "b.kind", "text": "b.said || a.source || b.said_after", "address": "a.address", "enrollment": "a.enrollment", "touch": "''",
        "data": "b.data || {json}(a.source) || b.data_after",
    },
}  # fmt: skip
"""What each column of it is made of."""


@lru_cache(maxsize=16)
def _entering(table: sa.Table, dialect: sa.Dialect) -> str:
    made = _MADE[table]
    names = ", ".join(map(dialect.identifier_preparer.quote, made))
    values = ", ".join(made.values()).format(json="json_quote" if dialect.name == "sqlite" else "to_json")
    # Without OR FAIL SQLite would copy each page before it changes it, to undo this statement alone: what fails here is undone as a whole.
    insert = "INSERT OR FAIL INTO" if dialect.name == "sqlite" else "INSERT INTO"
    return f"{insert} {table.name} ({names}) SELECT {values} FROM {_FROM[table]} ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours


# Who is enrolled already goes: their person may still be told more of.
_LEAVING = """\
UPDATE arriving SET enrollment = NULL
WHERE EXISTS (SELECT 1 FROM arriving_begun b JOIN enrollment e ON e.address = arriving.address AND e.cadence = b.cadence AND e.round = b.round
              WHERE b.number = arriving.begun)"""

_a, _p = _arriving.c, schema.prospect.c
_KNOWN_OTHERWISE = (
    sa.select(*(_a[name] for name in rows.names(Prospect)))
    .join_from(_arriving, schema.prospect, _p.id == _a.id)
    .where(sa.or_(*(_a[name].is_distinct_from(_p[name]) for name in rows.names(Prospect)[2:])))
    .order_by(_a.number)
)
"""What lies ready of people who are known already, where it is not just what is known of them."""
