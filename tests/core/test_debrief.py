"""The five questions after a no: what a free answer says, and the table over many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from followupd.core import debrief
from followupd.core.model import Fact

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [
        ("yes", "explored", "yes"), ("Yes, twice", "explored", "yes"), (" - Ja, denke schon", "pace", "yes"), ("oui, bien sûr", "door", "yes"),
        ("sí", "asked", "yes"), ("certo", "pace", "yes"), ("jo", "door", "yes"), ("I think so", "door", "yes"), ("of course", "explored", "yes"),
        ("well, mostly", "pace", "yes"), ("no", "explored", "no"), ("Nein, leider", "asked", "no"), ("not really", "best_decision", "no"),
        ("tja, eher nicht", "pace", "no"), ("pas vraiment", "pace", "no"), ("kaum", "explored", "no"), ("no realmente", "door", "no"),
        ("pitched too early", "asked", "no"), ("I listened, mostly", "asked", "yes"), ("asked, but then pitched", "asked", "other"),
        ("too early", "explored", "no"), ("zu schnell", "pace", "no"), ("open, budget in April", "door", "yes"), ("offen", "door", "yes"),
        ("not open", "door", "no"), ("closed for good", "door", "no"), ("they had decided before", "best_decision", "other"), ("jein", "asked", "other"),
        ("yes and no", "pace", "other"), ("nobody knows", "door", "other"), ("yesterday", "door", "other"), ("", "door", "other"), ("partly yes", "pace", "other"),
        ("🤷", "asked", "other"), ("nothing learned", "explored", "other"), ("None", "explored", "no"),
    ],
)  # fmt: skip
def test_leaning(words: str, name: str, says: str) -> None:
    """Free words are read as yes or no where they begin so, or say so for this question; else they are neither."""
    assert debrief.leaning(words, name) == says


def fact(name: str, value: str, enrollment: str = "e1", about: str = "debrief") -> Fact:
    return Fact(
        id=f"{enrollment}{name}{value}", address="ann@p.test", name=name, value=value, at=NOW, about=about, enrollment=enrollment
    )


def test_table() -> None:
    """Each question is counted once for each no, by its last answer; those with most noes come first. Other facts are none of its business."""
    found = [
        fact("explored", "no"), fact("explored", "yes"), fact("asked", "pitched"), fact("asked", "nein", "e2"), fact("door", "hm", "e2"),
        fact("team_size", "40", about="learned"), fact("elsewhere", "no"),
    ]  # fmt: skip
    count, rows = debrief.table(found)
    assert count == 2
    assert [(row.question.name, row.yes, row.no, row.other) for row in rows] == [
        ("asked", 0, 2, 0), ("explored", 1, 0, 0), ("pace", 0, 0, 0), ("best_decision", 0, 0, 0), ("door", 0, 0, 1),
    ]  # fmt: skip
    assert [one.value for one in debrief.answers(found, "e1").values()] == ["yes", "pitched"]
