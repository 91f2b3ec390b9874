"""What a run of the suite says: lines for people, a JSON file, Markdown tables and a picture; and whether it has become worse.

Decides what is red: a ratio that costs more than 20 % more than the baseline, one that breaks its promise or its gate, and work that was
done wrong. Absolute figures belong to the machine that made them, so the machine stands beside them; only ratios are compared.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from html import escape
from importlib import metadata
from pathlib import Path
from statistics import median

from followupd.bench import peers
from followupd.bench.runner import shown
from followupd.bench.servers.postgres import postgres_programs
from followupd.bench.suite import Outcome, Ratio

WORSE = 0.2
"""The share by which a ratio may cost more than the baseline."""


# -- the machine -------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Machine:
    """What the figures were made on."""

    at: str
    cpu: str
    cores: int
    memory_gb: float
    kernel: str
    fsync_ms: float
    versions: dict[str, str] = field(default_factory=dict)
    load_before: float = 0.0
    load_after: float = 0.0

    @classmethod
    def look(cls) -> Machine:
        """This one, now."""
        return cls(
            at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", cpu=_cpu(), cores=len(os.sched_getaffinity(0)),
            memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            kernel=platform.release(), fsync_ms=round(fsync_ms(), 3), versions=_versions(), load_before=os.getloadavg()[0],
        )  # fmt: skip

    def look_again(self) -> None:
        """How busy it was in the end."""
        self.load_after = os.getloadavg()[0]

    def lines(self) -> list[str]:
        """For people."""
        named = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return [
            f"{self.at}: {self.cores} x {self.cpu}, {self.memory_gb:.0f} GB, Linux {self.kernel}, fsync {self.fsync_ms:.2f} ms",
            f"load average {self.load_before:.1f} before and {self.load_after:.1f} after",
            named,
        ]


def _cpu() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def fsync_ms(times: int = 50) -> float:
    """The median of what it takes to have 4 KB on the disk where temporary files lie."""
    took = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            os.pwrite(file.fileno(), os.urandom(4096), 0)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    if programs := postgres_programs():
        found["postgresql"] = _said(str(programs / "postgres"), "--version").rpartition(" (")[0].rpartition(" ")[2]
    for name, command in (
        ("dovecot", ("dovecot", "--version")),
        ("postfix", ("postconf", "-d", "-h", "mail_version")),
        ("node", ("node", "--version")),
    ):
        where = shutil.which(command[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if where:
            found[name] = _said(where, *command[1:]).partition(" ")[0]
    for name in _libraries():
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return {name: version for name, version in (found | peers.versions()).items() if version}


def _libraries() -> list[str]:
    """What followupd is built on, the extras that are not for its makers included."""
    try:
        asked = metadata.requires("followupd") or []
    except metadata.PackageNotFoundError:
        asked = []
    ours = [one for one in asked if not re.search("extra == .(test|build|train|demo).", one)]
    return sorted({"uvloop", *(found[0] for one in ours if (found := re.match(r"[A-Za-z0-9._-]+", one)))})


def _said(*command: str) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    return ""


# -- the ratios --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One promise, as it came out."""

    workload: str
    ratio: Ratio
    values: tuple[float, ...]
    before: float | None = None  # the baseline

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def promise(self) -> str:
        """For people; empty where nothing is promised."""
        if self.ratio.at_least is not None:
            return f"≥ {shown(self.ratio.at_least)}"
        return f"≤ {shown(self.ratio.at_most)}" if self.ratio.at_most is not None else ""

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.ratio.met(self.value)

    @property
    def worse(self) -> bool:
        """Whether it costs too much more than before."""
        return self.before is not None and self.ratio.worse(self.value, self.before) > WORSE

    @property
    def spread(self) -> str:
        """Lowest and highest."""
        return f"{shown(min(self.values))}..{shown(max(self.values))}" if len(self.values) > 1 else ""

    @property
    def name(self) -> str:
        """Under which it stands in the baseline."""
        return f"{self.workload}: {self.ratio.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a run has to say."""

    machine: Machine
    outcomes: list[Outcome]
    scale: float
    before: Mapping[str, float] = field(default_factory=dict)

    @property
    def ratios(self) -> list[Line]:
        """In the order of the suite; those without a figure are left out."""
        return [
            Line(workload=one.workload.name, ratio=ratio, values=tuple(values), before=self.before.get(f"{one.workload.name}: {ratio.name}"))
            for one in self.outcomes for ratio in one.workload.ratios if (values := ratio.values(one.rounds))
        ]  # fmt: skip

    def failed(self, *, gates: bool = False) -> bool:
        """Whether something was done wrong, has become worse, or does not pass its gate."""
        wrong = any(one.wrong for one in self.outcomes)
        if gates:
            return wrong or bool(self.not_passed())
        return wrong or any(line.worse for line in self.ratios)

    def not_passed(self) -> list[str]:
        """The gates that are shut: below half of the promise, or not measured at all."""
        found = {line.name: line for line in self.ratios}
        said = []
        for one in self.outcomes:
            for ratio in one.workload.ratios:
                line = found.get(f"{one.workload.name}: {ratio.name}")
                if ratio.gate and line is None:
                    said.append(f"{one.workload.name}: {ratio.name} was not measured: {_why_not(one, ratio)}")
                elif ratio.gate and line is not None and not ratio.passes(line.value):
                    said.append(f"{line.name} is {shown(line.value)}, not even half of what is promised ({line.promise})")
        return said

    def lines(self, *, gates: bool = False) -> Iterator[tuple[str, bool]]:
        """What a terminal shows, and whether in red."""
        for text in self.machine.lines():
            yield text, False
        for line in self.ratios:
            tail = "" if line.kept else "  NOT KEPT"
            if line.worse:
                tail += f"  WORSE: {shown(line.before or 0)} before, {shown(line.value)} now"
            promised = f" (promised {line.promise})" if line.promise else ""
            unit = f" {line.ratio.unit}" if line.ratio.unit else ""
            spread = f" [{line.spread}]" if line.spread else ""
            yield f"{line.name}: {shown(line.value)}{unit}{spread}{promised}{tail}", bool(tail)
        for one in self.outcomes:
            for name, reason in one.skipped.items():
                yield f"{one.workload.name}: {name} was skipped: {reason}", False
            for name, reason in one.wrong.items():
                yield f"{one.workload.name}: {name} did it WRONG: {reason}", True
        for text in self.not_passed() if gates else ():
            yield text, True

    # -- files ---------------------------------------------------------------------------------------

    def json(self) -> str:
        """Everything, for machines."""
        workloads = {
            one.workload.name: {"rounds": one.rounds, "skipped": one.skipped, "wrong": one.wrong, "medians": one.medians()}
            for one in self.outcomes
        }
        ratios = {
            line.name: {
                "value": line.value, "values": line.values, "at_least": line.ratio.at_least, "at_most": line.ratio.at_most,
                "kept": line.kept, "before": line.before,
            }
            for line in self.ratios
        }  # fmt: skip
        whole = {"scale": self.scale, "machine": asdict(self.machine), "ratios": ratios, "workloads": workloads}
        return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """Tables: the promises first, then what everybody was measured at."""
        part = (
            ""
            if self.scale == 1
            else f"A run at {self.scale:g} of the full size: each number of mails, people and mailboxes below is that share.  \n"
        )
        parts = ["# Measured\n", part + "".join(f"{text}.  \n" for text in self.machine.lines()), *self._promises()]
        for one in self.outcomes:
            parts += ["", *_figures(one)]
        return "\n".join(parts) + "\n"

    def _promises(self) -> list[str]:
        rows = [
            f"| {line.workload} | {line.ratio.name} | {shown(line.value)}{f' {line.ratio.unit}' if line.ratio.unit else ''} | {line.spread} "
            f"| {line.promise} | {'' if not line.promise else 'yes' if line.kept else '**no**'} |"
            for line in self.ratios
        ]
        return ["| workload | ratio | median | rounds | promised | kept |", "| --- | --- | ---: | --- | ---: | --- |", *rows]

    def svg(self) -> str:
        """The ratios against their promises, as a picture."""
        return picture([line for line in self.ratios if line.promise])


def _why_not(one: Outcome, ratio: Ratio) -> str:
    for name in (ratio.of, ratio.over):
        if reason := one.skipped.get(name) or one.wrong.get(name):
            return f"{name}: {reason}"
    return "nobody did the work"


def _figures(one: Outcome) -> list[str]:
    medians = one.medians()
    names = list(dict.fromkeys(name for each in one.rounds for found in each.values() for name in found))
    rows = [
        f"| {contender.name} | {contender.role} | {' | '.join(shown(found[name]) if name in found else '' for name in names)} | {sum(contender.name in each for each in one.rounds)} |"
        for contender in one.workload.contenders if (found := medians.get(contender.name))
    ]  # fmt: skip
    heads = " | ".join(name.replace("_", " ") for name in names)
    table = [f"| who | role | {heads} | rounds |", f"| --- | --- |{' ---: |' * (len(names) + 1)}", *rows] if rows else []
    skipped = [f"\nSkipped: {name}, {reason}." for name, reason in one.skipped.items()]
    return [f"## {one.workload.name}\n", f"{one.workload.what}.\n", *table, *skipped]


# -- the baseline ------------------------------------------------------------------------------------


def read_baseline(path: Path, scale: float) -> dict[str, float]:
    """The ratios that were kept at this scale: what a short run shows is not what a long one does."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found: dict[str, float] = kept.get(f"{scale:g}", {})
    return found


def keep_baseline(path: Path, report: Report) -> None:
    """Keep the ratios of a run, beside those of workloads that did not run and those of other scales."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known = kept.get(f"{report.scale:g}", {}) | {line.name: float(f"{line.value:.4g}") for line in report.ratios}
    kept[f"{report.scale:g}"] = dict(sorted(known.items()))
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# -- the picture -------------------------------------------------------------------------------------

ROW, WIDTH, RIGHT, LETTER = 26, 420, 270, 7.3
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { fill: #59636e } .rule { stroke: #59636e; stroke-width: 1.5 } .axis { stroke: #d1d9e0 }
.kept { fill: #2da44e } .broken { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .rule { stroke: #9198a1 } .axis { stroke: #3d444d }
  .kept { fill: #3fb950 } .broken { fill: #f85149 }
}
"""
FARTHEST = 3.0
"""A bar ends at three times the promise; the figure beside it says how much it really is."""


def picture(lines: Sequence[Line]) -> str:
    """One bar for each promise. The line in the middle is the promise: a bar that crosses it keeps it.

    Where less is better the bar is the promise over the figure, so that longer is better everywhere.
    """
    height = 50 + ROW * len(lines)
    left = 20 + LETTER * max((len(line.name) for line in lines), default=0)
    whole, scale = left + WIDTH + RIGHT, WIDTH / FARTHEST
    rule = left + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole:.0f} {height}" width="{whole:.0f}" height="{height}" role="img">',
        f"<title>Each ratio against what is promised</title><style>{STYLE}</style>",
        f'<text x="{rule:.0f}" y="18" text-anchor="middle" class="small">promised</text>',
    ]
    for number, line in enumerate(lines):
        top = 30 + ROW * number
        share = _share(line)
        unit = f" {line.ratio.unit}" if line.ratio.unit else ""
        parts += [
            f'<text x="{left - 10:.0f}" y="{top + 16}" text-anchor="end">{escape(line.name)}</text>',
            f'<line class="axis" x1="{left:.0f}" y1="{top + ROW - 1}" x2="{left + WIDTH:.0f}" y2="{top + ROW - 1}"/>',
            f'<rect class="{"kept" if line.kept else "broken"}" x="{left:.0f}" y="{top + 4}" width="{max(1.0, min(share, FARTHEST) * scale):.1f}" height="{ROW - 10}" rx="2"/>',
            f'<text x="{left + WIDTH + 10:.0f}" y="{top + 16}">{escape(f"{shown(line.value)}{unit}")} <tspan class="small">({escape(line.promise)}){"" if line.kept else ", not kept"}</tspan></text>',
        ]  # fmt: skip
    parts += [f'<line class="rule" x1="{rule:.0f}" y1="24" x2="{rule:.0f}" y2="{height - 14}"/>', "</svg>"]
    return "\n".join(parts) + "\n"


def _share(line: Line) -> float:
    if line.ratio.at_least:
        return line.value / line.ratio.at_least
    if line.ratio.at_most is None:
        return 1.0
    return FARTHEST if not line.value else line.ratio.at_most / line.value if line.ratio.at_most else (1.0 if line.kept else 0.0)
