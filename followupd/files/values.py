"""The kinds of value that config and cadences share: text, names, durations, windows, zones, codes.

Decides what each may look like, once for the parser and for the JSON Schema that editors use. The meaning of durations
and windows is `core/when.py`'s; its messages are passed on as they are.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import core_schema

from followupd.core import when

Item = TypeVar("Item")


class Part(BaseModel):
    """A group of keys in a file: nothing unknown, nothing guessed, nothing changed afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_default=False, use_attribute_docstrings=True
    )


def _as_text(value: Any) -> Any:
    """A whole number where text belongs is the text that was typed (`name: 2026`)."""
    return str(value) if type(value) is int else value


def _one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError("write it on one line")
    return value


def is_name(value: str) -> bool:
    """Whether a cadence, step or template may be called so."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", value) is not None


def _name(value: str) -> str:
    if not is_name(value):
        raise ValueError('write a name of small letters, digits and "-", such as "first-idea"')
    return value


def _column(value: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
        raise ValueError('write a column name of small letters, digits and "_", such as "meeting_at"')
    return value


def _elapsed(value: str) -> str:
    if value.strip().endswith("bd"):
        raise ValueError('write elapsed time such as "5m" or "2h"; another try does not wait for business days')
    return _duration(value)


def _span(value: str) -> str:
    if value.strip().endswith("bd"):
        raise ValueError('write a length that is always the same, such as "90d" or "26w"')
    return _duration(value)


def _duration(value: str) -> str:
    when.parse_delay(value)
    return value


def _window(value: str) -> str:
    when.parse_window(value)
    return value


def _clause(value: str) -> str:
    when.parse_clause(value)
    return value


def _zone(value: str) -> str:
    when.zone_named(value)
    return value


def _code(value: str) -> str:
    when.calendar_for((value,))
    return value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class OrElse:
    """In the JSON Schema only: the value may be written in a shorter way, too."""

    def __init__(self, *shorter: dict[str, Any], item: bool = False) -> None:
        self.shorter, self.item = shorter, item

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        usual = handler(core_schema)
        return {"anyOf": [*self.shorter, *([handler.resolve_ref_schema(usual)["items"]] if self.item else []), usual]}


class Matches:
    """A text of a certain shape: a sentence for people, a pattern for editors."""

    def __init__(self, pattern: str, instead: str) -> None:
        self.pattern, self.instead = re.compile(pattern), instead

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "pattern": f"^({self.pattern.pattern})$"}

    def _check(self, value: str) -> str:
        if not self.pattern.fullmatch(value):
            raise ValueError(self.instead)
        return value


class Misfit(ValueError):
    """Keys that do not fit together; `key` is the one to point at."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def _must_be_true(value: Any) -> Any:
    if value is not True:
        raise ValueError("write true, or leave the key out")
    return value


DURATION_PATTERN = r"^[0-9]{1,8}(s|m|h|d|w|bd)$"

Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str)]
Line = Annotated[Text, AfterValidator(_one_line)]
Filled = Annotated[Line, Field(min_length=1)]
Name = Annotated[Text, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"})]
Column = Annotated[Text, AfterValidator(_column), WithJsonSchema({"type": "string", "pattern": "^[a-z_][a-z0-9_]{0,62}$"})]
Duration = Annotated[Text, AfterValidator(_duration), WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})]
Elapsed = Annotated[Text, AfterValidator(_elapsed), WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,8}\s?(s|m|h|d|w)$"})]
Span = Annotated[Text, AfterValidator(_span), WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,8}(s|m|h|d|w)$"})]
Window = Annotated[Text, AfterValidator(_window)]
Clause = Annotated[Text, AfterValidator(_clause)]
Zone = Annotated[Text, AfterValidator(_zone)]
HolidayCode = Annotated[Text, AfterValidator(_code), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"})]
Many = tuple[Item, ...]
OneOrMany = Annotated[tuple[Item, ...], BeforeValidator(_listed), OrElse(item=True)]
Yes = Annotated[bool, BeforeValidator(_must_be_true), WithJsonSchema({"const": True})]


def _holidays(value: Any) -> Any:
    if value == "none":
        return ()
    return _listed(value)


def _holiday_codes(value: tuple[str, ...]) -> tuple[str, ...]:
    if value == ("prospect",):
        return value
    for code in value:
        if code in {"prospect", "none"}:
            raise ValueError(f'"{code}" stands alone; write "{code}", or a list of codes such as [US, DE-BY]')
        when.calendar_for((code,))
    return value


Holidays = Annotated[
    tuple[Text, ...],
    BeforeValidator(_holidays),
    AfterValidator(_holiday_codes),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["prospect", "none"]},
                {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"},
                {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"}},
            ],
            "description": "The prospect's country, no holidays, or ISO codes such as [DE-BY, US].",
        }
    ),
]


def seconds(duration: str) -> float:
    """A duration of clock time in seconds; refuses days and longer, which depend on the calendar."""
    found = re.fullmatch(r"([0-9]{1,6})(s|m|h)", duration)
    if not found:
        raise ValueError('write seconds, minutes or hours, such as "45s", "3m" or "1h"')
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
