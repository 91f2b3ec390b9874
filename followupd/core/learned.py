"""What was learned about a person: the words of a rep made into a named fact, and which fact counts.

Decides how a fact is called, how much of it is kept, and that the latest one of a name counts. Never forgets one: what was learned
before stays, with its date and its source. A fact is data; it never becomes part of a template's own text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime

from followupd.core.lifecycle import made_id
from followupd.core.model import Fact

NOTE = "note"
"""The name of what has none."""

GOING_ON = "going on"
"""What a fact is about that says why a cadence goes on which has taught nothing."""

LONGEST_NAME = 40
LONGEST = 500
"""Characters of a value: a sentence or two. A template that shows it stays a short message."""

NAMED = re.compile(r"\s*(?P<name>[^\W\d_][\w-]*(?:[ ][\w-]+){0,2})\s*(?:=|:(?=\s)|：)(?P<value>.*)", re.DOTALL)
"""`team_size=40`, `Team size: 40`: up to three words before the sign. `at 10:30` and `https://...` name nothing."""

ANSWERS = frozenset("yes no ok done ja nein oui non si sì sí nee".split())
"""Words that answer, and name nothing: `yes: they have 40 people`."""


def fact_of(text: str, name: str = NOTE) -> tuple[str, str]:
    """Name and value of what somebody has written down; free text is called `name`. Raises ValueError, with words for people."""
    found = NAMED.fullmatch(text)
    if found and len(found["name"]) <= LONGEST_NAME and found["name"].casefold() not in ANSWERS:
        called, value = safe_name(found["name"]), plain(found["value"])
        if called and value:
            return called, value
        if called and not value:
            raise ValueError(f'"{called}" has no value; write {called}=...')
    value = plain(text)
    if not value:
        raise ValueError('there is nothing to note; write what was learned, such as "team_size=40" or "they have two plants"')
    return safe_name(name) or NOTE, value


def safe_name(text: str) -> str:
    """A name as templates can say it, in_small_letters: `Team size` is `team_size`. Empty where nothing of it can be said."""
    bare = unicodedata.normalize("NFKD", text[:200]).casefold()
    kept = "".join(char for char in bare if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    letters = "".join(char if f"a{char}".isidentifier() else "_" for char in unicodedata.normalize("NFKC", kept))
    name = re.sub(r"[\W_]+", "_", letters).strip("_")[:LONGEST_NAME].strip("_")
    return f"fact_{name}"[:LONGEST_NAME] if name[:1].isdigit() else name


def plain(text: str) -> str:
    """A value on one line, without control or invisible characters, as every database and every mail takes it."""
    shown = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text[: 8 * LONGEST] if _is_seen(char))
    value = " ".join(shown.split())
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _is_seen(char: str) -> bool:
    """Neither half a character nor one that hides or turns others (Trojan source); joiners belong to the script of a language."""
    return unicodedata.category(char) not in ("Cs", "Co", "Cn") and (unicodedata.category(char) != "Cf" or char in "\u200c\u200d")


def noted(
    address: str, text: str, now: datetime, *, source: str, by: str, name: str = NOTE, enrollment: str = "", touch: str = "",
    about: str = "learned",
) -> Fact:  # fmt: skip
    """What somebody has written down about a person, as a fact. Raises ValueError where there is nothing to note."""
    called, value = fact_of(text, name)
    return Fact(
        id=made_id("fact", address, called, value, f"{now:%FT%T}", source, length=16), address=address, name=called, value=value,
        at=now, about=about, source=source[:200], by=by[:100], enrollment=enrollment, touch=touch,
    )  # fmt: skip


def latest(facts: Iterable[Fact]) -> Mapping[str, str]:
    """What counts of the facts about one person, by name: of each the latest. Answers to a debrief are none of a template's business."""
    ordered = sorted((one for one in facts if one.about == "learned"), key=lambda one: one.at)
    return {one.name: one.value for one in ordered}
