"""One kept-open connection to a mail server, driven command by command, so that it is always known how far a mail got.

Says what happened, in the words of `Delivery`, and whom it is about; decides nothing about trying again. Before the
first byte of the body is handed to the kernel every end is definite: Deferred or Refused. After that only a whole
answer of 2xx, 4xx or 5xx is definite, and everything else is Doubtful (RFC 5321 4.5.3.2.6, RFC 1047).
Never falls back to an unencrypted connection, and never logs in twice with one password or token.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from followupd import sasl
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
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:2000]).split())[:LONGEST_TEXT]


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


class _OutOfStepError(Exception):
    """The server said something that was not asked; nothing it says now can be given to a question."""


class Connection:
    """A connection to one account: `begin`, then `finish` or `reset`, as often as wanted, and `close` at the end.

    Made for one task at a time. Connects when needed; drops itself when out of step. Must be used in one event loop.
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
        self._client: aiosmtplib.SMTP | None = None
        self._idle_since: float | None = None

    @property
    def idle_since(self) -> float | None:
        """When the connection was last used, on the event loop's clock; None while there is none or it is busy."""
        return self._idle_since if self._protocol() else None

    async def begin(self, sender: str, recipient: str, copy_to: str = "") -> Deferred | Refused | None:
        """Connect and log in if needed, then MAIL and RCPT. None: the server is ready for `finish`.

        `copy_to` is a second recipient of the same mail, so that one answer speaks for both.
        """
        try:
            plain_address("sender", sender)
            plain_address("recipient", recipient)
            if copy_to:
                plain_address("sender", copy_to)
        except UnsafeMessage as error:
            return Refused(553, cleaned(str(error)))
        kept = self._protocol() is not None
        answer = await self._open() or await self._envelope(sender, recipient, copy_to)
        if kept and answer and answer.code in _LOG_IN_AGAIN:
            self._drop()  # the login has run out on the kept connection
        if kept and self._protocol() is None and answer and (answer.blames == "server" or answer.code in _LOG_IN_AGAIN):
            # The kept connection had died while idle, which only shows at the next command. Nothing has been sent on it.
            answer = await self._open() or await self._envelope(sender, recipient, copy_to)
        return answer

    async def finish(
        self, raw: bytes, *, before_dot: Callable[[], None], after_dot: Callable[[], None] = lambda: None
    ) -> Accepted | Deferred | Refused | Doubtful:
        """DATA and the mail. `before_dot` is called between the 354 and the first byte of the body.

        If it raises `GateClosed`, or anything else, the connection is dropped without a dot: the mail has not been sent.
        """
        client, protocol = self._client, self._protocol()
        if client is None or protocol is None:
            return Deferred(0, "the connection was lost before DATA", "server")
        if too_big := await self._too_big(client, raw):
            return too_big
        handed, broken = False, False

        def hand_over() -> None:
            nonlocal handed, broken
            broken = True
            before_dot()
            broken = False
            handed = True
            limit.reschedule(asyncio.get_running_loop().time() + self._dot_limit)

        self._idle_since = None
        try:
            async with asyncio.timeout(self._command_limit) as limit:
                with _between(protocol, hand_over):
                    answer = await client.data(raw, timeout=None)
        except GateClosed:
            self._drop()
            return Deferred(0, "the gate closed before the dot")
        except aiosmtplib.SMTPDataError as error:
            return await self._negative("dot" if handed else "data", error)
        except (aiosmtplib.SMTPException, _OutOfStepError, OSError) as error:
            self._drop()
            if broken:  # it was `before_dot` that failed, and that is not the server's fault
                raise
            text = cleaned(_told(error))
            return Doubtful(f"after the final dot: {text}") if handed else Deferred(0, f"before the body: {text}", "server")
        except BaseException:
            self._drop()
            raise
        return self._accepted(answer.code, answer.message)

    async def reset(self) -> None:
        """Forget the mail begun; the connection stays if the server agrees."""
        if self._client is None:
            return
        try:
            self._in_step()
            await self._client.rset(timeout=self._command_limit)
        except (aiosmtplib.SMTPException, _OutOfStepError, OSError):
            self._drop()  # which resets all the more
        else:
            self._idle_since = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """QUIT. What the server says to that never matters."""
        if self._client is not None and self._protocol():
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=min(5.0, self._command_limit))
        self._drop()

    # -- steps -----------------------------------------------------------------------------------

    async def _open(self) -> Negative | None:
        if self._protocol():
            return None
        self._drop()
        account = self._account
        try:
            if account.token:
                return await self._open_by_token(account.token)
            return await self._connect(account.password() if account.password else None)
        except (OSError, ValueError, LookupError) as error:
            self._drop()
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
        account = self._account
        try:
            self._client = client = self._new_client()
            async with asyncio.timeout(self._connect_limit + self._command_limit):
                await client.connect()
                await client.ehlo(timeout=self._command_limit)
                enter = account.door.enter
                refused = await enter(lambda: self._log_in(client, secret)) if secret is not None else None
        except aiosmtplib.SMTPResponseException as error:
            self._drop()
            return judge("connect", error.code, error.message) or Deferred(0, cleaned(_told(error)), "server")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            return Deferred(0, cleaned(f"no connection to {account.host}:{account.port}: {_told(error)}"), "server")
        except BaseException:
            self._drop()
            raise
        if refused is not None:
            self._drop()
        return refused

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

    async def _envelope(self, sender: str, recipient: str, copy_to: str) -> Negative | None:
        client, limit, phase = self._client, self._command_limit, "mail"
        if client is None:
            return Deferred(0, "the connection was lost before MAIL", "server")
        self._idle_since = None
        try:
            self._in_step()
            await client.mail(sender, timeout=limit)
            phase = "rcpt"
            self._in_step()
            await client.rcpt(recipient, timeout=limit)
            if copy_to:
                phase = "mail"  # our own address: whatever is said about it is no word about the recipient
                self._in_step()
                await client.rcpt(copy_to, timeout=limit)
        except aiosmtplib.SMTPResponseException as error:
            negative = await self._negative(phase, error)
            return Deferred(0, negative.text, "server") if isinstance(negative, Doubtful) else negative
        except (aiosmtplib.SMTPException, _OutOfStepError, OSError) as error:
            self._drop()
            return Deferred(0, cleaned(f"connection lost at {phase.upper()}: {_told(error)}"), "server")
        except BaseException:
            self._drop()
            raise
        return None

    async def _negative(self, phase: str, error: aiosmtplib.SMTPResponseException) -> Negative | Doubtful:
        """An answer that aiosmtplib took for a failure: any code but the one expected."""
        answer = judge(phase, error.code, error.message)
        if answer is None:
            self._drop()
            text = cleaned(f"an answer that makes no sense: {error.code} {error.message}")
            return Doubtful(text) if phase == "dot" else Deferred(0, text, "server")
        if error.code == 421:  # RFC 5321 3.8: the server closes
            self._drop()
        elif phase in {"mail", "rcpt", "data"}:
            await self.reset()
        else:
            self._idle_since = asyncio.get_running_loop().time()
        return answer

    def _accepted(self, code: int, text: str) -> Accepted | Doubtful:
        status = _status(text)
        if status and status[0] != "2":
            self._drop()
            return Doubtful(cleaned(f"an answer at odds with itself: {code} {text}"))
        self._idle_since = asyncio.get_running_loop().time()
        return Accepted(code, cleaned(text), _ids(text))

    async def _too_big(self, client: aiosmtplib.SMTP, raw: bytes) -> Refused | None:
        """RFC 1870: the server has said at EHLO how much it takes."""
        most = client.esmtp_extensions.get("size", "")
        if not most.isdecimal() or not 0 < int(most) < len(raw):
            return None
        await self.reset()
        return Refused(552, f"the message has {len(raw)} bytes, and the server takes {most}")

    # -- state -----------------------------------------------------------------------------------

    def _protocol(self) -> SMTPProtocol | None:
        if self._client is None or not self._client.is_connected:
            return None
        return self._client.protocol

    def _in_step(self) -> None:
        protocol = self._protocol()
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("connection lost")
        _check_silence(protocol)

    def _drop(self) -> None:
        """Let go of the connection at once, without another byte."""
        client, self._client, self._idle_since = self._client, None, None
        if client is None:
            return
        if client.transport is not None:
            # abort, not close: what still lies in our buffer must not leave.
            client.transport.abort()  # type: ignore[attr-defined]
        client.close()


def _told(error: BaseException) -> str:
    """What an exception says, in words even if it has none."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer within the limit"
    return str(error) or type(error).__name__


def _check_silence(protocol: SMTPProtocol) -> None:
    """Raise if the server has already said more than it was asked."""
    if protocol._buffer:  # noqa: SLF001  (there is no public way to see an answer too many)
        raise _OutOfStepError("the server answered more than it was asked")


@contextlib.contextmanager
def _between(protocol: SMTPProtocol, hand_over: Callable[[], None]) -> Iterator[None]:
    """While open, `hand_over` is called before the first bytes other than the DATA line are written.

    aiosmtplib waits for the 354 and writes the body in one call of `write`, with no `await` between: what is known
    here about the connection is still so when the body leaves.
    """
    write = protocol.write

    def guarded(data: bytes) -> None:
        if data != b"DATA\r\n":
            _check_silence(protocol)
            if not protocol.is_connected:
                raise aiosmtplib.SMTPServerDisconnected("connection lost before the body")
            hand_over()
        write(data)

    _check_silence(protocol)
    protocol.write = guarded  # type: ignore[method-assign]
    try:
        yield
    finally:
        del protocol.write
