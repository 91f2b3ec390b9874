"""What the counts of `report` mean, and how they become rates, medians and tables.

Decides which numbers are set against each other. Never counts people itself (`store/figures.py` does), and never prints.

* A period counts an **enrollment** by the moment at which it finished: outcomes, clarity, days, what decided, reasons. It counts a **touch** by
  the moment at which it was settled (sent or done; skipped; refused or come back; found doubtful): the steps, what was learned, channels,
  gifts. What is under way or still planned is shown as it is now, whatever the period, and is part of no rate.
* Outcomes, clarity, what decided and reasons are those of cadences that **sell**. A cadence that thanks for a no, or keeps somebody warm, asks
  for no decision: it has its own line under `cadences`, and is part of no rate. A mail that acknowledges an answer (`send`) is a touch, and no
  enrollment here.
* **Clarity** is a firm yes or a firm no. Its rate is over everything that finished, silence included.
* An answer comes **after a touch**: the last one sent to this person in this enrollment before the answer arrived. Touches that were skipped,
  refused, or that came back were not sent. A touch with two answers of a kind counts once.
* A touch has **taught** something if a person wrote after it, or if something learned was written down for it.
* A **gift** is a content item that is not ours, or somebody brought to them (`give-lead`); an **ask** is an item that is ours.
* A rate or a median of fewer than `FEW` is not given: the numbers themselves say more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followupd.core.model import SALES, EnrollmentState, Outcome, TouchState

FEW = 5
"""Of fewer than so many no rate is given."""

BESIDE = ("answer", "call", "apologize")
"""Kinds of tasks that come from answers and reach the person, though no step of a cadence asks for them."""

GIFT = "give-lead"
"""The kind of task that brings somebody to a prospect."""

REOPENS = "reopen"
"""The cadence for those who said no some time ago."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a report is about. `since` is part of it, `until` is not; None and empty texts ask for everything."""

    since: datetime | None = None
    until: datetime | None = None
    mailbox: str = ""
    cadence: str = ""


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.YES: "yes",
    Outcome.NO: "no to the offer",
    Outcome.OPTED_OUT: "no contact (opted out)",
    Outcome.SILENT: "silence",
    Outcome.REFERRED: "referred to somebody else",
    Outcome.WELCOME: "may go on hearing from us",
    Outcome.BOUNCED: "address is gone",
    Outcome.FAILED: "could not be carried out",
    Outcome.STOPPED: "stopped by us",
}
"""Every outcome, in the order in which it is shown. None is ever added to another."""

KINDS: Mapping[str, str] = {
    "yes": "yes", "no": "no", "later": "later", "engaged": "question", "referral": "referral", "unsubscribe": "opted_out", "complaint": "opted_out",
    "unclear": "unclear", "bounce_hard": "bounced", "bounce_soft": "bounced", "bounce_blocked": "bounced",
}  # fmt: skip
"""The column of a step in which each kind of received mail is counted; kinds that are no answer have none."""

_STATES: Mapping[str, str] = {
    TouchState.SCHEDULED: "waiting", TouchState.SENDING: "waiting", TouchState.OPEN: "waiting", TouchState.SENT: "sent",
    TouchState.SKIPPED: "skipped", TouchState.FAILED: "failed", TouchState.DOUBTFUL: "doubtful",
}  # fmt: skip


def report(counts: Mapping[str, Rows], roles: Mapping[str, str]) -> dict[str, Any]:
    """The whole report, from the counts of `store/figures.py`. `roles` says of each edition what its cadence is for."""
    selling = {
        name: [row for row in counts[name] if roles.get(row["digest"], SALES) == SALES]
        for name in ("endings", "days", "decided", "reasons", "under_way")
    }
    return {
        "outcomes": _outcomes(selling["endings"]),
        "clarity": _clarity(selling["endings"], selling["days"]),
        "under_way": _under_way(selling["under_way"]),
        "cadences": _cadences(counts, roles),
        "reps": _reps(selling, counts["channels"]),
        "decided": _decided(selling["decided"]),
        "reasons": _reasons(selling["reasons"]),
        "steps": _steps(counts),
        "learning": _learning(counts),
        "learned": _sorted(counts["learned"], "cadence", "step", "name"),
        "channels": _channels(counts["channels"]),
        "by_hand": _sorted(counts["by_hand"], "kind"),
        "gifts": _gifts(counts["gifts"]),
        "reopened": _reopened(counts["reopened"]),
    }


def share(part: int, whole: int) -> float | None:
    """A rate from 0 to 1; None where there are too few to speak of one."""
    return round(part / whole, 4) if whole >= FEW else None


def quartiles(days: Mapping[int, int]) -> tuple[float, float, float] | tuple[None, None, None]:
    """First quartile, median and third quartile of counted values, between neighbours in proportion; None where there are too few."""
    total = sum(days.values())
    if total < FEW:
        return None, None, None
    ordered = sorted(days.items())
    first, middle, third = (_at(ordered, (total - 1) * part / 4) for part in (1, 2, 3))
    return first, middle, third


def _at(ordered: Sequence[tuple[int, int]], place: float) -> float:
    low, high = _value(ordered, int(place)), _value(ordered, int(place) + 1)
    return round(low + (high - low) * (place - int(place)), 2)


def _value(ordered: Sequence[tuple[int, int]], place: int) -> int:
    for value, count in ordered:
        place -= count
        if place < 0:
            return value
    return ordered[-1][0]


# -- enrollments ---------------------------------------------------------------------------------


def _outcomes(endings: Rows) -> list[dict[str, Any]]:
    counts = _summed(endings, "outcome")
    total = counts.total()
    return [
        {"outcome": outcome.value, "means": words, "count": counts[outcome], "share": share(counts[outcome], total)}
        for outcome, words in OUTCOMES.items()
    ]


def _clarity(endings: Rows, days: Rows) -> dict[str, Any]:
    counts = _summed(endings, "outcome")
    clear, finished = counts[Outcome.YES] + counts[Outcome.NO], counts.total()
    first, middle, third = quartiles(_summed(days, "days"))
    return {
        "finished": finished, "clear": clear, "rate": share(clear, finished), "days_first_quartile": first, "days_median": middle,
        "days_third_quartile": third,
    }  # fmt: skip


def _under_way(rows: Rows) -> dict[str, int]:
    counts = _summed(rows, "state")
    return {state.value: counts[state] for state in EnrollmentState if state != EnrollmentState.FINISHED}


def _cadences(counts: Mapping[str, Rows], roles: Mapping[str, str]) -> list[dict[str, Any]]:
    known = {row["cadence"]: roles.get(row["digest"], SALES) for name in ("endings", "under_way") for row in counts[name]}
    return [{"cadence": name, "role": role, **_each(counts, "cadence", name)} for name, role in sorted(known.items())]


def _reps(selling: Mapping[str, Rows], channels: Rows) -> list[dict[str, Any]]:
    names = {row["mailbox"] for rows in (selling["endings"], selling["under_way"], channels) for row in rows}
    touches = _summed(channels, "mailbox")
    return [{"mailbox": name, **_each(selling, "mailbox", name), "touches": touches[name]} for name in sorted(names)]


def _each(counts: Mapping[str, Rows], column: str, name: str) -> dict[str, Any]:
    """How it ended, for one cadence or one rep."""
    endings, days, going = ([row for row in counts[key] if row[column] == name] for key in ("endings", "days", "under_way"))
    outcomes = _summed(endings, "outcome")
    return {
        **_clarity(endings, days),
        **{outcome.value: outcomes[outcome] for outcome in OUTCOMES},
        "under_way": _summed(going, "state").total(),
    }


def _decided(rows: Rows) -> list[dict[str, int]]:
    counts = Counter[tuple[int, str]]()
    for row in rows:
        counts[row["touch"], row["outcome"]] += row["count"]
    return [
        {"touch": touch, "yes": counts[touch, Outcome.YES], "no": counts[touch, Outcome.NO]}
        for touch in sorted({touch for touch, _ in counts})
    ]


def _reasons(rows: Rows) -> dict[str, Any]:
    counts = Counter[tuple[str | None, str | None]]()
    for row in rows:
        counts[row["stated"] or None, row["real"] or None] += row["count"]
    pairs: list[dict[str, Any]] = [{"stated": stated, "real": real, "count": count} for (stated, real), count in counts.items()]
    both = [pair for pair in pairs if pair["stated"] and pair["real"]]
    known, differ = sum(pair["count"] for pair in both), sum(pair["count"] for pair in both if pair["stated"] != pair["real"])
    return {
        "noes": sum(pair["count"] for pair in pairs), "stated": sum(pair["count"] for pair in pairs if pair["stated"]),
        "real": sum(pair["count"] for pair in pairs if pair["real"]), "both": known, "differ": differ, "differ_rate": share(differ, known),
        "pairs": sorted(pairs, key=lambda pair: (-pair["count"], pair["stated"] or "", pair["real"] or "")),
    }  # fmt: skip


def _reopened(rows: Rows) -> dict[str, int]:
    ended = Counter[str]()
    for row in rows:
        ended[row["outcome"] or ""] += row["count"]
    going = ended.pop("", 0)
    return {"enrollments": ended.total() + going, "under_way": going, **{outcome.value: ended[outcome] for outcome in OUTCOMES}}


# -- touches -------------------------------------------------------------------------------------

_FUNNEL = ("waiting", "sent", "skipped", "failed", "doubtful", "answered", *dict.fromkeys(KINDS.values()), "taught")


def _steps(counts: Mapping[str, Rows]) -> list[dict[str, Any]]:
    steps: dict[tuple[str, str, str], dict[str, Any]] = {}
    places: dict[tuple[str, str, str], int] = {}
    for row in counts["steps"]:
        step = _step_in(steps, row)
        step[_STATES[row["state"]]] += row["count"]
        step["planned"] += row["count"]
        places[_key(row)] = min(row["position"], places.get(_key(row), row["position"]))
    for row in counts["kinds"]:
        if row["kind"] in KINDS:
            _step_in(steps, row)[KINDS[row["kind"]]] += row["count"]
    for name in ("answered", "taught"):
        for row in counts[name]:
            _step_in(steps, row)[name] += row["count"]
    return [steps[key] for key in sorted(steps, key=lambda key: (key[0], places.get(key, 0), key))]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["cadence"], row["step"], row["channel"]


def _step_in(steps: dict[tuple[str, str, str], dict[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    cadence, step, channel = _key(row)
    empty = {"cadence": cadence, "step": step, "channel": channel, "planned": 0, **dict.fromkeys(_FUNNEL, 0)}
    return steps.setdefault((cadence, step, channel), empty)


def _learning(counts: Mapping[str, Rows]) -> dict[str, Any]:
    sent = sum(row["count"] for row in counts["steps"] if row["state"] == TouchState.SENT)
    taught = sum(row["count"] for row in counts["taught"])
    return {"sent": sent, "taught": taught, "rate": share(taught, sent)}


def _channels(rows: Rows) -> list[dict[str, Any]]:
    counts = Counter[tuple[str, str]]()
    for row in rows:
        counts[row["channel"], row["kind"]] += row["count"]
    return [{"channel": channel, "kind": kind, "count": count} for (channel, kind), count in sorted(counts.items())]


def _gifts(rows: Rows) -> dict[str, Any]:
    (row,) = rows
    average = round(row["gifts"] / row["asked"], 2) if row["asked"] >= FEW else None
    return {
        "people": row["people"], "gift_first": row["gift_first"], "gift_first_rate": share(row["gift_first"], row["people"]),
        "asked": row["asked"], "gifts_before": row["gifts"], "gifts_before_average": average,
    }  # fmt: skip


def _summed(rows: Rows, column: str) -> Counter[Any]:
    counts = Counter[Any]()
    for row in rows:
        counts[row[column]] += row["count"]
    return counts


def _sorted(rows: Rows, *columns: str) -> list[dict[str, Any]]:
    return sorted((dict(row) for row in rows), key=lambda row: [row[column] for column in columns])


# -- as one long table ---------------------------------------------------------------------------

LABELS: Mapping[str, tuple[str, ...]] = {
    "outcomes": ("outcome",), "cadences": ("cadence",), "reps": ("mailbox",), "decided": ("touch",), "pairs": ("stated", "real"),
    "steps": ("cadence", "step", "channel"), "learned": ("cadence", "step", "name"), "channels": ("channel", "kind"), "by_hand": ("kind",),
}  # fmt: skip
"""What tells the rows of each section apart; everything else in them is a number."""

LONG = ("section", "name", "second_name", "third_name", "measure", "value")


def long(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str, Any]]:
    """The report in one table of the columns `LONG`: one number to a row. What is not given stands there empty."""
    for section, content in found.items():
        for row in content if isinstance(content, list) else [content]:
            names = [str(row[label] or "") for label in LABELS.get(section, ())]
            first, second, third = (*names, "", "", "")[:3]
            for measure, value in row.items():
                if isinstance(value, list):
                    yield from long({measure: value})
                elif measure not in LABELS.get(section, ()) and not isinstance(value, str):
                    yield section, first, second, third, measure, value
