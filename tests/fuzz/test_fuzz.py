"""The fuzzers, for seconds: any bytes give a value or a problem, in bounded time and memory. `make fuzz` runs them for an hour."""

from __future__ import annotations

import resource
import time

import pytest

from followupd.core.inbound import read_message
from tests.fuzz import run, targets
from tests.fuzz.run import FOUND, Score, Target, fuzz, table, tried
from tests.fuzz.targets import TARGETS

SECONDS = 2.5
"""Of work for each target; all of them together stay under a minute."""
ENOUGH = 20
"""Inputs that each target is tried with, however slow the machine is."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_while(target: Target) -> None:
    """Nothing that is made up in a few seconds breaks a contract, and something is made up."""
    score, worked, passed = Score(), time.process_time() + SECONDS, time.monotonic() + 2 * SECONDS

    def is_over() -> bool:
        return score.tried >= ENOUGH and (time.process_time() >= worked or time.monotonic() >= passed)

    found = fuzz(target, score, is_over, seed=True, shrinking=5.0)
    assert found is None, f"{target.name}: {found[1]!r} for {found[0][:500]!r}"
    assert score.tried >= ENOUGH


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_was_found(target: Target) -> None:
    """What has broken a contract once (`tests/fuzz/corpus/`, and what the last `make fuzz` has found) breaks none today."""
    paths = [*targets.CORPUS.glob(f"{target.name}/*"), *FOUND.glob(f"{target.name.replace(' ', '-')}-*")]
    for raw in [path.read_bytes() for path in paths]:
        tried(target, raw, Score())


def _slow(raw: bytes) -> None:
    end = time.process_time() + 0.3
    while raw[:1] == b"x" and time.process_time() < end:
        pass


def _fat(raw: bytes) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # of this process, whatever other tests it has run
    bytes(b"x" * (peak + 300 * 2**20))


def _wrong(raw: bytes) -> None:
    assert b"@" not in read_message(raw).sender.encode()


@pytest.mark.parametrize(
    ("attempt", "error"), [(_slow, "TooSlow"), (_fat, "TooBig"), (_wrong, "AssertionError")], ids=["slow", "big", "wrong"]
)
def test_breaks_are_noticed(attempt: object, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long, takes too much memory, or says something wrong is found."""
    monkeypatch.setattr(run, "SECONDS", 0.1)
    target = Target("made up", attempt, lambda: [b"x", b"From: a@b.example\n\nx"], (b"x",))  # type: ignore[arg-type]
    found = fuzz(target, Score(), lambda: False, seed=True, shrinking=0.5)
    assert found is not None
    assert type(found[1]).__name__ == error


def test_table() -> None:
    """The figures of a run are said per target."""
    assert "| mail | 3 | 10 bytes | 0.50 s | 1 |" in table({"mail": Score(tried=3, failed=1, slowest=0.5, largest=10)}, 60)
