"""A due touch becomes a sent message.

Decides nothing itself: `core/guards.py` says whether a claimed touch may happen, `core/lifecycle.py` what follows. This
story keeps the order that makes a mail leave at most once:

    claim        the intent is on disk: token, attempt, lease, Message-ID
    begin        connect, MAIL, RCPT: every negative answer is a definite one
    look         the mailbox is read to its end once more; an answer stops this mail
    gate         one statement: still ours, still wanted; the bytes are kept
    phase mark   between the server's 354 and the first byte
    dot          the server decides
    result mark  its answer, before anything else can fail
    settle       the answer in the store, the next touch scheduled

Where a mailbox sends a burst, look and gate come before `begin`, while a mail waits for its connection: a gate that was passed more than a
moment ago is passed once more (docs/decisions/0047).

Killed anywhere before the phase mark, the mail has not left and is tried again. Killed after it and before the result
mark, nobody knows: the touch is doubtful, and never sent again by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from followupd import answering, deals, debriefing, evidence, letters, log, machine, reminders, rounds
from followupd.channels.email import Written
from followupd.channels.prepare import Occasion, prepare
from followupd.channels.smtp import GateClosed, Negative
from followupd.connections import Berth
from followupd.core import guards, lifecycle, troubles
from followupd.core.lifecycle import NOTHING
from followupd.core.model import (
    THANKS,
    Accepted,
    Ask,
    Cadence,
    Change,
    Claim,
    Deferred,
    Delivery,
    Doubtful,
    Enrollment,
    EnrollmentState,
    Event,
    Gate,
    Go,
    HandedOver,
    Hold,
    KeptMail,
    MailFact,
    Outcome,
    Prospect,
    Refused,
    Rendered,
    Skip,
    Stop,
    Taken,
    Task,
    Touch,
    TouchState,
    Wait,
    altered,
)
from followupd.core.outbound import UnsafeMessage
from followupd.core.timing import timing_for
from followupd.files.config import Config
from followupd.files.content import ContentItem
from followupd.files.edition import Edition
from followupd.files.templates import CannotRender
from followupd.marks import Remains
from followupd.office import Office, UnreadableCadence
from followupd.store import Hand, Passing, StoreBusy, Want
from followupd.world import World

LEASE = timedelta(minutes=45)
"""Longer than connecting, the 10 minutes for the final answer and the quiet period after it together (real time)."""

GATE_MARGIN = timedelta(minutes=15)
"""What must be left of the lease at the gate: a stopped process that wakes up finds its connection dead before another may try."""

DOT_WITHIN = 10.0
"""Seconds from the gate to the first byte of the body; later than that, everything has to be asked again."""

LOOK_LIMIT = 30.0
"""Seconds that a last look may take."""

GATE_HOLDS = 0.25
"""Seconds: a mail may pass the gate while it waits for its connection, or for the server's word; is that longer ago, it passes once more."""

AHEAD = 256
"""Mails that are claimed beyond those on connections, over all mailboxes: what leaves next is judged and written before its turn comes."""

AT_ONCE = 4
"""So many mails are written in one go: a server that has just said go on does not wait for all that were claimed."""

GATHER = 0.04
"""Seconds: mails that are over so soon after each other make room for others in one turn."""

TICK = 1.0
"""The longest sleep of the claim loop, in real seconds: a human's request in the store is noticed within it."""

Judge = Callable[[Touch, Enrollment], Change]

UNWRITABLE = (CannotRender, UnsafeMessage, ValueError, LookupError, TypeError)
"""What may go wrong with one person's words or dates before anything has left: it holds that one, and stops nobody else."""


async def work(world: World) -> None:
    """Fill the free places in flight, for ever; on stopping, finish what is in flight and start nothing."""
    flights: set[asyncio.Task[None]] = set()
    while not world.stopping.is_set():
        world.wake.clear()
        stirred = None if flights else await _stirred(world)
        flights |= await _start(world)
        _, flights = await _settled(flights)
        await _sleep(world, stirred)
    if flights:
        await asyncio.wait(flights)
        await _settled(flights)


async def _start(world: World) -> set[asyncio.Task[None]]:
    try:
        found = await tidy(world)
        claims = await claim(world, due="claim_due" in found)
        post = await letters.claim(world) if "letters_due" in found else []
    except StoreBusy as problem:  # locked, full, restarting: nothing was claimed, and it passes
        log.trouble("store-refuses", reason=problem)
        return set()
    flights = {asyncio.create_task(letters.carry_out(world, one), name=f"letter {one.id}") for one in post}
    for number, one in enumerate(claims, 1):
        flights.add(asyncio.create_task(carry_out(world, one), name=f"touch {one.touch.id}"))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    return flights


async def claim(world: World, *, due: bool = True) -> list[Claim]:
    """Claim what is due, as far as mailboxes, caps and free places allow. A store in trouble, or a mailbox that can't be read: nothing.

    `due`: whether there is anything; what else is asked at each turn is asked all the same.
    """
    office = world.office
    if world.writer.stuck or not world.epochs:
        return []
    # Asked at each turn, also while nothing is sent: a silent owner counts as dead.
    if office.store.session is not None and not await world.call(office.store.still_holds):
        log.trouble("mailboxes-let-go", reason="the session that showed us as their owner is gone")
        world.let_go()
        return []
    if await machine.unfit(world):
        return []
    await _close_spare(world)
    if not due:
        return []
    wants = [
        Want(mailbox=mailbox, places=_places(world, name, mailbox.caps.in_flight), epoch=epoch)
        for name, epoch in world.epochs.items()
        if world.watches[name].readable and (mailbox := office.mailbox(name)) is not None
    ]
    now = office.clock.now()
    hand = Hand(
        run=world.run,
        lease=now + LEASE * office.clock.speed,
        key=world.key,
        token=office.dice.token,
        fraction=office.dice.fraction,
    )
    claims = await world.call(office.store.claim_due, now, wants, hand) if wants else []
    for name in {one.touch.mailbox for one in claims} & world.doors.keys():
        world.doors[name].open()  # a mailbox that was refused has rested since
    for one in claims:
        if one.touch.channel == "email":
            world.in_flight[one.touch.mailbox] = world.in_flight.get(one.touch.mailbox, 0) + 1
            world.writer.crowd += 1
            world.readings[one.touch.id] = world.watches[one.touch.mailbox].readings
    return claims


def _places(world: World, name: str, allowed: int) -> int:
    now = world.office.clock.now()
    if name in world.troubled or world.alone.get(name, now) > now:  # one mail shows whether the mailbox is well: not four at once
        allowed = 1
    most = places(allowed, len(world.epochs))
    free = most - world.in_flight.get(name, 0)
    return free if 2 * free >= most else 0  # the mails of one claim share a look: a mailbox takes several at a time, or none yet


def places(in_flight: int, mailboxes: int) -> int:
    """How many mails of a mailbox may be claimed at a time: two on each connection, and a share of those that wait for one.

    A mailbox that may have one mail in flight has just that: the next is claimed when what became of it stands in the store.
    """
    return 1 if in_flight == 1 else 2 * in_flight + max(1, AHEAD // max(1, mailboxes))


def slots(config: Config) -> int:
    """How many mails may be claimed at a time by a daemon that has all mailboxes: each needs a place for its marks."""
    return 2 * sum(part.limits.in_flight for part in config.mailboxes.values()) + max(AHEAD, len(config.mailboxes))


async def _close_spare(world: World) -> None:
    """A provider that counts connections counts the idle ones, too."""
    for name, until in list(world.alone.items()):
        await world.connections[name].spare()
        if until <= world.office.clock.now():
            del world.alone[name]


async def carry_out(world: World, claim: Claim) -> None:
    """One claimed touch, from the verdict to its consequence."""
    try:
        await _carry_out(world, claim)
    finally:
        if claim.touch.channel == "email":
            world.in_flight[claim.touch.mailbox] -= 1
            world.writer.crowd -= 1
            world.readings.pop(claim.touch.id, None)
        _make_room(world)


def _make_room(world: World) -> None:
    """The next turn comes soon: at once where nothing is in the air, else with others that are over by then."""
    if not world.writer.crowd:
        world.wake.set()
    elif not world.gathering:
        world.gathering = True
        asyncio.get_running_loop().call_later(GATHER, _gathered, world)


def _gathered(world: World) -> None:
    world.gathering = False
    world.wake.set()


async def _carry_out(world: World, claim: Claim) -> None:
    now = world.office.clock.now()
    try:
        digest = claim.enrollment.digest
        edition = world.office.edition_at_hand(digest)
        if edition is None:
            edition = await world.call(world.office.edition, digest)
        cadence = edition.cadence
        if cadence.role == THANKS:
            claim = replace(claim, talk=await world.call(world.office.store.talk, claim.touch.address))
        timing = timing_for(cadence, claim.prospect, claim.touch.mailbox)
        verdict = guards.clear_to_send(guards.Situation(claim=claim, cadence=cadence, timing=timing, now=now))
    except StoreBusy as problem:
        busy = f"the store refuses: {problem}"
        await settle(world, claim, lambda touch, enrollment: lifecycle.postpone(touch, enrollment, now, busy))
        return
    except UNWRITABLE as problem:
        unfit = f"step {claim.touch.step} can't be judged: {_spoken(problem)}"
        await settle(world, claim, lambda touch, enrollment: lifecycle.cannot_write(touch, enrollment, unfit, now))
        return
    match verdict:
        case Go():
            await _by_channel(world, claim, edition)
        case Wait(until, reason):
            await settle(world, claim, lambda touch, enrollment: lifecycle.postpone(touch, enrollment, until, reason))
        case Skip(reason):
            await skip(world, claim, cadence, reason)
        case Stop(outcome, reason):
            await settle(world, claim, lambda touch, enrollment: _stop(touch, enrollment, outcome, reason, now))
        case Ask(reason):
            await settle(world, claim, lambda touch, enrollment: deals.propose(world.office, touch, enrollment, reason, now))
        case Hold(reason):
            await settle(world, claim, lambda touch, enrollment: lifecycle.cannot_write(touch, enrollment, reason, now))


def _spoken(problem: Exception) -> str:
    """For people: our own problems are sentences already; of others the kind is said as well."""
    return str(problem) if isinstance(problem, CannotRender | UnsafeMessage) else f"{type(problem).__name__}: {problem}"


async def _by_channel(world: World, claim: Claim, edition: Edition) -> None:
    now, cadence = world.office.clock.now(), edition.cadence
    if claim.touch.again and (kept := await world.insist(world.office.store.kept_mail, claim.touch.id)):
        await _send(world, claim, cadence, _as_before(kept), None)
        return
    try:
        ready = prepare(occasion_of(world, claim, edition))
    except UNWRITABLE as problem:
        reason = f"step {claim.touch.step} can't be written: {_spoken(problem)}"
        await settle(world, claim, lambda touch, enrollment: lifecycle.cannot_write(touch, enrollment, reason, now))
        return
    if isinstance(ready, Skip):
        await skip(world, claim, cadence, ready.reason)
    elif isinstance(ready.content, HandedOver):
        await _delivered(world, claim, cadence, ready.content, ready.item)
    else:
        await _send(world, claim, cadence, ready.content, ready.item)


def _as_before(kept: KeptMail) -> Written:
    """The very bytes of the first time: servers and readers that have them already may know a copy by that (same id, same Date)."""
    return Written(
        raw=kept.raw, subject=kept.subject, rendered=Rendered(subject=kept.subject, text=kept.text, html=""), opens=kept.opens
    )


def occasion_of(world: World, claim: Claim, edition: Edition) -> Occasion:
    """Gather what making this touch ready needs."""
    office = world.office
    mailbox = office.mailbox(claim.touch.mailbox)
    if mailbox is None:
        raise CannotRender(f"mailbox {claim.touch.mailbox} is no longer in the configuration")
    return Occasion(
        edition=edition, touch=claim.touch, enrollment=claim.enrollment, prospect=claim.prospect, mailbox=mailbox, company=office.who(),
        shelf=office.workspace.shelf, taken=claim.taken, thread=claim.thread, answer=claim.answer, learned=claim.learned, now=office.clock.now(),
        key=world.key, took_over_from=claim.took_over_from,
    )  # fmt: skip


# -- sending -------------------------------------------------------------------------------------


async def _send(world: World, claim: Claim, cadence: Cadence, written: Written, item: ContentItem | None) -> None:
    connections, slot = world.connections[claim.touch.mailbox], world.slots.pop()
    left: datetime | None = None
    near = world.shared_look > 0 and await connections.near()
    may = await _may_leave(world, claim, written) if near else None
    if may is None or isinstance(may, _Passed):
        berth = await connections.take(near=near)
        try:
            delivery, left = await _through_the_gate(world, claim, written, berth, slot, may)
        finally:
            await connections.leave(berth, keep=not world.stopping.is_set())
    else:
        connections.turn_back()
        delivery = may
    if isinstance(delivery, str):  # nothing left, and nobody refused it: it is asked again, or no longer wanted
        reason, now = delivery, world.office.clock.now()
        await settle(world, claim, lambda touch, enrollment: lifecycle.postpone(touch, enrollment, now, reason))
    else:
        await _delivered(world, claim, cadence, delivery, item, left)
    # Only now, and never while an exception is on its way out: a slot that is cleared too early would say "never left".
    world.marks.clear(slot)
    world.slots.append(slot)


@dataclass(frozen=True, slots=True)
class _Passed:
    """The gate, as it was passed: what the store and the marks know of it, and the steady time and the loop's at which it was asked."""

    gate: Gate
    asked: float
    begun: float


async def _through_the_gate(
    world: World, claim: Claim, written: Written, berth: Berth, slot: int, early: _Passed | None
) -> tuple[Accepted | Deferred | Refused | Doubtful | str, datetime | None]:
    """The protocol of this module's docstring, from `begin` to the result mark, and when the dot left. Text: why nothing was tried.

    `early`: look and gate, as they were passed while it waited for the connection; that holds for a short time only.
    """
    connection, clock, watch = berth.courier, world.office.clock, world.watches[claim.touch.mailbox]
    part = world.office.config.mailboxes[claim.touch.mailbox]
    if early and clock.steady() - early.asked > GATE_HOLDS:
        early = None
    envelope = connection.begin(
        part.address, claim.prospect.address, part.address if part.copy_to_self else "", follows=len(written.raw) if early else 0
    )
    negative: Negative | None
    may: _Passed | Doubtful | str
    if early:
        negative, may = await envelope, early
    else:
        negative, may = await _meanwhile(world, claim, written, envelope, behind=berth.mails > 1)
    if negative is not None:
        return negative, None
    if isinstance(may, _Passed) and clock.steady() - may.asked > GATE_HOLDS:  # the server took its time
        may = await _may_leave(world, claim, written)
    if not isinstance(may, _Passed):
        await connection.reset()
        return may, None
    passed = may
    left: datetime | None = None

    def before_dot() -> None:
        nonlocal left
        late = clock.steady()
        if late - passed.asked > DOT_WITHIN or late - watch.looked > world.freshness:
            raise GateClosed("the last look is too old")
        if halted := world.halted():  # the gate may have waited for a locked store
            raise GateClosed(halted)
        if world.writer.ended(claim.enrollment.id, passed.begun):  # an answer was faster than the server's word to go on
            raise GateClosed("no longer wanted")
        world.marks.phase(slot, claim.touch.token, passed.gate)
        left = clock.now()

    def after_dot() -> None:
        world.connections[claim.touch.mailbox].on_its_way(berth)

    delivery = await connection.finish(written.raw, before_dot=before_dot, after_dot=after_dot)
    if left is not None and not isinstance(delivery, Doubtful):  # what never left has no mark to complete
        try:
            world.marks.result(slot, claim.touch.token, delivery)
        except OSError as problem:  # the answer is in hand all the same: what counts is that it comes into the store
            log.trouble("mark-not-written", reason=problem)
    return delivery, left


async def _meanwhile(
    world: World, claim: Claim, written: Written, envelope: Coroutine[Any, Any, Negative | None], *, behind: bool
) -> tuple[Negative | None, _Passed | Doubtful | str]:
    """What the server says to the envelope, and whether the mail may leave: asked after that, or meanwhile where it is still busy."""
    asked = asyncio.ensure_future(envelope)
    try:
        if not behind and (negative := await asked) is not None:
            return negative, ""
        may = await _may_leave(world, claim, written)
        return await asked, may
    finally:
        asked.cancel()  # if it is still out, something has failed: nothing goes on behind our back


async def _may_leave(world: World, claim: Claim, written: Written) -> _Passed | Doubtful | str:
    """The last look and the gate. Text: why the mail may not leave now."""
    clock, watch = world.office.clock, world.watches[claim.touch.mailbox]
    hindrance = await evidence.last_look(world, claim, claim.touch.mailbox, LOOK_LIMIT)
    hindrance = hindrance or await _look_elsewhere(world, claim)
    hindrance = hindrance or world.halted()
    if hindrance:
        return hindrance
    found = _Passed(Gate(claim.touch.id, clock.now()), clock.steady(), asyncio.get_running_loop().time())
    try:
        passed = await world.writer.gate(
            Passing(
                claim=claim, at=found.gate.at, looked=watch.looked_at or clock.now(), subject=written.subject, opens=written.opens,
                text=written.rendered.text, raw=written.raw,
            )
        )  # fmt: skip
        copies = () if passed else await world.call(world.office.store.seen_of, claim.touch.id)
    except StoreBusy as problem:  # without the gate nothing leaves
        return f"the store refuses: {problem}"
    if passed:
        return found
    # A copy will still be there at every other try: the doubt about it is settled by what it proves.
    return Doubtful("a copy of it lies in the mailbox") if copies else "no longer wanted at the gate"


async def _look_elsewhere(world: World, claim: Claim) -> str:
    """Who was handed over may have answered in the mailbox that wrote before. Returns "" or why nothing may leave now.

    One that another daemon owns is read there; one that is no longer in the configuration brings nothing any more.
    """
    for name in claim.also:
        if name not in world.epochs or name not in world.office.config.mailboxes:
            continue
        if hindrance := await evidence.last_look(world, claim, name, LOOK_LIMIT):
            return f"{hindrance} (in {name}, where an answer may lie)"
    return ""


# -- settling ------------------------------------------------------------------------------------


async def _delivered(
    world: World, claim: Claim, cadence: Cadence, delivery: Delivery, item: ContentItem | None, left: datetime | None = None
) -> None:
    """What the server said is a fact in hand: it is carried along, however often the rows have moved since."""
    now, fraction = world.office.clock.now(), world.office.dice.fraction()
    moment = lifecycle.Moment(now=now, fraction=fraction)
    given = item is not None and isinstance(delivery, Accepted | Doubtful | HandedOver)
    taken = (
        (Taken(address=claim.prospect.address, item=item.name, ours=item.ours, at=now, touch=claim.touch.id),)
        if item and given
        else ()
    )
    copy = evidence.copy_wanted(world, claim.touch.mailbox) if isinstance(delivery, Accepted) else None
    facts = (MailFact(touch=claim.touch.id, left=left, copy=copy),) if left else ()

    def judge(touch: Touch, enrollment: Enrollment) -> Change:
        if isinstance(delivery, Deferred | Refused) and touch.state == TouchState.SENDING and touch.token != claim.touch.token:
            return Change()  # another claim has it in hand by now: this one's "no" says nothing about that
        change = lifecycle.after_delivery(touch, enrollment, cadence, claim.prospect, delivery, moment)
        asked = debriefing.asked(world.office, change, now)
        events = (
            tuple(_bringing(event, taken) if event.touch == touch.id else event for event in change.events)
            if taken
            else change.events
        )
        change = altered(change, events=events, items=taken, mails=facts)
        return change if asked == NOTHING else change + asked

    await settle(
        world, claim, judge, plain=isinstance(delivery, Accepted)
    )  # of the tasks, which `asked` looks up, it brings none
    with contextlib.suppress(StoreBusy):  # what became of the mail is written; a mailbox that is in trouble will say so again
        await _heed(world, claim.touch.mailbox, delivery)


def _bringing(event: Event, taken: tuple[Taken, ...]) -> Event:
    """For the journal: the content item that a touch has brought."""
    for one in taken:
        event = replace(event, data={**event.data, "item": one.item, "ours": one.ours})
    return event


async def _heed(world: World, mailbox: str, delivery: Delivery) -> None:
    """What an answer means for the mailbox as a whole: it rests, it stops, or it is well again."""
    store, now = world.office.store, world.office.clock.now()
    if isinstance(delivery, Deferred | Refused) and delivery.blames != "message":
        trouble = troubles.TROUBLES[delivery.trouble or delivery.blames]
        known = world.office.mailbox(mailbox)
        zone, words = ZoneInfo(known.zone if known else "UTC"), f"{delivery.code} {delivery.text}"
        gap = known.caps.gap[1] if known else 0.0
        until, turn = await world.call(store.back_off, mailbox, now, trouble, words, zone, gap=gap)
        log.trouble(
            "mailbox-rests", mailbox=mailbox, until=f"{until:%FT%TZ}", why=trouble.spoken, code=delivery.code, text=delivery.text
        )
        world.troubled.add(mailbox)
        if trouble.alone:
            world.alone[mailbox] = now + trouble.alone
        await _write(world, troubles.met(mailbox, trouble, turn, words, until, now))
    elif isinstance(delivery, Refused) and delivery.gone:
        bounced, sent = await world.call(store.bounced, mailbox, troubles.BOUNCES_OF)
        await _write(world, troubles.too_many_bounces(mailbox, bounced, sent, now))
    elif isinstance(delivery, Accepted) and mailbox in world.troubled:
        await world.call(store.calm, mailbox)
        await world.writer.write(troubles.calmed(mailbox, now))
        world.troubled.discard(mailbox)


async def _write(world: World, change: Change) -> None:
    if change != NOTHING:
        await world.writer.write(change)


async def settle(world: World, claim: Claim, judge: Judge, *, plain: bool = False) -> None:
    """Write what follows, judged on the rows as they are now. `plain`: judging those of the claim asks no store."""
    store = world.office.store

    def gather() -> tuple[Touch, Enrollment]:
        touch, enrollment = store.find(Touch, claim.touch.id), store.find(Enrollment, claim.enrollment.id)
        assert touch is not None
        assert enrollment is not None
        return touch, enrollment

    # First with what the claim brought: nearly always still true.
    change = judge(claim.touch, claim.enrollment) if plain else await world.insist(judge, claim.touch, claim.enrollment)
    if change != NOTHING and not await world.writer.write(change):
        change = await world.carry_on(gather, lambda found: judge(*found))
    _note(claim, change)


def _note(claim: Claim, change: Change) -> None:
    settled = next((touch for touch in change.touches if touch.id == claim.touch.id), None)
    if settled is not None:
        log.note(
            "touch", address=settled.address, mailbox=settled.mailbox, cadence=claim.enrollment.cadence, step=settled.step,
            state=settled.state.value, attempt=settled.attempt, code=settled.code, text=settled.text, id=settled.message_id,
        )  # fmt: skip


def _stop(touch: Touch, enrollment: Enrollment, outcome: Outcome, reason: str, now: datetime) -> Change:
    over = lifecycle.finish(enrollment, outcome, reason, now)
    return lifecycle.postpone(touch, over.enrollments[0] if over.enrollments else enrollment, now, reason) + over


async def skip(world: World, claim: Claim, cadence: Cadence, reason: str) -> None:
    """This touch is not wanted; the cadence goes on."""
    now = world.office.clock.now()
    fact = lifecycle.TouchFact.NOT_WANTED
    await settle(
        world, claim, lambda touch, enrollment: lifecycle.settle(touch, enrollment, cadence, claim.prospect, fact, now, reason)
    )


# -- what time brings ----------------------------------------------------------------------------


async def tidy(world: World) -> frozenset[str]:
    """Pauses that are over, silences that are complete, deadlines, suppressions, and claims whose lease ran out.

    Returns what the store has to do now, by its verbs (`Store.chores`), after all that.
    """
    office, now = world.office, world.office.clock.now()
    found = await _chores(world)
    await answering.turn(world, waiting="letter_answers" in found)
    await rounds.turn(world, due="rounds_due" in found)
    if {"letter_answers", "rounds_due"} & found:
        found = await _chores(world)
    if "ripe" in found:
        for enrollment, prospect, touches in await world.call(office.store.ripe, now):
            await _ripen(world, enrollment, prospect, touches)
    if "overdue" in found:
        for touch, enrollment in await world.call(office.store.overdue, now):
            await _expire(world, touch, enrollment)
    if "alarms_up" in found:
        await _close_breakers(world, now)
    if "alarms" in found:
        await world.carry_on(lambda: office.store.alarms(now), partial(_alarmed, office, now))
        world.wake.set()
    if "suppressed_under_way" in found:
        for enrollment, suppressed in await world.call(office.store.suppressed_under_way):
            change = lifecycle.finish(enrollment, Outcome.OPTED_OUT, f"suppressed: {suppressed.reason}", now)
            await world.writer.write(change)
    if "in_hand" in found:
        for touch, enrollment in await world.call(office.store.in_hand, None, now):
            lost = "the daemon that had it in hand did not come back"
            if touch.channel == "task":  # handing over twice harms nobody: it is the same task
                await world.writer.write(lifecycle.postpone(touch, enrollment, now, lost))
            else:
                await world.writer.write(lifecycle.doubt(touch, enrollment, now, lost))
    return found if not found & DOING else await _chores(world)


DOING = frozenset({"ripe", "overdue", "alarms", "suppressed_under_way", "in_hand"})
"""Chores after which there may be others."""


async def _chores(world: World) -> frozenset[str]:
    return await world.call(world.office.store.chores, world.office.clock.now(), list(world.epochs))


def _alarmed(office: Office, now: datetime, due: tuple[Task, ...]) -> Change:
    """Whoever is to be reminded is; a question for a reason to go on that nobody has answered by now is answered by that."""
    asked = [task for task in due if task.kind == deals.REASON]
    return reminders.tell(office, [task for task in due if task not in asked], now) + deals.unanswered(office, asked, now)


async def _close_breakers(world: World, now: datetime) -> None:
    """Mailboxes that a human has resumed, or whose time is over, begin anew."""
    store = world.office.store
    change = troubles.closed(await world.call(store.alarms_up), await world.call(store.switches), now)
    for alarm in change.alarms:
        await world.call(store.calm, alarm.mailbox)
    if change.alarms:
        await world.writer.write(change)


async def _ripen(world: World, enrollment: Enrollment, prospect: Prospect, touches: tuple[Touch, ...]) -> None:
    now = world.office.clock.now()
    cadence = await _cadence(world, enrollment, now)
    if cadence is None:
        return
    if enrollment.state == EnrollmentState.PAUSED:
        change = lifecycle.wake(enrollment, touches, cadence, prospect, now, lifecycle.EnrollmentFact.WOKE)
    else:
        change = lifecycle.after_silence(enrollment, now)
        if change.enrollments and cadence.end_enroll:
            change += await world.call(world.office.follow_on, enrollment, prospect, cadence.end_enroll, now, "nobody answered")
    await world.writer.write(change)
    world.wake.set()


async def _cadence(world: World, enrollment: Enrollment, now: datetime) -> Cadence | None:
    """None where it can't be read any more: then this one is held, and nobody else is stopped."""
    try:
        return await world.call(world.office.cadence, enrollment.digest)
    except UnreadableCadence as problem:
        if enrollment.state != EnrollmentState.HELD:
            await world.writer.write(lifecycle.hold(enrollment, f"the cadence can't be read: {problem}", now))
        return None


async def _expire(world: World, touch: Touch, enrollment: Enrollment) -> None:
    now = world.office.clock.now()
    cadence = await _cadence(world, enrollment, now)
    if cadence is None:
        return
    _, prospect, _ = await world.call(world.office.store.with_touches, enrollment)
    fact = lifecycle.TouchFact.EXPIRED
    change = lifecycle.settle(touch, enrollment, cadence, prospect, fact, now, "its deadline is over")
    handed = lifecycle.task_id(touch)
    for name in (handed, lifecycle.escalation_id(handed)):  # nobody's list shows what the cadence no longer waits for
        found = await world.call(world.office.store.find, Task, name)
        if found is not None and found.state == "open":
            change += Change(tasks=(replace(found, state="dropped", closed=now),))
    await world.writer.write(change)
    world.wake.set()  # what comes next may be due now


async def recover(world: World, remains: Remains, *, alone: bool) -> None:
    """At start: what a dead run left in flight. Its marks say which mails can't have left, which have, and which are in doubt.

    `alone`: no other daemon can be using this store, so every claim found is a dead one. Otherwise foreign claims are left
    to their lease.
    """
    now = world.office.clock.now()
    for touch, enrollment in await world.call(world.office.store.in_hand):
        if touch.owner != remains.run and not alone:
            continue
        change = await world.call(_remembered, world, touch, enrollment, remains, now)
        await world.writer.write(change)
        state = next((row.state.value for row in change.touches if row.id == touch.id), "")
        log.note("recovered", address=touch.address, step=touch.step, state=state)


def _remembered(world: World, touch: Touch, enrollment: Enrollment, remains: Remains, now: datetime) -> Change:
    ours = remains.usable and touch.owner == remains.run
    if touch.channel == "task":
        return lifecycle.postpone(touch, enrollment, now, "the daemon was restarted")
    if ours and touch.token in remains.results:
        try:
            cadence = world.office.cadence(enrollment.digest)
        except UnreadableCadence as problem:
            said = remains.results[touch.token]
            return lifecycle.doubt(touch, enrollment, now, f"{said.code} {said.text}, and the cadence can't be read: {problem}")
        _, prospect, _ = world.office.store.with_touches(enrollment)
        moment = lifecycle.Moment(now=now)
        return lifecycle.after_delivery(touch, enrollment, cadence, prospect, remains.results[touch.token], moment)
    if remains.never_left(touch.owner, touch.token):
        return lifecycle.postpone(touch, enrollment, now, "the daemon was restarted before the mail left")
    return lifecycle.doubt(touch, enrollment, now, "the daemon was stopped while the mail was leaving")


# -- sleeping ------------------------------------------------------------------------------------


async def _settled(flights: set[asyncio.Task[None]]) -> tuple[set[asyncio.Task[None]], set[asyncio.Task[None]]]:
    done = {flight for flight in flights if flight.done()}
    for flight in done:
        flight.result()  # a flight that failed is a fault of ours: the daemon dies loudly
    return done, flights - done


async def _sleep(world: World, stirred: object) -> None:
    """Until somebody wakes us, a date comes, or anybody has written to the store: what is in it is looked at each tick of real time.

    `stirred` is how the store was before the last turn (None: not known). As long as it is like that, no date has come and nothing holds
    the machine up, another turn would find nothing, at a dozen questions.
    """
    clock, store = world.office.clock, world.office.store
    date: datetime | None = clock.now()
    with contextlib.suppress(StoreBusy):
        mine = list(world.epochs)
        date = await world.call(store.next_due, mine) if stirred is None else await world.call(store.next_date, mine, clock.now())
    while True:
        world.beats["dispatch"] = clock.steady()
        now = clock.now()
        tick = now + timedelta(seconds=TICK) * clock.speed
        quiet = stirred is not None and (date is None or date > now) and not (world.unfit or world.alone or world.writer.stuck)
        await clock.wait(min(tick, date) if date is not None and date > now else tick, world.wake)
        if not quiet or world.wake.is_set() or await machine.unfit(world) or (date is not None and date <= clock.now()):
            return
        if await _stirred(world) != stirred:
            return


async def _stirred(world: World) -> object:
    with contextlib.suppress(StoreBusy):
        return await world.call(world.office.store.stirred)
    return None
