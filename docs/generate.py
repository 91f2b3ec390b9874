"""Writes what is made from the code: `docs/lifecycle.md` from the two tables, `docs/lint.md` from its own, `schema/*.json` from the models.

    make docs                                # writes
    .venv/bin/python docs/generate.py --check  # exits 1 and names what is stale

Decides nothing: a drawing or a table that is made from the rows can't tell a different story than the rows.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from followupd.channels import CHANNELS
from followupd.cli import manual
from followupd.core import lifecycle
from followupd.files.lint import RULES, Rule
from followupd.files.schemas import schemas

HEAD = """\
# Lifecycle

Made by `make docs` from the two tables in `followupd/core/lifecycle.py`; don't edit it by hand.

A row is something that happens, a column is the state in which it happens, a cell is the state that follows. A dot means: it is
noted, and nothing moves. **no** means: a person asked for it, and it does not fit, so the request is refused with the reason. What
merely happens is never refused, because the world doesn't ask.

"""


def lifecycle_page() -> str:
    """Draw both tables, and the moves of each as a picture."""
    touch = _chapter("A touch", lifecycle.TOUCH_MOVES)
    enrollment = _chapter("An enrollment", lifecycle.ENROLLMENT_MOVES)
    return HEAD + enrollment + "\nNothing leaves `finished`.\n\n" + touch


def _chapter(title: str, moves: dict[tuple[str, str], str]) -> str:
    states = list(dict.fromkeys(state for state, _ in moves))
    facts = list(dict.fromkeys(fact for _, fact in moves))
    lines = [f"## {title}", "", "| | " + " | ".join(states) + " |", "| --- " * (len(states) + 1) + "|"]
    lines += [f"| {fact} | " + " | ".join(_cell(state, moves[state, fact]) for state in states) + " |" for fact in facts]
    return "\n".join([*lines, "", "```mermaid", "stateDiagram-v2", *_arrows(states, facts, moves), "```", ""])


def _cell(state: str, after: str) -> str:
    return {state: ".", "x": "**no**"}.get(after, after)


def _arrows(states: list[str], facts: list[str], moves: dict[tuple[str, str], str]) -> list[str]:
    causes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for state in states:
        for fact in facts:
            if moves[state, fact] not in {state, "x"}:
                causes[state, moves[state, fact]].append(fact)
    drawn = [f"    {before} --> {after}: {', '.join(why)}" for (before, after), why in causes.items()]
    return [f"    [*] --> {states[0]}", *drawn]


LINT_HEAD = """\
# Lint: the craft of following up

Made by `make docs` from the table in `followupd/files/lint/rules.py`; don't edit it by hand.

`followupd check` warns where a cadence, a message or a content item would run but leaves the craft. `--strict` makes each warning
a mistake, `--rules` lists the rules, `--explain RULE` prints one of the chapters below.

A rule may be broken for a reason. Write the reason, in three words or more, where the warning is: into the head of the cadence, or
into the front matter of the message, the task note or the content item. In `config.yaml` it holds for the whole workspace:

```yaml
allow:
  few-touches: a thank-you is two touches and no more
```

An entry with an unknown rule, with a poor reason, or with nothing left to silence is a warning itself.

"""


def lint_page() -> str:
    """List the rules, then tell each with its reason and its examples."""
    rows = [f"| [{rule.id}](#{rule.id}) | {rule.says} |" for rule in RULES]
    return LINT_HEAD + "\n".join(["| rule | says |", "| --- | --- |", *rows, ""]) + "\n" + "\n".join(map(_rule, RULES))


def _rule(rule: Rule) -> str:
    language = "markdown" if rule.where.startswith("templates/") else "yaml"
    examples = [
        f"{said}:\n\n```{language}\n{lines}```\n" for said, lines in (("This warns", rule.bad), ("This is fine", rule.good))
    ]
    return "\n".join([f"## {rule.id}", "", f"{rule.says} {rule.why}", "", *examples])


def pages() -> dict[Path, str]:
    """Make every generated file, by its place."""
    made = {
        ROOT / "docs/lifecycle.md": lifecycle_page(),
        ROOT / "docs/lint.md": lint_page(),
        ROOT / "docs/commands.md": manual.page(),
    }
    for name, schema in schemas(CHANNELS).items():
        made[ROOT / f"schema/{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return made


def main() -> int:
    """Write the files; with `--check` only say which are stale."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is stale: run `make docs`")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages()[path], "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
