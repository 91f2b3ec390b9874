"""A person goes from one mailbox to another: what moves, what can't yet, and what both owners read.

Decides that a person moves as a whole, or not at all: one conversation has one voice. A mail that is leaving, or of which nobody knows whether it
left, is settled first, from where it began. Who wrote what stays as it was; only what is still to come changes its mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd.core.lifecycle import made_id
from followupd.core.model import Cadence, Change, Enrollment, EnrollmentState, Event, Handover, Prospect, Task, Touch, TouchState
from followupd.core.outlook import Coming


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What belongs to a mailbox of one person: open enrollments with their unsettled touches and cadences, and open tasks."""

    prospect: Prospect
    enrollments: tuple[Enrollment, ...] = ()
    touches: tuple[Touch, ...] = ()
    tasks: tuple[Task, ...] = ()


def why_not(person: Belongings, cadences: Mapping[str, Cadence]) -> str:
    """Why a person can't go now, and what to do; "" where they can. `cadences` are by digest."""
    for enrollment in person.enrollments:
        cadence = cadences.get(enrollment.digest)
        if cadence is not None and cadence.mailbox != ("owner",):
            return f"{cadence.name} names the mailbox that writes ({', '.join(cadence.mailbox)}), whoever owns the person"
    for touch in person.touches:
        if touch.state == TouchState.SENDING:
            return f"step {touch.step} is leaving at this moment; ask again in some minutes"
        if touch.state == TouchState.DOUBTFUL:
            return f"step {touch.step} may have been sent, or not; first run followupd decide {touch.id} sent, skip or again"
        if touch.again:
            return f"step {touch.step} is sent once more as it was, from the mailbox that began it; wait for that"
    return ""


def moved(person: Belongings, handover: Handover, now: datetime, *, back: bool = False) -> Change:
    """The person with all that is to come, in the other mailbox. `back`: the taker gives them back."""
    giver, taker = (handover.taker, handover.giver) if back else (handover.giver, handover.taker)
    prospect = person.prospect
    columns = {**prospect.columns, **({"owner": taker} if prospect.columns.get("owner") == giver else {})}
    owner = taker if prospect.owner in ("", giver) else prospect.owner
    waiting = (TouchState.SCHEDULED, TouchState.OPEN)
    until = f" until {handover.until:%d %b %Y}" if handover.until and not back else ""
    event = Event(
        at=now, kind="handed_over", text=f"{'went back' if back else 'handed over'} from {giver} to {taker} by {handover.by}{until}",
        address=prospect.address, enrollment=next((one.id for one in person.enrollments), ""), data={"giver": giver, "taker": taker},
    )  # fmt: skip
    return Change(
        prospects=(replace(prospect, owner=owner, columns=columns),),
        enrollments=tuple(replace(one, mailbox=taker) for one in person.enrollments),
        touches=tuple(replace(one, mailbox=taker) for one in person.touches if one.state in waiting),
        tasks=tuple(replace(one, owner=taker) for one in person.tasks),
        handovers=(replace(handover, state="returned") if back else handover,),
        events=(event,),
    )


def handover_of(address: str, giver: str, taker: str, name: str, now: datetime, by: str, until: datetime | None) -> Handover:
    """The record of it."""
    made = made_id("handover", address, giver, taker, now.isoformat())
    return Handover(id=made, address=address, giver=giver, taker=taker, name=name, at=now, by=by, until=until)


# -- what people read ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person of a handover, for people."""

    prospect: Prospect
    enrollments: tuple[Enrollment, ...]
    tasks: int
    coming: Coming | None = None
    why_not: str = ""

    @property
    def stands(self) -> str:
        """Where they stand."""
        if not self.enrollments:
            return f"{self.tasks} task{'' if self.tasks == 1 else 's'}" if self.tasks else "nothing under way"
        return ", ".join(f"{one.cadence}: {_state(one)}" for one in self.enrollments)


def _state(enrollment: Enrollment) -> str:
    return (
        enrollment.state.value if enrollment.state == EnrollmentState.ACTIVE else f"{enrollment.state} ({enrollment.reason[:80]})"
    )


MOST_NAMED = 50


def letter(
    lines: Sequence[Line], giver: str, taker: str, until: datetime | None, zone: ZoneInfo, *, to_taker: bool
) -> tuple[str, str]:
    """Subject and text for either of the two."""
    many = f"{len(lines)} {'person' if len(lines) == 1 else 'people'}"
    way = f"from {giver} to you" if to_taker else f"from you to {taker}"
    back = f" until {until.astimezone(zone):%a %d %b %Y}" if until else ""
    busy = [one for one in lines if one.enrollments or one.tasks]
    named = "\n".join(
        f"  - {one.prospect.called}, {one.prospect.address}: {one.stands}{_next(one, zone)}" for one in busy[:MOST_NAMED]
    )
    more = [f"  ... and {len(busy) - MOST_NAMED} more"] if len(busy) > MOST_NAMED else []
    more += [f"  and {len(lines) - len(busy)} with nothing under way"] if len(busy) < len(lines) else []
    rest = (
        "Their conversations go on in the same thread, from your mailbox; the tasks are on your list. followupd show ADDRESS tells what was."
        if to_taker
        else "Answers that still come to you are read as long as your mailbox is in config.yaml, and count for them; write to nobody by hand without a word to "
        f"{taker}."
    )
    return f"{many} handed over {way}{back}", "\n".join([f"{many} handed over {way}{back}:", "", named, *more, "", rest, ""])


def _next(line: Line, zone: ZoneInfo) -> str:
    return f"; next {line.coming.step} on {line.coming.due.astimezone(zone):%a %d %b, %H:%M}" if line.coming else ""


def owners(tasks: Iterable[Task], handovers: Sequence[Handover]) -> tuple[Task, ...]:
    """New tasks about a person who has gone to another mailbox, for who has them now."""
    found = []
    for task in tasks:
        owner = task.owner
        for one in handovers:  # oldest first: the chain is followed
            owner = _after(one, owner)
        if owner != task.owner and not task.version:  # escalations are the manager's
            found.append(replace(task, owner=owner))
    return tuple(found)


def _after(handover: Handover, owner: str) -> str:
    return handover.taker if handover.state == "moved" and owner == handover.giver else owner
