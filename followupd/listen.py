"""A reply becomes an outcome.

Decides nothing itself: `core/inbound.py` reads a mail, `core/replies/` says what it means, `core/lifecycle.py` what
follows. This story keeps the order: what a mail changes and how far the mailbox has been read are written together, or
neither; so no mail is lost and none counts twice, wherever the daemon is killed. The mailbox is opened read-only. Mail
that belongs to nobody we write to is left alone: nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta

from followupd import evidence, log, opinion
from followupd.core import answers, authentication, belief, courtesy, lifecycle
from followupd.core.authentication import Standing
from followupd.core.belief import Word
from followupd.core.courtesy import FREE_MAIL
from followupd.core.model import Change, Cursor, Enrollment, Event, Inbound, Match, Reading, Reply, ReplyKind
from followupd.core.outbound import touch_of, touch_of_address
from followupd.core.replies.agreement import NOT_ASKED, weighed
from followupd.core.replies.letter import PREFIX
from followupd.files.values import seconds
from followupd.mailbox import Arrival, Unreachable
from followupd.office import Office, consequences
from followupd.store import StoreBusy
from followupd.world import Letterbox, World

IDLE_SECONDS = 300.0
"""How long one IDLE lasts: dead links show at its end at the latest, and the folder is read whatever the server has said
(RFC 2177 wants under 29 minutes, Gmail drops idle links after about 10)."""

RECONNECT_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
LOGIN_WAITS = (60.0, 300.0, 900.0, 1800.0, 3600.0)
"""Seconds before the next attempt, for each one in a row; up to a quarter is drawn on top, so that mailboxes don't march in step.
A refused login is tried rarely: providers lock accounts."""

BEFORE = timedelta(minutes=10)
"""A mail that names none of our mails counts as an answer only if it came after the enrollment began, give or take this much
(the mail server's clock is not ours)."""

FIRST_LOOK = timedelta(days=2)
"""How far back a folder is read that was never read before. Older mail can't answer what has not been sent."""


async def follow(world: World, name: str) -> None:
    """Watch one mailbox, for ever: read it to its end, wait for news, and again. Reconnects when the link is lost."""
    inbox, watch, failures = world.inboxes[name], world.watches[name], 0
    while not world.closing.is_set():
        try:
            await inbox.connect()
            await read_to_end(world, name)
            log.note("mailbox-watched", mailbox=name, folders=",".join(inbox.folders))
            failures = 0
            while not world.closing.is_set():
                await inbox.wait(IDLE_SECONDS, watch.asked)
                await read_to_end(world, name)
        except StoreBusy as problem:  # what was read is not written down: it is read again
            await watch.lost(f"the store refuses: {problem}")
            log.trouble("store-refuses", mailbox=name, reason=problem)
            await inbox.close()
            await _rest(world, 1.0)
        except Unreachable as problem:
            await watch.lost(problem.reason)
            waits = LOGIN_WAITS if problem.login else RECONNECT_WAITS
            pause = waits[min(failures, len(waits) - 1)] * (1 + world.office.dice.fraction() / 4)
            failures += 1
            log.trouble("mailbox-unreachable", mailbox=name, reason=problem.reason, again_in=f"{pause:.1f}s")
            await inbox.close()
            await _rest(world, pause)
    await inbox.close()


async def _rest(world: World, seconds: float) -> None:
    try:
        await asyncio.wait_for(world.closing.wait(), seconds)
    except TimeoutError:
        return


async def read_to_end(world: World, name: str) -> None:
    """Everything that lies in the mailbox now: handled, or known not to concern us."""
    watch, inbox, store = world.watches[name], world.inboxes[name], world.office.store
    watch.asked.clear()
    began = world.office.clock.steady()
    await _read_missed(world, name)
    cursors = await world.call(store.cursors, name)
    for folder in inbox.folders:
        await _read_folder(world, name, inbox, folder, cursors.get(folder))
    await evidence.read_sent(world, name)
    await _end_of_flood(world, name)
    await watch.read(began)
    world.beats[f"listen {name}"] = began
    world.wake.set()


async def _read_missed(world: World, name: str) -> None:
    """What a particular look has found unread, wherever the cursors stand."""
    watch, inbox = world.watches[name], world.inboxes[name]
    missed, watch.missed = watch.missed, []
    for (folder, uidvalidity), uids in evidence.places_of(missed).items():
        for arrival in await inbox.fetch(folder, uidvalidity, uids):
            await handle(world, name, arrival)
        watch.handed.update((folder, uidvalidity, uid) for uid in uids)


async def _read_folder(world: World, name: str, inbox: Letterbox, folder: str, cursor: Cursor | None) -> None:
    while True:
        now = world.office.clock.now()
        found = await inbox.arrivals(folder, cursor, now - FIRST_LOOK)
        for arrival in found.mails:
            await handle(world, name, arrival)
        reached = Cursor(mailbox=name, folder=folder, uidvalidity=found.uidvalidity, uid=found.end, read=now)
        if cursor is None or (cursor.uidvalidity, cursor.uid) != (reached.uidvalidity, reached.uid):
            await world.writer.write(Change(cursors=(reached,)))
        cursor = reached
        if not found.more:
            return


# -- one mail ------------------------------------------------------------------------------------


async def handle(world: World, name: str, arrival: Arrival) -> None:
    """One mail: read, matched, judged and written down, with the place reached in the folder."""
    reached = Cursor(
        mailbox=name, folder=arrival.folder, uidvalidity=arrival.uidvalidity, uid=arrival.uid, read=world.office.clock.now()
    )
    inbound = await world.reader.read(arrival.raw)
    if _is_ours(world, inbound):
        at = (name, arrival.folder, arrival.uidvalidity, arrival.uid, arrival.received)
        await evidence.take_note(world, name, evidence.heading_of(inbound, *at))
        return
    match = await world.call(_match, world.office, name, inbound)
    if match is None or not _answers(match, arrival):
        return
    reading = await world.reader.classify(
        inbound, asked=match.asked, asked_subject=match.asked_subject, zone=match.prospect.zone or "UTC", now=arrival.received
    )
    third = world.office.config.reader
    if third is not None and reading.kind.value not in NOT_ASKED:
        reading = weighed(reading, await opinion.ask(third.command, seconds(third.timeout), inbound, match.asked, reading))
    try:
        await _write_down(world, name, arrival, inbound, reading, reached)
    except UNJUDGED as problem:
        await _set_aside(world, name, arrival, inbound, problem, reached)


UNJUDGED = (ValueError, LookupError, TypeError, AssertionError)
"""A fault of ours with one mail. It must not come back at every start and stop all the others."""


async def _set_aside(world: World, name: str, arrival: Arrival, inbound: Inbound, problem: Exception, reached: Cursor) -> None:
    """The mail is held for a human, with its bytes; who wrote it hears nothing more from us until then."""
    log.trouble(
        "mail-set-aside", mailbox=name, folder=arrival.folder, uid=arrival.uid, problem=f"{type(problem).__name__}: {problem}"
    )
    evidence = f"this mail could not be judged ({type(problem).__name__}); read it in the mailbox"
    reading = Reading(kind=ReplyKind.UNCLEAR, confidence=0.0, evidence=evidence)
    plain = Inbound(sender=inbound.sender, references=inbound.references, report=inbound.report, fingerprint=inbound.fingerprint)
    await _write_down(world, name, arrival, plain, reading, reached)


def _is_ours(world: World, inbound: Inbound) -> bool:
    """Our own mail is never a reply, in whatever folder it shows up."""
    return inbound.sender in world.office.own_addresses() or touch_of(inbound.message_id, world.key) is not None


def _match(office: Office, mailbox: str, inbound: Inbound) -> Match | None:
    report = inbound.report
    ids = (*inbound.references, *(report.original_ids if report else ()))
    addresses = tuple(address for address in ((report.recipient if report else ""), inbound.sender) if address)
    key = office.store.key()
    token = next((touch for address in inbound.to if (touch := touch_of_address(address, key))), "")
    company = inbound.sender.rpartition("@")[2]
    bare = PREFIX.sub("", inbound.subject).strip()
    answers = bare != inbound.subject.strip() and COMPANY.fullmatch(company) and company not in FREE_MAIL
    return office.store.match(
        ids, addresses, mailbox, inbound.fingerprint, token=token, company=company if answers else "", subject=bare[:300]
    )


COMPANY = re.compile(r"[a-z0-9.-]{3,253}")


def _answers(match: Match, arrival: Arrival) -> bool:
    if match.known:  # under another UID, or in another folder: it has had its effect
        return False
    return match.key in ("thread", "token") or arrival.received >= match.enrollment.started - BEFORE


async def _write_down(world: World, name: str, arrival: Arrival, inbound: Inbound, reading: Reading, reached: Cursor) -> None:
    office, now = world.office, world.office.clock.now()

    def judge(match: Match | None) -> Change:
        if match is None or match.known:
            return Change(cursors=(reached,))
        return _judged(office, name, arrival, inbound, reading, match, now) + Change(cursors=(reached,))

    change = await world.carry_on(lambda: _match(office, name, inbound), judge)
    for reply in change.replies:
        await world.call(office.store.keep_raw, reply.id, arrival.raw)
        log.note(
            "reply", mailbox=name, address=reply.address, kind=reply.kind.value, confidence=f"{reply.confidence:.2f}", matched=reply.matched,
            evidence=reply.evidence, id=reply.id,
        )  # fmt: skip
    world.wake.set()


def _judged(
    office: Office, name: str, arrival: Arrival, inbound: Inbound, reading: Reading, match: Match, now: datetime
) -> Change:
    word, theirs = _word(office, name, arrival, inbound, reading, match)
    reply = Reply(
        id=lifecycle.made_id("reply", name, inbound.fingerprint, length=6), mailbox=name, folder=arrival.folder, uidvalidity=arrival.uidvalidity,
        uid=arrival.uid, fingerprint=inbound.fingerprint, message_id=inbound.message_id, address=inbound.sender, subject=storable(inbound.subject, 300),
        text=storable(inbound.typed, 8192), received=arrival.received, seen=now, kind=word.kind, confidence=reading.confidence,
        evidence=(f"{word.doubt}{answers.READS_LIKE}{reading.kind}: " if word.doubt else "") + storable(reading.evidence, 300), matched=word.matched,
        enrollment=match.enrollment.id, touch=match.touch.id if match.touch else "", resume=reading.resume, reason=reading.reason,
        contact=reading.contact, review=word.kind == ReplyKind.UNCLEAR,
    )  # fmt: skip
    if word.flood:
        return answers.only_recorded(reply, match, now) + Change(alarms=(belief.alarm(name, now),))
    change = consequences(office, reply, reading, match, now, word=word, automatic=courtesy.automatic(inbound))
    change += answers.hold_writer(reply, theirs, now) + _crossings(office, reply, match, now)
    if word.kind == ReplyKind.BOUNCE_BLOCKED:
        count = office.store.blocked_since(name, now - timedelta(days=1)) + 1
        change += answers.blocked_mailbox(name, count, reply.evidence, now)
    return change


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
