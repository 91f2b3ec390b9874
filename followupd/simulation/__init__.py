"""A simulation: the real stories on a calendar that jumps from one event to the next.

    with Simulation(workspace, start) as simulation:
        simulation.enroll([{"email": "ann@acme.example", "cadence": "proposal", "first_name": "Ann"}])
        simulation.advance(start + timedelta(days=90))
        print([mail.subject for mail in simulation.sent])

Decides nothing of its own: claims, last looks, gates, settlements, answers and what time brings are those of the daemon, on a
SQLite store of its own. What surrounds them is replaced (`surroundings.py`): the clock jumps, chance is seeded, the mail server
takes everything at once or says what `answers` says, mailboxes are lists, and one thing happens after the other in one thread.
The same workspace, start and seed give the same bytes. Never touches the workspace's own store, its inbox, its mailboxes or the
network: what is proposed to reps lies in a folder that goes with the simulation (only its name in their letters differs each time).
"""

from __future__ import annotations

import asyncio
import atexit
import csv
import hashlib
import io
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from followupd import dispatch, letters, listen
from followupd.clock import SeededDice
from followupd.core import guards
from followupd.core.model import Accepted, Deferred, Delivery, Doubtful, HandedOver, Refused
from followupd.enroll import BATCH, Clerk, rules_of
from followupd.files.prospects import read_sheet
from followupd.files.sheet import Line
from followupd.files.workspace import Workspace
from followupd.marks import Marks, Remains
from followupd.office import Office
from followupd.simulation.surroundings import (
    NOBODY,
    AtOnce,
    InProcess,
    JumpingClock,
    ListedMails,
    LookAtOnce,
    WriteAtOnce,
    YieldingServer,
    utc,
)
from followupd.store import open_store
from followupd.store.moments import Moments, forget_everything
from followupd.world import World

__all__ = ["Answers", "Line", "Sent", "Simulation"]

AGAIN = 50
"""A touch that is claimed so often at one moment would be claimed for ever: a fault of ours, said loudly."""

UNLIMITED = 1_000_000_000

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>\r\n]*)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail that the mail server has taken, and when."""

    at: datetime
    mailbox: str
    recipient: str
    message_id: str  # without <>
    raw: bytes

    @cached_property
    def subject(self) -> str:
        """The subject as a reader sees it."""
        found = re.sub(r"[\r\n]+", "", str(self._parsed["Subject"] or ""))
        return str(make_header(decode_header(found)))

    @cached_property
    def text(self) -> str:
        """The plain part."""
        part = next(part for part in self._parsed.walk() if part.get_content_type() == "text/plain")
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        return body.decode(part.get_content_charset("utf-8")).replace("\r\n", "\n")

    @cached_property
    def _parsed(self) -> Message:
        return message_from_bytes(self.raw)  # the older policy is ten times as fast, and these mails are our own


Answers = Callable[[Sent], Delivery | None]
"""What the mail server says to a mail; None: it takes it."""


class Simulation:
    """A daemon without a machine around it. Each verb returns when everything that is due at its moment has happened."""

    office: Office
    sent: list[Sent]
    answers: Answers

    def __init__(self, workspace: Workspace, start: datetime, *, seed: int = 1, store_url: str = "", limits: bool = True) -> None:
        """It is `start`. Without `limits` no mailbox is ever full. With a `store_url` (SQLite) the store outlives the simulation."""
        self._limits, self._clock = limits, JumpingClock(start)
        self._folder = tempfile.TemporaryDirectory(prefix="followupd-")
        self._runner = asyncio.Runner()
        self.sent, self.answers = [], lambda _: None
        self._spare = None if store_url else _SPARES.pop() if _SPARES else _Spare()
        store = self._spare.store if self._spare else open_store(store_url)
        self.office = Office(store=store, workspace=self._fit(workspace), clock=self._clock, dice=SeededDice(seed))
        self._letterboxes = {name: ListedMails() for name in self.office.config.mailboxes}
        self._moments = Moments(store.engine, tuple(self._letterboxes))
        self._writer = WriteAtOnce(store, NOBODY, dispatch.GATE_MARGIN)
        self._world = self._surrounded(seed)
        self._run(self._begin())

    def _surrounded(self, seed: int) -> World:
        office, run = self.office, self.office.dice.token()
        slots = dispatch.slots(office.config)
        marks, _ = Marks.open(Path(self._folder.name), run=run, slots=slots)
        world = AtOnce(
            office=office, run=run, key=hashlib.sha256(f"simulation {seed}".encode()).digest(), marks=marks, reader=InProcess(),
            pool=NOBODY, imap_pool=NOBODY, writer=self._writer, inboxes=self._letterboxes, watches={}, slots=list(range(slots)),
            connect=lambda name: YieldingServer(lambda recipient, raw: self._taken(name, recipient, raw)),
            epochs={name: office.store.hold_mailbox(name, run) for name in self._letterboxes}, freshness=office.config.freshness_seconds,
        )  # fmt: skip
        world.watches = {name: LookAtOnce(world, name) for name in self._letterboxes}
        return world

    def __enter__(self) -> Self:
        """It is under way already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put everything away."""
        self.close()

    def close(self) -> None:
        """Put everything away; the store as well, unless it was given a place."""
        self._runner.close()
        self._world.marks.close()
        if self._spare is None:
            self.office.store.close()
        else:
            forget_everything(self._spare.store)
            _SPARES.append(self._spare)
        self._folder.cleanup()

    # -- what happens

    def now(self) -> datetime:
        """What time it is there, UTC."""
        return self._clock.now()

    def enroll(self, rows: Sequence[Mapping[str, str]], source: str = "test") -> list[Line]:
        """Rows come in as from a CSV file named `source`; what became of each, as its receipt says."""
        sheet = read_sheet(_as_csv(rows), name=source)
        if sheet.problem:
            return [(1, "", "rejected", sheet.problem)]
        clerk, lines = Clerk(self.office, source, rules_of(self.office, source, "")), list[Line]()
        while batch := list(islice(sheet.rows, BATCH)):
            lines += clerk.enroll(batch)
        self._run(self._rest())
        return lines

    def advance(self, until: datetime) -> None:
        """Time goes on up to and including `until`; what is due happens, each thing at its own moment."""
        self._run(self._advance(utc(until)))

    def receive(self, mailbox: str, raw: bytes, folder: str = "INBOX") -> None:
        """A mail arrives in that mailbox now, is read and acted upon. In `Sent` lies what its owner has written by hand."""
        self.leave(mailbox, raw, folder)
        self._run(self._read(mailbox))

    def leave(self, mailbox: str, raw: bytes, folder: str = "INBOX") -> None:
        """A mail lies in that mailbox from now on, and nobody has looked yet."""
        self._letterboxes[mailbox].drop(raw, self.now(), folder)

    def request(self, deed: Callable[[Office], object]) -> object:
        """A human asks for something now, with a function of `desk`; what that returned."""
        found = deed(self.office)
        self._run(self._rest())
        return found

    def reload(self, workspace: Workspace) -> None:
        """The files have changed. As with the daemon, the mailboxes stay those of the beginning."""
        self.office.workspace = self._fit(workspace)
        self._run(self._rest())

    # -- how it happens

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._runner.run(work)

    def _fit(self, workspace: Workspace) -> Workspace:
        if workspace.config is None:
            raise ValueError("a workspace whose configuration can't be read can't be simulated")
        paths = workspace.config.paths.model_copy(update={"inbox": self._folder.name + "/inbox"})
        own = replace(workspace, config=workspace.config.model_copy(update={"paths": paths}))
        return own if self._limits else _lifted(own)

    def _taken(self, mailbox: str, recipient: str, raw: bytes) -> Accepted | Deferred | Refused | Doubtful:
        """The mail server's word on a mail."""
        name = _MESSAGE_ID.search(raw)
        mail = Sent(
            at=self.now(), mailbox=mailbox, recipient=recipient, message_id=name[1].decode("ascii", "replace") if name else "", raw=raw
        )  # fmt: skip
        answer = self.answers(mail) or Accepted(250, "2.0.0 taken")
        if isinstance(answer, HandedOver):
            raise TypeError("a mail server takes a mail, puts it off or refuses it; it hands nothing over")
        if isinstance(answer, Accepted):
            self.sent.append(mail)
        return answer

    async def _begin(self) -> None:
        self._world.marks.begin_run()
        await dispatch.recover(self._world, Remains(), alone=True)
        for name in self._letterboxes:
            await self._read(name)

    async def _read(self, mailbox: str) -> None:
        await listen.read_to_end(self._world, mailbox)
        await self._rest()

    async def _advance(self, until: datetime) -> None:
        await self._rest()
        while (moment := self._next()) is not None and moment <= until:
            self._clock.moment = moment
            await self._rest()
        self._clock.moment = max(until, self._clock.moment)

    async def _rest(self) -> None:
        """The claim loop turns at this moment until a turn finds nothing to do."""
        claimed: Counter[str] = Counter()
        while True:
            before = self._writer.written
            await dispatch.tidy(self._world)
            claims = await dispatch.claim(self._world)
            for letter in await letters.claim(self._world):
                await letters.carry_out(self._world, letter)
            for claim in claims:
                await dispatch.carry_out(self._world, claim)
                claimed[claim.touch.id] += 1
                if claimed[claim.touch.id] > AGAIN:
                    raise RuntimeError(f"step {claim.touch.step} for {claim.touch.address} never rests at {self.now():%FT%TZ}")
            if not claims and self._writer.written == before:
                return

    def _next(self) -> datetime | None:
        """When something is to happen next: what is due later, and room in a mailbox in which something waits already."""
        store, now, found = self.office.store, self.now(), list[datetime]()
        later, waiting = self._moments.after(now)
        for name in waiting:
            mailbox = self.office.mailbox(name)
            room = guards.next_room(store.usage(name, now), store.domain_usage(name, now), mailbox.caps, now) if mailbox else None
            found += [room] if room else []
        return min(later + found, default=None)


# -- the pieces ----------------------------------------------------------------------------------


class _Spare:
    """A store that need not survive a power cut. The next simulation takes it over, emptied: statements are worked out once."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="followupd-")
        self.store = open_store(f"sqlite:///{self._folder.name}/simulation.db")
        connection = self.store.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous=OFF")
        connection.close()
        atexit.register(self.close)

    def close(self) -> None:
        self.store.close()
        self._folder.cleanup()


_SPARES: list[_Spare] = []


def _lifted(workspace: Workspace) -> Workspace:
    """The same workspace with mailboxes that are never full; how many mails are in flight at a time stays as it is."""
    assert workspace.config is not None
    free = {"per_minute": UNLIMITED, "per_hour": UNLIMITED, "per_day": UNLIMITED}
    mailboxes = {
        name: part.model_copy(update={"limits": part.limits.model_copy(update=free), "gap": "0s", "ramp": None})
        for name, part in workspace.config.mailboxes.items()
    }
    return replace(workspace, config=workspace.config.model_copy(update={"mailboxes": mailboxes}))


def _as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(column for row in rows for column in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
