"""`mailbox.Inbox` against servers that answer badly, and the guard on what leaves for the server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import errno
import imaplib
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd import mailbox
from followupd.bench.servers import free_port
from followupd.core.model import Cursor
from followupd.mailbox import ImapAccount, Inbox, Unreachable, wire
from followupd.mailbox.headings import read_heading
from tests.faults import Toll
from tests.mailbox.scripted import HANG_UP, MAIL, Scripted, fetched, scripted

pytestmark = pytest.mark.slow

NOW = datetime(2026, 7, 17, 12, 0, tzinfo=UTC)
AT_3 = Cursor(mailbox="dana", folder="INBOX", uidvalidity=7, uid=3, read=NOW)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with scripted() as script:
        yield script


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
async def make(server: Scripted, pool: ThreadPoolExecutor) -> AsyncIterator[Callable[..., Inbox]]:
    """An inbox at the scripted server."""
    made = []

    def inbox(**account: object) -> Inbox:
        basis = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": "dana", "password": lambda: "s3cret"}
        made.append(Inbox(ImapAccount(**(basis | account)), pool, read_limit=2, connect_limit=2))  # type: ignore[arg-type]
        return made[-1]

    yield inbox
    for one in made:
        await one.close()


@pytest.fixture
async def inbox(make: Callable[..., Inbox]) -> Inbox:
    """An inbox that is connected."""
    one = make()
    await one.connect()
    return one


async def test_reading(server: Scripted, inbox: Inbox) -> None:
    """Mails after the cursor are read with the time of their arrival as UTC, also if the server answers "4:*" with mail 3 only."""
    server.folder(next_uid=6)
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert [one.uid for one in read.mails] == [4, 5]
    assert read.mails[0].received == datetime(2026, 7, 17, 9, 44, 25, tzinfo=UTC)
    assert read.mails[0].received.tzinfo is UTC
    assert (read.mails[0].raw, read.mails[0].size, read.end) == (MAIL, len(MAIL), 5)
    server.says["SEARCH"] = "* SEARCH 3\r\n{tag} OK done\r\n"
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert (read.mails, read.end) == ((), 5)


async def test_nothing_new_costs_one_round_trip(server: Scripted, inbox: Inbox) -> None:
    """A look without news is one EXAMINE."""
    server.folder(next_uid=4)
    before = len(server.heard)
    assert (await inbox.arrivals("INBOX", AT_3, NOW)).end == 3
    assert [line.split()[1] for line in server.heard[before:]] == ["EXAMINE"]


async def test_vanished_mail(server: Scripted, inbox: Inbox) -> None:
    """A mail that is gone by the time it is fetched is passed over, and the cursor goes on."""
    server.folder(next_uid=6)
    server.says["FETCH"] = fetched(5) + "{tag} OK done\r\n"
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert ([one.uid for one in read.mails], read.end) == ([5], 5)


async def test_refused_mail(server: Scripted, inbox: Inbox) -> None:
    """A mail that the server will not give comes back empty, so it is shown, and does not hold up the others."""
    server.folder(next_uid=6)
    server.says["FETCH 5"] = fetched(5) + "{tag} OK done\r\n"
    server.says["FETCH 4,5"] = server.says["FETCH 4"] = "{tag} NO [SERVERBUG] that one is broken\r\n"
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert [(one.uid, one.raw) for one in read.mails] == [(4, b""), (5, MAIL)]
    assert read.mails[0].received == NOW


async def test_whole_mail_for_a_part(server: Scripted, inbox: Inbox) -> None:
    """A server that sends all of a mail though a part was asked for does no harm."""
    server.folder(next_uid=5)
    server.says["FETCH"] = fetched(4, MAIL + b"x" * 200_000) + "{tag} OK done\r\n"
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert [(len(one.raw), one.size) for one in read.mails] == [(65_536, len(MAIL) + 200_000)]


async def test_renumbered_in_mid_connection(server: Scripted, inbox: Inbox) -> None:
    """A new UIDVALIDITY is noticed at the next reading, which searches by date from two days before the last one."""
    server.folder(next_uid=4)
    await inbox.arrivals("INBOX", AT_3, NOW)
    server.folder(next_uid=3, uidvalidity=8)
    read = await inbox.arrivals("INBOX", AT_3, NOW)
    assert ([one.uid for one in read.mails], read.end, read.uidvalidity, read.rescanned) == ([1, 2], 2, 8, True)
    assert any(line.endswith("UID SEARCH SINCE 15-Jul-2026") for line in server.heard)


async def test_numbers_go_back(server: Scripted, inbox: Inbox) -> None:
    """UIDs that go back under the same UIDVALIDITY could hide an answer, so the mailbox counts as unreadable."""
    server.folder(next_uid=3)
    with pytest.raises(Unreachable, match="counted to 3 and now only to 2"):
        await inbox.arrivals("INBOX", AT_3, NOW)


async def test_news_in_one_breath_with_idle(server: Scripted, inbox: Inbox) -> None:
    """News that come in one packet with the consent to IDLE end the wait, though the socket has nothing left to tell."""
    await inbox.arrivals("INBOX", None, NOW)
    server.says["IDLE"] = "+ idling\r\n* 1 EXISTS\r\n"
    async with asyncio.timeout(1):
        await inbox.wait(30, asyncio.Event())
    assert server.heard[-1] == "DONE"


async def test_without_idle(server: Scripted, make: Callable[..., Inbox], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without IDLE the server is asked by NOOP from time to time; news, the event and the end of time each end the wait."""
    monkeypatch.setattr(mailbox, "POLL", 0.05)
    server.says["CAPABILITY"] = "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n"
    inbox = make()
    await inbox.connect()
    await inbox.arrivals("INBOX", None, NOW)
    await inbox.wait(0.3, asyncio.Event())
    asked = sum(line.endswith("NOOP") for line in server.heard)
    assert 2 <= asked <= 6
    waiting = asyncio.create_task(inbox.wait(30, asyncio.Event()))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    server.says["NOOP"] = "* 1 EXISTS\r\n{tag} OK done\r\n"
    async with asyncio.timeout(1):
        await waiting
    server.says["NOOP"] = "{tag} OK done\r\n"
    wake = asyncio.Event()
    waiting = asyncio.create_task(inbox.wait(30, wake))
    await asyncio.sleep(0.1)
    wake.set()
    async with asyncio.timeout(0.5):
        await waiting
    assert not any(line.endswith("IDLE") for line in server.heard)


async def outcome(work: Awaitable[None]) -> Unreachable | None:
    """How it ended; any other exception is a failure."""
    try:
        await work
    except Unreachable as problem:
        return problem
    return None


@pytest.mark.parametrize("verb", ["CAPABILITY", "AUTHENTICATE", "PASSWORD", "LIST", "EXAMINE", "SEARCH", "FETCH", "IDLE", "DONE"])
@pytest.mark.parametrize(
    "answer",
    [
        HANG_UP,
        "* BYE going down\r\n{tag} NO\r\n",
        "{tag} NO not today\r\n",
        "{tag} BAD what\r\n",
        "\x00\xff\r\n",
        "{tag} OK done\r\n",
        "",
    ],
)
async def test_bad_answers(server: Scripted, make: Callable[..., Inbox], verb: str, answer: str) -> None:
    """Whatever a server answers to whatever verb: the work succeeds or the mailbox is unreachable, soon, and can be tried again."""
    server.folder(next_uid=5)
    good, server.says[verb] = server.says[verb], answer
    inbox = make()
    inbox._limits.read = inbox._limits.connect = 0.2

    async def work() -> None:
        await inbox.connect()
        await inbox.arrivals("INBOX", AT_3, NOW)
        await inbox.wait(0.05, asyncio.Event())

    async with asyncio.timeout(3):
        problem = await outcome(work())
        if problem:
            assert problem.reason.isprintable()
            assert len(problem.reason) <= 200
            assert problem.login is (verb in {"AUTHENTICATE", "PASSWORD"} and answer.startswith("{tag} ") and "OK" not in answer)
        server.says[verb] = good
        await work()


@pytest.mark.parametrize(
    "answer",
    [
        "* 4 FETCH (UID 4 BODY[]<0> {4000000000}\r\n",
        "* SEARCH " + "1 " * 900_000 + "\r\n{tag} OK done\r\n",
        ("* OK " + "x" * 90_000 + "\r\n") * 140 + "{tag} OK done\r\n",
    ],
    ids=["literal of 4 GB", "endless line", "flood of lines"],
)
async def test_endless_answers(server: Scripted, inbox: Inbox, answer: str) -> None:
    """An answer without measure ends the connection before it fills the memory."""
    server.folder(next_uid=5)
    server.says["FETCH"] = answer
    async with asyncio.timeout(15):
        with pytest.raises(Unreachable):
            await inbox.arrivals("INBOX", AT_3, NOW)


@pytest.mark.parametrize(
    ("verb", "answer", "login"),
    [
        ("PASSWORD", "{tag} NO [AUTHENTICATIONFAILED] no\r\n", True),
        ("PASSWORD", "{tag} NO [UNAVAILABLE] busy\r\n", False),
        ("PASSWORD", HANG_UP, False),
        ("AUTHENTICATE", HANG_UP, False),
        ("PASSWORD", "{tag} NO \x1b[31mno way, dana with s3cret " + "x" * 999 + "\r\n", True),
        ("PASSWORD", "{tag} BAD " + base64.b64encode(b"\0dana\0s3cret").decode() + "\r\n", True),
    ],
)
async def test_refused_login(server: Scripted, make: Callable[..., Inbox], verb: str, answer: str, login: bool) -> None:
    """Only a refusal counts as one, a busy or dying server does not; an echoed password is masked."""
    server.says[verb] = answer
    with pytest.raises(Unreachable) as caught:
        await make().connect()
    assert caught.value.login is login
    assert "s3cret" not in caught.value.reason
    assert "czNjcmV0" not in caught.value.reason
    assert caught.value.reason.isprintable()


async def test_no_plain(server: Scripted, make: Callable[..., Inbox]) -> None:
    """A server without AUTH=PLAIN gets LOGIN, with both arguments quoted."""
    server.says["CAPABILITY"] = "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"
    await make(user='da"na r', password=lambda: "two words").connect()
    assert any(line.endswith(r'LOGIN "da\"na r" "two words"') for line in server.heard)


async def test_password_beyond_ascii(server: Scripted, make: Callable[..., Inbox]) -> None:
    """A password with any letters works where the server knows PLAIN."""
    await make(password=lambda: "Schlüssel €").connect()
    assert base64.b64encode("\0dana\0Schlüssel €".encode()).decode() in server.heard


async def test_no_starttls(server: Scripted, make: Callable[..., Inbox]) -> None:
    """If STARTTLS is wanted and not offered, no password leaves."""
    with pytest.raises(Unreachable, match="does not offer STARTTLS"):
        await make(security="starttls").connect()
    assert not any("AUTH" in line or "LOGIN" in line for line in server.heard)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([], ()),
        ([r'(\Junk) "/" Spam', r'(\Sent) "/" Sent', r'(\All) "/" All', r'(\Trash) "/" Bin'], ("Spam", "All")),
        ([r'() "/" "Junk Email"', r'() "/" Archive', r'() "/" "Sent Items"'], ("Junk Email", "Archive")),
        ([r'() "." INBOX.spam', r'(\Junk) "." INBOX.Bulk', r'() "." INBOX.archive.2024'], ("INBOX.Bulk",)),
        ([r'(\Noselect \All) "/" "[Gmail]"', r'(\ALL) "/" "[Gmail]/All Mail"', r"() NIL Junk"], ("Junk", "[Gmail]/All Mail")),
        ([r'(\Junk) "/" "Unerw&APw-nscht"', r'() "/" 2024'], ("Unerwünscht",)),
    ],
)
async def test_special_folders(server: Scripted, make: Callable[..., Inbox], listed: list[str], found: tuple[str, ...]) -> None:
    """Junk, archive and all mail are found by their mark, else by the names that mail programs use; no other folder is."""
    server.says["LIST"] = "".join(f"* LIST {line}\r\n" for line in [r'() "/" INBOX', *listed]) + "{tag} OK done\r\n"
    inbox = make()
    await inbox.connect()
    assert inbox.folders == ("INBOX", *found)


async def test_slow_trickle(server: Scripted, make: Callable[..., Inbox], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte from time to time can't hold a thread for ever."""
    monkeypatch.setattr(mailbox, "_PATIENCE", 2)
    dripping = []

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dripping.append(asyncio.current_task())
        writer.write(b"* OK ")
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.05)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as trickle:
        inbox = make(port=trickle.sockets[0].getsockname()[1])
        inbox._limits.read = inbox._limits.connect = 0.2
        started = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            await inbox.connect()
        assert time.monotonic() - started < 2
        for task in dripping:
            task.cancel()


@contextlib.contextmanager
def swallowing() -> Iterator[int]:
    """A port that lets nobody in and refuses nobody: whoever connects hears nothing, as in a network that drops IPv6."""
    with socket.socket() as deaf, contextlib.ExitStack() as waiting:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        yield deaf.getsockname()[1]


@pytest.mark.fault("F60")
@pytest.mark.parametrize("dead", ["swallowed", "refused"])
async def test_dead_family(
    server: Scripted, make: Callable[..., Inbox], monkeypatch: pytest.MonkeyPatch, dead: str, toll: Toll
) -> None:
    """Where a host's first addresses are dead, silent or refusing, the other family is tried soon; names are looked up each time."""
    monkeypatch.setattr(wire, "OTHER_ADDRESS", 0.2)
    asked = []
    with swallowing() as deaf:
        port = deaf if dead == "swallowed" else free_port()

        def looked_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
            asked.append(host)
            inet = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            # Two addresses of a family that is dead, then one that lives.
            return [(*inet, ("127.0.0.1", port)), (*inet, ("127.0.0.1", port)), (*inet, ("127.0.0.1", server.port))]

        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        inbox = make(host="imap.example.test")
        for _ in range(2):
            started = time.monotonic()
            await inbox.connect()
            assert time.monotonic() - started < 2
    assert asked == ["imap.example.test"] * 2
    toll(injected=4)


@pytest.mark.fault("F60")
async def test_families_take_turns(monkeypatch: pytest.MonkeyPatch, toll: Toll) -> None:
    """Of many addresses those of both families are tried in turn, so ten dead ones of one family don't use up the time."""
    six = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", number, 0, 0)) for number in range(10)]
    four = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", number)) for number in (20, 21)]
    tried = []

    class Dead(socket.socket):
        def connect(self, address: tuple[object, ...]) -> None:  # type: ignore[override]
            tried.append(address[1])
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: six + four)
    monkeypatch.setattr(socket, "socket", Dead)
    with pytest.raises(OSError, match="unreachable") as caught:
        wire.reached("imap.example.test", 993, 1.0)
    assert tried[:4] == [0, 20, 1, 21]
    assert len(tried) == 8
    assert wire.kind_of(caught.value) == "network"
    toll(injected=len(tried))


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), "network"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "network"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "link"),
        (TimeoutError(), "link"),
        (imaplib.IMAP4.error("[UNAVAILABLE] come back later"), "busy"),
        (imaplib.IMAP4.error("* BYE Too many simultaneous connections. (Failure)"), "busy"),
        (imaplib.IMAP4.error("Request is throttled. Suggested Backoff Time: 92415 milliseconds"), "busy"),
        (imaplib.IMAP4.error("[OVERQUOTA] Account exceeded command or bandwidth limits."), "busy"),
        (imaplib.IMAP4.error("[AUTHENTICATIONFAILED] too many failed attempts"), "link"),
        (imaplib.IMAP4.error("[SERVERBUG] internal error"), "link"),
    ],
)
def test_what_stands_in_the_way(problem: Exception, kind: str) -> None:
    """What a server or the system says, as a row of the table of obstacles."""
    assert wire.kind_of(problem) == kind


# -- the guard -----------------------------------------------------------------------------------------


async def test_only_known_verbs(server: Scripted, inbox: Inbox) -> None:
    """In a whole session the server hears only these verbs."""
    server.folder(next_uid=5)
    await inbox.arrivals("INBOX", AT_3, NOW)
    await inbox.arrivals("INBOX", None, NOW)
    await inbox.wait(0.05, asyncio.Event())
    await inbox.close()
    verbs = {re.sub(r"^[A-P]+\d+ ((UID )?\w+).*", r"\1", line) for line in server.heard}
    password = base64.b64encode(b"\0dana\0s3cret").decode()
    known = {"CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH", "IDLE", "DONE", "LOGOUT"}
    assert verbs == {password, *known}


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.search(["HEADER", "Message-ID", "x\r\nA9 DELETE INBOX"]),
        lambda client: client.search(["FROM", "ann@customer.test"]),
        lambda client: client.search(["SINCE", date(2026, 1, 1)], charset="UTF-8"),
        lambda client: client.fetch("1\r\nA9 DELETE INBOX", ["FLAGS"]),
        lambda client: client.fetch([1], ["BODY[]"]),
        lambda client: client.select_folder("INBOX"),
        lambda client: client.delete_folder("INBOX"),
        lambda client: client.add_flags([1], [rb"\Seen"]),
        lambda client: client.expunge(),
        lambda client: client.append("INBOX", b"x"),
        lambda client: client.login("dana\r\nA9 DELETE INBOX", "x"),
        lambda client: client.wire.put('"INBOX"\r\nA9 DELETE', b"x", NOW),
        lambda client: client.wire.put('"Sent"', b"x\0", NOW),
        lambda client: client.get_quota_root("INBOX\r\nA9 DELETE INBOX"),
    ],
)
async def test_guard_holds_back(server: Scripted, inbox: Inbox, ask: Callable[[object], object]) -> None:
    """No command that changes the mailbox, or that carries somebody's text, leaves us. imapclient itself would send each."""
    server.folder(next_uid=5)
    await inbox.arrivals("INBOX", AT_3, NOW)
    before = len(server.heard)
    with pytest.raises(Unreachable):
        await inbox._ask(lambda link: ask(link._client))
    await asyncio.sleep(0.02)
    assert server.heard[before:] == []


@pytest.mark.parametrize(
    "name", ['x"\r\nA9 DELETE INBOX\r\n', "Ärger\0\n", 'back\\slash"', "{5}\r\nab", "日本語", "a&b", "*", "%"]
)
async def test_folder_names(server: Scripted, inbox: Inbox, name: str) -> None:
    """A folder's name, whatever it holds, is one quoted argument."""
    before = len(server.heard)
    await inbox.arrivals(name, None, NOW)
    assert len(server.heard[before:]) == 2
    assert re.fullmatch(r'\w+ EXAMINE "([^"\\]|\\["\\])*"', server.heard[before])


@given(
    st.binary() | st.text().map(str.encode),
    st.sampled_from([b"", b"A1 ", b"A1 UID SEARCH ", b'A1 EXAMINE "', b"DONE\r\n", b"A1 NOOP"]),
)
def test_guard_lets_one_command_through(text: bytes, start: bytes) -> None:
    """What passes the guard is one line of printable ASCII, and not a command of its own kind."""
    if wire.MAY_LEAVE.fullmatch(start + text):
        line = (start + text).removesuffix(b"\r\n")
        assert all(32 <= sign < 127 for sign in line)
        assert b" " not in line or line.split()[1] in {
            *(
                b"CAPABILITY",
                b"NOOP",
                b"LOGOUT",
                b"STARTTLS",
                b"IDLE",
                b"AUTHENTICATE",
                b"LOGIN",
                b"LIST",
                b"EXAMINE",
                b"STATUS",
                b"GETQUOTAROOT",
                b"UID",
            )
        }


async def test_put_lets_one_mail_through(server: Scripted, inbox: Inbox) -> None:
    """A copy of a sent mail leaves byte for byte and once; whatever lines it holds, nothing else of it may leave afterwards."""
    link = inbox._open_link()
    mail = b"Subject: x\r\n\r\nA9 DELETE INBOX\r\n"
    inbox._folders = link.folders = dataclasses.replace(link.folders, sent="Sent")
    server.says["DELETE"] = "{tag} NO no\r\n"
    server.says["INBOX"] = ""
    before = len(server.heard)
    with contextlib.suppress(Unreachable):
        await inbox.append("Sent", mail, NOW)
    line = server.heard[before]
    assert re.fullmatch(rf'\w+ APPEND "Sent" \(\\Seen\) "17-Jul-2026 12:00:00 \+0000" \{{{len(mail)}\}}', line)
    with pytest.raises(ValueError, match="held back"):
        link._client.wire.send(mail)


@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([b"From: ", b"\r\n", b"<a@b.c>", b"References: ", b"=?utf-8?b?", b" "]),
        max_size=60,
    )
)
def test_any_header_is_read(parts: list[bytes]) -> None:
    """Whatever a stranger writes into a header, it is read under bounds and never raises."""
    one = read_heading("INBOX", 7, 1, NOW, b"".join(parts))
    assert len(one.ids) <= 100
    assert len(one.recipients) <= 50
    assert len(one.subject) <= 500
    assert one.sender == "" or one.sender.count("@") == 1
    assert all(sign.isprintable() for sign in one.subject + one.sender + one.message_id + "".join(one.ids))


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b'"' * 16_000,
        b"To: " + b"a@b.cc," * 3_000,
        b"References: " + b"<" * 16_000,
        b"References: " + b"<a@b> " * 3_000,
        b"Subject: " + b"=?utf-8?q?" * 2_000,
        b"\r\n ".join([b"X"] * 5_000),
        b":" * 16_000,
    ],
)
def test_worst_headers_are_quick(raw: bytes) -> None:
    """The worst header that fits into the bounds costs next to nothing."""
    started = time.process_time()
    for _ in range(10):
        read_heading("INBOX", 7, 1, NOW, raw)
    assert time.process_time() - started < 1
