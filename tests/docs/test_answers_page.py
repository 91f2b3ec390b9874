"""docs/answers.md is true: its words are those of the code, and its examples are understood, or asked about, as it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from followupd.core.orders import WORDS, lines, meant

TEXT = (Path(__file__).parents[2] / "docs/answers.md").read_text("utf-8")
TITLES = [f"item {letter}" for letter in "abcdefgh"]


def doubted(text: str) -> bool:
    """Whether a line, or one of those in it, is asked about."""
    found = lines(text, TITLES)
    return not found or any(bool(line.doubt or meant(line.words, date(2026, 11, 30)).doubt) for line in found)


def test_words() -> None:
    """The table names every order with all of its words, and no other."""
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in TEXT.splitlines() if row.startswith("| ")]
    table = {order: words.split(", ") for order, words, _ in rows if order not in ("order", "---")}
    assert table == {order: [" ".join(phrase.split()) for phrase in text.split("|")] for order, text in WORDS.items()}


def test_examples() -> None:
    """What the page says to write is understood; what it says is asked about, is."""
    how, asked = TEXT.split("## What is asked about")
    written = [
        *re.findall(r"```text\n(.*?)```", how, re.DOTALL)[0].strip().splitlines(),
        *re.findall(r"`([^`\n]*\d[^`\n]*)`", how.split("## How to write it")[1]),
    ]
    examples = [one for one in written if re.match(r"(?:#|learn |done )?\d", one)]
    assert len(examples) >= 15
    assert [one for one in examples if doubted(one)] == []
    doubtful = re.findall(r"`([^`\n]+)`", asked.split("**What is no longer")[0])
    assert len(doubtful) >= 10
    assert [one for one in doubtful if not doubted(one) or not doubted(f"3 {one}")] == [
        "all done",
        "done",
    ]  # these lack the number
