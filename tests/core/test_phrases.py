"""Tables of phrases: what a faster way of searching must not change."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from followupd.core.replies import letter, machine, words
from followupd.core.replies.labelled import parse
from followupd.core.replies.words import Phrases, in_small_letters, is_small

TRAINING = Path(__file__).parents[2] / "training" / "replies"

SMALL = "".join(one for one in map(chr, chain(range(0xD800), range(0xE000, 0x10000))) if is_small(one))
"""Every character for which `IGNORECASE` is said to make no difference."""

TABLES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": table
    for module in (words, letter, machine)
    for name, table in vars(module).items()
    if isinstance(table, Phrases) and table.flags == re.IGNORECASE
}


@cache
def texts() -> list[str]:
    """Words of people, as the tables are shown them."""
    files = sorted(TRAINING.glob("*.jsonl"))
    rows = [row for file in files for row in parse(file.read_text("utf-8").splitlines()[::12])]
    return [words.plain_words(row.text) for row in rows]


def test_no_character_is_missing_from_the_twins() -> None:
    """A small letter of a pattern finds itself among all small characters and nothing else, with IGNORECASE as without it."""
    letters = {one for table in TABLES.values() for one in re.sub(r"\\.", "", table.pattern) if one.isalpha()}
    assert len(letters) > 100
    for one in sorted(letters):
        found = set(re.compile(re.escape(one), re.IGNORECASE).findall(SMALL))
        assert found == ({"i"} if one == "ı" else {one}), f"{one!r} finds {found}"


@pytest.mark.parametrize("name", TABLES)
def test_without_ignorecase_the_same_is_found(name: str) -> None:
    """In the words of people a table finds the same phrases at the same places in either way."""
    pattern = TABLES[name].pattern
    small = in_small_letters(pattern)
    if small is None:  # it names capitals: it is searched in one way only
        return
    slow, fast = re.compile(pattern, re.IGNORECASE), re.compile(small)
    searched = [text for text in texts() if is_small(text)]
    assert len(searched) > 200
    for text in searched[::3]:
        assert [one.span() for one in slow.finditer(text)] == [one.span() for one in fast.finditer(text)]


def test_a_text_with_capitals_or_twins_is_searched_with_ignorecase() -> None:
    """What is no plain text in small letters is found as well."""
    table = Phrases("(?:straße|maße|satış)", re.IGNORECASE)
    assert [bool(table.search(text)) for text in ("STRAßE", "maße", "maſſe", "SATIŞ", "satis", "satiş")] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


def test_a_pattern_with_capitals_is_left_alone() -> None:
    """Its small form would find something else; escapes such as a capital W are no capitals."""
    assert in_small_letters("[A-Z]x") is None
    assert in_small_letters("[ıi]x") is None
    assert in_small_letters("μx") == "μx"
    assert in_small_letters("µx") is None
    assert in_small_letters(r"\Wı\D") == r"\W[ıi]\D"


def test_the_texts_of_other_mails_are_forgotten() -> None:
    """A table remembers what it has found in the last few texts, and nothing grows."""
    table = Phrases("yes")
    for number in range(1000):
        assert bool(table.search(f"yes {number}"))
        assert table.search(f"no {number}") is None
    assert len(table._found) <= words.REMEMBERED
