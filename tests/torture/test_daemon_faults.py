"""The whole daemon on a bad day, in a process of its own: signals, a blocked loop, a dead one, a store that is gone, a clock that leaps.

The judge is the mail server's log, written before it answers. All tests share one mail server and one IMAP server; each has a
workspace and people of its own.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import Dovecot, dovecot
from tests.crash.scene import CADENCE, CONFIG, MAILBOX
from tests.faults import Toll
from tests.servers.smtp import Mail, judge, read_log

ROOT = Path(__file__).parents[2]
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass
class Servers:
    """What all tests share. The judge takes a second for each mail's final answer."""

    box: Dovecot
    judged: Path
    port: int


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give a mail server that judges, and a mailbox."""
    judged = tmp_path_factory.mktemp("judge") / "judge.log"
    with dovecot() as box, judge(judged, delay=1.0) as port:
        yield Servers(box, judged, port)


@dataclass
class Stage:
    """One workspace, and the daemons that were started in it."""

    folder: Path
    servers: Servers
    name: str
    environ: dict[str, str]
    daemons: list[subprocess.Popen[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def start(self, *fault: str, **more: str) -> subprocess.Popen[str]:
        """A daemon that has said `ready`, or has ended."""
        process = self.run(*fault, into=subprocess.PIPE, **more)
        threading.Thread(target=self._listen, args=[process], daemon=True).start()
        wait_until(lambda: self.has_said(" ready ") or process.poll() is not None, limit=60)
        return process

    def run(self, *fault: str, into: int, **more: str) -> subprocess.Popen[str]:
        """A daemon that was just started; what it says goes `into` a pipe."""
        command = [sys.executable, "-m", "tests.torture.runner", str(self.folder / "config.yaml"), *fault]
        self.daemons.append(subprocess.Popen(command, cwd=ROOT, env=self.environ | more, stderr=into, text=True))
        return self.daemons[-1]

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        self.said.extend(process.stderr)

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def leaps(self) -> int:
        """How often the daemons have noticed that the clock has leapt."""
        return sum(" clock-leapt " in line for line in self.said)

    def drop(self, *names: str) -> None:
        """A CSV with these people."""
        rows = "\n".join(["email,first_name", *(f"{self.name}-{name}@prospects.test,{name.title()}" for name in names)])
        (self.folder / ".half").write_text(rows + "\n")
        (self.folder / ".half").rename(self.folder / "inbox/quick.csv")

    def mails(self) -> Counter[tuple[str, str]]:
        """What the judge has accepted for our people: how often each (recipient, Message-ID)."""
        return Counter((mail.recipients[0], mail.message_id) for mail in self.received())

    def received(self) -> list[Mail]:
        """The mails themselves, oldest first."""
        return [mail for mail in read_log(self.servers.judged) if mail.recipients[0].startswith(f"{self.name}-")]

    def twice(self) -> int:
        return sum(count - 1 for count in self.mails().values())

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command beside the daemon."""
        return subprocess.run(
            [sys.executable, "-m", "followupd", *arguments, "--config", str(self.folder / "config.yaml")], cwd=ROOT, env=self.environ,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip


@pytest.fixture
def stage(servers: Servers, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Give a workspace; its daemons are ended afterwards, whatever happens."""
    folder = tmp_path / "w"
    for name in ("cadences", "templates", "content", "inbox"):
        (folder / name).mkdir(parents=True)
    (folder / "marks").mkdir(mode=0o700)
    (folder / "cadences/quick.yaml").write_text(CADENCE.replace("after: 1s", "after: 1h"))
    (folder / "templates/hello.md").write_text(
        '---\nsubject: "Hello {{ prospect.first_name }}"\n---\nHello {{ prospect.first_name }}.\n'
    )
    text, told = CONFIG + MAILBOX, {"STORE": "followupd.db", "NAME": "dana", "USER": "dana", "FLIGHT": "1"}
    for word, value in (told | {"SMTP": str(servers.port), "IMAP": str(servers.box.imap_port)}).items():
        text = text.replace(word, value)
    (folder / "config.yaml").write_text(text)
    environ = {**os.environ, "DANA": "secret", "RUNTIME_DIRECTORY": str(folder / "marks"), "PYTHONPATH": str(ROOT)}
    name = f"t{abs(hash(request.node.nodeid)) % 10**8}"
    found = Stage(folder, servers, name, environ)
    yield found
    for process in found.daemons:
        process.kill()
        process.wait(10)
    print("".join(found.said))  # shown where a test fails


# -- told to stop --------------------------------------------------------------------------------


@pytest.mark.fault("F6")
def test_told_to_stop_during_data(stage: Stage, toll: Toll) -> None:
    """SIGTERM while the server takes its time after the final dot: the answer is waited for, and nothing new is begun."""
    process = stage.start()
    stage.drop("ann", "bob")
    wait_until(lambda: bool(stage.mails()), limit=30)  # the judge has it, and answers in a second
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(35) == 0
    assert time.monotonic() - begun < 35
    assert len(stage.mails()) == 1
    assert "doubtful" not in stage.ask("status").stdout
    assert stage.start().poll() is None
    wait_until(lambda: len(stage.mails()) == 2, limit=30)
    toll(twice=stage.twice())


@pytest.mark.fault("F7")
@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,), (signal.SIGINT, signal.SIGTERM, signal.SIGINT)]
)
def test_told_in_other_ways(stage: Stage, signals: tuple[signal.Signals, ...], toll: Toll) -> None:
    """Told twice, or by ^C, while a mail is on the wire: the same end, with 0."""
    process = stage.start()
    stage.drop("ann")
    wait_until(lambda: bool(stage.mails()), limit=30)
    for one in signals:
        process.send_signal(one)
    assert process.wait(35) == 0
    wait_until(lambda: stage.has_said("stopping"), limit=10)
    assert not stage.has_said("Traceback")
    toll(injected=len(signals), twice=stage.twice())


@pytest.mark.fault("F7")
def test_hang_up(stage: Stage, toll: Toll) -> None:
    """SIGHUP makes the daemon look at its files at once, and ends nothing."""
    process = stage.start()
    (stage.folder / "cadences/broken.yaml").write_text("cadence: broken\nsteps: 7\n")
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: stage.has_said("cadences/broken.yaml"), limit=10)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(35) == 0
    toll()


# -- blocked, dead -------------------------------------------------------------------------------


@contextmanager
def manager(folder: Path) -> Iterator[tuple[str, list[tuple[float, str]]]]:
    """A service manager that notes what it is told, and when."""
    path, told = str(folder / "notify"), list[tuple[float, str]]()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receives:
        receives.bind(path)

        def listen() -> None:
            while text := receives.recv(4096):
                told.append((time.monotonic(), text.decode()))

        threading.Thread(target=listen, daemon=True).start()
        yield path, told
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ends:
            ends.sendto(b"", path)


@pytest.mark.fault("F9")
def test_blocked(stage: Stage, tmp_path: Path, toll: Toll) -> None:
    """While the event loop is blocked the watchdog hears nothing, so that systemd would start the daemon again; nothing is half done."""
    with manager(tmp_path) as (path, told):
        stage.start("blocks", NOTIFY_SOCKET=path, WATCHDOG_USEC="1000000", BLOCKED="4")
        wait_until(lambda: any(text == "WATCHDOG=1" for _, text in told), limit=20)
        stage.drop("ann")
        wait_until(lambda: stage.has_said("blocked"), limit=30)
        wait_until(lambda: bool(stage.mails()), limit=30)
        pats = [at for at, text in told if text == "WATCHDOG=1"]
        assert max(later - earlier for earlier, later in zip(pats, [*pats[1:], time.monotonic()], strict=True)) > 3.0
        assert any(text == "READY=1" for _, text in told)
        wait_until(lambda: any(text.startswith("STATUS=") for _, text in told), limit=20)
    toll(twice=stage.twice())


@pytest.mark.fault("F10")
@pytest.mark.parametrize("loop", ["claim dies", "touch dies", "look dies", "writer dies", "round dies"])
def test_dead_loop(stage: Stage, loop: str, toll: Toll) -> None:
    """Whatever dies, the daemon goes with it at once, with 3, and says of what; started again it does its work."""
    stage.drop("ann")
    process = stage.start(loop)
    wait_until(lambda: stage.has_said("broken"), limit=30)
    broken = time.monotonic()
    assert process.wait(20) == 3
    assert time.monotonic() - broken < 10  # with eight more test runs on the machine; alone it takes a tenth of a second
    wait_until(lambda: stage.has_said("Broken"), limit=10)
    stage.said.clear()
    stage.start()
    wait_until(lambda: bool(stage.mails()), limit=60)
    toll(twice=stage.twice())


# -- the store -----------------------------------------------------------------------------------


@pytest.mark.fault("F21")
@pytest.mark.parametrize("deed", ["deleted", "replaced"])
def test_store_is_gone(stage: Stage, deed: str, toll: Toll) -> None:
    """Deleted or replaced under the running daemon: it ends with 3 within a tick, and nothing leaves any more."""
    process = stage.start()
    path = stage.folder / "followupd.db"
    if deed == "deleted":
        path.unlink()
    else:
        shutil.copy(path, stage.folder / "other.db")
        (stage.folder / "other.db").replace(path)
    stage.drop("ann")
    assert process.wait(20) == 3
    wait_until(lambda: stage.has_said("while it was in use; nothing is sent until followupd is started again"), limit=10)
    assert not stage.has_said("please report")
    assert stage.mails() == {}
    toll()


@pytest.mark.fault("F20")
@pytest.mark.parametrize("damage", ["header", "pages"])
def test_damaged_store(stage: Stage, damage: str, toll: Toll) -> None:
    """A damaged store: the daemon does not start, names the command, and nothing leaves; no traceback."""
    stage.drop("ann")
    process = stage.start()
    wait_until(lambda: bool(stage.mails()), limit=30)
    process.send_signal(signal.SIGTERM)
    assert process.wait(35) == 0
    path = stage.folder / "followupd.db"
    data = bytearray(path.read_bytes())
    data[: 100 if damage == "header" else 0] = bytes(100 if damage == "header" else 0)
    data[8192:] = data[8192:] if damage == "header" else bytes(len(data) - 8192)
    path.write_bytes(data)
    stage.said.clear()
    assert stage.start().wait(30) == 1
    wait_until(lambda: stage.has_said("followupd restore FILE"), limit=10)
    assert not stage.has_said("Traceback")
    assert path.read_bytes() == data
    toll(injected=1, twice=stage.twice())


def test_second_daemon(stage: Stage) -> None:
    """A second daemon on the same file, with other marks, ends with 1 and names the first."""
    first = stage.start()
    (stage.folder / "other").mkdir(mode=0o700)
    stage.said.clear()
    second = stage.start(RUNTIME_DIRECTORY=str(stage.folder / "other"))
    assert second.wait(30) == 1
    wait_until(lambda: stage.has_said(f"(process {first.pid})"), limit=10)
    assert first.poll() is None


# -- the log -------------------------------------------------------------------------------------


@contextmanager
def full_pipe() -> Iterator[int]:
    """The writing end of a pipe that holds all that it can, and that nobody reads."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writes, b"x")
    os.set_blocking(writes, True)
    yield writes
    os.close(writes)
    os.close(reads)


@pytest.mark.nightly
@pytest.mark.fault("F83")
def test_log_that_nobody_reads(stage: Stage, tmp_path: Path, toll: Toll) -> None:
    """The pipe behind stderr is full, and libraries, Python and prints write to it as well: mails leave, the loop turns, the end comes."""
    with full_pipe() as writes, manager(tmp_path) as (path, told):
        watched = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
        process = stage.run("chatters", into=writes, **watched)
        stage.drop("ann")
        wait_until(lambda: bool(stage.mails()), limit=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(35) == 0
        assert select.select([], [writes], [], 0)[1] == []  # it was full from the beginning to the end
        pats = [at for at, text in told if text == "WATCHDOG=1"]
    assert len(pats) > 5
    assert max(later - earlier for earlier, later in pairwise(pats)) < 2.1  # they come every 0.1 s; with a loaded machine
    toll(twice=stage.twice())


# -- the clock -----------------------------------------------------------------------------------

needs_faketime = pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is missing: apt-get install libfaketime")


def fake(stage: Stage) -> tuple[dict[str, str], Callable[[str], None]]:
    """The environment of a daemon whose clock we set, while it runs, by a file; the steady clock goes on."""
    path = stage.folder / "clock"

    def set_it(offset: str) -> None:
        half = path.with_name(".clock")
        half.write_text(offset + "\n")
        half.replace(path)

    set_it("+0")
    more = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(path),
        "FAKETIME_CACHE_DURATION": "1",  # seconds; without a cache each question reads the file
        "DONT_FAKE_MONOTONIC": "1",
    }
    return more, set_it


@needs_faketime
@pytest.mark.nightly
@pytest.mark.fault("F61", "F62", "F64")
def test_clock_that_leaps(stage: Stage, toll: Toll) -> None:
    """Ahead by two hours: read first, then what is due; back by a day: nothing again, and files are still taken."""
    more, set_it = fake(stage)
    process = stage.start("fake clock", **more)
    stage.drop("ann")
    wait_until(lambda: stage.has_said("state=sent"), limit=60)
    set_it("+2h")
    wait_until(lambda: len(stage.mails()) == 2, limit=60)
    assert stage.leaps() == 1
    set_it("-1d")
    wait_until(lambda: stage.leaps() == 2, limit=60)
    stage.drop("bob")
    wait_until(lambda: any(who.startswith(f"{stage.name}-bob") for who, _ in stage.mails()), limit=60)
    assert len(stage.mails()) == 3  # Ann's second mail, which is due tomorrow by this clock, has left already
    process.send_signal(signal.SIGTERM)
    assert process.wait(35) == 0
    toll(injected=2, twice=stage.twice())


@needs_faketime
@pytest.mark.nightly
@pytest.mark.fault("F61")
def test_clock_that_nobody_believes(stage: Stage, toll: Toll) -> None:
    """Ahead by a year: nothing leaves, and a human is asked whether the clock is right."""
    more, set_it = fake(stage)
    process = stage.start("fake clock", **more)
    stage.drop("ann")
    wait_until(lambda: stage.has_said("state=sent"), limit=60)
    set_it("+1y")
    wait_until(lambda: stage.has_said("alarm key=clock"), limit=60)
    assert "followupd resume --all" in stage.ask("status").stdout
    process.send_signal(signal.SIGTERM)
    assert process.wait(35) == 0
    assert len(stage.mails()) == 1  # the second mail has long been due, by that clock
    toll(twice=stage.twice())


@needs_faketime
@pytest.mark.fault("F63")
@pytest.mark.nightly
def test_clock_that_runs(stage: Stage, toll: Toll) -> None:
    """Sixty times too fast for a while: a due time holds by that clock, nothing comes twice, and afterwards all goes on."""
    cadence = stage.folder / "cadences/quick.yaml"
    cadence.write_text(cadence.read_text().replace("after: 1h", "after: 10m"))
    more, set_it = fake(stage)
    process = stage.start("fake clock", **more)
    stage.drop("ann")
    wait_until(lambda: stage.has_said("state=sent"), limit=30)
    begun = time.monotonic()
    set_it("+0 x60")
    wait_until(lambda: stage.leaps() >= 3 and time.monotonic() - begun > 12, limit=60)
    set_it("+1h")
    wait_until(lambda: len(stage.mails()) == 2, limit=90)
    first, second = (parsedate_to_datetime(str(message_from_bytes(mail.raw)["Date"])) for mail in stage.received())
    assert second - first >= timedelta(minutes=10)
    assert process.poll() is None
    toll(twice=stage.twice())
