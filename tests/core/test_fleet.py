"""Who should hold what: evenly, without going back and forth, and nothing for nobody."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.fleet import Holding, Turn, turn

BOXES = tuple(f"m{number:02}" for number in range(12))


@dataclass
class Store:
    """The rows, and the daemons that live; each of them does its turn, and gives what it is asked for."""

    living: set[str] = field(default_factory=set)
    rows: dict[str, Holding] = field(default_factory=dict)
    knows: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by daemon; all by itself
    moves: int = 0

    def turn(self, me: str, waited: tuple[str, ...] = ()) -> Turn:
        """One daemon looks, and does what it decides."""
        found = turn(me, self.living, self.rows.values(), self.knows.get(me, BOXES), waited)
        for name in found.take:
            assert self.holder(name) == "", "it is held by somebody who lives"
            self.rows[name] = Holding(name=name, holder=me)
            self.moves += 1
        for name in found.ask:
            self.rows[name] = replace(self.rows[name], wanted=me)
        for name in found.give:
            self.rows[name] = replace(self.rows[name], holder="")
        return found

    def holder(self, name: str) -> str:
        """Who lives and holds it."""
        held = self.rows[name].holder if name in self.rows else ""
        return held if held in self.living else ""

    def settle(self, dice: random.Random | None = None, rounds: int = 8) -> None:
        """Everybody looks some times, in any order; what nobody has taken in a whole round has waited."""
        waited: set[str] = set()
        for _ in range(rounds):
            free = {name for name in BOXES if not self.holder(name)}
            for me in dice.sample(sorted(self.living), len(self.living)) if dice else sorted(self.living):
                self.turn(me, tuple(name for name in waited if not self.holder(name)))
            waited = {name for name in free if not self.holder(name)}

    def loads(self) -> list[int]:
        """How many mailboxes each one holds, fewest first."""
        held = Counter(self.holder(name) for name in BOXES)
        return sorted(held[one] for one in self.living)


def test_alone_it_takes_all() -> None:
    """The only daemon takes everything at its first look."""
    store = Store({"a"})
    assert store.turn("a") == Turn(take=BOXES)


def test_a_newcomer_asks_for_its_share() -> None:
    """Whoever comes later asks for as many as make it even, takes nothing that is held, and gets them when they are given."""
    store = Store({"a"})
    store.turn("a")
    store.living.add("b")
    asked = store.turn("b")
    assert (len(asked.ask), asked.take) == (6, ())
    assert store.turn("b") == Turn()
    given_ = store.turn("a")
    assert given_.give == tuple(sorted(asked.ask))
    assert store.turn("a").take == ()
    assert store.turn("b").take == given_.give
    assert store.loads() == [6, 6]


def test_the_dead_ones_share_is_shared() -> None:
    """What a dead daemon held goes to all others in equal parts, at the first look of each."""
    store = Store({"a", "b", "c"})
    store.settle()
    assert store.loads() == [4, 4, 4]
    store.living.remove("b")
    assert len(store.turn("a").take) == 2
    assert len(store.turn("c").take) == 2


def test_what_others_leave_is_taken() -> None:
    """Somebody who does not come for their part, or does not know the account, is waited for only for a moment."""
    store = Store({"a", "b"})
    first = store.turn("a")
    assert len(first.take) == 6
    assert first.left == BOXES[6:]
    assert store.turn("a", waited=first.left).take == BOXES[6:]


def test_a_request_of_the_dead_is_none() -> None:
    """A mailbox that a dead daemon had asked for is not given; one that it was promised goes to whoever is next."""
    store = Store({"a"}, {name: Holding(name=name, holder="a", wanted="dead") for name in BOXES})
    assert store.turn("a") == Turn()
    store.rows = {name: Holding(name=name, wanted="dead") for name in BOXES}
    assert store.turn("a").take == BOXES


def test_an_unknown_account_is_left_alone() -> None:
    """A daemon neither takes nor asks for a mailbox that its configuration does not know; who knows it keeps it."""
    store = Store({"a", "b"}, knows={"b": BOXES[:2]})
    store.settle()
    assert {name for name in BOXES if store.holder(name) == "b"} == set(BOXES[:2])
    assert all(store.holder(name) == "a" for name in BOXES[2:])
    moves = store.moves
    store.settle()
    assert store.moves == moves


def test_names_of_the_past_count_for_nobody() -> None:
    """A mailbox that no configuration knows any more changes nobody's share."""
    store = Store({"a", "b"}, {f"gone{number}": Holding(name=f"gone{number}", holder="dead") for number in range(50)})
    store.settle()
    assert store.loads() == [6, 6]


@pytest.mark.parametrize("seed", range(3))
def test_at_rest_nothing_moves(seed: int) -> None:
    """Once it is even nobody takes, asks or gives, however often and in whatever order they look."""
    store, dice = Store({"a", "b", "c", "d", "e"}), random.Random(seed)
    store.settle(dice)
    moves = store.moves
    store.settle(dice)
    assert store.moves == moves
    assert store.loads() == [2, 2, 2, 3, 3]


@given(st.lists(st.tuples(st.sampled_from("+-"), st.integers(0, 5)), max_size=12), st.integers(0, 2**32))
def test_whoever_comes_and_goes(events: list[tuple[str, int]], seed: int) -> None:
    """After any coming and going every mailbox has one holder who lives, and nobody has two more than anybody else."""
    store, dice = Store({"d0"}), random.Random(seed)
    for what, number in events:
        (store.living.add if what == "+" else store.living.discard)(f"d{number}")
        store.living = store.living or {"d9"}
        store.settle(dice, rounds=dice.randrange(3))
    store.settle(dice)
    assert all(store.holder(name) for name in BOXES)
    assert store.loads()[-1] - store.loads()[0] <= 1
