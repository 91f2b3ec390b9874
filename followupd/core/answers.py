"""What follows from an answer? The default effects, how far a mail is believed, and the consequences for each cadence.

Decides what a received mail changes, once it is known what it means. Never moves a state by itself: that is
`lifecycle.py`, whose functions it puts together.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from followupd.core import timing as times
from followupd.core.lifecycle import GONE, OVER, TouchFact, finish, hold, made_id, move_touch, noted, put_off, settle
from followupd.core.model import (
    Cadence,
    Change,
    Effect,
    Enrollment,
    Event,
    Match,
    Outcome,
    Prospect,
    Reading,
    Reply,
    ReplyKind,
    Suppression,
    Task,
    Touch,
)

DEFAULT_EFFECTS: dict[ReplyKind, Effect] = {
    ReplyKind.YES: Effect(move="finish", outcome=Outcome.YES, task="Call {{ prospect.first_name }}: {{ reply.quote }}"),
    ReplyKind.NO: Effect(move="finish", outcome=Outcome.NO, enroll="after-the-no"),
    ReplyKind.LATER: Effect(move="pause", pause="30d"),
    ReplyKind.ENGAGED: Effect(move="hold", task="Answer this: {{ reply.quote }}"),
    ReplyKind.REFERRAL: Effect(move="finish", outcome=Outcome.REFERRED, task="Somebody else was named: {{ reply.quote }}"),
    ReplyKind.UNSUBSCRIBE: Effect(move="finish", outcome=Outcome.OPTED_OUT, suppress=True),
    ReplyKind.OUT_OF_OFFICE: Effect(move="pause", pause="7d"),
    ReplyKind.AUTO_REPLY: Effect(move="continue"),
    ReplyKind.BOUNCE_HARD: Effect(move="finish", outcome=Outcome.BOUNCED, suppress=True),
    ReplyKind.BOUNCE_SOFT: Effect(move="pause", pause="3d"),
    ReplyKind.BOUNCE_BLOCKED: Effect(move="pause", pause="7d"),
    ReplyKind.COMPLAINT: Effect(move="finish", outcome=Outcome.OPTED_OUT, suppress=True),
    ReplyKind.UNCLEAR: Effect(move="hold", task="What does this mean? {{ reply.quote }}"),
}
"""What each kind does where the cadence says nothing (the table of the manual). The rep reads the task texts."""

AUTOMATIC = frozenset({
    ReplyKind.OUT_OF_OFFICE, ReplyKind.AUTO_REPLY, ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED,
    ReplyKind.COMPLAINT,
})  # fmt: skip
"""Kinds that no human typed: they count nowhere as a reply."""

BOUNCES = frozenset({ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED})

REPORTS = BOUNCES | {ReplyKind.COMPLAINT}
"""Kinds that machines write about a mail of ours. Whom such a mail comes from says nothing: they are believed by what they name."""


SOFT_BOUNCES = 3
"""After so many soft bounces in one enrollment a human must look (Gmail and Postfix give up in about that many days)."""


def effect_of(cadence: Cadence, kind: ReplyKind, known_cadences: frozenset[str]) -> Effect:
    """The cadence's own effect, else the default one; a default `enroll` counts only where that cadence exists."""
    found = cadence.replies.get(kind) or DEFAULT_EFFECTS[kind]
    # What only the default says is meant for workspaces that have such a cadence, and never for that cadence itself.
    absent = found.enroll not in known_cadences or found.enroll == cadence.name
    return replace(found, enroll=None) if absent and found.enroll == DEFAULT_EFFECTS[kind].enroll else found


def after_reply(
    reply: Reply,
    reading: Reading,
    match: Match,
    cadences: dict[str, tuple[Cadence, Effect]],
    now: datetime,
    *,
    writer: bool = True,
) -> Change:
    """What follows from a received mail. `cadences` holds, for each open enrollment, its cadence and the effect there.
    `writer`: an opt-out counts at least for whoever wrote it.

    The mail itself is recorded in the same change. It acts on every open enrollment of the person: who has answered has
    answered, whichever mail the answer was to. A finished enrollment only remembers it.
    """
    change = Change(replies=(reply,), events=(_reply_event(reply, match, now),))
    suppress = reply.kind in (ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT, ReplyKind.BOUNCE_HARD)
    # Also after the end: an opt-out is an opt-out, whenever it comes.
    if suppress or any(effect.suppress for _, effect in cadences.values()):
        change += Change(
            suppressions=(
                Suppression(key=match.prospect.address, reason=_why_suppressed(reply.kind), source=f"reply {reply.id}", at=now),
            )
        )
    if writer and reading.kind == ReplyKind.UNSUBSCRIBE and reply.address and reply.address != match.prospect.address:
        own_wish = Suppression(key=reply.address, reason="asked for no more mail", source=f"reply {reply.id}", at=now)
        change += Change(suppressions=(own_wish,))
    if match.touch is not None and match.touch.enrollment not in cadences:
        change += _proof(match.touch, reply, now)
    for enrollment in match.open:
        cadence, effect = cadences[enrollment.id]
        if match.touch is not None and match.touch.enrollment == enrollment.id:
            change += _proof_in(match.touch, enrollment, cadence, match.prospect, reply, now)
            enrollment = next((row for row in change.enrollments if row.id == enrollment.id), enrollment)
        change += _effect(effect, enrollment, cadence, reply, match, now)
    if not match.open and reply.kind not in AUTOMATIC and reply.kind != ReplyKind.UNSUBSCRIBE:
        change += Change(
            tasks=(chore(reply, match.enrollment, "read", f"{match.prospect.address} wrote after the end", reply.text, now),)
        )
    return change


DOUBTED = Effect(move="hold", task="Is this theirs? {{ prospect.email }}: {{ reply.quote }}")
"""What a mail does that is not believed. No cadence can say otherwise: somebody may have answered."""


def doubt_in(reply: Reply) -> str:
    """Why a reply was not believed, as its evidence says; nothing where it was."""
    doubt, sign, _ = reply.evidence.partition(READS_LIKE)
    return doubt if sign else ""


READS_LIKE = "; reads like "


def only_recorded(reply: Reply, match: Match, now: datetime) -> Change:
    """A mail that has no effect but to be read by a human."""
    return Change(replies=(reply,), events=(_reply_event(reply, match, now),))


def hold_writer(reply: Reply, enrollments: tuple[Enrollment, ...], now: datetime) -> Change:
    """Whoever answers in another person's conversation has answered, too: nothing more is sent to them before a human has looked."""
    change = Change()
    for enrollment in enrollments:
        change += hold(enrollment, f"{reply.address} wrote in another conversation: {reply.evidence}", now)
        change += Change(
            tasks=(chore(reply, enrollment, "read", f"{reply.address} wrote in another conversation", reply.text, now),)
        )
    return change


def chore(reply: Reply, enrollment: Enrollment, kind: str, title: str, text: str, now: datetime) -> Task:
    """A task for the owner that comes from a reply."""
    return Task(
        id=made_id(kind, reply.id, enrollment.id, length=6), owner=enrollment.mailbox, address=enrollment.address, kind=kind, title=title[:200],
        text=text[:2000], created=now, enrollment=enrollment.id, reply=reply.id,
    )  # fmt: skip


def _effect(effect: Effect, enrollment: Enrollment, cadence: Cadence, reply: Reply, match: Match, now: datetime) -> Change:
    quote = f"{reply.kind}: {reply.evidence}"
    if reply.kind == ReplyKind.BOUNCE_SOFT and match.soft_bounces + 1 >= SOFT_BOUNCES:
        return hold(enrollment, f"{match.soft_bounces + 1} soft bounces: {reply.evidence}", now)
    match effect.move:
        case "finish":
            return finish(enrollment, effect.outcome or Outcome.STOPPED, quote, now, answer=reply.id)
        case "pause":
            until = _resume_at(effect, cadence, reply, match.prospect, enrollment.mailbox, now)
            return put_off(enrollment, until, quote, now)
        case "hold":
            return hold(enrollment, quote, now)
        case _:
            return Change()


def _resume_at(effect: Effect, cadence: Cadence, reply: Reply, prospect: Prospect, mailbox: str, now: datetime) -> datetime:
    """The date in the reply, else the cadence's own length. After an absence one business day more: a full inbox comes first."""
    timing = times.timing_for(cadence, prospect, mailbox)
    if reply.resume is None:
        return timing.after(now, effect.pause or "30d", "the reply").at
    morning = datetime.combine(reply.resume, time(0), timing.zone).astimezone(UTC)
    if reply.kind == ReplyKind.OUT_OF_OFFICE:
        morning = timing.after(morning, "1bd", "the return").at
    return max(morning, now + timedelta(hours=1))


def _proof(touch: Touch, reply: Reply, now: datetime) -> Change:
    """A mail that names the Message-ID of a touch proves that the touch was sent; a failed report, that it failed."""
    fact, text = _what_it_proves(reply)
    state = move_touch(touch, fact)
    if state == touch.state:
        return Change()
    proved = replace(touch, state=state, settled=touch.settled or now, text=text[:300], token="")
    return Change(touches=(proved,), events=(noted(proved, now),))


def _proof_in(touch: Touch, enrollment: Enrollment, cadence: Cadence, prospect: Prospect, reply: Reply, now: datetime) -> Change:
    """The same, in an enrollment that is open: if the cadence waited for this touch, it goes on; a doubt is cleared."""
    fact, text = _what_it_proves(reply)
    if touch.state in OVER:
        return _proof(touch, reply, now)
    return settle(touch, enrollment, cadence, prospect, fact, now, text)


def _what_it_proves(reply: Reply) -> tuple[TouchFact, str]:
    if reply.kind in BOUNCES:
        return TouchFact.BOUNCED, f"delivery report {reply.id}: {reply.evidence}"
    return TouchFact.PROVED, f"proved by reply {reply.id}"


def _reply_event(reply: Reply, match: Match, now: datetime) -> Event:
    return Event(
        at=now, kind="reply", text=f"{reply.address or 'somebody'} answered: {reply.kind} ({reply.evidence})"[:600], address=match.prospect.address,
        enrollment=match.enrollment.id, touch=match.touch.id if match.touch else "",
        data={
            "kind": reply.kind.value, "reply": reply.id, "matched": reply.matched, "received": reply.received.isoformat(),
            "reason": reply.reason.value if reply.reason else "", "by": reply.decided_by,
        },
    )  # fmt: skip


def _why_suppressed(kind: ReplyKind) -> str:
    return {
        ReplyKind.UNSUBSCRIBE: "asked for no more mail",
        ReplyKind.COMPLAINT: "complained about a mail",
        ReplyKind.BOUNCE_HARD: GONE,
    }.get(kind, f"after a reply: {kind}")
