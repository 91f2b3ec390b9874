"""Which daemons share this store, and who holds which mailbox.

A daemon lives as long as its lock (`session.py`); a mailbox is held by the run that its row names, as long as that one lives. One
lock for each daemon, not for each mailbox: PostgreSQL keeps locks in memory of a fixed size. All that changes holders takes turns by a
lock of its own, so that everybody decides on the same picture (`core/fleet.py`), and takes all it takes in one transaction.

Correctness rests on none of this: the epoch goes up with each new holder, and claims and gates ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
import sqlalchemy.exc

from followupd.core import fleet
from followupd.core.model import Change, TouchState
from followupd.store import claiming, schema
from followupd.store.engine import StoreBusy, insert
from followupd.store.session import Session, key_of, tell

if TYPE_CHECKING:
    from followupd.store import Store

Result = TypeVar("Result")

FLEET = "fleet"
"""What is said when holders have changed, or should."""

WAKE = "wake "
"""What is said when something may have become due in mailboxes; their names follow, or `*` for all."""

MOST = 500
"""Characters of such a word; PostgreSQL takes 8000 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One daemon. `seen`: its last sign of life."""

    run: str
    host: str
    pid: int
    since: datetime
    seen: datetime
    version: str
    lives: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a sign of life has brought back: the runs that live, and what others have said."""

    living: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What has come of a turn: all that we hold now, with their epochs, and what was only just taken of it."""

    epochs: dict[str, int] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    give: tuple[str, ...] = ()  # others have asked for them
    left: tuple[str, ...] = ()  # nobody holds them yet, and others are to
    others: tuple[str, ...] = ()  # others hold them


def join(store: Store, member: Member) -> None:
    """Be one of the daemons of this store from now on; again after the session was lost. Raises StoreBusy."""
    session = store.session
    if session is not None and not _asked(lambda: session.show(member.run)):
        raise StoreBusy("the server has not ended our session of before yet")
    table = schema.daemon
    values = {name: getattr(member, name) for name in ("run", "host", "pid", "since", "seen", "version")}
    with store.writing() as connection:
        in_turn(connection)  # whoever buries the dead has not looked before we were there
        if store.session is None:  # one daemon to a file: whoever stands here is dead
            connection.execute(sa.delete(table).where(table.c.run != member.run))
            connection.execute(sa.update(schema.mailbox).values(owner="", wanted=""))  # all are taken anew, with a new epoch
        statement = insert(table, store.engine).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["run"], set_={"seen": member.seen}))


def beat(store: Store) -> Heard:
    """Say that we live, and hear who else does. Raises StoreBusy where our session is gone: then our mailboxes may be others'."""
    if store.session is None:
        return Heard()
    session = store.session
    if not session.open:
        raise StoreBusy("the session that shows that we live is gone")
    living = _asked(lambda: frozenset(session.ask(_LIVING).scalars()))
    return Heard(living=living, said=session.heard())


def _asked(question: Callable[[], Result]) -> Result:
    try:
        return question()
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreBusy(str(error.orig)) from error


_LOCK = """\
SELECT l.pid FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND ((l.classid::bigint << 32) | l.objid::bigint) = KEY"""


def _lock_of(run: str) -> str:
    """In SQL: the lock by which the run in this column shows that it lives."""
    return _LOCK.replace("KEY", key_of(run))


_LIVING = sa.select(schema.daemon.c.run).where(sa.text(f"EXISTS ({_lock_of('daemon.run')})"))


def hold(connection: sa.Connection, engine: sa.Engine, session: Session | None, name: str, run: str) -> int:
    """One mailbox, whatever its share; returns the epoch, or 0 where a run that lives in another session than ours holds it."""
    if session is not None:
        in_turn(connection)
        box = schema.mailbox.c
        lock = sa.text(f"EXISTS ({_lock_of('mailbox.owner')} AND l.pid <> :process)").bindparams(process=session.process)
        if connection.execute(sa.select(box.name).where(box.name == name, box.owner != "", lock)).first() is not None:
            return 0
    return claiming.hold_mailbox(connection, engine, name, run)


_TURN = 8025_0002  # an arbitrary key for PostgreSQL's advisory lock: one daemon at a time changes holders


def in_turn(connection: sa.Connection) -> None:
    """Wait until no other daemon is changing holders, until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))


def take_turn(store: Store, run: str, known: Collection[str], waited: Collection[str], now: datetime) -> Held:
    """Take what is ours to take, ask for what should be ours, hear what others ask for; all of it in one transaction."""
    box, accounts = schema.mailbox.c, frozenset(known)
    with store.writing() as connection:
        in_turn(connection)
        living = _living(connection, store, run)
        found = connection.execute(sa.select(box.name, box.owner, box.wanted, box.epoch)).all()
        holdings = [fleet.Holding(name=row.name, holder=row.owner, wanted=row.wanted) for row in found]
        turn = fleet.turn(run, living, holdings, accounts, waited)
        ours = {row.name: row.epoch for row in found if row.owner == run}
        taken = _take(connection, store.engine, run, turn.take, {row.name for row in found})
        for names in _few(turn.ask):
            connection.execute(sa.update(schema.mailbox).where(box.name.in_(names)).values(wanted=run))
        if turn.ask:
            tell(connection, FLEET)
        _bury(connection, living, now, run)
    epochs = {name: epoch for name, epoch in ours.items() if name in accounts} | taken
    others = tuple(sorted(accounts - epochs.keys() - set(turn.left)))
    return Held(epochs=epochs, taken=tuple(taken), give=turn.give, left=turn.left, others=others)


def _living(connection: sa.Connection, store: Store, run: str) -> set[str]:
    if store.session is None:
        return {run}
    living = set(connection.execute(_LIVING).scalars())
    if run not in living:
        raise StoreBusy("the session that shows that we live is gone")
    return living


def _take(connection: sa.Connection, engine: sa.Engine, run: str, names: Sequence[str], there: set[str]) -> dict[str, int]:
    box, taken = schema.mailbox.c, dict[str, int]()
    if new := [{"name": name} for name in names if name not in there]:
        connection.execute(insert(schema.mailbox, engine).on_conflict_do_nothing(), new)
    for some in _few(names):
        mine = box.name.in_(some)
        connection.execute(sa.update(schema.mailbox).where(mine).values(owner=run, epoch=box.epoch + 1, wanted=""))
        taken |= {row.name: int(row.epoch) for row in connection.execute(sa.select(box.name, box.epoch).where(mine))}
    return taken


def _bury(connection: sa.Connection, living: set[str], now: datetime, run: str) -> None:
    """The dead are remembered as long as they are named as the holder of a mailbox."""
    table, box = schema.daemon, schema.mailbox.c
    connection.execute(sa.update(table).where(table.c.run == run).values(seen=now))
    named = sa.exists(sa.select(1).where(box.owner == table.c.run))
    connection.execute(sa.delete(table).where(table.c.run.not_in(living), ~named))


def _few(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + MOST] for start in range(0, len(names), MOST))


def in_hand(store: Store, run: str, names: Sequence[str]) -> set[str]:
    """In which of these mailboxes a mail or letter of ours is still in hand."""
    with store.reading() as connection:
        return _in_hand(connection, run, names)


def _in_hand(connection: sa.Connection, run: str, names: Sequence[str]) -> set[str]:
    touch, letter, busy = schema.touch.c, schema.letter.c, set[str]()
    for some in _few(names):
        mails = sa.select(touch.mailbox).where(touch.mailbox.in_(some), schema.IN_HAND, touch.owner == run)
        letters = sa.select(letter.mailbox).where(letter.mailbox.in_(some), letter.state == "sending")
        busy.update(connection.execute(mails.distinct()).scalars(), connection.execute(letters.distinct()).scalars())
    return busy


def give(store: Store, run: str, names: Sequence[str]) -> set[str]:
    """Hold these mailboxes no longer; returns those in which something is still in hand: they are kept."""
    box = schema.mailbox.c
    with store.writing() as connection:
        for some in _few(names):  # once their rows are locked no claim is under way in them
            mine = sa.select(box.name).where(box.name.in_(some), box.owner == run).order_by(box.name).with_for_update()
            connection.execute(mine).all()
        busy = _in_hand(connection, run, names)
        for some in _few([name for name in names if name not in busy]):
            freed = sa.update(schema.mailbox).where(box.name.in_(some), box.owner == run)
            connection.execute(freed.values(owner="", epoch=box.epoch + 1))
        tell(connection, FLEET)
    return busy


def leave(store: Store, run: str) -> None:
    """Be none of the daemons any more: others take over at once."""
    box, table = schema.mailbox.c, schema.daemon
    with store.writing() as connection:
        if store.session is not None:
            connection.execute(sa.update(schema.mailbox).where(box.owner == run).values(owner="", epoch=box.epoch + 1))
        connection.execute(sa.delete(table).where(table.c.run == run))
        tell(connection, FLEET)
    if store.session is not None:
        store.session.close()


# -- waking each other -------------------------------------------------------------------------------


def concerned(change: Change) -> set[str]:
    """The mailboxes in which something may be due because of a change; `*` stands for all."""
    if change.switches or change.handovers:
        return {"*"}
    touches = (touch.mailbox for touch in change.touches if touch.state == TouchState.SCHEDULED)
    others = (change.enrollments, change.rounds, change.letters, change.letter_answers)
    return {*touches, *(row.mailbox for rows in others for row in rows)}


def wake(connection: sa.Connection, store: Store, changes: Iterable[Change]) -> None:
    """Wake those who hold the mailboxes that changes concern, with the transaction that writes them; nothing for our own."""
    if store.session is None:
        return
    names = set().union(*map(concerned, changes)) - store.held - {""}
    if names:
        said = WAKE + ",".join(sorted(names))
        tell(connection, said if len(said) <= MOST else f"{WAKE}*")


def woken(said: str, mine: Collection[str]) -> bool:
    """Whether a word of somebody else concerns one of our mailboxes."""
    names = said.removeprefix(WAKE).split(",") if said.startswith(WAKE) else []
    return "*" in names or any(name in mine for name in names)


# -- what is told once, whoever tells it --------------------------------------------------------------


def to_tell(store: Store, run: str) -> set[str]:
    """The keys of the alarms that this daemon tells people of by mail, as long as it lives: nobody else does."""
    alarm = schema.alarm.c
    with store.writing() as connection:
        in_turn(connection)
        dead = sa.text(f"NOT EXISTS ({_lock_of('alarm.teller')})") if store.session is not None else sa.true()
        free = sa.or_(alarm.teller == run, alarm.teller == "", dead)
        open_ones = sa.and_(alarm.told.is_(None), alarm.over.is_(None))
        connection.execute(sa.update(schema.alarm).where(open_ones, free, alarm.teller != run).values(teller=run))
        return set(connection.execute(sa.select(alarm.key).where(open_ones, alarm.teller == run)).scalars())


# -- for people --------------------------------------------------------------------------------------


def members(store: Store) -> tuple[Member, ...]:
    """The daemons that the store knows of, longest at work first; one that is dead is known as long as nobody has taken over from it."""
    table = schema.daemon
    with store.reading() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.since, table.c.run)).mappings().all()
        lives = _signs(connection) if store.session is not None else dict.fromkeys((row["run"] for row in rows), None)
    alive = store.session is not None or store.owned()
    return tuple(
        Member(**{**row, "seen": lives.get(row["run"]) or row["seen"]}, lives=alive and row["run"] in lives) for row in rows
    )


def _signs(connection: sa.Connection) -> dict[str, datetime | None]:
    """When each run that lives has last said something; None where this server does not tell us about others."""
    signs = "SELECT d.run, a.state_change FROM daemon d JOIN LATERAL (LOCK) held ON true LEFT JOIN pg_stat_activity a ON a.pid = held.pid"
    found = connection.execute(sa.text(signs.replace("LOCK", _lock_of("d.run"))))
    return {row.run: row.state_change for row in found}
