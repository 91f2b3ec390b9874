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

    async def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        inbox = await self.boxes.get_mailbox(folder)
        await inbox.append(AppendMessage(raw, NOW, frozenset()))


@pytest.fixture
async def embedded() -> AsyncIterator[Embedded]:
    options = {"demo_data": False, "demo_user": "dana", "demo_password": "secret", "host": "127.0.0.1", "port": 0, "debug": False}
    more = {"cert": None, "key": None, "passlib_cfg": None, "tls": False, "proxy_protocol": None, "inherited_sockets": None}
    config = Config.from_args(Namespace(**options, **more))
    login = Login(config)
    await DictBackend._add_demo_user(config, login)
    boxes = MailboxSet()
    await boxes.add_mailbox("Sent")
    await boxes.add_mailbox("Trash")
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


REPLY = b"""From: "Ann" <Ann@customer.test>\r\nTo: dana@example.test,\r\n Bob <bob@example.test>\r\nSubject: =?utf-8?q?Re=3A_Angebot_f=C3=BCr_Sie?=\r\n
Message-ID: <a1@customer.test>\r\nIn-Reply-To: <t.7.00@example.test>\r\nReferences: <x@example.test>\r\n <t.7.00@example.test>\r\n
Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n\r\nNo thanks.\r\n""".replace(b"\r\n\n", b"\r\n")


async def test_headings(embedded: Embedded) -> None:
    """Headers, a mail once more, the particular look, and a copy of a sent mail work with the demo's server as well."""
    account = ImapAccount(host="127.0.0.1", port=embedded.port, security="none", user="dana", password=lambda: "secret")
    with ThreadPoolExecutor(2) as pool:
        inbox = Inbox(account, pool)
        await inbox.connect()
        try:
            assert (inbox.sent, inbox.beside) == ("Sent", ("Trash",))
            await embedded.deliver(REPLY)
            read = await inbox.headings("INBOX", None, NOW)
            (one,) = read.found
            assert (one.sender, one.recipients) == ("ann@customer.test", ("dana@example.test", "bob@example.test"))
            assert (one.message_id, one.subject) == ("a1@customer.test", "Re: Angebot für Sie")
            assert one.ids == ("a1@customer.test", "t.7.00@example.test", "x@example.test")
            assert (one.original_id, one.date, one.received) == ("", NOW, NOW)
            assert [mail.raw for mail in await inbox.fetch("INBOX", read.uidvalidity, [one.uid])] == [REPLY]
            assert await inbox.fetch("INBOX", read.uidvalidity + 1, [one.uid]) == ()
            for names in (("ann@customer.test", "nobody"), ("nobody@x.test", "t.7.00@example.test")):
                found = await inbox.find(frozenset({names[0]}), frozenset({names[1]}), NOW)
                assert found == (one,)
            assert await inbox.find(frozenset({"bob@example.test"}), frozenset(), NOW) == ()
            sent = b"Message-ID: <t.7.00@example.test>\nX-Followupd-Touch: <t.7.00@example.test>\n\nHello\n"
            await inbox.append("Sent", sent, NOW)
            (copy,) = (await inbox.headings("Sent", None, NOW)).found
            assert (copy.original_id, copy.received) == ("t.7.00@example.test", NOW)
            (raw,) = await inbox.fetch("Sent", copy.uidvalidity, [copy.uid])
            assert raw.raw == sent.replace(b"\n", b"\r\n")
            await embedded.deliver(REPLY.replace(b"a1@", b"a2@"), "Trash")
            assert [two.folder for two in await inbox.find(frozenset({"ann@customer.test"}), frozenset(), NOW)] == [
                "INBOX",
                "Trash",
            ]
            assert await inbox.quota() is None
        finally:
            await inbox.close()
