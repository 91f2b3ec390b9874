"""Which daemon should hold which mailboxes, when several share one store.

Decides, for one daemon that looks at all of them: which mailboxes it takes, which it asks others for, and which it gives to those who
have asked. Each daemon asks this for itself, one after the other; there is no leader. Never moves anything, and knows no clock: who
lives, and what has waited too long for somebody else, is told.

A mailbox is only ever given to somebody who has asked for it, so none goes to nobody; and only who has two fewer than the
fullest one asks, so nothing goes back and forth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One mailbox: the run that holds it, and the run that has asked for it. Either may be dead, or "" for nobody."""

    name: str
    holder: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one daemon does now."""

    take: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()  # others give them up as soon as nothing of theirs is in flight
    give: tuple[str, ...] = ()  # others have asked for them
    left: tuple[str, ...] = ()  # nobody holds them, and they are left to others, for a moment


def turn(
    me: str, living: Collection[str], mailboxes: Collection[Holding], known: Collection[str], waited: Collection[str] = ()
) -> Turn:
    """What the daemon `me` does, which knows the accounts of `known` mailboxes. `waited`: nobody has held them for a while."""
    living, known = {me, *living}, set(known)
    holders = dict.fromkeys(known, "") | {one.name: one.holder if one.holder in living else "" for one in mailboxes}
    wanted = {one.name: one.wanted for one in mailboxes if one.wanted in living and one.wanted != holders[one.name]}
    held = {name: wanted.get(name) or holder for name, holder in holders.items()}  # as it will be
    load = Counter(whom for whom in held.values() if whom)
    share = -(-sum(1 for name, whom in held.items() if whom or name in known) // len(living))
    take, left = [], []
    for name in sorted((name for name in known if not holders[name]), key=lambda name: (held[name] != me, name)):
        if held[name] == me or name in waited or (not held[name] and load[me] < share):
            take.append(name)
            load[me] += held[name] != me
            load[held[name]] -= bool(held[name]) and held[name] != me
        else:
            left.append(name)
    ask = [] if left else _asked(me, load, held, {name for name in known if holders[name]} - wanted.keys())
    give = [name for name, holder in holders.items() if holder == me and wanted.get(name, me) != me]
    return Turn(take=tuple(take), ask=tuple(ask), give=tuple(sorted(give)), left=tuple(left))


def _asked(me: str, load: Counter[str], held: dict[str, str], able: set[str]) -> list[str]:
    """From the fullest first, until nobody has two more than we have."""
    free = {one: sorted((name for name in able if held[name] == one), reverse=True) for one in load if one != me}
    asked: list[str] = []
    while full := [one for one, names in free.items() if names and load[one] >= load[me] + 2]:
        fullest = max(full, key=lambda one: (load[one], one))
        asked.append(free[fullest].pop())
        load[fullest] -= 1
        load[me] += 1
    return asked
