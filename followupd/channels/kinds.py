"""Kinds of tasks: what a rep does by hand, each with what it needs and how long its words may be. One row each in `KINDS`.

Decides what a handwritten note, a voicemail or a call asks of a cadence, of a CSV row and of its script. The script is what
stands in the note's quotation (`> ...`), or the whole note where there is none. Never stops a task: one whose script has grown
too long with somebody's values says so to the rep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from followupd.core.model import Step
from followupd.files.cadence import Pick
from followupd.files.problems import did_you_mean
from followupd.files.templates import Template
from followupd.files.values import Filled, Part

WORDS_A_MINUTE = 150
"""How fast people speak on the phone."""


class TaskFields(Part):
    """The keys that only a step of `task` takes; which of them, its kind says."""

    pick: Pick | None = None
    """A content item that goes with it."""
    seconds: int | None = Field(default=None, ge=5, le=30)
    """A voicemail: how long it may be; 30 by itself."""
    minutes: int | None = Field(default=None, ge=1, le=120)
    """A call: how long to plan for."""
    network: Filled | None = None
    """A social touch: where, such as LinkedIn."""
    item: Filled | None = None
    """Something posted: what it is."""
    event: Filled | None = None
    """An invitation: to what."""
    whom: Filled | None = None
    """Somebody whom we bring to them: who that is."""


Key = Literal["seconds", "minutes", "network", "item", "event", "whom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one kind of task is. `needs` are columns that each row must fill, `shows` those that the rep sees on top."""

    name: str
    about: str
    needs: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    words: int | None = None  # the most that its script may have
    spoken: bool = False  # read aloud: `seconds` of the step bound its words
    keys: tuple[Key, ...] = ()


_KINDS = (
    Kind(name="handwritten-note", about="a card or letter written by hand", needs=("meeting_highlight",), shows=("postal_address",), words=60),
    Kind(name="voicemail", about="a message on their voicemail", shows=("phone",), words=75, spoken=True, keys=("seconds",)),
    Kind(name="call", about="a call", shows=("phone",), keys=("minutes",)),
    Kind(name="post", about="something in the post", needs=("postal_address",), shows=("postal_address",), words=120, keys=("item",)),
    Kind(name="social", about="a note on a social network", shows=("linkedin", "profile"), words=50, keys=("network",)),
    Kind(name="invite", about="an invitation to something worth their time", shows=("phone",), words=100, keys=("event",)),
    Kind(name="give-lead", about="a lead for them: somebody who may need what they sell", words=100, keys=("whom",)),
)  # fmt: skip
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}

PLAIN = Kind(name="plain", about="anything else that a person does")
"""The kind of every task that is none of these."""


def kind_of(template: Template) -> Kind:
    """By the template's `kind`, else by its name: `voicemail` and `voicemail-second` are voicemails."""
    name = template.name.rpartition("/")[2].partition(".")[0]
    known = template.kind or next((each for each in KINDS if name == each or name.startswith(f"{each}-")), "")
    return KINDS.get(known, PLAIN)


def needed(template: Template) -> tuple[str, ...]:
    """The columns that a task with this template needs, beside those that it names."""
    return kind_of(template).needs


def misfits(step: Step, template: Template) -> Iterator[tuple[str, str]]:
    """What does not fit between a step and its note: the step's key (or nothing: it is the note), and what is wrong."""
    kind = kind_of(template)
    for key in Key.__args__:  # type: ignore[attr-defined]
        if key in step.fields and key not in kind.keys:
            owner = next(each.name for each in _KINDS if key in each.keys)
            yield key, f"a task of kind {kind.name} takes no {key}; remove it, or use a {owner}"
    most, count = _most(kind, step.fields), _count(script_of(_literal(template.body)))
    if most is not None and count > most:
        yield "", _too_long(kind, count, most)


def kind_problem(name: str) -> str:
    """What is wrong with a `kind` in a note's front matter, or nothing."""
    return (
        ""
        if name in KINDS or name == PLAIN.name
        else f'there is no kind of task "{name}"; {did_you_mean(name, [*KINDS, PLAIN.name])}'
    )


def too_long(step: Step, template: Template, text: str) -> str:
    """What the rep is told where a finished script is too long; else nothing."""
    kind = kind_of(template)
    most, count = _most(kind, step.fields), _count(script_of(text))
    return _too_long(kind, count, most) if most is not None and count > most else ""


def facts(step: Step, template: Template, columns: Mapping[str, str]) -> list[str]:
    """What the rep sees on top: the keys of the step, and columns that the note itself does not speak of."""
    kind = kind_of(template)
    found = [f"{key.capitalize()}: {step.fields[key]}" for key in kind.keys if key in step.fields]
    unsaid = [
        column
        for column in kind.shows
        if columns.get(column) and not any(f"prospect.{column}" in source for source in template.sources)
    ]
    return found + [f"{column.replace('_', ' ').capitalize()}: {columns[column]}" for column in unsaid]


def script_of(text: str) -> str:
    """The words that go to the prospect: the quotation in a note, or all of it."""
    quoted = [line.lstrip()[1:] for line in text.splitlines() if line.lstrip().startswith(">")]
    return "\n".join(quoted) if quoted else text


def _most(kind: Kind, fields: Mapping[str, Any]) -> int | None:
    seconds = fields.get("seconds")
    return seconds * WORDS_A_MINUTE // 60 if kind.spoken and seconds else kind.words


def _too_long(kind: Kind, count: int, most: int) -> str:
    aloud = f", about {count * 60 // WORDS_A_MINUTE} seconds" if kind.spoken else ""
    return f"the script of this {kind.name} has {count} words{aloud}; cut it to {most}"


def _count(text: str) -> int:
    return len(re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", text))


def _literal(body: str) -> str:
    """The words that stand in the template itself; each value counts as one word."""
    return re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", " value ", body, flags=re.DOTALL), flags=re.DOTALL)
