"""The sandbox in which checked templates run: plain data, our own filters, a missing value that is an error.

Decides what a template can reach: copies of text, numbers, dates, lists and mappings, never an object, a method or an
attribute; and what each filter makes of a value, each bounded by its input. A value that is missing and a value that is
empty are the same thing here: neither ever renders as nothing. What a template may *say* is `language.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from followupd.files.problems import shown

NAMES = frozenset({
    "prospect", "owner", "mailbox", "company", "cadence", "step", "pick", "last", "reply", "learned", "doors", "today",
})  # fmt: skip
"""What a template can speak of."""

LONGEST = 64 * 1024
"""So many characters a filter may make out of others."""


class CannotRender(ValueError):
    """A text can't be made for this person; the sentence says which value is missing or does not fit."""


# -- filters: our own, each bounded by its input -------------------------------------------------


def _text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | date) and not isinstance(value, bool):
        return str(value)
    raise CannotRender(f"|{name} is for text")


def _default(value: Any, other: Any) -> Any:
    return other if isinstance(value, StrictUndefined) else value


def _int(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    found = re.fullmatch(r"\s*([-+]?[0-9]{1,18})(?:\.[0-9]*)?\s*", _text(value, "int"))
    if not found:
        raise CannotRender(f'"{shown(value)}" is not a whole number')
    return int(found[1])


def _listed(value: Any, name: str) -> Any:
    if isinstance(value, str | list | dict):
        return value
    raise CannotRender(f"|{name} is for a list or a text")


def _end(value: Any, name: str, index: int) -> Any:
    if isinstance(value, dict) or not _listed(value, name):
        raise CannotRender(f"|{name} needs a list or a text that is not empty")
    return value[index]


def _join(value: Any, between: str = ", ") -> str:
    if not isinstance(value, list):
        raise CannotRender("|join is for a list")
    pieces, sign = [_text(item, "join") for item in value], _text(between, "join")
    if sum(map(len, pieces)) + len(sign) * len(pieces) > LONGEST:  # asked before it is made: joins of joins multiply
        raise CannotRender("|join makes too long a text; shorten the values in it")
    return sign.join(pieces)


_DATE_CODES = re.compile(r"(?:[^%]|%[aAbBdHIjmMpyY%]){0,60}")


def _date(value: Any, pattern: str = "") -> str:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise CannotRender(f'"{shown(value)}" is not a date such as 2026-03-31') from None
    if not isinstance(moment, date):
        raise CannotRender("|date is for a date")
    if not pattern:
        return f"{moment:%A}, {moment.day} {moment:%B}"
    if not _DATE_CODES.fullmatch(str(pattern)):
        raise CannotRender('|date takes a pattern such as "%d %B %Y"')
    return moment.strftime(str(pattern))


def _strict(apply: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that names a missing value instead of working on it."""

    def filtered(value: Any, *arguments: Any) -> Any:
        for each in (value, *arguments):
            if isinstance(each, StrictUndefined):
                each._fail_with_undefined_error()  # noqa: SLF001
        return apply(value, *arguments)

    return filtered


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "upper": lambda value: _text(value, "upper").upper(),
    "lower": lambda value: _text(value, "lower").lower(),
    "title": lambda value: _text(value, "title").title(),
    "capitalize": lambda value: _text(value, "capitalize").capitalize(),
    "trim": lambda value: _text(value, "trim").strip(),
    "first": lambda value: _end(value, "first", 0),
    "last": lambda value: _end(value, "last", -1),
    "join": _join,
    "length": lambda value: len(_listed(value, "length")),
    "int": _int,
    "date": _date,
}
FILTERS: Mapping[str, Callable[..., Any]] = {"default": _default, **{name: _strict(apply) for name, apply in _FILTERS.items()}}
ARGUMENTS = {"default": (1, 1), "join": (0, 1), "date": (0, 1)}


# -- data: plain, and labelled so that a message can name what is missing ------------------------


class Data(dict[str, Any]):
    """A mapping that knows under which name the template reached it."""

    def __init__(self, label: str, values: Mapping[Any, Any]) -> None:
        texts = {*map(type, values), *map(type, values.values())} <= {str}  # nearly always
        super().__init__(values if texts else {str(key): plain(value, f"{label}.{key}") for key, value in values.items()})
        self.label = label


def plain(value: Any, label: str) -> Any:
    """A copy of plain data; anything that could do something is a TypeError, which is our mistake, not the user's."""
    if type(value) is dict:
        return Data(label, value)
    if value is None or type(value) in {str, bool, int, float, date, datetime}:
        return value
    if isinstance(value, str):  # a StrEnum: its text
        return str(value)
    if isinstance(value, Mapping):
        return Data(label, value)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item, label) for item in items]
    raise TypeError(f"{label} is a {type(value).__name__}; templates see plain data only")


class _Missing(StrictUndefined):
    """A missing or empty value: false in a test, an error everywhere else."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]
        return False


class _Environment(ImmutableSandboxedEnvironment):
    """Names lead to data only, never to a method or attribute of a Python object."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look(obj, argument)

    def call(self, *_args: Any, **_kwargs: Any) -> Any:  # the tree check leaves no call; this is the second line
        raise CannotRender("nothing can be called in a template")

    def _look(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, StrictUndefined):
            obj._fail_with_undefined_error()  # noqa: SLF001
        value = None
        if isinstance(obj, dict):
            value = obj.get(str(name))
        elif isinstance(obj, list) and isinstance(name, int) and -len(obj) <= name < len(obj):
            value = obj[name]
        if value is None or value in ("", [], {}):
            label = f"{getattr(obj, 'label', 'value')}.{name}"
            return self.undefined(hint=f"{label} is missing or empty", name=label)
        return value


def _as_typed(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        raise CannotRender("a list or a group of values can't be written out; name one of them, or use |join")
    if value is None or isinstance(value, bool):
        raise CannotRender("yes, no and nothing can't be written out; write {% if ... %} and the words for each case")
    return value


def _environment() -> _Environment:
    made = _Environment(undefined=_Missing, finalize=_as_typed, autoescape=False, keep_trailing_newline=True, cache_size=0)
    made.globals.clear()
    made.tests.clear()
    made.filters = dict(FILTERS)
    return made


TYPED = _environment()
