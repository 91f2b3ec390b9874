"""Logging in by token to send: what is said, what a refusal costs, and a token that runs out on a kept connection."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from followupd.bench.servers import free_port
from followupd.channels.smtp import Connection, SmtpAccount
from followupd.core.model import Accepted, Deferred, Refused
from followupd.files.secret import NoSecret, Secret
from tests.servers.smtp import Script, SmtpServer

RAW = b"Message-ID: <one@example.com>\r\nSubject: x\r\n\r\nHello\r\n"


class Purse:
    """Gives tokens: the next one each time that one was refused, as long as there are any."""

    def __init__(self, *tokens: str) -> None:
        """The first one is the one in hand."""
        self.tokens = [Secret(token) for token in tokens]
        self.renewals = 0

    async def __call__(self, refused: Secret | None = None) -> Secret:
        """The token in hand, or a newer one."""
        if refused is self.tokens[0] and len(self.tokens) > 1:
            self.renewals += 1
            del self.tokens[0]
        return self.tokens[0]


def connection(port: int, token: Any) -> Connection:
    """A connection that logs in by token, with short limits."""
    account = SmtpAccount(host="127.0.0.1", port=port, security="none", user="dana@example.com", token=token)
    return Connection(account, connect_limit=5, command_limit=5, dot_limit=5)


async def send(one: Connection) -> Any:
    """One mail, all the way."""
    negative = await one.begin("dana@example.com", "kim@prospect.example")
    return negative if negative is not None else await one.finish(RAW, before_dot=lambda: None)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
async def test_a_token_lets_us_in(mechanism: str) -> None:
    """The server hears the user and the token, in the words of the mechanism that it offers, and takes the mail."""
    async with SmtpServer(Script(bearer=lambda token: token == "good", mechanism=f"PLAIN {mechanism}")) as server:
        assert isinstance(await send(connection(server.port, Purse("good"))), Accepted)
        said = next(line for line in server.commands if line.startswith("AUTH"))
        assert said.startswith(f"AUTH {mechanism} ")
        assert b"dana@example.com" in base64.b64decode(said.rpartition(" ")[2])
        assert server.logins == 1


@pytest.mark.parametrize(("mechanism", "last"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\1")])
async def test_a_refused_token_is_renewed_once(mechanism: str, last: bytes) -> None:
    """A refusal costs one renewal and one more login; the token is not said a second time to the server that refused it."""
    async with SmtpServer(Script(bearer=lambda token: token == "newer", mechanism=mechanism)) as server:
        purse = Purse("old", "newer")
        assert isinstance(await send(connection(server.port, purse)), Accepted)
        assert (server.logins, purse.renewals) == (2, 1)
        assert server.last_words == [last]


async def test_a_refusal_that_a_token_does_not_mend() -> None:
    """Where the token that comes back is the same, there is no second login; the mail waits and the mailbox is at fault."""
    async with SmtpServer(Script(bearer=lambda token: False)) as server:
        answer = await send(connection(server.port, Purse("canary-token")))
        assert answer == Refused(535, "5.7.8 Username and Password not accepted", blames="mailbox", trouble="login")
        assert server.logins == 1
        server.script = Script(bearer=lambda token: False)
        answer = await send(connection(server.port, Purse("canary-token", "canary-other")))
        assert isinstance(answer, Refused)
        assert server.logins == 3
        assert "canary" not in repr(answer)


@pytest.mark.fault("F58")
@pytest.mark.parametrize("answer", ["535 5.7.8 token expired", "530 5.7.57 Client not authenticated to send mail"])
async def test_a_token_that_runs_out_on_a_kept_connection(answer: str, toll: Any) -> None:
    """The login counts no more in mid session, and the token neither: one renewal, a new connection, and each mail goes once."""
    good = {"old"}
    async with SmtpServer(Script(bearer=lambda token: token in good)) as server:
        purse = Purse("old", "newer")
        one = connection(server.port, purse)
        assert isinstance(await send(one), Accepted)
        good.clear()
        good.add("newer")
        server.script = Script(bearer=lambda token: token in good, answers={"MAIL": [answer, "250 ok"]})
        assert isinstance(await send(one), Accepted)
        assert (purse.renewals, server.logins, len(server.mails)) == (1, 3, 2)
        toll(injected=1, twice=len(server.mails) - 2)


@pytest.mark.fault("F57")
async def test_where_every_token_is_refused(toll: Any) -> None:
    """An account that may not send at all: the first time a renewal is tried, afterwards each attempt is one login."""
    async with SmtpServer(Script(bearer=lambda token: False)) as server:
        account = SmtpAccount(
            host="127.0.0.1", port=server.port, security="none", user="dana@example.com", token=Purse(*map(str, range(9)))
        )
        logins = []
        for _ in range(3):
            assert isinstance(await send(Connection(account, connect_limit=5, command_limit=5)), Refused)
            logins.append(server.logins)
        assert logins[0] == 2
        assert logins[2] <= 6
        toll(injected=server.logins)


@pytest.mark.parametrize("problem", [NoSecret("run: followupd login dana"), ConnectionError("oauth.test does not answer")])
async def test_no_token_is_no_connection(problem: Exception) -> None:
    """Without a token the mail server is not even asked; the mail waits, and the words say why."""

    async def none(_refused: object) -> Secret:
        raise problem

    async with SmtpServer(Script(bearer=lambda token: True)) as server:
        answer = await send(connection(server.port, none))
        assert answer == Deferred(0, f"dana@example.com can't log in: {problem}", "mailbox")
        assert server.connections == 0


async def test_a_server_that_wants_no_token() -> None:
    """A server without XOAUTH2 gets no token, and the words name what it offers."""
    async with SmtpServer(Script(password="secret")) as server:
        answer = await send(connection(server.port, Purse("canary-token")))
        assert isinstance(answer, Deferred)
        assert "offers no login by token (XOAUTH2), only " in answer.text
        assert server.logins == 0


async def test_a_user_name_that_could_end_its_field() -> None:
    """A control character in the name never reaches the wire, where it could begin a field of its own."""
    async with SmtpServer(Script(bearer=lambda token: True)) as server:
        account = SmtpAccount(host="127.0.0.1", port=server.port, security="none", user="d\1auth=Bearer x", token=Purse("good"))
        assert isinstance(await send(Connection(account, connect_limit=5, command_limit=5)), Deferred)
        assert server.logins == 0


class Handler:
    """aiosmtpd's own way to know XOAUTH2."""

    def __init__(self) -> None:
        """Nobody came yet."""
        self.mails: list[bytes] = []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> Any:  # noqa: N802
        """Google's answers: who is refused hears why, says an empty line, and gets the 535."""
        user, _, token = base64.b64decode(args[1]).decode().partition("\1auth=Bearer ")
        if (user, token) == ("user=dana@example.com", "good\1\1"):
            return AuthResult(success=True, auth_data=user)
        assert await server.challenge_auth(json.dumps({"status": "400"})) == b""
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """A mail."""
        self.mails.append(envelope.content)
        return "250 2.0.0 ok"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_against_aiosmtpd() -> None:
    """Another server's XOAUTH2: a good token in, a bad one refused, a refused one renewed."""
    handler = Handler()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, auth_required=True, auth_require_tls=False)
    controller.start()
    try:
        assert isinstance(await send(connection(port, Purse("good"))), Accepted)
        assert isinstance(bad := await send(connection(port, Purse("bad"))), Refused)
        assert (bad.code, bad.blames) == (535, "mailbox")
        assert isinstance(await send(connection(port, Purse("bad", "good"))), Accepted)
    finally:
        controller.stop()
    assert len(handler.mails) == 2
