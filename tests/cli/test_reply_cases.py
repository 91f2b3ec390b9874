"""From a person's word to a case to a reader that has learned: `decide`, `review --export`, `test`, `train`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from followupd.cli import learning
from followupd.clock import RealClock, RealDice
from followupd.core.model import Change, EnrollmentState, Reply, ReplyKind
from followupd.core.replies.labelled import Labelled
from followupd.office import open_office

NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)
SAYINGS = {
    "yes": ["let us go ahead", "we sign today"],
    "no": ["not interested", "we will pass"],
    "later": ["next month please", "after the fair"],
    "engaged": ["what does it cost", "tell me more"],
}
FEW = [
    Labelled(id=f"{label}{number}", text=f"{start}{said}{end}", label=label, asked=f"{start} {end}?", lang="en")
    for label, texts in SAYINGS.items()
    for number, (said, start, end) in enumerate(product(texts, ("", "Hello, ", "Well: "), (".", "!", " Bo")))
]


@pytest.fixture
def decided(people: Path, followupd) -> Path:
    """A workspace in which a person has said that an unclear answer of bob's is a no."""
    office = open_office(people / "config.yaml", RealClock(), RealDice(), {})
    bob = office.store.person("bob@prospect.example")[1][0]
    text = "Bob here, we will pass.\nCall 0161 496 0000 or bob@prospect.example"
    reply = Reply(
        id="r1", mailbox="dana", folder="INBOX", uidvalidity=1, uid=1, fingerprint="f", message_id="m@x", address="bob@prospect.example", subject="Re: Hi Bob", text=text,
        received=NOW, seen=NOW, kind=ReplyKind.UNCLEAR, confidence=0.2, evidence="Hm", matched="thread", enrollment=bob.id, review=True,
    )  # fmt: skip
    office.store.apply_one(Change(enrollments=(replace(bob, state=EnrollmentState.HELD, reason="unclear"),), replies=(reply,)))
    office.store.close()
    assert followupd("decide", "r1", "no").code == 0
    return people


def test_export(decided: Path, followupd) -> None:
    """A decided answer becomes a case without address, number and name; a second export adds nothing and overwrites nothing."""
    path = decided / "tests/replies/decided.jsonl"
    assert "1 case, 1 new" in followupd("review", "--export").out
    case = json.loads(path.read_text("utf-8"))
    assert (case["id"], case["label"], case["date"]) == ("r1", "no", "2026-05-05")
    assert "bob" not in path.read_text("utf-8").lower()
    assert "496" not in path.read_text("utf-8")
    assert "we will pass" in case["text"]
    path.write_text(json.dumps(case | {"text": "We will pass."}) + "\n", "utf-8")
    assert followupd("review", "--export", "--json").json() == {"path": "tests/replies/decided.jsonl", "cases": 1, "new": 0}
    assert "We will pass." in path.read_text("utf-8")


def test_cases_are_tested(decided: Path, followupd) -> None:
    """`test` reads the cases: one that is acted on as something else fails, one that is left to a person doesn't."""
    assert followupd("review", "--export").code == 0
    path = decided / "tests/replies/decided.jsonl"
    said = followupd("test", path)
    assert said.code == 0
    assert "1 reply, 0 left to a person, 0 wrong" in said.out
    path.write_text(path.read_text("utf-8").replace('"label": "no"', '"label": "yes"'), "utf-8")
    said = followupd("test", path)
    assert said.code == 1
    assert 'r1: says yes, is read as no ("we will pass")' in said.out
    found = followupd("test", path, "--json").json()
    assert (found["ok"], found["replies"][0]["wrong"][0]["acted"]) == (False, "no")
    path.write_text("{}\n", "utf-8")
    said = followupd("test", path)
    assert said.code == 1
    assert "line 1: write an object with a" in said.err


def test_train(decided: Path, followupd, monkeypatch: pytest.MonkeyPatch) -> None:
    """`train` learns from the cases and the shipped replies, and puts a reader in place only if it reads no worse."""
    assert followupd("train").code == 1  # nothing is exported yet
    assert followupd("review", "--export").code == 0
    monkeypatch.setattr(learning, "shipped_replies", lambda: FEW)
    model = decided / "reader.model"
    monkeypatch.setattr(
        "followupd.core.replies.measure.cost", lambda judged, seen=[]: seen.append(judged) or float(len(seen))
    )  # each reads worse
    refused = followupd("train")
    assert refused.code == 1
    assert "reads worse: nothing was changed" in refused.out
    assert not model.exists()
    monkeypatch.setattr("followupd.core.replies.measure.cost", lambda _: 0.5)
    said = followupd("train", "--json").json()
    assert (said["ok"], said["own"], said["replies"]) == (True, 1, len(FEW) + 1)
    assert model.stat().st_size > 1000
    assert not (decided / "reader.new").exists()
    assert followupd("test", "tests/replies").code in (0, 1)  # the workspace's own reader is in use


def test_jsonl(tmp_path: Path, followupd) -> None:
    """`classify --jsonl` gives one JSON line for each, with the keys of the contract; a line that is none is named."""
    path = tmp_path / "replies.jsonl"
    path.write_text(
        '{"id": "a", "text": "We will pass.", "asked": "Any thoughts?"}\n\n{"text": "Out of office until 8 May.", "date": "2026-05-05", "subject": "Automatic reply: Hi"}\n',
        "utf-8",
    )
    rows = [json.loads(line) for line in followupd("classify", "--jsonl", path, "--json").out.splitlines()]
    assert [(row["id"], row["label"], row["acted"], row["resume"]) for row in rows] == [
        ("a", "no", "no", None),
        ("3", "out_of_office", "out_of_office", "2026-05-11"),
    ]
    assert all(set(row) == {"id", "label", "acted", "confidence", "resume", "reason", "contact", "evidence"} for row in rows)
    path.write_text('{"text": 3}\n', "utf-8")
    said = followupd("classify", "--jsonl", path)
    assert (said.code, "line 1: write an object" in said.err) == (1, True)
    assert followupd("classify", "--jsonl", path, path).code == 2
