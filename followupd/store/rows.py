"""Rows to nouns and back. Columns are named like the fields, so this is all the mapping there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from followupd.core.model import (
    CompanyWord,
    Enrollment,
    EnrollmentState,
    Event,
    Fact,
    Handover,
    Letter,
    LetterAnswer,
    Outcome,
    Prospect,
    Reason,
    Reply,
    ReplyKind,
    Round,
    Suppression,
    Taken,
    Task,
    Touch,
    TouchState,
    filled,
)
from followupd.store import schema

Noun = TypeVar("Noun")

_ENUMS: dict[tuple[type, str], type[Enum]] = {
    (Enrollment, "state"): EnrollmentState,
    (Enrollment, "outcome"): Outcome,
    (Touch, "state"): TouchState,
    (CompanyWord, "outcome"): Outcome,
    (Reply, "kind"): ReplyKind,
    (Reply, "reason"): Reason,
}

TABLES: dict[type, sa.Table] = {
    Prospect: schema.prospect,
    Enrollment: schema.enrollment,
    Touch: schema.touch,
    Task: schema.task,
    Reply: schema.reply,
    Suppression: schema.suppression,
    Letter: schema.letter,
    LetterAnswer: schema.letter_answer,
    Fact: schema.fact,
    CompanyWord: schema.company_word,
    Handover: schema.handover,
    Round: schema.round_,
    Event: schema.event,
    Taken: schema.item_taken,
}


def values(noun: Any) -> dict[str, Any]:
    """The noun as column values."""
    found = ((name, getattr(noun, name)) for name in names(noun.__class__))
    return {name: storable(value) if isinstance(value, str) else value for name, value in found}


def stored(noun: Any) -> tuple[Any, ...]:
    """The noun as its row will lie in the database, in the order of its fields: with the version that this writing gives it."""
    everything, texts, makers = _shape(noun.__class__)
    row = list(everything(noun))
    together = "".join([row[place] for place in texts])
    if not together.isascii() or "\0" in together:
        for place in texts:
            row[place] = storable(row[place])
    for place, make in makers:
        if row[place] is not None:
            row[place] = make(row[place])
    return tuple(row)


@cache
def parts(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Callable[[Any], Any] | None, ...]]:
    """All fields of a noun, and how each but None and what is the same in the database is made ready for it."""
    everything, texts, makers = _shape(kind)
    ways = {**dict.fromkeys(texts, storable), **dict(makers)}
    return everything, tuple(ways.get(place) for place in range(len(names(kind))))


@cache
def _shape(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[int, ...], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """All fields of a noun; the places of those that are nothing but text; and how others are made ready for the database."""
    makers: list[tuple[int, Callable[[Any], Any]]] = []
    texts: list[int] = []
    for place, name in enumerate(names(kind)):
        column = TABLES[kind].c[name]
        if name == "version":
            makers.append((place, _next))
        elif type(column.type) in _MAKERS:
            makers.append((place, _MAKERS[type(column.type)]))
        elif isinstance(column.type, sa.Text) and (column.nullable or (kind, name) in _ENUMS):
            makers.append((place, storable))
        elif isinstance(column.type, sa.Text):
            texts.append(place)
    return attrgetter(*names(kind)), tuple(texts), tuple(makers)


def _next(version: int) -> int:
    return version + 1


_MAKERS: dict[type, Callable[[Any], Any]] = {schema.Instant: schema.instant, schema.Plain: schema.plain, schema.Day: schema.day}


@cache
def names(kind: Any) -> tuple[str, ...]:
    """The names of a noun's fields."""
    return tuple(field.name for field in fields(kind))


def storable(text: str) -> str:
    """Text that both databases take, whatever a stranger wrote: PostgreSQL has no NUL, neither has half a character."""
    if isinstance(text, Enum):
        return str(text.value)
    if "\0" in text or not (text.isascii() or _whole(text)):
        return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def columns(kind: type) -> list[sa.Column[Any]]:
    """The columns that make up a noun of this kind."""
    table = TABLES[kind]
    return [table.c[field.name] for field in fields(kind)]


# To build a statement takes longer than to carry it out: what is alike in many of them is built once.
_ALL = {kind: sa.select(*columns(kind)) for kind in TABLES}


def select(kind: type) -> sa.Select[Any]:
    """All nouns of this kind; `where` and so on make another statement of it."""
    return _ALL[kind]


@cache
def with_enrollment(kind: type, prefix: str) -> sa.Select[Any]:
    """The same, each with its enrollment, whose columns begin with `e_`."""
    both = sa.select(*labelled(kind, prefix), *labelled(Enrollment, "e_"))
    return both.join(schema.enrollment, schema.enrollment.c.id == TABLES[kind].c.enrollment)


def noun(kind: type[Noun], row: Any, prefix: str = "") -> Noun:
    """A row (a mapping) as a noun; `prefix` is how its columns are labelled in a join."""
    return made(kind, [row[prefix + name] for name in names(kind)])  # type: ignore[arg-type]


def made(kind: type[Noun], row: Sequence[Any], **later: Any) -> Noun:
    """A row that has a noun's columns and no others, in their order, as that noun; `later` is what has become of some fields since."""
    places, enums, lists = _reading(kind)  # type: ignore[arg-type]
    found = list(row)
    if len(found) != len(places):
        raise ValueError(f"{len(found)} columns for the {len(places)} of a {kind.__name__}")
    for place, members in enums:
        if (value := found[place]) is not None:
            found[place] = members[value]
    for place in lists:
        if found[place].__class__ is list:
            found[place] = tuple(found[place])
    for name, value in later.items():
        found[places[name]] = value
    made: Noun = filled(kind, found)
    return made


@cache
def _reading(kind: Any) -> tuple[dict[str, int], tuple[tuple[int, dict[str, Enum]], ...], tuple[int, ...]]:
    """The places of a noun's fields; which are enums, with their members; and which may be lists."""
    places = {name: place for place, name in enumerate(names(kind))}
    enums = tuple((places[name], {one.value: one for one in enum}) for (owner, name), enum in _ENUMS.items() if owner is kind)
    return places, enums, tuple(places[column.name] for column in columns(kind) if isinstance(column.type, schema.Plain))


@cache
def labelled(kind: type, prefix: str) -> tuple[sa.Label[Any], ...]:
    """The columns of a noun under a prefix, for joins."""
    return tuple(column.label(prefix + column.name) for column in columns(kind))


def nouns(kind: type[Noun], rows: Iterable[Any]) -> tuple[Noun, ...]:
    """Many rows as nouns."""
    return tuple(noun(kind, row) for row in rows)
