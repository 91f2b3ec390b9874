"""What the kernel lets one account watch. A mail server has an instance of inotify for each connection in IDLE; where there are not enough,
it says nothing to the others and looks twice a minute, so that nothing of what is measured would be true.

Root has the limits raised for as long as it lasts; nobody else can, and is told what to raise.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from followupd.bench.suite import Missing

KERNEL = Path("/proc/sys/fs/inotify")
OTHERS = 64  # instances that belong to others, or to connections that look and go
EACH = {"max_user_instances": 1, "max_user_watches": 8}
"""What a connection in IDLE takes of each."""


@contextmanager
def room(connections: int, kernel: Path = KERNEL) -> Iterator[None]:
    """So many connections may be in IDLE at once. Raises Missing."""
    before: dict[Path, int] = {}
    try:
        for name, each in EACH.items():
            limit, wanted = kernel / name, each * (connections + OTHERS)
            there = int(limit.read_text())
            if there < wanted:
                _raise(limit, there, wanted)
                before[limit] = there
        yield
    finally:
        for limit, there in before.items():
            limit.write_text(f"{there}\n")


def _raise(limit: Path, there: int, wanted: int) -> None:
    try:
        if not os.access(limit, os.W_OK):
            raise PermissionError
        limit.write_text(f"{wanted}\n")
    except OSError:
        name = f"fs.inotify.{limit.name}"
        raise Missing(f"{name} is {there}, which is too few: sysctl -w {name}={wanted}") from None
