"""Takes out of a reply what tells who wrote it, so that it can be kept as a case to learn from and to test with.

Decides what is replaced: addresses, links, numbers that reach or pay somebody, and whatever the prospect's own row holds (names,
company, town). What is left may still be somebody's style: people look at the cases before they share them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}")
LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']{1,300}", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[\d ()/.-]{6,24})\d(?!\w)")
DATE = re.compile(r"(?:20\d\d-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-](?:20)?\d\d)(?:[ T]\d\d:\d\d)?")
SHORTEST = 3
"""Letters of a value that is looked for in the text; shorter ones stand in many words."""
STAYS = frozenset("yes no the and for mr mrs ms dr de en fr es it nl pt pl sv da cs tr ja gmbh ltd inc llc".split())


def scrubbed(text: str, known: Iterable[str]) -> str:
    """The text without addresses, links, numbers and the known values."""
    text = LINK.sub("https://example.com", ADDRESS.sub("someone@example.com", text))
    text = NUMBER.sub(lambda match: match[0] if DATE.fullmatch(match[0].strip()) else "000 000 000", text)
    for value in sorted(_values(known), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "X", text, flags=re.IGNORECASE)
    return text


def _values(known: Iterable[str]) -> set[str]:
    """Each value, and each word of a short one: people sign with their first name."""
    found: set[str] = set()
    for value in known:
        value = " ".join(value.split())
        words = value.split(" ")
        found |= {
            one for one in (value, *(words if len(words) <= 4 else ())) if len(one) >= SHORTEST and one.lower() not in STAYS
        }
    return {one for one in found if any(letter.isalpha() for letter in one)}
