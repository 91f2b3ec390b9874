"""Several daemons on one PostgreSQL, and a PostgreSQL that has a bad day: one owner to a mailbox, and no second copy of a mail."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from followupd.bench.servers import free_port, wait_until
from followupd.bench.servers.postgres import PostgresServer, postgres_server
from followupd.core.model import EnrollmentState, TouchState
from followupd.store import schema
from tests.crash.scene import Backstage, Daemon, Scene, all_settled, scene, stop, unsettled, verdict
from tests.faults import Toll

SEED = int(os.environ.get("FOLLOWUPD_SEED", "8025"))


def people(count: int) -> list[str]:
    """So many prospects."""
    return [f"p{number:03}@prospects.test" for number in range(count)]


def _named(url: str) -> str:
    return f'"{url.replace("+psycopg", "")}"'


@pytest.fixture
def stage(tmp_path: Path, shared: Backstage, postgres_url: str) -> Iterator[Scene]:
    """A scene on a database of its own."""
    with scene(tmp_path / "w", store=_named(postgres_url), shared=shared, in_flight=2) as found:
        yield found


def _start(stage: Scene, name: str, *point: str, **environ: str) -> Daemon:
    """A daemon with marks of its own, as on a machine of its own; leases of a few seconds."""
    marks = stage.folder / f"marks-{name}"
    marks.mkdir(mode=0o700, exist_ok=True)
    return stage.start(*point, **{"RUNTIME_DIRECTORY": str(marks), "LEASE": "3", **environ})


def _epoch(stage: Scene) -> int:
    return int(stage.store._read(lambda c: c.execute(sa.select(sa.func.max(schema.mailbox.c.epoch))).scalar()) or 0)


def _stopped(process: Daemon) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _count(stage: Scene, who: list[str], toll: Toll, injected: int = 1) -> list[str]:
    found = verdict(stage, who, 2)
    toll(injected=injected, twice=len(found.twice), touches_lost=len(found.lost))
    return list(found.doubtful)


# -- daemons ---------------------------------------------------------------------------------------


def _take_turns(stage: Scene, who: list[str], kills: int, every: float, toll: Toll) -> None:
    dice = random.Random(SEED)
    stage.drop("quick.csv", who)
    daemons = {name: _start(stage, name, SLOW="0.1", LEASE="30") for name in "abc"}
    waits = []
    for _ in range(kills):
        epoch, name = _epoch(stage), dice.choice(sorted(daemons))
        time.sleep(dice.random() * every)
        daemons[name].kill()
        assert daemons[name].wait(30) == -signal.SIGKILL
        killed = time.monotonic()
        daemons[name] = _start(stage, name, SLOW="0.1", LEASE="30")
        while time.monotonic() < killed + every and _epoch(stage) == epoch:
            time.sleep(0.02)
        waits.append(time.monotonic() - killed)
    wait_until(lambda: all_settled(stage, len(who)), limit=120)
    assert [stop(one) for one in daemons.values()] == [0, 0, 0]
    doubtful = _count(stage, who, toll, injected=kills)
    print(f"seed {SEED}: {kills} kills, {sum(stage.mails().values())} mails, epoch {_epoch(stage)}, doubtful {len(doubtful)}")
    assert _epoch(stage) > 1  # owners have died
    assert len(doubtful) <= 2 * kills


@pytest.mark.fault("F70")
def test_three_daemons_one_killed_again_and_again(stage: Scene, toll: Toll) -> None:
    """Whoever owns the mailbox may die at any moment: another one takes it over, and each touch arrives once or is in doubt."""
    _take_turns(stage, people(12), 5, 0.8, toll)


@pytest.mark.nightly
@pytest.mark.fault("F70")
def test_three_daemons_for_minutes(stage: Scene, toll: Toll) -> None:
    """The same for three hundred touches and sixty kills."""
    _take_turns(stage, people(150), 60, 4.0, toll)


@pytest.mark.fault("F70")
def test_take_over(stage: Scene, toll: Toll) -> None:
    """A second daemon waits for the mailbox instead of refusing to start, and has it within 15 seconds of the owner's death."""
    first = _start(stage, "a", LEASE="0")
    wait_until(lambda: _epoch(stage) == 1, limit=30)
    second = _start(stage, "b", LEASE="0")
    wait_until(lambda: "standing-by mailbox=dana" in stage.log, limit=30)
    stage.drop("quick.csv", people(2))
    wait_until(
        lambda: stage.log.count("state=sent") == 2, limit=30
    )  # nothing is in its hands that would have to wait for its lease
    assert _epoch(stage) == 1
    first.kill()
    died = time.monotonic()
    wait_until(lambda: _epoch(stage) == 2, limit=15)
    wait_until(lambda: len(stage.mails()) == 4, limit=15)
    print(f"taken over and sent {time.monotonic() - died:.1f} s after the owner's death")
    assert first.wait(10) == -signal.SIGKILL
    wait_until(lambda: all_settled(stage, 2))
    assert stop(second) == 0
    assert _count(stage, people(2), toll) == []


@pytest.mark.fault("F71")
@pytest.mark.parametrize("point", ["connected", pytest.param("after the gate", marks=pytest.mark.nightly), "in the body"])
def test_a_stopped_daemon_wakes_up(point: str, stage: Scene, toll: Toll) -> None:
    """Stopped for longer than its lease, another one takes over; what it does when it wakes makes no second copy, and is a fact."""
    who = people(3)
    stage.drop("quick.csv", who)
    first = _start(stage, "a", point, "1", AT_POINT="STOP")
    wait_until(lambda: _stopped(first), limit=30)
    second = _start(stage, "b")
    wait_until(lambda: stage.store.reviews()[1], limit=30)  # the lease is over, and its claims are in doubt
    wait_until(lambda: _epoch(stage) >= 2, limit=60)  # and the mailbox is another's
    first.send_signal(signal.SIGCONT)
    assert wait_until(lambda: first.poll() is not None or not _stopped(first))
    wait_until(lambda: all_settled(stage, 0), limit=60)
    if point == "in the body":  # the late fact is accepted as one; what had not come to its gate stays in doubt
        wait_until(lambda: not _in_doubt(stage) & {name for _, name in stage.mails()}, limit=30)
        wait_until(lambda: all_settled(stage, 0), limit=60)
    assert [stop(first), stop(second)] == [0, 0]
    doubtful = _count(stage, who, toll)
    assert len(doubtful) <= 2


def _in_doubt(stage: Scene) -> set[str]:
    return {touch.message_id for touch, _, _ in stage.store.reviews()[1]}


@pytest.mark.fault("F68")
def test_only_the_lock_is_lost(stage: Scene, postgres: PostgresServer, toll: Toll) -> None:
    """The session that holds the lock is ended, again and again: another daemon takes over, the old owner passes no gate."""
    who = people(8)
    first, second = (_start(stage, name, SLOW="0.15", LEASE="30") for name in "ab")
    wait_until(lambda: stage.log.count(" ready ") == 2, limit=30)
    stage.drop("quick.csv", who)
    ended = 0
    for number in range(1, 5):
        wait_until(lambda number=number: sum(stage.mails().values()) >= 2 * number, limit=30)
        ended += _end_lock_sessions(stage)
    wait_until(lambda: all_settled(stage, len(who)), limit=60)
    assert [stop(first), stop(second)] == [0, 0]
    assert "mailboxes-let-go" in stage.log
    assert _epoch(stage) > 1  # who shows itself again before others have looked may keep it: nobody has held it meanwhile
    assert _count(stage, who, toll, injected=ended) == []


def _end_lock_sessions(stage: Scene) -> int:
    """Of the daemon that owns the mailbox."""
    holder = "SELECT owner FROM mailbox WHERE name = 'dana'"
    key = f"hashtextextended('followupd daemon ' || ({holder}), 0)"
    ended = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        f"AND ((classid::bigint << 32) | objid::bigint) = {key}"
    )
    return int(stage.store._read(lambda c: c.execute(ended).scalar()) or 0)


@pytest.mark.fault("F73")
def test_each_enrollment_keeps_its_edition(stage: Scene, tmp_path: Path, toll: Toll) -> None:
    """Two daemons with different texts of one cadence: whoever owns the mailbox sends each person the text that theirs began with."""
    ours, theirs = people(2), ["q1@prospects.test", "q2@prospects.test"]
    other = tmp_path / "other"
    for file in ("config.yaml", "cadences/quick.yaml", "templates/hello.md"):
        (other / file).parent.mkdir(parents=True, exist_ok=True)
        (other / file).write_text((stage.folder / file).read_text().replace("a thought for you", "another thought"))
    for name in ("content", "inbox"):
        (other / name).mkdir()
    owner = _start(stage, "a", LEASE="0")
    wait_until(lambda: _epoch(stage) == 1, limit=30)
    twin = Scene(other, stage.box, stage.judged, stage.environ, stage.user, stage.zygote)
    second = _start(twin, "b", LEASE="0")
    stage.drop("quick.csv", ours)
    twin.drop("quick.csv", theirs)
    wait_until(lambda: all_settled(stage, 4), limit=60)
    assert _epoch(stage) == 1
    assert [stop(owner), stop(second)] == [0, 0]
    from tests.servers.smtp import read_log

    for mail in read_log(stage.judged):
        wanted = b"another thought" if mail.recipients[0] in theirs else b"a thought for you"
        assert wanted in mail.raw
    assert _count(stage, [*ours, *theirs], toll) == []


@pytest.mark.fault("F26")
def test_the_other_mailbox_sends_on(tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """The mail server of one mailbox refuses every connection: the other mailbox has sent everything meanwhile, and nobody is blamed."""
    with scene(tmp_path / "w", shared=shared, mailboxes=2) as stage:
        well, ill = stage.config.read_text(encoding="utf-8").split("  dana1:\n")
        ill = re.sub(r"smtp: {host: 127.0.0.1, port: \d+", f"smtp: {{host: 127.0.0.1, port: {free_port()}", ill)
        stage.config.write_text(f"{well}  dana1:\n{ill}", encoding="utf-8")
        stage.drop("quick.csv", people(6))
        process = stage.start()
        wait_until(lambda: len(stage.store.enrollments()) == 6, limit=60)
        whose = {one.address: one.mailbox for one in stage.store.enrollments()}
        wanted = [who for who, mailbox in whose.items() if mailbox == "dana"]
        assert 0 < len(wanted) < 6
        wait_until(lambda: sum(stage.mails().values()) == 2 * len(wanted), limit=60)
        wait_until(lambda: "mailbox-rests mailbox=dana1" in stage.log)
        assert stop(process) == 0
        assert {who for who, _ in stage.mails()} == set(wanted)
        assert stage.store.suppressions() == ()
        toll(injected=stage.log.count("mailbox-rests mailbox=dana1"), twice=sum(count > 1 for count in stage.mails().values()))


# -- the database ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mortal() -> Iterator[PostgresServer]:
    """A server that may be killed."""
    with postgres_server(durable=True) as server:
        yield server


@pytest.mark.fault("F67")
@pytest.mark.parametrize("point", ["before claim", "before the gate", "before the commit"])
def test_the_database_is_killed(point: str, tmp_path: Path, shared: Backstage, mortal: PostgresServer, toll: Toll) -> None:
    """Killed at claim, gate or settle and started again: the daemon lives on, results in hand are settled, its lock is taken again."""
    who = people(3)
    with mortal.database() as url, scene(tmp_path / "w", store=_named(url), shared=shared) as stage:
        stage.drop("quick.csv", who)
        process = stage.start(point, "3" if point == "before claim" else "2", AT_POINT="STOP", LEASE="60")
        wait_until(lambda: _stopped(process), limit=30)
        stage.store.close()
        mortal.kill()
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: "store-refuses" in stage.log, limit=30)
        mortal.start()
        wait_until(lambda: _settled_again(stage, len(who)), limit=60)
        assert stop(process) == 0, stage.log
        assert _epoch(stage) >= 2
        assert _count(stage, who, toll) == []


def _settled_again(stage: Scene, count: int) -> bool:
    try:
        return all_settled(stage, count)
    except Exception:  # noqa: BLE001 - the server is not quite there yet
        return False


@pytest.mark.fault("F72")
def test_the_database_does_not_answer(tmp_path: Path, shared: Backstage, mortal: PostgresServer, toll: Toll) -> None:
    """While the database says nothing and the mail server works, nothing leaves: no mail without a gate."""
    who = people(3)
    with mortal.database() as url, scene(tmp_path / "w", store=_named(url), shared=shared) as stage:
        stage.drop("quick.csv", who)
        process = stage.start("before the gate", "2", AT_POINT="STOP")
        wait_until(lambda: _stopped(process), limit=30)
        before = sum(stage.mails().values())
        mortal.signal(signal.SIGSTOP)
        try:
            process.send_signal(signal.SIGCONT)
            time.sleep(2.0)
            assert sum(stage.mails().values()) == before
        finally:
            mortal.signal(signal.SIGCONT)
        wait_until(lambda: all_settled(stage, len(who)), limit=60)
        assert stop(process) == 0
        assert _count(stage, who, toll) == []


# -- a replica that lags -----------------------------------------------------------------------------


def _copied(server: PostgresServer) -> Path:
    """The server's files as they are now: a replica that hears nothing from here on."""
    copy = server.folder / "copy"
    server.program("pg_basebackup", "-h", str(server.folder), "-U", "test", "-D", str(copy), "-X", "stream", "-c", "fast", "-N")
    return copy


def _in_its_place(server: PostgresServer, copy: Path, *, promoted: bool) -> None:
    """The first server dies, and the replica takes over: on a timeline of its own, or as if it were the first."""
    if promoted:
        (copy / "recovery.signal").touch()
        with (copy / "postgresql.auto.conf").open("a") as settings:
            settings.write("restore_command = 'false'\n")
    server.kill()
    shutil.rmtree(server.folder / "data")
    copy.rename(server.folder / "data")
    server.start()


@pytest.mark.nightly
@pytest.mark.fault("F69")
@pytest.mark.parametrize(
    ("alive", "promoted", "copies"),
    [(True, True, True), (True, False, False), (False, False, True), (False, True, False)],
    ids=["at work, promoted", "at work, a copy, no copies of mails", "killed, a copy", "killed, promoted, no copies of mails"],
)
def test_a_replica_that_lags(
    alive: bool, promoted: bool, copies: bool, tmp_path: Path, shared: Backstage, mortal: PostgresServer, toll: Toll
) -> None:
    """The last commits are lost with the server that had them. Before anything is sent, Sent shows what had left; or people are asked."""
    who = people(24)
    with mortal.database() as url, scene(tmp_path / "w", store=_named(url), shared=shared, in_flight=2, copies=copies) as stage:
        stage.drop("quick.csv", who)
        process = stage.start(SLOW="0.2")
        wait_until(lambda: sum(stage.mails().values()) >= 4, limit=60)
        copy = _copied(mortal)
        known = sum(stage.mails().values())
        wait_until(lambda: sum(stage.mails().values()) >= known + 8, limit=60)
        if not alive:
            process.kill()
            assert process.wait(30) == -signal.SIGKILL
        stage.store.engine.dispose()
        _in_its_place(mortal, copy, promoted=promoted)
        if alive:
            assert process.wait(60) == 3, stage.log[-2000:]  # it notices, and begins anew
            assert "the store has moved while it was in use" in stage.log
        before = sum(stage.mails().values())
        forgotten = before - sum(_sent(stage, one.id) for one in stage.store.enrollments())
        last = stage.start(QUIET="3")
        wait_until(lambda: "reconciled mailbox=dana" in stage.log, limit=120)
        wait_until(lambda: _all_told(stage), limit=120)
        assert stop(last) == 0
        found = verdict(stage, who, 2)
        held = {one.address for one in stage.store.enrollments() if one.state == EnrollmentState.HELD}
        print(
            f"{before} mails had left, {forgotten} of them unknown to the replica; {len(held)} held, {len(found.doubtful)} doubtful"
        )
        toll(injected=forgotten, twice=len(found.twice), touches_lost=len(set(found.lost) - held))
        assert copies is False or held <= set(found.doubtful)


def _all_told(stage: Scene) -> bool:
    """Whether nothing is left to do but what waits for a human."""
    time.sleep(0.2)
    done = all(one.state == EnrollmentState.HELD or _sent(stage, one.id) == 2 for one in stage.store.enrollments())
    return done and not stage.store.in_hand() and not unsettled(stage)


def _sent(stage: Scene, enrollment: str) -> int:
    return sum(touch.state == TouchState.SENT for touch in stage.store.touches(enrollment))


def test_a_server_that_is_killed_is_seen(mortal: PostgresServer) -> None:
    """Control: a killed server answers nobody until it is started again, and then has what it has acknowledged."""
    with mortal.database() as url:
        plain = url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        mortal.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(plain)
        mortal.start()
        with psycopg.connect(plain) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
