"""Values to models: every problem of a file at once, each with its place and what to write instead.

Decides how pydantic's findings are said to people. What the models are is their own modules' business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from followupd.files.problems import Problem, did_you_mean
from followupd.files.yaml_text import Document, Location

MAX_PROBLEMS = 50  # told of one file at once

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The document as a model, or all that is wrong with it at once."""
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # pydantic counts only the good items of a list, so a list of bad ones is also "too short": one message is enough
        told = [each for each in found if each["type"] != "too_short" or not document.filled(each["loc"])]
        problems = [_problem(document, model, each) for each in told[:MAX_PROBLEMS]]
        return None, sorted({*problems, *_rest(document.path, len(told), problems)})


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
        known = known_keys(model, location[:-1])
        return document.problem(location, f"no such key; {did_you_mean(str(location[-1]), known)}")
    if location and location[-1] == "[key]":
        location = location[:-1]
    key = getattr(context.get("error"), "key", None)  # a `values.Misfit` names the key to point at
    location = location if key is None else (*location, key)
    if document.is_plain(location[:-1]):  # a short form (`within: 24h`): its long form is not what was typed
        location = location[:-1]
    return document.problem(location, _WORDS.get(kind, _own)(found, context))


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
