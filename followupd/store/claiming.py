"""Taking touches in hand: the claim, the gate, and what the mailbox may still send.

Claim = intent: the transaction that selects a due touch marks it SENDING with token, owner, attempt, lease and
Message-ID; only then is a connection used. The gate is asked once more, just before the mail's final part leaves. Both are asked for
many mails at once: each statement here is about all of them.

The lease is not a column: a claimed touch's `due` is moved to the lease's end, so that it leaves the head of the due index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from followupd.core import guards
from followupd.core.lifecycle import TOUCH_MOVES, TouchFact
from followupd.core.model import (
    Claim,
    DomainUsage,
    Enrollment,
    EnrollmentState,
    Mailbox,
    Talk,
    Touch,
    TouchState,
    Usage,
)
from followupd.core.outbound import message_id
from followupd.store import gathering, reading, rows, schema
from followupd.store.engine import insert, insert_for
from followupd.store.gathering import HUMAN, Taking
from followupd.store.prepared import Prepared, Row, among, by_index, each

TASKS_AT_ONCE = 50
"""Of a mailbox, in one turn."""

COUNTED_FOR = timedelta(seconds=10)
"""How long it is known without counting again that a mailbox is far from its caps."""

FAR = 32
"""So many mails more than it may take now must be left to it then: what others do to a mailbox meanwhile, a human who settles a doubt, is less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A mailbox that we hold (with the epoch that says so), and how many more mails it may have in flight."""

    mailbox: Mailbox
    places: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who claims: the run of the daemon, until when, and the key for Message-IDs. `token` draws one per claim."""

    run: str
    lease: datetime
    key: bytes
    token: Callable[[], str]
    fraction: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A claimed mail before the gate: when it is asked, when the mailbox was last read to its end, and what is about to leave."""

    claim: Claim
    at: datetime
    looked: datetime
    subject: str
    opens: bool
    text: str
    raw: bytes


@dataclass(slots=True)
class Counted:
    """What a mailbox had sent when it was counted last, and how many mails were claimed in it since: by now it has sent no more than both together."""

    epoch: int
    at: datetime
    usage: Usage
    since: int = 0

    def most(self, want: Want, pace: Row, now: datetime) -> Usage | None:
        """What it has sent by now, at most; None where that has to be counted: long ago, or near to a cap."""
        if self.epoch != want.epoch or not timedelta() <= now - self.at < COUNTED_FOR:
            return None
        known, more = self.usage, self.since
        found = Usage(
            last_minute=known.last_minute + more, last_hour=known.last_hour + more, last_day=known.last_day + more,
            oldest_minute=known.oldest_minute or now, oldest_hour=known.oldest_hour or now, oldest_day=known.oldest_day or now,
            not_before=pace[0], first_sent=pace[1],
        )  # fmt: skip
        free, _ = guards.room(found, want.mailbox.caps, now)
        far = free >= want.places + FAR and not _near_a_domain_cap(found, want, want.places + FAR)
        return found if far else None


# -- what was sent -------------------------------------------------------------------------------


def usages(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> dict[str, Usage]:
    """What mailboxes have sent in the sliding spans; mails in hand count as sent now."""
    return _counted(connection, mailboxes, _paces(connection, mailboxes), now)


def _paces(connection: sa.Connection, mailboxes: Sequence[str]) -> dict[str, Row]:
    """Before when each may not send, and when it first did."""
    return dict.fromkeys(mailboxes, (None, None)) | {
        name: (until, first) for name, until, first in _PACE.rows(connection, mailboxes=mailboxes)
    }


def _counted(connection: sa.Connection, mailboxes: Sequence[str], paces: Mapping[str, Row], now: datetime) -> dict[str, Usage]:
    sent: dict[str, dict[str, Row]] = {}
    spans = {"minute": now - timedelta(minutes=1), "hour": now - timedelta(hours=1), "day": now - timedelta(days=1)}
    for span, name, count, oldest in _SENT.rows(connection, mailboxes=mailboxes, **spans):
        sent.setdefault(name, {})[span] = (count, oldest)
    # The first intent of a mail that is tried again lies far back: what is in hand may leave any moment.
    in_hand: dict[str, int] = dict(_IN_HAND.rows(connection, mailboxes=mailboxes))
    return {name: _usage(sent.get(name, {}), in_hand.get(name, 0), paces[name], now) for name in mailboxes}


def _usage(sent: Mapping[str, Row], in_hand: int, pace: Sequence[Any], now: datetime) -> Usage:
    count, oldest, spans = in_hand, now if in_hand else None, []
    for span in ("minute", "hour", "day"):  # each was counted without the shorter ones
        more, first = sent.get(span, (0, None))
        count, oldest = count + more, first or oldest
        spans.append((count, oldest))
    (minute, oldest_minute), (hour, oldest_hour), (day, oldest_day) = spans
    return Usage(
        last_minute=minute, last_hour=hour, last_day=day, oldest_minute=oldest_minute, oldest_hour=oldest_hour, oldest_day=oldest_day,
        not_before=pace[0], first_sent=pace[1],
    )  # fmt: skip


def domain_usages(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> dict[str, list[DomainUsage]]:
    """What mailboxes have sent to each domain in the sliding spans; mails in hand count as sent now."""
    found: dict[str, list[DomainUsage]] = {}
    for name, domain, *figures in _TO_DOMAINS.rows(
        connection, mailboxes=mailboxes, now=now, hour=now - timedelta(hours=1), day=now - timedelta(days=1)
    ):
        day, oldest_day, hour, oldest_hour = figures
        one = DomainUsage(domain=domain, last_day=day, oldest_day=oldest_day, last_hour=hour, oldest_hour=oldest_hour)
        found.setdefault(name, []).append(one)
    return found


def _counting() -> tuple[Prepared, ...]:
    touch, box = schema.touch.c, schema.mailbox.c
    now, minute, hour, day = (sa.bindparam(name, type_=schema.Instant) for name in ("now", "minute", "hour", "day"))
    at, mine = touch.settled, among(touch.mailbox, "mailboxes")
    spans: tuple[Any, ...] = (("minute", at > minute), ("hour", at > hour, at <= minute), ("day", at > day, at <= hour))

    def sent(dialect: str) -> Any:
        if dialect == "postgresql":
            asked: Any = (touch.mailbox, sa.func.count(), sa.func.min(at))
            return sa.union_all(*(
                sa.select(sa.literal(name), *asked).where(mine, schema.SENT, *within).group_by(touch.mailbox) for name, *within in spans
            ))  # fmt: skip
        one = each("mailboxes", "one")  # SQLite counts in half the time where it need not look for the least
        found = []
        for name, *within in spans:
            those = (touch.mailbox == one.c.value, schema.SENT, *within)
            first = sa.select(at).where(*those).order_by(at).limit(1)
            figures = (sa.select(sa.func.count()).where(*those), first)
            found.append(sa.select(sa.literal(name), one.c.value, *(each_.correlate(one).scalar_subquery() for each_ in figures)))
        return sa.union_all(*found)

    held = sa.select(touch.mailbox, sa.func.count()).where(mine, schema.IN_HAND, touch.channel == "email").group_by(touch.mailbox)
    domain = sa.func.substr(reading.domain_of(touch.address), 2).label("domain")
    both = sa.union_all(
        sa.select(touch.mailbox, domain, at.label("at")).where(mine, schema.SENT, at > day),
        sa.select(touch.mailbox, domain, sa.cast(now, schema.Instant).label("at")).where(
            mine, schema.IN_HAND, touch.channel == "email"
        ),
    ).subquery()
    recent = both.c.at > hour
    to_domains = sa.select(
        both.c.mailbox, both.c.domain, sa.func.count(), sa.func.min(both.c.at), sa.func.count().filter(recent), sa.func.min(both.c.at).filter(recent)
    ).group_by(both.c.mailbox, both.c.domain)  # fmt: skip
    pace = sa.select(box.name, box.not_before, box.first_sent).where(among(box.name, "mailboxes"))
    return Prepared(sent), Prepared(held), Prepared(to_domains), Prepared(pace)


_SENT, _IN_HAND, _TO_DOMAINS, _PACE = _counting()


# -- the claim -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Turn:
    """How far a mailbox may go in this turn: mails that it may still take, and how many more may go to a domain."""

    want: Want
    used: Usage
    places: int
    rooms: dict[str, int] = field(default_factory=dict)
    full: tuple[str, ...] = ()

    def room(self, domain: str, now: datetime) -> int:
        room = self.rooms.get(domain)
        if room is None:
            room, _ = guards.domain_room(DomainUsage(domain=domain), self.want.mailbox.caps, now)
        return room

    def group(self, channel: str) -> tuple[int, int, tuple[str, ...]]:
        """Mailboxes with the same answer are asked about together."""
        if channel == "task":
            return TASKS_AT_ONCE, 0, ()
        return self.places, self.want.mailbox.caps.one_person, self.full


def waiting(connection: sa.Connection, now: datetime, wants: Sequence[Want]) -> list[str]:
    """The mailboxes in which something is due. Most looks find none: one into the due index for each."""
    names = [want.mailbox.name for want in wants]
    return [name for name, due in reading.first_due(connection, names).items() if due <= now] if names else []


def claim_due(
    connection: sa.Connection,
    now: datetime,
    wants: Sequence[Want],
    waiting: Sequence[str],
    hand: Hand,
    counts: dict[str, Counted],
) -> list[Claim]:
    """Due touches of our mailboxes, marked SENDING in this transaction, with all that judging and writing needs. `counts` is for the next time.

    Follow-ups first: who has had a mail waits for the next one, who has had none waits for nothing yet. First mails don't starve for
    it: follow-ups only ever come from first mails, so a mailbox that is full begins with as many people as it can go on with.
    """
    turns = _turns(connection, now, wants, waiting, counts)
    takings: list[Taking] = []
    for channel, follow_ups in (("task", False), ("email", True), ("email", False)):
        takings += _take(connection, now, turns, hand, channel, follow_ups=follow_ups)
    for one in takings:
        counts[one.mailbox.name].since += one.touch.channel == "email"
    order = {turn.want.mailbox.name: place for place, turn in enumerate(turns)}
    takings.sort(key=lambda one: order[one.mailbox.name])
    _note_start(connection, now, turns, {one.mailbox.name for one in takings if one.touch.channel == "email"}, hand)
    return gathering.claims(connection, takings, now)


def _turns(
    connection: sa.Connection, now: datetime, wants: Sequence[Want], waiting: Sequence[str], counts: dict[str, Counted]
) -> list[_Turn]:
    """The mailboxes in which something is due and that are still ours."""
    by_index(connection)
    # The rows are locked where rows can be: two claims for one mailbox take turns, or both would find the same room.
    ours = {name: epoch for name, epoch, reconcile in _OURS.rows(connection, mailboxes=waiting) if reconcile is None}
    mine = [want for want in wants if ours.get(want.mailbox.name) == want.epoch]
    used = _used(connection, now, mine, counts) if mine else {}
    turns = []
    for want in mine:
        free, _ = guards.room(used[want.mailbox.name], want.mailbox.caps, now)
        turns.append(_Turn(want, used[want.mailbox.name], max(0, min(free, want.places))))
    _note_full(connection, now, [turn for turn in turns if turn.places and _near_a_domain_cap(turn.used, turn.want, turn.places)])
    return turns


def _used(connection: sa.Connection, now: datetime, wants: Sequence[Want], counts: dict[str, Counted]) -> dict[str, Usage]:
    """What mailboxes have sent; of one that was far from its caps a moment ago, and still is whatever has become of its claims, at most that."""
    paces = _paces(connection, [want.mailbox.name for want in wants])
    used = {}
    for want in wants:
        name = want.mailbox.name
        if name in counts and (most := counts[name].most(want, paces[name], now)) is not None:
            used[name] = most
    near = {want.mailbox.name: want.epoch for want in wants if want.mailbox.name not in used}
    for name, usage in _counted(connection, list(near), paces, now).items() if near else ():
        used[name], counts[name] = usage, Counted(near[name], now, usage)
    return used


def _near_a_domain_cap(used: Usage, want: Want, places: int) -> bool:
    caps = want.mailbox.caps
    return used.last_day >= min(caps.domain_hour, caps.domain_day) - places


def _note_full(connection: sa.Connection, now: datetime, turns: Sequence[_Turn]) -> None:
    if not turns:
        return
    sent = domain_usages(connection, [turn.want.mailbox.name for turn in turns], now)
    for turn in turns:
        for one in sent.get(turn.want.mailbox.name, ()):
            turn.rooms[one.domain], _ = guards.domain_room(one, turn.want.mailbox.caps, now)
        turn.full = tuple(domain for domain, room in turn.rooms.items() if room <= 0)


def _take(
    connection: sa.Connection, now: datetime, turns: Sequence[_Turn], hand: Hand, channel: str, *, follow_ups: bool
) -> list[Taking]:
    groups: dict[Any, dict[str, _Turn]] = {}
    for turn in turns:
        if channel == "task" or turn.places > 0:
            groups.setdefault(turn.group(channel), {})[turn.want.mailbox.name] = turn
    taken: list[Taking] = []
    addresses: set[str] = set()
    for (places, most, full), some in groups.items():
        found = _due(channel, follow_ups, bool(full)).rows(
            connection, boxes=list(some), now=now, since=now - guards.TRIP_SPAN, most=most, places=places, full=full
        )
        for row in found:
            address, name = row[_ADDRESS], row[_MAILBOX]
            turn = some[name]
            if channel == "email":
                domain = address.rpartition("@")[2]
                room = turn.room(domain, now)
                if address in addresses or room <= 0:
                    continue
                addresses.add(address)
                turn.rooms[domain] = room - 1
                turn.places -= 1
            touch, want = _claimed(row[1:_TOUCH_ENDS], now, turn.want, hand), turn.want
            taken.append(Taking(touch, rows.made(Enrollment, row[_TOUCH_ENDS:]), want.mailbox, want.epoch, row[0]))
    taken.sort(key=lambda one: one.touch.due)
    _mark(connection, taken, now, hand)
    return taken


def _claimed(row: Row, now: datetime, want: Want, hand: Hand) -> Touch:
    """In hand. What judging sees is the due time that brought it here; the lease is the store's own business."""
    name = ""
    if row[_CHANNEL] == "email":
        name = row[_NAME] or message_id(row[0], want.mailbox.domain, hand.key)
    return rows.made(
        Touch, row, state=_CLAIMED, attempt=row[_ATTEMPT] + 1, token=hand.token(), owner=hand.run, intended=row[_INTENDED] or now,
        version=row[-1] + 1, message_id=name,
    )  # fmt: skip


def _mark(connection: sa.Connection, taken: Sequence[Taking], now: datetime, hand: Hand) -> None:
    """The intents. The rows are ours since they were selected: nobody else can have moved them."""
    if not taken:
        return
    marks = [{"place": one.place, "mark": one.touch.token, "name": one.touch.message_id, "held": one.epoch} for one in taken]
    _MARK.many(connection, marks, lease=hand.lease, run=hand.run, now=now)


def _note_start(connection: sa.Connection, now: datetime, turns: Sequence[_Turn], begun: set[str], hand: Hand) -> None:
    """The gap to the next mail is drawn with the claim, so that a restart does not forget it."""
    starts = []
    for turn in turns:
        if turn.want.mailbox.name not in begun:
            continue
        low, high = turn.want.mailbox.caps.gap
        rest = low + (high - low) * hand.fraction()
        if high > 0 or turn.used.first_sent is None:
            until = now + timedelta(seconds=rest) if high > 0 else turn.used.not_before
            starts.append({"box": turn.want.mailbox.name, "first": turn.used.first_sent or now, "until": until})
    _START.many(connection, starts)


def _marking(dialect: str) -> sa.Update:
    touch = schema.touch.c
    return sa.update(schema.touch).where(_place(schema.touch, dialect) == sa.bindparam("place", type_=sa.Text if dialect == "postgresql" else sa.BigInteger)).values(
        state=TouchState.SENDING, due=sa.bindparam("lease", type_=schema.Instant), owner=sa.bindparam("run", type_=sa.Text),
        token=sa.bindparam("mark", type_=sa.Text), message_id=sa.bindparam("name", type_=sa.Text), epoch=sa.bindparam("held", type_=sa.BigInteger),
        intended=sa.func.coalesce(touch.intended, sa.bindparam("now", type_=schema.Instant)), attempt=touch.attempt + 1, version=touch.version + 1,
    )  # fmt: skip


def _place(table: Any, dialect: str) -> Any:
    """Where a row that has just been found lies: SQLite need not look its id up once more."""
    return table.c.id if dialect == "postgresql" else sa.literal_column(f"{table.name}.rowid", sa.BigInteger)


def _taking() -> tuple[Prepared, ...]:
    box = schema.mailbox.c
    ours = sa.select(box.name, box.epoch, box.reconcile).where(among(box.name, "mailboxes")).order_by(box.name).with_for_update()
    start = (
        sa.update(schema.mailbox)
        .where(box.name == sa.bindparam("box", type_=sa.Text))
        .values(first_sent=sa.bindparam("first", type_=schema.Instant), not_before=sa.bindparam("until", type_=schema.Instant))
    )
    return Prepared(ours), Prepared(_marking), Prepared(start)


_OURS, _MARK, _START = _taking()
_TOUCH = rows.names(Touch)
_TOUCH_ENDS, _ADDRESS, _MAILBOX = (1 + place for place in (len(_TOUCH), _TOUCH.index("address"), _TOUCH.index("mailbox")))
_CHANNEL, _NAME, _ATTEMPT, _INTENDED = map(_TOUCH.index, ("channel", "message_id", "attempt", "intended"))
_CLAIMED = TouchState(TOUCH_MOVES[TouchState.SCHEDULED, TouchFact.CLAIMED])


@lru_cache(maxsize=8)
def _due(channel: str, follow_ups: bool, some_full: bool) -> Prepared:
    """Touches that are due, the first of each mailbox, in the order of the index: those of a long queue are found without looking at the others."""
    return Prepared(lambda dialect: _first_of_each(_waiting(channel, follow_ups=follow_ups, some_full=some_full), dialect))


def _waiting(channel: str, *, follow_ups: bool, some_full: bool) -> sa.Select[Any]:
    touch, enrollment = schema.touch.c, schema.enrollment.c
    other = schema.touch.alias("other").c
    wanted = [schema.TASK_DUE] if channel == "task" else [schema.DUE, touch.channel == channel]
    if channel == "email":
        since, most = sa.bindparam("since", type_=schema.Instant), sa.bindparam("most", type_=sa.Integer)
        # One mail at a time to one person: gaps and priorities are judged by what has been sent.
        in_hand = sa.select(1).where(
            other.address == touch.address, _is(other.state, TouchState.SENDING), other.channel == "email"
        )
        wanted += [~sa.exists(in_hand), ~_tripped(touch.id, touch.address, enrollment.parent, since, most)]
    if follow_ups:
        wanted.append(_follows(touch))
    if some_full:
        wanted.append(~among(sa.func.substr(reading.domain_of(touch.address), 2), "full"))
    return (
        sa.select().join_from(schema.touch, schema.enrollment, enrollment.id == touch.enrollment)
        .where(
            touch.mailbox == sa.literal_column("one.value"), touch.due <= sa.bindparam("now", type_=schema.Instant),
            enrollment.state == EnrollmentState.ACTIVE, ~_suppressed(touch.address), ~_switched_off(touch.mailbox, enrollment.cadence), *wanted,
        )
        .order_by(touch.due).limit(sa.bindparam("places", type_=sa.Integer))
    )  # fmt: skip


def _first_of_each(waiting: sa.Select[Any], dialect: str) -> sa.Select[Any]:
    """Asked for each of `boxes`, in the words of a database: one has LATERAL, and locks; the other may look into the outer row from `IN`."""
    one = each("boxes", "one")
    if dialect == "postgresql":
        both = waiting.add_columns(schema.touch.c.id, *rows.labelled(Touch, "t_"), *rows.labelled(Enrollment, "e_"))
        found = both.with_for_update(skip_locked=True, of=schema.touch).lateral("found")
        return sa.select(*found.c).select_from(one.join(found, sa.true()))
    mine, its = schema.touch.alias("mine"), schema.enrollment.alias("its")
    place = _place(mine, dialect)
    among_them = place.in_(waiting.add_columns(_place(schema.touch, dialect)).correlate(one))
    columns = [place] + [mine.c[name] for name in rows.names(Touch)] + [its.c[name] for name in rows.names(Enrollment)]
    return sa.select(*columns).select_from(one.join(mine, among_them).join(its, its.c.id == mine.c.enrollment))


def _suppressed(address: Any) -> Any:
    return sa.exists(sa.select(1).where(schema.suppression.c.key.in_([address, reading.domain_of(address)])))


def _switched_off(mailbox: Any, cadence: Any) -> Any:
    return sa.exists(sa.select(1).where(schema.switch.c.scope.in_(["all", "mailbox:" + mailbox, "cadence:" + cadence])))


def _follows(touch: Any) -> Any:
    """A step that is not the first of its cadence, of somebody who has had a mail in it.

    The index for it holds only later steps: a file of 100,000 new people does not stand in the way of those under way.
    """
    earlier = schema.touch.alias("earlier").c
    had = sa.select(1).where(earlier.enrollment == touch.enrollment, earlier.channel == "email", earlier.state == TouchState.SENT)
    return sa.and_(schema.LATER_STEP, sa.exists(had))


def _tripped(own: Any, address: Any, parent: Any, since: Any, most: Any) -> Any:
    """The trip wire: whatever cadences, guards and people want, one address gets so many mails within its span and no more.

    It looks at mails alone, not at what any rule made of them: what has left, may have left, or is leaving. The first mail after
    one of theirs, in what that mail began, answers it and is not held up: so many mails more as they write themselves.
    """
    later, r = schema.touch.alias("later").c, schema.reply.c
    since_then = sa.select(1).where(
        later.address == address, later.channel == "email", later.settled > r.seen, _is(later.state, *_GONE)
    )
    answered = (
        sa.select(1)
        .where(
            r.enrollment == parent,
            parent != "",
            r.seen > since,
            r.kind.in_(HUMAN),
            ~sa.exists(since_then.correlate_except(later.id.table)),
        )
        .correlate_except(schema.reply)
    )
    return sa.and_(_leaving(own, address, since).scalar_subquery() >= most, ~sa.exists(answered))


def _leaving(own: Any, address: Any, since: Any) -> sa.Select[Any]:
    """How many other mails to an address have left since then, may have left, or are leaving."""
    one = schema.touch.alias("another").c
    return sa.select(sa.func.count()).where(
        one.address == address, one.channel == "email", one.id != own,
        sa.or_(_is(one.state, TouchState.SENDING), sa.and_(one.settled > since, _is(one.state, *_GONE))),
    )  # fmt: skip


def _is(state: Any, *states: TouchState) -> Any:
    """A state that is asked of somebody's few touches: no index of all touches in that state may seem to be the shorter way to it."""
    return sa.func.coalesce(state, "").in_(states)


_GONE = (TouchState.SENT, TouchState.DOUBTFUL, TouchState.FAILED)


# -- the gate ------------------------------------------------------------------------------------


def gates(connection: sa.Connection, passings: Sequence[Passing], margin: timedelta) -> list[bool]:
    """One last question for each mail, and the point of no return: still ours, still wanted, lease long enough, nobody has stopped it.

    With the same transaction the bytes that are about to leave are kept. The rows stay locked until then, where rows can be.
    """
    by_index(connection)
    claims = [one.claim for one in passings]
    earliest = min(one.at for one in passings)
    standing = {
        row[0]: row[1:]
        for row in _STANDING.rows(connection, touches=[one.touch.id for one in claims], since=earliest - guards.TRIP_SPAN)
    }
    words = gathering.company_words(connection, [one.enrollment for one in claims], earliest)
    passed = [_passes(connection, one, standing.get(one.claim.touch.id), words, margin) for one in passings]
    _KEEP.many(connection, (_kept(one) for one, well in zip(passings, passed, strict=True) if well))
    return passed


def _passes(connection: sa.Connection, one: Passing, row: Row | None, words: Mapping[str, list[Row]], margin: timedelta) -> bool:
    """Judged on the row as it lies there locked, against the claim that was made of it."""
    if row is None:
        return False
    claim = one.claim
    touch, enrollment = claim.touch, claim.enrollment
    state, token, lease, mailbox, address, whose, epoch, others = row
    return (
        state == TouchState.SENDING
        and (token, mailbox, address, whose, epoch) == (touch.token, touch.mailbox, touch.address, enrollment.id, claim.epoch)
        and lease > one.at + margin
        and gathering.held_until(enrollment, words, one.at) is None
        and (others < claim.most or not _trips(connection, one))
    )


def _trips(connection: sa.Connection, one: Passing) -> bool:
    """The trip wire, asked for this one alone: what was counted for all may be more than its own span has, or be answered."""
    claim = one.claim
    ((tripped,),) = _TRIPS.rows(
        connection,
        mine=claim.touch.id,
        whom=claim.touch.address,
        parent=claim.enrollment.parent,
        since=one.at - guards.TRIP_SPAN,
        most=claim.most,
    )
    return bool(tripped)


def _kept(one: Passing) -> dict[str, Any]:
    touch = one.claim.touch
    return {
        "touch": touch.id, "enrollment": one.claim.enrollment.id, "message_id": touch.message_id, "subject": one.subject, "opens": one.opens,
        "text": one.text, "raw": one.raw, "gated": one.at, "looked": one.looked,
    }  # fmt: skip


def _passing() -> tuple[Prepared, Prepared]:
    touch, enrollment, box = schema.touch.c, schema.enrollment.c, schema.mailbox.c
    since = sa.bindparam("since", type_=schema.Instant)
    standing = (
        sa.select(
            touch.id, touch.state, touch.token, touch.due, touch.mailbox, touch.address, touch.enrollment, box.epoch,
            _leaving(touch.id, touch.address, since).scalar_subquery(),
        )
        .join(schema.enrollment, enrollment.id == touch.enrollment).join(schema.mailbox, box.name == touch.mailbox)
        .where(
            among(touch.id, "touches"), enrollment.state == EnrollmentState.ACTIVE, box.reconcile.is_(None),
            ~sa.exists(sa.select(1).where(schema.seen_mail.c.touch == touch.id)),  # a copy of it lies in the mailbox: somebody has sent it
            ~_suppressed(touch.address), ~_switched_off(touch.mailbox, enrollment.cadence),
        )
        .order_by(touch.id).with_for_update(of=schema.touch)
    )  # fmt: skip
    mine, whom, parent = (sa.bindparam(name, type_=sa.Text) for name in ("mine", "whom", "parent"))
    trips = sa.select(_tripped(mine, whom, parent, since, sa.bindparam("most", type_=sa.Integer)))
    return Prepared(standing), Prepared(trips)


_STANDING, _TRIPS = _passing()
CALM = (
    sa.update(schema.mailbox).where(schema.mailbox.c.name == sa.bindparam("box"), schema.mailbox.c.trouble > 0)
    .values(trouble=0, trouble_text="")
)  # fmt: skip


def _kept_mail(dialect: str) -> Any:
    """A mail that was kept at an earlier attempt is replaced by what leaves now."""
    statement = insert_for(schema.mail, dialect)
    values = {column.name: sa.bindparam(column.name, type_=column.type) for column in schema.mail.c}
    return statement.values(values).on_conflict_do_update(
        index_elements=["touch"], set_={column.name: statement.excluded[column.name] for column in schema.mail.c}
    )


_KEEP = Prepared(_kept_mail)


# -- about people --------------------------------------------------------------------------------


def _talking() -> sa.Select[Any]:
    """What passes between people: what they wrote to us, what the rep wrote by hand, and what waits for an answer."""
    e, r, seen, task = schema.enrollment.c, schema.reply.c, schema.seen_mail.c, schema.task.c
    address = sa.bindparam("address", type_=sa.Text)
    theirs = sa.select(e.id).where(e.address == address)
    said = sa.select(sa.func.max(r.seen)).where(r.enrollment.in_(theirs), r.kind.in_(HUMAN))
    by_hand = sa.select(sa.func.max(seen.at)).where(seen.touch == "", seen.address == address)
    waits = sa.select(sa.func.count()).where(
        task.address == address, task.state == "open", task.reply != "", task.kind.in_(["answer", "decide", "call"])
    )
    facts = {"said": said, "by_hand": by_hand, "waits": waits}
    return sa.select(*(one.scalar_subquery().label(name) for name, one in facts.items()))


_TALKING = _talking()


def talk(connection: sa.Connection, address: str) -> Talk:
    """What passes between a person and the rep beside the cadences."""
    found = connection.execute(_TALKING, {"address": address}).mappings().one()
    return Talk(said=found["said"], by_hand=found["by_hand"], waits=found["waits"] > 0)


def lately(connection: sa.Connection, address: str, now: datetime) -> tuple[datetime, ...]:
    """When mails have left for an address within the span of the trip wire, oldest first."""
    touch = schema.touch.c
    left = sa.select(touch.settled).where(
        touch.address == address, schema.SENT, touch.settled > now - guards.TRIP_SPAN
    ).order_by(touch.settled)  # fmt: skip
    return tuple(connection.execute(left).scalars())


def hold_mailbox(connection: sa.Connection, engine: sa.Engine, name: str, run: str) -> int:
    """Become the owner of a mailbox: the epoch goes up, and what an earlier owner still holds passes no gate."""
    box = schema.mailbox.c
    connection.execute(insert(schema.mailbox, engine).values(name=name).on_conflict_do_nothing())
    connection.execute(sa.update(schema.mailbox).where(box.name == name).values(owner=run, epoch=box.epoch + 1))
    return int(connection.execute(sa.select(box.epoch).where(box.name == name)).scalar_one())
