"""A relay that notes when a server has told a client how many mails there are, without changing what either of them hears."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable

import pytest

from followupd.bench.servers import wait_until
from followupd.bench.servers.tap import tap

Spoken = tuple[bytes, bytes, dict[str, list[tuple[int, float]]], float]
Speak = Callable[[list[bytes], bytes], Spoken]


@pytest.fixture
def spoken() -> Speak:
    """Somebody logs in through a tap, and the server says this, piece by piece: what each has heard, what was noted, and when it was said."""

    def speak(pieces: list[bytes], login: bytes) -> Spoken:
        heard = bytearray()
        with socket.create_server(("127.0.0.1", 0)) as listening, tap(listening.getsockname()[1]) as tapped:

            def serve() -> None:
                server, _ = listening.accept()
                with server:
                    server.sendall(b"* OK\r\n")
                    heard.extend(server.recv(1000))
                    for piece in pieces:
                        server.sendall(piece)
                        time.sleep(0.02)

            thread = threading.Thread(target=serve)
            thread.start()
            with socket.create_connection(("127.0.0.1", tapped.port)) as client, client.makefile("rb") as file:
                assert file.readline() == b"* OK\r\n"
                begun = time.monotonic()
                client.sendall(login)
                said = file.read()
            thread.join()
            found = wait_until(tapped.told)
        return bytes(heard), said, found, begun

    return speak


PLAIN = base64.b64encode(b"\0dana\0secret") + b"\r\n"


@pytest.mark.parametrize("login", [PLAIN, b'a LOGIN "dana" "secret"\r\n'], ids=["plain", "login"])
def test_noted(spoken: Speak, login: bytes) -> None:
    """Both sides hear every byte; each word of the server about its mails is noted with the user and the time, in however many pieces it came."""
    pieces = [b"* 3 EXISTS\r\n* 0 RECENT\r\n", b"+ idling\r\n* 4 EXI", b"STS\r\n", b"* STATUS Sent (UIDNEXT 9)\r\n"]
    heard, said, told, begun = spoken(pieces, login)
    assert (heard, said) == (login, b"".join(pieces))
    assert [count for count, _ in told["dana"]] == [3, 4]
    assert all(begun <= at <= begun + 5 for _, at in told["dana"])
