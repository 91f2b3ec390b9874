"""People, cadences and times that the tests of the core and of the store are written with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from followupd.core import answers, lifecycle
from followupd.core.lifecycle import Start
from followupd.core.model import (
    Cadence,
    Change,
    DeliveryReport,
    Effect,
    Enrollment,
    Match,
    Prospect,
    Reading,
    Reply,
    ReplyKind,
    Step,
    Touch,
)

NOW = datetime(2026, 11, 12, 14, 0, tzinfo=UTC)  # a Thursday, 09:00 in New York


def step(position: int, **more: Any) -> Step:
    """A step, by default a mail three days after the one before."""
    channel = more.pop("channel", "email")
    return Step(**{"id": f"step-{position}", "position": position, "channel": channel, "template": "words", "after": "3d"} | more)


STEPS = (step(0, after="0m"), step(1), step(2))


def cadence(steps: tuple[Step, ...] = STEPS, **more: Any) -> Cadence:
    """A cadence of three mails that may leave at any time, so that dates are easily worked out."""
    known: dict[str, Any] = {
        "name": "proposal", "about": "", "mailbox": ("dana",), "window": "always", "holidays": (), "timezone": "America/New_York",
        "replies": {}, "retry": ("5m", "30m"),
    }  # fmt: skip
    return Cadence(**{**known, "digest": f"digest of {more.get('name', 'proposal')}", "steps": steps, **more})


def prospect(name: str = "ann", **more: Any) -> Prospect:
    """A person at a company of their own."""
    columns: Mapping[str, str] = {"first_name": name.capitalize()}
    return Prospect(**{"id": f"p-{name}", "address": f"{name}@{name}.example", "owner": "dana", "columns": columns, **more})


def begin(
    person: Prospect | None = None, plan: Cadence | None = None, now: datetime = NOW, mailbox: str = "dana", **more: Any
) -> Change:
    """The change that enrolls somebody."""
    start = Start(prospect=person or prospect(), cadence=plan or cadence(), mailbox=mailbox, source="list.csv:2", **more)
    return lifecycle.begin(start, now)


def reply(kind: ReplyKind, number: int = 1, at: datetime = NOW, **more: Any) -> Reply:
    """A mail of that kind from Ann."""
    known: dict[str, Any] = {
        "id": f"r-{number}", "mailbox": "dana", "folder": "INBOX", "uidvalidity": 1, "uid": number, "fingerprint": f"f-{number}",
        "message_id": f"answer-{number}@ann.example", "address": "ann@ann.example", "subject": "Re: words", "text": "No thanks.",
        "received": at, "seen": at, "kind": kind, "confidence": 0.9, "evidence": "No thanks", "matched": "thread",
    }  # fmt: skip
    return Reply(**known | more)


def reading(kind: ReplyKind, **more: Any) -> Reading:
    """What such a mail was read as."""
    return Reading(**{"kind": kind, "confidence": 0.9, "evidence": "No thanks", **more})


def match(enrollment: Enrollment, touch: Touch | None = None, **more: Any) -> Match:
    """Whom the mail belongs to: this enrollment, open unless said otherwise."""
    return Match(
        **{"key": "thread", "enrollment": enrollment, "prospect": prospect(), "open": (enrollment,), "touch": touch, **more}
    )


def report(recipient: str = "ann@ann.example", original: str = "") -> DeliveryReport:
    """A delivery report about an address."""
    return DeliveryReport(recipient=recipient, action="failed", status="5.1.1", diagnostic="no such user", original=original)


def effects(plan: Cadence, kind: ReplyKind, *enrollments: Enrollment) -> dict[str, tuple[Cadence, Effect]]:
    """What the cadence does with such a reply, for each enrollment that is open."""
    return {one.id: (plan, answers.effect_of(plan, kind, frozenset())) for one in enrollments}
