"""`due`: taking 100 due touches in hand, out of any number of enrollments, and asking when there are none.

What is due lies all over the tables (`plenty.py`), so that each claim meets pages that no other has met. A store is made once and serves
all rounds; what was claimed is put aside after each claim, untimed, so that no more is in hand than a daemon would have. The bare SQL
selects and marks as many on the same store; the peer keeps one APScheduler job for each enrollment.
"""

from __future__ import annotations

import atexit
import itertools
import pickle
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from followupd.bench.plenty import ALONE, BOXES, NOW, fill, wants
from followupd.bench.servers.postgres import PostgresServer, postgres_server
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.core.model import TouchState
from followupd.store import Hand, Store, Want, open_store, schema

CLAIM, TIMES, WARM = 100, 30, 2
DUE_NOW = 50_000
EARLY = NOW - timedelta(days=30)
"""When nothing is due yet."""

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SIZES = {5: 10**5, 6: 10**6, 7: 10**7}
_TOKENS = itertools.count()


@cache
def _held() -> ExitStack:
    """What lives as long as the run: folders, the server, its databases."""
    held = ExitStack()
    atexit.register(held.close)
    return held


@cache
def _server() -> PostgresServer:
    return _held().enter_context(postgres_server(fsync=True))


@contextmanager
def _filled(dialect: str, enrollments: int) -> Iterator[Store]:
    """A store with so many enrollments, for as long as it is wanted."""
    with ExitStack() as held:
        path = None
        if dialect == "sqlite":
            folder = Path(tempfile.mkdtemp(prefix="due"))
            held.callback(shutil.rmtree, folder, ignore_errors=True)
            path = folder / "followupd.db"
            url = f"sqlite:///{path}"
        else:
            url = held.enter_context(_server().database())
        fill(url, enrollments, min(enrollments, DUE_NOW))
        if path is not None:
            _read_once(path)
        yield held.enter_context(closing(open_store(url)))


class _Queue:
    """A store whose due touches are taken, a hundred at a time; each must come once and never again."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._had: dict[str, datetime] = {}

    def take(self, take: Callable[[], dict[str, datetime]]) -> float:
        """Milliseconds that taking a hundred took, with the commit. `take` tells which, and when each was due."""
        began = time.perf_counter()
        taken = take()
        took = (time.perf_counter() - began) * 1000
        if len(taken) != CLAIM or self._had.keys() & taken.keys():
            again = len(self._had.keys() & taken.keys())
            raise WrongOutcome(f"{len(taken)} touches were claimed, {again} of them once more; wanted were {CLAIM} new ones")
        self._had |= taken
        aside = sa.update(schema.touch).where(schema.IN_HAND).values(state=TouchState.SKIPPED)
        with self.store.writing() as connection:
            if (found := connection.execute(aside).rowcount) != CLAIM:
                raise WrongOutcome(f"{found} touches are in hand; {CLAIM} were claimed")
        return took

    def refill(self, least: int) -> None:
        """Where too few are left for a round, all are due once more, each when it was."""
        touch = schema.touch.c
        left = sa.select(sa.func.count()).select_from(schema.touch).where(schema.DUE, touch.due <= NOW, touch.mailbox == ALONE)
        again = sa.update(schema.touch).where(touch.id == sa.bindparam("known"))
        with self.store.writing() as connection:
            if connection.execute(left).scalar_one() < least and self._had:
                values = {"state": TouchState.SCHEDULED, "due": sa.bindparam("when")}
                connection.execute(again.values(values), [{"known": one, "when": due} for one, due in self._had.items()])
                self._had.clear()


def _read_once(path: Path) -> None:
    """The system holds the file in its memory, as far as it has any: measured is the claim and not the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


_QUEUES: dict[tuple[str, int], tuple[_Queue, ExitStack]] = {}


def _queue(dialect: str, enrollments: int) -> _Queue:
    """Made once, and kept until the run ends or it is forgotten."""
    if (dialect, enrollments) not in _QUEUES:
        if dialect == "postgresql":
            _server()  # before what uses it, so that it ends after that
        held = _held().enter_context(ExitStack())
        _QUEUES[dialect, enrollments] = (_Queue(held.enter_context(_filled(dialect, enrollments))), held)
    return _QUEUES[dialect, enrollments][0]


def _forget(dialect: str, enrollments: int) -> None:
    """The largest has had its only round: two such do not fit into the memory that the system reads files through."""
    _, held = _QUEUES.pop((dialect, enrollments))
    held.close()


def _claim(store: Store, asked: list[Want], now: datetime = NOW) -> dict[str, datetime]:
    hand = Hand(
        run="run", lease=NOW + timedelta(hours=1), key=b"k" * 32, token=lambda: f"{next(_TOKENS):032x}", fraction=lambda: 0.5
    )
    return {one.touch.id: one.touch.due for one in store.claim_due(now, asked, hand)}


def _bare(store: Store) -> dict[str, datetime]:
    """The same selection and the same mark, and nothing else."""
    now = NOW.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    mark = "?" if store.engine.dialect.name == "sqlite" else "%s"
    lock = "" if store.engine.dialect.name == "sqlite" else "FOR UPDATE SKIP LOCKED"
    select = f"SELECT id, due FROM touch WHERE mailbox = {mark} AND state = 'scheduled' AND live AND due <= {mark} ORDER BY due LIMIT {CLAIM} {lock}"
    with store.writing() as connection:
        found = {row[0]: datetime.fromisoformat(row[1]) for row in connection.exec_driver_sql(select, (ALONE, now))}
        update = f"UPDATE touch SET state = 'sending', token = {mark}, version = version + 1 WHERE id = {mark}"
        connection.exec_driver_sql(update, [("token", one) for one in found])
    return found


def _times(times: int, work: Callable[[], Any]) -> float:
    """The median in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def ours(dialect: str, full: int, place: Place) -> Figures:
    """Claims from a hundred mailboxes and from one, and questions to which there is no answer."""
    queue, times = _queue(dialect, place.size(full)), _rounds(place)
    queue.refill((2 * times + 2 * WARM) * CLAIM)
    store, many, one = queue.store, wants(BOXES, 1), wants([ALONE], CLAIM)
    for asked in (many, one) * WARM:
        queue.take(partial(_claim, store, asked))
    took = [(queue.take(partial(_claim, store, many)), queue.take(partial(_claim, store, one))) for _ in range(times)]

    def find_nothing() -> None:
        if _claim(store, many, EARLY):
            raise WrongOutcome("something is due before anything is")

    return {
        "milliseconds": median(each for pair in took for each in pair), "many_mailboxes_ms": median(pair[0] for pair in took),
        "one_mailbox_ms": median(pair[1] for pair in took), "empty_ms": _times(100, find_nothing),
        "quiet_ms": _times(100, lambda: store.chores(EARLY, BOXES)), "next_due_ms": _times(100, lambda: store.next_due(BOXES)),
    }  # fmt: skip


def bare(dialect: str, full: int, place: Place) -> Figures:
    """The bare statements."""
    queue, times = _queue(dialect, place.size(full)), _rounds(place)
    queue.refill((times + WARM) * CLAIM)
    for _ in range(WARM):
        queue.take(partial(_bare, queue.store))
    took = median([queue.take(partial(_bare, queue.store)) for _ in range(times)])
    if full == max(SIZES.values()):
        _forget(dialect, place.size(full))
    return {"milliseconds": took}


def _rounds(place: Place) -> int:
    return TIMES if place.scale >= 1 else 10  # a tenth of the smallest store has not more that is due


def one_alarm_clock_each(place: Place) -> Figures:
    """APScheduler with a job for each enrollment, in SQLite: what its scheduler does with a hundred that are due, and when none is."""
    from apscheduler.job import Job
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.base import BaseScheduler
    from apscheduler.triggers.date import DateTrigger

    class Scheduler(BaseScheduler):  # type: ignore[misc]
        """One that never starts: the job store wants to know whose it is."""

        shutdown = wakeup = lambda self, *_: None

    scheduler, count = Scheduler(timezone="UTC"), place.size(SIZES[5])
    store = SQLAlchemyJobStore(url=f"sqlite:///{place.folder}/jobs.db")
    store.start(scheduler, "default")

    def rows() -> Any:
        for number in range(count):  # its own way of adding them takes minutes
            at = NOW + timedelta(seconds=(number * 7_368_787) % count)
            each = Job(
                scheduler, id=f"enrollment-{number}", func="builtins:print", args=(), kwargs={}, trigger=DateTrigger(at), executor="default", name="x",
                misfire_grace_time=None, coalesce=True, max_instances=1, next_run_time=at,
            )  # fmt: skip
            yield each.id, at.timestamp(), pickle.dumps(each.__getstate__(), pickle.HIGHEST_PROTOCOL)

    with closing(sqlite3.connect(place.folder / "jobs.db")) as database, database:
        database.executemany("INSERT INTO apscheduler_jobs (id, next_run_time, job_state) VALUES (?, ?, ?)", rows())
    empty = _times(100, lambda: store.get_due_jobs(NOW - timedelta(days=1)))
    took, had = list[float](), set[str]()
    for number in range(1, 4):
        began = time.perf_counter()
        due = store.get_due_jobs(NOW + timedelta(seconds=number * CLAIM - 0.5))
        for each in due:
            store.remove_job(each.id)  # what is done after its only run
        took.append((time.perf_counter() - began) * 1000)
        if len(due) != CLAIM or had & {each.id for each in due}:
            raise WrongOutcome(f"{len(due)} jobs were due; {CLAIM} are")
        had |= {each.id for each in due}
    return {"milliseconds": median(took), "empty_ms": empty}


def _contenders() -> tuple[Contender, ...]:
    found = []
    for dialect, spoken in DATABASES.items():
        for power, size in SIZES.items():
            largest = size == max(SIZES.values())  # it takes minutes to make
            more: dict[str, Any] = {"rounds": 1 if largest else None, "quick": not (largest and dialect == "postgresql")}
            found.append(
                Contender(name=f"followupd, {spoken}, 10^{power}", role="ours", run=partial(ours, dialect, size), **more)
            )
            found.append(
                Contender(name=f"bare SQL, {spoken}, 10^{power}", role="floor", run=partial(bare, dialect, size), **more)
            )
    peer = Contender(name="APScheduler, a job each, 10^5", role="peer", run=one_alarm_clock_each, quick=False, rounds=1)
    return (*found, peer)


def _ratios() -> tuple[Ratio, ...]:
    found = []
    for spoken in DATABASES.values():
        ours_, small = f"followupd, {spoken}, 10^7", f"followupd, {spoken}, 10^5"
        gate = spoken == DATABASES["sqlite"]  # CI has no time to fill both
        found += [
            Ratio(
                name=f"growth from 10^5 to 10^7, {spoken}", of=ours_, figure="milliseconds", over=small, at_most=1.5, gate=gate
            ),
            Ratio(name=f"empty look at 10^7, {spoken}", of=ours_, figure="empty_ms", at_most=1.0, unit="ms", gate=gate),
            Ratio(name=f"over the bare SQL at 10^7, {spoken}", of=f"bare SQL, {spoken}, 10^7", figure="milliseconds", over=ours_),
        ]
    peer = Ratio(
        name="a job each over ours at 10^5",
        of="APScheduler, a job each, 10^5",
        figure="milliseconds",
        over="followupd, SQLite, 10^5",
    )
    return (*found, peer)


WORKLOAD = Workload(
    name="due", what="100 due touches claimed out of 10^5, 10^6 and 10^7 enrollments", contenders=_contenders(), ratios=_ratios()
)
