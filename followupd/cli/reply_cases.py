"""Labelled replies of a workspace: `tests/replies/*.jsonl`, which `review --export` writes, and `test` and `train` read.

Decides which files are meant and what is kept of a decided reply. Reading is `core/replies/`'s.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from followupd.cli.say import Fault
from followupd.core.model import Prospect, Reply
from followupd.core.replies import labelled
from followupd.core.replies.scrub import scrubbed

if TYPE_CHECKING:
    from followupd.core.replies.measure import Judged
    from followupd.files.workspace import Workspace

FOLDER = "replies"
DECIDED = "decided.jsonl"
ENDING = ".jsonl"
ASKED = 4_000
"""Characters of our mail that are kept with a case."""


@dataclass(frozen=True, slots=True)
class CaseSet:
    """The labelled replies of one file, under the name by which it is told of."""

    path: str
    rows: tuple[labelled.Labelled, ...]


def case_sets(workspace: Workspace, given: Sequence[Path] = ()) -> list[CaseSet]:
    """The reply cases of the workspace, or those at `given`. Raises Fault at a line that is none."""
    folder = workspace.folder("tests")
    found = []
    for path in given or (folder / FOLDER,):
        inner = sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path] if path.suffix == ENDING and path.exists() else []
        for one in inner:
            name = str(one) if given else f"{folder.name}/{one.relative_to(folder).as_posix()}"
            found.append(CaseSet(name, tuple(_rows(one, name))))
    return found


def _rows(path: Path, name: str) -> list[labelled.Labelled]:
    try:
        return list(labelled.parse(path.read_text("utf-8").splitlines()))
    except (OSError, ValueError) as error:
        raise Fault(f"{name}, {error}") from None


def play(workspace: Workspace, cases: CaseSet) -> list[Judged]:
    """Each reply as the daemon of this workspace would read it."""
    from followupd.core.replies.measure import read_all
    from followupd.core.replies.shipped import model_in
    from followupd.reader import OWN_MODEL

    return read_all(cases.rows, model_in(workspace.path.parent / OWN_MODEL))


def export(workspace: Workspace, decisions: Sequence[tuple[Reply, Prospect, str]]) -> tuple[Path, int, int]:
    """Write decided replies as cases; the file, how many it holds now, how many of them are new. What stands there is left as it is."""
    path = workspace.folder("tests") / FOLDER / DECIDED
    known = {row.id for row in _rows(path, path.name)} if path.exists() else set()
    fresh = [case for case in map(_case, decisions) if case["id"] not in known]
    if fresh:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(case, ensure_ascii=False) + "\n" for case in fresh)
    return path, len(known) + len(fresh), len(fresh)


def _case(decision: tuple[Reply, Prospect, str]) -> dict[str, Any]:
    reply, prospect, asked = decision
    own = [prospect.address, prospect.domain, *(value for key, value in prospect.columns.items() if _tells(key))]
    return {
        "id": reply.id, "date": reply.received.date().isoformat(), "subject": scrubbed(reply.subject, own), "asked": scrubbed(asked, own)[:ASKED],
        "text": scrubbed(reply.text, own), "label": reply.kind.value, "resume": reply.resume.isoformat() if reply.resume else None,
        "reason": reply.reason.value if reply.reason else None,
    }  # fmt: skip


def _tells(column: str) -> bool:
    """Whether a column may name the person, their company or where they are."""
    return any(
        part in column.lower()
        for part in ("name", "company", "email", "phone", "city", "town", "address", "street", "site", "url")
    )
