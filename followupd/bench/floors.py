"""What the machine can do at most: ready-made bytes over connections that are kept, with nothing written down and nothing decided.

Each function runs in a process of its own (`process.call`).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Any

import aiosmtplib

DIFFERENT = 100
"""So many mails are made before the clock starts; they go round."""


def ready_made() -> list[bytes]:
    """Mails like ours, as bytes."""
    from followupd.bench.peers.message import Writer
    from followupd.bench.workspace import person

    writer = Writer()
    return [writer.message(person(number)).as_bytes() for number in range(DIFFERENT)]


def bare(port: int, connections: int, count: int, ca_file: str = "") -> dict[str, float]:
    """Aiosmtplib's own `sendmail`, on the event loop that the daemon runs on, by so many connections at once."""
    mails = ready_made()
    began, busy = time.monotonic(), time.process_time()
    _run(_send(port, mails, connections, count, ca_file))
    return {"seconds": time.monotonic() - began, "cpu": time.process_time() - busy}


def _run(work: Any) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)


async def _send(port: int, mails: list[bytes], connections: int, count: int, ca_file: str) -> None:
    numbers = iter(range(count))
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    host = "localhost" if ca_file else "127.0.0.1"

    async def one() -> None:
        client = aiosmtplib.SMTP(
            hostname=host, port=port, use_tls=bool(ca_file), start_tls=False, tls_context=context, local_hostname="example.com"
        )
        async with client:
            for number in numbers:
                to = f"p{number:08d}@firm{number:08d}.example"
                await client.sendmail("rep-001@example.com", [to], mails[number % len(mails)])

    await asyncio.gather(*(one() for _ in range(connections)))
