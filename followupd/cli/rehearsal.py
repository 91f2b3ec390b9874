"""A rehearsal: one prospect's way through a cadence, played without a store and without sending anything.

Decides nothing of its own: rows are judged by `files/prospects.py`, dates come from `core/lifecycle.py`, verdicts from
`core/guards.py` and words from the channels, exactly as when it is sent. Each touch is taken to happen when it is due, each
task to be done at once, and nobody to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from followupd.channels.email import Written
from followupd.channels.prepare import Occasion, Ready, prepare
from followupd.cli import say
from followupd.core import guards, lifecycle
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Cadence,
    Change,
    Claim,
    Enrollment,
    Go,
    HandedOver,
    Mailbox,
    Prospect,
    Skip,
    Stop,
    Taken,
    ThreadContext,
    Touch,
    TouchState,
    Wait,
)
from followupd.core.outbound import UnsafeMessage, message_id
from followupd.core.timing import timing_for
from followupd.files.edition import Edition
from followupd.files.templates import CannotRender
from followupd.files.workspace import Workspace

if TYPE_CHECKING:
    from followupd.files.prospects import Row, Rules

KEY = b"preview"
"""Stands for the store's secret: Message-IDs in a preview are no real ones."""

MOST_WAITS = 20
"""A touch that is put off more often than that is shown as it then stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One touch as it would happen."""

    touch: Touch
    why: tuple[str, ...]
    subject: str = ""
    text: str = ""
    thread: str = ""
    item: str = ""
    because: str = ""  # why this item
    task: bool = False  # the rep does it: a task step, or a mail for which the shelf has nothing
    raw: bytes = b""
    skipped: str = ""
    problem: str = ""


@dataclass(slots=True)
class Rehearsal:
    """One prospect's way through a cadence, played without a store."""

    workspace: Workspace
    edition: Edition
    prospect: Prospect
    mailbox: Mailbox
    enrollment: Enrollment
    pending: list[Touch]
    ended: str = ""
    sent: int = 0
    previous: datetime | None = None
    thread: ThreadContext = field(default_factory=ThreadContext)
    taken: tuple[Taken, ...] = ()
    learned: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The prospect's zone."""
        return timing_for(self.cadence, self.prospect, self.mailbox.name).zone

    @property
    def cadence(self) -> Cadence:
        """The cadence of the edition that is played."""
        return self.edition.cadence

    def play(self) -> Iterator[Shown]:
        """Each touch in the order of its date, until the cadence is over."""
        while self.pending and not self.ended:
            touch = min(self.pending, key=lambda one: (one.due, one.position))
            self.pending.remove(touch)
            touch = replace(touch, state=TouchState.SENDING, message_id=self._message_id(touch), intended=touch.due)
            shown = self._one(touch)
            if shown is not None:
                yield shown

    def _message_id(self, touch: Touch) -> str:
        return message_id(touch.id, self.mailbox.domain, KEY) if touch.channel == "email" else ""

    def _one(self, touch: Touch) -> Shown | None:
        """What happens to one touch; None where it is put off and comes again later."""
        timing = timing_for(self.cadence, self.prospect, self.mailbox.name)
        match guards.clear_to_send(
            guards.Situation(claim=self._claim(touch), cadence=self.cadence, timing=timing, now=touch.due)
        ):
            case Go():
                return self._written(touch)
            case Wait(until, reason) if len(touch.why) < MOST_WAITS:
                self.pending.append(replace(touch, state=TouchState.SCHEDULED, due=until, why=(*touch.why, reason)))
                return None
            case Stop(_, reason):
                self.ended = reason
                return None
            case Skip(reason):
                return self._skipped(touch, reason)
            case other:
                return self._skipped(touch, other.reason)

    def _claim(self, touch: Touch) -> Claim:
        return Claim(
            touch=touch, enrollment=self.enrollment, prospect=self.prospect, thread=self.thread, epoch=0, previous_sent=self.previous,
            sent_in_cadence=self.sent, taken=self.taken,
        )  # fmt: skip

    def _written(self, touch: Touch) -> Shown:
        config = self.workspace.config
        assert config is not None
        try:
            ready = prepare(Occasion(
                edition=self.edition, touch=touch, enrollment=self.enrollment, prospect=self.prospect, mailbox=self.mailbox,
                company=config.who(), shelf=self.workspace.shelf, taken=self.taken, thread=self.thread, answer=None, now=touch.due,
                learned=self.learned, key=KEY,
            ))  # fmt: skip
        except (CannotRender, UnsafeMessage, LookupError) as problem:
            self._settle(touch, TouchFact.ACCEPTED)
            return Shown(touch=touch, why=touch.why, problem=str(problem))
        if isinstance(ready, Skip):
            return self._skipped(touch, ready.reason)
        self.sent += 1
        if ready.item:
            self.taken += (
                Taken(address=touch.address, item=ready.item.name, ours=ready.item.ours, at=touch.due, touch=touch.id),
            )
        return (
            self._task(touch, ready.content, ready)
            if isinstance(ready.content, HandedOver)
            else self._mail(touch, ready.content, ready)
        )

    def _mail(self, touch: Touch, written: Written, ready: Ready) -> Shown:
        references = (*(() if written.opens else self.thread.references), touch.message_id)
        subject = written.subject if written.opens else self.thread.subject
        self.thread = ThreadContext(subject=subject, last_id=touch.message_id, references=references)
        self.previous = touch.due
        self._settle(touch, TouchFact.ACCEPTED)
        return Shown(
            touch=touch, why=touch.why, subject=written.subject, text=written.rendered.text, thread="new" if written.opens else "same",
            item=ready.item.name if ready.item else "", because=ready.because, raw=written.raw,
        )  # fmt: skip

    def _task(self, touch: Touch, note: HandedOver, ready: Ready) -> Shown:
        self._settle(replace(touch, state=TouchState.OPEN), TouchFact.DONE)
        return Shown(
            touch=touch, why=touch.why, subject=note.title, text=note.text, item=ready.item.name if ready.item else "", because=ready.because,
            task=True,
        )  # fmt: skip

    def _skipped(self, touch: Touch, reason: str) -> Shown:
        self._settle(touch, TouchFact.NOT_WANTED)
        return Shown(touch=touch, why=touch.why, skipped=reason)

    def _settle(self, touch: Touch, fact: TouchFact) -> None:
        """The touch is over at its due time; what the cadence waits for next is scheduled."""
        change = lifecycle.settle(touch, self.enrollment, self.cadence, self.prospect, fact, touch.due, "")
        self.enrollment = next(iter(change.enrollments), self.enrollment)
        self.pending += [one for one in change.touches if one.id != touch.id]


# -- whose way -----------------------------------------------------------------------------------


def rehearse(
    workspace: Workspace, cadence: Cadence, row: Row, rules: Rules, now: datetime, variant: str = "", learned: Mapping[str, str] | None = None
) -> Rehearsal:  # fmt: skip
    """The way of the person in a row, who is enrolled at `now`. A row that intake would reject is a Fault.

    `variant` is the arm that is taken to be drawn; by itself the first one. `learned` are facts that are taken to be known.
    """
    from followupd.enroll import prospect_of
    from followupd.files.prospects import Rejection, judge
    from followupd.office import mailbox_for

    judged = judge(row, rules)
    if isinstance(judged, Rejection):
        raise say.Fault(f"row {judged.line} would be rejected: {judged.reason}")
    prospect = prospect_of(judged, cadence)
    assert workspace.config is not None
    name = mailbox_for(cadence, judged.owner, judged.address)
    start = lifecycle.Start(
        prospect=prospect, cadence=cadence, mailbox=name, source="preview", start_at=judged.start_at, start_step=judged.start_step
    )
    try:
        begun: Change = lifecycle.begin(start, now)
    except ValueError as problem:
        raise say.Fault(f"row {judged.line} can't be planned: {problem}") from problem
    enrollment = replace(begun.enrollments[0], variant=variant or begun.enrollments[0].variant)
    return Rehearsal(
        workspace=workspace, edition=workspace.editions[cadence.name], prospect=prospect, mailbox=workspace.config.mailbox(name),
        enrollment=enrollment, pending=list(begun.touches), learned=learned or {},
    )  # fmt: skip
