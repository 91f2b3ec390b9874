"""The manual as data: headings, code blocks and tables of a Markdown page, each with its line.

Decides nothing about followupd. A table belongs to the code block above it where nothing but text stands between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its first line, and its rows by the words of the head, as typed."""

    line: int
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """All cells below one word of the head."""
        place = self.head.index(name)
        return tuple(row[place] for row in self.rows)


@dataclass(slots=True, kw_only=True)
class Block:
    """A fenced block, and the tables below it."""

    line: int
    language: str
    text: str
    section: str
    tables: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """A page: its sections by heading (the tables in each), and its blocks."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    tables: dict[str, list[Table]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


def read(path: Path) -> Page:
    """The page in a file."""
    page, section = Page(), ""
    lines = path.read_text("utf-8").splitlines()
    number, above = 0, None
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = next(at for at in range(number + 1, len(lines)) if lines[at].startswith("```"))
            text = "\n".join(lines[number + 1 : end]) + "\n"
            above = Block(line=number + 1, language=line.strip("` "), text=text, section=section)
            page.blocks.append(above)
            number = end
        elif found := re.match(r"(#+) (.*)", line):
            section, above = found[2], None
            page.headings.append((len(found[1]), section))
        elif line.startswith("|"):
            rows = list(_rows(lines, number))
            table = Table(line=number + 1, head=rows[0], rows=tuple(rows[2:]))
            page.tables.setdefault(section, []).append(table)
            if above is not None:
                above.tables.append(table)
            number += len(rows) - 1
        number += 1
    return page


def _rows(lines: list[str], first: int) -> Iterator[tuple[str, ...]]:
    for line in lines[first:]:
        if not line.startswith("|"):
            return
        yield tuple(cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))


def plain(cell: str) -> str:
    """A cell without the backticks around it."""
    return cell.strip("`")


def codes(cell: str) -> tuple[str, ...]:
    """Everything that stands in backticks in a cell."""
    return tuple(re.findall(r"`([^`]+)`", cell))
