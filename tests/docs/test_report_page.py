"""docs/report.md: its example is what the command prints, and it explains every figure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from followupd.cli import report as command
from followupd.cli.manual import KEYS
from followupd.core.figures import Span, report
from tests.cli.test_json_keys import flat
from tests.docs.pages import codes, read

PAGE = Path(__file__).parents[2] / "docs/report.md"
NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def ended(cadence: str, mailbox: str, **outcomes: int) -> list[dict[str, Any]]:
    return [
        {"cadence": cadence, "digest": cadence, "mailbox": mailbox, "outcome": name, "count": count}
        for name, count in outcomes.items()
    ]


def step(name: str, place: int, channel: str = "email", **states: int) -> list[dict[str, Any]]:
    return [
        {"cadence": "proposal", "step": name, "channel": channel, "state": state, "position": place, "count": count}
        for state, count in states.items()
    ]


def after(name: str, **kinds: int) -> list[dict[str, Any]]:
    return [
        {"cadence": "proposal", "step": name, "channel": "email", "kind": kind, "count": count} for kind, count in kinds.items()
    ]


def many(name: str, count: int) -> dict[str, Any]:
    return {"cadence": "proposal", "step": name, "channel": "email", "count": count}


COUNTS: dict[str, list[dict[str, Any]]] = {
    "endings": [
        *ended("proposal", "dana", yes=9, no=14, opted_out=2, silent=11, bounced=1), *ended("proposal", "lee", yes=4, no=8, silent=6, referred=2, stopped=1),
        *ended("after-the-no", "dana", silent=13),
    ],
    "under_way": [{"cadence": "proposal", "digest": "proposal", "mailbox": "dana", "state": "active", "count": 12}, {"cadence": "proposal", "digest": "proposal", "mailbox": "lee", "state": "held", "count": 2}],
    "days": [{"cadence": "proposal", "digest": "proposal", "mailbox": who, "days": days, "count": count} for who, days, count in (("dana", 6, 8), ("dana", 14, 9), ("dana", 40, 6), ("lee", 9, 5), ("lee", 21, 7))],
    "decided": [{"digest": "proposal", "touch": touch, "outcome": outcome, "count": count} for touch, outcome, count in ((1, "yes", 2), (1, "no", 3), (2, "no", 6), (3, "yes", 5), (3, "no", 7), (5, "yes", 6), (6, "no", 6))],
    "reasons": [{"digest": "proposal", "stated": stated, "real": real, "count": count} for stated, real, count in (("price", "no_need", 5), ("price", "price", 3), ("budget", None, 6), (None, None, 4), ("timing", "competitor", 4))],
    "steps": [
        *step("thanks", 0, sent=70, failed=2), *step("note", 1, "task", sent=31, skipped=38, open=3), *step("first-idea", 2, sent=61, skipped=6, scheduled=5),
        *step("voicemail", 3, "task", sent=22, skipped=24), *step("goodbye", 6, sent=29, doubtful=1),
    ],
    "kinds": [*after("thanks", yes=2, no=3, engaged=4, bounce_hard=2, out_of_office=5), *after("first-idea", yes=5, no=13, later=3, unsubscribe=2), *after("goodbye", yes=6, no=6)],
    "answered": [many("thanks", 9), many("first-idea", 22), many("goodbye", 12)],
    "taught": [many("thanks", 11), many("first-idea", 22), many("goodbye", 12)],
    "learned": [{"cadence": "proposal", "step": "voicemail", "name": "team_size", "count": 6}],
    "channels": [{"channel": channel, "kind": kind, "mailbox": who, "count": count} for channel, kind, who, count in (("email", "", "dana", 110), ("email", "", "lee", 50), ("task", "handwritten-note", "dana", 31), ("task", "voicemail", "lee", 22))],
    "by_hand": [{"kind": "answer", "count": 17}, {"kind": "call", "count": 12}],
    "gifts": [{"people": 61, "gift_first": 58, "asked": 24, "gifts": 47}],
    "reopened": [{"state": "finished", "outcome": "yes", "count": 2}, {"state": "finished", "outcome": "no", "count": 1}, {"state": "active", "outcome": None, "count": 3}],
}  # fmt: skip


def test_example(capsys: pytest.CaptureFixture[str]) -> None:
    """The page shows what the command prints."""
    found = report(COUNTS, {"proposal": "sales", "after-the-no": "thanks"})
    command.show(found, Span(since=datetime(2026, 1, 1, tzinfo=UTC)), ZoneInfo("UTC"), NOW)
    (block,) = (block for block in read(PAGE).blocks if block.language == "text")
    assert capsys.readouterr().out == block.text


def test_keys() -> None:
    """Each key of the report stands in the manual, and none that is not in the report."""
    asked = {"now", "since", "until", "owner", "cadence"}
    assert set(flat(report(COUNTS, {}), "", KEYS["report"])) == set(KEYS["report"]) - asked


def test_formulas_are_defused() -> None:
    """A name that a spreadsheet would run is text in the CSV."""
    counts = COUNTS | {"learned": [{"cadence": "proposal", "step": "voicemail", "name": "=cmd()", "count": 1}]}
    assert "learned,proposal,voicemail,'=cmd(),count,1\r\n" in command.as_csv(report(counts, {}))


def test_every_figure_is_explained() -> None:
    """Each section of the report has its row in the table."""
    (table,) = read(PAGE).tables["What each figure counts"]
    rows = {code for cell in table.column("figure") for code in codes(cell)}
    assert rows == set(report(COUNTS, {}))
