"""Plays: a bad day of the machine. The STOP file, the clock, the disk, a locked and a full store, requests at every point of a send."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from followupd import daemon, desk, machine
from followupd.core import lifecycle
from tests.crash.runner import POINTS, _wrapped
from tests.faults import Toll
from tests.stories.stage import ANN, BOB, Play

BOTH = ANN + BOB.partition("\n")[2]
HEAD = ANN.partition("\n")[0] + "\n"


# -- requests at every point of a send --------------------------------------------------------------

BEFORE_THE_GATE = ["before claim", "after claim", "before the connection", "after RCPT", "after the look", "before the gate"]
BEHIND_THE_GATE = ["after the gate", "after the phase mark", "answer read", "after the commit"]


DEEDS: dict[str, Callable[[Play, str], object]] = {
    "pause --all": lambda play, _: desk.switch(play.office, "all", on=True, reason="stop"),
    "STOP": lambda play, _: (play.folder / "STOP").touch(),
    "stop ADDRESS": lambda play, address: desk.stop(play.office, address, "dana"),
    "suppress": lambda play, address: desk.suppress(play.office, address, "by phone", "dana"),
}

UNDO: dict[str, Callable[[Play], object]] = {
    "pause --all": lambda play: desk.switch(play.office, "all", on=False, reason=""),
    "STOP": lambda play: (play.folder / "STOP").unlink(),
}
"""What concerned everybody is taken back before the next point; what concerned somebody stays."""


@contextmanager
def barrier(name: str, deed: Callable[[], object]) -> Iterator[list[str]]:
    """The send stops at a point until a human's command has returned, once. What is yielded says that it did."""
    owner, attribute, side = POINTS[name]
    original, reached = getattr(owner, attribute), list[str]()

    def pass_by() -> None:
        if not reached:
            reached.append(name)
            deed()

    setattr(owner, attribute, _wrapped(original, side, pass_by))
    try:
        yield reached
    finally:
        setattr(owner, attribute, original)


@pytest.mark.fault("F84")
@pytest.mark.parametrize("deed", DEEDS)
def test_request_at_each_point(stage: Callable[..., Play], deed: str, toll: Toll) -> None:
    """Once the command has returned no later gate is passed: at most the one mail that was past it already still goes.

    At each point in turn two people are due, one after the other. What a command for everybody had held is stopped afterwards.
    """
    play = stage(limits="{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 1}")
    for number, point in enumerate(BEFORE_THE_GATE + BEHIND_THE_GATE):
        people = [f"{name}{number}@p.test" for name in ("ann", "bob")]
        play.at("mon 08:00").drop_csv(HEAD + "".join(f"{address},intro,X,Acme\n" for address in people), name=f"{number}.csv")
        sent, before = len(play.mails()), list[int]()

        def do(people: list[str] = people, sent: int = sent, before: list[int] = before) -> None:
            before.append(len(play.mails()) - sent)
            for address in people:
                DEEDS[deed](play, address)

        with barrier(point, do) as reached:
            play.run_until("+3h")
        assert reached == [point]
        play.run_until("+2h")
        past_the_gate = 1 if point in BEHIND_THE_GATE else 0
        left = len(play.mails()) - sent
        assert left <= past_the_gate, (point, *map(play.diary, people))
        assert play.doubtful() == [], point
        toll(after_answer=max(left - max(past_the_gate, *before), 0))
        for address in people:
            with suppress(lifecycle.NotNow):
                desk.stop(play.office, address, "dana")
        UNDO.get(deed, lambda _: None)(play)


# -- STOP ------------------------------------------------------------------------------------------


def test_stop_file(play: Play) -> None:
    """While a file STOP lies beside the configuration nothing leaves, whatever it is; without it, everything goes on."""
    play.at("mon 09:00").drop_csv(ANN)
    for lay in (lambda path: path.touch(), lambda path: path.mkdir(), lambda path: path.symlink_to("nowhere")):
        stop = play.folder / "STOP"
        lay(stop)
        play.run_until("+4d")
        play.expect_mails("ann@p.test", ["Hello Ann"])
        stop.rmdir() if stop.is_dir() else stop.unlink()
    play.run_until("+3d")  # it is a Saturday
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello Ann", "Re: Hello Ann"]


def test_stop_is_told_once(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """The log says once that nothing is sent and once that it goes on; answers are read all the while."""
    play.at("mon 09:00").drop_csv(ANN)
    with caplog.at_level("INFO", logger="followupd"):
        (play.folder / "STOP").touch()
        play.run_until("+5d")
        play.reply("ann@p.test", "No thanks.")
        (play.folder / "STOP").unlink()
        play.run_until("+1h")
    told = [record.getMessage() for record in caplog.records]
    assert len([line for line in told if line.startswith("nothing-sent") and "STOP is there; remove it to go on" in line]) == 1
    assert len([line for line in told if line.startswith("sending-again")]) == 1
    assert play.outcome("ann@p.test") == "no"


def test_workspace_that_can_not_be_seen(play: Play) -> None:
    """A folder that can't be looked into may hold a STOP file: nothing is sent."""
    play.at("mon 09:00").drop_csv(ANN)
    (play.folder / "away").mkdir()
    known = play.office.workspace
    object.__setattr__(known, "path", play.folder / ("x" * 300) / "config.yaml")  # ENAMETOOLONG, as root may look anywhere
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    object.__setattr__(known, "path", play.folder / "config.yaml")
    play.run_until("+1d")
    assert len(play.mails("ann@p.test")) == 2


@pytest.mark.fault("F84")
@pytest.mark.parametrize("moment", ["claim", "gate"])
def test_stop_with_the_store_locked(play: Play, moment: str, toll: Toll) -> None:
    """Somebody else has the store locked, so that no command gets through: the STOP file does."""
    lock = sqlite3.connect(play.folder / "followupd.db", isolation_level=None, check_same_thread=False)

    def locked_and_stopped() -> None:
        lock.execute("BEGIN IMMEDIATE")
        (play.folder / "STOP").touch()
        asyncio.get_running_loop().call_later(0.5, lock.rollback)

    play.at("mon 08:00").drop_csv(ANN)
    if moment == "gate":
        play.happens_before("RCPT", locked_and_stopped)
    else:
        lock.execute("BEGIN IMMEDIATE")
        (play.folder / "STOP").touch()
        lock.rollback()
    with closing(lock):
        play.run_until("+3h")
    assert play.mails() == []
    assert play.touches("ann@p.test")["hello"].state == "scheduled"
    (play.folder / "STOP").unlink()
    play.run_until("+3h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll()


# -- the disk ----------------------------------------------------------------------------------------


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """So many bytes are free on every disk."""
    kind = type(os.statvfs("/"))
    values = list(os.statvfs("/"))
    values[1], values[4] = 1, count  # f_frsize, f_bavail
    monkeypatch.setattr(machine.os, "statvfs", lambda _: kind(values))


@pytest.mark.fault("F15")
def test_floor(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Under the floor nothing is claimed and an alarm is up; with room again the mail leaves within the minute."""
    play.at("mon 08:00").drop_csv(ANN)
    free(monkeypatch, 63_999_999)
    play.run_until("+1d")
    assert play.mails() == []
    (alarm,) = play.office.store.alarms_up()
    assert (alarm.key, alarm.text) == (
        "disk", f"nothing is sent: only 64.0 MB are free on the disk of {play.folder}, and 64.0 MB must be (disk: floor)",
    )  # fmt: skip
    play.run_until("+2h")
    free(monkeypatch, 64_000_000)
    play.run_until("+59s")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.office.store.alarms_up() == ()
    toll()


def test_floor_of_the_configuration(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """The floor is that of the configuration as it is now."""
    play.at("mon 08:00").drop_csv(ANN)
    text = (play.folder / "config.yaml").read_text()
    play.write("config.yaml", text + "disk: {floor: 1GB}\n")
    play.reread()
    free(monkeypatch, 999_000_000)
    play.run_until("+1d")
    assert play.mails() == []
    play.write("config.yaml", text + "disk: {floor: 100MB}\n")
    play.reread()
    play.run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_alarm_of_an_earlier_run(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm that the last run left up ends with the trouble, and one that is still due goes up."""
    play.at("mon 08:00")
    free(monkeypatch, 0)
    play.run_until("+1h")
    play.stop().start().run_until("+1h")
    assert len(play.office.store.alarms_up()) == 1
    play.stop()
    free(monkeypatch, 10**12)
    play.start().run_until("+1h")
    assert play.office.store.alarms_up() == ()


@pytest.mark.fault("F13")
def test_full_while_a_result_is_written(play: Play, toll: Toll) -> None:
    """The disk is full when a 250 is to be written down: it is kept and tried again, nothing else is claimed, and it settles once."""
    connection: Any = play.office.store.engine.raw_connection().driver_connection
    wrote: list[str] = []

    def fill() -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        asyncio.get_running_loop().call_later(1.0, make_room)

    def make_room() -> None:
        wrote.append(play.world.writer.stuck)
        connection.execute("PRAGMA max_page_count=1000000")

    play.at("mon 08:00").drop_csv(BOTH)
    play.happens_before("DOT", fill)
    play.run_until("+3h")
    assert [mail.recipient for mail in play.mails()] == ["ann@p.test", "bob@q.test"]
    assert play.steps("ann@p.test")["hello"] == "sent"
    assert play.doubtful() == []
    toll(injected=1, twice=len(play.mails()) - len({mail.message_id for mail in play.mails()}))


# -- the clock ---------------------------------------------------------------------------------------


def leap(play: Play, seconds: float) -> None:
    """Somebody sets the clock, or the machine wakes from a sleep; the daemon has seen it when this returns."""

    async def set_it() -> None:
        play.clock.leap(timedelta(seconds=seconds))

    play._run(set_it())


@pytest.mark.fault("F61", "F64")
@pytest.mark.parametrize("hours", [1, 8, 24, 72])
def test_ahead(play: Play, hours: int, toll: Toll) -> None:
    """Suspended over a due time, or the clock set ahead: every mailbox is read first, and the answer that came meanwhile counts."""
    play.at("mon 08:59").drop_csv(ANN)
    play.at("mon 09:00")
    play.at("thu 08:30")
    raw = play.answer_to(play.mails("ann@p.test")[0], "No thanks.", "ann@p.test")
    commands = len(play.server.commands)
    play._unread = True
    play._runner.run(play.imap.append(raw, play.clock.now()))
    leap(play, hours * 3600)
    play.run_until("+1h")
    assert play.outcome("ann@p.test") == "no"
    assert not any(line.startswith(("MAIL", "RCPT")) for line in play.server.commands[commands:])
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll()


@pytest.mark.fault("F61")
def test_look_before_the_first_claim(play: Play, monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """After a leap nothing is claimed before the mailbox has been read."""
    order: list[str] = []
    store, watch = play.office.store, play.world.watches["dana"]
    claim, read = type(store).claim_due, type(watch).read
    monkeypatch.setattr(type(store), "claim_due", lambda *rest: (order.append("claim"), claim(*rest))[1])

    async def noted(self: Any, *rest: Any) -> None:
        order.append("read")
        await read(self, *rest)

    monkeypatch.setattr(type(watch), "read", noted)
    play.at("mon 08:00").drop_csv(ANN)
    order.clear()
    leap(play, 3600)
    play.run_until("+10m")
    assert order[:1] == ["read"]
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll()


@pytest.mark.fault("F61")
@pytest.mark.parametrize("days", [365, -365])
def test_incredible(play: Play, days: int, toll: Toll) -> None:
    """A leap of a year is not believed: everything is stopped and an alarm is up until a human says that the clock is right."""
    play.at("mon 09:00").drop_csv(ANN)
    leap(play, days * 86400)
    play.run_until("+1d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    (alarm,) = play.office.store.alarms_up()
    assert alarm.key == "clock"
    assert f"{'ahead' if days > 0 else 'back'} by 365 days" in alarm.text
    assert "followupd resume --all" in alarm.text
    assert play.switches() == {"all"}
    desk.switch(play.office, "all", on=False, reason="")
    play._run(daemon._keep_incarnation(play.world, daemon.Noted()))
    assert play.office.store.alarms_up() == ()
    play.run_until("+7d" if days > 0 else "+400d")
    assert len(play.mails("ann@p.test")) >= 2
    toll(twice=len(play.mails()) - len({mail.message_id for mail in play.mails()}))


def test_incredible_at_the_start(play: Play) -> None:
    """The same where the clock was set while no daemon was running."""
    play.at("mon 09:00").drop_csv(ANN)
    play._run(daemon._keep_incarnation(play.world, daemon.Noted()))
    play.stop()
    leap(play, 400 * 86400)
    play.start().run_until("+1d")
    assert play.switches() == {"all"}
    play.expect_mails("ann@p.test", ["Hello Ann"])


@pytest.mark.fault("F62")
@pytest.mark.parametrize("hours", [1, 24])
def test_back(play: Play, hours: int, toll: Toll) -> None:
    """Set back: nothing is sent again, and what was due waits until its time comes once more."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 08:50")
    leap(play, -hours * 3600)
    play.run_until("+5m")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    play.run_until(f"+{hours + 1}h")
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello Ann", "Re: Hello Ann"]
    assert play.mails("ann@p.test")[1].when == "Thu 05 Mar 09:00"
    toll(twice=len(play.mails()) - len({mail.message_id for mail in play.mails()}))


@pytest.mark.fault("F64")
def test_many_due_after_a_sleep(stage: Callable[..., Play], toll: Toll) -> None:
    """Eight hours asleep over three due times: afterwards they leave one by one, spread by the gap, one to a person."""
    play = stage(gap="60s")
    rows = "".join(f"p{number}@p.test,intro,P{number},Acme\n" for number in range(3))
    play.at("mon 04:00").drop_csv("email,cadence,first_name,company\n" + rows)
    leap(play, 8 * 3600)
    play.run_until("+1h")
    times = [mail.at for mail in play.mails()]
    assert len(times) == len({mail.recipient for mail in play.mails()}) == 3
    assert all(later - earlier >= timedelta(seconds=60) for earlier, later in pairwise(times))
    toll()


def test_small_corrections(play: Play) -> None:
    """A clock that is put right by seconds holds nothing."""
    play.at("mon 08:00").drop_csv(ANN)
    for _ in range(5):
        leap(play, 20)
        assert play.world.halted() == ""


@pytest.mark.fault("F25")
def test_moved_store(play: Play, caplog: pytest.LogCaptureFixture, toll: Toll) -> None:
    """Another file in the place of the store, put there while no daemon ran: noticed at the start, and every mailbox is asked first."""
    play.at("mon 09:00").drop_csv(ANN)
    play.stop()
    copy = play.folder / "copy.db"
    copy.write_bytes((play.folder / "followupd.db").read_bytes())
    copy.replace(play.folder / "followupd.db")
    with caplog.at_level("WARNING", logger="followupd"):
        play.start()
    assert [
        record.getMessage() for record in caplog.records if 'store-moved reason="its file is another one' in record.getMessage()
    ]
    toll()
