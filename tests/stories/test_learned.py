"""Plays: what is learned about somebody is kept with its source, and the messages and conditions after it know it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from followupd.core.lifecycle import NotNow
from tests.stories.stage import ANN, Play

ASKING = """\
cadence: intro
about: A mail, a call, and what follows from what was said.
steps:
  - {id: hello, email: hello, after: 0s, learn: do they have a plan?}
  - {id: first-call, task: call, after: 1d, learn: how large is the team?}
  - {id: large, email: proof, after: 1d, when: "learned.first_call|int >= 20"}
  - {id: small, email: goodbye, after: 1d, when: "learned.first_call|int < 20"}
  - {id: idea, email: told, after: 1d}
end: {after: 7d}
"""
TOLD = (
    '---\nsubject: "An idea"\n---\nHere is an idea for {{ prospect.company }}.\n\n'
    "{% if learned.plan %}You said: {{ learned.plan }}{% endif %}{% if learned.nobody %}Never.{% endif %}\n"
)


def facts(play: Play) -> list[tuple[str, str, str, str]]:
    """What is kept about Ann: name, value, source, and the step that taught it."""
    steps = {touch.id: step for step, touch in play.touches("ann@p.test").items()}
    return [(one.name, one.value, one.source, steps.get(one.touch, "")) for one in play.office.store.facts("ann@p.test")]


def test_what_is_learned_counts(stage: Callable[..., Play]) -> None:
    """The question of a step is put with its task, and with the task that a reply to its mail makes. The answer is kept under the step's
    name; conditions and messages after it know the latest fact of each name, and show it as it was typed.
    """
    play = stage(cadences={})
    play.write("templates/told.md", TOLD)
    play.write("cadences/intro.yaml", ASKING)
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    play.at("mon 15:00").reply("ann@p.test", "How does that work with our old machines?")
    (task,) = play.tasks("ann@p.test")
    assert (task.kind, task.text.splitlines()[-1]) == ("answer", "What did you learn? do they have a plan?")
    done = desk.close_task(play.office, task.id, done=True, by="dana", note="yes, by spring")
    assert done.lines[1] == "noted: hello = yes, by spring"
    desk.resume(play.office, "ann@p.test")
    play.at("tue 15:00")
    (task,) = play.tasks("ann@p.test")
    assert task.text.splitlines()[-1] == "What did you learn? how large is the team?"
    desk.close_task(play.office, task.id, done=True, by="dana", note="12, they say")
    desk.learn(play.office, "ann@p.test", "first-call: 40", "dana")
    desk.learn(play.office, "ann@p.test", "Plan: <b>by {{ owner.address }}</b> *now*", "dana")
    play.run_until("+20d")
    assert facts(play) == [
        ("hello", "yes, by spring", f"task {facts(play)[0][2][5:]}", "hello"),
        ("first_call", "12, they say", f"task {task.id}", "first-call"),
        ("first_call", "40", "followupd learn", "first-call"),
        ("plan", "<b>by {{ owner.address }}</b> *now*", "followupd learn", "first-call"),
    ]
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann", "Re: Hello Ann"])
    assert "saved nine days" in play.mails("ann@p.test")[1].text
    last = play.mails("ann@p.test")[2]
    assert "You said: <b>by {{ owner.address }}</b> *now*" in last.text
    html = last.message.get_body(("html",))
    assert html
    assert "&lt;b&gt;by {{ owner.address }}&lt;/b&gt; *now*" in html.get_content()


def test_nothing_to_keep(play: Play) -> None:
    """A fact about nobody is refused, and so is one that says nothing; a task that is closed without a word teaches nothing."""
    play.at("mon 09:00").drop_csv(ANN)
    with pytest.raises(desk.Unknown, match="nobody by that address"):
        desk.learn(play.office, "stranger@p.test", "team_size=40", "dana")
    with pytest.raises(NotNow, match="has no value"):
        desk.learn(play.office, "ann@p.test", "team_size=", "dana")
    play.reply("ann@p.test", "How does that work?")
    (task,) = play.tasks("ann@p.test")
    assert "What did you learn?" not in task.text
    desk.close_task(play.office, task.id, done=True, by="dana", note="\u200b ")
    assert play.office.store.facts(None) == ()
