"""Faults at single system calls of a real send, put in by strace: killed at each of them, and a disk that fails.

strace is attached to a daemon that stands still just before it connects, so that the calls are those of one send and its settling.
Every injection is proved by strace's own record; with a wrong trace set it injects nothing and says nothing.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from followupd.bench.servers import wait_until
from tests.crash.scene import Backstage, Daemon, Scene, all_settled, scene, stop, verdict
from tests.faults import Toll

CALLS = ("socket", "connect", "sendto", "recvfrom", "epoll_wait", "epoll_ctl", "pwrite64", "fdatasync")
SEED = int(os.environ.get("FOLLOWUPD_SEED", "8025"))
MOST = 60
"""Calls of one kind in one send: after so many the send is surely over."""

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is missing: apt-get install strace")


@contextmanager
def injected(process: Daemon, record: Path, call: str, what: str) -> Iterator[None]:
    """`what` happens at a system call of a daemon that has stopped itself; it runs on while the block lasts."""
    command = [
        "strace",
        "-f",
        "-qq",
        "-p",
        str(process.pid),
        "-o",
        str(record),
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:{what}",
    ]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _traced(process.pid), limit=30)
        process.send_signal(signal.SIGCONT)
        yield
    finally:
        tracer.terminate()
        try:
            tracer.wait(3)
        except subprocess.TimeoutExpired:  # it waits for a thread of the dead that will never speak again
            tracer.kill()
            tracer.wait(10)


def _traced(pid: int) -> bool:
    return all("TracerPid:\t0\n" not in (task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir())


def _stopped(process: Daemon) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _standing(stage: Scene) -> Daemon:
    process = stage.start("before the connection", "1", AT_POINT="STOP")
    wait_until(lambda: _stopped(process), limit=30)
    return process


def _sent(stage: Scene) -> int:
    return stage.log.count("state=sent")


@pytest.fixture
def stage(tmp_path: Path, shared: Backstage) -> Iterator[Scene]:
    """A scene on SQLite."""
    with scene(tmp_path / "w", shared=shared) as found:
        yield found


def _settle(stage: Scene, who: list[str], toll: Toll, injected: int) -> list[str]:
    ready = stage.log.count(" ready ")
    last = stage.start()
    wait_until(lambda: stage.log.count(" ready ") > ready, limit=60)  # until then SIGTERM ends it as it ends anything
    wait_until(lambda: all_settled(stage, len(who)), limit=120)
    assert stop(last) == 0
    found = verdict(stage, who, 2)
    toll(injected=injected, twice=len(found.twice), touches_lost=len(found.lost))
    return list(found.doubtful)


# -- killed --------------------------------------------------------------------------------------


def _kill(stage: Scene, call: str, nth: int) -> bool:
    """Whether the daemon was killed at the n-th such call; if not, the send was over before."""
    process, before = _standing(stage), _sent(stage)
    record = stage.folder / "strace"
    with injected(process, record, call, f"signal=SIGKILL:when={nth}"):
        wait_until(lambda: process.poll() is not None or _sent(stage) > before, limit=60)
        process.kill()
    assert process.wait(10) == -signal.SIGKILL
    return "+++ killed by SIGKILL +++" in record.read_text() and _sent(stage) == before


def _kill_at(stage: Scene, moments: list[tuple[str, int]], toll: Toll) -> None:
    who = [f"p{number:03}@prospects.test" for number in range(len(moments) + 2)]
    stage.drop("quick.csv", who)
    killed = sum(_kill(stage, call, nth) for call, nth in moments)
    doubtful = _settle(stage, who, toll, killed)
    print(f"seed {SEED}: {killed} of {len(moments)} sends killed, doubtful {len(doubtful)}")
    assert killed >= len(moments) / 3
    assert len(doubtful) <= killed


@needs_strace
@pytest.mark.fault("F2")
def test_killed_at_some_system_calls(stage: Scene, toll: Toll) -> None:
    """Killed at a few system calls of a send, drawn anew by the seed: none twice, none lost."""
    dice = random.Random(SEED)
    _kill_at(
        stage,
        [(dice.choice(["sendto", "recvfrom", "epoll_wait", "pwrite64", "fdatasync"]), dice.randint(1, 4)) for _ in range(6)],
        toll,
    )


@needs_strace
@pytest.mark.nightly
@pytest.mark.fault("F2")
@pytest.mark.parametrize("call", CALLS)
def test_killed_at_every_system_call(call: str, stage: Scene, toll: Toll) -> None:
    """Killed at every system call of one send, one after the other, until it outlives them."""
    who = [f"p{number:03}@prospects.test" for number in range(MOST)]
    stage.drop("quick.csv", who)
    killed = 0
    while killed < MOST and _kill(stage, call, killed + 1):
        killed += 1
    doubtful = _settle(stage, who, toll, killed)
    print(f"{call}: {killed} kills, doubtful {len(doubtful)}")
    assert len(doubtful) <= killed


# -- a failing disk --------------------------------------------------------------------------------


@needs_strace
@pytest.mark.parametrize(
    ("call", "error", "when"),
    [
        pytest.param("fdatasync", "EIO", "1", marks=pytest.mark.fault("F16")),
        pytest.param("fdatasync", "EIO", "2", marks=pytest.mark.fault("F16")),
        pytest.param("fdatasync", "EIO", "1+", marks=pytest.mark.fault("F17")),
        pytest.param("pwrite64", "EIO", "1", marks=pytest.mark.fault("F18")),
        pytest.param("pwrite64", "EIO", "3", marks=pytest.mark.fault("F18")),
    ],
)
def test_the_disk_fails(call: str, error: str, when: str, stage: Scene, toll: Toll) -> None:
    """After a failed write the daemon ends loudly instead of trusting a second try; the next one finds everything as it was."""
    who = ["p0@prospects.test", "p1@prospects.test"]
    stage.drop("quick.csv", who)
    process, record = _standing(stage), stage.folder / "strace"
    with injected(process, record, call, f"error={error}:when={when}"):
        assert process.wait(60) == 3, stage.log
    faults = record.read_text().count("(INJECTED)")
    assert faults > 0
    assert "StoreFailing" in stage.log or "OSError" in stage.log
    assert len(_settle(stage, who, toll, faults)) <= 1


@needs_strace
@pytest.mark.fault("F17")
def test_a_disk_that_never_syncs(stage: Scene, toll: Toll) -> None:
    """Each start ends with code 3 and the reason, and not one mail leaves: there is no claim without a synced commit."""
    who = ["p0@prospects.test"]
    stage.drop("quick.csv", who)
    wait_until(lambda: stage.store is not None)
    faults = 0
    for number in range(3):
        process = stage.start("before claim", "1", AT_POINT="STOP")
        wait_until(lambda process=process: _stopped(process), limit=30)
        record = stage.folder / f"strace{number}"
        with injected(process, record, "fdatasync", "error=EIO:when=1+"):
            assert process.wait(60) == 3, stage.log
        faults += record.read_text().count("(INJECTED)")
    assert faults >= 3
    assert "The disk failed, so this daemon ends" in stage.log
    assert stage.mails().total() == 0
    assert _settle(stage, who, toll, faults) == []
