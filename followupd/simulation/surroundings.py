"""What surrounds the stories in a simulation: clock, mail server, mailboxes, the reader of mails, and who asks the store.

Decides nothing. Each part extent in for one that has to do with real time, real sockets, threads or processes, and keeps its
contract: the stories can't tell the difference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from followupd import evidence, listen
from followupd.channels.smtp import GateClosed, cleaned
from followupd.connections import nothing
from followupd.core.model import Accepted, Change, Cursor, Deferred, Doubtful, Inbound, Refused
from followupd.core.outbound import UnsafeMessage, plain_address
from followupd.mailbox import NO_EXTENTS, RAW_LIMIT, Arrival, Arrivals, Extent, Heading, Headings, Mail
from followupd.mailbox.headings import read_heading
from followupd.reader import Reader
from followupd.reading_process import Worker, inbound_to
from followupd.store import Passing
from followupd.world import Question, Result, Watch, World, Writer

NOBODY = ThreadPoolExecutor(max_workers=1)
"""A pool that is never given anything, and so never starts a thread."""


class JumpingClock:
    """Stands still until `moment` is moved."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self.moment = self._start = utc(start)

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return self.moment

    def steady(self) -> float:
        """Seconds since the start."""
        return (self.moment - self._start).total_seconds()

    def ahead(self) -> float:
        """Nobody sets this clock."""
        return 0.0

    async def wait(self, until: datetime, wake: asyncio.Event) -> None:
        """Nobody does."""
        raise NotImplementedError("nobody waits in a simulation: its calendar jumps")


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} names no time zone; write datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC)


class AtOnce(World):
    """The store is asked at once, in this thread."""

    async def call(self, verb: Callable[..., Result], *parameters: Any, **named: Any) -> Result:
        """A verb of the store."""
        return verb(*parameters, **named)


class WriteAtOnce(Writer):
    """Writes at once, and counts: a turn that has written nothing had nothing to do."""

    written = 0

    async def gate(self, passing: Passing) -> bool:
        """Whether the mail may still leave."""
        (passed,) = self._store.gates([passing], self._margin)
        return passed

    async def write(self, change: Change) -> bool:
        """Written, or (False) stale."""
        (written,) = self._store.apply([change])
        self.written += written
        return written


class LookAtOnce(Watch):
    """The last look is taken by whoever asks for it."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world.office.clock)
        self._world, self._name = world, name

    async def ask(self, question: Question, limit: float) -> str:
        """The answer of a reading at this very moment."""
        if trouble := await self.look(limit):
            return f"no last look: {trouble}"
        await evidence.answer(self._world, self._name, [question])
        return question.hindrance

    async def look(self, limit: float) -> str:
        """Read to the end, unless that has been done at this very moment and nothing was missed: what came since was read as it came."""
        if self.looked < self._clock.steady() or self.missed:
            await listen.read_to_end(self._world, self._name)
        return self.trouble


class InProcess(Reader):
    """Reads mail in this process: nothing comes here but what the simulation was given."""

    async def _ask(self, request: Mapping[str, Any], about: Inbound | None = None) -> dict[str, Any]:
        return Worker().said({**request, "inbound": inbound_to(about)} if about else request)


class ListedMails:
    """The reading side of a mailbox with an inbox and sent mail, which never forgets anything. UIDs count from 1."""

    folders = ("INBOX",)
    sent = "Sent"
    beside = ()

    def __init__(self) -> None:
        self.unread: set[Mail] = set()
        self._mails: dict[str, list[Arrival]] = {"INBOX": [], "Sent": []}

    def drop(self, raw: bytes, now: datetime, folder: str = "INBOX") -> None:
        """A mail lies there from now on."""
        mails = self._mails[folder]
        mails.append(Arrival(folder=folder, uidvalidity=1, uid=len(mails) + 1, received=now, size=len(raw), raw=raw[:RAW_LIMIT]))

    async def arrivals(self, folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        """Mails after the cursor."""
        return self._after(folder, cursor)

    def _after(self, folder: str, cursor: Cursor | None) -> Arrivals:
        new = tuple(self._mails[folder][cursor.uid if cursor else 0 :])
        end = cursor.uid if cursor and not new else len(self._mails[folder])
        return Arrivals(folder=folder, uidvalidity=1, end=end, mails=new, more=False, rescanned=False)

    async def headings(self, folder: str, cursor: Cursor | None, since: datetime) -> Headings:
        """Headers of the mails after the cursor."""
        read = await self.arrivals(folder, cursor, since)
        return Headings(uidvalidity=1, end=read.end, found=tuple(map(_heading, read.mails)), more=False, rescanned=False)

    async def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[Arrival, ...]:
        """Given mails once more."""
        return tuple(mail for mail in self._mails[folder] if mail.uid in uids)

    async def extents(self, after: str = "") -> dict[str, Extent]:
        """How far the folders have come."""
        return {
            one: Extent(1, len(mails) + 1) for one, mails in self._mails.items() if not after or (after, one) == ("INBOX", "Sent")
        }

    async def find(
        self, addresses: frozenset[str], ids: frozenset[str], since: datetime, extents: Mapping[str, Extent] = NO_EXTENTS
    ) -> tuple[Heading, ...]:
        """Mails that came in since then from these addresses, or that name one of these ids."""
        found = (_heading(mail) for mail in self._mails["INBOX"] if mail.received >= since)
        return tuple(one for one in found if one.sender in addresses or not ids.isdisjoint(one.ids))

    def silent(self, names: frozenset[str], since: datetime, extents: Mapping[str, Extent]) -> bool:
        """Each mail has a look of its own here."""
        return False

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """A copy of a sent mail."""
        self.drop(raw, at, folder)

    async def quota(self) -> float | None:
        """There is always room."""
        return None

    async def connect(self) -> None:
        """Always connected."""

    async def latest(self, cursor: Cursor) -> Arrivals | None:
        """Mails in the inbox after the cursor."""
        return self._after("INBOX", cursor)

    async def wait(self, seconds: float, wake: asyncio.Event, cursor: Cursor | None = None) -> Arrivals | None:
        """Nobody does."""
        return None

    async def close(self) -> None:
        """Nothing to close."""


def _heading(mail: Arrival) -> Heading:
    head = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return read_heading(mail.folder, mail.uidvalidity, mail.uid, mail.received, head)


class YieldingServer:
    """The sending side of a mailbox: a mail server that is always there and says what `word` says of recipient and mail."""

    def __init__(self, word: Callable[[str, bytes], Accepted | Deferred | Refused | Doubtful]) -> None:
        self._word, self._recipient = word, ""

    async def begin(self, sender: str, recipient: str, copy_to: str = "", *, follows: int = 0) -> Deferred | Refused | None:
        """Refuses only what a `Connection` would not even say."""
        try:
            plain_address("sender", sender)
            plain_address("recipient", recipient)
        except UnsafeMessage as error:
            return Refused(553, cleaned(str(error)))
        self._recipient = recipient
        return None

    async def finish(
        self, raw: bytes, *, before_dot: Callable[[], None], after_dot: Callable[[], None] = nothing
    ) -> Accepted | Deferred | Refused | Doubtful:
        """The server's word."""
        try:
            before_dot()
        except GateClosed:
            return Deferred(0, "the gate closed before the dot")
        after_dot()
        return self._word(self._recipient, raw)

    async def reset(self) -> None:
        """Forgets the mail begun."""
        self._recipient = ""

    async def close(self) -> None:
        """Nothing to close."""
