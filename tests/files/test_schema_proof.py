"""The public validator and `check` on the same files: what `check` accepts the schemas accept, and where they differ is listed.

The list is docs/schema.md. A mistake that the schemas let through belongs to one of its classes, each of which has an example.
"""

from __future__ import annotations

import copy
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.files import yaml_text
from followupd.files.cadence import parse_cadence
from followupd.files.cadence_tests import parse_cases
from followupd.files.config import load_config
from followupd.files.words import parse_words
from followupd.files.workspace import load_workspace
from tests.files import editor
from tests.files.test_bad import NAMES, _make
from tests.files.test_wrong import FILES, problems

ROOT = Path(__file__).parents[2]
VALIDATORS = editor.validators(CHANNELS)
SHIPPED = sorted(
    path
    for folder in ("cadences", "templates", "content", "followupd/starter_tests")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".yaml", ".md"}
)

CLASSES = {
    "Other files": r"there is no |no templates/|has no step|never ends|never compared",
    "Files by name": r"does not fit the file name|is already the cadence of|is no language",
    "Names that must differ": r"is already the step|is still the step|another step already|has this address too|stands alone",
    "Keys that must fit together": r'for this machine only|port \d+ is for|needs "auth"|needs "url" or|is not among company|'
    r"others could open|write one of \{env|no comparison|there is no variant|is a step; |did you mean \"(enrolled|previous)\"|"
    r'write "https://" and a host name|stands beside',
    "Moves that exclude each other": r"exclude each other|write one of \{env",
    "Answers of machines": r"written by a machine",
    "Outcomes and their proofs": r"is set by",
    "Order of times": r"comes after|comes first|ends before it begins|in the order of time",
    "Numbers inside a text": r"at most 15 digits|control character|letters outside ASCII|invisible character|unusual letters|where mail is (read|sent)|mixes letters of|at most 400d|at most 24h|longer than \d+ characters",
    "Hours that overlap": r"runs over midnight|overlap|no such time|write a window|write hours|is not written like this",
    "Days of the calendar": r"there is no (day|month|date|time)|no such day",
    "Zones and holidays": r"no such zone|no holidays known|write a language",
    "Conditions and texts": r'is not known|is not there|template language|condition|filter|"[{}]+[}]?" (is not closed|closes)|\bhas no |'
    r"merge field|encoded header|no file can fill|is not needed|does not go like|bare condition|is still open|expected|unexpected",
    "Below the front matter": r"HTML such as|a link can't|images are|the message is empty|second front matter|not a link",
    "Mail addresses": r"write a mail address|write one mail address",
    "Encodings": r"write an encoding",
    "Names with a meaning": r"meaning of its own|can't be changed",
    "Fractions": r"write a host name|write a whole number|such as \"\d[\d-]*\"|does not fit the file name",
    "Secrets": r"a secret may not stand here",
    "Times of a diary": r"leave the weekday out|write a date and an hour|needs the hour|write a date such as|earlier than",
    "One verb for an entry": r"does not go with|are two entries|says nothing that happens|a duration|needs \"",
    "Words that stand twice": r"is already at|is a form of|stands in a group|says the same as nothing|write one word|holds no word|"
    r"more than \d+ words",
}
"""What `check` says in each class; the headings of docs/schema.md."""


def class_of(message: str) -> str | None:
    return next((name for name, said in CLASSES.items() if re.search(said, message)), None)


def document_of(text: str, path: str) -> yaml_text.Document | None:
    head, line = editor.head_of(text, path)
    return yaml_text.read(head, path, first_line=line)[0]


# -- the files that are there --------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_files_fit(path: Path) -> None:
    """Every cadence, message, note, item, table of words and test that we ship is in order for an editor."""
    kind, document = editor.kind_of(str(path.relative_to(ROOT))), document_of(path.read_text("utf-8"), str(path))
    assert kind is not None
    assert document is not None
    assert editor.marks(VALIDATORS[kind], editor.plain(document.root)) == set()


def test_the_example_config_fits() -> None:
    """So is the config that `init` writes."""
    document = document_of((ROOT / "config.example.yaml").read_text("utf-8"), "config.yaml")
    assert document is not None
    assert editor.marks(VALIDATORS["config"], editor.plain(document.root)) == set()


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.suffix == ".yaml"], ids=lambda path: path.name)
def test_shipped_files_name_their_schema(path: Path) -> None:
    """The first line tells the editor which schema it is, so nothing has to be set up."""
    kind = editor.kind_of(str(path.relative_to(ROOT)))
    assert path.read_text("utf-8").startswith(f"# yaml-language-server: $schema=../schema/{kind}.schema.json\n")


def test_every_key_is_described() -> None:
    """An editor has a sentence for every key: the key's own, or that of the group of keys below it."""

    def missing(schema: Any, whole: dict[str, Any], place: str) -> list[str]:
        if isinstance(schema, list):
            return [each for inner in schema for each in missing(inner, whole, place)]
        if not isinstance(schema, dict):
            return []
        found = []
        keys = schema.get("properties", {})
        for key, value in keys.items() if isinstance(keys, dict) else ():
            group = whole.get("$defs", {}).get(str(value.get("$ref", "")).rpartition("/")[2], {})
            found += [] if value.get("description") or group.get("description") else [f"{place}.{key}"]
        return found + [each for key, inner in schema.items() for each in missing(inner, whole, f"{place}.{key}")]

    assert [each for name, one in VALIDATORS.items() for each in missing(one.schema, dict(one.schema), name)] == []


# -- the broken ones -----------------------------------------------------------------------------

NOT_SHOWN = {("22-secret-in-file", "config.yaml"), ("25-zones-and-countries", "cadences/proposal.yaml")}
"""`check` points at the group that may hold a secret, never at what stands in it; and that `prospect` stands alone it says
when the codes beside it are in order."""


NO_MATTER_OF_SHAPE = r"others can (write|read)|can't be seen|nested too deep|not UTF-8|at most 64 KB|skipped"
"""Modes, bytes and depth: an editor's schema never gets that far."""


@pytest.mark.parametrize("name", NAMES)
def test_broken_files_are_refused_at_the_same_place(name: str, tmp_path: Path) -> None:
    """What an editor underlines `check` names at the same place; what it does not underline belongs to a listed class."""
    root = _make(name, tmp_path)
    found = load_workspace(root / "config.yaml", channels=CHANNELS, environ={}, scope=SCOPE).problems
    for path in sorted({problem.path for problem in found}):
        kind = editor.kind_of(path)
        if kind is None or not (root / path).is_file() or (root / path).stat().st_size > yaml_text.MAX_BYTES:
            continue
        text, _ = yaml_text.decode((root / path).read_bytes(), path)
        document = document_of(text, path) if text is not None else None
        if document is None or len(document.data) > 1000 or (name, path) in NOT_SHOWN:
            continue
        marks = editor.marks(VALIDATORS[kind], editor.plain(document.root))
        places = {document.place(mark) for mark in marks}
        told = {(problem.line, problem.column) for problem in found if problem.path == path}
        renamed = any("no such key; did you mean" in problem.text for problem in found if problem.path == path)
        groups = {document.place(mark) for mark in marks if isinstance(document.at(mark), dict)}
        assert places - told <= (groups if renamed else set()), (path, places - told)  # "needs title" goes without saying
        for problem in found:
            if (
                problem.path == path
                and (problem.line, problem.column) not in places
                and not re.search(NO_MATTER_OF_SHAPE, problem.text)
            ):
                assert class_of(problem.text), str(problem)


# -- the list ------------------------------------------------------------------------------------


def _example(section: str) -> tuple[str, str, str]:
    text = (ROOT / "docs/schema.md").read_text("utf-8").split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(r"`([^`]+)`:\n\n```\w+\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1], found[2], found[3]


def test_the_list_is_whole() -> None:
    """Every class of the tests stands in the manual, and no other."""
    page = (ROOT / "docs/schema.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == list(CLASSES)


@pytest.mark.parametrize("section", CLASSES)
def test_listed_examples(section: str, tmp_path: Path) -> None:
    """The schema accepts the example, and `check` says of it what the manual says."""
    path, text, said = _example(section)
    document, kind = document_of(text, path), editor.kind_of(path)
    assert document is not None
    assert kind is not None
    assert editor.marks(VALIDATORS[kind], editor.plain(document.root)) == set()
    assert problems(tmp_path, {**FILES, path: text}) == said.strip().split("\n")
    assert re.search(CLASSES[section], said)


# -- edits at random -----------------------------------------------------------------------------

ODD = [
    None, True, False, 0, 1, -1, 7, 2026, 1.5, "", "x", "3d", "90m", "4bd", "2 days", "never", "none", "owner", "prospect", "always",
    "mon-fri 09:00-17:00", "09:00-10:00", "DE", "US", "Europe/Berlin", "hold", "pause", "yes", "a b", "a\nb", [], [1], ["x"],
    ["3d", 5], {}, {"x": 1}, {"expire": "3d"}, {"pause": "30d"}, {"hold": True}, {"a": 1, "b": 2}, ["US", "DE-BY"], "2026-12-24",
]  # fmt: skip
CHECKS = {
    "cadence": lambda text: parse_cadence(text, "cadences/value.yaml", channels=CHANNELS)[1],
    "config": lambda text: load_config(text, "config.yaml")[1],
    "tests": lambda text: parse_cases(text, "tests/value.yaml")[1],
    "words": lambda text: parse_words(text, "content/words.yaml")[1],
}
RICH = {
    "cadence": (ROOT / "tests/files/examples/cadences/proposal.yaml").read_text("utf-8"),
    "config": (ROOT / "config.example.yaml").read_text("utf-8"),
    "tests": FILES["tests/value.yaml"],
    "words": FILES["content/words.yaml"],
}


def _slots(value: Any) -> list[tuple[Any, Any]]:
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in pairs] + [slot for _, inner in pairs for slot in _slots(inner)]


def _edited(data: Any, dice: random.Random, keys: list[str]) -> Any:
    """The data with one value retyped, one key taken out, renamed or put in."""
    data = copy.deepcopy(data)
    group, key = dice.choice(_slots(data))
    deed = dice.choice(("retype", "retype", "remove", "rename", "add"))
    if deed == "retype":
        group[key] = dice.choice(ODD)
    elif deed == "remove":
        del group[key]
    elif isinstance(group, dict):
        group[dice.choice(keys)] = group.pop(key) if deed == "rename" else dice.choice(ODD)
    return data


def _keys(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {key for inner in schema for key in _keys(inner)}
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties", {})
    return {*(own if isinstance(own, dict) else ())} | {key for inner in schema.values() for key in _keys(inner)}


@pytest.mark.parametrize("kind", CHECKS)
@pytest.mark.parametrize("seed", range(6))
def test_random_edits_have_the_same_verdict(kind: str, seed: int) -> None:
    """Where `check` accepts the schema accepts; where only `check` refuses, all that it says belongs to listed classes."""
    dice, validator = random.Random(f"{kind} {seed}"), VALIDATORS[kind]
    keys, whole = sorted(_keys(validator.schema)), yaml_text.read(RICH[kind], "x.yaml")[0]
    assert whole is not None
    verdicts = set()
    for _ in range(100):
        data = _edited(editor.plain(whole.root), dice, keys)
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True) if data else "{}\n"
        document = yaml_text.read(text, "x.yaml")[0]
        if document is None:
            continue
        marks, told = editor.marks(validator, editor.plain(document.root)), CHECKS[kind](text)
        verdicts.add((bool(marks), bool(told)))
        assert told or not marks, f"only the schema refuses {marks}:\n{text}"
        assert marks or all(class_of(problem.text) for problem in told), f"no class: {[*map(str, told)]}\n{text}"
    assert (True, True) in verdicts
