"""The two reps of the demo, Dana and Lee: they close their tasks and say what a doubtful answer means.

Decides, with dice of its own, how long they take and what they leave lying. What their word changes is decided where
every human's word is: in `desk.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from followupd import desk
from followupd.clock import Dice
from followupd.core.lifecycle import NotNow
from followupd.core.model import Reply, ReplyKind, Task
from followupd.demo.verdict import ENDS
from followupd.world import World

FOUND_OUT = {"noah.fischer@fischer-elektro.example": ReplyKind.NO, "wei.chen@lotusprint.example": ReplyKind.ENGAGED}
"""What a call brought to light where nobody could understand the mail itself."""

GOES_ON = {"wei.chen@lotusprint.example": timedelta(days=6), "daniel.reed@reedlegal.example": timedelta(days=8)}
"""With these the talk came to nothing definite: so long after, the rep lets the cadence go on."""

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


@dataclass(slots=True, kw_only=True)
class Reps:
    """What reps do about their lists."""

    world: World
    dice: Dice
    at: Callable[[datetime, Deed], None]  # puts a deed on the demo's calendar
    tell: Callable[[str, str], None]  # shows who did what
    stamp: Callable[[], int]  # the next number at the servers
    meant: Mapping[str, ReplyKind]  # what each posted answer means, by its Message-ID
    words: list[Word] = field(default_factory=list)
    done: int = 0
    dropped: int = 0
    _seen: set[str] = field(default_factory=set)

    async def look_around(self) -> None:
        """Take up what is new on the lists."""
        store = self.world.office.store
        tasks, (replies, _) = await self.world.call(lambda: (store.tasks(), store.reviews()))
        for reply in replies:
            if self._new(reply.id):
                self._after(3, 30, partial(self._decide, reply))
        for task in tasks:
            if self._new(task.id):
                await self._take_up(task)

    async def _take_up(self, task: Task) -> None:
        fate = self.dice.fraction()
        reply = await self.world.call(self.world.office.store.find, Reply, task.reply) if task.kind == "answer" else None
        if reply and self.meant.get(reply.message_id) in ENDS:  # read as open, but it is a clear word: the rep says so
            self._after(2, 22, partial(self._decide, reply))
        if task.kind == "decide":
            return  # done with the word about the reply
        if not task.touch or fate < DONE:
            self._after(2, 22, partial(self._close, task, done=True))
        elif fate < DROPPED or task.deadline is None:
            self._after(5, 40, partial(self._close, task, done=False))
        if task.kind == "answer" and task.address in GOES_ON:
            self.at(self.world.office.clock.now() + GOES_ON[task.address], partial(self._resume, task))

    async def _close(self, task: Task, *, done: bool) -> None:
        try:
            await self.world.call(desk.close_task, self.world.office, task.id, done=done, by=task.owner)
        except NotNow:  # the deadline, or the end of the cadence, was quicker
            return
        self.done, self.dropped = self.done + done, self.dropped + (not done)
        self.tell(task.owner, f"{'did' if done else 'dropped'}: {task.title}")
        self.world.wake.set()

    async def _decide(self, reply: Reply) -> None:
        meant = self.meant.get(reply.message_id, ReplyKind.UNCLEAR)
        kind = FOUND_OUT.get(reply.address, ReplyKind.ENGAGED) if meant == ReplyKind.UNCLEAR else meant
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

    def _say(self, address: str, kind: ReplyKind | None) -> None:
        self.words.append(Word(order=self.stamp(), at=self.world.office.clock.now(), address=address, kind=kind))

    def _after(self, low: float, high: float, deed: Deed) -> None:
        hours = low + (high - low) * self.dice.fraction()
        self.at(self.world.office.clock.now() + timedelta(hours=hours), deed)

    def _new(self, name: str) -> bool:
        new = name not in self._seen
        self._seen.add(name)
        return new
