"""The mails of the shipped cadences, byte for byte, for three prospects: a plain one, one with another script, one who brings the least.

`make golden` writes the files again; then look at the difference. The way through a cadence is the one that `preview` shows and that
sending takes (`cli/rehearsal.py`, `channels/email.py`); clock, key and addresses are fixed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followupd.channels import CHANNELS
from followupd.cli.preview import _rules
from followupd.cli.rehearsal import Shown, rehearse
from followupd.files.prospects import Row
from followupd.files.workspace import Workspace, load_workspace

TOP = Path(__file__).parents[2]
HERE = Path(__file__).parent
CADENCES = sorted(path.stem for path in (TOP / "cadences").glob("*.yaml"))
ENROLLED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

TOPICS = {"goals": "growth, pricing", "challenges": "hiring, cash flow", "interests": "AI, customer retention"}
NEEDED = {
    "proposal": {"meeting_at": "2026-03-02 09:30", "meeting_highlight": "the queue outside your first shop"},
    "reopen": {"news": "the shop that you opened in Cork", "compelling_reason": "two shops need one rota"},
}
PROSPECTS: dict[str, dict[str, str]] = {
    "plain": {
        "email": "ann@byrne.example", "first_name": "Ann", "last_name": "Byrne", "company": "Byrne Bakes", "title": "Owner",
        "country": "US", "timezone": "America/Chicago", "next_step": "you show the plan to your brother", "phone": "+1 202 555 0100", **TOPICS,
    },
    "non-latin": {
        "email": "sato@kawa.example", "first_name": "恵子", "last_name": "佐藤", "company": "Καφέ Ωμέγα & Сыновья", "title": "部長",
        "country": "JP", "timezone": "Asia/Tokyo", **TOPICS,
    },
    "bare": {"email": "li@small.example", "first_name": "Li", "company": "Small Ltd", **TOPICS},
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shipped files with the example config."""
    folder = tmp_path_factory.mktemp("golden")
    for part in ("cadences", "templates", "content"):
        shutil.copytree(TOP / part, folder / part)
    shutil.copy(TOP / "config.example.yaml", folder / "config.yaml")
    found = load_workspace(folder / "config.yaml", channels=CHANNELS, environ={"DANA_PASSWORD": "secret"})
    assert [str(problem) for problem in found.problems] == []
    return found


def row(workspace: Workspace, cadence: str, who: str) -> Row:
    """A CSV row of this person with nothing but what this cadence needs beside."""
    columns = {**PROSPECTS[who], **NEEDED.get(cadence, {}), "cadence": cadence, "owner": "dana"}
    for column, _ in workspace.required(cadence):
        columns.setdefault(column, f"the {column.replace('_', ' ')}")
    return Row(line=2, columns=columns)


def touches(workspace: Workspace, cadence: str, who: str) -> list[Shown]:
    """The whole way of this person through this cadence."""
    rules = _rules(workspace, "golden.csv")
    return list(rehearse(workspace, workspace.cadences[cadence], row(workspace, cadence, who), rules, ENROLLED).play())


@pytest.mark.parametrize("who", PROSPECTS)
@pytest.mark.parametrize("cadence", CADENCES)
def test_mails(workspace: Workspace, golden: Callable[[Path, str | bytes], None], cadence: str, who: str) -> None:
    """Every step can be written, and every mail is what it was when somebody last looked at it."""
    shown = touches(workspace, cadence, who)
    assert [one.problem for one in shown if one.problem] == []
    folder = HERE / cadence / who
    mails = {
        f"{number:02}-{one.touch.step}.eml": one.raw
        for number, one in enumerate(shown, 1)
        if one.touch.channel == "email" and one.raw
    }
    for name, raw in mails.items():
        golden(folder / name, raw)
    assert sorted(path.name for path in folder.iterdir()) == sorted(mails), f"{folder} holds mails that nobody sends any more"


def test_same_again(workspace: Workspace) -> None:
    """The same inputs give the same bytes."""
    first, again = (touches(workspace, "proposal", "non-latin") for _ in range(2))
    assert [one.raw for one in first] == [one.raw for one in again]
