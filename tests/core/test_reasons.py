"""The reason of a no in their own words: a clause that can be said back, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followupd.core.model import Reason
from followupd.core.replies.reasons import LONGEST, quoted
from followupd.core.replies.verdict import reason_in
from followupd.core.replies.words import plain_words


@pytest.mark.parametrize(
    ("words", "quote"),
    [
        ("No thanks, we have no budget this year.", "we have no budget this year"),
        ("Hi Dana,\n\nThank you, but we have decided to stay with our current supplier.\nRegards, Ann", "we have decided to stay with our current supplier"),
        ("Sorry, too expensive for us.", "too expensive for us"),
        ("Nein danke, wir haben dieses Jahr kein Budget.", "wir haben dieses Jahr kein Budget"),
        ("Non merci, c'est trop cher pour nous.", "c'est trop cher pour nous"),
        ("No thanks.", ""),
        ("The price. No.", ""),
        ("Your price is a joke!!", ""),
        ("We do not trust you.", ""),
        ("We chose another vendor (Acme, http://acme.example).", ""),
        ("Too expensive, call me on 0151 2345678 if it gets cheaper", ""),
        ("Our budget {{ owner.address }} is gone.", ""),
        ("Our budget <b>is gone</b> for now.", ""),
        (f"We have no budget because {'of one thing and another ' * 8}.", ""),
    ],
)  # fmt: skip
def test_quoted(words: str, quote: str) -> None:
    """A whole, short, civil clause is quoted as typed; anything else is not."""
    assert quoted(words, reason_in(plain_words(words))) == quote


def test_no_reason_no_quote() -> None:
    """Where no reason was read, nothing of the answer is said back."""
    assert quoted("we have no budget this year", None) == ""
    assert quoted("we have no budget this year", Reason.OTHER) == ""


@example("_", Reason.PRICE)
@given(st.text(max_size=400), st.sampled_from(Reason))
def test_any_text(words: str, reason: Reason) -> None:
    """Whatever somebody writes, a quotation is one line of words, and short."""
    found = quoted(f"{words} our budget and the price, another vendor {words}", reason)
    assert len(found) <= LONGEST
    assert not set(found) & set('<>{}@\n\r"|*_[]`')
