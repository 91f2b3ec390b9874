"""A touch made ready: its condition asked, its content item chosen, its words written.

Decides what a touch is, now: a mail, a task for the rep, or nothing. Pure, so that sending, preview and cadence tests are the
same code. Where the shelf has nothing that fits, the touch becomes a task: a poor match is worse than a rep's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd.channels import email, task
from followupd.channels.email import Written
from followupd.channels.scope import Scene, scope_of
from followupd.core.courtesy import is_acknowledgement
from followupd.core.model import (
    Company,
    Enrollment,
    HandedOver,
    Mailbox,
    Prospect,
    Reply,
    Skip,
    Step,
    Taken,
    ThreadContext,
    Touch,
)
from followupd.core.shelf import ContentItem, Nothing, Recipient, Shelf, wish_of
from followupd.core.timing import zone_for
from followupd.files.content import needs_of
from followupd.files.edition import Edition, language_of
from followupd.files.templates import Template, evaluate, names_in

BY_HAND = "by-hand"
"""The kind of the task that a mail becomes for which the shelf has nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Everything that making a touch ready needs; all of it was read before."""

    edition: Edition
    touch: Touch
    enrollment: Enrollment
    prospect: Prospect
    mailbox: Mailbox
    company: Company
    shelf: Shelf
    taken: tuple[Taken, ...]
    thread: ThreadContext
    answer: Reply | None
    now: datetime
    learned: Mapping[str, str] = field(default_factory=dict)
    key: bytes = b""  # seals the doors of a mail
    took_over_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A touch that can be carried out, and the item that goes with it."""

    content: Written | HandedOver
    item: ContentItem | None = None
    because: str = ""  # why this item


def prepare(occasion: Occasion) -> Ready | Skip:
    """The touch as it is to be carried out. Raises `CannotRender` (a value is missing), `UnsafeMessage`, or LookupError."""
    cadence = occasion.edition.cadence
    step = cadence.step(occasion.touch.step)
    if step.when and not evaluate(step.when, scope_of(_scene(occasion, step, None, ""), names_in(step.when))):
        return Skip(f"its condition does not hold: {step.when}")
    template = occasion.edition.template(step, occasion.enrollment.variant, occasion.prospect.columns.get("language", ""))
    wish = wish_of(cadence, step, needs_of(template)) if "pick" in step.fields else None
    if wish is None:
        return Ready(content=_written(occasion, step, template, None))
    zone = _zone(occasion)
    recipient = Recipient(columns=occasion.prospect.columns, taken=occasion.taken, zone=zone)
    found = occasion.shelf.choose(wish, recipient, occasion.now.astimezone(zone).date())
    if isinstance(found, Nothing):
        return Ready(content=_by_hand(occasion, step, found.because))
    return Ready(content=_written(occasion, step, template, found.item), item=found.item, because=found.because)


def _zone(occasion: Occasion) -> ZoneInfo:
    return zone_for(occasion.edition.cadence, occasion.prospect)


def _written(occasion: Occasion, step: Step, template: Template, item: ContentItem | None) -> Written | HandedOver:
    scene = _scene(occasion, step, item, language_of(template.name))
    if step.channel == "task":
        return task.write(scene, template)
    return email.write(scene, template, occasion.touch, occasion.thread, occasion.key)


def _scene(occasion: Occasion, step: Step, item: ContentItem | None, language: str) -> Scene:
    cadence = occasion.edition.cadence
    return Scene(
        cadence=cadence, step=step, prospect=occasion.prospect, mailbox=occasion.mailbox, company=occasion.company, now=occasion.now,
        zone=_zone(occasion), item=item, last_subject=occasion.thread.subject,
        reply=occasion.answer, variant=occasion.enrollment.variant, language=language, learned=occasion.learned, automatic=is_acknowledgement(occasion.enrollment),
        took_over_from=occasion.took_over_from,
    )  # fmt: skip


def _by_hand(occasion: Occasion, step: Step, because: str) -> HandedOver:
    person = occasion.prospect.columns.get("first_name") or occasion.prospect.address
    text = (
        f"{because[:1].upper()}{because[1:]}.\n\nThe step {step.id} of {occasion.edition.cadence.name} would have sent {step.template}.md"
        f"{f' ({step.brings})' if step.brings else ''}. Write to {person} yourself, or leave it: the cadence waits for your word."
    )
    return HandedOver(text=task.asking(step, text), title=f"Find something for {person}", kind=BY_HAND)
