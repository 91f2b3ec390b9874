"""Weeks at a provider that throttles, greylists, hangs up, expires tokens, renames mails and renumbers folders.

Judged by the provider's own list of accepted mails. The small month runs in the suite, the whole one in `make torture`.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from followupd.core import unread
from tests.faults import Toll
from tests.servers.tokens import Tokens, token_server
from tests.stories.conftest import MEMORY
from tests.torture.month import Judge, Month

ROWS = ("F27", "F29", "F30", "F33", "F34", "F35", "F36", "F46", "F48", "F52", "F58")


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """Give the provider's token server."""
    with token_server() as found:
        yield found


@pytest.fixture
def month(runner: asyncio.Runner, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Month]]:
    """Set up a month: `month(mailboxes=4, people=6)`."""
    monkeypatch.setattr(unread, "pause", lambda *_: 0.05)
    with contextlib.ExitStack() as stack:

        def make(**setting: Any) -> Month:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="month", dir=MEMORY if MEMORY.is_dir() else None))
            found = Month(Path(folder), runner, tokens, **setting)
            stack.callback(found.close)
            return found

        yield make


def survived(month: Month, toll: Toll) -> Judge:
    """All touches came once and in time, and every answer had its effect."""
    judge = Judge(month)
    print("\n" + judge.shown())
    toll(injected=sum(judge.befallen.values()), **judge.counts())
    assert not any(judge.problems.values()), judge.shown()
    assert judge.next_day >= 0.95 * len(judge.delays)
    return judge


@pytest.mark.fault(*ROWS)
def test_a_bad_week(month: Callable[..., Month], toll: Toll) -> None:
    """Four mailboxes for eight days: everything is delivered once and in time, whatever the provider does."""
    play = month(mailboxes=4, people=5)
    play.live(8, intake=2, daily=2)
    play.calm(60)
    survived(play, toll)
