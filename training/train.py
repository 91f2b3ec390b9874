"""Learns the statistical reader from `training/replies/` and writes it where the package reads it.

`make reader` runs it. The same replies give the same file, to the byte. What is kept back (one conversation in eight) is never
learned from; `training/evaluate.py` measures on it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from followupd.core.replies import labelled, learning

HOME = Path(__file__).resolve().parent
MODEL = HOME.parent / "followupd" / "core" / "replies" / "reader.model"


def main() -> None:
    """Learn, and write the model."""
    rows = [
        row for path in sorted((HOME / "replies").glob("*.jsonl")) for row in labelled.parse(path.read_text("utf-8").splitlines())
    ]
    known = [row for row in rows if not row.kept_back]
    print(f"learning from {len(known):,} of {len(rows):,} replies", file=sys.stderr)
    MODEL.write_bytes(learning.train(known).to_bytes())
    print(f"{MODEL.relative_to(HOME.parent)}: {MODEL.stat().st_size // 1024} KiB", file=sys.stderr)


if __name__ == "__main__":
    main()
