"""The embedded mail servers of the demo: SMTP (aiosmtpd) and IMAP (pymap) in the daemon's own process and loop.

Decides nothing: it accepts, refuses and keeps mails as it was told, stamps them with the clock that it was given, and
writes down everything that came in. What it wrote down is what the demo is judged by. Listens on loopback only and
never passes a mail on.

One loop, not aiosmtpd's `Controller`: that one runs in a thread, and a mail put into a mailbox from there wakes nobody.
pymap is pinned exactly, because its in-memory mailboxes have no public way in.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

HOST = "127.0.0.1"
GONE = "550 5.1.1 The email account that you tried to reach does not exist"
ACCEPTED = "250 2.0.0 OK"
INBOX, SENT = "INBOX", "Sent"
"""The second is where a mail program keeps what its owner has sent; only the owner and the daemon that was given her password can write there."""

GOODBYE = 2.0  # seconds for conversations that were cut to end

REMIND = 0.2  # seconds

_TALKATIVE = ("mail.log", "mail.debug", "pymap", "pymap.imap", "proxyprotocol", "apscheduler.scheduler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that the SMTP server has accepted for one recipient.

    `order` counts what came in at both servers, so that "before" and "after" do not rest on a clock.
    """

    order: int
    at: datetime
    sender: str
    recipient: str
    message_id: str  # without <>
    subject: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail that was put into a mailbox for the daemon to read."""

    order: int
    at: datetime
    mailbox: str
    folder: str
    uid: int
    raw: bytes


class Sandbox:
    """Both servers. `accounts` are addresses with their passwords; addresses in `gone` are refused at RCPT.

    Each account has an inbox and a folder of sent mail. `received` is told of each mail at the moment in which it is accepted.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        now: Callable[[], datetime],
        *,
        gone: Iterable[str] = (),
        received: Callable[[Mail], None],
    ) -> None:
        """Nothing listens yet."""
        self._accounts, self._now, self._received = dict(accounts), now, received
        self._gone = frozenset(gone)
        self._boxes = {address: MailboxSet() for address in self._accounts}
        self._order = 0
        self._last: dict[tuple[str, str], int] = {}
        self.mails: list[Mail] = []
        self.posted: list[Posted] = []
        self.refused: list[str] = []
        self.smtp_port = self.imap_port = 0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Sandbox]:
        """Both servers, as long as the block lasts. Connections that are open at its end are cut."""
        async with _quiet(), self._imap() as imap, self._smtp() as smtp:
            self.imap_port, self.smtp_port = _port(imap), _port(smtp)
            yield self

    async def post(self, mailbox: str, raw: bytes, folder: str = INBOX) -> Posted:
        """Put a mail into a folder of an account; whoever waits there in IDLE is woken."""
        place = await self._boxes[mailbox].get_mailbox(folder)
        at = self._now()
        found = await place.append(AppendMessage(raw, at, frozenset()))
        posted = Posted(order=self.stamp(), at=at, mailbox=mailbox, folder=folder, uid=found.uid, raw=raw)
        self.posted.append(posted)
        self._last[mailbox, folder] = found.uid
        return posted

    def last_uid(self, mailbox: str, folder: str = INBOX) -> int:
        """The UID of the latest mail that was put into a folder of an account; 0 for none."""
        return self._last.get((mailbox, folder), 0)

    def stamp(self) -> int:
        """The next number, for something else that happened between the mails."""
        self._order += 1
        return self._order

    # -- IMAP

    @contextlib.asynccontextmanager
    async def _imap(self) -> AsyncIterator[asyncio.Server]:
        nothing = dict.fromkeys(("cert", "key", "passlib_cfg", "proxy_protocol", "inherited_sockets"))
        config = Config.from_args(
            Namespace(demo_data=False, demo_user="", demo_password="", host=HOST, port=0, debug=False, tls=False, **nothing),
            hash_context=Cleartext(),  # hashing is slow on purpose, a quarter of a second for each login: these are no secrets
        )
        login, filters = Login(config), FilterSet()
        for boxes in self._boxes.values():
            await boxes.add_mailbox(SENT)
        for address, password in self._accounts.items():
            await Identity(address, login, None, frozenset()).set(UserMetadata(config, address, password=password))
            config.set_cache[address] = (self._boxes[address], filters)
        serve, talks = IMAPServer(login, config), dict[asyncio.Task[None], asyncio.StreamWriter]()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks[task] = writer
            try:
                await serve(reader, writer, SocketInfo.get(writer, None))
            except (ConnectionError, EOFError):
                pass  # the client is gone
            finally:
                del talks[task]

        server = await asyncio.start_server(talk, HOST, 0)
        reminding = asyncio.create_task(self._remind())
        try:
            yield server
        finally:
            reminding.cancel()
            server.close()
            for writer in talks.values():
                writer.transport.abort()
            if talks:
                await asyncio.wait(list(talks), timeout=GOODBYE)

    async def _remind(self) -> None:
        """Whoever is in IDLE is told again what is new, if he has missed it.

        pymap forgets what comes in between its consent to IDLE and the moment when it begins to watch; other servers don't (RFC 2177).
        """
        inboxes = [await boxes.get_mailbox(INBOX) for boxes in self._boxes.values()]
        while True:
            await asyncio.sleep(REMIND)
            for inbox in inboxes:
                inbox._updated.set()  # noqa: SLF001 - there is no public way

    # -- SMTP

    @contextlib.asynccontextmanager
    async def _smtp(self) -> AsyncIterator[asyncio.Server]:
        loop, talks = asyncio.get_running_loop(), list[SMTP]()

        def talk() -> SMTP:
            talks.append(
                SMTP(self, hostname="sandbox.example", auth_require_tls=False, authenticator=self._authenticate, loop=loop)
            )
            return talks[-1]

        server = await loop.create_server(talk, HOST, 0)
        try:
            yield server
        finally:
            server.close()
            for one in talks:
                if one.transport is not None:
                    one.transport.close()
            await asyncio.sleep(0)

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and self._accounts.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False)  # False: the server says 535 by itself

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Only who has logged in may send (RFC 4954, section 6)."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return ACCEPTED

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Some addresses do not exist."""
        if address in self._gone:
            self.refused.append(address)
            return GONE
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return ACCEPTED

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept, and write down. What is for one of our own accounts lies in its inbox at once."""
        raw = envelope.original_content or b""
        headers = message_from_bytes(raw, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            mail = Mail(
                order=self.stamp(), at=self._now(), sender=envelope.mail_from or "", recipient=recipient, raw=raw,
                message_id=str(headers["Message-ID"] or "").strip().strip("<>"), subject=str(headers["Subject"] or ""),
            )  # fmt: skip
            self.mails.append(mail)
            if recipient in self._boxes:
                await self.post(recipient, raw)
            self._received(mail)
        return ACCEPTED


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


@contextlib.asynccontextmanager
async def _quiet() -> AsyncIterator[None]:
    """The servers' own chatter is of no interest here; the daemon's log says what matters."""
    before = {name: logging.getLogger(name).disabled for name in _TALKATIVE}
    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True
    try:
        yield
    finally:
        for name, disabled in before.items():
            logging.getLogger(name).disabled = disabled
