"""Whose mail is taken in first, and what is made ready before the first answer comes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from followupd import daemon, listen
from followupd.core.model import Change
from followupd.store import StoreBusy
from followupd.world import World
from tests.mailbox.test_news import mail
from tests.stories.stage import ANN, Play


def test_who_comes_first(play: Play) -> None:
    """An answer to a mail of ours comes before mails of which it can't be told whose they are, though it lies behind them; news for all is left out."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+3h")
    report = b"From: <postmaster@elsewhere.test>\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <1@e.test>\r\n\r\nSorry.\r\n"
    news = b"From: <news@elsewhere.test>\r\nSubject: News\r\nMessage-ID: <2@e.test>\r\n\r\nNews.\r\n"
    answer = b"From: <ann@p.test>\r\nSubject: Re: Hello\r\nMessage-ID: <3@p.test>\r\n\r\nNo thanks.\r\n"
    first, others = play._run(listen._told_apart(play.world, [mail(1, report), mail(2, news), mail(3, answer)]))
    assert [one.uid for one in first] == [3]
    assert [one.uid for one in play._run(listen._without_strangers(play.world, others))] == [1]


WRITTEN = ("enrollment", "touch", "task", "reply", "suppression", "event", "fact", "alarm")
"""All that an answer may change but how far its folder was read, which the daemon may be writing down at this moment."""


def test_rehearsed(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first answer comes, one that nobody has written is understood and judged like any other; nothing of it is written."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+3h")
    judge, judged, file = listen._judged, list[Change](), play.office.store._file
    monkeypatch.setattr(listen, "_judged", lambda *more: judged.append(judge(*more)) or judged[-1])
    inbound, reading = play._run(play.world.reader.start())
    assert file is not None
    with closing(sqlite3.connect(file)) as outside:
        before = [outside.execute(f"SELECT * FROM {table}").fetchall() for table in WRITTEN]
        listen._rehearsed(play.office, play.world.key, inbound, reading)
        assert [outside.execute(f"SELECT * FROM {table}").fetchall() for table in WRITTEN] == before
    assert [(one.address, one.state) for one in judged[0].enrollments] == [("ann@p.test", "finished")]
    assert play.state("ann@p.test") == "active"


def test_asked_while_it_is_taken_apart(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose a mail is, is asked by its header; that counts only if the mail itself says the same. A store that refuses harms no reader."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+3h")
    answer = mail(3, b"From: <ann@p.test>\r\nSubject: Re: Hello\r\nMessage-ID: <3@p.test>\r\n\r\nNo thanks.\r\n")
    box, head = next(iter(play.world.inboxes)), listen.plain_head

    inbound, known = play._run(listen._read(play.world, box, answer))
    assert inbound.typed == "No thanks."
    assert known is not None
    assert known[0].prospect.address == "ann@p.test"
    pid = play.world.reader.pid
    monkeypatch.setattr(listen, "plain_head", lambda raw: replace(head(raw), sender="bob@p.test"))
    assert play._run(listen._read(play.world, box, answer)) == (inbound, None)
    monkeypatch.setattr(listen, "plain_head", lambda _: None)
    assert play._run(listen._read(play.world, box, answer)) == (inbound, None)
    monkeypatch.setattr(listen, "plain_head", head)

    def refused(*_: object, **__: object) -> None:
        raise StoreBusy("locked")

    monkeypatch.setattr(play.office.store, "match", refused)
    with pytest.raises(StoreBusy):
        play._run(listen._read(play.world, box, answer))
    assert play.world.reader.pid == pid


@pytest.mark.parametrize("at_last", [False, True])
def test_what_is_due_goes_before_the_reader(play: Play, monkeypatch: pytest.MonkeyPatch, at_last: bool) -> None:
    """The reading process is started once no mail is on its way; in a burst that takes long, after a minute."""
    begun = list[int]()

    async def rehearse(world: World) -> None:
        begun.append(world.writer.crowd)

    async def story(world: World) -> None:
        world.writer.crowd = 7
        waiting = asyncio.create_task(daemon._have_a_reader(world))
        await asyncio.sleep(0.05)
        assert at_last or not begun
        world.writer.crowd = 7 if at_last else 0
        await asyncio.wait_for(waiting, 10)
        world.writer.crowd = 0

    monkeypatch.setattr(listen, "rehearse", rehearse)
    monkeypatch.setattr(daemon, "READER_AFTER", 0.005)
    monkeypatch.setattr(daemon, "READER_LOOKS", 3 if at_last else 10_000)
    play._run(story(play.world))
    assert begun == [7 if at_last else 0]
