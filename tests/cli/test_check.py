"""`check`: mistakes and warnings, for people, scripts and code hosts; and what the exit code makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from followupd.files.lint import RULES

MESSAGE = "templates/value.md"


@pytest.fixture
def clean(workspace: Path, followupd) -> Path:
    """A workspace without a warning: what the starter set has to say is allowed in its config."""
    allow = "allow: {few-touches: the courtesy is short, no-goodbye: the courtesy asks nothing}\n"
    config = workspace / "config.yaml"
    text = config.read_text().replace("allow: {}\n", "")
    config.write_text(text)
    if followupd("check", "--strict").code != 0:
        config.write_text(text + allow)
    assert followupd("check", "--strict").code == 0
    return workspace


def break_craft(root: Path) -> None:
    """One warning."""
    path = root / MESSAGE
    path.write_text(path.read_text().replace("It is not about us", "Touching base. It is not about us"))


def break_file(root: Path) -> None:
    """One mistake, whose text holds what a workflow command must escape."""
    path = root / "cadences/proposal.yaml"
    path.write_text(path.read_text() + '"3%: moons, or so": 1\n')


def test_warnings_are_no_mistakes(followupd, clean: Path) -> None:
    """A warning looks like a compiler's and leaves the exit code alone; the last line counts."""
    break_craft(clean)
    said = followupd("check")
    first, last = said.out.splitlines()
    assert said.code == 0
    assert re.fullmatch(rf'{MESSAGE}:\d+:\d+: warning: "Touching base" .+ \[empty-words\]', first)
    assert last.startswith("no mistakes, 1 warning in 4 cadences, ")
    assert "\x1b" not in said.out


def test_strict(followupd, clean: Path) -> None:
    """With --strict a warning is a mistake, an allowed one is not."""
    assert followupd("check", "--strict").out.startswith("all is well: ")
    break_craft(clean)
    said = followupd("check", "--strict")
    assert said.code == 1
    assert said.out.splitlines()[-1].endswith("with --strict warnings count as mistakes")
    assert followupd("check", "--strict", "--json").json()["ok"] is False
    assert followupd("check", "--json").json()["ok"] is True


def test_mistakes_come_first(followupd, clean: Path) -> None:
    """Mistakes are told before warnings, and both are counted."""
    break_craft(clean)
    break_file(clean)
    said = followupd("check")
    first, second, last = said.out.splitlines()
    assert said.code == 1
    assert first.startswith("cadences/proposal.yaml:")
    assert "[empty-words]" in second
    assert last.startswith("1 mistake, 1 warning in ")


def test_json(followupd, clean: Path) -> None:
    """Both ways to ask for JSON give the same; what is allowed stands there with its reason."""
    break_craft(clean)
    path = clean / MESSAGE
    path.write_text(path.read_text().replace("---\n", "---\nallow: {empty-words: we like to say it}\n", 1))
    told = followupd("check", "--json").json()
    assert told == followupd("check", "--format", "json").json()
    (warning,) = [each for each in told["warnings"] if each["path"] == MESSAGE]
    assert set(warning) == {"path", "line", "column", "rule", "text", "allowed"}
    assert (warning["rule"], warning["allowed"]) == ("empty-words", "we like to say it")
    assert (told["ok"], told["problems"], told["cadences"]) == (True, [], 4)
    assert followupd("check", "--strict").code == 0


ANNOTATION = re.compile(r"::(error|warning) file=([^:,]+),line=(\d+),col=(\d+),title=([^:,]+)::(.+)")


def test_github(followupd, clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding is one workflow command, escaped, with the path from the working directory."""
    break_craft(clean)
    break_file(clean)
    away = clean / "odd, 100%: folder"
    away.mkdir()
    monkeypatch.chdir(away)
    lines = followupd("check", "--config", clean, "--format", "github").out.splitlines()
    found = [ANNOTATION.fullmatch(line) for line in lines]
    assert [(match[1], match[2], match[5]) for match in found if match] == [
        ("error", "../cadences/proposal.yaml", "followupd check"),
        ("warning", f"../{MESSAGE}", "empty-words"),
    ]
    assert len(found) == 2
    assert "3%25: moons, or so" in lines[0]
    monkeypatch.chdir(clean.parent)
    moved = clean.rename(clean.parent / "a, 5%: b")
    first = followupd("check", "--config", moved, "--format", "github", "--strict").out.splitlines()
    assert all(line.startswith("::error file=a%2C 5%25%3A b/") for line in first)


SARIF = {
    "type": "object", "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False,
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {"type": "object", "required": ["driver"], "properties": {"driver": {
                    "type": "object", "required": ["name"],
                    "properties": {"rules": {"type": "array", "uniqueItems": True, "items": {
                        "type": "object", "required": ["id"], "additionalProperties": False,
                        "properties": {
                            "id": {"type": "string"}, "shortDescription": {"$ref": "#/$defs/text"}, "fullDescription": {"$ref": "#/$defs/text"},
                            "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
                        },
                    }}},
                }}},
                "results": {"type": "array", "items": {
                    "type": "object", "required": ["message"], "additionalProperties": False,
                    "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0}, "level": {"$ref": "#/$defs/level"},
                        "message": {"$ref": "#/$defs/text"},
                        "suppressions": {"type": "array", "items": {
                            "required": ["kind"], "additionalProperties": False,
                            "properties": {"kind": {"enum": ["inSource", "external"]}, "justification": {"type": "string"}},
                        }},
                        "locations": {"type": "array", "items": {"additionalProperties": False, "properties": {"physicalLocation": {
                            "additionalProperties": False, "required": ["artifactLocation"],
                            "properties": {
                                "artifactLocation": {"properties": {"uri": {"type": "string", "pattern": r"^[^\s\\%,]*(%[0-9A-F]{2}[^\s\\%,]*)*$"}}},
                                "region": {"additionalProperties": False, "properties": {
                                    "startLine": {"type": "integer", "minimum": 1}, "startColumn": {"type": "integer", "minimum": 1},
                                }},
                            },
                        }}}},
                    },
                }},
            },
        }},
    },
    "$defs": {
        "level": {"enum": ["none", "note", "warning", "error"]},
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
    },
}  # fmt: skip
"""The parts of SARIF's own schema (2.1.0) that we write."""


def test_sarif(followupd, clean: Path) -> None:
    """The log keeps to SARIF's schema; every result points at its rule, what is allowed is suppressed with the reason."""
    break_craft(clean)
    break_file(clean)
    (clean / "content/reading list.md").write_text(
        "---\ntitle: Empty\nours: true\nallow: {result-without-proof: it is an example}\n---\nText.\n"
    )
    log = followupd("check", "--format", "sarif").json()
    jsonschema.Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["mistake", *(rule.id for rule in RULES)]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert [result["level"] for result in run["results"] if result["ruleId"] == "mistake"] == ["error"]
    (odd,) = [result for result in run["results"] if result["ruleId"] == "result-without-proof"]
    assert odd["suppressions"] == [{"kind": "inSource", "justification": "it is an example"}]
    assert odd["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "content/reading%20list.md"
    strict = followupd("check", "--format", "sarif", "--strict").json()["runs"][0]["results"]
    assert {result["level"] for result in strict if result["ruleId"] == "empty-words"} == {"error"}


def test_rules_are_listed_and_explained(followupd, tmp_path: Path) -> None:
    """The rules can be read without a workspace; an unknown one is told with the nearest."""
    listed = followupd("check", "--rules")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == ["rule", *(rule.id for rule in RULES)]
    for rule in RULES:
        told = followupd("check", "--explain", rule.id)
        assert told.code == 0
        assert rule.says in told.out
        assert all(line.strip() in told.out for line in (*rule.bad.splitlines(), *rule.good.splitlines()))
    wrong = followupd("check", "--explain", "few-touchs")
    assert (wrong.code, wrong.out) == (1, "")
    assert 'did you mean "few-touches"?' in wrong.err


def test_an_unknown_format_is_typed_wrong(followupd, workspace: Path) -> None:
    """The exit code is 2, and the formats that there are are named."""
    said = followupd("check", "--format", "xml")
    assert said.code == 2
    assert "sarif" in said.err


def test_without_a_config_there_is_one_mistake(followupd, tmp_path: Path) -> None:
    """Every format tells a missing config, and nothing else."""
    for form in ("text", "json", "github", "sarif"):
        said = followupd("check", "--format", form)
        assert said.code == 1
        assert "run: followupd init" in said.out


def test_hostile_text_stays_text(followupd, clean: Path) -> None:
    """Escapes for terminals, and commands for code hosts, do not get through from a file."""
    path = clean / MESSAGE
    path.write_text(path.read_text().replace("It is not", "touching\n::error::base touching\nbase It is not"))
    lines = followupd("check", "--format", "github").out.splitlines()
    assert lines
    assert all(line.startswith("::warning file=") for line in lines)
