"""How well replies are read: figures over labelled ones, by label, language and difficulty.

Decides what is counted, and what a mistake costs; never what is good enough. Pure: it is given replies and gives tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from followupd.core.model import Reading
from followupd.core.replies.agreement import FIRM, MACHINE
from followupd.core.replies.kinds import classify
from followupd.core.replies.labelled import Labelled, inbound
from followupd.core.replies.statistics import LABELS, Model

UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled reply and how it was read."""

    row: Labelled
    reading: Reading

    @property
    def acted(self) -> str:
        """The label that is acted on, or `unclear`."""
        return self.reading.kind.value

    @property
    def right(self) -> bool:
        """Whether it is acted on as what it is."""
        return self.acted == self.row.label


@dataclass(frozen=True, slots=True)
class Table:
    """Figures for people: a title, the names of the columns, the rows."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_all(rows: Iterable[Labelled], model: Model | None = None) -> list[Judged]:
    """Read each reply as the daemon would."""
    return [Judged(row, classify(inbound(row), asked=row.asked, model=model)) for row in rows if row.label]


def quotes(rows: Iterable[Labelled]) -> Table:
    """How often the writer's own words, where they are marked, are told from quotes and signatures."""
    marked = [(row.typed.split(), inbound(row).typed.split()) for row in rows if row.typed is not None]
    kinds = (
        ("exactly the writer's words", sum(wanted == found for wanted, found in marked)),
        ("words of others among them", sum(bool(Counter(found) - Counter(wanted)) for wanted, found in marked)),
        ("half of the writer's words lost", sum(_lost(wanted, found) for wanted, found in marked)),
    )
    return Table(
        "Quotes",
        ("", "replies", "", "share"),
        tuple((name, str(len(marked)), str(part), share(part, len(marked))) for name, part in kinds if marked),
    )


def _lost(wanted: list[str], found: list[str]) -> bool:
    return 2 * (Counter(wanted) - Counter(found)).total() > len(wanted)


def cost(judged: Sequence[Judged]) -> float:
    """What the mistakes cost a reply, on average: asking a person is 1."""
    return sum(map(_cost, judged)) / max(1, len(judged))


def _cost(one: Judged) -> float:
    if one.right:
        return 0
    if one.acted == UNCLEAR:
        return 1
    if one.acted in FIRM or one.row.label == "unsubscribe":
        return 10  # ends a living conversation, or goes on after an opt-out
    if one.acted in MACHINE:
        return 5  # a person taken for a machine
    return 3


def tables(judged: Sequence[Judged]) -> list[Table]:
    """Everything that is said of a set of replies."""
    people = [one for one in judged if one.row.label not in MACHINE]
    found = [
        _effects(judged, people),
        Table(
            "By label",
            ("label", "replies", "acted on as it", "held", "said to be it", "of these right"),
            tuple(_by_label(judged)),
        ),
        Table("By difficulty (people)", HEADERS, tuple(_by(people, lambda one: one.row.difficulty or "-"))),
        Table("By language (people)", HEADERS, tuple(_by(people, lambda one: one.row.lang or "-"))),
        Table("Dates", ("label", "give one", "right", "asked about", "wrong", "invented"), tuple(_dates(judged))),
        Table("What is taken for what", ("label", *_said(judged)), tuple(_confusion(judged))),
    ]
    return [table for table in found if table.rows]


HEADERS = ("", "replies", "acted on", "of these right", "acted on and right")


def share(part: int, of: int) -> str:
    """A share as people read it."""
    return f"{part / of:.1%}" if of else "-"


def _effects(judged: Sequence[Judged], people: Sequence[Judged]) -> Table:
    firm = [one for one in judged if one.acted in FIRM]
    machines = [one for one in judged if one.row.label in MACHINE]
    stopped = sum(one.acted not in MACHINE for one in people)
    rows = (
        ("acted on as yes, no or unsubscribe", len(firm), sum(one.right for one in firm)),
        ("firm effects among all replies that carry another label", len(judged), sum(not one.right for one in firm)),
        ("people whose reply stops or pauses the cadence", len(people), stopped),
        ("people acted on without a human", len(people), sum(one.acted != UNCLEAR for one in people)),
        ("automatic mail told from people", len(machines), sum(one.acted in MACHINE for one in machines)),
        ("people taken for automatic", len(people), len(people) - stopped),
    )
    return Table(
        "Effects", ("", "of", "", "share"), tuple((name, str(of), str(part), share(part, of)) for name, of, part in rows)
    )


def _by_label(judged: Sequence[Judged]) -> Iterable[tuple[str, ...]]:
    for label in LABELS:
        of = [one for one in judged if one.row.label == label]
        said = [one for one in judged if one.acted == label]
        if of or said:
            right = sum(one.right for one in said)
            held = sum(one.acted == UNCLEAR for one in of)
            yield label, str(len(of)), share(right, len(of)), share(held, len(of)), str(len(said)), share(right, len(said))


def _by(people: Sequence[Judged], key: Callable[[Judged], str]) -> Iterable[tuple[str, ...]]:
    for name in sorted({key(one) for one in people}):
        of = [one for one in people if key(one) == name]
        acted = [one for one in of if one.acted != UNCLEAR]
        right = sum(one.right for one in acted)
        yield name, str(len(of)), share(len(acted), len(of)), share(right, len(acted)), share(right, len(of))


def _dates(judged: Sequence[Judged]) -> Iterable[tuple[str, ...]]:
    for label in ("later", "out_of_office"):
        seen = [one for one in judged if one.row.label == label == one.acted]
        given = [one for one in seen if one.row.resume]
        right = sum(one.reading.resume == one.row.resume for one in given)
        asked = sum(one.reading.resume is None for one in given)
        invented = sum(one.row.resume is None and one.reading.resume is not None for one in seen)
        if seen:
            yield (
                label,
                str(len(given)),
                share(right, len(given)),
                share(asked, len(given)),
                share(len(given) - right - asked, len(given)),
                str(invented),
            )


def _said(judged: Sequence[Judged]) -> tuple[str, ...]:
    said = {one.acted for one in judged}
    return tuple(label for label in (*LABELS, *sorted(said - set(LABELS))) if label in said)


def _confusion(judged: Sequence[Judged]) -> Iterable[tuple[str, ...]]:
    counts = Counter((one.row.label, one.acted) for one in judged)
    for label in LABELS:
        if any(of == label for of, _ in counts):
            yield label, *(str(counts[label, said] or "") for said in _said(judged))
