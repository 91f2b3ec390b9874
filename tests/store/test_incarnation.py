"""Where a store lives: what is noticed when it was restored, copied, cloned, or put into the place of a newer one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.store import Store, incarnation, open_store, schema
from tests.store.made import NOW

MACHINE, OTHER = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file with this machine's id."""
    path = tmp_path_factory.mktemp("etc") / "machine-id"
    path.write_text(MACHINE + "\n")
    monkeypatch.setattr(incarnation, "MACHINE", path)
    return path


@pytest.fixture
def path(tmp_path: Path, machine: Path) -> Path:
    """Give a store that a daemon has written to, in a folder of its own."""
    (tmp_path / "here").mkdir()
    path = tmp_path / "here/followupd.db"
    with at(path) as store:
        assert incarnation.check(store, NOW) == ""
        incarnation.keep(store, NOW)
    return path


@contextmanager
def at(path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{path}")) as store:
        yield store


def said(path: Path) -> str:
    with at(path) as store:
        return incarnation.check(store, LATER)


def test_as_it_was(path: Path) -> None:
    """Nothing has happened to it: nothing is said, however often and however much later it is opened."""
    assert [said(path) for _ in range(3)] == ["", "", ""]


def test_new_store(tmp_path: Path) -> None:
    """From a new store nothing has ever been sent."""
    assert said(tmp_path / "new.db") == ""


def test_other_machine(path: Path, machine: Path) -> None:
    """A cloned machine has an id of its own."""
    machine.write_text(OTHER)
    assert said(path) == f"it lies on another machine: {OTHER} instead of {MACHINE}"


@pytest.mark.parametrize("text", [None, "", "uninitialized\n"])
def test_machine_without_id(path: Path, machine: Path, text: str | None) -> None:
    """In a container without an id of its own this says nothing, instead of something at every start."""
    machine.unlink() if text is None else machine.write_text(text)
    assert said(path) == ""


def test_other_place(path: Path, tmp_path: Path) -> None:
    """Moved to another folder."""
    (tmp_path / "there").mkdir()
    assert said(path.rename(tmp_path / "there/followupd.db")).startswith(f"it lies in another place: {tmp_path}/there")


def test_restored(path: Path, tmp_path: Path) -> None:
    """A backup that was put back under the same name is another file."""
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    backup.replace(path)
    assert said(path).startswith("its file is another one")


def test_older_copy_in_the_same_file(path: Path, tmp_path: Path) -> None:
    """`cp backup.db followupd.db` keeps the inode: the witness beside the store knows that it was written to later."""
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    with at(path) as store:
        incarnation.keep(store, NOW + timedelta(hours=1))
    inode = path.stat().st_ino
    path.write_bytes(backup.read_bytes())
    assert path.stat().st_ino == inode
    assert said(path) == (
        "it is of 2026-11-12 14:00, but was written to at 2026-11-12 15:00 UTC: an older copy has been put in its place"
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"minute": "yesterday"}', '{"minute": 7}', '{"minute": "2026-11-12T23:00:00"}']
)
def test_witness_in_pieces(path: Path, text: str) -> None:
    """After a power cut the witness may hold anything: then it says nothing."""
    path.with_name("followupd.db-witness").write_text(text)
    assert said(path) == ""


def test_clock_before_the_last_minute(path: Path) -> None:
    """A machine whose clock has lost the date would believe that nothing is due, and a clone of yesterday that nothing has left."""
    with at(path) as store:
        assert incarnation.check(store, NOW - timedelta(minutes=2)) == ""
        assert incarnation.check(store, NOW - timedelta(hours=1)) == (
            "it was written to at 2026-11-12 14:00 UTC, but by the clock it is 2026-11-12 13:00"
        )


def test_record_in_pieces(path: Path) -> None:
    """A record that can't be read is that of a new store; the next minute writes it anew."""
    with at(path) as store:
        with store.writing() as connection:
            connection.execute(sa.update(schema.setting).where(schema.setting.c.name == "incarnation").values(value=b"{"))
        assert incarnation.check(store, LATER) == ""
        incarnation.keep(store, LATER)
        assert incarnation.last_minute(store) == LATER


def reconcile(store: Store) -> dict[str, object]:
    with store.reading() as connection:
        box = schema.mailbox.c
        return dict(connection.execute(sa.select(box.name, box.reconcile)).all())


def test_mark(path: Path) -> None:
    """Every mailbox, known to the store or only to the configuration, asks from a week before the newest time on."""
    with at(path) as store:
        store.hold_mailbox("dana", "run")
        assert incarnation.mark(store, ["dana", "eve"], LATER) == NOW - timedelta(days=7)
        assert reconcile(store) == {"dana": NOW - timedelta(days=7), "eve": NOW - timedelta(days=7)}


def test_marked_twice(path: Path) -> None:
    """Restored again before the mailboxes could be asked: the earlier date stays."""
    with at(path) as store:
        incarnation.mark(store, ["dana"], LATER)
        incarnation.keep(store, LATER)
        incarnation.mark(store, ["dana", "eve"], LATER)
        assert reconcile(store) == {"dana": NOW - timedelta(days=7), "eve": LATER - timedelta(days=7)}


def test_newest_time_is_never_in_the_future(path: Path) -> None:
    """A store that was written to by a clock that was wrong: what it knows of the future is not believed."""
    with at(path) as store:
        incarnation.keep(store, NOW + timedelta(days=400))
        assert incarnation.mark(store, ["dana"], NOW) == NOW - timedelta(days=7)


def test_record_is_plain(path: Path) -> None:
    """What is noted, as it lies in the store: nothing secret."""
    with at(path) as store, store.reading() as connection:
        found = connection.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == "incarnation")).scalar_one()
    assert json.loads(found) == {
        "machine": MACHINE, "path": str(path), "inode": str(path.stat().st_ino), "minute": "2026-11-12T14:00:00+00:00",
    }  # fmt: skip


# -- PostgreSQL ----------------------------------------------------------------------------------


def test_postgresql(postgres_url: str, machine: Path) -> None:
    """Daemons of several machines share a database: only the cluster, its timeline and the database count."""
    with closing(open_store(postgres_url)) as store:
        assert incarnation.check(store, NOW) == ""
        incarnation.keep(store, NOW)
        machine.write_text(OTHER)
        assert incarnation.check(store, LATER) == ""
        with store.reading() as connection:
            record = json.loads(
                connection.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == "incarnation")).scalar_one()
            )
        assert set(record) == {"cluster", "timeline", "database", "minute"}
        for name in ("cluster", "timeline", "database"):
            with store.writing() as connection:
                connection.execute(
                    sa.update(schema.setting).where(schema.setting.c.name == "incarnation")
                    .values(value=json.dumps(record | {name: "another"}).encode())
                )  # fmt: skip
            assert incarnation.check(store, LATER) == f"{incarnation.SAYS[name]}: {record[name]} instead of another"
