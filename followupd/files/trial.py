"""A message tried out: written with the least and with the most that there can be.

Decides which people to make up for a message: those of whom everything is known, with short and with long values and letters
from elsewhere, those of whom only what is needed is known, and those between. What the walk itself refuses, such as a text
compared with a number, is told at its place. Columns that the message can't do without are always filled: intake sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from followupd.core.model import Cadence, Step
from followupd.core.shelf import ContentItem
from followupd.files import language, templates, yaml_text
from followupd.files.problems import Problem, shown
from followupd.files.templates import Template
from followupd.files.uses import Use, uses_of

Place = Callable[[int], tuple[int, int]]
Path = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the template language, and where its characters stand."""

    source: str
    path: str
    place: Place
    key: str = ""  # of the front matter or the cadence; empty for the body of a message
    condition: bool = False

    @property
    def uses(self) -> tuple[Use, ...]:
        """The names that it uses."""
        return language.uses_in_condition(self.source) if self.condition else uses_of(self.source)

    def problem(self, offset: int, text: str) -> Problem:
        """A problem at one of its characters."""
        return Problem(self.path, *self.place(offset), f"{self.key}: {text}" if self.key else text)


@dataclass(frozen=True, slots=True)
class Setting:
    """A template used by a step (or as the acknowledgement of a reply, which answers somebody and picks nothing)."""

    cadence: Cadence
    step: Step
    answers: bool  # the cadence is begun by a reply, and by nothing else

    def __str__(self) -> str:
        return f'step "{shown(self.step.id)}" of {shown(self.cadence.name)}'


# -- places --------------------------------------------------------------------------------------


def in_head(text: str, path: str, key: str, offset: int) -> tuple[int, int]:
    """Line and column of a character of one key of the front matter."""
    matter, _ = templates.split(text, path, key)
    document = yaml_text.read(matter.head, path, first_line=2)[0] if matter else None
    return document.inside((key,), offset) if document else (1, 1)


def in_body(text: str, path: str, key: str, offset: int) -> tuple[int, int]:
    """Line and column of a character of the body, which is kept without the empty lines around it."""
    matter, _ = templates.split(text, path, key)
    if matter is None:
        return 1, 1
    offset += len(matter.body) - len(matter.body.lstrip("\n"))
    before = matter.body[:offset]
    return matter.body_line + before.count("\n"), offset - (before.rfind("\n") + 1) + 1


# -- people who are made up ----------------------------------------------------------------------

_TOLD_BY_STEP = frozenset({("step", "id"), ("step", "brings"), ("step", "learn"), ("cadence", "name"), ("cadence", "about")})

MOST_ALONE = 8
"""So many parts that may be missing are tried one by one; of a message with more, the first ones."""

_SHORT: Mapping[str, str] = {
    "email": "ann@example.org", "first_name": "Ann", "last_name": "Lee", "company": "Acme", "phone": "+1 202 555 0114",
    "country": "US", "timezone": "Europe/Berlin", "language": "en", "owner": "dana", "kind": "no",
    "name": "Dana Reyes", "url": "https://example.org/a", "address": "dana@example.com", "yes": "mailto:a@b.c", "later": "mailto:a@b.c", "no": "mailto:a@b.c",
}  # fmt: skip
_LONG: Mapping[str, str] = {
    **_SHORT, "first_name": "Αλεξάνδρα-Κωνσταντίνα", "last_name": "Παπαδημητρακοπούλου", "company": "北海道国際航空サービス株式会社 札幌支店",
    "name": "Александра Константиновна Вознесенская", "quote": "Danke, aber " * 25, "because": "wir haben in diesem Jahr leider kein Budget mehr für so etwas"
}  # fmt: skip
_TODAY = date(2026, 3, 31)


def _sample(use_filters: frozenset[str], part: str, *, long: bool) -> str:
    if "date" in use_filters or part.endswith("_at"):
        return "2026-03-31T14:00"
    if "int" in use_filters:
        return "12000" if long else "25"
    return (_LONG if long else _SHORT).get(part) or ("слово за слово, и ещё раз о том же" if long else "something")


def everything(uses: Iterable[Use], *, but: frozenset[Path] = frozenset(), long: bool = False) -> dict[str, Any]:
    """A scope in which all that is used is there, but for some."""
    filters: dict[tuple[str, str], frozenset[str]] = {}
    for use in uses:
        filters[use.name, use.part] = filters.get((use.name, use.part), frozenset()) | frozenset(use.filters)
    found: dict[str, Any] = {name: _TODAY if name == "today" else {} for name, _ in filters}
    for (name, part), through in filters.items():
        if name == "today" or (name, part) in but:
            continue
        if part:
            found[name][part] = _sample(through, part, long=long)
        elif not found[name]:
            found[name]["any"] = "something"
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """One template, written for people of whom more or less is known."""

    template: Template
    items: tuple[ContentItem, ...]
    texts: list[Text]
    settings: list[Setting]

    def problems(self) -> Iterator[Problem]:
        """The first of each kind."""
        told: set[Path] = set()
        for scope, what, parts in self._scopes():
            values = language.data(scope)
            for text in self.texts:
                if parts is not None and not any((use.name, use.part) in parts for use in text.uses):
                    continue  # it is the same as before
                problem = self._written(text, values, what, least=parts is not None)
                if problem and (text.key, problem.text.partition(" (")[0]) not in told:
                    told.add((text.key, problem.text.partition(" (")[0]))
                    yield problem

    def _scopes(self) -> Iterator[tuple[dict[str, Any], str, frozenset[Path] | None]]:
        """What is there, how to say so, and the parts in which it differs from the first."""
        uses = [use for text in self.texts for use in text.uses]
        needed = {(use.name, use.part) for use in uses if not (use.sure or use.asked)}
        spare = frozenset((use.name, use.part) for use in uses) - needed - {("prospect", ""), ("today", "")}
        yield self._real(everything(uses, long=True)), "", None
        if spare:
            yield everything(uses, but=spare), f" (without {_listed(spare)})", spare
        for each in sorted(spare)[:MOST_ALONE] if len(spare) > 1 else ():
            others = spare - {each}
            yield everything(uses, but=others), f" (with {_listed({each})}, without {_listed(others)})", spare
        for other in self._other_steps():
            yield self._real(everything(uses), other), f" (in {other})", _TOLD_BY_STEP

    def _other_steps(self) -> list[Setting]:
        if not any((use.name, use.part) in _TOLD_BY_STEP for text in self.texts for use in text.uses):
            return []
        return list({each.step.id: each for each in self.settings[1:]}.values())[:MOST_ALONE]

    def _real(self, scope: dict[str, Any], setting: Setting | None = None) -> dict[str, Any]:
        """What is known already, in place of made-up values: the step, the shelf."""
        setting = setting or next(iter(self.settings), None)
        if setting is None:
            return scope
        real = {
            ("step", "id"): setting.step.id, ("step", "brings"): setting.step.brings, ("step", "learn"): setting.step.learn,
            ("cadence", "name"): setting.cadence.name, ("cadence", "about"): setting.cadence.about,
        }  # fmt: skip
        longest = max((item.title for item in self.items), key=len, default="")
        for (name, part), value in {**real, ("pick", "title"): longest, ("pick", "minutes"): 5}.items():
            if value and part in scope.get(name, ()):
                scope[name][part] = value
        return scope

    def _written(self, text: Text, values: dict[str, Any], what: str, *, least: bool) -> Problem | None:
        try:
            made = language.run(text.source, values)
        except language.Misfit as error:
            return text.problem(error.offset, f"{error}{what}")
        why = _unfit(made, text, task=self.template.task, least=least)
        return text.problem(0, f"{why}{what}") if why else None


def _listed(paths: Iterable[Path]) -> str:
    names = [f"{name}.{part}" if part else name for name, part in sorted(paths)]
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")


def _unfit(made: str, text: Text, *, task: bool, least: bool) -> str:
    """Why a text can't be used as it is, or nothing. A preheader may be missing for some, and a note to the rep be empty."""
    line, key = made.strip(), text.key
    if key in {"subject", "title"} and len(line) > templates.MAX_SUBJECT:
        return f"becomes {len(line)} characters long; at most {templates.MAX_SUBJECT}"
    if key == "preheader" and len(line) > MAX_PREHEADER:
        return f"becomes {len(line)} characters long; mail programs show about 100, write at most {MAX_PREHEADER}"
    if not line and not (least and key == "preheader") and not (task and not key):
        return "comes out empty; say something for this case"
    theirs = any(use.name == "prospect" for use in text.uses)
    return (
        f"becomes {shown(line)}, which is no mail address"
        if key == "reply_to" and not theirs and not _ADDRESS.fullmatch(line)
        else ""
    )


MAX_PREHEADER = 250
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")
