"""Which thing worth sending fits a person: by shared words, never twice, never stale."""

from __future__ import annotations

from datetime import date

import pytest

from followupd.core.shelf import ContentItem, choose, words

TODAY = date(2026, 11, 12)
COLUMNS = {"goals": "Shorten our onboarding, cut costs", "industry": "Logistics", "interests": "running"}


def item(name: str, *topics: str, **more: object) -> ContentItem:
    return ContentItem(name=name, title=name, body="", topics=topics, **more)


SHELF = [
    item("onboarding", "onboarding", "checklists"),
    item("costs", "cost of onboarding"),
    item("fleet", "logistics", ours=True),
    item("cats", "cats"),
]


@pytest.mark.parametrize(
    ("match", "ours", "taken", "found"),
    [
        (["goals"], None, [], "costs"),  # two words in common
        (["goals"], None, ["costs"], "onboarding"),
        (["goals"], None, ["costs", "onboarding"], None),  # never twice, and none rather than one that does not fit
        (["industry"], True, [], "fleet"),
        (["industry"], False, [], None),
        (["goals", "industry"], True, [], "fleet"),
        (["challenges"], None, [], None),  # the row has no such column
        ([], None, [], "cats"),  # nothing is asked for: the first by name
    ],
)
def test_choose(match: list[str], ours: bool | None, taken: list[str], found: str | None) -> None:
    """The item that shares most words with the columns that are asked for."""
    chosen = choose(SHELF, COLUMNS, match, ours, taken, TODAY)
    assert (chosen.name if chosen else None) == found
    backwards = choose(SHELF[::-1], COLUMNS, match, ours, taken, TODAY)
    assert backwards == chosen  # the order of the files decides nothing


@pytest.mark.parametrize(("expires", "fits"), [(None, True), (date(2026, 11, 12), True), (date(2026, 11, 11), False)])
def test_expired(expires: date | None, fits: bool) -> None:
    """An item is good up to the day on which it expires."""
    assert (choose([item("a", "goals", expires=expires)], {"goals": "goals"}, ["goals"], None, [], TODAY) is not None) == fits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cutting Costs & onboarding for the team", {"cutting", "cost", "onboarding", "team"}),
        ("Straße, ÉCOLE", {"strasse", "école"}),
        ("an IT of us", set()),
        ("", set()),
    ],
)
def test_words(text: str, found: set[str]) -> None:
    """Words of three letters and more, without case and plural; little words carry no meaning."""
    assert words(text) == found


def test_long_columns_are_cheap() -> None:
    """A cell of a megabyte costs no more than its beginning."""
    assert words("word " * 200_000 + "end") == {"word"}
