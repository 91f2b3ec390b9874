"""A mail server that writes down what it accepted and when, for runs in which it counts who got what.

It announces PIPELINING and takes any login. Each mail stands in its file before it is answered: recipient, Message-ID, and the
monotonic times of MAIL, DATA, the final dot and its answer. `delay` is what a server far away, or one with a queue, takes to
answer the dot. In a process of its own: `python -m followupd.bench.servers.recorder FILE`, which prints its port.

Never refuses a mail, and knows only what our senders say.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from followupd.bench.servers import certificate
from followupd.bench.suite import WrongOutcome

GREETING = b"220 recorder ESMTP\r\n"
HELLO = b"250-recorder\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN\r\n"
ANSWERS = {
    b"EHLO": HELLO, b"HELO": b"250 recorder\r\n", b"AUTH": b"235 2.7.0 Welcome\r\n", b"RCPT": b"250 2.1.5 Ok\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n", b"NOOP": b"250 2.0.0 Ok\r\n", b"QUIT": b"221 2.0.0 Bye\r\n",
}  # fmt: skip
TAKEN = b"250 2.0.0 Ok: taken\r\n"
END = b"\r\n.\r\n"


class _Session(asyncio.Protocol):
    """One connection. The bytes of a mail are looked at only for its end and its Message-ID."""

    def __init__(self, log: int, delay: float) -> None:
        self._log, self._delay = log, delay
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._in_data = False
        self._held = False  # the answer to a dot is still to come: what was pipelined after it waits
        self._recipients: list[str] = []
        self._mail_at = self._data_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by birth
        self._transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        self._go_on()

    def _go_on(self) -> None:
        said = []
        while not self._held:
            if self._in_data:
                # A mail without a word is the dot alone; it can't come from us.
                end = self._waiting.find(END)
                if end < 0:
                    break
                mail = bytes(self._waiting[: end + 2])
                del self._waiting[: end + len(END)]
                self._in_data = False
                if self._delay:
                    self._held = True
                    self._loop.call_later(self._delay, self._answer_late, mail, time.monotonic())
                else:
                    self._note(mail, time.monotonic())
                    said.append(TAKEN)
                continue
            end = self._waiting.find(b"\r\n")
            if end < 0:
                break
            line = bytes(self._waiting[:end])
            del self._waiting[: end + 2]
            said.append(self._command(line))
        if said:
            self._transport.write(b"".join(said))
            if said[-1].startswith(b"221"):
                self._transport.close()

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"MAIL":
            self._recipients, self._mail_at = [], time.monotonic()
            return b"250 2.1.0 Ok\r\n"
        if verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
        if verb == b"DATA":
            self._in_data, self._data_at = True, time.monotonic()
            return b"354 Go on\r\n"
        return ANSWERS.get(verb, b"502 5.5.1 Not known\r\n")

    def _answer_late(self, mail: bytes, dot: float) -> None:
        self._note(mail, dot)
        self._held = False
        if not self._transport.is_closing():
            self._transport.write(TAKEN)
        self._go_on()

    def _note(self, mail: bytes, dot: float) -> None:
        head = mail.partition(b"\r\n\r\n")[0].lower()
        at = head.find(b"\r\nmessage-id:") + 13
        name = mail[at : mail.find(b"\r\n", at)].strip(b" <>").decode() if at > 12 else ""
        times = f"{self._mail_at:.6f}\t{self._data_at:.6f}\t{dot:.6f}\t{time.monotonic():.6f}"
        os.write(self._log, "".join(f"{one}\t{name}\t{times}\n" for one in self._recipients).encode())


async def _serve(log: int, delay: float, certificates: tuple[str, str] | None, port: int) -> None:
    context = None
    if certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificates)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Session(log, delay), "127.0.0.1", port, ssl=context, backlog=1000
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser()
    options.add_argument("file")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--delay", type=float, default=0.0, help="seconds before the answer to the final dot")
    options.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="speak TLS from the first byte")
    given = options.parse_args()
    log = os.open(given.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(_serve(log, given.delay, tuple(given.tls) if given.tls else None, given.port))


# -- from outside --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    """One mail to one recipient. Times are monotonic seconds of this machine."""

    recipient: str
    message_id: str
    mail: float
    data: float
    dot: float
    answered: float


@dataclass(frozen=True, slots=True)
class Recorder:
    """A running one. `ca_file`: what its certificate is to be trusted by, where it speaks TLS."""

    port: int
    file: Path
    ca_file: Path | None = None

    @property
    def count(self) -> int:
        """The mails taken so far."""
        return self.file.read_bytes().count(b"\n")

    def read(self) -> list[Recorded]:
        """What was accepted, in order."""
        rows = (line.split("\t") for line in self.file.read_text().splitlines())
        return [Recorded(to, name, *map(float, times)) for to, name, *times in rows]

    def check(self, expected: int) -> list[Recorded]:
        """What was accepted; so many recipients and each of them once, or WrongOutcome."""
        found = self.read()
        twice = [to for to, often in Counter(one.recipient for one in found).items() if often > 1]
        if twice:
            raise WrongOutcome(f"{len(twice)} got more than one mail, such as {twice[0]}")
        if len(found) != expected:
            raise WrongOutcome(f"{len(found)} mails arrived instead of {expected}")
        return found

    def forget(self) -> None:
        """Begin with an empty file. Do it while nobody sends."""
        os.truncate(self.file, 0)


@contextmanager
def recorder(*, delay: float = 0.0, tls: bool = False, port: int = 0) -> Iterator[Recorder]:
    """A running recorder in a process of its own. With `tls` it has a certificate for localhost that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="recorder") as name:
        folder = Path(name)
        command = [
            sys.executable,
            "-m",
            "followupd.bench.servers.recorder",
            str(folder / "log"),
            f"--delay={delay}",
            f"--port={port}",
        ]
        ca_file = None
        if tls:
            ca_file, key = certificate(folder)
            command += ["--tls", str(ca_file), str(key)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                raise RuntimeError("the recording mail server did not start")
            yield Recorder(int(said), folder / "log", ca_file)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
