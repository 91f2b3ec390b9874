"""Who sends on which connection of a mailbox: never more than it may have, two mails on each, first come, first served."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.connections import SOON, Berth, Connections


class Server:
    """Counts what is open. Its couriers are carried nowhere: `Connections` only opens and closes them."""

    def __init__(self) -> None:
        self.open = self.most = self.made = 0

    def connect(self) -> Courier:
        """One more."""
        self.open, self.made = self.open + 1, self.made + 1
        self.most = max(self.most, self.open)
        return Courier(self)


class Courier:
    """A connection that only knows how to end."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def close(self) -> None:
        """Hangs up."""
        self.server.open -= 1


def connections(server: Server, allowed: list[int]) -> Connections:
    """Those of a mailbox whose allowance a test may change."""
    return Connections(server.connect, lambda: allowed[0])  # type: ignore[arg-type]


async def taken(of: Connections) -> Berth | None:
    """A place, if there is one at once."""
    waiting = asyncio.ensure_future(of.take())
    await asyncio.sleep(0)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return None


async def test_one_mail_at_a_time_on_a_single_connection() -> None:
    """A mailbox with one connection begins no mail before the last is over, and keeps the connection for it."""
    server = Server()
    mine = connections(server, [1])
    first = await mine.take()
    mine.on_its_way(first)
    assert await taken(mine) is None
    await mine.leave(first)
    again = await mine.take()
    assert again is first
    assert server.made == 1


async def test_a_second_mail_behind_the_first() -> None:
    """With several connections the next mail begins behind one whose dot has left, but only when no connection is free, and never a third."""
    server = Server()
    mine = connections(server, [2])
    first, second = await mine.take(), await mine.take()
    assert first is not second
    assert await taken(mine) is None  # neither dot has left
    mine.on_its_way(first)
    behind = await taken(mine)
    assert behind is first
    mine.on_its_way(first)
    assert await taken(mine) is None  # never a third
    assert server.most == 2


async def test_whoever_waits_is_served_in_order() -> None:
    """Places are given in the order in which they were asked for; one who gives up waiting costs nobody a place."""
    server = Server()
    mine = connections(server, [1])
    berth, order = await mine.take(), list[int]()

    async def mail(number: int) -> None:
        mine_now = await mine.take()
        order.append(number)
        await mine.leave(mine_now)

    tasks = [asyncio.create_task(mail(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await mine.leave(berth)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 2, 3]
    assert server.open == 1


async def test_fewer_are_allowed() -> None:
    """Where a provider has seen too many connections, those that nobody is on are closed at once and the others when their mail is over."""
    server, allowed = Server(), [3]
    mine = connections(server, allowed)
    berths = [await mine.take() for _ in range(3)]
    await mine.leave(berths[0])
    allowed[0] = 1
    await mine.spare()
    assert server.open == 2
    assert await taken(mine) is None  # two are more than it may have
    await mine.leave(berths[1])
    await mine.leave(berths[2])
    assert server.open == 1


async def test_not_kept() -> None:
    """At the end of the daemon a connection is closed with its last mail."""
    server = Server()
    mine = connections(server, [2])
    berth = await mine.take()
    await mine.leave(berth, keep=False)
    await mine.close()
    assert server.open == 0


async def busy(allowed: int) -> Connections:
    """All connections of a mailbox have a mail whose dot has not left."""
    mine = connections(Server(), [allowed])
    for _ in range(allowed):
        await mine.take()
    return mine


async def asking(mine: Connections, count: int) -> list[asyncio.Task[bool]]:
    """So many ask whether a place is near."""
    tasks = [asyncio.create_task(mine.near()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_near() -> None:
    """As long as no pace is known, twice as many as there are connections are near; the others in turn, whoever gives up."""
    mine = await busy(2)
    tasks = await asking(mine, 8)
    assert [task.done() and task.result() for task in tasks] == [True] * 4 + [False] * 4
    tasks[5].cancel()
    mine.turn_back()
    mine.turn_back()
    await asyncio.sleep(0)
    assert [task.done() for task in tasks] == [True] * 5 + [True, True, False]
    tasks[7].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_who_has_got_a_place_is_near_no_more() -> None:
    """With a place, or cancelled while it waits for one, a mail makes room for the next to come near."""
    mine = await busy(2)
    tasks = await asking(mine, 5)
    place = asyncio.create_task(mine.take(near=True))
    await asyncio.sleep(0)
    assert not tasks[4].done()
    place.cancel()
    await asyncio.gather(place, return_exceptions=True)
    await asyncio.sleep(0)
    assert tasks[4].result() is True


async def test_cancelled_in_the_moment_of_its_turn() -> None:
    """One whose turn has just come, and who hears of it no more, does not stand in the way."""
    mine = await busy(2)
    tasks = await asking(mine, 6)
    mine.turn_back()
    tasks[4].cancel()
    await asyncio.gather(tasks[4], return_exceptions=True)
    await asyncio.sleep(0)
    assert tasks[5].result() is True


async def test_near_at_a_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is near where a place is free, or where mails leave one by one; where they leave fast, as many are as will have one soon."""
    free = connections(Server(), [2])
    assert await free.near() is False
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
    slow, fast = await busy(2), await busy(2)
    slow._left.extend(now - 1.9 + 0.2 * number for number in range(9))
    assert await slow.near() is False
    fast._left.extend(now - 0.16 + 0.005 * number for number in range(32))
    tasks = await asking(fast, 40)
    near = sum(task.done() for task in tasks)
    assert SOON / 0.005 * 0.7 < near <= SOON / 0.005 + 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=60, deadline=None)
@given(allowed=st.integers(1, 5), steps=st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_never_more_than_allowed(allowed: int, steps: list[int]) -> None:
    """Whatever mails come and go: no more connections than allowed, no more than two mails on one, none before the dot of the one ahead."""

    async def play() -> None:
        server, limit = Server(), [allowed]
        mine = connections(server, limit)
        under_way: list[Berth] = []
        for step in steps:
            if step <= 1 and (berth := await taken(mine)) is not None:
                under_way.append(berth)
            elif step == 2 and under_way:
                mine.on_its_way(under_way[-1])
            elif step == 3 and under_way:
                await mine.leave(under_way.pop(0))
            on = Counter(id(one) for one in under_way)
            assert max(on.values(), default=0) <= (2 if allowed > 1 else 1)
            assert server.most <= allowed
        for berth in under_way:
            await mine.leave(berth)
        await mine.close()
        assert server.open == 0

    asyncio.run(play())
