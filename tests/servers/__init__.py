"""Real servers on loopback for the tests: what all of them share."""

from __future__ import annotations

import os
import pwd
import socket
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_nobody() -> tuple[dict[str, Any], pwd.struct_passwd]:
    """Arguments for `Popen` that give root's rights up, and the account that the server then runs as."""
    if os.geteuid():
        return {}, pwd.getpwuid(os.getuid())
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}, nobody


def wait_until(fn: Callable[[], T], limit: float = 10.0) -> T:
    """Ask again until the answer is true, and return it. Blocks: in an asyncio test use it for starting only."""
    end = time.monotonic() + limit
    while not (answer := fn()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s in vain for {fn}")
        time.sleep(0.01)
    return answer
