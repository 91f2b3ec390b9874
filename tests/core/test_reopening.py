"""Whose no may have aged, and what the list says of them; a list comes back as it went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from followupd.core import reopening
from followupd.core.model import (
    CompanyWord,
    Enrollment,
    EnrollmentState,
    Fact,
    History,
    Outcome,
    Prospect,
    Reason,
    Reply,
    ReplyKind,
    Suppression,
)
from followupd.core.reopening import OldNo, Past
from followupd.files.sheet import carried, read_sheet, restored, table
from tests.store.made import NOW, begin, cadence

AFTER = timedelta(days=270)
REASONS = frozenset({"timing", "budget"})
ADDRESS = "ann@ann.example"


def ended(outcome: Outcome, days: int, name: str = "proposal") -> Enrollment:
    begun = begin(plan=cadence(name=name), now=NOW - timedelta(days=days + 20)).enrollments[0]
    return replace(
        begun, id=f"{name}-{days}", state=EnrollmentState.FINISHED, outcome=outcome, finished=NOW - timedelta(days=days)
    )


def said(kind: ReplyKind = ReplyKind.NO, reason: Reason | None = Reason.BUDGET, enrollment: str = "proposal-300") -> Reply:
    return Reply(
        id=kind, mailbox="dana", folder="INBOX", uidvalidity=1, uid=1, fingerprint=kind, message_id="", address=ADDRESS, subject="Re: Hello", text="No budget\nthis year.",
        received=NOW - timedelta(days=300), seen=NOW, kind=kind, confidence=1, evidence="", matched="thread", enrollment=enrollment, reason=reason,
    )  # fmt: skip


def fact(about: str, value: str, days: int = 200, name: str = "real_reason") -> Fact:
    return Fact(id=f"{about}{value}", address=ADDRESS, name=name, value=value, at=NOW - timedelta(days=days), about=about)


NO = ended(Outcome.NO, 300)
WORD = CompanyWord(
    id="w", company="ann.example", address="boss@ann.example", outcome=Outcome.NO, words="", at=NOW, until=NOW + AFTER
)


def past(**more: object) -> Past:
    given = {
        "enrollments": (NO,),
        "replies": (said(),),
        "facts": (),
        "suppressed": None,
        "company": (),
        "warm": frozenset(),
        **more,
    }
    history = History(enrollments=given["enrollments"], suppressed=given["suppressed"], company=given["company"])  # type: ignore[arg-type]
    columns = {"first_name": "Ann", "company": "=Acme", "news": "of last year", "goals": "- fewer lists"}
    person = Prospect(id="p", address=ADDRESS, country="DE", columns=columns)
    return Past(prospect=person, history=history, replies=given["replies"], facts=given["facts"], warm=given["warm"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "why_not"),
    [
        ({}, ""),
        ({"enrollments": (NO, ended(Outcome.SILENT, 40, "nurture"))}, ""),  # silence is no answer
        ({"replies": (said(reason=Reason.TIMING),)}, ""),
        ({"replies": (said(reason=Reason.NO_NEED),)}, "does not age"),
        ({"replies": (said(reason=None),)}, "does not age"),
        ({"replies": ()}, "does not age"),
        ({"replies": (said(reason=Reason.NO_NEED),), "facts": (fact("reason", "budget"),)}, ""),  # the real one counts
        ({"facts": (fact("reason", "trust"),)}, "does not age"),
        ({"facts": (fact("reason", "trust"), fact("reason", "a human voice", name="real_reason_words"))}, "does not age"),
        ({"facts": (fact("reason", "other"),)}, ""),  # nobody knows what that means: the stated one is read
        ({"enrollments": (ended(Outcome.NO, 200),)}, "too lately"),
        ({"enrollments": (NO, ended(Outcome.NO, 100, "reopen"))}, "too lately"),
        ({"enrollments": (NO, ended(Outcome.YES, 100, "nurture"))}, "something else since"),
        ({"enrollments": (NO, replace(ended(Outcome.SILENT, 9, "nurture"), state=EnrollmentState.ACTIVE, outcome=None))}, "under way"),
        ({"enrollments": (NO, replace(ended(Outcome.SILENT, 9, "nurture"), state=EnrollmentState.ACTIVE, outcome=None)), "warm": frozenset({"nurture-9"})}, ""),
        ({"enrollments": (NO, ended(Outcome.SILENT, 100, "reopen"))}, "again lately"),
        ({"enrollments": (NO, ended(Outcome.OPTED_OUT, 500, "webinar"))}, "no more mail"),  # before the no, at any time
        ({"suppressed": Suppression(key=ADDRESS, reason="asked", source="", at=NOW)}, "no more mail"),
        ({"replies": (said(), said(ReplyKind.UNSUBSCRIBE))}, "no more mail"),
        ({"replies": (said(), said(ReplyKind.COMPLAINT))}, "no more mail"),
        ({"company": (WORD,)}, "colleague"),
        ({"company": (replace(WORD, until=NOW),)}, ""),
        ({"facts": (fact("listed", "reopen-2027.csv"),)}, "on a list lately"),
        ({"facts": (fact("listed", "reopen-2026.csv", days=300),)}, ""),
    ],
)  # fmt: skip
def test_who_is_listed(more: dict[str, object], why_not: str) -> None:
    """Whose reason can age is looked at again after the time; never who wants no more mail, whatever else they have said."""
    found = reopening.judged(past(**more), AFTER, REASONS, NOW)
    assert why_not in found if isinstance(found, str) else not why_not


def test_the_list_comes_back_unharmed() -> None:
    """Cells that a spreadsheet would run are defused, and read as they were; homework is empty, whatever was written a year ago."""
    old = reopening.judged(
        past(
            facts=(
                fact("learned", "40", name="team"),
                fact("reason", "budget"),
                fact("reason", "half the price", name="real_reason_words"),
            )
        ),
        AFTER,
        REASONS,
        NOW,
    )
    assert isinstance(old, OldNo)
    rows = reopening.rows([old], "dana", ["goals", "email", "news"], ZoneInfo("Europe/Berlin"))
    raw = table(rows)
    assert b",'=Acme," in raw
    (row,) = read_sheet(raw, name="reopen-2027.csv").rows
    assert {name: row.columns[name] for name in ("company", "goals", "news", "compelling_reason", "result_claim")} == {
        "company": "=Acme", "goals": "- fewer lists", "news": "", "compelling_reason": "", "result_claim": "",
    }  # fmt: skip
    assert (row.columns["cadence"], row.columns["then_reason"], row.columns["then_words"]) == (
        "reopen",
        "budget",
        "No budget this year.",
    )
    assert (row.columns["then_learned"], row.columns["came_from"], row.columns["country"]) == ("team: 40", "old_no", "DE")


@pytest.mark.parametrize("text", ["=1", "+49 30", "-", "@x", "'=1", "''=1", "'tis", "a=1", "", "'", "＝1", "\tx"])
def test_carried_and_restored(text: str) -> None:
    """Nothing that begins like a formula reaches a spreadsheet, and everything comes back as it was."""
    assert restored(carried(text)) == text
    assert carried(text)[:1] not in tuple("=+-@\t＝")
