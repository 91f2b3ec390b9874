"""Which content item fits this prospect?

Decides by the words that a prospect's columns and an item's topics share. An item that this person has had, or that has
expired, is never chosen, and none at all is better than one that does not fit. Never reads the shelf or a clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentItem:
    """One thing worth sending: an article, a figure, a customer's story. `body` is the blurb."""

    name: str
    title: str
    body: str
    url: str = ""
    topics: tuple[str, ...] = ()
    ours: bool = False
    source: str = ""
    result: str = ""
    expires: date | None = None
    minutes: int | None = None


_USUAL = frozenset(
    {
        "and",
        "for",
        "from",
        "the",
        "with",
        "our",
        "your",
        "more",
        "than",
        "that",
        "this",
        "into",
        "of",
        "to",
        "in",
        "on",
        "is",
        "it",
        "we",
        "an",
        "at",
        "by",
        "or",
        "as",
        "be",
        "do",
        "us",
        "my",
    }
)


def words(text: str) -> frozenset[str]:
    """The words of a text that can carry a meaning, in small letters; a plural s is left out."""
    found = re.findall(r"\w{2,40}", text[:4000].casefold())
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in found if word not in _USUAL)


def choose(
    items: Iterable[ContentItem],
    columns: Mapping[str, str],
    match: Collection[str],
    ours: bool | None,
    taken: Collection[str],
    today: date,
) -> ContentItem | None:
    """The item that shares most words with the `match` columns, or None where none fits; by name where two fit alike."""
    wanted = frozenset[str]().union(*(words(columns.get(column, "")) for column in match))
    ranked = [
        (-len(wanted & words(" ".join(item.topics))), item.name, item)
        for item in items
        if item.name not in taken and (item.expires is None or item.expires >= today) and ours in {None, item.ours}
    ]
    best = min(
        ((score, name, item) for score, name, item in ranked if score < 0 or not match), default=None, key=lambda each: each[:2]
    )
    return best[2] if best else None
