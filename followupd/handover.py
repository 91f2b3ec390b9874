"""A rep leaves or is away: their people go to another mailbox, and come back by themselves where a date is given.

Decides whom it concerns and in which order it is written: one person, one transaction, so that it can be broken off and taken up again. What
moves and what can't yet says `core/handover.py`. The mailbox that gives may be gone from the configuration; the one that takes may not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd import desk, letters
from followupd.core import handover
from followupd.core.handover import Belongings, Line
from followupd.core.lifecycle import NotNow
from followupd.core.model import Cadence, Change, Enrollment, EnrollmentState, Handover, Letter, Task
from followupd.core.outlook import Coming, outlook
from followupd.desk import Unknown
from followupd.office import NEVER, Office, UnreadableCadence

KIND = "handover"
AGAIN = timedelta(hours=1)
"""When those who could not go back are tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom a handover concerns, and where each stands."""

    giver: str
    taker: str
    until: datetime | None
    going: tuple[Line, ...]
    stuck: tuple[Line, ...]


def plan(office: Office, giver: str, taker: str, only: Collection[str] = (), until: datetime | None = None) -> Plan:
    """Whom the giver has, and what stands in the way. Raises Unknown or NotNow, with words for people."""
    if taker not in office.config.mailboxes:
        raise Unknown(f'there is no mailbox "{taker}" in config.yaml that could take them')
    if giver == taker:
        raise NotNow(f"{giver} has them already")
    addresses = office.store.belonging(giver)
    if not addresses and giver not in office.config.mailboxes and all(one.giver != giver for one in office.store.handovers()):
        raise Unknown(f'there is no mailbox "{giver}", and nobody belongs to one of that name')
    strangers = sorted(set(only) - set(addresses))
    if strangers:
        raise Unknown(f"not with {giver}: {', '.join(strangers[:10])}")
    tasks = office.store.tasks(giver)
    lines = [_line(office, address, giver, tasks) for address in addresses if not only or address in only]
    return Plan(
        giver=giver, taker=taker, until=until, going=tuple(one for one in lines if not one.why_not), stuck=tuple(one for one in lines if one.why_not)
    )  # fmt: skip


def _line(office: Office, address: str, giver: str, tasks: Collection[Task]) -> Line:
    person = _belongings(office, address, giver, tasks)
    cadences, coming = _cadences(office, person.enrollments), list[Coming]()
    for enrollment in person.enrollments:
        if enrollment.digest in cadences:
            mine = [one for one in person.touches if one.enrollment == enrollment.id]
            coming += outlook(enrollment, mine, cadences[enrollment.digest], person.prospect, office.clock.now())[:1]
    return Line(
        prospect=person.prospect, enrollments=person.enrollments, tasks=len(person.tasks), coming=min(coming, key=lambda one: one.due, default=None),
        why_not=handover.why_not(person, cadences),
    )  # fmt: skip


def _cadences(office: Office, enrollments: Collection[Enrollment]) -> dict[str, Cadence]:
    found = {}
    for one in enrollments:
        try:
            found[one.digest] = office.cadence(one.digest)
        except UnreadableCadence:  # it moves all the same: a human must look at it, whoever owns it
            continue
    return found


def _belongings(office: Office, address: str, mailbox: str, tasks: Collection[Task]) -> Belongings:
    prospect, enrollments = office.store.person(address)
    if prospect is None:
        raise Unknown(f"{address}: nobody by that address is known here")
    mine = tuple(one for one in enrollments if one.mailbox == mailbox and one.state != EnrollmentState.FINISHED)
    touches = tuple(touch for one in mine for touch in office.store.with_touches(one)[2])
    return Belongings(
        prospect=prospect, enrollments=mine, touches=touches, tasks=tuple(one for one in tasks if one.address == address)
    )


# -- going ---------------------------------------------------------------------------------------


def go(office: Office, found: Plan, by: str) -> tuple[list[Line], list[str]]:
    """Move those who can go, each for themselves, and write to both owners. Whom it did not work for, and why."""
    gone, refused, now = list[Line](), list[str](), office.clock.now()
    name = office.config.mailboxes[found.giver].name if found.giver in office.config.mailboxes else ""
    for line in found.going:
        record = handover.handover_of(
            line.prospect.address, found.giver, found.taker, name or found.giver.title(), now, by, found.until
        )
        try:
            _move(office, line.prospect.address, record, now)
        except (NotNow, Unknown) as problem:
            refused.append(f"{line.prospect.address}: {problem}")
        else:
            gone.append(line)
    if gone:
        _tell(office, found, gone, now)
    return gone, refused


def _move(office: Office, address: str, record: Handover, now: datetime) -> None:
    def judge() -> Change:
        person = _belongings(office, address, record.giver, office.store.tasks(record.giver))
        if problem := handover.why_not(person, _cadences(office, person.enrollments)):
            raise NotNow(problem)
        change = handover.moved(person, record, now)
        return change + office.summon(KIND, record.taker, record.until) if record.until else change

    desk.carry_on(office, judge)


def _tell(office: Office, found: Plan, gone: list[Line], now: datetime) -> None:
    written = list[Letter]()
    for mailbox, to_taker in ((found.taker, True), (found.giver, False)):
        if mailbox in office.config.mailboxes:
            zone = ZoneInfo(office.config.mailbox(mailbox).zone)
            subject, text = handover.letter(gone, found.giver, found.taker, found.until, zone, to_taker=to_taker)
            written.append(letters.letter(office, mailbox, KIND, subject, text, now, found.giver, found.taker, now.isoformat()))
    office.store.apply_one(Change(letters=tuple(written)))


# -- coming back ---------------------------------------------------------------------------------


def next_return(office: Office, mailbox: str, now: datetime) -> datetime | None:
    """When somebody goes back from this mailbox next; those who could not are tried again."""
    dates = [one.until for one in office.store.handovers(taker=mailbox) if one.until]
    if any(until <= now for until in dates):
        return now + AGAIN
    return min(dates, default=NEVER)


def bring_back(office: Office, mailbox: str, now: datetime) -> Change:
    """Those whose time here is over go back, with whatever is under way by now. Raises LookupError where there is nobody to go back to."""
    tasks, change, back = office.store.tasks(mailbox), Change(), dict[str, list[Line]]()
    for record in office.store.handovers(taker=mailbox):
        if record.until is None or record.until > now:
            continue
        if record.giver not in office.config.mailboxes:
            raise LookupError(f'there is no mailbox "{record.giver}" to which {record.address} could go back')
        person = _belongings(office, record.address, mailbox, tasks)
        if handover.why_not(person, _cadences(office, person.enrollments)):
            continue
        change += handover.moved(person, record, now, back=True)
        back.setdefault(record.giver, []).append(
            Line(prospect=person.prospect, enrollments=person.enrollments, tasks=len(person.tasks))
        )
    for giver, lines in back.items():
        for owner, to_taker in ((giver, True), (mailbox, False)):
            zone = ZoneInfo(office.config.mailbox(owner).zone)
            subject, text = handover.letter(lines, mailbox, giver, None, zone, to_taker=to_taker)
            about = letters.letter(office, owner, KIND, subject, text, now, mailbox, giver, "back", now.isoformat())
            change += Change(letters=(about,))
    return change
