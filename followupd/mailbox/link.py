"""One connection to an IMAP server, used by one thread at a time.

Decides which commands bring what `Inbox` wants to know. Folders are opened with EXAMINE, mails are fetched with BODY.PEEK, so
no flag moves and nothing is marked as read (RFC 3501 sections 6.3.2 and 6.4.5). Nothing is ever searched for by words: SEARCH
gets UIDs and dates, and what a stranger wrote is compared here.
"""

from __future__ import annotations

import contextlib
import functools
import imaplib
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import SocketTimeout

from followupd import sasl
from followupd.core.model import Cursor
from followupd.files.secret import Secret
from followupd.mailbox import brought
from followupd.mailbox.extent import NOTHING, Extent, exists, opened, plain_name, told
from followupd.mailbox.folders import Folders, sorted_out
from followupd.mailbox.headings import EARLIER, Index, read_heading
from followupd.mailbox.model import RAW_LIMIT, Arrival, Arrivals, Heading, Headings, ImapAccount, Mail, NotKept, Unreachable
from followupd.mailbox.wire import FETCHED, HEADED, Client, explain, kind_of, quoted, tls_context

_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530: the server, not the mail
_HEADERS = 200  # mails whose headers are fetched at once


@dataclass(frozen=True, slots=True)
class State:
    """What EXAMINE says of a folder. `uidnext` is 0 where the server does not say."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class _Next:
    """Which mails of a folder come next; `end` is the UID for the cursor behind them."""

    uidvalidity: int
    end: int
    uids: Sequence[int] = ()
    more: bool = False
    rescanned: bool = False


class Link:
    """A logged-in connection. Blocks, so it is called in the pool; not one method may be called while another runs."""

    def __init__(self, client: Client, account: ImapAccount, *, idles: bool) -> None:
        """`client` has logged in."""
        self._client = client
        self._account = account
        self._selected = ""
        self._state = State(0, 0, 0)  # of the selected folder
        self._told: State | None = None  # what the caller has read of the first folder
        self.folders = Folders(account.folders)
        self._asked = ""  # the folder whose state was asked just now, and has not been used yet
        self.fetching: tuple[Mail, ...] = ()  # what is on its way: if the link breaks here, one of these may be why
        self.whole = False  # and whether it is more than the headers
        self.proved = False  # something could be fetched: it is not the server that fails
        self.wary: frozenset[str] = frozenset()  # folders whose mails are fetched one by one
        self.suspects: frozenset[Mail] = frozenset()  # mails over which the link broke
        self.parked: frozenset[Mail] = frozenset()  # those of which no more than the header is fetched
        self.lost: frozenset[Mail] = frozenset()  # those of which nothing is
        self.unread: set[Mail] = set()  # mails that were passed over: parked, or refused by the server
        self.idles = idles

    @classmethod
    def open(cls, account: ImapAccount, limits: SocketTimeout, answer_limit: int, token: Secret | None = None) -> Link:
        """Connect, log in, and see which folders there are."""
        client = Client(account, limits, answer_limit)
        try:
            if account.security == "starttls":
                client.starttls(tls_context(account.ca_file))
            _log_in(client, account, token)
            link = cls(client, account, idles=client.has_capability("IDLE"))
            link.list_folders()
            client._cached_capabilities = _alike(client.capabilities())  # noqa: SLF001
        except BaseException:
            client.wire.close()
            raise
        return link

    def list_folders(self) -> Folders:
        """See which folders there are now."""
        self.folders = sorted_out(self._account.folders, self._account.sent, self._client.list_folders())
        return self.folders

    def arrivals(self, folder: str, cursor: Cursor | None, since: datetime, batch: int) -> Arrivals:
        """The next mails of a folder. One round trip where there are none."""
        found = self._next(folder, cursor, since, batch)
        if folder == self.folders.watched[0]:
            self._told = self._state
        return Arrivals(
            folder=folder,
            uidvalidity=found.uidvalidity,
            end=found.end,
            mails=tuple(self._mails(folder, found.uidvalidity, found.uids, cursor.read if cursor else since)),
            more=found.more,
            rescanned=found.rescanned,
        )

    def latest(self, cursor: Cursor, batch: int, *, idling: bool) -> Arrivals | None:
        """The next mails of the first folder, which is open: fetched in the breath that ends IDLE, or if a NOOP brings word of them.

        None where only `arrivals` can tell: the folder is another one by now, or one of its mails breaks links.
        """
        folder, doubts = self.folders.watched[0], (self.wary, self.suspects, self.parked, self.lost)
        known = (folder, folder, self._state.uidvalidity) == (self._selected, cursor.folder, cursor.uidvalidity)
        if not known or any(doubts):
            if idling:
                self.unwatch()
            return None
        # Never both in one breath: Dovecot looks for news after all that it has been asked.
        wire, mails = self._client.wire, tuple[Arrival, ...]()
        if idling or any(exists(line[0]) for _, said in wire.together([b"NOOP"]) for line in said):
            first, last = cursor.uid + 1, cursor.uid + batch
            self.fetching = tuple((folder, cursor.uidvalidity, uid) for uid in (first, last))  # one of these, or one between
            fetch = f"UID FETCH {first}:{last} ({' '.join(FETCHED)})".encode()
            ((well, said),) = wire.together([fetch], idling=self._client.idling if idling else b"")
            self.fetching = ()
            found = brought.found(said, folder, cursor.uidvalidity, cursor.uid) if well else None
            if found is None:
                return None
            mails = found
        end = mails[-1].uid if mails else cursor.uid
        return Arrivals(folder=folder, uidvalidity=cursor.uidvalidity, end=end, mails=mails, more=False, rescanned=False)

    def headings(self, folder: str, cursor: Cursor | None, since: datetime) -> Headings:
        """The next mails of a folder, by their headers."""
        found = self._next(folder, cursor, since, _HEADERS)
        return Headings(
            uidvalidity=found.uidvalidity,
            end=found.end,
            found=tuple(self._headings(folder, found.uidvalidity, found.uids, cursor.read if cursor else since)),
            more=found.more,
            rescanned=found.rescanned,
        )

    def extents(self, folders: Sequence[str]) -> dict[str, Extent]:
        """How far these folders have come, asked in one breath: one round trip, and the first folder stays open for IDLE."""
        first = self.folders.watched[0]
        opening = first if first in folders else self._selected if self._selected in folders else ""
        order = sorted(folders, key=lambda folder: folder != opening)  # STATUS is not for the folder that is open
        names = {folder: self._client._normalise_folder(folder) for folder in order}  # noqa: SLF001
        self._selected = "" if opening else self._selected
        ends = [
            (well, [quoted(line) for line in said])
            for well, said in self._client.wire.together(
                [
                    b"EXAMINE " + name if one == opening else b"STATUS " + name + b" (UIDNEXT UIDVALIDITY)"
                    for one, name in names.items()
                ]
            )
        ]
        found = told(line for _, said in ends for line in said)
        well = {one for one, (good, _) in zip(order, ends, strict=True) if good}
        extents = {one: found.get(plain_name(names[one]), NOTHING) if one in well else NOTHING for one in folders}
        if opening:
            extents[opening] = self._now_open(opening, opened(ends[0][1]) if opening in well else None)
        return extents

    def _now_open(self, folder: str, said: tuple[Extent, int] | None) -> Extent:
        self._client.wire.now_open(said is not None)
        if said is None:
            return NOTHING
        self._selected, self._state, self._asked = folder, State(*said[0], said[1]), folder
        if folder == self.folders.watched[0]:
            self._told = self._state
        return said[0]

    def fetch(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[Arrival, ...]:
        """These mails, as far as they are still there."""
        if self._examine(folder).uidvalidity != uidvalidity:
            return ()
        return tuple(self._mails(folder, uidvalidity, uids, datetime.now(UTC)))

    def learn(self, folder: str, since: datetime, known: Mapping[str, Index]) -> tuple[Index, bool]:
        """What is known of a folder's mails since then, a step further; and whether that was the last step."""
        try:
            index = known.get(folder)
            on_the_way = bool(index and index.expected)
            uidvalidity, uidnext = (self._open(folder), 0) if on_the_way else self._standing(folder)
            if index is None or index.uidvalidity != uidvalidity or not index.reaches(since):
                index = Index(uidvalidity, since - EARLIER)
                if uidnext != 1:
                    self._open(folder)
                    index.expect(self._since(index.since))
            elif not index.expected and uidnext != index.end + 1:
                self._open(folder)
                index.expect(self._after(index.end, uidnext))
            if index.expected:
                self._open(folder)
                step = index.expected[:_HEADERS]
                index.add(step, self._headings(folder, uidvalidity, step, since))
        except Unreachable:
            if folder in self.folders.watched:
                raise
            return Index(0, since), True  # waste that can't be read is no reason to stop
        if not index.expected:
            index.end = max(index.end, uidnext - 1)
        return index, not index.expected

    def matching(self, folder: str, names: frozenset[str], since: datetime, index: Index) -> tuple[Heading, ...]:
        """Mails since then from these addresses, or naming these ids. Those that are gone meanwhile are left out."""
        uids = index.matching(names)
        if not uids or self._open(folder) != index.uidvalidity:
            return ()
        found = (
            heading
            for start in range(0, len(uids), _HEADERS)
            for heading in self._headings(folder, index.uidvalidity, uids[start : start + _HEADERS], since)
        )
        return tuple(one for one in found if one.received >= since and not names.isdisjoint((one.sender, *one.ids)))

    def append(self, raw: bytes, at: datetime) -> None:
        """A mail into the folder of sent mail; the only thing that is ever written."""
        try:
            self._client.wire.put(self._client._normalise_folder(self.folders.sent).decode("ascii"), raw, at)  # noqa: SLF001
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            said = explain(problem)
            raise NotKept(f'folder "{self.folders.sent}": {said}', passing=said.upper().startswith(_PASSING)) from problem

    def quota(self) -> float | None:
        """The share of the storage that is used up (RFC 2087); None where the server does not say."""
        if not self._client.has_capability("QUOTA"):
            return None
        try:
            _, quotas = self._client.get_quota_root("INBOX")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None
        return max((one.usage / one.limit for one in quotas if one.resource.upper() == "STORAGE" and one.limit > 0), default=None)

    def watch(self) -> bool:
        """Begin to watch the first folder. False if it has changed since the caller read it; then nothing was begun.

        What the server says between a reading and IDLE, or in one breath with its consent to IDLE, would wake nobody.
        """
        if self._examine(self.folders.watched[0]) != self._told:
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
        """Say good-bye."""
        self._client.logout()

    def fileno(self) -> int:
        """The socket, for the loop to watch."""
        return self._client.wire.sock.fileno()

    def cut(self) -> None:
        """End the connection under a thread that may be using it: the thread wakes up. May be called from any thread."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would pull the TLS state from under the thread.
            socket.socket.shutdown(self._client.wire.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket."""
        self._client.wire.close()

    def _examine(self, folder: str) -> State:
        """Open a folder anew, read-only. The answer holds the news, so it takes the place of a NOOP."""
        self._selected = self._asked = ""
        with self._refusals(folder):
            said = self._client.select_folder(folder, readonly=True)
        if b"UIDVALIDITY" not in said:
            raise Unreachable(f'folder "{folder}": the server keeps no lasting numbers for its mails (no UIDVALIDITY)')
        self._selected = folder
        self._state = State(said[b"UIDVALIDITY"], said.get(b"UIDNEXT", 0), said[b"EXISTS"])
        return self._state

    def _open(self, folder: str) -> int:
        """Have a folder open, whatever is new in it. Returns its UIDVALIDITY."""
        return (self._state if self._selected == folder else self._examine(folder)).uidvalidity

    def _standing(self, folder: str) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT (0: the server does not say), asked from outside where that can be (RFC 3501 section 6.3.10)."""
        if folder in (self.folders.watched[0], self._selected):
            state = self._examine(folder)
            return state.uidvalidity, state.uidnext
        with self._refusals(folder):
            said = self._client.folder_status(folder, ("UIDNEXT", "UIDVALIDITY"))
        return said.get(b"UIDVALIDITY", 0), said.get(b"UIDNEXT", 0)

    @contextlib.contextmanager
    def _refusals(self, folder: str) -> Iterator[None]:
        """A folder that the server will not open is named; one that it does not even list is gone."""
        try:
            yield
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            kind = "folder" if folder in self.folders.missing else kind_of(problem)
            raise Unreachable(f'folder "{folder}" can\'t be opened: {explain(problem)}', kind=kind) from problem

    def _next(self, folder: str, cursor: Cursor | None, since: datetime, batch: int) -> _Next:
        """Which mails come next."""
        # Another folder is asked from outside, so the first one stays open for IDLE.
        outside = folder not in (self.folders.watched[0], self._selected)
        if cursor and outside and self._standing(folder) == (cursor.uidvalidity, cursor.uid + 1):
            return _Next(cursor.uidvalidity, cursor.uid)
        state = self._state if self._asked == self._selected == folder else self._examine(folder)
        self._asked = ""
        known = cursor if cursor and cursor.uidvalidity == state.uidvalidity else None
        if known and state.uidnext == known.uid + 1:
            return _Next(state.uidvalidity, known.uid)
        if known:
            uids = self._after(known.uid, state.uidnext)
        else:  # read for the first time, or renumbered: one more day where mails may have come shortly before the last reading
            uids = self._since(cursor.read - timedelta(days=1) if cursor else since)
        taken, more = uids[:batch], len(uids) > batch
        end = taken[-1] if more else max(state.uidnext - 1, known.uid if known else 0, *taken)
        return _Next(state.uidvalidity, end, taken, more=more, rescanned=cursor is not None and known is None)

    def _after(self, last: int, uidnext: int) -> list[int]:
        """The UIDs above the last one. "n:*" always matches the last mail, even one below n, so it is sifted here again."""
        if 0 < uidnext <= last:
            # RFC 3501 section 2.3.1.1 forbids it. Reused numbers would pass for mails that were handled: better not to read.
            raise Unreachable(
                f'folder "{self._selected}": the server counted to {last} and now only to {uidnext - 1}, without a new UIDVALIDITY',
                kind="numbers",
            )
        return sorted({uid for uid in self._client.search(["UID", f"{last + 1}:*"]) if uid > last})

    def _since(self, start: datetime) -> list[int]:
        """The UIDs of mails received since then, and a day to spare: the server compares dates in a zone that we don't know."""
        day = (start - timedelta(days=1)).astimezone(UTC).date()
        return sorted(set(self._client.search(["SINCE", day])))

    def _mails(self, folder: str, uidvalidity: int, uids: Sequence[int], earliest: datetime) -> Iterable[Arrival]:
        doubted = [uid for uid in uids if (folder, uidvalidity, uid) in self.suspects]
        found = self._fetched(folder, uidvalidity, [uid for uid in uids if uid not in doubted], FETCHED)
        doubted += [uid for uid, parts in found.items() if not parts]
        for uid in doubted:  # after the others, and by the header first: that says at least whose it is
            header = self._fetched(folder, uidvalidity, [uid], HEADED)
            whole = (
                {}
                if (folder, uidvalidity, uid) in self.parked or uid in found
                else self._fetched(folder, uidvalidity, [uid], FETCHED)
            )
            if not any(whole.values()):
                self.unread.add((folder, uidvalidity, uid))
            found |= whole if any(whole.values()) else header
        for uid, parts in sorted(found.items()):
            raw = _bodies(parts)
            # A mail without a date has come at the earliest when we last looked.
            received = parts.get(b"INTERNALDATE") or earliest
            size = parts.get(b"RFC822.SIZE") or len(raw)
            yield Arrival(
                folder=folder, uidvalidity=uidvalidity, uid=uid, received=received.astimezone(UTC), size=size, raw=raw[:RAW_LIMIT]
            )

    def _headings(self, folder: str, uidvalidity: int, uids: Sequence[int], earliest: datetime) -> Iterable[Heading]:
        for uid, parts in sorted(self._fetched(folder, uidvalidity, uids, HEADED).items()):
            received = (parts.get(b"INTERNALDATE") or earliest).astimezone(UTC)
            yield read_heading(folder, uidvalidity, uid, received, _bodies(parts))

    def _fetched(
        self, folder: str, uidvalidity: int, uids: Sequence[int], items: Sequence[str]
    ) -> dict[int, Mapping[bytes, Any]]:
        """The mails that still exist, by UID. One that the server will not give comes back empty.

        That its header is missing too is only believed of a mail if something else can be fetched: else it is the server that fails,
        and passing over its mails would lose answers.
        """
        lost = [uid for uid in uids if (folder, uidvalidity, uid) in self.lost]
        wanted = sorted(
            (uid for uid in uids if uid not in lost), key=lambda uid: ((folder, uidvalidity, uid) in self.suspects, uid)
        )
        size = 1 if folder in self.wary else max(1, len(wanted))
        found: dict[int, Mapping[bytes, Any]] = {uid: {} for uid in lost}
        for start in range(0, len(wanted), size):
            some = wanted[start : start + size]
            self.fetching = tuple((folder, uidvalidity, uid) for uid in some)
            self.whole = items is FETCHED
            found |= self._fetch(some, items)
            self.fetching = ()
            self.proved = self.proved or any(found.values())
        if items is HEADED and not self.proved and found:
            raise Unreachable(f'folder "{folder}": the server gives none of its mails')
        return found

    def _fetch(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, Mapping[bytes, Any]]:
        try:
            return dict(self._client.fetch(uids, items))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            if kind_of(problem) == "busy":
                raise
            if len(uids) == 1:
                return {uids[0]: {}}
            return {uid: parts for one in uids for uid, parts in self._fetch([one], items).items()}


@functools.lru_cache(maxsize=64)
def _alike(capabilities: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What a server can do, kept once for all mailboxes on it."""
    return capabilities


def _bodies(parts: Mapping[bytes, Any]) -> bytes:
    """The bytes that were fetched of a mail: its beginning, or the parts of its header."""
    return b"\r\n".join(value for name, value in parts.items() if name.startswith(b"BODY[") and isinstance(value, bytes))


def _log_in(client: Client, account: ImapAccount, token: Secret | None) -> None:
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
        said = sasl.struck(explain(problem), secret, shown)
        # imapclient calls a connection that breaks here a refused login, too; so does a server that is only busy.
        busy = kind_of(problem) == "busy"
        lost = isinstance(problem.__context__, imaplib.IMAP4.abort | OSError) or said.upper().startswith("[SERVERBUG]")
        kind = "busy" if busy else "link" if lost else "login"
        raise Unreachable(f"{account.host}: login of {user}: {said}", kind=kind) from None


def _mechanism(client: Client, account: ImapAccount) -> str:
    """How to log in by token here."""
    names = [said.decode("ascii", "replace").upper() for said in client.capabilities()]
    offered = [name.removeprefix("AUTH=") for name in names if name.startswith("AUTH=")]
    found = sasl.chosen(offered)
    if found is None:
        only = ", ".join(offered) or "by password"
        raise Unreachable(f"{account.host} offers no login by token (XOAUTH2), only {only}", login=True)
    return found
