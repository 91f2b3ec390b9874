"""What goes with a person who is handed over, what keeps them, and whose tasks theirs are then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followupd.core import handover
from followupd.core.handover import Belongings
from followupd.core.model import Handover, Task, TouchState
from tests.store.made import NOW, begin, cadence, prospect

PLAN = replace(cadence(), mailbox=("owner",))
BEGUN = begin()
PERSON = Belongings(prospect=replace(BEGUN.prospects[0], owner="gus"), enrollments=BEGUN.enrollments, touches=BEGUN.touches)
RECORD = handover.handover_of("ann@ann.example", "gus", "lee", "Gus Gale", NOW, "ops", NOW + timedelta(days=9))


@pytest.mark.parametrize(
    ("touch", "plan", "why"),
    [
        ({}, {}, ""),
        ({"state": TouchState.OPEN}, {}, ""),
        ({"attempt": 2}, {}, ""),  # put off by the server: certain that it did not leave
        ({"state": TouchState.SENDING}, {}, "is leaving at this moment"),
        ({"state": TouchState.DOUBTFUL}, {}, "followupd decide"),
        ({"again": True}, {}, "sent once more as it was"),
        ({}, {"mailbox": ("info", "gus")}, "names the mailbox that writes (info, gus)"),
    ],
)
def test_who_can_go(touch: dict[str, object], plan: dict[str, object], why: str) -> None:
    """A person goes as a whole; what is on its way or in doubt is settled first, and a cadence may say itself who writes."""
    person = replace(PERSON, touches=tuple(replace(one, **touch) for one in PERSON.touches))  # type: ignore[arg-type]
    found = handover.why_not(person, {PLAN.digest: replace(PLAN, **plan)})  # type: ignore[arg-type]
    assert why in found
    assert bool(why) == bool(found)


def test_what_goes() -> None:
    """Person, enrollments, what is to come and tasks; what was sent stays where it was sent from. And back again."""
    sent = replace(PERSON.touches[0], id="sent", state=TouchState.SENT, mailbox="gus")
    task = Task(id="k", owner="gus", address="ann@ann.example", kind="call", title="", text="", created=NOW)
    mine = tuple(replace(one, mailbox="gus") for one in PERSON.touches)
    change = handover.moved(replace(PERSON, touches=(*mine, sent), tasks=(task,)), RECORD, NOW)
    assert [one.owner for one in (*change.prospects, *change.tasks)] == ["lee", "lee"]
    assert {one.mailbox for one in (*change.enrollments, *change.touches)} == {"lee"}
    assert "sent" not in {one.id for one in change.touches}
    (event,) = change.events
    assert event.text == f"handed over from gus to lee by ops until {RECORD.until:%d %b %Y}"
    back = handover.moved(replace(PERSON, prospect=replace(PERSON.prospect, owner="lee")), RECORD, NOW, back=True)
    assert (back.prospects[0].owner, back.handovers[0].state, back.enrollments[0].mailbox) == ("gus", "returned", "gus")
    kept = handover.moved(replace(PERSON, prospect=replace(prospect(), owner="zoe")), RECORD, NOW)
    assert kept.prospects[0].owner == "zoe"  # only a task of theirs was with Gus


@pytest.mark.parametrize(
    ("moves", "owner"),
    [
        ((), "gus"),
        (("gus>lee",), "lee"),
        (("gus>lee", "lee>kim"), "kim"),
        (("gus>lee returned",), "gus"),
        (("zoe>lee",), "gus"),
    ],
)
def test_owner_of_today(moves: tuple[str, ...], owner: str) -> None:
    """What somebody answers to an old mail of a rep who is gone becomes a task of who has the person today."""
    task = Task(id="k", owner="gus", address="ann@ann.example", kind="read", title="", text="", created=NOW)
    records = []
    for text in moves:
        way, _, state = text.partition(" ")
        giver, _, taker = way.partition(">")
        records.append(
            Handover(id=text, address=task.address, giver=giver, taker=taker, name="", at=NOW, by="", state=state or "moved")
        )
    assert [one.owner for one in handover.owners([task], records)] == ([owner] if owner != "gus" else [])
