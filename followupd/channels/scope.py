"""What a template may speak of: plain copies of what we know about a touch.

Decides which facts are shown to the words of a message, for sending, preview and tests alike. Hands out text, numbers
and dates only, never a live object: a template that could reach a mailbox could read its password.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from followupd.channels import phrases
from followupd.core.model import Cadence, Company, Mailbox, Prospect, Reply, Step, ThreadContext
from followupd.core.replies.reasons import quoted
from followupd.files.blanks import says_nothing
from followupd.files.content import ContentItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that writing a touch needs; all of it was read before."""

    cadence: Cadence
    step: Step
    prospect: Prospect
    mailbox: Mailbox
    company: Company
    now: datetime
    zone: ZoneInfo  # of the prospect
    item: ContentItem | None = None
    last_subject: str = ""
    reply: Reply | None = None
    variant: str = ""
    language: str = ""  # of the message
    learned: Mapping[str, str] = field(default_factory=dict)
    answers_to: str = ""  # where doors lead, if not to the mailbox's own address
    tokens: Mapping[str, str] = field(default_factory=dict)  # what proves that an answer came through a door, by door
    took_over_from: str = ""  # whose place the owner has taken, in the first mail after that
    automatic: bool = False  # a machine's answer to their mail, and its header says so


def scope_of(scene: Scene, names: Mapping[str, frozenset[str] | None] | None = None) -> dict[str, Any]:
    """The names that templates know (`docs/cadence.md`), or those of them that one speaks of, with the columns that it names."""
    wanted = dict.fromkeys(_GIVEN) if names is None else names
    return {name: _person(scene.prospect, parts) if name == "prospect" else _GIVEN[name](scene) for name, parts in wanted.items()}


def _person(prospect: Prospect, parts: frozenset[str] | None) -> dict[str, str]:
    columns = prospect.columns if parts is None else {part: prospect.columns[part] for part in parts if part in prospect.columns}
    return {**_said(columns), "email": prospect.address}


_GIVEN: Mapping[str, Callable[[Scene], Any]] = {
    "prospect": lambda scene: _person(scene.prospect, None),
    "owner": lambda scene: {**owner_of(scene.mailbox), "took_over_from": scene.took_over_from},
    "mailbox": lambda scene: {"address": scene.mailbox.address, "name": scene.mailbox.name},
    "company": lambda scene: {"name": scene.company.name, "postal_address": scene.company.postal_address},
    "cadence": lambda scene: {"name": scene.cadence.name, "about": scene.cadence.about, "variant": scene.variant},
    "step": lambda scene: {"id": scene.step.id, "brings": scene.step.brings or "", "learn": scene.step.learn or ""},
    "pick": lambda scene: item_of(scene.item),
    "last": lambda scene: {"subject": scene.last_subject},
    "reply": lambda scene: reply_of(scene.reply),
    "learned": lambda scene: dict(scene.learned),
    "doors": lambda scene: doors_of(scene.answers_to or scene.mailbox.address, scene.language, scene.tokens),
    "today": lambda scene: scene.now.astimezone(scene.zone).date(),
}


SCOPE: Mapping[str, tuple[str, ...]] = {
    "prospect": ("*",),
    "owner": ("name", "first_name", "address", "signature", "took_over_from"),
    "mailbox": ("address", "name"),
    "company": ("name", "postal_address"),
    "cadence": ("name", "about", "variant"),
    "step": ("id", "brings", "learn"),
    "pick": ("title", "url", "source", "result", "minutes", "body"),
    "last": ("subject",),
    "reply": ("quote", "kind", "reason", "because", "contact"),
    "learned": ("*",),
    "doors": ("yes", "later", "no"),
    "today": (),
}
"""What `scope_of` gives, for `files/proof.py`: the parts of each name. `*`: whatever the data holds; none: one value."""


def _said(columns: Mapping[str, str]) -> dict[str, str]:
    """What we know of a person: "N/A" and its like are not shown to a template, so that none greets by it."""
    return {column: text for column, text in columns.items() if not says_nothing(text)}


def owner_of(mailbox: Mailbox) -> dict[str, str]:
    """The rep in whose name the mail is written."""
    name = mailbox.display_name
    return {
        "name": name,
        "first_name": name.partition(" ")[0],
        "address": mailbox.address,
        "signature": mailbox.signature.strip(),
    }


def reply_of(reply: Reply | None) -> dict[str, str]:
    """The prospect's answer: their own words, and the reason in them."""
    if reply is None:
        return {}
    return {
        "quote": _quote(reply),
        "kind": reply.kind.value,
        "reason": reply.reason.value if reply.reason else "",
        "because": quoted(reply.text, reply.reason),
        "contact": reply.contact or "",
    }


def _quote(reply: Reply) -> str:
    return " ".join((reply.text or reply.subject).split())[:300]


def item_of(item: ContentItem | None) -> dict[str, Any]:
    """The content item that was picked for this person."""
    if item is None:
        return {}
    fields = {name: getattr(item, name, None) for name in ("title", "url", "source", "result", "minutes", "body")}
    return {name: value for name, value in fields.items() if value not in (None, "")}


def doors_of(address: str, language: str = "", tokens: Mapping[str, str] | None = None) -> dict[str, str]:
    """Links that open a ready answer in the prospect's own mail program (RFC 6068); nothing happens until they send it."""
    known = tokens or {}
    return {
        door: f"mailto:{_quoted(address, '@+')}?subject={quote(' '.join((subject, known.get(door, ''))).strip())}&body={_quoted(words)}"
        for door, (subject, words) in phrases.doors(language).items()
    }


@lru_cache(maxsize=512)
def _quoted(text: str, safe: str = "/") -> str:
    return quote(text, safe=safe)


def last_subject(thread: ThreadContext) -> str:
    """The subject of the conversation, for templates."""
    return thread.subject
