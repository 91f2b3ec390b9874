"""Plays: a cadence that teaches nothing proposes to end, and goes on only for a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk, items, letters
from followupd.core.lifecycle import NotNow
from followupd.core.model import Task
from tests.stories.stage import Play

DEAD = """\
cadence: intro
about: Two touches may teach nothing.
limits: {lessons: 2}
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: idea, email: idea, after: 1d}
  - {id: proof, email: proof, after: 1d}
  - {id: again, email: idea, after: 1d}
  - {id: goodbye, email: goodbye, after: 1d, thread: new}
end: {after: 7d, enroll: rest}
"""
REST = "cadence: rest\nabout: What comes after silence.\nsteps:\n  - {id: hello, email: hello, after: 30d}\nend: {after: 7d}\n"
NAMES = ("ann", "bob", "cid", "dot", "eve", "fay")
PEOPLE = "email,cadence,first_name,company\n" + "".join(f"{name}@{name}.test,intro,{name.title()},Acme\n" for name in NAMES)


def reason(play: Play, name: str) -> Task:
    """What Dana is asked about somebody."""
    (task,) = [one for one in play.tasks(f"{name}@{name}.test") if one.kind == "reason"]
    return task


def count(play: Play, name: str) -> int:
    """How many mails somebody has had."""
    return len(play.mails(f"{name}@{name}.test"))


def answers(play: Play, name: str, words: str) -> None:
    """Dana answers the letter about somebody."""
    letter = next(one for one in play.letters() if f"{name}@{name}.test" in one.subject)
    play.answers_letter(words, letter=letter)
    play.run_until("+1m")


@pytest.fixture
def dead(stage: Callable[..., Play]) -> Play:
    """Six people have had two mails each; nobody has answered but Fay, after the first one."""
    play = stage(cadences={"intro": DEAD, "rest": REST})
    play.at("mon 09:00").drop_csv(PEOPLE)
    play.at("mon 15:00").reply("fay@fay.test", "How does that work?")
    desk.resume(play.office, "fay@fay.test")
    play.at("wed 10:00")
    return play


def test_a_reason_or_the_end(dead: Play) -> None:
    """After two touches that taught nothing Dana is asked, once each. A reason in words goes on and counts anew; "end" ends it, and so does
    silence for three working days; an answer of the person, or something learned about them, needs no reason. Fay had answered: her
    second mail was the first that taught nothing.
    """
    play = dead
    assert [count(play, name) for name in NAMES] == [2, 2, 2, 2, 2, 3]
    assert [play.state(f"{name}@{name}.test") for name in NAMES] == ["held"] * 5 + ["active"]
    assert len([one for one in play.letters() if one.subject.startswith("Is there a reason")]) == 5
    assert "nothing was learned from the last 2 touches" in reason(play, "ann").text
    answers(play, "ann", "1 yes")
    assert play.state("ann@ann.test") == "held"
    assert "which reason is there" in play.letters()[-1].text
    answers(play, "ann", "1 their budget is decided in March")
    answers(play, "bob", "1 end")
    play.reply("dot@dot.test", "Not now, please ask me again in May.")
    desk.learn(play.office, "eve@eve.test", "team_size=40", "dana")
    assert play.outcome("bob@bob.test") == "silent"
    assert [play.state(f"{name}@{name}.test") for name in ("ann", "dot", "eve")] == ["active", "paused", "active"]
    assert [one.kind for one in play.tasks("eve@eve.test")] == []
    play.run_until("+2h")
    assert [count(play, name) for name in ("ann", "bob", "cid", "dot", "eve")] == [3, 2, 2, 2, 3]
    assert [one.about for one in play.office.store.facts("ann@ann.test")] == ["going on"]
    play.at("mon 08:30")
    assert play.state("cid@cid.test") == "held"
    play.at("mon 10:30")
    assert play.outcome("cid@cid.test") == "silent"
    assert play.enrollment("cid@cid.test").reason == "no reason to go on was given"
    assert play.state("cid@cid.test", "rest") == play.state("bob@bob.test", "rest") == "active"
    assert play.state("ann@ann.test") == "held", play.diary("ann@ann.test")  # two more have taught nothing
    assert len([one for one in play.letters() if "ann@ann.test" in one.subject and not one.subject.startswith("Re:")]) == 2


def test_from_the_command_line(dead: Play) -> None:
    """`done TASK --note` gives the reason, and needs one; `skip TASK` lets it go; `resume` is a human's word, and enough."""
    play = dead
    with pytest.raises(NotNow, match="write the reason"):
        desk.close_task(play.office, reason(play, "ann").id, done=True, by="dana")
    desk.close_task(play.office, reason(play, "ann").id, done=True, by="dana", note="I meet her at the fair")
    desk.close_task(play.office, reason(play, "bob").id, done=False, by="dana")
    desk.resume(play.office, "cid@cid.test")
    assert [play.outcome(f"{name}@{name}.test") for name in ("ann", "bob", "cid")] == ["active", "silent", "active"]
    answers(play, "ann", "1 end")
    assert play.outcome("ann@ann.test") == "active"
    item = {"kind": "task", "id": reason(play, "dot").id, "address": "dot@dot.test", "title": "x"}  # as the digest numbers it
    letter = letters.letter(play.office, "dana", "digest", "Today", "", play.clock.now(), "x", items=(item,))
    for words, understood in (("no", False), ("later March", False), ("done", False), ("done, we meet at the fair", True)):
        assert items.task(play.office, letter, item, words, play.clock.now()).understood is understood, words
    play.run_until("+2h")
    assert [count(play, name) for name in ("ann", "bob", "cid")] == [3, 2, 3]
