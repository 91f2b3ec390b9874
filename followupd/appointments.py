"""Meetings pause a cadence until they are over: what an invitation, its answer, its move or its end does to whom it is about.

Decides nothing about what a calendar mail says (`core/meeting.py`); only people under way are concerned, and only mails that are believed get
here. A pause that somebody has asked for stays: a meeting makes it longer, never shorter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from followupd.core import lifecycle, meeting, when
from followupd.core.lifecycle import EnrollmentFact
from followupd.core.meeting import Meeting, Saying
from followupd.core.model import Change, Enrollment, EnrollmentState, Event, Invitation
from followupd.office import Office


def told(office: Office, mailbox: str, address: str, invitation: Invitation, now: datetime) -> tuple[Saying, Meeting | None]:
    """What a calendar mail says of a meeting with this person."""
    return meeting.said(invitation, meeting.meetings_in(office.store.facts(address)), office.zone(mailbox), now)


def arranged(
    office: Office, saying: Saying, found: Meeting | None, enrollments: Iterable[Enrollment], now: datetime, source: str
) -> Change:
    """A meeting lies ahead, was moved, or is off: the person's cadences rest until the last one is over, or go on."""
    mine = tuple(enrollments)
    if found is None or saying not in (Saying.AHEAD, Saying.OFF) or not mine:
        return Change()
    address = mine[0].address
    known = meeting.meetings_in(office.store.facts(address)) | {found.name: found}
    ahead = [one for one in known.values() if one.ahead and one.ends > now]
    last = max(ahead, key=lambda one: one.ends, default=None)
    spoken = when.speak(found.begins, office.zone(mine[0].mailbox))
    text = f"a meeting on {spoken}" if found.ahead else f"the meeting on {spoken} is off"
    change = Change(
        facts=(meeting.fact_about(found, mine[0], source, now),),
        events=(Event(at=now, kind="meeting", text=f"{text} ({source})", address=address, enrollment=mine[0].id),),
    )
    for one in mine:
        change += _rests(one, last, text, now) if last else _goes_on(office, one, now)
    return change


def _rests(enrollment: Enrollment, last: Meeting, text: str, now: datetime) -> Change:
    """Nothing is sent before the last meeting is over. Who waits for a human goes on waiting for that human."""
    if enrollment.state not in (EnrollmentState.ACTIVE, EnrollmentState.PAUSED):
        return Change()
    former = meeting.rests_until(enrollment)
    for_good = enrollment.state == EnrollmentState.PAUSED and former is None and not meeting.waits_for_meeting(enrollment)
    if for_good or (former is not None and former >= last.ends and not meeting.waits_for_meeting(enrollment)):
        return Change()
    reason = f"{meeting.PAUSED_FOR}{text.removeprefix('a meeting') if text.startswith('a meeting') else ''}"
    reason += f"; before that until {former:%FT%TZ}" if former is not None else ""
    change = lifecycle.put_off(enrollment, max(last.ends, former or last.ends), reason, now)
    return change + Change(
        enrollments=tuple(replace(one, until=max(last.ends, former or last.ends)) for one in change.enrollments)
    )


def _goes_on(office: Office, enrollment: Enrollment, now: datetime) -> Change:
    """No meeting lies ahead any more: a pause for it is over, one that lasted before it goes on."""
    if not meeting.waits_for_meeting(enrollment):
        return Change()
    former = meeting.rests_until(enrollment)
    if former is not None and former > now:
        return Change(enrollments=(replace(enrollment, until=former, reason="as they asked before the meeting"),))
    _, prospect, touches = office.store.with_touches(enrollment)
    return lifecycle.wake(enrollment, touches, office.cadence(enrollment.digest), prospect, now, EnrollmentFact.RESUME)
