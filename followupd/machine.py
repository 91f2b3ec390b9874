"""Whether this machine is fit to send just now: what a human has laid there, what the clock does, how full the disk is.

Decides nothing about mails: it holds all of them, or none. It is asked at each turn of the claim loop; what it finds stands in
the log once, and as an alarm for as long as it lasts. The gate asks the quick part of it again (`World.halted`).
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from followupd import log
from followupd.clock import INCREDIBLE, RealClock
from followupd.core.model import Alarm, Change, Switch
from followupd.office import Office
from followupd.store import StoreBusy
from followupd.world import World

DISK, CLOCK = "disk", "clock"
"""The keys of the alarms."""


def own_key(office: Office, key: str) -> str:
    """The key of an alarm about this machine; where several share the store, each has its own."""
    return key if office.store.session is None else f"{key}:{socket.gethostname()}"


async def unfit(world: World) -> str:
    """Why nothing may be claimed now; "" where the machine is fit."""
    reason = world.halted()
    if world.leapt is not None and abs(world.leap) >= INCREDIBLE:
        await _ask_about_the_clock(world)
    reason = reason or await _disk(world)
    if reason != world.unfit:
        world.unfit = reason
        if reason:
            log.trouble("nothing-sent", reason=reason)
        else:
            log.note("sending-again")
    return reason


# -- the clock -----------------------------------------------------------------------------------


async def _ask_about_the_clock(world: World) -> None:
    """A leap of most of a year: a human says whether the clock is right. Held in memory until the store knows it."""
    now = world.office.clock.now()
    with suppress(StoreBusy):
        await world.call(world.office.store.apply_one, incredible(world.leap, now))
        world.leap = 0.0  # from now on the switch holds everything


def incredible(leap: float, now: datetime) -> Change:
    """Everything is stopped until somebody has looked at the clock."""
    way = "ahead" if leap > 0 else "back"
    text = f"the clock has leapt {way} by {abs(round(leap / 86400))} days, to {now:%Y-%m-%d %H:%M} UTC; if that is right: followupd resume --all"
    return Change(
        switches=(Switch(scope="all", reason=text, at=now),), alarms=(Alarm(key=CLOCK, text=f"nothing is sent: {text}", at=now),)
    )


def doubt_the_clock(office: Office, last: datetime | None, now: datetime) -> None:
    """At the start: the store was last written to so long ago, or so far in the future, that the clock is not believed."""
    gap = (now - last).total_seconds() if last else 0.0
    if abs(gap) >= INCREDIBLE:
        log.trouble("clock-doubtful", last=f"{last:%FT%TZ}", now=f"{now:%FT%TZ}")
        office.store.apply_one(incredible(gap, now))


CLOCKS_DIFFER, CLOCKS_APART = 90.0, 3600.0
"""Seconds by which the database's clock may differ from ours before that is said, and before we do not start."""


def compare_clocks(office: Office) -> str:
    """Leases of several daemons hold only if their clocks agree: why this one may not start; a smaller difference stands in the log."""
    theirs, ours = office.store.clock(), office.clock.now()
    if theirs is None or type(office.clock) is not RealClock:
        return ""
    apart = (theirs - ours).total_seconds()
    text = f"the database's clock says {theirs.astimezone(UTC):%F %T}, ours {ours:%F %T} UTC: {abs(round(apart))} s apart; set the clocks (NTP)"
    if abs(apart) > CLOCKS_DIFFER:
        log.trouble("clocks-differ", seconds=round(apart), problem=text)
    return text if abs(apart) >= CLOCKS_APART else ""


def calm_the_clock(office: Office) -> None:
    """Somebody has looked at it and let everything go on: the alarm is over."""
    up = any(alarm.key == CLOCK for alarm in office.store.alarms_up())
    if up and not any(switch.scope == "all" for switch in office.store.switches()):
        office.store.apply_one(Change(alarms=(Alarm(key=CLOCK, text="", at=office.clock.now(), on=False),)))


# -- the disk ------------------------------------------------------------------------------------


async def _disk(world: World) -> str:
    """A mail that has left must be written down: under the floor none is begun."""
    folder, floor = disk_of(world.office), world.office.config.disk.floor_bytes
    reason = short_of_room(folder, floor)
    if world.short_of_room is not bool(reason):
        key = own_key(world.office, DISK)
        host = key.partition(":")[2]
        text = f"nothing is sent{f' from {host}' if host else ''}: {reason}"
        alarm = Alarm(key=key, text=text, at=world.office.clock.now(), on=bool(reason))
        with suppress(StoreBusy):  # no room even for that: asked again at the next turn
            await world.call(world.office.store.apply_one, Change(alarms=(alarm,)))
            world.short_of_room = bool(reason)
    return reason


def disk_of(office: Office) -> Path:
    """The folder in which what happens is written down: the store's, or where that lies elsewhere, the workspace."""
    engine = office.store.engine
    return Path(engine.url.database or "").parent if engine.dialect.name == "sqlite" else office.workspace.base


def short_of_room(folder: Path, floor: int) -> str:
    """That too little is free on the disk of a folder, in words; "" where there is enough."""
    try:
        found = os.statvfs(folder)
    except OSError as problem:
        return f"{folder}: {problem.strerror}"
    free = found.f_bavail * found.f_frsize
    return (
        ""
        if free >= floor
        else f"only {spoken(free)} are free on the disk of {folder}, and {spoken(floor)} must be (disk: floor)"
    )


def spoken(count: int) -> str:
    """A number of bytes for people."""
    return f"{count / 1e6:,.1f} MB" if count < 10**9 else f"{count / 1e9:,.1f} GB"
