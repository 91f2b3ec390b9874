"""An edition of a cadence: its text, what it inherits, and the messages that it uses, named together by one digest.

Decides which texts belong together. Enrollments keep the edition that they began with; whatever is edited later reaches
them only through `migrate-cadence`. Content items are no part of it: they are chosen from the shelf of the day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from followupd.core.model import Cadence, Effect, ReplyKind, Step
from followupd.files import cadence as cadences
from followupd.files import templates, tongues
from followupd.files.cadence import Channels
from followupd.files.problems import Problem
from followupd.files.templates import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A cadence ready to run: the digest of `cadence` names all of it. Templates are found by name."""

    cadence: Cadence
    text: str
    inherited: Mapping[str, Any]
    templates: Mapping[str, Template]
    sources: Mapping[str, str] = field(repr=False)  # the text of each template
    channels: Channels = field(repr=False)

    @property
    def parts(self) -> dict[str, Any]:
        """What is kept beside the cadence's text."""
        return {"inherited": dict(self.inherited), "templates": dict(self.sources)}

    def template(self, step: Step, variant: str = "", language: str = "") -> Template:
        """The template of a step for an arm and a language; raises LookupError where there is none."""
        name = self.channels[step.channel].template(step.variants.get(variant, step.template))
        return self.in_language(name, language)

    def in_language(self, name: str, language: str = "") -> Template:
        """The variant of a template in a language, else the template itself; raises LookupError where there is none."""
        for each in spoken(name, language):
            if each in self.templates:
                return self.templates[each]
        raise LookupError(f"there is no template {name}")


def spoken(name: str, language: str) -> tuple[str, ...]:
    """The names under which a message may be found for a language, the best first: `value.pt-br`, `value.pt`, `value`."""
    tag = tongues.tag(language) if language else None
    return (*(f"{name}.{each}" for each in tongues.fallbacks(tag)), name) if tag else (name,)


def base_of(name: str) -> str:
    """The template that a language variant belongs to: `value` for `value.de`."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def language_of(name: str) -> str:
    """The language in a template's name: `de` for `value.de`; nothing for `value`."""
    return name[len(base_of(name)) + 1 :]


def names_of(cadence: Cadence, channels: Channels) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every template that a cadence names, with the place where it does."""
    for step in cadence.steps:
        for arm, template in step.variants.items():
            yield channels[step.channel].template(template), ("steps", step.position, "variants", arm)
        yield channels[step.channel].template(step.template), ("steps", step.position, step.channel)
    for kind, effect in cadence.replies.items():
        if effect.send:
            yield effect.send, ("replies", kind.value, "send")


def edition_of(
    cadence: Cadence, text: str, inherited: Mapping[str, Any], known: Mapping[str, tuple[Template, str]], channels: Channels
) -> Edition | None:
    """The edition that these files make, None where a template is missing. `known` are templates with their texts."""
    wanted = {name for name, _ in names_of(cadence, channels)}
    if not wanted <= known.keys():
        return None
    used = {name: known[name] for name in sorted(known) if name in wanted or ("." in name and base_of(name) in wanted)}
    return _edition(cadence, text, inherited, used, channels)


def read_edition(name: str, text: str, parts: Mapping[str, Any], channels: Channels) -> tuple[Edition | None, list[Problem]]:
    """A kept edition, read again; what this version can't read any more is told."""
    inherited = _tuples(parts.get("inherited", {}))
    draft, problems = cadences.read_cadence(text, f"{name}.yaml", channels=channels, defaults=inherited)
    if draft is None:
        return None, problems
    folders = {channel.folder for channel in channels.values() if channel.task}
    used: dict[str, tuple[Template, str]] = {}
    for each, source in parts.get("templates", {}).items():
        task = each.rpartition("/")[0] in folders
        template, found = templates.parse_template(source, f"templates/{each}.md", each, task=task)
        problems += found
        if template is not None:
            used[each] = (template, source)
    return (None if problems else _edition(draft.cadence, text, inherited, used, channels)), problems


def _edition(
    cadence: Cadence, text: str, inherited: Mapping[str, Any], used: Mapping[str, tuple[Template, str]], channels: Channels
) -> Edition:
    sources = {name: source for name, (_, source) in used.items()}
    named = json.dumps([text, inherited, sources], ensure_ascii=False, sort_keys=True, default=list)
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
    return Edition(
        cadence=replace(cadence, digest=digest), text=text, inherited=inherited, sources=sources, channels=channels,
        templates={name: template for name, (template, _) in used.items()},
    )  # fmt: skip


def _tuples(value: Any) -> Any:
    """JSON knows lists only; our YAML gives tuples."""
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


# -- acknowledgements ----------------------------------------------------------------------------


def acknowledging(cadence: str, kind: ReplyKind) -> str:
    """The name of the cadence of one mail that answers a kind of reply in another one; its step is `SEND`."""
    return f"{cadence}-send-{kind.value.replace('_', '-')}"[:63].rstrip("-")


SEND = "send"


def acknowledgement(edition: Edition, kind: ReplyKind, effect: Effect) -> Edition | None:
    """What `send:` of an effect stands for: a cadence of one mail, in the person's thread, beside whatever else goes on.

    It is a cadence like any other, so its mail leaves once, in the window, and not after another answer.
    """
    if effect.send is None:
        return None
    cadence = edition.cadence
    name = acknowledging(cadence.name, kind)
    text = _ACKNOWLEDGEMENT.format(
        name=name, about=json.dumps(f"The one mail with which {cadence.name} answers: {kind}."), template=effect.send,
        mailbox=json.dumps(list(cadence.mailbox) if cadence.mailbox != ("owner",) else "owner"), window=json.dumps(cadence.window),
        holidays=json.dumps(list(cadence.holidays) or "none") if cadence.holidays != ("prospect",) else "prospect",
        zone=json.dumps(cadence.timezone),
    )  # fmt: skip
    draft, problems = cadences.read_cadence(text, f"{name}.yaml", channels=edition.channels)
    assert draft is not None, problems
    used = {
        each: (template, edition.sources[each]) for each, template in edition.templates.items() if base_of(each) == effect.send
    }
    made = _edition(draft.cadence, text, {}, used, edition.channels)
    return replace(made, cadence=replace(made.cadence, calendars=cadence.calendars))


_ACKNOWLEDGEMENT = """\
cadence: {name}
about: {about}
mailbox: {mailbox}
window: {window}
holidays: {holidays}
timezone: {zone}
exclusive: false
priority: 100
again: 7d
steps:
  - {{id: send, email: {template}, after: 10m, since: enrolled}}
end: {{after: 0s}}
"""
