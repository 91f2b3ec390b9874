"""How large a store becomes, and what one mail costs: the figures of "From one machine to ten" in docs/operate.md.

    python -m followupd.bench.growth [PEOPLE]

Fills a store on PostgreSQL with people who have had a mail, has the real daemon send each of them a second one, and looks what there is then:
rows and bytes by table, the log that was written (WAL, which is also what a replica gets), processor time, connections, locks, memory. Then
weighs a store of people who wait for their first mail, on both databases, and has daemons share out a hundred thousand mailboxes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from followupd import store as stores
from followupd.bench import plenty
from followupd.bench.process import cpu_of
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.postgres import postgres_server
from followupd.bench.servers.recorder import recorder
from followupd.bench.suite import WrongOutcome
from followupd.bench.workspace import check_sent, fill, until_settled, workspace
from followupd.store import fleet, open_store

MAILBOXES, PEOPLE = 60, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What there is when everybody has had two mails."""

    people: int
    tables: dict[str, tuple[float, float]]  # rows and bytes (with indexes) for each person
    log_bytes: float  # of the write-ahead log, for each mail
    commits: float  # for each mail
    cpu: float  # seconds of the daemon's processor time, for each thousand mails
    database_cpu: float  # and of the database's
    connections: int  # of one daemon
    locks: int  # of one daemon that last longer than a transaction
    memory_mb: float  # of one daemon with 60 mailboxes

    @property
    def bytes(self) -> float:
        """For each person, all tables together."""
        return sum(size for _, size in self.tables.values())

    @property
    def mail_bytes(self) -> float:
        """For each mail: itself, its touch, other names that it is known under, and its line in the journal."""
        return sum(size / rows for name, (rows, size) in self.tables.items() if name in ("mail", "touch", "mail_alias", "event"))


def measured(people: int = PEOPLE) -> Growth:
    """Measure it. Raises WrongOutcome."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="growth") as folder:
        server = stack.enter_context(postgres_server(fsync=True))
        url = stack.enter_context(server.database()).replace("+psycopg", "")
        taken, box = stack.enter_context(recorder()), stack.enter_context(dovecot(many=True))
        laid = stack.enter_context(
            workspace(Path(folder) / "w", smtp=taken.port, imap=box.imap_port, mailboxes=MAILBOXES, in_flight=2, store=f'"{url}"')
        )
        fill(laid, people)
        office = stack.enter_context(laid.office())

        def ask(question: str) -> Any:
            with office.store.reading() as connection:
                return connection.execute(sa.text(question)).all()

        ask("SELECT pg_stat_reset()")
        before = ask("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0]
        database = cpu_of(server.pid)
        process = laid.start()
        until_settled(office, process, people, look=0.25)
        cpu, database = process.cpu(), cpu_of(server.pid) - database
        log, commits = ask(
            "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())"
        )[0]
        connections = ask(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'followupd' AND datname = current_database()"
        )
        locks = ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        if process.stop():
            raise WrongOutcome(laid.log[-2000:])
        check_sent(office, people)
        with office.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        sizes = ask(
            "SELECT relname, reltuples::float, pg_total_relation_size(oid)::float FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return Growth(
            people=people, tables={name: (rows / people, size / people) for name, rows, size in sizes if rows / people > 0.5},
            log_bytes=float(log - before) / people, commits=commits / people, cpu=1000 * cpu / people, database_cpu=1000 * database / people,
            connections=connections[0][0] - 1, locks=locks[0][0], memory_mb=process.memory_mb,
        )  # fmt: skip


PLANNED = 100_000


def weights(count: int = PLANNED) -> dict[str, float]:
    """Bytes of an enrollment with one planned touch, by database, where there are so many of them."""
    with tempfile.TemporaryDirectory(prefix="growth") as folder, postgres_server() as server, server.database() as url:
        file = Path(folder) / "followupd.db"
        plenty.fill(f"sqlite:///{file}", count, 0)
        plenty.fill(url, count, 0)
        with closing(open_store(url)) as store, store.reading() as connection:
            size = connection.execute(
                sa.text("SELECT pg_database_size(current_database()) - pg_database_size('template0')")
            ).scalar_one()
        return {"PostgreSQL": size / count, "SQLite": file.stat().st_size / count}


MANY, DAEMONS = 100_000, 5


def looks(mailboxes: int = MANY) -> tuple[float, float]:
    """Seconds of our processor time for a look at who holds which of so many mailboxes: where nothing has changed, and after a death."""
    stores.HOLD_SECONDS = 600.0  # nobody here shows in between that it lives
    names, now = [f"mailbox-{number:06}" for number in range(mailboxes)], datetime.now(UTC)
    with postgres_server(fsync=True) as server, server.database() as url, ExitStack() as stack:
        found = [stack.enter_context(closing(open_store(url))) for _ in range(DAEMONS)]
        for number, store in enumerate(found):
            fleet.join(store, fleet.Member(run=f"{number}", host="here", pid=number, since=now, seen=now, version=""))

        def look(number: int) -> float:
            began = time.process_time()
            held = fleet.take_turn(found[number], f"{number}", names, (), now)
            if len(held.epochs) < mailboxes // DAEMONS:
                raise WrongOutcome(f"a daemon holds {len(held.epochs)} of {mailboxes} mailboxes")
            return time.process_time() - began

        for number in range(DAEMONS):
            look(number)
        steady = look(0)
        found[-1].close()
        wait_until(lambda: len(fleet.beat(found[0]).living) < DAEMONS)
        return steady, look(0)


def report(found: Growth) -> str:
    """As docs/operate.md has it."""
    lines = ["| table | rows for each enrollment | bytes, with indexes |", "| --- | ---: | ---: |"]
    for name, (rows, size) in sorted(found.tables.items(), key=lambda one: -one[1][1]):
        lines.append(f"| `{name}` | {rows:.1f} | {size:,.0f} |")
    lines += [f"| all | | {found.bytes:,.0f} |", ""]
    lines.append(
        f"an enrollment: {(found.bytes - 2 * found.mail_bytes) / 1000:.1f} KB, and {found.mail_bytes / 1000:.1f} KB for each mail"
    )
    lines.append(f"a mail: {found.log_bytes / 1000:.1f} KB of log, {found.commits:.2f} transactions")
    lines.append(
        f"a thousand mails: {found.cpu:.2f} s of the daemon's processor time, {found.database_cpu:.2f} s of the database's"
    )
    lines.append(
        f"a daemon with {MAILBOXES} mailboxes: {found.connections} connections, {found.locks} lock, {found.memory_mb:.0f} MB"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(measured(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)) + "\n")
    for database, size in weights().items():
        sys.stdout.write(f"an enrollment with one planned touch on {database}: {size / 1000:.2f} KB\n")
    steady, after_a_death = looks()
    sys.stdout.write(
        f"a look at {MANY} mailboxes: {steady:.1f} s of processor time, and {after_a_death:.1f} s to take over a share of a dead daemon's\n"
    )
