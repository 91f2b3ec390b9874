"""What a workload is: who does the same work side by side, what is measured of it, and which ratios are promised.

Decides how figures become ratios (within a round, then the median over rounds) and when one has become worse. Measures nothing
itself and prints nothing: `runner.py` carries the rounds out, `result.py` shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

OURS = "followupd"

Figures = Mapping[str, float]
"""What one contender was measured at in one round: names such as `per_second`, `cpu_per_1000`, `memory_mb`, `milliseconds`, `p99`."""


class Missing(Exception):
    """A floor or a peer can't run here (a program or a package is missing); the text says what would bring it. It is skipped with a line."""


class WrongOutcome(Exception):
    """The work was not done right: somebody got nothing, or something twice. The whole run fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how large one round is. `scale` is 1.0 for the full size, 0.1 in CI and in the quick form."""

    folder: Path  # empty, and gone after the round
    scale: float = 1.0
    number: int = 0  # of the round

    def size(self, full: int, least: int = 1) -> int:
        """How many, at this scale."""
        return max(least, round(full * self.scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Somebody who does the work: ourselves, a floor (what the machine can do at most), or a peer.

    `run` does it once, checks the outcome and returns the figures; it raises Missing or WrongOutcome. What is to be measured in
    processor time or memory runs in a process of its own (`process.py`).
    """

    name: str
    role: str  # ours, floor, peer
    run: Callable[[Place], Figures]
    quick: bool = True  # part of the quick form
    rounds: int | None = None  # fewer than the others, where one takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One promise: a figure of one contender over a figure of another, or alone.

    `over` empty: the figure itself, in `unit`. `at_least` or `at_most` is the promise; neither: it is shown, and compared with the baseline, more is better.
    """

    name: str
    of: str  # a contender
    figure: str
    over: str = ""
    over_figure: str = ""  # by itself `figure`
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    gate: bool = False  # CI fails at half the promise
    reached: float | None = None  # where the promise is not kept yet: what was reached; the gate lies at half of that

    def values(self, rounds: Sequence[Mapping[str, Figures]]) -> list[float]:
        """The ratio in each round that has both."""
        found = []
        for one in rounds:
            if self.of in one and self.figure in one[self.of] and (not self.over or self.over in one):
                below = one[self.over][self.over_figure or self.figure] if self.over else 1.0
                if below:
                    found.append(one[self.of][self.figure] / below)
        return found

    def met(self, value: float) -> bool:
        """Whether a median keeps the promise."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def passes(self, value: float) -> bool:
        """Whether it is at least half of what is promised, or of what was reached: the gate of CI, where the machine may be slow and the run is short."""
        least, most = (self.at_least, self.at_most) if self.reached is None else (self.reached, self.reached)
        return (self.at_least is None or value >= (least or 0.0) / 2) and (self.at_most is None or value <= (most or 0.0) * 2)

    def worse(self, value: float, before: float) -> float:
        """By which share it costs more than before; negative where it is better."""
        if not value or not before:
            return 0.0
        return value / before - 1 if self.at_most is not None else before / value - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One row of the suite."""

    name: str
    what: str
    contenders: tuple[Contender, ...]
    ratios: tuple[Ratio, ...] = ()
    quick: bool = True  # part of the quick form
    rounds: int = 3


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a workload: the figures of each round by contender, who was skipped, and who did it wrong, with the reasons."""

    workload: Workload
    rounds: list[dict[str, Figures]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def medians(self) -> dict[str, dict[str, float]]:
        """Each contender's figures, the median of all rounds."""
        names = {name for one in self.rounds for name in one}
        return {
            name: {
                figure: median(one[name][figure] for one in self.rounds if figure in one.get(name, {}))
                for figure in {each for one in self.rounds for each in one.get(name, {})}
            }
            for name in names
        }
