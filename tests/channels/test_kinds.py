"""Kinds of tasks: what they need, how long they may be, and what the rep sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd.channels import CHANNELS, kinds
from followupd.channels.kinds import KINDS, PLAIN
from followupd.core.model import Step
from followupd.files.templates import Template, parse_template

ROOT = Path(__file__).parents[2]


def note(name: str = "voicemail", body: str = "Say hello.", **more: str) -> Template:
    return Template(
        name=f"tasks/{name}", path=f"templates/tasks/{name}.md", digest="", subject="Do it", body=body, task=True, **more
    )


def step(**fields: object) -> Step:
    return Step(id="one", position=0, channel="task", template="voicemail", fields=fields)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("voicemail", "voicemail"), ("voicemail-second", "voicemail"), ("voicemails", "plain"), ("call", "call"), ("debrief", "plain"),
        ("handwritten-note", "handwritten-note"), ("give-lead-late", "give-lead"), ("voicemail.de", "voicemail"),
    ],
)  # fmt: skip
def test_kind_by_name(name: str, kind: str) -> None:
    """The name says the kind, alone or with something behind it."""
    assert kinds.kind_of(note(name)).name == kind


def test_kind_as_written() -> None:
    """The front matter has the last word; a kind that there is not is told with the nearest one."""
    assert kinds.kind_of(note("talk", kind="call")).name == "call"
    assert kinds.kind_of(note("voicemail", kind="plain")) is PLAIN
    assert kinds.kind_problem("call") == ""
    assert kinds.kind_problem("voicemial") == 'there is no kind of task "voicemial"; did you mean "voicemail"?'


@pytest.mark.parametrize(
    ("name", "words", "fields", "problem"),
    [
        ("voicemail", 75, {}, ""),
        ("voicemail", 76, {}, "the script of this voicemail has 76 words, about 30 seconds; cut it to 75"),
        ("voicemail", 51, {"seconds": 20}, "the script of this voicemail has 51 words, about 20 seconds; cut it to 50"),
        ("handwritten-note", 60, {}, ""),
        ("handwritten-note", 61, {}, "the script of this handwritten-note has 61 words; cut it to 60"),
        ("call", 500, {}, ""),
        ("debrief", 500, {}, ""),
    ],
)
def test_length(name: str, words: int, fields: dict[str, object], problem: str) -> None:
    """The script is what stands in the quotation; around it there may be as many words as it takes."""
    template = note(name, "Some words for the rep. " * 20 + "\n\n> " + "word " * words)
    assert [text for _, text in kinds.misfits(step(**fields), template)] == ([problem] if problem else [])
    assert kinds.too_long(step(**fields), template, template.body) == problem


def test_values_count_when_they_are_known() -> None:
    """What fits as written may grow too long for one person: then the rep is told, and the task is there all the same."""
    template = note("handwritten-note", "> Thank you for {{ prospect.meeting_highlight }}." + " word" * 55)
    assert list(kinds.misfits(step(), template)) == []
    assert "has 69 words" in kinds.too_long(step(), template, "> Thank you for" + " so" * 11 + " word" * 55)


@pytest.mark.parametrize(
    ("name", "key", "problem"),
    [
        ("voicemail", "seconds", ""),
        ("voicemail", "network", "a task of kind voicemail takes no network; remove it, or use a social"),
        ("debrief", "minutes", "a task of kind plain takes no minutes; remove it, or use a call"),
    ],
)
def test_keys(name: str, key: str, problem: str) -> None:
    """Each kind has its own keys."""
    assert [text for _, text in kinds.misfits(step(**{key: 20}), note(name))] == ([problem] if problem else [])


def test_facts_on_top() -> None:
    """The rep sees what the step says and what the row knows, unless the note says so itself."""
    columns = {"phone": "+49 30 1", "linkedin": "in/ann"}
    assert kinds.facts(step(minutes=15), note("call"), columns) == ["Minutes: 15", "Phone: +49 30 1"]
    assert kinds.facts(step(), note("call", "Dial {{ prospect.phone }}."), columns) == []
    assert kinds.facts(step(network="LinkedIn"), note("social"), columns) == ["Network: LinkedIn", "Linkedin: in/ann"]
    assert kinds.facts(step(), note("debrief"), columns) == []


def test_needs() -> None:
    """A handwritten note needs what was said; whoever has no row for it is handed back at intake."""
    assert CHANNELS["task"].needed(note("handwritten-note")) == ("meeting_highlight",)
    assert CHANNELS["task"].needed(note("debrief")) == ()


@pytest.mark.parametrize("path", sorted((ROOT / "templates/tasks").glob("*.md")), ids=lambda path: path.stem)
def test_starter_notes_keep_to_their_kind(path: Path) -> None:
    """Each shipped note is in order, short enough, and every kind has one."""
    template, problems = parse_template(path.read_text("utf-8"), path.name, f"tasks/{path.stem}", task=True)
    assert problems == []
    assert template is not None
    assert list(kinds.misfits(step(), template)) == []


def test_every_kind_has_a_starter_note() -> None:
    """Whoever wants to use a kind finds words to begin with."""
    assert {path.stem for path in (ROOT / "templates/tasks").glob("*.md")} >= set(KINDS)
