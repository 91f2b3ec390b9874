"""A year of follow-ups: ten mails to each of a thousand people through the real stories, on a clock that jumps.

Some people answer, and hear nothing more; everybody else gets ten mails. When each mail must come is worked out here, by plain
counting of days, and every mail, date, thread and outcome is compared. Beside it the statements that changed the store are carried
out again, bare, on an empty store: what the ratio says is how much everything else costs beside them.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from followupd.bench.process import call
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.channels import CHANNELS
from followupd.core.model import EnrollmentState, Outcome, TouchState
from followupd.files.workspace import Workspace, load_workspace
from followupd.simulation import Sent, Simulation
from followupd.store import Store, open_store, schema

FULL = 1_053
"""People; a thousand of them never answer."""

STEPS, EVERY, LAST_WAIT = 10, 36, 7
START = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""A Monday. The clocks of Berlin and New York change twice in the year that follows."""

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
ANSWERING = 20
"""One in so many answers."""

CONFIG = """\
store: followupd.db
company: {name: Example Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}
defaults: {window: "mon-fri 09:00-17:00", holidays: none, timezone: Europe/Berlin}
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {host: 127.0.0.1, port: 25, security: none}
    imap: {host: 127.0.0.1, port: 143, security: none}
    limits: {in_flight: 100}
"""

TEMPLATE = """\
---
subject: "{{% if prospect.company %}}{number}: what {{{{ prospect.company }}}} could save{{% endif %}}"
---
Hello {{{{ prospect.first_name }}}},

you told us that **{{{{ prospect.challenges }}}}** costs your team most. Three companies of your size took the same first step,
and [one of them wrote down how](https://example.com/how/{number}).

* what they measured before
* what they changed first
* what it came to after a quarter

Which of the three is nearest to yours?
"""


@dataclass(frozen=True)
class Expected:
    """What must come of one person."""

    row: dict[str, str]
    enrolled: datetime
    mails: tuple[datetime, ...]
    answers: datetime | None  # when they say no, after the last of these mails


@dataclass
class Writes:
    """The statements that changed a store, in order, with their values."""

    statements: list[tuple[str, Any, bool]] = field(default_factory=list)

    def watch(self, engine: sa.Engine) -> None:
        """Keep what is carried out from now on, as the driver gets it: the store gives it most statements itself."""
        kept = self.statements

        class Cursor(sqlite3.Cursor):
            def execute(self, statement: str, values: Any = (), /) -> Any:
                if statement.lstrip().startswith(CHANGING):
                    kept.append((statement, values, False))
                return super().execute(statement, values)

            def executemany(self, statement: str, values: Iterable[Any], /) -> Any:
                kept.append((statement, every := list(values), True))
                return super().executemany(statement, every)

        class Connection(sqlite3.Connection):
            def cursor(self, _: Any = None) -> Any:
                return super().cursor(Cursor)

            def commit(self) -> None:
                self._end("COMMIT")
                super().commit()

            def rollback(self) -> None:
                self._end("ROLLBACK")
                super().rollback()

            def _end(self, how: str) -> None:
                begun = next((one for one, _, _ in reversed(kept) if one in (BEGUN, "COMMIT", "ROLLBACK")), "")
                if begun == BEGUN:  # else nothing was to be written
                    kept.append((how, (), False))

        @sa.event.listens_for(engine, "do_connect")
        def _with_ears(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
            named["factory"] = Connection

        engine.dispose()


BEGUN = "BEGIN IMMEDIATE"
CHANGING = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "SAVEPOINT", "ROLLBACK TO", "RELEASE", BEGUN)


# -- what must be --------------------------------------------------------------------------------


def opening(moment: datetime) -> datetime:
    """The first moment from Monday to Friday, nine to five, that is not before this one (on the clocks of its zone)."""
    day = moment.replace(hour=9, minute=0)
    if moment.hour >= 17:
        day += timedelta(days=1)
    elif moment > day:
        day = moment
    while day.weekday() > 4:
        day = (day + timedelta(days=1)).replace(hour=9, minute=0)
    return day


def expected(number: int) -> Expected:
    """One of the people: a hundred come in each day from Monday to Friday."""
    zone = ZoneInfo(ZONES[number % len(ZONES)])
    enrolled = START + timedelta(days=7 * (number // 500) + number // 100 % 5)
    mails = [opening(enrolled.astimezone(zone))]
    while len(mails) < STEPS:
        mails.append(opening(mails[-1] + timedelta(days=EVERY)))
    answering = number % ANSWERING == 0
    if answering:
        del mails[1 + number // ANSWERING % (STEPS - 1) :]
    row = {
        "email": f"person{number}@company{number // 3}.example", "cadence": "year", "first_name": f"Zoë {number}", "owner": "dana",
        "company": f"Müller & Söhne {number}", "challenges": "month-end closing", "timezone": zone.key,
    }  # fmt: skip
    return Expected(row=row, enrolled=enrolled, mails=tuple(mails), answers=mails[-1] + timedelta(hours=1) if answering else None)


def check(simulation: Simulation, people: list[Expected]) -> None:
    """Compare every mail and every state with what must be."""
    came: dict[str, list[Sent]] = {}
    for mail in simulation.sent:
        came.setdefault(mail.recipient, []).append(mail)
    if len({mail.message_id for mail in simulation.sent}) != len(simulation.sent):
        raise WrongOutcome("a Message-ID was used twice")
    for person in people:
        address = person.row["email"]
        mails = came.pop(address, [])
        if [mail.at for mail in mails] != list(person.mails):
            raise WrongOutcome(
                f"{address}: mails at {[f'{mail.at:%F %R}' for mail in mails]}, not {[f'{at:%F %R%z}' for at in person.mails]}"
            )
        first = f"1: what {person.row['company']} could save"
        if [mail.subject for mail in mails] != [first, *["Re: " + first] * (len(mails) - 1)]:
            raise WrongOutcome(f"{address}: subjects {[mail.subject for mail in mails]}")
        (enrollment,) = simulation.office.store.person(address)[1]
        wanted = Outcome.NO if person.answers else Outcome.SILENT
        if (enrollment.state, enrollment.outcome) != (EnrollmentState.FINISHED, wanted):
            raise WrongOutcome(f"{address}: {enrollment.state}, {enrollment.outcome}, not finished, {wanted}")
        states = Counter(touch.state for touch in simulation.office.store.touches(enrollment.id))
        skipped = {TouchState.SKIPPED: 1} if person.answers else {}
        if states != {TouchState.SENT: len(mails), **skipped}:
            raise WrongOutcome(f"{address}: touches {dict(states)}")
    if came:
        raise WrongOutcome(f"mails to strangers: {sorted(came)}")


# -- one round -----------------------------------------------------------------------------------


def make_workspace(folder: Path) -> Workspace:
    """One mailbox, one cadence of ten steps, ten templates."""
    for name in ("cadences", "templates", "content"):
        (folder / name).mkdir()
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    numbers = range(1, STEPS + 1)
    steps = "".join(f"  - {{id: mail{one}, email: mail{one}, after: {'0s' if one == 1 else f'{EVERY}d'}}}\n" for one in numbers)
    text = f"cadence: year\nabout: Ten mails in a year.\nsteps:\n{steps}end: {{after: {LAST_WAIT}d}}\n"
    (folder / "cadences/year.yaml").write_text(text, encoding="utf-8")
    for one in numbers:
        (folder / f"templates/mail{one}.md").write_text(TEMPLATE.format(number=one), encoding="utf-8")
    found = load_workspace(folder / "config.yaml", channels=CHANNELS, environ={})
    if found.problems:
        raise WrongOutcome("\n".join(map(str, found.problems)))
    return found


def answer_to(mail: Sent, now: datetime) -> bytes:
    """A plain no."""
    return (
        f"From: <{mail.recipient}>\r\nTo: Dana Reyes <dana@example.com>\r\nSubject: Re: yours\r\nDate: {now:%a, %d %b %Y %H:%M:%S %z}\r\n"
        f"Message-ID: <no.{mail.message_id}.answer>\r\nIn-Reply-To: <{mail.message_id}>\r\nContent-Type: text/plain\r\n\r\n"
        "No thanks, we have decided for another supplier.\r\n"
    ).encode()


def live(simulation: Simulation, people: list[Expected]) -> None:
    """The year, to its last silence."""
    arrivals = {day: [one.row for one in people if one.enrolled == day] for day in sorted({one.enrolled for one in people})}
    answers = {one.row["email"]: one.answers for one in people if one.answers}
    events: list[tuple[datetime, str]] = sorted([*((at, "") for at in arrivals), *((at, who) for who, at in answers.items())])
    for at, who in events:
        simulation.advance(at)
        if who:
            mail = next(mail for mail in reversed(simulation.sent) if mail.recipient == who)
            simulation.receive("dana", answer_to(mail, at))
        else:
            simulation.enroll(arrivals[at], "march.csv")
    simulation.advance(max(one.mails[-1] for one in people) + timedelta(days=2 * LAST_WAIT))


def lived(count: int, record: bool = False) -> dict[str, float]:
    """The year of so many people, in a process of its own. With `record`, what its writes take by themselves."""
    people, writes = [expected(number) for number in range(count)], Writes()
    with tempfile.TemporaryDirectory(prefix="year") as name:
        folder = Path(name)
        workspace = make_workspace(folder)
        with Simulation(workspace, START, limits=False) as simulation:
            if record:
                writes.watch(simulation.office.store.engine)
            began, busy = time.perf_counter(), time.process_time()
            live(simulation, people)
            spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy}
            check(simulation, people)
            mails, left = len(simulation.sent), counted(simulation.office.store)
            year = tuple(writes.statements)  # without what its end does to the store
        if record:
            spent = bare(year, folder, left)
    return {**spent, "mails": mails, "writes": len(year)}


COUNTED = (schema.prospect, schema.enrollment, schema.touch, schema.mail, schema.reply, schema.task, schema.event)


def counted(store: Store) -> dict[str, int]:
    """How many rows of each kind there are."""
    with store.reading() as connection:
        return {table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in COUNTED}


def bare(writes: Sequence[tuple[str, Any, bool]], folder: Path, left: dict[str, int]) -> dict[str, float]:
    """Carry the same statements out on an empty store, with nothing around them; the seconds it took. Then as much is `left` as there."""
    path = folder / "bare.db"
    open_store(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    cursor = connection.cursor()
    began, busy = time.perf_counter(), time.process_time()
    for statement, values, many in writes:
        if many:
            cursor.executemany(statement, values)
        else:
            cursor.execute(statement, values)
    spent = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy}
    connection.close()
    with closing(open_store(f"sqlite:///{path}")) as store:
        if (found := counted(store)) != left:
            raise WrongOutcome(f"its writes have left {found}, and not {left}")
    return spent


def followupd(place: Place) -> Figures:
    """The year as it is lived."""
    found, cost = call(lived, place.size(FULL, 20), timeout=1200)
    return {
        "seconds": found["seconds"], "cpu_seconds": found["cpu_seconds"], "touches_per_second": found["mails"] / found["cpu_seconds"],
        "memory_mb": cost.memory_mb,
    }  # fmt: skip


def writes_alone(place: Place) -> Figures:
    """The writes of that year alone."""
    found, _ = call(lived, place.size(FULL, 20), True, timeout=1200)
    return {"seconds": found["seconds"], "cpu_seconds": found["cpu_seconds"], "statements": found["writes"]}


WORKLOAD = Workload(
    name="year",
    what="a year of 1,000 prospects on the fake clock: ten mails each, some answers",
    contenders=(
        Contender(name="followupd", role="ours", run=followupd, rounds=2),
        Contender(name="its writes alone", role="floor", run=writes_alone, rounds=2),
    ),
    ratios=(
        Ratio(name="touches", of="followupd", figure="touches_per_second", unit="a second of processor time"),
        Ratio(name="the writes alone : all of it", of="its writes alone", figure="cpu_seconds", over="followupd"),
    ),
    rounds=2,
)
