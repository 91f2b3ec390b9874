"""20,000 due follow-ups of 60 mailboxes on PostgreSQL, sent by one, two and four daemons; and by four of which one is killed.

The daemons run before anything may leave: everything is paused until each holds its share and watches it, then `resume --all` wakes
all of them by NOTIFY. `per_second` counts from the first to the last mail that the server accepted, for everybody alike; `with_start_per_second`
from that word (for procrastinate: from the start of its process). The one that is killed gets a third of the
way, and is started again as systemd would: what it had in hand, it alone can settle. The server writes down who got what.

Both cores are shared by the daemons, PostgreSQL, Dovecot and the mail server, so what is looked at meanwhile is looked at seldom.
"""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from followupd import desk
from followupd.bench import peers
from followupd.bench.process import Process, cpu_of, measure
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.postgres import PostgresServer, postgres_server
from followupd.bench.servers.recorder import Recorder, recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import Workspace, check_sent, fill, person, until_settled, workspace
from followupd.office import Office
from followupd.store import fleet, schema

FULL, MAILBOXES, CONNECTIONS = 20_000, 60, 2
HURRY = 0.3  # seconds between two words to the daemons that they are waited for
LOOK = 0.25  # seconds between two looks whether all is settled
TIMEOUT = 900.0


@dataclass(slots=True)
class Daemons:
    """The daemons of one store, each with marks of its own, as on a machine of its own."""

    laid: Workspace
    office: Office
    processes: list[Process]

    def start(self, number: int) -> Process:
        """One of them."""
        marks = self.laid.folder / f"marks-{number}"
        marks.mkdir(mode=0o700, exist_ok=True)
        return self.laid.start(environ={"RUNTIME_DIRECTORY": str(marks)})

    def ready(self) -> bool:
        """Each holds its share, and watches it: that is noted every ten seconds, and at once by whoever gets SIGHUP."""
        if any(not process.running for process in self.processes):
            raise WrongOutcome(f"a daemon has ended:\n{self.laid.log[-2000:]}")
        living = {one.run for one in fleet.members(self.office.store) if one.lives}
        box = schema.mailbox.c
        with self.office.store.reading() as connection:
            held = Counter(connection.execute(sa.select(box.owner)).scalars())
            unread = connection.execute(sa.select(box.name).where(box.looked.is_(None)).limit(1)).first()
        even = held.keys() == living and len(living) == len(self.processes) and max(held.values()) - min(held.values()) <= 1
        if even and unread is not None:
            for process in self.processes:
                process.signal(signal.SIGHUP)
            time.sleep(HURRY)
        return even and unread is None

    def cpu(self) -> float:
        """Seconds of processor time of all of them."""
        return sum(process.cpu() for process in self.processes)


def _until(what: Callable[[], bool], timeout: float = 120.0) -> None:
    end = time.monotonic() + timeout
    while not what():
        if time.monotonic() > end:
            raise WrongOutcome("the daemons do not get their mailboxes")
        time.sleep(0.05)


def daemons(count: int, *, killed: bool = False) -> Callable[[Place], Figures]:
    """So many daemons on one store. `killed`: one of them, a third of the way."""

    def run(place: Place) -> Figures:
        mails = place.size(FULL, MAILBOXES)
        with ExitStack() as stack:
            server = stack.enter_context(postgres_server(fsync=True))
            url = stack.enter_context(server.database()).replace("+psycopg", "")
            taken, box = stack.enter_context(recorder()), stack.enter_context(dovecot(many=True))
            laid = stack.enter_context(
                workspace(
                    place.folder / "w",
                    smtp=taken.port,
                    imap=box.imap_port,
                    mailboxes=MAILBOXES,
                    in_flight=CONNECTIONS,
                    store=f'"{url}"',
                )
            )
            fill(laid, mails)
            office = stack.enter_context(laid.office())
            desk.switch(office, "all", on=True, reason="not yet")
            found = Daemons(laid, office, [])
            found.processes += [found.start(number) for number in range(count)]
            _until(found.ready)
            return _measured(found, server, taken, mails, killed=killed)

    return run


def _measured(found: Daemons, server: PostgresServer, taken: Recorder, mails: int, *, killed: bool) -> Figures:
    before, database, began = found.cpu(), cpu_of(server.pid), time.monotonic()
    desk.switch(found.office, "all", on=False, reason="")
    if killed:
        _until(lambda: taken.count >= mails // 3, TIMEOUT)
        found.processes[0].kill()
        found.processes[0] = found.start(0)
    until_settled(found.office, found.processes[-1], mails, timeout=TIMEOUT, look=LOOK)
    cpu, database = found.cpu() - before, cpu_of(server.pid) - database
    for process in found.processes:
        process.signal(signal.SIGTERM)
    if any(process.wait(60) for process in found.processes):
        raise WrongOutcome(f"a daemon did not end well:\n{found.laid.log[-2000:]}")
    if killed:
        _check_killed(found.office, taken, mails)
    else:
        taken.check(mails)
        check_sent(found.office, mails)
    answered = [one.answered for one in taken.read()]
    return {
        "per_second": len(answered) / (max(answered) - min(answered)), "with_start_per_second": len(answered) / (max(answered) - began),
        "cpu_per_1000": 1000 * cpu / mails, "database_cpu_per_1000": 1000 * database / mails,
        "memory_mb": max(process.memory_mb for process in found.processes),
    }  # fmt: skip


def _check_killed(office: Office, taken: Recorder, mails: int) -> None:
    """Nobody got a mail twice; whoever got none has a mail that is listed as doubtful, for a human to decide."""
    names = Counter(one.message_id for one in taken.read())
    if twice := [name for name, count in names.items() if count > 1]:
        raise WrongOutcome(f"{len(twice)} mails arrived twice, such as {twice[0]}")
    doubtful = {touch.message_id for touch, _ in office.store.doubtful()}
    if len(names.keys() | doubtful) != mails:
        raise WrongOutcome(f"{len(names)} mails arrived and {len(doubtful)} are in doubt, of {mails}")
    with office.store.reading() as connection:
        counted = (
            sa.select(schema.touch.c.state, sa.func.count()).where(schema.touch.c.position == 1).group_by(schema.touch.c.state)
        )
        states = {state: count for state, count in connection.execute(counted)}  # noqa: C416 - rows are no pairs for mypy
    if states.get("sent", 0) + states.get("doubtful", 0) != mails:
        raise WrongOutcome(f"expected {mails} mails sent or in doubt; the store says {states}")


def procrastinate(place: Place) -> Figures:
    """One worker with 16 tasks at a time; what it takes to fill its queue is not counted."""
    python, worker = str(peers.python("procrastinate", "aiosmtplib", "jinja2")), str(peers.script("procrastinate_mail.py"))
    mails, people = place.size(FULL, MAILBOXES), Path(place.folder / "people")
    people.write_text("".join(json.dumps(person(number)) + "\n" for number in range(mails)), encoding="utf-8")
    with postgres_server(fsync=True) as server, server.database() as url, recorder() as taken:
        plain = url.replace("postgresql+psycopg", "postgresql")
        filled = measure([python, worker, "fill", plain, str(people)])
        if filled.code:
            raise WrongOutcome(filled.output[-1000:])
        began, database = time.monotonic(), cpu_of(server.pid)
        cost = measure([python, worker, "send", plain, str(taken.port)])
        database = cpu_of(server.pid) - database
        if cost.code or cost.output.split()[-1:] != [str(mails)]:
            raise WrongOutcome(cost.output[-1000:])
        answered = [one.answered for one in taken.check(mails)]
        return {
            "per_second": mails / (max(answered) - min(answered)), "with_start_per_second": mails / (max(answered) - began),
            "cpu_per_1000": 1000 * cost.cpu / mails, "database_cpu_per_1000": 1000 * database / mails, "memory_mb": cost.memory_mb,
        }  # fmt: skip


WORKLOAD = Workload(
    name="fleet",
    what="20,000 due follow-ups of 60 mailboxes on PostgreSQL, by one, two and four daemons",
    contenders=(
        *(Contender(name=f"followupd-{count}", role="ours", run=daemons(count), quick=count < 4) for count in (1, 2, 4)),
        Contender(name="followupd-4-one-killed", role="ours", run=daemons(4, killed=True), rounds=1, quick=False),
        Contender(name="procrastinate", role="peer", run=procrastinate, rounds=1),
    ),
    ratios=(
        Ratio(name="two daemons over one", of="followupd-2", figure="per_second", over="followupd-1", at_least=1.5),
        Ratio(name="four daemons over one", of="followupd-4", figure="per_second", over="followupd-1"),
        Ratio(name="one daemon over procrastinate", of="followupd-1", figure="per_second", over="procrastinate", at_least=3.0),
        Ratio(
            name="CPU of a mail, two daemons over one", of="followupd-2", figure="cpu_per_1000", over="followupd-1", at_most=1.5
        ),
    ),
)
