"""Plays: somebody answers, and the cadence does what the answer asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from followupd.core.model import ReplyKind
from tests.stories.stage import ANN, BOB, INTRO, Play

AFTER = """\
cadence: after-the-no
about: Thanks for a clear answer, then quiet.
steps:
  - {id: thanks, email: thanks, after: 4h, since: enrolled}
end: {after: 7d}
"""

NURTURE = """\
cadence: nurture
about: A good read now and then.
steps:
  - {id: first, email: idea, after: 30d, thread: new}
  - {id: second, email: proof, after: 60d, thread: new}
end: {after: 7d}
"""


def to_nurture(text: str) -> str:
    """The cadence, whose silent end begins `nurture`."""
    return text.replace("end: {after: 7d}", "end: {after: 7d, enroll: nurture}")


# -- the end -------------------------------------------------------------------------------------


def test_no(play: Play) -> None:
    """Thursday 10:05 Ann answers "No thanks": until 30 days later nothing more leaves."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("thu 10:05").reply("ann@p.test", "No thanks.")
    play.run_until("+30d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00"])
    assert play.outcome("ann@p.test") == "no"


def test_no_and_thanks(stage: Callable[..., Play]) -> None:
    """Where the workspace has the cadence after-the-no, a no is thanked for in its thread, and that is the last mail."""
    play = stage(cadences={"intro": INTRO, "after-the-no": AFTER})
    play.write("templates/thanks.md", "---\nsubject: Thank you\n---\nThank you for a clear answer, {{ prospect.first_name }}.\n")
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    answer = play.at("tue 10:05").reply("ann@p.test", "No thanks.")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 14:05"])
    assert play.mails("ann@p.test")[1].ids("In-Reply-To") == [answer]
    assert play.outcome("ann@p.test") == "no"
    assert play.outcome("ann@p.test", "after-the-no") == "silent"


def test_yes(play: Play) -> None:
    """A yes ends the cadence, and the owner is asked to call."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "Yes, let's go ahead. Please send me the contract.")
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert play.outcome("ann@p.test") == "yes"
    assert [(task.kind, task.owner) for task in play.tasks("ann@p.test")] == [("call", "dana")]
    assert "Call Ann" in play.tasks("ann@p.test")[0].title


def test_referral(play: Play) -> None:
    """Somebody else is named: the cadence ends, and the owner hears who it is. Nobody is enrolled by a mail."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "I am not the right person. Please talk to Carl Cole, carl@p.test.")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "referred"
    assert len(play.tasks("ann@p.test")) == 1
    assert {mail.recipient for mail in play.mails()} == {"ann@p.test", "dana@example.com"}  # who is reminded, and nobody else


def test_unsubscribe(play: Play) -> None:
    """Who wants no more mail gets none, from anyone, ever: a later CSV row is handed back with the reason."""
    play.at("mon 09:00").drop_csv(ANN + "bob@q.test,intro,Bob,Beta\n")
    play.at("tue 11:00").reply("ann@p.test", "Please remove me from your list.")
    assert play.outcome("ann@p.test") == "opted_out"
    assert play.suppressed() == {"ann@p.test": "asked for no more mail"}
    play.write("cadences/second.yaml", INTRO.replace("cadence: intro", "cadence: second"))
    play.reread()
    receipt = play.run_until("+40d").drop_csv(ANN.replace("intro", "second"), name="again.csv")
    assert [row["result"] for row in receipt] == ["rejected"]
    assert "asked for no more mail" in receipt[0]["reason"]
    play.run_until("+30d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert len(play.mails("bob@q.test")) == 4


def test_unsubscribe_after_the_end(play: Play) -> None:
    """An opt-out counts whenever it comes: also a month after the cadence has ended."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+60d")
    assert play.outcome("ann@p.test") == "silent"
    play.reply("ann@p.test", "Unsubscribe")
    assert play.suppressed() == {"ann@p.test": "asked for no more mail"}
    assert play.outcome("ann@p.test") == "silent"


# -- not now -------------------------------------------------------------------------------------


def test_later_with_a_date(play: Play) -> None:
    """Ann asks for a mail on 20 April: it pauses until that day; then the cadence goes on in the window."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("wed 10:05").reply("ann@p.test", "Not now, please get back to me on 20 April.")
    assert play.state("ann@p.test") == "paused"
    assert play.until("ann@p.test") == "Mon 20 Apr 00:00"
    play.run_until("+60d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Mon 20 Apr 09:00", "Fri 24 Apr 09:00", "Fri 01 May 09:00"])


def test_later_without_a_date(stage: Callable[..., Play]) -> None:
    """Without a date of its own, a later waits as long as the cadence says."""
    play = stage(cadences={"intro": INTRO + "replies:\n  later: {pause: 14d}\n"})
    play.at("mon 09:00").drop_csv(ANN)
    play.at("wed 10:05").reply("ann@p.test", "Not now, maybe later.")
    play.run_until("+20d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Wed 18 Mar 10:05", "Mon 23 Mar 09:00"])


def test_later_is_answered_in_its_thread(play: Play) -> None:
    """After the pause our mail answers theirs: it names the answer's Message-ID, as a mail program would."""
    play.at("mon 09:00").drop_csv(ANN)
    answer = play.at("wed 10:05").reply("ann@p.test", "Not now, please get back to me on 20 April.")
    play.run_until("+50d")
    first, second = play.mails("ann@p.test")[:2]
    assert second.ids("In-Reply-To") == [answer]
    assert second.ids("References")[:2] == [first.message_id, answer]
    assert second.subject == "Re: Hello Ann"


def test_away(play: Play) -> None:
    """An absence pauses to one business day after the return (a full inbox comes first), and counts nowhere as an answer."""
    play.at("mon 09:00").drop_csv(ANN)
    away = "I am out of the office and will be back on Monday, 16 March 2026."
    play.at("mon 09:05").reply("ann@p.test", away, automatic="auto-replied", subject="Automatic reply: Hello Ann")
    assert play.until("ann@p.test") == "Tue 17 Mar 00:00"
    play.run_until("+22d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 17 Mar 09:00", "Mon 23 Mar 09:00"])
    assert play.tasks("ann@p.test") == []


def test_away_over_a_weekend(play: Play) -> None:
    """Back on Friday: the next mail goes on Monday."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("mon 09:05").reply(
        "ann@p.test", "I am on vacation until 12 March 2026 and back on 13 March 2026.", automatic="auto-replied"
    )
    play.run_until("+14d")
    assert play.mails("ann@p.test")[1].when == "Mon 16 Mar 09:00"


def test_auto_reply(play: Play) -> None:
    """A machine that says "we have received your mail" changes nothing."""
    play.at("mon 09:00").drop_csv(ANN)
    play.reply("ann@p.test", "Thank you for your message. We have received your request.", automatic="auto-replied")
    play.run_until("+8d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00", "Mon 09 Mar 09:00"])


# -- a human must look ---------------------------------------------------------------------------


def test_question(play: Play) -> None:
    """A question holds the cadence and becomes a task; when the owner resumes it, it goes on where it stood."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "What does it cost for twenty people?")
    assert play.state("ann@p.test") == "held"
    assert [task.kind for task in play.tasks("ann@p.test")] == ["answer"]
    play.run_until("+10d")
    play.expect_mails("ann@p.test", ["Hello Ann"])
    desk.resume(play.office, "ann@p.test")
    play.run_until("+10d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 13 Mar 11:00", "Tue 17 Mar 11:00"])


DECISIONS = [
    (ReplyKind.YES, "yes", 1),
    (ReplyKind.NO, "no", 1),
    (ReplyKind.LATER, "paused", 1),
    (ReplyKind.ENGAGED, "held", 1),
    (ReplyKind.REFERRAL, "referred", 1),
    (ReplyKind.UNSUBSCRIBE, "opted_out", 1),
    (ReplyKind.OUT_OF_OFFICE, "active", 2),
    (ReplyKind.AUTO_REPLY, "active", 3),
    (ReplyKind.COMPLAINT, "opted_out", 1),
]


@pytest.mark.parametrize(("kind", "outcome", "mails"), DECISIONS)
def test_unclear(play: Play, kind: ReplyKind, outcome: str, mails: int) -> None:
    """What nobody understands is held for review; a human's word has the effect that it would have had at once."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", " ")  # a picture, perhaps
    assert play.state("ann@p.test") == "held"
    (reply,) = play.reviews()
    desk.decide(play.office, reply.id, kind, "dana")
    assert play.reviews() == []
    play.run_until("+9d")
    assert play.outcome("ann@p.test") == outcome
    assert len(play.mails("ann@p.test")) == mails, play.diary("ann@p.test")
    assert ("ann@p.test" in play.suppressed()) == (outcome == "opted_out")


def test_a_clear_word_settles_an_unclear_one(play: Play) -> None:
    """Who has said no since needs nobody's word on what was unclear before: the review and its task are closed."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", " ")
    assert len(play.reviews()) == 1
    play.at("wed 11:00").reply("ann@p.test", "No thanks.")
    assert play.outcome("ann@p.test") == "no"
    assert play.reviews() == []
    assert [task.kind for task in play.tasks("ann@p.test") if task.kind == "decide"] == []


def test_resuming_settles_an_unclear_one(play: Play) -> None:
    """A human who lets the cadence go on has looked: nothing of it is left on the review list."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", " ")
    desk.resume(play.office, "ann@p.test")
    assert play.reviews() == []
    assert play.state("ann@p.test") == "active"


def test_colleague(play: Play) -> None:
    """A firm yes counts only from the prospect's own address: a colleague's holds the cadence until a human has looked."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "Yes, we go ahead. Please send the contract.", sender="carl@p.test")
    play.run_until("+30d")
    assert play.state("ann@p.test") == "held"
    play.expect_mails("ann@p.test", ["Hello Ann"])
    assert [reply.address for reply in play.reviews()] == ["carl@p.test"]


def test_colleague_wants_out(play: Play) -> None:
    """A colleague's opt-out stops mail to the colleague at once; whether it is Ann's, too, is for a human to say."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "Please remove me from your list.", sender="carl@p.test")
    assert play.state("ann@p.test") == "held"
    assert set(play.suppressed()) == {"carl@p.test"}


def test_stranger(play: Play) -> None:
    """Mail from somebody we don't write to is left alone."""
    play.at("mon 09:00").drop_csv(ANN)
    play.post(
        b"From: eve@elsewhere.test\r\nTo: dana@example.com\r\nSubject: No thanks\r\nMessage-ID: <1@elsewhere.test>\r\n\r\nNo thanks.\r\n"
    )
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])
    assert play.reviews() == []


def test_new_mail_instead_of_an_answer(play: Play) -> None:
    """Ann writes a mail of her own that names none of ours: her address tells whose answer it is."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", "No thanks, not interested.", threaded=False, subject="Your mail")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "no"
    play.expect_mails("ann@p.test", ["Hello Ann"])


# -- old mails and other cadences ----------------------------------------------------------------


def test_old_mail(stage: Callable[..., Play]) -> None:
    """An answer to a mail of a finished cadence ends what is under way now: who has answered has answered."""
    play = stage(cadences={"intro": to_nurture(INTRO), "nurture": NURTURE})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+60d")
    assert play.outcome("ann@p.test") == "silent"
    assert play.state("ann@p.test", "nurture") == "active"
    play.reply("ann@p.test", "No thanks.", to=1)
    sent = len(play.mails("ann@p.test"))
    play.run_until("+120d")
    assert len(play.mails("ann@p.test")) == sent
    assert play.outcome("ann@p.test", "nurture") == "no"
    assert play.outcome("ann@p.test") == "silent"


def test_silence_begins_nurture(stage: Callable[..., Play]) -> None:
    """Nobody answers: a week after the last mail the outcome is silence, and the slow cadence begins on its own thread."""
    play = stage(cadences={"intro": to_nurture(INTRO), "nurture": NURTURE})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+60d")
    assert play.outcome("ann@p.test") == "silent"
    play.expect_times(
        "ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00", "Mon 09 Mar 09:00", "Mon 16 Mar 09:00", "Wed 22 Apr 09:00"]
    )
    assert play.mails("ann@p.test")[-1].subject == "An idea"
    assert play.mails("ann@p.test")[-1].ids("In-Reply-To") == []


def test_two_people(play: Play) -> None:
    """Ann's answer says nothing about Bob."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    play.at("tue 11:00").reply("ann@p.test", "No thanks.")
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 1
    assert len(play.mails("bob@q.test")) == 4


def test_same_answer_twice(play: Play) -> None:
    """The same mail in the mailbox twice is one answer."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00")
    raw = play.answer_to(play.mails("ann@p.test")[0], "What does it cost?", "ann@p.test")
    play.post(raw)
    play.post(raw)
    assert len(play.tasks("ann@p.test")) == 1
    assert [event.kind for event in play.office.store.timeline("ann@p.test")].count("reply") == 1


# -- one after the other -------------------------------------------------------------------------

QUESTION = "What does it cost for twenty people?"
LATER = "Not now, please get back to me on 20 April."
AWAY = "I am out of the office and will be back on 16 March 2026."
LONGER = "I am out of the office and will be back on 23 March 2026."


@pytest.mark.parametrize("first", [QUESTION, LATER, " "])
def test_no_after_something_else(play: Play, first: str) -> None:
    """A no ends it, whatever the cadence stood still for; nothing is left to decide."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", first)
    play.at("wed 11:00").reply("ann@p.test", "No thanks.")
    play.run_until("+60d")
    assert play.outcome("ann@p.test") == "no"
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_away_does_not_release_what_is_held(play: Play) -> None:
    """Who has asked something and then goes on holiday still waits for an answer, not for our next mail."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", QUESTION)
    play.at("wed 11:00").reply("ann@p.test", AWAY, automatic="auto-replied")
    play.run_until("+30d")
    assert play.state("ann@p.test") == "held"


def test_question_in_a_pause(play: Play) -> None:
    """A question that comes in a pause is still a question: it waits for a human, not for the date."""
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 11:00").reply("ann@p.test", LATER)
    play.at("wed 11:00").reply("ann@p.test", QUESTION)
    play.run_until("+60d")
    assert play.state("ann@p.test") == "held"
    play.expect_mails("ann@p.test", ["Hello Ann"])


@pytest.mark.parametrize("order", [[AWAY, LONGER], [LONGER, AWAY]])
def test_away_twice(play: Play, order: list[str]) -> None:
    """Of two absences the longer one counts, in whatever order they are told."""
    play.at("mon 09:00").drop_csv(ANN)
    for text in order:
        play.reply("ann@p.test", text, automatic="auto-replied")
    play.run_until("+25d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 24 Mar 09:00"])


def test_later_in_the_last_wait(play: Play) -> None:
    """A later after the last mail: nothing more is to be sent, and the wait for an answer begins anew after that day."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+15d")
    assert len(play.mails("ann@p.test")) == 4
    play.reply("ann@p.test", LATER)
    play.run_until("+35d")
    assert play.until("ann@p.test") == "Mon 27 Apr 00:00"
    play.run_until("+8d")
    assert play.outcome("ann@p.test") == "silent"
    assert len(play.mails("ann@p.test")) == 4


def test_answer_to_goodbye(play: Play) -> None:
    """The answer comes in the last wait: it is the outcome, not silence."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+18d")
    play.reply("ann@p.test", "Yes, let's go ahead. Please send me the contract.")
    play.run_until("+30d")
    assert play.outcome("ann@p.test") == "yes"


def test_late_yes(play: Play) -> None:
    """A yes a month after the end changes no outcome, and the owner is told to read it."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+50d")
    play.reply("ann@p.test", "Yes, let's go ahead. Please send me the contract.")
    assert play.outcome("ann@p.test") == "silent"
    assert [task.kind for task in play.tasks("ann@p.test")] == ["read"]
