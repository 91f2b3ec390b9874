"""Plays: the morning letter of a rep, and nobody who wrote to us is dropped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.stage import ANN, INTRO, Play

DIGEST = 'digest: {at: "07:30", days: mon-fri}\n'


@pytest.fixture
def morning(stage: Callable[..., Play]) -> Play:
    """Dana has a digest at half past seven, a manager, and a cadence with a call in it."""
    cadence = INTRO.replace(
        "  - {id: idea,", "  - {id: ring, task: call, after: 1d, within: 2d, learn: how the pilot went}\n  - {id: idea,"
    )
    return stage(cadences={"intro": cadence}, extra="reports_to: lee@example.com", settings=DIGEST)


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
    text = play.letters()[-1].text
    assert "1. Wants to know more: Ann, Acme" in text
    assert "    | When could you start?" in text
    assert "Number 2 below is yours to do." in text
    play.at("wed 12:00")
    (letter,) = play.office.store.letters_of("dana", "digest", play.clock.now().replace(hour=0))
    assert [(one["kind"], one["address"]) for one in letter.items] == [("task", "bob@q.test"), ("task", "ann@p.test")]
    assert "to be learned: how the pilot went" in letter.text
    play.at("sun 12:00")
    assert [line[:9] for line in digests(play)] == ["Tue 03 Ma", "Wed 04 Ma", "Thu 05 Ma", "Fri 06 Ma"]


def test_downtime(morning: Play) -> None:
    """A morning that was missed is made up for on the same day; one of another day is not."""
    play = morning.at("mon 09:00")
    play.drop_csv(ANN)
    play.at("mon 11:00").reply("ann@p.test", "When could you start?")
    play.stop().at("tue 10:00").start().run_until("+10m")
    assert [line[:16] for line in digests(play)] == ["Tue 03 Mar 10:05"]  # as soon as the mailbox was read
    play.stop().at("sat 10:00").start().run_until("+1d")
    assert len(digests(play)) == 1
    play.stop().at("mon 06:00").start().run_until("+1m")
    assert len(digests(play)) == 1
    play.at("mon 08:00")
    assert [line[:16] for line in digests(play)] == ["Tue 03 Mar 10:05", "Mon 09 Mar 07:30"]
