"""Plays: files change while people are under way."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from followupd import daemon, enroll
from followupd.store import schema
from tests.faults import Toll
from tests.stories.stage import ANN, BOB, INTRO, Play


def test_same_file_twice(play: Play) -> None:
    """The same file twice does no harm: the second receipt says duplicate, and nobody gets a mail twice."""
    assert [row["result"] for row in play.at("mon 09:00").drop_csv(ANN)] == ["accepted"]
    assert [row["result"] for row in play.drop_csv(ANN)] == ["duplicate"]
    assert [row["result"] for row in play.drop_csv(ANN, name="copy.csv")] == ["duplicate"]
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])


def test_good_and_bad_rows(play: Play) -> None:
    """A bad row is handed back with its line and reason; the good ones go their way."""
    receipt = play.at("mon 09:00").drop_csv(
        ANN + "not an address,intro,X,Y\nann@p.test,intro,Ann,Acme\nbob@q.test,intro,Bob,Beta\n"
    )
    assert [(row["line"], row["result"]) for row in receipt] == [
        ("2", "accepted"),
        ("3", "rejected"),
        ("4", "duplicate"),
        ("5", "accepted"),
    ]
    assert sorted(mail.recipient for mail in play.mails()) == ["ann@p.test", "bob@q.test"]
    assert sorted(path.name for path in (play.folder / "inbox").rglob("*.csv")) == ["list.csv", "list.receipt.csv"]
    assert (play.folder / "inbox/done/list.csv").exists()


def test_drafts(play: Play) -> None:
    """What followupd proposes lies in `drafts` and is no list: only what a human moves out of there is taken in."""
    first = play.at("mon 09:00").office.propose("dana", "list.csv", b"half")
    path = play.office.propose("dana", "list.csv", ANN.encode())
    assert (first, path) == (play.folder / "inbox/drafts/list.csv",) * 2
    (play.folder / "inbox/dana").mkdir()
    own = play.office.propose("dana", "bob.csv", BOB.encode())
    assert own == play.folder / "inbox/dana/drafts/bob.csv"
    play.drop_csv("email\n", name="other.csv")
    assert (play.mails(), path.exists(), own.exists()) == ([], True, True)
    assert sorted(one.name for one in own.parent.iterdir()) == ["bob.csv"]
    assert [row["result"] for row in play.drop_csv(path.read_text())] == ["accepted"]
    path.unlink()
    path.symlink_to(play.folder / "config.yaml")
    play.office.propose("dana", "list.csv", b"instead of the link")
    assert "mailboxes:" in (play.folder / "config.yaml").read_text()


def test_edited_cadence(play: Play) -> None:
    """Who is under way keeps the cadence as it was at the start; who comes later gets the new one."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", INTRO.replace("email: idea, after: 3d", "email: goodbye, after: 1d, thread: new"))
    play.reread()
    play.drop_csv(BOB, name="bob.csv")
    play.run_until("+4d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00"])
    play.expect_mails("bob@q.test", ["Hello Bob", "Shall I close this?"])
    assert "Here is an idea" in play.mails("ann@p.test")[1].text


def test_removed_cadence(play: Play) -> None:
    """A cadence whose file is gone goes on for those who are in it."""
    play.at("mon 09:00").drop_csv(ANN)
    (play.folder / "cadences/intro.yaml").unlink()
    play.reread()
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 4


def test_broken_cadence(stage: Callable[..., Play]) -> None:
    """A broken file keeps its last good version, for those under way and for new ones; the other cadences don't notice."""
    play = stage(cadences={"intro": INTRO, "other": INTRO.replace("cadence: intro", "cadence: other")})
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", "cadence: intro\nsteps: [oops\n")
    play.reread()
    assert [row["result"] for row in play.drop_csv(BOB, name="bob.csv")] == ["accepted"]
    assert [row["result"] for row in play.drop_csv(ANN.replace("ann@", "carl@").replace("intro", "other"), name="c.csv")] == [
        "accepted"
    ]
    play.run_until("+30d")
    assert {address: len(play.mails(address)) for address in ("ann@p.test", "bob@q.test", "carl@p.test")} == {
        "ann@p.test": 4, "bob@q.test": 4, "carl@p.test": 4,
    }  # fmt: skip


def test_broken_cadence_after_a_restart(play: Play) -> None:
    """Even after a restart with the file still broken those under way go on: their text is in the store."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", "cadence: intro\nsteps: [oops\n")
    play.stop().start()
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 4


def test_edited_template(play: Play) -> None:
    """Who is under way keeps the words of the start, too; who comes later gets the new ones."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nA better idea for {{ prospect.company }}.\n")
    play.reread()
    play.drop_csv(BOB, name="bob.csv")
    play.run_until("+4d")
    assert "Here is an idea for Acme." in play.mails("ann@p.test")[1].text
    assert "A better idea for Beta." in play.mails("bob@q.test")[1].text


def test_broken_template(play: Play) -> None:
    """A template that is broken keeps its last good version."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nFor {{ prospect.company }.\n")
    play.reread()
    play.run_until("+4d")
    assert "Here is an idea for Acme." in play.mails("ann@p.test")[1].text


def test_broken_config(play: Play) -> None:
    """A config that can't be read changes nothing for the daemon that runs."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("config.yaml", "mailboxes: [\n")
    play.reread()
    play.run_until("+4d")
    assert len(play.mails("ann@p.test")) == 2


# -- files on a bad day ----------------------------------------------------------------------------


def takes(play: Play, *, scans: int = 3) -> None:
    """The daemon looks into the inbox so many times."""

    async def look() -> None:
        for _ in range(scans):
            await daemon._scan(play.world, play._folder)

    play._run(look())


def enrolled(play: Play) -> set[str]:
    return {one.address for one in play.office.store.enrollments()}


ROWS = [f"p{number}@p.test,intro,P{number},Acme\n" for number in range(6)]
HEAD = "email,cadence,first_name,company\n"


@pytest.mark.fault("F76")
@pytest.mark.parametrize("size", [1, 7, 40])
def test_csv_written_slowly(play: Play, size: int, toll: Toll) -> None:
    """Written a few bytes at a time, with a look into the inbox and a pause between: taken once, whole."""
    play.at("mon 09:00")
    text, path = HEAD + "".join(ROWS), play.folder / "inbox/slow.csv"
    for end in range(size, len(text), size):
        path.write_text(text[:end])
        takes(play, scans=1 if text[end - 1] == "\n" else 2)  # a pause at the end of a line looks like the end of the file
        assert enrolled(play) == set()
    path.write_text(text)
    takes(play)
    assert len(enrolled(play)) == 6
    receipt = (play.folder / "inbox/slow.receipt.csv").read_text("utf-8-sig")
    assert receipt.count(",accepted,") == 6
    toll(injected=len(text) // size)


@pytest.mark.fault("F76")
def test_csv_without_a_last_line_end(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """A text whose last line is not ended is taken after it has rested for a minute."""
    play.at("mon 09:00")
    (play.folder / "inbox/list.csv").write_text((HEAD + "".join(ROWS)).rstrip("\n"))
    takes(play, scans=5)
    assert enrolled(play) == set()
    monkeypatch.setattr(enroll, "UNENDED_RESTS", 0.0)
    takes(play)
    assert len(enrolled(play)) == 6
    toll()


@pytest.mark.fault("F76")
def test_csv_while_a_program_has_it(play: Play, toll: Toll) -> None:
    """Half-written files, lock files and hidden ones are left alone; a rename brings the whole; cut off and written again, it is taken once."""
    play.at("mon 09:00")
    inbox = play.folder / "inbox"
    names = (
        "list.csv.part",
        ".~lock.list.csv#",
        "~$list.csv",
        ".list.csv.swp",
        "list.csv~",
        "list.receipt.csv",
        "list.crdownload",
    )
    for name in names:
        (inbox / name).write_text(HEAD + ROWS[0])
    takes(play)
    assert enrolled(play) == set()
    (inbox / "list.csv.part").rename(inbox / "list.csv")
    takes(play, scans=1)
    (inbox / "list.csv").write_text("")  # the program begins anew
    takes(play, scans=1)
    (inbox / "list.csv").write_text(HEAD + ROWS[0] + ROWS[1])
    takes(play)
    assert enrolled(play) == {"p0@p.test", "p1@p.test"}
    toll(injected=len(names) + 2)


@pytest.mark.fault("F76")
def test_csv_grows_while_it_is_taken(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Somebody goes on writing while its rows are enrolled: it is taken again until nothing is new, and one receipt has all rows."""
    play.at("mon 09:00")
    path = play.folder / "inbox/list.csv"
    path.write_text(HEAD + ROWS[0])
    original, more = enroll.add, [ROWS[2], ROWS[1]]

    def add(office: Any, taken: Path, **rest: Any) -> Any:
        found = original(office, taken, **rest)
        if more:
            with taken.open("a") as file:
                file.write(more.pop())
        return found

    monkeypatch.setattr(enroll, "add", add)
    takes(play, scans=5)
    assert len(enrolled(play)) == 3
    assert (play.folder / "inbox/done/list.csv").read_text() == HEAD + "".join(ROWS[:3])
    assert (play.folder / "inbox/list.receipt.csv").read_text("utf-8-sig").count("@p.test") == 3
    toll(injected=2)


@pytest.mark.fault("F77")
def test_same_rows_in_other_clothes(play: Play, toll: Toll) -> None:
    """The same rows again, in another order, under another name, as another program writes them: nobody new, nobody twice."""
    play.at("mon 09:00").drop_csv(HEAD + "".join(ROWS))
    variants = {
        "again.csv": HEAD + "".join(ROWS),
        "order.csv": HEAD + "".join(reversed(ROWS)),
        "excel.csv": "\ufeffsep=;\r\n" + (HEAD + "".join(ROWS)).replace(",", ";").replace("\n", "\r\n"),
        "quoted.csv": "\n".join('"' + line.replace(",", '","') + '"' for line in (HEAD + "".join(ROWS)).splitlines()) + "\n",
        "upper.csv": HEAD + "".join(ROWS).replace("@p.test", "@P.TEST"),
    }
    for name, text in variants.items():
        receipt = play.drop_csv(text, name=name)
        assert [line["result"] for line in receipt] == ["duplicate"] * 6, name
    play.run_until("+30d")
    assert len(play.mails()) == 6 * 4
    toll(injected=len(variants), twice=len(play.mails()) - len({mail.message_id for mail in play.mails()}))


@pytest.mark.fault("F78")
def test_odd_things_in_the_inbox(play: Play, caplog: pytest.LogCaptureFixture, toll: Toll) -> None:
    """Links, pipes, devices, folders called like a file: never opened, told once; the files beside them are taken."""
    play.at("mon 09:00")
    inbox, outside = play.folder / "inbox", play.folder / "secret.csv"
    outside.write_text(HEAD + "eve@out.test,intro,Eve,Out\n")
    (inbox / "link.csv").symlink_to(outside)
    (inbox / "broken.csv").symlink_to("nowhere")
    (inbox / "folder").symlink_to(play.folder)
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "device.csv").symlink_to("/dev/zero")
    (inbox / "dir.csv").mkdir()
    (inbox / "good.csv").write_text(HEAD + ROWS[0])
    (inbox / "line\nbreak.csv").write_text(HEAD + ROWS[1])
    (inbox / "..csv").write_text(HEAD + ROWS[2])
    Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9.csv")).write_text(HEAD + ROWS[3])
    begun = time.monotonic()
    with caplog.at_level("WARNING", logger="followupd"):
        takes(play, scans=6)
    assert time.monotonic() - begun < 10
    assert enrolled(play) == {"p0@p.test", "p1@p.test", "p3@p.test"}
    assert outside.exists()
    told = [record.getMessage() for record in caplog.records if "intake-failed" in record.getMessage()]
    assert sorted(re.sub(r".*inbox/([a-z]*\.csv).*", r"\1", line) for line in told) == [
        "broken.csv",
        "device.csv",
        "link.csv",
        "pipe.csv",
    ]
    assert all("not a regular file" in line for line in told)
    toll(injected=8)


@pytest.mark.fault("F78")
def test_inbox_is_gone(play: Play, caplog: pytest.LogCaptureFixture, toll: Toll) -> None:
    """The inbox is away (a share that is not mounted): said once, nothing ends, and with the folder the files are taken."""
    play.at("mon 09:00")
    (play.folder / "inbox").rmdir()
    with caplog.at_level("WARNING", logger="followupd"):
        takes(play, scans=4)
    assert len([record for record in caplog.records if "No such file or directory" in record.getMessage()]) == 1
    (play.folder / "inbox").mkdir()
    assert [line["result"] for line in play.drop_csv(HEAD + ROWS[0])] == ["accepted"]
    toll()


@pytest.mark.fault("F78")
def test_inbox_can_not_be_written(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, toll: Toll
) -> None:
    """A file that can't be renamed stays as it is, is told once, and keeps nobody else waiting."""
    play.at("mon 09:00")
    original = Path.rename

    def rename(self: Path, target: Any) -> Path:
        if self.name == "locked.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return original(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    (play.folder / "inbox/locked.csv").write_text(HEAD + ROWS[0])
    (play.folder / "inbox/other.csv").write_text(HEAD + ROWS[1])
    with caplog.at_level("WARNING", logger="followupd"):
        takes(play, scans=5)
    assert enrolled(play) == {"p1@p.test"}
    assert len([record for record in caplog.records if "locked.csv" in record.getMessage()]) == 1
    assert (play.folder / "inbox/locked.csv").read_text() == HEAD + ROWS[0]
    toll()


@pytest.mark.fault("F78")
def test_ten_thousand_files(tmp_path: Path, toll: Toll) -> None:
    """A scan of 10,000 files takes less than a second of processor time."""
    for number in range(10_000):
        (tmp_path / f"{number:05}.csv").touch()
    folder = enroll.Folder()
    begun = time.process_time()
    assert folder.resting(tmp_path) == []
    assert time.process_time() - begun < 1
    assert len(folder.resting(tmp_path)) == 10_000
    toll()


@pytest.mark.fault("F14")
def test_no_room_for_a_receipt(play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, toll: Toll) -> None:
    """The disk is full at intake: the file stays in the inbox, path and missing bytes are named; with room it is finished, once."""
    play.at("mon 09:00")
    original, full = enroll.Intake.write_receipt, [True]

    def write(self: enroll.Intake, path: Path) -> None:
        if full[0]:
            raise OSError(28, "No space left on device", str(path))
        original(self, path)

    monkeypatch.setattr(enroll.Intake, "write_receipt", write)
    (play.folder / "inbox/list.csv").write_text(HEAD + ROWS[0])
    with caplog.at_level("WARNING", logger="followupd"):
        takes(play)
    assert (play.folder / "inbox/list.csv.taken").read_text() == HEAD + ROWS[0]
    (told,) = [record.getMessage() for record in caplog.records if "intake-failed" in record.getMessage()]
    assert "the disk is full" in told
    assert "inbox/list.receipt.csv needs" in told
    assert "are missing" in told
    full[0] = False
    takes(play)
    assert (play.folder / "inbox/list.receipt.csv").exists()
    assert (play.folder / "inbox/done/list.csv").exists()
    play.run_until("+1h")
    assert len(play.mails()) == 1
    toll()


def mangle(play: Play, dice: random.Random, sound: str) -> str:
    """One of the things that editors, syncs and people do to a file."""
    folder, path = play.folder / "cadences", play.folder / "cadences/intro.yaml"
    deed = dice.choice(["half", "empty", "delete", "rename", "garbage", "away", "same", "spaces"])
    match deed:
        case "half":
            path.write_text(sound[: dice.randrange(len(sound))])
        case "empty":
            path.write_text("")
        case "delete":
            path.unlink(missing_ok=True)
        case "rename":
            half = folder / ".intro.yaml.swp"
            half.write_text(sound)
            half.replace(path)
        case "garbage":
            path.write_bytes(dice.randbytes(200))
        case "away":
            folder.rename(play.folder / "away")
            play.reread()
            (play.folder / "away").rename(folder)
        case "spaces":
            path.write_text(sound + "\n" * dice.randrange(5))
        case _:
            path.write_text(sound)
    return deed


def try_interleavings(play: Play, count: int, seed: int) -> None:
    """Whatever happens to the file, whoever is under way stays where they are, and is written to as planned."""
    dice, sound = random.Random(seed), (play.folder / "cadences/intro.yaml").read_text()
    play.at("mon 09:00").drop_csv(HEAD + "".join(ROWS))
    before = {one.address: (one.state, one.digest, one.position) for one in play.office.store.enrollments()}
    for _ in range(count):
        mangle(play, dice, sound)
        play.reread()
        assert {one.address: (one.state, one.digest, one.position) for one in play.office.store.enrollments()} == before
    play.run_until("+3d")
    assert len(play.mails()) == 12
    (play.folder / "cadences/intro.yaml").write_text(sound)
    play.reread()
    assert [line["result"] for line in play.drop_csv(BOB, name="bob.csv")] == ["accepted"]


@pytest.mark.fault("F74")
def test_cadence_while_it_is_edited(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Saved half, emptied, renamed, deleted, its folder away: the last good version stays, and nobody's state changes."""
    monkeypatch.setattr(daemon, "AT_REST", 0.0)
    try_interleavings(play, 30, 74)
    toll(injected=30)


@pytest.mark.fault("F74")
@pytest.mark.nightly
def test_cadence_while_it_is_edited_often(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """The same five hundred times."""
    monkeypatch.setattr(daemon, "AT_REST", 0.0)
    try_interleavings(play, 500, 75)
    toll(injected=500)


@pytest.mark.fault("F75")
def test_template_edited_while_a_mail_is_on_its_way(play: Play, toll: Toll) -> None:
    """Between the writing of a mail and its leaving the template is edited: the bytes that were kept at the gate are those that leave."""
    play.at("mon 08:00").drop_csv(ANN)

    def edit() -> None:
        play.write("templates/hello.md", "---\nsubject: Another\n---\nOther words.\n")

    play.happens_before("RCPT", edit)
    play.run_until("+3h")
    (mail,) = play.mails("ann@p.test")
    play.reread()
    with play.office.store.reading() as connection:
        kept = connection.execute(sa.select(schema.mail.c.raw)).scalar_one()
    assert mail.subject == "Hello Ann"
    assert kept.replace(b"\r\n", b"\n").strip() == mail.raw.replace(b"\r\n", b"\n").strip()
    toll()


@pytest.mark.fault("F79")
def test_config_of_another_account(play: Play, caplog: pytest.LogCaptureFixture, toll: Toll) -> None:
    """Another account, or nonsense, while it runs: mail goes on through the account of the start, and the log says that a restart is needed."""
    play.at("mon 09:00").drop_csv(ANN)
    sound = (play.folder / "config.yaml").read_text()
    with caplog.at_level("WARNING", logger="followupd"):
        for text in ("mailboxes: 7\n", "", "\0\0", sound[: len(sound) // 2]):
            play.write("config.yaml", text)
            play.reread()
            assert play.world.office.config.mailboxes["dana"].address == "dana@example.com"
        play.write("config.yaml", sound.replace("dana@example.com", "lee@example.com").replace("user: dana", "user: lee"))
        for _ in range(3):
            play.reread()
    told = [record.getMessage() for record in caplog.records]
    assert len([line for line in told if "restart" in line and "dana" in line]) == 1
    play.run_until("+3d")
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello Ann", "Re: Hello Ann"]
    assert all("From: Dana Reyes <dana@example.com>" in mail.raw.decode() for mail in play.mails())
    toll(injected=5)


def test_a_mailbox_of_another_daemon_is_not_new(play: Play) -> None:
    """While another daemon owns the mailbox, nothing of the configuration waits for a restart, and the account stays that of the start."""
    play.world.epochs.clear()
    sound = (play.folder / "config.yaml").read_text()
    play.reread()
    assert play.world.restart_for == ""
    play.write("config.yaml", sound.replace("dana@example.com", "lee@example.com"))
    play.reread()
    assert play.world.restart_for == "mailbox dana (address)"
    assert play.world.office.config.mailboxes["dana"].address == "dana@example.com"
