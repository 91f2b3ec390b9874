"""A thousand mailboxes in IDLE in one daemon, and nothing happens: what each of them costs in memory.

`kb_a_mailbox` is what the process has grown by since one that is the same in everything but the number of mailboxes (the sum of the PSS of
its processes, once all mailboxes are watched). Beside it the obvious way: imapclient with a thread for each mailbox.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from imapclient import IMAPClient

from followupd.bench.process import Process, call, pss_mb, tree
from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import PASSWORD, dovecot
from followupd.bench.servers.inotify import room
from followupd.bench.suite import Contender, Figures, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workspace import Workspace, fill, workspace

FULL = 1_000
REST = 3.0  # seconds in which nothing happens
PATIENCE = 600.0


def ours(place: Place) -> Figures:
    """The daemon, once with one mailbox and once with all."""
    count = place.size(FULL, 20)
    one = _held(place, "one", 1)
    many = _held(place, "many", count)
    return {
        "kb_a_mailbox": 1024 * (many["memory_mb"] - one["memory_mb"]) / (count - 1), "cpu_percent": many["cpu_percent"],
        "logged_in_seconds": many["logged_in_seconds"], "threads": many["threads"], "memory_mb": many["memory_mb"],
    }  # fmt: skip


def _held(place: Place, name: str, mailboxes: int) -> dict[str, float]:
    with room(mailboxes), dovecot(many=True) as box, workspace(
        place.folder / name, smtp=9, imap=box.imap_port, mailboxes=mailboxes
    ) as laid:  # fmt: skip
        fill(laid, 0)
        daemon = laid.start(memory=False)
        try:
            wait_until(lambda: _watched(laid) == mailboxes or not daemon.running, PATIENCE)
        except TimeoutError:
            raise WrongOutcome(f"only {_watched(laid)} of {mailboxes} mailboxes are watched:\n{laid.log[-2000:]}") from None
        logged_in = time.monotonic() - daemon.began
        time.sleep(REST)
        cpu = daemon.cpu()
        time.sleep(REST)
        found = {
            "memory_mb": _memory(daemon), "cpu_percent": 100 * (daemon.cpu() - cpu) / REST, "logged_in_seconds": logged_in,
            "threads": float(len(list(Path(f"/proc/{daemon.pid}/task").iterdir()))),
        }  # fmt: skip
        if code := daemon.stop(60):
            raise WrongOutcome(f"the daemon ended with exit code {code}:\n{laid.log[-2000:]}")
        if "unreachable" in laid.log:
            raise WrongOutcome(f"not all mailboxes stayed connected:\n{laid.log[-2000:]}")
    return found


def _watched(laid: Workspace) -> int:
    return laid.log.count("mailbox-watched ")


def _memory(process: Process) -> float:
    return sum(map(pss_mb, tree(process.pid)))


def threads(place: Place) -> Figures:
    """Imapclient, a connection and a thread for each mailbox."""
    count = place.size(FULL, 20)
    with room(count), dovecot(many=True) as box:
        one, _ = call(in_threads, box.imap_port, 1, timeout=PATIENCE)
        many, _ = call(in_threads, box.imap_port, count, timeout=PATIENCE)
    return {"kb_a_mailbox": 1024 * (many - one) / (count - 1), "memory_mb": many}


def in_threads(port: int, count: int) -> float:
    """All in IDLE; the memory of this process then."""
    clients = []
    for number in range(count):
        client = IMAPClient("127.0.0.1", port, ssl=False)
        client.login(f"box-{number}", PASSWORD)
        client.select_folder("INBOX", readonly=True)
        client.idle()
        clients.append(client)
    for client in clients:
        threading.Thread(target=_waits(client), daemon=True).start()
    time.sleep(REST)
    return pss_mb("self")


def _waits(client: IMAPClient) -> Callable[[], None]:
    def wait() -> None:
        client.idle_check(timeout=600)

    return wait


WORKLOAD = Workload(
    name="idle",
    what="1,000 mailboxes in IDLE in one process: memory of each",
    contenders=(
        Contender(name="followupd", role="ours", run=ours, rounds=1),
        Contender(name="imapclient-threads", role="peer", run=threads, rounds=1, quick=False),
    ),
    ratios=(
        Ratio(name="memory of a mailbox in IDLE", of="followupd", figure="kb_a_mailbox", at_most=60, unit="KB"),
        Ratio(
            name="memory of a mailbox: imapclient with threads / followupd",
            of="imapclient-threads",
            figure="kb_a_mailbox",
            over="followupd",
        ),
    ),
    rounds=1,
)
