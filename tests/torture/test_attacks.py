"""A hostile stranger, and a hostile neighbour on the machine: mails that claim to be ours, links in the inbox, one person's name on everything."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from followupd import log
from followupd.cli.door import enter
from followupd.core import guards
from followupd.core.outbound import message_id
from followupd.enroll import take_in
from followupd.store import incarnation
from followupd.store.backup import back_up
from tests.faults import Toll
from tests.servers.smtp import Script
from tests.stories import stage as stages
from tests.stories.imap_server import ImapServer
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


# -- the inbox and the files of the daemon --------------------------------------------------------


def test_links_in_the_inbox(stage: Stage) -> None:
    """A link that waits where a receipt will be written, or `done/` will be, leads nowhere: no file outside the inbox is written or made."""
    play = stage()
    outside = play.folder / "precious.txt"
    outside.write_text("precious")
    inbox = play.folder / "inbox"
    (inbox / ".list.receipt.csv.half").symlink_to(outside)
    (inbox / "list.receipt.csv").symlink_to(outside)
    assert [line["result"] for line in play.at("mon 09:00").drop_csv(ANN)] == ["accepted"]
    assert outside.read_text() == "precious"
    assert not (inbox / "list.receipt.csv").is_symlink()
    (inbox / "done" / "list.csv").unlink()
    (inbox / "done").rmdir()
    (inbox / "done").symlink_to(play.folder / "templates")
    before = set((play.folder / "templates").iterdir())
    (inbox / "more.csv").write_text(ANN.replace("ann@", "eve@"))
    with contextlib.suppress(OSError):
        take_in(play.office, inbox / "more.csv")
    assert set((play.folder / "templates").iterdir()) == before


def test_every_file_is_private(tmp_path: Path, runner: asyncio.Runner) -> None:
    """Under the usual umask the store, its log, marks, locks, backups and what stands beside them are for their owner alone;
    a receipt can be read by whoever could read the file, and written by nobody else.
    """
    before = os.umask(0o022)
    try:
        play = Play(tmp_path, runner)
        told = set(tmp_path.rglob("*"))
        play.at("mon 09:00").drop_csv(ANN)
        (tmp_path / "inbox" / "other.csv").write_text(ANN.replace("ann@", "eve@"))
        (tmp_path / "inbox" / "other.csv").chmod(0o640)
        take_in(play.office, tmp_path / "inbox" / "other.csv")
        play.look()
        incarnation.keep(play.office.store, play.clock.now())
        back_up(tmp_path / "followupd.db", tmp_path / "kept.db")
        modes = {path.relative_to(tmp_path): path.lstat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
        play.close()
    finally:
        os.umask(before)
    ours = {
        path.name: mode
        for path, mode in modes.items()
        if path.parts[0] in ("run", "kept.db") or path.name.startswith("followupd.db")
    }
    assert {"followupd.db", "followupd.db-wal", "followupd.db-shm", "marks", "kept.db"} <= ours.keys()
    assert {name for name, mode in ours.items() if mode & 0o077} == set()
    assert modes[Path("inbox/list.receipt.csv")] == 0o644
    assert modes[Path("inbox/other.receipt.csv")] == 0o640
    assert not any("receipt" in path.name for path in told)


# -- a bug of ours -------------------------------------------------------------------------------

TEN = "cadence: intro\nlimits: {gap: 0s}\nsteps:\n" + "".join(f"  - {{id: s{n}, email: idea, after: 0s}}\n" for n in range(10))


def test_the_guards_are_gone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad merge takes every guard away: a cadence that would write ten mails in a minute writes four."""
    monkeypatch.setattr(guards, "SENDING", ())
    play = stage(cadences={"intro": TEN})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+1m")
    assert len(play.mails("ann@p.test")) == 4


def test_without_the_trip_wire(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a trip wire that is far away the same cadence writes all ten."""
    monkeypatch.setattr(stages, "CONFIG", "trip_wire: 100\n" + stages.CONFIG)
    play = stage(cadences={"intro": TEN})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+1m")
    assert len(play.mails("ann@p.test")) == 10


# -- secrets -------------------------------------------------------------------------------------

CANARY = "c4n4ry-in-the-mine"


ECHOED = {
    "login": {"AUTH": "535 5.7.8 dana with {canary} or {plain} or {word} is wrong"},
    "login later": {"AUTH": "454 4.7.0 too many tries of {canary} {plain}"},
    "login is odd": {"AUTH": "299-what is {canary}\r\n650 {plain}"},
}


@pytest.mark.parametrize("fault", ECHOED)
def test_no_password_is_told(
    fault: str,
    stage: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mail server repeats the password, plain and as it was sent: it stands in no log, store, receipt, mark or status, nor in a command line."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "pymap")  # the server of the test
    monkeypatch.setattr(log._log, "propagate", True)
    kept = tmp_path / "canary"
    kept.touch(mode=0o600)
    kept.write_text(CANARY)
    monkeypatch.setattr(stages, "CONFIG", stages.CONFIG.replace("{{env: DANA}}", f"{{{{file: {kept}}}}}"))
    monkeypatch.setattr(stages, "ImapServer", lambda user, _: ImapServer(user, CANARY))
    play = stage()
    word, plain = (base64.b64encode(text.encode()).decode() for text in (CANARY, f"\0dana\0{CANARY}"))
    answers = {verb: text.format(canary=CANARY, plain=plain, word=word) for verb, text in ECHOED[fault].items()}
    play.server.script = Script(answers=answers, password=CANARY)
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+2h")
    monkeypatch.chdir(play.folder)
    for command in (["status"], ["status", "--json"], ["why", "ann@p.test"], ["tasks"]):
        enter(command)
    told = [
        caplog.text,
        capsys.readouterr().out,
        Path("/proc/self/cmdline").read_text(),
        repr(play.office.config),
        repr(play.world),
    ]
    told += [path.read_bytes().decode("latin-1") for path in play.folder.rglob("*") if path.is_file()]
    assert play.mails() == []
    assert any(line.startswith("AUTH") for line in play.server.commands), "no login was tried"
    assert sum("***" in text for text in told) >= 2, "the words of the server were not shown at all"
    for secret in (CANARY, word, plain):
        assert [text[max(0, text.find(secret) - 90) :][:200] for text in told if secret in text] == []
