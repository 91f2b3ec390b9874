"""Templates proved before anything runs: every name that they use is known, and there when it is needed.

Decides for each message and condition of a workspace whether it can be written for everybody whom intake lets through:
from its syntax tree (names, guards, and in which steps of which cadences it is used), and by writing it with the least and
the most that there can be. Columns are no matter here: intake asks for those that a message can't do without. Reads no
file and no clock; what a template may speak of is passed in (`channels/scope.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from followupd.core.answers import DEFAULT_EFFECTS
from followupd.core.learned import safe_name
from followupd.core.model import Cadence, Step
from followupd.core.shelf import ContentItem
from followupd.files import language, yaml_text
from followupd.files.cadence import Draft
from followupd.files.config import Config
from followupd.files.edition import base_of
from followupd.files.problems import Problem, did_you_mean, shown
from followupd.files.sheet import KNOWN, column_name
from followupd.files.templates import Template
from followupd.files.trial import Setting, Text, Trial, everything, in_body, in_head
from followupd.files.uses import Use

if TYPE_CHECKING:
    from followupd.files.workspace import Workspace

Scope = Mapping[str, tuple[str, ...]]
"""The parts of each name. `ANY` where data decides; nothing where the name is one value, such as `today`."""

ANY = ("*",)


def prove(workspace: Workspace, scope: Scope, *, in_answers: Iterable[str] = ("owner", "prospect", "reply")) -> list[Problem]:
    """Everything that would keep a message from being written. `in_answers` are the names that `task:` of a reply knows."""
    return sorted(set(_Proof(workspace, scope, frozenset(in_answers)).problems()))


# -- what there is to prove ----------------------------------------------------------------------


@dataclass(slots=True)
class _Proof:
    workspace: Workspace
    scope: Scope
    in_answers: frozenset[str]
    drafts: list[Draft] = field(init=False)
    seen: Counter[str] = field(init=False)  # how often each column is spoken of
    company: Mapping[str, str] = field(init=False)
    mailboxes: Mapping[str, Mapping[tuple[str, str], str]] = field(init=False)

    def __post_init__(self) -> None:
        self.drafts = [file.value for file in self.workspace.files.values() if isinstance(file.value, Draft)]
        self.seen = Counter()
        config = self.workspace.config
        self.mailboxes = _of_mailboxes(config) if config else {}
        self.company = {"name": config.company.name, "postal_address": config.company.postal_address} if config else {}

    def problems(self) -> Iterator[Problem]:
        """Of all texts."""
        settings = self._settings()
        messages = [each for each in self.workspace.templates.values() if self._is_fresh(each)]
        texts = {each.name: list(self._texts(each)) for each in messages}
        lines = [*self._lines()]
        self._count([text for many in texts.values() for text in many] + [text for text, _ in lines])
        for text, names in lines:
            yield from list(self._known(text, names)) or self._written_line(text)
        for each in messages:
            wrong = [problem for text in texts[each.name] for problem in self._known(text, frozenset(self.scope))]
            wrong += self._there(texts[each.name], settings.get(each.name, []))
            yield from wrong or Trial(each, self.workspace.items, texts[each.name], settings.get(each.name, [])).problems()

    def _is_fresh(self, template: Template) -> bool:
        """Whether the file is in order now. Of one that broke since, the places are no longer true."""
        file = self.workspace.files.get(template.path)
        return file is not None and file.value is not None

    def _texts(self, template: Template) -> Iterator[Text]:
        source = self.workspace.files[template.path].text
        first = "title" if template.task else "subject"
        for key, text in ((first, template.subject), ("preheader", template.preheader), ("reply_to", template.reply_to)):
            if text:
                yield Text(text, template.path, partial(in_head, source, template.path, key), key)
        yield Text(template.body, template.path, partial(in_body, source, template.path, first))

    def _lines(self) -> Iterator[tuple[Text, frozenset[str]]]:
        """Conditions, and what a reply sets off."""
        for draft in self.drafts:
            for step in draft.cadence.steps:
                here: yaml_text.Location = ("steps", step.position, "when")
                if step.when:
                    place = partial(draft.document.inside, here)
                    yield (
                        Text(step.when, draft.document.path, place, yaml_text.dotted(here), condition=True),
                        frozenset(self.scope),
                    )
            for kind, effect in draft.cadence.replies.items():
                for key, source in (("task", effect.task), ("notify", effect.notify)):
                    here = ("replies", kind.value, key)
                    if source and draft.document.has(here):
                        place = partial(draft.document.inside, here)
                        yield Text(source, draft.document.path, place, yaml_text.dotted(here)), self.in_answers

    def _settings(self) -> dict[str, list[Setting]]:
        """Where each template is used, in all its languages."""
        answering = _begun_by_replies([draft.cadence for draft in self.drafts])
        found: dict[str, list[Setting]] = {}
        channels = self.workspace.channels
        for cadence in (draft.cadence for draft in self.drafts):
            for step in cadence.steps:
                for name in step.templates:
                    found.setdefault(channels[step.channel].template(name), []).append(
                        Setting(cadence, step, cadence.name in answering)
                    )
            for kind, effect in cadence.replies.items():
                if effect.send:
                    step = Step(id=f"replies.{kind.value}.send", position=0, channel="email", template=effect.send)
                    found.setdefault(effect.send, []).append(Setting(cadence, step, answers=True))
        return {name: found[base] for name in self.workspace.templates if (base := base_of(name)) in found}

    # -- names -----------------------------------------------------------------------------------

    def _count(self, texts: list[Text]) -> None:
        for text in texts:
            self.seen.update(use.part for use in text.uses if use.name == "prospect")
        for cadence in (draft.cadence for draft in self.drafts):
            wishes = (step.fields.get("pick") for step in cadence.steps)
            self.seen.update(column for wish in wishes if isinstance(wish, dict) for column in wish.get("match") or ())
            self.seen.update((*cadence.needs, *cadence.needs))  # what is asked for is meant
            self.seen.update(step.since for step in cadence.steps)

    def _known(self, text: Text, names: frozenset[str]) -> Iterator[Problem]:
        for use in text.uses:
            why = self._unknown(use, names)
            if why:
                yield text.problem(use.part_offset if use.part else use.offset, why)
            elif text.key.startswith("replies.") and (use.name, use.part) in _SOMETIMES and not (use.sure or use.asked):
                yield text.problem(use.offset, _without(use, "is there only sometimes"))

    def _unknown(self, use: Use, names: frozenset[str]) -> str:
        spoken = f"{use.name}.{use.part}" if use.part else use.name
        if use.name not in names:
            return f'"{use.name}" is not known here; known: {", ".join(sorted(names))}'
        parts = self.scope.get(use.name, ())
        if use.part and not parts:
            return f'{use.name} has no {shown(use.part)}; write {{{{ {use.name}|date("%d %B") }}}}, or another pattern'
        if use.part and parts != ANY and use.part not in parts:
            return f"{use.name} has no {shown(use.part)}; {did_you_mean(use.part, parts)}"
        if use.below:
            return f"{spoken} is one value, and nothing is below it; write {{{{ {spoken} }}}}"
        if use.looped and (use.part or parts != ANY or use.name == "prospect"):
            return f"{spoken} is no list; write {{{{ {spoken} }}}} without a loop"
        if use.beside and (use.name, use.part) != ("pick", "minutes"):
            return f"{spoken} is text, which is never {use.beside}; write {spoken}|int"
        if use.name == "learned" and use.part and safe_name(use.part) != use.part:
            return f"no fact can be called {shown(use.part)}; write learned.{safe_name(use.part) or 'team_size'}"
        return self._unlikely(use.part) if use.name == "prospect" and use.part else ""

    def _unlikely(self, column: str) -> str:
        """A column that no file can have, or that is one slip of the finger away from another one."""
        usual = column_name(column)
        if usual != column:
            return f"no file can fill the column {shown(column)}: it is read as {shown(usual)}; write prospect.{shown(usual)}"
        if column in KNOWN or self.seen[column] > 1:
            return ""
        others = KNOWN | {name for name, count in self.seen.items() if count > 1}
        near = next((name for name in sorted(others) if is_slip(column, name)), "")
        return f'{shown(column)} is used nowhere else; did you mean "{near}"? If not, write it under needs' if near else ""

    # -- there when it is needed -----------------------------------------------------------------

    def _there(self, texts: list[Text], settings: list[Setting]) -> Iterator[Problem]:
        shelves = {id(each): self._shelf(each) for each in settings}
        for text in texts:
            for use in text.uses:
                if use.sure or use.asked:
                    continue
                missing = [(why, each) for each in settings if (why := self._missing(use, each, shelves))]
                if missing:
                    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
                    yield text.problem(use.offset, _without(use, missing[0][0].replace("{}", f"{missing[0][1]}{more}")))

    def _shelf(self, setting: Setting) -> list[ContentItem]:
        wish = setting.step.fields.get("pick")
        ours = wish.get("ours") if isinstance(wish, dict) else None
        return [item for item in self.workspace.items if ours in {None, item.ours}]

    def _missing(self, use: Use, setting: Setting, shelves: dict[int, list[ContentItem]]) -> str:
        """Why something may not be there on this setting; `{}` stands for the setting. Empty: it is there."""
        cadence, step = setting.cadence, setting.step
        match use.name, use.part:
            case "pick", part if not isinstance(step.fields.get("pick"), dict):
                return "" if use.group else "is not there: {} has no pick"
            case "pick", part if part and shelves[id(setting)]:
                # The shelf gives only items that have every part a message can't do without: here each use leaves fewer.
                shelves[id(setting)] = left = [item for item in shelves[id(setting)] if getattr(item, part, None)]
                return "" if left else "is missing in every item that {} could pick"
            case "reply", part if (use.name, part) in _SOMETIMES:
                return "is there only sometimes"
            case "reply", _ if not setting.answers and not use.group:
                return "is not there before they have answered, and {} does not wait for that"
            case "last", _ if not setting.answers:
                return _no_mail_before(cadence, step)
            case "doors", door if door not in (step.fields.get("doors") or ()):
                return "is not offered by {}; add it to its doors"
            case "step", ("brings" | "learn") as part if not getattr(step, part):
                return "is not said by {}"
            case "cadence", "about" if not cadence.about:
                return "is not said by the cadence of {}"
            case "cadence", "variant" if not cadence.variants:
                return "is not there: the cadence of {} has no variants"
            case "learned", part if part:
                return "is there only if somebody has noted it"
            case (("company" | "owner" | "mailbox"), part) if part:
                return self._not_configured(use.name, part, cadence)
        return ""

    def _not_configured(self, name: str, part: str, cadence: Cadence) -> str:
        path = self.workspace.path.name
        if name == "company":
            return "" if self.company.get(part, "-") else f"is not filled in in {path}"
        for each in self.mailboxes if cadence.mailbox == ("owner",) else cadence.mailbox:
            if not self.mailboxes.get(each, {}).get((name, part), "-"):
                return f"is not filled in for the mailbox {shown(each)} in {path}"
        return ""

    def _written_line(self, text: Text) -> Iterator[Problem]:
        """A condition or a line, tried with everything at hand."""
        values = language.data(everything(text.uses))
        try:
            if text.condition:
                language.holds(text.source, values)
            else:
                language.run(text.source, values)
        except language.Misfit as error:
            yield text.problem(error.offset, str(error))


_SOMETIMES = frozenset({("reply", "reason"), ("reply", "contact")})


def _without(use: Use, why: str) -> str:
    spoken = f"{use.name}.{use.part}" if use.part else use.name
    return f'{spoken} {why}; write {{{{ {spoken}|default("...") }}}} or {{% if {spoken} %}}'


def _no_mail_before(cadence: Cadence, step: Step) -> str:
    before = [each for each in cadence.steps[: step.position] if each.channel == "email"]
    if not before:
        return "is not there: no mail has left before {}"
    return "" if any(not each.when for each in before) else "may not be there: every mail before {} may be left out"


def _of_mailboxes(config: Config) -> dict[str, dict[tuple[str, str], str]]:
    """What the configuration says of each mailbox, by the name and the part under which templates know it."""
    found = {}
    for name, part in config.mailboxes.items():
        own = {"name": part.name, "first_name": part.name.partition(" ")[0], "signature": part.signature.strip()}
        found[name] = {("owner", key): value for key, value in own.items()}
    return found


def _begun_by_replies(cadences: list[Cadence]) -> frozenset[str]:
    """Cadences that replies begin, and that no silence begins."""
    known = {cadence.name for cadence in cadences}
    effects = [effect for cadence in cadences for effect in ({**DEFAULT_EFFECTS, **cadence.replies}).values()]
    return frozenset({effect.enroll for effect in effects if effect.enroll in known}) - {each.end_enroll for each in cadences}


def is_slip(one: str, other: str) -> bool:
    """Whether one word is the other with one slip of the finger: a letter too many, too few, wrong, or two swapped.

    Short words, numbers and endings such as `_a` and `_de` differ on purpose.
    """
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    if any(char.isdigit() for char in a[:1] + b[:1]) or (max(len(a), len(b)) <= 2 and one[:start].endswith("_")):
        return False
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
