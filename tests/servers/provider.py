"""A provider of mail, as bad as real ones on a bad day: each account has its SMTP and its IMAP side, in the play's own loop.

It throttles, greylists, counts quotas and connections, hangs up at any verb, lets access tokens expire in mid session, gives mails a
Message-ID of its own and folders a new UIDVALIDITY. What it does next it is told; what it has done it counts in `befallen`. The
list of accepted mails (`received`, with the time of the play) is the judge's.
"""

from __future__ import annotations

import asyncio
import base64
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymap.backend.dict.mailbox import MailboxData

from tests.servers import smtp
from tests.stories import stage
from tests.stories.imap_server import ImapServer
from tests.stories.stage import Catcher, Received

GREY_FOR = timedelta(minutes=10)
"""So long a recipient's server sends a sender away whom it does not know (RFC 6647)."""

EXPIRED = "530 5.7.57 Client not authenticated to send mail"
CROWDED = "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending"
GREY = "451 4.7.1 Greylisting in action, please come back later"

Good = Callable[[str], bool]


@dataclass(frozen=True)
class Spell:
    """For some time a verb is answered like this; `crowd`: only where there are more connections than one."""

    name: str
    verb: str
    text: str
    until: datetime
    crowd: bool = False


@dataclass(frozen=True)
class Cut:
    """The next time a verb comes, the connection ends. DOT: after the final dot; `stored` says whether the mail was taken."""

    verb: str
    stored: bool = False

    @property
    def name(self) -> str:
        """As it is counted."""
        return f"smtp cut at {self.verb}" + (" stored" if self.stored else "")


class _Session(stage._Session):
    server: Account
    token = ""

    async def say(self, verb: str) -> bytes:
        account = self.server
        if account.cuts[verb] and verb != "DOT":
            account.befallen[account.cuts[verb].popleft().name] += 1
            raise smtp._DroppedError
        text = account.said(verb, self)
        if not text:
            return await super().say(verb)
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()
        return text.encode()

    async def show(self, given: str) -> None:
        self.token = given.partition("auth=Bearer ")[2].rstrip("\1")
        self.server.shown.add(self.token)
        await super().show(given)

    async def data(self) -> None:
        if self.server.cuts["BODY"]:
            self.server.befallen[self.server.cuts["BODY"].popleft().name] += 1
            await self.say("DATA")
            raise smtp._DroppedError
        await super().data()

    async def end(self, mail: smtp.Mail) -> None:
        account = self.server
        if account.cuts["DOT"]:
            cut = account.cuts["DOT"].popleft()
            account.befallen[cut.name] += 1
            if cut.stored:
                account.accept(mail)
            raise smtp._DroppedError
        if account.said("DOT", self, peek=True):
            await self.say("DOT")
            return
        account.accept(mail)
        name = account.received[-1].message_id
        self.writer.write(f"250 2.6.0 <{name}> [InternalId=1] Queued mail for delivery\r\n".encode())
        await self.writer.drain()


class Account(Catcher):
    """One mailbox at the provider."""

    session = _Session

    def __init__(self, name: str, now: Callable[[], datetime], *, renames: bool = False, good: Good | None = None) -> None:
        """`good` says whether an access token counts; without it the login is by password."""
        super().__init__(now)
        self.name, self.now, self.renames, self._good = name, now, renames, good
        self.box = Letterbox(name, "secret", good, self)
        self.sent = self.box
        self.script = smtp.Script(bearer=good) if good else smtp.Script(password="secret")
        self.spells: list[Spell] = []
        self.cuts: defaultdict[str, deque[Cut]] = defaultdict(deque)
        self.greylist: set[str] = set()  # recipients whose servers send strangers away at first
        self.met: dict[str, datetime] = {}  # when they did
        self.shown: set[str] = set()  # tokens that somebody has logged in with
        self.befallen: Counter[str] = Counter()
        self.lag = timedelta()  # how long a copy takes to its folder
        self.later: Callable[[datetime, Callable[[], Any]], None]  # where there is a lag: has something done at a time
        self.taken: Callable[[Received], None] = lambda _: None  # is told of each mail taken

    def said(self, verb: str, session: _Session, *, peek: bool = False) -> str:
        """What is said at a verb instead of the usual; "" where it is the usual."""
        now = self.now()
        for spell in self.spells:
            if spell.verb == verb and now < spell.until and (not spell.crowd or len(self._sessions) > 1):
                self.befallen[spell.name] += not peek
                return spell.text
        if verb == "MAIL" and self._good and not self._good(session.token):
            self.befallen["token expired in smtp"] += 1
            return EXPIRED
        if verb == "RCPT":
            whom = smtp._address(self.commands[-1])
            if whom in self.greylist and now < self.met.setdefault(whom, now) + GREY_FOR:
                self.befallen["greylisted"] += 1
                return GREY
        return ""

    def accept(self, mail: smtp.Mail) -> None:
        super().accept(mail)
        self.taken(self.received[-1])

    def put_beside(self, box: ImapServer, raw: bytes) -> None:
        if self.lag:
            self.later(self.now() + self.lag, lambda: box.append(raw, self.now(), "Sent"))
        else:
            super().put_beside(box, raw)


class Letterbox(ImapServer):
    """The IMAP side of an account."""

    def __init__(self, user: str, password: str, good: Good | None, account: Account) -> None:
        super().__init__(user, password)
        self._good, self._account = good, account
        self.cuts: dict[str, str] = {}  # verbs at which it hangs up, or what it says there before that: BYE, NO, BAD

    def bye(self, words: str) -> None:
        """Every session is ended, in IDLE as elsewhere."""
        for writer in self._writers:
            if not writer.is_closing():
                writer.write(f"* BYE {words}\r\n".encode())
                writer.close()  # what was said still arrives
        self._writers.clear()

    async def renumber(self, folder: str) -> None:
        """The folder gets a new UIDVALIDITY and new numbers, from 1 on; whoever has it open is sent away, as Dovecot does."""
        old = await self._boxes.get_mailbox(folder)
        new = MailboxData(self._boxes._content_cache, self._boxes._thread_cache)
        new._uid_validity, new._max_uid = old._uid_validity + 1, 0
        for uid in sorted(old._messages):
            await old.copy(uid, new)
        if folder == "INBOX":
            self._boxes._inbox = new
        else:
            self._boxes._set[folder] = new
        self.hang_up()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await super()._talk(_Ear(self, reader, writer), writer)  # type: ignore[arg-type]


class _Ear:
    """Hears each command before the server does: some it answers itself, and at some the connection ends."""

    def __init__(self, box: Letterbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._box, self._reader, self._writer = box, reader, writer

    async def readexactly(self, count: int) -> bytes:
        return await self._reader.readexactly(count)

    async def readline(self) -> bytes:
        while True:
            line = await self._reader.readline()
            heard = await self._hear(line)
            if heard:
                return heard
            if not line:
                return b""

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()

    async def _hear(self, line: bytes) -> bytes:
        """The line that the server is to hear; nothing where it is answered here."""
        words = line.decode("latin-1").upper().split()
        tag, verb = line.decode("latin-1").split(" ")[0], next((word for word in words[1:] if word != "UID"), "")
        fault = self._box.cuts.pop(verb, None)
        if fault is not None:
            self._box._account.befallen[f"imap {fault or 'cut'} at {verb}"] += 1
            await self._fail(fault, tag)
            return b""
        if verb == "CAPABILITY" and self._box._good:
            await self._say(f"* CAPABILITY IMAP4rev1 IDLE UIDPLUS AUTH=XOAUTH2\r\n{tag} OK done")
            return b""
        if verb == "AUTHENTICATE" and self._box._good:
            return await self._log_in(tag)
        return line

    async def _fail(self, fault: str, tag: str) -> None:
        if fault in ("NO", "BAD"):
            await self._say(f"{tag} {fault} [UNAVAILABLE] please come back later")
            return
        if fault == "BYE":
            await self._say("* BYE server is going down")
        else:
            self._writer.transport.abort()
        raise ConnectionResetError

    async def _log_in(self, tag: str) -> bytes:
        assert self._box._good
        await self._say("+ ")
        given = base64.b64decode(await self._reader.readline()).decode()
        token = given.partition("auth=Bearer ")[2].rstrip("\1")
        self._box._account.shown.add(token)
        if self._box._good(token):
            return f"{tag} LOGIN {self._box.user} {self._box.password}\r\n".encode()
        self._box._account.befallen["token refused by imap"] += 1
        await self._say("+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}').decode())
        await self._reader.readline()
        await self._say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")
        return b""
