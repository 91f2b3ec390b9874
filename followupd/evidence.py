"""What the mailbox proves: which of our mails were sent, who wrote by hand, and who has answered without being noticed.

Decides how a copy of a mail in the mailbox is understood, and when its absence counts (docs/decisions/0034). A copy proves that a touch
was sent; absence proves something only after the quiet period, in a folder that this provider is known to fill. Never sends anything: it
settles doubts, gives a touch back for one more sending where the mailbox's owner has allowed that, and puts copies of sent mail
where the provider does not. The one thing that it ever writes into a mailbox is such a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from followupd import appointments, letters, log
from followupd.core import courtesy, lifecycle, meeting
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Alarm,
    Change,
    Claim,
    Cursor,
    Enrollment,
    EnrollmentState,
    Event,
    Inbound,
    Invitation,
    KeptMail,
    MailFact,
    Seen,
    SentKeeping,
    Switch,
    Touch,
    TouchState,
)
from followupd.core.outbound import letter_of, touch_of
from followupd.core.timing import timing_for
from followupd.core.waiting import SETTLED_BY_HAND
from followupd.mailbox import NO_EXTENTS, Extent, Heading, NotKept, Unreachable
from followupd.office import Office, UnreadableCadence, closed
from followupd.store import StoreBusy
from followupd.world import Letterbox, Question, World

QUIET = timedelta(minutes=15)
"""After so long no server is still working on a mail whose answer was lost (RFC 5321 section 4.5.3.2.6: 10 minutes for the final dot)."""

PROOF_LASTS = timedelta(days=7)
"""How long it is believed that the provider keeps what it sends, after that was last seen."""

COPY_WITHIN = timedelta(minutes=5)
"""A provider that keeps what it sends has done so by then (measured: seconds)."""

FIRST_SENT = timedelta(days=7)
"""How far back the folder of sent mail is read that was never read before."""

RESTORED = timedelta(days=7)
"""How far before the newest known time a moved store reads (`store/incarnation.py` sets the beginning)."""

TWIN_WITHIN = timedelta(days=1)
"""Only what was sent since then speaks for another daemon: older mails may belong to people who were forgotten."""

BY_HAND = "2bd"
"""How long the next mail waits after the rep's own, where the cadence names no gap."""


# -- reading the folder of sent mail ------------------------------------------------------------------


async def read_sent(world: World, name: str, cursors: dict[str, Cursor]) -> None:
    """The folder of sent mail, to its end: copies are understood. `cursors` are moved on."""
    inbox, keeping = world.inboxes[name], await world.call(world.office.store.sent_keeping, name)
    try:
        await _read(world, name, inbox, inbox.sent, keeping, cursors)
    except Unreachable as problem:
        log.trouble("sent-unreadable", mailbox=name, folder=inbox.sent, reason=problem.reason)
        raise


async def tend(world: World, name: str, began: datetime) -> None:
    """What follows from all that was read, beginning at `began`: doubts settled, a moved store reconciled, missing copies put there."""
    keeping = await world.call(world.office.store.sent_keeping, name)
    if keeping.reconcile is not None and began - world.began >= QUIET:
        await _reconciled(world, name, keeping, began)
    if world.inboxes[name].sent:
        await put_copies(world, name)
    await weigh(world, name)


async def _read(world: World, name: str, inbox: Letterbox, folder: str, keeping: SentKeeping, cursors: dict[str, Cursor]) -> None:
    office = world.office
    cursor = cursors.get(folder) if keeping.reconcile is None else None
    while True:
        now = office.clock.now()
        found = await inbox.headings(folder, cursor, keeping.reconcile or now - FIRST_SENT)
        reached = Cursor(mailbox=name, folder=folder, uidvalidity=found.uidvalidity, uid=found.end, read=now)
        for heading in found.found:
            await take_note(world, name, heading)
        if cursor is None or (cursor.uidvalidity, cursor.uid) != (reached.uidvalidity, reached.uid):
            await world.writer.write(Change(cursors=(reached,)))
        cursor = cursors[folder] = reached
        if not found.more:
            return


async def take_note(world: World, name: str, heading: Heading) -> None:
    """One mail of ours, or one that the rep wrote by hand: what follows from it is written down.

    Only the folder of sent mail is filled by the rep and the provider alone. Into any other, and into an archive or the waste by a
    rule or a wrong click, everybody's mail may come, with every header that they like.
    """
    office, inbox = world.office, world.inboxes[name]
    if await _about_letters(world, name, heading):
        return
    own = touch_of(heading.original_id, world.key) or touch_of(heading.message_id, world.key)
    now = office.clock.now()
    if heading.folder != inbox.sent or heading.folder in inbox.folders:
        if own is not None:
            await world.carry_on(lambda: None, lambda _: _shown(office, name, heading, own, now))
            world.wake.set()
    elif own is not None:
        change = await world.carry_on(lambda: None, lambda _: _own(office, name, heading, own, now))
        await _learn(world, name, heading, change)
        world.wake.set()
    elif heading.sender in office.own_addresses() and heading.recipients:
        mail = (heading.message_id, heading.sender, heading.recipients, heading.subject, heading.received)
        invitation = await _invited(world, name, heading)

        def judge(_: None) -> Change:
            meets = _meets(office, name, heading, invitation, now) if invitation else Change()
            by_hand = _by_hand(office, name, heading, now, {one.id: one for one in meets.enrollments})
            return meets + by_hand + letters.note_stray(office, name, *mail, sent=True)

        await world.carry_on(lambda: None, judge)


async def _invited(world: World, name: str, heading: Heading) -> Invitation | None:
    """The meeting to which the rep's own mail invites somebody under way. Only such mails are read whole."""
    inbox, store = world.inboxes[name], world.office.store
    if not await world.call(store.open_of, heading.recipients):
        return None
    arrivals = await inbox.fetch(heading.folder, heading.uidvalidity, [heading.uid])
    read = [await world.reader.read(arrival.raw) for arrival in arrivals]
    return next((one.invitation for one in read if one.invitation is not None), None)


def _meets(office: Office, name: str, heading: Heading, invitation: Invitation, now: datetime) -> Change:
    """The rep and these people are to meet, or are not any more: their cadences rest until it is over, or go on."""
    change = Change()
    mine = [one for one in office.store.open_of(heading.recipients) if heading.received >= one.started]
    for address in dict.fromkeys(one.address for one in mine):
        saying, found = appointments.told(office, name, address, invitation, now)
        theirs = [one for one in mine if one.address == address]
        change += appointments.arranged(office, saying, found, theirs, now, f"{name} wrote to them by hand")
    return change


async def _about_letters(world: World, name: str, heading: Heading) -> bool:
    """A letter to our own people, or the rep's answer to one: only their own folder of sent mail proves that they wrote it."""
    office, inbox = world.office, world.inboxes[name]
    copy = next((found for one in (heading.original_id, heading.message_id) if (found := letter_of(one, world.key))), "")
    if copy:
        await world.carry_on(lambda: None, lambda _: letters.arrived(office, copy))
        return True
    letter = next((found for one in heading.ids if (found := letter_of(one, world.key))), "")
    if not letter or heading.folder != inbox.sent or heading.folder in inbox.folders:
        return False
    for arrival in await inbox.fetch(heading.folder, heading.uidvalidity, [heading.uid]):
        inbound = await world.reader.read(arrival.raw)
        if courtesy.automatic(inbound):
            continue
        await world.carry_on(
            lambda: None,
            lambda _, inbound=inbound: letters.note_answer(office, name, inbound, heading.received, letter, sent=True),  # type: ignore[misc]
        )
    world.wake.set()
    return True


def heading_of(inbound: Inbound, name: str, folder: str, uidvalidity: int, uid: int, received: datetime) -> Heading:
    """A mail of our own that was read whole, as its headings: a blind copy to ourselves, or one in All Mail."""
    original = next(iter(inbound.headers.get("x-followupd-touch", ())), "").strip().strip("<>")
    return Heading(
        folder=folder, uidvalidity=uidvalidity, uid=uid, received=received, message_id=inbound.message_id, ids=(inbound.message_id,),
        original_id=original, sender=inbound.sender, recipients=inbound.to, subject=inbound.subject, date=inbound.date,
    )  # fmt: skip


def _seen(name: str, heading: Heading, touch: str) -> Seen:
    return Seen(
        mailbox=name, folder=heading.folder, uidvalidity=heading.uidvalidity, uid=heading.uid, at=heading.received, touch=touch,
        message_id=heading.message_id, address=next(iter(heading.recipients), ""),
    )  # fmt: skip


def _shown(office: Office, name: str, heading: Heading, own: str, now: datetime) -> Change:
    """A mail with our name for a touch, where anybody may put it: that name can't be guessed, so the touch has left us.

    It proves no more. Its date, its words, and a name beside ours may be a stranger's: they stop no mailbox, and no thread goes on in them.
    """
    touch = office.store.find(Touch, own)
    if touch is None or touch.state not in (TouchState.SCHEDULED, TouchState.SENDING, TouchState.DOUBTFUL):
        return Change()
    sealed = replace(heading, message_id=heading.original_id or heading.message_id, subject="", recipients=(touch.address,))
    return Change(seen=(_seen(name, sealed, own),)) + _left(office, sealed, touch, now)


def _own(office: Office, name: str, heading: Heading, own: str, now: datetime) -> Change:
    """A copy of a touch of ours in the folder of sent mail: it was sent, and so, and under that name."""
    store = office.store
    change = Change(seen=(_seen(name, heading, own),))
    touch, reconciling = store.find(Touch, own), store.sent_keeping(name).reconcile is not None
    if touch is None:
        return change + (Change() if reconciling else _twin(name, heading, now))
    if touch.message_id and heading.message_id and heading.message_id != touch.message_id:
        # The provider gave it a name of its own: answers will bear that one.
        change += Change(
            aliases=((heading.message_id, touch.id),), mails=(MailFact(touch=touch.id, message_id=heading.message_id),)
        )
    change += _copied(store.kept_mail(own))
    foreign = touch.intended is None if touch.state == TouchState.SCHEDULED else _of_another(heading, touch)
    if foreign and not reconciling:
        change += _twin(name, heading, now)
    return change + _left(office, heading, touch, now)


def _left(office: Office, heading: Heading, touch: Touch, now: datetime) -> Change:
    """What is proved to have left us is sent."""
    store, change = office.store, Change()
    if touch.state not in (TouchState.DOUBTFUL, TouchState.SCHEDULED):
        return change
    enrollment = store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    text = f"proved by its copy in {heading.folder}"
    at = min(max(heading.received, enrollment.started), now)
    if store.kept_mail(touch.id) is None:
        change = Change(
            found=(
                _forgotten(
                    heading, touch, at, opens=not any(one.state == TouchState.SENT for one in store.touches(enrollment.id))
                ),
            )
        )
    return change + _settled(office, touch, enrollment, at, text)


def _settled(office: Office, touch: Touch, enrollment: Enrollment, at: datetime, text: str) -> Change:
    """The touch was sent, and its cadence goes on. One that can't be read any more holds this person, and stops no mailbox."""
    _, prospect, _ = office.store.with_touches(enrollment)
    try:
        cadence = office.cadence(enrollment.digest)
    except UnreadableCadence as problem:
        held = enrollment.state == EnrollmentState.HELD
        return (
            Change()
            if held
            else lifecycle.hold(enrollment, f"step {touch.step}: {text}, and the cadence can't be read: {problem}", at)
        )
    return lifecycle.settle(touch, enrollment, cadence, prospect, TouchFact.PROVED, at, text)


def _forgotten(heading: Heading, touch: Touch, at: datetime, *, opens: bool) -> KeptMail:
    """What the heading tells of a mail that a restored store does not know: enough for the next one to go on in its thread."""
    return KeptMail(
        touch=touch.id, enrollment=touch.enrollment, message_id=heading.message_id, subject=heading.subject, opens=opens, text="", raw=b"",
        gated=at, looked=at, left=at, copy="kept",
    )  # fmt: skip


def _copied(kept: KeptMail | None) -> Change:
    state = {"wanted": "kept", "begun": "done"}.get(kept.copy) if kept else None
    return Change(mails=(MailFact(touch=kept.touch, copy=state),)) if kept and state else Change()


def _of_another(heading: Heading, touch: Touch) -> bool:
    """Whether a copy bears another Date than the one that we fixed with the first intent: then we did not write it."""
    if heading.date is None or touch.intended is None or heading.original_id == "":
        return False
    return abs(heading.date - touch.intended) > timedelta(seconds=1)


def _twin(name: str, heading: Heading, now: datetime) -> Change:
    """Somebody else with our secret writes from this mailbox: a clone of this machine, or its restored past."""
    if heading.received < now - TWIN_WITHIN:
        return Change()
    whom = next(iter(heading.recipients), "somebody")
    text = (
        f"another followupd with a copy of this store writes from mailbox {name} (to {whom}, {heading.received:%d %b %Y %H:%M} UTC). "
        f"Stop one of the two, then: followupd resume --mailbox {name}"
    )
    return Change(
        alarms=(Alarm(key=f"twin:{name}", mailbox=name, text=text, at=now),),
        switches=(Switch(scope=f"mailbox:{name}", reason=text[:300], at=now),),
    )


def _by_hand(office: Office, name: str, heading: Heading, now: datetime, moved: Mapping[str, Enrollment]) -> Change:
    """The rep has written themselves: whoever waited for it has an answer, and the machine keeps its distance, as long as it does between
    two mails of its own. `moved` are enrollments that this very mail has moved before.
    """
    store, change = office.store, _answered(office, name, heading, now)
    for enrollment in store.open_of(heading.recipients):
        if enrollment.state == EnrollmentState.FINISHED or heading.received < enrollment.started:
            continue
        reason = f"{name} wrote to them by hand on {heading.received:%d %b %Y %H:%M} UTC"
        _, prospect, _ = store.with_touches(enrollment)
        try:
            cadence = office.cadence(enrollment.digest)
        except UnreadableCadence as problem:
            change += lifecycle.hold(enrollment, f"{reason}, and the cadence can't be read: {problem}", now)
            continue
        until = timing_for(cadence, prospect, enrollment.mailbox).after(heading.received, cadence.limits.gap or BY_HAND, "").at
        enrollment = moved.get(enrollment.id, enrollment)
        change += Change(seen=(replace(_seen(name, heading, ""), address=enrollment.address),))
        if until <= now or (meeting.waits_for_meeting(enrollment) and enrollment.until and enrollment.until >= until):
            continue
        change += lifecycle.put_off(enrollment, until, reason, now)
    return change


def _answered(office: Office, name: str, heading: Heading, now: datetime) -> Change:
    """What is done by this very mail: it goes to whoever wrote, at whatever address, or it names what they wrote; and it came later."""
    change = Change()
    for task, reply in office.store.waiting_for(heading.recipients, heading.ids):
        if task.kind in SETTLED_BY_HAND and reply.received <= heading.received:
            change += Change(seen=(replace(_seen(name, heading, ""), address=task.address),)) + closed(
                office, task, now, by_hand=name
            )
    return change


async def _learn(world: World, name: str, heading: Heading, change: Change) -> None:
    """A copy that we did not put there shows that the provider does."""
    inbox, store = world.inboxes[name], world.office.store
    by_us = any(fact.copy == "done" for fact in change.mails)
    if by_us or not any(fact.copy == "kept" for fact in change.mails) or heading.folder != inbox.sent:
        return
    await world.call(store.note_keeping, name, keeps="yes", sent_folder=heading.folder, proved=heading.received)


# -- after a move, a copy or a restore ----------------------------------------------------------------


async def _reconciled(world: World, name: str, keeping: SentKeeping, began: datetime) -> None:
    """Everything since the newest known time was read. What nobody can know is held for a human; then sending may begin.

    Not before the quiet period after our start is over: the last mails of the time that is forgotten may have no copy before. Where
    we put the copies there ourselves, a mail that has none may have been sent a moment before.
    """
    store = world.office.store
    assert keeping.reconcile is not None
    if not (world.inboxes[name].sent and keeping.keeps == "yes"):
        newest = keeping.reconcile + RESTORED
        reason = (
            f"the store was moved or restored, and mailbox {name} keeps no copies that could show what was sent since "
            f"{newest:%d %b %Y %H:%M} UTC: look, then followupd resume"
        )
        for enrollment in await world.call(store.left_undone, name, began):
            await world.writer.write(lifecycle.hold(enrollment, reason, began))
    await world.call(store.note_keeping, name, reconcile=None)
    world.watches[name].reconciles = False
    log.note("reconciled", mailbox=name, since=f"{keeping.reconcile:%FT%TZ}")
    world.wake.set()


# -- doubts -------------------------------------------------------------------------------------------


async def weigh(world: World, name: str) -> None:
    """Doubtful touches of a mailbox that has just been read: is there proof by now, or may absence count?"""
    office, store = world.office, world.office.store
    for touch in [touch for touch, _ in await world.call(store.doubtful) if touch.mailbox == name]:
        copies = await world.call(store.seen_of, touch.id)
        if copies:
            text = f"proved by its copy in {copies[0].folder}"
            await world.carry_on(lambda: None, lambda _, mine=touch.id, text=text: _proved(office, mine, text))  # type: ignore[misc]
            world.wake.set()
        elif await _absent(world, touch):
            again = _allowed(office, touch)
            await world.carry_on(lambda: None, lambda _, mine=touch.id, again=again: _missing(office, mine, again=again))  # type: ignore[misc]
            world.wake.set()


async def _absent(world: World, touch: Touch) -> bool:
    """Whether it is certain that no copy lies in the mailbox: quiet, proved, read to the end, and looked for everywhere else."""
    store, watch, inbox = world.office.store, world.watches[touch.mailbox], world.inboxes[touch.mailbox]
    now, doubted = world.office.clock.now(), touch.settled or world.office.clock.now()
    if ABSENT in touch.text or watch.sent_read is None or watch.sent_read < doubted + QUIET:
        return False
    keeping = await world.call(store.sent_keeping, touch.mailbox)
    believed = (
        keeping.keeps == "yes" and keeping.sent_folder == inbox.sent and keeping.proved and now - keeping.proved < PROOF_LASTS
    )
    if not believed:
        return False
    since = (touch.intended or doubted) - timedelta(days=1)
    try:
        for folder in inbox.beside:
            if await _lies_in(world, inbox, folder, touch, since):
                return False
    except Unreachable:
        return False
    return True


async def _lies_in(world: World, inbox: Letterbox, folder: str, touch: Touch, since: datetime) -> bool:
    cursor = None
    while True:
        found = await inbox.headings(folder, cursor, since)
        for heading in found.found:
            if touch.message_id in heading.ids[:1] or heading.original_id == touch.message_id:
                await take_note(world, touch.mailbox, heading)
                return True
        if not found.more:
            return False
        cursor = Cursor(
            mailbox=touch.mailbox, folder=folder, uidvalidity=found.uidvalidity, uid=found.end, read=world.office.clock.now()
        )


ABSENT = "no copy in the mailbox"
"""Said of a doubtful touch once it was looked for."""


def _allowed(office: Office, touch: Touch) -> bool:
    """Whether the mailbox may send a doubtful touch once more; once, and never a second time."""
    part = office.config.mailboxes.get(touch.mailbox)
    return part is not None and part.doubtful == "resend" and not touch.again


def _missing(office: Office, touch_id: str, *, again: bool) -> Change:
    now = office.clock.now()
    touch = office.store.find(Touch, touch_id)
    if touch is None or touch.state != TouchState.DOUBTFUL:
        return Change()
    enrollment = office.store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    if again and enrollment.state != EnrollmentState.FINISHED:
        _, prospect, _ = office.store.with_touches(enrollment)
        by = f"{ABSENT} {int(QUIET.total_seconds() // 60)} minutes later (doubtful: resend)"
        with suppress(UnreadableCadence):  # then it waits for a human
            cadence = office.cadence(enrollment.digest)
            return lifecycle.settle_doubt(touch, enrollment, cadence, prospect, TouchFact.SEND_AGAIN, now, by)
    text = f"{touch.text}; {ABSENT} {int(QUIET.total_seconds() // 60)} minutes later"
    event = Event(
        at=now,
        kind="looked_for",
        text=f"step {touch.step}: {text}"[:600],
        address=touch.address,
        enrollment=enrollment.id,
        touch=touch.id,
    )
    return Change(touches=(replace(touch, text=text[-300:]),), events=(event,))


def _proved(office: Office, touch_id: str, text: str) -> Change:
    now = office.clock.now()
    touch = office.store.find(Touch, touch_id)
    if touch is None or touch.state != TouchState.DOUBTFUL:
        return Change()
    enrollment = office.store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    return _settled(office, touch, enrollment, now, text)


# -- copies of sent mail ------------------------------------------------------------------------------


def copy_wanted(world: World, name: str) -> str:
    """What is noted of the copy of a mail that was accepted just now: `wanted` where nobody knows yet, or where it is ours to make."""
    part = world.office.config.mailboxes.get(name)
    if part is None or part.imap.copies in ("server", "none") or not world.inboxes[name].sent:
        return ""
    return "wanted"


async def put_copies(world: World, name: str) -> None:
    """Where the provider keeps no copies of what it sends, they are put into the folder of sent mail: each once.

    The folder has just been read to its end: a copy that lies there has been noted. `begun` is written before, `done` after: after a crash
    in between the folder is read first.
    """
    inbox, store, clock = world.inboxes[name], world.office.store, world.office.clock
    wanted = await world.call(store.copies_wanted, name)
    if not wanted:
        return
    keeping = await world.call(store.sent_keeping, name)
    told = world.office.config.mailboxes[name].imap.copies == "append"
    for mail in wanted:
        left = mail.left or mail.gated
        recent = keeping.keeps == "yes" and keeping.proved is not None and clock.now() - keeping.proved < PROOF_LASTS
        if not told and recent:
            continue  # it will be seen there
        if not told and keeping.keeps != "no":
            if clock.now() - left < COPY_WITHIN:
                continue
            await world.call(store.note_keeping, name, keeps="no", sent_folder=inbox.sent, proved=None)
            keeping = replace(keeping, keeps="no")
        if await world.call(store.seen_of, mail.touch):
            await world.writer.write(Change(mails=(MailFact(touch=mail.touch, copy="done"),)))
            continue
        await world.writer.write(Change(mails=(MailFact(touch=mail.touch, copy="begun"),)))
        try:
            await inbox.append(inbox.sent, mail.raw, left)
        except Unreachable:
            if (
                mail.copy == "begun"
            ):  # the link broke over this one before: a copy is not worth a mailbox that is never read to its end
                log.trouble("copy-given-up", mailbox=name, touch=mail.touch)
                await world.writer.write(Change(mails=(MailFact(touch=mail.touch, copy="refused"),)))
            raise
        except NotKept as problem:  # the mail was sent; that the rep has no copy of it must not stop what comes after
            log.trouble("copy-refused", mailbox=name, touch=mail.touch, reason=problem.reason)
            if problem.passing:
                return
            await world.writer.write(Change(mails=(MailFact(touch=mail.touch, copy="refused"),)))
            continue
        await world.writer.write(Change(mails=(MailFact(touch=mail.touch, copy="done"),)))


# -- the last look ----------------------------------------------------------------------------------------


async def last_look(world: World, claim: Claim, name: str, limit: float) -> str:
    """Does a mail that nobody has read yet, or one from this very person, lie in the mailbox? Returns "" or why nothing may leave now.

    The mailbox is read to its end by a reading that begins now or later; all that wait for it share it. It looks for this person's mails by itself,
    whatever the cursors say, and in every folder that a rule or a phone may have moved an answer to.
    """
    ids = frozenset(one for one in (*claim.thread.references, claim.thread.last_id) if one)
    question = Question(claim.prospect.address, ids, claim.first or claim.enrollment.started, sure=claim.first is not None)
    if _just_looked(world, claim, name, question):
        return ""
    return await world.watches[name].ask(question, limit)


def _just_looked(world: World, claim: Claim, name: str, question: Question) -> bool:
    """Whether another mail of those that were claimed together has asked for a reading a short time ago, and it knew nothing of this person."""
    watch, clock = world.watches[name], world.office.clock
    before = world.readings.get(claim.touch.id)
    if before is None or name != claim.touch.mailbox or watch.complete <= before or watch.trouble or not question.sure:
        return False
    fresh = (clock.steady() - watch.looked) * clock.speed < world.shared_look
    return fresh and world.inboxes[name].silent(question.names, question.since, watch.extents)


async def answer(world: World, name: str, questions: Sequence[Question], extents: Mapping[str, Extent] = NO_EXTENTS) -> None:
    """Look for the mails of all who are asked about, at once. `extents` is how far the folders have come, as far as that was asked already."""
    try:
        await _answer(world, name, questions, extents)
    except StoreBusy as problem:
        for question in questions:
            question.hindrance = f"the store refuses: {problem}"


async def _answer(world: World, name: str, questions: Sequence[Question], extents: Mapping[str, Extent]) -> None:
    store, watch = world.office.store, world.watches[name]
    addresses, ids = frozenset(one.address for one in questions), frozenset[str]().union(*(one.ids for one in questions))
    unsure = [one for one in questions if not one.sure]
    firsts = await world.call(store.first_enrollments, sorted({one.address for one in unsure})) if unsure else {}
    for question in unsure:
        question.since = min(question.since, firsts.get(question.address, question.since))
    found = await world.inboxes[name].find(addresses, ids, min(one.since for one in questions), extents)
    asking = {one: asked for one in found if (asked := [each for each in questions if _concerns(one, each)])}
    foreign = [
        one for one in asking
        if one.sender not in world.office.own_addresses() and touch_of(one.message_id, world.key) is None
        and touch_of(one.original_id, world.key) is None and (one.folder, one.uidvalidity, one.uid) not in watch.handed
    ]  # fmt: skip
    if not foreign:
        return
    places = [(one.folder, one.uidvalidity, one.uid, one.message_id) for one in foreign]
    missed = [foreign[number] for number in await world.call(store.unread, name, places)]
    watch.handed.update((one.folder, one.uidvalidity, one.uid) for one in foreign if one not in missed)
    watch.missed.extend(missed)
    if missed:
        watch.asked.set()
    for question in questions:
        theirs = [one for one in missed if question in asking[one]]
        if theirs:
            log.trouble("mail-missed", mailbox=name, address=question.address, folder=theirs[0].folder, mails=len(theirs))
            question.hindrance = f"a mail from this person lies in {theirs[0].folder} and is read first"


def _concerns(heading: Heading, question: Question) -> bool:
    theirs = heading.sender == question.address.lower() or not question.ids.isdisjoint(heading.ids)
    return theirs and heading.received >= question.since


def places_of(headings: Sequence[Heading]) -> dict[tuple[str, int], list[int]]:
    """UIDs by folder and UIDVALIDITY."""
    found: dict[tuple[str, int], list[int]] = {}
    for one in headings:
        found.setdefault((one.folder, one.uidvalidity), []).append(one.uid)
    return found
