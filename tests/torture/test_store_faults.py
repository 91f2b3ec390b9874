"""The store on a bad day: damaged, deleted, replaced, locked, owned by another daemon, half upgraded, out of room."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.store import (
    StoreBusy,
    StoreDamaged,
    StoreOwned,
    StoreProblem,
    StoreReplaced,
    engine,
    incarnation,
    open_store,
    sqlite_file,
    upgrade,
)
from tests.faults import Toll
from tests.store.made import NOW, begin, prospect

ROOT = Path(__file__).parents[2]
PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store with two hundred people in it, closed in order."""
    path = tmp_path_factory.mktemp("whole") / "followupd.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.apply([begin(prospect(f"p{number:03}")) for number in range(200)])
        incarnation.keep(store, NOW)
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """Give a copy of it."""
    shutil.copy(whole, tmp_path / "followupd.db")
    return tmp_path / "followupd.db"


def url(path: Path) -> str:
    return f"sqlite:///{path}"


# -- damage --------------------------------------------------------------------------------------


def zeroed(data: bytearray, dice: random.Random) -> None:
    """A page of nothing, as a disk gives back what it has lost."""
    page = dice.randrange(len(data) // PAGE)
    data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)


def scribbled(data: bytearray, dice: random.Random) -> None:
    """A page of something else."""
    page = dice.randrange(len(data) // PAGE)
    data[page * PAGE : (page + 1) * PAGE] = dice.randbytes(PAGE)


def exchanged(data: bytearray, dice: random.Random) -> None:
    """One page written over another."""
    one, other = dice.sample(range(len(data) // PAGE), 2)
    data[one * PAGE : (one + 1) * PAGE] = data[other * PAGE : (other + 1) * PAGE]


def cut_off(data: bytearray, dice: random.Random) -> None:
    """The end is missing."""
    del data[dice.randrange(1, len(data) - 1) :]


def headless(data: bytearray, dice: random.Random) -> None:
    """One byte of the header that SQLite looks at."""
    place = dice.choice([*range(18), *range(20, 24)])
    data[place] ^= 1 + dice.randrange(255)


DAMAGE = (zeroed, scribbled, exchanged, cut_off, headless)


def try_damage(path: Path, whole: Path, seed: int) -> bool:
    """Damage a copy of the store; refused in words and left as it was, or nothing at all has been lost. Whether it was refused."""
    dice = random.Random(seed)
    data = bytearray(whole.read_bytes())
    DAMAGE[seed % len(DAMAGE)](data, dice)
    if data == whole.read_bytes():
        return True  # the page was like that before
    path.write_bytes(data)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir() if not each.name.endswith("-shm")}
    try:
        open_store(url(path), examined=True).close()
    except StoreProblem as problem:
        said = str(problem)
        assert str(path) in said
        assert "followupd restore FILE" in said
        assert "\n" not in said
        now = {each.name: each.read_bytes() for each in path.parent.iterdir() if not each.name.endswith("-shm")}
        assert {name: now.get(name) == content for name, content in before.items()} == dict.fromkeys(before, True)
        return True
    with closing(sqlite3.connect(path)) as damaged, closing(sqlite3.connect(whole)) as sound:
        assert list(damaged.iterdump()) == list(sound.iterdump()), f"seed {seed}: damage was not noticed"
    return False


@pytest.mark.fault("F20")
def test_damaged(path: Path, whole: Path, toll: Toll) -> None:
    """Twenty kinds of damage: the store is refused with advice and not touched, or it has lost nothing."""
    refused = [try_damage(path, whole, seed) for seed in range(20)]
    assert sum(refused) >= 16
    toll(injected=20)


@pytest.mark.fault("F20")
@pytest.mark.nightly
def test_damaged_anywhere(path: Path, whole: Path, toll: Toll) -> None:
    """The same with each page in turn, and two hundred seeds."""
    assert sum(try_damage(path, whole, seed) for seed in range(20, 220)) >= 160
    toll(injected=200)


def test_the_judge_of_damage_can_fail(path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the examination, damage that lies deep in the file is not noticed when it is opened."""
    monkeypatch.setattr("followupd.store.examine", lambda _, first: None)
    with pytest.raises((AssertionError, sqlite3.DatabaseError)):
        [try_damage(path, whole, seed) for seed in range(20)]


@pytest.mark.fault("F20")
def test_damage_found_at_work(path: Path, toll: Toll) -> None:
    """What the examination could not see shows when it is read: one sentence with the advice, in every command."""
    with closing(open_store(url(path))) as store:
        data = bytearray(path.read_bytes())
        data[PAGE * 2 :] = bytes(len(data) - PAGE * 2)
        path.write_bytes(data)

        def work() -> None:
            store.under_way()
            store.apply_one(begin(prospect("zoe")))

        with pytest.raises(StoreDamaged, match="followupd restore FILE"):
            work()
    toll()


@pytest.mark.fault("F20")
def test_log_cut_off(path: Path, toll: Toll) -> None:
    """The write-ahead log has lost its end, and with it what was committed last: the store is older than it was, and asks first."""
    store = open_store(url(path))
    store.apply_one(begin(prospect("zoe")))
    incarnation.keep(store, NOW + timedelta(minutes=2))
    log = path.with_name("followupd.db-wal")
    kept = log.read_bytes()
    assert len(kept) > PAGE
    folder = path.parent / "after"
    folder.mkdir()
    shutil.copy(path, folder)
    shutil.copy(path.with_name("followupd.db-witness"), folder)
    (folder / log.name).write_bytes(kept[: len(kept) // 2])
    store.close()
    with closing(open_store(url(folder / path.name), examined=True)) as found:
        with found.writing() as connection:  # the copy lies elsewhere: that alone would be noticed, too
            connection.execute(
                sa.text("UPDATE setting SET value = :v WHERE name = 'incarnation'"),
                {"v": b'{"minute": "%s"}' % NOW.isoformat().encode()},
            )
        assert "an older copy has been put in its place" in incarnation.check(found, NOW + timedelta(minutes=3))
    toll()


def test_examination_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that takes too long to look through is opened nevertheless."""
    monkeypatch.setattr(sqlite_file, "EXAMINED_WITHIN", -1.0)
    started = time.monotonic()
    sqlite_file.examine(path)
    assert time.monotonic() - started < 5


def test_examination_changes_nothing(path: Path) -> None:
    """Looking a sound store through leaves every byte as it was."""
    before = path.read_bytes()
    sqlite_file.examine(path)
    assert path.read_bytes() == before


# -- a big store ---------------------------------------------------------------------------------


def root_of(path: Path, table: str) -> int:
    """The page in which a table begins."""
    with closing(sqlite3.connect(path)) as found:
        return int(found.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0])


def spoil(path: Path, table: str) -> None:
    """Write nonsense over the first page of a table."""
    page = root_of(path, table)
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(random.Random(1).randbytes(PAGE))


@pytest.fixture
def big(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a store that counts as big."""
    monkeypatch.setattr(sqlite_file, "AT_ONCE", 0)
    monkeypatch.setattr(sqlite_file, "THOROUGH", 0)
    return path


@pytest.mark.fault("F20")
def test_what_says_who_may_be_written_to_is_looked_at_first(big: Path, toll: Toll) -> None:
    """Damage of the opt-outs holds up the start, however big the store is."""
    spoil(big, "suppression")
    with pytest.raises(StoreDamaged, match="Nothing was changed and nothing is sent"):
        open_store(url(big), examined=True)
    toll()


@pytest.mark.fault("F20")
def test_deep_damage_of_a_big_store(big: Path, toll: Toll) -> None:
    """It opens, and is found damaged beside the work; from then on each start refuses it at once, until another file lies there."""
    spoil(big, "reply")
    with closing(open_store(url(big), examined=True)) as store:
        assert store.suppressions() == ()
        with pytest.raises(StoreDamaged, match=r"had it in use ends, and no other begins\. Restore a backup"):
            store.look_through(lambda: False)
    with pytest.raises(StoreDamaged, match="Nothing was changed and nothing is sent"):
        open_store(url(big), examined=True)
    toll(injected=2)


def test_damage_that_was_noted_is_not_forgotten(big: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that has no time to find it again refuses the file all the same; another file in its place is looked at as any other."""
    spoil(big, "reply")
    with pytest.raises(StoreDamaged):
        sqlite_file.walk(big, lambda: False)
    with monkeypatch.context() as hurried:
        hurried.setattr(sqlite_file, "EXAMINED_WITHIN", -1.0)
        hurried.setattr(sqlite_file, "STEPS", 1)
        with pytest.raises(StoreDamaged, match="the store is damaged"):
            sqlite_file.examine(big)
    shutil.copy(whole, big.with_name("sound"))
    big.with_name("sound").replace(big)
    open_store(url(big), examined=True).close()


@pytest.mark.fault("F20")
def test_a_power_cut(big: Path, toll: Toll) -> None:
    """A big store whose log is older than this boot is looked through whole before it is opened; one that was in use since then is not."""
    spoil(big, "reply")
    log = big.with_name(big.name + "-wal")
    log.write_bytes(bytes(32))
    sqlite_file.examine(big)  # written since then: nothing has happened to the machine
    os.utime(log, (1_000_000_000, 1_000_000_000))
    with pytest.raises(StoreDamaged):
        sqlite_file.examine(big)
    toll()


def test_looking_through_ends_when_told(big: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that ends does not wait for it, and nothing is said of the file."""
    monkeypatch.setattr(sqlite_file, "STEPS", 1)
    spoil(big, "round")
    sqlite_file.walk(big, lambda: True)
    assert not big.with_name(big.name + "-damaged").exists()


# -- deleted, replaced ---------------------------------------------------------------------------


@pytest.mark.fault("F21")
@pytest.mark.parametrize("deed", ["deleted", "another"])
def test_not_there_any_more(path: Path, whole: Path, deed: str, toll: Toll) -> None:
    """Deleted, or replaced by another file, while it is open: nothing is read from it and nothing written any more."""
    with closing(open_store(url(path))) as store:
        store.apply_one(begin(prospect("zoe")))
        if deed == "deleted":
            path.unlink()
        else:
            other = path.with_name("other.db")
            shutil.copy(whole, other)
            other.replace(path)
            content = path.read_bytes()
        for verb in (lambda: store.apply_one(begin(prospect("yan"))), store.under_way, lambda: store.next_due(["dana"])):
            with pytest.raises(StoreReplaced, match=deed):
                verb()
    if deed == "another":
        assert path.read_bytes() == content
    toll()


# -- locked --------------------------------------------------------------------------------------

LOCKER = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], isolation_level=None) as other:
    other.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locker(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another program that holds the store's lock until its standard input ends."""
    with closing(open_store(url(path))):
        pass
    process = subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.communicate(timeout=10)


@pytest.mark.fault("F19")
def test_locked(path: Path, locker: subprocess.Popen[str], toll: Toll) -> None:
    """Another program has it locked: that program is named; when it lets go, the same change is written."""
    with closing(open_store(url(path))) as store:
        store.own(0.2)
        with pytest.raises(StoreBusy, match=rf"database is locked by process {locker.pid} \(.*python.* -c"):
            store.apply_one(begin(prospect("zoe")))
        assert store.next_due(["dana"]) == NOW  # reading goes on
        locker.communicate(timeout=10)
        store.apply_one(begin(prospect("zoe")))
        assert len(store.enrollments()) == 201
    toll()


def test_nobody_can_tell(path: Path, locker: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where /proc is hidden the lock is told without a name."""
    monkeypatch.setattr(sqlite_file, "LOCKS", path / "nowhere")
    with closing(open_store(url(path))) as store:
        store.own(0.1)
        with pytest.raises(StoreBusy, match=r"^database is locked$"):
            store.apply_one(begin(prospect("zoe")))


def test_two_daemons(path: Path) -> None:
    """One daemon to a file, whatever it is called; the second is told the first one's process."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    with closing(open_store(url(path))) as first, closing(open_store(url(path))) as second:
        first.own(1.0)
        with pytest.raises(StoreOwned, match=rf"another followupd is running on .*followupd\.db \(process {os.getpid()}\)"):
            second.own(1.0)
        first.close()
        second.own(1.0)


@pytest.mark.fault("F22")
@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph"])
def test_network_file_system(path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Refused with the reason, and not touched."""
    monkeypatch.setattr(engine, "_file_system", lambda _: kind)
    before = path.read_bytes()
    with pytest.raises(StoreProblem, match=rf"lies on a network file system \({kind}\).*local disk or PostgreSQL"):
        open_store(url(path))
    assert path.read_bytes() == before
    toll()


# -- out of room, read-only ----------------------------------------------------------------------


@pytest.mark.fault("F13")
def test_full(path: Path, toll: Toll) -> None:
    """No room for a commit: nothing of the change stays, the store goes on reading, and takes it once there is room."""
    with closing(open_store(url(path))) as store:
        connection = store.engine.raw_connection().driver_connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        many = [begin(prospect(f"more{number}")) for number in range(200)]
        with pytest.raises(StoreBusy, match="full"):
            store.apply(many)
        assert len(store.enrollments()) == 200
        connection.execute("PRAGMA max_page_count=1000000")
        assert store.apply(many) == [True] * 200
    toll()


# -- upgrades ------------------------------------------------------------------------------------


def made_by(path: Path, version: str) -> None:
    """A store as an earlier release has made it."""
    from alembic import command
    from alembic.config import Config

    database = engine.open_engine(url(path))
    with database.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "followupd/store/migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.execute(sa.text("INSERT INTO setting (name, value) VALUES ('key', :key)"), {"key": b"k" * 32})
        connection.execute(
            sa.text(
                "INSERT INTO suppression (key, reason, source, at) VALUES ('ann@a.test', 'asked', 'mail', '2026-01-01T00:00:00.000000Z')"
            )
        )
    database.dispose()


OLDER = [f"{number:04}" for number in range(1, int(upgrade.HEAD))]

UPGRADER = """
import os, signal, sys
import sqlalchemy as sa
from followupd.store import engine, upgrade
database, left = engine.open_engine(sys.argv[1]), [int(sys.argv[2])]
@sa.event.listens_for(database, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    if statement.split()[0].upper() in ("CREATE", "ALTER", "INSERT", "UPDATE", "DROP", "DELETE"):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
upgrade.bring_up_to_date(database)
"""


@pytest.mark.fault("F23")
@pytest.mark.parametrize("version", OLDER)
def test_upgrade_killed_half_way(tmp_path: Path, version: str, toll: Toll) -> None:
    """Killed in the middle of an upgrade: the store is the old one, whole, and the next start upgrades it."""
    path = tmp_path / "followupd.db"
    made_by(path, version)
    kills = 0
    for number in (1, 3, 6):
        done = subprocess.run(
            [sys.executable, "-c", UPGRADER, url(path), str(number)], cwd=ROOT, capture_output=True, timeout=60, check=False
        )
        kills += done.returncode == -signal.SIGKILL
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        with closing(sqlite3.connect(path)) as found:
            assert found.execute("SELECT version_num FROM alembic_version").fetchall() == [(version,)]
            assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(open_store(url(path), examined=True)) as store:
        assert store.key() == b"k" * 32
        assert [one.key for one in store.suppressions()] == ["ann@a.test"]
        store.apply_one(begin(prospect("zoe")))
        with store.reading() as connection:
            assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == upgrade.HEAD
    toll(injected=kills)


@pytest.mark.fault("F23")
def test_newer_store(path: Path, toll: Toll) -> None:
    """A store of a newer release is refused, and left alone."""
    with closing(sqlite3.connect(path)) as found:
        found.execute("UPDATE alembic_version SET version_num = '9999'")
        found.commit()
    before = path.read_bytes()
    with pytest.raises(StoreProblem, match="written by a newer followupd"):
        open_store(url(path), examined=True)
    assert path.read_bytes() == before
    toll()
