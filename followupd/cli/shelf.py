"""`shelf`: what the content shelf can answer, what it can't, and who will run dry when.

Decides only whose way is looked at and how the figures are shown; they come from `coverage.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.files.problems import did_you_mean

if TYPE_CHECKING:
    from followupd.cli.coverage import Coverage, StepFigures, Way
    from followupd.core.model import Taken
    from followupd.office import Office

MOST_SHOWN = 20
"""So many lines of what is wanted are shown to people; `--json` has all."""


@command(
    click.option(
        "--csv", "sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Look at the rows of this file, as if they were enrolled now, instead of at the people under way.",
    ),
    click.option("--cadence", metavar="NAME", help="Only this cadence; with --csv, the one for rows that name none."),
    click.option("--people", is_flag=True, help="List everybody who will run dry."),
    as_json,
)  # fmt: skip
def shelf(sheet: Path | None, cadence: str | None, people: bool, as_json: bool) -> None:
    """What the content shelf can answer of what people said, and who will run dry when. Dates further out are rough."""
    from followupd.cli.coverage import survey

    with place.office() as office:
        if cadence is not None and cadence not in office.workspace.cadences:
            raise say.Fault(f'there is no cadence "{cadence}" in order; {did_you_mean(cadence, office.workspace.cadences)}')
        now, taken = office.clock.now(), office.store.taken()
        refused: list[str] = []
        if sheet:
            ways = list(_from_file(office, sheet, cadence, taken, now, refused))
        else:
            ways = list(_under_way(office, cadence, taken, now))
        zone = ZoneInfo(office.config.defaults.timezone)
        today = now.astimezone(zone).date()
        found = survey(office.workspace.shelf, ways, today)
        listed = _listed(office, found, ways, taken, now, people=people) | {"refused": refused}
    if as_json:
        say.as_json(listed)
    else:
        _print(listed, today.isoformat())


# -- whose way -----------------------------------------------------------------------------------


def _under_way(office: Office, cadence: str | None, taken: dict[str, tuple[Taken, ...]], now: datetime) -> Iterator[Way]:
    from followupd.cli.coverage import Way, coming
    from followupd.core.shelf import Recipient

    for enrollment, person, touches in office.store.under_way():
        if cadence not in {None, enrollment.cadence}:
            continue
        pending = {touch.step: touch.due for touch in touches if touch.state.value == "scheduled"}
        start = max(now, enrollment.until) if enrollment.state.value == "paused" and enrollment.until else now
        steps = coming(office.edition(enrollment.digest), person, pending, enrollment.passed, start, enrollment.variant)
        recipient = Recipient(columns=person.columns, taken=taken.get(person.address, ()))
        yield Way(address=person.address, cadence=enrollment.cadence, recipient=recipient, coming=tuple(steps))


def _from_file(
    office: Office, path: Path, cadence: str | None, taken: dict[str, tuple[Taken, ...]], now: datetime, refused: list[str]
) -> Iterator[Way]:
    """The rows that intake would accept; what it would hand back is told."""
    from followupd.cli.coverage import Way, coming
    from followupd.core.shelf import Recipient
    from followupd.enroll import prospect_of, rules_of
    from followupd.files.prospects import Rejection, judge, read_sheet

    intake = office.config.intake
    sheet = read_sheet(path.read_bytes(), name=path.name, fallback=intake.encoding, limits=intake.limits)
    if sheet.problem:
        raise say.Fault(sheet.problem)
    rules = rules_of(office, path.name, "")
    rules = replace(
        rules,
        default_cadence=cadence or rules.default_cadence,
        default_owner=rules.default_owner or next(iter(office.config.mailboxes), ""),
    )
    for row in sheet.rows:
        judged = judge(row, rules)
        if isinstance(judged, Rejection):
            refused.append(f"row {judged.line}: {judged.reason}")
            continue
        edition = office.workspace.editions[judged.cadence]
        person = prospect_of(judged, edition.cadence)
        recipient = Recipient(columns=person.columns, taken=taken.get(person.address, ()))
        steps = coming(edition, person, {}, (), judged.start_at or now)
        yield Way(address=person.address, cadence=judged.cadence, recipient=recipient, coming=tuple(steps))


# -- the figures ---------------------------------------------------------------------------------


def _listed(
    office: Office, found: Coverage, ways: list[Way], taken: dict[str, tuple[Taken, ...]], now: datetime, *, people: bool
) -> dict[str, Any]:
    given = Counter(one.item for items in taken.values() for one in items)
    return {
        "now": say.utc(now),
        "people": len({way.address for way in ways}),
        "items": [
            {
                "name": item.name, "topics": list(item.topics), "ours": item.ours, "language": item.language or None,
                "expires": item.expires, "given": given[item.name], "fits": found.fits[item.name],
            }
            for item in sorted(office.workspace.items, key=lambda one: one.name)
        ],
        "unanswered": _ranked(found.unanswered),
        "steps": [_step(cadence, step, figures) for (cadence, step), figures in found.steps.items()],
        "weeks": [{"week": monday, "people": count} for monday, count in found.weeks()],
        "dry": len({one.address for one in found.dry}),
        "dry_people": [say.some(one, "address", "cadence", "step", "at", "because") for one in found.dry] if people else [],
    }  # fmt: skip


def _step(cadence: str, step: str, figures: StepFigures) -> dict[str, Any]:
    return {
        "cadence": cadence, "step": step, "people": figures.people, "nothing": figures.nothing, "wanted": _ranked(figures.wanted),
    }  # fmt: skip


def _ranked(wanted: Counter[str]) -> list[dict[str, Any]]:
    return [{"words": words, "people": count} for words, count in sorted(wanted.items(), key=lambda one: (-one[1], one[0]))]


# -- for people ----------------------------------------------------------------------------------


def _print(found: dict[str, Any], today: str) -> None:
    headers = ("item", "ours", "expires", "given", "fits", "topics")
    say.table(headers, [_item(one, today) for one in found["items"]], none="the shelf is empty")
    say.line(f'{_people(found["people"])} looked at; "fits" is how many of them it could still be sent to')
    for text in found["refused"][:MOST_SHOWN]:
        say.line(f"not looked at: {text}")
    if len(found["refused"]) > MOST_SHOWN:
        say.line(f"not looked at: {len(found['refused']) - MOST_SHOWN} more rows")
    say.heading("Said by people, and on no item")
    rows = [(one["words"], one["people"]) for one in found["unanswered"]]
    say.table(("words", "people"), rows[:MOST_SHOWN], none="nothing: the shelf speaks of everything they named")
    say.heading("Steps that find nothing")
    lines = [_sentence(one) for one in found["steps"] if one["nothing"]]
    for line in lines or ["none"]:
        say.line(line)
    say.heading("Who runs dry, and when (roughly)")
    say.table(("week of", "people"), [(one["week"], one["people"]) for one in found["weeks"]], none="nobody")
    if found["dry_people"]:
        say.line()
        everybody = [
            (one["address"], f"{one['cadence']}/{one['step']}", one["at"][:10], one["because"]) for one in found["dry_people"]
        ]
        say.table(("person", "step", "about", "because"), everybody)
    elif found["dry"]:
        say.line(f"{_people(found['dry'])} in all; followupd shelf --people lists them")


def _item(one: dict[str, Any], today: str) -> tuple[object, ...]:
    expires = one["expires"].isoformat() if one["expires"] else ""
    over = " (over)" if expires and expires < today else ""
    return one["name"], "yes" if one["ours"] else "no", expires + over, one["given"], one["fits"], ", ".join(one["topics"])


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _sentence(one: dict[str, Any]) -> str:
    verb = "has" if one["nothing"] == 1 else "have"
    said = ", ".join(f"{each['words']} ({each['people']})" for each in one["wanted"][:5])
    return f"{one['cadence']}/{one['step']}: {one['nothing']} of {_people(one['people'])} {verb} nothing that fits{': ' + said if said else ''}"
