"""Two mails on one connection: what leaves ahead of which answer, and what each of them is told when the server is odd."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import aiosmtplib
import pytest
from aiosmtplib.email import quote_address
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followupd.channels.smtp import Connection, GateClosed, SmtpAccount, _for_the_wire, nothing
from followupd.channels.wire import Wire
from followupd.core.model import Accepted, Deferred, Doubtful, Refused
from followupd.core.outbound import UnsafeMessage, plain_address
from tests.channels.test_smtp import ENDINGS, RAW, connection, send
from tests.faults import Toll
from tests.servers.smtp import Script, SmtpServer, certificate

HELLO = b"250-odd\r\n250 PIPELINING\r\n"
READY = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n"
GO_ON = b"354 go on\r\n"
QUEUED = b"250 2.0.0 queued\r\n"
DOT = b"\r\n.\r\n"
SECOND = RAW.replace(b"one@", b"two@")

HANG_UP = b""
Turn = tuple[bytes, bytes]


class Odd:
    """A server that says given bytes when given bytes have come, on each connection its own; then it only listens."""

    def __init__(self, *connections: list[Turn]) -> None:
        self.turns = list(connections)
        self.heard: list[bytes] = []  # all that came, of each connection
        self.lines: list[asyncio.StreamWriter] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, waiting = len(self.heard), b""
        self.heard.append(b"")
        self.lines.append(writer)
        writer.write(b"220 odd\r\n")
        for wanted, said in self.turns[number]:
            while wanted not in waiting:
                chunk = await reader.read(65536)
                if not chunk:
                    return
                self.heard[number] += chunk
                waiting += chunk
            waiting = waiting.partition(wanted)[2]
            if said == HANG_UP:
                writer.transport.abort()
                return
            writer.write(said)
        while not waiting.endswith(b"QUIT\r\n") and (chunk := await reader.read(65536)):
            self.heard[number] += chunk
            waiting += chunk
        writer.write(b"221 bye\r\n")
        writer.close()


@asynccontextmanager
async def odd(*connections: list[Turn]) -> Any:
    """Such a server."""
    server = Odd(*connections)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    yield server
    listener.close()


def to(server: Odd, **limits: float) -> Connection:
    """A connection to it."""
    limits = {"connect_limit": 5.0, "command_limit": 5.0, "dot_limit": 5.0} | limits
    return Connection(SmtpAccount(host="127.0.0.1", port=server.port, security="none"), **limits)


async def mail(one: Connection, name: str, raw: bytes = RAW, after_dot: Callable[[], None] = nothing) -> Any:
    """One mail to `name`, all the way."""
    negative = await one.begin("dana@example.com", f"{name}@prospect.example")
    return negative if negative is not None else await one.finish(raw, before_dot=nothing, after_dot=after_dot)


async def two(one: Connection) -> tuple[Any, Any]:
    """Two mails, each in its task: the second begins as soon as the dot of the first is written."""
    written = asyncio.Event()

    async def behind() -> Any:
        await written.wait()
        return await mail(one, "two", SECOND)

    async with asyncio.timeout(10):
        first, second = await asyncio.gather(mail(one, "one", after_dot=written.set), behind())
    return first, second


async def under_way(one: Connection, server: Odd) -> tuple[asyncio.Task[Any], asyncio.Task[Any]]:
    """Two such mails, when the server has seen the second envelope and answered neither of them."""
    written = asyncio.Event()
    first = asyncio.create_task(mail(one, "one", after_dot=written.set))
    async with asyncio.timeout(5):
        await written.wait()
        second = asyncio.create_task(mail(one, "two", SECOND))
        while b"<two@" not in server.heard[0]:
            await asyncio.sleep(0)
    return first, second


OPENING: list[Turn] = [(b"EHLO", HELLO), (b"RCPT TO:<one@", READY), (b"DATA\r\n", GO_ON)]
AGAIN: list[Turn] = [(b"EHLO", HELLO), (b"RCPT TO:<two@", READY), (b"DATA\r\n", GO_ON), (DOT, QUEUED)]
OK = Accepted(250, "2.0.0 queued")


# -- one mail ------------------------------------------------------------------------------------


@pytest.mark.fault("F26", "F27", "F28", "F40")
@pytest.mark.parametrize("follows", [0, len(RAW)])
@pytest.mark.parametrize(("script", "expected", "stored"), ENDINGS)
async def test_an_ending_is_the_same_where_the_envelope_leaves_at_once(
    script: Script, expected: object, stored: int, follows: int, toll: Toll
) -> None:
    """Whatever a server says at any verb means the same whether it takes questions ahead of their turn or not, DATA among them."""
    async with SmtpServer(replace(script, pipelining=True)) as server:
        one = connection(server)
        delivery = await send(one, follows=follows)
        assert type(delivery).__name__ == expected if isinstance(expected, str) else delivery == expected
        assert len(server.mails) == stored
        server.script = Script(pipelining=True)
        assert await send(one) == Accepted(250, "2.0.0 queued")
        toll(injected=1, twice=max(len(server.mails) - stored - 1, 0), touches_lost=max(stored + 1 - len(server.mails), 0))
        await one.close()


async def test_the_envelope_leaves_in_one_write() -> None:
    """A server that answers MAIL only when it has seen the last RCPT gets the mail; answers to all of them come glued together."""
    async with odd([(b"EHLO", HELLO), (b"RCPT TO:<dana@", READY + b"250 ok\r\n"), (b"DATA\r\n", GO_ON), (DOT, QUEUED)]) as server:
        one = to(server)
        assert await one.begin("dana@example.com", "kim@prospect.example", "dana@example.com") is None
        assert await one.finish(RAW, before_dot=nothing) == OK
        await one.close()


REFUSED = [
    (b"250 ok\r\n550 5.1.1 unknown\r\n250 ok\r\n", Refused(550, "5.1.1 unknown", gone=True)),
    (b"250 ok\r\n250 ok\r\n550 5.1.1 us\r\n", Refused(550, "5.1.1 us", blames="mailbox", trouble="policy")),
    (b"451 4.3.0 later\r\n503 5.5.1 no\r\n503 5.5.1 no\r\n", Deferred(451, "4.3.0 later", "server")),
    (b"250 ok\r\n450 4.2.1 later\r\n550 5.1.1 us\r\n", Deferred(450, "4.2.1 later")),
]


@pytest.mark.parametrize(("said", "expected"), REFUSED)
async def test_the_first_no_counts(said: bytes, expected: object) -> None:
    """Of several answers to one envelope the first no is the verdict; the mail is reset, and the connection takes the next."""
    async with odd([(b"EHLO", HELLO), (b"RCPT TO:<dana@", said), (b"RSET\r\n", b"250 ok\r\n"), *AGAIN[1:]]) as server:
        one = to(server)
        assert await one.begin("dana@example.com", "kim@prospect.example", "dana@example.com") == expected
        assert one.idle_since is not None
        assert await mail(one, "two", SECOND) == OK
        assert len(server.heard) == 1
        await one.close()


CUT_SHORT = [
    b"250 ok\r\n421 4.3.2 shutting down\r\n",
    b"250 ok\r\n",
    b"250 ok\r\n250",
    b"250 ok\r\n250-and\r\n",
    b"250 ok\r\n250 ok\r\n250 one too many\r\n",
    b"250 ok\r\n250 ok\r\n2",
    b"250 ok\r\n2500 ok\r\n",
    b"250 ok\r\n550-no\r\n250 yes\r\n",
    b"250 ok\r\nhello\r\n",
]


@pytest.mark.parametrize("said", CUT_SHORT)
async def test_half_an_envelope(said: bytes) -> None:
    """Answers that are too few, too many or no answers: deferred, nothing of the mail has left, and the connection is not used again."""
    async with odd([(b"EHLO", HELLO), (b"RCPT TO:<one@", said)], AGAIN) as server:
        one = to(server, command_limit=0.2)
        assert isinstance(await mail(one, "one"), Deferred)
        assert one.idle_since is None
        assert await mail(one, "two", SECOND) == OK
        await one.close()
    assert b"Subject" not in server.heard[0]


async def test_a_no_counts_though_the_connection_is_lost_with_it() -> None:
    """The recipient is refused, and the rest of the answers never comes: refused it is."""
    async with odd([(b"EHLO", HELLO), (b"RCPT TO:<dana@", b"250 ok\r\n550 5.1.1 unknown\r\n"), (b"RSET", HANG_UP)]) as server:
        one = to(server, command_limit=0.2)
        negative = await one.begin("dana@example.com", "kim@prospect.example", "dana@example.com")
        assert negative == Refused(550, "5.1.1 unknown", gone=True)


# -- DATA with the envelope -----------------------------------------------------------------------


async def ready(one: Connection, name: str, raw: bytes = RAW, gate: Callable[[], None] = nothing, copy_to: str = "") -> Any:
    """One mail to `name` that may follow at once."""
    negative = await one.begin("dana@example.com", f"{name}@prospect.example", copy_to, follows=len(raw))
    return negative if negative is not None else await one.finish(raw, before_dot=gate)


async def test_data_leaves_with_the_envelope() -> None:
    """A server that answers MAIL only when it has seen DATA gets the mail where it is ready, twice over one connection."""
    one_breath = b"RCPT TO:<%b@prospect.example>\r\nDATA\r\n"
    turns = [
        (b"EHLO", HELLO), (one_breath % b"one", READY + GO_ON), (DOT, QUEUED), (one_breath % b"two", READY + GO_ON), (DOT, QUEUED),
    ]  # fmt: skip
    async with odd(turns) as server:
        one = to(server)
        assert (await ready(one, "one"), await ready(one, "two", SECOND)) == (OK, OK)
        await one.close()
    assert server.heard[0].count(b"Subject") == 2


async def test_refused_together_with_data() -> None:
    """The recipient is refused and so is DATA: the mail is reset, and the connection takes the next."""
    said = b"250 ok\r\n550 5.1.1 unknown\r\n503 5.5.1 no valid recipients\r\n"
    turns = [(b"EHLO", HELLO), (b"DATA\r\n", said), (b"RSET\r\n", b"250 ok\r\n"), (b"DATA\r\n", READY + GO_ON), (DOT, QUEUED)]
    async with odd(turns) as server:
        one = to(server)
        assert await ready(one, "one") == Refused(550, "5.1.1 unknown", gone=True)
        assert await ready(one, "two", SECOND) == OK
        await one.close()
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n",  # RFC 2920 section 3.1: possible where nobody was accepted
        b"250 ok\r\n550 5.1.1 unknown\r\n250 ok\r\n354 go\r\n",
    ],
)
async def test_refused_while_the_server_waits_for_the_mail(said: bytes) -> None:
    """The recipient is refused, and the server waits for a mail all the same: nothing that we say may become one, so the connection goes."""
    copy_to = "dana@example.com" if said.count(b"250") == 2 else ""
    async with odd([(b"EHLO", HELLO), (b"DATA\r\n", said)], AGAIN) as server:
        one = to(server)
        assert await ready(one, "one", copy_to=copy_to) == Refused(550, "5.1.1 unknown", gone=True)
        assert one.idle_since is None
        assert await mail(one, "two", SECOND) == OK
        await one.close()
    assert server.heard[0].endswith(b"DATA\r\n")


async def test_given_back_while_the_server_waits_for_the_mail() -> None:
    """Nobody wants the mail any more after DATA: no RSET, which would be its first line."""
    async with odd([(b"EHLO", HELLO), (b"DATA\r\n", READY + GO_ON)], AGAIN) as server:
        one = to(server)
        assert await one.begin("dana@example.com", "one@prospect.example", follows=len(RAW)) is None
        await one.reset()
        assert await mail(one, "two", SECOND) == OK
        await one.close()
    assert server.heard[0].endswith(b"DATA\r\n")


async def test_the_gate_closes_after_data() -> None:
    """The gate is asked after the server's word to go on, wherever DATA went: closed, not one byte of the mail leaves."""

    def closed() -> None:
        raise GateClosed("no longer wanted")

    async with odd([(b"EHLO", HELLO), (b"DATA\r\n", READY + GO_ON)]) as server:
        one = to(server)
        assert await ready(one, "one", gate=closed) == Deferred(0, "the gate closed before the dot")
    assert b"Subject" not in server.heard[0]


async def test_too_big_for_the_server() -> None:
    """A mail over the server's SIZE is refused without DATA, as where it is asked for later."""
    hello = HELLO.replace(b"250 ", b"250-SIZE 10\r\n250 ", 1)
    async with odd([(b"EHLO", hello), (b"RCPT TO:<one@", READY), (b"RSET\r\n", b"250 ok\r\n")]) as server:
        one = to(server)
        delivery = await ready(one, "one")
        assert isinstance(delivery, Refused)
        assert delivery.code == 552
        await one.close()
    assert b"DATA" not in server.heard[0]


# -- the next behind it ----------------------------------------------------------------------------


async def test_the_next_envelope_leaves_behind_the_mail() -> None:
    """A server that answers the dot only when it has seen the next envelope gets both mails, over one connection."""
    turns = [*OPENING, (DOT + b"MAIL FROM:<dana@example.com>\r\nRCPT TO:<two@prospect.example>\r\n", QUEUED + READY), *AGAIN[2:]]
    async with odd(turns) as server:
        one = to(server)
        assert await two(one) == (OK, OK)
        await one.close()
    assert server.heard[0].count(b"Subject") == 2


async def test_where_it_is_not_announced_the_next_one_waits() -> None:
    """A server that does not announce PIPELINING sees nothing of the next mail until it has answered the first."""
    dot, answered = asyncio.Event(), asyncio.Event()
    heard = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        for answer in (b"250 plain\r\n", b"250 ok\r\n", b"250 ok\r\n", GO_ON):
            heard.append(await reader.readline())
            writer.write(answer)
        heard.append(await reader.readuntil(DOT))
        dot.set()
        more = asyncio.create_task(reader.read(1))
        await answered.wait()
        heard.append(b"too early" if more.done() else b"answered")
        writer.write(QUEUED)
        heard.append(await more)
        for answer in (b"250 ok\r\n", b"250 ok\r\n", GO_ON):
            heard.append(await reader.readline())
            writer.write(answer)
        heard.append(await reader.readuntil(DOT))
        writer.write(QUEUED)
        await reader.readline()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    one = Connection(SmtpAccount(host="127.0.0.1", port=listener.sockets[0].getsockname()[1], security="none"))
    both = asyncio.create_task(two(one))
    await asyncio.wait_for(dot.wait(), 5)
    for _ in range(10):  # the next one has begun by now
        await asyncio.sleep(0)
    answered.set()
    assert await both == (OK, OK)
    await one.close()
    listener.close()
    assert heard[5:8] == [b"answered", b"M", b"AIL FROM:<dana@example.com>\r\n"]


LOST_WITH_IT = [
    # what the server says to the first dot, what becomes of the first mail
    (HANG_UP, "Doubtful"),
    (b"nonsense\r\n", "Doubtful"),
    (b"354 what\r\n", "Doubtful"),
    (b"250-2.0.0 half of it, and no end", "Doubtful"),
    (b"421 4.7.0 try again later\r\n", Deferred(421, "4.7.0 try again later", "mailbox", "throttled")),
]


@pytest.mark.fault("F29")
@pytest.mark.parametrize(("said", "expected"), LOST_WITH_IT)
async def test_a_connection_that_ends_under_two_mails(said: bytes, expected: object, toll: Toll) -> None:
    """The first has left, and only an answer is definite; the second has not: it is deferred, and goes another time."""
    async with odd([*OPENING, (b"RCPT TO:<two@", said)], AGAIN) as server:
        one = to(server, command_limit=0.2, dot_limit=0.2)
        first, second = await two(one)
        assert type(first).__name__ == expected if isinstance(expected, str) else first == expected
        assert isinstance(second, Deferred)
        assert (second.code, second.blames) == (0, "server")
        assert server.heard[0].count(b"Subject") == 1
        assert await mail(one, "two", SECOND) == OK
        assert len(server.heard) == 2
        toll(injected=1, twice=server.heard[1].count(b"Subject") - 1)
        await one.close()


@pytest.mark.parametrize("said", [b"550 5.6.0 content\r\n", b"451 4.7.1 later\r\n"])
async def test_a_no_to_the_first_is_none_to_the_second(said: bytes) -> None:
    """The mail ahead is refused or deferred after its dot: the one behind it goes on, on the same connection."""
    async with odd([*OPENING, (b"RCPT TO:<two@", said + READY), *AGAIN[2:]]) as server:
        one = to(server)
        first, second = await two(one)
        assert isinstance(first, Refused | Deferred)
        assert second == OK
        assert len(server.heard) == 1
        await one.close()


@pytest.mark.parametrize("said", [QUEUED, QUEUED + b"421 4.4.2 enough mails on this connection\r\n", QUEUED + QUEUED + READY])
async def test_a_connection_that_ends_between_two_mails(said: bytes) -> None:
    """The first has its answer, and then the server closes, or falls out of step: the second goes over a new connection, once."""
    async with odd([*OPENING, (b"RCPT TO:<two@", said)], AGAIN) as server:
        one = to(server, command_limit=0.2)
        assert await two(one) == (OK, OK)
        assert [heard.count(b"Subject") for heard in server.heard] == [1, 1]
        await one.close()


async def test_an_answer_of_its_own_for_each() -> None:
    """The second recipient is refused while the first mail is accepted: neither is told what belongs to the other."""
    said = QUEUED + b"250 ok\r\n550 5.1.1 unknown\r\n"
    async with odd([*OPENING, (b"RCPT TO:<two@", said), (b"RSET\r\n", b"250 ok\r\n"), *AGAIN[1:]]) as server:
        one = to(server)
        assert await two(one) == (OK, Refused(550, "5.1.1 unknown", gone=True))
        assert await mail(one, "two", SECOND) == OK
        assert len(server.heard) == 1
        await one.close()


async def test_the_second_has_its_time_once_the_first_is_answered() -> None:
    """The limit of an answer counts from its turn: a slow answer to the dot ahead does not use up that of the next envelope."""
    async with SmtpServer(Script(pipelining=True, delay={"DOT": 0.4})) as server:
        one = connection(server, command_limit=0.2)
        assert await two(one) == (OK, OK)
        assert server.connections == 1
        await one.close()


async def test_a_second_that_is_given_up_does_not_disturb_the_first() -> None:
    """Cancelled while the first is still unanswered: the first gets its answer, then the connection ends, and others go over a new one."""
    async with odd(OPENING, AGAIN) as server:
        one = to(server)
        first, second = await under_way(one, server)
        wire = one._kept
        assert wire is not None
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert not first.done()
        assert await mail(one, "two", SECOND) == OK
        assert len(server.heard) == 2
        assert not wire.end
        server.lines[0].write(QUEUED)
        assert await first == OK
        assert wire.end == "given up"
        await one.close()
    assert server.heard[0].count(b"Subject") == 1


async def test_a_first_that_is_given_up_takes_the_second_with_it() -> None:
    """Cancelled after its dot, nobody can tell the answers apart any more: the second is deferred, and nothing of it has left."""
    async with odd(OPENING) as server:
        first, second = await under_way(to(server), server)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert isinstance(await second, Deferred)
    assert server.heard[0].count(b"Subject") == 1


async def test_never_two_envelopes_at_once() -> None:
    """Before the dot of the first nobody may begin on the same connection: a server might take its mail to the second recipient."""
    async with SmtpServer(Script(pipelining=True)) as server:
        one = connection(server)
        assert await one.begin("dana@example.com", "one@prospect.example") is None
        with pytest.raises(RuntimeError, match="a mail has begun"):
            await one.begin("dana@example.com", "two@prospect.example")
        await one.reset()
        assert await mail(one, "two") == OK
        assert [each.recipients for each in server.mails] == [("two@prospect.example",)]
        await one.close()


async def test_after_dot_comes_when_the_mail_is_handed_over_and_only_then() -> None:
    """It is called once before the answer, never where no dot has left; what it raises is not hidden, and the mail stays in doubt."""
    calls: list[str] = []

    def closed() -> None:
        raise GateClosed

    def fails() -> None:
        raise KeyError("x")

    async with SmtpServer(Script(pipelining=True)) as server:
        one = connection(server)
        assert await one.begin("dana@example.com", "one@prospect.example") is None
        gate, dot = note(calls, "before"), note(calls, "after")
        assert await one.finish(RAW, before_dot=gate, after_dot=dot) == OK
        assert calls == ["before", "after"]
        await one.begin("dana@example.com", "one@prospect.example")
        assert isinstance(await one.finish(RAW, before_dot=closed, after_dot=dot), Deferred)
        server.script = Script(answers={"DATA": "554 no"})
        await one.begin("dana@example.com", "one@prospect.example")
        assert isinstance(await one.finish(RAW, before_dot=gate, after_dot=dot), Refused)
        assert calls == ["before", "after"]
        server.script = Script()
        await one.begin("dana@example.com", "one@prospect.example")
        with pytest.raises(KeyError):
            await one.finish(RAW, before_dot=gate, after_dot=fails)
        assert one.idle_since is None


def note(calls: list[str], word: str) -> Callable[[], None]:
    """A hook that notes that it was called."""
    return lambda: calls.append(word)


@pytest.mark.parametrize("announced", [False, True])
async def test_closing_waits_for_what_is_still_out(announced: bool) -> None:
    """QUIT goes behind the mail, and the mail gets its answer."""
    async with SmtpServer(Script(pipelining=announced, delay={"DOT": 0.1})) as server:
        one, written = connection(server), asyncio.Event()
        first = asyncio.create_task(mail(one, "one", after_dot=written.set))
        await written.wait()
        await one.close()
        assert await first == OK
        assert server.commands[-1] == "QUIT"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_two_mails_over_tls(security: str, tmp_path: Any) -> None:
    """The same through TLS: what is announced after the handshake counts."""
    context, known = certificate(tmp_path)
    async with SmtpServer(Script(tls=context, implicit=security == "tls", pipelining=True)) as server:
        one = connection(server, security=security, host="localhost", ca_file=str(known))
        assert await two(one) == (OK, OK)
        assert server.connections == 1
        await one.close()


# -- the bytes -----------------------------------------------------------------------------------

BODIES = [
    RAW,
    b".\r\n",
    b"..\r\n.\r\n\r\n.",
    b".first\r\n.second\r\n..third\r\nno dot.\r\n",
    b"Subject: x\r\n\r\n" + b"x" * 100_000 + b"\r\n." + b"y" * 70_000,
    b"bare\nlines\rand\n.\n.\r.\r\n",
    b"",
]


@pytest.mark.parametrize("raw", BODIES)
@pytest.mark.parametrize("announced", [False, True])
async def test_the_bytes_are_those_of_aiosmtplib(raw: bytes, announced: bool) -> None:
    """A mail that begins with a dot, has lines of a dot or very long ones, or ends in the middle: byte for byte what aiosmtplib sends."""
    hello = HELLO if announced else b"250 odd\r\n"
    turns = [(b"EHLO", hello), (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"), (b"DATA\r\n", GO_ON), (b".\r\nQUIT", QUEUED)]
    turns[4:] = [(_for_the_wire(raw), QUEUED), (b"QUIT", b"221 bye\r\n")]
    async with odd(turns, turns) as server:
        theirs = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=server.port, local_hostname="localhost", start_tls=False, use_tls=False, timeout=5
        )
        await theirs.connect()
        await theirs.ehlo()
        await theirs.mail("dana@example.com")
        await theirs.rcpt("one@prospect.example")
        await theirs.data(raw)
        await theirs.quit()
        ours = to(server)
        assert await mail(ours, "one", raw) == OK
        await ours.close()
        assert server.heard[0] == server.heard[1]


@example(b"\r.\n\r\n")  # the same line ends, but not side by side
@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"x", b"\r\n.\r\n", b"\xff", b" "])).map(b"".join))
def test_any_body_is_stuffed_as_aiosmtplib_does(raw: bytes) -> None:
    """Line ends of one kind and doubled dots without an expression over the body: the same bytes."""
    assert _for_the_wire(raw) == PERIOD_REGEX.sub(b"..", normalize_message_line_endings(raw)) + b".\r\n"


@given(st.text(st.sampled_from("aZ0.!#'*+-/=?^_`{|}~@\" <>(),\\"), max_size=30))
def test_a_plain_address_needs_no_quoting(address: str) -> None:
    """What we take for a plain address, aiosmtplib writes as it is."""
    try:
        plain_address("recipient", address)
    except UnsafeMessage:
        return
    assert quote_address(address) == f"<{address}>"


# -- the wire itself ---------------------------------------------------------------------------------


class Line:
    """A transport on which nothing happens by itself."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def set_protocol(self, protocol: object) -> None:
        """There is one."""

    def is_closing(self) -> bool:
        """Whether it was aborted."""
        return self.closed

    def write(self, data: bytes) -> None:
        """Leaves at once."""
        self.written.append(data)

    def abort(self) -> None:
        """The end."""
        self.closed = True


SAID = st.tuples(
    st.integers(200, 599),
    st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=8), min_size=1, max_size=3),
)


def spelled(code: int, lines: list[str]) -> bytes:
    """An answer as a server sends it."""
    marks = ["-"] * (len(lines) - 1) + [" "]
    return b"".join(f"{code}{mark}{line}\r\n".encode() for mark, line in zip(marks, lines, strict=True))


@given(
    st.lists(st.lists(SAID, min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.integers(0, 200)),
    st.sampled_from(["", "2", "250 more\r\n"]),
)
async def test_answers_find_their_questions_however_they_are_cut(
    groups: list[list[tuple[int, list[str]]]], cuts: list[int], extra: str
) -> None:
    """First in, first out, whatever pieces the network makes of the answers; and one sign too many ends it."""
    line = Line()
    wire = Wire(line, pipelining=True)  # type: ignore[arg-type]
    questions = [wire.ask(b"?", len(group), 5.0) for group in groups]
    whole = b"".join(spelled(*one) for group in groups for one in group) + extra.encode()
    ends = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    for start, end in pairwise(ends):
        wire.data_received(whole[start:end])
    for question, group in zip(questions, groups, strict=True):
        expected = [(code, "\n".join(text.encode().strip().decode() for text in lines)) for code, lines in group]
        assert [tuple(answer) for answer in await question] == expected
    assert bool(wire.end) == line.closed == bool(extra)
    wire.cut("over")


async def test_after_the_end_nothing_leaves() -> None:
    """A question asked after the end is over at once, with no answer and not a byte written."""
    line = Line()
    wire = Wire(line, pipelining=True)  # type: ignore[arg-type]
    wire.eof_received()
    assert await wire.ask(b"DATA\r\n", 1, 5.0) == []
    assert line.written == []
    assert wire.end == "the server closed the connection"


async def test_one_alarm_for_all_questions() -> None:
    """An answer in time costs no timer; a shorter limit after a longer one is kept, and so is a longer one after a shorter."""
    for limits in ([5.0, 0.05], [0.05, 0.1], [0.1]):
        line = Line()
        wire = Wire(line, pipelining=True)  # type: ignore[arg-type]
        for limit in limits[:-1]:
            question = wire.ask(b"?", 1, limit)
            wire.data_received(b"250 ok\r\n")
            await question
        began = asyncio.get_running_loop().time()
        assert await wire.ask(b"?", 1, limits[-1]) == []
        assert limits[-1] * 0.99 <= asyncio.get_running_loop().time() - began < 2
        assert wire.end == "no answer within the limit"


async def test_what_was_said_unasked_ends_it() -> None:
    """A word between two questions, whole or half, makes the connection unfit: the next mail goes over a new one."""
    for word in (b"421 4.4.2 idle too long\r\n", b"2"):
        wire = Wire(Line(), pipelining=True)  # type: ignore[arg-type]
        wire.data_received(word)
        assert wire.end == "the server answered more than it was asked"


# -- any server at all -----------------------------------------------------------------------------

Odds = dict[int, bytes]
YES, NO, LATER, BYE, SILENT, HALF, CUT = (
    b"250 2.0.0 queued",
    b"550 5.6.0 no",
    b"451 4.3.0 later",
    b"421 4.3.2 bye",
    b"",
    b"250-half",
    b"cut",
)
WORDS = st.sampled_from(
    [NO, LATER, BYE, SILENT, CUT, b"354 go on", b"250 5.7.1 what", b"hello", YES + b"\r\n" + YES, b"250-half"]
)


class Capricious(Line):
    """A server at the other end of a line: it says what is usual but for a few odd words, and writes down what it took and said."""

    def __init__(self, odds: Odds, turns: Iterator[int], taken: list[bytes], said: dict[bytes, bytes]) -> None:
        super().__init__()
        self.odds, self.turns, self.taken, self.said = odds, turns, taken, said
        self.protocol: Wire | None = None
        self.body = self.mute = False

    def set_protocol(self, protocol: Any) -> None:
        """Who is to be told."""
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        """Commands, or the body where it has asked for one; the answers come a little later, in their order."""
        if self.body:
            self.body = False
            self.taken.append(data)
            self.said[data] = self.answer(YES)
            return
        for command in data.splitlines():
            assert command[:4] in {b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT"}
            word = self.answer(b"354 go on" if command == b"DATA" else YES)
            self.body = command == b"DATA" and word == b"354 go on"

    def answer(self, usual: bytes) -> bytes:
        """What it says now."""
        word = self.odds.get(next(self.turns), usual)
        later = asyncio.get_running_loop().call_later
        if self.mute:
            return SILENT
        if word in {CUT, BYE}:
            later(0.001, self.hang_up, b"" if word == CUT else BYE + b"\r\n")
        elif word != SILENT:
            later(0.001, self.say, word + b"\r\n")
        self.mute = word in {SILENT, HALF}
        return word

    def say(self, data: bytes) -> None:
        """Unless it was hung up."""
        if not self.closed and self.protocol:
            self.protocol.data_received(data)

    def hang_up(self, data: bytes) -> None:
        """With a last word or without."""
        self.say(data)
        if not self.closed and self.protocol:
            self.protocol.eof_received()


@settings(max_examples=60)
@given(st.dictionaries(st.integers(0, 15), WORDS, max_size=3), st.booleans(), st.integers(2, 4))
async def test_whatever_a_server_says_no_mail_goes_twice(odds: Odds, pipelining: bool, mails: int) -> None:
    """Of mails one behind the other each leaves at most once; accepted is what was answered with a yes, and what is deferred or refused was not taken."""
    taken: list[bytes] = []
    said: dict[bytes, bytes] = {}
    one = Connection(SmtpAccount(host="x", port=1, security="none"), command_limit=0.02, dot_limit=0.02)
    turns = count()

    async def connect(_: object) -> None:
        one._kept = Wire(Capricious(odds, turns, taken, said), pipelining=pipelining)  # type: ignore[arg-type]

    one._connect = connect  # type: ignore[method-assign, assignment]
    turn, raws = asyncio.Lock(), [b"mail %d\r\n" % number for number in range(mails)]

    async def deliver(raw: bytes) -> Any:
        await turn.acquire()
        freed = []

        def free() -> None:
            freed.append(turn.release())

        try:
            negative = await one.begin("dana@example.com", "kim@prospect.example")
            return negative or await one.finish(raw, before_dot=nothing, after_dot=free)
        finally:
            if not freed:
                free()

    deliveries = dict(zip(raws, await asyncio.gather(*map(deliver, raws)), strict=True))
    await one.close()
    for raw, delivery in deliveries.items():
        body = raw + b".\r\n"
        assert taken.count(body) == (body in said) <= 1
        match delivery:
            case Accepted():
                assert said[body].startswith(b"250 ")
            case Doubtful():
                assert body in said
            case Deferred() | Refused():
                assert body not in said or said[body] in {NO, LATER, BYE}
                assert delivery.code or body not in said
