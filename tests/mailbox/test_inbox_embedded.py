"""`mailbox.Inbox` against pymap in the same loop: the server that the demo embeds."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

from followupd.core.model import Cursor
from followupd.mailbox import ImapAccount, Inbox

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # not today: the demo's calendar is its own


class Embedded:
    """One user, one inbox."""

    def __init__(self, port: int, boxes: MailboxSet) -> None:
        self.port = port
        self.boxes = boxes

    async def deliver(self, raw: bytes) -> None:
        inbox = await self.boxes.get_mailbox("INBOX")
        await inbox.append(AppendMessage(raw, NOW, frozenset()))


@pytest.fixture
async def embedded() -> AsyncIterator[Embedded]:
    options = {"demo_data": False, "demo_user": "dana", "demo_password": "secret", "host": "127.0.0.1", "port": 0, "debug": False}
    more = {"cert": None, "key": None, "passlib_cfg": None, "tls": False, "proxy_protocol": None, "inherited_sockets": None}
    config = Config.from_args(Namespace(**options, **more))
    login = Login(config)
    await DictBackend._add_demo_user(config, login)
    boxes = MailboxSet()
    config.set_cache["dana"] = (boxes, FilterSet())
    serve = ProxyProtocolReader(ProxyProtocolVersion.get(None)).get_callback(IMAPServer(login, config))
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Embedded(server.sockets[0].getsockname()[1], boxes)


async def test_embedded_server(embedded: Embedded) -> None:
    """The demo's server works: no special folders, push through IDLE in well under a second, its own calendar as INTERNALDATE."""
    account = ImapAccount(host="127.0.0.1", port=embedded.port, security="none", user="dana", password=lambda: "secret")
    with ThreadPoolExecutor(2) as pool:
        inbox = Inbox(account, pool)
        await inbox.connect()
        try:
            assert inbox.folders == ("INBOX",)
            await embedded.deliver(b"Subject: one\r\n\r\nfirst\r\n")
            read = await inbox.arrivals("INBOX", None, NOW)
            assert [(one.raw, one.received) for one in read.mails] == [(b"Subject: one\r\n\r\nfirst\r\n", NOW)]
            for number in range(3):
                stands = Cursor(mailbox="dana", folder="INBOX", uidvalidity=read.uidvalidity, uid=read.end, read=NOW)
                assert (await inbox.arrivals("INBOX", stands, NOW)).mails == ()
                waiting = asyncio.create_task(inbox.wait(30, asyncio.Event()))
                await asyncio.sleep(0.1)
                assert not waiting.done()
                await embedded.deliver(b"Subject: more\r\n\r\n%d\r\n" % number)
                async with asyncio.timeout(1):
                    await waiting
                read = await inbox.arrivals("INBOX", stands, NOW)
                assert [one.raw[-3:] for one in read.mails] == [b"%d\r\n" % number]
        finally:
            await inbox.close()
