"""What an editor makes of a file: YAML 1.2 as it stands in the standard, and the public validator on the same schemas.

Shares nothing with our own reading of YAML but the tree with the places, so that a mistake of one is not a mistake of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import jsonschema
import yaml
from jsonschema.exceptions import ValidationError

from followupd.files.cadence import Channels
from followupd.files.schemas import schemas

Path = tuple[int | str, ...]


def kind_of(path: str) -> str | None:
    """Which schema the head of a file is checked with; none for what is no file of ours."""
    parts = PurePosixPath(path).parts
    if path.endswith("config.yaml"):
        return "config"
    if path.endswith("words.yaml"):
        return "words"
    folder = {"cadences": "cadence", "tests": "tests", "templates": "template", "content": "content", "starter_tests": "tests"}
    found = next((folder[part] for part in parts if part in folder), None)
    return "task" if found == "template" and "tasks" in parts else found


def head_of(text: str, path: str) -> tuple[str, int]:
    """The YAML of a file and the line on which it begins: all of it, or what stands between the first two `---`."""
    if not path.endswith(".md"):
        return text, 1
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    return ("\n".join(lines[1 : ends[1]]) + "\n", 2) if len(ends) > 1 else ("", 2)


# -- YAML 1.2, core schema (section 10.3) --------------------------------------------------------

_CORE = (
    (r"null|Null|NULL|~|", lambda text: None),
    (r"true|True|TRUE", lambda text: True),
    (r"false|False|FALSE", lambda text: False),
    (r"[-+]?[0-9]{1,300}", int),
    (r"0o[0-7]+", lambda text: int(text, 0)),
    (r"0x[0-9a-fA-F]+", lambda text: int(text, 0)),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
)


def plain(node: yaml.Node) -> Any:
    """The value of a node; merged keys (`<<`) are there, own ones first."""
    if isinstance(node, yaml.SequenceNode):
        return [plain(each) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        own = {key.value: plain(value) for key, value in node.value if key.value != "<<"}
        merged = [value for key, value in node.value if key.value == "<<"]
        for each in [inner for value in merged for inner in (value.value if isinstance(value, yaml.SequenceNode) else [value])]:
            own = plain(each) | own
        return own
    if node.style or node.tag == "!":  # the C parser says "" of a plain one
        return node.value
    return next((make(node.value) for pattern, make in _CORE if re.fullmatch(pattern, node.value)), node.value)


# -- the validator -------------------------------------------------------------------------------


def validators(channels: Channels) -> dict[str, jsonschema.Draft202012Validator]:
    """The public validator for each kind of file."""
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas(channels).items()}


def marks(validator: jsonschema.Draft202012Validator, data: Any) -> set[Path]:
    """What an editor underlines: the paths of the values that do not fit."""
    return {path for error in validator.iter_errors(data) for path in _leaves(error)}


def _leaves(error: ValidationError) -> Iterator[Path]:
    """Of several ways to write a value an editor takes the one that fits best: with the fewest, then the deepest mistakes."""
    here = tuple(error.absolute_path)
    if error.context:
        ways: dict[int, list[ValidationError]] = {}
        for inner in error.context:
            ways.setdefault(int(inner.schema_path[0]), []).append(inner)
        # A value of another kind (a list where this way wants a text) is not this way at all.
        able = [
            way for way in ways.values() if not any(each.validator in {"type", "const", "enum"} and not each.path for each in way)
        ]
        best = min(able, key=lambda way: (len(way), -max(len(each.path) for each in way)), default=None)
        yield from [path for each in best for path in _leaves(each)] if best else [here]
    elif error.validator == "additionalProperties" and error.validator_value is False:
        yield from ((*here, key) for key in error.instance if key not in error.schema.get("properties", {}))
    elif "propertyNames" in list(error.relative_schema_path)[-2:]:
        yield (*here, str(error.instance))
    else:
        yield here
