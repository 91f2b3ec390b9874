"""Commands that enroll: `add` takes CSV files wherever they lie, `enroll` one person by hand.

Decides nothing about rows: both go through the same judging as the inbox folder. `add` leaves the file as it is and writes a
receipt beside it; rows are written in batches, and in small ones while a daemon is running, so that it goes on sending meanwhile.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.enroll import Intake
    from followupd.office import Office


@command(
    click.argument(
        "files", metavar="FILE.csv...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
    ),
    click.option("--owner", default="", help="The owner of rows that name none: a mailbox of the configuration."),
    as_json,
)
def add(files: tuple[Path, ...], owner: str, as_json: bool) -> int:
    """Enroll the prospects of CSV files; a receipt is written beside each as NAME.receipt.csv."""
    from followupd import enroll as story

    found = []
    with _without_rings(), place.office() as office:
        _known_owner(owner, office.config.mailboxes)
        for path in files:
            with _progress(path) as advance:
                intake = story.add(office, path, name=path.name, owner=owner, progress=partial(_after_batch, office, advance))
            found.append((intake, _write_receipt(path, intake)))
    if as_json:
        say.as_json({"files": [_listed(intake, receipt) for intake, receipt in found]})
    else:
        _print(found)
    refused = any(intake.problem for intake, _ in found)
    accepted, rejected = (sum(getattr(intake, name) for intake, _ in found) for name in ("accepted", "rejected"))
    return 1 if refused or (rejected and not accepted) else 0


@contextmanager
def _without_rings() -> Iterator[None]:
    """What is made for a row holds nothing that holds it in turn: to look for such rings takes a tenth of the time of a long file."""
    usual = gc.get_threshold()
    gc.set_threshold(10_000_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _after_batch(office: Office, advance: Callable[[int], None] | None, rows: int) -> None:
    if advance:
        advance(rows)
    if office.store.owned():  # its daemon writes now, if it has something to write
        from followupd.daemon import BREATH

        time.sleep(BREATH)


def _known_owner(owner: str, known: Any) -> None:
    if owner and owner not in known:
        from followupd.files.problems import did_you_mean

        raise say.Fault(f'there is no mailbox "{owner}"; {did_you_mean(owner, known)}')


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None] | None]:
    """A bar on stderr while a person watches; nothing for a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task(say.plain(path.name), total=_rows(path))
        yield lambda count: bar.advance(row, count)


def _rows(path: Path) -> int:
    """About how many rows a file has: its line ends, less the header. Quoted line breaks count too; a bar may be that wrong."""
    with path.open("rb") as file:
        return max(sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1, 1)


def _write_receipt(path: Path, intake: Intake) -> Path:
    from followupd.enroll import RECEIPT

    target = path.with_name(f"{path.stem}{RECEIPT}")
    intake.write_receipt(target)
    return target


# -- the summary ---------------------------------------------------------------------------------


def _reasons(intake: Intake) -> list[tuple[str, str, int, int]]:
    """Reasons of rows that were not enrolled, alike ones together: what became of them, why, how many, the first line."""
    # A reason that stands alone is shown as it is, with its values.
    found = [
        (result, said if count == 1 else alike, count, first) for (result, alike), (count, first, said) in intake.reasons.items()
    ]
    return sorted(found, key=lambda row: -row[2])


def _listed(intake: Intake, receipt: Path) -> dict[str, Any]:
    return {
        **say.some(intake, "name", "accepted", "rejected", "duplicate", "problem"), "receipt": str(receipt),
        "reasons": [dict(zip(("result", "reason", "count", "first_line"), row, strict=True)) for row in _reasons(intake)],
    }  # fmt: skip


def _print(found: list[tuple[Intake, Path]]) -> None:
    rows = [(intake.name, intake.accepted, intake.rejected, intake.duplicate, receipt) for intake, receipt in found]
    say.table(("file", "accepted", "rejected", "duplicate", "receipt"), rows)
    for intake, _ in found:
        if intake.problem:
            say.line(intake.problem)
    reasons = [row for intake, _ in found for row in _reasons(intake)]
    if reasons:
        say.line()
        say.table(
            ("what", "rows", "first line", "reason"), [(what, count, first, reason) for what, reason, count, first in reasons]
        )


# -- one person ----------------------------------------------------------------------------------


@command(
    click.argument("address"),
    click.argument("cadence"),
    click.option("--column", "columns", multiple=True, metavar="NAME=VALUE", help="A column of the row; may be repeated."),
    click.option("--owner", default="", help="The mailbox that writes, where there are several."),
    as_json,
)
def enroll(address: str, cadence: str, columns: tuple[str, ...], owner: str, as_json: bool) -> int:
    """Enroll ADDRESS in CADENCE, as a CSV row with these columns would be."""
    from followupd import enroll as story
    from followupd.files.prospects import Row

    cells = {"email": address, "cadence": cadence, **_cells(columns)}
    if owner:
        cells["owner"] = owner
    with place.office() as office:
        rules = story.rules_of(office, "", owner)
        clerk = story.Clerk(office, f"command of {place.user()}", rules)
        ((_, shown, result, reason),) = clerk.enroll([Row(line=1, columns=cells)])
    if as_json:
        say.as_json({"address": shown or address, "cadence": cadence, "result": result, "reason": reason})
    else:
        say.line(f"{shown or address}: {result}, {reason}")
    return 0 if result == "accepted" else 1


def _cells(columns: tuple[str, ...]) -> dict[str, str]:
    from followupd.files.prospects import column_name

    found: dict[str, str] = {}
    for column in columns:
        name, equals, value = column.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(
                f'write NAME=VALUE, such as first_name=Ann, instead of "{say.plain(column)}"', param_hint="--column"
            )
        found[column_name(name)] = value
    return found
