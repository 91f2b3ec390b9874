"""The two reps of the demo, Dana and Lee: they close their tasks and say what a doubtful answer means.

Decides, with dice of its own, how long they take and what they leave lying. Lee uses the command line (`desk.py`). Dana never does: she
answers the letters that lie in her inbox, and all that the daemon knows of her is what she writes there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from followupd import desk
from followupd.answering import AGAIN
from followupd.clock import Dice
from followupd.core.lifecycle import NotNow
from followupd.core.model import Enrollment, EnrollmentState, Letter, Reply, ReplyKind, Task
from followupd.core.outbound import letter_of
from followupd.demo.sandbox import Mail, Posted
from followupd.demo.script import hand_written, letter_answer, original_of
from followupd.demo.verdict import ENDS, REOPEN
from followupd.world import World

BY_MAIL = frozenset({"dana"})
"""Who answers letters, and does nothing else."""

SUPERIOR = "sam@example.com"
"""Hears about what lies too long."""

FOUND_OUT = {"noah.fischer@fischer-elektro.example": ReplyKind.NO, "wei.chen@lotusprint.example": ReplyKind.ENGAGED}
"""What a call brought to light where nobody could understand the mail itself."""

ON_THE_PHONE = {"lukasz.wozniak@wozniak-meble.example": (ReplyKind.NO, "no budget, he says")}
"""Who picked up when the rep only wanted to leave a message, and what the rep writes about it."""

GOES_ON = {
    "claire.dubois@atelier-dubois.example": timedelta(days=3),
    "wei.chen@lotusprint.example": timedelta(days=6),
    "daniel.reed@reedlegal.example": timedelta(days=8),
    "minjun.kim@hanriver.example": timedelta(days=20),
    "oliver.grant@grantfleet.example": timedelta(days=20),
}
"""With these the talk came to nothing definite: so long after, the rep lets the cadence go on."""

NEXT_STEPS = {"tom.okafor@brightwell.example": "he talks to his growers, and I call on the 16th"}
"""What was agreed with those whose row does not say it."""

WORTH_IT = {"jonas.behrens@nordlicht-pflege.example": "their rota is decided in April, and he does it"}
"""Why a cadence that has taught nothing should go on; with everybody else it may end."""

GIVEN_UP = {"grace.mutua@savannatea.example": timedelta(days=7)}
"""An address that swallows everything: so long after it stands still, the rep lets it be."""

LEFT_LYING: dict[str, str] = {
    "oliver.grant@grantfleet.example": "Sorry that you had to wait. For all three depots together I can take eight per cent off. Shall I send it in writing?"
}
"""Questions that the rep answers only when the manager has asked about them, and what the answer is then."""

SPOKEN = {
    ReplyKind.YES: "yes", ReplyKind.NO: "no", ReplyKind.LATER: "later", ReplyKind.ENGAGED: "question", ReplyKind.REFERRAL: "referral",
    ReplyKind.UNSUBSCRIBE: "opt out", ReplyKind.OUT_OF_OFFICE: "away", ReplyKind.AUTO_REPLY: "machine",
}  # fmt: skip
"""How a rep says by mail what an answer means."""

HOMEWORK: Mapping[str, Mapping[str, str]] = {
    "claire.dubois@atelier-dubois.example": {
        "news": "your second shop, in Lyon",
        "compelling_reason": "you wished that the shop knew who is calling before anybody picks up, and since October ours does",
        "result_claim": "nine customers a month who come back, as in a house with two shops that we look after",
    }
}
"""Whom a rep looks into once more after the new year, and what she finds out."""

LOOKED_BACK: Mapping[str, tuple[str, ...]] = {
    "explored": ("yes", "not really, I had the proposal ready before they had said much", "yes, at length"),
    "asked": ("we pitched too early", "asked, mostly", "I talked too much in the second half"),
    "pace": ("yes", "too fast for them", "yes, they set the dates"),
    "best_decision": ("yes, it is too early for them and I said so", "no, I only saw ours", "yes"),
    "door": ("open", "open, their budget is made in the autumn", "open, if the price of theirs goes up"),
}
"""What a rep finds when she looks back at a no, question by question."""

OWN_LETTER = frozenset({"decide", "debrief", "next-step", "reason"})
"""Tasks that come with a question of their own: a rep answers that, and not the task."""

DONE, DROPPED = 0.8, 0.92
"""Up to where a throw of the dice means that a task is done, and dropped; above, it lies until its deadline."""

Deed = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a rep has said about somebody. `order` is its place in what happened at the servers; no kind: go on."""

    order: int
    at: datetime
    address: str
    kind: ReplyKind | None
    homework: bool = False  # it is done for this person: they may be asked again


@dataclass(slots=True, kw_only=True)
class Reps:
    """What reps do about their lists and letters."""

    world: World
    dice: Dice
    at: Callable[[datetime, Deed], None]  # puts a deed on the demo's calendar
    tell: Callable[[str, str], None]  # shows who did what
    stamp: Callable[[], int]  # the next number at the servers
    meant: Mapping[str, ReplyKind]  # what each posted answer means, by its Message-ID
    sends: Callable[[str, bytes, bool], Awaitable[None]]  # a mail that a rep writes; True: it arrives in the rep's own inbox, too
    posted: Callable[[str], Posted | None]  # the mail that was put into an inbox, by its Message-ID
    words: list[Word] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    done: int = 0
    dropped: int = 0
    _seen: set[str] = field(default_factory=set)

    # -- the command line

    async def look_around(self) -> None:
        """Whoever works by the command line takes up what is new on the lists."""
        store, reps = self.world.office.store, self.world.office.config.mailboxes.keys() - BY_MAIL
        tasks, (replies, _) = await self.world.call(lambda: (store.tasks(), store.reviews()))
        for reply in replies:
            if reply.mailbox in reps and self._new(reply.id):
                self._after(3, 30, partial(self._decide, reply))
        for task in tasks:
            if task.owner in reps and self._new(task.id):
                await self._take_up(task)

    async def _take_up(self, task: Task) -> None:
        fate, reply = self.dice.fraction(), await self._asked_by(task)
        if task.kind == "decide":
            return  # done with the word about the reply
        if task.kind == "answer" and task.address in GOES_ON:
            self.at(self._now + GOES_ON[task.address], partial(self._resume, task))
        if task.kind == "answer" and task.address in LEFT_LYING:
            return
        if reply and self._meant(reply) in ENDS:  # read as open, but it is a clear word: the rep says so
            self._after(2, 22, partial(self._decide, reply))
        if not task.touch or fate < DONE:
            self._after(2, 22, partial(self._close, task, done=True))
        elif fate < DROPPED or task.deadline is None:
            self._after(5, 40, partial(self._close, task, done=False))

    async def _close(self, task: Task, *, done: bool) -> None:
        try:
            note = "nothing was agreed, I call them" if task.kind == "next-step" else ""
            await self.world.call(desk.close_task, self.world.office, task.id, done=done, by=task.owner, note=note)
        except NotNow:  # the deadline, or the end of the cadence, was quicker
            return
        self.done, self.dropped = self.done + done, self.dropped + (not done)
        self.tell(task.owner, f"{'did' if done else 'dropped'}: {task.title}")
        self.world.wake.set()

    async def _decide(self, reply: Reply) -> None:
        kind = self._meant(reply)
        self._say(reply.address, None)
        self._say(reply.address, kind)
        await self.world.call(desk.decide, self.world.office, reply.id, kind, reply.mailbox)
        self.tell(reply.mailbox, f"says that {reply.address} meant: {kind.replace('_', ' ')}")
        self.world.wake.set()

    async def _resume(self, task: Task) -> None:
        try:
            await self.world.call(desk.resume, self.world.office, task.address)
        except (NotNow, desk.Unknown):  # it has ended meanwhile
            return
        self._say(task.address, None)
        self.tell(task.owner, f"lets the cadence of {task.address} go on")
        self.world.wake.set()

    # -- letters

    async def read(self, mail: Mail) -> str:
        """A letter lies in somebody's inbox. Returns its kind."""
        letter = await self._letter(mail)
        if letter is None:
            return "mail"
        if letter.to == SUPERIOR:
            self._after(1, 3, partial(self._asked_about, letter))
        elif letter.kind == REOPEN and letter.mailbox in BY_MAIL:
            self._after(24, 72, partial(self._do_homework, letter))
        elif letter.mailbox in BY_MAIL and not letter.kind.startswith(AGAIN):
            soon = 0.6 if letter.kind == "reminder" else 2.5  # a reminder is read on the telephone
            self._after(0.2, soon, partial(self._answer, letter, mail))
        return letter.kind

    async def _letter(self, mail: Mail) -> Letter | None:
        name = letter_of(mail.message_id, self.world.key)
        return await self.world.call(self.world.office.store.find, Letter, name) if name else None

    async def _answer(self, letter: Letter, mail: Mail) -> None:
        """A line for each number that there is something to say about, above the whole letter."""
        lines = []
        for number, item in enumerate(letter.items, 1):
            words = await self._about(item)
            if words:
                lines.append(f"{number} {words}")
        if lines:
            box = self.world.office.config.mailbox(letter.mailbox)
            raw = letter_answer(original_of(mail.raw), "\n".join(lines), box.display_name, ZoneInfo(box.zone), self._now)
            await self.sends(letter.to, raw, True)
            self.tell(letter.mailbox, f'answers "{letter.subject}": {", ".join(lines)}')

    async def _about(self, item: Mapping[str, str]) -> str:
        """What a rep writes behind the number of an item; nothing where there is nothing to say, or not yet."""
        find, key = self.world.office.store.find, item.get("id", "")
        match item.get("kind"):
            case "task":
                task = await self.world.call(find, Task, key)
                return await self._about_task(task) if task and task.state == "open" else ""
            case "reply":
                reply = await self.world.call(find, Reply, key)
                return self._about_reply(reply) if reply else ""
            case "person":
                enrollment = await self.world.call(find, Enrollment, key)
                return self._about_person(enrollment) if enrollment else ""
            case "question" if self._new(f"{item.get('enrollment')} {key}"):
                words = LOOKED_BACK.get(key, ("I don't know",))
                return words[int(self.dice.fraction() * len(words))]
            case "referral" if self._new(key):
                return "yes"
            case "next-step" if self._new(key):
                return NEXT_STEPS.get(item.get("address", ""), "nothing was agreed, I call them")
            case "reason" if self._new(key):
                return WORTH_IT.get(item.get("address", ""), "end")
            case _:
                return ""

    async def _about_task(self, task: Task) -> str:
        reply = await self._asked_by(task)
        if reply and self._meant(reply) in ENDS and (said := self._about_reply(reply)):
            return said
        if task.kind in OWN_LETTER or not self._new(task.id):
            return ""
        if task.kind in ("voicemail", "call") and task.address in ON_THE_PHONE:
            kind, words = ON_THE_PHONE[task.address]
            self._say(task.address, kind)
            return words
        fate = self.dice.fraction()
        done = not task.touch or fate < DONE
        if not done and fate >= DROPPED and task.deadline is not None:
            return ""
        self.done, self.dropped = self.done + done, self.dropped + (not done)
        return "done" if done else "skip"

    def _about_reply(self, reply: Reply) -> str:
        """What it means, where the machine asks, or has taken a clear word for an open one."""
        kind = self._meant(reply)
        if not (reply.review or (kind in ENDS and kind != reply.kind)) or not self._new(reply.id):
            return ""
        self._say(reply.address, None)
        self._say(reply.address, kind)
        return SPOKEN.get(kind, "question")

    def _about_person(self, enrollment: Enrollment) -> str:
        since, whose = enrollment.still_since, enrollment.address
        if enrollment.state != EnrollmentState.HELD or since is None:
            return ""
        if whose in GIVEN_UP and since + GIVEN_UP[whose] <= self._now:
            self.given_up.add(whose)
            return "stop"
        if whose in GOES_ON and since + GOES_ON[whose] <= self._now:
            self._say(whose, None)
            return "go on"
        return ""

    async def _do_homework(self, letter: Letter) -> None:
        """The list of old noes: the rows worth it are filled in, the others go, and the file is moved to where lists are taken from."""
        office = self.world.office
        listed = max(office.drafts(letter.mailbox).glob(f"{REOPEN}-*.csv"))
        rows = list(csv.DictReader(io.StringIO(listed.read_text("utf-8-sig"), newline="")))
        filled = [{**row, **HOMEWORK[row["email"]]} for row in rows if row["email"] in HOMEWORK]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(filled)
        listed.unlink()
        for row in filled:
            self._say(row["email"], None, homework=True)
        (listed.parent.parent / listed.name).write_text(out.getvalue(), encoding="utf-8", newline="")
        self.tell(letter.mailbox, f"hands back {listed.name}: homework done for {len(filled)} of {len(rows)}")

    # -- what lies too long

    async def _asked_about(self, letter: Letter) -> None:
        """The manager asks about it across the table; then the rep answers by hand, from the mail program."""
        for task in await self.world.call(self.world.office.store.tasks):
            words, reply = LEFT_LYING.get(task.address), await self._asked_by(task)
            if words and reply and task.address in letter.text and self._new(f"by hand {reply.id}"):
                self._after(1, 3, partial(self._answer_by_hand, letter.mailbox, reply, words))

    async def _answer_by_hand(self, owner: str, reply: Reply, words: str) -> None:
        box, mail = self.world.office.config.mailbox(owner), self.posted(reply.message_id)
        if mail is None:
            return
        raw = hand_written(original_of(mail.raw), words, box.display_name, box.address, ZoneInfo(box.zone), self._now)
        await self.sends(box.address, raw, False)
        self.tell(owner, f"answers {reply.address} by hand")

    # -- words

    @property
    def _now(self) -> datetime:
        return self.world.office.clock.now()

    async def _asked_by(self, task: Task) -> Reply | None:
        return (
            await self.world.call(self.world.office.store.find, Reply, task.reply)
            if task.kind == "answer" and task.reply
            else None
        )

    def _meant(self, reply: Reply) -> ReplyKind:
        meant = self.meant.get(reply.message_id, ReplyKind.UNCLEAR)
        return FOUND_OUT.get(reply.address, ReplyKind.ENGAGED) if meant == ReplyKind.UNCLEAR else meant

    def _say(self, address: str, kind: ReplyKind | None, *, homework: bool = False) -> None:
        self.words.append(Word(order=self.stamp(), at=self._now, address=address, kind=kind, homework=homework))

    def _after(self, low: float, high: float, deed: Deed) -> None:
        hours = low + (high - low) * self.dice.fraction()
        self.at(self._now + timedelta(hours=hours), deed)

    def _new(self, name: str) -> bool:
        new = name not in self._seen
        self._seen.add(name)
        return new
