"""Plays: the morning letter of a rep, and nobody who wrote to us is dropped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from followupd.core.model import ReplyKind
from tests.stories.stage import ANN, INTRO, Play

DIGEST = 'digest: {at: "07:30", days: mon-fri}\n'
HURRY = 'answer_within: {remind: 2h, escalate: 3h, hours: "mon-fri 08:00-12:00"}\n'


@pytest.fixture
def morning(stage: Callable[..., Play]) -> Play:
    """Dana has a digest at half past seven, a manager, short working days, and a cadence with a call in it."""
    cadence = INTRO.replace(
        "  - {id: idea,", "  - {id: ring, task: call, after: 1d, within: 2d, learn: how the pilot went}\n  - {id: idea,"
    )
    return stage(cadences={"intro": cadence}, extra="reports_to: lee@example.com", settings=DIGEST + HURRY)


def digests(play: Play) -> list[str]:
    """When each digest came, and what its subject says."""
    return [f"{mail.when}: {mail.subject}" for mail in play.letters() if " March: " in mail.subject or " April: " in mail.subject]


def test_a_week(morning: Play) -> None:
    """Each working morning with something to say has one letter: answers since the last one, tasks, doubts, what leaves; none at the weekend."""
    play = morning.at("mon 09:00")
    assert digests(play) == []  # it was due while nobody was there, and there was nothing to say
    play.drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    play.at("mon 11:00").reply("ann@p.test", "When could you start? I should like to know more.")
    play.at("tue 12:00")
    assert digests(play) == ["Tue 03 Mar 07:30: Tuesday 3 March: 1 answer, 1 task"]
    assert told(play) == ["Tue 03 Mar 09:00: Ann waits for your answer"]  # two hours of Dana's mornings
    assert [line[:16] for line in told(play, "lee@example.com")] == ["Tue 03 Mar 10:00"]
    text = next(mail.text for mail in play.letters() if "March" in mail.subject)
    assert "1. Wants to know more: Ann, Acme" in text
    assert "    | When could you start?" in text
    assert "Number 2 below is yours to do." in text
    play.at("wed 12:00")
    (letter,) = play.office.store.letters_of("dana", "digest", play.clock.now().replace(hour=0))
    assert [(one["kind"], one["address"]) for one in letter.items] == [("task", "bob@q.test"), ("task", "ann@p.test")]
    assert "to be learned: how the pilot went" in letter.text
    assert "    inbox/drafts/tasks.csv\n" in letter.text
    assert (play.folder / "inbox/drafts/tasks.csv").read_text("utf-8-sig").count("ann@p.test") >= 1
    play.at("sun 12:00")
    assert [line[:9] for line in digests(play)] == ["Tue 03 Ma", "Wed 04 Ma", "Thu 05 Ma", "Fri 06 Ma"]


def test_downtime(morning: Play) -> None:
    """A morning that was missed is made up for on the same day; one of another day is not."""
    play = morning.at("mon 09:00")
    play.drop_csv(ANN)
    play.at("mon 11:00").reply("ann@p.test", "When could you start?")
    play.stop().at("tue 10:00").start().run_until("+10m")
    assert [line[:15] for line in digests(play)] == ["Tue 03 Mar 10:0"]  # as soon as the mailbox was read
    play.stop().at("sat 10:00").start().run_until("+1d")
    assert len(digests(play)) == 1
    play.stop().at("mon 06:00").start().run_until("+1m")
    assert len(digests(play)) == 1
    play.at("mon 08:00")
    assert [line[:15] for line in digests(play)] == ["Tue 03 Mar 10:0", "Mon 09 Mar 07:3"]


# -- nobody who wrote to us is dropped -----------------------------------------------------------


def told(play: Play, to: str = "dana@example.com") -> list[str]:
    """The letters about somebody who waits, or about a task, and when they came."""
    return [f"{mail.when}: {mail.subject}" for mail in play.letters(to) if " March: " not in mail.subject]


@pytest.fixture
def office(stage: Callable[..., Play]) -> Play:
    """Dana has a manager, and is away from Monday, 16 March, for a week."""
    return stage(extra='reports_to: lee@example.com\nabsences: ["2026-03-16..2026-03-20"]')


QUESTION = "When could you start? I should like to know more about the price."
EVE = "email,cadence,first_name,company\neve@r.test,intro,Eve,Eta\n"


def test_nobody_answers(office: Play) -> None:
    """A question that nobody answers reminds the owner after eight working hours, then the manager, each once; who asks twice is told of at once."""
    play = office.at("mon 09:00")
    play.drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    play.at("thu 10:00").reply("ann@p.test", QUESTION)
    play.at("thu 10:30").reply(
        "ann@p.test", "And do you come to us?", message_id="forgotten@p.test"
    )  # one message with the first
    play.at("thu 12:00").reply("bob@q.test", "Thanks, but no. We have somebody.")
    play.at("wed 12:00")
    assert told(play) == ["Fri 06 Mar 10:00: Ann waits for your answer"]
    assert told(play, "lee@example.com") == ["Mon 09 Mar 10:00: Ann waits for an answer from Dana Reyes"]
    assert f"    | {QUESTION}\n" in play.letters("lee@example.com")[0].text.replace("\r", "")
    play.at("wed 14:00").reply("ann@p.test", "I am still waiting, and I still should like to know.", message_id="again@p.test")
    play.run_until("+1m")
    assert told(play, "lee@example.com")[1:] == ["Wed 11 Mar 14:00: Ann waits for an answer from Dana Reyes"]
    assert [one.kind for one in play.tasks("bob@q.test")] == []
    play.answers_letter(
        "1 done\n2 drop", letter=next(mail for mail in play.letters() if mail.subject == "Ann waits for your answer")
    )
    assert [one.title for one in play.tasks("ann@p.test") if one.owner == "dana"] == ["Ann wrote again, and has had no answer"]


def test_answered_by_hand(office: Play) -> None:
    """Whoever was answered by hand is spoken of no more: after the end, at another address, before anybody was reminded. A mail that came before answers nothing."""
    play = office.at("mon 09:00")
    play.drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n" + EVE.partition("\n")[2])
    play.at("tue 09:30").writes_by_hand("eve@r.test")
    play.at("tue 10:00")
    play.reply("ann@p.test", QUESTION)
    play.reply("eve@r.test", QUESTION)
    name = play.reply("bob@q.test", "No thanks. It was a hard decision, and I really enjoyed our talk.")
    (bob,) = play.tasks("bob@q.test")
    assert (bob.kind, bob.title) == ("answer", "Answer the no of Bob by hand: it is personal")
    play.at("tue 11:00").writes_by_hand("ann@p.test")
    play.writes_by_hand("bob@home.test", answers=name)
    play.look()
    assert [task.address for task in play.office.store.tasks()] == ["eve@r.test"]
    assert "answered_by_hand: dana has answered by hand: Answer the no of Bob" in play.diary("bob@q.test")
    assert play.outcome("bob@q.test") == "no"
    play.at("fri 12:00")
    assert told(play) == ["Wed 04 Mar 10:00: Eve waits for your answer"]
    play.writes_by_hand("eve@r.test")
    play.look()
    play.run_until("+7d")
    assert [line[:16] for line in told(play, "lee@example.com")] == ["Thu 05 Mar 10:00"]
    assert play.office.store.tasks() == ()
    assert play.office.store.tasks("lee@example.com") == ()


def test_found_late(office: Play) -> None:
    """An answer that comes to light only after the rep has found it and answered waits for nobody."""
    play = office.at("mon 09:00")
    play.drop_csv(ANN)
    hidden, came = play.answer_to(play.mails("ann@p.test")[-1], QUESTION, "ann@p.test"), play.at("tue 10:00").clock.now()
    play.at("tue 12:00").writes_by_hand("ann@p.test")
    play._unread = True
    play._run(play.imap.append(hidden, came))
    assert (play.state("ann@p.test"), play.tasks("ann@p.test")) == ("held", [])
    assert "answered_by_hand: dana has answered by hand: Answer this: When could you start?" in play.diary("ann@p.test")


def test_decided(office: Play) -> None:
    """Once a human has said what an answer means, the clock begins anew; the manager is not told of whoever is at it that very moment."""
    play = office.at("mon 09:00")
    play.drop_csv(ANN)
    play.at("tue 10:00").reply("ann@p.test", QUESTION)
    play.at("tue 12:00").reply("ann@p.test", "Hm, pineapple.", message_id="unclear@p.test")
    play.run_until("+1m")
    assert [line[:16] for line in told(play, "lee@example.com")] == ["Tue 03 Mar 12:00"]  # their second message
    play.at("tue 14:00")
    (reply,) = play.reviews()
    assert len(play.office.store.tasks("lee@example.com")) == 1
    desk.decide(play.office, reply.id, ReplyKind.ENGAGED, "dana")
    assert play.office.store.tasks("lee@example.com") == ()
    play.at("wed 13:59")
    assert [line[:16] for line in told(play)] == ["Wed 04 Mar 10:00"]
    play.at("wed 14:01")
    assert [line[:16] for line in told(play)] == ["Wed 04 Mar 10:00", "Wed 04 Mar 14:00"]
    assert len(told(play, "lee@example.com")) == 1


def test_silence_is_wanted(office: Play) -> None:
    """An opt-out, an automatic answer, a short no, and what a human has put aside remind nobody; an opt-out ends what waited for an answer to them."""
    play = office.at("mon 09:00")
    play.drop_csv(
        ANN + "bob@q.test,intro,Bob,Beta\n" + EVE.partition("\n")[2] + "cid@c.test,intro,Cid,Cee\ndan@d.test,intro,Dan,Dee\n"
    )
    play.at("tue 10:00").reply("ann@p.test", QUESTION)
    play.reply("bob@q.test", QUESTION)
    play.reply("cid@c.test", "I am out of the office until 30 March.", automatic="auto-replied")
    play.reply("dan@d.test", "No thanks.")
    play.bounce("eve@r.test", "hard")
    play.at("tue 16:00").reply(
        "ann@p.test", "Please remove me from your list and never write to me again.", message_id="stop@p.test"
    )
    (bob,) = play.tasks("bob@q.test")
    desk.close_task(play.office, bob.id, done=False, by="dana")
    assert "ann@p.test" in play.suppressed()
    assert play.office.store.tasks() == ()
    play.run_until("+20d")
    assert (told(play), told(play, "lee@example.com")) == ([], [])


def test_away(office: Play) -> None:
    """While the owner is away the manager is told at once; over a weekend nobody is; several who wait are one letter."""
    play = office.at("mon 09:00")
    play.drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    play.at("fri 18:00").reply("ann@p.test", QUESTION)
    play.at("sat 11:00").reply("bob@q.test", QUESTION)
    play.at("mon 16:59")
    assert told(play) == []
    play.at("mon 17:01")
    assert told(play) == ["Mon 09 Mar 17:00: 2 people wait for an answer"]
    play.at("wed 09:00")
    assert told(play, "lee@example.com") == ["Tue 10 Mar 17:00: 2 people wait for an answer"]
    play.drop_csv(EVE, name="eve.csv")
    play.at("mon 12:00").reply("eve@r.test", QUESTION)
    play.run_until("+1m")
    assert told(play, "lee@example.com")[1:] == ["Mon 16 Mar 12:00: Eve waits for an answer from Dana Reyes"]
    assert "Mon 16 Mar to Fri 20 Mar is an absence of Dana Reyes." in play.letters("lee@example.com")[-1].text
    play.run_until("+20d")
    assert len(told(play)) == 1
