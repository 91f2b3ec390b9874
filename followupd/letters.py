"""Letters: mails to our own people, about the work. Digests, questions, reminders; the post that brings them, and their answers as they come in.

Decides when a letter goes, through which mailbox, and what proves that an answer was written by the rep: the copy in the rep's own
folder of sent mail, or the word of the rep's own mail server on the sender (docs/decisions/0035). Never decides what a letter says, nor
what an answer means (`answering.py`), and never writes to a prospect.

A letter is marked before it is begun. After a crash in between it is looked for in the mailbox, and sent once more, under the same name,
if it does not show up there: a digest twice is a nuisance, a question that nobody ever saw is worse.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from followupd import log
from followupd.core import authentication
from followupd.core.authentication import Standing
from followupd.core.lifecycle import made_id
from followupd.core.model import Accepted, Change, Doubtful, Inbound, Letter, LetterAnswer, Mailbox, Refused
from followupd.core.outbound import UnsafeMessage, letter_id, letter_of, notice
from followupd.core.replies.letter import PREFIX
from followupd.office import Office
from followupd.world import World

if TYPE_CHECKING:
    from followupd.core.orders import Line


AGAIN = timedelta(minutes=5)
"""After how long a letter that could not be sent is tried again."""

GIVE_UP = timedelta(days=2)
"""A letter that could not be sent for so long is of no use to anybody."""

QUIET = timedelta(minutes=15)
"""After a crash a letter shows up in the mailbox by then, if it left; and an answer's copy in the folder of sent mail, if the rep wrote it."""

LIMIT = 60.0
"""Real seconds that one letter may take: a mail server that hangs must not hold up the end of the daemon."""

LONGEST = 100_000
"""Characters of a letter; more is cut, and says so."""

COUNTABLE = frozenset({"task", "reply", "doubt", "person"})
"""Kinds of items that a rep may count in an answer: "3 done, 2 still open". Each of the others is a question of its own."""


def letter(
    office: Office, mailbox: str, kind: str, subject: str, text: str, now: datetime, *about: str, to: str = "",
    items: Sequence[Mapping[str, str]] = (), due: datetime | None = None,
) -> Letter:  # fmt: skip
    """A letter to the owner of a mailbox, or `to` somebody else of ours. The same `kind` and `about` are the same letter: it is written once."""
    part = office.config.mailboxes[mailbox]
    whom = to or part.address
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n[cut here: {len(text) - LONGEST} characters more]\n"
    return Letter(
        id=made_id("letter", kind, mailbox, whom, *about, length=16), kind=kind, mailbox=mailbox, to=whom, subject=" ".join(subject.split())[:300],
        text=cut, created=now, due=due or now, items=tuple(items),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Heeded:
    """What one line of an answer does, and what the rep is told of it. `understood` False: nothing is changed, and `said` asks."""

    said: str
    change: Change = field(default_factory=Change)
    understood: bool = True


Take = Callable[[Office, Letter, Mapping[str, str], str, datetime], Heeded]
"""What the words behind an item's number do: given the office, the letter, the item, the words as typed, and the time."""


# -- the post ------------------------------------------------------------------------------------


async def claim(world: World) -> list[Letter]:
    """The letters that go now, marked as begun."""
    office, now = world.office, world.office.clock.now()
    if world.halted() or world.writer.stuck:
        return []
    found = []
    for one in await world.call(office.store.letters_due, list(world.epochs), now):
        begun = replace(one, state="sending", attempt=one.attempt + 1)
        if await world.writer.write(Change(letters=(begun,))):
            found.append(begun)
    return found


async def carry_out(world: World, one: Letter) -> None:
    """One letter that was begun: sent, put off, or given up."""
    store, config = world.office.store, world.office.config
    sender = await carrier(world, one.mailbox) if one.mailbox in config.mailboxes else None
    if sender is None:
        reason, over = "no mailbox can send it now", False
    else:
        name, answers_to = letter_id(one.id, sender.domain, world.key), config.mailboxes[one.mailbox].address
        reason, over = await send(world, sender, one.to, one.subject, one.text, name, reply_to=answers_to)
    now = world.office.clock.now()
    after = {"state": "wanted", "due": now + AGAIN, "said": reason[:300]}
    if not reason or over or now - one.created > GIVE_UP:
        after = {"state": "failed" if reason else "sent", "settled": now, "said": reason[:300]}
    if reason:
        log.trouble("letter-not-sent", mailbox=one.mailbox, to=one.to, kind=one.kind, state=after["state"], reason=reason)
    else:
        log.note("letter", mailbox=one.mailbox, to=one.to, kind=one.kind)

    def judge(known: Letter | None) -> Change:
        return Change(letters=(replace(known, **after),)) if known and known.state in ("sending", "wanted") else Change()  # type: ignore[arg-type]

    await world.carry_on(lambda: store.find(Letter, one.id), judge)


async def recover(world: World, mailboxes: Collection[str]) -> None:
    """These are ours from now on: letters that somebody has begun there are looked for, and tried again after the quiet period."""
    now = world.office.clock.now()
    for one in await world.call(world.office.store.letters_in_hand):
        if one.mailbox in mailboxes:
            await world.writer.write(Change(letters=(replace(one, state="wanted", due=now + QUIET),)))


async def carrier(world: World, first: str = "") -> Mailbox | None:
    """The mailbox that can send: the one asked for, else any. One that a breaker has stopped will do where there is no other; one that a
    human has, never.
    """
    store = world.office.store
    stops = {one.scope: one.reason for one in await world.insist(store.switches)}
    breakers = {alarm.text for alarm in await world.insist(store.alarms_up)}
    if "all" in stops:
        return None
    ill = await world.insist(store.in_trouble)
    able = [name for name, watch in world.watches.items() if watch.readable and name not in ill]
    able.sort(key=lambda name: name != first)
    free = [name for name in able if f"mailbox:{name}" not in stops]
    stopped = [name for name in able if stops.get(f"mailbox:{name}") in breakers]
    return next((box for name in (*free, *stopped) if (box := world.office.mailbox(name)) is not None), None)


async def send(
    world: World, sender: Mailbox, whom: str, subject: str, text: str, name: str, *, reply_to: str = ""
) -> tuple[str, bool]:
    """Why the mail could not be sent ("" where it was), and whether that is final. A lost answer counts as sent: it is not worth a second mail."""
    connection = world.connect(sender.name)
    try:
        raw = notice(
            sender=sender.address, recipient=whom, subject=subject, text=text,
            date=world.office.clock.now().astimezone(ZoneInfo(sender.zone)), message_id=name, reply_to=reply_to,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT):
            delivery = await connection.begin(sender.address, whom) or await connection.finish(raw, before_dot=lambda: None)
    except TimeoutError:
        return "it took too long", False
    except UnsafeMessage as problem:
        return str(problem), True
    finally:
        await connection.close()
    if isinstance(delivery, Accepted | Doubtful):
        return "", False
    return f"{delivery.code} {delivery.text}", isinstance(delivery, Refused) and delivery.blames == "message"


# -- as they come back ---------------------------------------------------------------------------


def is_letter(inbound: Inbound, key: bytes) -> str:
    """The letter that a mail is a copy of; "" for every other mail."""
    names = (inbound.message_id, *(one.strip(" <>") for one in inbound.headers.get("x-followupd-letter", ())))
    return next((found for one in names if (found := letter_of(one, key))), "")


def answered(inbound: Inbound, key: bytes) -> str:
    """The letter that a mail answers; "" where it answers none. Machines' answers are none (RFC 3834)."""
    if is_letter(inbound, key):
        return ""
    return next((found for one in inbound.references if (found := letter_of(one, key))), "")


def arrived(office: Office, letter: str) -> Change:
    """A copy of a letter lies in the mailbox: it was sent."""
    known = office.store.find(Letter, letter)
    if known is None or known.state == "sent":
        return Change()
    return Change(letters=(replace(known, state="sent", settled=office.clock.now()),))


def note_answer(office: Office, mailbox: str, inbound: Inbound, received: datetime, letter: str, *, sent: bool = False) -> Change:
    """An answer to a letter, kept until it has had its effect. `sent`: it lies in the folder of sent mail of this mailbox.

    What counts is always the text that was proved: whoever was there first with the same Message-ID has said nothing.
    """
    asked = office.store.find(Letter, letter)
    if asked is None or not office.own_addresses() & set(inbound.to):  # forwarded to somebody else: no answer to us
        return Change()
    by_copy = sent and _owner_of(office, mailbox) == inbound.sender
    genuine = inbound.sender == asked.to.lower() and (by_copy or _vouched(office, mailbox, inbound))
    found = LetterAnswer(
        id=made_id("answer", letter, inbound.message_id or inbound.fingerprint, length=16), letter=letter, mailbox=mailbox, sender=inbound.sender,
        text=_words(inbound), received=received, state="proved" if genuine else "waiting",
    )  # fmt: skip
    known = office.store.find(LetterAnswer, found.id)
    if known is None and genuine and not by_copy and _said_before(office, found):
        return Change()  # a replay: its signature is genuine, and somebody gave it a new name
    if known is None or (genuine and known.state in OPEN_TO_PROOF):
        return Change(letter_answers=(replace(found, version=known.version if known else 0),))
    if genuine or _same(known.text, found.text, asked):
        return Change()
    another = replace(found, id=made_id("answer", letter, inbound.fingerprint, length=16))
    return Change() if office.store.find(LetterAnswer, another.id) else Change(letter_answers=(another,))


def note_stray(
    office: Office, mailbox: str, message_id: str, sender: str, to: Collection[str], subject: str, received: datetime, *, sent: bool = False
) -> Change:  # fmt: skip
    """A mail of one of ours that looks like an answer to a letter and does not name it: it changes nothing, and is told of."""
    bare = PREFIX.sub("", subject).strip()
    if not message_id or not bare or not office.own_addresses() & set(to):
        return Change()
    lately = office.store.letters_to(sender, received - LATELY)
    if not any(PREFIX.sub("", one.subject).strip() == bare for one in lately):
        return Change()
    found = LetterAnswer(
        id=made_id("answer", "", message_id, length=16), letter="", mailbox=mailbox, sender=sender, text="", received=received,
        state="proved" if sent and _owner_of(office, mailbox) == sender else "waiting", results=(subject[:300],),
    )  # fmt: skip
    known = office.store.find(LetterAnswer, found.id)
    if known is None:
        return Change(letter_answers=(found,))
    rises = found.state == "proved" and known.state in OPEN_TO_PROOF
    return Change(letter_answers=(replace(known, state="proved"),)) if rises else Change()


LATELY = timedelta(days=14)
"""For so long a mail with a letter's subject looks like an answer to it."""

OPEN_TO_PROOF = ("waiting", "refused")
"""A copy in the folder of sent mail proves an answer also after it was refused: mail programs may be offline for long."""


def _words(inbound: Inbound) -> str:
    """What was typed, in its place between quoted items where it stands there; whole lines, as many as there is room for."""
    text = (inbound.inline or inbound.typed).replace("\0", "")
    return text if len(text) < MOST_TYPED else text[:MOST_TYPED].rpartition("\n")[0]


MOST_TYPED = 8192
"""Characters of an answer."""


def _owner_of(office: Office, mailbox: str) -> str:
    part = office.config.mailboxes.get(mailbox)
    return part.address.lower() if part else ""


def _said_before(office: Office, answer: LetterAnswer) -> bool:
    return any(one.text == answer.text and one.state in ("proved", "heeded") for one in office.store.answers_to(answer.letter))


def _same(known: str, found: str, letter: Letter) -> bool:
    """Whether two texts order the same: a copy of the rep's own mail may have got a footer on its way."""
    return known == found or set(lines_of(letter, known)) >= {one for one in lines_of(letter, found) if one.number}


def lines_of(letter: Letter, text: str) -> tuple[Line, ...]:
    """The lines of an answer to a letter: the same whenever they are asked for."""
    from followupd.core import orders

    counts = any(item.get("kind") in COUNTABLE for item in letter.items)
    return orders.lines(orders.own(text, letter.text), [item.get("title", "") for item in letter.items], counts=counts)


def _vouched(office: Office, mailbox: str, inbound: Inbound) -> bool:
    part = office.config.mailboxes.get(mailbox)
    fields = inbound.headers.get("authentication-results", ())
    found = authentication.stated(fields, part.imap.vouches if part else None, inbound.sender)
    return found.standing == Standing.PASS
