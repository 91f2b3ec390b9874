"""What the rep answers to a letter has its effect, line by line.

Decides whose answer counts (docs/decisions/0035), to which letters, and in which order its lines have their effect: each in one transaction
with the note that it has had it, so that no line is heeded twice and none is lost, wherever the daemon is killed. At the end one letter tells
the rep what was done and what is asked. Never decides what the words behind a number do: each kind of item has its own row in `TAKES`. An
answer that nobody proves, and one in another's name, changes nothing and is reported; nobody outside hears of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from followupd import deals, debriefing, items, letters, log, meetings, referring
from followupd.core.lifecycle import NotNow
from followupd.core.model import Alarm, Change, Event, Letter, LetterAnswer, Task
from followupd.letters import Heeded, Take
from followupd.office import NEXT_STEP, Office
from followupd.world import World

if TYPE_CHECKING:
    from followupd.core.orders import Line


TAKES: Mapping[str, Take] = {
    "task": items.task,
    "reply": items.reply,
    "doubt": items.doubt,
    "person": items.person,
    debriefing.QUESTION: debriefing.take,
    deals.REASON: deals.take,
    NEXT_STEP: meetings.take,
    referring.KIND: referring.take,
}
"""What an answer to each kind of item does. To add one: a row here."""

FREE = frozenset({debriefing.QUESTION, deals.REASON, NEXT_STEP})
"""Kinds of items behind whose number any words are an answer: none of them is an order about the person."""

DAILY = "digest"
"""The kind of letter of which a newer one takes the place of an older one."""

AGAIN = "re: "
"""Before the kind of a letter: the one that says what became of an answer to it. It has the same numbers, and can be answered again."""

TOO_OLD = timedelta(days=4)
"""A daily letter can be answered for so long once there is a newer one."""

REPORTED = timedelta(days=1)
"""For so long an alarm about answers that nobody proves stays up after the last of them; meanwhile no other is raised."""

LOOKED_OVER = timedelta(hours=1)
"""How often it is asked whether such an alarm is over."""

FAULTS = (ValueError, LookupError, TypeError, AssertionError, ArithmeticError, OSError)
"""A fault of ours with one line. It must not come back at every turn, nor stop the other lines."""

ASKED = "? "
"""Begins a result that asks."""


async def turn(world: World, *, waiting: bool = True) -> None:
    """Every answer that is proved has its effect; one that nobody proves in time is reported."""
    office, now = world.office, world.office.clock.now()
    for answer in await world.call(office.store.letter_answers, list(world.epochs)) if waiting else ():
        if answer.state == "proved":
            await _heed(world, answer.id)
        elif reason := await world.call(_unproved, world, answer, now):
            await _refuse(world, answer.id, reason)
    if world.looked_over is None or now - world.looked_over >= LOOKED_OVER:
        world.looked_over = now
        await world.carry_on(lambda: None, lambda _: over(office))


async def _heed(world: World, answer: str) -> None:
    """Line after line, until the rep has been told of all of them."""
    office = world.office
    while True:
        change = await world.carry_on(partial(office.store.find, LetterAnswer, answer), partial(step, office))
        if not change.letter_answers:
            return
        world.wake.set()
        told = change.letter_answers[0]
        if told.state == "heeded":
            asked = sum(1 for one in told.results if one.startswith(ASKED))
            log.note("answer-heeded", mailbox=told.mailbox, letter=told.letter, lines=len(told.results), asked=asked)
            return


# -- one answer, line by line --------------------------------------------------------------------


def step(office: Office, answer: LetterAnswer | None) -> Change:
    """The next line of an answer, with the note that it has been heeded; after the last one, the letter that tells of all."""
    if answer is None or answer.state != "proved":
        return Change()
    now = office.clock.now()
    letter = office.store.find(Letter, answer.letter) if answer.letter else None
    if letter is None:
        return _nameless(office, answer, now)
    written = letters.lines_of(letter, answer.text)
    if answer.done >= len(written) or (why := closed_to_answers(office, letter, answer)):
        results = answer.results if answer.done >= len(written) else (*answer.results, f"{ASKED}{why}")
        heeded = replace(answer, state="heeded", results=results)
        idle = letter.kind.startswith(AGAIN) and not any(line.number for line in written)  # "thank you" needs no answer
        told = () if idle else (_confirmation(office, letter, heeded, now),)
        return Change(letter_answers=(heeded,), letters=told)
    line = written[answer.done]
    found = _carried_out(office, letter, line, written, now)
    result = f"{'' if found.understood else ASKED}{_headed(letter, line)}{found.said}"
    after = replace(answer, done=answer.done + 1, results=(*answer.results, result[:1000]))
    return (found.change if found.understood else Change()) + Change(letter_answers=(after,))


def closed_to_answers(office: Office, letter: Letter, answer: LetterAnswer) -> str:
    """Why a letter takes no answer (any more), or nothing."""
    if not letter.items:
        return "this letter has nothing that can be answered; nothing was changed"
    if letter.kind.removeprefix(AGAIN) != DAILY or answer.received - letter.created <= TOO_OLD:
        return ""
    newer = [
        one
        for one in office.store.letters_of(letter.mailbox, DAILY, letter.created)
        if one.created > letter.created and one.to == letter.to
    ]
    if not newer:
        return ""
    zone = office.zone(letter.mailbox)
    return (
        f"that letter is of {items.spoken(letter.created, zone)}, and there are newer ones: nothing was changed. "
        f'Please answer the newest, "{newer[-1].subject}"'
    )


def _carried_out(office: Office, letter: Letter, line: Line, written: Sequence[Line], now: datetime) -> Heeded:
    """What one line does. It never raises: what goes wrong with it is told."""
    if line.doubt:
        return items.asked(line.doubt)
    item = letter.items[line.number - 1]
    if why := _against_another(letter, line, written, now):
        return items.asked(why)
    try:
        from followupd.core import orders

        fact = orders.meant(line.words, now.date())
        if fact.verb == "learn" and item.get("kind") not in FREE:
            return items.learn(office, letter, item, fact.note, now)
        heed = TAKES.get(item.get("kind", ""))
        if heed is None:
            return items.asked("this can't be answered by mail yet")
        return heed(office, letter, item, line.words, now)
    except (*FAULTS, NotNow) as problem:
        log.trouble("answer-line-failed", letter=letter.id, line=line.number, problem=f"{type(problem).__name__}: {problem}")
        return items.asked(f"this could not be carried out ({type(problem).__name__}: {problem}); nothing was changed")


def _against_another(letter: Letter, line: Line, written: Sequence[Line], now: datetime) -> str:
    """Whether another line says something else of the same person, so that one of the two would undo the other."""
    from followupd.core import orders

    item = letter.items[line.number - 1]
    address = item.get("address", "") if item.get("kind") not in FREE else ""
    mine = orders.meant(line.words, now.date())
    if not address or mine.verb not in orders.ABOUT_PERSON:
        return ""
    for other in written:
        if (
            other.number in (0, line.number)
            or other.number > len(letter.items)
            or letter.items[other.number - 1].get("address", "") != address
        ):
            continue
        theirs = orders.meant(other.words, now.date())
        if theirs.verb in orders.ABOUT_PERSON and (theirs.verb, theirs.until) != (mine.verb, mine.until):
            return f'"{mine.verb}" here and "{theirs.verb}" at {other.number} are about the same person: which one counts?'
    return ""


def _headed(letter: Letter, line: Line) -> str:
    """What a line was about, as it begins in what the rep is told."""
    words = " ".join(line.words.split())[:80]
    if line.number == 0:
        return f'"{words}": '
    title = letter.items[line.number - 1].get("title", "") if 0 < line.number <= len(letter.items) else ""
    return f"{line.number if line.number > 0 else '?'}{f' {title}' if title else ''}{f' - you wrote: {words}' if words else ''}\n     "


# -- what the rep is told ------------------------------------------------------------------------


def _how(letter: Letter) -> Iterator[str]:
    """How to answer, by numbers of this very letter."""
    first: dict[str, int] = {}
    for number, item in enumerate(letter.items, 1):
        first.setdefault(item.get("kind", ""), number)
    examples = [f"    {number} {words}" for kind, number in first.items() for words in items.EXAMPLES.get(kind, ())]
    about = next((number for number, item in enumerate(letter.items, 1) if item.get("address")), 0)
    examples += [f"    learn {about} team grew to 40"] if about else []
    if examples:
        yield from ("How to answer: one line for each number, such as", "", *examples, "")


def _confirmation(office: Office, letter: Letter, answer: LetterAnswer, now: datetime) -> Letter:
    """What became of each line. Its numbers are those of the letter that was answered."""
    return letters.letter(
        office, letter.mailbox, f"{AGAIN}{letter.kind.removeprefix(AGAIN)}", f"Re: {letter.subject.removeprefix('Re: ')}",
        "\n".join(_told(office, letter, answer)), now, answer.id, to=letter.to, items=letter.items,
    )  # fmt: skip


def _told(office: Office, letter: Letter, answer: LetterAnswer) -> Iterator[str]:
    zone = office.zone(letter.mailbox)
    done = [one for one in answer.results if not one.startswith(ASKED)]
    questions = [one.removeprefix(ASKED) for one in answer.results if one.startswith(ASKED)]
    yield f"Your answer of {items.spoken(answer.received, zone)}:"
    yield ""
    if done:
        yield from (f"  *  {one}" for one in done)
        yield ""
    if questions:
        yield "Nothing was changed for these; please say it again:" if done else "Nothing was changed:"
        yield ""
        yield from (f"  ?  {one}" for one in questions)
        yield ""
    if not answer.results:
        yield "It has no line that I can read as an order, so nothing was changed."
        yield ""
    if letter.items:
        if questions or not answer.results:
            yield from _how(letter)
        yield "The numbers, as they stand now:"
        yield ""
        yield from (f"  {number:>2}. {_stands(office, item)}" for number, item in enumerate(letter.items, 1))
        yield ""
        yield "This letter can be answered in the same way."


def _stands(office: Office, item: Mapping[str, str]) -> str:
    """An item as it is now: of a task whether it is open, of a person where they are."""
    title = item.get("title", "") or item.get("address", "")
    if item.get("kind") == "task":
        task = office.store.find(Task, item.get("id", ""))
        return f"{title} - {task.state if task else 'gone'}"
    if item.get("address"):
        known = office.store.person(item["address"])[1]
        if known:
            return f"{title} - {known[0].outcome or known[0].state} in {known[0].cadence}"
    return title


def _nameless(office: Office, answer: LetterAnswer, now: datetime) -> Change:
    """The rep's own mail that looks like an answer and does not name the letter."""
    heeded = replace(answer, state="heeded")
    subject = next(iter(answer.results), "") or "your answer"
    text = (
        f'Your mail "{subject}" looks like an answer to a letter from here, but your mail program has not said to which one, so nothing was changed.\n'
        "\nPlease open the letter, choose Reply, and write your lines there.\n"
    )
    if answer.mailbox not in office.config.mailboxes or answer.sender not in office.own_addresses():
        return Change(letter_answers=(heeded,))
    told = letters.letter(
        office, answer.mailbox, "nameless", f"Re: {subject.removeprefix('Re: ')}", text, now, answer.id, to=answer.sender
    )
    return Change(letter_answers=(heeded,), letters=(told,))


# -- answers that nobody proves ------------------------------------------------------------------


def _unproved(world: World, answer: LetterAnswer, now: datetime) -> str:
    """Why an answer counts as forged, as soon as that is known; nothing while it may still be proved."""
    letter = world.office.store.find(Letter, answer.letter) if answer.letter else None
    whose = letter.to.lower() if letter else answer.sender
    if answer.sender != whose:
        return f"it came from {answer.sender or 'nobody that could be read'}, and the letter had gone to {whose}"
    if now - answer.received < letters.QUIET:
        return ""
    mailbox = next((name for name, part in world.office.config.mailboxes.items() if part.address.lower() == whose), "")
    watch = world.watches.get(mailbox)
    if watch and mailbox in world.epochs and world.inboxes[mailbox].sent and _since(answer, watch.sent_read) < letters.QUIET:
        return ""  # the folder where the proof would lie has not been read since
    return f"it bears the address {whose}, but no copy lies in their folder of sent mail, and no mail server of theirs vouches for it"


def _since(answer: LetterAnswer, read: datetime | None) -> timedelta:
    """How long after the answer came a folder was last begun to be read."""
    return read - answer.received if read else timedelta(0)


async def _refuse(world: World, answer: str, reason: str) -> None:
    office = world.office
    change = await world.carry_on(partial(office.store.find, LetterAnswer, answer), partial(refused, office, reason))
    for one in change.letter_answers:
        log.trouble("answer-refused", mailbox=one.mailbox, letter=one.letter, sender=one.sender, reason=reason)


def refused(office: Office, reason: str, answer: LetterAnswer | None) -> Change:
    """An answer that changes nothing and is reported: the first of a day by an alarm."""
    if answer is None or answer.state != "waiting":
        return Change()
    now = office.clock.now()
    letter = office.store.find(Letter, answer.letter) if answer.letter else None
    subject = letter.subject if letter else next(iter(answer.results), "")
    alarm = Alarm(key=f"forged:{answer.mailbox}", mailbox=answer.mailbox, text=_report(subject, reason), at=now)
    change = Change(letter_answers=(replace(answer, state="refused", results=(reason,)),), alarms=(alarm,))
    if any(one.key == alarm.key for one in office.store.alarms_up()):
        return change
    event = Event(
        at=now,
        kind="answer_refused",
        text=f'an answer to "{subject[:80]}" was refused: {reason}'[:600],
        address=letter.to if letter else answer.sender,
    )
    return change + Change(events=(event,))


def _report(subject: str, reason: str) -> str:
    return (
        f'somebody answered the letter "{subject[:100]}", and it was refused: {reason}. Nothing was changed. If it was you, answer from your own mailbox, '
        "whose folder of sent mail is read here (followupd done, skip and decide do the same); if not, somebody pretends to be you: tell whoever looks after your mail"
    )


def over(office: Office) -> Change:
    """The end of alarms about answers that nobody proved, a day after they were raised: the next one is an alarm again."""
    now = office.clock.now()
    found = [one for one in office.store.alarms_up() if one.key.startswith("forged:") and now - one.at >= REPORTED]
    return Change(alarms=tuple(replace(one, at=now, on=False) for one in found))
