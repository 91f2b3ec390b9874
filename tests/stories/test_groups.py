"""Many mails at once: each leaves once, a look is shared only by those that leave in one go, and an answer that is being written down is faster than a dot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from followupd import dispatch
from followupd.core import lifecycle
from followupd.core.model import Outcome
from tests.stories.stage import Play

MANY = [f"p{number}@company{number}.test" for number in range(40)]
HEAD = "email,cadence,first_name,company\n"
BURST = "{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 3}"
ALONE = "{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 1}"


def _rows(addresses: list[str]) -> str:
    return HEAD + "".join(f"{address},intro,X,Acme\n" for address in addresses)


def test_a_burst(stage: Callable[..., Play]) -> None:
    """Forty mails that are due at once through three connections: each person gets theirs, once, and each is written down as sent."""
    play = stage(limits=BURST, gap="0s")
    play.at("mon 09:00").drop_csv(_rows(MANY))
    play.run_until("+1h")
    assert sorted(mail.recipient for mail in play.mails()) == sorted(MANY)
    assert {play.steps(address)["hello"] for address in MANY} == {"sent"}
    assert play.doubtful() == []


def test_an_answer_faster_than_the_dot(stage: Callable[..., Play]) -> None:
    """The gate is passed, and while the server thinks about DATA an answer is read: the mail does not leave any more."""
    play = stage(limits=ALONE, gap="0s")
    play.at("mon 09:00").drop_csv(_rows(["ann@p.test"]))
    play.run_until("+1h")
    raw = play.answer_to(play.mails("ann@p.test")[0], "No thanks, not interested.", "ann@p.test")

    async def answer_comes_and_is_read() -> None:
        await play.imap.append(raw, play.clock.now())
        assert await play.world.watches["dana"].look(30.0) == ""

    play.server.before["DATA"] = answer_comes_and_is_read
    play.run_until("+20d")
    assert [mail.subject for mail in play.mails("ann@p.test")] == ["Hello X"]
    assert play.outcome("ann@p.test") == "no"


class _EachTime(dict[str, Any]):
    """What the play has laid there stays there."""

    def pop(self, verb: str, default: Any = None) -> Any:
        return self.get(verb, default)


@pytest.mark.parametrize("who", ["this daemon", "another process"])
def test_an_end_while_they_wait_for_a_connection(stage: Callable[..., Play], who: str) -> None:
    """The server is slow, and mails that wait for a connection have passed the gate. All enrollments end: only what had left by then arrives."""
    play = stage(limits=BURST, gap="0s")
    play.at("mon 09:00").drop_csv(_rows(MANY))
    play.run_until("+1h")
    assert len(play.mails()) == len(MANY)
    go, left = asyncio.Event(), list[int]()

    async def hold() -> None:
        left.append(1)
        if len(left) == 1:
            await end()
        await go.wait()

    async def end() -> None:
        world, line = play.world, play.world.connections["dana"]
        async with asyncio.timeout(play.limit):
            while len(left) < 3 or len(line._waiting) + len(line._far) < len(MANY) - 2 * 3 or world.writer._passings:
                await asyncio.sleep(0.01)
            changes = [
                lifecycle.finish(one, Outcome.OPTED_OUT, "they said so", play.clock.now())
                for one in world.office.store.enrollments()
            ]
            if who == "this daemon":
                await asyncio.gather(*(world.writer.write(change) for change in changes))
            else:  # its commit is seen by the gate only, and by each gate that is not quite new
                assert all(world.office.store.apply(changes))
                await asyncio.sleep(dispatch.GATE_HOLDS + 0.01)
        go.set()

    play.server.before = _EachTime(DOT=hold)
    play.run_until("+20d")
    second = [mail for mail in play.mails() if mail.subject != "Hello X"]
    assert len(second) == 3
    assert {play.outcome(address) for address in MANY} == {"opted_out"}
