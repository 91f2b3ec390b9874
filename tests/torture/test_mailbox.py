"""A mailbox that can't be read, is renumbered, or is filed by other hands: on plays, judged by what the mail server took."""

from __future__ import annotations

import asyncio
import smtplib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from followupd import listen
from followupd.bench.servers.dovecot import PASSWORD, Dovecot, dovecot
from followupd.mailbox import NotKept
from followupd.store import schema
from tests.faults import Toll
from tests.stories import stage as stages
from tests.stories.stage import ANN, Play

Stage = Callable[..., Play]
USER = "dana"


def alarms(play: Play) -> list[str]:
    return [alarm.key for alarm in play.office.store.alarms_up()]


def soon(play: Play, condition: Callable[[], bool]) -> None:
    """It is so, or becomes so, while the daemon goes on."""

    async def watch() -> None:
        async with asyncio.timeout(stages.LIMIT):
            while not condition():
                play._check_alive()
                await asyncio.sleep(0.01)

    play._runner.run(watch())


@pytest.mark.fault("F43")
def test_two_hours_without_imap(play: Play, toll: Toll) -> None:
    """The mailbox can't be read for two hours, SMTP is fine: nothing leaves, people hear of it once, after an hour; then all goes on."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 08:00").mailbox_down()
    play.at("thu 08:55")
    assert alarms(play) == []
    play.at("thu 10:00")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    soon(play, lambda: alarms(play) == ["unread:dana"])
    (alarm,) = play.office.store.alarms_up()
    assert "can't be read since 05 Mar 07:00 UTC, so nothing leaves in its name" in alarm.text
    play.mailbox_up()
    soon(play, lambda: alarms(play) == [])
    play.run_until("+2h")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    toll(touches_lost=2 - len(play.mails("ann@p.test")))


@pytest.mark.fault("F55")
def test_full_mailbox_sends_nothing(play: Play, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers can't arrive in a full mailbox, so nothing leaves in its name until there is room."""
    inbox, share = play.world.inboxes["dana"], [1.0]

    async def quota() -> float:
        return share[0]

    inbox.quota = quota  # type: ignore[method-assign]
    monkeypatch.setattr(listen, "QUOTA_SECONDS", 0.0)
    assert "is full" in play._run(play.world.watches["dana"].look(stages.LIMIT))
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+3h")
    play.expect_mails("ann@p.test", [])
    assert alarms(play) == ["full:dana"]
    share[0] = 0.4
    play._run(play.world.watches["dana"].look(stages.LIMIT))
    soon(play, lambda: play.world.watches["dana"].readable)
    play.run_until("+3h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert alarms(play) == []
    toll(touches_lost=1 - len(play.mails("ann@p.test")))


@pytest.mark.fault("F52")
@pytest.mark.parametrize("folder", ["Junk", "Archive"])
def test_filed_at_once(play: Play, toll: Toll, folder: str) -> None:
    """An answer that the provider calls junk, or that the rep's rule files before we look, is read where it lies."""
    play.at("mon 09:00").drop_csv(ANN)
    raw = play.answer_to(play.mails("ann@p.test")[-1], "No thanks, we have decided against it.", "ann@p.test")
    play._run(play.imap.append(raw, play.clock.now(), folder))
    play.run_until("+20d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no"
    toll(after_answer=len(play.mails("ann@p.test")) - 1)


@pytest.mark.fault("F52")
def test_moved_on_the_way(play: Play, toll: Toll) -> None:
    """An answer that lies in the inbox for a moment and then in the archive is acted on once."""
    play.at("mon 09:00").drop_csv(ANN)
    play.reply("ann@p.test", "No thanks, we have decided against it.")

    async def move() -> None:
        for uid, _ in await play.imap.mails():
            await play.imap.move(uid, "Archive")

    play._run(move())
    play.run_until("+20d")
    assert play.outcome("ann@p.test") == "no"
    assert _replies(play) == {"ann@p.test": 1}
    toll(after_answer=len(play.mails("ann@p.test")) - 1, twice=_replies(play)["ann@p.test"] - 1)


@pytest.mark.fault("F53")
def test_deleted_before_we_looked(play: Play, toll: Toll) -> None:
    """An answer that the rep has thrown away before we looked still lies in the waste: nothing more leaves, and it is acted on once."""
    play.at("mon 09:00").drop_csv(ANN)
    raw = play.answer_to(play.mails("ann@p.test")[-1], "No thanks, we have decided against it.", "ann@p.test")
    play._run(play.imap.append(raw, play.clock.now(), "Trash"))
    play.run_until("+20d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no"
    assert _replies(play) == {"ann@p.test": 1}
    toll(after_answer=len(play.mails("ann@p.test")) - 1)


def test_copy_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes no copies of sent mail does not stop the mailbox: the mails go on, each copy is tried once."""
    play = stage(extra="")
    inbox, tried = play.world.inboxes["dana"], []

    async def refuse(*given: object) -> None:
        tried.append(given)
        raise NotKept("[NOPERM] read-only", passing=False)

    monkeypatch.setattr(inbox, "append", refuse)
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+20d").look()
    assert len(play.mails("ann@p.test")) == 4
    assert play.world.watches["dana"].readable
    assert len(tried) == len({mail for _, mail, _ in tried}) == 4


# -- a server that numbers its mails anew --------------------------------------------------------------


class DovecotMailbox:
    """Dana's mailbox at a real Dovecot, for a play."""

    def __init__(self, server: Dovecot) -> None:
        self.server, self.user, self.password, self.port = server, USER, PASSWORD, server.imap_port

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def append(self, raw: bytes, _at: datetime, _folder: str = "INBOX") -> None:
        await asyncio.to_thread(self.server.deliver, USER, raw, "ann@p.test")


@pytest.fixture
def at_dovecot(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Play, Dovecot]]:
    """A play with Dana's mailbox at Dovecot."""
    with dovecot() as server:
        monkeypatch.setattr(stages, "ImapServer", lambda *_: DovecotMailbox(server))
        play = stage()
        yield play, server
        play.close()


PEOPLE = [f"p{number}@d{number}.test" for number in range(50)]


def _replies(play: Play) -> Counter[str]:
    with play.office.store._transaction() as connection:
        return Counter(row.address for row in connection.execute(sa.select(schema.reply.c.address)))


def delivered(server: Dovecot, raw: bytes, sender: str) -> bool:
    """As a mail server does it: what Dovecot puts off while it mends its lists is handed over again."""
    try:
        server.deliver(USER, raw, sender)
    except smtplib.SMTPDataError as error:
        if error.smtp_code != 451:
            raise
        return False
    return True


@pytest.mark.fault("F48")
def test_renumbered_while_answers_come(at_dovecot: tuple[Play, Dovecot], toll: Toll) -> None:
    """Dovecot loses its list of numbers again and again while 50 answers arrive: each is acted on once, none is missed."""
    play, server = at_dovecot
    rows = "".join(f"{address},intro,Pat,Acme\n" for address in PEOPLE)
    play.at("mon 09:00").drop_csv("email,cadence,first_name,company\n" + rows)
    assert len(play.mails()) == 50
    answers = [play.answer_to(play.mails(address)[0], "No thanks, not interested.", address) for address in PEOPLE]
    numbers = set()

    async def arrive() -> None:
        for count, raw in enumerate(answers):
            while not await asyncio.to_thread(delivered, server, raw, PEOPLE[count]):
                await asyncio.sleep(0.1)
            if count in (5, 20, 35):
                # Dovecot takes the new UIDVALIDITY from the clock: another second, another number.
                numbers.add(int(time.time()))
                await asyncio.sleep(1.1)
                await asyncio.to_thread(server.renumber, USER)
        async with asyncio.timeout(60):
            while len(await asyncio.to_thread(_replies, play)) < 50 or not play.world.watches["dana"].readable:
                play._check_alive()
                await asyncio.sleep(0.05)

    play._runner.run(arrive())
    play._run(play.world.watches["dana"].look(stages.LIMIT))
    replies = _replies(play)
    assert replies == Counter(PEOPLE)
    assert {play.outcome(address) for address in PEOPLE} == {"no"}
    play.run_until("+20d")
    assert len(play.mails()) == 50
    toll(
        injected=len(numbers),
        twice=sum(count > 1 for count in replies.values()),
        replies_lost=50 - len(replies),
        after_answer=len(play.mails()) - 50,
    )
