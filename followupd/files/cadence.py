"""Cadences: the YAML that ops staff write, checked and turned into a `Cadence`.

Decides what a cadence may say and whether it makes sense by itself. Which channels there are, and which keys their steps
take, is passed in: this floor may not look up to the channels. What needs other files (does the template exist?) is
`workspace.py`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, create_model, model_validator

from followupd.core import when
from followupd.core.answers import AUTOMATIC, DEFAULT_EFFECTS
from followupd.core.model import Cadence, Effect, Limits, Outcome, ReplyKind, Step, Thread
from followupd.files import language, yaml_text
from followupd.files.problems import Problem, did_you_mean, nearest, shown
from followupd.files.validation import validate
from followupd.files.values import (
    DURATION_PATTERN,
    Clause,
    Column,
    Duration,
    Elapsed,
    Filled,
    Holidays,
    Line,
    Many,
    Misfit,
    Name,
    OneOrMany,
    OrElse,
    Part,
    Span,
    Text,
    Window,
    Yes,
    Zone,
    is_name,
)

# -- channels, passed in -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChannelFields:
    """What the parser has to know of a channel.

    `fields` is the model of its own step keys beside the channel's name. Its templates lie in `folder` below the templates
    folder and begin with a `title` where `task` is true, else with a `subject`.
    """

    name: str
    fields: type[Part] = Part
    folder: str = ""
    task: bool = False
    needs: Callable[[Any], tuple[str, ...]] | None = None
    misfits: Callable[[Step, Any], Iterable[tuple[str, str]]] | None = None  # what does not fit between a step and its template

    def template(self, name: str) -> str:
        """The name under which a workspace keeps this channel's template."""
        return f"{self.folder}/{name}" if self.folder else name

    def needed(self, template: Any) -> tuple[str, ...]:
        """The columns that a touch with this template needs beside those that the template names."""
        return self.needs(template) if self.needs else ()


Channels = Mapping[str, ChannelFields]


class Pick(Part):
    """Which content item goes with a step: one whose topics match these columns. A channel may offer it as `pick`."""

    match: OneOrMany[Column] = ()
    """Columns whose words must meet the item's topics; the first counts most."""
    ours: bool | None = None
    """Whether it must be ours (true) or must not be (false)."""


ANCHORS = ("previous", "enrolled")
"""What a step may count from, beside a date column of the prospect."""

LOCKED = frozenset({ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT, ReplyKind.BOUNCE_HARD})
"""Kinds whose effect protects the prospect or the mailbox: a cadence may add a task or a notice, and nothing else."""

NONE = "none"
"""In place of a cadence's name: none begins."""

PROOFS: Mapping[str, tuple[str, str]] = {
    Outcome.NO: (ReplyKind.NO, "a no in the prospect's own words, and by nothing else"),
    Outcome.OPTED_OUT: ("", "a prospect who wants no more mail, or by followupd suppress, and by nothing else"),
    Outcome.SILENT: ("", "silence; who has written was not silent"),
    Outcome.WELCOME: ("", 'a yes to a step with "keep: permission", and by nothing else'),
}
"""Three outcomes that are never mixed, by name: the kind of reply that may set it, and what proves it, in words."""

# -- the models ----------------------------------------------------------------------------------


class LimitsPart(Part):
    """What a cadence allows itself for one person."""

    touches: Annotated[int, Field(ge=1, le=100)] | None = None
    """The most touches, mails and tasks together."""
    gap: Duration | None = None
    """The least time between two mails to one person, in whichever cadence."""
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """The most days from the first to the last touch; days on which it stood still don't count."""
    give_first: Annotated[int, Field(ge=0, le=10)] | None = None
    """So many content items that are not ours come before each one that is."""
    lessons: Annotated[int, Field(ge=1, le=100)] | None = None
    """After so many touches in a row that taught nothing, the owner is asked for a reason to go on."""


class WithinPart(Part):
    """A deadline: the touch is dropped at `expire`; before that its owner is reminded, then the owner's manager is told."""

    expire: Duration
    """When the touch is dropped and the cadence goes on."""
    remind: Duration | None = None
    """When the owner is reminded; by itself after five sixths of the time."""
    escalate: Duration | None = None
    """When the owner's manager (`reports_to`) is told; by itself after eleven twelfths of the time."""


def _only_expire(value: Any) -> Any:
    """`within: 24h` is short for `within: {expire: 24h}`."""
    return {"expire": value} if isinstance(value, str) or type(value) is int else value


Within = Annotated[WithinPart, BeforeValidator(_only_expire), OrElse({"type": "string", "pattern": DURATION_PATTERN})]


class StepPart(Part):
    """The keys that a step of any channel takes."""

    id: Name
    """Its name; people under way are known by it, so keep it when you edit."""
    was: Name | None = None
    """Its earlier name, after a renaming: who has had that step does not get this one."""
    after: Duration = "0m"
    """How long after `since` it is due."""
    since: Column = "previous"
    """What it counts from: `previous` (the step before), `enrolled`, or a date column."""
    within: Within | None = None
    """Its deadline, counted from `since`."""
    at: Clause | None = None
    """Hours of its own, in the prospect's time zone; the days stay those of the window."""
    wait: bool = True
    """Whether the cadence waits for it before it goes on."""
    thread: Literal["same", "new"] = "same"
    """Whether a mail answers the one before or opens a conversation of its own."""
    when: Line | None = None
    """A condition; where it is false the step is left out."""
    brings: Line | None = None
    """What the prospect gets out of it, for people."""
    learn: Line | None = None
    """What we hope to learn, for people."""
    keep: Column | None = None
    """The name under which an answer to it is kept: `real_reason`, `permission`, or one of your own."""
    variants: dict[Name, Name] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Another template for an arm of the cadence's `variants`."""


_MOVES = ("finish", "pause", "hold", "continue")


def _word_to_move(value: Any) -> Any:
    """`engaged: hold` is short for `engaged: {hold: true}`."""
    if isinstance(value, str) and value in _MOVES:
        return {value: "30d" if value == "pause" else True}
    if isinstance(value, str):
        raise ValueError(f'write {", ".join(_MOVES)}, or keys such as {{pause: 60d}} or {{task: "..."}}')  # noqa: TRY004
    return value


def _outcome(value: Any) -> Any:
    if value is True or value in {outcome.value for outcome in Outcome}:
        return value
    raise ValueError(f"write true, or one of {', '.join(Outcome)}")


class EffectPart(Part):
    """What follows from a kind of reply, where it differs from the default."""

    finish: Annotated[Any, BeforeValidator(_outcome), WithJsonSchema({"enum": [True, *Outcome]})] = None
    """Move: the cadence is over, with this outcome; true for the usual one of this kind."""
    pause: Duration | None = None
    """Move: nothing leaves before the date in the answer; where it names none, for so long."""
    hold: Yes | None = None
    """Move: true: it waits for a human."""
    continue_: Yes | None = Field(default=None, alias="continue")
    """Move: true: it goes on as if nothing had come."""
    enroll: Name | None = None
    """This cadence begins for the prospect; `none`: none does."""
    task: Line | None = None
    """A task for the owner, in these words; they may use prospect, owner and reply."""
    notify: Line | None = None
    """Something for the owner to read, in these words."""
    suppress: bool | None = None
    """true: nobody may write to this address again."""
    send: Name | None = None
    """One mail from templates/ as an acknowledgement."""


class EndPart(Part):
    """What happens when nobody answered: the outcome is `silent`."""

    after: Duration = "7d"
    """How long after the last step silence becomes the outcome."""
    enroll: Name | None = None
    """The cadence that begins then; `none`: none does, whatever the defaults say."""


_KINDS: Mapping[ReplyKind, str] = {
    ReplyKind.YES: "They agree, or fix a meeting.",
    ReplyKind.NO: "They refuse.",
    ReplyKind.LATER: "They ask for time.",
    ReplyKind.ENGAGED: "They talk, and nothing is decided.",
    ReplyKind.REFERRAL: "Somebody else is the right person.",
    ReplyKind.UNSUBSCRIBE: "They want no more mail; only task and notify may be added.",
    ReplyKind.OUT_OF_OFFICE: "They are away.",
    ReplyKind.AUTO_REPLY: "Another machine wrote.",
    ReplyKind.BOUNCE_HARD: "The address does not exist; only task and notify may be added.",
    ReplyKind.BOUNCE_SOFT: "It failed for now, such as a full mailbox.",
    ReplyKind.BOUNCE_BLOCKED: "Our mail was refused for what we are or sent.",
    ReplyKind.COMPLAINT: "They pressed the spam button; only task and notify may be added.",
    ReplyKind.UNCLEAR: "Nobody could say what they mean.",
}

_effect = Annotated[EffectPart, BeforeValidator(_word_to_move), OrElse({"enum": list(_MOVES)})] | None
_locked = Annotated[
    _effect,
    WithJsonSchema(
        {
            "type": ["object", "null"],
            "properties": {
                name: {"type": "string", "description": text}
                for name, text in (
                    ("task", "A task for the owner, in these words."),
                    ("notify", "Something for the owner to read."),
                )
            },
            "additionalProperties": False,
            "minProperties": 1,
        }
    ),
]
Replies: type[Part] = create_model(
    "Replies",
    __base__=Part,
    __doc__="What a cadence does differently, by the kind of the reply.",
    **{kind.value: (_locked if kind in LOCKED else _effect, Field(default=None, description=_KINDS[kind])) for kind in ReplyKind},  # type: ignore[call-overload]
)


Retry = Annotated[Many[Elapsed], Field(min_length=1, max_length=20)]


def _never(value: Any) -> Any:
    return None if value == "never" else value


Again = Annotated[Span | None, BeforeValidator(_never), OrElse({"const": "never"})]


class CadencePart(Part):
    """A cadence file, but for `steps`, which depend on the channels."""

    cadence: Name
    """Its name; the same as the file's."""
    about: Text = ""
    """One sentence for people."""
    mailbox: Annotated[OneOrMany[Filled], Field(min_length=1)] = ("owner",)
    """Who writes: `owner` (the prospect's owner), a mailbox of the config, or a list of them, of which each prospect gets one."""
    window: Window | None = None
    """When mail may leave, in the prospect's own time zone; that of the config's defaults if left out."""
    holidays: Holidays | None = None
    """On whose holidays nothing leaves: `prospect`, codes such as [US, DE-BY], or `none`; that of the defaults if left out."""
    timezone: Zone | None = None
    """The zone of prospects whose row names neither a zone nor a country; that of the config's defaults if left out."""
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    """How urgent it is where two cadences meet in one person."""
    exclusive: bool = True
    """Whether it wants a person for itself."""
    role: Literal["sales", "thanks", "nurture"] = "sales"
    """What it is for: `sales`; `thanks` for a no, silent as soon as people talk; `nurture`, where `after_no` of the config allows it."""
    again: Again | None = None
    """How long after the end somebody may come again; by itself `never`."""
    variants: dict[Name, Annotated[int, Field(ge=1, le=1000)]] = {}  # noqa: RUF012
    """The arms of an experiment with their shares, such as {plain: 1, short: 1}."""
    limits: LimitsPart = LimitsPart()
    """How much one person may get."""
    needs: Many[Column] = ()
    """Columns that each row must fill, beside those that the messages use."""
    replies: Replies = Replies()  # type: ignore[valid-type]
    """What follows from an answer, where it differs from the usual."""
    end: EndPart = EndPart()
    """What follows when nobody answered."""
    retry: Retry = ("5m", "30m", "2h", "8h")
    """How long to wait after each time that a mail server puts a mail off."""
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Warnings of `check` that are meant to be so: the rule, and the reason."""


def _nearly(name: str, step: dict[str, Any]) -> str:
    """The key of a step that was to be this channel's name."""
    return nearest(name, step.keys() - StepPart.model_fields.keys())


def _step_model(channel: ChannelFields, names: list[str]) -> type[StepPart]:
    def only_one(step: Any) -> Any:
        other = next((name for name in names if name != channel.name and name in step), None)
        if other is not None and channel.name in step:
            raise Misfit(other, f'this step has "{channel.name}" already; keep one of the two, or make two steps')
        if channel.name not in step:
            raise Misfit(_nearly(channel.name, step), f'no such key; did you mean "{channel.name}"?')
        return step

    text = f"The template of this {channel.name}: a file's name in templates/{channel.template('')}, without .md."
    own: dict[str, Any] = {channel.name: (Name, Field(description=text))}
    return create_model(
        f"{channel.name.capitalize()}Step",
        __base__=(StepPart, channel.fields),  # type: ignore[arg-type]
        __validators__={"only_one": model_validator(mode="before")(only_one)},  # type: ignore[dict-item]
        **own,
    )


@lru_cache(maxsize=16)
def _model(channels: tuple[ChannelFields, ...]) -> type[CadencePart]:
    names = [channel.name for channel in channels]

    def channel_of(step: Any) -> str | None:
        found = [name for name in names if name in step] if isinstance(step, dict) else []
        if not found and isinstance(step, dict):  # "emial" is taken for a mail: then there is one thing to put right
            found = [name for name in names if _nearly(name, step)]
        return f"@{found[0]}" if found else None

    kinds = tuple(Annotated[_step_model(channel, names), Tag(f"@{channel.name}")] for channel in channels)
    step = Annotated[
        Union[kinds],  # type: ignore[valid-type]  # noqa: UP007
        Discriminator(
            channel_of, custom_error_type="channel", custom_error_message=f"needs one of {', '.join(names)}; write just one"
        ),
    ]
    steps: Any = (Annotated[tuple[step, ...], Field(min_length=1, max_length=100, description="What happens, in order.")], ...)
    return create_model("Cadence", __base__=CadencePart, __doc__="A cadence: who is written to when, with what.", steps=steps)


def cadence_model(channels: Channels) -> type[BaseModel]:
    """The model of a cadence file for these channels; the JSON Schema is made from it."""
    return _model(tuple(channels.values()))


# -- text to cadence -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A cadence by itself in order, with the document that knows where everything stands.

    `inherited` is what it takes over from the defaults because it does not say so itself.
    """

    cadence: Cadence
    document: yaml_text.Document
    inherited: Mapping[str, Any]


def parse_cadence(
    text: str, path: str, *, channels: Channels, defaults: Mapping[str, Any] | None = None
) -> tuple[Cadence | None, list[Problem]]:
    """The cadence, or every problem of it. `defaults` (`Config.inherited`) holds where it says nothing itself."""
    draft, problems = read_cadence(text, path, channels=channels, defaults=defaults)
    return (draft.cadence if draft else None), problems


def read_cadence(
    text: str, path: str, *, channels: Channels, defaults: Mapping[str, Any] | None = None
) -> tuple[Draft | None, list[Problem]]:
    """As `parse_cadence`, with places."""
    document, problems = yaml_text.read(text, path, begin='"cadence:"')
    if document is None:
        return None, problems
    inherited = _inherited(document.data, defaults or {})
    whole = replace(document, data=_joined(document.data, inherited))
    part, problems = validate(whole, _model(tuple(channels.values())))
    # What the models can't see is told all the same where they refuse the file: one run tells everything.
    found = sorted({*problems, *_check(document)})
    if part is None or found:
        return None, found
    return Draft(_made(part, text, channels), document, inherited), []


_GROUPS = ("limits", "replies", "end")
"""Keys of which single entries are inherited; of the others the whole value is."""


def _inherited(data: Any, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the file leaves to the defaults. Nothing but this may change it later: it is kept with the text."""
    if not isinstance(data, dict):
        return {}
    found: dict[str, Any] = {}
    for key, value in defaults.items():
        own = data.get(key)
        if key not in data:
            found[key] = value
        elif (
            key in _GROUPS and isinstance(own, dict) and (more := {name: each for name, each in value.items() if name not in own})
        ):
            found[key] = more
    return found


def _joined(data: Any, inherited: Mapping[str, Any]) -> Any:
    if not isinstance(data, dict):
        return data
    both = {key: {**value, **data[key]} if key in data else value for key, value in inherited.items()}
    return {**data, **both}


# -- what the models can't see -------------------------------------------------------------------


def _check(document: yaml_text.Document) -> Iterator[Problem]:
    """Asked of the plain values, so any of them may be missing or of a wrong kind; the models tell that."""
    yield from _check_head(document)
    seen: dict[str, int] = {}
    arms = document.data.get("variants")
    for index, step in _entries(document.data.get("steps")):
        yield from _check_step(document, index, step, seen)
        yield from _check_arms(document, index, step, arms if isinstance(arms, dict) else {})
    yield from _check_was(document, seen)
    yield from check_effects(document, ("replies",), document.data.get("replies"))


def check_effects(document: yaml_text.Document, here: yaml_text.Location, replies: Any) -> Iterator[Problem]:
    """What is wrong with effects beyond their shape; the config's defaults are checked by the same rules."""
    for kind, effect in _entries(replies):
        yield from _check_effect(document, (*here, str(kind)), str(kind), effect)


def _entries(value: Any) -> Iterator[tuple[int | str, dict[str, Any]]]:
    pairs = enumerate(value) if isinstance(value, tuple) else value.items() if isinstance(value, dict) else ()
    for key, entry in pairs:
        yield key, entry if isinstance(entry, dict) else {}


def _check_head(document: yaml_text.Document) -> Iterator[Problem]:
    stem, _, ending = document.path.rpartition("/")[2].rpartition(".")
    name, mailbox = document.data.get("cadence"), document.data.get("mailbox")
    name = str(name) if type(name) is int else name
    if isinstance(name, str) and is_name(name) and ending in {"yaml", "yml"} and name != stem:
        text = f'"{name}" does not fit the file name; rename the file to {name}.yaml, or write "{shown(stem)}"'
        yield document.problem(("cadence",), text)
    if name == NONE:
        yield document.problem(("cadence",), f'"{NONE}" has a meaning of its own; choose another name')
    if isinstance(mailbox, tuple) and "owner" in mailbox and len(mailbox) > 1:
        yield document.problem(
            ("mailbox", mailbox.index("owner")), '"owner" stands alone; write owner, or a list of mailbox names'
        )
    if isinstance(document.data.get("variants"), dict) and len(document.data["variants"]) == 1:
        text = "one variant is no comparison; name at least two with their shares, such as {plain: 1, short: 1}"
        yield document.problem(("variants",), text)


def _check_arms(document: yaml_text.Document, index: int | str, step: dict[str, Any], arms: dict[str, Any]) -> Iterator[Problem]:
    chosen = step.get("variants")
    for arm in chosen if isinstance(chosen, dict) else ():
        if arm not in arms:
            known = (
                f"; {did_you_mean(str(arm), arms)}"
                if arms
                else "; name the variants and their shares at the top: variants: {...}"
            )
            yield document.problem(("steps", index, "variants", arm), f'there is no variant "{shown(arm)}"{known}')


def _check_was(document: yaml_text.Document, seen: dict[str, int]) -> Iterator[Problem]:
    told: dict[str, int | str] = {}
    for index, step in _entries(document.data.get("steps")):
        was = step.get("was")
        if not isinstance(was, str):
            continue
        if was in seen:
            line, column = document.place(("steps", seen[was], "id"))
            yield document.problem(("steps", index, "was"), f'"{shown(was)}" is still the step at {line}:{column}; remove "was"')
        elif was in told:
            yield document.problem(("steps", index, "was"), f'"{shown(was)}" was another step already; remove one of the two')
        told.setdefault(was, index)


def _check_step(document: yaml_text.Document, index: int | str, step: dict[str, Any], seen: dict[str, int]) -> Iterator[Problem]:
    here = ("steps", index)
    name, since, condition = step.get("id"), step.get("since"), step.get("when")
    if isinstance(name, str) and name in seen:
        line, column = document.place(("steps", seen[name], "id"))
        yield document.problem((*here, "id"), f'"{shown(name)}" is already the step at {line}:{column}; write another id')
    elif isinstance(name, str) and isinstance(index, int):
        seen[name] = index
    if isinstance(since, str) and since in _ids(document):
        text = (
            f'"{shown(since)}" is a step; a step counts from the one before by itself, so put this one below it and remove since'
        )
        yield document.problem((*here, "since"), text)
    elif isinstance(since, str) and since not in ANCHORS and (near := nearest(since, ANCHORS)):
        text = f'"{shown(since)}" is neither of {" and ".join(ANCHORS)} nor a date column; did you mean "{near}"?'
        yield document.problem((*here, "since"), text)
    if isinstance(condition, str):
        yield from _inside(document, (*here, "when"), language.check_expression(condition))
    yield from _check_deadline(document, (*here, "within"), step.get("within"))


def _ids(document: yaml_text.Document) -> set[str]:
    return {step["id"] for _, step in _entries(document.data.get("steps")) if isinstance(step.get("id"), str)} - {*ANCHORS}


def _check_deadline(document: yaml_text.Document, here: yaml_text.Location, within: Any) -> Iterator[Problem]:
    """Reminded, then escalated, then dropped: in this order."""
    last: tuple[str, float] | None = None
    for key in ("remind", "escalate", "expire"):
        written = within.get(key) if isinstance(within, dict) else None
        length = _roughly(written) if isinstance(written, str) else None
        if length is None:
            continue
        if last is not None and length <= last[1]:
            yield document.problem((*here, key), f"{key} comes after {last[0]}; write a longer time than there")
        last = (key, length)


_DAYS = {"s": 1 / 86_400, "m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "bd": 7 / 5}


def _roughly(text: str) -> float | None:
    """A length in days, to put lengths in order; None where it is none (the model tells that)."""
    try:
        delay = when.parse_delay(text)
    except ValueError:
        return None
    return delay.amount * _DAYS[delay.unit]


def _check_effect(document: yaml_text.Document, here: yaml_text.Location, kind: str, effect: dict[str, Any]) -> Iterator[Problem]:
    moves = [move for move in _MOVES if move in effect]
    if len(moves) > 1:
        yield document.problem((*here, moves[1]), f"{' and '.join(moves)} exclude each other; keep one")
    if kind in LOCKED:
        other = next((key for key in effect if key not in {"task", "notify"}), None)
        if other is not None or not effect:
            text = f"what follows from {kind} can't be changed; only task and notify may be added"
            yield document.problem((*here, other) if other else here, text)
    elif "send" in effect and kind in AUTOMATIC:
        text = f"{kind} is written by a machine; nobody answers those (RFC 3834, section 2); remove send"
        yield document.problem((*here, "send"), text)
    proof = PROOFS.get(str(effect.get("finish")))
    if proof is not None and kind not in LOCKED and kind != proof[0]:
        yield document.problem(
            (*here, "finish"), f"{effect['finish']} is set by {proof[1]}; write finish: stopped, or another move"
        )
    for key in ("task", "notify"):
        if isinstance(effect.get(key), str):
            yield from _inside(document, (*here, key), language.check(effect[key]))


def _inside(document: yaml_text.Document, location: yaml_text.Location, mistakes: list[language.Mistake]) -> Iterator[Problem]:
    for offset, what in mistakes:
        yield Problem(document.path, *document.inside(location, offset), f"{yaml_text.dotted(location)}: {what}")


# -- models to nouns -----------------------------------------------------------------------------


def _made(part: Any, text: str, channels: Channels) -> Cadence:
    return Cadence(
        name=part.cadence,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        about=part.about,
        mailbox=part.mailbox,
        window=part.window or "mon-fri 09:00-17:00",
        holidays=("prospect",) if part.holidays is None else part.holidays,
        timezone=part.timezone or "UTC",
        steps=tuple(_step(step, position, channels) for position, step in enumerate(part.steps)),
        replies=_effects(part.replies),
        needs=part.needs,
        limits=Limits(
            touches=part.limits.touches,
            gap=part.limits.gap,
            days=part.limits.days,
            give_first=part.limits.give_first or 0,
            lessons=part.limits.lessons,
        ),
        end_after=part.end.after,
        end_enroll=None if part.end.enroll == NONE else part.end.enroll,
        retry=part.retry,
        priority=part.priority,
        exclusive=part.exclusive,
        again=part.again,
        role=part.role,
        variants=part.variants,
    )


def _step(step: Any, position: int, channels: Channels) -> Step:
    channel = next(
        each for each in channels.values() if each.name in type(step).model_fields and each.name not in StepPart.model_fields
    )
    own = {name: _plain(getattr(step, name)) for name in channel.fields.model_fields if getattr(step, name) is not None}
    return Step(
        id=step.id,
        position=position,
        channel=channel.name,
        template=getattr(step, channel.name),
        after=step.after,
        since=step.since,
        within=step.within.expire if step.within else None,
        remind=step.within.remind if step.within else None,
        escalate=step.within.escalate if step.within else None,
        at=step.at,
        wait=step.wait,
        thread=Thread(step.thread),
        when=step.when,
        brings=step.brings,
        learn=step.learn,
        keep=step.keep,
        variants=step.variants,
        was=step.was,
        fields=own,
    )


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value


def _effects(part: Any) -> dict[ReplyKind, Effect]:
    return {kind: _effect_of(kind, own) for kind in ReplyKind if (own := getattr(part, kind.value)) is not None}


def _effect_of(kind: ReplyKind, own: EffectPart) -> Effect:
    """The default effect of the kind with what the cadence changes in it."""
    found = DEFAULT_EFFECTS[kind]
    if any(getattr(own, name) for name in ("finish", "pause", "hold", "continue_")):
        found = _moved(found, own)
    said = {name: value for name in ("enroll", "task", "notify", "send", "suppress") if (value := getattr(own, name)) is not None}
    found = replace(found, **said)
    return replace(found, enroll=None) if own.enroll == NONE else found


def _moved(default: Effect, own: EffectPart) -> Effect:
    move = "finish" if own.finish else "pause" if own.pause else "hold" if own.hold else "continue"
    same = move == default.move
    outcome = default.outcome if same else None
    if move == "finish":
        outcome = Outcome(own.finish) if isinstance(own.finish, str) else outcome or Outcome.STOPPED
    pause = (own.pause if isinstance(own.pause, str) else default.pause or "30d") if move == "pause" else None
    return replace(default, move=move, outcome=outcome, pause=pause, enroll=default.enroll if same else None)
