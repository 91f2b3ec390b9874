"""`followupd check` of a workspace of 100 cadences and 300 templates, beside what parsing their YAML alone takes.

The files are varied copies of the starter set. The floor is PyYAML's C loader on the YAML of every file, bytes already read.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import time
from importlib.resources import files
from pathlib import Path

import yaml

from followupd.bench.process import call, measure
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.starter import starter_folder

CADENCES, TEMPLATES, SEED = 100, 300, 7


def make(place: Place) -> None:
    """Write the workspace: every copy has words and names of its own, so that nothing is read from a cache."""
    root, starter, cadences, templates = place.folder, starter_folder(), place.size(CADENCES, 12), place.size(TEMPLATES, 30)
    chance = random.Random(SEED)
    shutil.copytree(starter / "content", root / "content")
    config = files("followupd").joinpath("config.example.yaml").read_text("utf-8")
    (root / "config.yaml").write_text(config, "utf-8")
    texts = {
        path.relative_to(starter / "templates"): path.read_text("utf-8") for path in sorted((starter / "templates").rglob("*.md"))
    }
    copies = -(-templates // len(texts))
    made = [(name, text, number) for number in range(copies) for name, text in texts.items()][:templates]
    for name, text, number in made:
        _write(root / "templates" / _numbered(name, number), text.replace("\n\n", f"\n\n{_sentence(chance)}\n\n", 2))
    starters = sorted((starter / "cadences").glob("*.yaml"))
    whole = templates // len(texts)  # copies that have every template
    for number in range(cadences):
        path, copy = starters[number % len(starters)], number // len(starters)
        text = re.sub(r"(?m)^cadence: (.+)$", rf"cadence: \1-{copy}", path.read_text("utf-8"))
        text = re.sub(r"enroll: (?!none\b)([a-z-]+)", rf"enroll: \1-{copy}", text)
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


def yaml_of(root: Path) -> list[str]:
    """The YAML of every file: whole cadences, and the front matter of the rest."""
    found = [path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))]
    return found + [path.read_text("utf-8").split("---\n")[1] for path in sorted(root.rglob("*.md"))]


def check(place: Place) -> Figures:
    """The command, its start included."""
    make(place)
    cost = measure([sys.executable, "-m", "followupd", "--config", str(place.folder / "config.yaml"), "check"])
    if cost.code:
        raise WrongOutcome(cost.output[-1000:])
    return {"seconds": cost.cpu, "memory_mb": cost.memory_mb}


def parse(root: str) -> float:
    """Processor seconds of PyYAML's C loader."""
    texts = yaml_of(Path(root))
    busy = time.process_time()
    for text in texts:
        yaml.load(text, Loader=yaml.CSafeLoader)
    return time.process_time() - busy


def parsing_alone(place: Place) -> Figures:
    """The floor."""
    make(place)
    seconds, cost = call(parse, str(place.folder))
    return {"seconds": seconds, "memory_mb": cost.memory_mb}


def python_alone(_: Place) -> Figures:
    """Nobody starts faster."""
    cost = measure([sys.executable, "-c", "pass"])
    return {"seconds": cost.cpu, "memory_mb": cost.memory_mb}


WORKLOAD = Workload(
    name="check",
    what=f"followupd check of {CADENCES} cadences and {TEMPLATES} templates, in seconds of the processor",
    contenders=(
        Contender(name="followupd", role="ours", run=check),
        Contender(name="parsing", role="floor", run=parsing_alone),
        Contender(name="python", role="floor", run=python_alone),
    ),
    ratios=(Ratio(name="parsing alone : check", of="parsing", figure="seconds", over="followupd"),),
)
