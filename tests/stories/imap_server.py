"""An IMAP server in the play's own loop (pymap): one mailbox, which may be out of reach for a while."""

from __future__ import annotations

import asyncio
import contextlib
from argparse import Namespace
from datetime import datetime

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

NOTHING = dict.fromkeys(("cert", "key", "passlib_cfg", "proxy_protocol", "inherited_sockets"))
OPTIONS = {"demo_data": False, "demo_user": "", "demo_password": "", "host": "127.0.0.1", "port": 0, "debug": False, "tls": False}
FOLDERS = "Sent", "Junk", "Archive", "Trash"


class ImapServer:
    """One user with an inbox and the usual folders beside it. What lies there stays, whether the server can be reached or not."""

    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password
        self.port = 0
        self.up = True
        self._boxes = MailboxSet()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        for name in FOLDERS:
            await self._boxes.add_mailbox(name)
        # Hashing a password is slow on purpose, a quarter of a second for each login: this one is no secret.
        config = Config.from_args(Namespace(**OPTIONS, **NOTHING), hash_context=Cleartext())
        login = Login(config)
        await Identity(self.user, login, None, frozenset()).set(UserMetadata(config, self.user, password=self.password))
        config.set_cache[self.user] = (self._boxes, FilterSet())
        self._serve = ProxyProtocolReader(ProxyProtocolVersion.get(None)).get_callback(IMAPServer(login, config))
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def append(self, raw: bytes, at: datetime, folder: str = "INBOX") -> int:
        """A mail lies in the inbox, or in another folder; whoever is in IDLE there hears of it. Returns its UID."""
        found = await (await self._boxes.get_mailbox(folder)).append(AppendMessage(raw, at, frozenset()))
        return found.uid

    async def mails(self, folder: str = "INBOX") -> list[tuple[int, bytes]]:
        """What lies in a folder: UIDs and mails."""
        box = await self._boxes.get_mailbox(folder)
        return [(one.uid, one._content.tobytes()) async for one in box.messages()]

    async def move(self, uid: int, folder: str, *, source: str = "INBOX") -> None:
        """The rep files a mail elsewhere."""
        await (await self._boxes.get_mailbox(source)).move(uid, await self._boxes.get_mailbox(folder))

    async def delete(self, uid: int, folder: str = "INBOX") -> None:
        """The rep deletes a mail for good."""
        await (await self._boxes.get_mailbox(folder)).delete([uid])

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._serve(reader, writer)
