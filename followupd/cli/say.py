"""How things are said: tables for people, JSON for machines, and never a character that a terminal obeys.

Decides layout only. Whatever comes from files, mails or servers passes `plain` on its way out.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import click


class Fault(Exception):
    """A request that can't be done; the text says why and what to do instead, for people."""


def plain(text: object) -> str:
    """One line for a terminal: spaces stay spaces, what is not printable is shown as an escape."""
    return "".join(_shown(letter) for letter in str(text))


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter
    if letter == "\t" or unicodedata.category(letter) == "Zs":
        return " "
    return letter.encode("unicode_escape").decode("ascii")


def line(text: object = "", *, err: bool = False) -> None:
    """One line."""
    click.echo(plain(text), err=err)


def block(text: str, indent: str = "") -> None:
    """Several lines, each made plain."""
    for one in text.splitlines():
        line(f"{indent}{one}".rstrip())


def heading(text: str) -> None:
    """A line above what follows, with room before it."""
    click.echo("\n" + click.style(plain(text), bold=True))


# -- tables --------------------------------------------------------------------------------------

LONGEST_CELL = 100


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, none: str = "") -> None:
    """Aligned columns. On a terminal by rich, which folds what is too long; elsewhere plain lines that grep can read."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        if none:
            line(none)
        return
    if sys.stdout.isatty():
        _rich_table(headers, cells)
        return
    from rich.cells import cell_len

    shown = [list(headers), *cells]
    widths = [max(cell_len(row[column]) for row in shown) for column in range(len(headers))]
    for row in shown:
        click.echo("  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())


WIDEST_BAR = 24


def bar(name: object, count: int, beside: str, share: float, colour: str = "", *, label: int = 26) -> None:
    """A line with a number and a bar; `share` (0 to 1) is how long it is. Coloured on a terminal only."""
    drawn = "█" * max(round(share * WIDEST_BAR), 1 if count else 0)
    text = plain(name)
    padded = text if len(text) <= label else text[: label - 1] + "…"
    line_of = f"{padded:<{label}} {count:>7} {beside:>5} "
    click.echo(f"{line_of} {click.style(drawn, fg=colour) if colour else drawn}".rstrip())


def _cell(value: object) -> str:
    text = "-" if value is None or value == "" else plain(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _rich_table(headers: Sequence[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        made.add_column(header, overflow="fold")
    for row in cells:
        made.add_row(*(Text(cell) for cell in row))  # Text: no markup of somebody else's is obeyed
    Console(highlight=False, soft_wrap=False).print(made)


# -- JSON ----------------------------------------------------------------------------------------


def as_json(value: object, *, one_line: bool = False) -> None:
    """JSON: times are ISO 8601 in UTC, keys in the order of the manual."""
    text = json.dumps(value, ensure_ascii=False, indent=None if one_line else 2, default=_value)
    click.echo("".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text))


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def utc(at: datetime | None) -> str | None:
    """An instant for machines: `2026-11-12T08:00:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def local(at: datetime | None, zone: ZoneInfo) -> str | None:
    """The same instant on a local clock: `2026-11-12T09:00:00+01:00`."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None


def some(noun: Any, *names: str) -> dict[str, Any]:
    """The named fields of a noun, in that order, as JSON takes them."""
    known = {field.name for field in fields(noun)}
    return {name: _plain_value(getattr(noun, name)) for name in names if name in known}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value)
    return list(value) if isinstance(value, tuple) else value
