"""The workload `send` through TLS: 10,000 due follow-ups of ten mailboxes, beside the same without TLS to the same server.

smtp-sink speaks no TLS, so both go to the server that writes down who got what.
"""

from __future__ import annotations

from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload
from followupd.bench.workloads.send import FULL, SHAPES
from followupd.bench.workloads.send_far import bare_recorded, recorded

MAILBOXES = 10


def ours(place: Place, *, tls: bool) -> Figures:
    """The daemon."""
    return recorded(place, place.size(FULL, MAILBOXES), mailboxes=MAILBOXES, in_flight=SHAPES[MAILBOXES], tls=tls)


WORKLOAD = Workload(
    name="send-tls",
    what="10,000 due follow-ups through TLS, and without",
    contenders=(
        Contender(name="followupd-tls", role="ours", run=lambda place: ours(place, tls=True)),
        Contender(name="followupd-plain", role="ours", run=lambda place: ours(place, tls=False)),
        Contender(
            name="aiosmtplib-tls", role="floor",
            run=lambda place: bare_recorded(place.size(FULL), MAILBOXES * SHAPES[MAILBOXES], tls=True), quick=False,
        ),
    ),
    ratios=(
        Ratio(name="with TLS : without", of="followupd-tls", figure="per_second", over="followupd-plain", at_least=0.8),
        Ratio(name="bare aiosmtplib", of="followupd-tls", figure="per_second", over="aiosmtplib-tls"),
    ),
)  # fmt: skip
