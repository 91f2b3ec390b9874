"""Reading a mailbox that is logged in to by token: a real Dovecot that asks a token server, and a scripted one."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from followupd.bench.servers.dovecot import Dovecot, dovecot
from followupd.files.secret import NoSecret, Secret
from followupd.mailbox import ImapAccount, Inbox, Unreachable, wire
from tests.channels.test_smtp_tokens import Purse
from tests.mailbox.scripted import Scripted, scripted
from tests.servers.tokens import Tokens, token_server

pytestmark = pytest.mark.slow

USER = "dana@example.com"


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """Give a token server that Dovecot asks."""
    with token_server() as running:
        yield running


@pytest.fixture(scope="module")
def server(tokens: Tokens) -> Iterator[Dovecot]:
    """Give a Dovecot that takes tokens."""
    with dovecot(tokens.tokeninfo) as running:
        yield running


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """One thread is enough."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


@contextlib.asynccontextmanager
async def inbox(port: int, pool: ThreadPoolExecutor, token: Any, user: str = USER) -> AsyncIterator[Inbox]:
    """An inbox that logs in by token."""
    account = ImapAccount(host="127.0.0.1", port=port, security="none", user=user, password=lambda: "", token=token)
    one = Inbox(account, pool, read_limit=5, connect_limit=5)
    try:
        yield one
    finally:
        await one.close()


async def test_dovecot_takes_a_token(server: Dovecot, tokens: Tokens, pool: ThreadPoolExecutor) -> None:
    """A good token lets us read; it is the one that Dovecot asks the token server about."""
    token = str(tokens.grant(refresh=None)["access_token"])
    shown = tokens.shown
    server.deliver(USER, b"Subject: Hello\r\n\r\nHello.\r\n")
    async with inbox(server.imap_port, pool, Purse(token)) as one:
        await one.connect()
        assert len((await one.arrivals("INBOX", None, datetime.now(UTC))).mails) == 1
    assert tokens.shown == shown + 1


@pytest.mark.fault("F58")
async def test_a_token_that_runs_out_in_mid_session(server: Dovecot, tokens: Tokens, pool: ThreadPoolExecutor, toll: Any) -> None:
    """The server ends the session, and the token is good no more: one renewal, and we read on within seconds."""
    purse = Purse(*(str(tokens.grant(refresh=None)["access_token"]) for _ in range(2)))
    async with inbox(server.imap_port, pool, purse) as one:
        await one.connect()
        del tokens.access[purse.tokens[0].reveal()]
        for pid in server.processes("imap"):
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(Unreachable) as lost:
            await one.arrivals("INBOX", None, datetime.now(UTC))
        assert not lost.value.login
        await one.connect()
        await one.arrivals("INBOX", None, datetime.now(UTC))
        assert time.monotonic() - began < 10
    assert purse.renewals == 1
    toll(injected=1)


async def test_a_token_that_dovecot_refuses(server: Dovecot, pool: ThreadPoolExecutor) -> None:
    """Another token is tried where there is one; else it is a refused login, without the token in its words."""
    async with inbox(server.imap_port, pool, Purse("canary-bad")) as one:
        with pytest.raises(Unreachable) as refused:
            await one.connect()
    assert refused.value.login
    assert "canary" not in str(refused.value)


async def test_a_token_of_another_account(server: Dovecot, tokens: Tokens, pool: ThreadPoolExecutor) -> None:
    """A token that was made for somebody else lets nobody in."""
    token = str(tokens.grant(refresh=None)["access_token"])
    async with inbox(server.imap_port, pool, Purse(token), user="lee@example.com") as one:
        with pytest.raises(Unreachable) as refused:
            await one.connect()
    assert refused.value.login


# -- scripted ------------------------------------------------------------------------------------


@pytest.fixture
async def script() -> AsyncIterator[Scripted]:
    """Give a server that says what it is told."""
    async with scripted() as running:
        running.says["CAPABILITY"] = "* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 IDLE\r\n{tag} OK done\r\n"
        yield running


@pytest.mark.fault("F58")
@pytest.mark.parametrize("offered", ["XOAUTH2", "OAUTHBEARER"])
async def test_bye_and_then_no(script: Scripted, pool: ThreadPoolExecutor, offered: str, toll: Any) -> None:
    """BYE AccessTokenExpired (Microsoft), then AUTHENTICATIONFAILED with the old token: the next connect renews once and reads on."""
    script.says["CAPABILITY"] = f"* CAPABILITY IMAP4rev1 AUTH={offered} IDLE\r\n{{tag}} OK done\r\n"
    purse = Purse("old", "newer")
    async with inbox(script.port, pool, purse) as one:
        await one.connect()
        script.says["EXAMINE"] = "* BYE Session invalidated - AccessTokenExpired\r\n"
        with pytest.raises(Unreachable) as lost:
            await one.arrivals("INBOX", None, datetime.now(UTC))
        assert not lost.value.login
        script.folder(next_uid=2)
        script.refuses = "old"
        await one.connect()
        assert len((await one.arrivals("INBOX", None, datetime.now(UTC))).mails) == 1
    assert purse.renewals == 1
    said = [base64.b64decode(line).decode() for line in script.heard if line and " " not in line and line != "DONE"]
    assert [("old" in one, "newer" in one) for one in said if "auth=Bearer" in one] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert [one for one in said if "auth=Bearer" not in one] == ["\1"] * (offered == "OAUTHBEARER")
    toll(injected=2)


async def test_no_token_is_no_connection(script: Scripted, pool: ThreadPoolExecutor) -> None:
    """Who is parked does not knock: no server hears of it. A token server that is down passes like a link that is down."""
    for problem, kind in ((NoSecret("run: followupd login dana"), "consent"), (ConnectionError("oauth.test is down"), "link")):

        async def none(_refused: object, problem: Exception = problem) -> Secret:
            raise problem

        async with inbox(script.port, pool, none) as one:
            with pytest.raises(Unreachable, match=str(problem)) as said:
                await one.connect()
            assert said.value.kind == kind
    assert script.heard == []


async def test_a_server_that_wants_no_token(script: Scripted, pool: ThreadPoolExecutor) -> None:
    """A server without XOAUTH2 gets no token."""
    script.says["CAPABILITY"] = "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n"
    async with inbox(script.port, pool, Purse("canary-token")) as one:
        with pytest.raises(Unreachable, match=r"offers no login by token \(XOAUTH2\), only PLAIN"):
            await one.connect()
    assert not any("AUTHENTICATE" in line for line in script.heard)


async def test_a_token_of_two_and_a_half_kilobytes(script: Scripted, pool: ThreadPoolExecutor) -> None:
    """Microsoft's tokens are long: they leave in one line, unbroken."""
    async with inbox(script.port, pool, Purse("x" * 2500)) as one:
        await one.connect()
    assert any(len(line) > 3300 for line in script.heard)


async def test_asked_for_ever(script: Scripted, pool: ThreadPoolExecutor) -> None:
    """A server that goes on asking gets the token once, and does not hold us."""
    script.says["PASSWORD"] = "+ more\r\n"
    async with inbox(script.port, pool, Purse("good")) as one:
        with pytest.raises(Unreachable, match="asks without end"):
            await one.connect()
    assert len([line for line in script.heard if line and " " not in line]) == 1


@pytest.mark.parametrize(
    ("line", "leaves"),
    [
        (b"A1 AUTHENTICATE XOAUTH2\r\n", True),
        (b"A1 AUTHENTICATE OAUTHBEARER\r\n", True),
        (b"dXNlcj1kYW5h", True),
        (b"A1 AUTHENTICATE GSSAPI\r\n", False),
        (b"A1 AUTHENTICATE XOAUTH2 dXNlcj1kYW5h\r\n", False),
        (b"A1 AUTHENTICATE XOAUTH2\r\nA2 DELETE INBOX\r\n", False),
        (b"*\r\n", False),
    ],
)
def test_what_the_guard_lets_out(line: bytes, leaves: bool) -> None:
    """The two mechanisms and their answers in base64, and nothing beside them."""
    assert bool(wire.MAY_LEAVE.fullmatch(line)) is leaves
