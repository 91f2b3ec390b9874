"""The reading side of one mailbox: what has arrived since a cursor, and waiting for more.

Decides nothing about what a mail means, and changes nothing in the mailbox but for the copy of a sent mail that it is asked
to keep. The position in a folder is (UIDVALIDITY, UID), RFC 3501 section 2.3.1.1. News come by IDLE (RFC 2177), or by NOOP
where the server has no IDLE. Folders beside the configured ones are found by their special use (RFC 6154).

From below: `wire.py` is the socket and lets only a short list of commands out, `link.py` is one connection and runs in the
thread pool, `Inbox` is what the stories see. An idle mailbox costs no thread: the loop watches the socket. After any
exception a link is dead: it is closed, `Unreachable` is raised, and the caller connects again when it sees fit. A mail that
breaks the link again and again is named in `unread` and given by its header alone: it must not hold up all others.

BUGS: a server that answers neither UIDNEXT nor any mail to the first search is read from its first mail on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime
from typing import Any, TypeVar

from imapclient import SocketTimeout

from followupd.core.model import Cursor
from followupd.files.secret import NoSecret, Secret
from followupd.mailbox.extent import NOTHING, Extent
from followupd.mailbox.folders import Folders
from followupd.mailbox.headings import Index
from followupd.mailbox.link import Link
from followupd.mailbox.model import RAW_LIMIT, Arrival, Arrivals, Heading, Headings, ImapAccount, Mail, NotKept, Unreachable
from followupd.mailbox.wire import explain, kind_of

__all__ = [
    "NOTHING",
    "NO_EXTENTS",
    "RAW_LIMIT",
    "Arrival",
    "Arrivals",
    "Extent",
    "Heading",
    "Headings",
    "ImapAccount",
    "Inbox",
    "Mail",
    "NotKept",
    "Unreachable",
]  # fmt: skip

IDLE_LIMIT = 540.0  # providers drop an IDLE after about 10 minutes (RFC 2177 says 29): renew before that
POLL = 5.0  # seconds between two looks where the server has no IDLE
RELIST = 900.0  # seconds after which the server is asked anew which folders it has: people rename them, and junk may come to be
SLICE = 30.0  # seconds for which a wait does not look at the clock
ASLEEP = 60.0  # seconds by which the wall clock may run ahead of the steady one: servers have forgotten a machine that slept
_BLAMED = 3  # of a mail that breaks the link so often only the header is fetched; if that breaks it as often, nothing
_GOODBYE = 2.0  # seconds that a polite LOGOUT may take
_PATIENCE = 5  # one whole task may take so many read limits: a server that trickles can't hold us
_SPARE = 4 * 1024 * 1024  # bytes that an answer may have beside the mails in it

NO_EXTENTS: Mapping[str, Extent] = {}

T = TypeVar("T")


class Inbox:
    """One mailbox, read-only. One task at a time has the connection; a reading ends a wait of another task early."""

    def __init__(
        self,
        account: ImapAccount,
        pool: Executor,
        *,
        batch: int = 50,
        read_limit: float = 60.0,
        connect_limit: float = 15.0,
        drift: Callable[[], float] = lambda: time.time() - time.monotonic(),
    ) -> None:
        self._account = account
        self._pool = pool
        self._batch = batch
        self._limits = SocketTimeout(connect=connect_limit, read=read_limit)
        self._link: Link | None = None
        self._drift = drift  # grows while the machine sleeps, and when its clock is set
        self._drifted = 0.0  # as it was when the connection was made
        self._listed = 0.0  # when the server's folders were last looked through
        self._folders = Folders(account.folders, account.sent)
        self._suspects: set[Mail] = set()  # mails over which the link broke, fetched alone
        self._blamed: Counter[tuple[Mail, bool]] = (
            Counter()
        )  # how often it did, though others came: the whole mail, or its header
        self._wary: set[str] = set()  # folders in which the link broke while mails were fetched
        self.unread: set[Mail] = set()
        self._known: dict[str, Index] = {}
        self._refused: Secret | None = None  # the token of the last login, if it was refused: it is not tried again
        self._lock = asyncio.Lock()
        self._queued = 0  # tasks that want the connection now; a wait gives way to them
        self._leave = asyncio.Event()

    @property
    def folders(self) -> tuple[str, ...]:
        """The configured folders, and after `connect` those of the server for junk, archive and all mail."""
        return self._folders.watched

    @property
    def sent(self) -> str:
        """The folder of sent mail: the configured one, else after `connect` that of the server; "" where there is none."""
        return self._folders.sent

    @property
    def beside(self) -> tuple[str, ...]:
        """Other folders where a copy of a sent mail may lie: all mail, waste, drafts, archive. Known after `connect`."""
        return self._folders.beside

    async def connect(self) -> None:
        """Log in and look which folders there are. A connection that is still there is given up first."""
        async with self._turn():
            self._drop()
            token = await self._token(self._refused)
            try:
                self._link = await self._logged_in(token)
            except Unreachable as problem:
                self._refused = token if problem.login else None
                fresh = await self._token(token) if self._refused else token
                if fresh is token:
                    raise
                self._refused = fresh
                self._link = await self._logged_in(fresh)  # the token had run out before its time
            self._refused = None
            self._link.suspects = frozenset(self._suspects)
            self._link.parked, self._link.lost = (
                frozenset(mail for (mail, part), times in self._blamed.items() if part is whole and times >= _BLAMED)
                for whole in (True, False)
            )
            self._link.unread = self.unread
            self._drifted, self._listed = self._drift(), time.monotonic()
            self._folders = self._link.folders

    async def arrivals(self, folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        """Mails after the cursor, oldest first; without a cursor those since a day before `since`."""
        async with self._turn():
            return await self._fetching(folder, lambda link: link.arrivals(folder, cursor, since, self._batch))

    async def headings(self, folder: str, cursor: Cursor | None, since: datetime) -> Headings:
        """As `arrivals`, but headers only, and more of them at once."""
        async with self._turn():
            return await self._fetching(folder, lambda link: link.headings(folder, cursor, since))

    async def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[Arrival, ...]:
        """Given mails once more, without those that are gone; none if the folder was renumbered."""
        found: list[Arrival] = []
        for start in range(0, len(uids), self._batch):
            some = uids[start : start + self._batch]
            async with self._turn():
                found += await self._ask(lambda link, some=some: link.fetch(folder, uidvalidity, some))  # type: ignore[misc]
        return tuple(found)

    async def extents(self, after: str = "") -> dict[str, Extent]:
        """How far each folder has come: those that are read, that of sent mail, and waste; or those behind `after` in this order.

        All in one round trip. A folder of which the server says nothing is at NOTHING.
        """
        folders = [one for one in dict.fromkeys((*self.folders, self.sent, self._folders.trash)) if one]
        asked = folders[folders.index(after) + 1 :] if after else folders
        if not asked:
            return {}
        async with self._turn():
            if not after:
                await self._list_again()
            return await self._ask(lambda link: link.extents(asked))

    async def find(
        self, addresses: frozenset[str], ids: frozenset[str], since: datetime, extents: Mapping[str, Extent] = NO_EXTENTS
    ) -> tuple[Heading, ...]:
        """Mails received since then that come from these addresses, or name one of these ids, in any folder where one may lie.

        Costs a round trip for each folder once its mails are known by name, and none where `extents` shows that nothing came.
        Compared here: SEARCH would take foreign words.
        """
        names = frozenset(address.lower() for address in addresses) | ids
        found: list[Heading] = []
        for folder in filter(None, dict.fromkeys((*self.folders, self._folders.trash))):
            index, extent = self._known.get(folder), extents.get(folder)
            done = index is not None and extent is not None and index.complete(extent, since)
            while not done:
                async with self._turn():
                    index, done = await self._fetching(
                        folder,
                        lambda link, folder=folder: link.learn(folder, since, self._known),  # type: ignore[misc]
                    )
                    self._known[folder] = index
            if index is not None and index.matching(names):
                async with self._turn():
                    found += await self._ask(
                        lambda link, folder=folder, index=index: link.matching(folder, names, since, index)  # type: ignore[misc]
                    )
        return tuple(found)

    def silent(self, names: frozenset[str], since: datetime, extents: Mapping[str, Extent]) -> bool:
        """Whether it is known already, for folders that have come so far, that `find` would bring nothing."""
        for folder in filter(None, dict.fromkeys((*self.folders, self._folders.trash))):
            index, extent = self._known.get(folder), extents.get(folder)
            if index is None or extent is None or not index.complete(extent, since) or index.matching(names):
                return False
        return True

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Keep a copy of a sent mail, marked as seen. Only in the folder of sent mail: nothing else is ever written.

        Raises NotKept where the server says no.
        """
        if not folder or folder != self.sent:
            raise ValueError(f'nothing may be written to folder "{folder}"')
        async with self._turn():
            await self._ask(lambda link: link.append(raw, at))

    async def quota(self) -> float | None:
        """The share of the storage that is used up, 1.0 for all of it; None where the server does not say."""
        async with self._turn():
            return await self._ask(Link.quota)

    async def latest(self, cursor: Cursor) -> Arrivals | None:
        """What lies behind the cursor in the first folder by now, in one round trip; None where only `arrivals` can tell."""
        async with self._turn():
            return await self._latest(cursor, idling=False)

    async def wait(self, seconds: float, wake: asyncio.Event, cursor: Cursor | None = None) -> Arrivals | None:
        """Return when the first folder may have news, when `wake` is set, or when the time is over.

        It may return early without news. What the server has told of comes with the end of the wait, as from `latest`, where
        the cursor of the first folder is given. All that is new is only known after `arrivals`.
        """
        async with self._lock:
            self._leave.clear()
            if self._queued or wake.is_set() or not await self._ask(Link.watch):
                return None
            try:
                told = await (self._idle if self._open_link().idles else self._poll)(min(seconds, IDLE_LIMIT), wake)
            except BaseException:
                self._drop()  # cut off in the middle of IDLE: nobody could use this link any more
                raise
            if told and cursor:
                return await self._latest(cursor, idling=self._open_link().idles)
            await self._ask(Link.unwatch)
            await self._list_again()
            return None

    async def close(self) -> None:
        """Log out if that goes quickly, and close the connection in any case."""
        with contextlib.suppress(TimeoutError, Unreachable):
            async with asyncio.timeout(_GOODBYE), self._turn():
                if self._link is not None:
                    await self._ask(Link.logout)
                    self._drop()
        if self._link is not None:
            self._link.cut()  # whoever has it gets an exception and closes it

    async def _list_again(self) -> None:
        """People rename folders."""
        if time.monotonic() - self._listed > RELIST:
            self._folders, self._listed = await self._ask(Link.list_folders), time.monotonic()

    async def _token(self, refused: Secret | None) -> Secret | None:
        try:
            return await self._account.token(refused) if self._account.token else None
        except NoSecret as problem:
            raise Unreachable(str(problem), kind="consent") from None
        except OSError as problem:
            raise Unreachable(f"no token: {explain(problem)}") from None

    async def _logged_in(self, token: Secret | None) -> Link:
        limit = self._limits.connect + _PATIENCE * self._limits.read
        answer = _SPARE + 2 * self._batch * RAW_LIMIT
        return await self._in_pool(limit, _close_result, Link.open, self._account, self._limits, answer, token)

    async def _latest(self, cursor: Cursor, *, idling: bool) -> Arrivals | None:
        folder = self.folders[0]
        return await self._fetching(folder, lambda link: link.latest(cursor, self._batch, idling=idling))

    async def _idle(self, seconds: float, wake: asyncio.Event) -> bool:
        """Sleep until the server says something, with the loop watching the socket and no thread. Whether it has."""
        loop, number, said = asyncio.get_running_loop(), self._open_link().fileno(), list[bool]()

        def hear() -> None:
            said.append(True)
            self._leave.set()
            loop.remove_reader(number)

        loop.add_reader(number, hear)
        try:
            await self._first_of(seconds, wake, self._leave)
        finally:
            loop.remove_reader(number)
        return bool(said)

    async def _poll(self, seconds: float, wake: asyncio.Event) -> bool:
        """Ask again and again, for a server without IDLE. Whether it has said something."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            if await self._first_of(min(POLL, left), wake, self._leave):
                return False
            if await self._ask(Link.noop):
                return True
        return False

    async def _first_of(self, seconds: float, *events: asyncio.Event) -> bool:
        """Wait for any of the events, with an eye on the clock; false if the time was over first."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            if await _first_of(min(SLICE, left), *events):
                return True
            self._open_link()
        return False

    async def _fetching(self, folder: str, work: Callable[[Link], T]) -> T:
        """Fetch mails. If the link breaks over it, they are fetched one by one the next time, until it is known which one it was."""
        link = self._open_link()
        link.wary = frozenset(self._wary)
        try:
            done = await self._ask(work)
        except Unreachable:
            if link.fetching:
                self._wary.add(folder)
            if len(link.fetching) == 1:
                self._suspects.update(link.fetching)
                if link.proved:
                    self._blamed[link.fetching[0], link.whole] += 1
            raise
        self._wary.discard(folder)
        self._suspects = {mail for mail in self._suspects if mail[0] != folder}
        return done

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The connection for us alone, at once: a task that waits for news steps aside."""
        self._queued += 1
        self._leave.set()
        try:
            await self._lock.acquire()
        finally:
            self._queued -= 1
        try:
            yield
        finally:
            self._lock.release()

    async def _ask(self, work: Callable[[Link], T]) -> T:
        """Do one thing on the connection, in the pool. After any exception the connection is gone."""
        link = self._open_link()
        return await self._in_pool(_PATIENCE * self._limits.read, self._drop, work, link)

    async def _in_pool(self, limit: float, abandon: Callable[[Future[T]], None], work: Callable[..., T], *args: Any) -> T:
        future = self._pool.submit(work, *args)
        try:
            async with asyncio.timeout(limit):
                return await asyncio.wrap_future(future)
        except NotKept:  # a plain no: the link is still good
            raise
        except Unreachable:
            abandon(future)
            raise
        except Exception as problem:
            abandon(future)
            place = f"{self._account.host}:{self._account.port}"
            raise Unreachable(f"{place}: {explain(problem)}", kind=kind_of(problem)) from problem
        except BaseException:  # this task was cancelled; the thread must come free
            abandon(future)
            raise

    def _open_link(self) -> Link:
        if self._link is None:
            raise Unreachable(f"{self._account.host}:{self._account.port}: not connected")
        jump = self._drift() - self._drifted
        if abs(jump) > ASLEEP:
            self._drop()
            raise Unreachable(
                f"the clock jumped by {jump:.0f} s: this machine slept, or was set right; what was connected is not trusted",
                kind="network",
            )
        return self._link

    def _drop(self, using: Future[Any] | None = None) -> None:
        """Give the connection up. A thread that still uses it is woken by the cut, and only then it is closed."""
        link, self._link = self._link, None
        if link is None:
            return
        link.cut()
        if using is None:
            link.close()
        else:
            using.add_done_callback(lambda _: link.close())


async def _first_of(seconds: float, *events: asyncio.Event) -> bool:
    """Wait for any of the events; false if the time was over first."""
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        return bool((await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED))[0])
    finally:
        for task in tasks:
            task.cancel()


def _close_result(future: Future[Link]) -> None:
    """Close the connection that nobody waits for any more, as soon as it is there."""
    future.add_done_callback(lambda done: None if done.cancelled() or done.exception() else done.result().close())
