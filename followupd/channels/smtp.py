"""One kept-open connection to a mail server, driven command by command, so that it is always known how far a mail got.

aiosmtplib connects, takes care of TLS and logs in; the mails themselves are a conversation of our own (`wire.py`).

Says what happened, in the words of `Delivery`, and whom it is about; decides nothing about trying again. Before the
first byte of the body is handed to the kernel every end is definite: Deferred or Refused. After that only a whole
answer of 2xx, 4xx or 5xx is definite, and everything else is Doubtful (RFC 5321 4.5.3.2.6, RFC 1047).
Never falls back to an unencrypted connection, and never logs in twice with one password or token.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple, cast

import aiosmtplib
from aiosmtplib.protocol import normalize_message_line_endings

from followupd import sasl
from followupd.channels.wire import Answer, Question, Wire
from followupd.core.model import Accepted, Deferred, Doubtful, Refused
from followupd.core.outbound import UnsafeMessage, plain_address
from followupd.files.secret import Secret

LONGEST_TEXT = 300  # of an answer, as it is kept and shown

Negative = Deferred | Refused

_LOG_IN_AGAIN = (530, 535)  # RFC 4954 section 6: no login, or one that counts no more


class GateClosed(Exception):
    """The mail may not leave any more. Raised by `before_dot`."""


class Door:
    """Where one account logs in: one connection at a time, so that what one is told the others need not ask.

    A wrong password that four connections try at once is four wrong passwords to the server, which soon locks the account.
    """

    def __init__(self) -> None:
        """Nobody has been refused."""
        self.refused: Secret | None = None  # the token that was refused last
        self._lock = asyncio.Lock()
        self._answer: Negative | None = None

    def open(self) -> None:
        """Whoever comes now may try: the mailbox has rested since, or there is another secret."""
        self._answer = None

    async def enter(self, log_in: Callable[[], Awaitable[Negative | None]]) -> Negative | None:
        """Log in; or be told what another was told since the door was opened."""
        async with self._lock:
            if self._answer is None:
                self._answer = await log_in()
            return self._answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccount:
    """Where and as whom a mailbox sends. `security` is `starttls`, `tls` or `none` (config allows that on loopback only).

    `token` gives a token to log in with, where there is no password; told of one that was refused, a newer one if it has one.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: Callable[[], str] | None = field(default=None, repr=False)
    token: Callable[[Secret | None], Awaitable[Secret]] | None = field(default=None, repr=False)
    ca_file: str | None = None
    local_hostname: str = "localhost"
    door: Door = field(default_factory=Door, repr=False, compare=False)  # all connections of one account share one


# -- what an answer means ------------------------------------------------------------------------

GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})  # RFC 3463, RFC 7505: there is no such mailbox


@dataclass(frozen=True, slots=True)
class Blame:
    """One row: an answer like this is about `whom`. An empty field fits every answer; patterns fit from the start on.

    `trouble` is a row of `core/troubles.py`; where it is empty, the trouble has the name of `whom`.
    """

    whom: str
    phase: str = ""  # names of phases, divided by blanks
    code: str = ""  # pattern of the reply code
    status: str = ""  # pattern of the enhanced status code (RFC 3463); "-" where the answer has none
    words: str = ""  # pattern of the text
    source: str = ""
    trouble: str = ""

    def fits(self, phase: str, code: int, status: str, text: str) -> bool:
        """Whether this row speaks about the answer."""
        return (
            (not self.phase or phase in self.phase.split())
            and re.match(self.code, str(code)) is not None
            and re.fullmatch(self.status or ".*", status or "-") is not None
            and re.search(self.words, text, re.IGNORECASE) is not None
        )


# The first row that fits decides. `mailbox` is ours: its login, its quota, its good name.
BLAMES = (
    Blame("server", phase="connect", source="RFC 5321 3.1, 4.2: greeting and EHLO speak for the server as a whole"),
    Blame(
        "mailbox", phase="login", code="4", trouble="throttled", source="Google: 454 4.7.0 too many login attempts; RFC 4954 6"
    ),
    Blame("mailbox", phase="login", trouble="login", source="RFC 4954 6: 535, 534, 530, 538"),
    Blame("mailbox", phase="mail", code="530", trouble="login", source="RFC 4954 6: 530 5.7.0 authentication required"),
    Blame(
        "mailbox", code="432", trouble="connections", source="Exchange Online: 432 4.3.2 concurrent connections limit exceeded"
    ),
    Blame(
        "mailbox",
        words="concurrent connections|too many connections",
        code="4",
        trouble="connections",
        source="the same in words",
    ),
    Blame("message", code="4", words="gr[ae]y.?list", source="RFC 6647: greylisting, whatever its code"),
    Blame(
        "mailbox",
        code="4[25]",
        status=r"4\.7\.0",
        words="log.?in",
        trouble="throttled",
        source="Google: 454 4.7.0 too many login attempts, also after the login",
    ),
    Blame(
        "mailbox",
        code="421",
        status=r"4\.7\..*",
        trouble="throttled",
        source="Google: 421 4.7.0 try again later, 4.7.28 unusual rate",
    ),
    Blame("mailbox", status=r"[45]\.4\.5", trouble="quota", source="Google: 550 5.4.5 daily user sending limit exceeded"),
    Blame(
        "mailbox",
        status=r"[45]\.5\.3",
        trouble="quota",
        source="452 4.5.3 with one recipient: the sender's quota (RFC 5321 4.5.3.1.10)",
    ),
    Blame("mailbox", status=r"5\.1\.90", trouble="quota", source="Exchange Online: message can't be sent, daily recipient limit"),
    Blame(
        "mailbox",
        status=r"[45]\.1\.[78]",
        trouble="policy",
        source="RFC 3463 3.2: bad sender address; Exchange Online: bad outbound sender",
    ),
    Blame("message", status=r"[45]\.2\.2", trouble="full", source="RFC 3463 3.3: the recipient's mailbox is full"),
    Blame("message", code="422", trouble="full", source="422: the recipient's mailbox has exceeded its storage limit"),
    Blame(
        "mailbox",
        words=r"\b(?:sending|daily|hourly|submission|message) (?:\w+ ){0,3}(?:limit|quota)",
        trouble="quota",
        source="a quota told in words: Amazon SES, Fastmail, Zoho, OVH",
    ),
    Blame(
        "mailbox",
        words=r"unusual sending|throttling failure",
        trouble="throttled",
        source="Zoho: 5.4.6 unusual sending activity; Amazon SES: maximum sending rate exceeded",
    ),
    Blame("mailbox", words="OutboundSpam|WASCL", trouble="policy", source="Exchange Online: the account is taken for a spammer"),
    Blame(
        "message",
        status=r"5\.7\.(?:17|12[4-9]|13[0-6])",
        source="RFC 7293; Exchange Online: this recipient takes no mail from us",
    ),
    Blame(
        "mailbox",
        status=r"5\.7\..*",
        trouble="policy",
        source="RFC 3463 3.8, RFC 7372; 5.7.1 policy, 5.7.26 and 5.7.515 authentication (Google, Outlook)",
    ),
    Blame(
        "mailbox",
        status=r"4\.7\.(?:2[3-9]|3\d|[5-7]\d\d)",
        trouble="throttled",
        source="Google: 4.7.26 to 4.7.32 authentication; Exchange Online: 4.7.5xx, 4.7.7xx",
    ),
    Blame(
        "mailbox",
        code="5",
        status="-",
        words=r"spf|dkim|dmarc|bl[ao]ck ?list|reputation|spamhaus|policy",
        trouble="policy",
        source="policy told in words only",
    ),
    Blame("message", status=r"[45]\.3\.4", source="RFC 3463 3.4: message too big for the system"),
    Blame("server", status=r"4\.[34]\..*", source="RFC 3463 3.4 and 3.5: mail system and network status"),
    Blame("server", code="421", source="RFC 5321 3.8: the service shuts down"),
    Blame("server", phase="mail", code="4", source="RFC 5321 4.3.2: 451 and 452 at MAIL, local error or storage"),
    Blame("mailbox", phase="mail", code="5", trouble="policy", source="RFC 5321 3.3: at MAIL only the sender is known yet"),
    Blame(
        "message",
        source="what is left concerns this recipient or these bytes: greylisting 450, 451 4.7.1; full 552 5.2.2; content",
    ),
)


def judge(phase: str, code: int, text: str) -> Deferred | Refused | None:
    """What a negative answer means at `connect`, `login`, `mail`, `rcpt`, `data` or `dot`; None if it makes no sense.

    A greeting or EHLO that says 5xx is Deferred: it is about the server of today, and no touch is to fail for it.
    """
    shown, status = cleaned(text), _status(text)
    if not 400 <= code <= 599 or (status and status[0] != str(code)[0]):
        return None
    row = next(row for row in BLAMES if row.fits(phase, code, status, shown))
    if code < 500 or phase == "connect":
        return Deferred(code, shown, row.whom, row.trouble)
    return Refused(code, shown, gone=phase == "rcpt" and status in GONE, blames=row.whom, trouble=row.trouble)


def cleaned(text: str) -> str:
    """A server's words, fit for a log and a table: printable, one line, cut."""
    text = text[:2000]
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())[:LONGEST_TEXT]


def _status(text: str) -> str:
    match = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\w.])", text[:40])
    return match[1] if match else ""


def _ids(text: str) -> tuple[str, ...]:
    """Message-IDs that the answer to a mail names: Exchange Online tells the one it gave the mail."""
    found = re.findall(r"<([!-;=?A-~]{1,120}@[!-;=?A-~]{1,120})>", text[:2000])
    return tuple(dict.fromkeys(found))[:5]


# -- the connection ------------------------------------------------------------------------------


@cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """One context per process: names and certificates are always checked."""
    return ssl.create_default_context(cafile=ca_file)


class _Command(NamedTuple):
    """A command of the envelope: its line, the phase that an answer speaks of, and the codes that are a yes."""

    line: bytes
    phase: str
    yes: tuple[int, ...]


def _envelope(sender: str, recipient: str, copy_to: str) -> list[_Command]:
    """RFC 5321 section 3.3, for addresses that are plain ones."""
    commands = [
        _Command(b"MAIL FROM:<%b>\r\n" % sender.encode("ascii"), "mail", (250,)),
        _Command(b"RCPT TO:<%b>\r\n" % recipient.encode("ascii"), "rcpt", (250, 251)),
    ]
    if copy_to:  # our own address: whatever is said about it is no word about the recipient
        commands.append(_Command(b"RCPT TO:<%b>\r\n" % copy_to.encode("ascii"), "mail", (250, 251)))
    return commands


_DATA = b"DATA\r\n"
_BUT_LINE_ENDS = bytes(sign for sign in range(256) if sign not in b"\r\n")


def _for_the_wire(raw: bytes) -> bytes:
    """What follows the 354: line ends of one kind, dots doubled (RFC 5321 section 4.5.2), and the final one."""
    ends = len(raw.translate(None, _BUT_LINE_ENDS))
    if not raw.endswith(b"\r\n") or ends != 2 * raw.count(b"\r\n"):
        raw = normalize_message_line_endings(raw)  # never what `compose` made
    if b"\r\n." in raw:
        raw = raw.replace(b"\r\n.", b"\r\n..")
    return b"".join((b"." if raw.startswith(b".") else b"", raw, b".\r\n"))


def nothing() -> None:
    """Nobody wants to know."""


class Connection:
    """A connection to one account: `begin`, then `finish` or `reset`, as often as wanted, and `close` at the end.

    One mail at a time is between `begin` and its dot. Then the next may begin, by another task as well: where the server
    takes it (RFC 2920), its envelope leaves before the first one's answer has come; elsewhere `begin` waits for that.
    Connects when needed; drops itself when out of step. Must be used in one event loop.
    """

    def __init__(
        self, account: SmtpAccount, *, connect_limit: float = 30.0, command_limit: float = 120.0, dot_limit: float = 600.0
    ) -> None:
        if account.security not in {"starttls", "tls", "none"}:
            raise ValueError(f"security is {account.security!r}; write starttls, tls or none")
        self._account = account
        self._connect_limit = connect_limit
        self._command_limit = command_limit
        self._dot_limit = dot_limit
        self._kept: Wire | None = None
        self._most = 0  # bytes of a mail that the server takes (RFC 1870); 0: it has not said
        self._begun = False  # a mail is between `begin` and its dot
        self._data: Answer | None = None  # to the DATA that went with its envelope
        self._used = 0.0  # when an answer has last left the server ready for another mail

    @property
    def idle_since(self) -> float | None:
        """When the connection was last used, on the event loop's clock; None while there is none or it is busy."""
        wire = self._wire()
        return None if wire is None or self._begun or wire.ahead else self._used

    async def begin(self, sender: str, recipient: str, copy_to: str = "", *, follows: int = 0) -> Negative | None:
        """Connect and log in if needed, then MAIL and RCPT. None: the server is ready for `finish`.

        `copy_to` is a second recipient of the same mail, so that one answer speaks for both. `follows`: so many bytes are ready to follow at
        once, so that DATA may go in the same breath (RFC 2920 section 3.1); 0: whether the mail follows is not known yet.
        """
        try:
            plain_address("sender", sender)
            plain_address("recipient", recipient)
            if copy_to:
                plain_address("sender", copy_to)
        except UnsafeMessage as error:
            return Refused(553, cleaned(str(error)))
        if self._begun:  # of two envelopes at once a server might take the first mail to the second one's recipient
            raise RuntimeError("a mail has begun on this connection, and neither its dot nor a reset has been written")
        begun, self._begun = False, True
        try:
            answer = await self._begin(_envelope(sender, recipient, copy_to), follows)
            begun = answer is None
        finally:
            self._begun = begun
        return answer

    async def finish(
        self, raw: bytes, *, before_dot: Callable[[], None], after_dot: Callable[[], None] = nothing
    ) -> Accepted | Deferred | Refused | Doubtful:
        """DATA and the mail. `before_dot` is called between the 354 and the first byte of the body, `after_dot` once its end is handed over.

        If `before_dot` raises `GateClosed`, or anything else, the connection is dropped without a dot: the mail has not been
        sent. From `after_dot` on, the next mail may begin.
        """
        wire = self._wire()
        try:
            dot = await self._hand_over(wire, raw, before_dot) if wire else None
        finally:
            self._begun = False
        if wire is None or dot is None:
            return Deferred(0, "the connection was lost before DATA", "server")
        if not isinstance(dot, Question):
            return dot
        try:
            after_dot()
        except BaseException:
            self._drop(wire)
            raise
        return await self._delivered(wire, dot)

    async def reset(self) -> None:
        """Forget the mail begun; the connection stays if the server agrees."""
        try:
            if wire := self._wire():
                await self._reset(wire)
        finally:
            self._begun = False

    async def close(self) -> None:
        """QUIT, once every answer that is still out has come. What the server says to that never matters."""
        if wire := await self._turn():
            self._kept = None
            await self._ask(wire, b"QUIT\r\n", min(5.0, self._command_limit))
            self._drop(wire)

    # -- steps -----------------------------------------------------------------------------------

    async def _open(self) -> Negative | None:
        if self._wire():
            return None
        self._kept = None
        account = self._account
        try:
            if account.token:
                return await self._open_by_token(account.token)
            return await self._connect(account.password() if account.password else None)
        except (OSError, ValueError, LookupError) as error:
            if account.token:
                return Deferred(0, cleaned(f"{account.user} can't log in: {_told(error)}"), "mailbox")
            return Deferred(0, cleaned(f"the password of {account.user} can't be had: {_told(error)}"), "mailbox", "login")

    async def _open_by_token(self, purse: Callable[[Secret | None], Awaitable[Secret]]) -> Negative | None:
        """A token may run out before its time: one that is refused is renewed once, and never shown again."""
        door = self._account.door
        token = await purse(door.refused)
        answer = await self._connect(token)
        if answer and answer.code == 535:
            door.refused, fresh = token, await purse(token)
            if fresh is not token:
                door.open()
                door.refused, answer = fresh, await self._connect(fresh)
        if answer is None:
            door.refused = None
        return answer

    async def _connect(self, secret: str | Secret | None) -> Negative | None:
        account, client = self._account, None
        try:
            client = self._new_client()
            async with asyncio.timeout(self._connect_limit + self._command_limit):
                await client.connect()
                await client.ehlo(timeout=self._command_limit)
                refused = await account.door.enter(partial(self._log_in, client, secret)) if secret is not None else None
            if refused is None:
                self._take_over(client)
        except aiosmtplib.SMTPResponseException as error:
            return judge("connect", error.code, error.message) or Deferred(0, cleaned(_told(error)), "server")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Deferred(0, cleaned(f"no connection to {account.host}:{account.port}: {_told(error)}"), "server")
        finally:
            if client is not None and self._kept is None:
                _let_go(client)
        return refused

    def _take_over(self, client: aiosmtplib.SMTP) -> None:
        """From here on the conversation is our own: aiosmtplib asks one question at a time, at several times the cost."""
        transport, protocol = client.transport, client.protocol
        if transport is None or protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("connection lost")
        if protocol._buffer:  # noqa: SLF001  (there is no public way to see an answer too many)
            raise aiosmtplib.SMTPServerDisconnected("the server answered more than it was asked")
        most = client.esmtp_extensions.get("size", "")
        self._most = int(most) if most.isdecimal() else 0
        self._kept = Wire(cast("asyncio.Transport", transport), pipelining=client.supports_extension("pipelining"))

    async def _log_in(self, client: aiosmtplib.SMTP, secret: str | Secret) -> Negative | None:
        try:
            await (self._show(client, secret) if isinstance(secret, Secret) else self._login(client, secret))
        except aiosmtplib.SMTPResponseException as error:
            said = sasl.struck(error.message, *self._shown(client, secret))
            return judge("login", error.code, said) or Deferred(0, cleaned(f"{error.code} {said}"), "server")
        return None

    def _shown(self, client: aiosmtplib.SMTP, secret: str | Secret) -> tuple[str, ...]:
        """What the server sees of the secret."""
        if not isinstance(secret, Secret):
            return (secret, f"\0{self._account.user}\0{secret}")
        answer = sasl.answers(sasl.chosen(client.server_auth_methods) or "XOAUTH2", self._account.user, secret)
        return (secret.reveal(), answer(b""))

    def _new_client(self) -> aiosmtplib.SMTP:
        account, secure = self._account, self._account.security
        return aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            local_hostname=account.local_hostname,
            timeout=self._connect_limit,
            use_tls=secure == "tls",
            start_tls=secure == "starttls",  # True insists: no STARTTLS, no mail
            tls_context=None if secure == "none" else tls_context(account.ca_file),
        )

    async def _login(self, client: aiosmtplib.SMTP, password: str) -> None:
        """One method, one try: aiosmtplib's own `login` tries each method in turn, and a wrong password counts thrice."""
        offered, user, limit = client.server_auth_methods, self._account.user, self._command_limit
        if "plain" in offered or "login" in offered:
            log_in = client.auth_plain if "plain" in offered else client.auth_login
            try:
                await log_in(user, password, timeout=limit)
            except aiosmtplib.SMTPAuthenticationError as error:
                if error.code // 100 != 2:  # RFC 4954 wants 235; some servers say yes with another 2xx
                    raise
        elif offered:
            raise aiosmtplib.SMTPException(f"the server offers no login by PLAIN or LOGIN, only {', '.join(offered)}")
        # A relay that knows us by address offers no AUTH at all (RFC 4954 4): one that wants a login says 530 to MAIL.

    async def _show(self, client: aiosmtplib.SMTP, token: Secret) -> None:
        """Log in with a token. The word that it was refused is a question (334); only its answer brings the 535."""
        offered, limit = client.server_auth_methods, self._command_limit
        mechanism = sasl.chosen(offered)
        if mechanism is None:
            raise aiosmtplib.SMTPException(f"the server offers no login by token (XOAUTH2), only {', '.join(offered) or 'none'}")
        answer = sasl.answers(mechanism, self._account.user, token)
        said = await client.execute_command(b"AUTH", mechanism.encode(), b64encode(answer(b"").encode()), timeout=limit)
        if said.code == 334:
            said = await client.execute_command(b64encode(answer(b"").encode()), timeout=limit)
        if said.code // 100 != 2:
            raise aiosmtplib.SMTPAuthenticationError(said.code, said.message)

    async def _begin(self, envelope: list[_Command], follows: int) -> Negative | None:
        kept = await self._turn()
        ahead = kept.ahead if kept else None
        answer = await self._open() or await self._envelope(envelope, follows)
        if kept is None or answer is None:
            return answer
        if answer.code in _LOG_IN_AGAIN:
            self._drop(kept)  # the login has run out on the kept connection
        elif answer.blames != "server":
            return answer
        if kept.end and (ahead is None or (ahead.answered and ahead.answers[-1].code == 250)):
            # The kept connection had died while idle, or did so after the mail ahead, which only shows at the next command.
            # Nothing has been sent on it. Where the mail ahead came to grief with it, a new connection would be no better.
            answer = await self._open() or await self._envelope(envelope, follows)
        return answer

    async def _envelope(self, envelope: list[_Command], follows: int) -> Negative | None:
        wire, limit, self._data = self._wire(), self._command_limit, None
        if wire is None:
            return Deferred(0, "the connection was lost before MAIL", "server")
        if wire.pipelining:
            lines = [one.line for one in envelope]
            if follows and not self._too_big(follows):
                lines.append(_DATA)
            answers = await self._ask(wire, b"".join(lines), limit, len(lines))
            if len(answers) > len(envelope):
                self._data = answers.pop()
        else:
            answers = []
            for one in envelope:
                answers += await self._ask(wire, one.line, limit)
                if not answers or answers[-1].code not in one.yes:
                    break
        for one, answer in zip(envelope, answers, strict=False):
            if answer.code not in one.yes:
                return await self._negative(wire, one.phase, answer) or Deferred(0, _senseless(answer), "server")
        if wire.end or len(answers) < len(envelope):
            self._drop(wire)
            phase = envelope[min(len(answers), len(envelope) - 1)].phase
            return Deferred(0, cleaned(f"connection lost at {phase.upper()}: {wire.end}"), "server")
        return None

    async def _hand_over(self, wire: Wire, raw: bytes, before_dot: Callable[[], None]) -> Question | Negative:
        """DATA, the gate, and the whole mail in one write; or why not one byte of it has left."""
        if self._too_big(len(raw)):
            await self._reset(wire)
            return Refused(552, f"the message has {len(raw)} bytes, and the server takes {self._most}")
        body = _for_the_wire(raw)
        asked, self._data = self._data, None
        for answer in [asked] if asked else await self._ask(wire, _DATA, self._command_limit):
            if answer.code != 354:
                return await self._negative(wire, "data", answer) or Deferred(0, _senseless(answer), "server")
            if wire.end:
                break
            # No `await` from here on: what is known about the connection is still so when the mail leaves.
            try:
                before_dot()
            except GateClosed:
                self._drop(wire)
                return Deferred(0, "the gate closed before the dot")
            except BaseException:
                self._drop(wire)
                raise
            return wire.ask(body, 1, self._dot_limit)
        self._drop(wire)
        return Deferred(0, cleaned(f"before the body: {wire.end}"), "server")

    async def _delivered(self, wire: Wire, dot: Question) -> Accepted | Negative | Doubtful:
        """What has become of a mail that is handed over."""
        for answer in await self._heard(wire, dot):
            if answer.code != 250:
                return await self._negative(wire, "dot", answer) or Doubtful(_senseless(answer))
            if _status(answer.text)[:1] not in {"", "2"}:
                self._drop(wire)
                return Doubtful(cleaned(f"an answer at odds with itself: {answer.code} {answer.text}"))
            self._used = asyncio.get_running_loop().time()
            return Accepted(answer.code, cleaned(answer.text), _ids(answer.text))
        self._drop(wire)
        return Doubtful(cleaned(f"after the final dot: {wire.end}"))

    async def _negative(self, wire: Wire, phase: str, answer: Answer) -> Negative | None:
        """What an answer means that is no yes. None: it makes no sense, and the connection has been dropped for it."""
        negative = judge(phase, answer.code, answer.text)
        if negative is None or answer.code == 421:  # RFC 5321 3.8: the server closes
            self._drop(wire)
        elif phase == "dot":
            self._used = asyncio.get_running_loop().time()
        else:
            await self._reset(wire)
        return negative

    def _too_big(self, size: int) -> bool:
        return bool(self._most) and size > self._most

    async def _reset(self, wire: Wire) -> None:
        asked, self._data = self._data, None
        if asked and asked.code == 354:  # it waits for a mail: whatever we said now would be one
            self._drop(wire)
            return
        answers = await self._ask(wire, b"RSET\r\n", self._command_limit)
        if wire.end or [answer.code for answer in answers] != [250]:
            self._drop(wire)  # which resets all the more
        self._used = asyncio.get_running_loop().time()

    # -- state -----------------------------------------------------------------------------------

    async def _turn(self) -> Wire | None:
        """The open connection, once the server takes another command on it."""
        while (wire := self._wire()) and wire.ahead and not wire.pipelining:
            await wire.ahead.wait()
        return wire

    def _wire(self) -> Wire | None:
        return self._kept if self._kept and not self._kept.end else None

    def _ask(self, wire: Wire, data: bytes, limit: float, count: int = 1) -> Coroutine[None, None, list[Answer]]:
        return self._heard(wire, wire.ask(data, count, limit))

    async def _heard(self, wire: Wire, question: Question) -> list[Answer]:
        try:
            return await question
        except BaseException:  # cancelled: a mail that is ahead of this one is still answered, and nobody else asks
            wire.leave(question)
            self._forget(wire)
            raise

    def _drop(self, wire: Wire) -> None:
        """Let go of the connection at once, without another byte."""
        wire.cut("dropped")
        self._forget(wire)

    def _forget(self, wire: Wire) -> None:
        if self._kept is wire:
            self._kept = None


def _let_go(client: aiosmtplib.SMTP) -> None:
    """A connection that has come to nothing, without another byte."""
    if client.transport is not None:
        # abort, not close: what still lies in our buffer must not leave.
        client.transport.abort()  # type: ignore[attr-defined]
    client.close()


def _senseless(answer: Answer) -> str:
    return cleaned(f"an answer that makes no sense: {answer.code} {answer.text}")


def _told(error: BaseException) -> str:
    """What an exception says, in words even if it has none."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer within the limit"
    return str(error) or type(error).__name__
