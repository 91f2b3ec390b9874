"""Every row of the table of hostile mail (tests/bad/MAIL.md): what is read from it, byte for byte, in bounded time.

Small mails lie in tests/bad/mail/, big ones are made here. What was read from each stands in `expected-readings.txt` beside them.
"""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd.core.inbound import RAW, read_message
from followupd.core.model import Inbound, Reading
from followupd.core.replies.kinds import classify

BAD = Path(__file__).parents[1] / "bad"
MEGABYTE = 2**20
HEAD = b"From: robin@prospect.example\nTo: dana@example.com\nSubject: Re: A pilot\nDate: Tue, 05 May 2026 10:30:00 +0200\nIn-Reply-To: <t.1@example.com>\n"
RECEIVED = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
ASKED = "Hello Robin, is this still on your list?\n\nIf you would rather not hear from me, answer unsubscribe or no."


def _nested(depth: int) -> bytes:
    return (
        HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)) + b"\nyes\n"
    )


def _parts(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nyes\n" * count + b"--a--\n"


def _recipients(count: int) -> bytes:
    blocks = b"".join(
        b"Final-Recipient: rfc822; p%d@prospect.example\nAction: failed\nStatus: 5.1.1\n\n" % n for n in range(count)
    )
    return (
        b"Return-Path: <>\nFrom: mailer-daemon@prospect.example\nSubject: Undelivered\nContent-Type: multipart/report; boundary=x\n\n--x\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n" + blocks + b"--x--\n"
    )


MADE: dict[str, Callable[[], bytes]] = {
    "M1-nested-100": lambda: _nested(100),
    "M1-nested-1000": lambda: _nested(1000),
    "M1-nested-5000": lambda: _nested(5000),
    "M1-mails-in-mails": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 1000 + b"\nyes\n",
    "M1-parts-20000": lambda: _parts(20_000),
    "M1-parts-200000": lambda: _parts(200_000),
    "M2-25-megabytes": lambda: HEAD + b"\nNot interested.\n" + b"x" * 25 * MEGABYTE,
    "M2-150-megabytes": lambda: HEAD + b"\nNot interested.\n" + b"x\n" * 75 * MEGABYTE,
    "M2-30-megabytes-of-boundaries": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * (30 * MEGABYTE // 4),
    "M3-header-of-a-megabyte": lambda: HEAD + b"X-Long: " + b"x" * MEGABYTE + b"\n\nNot interested.\n",
    "M3-100000-header-lines": lambda: HEAD + b"X: y\n" * 100_000 + b"\nNot interested.\n",
    "M3-folded-300000-times": lambda: HEAD + b"X: y\n" + b" z\n" * 300_000 + b"\nNot interested.\n",
    "M3-quotes-in-from": lambda: b"From: " + b'"' * 100_000 + b" <robin@prospect.example>\n\nNot interested.\n",
    "M3-brackets-in-from": lambda: b"From: " + b"(" * 100_000 + b" <robin@prospect.example>\n\nNot interested.\n",
    "M3-spaces-in-from": lambda: b"From: " + b" " * 100_000 + b"<robin@prospect.example>\n\nNot interested.\n",
    "M7-id-of-100-kilobytes": lambda: HEAD + b"Message-ID: <" + b"x" * 30_000 + b"@prospect.example>\n\nNot interested.\n",
    "M10-on-on-on": lambda: HEAD + b"\n" + b"On " * (MEGABYTE // 3),
    "M10-on-wrote-lines": lambda: HEAD + b"\n" + b"On 1 May a@b wrote\n" * 50_000,
    "M10-dashes": lambda: HEAD + b"\n" + (b"-" * 498 + b"x\n") * 2000,
    "M10-german": lambda: HEAD + b"\nist " + "für ".encode() * 200_000,
    "M10-one-long-line": lambda: HEAD + b"\n" + b"not interested but " * 50_000,
    "M13-10000-recipients": lambda: _recipients(10_000),
}  # fmt: skip
FILES = {path.stem: path for path in sorted((BAD / "mail").glob("*.eml"))}
NAMES = sorted({*MADE, *FILES}, key=lambda name: (int(name[1:].partition("-")[0]), name))


def bytes_of(name: str) -> bytes:
    """A mail of the table."""
    return MADE[name]() if name in MADE else FILES[name].read_bytes()


def line(name: str, found: Inbound, reading: Reading) -> str:
    """What was read from it, in one line."""
    report = found.report
    told = [
        f"{name}: {reading.kind}",
        f"by {found.sender or 'nobody'}",
        *([f"id {found.message_id}"] if found.message_id else []),
        *([f"back on {reading.resume}"] if reading.resume else []),
        *([f"reports {report.action} {report.status} for {report.recipient or 'nobody'}, about {' '.join(report.original_ids) or 'no mail'}"] if report else []),
        *([f"problem: {found.problem}"] if found.problem else []),
        f"because: {reading.evidence[:60].strip()}",
    ]  # fmt: skip
    return "; ".join(told)


def read(raw: bytes) -> tuple[Inbound, Reading]:
    """As the daemon reads it."""
    found = read_message(raw)
    return found, classify(found, asked=ASKED, asked_subject="A pilot", zone=ZoneInfo("Europe/Berlin"), now=RECEIVED)


def test_readings(golden: Callable[[Path, str], None]) -> None:
    """Each mail of the table gives exactly this reading, in under two seconds and 200 MB beside the mail itself."""
    lines = []
    for name in NAMES:
        raw = bytes_of(name)
        begun = time.process_time()
        found, reading = read(raw)
        assert time.process_time() - begun < 2.0, name
        assert found.size == len(raw)
        lines.append(line(name, found, reading))
        assert lines[-1].isprintable(), name
    golden(BAD / "mail" / "expected-readings.txt", "\n".join(lines) + "\n")


FIRM = {"yes", "no", "unsubscribe", "bounce_hard", "complaint"}


@pytest.mark.parametrize("row", ["M1", "M8", "M11", "M12", "M16"])
def test_nothing_firm(row: str) -> None:
    """What is too complex, unreadable, ironic, an order to a machine or sent by a list never ends anything."""
    readings = {name: read(bytes_of(name))[1].kind.value for name in NAMES if name.startswith(f"{row}-")}
    said = {"M8-only-html", "M8-quoted-printable", "M8-base64"}  # these say plainly "not interested", however broken
    assert readings
    assert {name for name, kind in readings.items() if kind in FIRM and name not in said} == set()


def test_only_the_beginning_costs_memory() -> None:
    """However long a mail is, reading takes what its first 64 KB take."""
    raw = bytes_of("M2-25-megabytes")
    read(raw)
    tracemalloc.start()
    try:
        read(raw)
        assert tracemalloc.get_traced_memory()[1] < 100 * RAW
    finally:
        tracemalloc.stop()


def test_every_row_is_tried() -> None:
    """The table names every row, with what is wanted and the tests that try it; and every mail here belongs to one."""
    text = (BAD / "MAIL.md").read_text("utf-8")
    rows = {found[1]: found[0] for found in re.findall(r"(^\| (M\d+) .*$)", text, re.MULTILINE)}
    assert list(rows) == [f"M{number}" for number in range(1, 17)]
    for name in NAMES:
        assert f"`{name}`" in rows[name.partition("-")[0]], f"{name} is not named in its row"
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        assert f"def {test}(" in (BAD.parents[1] / path).read_text("utf-8"), f"{path} has no {test}"
