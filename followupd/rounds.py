"""Rounds: what is done for each mailbox again and again, each at its own times. `ROUNDS` is the one place where they are listed.

Decides when each is due next, and keeps that in the store: a round that was due while nothing ran is made up for once, and what it does
is written together with its next time, so that it is done once, by the daemon that owns the mailbox. Never decides what a round does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from followupd import colleagues, digest, handover, log, meetings, referring, reopening
from followupd.core.model import Alarm, Change, Round
from followupd.office import NEVER, Office
from followupd.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of round. `next` says when it is due after a moment (None: not wanted here); `run` what is to be written."""

    name: str
    about: str
    next: Callable[[Office, str, datetime], datetime | None]
    run: Callable[[Office, str, datetime], Change]


def when_summoned(office: Office, mailbox: str, now: datetime) -> datetime | None:
    """Not by itself: `Office.summon` makes it due, together with what it is about."""
    return NEVER


ROUNDS: tuple[Kind, ...] = (
    Kind(name=digest.KIND, about="the digest", next=digest.next_digest, run=digest.morning_round),
    Kind(name="courtesy", about="the letter on colleagues that wait", next=when_summoned, run=colleagues.tell),
    Kind(name=referring.KIND, about="the draft of somebody who was named", next=when_summoned, run=referring.look_after),
    Kind(
        name=handover.KIND, about="the return of those who were handed over", next=handover.next_return, run=handover.bring_back
    ),
    Kind(name=meetings.KIND, about="the evening after a meeting", next=meetings.next_evening, run=meetings.look_over),
    Kind(name="reopen", about="the list of old noes", next=reopening.next_list, run=reopening.lay_out),
)
"""What is done again and again. To add one: a row here."""

KINDS = {kind.name: kind for kind in ROUNDS}

FAULTS = (ValueError, LookupError, TypeError, AssertionError, OSError)
"""A fault of ours in one round, or of the folder that it writes into. It must not come back at every start and stop the mails of everybody."""

LATER = timedelta(hours=6)
"""When a round that failed is tried again."""


AT_ONCE = 10
"""Mailboxes whose rounds are arranged in one turn of the claim loop: at the start of a daemon that has many, mails that are due go in between."""


async def turn(world: World, *, due: bool = True) -> None:
    """Arrange what is new, and do what is due (`due`: whether anything is)."""
    office, mine = world.office, tuple(sorted(world.epochs))
    known = set(world.arranged[1]) & set(mine) if world.arranged[0] == id(office.config) else set[str]()
    if new := [name for name in mine if name not in known]:
        some = tuple(new[:AT_ONCE])
        await world.carry_on(lambda: None, lambda _: arrange(office, some))
        known.update(some)
        due = True
    world.arranged = (id(office.config), tuple(sorted(known)))
    if len(new) > AT_ONCE:
        world.wake.set()
    for one in await world.call(office.store.rounds_due, mine, office.clock.now()) if due else ():
        await world.carry_on(
            partial(office.store.find, Round, one.id), partial(_done, office, KINDS.get(one.id.partition(":")[0]))
        )
        world.wake.set()


def arrange(office: Office, mailboxes: tuple[str, ...]) -> Change:
    """The rounds of these mailboxes, dated as the configuration of today wants it. What is overdue stays so."""
    now, found = office.clock.now(), []
    there = office.store.find_all(Round, [f"{kind.name}:{mailbox}" for mailbox in mailboxes for kind in ROUNDS])
    for mailbox in mailboxes:
        for kind in ROUNDS:
            known = there.get(f"{kind.name}:{mailbox}")
            if known is not None and known.due <= now:
                continue
            due = kind.next(office, mailbox, now)
            if due is None:
                due = NEVER
            if known is None and due != NEVER:
                found.append(Round(id=f"{kind.name}:{mailbox}", mailbox=mailbox, due=due))
            elif known is not None and known.due != due:
                found.append(replace(known, due=due))
    return Change(rounds=tuple(found))


def _done(office: Office, kind: Kind | None, known: Round | None) -> Change:
    """What the round does, and its next time; nothing where another daemon has been there."""
    now = office.clock.now()
    if known is None or known.due > now:
        return Change()
    due = kind.next(office, known.mailbox, now) if kind and known.mailbox in office.config.mailboxes else None
    if kind is None or due is None:
        return Change(rounds=(replace(known, due=NEVER),))
    key = f"round:{known.id}"
    try:
        change = kind.run(office, known.mailbox, now)
    except FAULTS as problem:
        log.trouble("round-failed", round=known.id, problem=f"{type(problem).__name__}: {problem}")
        text = f"{kind.about} failed for {known.mailbox} ({type(problem).__name__}: {problem}); it is tried again in six hours"
        alarm = Alarm(key=key, mailbox=known.mailbox, text=text, at=now)
        return Change(rounds=(replace(known, due=min(due, now + LATER)),), alarms=(alarm,))
    over = tuple(
        Alarm(key=key, mailbox=known.mailbox, text="", at=now, on=False) for one in office.store.alarms_up() if one.key == key
    )
    return change + Change(rounds=(replace(known, due=due),), alarms=over)
