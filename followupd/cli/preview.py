"""`preview`: what one prospect would get, and when; a row of a CSV file, or a sample prospect.

Decides only who the sample prospect is, and where the preview goes: to the terminal, as JSON, into a page, into files for a
mail program. The way through the cadence is played by `rehearsal.py`; the page is `preview_page.py`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.rehearsal import Rehearsal, Shown, rehearse
from followupd.core.learned import fact_of
from followupd.core.model import Cadence
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
                if item.name not in taken and wish.get("ours") in {None, item.ours} and workspace.shelf.topic_of(item)
            ]
            taken.update(item.name for item in fit[:1])
            interests.setdefault(wish["match"][0], []).extend(workspace.shelf.topic_of(item) for item in fit[:1])
    columns |= {column: ", ".join(dict.fromkeys(topics)) for column, topics in interests.items()}
    return columns | {"email": "ann@sample.example", "cadence": cadence.name}


def _row_of(path: Path, number: int, cadence: Cadence) -> Row:
    from followupd.files.prospects import read_sheet

    sheet = read_sheet(path.read_bytes(), name=path.name)
    if sheet.problem:
        raise say.Fault(sheet.problem)
    for count, row in enumerate(sheet.rows, 1):
        if count == number:
            return row._replace(columns={**row.columns, "cadence": cadence.name})
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
    click.option("--learned", metavar="FACT", multiple=True, help="A fact that is taken to be known, such as team_size=40; any number of them."),
    click.option("--variant", metavar="NAME", help="In an experiment: the variant that is taken to be drawn. Default: the first one."),
    click.option(
        "--html", "html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page for the browser: a calendar with the mails in it."
    ),
    click.option(
        "--eml", "eml", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write each mail as it would leave, and each task as text."
    ),
    click.option("--no-pager", is_flag=True, help="On a terminal: print it all at once."),
    as_json,
)  # fmt: skip
def preview(
    cadence: str, sheet: Path | None, row: int, at: str | None, learned: tuple[str, ...], variant: str | None, html: Path | None, eml: Path | None, no_pager: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Show each touch of CADENCE for one prospect: local date, the rule behind it, and the full message."""
    workspace = place.usable_workspace()
    chosen = workspace.cadences.get(cadence)
    if chosen is None:
        raise say.Fault(f'there is no cadence "{cadence}" in order; {did_you_mean(cadence, workspace.cadences)}')
    now = _moment(workspace, at)
    rules = _rules(workspace, sheet.name if sheet else "preview.csv")
    person = _row_of(sheet, row, chosen) if sheet else _sample_row(workspace, chosen, now)
    arm, known = _arm(chosen, variant), _known(learned)
    rehearsal = rehearse(workspace, chosen, person, _with_owner(rules, workspace), now, variant=arm, learned=known)
    shown = list(rehearsal.play())
    if html:
        _write_page(html, rehearsal, shown, sample=sheet is None)
    if eml:
        _write_mails(eml, shown)
    if as_json:
        say.as_json(_listed(rehearsal, shown, sample=sheet is None))
    elif not html and not eml:
        _show(list(_pages(rehearsal, shown, sample=sheet is None)), pager=not no_pager)
    return 1 if any(one.problem for one in shown) else 0


def _arm(cadence: Cadence, variant: str | None) -> str:
    if variant is None or variant in cadence.variants:
        return variant or ""
    known = did_you_mean(variant, cadence.variants) if cadence.variants else "it has none"
    raise say.Fault(f'{cadence.name} has no variant "{variant}"; {known}')


def _known(facts: Sequence[str]) -> dict[str, str]:
    try:
        return dict(fact_of(text) for text in facts)
    except ValueError as problem:
        raise say.Fault(f"--learned: {problem}") from problem


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
        "variant": rehearsal.enrollment.variant or None,
        "prospect": {"address": person.address, "sample": sample, "columns": dict(person.columns)},
        "touches": [
            {
                "number": number, "step": one.touch.step, "channel": one.touch.channel, "due": say.utc(one.touch.due),
                "local": say.local(one.touch.due, zone), "deadline": say.utc(one.touch.deadline), "why": list(one.why), "subject": one.subject,
                "text": one.text, "thread": one.thread, "item": one.item, "because": one.because, "by_hand": one.task, "skipped": one.skipped, "problem": one.problem,
            }
            for number, one in enumerate(shown, 1)
        ],
        "ended": rehearsal.ended, "silent_at": say.utc(rehearsal.enrollment.until), "then": rehearsal.cadence.end_enroll,
    }  # fmt: skip


# -- on the terminal -----------------------------------------------------------------------------


def _pages(rehearsal: Rehearsal, shown: Sequence[Shown], *, sample: bool) -> Iterator[str]:
    """The lines for people, each fit for a terminal."""
    yield say.plain(
        f"{rehearsal.cadence.name}: what {_whom(rehearsal, sample=sample)} gets from {rehearsal.mailbox.address}, if nobody answers"
    )
    for number, one in enumerate(shown, 1):
        yield from _heading(f"{number}. {one.touch.step} ({one.touch.channel}) on {speak(one.touch.due, rehearsal.zone)}")
        yield from _touch(one, rehearsal.zone)
    yield from _heading("The end")
    yield from _indented(_end(rehearsal))


def _whom(rehearsal: Rehearsal, *, sample: bool) -> str:
    person = rehearsal.prospect
    name = f"{person.display_name}, {person.address}" if sample else f"{person.display_name} {person.address}".strip()
    return f"a sample prospect ({name})" if sample else name


def _touch(one: Shown, zone: ZoneInfo) -> Iterator[str]:
    rules = [*one.why, *([f"to be done by {speak(one.touch.deadline, zone)}"] if one.touch.deadline else [])]
    for rule in rules:
        yield say.plain(f"   - {rule}")
    if one.skipped or one.problem:
        yield say.plain(f"   {'skipped: ' + one.skipped if one.skipped else 'can not be written: ' + one.problem}")
        return
    yield ""
    yield say.plain(f"   {'Task' if one.task else 'Subject'}: {one.subject}")
    yield ""
    yield from _indented(one.text)


def _heading(text: str) -> tuple[str, str]:
    return "", click.style(say.plain(text), bold=True)


def _indented(text: str) -> Iterator[str]:
    for one in text.splitlines():
        yield say.plain(f"   {one}".rstrip())


def _show(lines: Sequence[str], *, pager: bool) -> None:
    """On a terminal, what is longer than the screen is paged; elsewhere lines are lines."""
    text = "\n".join(lines) + "\n"
    if pager and sys.stdin.isatty() and sys.stdout.isatty() and _rows(lines) >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)


def _rows(lines: Sequence[str]) -> int:
    """How many rows of the screen they take, folded."""
    columns = max(shutil.get_terminal_size().columns, 1)
    return sum(1 + len(line) // columns for line in lines)


def _end(rehearsal: Rehearsal) -> str:
    if rehearsal.ended:
        return f"It ends here: {rehearsal.ended}."
    until, then = rehearsal.enrollment.until, rehearsal.cadence.end_enroll
    date = speak(until, rehearsal.zone) if until else "its last wait is over"
    return f"If nobody has answered by {date}, the outcome is silent{f', and {then} begins' if then else ''}."


# -- into files ----------------------------------------------------------------------------------


def _write_page(path: Path, rehearsal: Rehearsal, shown: Sequence[Shown], *, sample: bool) -> None:
    from followupd.cli.preview_page import as_page

    _write(path, as_page(rehearsal, shown, sample=sample, end=_end(rehearsal)).encode())
    say.line(f"wrote {path}: {_touches(len(shown))}; open it in a browser", err=True)


def _write_mails(folder: Path, shown: Sequence[Shown]) -> None:
    """`01-thanks.eml`, byte for byte as it would leave; `02-note.txt` for a task. What lies there from before is named."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {f"{number:02}-{one.touch.step}": one for number, one in enumerate(shown, 1) if one.raw or one.text}
    names = {f"{stem}.{'eml' if one.raw else 'txt'}": one for stem, one in written.items()}
    for name, one in names.items():
        _write(folder / name, one.raw or f"{one.subject}\n\n{one.text}\n".encode())
    say.line(f"wrote {len(names)} file{'' if len(names) == 1 else 's'} into {folder}", err=True)
    for number, one in enumerate(shown, 1):
        if one.skipped or one.problem:
            say.line(f"not {number:02}-{one.touch.step}: {one.skipped or one.problem}", err=True)
    others = sorted(
        path.name for path in folder.glob("[0-9][0-9]-*") if path.suffix in {".eml", ".txt"} and path.name not in names
    )
    if others:
        say.line(f"from an earlier preview, not of this one: {', '.join(others)}", err=True)


def _touches(count: int) -> str:
    return f"{count} touch{'' if count == 1 else 'es'}"


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: what stood there before stands until the new one is complete. A link is replaced, not followed."""
    if path.exists() and not path.is_file():
        raise say.Fault(f"{path} is no plain file; name a file to write to")
    if not path.parent.is_dir():
        raise say.Fault(f"there is no folder {path.parent}; make it first")
    half = path.with_name(f".{path.stem[:40]}.{os.getpid()}.half")
    try:
        with half.open("xb") as file:
            file.write(data)
        half.replace(path)
    finally:
        with suppress(FileNotFoundError):
            half.unlink()
