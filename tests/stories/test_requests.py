"""Plays: a human asks for something. Pause, resume, stop, suppress, and the switch for everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from followupd import desk
from followupd.core.lifecycle import NotNow
from tests.stories.stage import ANN, BOB, Play


def test_pause(play: Play) -> None:
    """Paused to a date: nothing before it, and then it goes on."""
    play.at("mon 09:00").drop_csv(ANN)
    desk.pause(play.office, "ann@p.test", datetime(2026, 3, 18, 11, tzinfo=UTC), "dana")
    play.run_until("+17d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Wed 18 Mar 12:00"])


def test_pause_without_end(play: Play) -> None:
    """Paused without a date: until somebody resumes it. No answer of a machine shortens that."""
    play.at("mon 09:00").drop_csv(ANN)
    desk.pause(play.office, "ann@p.test", None, "dana")
    play.reply("ann@p.test", "I am out of the office, back on 4 March 2026.", automatic="auto-replied")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    desk.resume(play.office, "ann@p.test")
    play.run_until("+1d")
    assert len(play.mails("ann@p.test")) == 2


def test_stop(play: Play) -> None:
    """Stopped is stopped: it can't be resumed."""
    play.at("mon 09:00").drop_csv(ANN)
    desk.stop(play.office, "ann@p.test", "dana")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "stopped"
    with pytest.raises(NotNow, match="in no cadence"):
        desk.resume(play.office, "ann@p.test")


def test_suppress_a_domain(play: Play) -> None:
    """Nobody writes to anyone at p.test again: what is under way there ends, and new rows are handed back."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    desk.suppress(play.office, "@p.test", "they asked by phone", "dana")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "opted_out"
    assert len(play.mails("bob@q.test")) == 4
    receipt = play.drop_csv(ANN.replace("ann@", "carl@"), name="carl.csv")
    assert receipt[0]["result"] == "rejected"
    assert "they asked by phone" in receipt[0]["reason"]


@pytest.mark.parametrize("scope", ["all", "mailbox:dana", "cadence:intro"])
def test_switch(play: Play, scope: str) -> None:
    """A switch stops a whole scope at once, and releasing it lets everything go on where it stood."""
    play.at("mon 09:00").drop_csv(ANN)
    desk.switch(play.office, scope, on=True, reason="a wrong price went out")
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.state("ann@p.test") == "active"
    desk.switch(play.office, scope, on=False, reason="")
    play.run_until("+1h")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 09:00"])


@pytest.mark.parametrize("scope", ["all", "mailbox:dana", "cadence:intro"])
def test_switch_at_the_gate(play: Play, scope: str) -> None:
    """A switch that is thrown while a mail is on its way to the server still stops it: the gate asks a last time."""
    play.at("mon 08:00").drop_csv(ANN)
    play.happens_before("RCPT", lambda: desk.switch(play.office, scope, on=True, reason="stop"))
    play.run_until("+3h")
    assert any(line.startswith("RCPT") for line in play.server.commands)
    play.expect_mails("ann@p.test", [])
    assert play.touches("ann@p.test")["hello"].attempt == 0
    desk.switch(play.office, scope, on=False, reason="")
    play.run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])


REQUESTS: list[Callable[[Play], object]] = [
    lambda play: desk.stop(play.office, "ann@p.test", "dana"),
    lambda play: desk.pause(play.office, "ann@p.test", None, "dana"),
    lambda play: desk.suppress(play.office, "ann@p.test", "by phone", "dana"),
    lambda play: desk.suppress(play.office, "@p.test", "by phone", "dana"),
]


@pytest.mark.parametrize("request_at_rcpt", REQUESTS)
def test_request_at_the_gate(play: Play, request_at_rcpt: Callable[[Play], object]) -> None:
    """Stop, pause and suppress count up to the last moment, too, and the daemon goes on with the others."""
    play.at("mon 08:00").drop_csv(ANN)
    play.happens_before("RCPT", lambda: request_at_rcpt(play))
    play.run_until("+3h")
    assert any(line.startswith("RCPT") for line in play.server.commands)
    play.expect_mails("ann@p.test", [])
    play.drop_csv(BOB, name="bob.csv")
    play.run_until("+1h")
    play.expect_mails("bob@q.test", ["Hello Bob"])
