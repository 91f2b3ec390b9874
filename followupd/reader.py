"""Reads strangers' mail in a process of its own, which can be killed.

Decides nothing about mails: it hands bytes to `core.inbound` and `core.replies` in a worker with limits on time and memory, and
turns a worker that hangs or dies into an `Inbound` with a `problem`, or a Reading that a human must look at. It never raises for
a bad mail, never lets a worker outlive its parent (the worker ends when its standard input closes), and talks to it in plain
JSON, never in pickles.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from followupd.core.model import Inbound, Reading, ReplyKind
from followupd.reading_process import LENGTH, inbound_from, inbound_to, packed, reading_from

MOST_BYTES = 65536  # of a mail, as `core/inbound.py` reads it
LARGEST = 4 * 2**20  # bytes of one message between the processes
START_SECONDS = 20.0  # what a loaded machine may need to start a worker
COLD_SECONDS = 3.0  # more for the first request of its kind to a worker: the rules are loaded and put together then
TRIES, SET_ASIDE_SECONDS = 2, 3600.0  # so many mails of one writer may fail in this time
OWN_MODEL = "reader.model"  # beside config.yaml: what `followupd train` has learned
REHEARSAL = b"From: Nobody <nobody@example.invalid>\r\nSubject: Re: your list\r\n\r\nNo thanks, we are not interested.\r\n"
"""A mail from nobody that is read when a worker starts: what it means goes nowhere."""

BROKEN = (
    asyncio.IncompleteReadError,
    ConnectionError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
)  # a worker that died or talks nonsense


class Reader:
    """One worker process, started anew after every failure. Requests wait for each other."""

    def __init__(self, *, seconds: float = 2.0, memory: int = 512 * 2**20, model: Path | None = None) -> None:
        """`model` is a workspace's own statistical reader; where the file is missing, the shipped one reads."""
        self._seconds = seconds
        self._memory = memory
        self._model = model
        self._lock = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._killed: list[asyncio.subprocess.Process] = []  # they may not have ended yet
        self._hearing: asyncio.Task[None] | None = None
        self._at_hand: Inbound | None = None  # what this worker has read last
        self._done: set[str] = set()  # kinds of requests that this worker has answered
        self._ended: dict[str, list[float]] = {}  # when mails of a writer could not be read

    @property
    def pid(self) -> int | None:
        """The process id of the worker, while there is one."""
        return self._worker.pid if self._worker else None

    async def start(self) -> tuple[Inbound, Reading]:
        """Have a worker ready, with its rules put together: the first answer that comes need not wait for that. Returns what it rehearsed with."""
        inbound = await self.read(REHEARSAL)
        return inbound, await self.classify(inbound, asked="", asked_subject="", zone="UTC", now=datetime(2026, 1, 1, tzinfo=UTC))

    async def read(self, raw: bytes) -> Inbound:
        """What stands in a mail; where it can't be read in time, what stands in its header, and a `problem`.

        A mail gets one try; its header is read here, which takes milliseconds whatever it holds. A writer whose mails have failed twice
        within the hour gets no more tries for a while, so that nobody's mails can hold up everybody else's.
        """
        if self._ended and self._is_set_aside(head := _head(raw, "its writer's mails have hung the reader")):
            return head
        answer = await self._ask({"do": "read", "raw": base64.b64encode(raw[:MOST_BYTES]).decode("ascii"), "size": len(raw)})
        self._at_hand = None
        try:
            self._at_hand = inbound_from(answer["inbound"])
            return self._at_hand
        except (KeyError, TypeError, ValueError):
            head = _head(raw, str(answer.get("problem", "could not be read in time")))
            self._note(head.sender)
            return head

    def _note(self, sender: str) -> None:
        """A mail of theirs could not be read."""
        now = asyncio.get_running_loop().time()
        recent = {who: times for who, times in self._ended.items() if times[-1] > now - SET_ASIDE_SECONDS}
        self._ended = {**recent, sender: [*recent.get(sender, []), now][-TRIES:]}

    def _is_set_aside(self, head: Inbound) -> bool:
        times = self._ended.get(head.sender, [])
        return len(times) == TRIES and times[0] > asyncio.get_running_loop().time() - SET_ASIDE_SECONDS

    async def classify(
        self,
        inbound: Inbound,
        *,
        asked: str,
        asked_subject: str,
        zone: str,
        now: datetime,
        doors: Sequence[str] = (),
        door: str = "",
    ) -> Reading:
        """What a mail means; `unclear` where that can't be said in time. `doors` and `door`: as in `kinds.classify`."""
        request = {
            "do": "classify",
            "asked": asked[:MOST_BYTES],
            "asked_subject": asked_subject[:1000],
            "zone": zone,
            "now": now.isoformat(),
            "doors": list(doors),
            "door": door,
        }
        answer = await self._ask(request, inbound)
        try:
            return reading_from(answer["reading"])
        except (KeyError, TypeError, ValueError):
            self._note(inbound.sender)
            return Reading(kind=ReplyKind.UNCLEAR, confidence=0.0, evidence="could not be read in time")

    async def close(self) -> None:
        """End the worker."""
        async with self._lock:
            await self._end()

    async def _ask(self, request: Mapping[str, Any], about: Inbound | None = None) -> dict[str, Any]:
        """One request to the worker, `about` a mail that was read or not; `{"problem": ...}` where it fails. The worker is then gone, and
        the next request starts another.
        """
        async with self._lock:
            try:
                ready = await self._ready()
                if about is not None:  # the mail that was read last need not go there once more
                    request = {**request, "inbound": None if about is self._at_hand else inbound_to(about)}
                cold = 0.0 if request["do"] in self._done else COLD_SECONDS
                async with asyncio.timeout(self._seconds + cold):
                    found = await _exchange(ready, request)
                self._done.add(request["do"])
                return found
            except TimeoutError:
                await self._end(patience=0)
                return {"problem": "could not be read in time"}
            except BROKEN:
                await self._end()
                return {"problem": "could not be read: the reading process ended"}
            except asyncio.CancelledError:
                worker, self._worker = self._worker, None
                if worker is not None:
                    _kill(worker)  # its answer must not be taken for that of the next request
                    self._killed.append(worker)
                raise

    async def _ready(self) -> asyncio.subprocess.Process:
        """The running worker, started and greeted if there is none."""
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        await self._end()
        self._done.clear()
        self._at_hand = None
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "followupd.reading_process",
            str(self._memory),
            *([str(self._model)] if self._model else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C at the terminal is for the daemon alone
        )
        self._hearing = asyncio.create_task(_hear(self._worker))
        async with asyncio.timeout(START_SECONDS):
            await _exchange(self._worker, {"do": "hello"})
        return self._worker

    async def _end(self, patience: float = 1.0) -> None:
        """Let the worker end, which it does when its input closes; kill it if it doesn't within `patience` seconds."""
        killed, self._killed = self._killed, []
        for one in killed:
            await one.wait()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if worker.stdin is not None:
            worker.stdin.close()
        try:
            async with asyncio.timeout(patience):
                await worker.wait()
        except TimeoutError:
            _kill(worker)
            await worker.wait()


def _head(raw: bytes, problem: str) -> Inbound:
    """The header of a mail that could not be read."""
    from followupd.core.inbound import read_head

    return read_head(raw, problem)


def _kill(worker: asyncio.subprocess.Process) -> None:
    """Kill a worker that still runs."""
    if worker.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()


async def _hear(worker: asyncio.subprocess.Process) -> None:
    """What it says beside its answers goes where we say ours: a worker must not wait for whoever reads our log."""
    assert worker.stderr is not None
    while said := await worker.stderr.read(MOST_BYTES):
        sys.stderr.write(said.decode("utf-8", "backslashreplace"))


async def _exchange(worker: asyncio.subprocess.Process, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send one request, take one answer."""
    if worker.stdin is None or worker.stdout is None:
        raise ConnectionError
    worker.stdin.write(packed(request))
    await worker.stdin.drain()
    (length,) = LENGTH.unpack(await worker.stdout.readexactly(LENGTH.size))
    if length > LARGEST:
        raise ValueError(length)
    answer = json.loads(await worker.stdout.readexactly(length))
    if not isinstance(answer, dict):
        raise TypeError(answer)
    return answer
