"""`backup` and `restore`: a copy of all state while the daemon runs, and putting it back without losing an opt-out or a promise."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from followupd.core.model import Change, Suppression
from followupd.store import Store, backup, open_store
from tests.cli.rows import HEADER, row
from tests.faults import Toll
from tests.store.made import begin, prospect


def store(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder}/followupd.db")


def test_backup(followupd, people: Path) -> None:
    """One file, readable by its owner only, sound, with everything in it; nothing half done is left."""
    said = followupd("backup", "kept.db", "--json").json()
    path = people / "kept.db"
    assert said == {"file": "kept.db", "bytes": path.stat().st_size}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(sqlite3.connect(path)) as copy, closing(sqlite3.connect(people / "followupd.db")) as original:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert list(copy.iterdump()) == list(original.iterdump())
    assert not list(people.glob(".kept*"))


def test_backup_has_a_name_of_its_own(followupd, people: Path) -> None:
    """Without a name it gets one with the date, beside the store."""
    assert followupd("backup").code == 0
    assert len(list(people.glob("followupd-backup-2*Z.db"))) == 1


@pytest.mark.parametrize("there", ["file", "link"])
def test_nothing_is_written_over(followupd, people: Path, there: str) -> None:
    """A file, or a link, that is there already stays as it is."""
    path = people / "kept.db"
    path.write_text("mine") if there == "file" else path.symlink_to(people / "config.yaml")
    before = path.read_bytes()
    said = followupd("backup", "kept.db")
    assert (said.code, said.err) == (1, "followupd: kept.db: is there already and is not written over; give another name\n")
    assert path.read_bytes() == before


@pytest.mark.fault("F24")
def test_backup_under_load(tmp_path: Path, toll: Toll) -> None:
    """While somebody writes without a pause, each backup is whole: everything committed before it, and no half of a change."""
    with closing(store(tmp_path)) as busy:
        over, written = threading.Event(), [0]

        def write() -> None:
            while not over.is_set():
                busy.apply_one(begin(prospect(f"p{written[0]}")))
                written[0] += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                before = written[0]
                backup.back_up(tmp_path / "followupd.db", tmp_path / f"{number}.db")
                with closing(open_store(f"sqlite:///{tmp_path}/{number}.db", examined=True)) as copy:
                    found = copy.under_way()
                assert len(found) >= before
                assert all(len(touches) == 1 for _, _, touches in found)
        finally:
            over.set()
            writer.join(30)
    toll(injected=5)


@pytest.mark.fault("F14")
def test_no_room(followupd, people: Path, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Without room the path and the missing bytes are named, and nothing half written stays."""
    kind, values = type(os.statvfs("/")), list(os.statvfs("/"))
    values[1], values[4] = 1, 10_000
    monkeypatch.setattr(backup.os, "statvfs", lambda _: kind(values))
    said = followupd("backup", "kept.db")
    assert said.code == 1
    assert "kept.db: the disk is full: the backup needs up to" in said.err
    assert "MB are missing" in said.err
    assert not list(people.glob("*kept*"))
    toll()


def test_damaged_store(followupd, people: Path) -> None:
    """A damaged store is not backed up: the last good backup is worth more."""
    path = people / "followupd.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))
    said = followupd("backup", "kept.db")
    assert said.code == 1
    assert "damaged" in said.err
    assert not (people / "kept.db").exists()


# -- restore -------------------------------------------------------------------------------------


def suppressed(folder: Path) -> set[str]:
    with closing(store(folder)) as opened:
        return {one.key for one in opened.suppressions()}


@pytest.mark.fault("F24")
def test_restore(followupd, people: Path, toll: Toll) -> None:
    """The store is as it was, opt-outs of both are in it, what lay there is kept, and each mailbox is asked first."""
    assert followupd("suppress", "old@x.example").code == 0
    assert followupd("backup", "kept.db").code == 0
    assert followupd("suppress", "new@x.example").code == 0
    (people / "april.csv").write_text(HEADER + row("zoe"))
    assert followupd("add", "april.csv").code == 0
    said = followupd("restore", "kept.db", "--json").json()
    assert said["opt_outs_added"] == 1
    assert said["opt_outs_unread"] == ""
    assert suppressed(people) == {"old@x.example", "new@x.example"}
    with closing(store(people)) as opened, closing(open_store(f"sqlite:///{said['kept']}")) as before:
        assert opened.person("zoe@prospect.example")[0] is None
        assert before.person("zoe@prospect.example")[0] is not None
        with closing(sqlite3.connect(people / "followupd.db")) as raw:
            ((name, since),) = raw.execute("SELECT name, reconcile FROM mailbox").fetchall()
    assert name == "dana"
    assert datetime.now(UTC) - datetime.fromisoformat(since) > timedelta(days=6)
    assert stat.S_IMODE((people / "followupd.db").stat().st_mode) == 0o600
    assert followupd("status").code == 0
    toll()


@pytest.mark.fault("F20", "F24")
def test_restore_over_a_damaged_store(followupd, people: Path, toll: Toll) -> None:
    """In the place of a damaged store, which is kept byte for byte; opt-outs that can't be read are named as lost."""
    assert followupd("backup", "kept.db").code == 0
    path = people / "followupd.db"
    path.write_bytes(bytes(path.stat().st_size))
    before = path.read_bytes()
    assert followupd("status").code == 1
    said = followupd("restore", "kept.db")
    assert said.code == 0
    assert "ATTENTION: its opt-outs could not be read" in said.err
    (kept,) = (one for one in people.glob("followupd.db.before-*") if one.suffix not in ("-wal", "-shm"))
    assert kept.read_bytes() == before
    assert followupd("show", "ann@prospect.example").code == 0
    toll()


def test_restore_without_a_store(followupd, people: Path) -> None:
    """On a new machine nothing lies there yet."""
    assert followupd("backup", "kept.db").code == 0
    for path in people.glob("followupd.db*"):
        path.unlink()
    said = followupd("restore", "kept.db")
    assert said.code == 0
    assert "what lay there" not in said.out
    assert followupd("show", "ann@prospect.example").code == 0


@pytest.mark.parametrize("content", [b"", b"no store at all" * 400, None])
def test_no_backup(followupd, people: Path, content: bytes | None) -> None:
    """What is no sound store is not put in its place, and the store stays as it was."""
    if content is not None:
        (people / "kept.db").write_bytes(content)
    before = (people / "followupd.db").read_bytes()
    said = followupd("restore", "kept.db")
    assert said.code == 1
    assert "kept.db" in said.err
    assert (people / "followupd.db").read_bytes() == before


def test_restore_while_a_daemon_runs(followupd, people: Path) -> None:
    """Refused, naming the process; nothing is changed."""
    assert followupd("backup", "kept.db").code == 0
    with closing(store(people)) as running:
        running.own(1.0)
        said = followupd("restore", "kept.db")
    assert said.code == 1
    assert f"(process {os.getpid()})" in said.err
    assert not list(people.glob("*before*"))


@pytest.mark.fault("F24")
@pytest.mark.parametrize("step", ["_copy", "_set_aside", "_to_disk"])
def test_restore_interrupted(followupd, people: Path, monkeypatch: pytest.MonkeyPatch, step: str, toll: Toll) -> None:
    """Interrupted anywhere: the old store or the new one is there, whole, and never none."""
    assert followupd("backup", "kept.db").code == 0
    monkeypatch.setattr(backup, step, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device", "x")))
    assert followupd("restore", "kept.db").code == 1
    with closing(open_store(f"sqlite:///{people}/followupd.db", examined=True)) as found:
        assert found.person("ann@prospect.example")[0] is not None
    toll()


def test_postgresql_has_its_own_tools(followupd, workspace: Path, postgres_url: str) -> None:
    """On PostgreSQL the commands name pg_dump and pg_restore; `restore` without a file marks the mailboxes."""
    config = workspace / "config.yaml"
    config.write_text(config.read_text().replace("store: followupd.db", f'store: "{postgres_url.replace("+psycopg", "")}"'))
    assert "pg_dump" in followupd("backup").err
    assert "pg_restore" in followupd("restore", "kept.db").err
    said = followupd("restore")
    assert (said.code, "each mailbox is asked first" in said.out) == (0, True), said
    with closing(open_store(postgres_url)) as opened, opened.reading() as connection:
        from sqlalchemy import select

        from followupd.store.schema import mailbox

        assert connection.execute(select(mailbox.c.reconcile).where(mailbox.c.name == "dana")).scalar_one() is not None


def test_opt_outs_survive_the_path_back(people: Path) -> None:
    """The union holds for every row: same key in both, only in one, and in the other."""
    with closing(store(people)) as opened:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        both = tuple(Suppression(key=f"{name}@x.example", reason="asked", source="mail", at=at) for name in "ab")
        opened.apply_one(Change(suppressions=both))
    backup.back_up(people / "followupd.db", people / "kept.db")
    with closing(store(people)) as opened:
        opened.apply_one(Change(suppressions=(Suppression(key="@y.example", reason="phone", source="dana", at=at),)))
        with opened.writing() as connection:
            from sqlalchemy import text

            connection.execute(text("DELETE FROM suppression WHERE key = 'a@x.example'"))
    found = backup.restore(people / "followupd.db", people / "kept.db", ["dana"], datetime.now(UTC))
    assert found.suppressions == 1
    assert suppressed(people) == {"a@x.example", "b@x.example", "@y.example"}
