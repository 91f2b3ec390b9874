"""`check`: every mistake in the files, and what the craft of following up has against them.

Decides how both are said: like a compiler for people, as JSON for scripts, as annotations for code hosts, as SARIF for whatever
reads that. Mistakes are found by `files/workspace.py`, warnings by `files/lint`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from followupd import __version__
from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.files.lint import Finding
    from followupd.files.problems import Problem
    from followupd.files.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a workspace."""

    workspace: Workspace
    warnings: tuple[Finding, ...]
    strict: bool
    tests: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The mistakes."""
        return self.workspace.problems

    @property
    def open(self) -> tuple[Finding, ...]:
        """The warnings that nobody allowed."""
        return tuple(warning for warning in self.warnings if not warning.allowed)

    @property
    def ok(self) -> bool:
        """No mistakes; with `--strict` no warnings either."""
        return not self.problems and not (self.strict and self.open)

    @property
    def counts(self) -> dict[str, int]:
        """How many files of each kind are in order."""
        found = self.workspace
        counts = {"cadences": len(found.cadences), "templates": len(found.templates), "content": len(found.items)}
        return counts | {"tests": self.tests}


@command(
    click.option("--strict", is_flag=True, help="Warnings count as mistakes."),
    click.option(
        "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text",
        help="How to say it: for people, for scripts, as annotations of GitHub, or as SARIF.",
    ),
    as_json,
    click.option("--rules", is_flag=True, help="List the rules that warnings come from, and leave."),
    click.option("--explain", metavar="RULE", help="Say why there is this rule, with examples, and leave."),
)  # fmt: skip
def check(strict: bool, form: str, as_json: bool, rules: bool, explain: str | None) -> int:
    """Name every mistake in config, cadences, templates, content and tests, with file, line and column.

    Warnings say where a text or a cadence leaves the craft. A file allows a rule for itself, config.yaml for all files, with
    the reason: `allow: {few-touches: a thank-you is two touches and no more}`.
    """
    if rules or explain is not None:
        _tell_rules(explain)
        return 0
    verdict = _judged(strict=strict)
    {"text": _as_text, "json": _as_json, "github": _as_github, "sarif": _as_sarif}["json" if as_json else form](verdict)
    return 0 if verdict.ok else 1


def _judged(*, strict: bool) -> Verdict:
    with _uncollected():
        from followupd.files.lint import lint

        workspace, tests = place.read_workspace(), 0
        if workspace.config is not None and workspace.folder("tests").is_dir():
            from followupd.cli.test import gather

            files, problems = gather(workspace)
            workspace, tests = replace(workspace, problems=tuple(problems)), sum(len(file.cases) for file in files)
        return Verdict(workspace, lint(workspace, datetime.now(UTC).date()), strict, tests)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Parsing makes a great many objects that all stay: looking for garbage among them takes a sixth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


# -- for people ----------------------------------------------------------------------------------


def _as_text(verdict: Verdict) -> None:
    for problem in verdict.problems:
        say.line(problem)
    for warning in verdict.open:
        where, _, what = say.plain(warning).partition(" warning: ")
        click.echo(f"{where} {click.style('warning:', fg='yellow')} {what}")
    said = ", ".join(f"{count} {_noun(name, count)}" for name, count in verdict.counts.items())
    say.line(f"{_summary(verdict)} in {said}{_strictly(verdict)}" if verdict.problems or verdict.open else f"all is well: {said}")


def _summary(verdict: Verdict) -> str:
    mistakes, warnings = len(verdict.problems), len(verdict.open)
    told = [_count(mistakes, "mistake") if mistakes else "no mistakes", *([_count(warnings, "warning")] if warnings else [])]
    return ", ".join(told)


def _strictly(verdict: Verdict) -> str:
    return "; with --strict warnings count as mistakes" if verdict.strict and verdict.open else ""


def _noun(name: str, count: int) -> str:
    if name == "content":
        return "content item" if count == 1 else "content items"
    return name.removesuffix("s") if count == 1 else name


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _tell_rules(name: str | None) -> None:
    from followupd.files.lint import BY_ID, RULES
    from followupd.files.problems import did_you_mean, shown

    if name is None:
        say.table(("rule", "says"), [(rule.id, rule.says) for rule in RULES])
        return
    rule = BY_ID.get(name)
    if rule is None:
        raise say.Fault(f'there is no rule "{shown(name)}"; {did_you_mean(name, BY_ID)}')
    say.line(f"{rule.id}: {rule.says}")
    say.line()
    say.block(rule.why)
    for title, lines in (("This warns", rule.bad), ("This is fine", rule.good)):
        say.heading(f"{title}, in {rule.where}:")
        say.block(lines, "    ")


# -- for machines --------------------------------------------------------------------------------


def _as_json(verdict: Verdict) -> None:
    problems = [say.some(problem, "path", "line", "column", "text") for problem in verdict.problems]
    warnings = [say.some(warning, "path", "line", "column", "rule", "text", "allowed") for warning in verdict.warnings]
    say.as_json({"ok": verdict.ok, "problems": problems, **verdict.counts, "warnings": warnings})


def _place(verdict: Verdict, path: str) -> str:
    """A file as the working directory knows it: there code hosts and editors begin, not at the config."""
    return os.path.relpath(verdict.workspace.base / path).replace(os.sep, "/")


def _as_github(verdict: Verdict) -> None:
    """Workflow commands; https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    for problem in verdict.problems:
        click.echo(_annotation("error", _place(verdict, problem.path), problem, "followupd check"))
    for warning in verdict.open:
        click.echo(_annotation("error" if verdict.strict else "warning", _place(verdict, warning.path), warning, warning.rule))


def _annotation(level: str, path: str, found: Problem | Finding, title: str) -> str:
    properties = {"file": path, "line": found.line, "col": found.column, "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {told}::{_data(say.plain(found.text))}"


def _data(text: object) -> str:
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: object) -> str:
    return _data(say.plain(text)).replace(":", "%3A").replace(",", "%2C")


# -- SARIF 2.1.0 ---------------------------------------------------------------------------------

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MISTAKE = "mistake"


def _as_sarif(verdict: Verdict) -> None:
    rules = list(_sarif_rules())
    driver = {"name": "followupd", "version": __version__, "rules": rules}
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    found: tuple[Problem | Finding, ...] = (*verdict.problems, *verdict.warnings)
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(verdict, each, numbers) for each in found],
    }
    say.as_json({"$schema": SARIF, "version": "2.1.0", "runs": [run]})


def _sarif_rules() -> Iterator[dict[str, Any]]:
    from followupd.files.lint import RULES

    said = "The files can't be used as they are."
    yield {"id": MISTAKE, "shortDescription": {"text": said}, "defaultConfiguration": {"level": "error"}}
    for rule in RULES:
        yield {
            "id": rule.id,
            "shortDescription": {"text": rule.says},
            "fullDescription": {"text": rule.why},
            "defaultConfiguration": {"level": "warning"},
        }


def _result(verdict: Verdict, found: Problem | Finding, numbers: dict[str, int]) -> dict[str, Any]:
    """One result (SARIF 2.1.0, section 3.27); what is allowed is a suppressed one (3.27.23)."""
    from urllib.parse import quote

    rule, allowed = getattr(found, "rule", MISTAKE), getattr(found, "allowed", "")
    region = {"startLine": found.line, "startColumn": found.column}
    artifact = {"uri": quote(_place(verdict, found.path))}
    result = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": "error" if rule == MISTAKE or (verdict.strict and not allowed) else "warning",
        "message": {"text": say.plain(found.text)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
    return result | {"suppressions": [{"kind": "inSource", "justification": allowed}]} if allowed else result
