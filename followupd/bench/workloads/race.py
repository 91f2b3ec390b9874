"""A thousand people say no just as their follow-up is due: before it leaves, while it leaves, and after that.

The whole daemon, twenty mailboxes in Dovecot, and a mail server that notes when MAIL and the final dot of each mail came. Two things may not
happen, not once: a mail whose dot came after the end of its enrollment was seen in the store, and a mail whose answer lay in the
mailbox before its MAIL came. All clocks are one; `GRACE` is what processes that wait for a processor may see later than it was. That the
race is one is checked, too: many were written to all the same, and many were not.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from followupd.bench.answers import Postman, ledger, reply, until
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.recorder import recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import fill, workspace
from followupd.store import schema

FULL = 1_000
MAILBOXES = 20
RATE = 40.0  # follow-ups that become due in a second
AHEAD = 15.0  # seconds until the first one does: by then the mailboxes are watched
AROUND = 2.0  # an answer comes at most so many seconds before or after its follow-up is due
HANDS = 4  # postmen
GRACE = 0.02
PATIENCE = 180.0

DUES = sa.select(schema.touch.c.address, schema.touch.c.mailbox, schema.touch.c.due).where(schema.touch.c.position == 1)
NAMES = sa.select(schema.touch.c.address, schema.touch.c.message_id.label("id")).where(schema.touch.c.position == 0)


def ours(place: Place) -> Figures:
    """The daemon."""
    count, dice = place.size(FULL, 5 * MAILBOXES), random.Random(place.number)
    with recorder() as taken, dovecot(many=True) as box, workspace(
        place.folder / "w", smtp=taken.port, imap=box.imap_port, mailboxes=MAILBOXES, in_flight=2
    ) as laid, ledger(place.folder / "w" / "followupd.db") as watched:  # fmt: skip
        with laid.config.open("a", encoding="utf-8") as config:
            config.write("shared_look: 0s\n")  # ask, then send: each mail has a look of its own
        span = timedelta(seconds=count / RATE)
        people = fill(laid, count, due=datetime.now(UTC) + timedelta(seconds=AHEAD + 10 * count / FULL) + span, over=span)
        with laid.office() as office, office.store.reading() as connection:
            names = {row.address: row.id for row in connection.execute(NAMES)}
            dues = {row.address: (row.mailbox, row.due) for row in connection.execute(DUES)}
        watched.watch(people)
        daemon = laid.start()
        wait_until(lambda: laid.log.count("mailbox-watched ") == MAILBOXES or not daemon.running, 120)
        begun, now = time.monotonic(), datetime.now(UTC)
        moments = sorted(
            (begun + (due - now).total_seconds() + dice.uniform(-AROUND, AROUND), who) for who, (_, due) in dues.items()
        )
        lay: dict[str, float] = {}

        def deliver(hand: int) -> None:
            postman = Postman(box.lmtp_port)
            for number, (moment, who) in list(enumerate(moments))[hand::HANDS]:
                time.sleep(max(0.0, moment - time.monotonic()))
                lay[who] = postman.bring(dues[who][0], reply(who, names[who], number))[1]
            postman.close()

        hands = [threading.Thread(target=deliver, args=(hand,)) for hand in range(HANDS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        until(watched.over, people, PATIENCE, "answers have had no effect")
        if code := daemon.stop():
            raise WrongOutcome(f"the daemon ended with exit code {code}:\n{laid.log[-2000:]}")
        sent = {one.recipient: one for one in taken.read()}
        if len(sent) != taken.count:
            raise WrongOutcome(f"{taken.count - len(sent)} follow-ups were sent twice")
    if not count / 5 <= len(sent) <= count * 4 / 5:
        raise WrongOutcome(f"that was no race: {len(sent)} of {count} were written to")
    return {
        "after_the_stop": float(sum(one.dot > watched.over[who] + GRACE for who, one in sent.items())),
        "answered_before": float(sum(one.mail > lay[who] + GRACE for who, one in sent.items())),
        "longest_ms": 1000 * max((one.mail - lay[who] for who, one in sent.items()), default=0.0),  # from an answer to MAIL, at the most
        "sent": float(len(sent)), "stopped": float(count - len(sent)),
    }  # fmt: skip


WORKLOAD = Workload(
    name="race",
    what="1,000 people say no around the moment at which their follow-up is due",
    contenders=(Contender(name="followupd", role="ours", run=ours),),
    ratios=(
        Ratio(name="handed over after the stop was committed", of="followupd", figure="after_the_stop", at_most=0, unit="mails"),
        Ratio(
            name="sent although the answer lay there before", of="followupd", figure="answered_before", at_most=0, unit="mails"
        ),
    ),
)
