"""One performance of the demo: servers, workspace and daemon are set up, the play runs, the judge speaks, all is closed.

Decides nothing about cadences: the daemon is the one that `followupd run` starts (`daemon.build`, `running`), its store
a real file, its mails go through real connections. Prospects (`people.py`, `script.py`) answer what they receive, reps
(`reps.py`) do their tasks, the calendar runs (`play.py`), and the judge (`verdict.py`) counts at the servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from followupd import daemon
from followupd.clock import SeededDice
from followupd.demo.patience import PatientClock, Stuck
from followupd.demo.people import PEOPLE, csv_text
from followupd.demo.play import LIMIT, Play
from followupd.demo.record import Record
from followupd.demo.reps import HOMEWORK, LEFT_LYING, SUPERIOR
from followupd.demo.sandbox import HOST, Sandbox
from followupd.demo.stories import Story, Teller
from followupd.demo.verdict import Facts, Verdict, judge
from followupd.demo.view import View
from followupd.office import open_office
from followupd.starter import PARTS, starter_folder
from followupd.world import World

START = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""A Monday evening: the reps have met everybody in the CSV, and save their list."""

PASSWORD = "only-in-the-demo"
THE_NO, THE_QUESTION = next(iter(HOMEWORK)), next(iter(LEFT_LYING))
"""Of whom the summary tells: a no that somebody has done homework for, and a question that somebody left lying."""

OWNERS = {"dana": "Dana Reyes", "lee": "Lee Novak"}


@dataclass(frozen=True, slots=True)
class Ended:
    """What a performance came to. `ends` says how each prospect's cadence ended; empty for not yet."""

    verdict: Verdict
    ends: Mapping[str, str]
    stories: tuple[Story, ...]
    seconds: float


async def perform(folder: Path, view: View, speed: float, seed: int, days: int, *, calm: int = 0) -> Ended:
    """Play it in an empty folder: so many days closely, then `calm` ones from event to event.

    Everything is closed at the end, also on the way out of an exception.
    """
    begun = time.monotonic()
    _end_on_sigterm()
    clock = PatientClock(START, speed)
    close = START + timedelta(days=days)
    play = Play(clock, view, close, close + timedelta(days=calm))
    accounts = {f"{name}@example.com": PASSWORD for name in OWNERS}
    gone = [person.address for person in PEOPLE if person.bounces == "refused"]
    async with Sandbox(accounts, clock.now, gone=gone, received=play.received).listening() as sandbox:
        environ = write_workspace(folder, sandbox)
        office = open_office(folder / "config.yaml", clock, SeededDice(seed), environ)
        try:
            async with daemon.running(daemon.build(office, environ)) as world:
                with view:
                    await _take_in(world, folder)
                    play.begin(world, sandbox, SeededDice(seed + 1))
                    await play.run()
                facts, stories = await world.call(looked_back, play.record())
        finally:
            office.store.close()
    ends = {address: str(outcome or "") for address, outcome in facts.ended.items()}
    return Ended(judge(facts), ends, stories, time.monotonic() - begun)


def looked_back(record: Record) -> tuple[Facts, tuple[Story, ...]]:
    """What happened, for the judge and as stories."""
    facts = record.facts()
    teller = Teller(record, facts)
    return facts, (teller.of_a_no(THE_NO), teller.of_a_question(THE_QUESTION))


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
    (folder / "cadences" / "referral.yaml").write_text(_REFERRAL, encoding="utf-8")
    (folder / "templates" / "referral.md").write_text(_INTRODUCTION, encoding="utf-8")
    (folder / "config.yaml").write_text(_CONFIG + "".join(_mailbox(name, sandbox) for name in OWNERS), encoding="utf-8")
    # Marks lie in the workspace, so that they go with it.
    return {f"{name.upper()}_PASSWORD": PASSWORD for name in OWNERS} | {"RUNTIME_DIRECTORY": str(folder / "run")}


_REFERRAL = """\
cadence: referral
about: Somebody has named them, and the rep has said yes to it.
mailbox: owner
window: mon-thu 09:00-11:30, 13:30-16:00
limits: {lessons: 1}
steps:
  - {id: hello, email: referral, after: 1bd, brings: who named them and why, learn: is it theirs?}
  - {id: goodbye, email: breakup, after: 8bd, thread: new, doors: [yes, later, no], brings: an easy way to say no, learn: a clear answer}
"""

_INTRODUCTION = """\
---
subject: "{{ prospect.referred_by }} gave me your name"
---
Hello {{ prospect.first_name }},

{{ prospect.referred_by }} wrote to me that this is yours now. I have nothing to send yet, only a question: is it on your list this year?

A no is a fine answer, too.

{{ owner.signature | default(owner.name) }}
"""

_CONFIG = """\
store: followupd.db
company:
  name: Example Ltd
  postal_address: "1 Main Street, Springfield"
  country: US
  domains: [example.com]
defaults: {window: mon-fri 09:00-17:00, holidays: prospect, timezone: UTC}
digest: {at: "07:30", days: mon-fri}
reopen: {on: ["01-07"], after: 270d}
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
    reports_to: {SUPERIOR}
    signature: |
      {OWNERS[name]}, Example Ltd
"""
