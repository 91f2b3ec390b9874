"""The last look in groups: who shares one, who is hindered, and what it costs where nothing is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd import daemon, listen
from followupd.clock import RealClock, SeededDice
from followupd.core.model import Cursor
from followupd.mailbox import NOTHING, Arrivals, Extent, Heading, ImapAccount, Inbox
from followupd.mailbox.extent import opened, plain_name, told
from followupd.mailbox.headings import Index
from followupd.office import open_office
from followupd.simulation.surroundings import ListedMails
from followupd.world import Question, World
from tests.mailbox.scripted import Scripted, scripted
from tests.mailbox.test_course import CONFIG

NOW = datetime(2026, 7, 17, 12, 0, tzinfo=UTC)


class SlowMails(ListedMails):
    """A mailbox in which a reading waits for a word, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.readings, self.searches, self.reading, self.go_on = 0, 0, asyncio.Event(), asyncio.Event()
        self.idle = asyncio.Event()
        self.go_on.set()

    async def extents(self, after: str = "") -> dict[str, Extent]:
        self.readings += not after
        self.reading.set()
        await self.go_on.wait()
        return await super().extents(after)

    async def find(self, *asked: object, **more: object) -> tuple[Heading, ...]:
        self.searches += 1
        return await super().find(*asked, **more)  # type: ignore[arg-type]

    async def arrivals(self, folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        assert cursor is None or cursor.uid < len(self._mails[folder]), "nothing is new, and it is fetched all the same"
        return await super().arrivals(folder, cursor, since)

    async def wait(self, seconds: float, wake: asyncio.Event, cursor: Cursor | None = None) -> None:
        self.idle.set()
        await wake.wait()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose one mailbox is watched."""
    for name in ("cadences", "templates", "content", "inbox", "run"):
        (tmp_path / name).mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG.format(port=9))
    environ = {"DANA": "s3cret", "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    office = open_office(tmp_path / "config.yaml", RealClock(), SeededDice(1), environ)
    world = daemon.build(office, environ).world
    world.inboxes, world.epochs["dana"] = {"dana": SlowMails()}, 1
    tasks = [asyncio.create_task(world.writer.run()), asyncio.create_task(listen.follow(world, "dana"))]
    async with asyncio.timeout(20):
        while world.watches["dana"].trouble:
            await asyncio.sleep(0.01)
        yield world
    for task in tasks:
        task.cancel()
    await world.reader.close()
    world.marks.close()
    world.pool.shutdown()
    world.imap_pool.shutdown()
    office.store.close()


@pytest.fixture
def mails(world: World) -> SlowMails:
    """What lies in the mailbox; nothing of it has been counted yet."""
    box = world.inboxes["dana"]
    assert isinstance(box, SlowMails)
    box.readings = box.searches = 0
    box.reading.clear()
    return box


def ask(world: World, name: str) -> asyncio.Task[str]:
    """Somebody is about to write to a person."""
    question = Question(f"{name}@acme.test", frozenset({f"to-{name}@example.com"}), NOW - timedelta(days=9), sure=True)
    return asyncio.create_task(world.watches["dana"].ask(question, 10))


async def test_one_look_for_all(world: World, mails: SlowMails) -> None:
    """All who ask before a reading begins share it, and its one search; nothing is fetched where nothing is new."""
    assert await asyncio.gather(*(ask(world, f"p{number}") for number in range(50))) == [""] * 50
    assert (mails.readings, mails.searches) == (1, 1)


async def test_who_comes_too_late(world: World, mails: SlowMails) -> None:
    """A question that comes while a reading is under way is not answered by it, but by the next: that one begins later than the question."""
    mails.go_on.clear()
    first = ask(world, "ann")
    await mails.reading.wait()
    second = ask(world, "bob")
    mails.drop(b"From: bob@acme.test\r\nMessage-ID: <1@acme.test>\r\n\r\nNo thanks.", NOW)
    mails.go_on.set()
    assert await first == ""
    await second
    assert mails.readings == 2
    assert world.watches["dana"].handed == set()  # it was no news to the search: it had been read


async def test_only_whom_it_concerns(world: World, mails: SlowMails) -> None:
    """A mail that nobody has read hinders the one who wrote it, and whoever's mail it names; all others go on. It is read next."""
    mails.drop(b"From: ann@acme.test\r\nMessage-ID: <1@acme.test>\r\n\r\nNo thanks.", NOW)
    mails.drop(b"From: x@y.test\r\nMessage-ID: <2@acme.test>\r\nReferences: <to-bob@example.com>\r\n\r\nNo.", NOW)
    place = {one: Cursor(mailbox="dana", folder=one, uidvalidity=1, uid=2, read=NOW) for one in ("INBOX", "Sent")}
    world.watches["dana"].cursors = {
        **place,
        "Sent": place["Sent"].__class__(mailbox="dana", folder="Sent", uidvalidity=1, uid=0, read=NOW),
    }
    found = await asyncio.gather(*(ask(world, name) for name in ("ann", "bob", "cid")))
    assert found == ["a mail from this person lies in INBOX and is read first"] * 2 + [""]
    assert await asyncio.gather(*(ask(world, name) for name in ("ann", "bob"))) == ["", ""]


async def test_mailbox_that_breaks(world: World, mails: SlowMails) -> None:
    """Where the mailbox can't be read any more, whoever waits hears so at once, and so does whoever asks later."""
    mails.go_on.clear()
    waiting = ask(world, "ann")
    await mails.reading.wait()
    late = ask(world, "bob")
    await asyncio.sleep(0)
    await world.watches["dana"].lost("gone")
    assert [await waiting, await late, await ask(world, "cid")] == ["no last look: gone"] * 3
    mails.go_on.set()


async def test_too_slow(world: World, mails: SlowMails) -> None:
    """A reading that takes too long lets nothing out."""
    mails.go_on.clear()
    question = Question("ann@acme.test", frozenset(), NOW, sure=True)
    assert "could not be read within 0 s" in await world.watches["dana"].ask(question, 0.05)
    mails.go_on.set()


async def test_no_idle_while_mails_are_in_flight(world: World, mails: SlowMails, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is not asked to tell of news while the next look is near: while mails are in flight and the last look is still shared."""
    monkeypatch.setattr(listen, "LINGER", 0.01)
    world.shared_look, world.in_flight["dana"] = 60.0, 1
    await mails.idle.wait()
    mails.idle.clear()
    assert await ask(world, "ann") == ""
    await asyncio.sleep(0.1)
    assert not mails.idle.is_set()
    world.in_flight["dana"] = 0
    async with asyncio.timeout(5):
        await mails.idle.wait()
    world.shared_look, world.in_flight["dana"] = 0.0, 1
    mails.idle.clear()
    assert await ask(world, "bob") == ""
    async with asyncio.timeout(5):
        await mails.idle.wait()


async def test_more_is_asked_for(world: World, mails: SlowMails) -> None:
    """After a mail that was found by asking more is asked for, for a moment: what comes then is read, though nobody tells of it or asks for a look."""
    mails.drop(b"From: news@elsewhere.test\r\nMessage-ID: <1@e.test>\r\n\r\nNews.", NOW)
    assert await ask(world, "ann") == ""
    mails.drop(b"From: news@elsewhere.test\r\nMessage-ID: <2@e.test>\r\n\r\nNews.", NOW)
    cursors = world.watches["dana"].cursors
    assert cursors is not None
    async with asyncio.timeout(5):
        while cursors["INBOX"].uid < 2:
            await asyncio.sleep(0.01)
    assert world.office.store.cursors("dana")["INBOX"].uid == 1
    assert await ask(world, "bob") == ""
    assert world.office.store.cursors("dana")["INBOX"].uid == 2


# -- one breath over all folders -----------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with scripted() as script:
        yield script


async def test_folders_in_one_breath(server: Scripted, pool: ThreadPoolExecutor) -> None:
    """One round trip asks for all folders, in whatever form the server writes their names; one that it refuses stands at nothing."""
    account = ImapAccount(host="127.0.0.1", port=server.port, security="none", user="dana", password=lambda: "s3cret")
    inbox = Inbox(account, pool, read_limit=2)
    server.says["LIST"] = (
        r'* LIST (\Junk) "/" "Sp\"am"' + "\r\n" + r'* LIST (\Sent) "/" Sent' + "\r\n" + r'* LIST (\Trash) "/" Waste' + "\r\n"
        r'* LIST (\Archive) "/" Old' + "\r\n" + server.says["LIST"]
    )  # fmt: skip
    server.says['STATUS "Sp\\"am"'] = '* STATUS {5}\r\nSp"am (UIDVALIDITY 3 UIDNEXT 9)\r\n{tag} OK done\r\n'
    server.says['STATUS "Sent"'] = '* 4 EXISTS\r\n* STATUS "Sent" (uidnext 7 UIDVALIDITY 2 )\r\n{tag} OK done\r\n'
    server.says['STATUS "Waste"'] = "{tag} NO [NOPERM] not yours\r\n"
    server.says['STATUS "Old"'] = "{tag} OK I say nothing\r\n"
    server.folder(next_uid=5)
    await inbox.connect()
    del server.heard[:]
    found = await inbox.extents()
    assert found == {"INBOX": (7, 5), 'Sp"am': (3, 9), "Old": NOTHING, "Sent": (2, 7), "Waste": NOTHING}
    assert [line.split()[1] for line in server.heard] == ["EXAMINE", *["STATUS"] * 4]
    assert list(await inbox.extents("Old")) == ["Sent", "Waste"]
    assert await inbox.extents("Waste") == {}
    await inbox.close()


@given(st.lists(st.binary(max_size=60)))
def test_any_line(lines: list[bytes]) -> None:
    """No line of a server makes reading it fail."""
    told(lines)
    opened(lines)
    for line in lines:
        plain_name(line)


@given(st.lists(st.tuples(st.text("abc", max_size=2), st.integers(1, 2000)), max_size=600), st.integers(50, 600))
def test_index_forgets_nothing(pairs: list[tuple[str, int]], step: int) -> None:
    """However many mails an index learns, and in whatever steps: it gives every mail of a name."""
    index = Index(1, NOW)
    for start in range(0, len(pairs), step):
        index.add([], (_heading(name, uid) for name, uid in pairs[start : start + step]))
    for name in ("a", "bc", "zz"):
        assert index.matching(frozenset({name})) == sorted({uid for mine, uid in pairs if mine == name})


def _heading(sender: str, uid: int) -> Heading:
    return Heading(
        folder="INBOX", uidvalidity=1, uid=uid, received=NOW, message_id="", ids=(), original_id="", sender=sender, recipients=(), subject="",
        date=None,
    )  # fmt: skip
