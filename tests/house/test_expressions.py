"""No regular expression takes long, whatever it is asked about: each is tried with strings made from its own parts to hang it."""

from __future__ import annotations

import re

import pytest

from tests.fuzz.expressions import Expression, attacks, expressions, hostile
from tests.fuzz.limits import TooSlow, at_most

LENGTH = 1024
LIMIT = 0.3
"""Seconds for a text of that length. Lines of mails are cut at 500 characters, cells at 300: a square is quick there, an exponential is not."""


def slow(expression: Expression) -> str:
    """What hangs an expression; nothing if nothing does."""
    for lead, pump in attacks(expression):
        for text in hostile(lead, pump, LENGTH):
            try:
                with at_most(LIMIT):
                    expression.seconds(text)
            except TooSlow:
                return f"{expression.where}: {expression.method} takes over {LIMIT} s for {lead!r} and many {pump!r}"
    return ""


def test_no_expression_can_be_hung() -> None:
    """All expressions of the package answer in time."""
    assert [found for expression in expressions() if (found := slow(expression))] == []


def test_they_are_all_there() -> None:
    """The list above misses nothing big: named tables, expressions in tables, and those written where they are used."""
    found = expressions()
    assert len(found) > 400
    assert {"followupd.core.quoting.DASHED", "followupd.core.replies.words.YES"} <= {one.where for one in found}
    assert any(one.where == "followupd.channels.smtp.BLAMES" for one in found)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?:a+)+$", "match"),
        (r"ist (?:jetzt |für .{0,30})*zuständig", "search"),
        (r"^-{2,}\s?(.{8,300}?)\s?-{2,}\s*$", "match"),
    ],
)
def test_slow_ones_are_noticed(pattern: str, method: str) -> None:
    """The test above is able to fail: the last one hung a mail of 64 KB for 54 s, the second for ever."""
    assert slow(Expression(pattern, re.DOTALL, method, "here"))
