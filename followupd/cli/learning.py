"""The command `train`: learns the statistical reader again, from the replies that come with followupd and those of the workspace.

Decides whether the new reader may take the place of the present one: only if it reads what neither has learned from no worse. The
rule of what a mistake costs is `core/replies/measure.py`'s.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.reply_cases import case_sets
from followupd.core.replies import labelled


def shipped_replies() -> list[labelled.Labelled]:
    """The replies that come with followupd: beside the code in a checkout, inside the package when installed."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "training", package.parent / "training" / "replies"):
        if folder.is_dir():
            return [
                row for path in sorted(folder.glob("*.jsonl")) for row in labelled.parse(path.read_text("utf-8").splitlines())
            ]
    raise say.Fault(f"the shipped replies are missing beside {package}; install followupd again")


@command(as_json)
def train(as_json: bool) -> int:
    """Learn from the answers that people have decided, kept in tests/replies/; refuses what reads worse than before."""
    try:
        from followupd.core.replies import learning
    except ImportError:
        raise say.Fault("train needs numpy; install followupd[train]") from None
    from followupd.core.replies.measure import cost, read_all
    from followupd.core.replies.shipped import model_in, shipped
    from followupd.reader import OWN_MODEL

    workspace = place.usable_workspace()
    own = [row for cases in case_sets(workspace) for row in cases.rows if row.label]
    if not own:
        raise say.Fault(
            "there is nothing to learn from in tests/replies/; followupd review --export writes what people have decided"
        )
    rows = [*shipped_replies(), *own]
    kept = [row for row in rows if row.kept_back]
    path = workspace.path.parent / OWN_MODEL
    present = model_in(path) or shipped()
    with _progress() as advance:
        fresh = learning.train([row for row in rows if not row.kept_back], advance)
    before, after = cost(read_all(kept, present)), cost(read_all(kept, fresh))
    better = after <= before
    if better:
        _replace(path, fresh.to_bytes())
    if as_json:
        say.as_json(
            {
                "ok": better,
                "replies": len(rows),
                "own": len(own),
                "kept_back": len(kept),
                "cost_before": round(before, 3),
                "cost_after": round(after, 3),
            }
        )
    else:
        say.line(
            f"learned from {len(rows) - len(kept):,} replies, {len(own):,} of them your own; compared on {len(kept):,} others"
        )
        say.line(f"cost of a reply: {before:.3f} before, {after:.3f} now (1 is asking a person)")
        say.line(
            f"{path.name} is in use from the daemon's next start on"
            if better
            else "the new reader reads worse: nothing was changed"
        )
    return 0 if better else 1


def _replace(path: Path, data: bytes) -> None:
    """Put a file in place whole, or not at all."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while a person watches; nothing for a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn("learning"), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task("")
        yield lambda done, of: bar.update(row, completed=done, total=of)
