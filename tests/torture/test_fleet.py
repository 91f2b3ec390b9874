"""Three machines, one PostgreSQL, sixty mailboxes: one dies, one freezes, one is cut off, and the database is restarted.

Each machine is a network namespace with a workspace and marks of its own, one cable to the network of the database and one to that of
the mail servers. The judge at the mail server counts.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.servers.dovecot import dovecot
from tests.servers.postgres import PostgresServer, postgres_server

from followupd.store import Store, fleet, open_store, schema
from tests.crash.scene import ROOT, Scene, all_settled, furnish, verdict
from tests.faults import Toll
from tests.servers import wait_until
from tests.servers.networks import DATABASE, MAIL, Networks, inside, networks
from tests.servers.smtp import judge

MACHINES = ("a", "b", "c")
MAILBOXES = 60
SOON = 15.0  # seconds within which orphaned mailboxes have another owner


@dataclass
class Machines:
    """The machines with their daemons, and a look at the store from outside."""

    nets: Networks
    stage: Scene
    server: PostgresServer
    folder: Path
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Through the socket of the database's machine."""
        return self.stage.store

    def until(self, what: Callable[[], object], limit: float = 60.0) -> None:
        """Wait for it, as long as all daemons run."""

        def asked() -> object:
            ended = [name for name, one in self.daemons.items() if one.poll() is not None]
            assert not ended, f"{ended} ended"
            return what()

        wait_until(asked, limit)

    def start(self, name: str) -> None:
        """A daemon as systemd starts it on this machine."""
        folder = self.folder / name
        environ = {**self.stage.environ, "RUNTIME_DIRECTORY": str(folder / "marks")}
        with (folder / "daemon.log").open("ab") as out, inside(self.nets.place(name)):
            command = [sys.executable, "-m", "tests.torture.runner", str(folder / "config.yaml")]
            self.daemons[name] = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out)

    def run_of(self, name: str) -> str:
        """The run of a machine's daemon."""
        return next((one.run for one in fleet.members(self.store) if one.pid == self.daemons[name].pid), "")

    def held(self) -> Counter[str]:
        """How many mailboxes each run that lives holds."""
        living = {one.run for one in fleet.members(self.store) if one.lives}
        with self.store.reading() as connection:
            owners = connection.execute(sa.select(schema.mailbox.c.owner)).scalars().all()
        return Counter(owner if owner in living else "" for owner in owners)

    def even(self) -> bool:
        """Whether all of them hold their share."""
        try:
            return self.held() == Counter({self.run_of(name): MAILBOXES // len(self.daemons) for name in self.daemons})
        except Exception:  # noqa: BLE001 - the database is not quite there yet
            return False

    def enroll(self, name: str, count: int) -> None:
        """People in a file on one machine; they belong to mailboxes of all of them."""
        new = [f"p{len(self.people) + number:04}@prospects.test" for number in range(count)]
        self.people += new
        half = self.folder / name / f".{len(self.people)}.half"
        half.write_text("email,first_name\n" + "".join(f"{one},Pat\n" for one in new), encoding="utf-8")
        half.rename(self.folder / name / "inbox" / f"quick-{len(self.people)}.csv")

    def under_way(self, count: int) -> None:
        """Wait until so many more mails have arrived: the fault comes in the middle."""
        before = self.stage.mails().total()
        wait_until(lambda: self.stage.mails().total() >= before + count, limit=30)

    def taken_over(self, fault: str, runs: set[str]) -> None:
        """Every mailbox has an owner who lives and is none of these, soon enough."""
        began = time.monotonic()

        def over() -> bool:
            try:
                held = self.held()
            except Exception:  # noqa: BLE001 - the database is not quite there yet
                return False
            return held.total() == MAILBOXES and not held.keys() & {"", *runs}

        wait_until(over, limit=60)
        self.waits[fault] = time.monotonic() - began

    def log(self, name: str) -> str:
        """What a machine's daemons have said."""
        return (self.folder / name / "daemon.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def _machines(folder: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        nets = stack.enter_context(networks(MACHINES))
        with inside(nets.server):
            server = stack.enter_context(postgres_server(durable=True, address=DATABASE))
            box = stack.enter_context(dovecot(address=MAIL))
            judged = folder / "judge.log"
            port = stack.enter_context(judge(judged, password="secret", copies=box.mailboxes, address=MAIL))
        url = stack.enter_context(server.database())
        names = [f"dana{number or ''}" for number in range(MAILBOXES)]
        there = f"postgresql://test@{DATABASE}/{sa.make_url(url).database}"
        for name in MACHINES:
            stack.enter_context(nets.relay(name, [port, box.imap_port]))
            furnish(folder / name, smtp=port, imap=box.imap_port, store=there, user="rep", names=names)
            (folder / name / "marks").mkdir(mode=0o700)
        environ = {**os.environ, "DANA": "secret", "PYTHONPATH": str(ROOT)}
        stage = Scene(folder / "a", box, judged, environ, "rep", None, tuple(names), copies=True)
        stage.store = open_store(url)
        stack.callback(stage.store.close)
        found = Machines(nets, stage, server, folder)
        try:
            yield found
        except BaseException:
            for name in found.daemons:
                print(f"--- {name}\n{found.log(name)[-4000:]}")
            raise
        finally:
            for process in found.daemons.values():
                process.kill()
                process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(240)
@pytest.mark.fault("F67", "F70", "F71", "F72")
def test_three_machines(tmp_path: Path, toll: Toll) -> None:
    """Each fault orphans twenty mailboxes or all: they have an owner within 15 seconds, no touch leaves twice, and none is lost."""
    with _machines(tmp_path) as fleet_:
        began = time.monotonic()
        for name in MACHINES:
            fleet_.start(name)
        fleet_.until(fleet_.even)
        fleet_.waits["even at first"] = time.monotonic() - began

        fleet_.enroll("a", 60)
        fleet_.under_way(20)
        dead = fleet_.run_of("c")
        fleet_.daemons["c"].kill()
        fleet_.daemons["c"].wait(10)
        fleet_.taken_over("killed", {dead})
        fleet_.start("c")
        fleet_.until(fleet_.even)

        fleet_.enroll("b", 60)
        fleet_.under_way(20)
        frozen = fleet_.run_of("a")
        fleet_.daemons["a"].send_signal(signal.SIGSTOP)
        fleet_.taken_over("frozen", {frozen})
        fleet_.daemons["a"].send_signal(signal.SIGCONT)
        fleet_.until(fleet_.even)

        fleet_.enroll("c", 60)
        fleet_.under_way(20)
        cut = fleet_.run_of("b")
        fleet_.nets.cut("db", "b")
        fleet_.taken_over("cut off", {cut})
        fleet_.nets.mend("db", "b")
        fleet_.until(fleet_.even)

        fleet_.enroll("a", 60)
        fleet_.under_way(20)
        fleet_.store.engine.dispose()
        fleet_.server.kill()
        with inside(fleet_.nets.server):
            fleet_.server.start()
        fleet_.taken_over("database restarted", set())

        wait_until(lambda: all_settled(fleet_.stage, len(fleet_.people)), limit=60)
        for name in MACHINES:
            left = fleet_.run_of(name)
            fleet_.daemons[name].send_signal(signal.SIGTERM)
            if name != MACHINES[-1]:
                fleet_.taken_over(f"{name} leaves", {left})
            assert fleet_.daemons[name].wait(30) == 0, fleet_.log(name)[-3000:]
        found = verdict(fleet_.stage, fleet_.people, 2)
        print(
            f"{fleet_.stage.mails().total()} mails, doubtful {len(found.doubtful)}; taken over after "
            f"{', '.join(f'{fault} {seconds:.1f} s' for fault, seconds in fleet_.waits.items())}"
        )
        assert max(fleet_.waits[fault] for fault in ("killed", "frozen", "cut off", "database restarted")) <= SOON
        assert "mailboxes-let-go" in fleet_.log("a")
        assert "mailboxes-let-go" in fleet_.log("b")
        toll(injected=4, twice=len(found.twice), touches_lost=len(found.lost))
