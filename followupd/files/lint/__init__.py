"""Lint: what a workspace does against the craft of following up, though it would run.

Decides which findings there are and which of them somebody allows with a written reason. The rules stand in `rules.py`, one
row each. A file allows a rule for itself, `config.yaml` for the whole workspace:

    allow: {few-touches: a thank-you is two touches and no more}

Never reads a file or a clock: `today` is passed in, and without it nothing is said about dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from followupd.files import yaml_text
from followupd.files.lint.rules import BY_ID, POOR_ALLOW, RULES, Rule
from followupd.files.lint.view import View, view_of
from followupd.files.problems import Problem, did_you_mean, shown
from followupd.files.workspace import Workspace

__all__ = ["BY_ID", "RULES", "Finding", "Rule", "lint"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place that breaks a rule. `allowed` is the written reason why it may; empty where there is none."""

    path: str
    line: int
    column: int
    rule: str
    text: str
    allowed: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: warning: {self.text} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class _Allow:
    """One entry under `allow:`. `scope` is the file for which it holds, empty for all."""

    scope: str
    rule: str
    reason: str
    place: Problem


def lint(workspace: Workspace, today: date | None = None) -> tuple[Finding, ...]:
    """Everything found, sorted by place; what is allowed carries its reason."""
    view = view_of(workspace, today)
    allows = list(_allows(view))
    reasons = {(allow.scope, allow.rule): allow.reason for allow in reversed(allows)}
    found = {
        Finding(
            problem.path, problem.line, problem.column, rule.id, problem.text,
            reasons.get((problem.path, rule.id)) or reasons.get(("", rule.id)) or "",
        )
        for rule in RULES
        for problem in rule.find(view)
    }  # fmt: skip
    return tuple(sorted({*found, *_poor_allows(view, allows, found)}))


# -- allow ---------------------------------------------------------------------------------------


def _allows(view: View) -> Iterator[_Allow]:
    for draft in view.drafts:
        yield from _entries(draft.document, draft.document.path)
    for page in (*view.messages.values(), *view.items):
        if page.allows:
            yield from _entries(page.document, page.path)
    config = view.workspace.files.get(view.config_path)
    if config is not None and view.workspace.config is not None and view.workspace.config.allow:
        document, _ = yaml_text.read(config.text, view.config_path)
        if document is not None:
            yield from _entries(document, "")


def _entries(document: yaml_text.Document, scope: str) -> Iterator[_Allow]:
    given = document.data.get("allow")
    for rule, reason in given.items() if isinstance(given, dict) else ():
        place = document.problem(("allow", rule), "")
        yield _Allow(scope, rule, str(reason), place)


FEWEST_WORDS = 3


def _poor_allows(view: View, allows: list[_Allow], found: set[Finding]) -> Iterator[Finding]:
    silenced = {(finding.path, finding.rule) for finding in found}
    for allow in allows:
        text = _what_is_wrong(allow, silenced, certain=view.whole and view.today is not None)
        if text:
            yield Finding(allow.place.path, allow.place.line, allow.place.column, POOR_ALLOW, f"allow: {text}")


def _what_is_wrong(allow: _Allow, silenced: set[tuple[str, str]], *, certain: bool) -> str:
    """`certain` is false while files with mistakes are left out: then nobody knows what an entry would silence."""
    if allow.rule not in BY_ID:
        return f'there is no rule "{shown(allow.rule)}"; {did_you_mean(allow.rule, BY_ID)}'
    if allow.rule == POOR_ALLOW:
        return f"{POOR_ALLOW} can't be allowed; put the other entries right"
    if len(allow.reason.split()) < FEWEST_WORDS:
        return f'"{shown(allow.reason)}" is no reason; write in three words or more why {allow.rule} may be broken here'
    used = any(rule == allow.rule and allow.scope in {"", path} for path, rule in silenced)
    return (
        "" if used or not certain else f"{allow.rule} is not broken {'here' if allow.scope else 'anywhere'} any more; remove it"
    )
