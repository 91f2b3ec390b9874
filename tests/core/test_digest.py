"""The morning letter: its words byte for byte, its order, its dates, and nothing in it that a stranger has forged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import when
from followupd.core.digest import Answered, Duty, Leaving, Morning, compose, decisive, fit_of, guess_of, morning_of, next_morning
from followupd.core.lines import WIDE, columns
from followupd.core.model import (
    Enrollment,
    EnrollmentState,
    Outcome,
    OwnCalendar,
    Prospect,
    Reason,
    Reply,
    ReplyKind,
    Task,
    Touch,
    TouchState,
)

BERLIN = ZoneInfo("Europe/Berlin")
GOLDEN = Path(__file__).with_name("digest.txt")


def at(day: int, clock: str) -> datetime:
    """A moment of March 2026 on the clocks of Berlin."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


NOW = at(5, "07:30")


def person(address: str, first: str, last: str, company: str, **columns: str) -> Prospect:
    """Somebody from a list."""
    named = {"first_name": first, "last_name": last, "company": company, **columns}
    return Prospect(id=address, address=address, columns=named)


PEOPLE = [
    person("ann@acme.test", "Ann", "Lee", "Acme"),
    person("bob@beta.test", "Bob", "Stone", "Beta"),
    person("cleo@gamma.test", "Cleo", "Marsh", "Gamma", fit="A"),
    person("dirk@delta.test", "Dirk", "Wolf", "Delta"),
    person("eva@eta.test", "Eva", "Núñez", "Eta"),
    person("finn@phi.test", "Finn", "", "Phi"),
]


def enrollment(address: str, cadence: str = "intro", state: str = "active", **more: object) -> Enrollment:
    """Where somebody stands."""
    return Enrollment(
        id=f"{cadence}-{address}", prospect=address, address=address, cadence=cadence, digest="", mailbox="dana", state=EnrollmentState(state),
        started=at(2, "09:00"), moved=at(2, "09:00"), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def reply(name: str, address: str, kind: str, text: str, **more: object) -> Reply:
    """What somebody wrote on Wednesday afternoon."""
    usual = {
        "id": name, "mailbox": "dana", "folder": "INBOX", "uidvalidity": 1, "uid": 1, "fingerprint": name, "message_id": name, "address": address,
        "subject": "Re: Hello", "text": text, "received": at(4, "16:20"), "seen": at(4, "16:20"), "kind": ReplyKind(kind), "confidence": 1.0,
        "evidence": "", "matched": "thread", "enrollment": f"intro-{address}",
    }  # fmt: skip
    return Reply(**(usual | more))  # type: ignore[arg-type]


def task(name: str, address: str, title: str, text: str = "", **more: object) -> Task:
    """Something to do."""
    usual = {"id": name, "owner": "dana", "address": address, "kind": "call", "title": title, "text": text, "created": at(3, "09:00")}
    return Task(**(usual | more))  # type: ignore[arg-type]


def touch(address: str, step: str, state: str, due: datetime) -> Touch:
    """A step that happens to somebody."""
    return Touch(
        id=f"{step}-{address}", enrollment=f"intro-{address}", address=address, mailbox="dana", position=1, step=step, channel="email",
        state=TouchState(state), due=due,
    )  # fmt: skip


def whole() -> Morning:
    """A morning on which there is something of everything."""
    no = reply(
        "r1", "ann@acme.test", "no", "Hi Dana,\nthanks for asking. No thanks, it is too expensive for us.\nAnn", evidence="no thanks", reason=Reason.PRICE
    )  # fmt: skip
    asks = reply("r2", "bob@beta.test", "engaged", "When could you start?", received=at(4, "17:02"))
    away = reply("r3", "finn@phi.test", "out_of_office", "I am back on 16 March.")
    doubt = reply("r4", "eva@eta.test", "unclear", "Not sure that this is for us, is it?", evidence="may be no: Not sure", review=True)
    ended = enrollment("ann@acme.test", state="finished", outcome=Outcome.NO, finished=at(4, "16:21"))
    thanks = enrollment("ann@acme.test", "after-the-no", parent=ended.id)
    held = enrollment("bob@beta.test", state="held", reason="engaged: When could you start?", still_since=at(4, "17:02"))
    paused = enrollment("finn@phi.test", state="paused", until=at(17, "09:00"))
    dirk = enrollment("dirk@delta.test", state="held", reason="step idea can't be written: prospect.company is empty", still_since=at(3, "09:00"))
    sent = enrollment("cleo@gamma.test")
    return Morning(
        owner="Dana", zone=BERLIN, now=NOW, people={one.address: one for one in PEOPLE},
        answers=(Answered(reply=no, enrollments=(thanks, ended)), Answered(reply=asks, enrollments=(held,)), Answered(reply=away, enrollments=(paused,))),
        duties=(
            Duty(task=task("t1", "cleo@gamma.test", "Find a lead for Cleo (Gamma)", "Who among the people you know may need this?")),
            Duty(
                task=task(
                    "t2", "bob@beta.test", "Answer this: When could you start?", "bob@beta.test wrote: When could you start?", kind="answer", reply="r2",
                    enrollment=held.id,
                ),
                reply=asks,
            ),
            Duty(
                task=task(
                    "t3", "dirk@delta.test", "Call Dirk Wolf (Delta)",
                    "Phone: +49 30 1234\n\nHave one question ready and let them talk.\n\n> Hello Dirk, what has changed for you since we spoke?",
                    deadline=at(4, "17:00"),
                ),
                learn="team_size: how many people work in the team?",
            ),
        ),
        doubts=(doubt,), sends=((touch("cleo@gamma.test", "idea", "doubtful", at(4, "10:00")), sent),),
        leaving=Leaving(
            counts={"proposal": 21, "intro": 1},
            first=tuple((touch("cleo@gamma.test", "proof", "scheduled", at(5, clock)), sent) for clock in ("07:00", "09:00", "09:20")),
        ),
        still=(held, dirk),
        obstacles=("the mail server has refused the login of mailbox dana; run: followupd login dana",),
        sheet="inbox/drafts/tasks.csv",
    )  # fmt: skip


def test_golden(request: pytest.FixtureRequest) -> None:
    """The whole letter is what the file beside this test shows, byte for byte; its numbers stand for what they are written beside."""
    found = compose(whole())
    assert found is not None
    shown = f"Subject: {found.subject}\n\n{found.text}"
    if request.config.getoption("--golden", default=False):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")
    assert [(one["kind"], one["id"]) for one in found.items] == [
        ("reply", "r1"), ("reply", "r2"), ("task", "t3"), ("task", "t2"), ("task", "t1"), ("reply", "r4"), ("doubt", "idea-cleo@gamma.test"),
        ("person", "intro-dirk@delta.test"),
    ]  # fmt: skip
    assert all(columns(line) <= WIDE for line in found.text.splitlines())
