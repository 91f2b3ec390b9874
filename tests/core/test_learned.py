"""What was learned: how a fact is called, how much of it is kept, and which one counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import learned
from followupd.core.learned import LONGEST, LONGEST_NAME, fact_of, latest, noted
from followupd.files import language

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("team_size=40", "team_size", "40"),
        ("team_size = 40", "team_size", "40"),
        ("Team size: 40", "team_size", "40"),
        ("Größe: 40 Leute", "grosse", "40 Leute"),
        ("予算: 100万", "予算", "100万"),
        ("team grew to 40", "note", "team grew to 40"),
        ("they meet at 10:30", "note", "they meet at 10:30"),
        ("https://acme.test/plan", "note", "https://acme.test/plan"),
        ("yes, their priority is: cost", "note", "yes, their priority is: cost"),
        ("yes: 40", "note", "yes: 40"),
        ("a very long way of saying: forty", "note", "a very long way of saying: forty"),
        ("__class__=x", "note", "__class__=x"),
        ("  two\n lines  ", "note", "two lines"),
        ("x\u202ey\x00 {{ owner }}", "note", "xy {{ owner }}"),
    ],
)
def test_fact_of(text: str, name: str, value: str) -> None:
    """A name before `=` or a colon is the name, made safe; anything else is a note, on one line, and means nothing to a template."""
    assert fact_of(text) == (name, value)


@pytest.mark.parametrize(
    ("text", "why"), [("  ", "nothing to note"), ("\u200b\x00", "nothing to note"), ("team_size=", "has no value")]
)
def test_nothing(text: str, why: str) -> None:
    """Nothing is no fact, and the person who wrote it hears so."""
    with pytest.raises(ValueError, match=why):
        fact_of(text)


@given(st.text(max_size=3000), st.text(max_size=80))
def test_any_text_is_safe(text: str, name: str) -> None:
    """Whatever is typed: the name can be said in a template, the value has one line, and both are bounded."""
    try:
        called, value = fact_of(text, name)
    except ValueError:
        return
    assert called.isidentifier()
    assert not called.startswith("_")
    assert len(called) <= LONGEST_NAME
    assert not language.check(f"{{% if learned.{called} %}}{{{{ learned.{called} }}}}{{% endif %}}")
    assert 0 < len(value) <= LONGEST
    assert value.splitlines() == [value]
    value.encode()
    assert fact_of(f"{called}={value}", name)[0] in (called, learned.safe_name(name), learned.NOTE)


def test_the_latest_counts() -> None:
    """Of each name the latest one counts, whatever order they come in; a debrief is no fact for templates."""
    older = noted("ann@p.test", "team_size=12", NOW, source="followupd learn", by="dana")
    newer = noted("ann@p.test", "Team size: 40", NOW + timedelta(days=1), source="task abc", by="dana")
    assert older.id != newer.id
    assert latest([newer, older]) == {"team_size": "40"}
    assert latest([]) == {}
