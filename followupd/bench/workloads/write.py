"""One mail of the workload `send` made out of a row and a template: by us, and by Jinja2 and the standard library's `email`.

Nothing touches a disk or a network, and `per_second` counts seconds of the processor. What `email` takes is what a peer in Python pays for each mail.
"""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable
from datetime import UTC, datetime

from followupd.bench.process import call
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import SECOND_WORD, person

FULL = 5_000


def ours(count: int) -> Figures:
    """Render and compose, as sending does."""
    from followupd.core.model import ThreadContext
    from followupd.core.outbound import Envelope, compose, message_id
    from followupd.files.templates import parse_template, render

    template, problems = parse_template(SECOND_WORD, "templates/second-word.md", "second-word")
    if template is None:
        raise WrongOutcome("\n".join(map(str, problems)))
    now, key = datetime.now(UTC), b"k" * 32

    def write(number: int) -> bytes:
        row = person(number)
        rendered = render(
            template, {"prospect": row, "owner": {"signature": "Zoë Müller, Örtel & Söhne Ltd"}}, footer="Örtel & Söhne Ltd"
        )
        first = message_id(f"first-{number}", "example.com", key)
        return compose(rendered, Envelope(
            sender="rep-001@example.com", sender_name="Zoë Müller", recipient=row["email"], recipient_name=f"{row['first_name']} {row['last_name']}",
            date=now, message_id=message_id(f"second-{number}", "example.com", key), touch=f"second-{number}",
            thread=ThreadContext(subject=f"A thought for {row['company']}", last_id=first, references=(first,)), same_thread=True,
            list_unsubscribe=("mailto:rep-001@example.com?subject=unsubscribe",),
        ))  # fmt: skip

    return _timed(write, count)


def standard_library(count: int) -> Figures:
    """Jinja2, `EmailMessage`, and its bytes."""
    from followupd.bench.peers.message import Writer

    writer = Writer()
    return _timed(lambda number: writer.message(person(number)).as_bytes(), count)


def _timed(write: Callable[[int], bytes], count: int) -> Figures:
    for number in (0, 11):  # compiled, and looked at
        found = email.message_from_bytes(write(number), policy=email.policy.SMTP)
        html = found.get_body(("html",))
        if html is None or f"Hello {person(number)['first_name']}," not in html.get_content() or not found["In-Reply-To"]:
            raise WrongOutcome(f"that is not the mail:\n{found}")
    busy = time.process_time()
    for number in range(count):
        write(number)
    return {"per_second": count / (time.process_time() - busy)}


WORKLOAD = Workload(
    name="write",
    what="Mails made out of rows and a template",
    contenders=(
        Contender(name="followupd", role="ours", run=lambda place: _apart(ours, place)),
        Contender(name="email", role="peer", run=lambda place: _apart(standard_library, place)),
    ),
    ratios=(Ratio(name="followupd : the email package", of="followupd", figure="per_second", over="email"),),
)


def _apart(work: Callable[[int], Figures], place: Place) -> Figures:
    # The standard library gets fewer: they say as much about it.
    found: Figures
    found, _ = call(work, place.size(FULL if work is ours else FULL // 4))
    return found
