"""Weeks at a provider that throttles, greylists, hangs up, expires tokens, renames mails and renumbers folders.

Judged by the provider's own list of accepted mails. The small month runs in the suite, the whole one in `make torture`.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from followupd import evidence, listen
from followupd.core import unread
from followupd.core.model import Inbound, Match, ReplyKind, Touch
from followupd.office import Office
from followupd.world import World
from tests.faults import Toll
from tests.servers.provider import Cut
from tests.servers.tokens import Tokens, token_server
from tests.stories.conftest import MEMORY
from tests.torture.month import Judge, Month, Person

SHORT = """\
cadence: intro
about: Three mails in three days.
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: idea, email: idea, after: 1d}
  - {id: proof, email: proof, after: 2d}
end: {after: 2d}
"""

ROWS = {
    "F27": "throttled at dot",
    "F29": "smtp cut at DOT stored",
    "F30": "smtp cut at DOT",
    "F33": "throttled at login",
    "F34": "quota",
    "F35": "too many connections",
    "F36": "greylisted",
    "F46": "imap cut at EXAMINE",
    "F48": "uidvalidity of INBOX changed",
    "F52": "filed in Junk",
    "F58": "token expired in smtp",
}
"""What of it shows that a row of the matrix was tried."""

PLANNED = (
    ("smtp cut at DOT stored", "rep1", 0, 8.95), ("smtp cut at DOT", "rep2", 0, 8.95), ("too many connections", "rep0", 1, 8.95),
    ("quota", "rep3", 1, 8.95), ("throttled at login", "rep2", 1, 8.95), ("imap cut at EXAMINE", "rep1", 1, 8.95),
    ("throttled at dot", "rep0", 2, 8.95), ("access token expired", "rep1", 2, 8.95), ("uidvalidity of INBOX changed", "rep0", 2, 12.0),
)  # fmt: skip
"""What befalls the small weeks beside what the dice bring: fault, mailbox, day, hour."""


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    """Give the provider's token server."""
    with token_server() as found:
        yield found


@pytest.fixture
def month(runner: asyncio.Runner, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Month]]:
    """Set up a month: `month(mailboxes=4, people=6)`."""
    monkeypatch.setattr(unread, "pause", lambda *_: 30.0)
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
    assert [fault for fault in ROWS.values() if not judge.befallen[fault]] == []
    assert judge.next_day >= 0.95 * len(judge.delays)
    return judge


@pytest.mark.fault(*ROWS)
def test_a_bad_week(month: Callable[..., Month], toll: Toll) -> None:
    """Four mailboxes for eight days: everything is delivered once and in time, whatever the provider does."""
    play = month(mailboxes=4, people=4, cadence=SHORT)
    for planned in PLANNED:
        play.plan(*planned)
    play.live(8, intake=2, daily=1)
    play.calm(40)
    survived(play, toll)


def test_blind(month: Callable[..., Month], monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge sees: without evidence, mails whose answer was lost are sent again, and that is counted."""

    async def nothing(*_: object) -> None:
        pass

    async def certain(_world: World, touch: Touch) -> bool:
        return evidence.ABSENT not in touch.text

    monkeypatch.setattr(evidence, "take_note", nothing)
    monkeypatch.setattr(evidence, "_absent", certain)
    play = month(mailboxes=2, people=2, cadence=SHORT)
    play.accounts["rep1"].cuts["DOT"].append(Cut("DOT", stored=True))
    play.live(5, intake=1, daily=0)
    judge = Judge(play)
    assert len(judge.problems["twice"]) == judge.befallen["smtp cut at DOT stored"] == 1, judge.shown()


def test_without_aliases(month: Callable[..., Month], monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge sees: where the names that the provider gives are not known, answers that name nothing else are lost."""
    match = listen._match

    def blind(office: Office, key: bytes, mailbox: str, inbound: Inbound) -> Match | None:
        known = tuple(name for name in inbound.references if "renamed" not in name)
        return match(office, key, mailbox, replace(inbound, references=known))

    monkeypatch.setattr(listen, "_match", blind)
    play = month(mailboxes=2, people=0, cadence=SHORT)
    ann = Person("ann@p.test", "rep1", ReplyKind.NO, elsewhere=True, brief=True)
    play.people[ann.address] = ann
    play.live(5, intake=1, daily=0)
    judge = Judge(play)
    assert len(judge.problems["replies lost"]) == 2, judge.shown()  # it is not recorded, and has no effect
    assert judge.problems["after an answer"], judge.shown()


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.fault(*ROWS)
def test_a_bad_month(month: Callable[..., Month], toll: Toll) -> None:
    """Twenty mailboxes for thirty days."""
    play = month(mailboxes=20, people=5)
    for number in (0, 3, 6, 9):
        play.plan("too many connections", f"rep{number}", 3, 8.95)
        play.plan("quota", f"rep{number + 1}", 3, 8.95)
    play.live(30, intake=3, daily=1.2)
    play.calm(60)
    judge = survived(play, toll)
    assert len(judge.mails) > 200
