"""What a new edition means for who is under way: nobody gets a step twice, nobody loses one that is in both."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core import lifecycle
from followupd.core.lifecycle import TouchFact
from followupd.core.model import Cadence, Change, Enrollment, EnrollmentState, HandedOver, Touch, TouchState
from followupd.core.revision import Revision, compare, moved
from tests.store.made import NOW, begin, cadence, prospect, step

DAY = timedelta(days=1)


def steps(*names: str, **more: dict[str, Any]) -> tuple[Any, ...]:
    """Steps by id, each with a template of its own; `more` are keys for single ones."""
    return tuple(
        step(number, **{"id": name, "template": f"words-{name}"} | more.get(name.replace("-", "_"), {}))
        for number, name in enumerate(names)
    )


def plan(*names: str, digest: str = "old", **more: dict[str, Any]) -> Cadence:
    return replace(cadence(steps(*names, **more)), digest=digest)


class Person:
    """One enrollment with all its touches, moved by the pure core."""

    def __init__(self, old: Cadence) -> None:
        self.cadence, self.now = old, NOW
        self.enrollment: Enrollment
        self.touches: dict[str, Touch] = {}
        self.happened: list[str] = []
        self._take(begin(plan=old))

    def _take(self, change: Change) -> None:
        for gone in change.withdrawn:
            del self.touches[gone.id]
        for touch in change.touches:
            assert touch.version or touch.id not in self.touches, f"{touch.step} is planned twice"
            self.touches[touch.id] = replace(touch, version=touch.version + 1)
        steps_now = [touch.step for touch in self.touches.values()]
        assert len(steps_now) == len(set(steps_now)), "two touches of one step"
        for enrollment in change.enrollments:
            self.enrollment = enrollment

    @property
    def open(self) -> list[Touch]:
        found = [touch for touch in self.touches.values() if touch.state in (TouchState.SCHEDULED, TouchState.OPEN)]
        return sorted(found, key=lambda touch: (touch.due, touch.position))

    @property
    def due(self) -> dict[str, datetime]:
        return {touch.step: touch.due for touch in self.open}

    def happen(self, count: int = 1) -> Person:
        """So many touches happen, each when it is due."""
        for _ in range(count):
            if not self.open:
                break
            touch = self.open[0]
            self.now = max(self.now, touch.due)
            self.happened.append(touch.step)
            fact = TouchFact.DONE if touch.state == TouchState.OPEN else TouchFact.ACCEPTED
            sending = touch if fact == TouchFact.DONE else replace(touch, state=TouchState.SENDING, attempt=1)
            self._take(lifecycle.settle(sending, self.enrollment, self.cadence, prospect(), fact, self.now, ""))
        return self

    def hand_over(self) -> Person:
        """The next touch goes to the rep, who leaves it lying."""
        touch = replace(self.open[0], state=TouchState.SENDING, attempt=1)
        moment = lifecycle.Moment(now=max(self.now, touch.due))
        self._take(
            lifecycle.after_delivery(touch, self.enrollment, self.cadence, prospect(), HandedOver("note", "do it"), moment)
        )
        return self

    def move(self, new: Cadence) -> Person:
        found = moved(compare(self.cadence, new), self.enrollment, tuple(self.touches.values()), prospect(), self.now)
        assert not found.why_not
        self.cadence = new
        self._take(found.change)
        assert self.enrollment.digest == new.digest
        return self

    def finish(self) -> list[str]:
        """Everything that still happens."""
        before = len(self.happened)
        self.happen(50)
        assert not self.open
        assert self.enrollment.position == len(self.cadence.steps)
        assert self.enrollment.until is not None
        return self.happened[before:]


@pytest.mark.parametrize(
    ("done", "new", "rest"),
    [
        (2, ("a", "b", "x", "c", "d"), ["x", "c", "d"]),  # added ahead
        (2, ("a", "x", "b", "c", "d"), ["c", "d"]),  # added behind: its time is over
        (2, ("a", "b", "d"), ["d"]),  # the next one removed
        (2, ("b", "c", "d"), ["c", "d"]),  # a past one removed
        (2, ("a", "b", "c"), ["c"]),  # the last one removed
        (2, ("a", "d", "b", "c"), ["d", "c"]),  # reordered: d comes first now, and nobody gets b again
        (2, ("d", "c", "b", "a"), ["d", "c"]),
        (2, ("a", "c", "b", "d"), ["c", "d"]),
        (4, ("a", "b", "c", "d", "x"), ["x"]),  # the last wait is over: there is more to come
        (4, ("a", "b", "c", "d"), []),
        (0, ("x", "a", "b", "c", "d"), ["x", "a", "b", "c", "d"]),
        (2, ("x",), ["x"]),  # another cadence altogether
    ],
)
def test_edits(done: int, new: tuple[str, ...], rest: list[str]) -> None:
    """After an edit exactly those steps follow that are still to come, in the new order."""
    person = Person(plan("a", "b", "c", "d")).happen(done)
    assert person.move(plan(*new, digest="new")).finish() == rest


def test_renamed_by_was() -> None:
    """`was` says that a step is an old one under another name: who had it does not get it again."""
    new = plan("a", "second", "c", digest="new", second={"was": "b", "template": "other-words"})
    assert Person(plan("a", "b", "c")).happen(2).move(new).finish() == ["c"]
    assert Person(plan("a", "b", "c")).happen(1).move(new).finish() == ["second", "c"]


def test_renamed_without_a_word() -> None:
    """An id that is gone and one that has come, with the same message alone: that is a renaming."""
    new = plan("a", "second", "c", digest="new", second={"template": "words-b"})
    revision = compare(plan("a", "b", "c"), new)
    assert (revision.renamed, revision.added, revision.removed) == ({"b": "second"}, (), ())
    assert Person(plan("a", "b", "c")).happen(2).move(new).finish() == ["c"]


def test_renamed_and_reordered_at_once() -> None:
    """Both together: still once each."""
    new = plan("c", "second", "a", digest="new", second={"template": "words-b"})
    assert Person(plan("a", "b", "c")).happen(1).move(new).finish() == ["c", "second"]


def test_two_alike_renamed() -> None:
    """Two steps with one message that both changed their names belong together in their order."""
    alike = {"template": "nudge"}
    old = plan("a", "one", "two", one=alike, two=alike)
    new = plan("a", "first", "second", digest="new", first=alike, second=alike)
    assert compare(old, new).renamed == {"one": "first", "two": "second"}
    assert Person(old).happen(2).move(new).finish() == ["second"]


def test_delay_changed() -> None:
    """The open touch is dated anew from the same anchor; one whose time is over happens now, never in the past."""
    person = Person(plan("a", "b")).happen(1)
    begun = person.now
    assert person.due == {"b": begun + 3 * DAY}
    assert person.move(plan("a", "b", digest="new", b={"after": "5d"})).due == {"b": begun + 5 * DAY}
    late = Person(plan("a", "b")).happen(1)
    late.now = begun + 2 * DAY
    assert late.move(plan("a", "b", digest="new", b={"after": "1d"})).due == {"b": begun + 2 * DAY}


def test_unchanged_times_keep_the_date() -> None:
    """Words alone change no date, even one that was put off by a gap or a cap."""
    person = Person(plan("a", "b")).happen(1)
    touch = replace(person.open[0], due=NOW + 9 * DAY)
    person.touches[touch.id] = touch
    assert person.move(plan("a", "b", digest="new", b={"template": "better-words"})).due == {"b": NOW + 9 * DAY}


def test_a_touch_put_off_by_a_server_is_finished_first() -> None:
    """What was begun is not taken back: it may already be known somewhere under its name."""
    person = Person(plan("a", "b", "c")).happen(1)
    touch = replace(person.open[0], attempt=1)
    person.touches[touch.id] = touch
    assert person.move(plan("a", "c", "b", digest="new")).finish() == ["b", "c"]


def test_a_task_in_hand_stays() -> None:
    """A task that the rep has is the rep's, even if its step is gone; then the cadence goes on in the new order."""
    old = plan("a", "call", "c", "d", call={"channel": "task"})
    person = Person(old).happen(1).hand_over()
    assert person.move(plan("a", "d", "c", digest="new")).finish() == ["call", "d", "c"]


def test_nobody_waits_for_it() -> None:
    """A touch beside the way keeps its place, and is taken back where its step is gone."""
    old = plan("a", "note", "b", "c", note={"wait": False, "channel": "task", "after": "5d"})
    person = Person(old).happen(1)
    assert set(person.due) == {"note", "b"}
    assert set(person.move(plan("a", "note", "b", "x", digest="new", note={"wait": False, "channel": "task"})).due) == {
        "note",
        "b",
    }
    gone = Person(old).happen(1).move(plan("a", "b", "c", digest="new"))
    assert gone.finish() == ["b", "c"]
    assert {touch.step: touch.state for touch in gone.touches.values()}["note"] == TouchState.SKIPPED


@pytest.mark.parametrize(
    ("state", "why"), [(TouchState.SENDING, "is being sent right now"), (TouchState.DOUBTFUL, "may have been sent, or not")]
)
def test_not_now(state: TouchState, why: str) -> None:
    """Nobody is moved while a mail is on its way, or may be."""
    person = Person(plan("a", "b"))
    touch = replace(person.open[0], state=state)
    revision = compare(person.cadence, plan("b", "a", digest="new"))
    found = moved(revision, person.enrollment, (touch,), prospect(), NOW)
    assert why in found.why_not
    assert found.change == Change()


def test_finished_is_finished() -> None:
    """Who is through is not moved."""
    person = Person(plan("a", "b"))
    over = replace(person.enrollment, state=EnrollmentState.FINISHED)
    assert moved(compare(person.cadence, plan("b", digest="new")), over, (), prospect(), NOW).why_not


def test_who_stands_still_goes_on_standing_still() -> None:
    """A pause keeps its end; only what comes after it is another."""
    person = Person(plan("a", "b", "c")).happen(1)
    until = NOW + 30 * DAY
    person.enrollment = replace(person.enrollment, state=EnrollmentState.PAUSED, until=until)
    person.move(plan("a", "c", "b", digest="new"))
    assert (person.enrollment.state, person.enrollment.until) == (EnrollmentState.PAUSED, until)
    assert set(person.due) == {"c"}


NAMES = "abcdefgh"


@st.composite
def editions(draw: st.DrawFn) -> tuple[Cadence, Cadence]:
    """Two editions: steps removed, added, renamed, put in another order, and given other delays and waits."""
    old = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    kept = [name for name in old if draw(st.integers(0, 3))]
    added = draw(st.lists(st.sampled_from("uvwxyz"), max_size=3, unique=True))
    renamed = {name: f"{name}-new" for name in kept if not draw(st.integers(0, 4))}
    new = draw(st.permutations([renamed.get(name, name) for name in kept] + added)) or ["z"]
    known = {after: before for before, after in renamed.items()}

    def keys(name: str) -> dict[str, Any]:
        return {
            "template": f"words-{known.get(name, name)}", "after": draw(st.sampled_from(["0m", "1d", "3d"])),
            "wait": draw(st.sampled_from([True, True, False])), "was": draw(st.sampled_from([None, known.get(name)])),
        }  # fmt: skip

    def made(names: list[str], digest: str) -> Cadence:
        return replace(cadence(tuple(step(n, **{"id": name} | keys(name)) for n, name in enumerate(names))), digest=digest)

    first = made(list(old), "old")
    return replace(first, steps=tuple(replace(one, was=None) for one in first.steps)), made(list(new), "new")


@settings(max_examples=150, deadline=None)
@given(editions(), st.integers(0, 7))
def test_once_each(both: tuple[Cadence, Cadence], done: int) -> None:
    """Whatever is edited, whenever somebody is moved: each step happens once at most, and each that is in both happens."""
    old, new = both
    person = Person(old).happen(done)
    had = list(person.happened)
    revision: Revision = compare(old, new)
    person.move(new)
    rest = person.finish()
    known = [revision.same.get(name, name) for name in had] + [revision.same.get(name, name) for name in rest]
    assert len(known) == len(set(known)), (had, rest)
    assert set(revision.same.values()) <= set(known), (had, rest, "lost")
    coming = [name for name in rest if name in {one.id for one in new.steps}]
    assert set(coming) <= {one.id for one in new.steps}
