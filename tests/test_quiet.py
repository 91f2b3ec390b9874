"""A daemon that has nothing to do: it writes nothing to the disk, and still everybody sees how it is."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from followupd import daemon
from followupd.channels import CHANNELS
from followupd.cli import senders
from followupd.clock import RealClock
from followupd.core.model import Alarm, Change, EnrollmentState, Task, TouchState
from followupd.files.workspace import load_workspace, reload
from followupd.marks import Marks, looks_in
from followupd.store import Store, incarnation, open_store, schema
from followupd.world import Watch, World
from tests.store.made import NOW, begin, prospect

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with one person who waits."""
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as found:
        found.apply_one(begin(prospect("ann")))
        yield found


# -- has anybody written? ------------------------------------------------------------------------


def test_reading_does_not_stir(store: Store) -> None:
    """However often it is read, a store says that nobody has written to it."""
    before = store.stirred()
    assert before is not None
    store.under_way()
    store.next_due(["dana"])
    assert store.stirred() == before


def test_own_writing_stirs(store: Store) -> None:
    """What this very process writes is seen, too."""
    before = store.stirred()
    store.apply_one(begin(prospect("bob")))
    assert store.stirred() != before


def test_others_writing_stirs(store: Store, tmp_path: Path) -> None:
    """What another process writes is seen, and seen once."""
    before = store.stirred()
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as other:
        other.apply_one(begin(prospect("bob")))
    after = store.stirred()
    assert after != before
    assert store.stirred() == after


# -- until when? ---------------------------------------------------------------------------------


def _touch(store: Store, **changed: Any) -> None:
    (touch,) = store.touches(store.person("ann@ann.example")[1][0].id)
    store.apply_one(Change(touches=(replace(touch, **changed),)))


def _paused(store: Store) -> None:
    (enrollment,) = store.person("ann@ann.example")[1]
    store.apply_one(Change(enrollments=(replace(enrollment, state=EnrollmentState.PAUSED, until=NOW + HOUR),)))


def _task(store: Store, **changed: Any) -> None:
    store.apply_one(
        Change(
            tasks=(Task(id="t", owner="dana", address="ann@ann.example", kind="call", title="", text="", created=NOW, **changed),)
        )
    )


DATED: dict[str, Callable[[Store], None]] = {
    "a pause ends": _paused,
    "a deadline": lambda store: _touch(store, due=NOW + 9 * HOUR, deadline=NOW + HOUR),
    "a reminder": lambda store: _task(store, remind=NOW + HOUR),
    "an escalation": lambda store: _task(store, escalate=NOW + HOUR),
    "a mail": lambda store: _touch(store, due=NOW + HOUR),
}


@pytest.mark.parametrize("what", DATED)
def test_the_next_date(store: Store, what: str) -> None:
    """Whatever comes at a time ends the rest of the claim loop."""
    _touch(store, due=NOW + 9 * HOUR)
    DATED[what](store)
    assert store.next_date(["dana"], NOW) == NOW + HOUR


def test_no_rest_while_something_may_end_at_any_moment(store: Store) -> None:
    """An alarm that is up, and a mail in hand, are looked after at each turn."""
    _touch(store, due=NOW + 9 * HOUR)
    store.apply_one(Change(alarms=(Alarm(key="x", text="x", at=NOW),)))
    assert store.next_date(["dana"], NOW) == NOW
    store.apply_one(Change(alarms=(Alarm(key="x", text="", at=NOW, on=False),)))
    assert store.next_date(["dana"], NOW) == NOW + 9 * HOUR
    _touch(store, state=TouchState.SENDING)
    assert store.next_date(["dana"], NOW) == NOW


# -- what is written down ------------------------------------------------------------------------


@pytest.fixture
def memory() -> Iterator[Path]:
    """Give a folder in memory, as marks have it."""
    with tempfile.TemporaryDirectory(prefix="quiet", dir="/dev/shm") as name:
        yield Path(name)


class Still(RealClock):
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        """Now it is NOW."""
        self.at = NOW

    def now(self) -> datetime:
        """As told."""
        return self.at


def quiet_world(store: Store, folder: Path) -> Any:
    """As much of a world as housekeeping sees: one mailbox that is read."""
    marks, _ = Marks.open(folder, run="r", slots=1)
    clock = Still()
    office = SimpleNamespace(store=store, clock=clock)

    async def call(verb: Callable[..., Any], *parameters: Any) -> Any:
        return verb(*parameters)

    return SimpleNamespace(
        office=office, marks=marks, watches={"dana": Watch(clock)}, epochs={"dana": 1}, call=call, unfit="", writer=SimpleNamespace(stuck=""),
        clock=clock,
    )  # fmt: skip


def housekeep(world: Any, noted: daemon.Noted) -> None:
    """One round of all that writes by itself."""

    async def rounds() -> None:
        await daemon._show_state(cast("World", world), noted)
        await daemon._keep_incarnation(cast("World", world), noted)

    asyncio.run(rounds())


def read_at(world: Any, at: datetime) -> None:
    """The mailbox was read to its end."""
    world.clock.at = at
    asyncio.run(world.watches["dana"].read(world.clock.steady()))


def row(store: Store) -> Any:
    """What the store knows of the mailbox."""
    with store.reading() as connection:
        return connection.execute(sa.select(schema.mailbox)).mappings().one()


def test_a_quiet_daemon_writes_nothing(store: Store, memory: Path) -> None:
    """After the first round the store is left alone for hours, and what is shown is true all the same."""
    store.hold_mailbox("dana", "r")
    world, noted = quiet_world(store, memory), daemon.Noted()
    read_at(world, NOW)
    housekeep(world, noted)
    before = store.stirred()
    for hour in range(1, 12):
        read_at(world, NOW + hour * HOUR)
        housekeep(world, noted)
    assert store.stirred() == before
    assert looks_in(memory)["dana"] >= NOW + 10 * HOUR
    world.marks.close()


def test_trouble_is_written_down(store: Store, memory: Path) -> None:
    """What has changed of a mailbox stands in the store at once."""
    store.hold_mailbox("dana", "r")
    world, noted = quiet_world(store, memory), daemon.Noted()
    read_at(world, NOW)
    housekeep(world, noted)
    asyncio.run(world.watches["dana"].lost("login refused"))
    housekeep(world, noted)
    assert (row(store)["state_text"], row(store)["looked"] is not None) == ("login refused", True)
    world.marks.close()


def test_without_memory_each_reading_is_written_down(store: Store, tmp_path: Path) -> None:
    """Where the marks lie on a disk the store is told, and nothing is written beside it every few seconds."""
    store.hold_mailbox("dana", "r")
    (tmp_path / "marks").mkdir()
    world, noted = quiet_world(store, tmp_path / "marks"), daemon.Noted()
    world.marks.in_memory = False
    for hour in range(3):
        read_at(world, NOW + hour * HOUR)
        housekeep(world, noted)
        assert row(store)["looked"] >= NOW + hour * HOUR - timedelta(minutes=1)
    assert looks_in(tmp_path / "marks") == {}
    world.marks.close()


def test_the_minute_is_kept_when_somebody_writes_and_once_a_day(store: Store, memory: Path) -> None:
    """A store that was written to knows until when; one that was not still knows the day, or a long quiet would count as a leap of the clock."""
    store.hold_mailbox("dana", "r")
    world, noted = quiet_world(store, memory), daemon.Noted()
    read_at(world, NOW)
    housekeep(world, noted)
    world.clock.at = NOW + HOUR
    housekeep(world, noted)
    assert incarnation.last_minute(store) == NOW
    store.apply_one(begin(prospect("bob")))
    housekeep(world, noted)
    assert incarnation.last_minute(store) == NOW + HOUR
    world.clock.at = NOW + 26 * HOUR
    housekeep(world, noted)
    assert incarnation.last_minute(store) == NOW + 26 * HOUR
    world.marks.close()


def test_status_shows_what_lies_in_memory(store: Store, memory: Path) -> None:
    """When a mailbox was last read is the newer of what the store knows and what the daemon shows."""
    store.own(1.0)
    store.tell_where(memory)
    assert store.told_where() == memory
    marks, _ = Marks.open(memory, run="r", slots=1)
    office = cast(
        "Any",
        SimpleNamespace(
            store=store, config=SimpleNamespace(mailboxes={}, defaults=SimpleNamespace(timezone="UTC")), mailbox=lambda _: None
        ),
    )
    rows = [{"name": "dana", "looked": NOW, "state_text": ""}]
    for shown, seen in ((NOW - HOUR, NOW), (NOW + HOUR, NOW + HOUR)):
        marks.show({"dana": shown})
        assert senders.states(office, NOW + 2 * HOUR, rows)["dana"].looked == seen
    marks.close()


# -- files ---------------------------------------------------------------------------------------

CONFIG = """\
store: followupd.db
company: {name: Example Ltd, postal_address: "1 Main Street", domains: [example.com]}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 9, security: none}
    imap: {host: 127.0.0.1, port: 9, security: none}
    auth: {user: dana, password: {file: secret}}
"""


def test_files_that_are_as_they_were_are_not_gone_through(tmp_path: Path) -> None:
    """The workspace stays the very same until a file, a folder or a secret is another one, or may be written by others."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.md").write_text("---\nsubject: Hello\n---\nHello\n", encoding="utf-8")
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    found = reload(load_workspace(tmp_path / "config.yaml", channels=CHANNELS, environ={}))
    assert reload(found) is found
    (tmp_path / "followupd.db-wal").touch()
    assert reload(found) is found
    for deed in (
        lambda: (tmp_path / "templates/a.md").write_text("---\nsubject: Hi\n---\nHi there\n", encoding="utf-8"),
        lambda: (tmp_path / "templates/b.md").write_text("---\nsubject: Hi\n---\nHi\n", encoding="utf-8"),
        lambda: (tmp_path / "secret").chmod(0o644),
        lambda: (tmp_path / "templates").chmod(0o777),
        lambda: os.utime(tmp_path / "config.yaml", (1, 1)),
    ):
        deed()
        again = reload(found)
        assert again is not found
        found = reload(again)
        assert reload(found) is found
    assert {problem.path for problem in found.problems} >= {"config.yaml", "templates"}
