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
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.postgres import PostgresServer, postgres_server
from followupd.cli.status import gather
from followupd.core.model import Alarm, Change, Suppression, Switch, Task, Touch
from followupd.store import Store, fleet, open_store, schema
from tests.crash.scene import ROOT, Backstage, Scene, all_settled, furnish, scene, stop, verdict
from tests.faults import Toll
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


# -- restarts one after the other ----------------------------------------------------------------------


@pytest.mark.fault("F6", "F70")
def test_rolling_restart(tmp_path: Path, shared: Backstage, postgres_url: str, toll: Toll) -> None:
    """Each of two daemons is restarted in the middle of the work: what it has in hand is finished first, so that no mail is even in doubt."""
    store = f'"{postgres_url.replace("+psycopg", "")}"'
    with scene(tmp_path / "w", store=store, shared=shared, mailboxes=6, delay=0.1) as stage:
        who = [f"p{number}@prospects.test" for number in range(120)]
        places = {name: {"RUNTIME_DIRECTORY": str(_marks(stage, name))} for name in MACHINES[:2]}
        running = {name: stage.start(**environ) for name, environ in places.items()}
        wait_until(lambda: _shares(stage) == [3, 3], limit=30)
        stage.drop("quick.csv", who)
        codes, busy = [], []
        for name, environ in places.items():
            begun = stage.mails().total()
            wait_until(lambda begun=begun: stage.mails().total() >= begun + 20, limit=30)  # type: ignore[misc]
            left = stage.mails().total()
            codes.append(stop(running[name]))
            running[name] = stage.start(**environ)
            wait_until(lambda: _shares(stage) == [3, 3], limit=30)
            busy.append(stage.mails().total() - left)
        wait_until(lambda: all_settled(stage, len(who)), limit=60)
        found = verdict(stage, who, 2)
        print(f"{busy} mails left during the restarts")
        assert codes == [0, 0], stage.log[-3000:]
        assert all(busy)  # the other one was at work meanwhile
        assert found.doubtful == ()
        assert [stop(one) for one in running.values()] == [0, 0]
        toll(injected=2, twice=len(found.twice), touches_lost=len(found.lost))


def _marks(stage: Scene, name: str) -> Path:
    marks = stage.folder / f"marks-{name}"
    marks.mkdir(mode=0o700)
    return marks


def _shares(stage: Scene) -> list[int]:
    """How many mailboxes each daemon that lives holds; those of nobody count as somebody's."""
    living = {one.run for one in fleet.members(stage.store) if one.lives}
    held = Counter(owner if owner in living else "" for owner in _owners(stage))
    return sorted(held[run] for run in {*living, *held})


# -- what belongs to no mailbox ------------------------------------------------------------------------

LONG = """\
cadence: quick
about: One mail, and another one a month later.
mailbox: [dana, dana1, dana2]
window: always
holidays: none
steps:
  - {id: first, email: hello, after: 0s}
  - {id: second, email: hello, after: 30d}
  - {id: third, email: hello, after: 30d}
end: {after: 1h}
"""


@pytest.mark.fault("F70")
def test_each_thing_is_done_once(tmp_path: Path, shared: Backstage, postgres_url: str, toll: Toll) -> None:
    """What any daemon may do (pauses that end, deadlines, suppressions, reminders, lost claims, alarms) is done by one of three, once; and so
    is the digest of each owner.
    """
    who = [f"p{number}@prospects.test" for number in range(25)]
    with scene(tmp_path / "w", store=f'"{postgres_url.replace("+psycopg", "")}"', shared=shared, mailboxes=3, delay=0.3) as stage:
        everyday = 'ops: ops@example.com\ndigest: {at: "00:00", days: mon-sun}\n'
        stage.config.write_text(everyday + stage.config.read_text(encoding="utf-8"), encoding="utf-8")
        (stage.folder / "cadences/quick.yaml").write_text(LONG, encoding="utf-8")
        stage.drop("quick.csv", who)
        for name in MACHINES:
            stage.start(RUNTIME_DIRECTORY=str(_marks(stage, name)))
        wait_until(lambda: sum(touch.state == "sent" for touch in _touches(stage, who)) == len(who), limit=60)
        wait_until(lambda: len(set(_owners(stage))) == 3, limit=30)
        due = _laid_out(stage, who)
        for one in stage.daemons:
            one.send_signal(signal.SIGHUP)  # all rounds come at once, in all of them
        wait_until(lambda: _done(stage, who), limit=60)
        wait_until(lambda: any(to == "ops@example.com" for to, _ in stage.mails()), limit=30)
        _status(stage)
        assert [stop(one) for one in stage.daemons] == [0, 0, 0]
        happened = Counter((one.address, one.kind, one.text) for address in who for one in stage.store.timeline(address))
        letters = Counter(to for to, _ in stage.mails().elements() if to not in who)
        print(f"{due} things due, {len(happened)} kinds of events, letters {dict(letters)}")
        assert [what for what, count in happened.items() if count > 1] == []
        assert letters["ops@example.com"] == 1
        assert sum(letters[f"{name}@example.com"] for name in stage.mailboxes) == 3 + 3  # the reminders and the digests
        toll(injected=due, twice=sum(count > 1 for count in stage.mails().values()))


def _status(stage: Scene) -> None:
    """`status` lists the daemons, and says who holds what; a mailbox that is held by nobody is a problem."""
    office = stage.office()
    found = gather(office, office.clock.now())
    assert [(one["lives"], one["mailboxes"]) for one in found["daemons"]] == [(True, 1)] * 3
    assert {one["pid"] for one in found["daemons"]} == {one.pid for one in stage.daemons}
    assert len({one["holder"] for one in found["mailboxes"]}) == 3
    assert not any(one["orphaned"] for one in found["mailboxes"])
    with office.store.writing() as connection:
        connection.execute(sa.text("UPDATE mailbox SET owner = '' WHERE name = 'dana'"))
    alone = next(one for one in gather(office, office.clock.now())["mailboxes"] if one["name"] == "dana")
    assert (alone["holder"], alone["orphaned"]) == (None, "no daemon holds it, and nobody has taken it over yet")
    office.store.close()


def _touches(stage: Scene, who: list[str]) -> list[Touch]:
    enrolled = [one for address in who for one in stage.store.person(address)[1]]
    return [touch for one in enrolled for touch in stage.store.touches(one.id)]


def _owners(stage: Scene) -> list[str]:
    with stage.store.reading() as connection:
        return list(connection.execute(sa.select(schema.mailbox.c.owner)).scalars())


def _laid_out(stage: Scene, who: list[str]) -> int:
    """All at once, and everybody is woken: five pauses end, five deadlines, five suppressions, five lost claims, three reminders, one alarm, three digests."""
    now = datetime.now(UTC)
    paused, late, unwanted, lost = who[:5], who[5:10], who[10:15], who[15:20]
    second = "UPDATE touch SET {} WHERE step = 'second' AND address = ANY(:who)"
    given = {"past": f"{now - timedelta(minutes=1):%FT%T.%f}Z"}
    with stage.store.writing() as connection:
        connection.execute(
            sa.text("UPDATE enrollment SET state = 'paused', until = :past WHERE address = ANY(:who)"), {**given, "who": paused}
        )
        connection.execute(sa.text(second.format("deadline = :past")), {**given, "who": late})
        connection.execute(
            sa.text(second.format("state = 'sending', due = :past, owner = 'dead', token = address")), {**given, "who": lost}
        )
        connection.execute(sa.text("UPDATE round SET due = :past WHERE id LIKE 'digest:%'"), given)
    tasks = tuple(
        Task(
            id=f"task-{name}",
            owner=name,
            address=who[20],
            kind="call",
            title="Call",
            text="",
            created=now,
            remind=now - timedelta(minutes=1),
        )
        for name in stage.mailboxes
    )
    gone = tuple(Suppression(key=one, reason="asked for it", source="test", at=now) for one in unwanted)
    stage.store.apply_one(Change(tasks=tasks))
    stage.store.apply_one(Change(suppressions=gone, alarms=(Alarm(key="test", text="look at it", at=now),)))
    stage.store.apply_one(Change(switches=(Switch(scope="cadence:none", reason="", at=now),)))
    return 4 * 5 + 2 * len(tasks) + 1


def _done(stage: Scene, who: list[str]) -> bool:
    states = [stage.store.person(address)[1][0].state for address in who]
    seconds = [touch for touch in _touches(stage, who) if touch.step == "second"]
    return (
        states[:5] == ["active"] * 5 and states[10:15] == ["finished"] * 5 and states[15:20] == ["held"] * 5
        and sum(touch.state == "skipped" for touch in seconds) >= 10 and all(task.remind is None for task in stage.store.tasks() if task.kind == "call")
        and all(_sent_letters(stage, kind) == 3 for kind in ("reminder", "digest"))
    )  # fmt: skip


def _sent_letters(stage: Scene, kind: str) -> int:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return sum(letter.state == "sent" for name in stage.mailboxes for letter in stage.store.letters_of(name, kind, since))
