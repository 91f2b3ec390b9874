"""Who waits for a human's word, and until when: tables, and one year of arrivals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import when
from followupd.core.lines import WIDE, columns
from followupd.core.model import OwnCalendar, Prospect, ReplyKind
from followupd.core.waiting import Due, Patience, alarms, by_hand, escalation, expected, reminder, unanswered, waits
from tests.core.test_digest import BERLIN, NUMBERED, person, reply, task

LONG = "Thank you for the time that you took to look at how we close our books. " * 4


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("no", "No thanks.", ""), ("no", "Danke, kein Bedarf.", ""), ("no", "Sorry, not for us. We chose somebody else last week.", ""),
        ("no", LONG + "It is a no.", "they took the time to explain"),
        ("no", "No, I am afraid. I really enjoyed our talk about the mountains.", "it is personal"),
        ("no", "No. My mother passed away and I am out of the business for a while.", "it is personal"),
        ("no", "Leider nein. Es war ein sehr nettes Gespräch mit Ihnen!", "it is personal"),
        ("no", "Non merci, mais j'ai beaucoup apprécié votre visite.", "it is personal"),
        ("no", "No. Where did you get my address?", "it asks something"),
        ("later", LONG, ""), ("yes", LONG, ""), ("unsubscribe", LONG, ""),
    ],
)  # fmt: skip
def test_by_hand(kind: str, text: str, reason: str) -> None:
    """A no that is long, personal, or asks something wants an answer by hand, and says why; one that says no more than no does not."""
    assert by_hand(reply("r", "ann@p.test", kind, text)) == reason


@pytest.mark.parametrize("kind", list(ReplyKind))
def test_waits(kind: ReplyKind) -> None:
    """Whoever wrote waits for a word, but for machines, for those who want silence, and for a no that says no more than no."""
    quiet = {
        ReplyKind.NO, ReplyKind.UNSUBSCRIBE, ReplyKind.OUT_OF_OFFICE, ReplyKind.AUTO_REPLY, ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT,
        ReplyKind.BOUNCE_BLOCKED, ReplyKind.COMPLAINT,
    }  # fmt: skip
    assert waits(reply("r", "ann@p.test", kind, "Some words")) == (kind not in quiet)
    assert waits(reply("r", "ann@p.test", kind, LONG)) == (kind not in quiet - {ReplyKind.NO})
    assert not waits(reply("r", "ann@p.test", kind, LONG, folder=""))  # what the rep has said of them is no mail of theirs


def patience(
    *,
    absences: tuple[tuple[date, date], ...] = (),
    manager: str = "lee@example.com",
    hours: str = "mon-fri 09:00-17:00",
    **more: str,
) -> Patience:
    """Eight working hours until the owner is reminded, sixteen until the manager is told."""
    own = OwnCalendar(name="Dana", holidays=("DE",), absences=absences)
    return Patience(
        remind=timedelta(hours=8), escalate=timedelta(hours=16), hours=when.parse_window(hours), zone=ZoneInfo(more.get("zone", "Europe/Berlin")),
        calendar=when.calendar_for((), own), superior=manager,
    )  # fmt: skip


WEEK = ((date(2026, 3, 9), date(2026, 3, 13)),)


@pytest.mark.parametrize(
    ("since", "setting", "remind", "escalate"),
    [
        ("Mon 02 10:00", {}, "Tue 03 10:00", "Wed 04 10:00"),
        ("Mon 02 20:00", {}, "Tue 03 17:00", "Wed 04 17:00"),  # after work: the clock begins in the morning
        ("Fri 06 16:00", {}, "Mon 09 16:00", "Tue 10 16:00"),  # the weekend counts for nothing
        ("Sat 07 11:00", {}, "Mon 09 17:00", "Tue 10 17:00"),
        ("Fri 27 16:00", {}, "Mon 30 16:00", "Tue 31 16:00"),  # the clocks go forward on the 29th
        ("Thu 02+ 16:00", {}, "Tue 07+ 16:00", "Wed 08+ 16:00"),  # Easter
        ("Tue 10 11:00", {"absences": WEEK}, "", "Tue 10 11:00"),  # away when it comes: the manager at once
        ("Fri 06 16:00", {"absences": WEEK}, "", "Mon 09 16:00"),  # away when it were time: the manager then
        ("Fri 06 08:00", {"absences": WEEK}, "Fri 06 17:00", "Mon 09 17:00"),
        ("Tue 10 11:00", {"absences": WEEK, "manager": ""}, "Mon 16 17:00", "Thu 12 11:00"),  # nobody else there: once they are back
        ("Mon 02 10:00", {"hours": "always"}, "Mon 02 18:00", "Tue 03 02:00"),
        ("Mon 02 10:00", {"hours": "mon,wed 10:00-12:00"}, "Wed 11 12:00", "Wed 25 12:00"),
        ("Mon 02 10:00", {"zone": "America/New_York"}, "Mon 02 23:00", "Tue 03 23:00"),
    ],
)  # fmt: skip
def test_alarms(since: str, setting: dict[str, str], remind: str, escalate: str) -> None:
    """The owner is reminded after eight of their working hours, the manager told after sixteen; an absence stops no clock."""
    found = alarms(_moment(since), patience(**setting))  # type: ignore[arg-type]
    assert tuple(_spoken(at) for at in found) == (remind, escalate)


def _moment(text: str) -> datetime:
    """`Mon 02 10:00` of March, `Thu 02+ 16:00` of April, on the clocks of Berlin."""
    _, day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3 + day.endswith("+"), int(day[:2]), hour, minute, tzinfo=BERLIN).astimezone(UTC)


def _spoken(at: datetime | None) -> str:
    local = at.astimezone(BERLIN) if at else None
    return f"{local:%a %d}{'+' if local.month == 4 else ''} {local:%H:%M}" if local else ""


def test_again() -> None:
    """The second message that nobody has answered is the manager's at once; a second mail within the hour is one message with the first."""
    first = reply("r1", "ann@p.test", "engaged", "When?", received=_moment("Mon 02 10:00"))
    known = expected(task("t1", "ann@p.test", "Answer"), first, first.received, (), patience())
    assert (_spoken(known.remind), _spoken(known.escalate)) == ("Tue 03 10:00", "Wed 04 10:00")
    for clock, remind, escalate in (("10:59", "Tue 03 10:00", "Wed 04 10:00"), ("11:01", "Tue 03 11:01", "Mon 02 11:01")):
        more = replace(first, id="r2", received=_moment(f"Mon 02 {clock}"))
        for kind in ("read", "apologize"):  # nobody waits behind these
            assert not unanswered(((replace(known, kind=kind), first),), more)
        found = expected(task("t2", "ann@p.test", "Answer"), more, more.received, ((known, first),), patience())
        assert (_spoken(found.remind), _spoken(found.escalate)) == (remind, escalate)


@given(
    st.integers(0, 30_000), st.integers(1, 40), st.sampled_from(["mon-fri 09:00-17:00", "mon-sun 08:30-12:00, 13:00-18:00"])
)  # fmt: skip
def test_worked(start: int, hours: int, window: str) -> None:
    """So much working time lies between, and not a quarter of an hour more: counted one by one, over weekends, holidays and changes of the clocks."""
    quarter = timedelta(minutes=15)
    since = datetime(2026, 1, 1, tzinfo=UTC) + start * quarter
    span, calendar = when.parse_window(window), when.calendar_for(("DE",))
    until = when.worked(since, timedelta(hours=hours), window=span, zone=BERLIN, calendar=calendar)

    def works(at: datetime) -> bool:
        local = at.astimezone(BERLIN)
        minute = local.hour * 60 + local.minute
        return any(low <= minute < high for low, high in span.days[local.weekday()]) and not calendar.name_of(local.date())

    quarters = [since + number * quarter for number in range(int((until - since) / quarter))]
    assert sum(map(works, quarters)) == 4 * hours
    assert works(quarters[-1])


def test_letters() -> None:
    """The owner can answer each line by its number; the manager reads who waits, since when, and what they wrote, and answers the owner."""
    ann = person("ann@p.test", "Ann", "Lee", "Acme")
    asks = reply("r", "ann@p.test", "engaged", "When could you start?")
    dues = [
        Due(task=task("t1", "ann@p.test", "Answer this: When?", kind="answer"), reply=asks, prospect=ann),
        Due(task=task("t2", "ann@p.test", "Call Ann", "Ask.")),
    ]
    found = reminder("Dana", dues, BERLIN)
    assert (found.subject, [one["id"] for one in found.items]) == ("2 things wait", ["t1", "t2"])
    assert reminder("Dana", dues[:1], BERLIN).subject == "Ann Lee waits for your answer"
    assert "    waits since Wed 4 Mar, 16:20; wrote from ann@p.test\n    | When could you start?\n" in found.text
    told = escalation("Dana Reyes", dues[:1], BERLIN, "Mon 9 Mar to Fri 13 Mar is an absence of Dana Reyes.")
    assert (told.subject, told.items) == ("Ann Lee waits for an answer from Dana Reyes", ())
    assert "absence of Dana" in told.text
    assert "\n* Answer this: When?\n    about Ann Lee, Acme, ann@p.test\n" in told.text


@given(
    st.text(max_size=300),
    st.lists(st.sampled_from(["9. Pay", "\n", "\r", "* ", "\u2028", "x" * 90, " "]), max_size=12).map("".join),
)
def test_nothing_forged(words: str, more: str) -> None:
    """No stranger's words make a line that looks like one of ours."""
    whom = Prospect(id="p", address="p", columns={"first_name": words, "company": more})
    dues = [
        Due(task=task("t1", more, words, kind="answer"), reply=replace(reply("r", words, "engaged", more), subject=words), prospect=whom),
        Due(task=task("t2", words, more, words)),
    ]  # fmt: skip
    for found, marks in ((reminder("Dana", dues, BERLIN), 2), (escalation("Dana Reyes", dues, BERLIN, ""), 0)):
        lines = found.text.split("\n")
        assert found.text.splitlines() == lines[:-1]
        assert sum(bool(NUMBERED.match(line)) for line in lines) == marks
        assert sum(line.startswith("* ") for line in lines) == 2 - marks
        assert all(columns(line) <= WIDE for line in lines)
