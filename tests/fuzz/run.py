"""`make fuzz`: all targets in rounds until the time is over; what breaks a contract is kept in tests/fuzz/found/.

python -m tests.fuzz.run [SECONDS [TARGET ...]]
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from tests.fuzz.limits import at_most, peak
from tests.fuzz.targets import FOUND, LARGEST, TARGETS, Target

SECONDS = 2.0
"""Processor time that one input may cost."""
MEMORY = 200 * 2**20
"""Bytes by which one input may raise the most memory that the process ever had."""
ROUND = 20.0
"""Seconds that a target gets in a round."""
EXAMPLES = 300
"""Inputs between two looks at the clock."""


class TooBig(Exception):
    """An input took too much memory."""


@dataclass
class Score:
    """What became of one target."""

    tried: int = 0
    failed: int = 0
    slowest: float = 0.0
    largest: int = 0  # bytes of the longest input


def tried(target: Target, raw: bytes, score: Score) -> None:
    """One input, held to the contract: no exception, no more than SECONDS, no more than MEMORY."""
    before, begun = peak(), time.process_time()
    score.tried += 1
    score.largest = max(score.largest, len(raw))
    with at_most(SECONDS):
        target.attempt(raw[:LARGEST])
    score.slowest = max(score.slowest, time.process_time() - begun)
    if peak() - before > MEMORY:
        raise TooBig(f"{(peak() - before) >> 20} MB for one input")


def fuzz(
    target: Target,
    score: Score,
    is_over: Callable[[], bool],
    *,
    seed: bool = False,
    database: ExampleDatabase | None = None,
    shrinking: float = 60.0,
) -> tuple[bytes, BaseException] | None:
    """Inputs until the time is over; the first that breaks the contract, made as small as it gets in `shrinking` seconds, with what it raised."""
    last: list[tuple[bytes, BaseException]] = []
    give_up = float("inf")

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=seed, database=database, suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate, Phase.shrink] if database else [Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(target.inputs())
    def attempt(raw: bytes) -> None:
        nonlocal give_up
        if is_over() if not last else time.monotonic() >= give_up:
            return
        try:
            tried(target, raw, score)
        except BaseException as error:
            give_up = give_up if last else time.monotonic() + shrinking
            last[:] = [(raw, error)]
            raise

    while not is_over():
        try:
            attempt()
        except Exception:
            if not last:
                raise
            return last[0]
        if seed:
            break
    return None


def _keep(target: Target, raw: bytes, error: BaseException) -> str:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{target.name.replace(' ', '-')}-{hashlib.sha256(raw).hexdigest()[:12]}"
    path.write_bytes(raw)
    return f"{path}: {type(error).__name__}: {str(error)[:200]}"


def table(scores: dict[str, Score], seconds: float) -> str:
    """Executions per target, as a table in Markdown."""
    lines = ["| target | inputs | longest | slowest | broken |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {one.tried:,} | {one.largest:,} bytes | {one.slowest:.2f} s | {one.failed} |" for name, one in scores.items()
    ]
    total = sum(one.tried for one in scores.values())
    return "\n".join(
        [
            *lines,
            "",
            f"{total:,} inputs in {seconds:,.0f} s, {peak() >> 20} MB at most, {sum(one.failed for one in scores.values())} broken",
        ]
    )


def main(seconds: float, names: list[str]) -> int:
    """Rounds over the targets; a table after each."""
    begun = time.monotonic()
    scores = {target.name: Score() for target in TARGETS if not names or target.name in names}
    database = DirectoryBasedExampleDatabase(FOUND.parent / ".examples")
    while time.monotonic() - begun < seconds:
        for target in TARGETS:
            if target.name not in scores:
                continue
            end = min(time.monotonic() + ROUND, begun + seconds)
            found = fuzz(target, scores[target.name], lambda end=end: time.monotonic() >= end, database=database)  # type: ignore[misc]
            if found:
                scores[target.name].failed += 1
                print(_keep(target, *found), flush=True)
        print(table(scores, time.monotonic() - begun), flush=True)
    return 1 if any(one.failed for one in scores.values()) else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0, sys.argv[2:]))
