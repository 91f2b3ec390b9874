"""Opening a store: new, old, of another program, damaged; and several processes on one file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from followupd.core.model import Change, Mailbox
from followupd.store import Hand, Store, StoreBusy, StoreProblem, Want, engine, open_store, schema, upgrade
from tests.store.made import NOW, begin, prospect

ROOT = Path(__file__).parents[2]


def opened(url: str) -> sa.Engine:
    return engine.open_engine(url)


def indexes(connection: sa.Connection) -> dict[str, str]:
    """Every index as the database wrote it down, conditions included."""
    master = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    catalog = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    rows = connection.execute(sa.text(master if connection.dialect.name == "sqlite" else catalog)).all()
    return {name: " ".join(sql.replace('"', "").split()) for name, sql in rows if "alembic_version" not in name}


def columns(connection: sa.Connection) -> dict[str, list[tuple[str, str, bool, str | None]]]:
    """Every column with its type and its default; the sequence of numbered rows is named after its table."""
    look = sa.inspect(connection)
    return {
        name: [(each["name"], str(each["type"]), each["nullable"], each["default"]) for each in look.get_columns(name)]
        for name in look.get_table_names()
        if name != "alembic_version"
    }


# -- migrations ----------------------------------------------------------------------------------


def test_migrations_make_the_same_tables(empty_url: str) -> None:
    """All migrations from nothing lead to the very tables and indexes that a new store gets at once, and write no row."""
    database = opened(empty_url)
    with database.begin() as connection:
        upgrade.run_migrations(connection)
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        migrated = columns(connection), indexes(connection)
        rows = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        ]
        assert sum(rows) == 0
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == [upgrade.HEAD]
        schema.metadata.drop_all(connection)
        schema.metadata.create_all(connection)
        assert migrated == (columns(connection), indexes(connection))
        assert len(migrated[1]) >= 14
    database.dispose()


def test_what_became_of_a_mail_goes_to_its_touch(empty_url: str) -> None:
    """A store of before, in which that stood with the mail's bytes, says the same of each mail once it is upgraded."""
    mails = {"t-1": (NOW, "wanted"), "t-2": (None, ""), "t-3": (NOW, "done")}
    database = opened(empty_url)
    with database.begin() as connection:
        upgrade.run_migrations(connection, "0005")
        connection.execute(sa.insert(schema.setting).values(name="key", value=b"k" * 32))
        touch = "INSERT INTO touch (id, enrollment, mailbox, step, due, why) VALUES (:id, 'e', 'dana', :id, :at, '[]')"
        mail = """INSERT INTO mail (touch, enrollment, opens, raw, gated, looked, "left", copy)
            VALUES (:id, 'e', :opens, :raw, :at, :at, :left, :copy)"""
        for name in (*mails, "t-4"):
            left, copy = mails.get(name, (None, ""))
            given = {
                "id": name,
                "at": schema.instant(NOW),
                "left": schema.instant(left),
                "copy": copy,
                "opens": True,
                "raw": name.encode(),
            }
            for statement in (touch, mail) if name in mails else (touch,):
                connection.execute(sa.text(statement), {key: value for key, value in given.items() if f":{key}" in statement})
    database.dispose()
    with closing(open_store(empty_url)) as store:
        kept = {name: store.kept_mail(name) for name in (*mails, "t-4")}
        assert {name: one and (one.left, one.copy, one.raw) for name, one in kept.items()} == {
            **{name: (*told, name.encode()) for name, told in mails.items()}, "t-4": None,
        }  # fmt: skip
        assert [one.touch for one in store.copies_wanted("dana")] == ["t-1"]


def test_head_is_the_newest_migration() -> None:
    """The constant that saves importing alembic at each start is right."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "followupd/store/migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == upgrade.HEAD


def test_new_store_has_a_key_of_its_own(empty_url: str, tmp_path: Path) -> None:
    """The secret is made with the store, differs from every other one's, and stays."""
    with closing(open_store(empty_url)) as store, closing(open_store(f"sqlite:///{tmp_path}/other.db")) as other:
        key = store.key()
        assert (len(key), key != other.key()) == (32, True)
    with closing(open_store(empty_url)) as again:
        assert again.key() == key


def test_one_maker_at_a_time(empty_url: str) -> None:
    """Several daemons that start on an empty database at once make it once."""
    start = threading.Barrier(4)

    def make() -> bytes:
        start.wait(10)
        with closing(open_store(empty_url)) as store:
            return store.key()

    with ThreadPoolExecutor(4) as pool:
        keys = [each.result(60) for each in [pool.submit(make) for _ in range(4)]]
    assert len(set(keys)) == 1


# -- what is refused -----------------------------------------------------------------------------


def refusal(url: str) -> str:
    with pytest.raises(StoreProblem) as caught:
        open_store(url)
    said = str(caught.value)
    assert "Traceback" not in said
    assert "sqlalche.me" not in said
    return said


def change_by_hand(url: str, *statements: str) -> None:
    database = opened(url)
    with database.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    database.dispose()


def test_newer_store(empty_url: str) -> None:
    """A store of a newer followupd is refused, and left as it is."""
    open_store(empty_url).close()
    change_by_hand(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    assert refusal(empty_url).endswith(
        f"was written by a newer followupd (store version 9999, this one knows {upgrade.HEAD}); upgrade followupd"
    )


@pytest.mark.parametrize("tables", [["customers"], ["customers", "alembic_version"], ["touch"]])
def test_database_of_another_program(empty_url: str, tables: list[str]) -> None:
    """A database in which another program's tables lie is refused, and none of ours is added."""
    change_by_hand(empty_url, *(f"CREATE TABLE {name} (version_num VARCHAR(32))" for name in tables))
    assert "holds tables of another program; give followupd a database of its own" in refusal(empty_url)
    database = opened(empty_url)
    assert set(sa.inspect(database).get_table_names()) == set(tables)
    database.dispose()


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 4080, b"\0" * 4096])
def test_garbage(tmp_path: Path, content: bytes) -> None:
    """A file that is no store is refused in words, and not touched."""
    path = tmp_path / "followupd.db"
    path.write_bytes(content)
    said = refusal(f"sqlite:///{path}")
    assert str(path) in said
    assert "restore a backup" in said or "damaged" in said
    assert path.read_bytes() == content


def test_empty_file(tmp_path: Path) -> None:
    """A file without a byte is an empty database."""
    (tmp_path / "followupd.db").touch()
    open_store(f"sqlite:///{tmp_path}/followupd.db").close()


def test_no_folder(tmp_path: Path) -> None:
    """A store in a folder that does not exist: the folder is named."""
    assert refusal(f"sqlite:///{tmp_path}/missing/followupd.db").startswith(f"{tmp_path}/missing: no such folder")


def test_folder_in_its_place(tmp_path: Path) -> None:
    """A folder is no store."""
    (tmp_path / "followupd.db").mkdir()
    assert "is no file; write the name of one" in refusal(f"sqlite:///{tmp_path}/followupd.db")


def test_network_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks on network file systems lie, so SQLite is not used there."""
    monkeypatch.setattr(engine, "_file_system", lambda folder: "nfs4")
    assert "lies on a network file system (nfs4)" in refusal(f"sqlite:///{tmp_path}/followupd.db")


@pytest.mark.slow
def test_no_server() -> None:
    """A PostgreSQL that does not answer is told without the password."""
    said = refusal("postgresql://dana:secret@127.0.0.1:1/followupd")
    assert "127.0.0.1" in said
    assert "secret" not in said


# -- several at once on one file -----------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "followupd.db"


def test_safe_settings(path: Path) -> None:
    """A commit is on the disk before it is believed: a lost "sent" would be a second mail."""
    with closing(open_store(f"sqlite:///{path}")) as store, store.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


WRITER = """
import sys
from tests.store.made import NOW, begin, prospect
from followupd.store import open_store
store = open_store(sys.argv[1])
for number in range(100):
    assert store.apply([begin(prospect(f"{sys.argv[2]}{number}"))]) == [True]
    store.overview(NOW)
"""


def test_two_processes_write(path: Path) -> None:
    """Two processes that write at the same time wait for each other; neither fails, nothing is lost."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, f"sqlite:///{path}", name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in "ab"
    ]
    said = [writer.communicate(timeout=100)[1] for writer in writers]
    assert [(writer.returncode, error) for writer, error in zip(writers, said, strict=True)] == [(0, b""), (0, b"")]
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert len(store.enrollments()) == 200


@pytest.fixture
def locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give a store on a file in which somebody else's transaction is under way and does not end."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    with closing(open_store(f"sqlite:///{path}")) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.apply_one(begin())
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM touch")
        yield store


def test_reading_waits_for_nobody(locked: Store, path: Path) -> None:
    """`status` opens and reads while a daemon writes, and sees what was there before."""
    started = time.monotonic()
    assert len(locked.overview(NOW)["next"]) == 1
    with closing(open_store(f"sqlite:///{path}")) as second:
        assert len(second.touches(begin().enrollments[0].id)) == 1
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "verb",
    [
        lambda store: store.apply([begin(prospect("bob"))]),
        lambda store: store.apply_one(begin(prospect("bob"))),
        lambda store: store.enroll(begin(prospect("bob"))),
        lambda store: store.hold_mailbox("dana", "run"),
        lambda store: store.keep_cadence("digest", "proposal", "text", {}, NOW),
        lambda store: store.calm("dana"),
    ],
)
def test_busy(locked: Store, verb: Callable[[Store], object]) -> None:
    """What can't be written in time says so in one way, and has written nothing."""
    with pytest.raises(StoreBusy, match="locked"):
        verb(locked)
    assert len(locked.enrollments()) == 1


def test_reading_blocks_nobody(path: Path) -> None:
    """A reader that takes its time keeps no writer waiting."""
    url, count = f"sqlite:///{path}", sa.select(sa.func.count()).select_from(schema.enrollment)
    with closing(open_store(url)) as store, closing(open_store(url)) as slow, slow._transaction(slow._reader) as reading:
        assert reading.execute(count).scalar() == 0
        started = time.monotonic()
        store.apply_one(begin())
        assert time.monotonic() - started < 5
        assert reading.execute(count).scalar() == 0


def test_threads_take_turns(path: Path) -> None:
    """Many threads on one store: each change is whole."""
    with closing(open_store(f"sqlite:///{path}")) as store, ThreadPoolExecutor(8) as pool:
        written = pool.map(lambda number: store.apply([begin(prospect(f"p{number}"))]), range(64))
        assert list(written) == [[True]] * 64
        assert len(store.enrollments()) == 64


# -- speed that does not hang on the size --------------------------------------------------------


def due_now(store: Store) -> None:
    """The claim of a mailbox in which something is due."""
    store.apply_one(begin())
    hand = Hand(run="run", lease=NOW + timedelta(hours=1), key=b"k" * 32, token=lambda: "t", fraction=lambda: 0.5)
    box = Mailbox(name="dana", address="dana@example.com", display_name="", zone="UTC")
    store.claim_due(NOW, [Want(mailbox=box, places=1, epoch=store.hold_mailbox("dana", "run"))], hand)


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (lambda store: store.next_due(["dana"]), "touch_due"),
        (lambda store: store.in_hand(None, NOW), "touch_in_hand"),
        (lambda store: store.in_hand("run"), "touch_in_hand"),
        (lambda store: store.ripe(NOW), "enrollment_until"),
        (lambda store: store.overdue(NOW), "touch_deadline"),
        (lambda store: store.usage("dana", NOW), "touch_sent"),
        (lambda store: store.usage("dana", NOW), "touch_in_hand"),
        (lambda store: store.domain_usage("dana", NOW), "touch_sent"),
        (lambda store: store.lately("ann@ann.example", NOW), "touch_by_address"),
        (due_now, "touch_due"),
        (due_now, "touch_due_later"),
        (lambda store: store.reviews(), "reply_review"),
        (lambda store: store.reviews(), "touch_in_doubt"),
        (lambda store: store.tasks("dana"), "task_open"),
        (lambda store: store.timeline("ann@ann.example"), "event_by_address"),
    ],
)
def test_hot_questions_use_their_index(path: Path, question: Callable[[Store], object], index: str) -> None:
    """What is asked at every turn is answered from the index made for it; SQLite takes a partial one only word for word."""
    asked: list[str] = []
    with closing(open_store(f"sqlite:///{path}")) as store, closing(sqlite3.connect(path)) as other:
        with closing(store.engine.raw_connection()) as connection:
            connection.driver_connection.set_trace_callback(asked.append)
        question(store)
        selects = [statement for statement in asked if statement.startswith("SELECT")]
        plans = [row[3] for statement in selects for row in other.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert any(f"USING INDEX {index}" in line for line in plans), plans
    assert not [line for line in plans if line in {"SCAN touch", "SCAN enrollment", "SCAN reply", "SCAN task", "SCAN event"}]


def test_suppressions_are_looked_through_once(path: Path) -> None:
    """The sweep over everybody under way happens only when there is a new suppression."""
    asked: list[str] = []
    with closing(open_store(f"sqlite:///{path}")) as store:
        sa.event.listen(store.engine, "before_cursor_execute", lambda connection, cursor, statement, *_: asked.append(statement))
        store.suppressed_under_way()
        first = sum("FROM enrollment" in statement for statement in asked)
        for _ in range(5):
            store.suppressed_under_way()
        assert (first, sum("FROM enrollment" in statement for statement in asked)) == (1, 1)


def test_instants_sort_as_text() -> None:
    """Times are text of one width, so that they sort as they are, in any year and to the microsecond."""
    kind = schema.Instant()
    times = [NOW.replace(year=1), NOW, NOW + timedelta(microseconds=1), NOW.replace(year=9999)]
    texts = [kind.process_bind_param(at, sa.engine.default.DefaultDialect()) for at in times]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
    assert [kind.process_result_value(text, sa.engine.default.DefaultDialect()) for text in texts] == times


def test_closed_store_lets_go(path: Path) -> None:
    """After `close` the file can be moved away: no journal is left beside it."""
    store = open_store(f"sqlite:///{path}")
    store.apply_one(begin() + Change())
    store.close()
    assert [each.name for each in path.parent.iterdir()] == ["followupd.db"]
