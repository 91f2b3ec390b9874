"""What a calendar mail says of a meeting with somebody, and which meetings lie ahead.

Decides whether a meeting is one that a cadence waits for: one, with a beginning and an end, that lies ahead and not years away; never a series.
A stale message (a lower SEQUENCE, RFC 5546 section 2.1.5) changes nothing. What is known of a meeting is kept as facts about the person,
of which the latest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from followupd.core.lifecycle import made_id
from followupd.core.model import Enrollment, EnrollmentState, Fact, Invitation

ABOUT = "meeting"
"""What a fact is about that tells of a meeting."""

PAUSED_FOR = "a meeting"
"""Begins the reason of a pause that lasts until a meeting is over."""

FARTHEST = timedelta(days=180)
"""A meeting farther away is no reason to be quiet until then: a human is asked."""

LONGEST = timedelta(days=14)

KEPT = re.compile(r"(\S+)/(\S+) (ahead|off) (\d+)")
BEFORE = re.compile(r"; before that until (\S+)$")


class Saying(StrEnum):
    """What a calendar mail says."""

    AHEAD = "ahead"  # there is a meeting, and both sides know of it
    OFF = "off"  # there is none any more
    STALE = "stale"  # something newer is known
    ASK = "ask"  # a counter-proposal, a maybe, a series, or a date that can't be


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting, as far as it is known. `name` is made of its UID."""

    name: str
    begins: datetime
    ends: datetime
    edition: int = 0
    ahead: bool = True


def said(invitation: Invitation, known: Mapping[str, Meeting], zone: ZoneInfo, now: datetime) -> tuple[Saying, Meeting | None]:
    """What a calendar mail says, and the meeting that it is about. A time without a zone is by the clock of `zone`."""
    name = made_id(ABOUT, invitation.uid)
    before = known.get(name) if invitation.uid else None
    if before is not None and invitation.edition < before.edition:
        return Saying.STALE, before
    cancelled = invitation.method == "CANCEL" or invitation.status == "CANCELLED"
    if cancelled or (invitation.method, invitation.answer) == ("REPLY", "DECLINED"):
        return (Saying.OFF, replace(before, ahead=False, edition=invitation.edition)) if before else (Saying.ASK, None)
    if not (invitation.method == "REQUEST" or (invitation.method, invitation.answer) == ("REPLY", "ACCEPTED")):
        return Saying.ASK, None
    found = _dated(invitation, name, before, zone)
    if found is None or invitation.recurs or not invitation.uid or not (now < found.ends and found.begins < now + FARTHEST):
        return Saying.ASK, None
    return (Saying.AHEAD, found) if found.ends - found.begins <= LONGEST else (Saying.ASK, None)


def _dated(invitation: Invitation, name: str, before: Meeting | None, zone: ZoneInfo) -> Meeting | None:
    """With its beginning and its end; an answer that leaves them out means those that are known."""
    begins, ends = invitation.begins, invitation.ends
    if begins is None or ends is None:
        return replace(before, ahead=True) if before and invitation.method == "REPLY" else None
    begins, ends = ((one if one.tzinfo else one.replace(tzinfo=zone)).astimezone(UTC) for one in (begins, ends))
    return Meeting(name=name, begins=begins, ends=ends, edition=invitation.edition)


# -- as facts ------------------------------------------------------------------------------------


def fact_about(meeting: Meeting, enrollment: Enrollment, source: str, now: datetime) -> Fact:
    """What is kept of a meeting."""
    value = f"{meeting.begins:%FT%TZ}/{meeting.ends:%FT%TZ} {'ahead' if meeting.ahead else 'off'} {meeting.edition}"
    return Fact(
        id=made_id("fact", enrollment.address, meeting.name, value, f"{now:%FT%T.%f}", length=16), address=enrollment.address, name=meeting.name,
        value=value, at=now, about=ABOUT, source=source, enrollment=enrollment.id,
    )  # fmt: skip


def meetings_in(facts: Iterable[Fact]) -> dict[str, Meeting]:
    """The meetings that facts about a person tell of, by name."""
    found = {}
    for one in sorted((each for each in facts if each.about == ABOUT), key=lambda each: each.at):
        if match := KEPT.fullmatch(one.value):
            found[one.name] = Meeting(
                name=one.name, begins=datetime.fromisoformat(match[1]), ends=datetime.fromisoformat(match[2]), ahead=match[3] == "ahead",
                edition=int(match[4]),
            )  # fmt: skip
    return found


def next_ahead(meetings: Iterable[Meeting], now: datetime) -> Meeting | None:
    """The first meeting that is not over yet."""
    return min((one for one in meetings if one.ahead and one.ends > now), key=lambda one: one.begins, default=None)


# -- the pause -----------------------------------------------------------------------------------


def waits_for_meeting(enrollment: Enrollment) -> bool:
    """Whether it is paused until a meeting is over."""
    return enrollment.state == EnrollmentState.PAUSED and enrollment.reason.startswith(PAUSED_FOR)


def rests_until(enrollment: Enrollment) -> datetime | None:
    """Until when it would rest without any meeting: an earlier pause that a meeting has made longer, or that lasts longer."""
    if enrollment.state != EnrollmentState.PAUSED:
        return None
    if not enrollment.reason.startswith(PAUSED_FOR):
        return enrollment.until
    match = BEFORE.search(enrollment.reason)
    return datetime.fromisoformat(match[1]) if match else None
