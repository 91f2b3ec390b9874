"""Carries the rounds out: first everybody once, then everybody once more, so that a slow minute of the machine hits all alike.

Decides what a missing peer and a wrong outcome mean for the whole. Knows no workload by name.
"""

from __future__ import annotations

import compileall
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import followupd
from followupd.bench.suite import Contender, Missing, Outcome, Place, Workload, WrongOutcome

QUICK = 0.1
"""The scale of the quick form, and of CI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is wanted of a run."""

    scale: float = 1.0
    rounds: int | None = None  # by itself as many as the workload wants
    quick: bool = False  # only what belongs to the quick form, once
    gates: bool = False  # only what the gates need
    only: Collection[str] = ()  # contenders; none: all of them

    def wants(self, workload: Workload, contender: Contender) -> bool:
        """Whether somebody takes part."""
        if self.only:
            return contender.name in self.only
        if self.gates:
            return any(one.gate and contender.name in (one.of, one.over) for one in workload.ratios)
        return contender.quick or not self.quick

    def rounds_of(self, workload: Workload, contender: Contender) -> int:
        """How often somebody does the work."""
        if self.rounds is not None:
            return self.rounds
        return 1 if self.quick else min(workload.rounds, contender.rounds or workload.rounds)


Tell = Callable[[str], None]


def carry_out(workload: Workload, plan: Plan, tell: Tell) -> Outcome:
    """All rounds of a workload. Who is missing is skipped; whose outcome is wrong takes part no more, and the run has failed."""
    outcome = Outcome(workload=workload)
    taking_part = [one for one in workload.contenders if plan.wants(workload, one)]
    most = max((plan.rounds_of(workload, one) for one in taking_part), default=0)
    for number in range(most):
        outcome.rounds.append({})
        for one in taking_part:
            if number < plan.rounds_of(workload, one) and one.name not in outcome.skipped and one.name not in outcome.wrong:
                _once(one, Place(folder=Path(), scale=plan.scale, number=number), outcome, tell, f"{number + 1}/{most}")
    return outcome


def _once(one: Contender, place: Place, outcome: Outcome, tell: Tell, count: str) -> None:
    name, began = f"{outcome.workload.name} {count} {one.name}", time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    folder.chmod(0o755)
    try:
        figures = one.run(Place(folder=folder, scale=place.scale, number=place.number))
    except Missing as reason:
        outcome.skipped[one.name] = str(reason)
        tell(f"{name}: skipped, {reason}")
    except Exception as reason:  # noqa: BLE001 - a fault in one workload must not cost an hour of the others
        said = str(reason) if isinstance(reason, WrongOutcome) else "".join(traceback.format_exception(reason))
        outcome.wrong[one.name] = " ".join(said.split())[-500:]
        tell(f"{name}: WRONG, {outcome.wrong[one.name]}")
    else:
        outcome.rounds[-1][one.name] = figures
        tell(f"{name}: {spoken(figures)} ({time.monotonic() - began:.0f} s)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def spoken(figures: object) -> str:
    """Figures on one line, for people."""
    assert hasattr(figures, "items")
    return ", ".join(f"{name} {shown(value)}" for name, value in figures.items())


def shown(value: float) -> str:
    """A figure with as many digits as anybody needs."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3g}"


def run(workloads: Sequence[Workload], plan: Plan, tell: Tell) -> Iterator[Outcome]:
    """One workload after the other; a quick run leaves out those that have no quick form."""
    with _compiled():
        for workload in workloads:
            if plan.quick and not workload.quick:
                tell(f"{workload.name}: left out of the quick form")
            elif plan.gates and not any(one.gate for one in workload.ratios):
                tell(f"{workload.name}: has no gate")
            else:
                yield carry_out(workload, plan, tell)


NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@contextmanager
def _compiled() -> Iterator[None]:
    """As after an installation: nobody compiles our modules at each start, not even where containers keep Python from writing what it has compiled."""
    forbidden = os.environ.pop(NO_BYTECODE, None)
    compileall.compile_dir(Path(followupd.__file__).parent, quiet=2)
    try:
        yield
    finally:
        if forbidden is not None:
            os.environ[NO_BYTECODE] = forbidden
