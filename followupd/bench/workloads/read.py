"""Mails understood on one core: from the bytes to what the writer means, with the statistical reader.

The mails are the labelled replies that come with the package, in the shapes in which mail programs send them: plain, with an HTML
part beside the text, HTML alone (some with a hundred lines of it), quoted-printable and base64; and among them reports of mail servers.
`followupd` is the way that the daemon goes: each mail to the reading process and back, and then once more for what it means. The peers
strip quotes and recognise reports; what a mail means nobody else says.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from followupd.bench import peers
from followupd.bench.process import call, measure
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.core.replies.labelled import Labelled, parse

FULL = 2_000

NOW = datetime(2026, 12, 1, tzinfo=UTC)

AGREED = 0.6
"""The share of the labelled replies that must come out as the label says; the rest a person is asked about."""

REPORT = """\
From: MAILER-DAEMON@mail.example
To: dana@example.com
Subject: Undelivered Mail Returned to Sender
Date: Mon, 30 Nov 2026 09:00:00 +0000
Message-ID: <report-{number}@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mail.example. Your message could not be delivered to one or more recipients.

<p{number}@firm.example>: host mx.firm.example said: 550 5.1.1 User unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; p{number}@firm.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

From: dana@example.com
Message-ID: <t.{number}.0@example.com>

--b--
"""


def replies() -> list[Labelled]:
    """The labelled replies, in a fixed order."""
    package = Path(__file__).resolve().parents[2]
    folder = next(one for one in (package / "training", package.parent / "training" / "replies") if one.is_dir())
    return [row for file in sorted(folder.glob("*.jsonl")) for row in parse(file.read_text("utf-8").splitlines()) if row.label]


def mails(count: int) -> list[tuple[bytes, Labelled | None]]:
    """So many mails, each with the labelled reply in it; every twentieth is a report."""
    rows = replies()
    step = max(1, len(rows) // count)
    return [
        (REPORT.format(number=number).replace("\n", "\r\n").encode(), None)
        if number % 20 == 19
        else (_mail(row := rows[number * step % len(rows)], number), row)
        for number in range(count)
    ]


def _mail(row: Labelled, number: int) -> bytes:
    """One reply as a mail program sends it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Ann Lee <ann@customer.example>",
        "Dana Reyes <dana@example.com>",
        " ".join(row.subject.split()) or "Re: hello",
    )
    mail["Date"] = f"{row.date or NOW:%a, %d %b %Y} 09:00:00 +0000"
    mail["Message-ID"], mail["In-Reply-To"] = f"<{number}@customer.example>", f"<t.{number}.0@example.com>"
    shape = number % 5
    if shape == 4:
        mail.set_content(_html(row.text, 100 if number % 50 == 4 else 0), subtype="html", cte="base64")
    else:
        mail.set_content(row.text, cte=("8bit", "quoted-printable", "base64", "8bit")[shape])
    if shape == 3:
        mail.add_alternative(_html(row.text, 0), subtype="html")
    return mail.as_bytes()


def _html(text: str, more: int) -> str:
    lines = "".join(
        f'<p class="MsoNormal" style="margin:0">{line.replace("&", "&amp;").replace("<", "&lt;")}</p>\n'
        for line in text.splitlines()
    )
    footer = '<tr><td style="font-size:7pt"><a href="https://customer.example/terms">Terms</a></td></tr>\n' * more
    return f"<html><head><style>p.MsoNormal {{margin: 0}}</style></head><body>{lines}<table>{footer}</table></body></html>"


# -- in a process of its own ---------------------------------------------------------------------


def here(count: int) -> dict[str, Any]:
    """Read and classified in one process: the kinds, and the seconds of processor time."""
    from followupd.core.inbound import read_message
    from followupd.core.replies.kinds import classify

    given, kinds = mails(count), []
    for raw, row in given[:50]:  # the rules are put together when they are first asked
        classify(read_message(raw), asked=row.asked if row else "", zone=None, now=NOW)
    began = time.process_time()
    for raw, row in given:
        kinds.append(
            classify(read_message(raw), asked=row.asked if row else "", asked_subject="Re: hello", zone=None, now=NOW).kind.value
        )
    return {"kinds": kinds, "seconds": time.process_time() - began}


def through_the_reader(count: int) -> dict[str, Any]:
    """The way of the daemon, one mail after the other; the time is what the wall clock says, because only one of both works at a time."""
    from followupd.bench.process import tree
    from followupd.reader import Reader

    given = mails(count)

    async def one(reader: Reader, raw: bytes, row: Labelled | None) -> str:
        inbound = await reader.read(raw)
        found = await reader.classify(inbound, asked=row.asked if row else "", asked_subject="Re: hello", zone="UTC", now=NOW)
        return found.kind.value

    async def go() -> dict[str, Any]:
        reader = Reader()
        await reader.start()
        try:
            for raw, row in given[:50]:
                await one(reader, raw, row)
            began = _spent(tree)
            kinds = [await one(reader, raw, row) for raw, row in given]
            return {"kinds": kinds, "seconds": _spent(tree) - began}
        finally:
            await reader.close()

    return asyncio.run(go())


def _spent(tree: Callable[[int], list[int]]) -> float:
    """Processor time of this process and its worker, by the clocks of their own (a hundredth of a second would be too coarse)."""
    import os

    def of(pid: int) -> float:
        return time.clock_gettime((~pid << 3) | 2)  # the processor clock of a process (clock_getcpuclockid(3))

    return sum(of(pid) for pid in tree(os.getpid()))


# -- contenders ----------------------------------------------------------------------------------


def ours(function: Callable[[int], dict[str, Any]]) -> Callable[[Place], Figures]:
    """One of our two ways."""

    def run(place: Place) -> Figures:
        count = place.size(FULL, 100)
        found, cost = call(function, count)
        _check(count, found["kinds"])
        return {"per_second": count / found["seconds"], "memory_mb": cost.memory_mb}

    return run


FIRM = ({"yes"}, {"no"}, {"unsubscribe"})


def _check(count: int, kinds: list[str]) -> None:
    """Reports are reports, no firm word was taken for the other, and most replies mean what people say that they mean."""
    pairs = [(row.label if row else "bounce_hard", kind) for (_, row), kind in zip(mails(count), kinds, strict=True)]
    if wrong := [pair for pair in pairs if pair[0] == "bounce_hard" != pair[1]]:
        raise WrongOutcome(f"{len(wrong)} reports were not recognised")
    if wrong := [pair for pair in pairs if set(pair) == {"yes", "no"}]:
        raise WrongOutcome(f"{len(wrong)} answers were taken for their opposite")
    share = sum(label == kind for label, kind in pairs) / count
    if share < AGREED:
        raise WrongOutcome(f"only {share:.0%} of the mails were understood as people understand them")


def libraries(place: Place) -> Figures:
    """mail-parser-reply strips quotes and signatures, flufl.bounce looks for reports."""
    python, count, folder = peers.python("mailparser_reply", "flufl.bounce"), place.size(FULL, 100), place.folder / "mails"
    folder.mkdir()
    for number, (raw, _) in enumerate(mails(count)):
        (folder / f"{number:05d}").write_bytes(raw)
    cost = measure([str(python), str(peers.script("read.py")), str(folder)])
    if cost.code:
        raise WrongOutcome(cost.output[-1000:])
    found = json.loads(cost.output.splitlines()[-1])
    if found["reports"] < count // 20:
        raise WrongOutcome(f"{found['reports']} reports were recognised instead of {count // 20}")
    return {"per_second": count / found["seconds"], "memory_mb": cost.memory_mb}


def _contenders() -> Iterator[Contender]:
    yield Contender(name="followupd", role="ours", run=ours(through_the_reader))
    yield Contender(name="followupd-in-process", role="ours", run=ours(here))
    yield Contender(name="mail-parser-reply + flufl.bounce", role="peer", run=libraries)


WORKLOAD = Workload(
    name="read",
    what="mails understood per second on one core, in twelve languages and the shapes in which they come",
    contenders=tuple(_contenders()),
    ratios=(
        Ratio(name="mails understood", of="followupd", figure="per_second", at_least=200.0, unit="a second"),
        Ratio(name="in process", of="followupd-in-process", figure="per_second", at_least=200.0, unit="a second"),
        Ratio(
            name="read : mail-parser-reply + flufl.bounce",
            of="followupd",
            figure="per_second",
            over="mail-parser-reply + flufl.bounce",
        ),
    ),
)
