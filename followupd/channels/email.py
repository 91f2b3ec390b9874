"""The channel `email`: a message from the mailbox to the prospect.

    - id: first-idea
      email: value            # templates/value.md
      pick: {match: [goals, challenges], ours: false}
      doors: [yes, later, no]

Decides the words and the envelope of a mail; pure, so that preview, golden files and sending are the same code. Sending
itself is `channels/smtp.py`. Every mail carries an opt-out line, the postal address where one is configured, and
List-Unsubscribe by mailto (RFC 2369).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd.channels.phrases import opt_out
from followupd.channels.scope import Scene, scope_of
from followupd.core.model import Company, Mailbox, Prospect, Rendered, Thread, ThreadContext, Touch
from followupd.core.outbound import DOOR_NAMES, Envelope, compose, door_token, plus_address, subject_of
from followupd.files.blanks import says_nothing
from followupd.files.templates import Template, names_of, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail as it will leave."""

    raw: bytes
    subject: str
    rendered: Rendered
    opens: bool  # it begins a conversation


def write(scene: Scene, template: Template, touch: Touch, thread: ThreadContext, key: bytes = b"") -> Written:
    """The finished mail; `key` seals its doors. Raises `CannotRender` (a value is missing) or `UnsafeMessage` (it must not leave as it is)."""
    if scene.mailbox.plus:
        scene = replace(scene, answers_to=plus_address(scene.mailbox.address, touch.message_id))
    names = names_of(template)
    if key and "doors" in names:
        scene = replace(scene, tokens={door: door_token(touch.id, door, key) for door in DOOR_NAMES})
    rendered = render(template, scope_of(scene, names), footer=footer(scene.company, scene.language))
    same_thread = scene.step.thread == Thread.SAME and bool(thread.last_id)
    envelope = envelope_of(scene, touch, thread, rendered, same_thread=same_thread)
    raw = compose(rendered, envelope)
    return Written(raw=raw, subject=subject_of(rendered, thread, same_thread), rendered=rendered, opens=not same_thread)


def envelope_of(scene: Scene, touch: Touch, thread: ThreadContext, rendered: Rendered, *, same_thread: bool) -> Envelope:
    """Who writes to whom, when, and in which conversation. The Date is that of the first intent, in the mailbox's zone."""
    return Envelope(
        sender=scene.mailbox.address, sender_name=scene.mailbox.display_name, recipient=scene.prospect.address,
        recipient_name=name_of(scene.prospect), date=_local(touch.intended or scene.now, scene.mailbox), message_id=touch.message_id,
        touch=touch.id, thread=thread, same_thread=same_thread, list_unsubscribe=(f"mailto:{scene.answers_to or scene.mailbox.address}?subject=unsubscribe",),
        reply_to=rendered.reply_to, automatic=scene.automatic,
    )  # fmt: skip


def name_of(prospect: Prospect) -> str:
    """First and last name as the row gave them, without what stands for nothing."""
    names = (prospect.columns.get(column, "") for column in ("first_name", "last_name"))
    return " ".join(name for name in names if not says_nothing(name))


def footer(company: Company, language: str = "") -> str:
    """The last lines of every mail: how to stop it, and who we are (CAN-SPAM asks for a postal address)."""
    who = ", ".join(part for part in (company.name, company.postal_address) if part)
    return f"{opt_out(language)}\n{who}".strip()


def _local(at: datetime, mailbox: Mailbox) -> datetime:
    return at.astimezone(ZoneInfo(mailbox.zone))
