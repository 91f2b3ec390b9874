"""A workspace whose follow-ups are due: config, cadence, messages, a store with any number of people, and the real daemon on it.

The store is filled so that nobody can tell it from one that has come about in days: one person for each mailbox is enrolled and
gets the first mail through the store's own verbs; everybody else is a copy of those rows, in every table that speaks of that person,
with ids and names of their own. So a table or a column that is added later is filled as well. Only the words of the first mail that
is kept stay those of the one who got it.

Never measures; `process.py` and the servers do.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, cast

import sqlalchemy as sa

from followupd import dispatch
from followupd.bench.process import Process
from followupd.bench.suite import WrongOutcome
from followupd.channels.email import Written
from followupd.channels.prepare import Ready, prepare
from followupd.clock import RealClock, RealDice
from followupd.core import lifecycle
from followupd.core.lifecycle import Moment, Start
from followupd.core.model import Accepted, Change, Claim, MailFact, Prospect
from followupd.core.outbound import message_id
from followupd.office import Office, open_office
from followupd.store import schema
from followupd.store.claiming import Hand, Want
from followupd.world import World

CADENCE = "follow-up"
FIRST, SECOND = "first-word", "second-word"
AGO = timedelta(days=3)
"""So long ago everybody got the first mail: beyond every cap and the trip wire."""

CONFIG = """\
store: {store}
company: {{name: Örtel & Söhne Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}}
defaults: {{window: always, holidays: none, timezone: UTC}}
mailboxes:
"""

MAILBOX = """\
  {name}:
    address: {name}@example.com
    name: {shown}
    smtp: {{host: {host}, port: {smtp}, security: {security}}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none, copies: none}}
    auth: {{user: {name}, password: {{env: BENCH_PASSWORD}}}}
    limits: {{per_minute: 10000, per_hour: 100000, per_day: 1000000, in_flight: {in_flight}}}
    gap: 0s
    signature: |
      {shown}, Örtel & Söhne Ltd
"""

STEPS = """\
cadence: {cadence}
about: Two mails, for measuring.
mailbox: [{mailboxes}]
window: always
holidays: none
steps:
  - {{id: first, email: first-word}}
  - {{id: second, email: second-word, after: 1d}}
end: {{after: 7d}}
"""

FIRST_WORD = """\
---
subject: "A thought for {{ prospect.company }}"
---
Hello {{ prospect.first_name }},

here is the list that I promised you.

{{ owner.signature | default(owner.name) }}
"""

SECOND_WORD = """\
---
subject: "{{ prospect.company }}: the next step"
---
Hello {{ prospect.first_name }},

when we spoke, you told me that **{{ prospect.challenges }}** costs {{ prospect.company }} more than anything else this year. Three companies of
your size took the same first step, and [one of them wrote down how](https://example.com/how).

{% if prospect.city %}They are not far from {{ prospect.city }}, and would show you around.{% else %}They would show you around.{% endif %}

What they did, in the order in which they did it:

{% for goal in [prospect.goals, prospect.second_goal, "a list on the wall"] %}
* {{ goal }}: before, and after a quarter
{% endfor %}

What it took was somebody in a role like yours ({{ prospect.title }}) who
wanted to know. I can send you the list and the figures.

Which of these is nearest to what you have in mind? A word is enough, and "none of them" helps me as well.

{{ owner.signature | default(owner.name) }}
"""

FIRST_NAMES = ("Zoë", "Jürgen", "Łukasz", "Ann", "Søren", "María", "Tom", "Éloïse", "Ngozi", "Jiří")
LAST_NAMES = ("Müller", "Smith", "Nowak", "Öztürk", "García", "Brown", "Sørensen", "Dvořák", "Tanaka", "Lefèvre")
CITIES = ("Köln", "", "Kraków", "Leeds", "", "Málaga", "Århus")
CHALLENGES = ("the time that quotes take", "what comes back from the field", "the month-end close", "waiting for spare parts")
GOALS = ("fewer returns", "a shorter close", "one price list", "answers within a day", "fewer forms")
ROLES = ("head of operations", "owner", "plant manager", "buyer")


def person(number: int) -> dict[str, str]:
    """The row of somebody, as a CSV file would have it: the same number is the same person."""
    first, last = FIRST_NAMES[number % 10], LAST_NAMES[number // 10 % 10]
    return {
        "email": f"p{number:08d}@firm{number:08d}.example", "first_name": first, "last_name": last, "company": f"Firma {number:08d} & Co",
        "city": CITIES[number % 7], "title": ROLES[number % 4], "challenges": CHALLENGES[number // 4 % 4], "goals": GOALS[number % 5],
        "second_goal": GOALS[(number + 1) % 5], "number": f"{number:08d}",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing(RealClock):
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        """Always the same."""
        return self.at


@dataclass(slots=True, kw_only=True)
class Workspace:
    """A folder with everything that `followupd run` needs."""

    folder: Path
    mailboxes: tuple[str, ...]
    environ: dict[str, str]
    daemons: list[Process] = field(default_factory=list)
    outs: list[IO[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """The config file."""
        return self.folder / "config.yaml"

    @property
    def log(self) -> str:
        """What the daemons have said."""
        return (self.folder / "daemon.log").read_text(encoding="utf-8", errors="replace")

    @contextmanager
    def office(self, clock: RealClock | None = None) -> Iterator[Office]:
        """A look into the store, from outside."""
        office = open_office(self.config, clock or RealClock(), RealDice(), self.environ)
        with closing(office.store):
            yield office

    def start(self, *, profile: Path | None = None, environ: Mapping[str, str] | None = None, memory: bool = True) -> Process:
        """The real daemon. With `profile` it runs under cProfile (`profiled.py`), which writes there when it ends."""
        profile = profile or (Path(named) if (named := os.environ.get("FOLLOWUPD_PROFILE")) else None)
        under = ["-m", "followupd.bench.profiled", str(profile)] if profile else ["-m", "followupd"]
        out = (self.folder / "daemon.log").open("ab")
        self.outs.append(out)
        command = [sys.executable, *under, "--config", str(self.config), "run"]
        process = Process(command, env={**self.environ, **(environ or {})}, cwd=self.folder, out=out, memory=memory)
        self.daemons.append(process)
        return process

    def close(self) -> None:
        """No daemon is left."""
        for process in self.daemons:
            process.kill()
        for out in self.outs:
            out.close()


@contextmanager
def workspace(
    folder: Path, *, smtp: int, imap: int, mailboxes: int = 1, in_flight: int = 8, store: str = "followupd.db", security: str = "none",
    ca_file: Path | None = None,
) -> Iterator[Workspace]:  # fmt: skip
    """Lay out a workspace of so many mailboxes (`rep-001`, ...), each with so many mails in flight at most. Its daemons end with the block.

    `security` and `ca_file` are those of the mail server; its host is `localhost` then, because that is what the certificate says.
    """
    for name in ("cadences", "templates", "content", "inbox", "marks"):
        (folder / name).mkdir(parents=True, mode=0o700)
    names = tuple(f"rep-{number:03d}" for number in range(1, mailboxes + 1))
    host = "127.0.0.1" if security == "none" else "localhost"
    text = CONFIG.format(store=store.replace("+psycopg", ""))
    for number, name in enumerate(names):
        shown = f"{FIRST_NAMES[number % 10]} {LAST_NAMES[number // 10 % 10]}"
        text += MAILBOX.format(name=name, shown=shown, host=host, smtp=smtp, security=security, imap=imap, in_flight=in_flight)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    steps = STEPS.format(cadence=CADENCE, mailboxes=", ".join(names))
    (folder / "cadences" / f"{CADENCE}.yaml").write_text(steps, encoding="utf-8")
    (folder / "templates" / "first-word.md").write_text(FIRST_WORD, encoding="utf-8")
    (folder / "templates" / "second-word.md").write_text(SECOND_WORD, encoding="utf-8")
    environ = {**os.environ, "BENCH_PASSWORD": "secret", "RUNTIME_DIRECTORY": str(folder / "marks")}
    if ca_file is not None:
        environ["SSL_CERT_FILE"] = str(ca_file)
    found = Workspace(folder=folder, mailboxes=names, environ=environ)
    try:
        yield found
    finally:
        found.close()


# -- people --------------------------------------------------------------------------------------

BATCH = 5_000
"""People in one transaction."""

SEED = 7


def fill(
    place: Workspace,
    count: int,
    *,
    due: datetime | None = None,
    over: timedelta = timedelta(hours=1),
    first: int = 0,
    lean: bool = False,
) -> list[str]:
    """Write so many people who have had the first mail; their follow-ups become due in the time `over` that ends at `due` (now), in no order.

    A later call goes on with the number `first`. `lean`, for millions: without their timeline and the bytes of the first mail.
    Returns their addresses. The daemon must not be running.
    """
    spared: tuple[sa.Table, ...] = (schema.event, schema.mail) if lean else ()
    due = due or datetime.now(UTC)
    with place.office(Standing(datetime.now(UTC).replace(microsecond=0) - AGO)) as office:
        store = office.store
        store.own(10.0)
        edition = office.workspace.editions.get(CADENCE)
        if edition is None:
            raise WrongOutcome("\n".join(map(str, office.workspace.problems)))
        office.keep(edition, office.clock.now())
        numbers = range(first, first + count)
        patterns = [_Pattern.of(office, name, number) for name, number in zip(place.mailboxes, numbers, strict=False)]
        dues = random.Random(SEED)

        def moment() -> str:
            return _text(due - over * dues.random())

        for pattern in patterns:
            pattern.move(office, moment())
        rest = numbers[len(patterns) :]
        for start in range(0, len(rest), BATCH):
            with store.writing() as connection:
                few = rest[start : start + BATCH]
                groups = [[number for number in few if number % len(patterns) == place] for place in range(len(patterns))]
                for pattern, group in zip(patterns, groups, strict=True):
                    pattern.write(connection, [(number, moment()) for number in group], spared)
        if office.store.engine.dialect.name == "postgresql":
            with store.writing() as connection:
                connection.exec_driver_sql("ANALYZE")
    return [person(number)["email"] for number in numbers]


def _text(at: datetime) -> str:
    found: Any = schema.Instant().process_bind_param(at, None)  # type: ignore[arg-type]
    return str(found)


@dataclass(slots=True)
class _Words:
    """Everything in the rows about one person that another person has different."""

    address: str
    prospect: str
    enrollment: str
    touches: tuple[str, str]
    message_id: str
    columns: dict[str, str]

    @classmethod
    def of(cls, number: int, key: bytes) -> _Words:
        columns = person(number)
        address = columns["email"]
        enrollment = lifecycle.made_id("enrollment", address, CADENCE)
        first, second = (lifecycle.made_id("touch", enrollment, step) for step in ("first", "second"))
        name = message_id(first, "example.com", key)
        return cls(address, lifecycle.made_id("prospect", address), enrollment, (first, second), name, columns)


class _Pattern:
    """The rows of one person, out of which those of others are made."""

    def __init__(self, mailbox: str, words: _Words, rows: list[tuple[sa.Table, dict[str, Any]]], due: str, key: bytes) -> None:
        self._mailbox, self._words, self._rows, self._due, self._key = mailbox, words, rows, due, key

    @classmethod
    def of(cls, office: Office, mailbox: str, number: int) -> _Pattern:
        """Enroll a person and send the first mail, in every respect but that nothing leaves."""
        words = _Words.of(number, office.store.key())
        claim = _first_mail(office, mailbox, words.columns)
        found = (claim.enrollment.id, claim.touch.id, claim.prospect.id, claim.touch.message_id)
        if found != (words.enrollment, words.touches[0], words.prospect, words.message_id):
            raise WrongOutcome(f"ids are made in another way by now: {found}, expected {words}")
        rows = list(_about(office, words))
        due = next(row["due"] for table, row in rows if table is schema.touch and row["id"] == words.touches[1])
        return cls(mailbox, words, rows, due, office.store.key())

    def move(self, office: Office, due: str) -> None:
        """Give the person themself another due time."""
        with office.store.writing() as connection:
            for table, row in self._rows:
                for name, value in row.items():
                    if value == self._due and self._speaks_of_second(row):
                        keys = [column.name for column in table.primary_key.columns]
                        where = " AND ".join(f"{key} = :{key}" for key in keys)
                        statement = sa.text(f"UPDATE {table.name} SET {name} = :moved WHERE {where}")
                        connection.execute(statement, {key: row[key] for key in keys} | {"moved": due})

    def _speaks_of_second(self, row: Mapping[str, Any]) -> bool:
        return self._words.touches[1] in row.values()

    def write(self, connection: sa.Connection, people: Sequence[tuple[int, str]], spared: Sequence[sa.Table]) -> None:
        """Write the rows of other people."""
        if not people:
            return
        others = [(_Words.of(number, self._key), due) for number, due in people]
        for table, row in self._rows:
            if table in spared:
                continue
            names = [name for name in row if not (table is schema.event and name == "number")]
            values = [_copies(row[name], self._replacing(row), others) for name in names]
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            quoted = ", ".join(f'"{name}"' for name in names)
            statement = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join([mark] * len(names))})'
            connection.exec_driver_sql(statement, list(zip(*values, strict=True)))

    def _replacing(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What stands for the person in a row, and how to get the same of another person."""
        own = self._words
        found: dict[str, Any] = {
            own.message_id: lambda words, _: words.message_id, own.address: lambda words, _: words.address,
            own.prospect: lambda words, _: words.prospect, own.enrollment: lambda words, _: words.enrollment,
            own.touches[0]: lambda words, _: words.touches[0], own.touches[1]: lambda words, _: words.touches[1],
        }  # fmt: skip
        for name, value in own.columns.items():
            found.setdefault(f'"{name}":"{value}"', lambda words, _, name=name: f'"{name}":"{words.columns[name]}"')
        company = own.columns["company"]
        found[company] = lambda words, _: words.columns["company"]
        if self._speaks_of_second(row):
            found[self._due] = lambda _, due: due
        return found


def _copies(value: Any, replacing: dict[str, Any], others: Sequence[tuple[_Words, str]]) -> list[Any]:
    """A value of a row as each of the others has it: cut at what is to be replaced, once for all."""
    raw = value if isinstance(value, bytes) else None
    text = raw.decode("latin-1") if raw is not None else value
    if not isinstance(text, str):
        return [value] * len(others)
    parts = re.split("(" + "|".join(map(re.escape, sorted(replacing, key=len, reverse=True))) + ")", text)
    if len(parts) == 1:
        return [value] * len(others)
    makers = [replacing[part] if place % 2 else part for place, part in enumerate(parts)]
    made = ("".join(one if isinstance(one, str) else one(words, due) for one in makers) for words, due in others)
    return [one.encode("latin-1") for one in made] if raw is not None else list(made)


def _first_mail(office: Office, mailbox: str, columns: dict[str, str]) -> Claim:
    """Through the store's own verbs: enrolled, claimed, past the gate, accepted."""
    store, now = office.store, office.clock.now()
    edition = office.workspace.editions[CADENCE]
    address = columns["email"]
    prospect = Prospect(
        id=lifecycle.made_id("prospect", address), address=address, owner=mailbox,
        columns={name: value for name, value in columns.items() if name != "email"},
    )  # fmt: skip
    start = Start(prospect=prospect, cadence=edition.cadence, mailbox=mailbox, source="bench.csv:2")
    store.apply_one(lifecycle.begin(start, now))
    run = office.dice.token()
    known = office.mailbox(mailbox)
    assert known is not None
    want = Want(mailbox=known, places=1, epoch=store.hold_mailbox(mailbox, run))
    hand = Hand(
        run=run, lease=now + timedelta(minutes=5), key=store.key(), token=office.dice.token, fraction=office.dice.fraction
    )
    (claim,) = store.claim_due(now, [want], hand)
    world = cast("World", SimpleNamespace(office=office, key=store.key()))  # all of it that is asked for
    ready = prepare(dispatch.occasion_of(world, claim, edition))
    assert isinstance(ready, Ready)
    written = ready.content
    assert isinstance(written, Written)
    passed = store.gate(
        claim, now, timedelta(seconds=30), subject=written.subject, opens=written.opens, text=written.rendered.text, raw=written.raw,
        looked=now,
    )  # fmt: skip
    assert passed
    change = lifecycle.after_delivery(
        claim.touch, claim.enrollment, edition.cadence, claim.prospect, Accepted(250, "2.0.0 Ok"), Moment(now=now)
    )
    store.apply_one(change + Change(mails=(MailFact(touch=claim.touch.id, left=now),)))
    return claim


def _about(office: Office, words: _Words) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Every row of the store that speaks of a person, raw, as the database has it."""
    own = (words.address, words.prospect, words.enrollment, *words.touches)
    with office.store.reading() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').mappings():
                if any(isinstance(value, str) and value in own for value in row.values()):
                    yield table, dict(row)


# -- until it is done ----------------------------------------------------------------------------

LEFT = sa.text(
    "SELECT 1 FROM touch WHERE touch.mailbox IN :mailboxes AND touch.state = 'scheduled' AND touch.live AND touch.due <= :now "
    "UNION ALL SELECT 1 FROM touch WHERE touch.state = 'sending' LIMIT 1"
).bindparams(sa.bindparam("mailboxes", expanding=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a daemon took until everything due was settled, counted from its start."""

    seconds: float
    cpu: float
    memory_mb: float


def send_all(place: Workspace, expected: int, *, timeout: float = 900.0, profile: Path | None = None) -> Sent:
    """Start the daemon, wait until nothing is due or in flight any more, stop it; check that the store says so of each touch.

    Raises WrongOutcome, with the daemon's last words.
    """
    with place.office() as office:
        process = place.start(profile=profile)
        seconds = until_settled(office, process, expected, timeout=timeout)
        cpu, memory = process.cpu(), process.memory_mb
        code = process.stop()
        if code:
            raise WrongOutcome(f"the daemon ended with exit code {code}:\n{place.log[-2000:]}")
        check_sent(office, expected)
    return Sent(seconds=seconds, cpu=cpu, memory_mb=memory)


def until_settled(office: Office, process: Process, expected: int, *, timeout: float = 900.0, look: float = 0.02) -> float:
    """Seconds from the daemon's start until nothing is due or in flight. `look`: how often that is asked; each time costs the database something."""
    end, mailboxes = process.began + timeout, list(office.config.mailboxes)
    while process.running and time.monotonic() < end:
        with office.store.reading() as connection:
            left = connection.execute(LEFT, {"mailboxes": mailboxes, "now": _text(datetime.now(UTC))}).first()
        now = time.monotonic()
        if left is None:
            return now - process.began
        time.sleep(look)
    raise WrongOutcome(f"of {expected} mails not all were sent: the daemon {'is too slow' if process.running else 'has ended'}")


def check_sent(office: Office, expected: int, *, position: int = 1) -> None:
    """Each touch of a step is SENT, and there are so many of them; or WrongOutcome."""
    counted = sa.text("SELECT state, count(*) AS counted FROM touch WHERE position = :position GROUP BY state")
    with office.store.reading() as connection:
        states = {row.state: row.counted for row in connection.execute(counted, {"position": position})}
    if states != {"sent": expected}:
        raise WrongOutcome(f"expected {expected} mails sent; the store says {states}")
