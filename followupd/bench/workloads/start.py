"""From nothing to the first mail: a store with 1,000,000 enrollments, 100 mailboxes on a real IMAP server, one follow-up that is due.

What is timed is the whole command, from `exec` of `python -m followupd run` until the mail server has taken the mail: imports, the
configuration, the store, the logins, the claim, the last look, the gate. The mail must be the right one, and the only one. Beside it
what a help page takes; and `python -c pass`, under which no command in Python can be.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from statistics import median

from followupd.bench.crowd import compiled, crowded, make_due, warm
from followupd.bench.process import measure
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.recorder import recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome

FULL = 1_000_000

PATIENCE = 60.0

CALLS = 7
"""How often a short command is called; the median counts."""


def first_mail(place: Place) -> Figures:
    """The daemon, until its first mail is taken; then it is told to end."""
    warm()
    with recorder() as taken, dovecot(many=True) as box, crowded(
        place.folder / "w", place.size(FULL, 1000), smtp=taken.port, imap=box.imap_port
    ) as (laid, store):  # fmt: skip
        address = make_due(store, place.number)
        process = laid.start(memory=False)
        until = process.began + PATIENCE
        while not taken.count and process.running and time.monotonic() < until:
            time.sleep(0.005)
        cpu = process.cpu()
        code = process.stop()
        found = taken.check(1)
        if found[0].recipient != address or code != 0:
            raise WrongOutcome(f"{found[0].recipient} got a mail instead of {address}; exit code {code}\n{laid.log[-1000:]}")
        return {"seconds": found[0].answered - process.began, "cpu_seconds": cpu}


def called(command: Sequence[str]) -> Figures:
    """A command that does next to nothing, from its start to its end."""
    costs = [measure([sys.executable, *command], env=compiled()) for _ in range(CALLS)]
    if any(one.code for one in costs):
        raise WrongOutcome(costs[0].output[-1000:])
    return {"seconds": median(one.wall for one in costs[1:]), "cpu_seconds": median(one.cpu for one in costs[1:])}


def help_page(_: Place) -> Figures:
    """The help page."""
    return called(["-m", "followupd", "--help"])


def nothing(_: Place) -> Figures:
    """Python itself."""
    return called(["-c", "pass"])


WORKLOAD = Workload(
    name="start",
    what="from exec to the first due mail: 1,000,000 enrollments, 100 mailboxes; and the help page",
    contenders=(
        Contender(name="followupd", role="ours", run=first_mail),
        Contender(name="followupd --help", role="ours", run=help_page),
        Contender(name="python -c pass", role="floor", run=nothing),
    ),
    ratios=(
        Ratio(name="first mail", of="followupd", figure="seconds", at_most=1.5, unit="s"),
        # The gate asks for time of the processor: what else runs on a machine of CI says nothing about us.
        Ratio(name="first mail, processor", of="followupd", figure="cpu_seconds", at_most=1.5, unit="s", gate=True),
        Ratio(name="help page", of="followupd --help", figure="seconds", at_most=0.25, unit="s"),
        Ratio(name="help page : python -c pass", of="followupd --help", figure="cpu_seconds", over="python -c pass", at_most=8.0),
    ),
)
