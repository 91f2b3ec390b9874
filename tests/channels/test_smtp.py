"""The connection to a mail server, against servers that behave as badly as real ones do."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from followupd.channels.smtp import BLAMES, GONE, Connection, GateClosed, SmtpAccount, cleaned, judge
from followupd.core.model import Accepted, Deferred, Doubtful, Refused
from followupd.core.troubles import TROUBLES
from tests.faults import Toll
from tests.servers import smtp
from tests.servers.smtp import Script, SmtpServer

RAW = b"Message-ID: <one@example.com>\r\nSubject: x\r\n\r\nHello\r\n"
LIMITS = {"connect_limit": 5.0, "command_limit": 5.0, "dot_limit": 5.0}


def connection(server: SmtpServer, *, security: str = "none", host: str = "127.0.0.1", **account: Any) -> Connection:
    """A connection to a test server, with short limits."""
    limits = {name: account.pop(name, limit) for name, limit in LIMITS.items()}
    return Connection(SmtpAccount(host=host, port=server.port, security=security, **account), **limits)


def nothing() -> None:
    """A gate that is open."""


async def send(one: Connection, before_dot: Callable[[], None] = nothing, raw: bytes = RAW, follows: int = 0) -> Any:
    """One mail, all the way."""
    negative = await one.begin("dana@example.com", "kim@prospect.example", follows=follows)
    return negative if negative is not None else await one.finish(raw, before_dot=before_dot)


async def test_a_mail_is_accepted_and_the_connection_is_kept() -> None:
    """Three mails go over one connection, each arrives as it was, and idle_since says when it was last used."""
    async with SmtpServer() as server:
        one = connection(server, local_hostname="dana.example")
        assert one.idle_since is None
        for _ in range(3):
            assert await send(one) == Accepted(250, "2.0.0 queued")
            assert one.idle_since is not None
        assert server.connections == 1
        assert [(mail.sender, mail.recipients, mail.raw) for mail in server.mails] == [
            ("dana@example.com", ("kim@prospect.example",), RAW)
        ] * 3
        assert server.commands[0] == "EHLO dana.example"
        await one.close()
        assert server.commands[-1] == "QUIT"
        assert one.idle_since is None


ENDINGS = [
    # what the server does, what we make of it, how many mails it has
    (Script(answers={"BANNER": "554 5.7.1 go away"}), Deferred(554, "5.7.1 go away", "server"), 0),
    (Script(answers={"BANNER": "421 4.3.2 later"}), Deferred(421, "4.3.2 later", "server"), 0),
    (Script(answers={"EHLO": "550 no"}), Deferred(550, "no", "server"), 0),
    (Script(answers={"MAIL": "451 4.3.0 later"}), Deferred(451, "4.3.0 later", "server"), 0),
    (Script(answers={"MAIL": "550 5.1.8 bad sender"}), Refused(550, "5.1.8 bad sender", blames="mailbox", trouble="policy"), 0),
    (Script(answers={"RCPT": "450 4.7.1 greylisted"}), Deferred(450, "4.7.1 greylisted", "message"), 0),
    (Script(answers={"RCPT": "550 5.1.1 unknown"}), Refused(550, "5.1.1 unknown", gone=True), 0),
    (Script(answers={"RCPT": "550-5.1.1 unknown\r\n550 5.1.1 user"}), Refused(550, "5.1.1 unknown 5.1.1 user", gone=True), 0),
    (Script(answers={"DATA": "451 4.3.1 later"}), Deferred(451, "4.3.1 later", "server"), 0),
    (Script(answers={"DATA": "554 no"}), Refused(554, "no"), 0),
    (Script(answers={"DATA": "250 out of step"}), Deferred(0, "an answer that makes no sense: 250 out of step", "server"), 0),
    (Script(answers={"DATA": b"354 go\r\n250 already\r\n"}), "Deferred", 0),
    (Script(answers={"DOT": "451 4.7.1 later"}), Deferred(451, "4.7.1 later", "message"), 0),
    (Script(answers={"DOT": "421 4.7.0 try again later"}), Deferred(421, "4.7.0 try again later", "mailbox", "throttled"), 0),
    (Script(answers={"DOT": "550 5.4.5 daily limit"}), Refused(550, "5.4.5 daily limit", blames="mailbox", trouble="quota"), 0),
    (Script(answers={"DOT": "550 5.1.1 unknown"}), Refused(550, "5.1.1 unknown"), 0),
    (Script(drop=frozenset({"BANNER"})), "Deferred", 0),
    (Script(drop=frozenset({"EHLO"})), "Deferred", 0),
    (Script(drop=frozenset({"MAIL"})), "Deferred", 0),
    (Script(drop=frozenset({"RCPT"})), "Deferred", 0),
    (Script(drop=frozenset({"DATA"})), "Deferred", 0),
    (Script(drop=frozenset({"BODY"})), "Doubtful", 0),
    (Script(drop=frozenset({"DOT"}), stores=True), "Doubtful", 1),
    (Script(drop=frozenset({"DOT"}), stores=False), "Doubtful", 0),
    (Script(answers={"DOT": b"hello there\r\n"}), "Doubtful", 1),
    (Script(answers={"DOT": b"\x00\xff\xfe\r\n"}), "Doubtful", 1),
    (Script(answers={"DOT": "250 5.7.1 rejected"}), "Doubtful", 1),
    (Script(answers={"DOT": "354 what"}), "Doubtful", 0),
    (Script(answers={"DOT": "999 what"}), "Doubtful", 0),
    (Script(answers={"DOT": b"550" + b"-x" * 500_000 + b"\r\n"}), "Doubtful", 0),
    (Script(answers={"DOT": b"250-x\r\n" * 150_000 + b"250 x\r\n"}), "Doubtful", 1),
    (Script(answers={"MAIL": b"nonsense\r\n"}), "Deferred", 0),
    (Script(answers={"RCPT": b"250 ok\r\n250 and again\r\n"}), "Deferred", 0),
]


@pytest.mark.fault("F26", "F27", "F28", "F40")
@pytest.mark.parametrize(("script", "expected", "stored"), ENDINGS)
async def test_each_ending_is_told_for_what_it_is(script: Script, expected: object, stored: int, toll: Toll) -> None:
    """Before the body every end is definite; after it only a whole answer is. The next mail goes once the server is well."""
    async with SmtpServer(script) as server:
        one = connection(server)
        delivery = await send(one)
        if isinstance(expected, str):
            assert type(delivery).__name__ == expected, delivery
        else:
            assert delivery == expected
        assert delivery.text.isprintable()
        assert 0 < len(delivery.text) <= 320
        assert len(server.mails) == stored
        server.script = Script()
        assert await send(one) == Accepted(250, "2.0.0 queued")
        toll(injected=1, twice=max(len(server.mails) - stored - 1, 0), touches_lost=max(stored + 1 - len(server.mails), 0))
        await one.close()


@pytest.mark.fault("F42")
async def test_a_mail_over_the_servers_size_is_refused_before_data(toll: Toll) -> None:
    """The server has said at EHLO how much it takes (RFC 1870); more is never begun."""
    async with SmtpServer(Script(size=20)) as server:
        assert await send(connection(server)) == Refused(552, "the message has 52 bytes, and the server takes 20")
        assert "DATA" not in server.commands
        toll(injected=1)


async def test_a_refused_connection_is_deferred() -> None:
    """Nobody listens, or the name does not exist: Deferred, about the server."""
    async with SmtpServer() as server:
        one = connection(server)
    assert isinstance(first := await send(one), Deferred)
    assert (first.code, first.blames) == (0, "server")
    nowhere = Connection(SmtpAccount(host="nowhere.invalid", port=25, security="none"), connect_limit=5)
    assert isinstance(await send(nowhere), Deferred)


@pytest.mark.fault("F26")
@pytest.mark.parametrize(
    ("verb", "expected"),
    [("BANNER", Deferred), ("EHLO", Deferred), ("MAIL", Deferred), ("RCPT", Deferred), ("DATA", Deferred), ("DOT", Doubtful)],
)
async def test_silence_ends_at_the_limit(verb: str, expected: type, toll: Toll) -> None:
    """A server that hangs at a verb is given up after the limit: definite before the body, doubtful after it."""
    async with SmtpServer(Script(delay={verb: 60})) as server:
        one = connection(server, connect_limit=0.2, command_limit=0.2, dot_limit=0.3)
        delivery = await asyncio.wait_for(send(one), 10)
        assert type(delivery) is expected
        assert one.idle_since is None
        toll(injected=server.connections, twice=len(server.mails) - (verb == "DOT") if server.mails else 0)


async def test_a_slow_answer_to_the_dot_has_its_own_limit() -> None:
    """The answer to the dot is waited for longer than any command."""
    async with SmtpServer(Script(delay={"DOT": 0.5})) as server:
        assert isinstance(await send(connection(server, command_limit=0.2)), Accepted)


@pytest.mark.parametrize("answer", ["hang up", "421 4.4.2 idle too long"])
async def test_a_kept_connection_that_died_is_made_anew_once(answer: str) -> None:
    """What only shows at the next command costs no touch: one new connection, and the mail goes once."""
    async with SmtpServer() as server:
        one = connection(server)
        assert isinstance(await send(one), Accepted)
        if answer == "hang up":
            server.hang_up()
        else:
            server.script = Script(answers={"MAIL": [answer, "250 ok"]})
        assert isinstance(await send(one), Accepted)
        assert (server.connections, len(server.mails)) == (2, 2)
        server.script = Script(answers={"MAIL": "421 4.4.2 idle too long"})
        assert isinstance(await send(one), Deferred)
        assert server.connections == 3


async def test_the_gate_stands_between_354_and_the_first_byte() -> None:
    """`before_dot` runs after the server's 354 and before it has a byte of the body."""
    async with SmtpServer() as server:
        seen: list[tuple[str, int]] = []
        one = connection(server)
        await send(one, lambda: seen.append((server.commands[-1], len(server.mails))))
        assert seen == [("DATA", 0)]


@pytest.mark.parametrize("failure", [GateClosed(), OSError("no space"), KeyError("x")])
async def test_a_closed_gate_means_not_sent(failure: Exception) -> None:
    """If `before_dot` raises, no dot leaves, the connection is dropped, and the next mail goes over a new one."""

    def closed() -> None:
        raise failure

    async with SmtpServer() as server:
        one = connection(server)
        if isinstance(failure, GateClosed):
            assert await send(one, closed) == Deferred(0, "the gate closed before the dot")
        else:
            with pytest.raises(type(failure)):
                await send(one, closed)
        assert one.idle_since is None
        assert isinstance(await send(one), Accepted)
        assert (server.connections, len(server.mails)) == (2, 1)


async def test_cancelled_before_the_dot_nothing_leaves() -> None:
    """A send that is cancelled while it waits for the 354 drops the connection without a dot."""
    async with SmtpServer(Script(delay={"DATA": 60})) as server:
        one = connection(server)
        task = asyncio.create_task(send(one))
        async with asyncio.timeout(5):
            while "DATA" not in server.commands:
                await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert one.idle_since is None
        server.script = Script()
        assert isinstance(await send(one), Accepted)
        assert len(server.mails) == 1


async def test_what_is_given_up_does_not_leave_later() -> None:
    """A body that the server was too slow to take is cut off: when it reads on, there is no dot."""
    read_on, got = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (b"220 hi", b"250 ok", b"250 ok", b"250 ok", b"354 go"):
            writer.write(answer + b"\r\n")
            await reader.readline()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await read_on.wait()
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        tail = b""
        try:
            while chunk := await reader.read(1_000_000):
                tail = (tail + chunk)[-10:]
        except ConnectionError:
            pass
        got.set_result(tail)
        writer.transport.abort()

    listener = await asyncio.start_server(slow, "127.0.0.1", 0)
    account = SmtpAccount(host="127.0.0.1", port=listener.sockets[0].getsockname()[1], security="none")
    one = Connection(account, command_limit=5, dot_limit=0.2)
    assert isinstance(await send(one, raw=RAW + (b"x" * 900 + b"\r\n") * 18_000), Doubtful)
    read_on.set()
    assert b"\r\n.\r\n" not in await asyncio.wait_for(got, 20)
    listener.close()


async def test_reset_forgets_the_mail_begun() -> None:
    """After `reset` the same connection takes the next mail."""
    async with SmtpServer() as server:
        one = connection(server)
        assert await one.begin("dana@example.com", "first@prospect.example") is None
        await one.reset()
        assert isinstance(await send(one), Accepted)
        assert server.connections == 1
        assert "RSET" in server.commands
        assert server.mails[0].recipients == ("kim@prospect.example",)


async def test_an_address_that_could_hold_a_command_never_reaches_the_wire() -> None:
    """A bad address is refused before there is a connection."""
    async with SmtpServer() as server:
        one = connection(server)
        for bad in ("kim@x>\r\nRCPT TO:<eve@evil.example", "kïm@x.example", "Kim <kim@x.example>", ""):
            assert isinstance(await one.begin("dana@example.com", bad), Refused)
        assert server.connections == 0


SMUGGLING = [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n.\r\n"]


@pytest.mark.parametrize("lax", [False, True])
@pytest.mark.parametrize("shape", SMUGGLING)
async def test_a_body_never_ends_the_mail_early(shape: bytes, lax: bool) -> None:
    """Seven ways to write an end of data inside a body arrive as one mail, at a strict and at a careless server."""
    raw = (
        b"Subject: x\r\n\r\nHello"
        + shape
        + b"MAIL FROM:<eve@evil.example>\r\nRCPT TO:<v@x>\r\nDATA\r\nSubject: y\r\n\r\nsmuggled\r\n"
    )
    async with SmtpServer(Script(lax=lax)) as server:
        one = connection(server)
        assert isinstance(await send(one, raw=raw), Accepted)
        await one.close()
        assert len(server.mails) == 1
        assert b"smuggled" in server.mails[0].raw
        assert not [line for line in server.commands if "evil" in line]


async def test_other_ids_in_the_answer_are_kept() -> None:
    """The id that Exchange Online gives the mail stands in its answer."""
    told = "250 2.0.0 OK <DB7PR01MB1@DB7PR01MB1.eurprd01.prod.outlook.com> [Hostname=DB7PR01MB1.eurprd01.prod.outlook.com]"
    async with SmtpServer(Script(answers={"DOT": told})) as server:
        delivery = await send(connection(server))
        assert delivery.ids == ("DB7PR01MB1@DB7PR01MB1.eurprd01.prod.outlook.com",)


@pytest.mark.fault("F40")
async def test_a_huge_answer_takes_little_memory(toll: Toll) -> None:
    """An answer of a megabyte, with or without lines, is not gathered: under a megabyte is held at any moment."""
    for answer in (b"250-" + b"x" * 1_000_000 + b"\r\n", b"250-x\r\n" * 150_000):
        with smtp.in_thread(Script(answers={"RCPT": answer})) as server:
            one = connection(server)
            assert await one.begin("dana@example.com", "dana@example.com") is not None
            tracemalloc.start()
            try:
                assert isinstance(await send(one), Deferred)
                # The server in the thread counts too: it keeps the answer itself, made before, and one copy under way.
                assert tracemalloc.get_traced_memory()[1] < 1_000_000 + len(answer)
                toll(injected=1)
            finally:
                tracemalloc.stop()


# -- login and TLS -------------------------------------------------------------------------------


async def test_a_login_is_tried_once() -> None:
    """A wrong password costs one try, not one per method, and is about our mailbox."""
    async with SmtpServer(Script(password="right")) as server:
        one = connection(server, user="dana", password=lambda: "false")
        assert await send(one) == Refused(535, "5.7.8 wrong password", blames="mailbox", trouble="login")
        assert (server.logins, server.mails) == (1, [])
        good = connection(server, user="dana", password=lambda: "right")
        assert isinstance(await send(good), Accepted)


@pytest.mark.parametrize("yes", ["235 2.7.0 welcome", "250 2.0.0 Ok"])
async def test_any_yes_to_a_login_is_one(yes: str) -> None:
    """A server that says 250 where RFC 4954 wants 235 has said yes all the same."""
    async with SmtpServer(Script(password="right", answers={"AUTH": yes})) as server:
        assert isinstance(await send(connection(server, user="dana", password=lambda: "right")), Accepted)


async def test_no_login_offered() -> None:
    """A relay that offers no AUTH knows us by our address: the mail goes without a login."""
    async with SmtpServer(Script()) as server:
        assert isinstance(await send(connection(server, user="dana", password=lambda: "any")), Accepted)
        assert server.logins == 0


async def test_too_many_logins_is_about_the_mailbox() -> None:
    """454 4.7.0 at login defers, and blames the mailbox."""
    async with SmtpServer(Script(password="x", answers={"AUTH": "454 4.7.0 Too many login attempts"})) as server:
        one = connection(server, user="dana", password=lambda: "x")
        assert await send(one) == Deferred(454, "4.7.0 Too many login attempts", "mailbox", "throttled")
        assert server.logins == 1


async def test_a_password_that_cannot_be_read_is_told() -> None:
    """A secret that is not there defers, before any connection."""

    def missing() -> str:
        raise FileNotFoundError("no such file: secret")

    async with SmtpServer() as server:
        delivery = await send(connection(server, user="dana", password=missing))
        assert delivery == Deferred(0, "the password of dana can't be had: no such file: secret", "mailbox", "login")
        assert server.connections == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_goes_over_tls(security: str, tmp_path: Path) -> None:
    """With a certificate of a known issuer for the right name, login and mail go encrypted."""
    context, known = smtp.certificate(tmp_path)
    async with SmtpServer(Script(tls=context, implicit=security == "tls", password="p")) as server:
        account: dict[str, Any] = {"user": "dana", "password": lambda: "p", "ca_file": str(known), "host": "localhost"}
        assert isinstance(await send(connection(server, security=security, **account)), Accepted)
        assert not [line for line in server.clear if not line.startswith((b"EHLO", b"STARTTLS"))]


@pytest.mark.fault("F41")
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["stripped", "unknown issuer", "wrong name", "expired", "refused", "no ca file"])
async def test_without_sound_tls_nothing_leaves(security: str, fault: str, tmp_path: Path, toll: Toll) -> None:
    """STARTTLS stripped, a certificate that is expired, of an unknown issuer or for another name: Deferred, no secret in the clear."""
    name, days = "elsewhere" if fault == "wrong name" else "localhost", -1 if fault == "expired" else 30
    context, known = smtp.certificate(tmp_path, name, days=days)
    offered = None if fault == "stripped" else context
    answers = {"STARTTLS": "454 4.7.0 TLS not available"} if fault == "refused" else {}
    implicit = security == "tls" and fault not in {"stripped", "refused"}
    ca_file = {"unknown issuer": None, "no ca file": str(tmp_path / "none")}.get(fault, str(known))
    async with SmtpServer(Script(tls=offered, implicit=implicit, password="p", answers=answers)) as server:
        one = connection(server, security=security, user="dana", password=lambda: "p", ca_file=ca_file, host="localhost")
        delivery = await send(one)
        assert isinstance(delivery, Deferred)
        assert delivery.blames == "server"
        assert (server.logins, server.mails) == (0, [])
        assert b"AUTH" not in b"".join(server.clear)
        assert b"MAIL" not in b"".join(server.clear)
        toll(injected=1, twice=len(server.mails))


# -- the table -----------------------------------------------------------------------------------

ANSWERS = [
    ("login", 535, "5.7.8 Username and Password not accepted", "mailbox"),
    ("login", 454, "4.7.0 Too many login attempts, please try again later.", "mailbox"),
    ("mail", 421, "4.7.0 Try again later, closing connection.", "mailbox"),
    ("data", 432, "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending", "mailbox"),
    ("dot", 550, "5.4.5 Daily user sending limit exceeded.", "mailbox"),
    ("rcpt", 452, "4.5.3 Your message has too many recipients.", "mailbox"),
    ("dot", 550, "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", "mailbox"),
    ("dot", 554, "5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction verdict is refuse", "mailbox"),
    ("dot", 454, "Throttling failure: Daily message quota exceeded.", "mailbox"),
    ("dot", 550, "5.4.6 Unusual sending activity detected. Please try after sometime", "mailbox"),
    ("dot", 550, "5.7.1 rejected by policy", "mailbox"),
    ("dot", 550, "5.7.515 Access denied, sending domain does not meet the required authentication level", "mailbox"),
    ("dot", 550, "5.7.26 This mail is unauthenticated (DMARC)", "mailbox"),
    ("dot", 554, "Message refused, listed by Spamhaus", "mailbox"),
    ("rcpt", 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", "message"),
    ("rcpt", 550, "5.7.17 Mailbox owner has changed", "message"),
    ("rcpt", 450, "4.7.1 Greylisted, come back in 300 seconds", "message"),
    ("rcpt", 451, "4.7.1 Greylisting in action", "message"),
    ("rcpt", 552, "5.2.2 Mailbox full, its daily quota is used up", "message"),
    ("rcpt", 450, "4.2.1 mailbox temporarily disabled", "message"),
    ("rcpt", 550, "user unknown", "message"),
    ("dot", 554, "5.6.0 content", "message"),
    ("dot", 552, "5.3.4 too big", "message"),
    ("mail", 452, "4.3.1 insufficient system storage", "server"),
    ("rcpt", 451, "4.4.3 DNS lookup failed", "server"),
    ("rcpt", 421, "shutting down", "server"),
    ("mail", 451, "local error", "server"),
    ("mail", 550, "not you", "mailbox"),
    ("connect", 554, "5.7.1 blocked", "server"),
]


@pytest.mark.parametrize(("phase", "code", "text", "whom"), ANSWERS)
def test_an_answer_blames_whom_it_is_about(phase: str, code: int, text: str, whom: str) -> None:
    """The words of real providers: our quota, login and good name are never held against the recipient."""
    answer = judge(phase, code, text)
    assert answer is not None
    assert answer.blames == whom
    assert isinstance(answer, Deferred if code < 500 or phase == "connect" else Refused)
    assert not getattr(answer, "gone", False)


TROUBLED = [
    ("login", 535, "5.7.8 Username and Password not accepted. BadCredentials", "login"),
    ("login", 534, "5.7.9 Application-specific password required", "login"),
    ("login", 454, "4.7.0 Too many login attempts, please try again later.", "throttled"),
    ("login", 454, "4.7.0 Temporary authentication failure: Connection lost to authentication server", "throttled"),
    ("mail", 454, "4.7.0 Too many login attempts, please try again later.", "throttled"),
    ("mail", 530, "5.7.0 Authentication Required", "login"),
    ("mail", 421, "4.7.0 Try again later, closing connection.", "throttled"),
    ("dot", 421, "4.7.28 Gmail has detected an unusual rate of unsolicited mail", "throttled"),
    ("rcpt", 451, "4.7.650 The mail server has been temporarily rate limited due to IP reputation.", "throttled"),
    ("dot", 554, "5.4.6 Unusual sending activity detected. Please try after sometime", "throttled"),  # Zoho
    ("dot", 454, "Throttling failure: Maximum sending rate exceeded.", "throttled"),  # Amazon SES
    ("dot", 550, "5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to", "quota"),
    ("dot", 550, "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", "quota"),
    ("rcpt", 452, "4.5.3 Your message has too many recipients.", "quota"),
    ("dot", 454, "Throttling failure: Daily message quota exceeded.", "quota"),  # Amazon SES
    ("rcpt", 550, "You have exceeded the daily sending limit of your account", "quota"),
    ("rcpt", 452, "Hourly sending quota exceeded for user dana", "quota"),
    ("data", 432, "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending", "connections"),
    ("mail", 421, "4.7.0 Too many connections from your account", "connections"),
    ("rcpt", 421, "4.7.0 Greylisted, please come back later", ""),
    ("rcpt", 450, "4.2.0 Recipient address rejected: Graylisted", ""),
    ("rcpt", 451, "4.7.1 Service unavailable - try again later", ""),
    ("rcpt", 552, "5.2.2 The email account that you tried to reach is over quota", "full"),
    ("rcpt", 452, "4.2.2 The email account that you tried to reach is over quota", "full"),
    ("rcpt", 422, "The recipient's mailbox has exceeded its storage limit", "full"),
    ("dot", 550, "5.7.1 Our system has detected that this message is likely unsolicited mail", "policy"),
    ("dot", 550, "5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy", "policy"),
    ("dot", 550, "5.7.515 Access denied, sending domain does not meet the required authentication level", "policy"),
    ("dot", 554, "Message refused, listed by Spamhaus", "policy"),
    ("mail", 550, "5.1.8 Access denied, bad outbound sender", "policy"),
    ("rcpt", 550, "5.1.1 unknown", ""),
]


@pytest.mark.parametrize(("phase", "code", "text", "trouble"), TROUBLED)
def test_an_answer_says_what_is_wrong(phase: str, code: int, text: str, trouble: str) -> None:
    """In the words of real providers: each trouble has its own way of going on, and each is known where it is acted on."""
    answer = judge(phase, code, text)
    assert answer is not None
    assert answer.trouble == trouble
    assert answer.blames == ("message" if trouble in {"", "full"} else "mailbox")
    assert trouble in {"", "full", *TROUBLES}


async def test_four_connections_make_one_login() -> None:
    """Where one connection is refused at the login, the others are told the same, and do not try until the door is opened again."""
    async with SmtpServer(Script(password="right", delay={"EHLO": 0.05})) as server:
        account = SmtpAccount(host="127.0.0.1", port=server.port, security="none", user="dana", password=lambda: "false")
        four = [Connection(account, **LIMITS) for _ in range(4)]
        said = await asyncio.gather(*(send(one) for one in four))
        assert set(said) == {Refused(535, "5.7.8 wrong password", blames="mailbox", trouble="login")}
        assert server.logins == 1
        server.script = Script(password="false")
        assert {type(await send(one)) for one in four} == {Refused}  # still told, however late they come
        assert server.logins == 1
        account.door.open()
        assert [type(one) for one in await asyncio.gather(*(send(one) for one in four))] == [Accepted] * 4
        assert server.logins == 5


def test_only_a_missing_mailbox_at_rcpt_is_gone() -> None:
    """`gone` stands for six codes, at RCPT, with 5xx; each row of the table names where it is from."""
    for status in GONE:
        assert judge("rcpt", 550, f"{status} no") == Refused(550, f"{status} no", gone=True)
        assert not getattr(judge("dot", 550, f"{status} no"), "gone", False)
        assert not getattr(judge("mail", 550, f"{status} no"), "gone", False)
        assert judge("rcpt", 450, f"{status} no") is None  # at odds with itself
    for status in ("5.1.0", "5.1.4", "5.2.0", "5.2.2", "5.7.1", "5.1.11"):
        assert not getattr(judge("rcpt", 550, f"{status} no"), "gone", False)
    assert all(row.source for row in BLAMES)


def test_a_servers_words_are_cleaned() -> None:
    """No control character, no line break, no bidirectional override, at most 300 characters."""
    assert cleaned("a\r\nb\x1b[31m\x00\u202ec\udcff  d") == "a b [31m c d"
    assert len(cleaned("x" * 5000)) == 300
