"""`followupd check` of a big workspace, measured against what parsing its files alone takes.

    .venv/bin/python bench/check.py            # or with --json

The workspace has 100 cadences and 300 templates, varied copies of the starter set. Three figures, each the median of some rounds:
`check` as a process of its own, the same work inside a warm process, and the bytes read by PyYAML's C loader (front matter and
cadences) in between. A Python that does nothing is measured as well: nobody gets below it. Ratios travel, seconds don't.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.files.lint import lint
from followupd.files.workspace import load_workspace

CADENCES, TEMPLATES, SEED = 100, 300, 7


def make(root: Path) -> None:
    """Write the workspace: every copy has words and names of its own, so that nothing is read from a cache."""
    chance = random.Random(SEED)
    shutil.copytree(ROOT / "content", root / "content")
    config = (ROOT / "config.example.yaml").read_text("utf-8")
    (root / "config.yaml").write_text(config, "utf-8")
    texts = {path.relative_to(ROOT / "templates"): path.read_text("utf-8") for path in sorted((ROOT / "templates").rglob("*.md"))}
    copies = -(-TEMPLATES // len(texts))
    made = [(name, text, number) for number in range(copies) for name, text in texts.items()][:TEMPLATES]
    for name, text, number in made:
        _write(root / "templates" / _numbered(name, number), text.replace("\n\n", f"\n\n{_sentence(chance)}\n\n", 2))
    starters = sorted((ROOT / "cadences").glob("*.yaml"))
    whole = TEMPLATES // len(texts)  # copies that have every template
    for number in range(CADENCES):
        path, copy = starters[number % len(starters)], number // len(starters)
        text = re.sub(r"(?m)^cadence: (.+)$", rf"cadence: \1-{copy}", path.read_text("utf-8"))
        text = re.sub(r"enroll: ([a-z-]+)", rf"enroll: \1-{copy}", text)
        text = re.sub(r"(email|task|send): ([a-z][a-z-]+)", rf"\1: \2-{copy % whole}", text)
        _write(root / "cadences" / f"{path.stem}-{copy}.yaml", text.replace("about: ", f"about: {_sentence(chance)} ", 1))


def _numbered(name: Path, number: int) -> Path:
    return name.with_name(f"{name.stem}-{number}.md")


def _sentence(chance: random.Random) -> str:
    words = "one plain word after another and then some more of them until the line is done for this time".split()
    chance.shuffle(words)
    return " ".join(words).capitalize() + "."


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def parse_alone(texts: list[str]) -> None:
    """Read all YAML with the C loader, and nothing else."""
    for text in texts:
        yaml.load(text, Loader=yaml.CSafeLoader)


def yaml_of(root: Path) -> list[str]:
    """The YAML of every file: whole cadences, and the front matter of the rest."""
    found = [path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))]
    return found + [path.read_text("utf-8").split("---\n")[1] for path in sorted(root.rglob("*.md"))]


def fresh() -> None:
    """Forget what was made of a text: a command starts with nothing."""
    for name, module in list(sys.modules.items()):
        if name in {f"followupd.files.{each}" for each in ("language", "syntax", "templates", "trial", "uses")}:
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()


def check(root: Path) -> None:
    """Do what `check` does, without its process and its words."""
    fresh()
    found = load_workspace(root / "config.yaml", channels=CHANNELS, scope=SCOPE, environ={})
    if found.problems:
        raise SystemExit("\n".join(str(problem) for problem in found.problems[:10]))
    lint(found, date(2026, 11, 23))


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Take the median of some rounds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def run(*arguments: str, cwd: Path) -> None:
    """Start a process and wait for its end."""
    subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, check=True
    )


def measure(rounds: int) -> dict[str, float]:
    """Measure everything, in seconds and as ratios."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root)
        texts = yaml_of(root)
        figures = {
            "python_alone": seconds(lambda: run("-c", "pass", cwd=root), rounds),
            "check_process": seconds(lambda: run("-m", "followupd", "check", cwd=root), rounds),
            "check_inside": seconds(lambda: check(root), rounds),
            "parsing_alone": seconds(lambda: parse_alone(texts), rounds),
        }
    ratios = {
        "inside_over_parsing": figures["check_inside"] / figures["parsing_alone"],
        "process_over_python": figures["check_process"] / figures["python_alone"],
    }
    return figures | ratios


def main() -> None:
    """Print the figures and the machine that made them."""
    options = argparse.ArgumentParser(
        description=f"Measures `followupd check` with {CADENCES} cadences and {TEMPLATES} templates."
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true", help="print for machines")
    given = options.parse_args()
    figures = measure(given.rounds)
    if given.json:
        print(json.dumps({"python": platform.python_version(), "machine": platform.machine(), "figures": figures}, indent=2))
        return
    for name, what in (
        ("python_alone", "a Python that does nothing"), ("check_process", "followupd check, its start included"),
        ("check_inside", "the same work in a warm process"), ("parsing_alone", "PyYAML's C loader on the same YAML"),
    ):  # fmt: skip
        print(f"{what:36} {figures[name] * 1000:8.0f} ms")
    print(f"checking takes {figures['inside_over_parsing']:.1f} times as long as parsing alone")
    print(f"(Python {platform.python_version()}, {platform.machine()}, median of {given.rounds} rounds)")


if __name__ == "__main__":
    main()
