"""The kinds of value that config and cadences share: text, names, durations, windows, zones, codes.

Decides what each may look like, once for the parser and for the JSON Schema that editors use. The meaning of durations
and windows is `core/when.py`'s; its messages are passed on as they are.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import pairwise
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
from followupd.files import meant
from followupd.files.problems import shown

Item = TypeVar("Item")


class Part(BaseModel):
    """A group of keys in a file: nothing unknown, nothing guessed, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_default=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Each key with what stands below it in the source. Looked up only here: pydantic would do it at each start, in a tenth of a second."""
        found = handler(core)
        keys = handler.resolve_ref_schema(found).get("properties", {})
        for name, text in _said_of(cls).items():
            key = keys.get(cls.model_fields[name].alias or name)
            if key is not None and handler.resolve_ref_schema(key).get("description") != text:
                key.setdefault("description", text)
        return found


def _said_of(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field, in the classes that the model is made of."""
    said: dict[str, str] = {}
    for one in reversed([one for one in model.__mro__ if issubclass(one, Part)]):
        try:
            (body,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        except (OSError, TypeError):  # made by `create_model`: it has no text of its own
            continue
        assert isinstance(body, ast.ClassDef)
        for field, text in pairwise(body.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(below))) if (
                    name in model.model_fields
                ):
                    said[name] = inspect.cleandoc(below)
    return said


def _as_text(value: Any) -> Any:
    """A whole number where text belongs is the text that was typed (`name: 2026`)."""
    return str(value) if type(value) is int else value


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![\u0590-\uffff])[\u200c\u200d]"
)
"""What shows nothing, or turns the text around it. Joiners are letters to Persian and Indian names, but not to ours."""


def _one_line(value: str) -> str:
    if re.search("[\n\r\v\f\u0085\u2028\u2029]", value):
        raise ValueError("write it on one line")
    return value


def _visible(value: str) -> str:
    """YAML can write control characters as escapes; in the file itself `yaml_text` refuses them."""
    if found := _CONTROL.search(value):
        raise ValueError(f"the character U+{ord(found[0]):04X} can't be seen and is not allowed; remove it")
    return value


def is_name(value: str) -> bool:
    """Whether a cadence, step or template may be called so."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", value) is not None


def _name(value: str) -> str:
    if not is_name(value):
        raise ValueError(f'write a name of small letters, digits and "-", such as "{meant.name(value) or "first-idea"}"')
    return value


def _column(value: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
        such = meant.column(value) or "meeting_at"
        raise ValueError(f'write a column name of small letters, digits and "_", such as "{such}"')
    return value


def _elapsed(value: str) -> str:
    if value.strip().endswith("bd"):
        raise ValueError('write elapsed time such as "5m" or "2h"; another try does not wait for business days')
    return meant.read(when.parse_delay, value, meant.elapsed)


def _span(value: str) -> str:
    if value.strip().endswith("bd"):
        raise ValueError('write a length that is always the same, such as "90d" or "26w"')
    return _duration(value)


def _duration(value: str) -> str:
    return meant.read(when.parse_delay, value, meant.duration)


def _window(value: str) -> str:
    return meant.read(when.parse_window, value, meant.window)


def _clause(value: str) -> str:
    return meant.read(when.parse_clause, value, meant.clause)


def _zone(value: str) -> str:
    return meant.read(when.zone_named, value, meant.zone, otherwise=meant.zone_problem(value))


def _code(value: str) -> str:
    return meant.read(lambda code: when.calendar_for((code,)), value, meant.holiday_code)


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) or type(value) is int else value


class OrElse:
    """In the JSON Schema only: the value may be written in a shorter way, too."""

    def __init__(self, *shorter: dict[str, Any], item: bool = False) -> None:
        self.shorter, self.item = shorter, item

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        usual = handler(core_schema)
        return {"anyOf": [*self.shorter, *([handler.resolve_ref_schema(usual)["items"]] if self.item else []), usual]}


class Shape:
    """In the JSON Schema only: what a text looks like, for editors. They show `instead` where it does not."""

    def __init__(self, pattern: str = "", instead: str = "", examples: tuple[Any, ...] = (), **more: Any) -> None:
        given = {"pattern": pattern, "patternErrorMessage": instead, "examples": list(examples)}
        self.more = {key: value for key, value in given.items() if value} | more

    def __get_pydantic_json_schema__(self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self.more}


class Matches:
    """A text of a certain shape: a sentence for people, a pattern for editors."""

    def __init__(self, pattern: str, instead: str) -> None:
        self.pattern, self.instead = re.compile(pattern), instead

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = {**handler(core), "pattern": f"^({self.pattern.pattern})$", "patternErrorMessage": self.instead}
        return {**found, "type": "string"} if found.get("type") == TEXT else found

    def _check(self, value: str) -> str:
        if not self.pattern.fullmatch(value):
            raise ValueError(self.instead)
        return value


class Misfit(ValueError):
    """Keys or items that do not fit together; `key` is the one to point at, the number of an item counts from 0."""

    def __init__(self, key: str | int, text: str) -> None:
        super().__init__(text)
        self.key = key


def _must_be_true(value: Any) -> Any:
    if value is not True:
        raise ValueError("write true, or leave the key out")
    return value


# -- their shapes in the JSON Schema: as close as a pattern can come; what it lets through, the parser refuses ------------

TEXT = ["string", "number"]
"""What an editor may take a text for: `name: 2026` is a number to it."""
NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}$"
DURATION_PATTERN = "^[0-9]{1,8}(s|m|h|d|w|bd)$"
CODE_PATTERN = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
ZONE_PATTERN = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$"


def _any_case(word: str) -> str:
    return "".join(f"[{char.upper()}{char}]" for char in word)


_DAY = f"({'|'.join(map(_any_case, when.DAY_NAMES))})"
_DAYS = rf"{_DAY}(\s*[-–]\s*{_DAY})?"
_TIME = r"([01]?[0-9]:[0-5][0-9]|2[0-3]:[0-5][0-9]|24:00)"
_HOURS = rf"{_TIME}\s*[-–]\s*{_TIME}"
_GROUP = rf"{_DAYS}(\s*,\s*{_DAYS})*\s+{_HOURS}(\s*,\s*{_HOURS})*"
_OR, _AND, _SIDE = _any_case("or"), _any_case("and"), f"({_any_case('before')}|{_any_case('after')})"
_PART = rf"({_SIDE}\s+{_TIME}|{_any_case('between')}\s+{_TIME}\s+{_AND}\s+{_TIME}|{_HOURS})"
DAYS_PATTERN = rf"^\s*{_DAYS}(\s*,\s*{_DAYS})*\s*$"
WINDOW_PATTERN = rf"^\s*({_any_case('always')}|{_GROUP}(\s*;\s*{_GROUP})*)\s*$"
CLAUSE_PATTERN = rf"^\s*{_PART}((\s+{_OR}\s+|\s*,\s*){_PART})*\s*$"

_SUCH_NAME = 'write a name of small letters, digits and "-", such as "first-idea"'
_SUCH_CODE = 'write a code such as "US" or "DE-BY"'
_CODE_SHAPE = {"type": "string", "pattern": CODE_PATTERN, "patternErrorMessage": _SUCH_CODE, "examples": ["US", "DE-BY"]}

Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str), AfterValidator(_visible), Shape(type=TEXT)]
Line = Annotated[Text, AfterValidator(_one_line), Shape(r"^[^\n]*$", "write it on one line")]
Filled = Annotated[Line, Field(min_length=1)]
Name = Annotated[Text, AfterValidator(_name), Shape(NAME_PATTERN, _SUCH_NAME, minimum=0)]
Column = Annotated[
    Text,
    AfterValidator(_column),
    Shape("^[a-z_][a-z0-9_]{0,62}$", 'write a column name of small letters, digits and "_", such as "meeting_at"', type="string"),
]
Duration = Annotated[
    Text,
    AfterValidator(_duration),
    Shape(DURATION_PATTERN, 'write a duration such as "90m", "3d" or "4bd"', ("90m", "2h", "3d", "4bd", "2w"), type="string"),
]
Elapsed = Annotated[
    Text,
    AfterValidator(_elapsed),
    Shape("^[0-9]{1,8}(s|m|h|d|w)$", 'write elapsed time such as "5m" or "2h"', ("5m", "2h"), type="string"),
]
Span = Annotated[
    Text,
    AfterValidator(_span),
    Shape("^[0-9]{1,8}(s|m|h|d|w)$", 'write a length such as "90d" or "26w"', ("90d", "26w"), type="string"),
]
Window = Annotated[
    Text,
    AfterValidator(_window),
    Shape(
        WINDOW_PATTERN,
        'write a window such as "mon-fri 09:00-17:00", or always',
        ("mon-fri 09:00-17:00", "mon-thu 09:00-11:30, 13:30-16:00; fri 09:00-12:00", "always"),
        type="string",
        maxLength=200,
    ),
]
Clause = Annotated[
    Text,
    AfterValidator(_clause),
    Shape(
        CLAUSE_PATTERN,
        'write hours such as "09:00-10:30", "between 10:00 and 12:00" or "before 08:00 or after 18:00"',
        ("09:00-10:30", "between 10:00 and 12:00", "before 08:00 or after 18:00"),
        type="string",
        maxLength=200,
    ),
]
Zone = Annotated[
    Text,
    AfterValidator(_zone),
    Shape(
        ZONE_PATTERN, 'write an IANA name such as "America/New_York"', ("Europe/Berlin", "America/New_York", "UTC"), type="string"
    ),
]
HolidayCode = Annotated[Text, AfterValidator(_code), WithJsonSchema(_CODE_SHAPE)]
Many = tuple[Item, ...]
OneOrMany = Annotated[tuple[Item, ...], BeforeValidator(_listed), OrElse(item=True)]
Yes = Annotated[bool, BeforeValidator(_must_be_true), WithJsonSchema({"const": True})]


def _holidays(value: Any) -> Any:
    if value == "none":
        return ()
    if isinstance(value, str) and "," in value:
        raise ValueError(f"write a list: [{', '.join(part.strip() for part in shown(value).split(','))}]")
    return _listed(value)


def _holiday_codes(value: tuple[str, ...]) -> tuple[str, ...]:
    if value == ("prospect",):
        return value
    for number, code in enumerate(value):
        if code in _ALONE:
            raise Misfit(number, f'"{code}" stands alone; write "{code}", or a list of codes such as [US, DE-BY]')
    return value


_ALONE = frozenset({"prospect", "none"})
Holidays = Annotated[
    Many[Annotated[Text, AfterValidator(lambda value: value if value in _ALONE else _code(value))]],
    BeforeValidator(_holidays),
    AfterValidator(_holiday_codes),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["prospect", "none"]},
                _CODE_SHAPE,
                {"type": "array", "items": _CODE_SHAPE},
                {"type": "array", "items": {"const": "prospect"}, "minItems": 1, "maxItems": 1},
            ],
        }
    ),
]
"""The prospect's country, no holidays, or ISO codes such as [DE-BY, US]."""


def seconds(duration: str) -> float:
    """A duration of clock time in seconds; refuses days and longer, which depend on the calendar."""
    found = re.fullmatch(r"([0-9]{1,6})(s|m|h)", duration)
    if not found:
        raise ValueError('write seconds, minutes or hours, such as "45s", "3m" or "1h"')
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
