"""Machines of a test's own: network namespaces, joined by two switches, none of which is joined to this machine or to anything outside.

    server      PostgreSQL answers at DATABASE, mail servers answer at MAIL; both switches stand here
    a, b, c     one cable to each switch; programs in them reach the mail servers on loopback, through a relay (a config without
                TLS is for loopback only), and the database directly

A cable that is pulled out of the switch leaves the link up: what is sent is lost without a word. Needs root and `ip` (iproute2).
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

DATABASE, MAIL = "198.18.1.1", "198.18.2.1"  # addresses for measuring networks (RFC 2544, appendix C)
PLACES = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread, and what it starts, lives in a namespace."""
    with Path("/proc/thread-self/ns/net").open("rb") as home, (PLACES / namespace).open("rb") as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(home.fileno())


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Networks:
    """The switches and the machines."""

    def __init__(self, names: Sequence[str]) -> None:
        self._mark = f"fu{os.getpid()}"
        self._machines = tuple(names)
        self.server = self.place("server")

    def place(self, name: str) -> str:
        """The namespace of a machine."""
        return f"{self._mark}{name}"

    def lay(self) -> None:
        """Everything up."""
        for name in ("server", *self._machines):
            _ip("netns", "add", self.place(name))
            _ip("-n", self.place(name), "link", "set", "lo", "up")
        for switch, address in (("db", DATABASE), ("mail", MAIL)):
            _ip("-n", self.server, "link", "add", switch, "type", "bridge")
            _ip("-n", self.server, "addr", "add", f"{address}/24", "dev", switch)
            _ip("-n", self.server, "link", "set", switch, "up")
            for number, name in enumerate(self._machines, 2):
                port = f"{switch}-{name}"
                _ip("-n", self.place(name), "link", "add", switch, "type", "veth", "peer", "name", port, "netns", self.server)
                _ip("-n", self.place(name), "addr", "add", f"{address.rpartition('.')[0]}.{number}/24", "dev", switch)
                _ip("-n", self.place(name), "link", "set", switch, "up")
                _ip("-n", self.server, "link", "set", port, "up", "master", switch)

    def cut(self, switch: str, name: str) -> None:
        """Pull a machine's cable out of a switch."""
        _ip("-n", self.server, "link", "set", f"{switch}-{name}", "nomaster")

    def mend(self, switch: str, name: str) -> None:
        """Put it back."""
        _ip("-n", self.server, "link", "set", f"{switch}-{name}", "master", switch)

    def remove(self) -> None:
        """All gone, with the switches and cables in them."""
        for name in ("server", *self._machines):
            with suppress(OSError):
                _ip("netns", "del", self.place(name))

    @contextmanager
    def relay(self, name: str, ports: Sequence[int]) -> Iterator[None]:
        """On a machine's loopback, these ports are those of the mail servers."""
        with inside(self.place(name)):
            command = [sys.executable, "-m", "tests.servers.networks", MAIL, *map(str, ports)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def networks(names: Sequence[str]) -> Iterator[Networks]:
    """Machines with these names and their server, as long as the block lasts."""
    if os.geteuid() or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    found = Networks(names)
    try:
        try:
            found.lay()
        except OSError as problem:
            pytest.skip(f"no network namespaces here: {problem}")
        yield found
    finally:
        found.remove()


# -- the relay -----------------------------------------------------------------------------------


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    writer.close()


async def _relay(host: str, ports: list[int]) -> None:
    def answering(port: int):  # type: ignore[no-untyped-def]
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection(host, port)
            except OSError:
                writer.close()
                return
            await asyncio.gather(_pour(reader, back), _pour(there, writer))

        return answer

    servers = [await asyncio.start_server(answering(port), "127.0.0.1", port) for port in ports]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_relay(sys.argv[1], [int(word) for word in sys.argv[2:]]))
