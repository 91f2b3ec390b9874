"""The demo: sixty days of the real daemon in about a minute, on embedded mail servers, with prospects who answer.

Decides nothing about cadences: the daemon is the one that `followupd run` starts (`daemon.build`, `running`), its store
a real file, its mails go through real connections. Prospects (`people.py`, `script.py`) answer what they receive, reps
(`reps.py`) do their tasks, the calendar runs (`play.py`), and the judge (`verdict.py`) counts at the servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from followupd import daemon
from followupd.clock import SeededDice
from followupd.demo.patience import PatientClock
from followupd.demo.people import PEOPLE, csv_text
from followupd.demo.play import LIMIT, Play, Stuck
from followupd.demo.sandbox import HOST, Sandbox
from followupd.demo.verdict import Verdict, judge
from followupd.demo.view import View, show_summary, view_for
from followupd.starter import PARTS, starter_folder
from followupd.world import World

START = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""A Monday evening: the reps have met everybody in the CSV, and save their list."""

DAYS = 60
SPEED = 100_000.0
"""At most so many times as fast as real time: sixty days in about a minute, with the start and the end."""

PASSWORD = "only-in-the-demo"
OWNERS = {"dana": "Dana Reyes", "lee": "Lee Novak"}
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class _Ended:
    verdict: Verdict
    ends: Mapping[str, str]
    seconds: float


def run_demo(*, speed: float | None, seed: int, keep: bool, as_json: bool, days: int = DAYS) -> int:
    """Play it. 0: every promise was kept. 1: one was broken. 130: told to stop before the end."""
    console = Console(highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="followupd-demo-"))
    try:
        with _log_into(folder / "followupd.log"):
            ended = asyncio.run(_perform(folder, view_for(console, as_json=as_json), speed or SPEED, seed, days))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    finally:
        if keep:
            Console(stderr=True, highlight=False).print(f"Everything is kept in {folder}", soft_wrap=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print(json.dumps(ended.verdict.as_json() | {"days": days, "seconds": round(ended.seconds, 1)}))  # noqa: T201 - it is the output
    else:
        show_summary(console, ended.verdict, ended.ends, days=days, seconds=ended.seconds)
    return 1 if ended.verdict.broken else 0


async def _perform(folder: Path, view: View, speed: float, seed: int, days: int) -> _Ended:
    begun = time.monotonic()
    _end_on_sigterm()
    clock = PatientClock(START, speed)
    play = Play(clock, view, START + timedelta(days=days))
    accounts = {f"{name}@example.com": PASSWORD for name in OWNERS}
    gone = [person.address for person in PEOPLE if person.bounces == "refused"]
    async with Sandbox(accounts, clock.now, gone=gone, received=play.received).listening() as sandbox:
        environ = write_workspace(folder, sandbox)
        office = daemon.open_office(folder / "config.yaml", clock, SeededDice(seed), environ)
        try:
            async with daemon.running(daemon.build(office, environ)) as world:
                with view:
                    await _take_in(world, folder)
                    play.begin(world, sandbox, SeededDice(seed + 1))
                    await play.run()
                facts = await world.call(play.facts)
        finally:
            office.store.close()
    ends = {address: str(outcome or "") for address, outcome in facts.ended.items()}
    return _Ended(judge(facts), ends, time.monotonic() - begun)


def _end_on_sigterm() -> None:
    """SIGTERM ends the demo as ^C does: in order, with nothing left behind."""
    task = asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not in the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _take_in(world: World, folder: Path) -> None:
    """A rep saves the list into the inbox folder; the calendar stands still until the daemon has taken it."""
    taken = folder / "inbox" / "done" / "prospects.csv"
    (folder / "inbox" / "prospects.csv").write_text(csv_text(START.date()), encoding="utf-8", newline="")
    try:
        async with asyncio.timeout(LIMIT):
            while not (taken.exists() and all(one.readable for one in world.watches.values())):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Stuck(f"waited {LIMIT:.0f} seconds for the daemon to take prospects.csv") from None


# -- the workspace -------------------------------------------------------------------------------


def write_workspace(folder: Path, sandbox: Sandbox) -> dict[str, str]:
    """A workspace such as `init` makes, on the embedded servers. Returns the environment in which its daemon runs."""
    for part in PARTS:
        shutil.copytree(starter_folder() / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for name in ("inbox", "run"):
        (folder / name).mkdir(mode=0o700)
    (folder / "config.yaml").write_text(_CONFIG + "".join(_mailbox(name, sandbox) for name in OWNERS), encoding="utf-8")
    # Marks lie in the workspace, so that they go with it.
    return {f"{name.upper()}_PASSWORD": PASSWORD for name in OWNERS} | {"RUNTIME_DIRECTORY": str(folder / "run")}


_CONFIG = """\
store: followupd.db
company:
  name: Example Ltd
  postal_address: "1 Main Street, Springfield"
  country: US
  domains: [example.com]
defaults: {window: mon-fri 09:00-17:00, holidays: prospect, timezone: UTC}
mailboxes:
"""


def _mailbox(name: str, sandbox: Sandbox) -> str:
    return f"""\
  {name}:
    address: {name}@example.com
    name: {OWNERS[name]}
    smtp: {{host: {HOST}, port: {sandbox.smtp_port}, security: none}}
    imap: {{host: {HOST}, port: {sandbox.imap_port}, security: none, folders: [INBOX]}}
    auth: {{user: {name}@example.com, password: {{env: {name.upper()}_PASSWORD}}}}
    limits: {{per_minute: 60, per_hour: 600, per_day: 2000, in_flight: 4}}
    gap: 0s
    timezone: America/New_York
    signature: |
      {OWNERS[name]}, Example Ltd
"""


@contextlib.contextmanager
def _log_into(path: Path) -> Iterator[None]:
    """The daemon's log goes into the workspace: it is of use with --keep, and would spoil the view."""
    logger = logging.getLogger("followupd")
    before = logger.handlers[:], logger.level, logger.propagate
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.handlers, logger.level, logger.propagate = before
        handler.close()
