"""docs/after-the-no.md: what its tables claim is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from followupd.core.debrief import NAMES, leaning
from followupd.core.keeping import KEEPS
from followupd.core.model import Outcome, Reason
from followupd.core.nurture import consents
from followupd.files.config import AfterNo

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs/after-the-no.md").read_text("utf-8")


def table(head: str) -> list[list[str]]:
    """The rows below a line of headings."""
    rows = PAGE[PAGE.index(head) :].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize(
    ("question", "words", "says"), [pytest.param(*row, id=row[1]) for row in table("| question | answer | says |")]
)
def test_answers(question: str, words: str, says: str) -> None:
    """Free answers are read as the page says."""
    assert leaning(words, question) == says


@pytest.mark.parametrize(("basis", "consent"), [pytest.param(*row, id=row[0]) for row in table("| `basis` | consent |")])
def test_consent(basis: str, consent: str) -> None:
    """So is the basis of a row."""
    assert consents(basis) == (consent == "yes")


def test_names() -> None:
    """Every outcome, reason, question, kept name and value of `after_no` that the page speaks of is there, and none is left out."""
    assert {row[1] for row in table("| what happened | outcome |")} == {Outcome.NO, Outcome.OPTED_OUT, Outcome.SILENT}
    assert all(f"`{reason}`" in PAGE for reason in Reason)
    assert all(f"`--{name.replace('_', '-')}`" in PAGE for name in NAMES)
    assert all(f"keep: {name}`" in PAGE for name in KEEPS)
    (block,) = re.findall(r"```yaml\n(after_no.*?)```", PAGE, re.DOTALL)
    written = yaml.safe_load(block)["after_no"]
    assert (written["nurture"], tuple(written["consent_in"])) == (AfterNo().nurture, AfterNo().consent_in)
    assert [row[0] for row in table("| `nurture` | means |")] == ["allowed", "consent", "never"]


def test_the_starter_cadences() -> None:
    """The starter cadences are what the page tells: the roles, the gaps, and the names under which answers are kept."""
    after, nurture = (yaml.safe_load((TOP / f"cadences/{name}.yaml").read_text("utf-8")) for name in ("after-the-no", "nurture"))
    assert (after["role"], nurture["role"]) == ("thanks", "nurture")
    assert [step["after"] for step in nurture["steps"] if step.get("pick")] == ["30d", "60d", "120d", "180d"]
    assert all(step["pick"]["ours"] is False for step in nurture["steps"] if "pick" in step)
    assert [step["keep"] for step in (*after["steps"], *nurture["steps"]) if "keep" in step] == ["real_reason", "permission"]
