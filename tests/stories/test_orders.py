"""Plays: what the rep answers to a letter has its effect, line by line, once; what anybody else writes has none and is reported."""

from __future__ import annotations

from followupd import letters
from followupd.core.model import Change, Letter, LetterAnswer, Task
from followupd.store import schema
from tests.stories.stage import ANN, BOB, Play

NAMES = ("ann", "bob", "cid")


def scene(play: Play, kind: str = "digest", about: str = "one") -> Letter:
    """Ann, Bob and Cid are under way; Dana has a task about each, in a letter that looks like the digest."""
    if not play.office.store.tasks():
        play.at("mon 09:00").drop_csv(ANN + "cid@r.test,intro,Cid,Gamma\n" + BOB.splitlines()[1] + "\n")
        play.run_until("+10m")
    now = play.clock.now()
    tasks = tuple(
        Task(
            id=f"call-{name}", owner="dana", address=address, kind="call", title=f"Call {name.title()}", text="Ask how it went.",
            created=now, enrollment=play.enrollment(address).id,
        )
        for name, address in zip(NAMES, ("ann@p.test", "bob@q.test", "cid@r.test"), strict=True)
    )  # fmt: skip
    items = [{"kind": "task", "id": task.id, "address": task.address, "title": task.title} for task in tasks]
    text = "Good morning.\n\n" + "".join(
        f"{number}. {item['title']}\n    about {item['address']}\n" for number, item in enumerate(items, 1)
    )
    found = letters.letter(play.office, "dana", kind, f"Monday: {about}", text, now, about, items=items)
    play._run(play.world.writer.write(Change(tasks=tasks, letters=(found,))))
    play.run_until("+1m")
    return found


def answers(play: Play) -> list[LetterAnswer]:
    """All answers, in the order in which they came."""
    with play.office.store.reading() as connection:
        rows = connection.execute(schema.letter_answer.select().order_by(schema.letter_answer.c.received)).mappings().all()
    return [LetterAnswer(**{**row, "results": tuple(row["results"])}) for row in rows]


def tasks(play: Play) -> dict[str, str]:
    """The state of each task."""
    found = {name: play.office.store.find(Task, f"call-{name}") for name in NAMES}
    return {name: task.state for name, task in found.items() if task}


def test_line_by_line(play: Play) -> None:
    """Each line of an answer has its effect: a task is done and a note kept, a no ends it, later waits; the rest is asked about."""
    scene(play)
    play.answers_letter("1 done, they have 40 people now\n2 no budget\n3 later June\n7 done\nlearn 3 team_size = 12\n\nDana")
    assert tasks(play) == {"ann": "done", "bob": "done", "cid": "open"}
    assert play.outcome("bob@q.test") == "no"
    assert (play.state("cid@r.test"), play.until("cid@r.test")[:10]) == ("paused", "Mon 01 Jun")
    facts = {(one.address, one.name, one.value) for one in play.office.store.facts()}
    assert facts == {("ann@p.test", "note", "they have 40 people now"), ("cid@r.test", "team_size", "12")}
    told = play.letters()[-1].text
    assert "3" in told
    print(told)
