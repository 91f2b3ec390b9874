"""A relay before a mail server that writes down when the server has told a client how many mails there are, by whatever answer.

So it is known when somebody else's program, in a process of its own, could know of a mail at the earliest. It passes on what comes as it comes, and
understands no more than a login and `* 12 EXISTS` (RFC 3501 section 7.3.1): `python -m followupd.bench.servers.tap PORT FILE`, which prints its own port.

BUGS: EXISTS of another folder counts as well; only for mailboxes in which all mails lie in one.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

EXISTS = re.compile(rb"\* ([0-9]{1,9}) EXISTS\r\n")
LOGIN = re.compile(rb'LOGIN "?([^" ]+)')
LONGEST = 24  # bytes of such a line that may have come without its end


class _Side(asyncio.Protocol):
    """One of the two connections."""

    def __init__(self, tap: _Tapped) -> None:
        self._tap = tap
        self.other: asyncio.Transport | None = None
        self._early = bytearray()  # said before the other side was there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def pass_on_to(self, other: asyncio.Transport) -> None:
        """The other side is there."""
        self.other = other
        other.write(bytes(self._early))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None:
            self.other.close()

    def data_received(self, data: bytes) -> None:
        self._tap.hear(data, self)
        if self.other is None:
            self._early += data
        else:
            self.other.write(data)


class _Tapped:
    """A client and its connection to the server."""

    def __init__(self, port: int, log: int) -> None:
        self._port, self._log = port, log
        self._user, self._rest = "", b""
        self.client, self.server = _Side(self), _Side(self)

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self.server, "127.0.0.1", self._port)
        self.server.pass_on_to(self.client.transport)
        self.client.pass_on_to(self.server.transport)

    def hear(self, data: bytes, side: _Side) -> None:
        at = time.monotonic()
        if side is self.client:
            self._user = self._user or _named(data)
            return
        self._rest = (self._rest + data)[-LONGEST - len(data) :]
        found = list(EXISTS.finditer(self._rest))
        if found:
            os.write(self._log, f"{self._user}\t{int(found[-1][1])}\t{at:.6f}\n".encode())
            self._rest = self._rest[found[-1].end() :]


def _named(data: bytes) -> str:
    """Who logs in, by LOGIN or by AUTHENTICATE PLAIN (RFC 4616)."""
    if login := LOGIN.search(data):
        return login[1].decode()
    with suppress(binascii.Error, ValueError):
        parts = base64.b64decode(data.strip(), validate=True).split(b"\0")
        return parts[1].decode() if len(parts) == len(("", "user", "password")) else ""
    return ""


async def _serve(port: int, log: int) -> None:
    loop, going = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def accept() -> asyncio.Protocol:
        tapped = _Tapped(port, log)
        task = loop.create_task(tapped.connect())
        going.add(task)
        task.add_done_callback(going.discard)
        return tapped.client

    server = await loop.create_server(accept, "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Relay until killed."""
    log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(_serve(int(sys.argv[1]), log))


# -- from outside --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """A running one. Times are monotonic seconds of this machine."""

    port: int
    file: Path

    def told(self) -> dict[str, list[tuple[int, float]]]:
        """By user, how many mails the server has told of, and when."""
        found: dict[str, list[tuple[int, float]]] = {}
        for line in self.file.read_text().splitlines():
            user, count, at = line.split("\t")
            found.setdefault(user, []).append((int(count), float(at)))
        return found


@contextmanager
def tap(port: int) -> Iterator[Tap]:
    """A running tap before a server on this port, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="tap") as name:
        file = Path(name) / "told"
        file.touch()
        command = [sys.executable, "-m", "followupd.bench.servers.tap", str(port), str(file)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield Tap(int(process.stdout.readline()), file)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
