"""What the content shelf can answer of what people under way have said, and who will run dry when.

Decides nothing that is sent: walks each person's coming `pick` steps with the very choice that sending makes. Dates further
out are rough, because they count no windows and no holidays, and conditions (`when`) are not asked. Never reads a store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from followupd.core.model import Prospect, Taken
from followupd.core.shelf import Choice, Fit, Nothing, Recipient, Shelf, Wish, wish_of
from followupd.core.when import Unit, parse_delay, seconds
from followupd.files.content import needs_of
from followupd.files.edition import Edition

Fits = Mapping[tuple[str, ...], list[Fit]]
"""What fits one person, by the columns that are matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One step that is still to come and asks the shelf for something; `at` is rough."""

    step: str
    at: datetime
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one person has before them in one cadence."""

    address: str
    cadence: str
    recipient: Recipient
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry:
    """The first step for which the shelf has nothing for a person."""

    address: str
    cadence: str
    step: str
    at: datetime
    because: str


@dataclass(slots=True)
class StepFigures:
    """How many people come to a step, for how many of them nothing fits, and what those had said."""

    people: int = 0
    nothing: int = 0
    wanted: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Coverage:
    """The figures of `followupd shelf`."""

    fits: Counter[str] = field(default_factory=Counter)  # by item: how many people it could be sent to
    unanswered: Counter[str] = field(default_factory=Counter)  # by words: how many people said so, and no item speaks of it
    steps: dict[tuple[str, str], StepFigures] = field(default_factory=dict)
    dry: list[Dry] = field(default_factory=list)

    def weeks(self) -> list[tuple[date, int]]:
        """How many people run dry in the week that begins on each Monday."""
        found = Counter(one.at.date() - timedelta(days=one.at.weekday()) for one in self.dry)
        return sorted(found.items())


def survey(shelf: Shelf, ways: Sequence[Way], today: date) -> Coverage:
    """The figures over everybody's coming steps."""
    found = Coverage()
    reading = _Reading(shelf, today)
    fitting: dict[str, set[str]] = {}
    unanswered: dict[str, set[str]] = {}
    for way in ways:
        fits = {match: list(shelf.fitting(match, way.recipient)) for match in {one.wish.match for one in way.coming}}
        for name in reading.offered(way, fits):
            fitting.setdefault(name, set()).add(way.address)
        for words in reading.unanswered(way):
            unanswered.setdefault(words, set()).add(way.address)
        found.dry.extend(_walk(way, fits, reading, found.steps))
    found.fits.update({name: len(people) for name, people in fitting.items()})
    found.unanswered.update({words: len(people) for words, people in unanswered.items()})
    found.dry.sort(key=lambda one: (one.at, one.address, one.cadence))
    return found


def _walk(way: Way, fits: Fits, reading: _Reading, steps: dict[tuple[str, str], StepFigures]) -> Iterator[Dry]:
    """The person's coming steps, each taking what would be chosen for it; the first that finds nothing."""
    recipient, dry = way.recipient, False
    for one in way.coming:
        figures = steps.setdefault((way.cadence, one.step), StepFigures())
        figures.people += 1
        match reading.shelf.choose(one.wish, recipient, one.at.astimezone(recipient.zone).date(), fits[one.wish.match]):
            case Choice(item):
                taken = Taken(address=way.address, item=item.name, ours=item.ours, at=one.at)
                recipient = replace(recipient, taken=(*recipient.taken, taken))
            case Nothing(because):
                figures.nothing += 1
                figures.wanted.update(reading.said(way.recipient, one.wish.match))
                if not dry:
                    yield Dry(address=way.address, cadence=way.cadence, step=one.step, at=one.at, because=because)
                dry = True


class _Reading:
    """Reads what columns say, the same text only once: many rows of a file say the same."""

    def __init__(self, shelf: Shelf, today: date) -> None:
        self.shelf, self.today = shelf, today
        current = tuple(item for item in shelf.items if item.expires is None or item.expires >= today)
        self.current = shelf if len(current) == len(shelf.items) else Shelf(current, shelf.vocabulary)
        self._cells: dict[tuple[str, str], tuple[tuple[str, bool], ...]] = {}

    def offered(self, way: Way, fits: Fits) -> set[str]:
        """The names of all items that one of the coming steps could take today."""
        wishes = {one.wish for one in way.coming}
        return {item.name for wish in wishes for item in self.shelf.offers(wish, way.recipient, self.today, fits[wish.match])}

    def unanswered(self, way: Way) -> set[str]:
        """What the person said of which no item speaks, in their words."""
        columns = {column for one in way.coming for column in one.wish.match}
        return {words for column in columns for words, answered in self._cell(way.recipient, column) if not answered}

    def said(self, recipient: Recipient, match: Sequence[str]) -> set[str]:
        """What the person said in these columns."""
        return {words for column in match for words, _ in self._cell(recipient, column)}

    def _cell(self, recipient: Recipient, column: str) -> tuple[tuple[str, bool], ...]:
        key = (recipient.columns.get(column, ""), recipient.language)
        if key not in self._cells:
            self._cells[key] = tuple(self._read(recipient, column)) if key[0] else ()
        return self._cells[key]

    def _read(self, recipient: Recipient, column: str) -> Iterator[tuple[str, bool]]:
        """Each clause of a cell that tells something, by its telling words, and whether an item speaks of it."""
        answered: dict[str, bool] = {}
        labels: dict[str, str] = {}
        for clause in self.current.clauses(recipient, column):
            strong = {term.key: term.said for term in clause.terms if not term.weak}
            if strong:
                labels.setdefault(clause.said, " ".join(strong.values()))
                answered[clause.said] = answered.get(clause.said, False) or self.current.speaks_of(clause)
        yield from ((labels[said], known) for said, known in answered.items())


# -- what is still to come -----------------------------------------------------------------------


def coming(
    edition: Edition,
    person: Prospect,
    pending: Mapping[str, datetime],
    passed: Collection[str],
    start: datetime,
    variant: str = "",
) -> Iterator[Coming]:
    """The steps that still ask the shelf for something: those that have a touch (`pending`, with its date), and those after it."""
    cadence, at, language = edition.cadence, start, person.columns.get("language", "")
    for step in cadence.steps:
        if step.id in pending:
            at = max(start, pending[step.id])
        elif step.id in passed:
            continue
        else:
            at = max(at, start) + _roughly(step.after)
        wish = wish_of(cadence, step, needs_of(edition.template(step, variant, language)))
        if wish is not None:
            yield Coming(step=step.id, at=at, wish=wish)


@lru_cache(maxsize=1000)
def _roughly(delay: str) -> timedelta:
    length = parse_delay(delay)
    return timedelta(days=length.amount * 7 / 5) if length.unit is Unit.BUSINESS_DAYS else timedelta(seconds=seconds(length))
