"""Two opinions and a third: what they make together, and what none of them may make alone."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from followupd.core.model import Inbound, Reading, ReplyKind
from followupd.core.replies.agreement import weighed
from followupd.core.replies.kinds import classify
from followupd.core.replies.statistics import BUCKETS, LABELS, Model

NOW = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
ALWAYS = {stage: dict.fromkeys(LABELS, 0.02) for stage in ("certain", "explicit", "hint", "contested", "alone")}


def sure_of(label: str) -> Model:
    """A model that takes everything for one thing, and whose limits hold nothing back."""
    bias = tuple(9.0 if one == label else 0.0 for one in LABELS)
    return Model(scale=1.0, bias=bias, weights=tuple(array("b", bytes(BUCKETS)) for _ in LABELS), limits=ALWAYS)


def read(text: str, model: Model) -> Reading:
    return classify(
        Inbound(typed=text, subject="Re: Offer", sender="ann@prospect.example", date=NOW), asked="Any thoughts?", model=model
    )


@pytest.mark.parametrize("label", ["yes", "no", "unsubscribe"])
@pytest.mark.parametrize("text", ["The blue folder is on the table.", "Zwölf Stück.", "...", "12"])
def test_a_model_alone_is_never_firm(label: str, text: str) -> None:
    """Without a phrase or a hint of it, the surest model makes no yes, no or opt-out."""
    assert read(text, sure_of(label)).kind.value not in {"yes", "no", "unsubscribe"}


@pytest.mark.parametrize("label", ["out_of_office", "auto_reply"])
def test_a_model_alone_makes_nobody_a_machine(label: str) -> None:
    """A person's words without a word of absence or of machines are never taken for automatic mail."""
    assert read("We talked about the blue one.", sure_of(label)).kind.value not in {"out_of_office", "auto_reply"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("We have decided to go ahead, send the contract.", "later"),
        ("We will pass.", "engaged"),
        ("Please take me off your list.", "yes"),
    ],
)
def test_a_model_vetoes_a_firm_phrase(text: str, other: str) -> None:
    """Where the model reads a firm phrase as something else, a person is asked."""
    assert read(text, sure_of(other)).kind.value in {"unclear", other} - {"yes", "no", "unsubscribe"}


def test_both_agree() -> None:
    """A phrase that the model takes for the same is acted on, with the phrase as evidence."""
    found = read("We have decided to go ahead, please send the contract.", sure_of("yes"))
    assert found.kind == ReplyKind.YES
    assert "go ahead" in found.evidence


def test_in_doubt_there_is_a_guess() -> None:
    """What is left to a person says what it may mean."""
    nothing = replace(sure_of("no"), limits={})
    found = read("The blue folder is on the table.", nothing)
    assert (found.kind, found.guess, found.label) == (ReplyKind.UNCLEAR, ReplyKind.NO, ReplyKind.NO)


def verdict(kind: str, guess: str | None = None) -> Reading:
    return Reading(kind=ReplyKind(kind), confidence=0.9, evidence="words", guess=ReplyKind(guess) if guess else None)


@pytest.mark.parametrize(
    ("kind", "guess", "opinion", "after"),
    [
        ("yes", None, None, "yes"), ("yes", None, "yes", "yes"), ("yes", None, "engaged", "unclear"), ("no", None, "later", "unclear"), ("unsubscribe", None, "no", "unclear"),
        ("engaged", None, "no", "unclear"), ("later", None, "engaged", "later"), ("unclear", "later", "later", "later"), ("unclear", "no", "no", "unclear"),
        ("unclear", "yes", "yes", "unclear"), ("unclear", "engaged", "later", "unclear"), ("unclear", None, "unsubscribe", "unclear"), ("unclear", "auto_reply", "auto_reply", "unclear"),
        ("bounce_hard", None, "engaged", "bounce_hard"), ("out_of_office", None, "yes", "out_of_office"),
    ],
)  # fmt: skip
def test_a_third_opinion(kind: str, guess: str | None, opinion: str | None, after: str) -> None:
    """It may doubt a verdict, and help where two agree on nothing firm; it never makes a firm one."""
    assert weighed(verdict(kind, guess), ReplyKind(opinion) if opinion else None).kind == after
