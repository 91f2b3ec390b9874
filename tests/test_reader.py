"""The reading process: it reads, it is killed when it hangs, it is replaced when it dies, and it leaves no orphan."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from followupd.core.inbound import read_message
from followupd.core.model import Inbound, ReplyKind
from followupd.core.replies.kinds import classify
from followupd.reader import Reader
from followupd.reading_process import inbound_from, inbound_to, reading_from, reading_to

NOW = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
MAIL = b"From: robin@a.example\nTo: dana@b.example\nSubject: Re: x\nReferences: <1@b>\nDate: Tue, 05 May 2026 10:30:00 +0200\n\nNot now, ask me on 1 June.\n"
REPORT = b"""Return-Path: <>
From: mailer-daemon@a.example
Subject: failure notice
Content-Type: text/plain

<sam@a.example>: 550 5.1.1 user unknown
Message-ID: <1@b.example>
"""


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    """A started reader, closed afterwards."""
    made = Reader(seconds=1.0)
    await made.start()
    yield made
    await made.close()


async def judge(reader: Reader, inbound: Inbound) -> ReplyKind:
    """The kind that the worker gives to a mail."""
    return (await reader.classify(inbound, asked="", asked_subject="x", zone="Europe/Berlin", now=NOW)).kind


async def test_a_start_is_a_rehearsal(reader: Reader) -> None:
    """A worker that was started has read and understood a mail, so that the first answer waits for no rules to be put together."""
    inbound, reading = await reader.start()
    assert (inbound.sender, reading.kind) == ("nobody@example.invalid", ReplyKind.NO)
    assert reader._done == {"read", "classify"}


async def test_reads_as_the_core_does(reader: Reader) -> None:
    """A mail comes back from the worker exactly as core reads it, its date and report included."""
    for raw in (MAIL, REPORT, b"", b"\xff\x00"):
        assert await reader.read(raw) == read_message(raw)
    reading = await reader.classify(await reader.read(MAIL), asked="", asked_subject="x", zone="Europe/Berlin", now=NOW)
    assert (reading.kind, reading.resume) == (ReplyKind.LATER, date(2026, 6, 1))


async def test_which_mail_is_meant(reader: Reader) -> None:
    """What a mail means is said of that mail: whatever was read after it, by whichever worker."""
    no = b"From: x@y.example\nSubject: Re: x\n\nNo thanks, we are not interested."
    later, refused = await reader.read(MAIL), await reader.read(no)
    assert [await judge(reader, one) for one in (refused, later, refused)] == [ReplyKind.NO, ReplyKind.LATER, ReplyKind.NO]

    async def both(raw: bytes) -> ReplyKind:
        return await judge(reader, await reader.read(raw))

    assert await asyncio.gather(*map(both, (MAIL, no) * 3)) == [ReplyKind.LATER, ReplyKind.NO] * 3
    later = await reader.read(MAIL)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    await reader.read(no)
    assert await judge(reader, later) == ReplyKind.LATER


def test_nouns_survive_json() -> None:
    """Inbound and Reading become JSON values and come back the same."""
    for raw in (MAIL, REPORT):
        inbound = read_message(raw)
        assert inbound_from(inbound_to(inbound)) == inbound
        assert reading_from(reading_to(classify(inbound))) == classify(inbound)


async def test_a_hanging_worker_is_replaced(reader: Reader) -> None:
    """A worker that does not answer in time is killed; the mail says so, and the next one is read."""
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    found = await reader.read(MAIL)
    assert found.problem == "could not be read in time"
    assert (found.size, len(found.fingerprint)) == (len(MAIL), 64)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (await reader.read(MAIL)).typed.startswith("Not now")
    assert reader.pid not in {None, pid}


async def test_a_hanging_judge_leaves_it_to_a_human(reader: Reader) -> None:
    """A mail that can't be judged in time is unclear."""
    inbound = await reader.read(MAIL)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)
    reading = await reader.classify(inbound, asked="", asked_subject="x", zone="Europe/Berlin", now=NOW)
    assert (reading.kind, reading.confidence) == (ReplyKind.UNCLEAR, 0.0)
    assert await judge(reader, inbound) == ReplyKind.LATER


async def test_a_dead_worker_is_replaced(reader: Reader) -> None:
    """After kill -9 in the middle of work at most one mail has a problem, and the next one is read."""
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    await reader.read(MAIL)
    assert not (await reader.read(MAIL)).problem


async def test_killed_while_working(reader: Reader) -> None:
    """Whatever request is under way when the worker is killed, every request gets an answer."""
    waiting = [asyncio.create_task(reader.read(MAIL)) for _ in range(20)]
    await asyncio.sleep(0)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    found = await asyncio.gather(*waiting)
    assert sum(bool(inbound.problem) for inbound in found) <= 1


async def test_a_cancelled_request_does_not_mix_up_answers(reader: Reader) -> None:
    """After a request was given up, the next one gets its own answer."""
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.read(MAIL)
    assert (await reader.read(b"From: x@y.example\n\nhello")).typed == "hello"


async def test_huge_mail(reader: Reader) -> None:
    """Only the first part of a huge mail is read, its true size is kept, and the worker lives on."""
    pid = reader.pid
    raw = b"From: a@b.example\n\nhello\n" + b"x" * 20_000_000
    found = await reader.read(raw)
    assert (found.problem, found.size, found.typed[:5]) == ("", len(raw), "hello")
    assert reader.pid == pid


async def test_too_little_memory_is_a_problem_not_a_crash() -> None:
    """A mail that needs more memory than the worker may have gets a problem, never an exception."""
    starved = Reader(seconds=5.0, memory=2**20)
    html = b"From: a@b.example\nContent-Type: text/html\n\n" + b"<p>hello</p>" * 5000
    try:
        assert (await starved.read(html)).problem
        assert (await starved.read(MAIL)).fingerprint
    finally:
        await starved.close()


async def test_an_unknown_zone_is_unclear(reader: Reader) -> None:
    """A request that the worker can't carry out is unclear, and the worker lives on."""
    pid = reader.pid
    reading = await reader.classify(await reader.read(MAIL), asked="", asked_subject="", zone="Mars/Base", now=NOW)
    assert reading.kind == ReplyKind.UNCLEAR
    assert reader.pid == pid


async def test_closing_ends_the_worker() -> None:
    """After close the process is gone, and closing twice is harmless."""
    made = Reader()
    await made.start()
    pid = made.pid
    assert pid is not None
    await made.close()
    await made.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_orphan() -> None:
    """A worker whose parent was killed with -9 ends by itself."""
    code = (
        "import asyncio, time\nfrom followupd.reader import Reader\n"
        "async def main():\n    r = Reader()\n    await r.start()\n    print(r.pid, flush=True)\n    time.sleep(60)\nasyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while _runs(pid):
        assert time.monotonic() < deadline, "the worker still runs"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a process exists and is no zombie that only waits to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
