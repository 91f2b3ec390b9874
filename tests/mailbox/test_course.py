"""`listen.follow` against servers that fail: how often it knocks, what holds the sends, who is told, and that it heals."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from followupd import daemon, listen
from followupd.clock import SeededDice
from followupd.core.model import Cursor
from followupd.mailbox import IDLE_LIMIT, Arrivals, ImapAccount, Inbox
from followupd.office import open_office
from followupd.simulation.surroundings import InProcess
from followupd.world import World
from tests.faults import Toll
from tests.mailbox.scripted import HANG_UP, Scripted, fetched, scripted

pytestmark = pytest.mark.slow

START = datetime(2026, 7, 17, 12, 0, tzinfo=UTC)
CONFIG = """\
store: followupd.db
company: {{name: Example Ltd, postal_address: "1 Main Street, Springfield"}}
defaults: {{window: "mon-fri 09:00-17:00", holidays: none}}
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {{host: 127.0.0.1, port: 9, security: none}}
    imap: {{host: 127.0.0.1, port: {port}, security: none}}
    auth: {{user: dana, password: {{env: DANA}}}}
"""


class RestingClock:
    """The machine's clock, and every rest before an attempt is over at once."""

    speed = 1.0

    def __init__(self) -> None:
        self._begun, self.rested = time.monotonic(), 0.0

    def steady(self) -> float:
        return time.monotonic() - self._begun + self.rested

    def ahead(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.steady())


class Watcher:
    """One mailbox at a scripted server, watched by the real thing."""

    def __init__(self, world: World, clock: RestingClock) -> None:
        self.world, self.clock, self.reads = world, clock, 0
        self.watch, self.trouble = world.watches["dana"], "not read yet"

    async def follow(self, *, hours: float = 1.0, reads: int = 1000) -> None:
        """Watch until so much time has passed, or the mailbox has been read so often."""
        self.world.closing.clear()
        self.end, self.reads, self.most = self.clock.steady() + hours * 3600, 0, reads
        async with asyncio.timeout(60):
            await listen.follow(self.world, "dana")

    @property
    def readable(self) -> bool:
        return not self.trouble

    @property
    def alarms(self) -> list[str]:
        return [alarm.key for alarm in self.world.office.store.alarms_up()]


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with scripted() as script:
        yield script


@pytest.fixture
async def watcher(server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watcher]:
    """A mailbox at the scripted server; nobody is waited for longer than 0.3 s."""
    for name in ("cadences", "templates", "content", "inbox", "run"):
        (tmp_path / name).mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG.format(port=server.port))
    environ, clock = {"DANA": "s3cret", "RUNTIME_DIRECTORY": str(tmp_path / "run")}, RestingClock()
    office = open_office(tmp_path / "config.yaml", clock, SeededDice(1), environ)  # type: ignore[arg-type]
    world = daemon.build(office, environ).world
    account = ImapAccount(host="127.0.0.1", port=server.port, security="none", user="dana", password=lambda: "s3cret")
    world.inboxes = {"dana": Inbox(account, world.imap_pool, read_limit=1.0, connect_limit=1.0)}
    world.reader = InProcess()
    found = Watcher(world, clock)
    world.epochs["dana"] = 1
    read, lost = found.watch.read, found.watch.lost

    async def rest(_world: World, seconds: float, *_sooner: asyncio.Event) -> None:
        clock.rested += seconds
        if clock.steady() >= found.end:
            world.closing.set()
        await asyncio.sleep(0)

    async def counted(began: float) -> None:
        await read(began)
        found.trouble = found.watch.trouble
        found.reads += 1
        if found.reads >= found.most:
            world.closing.set()

    async def noted(reason: str) -> None:
        await lost(reason)
        if not world.closing.is_set():
            found.trouble = reason

    monkeypatch.setattr(listen, "_rest", rest)
    monkeypatch.setattr(found.watch, "lost", noted)
    monkeypatch.setattr(found.watch, "read", counted)
    monkeypatch.setattr(listen, "IDLE_SECONDS", 0.01)
    writer = asyncio.create_task(world.writer.run())
    yield found
    writer.cancel()
    world.marks.close()
    world.pool.shutdown()
    world.imap_pool.shutdown()
    office.store.close()


@pytest.mark.fault("F46")
@pytest.mark.parametrize("verb", ["CAPABILITY", "AUTHENTICATE", "PASSWORD", "LIST", "EXAMINE", "SEARCH", "FETCH", "IDLE", "DONE"])
async def test_a_verb_that_fails(server: Scripted, watcher: Watcher, toll: Toll, verb: str) -> None:
    """A server that fails at one verb hears from us at most 30 times in an hour; while it fails nothing may leave; then all is well."""
    answers = (HANG_UP, "* BYE going down\r\n{tag} NO\r\n", "{tag} NO not today\r\n", "{tag} BAD what\r\n")
    for mails, answer in enumerate(answers, 3):
        server.folder(next_uid=mails)
        good, server.says[verb] = server.says[verb], answer
        before = server.connections
        await watcher.follow(reads=60)
        failed = server.connections - before
        assert 1 <= failed <= 30
        assert not watcher.readable
        assert [key for key in watcher.alarms if not key.startswith("unread")] == []
        before, server.says[verb] = server.connections, good
        await watcher.follow(reads=1)
        assert watcher.readable
        assert server.connections == before + 1
        assert watcher.alarms == []
        toll(injected=failed)


@pytest.mark.fault("F57")
async def test_wrong_password(server: Scripted, watcher: Watcher, toll: Toll) -> None:
    """A refused login is tried once, then after 15 minutes, and at most 4 times in an hour; people hear of it at once, and once."""
    good, server.says["PASSWORD"] = server.says["PASSWORD"], "{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"
    await watcher.follow(hours=0.1)
    assert server.connections == 1
    assert watcher.alarms == ["unread:dana"]
    await watcher.follow(hours=0.5)
    tried, server.says["PASSWORD"] = server.connections, good
    assert tried <= 4
    await watcher.follow(hours=24, reads=1)
    assert watcher.alarms == []
    toll(injected=tried)


@pytest.mark.parametrize(
    "greeting",
    ["* BYE [UNAVAILABLE] Too many simultaneous connections\r\n", "* BYE Too many connections, try again later\r\n"],
)
async def test_throttled(server: Scripted, watcher: Watcher, greeting: str) -> None:
    """A server that has too many connections is given rest: a minute first, then up to a quarter of an hour."""
    good, server.greeting = server.greeting, greeting
    await watcher.follow(hours=1.5)
    assert 3 <= server.connections <= 10
    assert watcher.alarms == ["unread:dana"]
    server.greeting = good
    await watcher.follow(reads=1)
    assert watcher.alarms == []


@pytest.mark.fault("F43")
async def test_told_once_after_an_hour(server: Scripted, watcher: Watcher, toll: Toll) -> None:
    """A mailbox that can't be read is an alarm after an hour, not before; it stays one, and is over by itself."""
    server.greeting = "* BYE\r\n"
    await watcher.follow(hours=0.9)
    assert watcher.alarms == []
    await watcher.follow(hours=2)
    (alarm,) = watcher.world.office.store.alarms_up()
    assert (alarm.key, alarm.mailbox) == ("unread:dana", "dana")
    server.greeting = "* OK\r\n"
    await watcher.follow(reads=1)
    assert watcher.alarms == []
    toll(injected=server.connections - 1)


@pytest.mark.fault("F45")
async def test_server_that_never_pushes(server: Scripted, watcher: Watcher, toll: Toll) -> None:
    """A server that takes IDLE and never says a word: the mail is found when the wait is over, which is after 5 minutes at most."""
    server.folder(next_uid=4)
    await watcher.follow(reads=2)
    server.folder(next_uid=6)
    before = server.heard.count("DONE")
    await watcher.follow(reads=3)
    cursor = watcher.world.office.store.cursors("dana")["INBOX"]
    assert cursor.uid == 5
    assert server.heard.count("DONE") > before
    assert not any("EXISTS" in line for line in server.heard)
    toll()


def test_poll_and_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is read every 5 minutes whatever the server says, and no IDLE lasts longer than 9."""
    monkeypatch.undo()
    assert listen.IDLE_SECONDS <= 300
    assert IDLE_LIMIT <= 540


@pytest.mark.fault("F49")
async def test_numbers_go_back(server: Scripted, watcher: Watcher, toll: Toll) -> None:
    """A server that counts from anew without saying so: nothing leaves, people are told at once, and it heals when the server does."""
    server.folder(next_uid=6)
    await watcher.follow(reads=1)
    server.folder(next_uid=3)
    await watcher.follow(hours=1)
    assert "without a new UIDVALIDITY" in watcher.trouble
    assert watcher.alarms == ["unread:dana"]
    assert server.connections <= 10
    server.folder(next_uid=3, uidvalidity=8)
    await watcher.follow(reads=1)
    assert watcher.readable
    assert watcher.alarms == []
    toll()


@pytest.mark.fault("F55")
async def test_full_mailbox(server: Scripted, watcher: Watcher, toll: Toll) -> None:
    """A mailbox over its quota can be read, but answers can't arrive: its sends are held and people are told, until there is room."""
    server.says["CAPABILITY"] = "* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE QUOTA\r\n{tag} OK done\r\n"
    roots = '* QUOTAROOT INBOX "User quota"\r\n* QUOTA "User quota" (STORAGE {used} 1000 MESSAGE 5 10)\r\n{{tag}} OK done\r\n'
    server.says["GETQUOTAROOT"] = roots.format(used=1001)
    await watcher.follow(reads=2)
    assert "full (100% of its storage)" in watcher.trouble
    assert not watcher.readable
    assert watcher.alarms == ["full:dana"]
    server.says["GETQUOTAROOT"] = roots.format(used=500)
    await watcher.follow(reads=2)
    assert watcher.readable
    assert watcher.alarms == []
    toll()


@contextlib.contextmanager
def memory(limit: float) -> Iterator[None]:
    """The most that this process ever held grows by less than so many MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < limit, f"grown by {grown:.0f} MB"


HOSTILE = {
    "literal of 4 GB": "* 4 FETCH (UID 4 BODY[]<0> {4000000000}\r\n",
    "nested body structure": "* 4 FETCH (UID 4 BODYSTRUCTURE " + "(" * 100_000 + ")\r\n{tag} OK done\r\n",
    "endless line": "* 4 FETCH (UID 4 X " + "x" * 20_000_000 + "\r\n{tag} OK done\r\n",
    "untagged answers": "* 4 FETCH (UID 4 FLAGS ())\r\n" * 20_000 + "* 4 FETCH (UID 4 FLAGS\r\n{tag} OK done\r\n",
    "hangs up": HANG_UP,
    "not IMAP": "* 4 FETCH )(\r\n{tag} OK done\r\n",
}


@pytest.mark.fault("F56")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_mail_that_breaks_the_link(server: Scripted, watcher: Watcher, toll: Toll, name: str) -> None:
    """One mail whose answer breaks the connection each time: found out, passed over and shown to a human; the others are read. Memory is bounded."""
    server.folder(next_uid=7)
    server.says["FETCH"] = HOSTILE[name]
    for uid in (1, 2, 3, 5, 6):
        server.says[f"FETCH {uid}"] = fetched(uid) + "{tag} OK done\r\n"
    with memory(150):
        await watcher.follow(reads=1)
    assert watcher.readable
    assert watcher.alarms == ["mail:dana:INBOX:7:4"]
    assert watcher.world.office.store.cursors("dana")["INBOX"].uid == 6
    assert server.connections <= 6  # once all together, once alone, three times its header
    toll(injected=server.connections)


@pytest.mark.fault("F56")
@pytest.mark.parametrize("name", ["literal of 4 GB", "hangs up", "refused"])
async def test_its_header_counts(server: Scripted, watcher: Watcher, toll: Toll, name: str) -> None:
    """Of a mail whose body can't be had the header is taken, so whose answer it is still shows; and a human is asked to read it."""
    server.folder(next_uid=5)
    server.says["FETCH"] = server.says["FETCH 4"] = HOSTILE.get(name, "{tag} NO [SERVERBUG] not this one\r\n")
    server.says["HEADERS 4"] = fetched(4, b"From: ann@customer.test\r\n") + "{tag} OK done\r\n"
    for uid in (1, 2, 3):
        server.says[f"FETCH {uid}"] = fetched(uid) + "{tag} OK done\r\n"
    seen = []
    inbox = watcher.world.inboxes["dana"]
    arrivals = inbox.arrivals

    async def kept(folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        read = await arrivals(folder, cursor, since)
        seen.extend(read.mails)
        return read

    inbox.arrivals = kept  # type: ignore[method-assign]
    await watcher.follow(reads=1)
    assert [(one.uid, b"From: ann@customer.test" in one.raw) for one in seen] == [(uid, True) for uid in (1, 2, 3, 4)]
    assert watcher.alarms == ["mail:dana:INBOX:7:4"]
    toll(injected=server.connections)


async def test_no_mail_can_be_had(server: Scripted, watcher: Watcher) -> None:
    """A server that gives no mail at all has a fault of its own: no mail is passed over, whatever it says, and the mailbox counts as unread."""
    server.folder(next_uid=2)
    server.says["FETCH"] = "{tag} NO [SERVERBUG] not this one\r\n"
    await watcher.follow(hours=2)
    assert not watcher.readable
    assert watcher.alarms == ["unread:dana"]
    server.folder(next_uid=2)
    await watcher.follow(reads=1)
    assert watcher.readable
    assert watcher.alarms == []


async def test_flood_of_answers_is_taken(server: Scripted, watcher: Watcher) -> None:
    """100,000 answers that nobody asked for, in a row, fit into the measure and do no harm."""
    server.folder(next_uid=5)
    server.says["EXAMINE"] = "* 4 EXISTS\r\n" * 100_000 + server.says["EXAMINE"]
    with memory(150):
        await watcher.follow(reads=1)
    assert watcher.readable


async def test_asleep(server: Scripted, monkeypatch: pytest.MonkeyPatch, watcher: Watcher) -> None:
    """After the machine slept the old connection is not trusted: a new one is made and the mailbox read before anything leaves."""
    drift = [0.0]
    watcher.world.inboxes["dana"]._drift = lambda: drift[0]  # type: ignore[attr-defined]
    reads = []
    read = watcher.watch.read

    async def sleeps(began: float) -> None:
        await read(began)
        reads.append(server.connections)
        drift[0] += 3600.0 if len(reads) == 2 else 0.0

    monkeypatch.setattr(watcher.watch, "read", sleeps)
    await watcher.follow(reads=4)
    assert reads == [1, 1, 2, 2]


async def test_clock_set_a_little(server: Scripted, watcher: Watcher) -> None:
    """A clock that is put right by a few seconds ends no connection."""
    drift = [0.0]
    watcher.world.inboxes["dana"]._drift = lambda: drift[0]  # type: ignore[attr-defined]
    await watcher.follow(reads=1)
    before = server.connections
    drift[0] = 20.0
    await watcher.follow(reads=3)
    assert server.connections == before + 1


async def test_junk_that_comes_to_be(server: Scripted, watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for junk that is made or renamed later is watched without a restart."""
    monkeypatch.setattr("followupd.mailbox.RELIST", 0.0)
    inbox = watcher.world.inboxes["dana"]
    listed = server.says["LIST"]
    rounds: Callable[[float], object] = watcher.watch.read

    async def made(began: float) -> None:
        await rounds(began)  # type: ignore[misc]
        server.says["LIST"] = r'* LIST (\Junk) "/" Spam' + "\r\n" + listed

    monkeypatch.setattr(watcher.watch, "read", made)
    server.says["STATUS"] = "* STATUS Spam (UIDNEXT 1 UIDVALIDITY 7)\r\n{tag} OK done\r\n"
    assert inbox.folders == ("INBOX",)
    await watcher.follow(reads=3)
    assert inbox.folders == ("INBOX", "Spam")
    assert server.connections == 1


async def test_configured_folder_is_gone(server: Scripted, watcher: Watcher) -> None:
    """A folder of the config that the server no longer has: nothing leaves, and people are told at once what to do."""
    account = ImapAccount(
        host="127.0.0.1", port=server.port, security="none", user="dana", password=lambda: "s3cret", folders=("INBOX", "Replies")
    )
    watcher.world.inboxes = {"dana": Inbox(account, watcher.world.imap_pool, read_limit=0.3)}
    server.says['EXAMINE "Replies"'] = "{tag} NO [NONEXISTENT] no such folder\r\n"
    await watcher.follow(hours=0.2)
    assert 'folder "Replies" can\'t be opened' in watcher.trouble
    (alarm,) = watcher.world.office.store.alarms_up()
    assert "correct `folders` or `sent`" in alarm.text
    del server.says['EXAMINE "Replies"']
    server.says["STATUS"] = "* STATUS Replies (UIDNEXT 1 UIDVALIDITY 7)\r\n{tag} OK done\r\n"
    await watcher.follow(reads=1)
    assert watcher.alarms == []
