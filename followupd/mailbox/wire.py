"""The socket of a connection, with a guard on both ways, and imapclient on top of it.

Decides which commands may leave us at all, and how much a server may say. Never decides when anything is said.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import imaplib
import itertools
import operator
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError

from followupd.mailbox.headings import PARTS
from followupd.mailbox.model import RAW_LIMIT, ImapAccount

FETCHED = "INTERNALDATE", "RFC822.SIZE", f"BODY.PEEK[]<0.{RAW_LIMIT}>"
HEADED = "INTERNALDATE", *(f"BODY.PEEK[HEADER.FIELDS ({names})]<0.{size}>" for names, size in PARTS)

BUFFER = 1024  # bytes that are read ahead; what is longer is read at once, past the buffer

_QUOTED = rb'"(?:[ !#-\[\]-~]|\\["\\])*"'
_COMMANDS = (
    rb"CAPABILITY|NOOP|LOGOUT|STARTTLS|IDLE|AUTHENTICATE (?:PLAIN|XOAUTH2|OAUTHBEARER)",
    rb"LOGIN " + _QUOTED + rb" " + _QUOTED,
    rb'LIST "" "\*"',
    rb"EXAMINE " + _QUOTED,
    rb"STATUS " + _QUOTED + rb" \(UIDNEXT UIDVALIDITY\)",
    rb"GETQUOTAROOT INBOX",
    rb"UID SEARCH (?:UID [0-9]+:\*|SINCE [0-9]{2}-[A-Z][a-z]{2}-[0-9]{4})",
    *(rb"UID FETCH (?:[0-9,]+|[0-9]+:[0-9]+) " + re.escape(f"({' '.join(items)})".encode()) for items in (FETCHED, HEADED)),
)
MAY_LEAVE = re.compile(rb"[A-P]+[0-9]+ (?:" + rb"|".join(_COMMANDS) + rb")(?:\r\n)?|DONE\r\n|[A-Za-z0-9+/=]*|\r\n")
"""All that may ever leave us: a tagged command, the end of IDLE, the answers to AUTHENTICATE, an end of line. What is put
into the folder of sent mail is let out once, by `Wire.put`."""

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # never those of the locale (RFC 3501 section 9)
_LITERAL = re.compile(rb"\{([0-9]{1,9})\}\Z")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Wire(imaplib.IMAP4):
    """The socket of a connection, with a guard on both ways.

    Out: nothing but the commands above, so no text of a stranger can become a command (imapclient does not check its
    arguments) and nothing can change the mailbox. In: an answer has a greatest size.
    """

    def __init__(self, account: ImapAccount, limits: SocketTimeout, answer_limit: int) -> None:
        self._context = tls_context(account.ca_file) if account.security == "tls" else None
        self._answer_limit = self._left = answer_limit
        self._once: list[Callable[[bytes], object]] = []  # what may leave beside the rest, in this order, each once
        super().__init__(account.host, account.port, limits.connect)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect. What is read ahead is little: each mailbox in IDLE has its buffer."""
        super().open(host, port, timeout)
        name = "_file" if "_file" in vars(self) else "file"  # which of them it is depends on the version of Python
        getattr(self, name).close()
        setattr(self, name, self.sock.makefile("rb", BUFFER))

    def _log(self, line: str) -> None:
        """Nothing is kept of what was said: imaplib would keep the last lines of each connection, the login among them."""

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        plain = reached(self.host, self.port, timeout)
        # imapclient sends a SEARCH and its end of line apart: held back (RFC 896), the second waits 40 ms for a delayed ACK.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A link that died without a word (a router that forgot it) is found within two minutes, also in IDLE.
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, name):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain

    def put(self, folder: str, raw: bytes, at: datetime) -> None:
        """APPEND one mail, seen, to a folder given as a quoted argument (RFC 3501 section 6.3.11): exactly these bytes, once."""
        mail = _LINE_END.sub(b"\r\n", raw)
        if not re.fullmatch(_QUOTED, folder.encode("ascii")) or b"\0" in mail:
            raise ValueError("a mail or a folder that may not be put was held back")
        stamp = f"{at.astimezone(UTC):%d}-{_MONTHS[at.astimezone(UTC).month - 1]}-{at.astimezone(UTC):%Y %H:%M:%S} +0000"
        line = rf'APPEND {folder} (\Seen) "{stamp}" {{{len(mail)}}}'.encode("ascii")
        self._once = [re.compile(rb"[A-P]+[0-9]+ " + re.escape(line) + rb"\r\n").fullmatch, functools.partial(operator.eq, mail)]
        try:
            self.literal = mail  # type: ignore[assignment]
            kind, said = self._simple_command("APPEND", folder, r"(\Seen)", f'"{stamp}"')
        finally:
            self._once, self.literal = [], None
        if kind != "OK":
            raise self.error(said[-1])

    def send(self, data: Any) -> None:
        """Let out what may leave."""
        if self._once and self._once[0](data):
            del self._once[0]
        elif not MAY_LEAVE.fullmatch(data):
            raise ValueError("a command that may not be sent was held back")  # its text may be a secret
        self._left = self._answer_limit
        super().send(data)

    def together(self, commands: Sequence[bytes], *, idling: bytes = b"") -> list[tuple[bool, list[list[bytes]]]]:
        """Commands that leave in one go (RFC 3501 section 5.5): of each whether it went well, and the lines that were said before its end.

        Only for commands none of which can change what another one means. `idling`: the tag of an IDLE that ends with them.
        """
        tags = [self._new_tag() for _ in commands]
        lines = [b"%b %b\r\n" % each for each in zip(tags, commands, strict=True)]
        if idling:
            tags, lines = [idling, *tags], [b"DONE\r\n", *lines]
        if not all(map(MAY_LEAVE.fullmatch, lines)):
            raise ValueError("a command that may not be sent was held back")
        self._left = self._answer_limit
        try:
            super().send(b"".join(lines))
        except OSError as problem:
            raise self.abort(f"socket error: {problem}") from problem
        ends, said = dict[bytes, tuple[bool, list[list[bytes]]]](), list[list[bytes]]()
        while len(ends) < len(tags):
            line = self._pieces()
            tag, _, rest = line[0].partition(b" ")
            if tag in tags:
                ends[tag], said = (rest[:3].upper() == b"OK ", said), []
                del self.tagged_commands[tag]
            elif tag == b"*" and rest[:3].upper() != b"BYE":
                said.append(line)
            else:
                raise self.abort(f"unexpected response: {line[0][:200]!r}")
        return [ends[tag] for tag in tags[len(tags) - len(commands) :]]

    def now_open(self, folder: bool) -> None:
        """Whether a folder is open, and read-only, after what was said together."""
        self.state, self.is_readonly = ("SELECTED", True) if folder else ("AUTH", False)

    def _pieces(self) -> list[bytes]:
        """The next line; where there are literals in it (RFC 3501 section 4.3), text and literal in turn."""
        pieces = [self._said_line()]
        while literal := _LITERAL.search(pieces[-1]):
            pieces += [self.read(int(literal[1])), self._said_line()]
        return pieces

    def _said_line(self) -> bytes:
        line = self.readline()
        if not line.endswith(b"\r\n"):
            raise self.abort("socket error: EOF" if not line else "socket error: unterminated line")
        return line[:-2]

    def read(self, size: int) -> bytes:
        """Part of an answer, within its measure."""
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        """A line of an answer, within its measure."""
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


OTHER_ADDRESS = 4.0
"""Seconds for each address of a host but the last: a network that swallows IPv6 must not cost more (RFC 8305 is after the same)."""


def reached(host: str, port: int, limit: float | None) -> socket.socket:
    """A connection to any address of a host, those of both families in turn. Names are looked up each time: they change."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    families = [
        list(group)
        for _, group in itertools.groupby(sorted(found, key=lambda one: one[0] != found[0][0]), key=lambda one: one[0])
    ]
    addresses = [one for turn in itertools.zip_longest(*families) for one in turn if one is not None][:8]
    for family, kind, protocol, _, address in addresses:
        last = address == addresses[-1][4]
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(limit if last or limit is None else min(limit, OTHER_ADDRESS))
            plain.connect(address)
        except OSError:
            plain.close()
            if last:
                raise
        else:
            plain.settimeout(limit)
            return plain
    raise OSError(f"{host} has no address")


def quoted(pieces: Sequence[bytes]) -> bytes:
    """A line with what came as a literal as a quoted text."""
    line = pieces[0]
    for literal, text in zip(pieces[1::2], pieces[2::2], strict=True):
        held = literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        line = b'%b"%b"%b' % (line[: line.rindex(b"{")], held, text)
    return line


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient on our wire."""

    def __init__(self, account: ImapAccount, limits: SocketTimeout, answer_limit: int) -> None:
        self._make_wire = functools.partial(Wire, account, limits, answer_limit)
        super().__init__(account.host, account.port, ssl=account.security == "tls", timeout=limits)
        self.wire: Wire = self._imap
        self.wire.debug = 0  # imapclient would format each line for a log, strangers' mail and all
        self.normalise_times = False  # keep the zone of INTERNALDATE

    @property
    def idling(self) -> bytes:
        """The tag of the IDLE that was begun last."""
        return self._idle_tag or b""

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name
        return self._make_wire()


@functools.cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """One for the whole process: each costs nearly a megabyte. Certificates and names are checked."""
    return ssl.create_default_context(cafile=ca_file)


def explain(problem: BaseException) -> str:
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


_NO_NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA)\]|too many|throttl|rate.?limit|bandwidth|try again later|over quota", re.IGNORECASE
)
_PASSWORD = re.compile(r"\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|CONTACTADMIN)\]", re.IGNORECASE)


def kind_of(problem: BaseException) -> str:
    """What stands in the way, by its name in `core/unread.py`: the codes of RFC 5530, and what providers say instead of them."""
    match problem:
        case socket.gaierror():
            return "network"
        case OSError() if problem.errno in _NO_NETWORK:
            return "network"
        case imaplib.IMAP4.error() if _BUSY.search(explain(problem)) and not _PASSWORD.search(explain(problem)):
            return "busy"
        case _:
            return "link"
