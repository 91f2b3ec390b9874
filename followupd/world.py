"""The world of a running daemon: everything outside the decisions, in one bundle.

Decides nothing. `Office` (office.py) is what a plain command needs as well; `World` adds what only the daemon has. The
stories take one of them as first parameter; nothing else is global.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from followupd import log
from followupd.channels.smtp import Door
from followupd.clock import INCREDIBLE, Clock, Leaps
from followupd.connections import Connections, Courier
from followupd.core.model import Change, Cursor, EnrollmentState
from followupd.mailbox import NO_EXTENTS, Arrival, Arrivals, Extent, Heading, Headings, Mail
from followupd.marks import Marks
from followupd.oauth import Keeper
from followupd.office import Office
from followupd.reader import Reader
from followupd.store import Passing, Store, StoreBusy

Result = TypeVar("Result")
What_co = TypeVar("What_co", covariant=True)
Asked: TypeAlias = tuple[What_co, "asyncio.Future[bool]"]
"""What is to be written or passed, and who waits for whether it was."""

LARGEST_GROUP = 128
"""Changes in one commit: beyond this a commit costs more than it saves (measured)."""

FLOW = 0.51
"""Seconds for which more is asked for after a mail has come. A server gathers news for half a second before it tells those in IDLE of them
(Dovecot does); it may have begun to while we were at the last mail, and what we read ourselves is news to it as well."""

CROWD = 8
"""While so many mails are in flight, others that are ready to be written are waited for: each commit has its price."""

GATHER, GATHER_TIMES = 0.004, 3
"""Seconds, so many times at most."""

ENDED_KNOWN = 4096
"""Enrollments that have lately ended: many more than can end between a gate and its dot."""


class Letterbox(Protocol):
    """Where the mails to one account lie: an `Inbox` (mailbox/)."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are read."""

    @property
    def sent(self) -> str:
        """The folder of sent mail; "" where there is none. Known once connected."""

    @property
    def beside(self) -> tuple[str, ...]:
        """Other folders where a copy of a sent mail may lie."""

    @property
    def unread(self) -> set[Mail]:
        """Mails that were passed over because they can't be fetched; whoever has told of them takes them out."""

    async def connect(self) -> None:
        """Make it readable. Raises Unreachable."""

    async def arrivals(self, folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        """Mails after the cursor, oldest first. Raises Unreachable."""

    async def headings(self, folder: str, cursor: Cursor | None, since: datetime) -> Headings:
        """As `arrivals`, but headers only, and more of them at once."""

    async def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[Arrival, ...]:
        """Given mails once more; none if the folder was renumbered."""

    async def extents(self, after: str = "") -> dict[str, Extent]:
        """How far each folder has come, or each behind `after`: those that are read, that of sent mail, and waste."""

    async def find(
        self, addresses: frozenset[str], ids: frozenset[str], since: datetime, extents: Mapping[str, Extent] = NO_EXTENTS
    ) -> tuple[Heading, ...]:
        """Mails received since then that come from these addresses, or name one of these ids, in any folder where one may lie."""

    def silent(self, names: frozenset[str], since: datetime, extents: Mapping[str, Extent]) -> bool:
        """Whether it is known already, for folders that have come so far, that `find` would bring nothing."""

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Keep a copy of a sent mail in `sent`, the only folder for which this is allowed."""

    async def quota(self) -> float | None:
        """The share of the storage that is used up; None where nobody says."""

    async def latest(self, cursor: Cursor) -> Arrivals | None:
        """What lies behind the cursor in the first folder by now; None where only `arrivals` can tell."""

    async def wait(self, seconds: float, wake: asyncio.Event, cursor: Cursor | None = None) -> Arrivals | None:
        """Return when there may be news: with what the server has told of, where it has, and a cursor of the first folder is given."""

    async def close(self) -> None:
        """Not read any more."""


@dataclass(eq=False, slots=True)
class Question:
    """Of a mail that is about to leave: does an answer from this person lie in the mailbox?"""

    address: str
    ids: frozenset[str]  # an answer comes from the address, or names one of these
    since: datetime  # and can't be older
    sure: bool  # of that time; else the store knows it
    hindrance: str = ""  # why the mail may not leave now, as far as it is known
    answered: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def names(self) -> frozenset[str]:
        """By what an answer from this person is known."""
        return self.ids | {self.address.lower()}

    def answer(self, hindrance: str) -> None:
        """Say why the mail may not leave now, "" where it may. Whoever waited too long hears nothing any more."""
        if not self.answered.done():
            self.answered.set_result(hindrance)


class Watch:
    """Where the watcher and the sender of one mailbox meet: the sender asks for a look, the watcher says when it was taken.

    Questions that wait when a reading begins are answered by that reading, all of them; those that come while it is under way, by the next.
    """

    def __init__(self, clock: Clock) -> None:
        """Nothing has been looked at yet."""
        self._clock = clock
        self._news = asyncio.Condition()
        self.asked = asyncio.Event()  # wakes the watcher
        self.mended = asyncio.Event()  # what kept the mailbox from being read is put right: the watcher need not wait
        self.looked = float("-inf")  # steady time at which the last complete reading began
        self.looked_at: datetime | None = None  # the same on the wall clock
        self.sent_read: datetime | None = None  # when the folder of sent mail was last begun to be read to its end
        self.questions: list[Question] = []  # they wait for the next reading to begin
        self._in_hand: list[Question] = []  # those of the reading under way
        self.cursors: dict[str, Cursor] | None = None  # as they stand in the store; None: not known
        self.unwritten: dict[
            str, Cursor
        ] = {}  # places that the store has not been told of: nothing but strangers' mail lies before them
        self.flows_until = float("-inf")  # time of the loop until which more mail is asked for, and not waited for
        self.pause = 0.0  # seconds until that is done next
        self.reconciles = False  # the store was moved: the folder of sent mail is read anew each time
        self.busy = False  # the last reading was asked for by somebody who is about to send
        self.tended = float("-inf")  # steady time at which all that belongs to a reading beside the mails was done
        self.extents: Mapping[str, Extent] = NO_EXTENTS  # how far its folders had come by then
        self.readings = 0  # how many have begun
        self.complete = 0  # which of them was the last that was complete
        self.missed: list[Heading] = []  # mails that a particular look has found unread: the watcher reads them first
        self.handed: set[tuple[str, int, int]] = set()  # (folder, UIDVALIDITY, UID) of those that need no second look
        self.held = ""  # why nothing may leave although the mailbox can be read
        self.trouble = "not read yet"

    def flow(self, pause: float) -> None:
        """Mail has come: for a moment more is asked for, first after this pause."""
        self.flows_until, self.pause = asyncio.get_running_loop().time() + FLOW, pause

    @property
    def readable(self) -> bool:
        """Whether the mailbox could be read when it was last tried, and answers can arrive in it."""
        return not self.trouble

    async def look(self, limit: float) -> str:
        """Have the mailbox read to its end, beginning now or later. Returns "" or why that could not be done in `limit` seconds."""
        wanted = self._clock.steady()
        self.asked.set()
        try:
            async with asyncio.timeout(limit), self._news:
                await self._news.wait_for(lambda: self.looked >= wanted or self.trouble)
        except TimeoutError:
            return f"the mailbox could not be read within {limit:.0f} s"
        return self.trouble

    async def ask(self, question: Question, limit: float) -> str:
        """The answer to a question by a reading that begins now or later; or why there is none."""
        if self.trouble:
            return f"no last look: {self.trouble}"
        self.questions.append(question)
        self.asked.set()
        try:
            async with asyncio.timeout(limit):
                return await question.answered
        except TimeoutError:
            return f"no last look: the mailbox could not be read within {limit:.0f} s"

    def begin(self) -> list[Question]:
        """A reading begins. Returns the questions that it is to answer."""
        self.asked.clear()
        self.readings += 1
        self._in_hand, self.questions = [*self._in_hand, *self.questions], []
        self.busy = bool(self._in_hand)
        return self._in_hand

    async def read(self, began: float) -> None:
        """The watcher has read everything that was there when it began."""
        ago = timedelta(seconds=(self._clock.steady() - began) * self._clock.speed)
        async with self._news:
            self.looked, self.looked_at, self.trouble = began, self._clock.now() - ago, self.held
            self.complete = self.readings
            self._news.notify_all()
        self._answer(self.held)

    async def lost(self, reason: str) -> None:
        """The watcher can't read the mailbox."""
        async with self._news:
            self.trouble = reason or "unreadable"
            self._news.notify_all()
        self.cursors = None
        self.unwritten.clear()
        self._in_hand, self.questions = [*self._in_hand, *self.questions], []
        self._answer(self.trouble)

    def _answer(self, trouble: str) -> None:
        for question in self._in_hand:
            question.answer(f"no last look: {trouble}" if trouble else question.hindrance)
        self._in_hand = []


class Writer:
    """Group commit: changes and gates that are ready at the same time are written together, the changes first."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor, margin: timedelta = timedelta()) -> None:
        """`run` must be running for `write` and `gate` to return. `margin` is what must be left of a lease at the gate."""
        self._store, self._pool, self._margin = store, pool, margin
        self._changes = list[Asked[Change]]()
        self._passings = list[Asked[Passing]]()
        self._ready = asyncio.Event()
        self._ended = dict[str, float]()
        self._stops = False  # whether one of the changes ends or holds an enrollment
        self.crowd = 0  # mails in flight
        self.stuck = ""  # why results in hand can't be written; nothing new may be claimed then

    async def write(self, change: Change) -> bool:
        """Written, or (False) stale: read again and judge again."""
        loop = asyncio.get_running_loop()
        for one in change.enrollments:
            if one.state != EnrollmentState.ACTIVE:
                self._stops = True  # nothing is waited for then
                self._ended.pop(one.id, None)
                self._ended[one.id] = loop.time()  # from now on: once it is written it is too late
        while len(self._ended) > ENDED_KNOWN:
            del self._ended[next(iter(self._ended))]
        done: asyncio.Future[bool] = loop.create_future()
        self._changes.append((change, done))
        self._ready.set()
        return await done

    def ended(self, enrollment: str, since: float) -> bool:
        """Whether this daemon has begun to write, since that time of the loop, that nothing may be sent in an enrollment."""
        return self._ended.get(enrollment, float("-inf")) >= since

    async def gate(self, passing: Passing) -> bool:
        """Whether a mail may still leave. Raises StoreBusy where the store can't say: then it may not."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._passings.append((passing, done))
        self._ready.set()
        return await done

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._ready.wait()
            if self.crowd >= CROWD and not self._stops:
                await self._gather()
            self._stops = False
            changes, self._changes = self._changes[:LARGEST_GROUP], self._changes[LARGEST_GROUP:]
            passings, self._passings = self._passings[:LARGEST_GROUP], self._passings[LARGEST_GROUP:]
            if not self._changes and not self._passings:
                self._ready.clear()
            if changes and passings and await self._together(changes, passings):
                continue
            if changes:
                await self._answer(changes, self._written([change for change, _ in changes]))
            if passings:
                await self._answer(passings, self._passed([passing for passing, _ in passings]))

    async def _gather(self) -> None:
        """Wait as long as more comes: a machine that has nothing else to do has soon heard of all, one that is busy meets fewer commits."""
        waiting = -1
        for _ in range(GATHER_TIMES):
            if not waiting < (waiting := len(self._changes) + len(self._passings)) < LARGEST_GROUP:
                break
            await asyncio.sleep(GATHER)

    async def _together(self, changes: Sequence[Asked[Change]], passings: Sequence[Asked[Passing]]) -> bool:
        """Both in one commit. False where that went wrong: then each is tried for itself, and told by itself what it met."""
        loop = asyncio.get_running_loop()
        given = [change for change, _ in changes], [passing for passing, _ in passings], self._margin
        try:
            written, passed = await loop.run_in_executor(self._pool, self._store.apply_and_pass, *given)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is met again below
            log.trouble("store-refuses", reason=problem, changes=len(changes))
            return False
        _tell(changes, written)
        _tell(passings, passed)
        return True

    async def _answer(self, asked: Sequence[Asked[object]], work: Awaitable[list[bool]]) -> None:
        try:
            found = await work
        except Exception as error:  # noqa: BLE001 - whoever waits for it must hear of it: a writer that dies in silence stops all
            for _, done in asked:
                if not done.done():
                    done.set_exception(error)
            return
        _tell(asked, found)

    async def _passed(self, passings: list[Passing]) -> list[bool]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._store.gates, passings, self._margin)

    async def _written(self, changes: list[Change]) -> list[bool]:
        """A result in hand is never dropped: a store that refuses is asked again until it obeys."""
        loop, pause = asyncio.get_running_loop(), 0.1
        while True:
            try:
                written = await loop.run_in_executor(self._pool, self._store.apply, changes)
            except StoreBusy as error:  # locked, full, restarting: all of these pass
                self.stuck = str(error)
                log.trouble("store-refuses", reason=self.stuck, changes=len(changes))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self.stuck = ""
                return written


def _tell(asked: Sequence[Asked[object]], found: Sequence[bool]) -> None:
    for (_, done), well in zip(asked, found, strict=True):
        if not done.done():
            done.set_result(well)


@dataclass(slots=True)
class World:
    """Everything that a running daemon has."""

    office: Office
    run: str  # names this run of the daemon in claims and marks
    key: bytes
    marks: Marks
    reader: Reader
    pool: ThreadPoolExecutor  # for the store
    imap_pool: Executor
    writer: Writer
    inboxes: Mapping[str, Letterbox]
    connect: Callable[[str], Courier]
    epochs: dict[str, int]
    watches: Mapping[str, Watch]
    slots: list[int]
    keepers: Mapping[str, Keeper] = field(default_factory=dict)  # of the mailboxes that log in by token
    parting: dict[str, int] = field(
        default_factory=dict
    )  # epochs of mailboxes that are being given up: nothing new is begun in them
    in_flight: dict[str, int] = field(default_factory=dict)
    gathering: bool = False  # a turn of the claim loop comes soon
    readings: dict[str, int] = field(
        default_factory=dict
    )  # by touch: how many readings of its mailbox had begun when it was claimed
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # new work for dispatch
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # nothing new is claimed
    closing: asyncio.Event = field(default_factory=asyncio.Event)  # nothing is in flight any more: watchers may end
    lost: asyncio.Event = field(default_factory=asyncio.Event)  # our mailboxes may have other owners
    connections: dict[str, Connections] = field(init=False)  # kept-open SMTP connections, by mailbox
    beats: dict[str, float] = field(default_factory=dict)  # steady time of the last turn of each loop, for the watchdog
    freshness: float = 10.0  # seconds
    shared_look: float = 0.0  # seconds for which mails of one mailbox share a last look; 0: each has its own
    doors: Mapping[str, Door] = field(default_factory=dict)  # where the connections of one mailbox log in
    alone: dict[str, datetime] = field(default_factory=dict)  # until when a mailbox uses one connection only
    began: datetime = field(init=False)
    troubled: set[str] = field(init=False)  # mailboxes whose troubles in the store may not be over
    leaps: Leaps = field(init=False)
    leap: float = 0.0  # how far the clock has leapt last, in seconds
    leapt: float | None = None  # steady time of a leap after which not every mailbox has been read yet
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    short_of_room: bool | None = None  # what the store's alarm says; None: not known yet
    restart_for: str | None = None  # what of the configuration waits for a restart, as last told; None: not told yet
    arranged: tuple[int, tuple[str, ...]] = (0, ())  # for which configuration and mailboxes the rounds stand in the store
    looked_over: datetime | None = None  # when it was last asked whether alarms about forged answers are over
    unfit: str = ""  # why the machine sends nothing now, as last told

    def __post_init__(self) -> None:
        """A run begins without knowing what the last one has seen."""
        self.began = self.office.clock.now()
        self.troubled = set(self.epochs)
        self.leaps = Leaps(self.office.clock)
        self.connections = {
            name: Connections(partial(self.connect, name), partial(self._connections_of, name)) for name in self.inboxes
        }

    def _connections_of(self, name: str) -> int:
        """How many connections a mailbox may have now: where the provider has seen too many, one for a while."""
        mailbox = self.office.mailbox(name)
        alone = self.alone.get(name)
        return 1 if mailbox is None or (alone and alone > self.office.clock.now()) else mailbox.caps.in_flight

    def halted(self) -> str:
        """Why nothing may leave now, whatever the store says; "" where it may. Asked before each claim, at the gate and at the dot.

        It needs no store: a human's word must count even while the store is locked.
        """
        return self.office.halted() or self._after_a_leap()

    def _after_a_leap(self) -> str:
        """The clock was set, or the machine has slept: what is due now is due all at once, and answers have come in meanwhile."""
        leap = self.leaps.look()
        if leap:
            log.trouble("clock-leapt", seconds=round(leap), now=f"{self.office.clock.now():%FT%TZ}")
            self.leap, self.leapt = leap, self.office.clock.steady()
            self.hurry.set()
            for watch in self.watches.values():
                watch.asked.set()
        if self.leapt is None:
            return ""
        if abs(self.leap) < INCREDIBLE and all(one.looked >= self.leapt or one.trouble for one in self.watches.values()):
            self.leapt = None
            return ""
        return f"the clock has leapt by {round(self.leap)} s: every mailbox is read first"

    async def call(self, verb: Callable[..., Result], *parameters: Any, **named: Any) -> Result:
        """A verb of the store, awaited in its pool of threads."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, lambda: verb(*parameters, **named))

    async def insist(self, verb: Callable[..., Result], *parameters: Any) -> Result:
        """The same where there is no other way but to wait for the store: a fact in hand must be written down."""
        pause = 0.1
        while True:
            try:
                return await self.call(verb, *parameters)
            except StoreBusy as problem:
                log.trouble("store-refuses", reason=problem)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    def let_go(self) -> None:
        """Whether our mailboxes are still ours is not known: nothing is claimed, and nobody reads them, until they are taken again."""
        self.epochs.clear()
        self.parting.clear()
        self.office.store.held = frozenset()
        self.lost.set()
        for watch in self.watches.values():
            watch.asked.set()

    async def carry_on(self, gather: Callable[[], Result], judge: Callable[[Result], Change]) -> Change:
        """Gather, judge (both beside the store, in its thread), write; on `Stale` again. Never loop around a delivery with this."""
        for _ in range(50):
            change = await self.insist(lambda: judge(gather()))
            if change == Change() or await self.writer.write(change):
                return change
        raise RuntimeError("a row moved under every one of 50 judgements: two daemons on one store?")
