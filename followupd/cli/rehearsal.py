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

from followupd.channels import email, task
from followupd.channels.scope import Scene, scope_of
from followupd.cli import say
from followupd.core import guards, lifecycle, shelf
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Cadence,
    Change,
    Claim,
    Enrollment,
    Go,
    Mailbox,
    Prospect,
    Skip,
    Step,
    Stop,
    ThreadContext,
    Touch,
    TouchState,
    Wait,
)
from followupd.core.outbound import UnsafeMessage, message_id
from followupd.core.shelf import ContentItem
from followupd.core.timing import timing_for
from followupd.files.templates import CannotRender, evaluate
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
    raw: bytes = b""
    skipped: str = ""
    problem: str = ""


@dataclass(slots=True)
class Rehearsal:
    """One prospect's way through a cadence, played without a store."""

    workspace: Workspace
    cadence: Cadence
    prospect: Prospect
    mailbox: Mailbox
    enrollment: Enrollment
    pending: list[Touch]
    ended: str = ""
    sent: int = 0
    previous: datetime | None = None
    thread: ThreadContext = field(default_factory=ThreadContext)
    taken: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The prospect's zone."""
        return timing_for(self.cadence, self.prospect).zone

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
        timing = timing_for(self.cadence, self.prospect)
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
            touch=touch, enrollment=self.enrollment, prospect=self.prospect, cadence_text="", thread=self.thread, epoch=0,
            previous_sent=self.previous, sent_in_cadence=self.sent, taken_items=self.taken,
        )  # fmt: skip

    def _written(self, touch: Touch) -> Shown:
        step = self.cadence.steps[touch.position]
        try:
            scene = self._scene(step, touch.due)
            if step.when and not evaluate(step.when, scope_of(scene)):
                return self._skipped(touch, f"its condition does not hold: {step.when}")
            template = self.workspace.template(step)
            shown = (
                self._task(touch, scene)
                if step.channel == "task"
                else self._mail(touch, email.write(scene, template, touch, self.thread), scene)
            )
        except (CannotRender, UnsafeMessage) as problem:
            self._settle(touch, TouchFact.ACCEPTED)
            return Shown(touch=touch, why=touch.why, problem=str(problem))
        self.sent += 1
        self.taken += (scene.item.name,) if scene.item else ()
        return shown

    def _scene(self, step: Step, now: datetime) -> Scene:
        config = self.workspace.config
        assert config is not None
        return Scene(
            cadence=self.cadence, step=step, prospect=self.prospect, mailbox=self.mailbox, company=config.who(), now=now, zone=self.zone,
            item=self._picked(step, now), last_subject=self.thread.subject,
        )  # fmt: skip

    def _picked(self, step: Step, now: datetime) -> ContentItem | None:
        wish = step.fields.get("pick")
        if not isinstance(wish, Mapping):
            return None
        match = tuple(wish.get("match") or ())
        day = now.astimezone(self.zone).date()
        item = shelf.choose(self.workspace.items, self.prospect.columns, match, wish.get("ours"), frozenset(self.taken), day)
        if item is None:
            raise CannotRender(f"nothing on the shelf fits this person's {', '.join(match) or 'interests'}; add to content/")
        return item

    def _mail(self, touch: Touch, written: email.Written, scene: Scene) -> Shown:
        references = (*(() if written.opens else self.thread.references), touch.message_id)
        subject = written.subject if written.opens else self.thread.subject
        self.thread = ThreadContext(subject=subject, last_id=touch.message_id, references=references)
        self.previous = touch.due
        self._settle(touch, TouchFact.ACCEPTED)
        return Shown(
            touch=touch, why=touch.why, subject=written.subject, text=written.rendered.text, thread="new" if written.opens else "same",
            item=scene.item.name if scene.item else "", raw=written.raw,
        )  # fmt: skip

    def _task(self, touch: Touch, scene: Scene) -> Shown:
        note = task.write(scene, self.workspace.template(scene.step))
        self._settle(replace(touch, state=TouchState.OPEN), TouchFact.DONE)
        return Shown(touch=touch, why=touch.why, subject=note.title, text=note.text, item=scene.item.name if scene.item else "")

    def _skipped(self, touch: Touch, reason: str) -> Shown:
        self._settle(touch, TouchFact.NOT_WANTED)
        return Shown(touch=touch, why=touch.why, skipped=reason)

    def _settle(self, touch: Touch, fact: TouchFact) -> None:
        """The touch is over at its due time; what the cadence waits for next is scheduled."""
        change = lifecycle.settle(touch, self.enrollment, self.cadence, self.prospect, fact, touch.due, "")
        self.enrollment = next(iter(change.enrollments), self.enrollment)
        self.pending += [one for one in change.touches if one.id != touch.id]


# -- whose way -----------------------------------------------------------------------------------


def rehearse(workspace: Workspace, cadence: Cadence, row: Row, rules: Rules, now: datetime) -> Rehearsal:
    """The way of the person in a row, who is enrolled at `now`. A row that intake would reject is a Fault."""
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
    return Rehearsal(
        workspace=workspace, cadence=cadence, prospect=prospect, mailbox=workspace.config.mailbox(name), enrollment=begun.enrollments[0],
        pending=list(begun.touches),
    )  # fmt: skip
