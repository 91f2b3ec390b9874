"""What the mailbox proves, on plays: lost answers, copies in Sent, restores, twins, and the rep's own mails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
import sqlalchemy as sa

from followupd import desk, evidence, listen
from followupd.core.model import Change, Seen, TouchState
from followupd.mailbox import Headings, Inbox, Unreachable
from followupd.store import Store, StoreBusy, incarnation, schema
from followupd.store.incarnation import SETTING
from followupd.world import World
from tests.faults import Toll
from tests.stories.stage import ANN, BOB, LIMIT, Play

Stage = Callable[..., Play]


def _let_go(play: Stage) -> Stage:
    """What still refers to a statement keeps SQLite's files open after `close`, until it is collected: nobody may put another file there before."""
    gc.collect()
    return play


def twice(play: Play) -> int:
    """How many touches the server has accepted more than once."""
    names = Counter((mail.recipient, _original(mail.raw)) for mail in play.mails())
    return sum(count > 1 for count in names.values())


def _original(raw: bytes) -> str:
    return str(message_from_bytes(raw)["X-Followupd-Touch"])


def lost_answer(play: Play, *, stores: bool) -> None:
    """The connection is lost after the dot of the first mail."""
    play.server.says(drop="DOT", stores=stores)
    play.at("mon 09:00").drop_csv(ANN)
    play.server.says()


@pytest.mark.fault("F29")
def test_found_in_sent(stage: Stage, toll: Toll) -> None:
    """The answer is lost, the server has the mail, and its copy lies in Sent: settled as sent by itself, and the cadence goes on."""
    play = stage(keeps=True)
    lost_answer(play, stores=True)
    play.look()
    assert play.doubtful() == []
    hello = play.touches("ann@p.test")["hello"]
    assert hello.state == TouchState.SENT
    assert "copy in Sent" in hello.text
    assert play.state("ann@p.test") == "active"
    play.run_until("+5d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    toll(twice=twice(play))


@pytest.mark.fault("F29")
def test_nobody_keeps_copies(stage: Stage, toll: Toll) -> None:
    """Without a provider that keeps copies nothing proves anything: the touch stays doubtful, and is never sent again by itself."""
    play = stage(extra="doubtful: resend")
    lost_answer(play, stores=True)
    play.run_until("+2d").look().run_until("+1h")
    assert len(play.doubtful()) == 1
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll(twice=twice(play))


@pytest.mark.fault("F29")
def test_blind_copy(stage: Stage, toll: Toll) -> None:
    """Where every mail goes to the mailbox itself as well, that copy is the proof."""
    play = stage(extra="copy_to_self: true")
    lost_answer(play, stores=True)
    copy = play.mails("dana@example.com")[0]
    assert copy.raw == play.mails("ann@p.test")[0].raw
    play.post(copy.raw)
    assert play.doubtful() == []
    assert play.steps("ann@p.test")["hello"] == "sent"
    assert play.reviews() == []
    toll(twice=twice(play))


@pytest.mark.fault("F30")
def test_dropped_and_asked(stage: Stage, toll: Toll) -> None:
    """The server has dropped the mail: after the quiet period it is said that no copy lies there, and a human is asked. Nothing is sent."""
    play = stage(keeps=True)
    bob_first(play)
    lost_answer(play, stores=False)
    play.run_until("+1h").look().run_until("+1m")
    (doubt,) = play.doubtful()
    assert "no copy in the mailbox 15 minutes later" in play.touches("ann@p.test")["hello"].text
    play.expect_mails("ann@p.test", [])
    desk.settle(play.office, doubt, "again", "Dana")
    play.run_until("+1m")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll(twice=twice(play))


def bob_first(play: Play) -> None:
    """A mail to somebody else shows that this provider keeps copies."""
    play.at("mon 09:00").drop_csv(BOB, "bob.csv")
    play.look()


@pytest.mark.fault("F30")
def test_dropped_and_sent_again(stage: Stage, toll: Toll) -> None:
    """With `doubtful: resend` it is sent once more, the very same bytes; a second doubt is for a human."""
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    lost_answer(play, stores=False)
    kept = play.office.store.kept_mail(play.touches("ann@p.test")["hello"].id)
    assert kept is not None
    play.run_until("+20m").look().run_until("+1m")
    (mail,) = play.mails("ann@p.test")
    assert mail.raw == kept.raw
    assert play.doubtful() == []
    toll(twice=twice(play))


@pytest.mark.fault("F30")
def test_dropped_twice(stage: Stage, toll: Toll) -> None:
    """Lost again: no third time."""
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    play.server.says(drop="DOT", stores=False)
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+20m").look().run_until("+1m")
    play.server.says()
    play.run_until("+1h").look().run_until("+3d").look().run_until("+1m")
    tries = [line for line in play.server.commands if line == "RCPT TO:<ann@p.test>"]
    assert len(tries) == 2
    assert len(play.doubtful()) == 1
    toll(injected=2, twice=twice(play))


@pytest.mark.fault("F32")
def test_too_early(stage: Stage, toll: Toll) -> None:
    """A relay that is still at work: before the quiet period nothing is concluded, and the copy that comes late settles the doubt."""
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    play.server.sent = None
    lost_answer(play, stores=True)
    play.run_until("+10m").look()
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert len(play.doubtful()) == 1
    play._runner.run(play.imap.append(play.mails("ann@p.test")[0].raw, play.clock.now(), "Sent"))
    play.look()
    assert play.doubtful() == []
    play.run_until("+1h").look().run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll(twice=twice(play))


@pytest.mark.fault("F32")
def test_naive_control(stage: Stage, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: who believes an early absence sends a second copy, and the judge sees it."""
    from followupd import evidence

    monkeypatch.setattr(evidence, "QUIET", timedelta(0))
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    play.server.sent = None
    lost_answer(play, stores=True)
    play.run_until("+1m").look().run_until("+1m")
    assert twice(play) == 1
    toll()


def test_copies_elsewhere(stage: Stage) -> None:
    """A copy that the rep has thrown away at once still proves that the mail was sent."""
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    play.server.sent = None
    lost_answer(play, stores=True)
    play._runner.run(play.imap.append(play.mails("ann@p.test")[0].raw, play.clock.now(), "Trash"))
    play.run_until("+1h").look().run_until("+1h")
    assert play.doubtful() == []
    play.expect_mails("ann@p.test", ["Hello Ann"])


# -- names ---------------------------------------------------------------------------------------


def test_renamed(stage: Stage) -> None:
    """A provider that gives mails its own Message-ID: both names are known, answers are matched by either, threads hold together."""
    play = stage(keeps=True, renames=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.look()
    first = play.mails("ann@p.test")[0]
    assert first.message_id.endswith("@prod.outlook.test")
    play.run_until("+4d")
    second = play.mails("ann@p.test")[1]
    assert second.ids("In-Reply-To") == [first.message_id]
    bare = play.answer_to(replace(second, raw=b"\r\n"), "No thanks.", "ann.private@home.test")
    play.look()
    play.post(bare)
    reply = play.reviews()[0]
    assert reply.matched == "thread"
    assert play.state("ann@p.test") == "held"


# -- copies --------------------------------------------------------------------------------------


def test_copies_are_made(stage: Stage) -> None:
    """Where the provider keeps nothing, a copy of each mail is put into Sent, once, with the bytes that were sent."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN + BOB.splitlines()[1] + "\n")
    play.look()
    assert play.sent_folder() == []
    play.run_until("+10m").look().look()
    assert Counter(play.sent_folder()) == Counter(mail.raw for mail in play.mails())
    _let_go(play.stop())
    play.start()
    play.look().run_until("+4d").look()
    assert Counter(play.sent_folder()) == Counter(mail.raw for mail in play.mails())
    assert len(play.mails()) == 4


def test_no_second_copy(stage: Stage) -> None:
    """Where the provider keeps what it sends, nothing is added."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.look().run_until("+5d").look().run_until("+1h").look()
    assert len(play.mails()) == 2
    assert len(play.sent_folder()) == 2


def test_crash_while_copying(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between putting the copy there and noting it: the folder is read first, and no second copy comes."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    append = Inbox.append

    async def cut_off(self: Inbox, *args: object) -> None:
        await append(self, *args)  # type: ignore[arg-type]
        play.lose_mailbox_now()
        raise Unreachable("cut")

    monkeypatch.setattr(Inbox, "append", cut_off)
    play.run_until("+10m")
    play.world.watches["dana"].asked.set()
    play._run(play._watch(lambda watch: not watch.readable))
    monkeypatch.setattr(Inbox, "append", append)
    play.mailbox_up().look().look()
    assert len(play.sent_folder()) == 1


def test_link_breaks_over_a_copy(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs up over a copy each time: after the second time it is given up, and the mailbox is read again."""
    play, tries = stage(), list[bytes]()
    play.at("mon 09:00").drop_csv(ANN)

    async def hang_up(_self: Inbox, _folder: str, raw: bytes, _at: datetime) -> None:
        tries.append(raw)
        raise Unreachable("the server hangs up")

    monkeypatch.setattr(Inbox, "append", hang_up)
    play.run_until("+10m")
    play.world.watches["dana"].asked.set()
    play._run(play._watch(lambda watch: not watch.readable))
    play._run(play._watch(lambda watch: watch.readable))
    assert len(tries) == 2
    assert play.office.store.copies_wanted("dana") == ()


@pytest.mark.fault("F30")
def test_a_slow_search_holds_up_nobody_else(stage: Stage, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a server takes its time to show that no copy lies anywhere, the claim loop goes on turning for all mailboxes."""
    play = stage(keeps=True)
    bob_first(play)
    lost_answer(play, stores=False)
    play.run_until("+20m")
    headings = Inbox.headings

    async def while_it_is_slow() -> None:
        searched, over = asyncio.Event(), asyncio.Event()

        async def slow(self: Inbox, folder: str, *rest: Any) -> Headings:
            if folder in self.beside:
                searched.set()
                await over.wait()
            return await headings(self, folder, *rest)

        monkeypatch.setattr(Inbox, "headings", slow)
        async with asyncio.timeout(LIMIT):
            while (
                not searched.is_set()
            ):  # a reading that was under way may have searched already, and fast: then it searches again
                await play.world.call(unsearched, play)
                play.world.watches["dana"].asked.set()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(searched.wait(), 1.0)
            for _ in range(3):
                turned = play.world.beats["dispatch"]
                play.world.wake.set()
                while play.world.beats["dispatch"] == turned:
                    await asyncio.sleep(0.01)
        over.set()

    play._run(while_it_is_slow())
    play.look()
    assert "no copy in the mailbox" in play.touches("ann@p.test")["hello"].text
    toll(twice=twice(play))


# -- the rep's own mails ------------------------------------------------------------------------------


def unsearched(play: Play) -> None:
    """Nobody has looked for a copy of what is in doubt."""
    text = schema.touch.c.text
    with play.office.store.writing() as connection:
        said = sa.func.replace(text, evidence.ABSENT, "")
        connection.execute(sa.update(schema.touch).where(schema.IN_DOUBT).values(text=said))


@pytest.mark.fault("F54")
def test_written_by_hand(stage: Stage, toll: Toll) -> None:
    """Dana writes to Ann herself: the next touch keeps its distance, and her mail is no answer of Ann's."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 08:50").writes_by_hand("ann@p.test")
    play.look()
    assert play.state("ann@p.test") == "paused"
    assert play.reviews() == []
    play.at("fri 17:00")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    play.run_until("+4d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Mon 09 Mar 09:00"])
    assert "by hand" in play.diary("ann@p.test")
    toll()


def test_by_hand_to_a_stranger(stage: Stage) -> None:
    """Her mails to other people concern nobody, and nothing of them is kept."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    play.writes_by_hand("somebody@else.test")
    play.look()
    assert play.state("ann@p.test") == "active"
    assert len(play.office.store.seen_of("")) == 0


# -- looks ---------------------------------------------------------------------------------------


@pytest.mark.fault("F52")
@pytest.mark.parametrize("folder", ["Junk", "Archive", "Trash"])
def test_answer_filed_away(folder: str, stage: Stage, toll: Toll) -> None:
    """An answer that a rule or a phone has filed away within the second is seen by the look at this very person."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    answer = play.answer_to(play.mails("ann@p.test")[0], "No thanks.", "ann@p.test")
    play.at("thu 08:59")
    play._runner.run(play.imap.append(answer, play.clock.now(), folder))
    play.run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no", play.diary("ann@p.test")
    toll(after_answer=len(play.mails("ann@p.test")) - 1)


def test_wrong_cursor(stage: Stage) -> None:
    """A cursor that stands too far is no reason to miss an answer: the particular look finds it, and it has its effect."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    cursor = play.office.store.cursors("dana")["INBOX"]
    play.office.store.apply_one(Change(cursors=(replace(cursor, uid=cursor.uid + 1),)))
    answer = play.answer_to(play.mails("ann@p.test")[0], "No thanks.", "ann@p.test")
    play.at("thu 08:59")
    play._runner.run(play.imap.append(answer, play.clock.now()))
    play.run_until("+1h")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "no", play.diary("ann@p.test")


def test_read_ahead_of_its_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail that a particular look has found is read at once; the one that lies before it in the folder is read all the same."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    _let_go(play.stop())
    for address in ("bob@q.test", "ann@p.test"):
        play.post(play.answer_to(play.mails(address)[0], "No thanks.", address))
    read_missed, ahead = listen._read_missed, list[str]()

    async def found_by_a_look(world: World, name: str) -> None:
        if not ahead:
            found = await world.inboxes[name].find(frozenset({"ann@p.test"}), frozenset(), play.clock.now() - timedelta(days=1))
            world.watches[name].missed.extend(found)
            ahead.extend(one.sender for one in found)
        await read_missed(world, name)

    monkeypatch.setattr(listen, "_read_missed", found_by_a_look)
    play.start().look()
    assert ahead == ["ann@p.test"]
    assert (play.outcome("ann@p.test"), play.outcome("bob@q.test")) == ("no", "no")


@pytest.mark.fault("F51")
@pytest.mark.parametrize(("verb", "crosses"), [("MAIL", False), ("RCPT", False), ("DATA", True), ("DOT", True)])
def test_answer_at_the_last_moment(verb: str, crosses: bool, stage: Stage, toll: Toll) -> None:
    """Before the look an answer stops the mail; after it the mail leaves, and the crossing is counted, shown and apologised for."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    answer = play.answer_to(play.mails("ann@p.test")[0], "No thanks.", "ann@p.test")
    at = play.clock.now() + timedelta(days=3) - timedelta(seconds=1)
    play.server.before[verb] = lambda: play.imap.append(answer, at)  # type: ignore[assignment,return-value]
    play._unread = True
    play.at("thu 09:30")
    play.look()
    sent = len(play.mails("ann@p.test"))
    assert (sent == 2) == crosses
    assert play.outcome("ann@p.test") == "no", play.diary("ann@p.test")
    crossings = [event for event in play.office.store.timeline("ann@p.test") if event.kind == "crossing"]
    assert len(crossings) == crosses
    assert [task.kind for task in play.tasks("ann@p.test")].count("apologize") == crosses
    toll(after_answer=0 if crosses else sent - 1)


@pytest.mark.fault("F12")
@pytest.mark.parametrize("kept", [True, False])
def test_power_cut_after_the_dot(kept: bool, stage: Stage, toll: Toll) -> None:
    """The power fails after the dot: the marks are gone with it. The copy in Sent decides; where there is none, a human does."""
    play = stage(keeps=kept)
    at_the_dot: list[bytes] = []
    play.happens_before("DOT", lambda: at_the_dot.append(copied(play, "cut")))
    play.at("mon 09:00").drop_csv(ANN)
    _let_go(play.stop())
    put_back(play, at_the_dot[0])
    for left in (play.folder / "run").iterdir():
        left.unlink()
    play.start()
    play.look().run_until("+1h").look()
    assert len(play.doubtful()) == (not kept)
    assert play.steps("ann@p.test")["hello"] == ("sent" if kept else "doubtful")
    play.run_until("+4d")
    assert len(play.mails("ann@p.test")) == 1 + kept
    toll(twice=twice(play))


# -- restores and twins --------------------------------------------------------------------------------


def copied(play: Play, name: str) -> bytes:
    """The store as it is now: a backup."""
    with sqlite3.connect(play.folder / "followupd.db") as source, sqlite3.connect(play.folder / name) as target:
        source.backup(target)
    return (play.folder / name).read_bytes()


def put_back(play: Play, raw: bytes, reconcile: datetime | None = None, keeps: str = "yes") -> None:
    """The backup takes the place of the store (in the very same file, so that nothing shows it but what is noted here)."""
    for name in ("followupd.db-wal", "followupd.db-shm"):
        (play.folder / name).unlink(missing_ok=True)
    (play.folder / "followupd.db").write_bytes(raw)
    if reconcile is not None:
        with sqlite3.connect(play.folder / "followupd.db") as store:
            since = reconcile.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
            store.execute("UPDATE mailbox SET reconcile = ?, keeps = ?", (since, keeps))


def many(count: int) -> str:
    """A file of so many people."""
    return "email,cadence,first_name,company\n" + "".join(f"p{n}@p.test,intro,P{n},Acme\n" for n in range(count))


@pytest.mark.fault("F24")
def test_older_backup(stage: Stage, toll: Toll) -> None:
    """A backup is restored that does not know of 20 mails sent since: they are found in Sent first, and none is sent again."""
    play = stage(keeps=True)
    play.at("mon 08:00").drop_csv(many(20))
    backup = copied(play, "backup")
    play.at("mon 09:30").look()
    assert len(play.mails()) == 20
    _let_go(play.stop())
    put_back(play, backup, play.clock.now() - timedelta(days=7))
    play.start()
    play.look().run_until("+1h").look()
    assert len(play.mails()) == 20
    assert {play.steps(f"p{n}@p.test")["hello"] for n in range(20)} == {"sent"}
    assert play.switches() == set()
    play.run_until("+4d")
    assert len(play.mails()) == 40
    assert {mail.subject for mail in play.mails("p7@p.test")} == {"Hello P7", "Re: Hello P7"}
    toll(injected=20, twice=twice(play))


@pytest.mark.fault("F24")
def test_backup_from_before_the_file(stage: Stage, toll: Toll) -> None:
    """The backup does not even know the people; their file is saved again. Who has had the mail, by its copy in Sent, gets no second one."""
    play = stage(keeps=True)
    play.at("mon 08:00")
    backup = copied(play, "backup")
    play.drop_csv(ANN)
    play.at("mon 09:30").look()
    play.expect_mails("ann@p.test", ["Hello Ann"])
    _let_go(play.stop())
    put_back(play, backup, play.clock.now() - timedelta(days=7))
    play.start().look()
    play.drop_csv(ANN, name="again.csv")
    play.run_until("+2h").look()
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.steps("ann@p.test")["hello"] == "sent"
    play.run_until("+4d")
    assert len(play.mails("ann@p.test")) == 2
    toll(twice=twice(play))


@pytest.mark.fault("F24")
@pytest.mark.parametrize("keeps", ["", "no"])
def test_older_backup_without_evidence(keeps: str, stage: Stage, toll: Toll) -> None:
    """Where nothing could show what was sent since the backup, those whose mail was due then are held for a human.

    Copies that we put there ourselves show nothing by their absence: the last ones may have been cut short.
    """
    play = stage(extra="")
    play.at("mon 08:00").drop_csv(many(5))
    backup = copied(play, "backup")
    play.at("mon 09:30").look().look()
    assert len(play.mails()) == 5
    for uid, _ in play._runner.run(play.imap.mails("Sent")):
        play._runner.run(play.imap.delete(uid, "Sent"))
    _let_go(play.stop())
    put_back(play, backup, play.clock.now() - timedelta(days=7, hours=2), keeps=keeps)
    play.start()
    play.look().run_until("+1h").look().run_until("+5d")
    assert len(play.mails()) == 5, play.diary("p1@p.test")
    assert {play.state(f"p{n}@p.test") for n in range(5)} == {"held"}
    toll(injected=5, twice=twice(play))


@pytest.mark.fault("F25")
def test_twin(stage: Stage, toll: Toll) -> None:
    """A clone with our secret sends from this mailbox: its copy in Sent stops us, with an alarm that says so."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    backup = copied(play, "backup")
    play.at("thu 09:05").look()
    twins = play.mails("ann@p.test")[1].raw
    _let_go(play.stop())
    (play.folder / "run" / "marks").unlink()  # of another machine
    put_back(play, backup)  # now we are the one that has not sent the second mail, and the other one has
    play.start()
    play.at("thu 09:10")
    assert twins in play.sent_folder()
    play.look()
    assert play.switches() == {"mailbox:dana"}
    assert [alarm.key for alarm in play.office.store.alarms_up()] == ["twin:dana"]
    play.run_until("+5d")
    assert len(play.mails("ann@p.test")) == 2
    desk.switch(play.office, "mailbox:dana", on=False, reason="looked at")
    play.run_until("+1m")
    assert [alarm.key for alarm in play.office.store.alarms_up()] == []
    toll(twice=twice(play))


def test_store_that_has_moved_under_us(stage: Stage) -> None:
    """Our mailboxes were let go, and the store in which they are taken anew lies elsewhere: nothing is claimed there before a new start."""
    play = stage()
    play.at("mon 08:59").drop_csv(ANN)
    with play.office.store.writing() as connection:
        record = json.loads(
            connection.execute(sa.select(schema.setting.c.value).where(schema.setting.c.name == SETTING)).scalar_one()
        )
        values = {"value": json.dumps(record | {"inode": "1"}).encode()}
        connection.execute(sa.update(schema.setting).where(schema.setting.c.name == SETTING).values(values))
    play.world.let_go()
    with pytest.raises(ExceptionGroup) as failed:
        play.at("mon 09:30")
    assert failed.group_contains(incarnation.StoreMoved)
    play._daemon = None
    assert play.mails() == []


# -- what must not end the daemon -----------------------------------------------------------------------


def busy_once(monkeypatch: pytest.MonkeyPatch, verb: str) -> list[str]:
    """The database can't answer this question the first time. Says in the list that this was so."""
    ask, refused = getattr(Store, verb), list[str]()

    def refuse(self: Store, *parameters: object) -> object:
        if not refused:
            refused.append(verb)
            raise StoreBusy("database is locked")
        return ask(self, *parameters)

    monkeypatch.setattr(Store, verb, refuse)
    return refused


@pytest.mark.fault("F19")
def test_store_refuses_at_the_look(stage: Stage, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store can't say whether a mail of this person is recorded: nothing leaves, and a moment later it does, once."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    play.reply("ann@p.test", "Thank you for your message. We have received your request.", automatic="auto-replied")
    _let_go(play.stop())
    refused = busy_once(monkeypatch, "unread")
    play.start().at("thu 09:30")
    assert refused
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    toll(twice=twice(play))


@pytest.mark.fault("F19")
def test_store_refuses_before_sending_again(stage: Stage, toll: Toll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store can't give the bytes of a mail that is sent once more: they are waited for."""
    play = stage(keeps=True, extra="doubtful: resend")
    bob_first(play)
    lost_answer(play, stores=False)
    play.run_until("+20m")
    asked = play.touches("ann@p.test")["hello"].id
    kept, refused = Store.kept_mail, list[str]()

    def refuse(self: Store, touch: str) -> object:
        if touch == asked and not refused:
            refused.append(touch)
            raise StoreBusy("database is locked")
        return kept(self, touch)

    monkeypatch.setattr(Store, "kept_mail", refuse)
    play.look().run_until("+1m")
    assert refused
    play.expect_mails("ann@p.test", ["Hello Ann"])
    toll(twice=twice(play))


def test_copy_of_what_was_not_sent(stage: Stage) -> None:
    """A mail whose copy is known already passes no gate. That is not tried for ever: the copy proves that it was sent."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    idea = play.touches("ann@p.test")["idea"].id
    play.office.store.apply_one(
        Change(seen=(Seen(mailbox="dana", folder="Sent", uidvalidity=1, uid=9, at=play.clock.now(), touch=idea),))
    )
    play.at("thu 09:30").look()
    assert play.steps("ann@p.test")["idea"] == "sent"
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.server.commands.count("RCPT TO:<ann@p.test>") == 2


def unreadable(play: Play) -> None:
    """The kept text of the cadence is one that this version can't read."""
    _let_go(play.stop())
    with sqlite3.connect(play.folder / "followupd.db") as store:
        store.execute("UPDATE cadence SET body = 'steps: nonsense'")
    play.start()


def test_unreadable_edition_and_a_proof(stage: Stage) -> None:
    """A copy proves a mail of a cadence that can't be read: its person is held, and the mailbox is read on."""
    play = stage()
    lost_answer(play, stores=True)
    (mail,) = play.mails("ann@p.test")
    unreadable(play)
    play.post(mail.raw)
    assert play.state("ann@p.test") == "held"
    assert len(play.office.store.seen_of(play.touches("ann@p.test")["hello"].id)) == 1
    play.look()


def test_unreadable_edition_and_a_mail_by_hand(stage: Stage) -> None:
    """The rep writes to somebody whose cadence can't be read: held, since nobody knows how long to wait."""
    play = stage(keeps=True)
    play.at("mon 09:00").drop_csv(ANN)
    unreadable(play)
    play.at("tue 08:50").writes_by_hand("ann@p.test")
    play.look()
    assert play.state("ann@p.test") == "held"
    assert "by hand" in play.diary("ann@p.test")


def test_unreadable_edition_and_an_answer(stage: Stage) -> None:
    """An answer to a cadence that can't be read: whoever wrote it hears nothing more until a human has looked."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    unreadable(play)
    play.reply("ann@p.test", "No thanks.")
    assert play.state("ann@p.test") == "held"
    play.run_until("+5d")
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_unreadable_edition_and_its_date(stage: Stage) -> None:
    """A pause ends in a cadence that can't be read: held, and the daemon lives."""
    play = stage()
    play.at("mon 09:00").drop_csv(ANN)
    play.reply("ann@p.test", "I am on vacation until 12 March 2026 and back on 13 March 2026.", automatic="auto-replied")
    assert play.state("ann@p.test") == "paused"
    unreadable(play)
    play.run_until("+20d").look()
    assert play.state("ann@p.test") == "held"
