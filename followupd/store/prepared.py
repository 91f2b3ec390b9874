"""Statements that are asked again and again: built and compiled once for each database, then given to the driver as they are.

SQLAlchemy takes four times as long to carry a statement out as the database takes to answer it, and most of that again for each row.
A claim or a gate is about many mails at once, and asks about all of them in one statement: by `among`, with the keys in one
parameter, so that the text is the same for any number of them. Decides nothing; knows no table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from followupd.store.schema import Instant, Plain, instant, plain, unplain

Row = tuple[Any, ...]
_Step = Callable[[Any], Any]


class Keys(sa.TypeDecorator[Sequence[str]]):
    """Any number of texts as one parameter: an array where the database has such, else JSON."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """An array on PostgreSQL."""
        return dialect.type_descriptor(sa.ARRAY(sa.Text()) if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        """Store."""
        if value is None or dialect.name == "postgresql":
            return value
        return value if isinstance(value, Listed) else _ENCODER.encode(list(value))


class Listed(str):
    """Keys that are given to several questions, written as JSON once."""

    __slots__ = ()


def listed(connection: sa.Connection, keys: Sequence[str]) -> Sequence[str]:
    """Keys for several questions, in the form in which this database gets them."""
    return keys if connection.dialect.name == "postgresql" else Listed(_ENCODER.encode(list(keys)))


_ENCODER = json.JSONEncoder(ensure_ascii=False)


class _Each(sa.sql.functions.FunctionElement[Any]):
    inherit_cache = True
    name = "each"


@compiles(_Each, "sqlite")
def _each_of_json(element: _Each, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Each, "postgresql")
def _each_of_array(element: _Each, compiler: SQLCompiler, **more: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **more)}) AS value)"


class _Among(sa.sql.functions.FunctionElement[bool]):
    inherit_cache = True
    name = "among"
    type = sa.Boolean()
    _is_implicitly_boolean = True  # or SQLite gets `... = 1`, and looks into no index


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, keys = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - both are what SQLAlchemy has made of them


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, keys = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} = ANY ({keys})"


def each(name: str, alias: str) -> Any:
    """The keys given as `name` as a table with one column, `value`."""
    return _Each(sa.bindparam(name, type_=Keys)).table_valued("value", name=alias)


def among(column: Any, name: str) -> Any:
    """Whether a column is one of the keys given as `name`; both databases look each of them up in the index."""
    return _Among(column, sa.bindparam(name, type_=Keys))


def by_index(connection: sa.Connection) -> None:
    """In this transaction every row is looked up in an index, whatever PostgreSQL believes of its tables.

    A table that was filled a minute ago and never analyzed looks as if each address stood in it by the thousand: it would be read whole.
    """
    if connection.dialect.name == "postgresql":
        connection.connection.cursor().execute(_BY_INDEX)


_WAYS = dict.fromkeys(
    ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_material"), "off"
) | {
    "jit": "off",  # what is thought to be dear would be compiled first
    "plan_cache_mode": "force_generic_plan",  # one way for all keys: it is looked for once for each connection, not for each group
}
_BY_INDEX = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _WAYS.items())


class Prepared:
    """A statement with named parameters. `build` is asked once for each kind of database, where they need other words."""

    def __init__(self, build: Any) -> None:
        """Of a statement, or of a function that makes it for a dialect's name."""
        self._build = build
        self._ready: dict[str, _Compiled] = {}

    def rows(self, connection: sa.Connection, **given: Any) -> list[Row]:
        """What it finds, as plain tuples of Python values."""
        ready = self._of(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(ready.text, ready.parameters(given))
            return ready.converted(cursor.fetchall())
        except connection.dialect.loaded_dbapi.Error as error:
            raise spoken(connection, ready.text, error) from error

    def one(self, connection: sa.Connection, **given: Any) -> Row:
        """The only row of a statement that always finds one."""
        return self.rows(connection, **given)[0]

    def many(self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]], **alike: Any) -> None:
        """Carry it out once for each of these; some parameters may be alike for all. Where arrays can be given, it is one statement about all."""
        ready = self._of(connection)
        known = ready.known(alike)
        every = [ready.parameters(row, known) for row in rows]
        if not every:
            return
        cursor = connection.connection.cursor()
        try:
            if ready.at_once:
                cursor.execute(ready.at_once, {name: [row[name] for row in every] for name in every[0]})
            else:
                cursor.executemany(ready.text, every)
        except connection.dialect.loaded_dbapi.Error as error:
            raise spoken(connection, ready.text, error) from error

    def names(self, connection: sa.Connection) -> tuple[str, ...]:
        """What its parameters are called."""
        return self._of(connection).names

    def asked(self, connection: sa.Connection, **given: Any) -> tuple[str, Any]:
        """What the driver gets with these parameters."""
        ready = self._of(connection)
        return ready.text, ready.parameters(given)

    def _of(self, connection: sa.Connection) -> _Compiled:
        dialect = connection.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            statement = self._build(dialect.name) if callable(self._build) else self._build
            ready = self._ready[dialect.name] = _Compiled(statement, dialect)
        return ready


def spoken(connection: sa.Connection, text: str, error: Exception) -> BaseException:
    """What went wrong, as SQLAlchemy would have raised it."""
    return sqlalchemy.exc.DBAPIError.instance(
        text, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
    )


class _Compiled:
    """The text for one kind of database, and how values go in and come out."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        # What never changes stands in the text: SQLite would plan anew at each question whose parameter a partial index might fit.
        settled = sa.sql.visitors.cloned_traverse(statement, {}, {"bindparam": _settle})
        compiled = settled.compile(dialect=dialect)
        wanted = {name: bind for name, bind in compiled.binds.items() if bind.required}
        state = compiled.construct_expanded_state(dict.fromkeys(wanted))
        self.text: str = state.statement
        self._known = {
            name: value for name, value in state.parameters.items() if name not in wanted
        }  # added by the dialect itself
        self._steps: dict[str, _Step | None] = {
            name: _WRITTEN.get(type(bind.type)) or bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in wanted.items()
        }
        self.names = tuple(wanted)
        self._in_order = state.positiontup is not None
        order = (*wanted, *self._known) if state.positiontup is None else state.positiontup
        self._order: tuple[tuple[str, _Step | None], ...] = tuple((name, self._steps.get(name)) for name in order)
        self.at_once = _at_once(self.text, wanted, dialect) if dialect.name == "postgresql" and not self._known else ""
        columns = getattr(statement, "selected_columns", ())
        ours = (
            (place, column.type) for place, column in enumerate(columns) if isinstance(column.type, sa.TypeDecorator | sa.Boolean)
        )
        made = (
            (place, _READ.get(type(kind)) or kind.dialect_impl(dialect).result_processor(dialect, None)) for place, kind in ours
        )
        self._made: tuple[tuple[int, _Step], ...] = tuple((place, step) for place, step in made if step is not None)

    def known(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Some of the parameters, as the driver gets them."""
        return self._known | {name: step(value) if (step := self._steps[name]) else value for name, value in given.items()}

    def parameters(self, given: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Any:
        """All of them, in the form that the driver wants."""
        if known is None:
            known = self._known
        values = [
            known[name] if name in known else given[name] if step is None else step(given[name]) for name, step in self._order
        ]
        return values if self._in_order else {name: value for (name, _), value in zip(self._order, values, strict=True)}

    def converted(self, found: Sequence[Any]) -> list[Row]:
        if not self._made or not found:
            return list(found)
        rows = []
        for one in found:
            row = list(one)
            for place, step in self._made:
                if (value := row[place]) is not None:
                    row[place] = step(value)
            rows.append(tuple(row))
        return rows


_READ: dict[type, _Step] = {Instant: datetime.fromisoformat, Plain: unplain}
"""How our own types are read, without the layers in between: a claim reads a dozen of them. None is not asked about."""

_WRITTEN: dict[type, _Step] = {Instant: instant, Plain: plain}
"""And written."""

_GIVEN = re.compile(r"%\((\w+)\)s(?:::(?:DOUBLE PRECISION|[A-Z]+)(?:\(\d+\))?)?")
_INSERT = re.compile(r"(INSERT INTO \w+ \([^()]*\)) VALUES \(([^()]*)\)(.*)", re.DOTALL)
_UPDATE = re.compile(r"(UPDATE \w+ SET .*?)( WHERE .*)", re.DOTALL)


def _at_once(text: str, wanted: Mapping[str, Any], dialect: Dialect) -> str:
    """A statement about one row as one about many: each parameter is a column of a table that is made of arrays. "" where it is neither."""
    body = _GIVEN.sub(lambda found: f'given."{found[1]}"', text)
    arrays = ", ".join(f"%({name})s::{bind.type.compile(dialect=dialect)}[]" for name, bind in wanted.items())
    given = f" FROM unnest({arrays}) AS given ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in wanted)})"
    if insert := _INSERT.fullmatch(body):
        return f"{insert[1]} SELECT {insert[2]}{given}{insert[3]}"
    if update := _UPDATE.fullmatch(body):
        return f"{update[1]}{given}{update[2]}"
    return ""


def _settle(bind: Any) -> None:
    bind.literal_execute = not bind.required
