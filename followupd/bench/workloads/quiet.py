"""Ten minutes with nothing due: a store with 1,000,000 enrollments, 100 mailboxes that are watched.

Counted is the processor time of the daemon and its reading process, as a share of one core, and every byte that they have caused to be
written to a disk (`/proc/PID/io`), after the start is over. The marks lie in memory, as under systemd.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from followupd.bench.crowd import MAILBOXES, crowded, warm
from followupd.bench.process import Process, tree
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.recorder import recorder
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome

FULL = 1_000_000

SECONDS = 600

SETTLED = 20.0
"""Seconds after the last mailbox is watched: what a start writes down late is written by then."""


def daemon(place: Place) -> Figures:
    """The daemon, when everything that a start brings is over."""
    warm()
    with recorder() as taken, dovecot(many=True) as box, crowded(
        place.folder / "w", place.size(FULL, 1000), smtp=taken.port, imap=box.imap_port
    ) as (laid, store):  # fmt: skip
        process = laid.start(memory=False)
        wait_until(lambda: laid.log.count("mailbox-watched") == MAILBOXES or not process.running, 120)
        time.sleep(SETTLED)
        before, figures = _pages(store), _watched(process, place.size(SECONDS, 20))
        if not process.running or taken.count or laid.log.count("mailbox-watched") != MAILBOXES:
            raise WrongOutcome(f"{taken.count} mails were sent\n{laid.log[-1000:]}")
        if _pages(store) != before and not figures["written_kb"]:
            raise WrongOutcome("the store was written to, and nobody has counted it")
        if code := process.stop():
            raise WrongOutcome(f"exit code {code}\n{laid.log[-1000:]}")
        return figures


def _watched(process: Process, seconds: int) -> Figures:
    cpu, written, began = process.cpu(), _written(tree(process.pid)), time.monotonic()
    time.sleep(seconds)
    spent = time.monotonic() - began
    return {"core_percent": 100 * (process.cpu() - cpu) / spent, "written_kb": (_written(tree(process.pid)) - written) / 1000}


def _written(processes: Iterable[int]) -> int:
    """Bytes that these processes have sent towards a disk (proc_pid_io(5))."""
    found = 0
    for pid in processes:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/io").read_text().splitlines()
            found += sum(int(line.partition(":")[2]) for line in lines if line.startswith("write_bytes:"))
    return found


def _pages(store: Path) -> list[tuple[str, int, int]]:
    """The store and what lies beside it, with size and age."""
    beside = [one for one in store.parent.glob(f"{store.name}*") if not one.name.endswith("-shm")]
    return sorted((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in beside)


def sleep(place: Place) -> Figures:
    """Python, asleep: a tenth of the time says enough."""
    process = Process([sys.executable, "-c", "import time; time.sleep(1000)"], memory=False)
    try:
        time.sleep(1)
        return _watched(process, max(2, place.size(SECONDS, 20) // 10))
    finally:
        process.kill()


WORKLOAD = Workload(
    name="quiet",
    what="ten minutes with nothing due: 1,000,000 enrollments, 100 mailboxes",
    contenders=(
        Contender(name="followupd", role="ours", run=daemon, rounds=1),
        Contender(name="sleep", role="floor", run=sleep, rounds=1),
    ),
    ratios=(
        Ratio(name="processor time", of="followupd", figure="core_percent", at_most=0.5, unit="% of a core"),
        Ratio(name="written to disk", of="followupd", figure="written_kb", at_most=0.0, unit="KB"),
    ),
    rounds=1,
    quick=False,  # its time can't be cut: what a start writes down late must be over, and then long enough nothing
)
