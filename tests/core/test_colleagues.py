"""Which addresses are one company, who waits for a colleague's answer, and who is admitted in spite of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from followupd.core import colleagues, guards
from followupd.core.guards import company_of
from followupd.core.model import CompanyWord, EnrollmentState, Go, History, Outcome, Stop
from tests.store.made import NOW, begin, cadence

WORD = CompanyWord(
    id="w", company="ann.example", address="boss@ann.example", outcome=Outcome.NO, words="No.", at=NOW, until=NOW + timedelta(days=30), reply="r"
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("ann@acme.test", "acme.test"),
        ("ann@Mail.Acme.test", "acme.test"),
        ("ann@a.b.acme.com", "acme.com"),
        ("ann@acme.co.uk", "acme.co.uk"),
        ("ann@mail.acme.co.uk", "acme.co.uk"),
        ("ann@mail.acme.de", "acme.de"),
        ("ann@acme.onmicrosoft.com", "acme.onmicrosoft.com"),
        ("ann@gmail.com", ""),
        ("ann@hotmail.co.uk", ""),
        ("ann@mail.gmx.de", ""),
        ("ann@localhost", "localhost"),
    ],
)
def test_company(address: str, company: str) -> None:
    """A company is known by its domain, whatever server of its own stands before it; where strangers share a domain there is none."""
    assert company_of(address) == company


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({}, True),
        ({"address": "boss@ann.example"}, False),  # it is their own word
        ({"source": "proposal, nobody answered", "parent": "x"}, True),
        ({"source": "proposal, reply abc", "parent": "x"}, False),  # it answers their own mail
        ({"source": "proposal, acknowledges reply abc", "parent": "x"}, False),
    ],
)
def test_who_waits(change: dict[str, str], waits: bool) -> None:
    """A colleague waits, but for what answers the colleague's own mail."""
    enrollment = replace(begin().enrollments[0], **change)  # type: ignore[arg-type]
    found = colleagues.held(WORD, [enrollment], NOW)
    assert bool(found.enrollments) is waits
    assert found.company_words == (WORD,)


@pytest.mark.parametrize(
    ("entry", "word", "admitted"),
    [
        ({}, {}, False),
        ({}, {"outcome": Outcome.YES}, False),
        ({}, {"until": NOW}, True),  # it is over
        ({}, {"address": "ann@ann.example"}, True),  # their own word is another guard's business
        ({"referred_by": "boss@ann.example"}, {}, True),
        ({"referred_by": "other@ann.example"}, {}, False),
        ({"leaving": frozenset({"e"})}, {}, True),  # it goes on with the person themselves
    ],
)
def test_admission(entry: dict[str, object], word: dict[str, object], admitted: bool) -> None:
    """While a company is left alone nobody there is enrolled anew, unless the very person who answered has named them."""
    history = History(company=(replace(WORD, **word),))  # type: ignore[arg-type]
    asked = guards.Entry(address="ann@ann.example", cadence=cadence(), history=history, now=NOW, **entry)  # type: ignore[arg-type]
    verdict = guards.admit(asked)
    assert isinstance(verdict, Go if admitted else Stop)
    if isinstance(verdict, Stop):
        assert "boss@ann.example" in verdict.reason
        assert "leave ann.example alone until" in verdict.reason


def test_letter() -> None:
    """The owners read who said what, until when which of their people wait, and who stands still there for a reason of their own."""
    paused = replace(begin().enrollments[0], until=WORD.until, reason=colleagues.reason(WORD))
    held = replace(paused, id="h", address="bob@ann.example", state=EnrollmentState.HELD, until=None, reason="engaged: how much?")
    subject, text = colleagues.letter(WORD, [paused, held], ZoneInfo("Europe/Berlin"))
    assert subject.startswith("boss@ann.example said no: colleagues at ann.example wait until")
    for part in (
        '"No."',
        "ann@ann.example, in proposal: waits until",
        "followupd resume",
        "bob@ann.example, in proposal: held (engaged: how much?)",
    ):
        assert part in text
    assert "waits until" not in colleagues.letter(WORD, [held], ZoneInfo("Europe/Berlin"))[1]
