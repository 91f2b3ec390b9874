"""Plays: the mail servers have a bad day, and answers come at the worst moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from followupd.core.lifecycle import NotNow
from tests.stories.stage import ANN, BOB, INTRO, Play


def test_deferred(play: Play) -> None:
    """451: the mail is tried again by the list 5m, 30m, 2h, 8h, under the same name, and arrives once."""
    play.server.says(RCPT=["451 4.7.1 greylisted", "451 4.7.1 greylisted", "250 2.1.5 ok"])
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+4m")
    assert play.mails() == []
    play.run_until("+1h")
    (mail,) = play.mails("ann@p.test")
    waited = (mail.at - play.touches("ann@p.test")["hello"].intended).total_seconds() / 60  # type: ignore[operator]
    assert 35 <= waited <= 35 * 1.5
    assert play.touches("ann@p.test")["hello"].attempt == 3
    play.run_until("+4d")
    assert len(play.mails("ann@p.test")) == 2


def test_deferred_for_good(play: Play) -> None:
    """After the last wait of the list a human must look; the touch has failed."""
    play.server.says(RCPT="451 4.7.1 greylisted")
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+4d")
    assert play.steps("ann@p.test")["hello"] == "failed"
    assert play.state("ann@p.test") == "held"
    assert [task.kind for task in play.tasks("ann@p.test")] == ["settle"]
    assert len([line for line in play.server.commands if line.startswith("RCPT")]) == 5


def test_no_such_address(play: Play) -> None:
    """550 5.1.1: the address is gone. The cadence ends, and nobody writes there again."""
    play.server.says(RCPT="550 5.1.1 no such user")
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "bounced"
    assert play.suppressed() == {"ann@p.test": "the address is gone"}
    assert play.mails() == []
    assert len([line for line in play.server.commands if line.startswith("RCPT")]) == 1


def test_policy(play: Play) -> None:
    """550 5.7.1 is about us: the mailbox rests, longer each time; nobody is suppressed, and the mail leaves in the end."""
    play.server.says(RCPT=["550 5.7.1 blocked by policy", "550 5.7.1 blocked by policy", "250 2.1.5 ok"])
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+1m")
    assert play.mails() == []
    play.run_until("+1h")
    assert len(play.mails("ann@p.test")) == 1, play.diary("ann@p.test")
    assert play.suppressed() == {}
    assert play.steps("ann@p.test")["hello"] == "sent"
    assert play.touches("ann@p.test")["hello"].attempt == 1


def test_server_down(play: Play) -> None:
    """A server that does not greet costs no attempt: the mail waits until it is back."""
    play.server.says(drop="BANNER")
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+2h")
    assert play.mails() == []
    play.server.says()
    play.run_until("+7h")
    assert len(play.mails("ann@p.test")) == 1
    assert play.touches("ann@p.test")["hello"].attempt == 1


# -- in doubt ------------------------------------------------------------------------------------


def lost(play: Play, *, stores: bool) -> str:
    """The connection is lost after the final dot; the touch."""
    play.server.says(drop="DOT", stores=stores)
    play.at("mon 09:00").drop_csv(ANN)
    play.server.says()
    return play.touches("ann@p.test")["hello"].id


def test_doubt(play: Play) -> None:
    """Nobody knows whether the server has it: it is not sent again, the cadence is held, and it is on the review list."""
    touch = lost(play, stores=True)
    play.run_until("+30d")
    assert play.doubtful() == [touch]
    assert play.state("ann@p.test") == "held"
    assert len(play.mails("ann@p.test")) == 1


def test_doubt_is_not_resumed_away(play: Play) -> None:
    """Resuming would decide the doubt without a word: it is refused, with what to do instead."""
    touch = lost(play, stores=True)
    with pytest.raises(NotNow, match=f"followupd decide {touch} sent, skip or again"):
        desk.resume(play.office, "ann@p.test")


def test_proof(play: Play) -> None:
    """An automatic answer names the doubtful mail: so it has arrived, and the cadence goes on."""
    lost(play, stores=True)
    play.at("tue 10:00").reply("ann@p.test", "We have received your message.", automatic="auto-replied")
    assert play.doubtful() == []
    assert play.steps("ann@p.test") == {"hello": "sent", "idea": "scheduled"}
    play.run_until("+4d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 10:00"])


def test_proof_by_a_no(play: Play) -> None:
    """A no to the doubtful mail proves it and ends the cadence."""
    lost(play, stores=True)
    play.at("tue 10:00").reply("ann@p.test", "No thanks.")
    assert play.steps("ann@p.test") == {"hello": "sent", "idea": "skipped"}
    assert play.outcome("ann@p.test") == "no"
    assert play.doubtful() == []


@pytest.mark.parametrize(
    ("word", "stores", "first", "times"),
    [
        ("sent", True, "sent", ["Mon 02 Mar 09:00", "Fri 06 Mar 10:00"]),
        ("skip", False, "skipped", ["Fri 06 Mar 10:00"]),
        ("again", False, "sent", ["Tue 03 Mar 10:00", "Fri 06 Mar 10:00"]),
    ],
)
def test_settled(play: Play, word: str, stores: bool, first: str, times: list[str]) -> None:
    """A human settles the doubt: it was sent, it is left out, or it is sent again under the same name."""
    touch = lost(play, stores=stores)
    play.at("tue 10:00")
    desk.settle(play.office, touch, word, "dana")
    play.run_until("+4d")
    assert play.steps("ann@p.test")["hello"] == first
    play.expect_times("ann@p.test", times)
    assert play.doubtful() == []


def test_sent_again_has_the_same_name(play: Play) -> None:
    """A mail that is sent again has the Message-ID it had, so that a server that has it already can drop the copy."""
    touch = lost(play, stores=True)
    desk.settle(play.office, touch, "again", "dana")
    play.run_until("+1h")
    first, again = play.mails("ann@p.test")
    assert first.message_id == again.message_id


# -- the worst moment ----------------------------------------------------------------------------


def test_no_while_down(play: Play) -> None:
    """An answer that came while the daemon was down is read at its start, before anything is sent."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    play.at("wed 10:00").stop()
    play.reply("ann@p.test", "No thanks.")
    play.at("thu 09:30").start()
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no"
    assert play.mails("bob@q.test")[1].when == "Thu 05 Mar 09:30"


def test_mailbox_out_of_reach(play: Play) -> None:
    """While the mailbox can't be read nothing is sent from it; once it can, what came meanwhile is read first."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    play.at("wed 10:00").mailbox_down()
    play.reply("ann@p.test", "No thanks.")
    play.at("thu 12:00")
    assert len(play.mails()) == 2
    play.mailbox_up()
    play.run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    play.expect_times("bob@q.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 12:00"])
    assert play.outcome("ann@p.test") == "no"


def test_mailbox_lost_between_claim_and_gate(play: Play) -> None:
    """The mailbox is lost after the claim: the last look fails, and the mail waits without having cost an attempt."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 08:00")
    play.happens_before("RCPT", play.lose_mailbox_now)
    play.run_until("+2h")
    assert len(play.mails("ann@p.test")) == 1
    assert play.touches("ann@p.test")["idea"].attempt == 0
    play.mailbox_up()
    play.run_until("+1h")
    assert len(play.mails("ann@p.test")) == 2


def test_no_at_the_last_look(play: Play) -> None:
    """The answer arrives while we talk to the mail server: the last look finds it, and the mail does not leave."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 08:00")
    raw = play.answer_to(play.mails("ann@p.test")[0], "No thanks.", "ann@p.test")
    play.posts_before("RCPT", raw)
    play.run_until("+2h")
    assert [line.startswith("RCPT") for line in play.server.commands].count(True) == 2
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no"
    assert play.steps("ann@p.test") == {"hello": "sent", "idea": "skipped"}


LATER = "Not now, please get back to me on 20 April."
QUESTION = "What does it cost for twenty people?"


def on_the_wire(play: Play, text: str) -> None:
    """Ann writes this on Thursday, while our mail can't be called back any more."""
    play.at("thu 08:00")
    raw = play.answer_to(play.mails("ann@p.test")[0], text, "ann@p.test")
    play.posts_before("DATA", raw)
    play.reads_before("DOT")
    play.run_until("+2h")
    kinds = [event.kind for event in play.office.store.timeline("ann@p.test")]
    assert kinds[-1] == "touch_sent", kinds  # the answer came first, or the play has shown nothing


def test_no_on_the_wire(play: Play) -> None:
    """The answer arrives when the mail can't be called back: the mail is recorded as sent, and nothing follows it."""
    play.at("mon 09:00").drop_csv(ANN)
    on_the_wire(play, "No thanks.")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "no"
    assert play.steps("ann@p.test") == {"hello": "sent", "idea": "sent"}
    assert len(play.mails("ann@p.test")) == 2


def test_later_on_the_wire(play: Play) -> None:
    """A pause that begins while a mail is leaving keeps its end: the mail counts, and the next one comes after the pause."""
    play.at("mon 09:00").drop_csv(ANN)
    on_the_wire(play, LATER)
    assert (play.state("ann@p.test"), play.until("ann@p.test")) == ("paused", "Mon 20 Apr 00:00")
    play.run_until("+60d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00", "Mon 20 Apr 09:00", "Mon 27 Apr 09:00"])


def test_question_on_the_wire_of_the_last_mail(stage: Callable[..., Play]) -> None:
    """A question that comes while the last mail is leaving holds the enrollment for good: silence can't end it."""
    play = stage(cadences={"intro": INTRO.partition("  - {id: proof")[0] + "end: {after: 7d}\n"})
    play.at("mon 09:00").drop_csv(ANN)
    on_the_wire(play, QUESTION)
    assert play.state("ann@p.test") == "held"
    play.run_until("+30d")
    assert play.state("ann@p.test") == "held"
    desk.resume(play.office, "ann@p.test")
    play.run_until("+8d")
    assert play.outcome("ann@p.test") == "silent"


def test_later_on_the_wire_of_the_last_mail(stage: Callable[..., Play]) -> None:
    """A pause that begins while the last mail is leaving ends on its day; the last wait for an answer comes after it."""
    play = stage(cadences={"intro": INTRO.partition("  - {id: proof")[0] + "end: {after: 7d}\n"})
    play.at("mon 09:00").drop_csv(ANN)
    on_the_wire(play, LATER)
    play.at("mon 08:00").run_until("+6w")
    assert play.state("ann@p.test") == "active"
    assert play.until("ann@p.test") == "Mon 27 Apr 00:00"
    play.run_until("+8d")
    assert play.outcome("ann@p.test") == "silent"


def test_restart(play: Play) -> None:
    """A restart between two mails changes nothing."""
    play.at("mon 09:00").drop_csv(ANN)
    for _ in range(3):
        play.stop().start().run_until("+5d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00", "Mon 09 Mar 09:00", "Mon 16 Mar 09:00"])
