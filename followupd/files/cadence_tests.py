"""Cadence tests: the diaries in `tests/*.yaml`, checked and turned into cases.

A case says who is enrolled when, what people then do, and all that followupd does about it, in the order of time. Decides
what such a file may say; whether the cadences, steps and items that it names are there is `tests_check.py`'s. Never plays a
case, and never knows an instant: times are those of a wall clock, whose zone is found when the case is played.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from followupd.core.model import Outcome, ReplyKind
from followupd.files import yaml_text
from followupd.files.problems import Problem, shown
from followupd.files.validation import validate
from followupd.files.values import Column, Filled, Line, Many, Name, OneOrMany, Part, Text, Yes, Zone

# -- what a file may say -------------------------------------------------------------------------

HAPPENINGS = (
    "mail", "task", "reminded", "escalated", "skipped", "deferred", "failed", "held", "paused", "finished", "enrolled",
    "suppressed", "rejected",
)  # fmt: skip
"""What followupd does. A diary names all of it, or all of the kinds in `only`."""

DEEDS = ("reply", "away", "bounce", "complain", "done", "skip", "decide", "learn", "pause", "resume", "stop", "row", "server")
"""What people and their machines do."""

BESIDE: Mapping[str, tuple[str, ...]] = {
    "mail": ("in", "subject", "has", "lacks", "item", "thread", "from"),
    "task": ("in", "title", "has", "lacks", "until", "for"),
    "reminded": ("in",),
    "escalated": ("in",),
    "skipped": ("in", "because"),
    "deferred": ("in", "because"),
    "failed": ("in", "because"),
    "held": ("in",),
    "paused": ("in", "because"),
    "finished": ("in", "because"),
    "reply": ("to", "in", "from", "means"),
    "away": ("to", "in", "means"),
    "bounce": ("to", "in"),
    "complain": ("to", "in"),
    "done": ("in", "note"),
    "skip": ("in",),
}
"""The keys that may stand beside each verb."""

REPLY_TASKS = ("answer", "call", "decide", "meeting", "read", "reason", "settle")
"""Tasks that come from a reply, a meeting or a trouble, and so from no step."""

_VERBS = (*HAPPENINGS, *DEEDS)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AT = re.compile(r"(?:([a-z]{3})\s+)?([0-9]{4})-([0-9]{2})-([0-9]{2})(?:\s+([0-9]{1,2}):([0-9]{2}))?")
_PLUS = re.compile(r"\+([0-9]{1,4})([mhdw])(?:\s+([0-9]{1,2}):([0-9]{2}))?")
_THEN = "then"
_HOW = 'write a date and an hour such as "2026-11-10 13:00", "+2d 09:00" after the entry above, or "then" for the same minute'


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A minute on the prospect's wall clock; without `clock`, any minute of that day."""

    day: date
    clock: time | None = None

    def __str__(self) -> str:
        return f"{_WEEKDAYS[self.day.weekday()]} {self.day}" + (f" {self.clock:%H:%M}" if self.clock else "")

    def covers(self, local: datetime) -> bool:
        """Whether this is that minute, or that day."""
        return local.date() == self.day and (
            self.clock is None or (local.hour, local.minute) == (self.clock.hour, self.clock.minute)
        )

    @property
    def first(self) -> datetime:
        """Its first minute."""
        return datetime.combine(self.day, self.clock or time())

    @property
    def last(self) -> datetime:
        """Its last minute."""
        return datetime.combine(self.day, self.clock or time(23, 59))


def _clock(hour: str | None, minute: str | None) -> time | None:
    if hour is None or minute is None:
        return None
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"there is no time {hour}:{minute}; write hours from 00 to 23 and minutes from 00 to 59")
    return time(int(hour), int(minute))


def parse_moment(text: str) -> Moment:
    """A date, or a date and an hour; raises ValueError, in words for people. A weekday in front must be the right one."""
    found = _AT.fullmatch(text.strip())
    if not found:
        raise ValueError("write a date such as 2026-11-10, or with the hour: 2026-11-10 13:00")
    weekday, year, month, number, hour, minute = found.groups()
    if not 1 <= int(month) <= 12 or not 1 <= int(number) <= 31 or int(year) < 1970:
        raise ValueError(f"there is no date {year}-{month}-{number}")
    if int(number) > calendar.monthrange(int(year), int(month))[1]:
        raise ValueError(f"there is no day {int(number)} in that month")
    day = date(int(year), int(month), int(number))
    if weekday and weekday != _WEEKDAYS[day.weekday()]:
        raise ValueError(
            f"{day} is a {calendar.day_name[day.weekday()]}; write {_WEEKDAYS[day.weekday()]}, or leave the weekday out"
        )
    return Moment(day, _clock(hour, minute))


def _moment_after(text: str, above: Moment) -> Moment:
    """The moment of an entry: as written, or counted from the entry above."""
    if text == _THEN:
        return above
    found = _PLUS.fullmatch(text.strip())
    if not found:
        try:
            return parse_moment(text)
        except ValueError as problem:
            raise ValueError(_HOW if str(problem).startswith("write a date") else str(problem)) from None
    count, unit, hour, minute = found.groups()
    if unit in "mh" and (above.clock is None or hour):
        raise ValueError(
            "hours and minutes count from an entry above that has an hour, and take no hour of their own; write the date"
        )
    moved = above.first + timedelta(**{_UNITS[unit]: int(count)})
    return Moment(moved.date(), _clock(hour, minute) or (moved.time() if above.clock else None))


def _moment_text(value: str) -> str:
    parse_moment(value)
    return value


def _minute_text(value: str) -> str:
    if parse_moment(value).clock is None:
        raise ValueError("needs the hour as well, such as 2026-11-10 13:00")
    return value


def _true_or_text(value: Any) -> Any:
    if value is True or (isinstance(value, str) and value):
        return value
    raise ValueError("write true, or some of the words of the reason")


def _true_or_moment(value: Any) -> Any:
    return value if value is True else _moment_text(str(value))


def _true_or_duration(value: Any) -> Any:
    if value is True:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,4}(h|d|w)", value):
        raise ValueError('write true, or how long, such as "10d"')
    return value


def _answer(value: str) -> str:
    if value != "ok" and not re.fullmatch(r"[45][0-9]{2} .{1,200}", value):
        raise ValueError('write the answer of the mail server such as "451 4.7.1 try again later", or ok')
    return value


_OUTCOMES = tuple(outcome.value for outcome in Outcome)
_KINDS = tuple(kind.value for kind in ReplyKind)
_TRUE_OR_TEXT = WithJsonSchema({"anyOf": [{"const": True}, {"type": "string", "minLength": 1}]})
MomentText = Annotated[Text, AfterValidator(_moment_text)]
MinuteText = Annotated[Text, AfterValidator(_minute_text)]
TrueOrWords = Annotated[Any, BeforeValidator(_true_or_text), _TRUE_OR_TEXT]


class EntryPart(Part):
    """One entry of a diary: one verb, and what belongs to it."""

    mail: Name | None = None
    """A mail of this step leaves."""
    task: Name | None = None
    """The rep gets the task of this step; or one that comes from a reply: answer, call, decide, meeting, read, reason, settle."""
    reminded: Name | None = None
    """The rep is reminded of this task."""
    escalated: Name | None = None
    """The rep's manager is told of this task."""
    skipped: Name | None = None
    """This step is left out, or its deadline is over, and the cadence goes on."""
    deferred: Name | None = None
    """The mail server puts the mail of this step off."""
    failed: Name | None = None
    """The mail of this step is refused."""
    held: TrueOrWords | None = None
    """The cadence waits for a human; true, or words of the reason."""
    paused: Annotated[Any, BeforeValidator(_true_or_moment), _TRUE_OR_TEXT] | None = None
    """Nothing leaves before this date; true where there is none."""
    finished: Literal[_OUTCOMES] | None = None  # type: ignore[valid-type]
    """The cadence is over, with this outcome."""
    enrolled: Name | None = None
    """This cadence begins for the prospect, after a reply or an end."""
    suppressed: TrueOrWords | None = None
    """Nobody may write to this address again; true for the prospect's own."""
    rejected: TrueOrWords | None = None
    """The row is handed back at intake; true, or words of the reason."""

    reply: Annotated[Text, Field(min_length=1)] | None = None
    """The prospect answers in these words."""
    away: Annotated[Text, Field(min_length=1)] | None = None
    """The prospect's mail program answers by itself in these words."""
    bounce: Literal["hard", "soft", "blocked"] | None = None
    """A mail comes back: no such address; mailbox full; refused for what we are."""
    complain: Yes | None = None
    """The prospect presses the spam button."""
    done: Name | None = None
    """The rep has done this task."""
    skip: Name | None = None
    """The rep drops this task."""
    learn: Line | None = None
    """Somebody notes this fact about the prospect, such as "team_size=40"."""
    decide: Literal[_KINDS] | None = None  # type: ignore[valid-type]
    """The rep says what the answer in doubt means."""
    pause: Annotated[Any, BeforeValidator(_true_or_duration), _TRUE_OR_TEXT] | None = None
    """The rep pauses it, for so long or (true) until it is resumed."""
    resume: Yes | None = None
    """The rep lets it go on."""
    stop: Yes | None = None
    """The rep ends it."""
    row: dict[Column, Text] | None = None
    """The prospect stands in a CSV file again, with these columns changed."""
    server: Annotated[Line, AfterValidator(_answer)] | None = None
    """From now on the mail server answers every mail so; ok: it takes them again."""

    in_: Name | None = Field(default=None, alias="in")
    """The cadence that is meant, where it is not the one of the test."""
    subject: Line | None = None
    """The whole subject of the mail."""
    title: Line | None = None
    """The whole title of the task."""
    has: OneOrMany[Text] = ()
    """Words that stand in the text."""
    lacks: OneOrMany[Text] = ()
    """Words that do not stand in the text."""
    item: Line | None = None
    """The content item that goes with it."""
    thread: Literal["same", "new"] | None = None
    """Whether the mail answers the one before."""
    from_: Line | None = Field(default=None, alias="from")
    """The mailbox that writes; of a reply: another address that it comes from."""
    until: MomentText | None = None
    """The deadline of the task."""
    note: Line | None = None
    """What the rep says when the task is done."""
    for_: Line | None = Field(default=None, alias="for")
    """Whose task it is."""
    because: Line | None = None
    """Words of the reason."""
    to: Name | None = None
    """The step whose mail is answered; the latest mail, if left out."""
    means: Literal[_KINDS] | None = None  # type: ignore[valid-type]
    """What the answer is to be read as."""


Kinds = Annotated[OneOrMany[Literal[HAPPENINGS]], Field(min_length=1)]  # type: ignore[valid-type]
_MOMENTS = r"^(then|\+[0-9]{1,4}[mhdw]( +[0-9]{1,2}:[0-9]{2})?|([a-z]{3} +)?[0-9]{4}-[0-9]{2}-[0-9]{2}( +[0-9]{1,2}:[0-9]{2})?)$"
Dated = Annotated[
    dict[str, EntryPart], Field(min_length=1, max_length=1, json_schema_extra={"propertyNames": {"pattern": _MOMENTS}})
]
Diary = Annotated[Many[Dated], Field(max_length=500)]


class Shared(Part):
    """What a file says for all of its tests, or one test for itself."""

    cadence: Name | None = None
    """The cadence that the prospect is enrolled in."""
    start: MinuteText | None = None
    """When the row is saved, on the prospect's clock."""
    zone: Zone | None = None
    """The zone of all times here; by itself the prospect's."""
    prospect: dict[Column, Text] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """The columns of the row; those of a test come on top of those of the file."""
    only: Kinds | None = None
    """Nothing but these kinds of entries is compared."""


class CasePart(Shared):
    """One test."""

    test: Filled
    """What is shown, in a few words."""
    variant: Name | None = None
    """The arm that is drawn for the prospect."""
    until: MomentText | None = None
    """How long it is played: all through this day or to this minute; by itself 14 days after the last entry."""
    diary: Diary
    """What people do and what followupd does, in the order of time."""


class CasesPart(Shared):
    """A file of cadence tests."""

    about: Text = ""
    """For people."""
    tests: Annotated[Many[CasePart], Field(min_length=1, max_length=200)]
    """The tests."""


# -- text to cases -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a diary. `expected`: followupd is to do it; else people do it. `said` are the keys beside the verb."""

    line: int
    column: int
    moment: Moment
    verb: str
    value: Any
    cadence: str  # the one that is meant
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> bool:
        """Whether this is what followupd does."""
        return self.verb in HAPPENINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test, ready to be played."""

    name: str
    path: str
    line: int
    column: int
    cadence: str
    start: datetime  # on the wall clock of the zone
    columns: Mapping[str, str]
    diary: tuple[Entry, ...]
    zone: str | None = None
    variant: str = ""
    only: frozenset[str] = frozenset(HAPPENINGS)
    until: datetime | None = None

    @property
    def end(self) -> datetime:
        """How long it is played, on the wall clock."""
        last = max((entry.moment.last for entry in self.diary), default=self.start)
        return self.until or max(last, self.start) + AFTERMATH


AFTERMATH = timedelta(days=14)
"""So long after the last entry of its diary a case is played: what follows unasked shows by then."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one file, with the document that knows where everything stands."""

    path: str
    cases: tuple[Case, ...]
    document: yaml_text.Document


def parse_cases(text: str, path: str) -> tuple[CaseFile | None, list[Problem]]:
    """The cases of a file, or every problem of it."""
    document, problems = yaml_text.read(text, path, begin='"tests:"')
    if document is None:
        return None, problems
    part, problems = validate(document, CasesPart)
    moments: dict[yaml_text.Location, Moment] = {}
    found = sorted({*problems, *_check(document, moments)})
    if part is None or found:
        return None, found
    cases = tuple(_case(document, part, number, moments) for number in range(len(part.tests)))
    return CaseFile(path, cases, document), []


def _case(document: yaml_text.Document, part: CasesPart, number: int, moments: Mapping[yaml_text.Location, Moment]) -> Case:
    own = part.tests[number]
    line, column = document.place(("tests", number))
    cadence, only, until = own.cadence or part.cadence, own.only or part.only, own.until
    start = own.start or part.start
    assert cadence is not None  # `_check` has seen to it
    assert start is not None
    return Case(
        name=own.test, path=document.path, line=line, column=column, cadence=cadence, start=parse_moment(start).first,
        columns={**part.prospect, **own.prospect}, zone=own.zone or part.zone, variant=own.variant or "",
        only=frozenset(only or HAPPENINGS), until=parse_moment(until).last if until else None,
        diary=tuple(_entry(document, ("tests", number, "diary", each), entry, cadence, moments) for each, entry in enumerate(own.diary)),
    )  # fmt: skip


def _entry(
    document: yaml_text.Document,
    here: yaml_text.Location,
    written: Mapping[str, EntryPart],
    cadence: str,
    moments: Mapping[yaml_text.Location, Moment],
) -> Entry:
    line, column = document.place(here)
    (part,) = written.values()
    said = {name: value for name, field_ in _FIELDS.items() if (value := getattr(part, field_)) not in (None, ())}
    verb = next(name for name in _VERBS if name in said)
    value = said.pop(verb)
    return Entry(
        line=line, column=column, moment=moments[here], verb=verb, value=value, cadence=said.pop("in", cadence), said=said
    )


_FIELDS = {field_.alias or name: name for name, field_ in EntryPart.model_fields.items()}


# -- what the models can't see -------------------------------------------------------------------


def _check(document: yaml_text.Document, moments: dict[yaml_text.Location, Moment]) -> Iterator[Problem]:
    """Asked of the plain values, so any of them may be missing or of a wrong kind; the models tell that."""
    names: dict[str, int] = {}
    tests = document.data.get("tests")
    for number, test in enumerate(tests if isinstance(tests, tuple) else ()):
        if isinstance(test, dict):
            yield from _check_case(document, number, test, moments)
            yield from _check_name(document, number, test.get("test"), names)


def _check_name(document: yaml_text.Document, number: int, name: Any, names: dict[str, int]) -> Iterator[Problem]:
    if isinstance(name, str) and name in names:
        line, column = document.place(("tests", names[name], "test"))
        yield document.problem(
            ("tests", number, "test"), f'"{shown(name)}" is already the test at {line}:{column}; write another name'
        )
    elif isinstance(name, str):
        names[name] = number


def _check_case(
    document: yaml_text.Document, number: int, test: dict[str, Any], moments: dict[yaml_text.Location, Moment]
) -> Iterator[Problem]:
    here: yaml_text.Location = ("tests", number)
    for key, what in (("cadence", "the cadence that is tested"), ("start", "when the row is saved")):
        if test.get(key) is None and document.data.get(key) is None:
            yield document.problem(here, f'needs "{key}": {what}; add it here or at the head of the file')
    for place, columns in ((("prospect",), document.data.get("prospect")), ((*here, "prospect"), test.get("prospect"))):
        if isinstance(columns, dict) and "cadence" in columns:
            yield document.problem((*place, "cadence"), 'the cadence stands beside "prospect", not in it; move it there')
    only = test.get("only", document.data.get("only"))
    diary = test.get("diary")
    above, start = None, _start(test, document.data)
    for index, entry in enumerate(diary if isinstance(diary, tuple) else ()):
        place = (*here, "diary", index)
        if not isinstance(entry, dict) or len(entry) != 1:
            continue
        ((written, part),) = entry.items()
        above, problems = _dated(document, place, written, above, start)
        if above is not None:
            moments[place] = above
        yield from problems
        if isinstance(part, dict):
            yield from _check_entry(document, (*place, written), part, only)
            if any(verb in part for verb in DEEDS) and above is not None and above.clock is None and not problems:
                yield document.problem(place, f"{written}: what people do needs the hour as well, such as {above} 09:00")


def _start(test: dict[str, Any], shared: dict[str, Any]) -> Moment | None:
    try:
        return parse_moment(str(test.get("start", shared.get("start"))))
    except ValueError:  # told where it stands
        return None


def _dated(
    document: yaml_text.Document, place: yaml_text.Location, written: str, above: Moment | None, start: Moment | None
) -> tuple[Moment | None, list[Problem]]:
    """The moment of an entry, which is never before the entry above."""
    before = above or start
    if before is None:
        return None, []
    try:
        moment = _moment_after(written, before)
    except ValueError as problem:
        return above, [document.problem(place, f"{shown(written)}: {problem}")]
    if moment.last < before.first:
        what = "the entry above" if above else "the start"
        return above, [
            document.problem(place, f"{shown(written)}: earlier than {what} ({before}); write the entries in the order of time")
        ]
    return moment, []


def _check_entry(document: yaml_text.Document, place: yaml_text.Location, part: dict[str, Any], only: Any) -> Iterator[Problem]:
    verbs = [verb for verb in _VERBS if part.get(verb) is not None]  # "mail:" without a step says nothing
    if not verbs:
        if not set(part) - set(_FIELDS):
            yield document.problem(
                place, f"says nothing that happens; write one of {', '.join(HAPPENINGS)}, or of {', '.join(DEEDS)}"
            )
        return
    verb = verbs[0]
    if len(verbs) > 1:
        yield document.problem(
            (*place, verbs[1]), f'{verb} and {verbs[1]} are two entries; give the second its own line with "then"'
        )
    for key in part:
        if key in _FIELDS and key not in _VERBS and key not in BESIDE.get(verb, ()):
            known = BESIDE.get(verb, ())
            instead = f"known there: {', '.join(known)}" if known else "nothing does"
            yield document.problem((*place, key), f"{key} does not go with {verb}; {instead}")
    kinds = (only,) if isinstance(only, str) else only
    if verb in HAPPENINGS and isinstance(kinds, tuple) and verb not in kinds and all(kind in HAPPENINGS for kind in kinds):
        yield document.problem(
            (*place, verb), f'"only" leaves {verb} out, so this is never compared; add it there or remove this entry'
        )
