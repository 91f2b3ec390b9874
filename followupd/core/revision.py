"""What does a new edition of a cadence mean for who is under way in the old one?

Decides which steps are the same in both (by id, by `was`, or by a renaming that is plain to see), which a person has had,
which are still to come and in which order, and what the move changes. Nobody gets a step twice, nobody loses one that is in
both. Never moves anybody by itself: `migrate-cadence` asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from followupd.core import timing as times
from followupd.core.lifecycle import TouchFact, ahead, move_touch, planned, touch_for
from followupd.core.model import Cadence, Change, Enrollment, EnrollmentState, Event, Prospect, Step, Touch, TouchState

TIMES = ("after", "since", "within", "remind", "escalate", "at", "wait")
"""The keys of a step that decide when it happens."""

UNSETTLED = (TouchState.SENDING, TouchState.DOUBTFUL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How the steps of two editions belong together. `same` leads from old ids to new ones."""

    old: Cadence
    new: Cadence
    same: Mapping[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def renamed(self) -> dict[str, str]:
        """Old ids that have become others."""
        return {old: new for old, new in self.same.items() if old != new}

    @property
    def reordered(self) -> bool:
        """Whether steps that are in both come in another order."""
        order = {step.id: step.position for step in self.new.steps}
        places = [order[self.same[step.id]] for step in self.old.steps if step.id in self.same]
        return places != sorted(places)

    @property
    def retimed(self) -> bool:
        """Whether dates may differ for a reason that is not in a single step."""
        return any(getattr(self.old, name) != getattr(self.new, name) for name in ("window", "holidays", "timezone"))


def compare(old: Cadence, new: Cadence) -> Revision:
    """Which steps are the same: those of the same id; then `was`; then a pair that alone has the same channel and template."""
    known = {step.id for step in new.steps}
    same = {step.id: step.id for step in old.steps if step.id in known}
    for step in new.steps:
        if step.was and step.id not in same.values() and step.was not in same and any(one.id == step.was for one in old.steps):
            same[step.was] = step.id
    same |= _plain_renames(old, new, same)
    return Revision(
        old=old, new=new, same=same, added=tuple(step.id for step in new.steps if step.id not in same.values()),
        removed=tuple(step.id for step in old.steps if step.id not in same),
    )  # fmt: skip


def _plain_renames(old: Cadence, new: Cadence, same: Mapping[str, str]) -> dict[str, str]:
    gone = [step for step in old.steps if step.id not in same]
    come = [step for step in new.steps if step.id not in same.values()]
    found: dict[str, str] = {}
    for step in gone:
        like = [one for one in come if _does(one) == _does(step)]
        rivals = [one for one in gone if _does(one) == _does(step)]
        if len(like) == len(rivals):  # in their order, where there are several
            found[step.id] = like[rivals.index(step)].id
    return found


def _does(step: Step) -> tuple[str, str]:
    return step.channel, step.template


# -- one person ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What moving one person would do. `why_not` says why it can't be done now; then nothing is changed."""

    change: Change = field(default_factory=Change)
    first: Touch | None = None  # what comes next in the new edition
    why_not: str = ""


def moved(revision: Revision, enrollment: Enrollment, touches: tuple[Touch, ...], prospect: Prospect, now: datetime) -> Move:
    """The person in the new edition. `touches` are all of theirs in this enrollment, in whatever state."""
    if enrollment.state == EnrollmentState.FINISHED:
        return Move(why_not=f"is finished: {enrollment.outcome}")
    busy = next((touch for touch in touches if touch.state in UNSETTLED), None)
    if busy is not None:
        text = (
            "is being sent right now; try again"
            if busy.state == TouchState.SENDING
            else "may have been sent, or not; decide that first"
        )
        return Move(why_not=f"step {busy.step} {text}")
    try:
        change = _moved(revision, enrollment, touches, prospect, now)
    except (ValueError, LookupError) as problem:
        return Move(why_not=f"the next step can't be dated: {problem}")
    return Move(change=change, first=_first(change, touches))


def _first(change: Change, touches: tuple[Touch, ...]) -> Touch | None:
    gone = {touch.id for touch in change.withdrawn}
    after = {touch.id: touch for touch in touches if touch.id not in gone} | {touch.id: touch for touch in change.touches}
    open_ones = [touch for touch in after.values() if touch.state in (TouchState.SCHEDULED, TouchState.OPEN)]
    return min(open_ones, key=lambda touch: (touch.due, touch.position), default=None)


def _moved(revision: Revision, enrollment: Enrollment, touches: tuple[Touch, ...], prospect: Prospect, now: datetime) -> Change:
    new = revision.new
    open_ones = [touch for touch in touches if touch.state in (TouchState.SCHEDULED, TouchState.OPEN)]
    at_home = replace(
        enrollment, digest=new.digest, priority=new.priority, exclusive=new.exclusive, passed=_passed(revision, enrollment, touches),
        variant=enrollment.variant if enrollment.variant in new.variants else next(iter(new.variants), ""),
    )  # fmt: skip
    note = Event(
        at=now, kind="migrated", text=f"moved to the {new.name} of today", address=enrollment.address, enrollment=enrollment.id,
        data={"from": enrollment.digest, "to": new.digest},
    )  # fmt: skip
    change = Change(enrollments=(at_home,), events=(note,))
    kept = [touch for touch in open_ones if _stays(revision, touch, open_ones, at_home)]
    for touch in open_ones:
        if touch not in kept:
            change += _taken_back(revision, touch, now)
            at_home = replace(at_home, passed=tuple(step for step in at_home.passed if step != revision.same.get(touch.step)))
    change += Change(touches=tuple(_dated_anew(revision, touch, at_home, prospect, now) for touch in kept))
    waits = next((touch for touch in kept if touch.waits), None)
    if waits is not None:
        position = next((step.position for step in new.steps if step.id == revision.same.get(waits.step)), enrollment.position)
        return change + Change(enrollments=(replace(at_home, position=position),))
    if not ahead(at_home, new) and enrollment.position >= len(revision.old.steps):
        return change + _still_over(revision, enrollment, at_home)
    return change + planned(at_home, new, prospect, now=now, previous=_previous(touches))


def _still_over(revision: Revision, enrollment: Enrollment, at_home: Enrollment) -> Change:
    """Every step has had its turn: the last wait goes on as it was."""
    return Change(enrollments=(replace(at_home, position=len(revision.new.steps), until=enrollment.until),))


def _previous(touches: tuple[Touch, ...]) -> str:
    settled = [touch for touch in touches if touch.settled is not None]
    last = max(settled, key=lambda touch: (touch.settled, touch.position), default=None)
    return f"{last.step} was {last.state.value}" if last else "the enrollment began"


def _passed(revision: Revision, enrollment: Enrollment, touches: tuple[Touch, ...]) -> tuple[str, ...]:
    """Steps that have had their turn, by their new ids; with them new ones that stand before the last of these."""
    had = {revision.same[name] for name in (*enrollment.passed, *(touch.step for touch in touches)) if name in revision.same}
    reached = {touch.step for touch in touches if touch.state != TouchState.SCHEDULED} | (
        set(enrollment.passed) - {touch.step for touch in touches}
    )
    last = max(
        (step.position for step in revision.new.steps if step.id in {revision.same.get(name) for name in reached}), default=-1
    )
    late = {step.id for step in revision.new.steps[: last + 1] if step.id in revision.added}
    return tuple(step.id for step in revision.new.steps if step.id in had | late)


def _stays(revision: Revision, touch: Touch, open_ones: list[Touch], at_home: Enrollment) -> bool:
    """A touch in a rep's hands, or one that a server has put off, is finished first; a planned one stays if it is still next."""
    if touch.state == TouchState.OPEN or touch.attempt:
        return True
    name = revision.same.get(touch.step)
    if name is None:
        return False
    step = revision.new.step(name)
    if step.wait != touch.waits or step.channel != touch.channel:
        return False
    if not touch.waits:
        return True
    mine = {revision.same.get(one.step) for one in open_ones}
    still = [each for each in revision.new.steps if each.id not in at_home.passed or each.id in mine]
    before = still[: [each.id for each in still].index(name)] if name in [each.id for each in still] else still
    return not any(each.id not in mine for each in before) and all(each.id == name or not each.wait for each in before)


def _taken_back(revision: Revision, touch: Touch, now: datetime) -> Change:
    """A planned touch that is not next any more: its place is free; of a step that is gone a note remains."""
    if touch.step in revision.same:
        return Change(withdrawn=(touch,))
    text = "the step is no longer in the cadence"
    state = move_touch(touch, TouchFact.NOT_WANTED)
    return Change(touches=(replace(touch, state=state, settled=now, text=text, token=""),))


def _dated_anew(revision: Revision, touch: Touch, enrollment: Enrollment, prospect: Prospect, now: datetime) -> Touch:
    """A touch that stays, under its new name. Its date changes only where what decides the date has."""
    name = revision.same.get(touch.step)
    if name is None:  # in a rep's hands, of a step that is gone: it is finished as it is
        return touch
    step, before = revision.new.step(name), revision.old.step(touch.step)
    placed = replace(touch, step=step.id, position=step.position)
    same_times = all(getattr(step, key) == getattr(before, key) for key in TIMES) and not revision.retimed
    if same_times or touch.state != TouchState.SCHEDULED or touch.attempt:
        return placed
    timing = times.timing_for(revision.new, prospect, enrollment.mailbox)
    fresh = touch_for(step, enrollment, prospect, timing, now=now, previous="the step before")
    return replace(placed, due=fresh.due, why=fresh.why, deadline=fresh.deadline)


def ahead_of(enrollment: Enrollment, cadence: Cadence, touches: tuple[Touch, ...]) -> Iterator[Step]:
    """The steps that a person has still before them, the open ones first."""
    open_ones = {touch.step for touch in touches if touch.state in (TouchState.SCHEDULED, TouchState.OPEN)}
    yield from (step for step in cadence.steps if step.id in open_ones)
    yield from ahead(enrollment, cadence)
