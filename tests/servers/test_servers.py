"""The servers that the tests lean on: they start, answer, and go away without a trace."""

import asyncio
import email
import smtplib
from email.message import Message

import pytest
from aiosmtpd.lmtp import LMTP
from sqlalchemy import create_engine, text

from tests.servers.postfix import postfix


@pytest.mark.slow
def test_each_test_has_a_database_of_its_own(postgres, postgres_url: str) -> None:
    """Two databases of one server share nothing, and a dropped one is gone though somebody is still connected."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE here (id int)"))
        with postgres.database() as other, create_engine(other).connect() as elsewhere:
            assert elsewhere.execute(text("SELECT count(*) FROM pg_tables WHERE tablename = 'here'")).scalar() == 0
    engine.dispose()


class Keep:
    """Keeps what arrives by LMTP."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Message]] = []
        self.arrived = asyncio.Event()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        self.arrived.set()
        return "250 2.0.0 OK"


@pytest.mark.slow
async def test_postfix_hands_mail_over_and_sends_nothing_outside() -> None:
    """Mail for our domains comes out at the LMTP server; mail for anybody else is refused."""
    keep = Keep()
    loop = asyncio.get_running_loop()
    lmtp = await loop.create_server(lambda: LMTP(keep, hostname="box.test"), "127.0.0.1", 0)
    with postfix(lmtp.sockets[0].getsockname()[1], ["x.test", "y.test"]) as port:
        await asyncio.to_thread(_send, port, "ann@x.test")
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="no outside mail"):
            await asyncio.to_thread(_send, port, "ann@outside.test")
        await asyncio.wait_for(keep.arrived.wait(), 30)
    lmtp.close()
    assert [(to, mail["Subject"]) for to, mail in keep.mails] == [(["ann@x.test"], "Hello")]


def _send(port: int, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail("dana@y.test", [to], b"From: dana@y.test\r\nSubject: Hello\r\n\r\nHi\r\n")
