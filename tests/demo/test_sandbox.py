"""The demo's embedded servers: they take and refuse mail, push to IDLE, keep their own calendar, and leave nothing open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import aiosmtplib
import pytest

from followupd.core.model import Cursor
from followupd.demo.patience import PatientClock
from followupd.demo.sandbox import Mail, Sandbox
from followupd.mailbox import ImapAccount, Inbox, Unreachable

NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # not today: the demo's calendar is its own
DANA, LEE = "dana@example.com", "lee@example.com"
RAW = b"Subject: Re: idea\r\nMessage-ID: <a.b@example.com>\r\n\r\nHello.\r\n"


@pytest.fixture
def told() -> list[Mail]:
    """What the sandbox has told of."""
    return []


@pytest.fixture
async def sandbox(told: list[Mail]) -> AsyncIterator[Sandbox]:
    """Running servers with two accounts and one address that does not exist."""
    async with Sandbox(
        {DANA: "one", LEE: "two"}, lambda: NOW, gone=["nobody@gone.example"], received=told.append
    ).listening() as running:
        yield running


def inbox_of(sandbox: Sandbox, pool: ThreadPoolExecutor, user: str, password: str) -> Inbox:
    """The daemon's own reader on an embedded mailbox."""
    return Inbox(
        ImapAccount(host="127.0.0.1", port=sandbox.imap_port, security="none", user=user, password=lambda: password), pool
    )


async def smtp(sandbox: Sandbox, password: str | None = "one") -> aiosmtplib.SMTP:
    """A connection, logged in where there is a password."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, start_tls=False, use_tls=False)
    await client.connect()
    if password is not None:
        await client.login(DANA, password)
    return client


async def test_accepted_mail(sandbox: Sandbox, told: list[Mail]) -> None:
    """An accepted mail is written down with its recipient, name, bytes and the demo's own time, and is told of at once."""
    async with await smtp(sandbox) as client:
        await client.sendmail(DANA, ["mara@fjordvind.example"], RAW)
    assert told == sandbox.mails
    (mail,) = told
    assert (mail.sender, mail.recipient, mail.message_id, mail.subject) == (
        DANA,
        "mara@fjordvind.example",
        "a.b@example.com",
        "Re: idea",
    )
    assert (mail.at, mail.raw) == (NOW, RAW)


async def test_mail_for_our_own_people(sandbox: Sandbox, told: list[Mail]) -> None:
    """A mail to one of the accounts is written down and lies in that inbox; one to somebody of ours without an account is written down."""
    async with await smtp(sandbox) as client:
        await client.sendmail(DANA, [LEE, "sam@example.com"], RAW)
    assert [mail.recipient for mail in told] == [LEE, "sam@example.com"]
    assert [(one.mailbox, one.folder, one.raw) for one in sandbox.posted] == [(LEE, "INBOX", RAW)]
    with ThreadPoolExecutor(4) as pool:
        lee = inbox_of(sandbox, pool, LEE, "two")
        try:
            await lee.connect()
            since = NOW - timedelta(days=1)
            assert [mail.uid for mail in (await lee.arrivals("INBOX", None, since)).mails] == [sandbox.last_uid(LEE)]
            assert (await lee.headings("Sent", None, since)).found == ()
        finally:
            await lee.close()


async def test_folder_of_sent_mail(sandbox: Sandbox) -> None:
    """What a rep's mail program keeps lies in her own folder of sent mail, which the daemon finds and reads, and not in the inbox."""
    await sandbox.post(DANA, RAW, "Sent")
    with ThreadPoolExecutor(4) as pool:
        dana = inbox_of(sandbox, pool, DANA, "one")
        try:
            await dana.connect()
            since = NOW - timedelta(days=1)
            assert dana.sent == "Sent"
            assert [one.message_id for one in (await dana.headings("Sent", None, since)).found] == ["a.b@example.com"]
            assert (await dana.arrivals("INBOX", None, since)).mails == ()
        finally:
            await dana.close()


async def test_refused_address(sandbox: Sandbox, told: list[Mail]) -> None:
    """An address that does not exist is refused at RCPT with 550 5.1.1, and nothing is accepted."""
    async with await smtp(sandbox) as client:
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
            await client.sendmail(DANA, ["nobody@gone.example"], RAW)
    assert caught.value.recipients[0].code == 550
    assert caught.value.recipients[0].message.startswith("5.1.1")
    assert sandbox.refused == ["nobody@gone.example"]
    assert told == []


async def test_wrong_smtp_password(sandbox: Sandbox) -> None:
    """Another rep's password is refused."""
    client = await smtp(sandbox, None)
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as caught:
        await client.login(DANA, "two")
    assert caught.value.code == 535
    client.close()


async def test_nobody_sends_without_login(sandbox: Sandbox, told: list[Mail]) -> None:
    """Who has not logged in sends nothing (RFC 4954)."""
    client = await smtp(sandbox, None)
    await client.ehlo()
    with pytest.raises(aiosmtplib.SMTPResponseException) as caught:
        await client.mail(DANA)
    assert caught.value.code == 530
    client.close()
    assert told == []


async def test_posted_mail_wakes_idle(sandbox: Sandbox) -> None:
    """A mail put into one rep's mailbox wakes the daemon's reader there, bears the demo's time, and is in no other mailbox."""
    with ThreadPoolExecutor(4) as pool:
        dana, lee = inbox_of(sandbox, pool, DANA, "one"), inbox_of(sandbox, pool, LEE, "two")
        try:
            await dana.connect()
            await lee.connect()
            empty = await dana.arrivals("INBOX", None, NOW)
            stands = Cursor(mailbox="dana", folder="INBOX", uidvalidity=empty.uidvalidity, uid=empty.end, read=NOW)
            assert empty.mails == ()
            waiting = asyncio.create_task(dana.wait(30, asyncio.Event()))
            posted = await sandbox.post(DANA, RAW)
            async with asyncio.timeout(5):
                await waiting
            (mail,) = (await dana.arrivals("INBOX", stands, NOW)).mails
            assert (mail.uid, mail.raw, mail.received) == (posted.uid, RAW, NOW)
            assert (await lee.arrivals("INBOX", None, NOW)).mails == ()
        finally:
            await dana.close()
            await lee.close()


async def test_wrong_imap_password(sandbox: Sandbox) -> None:
    """Another rep's password opens no mailbox."""
    with ThreadPoolExecutor(1) as pool:
        inbox = inbox_of(sandbox, pool, DANA, "two")
        with pytest.raises(Unreachable) as caught:
            await inbox.connect()
        assert caught.value.login
        await inbox.close()


async def test_order_of_both_servers(sandbox: Sandbox) -> None:
    """What comes in at the two servers is counted in one row, whatever the clock says."""
    await sandbox.post(DANA, RAW)
    async with await smtp(sandbox) as client:
        await client.sendmail(DANA, ["mara@fjordvind.example"], RAW)
    between = sandbox.stamp()
    last = await sandbox.post(LEE, RAW)
    assert [sandbox.posted[0].order, sandbox.mails[0].order, between, last.order] == [1, 2, 3, 4]


async def test_nothing_stays_open() -> None:
    """When the block ends, open connections are cut and both ports are free, also with a client in the middle of IDLE."""
    with ThreadPoolExecutor(2) as pool:
        async with Sandbox({DANA: "one"}, lambda: NOW, received=lambda _: None).listening() as running:
            inbox = inbox_of(running, pool, DANA, "one")
            await inbox.connect()
            await inbox.arrivals("INBOX", None, NOW)
            idle = asyncio.create_task(inbox.wait(30, asyncio.Event()))
            client = await smtp(running)
            ports = running.smtp_port, running.imap_port
        async with asyncio.timeout(5):
            with pytest.raises(Unreachable):
                await idle
        client.close()
        await inbox.close()
    for port in ports:
        with pytest.raises(OSError):  # noqa: PT011 - refused, whatever the system calls it
            await asyncio.open_connection("127.0.0.1", port)


# -- the clock that waits ------------------------------------------------------------------------


async def test_clock_stands_still() -> None:
    """Time passes only by `move`; a sleeper wakes at its moment and not before, and keeps the clock from resting meanwhile."""
    clock, wake = PatientClock(NOW, 1e9), asyncio.Event()
    assert not clock.at_rest
    sleeper = asyncio.create_task(clock.wait(NOW + timedelta(hours=3), wake))
    await clock.rested(1)
    assert clock.now() == NOW
    clock.move(NOW + timedelta(hours=2))
    assert clock.at_rest
    clock.set(NOW + timedelta(hours=3))
    assert clock.at_rest  # something else comes first at this moment
    clock.move(NOW + timedelta(hours=3))
    assert not clock.at_rest
    async with asyncio.timeout(1):
        await sleeper
    assert clock.now() == NOW + timedelta(hours=3)


async def test_clock_is_woken() -> None:
    """Whoever is woken by an event is at work, and the clock is not at rest until it waits again."""
    clock, wake = PatientClock(NOW, 1e9), asyncio.Event()
    sleeper = asyncio.create_task(clock.wait(NOW + timedelta(hours=1), wake))
    await clock.rested(1)
    wake.set()
    assert not clock.at_rest
    async with asyncio.timeout(1):
        await sleeper
    with pytest.raises(TimeoutError):
        await clock.rested(0.05)
    assert clock.now() == NOW


async def test_clock_keeps_its_pace() -> None:
    """It never runs faster than it was told: an hour at 36,000 times takes a tenth of a second."""
    clock, loop = PatientClock(NOW, 36_000), asyncio.get_running_loop()
    await clock.pace(NOW)
    begun = loop.time()
    await clock.pace(NOW + timedelta(hours=1))
    assert loop.time() - begun > 0.09
