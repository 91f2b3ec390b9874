"""The reading side of one mailbox: what has arrived since a cursor, and waiting for more.

Decides nothing about what a mail means, and changes nothing in the mailbox: folders are opened with EXAMINE, mails are
fetched with BODY.PEEK, so no flag moves and nothing is marked as read (RFC 3501 sections 6.3.2 and 6.4.5). The position
in a folder is (UIDVALIDITY, UID), RFC 3501 section 2.3.1.1. News come by IDLE (RFC 2177), or by NOOP where the server
has no IDLE. Folders beside the configured ones are found by their special use (RFC 6154).

Three parts: `_Wire` is the socket and lets only a short list of commands out, `_Link` is one connection and runs in the
thread pool, `Inbox` is what the stories see. An idle mailbox costs no thread: the loop watches the socket. After any
exception a link is dead: it is closed, `Unreachable` is raised, and the caller connects again when it sees fit.

BUGS: a server that answers neither UIDNEXT nor any mail to the first search is read from its first mail on.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import imaplib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError

from followupd import sasl
from followupd.core.model import Cursor
from followupd.files.secret import NoSecret, Secret

RAW_LIMIT = 65_536  # bytes of a mail that are read; the rest of a long mail holds nothing that decides
IDLE_LIMIT = 540.0  # providers drop an IDLE after about 10 minutes (RFC 2177 says 29): renew before that
POLL = 5.0  # seconds between two looks where the server has no IDLE
_GOODBYE = 2.0  # seconds that a polite LOGOUT may take
_PATIENCE = 5  # one whole task may take so many read limits: a server that trickles can't hold us
_SPARE = 4 * 1024 * 1024  # bytes that an answer may have beside the mails in it
_FETCHED = "INTERNALDATE", "RFC822.SIZE", f"BODY.PEEK[]<0.{RAW_LIMIT}>"
_WATCHED_USES = (b"\\junk", b"\\archive", b"\\all")  # never Sent, Drafts, Trash
_NAMES_OF_USE = {b"\\junk": {"junk", "junk email", "junk e-mail", "spam"}, b"\\archive": {"archive"}}
_TRY_AGAIN = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530: no word about the password

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Where a mailbox is read. `security` is `tls`, `starttls` or `none`; the password is asked for at each login.

    `token` takes its place where it is given; told of a token that was refused, it gives a newer one if there is one.
    """

    host: str
    port: int
    security: str
    user: str
    password: Callable[[], str] = field(repr=False)
    token: Callable[[Secret | None], Awaitable[Secret]] | None = field(default=None, repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    ca_file: str | None = None


class Unreachable(Exception):
    """The mailbox can't be read now. `reason` is for people; `login` says that the server refused the login."""

    def __init__(self, reason: str, *, login: bool = False) -> None:
        self.reason = "".join(sign if sign.isprintable() else " " for sign in reason)[:200]
        self.login = login
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail as the server has it. `raw` is its beginning; it is empty where the server would not give the mail."""

    folder: str
    uidvalidity: int
    uid: int
    received: datetime
    size: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """One reading of a folder. `end` is the UID for the cursor once these mails are handled.

    `more` says that mails are left for the next reading. `rescanned` says that the server has renumbered the folder
    (a new UIDVALIDITY), so mails that were handled long ago may be among these.
    """

    folder: str
    uidvalidity: int
    end: int
    mails: tuple[Arrival, ...]
    more: bool
    rescanned: bool


class Inbox:
    """One mailbox, read-only. One task at a time has the connection; a reading ends a wait of another task early."""

    def __init__(
        self, account: ImapAccount, pool: Executor, *, batch: int = 50, read_limit: float = 60.0, connect_limit: float = 15.0
    ) -> None:
        self._account = account
        self._pool = pool
        self._batch = batch
        self._limits = SocketTimeout(connect=connect_limit, read=read_limit)
        self._link: _Link | None = None
        self._folders = account.folders
        self._lock = asyncio.Lock()
        self._queued = 0  # tasks that want the connection now; a wait gives way to them
        self._leave = asyncio.Event()

    @property
    def folders(self) -> tuple[str, ...]:
        """The configured folders, and after `connect` those of the server for junk, archive and all mail."""
        return self._folders

    async def connect(self) -> None:
        """Log in and look which folders there are. A connection that is still there is given up first."""
        async with self._turn():
            self._drop()
            token = await self._token()
            try:
                self._link = await self._logged_in(token)
            except Unreachable as problem:
                fresh = await self._token(token) if token and problem.login else token
                if fresh is token:
                    raise
                self._link = await self._logged_in(fresh)  # the token had run out before its time
            self._folders = self._link.folders

    async def arrivals(self, folder: str, cursor: Cursor | None, since: datetime) -> Arrivals:
        """Mails after the cursor, oldest first; without a cursor those since a day before `since`."""
        async with self._turn():
            return await self._ask(lambda link: link.arrivals(folder, cursor, since, self._batch))

    async def wait(self, seconds: float, wake: asyncio.Event) -> None:
        """Return when the first folder may have news, when `wake` is set, or when the time is over.

        It may return early without news. What is new is only known after `arrivals`.
        """
        async with self._lock:
            self._leave.clear()
            if self._queued or wake.is_set() or not await self._ask(_Link.watch):
                return
            try:
                await (self._idle if self._open_link().idles else self._poll)(min(seconds, IDLE_LIMIT), wake)
            except BaseException:
                self._drop()  # cut off in the middle of IDLE: nobody could use this link any more
                raise
            await self._ask(_Link.unwatch)

    async def close(self) -> None:
        """Log out if that goes quickly, and close the connection in any case."""
        with contextlib.suppress(TimeoutError, Unreachable):
            async with asyncio.timeout(_GOODBYE), self._turn():
                if self._link is not None:
                    await self._ask(_Link.logout)
                    self._drop()
        if self._link is not None:
            self._link.cut()  # whoever has it gets an exception and closes it

    async def _token(self, refused: Secret | None = None) -> Secret | None:
        try:
            return await self._account.token(refused) if self._account.token else None
        except NoSecret as problem:
            raise Unreachable(str(problem), login=True) from None
        except OSError as problem:
            raise Unreachable(f"no token: {_explain(problem)}") from None

    async def _logged_in(self, token: Secret | None) -> _Link:
        limit = self._limits.connect + _PATIENCE * self._limits.read
        answer = _SPARE + 2 * self._batch * RAW_LIMIT
        return await self._in_pool(limit, _close_result, _Link.open, self._account, self._limits, answer, token)

    async def _idle(self, seconds: float, wake: asyncio.Event) -> None:
        """Sleep until the server says something, with the loop watching the socket and no thread."""
        loop, number, said = asyncio.get_running_loop(), self._open_link().fileno(), asyncio.Event()
        loop.add_reader(number, said.set)
        try:
            await _first_of(seconds, said, wake, self._leave)
        finally:
            loop.remove_reader(number)

    async def _poll(self, seconds: float, wake: asyncio.Event) -> None:
        """Ask again and again, for a server without IDLE."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            if await _first_of(min(POLL, left), wake, self._leave) or await self._ask(_Link.noop):
                return

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

    async def _ask(self, work: Callable[[_Link], T]) -> T:
        """Do one thing on the connection, in the pool. After any exception the connection is gone."""
        link = self._open_link()
        return await self._in_pool(_PATIENCE * self._limits.read, self._drop, work, link)

    async def _in_pool(self, limit: float, abandon: Callable[[Future[T]], None], work: Callable[..., T], *args: Any) -> T:
        future = self._pool.submit(work, *args)
        try:
            async with asyncio.timeout(limit):
                return await asyncio.wrap_future(future)
        except Unreachable:
            abandon(future)
            raise
        except Exception as problem:
            abandon(future)
            raise Unreachable(f"{self._account.host}:{self._account.port}: {_explain(problem)}") from problem
        except BaseException:  # this task was cancelled; the thread must come free
            abandon(future)
            raise

    def _open_link(self) -> _Link:
        if self._link is None:
            raise Unreachable(f"{self._account.host}:{self._account.port}: not connected")
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


def _close_result(future: Future[_Link]) -> None:
    """Close the connection that nobody waits for any more, as soon as it is there."""
    future.add_done_callback(lambda done: None if done.cancelled() or done.exception() else done.result().close())


# -- one connection, used by one thread at a time -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _State:
    """What EXAMINE says of a folder. `uidnext` is 0 where the server does not say."""

    uidvalidity: int
    uidnext: int
    exists: int


class _Link:
    """A logged-in connection. Blocks, so it is called in the pool; not one method may be called while another runs."""

    def __init__(self, client: _Client, folders: tuple[str, ...], *, idles: bool) -> None:
        self._client = client
        self._selected = ""
        self._told: dict[str, _State] = {}  # what the caller knows of each folder
        self.folders = folders
        self.idles = idles

    @classmethod
    def open(cls, account: ImapAccount, limits: SocketTimeout, answer_limit: int, token: Secret | None = None) -> _Link:
        client = _Client(account, limits, answer_limit)
        try:
            if account.security == "starttls":
                client.starttls(_tls_context(account.ca_file))
            _log_in(client, account, token)
            listed = client.list_folders()
            return cls(client, _watched(account.folders, listed), idles=client.has_capability("IDLE"))
        except BaseException:
            client.wire.close()
            raise

    def arrivals(self, folder: str, cursor: Cursor | None, since: datetime, batch: int) -> Arrivals:
        """The next mails of a folder. One round trip where there are none."""
        nothing = cursor and Arrivals(
            folder=folder, uidvalidity=cursor.uidvalidity, end=cursor.uid, mails=(), more=False, rescanned=False
        )
        # Another folder is asked from outside, so the first one stays open for IDLE.
        outside = folder not in (self.folders[0], self._selected)
        if cursor and nothing and outside and self._status(folder) == (cursor.uidvalidity, cursor.uid + 1):
            return nothing
        state = self._examine(folder)
        known = cursor if cursor and cursor.uidvalidity == state.uidvalidity else None
        if known and nothing and state.uidnext == known.uid + 1:
            return nothing
        uids = self._after(known.uid, state) if known else self._recent(cursor, since)
        taken, more = uids[:batch], len(uids) > batch
        earliest = cursor.read if cursor else since
        return Arrivals(
            folder=folder,
            uidvalidity=state.uidvalidity,
            end=taken[-1] if more else max(state.uidnext - 1, known.uid if known else 0, *taken),
            mails=tuple(self._mails(folder, state.uidvalidity, taken, earliest)),
            more=more,
            rescanned=cursor is not None and known is None,
        )

    def watch(self) -> bool:
        """Begin to watch the first folder. False if it has changed since the caller read it; then nothing was begun.

        What the server says between a reading and IDLE, or in one breath with its consent to IDLE, would wake nobody.
        """
        before = self._told.get(self.folders[0])
        if self._examine(self.folders[0]) != before:
            return False
        if not self.idles:
            return True
        self._client.idle()
        if not self._client.wire.holds_data():
            return True
        self.unwatch()
        return False

    def unwatch(self) -> None:
        """Leave IDLE. Raises on a dead link, where reading from the socket would come back empty for ever."""
        if self.idles:
            self._client.idle_done()

    def noop(self) -> bool:
        """Ask for news; true if the server says anything at all."""
        return bool(self._client.noop()[1])

    def logout(self) -> None:
        self._client.logout()

    def fileno(self) -> int:
        return self._client.wire.sock.fileno()

    def cut(self) -> None:
        """End the connection under a thread that may be using it: the thread wakes up. May be called from any thread."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would pull the TLS state from under the thread.
            socket.socket.shutdown(self._client.wire.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.wire.close()

    def _examine(self, folder: str) -> _State:
        """Open a folder anew, read-only. The answer holds the news, so it takes the place of a NOOP."""
        self._selected = ""
        try:
            said = self._client.select_folder(folder, readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            raise Unreachable(f'folder "{folder}" can\'t be opened: {_explain(problem)}') from problem
        if b"UIDVALIDITY" not in said:
            raise Unreachable(f'folder "{folder}": the server keeps no lasting numbers for its mails (no UIDVALIDITY)')
        self._selected = folder
        state = _State(said[b"UIDVALIDITY"], said.get(b"UIDNEXT", 0), said[b"EXISTS"])
        self._told[folder] = state
        return state

    def _status(self, folder: str) -> tuple[int, int]:
        said = self._client.folder_status(folder, ("UIDNEXT", "UIDVALIDITY"))
        return said.get(b"UIDVALIDITY", 0), said.get(b"UIDNEXT", 0)

    def _after(self, last: int, state: _State) -> list[int]:
        """The UIDs above the last one. "n:*" always matches the last mail, even one below n, so it is sifted here again."""
        if 0 < state.uidnext <= last:
            # RFC 3501 section 2.3.1.1 forbids it. Reused numbers would pass for mails that were handled: better not to read.
            raise Unreachable(
                f'folder "{self._selected}": the server counted to {last} and now only to {state.uidnext - 1}, without a new UIDVALIDITY'
            )
        return sorted({uid for uid in self._client.search(["UID", f"{last + 1}:*"]) if uid > last})

    def _recent(self, cursor: Cursor | None, since: datetime) -> list[int]:
        """The UIDs of a folder that is read for the first time, or that was renumbered since the cursor.

        The server compares dates in a zone that we don't know, so there is a day to spare; and one more where mails may
        have come in shortly before the last reading.
        """
        start = cursor.read - timedelta(days=2) if cursor else since - timedelta(days=1)
        return sorted(set(self._client.search(["SINCE", start.astimezone(UTC).date()])))

    def _mails(self, folder: str, uidvalidity: int, uids: Sequence[int], earliest: datetime) -> Iterable[Arrival]:
        for uid, parts in sorted(self._fetch(uids).items()):
            raw = next((value for name, value in parts.items() if name.startswith(b"BODY[")), None) or b""
            # A mail without a date has come at the earliest when we last looked.
            received = parts.get(b"INTERNALDATE") or earliest
            size = parts.get(b"RFC822.SIZE") or len(raw)
            yield Arrival(
                folder=folder, uidvalidity=uidvalidity, uid=uid, received=received.astimezone(UTC), size=size, raw=raw[:RAW_LIMIT]
            )

    def _fetch(self, uids: Sequence[int]) -> dict[int, dict[bytes, Any]]:
        """The mails that still exist. One that the server will not give comes back empty and does not hold up the others."""
        try:
            return dict(self._client.fetch(uids, _FETCHED))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if len(uids) == 1:
                return {uids[0]: {}}
            return {uid: parts for one in uids for uid, parts in self._fetch([one]).items()}


def _log_in(client: _Client, account: ImapAccount, token: Secret | None) -> None:
    """By token, or by PLAIN where the server knows it, because only that takes passwords beyond ASCII (RFC 4616); else LOGIN."""
    user, secret = account.user, token.reveal() if token else account.password()
    if re.search(r"[\x00-\x1f\x7f]", user + secret):
        raise Unreachable(
            f"{account.host}: the user name or the password holds a control character, such as a line break", login=True
        )
    shown = f"\0{user}\0{secret}"
    try:
        if token:
            mechanism = _mechanism(client, account)
            shown = sasl.answers(mechanism, user, token)(b"")
            client.sasl_login(mechanism, sasl.answers(mechanism, user, token))
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, secret)
        else:
            client.login('"' + user.replace("\\", "\\\\").replace('"', '\\"') + '"', secret)
    except imaplib.IMAP4.error as problem:
        said = _explain(problem)
        for each in (secret, base64.b64encode(shown.encode()).decode()):
            said = said.replace(each, "***") if each else said
        # imapclient calls a connection that breaks here a refused login, too; so does a server that is only busy.
        lost = isinstance(problem.__context__, imaplib.IMAP4.abort | OSError) or said.upper().startswith(_TRY_AGAIN)
        raise Unreachable(f"{account.host}: login of {user}: {said}", login=not lost) from None


def _mechanism(client: _Client, account: ImapAccount) -> str:
    """How to log in by token here."""
    offered = [
        said.decode("ascii", "replace").partition("=")[2] for said in client.capabilities() if said.upper().startswith(b"AUTH=")
    ]
    found = sasl.chosen(offered)
    if found is None:
        raise Unreachable(
            f"{account.host} offers no login by token (XOAUTH2), only {', '.join(offered) or 'by password'}", login=True
        )
    return found


def _watched(configured: tuple[str, ...], listed: Iterable[tuple[Sequence[bytes], bytes | None, str]]) -> tuple[str, ...]:
    """The configured folders, then one for each use that we watch: by its mark, else by the name that mail programs give it."""
    marked: dict[bytes, str] = {}
    named: dict[bytes, str] = {}
    for flags, separator, name in listed:
        marks = {flag.lower() for flag in flags}
        last = (name.rpartition(separator.decode("ascii", "replace"))[2] if separator else name).lower()
        for use in _WATCHED_USES if b"\\noselect" not in marks and b"\\nonexistent" not in marks else ():
            if use in marks:
                marked.setdefault(use, name)
            elif last in _NAMES_OF_USE.get(use, ()):
                named.setdefault(use, name)
    found = [{**named, **marked}[use] for use in _WATCHED_USES if use in named or use in marked]
    return tuple(dict.fromkeys((*configured, *found)))


def _explain(problem: BaseException) -> str:
    """What went wrong, in words for people."""
    match problem:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {problem.verify_message}"
        case TimeoutError():
            return "no answer in time"
        case socket.gaierror():
            return f"the name was not found: {problem.strerror}"
        case CapabilityError():
            return "it does not offer STARTTLS" if "STARTTLS" in str(problem) else str(problem)
        case OSError():
            return problem.strerror or str(problem)
        case imaplib.IMAP4.error():
            said = problem.args[0] if problem.args else "it gave up"
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            return re.sub(r"""\bb(['"])(.*)\1""", r"\2", text)
        case _:
            return f"it answers something that is not IMAP ({type(problem).__name__}: {problem})"


# -- the wire ------------------------------------------------------------------------------------------

_QUOTED = rb'"(?:[ !#-\[\]-~]|\\["\\])*"'
_COMMANDS = (
    rb"CAPABILITY|NOOP|LOGOUT|STARTTLS|IDLE|AUTHENTICATE (?:PLAIN|XOAUTH2|OAUTHBEARER)",
    rb"LOGIN " + _QUOTED + rb" " + _QUOTED,
    rb'LIST "" "\*"',
    rb"EXAMINE " + _QUOTED,
    rb"STATUS " + _QUOTED + rb" \(UIDNEXT UIDVALIDITY\)",
    rb"UID SEARCH (?:UID [0-9]+:\*|SINCE [0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})",
    rb"UID FETCH [0-9,]+ " + re.escape(f"({' '.join(_FETCHED)})".encode()),
)
# All that may ever leave us: a tagged command, the end of IDLE, the answers to AUTHENTICATE (base64), an end of line.
_MAY_LEAVE = re.compile(rb"[A-P]+[0-9]+ (?:" + rb"|".join(_COMMANDS) + rb")(?:\r\n)?|DONE\r\n|[A-Za-z0-9+/=]*|\r\n")


class _Wire(imaplib.IMAP4):
    """The socket of a connection, with a guard on both ways.

    Out: nothing but the commands above, so no text of a stranger can become a command (imapclient does not check its
    arguments) and nothing can change the mailbox. In: an answer has a greatest size.
    """

    def __init__(self, account: ImapAccount, limits: SocketTimeout, answer_limit: int) -> None:
        self._context = _tls_context(account.ca_file) if account.security == "tls" else None
        self._answer_limit = self._left = answer_limit
        super().__init__(account.host, account.port, limits.connect)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        # A link that died without a word (a router that forgot it) is found within two minutes, also in IDLE.
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, name):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain

    def send(self, data: Any) -> None:
        if not _MAY_LEAVE.fullmatch(data):
            raise ValueError("a command that may not be sent was held back")  # its text may be a secret
        self._left = self._answer_limit
        super().send(data)

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        try:
            line = super().readline()
        except self.error as problem:  # a line without end; the rest of it is still to come, so nothing can follow
            raise self.abort(str(problem)) from problem
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise self.abort("an answer is longer than we allow")

    def holds_data(self) -> bool:
        """Whether something was read ahead that the socket will not tell of, in the line buffer or under TLS."""
        limit = self.sock.gettimeout()
        self.sock.setblocking(False)
        try:
            return bool(self.file.peek(1))  # type: ignore[union-attr]
        except ssl.SSLWantReadError:
            return False
        finally:
            self.sock.settimeout(limit)

    def close(self) -> Any:
        """Close the socket, not the folder (that is what imaplib calls so, and it would expunge): nothing is said."""
        with contextlib.suppress(OSError):
            self.shutdown()


class _Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient on our wire."""

    def __init__(self, account: ImapAccount, limits: SocketTimeout, answer_limit: int) -> None:
        self._make_wire = functools.partial(_Wire, account, limits, answer_limit)
        super().__init__(account.host, account.port, ssl=account.security == "tls", timeout=limits)
        self.wire: _Wire = self._imap
        self.wire.debug = 0  # imapclient would format each line for a log, strangers' mail and all
        self.normalise_times = False  # keep the zone of INTERNALDATE

    def _create_IMAP4(self) -> _Wire:  # noqa: N802 - imapclient's name
        return self._make_wire()


@functools.cache
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """One for the whole process: each costs nearly a megabyte. Certificates and names are checked."""
    return ssl.create_default_context(cafile=ca_file)
