"""The morning letter: when it comes, what stands in it and in which order, and what its numbers mean.

Decides that from what was gathered (`followupd/digest.py`); never reads a clock or the store. Each person, task and answer in it has one
number. Other people's words are data (`lines.py`): no text of theirs can look like a line of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from followupd.core import when
from followupd.core.answers import AUTOMATIC, doubt_in
from followupd.core.courtesy import is_acknowledgement
from followupd.core.lines import INDENT, WIDE, kept, one_line, ours, quoted, titled
from followupd.core.model import Enrollment, EnrollmentState, Outcome, Prospect, Reply, ReplyKind, Task, Touch
from followupd.core.waiting import WORDS

WORDED = {"next-step": "the next step", "reason": "the reason to go on"}
"""Kinds of tasks that ask the owner for words, and for what."""

MOST = 40
"""So many of a kind are listed; of more the number is told."""

MOST_LEAVING = 20

# -- when ----------------------------------------------------------------------------------------

FARTHEST = 800
"""Days. An owner who is away for longer gets no digest."""


def next_morning(now: datetime, at: str, days: str, zone: ZoneInfo, calendar: when.Calendar) -> datetime | None:
    """The first moment after `now` at which the digest is due: on these days, at this time of the owner's clock, on none of their days off."""
    day = when.local_date(now, zone)
    for _ in range(FARTHEST):
        moment = morning_of(day, at, days, zone, calendar)
        if moment is not None and moment > now:
            return moment
        day += timedelta(days=1)
    return None


def morning_of(day: date, at: str, days: str, zone: ZoneInfo, calendar: when.Calendar) -> datetime | None:
    """When the digest of a day is due; None on a day that has none."""
    wanted = when.parse_window(f"{days} 00:00-24:00").days[day.weekday()]
    if not wanted or calendar.name_of(day):
        return None
    return when.on_the_wall(day, at, zone)


# -- what it is made of --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that came since the last digest, and all enrollments of whom it is about."""

    reply: Reply
    enrollments: tuple[Enrollment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A task with what is known beside it."""

    task: Task
    learn: str = ""  # what its step wants to be learned
    reply: Reply | None = None  # the answer that it comes from
    life: datetime | None = None  # when the person last wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is due before the day ends: how many mails of each cadence, and the first of them."""

    counts: Mapping[str, int] = field(default_factory=dict)
    first: tuple[tuple[Touch, Enrollment], ...] = ()

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """Everything that the letter is made of; all of it was read before. Whatever stands twice is told once."""

    owner: str
    zone: ZoneInfo
    now: datetime
    people: Mapping[str, Prospect] = field(default_factory=dict)  # by address
    answers: tuple[Answered, ...] = ()
    duties: tuple[Duty, ...] = ()
    doubts: tuple[Reply, ...] = ()
    sends: tuple[tuple[Touch, Enrollment], ...] = ()
    leaving: Leaving = Leaving()
    still: tuple[Enrollment, ...] = ()
    obstacles: tuple[str, ...] = ()  # why more than one person stands still, in sentences
    sheet: str = ""  # where the tasks lie as a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The letter in words; `items` are what its numbers stand for."""

    subject: str
    text: str
    items: tuple[Mapping[str, str], ...]


# -- the order of the day ------------------------------------------------------------------------

WARM, LUKEWARM = timedelta(days=14), timedelta(days=90)
_GRADES = {"a": 3.0, "high": 3.0, "good": 3.0, "b": 2.0, "medium": 2.0, "c": 1.0, "low": 1.0, "poor": 1.0}


def fit_of(prospect: Prospect | None) -> float:
    """How well somebody fits, as the column `fit` says: a number, or a grade such as A, B, C, high, low. Nothing said: 0."""
    said = (prospect.columns.get("fit", "") if prospect else "").strip().lower()
    return float(said) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", said) else _GRADES.get(said, 0.0)


def pressing(duty: Duty, prospect: Prospect | None, now: datetime, day_ends: datetime) -> tuple[float, ...]:
    """What sorts tasks: overdue, due today, somebody waits for an answer; then signs of life, fit, and what comes first."""
    task, first = duty.task, (duty.task.deadline or duty.task.created).timestamp()
    if task.deadline is not None and task.deadline < day_ends:
        return (0 if task.deadline <= now else 1, first)
    if duty.reply is not None and task.kind in WORDS:
        return (2, duty.reply.received.timestamp())
    silent = now - duty.life if duty.life else None
    life = 2 if silent is None or silent > LUKEWARM else 0 if silent <= WARM else 1
    return (3, life, -fit_of(prospect), first)


# -- in words ------------------------------------------------------------------------------------

SAID = {
    ReplyKind.YES: "A clear yes", ReplyKind.NO: "A clear no", ReplyKind.LATER: "Not now, but later", ReplyKind.ENGAGED: "Wants to know more",
    ReplyKind.REFERRAL: "Names somebody else", ReplyKind.UNSUBSCRIBE: "Wants no more mail", ReplyKind.COMPLAINT: "Called our mail spam",
    ReplyKind.OUT_OF_OFFICE: "Is away", ReplyKind.BOUNCE_HARD: "The address does not exist", ReplyKind.BOUNCE_BLOCKED: "Their server refuses our mail",
    ReplyKind.UNCLEAR: "Wrote something",
}  # fmt: skip
"""What an answer means, for the rep. Kinds that are missing here say nothing that a rep needs to know."""

ENDED = {
    Outcome.YES: "yes", Outcome.NO: "no", Outcome.SILENT: "nobody answered", Outcome.REFERRED: "they named somebody else",
    Outcome.OPTED_OUT: "they want no more mail", Outcome.BOUNCED: "the address does not exist", Outcome.FAILED: "it could not be delivered",
    Outcome.STOPPED: "it was stopped", Outcome.WELCOME: "they want to hear more of this",
}  # fmt: skip


def compose(morning: Morning) -> Written | None:
    """The letter; None where there is nothing to say."""
    letter = _Letter(morning)
    sections = {
        "WHO ANSWERED": _apart(letter.answers(), letter.machines()), "TO DO": letter.tasks(), "IN DOUBT": _apart(letter.doubts(), letter.sends()),
        "LEAVES TODAY": letter.leaving(), "STANDS STILL": _apart(letter.still(), letter.obstacles()),
    }  # fmt: skip
    if not any(sections.values()):
        return None
    name = one_line(morning.owner, 30)
    lines = ours(f"Good morning{', ' if name else ''}{name}. Times are those of {morning.zone.key}.", "")
    for title, found in sections.items():
        lines += ["", title, "", *found] if found else []
    lines += ["", *letter.farewell()]
    return Written(subject=letter.subject(), text="\n".join(lines) + "\n", items=tuple(letter.items))


def _apart(*groups: list[str]) -> list[str]:
    """Groups of lines, with room between them."""
    return [line for group in groups if group for line in ("", *group)][1:]


def guess_of(reply: Reply) -> ReplyKind | None:
    """What an answer in doubt may mean, as its evidence says."""
    found = re.search(r"\bmay be ([a-z ]{2,20}):", reply.evidence)
    name = found[1].replace(" ", "_") if found else ""
    return next((kind for kind in SAID if kind.value == name), None)


def decisive(reply: Reply) -> str:
    """The sentence of an answer that decided; where that can't be told, how it begins."""
    words, sign = " ".join((reply.text or reply.subject).split()), reply.evidence.casefold()
    sentences = re.split(r"(?<=[.!?])\s+", words)
    return next((one for one in sentences if sign and sign in one.casefold()), words)


def who(prospect: Prospect | None, address: str) -> str:
    """A person with their company; the address where no name is known."""
    company = prospect.columns.get("company", "") if prospect else ""
    return ", ".join(part for part in ((prospect.display_name if prospect else "") or address, company) if part)


class _Letter:
    """One letter in the making: what is told, and under which numbers."""

    def __init__(self, morning: Morning) -> None:
        self.morning = morning
        self.items: list[Mapping[str, str]] = []
        doubts = {reply.id for reply in morning.doubts}
        told = [one for one in morning.answers if one.reply.id not in doubts and one.reply.kind in SAID]
        self._human = [one for one in told if one.reply.kind not in AUTOMATIC]
        self._automatic = [one for one in told if one.reply.kind in AUTOMATIC]
        duties = [one for one in morning.duties if not (one.task.kind == "decide" and one.task.reply in doubts)]
        day_ends = when.start_of(when.local_date(morning.now, morning.zone) + timedelta(days=1), morning.zone)
        self._duties = sorted(duties, key=lambda one: pressing(one, morning.people.get(one.task.address), morning.now, day_ends))
        named = (
            {one.task.enrollment for one in duties}
            | {one.enrollment for one in morning.doubts}
            | {one.id for _, one in morning.sends}
        )
        self._still = [one for one in morning.still if one.id not in named]
        self._give_numbers()

    # -- numbers

    def _give_numbers(self) -> None:
        """What is ours comes first in a title: a name can say anything."""
        for one in self._human[:MOST]:
            self._item("reply", one.reply.id, _address(one), titled(f"{_meaning(one.reply)}: ", self._who(_address(one))))
        for duty in self._duties[:MOST]:
            self._item("task", duty.task.id, duty.task.address, duty.task.title or duty.task.kind)
        for reply in self.morning.doubts[:MOST]:
            self._item("reply", reply.id, reply.address, titled("What does this mean? ", self._who(reply.address)))
        for touch, _ in self.morning.sends[:MOST]:
            self._item("doubt", touch.id, touch.address, titled("Was this sent, or not? To ", self._who(touch.address)))
        for enrollment in self._still[:MOST]:
            self._item(
                "person", enrollment.id, enrollment.address, titled(f"{enrollment.cadence}: ", self._who(enrollment.address))
            )

    def _item(self, kind: str, key: str, address: str, title: str) -> None:
        room = WIDE - len(f"{len(self.items) + 1}. ")
        self.items.append({"kind": kind, "id": key, "address": address, "title": one_line(title, room)})

    def _number(self, kind: str, key: str) -> int:
        """The number of something; 0 where it has none."""
        return next((number for number, one in enumerate(self.items, 1) if (one["kind"], one["id"]) == (kind, key)), 0)

    def _head(self, kind: str, key: str) -> str:
        number = self._number(kind, key)
        return f"{number}. {self.items[number - 1]['title']}".rstrip()

    # -- the sections

    def answers(self) -> list[str]:
        """Who has written, what it means, what decided, and what followed."""
        lines = []
        for one in self._human[:MOST]:
            lines += [self._head("reply", one.reply.id), self._wrote(one.reply), *quoted(decisive(one.reply))]
            if one.reply.kind == ReplyKind.NO:
                lines += ours("It is good to know where they stand.")
            number = next((self._number("task", each.task.id) for each in self._duties if each.task.reply == one.reply.id), 0)
            lines += ours(" ".join([*self._followed(one), *([f"Number {number} below is yours to do."] if number else [])]))
        return lines + _and_more(len(self._human))

    def machines(self) -> list[str]:
        """What machines wrote that a rep should know."""
        lines = []
        for one in self._automatic[:MOST]:
            lines.append(titled(f"{INDENT}{_meaning(one.reply)}: ", self._who(_address(one))))
            lines += ours(" ".join(self._followed(one)), INDENT * 2)
        return lines + _and_more(len(self._automatic))

    def tasks(self) -> list[str]:
        """What is to be done, the most pressing first, with the words to use."""
        lines = []
        for duty in self._duties[:MOST]:
            task = duty.task
            lines.append(self._head("task", task.id))
            if task.deadline is not None:
                lines += ours(f"{'OVERDUE since' if task.deadline <= self.morning.now else 'by'} {self._time(task.deadline)}")
            if duty.reply is not None and task.kind in WORDS:
                lines += ours(f"waits for an answer since {self._time(duty.reply.received)}")
            if task.address:
                lines.append(titled(f"{INDENT}about ", self._who(task.address), f", {one_line(task.address, 40)}"))
            lines += kept(task.text)
            if task.kind in WORDED:
                lines += ours(
                    f'Say "{self._number("task", task.id)} done, " and {WORDED[task.kind]} in your own words; or "skip".'
                )
            lines += [titled(f"{INDENT}to be learned: ", duty.learn)] if duty.learn else []
        return lines + _and_more(len(self._duties), "followupd tasks")

    def doubts(self) -> list[str]:
        """Answers whose meaning a human must say."""
        lines = []
        for reply in self.morning.doubts[:MOST]:
            number, doubt, guess = self._number("reply", reply.id), doubt_in(reply), guess_of(reply)
            lines += [self._head("reply", reply.id), self._wrote(reply), *quoted(reply.text or reply.subject)]
            lines += [titled(f"{INDENT}not believed: ", doubt)] if doubt else []
            lines += ours(f"It may be: {SAID[guess].lower()}.") if guess else []
            lines += ours("What is it? Say:")
            lines += ours(", ".join(f"{number} {word}" for word in ("yes", "no", "later March", "question", "stop")), INDENT * 2)
        return lines + _and_more(len(self.morning.doubts), "followupd review")

    def sends(self) -> list[str]:
        """Mails of which nobody knows whether they left."""
        lines = []
        for touch, enrollment in self.morning.sends[:MOST]:
            number = self._number("doubt", touch.id)
            lines.append(self._head("doubt", touch.id))
            lines += ours(f"step {touch.step} of {enrollment.cadence}, {self._time(touch.intended or touch.due)}")
            lines += ours("Look into your folder of sent mail. Then say:")
            lines += ours(", ".join(f"{number} {word}" for word in ("sent", "again", "skip")), INDENT * 2)
        return lines + _and_more(len(self.morning.sends), "followupd review")

    def leaving(self) -> list[str]:
        """What is due today: how many mails of each cadence, and the first."""
        due = self.morning.leaving
        if not due.count:
            return []
        lines = ours(", ".join(f"{count} in {cadence}" for cadence, count in due.counts.items()))
        for touch, enrollment in due.first[:MOST_LEAVING]:
            at = touch.due.astimezone(self.morning.zone)
            clock = f"{at:%H:%M}" if touch.due > self.morning.now else "soon "
            lines.append(titled(f"{INDENT}{clock}  ", self._who(touch.address), f" ({touch.step} of {enrollment.cadence})"))
        return lines + _and_more(due.count, most=MOST_LEAVING)

    def still(self) -> list[str]:
        """Who stands still for a reason that no date ends."""
        lines = []
        for one in self._still[:MOST]:
            since = f" since {self._time(one.still_since)}" if one.still_since else ""
            lines += [self._head("person", one.id), f"{INDENT}{one.state}{since}", *quoted(one.reason)]
        return lines + _and_more(len(self._still), "followupd status")

    def obstacles(self) -> list[str]:
        """What stands in the way of more than one person."""
        found = self.morning.obstacles
        return [line for text in found[:MOST] for line in (f"{INDENT}In the way of many:", *quoted(text, 600))] + _and_more(
            len(found), "followupd status"
        )

    # -- beginning and end

    def subject(self) -> str:
        """The day, and how much of what."""
        morning, local = self.morning, self.morning.now.astimezone(self.morning.zone)
        counts = (
            (len(self._human), "answer", "answers"), (len(self._duties), "task", "tasks"), (len(morning.doubts), "doubtful answer", "doubtful answers"),
            (len(morning.sends), "doubtful mail", "doubtful mails"), (morning.leaving.count, "mail leaves", "mails leave"),
            (len(self._still), "person stands still", "people stand still"), (len(morning.obstacles), "thing in the way", "things in the way"),
        )  # fmt: skip
        told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        return f"{local:%A} {local.day} {local:%B}: {', '.join(told or ['news'])}"

    def farewell(self) -> list[str]:
        """How to answer, by the numbers of this very letter."""
        if not self.items:
            return ours("There is nothing to answer today.", "")
        examples = [f"{number} {words}" for number, words in self._examples()]
        examples += [f"learn {max(self._first('task'), 1)} team grew to 40"]
        lines = ours("Answer this mail, a line for each number, such as:", "")
        lines += ["", *(f"{INDENT}{one}" for one in examples), ""]
        if self._human:
            lines += ours(f'Was an answer misread? Say what it is, such as "{self._first("reply")} question".', "")
        lines += ours(
            "Only what you write from your own mailbox counts, and only the numbers of this letter. What was done, or not understood, you hear by mail.",
            "",
        )
        return lines + (["", "The tasks lie as a file as well:", f"{INDENT}{self.morning.sheet}"] if self.morning.sheet else [])

    def _examples(self) -> Iterator[tuple[int, str]]:
        """Some answers, one of each kind that this letter has use for."""
        doubt = self.morning.doubts[:1]
        for number, words in (
            (self._first("task"), "done"), (self._first("task", 2) or self._first("task"), "no budget"), (self._number("reply", doubt[0].id) if doubt else 0, "yes"),
            (self._first("doubt"), "sent"), (self._first("person"), "go on"),
        ):  # fmt: skip
            if number:
                yield number, words

    def _first(self, kind: str, which: int = 1) -> int:
        """The number of the first item of a kind, or of the second; 0 where there is none."""
        worded = {duty.task.id for duty in self._duties if duty.task.kind in WORDED}
        numbers = [number for number, one in enumerate(self.items, 1) if one["kind"] == kind and one["id"] not in worded]
        return numbers[which - 1] if len(numbers) >= which else 0

    # -- words

    def _who(self, address: str) -> str:
        return who(self.morning.people.get(address), address)

    def _time(self, at: datetime) -> str:
        local, this = at.astimezone(self.morning.zone), self.morning.now.astimezone(self.morning.zone).year
        return f"{local:%a} {local.day} {local:%b}{'' if local.year == this else f' {local.year}'}, {local:%H:%M}"

    def _wrote(self, reply: Reply) -> str:
        return titled(f"{INDENT}wrote {self._time(reply.received)}, from ", reply.address or "somebody")

    def _followed(self, one: Answered) -> Iterator[str]:
        """What became of the cadences of whoever answered."""
        mine = next((each for each in one.enrollments if each.id == one.reply.enrollment), None)
        if mine is not None and mine.finished is not None and mine.finished < one.reply.received:
            yield f"It came after the end of {mine.cadence}."
        elif mine is not None:
            yield f"{mine.cadence} {self._stands(mine)}."
        for each in one.enrollments:
            if mine is not None and each.parent == mine.id:
                yield "A short answer goes out." if is_acknowledgement(each) else f"{each.cadence} has begun."
        if one.reply.kind in (ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT):
            yield "Nobody writes to them again."

    def _stands(self, enrollment: Enrollment) -> str:
        match enrollment.state:
            case EnrollmentState.FINISHED:
                return f"has ended: {ENDED[enrollment.outcome]}" if enrollment.outcome else "has ended"
            case EnrollmentState.PAUSED:
                return f"waits until {self._time(enrollment.until)}" if enrollment.until else "waits until somebody resumes it"
            case EnrollmentState.HELD:
                return "stands still until you have answered"
            case EnrollmentState.ACTIVE:
                return "goes on"


def _meaning(reply: Reply) -> str:
    """What the answer means, and the reason that it gives."""
    because = (
        f" ({reply.reason.value.replace('_', ' ')})" if reply.reason and reply.kind in (ReplyKind.NO, ReplyKind.LATER) else ""
    )
    return SAID[reply.kind] + because


def _address(one: Answered) -> str:
    """Whose answer it is, as we know them; they may have written from elsewhere."""
    return next((each.address for each in one.enrollments if each.id == one.reply.enrollment), one.reply.address)


def _and_more(count: int, command: str = "", most: int = MOST) -> list[str]:
    """That there are more than are listed, and what lists them all."""
    return ours(f"and {count - most} more{': ' if command else ''}{command}") if count > most else []
