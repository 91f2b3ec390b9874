"""Calendar parts of strangers: which meeting they speak of, and what they say of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.inbound import read_message
from followupd.core.invitation import read_invitation
from followupd.core.meeting import Meeting, Saying, fact_about, meetings_in, said
from followupd.core.model import Enrollment, EnrollmentState, Invitation
from followupd.reader import inbound_from, inbound_to

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = "BEGIN:VTIMEZONE\nTZID:Our Zone\nBEGIN:STANDARD\nTZOFFSETTO:{std}\nEND:STANDARD\nBEGIN:DAYLIGHT\nTZOFFSETTO:{dst}\nEND:DAYLIGHT\nEND:VTIMEZONE\n"


def ics(*lines: str, method: str = "REQUEST", before: str = "") -> str:
    """A calendar part with one meeting."""
    event = "\n".join(("BEGIN:VEVENT", "UID:m1@p.test", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\nMETHOD:{method}\n{before}{event}\nEND:VCALENDAR\n"


def utc(text: str) -> datetime:
    """A moment such as `05 10:00` in March 2026."""
    return datetime.strptime(f"2026 03 {text} +0000", "%Y %m %d %H:%M %z")


TIMES = [
    (("DTSTART:20260305T100000Z", "DTEND:20260305T113000Z"), "", utc("05 10:00"), utc("05 11:30")),
    (("DTSTART:20260305T100000Z", "DURATION:PT45M"), "", utc("05 10:00"), utc("05 10:45")),
    (("DTSTART:20260305T100000Z", "DURATION:P1DT2H"), "", utc("05 10:00"), utc("06 12:00")),
    (("DTSTART:20260305T100000Z",), "", utc("05 10:00"), utc("05 11:00")),
    (("DTSTART;TZID=Europe/Berlin:20260305T100000", "DTEND;TZID=Europe/Berlin:20260305T110000"), "", utc("05 09:00"), utc("05 10:00")),
    (("DTSTART;TZID=W. Europe Standard Time:20260305T100000", "DURATION:PT1H"), "", utc("05 09:00"), utc("05 10:00")),
    (('DTSTART;TZID="/freeassociation.sourceforge.net/America/New_York":20260305T100000', "DURATION:PT1H"), "", utc("05 15:00"), utc("05 16:00")),
    (("DTSTART;TZID=Our Zone:20260305T100000", "DTEND;TZID=Our Zone:20260305T110000"), ZONE.format(std="+0100", dst="+0200"), utc("05 08:00"), utc("05 10:00")),
    (("DTSTART;TZID=Our Zone:20260305T100000", "DTEND;TZID=Our Zone:20260305T110000"), ZONE.format(std="-0330", dst="-0330"), utc("05 13:30"), utc("05 14:30")),
    (("DTSTART:20260305T100000", "DTEND:20260305T110000"), "", datetime(2026, 3, 5, 10), datetime(2026, 3, 5, 11)),  # noqa: DTZ001
    (("DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260307"), "", datetime(2026, 3, 5), datetime(2026, 3, 7)),  # noqa: DTZ001
    (("DTSTART;VALUE=DATE:20260305",), "", datetime(2026, 3, 5), datetime(2026, 3, 6)),  # noqa: DTZ001
    (("DTSTART:20260305T100000Z", "DTEND:20260305T090000Z"), "", None, None),
    (("DTSTART:20260305T100000Z", "DTEND:20270305T090000Z"), "", None, None),
    (("DTSTART:20260305T100000Z", "DTEND:20260305T110000"), "", utc("05 10:00"), None),
    (("DTSTART:20261305T100000Z",), "", None, None),
    (("DTSTART:99990305T100000Z",), "", None, None),
    (("DTSTART:20260305T996000Z",), "", None, None),
    (("SUMMARY:no date at all",), "", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "before", "begins", "ends"), TIMES, ids=[" ".join(lines)[:60] for lines, *_ in TIMES])
def test_times(lines: tuple[str, ...], before: str, begins: datetime | None, ends: datetime | None) -> None:
    """UTC, zones by IANA's and by Windows' names, offsets in the mail, floating times, whole days; what can't be is no time."""
    found = read_invitation(ics(*lines, before=before))
    if found is None:
        assert begins is None
    elif ends is None:
        assert found.ends is None
    else:
        assert (found.begins, found.ends) == (begins, ends)


def test_what_is_said() -> None:
    """Method, sequence, answer, people and title are read, folded lines and escapes undone; alarms and other parts are not the meeting."""
    text = ics(
        "SEQUENCE:3", 'ORGANIZER;CN="Reyes, Dana":mailto:Dana@Example.com', "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ann:MAILTO:ann@p.te", " st",
        "SUMMARY:Our\\, pilot\\nnext", "DTSTART:20260305T100000Z", "BEGIN:VALARM", "DTSTART:20200101T000000Z", "END:VALARM", method="REPLY",
    )  # fmt: skip
    found = read_invitation(text)
    assert found
    assert (found.method, found.edition, found.answer, found.summary) == ("REPLY", 3, "ACCEPTED", "Our, pilot next")
    assert (found.organizer, found.attendees, found.begins) == ("dana@example.com", ("ann@p.test",), utc("05 10:00"))
    assert read_invitation("no calendar") is None
    mail = b"From: ann@p.test\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + text.encode()
    inbound = read_message(mail)
    assert inbound.invitation == found
    assert inbound_from(inbound_to(inbound)) == inbound


START = "DTSTART:20260305T100000Z"
SAID = [
    ("REQUEST", (START,), Saying.AHEAD),
    ("REPLY", (START, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@p.test"), Saying.AHEAD),
    ("REPLY", (START, "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ann@p.test"), Saying.ASK),
    ("REPLY", (START, "ATTENDEE;PARTSTAT=DECLINED:mailto:ann@p.test"), Saying.ASK),  # of a meeting that nobody knows
    ("COUNTER", (START,), Saying.ASK),
    ("REQUEST", (START, "RRULE:FREQ=WEEKLY"), Saying.ASK),
    ("REQUEST", (START, "RECURRENCE-ID:20260305T100000Z"), Saying.ASK),
    ("REQUEST", ("DTSTART:20260302T070000Z",), Saying.ASK),
    ("REQUEST", ("DTSTART:20280302T070000Z",), Saying.ASK),
    ("REQUEST", (START, "DURATION:P20D"), Saying.ASK),
    ("REQUEST", (START, "STATUS:CANCELLED"), Saying.ASK),
    ("PUBLISH", (START,), Saying.ASK),
]  # fmt: skip


@pytest.mark.parametrize(("method", "lines", "saying"), SAID)
def test_saying(method: str, lines: tuple[str, ...], saying: Saying) -> None:
    """One meeting that lies ahead is waited for; a series, the past, the far future, a maybe and a counter-proposal are a human's."""
    found = read_invitation(ics(*lines, method=method))
    assert found
    assert said(found, {}, BERLIN, NOW)[0] == saying


def test_known_meetings() -> None:
    """A move has a higher number; what is older changes nothing; an end is an end, and facts remember the latest."""
    first = read_invitation(ics(START, "SEQUENCE:1"))
    assert first
    saying, meeting = said(first, {}, BERLIN, NOW)
    assert (saying, meeting is not None) == (Saying.AHEAD, True)
    assert meeting
    ann = Enrollment(
        id="e", prospect="p", address="ann@p.test", cadence="c", digest="d", mailbox="dana", state=EnrollmentState.ACTIVE, started=NOW, moved=NOW
    )  # fmt: skip
    facts = [fact_about(meeting, ann, "a test", NOW)]
    known = meetings_in(facts)
    assert list(known.values()) == [meeting]
    for text, expected in (
        (ics("DTSTART:20260306T100000Z", "SEQUENCE:0"), Saying.STALE),
        (ics("DTSTART:20260306T100000Z", "SEQUENCE:2"), Saying.AHEAD),
        (ics("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@p.test", "SEQUENCE:1", method="REPLY"), Saying.AHEAD),
        (ics("SEQUENCE:2", method="CANCEL"), Saying.OFF),
        (ics("SEQUENCE:1", "ATTENDEE;PARTSTAT=DECLINED:mailto:ann@p.test", method="REPLY"), Saying.OFF),
    ):
        other = read_invitation(text)
        assert other
        assert said(other, known, BERLIN, NOW)[0] == expected
    off = Meeting(name=meeting.name, begins=meeting.begins, ends=meeting.ends, edition=2, ahead=False)
    facts.append(fact_about(off, ann, "a test", NOW + timedelta(hours=1)))
    assert meetings_in(facts[::-1]) == {meeting.name: off}


TOKENS = [
    "BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "METHOD:REQUEST", "UID:x", "DTSTART:", "DTSTART;TZID=Europe/Berlin:", "DTEND:", "20260305T100000Z",
    "DURATION:P", "9999999W", "TZID:", "BEGIN:VTIMEZONE", "TZOFFSETTO:+9999", "SEQUENCE:99999999999", ";" * 50, ":" * 50, ',"' * 40, "\n ", "\n", "\r\n", "T246060",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=20)), max_size=40).map("".join))
def test_any_text(text: str) -> None:
    """Whatever stands there: nothing is raised, all is bounded, and a meeting has its end after its beginning."""
    found = read_invitation(text)
    if found is None:
        return
    assert isinstance(found, Invitation)
    assert len(found.uid) <= 300
    assert len(found.attendees) <= 50
    if found.begins and found.ends:
        assert timedelta() <= found.ends - found.begins <= timedelta(days=60)
        said(found, {}, BERLIN, NOW)


@pytest.mark.parametrize(
    "unit", ["BEGIN:VEVENT\n", "A;B=" + ",".join("c" * 9) + ":\n", "DTSTART" + ';X="' * 400, " \n", "X" * 70_000, "a;" * 30_000]
)
def test_it_takes_no_time(unit: str) -> None:
    """Text that is made to be slow is not."""
    began = time.perf_counter()
    read_invitation((unit * (70_000 // len(unit) + 1))[:70_000])
    assert time.perf_counter() - began < 1
