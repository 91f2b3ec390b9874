"""What a move to the files of today would change, person by person and all together.

Decides how people are grouped and how differences are said. The move itself is `core/revision.py`'s and the dates are
`core/outlook.py`'s. Writes nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from followupd.core.model import Cadence, Enrollment, Prospect, Step, Touch
from followupd.core.outlook import Coming, Day, Mail, forecast, outlook
from followupd.core.revision import Move, Revision, compare, moved
from followupd.core.timing import timing_for
from followupd.files.edition import Edition
from followupd.office import Office

DIFFERENT_LINES = 6
"""So many lines of an edited message are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different for one step of one person. `what`: comes in addition, is left out, moves, or reads differently."""

    step: str
    what: str
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """One person under way. `move` is None where they are on the edition of today, or where there is none."""

    enrollment: Enrollment
    zone: ZoneInfo
    coming: tuple[Coming, ...]
    move: Move | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People for whom the same is different."""

    said: str
    people: list[Moving]


@dataclass(slots=True, kw_only=True)
class OneCadence:
    """One cadence, and everybody who is under way in it."""

    name: str
    gone: bool = False
    people: int = 0
    earlier: int = 0
    changes: tuple[str, ...] = ()
    groups: list[Group] = field(default_factory=list)
    stuck: list[Moving] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Survey:
    """Everybody under way."""

    now: datetime
    cadences: list[OneCadence] = field(default_factory=list)
    everybody: list[Moving] = field(default_factory=list)


def survey(office: Office, cadence: str | None = None, only: Collection[str] | None = None) -> Survey:
    """What would change for everybody under way, or for those of one cadence, or for some people."""
    found = Survey(now=office.clock.now())
    touches = office.store.touches_under_way()
    by_name: dict[str, OneCadence] = {}
    changes: dict[str, dict[str, None]] = {}
    revisions: dict[tuple[str, str], Revision] = {}
    for enrollment, prospect, _ in office.store.under_way():
        if cadence not in (None, enrollment.cadence) or (only is not None and enrollment.address not in only):
            continue
        old, new = office.edition(enrollment.digest), office.workspace.editions.get(enrollment.cadence)
        one = by_name.setdefault(enrollment.cadence, OneCadence(name=enrollment.cadence, gone=new is None))
        one.people += 1
        mine = touches.get(enrollment.id, ())
        if new is None or new.cadence.digest == enrollment.digest:
            found.everybody.append(_staying(enrollment, prospect, mine, old.cadence, found.now))
            continue
        one.earlier += 1
        key = (old.cadence.digest, new.cadence.digest)
        if key not in revisions:
            revisions[key] = compare(old.cadence, new.cadence)
            changes.setdefault(enrollment.cadence, {}).update(dict.fromkeys(changed(old, new)))
        moving = _moving(revisions[key], old, new, enrollment, prospect, mine, found.now)
        found.everybody.append(moving)
        _put(one, moving)
    for name, one in sorted(by_name.items()):
        one.changes = tuple(changes.get(name, ()))
        one.groups.sort(key=lambda group: (-len(group.people), group.said))
        found.cadences.append(one)
    return found


def _staying(enrollment: Enrollment, prospect: Prospect, touches: tuple[Touch, ...], cadence: Cadence, now: datetime) -> Moving:
    zone = timing_for(cadence, prospect, enrollment.mailbox).zone
    return Moving(enrollment=enrollment, zone=zone, coming=outlook(enrollment, touches, cadence, prospect, now))


def _moving(
    revision: Revision,
    old: Edition,
    new: Edition,
    enrollment: Enrollment,
    prospect: Prospect,
    touches: tuple[Touch, ...],
    now: datetime,
) -> Moving:
    before = _staying(enrollment, prospect, touches, old.cadence, now)
    move = moved(revision, enrollment, touches, prospect, now)
    if move.why_not:
        return replace(before, move=move)
    gone = {touch.id for touch in move.change.withdrawn}
    after_touches = {touch.id: touch for touch in touches if touch.id not in gone} | {
        touch.id: touch for touch in move.change.touches
    }
    after = outlook(move.change.enrollments[-1], after_touches.values(), new.cadence, prospect, now)
    language = prospect.columns.get("language", "")

    def reworded(step: str, later: str) -> bool:
        texts = [
            each.template(each.cadence.step(name), enrollment.variant, language).digest
            for each, name in ((old, step), (new, later))
        ]
        return texts[0] != texts[1]

    return replace(before, move=move, differences=tuple(_differences(revision, before.coming, after, reworded)))


def _differences(
    revision: Revision, before: tuple[Coming, ...], after: tuple[Coming, ...], reworded: object
) -> Iterator[Difference]:
    assert callable(reworded)
    late = {one.step: one for one in after}
    for one in before:
        then = late.pop(revision.same.get(one.step, one.step), None)
        if then is None:
            yield Difference(step=one.step, what="is left out", before=one.due)
            continue
        if then.due != one.due:
            yield Difference(step=then.step, what="moves", before=one.due, after=then.due)
        if one.step in revision.same and reworded(one.step, then.step):
            yield Difference(step=then.step, what="reads differently", before=one.due, after=then.due)
    for more in late.values():
        yield Difference(step=more.step, what="comes in addition", after=more.due)


def _put(one: OneCadence, moving: Moving) -> None:
    assert moving.move is not None
    if moving.move.why_not:
        one.stuck.append(moving)
        return
    said = ", ".join(f"{each.step} {each.what}" for each in moving.differences) or "nothing that is still to come"
    group = next((group for group in one.groups if group.said == said), None)
    if group is None:
        one.groups.append(Group(said=said, people=[moving]))
    else:
        group.people.append(moving)


# -- two editions --------------------------------------------------------------------------------


def changed(old: Edition | None, new: Edition | None) -> list[str]:
    """What is different between two editions, in lines for people."""
    if old is None or new is None:
        return [] if old is new else ["it is new" if old is None else "it is gone"]
    return [*_cadence_changes(compare(old.cadence, new.cadence)), *_message_changes(old, new)]


def _cadence_changes(revision: Revision) -> Iterator[str]:
    yield from (f"step {name} is new" for name in revision.added)
    yield from (f"step {name} is gone" for name in revision.removed)
    yield from (f"step {before} is called {after} now" for before, after in revision.renamed.items())
    if revision.reordered:
        yield f"the steps come in another order: {', '.join(step.id for step in revision.new.steps)}"
    for before, after in revision.same.items():
        yield from _step_changes(revision.old.step(before), revision.new.step(after))
    for name in ("window", "holidays", "timezone", "mailbox", "limits", "replies", "end_after", "end_enroll", "retry", "priority", "exclusive", "again", "variants", "needs"):  # fmt: skip
        was, now = getattr(revision.old, name), getattr(revision.new, name)
        if was != now:
            shown = f": {_shown(was)} -> {_shown(now)}" if name not in ("limits", "replies") else ""
            yield f"{name.replace('_', '.')} has changed{shown}"


def _step_changes(old: Step, new: Step) -> Iterator[str]:
    for each in fields(Step):
        if each.name in {"id", "position", "was"}:
            continue
        was, now = getattr(old, each.name), getattr(new, each.name)
        if was != now:
            yield f"step {new.id}, {each.name}: {_shown(was)} -> {_shown(now)}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "nothing" if value in (None, "", {}) else str(value)


def _message_changes(old: Edition, new: Edition) -> Iterator[str]:
    for name in sorted(old.sources.keys() & new.sources.keys()):
        was, now = old.sources[name].splitlines(), new.sources[name].splitlines()
        if was != now:
            yield f"message {name} has been edited:"
            lines = (
                line
                for line in difflib.unified_diff(was, now, n=0, lineterm="")
                if line[:3] not in ("---", "+++") and line[:2] != "@@"
            )
            yield from (f"   {line}" for line in islice(lines, DIFFERENT_LINES))


# -- the next days -------------------------------------------------------------------------------


def forecasts(office: Office, found: Survey, days: int) -> dict[str, list[Day]]:
    """How full the days of each mailbox get, with everybody on the edition that they are on."""
    mails: dict[str, list[Mail]] = {name: [] for name in office.config.mailboxes}
    people = {enrollment.id: prospect for enrollment, prospect, _ in office.store.under_way()}
    for one in found.everybody:
        box = one.enrollment.mailbox
        if box not in mails:
            continue
        timing = timing_for(office.cadence(one.enrollment.digest), people[one.enrollment.id], box)
        mails[box] += [Mail(each.due, timing, each.position) for each in one.coming if each.channel == "email"]
    ahead = {}
    for name, due in mails.items():
        mailbox = office.config.mailbox(name)
        ahead[name] = forecast(due, mailbox.caps, office.store.usage(name, found.now), ZoneInfo(mailbox.zone), found.now, days)
    return ahead
