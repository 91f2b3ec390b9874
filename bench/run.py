"""The hot path, measured: writing a mail and composing it, against what the standard library would take.

    make bench                # or: .venv/bin/python bench/run.py --json

Absolute figures belong to the machine that made them; the ratios travel. Each figure is the best of several rounds, because
whatever else a machine does can only make a round slower. Nothing here touches a disk or a network.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from followupd.core.inbound import read_message
from followupd.core.model import Rendered, ThreadContext
from followupd.core.outbound import Envelope, compose, message_id
from followupd.files.templates import parse_template, render

KEY = b"k" * 32
TEMPLATE = """\
---
subject: What {{ prospect.company }} could save
---
Hello {{ prospect.first_name }},

you told us that **{{ prospect.challenges }}** costs your team most. Three companies of your size took the same first step,
and [one of them wrote down how](https://example.com/how).

* what they measured before
* what they changed first
* what it came to after a quarter

{% if prospect.team_size|int >= 20 %}With {{ prospect.team_size }} people the second step is worth a look as well.{% endif %}

Which of the three is nearest to yours?
"""
PROSPECT = {"first_name": "Zoë", "company": "Müller & Söhne", "challenges": "month-end closing", "team_size": "34"}
REPLY = b"""\
From: Ann <ann@prospect.example>
To: Dana Reyes <dana@example.com>
Subject: Re: What you could save
Message-ID: <abc@prospect.example>
In-Reply-To: <t.x.0@example.com>
Date: Mon, 7 Dec 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

No thanks, we have decided for another supplier.

On Fri, 4 Dec 2026 at 09:00, Dana Reyes <dana@example.com> wrote:
> Which of the three is nearest to yours?
""".replace(b"\n", b"\r\n")


def envelope() -> Envelope:
    """Make the outside of a third mail in a thread."""
    ids = tuple(message_id(f"touch-{number}", "example.com", KEY) for number in range(3))
    return Envelope(
        sender="dana@example.com",
        sender_name="Dana Reyes",
        recipient="zoe@prospect.example",
        recipient_name="Zoë Müller",
        date=datetime(2026, 12, 7, 9, 30, tzinfo=UTC),
        message_id=ids[2],
        touch="touch-2",
        thread=ThreadContext(subject="What you could save", last_id=ids[1], references=ids[:2]),
        same_thread=True,
        list_unsubscribe=("mailto:dana@example.com?subject=unsubscribe",),
    )


def compose_by_the_standard_library(rendered: Rendered, outside: Envelope) -> bytes:
    """Write the same mail as `compose` does, as one would with `email.message.EmailMessage`."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(outside.sender_name, addr_spec=outside.sender)
    mail["To"] = Address(outside.recipient_name, addr_spec=outside.recipient)
    mail["Subject"] = "Re: " + outside.thread.subject
    mail["Date"] = outside.date
    mail["Message-ID"] = f"<{outside.message_id}>"
    mail["In-Reply-To"] = f"<{outside.thread.last_id}>"
    mail["References"] = " ".join(f"<{one}>" for one in (*outside.thread.references, outside.message_id))
    mail["List-Unsubscribe"] = ", ".join(f"<{one}>" for one in outside.list_unsubscribe)
    mail["X-Followupd-Touch"] = outside.message_id
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    return mail.as_bytes()


def microseconds(work: Callable[[], object], seconds: float) -> float:
    """Take the best round: a round is long enough to be timed well, and short enough to be undisturbed once."""
    work()
    began = time.perf_counter()
    work()
    count = max(1, int(0.02 / max(time.perf_counter() - began, 1e-7)))
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        for _ in range(count):
            work()
        best = min(best, (time.perf_counter() - began) / count)
    return best * 1e6


def measure(seconds: float) -> dict[str, float]:
    """Measure everything, `seconds` each; the figures are microseconds, but for the ratio."""
    template, problems = parse_template(TEMPLATE, "templates/bench.md", "bench")
    if template is None or problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))
    rendered, outside = render(template, {"prospect": PROSPECT}), envelope()
    figures = {
        "render": microseconds(lambda: render(template, {"prospect": PROSPECT}), seconds),
        "compose": microseconds(lambda: compose(rendered, outside), seconds),
        "compose_by_stdlib": microseconds(lambda: compose_by_the_standard_library(rendered, outside), seconds),
        "read_reply": microseconds(lambda: read_message(REPLY), seconds),
    }
    return figures | {"stdlib_over_compose": figures["compose_by_stdlib"] / figures["compose"]}


def main() -> None:
    """Print the figures and the machine that made them."""
    options = argparse.ArgumentParser(description="Measures the hot path of followupd.")
    options.add_argument("--seconds", type=float, default=2.0, help="how long to measure each part")
    options.add_argument("--json", action="store_true", help="print for machines")
    given = options.parse_args()
    figures = measure(given.seconds)
    if given.json:
        print(json.dumps({"python": platform.python_version(), "machine": platform.machine(), "figures": figures}, indent=2))
        return
    for name in ("render", "compose", "compose_by_stdlib", "read_reply"):
        print(f"{name:20} {figures[name]:9.1f} us   {1e6 / figures[name]:9,.0f} a second")
    print(f"composing takes the standard library {figures['stdlib_over_compose']:.1f} times as long")
    print(f"(Python {platform.python_version()}, {platform.machine()}, one core, best round)")


if __name__ == "__main__":
    main()
