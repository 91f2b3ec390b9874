"""A reply becomes an outcome.

Decides nothing itself: `core/inbound.py` reads a mail, `core/replies/` says what it means, `core/lifecycle.py` what
follows. This story keeps the order: what a mail changes and how far the mailbox has been read are written together, or
neither; so no mail is lost and none counts twice, wherever the daemon is killed. The mailbox is opened read-only. Mail
that belongs to nobody we write to is left alone: nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TypeAlias

from followupd import evidence, letters, log, meetings, opinion
from followupd.core import answers, authentication, belief, courtesy, lifecycle, troubles, unread
from followupd.core.authentication import Standing
from followupd.core.belief import Word
from followupd.core.guards import FREE_MAIL
from followupd.core.inbound import plain_head
from followupd.core.model import Change, Cursor, Enrollment, Event, Inbound, Match, Reading, Reply, ReplyKind, Touch, TouchState
from followupd.core.outbound import door_of, letter_of, touch_of, touch_of_address, without_door
from followupd.core.replies.doors import offered_by
from followupd.core.replies.letter import PREFIX
from followupd.files.values import seconds
from followupd.mailbox import Arrival, Arrivals, Extent, Unreachable
from followupd.mailbox.headings import head_of, read_heading
from followupd.office import Office, consequences, expected
from followupd.store import StoreBusy
from followupd.world import Letterbox, Watch, World

IDLE_SECONDS = 300.0
"""How long one IDLE lasts: dead links show at its end at the latest, and the folder is read whatever the server has said
(RFC 2177 wants under 29 minutes, Gmail drops idle links after about 10)."""

LINGER = 0.25
"""Seconds after a look for which the next one is waited for, before the server is asked to tell of news by itself (real time); while mails of the
mailbox are in flight, until the mails after them can't share that look any more."""

SOON, SELDOM = 0.02, 0.24
"""Seconds until it is asked for the first time, where mail has come in between two looks; and between two later questions."""

TEND_SECONDS = 5.0
"""How often, while one look follows another, all is done that belongs to a reading beside the mails themselves."""

QUOTA_SECONDS = 900.0
"""How often the server is asked how full the mailbox is."""

BEFORE = timedelta(minutes=10)
"""A mail that names none of our mails counts as an answer only if it came after its writer was first enrolled, give or take this much
(the mail server's clock is not ours). First: it may have lain there unread, and they have been enrolled again since."""

FIRST_LOOK = timedelta(days=2)
"""How far back a folder is read that was never read before. Older mail can't answer what has not been sent."""


async def follow(world: World, name: str) -> None:
    """Watch one mailbox for as long as it is ours: read it to its end, wait for news, and again. Reconnects when the link is lost."""
    inbox, watch, course = world.inboxes[name], world.watches[name], _Course(world, name)
    while _wanted(world, name):
        try:
            await inbox.connect()
            course.opened = world.office.clock.steady()
            await course.read()
            log.note("mailbox-watched", mailbox=name, folders=",".join(inbox.folders))
            while _wanted(world, name):
                await _news(world, name)
                await course.read()
        except StoreBusy as problem:  # what was read is not written down: it is read again
            await watch.lost(f"the store refuses: {problem}")
            log.trouble("store-refuses", mailbox=name, reason=problem)
            await inbox.close()
            await _rest(world, 1.0)
        except Unreachable as problem:
            await watch.lost(problem.reason)
            pause = course.failed(problem)
            log.trouble("mailbox-unreachable", mailbox=name, reason=problem.reason, again_in=f"{pause:.1f}s")
            await inbox.close()
            await course.tell(problem)
            await _rest(world, pause, watch.mended)
    await watch.lost("not watched from here")
    await inbox.close()


async def _news(world: World, name: str) -> None:
    """Wait for news. What comes into the first folder is taken in at once, before anything else is asked."""
    watch, inbox, loop = world.watches[name], world.inboxes[name], asyncio.get_running_loop()
    until, well, news = loop.time() + world.shared_look / world.office.clock.speed, True, False
    # Where one look follows another, IDLE, left and entered again, costs more than the look; and to ask for news half as much.
    while watch.busy and well and not await _asked(watch, LINGER):
        last = not world.in_flight.get(name) or loop.time() > until
        if news or last:
            well = await _more(world, name)
        if last:
            break
        news = not news
    if not well or not await _while_it_flows(world, name) or watch.asked.is_set():
        return
    cursors = watch.cursors or {}
    found = await inbox.wait(IDLE_SECONDS, watch.asked, cursors.get(inbox.folders[0]))
    if found and found.mails:
        await _take(world, name, cursors, found)
        watch.flow(SELDOM)
        await _while_it_flows(world, name)


async def _while_it_flows(world: World, name: str) -> bool:
    """Ask for more mail again and again, while it comes and for a moment after that; but a whole reading need not wait for longer than any other
    thing that is due. False where only that can tell what there is.
    """
    watch, loop, well = world.watches[name], asyncio.get_running_loop(), True
    end = loop.time() + TEND_SECONDS
    while well and (left := min(watch.flows_until, end) - loop.time()) > 0 and not await _asked(watch, min(watch.pause, left)):
        well = await _more(world, name)
    return well and loop.time() < end


async def _more(world: World, name: str) -> bool:
    """Ask for more mail in the first folder. False where only a whole reading can tell."""
    watch, inbox = world.watches[name], world.inboxes[name]
    cursors = watch.cursors or {}
    cursor = cursors.get(inbox.folders[0])
    found = await inbox.latest(cursor) if cursor else None
    if found is None:
        return False
    if found.mails:
        await _take(world, name, cursors, found)
        watch.flow(SOON)
    else:
        watch.pause = min(2 * watch.pause, SELDOM)
    return True


async def _asked(watch: Watch, seconds: float) -> bool:
    """Whether somebody asks for a look within so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await watch.asked.wait()
    return watch.asked.is_set()


def _wanted(world: World, name: str) -> bool:
    """Until the daemon ends, or another one owns the mailbox. What is in flight when it is given up still needs its last look."""
    return (name in world.epochs or name in world.parting) and not world.closing.is_set()


class _Course:
    """How the watching of one mailbox goes: what has failed of late, since when it can't be read, and who must be told."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._name = world, name
        self._failures: tuple[unread.Failure, ...] = ()
        self._since: datetime | None = world.office.clock.now()  # since when it can't be read
        self._weighed = float("-inf")  # when its quota was last asked for
        self._alarms: set[str] | None = None  # kinds of alarm that may be up; those of the last run are not known yet
        self.opened = 0.0  # steady time of the last login

    async def read(self) -> None:
        """Read it to its end. What stood in the way is over then."""
        await self._weigh()
        await read_to_end(self._world, self._name)
        now = self._world.office.clock.now()
        self._failures, self._since = unread.calmed(self._failures), None
        if self._alarms is None or "unread" in self._alarms:
            await self._world.writer.write(unread.read_again(self._name, now))
            self._alarms = (self._alarms or set()) - {"unread"}
        inbox = self._world.inboxes[self._name]
        for folder, uidvalidity, uid in sorted(inbox.unread):
            log.trouble("mail-not-fetched", mailbox=self._name, folder=folder, uid=uid)
            await self._world.writer.write(unread.unfetched(self._name, folder, uidvalidity, uid, now))
        inbox.unread.clear()

    def failed(self, problem: Unreachable) -> float:
        """Something stands in the way. Returns the seconds until the next attempt."""
        now = self._world.office.clock.steady()
        failure, fraction = unread.Failure(now, problem.kind), self._world.office.dice.fraction()
        sound = self._since is None and problem.kind == "link" and now - self.opened >= unread.SOUND.total_seconds()
        self._since = self._since or self._world.office.clock.now()
        if sound:
            return unread.pause((failure,), fraction)
        self._failures = (*unread.remembered(self._failures, now), failure)
        return unread.pause(self._failures, fraction)

    async def tell(self, problem: Unreachable) -> None:
        """People hear of it once, when it has lasted too long, or can't pass by itself."""
        now = self._world.office.clock.now()
        change = unread.told(self._name, problem.kind, problem.reason, self._since or now, now)
        if change.alarms and "unread" not in (self._alarms or ()):
            await self._world.writer.write(change)
            self._alarms = {*(self._alarms or ()), "unread"}

    async def _weigh(self) -> None:
        """Whether answers find room in it. While it is full it is asked at each reading."""
        world, watch = self._world, self._world.watches[self._name]
        steady = world.office.clock.steady()
        if steady - self._weighed < QUOTA_SECONDS and not watch.held:
            return
        held = unread.filled(self._name, await world.inboxes[self._name].quota())
        if bool(held) != bool(watch.held) or self._weighed < 0:
            await world.writer.write(unread.full(self._name, held, world.office.clock.now()))
        watch.held, self._weighed = held, steady
        aged = unread.aged(await world.call(world.office.store.alarms_up), self._name, world.office.clock.now())
        if aged.alarms:
            await world.writer.write(aged)


async def _rest(world: World, seconds: float, *sooner: asyncio.Event) -> None:
    """Wait, but not beyond the end, or beyond one of `sooner`."""
    waits = [asyncio.create_task(event.wait()) for event in (world.closing, *sooner)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()
    for event in sooner:
        event.clear()


async def read_to_end(world: World, name: str) -> None:
    """Everything that lies in the mailbox now: handled, or known not to concern us. Whoever has asked before it began is answered."""
    watch, clock = world.watches[name], world.office.clock
    questions = watch.begin()
    began, moment = clock.steady(), clock.now()
    news = bool(watch.missed) or not watch.readable
    await _read_missed(world, name)
    extents, read = await _read_news(world, name)
    if watch.unwritten:
        await world.writer.write(Change(cursors=tuple(watch.unwritten.values())))
        watch.unwritten.clear()
    if world.inboxes[name].sent:
        watch.sent_read = moment
    if not questions or began - watch.tended >= TEND_SECONDS:
        await evidence.tend(world, name, moment)
        await _end_of_flood(world, name)
        watch.tended = began
    if questions:
        await evidence.answer(world, name, questions, extents)
    watch.extents = extents
    await watch.read(began)
    world.beats[f"listen {name}"] = began
    if news or read or not questions:
        world.wake.set()


async def _read_news(world: World, name: str) -> tuple[dict[str, Extent], bool]:
    """Read each folder in which there is news, in their order. Returns how far they all have come, and whether there was any.

    After each of them those behind it are asked anew: a rule or a phone may have moved a mail there before we read it.
    """
    watch, inbox = world.watches[name], world.inboxes[name]
    if watch.cursors is None:
        watch.cursors = await world.call(world.office.store.cursors, name)
        watch.reconciles = (await world.call(world.office.store.sent_keeping, name)).reconcile is not None
    cursors, extents, after = watch.cursors, dict[str, Extent](), ""
    while True:
        asked = await inbox.extents(after)
        extents |= asked
        folder = next((one for one in asked if _has_news(world, name, one, asked[one])), None)
        if folder is None:
            return extents, bool(after)
        if folder in inbox.folders:
            await _read_folder(world, name, inbox, folder, cursors)
        else:
            await evidence.read_sent(world, name, cursors)
        extents[folder] = Extent(cursors[folder].uidvalidity, cursors[folder].uid + 1)
        after = folder


def _has_news(world: World, name: str, folder: str, extent: Extent) -> bool:
    watch, inbox = world.watches[name], world.inboxes[name]
    if folder not in inbox.folders and folder != inbox.sent:
        return False  # waste is only looked through, for those who are asked about
    if folder not in inbox.folders and watch.reconciles:
        return True
    cursor = (watch.cursors or {}).get(folder)
    return cursor is None or extent != (cursor.uidvalidity, cursor.uid + 1)


async def _read_missed(world: World, name: str) -> None:
    """What a particular look has found unread, wherever the cursors stand."""
    watch, inbox = world.watches[name], world.inboxes[name]
    missed, watch.missed = watch.missed, []
    for (folder, uidvalidity), uids in evidence.places_of(missed).items():
        for arrival in await inbox.fetch(folder, uidvalidity, uids):
            await handle(world, name, arrival)
        watch.handed.update((folder, uidvalidity, uid) for uid in uids)


async def _read_folder(world: World, name: str, inbox: Letterbox, folder: str, cursors: dict[str, Cursor]) -> None:
    more = True
    while more:
        found = await inbox.arrivals(folder, cursors.get(folder), world.office.clock.now() - FIRST_LOOK)
        if found.mails and folder == inbox.folders[0]:
            world.watches[name].flow(SOON)
        await _take(world, name, cursors, found)
        more = found.more


async def _take(world: World, name: str, cursors: dict[str, Cursor], found: Arrivals) -> None:
    """Mails of a folder: those of people whom we write to first, then the others in their order.

    With what a mail changes a place in the folder is written down: never one before which a mail is left to read.
    """
    watch, cursor = world.watches[name], cursors.get(found.folder)
    begun = Cursor(mailbox=name, folder=found.folder, uidvalidity=found.uidvalidity, uid=found.end, read=world.office.clock.now())
    known = cursor.uid if cursor and cursor.uidvalidity == found.uidvalidity else -1

    async def handled(mails: Sequence[Arrival], others: Sequence[Arrival]) -> None:
        nonlocal known
        for number, arrival in enumerate(mails):
            uid = min((one.uid for one in (*mails[number + 1 :], *others)), default=found.end + 1) - 1
            await handle(world, name, arrival, replace(begun, uid=uid) if uid > known else None)
            known = max(known, uid)
        if mails:
            world.wake.set()  # once for all of them: a turn of the claim loop takes longer than an answer

    first, others = await _told_apart(world, found.mails)
    await handled(first, others)
    await handled(await _without_strangers(world, others), ())
    cursors[found.folder] = begun
    if cursor is None or (cursor.uidvalidity, cursor.uid) != (begun.uidvalidity, begun.uid):
        watch.unwritten[found.folder] = begun


async def _told_apart(world: World, mails: Sequence[Arrival]) -> tuple[Sequence[Arrival], Sequence[Arrival]]:
    """Those that come from people whom we write to, or name mails of ours, as far as their headers show it at a glance; and the others.

    An answer in a full mailbox must not wait for all the rest.
    """
    if len(mails) <= 1:  # to take it apart costs no more
        return mails, ()
    heads = {one.uid: read_heading(one.folder, one.uidvalidity, one.uid, one.received, head_of(one.raw)) for one in mails}
    first = await _concerned(world, {uid: (head.sender, *head.ids) for uid, head in heads.items()})
    return [one for one in mails if one.uid in first], [one for one in mails if one.uid not in first]


async def _without_strangers(world: World, mails: Sequence[Arrival]) -> Sequence[Arrival]:
    """Without the mails that concern nobody, as far as their headers show it for certain: these need not be taken apart.

    What lies in a full mailbox is mostly such mail.
    """
    heads = {arrival.uid: head for arrival in mails if (head := plain_head(arrival.raw)) and _says_nothing(world, head)}
    concerned = await _concerned(world, {uid: (head.sender, *head.references) for uid, head in heads.items()})
    return [arrival for arrival in mails if arrival.uid not in heads or arrival.uid in concerned]


async def _concerned(world: World, named: Mapping[int, Sequence[str]]) -> set[int]:
    """Which mails, given by their number with their sender and the mails that they name, are of people whom we write to, or name mails of ours."""
    senders = {sender for sender, *_ in named.values() if sender}
    ids = {one for _, *references in named.values() for one in references}
    known = await world.call(world.office.store.concerned, sorted(ids), sorted(senders)) if senders or ids else frozenset()
    return {uid for uid, names in named.items() if not known.isdisjoint(names)}


def _says_nothing(world: World, head: Inbound) -> bool:
    """Whether no more than its sender and the mails that it names could show whose it is: not our own, no letter's, no token, no company's."""
    ours = (
        _is_ours(world, head) or letters.is_letter(head, world.key) or any(letter_of(one, world.key) for one in head.references)
    )
    token = door_of(head.subject, world.key) or any(touch_of_address(address, world.key) for address in head.to)
    return not ours and not token and not _company(head)[0]


# -- one mail ------------------------------------------------------------------------------------


async def handle(world: World, name: str, arrival: Arrival, place: Cursor | None = None) -> None:
    """One mail: read, matched, judged and written down, with the place reached in the folder.

    One that is read ahead of its turn says nothing about those before it: no place is reached by it.
    """
    reached = Change(cursors=(place,)) if place else Change()
    inbound, known = await _read(world, name, arrival)
    letter = letters.answered(inbound, world.key)
    if letter and not courtesy.automatic(inbound):
        await world.carry_on(
            lambda: None, lambda _: letters.note_answer(world.office, name, inbound, arrival.received, letter) + reached
        )
        world.wake.set()
        if inbound.sender in world.office.own_addresses():
            return  # from anybody else it may be an answer to a mail of ours as well
    if _is_ours(world, inbound):
        if not letter and not letters.is_letter(inbound, world.key) and not courtesy.automatic(inbound):
            mail = (inbound.message_id or inbound.fingerprint, inbound.sender, inbound.to, inbound.subject, arrival.received)
            await world.carry_on(lambda: None, lambda _: letters.note_stray(world.office, name, *mail))
        at = (name, arrival.folder, arrival.uidvalidity, arrival.uid, arrival.received)
        await evidence.take_note(world, name, evidence.heading_of(inbound, *at))
        return
    if known is None:
        known = await world.call(_known, world.office, world.key, name, inbound)
    match, offered, door = known
    if match is None and _is_blank(inbound):
        await _keep_unread(world, name, arrival, inbound, inbound.problem, reached)
    if match is None or not _answers(match, arrival):
        return
    reading = await world.reader.classify(
        inbound, asked=match.asked, asked_subject=match.asked_subject, zone=match.prospect.zone or "UTC", now=arrival.received,
        doors=offered, door=door,
    )  # fmt: skip
    if inbound.calendar:
        reading = meetings.as_read(reading, await _typed_beside(world, inbound, match, arrival))
    third = world.office.config.reader
    if third is not None:
        from followupd.core.replies.agreement import NOT_ASKED, weighed

        if reading.kind.value not in NOT_ASKED:
            reading = weighed(reading, await opinion.ask(third.command, seconds(third.timeout), inbound, match.asked, reading))
    try:
        await _write_down(world, name, arrival, inbound, reading, reached, match)
    except UNJUDGED as problem:
        await _set_aside(world, name, arrival, inbound, problem, reached)


async def rehearse(world: World) -> None:
    """An answer that nobody has written is understood, matched and judged, and that is all: nothing is written. What is put together at its
    first use, here and in the reading process, is ready when the first answer comes.
    """
    inbound, reading = await world.reader.start()
    await world.call(_rehearsed, world.office, world.key, inbound, reading)


def _rehearsed(office: Office, key: bytes, inbound: Inbound, reading: Reading) -> None:
    name, now = next(iter(office.config.mailboxes)), office.clock.now()
    arrival = Arrival(folder="", uidvalidity=0, uid=0, received=now, size=0, raw=b"")
    with contextlib.suppress(*UNJUDGED):
        inbound = replace(inbound, references=(office.store.anything_sent(),))
        match, _, _ = _known(office, key, name, inbound)
        if match is not None:
            with office.store.at_once():
                _judged(office, name, arrival, replace(inbound, sender=match.prospect.address), reading, match, now)


async def _typed_beside(world: World, inbound: Inbound, match: Match, arrival: Arrival) -> Reading | None:
    """What the words of a calendar mail mean by themselves; None where it has none."""
    bare = replace(inbound, calendar="", invitation=None)
    if not bare.typed.strip():
        return None
    zone = match.prospect.zone or "UTC"
    return await world.reader.classify(
        bare, asked=match.asked, asked_subject=match.asked_subject, zone=zone, now=arrival.received
    )


UNJUDGED = (ValueError, LookupError, TypeError, AssertionError)
"""A fault of ours with one mail. It must not come back at every start and stop all the others."""


async def _set_aside(world: World, name: str, arrival: Arrival, inbound: Inbound, problem: Exception, reached: Change) -> None:
    """The mail is held for a human, with its bytes; who wrote it hears nothing more from us until then."""
    log.trouble(
        "mail-set-aside", mailbox=name, folder=arrival.folder, uid=arrival.uid, problem=f"{type(problem).__name__}: {problem}"
    )
    evidence = f"this mail could not be judged ({type(problem).__name__}); read it in the mailbox"
    reading = Reading(kind=ReplyKind.UNCLEAR, confidence=0.0, evidence=evidence)
    now = world.office.clock.now()
    plain = Inbound(sender=inbound.sender, references=inbound.references, report=inbound.report, fingerprint=inbound.fingerprint)
    try:
        await _write_down(world, name, arrival, plain, reading, reached)
    except UNJUDGED:  # tried twice: from here on it concerns nobody but the human who looks at it
        await world.carry_on(lambda: _match(world.office, world.key, name, plain), lambda match: _held(match, evidence, now))
        await _keep_unread(world, name, arrival, plain, evidence, reached)


def _held(match: Match | None, reason: str, now: datetime) -> Change:
    change = Change()
    for enrollment in match.open if match else ():
        change += lifecycle.hold(enrollment, reason, now)
    return change


def _is_blank(inbound: Inbound) -> bool:
    """Whether nothing at all could be read, not even who wrote it: such a mail may be anybody's answer."""
    known = inbound.sender or inbound.references or inbound.message_id or inbound.to or inbound.subject or inbound.headers
    return bool(inbound.problem) and not known


async def _keep_unread(world: World, name: str, arrival: Arrival, inbound: Inbound, problem: str, reached: Change) -> None:
    """A mail that belongs to nobody we know of, kept for a human to see. It holds up nothing, and is never read again."""
    fingerprint = (
        inbound.fingerprint if arrival.raw else lifecycle.made_id(arrival.folder, str(arrival.uidvalidity), str(arrival.uid))
    )
    reply = Reply(
        id=lifecycle.made_id("reply", name, fingerprint, length=6), mailbox=name, folder=arrival.folder, uidvalidity=arrival.uidvalidity,
        uid=arrival.uid, fingerprint=fingerprint, message_id="", address=inbound.sender, subject="a mail that can't be read", text="",
        received=arrival.received, seen=world.office.clock.now(), kind=ReplyKind.UNCLEAR, confidence=0.0, matched="", review=True,
        evidence=storable(f"{problem}; it lies in {arrival.folder} as number {arrival.uid}", 300),
    )  # fmt: skip
    log.trouble("mail-unread", mailbox=name, folder=arrival.folder, uid=arrival.uid, problem=problem, id=reply.id)
    await world.writer.write(Change(replies=(reply,), raws=((reply.id, arrival.raw),)) + reached)


def _is_ours(world: World, inbound: Inbound) -> bool:
    """Our own mail is never a reply, in whatever folder it shows up."""
    return inbound.sender in world.office.own_addresses() or touch_of(inbound.message_id, world.key) is not None


def _match(office: Office, key: bytes, mailbox: str, inbound: Inbound) -> Match | None:
    report = inbound.report
    ids = (*inbound.references, *(report.original_ids if report else ()))
    addresses = tuple(address for address in ((report.recipient if report else ""), inbound.sender) if address)
    door = door_of(inbound.subject, key)
    token = door[0] if door else next((touch for address in inbound.to if (touch := touch_of_address(address, key))), "")
    company, subject = _company(inbound)
    return office.store.match(ids, addresses, mailbox, inbound.fingerprint, token=token, company=company, subject=subject)


async def _read(world: World, name: str, arrival: Arrival) -> tuple[Inbound, Known | None]:
    """A mail; and to whom it belongs, if that could be asked meanwhile by what stands plainly in its header."""
    reading = asyncio.create_task(world.reader.read(arrival.raw))
    try:
        await asyncio.sleep(0)  # the mail goes to the reading process first
        head = plain_head(arrival.raw)
        known = await world.call(_known, world.office, world.key, name, head) if head else None
    finally:  # also where the store refuses: nobody else's request may get this answer
        inbound = await reading
    return inbound, known if head and _named(inbound) == _named(head) else None


_named = attrgetter("sender", "references", "report", "subject", "to", "fingerprint")
"""All by which a mail is matched."""

Known: TypeAlias = tuple[Match | None, tuple[str, ...], str]
"""To whom a mail belongs, the doors of the mail that it answers, and the one through which it came."""


def _known(office: Office, key: bytes, mailbox: str, inbound: Inbound) -> Known:
    """What is known of a mail."""
    with office.store.at_once():
        match = _match(office, key, mailbox, inbound)
        return (match, *(_doors(office, key, inbound, match) if match else ((), "")))


def _company(inbound: Inbound) -> tuple[str, str]:
    """The company of somebody who answers, and to which subject: it may be a colleague of whom we wrote to. "" where that can't be."""
    company, bare = inbound.sender.rpartition("@")[2], PREFIX.sub("", inbound.subject).strip()
    answers = bare != inbound.subject.strip() and COMPANY.fullmatch(company) and company not in FREE_MAIL
    return (company, bare[:300]) if answers and bare else ("", "")


def _doors(office: Office, key: bytes, inbound: Inbound, match: Match) -> tuple[tuple[str, ...], str]:
    """The doors of the mail that is answered, and the one through which this answer came, as its token proves."""
    asked = match.touch or (office.store.find(Touch, match.asked_touch) if match.asked_touch else None)
    mine = asked is not None and asked.enrollment == match.enrollment.id
    enrollment = match.enrollment if mine else office.store.find(Enrollment, asked.enrollment) if asked else None
    if asked is None or enrollment is None:
        return (), ""
    try:
        step = office.cadence(enrollment.digest).step(asked.step)
    except LookupError:  # an edition that can't be read, or a mail that answered by itself
        return (), ""
    named = door_of(inbound.subject, key)
    return offered_by(step), named[1] if named and named[0] == asked.id else ""


COMPANY = re.compile(r"[a-z0-9.-]{3,253}")


def _answers(match: Match, arrival: Arrival) -> bool:
    if match.known:  # under another UID, or in another folder: it has had its effect
        return False
    return match.key in ("thread", "token") or arrival.received >= (match.since or match.enrollment.started) - BEFORE


async def _write_down(
    world: World, name: str, arrival: Arrival, inbound: Inbound, reading: Reading, reached: Change, found: Match | None = None
) -> None:
    """What follows, in one transaction. `found`: whom it belonged to a moment ago; if that has moved since, it is looked for again."""
    office, now = world.office, world.office.clock.now()
    known = [found] if found else []

    def gather() -> Match | None:
        return known.pop() if known else _match(office, world.key, name, inbound)

    def judge(match: Match | None) -> Change:
        if match is None or match.known:
            return reached
        with office.store.at_once():
            judged = _judged(office, name, arrival, inbound, reading, match, now)
        return judged + Change(raws=tuple((reply.id, arrival.raw) for reply in judged.replies)) + reached

    change = await world.carry_on(gather, judge)
    for reply in change.replies:
        log.note(
            "reply", mailbox=name, address=reply.address, kind=reply.kind.value, confidence=f"{reply.confidence:.2f}", matched=reply.matched,
            evidence=reply.evidence, id=reply.id,
        )  # fmt: skip


def _judged(
    office: Office, name: str, arrival: Arrival, inbound: Inbound, reading: Reading, match: Match, now: datetime
) -> Change:
    word, theirs = _word(office, name, arrival, inbound, reading, match)
    reply = Reply(
        id=lifecycle.made_id("reply", name, inbound.fingerprint, length=6), mailbox=name, folder=arrival.folder, uidvalidity=arrival.uidvalidity,
        uid=arrival.uid, fingerprint=inbound.fingerprint, message_id=inbound.message_id, address=inbound.sender, subject=storable(without_door(inbound.subject), 300),
        text=storable(inbound.typed, 8192), received=arrival.received, seen=now, kind=word.kind, confidence=reading.confidence,
        evidence=(f"{word.doubt}{answers.READS_LIKE}{reading.kind}: " if word.doubt else "") + storable(reading.evidence, 300), matched=word.matched,
        enrollment=match.enrollment.id, touch=match.touch.id if match.touch else "", resume=reading.resume, reason=reading.reason,
        contact=reading.contact, review=word.kind == ReplyKind.UNCLEAR,
    )  # fmt: skip
    if word.flood:
        return answers.only_recorded(reply, match, now) + Change(alarms=(belief.alarm(name, now),))
    plan = None if word.doubt else meetings.planned(office, inbound, reading, match, now)
    change = consequences(
        office,
        reply,
        reading,
        match,
        now,
        word=word,
        automatic=courtesy.automatic(inbound),
        instead=plan.effect if plan else None,
    )
    if plan is not None:
        change += meetings.arranged(office, plan, change, match, now, f"reply {reply.id}")
    change += expected(office, answers.hold_writer(reply, theirs, now), reply) + _crossings(office, reply, match, now)
    return change + _breaker(office, match.touch.mailbox if match.touch else name, reply, match, now)


def _breaker(office: Office, mailbox: str, reply: Reply, found: Match, now: datetime) -> Change:
    """What a report says about the mailbox that wrote, this one included."""
    store = office.store
    match reply.kind:
        case ReplyKind.BOUNCE_BLOCKED:
            count = store.blocked_since(mailbox, now - timedelta(days=1), reply.touch) + 1
            return troubles.blocked(mailbox, count, reply.evidence, now)
        case ReplyKind.COMPLAINT:
            complaints = store.complaints_since(mailbox, now - troubles.COMPLAINT_SPAN, reply.touch) + 1
            return troubles.complained(mailbox, complaints, found.prospect.address, now)
        case ReplyKind.BOUNCE_HARD if found.touch is not None and found.touch.state != TouchState.FAILED:
            bounced, sent = store.bounced(mailbox, troubles.BOUNCES_OF)
            return troubles.too_many_bounces(mailbox, bounced + 1, sent, now)
        case _:
            return Change()


def _word(
    office: Office, name: str, arrival: Arrival, inbound: Inbound, reading: Reading, match: Match
) -> tuple[Word, tuple[Enrollment, ...]]:
    """How far the mail is believed, and what is under way with its writer, who writes in somebody else's conversation."""
    part = office.config.mailboxes.get(name)
    fields = inbound.headers.get("authentication-results", ())
    stated = authentication.stated(fields, part.imap.vouches if part else None, inbound.sender)
    word = belief.believed(reading.kind, match, inbound.sender, stated, inbound.report)
    theirs = _beside(office, name, inbound.sender, word, match)
    if theirs and stated.standing != Standing.PASS:
        word = replace(word, matched=belief.BESIDE)
    if not belief.counts(word):
        return word, theirs
    lately = office.store.unproved(name, arrival.received - belief.UNPROVED_SPAN, arrival.received)
    return (belief.flooded(word), ()) if lately >= belief.UNPROVED_LIMIT else (word, theirs)


def _beside(office: Office, name: str, writer: str, word: Word, match: Match) -> tuple[Enrollment, ...]:
    """Who answers in somebody else's conversation has answered, too, if we write to them as well."""
    if writer in ("", match.prospect.address) or word.kind in answers.AUTOMATIC or match.key not in belief.NAMED:
        return ()
    found = office.store.match((), (writer,), name, "")
    return found.open if found and found.key == "address" else ()


async def _end_of_flood(world: World, name: str) -> None:
    """The alarm of a flood of mails without proof ends when an hour has brought no more of them than usual."""
    store, now = world.office.store, world.office.clock.now()
    over = belief.alarm(name, now, on=False)
    if any(one.key == over.key for one in await world.call(store.alarms_up)):
        lately = await world.call(store.unproved, name, now - belief.UNPROVED_SPAN, now)
        if lately < belief.UNPROVED_LIMIT:
            await world.writer.write(Change(alarms=(over,)))


def _crossings(office: Office, reply: Reply, match: Match, now: datetime) -> Change:
    """Mails that left although an answer lay in the mailbox already: it came after the last look. Counted, shown, and apologised for."""
    if reply.kind in answers.AUTOMATIC or reply.address != match.prospect.address:
        return Change()
    change = Change()
    for touch, looked, left in office.store.crossed(match.prospect.address, reply.received):
        text = (
            f"a mail crossed with their answer: it left at {left:%H:%M:%S} UTC, the answer had come at {reply.received:%H:%M:%S}"
        )
        figures = {
            "look_age": round((left - looked).total_seconds(), 3),
            "lag": round((now - reply.received).total_seconds(), 3),
            "reply": reply.id,
        }
        change += Change(
            events=(
                Event(
                    at=now,
                    kind="crossing",
                    text=text,
                    address=match.prospect.address,
                    enrollment=match.enrollment.id,
                    touch=touch,
                    data=figures,
                ),
            ),
            tasks=(
                answers.chore(
                    reply, match.enrollment, "apologize", f"Our mail crossed with the answer of {reply.address}", text, now
                ),
            ),
        )
    return change


def storable(text: str, longest: int) -> str:
    """Text of a stranger as every database takes it: no NUL (PostgreSQL refuses it), no half characters."""
    return text[:longest].replace("\0", "").encode("utf-8", "replace").decode()
