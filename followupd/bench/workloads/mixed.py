"""A working day in five minutes: 300 mailboxes, 50 follow-ups and 20 replies a second, on a real IMAP server.

Everybody has had the first mail. 15,000 people's second one becomes due in the five minutes, evenly; 6,000 others answer meanwhile, at a
moment of their own, and their second mail is due ten seconds after that: it must never leave. Replies come in by LMTP. At the
end everybody has got exactly what they should, every answer is understood and its enrollment over, and no mail left after its stop
was written down.

Latencies are in milliseconds: `send` from the due time to the mail server's 250, `stop` from the 250 of LMTP to the stop in the store.
"""

from __future__ import annotations

import queue
import smtplib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles

import sqlalchemy as sa

from followupd.bench.process import Process
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import Dovecot, dovecot
from followupd.bench.servers.inotify import room
from followupd.bench.servers.recorder import Recorded, recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import Workspace, fill, person, workspace
from followupd.store import schema

MAILBOXES, SENDS, REPLIES, SECONDS = 300, 50, 20, 300

AFTER = timedelta(seconds=10)
"""A replier's follow-up is due so long after the answer."""

STARTED = 45.0
"""Seconds from the start of the daemon until the first mail is due: 300 logins take their time, and are not what is measured."""

CARRIERS = 4
"""Connections by which replies come in."""

WORDS = (
    "No thanks, we are not interested.",
    "Thanks, but we have decided for somebody else.",
    "No, thank you. Please close this.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: by whom, to which mailbox, and when (Unix time)."""

    address: str
    mailbox: str
    message_id: str
    at: float


def followupd(place: Place) -> Figures:
    """The daemon, from the first due mail to the last."""
    seconds = place.size(SECONDS, 5)
    mailboxes = max(10, round(MAILBOXES * min(1.0, place.scale * 2)))
    senders, repliers = SENDS * seconds, REPLIES * seconds
    with recorder() as taken, room(mailboxes), dovecot(many=True) as box, workspace(
        place.folder / "w", smtp=taken.port, imap=box.imap_port, mailboxes=mailboxes, in_flight=2
    ) as laid:  # fmt: skip
        fill(laid, senders + repliers)
        begin = time.time() + STARTED * mailboxes / MAILBOXES + 5
        answers = _dates(laid, senders, repliers, begin, seconds)
        process = laid.start()
        wait_until(lambda: laid.log.count("mailbox-watched") == mailboxes or not process.running, 120)
        cpu = _cpu_at(process, begin)
        delivered = _deliver(box, answers)
        until = begin + seconds + 60
        while taken.count < senders and time.time() < until and process.running:
            time.sleep(0.1)
        spent = process.cpu() - cpu
        time.sleep(
            max(0.0, begin + seconds + AFTER.total_seconds() + 3 - time.time())
        )  # what is due after an answer would leave now
        code, memory = process.stop(), process.memory_mb
        if code:
            raise WrongOutcome(f"exit code {code}\n{laid.log[-1000:]}")
        sends, stops = _checked(laid, taken.read(), senders, answers, delivered)
        return {
            **_latencies("send", sends), **_latencies("stop", stops), "cpu_percent": 100 * spent / seconds, "memory_mb": memory,
            "sends": float(len(sends)), "stops": float(len(stops)),
        }  # fmt: skip


def _dates(laid: Workspace, senders: int, repliers: int, begin: float, seconds: int) -> list[Answer]:
    """Lay out when each mail is due, and each answer written."""
    touch, answers = schema.touch.c, list[Answer]()
    with laid.office() as office, office.store.writing() as connection:
        due = {
            row.address: row
            for row in connection.execute(sa.select(touch.id, touch.address, touch.mailbox).where(touch.state == "scheduled"))
        }
        sent = {
            row.address: row.message_id
            for row in connection.execute(sa.select(touch.address, touch.message_id).where(touch.state == "sent"))
        }
        moments = []
        for number in range(senders + repliers):
            row = due[person(number)["email"]]
            if number < senders:
                at = begin + seconds * number / senders
            else:
                said = begin + seconds * (number - senders) / repliers
                answers.append(Answer(row.address, row.mailbox, sent[row.address], said))
                at = said + AFTER.total_seconds()
            moments.append({"name": row.id, "at": datetime.fromtimestamp(at, UTC)})
        moved = (
            sa.update(schema.touch).where(touch.id == sa.bindparam("name")).values(due=sa.bindparam("at", type_=schema.Instant))
        )
        connection.execute(moved, moments)
    return answers


def _cpu_at(process: Process, moment: float) -> float:
    time.sleep(max(0.0, moment - time.time()))
    return process.cpu()


def _deliver(box: Dovecot, answers: Sequence[Answer]) -> dict[str, float]:
    """Hand the replies over, each at its time; when the server had taken each of them."""
    waiting: queue.Queue[Answer | None] = queue.Queue()
    taken: dict[str, float] = {}

    def carry() -> None:
        with smtplib.LMTP("127.0.0.1", box.lmtp_port, timeout=30) as lmtp:
            while (one := waiting.get()) is not None:
                lmtp.sendmail(one.address, [one.mailbox], _reply(one))
                taken[one.address] = time.time()

    carriers = [threading.Thread(target=carry) for _ in range(CARRIERS)]
    for each in carriers:
        each.start()
    for one in answers:
        time.sleep(max(0.0, one.at - time.time()))
        waiting.put(one)
    for _ in carriers:
        waiting.put(None)
    for each in carriers:
        each.join()
    return taken


def _reply(one: Answer) -> bytes:
    local = one.address.partition("@")[0]
    return (
        f"From: <{one.address}>\r\nTo: <{one.mailbox}@example.com>\r\nSubject: Re: hello\r\nDate: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S +0000}\r\n"
        f"Message-ID: <answer.{local}@firm.example>\r\nIn-Reply-To: <{one.message_id}>\r\n\r\n{WORDS[len(local) % len(WORDS)]}\r\n"
    ).encode()


def _checked(
    laid: Workspace, mails: Sequence[Recorded], senders: int, answers: Sequence[Answer], delivered: dict[str, float]
) -> tuple[list[float], list[float]]:  # fmt: skip
    """Everybody got what they should, and no mail was sent after its stop; the latencies in seconds."""
    ahead = time.time() - time.monotonic()
    came = {mail.recipient: mail for mail in mails}
    if len(came) != len(mails):
        raise WrongOutcome(f"{len(mails) - len(came)} mails came twice")
    touch, enrollment = schema.touch.c, schema.enrollment.c
    with laid.office() as office, office.store.reading() as connection:
        due = {row.address: row.due for row in connection.execute(sa.select(touch.address, touch.due).where(touch.position == 1))}
        over = {
            row.address: row for row in connection.execute(sa.select(enrollment.address, enrollment.finished, enrollment.outcome))
        }
    people = [person(number)["email"] for number in range(senders)]
    if missing := [address for address in people if address not in came]:
        raise WrongOutcome(f"{len(missing)} of {senders} follow-ups were not sent, such as to {missing[0]}")
    stops = []
    for one in answers:
        found = over[one.address]
        if found.outcome != "no" or found.finished is None:
            raise WrongOutcome(f"the answer of {one.address} did not end the enrollment: {found.outcome}")
        stops.append(found.finished.timestamp() - delivered[one.address])
        late = came.get(one.address)
        if late is not None and late.dot + ahead > found.finished.timestamp():
            raise WrongOutcome(f"{one.address} got a mail {late.dot + ahead - found.finished.timestamp():.3f} s after the stop")
    sends = [came[address].answered + ahead - due[address].timestamp() for address in people]
    return sends, stops


def _latencies(name: str, found: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(found, n=100, method="inclusive")
    return {f"{name}_p50": 1000 * cuts[49], f"{name}_p99": 1000 * cuts[98]}


WORKLOAD = Workload(
    name="mixed",
    quick=False,
    what="300 mailboxes, 50 follow-ups and 20 replies a second for five minutes",
    contenders=(Contender(name="followupd", role="ours", run=followupd, rounds=1),),
    ratios=(
        Ratio(name="send, median", of="followupd", figure="send_p50", at_most=1500.0, unit="ms"),
        Ratio(name="stop, median", of="followupd", figure="stop_p50", at_most=1000.0, unit="ms"),
        Ratio(name="stop, 99th percentile", of="followupd", figure="stop_p99", at_most=2500.0, unit="ms"),
        Ratio(name="processor", of="followupd", figure="cpu_percent", at_most=80.0, unit="% of a core"),
    ),
    rounds=1,
)
