"""The starter set: every message can be written for a bare CSV row, says one thing, and never nags."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from followupd.channels.kinds import KINDS
from followupd.files import language

TOP = Path(__file__).parents[2]
TEMPLATES = sorted((TOP / "templates").rglob("*.md"))
CADENCES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (TOP / "cadences").glob("*.yaml")}
CONTENT = sorted((TOP / "content").glob("*.md"))

BARE = {"email": "ann@prospect.example", "first_name": "Ann", "company": "Byrne Bakes"}
NEEDS = {
    "meeting_at": "2026-03-02 09:30",
    "meeting_highlight": "the queue outside your first shop",
    "news": "the shop that you opened in Cork",
    "compelling_reason": "two shops need one rota",
    "result_claim": "half a day less of planning a week",
}
FULL = {
    "last_name": "Lee",
    "goals": "growth",
    "challenges": "hiring",
    "interests": "AI",
    "next_step": "you show it to Jo",
    "phone": "1",
}
FULL |= {"postal_address": "1 Main Street"}
OWNER = {"name": "Dana Reyes", "address": "dana@example.com"}
PICK = {"title": "A title", "url": "https://example.org/a", "body": "A few words about it. " * 7, "source": "A source"}
DOORS = {door: f"mailto:dana@example.com?subject={door}" for door in ("yes", "later", "no")}
NAGGING = re.compile(
    r"checking in|touch(ing)? base|following up|follow-up|did you (get|see|receive)|circling back|bump|—|!", re.IGNORECASE
)


def parts(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a file."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    found = yaml.safe_load(front)
    assert isinstance(found, dict)
    return found, body


def written(path: Path, columns: dict[str, str], **more: Any) -> dict[str, str]:
    """Everything in a message, rendered for one prospect."""
    front, body = parts(path)
    values = language.data({"prospect": columns, "owner": OWNER, "pick": PICK, "doors": DOORS, "step": {"id": "x"}, **more})
    return {name: language.run(text, values) for name, text in (front | {"body": body}).items()}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_message_is_in_the_language(path: Path) -> None:
    """Every shipped template passes the check of the template language."""
    front, body = parts(path)
    assert set(front) <= ({"title"} if path.parent.name == "tasks" else {"subject", "preheader"})
    assert [mistake for text in (*front.values(), body) for mistake in language.check(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_bare_row_is_enough(path: Path) -> None:
    """Beside what its cadence or its kind of task needs, address, first name and company are all that a message asks for."""
    front, body = parts(path)
    needs = NEEDS | {name: FULL[name] for kind in KINDS.values() if kind.name == path.stem for name in kind.needs if name in FULL}
    asked = frozenset().union(*(language.needed(text) for text in (*front.values(), body)))
    assert asked <= set(BARE) | set(needs)
    for columns in (BARE | needs, BARE | needs | FULL):
        for text in written(path, columns).values():
            assert "{" not in text
            assert "  " not in re.sub(r"\n +", "\n", text).strip()


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.parent.name != "tasks"], ids=lambda path: path.stem)
def test_a_mail_is_short_and_does_not_nag(path: Path) -> None:
    """A mail has fewer than 150 words with everything filled in, no stock phrase, no exclamation mark, and a signature."""
    message = written(path, BARE | NEEDS | FULL)
    assert len(re.sub(r"\]\([^)]*\)", "]", message["body"]).split()) < 150
    assert not [text for text in message.values() if NAGGING.search(text)]
    assert message["body"].rstrip().endswith("Dana Reyes")
    assert len(message["subject"]) <= 78


def test_the_voicemail_takes_half_a_minute() -> None:
    """At 150 words a minute the voicemail is over in 30 seconds, and the card has at most 60 words."""
    for name, most in (("voicemail", 75), ("handwritten-note", 60)):
        lines = written(TOP / "templates" / "tasks" / f"{name}.md", BARE | NEEDS | FULL, company={"name": "Example"})[
            "body"
        ].splitlines()
        spoken = " ".join(line.lstrip("> ") for line in lines if line.startswith(">"))
        assert 20 < len(spoken.split()) <= most


def test_a_no_is_always_easy() -> None:
    """The last mail of each selling cadence has the three doors, and its words use each of them."""
    for name in ("proposal", "reopen", "nurture"):
        last = CADENCES[name]["steps"][-1]
        assert [str(door) for door in last["doors"]] in (
            ["yes", "later", "no"],
            ["True", "later", "False"],
        )  # PyYAML reads YAML 1.1
        _, body = parts(TOP / "templates" / f"{last['email']}.md")
        assert all(f"doors.{door} " in body for door in DOORS)


@pytest.mark.parametrize("name", CADENCES)
def test_steps_bring_and_learn_and_gaps_grow(name: str) -> None:
    """Each step says what it brings and what we hope to learn, its template exists, and the waits never shrink."""
    steps = CADENCES[name]["steps"]
    assert all(step["brings"] and step["learn"] for step in steps)
    for step in steps:
        message = f"{step['email']}.md" if "email" in step else f"tasks/{step['task']}.md"
        assert (TOP / "templates" / message).is_file()
    waits = [
        int(re.sub(r"\D", "", step["after"]))
        for step in steps
        if step.get("wait", True) and "after" in step and "since" not in step
    ]
    assert waits == sorted(waits)
    assert name == "after-the-no" or 5 <= len(steps) <= 12


def test_every_template_is_used() -> None:
    """No shipped message is left over: a cadence uses it in a step or as an answer, or it is the first note of a kind of task."""
    used = {step.get("email") or f"tasks/{step['task']}" for cadence in CADENCES.values() for step in cadence["steps"]}
    used |= {f"tasks/{kind.name}" for kind in KINDS.values()}
    effects = (effect for cadence in CADENCES.values() for effect in cadence.get("replies", {}).values())
    used |= {effect["send"] for effect in effects if isinstance(effect, dict) and "send" in effect}
    assert used == {str(path.relative_to(TOP / "templates").with_suffix("")) for path in TEMPLATES}


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_an_item_is_short_and_says_where_it_is_from(path: Path) -> None:
    """An item has title, address, topics and source; what is ours has a figure; the blurb is one short paragraph."""
    front, body = parts(path)
    assert {"title", "url", "topics", "ours", "source"} <= set(front)
    assert re.match(r"https://example\.(com|org)/", front["url"])
    assert ("result" in front) == front["ours"]
    assert len(body.split()) < 60
    assert "\n\n" not in body.strip()
    assert not NAGGING.search(front["title"] + body)
