"""The JSON Schemas that editors complete and check with, made from the same models that the parsers use.

Decides nothing of its own. The files in `schema/` are this module's output; a test keeps them fresh.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from followupd.files.cadence import Channels, cadence_model
from followupd.files.cadence_tests import CasesPart
from followupd.files.config import Config
from followupd.files.content import ItemHead
from followupd.files.templates import MessageHead, TaskHead
from followupd.files.words import WordsTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas(channels: Channels) -> dict[str, dict[str, Any]]:
    """Each schema by the name of its kind of file."""
    models: dict[str, type[BaseModel]] = {
        "cadence": cadence_model(channels),
        "config": Config,
        "template": MessageHead,
        "task": TaskHead,
        "content": ItemHead,
        "words": WordsTable,
        "tests": CasesPart,
    }
    return {name: {"$schema": DIALECT, "title": f"followupd {name}", **_plain(model)} for name, model in models.items()}


def _plain(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema without pydantic's titles, which say nothing new, and without keys of later releases."""
    found = _tidy(model.model_json_schema(by_alias=True))
    assert isinstance(found, dict)
    return found


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _tidy(inner)
            for key, inner in _mended(value).items()
            if not (key == "title" and isinstance(inner, str)) and not (isinstance(inner, dict) and inner.get("not") == {})
        }
    return [_tidy(item) for item in value] if isinstance(value, list) else value


def _mended(schema: dict[str, Any]) -> dict[str, Any]:
    """What pydantic says less strictly than it checks: the keys of a free mapping, and how long a list is."""
    found = dict(schema)
    if isinstance(names := found.get("patternProperties"), dict) and len(names) == 1:
        ((pattern, values),) = found.pop("patternProperties").items()
        found |= {"propertyNames": {**found.get("propertyNames", {}), "pattern": pattern}, "additionalProperties": values}
    if found.get("type") == "array":
        for characters, items in (("minLength", "minItems"), ("maxLength", "maxItems")):
            if characters in found:
                found[items] = found.pop(characters)
    return found
