"""Plans and moves with many people under way: what is said is what happens; nobody gets a step twice, nobody loses one.

`FOLLOWUPD_PEOPLE=1000` plays them with a thousand people instead of some.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd import desk
from followupd.channels import CHANNELS
from followupd.cli import moves
from followupd.files.workspace import load_workspace
from followupd.simulation import Simulation
from tests.test_simulation import workspace_in

PEOPLE = int(os.environ.get("FOLLOWUPD_PEOPLE", "60"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
STEPS = ["one", "two", "three", "four", "five", "six"]
TASKS = {"three"}


def step(name: str, after: str = "2d", **more: str) -> str:
    channel = "task: call" if name in TASKS else f"email: m-{more.pop('words', name)}"
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"  - {{id: {name}, {channel}, after: {after}{extra}}}\n"


def cadence(*steps: str) -> str:
    return "cadence: way\nsteps:\n" + "".join(steps) + "end: {after: 30d}\n"


WHOLE = cadence(*(step(name) for name in STEPS))


@dataclass
class Trial:
    """Many people at all points of one cadence."""

    simulation: Simulation
    folder: Path

    def edit(self, text: str | None, **messages: str) -> moves.OneCadence:
        """The files change; the plan for the people under way."""
        path = self.folder / "cadences/way.yaml"
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        for name, words in messages.items():
            (self.folder / f"templates/m-{name}.md").write_text(f"---\nsubject: '{name}'\n---\n{words}\n")
        found = load_workspace(self.folder / "config.yaml", channels=CHANNELS, environ={})
        assert not found.problems, found.problems
        self.simulation.reload(found)
        (one,) = moves.survey(self.simulation.office).cadences
        return one

    def step_of(self) -> dict[str, str]:
        """Where everybody stands: the step that their cadence waits for."""
        touches = self.simulation.office.store.touches_under_way()
        return {
            row[0].address: next((touch.step for touch in row[2] if touch.waits), "the last wait")
            for row in self.simulation.office.store.under_way()
            if touches[row[0].id]
        }

    def move(self) -> None:
        """Everybody is moved."""

        def all_of_them(office: object) -> None:
            for enrollment in self.simulation.office.store.enrollments():
                desk.migrate(self.simulation.office, enrollment.id, "ops")

        self.simulation.request(all_of_them)
        (one,) = moves.survey(self.simulation.office).cadences
        assert (one.earlier, one.groups) == (0, [])

    def finish(self) -> dict[str, list[str]]:
        """To the end, each task done at once; every step that each person has had, in order."""
        until = self.simulation.now() + timedelta(days=120)
        while (now := self.simulation.now()) < until:
            for task in self.simulation.office.store.tasks():
                self.simulation.request(lambda office, key=task.id: desk.close_task(office, key, done=True, by="dana"))
            self.simulation.advance(min(until, now + timedelta(days=1)))
        had: dict[str, list[str]] = defaultdict(list)
        for name in {mail.recipient for mail in self.simulation.sent} | {f"p{n}@p.test" for n in range(PEOPLE)}:
            _, enrollments = self.simulation.office.store.person(name)
            touches = [touch for touch in self.simulation.office.store.touches(enrollments[0].id) if touch.state == "sent"]
            had[name] = [touch.step for touch in sorted(touches, key=lambda touch: (touch.settled, touch.position))]
            assert enrollments[0].outcome == "silent"
        # What the store says was sent is what the mail server got.
        sent = Counter(mail.recipient for mail in self.simulation.sent)
        for name, steps in had.items():
            tasks = sum(one in TASKS for one in steps)
            assert sent[name] == len(steps) - tasks
        return had


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """People who began on different days, so that they stand at every step, and in the last wait."""
    workspace_in(tmp_path, cadences={"intro": "cadence: intro\nsteps: [{id: hello, email: hello}]\n"})
    for name in [*STEPS, "more"]:
        (tmp_path / f"templates/m-{name}.md").write_text(f"---\nsubject: '{name}'\n---\nThis is {name}.\n")
    (tmp_path / "cadences/way.yaml").write_text(WHOLE)
    workspace = load_workspace(tmp_path / "config.yaml", channels=CHANNELS, environ={})
    assert not workspace.problems
    with Simulation(workspace, START, limits=False) as simulation:
        for day in range(20):
            rows = [
                {"email": f"p{n}@p.test", "cadence": "way", "first_name": "Ann", "owner": "dana"} for n in range(day, PEOPLE, 20)
            ]
            simulation.enroll(rows, f"way-{day}.csv")
            simulation.advance(START + timedelta(days=day + 1))
            for task in simulation.office.store.tasks():
                if int(task.address[1:].partition("@")[0]) % 3:  # some leave their task lying
                    simulation.request(lambda office, key=task.id: desk.close_task(office, key, done=True, by="dana"))
        assert len(set(Trial(simulation, tmp_path).step_of().values())) >= 6
        yield Trial(simulation, tmp_path)


def ahead_of(stands: str, steps: list[str]) -> list[str]:
    return steps[steps.index(stands) :] if stands in steps else []


EDITS: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "step added": (
        cadence(*(step(name) for name in STEPS[:4]), step("more"), *(step(name) for name in STEPS[4:])),
        lambda stands: ahead_of("more" if stands == "five" else stands, ["one", "two", "three", "four", "more", "five", "six"]),
    ),
    "step removed": (
        cadence(*(step(name) for name in STEPS if name != "four")),
        lambda stands: [name for name in ahead_of(stands, STEPS) if name != "four"],
    ),
    "steps reordered": (
        cadence(*(step(name) for name in ["one", "two", "three", "six", "five", "four"])),
        lambda stands: [name for name in ["one", "two", "three", "six", "five", "four"] if name in ahead_of(stands, STEPS)],
    ),
    "step renamed": (
        cadence(*(step(name) if name != "four" else step("fourth", words="four") for name in STEPS)),
        lambda stands: ["fourth" if name == "four" else name for name in ahead_of(stands, STEPS)],
    ),
    "delay changed": (
        cadence(*(step(name, "3d" if name == "five" else "2d") for name in STEPS)),
        lambda stands: ahead_of(stands, STEPS),
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edit_and_move(trial: Trial, edit: str) -> None:
    """After each edit the plan names all whom it concerns, and after the move everybody gets just what is still to come."""
    text, rest = EDITS[edit]
    stands = trial.step_of()
    before = {name: [mail.subject for mail in trial.simulation.sent if mail.recipient == name] for name in stands}
    had = {name: _had(trial, name) for name in stands}
    one = trial.edit(text)
    assert (one.people, one.earlier, one.gone) == (len(stands), len(stands), False)
    assert one.changes
    said = {each.enrollment.address: each for group in one.groups for each in group.people}
    assert said.keys() | {each.enrollment.address for each in one.stuck} == stands.keys()
    assert one.stuck == []
    trial.move()
    found = trial.finish()
    assert before.keys() <= found.keys()
    for name, where in stands.items():
        names = {"four": "fourth"} if edit == "step renamed" else {}
        wanted = [names.get(each, each) for each in had[name]] + [each for each in rest(where) if each not in had[name]]
        assert Counter(names.get(each, each) for each in found[name]) == Counter(wanted), (name, where, found[name])
        assert len(found[name]) == len(set(found[name])), "a step twice"


def _had(trial: Trial, name: str) -> list[str]:
    _, enrollments = trial.simulation.office.store.person(name)
    return [touch.step for touch in trial.simulation.office.store.touches(enrollments[0].id) if touch.state == "sent"]


def test_plan_says_what_the_move_does(trial: Trial) -> None:
    """The dates that the plan gives for after the move are those at which things then happen."""
    one = trial.edit(EDITS["delay changed"][0])
    moving = {each.enrollment.address: each for group in one.groups for each in group.people}
    told = {
        (address, each.step): each.after
        for address, one_ in moving.items()
        for each in one_.differences
        if each.what == "moves" and each.after
    }
    assert len(told) > len(moving) / 3
    trial.move()
    for touch in (touch for row in trial.simulation.office.store.under_way() for touch in row[2]):
        if (touch.address, touch.step) in told and touch.state == "scheduled":
            assert touch.due == told[touch.address, touch.step]
    waiting = {
        row[0].address for row in trial.simulation.office.store.under_way() if any(touch.state == "open" for touch in row[2])
    }
    trial.finish()
    for mail in trial.simulation.sent:
        _, enrollments = trial.simulation.office.store.person(mail.recipient)
        touch = next(one for one in trial.simulation.office.store.touches(enrollments[0].id) if one.message_id == mail.message_id)
        if (mail.recipient, touch.step) in told and mail.recipient not in waiting:
            assert mail.at == told[mail.recipient, touch.step], (mail.recipient, touch.step)


def test_edited_message(trial: Trial) -> None:
    """An edited message concerns those who have it still before them, changes no date, and reaches them only by the move."""
    stands = trial.step_of()
    concerned = {name for name, where in stands.items() if "five" in ahead_of(where, STEPS)}
    one = trial.edit(WHOLE, five="Better words.")
    groups = {group.said: {each.enrollment.address for each in group.people} for group in one.groups}
    assert groups == {"five reads differently": concerned, "nothing that is still to come": stands.keys() - concerned}
    assert one.changes == ("message m-five has been edited:", "   -This is five.", "   +Better words.")


def test_deleted_cadence(trial: Trial) -> None:
    """Who is in a cadence whose file is gone goes on with what they began with."""
    people = len(trial.step_of())
    one = trial.edit(None)
    assert (one.gone, one.people, one.earlier, one.groups) == (True, people, 0, [])


def test_nothing_changed(trial: Trial) -> None:
    """Without an edit there is nothing to say."""
    one = trial.edit(WHOLE)
    assert (one.earlier, one.changes, one.groups) == (0, (), [])


def test_forecast(trial: Trial) -> None:
    """What does not fit into a day slips to the next on which the cadence may write; nothing gets lost on the way."""
    office = trial.simulation.office
    found = moves.survey(office)
    ahead = moves.forecasts(office, found, 60)["dana"]
    due = Counter(
        each.due.astimezone(ZoneInfo("Europe/Berlin")).date()
        for one in found.everybody
        for each in one.coming
        if each.channel == "email"
    )
    assert {day.day: day.due for day in ahead if day.due} == {day: count for day, count in due.items() if day <= ahead[-1].day}
    tight = moves.forecast(
        [moves.Mail(each.due, _timing(trial, one), each.position) for one in found.everybody for each in one.coming if each.channel == "email"],
        office.config.mailbox("dana").caps.__class__(per_day=7, gap=(0, 0)), office.store.usage("nobody", found.now), ZoneInfo("Europe/Berlin"),
        found.now, 90,
    )  # fmt: skip
    assert sum(min(day.due, day.cap) for day in tight) == sum(due.values())
    assert all(later > day.day and later.weekday() < 5 for day in tight for later in day.slips)


def _timing(trial: Trial, one: moves.Moving) -> moves.Mail:
    office = trial.simulation.office
    prospect, _ = office.store.person(one.enrollment.address)
    return moves.timing_for(office.cadence(one.enrollment.digest), prospect, "dana")
