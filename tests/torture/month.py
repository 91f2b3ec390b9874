"""A month at a bad provider: the real daemon, many mailboxes, people who answer, and dice that decide what goes wrong.

The play (`Month`) has everything happen that can happen; the judge (`Judge`) afterwards reads the provider's list of accepted mails, and
knows what was injected. A calendar that jumps: thirty days take as long as the daemon needs to do their work.
"""

from __future__ import annotations

import asyncio
import heapq
import inspect
import itertools
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from followupd import desk
from followupd.core.model import EnrollmentState, ReplyKind
from followupd.evidence import ABSENT
from followupd.files.secret import Secret
from followupd.oauth import grant_of, keep_consent
from followupd.office import open_office
from followupd.store import schema
from tests.servers.provider import CROWDED, Account, Cut, Spell
from tests.servers.tokens import CLIENT, SECRET, Tokens
from tests.stories.stage import INTRO, START, TEMPLATES, ZONE, FakeClock, Received, Stage, written_answer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

CAPS = {"per_minute": 2, "per_hour": 12, "per_day": 30}

HEAD = """\
store: followupd.db
company: {name: Example Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}
defaults: {window: "mon-fri 09:00-17:00", holidays: none, timezone: Europe/Berlin}
mailboxes:
"""
MAILBOX = """\
  {name}:
    address: {name}@example.com
    name: {title} Reyes
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth: {{user: {name}, {auth}}}
    limits: {{per_minute: {per_minute}, per_hour: {per_hour}, per_day: {per_day}, in_flight: {in_flight}}}
    gap: {gap}
    doubtful: {doubtful}
"""
BY_PASSWORD = "password: {env: SECRET}"
BY_TOKEN = "oauth2: {{provider: microsoft, client_id: {client}, client_secret: {{file: secrets/app}}, token_url: {url}/token}}"

OUTSIDE, FIRST_HOUR, LAST_HOUR = (5, 6), 9, 17


class Clock(FakeClock):
    """Tokens age by the steady clock: here it goes with the calendar."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._start = start

    def steady(self) -> float:
        return time.monotonic() + (self.now() - self._start).total_seconds()

    def come(self, moment: datetime) -> None:
        """It is this moment, but nobody has noticed yet."""
        self._now = max(self._now, moment)


# -- people ----------------------------------------------------------------------------------------

SAYINGS = {
    ReplyKind.YES: "Yes, let us talk. Please suggest a time.",
    ReplyKind.NO: "No thanks, we are not interested.",
    ReplyKind.LATER: "Not now, please write again in two weeks.",
    ReplyKind.OUT_OF_OFFICE: "I am out of the office until {back} with no access to email.",
    ReplyKind.UNSUBSCRIBE: "Please unsubscribe me.",
    ReplyKind.ENGAGED: "How much would it cost for 40 people, and does it work with our warehouse software?",
}
FINAL = {ReplyKind.YES: "yes", ReplyKind.NO: "no", ReplyKind.UNSUBSCRIBE: "opted_out"}
"""Answers after which nothing more may come, and the outcome."""


@dataclass(frozen=True)
class Person:
    """Somebody we write to: which of our mails they answer, how, after how long, from where, and where that is filed."""

    address: str
    account: str
    kind: ReplyKind | None = None
    number: int = 0
    delay: timedelta = HOUR
    elsewhere: bool = False
    brief: bool = False
    folder: str = "INBOX"


@dataclass
class Answer:
    """An answer as it was put into the mailbox."""

    person: Person
    at: datetime
    name: str
    silent_until: datetime  # nothing may come before


# -- what goes wrong ---------------------------------------------------------------------------------

Fault = Callable[["Month", Account, datetime], timedelta]
"""Injects, at a time; says how long nothing may be able to leave."""


def _spell(
    name: str, verb: str, text: str, shortest: float, longest: float, *, crowd: bool = False, fresh: bool = False
) -> Fault:
    def inject(month: Month, account: Account, at: datetime) -> timedelta:
        span = HOUR * month.dice.uniform(shortest, longest)
        account.spells = [one for one in account.spells if one.until > at] + [Spell(name, verb, text, at + span, crowd)]
        if fresh:
            account.hang_up()
        return span

    return inject


def _quota(month: Month, account: Account, at: datetime) -> timedelta:
    midnight = (at.astimezone(ZONE) + DAY).replace(hour=0, minute=0, second=0)
    text = "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to"
    account.spells.append(Spell("quota", "DOT", text, midnight))
    return midnight - at


def _cut(verb: str, *, stored: bool = False) -> Fault:
    def inject(month: Month, account: Account, at: datetime) -> timedelta:
        account.cuts[verb].append(Cut(verb, stored))
        if verb in ("BANNER", "AUTH"):
            account.hang_up()
        return 2 * HOUR  # a human or the quiet period may be needed

    return inject


def _imap(verb: str, said: str = "") -> Fault:
    def inject(month: Month, account: Account, at: datetime) -> timedelta:
        account.box.cuts[verb] = said
        month.to_read.add(account.name)
        return MINUTE

    return inject


def _dropped(month: Month, account: Account, at: datetime) -> timedelta:
    account.befallen["imap link dropped in idle"] += 1
    account.box.hang_up()
    return MINUTE


def _bye(month: Month, account: Account, at: datetime) -> timedelta:
    account.befallen["imap bye in idle"] += 1
    account.box.bye("server is going down for maintenance")
    return MINUTE


def _outage(month: Month, account: Account, at: datetime) -> timedelta:
    span = HOUR * month.dice.uniform(0.3, 2)
    account.befallen["imap outage"] += 1
    account.box.up = False
    account.box.hang_up()

    def over() -> None:
        account.box.up = True

    month.later(at + span, over)
    return span


def _expired(month: Month, account: Account, at: datetime) -> timedelta:
    if account.name in month.by_token:
        account.befallen["access token expired"] += 1
        for token in account.shown:
            month.tokens.access.pop(token, None)
        account.shown.clear()
        account.box.bye("AccessTokenExpired")
    return MINUTE


def _renumbered(folder: str) -> Fault:
    def inject(month: Month, account: Account, at: datetime) -> timedelta:
        account.befallen[f"uidvalidity of {folder} changed"] += 1
        month.later(at, lambda: account.box.renumber(folder))
        return MINUTE

    return inject


TOO_MANY = "454 4.7.0 Too many login attempts, please try again later."
FAULTS: Mapping[str, tuple[int, Fault]] = {
    "throttled at login": (2, _spell("throttled at login", "AUTH", TOO_MANY, 0.5, 2.5, fresh=True)),
    "throttled at mail": (2, _spell("throttled at mail", "MAIL", "421 4.7.0 Try again later, closing connection.", 0.3, 2)),
    "throttled at dot": (2, _spell("throttled at dot", "DOT", "421 4.7.0 Temporary System Problem. Try again later", 0.3, 1.5)),
    "quota": (1, _quota),
    "too many connections": (3, _spell("too many connections", "MAIL", CROWDED, 1, 3, crowd=True)),
    **{f"smtp cut at {verb}": (1, _cut(verb)) for verb in ("BANNER", "AUTH", "MAIL", "RCPT", "DATA", "BODY")},
    "smtp cut at DOT stored": (4, _cut("DOT", stored=True)),
    "smtp cut at DOT": (4, _cut("DOT")),
    "imap link dropped in idle": (3, _dropped),
    "imap bye in idle": (2, _bye),
    **{f"imap cut at {verb}": (1, _imap(verb)) for verb in ("EXAMINE", "SEARCH", "FETCH", "IDLE", "LIST")},
    "imap NO at EXAMINE": (1, _imap("EXAMINE", "NO")),
    "imap BAD at EXAMINE": (1, _imap("EXAMINE", "BAD")),
    "imap BYE at SEARCH": (1, _imap("SEARCH", "BYE")),
    "imap outage": (2, _outage),
    "access token expired": (4, _expired),
    "uidvalidity of INBOX changed": (3, _renumbered("INBOX")),
    "uidvalidity of Sent changed": (3, _renumbered("Sent")),
}
"""By the name under which it is counted: how often each comes, in proportion, and what it is."""


# -- the play ----------------------------------------------------------------------------------------


class Month(Stage):
    """Many mailboxes at one provider, for some weeks."""

    limit = 300.0  # of real time, on a machine that has much else to do

    def __init__(
        self,
        folder: Path,
        runner: asyncio.Runner,
        tokens: Tokens,
        *,
        mailboxes: int,
        people: int,
        seed: int = 1,
        cadence: str = INTRO,
    ) -> None:
        clock = Clock(START)
        super().__init__(folder, runner, clock, {"SECRET": "secret"})
        self.calendar, self.tokens, self.dice = clock, tokens, random.Random(seed)
        self.to_read: set[str] = set()
        self.answers: list[Answer] = []
        self.dues: dict[str, datetime] = {}  # when each touch was to leave
        self.outages: defaultdict[str, timedelta] = defaultdict(timedelta)  # the longest that was injected
        self.doubted: dict[str, datetime] = {}  # touches, and since when they are in doubt
        self.settled = Counter[str]()  # doubts that a human has settled
        self.decided = Counter[str]()  # replies that a human has decided
        self.human = Counter[str]()  # what else a human has done
        self._agenda: list[tuple[datetime, int, Callable[[], Any]]] = []
        self._numbers = itertools.count()
        names = [f"rep{number}" for number in range(mailboxes)]
        self.by_token = frozenset(names[1::2])
        self.accounts = {
            name: Account(name, clock.now, renames=number % 4 in (1, 2), good=tokens.good if name in self.by_token else None)
            for number, name in enumerate(names)
        }
        self.people = {one.address: one for name in names for one in (self._person(name, number) for number in range(people))}
        self._runner.run(self._open())
        self._write_workspace(cadence)
        self.start()

    async def _open(self) -> None:
        for number, account in enumerate(self.accounts.values()):
            await account.box.start()
            await account.__aenter__()
            account.lag = (number % 3) * MINUTE
            account.later = self.later
            account.taken = lambda mail, account=account: self._mailed(account, mail)  # type: ignore[misc]
        for person in self.people.values():
            if self.dice.random() < 0.25:
                self.accounts[person.account].greylist.add(person.address)

    def _person(self, account: str, number: int) -> Person:
        dice = self.dice
        kind = dice.choice([*SAYINGS, None, None])
        return Person(
            address=f"ann@company{number}-{account}.test", account=account, kind=kind, number=dice.choice([0, 0, 1, 1, 2]),
            delay=HOUR * dice.choice([0.2, 1, 3, 20, 70]), elsewhere=kind in (ReplyKind.NO, ReplyKind.ENGAGED) and dice.random() < 0.3,
            brief=dice.random() < 0.5, folder=dice.choice(["INBOX"] * 6 + ["Junk", "Archive"]),
        )  # fmt: skip

    def _write_workspace(self, cadence: str) -> None:
        for name in ("cadences", "templates", "content", "inbox", "run", "secrets"):
            (self.folder / name).mkdir(mode=0o700)
        text = HEAD
        for number, (name, account) in enumerate(self.accounts.items()):
            auth = BY_TOKEN.format(client=CLIENT, url=self.tokens.url) if name in self.by_token else BY_PASSWORD
            text += MAILBOX.format(
                name=name, title=name.title(), smtp=account.port, imap=account.box.port, auth=auth, **CAPS,
                in_flight=2 if number % 3 == 0 else 1, gap="0s" if number % 3 == 0 else "20s..2m", doubtful="resend" if number % 2 else "ask",
            )  # fmt: skip
        self.write("config.yaml", text)
        self.write("cadences/intro.yaml", cadence)
        for name, (subject, body) in TEMPLATES.items():
            self.write(f"templates/{name}.md", f'---\nsubject: "{subject}"\n---\n{body}\n')
        self.write("secrets/app", SECRET)
        (self.folder / "secrets/app").chmod(0o600)
        office = open_office(self.folder / "config.yaml", self.clock, None, self._environ)  # type: ignore[arg-type]
        for name in self.by_token:
            grant = grant_of(office.workspace, name)
            assert grant is not None
            keep_consent(grant, Secret(self.tokens.consent()))
        office.store.close()

    def close(self) -> None:
        """The end."""

        async def servers() -> None:
            for account in self.accounts.values():
                await account.box.stop()
                await account.__aexit__()

        try:
            if self._daemon is not None:
                self.stop()
        finally:
            self._runner.run(servers())

    # -- time

    def later(self, at: datetime, deed: Callable[[], Any]) -> None:
        """Something is done at a time; at once if that has come."""
        heapq.heappush(self._agenda, (at, next(self._numbers), deed))

    async def _comes(self, moment: datetime) -> None:
        while self._agenda and self._agenda[0][0] <= moment:
            at, _, deed = heapq.heappop(self._agenda)
            self.calendar.come(at)
            done = deed()
            if inspect.isawaitable(done):
                await done
        self.calendar.come(moment)

    def _next_moment(self) -> datetime:
        self._note_dues()
        found = super()._next_moment()
        return max(self.clock.now(), min(found, self._agenda[0][0])) if self._agenda else found

    def _note_dues(self) -> None:
        touch, enrollment = schema.touch.c, schema.enrollment.c
        question = sa.select(touch.id, touch.due, enrollment.state).join(schema.enrollment, enrollment.id == touch.enrollment)
        with self.office.store._transaction() as connection:
            rows = connection.execute(question.where(touch.state == "scheduled")).all()
            doubts = connection.execute(sa.select(touch.id, touch.mailbox, touch.settled).where(touch.state == "doubtful")).all()
        for name, due, state in rows:
            if state == EnrollmentState.ACTIVE:
                self.dues.setdefault(name, due)
            else:  # somebody else has put it off
                self.dues.pop(name, None)
        for name, mailbox, since in doubts:
            if self.doubted.get(name) != since:
                self.doubted[name] = since
                for minutes in (5, 16, 21):  # an IDLE lasts five minutes; then the mailbox is read
                    self.later(self.clock.now() + minutes * MINUTE, lambda box=mailbox: self.to_read.add(box))  # type: ignore[misc]

    async def _resting(self) -> bool:
        if not await super()._resting():
            return False
        for name, account in self.accounts.items():
            watch = self.world.watches[name]
            if account.box.up and not watch.readable:  # it is sought again at once, and not while the server is down
                watch.mended.set()
                await self._watch(lambda one: one.readable or not one.mended.is_set(), name)
                return False
        for name in list(self.to_read):
            self.to_read.discard(name)
            watch = self.world.watches[name]
            if watch.readable:
                if await watch.look(self.limit):  # it broke over it
                    self.to_read.add(name)
                return False
        return True

    # -- what people do

    def enroll(self, people: Sequence[Person], name: str) -> None:
        """An ops person saves a file for all of them."""
        rows = "".join(f"{one.address},intro,{one.account},Ann,Acme\n" for one in people)
        receipt = self.drop_csv("email,cadence,owner,first_name,company\n" + rows, name)
        assert [row for row in receipt if "accepted" not in row.values()] == []

    def _mailed(self, account: Account, mail: Received) -> None:
        person = self.people.get(mail.recipient)
        if person is None:  # a letter to one of our own
            return
        number = sum(one.recipient == mail.recipient for one in account.received) - 1
        if person.kind is not None and number == person.number:
            at = self.clock.now() + person.delay
            self.later(at, lambda: self._answer(account, person, mail, at))

    async def _answer(self, account: Account, person: Person, mail: Received, at: datetime) -> None:
        assert person.kind is not None
        company = person.address.rpartition("@")[2]
        sender = f"ann@home-of-{company}" if person.elsewhere else person.address  # only what they name shows whose answer it is
        back = at.astimezone(ZONE) + 6 * DAY
        until = {
            ReplyKind.OUT_OF_OFFICE: back.replace(hour=0, minute=0), ReplyKind.LATER: at + 13 * DAY,
        }.get(person.kind, datetime.max.replace(tzinfo=ZONE))  # fmt: skip
        answer = Answer(person, at, f"answer-{next(self._numbers)}@{company}", until)
        self.answers.append(answer)
        automatic = "auto-replied" if person.kind == ReplyKind.OUT_OF_OFFICE else ""
        text = SAYINGS[person.kind].format(back=f"{back:%A %d %B %Y}")
        raw = written_answer(
            mail, text, sender, at, answer.name, automatic=automatic, brief=person.brief,
            subject=f"Automatic reply: {mail.subject}" if automatic else "",
        )  # fmt: skip
        account.befallen[f"filed in {person.folder}"] += person.folder != "INBOX"
        await account.box.append(raw, at, person.folder)
        self.to_read.add(account.name)

    def evening(self) -> None:
        """What the reps do at the end of each day: they decide what is in doubt, and see to who asked something."""
        store, now = self.office.store, self.clock.now()
        replies, doubts = store.reviews()
        planned = {answer.name: answer for answer in self.answers}
        for reply in replies:
            kind = planned[reply.message_id].person.kind
            assert kind is not None
            self.decided[f"{reply.kind} is {kind}"] += 1
            desk.decide(self.office, reply.id, kind, "lee")
        for touch, _, _ in doubts:
            since = touch.settled or now
            if (
                ABSENT in touch.text or now - since > 3 * HOUR
            ):  # no proof of late that the provider keeps copies: they look themselves
                taken = any(touch.id in str(mail.message["X-Followupd-Touch"]) for mail in self.accounts[touch.mailbox].received)
                self.settled["sent" if taken else "again"] += 1
                desk.settle(self.office, touch.id, "sent" if taken else "again", "lee")
        doubtful = {enrollment.id for _, enrollment in store.doubtful()}
        asked = {answer.person.address: answer for answer in self.answers if answer.person.kind == ReplyKind.ENGAGED}
        for address, answer in asked.items():
            enrollment = store.person(address)[1][0]
            if enrollment.state == EnrollmentState.HELD and enrollment.id not in doubtful and answer.at < now - HOUR:
                resumed = answer.person.brief
                self.human["resumed" if resumed else "stopped"] += 1
                (desk.resume(self.office, address) if resumed else desk.stop(self.office, address, "lee"))
                answer.silent_until = now if resumed else answer.silent_until
        self.world.wake.set()

    # -- the month

    def live(self, days: int, *, intake: int, daily: float) -> None:
        """So many days; people are enrolled on the first of them, and on each working day so many faults befall each mailbox."""
        waiting = sorted(self.people.values(), key=lambda one: (one.address.partition("-")[0], one.account))
        share = -(-len(waiting) // intake)
        for day in range(days):
            self._until(self._hour(day, 7))
            if waiting and self._hour(day, 7).astimezone(ZONE).weekday() not in OUTSIDE:
                self.enroll(waiting[:share], f"day{day}.csv")
                waiting = waiting[share:]
            self._roll(day, daily)
            self.later(self._hour(day, 18), self.evening)
        self._until(self._hour(days, 0))

    def _hour(self, day: int, hour: int) -> datetime:
        local = START.astimezone(ZONE) + (day + 1) * DAY
        return local.replace(hour=hour, minute=0, second=0).astimezone(START.tzinfo)

    def _roll(self, day: int, daily: float) -> None:
        for account in self.accounts.values():
            weekend = self._hour(day, 7).astimezone(ZONE).weekday() in OUTSIDE
            count = int(daily * (0.3 if weekend else 1) + self.dice.random())
            for name in self.dice.choices([*FAULTS], [weight for weight, _ in FAULTS.values()], k=count):
                self.plan(name, account.name, day, 8 + self.dice.uniform(0, 9))

    def plan(self, fault: str, mailbox: str, day: int, hour: float) -> None:
        """This goes wrong, there and then."""
        at, account = self._hour(day, 0) + HOUR * hour, self.accounts[mailbox]

        def befall() -> None:
            self.outages[mailbox] = max(self.outages[mailbox], FAULTS[fault][1](self, account, at))

        self.later(at, befall)

    def calm(self, limit: int) -> None:
        """Nothing more goes wrong, and what is under way comes to its end."""
        for account in self.accounts.values():
            account.spells.clear()
            account.cuts.clear()
            account.box.cuts.clear()
        start = (self.clock.now() - START).days
        for day in range(start, start + limit):
            self.later(self._hour(day, 18), self.evening)
            self._until(self._hour(day, 23))
            if not self.office.store.under_way():
                return


# -- the judge ---------------------------------------------------------------------------------------


@dataclass
class Judge:
    """Reads the provider's list, the store and what was injected, and counts."""

    month: Month
    mails: list[Received] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    delays: list[float] = field(default_factory=list)  # hours of open window between due and accepted
    next_day: int = 0  # how many came on the day on which they were due, or on the next working day

    def __post_init__(self) -> None:
        """Count everything."""
        month = self.month
        received = [mail for account in month.accounts.values() for mail in account.received]
        self.mails = [mail for mail in received if mail.message["X-Followupd-Touch"]]
        astray = [mail.recipient for mail in received if mail not in self.mails and not mail.recipient.endswith("@example.com")]
        assert not astray, f"letters to our own people went to {astray}"
        with month.office.store._transaction() as connection:
            self._touches = {row["id"]: row for row in connection.execute(sa.select(schema.touch)).mappings()}
            self._enrollments = {row["id"]: row for row in connection.execute(sa.select(schema.enrollment)).mappings()}
            self._replies = Counter(connection.execute(sa.select(schema.reply.c.message_id)).scalars())
            self._kinds = {
                row[0]: row[1] for row in connection.execute(sa.select(schema.reply.c.message_id, schema.reply.c.kind))
            }
            self._tasks = Counter(
                connection.execute(sa.select(schema.task.c.reply, schema.task.c.kind).where(schema.task.c.reply != "")).all()
            )
        self._of_touches()
        self._of_answers()
        self._of_times()

    def _touch(self, mail: Received) -> str:
        name = str(mail.message["X-Followupd-Touch"]).strip().strip("<>")
        return name.split(".")[1]

    def _of_touches(self) -> None:
        taken = Counter(self._touch(mail) for mail in self.mails)
        self.problems["twice"] += [name for name, count in taken.items() if count > 1]
        for name, row in self._touches.items():
            if row["state"] not in ("sent", "skipped") or (row["state"] == "sent") != bool(taken[name]):
                self.problems["touches lost"].append(
                    f"{row['address']} {row['step']}: {row['state']}, {taken[name]} mails; {row['text']}"
                )
        for row in self._enrollments.values():
            if row["state"] != "finished":
                self.problems["touches lost"].append(f"{row['address']}: {row['state']}")
        enrolled = {row["address"] for row in self._enrollments.values()}
        self.problems["touches lost"] += [address for address in self.month.people if address not in enrolled]

    def _of_answers(self) -> None:
        for answer in self.month.answers:
            person, kind = answer.person, answer.person.kind
            for mail in self.mails:
                if mail.recipient == person.address and answer.at <= mail.at < answer.silent_until:
                    self.problems["after an answer"].append(f"{person.address}: {kind} at {answer.at}, mail at {mail.at}")
            if self._replies[answer.name] != 1 or self._kinds[answer.name] != kind:
                told = f"{self._replies[answer.name]} times, as {self._kinds.get(answer.name)}"
                self.problems["replies lost"].append(f"{person.address}: {kind} in {person.folder} at {answer.at}: {told}")
            outcome = next(row["outcome"] for row in self._enrollments.values() if row["address"] == person.address)
            if kind in FINAL and outcome != FINAL[kind]:
                self.problems["replies lost"].append(f"{person.address}: {kind} at {answer.at}, and the outcome is {outcome}")
        self.problems["replies twice"] += [f"{name}" for name, count in self._tasks.items() if count > 1]

    def _of_times(self) -> None:
        ours = defaultdict[str, list[datetime]](list)
        for mail in self.mails:
            local = mail.at.astimezone(ZONE)
            if local.weekday() in OUTSIDE or not FIRST_HOUR <= local.hour < LAST_HOUR:
                self.problems["outside the window"].append(f"{mail.recipient} at {local}")
            touch = self._touches[self._touch(mail)]
            ours[touch["mailbox"]].append(mail.at)
            due = self.month.dues.get(touch["id"])
            if due is None:
                continue
            late = open_hours(due, mail.at)
            self.delays.append(late)
            days = open_days(due, mail.at)
            self.next_day += days <= 1
            longest = self.month.outages[touch["mailbox"]] / HOUR
            bound = longest + 6 + 8 + 8 * (touch["id"] in self.month.doubted)  # the longest rest, a window; a human's evening
            if late > bound:
                self.problems["too late"].append(
                    f"{mail.recipient}: due {due}, came {mail.at}: {late:.1f} h, at most {bound:.1f}"
                )
        spans = {"per_minute": MINUTE, "per_hour": HOUR, "per_day": DAY}
        for name, times in ours.items():
            times.sort()
            for cap, span in spans.items():
                for first, last in zip(times, times[CAPS[cap] :], strict=False):
                    if last - first < span:
                        self.problems["over a cap"].append(f"{name}: {cap} at {last}")

    def _diaries(self) -> list[str]:
        """What happened to the first few whom something went wrong with."""
        told = dict.fromkeys(
            found for problems in self.problems.values() for text in problems for found in re.findall(r"[\w.]+@[\w.-]+", text)
        )
        lines = list[str]()
        for address in list(told)[:4]:
            lines.append(f"{address}: {self.month.people[address]}")
            lines += [
                f"    {event.at:%a %d %b %H:%M:%S} {event.kind}: {event.text}"
                for event in self.month.office.store.timeline(address)
            ]
            lines += [
                f"    {mail.at:%a %d %b %H:%M:%S} mail: {mail.subject} {mail.message_id}"
                for mail in self.mails
                if mail.recipient == address
            ]
        return lines

    @property
    def befallen(self) -> Counter[str]:
        """Every fault that was really met, by its name."""
        return sum((account.befallen for account in self.month.accounts.values()), Counter[str]())

    def counts(self) -> Mapping[str, int]:
        """For the toll."""
        named = {
            "twice": "twice",
            "after_answer": "after an answer",
            "replies_lost": "replies lost",
            "touches_lost": "touches lost",
        }
        return {name: len(self.problems[problem]) for name, problem in named.items()}

    def shown(self) -> str:
        """The verdict, for people."""
        ordered = sorted(self.delays) or [0.0]
        lines = [
            f"mails {len(self.mails)}, touches {len(self._touches)}, people {len(self.month.people)}, answers {len(self.month.answers)}",
            f"doubtful {len(self.month.doubted)}, settled by a human {dict(self.month.settled)}",
            f"faults {sum(self.befallen.values())}: "
            + ", ".join(f"{name} {count}" for name, count in sorted(self.befallen.items())),
            f"delay in open hours: median {statistics.median(ordered):.2f}, 95 % {ordered[int(len(ordered) * 0.95)]:.2f}, longest {ordered[-1]:.2f}",
            f"on the same or the next working day {self.next_day} of {len(ordered)}",
            f"decided by a human: {dict(self.month.decided)}, {dict(self.month.human)}",
        ]
        for name in (
            "twice",
            "after an answer",
            "replies lost",
            "replies twice",
            "touches lost",
            "outside the window",
            "over a cap",
            "too late",
        ):
            found = self.problems[name]
            lines.append(f"{name} {len(found)}" + "".join(f"\n    {one}" for one in found[:8]))
        return "\n".join([*lines, *self._diaries()])


def open_hours(start: datetime, end: datetime) -> float:
    """Hours of open window between two moments."""
    total, day = timedelta(), start.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= end:
        if day.weekday() not in OUTSIDE:
            opens, closes = day.replace(hour=FIRST_HOUR), day.replace(hour=LAST_HOUR)
            total += max(min(closes, end) - max(opens, start), timedelta())
        day = (day + 1.2 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    return total / HOUR


def open_days(start: datetime, end: datetime) -> int:
    """How many working days later; 0: on the same one (or the one that follows where it was due on a weekend)."""
    first, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    days = [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]
    return sum(day.weekday() not in OUTSIDE for day in days)
