"""Plays: what happens after a no. Thanks once, a debrief for the rep, one question at most; and none of it where it would be wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from followupd import debriefing, desk
from followupd.cli.look import answers_for
from followupd.core.lifecycle import NotNow
from followupd.core.model import Letter, ReplyKind
from tests.stories.stage import ANN, INTRO, Play

TOP = Path(__file__).parents[2]
NO = "No thank you. We have decided to stay with our current supplier, and that is that."


def shop(stage: Callable[..., Play], *, intro: str = INTRO, rows: str = ANN, extra: str = "", **more: str) -> Play:
    """The stage with the cadences, messages and items that we ship for the time after a no; somebody has had a first mail."""
    shipped = {name: (TOP / "cadences" / f"{name}.yaml").read_text("utf-8") for name in ("after-the-no", "nurture")}
    play = stage(cadences={"intro": intro, **shipped, **more})
    for folder in ("templates", "templates/tasks", "content"):
        for path in (TOP / folder).glob("*"):
            if path.is_file() and not (play.folder / folder / path.name).exists():
                play.write(f"{folder}/{path.name}", path.read_text("utf-8"))
    if extra:
        play.write("config.yaml", (play.folder / "config.yaml").read_text("utf-8") + extra)
    play.reread()
    play.at("mon 09:00").drop_csv(rows)
    assert play.mails(), play.office.workspace.problems
    return play


def letters(play: Play, kind: str) -> list[Letter]:
    """The letters of a kind that were written to Dana."""
    return list(play.office.store.letters_of("dana", kind, play.clock.now().replace(year=2020)))


# -- thanks --------------------------------------------------------------------------------------


def test_thanks(stage: Callable[..., Play]) -> None:
    """A no is thanked for once, in its thread and in the writer's own words; the rep is asked for a card within a day, and five questions."""
    play = shop(stage)
    answer = play.at("tue 10:05").reply("ann@p.test", NO)
    assert {task.kind: str(task.deadline - play.clock.now()) for task in play.tasks("ann@p.test") if task.deadline} == {
        "debrief": "3 days, 0:00:00", "note-of-thanks": "1 day, 0:00:00",
    }  # fmt: skip
    play.at("tue 16:00")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 14:05"])
    thanks = play.mails("ann@p.test")[-1]
    assert (thanks.subject, thanks.ids("In-Reply-To")) == ("Re: Hello Ann", [answer])
    assert 'You wrote: "We have decided to stay with our current supplier". That is a good reason' in thanks.text
    assert "that is that" not in thanks.text
    assert "?" not in thanks.text
    assert play.outcome("ann@p.test") == "no"


ROWS = "email,cadence,first_name,company,country,timezone,basis,interests\n" + "".join(
    f'{name}@{name[0]}.test,intro,{name.title()},Acme,US,Europe/Berlin,,"hiring, cash flow, AI, pricing"\n'
    for name in ("ann", "bob", "carl", "dora", "emil", "fay")
)


def test_no_thanks(stage: Callable[..., Play]) -> None:
    """No thanks, no card, no debrief where the no is an opt-out, where the rep has answered by hand, or where an opt-out follows."""
    play = shop(stage, rows=ROWS)
    play.at("tue 10:05").reply("ann@a.test", "No thanks, and please take me off your list.")
    play.reply("bob@b.test", NO)
    play.writes_by_hand("bob@b.test", "Thank you for telling me, Bob.")
    play.reply("carl@c.test", NO)
    play.reply("dora@d.test", NO)
    play.reply("fay@f.test", "Ei kiitos, emme tarvitse tätä.")
    play.look()
    play.at("tue 13:00").reply("carl@c.test", "And unsubscribe me, please.")
    play.at("tue 16:00").reply("dora@d.test", "You are welcome. It was nice to talk to you.")
    play.run_until("+60d")
    gone = {"ann@a.test", "carl@c.test"}
    assert set(play.suppressed()) == gone
    assert {name: len(play.mails(name)) for name in (*gone, "bob@b.test", "dora@d.test", "fay@f.test")} == {
        "ann@a.test": 1, "carl@c.test": 1, "bob@b.test": 1 + 1, "dora@d.test": 2, "fay@f.test": 1,
    }  # fmt: skip
    assert [play.outcome(f"{name}@{name[0]}.test") for name in ("ann", "bob", "carl", "dora", "emil", "fay")] == [
        "opted_out", "no", "no", "no", "silent", "held",
    ]  # fmt: skip
    assert play.outcome("carl@c.test", "after-the-no") == "opted_out"
    assert play.state("dora@d.test", "after-the-no") == "held"
    assert "by hand" in play.touches("bob@b.test", "after-the-no")["thanks"].text
    assert sorted(one.items[0]["address"] for one in letters(play, "debrief")) == ["bob@b.test", "carl@c.test", "dora@d.test"]


# -- debrief -------------------------------------------------------------------------------------


def test_debrief(stage: Callable[..., Play]) -> None:
    """After each no there is one letter with five questions and what we know. All five answered, its task is done; the answers are kept."""
    play = shop(stage)
    play.at("tue 10:05").reply("ann@p.test", NO)
    play.run_until("+1m")
    assert len(letters(play, "debrief")) == 1
    (mail,) = play.letters()
    assert mail.subject == "Five questions about the no from Ann (Acme)"
    for words in (
        NO[:60],
        "competitor",
        "hello (email)",
        "1. Did I learn what they need",
        "5. Is the door open",
        "2 pitched too early",
    ):
        assert words in " ".join(mail.text.split()), mail.text
    (task,) = (one for one in play.tasks("ann@p.test") if one.kind == "debrief")
    play.answers_letter("Hello,\n\n1 nein\n2 pitched too early\n3:")
    play.run_until("+1m")
    told = play.letters()[-1]
    assert "noted about ann@p.test, asked and let them speak: pitched too early" in told.text
    assert task.id in [one.id for one in play.office.store.tasks()]
    play.answers_letter("3 ja, denke schon\n4 oui\n5 open, budget in April", letter=mail)
    play.run_until("+1m")
    assert f"That was the last one: task {task.id} is done" in " ".join(play.letters()[-1].text.split()), play.letters()[-1].text
    assert task.id not in [one.id for one in play.office.store.tasks()]
    ((no, said),) = debriefing.history(play.office, "ann@p.test")
    assert (no.cadence, {name: fact.value for name, fact in said.items()}["door"]) == ("intro", "open, budget in April")
    count, rows = debriefing.since(play.office, None)
    assert (count, {row.question.name: (row.yes, row.no) for row in rows}) == (
        1, {"explored": (0, 1), "asked": (0, 1), "pace": (1, 0), "best_decision": (1, 0), "door": (1, 0)},
    )  # fmt: skip


def test_debrief_of_a_human_word(stage: Callable[..., Play]) -> None:
    """A no that a human has read as one is thanked for and debriefed like any other, once, also of somebody in two cadences. A task done
    by hand stops nothing.
    """
    second = INTRO.replace("cadence: intro", "cadence: other\nexclusive: false")
    play = shop(stage, intro=INTRO.replace("steps:", "exclusive: false\nsteps:"), other=second)
    play.drop_csv(ANN.replace("intro", "other"), "second.csv")
    play.at("tue 10:05").reply("ann@p.test", "Ei kiitos, emme tarvitse tätä.")
    (unclear,) = play.reviews()
    play.run_until("+1h")
    assert letters(play, "debrief") == []
    desk.decide(play.office, unclear.id, ReplyKind.NO, "dana")
    play.run_until("+1m")
    (task,) = (one for one in play.tasks("ann@p.test") if one.kind == "debrief")
    desk.close_task(play.office, task.id, done=True, by="dana")
    play.answers_letter("1 yes")
    play.run_until("+1m")
    assert "noted" in play.letters()[-1].text
    with pytest.raises(NotNow, match="was decided before: no, by dana"):
        desk.decide(play.office, unclear.id, ReplyKind.NO, "dana")
    play.run_until("+60d")
    assert len(letters(play, "debrief")) == 1
    assert [play.outcome("ann@p.test", name) for name in ("intro", "other")] == ["no", "no"]
    assert [mail.text.count("Thank you for your clear answer") for mail in play.mails("ann@p.test")].count(1) == 1


# -- the question, and the real reason -----------------------------------------------------------


def facts(play: Play, address: str, about: str) -> dict[str, str]:
    """What is known of somebody, by name."""
    return {one.name: one.value for one in play.office.store.facts(address) if one.about == about}


def test_real_reason(stage: Callable[..., Play]) -> None:
    """Four business days after the thanks one question goes out in the thread; its answer is kept as the real reason, and nothing more
    leaves until the rep has looked. A no to it begins no second thanks, and an opt-out is one.
    """
    play = shop(stage, rows=ROWS)
    for name in ("ann", "bob", "carl", "dora"):
        play.at("tue 10:05").reply(f"{name}@{name[0]}.test", NO)
    play.at("wed 10:00").writes_by_hand("dora@d.test", "By the way, Dora, I found your paper.")
    play.at("mon 15:00")
    play.expect_times("ann@a.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 14:05", "Mon 09 Mar 14:05"])
    question = play.mails("ann@a.test")[-1]
    assert "If you could change one thing about what you use now" in question.text
    assert question.subject == "Re: Hello Ann"
    assert len(play.mails("dora@d.test")) == 2
    play.reply("ann@a.test", "Honestly? The price. Our budget was cut by half, so we took the cheaper one.")
    play.reply("bob@b.test", "No, nothing. We are not interested.")
    play.reply("carl@c.test", "Please take me off your list.")
    play.run_until("+70d")
    assert facts(play, "ann@a.test", "reason") == {
        "real_reason": "budget", "real_reason_words": "Honestly? The price. Our budget was cut by half, so we took the cheaper one.",
    }  # fmt: skip
    assert facts(play, "bob@b.test", "reason")["real_reason"] == "other"
    assert facts(play, "carl@c.test", "reason") == {}
    assert {name: len(play.mails(f"{name}@{name[0]}.test")) for name in ("ann", "bob", "carl", "dora")} == {
        "ann": 3, "bob": 3, "carl": 3, "dora": 3,
    }  # fmt: skip
    assert [play.outcome(f"{name}@{name[0]}.test", "after-the-no") for name in ("ann", "bob", "carl", "dora")] == [
        "held", "no", "opted_out", "silent",
    ]  # fmt: skip
    assert len(letters(play, "debrief")) == 4


# -- nurture -------------------------------------------------------------------------------------

SHELF = '"hiring, cash flow, AI, pricing"'
SILENT = "cadence: intro\nabout: One mail.\nsteps:\n  - {id: hello, email: hello, after: 0s}\nend: {after: 7d, enroll: nurture}\n"
LAW = (
    "email,cadence,first_name,company,country,timezone,basis,interests\n"
    f"ann@a.test,intro,Ann,Acme,US,Europe/Berlin,,{SHELF}\n"
    f"bob@b.test,intro,Bob,Acme,US,Europe/Berlin,,{SHELF}\n"
    f"carl@c.test,intro,Carl,Acme,US,Europe/Berlin,,{SHELF}\n"
    f"gerd@g.test,intro,Gerd,Acme,DE,Europe/Berlin,legitimate interest,{SHELF}\n"
    f"heidi@h.test,intro,Heidi,Acme,DE,Europe/Berlin,consent of 3 March 2025,{SHELF}\n"
    f"ivo@i.de,intro,Ivo,Acme,,Europe/Berlin,,{SHELF}\n"
)


def why_not(play: Play, address: str) -> str:
    """Why somebody was not enrolled, as the timeline says."""
    return next((one.text for one in reversed(play.office.store.timeline(address)) if one.kind == "not_enrolled"), "")


def test_nurture(stage: Callable[..., Play]) -> None:
    """Silence leads to nurture where the law lets it: four reads, slower each time and none about us, then the question whether to go on.
    Stay is a permission and no sale, and another round begins; go ends it with one polite mail; silence ends it for good.
    """
    play = shop(stage, intro=SILENT, rows=LAW)
    play.run_until("+10d")
    assert (
        why_not(play, "gerd@g.test") == 'not enrolled in nurture: consent is needed in DE, and basis says "legitimate interest"'
    )
    ((_, answer),) = answers_for(play.office, "gerd@g.test")
    assert answer.sentence.endswith('not enrolled in nurture: consent is needed in DE, and basis says "legitimate interest".')
    assert why_not(play, "ivo@i.de") == "not enrolled in nurture: consent is needed in DE, and the row names no basis"
    play.run_until("+400d").run_until("+30d")
    reads = [mail.at for mail in play.mails("ann@a.test")]
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(reads)]
    assert [low <= gap <= low + 8 for gap, low in zip(gaps, (36, 59, 119, 179, 13), strict=True)] == [True] * 5
    assert "Shall I go on" in play.mails("ann@a.test")[-1].subject
    for one in play.mails("ann@a.test")[1:-1]:
        assert "Example Library" in one.text
    assert [len(play.mails(one)) for one in ("heidi@h.test", "gerd@g.test", "ivo@i.de")] == [6, 1, 1]
    play.reply("bob@b.test", "Stay")
    play.reply("carl@c.test", "GO")
    play.reply("heidi@h.test", "Yes, let's go ahead. Please send me the contract.")
    play.run_until("+40d")
    assert [play.outcome(f"{name}@{name[0]}.test", "nurture") for name in ("ann", "carl")] == ["silent", "no"]
    rounds = {
        one.round: (one.outcome or one.state).value
        for one in play.office.store.person("bob@b.test")[1]
        if one.cadence == "nurture"
    }
    assert rounds == {1: "welcome", 2: "active"}
    assert facts(play, "bob@b.test", "learned") == {"permission": "yes"}
    ((_, answer),) = answers_for(play.office, "bob@b.test")
    assert 'asked whether we may go on, they said "yes"' in answer.parts[1].text
    assert [task.kind for task in play.tasks("bob@b.test")] == []
    assert [mail.subject for mail in play.mails("bob@b.test")][-1].startswith("Something useful")
    assert facts(play, "carl@c.test", "learned") == {"permission": "no"}
    assert "That was the last one" in play.mails("carl@c.test")[-1].text
    assert len(play.mails("carl@c.test")) == 7
    assert play.outcome("heidi@h.test", "nurture") == "yes"
    assert [task.kind for task in play.tasks("heidi@h.test")] == ["call"]
    assert letters(play, "debrief") == []
    before = {name: len(play.mails(f"{name}@{name[0]}.test")) for name in ("ann", "carl")}
    play.run_until("+31d")
    again = play.drop_csv(LAW.replace(",intro,", ",nurture,"), "again.csv")
    reasons = {row["address"]: row["reason"] for row in again}
    assert reasons["ann@a.test"].endswith("without a sign of life"), reasons
    assert "they want no more of these" in reasons["carl@c.test"] or "said no on" in reasons["carl@c.test"], reasons
    play.run_until("+60d")
    assert {name: len(play.mails(f"{name}@{name[0]}.test")) for name in ("ann", "carl")} == before
