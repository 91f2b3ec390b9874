"""Plays: "talk to Dana" becomes a draft, and a row once the rep says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from tests.stories.stage import INTRO, Play, Received

HEAD = "email,cadence,first_name,last_name,company\n"
NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")
PEOPLE = HEAD + "".join(f"{name}@acme.test,intro,{name.title()},Archer,Acme\n" for name in NAMES)
THANKS = INTRO + "replies:\n  referral: {send: thanks}\n"


@pytest.fixture
def named(stage: Callable[..., Play]) -> Play:
    """Six people at Acme have had a mail; who names somebody is thanked."""
    play = stage()
    play.write("templates/thanks.md", '---\nsubject: "Thanks"\n---\nThank you, {{ prospect.first_name }}.\n')
    play.write("cadences/intro.yaml", THANKS)
    play.reread()
    play.at("mon 09:00").drop_csv(PEOPLE)
    play.run_until("+1m")
    return play


def asking(play: Play, whom: str) -> list[Received]:
    """The letters that ask about somebody."""
    return [one for one in play.letters() if one.subject == f"{whom}: shall we write to them?"]


def receipt(play: Play) -> str:
    """What became of the files that have come into the inbox."""
    play.drop_csv("email\n", name="nobody.csv")
    return "".join(path.read_text("utf-8-sig") for path in (play.folder / "inbox").glob("referral-*.receipt.csv"))


def test_confirmed_by_reply(named: Play) -> None:
    """The named person is in a draft and in a letter, and hears nothing until the owner says yes; then they are enrolled like anybody. The
    referrer is thanked once, in their thread. A second word changes nothing; an address that was missing comes with the yes.
    """
    named.reply("ann@acme.test", "I am not the right person. Please contact Dana Miller <dana.miller@acme.test>, she decides.")
    named.run_until("+1d")
    (letter,) = asking(named, "Ann Archer names Dana Miller")
    (draft,) = (named.folder / "inbox" / "drafts").glob("referral-dana-miller-*.csv")
    assert all(part in letter.text for part in (str(draft), "dana.miller@acme.test", "referred_by: Ann Archer", "company: Acme"))
    assert [mail.subject for mail in named.mails("ann@acme.test")] == ["Hello Ann", "Re: Hello Ann"]
    assert "Thank you, Ann" in named.mails("ann@acme.test")[1].text
    assert (named.outcome("ann@acme.test"), named.mails("dana.miller@acme.test"), receipt(named)) == ("referred", [], "")
    named.answers_letter("1 maybe", letter=letter)
    named.run_until("+1h")
    assert draft.exists()
    named.answers_letter("yes please", letter=letter)
    named.run_until("+1h")
    assert not draft.exists()
    assert "dana.miller@acme.test,accepted" in receipt(named)
    assert named.tasks("ann@acme.test") == []
    found = named.office.store.person("dana.miller@acme.test")
    assert found[0] is not None
    assert (found[0].columns["referred_by"], found[1][0].source.endswith("came from referral")) == ("Ann Archer", True)
    named.answers_letter("1 no", letter=letter)
    named.run_until("+1h")
    assert "answered before" in named.letters()[-1].text
    named.reply("bob@acme.test", "Wrong person. You should talk to Lou Reed about this.")
    named.run_until("+1h")
    (asked,) = asking(named, "Bob Archer names Lou Reed")
    assert "address not known" in asked.text
    named.answers_letter("ok lou@acme.test", letter=asked)
    named.run_until("+1d")
    assert "lou@acme.test,accepted" in receipt(named)
    assert len(named.mails("lou@acme.test")) == 1


def test_what_makes_no_draft(named: Play) -> None:
    """One of us, the writer themselves, somebody suppressed or under way: the owner hears why, and there is no draft. A stranger's word and an
    opt-out name nobody, a no takes the draft away, and moving the file by hand is a yes.
    """
    desk.suppress(named.office, "gone@acme.test", "asked for no more mail", "dana")
    replies = {
        "ann": "I am not the right person. Please contact your own Lee Chen <lee@example.com>.",
        "bob": "Wrong person. Please contact me at <bob@acme.test>, Bob Archer.",
        "cat": "I am not the right person. Please contact Gus Gone <gone@acme.test>.",
        "dan": "I am not the right person. Please contact Fay Archer <fay@acme.test>.",
        "eve": "Please remove me from your list, and talk to Zoe Zed <zoe@acme.test> instead.",
    }
    for name, words in replies.items():
        named.reply(f"{name}@acme.test", words)
    named.reply("fay@acme.test", "Fay is not the right person. Please contact Mal <mal@evil.test>.", sender="stranger@evil.test")
    named.run_until("+1h")
    drafts = named.folder / "inbox" / "drafts"
    assert list(drafts.glob("*")) == []
    told = " ".join(letter.text for letter in named.letters())
    for why in ("that is one of us", "suppressed since", "is in cadence intro since"):
        assert why in told, told
    assert "zoe@" not in told
    assert "mal@" not in told
    assert len(named.mails("eve@acme.test")) == 1  # an opt-out is not thanked
    named.drop_csv(HEAD + "gus@acme.test,intro,Gus,G,Acme\nhal@acme.test,intro,Hal,H,Acme\n", name="more.csv")
    named.run_until("+1m")
    named.reply("gus@acme.test", "I am not the right person. Please contact Ida Ito <ida@acme.test>.")
    named.run_until("+1m")
    named.answers_letter("no", letter=asking(named, "Gus G names Ida Ito")[0])
    named.run_until("+1h")
    assert list(drafts.glob("*")) == []
    named.reply("hal@acme.test", "I am not the right person. Please contact Jo Jay <jo@acme.test>.")
    named.run_until("+1m")
    (draft,) = drafts.glob("referral-jo-*.csv")
    draft.rename(draft.parent.parent / draft.name)
    assert "jo@acme.test,accepted" in receipt(named)
    assert named.mails("ida@acme.test") == []
