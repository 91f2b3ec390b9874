"""The stage for plays: the real daemon on real sockets, with a calendar that jumps from one event to the next.

A play is a plain function that reads like a diary:

    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 10:05").reply("ann@p.test", "No thanks.")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no"

Between two lines of a play the daemon stands still. During a line the clock goes on only when the daemon has nothing left to do;
then it jumps to the next moment at which something is due. Nothing here sleeps for luck.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from followupd import daemon, enroll, letters
from followupd.clock import SeededDice
from followupd.core import guards, when
from followupd.core.model import Enrollment, Reply, Task, Touch
from followupd.demo.people import Person
from followupd.demo.script import complaint_mail, original_of, report_mail
from followupd.office import Office, open_office
from followupd.store import schema
from followupd.world import World
from tests.servers import smtp
from tests.servers.smtp import Mail, Script, SmtpServer
from tests.stories.imap_server import ImapServer

Result = TypeVar("Result")

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 1, 20, 0, tzinfo=ZONE).astimezone(UTC)
"""A Sunday evening; the clocks of Berlin go forward on Sunday 29 March."""

LIMIT = 20.0
"""Real seconds that anything may take."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CONFIG = """\
store: followupd.db
company: {{name: Example Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}}
defaults: {{window: "mon-fri 09:00-17:00", holidays: none, timezone: Europe/Berlin}}
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth: {{user: dana, password: {{env: DANA}}}}
    limits: {limits}
    gap: {gap}
{extra}"""

INTRO = """\
cadence: intro
about: Four mails in two weeks, then a last wait.
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: idea, email: idea, after: 3d}
  - {id: proof, email: proof, after: 4d}
  - {id: goodbye, email: goodbye, after: 7d, thread: new}
end: {after: 7d}
"""

TEMPLATES = {
    "hello": ("Hello {{ prospect.first_name }}", "Hello {{ prospect.first_name }}, it was good to meet you."),
    "idea": ("An idea", "Here is an idea for {{ prospect.company }}."),
    "proof": ("A result", "A company like {{ prospect.company }} saved nine days a month."),
    "goodbye": ("Shall I close this?", "If this is not for now, a short no is fine, too."),
}

ANN = "email,cadence,first_name,company\nann@p.test,intro,Ann,Acme\n"
BOB = "email,cadence,first_name,company\nbob@q.test,intro,Bob,Beta\n"


# -- time ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Sleeper:
    until: datetime
    wake: asyncio.Event
    over: asyncio.Event = field(default_factory=asyncio.Event)


class FakeClock:
    """Stands still until it is told what time it is."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._sleepers: list[_Sleeper] = []
        self.news = asyncio.Event()
        self.leapt = 0.0  # seconds by which somebody has set it

    def now(self) -> datetime:
        return self._now

    def steady(self) -> float:
        return time.monotonic()

    def ahead(self) -> float:
        return self.leapt

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        sleeper = _Sleeper(until, wake)
        self._sleepers.append(sleeper)
        self.news.set()
        waits = [asyncio.ensure_future(event.wait()) for event in (wake, sleeper.over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            self._sleepers.remove(sleeper)

    def leap(self, span: timedelta) -> None:
        """Somebody sets it, or the machine wakes from a sleep; who sleeps by it notices soon, as with the real one."""
        self._now += span
        self.leapt += span.total_seconds()
        for one in self._sleepers:
            one.over.set()

    @property
    def at_rest(self) -> bool:
        """Whether the daemon waits for time to pass, and for nothing else."""
        return bool(self._sleepers) and not any(one.over.is_set() or one.wake.is_set() for one in self._sleepers)

    def move(self, to: datetime) -> None:
        """It is `to` now; who waited for it goes to work."""
        self._now = max(self._now, to)
        for one in self._sleepers:
            if one.until <= self._now:
                one.over.set()


# -- the mail server -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Received:
    """A mail that the server has accepted, and when that was in the play."""

    at: datetime
    recipient: str
    message_id: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def when(self) -> str:
        """Such as `Thu 05 Mar 10:05`, in Berlin."""
        return f"{self.at.astimezone(ZONE):%a %d %b %H:%M}"

    def ids(self, header: str) -> list[str]:
        return re.findall(r"<([^>]*)>", str(self.message[header] or ""))


class _Session(smtp._Session):
    """Before it answers a verb it waits for what the play has laid there."""

    async def say(self, verb: str) -> bytes:
        assert isinstance(self.server, Catcher)
        wait = self.server.before.pop(verb, None)
        if wait:
            await wait()
        return await super().say(verb)


class Catcher(SmtpServer):
    """Follows a script, remembers when each mail came, and lets something happen before the next answer to a verb."""

    session: type[smtp._Session] = _Session

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = now
        self.received: list[Received] = []
        self.sent: ImapServer | None = None  # a provider that keeps what it sends, in this mailbox
        self.home: tuple[str, ImapServer] | None = None  # whom a letter reaches here: address and mailbox
        self.renames = False  # and gives it a Message-ID of its own, as Microsoft does
        self.keeping: set[asyncio.Task[int]] = set()
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}

    def says(self, *, drop: str = "", stores: bool = True, **answers: Any) -> None:
        """From now on, these answers; none at all: the usual ones."""
        self.script = Script(answers=answers, drop=frozenset({drop} if drop else ()), stores=stores)
        self._said.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._sessions.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await self.session(self, reader, writer).run()
        self._sessions.discard(task)
        writer.transport.abort()

    def accept(self, mail: Mail) -> None:
        if self.renames:
            new = f"<{len(self.received)}.{self.port}.renamed@prod.outlook.test>".encode()
            raw = mail.raw.replace(
                f"Message-ID: <{mail.message_id}>".encode(),
                b"Message-ID: " + new + f"\r\nX-Microsoft-Original-Message-ID: <{mail.message_id}>".encode(),
            )
            mail = replace(mail, raw=raw, message_id=new.decode().strip("<>"))
        super().accept(mail)
        if self.sent is not None:
            self.put_beside(self.sent, mail.raw)
        if self.home is not None and b"\nX-Followupd-Letter:" in mail.raw and self.home[0] in mail.recipients:
            self.put_beside(self.home[1], mail.raw, "INBOX")
        for recipient in mail.recipients:
            self.received.append(Received(at=self._clock(), recipient=recipient, message_id=mail.message_id, raw=mail.raw))

    def put_beside(self, box: ImapServer, raw: bytes, folder: str = "Sent") -> None:
        """A copy lies in that folder."""
        task = asyncio.ensure_future(box.append(raw, self._clock(), folder))
        self.keeping.add(task)
        task.add_done_callback(self.keeping.discard)


def written_answer(
    mail: Received,
    text: str,
    sender: str,
    at: datetime,
    name: str,
    *,
    automatic: str = "",
    subject: str = "",
    threaded: bool = True,
    brief: bool = False,
) -> bytes:
    """The bytes of an answer, as a mail program writes them; a `brief` one names only the very mail that it answers."""
    asked = mail.subject.removeprefix("Re: ")
    quoted = "".join(f"> {line}\r\n" for line in mail.text.splitlines())
    references = [*([] if brief else mail.ids("References")), mail.message_id]
    writer = str(mail.message["From"])
    head = [
        f"From: <{sender}>", f"To: {writer}", f"Subject: {subject or 'Re: ' + asked}",
        f"Date: {format_datetime(at)}", f"Message-ID: <{name}>",
        *([f"In-Reply-To: <{mail.message_id}>", f"References: {' '.join(f'<{one}>' for one in references)}"] if threaded else []),
        *([f"Auto-Submitted: {automatic}"] if automatic else []),
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
    ]  # fmt: skip
    body = f"{text}\r\n\r\nOn Monday {writer} wrote:\r\n\r\n{quoted}"
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


# -- the stage -----------------------------------------------------------------------------------


class Stage:
    """A workspace, a daemon and a calendar; what mail servers there are, and who writes, is a play's own business."""

    limit = LIMIT

    def __init__(self, folder: Path, runner: asyncio.Runner, clock: FakeClock, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.clock = clock
        self.office: Office
        self.world: World
        self._environ = {"RUNTIME_DIRECTORY": str(folder / "run"), **environ}
        self._runner = runner
        self._unread = False
        self._daemon: asyncio.Task[None] | None = None

    def write(self, name: str, text: str) -> None:
        """A file of the workspace; a running daemon sees it at `reread`."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def reread(self) -> None:
        """The daemon looks at its files, as it does every few seconds."""
        self._run(daemon._reread(self.world))

    def start(self) -> Self:
        """The daemon starts, settles what the last run left, and reads its mailbox."""
        self.office = open_office(self.folder / "config.yaml", self.clock, SeededDice(1), self._environ)
        self._folder = enroll.Folder()

        async def live(ready: asyncio.Future[World], over: asyncio.Event) -> None:
            async with daemon.running(daemon.build(self.office, self._environ)) as world:
                ready.set_result(world)
                await over.wait()

        async def begin() -> None:
            ready: asyncio.Future[World] = asyncio.get_running_loop().create_future()
            self._over = asyncio.Event()
            self._daemon = asyncio.create_task(live(ready, self._over))
            await asyncio.wait([self._daemon, ready], return_when=asyncio.FIRST_COMPLETED)
            self._check_alive()
            self.world = ready.result()

        self._run(begin())
        return self

    def stop(self) -> Self:
        """The daemon is told to stop, and does."""
        daemon_task, self._daemon = self._daemon, None

        async def end() -> None:
            self._over.set()
            if daemon_task:
                async with asyncio.timeout(self.limit):
                    await daemon_task

        try:
            self._runner.run(end())
        finally:
            self.office.store.close()
        return self

    async def _watch(self, condition: Callable[[Any], bool], mailbox: str = "") -> None:
        """Until it is so of the watch over this mailbox, or over the first one."""
        watch = self.world.watches[mailbox or next(iter(self.world.watches))]
        async with asyncio.timeout(self.limit), watch._news:
            await watch._news.wait_for(lambda: condition(watch))

    # -- time

    def at(self, moment: str) -> Self:
        """The next such moment in Berlin, such as `thu 10:05`."""
        day, _, clock = moment.partition(" ")
        hour, minute = map(int, clock.split(":"))
        local = self.clock.now().astimezone(ZONE)
        wanted = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        wanted += timedelta(days=(DAYS.index(day) - wanted.weekday()) % 7)
        if wanted < local:
            wanted += timedelta(days=7)
        return self._until(wanted.astimezone(UTC))

    def run_until(self, span: str) -> Self:
        """So much later, such as `+30d`."""
        return self._until(self.clock.now() + timedelta(seconds=when.seconds(when.parse_delay(span.removeprefix("+")))))

    def _until(self, target: datetime) -> Self:
        async def walk() -> None:
            if flights := self._flights():  # begun since the last verb, by a mailbox that can be read again, say
                await asyncio.wait(flights)
            while self.clock.now() < target:
                moment = min(target, self._next_moment()) if self._daemon else target
                await self._comes(moment)
                self.clock.move(moment)
                await self._rest()

        self._run(walk())
        return self

    async def _comes(self, moment: datetime) -> None:
        """What the world outside does up to this moment, before the daemon notices that it has come."""

    def _next_moment(self) -> datetime:
        """When something is to happen next: a touch, the end of a pause or of a deadline, room in the mailbox."""
        now, touch, enrollment, task = self.clock.now(), schema.touch.c, schema.enrollment.c, schema.task.c
        questions = (
            sa.select(sa.func.min(touch.due)).where(schema.DUE, touch.due > now),
            sa.select(sa.func.min(touch.due)).where(schema.IN_HAND, touch.due > now),
            sa.select(sa.func.min(touch.deadline)).where(schema.WITH_DEADLINE, touch.deadline > now),
            sa.select(sa.func.min(task.remind)).where(schema.TO_REMIND, task.remind > now),
            sa.select(sa.func.min(task.escalate)).where(schema.TO_ESCALATE, task.escalate > now),
            sa.select(sa.func.min(enrollment.until)).where(enrollment.until > now, enrollment.state != "finished"),
            sa.select(sa.func.min(schema.letter.c.due)).where(schema.LETTER_DUE, schema.letter.c.due > now),
            sa.select(sa.func.min(schema.round_.c.due)).where(schema.round_.c.due > now),
        )
        unproved = sa.select(sa.func.min(schema.letter_answer.c.received)).where(schema.letter_answer.c.state == "waiting")
        with self.office.store._transaction() as connection:
            found = [at for question in questions if (at := connection.execute(question).scalar())]
            proof = connection.execute(unproved).scalar()
            waiting = connection.execute(sa.select(touch.mailbox).distinct().where(schema.DUE, touch.due <= now)).scalars().all()
        found += [self._room(mailbox, now) for mailbox in waiting]
        found += [proof + letters.QUIET + timedelta(seconds=1)] if proof and proof + letters.QUIET > now else []
        return min(found, default=datetime.max.replace(tzinfo=UTC))

    def switches(self) -> set[str]:
        return {one.scope for one in self.office.store.switches()}

    def _room(self, mailbox: str, now: datetime) -> datetime:
        """When something that waits may leave: it is held up by a cap, a rest, a switch; or nobody has told the daemon yet."""
        store, caps = self.office.store, self.office.config.mailbox(mailbox).caps
        asks = self.office.store.sent_keeping(mailbox).reconcile is not None
        if self.switches() or not self.world.watches[mailbox].readable or self.world.unfit or asks:
            return now + timedelta(hours=1)
        room = guards.next_room(store.usage(mailbox, now), store.domain_usage(mailbox, now), caps, now)
        return max(room or now, now + timedelta(seconds=1))

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        async def whole() -> Result:
            found = await work
            await self._rest()
            return found

        return self._runner.run(whole())

    async def _rest(self) -> None:
        """Nothing is in flight, every answer is read, and the daemon waits for time to pass."""
        try:
            async with asyncio.timeout(self.limit):
                while self._daemon and not await self._resting():
                    self._check_alive()
        except TimeoutError:
            raise AssertionError(f"the daemon did not come to rest within {self.limit:g} s") from None

    def _on_the_way(self) -> set[asyncio.Task[int]]:
        """Mails that the world outside has taken and not yet laid into a mailbox."""
        return set()

    @staticmethod
    def _flights() -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if task.get_name().startswith(("touch ", "letter "))]

    async def _resting(self) -> bool:
        if on_the_way := self._on_the_way():
            await asyncio.wait(on_the_way)
            return False
        self.clock.news.clear()
        if not self.clock.at_rest:
            news = asyncio.ensure_future(self.clock.news.wait())
            await asyncio.wait([news, *([self._daemon] if self._daemon else [])], return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            return False
        if flights := self._flights():
            await asyncio.wait(flights)
            return False
        for name, watch in self.world.watches.items():
            if watch.trouble == "not read yet":
                await self._watch(lambda one: one.trouble != "not read yet", name)
                return False
        readable = [watch for watch in self.world.watches.values() if watch.readable]
        if readable and (self._unread or self.world.leapt is not None):
            unread = [await watch.look(self.limit) for watch in readable]
            self._unread = self._unread and any(unread)
            return False
        return True

    def _check_alive(self) -> None:
        if self._daemon is not None and self._daemon.done():
            self._daemon.result()
            raise AssertionError("the daemon has ended")

    def drop_csv(self, text: str, name: str = "list.csv") -> list[dict[str, str]]:
        """A rep saves a file into the inbox; its receipt, row by row."""
        self.write(f"inbox/{name}", text)

        async def two_looks() -> None:
            for _ in range(2):
                await daemon._scan(self.world, self._folder)

        self._run(two_looks())
        receipt = self.folder / "inbox" / f"{name.rpartition('.')[0]}.receipt.csv"
        return list(csv.DictReader(receipt.read_text(encoding="utf-8-sig").splitlines()))


# -- the play ------------------------------------------------------------------------------------


class Play(Stage):
    """One play: one mailbox, its two mail servers, and the people who answer."""

    def __init__(
        self,
        folder: Path,
        runner: asyncio.Runner,
        *,
        cadences: Mapping[str, str] | None = None,
        limits: str = "",
        gap: str = "0s",
        extra: str = "",
        settings: str = "",
        keeps: bool = False,
        renames: bool = False,
    ) -> None:
        super().__init__(folder, runner, FakeClock(START), {"DANA": "secret"})
        self.server = Catcher(self.clock.now)
        self.imap = ImapServer("dana", "secret")
        self.server.home = "dana@example.com", self.imap
        self.server.sent, self.server.renames = (self.imap if keeps else None), renames
        self._extra = "".join(f"    {line}\n" for line in extra.splitlines()) + settings  # of the mailbox; and of the whole
        self._number = 0
        self._runner.run(self._open_servers())
        self._write_workspace(cadences or {"intro": INTRO}, limits, gap)
        self.start()

    # -- setting

    async def _open_servers(self) -> None:
        await self.imap.start()
        await self.server.__aenter__()

    def _write_workspace(self, cadences: Mapping[str, str], limits: str, gap: str) -> None:
        for name in ("cadences", "templates", "templates/tasks", "content", "inbox", "run"):
            (self.folder / name).mkdir(mode=0o700)
        usual = "{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 4}"
        self.write(
            "config.yaml",
            CONFIG.format(smtp=self.server.port, imap=self.imap.port, limits=limits or usual, gap=gap, extra=self._extra),
        )
        for name, text in cadences.items():
            self.write(f"cadences/{name}.yaml", text)
        for name, (subject, body) in TEMPLATES.items():
            self.write(f"templates/{name}.md", f'---\nsubject: "{subject}"\n---\n{body}\n')
        self.write("templates/tasks/call.md", "---\ntitle: Call {{ prospect.first_name }}\n---\nAsk how the pilot went.\n")

    def close(self) -> None:
        """The end of the play."""

        async def servers() -> None:
            await self.imap.stop()
            await self.server.__aexit__()

        try:
            if self._daemon is not None:
                self.stop()
        finally:
            self._runner.run(servers())

    def mailbox_down(self) -> Self:
        """The IMAP server can't be reached any more."""

        async def cut() -> None:
            self.imap.up = False
            self.imap.hang_up()
            await self._watch(lambda watch: not watch.readable)

        self._run(cut())
        return self

    def lose_mailbox_now(self) -> None:
        """The same from within a verb of the mail server."""
        self.imap.up = False
        self.imap.hang_up()

    def mailbox_up(self) -> Self:
        """The IMAP server is back, and the daemon has found it."""

        async def mend() -> None:
            self.imap.up = True
            await self._watch(lambda watch: watch.readable)

        self._run(mend())
        return self

    def _on_the_way(self) -> set[asyncio.Task[int]]:
        return set(self.server.keeping)

    # -- what people do

    def reply(
        self, address: str, text: str, *, sender: str = "", automatic: str = "", subject: str = "", to: int = -1, threaded: bool = True,
        message_id: str = "",
    ) -> str:  # fmt: skip
        """An answer to a mail that `address` has received (the last one, or the one with that number); its Message-ID."""
        raw = self.answer_to(self.mails(address)[to], text, sender or address, automatic, subject, message_id, threaded=threaded)
        self.post(raw)
        return str(message_from_bytes(raw)["Message-ID"]).strip("<>")

    def answer_to(
        self,
        mail: Received,
        text: str,
        sender: str,
        automatic: str = "",
        subject: str = "",
        message_id: str = "",
        *,
        threaded: bool = True,
    ) -> bytes:
        """The bytes of an answer to Dana."""
        self._number += 1
        name = message_id or f"answer-{self._number}@{sender.rpartition('@')[2]}"
        return written_answer(mail, text, sender, self.clock.now(), name, automatic=automatic, subject=subject, threaded=threaded)

    def bounce(self, address: str, kind: str, *, forged: bool = False) -> None:
        """A delivery report for the last mail to `address`: hard, soft or blocked. A forged one names no mail of ours."""
        original = original_of(self.mails(address)[-1].raw)
        if forged:
            original = replace(original, message_id="t.madeup.0123456789abcdef0123456789abcdef@example.com")
        self.post(report_mail(Person(address=address, bounces=kind), original, self.clock.now()))

    def complain(self, address: str) -> None:
        """The provider says that `address` has pressed the spam button."""
        self.post(complaint_mail(Person(address=address), original_of(self.mails(address)[-1].raw), self.clock.now()))

    def post(self, raw: bytes) -> None:
        """Any mail into Dana's inbox; a running daemon has read it when this returns."""
        self._unread = True
        self._run(self.imap.append(raw, self.clock.now()))

    def posts_before(self, verb: str, raw: bytes) -> None:
        """The same at the moment before the mail server answers this verb."""

        async def post() -> None:
            self._unread = True
            await self.imap.append(raw, self.clock.now())

        self.server.before[verb] = post

    def reads_before(self, verb: str) -> None:
        """The daemon reads its mailbox to the end before the mail server answers this verb."""

        async def read() -> None:
            assert await self.world.watches["dana"].look(LIMIT) == ""

        self.server.before[verb] = read

    def look(self) -> Self:
        """The daemon reads its mailbox to the end, Sent included."""

        async def read() -> None:
            assert await self.world.watches["dana"].look(LIMIT) == ""

        self._run(read())
        return self

    def sent_folder(self) -> list[bytes]:
        """The mails in the folder of sent mail."""
        return [raw for _, raw in self._runner.run(self.imap.mails("Sent"))]

    def writes_by_hand(self, address: str, text: str = "A word of my own.", *, answers: str = "") -> None:
        """Dana writes to somebody from her own mail program, which keeps a copy in Sent; perhaps in answer to a mail with this Message-ID."""
        self._number += 1
        head = f"From: Dana Reyes <dana@example.com>\r\nTo: <{address}>\r\nSubject: Hello\r\nMessage-ID: <hand-{self._number}@example.com>"
        head += f"\r\nIn-Reply-To: <{answers}>" if answers else ""
        raw = f"{head}\r\nDate: {format_datetime(self.clock.now())}\r\n\r\n{text}\r\n".encode()
        self._run(self.imap.append(raw, self.clock.now(), "Sent"))

    def letters(self, to: str = "dana@example.com") -> list[Received]:
        """The letters that somebody of ours has had."""
        return [mail for mail in self.mails(to) if mail.message["X-Followupd-Letter"]]

    def answers_letter(
        self, text: str, *, letter: Received | None = None, sender: str = "dana@example.com", sent: bool = True, vouched: str = "",
        automatic: str = "",
    ) -> bytes:  # fmt: skip
        """Dana answers a letter, the last one unless another is given; her own mail program keeps a copy, if it was she (`sent`).

        `vouched` is what her mail server says of the sender (a field Authentication-Results).
        """
        raw = self.answer_to(letter or self.letters()[-1], text, sender, automatic)
        stated = f"Authentication-Results: {vouched}\r\n".encode() if vouched else b""
        if sent:
            self._run(self.imap.append(raw, self.clock.now(), "Sent"))
        self.post(stated + raw)
        return raw

    def happens_before(self, verb: str, deed: Callable[[], object]) -> None:
        """Something is done at the moment before the mail server answers this verb."""

        async def do() -> None:
            deed()

        self.server.before[verb] = do

    # -- what can be seen

    def mails(self, address: str = "") -> list[Received]:
        """What the server has accepted, for one person or for all."""
        return [mail for mail in self.server.received if address in ("", mail.recipient)]

    def expect_mails(self, address: str, subjects: list[str]) -> None:
        """These mails have reached this person, in this order, and no others."""
        assert [mail.subject for mail in self.mails(address)] == subjects, self.diary(address)

    def expect_times(self, address: str, times: list[str]) -> None:
        """The mails to this person came at these moments, by the clocks of Berlin."""
        assert [mail.when for mail in self.mails(address)] == times, self.diary(address)

    def enrollment(self, address: str, cadence: str = "intro") -> Enrollment:
        """Where somebody stands."""
        return next(one for one in self.office.store.person(address)[1] if one.cadence == cadence)

    def state(self, address: str, cadence: str = "intro") -> str:
        return self.enrollment(address, cadence).state.value

    def outcome(self, address: str, cadence: str = "intro") -> str:
        """How it ended; the state of what has not ended."""
        found = self.enrollment(address, cadence)
        return (found.outcome or found.state).value

    def until(self, address: str, cadence: str = "intro") -> str:
        """The end of the pause, or of the last wait, in Berlin."""
        until = self.enrollment(address, cadence).until
        assert until is not None, self.diary(address)
        return f"{until.astimezone(ZONE):%a %d %b %H:%M}"

    def touches(self, address: str, cadence: str = "intro") -> dict[str, Touch]:
        """All touches of an enrollment, by step."""
        return {touch.step: touch for touch in self.office.store.touches(self.enrollment(address, cadence).id)}

    def steps(self, address: str, cadence: str = "intro") -> dict[str, str]:
        """The state of each touch."""
        return {step: touch.state.value for step, touch in self.touches(address, cadence).items()}

    def tasks(self, address: str) -> list[Task]:
        """What the rep is asked to do about this person."""
        return [task for task in self.office.store.tasks() if task.address == address]

    def reviews(self) -> list[Reply]:
        """Replies that wait for a human's word."""
        return list(self.office.store.reviews()[0])

    def doubtful(self) -> list[str]:
        """Touches that may have been sent, or not."""
        return [touch.id for touch, _, _ in self.office.store.reviews()[1]]

    def suppressed(self) -> dict[str, str]:
        """Whom nobody may write to, and why."""
        return {one.key: one.reason for one in self.office.store.suppressions()}

    def diary(self, address: str) -> str:
        """Everything that happened to somebody, for a failing play."""
        lines = [
            f"{event.at.astimezone(ZONE):%a %d %b %H:%M:%S} {event.kind}: {event.text}"
            for event in self.office.store.timeline(address)
        ]
        mails = [f"{mail.when} mail: {mail.subject}" for mail in self.mails(address)]
        return "\n".join(["", *lines, *mails])
