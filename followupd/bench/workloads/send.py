"""10,000 personalised due follow-ups from the store to a mail server, with an intent on disk before each mail and its result after.

What is measured of us is the whole daemon: `followupd run` on a workspace with real mailboxes, SQLite, `synchronous=FULL`, the last
look into the mailbox before each mail. `per_second` counts from the first to the last mail that the server accepted, for
everybody alike; `with_start_per_second` from the start of the process until the last result is written.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from followupd.bench import peers
from followupd.bench.floors import bare
from followupd.bench.process import call, measure
from followupd.bench.servers import program
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.sink import Sink, sink
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import fill, person, send_all, workspace

FULL = 10_000

LEAST_SPAN = 0.001
"""Seconds: a handful of mails may arrive within one look at the clock."""

SHAPES = {1: 8, 10: 2, 100: 2}
"""Mailboxes, and how many mails each may have in flight: as many connections there are."""


def figures(count: int, taken: Sink, seconds: float, cpu: float, memory_mb: float) -> Figures:
    """What everybody is measured at."""
    return {
        "per_second": (count - 1) / max(taken.span, LEAST_SPAN), "with_start_per_second": count / seconds, "cpu_per_1000": 1000 * cpu / count,
        "memory_mb": memory_mb,
    }  # fmt: skip


def check_count(taken: Sink, count: int) -> None:
    """The sink has as many mails as there are people; or WrongOutcome."""
    if taken.count != count:
        raise WrongOutcome(f"{taken.count} mails arrived instead of {count}")


def ours(mailboxes: int) -> Callable[[Place], Figures]:
    """The daemon with so many mailboxes."""

    def run(place: Place) -> Figures:
        count = place.size(FULL, mailboxes)
        with sink() as taken, dovecot(many=True) as box, workspace(
            place.folder / "w", smtp=taken.port, imap=box.imap_port, mailboxes=mailboxes, in_flight=SHAPES[mailboxes]
        ) as laid:  # fmt: skip
            fill(laid, count)
            sent = send_all(laid, count)
            check_count(taken, count)
            return figures(count, taken, sent.seconds, sent.cpu, sent.memory_mb)

    return run


def floor(connections: int) -> Callable[[Place], Figures]:
    """The bare loop on so many connections."""

    def run(place: Place) -> Figures:
        count = place.size(FULL, connections)
        with sink() as taken:
            spent, cost = call(bare, taken.port, connections, count)
            check_count(taken, count)
            return figures(count, taken, spent["seconds"], spent["cpu"], cost.memory_mb)

    return run


def smtp_source(place: Place) -> Figures:
    """Postfix' own generator: C, one mail per round trip, 8 sessions, connections reused."""
    command, count = program("smtp-source", "postfix"), place.size(FULL)
    with sink() as taken:
        cost = measure(
            [command, "-d", "-c", "-s", "8", "-m", str(count), "-l", "3500", "-f", "a@example.com", "-t", "b@firm.example"]
            + [f"127.0.0.1:{taken.port}"]
        )
        check_count(taken, count)
        return figures(count, taken, cost.wall, cost.cpu, cost.memory_mb)


def people_in(path: Path, count: int) -> None:
    """A table of people who are due, for peers that keep their state in SQLite."""
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE due (id INTEGER PRIMARY KEY, person TEXT NOT NULL, sent REAL)")
        rows = ((number + 1, json.dumps(person(number))) for number in range(count))
        database.executemany("INSERT INTO due (id, person) VALUES (?, ?)", rows)
    database.close()


def check_table(path: Path, count: int) -> None:
    """Everybody in the table has got their mail; or WrongOutcome."""
    database = sqlite3.connect(path)
    (done,) = database.execute("SELECT count(*) FROM due WHERE sent IS NOT NULL").fetchone()
    database.close()
    if done != count:
        raise WrongOutcome(f"{done} of {count} are marked as sent")


def with_table(place: Place, command: Sequence[str], env: Mapping[str, str] | None = None) -> Figures:
    """A peer that is told a port and a table of people who are due."""
    count, path = place.size(FULL), place.folder / "due.db"
    people_in(path, count)
    with sink() as taken:
        cost = measure([*command, str(taken.port), str(path)], env=env)
        if cost.code:
            raise WrongOutcome(cost.output[-1000:])
        check_count(taken, count)
        check_table(path, count)
        return figures(count, taken, cost.wall, cost.cpu, cost.memory_mb)


def script(place: Place) -> Figures:
    """The afternoon script."""
    return with_table(place, [sys.executable, str(peers.script("script.py"))])


def nodemailer(place: Place) -> Figures:
    """Nodemailer with a pool of 8, and better-sqlite3."""
    node, env = peers.node("nodemailer", "better-sqlite3")
    return with_table(place, [node, str(peers.script("nodemailer.js"))], env)


def post_office(place: Place) -> Figures:
    """django-post-office, one process with 8 threads; what it takes to fill its queue is not counted."""
    python, queue = str(peers.python("django", "post_office", "jinja2")), [str(peers.script("django_post_office.py"))]
    count, path, people = place.size(FULL), place.folder / "queue.db", place.folder / "people"
    people.write_text("".join(json.dumps(person(number)) + "\n" for number in range(count)), encoding="utf-8")
    filled = measure([python, *queue, "fill", str(path), str(people)])
    if filled.code:
        raise WrongOutcome(filled.output[-1000:])
    with sink() as taken:
        cost = measure([python, *queue, "send", str(path), str(taken.port)])
        if cost.code or cost.output.split()[-1:] != [str(count)]:
            raise WrongOutcome(cost.output[-1000:])
        check_count(taken, count)
        return figures(count, taken, cost.wall, cost.cpu, cost.memory_mb)


WORKLOAD = Workload(
    name="send",
    what="10,000 due follow-ups, text and HTML, from the store to a mail server",
    contenders=(
        *(Contender(name=f"followupd-{boxes}", role="ours", run=ours(boxes), quick=boxes == 10) for boxes in SHAPES),
        *(
            Contender(name=f"aiosmtplib-{boxes * flight}", role="floor", run=floor(boxes * flight), quick=boxes == 10)
            for boxes, flight in SHAPES.items()
        ),
        Contender(name="smtp-source", role="floor", run=smtp_source),
        Contender(name="nodemailer", role="peer", run=nodemailer),
        Contender(name="django-post-office", role="peer", run=post_office),
        Contender(name="script", role="peer", run=script),
    ),
    ratios=(
        *(
            Ratio(
                name=f"{boxes} mailbox{'es' if boxes > 1 else ''} : bare aiosmtplib", of=f"followupd-{boxes}", figure="per_second",
                over=f"aiosmtplib-{boxes * flight}", at_least=0.65 if boxes > 1 else None, gate=boxes == 10,
                reached=0.15 if boxes > 1 else None,
            )
            for boxes, flight in SHAPES.items()
        ),
        *(
            Ratio(name=f"10 mailboxes : {peer}", of="followupd-10", figure="per_second", over=peer, at_least=least)
            for peer, least in (("script", 5.0), ("django-post-office", 3.0), ("nodemailer", 1.5))
        ),
        Ratio(name="CPU", of="followupd-10", figure="cpu_per_1000", at_most=0.9, unit="s per 1,000"),
        Ratio(name="memory", of="followupd-10", figure="memory_mb", at_most=80.0, unit="MB"),
    ),
)  # fmt: skip
