"""SMTP servers for tests: one that follows a script, and a judge that writes down what it accepted.

The judge counts. It writes each mail to its log, synced, *before* it says 250, so whatever else is killed, the log says
what was accepted. In a process of its own: `python -m tests.servers.smtp --log FILE --port N` (prints `ready PORT`). With
`--copies FOLDER` it is a provider that keeps a copy of what it accepts in the folder of sent mail (see `keep_copy`).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

Answer = str | bytes

STRICT_END = re.compile(rb"\r\n\.\r\n")
LAX_END = re.compile(rb"(?:\r\n|\r|\n)\.(?:\r\n|\r|\n)")


@dataclass(frozen=True)
class Script:
    """How the server behaves. Verbs: BANNER EHLO STARTTLS AUTH MAIL RCPT DATA BODY DOT RSET QUIT.

    An answer may be a list: one for each time the verb comes, the last for ever. `drop` closes the connection at a
    verb instead of an answer (BODY: after the 354, before the dot). `stores` says whether a mail whose answer is a
    drop or garbage was accepted. `lax` ends a mail at any line that is a lone dot, as careless servers do.
    """

    answers: Mapping[str, Answer | Sequence[Answer]] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    delay: Mapping[str, float] = field(default_factory=dict)
    stores: bool = True
    lax: bool = False
    tls: ssl.SSLContext | None = None  # STARTTLS is offered
    implicit: bool = False  # TLS from the first byte
    password: str | None = None  # AUTH is offered, and wants this
    bearer: Callable[[str], bool] | None = None  # AUTH XOAUTH2 is offered, and asks this about the token
    mechanism: str = "XOAUTH2"
    size: int | None = None
    pipelining: bool = False  # RFC 2920 is offered; questions that come early are answered in their turn in any case
    loses: float = 0.0  # share of the mails whose answer to the dot is lost: half of them are taken, half are not (see `fate`)


def fate(message_id: str, loses: float) -> str:
    """What becomes of a mail where answers get lost, by its name alone: `answered`, `taken` (and not answered) or `dropped`."""
    drawn = int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) / 2**32
    return "dropped" if drawn < loses / 2 else "taken" if drawn < loses else "answered"


def copy_first(message_id: str) -> bool:
    """Whether a provider that keeps copies does so before it answers; by the mail's name alone, for half of them."""
    return hashlib.sha256(message_id.encode()).digest()[4] % 2 == 0


_copies = itertools.count()


def keep_copy(maildir: Path, raw: bytes) -> None:
    """Lay a mail into a Maildir as new, whole or not at all, owned like the folder itself."""
    name = f"{time.time():.6f}.{next(_copies)}.{os.getpid()}"
    half = maildir / "tmp" / name
    half.write_bytes(raw)
    owner = maildir.stat()
    os.chown(half, owner.st_uid, owner.st_gid)
    half.rename(maildir / "new" / name)


@dataclass(frozen=True)
class Mail:
    """An accepted mail."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes


USUAL = {
    "BANNER": "220 test ready",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 queued",
    "RSET": "250 2.0.0 ok",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


class SmtpServer:
    """A server on loopback. `script` may be replaced at any time; what came in is in the lists.

    `copies`: where the mailboxes of its users lie, as Dovecot has them; a copy of each mail goes into the sender's `Sent`.
    """

    def __init__(
        self, script: Script | None = None, *, log: Path | None = None, port: int = 0, copies: Path | None = None, address: str = "127.0.0.1"
    ) -> None:  # fmt: skip
        self.script = script or Script()
        self._address = address
        self.port = port
        self._copies = copies
        self.mails: list[Mail] = []
        self.commands: list[str] = []  # every command line, in order
        self.connections = 0
        self.logins = 0
        self.last_words: list[bytes] = []  # what clients say whose token was refused
        self.clear: list[bytes] = []  # every line read without TLS
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._said: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        context = self.script.tls if self.script.implicit else None
        self._server = await asyncio.start_server(self._serve, self._address, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._log is not None:
            os.close(self._log)

    def hang_up(self) -> None:
        """Close every connection, as a server does with idle ones."""
        for session in self._sessions:
            session.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._sessions.add(task)
        self.connections += 1
        try:
            await _Session(self, reader, writer).run()
        except (ConnectionError, asyncio.CancelledError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            self._sessions.discard(task)
            with contextlib.suppress(OSError, RuntimeError):
                writer.transport.abort()

    def answer(self, verb: str) -> bytes:
        """What the script says at this verb, this time."""
        said = self.script.answers.get(verb, USUAL.get(verb, "250 ok"))
        if not isinstance(said, str | bytes):
            turn = self._said.get(verb, 0)
            self._said[verb] = turn + 1
            said = said[min(turn, len(said) - 1)]
        return said if isinstance(said, bytes) else said.encode() + b"\r\n"

    def accept(self, mail: Mail) -> None:
        """Take a mail: into the synced log first."""
        if self._log is not None:
            line = {
                "sender": mail.sender,
                "recipients": mail.recipients,
                "message_id": mail.message_id,
                "raw": base64.b64encode(mail.raw).decode(),
            }
            os.write(self._log, json.dumps(line).encode() + b"\n")
            os.fsync(self._log)
        self.mails.append(mail)

    def keep(self, user: str, mail: Mail) -> None:
        """Put the copy into the user's folder of sent mail, where this server does so."""
        if self._copies is not None:
            keep_copy(self._copies / user / "Maildir" / ".Sent", mail.raw)


class _DroppedError(ConnectionError):
    """The script closes the connection here."""


class _Session:
    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.buffer = b""
        self.secure = server.script.implicit
        self.sender = ""
        self.user = ""
        self.recipients: list[str] = []

    async def say(self, verb: str) -> bytes:
        script = self.server.script
        await asyncio.sleep(script.delay.get(verb, 0))
        if verb in script.drop:
            raise _DroppedError
        answer = self.server.answer(verb)
        self.writer.write(answer)
        await self.writer.drain()
        return answer

    async def more(self) -> None:
        chunk = await self.reader.read(65536)
        if not chunk:
            raise _DroppedError
        self.buffer += chunk

    async def line(self) -> bytes:
        while b"\n" not in self.buffer:
            await self.more()
        line, _, self.buffer = self.buffer.partition(b"\n")
        if not self.secure:
            self.server.clear.append(line)
        return line.rstrip(b"\r")

    async def run(self) -> None:
        await self.say("BANNER")
        while True:
            line = (await self.line()).decode("latin-1")
            self.server.commands.append(line)
            verb = line.split(" ")[0].upper()
            match verb:
                case "EHLO" if "EHLO" in self.server.script.answers or "EHLO" in self.server.script.drop:
                    await self.say("EHLO")
                case "EHLO":
                    await self.greet()
                case "STARTTLS":
                    await self.start_tls()
                case "AUTH":
                    await self.login(line)
                case "MAIL":
                    self.sender, self.recipients = _address(line), []
                    await self.say("MAIL")
                case "RCPT":
                    if (await self.say("RCPT")).startswith(b"2"):
                        self.recipients.append(_address(line))
                case "DATA":
                    await self.data()
                case "QUIT":
                    await self.say("QUIT")
                    return
                case _:
                    await self.say(verb)

    async def greet(self) -> None:
        script = self.server.script
        await asyncio.sleep(script.delay.get("EHLO", 0))
        lines = ["test"]
        lines += ["STARTTLS"] if script.tls and not self.secure else []
        lines += ["AUTH PLAIN LOGIN"] if script.password is not None else []
        lines += [f"AUTH {script.mechanism}"] if script.bearer else []
        lines += [f"SIZE {script.size}"] if script.size is not None else []
        lines += ["PIPELINING"] if script.pipelining else []
        text = "".join(f"250{' ' if line is lines[-1] else '-'}{line}\r\n" for line in lines)
        self.writer.write(text.encode())
        await self.writer.drain()

    async def start_tls(self) -> None:
        if (await self.say("STARTTLS")).startswith(b"220") and self.server.script.tls:
            await self.writer.start_tls(self.server.script.tls)
            self.secure = True

    async def login(self, line: str) -> None:
        self.server.logins += 1
        words = line.split(" ")
        if self.server.script.bearer:
            await self.show(base64.b64decode(words[2]).decode())
            return
        given = base64.b64decode(words[2]).split(b"\0") if words[1].upper() == "PLAIN" else [b"", b""]
        if words[1].upper() == "LOGIN":
            self.writer.write(b"334 UGFzc3dvcmQ6\r\n")
            given.append(base64.b64decode(await self.line()))
        self.user = given[1].decode() if len(given) == 3 else ""
        if given[-1].decode() == self.server.script.password:
            await self.say("AUTH")
        else:
            self.writer.write(b"535 5.7.8 wrong password\r\n")

    async def show(self, given: str) -> None:
        """A token: who is refused is asked for a last word before the 535."""
        token = given.partition("auth=Bearer ")[2].rstrip("\1")
        assert self.server.script.bearer
        if self.server.script.bearer(token):
            await self.say("AUTH")
            return
        self.writer.write(b"334 " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n")
        self.server.last_words.append(base64.b64decode(await self.line()))
        self.writer.write(b"535 5.7.8 Username and Password not accepted\r\n")

    async def data(self) -> None:
        if not (await self.say("DATA")).startswith(b"354"):
            return
        script = self.server.script
        if "BODY" in script.drop:
            raise _DroppedError
        end, before = (LAX_END if script.lax else STRICT_END), b"\r\n"
        while not (found := end.search(before + self.buffer)):
            await self.more()
        whole = before + self.buffer
        body, self.buffer = whole[2 : found.start()] + b"\r\n", whole[found.end() :]
        raw = re.sub(rb"(?m)^\.", b"", body)
        name = re.search(rb"(?im)^message-id:\s*<([^>\r\n]*)>", raw.split(b"\r\n\r\n")[0])
        mail = Mail(self.sender, tuple(self.recipients), name[1].decode("latin-1") if name else "", raw)
        await self.end(mail)

    async def end(self, mail: Mail) -> None:
        """The final dot has come."""
        script = self.server.script
        befalls = fate(mail.message_id, script.loses)
        if befalls != "answered":
            if befalls == "taken":
                self.server.accept(mail)
                self.server.keep(self.user, mail)
            raise _DroppedError
        lost = "DOT" in script.drop or not re.match(rb"\d\d\d[ -]", self.server_answer())
        accepted = script.stores if lost else self.server_answer().startswith(b"2")
        early = accepted and copy_first(mail.message_id)
        if accepted:
            self.server.accept(mail)
        if early:
            self.server.keep(self.user, mail)
        try:
            await self.say("DOT")
        finally:  # also when nobody is left to hear the answer
            if accepted and not early:
                self.server.keep(self.user, mail)

    def server_answer(self) -> bytes:
        """The answer that comes next after the dot, without using it up."""
        said, turn = self.server.script.answers.get("DOT", USUAL["DOT"]), self.server._said.get("DOT", 0)
        if not isinstance(said, str | bytes):
            said = said[min(turn, len(said) - 1)]
        return said if isinstance(said, bytes) else said.encode()


def _address(line: str) -> str:
    match = re.search(r"<([^>]*)>", line)
    return match[1] if match else ""


# -- for others ----------------------------------------------------------------------------------


@contextlib.contextmanager
def in_thread(script: Script | None = None, *, log: Path | None = None) -> Iterator[SmtpServer]:
    """A server in a thread of its own, for tests that block."""
    server, loop, ready = SmtpServer(script, log=log), asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


@contextlib.contextmanager
def judge(
    log: Path, *, port: int = 0, delay: float = 0.0, drop: str = "", stores: bool = True, password: str = "", loses: float = 0.0,
    copies: Path | None = None, address: str = "127.0.0.1",
) -> Iterator[int]:  # fmt: skip
    """The judge in a process of its own; gives its port. `drop` names a verb at which it hangs up; `loses` see `Script`."""
    arguments = ["--log", str(log), "--port", str(port), "--delay", str(delay), "--drop", drop]
    arguments += ["--password", password, "--loses", str(loses), *(["--copies", str(copies)] if copies else [])]
    arguments += ["--address", address]
    command = [sys.executable, "-m", "tests.servers.smtp", *arguments, *([] if stores else ["--forgets"])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout is not None
        first = process.stdout.readline().split()
        assert first[:1] == ["ready"], first
        yield int(first[1])
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def read_log(log: Path) -> list[Mail]:
    """What the judge accepted, oldest first. A last line without its end was never answered with 250."""
    return parse_log(log.read_bytes().rpartition(b"\n")[0]) if log.exists() else []


def parse_log(whole: bytes) -> list[Mail]:
    """The mails in whole lines of a log."""
    found = map(json.loads, whole.split(b"\n") if whole else ())
    return [Mail(one["sender"], tuple(one["recipients"]), one["message_id"], base64.b64decode(one["raw"])) for one in found]


def certificate(folder: Path, name: str = "localhost", *, days: int = 30) -> tuple[ssl.SSLContext, Path]:
    """A self-signed certificate for `name`: the server's context, and the file that a client trusts. Under 0 days: expired."""
    key, cert = folder / f"{name}{days}.key", folder / f"{name}{days}.pem"
    wanted = folder / f"{name}{days}.csr"
    ask = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}"]
    ask += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(wanted)]
    sign = ["openssl", "x509", "-req", "-in", str(wanted), "-signkey", str(key), "-days", str(days), "-copy_extensions", "copy"]
    for command in (ask, [*sign, "-out", str(cert)]):
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


async def _main() -> None:
    parser = argparse.ArgumentParser(description="a mail server that writes down what it accepted")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between the log and the 250")
    parser.add_argument("--drop", default="", help="verb at which it hangs up, such as DOT")
    parser.add_argument("--password", default="", help="AUTH is offered, and wants this")
    parser.add_argument("--loses", type=float, default=0.0, help="share of the mails whose answer is lost, taken or not")
    parser.add_argument(
        "--copies", type=Path, help="where the mailboxes lie: a copy of what it accepts goes into the sender's Sent"
    )
    parser.add_argument("--forgets", action="store_true", help="a mail whose answer is dropped was not accepted")
    given = parser.parse_args()
    drop = frozenset({given.drop} if given.drop else ())
    script = Script(
        delay={"DOT": given.delay},
        drop=drop,
        stores=not given.forgets,
        password=given.password or None,
        loses=given.loses,
        pipelining=True,  # as nearly every server does
    )
    async with SmtpServer(script, log=given.log, port=given.port, copies=given.copies, address=given.address) as server:
        print(f"ready {server.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
