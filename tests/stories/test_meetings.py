"""Plays: a meeting with somebody is reason enough to be quiet until it is over, and afterwards there is a next step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from followupd.core.model import ReplyKind
from tests.stories.stage import ANN, INTRO, Play

MET = "email,cadence,first_name,company,meeting_at\nann@p.test,intro,Ann,Acme,2026-03-02 14:00\nbob@q.test,intro,Bob,Beta,2026-03-05 10:00\n"


def calendar(
    play: Play,
    method: str,
    start: str,
    *,
    sequence: int = 0,
    answer: str = "",
    sender: str = "ann@p.test",
    more: str = "",
    words: str = "",
) -> bytes:
    """A calendar mail about one meeting of an hour, as mail programs write it."""
    play._number += 1
    event = [
        "BEGIN:VEVENT", "UID:pilot@p.test", f"SEQUENCE:{sequence}", f"DTSTART;TZID=W. Europe Standard Time:{start}", "DURATION:PT1H", "SUMMARY:The pilot",
        f"ORGANIZER:mailto:{sender}", f"ATTENDEE{f';PARTSTAT={answer}' if answer else ''}:mailto:ann@p.test", *([more] if more else []), "END:VEVENT",
    ]  # fmt: skip
    ics = "\r\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", *event, "END:VCALENDAR"))
    to = "dana@example.com" if sender != "dana@example.com" else "ann@p.test"
    return (
        f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: The pilot\r\nMessage-ID: <cal-{play._number}@p.test>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n--b\r\nContent-Type: text/calendar; method={method}\r\n\r\n{ics}\r\n--b--\r\n"
    ).encode()


def rests(play: Play, address: str = "ann@p.test") -> str:
    """How somebody stands, and until when."""
    state = play.state(address)
    return f"paused until {play.until(address)}" if state == "paused" else state


def test_a_meeting_and_what_becomes_of_it(play: Play) -> None:
    """Ann invites Dana: nothing is sent until that is over, and Dana is asked to answer. Moved, it lasts longer; an older message changes
    nothing; a colleague's invitation is a matter for a human; cancelled, the cadence goes on at once.
    """
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 09:00").post(calendar(play, "REQUEST", "20260306T100000"))
    assert rests(play) == "paused until Fri 06 Mar 11:00"
    assert [task.title for task in play.tasks("ann@p.test")] == ["They invite you to a meeting, answer it: The pilot"]
    play.post(calendar(play, "REQUEST", "20260310T100000", sequence=2))
    play.post(calendar(play, "REQUEST", "20260304T100000", sequence=1))
    assert rests(play) == "paused until Tue 10 Mar 11:00"
    play.at("mon 09:00")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    play.post(calendar(play, "CANCEL", "20260310T100000", sequence=3))
    assert rests(play) == "active"
    assert "They have cancelled the meeting: The pilot" in [task.title for task in play.tasks("ann@p.test")]
    play.run_until("+1h")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Mon 09 Mar 09:00"])
    play.post(calendar(play, "REQUEST", "20260320T100000", sender="carl@p.test"))
    assert rests(play) in ("active", "held")
    assert not [one for one in play.office.store.facts("ann@p.test") if "2026-03-20" in one.value]


def test_accepting_is_no_yes(play: Play) -> None:
    """Ann accepts Dana's invitation: that is no yes to the offer, and no machine's mail either. After the meeting the cadence goes on; what
    she asked for before, a pause until May, is not shortened by a meeting, nor by its end. Declined with "remove me", it is an opt-out.
    """
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 09:00").post(
        calendar(play, "REPLY", "20260306T100000", answer="ACCEPTED", words="Ann has accepted this invitation.")
    )
    assert rests(play) == "paused until Fri 06 Mar 11:00"
    assert play.tasks("ann@p.test") == []
    play.at("fri 12:00")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 11:00"])
    play.reply("ann@p.test", "Not now, please ask me again on 4 May.")
    play.post(calendar(play, "REQUEST", "20260505T100000", sequence=3))
    assert rests(play) == "paused until Tue 05 May 11:00"
    play.post(calendar(play, "REPLY", "20260505T100000", sequence=3, answer="DECLINED"))
    assert rests(play) == "paused until Mon 04 May 00:00"
    play.post(calendar(play, "COUNTER", "20260506T100000", sequence=3))
    assert play.state("ann@p.test") == "held"
    play.post(calendar(play, "REPLY", "20260505T100000", sequence=4, answer="DECLINED", words="Please remove me from your list."))
    assert play.outcome("ann@p.test") == "opted_out"


@pytest.mark.parametrize(
    ("more", "start"), [("RRULE:FREQ=DAILY", "20260306T100000"), ("", "20280306T100000"), ("", "20260301T100000")]
)
def test_no_such_meeting(play: Play, more: str, start: str) -> None:
    """A series, a meeting years away and one in the past pause nobody: Dana reads what is meant."""
    play.at("mon 09:00").drop_csv(ANN)
    play.post(calendar(play, "REQUEST", start, more=more))
    assert (rests(play), play.tasks("ann@p.test")[0].kind) == ("held", "answer")


def test_invited_by_the_rep(play: Play) -> None:
    """Dana invites Ann from her own calendar: the copy in her folder of sent mail is enough; her cancelling it as well."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 09:00")
    for method, start, expected in (
        ("REQUEST", "20260309T100000", "paused until Mon 09 Mar 11:00"),
        ("CANCEL", "20260309T100000", "paused until Thu 05 Mar 09:00"),
    ):
        raw = calendar(play, method, start, sender="dana@example.com", sequence=int(method == "CANCEL"))
        play._run(play.imap.append(raw, play.clock.now(), "Sent"))
        play.look()
        assert rests(play) == expected


def test_the_evening_after(stage: Callable[..., Play]) -> None:
    """The evening after a meeting Dana is asked for the next step, once; what she answers stands with the person, and in the messages after
    it. Bob's meeting lies ahead when he says no: it is to be confirmed or cancelled, at once.
    """
    play = stage(cadences={})
    play.write(
        "templates/idea.md", '---\nsubject: "An idea"\n---\nWe agreed on {{ prospect.next_step|default("nothing yet") }}.\n'
    )
    play.write("cadences/intro.yaml", INTRO)
    play.reread()
    play.at("mon 09:00").drop_csv(MET)
    play.at("mon 17:00")
    assert play.letters() == []
    play.at("mon 18:00")
    (asked,) = play.letters()
    assert asked.subject == "What is the next step with Ann?"
    play.answers_letter("1 a call with her team on Friday", letter=asked)
    play.run_until("+1m")
    assert play.office.store.person("ann@p.test")[0].columns["next_step"] == "a call with her team on Friday"  # type: ignore[union-attr]
    assert play.tasks("ann@p.test") == []
    play.at("wed 10:00").reply("bob@q.test", "qwertz uiop")
    desk.decide(play.office, play.reviews()[0].id, ReplyKind.NO, "dana")
    play.run_until("+1m")
    assert play.outcome("bob@q.test") == "no"
    titles = [mail.subject for mail in play.letters()]
    assert "Confirm or cancel the meeting with Bob" in titles
    assert "meeting" in [task.kind for task in play.tasks("bob@q.test")]
    play.at("fri 18:30")
    assert "agreed on a call with her team on Friday." in play.mails("ann@p.test")[1].text
    assert [mail.subject for mail in play.letters()].count("What is the next step with Ann?") == 1
    assert "What is the next step with Bob?" not in [mail.subject for mail in play.letters()]


def test_from_the_command_line(stage: Callable[..., Play]) -> None:
    """`done TASK --note` says the next step as well; who has finished meanwhile, or has a next step in the row, is not asked about."""
    play = stage()
    play.at("mon 09:00").drop_csv(
        MET.replace("meeting_at\n", "meeting_at,next_step\n").replace("10:00\n", "10:00,a demo\n").replace("14:00\n", "14:00,\n")
    )
    play.at("mon 18:00")
    (task,) = play.tasks("ann@p.test")
    assert task.kind == "next-step"
    desk.close_task(play.office, task.id, done=True, by="dana", note="a demo on Friday")
    assert play.office.store.person("ann@p.test")[0].columns["next_step"] == "a demo on Friday"  # type: ignore[union-attr]
    play.at("thu 18:00")
    assert play.tasks("bob@q.test") == []
