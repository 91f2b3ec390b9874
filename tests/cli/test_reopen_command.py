"""`followupd reopen`: who stands on the list, where it lies, and that a dry run writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from followupd.cli.manual import KEYS
from followupd.clock import RealClock, RealDice
from followupd.core.model import Change, EnrollmentState, Outcome, Reason, Reply, ReplyKind
from followupd.office import open_office
from tests.cli.test_json_keys import flat


def say_no(people: Path) -> None:
    """Ann said no last year for want of a budget, Bob in the last month, Cid last year because he needs nothing."""
    office = open_office(people / "config.yaml", RealClock(), RealDice(), {})
    now = datetime.now(UTC)
    for name, days, reason in (("ann", 300, Reason.BUDGET), ("bob", 20, Reason.BUDGET), ("cid", 300, Reason.NO_NEED)):
        enrollment = office.store.person(f"{name}@prospect.example")[1][0]
        at = now - timedelta(days=days)
        reply = Reply(
            id=name, mailbox="dana", folder="INBOX", uidvalidity=1, uid=1, fingerprint=name, message_id="", address=enrollment.address, subject="", text="Not now.",
            received=at, seen=at, kind=ReplyKind.NO, confidence=1, evidence="", matched="thread", enrollment=enrollment.id, reason=reason,
        )  # fmt: skip
        over = replace(enrollment, state=EnrollmentState.FINISHED, outcome=Outcome.NO, started=at, finished=at)
        office.store.apply_one(Change(enrollments=(over,), replies=(reply,)))
    office.store.close()


def test_reopen(followupd, people: Path) -> None:
    """Who can have a new reason is listed, the others are counted with why not; a dry run writes nothing, a second list leaves out the first."""
    say_no(people)
    trial = followupd("reopen", "--dry-run", "--json").json()
    assert trial["lists"] == [
        {"owner": "dana", "file": "", "people": [
            {"address": "ann@prospect.example", "no": trial["lists"][0]["people"][0]["no"], "stated": "budget", "real": "", "words": "Not now."},
        ]},
    ]  # fmt: skip
    assert trial["passed"] == [
        {"reason": "a reason that does not age", "people": 1}
    ]  # Bob's no is not old enough to be looked at
    assert not list(people.glob("inbox/**/reopen*"))
    assert set(flat(trial, "", KEYS["reopen"])) == set(KEYS["reopen"])
    assert "there is no mailbox" in followupd("reopen", "--owner", "lee").err
    page = followupd("reopen").out
    (file,) = people.glob("inbox/**/reopen-*.csv")
    assert str(file) in page
    assert "Works" in file.read_text("utf-8-sig")
    again = followupd("reopen").out
    assert "Nobody's no is old enough" in again
    assert "was on a list lately" in again
