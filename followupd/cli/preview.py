"""`preview`: what one prospect would get, and when; a row of a CSV file, or a sample prospect.

Decides only who the sample prospect is; the way through the cadence is played by `rehearsal.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.rehearsal import Rehearsal, Shown, rehearse
from followupd.core import shelf
from followupd.core.model import Cadence
from followupd.core.shelf import ContentItem
from followupd.core.when import speak
from followupd.files.problems import did_you_mean
from followupd.files.workspace import Workspace

if TYPE_CHECKING:
    from followupd.files.prospects import Row, Rules

SAMPLE = {
    "first_name": "Ann", "last_name": "Sample", "company": "Sample Works", "title": "head of operations", "phone": "+1 555 0100",
    "next_step": "a call with your team next week", "meeting_highlight": "how much time your team loses on handovers",
    "team_size": "40", "industry": "manufacturing", "language": "en", "postal_address": "2 Sample Street, Springfield",
}  # fmt: skip
"""What the sample prospect brings; columns that only this workspace knows are filled with their own name."""


def sample_columns(workspace: Workspace, cadence: Cadence, now: datetime) -> dict[str, str]:
    """A prospect whose every needed column is filled, and for whom the shelf holds something at each `pick`."""
    from followupd.enroll import dates_of

    columns = {column: column.replace("_", " ") for column, _ in workspace.required(cadence.name)} | SAMPLE
    columns |= dict.fromkeys(dates_of(cadence), now.isoformat(timespec="minutes"))
    taken: set[str] = set()
    interests: dict[str, list[str]] = {}
    for step in cadence.steps:
        wish = step.fields.get("pick")
        if isinstance(wish, Mapping) and wish.get("match"):
            fit = [
                item
                for item in workspace.items
                if item.name not in taken and wish.get("ours") in {None, item.ours} and _topic(item)
            ]
            taken.update(item.name for item in fit[:1])
            interests.setdefault(wish["match"][0], []).extend(_topic(item) for item in fit[:1])
    columns |= {column: ", ".join(dict.fromkeys(topics)) for column, topics in interests.items()}
    return columns | {"email": "ann@sample.example", "cadence": cadence.name}


def _topic(item: ContentItem) -> str:
    """A topic of it that a prospect's words can meet."""
    return next((topic for topic in item.topics if shelf.words(topic)), "")


def _row_of(path: Path, number: int, cadence: Cadence) -> Row:
    from followupd.files.prospects import read_sheet

    sheet = read_sheet(path.read_bytes(), name=path.name)
    if sheet.problem:
        raise say.Fault(sheet.problem)
    for count, row in enumerate(sheet.rows, 1):
        if count == number:
            return replace(row, columns={**row.columns, "cadence": cadence.name})
    raise say.Fault(f"{path.name}: there is no row {number}")


def _rules(workspace: Workspace, name: str) -> Rules:
    from followupd.clock import RealClock, RealDice
    from followupd.enroll import rules_of
    from followupd.office import Office
    from followupd.store import Store

    # The rules ask the files alone; a preview has no store.
    return rules_of(Office(store=cast("Store", None), workspace=workspace, clock=RealClock(), dice=RealDice()), name, "")


# -- the command ---------------------------------------------------------------------------------


@command(
    click.argument("cadence"),
    click.option(
        "--csv", "sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Take the prospect from this file."
    ),
    click.option(
        "--row", type=click.IntRange(min=1), default=1, show_default=True, help="Which row of it; the one below the header is 1."
    ),
    click.option("--at", "at", metavar="TIME", help='When the prospect is enrolled, such as "2026-11-12 09:00". Default: now.'),
    as_json,
)
def preview(cadence: str, sheet: Path | None, row: int, at: str | None, as_json: bool) -> int:
    """Show each touch of CADENCE for one prospect: local date, the rule behind it, and the full message."""
    workspace = place.usable_workspace()
    chosen = workspace.cadences.get(cadence)
    if chosen is None:
        raise say.Fault(f'there is no cadence "{cadence}" in order; {did_you_mean(cadence, workspace.cadences)}')
    now = _moment(workspace, at)
    rules = _rules(workspace, sheet.name if sheet else "preview.csv")
    person = _row_of(sheet, row, chosen) if sheet else _sample_row(workspace, chosen, now)
    rehearsal = rehearse(workspace, chosen, person, _with_owner(rules, workspace), now)
    shown = list(rehearsal.play())
    if as_json:
        say.as_json(_listed(rehearsal, shown, sample=sheet is None))
    else:
        _print(rehearsal, shown, sample=sheet is None)
    return 1 if any(one.problem for one in shown) else 0


def _with_owner(rules: Rules, workspace: Workspace) -> Rules:
    """A preview needs an owner even where the rows of this workspace must name one: the first mailbox will do."""
    assert workspace.config is not None
    return rules if rules.default_owner else replace(rules, default_owner=next(iter(workspace.config.mailboxes)))


def _sample_row(workspace: Workspace, cadence: Cadence, now: datetime) -> Row:
    from followupd.files.prospects import Row

    return Row(line=1, columns=sample_columns(workspace, cadence, now))


def _moment(workspace: Workspace, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    from followupd.files.prospects import parse_date

    assert workspace.config is not None
    try:
        return parse_date(text, ZoneInfo(workspace.config.defaults.timezone))
    except ValueError as problem:
        raise say.Fault(f"--at: {problem}") from problem


def _listed(rehearsal: Rehearsal, shown: list[Shown], *, sample: bool) -> dict[str, Any]:
    person, zone = rehearsal.prospect, rehearsal.zone
    return {
        "cadence": rehearsal.cadence.name, "mailbox": rehearsal.mailbox.name, "zone": zone.key,
        "prospect": {"address": person.address, "sample": sample, "columns": dict(person.columns)},
        "touches": [
            {
                "number": number, "step": one.touch.step, "channel": one.touch.channel, "due": say.utc(one.touch.due),
                "local": say.local(one.touch.due, zone), "deadline": say.utc(one.touch.deadline), "why": list(one.why), "subject": one.subject,
                "text": one.text, "thread": one.thread, "item": one.item, "skipped": one.skipped, "problem": one.problem,
            }
            for number, one in enumerate(shown, 1)
        ],
        "ended": rehearsal.ended, "silent_at": say.utc(rehearsal.enrollment.until), "then": rehearsal.cadence.end_enroll,
    }  # fmt: skip


def _print(rehearsal: Rehearsal, shown: list[Shown], *, sample: bool) -> None:
    person, zone = rehearsal.prospect, rehearsal.zone
    whom = (
        f"a sample prospect ({person.display_name}, {person.address})"
        if sample
        else f"{person.display_name} {person.address}".strip()
    )
    say.line(f"{rehearsal.cadence.name}: what {whom} gets from {rehearsal.mailbox.address}, if nobody answers")
    for number, one in enumerate(shown, 1):
        touch = one.touch
        say.heading(f"{number}. {touch.step} ({touch.channel}) on {speak(touch.due, zone)}")
        for rule in one.why:
            say.line(f"   - {rule}")
        if touch.deadline:
            say.line(f"   - to be done by {speak(touch.deadline, zone)}")
        if one.skipped or one.problem:
            say.line(f"   {'skipped: ' + one.skipped if one.skipped else 'can not be written: ' + one.problem}")
            continue
        say.line()
        say.line(f"   {'Subject' if touch.channel == 'email' else 'Task'}: {one.subject}")
        say.line()
        say.block(one.text, "   ")
    say.heading("The end")
    say.block(_end(rehearsal), "   ")


def _end(rehearsal: Rehearsal) -> str:
    if rehearsal.ended:
        return f"It ends here: {rehearsal.ended}."
    until, then = rehearsal.enrollment.until, rehearsal.cadence.end_enroll
    date = speak(until, rehearsal.zone) if until else "its last wait is over"
    return f"If nobody has answered by {date}, the outcome is silent{f', and {then} begins' if then else ''}."
