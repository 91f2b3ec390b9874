"""A third opinion on a reply: a program of the operator's own choice, such as one that asks a language model of theirs.

Decides nothing: it runs the program with the reply as JSON, for a bounded time, and takes a label back. What the label may change is
decided in `core/replies/agreement.py`: it may turn a verdict into a question for a human, and never makes a firm one. A program
that fails, is slow or talks nonsense has no opinion.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Sequence

from followupd import log
from followupd.core.model import Inbound, Reading, ReplyKind

MOST = 65_536
"""Bytes of an answer that are read."""
SHOWN = 8_192
"""Characters of the reply, and of our mail, that the program is given."""


async def ask(command: Sequence[str], seconds: float, inbound: Inbound, asked: str, reading: Reading) -> ReplyKind | None:
    """What the program takes the reply for; None where it has no opinion. Never raises for what the program does."""
    question = {
        "text": inbound.typed[:SHOWN], "subject": inbound.subject, "asked": asked[:SHOWN],
        "date": inbound.date.isoformat() if inbound.date else None,
        "reading": {"label": reading.label, "acted": reading.kind, "confidence": reading.confidence, "evidence": reading.evidence},
    }  # fmt: skip
    try:
        said = await _run(command, seconds, json.dumps(question).encode("ascii"))
        return ReplyKind(json.loads(said)["label"])
    except TimeoutError:
        log.trouble("third-opinion", program=command[0], reason=f"took longer than {seconds:g} s")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.trouble("third-opinion", program=command[0], reason=f"{type(error).__name__}: {error}"[:200])
    return None


async def _run(command: Sequence[str], seconds: float, question: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(process, question)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with whatever it has started
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Wait for the end; what still stands in the pipe must be read for that, and is thrown away."""
    assert process.stdout is not None
    while await process.stdout.read(MOST):
        pass
    await process.wait()


async def _exchange(process: asyncio.subprocess.Process, question: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a program need not read
        process.stdin.write(question)
        await process.stdin.drain()
        process.stdin.close()
    said = await process.stdout.read(MOST)
    while len(said) < MOST and (more := await process.stdout.read(MOST - len(said))):
        said += more
    return said
