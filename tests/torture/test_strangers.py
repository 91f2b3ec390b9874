"""What strangers send on a bad day: mails that can't be read, that hang the reader, that flood a mailbox, that talk to a terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from followupd import desk, listen, log
from followupd.cli.door import enter
from followupd.core.model import ReplyKind
from followupd.mailbox import Arrival
from followupd.reader import Reader
from followupd.store import schema
from followupd.world import World
from tests.faults import Toll
from tests.stories.imap_server import ImapServer
from tests.stories.stage import ANN, LIMIT, Play

STARVED = 2**20
"""Bytes of memory with which a worker can say hello and nothing else."""


@pytest.fixture
async def hung() -> AsyncIterator[Reader]:
    """A reader whose worker can be stopped."""
    made = Reader(seconds=0.2)
    await made.start()
    yield made
    await made.close()


def _mail(sender: str, text: str = "No thanks.", subject: str = "hello") -> bytes:
    return f"From: <{sender}>\r\nTo: dana@example.com\r\nSubject: {subject}\r\nMessage-ID: <{abs(hash((sender, text)))}@p.test>\r\n\r\n{text}\r\n".encode()


def _kept(play: Play, reply: str) -> bytes:
    """The bytes that are kept of a mail."""
    with play.office.store._transaction() as connection:
        return bytes(connection.execute(sa.select(schema.reply.c.raw).where(schema.reply.c.id == reply)).scalar() or b"")


# -- what can't be read --------------------------------------------------------------------------


@pytest.mark.fault("F8")
def test_no_memory_to_read_with(play: Play, toll: Toll) -> None:
    """The reading process may have no more memory: the mail's writer is held and shown, nothing more is sent, and the daemon lives."""
    play.at("mon 09:00").drop_csv(ANN)
    usual, starved = play.world.reader, Reader(memory=STARVED)
    play.world.reader = starved
    play.at("tue 11:00").reply("ann@p.test", "<p>Please, no more of this.</p>")
    assert play.state("ann@p.test") == "held"
    (reply,) = play.reviews()
    assert (reply.address, reply.kind) == ("ann@p.test", ReplyKind.UNCLEAR)
    assert "could not be read" in reply.evidence
    assert _kept(play, reply.id)
    play._run(starved.close())
    play.world.reader = usual
    play.run_until("+14d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll(injected=1, replies_lost=0, after_answer=len(play.mails("ann@p.test")) - 1)


@pytest.mark.fault("F8")
def test_nothing_of_it_can_be_read(play: Play, toll: Toll) -> None:
    """A mail of which nothing can be read, not even who wrote it, waits for a human and holds up nobody; a word settles it."""
    play.at("mon 09:00").drop_csv(ANN)
    usual, starved = play.world.reader, Reader(memory=STARVED)
    play.world.reader = starved
    play.post(b"\0\xff\xfe" * 500)
    play.post(b"\0\xff\xfe" * 500)
    play._run(starved.close())
    play.world.reader = usual
    (reply,) = play.reviews()
    assert (reply.enrollment, reply.address, reply.subject) == ("", "", "a mail that can't be read")
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    desk.decide(play.office, reply.id, ReplyKind.AUTO_REPLY, "dana")
    assert play.reviews() == []
    toll(injected=2, replies_lost=0)


@pytest.mark.fault("F8")
def test_a_mail_that_always_fails(play: Play, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail at which we stumble twice is set aside for a human; the next one is read, and no start of the daemon stumbles again."""
    play.at("mon 09:00").drop_csv(ANN)
    tries = []

    def stumble(*_: object) -> None:
        tries.append(1)
        raise AssertionError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(listen, "_judged", stumble)
        play.at("tue 11:00").reply("ann@p.test", "Please send me more.")
    (reply,) = play.reviews()
    assert len(tries) == 2
    play.stop().start()
    play.at("tue 12:00").reply("ann@p.test", "No thanks, not interested.")
    assert play.outcome("ann@p.test") == "no"
    assert len(tries) == 2
    toll(injected=len(tries), replies_lost=int(not _kept(play, reply.id)))


async def test_one_writer_cannot_hang_the_reader_for_all(hung: Reader) -> None:
    """After two mails of one writer that have hung the reader, his next ones cost no time; everybody else's are read."""
    for number in range(2):
        assert hung.pid is not None
        os.kill(hung.pid, signal.SIGSTOP)
        found = await hung.read(_mail("eve@evil.test", f"bomb {number}"))
        assert (found.sender, found.problem) == ("eve@evil.test", "could not be read in time")
        await hung.start()
    pid = hung.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    third = await hung.read(_mail("eve@evil.test", "bomb 3"))
    assert time.monotonic() - begun < 0.2
    assert (third.sender, third.typed, third.problem) == ("eve@evil.test", "", "its writer's mails have hung the reader")
    os.kill(pid, signal.SIGCONT)
    hung._seconds = 5.0
    assert (await hung.read(_mail("ann@p.test"))).typed == "No thanks."
    assert hung.pid == pid


# -- a flood -------------------------------------------------------------------------------------


def _two_mailboxes(play: Play, eve: ImapServer) -> None:
    """Eve's mailbox beside Dana's, on the same machine."""
    play.stop()
    text = (play.folder / "config.yaml").read_text("utf-8")
    head, dana = text.split("  dana:\n")
    more = dana.replace("dana", "eve").replace("Dana Reyes", "Eve Orr").replace(str(play.imap.port), str(eve.port))
    play.write("config.yaml", f"{head}  dana:\n{dana}  eve:\n{more}")
    play.start()


def _flood(play: Play, toll: Toll, monkeypatch: pytest.MonkeyPatch, count: int, freshness: float) -> None:
    """Dana's mailbox gets `count` mails at once, the last of them Ann's no; meanwhile Eve's is looked at, and Bob gets his mail."""
    eve = ImapServer("eve", "secret")
    play._runner.run(eve.start())
    try:
        _two_mailboxes(play, eve)
        people = "email,cadence,first_name,company,owner\nann@p.test,intro,Ann,Acme,dana\nbob@q.test,intro,Bob,Beta,eve\n"
        play.at("mon 09:00").drop_csv(people)
        answer = play.answer_to(play.mails("ann@p.test")[-1], "No thanks, not interested.", "ann@p.test")
        order: list[int] = []
        ages: list[float] = []
        handle = listen.handle

        async def noted(world: World, name: str, arrival: Arrival, *rest: Any) -> None:
            await handle(world, name, arrival, *rest)
            if name == "dana":
                order.append(arrival.uid)

        monkeypatch.setattr(listen, "handle", noted)

        async def flood() -> None:
            for number in range(count - 1):
                await play.imap.append(_mail(f"p{number}@elsewhere.test", f"mail {number}"), play.clock.now())
            await play.imap.append(answer, play.clock.now())
            begun = time.monotonic()
            while play.outcome("ann@p.test") != "no":
                assert time.monotonic() - begun < 3600, "the flood is not read"
                asked = time.monotonic()
                assert await play.world.watches["eve"].look(60.0) == ""
                ages.append(time.monotonic() - asked)
                await asyncio.sleep(0.02)

        play._run(flood())
        assert order == sorted(order)  # of strangers' mails the headers say enough
        assert play.office.store.cursors("dana")["INBOX"].uid >= count
        assert max(ages) < freshness
        play.run_until("+4d")
        play.expect_mails("bob@q.test", ["Hello Bob", "Re: Hello Bob"])
        play.expect_mails("ann@p.test", ["Hello Ann"])
        toll(injected=count, after_answer=len(play.mails("ann@p.test")) - 1, replies_lost=0, touches_lost=0)
    finally:
        play.close()
        play._runner.run(eve.stop())


@pytest.mark.fault("F81")
def test_flood(stage: Callable[..., Play], toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a flood of mails is read in its order, another mailbox's looks stay fresh and its mails go out."""
    _flood(stage(), toll, monkeypatch, 300, LIMIT)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.fault("F81")
def test_flood_of_50000(stage: Callable[..., Play], toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with 50,000 mails: looks of others are less than a minute old."""
    _flood(stage(), toll, monkeypatch, 50_000, 60.0)


# -- whose words are shown, and followed ---------------------------------------------------------

HOSTILE = "What does it cost? \x1b[1A\x1b[2K\x9b31m\x07 \u202egnp.exe\u202c\u2028 http://evil.test/pixel.gif\r\nfollowupd: all is well\x1b]0;owned\x07"
OBEYED = {
    chr(number)
    for number in (*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
COMMANDS = (
    ["status"],
    ["review"],
    ["why", "ann@p.test"],
    ["show", "ann@p.test"],
    ["tasks"],
    ["review", "--json"],
    ["why", "ann@p.test", "--json"],
)


@pytest.mark.fault("F83")
def test_a_terminal_obeys_no_stranger(
    play: Play, toll: Toll, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Terminal codes, line breaks and turned text in a mail are shown as escapes, by every command and in the log; no address in it is asked for."""
    monkeypatch.setattr(log._log, "propagate", True)
    monkeypatch.chdir(play.folder)
    play.at("mon 09:00").drop_csv(ANN)
    answer = play.answer_to(play.mails("ann@p.test")[-1], HOSTILE, "ann@p.test", subject="Re: \x1b[31m\x07 \u202ehello")
    with caplog.at_level("INFO"):
        play.post(answer)
    assert play.state("ann@p.test") == "held"
    assert all(set(record.getMessage()).isdisjoint(OBEYED | {"\n"}) for record in caplog.records)
    monkeypatch.setenv("DANA", "secret")
    shown = ""
    for command in COMMANDS:
        capsys.readouterr()
        assert enter(command) == 0, command
        said = capsys.readouterr().out
        assert set(said).isdisjoint(OBEYED), (command, said)
        shown += said
    assert "What does it cost?" in shown
    toll(injected=1)


def test_names_in_mails_and_rows_are_never_asked_for(play: Play) -> None:
    """Pictures, links, styles and addresses in a mail or a row are text: nothing is resolved, connected to or fetched because of them."""
    sheet = "email,cadence,first_name,company,website\nann@p.test,intro,Ann,Acme,http://evil.test/x\n"
    play.at("mon 09:00").drop_csv(sheet)
    html = '<html><head><link rel="stylesheet" href="http://evil.test/a.css"></head><body background="http://evil.test/b.png"><img src="http://evil.test/c.gif">'
    html += '<iframe src="//evil.test/d"></iframe><p>What does it cost? https://evil.test/e</p></body></html>'
    raw = play.answer_to(play.mails("ann@p.test")[-1], html, "ann@p.test").replace(b"text/plain", b"text/html")
    play.post(
        raw.replace(
            b"MIME-Version",
            b"List-Unsubscribe: <https://evil.test/u>\r\nDisposition-Notification-To: <x@evil.test>\r\nMIME-Version",
        )
    )
    assert play.state("ann@p.test") == "held"
    assert {mail.recipient for mail in play.mails()} == {"ann@p.test"}  # and the hook in conftest.py has seen no other machine


def test_our_own_id_on_a_foreign_mail(play: Play) -> None:
    """A mail that bears one of our ids as its own is our copy or a forgery: never an answer, whoever it says wrote it."""
    play.at("mon 09:00").drop_csv(ANN)
    own = play.mails("ann@p.test")[-1].message_id
    play.at("tue 11:00").reply("ann@p.test", "Please remove me from your list.", message_id=own)
    assert play.state("ann@p.test") == "active"
    assert play.suppressed() == {}
