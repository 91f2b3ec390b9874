"""Plays: a rep's people go to another mailbox, the conversation goes on, and nobody is lost or written to twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from followupd import handover
from followupd.core.lifecycle import NotNow
from followupd.desk import Unknown
from tests.stories.conftest import MEMORY
from tests.stories.pair import Pair

HEAD = "email,cadence,first_name,company,owner\n"
PEOPLE = HEAD + "".join(f"{name}@{name}.test,intro,{name.title()},Acme,dana\n" for name in ("ann", "bob", "cat", "dan", "eve"))
IDEA = '---\nsubject: "An idea"\n---\n{% if owner.took_over_from %}I have taken over from {{ owner.took_over_from }}. {% endif %}Here is an idea.\n'


@pytest.fixture
def pair(runner: asyncio.Runner) -> Iterator[Pair]:
    """Dana has written to five people; Cat has asked something, and Dan has said no."""
    with tempfile.TemporaryDirectory(prefix="play", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        found = Pair(Path(folder), runner)
        found.write("templates/idea.md", IDEA)
        found.reread()
        found.at("mon 09:00").drop_csv(PEOPLE)
        found.run_until("+1m")
        found.reply("cat@cat.test", "How does the pricing work?")
        found.reply("dan@dan.test", "No thanks, not interested.")
        found.run_until("+1m")
        yield found
        found.close()


def go(pair: Pair, *only: str, days: int = 0) -> tuple[int, list[str]]:
    """Dana's people go to Lee."""
    until = pair.clock.now() + timedelta(days=days) if days else None
    gone, refused = handover.go(pair.office, handover.plan(pair.office, "dana", "lee", only, until), "ops")
    return len(gone), refused


def test_a_rep_leaves(pair: Pair) -> None:
    """Lee goes on in the same threads and says so once; answers to Dana still count, wherever they arrive, and are Lee's to answer."""
    plan = handover.plan(pair.office, "dana", "lee")
    stands = {one.prospect.address: one.stands for one in plan.going}
    assert stands["ann@ann.test"] == "intro: active"
    assert stands["cat@cat.test"].startswith("intro: held (engaged")
    assert stands["dan@dan.test"] == "nothing under way"
    assert pair.enrollment("ann@ann.test").mailbox == "dana"  # a plan changes nothing
    assert go(pair) == (5, [])
    assert go(pair) == (0, [])
    pair.run_until("+1m")
    assert pair.letters("lee@example.com")[-1].subject == "5 people handed over from dana to you"
    assert pair.letters()[-1].subject == "5 people handed over from you to lee"
    assert {task.owner for task in pair.tasks("cat@cat.test")} == {"lee"}
    pair.run_until("+3d")
    first, second = pair.mails("ann@ann.test")
    assert (str(second.message["From"]), second.message_id.endswith("@example.com")) == ("Lee Chen <lee@example.com>", True)
    assert first.message_id in second.ids("References")
    assert (second.subject, "I have taken over from Dana Reyes." in second.text) == ("Re: Hello Ann", True)
    # Bob answers Dana without naming her mail: he is found in her mailbox all the same.
    raw = pair.answer_to(pair.mails("bob@bob.test")[0], "No thanks, not interested.", "bob@bob.test", threaded=False)
    pair.post(raw)
    pair.reply("eve@eve.test", "No thanks, we are not interested.", to=0)
    pair.reply("dan@dan.test", "By the way: who was that again?")  # after the end
    pair.run_until("+30d")
    assert pair.outcome("eve@eve.test") == "no"
    assert pair.outcome("bob@bob.test") == "no"
    assert {task.owner for name in ("bob", "dan") for task in pair.tasks(f"{name}@{name}.test")} == {"lee"}
    assert [len(pair.mails(f"{name}@{name}.test")) for name in ("ann", "bob", "cat", "dan", "eve")] == [4, 2, 1, 1, 2]
    assert "taken over" not in pair.mails("ann@ann.test")[2].text


def test_an_answer_in_the_old_mailbox_stops_the_mail(pair: Pair) -> None:
    """An answer that reaches Dana's mailbox while Lee's mail is on its way stops that mail: both mailboxes are read before it leaves."""
    go(pair, "ann@ann.test")
    pair.posts_before("RCPT", pair.answer_to(pair.mails("ann@ann.test")[0], "No thanks, not interested.", "ann@ann.test"))
    pair.run_until("+4d")
    assert (pair.outcome("ann@ann.test"), len(pair.mails("ann@ann.test"))) == ("no", 1)


def test_for_two_weeks(pair: Pair) -> None:
    """With a date they come back by themselves, whoever has ended meanwhile included. A mail in doubt keeps its person until it is settled."""
    pair.run_until("+2d")
    pair.server.says(drop="DOT")
    pair.run_until("+1d")
    pair.server.says()
    doubtful = [one.address for one, _, _ in pair.office.store.reviews()[1]]
    assert doubtful
    gone, refused = go(pair, days=14)
    assert (gone, refused) == (5 - len(doubtful), [])
    stuck = handover.plan(pair.office, "dana", "lee").stuck
    assert sorted(one.prospect.address for one in stuck) == sorted(doubtful)
    assert all("followupd decide" in one.why_not for one in stuck)
    pair.run_until("+13d")
    assert pair.office.store.person("dan@dan.test")[0].owner == "lee"  # type: ignore[union-attr]
    pair.run_until("+2d")
    assert pair.office.store.belonging("lee") == ()
    assert len(pair.office.store.belonging("dana")) == 5
    assert pair.letters()[-1].subject.endswith("handed over from lee to you")
    with pytest.raises(NotNow, match="has them already"):
        handover.plan(pair.office, "dana", "dana")
    with pytest.raises(Unknown, match='no mailbox "kim"'):
        handover.plan(pair.office, "dana", "kim")
    with pytest.raises(Unknown, match="nobody belongs"):
        handover.plan(pair.office, "kim", "lee")
    with pytest.raises(Unknown, match=r"not with dana: zoe@zoe\.test"):
        handover.plan(pair.office, "dana", "lee", ["zoe@zoe.test"])
