"""Plays: machines answer. Delivery reports and complaints, true ones and forged ones."""

from __future__ import annotations

from followupd import desk
from tests.stories.stage import ANN, BOB, Play

FOUR = "email,cadence,first_name,company\n" + "".join(
    f"{name}@p.test,intro,{name.title()},Acme\n" for name in ("ann", "carl", "dora", "emil")
)


def test_hard_bounce(play: Play) -> None:
    """A report that names our mail and says that the address is gone ends the cadence, and nobody writes there again."""
    play.at("mon 09:00").drop_csv(ANN)
    play.bounce("ann@p.test", "hard")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "bounced"
    assert play.suppressed() == {"ann@p.test": "the address is gone"}
    assert play.steps("ann@p.test")["hello"] == "failed"
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_forged_bounce(play: Play) -> None:
    """A report that names no mail of ours only holds: anybody can write one."""
    play.at("mon 09:00").drop_csv(ANN)
    play.bounce("ann@p.test", "hard", forged=True)
    assert play.state("ann@p.test") == "held"
    assert play.suppressed() == {}
    assert len(play.reviews()) == 1
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_soft_bounces(play: Play) -> None:
    """A full mailbox is given some days; after the third time in one cadence a human must look."""
    play.at("mon 09:00").drop_csv(ANN)
    for number, state in ((1, "paused"), (2, "paused"), (3, "held")):
        assert len(play.mails("ann@p.test")) == number, play.diary("ann@p.test")
        play.bounce("ann@p.test", "soft")
        assert play.state("ann@p.test") == state
        play.run_until("+4d")
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 3
    assert play.suppressed() == {}


def test_blocked(play: Play) -> None:
    """Three reports within a day that refuse us for what we are stop the whole mailbox, until a human lets it go on."""
    play.at("mon 09:00").drop_csv(FOUR)
    for name in ("ann", "carl", "dora"):
        assert play.switches() == set()
        play.bounce(f"{name}@p.test", "blocked")
        assert play.state(f"{name}@p.test") == "paused"
    assert play.switches() == {"mailbox:dana"}
    assert play.suppressed() == {}
    play.run_until("+5d")
    play.expect_mails("emil@p.test", ["Hello Emil"])
    desk.switch(play.office, "mailbox:dana", on=False, reason="it was a false alarm")
    play.run_until("+5d")
    play.expect_mails("emil@p.test", ["Hello Emil", "Re: Hello Emil"])


def test_complaint(play: Play) -> None:
    """Somebody pressed the spam button: never again, to that address."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    play.complain("ann@p.test")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "opted_out"
    assert play.suppressed() == {"ann@p.test": "complained about a mail"}
    assert len(play.mails("ann@p.test")) == 1
    assert len(play.mails("bob@q.test")) == 4


def test_report_after_the_end(play: Play) -> None:
    """A report that comes after the end still counts against the address, and changes no outcome."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 09:00").reply("ann@p.test", "No thanks.")
    play.bounce("ann@p.test", "hard")
    assert play.outcome("ann@p.test") == "no"
    assert "ann@p.test" in play.suppressed()
