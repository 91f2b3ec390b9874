"""The content shelf: what an item may say."""

from __future__ import annotations

from datetime import date

import pytest

from followupd.core.shelf import ContentItem
from followupd.files.content import parse_item


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
        ("title: A\nurl: example.org\n", 'a.md:3:6: url: write "https://example.org"'),
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
