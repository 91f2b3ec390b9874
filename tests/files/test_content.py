"""The content shelf: what an item may say, and which one fits."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.shelf import ContentItem, choose, words
from followupd.files.content import parse_item

TODAY = date(2026, 3, 2)


def item(name: str, *topics: str, ours: bool = False, expires: date | None = None) -> ContentItem:
    return ContentItem(name=name, title=name, body="", topics=topics, ours=ours, expires=expires)


SHELF = [
    item("returns", "returns", "online shops"),
    item("stock", "stock", "warehouse", "online shops"),
    item("ours", "returns", ours=True),
    item("old", "returns", "stock", expires=date(2026, 3, 1)),
]


def chosen(goals: str, match: tuple[str, ...] = ("goals",), ours: bool | None = False, taken: tuple[str, ...] = ()) -> str | None:
    found = choose(SHELF, {"goals": goals}, match, ours, taken, TODAY)
    return found.name if found else None


@pytest.mark.parametrize(
    ("goals", "name"),
    [
        ("fewer returns", "returns"),
        ("Less STOCK in the warehouse", "stock"),
        ("our online shop", "returns"),
        ("returns and stock", "returns"),
        ("hiring", None),
        ("", None),
    ],
)
def test_the_item_that_shares_most_words(goals: str, name: str | None) -> None:
    """Most shared words win, the name decides between equals, and nothing is better than what does not fit."""
    assert chosen(goals) == name


def test_never_twice_never_expired() -> None:
    """What a person has had, or what is out of date, is not on the shelf."""
    assert chosen("stock returns", taken=("returns", "stock")) is None
    assert chosen("returns", taken=("returns",), ours=None) == "ours"


def test_ours_or_not() -> None:
    """`ours` chooses between our own and other people's items; left out, both may be."""
    assert chosen("returns", ours=True) == "ours"
    assert chosen("returns", ours=False) == "returns"
    assert chosen("returns", ours=None) == "ours"


def test_without_match_anything_goes() -> None:
    """A step that asks for no match takes the first free item by name."""
    assert chosen("", match=()) == "returns"
    assert chosen("", match=(), taken=("returns",)) == "stock"


@given(st.text(max_size=80), st.sets(st.sampled_from(["returns", "stock", "ours", "old"])))
def test_any_goals(goals: str, taken: set[str]) -> None:
    """Whatever a prospect's columns hold: a free, valid item that shares a word, or none."""
    found = choose(SHELF, {"goals": goals}, ("goals",), None, taken, TODAY)
    assert found is None or (found.name not in taken and found.name != "old" and words(goals) & words(" ".join(found.topics)))


def test_an_item() -> None:
    """Front matter and a blurb become an item."""
    text = (
        "---\ntitle: Fewer returns\nurl: https://example.org/a\ntopics: [returns, shops]\nours: true\nsource: A journal\n"
        "result: returns fell by a third\nexpires: 2027-03-31\nminutes: 4\n---\n\nA blurb.\n"
    )
    found, problems = parse_item(text, "content/a.md", "a")
    assert not problems
    assert found == ContentItem(
        name="a",
        title="Fewer returns",
        body="A blurb.",
        url="https://example.org/a",
        topics=("returns", "shops"),
        ours=True,
        source="A journal",
        result="returns fell by a third",
        expires=date(2027, 3, 31),
        minutes=4,
    )


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("title: A\nurl: example.org\n", 'a.md:3:6: url: write an address that begins with "https://"'),
        (
            "title: A\nsource: B\nexpires: 2027-02-30\n",
            "a.md:4:10: expires: there is no day 30 in that month; write a date such as 2027-03-31",
        ),
        ("title: A\nsource: B\nminutes: 0\n", "a.md:4:10: minutes: write a number of at least 1"),
        ("title: A\n", 'a.md:2:1: needs "url" or "source": what is not ours must say where it is from'),
    ],
)
def test_problems(head: str, message: str) -> None:
    """Each mistake has one message, at its place."""
    found, problems = parse_item(f"---\n{head}---\nA blurb.\n", "a.md", "a")
    assert found is None
    assert [str(problem) for problem in problems] == [message]
