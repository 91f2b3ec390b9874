"""Several daemons on one PostgreSQL, as the store sees them: who lives, who holds what, who is woken, and what is told once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from followupd.bench.servers import wait_until
from followupd.core.model import Alarm, Change, Round, Switch
from followupd.store import Store, StoreBusy, StoreProblem, fleet, open_store
from followupd.store.fleet import Member
from tests.store.test_contract import NOW, claim, enroll

pytestmark = pytest.mark.slow
BOXES = ("dana", "lee", "mia", "tom")


@pytest.fixture
def stores(postgres_url: str) -> Iterator[list[Store]]:
    """Give the stores of three daemons, and a fourth for a command line."""
    found = [open_store(postgres_url) for _ in range(4)]
    yield found
    for one in found:
        one.close()


def member(run: str) -> Member:
    """A daemon."""
    return Member(run=run, host=f"host-{run}", pid=1, since=NOW, seen=NOW, version="1")


def joined(stores: list[Store], *runs: str) -> None:
    """They all live."""
    for store, run in zip(stores, runs, strict=False):
        fleet.join(store, member(run))


def turn(store: Store, run: str, waited: tuple[str, ...] = ()) -> fleet.Held:
    """One daemon looks."""
    held = fleet.take_turn(store, run, BOXES, waited, NOW)
    store.held = frozenset(held.epochs)
    return held


def end(store: Store, other: Store) -> None:
    """The server ends a daemon's session, and notices it."""
    assert store.session is not None
    with other.writing() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": store.session.process})


WATCHED = """\
import asyncio, os, sys
from followupd.cli.running import new_loop
from followupd.store import open_store

store = open_store(sys.argv[1])
store.session.ask(__import__("sqlalchemy").text("SELECT 1"))
ear = store.session.ear() if sys.argv[2] == "ear" else store.session._open.connection.dbapi_connection.fileno()

async def main():
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(ear, news.set)
    store.session.close()  # by another thread, in the very moment
    await asyncio.wait_for(news.wait(), 10)
    loop.remove_reader(ear)
    os.close(ear)

with asyncio.Runner(loop_factory=new_loop) as runner:
    runner.run(main())
store.close()
"""


@pytest.mark.parametrize(("watched", "code"), [("ear", 0), ("the session's own", -signal.SIGABRT)])
def test_a_session_that_ends_while_it_is_listened_to(postgres_url: str, watched: str, code: int) -> None:
    """The loop hears of the end through an ear of its own; the session's own descriptor would have it end the process."""
    done = subprocess.run([sys.executable, "-c", WATCHED, postgres_url, watched], timeout=30, capture_output=True, check=False)
    assert done.returncode == code, done.stderr


def test_shares(stores: list[Store]) -> None:
    """The first one takes all, the second asks, gets what is given, and the epoch of each mailbox rises with its holder."""
    one, two = stores[:2]
    joined(stores, "a")
    assert turn(one, "a").epochs == dict.fromkeys(BOXES, 1)
    joined([two], "b")
    asked = turn(two, "b")
    assert asked.epochs == {}
    assert fleet.FLEET in fleet.beat(one).said
    give = turn(one, "a").give
    assert len(give) == 2
    assert fleet.give(one, "a", give) == set()
    assert fleet.FLEET in fleet.beat(two).said
    assert turn(two, "b").epochs == dict.fromkeys(give, 3)
    assert turn(one, "a").others == give


def test_the_dead(stores: list[Store]) -> None:
    """A session that ends is a daemon that is dead: others take over, it is listed as dead until then, and it must join anew."""
    one, two = stores[:2]
    joined(stores, "a", "b")
    assert len(turn(one, "a").epochs) == 2
    assert len(turn(two, "b").epochs) == 2
    end(one, two)
    assert wait_until(lambda: fleet.beat(two).living == {"b"})
    assert [(member.run, member.lives) for member in fleet.members(stores[3])] == [("a", False), ("b", True)]
    assert turn(two, "b").epochs.keys() == set(BOXES)
    assert [member.run for member in fleet.members(stores[3])] == ["b"]
    with pytest.raises(StoreBusy):
        fleet.beat(one)
    with pytest.raises(StoreBusy):
        fleet.take_turn(one, "a", BOXES, (), NOW)
    fleet.join(one, member("a"))
    assert fleet.beat(one).living == {"a", "b"}


def _impatient(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        fleet.in_turn(connection)


def test_nobody_is_buried_alive(stores: list[Store]) -> None:
    """Who joins while another one looks is not taken for dead: the two take turns."""
    one, two = stores[:2]
    joined(stores, "a")
    with stores[3].writing() as connection:
        fleet.in_turn(connection)
        with pytest.raises(StoreBusy):
            _impatient(two)
    joined([two], "b")
    turn(one, "a")
    assert fleet.beat(two).living == {"a", "b"}


def test_what_is_in_hand_is_kept(stores: list[Store]) -> None:
    """A mailbox with a mail of ours in hand is not given; one in which somebody else's is, is."""
    one = stores[0]
    joined(stores, "run")
    turn(one, "run")
    enroll(one, "ann")
    (mail,) = claim(one)
    assert (mail.touch.mailbox, mail.touch.owner) == ("dana", "run")
    assert fleet.in_hand(one, "run", BOXES) == {"dana"}
    assert fleet.in_hand(one, "somebody else", BOXES) == set()
    assert fleet.give(one, "run", ["dana", "lee"]) == {"dana"}
    with one.reading() as connection:
        owners = {row.name: row.owner for row in connection.execute(sa.text("SELECT name, owner FROM mailbox"))}
    assert owners == {"dana": "run", "lee": "", "mia": "run", "tom": "run"}


def test_leaving(stores: list[Store]) -> None:
    """Who leaves is forgotten, holds nothing, and the others hear of it."""
    one, two = stores[:2]
    joined(stores, "a", "b")
    turn(one, "a")
    fleet.beat(two)
    fleet.leave(one, "a")
    heard = fleet.beat(two)
    assert (heard.living, fleet.FLEET in heard.said) == ({"b"}, True)
    assert turn(two, "b").epochs.keys() == set(BOXES)


def test_a_new_format_waits_for_the_old_daemons(stores: list[Store], postgres_url: str) -> None:
    """A store is not brought to a newer format while a daemon is at work on it: it would go on in the old one."""
    joined(stores, "a")
    with stores[3].writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    with pytest.raises(StoreProblem, match="1 of an older one are still at work on it; stop all of them"):
        open_store(postgres_url)


def test_who_is_woken(stores: list[Store]) -> None:
    """A write wakes those who hold the mailboxes that it concerns, not the writer; a switch wakes all; the word is short."""
    one, two, _, desk = stores
    joined(stores, "a", "b")
    one.held = frozenset({"dana"})
    enroll(one, "ann")  # dana's, by the daemon that holds it
    assert fleet.beat(two).said == ()
    enroll(desk, "bob")
    said = fleet.beat(two).said
    assert any(fleet.woken(word, {"dana"}) for word in said)
    assert not any(fleet.woken(word, {"lee"}) for word in said)
    desk.apply_one(Change(switches=(Switch(scope="all", reason="", at=NOW, on=False),)))
    assert any(fleet.woken(word, {"lee"}) for word in fleet.beat(one).said)
    fleet.beat(two)
    desk.apply_one(
        Change(rounds=tuple(Round(id=f"digest:{number}", mailbox=f"mailbox-{number:04}", due=NOW) for number in range(200)))
    )
    assert fleet.beat(two).said == ("wake *",)


def test_one_of_many_tells(stores: list[Store]) -> None:
    """Of the daemons that could, one tells of an alarm as long as it lives; raised anew, it is anybody's again."""
    one, two, three, desk = stores
    joined(stores, "a", "b", "c")
    desk.apply_one(Change(alarms=(Alarm(key="test", text="look", at=NOW),)))
    assert [fleet.to_tell(store, run) for store, run in ((two, "b"), (one, "a"), (three, "c"), (two, "b"))] == [
        {"test"},
        set(),
        set(),
        {"test"},
    ]
    end(two, desk)
    assert wait_until(lambda: fleet.to_tell(one, "a")) == {"test"}
    desk.told("test", NOW)
    assert fleet.to_tell(one, "a") == set()
    later = NOW + timedelta(hours=1)
    desk.apply_one(Change(alarms=(Alarm(key="test", text="", at=later, on=False),)))
    desk.apply_one(Change(alarms=(Alarm(key="test", text="again", at=later),)))
    assert fleet.to_tell(three, "c") == {"test"}


# -- the connections ---------------------------------------------------------------------------------


def _behind(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one())


def test_a_connection_that_the_server_has_ended(stores: list[Store]) -> None:
    """It is noticed before the next transaction begins, however lately it was used: nobody's work fails by it."""
    one, other = stores[:2]
    before = _behind(one)
    with other.writing() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
    assert _behind(one) not in (0, before)


def test_the_same_connection_again(stores: list[Store]) -> None:
    """Of several connections the one that was used last is used next: statements stay prepared where they are asked."""
    store = stores[0]
    with store.reading(), store.reading():
        pass
    assert len({_behind(store) for _ in range(4)}) == 1


def test_kept_mails_are_pressed_by_the_quicker_way(stores: list[Store]) -> None:
    """Where the server knows it, and so only there."""
    with stores[0].reading() as connection:
        ways = connection.execute(
            sa.text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
        ).scalar_one()
        chosen = connection.execute(sa.text("SHOW default_toast_compression")).scalar_one()
    assert chosen == ("lz4" if "lz4" in ways else "pglz")
