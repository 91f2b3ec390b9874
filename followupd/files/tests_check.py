"""Do the cadence tests fit the workspace? Every cadence, step, item, mailbox, arm and column that they name is looked up.

Decides nothing about what a diary may say: that is `cadence_tests.py`'s. Never reads a file, never plays a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from followupd.core.model import Cadence, Step
from followupd.core.shelf import ContentItem
from followupd.files import yaml_text
from followupd.files.cadence_tests import REPLY_TASKS, Case, CaseFile, Entry
from followupd.files.edition import SEND, acknowledging
from followupd.files.problems import Problem, did_you_mean, nearest, shown
from followupd.files.templates import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a workspace holds, as far as its cases may name it."""

    steps: Mapping[str, tuple[Step, ...]]  # by cadence
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the arms of each cadence
    items: AbstractSet[str] = frozenset()
    mailboxes: AbstractSet[str] = frozenset()
    columns: AbstractSet[str] = frozenset()  # that a message, a cadence or the intake reads
    broken: AbstractSet[str] = frozenset()  # cadences and items that are there but can't be read: nothing is said of them


def check_tests(files: Iterable[CaseFile], facts: Facts) -> Iterator[Problem]:
    """Every cadence, step, item, mailbox, arm and column that a case names and the workspace does not hold."""
    for file in files:
        yield from _check_columns(file.document, ("prospect",), facts)
        yield from _check_cadence(file.document, ("cadence",), file.document.data.get("cadence"), facts)
        for number, case in enumerate(file.cases):
            yield from _check_fit(file.document, ("tests", number), case, facts)


def _check_fit(document: yaml_text.Document, here: yaml_text.Location, case: Case, facts: Facts) -> Iterator[Problem]:
    yield from _check_columns(document, (*here, "prospect"), facts)
    if document.has((*here, "cadence")):
        yield from _check_cadence(document, (*here, "cadence"), case.cadence, facts)
    arms = facts.variants.get(case.cadence, ())
    if arms and not case.variant:
        yield document.problem(here, f'needs "variant": {case.cadence} draws one of {", ".join(arms)}; say which is drawn here')
    elif case.variant and case.variant not in arms and case.cadence in facts.steps:
        yield document.problem((*here, "variant"), f"{case.cadence} has no such variant; {did_you_mean(case.variant, arms)}")
    for index, entry in enumerate(case.diary):
        yield from _check_names(document, (*here, "diary", index), entry, facts)


def _check_cadence(document: yaml_text.Document, place: yaml_text.Location, name: Any, facts: Facts) -> Iterator[Problem]:
    if isinstance(name, str) and name not in facts.steps and name not in facts.broken:
        yield document.problem(place, f'there is no cadence "{shown(name)}"; {did_you_mean(name, facts.steps)}')


_STEP_VERBS = {
    "mail": "email", "deferred": "email", "failed": "email", "to": "email", "task": "", "reminded": "", "escalated": "", "done": "",
    "skip": "", "skipped": "",
}  # fmt: skip
"""What names a step, and the channel that it has to be of. A mail that can't be written becomes a task: any step may be one."""


def _check_names(document: yaml_text.Document, here: yaml_text.Location, entry: Entry, facts: Facts) -> Iterator[Problem]:
    written = next(iter(_raw(document, here)))
    place = (*here, written)
    if document.has((*place, "in")):
        yield from _check_cadence(document, (*place, "in"), entry.cadence, facts)
    if entry.verb == "enrolled":
        yield from _check_cadence(document, (*place, "enrolled"), entry.value, facts)
    if entry.verb == "row":
        yield from _check_columns(document, (*place, "row"), facts)
        yield from _check_cadence(document, (*place, "row", "cadence"), entry.value.get("cadence"), facts)
    for key, name in ((entry.verb, entry.value), ("to", entry.said.get("to"))):
        if key in _STEP_VERBS and isinstance(name, str):
            yield from _check_step(document, (*place, key), entry.cadence, name, facts)
    item, mailbox = entry.said.get("item"), entry.said.get("from") if entry.verb == "mail" else entry.said.get("for")
    if item and item not in facts.items and item not in facts.broken:
        yield document.problem((*place, "item"), f'there is no content item "{shown(item)}"; {did_you_mean(item, facts.items)}')
    if mailbox and mailbox not in facts.mailboxes:
        key = "from" if entry.verb == "mail" else "for"
        yield document.problem((*place, key), f'there is no mailbox "{shown(mailbox)}"; {did_you_mean(mailbox, facts.mailboxes)}')


def _raw(document: yaml_text.Document, location: yaml_text.Location) -> Any:
    found = document.data
    for step in location:
        found = found[step]
    return found


def _check_step(
    document: yaml_text.Document, place: yaml_text.Location, cadence: str, name: str, facts: Facts
) -> Iterator[Problem]:
    channel = _STEP_VERBS[str(place[-1])]
    if cadence not in facts.steps or (not channel and name in REPLY_TASKS):
        return
    named = {step.id: step.channel for step in facts.steps[cadence]}
    if name not in named:
        elsewhere = next((other for other, steps in facts.steps.items() if any(step.id == name for step in steps)), "")
        hint = f"; if you mean that of {elsewhere}, add: in: {elsewhere}" if elsewhere else ""
        known = [each for each, its in named.items() if channel in ("", its)]
        yield document.problem(place, f'{cadence} has no step "{shown(name)}"; {did_you_mean(name, known)}{hint}')
    elif channel not in ("", named[name]):
        yield document.problem(place, f"the step {name} of {cadence} is a {named[name]}, and no mail")


def _check_columns(document: yaml_text.Document, place: yaml_text.Location, facts: Facts) -> Iterator[Problem]:
    """A column that nothing reads is fine in a row; here it is told only where it looks like a slip of the pen."""
    if not document.has(place):
        return
    for column in _raw(document, place):
        near = nearest(column, facts.columns) if column not in facts.columns else ""
        if near:
            yield document.problem((*place, column), f'nothing reads this column; did you mean "{near}"?')


def facts_of(
    cadences: Mapping[str, Cadence],
    templates: Mapping[str, Template],
    items: Iterable[ContentItem],
    mailboxes: Iterable[str],
    broken: Iterable[str] = (),
) -> Facts:
    """The facts of a workspace, from what was read of it. Columns are those that anything there asks for."""
    columns = set(_USUAL_COLUMNS)
    for template in templates.values():
        columns.update(column for source in template.sources for column in _ASKED.findall(source))
    for cadence in cadences.values():
        columns.update(cadence.needs)
        columns.update(
            column for effect in cadence.replies.values() for column in _ASKED.findall(f"{effect.task} {effect.notify}")
        )
        for step in cadence.steps:
            columns.update({step.since, *_ASKED.findall(step.when or ""), *(step.fields.get("pick") or {}).get("match", ())})
    return Facts(
        steps={name: cadence.steps for name, cadence in cadences.items()} | dict(_acknowledging(cadences)),
        variants={name: tuple(cadence.variants) for name, cadence in cadences.items()},
        items=frozenset(item.name for item in items),
        mailboxes=frozenset(mailboxes),
        columns=frozenset(columns),
        broken=frozenset(broken),
    )


def _acknowledging(cadences: Mapping[str, Cadence]) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The cadences of one mail that `send:` stands for."""
    for cadence in cadences.values():
        for kind, effect in cadence.replies.items():
            if effect.send:
                yield acknowledging(cadence.name, kind), (Step(id=SEND, position=0, channel="email", template=effect.send),)


_ASKED = re.compile(r"\bprospect\.([a-z_][a-z0-9_]*)")
_USUAL_COLUMNS = frozenset(
    "email first_name last_name company title phone country timezone language owner goals challenges interests preferences pace"
    " meeting_at meeting_highlight next_step source basis start_at start_step".split()
)
"""The columns that the manual knows."""
