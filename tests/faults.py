"""The fault matrix: what may go wrong on a bad day, which tests try it, and what they counted.

A test says which rows it tries by `@pytest.mark.fault("F13")` and reports what it counted through the fixture `toll`:

    @pytest.mark.fault("F29")
    async def test_lost_answer(toll): ...
        toll(injected=1, twice=0, after_answer=0, replies_lost=0, touches_lost=0)

`injected` proves that the fault was really there: a test of a row that injected nothing fails. `make torture` runs every ring and
prints the table; the rings F (seconds) and C (the whole suite) run in `make test` as well, the ring N only in `make torture`.
Counts are those of an outside judge: the mail server's own log, the maildir.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

COUNTS = ("twice", "after_answer", "replies_lost", "touches_lost")
"""What must stay 0, whatever happens."""

ROWS = {
    "F1": "kill -9 at each named point of sending",
    "F2": "kill -9 at every system call of one send",
    "F3": "kill -9 with sixteen mails in flight over four mailboxes",
    "F4": "kill -9 while an answer is read",
    "F5": "kill -9 while a file is taken in",
    "F6": "SIGTERM during DATA",
    "F7": "SIGTERM twice, SIGINT, SIGHUP in any state",
    "F8": "the worker that parses or renders runs out of memory",
    "F9": "the event loop is blocked",
    "F10": "a loop dies by an exception",
    "F11": "a power cut at any point",
    "F12": "a power cut between dot and commit",
    "F13": "the disk is full while a 250 is written down",
    "F14": "the disk is full at intake, log, backup",
    "F15": "free space under the floor",
    "F16": "fsync says EIO once",
    "F17": "fsync says EIO for ever",
    "F18": "write errors, a read-only file system, no more file descriptors",
    "F19": "the database is locked by another process",
    "F20": "the store is corrupted",
    "F21": "the store is deleted or replaced under the running daemon",
    "F22": "the store lies on a network file system",
    "F23": "an old store, a newer one, an upgrade killed half way",
    "F24": "a backup under load; an older backup restored",
    "F25": "the machine is cloned",
    "F26": "SMTP: refused, no name, no TLS, a bad greeting, a hang at each verb",
    "F27": "SMTP: 4xx at each verb",
    "F28": "SMTP: 5xx at each verb",
    "F29": "the answer to the dot is lost, the server has the mail",
    "F30": "the answer to the dot is lost, the server has dropped the mail",
    "F31": "the relay answers after 4, 9, 11 minutes",
    "F32": "a slow relay, and we are killed",
    "F33": "too many logins",
    "F34": "the sender's quota is used up",
    "F35": "too many connections at once",
    "F36": "greylisting",
    "F37": "the address does not exist",
    "F38": "the recipient's mailbox is full",
    "F39": "refused for policy or reputation",
    "F40": "endless, binary, senseless answers",
    "F41": "STARTTLS stripped, certificates expired or of another name",
    "F42": "SIZE too small, no 8BITMIME, no SMTPUTF8",
    "F43": "IMAP down for two hours, SMTP fine",
    "F44": "a half-open link in IDLE",
    "F45": "IDLE never says anything",
    "F46": "BYE, EOF, NO and BAD at each verb of IMAP",
    "F47": "a dead link that returns at once for ever",
    "F48": "UIDVALIDITY changes while running",
    "F49": "UIDNEXT goes back",
    "F50": "20,000 mails at the first login",
    "F51": "an answer arrives between look and gate, gate and dot, during DATA",
    "F52": "an answer in Junk, in Archive, moved at once",
    "F53": "the rep deletes the answer before we look",
    "F54": "the rep writes to the prospect himself",
    "F55": "our mailbox is over its quota",
    "F56": "hostile literals, lines and answers of an IMAP server",
    "F57": "the password was changed",
    "F58": "a token expires in mid session",
    "F59": "invalid_grant; a bad, slow, lying token server; a rotated token lost",
    "F60": "names change, IPv6 is dead, no network at boot",
    "F61": "the clock jumps ahead",
    "F62": "the clock jumps back",
    "F63": "the wall clock runs sixty times too fast",
    "F64": "the machine is suspended over due times",
    "F65": "summer time, and days that do not exist",
    "F66": "the database's clock differs from ours",
    "F67": "PostgreSQL is killed during claim, gate, settle",
    "F68": "the session that holds the lock is ended",
    "F69": "a replica that lags is promoted",
    "F70": "three daemons, one killed again and again",
    "F71": "a daemon is stopped after claim, after gate, in the body; another takes over",
    "F72": "the database can't be reached while SMTP works",
    "F73": "two daemons with different versions of a cadence",
    "F74": "a cadence saved half, renamed, emptied, deleted",
    "F75": "a template edited between writing and sending",
    "F76": "a CSV is picked up while it is written",
    "F77": "the same CSV again, in another order, under another name",
    "F78": "the inbox is gone, full, a link, a pipe",
    "F79": "the configuration changes to another account, or to nonsense, while running",
    "F80": "two auto-responders meet",
    "F81": "50,000 mails flood a mailbox",
    "F82": "1,000 touches due after a week's downtime",
    "F83": "the log is blocked; a line of 1 MB, terminal codes",
    "F84": "pause, STOP, stop, suppress at each named point",
}


@dataclass
class Tally:
    """What the tests of one row have counted."""

    tests: int = 0
    failed: int = 0
    injected: int = 0
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Toll:
    """What one test has counted; figures add up over calls."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self.injected = 0
        self.counts: dict[str, int] = dict.fromkeys(COUNTS, 0)

    def __call__(self, *, injected: int = 1, **counts: int) -> None:
        """So many faults were there, and so much of what must not happen was counted by the judge."""
        self.injected += injected
        for name, count in counts.items():
            self.counts[name] += count
        assert not any(counts.values()), counts


@pytest.fixture
def toll(request: pytest.FixtureRequest) -> Iterator[Toll]:
    """Count the faults injected and what the judge saw; a test of a fault row must have injected something."""
    counted = Toll()
    yield counted
    request.node.user_properties.append(("toll", {"injected": counted.injected, **counted.counts}))
    assert counted.injected > 0, "this test injected no fault, so it shows nothing"


class Table:
    """Collects the rows in the one process that reports, and prints them at the end."""

    def __init__(self, *, shown: bool) -> None:
        """`shown`: print the table."""
        self.rows: dict[str, Tally] = defaultdict(Tally)
        self.shown = shown

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a test has counted to its rows."""
        given: dict[str, Any] = dict(report.user_properties)
        names = given.get("faults", ())
        failed = report.failed
        done = report.when == "call" and not report.skipped
        for name in names:
            row = self.rows[name]
            row.failed += failed
            row.tests += done
            if report.when == "teardown":
                toll = given.get("toll", {})
                row.injected += toll.get("injected", 0)
                for count in COUNTS:
                    row.counts[count] += toll.get(count, 0)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table."""
        if not self.shown:
            return
        write = terminalreporter.write_line
        terminalreporter.section("faults")
        write(f"{'row':4} {'fault':72} {'tests':>5} {'faults':>7} {'twice':>5} {'after':>5} {'lost':>9}  result")
        for name, title in ROWS.items():
            write(self._line(name, title))
        tried = [row for name, row in self.rows.items() if name in ROWS and row.tests]
        total = {count: sum(row.counts[count] for row in tried) for count in COUNTS}
        write("")
        write(
            f"rows tried {len(tried)} of {len(ROWS)}, survived {sum(not row.failed for row in tried)}; faults injected "
            f"{sum(row.injected for row in tried)}; mails sent twice {total['twice']}, mails after an answer {total['after_answer']}, "
            f"replies lost {total['replies_lost']}, touches lost {total['touches_lost']}"
        )

    def _line(self, name: str, title: str) -> str:
        row = self.rows.get(name, Tally())
        lost = f"{row.counts['replies_lost']} / {row.counts['touches_lost']}"
        result = "FAILED" if row.failed else "survived" if row.tests else "not run"
        counts = f"{row.counts['twice']:>5} {row.counts['after_answer']:>5} {lost:>9}"
        return f"{name:4} {title[:72]:72} {row.tests:>5} {row.injected:>7} {counts}  {result}"


def tried_by(item: pytest.Item) -> tuple[str, ...]:
    """The rows that a test tries."""
    return tuple(name for mark in item.iter_markers("fault") for name in mark.args)


def note_rows(items: list[pytest.Item], *, nightly: bool) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Write down the rows of each test, and part the tests that run from those that only `make torture` runs."""
    kept, left = [], []
    for item in items:
        names = tried_by(item)
        unknown = [name for name in names if name not in ROWS]
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: no such row of the fault matrix: {', '.join(unknown)}")
        if names:
            item.user_properties.append(("faults", names))
        (left if item.get_closest_marker("nightly") and not nightly else kept).append(item)
    return kept, left
