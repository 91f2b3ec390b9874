"""A hostile stranger, and a hostile neighbour on the machine: mails that claim to be ours, links in the inbox, one person's name on everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest

from followupd.core.outbound import message_id
from tests.faults import Toll
from tests.stories.stage import ANN, Play
from tests.torture.test_evidence import lost_answer, twice

Stage = Callable[..., Play]
FOLDERS = "INBOX", "Junk", "Archive"


def put(play: Play, raw: bytes, folder: str) -> None:
    """A mail into a folder, read when this returns."""
    play._runner.run(play.imap.append(raw, play.clock.now(), folder))
    play.look()


def dressed(raw: bytes, **fields: str) -> bytes:
    """The mail with other values in some fields of its header."""
    head, _, body = raw.partition(b"\r\n\r\n")
    for name, value in fields.items():
        pattern = re.compile(rf"^{name.replace('_', '-')}: .*?(?=\r\n\S|\Z)".encode(), re.MULTILINE | re.DOTALL)
        assert pattern.search(head), name
        head = pattern.sub(f"{name.replace('_', '-')}: {value}".encode(), head)
    return head + b"\r\n\r\n" + body


# -- mails that claim to be ours -----------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_our_mail_comes_back(folder: str, stage: Stage) -> None:
    """Whoever has a mail of ours can send it back with another date, name and subject: no mailbox stops, no thread goes on in their words."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.look()
    ours = play.mails("ann@p.test")[0]
    late = format_datetime(play.clock.now() + timedelta(hours=3))
    put(play, dressed(ours.raw, Date=late), folder)
    put(play, dressed(ours.raw, Date=late, Message_ID="<their@evil.test>", Subject="You owe us"), folder)
    assert play.switches() == set()
    assert play.office.store.alarms_up() == ()
    play.run_until("+4d")
    follow_up = play.mails("ann@p.test")[1]
    assert follow_up.subject == "Re: Hello Ann"
    assert follow_up.ids("In-Reply-To") == [ours.message_id]
    assert b"evil.test" not in follow_up.raw


def test_a_mail_of_somebody_forgotten_comes_back(stage: Stage) -> None:
    """A mail to a person of whom nothing is kept any more is no sign of another daemon when it arrives from outside; in Sent it is one."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.look()
    ours, gone = play.mails("ann@p.test")[0].raw, f"<{message_id('gone', 'example.com', play.world.key)}>"
    forgotten = dressed(ours, Message_ID=gone, X_Followupd_Touch=gone)
    put(play, forgotten, "INBOX")
    assert play.switches() == set()
    assert play.office.store.alarms_up() == ()
    put(play, forgotten, "Sent")
    assert play.switches() == {"mailbox:dana"}


def test_a_true_copy_settles_a_doubt_and_nothing_else(stage: Stage, toll: Toll) -> None:
    """Our name for a touch can't be guessed: whoever shows it has the mail. It counts as sent, and goes on under our own name and subject."""
    play = stage()
    lost_answer(play, stores=True)
    ours = play.mails("ann@p.test")[0]
    forged = dressed(ours.raw, From="<dana@example.com>", Message_ID="<their@evil.test>", Subject="You owe us")
    put(play, forged, "INBOX")
    assert play.doubtful() == []
    play.run_until("+5d")
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello Ann", "Re: Hello Ann"]
    assert play.mails("ann@p.test")[1].ids("In-Reply-To") == [ours.message_id]
    toll(twice=twice(play))


@pytest.mark.parametrize("name", ["t.{touch}.{zeros}@example.com", "t.{touch}@example.com", "<{touch}>"])
def test_a_name_that_was_guessed(name: str, stage: Stage) -> None:
    """Who knows a touch and not the secret proves nothing: the doubt stays."""
    play = stage()
    lost_answer(play, stores=True)
    guessed = f"<{name.format(touch=play.touches('ann@p.test')['hello'].id, zeros='0' * 32)}>"
    put(
        play,
        dressed(play.mails("ann@p.test")[0].raw, Message_ID=guessed, X_Followupd_Touch=guessed, From="<dana@example.com>"),
        "INBOX",
    )
    assert len(play.doubtful()) == 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_forged_mail_by_hand(folder: str, stage: Stage) -> None:
    """A mail with the rep's own address in From, sent to the rep from outside, silences nobody: only the folder of sent mail shows what she wrote."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    head = "From: Dana Reyes <dana@example.com>\r\nTo: <ann@p.test>, <bob@p.test>\r\nSubject: Hello\r\nMessage-ID: <x@evil.test>"
    raw = f"{head}\r\nDate: {format_datetime(play.clock.now())}\r\n\r\nNo thanks. Unsubscribe.\r\n".encode()
    play.at("thu 08:50")
    put(play, raw, folder)
    assert play.state("ann@p.test") == "active"
    assert play.suppressed() == {}
    play.run_until("+1h")
    assert len(play.mails("ann@p.test")) == 2
