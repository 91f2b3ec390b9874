"""Plays: the last mail makes it easy to answer. What comes through its doors is known for certain; what only looks so is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Row

from followupd import desk
from followupd.store import schema
from tests.stories.stage import ANN, BOB, Play

GOODBYE = """\
cadence: intro
about: One mail, and the end.
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: goodbye, email: doors, after: 1d, thread: new, doors: [yes, later, no]}
replies:
  no: {finish: no}
end: {after: 7d}
"""
DOORS = (
    '---\nsubject: "Yes, later or no?"\n---\nChoose a line or answer with one word:\n\n'
    "- [Yes]({{ doors.yes }})\n- [Later]({{ doors.later }})\n- [No]({{ doors.no }})\n"
)


def opened(play: Play, address: str, door: str) -> tuple[str, str, str]:
    """What a mail program fills in when somebody opens a door: recipient, subject and words."""
    links = re.findall(r"mailto:[^\s\">)]+", play.mails(address)[-1].text)
    link = urlsplit(links[("yes", "later", "no").index(door)])
    query = parse_qs(link.query)
    return link.path, query["subject"][0], query["body"][0]


def sends(play: Play, sender: str, to: str, subject: str, words: str) -> None:
    """A mail of its own, that answers nothing, as a door makes one."""
    play._number += 1
    head = f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <door-{play._number}@p.test>"
    play.post(f"{head}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n".encode())


def through(
    play: Play, door: str, words: str | None = None, *, address: str = "ann@p.test", sender: str = "", mangle: str = ""
) -> None:
    """Somebody opens a door of the mail to `address`, perhaps types other words, and sends it."""
    to, subject, body = opened(play, address, door)
    sends(play, sender or address, to, subject.replace("[f-", mangle) if mangle else subject, body if words is None else words)


def replies(play: Play, address: str) -> list[Row[Any]]:
    """What was recorded of somebody's mails, in the order in which they came."""
    mine, reply = play.enrollment(address).id, schema.reply.c
    with play.office.store.reading() as connection:
        return list(connection.execute(schema.reply.select().where(reply.enrollment == mine).order_by(reply.received)))


@pytest.fixture(params=["", "plus: true\n"], ids=["bare", "plus"])
def setting(request: pytest.FixtureRequest) -> str:
    """With a provider that knows plus addresses, and with one that does not."""
    return str(request.param)


def said_goodbye(stage: Callable[..., Play], setting: str = "") -> Play:
    """Ann and Bob have had the mail with the doors."""
    play = stage(cadences={}, extra=setting)
    play.write("templates/doors.md", DOORS)
    play.write("cadences/intro.yaml", GOODBYE)
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    play.at("tue 12:00")
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello Ann", "Yes, later or no?"]
    return play


def test_through_the_doors(stage: Callable[..., Play], setting: str) -> None:
    """An answer through a door is that answer for certain, also without a word, from a mail that names nothing else; twice is once."""
    play = said_goodbye(stage, setting)
    through(play, "no", "")
    assert play.outcome("ann@p.test") == "no"
    (reply,) = replies(play, "ann@p.test")
    assert (reply.kind, reply.matched, reply.confidence, reply.subject) == ("no", "token", 0.99, "No, thank you")
    through(play, "no", "")
    through(play, "yes", address="ann@p.test")
    assert play.outcome("ann@p.test") == "no"
    through(play, "later", "Not now, please come back later. A good month would be: May", address="bob@q.test")
    assert play.until("bob@q.test") == "Fri 01 May 00:00"


def test_what_is_typed_wins(stage: Callable[..., Play]) -> None:
    """Ann opens the door "yes" and types that she wants no more mail: that is an opt-out. Bob types a question: a human answers him."""
    play = said_goodbye(stage)
    through(play, "yes", "Please remove me from your list.")
    assert (play.outcome("ann@p.test"), list(play.suppressed())) == ("opted_out", ["ann@p.test"])
    through(play, "yes", "No thanks, we are not interested.", address="bob@q.test")
    assert play.state("bob@q.test") == "held"
    (asked,) = play.reviews()
    assert "came through the door yes, and says: No thanks" in asked.evidence


def test_forged_and_borrowed(stage: Callable[..., Play]) -> None:
    """A forged token is only text, and Ann's token in Bob's hands is not Ann's word: nobody is believed, and a human looks."""
    play = said_goodbye(stage)
    through(play, "yes", "", mangle="[f-x", sender="eve@elsewhere.test")
    assert [play.state(one) for one in ("ann@p.test", "bob@q.test")] == ["active", "active"]
    through(play, "yes", "", mangle="[f-x")
    assert (play.state("ann@p.test"), play.reviews()[0].matched) == ("held", "address")
    through(play, "yes", sender="carl@p.test")
    assert play.state("ann@p.test") == "held"
    assert any("not by ann@p.test" in one.evidence for one in play.reviews())


def test_bare_answers(stage: Callable[..., Play]) -> None:
    """A bare "go" lets Ann go where doors were offered; the same word in answer to a mail without doors is read by a human. A month is a date."""
    play = said_goodbye(stage)
    play.reply("ann@p.test", "Go.")
    assert play.outcome("ann@p.test") == "no"
    play.reply("bob@q.test", "Go", to=0)
    assert (replies(play, "bob@q.test")[-1].kind, play.state("bob@q.test")) == ("unclear", "held")
    desk.resume(play.office, "bob@q.test")
    play.reply("bob@q.test", "May")
    assert play.until("bob@q.test") == "Fri 01 May 00:00"
