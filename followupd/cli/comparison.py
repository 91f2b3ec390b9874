"""What was expected and what happened, side by side.

Decides which entry of a diary is meant by which thing that happened, and in what they differ. Entries are held against what
happened in the same minute first, then against what is alike; the rest is missing, or was not expected. Never plays anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followupd.cli.playing import Happened, Played
from followupd.files.cadence_tests import Case, Entry, Moment, parse_moment

SAME, DIFFERS, MISSING, UNEXPECTED = " ", "!", "-", "+"
"""How a line of the two diaries is marked."""

WIDEST = 74


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One line of the two diaries. `faults` say in what they differ, in words for people, several lines each."""

    entry: Entry | None = None
    happened: Happened | None = None
    faults: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What to show in front of the line."""
        if self.entry is None:
            return UNEXPECTED
        if self.happened is None and self.entry.expected:
            return MISSING
        return DIFFERS if self.faults else SAME

    @property
    def at(self) -> datetime:
        """Where it stands in the order of time."""
        if self.entry is not None:
            return self.entry.moment.first
        assert self.happened is not None
        return self.happened.at.replace(tzinfo=None)


def compare(played: Played) -> list[Pair]:
    """Both diaries as one, in the order of time."""
    case = played.case
    left = [one for one in played.happened if one.verb in case.only]
    wanted = [entry for entry in case.diary if entry.expected]
    pairs: dict[int, Pair] = {}
    for fits in _FITS:
        for entry in wanted:
            if id(entry) in pairs:
                continue
            found = min((one for one in left if fits(entry, one)), key=lambda one: _distance(entry, one), default=None)
            if found is not None:
                left.remove(found)
                pairs[id(entry)] = Pair(entry=entry, happened=found, faults=faults_of(entry, found))
    lines = [pairs.get(id(entry)) or _alone(number, entry, played) for number, entry in enumerate(case.diary)]
    return _in_order(lines, [Pair(happened=one, faults=_not_expected(one)) for one in left])


def _alone(number: int, entry: Entry, played: Played) -> Pair:
    if entry.expected:
        return Pair(entry=entry, faults=(f"{title(entry)}: this did not happen",))
    trouble = played.trouble.get(number)
    return Pair(entry=entry, faults=(f"{title(entry)}: {trouble}",) if trouble else ())


def _not_expected(one: Happened) -> tuple[str, ...]:
    because = one.said.get("because")
    lines = [f"{_moment(one)} {_named(one)}: this was not expected"]
    lines += [f"because: {because}"] if because else []
    return ("\n".join([*lines, *_rules(one)]),)


def _in_order(lines: list[Pair], others: list[Pair]) -> list[Pair]:
    """The diary as it was written, with what was not expected put where it belongs."""
    for other in others:
        place = next((number for number, line in enumerate(lines) if line.at > other.at), len(lines))
        lines.insert(place, other)
    return lines


# -- which is which ------------------------------------------------------------------------------


def _same_kind(entry: Entry, one: Happened) -> bool:
    return entry.verb == one.verb and entry.verb not in ("mail", "task") and entry.moment.covers(one.at)


def _same_thing(entry: Entry, one: Happened) -> bool:
    return entry.verb == one.verb and not _name_faults(entry, one)


_FITS: tuple[Callable[[Entry, Happened], bool], ...] = (
    lambda entry, one: not faults_of(entry, one),
    lambda entry, one: _same_thing(entry, one) and entry.moment.covers(one.at),
    lambda entry, one: _same_thing(entry, one) and abs((one.at.replace(tzinfo=None) - entry.moment.first).days) < 60,
    _same_kind,
    lambda entry, one: entry.verb == one.verb and entry.moment.covers(one.at),
)
"""From the best match to the last resort."""


def _distance(entry: Entry, one: Happened) -> float:
    return abs((one.at.replace(tzinfo=None) - entry.moment.first).total_seconds())


# -- in what they differ -------------------------------------------------------------------------


def faults_of(entry: Entry, one: Happened) -> tuple[str, ...]:
    """Everything in which what happened is not what was expected."""
    if entry.verb != one.verb:
        return (f"{one.verb} in place of {entry.verb}",)
    found = [*_name_faults(entry, one), *_date_faults(entry, one)]
    for key, wanted in entry.said.items():
        if key in _CHECKS:
            found += _CHECKS[key](key, wanted, one)
    return tuple(found)


def _name_faults(entry: Entry, one: Happened) -> list[str]:
    if entry.verb in ("held", "rejected"):
        return [] if entry.value is True else _contains(entry.verb, entry.value, str(one.said.get("because", "")))
    if entry.verb == "suppressed":
        return [] if entry.value is True or entry.value == one.value else [_instead("suppressed", str(entry.value), one.value)]
    if entry.verb == "paused":
        return _paused(entry, one)
    wanted = (
        str(entry.value) if entry.verb == "enrolled" or entry.cadence == one.cadence else f"{entry.value}, in {entry.cadence}"
    )
    got = one.value if entry.verb == "enrolled" or entry.cadence == one.cadence else f"{one.value}, in {one.cadence}"
    return [] if wanted == got else [_instead(entry.verb, wanted, got)]


def _paused(entry: Entry, one: Happened) -> list[str]:
    until = one.said.get("until")
    if entry.cadence != one.cadence:
        return [f"in {one.cadence}, not in {entry.cadence}"]
    if entry.value is True or (until and parse_moment(str(entry.value)).covers(until)):
        return []
    return [_instead("paused until", str(entry.value), f"{until:%Y-%m-%d %H:%M}" if until else "somebody resumes it")]


def _date_faults(entry: Entry, one: Happened) -> list[str]:
    if entry.moment.covers(one.at):
        return []
    happened = Moment(one.at.date(), one.at.time() if entry.moment.clock else None)
    return ["\n".join([_instead("when", str(entry.moment), str(happened)), *_rules(one)])]


def _rules(one: Happened) -> list[str]:
    return [f"by the rule: {rule}" for rule in one.why]


def _exactly(key: str, wanted: Any, one: Happened) -> list[str]:
    got = str(one.said.get(key) or "")
    return [] if _flat(str(wanted)) == _flat(got) else [_instead(key, str(wanted), got)]


def _until(key: str, wanted: Any, one: Happened) -> list[str]:
    got = one.said.get("until")
    if got and parse_moment(str(wanted)).covers(got):
        return []
    return [_instead(key, str(wanted), f"{got:%Y-%m-%d %H:%M}" if got else "no deadline")]


def _because(key: str, wanted: Any, one: Happened) -> list[str]:
    return _contains(key, str(wanted), str(one.said.get("because", "")))


def _has(key: str, wanted: Any, one: Happened) -> list[str]:
    text, page = str(one.said.get("text", "")), _flat(str(one.said.get("page", "")))
    return [fault for words in wanted if _flat(words) not in page for fault in _contains(key, words, text)]


def _lacks(key: str, wanted: Any, one: Happened) -> list[str]:
    text = _flat(f"{one.said.get('text', '')}\n{one.said.get('page', '')}")
    return [f"{key}: these words stand in the text: {words}" for words in wanted if _flat(words) in text]


_CHECKS: Mapping[str, Callable[[str, Any, Happened], list[str]]] = {
    "subject": _exactly,
    "title": _exactly,
    "item": _exactly,
    "thread": _exactly,
    "from": _exactly,
    "for": _exactly,
    "until": _until,
    "because": _because,
    "has": _has,
    "lacks": _lacks,
}


def _flat(text: str) -> str:
    """Without the line breaks that nobody can see in a mail."""
    return " ".join(text.split())


def _contains(key: str, words: str, text: str) -> list[str]:
    if _flat(words) in _flat(text):
        return []
    lines = [_flat(line) for line in text.splitlines() if line.strip()]
    near = difflib.get_close_matches(_flat(words), lines, n=1, cutoff=0.3) or lines[:1]
    return [_instead(f"{key}, nearest line", _flat(words), near[0] if near else "")]


def _instead(what: str, wanted: str, got: str) -> str:
    """A small diff: two lines, one above the other."""
    return f"{what}:\n  - {wanted}\n  + {got or '(nothing)'}"


# -- words ---------------------------------------------------------------------------------------


def title(entry: Entry) -> str:
    """An entry in one line."""
    if entry.verb in ("reply", "away"):
        return f"{entry.verb}: {_flat(str(entry.value))}"
    if entry.verb == "row":
        return "row: " + ", ".join(f"{name} {value}" for name, value in entry.value.items())
    return entry.verb if entry.value is True else f"{entry.verb} {entry.value}"


def _moment(one: Happened) -> Moment:
    return Moment(one.at.date(), one.at.time())


def _named(one: Happened) -> str:
    return f"{one.verb} {one.value}".strip()


def told(case: Case, pairs: Sequence[Pair], width: int) -> list[str]:
    """The two diaries of a case as lines: what was expected on the left, what happened on the right."""
    rows = [(pair.mark, *_cells(case, pair)) for pair in pairs]
    left = min(max([len(row[1]) for row in rows] + [len("expected")]), max(24, (width - 8) // 2), WIDEST)
    lines = [f"    {'expected':<{left}}   happened"]
    for mark, expected, happened in rows:
        lines.append(f"  {mark} {_cut(expected, left):<{left}}   {_cut(happened, max(width - left - 7, 24))}".rstrip())
    return lines


def _cells(case: Case, pair: Pair) -> tuple[str, str]:
    expected = f"{pair.entry.moment} {title(pair.entry)}{_in(case, pair.entry.cadence)}" if pair.entry else ""
    if pair.entry and not pair.entry.expected:
        return expected, "" if pair.faults else "·"
    if pair.happened is None:
        return expected, ""
    return expected, f"{_moment(pair.happened)} {_named(pair.happened)}{_in(case, pair.happened.cadence)}"


def _in(case: Case, cadence: str) -> str:
    return f" ({cadence})" if cadence and cadence != case.cadence else ""


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def explained(case: Case, pairs: Iterable[Pair]) -> list[str]:
    """Each difference with the place of its entry; what was not expected, with the place of the test."""
    lines: list[str] = []
    for pair in pairs:
        where = pair.entry or case
        name = f"{title(pair.entry)}: " if pair.entry and pair.happened else ""
        for fault in pair.faults:
            first, *rest = fault.splitlines()
            lines += [f"{case.path}:{where.line}:{where.column}: {name}{first}", *(f"    {line}" for line in rest)]
    return lines


def listed(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    """The two diaries for machines."""
    return [
        {
            "result": {SAME: "same", DIFFERS: "differs", MISSING: "missing", UNEXPECTED: "unexpected"}[pair.mark],
            "line": pair.entry.line if pair.entry else None,
            "column": pair.entry.column if pair.entry else None,
            "expected": f"{pair.entry.moment} {title(pair.entry)}" if pair.entry else None,
            "happened": f"{_moment(pair.happened)} {_named(pair.happened)}" if pair.happened else None,
            "faults": list(pair.faults),
        }
        for pair in pairs
    ]
