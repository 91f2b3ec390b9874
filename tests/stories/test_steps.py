"""Plays: what steps can be. Tasks, conditions, threads, deadlines, missing values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followupd import desk
from tests.stories.stage import ANN, INTRO, Play

CALL = """\
cadence: intro
about: A mail, a call, a mail.
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: call, task: call, after: 1d, within: 3d}
  - {id: idea, email: idea, after: 1d}
end: {after: 7d}
"""


def test_task_done(stage: Callable[..., Play]) -> None:
    """The cadence waits for the rep's call; the next step counts from when it was done."""
    play = stage(cadences={"intro": CALL})
    play.at("mon 09:00").drop_csv(ANN)
    play.at("wed 11:00")
    (task,) = play.tasks("ann@p.test")
    assert (task.title, task.text, task.owner) == ("Call Ann", "Ask how the pilot went.", "dana")
    assert play.steps("ann@p.test") == {"hello": "sent", "call": "open"}
    desk.close_task(play.office, task.id, done=True, by="dana")
    play.run_until("+3d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 11:00"])
    assert play.steps("ann@p.test") == {"hello": "sent", "call": "sent", "idea": "sent"}


def test_task_dropped(stage: Callable[..., Play]) -> None:
    """A dropped task is no reason to stop: the cadence goes on."""
    play = stage(cadences={"intro": CALL})
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 12:00")
    desk.close_task(play.office, play.tasks("ann@p.test")[0].id, done=False, by="dana")
    play.run_until("+3d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Wed 04 Mar 12:00"])
    assert play.steps("ann@p.test")["call"] == "skipped"


def test_task_expired(stage: Callable[..., Play]) -> None:
    """Nobody called within three days: the task is gone from the list, and the cadence goes on without it."""
    play = stage(cadences={"intro": CALL})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+10d")
    assert play.steps("ann@p.test")["call"] == "skipped"
    assert play.tasks("ann@p.test") == []
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 09:00"])


def test_task_done_in_a_pause(stage: Callable[..., Play]) -> None:
    """The rep does the call although Ann has asked for a pause: the pause keeps its end, and the mail comes after it."""
    play = stage(cadences={"intro": CALL})
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 12:00").reply("ann@p.test", "Not now, please get back to me on 20 April.")
    desk.close_task(play.office, play.tasks("ann@p.test")[0].id, done=True, by="dana")
    assert play.until("ann@p.test") == "Mon 20 Apr 00:00"
    play.run_until("+60d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Mon 20 Apr 09:00"])


def test_task_of_a_finished_cadence(stage: Callable[..., Play]) -> None:
    """Ann says no: the call that she was to get is off the rep's list."""
    play = stage(cadences={"intro": CALL})
    play.at("mon 09:00").drop_csv(ANN)
    play.at("tue 12:00").reply("ann@p.test", "No thanks.")
    assert play.tasks("ann@p.test") == []
    assert play.steps("ann@p.test") == {"hello": "sent", "call": "skipped"}


def test_task_that_nothing_waits_for(stage: Callable[..., Play]) -> None:
    """With `wait: false` the mails go on whether the task is done or not."""
    play = stage(cadences={"intro": CALL.replace("within: 3d", "within: 20d, wait: false")})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+6d")
    assert play.steps("ann@p.test") == {"hello": "sent", "call": "open", "idea": "sent"}
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 09:00"])


def test_condition(stage: Callable[..., Play]) -> None:
    """A step whose condition does not hold is skipped; for whom it holds it happens."""
    play = stage(
        cadences={"intro": INTRO.replace("email: idea, after: 3d", 'email: idea, after: 3d, when: "prospect.size|int >= 20"')}
    )
    play.at("mon 09:00").drop_csv(
        "email,cadence,first_name,company,size\nann@p.test,intro,Ann,Acme,5\nbob@q.test,intro,Bob,Beta,50\n"
    )
    play.run_until("+8d")
    assert play.steps("ann@p.test")["idea"] == "skipped"
    assert play.steps("bob@q.test")["idea"] == "sent"
    assert [mail.text.split(",")[0].strip() for mail in play.mails("ann@p.test")][1].startswith("A company like Acme")


def test_message_that_cannot_be_written(play: Play) -> None:
    """A message that can't be written for this person is held and the rep is asked; once it can be, it goes on."""
    play.write("templates/idea.md", "---\nsubject: An idea for {{ prospect.company }}\n---\nHere it is.\n")
    play.reread()
    play.at("mon 09:00").drop_csv(ANN.replace("Acme", "A" * 300))
    play.at("fri 12:00")
    assert play.state("ann@p.test") == "held"
    assert "subject has" in play.enrollment("ann@p.test").reason
    assert [task.kind for task in play.tasks("ann@p.test")] == ["settle"]
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nFor {{ prospect.company }}.\n")
    play.reread()
    desk.migrate(play.office, play.enrollment("ann@p.test").id, "ops")
    desk.resume(play.office, "ann@p.test")
    play.run_until("+1h")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 12:00"])


def test_missing_column(play: Play) -> None:
    """A row without a column that a template needs is handed back at once, by name."""
    receipt = play.at("mon 09:00").drop_csv("email,cadence,first_name,company\nann@p.test,intro,Ann,\n")
    assert receipt[0]["result"] == "rejected"
    assert "company" in receipt[0]["reason"]


def test_thread(play: Play) -> None:
    """The first three mails are one conversation; `thread: new` begins another."""
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30d")
    first, second, third, last = play.mails("ann@p.test")
    assert (first.ids("In-Reply-To"), second.ids("In-Reply-To"), third.ids("In-Reply-To")) == (
        [],
        [first.message_id],
        [second.message_id],
    )
    assert second.ids("References")[:1] == [first.message_id]
    assert third.ids("References")[:2] == [first.message_id, second.message_id]
    assert [second.subject, third.subject] == ["Re: Hello Ann", "Re: Hello Ann"]
    assert (last.subject, last.ids("In-Reply-To")) == ("Shall I close this?", [])
    assert first.message_id not in last.ids("References")


def test_limits_of_a_step(stage: Callable[..., Play]) -> None:
    """A step's own hours replace those of the window, and its days stay."""
    play = stage(cadences={"intro": INTRO.replace("email: idea, after: 3d", 'email: idea, after: 3d, at: "after 18:00"')})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+5d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 18:00"])


@pytest.mark.parametrize("answers", [True, False])
def test_late_expiry(stage: Callable[..., Play], answers: bool) -> None:
    """A mail with a deadline does not leave after it: it is skipped, and the cadence goes on."""
    play = stage(cadences={"intro": INTRO.replace("email: idea, after: 3d", "email: idea, after: 3d, within: 4d")})
    play.at("mon 09:00").drop_csv(ANN)
    if answers:
        desk.pause(play.office, "ann@p.test", play.clock.now().replace(day=12), "dana")
    play.run_until("+14d")
    assert play.steps("ann@p.test")["idea"] == ("skipped" if answers else "sent")
    assert play.steps("ann@p.test")["proof"] == "sent"
