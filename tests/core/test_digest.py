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
    usual = {
        "id": name,
        "owner": "dana",
        "address": address,
        "kind": "call",
        "title": title,
        "text": text,
        "created": at(3, "09:00"),
    }
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
    doubt = reply(
        "r4", "eva@eta.test", "unclear", "Not sure that this is for us, is it?", evidence="may be no: Not sure", review=True
    )
    ended = enrollment("ann@acme.test", state="finished", outcome=Outcome.NO, finished=at(4, "16:21"))
    thanks = enrollment("ann@acme.test", "after-the-no", parent=ended.id)
    held = enrollment("bob@beta.test", state="held", reason="engaged: When could you start?", still_since=at(4, "17:02"))
    paused = enrollment("finn@phi.test", state="paused", until=at(17, "09:00"))
    dirk = enrollment(
        "dirk@delta.test",
        state="held",
        reason="step idea can't be written: prospect.company is empty",
        still_since=at(3, "09:00"),
    )
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
    assert f"```text\n{shown}```\n" in (Path(__file__).parents[2] / "docs/digest.md").read_text("utf-8")
    assert [(one["kind"], one["id"]) for one in found.items] == [
        ("reply", "r1"), ("reply", "r2"), ("task", "t3"), ("task", "t2"), ("task", "t1"), ("reply", "r4"), ("doubt", "idea-cleo@gamma.test"),
        ("person", "intro-dirk@delta.test"),
    ]  # fmt: skip
    assert all(columns(line) <= WIDE for line in found.text.splitlines())


def empty(**more: object) -> Morning:
    """A morning of which nothing is known but this."""
    return replace(Morning(owner="Dana", zone=BERLIN, now=NOW), **more)  # type: ignore[arg-type]


def test_nothing_to_say() -> None:
    """Without anything to tell there is no letter; mail that leaves by itself is something to tell, and wants no answer."""
    assert compose(empty()) is None
    assert compose(empty(answers=(Answered(reply=reply("r", "ann@acme.test", "auto_reply", "Thank you")),))) is None
    found = compose(empty(leaving=Leaving(counts={"intro": 1})))
    assert found is not None
    assert (found.subject, found.items) == ("Thursday 5 March: 1 mail leaves", ())
    assert "There is nothing to answer today." in found.text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("later", "Not now, but later (timing): Ann Lee, Acme"), ("yes", "A clear yes: Ann Lee, Acme"), ("referral", "Names somebody else: Ann Lee, Acme"),
        ("unsubscribe", "Wants no more mail: Ann Lee, Acme"),
    ],
)  # fmt: skip
def test_meaning(kind: str, expected: str) -> None:
    """Each answer is told by what it means, with the reason of a no or a later. Who opted out is written to by nobody."""
    found = compose(
        empty(
            people={PEOPLE[0].address: PEOPLE[0]},
            answers=(Answered(reply=reply("r", "ann@acme.test", kind, "x", reason=Reason.TIMING)),),
        )
    )
    assert found is not None
    assert [one["title"] for one in found.items] == [expected]
    assert ("Nobody writes to them again." in found.text) == (kind == "unsubscribe")


def test_many() -> None:
    """What is too much for a letter is counted, and the letter says what lists it; its numbers still fit their lines."""
    found = compose(
        empty(duties=tuple(Duty(task=task(f"t{number:02}", "ann@acme.test", f"Call {number}")) for number in range(60)))
    )
    assert found is not None
    assert len(found.items) == 40
    assert "    and 20 more: followupd tasks\n" in found.text
    assert "\n40. Call 39\n" in found.text


def test_pressing() -> None:
    """First what is overdue, then what ends today, then who waits for a word, longest first; then signs of life, fit, and age."""
    waits = reply("r", "x@y.test", "engaged", "?", received=at(4, "09:00"))
    order = [
        Duty(task=task("overdue", "a@x.test", "", deadline=at(4, "17:00"))), Duty(task=task("today", "a@x.test", "", deadline=at(5, "12:00"))),
        Duty(task=task("waits longer", "a@x.test", "", kind="answer"), reply=replace(waits, received=at(3, "09:00"))),
        Duty(task=task("waits", "a@x.test", "", kind="answer"), reply=waits),
        Duty(task=task("wrote lately", "a@x.test", ""), life=at(1, "09:00")),
        Duty(task=task("wrote once", "a@x.test", ""), life=at(1, "09:00") - timedelta(days=60)),
        Duty(task=task("fits", "cleo@gamma.test", "", deadline=at(9, "12:00"))), Duty(task=task("next week", "a@x.test", "", created=at(1, "09:00"))),
        Duty(task=task("read it", "a@x.test", "", kind="read", created=at(2, "09:00")), reply=waits), Duty(task=task("some day", "a@x.test", "")),
    ]  # fmt: skip
    found = compose(empty(duties=tuple(reversed(order)), people={one.address: one for one in PEOPLE}))
    assert found is not None
    assert [one["id"] for one in found.items] == [duty.task.id for duty in order]


@pytest.mark.parametrize(
    ("said", "expected"), [("A", 3), ("high", 3), (" b ", 2), ("low", 1), ("0.75", 0.75), ("80", 80), ("", 0), ("who knows", 0), ("-3", 0), ("1e9", 0)]
)  # fmt: skip
def test_fit(said: str, expected: float) -> None:
    """The column `fit` holds a number or a grade; anything else says nothing."""
    assert fit_of(person("a@x.test", "A", "B", "C", fit=said)) == expected
    assert fit_of(None) == 0


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ("may be no: Not sure", ReplyKind.NO), ('"no thanks" says no, but the whole may be out of office: text', ReplyKind.OUT_OF_OFFICE),
        ("may be nothing: x", None), ("no rule", None),
    ],
)  # fmt: skip
def test_guess(evidence: str, expected: ReplyKind | None) -> None:
    """What an answer in doubt may mean is what its evidence says."""
    assert guess_of(reply("r", "a@x.test", "unclear", "x", evidence=evidence)) == expected


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        ("Hi.\nNo thanks, not us. Bye.", "no thanks", "No thanks, not us."), ("Hi.\nNot us.", "decided by dana", "Hi. Not us."), ("", "", "Re: Hello"),
    ],
)  # fmt: skip
def test_decisive(text: str, evidence: str, expected: str) -> None:
    """The sentence that decided is shown; where that can't be told, all of it; where there is no text, the subject."""
    assert decisive(reply("r", "a@x.test", "no", text, evidence=evidence)) == expected


NONE = OwnCalendar(name="Dana")
AWAY = OwnCalendar(name="Dana", holidays=("DE",), absences=((date(2026, 3, 9), date(2026, 3, 20)),))


@pytest.mark.parametrize(
    ("now", "clock", "days", "zone", "own", "expected"),
    [
        ("2026-03-05 06:29", "07:30", "mon-fri", "Europe/Berlin", NONE, "2026-03-05 06:30"),
        ("2026-03-05 06:30", "07:30", "mon-fri", "Europe/Berlin", NONE, "2026-03-06 06:30"),
        ("2026-03-06 12:00", "07:30", "mon-fri", "Europe/Berlin", NONE, "2026-03-09 06:30"),
        ("2026-03-06 12:00", "07:30", "mon-fri", "Europe/Berlin", AWAY, "2026-03-23 06:30"),
        ("2026-04-02 12:00", "07:30", "mon-fri", "Europe/Berlin", AWAY, "2026-04-07 05:30"),  # Easter, and summer time
        ("2026-03-28 12:00", "02:30", "mon-sun", "Europe/Berlin", NONE, "2026-03-29 01:00"),  # the clocks skip that hour
        ("2026-10-24 12:00", "02:30", "mon-sun", "Europe/Berlin", NONE, "2026-10-25 00:30"),  # it comes twice: the first
        ("2026-10-25 01:00", "02:30", "mon-sun", "Europe/Berlin", NONE, "2026-10-26 01:30"),  # and only the first
        ("2026-03-05 20:00", "07:30", "mon-fri", "Pacific/Auckland", NONE, "2026-03-08 18:30"),
        ("2026-03-05 06:29", "07:30", "wed", "America/New_York", NONE, "2026-03-11 11:30"),
    ],
)  # fmt: skip
def test_mornings(now: str, clock: str, days: str, zone: str, own: OwnCalendar, expected: str) -> None:
    """The digest comes on its days at its time of the owner's clock, on no holiday of theirs and on no day on which they are away."""
    calendar = when.calendar_for((), own)
    found = next_morning(datetime.fromisoformat(f"{now}+00:00"), clock, days, ZoneInfo(zone), calendar)
    assert f"{found:%Y-%m-%d %H:%M}" == expected


def test_no_morning() -> None:
    """Weekends and absences have none; whoever is away for years gets none."""
    calendar = when.calendar_for((), AWAY)
    assert morning_of(date(2026, 3, 7), "07:30", "mon-fri", BERLIN, calendar) is None
    assert morning_of(date(2026, 3, 10), "07:30", "mon-fri", BERLIN, calendar) is None
    away = replace(AWAY, absences=tuple((date(2026 + year, 1, 1), date(2026 + year, 12, 31)) for year in range(4)))
    assert next_morning(NOW, "07:30", "mon-fri", BERLIN, when.calendar_for((), away)) is None


# -- nothing forged ----------------------------------------------------------------------------------


NUMBERED = re.compile(r"\s*[0-9]+[.)]")
TITLES = ("WHO ANSWERED", "TO DO", "IN DOUBT", "LEAVES TODAY", "STANDS STILL")
FORGED = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(["9. Pay this", "\n", "\r", "\u2028", "\x85", "TO DO", "x" * 90, "4.", "漢字" * 30, "\u202e", "\x1b[2J", " ", "| "]), max_size=12).map("".join),
)  # fmt: skip


@given(FORGED, FORGED, FORGED)
def test_nothing_forged(name: str, words: str, title: str) -> None:
    """Whatever strangers write, and whatever they are called: each number, each title and each bar is ours, and no line is too wide."""
    people = {one.address: replace(one, columns={"first_name": name, "company": words}) for one in PEOPLE}
    morning = whole()
    found = compose(
        replace(
            morning, people=people, owner=name,
            answers=tuple(replace(one, reply=replace(one.reply, text=words, evidence=name, address=name)) for one in morning.answers),
            duties=tuple(replace(one, learn=words, task=replace(one.task, title=title, text=words, address=name)) for one in morning.duties),
            doubts=tuple(replace(one, text=words, subject=title, address=name) for one in morning.doubts),
            still=tuple(replace(one, reason=words) for one in morning.still), obstacles=(words,),
        )
    )  # fmt: skip
    assert found is not None
    lines = found.text.split("\n")
    assert found.text.splitlines() == lines[:-1]
    assert all(columns(line) <= WIDE for line in lines)
    assert all(letter.isprintable() for line in lines for letter in line)
    assert [line for line in lines if NUMBERED.match(line)] == [
        f"{number}. {one['title']}".rstrip() for number, one in enumerate(found.items, 1)
    ]
    assert [line for line in lines if line in TITLES] == list(TITLES)
    assert "\n" not in found.subject
