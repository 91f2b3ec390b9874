"""3,000 due follow-ups to a server that takes 20 ms to answer each final dot, as a queue or a long way does.

With so many connections no more than connections / delay can be accepted in a second, whoever sends: what is measured is how much of
the time a connection waits for us. The server writes down who got what.
"""

from __future__ import annotations

from followupd.bench.floors import bare
from followupd.bench.process import call
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.recorder import Recorder, recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload
from followupd.bench.workspace import fill, send_all, workspace

FULL, CONNECTIONS, DELAY = 3_000, 8, 0.020


def rate(taken: Recorder, count: int) -> float:
    """Mails a second from the first MAIL to the last answer; each recipient once, or WrongOutcome."""
    found = taken.check(count)
    return count / (max(one.answered for one in found) - min(one.mail for one in found))


def recorded(
    place: Place, count: int, *, mailboxes: int = 1, in_flight: int = CONNECTIONS, delay: float = 0.0, tls: bool = False
) -> Figures:
    """Our daemon, and a server that writes down what it accepted."""
    with recorder(delay=delay, tls=tls) as taken, dovecot(many=True) as box, workspace(
        place.folder / "w", smtp=taken.port, imap=box.imap_port, mailboxes=mailboxes, in_flight=in_flight, security="tls" if tls else "none",
        ca_file=taken.ca_file,
    ) as laid:  # fmt: skip
        fill(laid, count)
        sent = send_all(laid, count)
        return {"per_second": rate(taken, count), "cpu_per_1000": 1000 * sent.cpu / count, "memory_mb": sent.memory_mb}


def bare_recorded(count: int, connections: int, *, delay: float = 0.0, tls: bool = False) -> Figures:
    """The bare loop, and the same server."""
    with recorder(delay=delay, tls=tls) as taken:
        spent, cost = call(bare, taken.port, connections, count, str(taken.ca_file or ""))
        return {"per_second": rate(taken, count), "cpu_per_1000": 1000 * spent["cpu"] / count, "memory_mb": cost.memory_mb}


WORKLOAD = Workload(
    name="send-far",
    what="3,000 due follow-ups to a server that answers each after 20 ms, over 8 connections",
    contenders=(
        Contender(name="followupd", role="ours", run=lambda place: recorded(place, place.size(FULL), delay=DELAY)),
        Contender(name="bound", role="floor", run=lambda _: {"per_second": CONNECTIONS / DELAY}),
        Contender(
            name="aiosmtplib",
            role="floor",
            run=lambda place: bare_recorded(place.size(FULL), CONNECTIONS, delay=DELAY),
            quick=False,
        ),
    ),
    ratios=(
        Ratio(name="connections / delay", of="followupd", figure="per_second", over="bound", at_least=0.9),
        Ratio(name="bare aiosmtplib", of="followupd", figure="per_second", over="aiosmtplib"),
    ),
)
