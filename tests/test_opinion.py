"""The third opinion: a real program, asked in bounded time."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followupd.core.model import Inbound, Reading, ReplyKind
from followupd.opinion import ask

MAIL = Inbound(typed="We will pass.", subject="Re: Offer", sender="ann@prospect.example", date=datetime(2026, 5, 5, tzinfo=UTC))
VERDICT = Reading(kind=ReplyKind.NO, confidence=0.9, evidence="will pass")


async def asked(program: str, seconds: float = 20) -> ReplyKind | None:
    return await ask([sys.executable, "-c", program], seconds, MAIL, "Any thoughts?", VERDICT)


async def test_it_is_told_and_answers() -> None:
    """The program gets the words, our mail and the verdict, and its label comes back."""
    program = "import json,sys; q=json.load(sys.stdin); assert q['text']=='We will pass.' and q['asked']=='Any thoughts?' and q['reading']['acted']=='no'; print(json.dumps({'label': 'later'}))"
    assert await asked(program) == ReplyKind.LATER


@pytest.mark.parametrize(
    "program",
    [
        "",
        "print('hello')",
        "print('{}')",
        "print('[]')",
        'print(\'{"label": "maybe"}\')',
        "raise SystemExit(3)",
        "import os; os.close(0); os.close(1)",
        "print('[' * 60000)",
    ],
)
async def test_nonsense_is_no_opinion(program: str) -> None:
    """A program that fails or talks nonsense has no opinion."""
    assert await asked(program) is None


async def test_a_missing_program() -> None:
    """One that isn't there has none either."""
    assert await ask(["/nowhere/reader"], 5, MAIL, "", VERDICT) is None


async def test_it_is_killed_with_its_children(tmp_path: Path) -> None:
    """One that takes too long is ended, with whatever it has started."""
    mark = tmp_path / "alive"
    child = f"import time,pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()"
    begin = time.monotonic()
    assert (
        await asked(f"import subprocess,sys,time; subprocess.Popen([sys.executable,'-c',{child!r}]); time.sleep(60)", seconds=1)
        is None
    )
    assert time.monotonic() - begin < 30
    end = time.monotonic() + 4
    while time.monotonic() < end:
        assert not mark.exists()


async def test_an_endless_answer(tmp_path: Path) -> None:
    """An answer without end is cut, and is no opinion."""
    assert await asked("import sys\nwhile True: sys.stdout.write('x' * 10000)", seconds=10) is None
