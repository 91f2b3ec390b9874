"""Values to models: every problem of a file at once, each with its place and what to write instead.

Decides how pydantic's findings are said to people. What the models are is their own modules' business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from followupd.files.problems import SHOWN, Problem, did_you_mean, nearest, shown
from followupd.files.yaml_text import Document, Location

MAX_PROBLEMS = 50  # told of one file at once

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The document as a model, or all that is wrong with it at once."""
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        told = list(_once(found, model))
        problems = [_problem(document, model, each) for each in told[:MAX_PROBLEMS]]
        return None, sorted({*problems, *_rest(document.path, len(told), problems)})


def _once(found: list[ErrorDetails], model: type[BaseModel]) -> Iterator[ErrorDetails]:
    """One mistake, one problem: what only follows from another finding is left out."""
    renamed = _renamed(found, model)
    meant = {(*location[:-1], key) for location, key in renamed.items()}
    around = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    for each in found:
        # pydantic counts only the good items of a list, so a list with a bad one may be "too short" as well
        follows = each["type"] == "too_short" and each["loc"] in around
        if not follows and not (each["type"] == "missing" and each["loc"] in meant):
            yield {**each, "ctx": {"renamed": renamed[each["loc"]]}} if each["loc"] in renamed else each


def _renamed(found: list[ErrorDetails], model: type[BaseModel]) -> dict[Location, str]:
    """Unknown keys that were to be a needed one: the nearest, or the only one where both stand alone."""
    keys: dict[Location, str] = {}
    for here in {each["loc"][:-1] for each in found if each["type"] == "missing"}:
        missing = [str(each["loc"][-1]) for each in found if each["type"] == "missing" and each["loc"][:-1] == here]
        unknown = [each["loc"] for each in found if each["type"] == "extra_forbidden" and each["loc"][:-1] == here]
        for location in unknown if len(unknown) <= MAX_PROBLEMS else ():
            near = nearest(str(location[-1]), known_keys(model, here))
            if near in missing:
                keys[location] = near
            elif not near and len(missing) == len(unknown) == 1:
                keys[location] = missing[0]
    return keys


def _rest(path: str, count: int, problems: list[Problem]) -> Iterator[Problem]:
    if count > MAX_PROBLEMS:
        last = max(problems)
        yield Problem(path, last.line, last.column, f"{count - MAX_PROBLEMS} more problems in this file; look at these first")


def _problem(document: Document, model: type[BaseModel], found: ErrorDetails) -> Problem:
    location = tuple(found["loc"])
    kind, context = found["type"], found.get("ctx", {})
    if kind == "missing":
        return document.problem(location[:-1], f'needs "{location[-1]}"; add it')
    if kind == "extra_forbidden":
        known = {str(context["renamed"])} if context.get("renamed") else known_keys(model, location[:-1])
        near = f'did you mean "{context["renamed"]}"?' if context.get("renamed") else did_you_mean(str(location[-1]), known)
        return document.problem(location, f"no such key; {near}")
    if location and location[-1] == "[key]":
        location = location[:-1]
    key = getattr(context.get("error"), "key", None)  # a `values.Misfit` names the key to point at
    location = location if key is None else (*location, key)
    if document.is_plain(location[:-1]):  # a short form (`within: 24h`): its long form is not what was typed
        location = location[:-1]
    words = _typed(document.at(location), kind, known_keys(model, location)) or _WORDS.get(kind, _own)(found, context)
    return document.problem(location, words)


_TRUE, _FALSE = frozenset({"yes", "on", "y", "true", "1"}), frozenset({"no", "off", "n", "false", "0"})


def _typed(value: Any, kind: str, keys: Collection[str]) -> str:
    """What to write instead, as far as what was typed shows it; else nothing."""
    text = shown(value) if isinstance(value, str) and "@" not in value else ""  # an address may hold a password
    known = f"; keys: {', '.join(sorted(keys))}" if len(keys) < 16 else ""
    if kind in {"tuple_type", "list_type"} and text and len(value) < SHOWN:
        return f"write a list: [{', '.join(part.strip() for part in text.split(',') if part.strip())}]"
    if kind in {"tuple_type", "list_type"} and isinstance(value, dict):
        return 'write a list; each item begins with "- "'
    if kind == "model_type" and isinstance(value, tuple):
        return f'write "key: value" lines here, without "- "{known}'
    if kind == "model_type":
        return f'write "key: value" lines here{known}'
    if kind == "int_type" and (number := re.match(r"[0-9]{1,9}(?![0-9.,eEkK])", text)):
        return f"write a whole number: {number[0]}" + (", without quotes" if number[0] == text else "")
    if kind == "bool_type" and text.lower() in _TRUE | _FALSE:
        return f"write {'true' if text.lower() in _TRUE else 'false'}" + (", without quotes" if text in {"true", "false"} else "")
    if kind == "string_type":
        return _no_text(value)
    return "may not be empty; write something or remove the key" if kind == "too_short" and value == "" else ""


def _no_text(value: Any) -> str:
    if value is None:
        return "nothing stands here; write something, or remove the key"
    if isinstance(value, bool):
        return f"write text here; {str(value).lower()} without quotes is none"
    return "write one text here, no list" if isinstance(value, tuple) else "write one text here, no keys"


def _own(found: ErrorDetails, _context: Mapping[str, Any]) -> str:
    return found["msg"].removeprefix("Value error, ")


_WORDS: Mapping[str, Any] = {
    "string_type": lambda _f, _c: "write text here",
    "int_type": lambda _f, _c: "write a whole number such as 5",
    "bool_type": lambda _f, _c: "write true or false",
    "model_type": lambda _f, _c: 'write "key: value" lines here',
    "dict_type": lambda _f, _c: 'write "key: value" lines here',
    "tuple_type": lambda _f, _c: "write a list such as [a, b]",
    "list_type": lambda _f, _c: "write a list such as [a, b]",
    "string_too_short": lambda _f, _c: "may not be empty; write something or remove the key",
    "string_too_long": lambda _f, c: f"longer than {c['max_length']} characters; shorten it",
    "too_short": lambda _f, c: f"needs at least {c['min_length']}; add one",
    "too_long": lambda _f, c: f"more than {c['max_length']}; take some out",
    "greater_than_equal": lambda _f, c: f"write a number of at least {c['ge']}",
    "less_than_equal": lambda _f, c: f"write a number of at most {c['le']}",
    "literal_error": lambda f, c: f"write {c['expected']}",
}


def known_keys(model: type[BaseModel], location: Location) -> frozenset[str]:
    """The keys that may stand at `location` of a document of this model."""
    models = {model}
    for step in location:
        models = {inner for each in models for inner in _inner(each, step)}
    return frozenset(field.alias or name for each in models for name, field in each.model_fields.items())


def _inner(model: type[BaseModel], step: int | str) -> Iterator[type[BaseModel]]:
    """Models below a field; a list index, a free key or pydantic's own tag stays where it is, narrowed by the tag."""
    names = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    if step in names:
        yield from _models(names[str(step)])
    elif isinstance(step, str) and step.startswith("@"):
        if step[1:] in names:
            yield model
    else:
        yield model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
