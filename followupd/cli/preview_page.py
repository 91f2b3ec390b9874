"""The page of `preview --html`: a cadence as a calendar to read from top to bottom, with the mails in it.

Decides how a rehearsal looks on paper and on a screen, nothing else: dates, rules and words are those of the rehearsal. The
page stands alone: one file, no script, and nothing that is fetched from anywhere (it says so itself, by its content security
policy). What came from a row or a file is text on it; of a mail's HTML part only what letters are made of is kept.
"""

from __future__ import annotations

from calendar import MONDAY, SATURDAY
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from functools import lru_cache
from importlib.resources import files
from itertools import groupby, pairwise

import nh3
from jinja2 import Environment, StrictUndefined, Template
from lxml import etree, html
from markupsafe import Markup

from followupd import __version__
from followupd.cli.rehearsal import Rehearsal, Shown
from followupd.core.timing import Timing, timing_for
from followupd.core.when import Calendar, speak
from followupd.files.templates import Template as Source

_LETTER = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h4", "hr", "div"}
_HEADINGS = ("h1", "h2", "h3", "h5", "h6")
_DAY = timedelta(days=1)


# -- what stands on it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """Why nothing happens on some days: a holiday, or somebody is away."""

    days: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """The day on which the prospect is enrolled."""

    at: datetime
    row: str = "begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Days without a word, all of one month: a mark for each."""

    first: date
    marks: tuple[str, ...]
    notes: tuple[Note, ...]
    words: str = ""
    row: str = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One touch: `look` is mail, task, skipped or problem."""

    number: int
    at: datetime
    step: str
    glyph: str
    kind: str
    look: str
    rules: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    trouble: str = ""
    trouble_text: str = ""
    sender: str = ""
    reply_to: str = ""
    subject: str = ""
    teaser: str = ""
    language: str = ""
    body: Markup = field(default_factory=Markup)
    row: str = "touch"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How it ends where nobody answers; without a date where the cadence stops early."""

    at: datetime | None
    month: date
    words: str
    row: str = "end"


Row = Begin | Silence | Card | End


@dataclass(frozen=True, slots=True)
class Month:
    """A month with something in it; `still` where that is only silence."""

    key: str
    name: str
    rows: tuple[Row, ...]

    @property
    def still(self) -> bool:
        """Nothing happens in it."""
        return all(isinstance(row, Silence) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that the page says, in the order of reading."""

    cadence: str
    whom: str
    about: str
    sum: str
    facts: tuple[tuple[str, str], ...]
    holidays: tuple[Note, ...]
    touches: tuple[Card, ...]
    months: tuple[Month, ...]
    version: str = __version__

    @property
    def years(self) -> bool:
        """It takes more than one year, so that a date needs its year."""
        return len({card.at.year for card in self.touches}) > 1


# -- the page --------------------------------------------------------------------------------------


def as_page(rehearsal: Rehearsal, shown: Sequence[Shown], *, sample: bool, end: str) -> str:
    """The whole document. `end` is the sentence about the end that every form of the preview says."""
    page = _page(rehearsal, shown, sample=sample, end=end)
    return _template().render(page=page, style=Markup(_packed("preview.css")), spoken=lambda at: speak(at, rehearsal.zone))  # noqa: S704


@lru_cache(maxsize=1)
def _template() -> Template:
    surroundings = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finished
    )
    return surroundings.from_string(_packed("preview.html"))


def _packed(name: str) -> str:
    return (files("followupd.cli") / name).read_text("utf-8")


def _finished(value: object) -> object:
    return Markup(_legible(str(value))) if isinstance(value, Markup) else _legible(str(value))  # noqa: S704 - as safe as before


def _legible(text: str) -> str:
    """What a page can't hold (control characters, half a character) is shown as a box."""
    return "".join(letter if letter.isprintable() or letter in _ALLOWED else _boxed(letter) for letter in text)


_ALLOWED = frozenset("\n\t\u00a0\u200c\u200d\u200e\u200f\u00ad\u2028\u2029") | frozenset(map(chr, range(0xE0020, 0xE0080)))
"""Not printable for Python, but part of how people write: joiners of emoji and Indic letters, marks of direction, flags."""


def _boxed(letter: str) -> str:
    return " " if letter.isspace() else "\ufffd"


def _page(rehearsal: Rehearsal, shown: Sequence[Shown], *, sample: bool, end: str) -> Page:
    timing = timing_for(rehearsal.cadence, rehearsal.prospect, rehearsal.mailbox.name)
    shared = _shared(shown)
    cards = tuple(_cards(rehearsal, shown, shared))
    rows: list[Row] = [Begin(at=rehearsal.enrollment.started.astimezone(timing.zone)), *cards, _end(rehearsal, cards, end)]
    whole = [*_with_silence(rows, timing.calendar)]
    person = rehearsal.prospect
    return Page(
        cadence=rehearsal.cadence.name, whom=person.display_name or person.address, about=rehearsal.cadence.about or "", sum=_sum(cards),
        facts=tuple(_head(rehearsal, timing, shared, sample=sample)),
        holidays=tuple(_notes(_days(_date(rows[0]), _date(rows[-1])), timing.calendar)), touches=cards, months=tuple(_months(whole)),
    )  # fmt: skip


def _head(rehearsal: Rehearsal, timing: Timing, shared: Sequence[str], *, sample: bool) -> Iterator[tuple[str, str]]:
    person, mailbox = rehearsal.prospect, rehearsal.mailbox
    yield "To", f"{person.display_name} <{person.address}>{', a made-up prospect' if sample else ''}".strip()
    yield "From", f"{mailbox.display_name} <{mailbox.address}>".strip()
    zone = f"{timing.zone.key} ({timing.zone_from})"
    yield "Time zone", zone
    yield "Window", str(rehearsal.cadence.window)
    if rehearsal.enrollment.variant:
        yield "Variant", rehearsal.enrollment.variant
    for rule in shared:
        if zone not in rule:
            yield "Each date", rule


def _sum(cards: Sequence[Card]) -> str:
    looks = Counter(card.look for card in cards)
    parts = [f"{looks[each]} {each}{'' if looks[each] == 1 else 's'}" for each in ("mail", "task") if looks[each]]
    days = (cards[-1].at.date() - cards[0].at.date()).days + 1 if cards else 0
    happens = f"{' and '.join(parts)} in {days} day{'' if days == 1 else 's'}" if parts else "Nothing happens"
    more = [f"{looks[each]} {words}" for each, words in (("skipped", "skipped"), ("problem", "can't be written")) if looks[each]]
    return "; ".join([happens, *more])


# -- touches ---------------------------------------------------------------------------------------


def _shared(shown: Sequence[Shown]) -> tuple[str, ...]:
    """Rules that stand behind every date: they are said once, at the top."""
    if len(shown) < 2:
        return ()
    return tuple(rule for rule in shown[0].why if all(rule in one.why for one in shown))


def _cards(rehearsal: Rehearsal, shown: Sequence[Shown], shared: Sequence[str]) -> Iterator[Card]:
    place = 0
    for number, one in enumerate(shown, 1):
        if one.raw:
            place = 1 if one.thread == "new" else place + 1
        yield _card(rehearsal, number, one, place, shared)


def _card(rehearsal: Rehearsal, number: int, one: Shown, place: int, shared: Sequence[str]) -> Card:
    touch = one.touch
    card = Card(
        number=number, at=touch.due.astimezone(rehearsal.zone), step=touch.step, glyph=_glyph(one), kind=_kind(one, place), look=_look(one),
        rules=tuple(rule for rule in one.why if rule not in shared) or one.why, facts=tuple(_facts(rehearsal, one)),
        language=_language(rehearsal, one),
    )  # fmt: skip
    match card.look:
        case "skipped":
            return replace(card, trouble="Skipped:", trouble_text=one.skipped)
        case "problem":
            return replace(card, trouble="Can't be written:", trouble_text=one.problem)
        case "mail":
            return _with_mail(card, one)
        case _:
            return replace(card, subject=one.subject, body=_note_body(one.text))


def _look(one: Shown) -> str:
    if one.problem or one.skipped:
        return "problem" if one.problem else "skipped"
    return "task" if one.task else "mail"


def _glyph(one: Shown) -> str:
    return "task" if one.task or one.touch.channel != "email" else "mail"


def _kind(one: Shown, place: int) -> str:
    if one.task:
        return "task for a human" if one.touch.channel != "email" else "a mail to be written by hand"
    if not one.raw:
        return "mail" if one.touch.channel == "email" else "task for a human"
    return "mail, begins a conversation" if place == 1 else f"mail {place} of the conversation"


def _facts(rehearsal: Rehearsal, one: Shown) -> Iterator[tuple[str, str]]:
    step = rehearsal.cadence.steps[one.touch.position]
    if one.touch.deadline:
        yield "To be done by", speak(one.touch.deadline, rehearsal.zone)
    if one.item:
        yield "From the shelf", _item(rehearsal, one.item)
    if one.because:
        yield "Because", one.because
    doors = step.fields.get("doors")
    if isinstance(doors, (list, tuple)) and doors:
        yield "Doors", ", ".join(str(door) for door in doors)
    if step.brings:
        yield "Brings", step.brings
    if step.learn:
        yield "We learn", step.learn
    template = _template_of(rehearsal, one)
    if template:
        yield "Template", template.path


def _template_of(rehearsal: Rehearsal, one: Shown) -> Source | None:
    step, language = rehearsal.cadence.steps[one.touch.position], rehearsal.prospect.columns.get("language", "")
    try:
        return rehearsal.edition.template(step, rehearsal.enrollment.variant, language)
    except LookupError:
        return None


def _language(rehearsal: Rehearsal, one: Shown) -> str:
    """The language that the template's name tells (`value.de`), nothing where it tells none."""
    template = _template_of(rehearsal, one)
    return template.name.rpartition("/")[2].partition(".")[2] if template else ""


def _item(rehearsal: Rehearsal, name: str) -> str:
    item = next((one for one in rehearsal.workspace.items if one.name == name), None)
    return f"{item.title} ({name}, {'ours' if item.ours else 'not about us'})" if item else name


# -- words -----------------------------------------------------------------------------------------


def _with_mail(card: Card, one: Shown) -> Card:
    """The mail is read from the very bytes that would leave."""
    mail = message_from_bytes(one.raw, policy=policy.default)
    part = mail.get_body(("html",))
    teaser, body = _letter(part.get_content()) if part else ("", _note_body(one.text))
    sender, reply_to, subject = (str(mail[name] or "") for name in ("From", "Reply-To", "Subject"))
    return replace(card, sender=sender, reply_to=reply_to, subject=subject, teaser=teaser, body=body)


def _letter(document: str) -> tuple[str, Markup]:
    """The line that inboxes show beside the subject, and the letter itself, as clean HTML."""
    letter = html.document_fromstring(document, parser=html.HTMLParser(encoding=None)).find("body/div")
    teaser = ""
    if letter is None:
        return "", Markup()
    for part in letter.findall("div"):
        if "display:none" in (part.get("style") or ""):
            teaser = part.text_content()
            part.drop_tree()
        else:
            part.set("class", "foot")
    for heading in letter.iter(*_HEADINGS):
        heading.tag = "h4"
    return teaser, _clean("".join(etree.tostring(part, encoding="unicode", method="html") for part in letter))


def _clean(markup: str) -> Markup:
    """Only what letters are made of. Each block finds its own direction of writing; a link tells nobody where it was clicked."""
    kept = nh3.clean(
        markup, tags=_LETTER, attributes={"a": {"href"}, "ol": {"start"}}, allowed_classes={"div": {"foot"}},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer",
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in ("p", "li", "blockquote", "h4", "div")},
    )  # fmt: skip
    return Markup(kept)  # noqa: S704 - this is what nh3 is for


def _note_body(text: str) -> Markup:
    """Plain text as paragraphs; lines that begin with `>` are a quotation."""
    made: list[Markup] = []
    for quoted, lines in groupby(text.strip().splitlines(), key=lambda line: line.startswith(">")):
        words = "\n".join(line.removeprefix(">").removeprefix(" ") if quoted else line for line in lines).strip("\n")
        paragraphs = Markup().join(Markup('<p dir="auto">{}</p>').format(part) for part in words.split("\n\n") if part.strip())
        made.append(Markup("<blockquote>{}</blockquote>").format(paragraphs) if quoted else paragraphs)
    return Markup("\n").join(made)


# -- days ------------------------------------------------------------------------------------------


def _end(rehearsal: Rehearsal, cards: Sequence[Card], words: str) -> End:
    last = cards[-1].at if cards else rehearsal.enrollment.started.astimezone(rehearsal.zone)
    until = None if rehearsal.ended else rehearsal.enrollment.until
    at = until.astimezone(rehearsal.zone) if until else None
    return End(at=at, month=(at or last).date(), words=words)


def _date(row: Row) -> date:
    match row:
        case Begin(at=at) | Card(at=at):
            return at.date()
        case Silence(first=first):
            return first
        case End(month=month):
            return month


def _days(first: date, last: date) -> list[date]:
    """From the first to the last, both included."""
    return [first + number * _DAY for number in range((last - first).days + 1)]


def _with_silence(rows: Sequence[Row], calendar: Calendar) -> Iterator[Row]:
    """The rows, and between them the days without one."""
    for before, after in pairwise(rows):
        yield before
        still = _days(_date(before) + _DAY, _date(after) - _DAY)
        words = f"{len(still)} day{'' if len(still) == 1 else 's'} of silence"
        for number, (_, days) in enumerate(groupby(still, key=_month_key)):
            yield _silence(list(days), calendar, "" if number else words)
    yield rows[-1]


def _silence(days: Sequence[date], calendar: Calendar, words: str) -> Silence:
    return Silence(
        first=days[0], marks=tuple(_mark(day, calendar) for day in days), notes=tuple(_notes(days, calendar)), words=words
    )


def _mark(day: date, calendar: Calendar) -> str:
    look = "holiday" if calendar.name_of(day) else "weekend" if day.weekday() >= SATURDAY else "day"
    return f"{look} week" if day.weekday() == MONDAY else look


def _notes(days: Sequence[date], calendar: Calendar) -> Iterator[Note]:
    """The holidays among these days; one that lasts is named once."""
    for name, same in groupby(days, key=calendar.name_of):
        if name:
            run = list(same)
            yield Note(_spoken(run[0]) if len(run) == 1 else f"{_spoken(run[0])} to {_spoken(run[-1])}", name)


def _spoken(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _month_key(day: date) -> str:
    return f"month-{day:%Y-%m}"


def _months(rows: Sequence[Row]) -> Iterator[Month]:
    for key, same in groupby(rows, key=lambda row: _month_key(_date(row))):
        inside = tuple(same)
        yield Month(key, f"{_date(inside[0]):%B %Y}", inside)
