"""A "no" in the mailbox, and the enrollment is over: how long after the server has told of it, with a million sent mails in the store.

The whole daemon, with Dovecot. Answers come while nothing else happens, amid a thousand strangers' mails in ten seconds, and in a flood of as many
as the server takes. `own_ms` is from the moment at which the server has told our daemon that the mail is there, in IDLE or by any other answer (`tap`), to the
moment from which the enrollment's end is seen in the store. What comes before is the server's own: Dovecot tells after half a second. A bare socket
in IDLE on the same mailbox hears it, too; `behind_ms` is how much later than that socket our daemon is told, at the 99th percentile, below nothing where it has asked before.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

import sqlalchemy as sa

from followupd.bench.answers import Bell, Ledger, Postman, ledger, reply, stranger, until
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import Dovecot, dovecot
from followupd.bench.servers.inotify import room
from followupd.bench.servers.tap import Tap, tap
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import Workspace, fill, workspace

SENT = 1_000_000
REPLIES = 60  # while nothing else happens, and as many amid the others, and in the flood
OTHERS = 1_000
SECONDS = 10.0  # in which the others come; in the flood as fast as the server takes them
MAILBOXES = 4
AT_WORK = 2.0  # seconds after which a daemon has started whatever it has, and read the one mail that each mailbox holds before
PATIENCE = 60.0  # seconds until an answer must have had its effect

NAMES = sa.text("SELECT address, mailbox, message_id FROM touch WHERE address = :address AND position = 0")


def ours(place: Place) -> Figures:
    """The daemon."""
    count, replies, others = place.size(SENT), place.size(REPLIES, 3 * MAILBOXES), place.size(OTHERS, 25 * MAILBOXES)
    with (
        room(2 * MAILBOXES),
        dovecot(many=True) as box,
        tap(box.imap_port) as tapped,
        workspace(place.folder / "w", smtp=9, imap=tapped.port, mailboxes=MAILBOXES) as laid,
        ExitStack() as stack,
    ):
        addresses = fill(laid, count, due=datetime.now(UTC) + timedelta(days=30), lean=True)
        people = named(laid, random.Random(place.number).sample(addresses, 3 * replies))
        watched = stack.enter_context(ledger(laid.folder / "followupd.db"))
        daemon = laid.start()
        wait_until(lambda: laid.log.count("mailbox-watched ") == MAILBOXES or not daemon.running, 120)
        bells = {name: Bell(box.imap_port, name) for name in laid.mailboxes}
        for bell in bells.values():
            stack.callback(bell.close)
        own = Round(box, bells, watched, tapped)
        own.play([], MAILBOXES)
        time.sleep(AT_WORK)
        idle, _ = own.play(people[:replies], 0, pause=0.9)
        busy, behind = own.play(people[replies : 2 * replies], others, pause=SECONDS * MAILBOXES / OTHERS)
        cpu = daemon.cpu()
        flood, _ = own.play(people[2 * replies :], others)
        spent = daemon.cpu() - cpu
        if code := daemon.stop():
            raise WrongOutcome(f"the daemon ended with exit code {code}:\n{laid.log[-2000:]}")
    both = idle + busy
    return {
        "own_ms": median(both), "own_p99_ms": _p99(both), "idle_ms": median(idle), "idle_p99_ms": _p99(idle), "busy_ms": median(busy),
        "busy_p99_ms": _p99(busy), "behind_ms": _p99(behind), "flood_ms": median(flood), "flood_p99_ms": _p99(flood),
        "cpu_per_1000_mails": 1000 * spent / (others + replies), "memory_mb": daemon.memory_mb,
    }  # fmt: skip


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def named(laid: Workspace, addresses: list[str]) -> list[tuple[str, str, str]]:
    """Of each person the address, the mailbox that has written, and the Message-ID of what it wrote."""
    with laid.office() as office, office.store.reading() as connection:
        return [tuple(connection.execute(NAMES, {"address": one}).one()) for one in addresses]


class Round:
    """People answer, each mailbox's one after the other, all mailboxes at once."""

    def __init__(self, box: Dovecot, bells: dict[str, Bell], watched: Ledger, tapped: Tap) -> None:
        self._box, self._bells, self._watched, self._tapped = box, bells, watched, tapped
        self._brought = dict.fromkeys(bells, 0)
        self.rung: dict[str, tuple[str, int]] = {}

    def play(self, people: list[tuple[str, str, str]], others: int, pause: float = 0.0) -> tuple[list[float], list[float]]:
        """Bring the answers of these people, and so many other mails, with a pause after each. Of each answer its milliseconds from the
        server's word to the end of the enrollment, and how much later than the bare socket our daemon had that word.
        """
        self._watched.watch(address for address, _, _ in people)
        walks = [
            threading.Thread(
                target=self._walk, args=(name, [one for one in people if one[1] == name], others // MAILBOXES, pause)
            )
            for name in self._bells
        ]
        for walk in walks:
            walk.start()
        for walk in walks:
            walk.join()
        until(self._watched.over, (address for address, _, _ in people), PATIENCE, "answers have had no effect")
        told = self._tapped.told()
        found = [self._own(address, told) for address, _, _ in people]
        return [own for own, _ in found], [behind for _, behind in found]

    def _walk(self, name: str, people: list[tuple[str, str, str]], others: int, pause: float) -> None:
        dice, postman = random.Random(name), Postman(self._box.lmtp_port)
        postman.brought[name] = self._brought[name]
        mails = [*people, *[None] * others]
        dice.shuffle(mails)
        for person in mails:
            if person is None:
                postman.bring(name, stranger(dice.getrandbits(40)))
            else:
                self.rung[person[0]] = name, postman.bring(name, reply(person[0], person[2], dice.getrandbits(40)))[0]
            time.sleep(pause * (0.5 + dice.random()))
        self._brought[name] = postman.brought[name]
        postman.close()

    def _own(self, address: str, told: dict[str, list[tuple[int, float]]]) -> tuple[float, float]:
        name, number = self.rung[address]
        rang = wait_until(lambda: self._bells[name].rang(number), 10)
        heard = next(at for count, at in told[name] if count >= number)
        return 1000 * (self._watched.over[address] - heard), 1000 * (heard - (rang or 0.0))


WORKLOAD = Workload(
    name="stop",
    what="a reply in Dovecot to the enrollment stopped, a million sent Message-IDs in the store, idle and amid 1,000 other mails in ten seconds; and in a flood",
    contenders=(Contender(name="followupd", role="ours", run=ours),),
    ratios=(
        Ratio(name="own share after the notice, median", of="followupd", figure="own_ms", at_most=10, unit="ms", gate=False),
        Ratio(name="own share after the notice, 99th percentile", of="followupd", figure="own_p99_ms", at_most=50, unit="ms"),
    ),
)
