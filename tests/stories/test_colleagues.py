"""Plays: after a clear answer nobody else at the company hears from us for a while, and their owners are told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from followupd import desk
from followupd.core.model import Change, Enrollment
from tests.stories.conftest import MEMORY
from tests.stories.pair import Pair

HEAD = "email,cadence,first_name,company,owner,referred_by_email\n"
EVERYBODY = HEAD + (
    "ann@acme.test,intro,Ann,Acme,dana,\nbob@acme.test,intro,Bob,Acme,lee,\ncat@mail.acme.test,intro,Cat,Acme,lee,\n"
    "dan@gmail.com,intro,Dan,Acme,lee,\neve@other.test,intro,Eve,Other,lee,\nfay@acme.test,intro,Fay,Acme,dana,\n"
)


@pytest.fixture
def pair(runner: asyncio.Runner) -> Iterator[Pair]:
    """Two reps, and a month of courtesy after a no."""
    with tempfile.TemporaryDirectory(prefix="play", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        found = Pair(Path(folder), runner, more="courtesy: {after_no: 30d, after_yes: none, after_opt_out: 60d}\n")
        yield found
        found.close()


def test_a_no_holds_the_company(pair: Pair) -> None:
    """A no pauses the colleagues, on the same mail server or one below it, tells each owner who said what, and hands new rows back. Who is at
    gmail.com or elsewhere goes on, and so does whoever a human has resumed. The month over, everybody goes on by themselves.
    """
    pair.at("mon 09:00").drop_csv(EVERYBODY)
    pair.run_until("+1m")
    desk.pause(pair.office, "fay@acme.test", pair.clock.now() + timedelta(days=90), "ops")
    pair.at("tue 10:00").reply("ann@acme.test", "No thanks, we have decided against it.")
    pair.run_until("+1m")
    whoever = ("bob@acme.test", "cat@mail.acme.test", "dan@gmail.com", "eve@other.test")
    assert [pair.state(one) for one in whoever] == ["paused", "paused", "active", "active"]
    assert pair.until("bob@acme.test") == "Thu 02 Apr 11:00"  # a month later: the clocks have gone forward
    assert pair.until("fay@acme.test") == "Sun 31 May 10:01"  # a longer pause stays
    (letter,) = pair.letters("lee@example.com")
    assert "ann@acme.test said no: colleagues at acme.test wait until 02 Apr 2026" in letter.subject
    assert "decided against it" in letter.text
    assert [name in letter.text for name in ("bob@", "cat@", "dan@", "fay@")] == [True, True, False, False]
    rows = pair.drop_csv(
        HEAD + "gil@acme.test,intro,Gil,Acme,lee,\nhal@acme.test,intro,Hal,Acme,lee,ann@acme.test\n", name="more.csv"
    )
    assert [row["result"] for row in rows] == ["rejected", "accepted"]  # Ann has named Hal herself
    assert rows[0]["reason"] == "ann@acme.test said no on 03 Mar 2026; leave acme.test alone until 02 Apr 2026"
    desk.resume(pair.office, "bob@acme.test")
    # Somebody at Eve's company answers in the very moment in which another daemon enrolls her: nothing has paused her, and the claim finds it.
    (word,) = pair.office.store.company_words(pair.clock.now() - timedelta(days=1))
    crossed = replace(word, id="crossed", company="other.test", address="zoe@other.test")
    pair.office.store.apply_one(Change(company_words=(crossed,)))
    pair.run_until("+7d")
    people = ("bob@acme.test", "hal@acme.test", "cat@mail.acme.test", "eve@other.test")
    assert [len(pair.mails(one)) for one in people] == [3, 3, 1, 1]
    pair.run_until("+40d")
    assert [len(pair.mails(one)) for one in people] == [4, 4, 4, 4]


def test_what_holds_nobody(pair: Pair) -> None:
    """Silence, a question, an answer at gmail.com, and a yes where the configuration has nothing against it: colleagues go on. A later
    opt-out holds them, also where nothing is under way with its writer any more.
    """
    pair.at("mon 09:00").drop_csv(EVERYBODY)
    pair.run_until("+1m")
    pair.reply("dan@gmail.com", "No thanks, not for us.")
    pair.reply("fay@acme.test", "Interesting. How does the pricing work?")
    pair.reply("ann@acme.test", "Yes, let's do it. Please send the contract.")
    pair.run_until("+1m")
    assert (pair.outcome("ann@acme.test"), pair.outcome("dan@gmail.com")) == ("yes", "no")
    assert [pair.state(one) for one in ("bob@acme.test", "eve@other.test")] == ["active", "active"]
    assert pair.letters("lee@example.com") == []
    pair.reply("ann@acme.test", "Please remove me from your list.")
    pair.run_until("+1m")
    assert (pair.state("bob@acme.test"), "wants no more mail" in pair.letters("lee@example.com")[0].subject) == ("paused", True)
    assert pair.office.store.find(Enrollment, pair.enrollment("eve@other.test").id).until is None  # type: ignore[union-attr]
