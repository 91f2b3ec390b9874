"""What the mix of all stories shows in a simulation (`tests/test_any_mix.py`), on real sockets: an opt-out is the last word."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from followupd import desk
from tests.stories.stage import ANN, Play

AGAIN = "email,cadence,first_name,company,news,compelling_reason\nann@p.test,again,Ann,Acme,a plant,new rules\n"
CADENCE = """\
cadence: again
about: Two more mails.
again: 1d
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: idea, email: idea, after: 3d}
end: {after: 7d}
"""


def by_words(play: Play) -> None:
    """In their own words, to the first mail."""
    play.reply("ann@p.test", "Please take me off your list and do not send me any more emails.")


def by_the_header(play: Play) -> None:
    """Their mail program follows List-Unsubscribe: a mail of its own that names none of ours."""
    mail = play.mails("ann@p.test")[-1]
    found = re.search(r"<mailto:([^?>]+)(?:\?subject=([^>&]+))?", str(mail.message["List-Unsubscribe"]))
    assert found
    to, subject = unquote(found[1]), unquote(found[2] or "unsubscribe")
    play.post(f"From: <ann@p.test>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <u1@p.test>\r\n\r\n\r\n".encode())


def by_complaint(play: Play) -> None:
    """By the spam button."""
    play.complain("ann@p.test")


@pytest.mark.parametrize("way", [by_words, by_the_header, by_complaint])
def test_the_last_word(play: Play, way: Callable[[Play], None]) -> None:
    """Whatever comes after an opt-out, a file, a command, an answer, months: nothing more goes to that person, and others hear as before."""
    play.write("cadences/again.yaml", CADENCE)
    play.reread()
    play.at("mon 09:00").drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    play.at("thu 10:00")
    had = len(play.mails("ann@p.test"))
    assert had == 2
    way(play)
    play.drop_csv(AGAIN, "reopen-2026.csv")
    play.run_until("+4d")
    play.reply("ann@p.test", "Why do I hear nothing from you? Yes, let's go ahead.")
    with pytest.raises(desk.NotNow):
        desk.resume(play.office, "ann@p.test")
    play.drop_csv(ANN.replace("intro", "again"), "once-more.csv")
    play.run_until("+60d")
    assert len(play.mails("ann@p.test")) == had
    if way is not by_complaint:  # after one of those the mailbox rests
        assert len(play.mails("bob@q.test")) == 4
