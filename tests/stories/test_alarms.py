"""Plays: breakers open and close, and people are told, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd import alarms, desk
from followupd.cli.status import gather
from followupd.core.model import Alarm, Change
from tests.stories.stage import ANN, BOB, Play

PEOPLE = "email,cadence,first_name,company\n" + "".join(f"who{number}@p{number}.test,intro,Who,Acme\n" for number in range(8))


def with_ops(play: Play) -> Play:
    """The same play, with somebody who is told by mail, and a manager."""
    play.stop()
    config = Path(play.folder, "config.yaml")
    config.write_text("ops: ops@example.com\n" + config.read_text() + "    reports_to: lee@example.com\n")
    return play.start()


def tell(play: Play, teller: alarms.Teller) -> None:
    """The daemon looks after its alarms, as it does every few seconds."""
    play._run(alarms.tell(play.world, teller))


def ring(play: Play, key: str = "test:dana", text: str = "Ä, it is broken; mend it", *, on: bool = True) -> None:
    """An alarm begins, or is over."""
    play._run(play.world.writer.write(Change(alarms=(Alarm(key=key, mailbox="dana", text=text, at=play.clock.now(), on=on),))))


def test_told_once(play: Play) -> None:
    """A task for the owner, one short automatic mail to ops and one to the manager; all looks after that say nothing more."""
    with_ops(play).at("mon 09:00")
    teller = alarms.Teller()
    tell(play, teller)
    assert play.mails() == []
    ring(play)
    ring(play, "other:dana", "and so is that")
    for _ in range(3):
        tell(play, teller)
    tell(play, alarms.Teller())  # the daemon was started anew
    assert sorted(mail.recipient for mail in play.mails()) == ["lee@example.com", "ops@example.com"]
    mail = play.mails("ops@example.com")[0]
    assert mail.subject == "followupd: 2 alarms, about dana"
    assert "02 Mar 09:00 CET: Ä, it is broken; mend it" in mail.message.get_content()
    assert "and so is that" in mail.message.get_content()
    assert (mail.message["Auto-Submitted"], mail.message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert sorted((task.owner, task.kind, task.title) for task in play.office.store.tasks()) == [
        ("dana", "alarm", "and so is that"),
        ("dana", "alarm", "Ä, it is broken; mend it"),
    ]
    ring(play, on=False)
    tell(play, teller)
    assert [task.title for task in play.office.store.tasks()] == ["and so is that"]
    play.run_until("+1m")
    ring(play, text="again")
    tell(play, teller)
    assert len(play.mails("ops@example.com")) == 2


def test_a_mail_that_fails_is_sent_later(play: Play) -> None:
    """Nothing waits for it; it is tried again after five minutes, and who has had it does not get it twice."""
    with_ops(play).at("mon 09:00")
    teller = alarms.Teller()
    play.server.says(RCPT=["250 ok", "451 4.3.0 later", "250 ok"])
    ring(play)
    for _ in range(3):
        tell(play, teller)
    assert len(play.mails()) == 1
    assert play.office.store.alarms_up(untold=True) != ()
    play.run_until("+5m")
    tell(play, teller)
    assert sorted(mail.recipient for mail in play.mails()) == ["lee@example.com", "ops@example.com"]
    assert play.office.store.alarms_up(untold=True) == ()


def test_a_human_has_stopped_everything(play: Play) -> None:
    """After `pause --all` nothing leaves at all, not even this; it leaves when that is over."""
    with_ops(play).at("mon 09:00")
    desk.switch(play.office, "all", on=True, reason="paused by dana")
    ring(play)
    tell(play, alarms.Teller())
    assert play.mails() == []
    assert len(play.office.store.tasks()) == 1
    desk.switch(play.office, "all", on=False, reason="resumed by dana")
    tell(play, alarms.Teller())
    assert len(play.mails("ops@example.com")) == 1
    assert len(play.office.store.tasks()) == 1


def test_status_shows_alarms(play: Play) -> None:
    """What is wrong, with which mailbox, and since when."""
    play.at("mon 09:00")
    ring(play)
    found = gather(play.office, play.clock.now())["problems"]["alarms"]
    assert found == [{"mailbox": "dana", "text": "Ä, it is broken; mend it", "since": "2026-03-02T08:00:00Z"}]


# -- breakers ------------------------------------------------------------------------------------


def test_a_list_of_dead_addresses(play: Play) -> None:
    """Five bounces in so small a list stop the mailbox; ops are told; a human resumes it, and these five are forgiven."""
    with_ops(play).at("mon 09:00").drop_csv(PEOPLE)
    for number in range(4):
        play.bounce(f"who{number}@p{number}.test", "hard")
    assert play.switches() == set()
    play.bounce("who4@p4.test", "hard")
    assert play.switches() == {"mailbox:dana"}
    teller = alarms.Teller()
    tell(play, teller)
    assert (
        "5 of the last 8 mails of dana went to addresses that do not exist"
        in play.mails("ops@example.com")[0].message.get_content()
    )
    play.run_until("+4d")
    assert len(play.mails("who7@p7.test")) == 1
    desk.switch(play.office, "mailbox:dana", on=False, reason="resumed by dana")
    play.run_until("+1d")
    assert play.office.store.alarms_up() == ()
    assert len(play.mails("who7@p7.test")) == 2
    play.bounce("who5@p5.test", "hard")
    assert play.switches() == set()
    tell(play, teller)
    assert play.office.store.tasks() == ()


def test_dead_addresses_at_the_door(play: Play) -> None:
    """Addresses that the server refuses at RCPT count as those that come back."""
    play.server.says(RCPT="550 5.1.1 no such user")
    play.at("mon 09:00").drop_csv(PEOPLE)
    assert play.switches() == {"mailbox:dana"}
    assert 5 <= len(play.suppressed()) <= 8


def test_complaints(play: Play) -> None:
    """The first stops the mailbox for a day, the second within a month until a human resumes it."""
    play.at("mon 09:00").drop_csv(PEOPLE)
    play.drop_csv(ANN, name="ann.csv")
    play.drop_csv(BOB, name="bob.csv")
    play.at("wed 12:00").complain("ann@p.test")
    assert play.switches() == {"mailbox:dana"}
    play.at("thu 11:00")
    assert len(play.mails("who1@p1.test")) == 1
    play.at("thu 14:00")
    assert play.switches() == set()
    assert play.office.store.alarms_up() == ()
    assert len(play.mails("who1@p1.test")) == 2
    play.at("fri 12:00").complain("bob@q.test")
    play.run_until("+4d")
    assert play.switches() == {"mailbox:dana"}
    assert [alarm.key for alarm in play.office.store.alarms_up()] == ["complaints:dana"]
    assert len(play.mails("who1@p1.test")) == 2


@pytest.mark.parametrize("who", ["dana", "lee"])
def test_a_humans_own_stop_outlasts_a_breaker(play: Play, who: str) -> None:
    """A mailbox that somebody has paused stays so when a complaint's day is over."""
    play.at("mon 09:00").drop_csv(ANN)
    desk.switch(play.office, "mailbox:dana", on=True, reason=f"paused by {who}")
    play.complain("ann@p.test")
    play.run_until("+3d")
    assert play.switches() == {"mailbox:dana"}
    assert play.office.store.alarms_up() == ()
