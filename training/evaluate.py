"""Measures how well replies are read: `make evaluate`, or `make evaluate ARGS="FILE.jsonl ..."` for replies of your own.

Without a file it reads what is kept back of `training/replies/`, from which the shipped reader has learned nothing, and the quotes of `training/quotes.jsonl`. `--write` keeps
the tables in `docs/reading.md`, with the day.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from followupd.cli import say
from followupd.core.replies import labelled
from followupd.core.replies.measure import Table, quotes, read_all, tables

HOME = Path(__file__).resolve().parent
PAGE = HOME.parent / "docs" / "reading.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main(arguments: list[str]) -> int:
    """Read, count, print."""
    paths = [Path(name) for name in arguments if not name.startswith("--")]
    try:
        rows = [
            row for path in paths or sorted([*(HOME / "replies").glob("*.jsonl"), HOME / "quotes.jsonl"]) for row in _rows(path)
        ]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    chosen = rows if paths else [row for row in rows if row.kept_back]
    begin = time.process_time()
    judged = read_all(chosen)
    seconds = time.process_time() - begin
    stripped = quotes(rows)
    found = [*tables(judged), *([stripped] if stripped.rows else [])]
    for table in found:
        say.heading(table.title)
        say.table(table.headers, table.rows)
    say.line()
    say.line(f"{len(judged)} replies, {len(judged) / max(seconds, 0.001):,.0f} a second on one core")
    if "--write" in arguments:
        _write(found, len(judged))
    return 0


def _rows(path: Path) -> list[labelled.Labelled]:
    try:
        return list(labelled.parse(path.read_text("utf-8").splitlines()))
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from None


def _write(found: list[Table], count: int) -> None:
    """The tables between the marks of the page."""
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    day = datetime.now(UTC).date().isoformat()
    text = f"Measured on {day}, on {count} replies from which the shipped reader has learned nothing.\n"
    for table in found:
        text += f"\n### {table.title}\n\n| {' | '.join(table.headers)} |\n|{' --- |' * len(table.headers)}\n"
        text += "".join(f"| {' | '.join(row)} |\n" for row in table.rows)
    PAGE.write_text(f"{head}{BEGIN}{text}{END}{tail}", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
