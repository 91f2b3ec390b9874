"""`mailbox.Inbox` against a Dovecot on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import imaplib
import itertools
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from followupd.bench.servers import free_port
from followupd.bench.servers.dovecot import PASSWORD, Dovecot, dovecot
from followupd.core.model import Cursor
from followupd.mailbox import Arrivals, ImapAccount, Inbox, NotKept, Unreachable
from tests.faults import Toll

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
Open = Callable[..., Inbox]


def mail(text: str = "No thanks.", *, size: int = 0) -> bytes:
    """A reply of at least so many bytes."""
    head = b"From: Ann <ann@customer.test>\r\nTo: dana@example.test\r\nSubject: Re: Proposal\r\n\r\n"
    return head + text.encode() + b"\r\n" + (b"filler " * 10 + b"\r\n") * (size // 72)


def cursor(read: Arrivals, **other: object) -> Cursor:
    """Where a watcher stands after a reading."""
    return Cursor(
        **{"mailbox": "dana", "folder": read.folder, "uidvalidity": read.uidvalidity, "uid": read.end, "read": NOW} | other
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[Dovecot]:
    """A server that the test may freeze and kill."""
    with dovecot() as running:
        yield running


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """One thread is enough for any number of idle mailboxes."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


USERS = itertools.count()


@pytest.fixture
def user() -> str:
    """A mailbox of its own for each test."""
    return f"rep{next(USERS)}@example.test"


@pytest.fixture
async def opened(server: Dovecot, user: str, pool: ThreadPoolExecutor) -> AsyncIterator[Open]:
    """Make inboxes that are closed after the test."""
    async with contextlib.AsyncExitStack() as stack:

        def make(at: Dovecot = server, security: str = "none", **options: float) -> Inbox:
            port = at.imaps_port if security == "tls" else at.imap_port
            account = ImapAccount(
                host="127.0.0.1", port=port, security=security, user=user, password=lambda: PASSWORD, ca_file=at.ca_file
            )
            inbox = Inbox(account, pool, **options)  # type: ignore[arg-type]
            stack.push_async_callback(inbox.close)
            return inbox

        yield make


async def watching(inbox: Inbox, wake: asyncio.Event | None = None, seconds: float = 30) -> asyncio.Task[None]:
    """A wait that has come to rest: the loop watches its socket."""
    number = inbox._open_link().fileno()
    waiting = asyncio.create_task(inbox.wait(seconds, wake or asyncio.Event()))
    async with asyncio.timeout(5):
        while number not in asyncio.get_running_loop()._selector.get_map():  # type: ignore[attr-defined]
            assert not waiting.done()
            await asyncio.sleep(0.005)
    return waiting


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_push(server: Dovecot, opened: Open, user: str, security: str) -> None:
    """A mail that comes by LMTP ends the wait within 2 seconds and is read, on each kind of connection."""
    inbox = opened(security=security)
    await inbox.connect()
    before = await inbox.arrivals("INBOX", None, NOW)
    waiting = await watching(inbox)
    await asyncio.to_thread(server.deliver, user, mail("Please stop."))
    started = time.monotonic()
    await waiting
    assert time.monotonic() - started < 2
    after = await inbox.arrivals("INBOX", cursor(before), NOW)
    assert [(one.uid, b"Please stop." in one.raw) for one in after.mails] == [(1, True)]
    assert after.mails[0].size == len(after.mails[0].raw)
    assert abs(after.mails[0].received - datetime.now(UTC)) < timedelta(minutes=1)
    assert (after.end, after.more, after.rescanned) == (1, False, False)


async def test_nothing_changes_in_the_mailbox(server: Dovecot, opened: Open, user: str) -> None:
    """Reading and idling leave every flag as it was: unread stays unread, recent stays recent."""
    for _ in range(3):
        server.deliver(user, mail())
    rep = server.login(user)
    rep.select()
    rep.uid("STORE", "1", "+FLAGS", r"(\Seen \Flagged)")
    rep.logout()
    server.deliver(user, mail())
    flags = server.flags(user)
    assert [rb"\Recent" in line for line in flags] == [False, False, False, True]
    inbox = opened()
    await inbox.connect()
    assert len((await inbox.arrivals("INBOX", None, NOW)).mails) == 4
    wake = asyncio.Event()
    waiting = await watching(inbox, wake)
    wake.set()
    await waiting
    assert (await inbox.arrivals("INBOX", None, NOW)).end == 4
    assert server.flags(user) == flags


async def test_catch_up(server: Dovecot, opened: Open, user: str) -> None:
    """What came while nobody was connected is read after the next connect, in batches, oldest first, each mail once."""
    server.deliver(user, mail("first"))
    inbox = opened()
    await inbox.connect()
    read = await inbox.arrivals("INBOX", None, NOW)
    await inbox.close()
    for number in range(5):
        server.deliver(user, mail(f"away {number}"))
    inbox = opened(batch=2)
    await inbox.connect()
    uids, more = [], []
    while True:
        read = await inbox.arrivals("INBOX", cursor(read), NOW)
        uids += [one.uid for one in read.mails]
        more.append(read.more)
        if not read.more:
            break
    assert uids == [2, 3, 4, 5, 6]
    assert more == [True, True, False]
    assert read.end == 6
    assert (await inbox.arrivals("INBOX", cursor(read), NOW)).mails == ()


async def test_first_look(server: Dovecot, opened: Open, user: str) -> None:
    """Without a cursor the mails of long ago are passed over, and the cursor still comes to stand behind them."""
    rep = server.login(user)
    for days in (400, 30, 0):
        stamp = imaplib.Time2Internaldate(NOW - timedelta(days=days))
        rep.append("INBOX", "", stamp, mail())
    rep.logout()
    inbox = opened()
    await inbox.connect()
    read = await inbox.arrivals("INBOX", None, NOW)
    assert [one.uid for one in read.mails] == [3]
    assert (await inbox.arrivals("INBOX", None, NOW + timedelta(days=9))).end == 3


@pytest.mark.parametrize("connected", [True, False])
async def test_renumbered(server: Dovecot, opened: Open, user: str, connected: bool) -> None:
    """After a change of UIDVALIDITY the last days are read again and the reading says so.

    When it happens in mid connection Dovecot reports an error of its own once, and the next connection works.
    """
    rep = server.login(user)
    rep.append("INBOX", "", imaplib.Time2Internaldate(NOW - timedelta(days=30)), mail("old"))
    rep.logout()
    server.deliver(user, mail("known"))
    inbox = opened()
    await inbox.connect()
    read = await inbox.arrivals("INBOX", None, NOW)
    if not connected:
        await inbox.close()
    # Two seconds on, because Dovecot takes UIDVALIDITY from the clock.
    await asyncio.sleep(max(0.0, read.uidvalidity + 2 - time.time()))
    server.renumber(user)
    server.deliver(user, mail("new"))
    if connected:
        with pytest.raises(Unreachable, match="SERVERBUG"):
            await inbox.arrivals("INBOX", cursor(read), NOW)
    await inbox.connect()
    again = await inbox.arrivals("INBOX", cursor(read), NOW)
    assert again.uidvalidity != read.uidvalidity
    assert again.rescanned
    assert sorted(one.raw.split()[-1] for one in again.mails) == [b"known", b"new"]
    later = await inbox.arrivals("INBOX", cursor(again), NOW)
    assert (later.mails, later.rescanned) == ((), False)


async def test_junk_and_archive(server: Dovecot, opened: Open, user: str) -> None:
    """Folders for junk and archive are found by their use, and what the rep files there is seen; Sent and Trash are not read."""
    server.deliver(user, mail("filed"))
    inbox = opened()
    await inbox.connect()
    assert inbox.folders == ("INBOX", "Junk", "Old")
    stands = {name: cursor(await inbox.arrivals(name, None, NOW)) for name in inbox.folders}
    rep = server.login(user)
    rep.select()
    for name in ("Junk", "Old"):
        rep.uid("COPY", "1", name)
    rep.logout()
    seen = {name: await inbox.arrivals(name, stands[name], NOW) for name in inbox.folders}
    assert {name: len(read.mails) for name, read in seen.items()} == {"INBOX": 0, "Junk": 1, "Old": 1}
    assert b"filed" in seen["Junk"].mails[0].raw
    again = [(await inbox.arrivals(name, cursor(seen[name]), NOW)).mails for name in inbox.folders]
    assert again == [(), (), ()]


async def test_mail_between_reading_and_waiting(server: Dovecot, opened: Open, user: str) -> None:
    """A mail that comes after the reading and before IDLE ends the wait at once, even if another folder was open."""
    inbox = opened()
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    await inbox.arrivals("Junk", None, NOW)
    await asyncio.to_thread(server.deliver, user, mail())
    async with asyncio.timeout(2):
        await inbox.wait(30, asyncio.Event())
    assert len((await inbox.arrivals("INBOX", None, NOW)).mails) == 1


async def test_long_mail(server: Dovecot, opened: Open, user: str) -> None:
    """Of a mail of 200 KB the first 64 KB are read, and its size is told."""
    server.deliver(user, mail(size=200_000))
    inbox = opened()
    await inbox.connect()
    (one,) = (await inbox.arrivals("INBOX", None, NOW)).mails
    assert len(one.raw) == 65_536
    assert one.size > 200_000


async def test_wake(opened: Open, pool: ThreadPoolExecutor) -> None:
    """Setting the event ends a wait within milliseconds; until then it holds no thread, and it ends when time is over."""
    inbox = opened()
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    wake = asyncio.Event()
    waiting = await watching(inbox, wake)
    assert pool.submit(lambda: "free").result(1) == "free"
    started = time.monotonic()
    wake.set()
    await waiting
    assert time.monotonic() - started < 0.25
    started = time.monotonic()
    await inbox.wait(30, wake)
    assert time.monotonic() - started < 0.25
    started = time.monotonic()
    await inbox.wait(0.3, asyncio.Event())
    assert 0.3 <= time.monotonic() - started < 1


async def test_reading_interrupts_waiting(opened: Open) -> None:
    """A reading by another task doesn't stand in line behind a wait."""
    inbox = opened()
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    waiting = await watching(inbox)
    async with asyncio.timeout(2):
        reads = await asyncio.gather(*(inbox.arrivals(name, None, NOW) for name in inbox.folders))
        await waiting
    assert [read.folder for read in reads] == list(inbox.folders)


@pytest.mark.fault("F47")
async def test_killed_while_idling(own_server: Dovecot, opened: Open, toll: Toll) -> None:
    """When the server dies during IDLE the wait fails within 2 seconds, the loop does not spin, and reconnecting works later."""
    inbox = opened(own_server)
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    waiting = await watching(inbox)
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]
    turns, select = 0, selector.select

    def counted(*given: float) -> object:
        nonlocal turns
        turns += 1
        return select(*given)

    selector.select = counted
    started = time.monotonic()
    own_server.stop()
    with pytest.raises(Unreachable) as caught:
        await waiting
    assert time.monotonic() - started < 2
    assert turns < 50
    assert not caught.value.login
    for attempt in (inbox.wait(5, asyncio.Event()), inbox.arrivals("INBOX", None, NOW), inbox.connect()):
        with pytest.raises(Unreachable):
            await attempt
    own_server.start()
    await inbox.connect()
    assert (await inbox.arrivals("INBOX", None, NOW)).mails == ()
    toll()


@pytest.mark.fault("F44")
async def test_dead_line_is_noticed(opened: Open, toll: Toll) -> None:
    """The system itself asks a silent server for a sign of life, and gives the line up within 2 minutes (tcp(7)): also in IDLE."""
    inbox = opened()
    await inbox.connect()
    line = inbox._open_link()._client.wire.sock
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    idle, pause, count = (
        line.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in ("IDLE", "INTVL", "CNT")
    )
    assert idle + pause * count <= 120
    toll()


@pytest.mark.fault("F44")
@pytest.mark.parametrize("security", ["none", "tls"])
async def test_frozen_server(own_server: Dovecot, opened: Open, pool: ThreadPoolExecutor, security: str, toll: Toll) -> None:
    """A server that stops answering is given up after the read limit, in IDLE and in a reading; no thread stays behind."""
    for reading in (False, True):
        inbox = opened(own_server, security, read_limit=0.5)
        await inbox.connect()
        await inbox.arrivals("INBOX", None, NOW)
        waiting = None if reading else await watching(inbox, seconds=0.1)
        frozen = own_server.processes("imap-login" if security == "tls" else "imap")
        assert frozen
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            await (waiting or inbox.arrivals("INBOX", None, NOW))
        assert time.monotonic() - started < 2
        assert pool.submit(lambda: "free").result(1) == "free"
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        toll()


@pytest.mark.parametrize("idling", [True, False])
async def test_cancelled(own_server: Dovecot, opened: Open, pool: ThreadPoolExecutor, idling: bool) -> None:
    """A cancelled wait or reading leaves no thread behind, and the connection is not used again."""
    inbox = opened(own_server)
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    if idling:
        task = await watching(inbox)
    else:
        for pid in own_server.processes("imap"):
            os.kill(pid, signal.SIGSTOP)
        task = asyncio.create_task(inbox.arrivals("INBOX", None, NOW))
        await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pool.submit(lambda: "free").result(1) == "free"
    with pytest.raises(Unreachable, match="not connected"):
        await inbox.arrivals("INBOX", None, NOW)


@pytest.mark.parametrize(
    ("account", "login", "says"),
    [
        ({"password": lambda: "wrong"}, True, "Authentication failed"),
        ({"password": lambda: "secret\n"}, True, "control character"),
        ({"security": "tls"}, False, "certificate is not trusted"),
        ({"security": "starttls"}, False, "certificate is not trusted"),
        ({"port": free_port()}, False, "Connection refused"),
        ({"host": "mail.invalid"}, False, "name was not found"),
    ],
)
async def test_no_way_in(server: Dovecot, pool: ThreadPoolExecutor, account: dict[str, object], login: bool, says: str) -> None:
    """Each way of not getting in is told in words, and only a refused login counts as one. The password is not in it."""
    port = server.imaps_port if account.get("security") == "tls" else server.imap_port
    basis = {"host": "127.0.0.1", "port": port, "security": "none", "user": "dana@example.test", "password": lambda: PASSWORD}
    inbox = Inbox(ImapAccount(**(basis | account)), pool)  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=says) as caught:
        await inbox.connect()
    assert caught.value.login is login
    assert "wrong" not in caught.value.reason
    assert "secret" not in repr(inbox._account)


async def test_unknown_folder(opened: Open) -> None:
    """A folder that does not exist is named in the reason."""
    inbox = opened()
    await inbox.connect()
    with pytest.raises(Unreachable, match='folder "Kündigungen" can\'t be opened'):
        await inbox.arrivals("Kündigungen", None, NOW)


# -- headers, the particular look, sent mail -----------------------------------------------------------


def letter(sender: str, ids: str = "", *, subject: str = "Hi") -> bytes:
    """A mail from somebody that names these ids."""
    return f"From: <{sender}>\r\nTo: <dana@example.test>\r\nSubject: {subject}\r\nReferences: {ids}\r\n\r\nHello.\r\n".encode()


async def test_particular_look(server: Dovecot, opened: Open, user: str) -> None:
    """Who has written is found in every folder that mail may lie in, by address and by id; repeated, it costs a round trip a folder."""
    inbox = opened()
    await inbox.connect()
    assert (inbox.sent, inbox.beside) == ("Sent", ("Trash", "Old"))
    ann, ids = frozenset({"ann@customer.test"}), frozenset({"t.1.00@example.test"})
    assert await inbox.find(ann, ids, NOW - timedelta(days=1)) == ()
    server.deliver(user, letter("Ann@Customer.test"))
    server.deliver(user, letter("ann@elsewhere.test", "<x@y> <t.1.00@example.test>"))
    server.deliver(user, letter("bob@customer.test", "<t.2.00@example.test>"))
    rep = server.login(user)
    rep.select()
    rep.uid("MOVE", "1", "Trash")
    rep.uid("MOVE", "2", "Junk")
    rep.logout()
    since = NOW - timedelta(days=1)
    assert [(one.folder, one.sender) for one in await inbox.find(ann, ids, since)] == [
        ("Junk", "ann@elsewhere.test"),
        ("Trash", "ann@customer.test"),
    ]
    assert [one.folder for one in await inbox.find(ann, frozenset(), since)] == ["Trash"]
    assert await inbox.find(ann, ids, datetime.now(UTC) + timedelta(minutes=1)) == ()
    said: list[bytes] = []
    wire, send = inbox._open_link()._client.wire, inbox._open_link()._client.wire.send
    wire.send = lambda data: (said.append(data), send(data))[1]  # type: ignore[assignment,func-returns-value]
    assert await inbox.find(frozenset({"nobody@customer.test"}), frozenset(), since) == ()
    assert [b" ".join(line.split()[1:2]) for line in said if b" " in line] == [b"EXAMINE", *[b"STATUS"] * 3]


async def test_look_leaves_news_for_the_watcher(server: Dovecot, opened: Open, user: str) -> None:
    """What a particular look has seen is still news for whoever waits for it: his wait ends at once."""
    inbox = opened()
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    server.deliver(user, letter("ann@customer.test"))
    assert len(await inbox.find(frozenset({"ann@customer.test"}), frozenset(), NOW - timedelta(days=1))) == 1
    async with asyncio.timeout(2):
        await inbox.wait(30, asyncio.Event())


async def test_copy_of_a_sent_mail(server: Dovecot, opened: Open, user: str) -> None:
    """A copy goes into the folder of sent mail, seen, with its time, byte for byte; nowhere else does anything go. A server may say no."""
    inbox = opened()
    await inbox.connect()
    raw = letter("dana@example.test") + b".\r\nA1 DELETE INBOX\r\n" + "für\r\n".encode()
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    await inbox.append("Sent", raw, at)
    assert [b"\\Seen" in line for line in server.flags(user, "Sent")] == [True]
    (copy,) = (await inbox.headings("Sent", None, at)).found
    assert copy.received == at
    assert [one.raw for one in await inbox.fetch("Sent", copy.uidvalidity, [copy.uid])] == [raw]
    inbox._link.folders = dataclasses.replace(inbox._open_link().folders, sent="Nowhere")  # type: ignore[union-attr]
    with pytest.raises(NotKept, match="TRYCREATE") as refused:
        await inbox._ask(lambda link: link.append(raw, at))
    assert not refused.value.passing
    assert (await inbox.arrivals("INBOX", None, NOW)).mails == ()  # the link is still good
    for folder in ("INBOX", "Junk", ""):
        with pytest.raises(ValueError, match="nothing may be written"):
            await inbox.append(folder, raw, at)
    assert server.flags(user) == []


@pytest.mark.fault("F50")
async def test_huge_mailbox(server: Dovecot, opened: Open, user: str, toll: Toll) -> None:
    """20,000 mails at the first login: those of the last days are read within 30 seconds, and a particular look over two weeks is taken within 30 more."""
    server.deliver(user, letter("first@customer.test"))
    maildir = server.folder / "mail" / user / "Maildir"
    owner = maildir.stat()
    for day in range(20):
        original = maildir / "tmp" / f"day{day}"
        original.write_bytes(letter(f"day{day}@customer.test", f"<{day}@customer.test>"))
        os.chown(original, owner.st_uid, owner.st_gid)
        sent = NOW.timestamp() - day * 86_400 - 3600
        os.utime(original, (sent, sent))
        for number in range(1000):
            os.link(original, maildir / "new" / f"{int(sent)}.{day}x{number}.host")
    server.deliver(user, letter("ann@customer.test", "<t.1.00@example.test>"))
    started = time.monotonic()
    inbox = opened()
    await inbox.connect()
    read = await inbox.arrivals("INBOX", None, NOW - timedelta(days=2))
    count = len(read.mails)
    while read.more:
        read = await inbox.arrivals("INBOX", cursor(read), NOW)
        count += len(read.mails)
    assert 2000 <= count <= 5002
    assert read.end == 20_002
    assert time.monotonic() - started < 30
    started = time.monotonic()
    found = await inbox.find(frozenset(), frozenset({"t.1.00@example.test"}), NOW - timedelta(days=14))
    assert [one.sender for one in found] == ["ann@customer.test"]
    assert time.monotonic() - started < 30
    started = time.monotonic()
    assert len(await inbox.find(frozenset({"ann@customer.test"}), frozenset(), NOW - timedelta(days=14))) == 1
    assert time.monotonic() - started < 1
    toll(injected=20_000)
