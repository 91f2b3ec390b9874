"""Alarms are told: one line in the log, one task for the owner of the mailbox, one short mail to ops and to the owner's manager.

Decides whom to tell, and which mailbox is fit to carry that mail. Never writes to a prospect, never raises an alarm, stops
nothing and holds nothing up: what can't be told now is told later. The mail is automatic and says so (RFC 3834 section 5), so
nobody's machine answers it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd import log
from followupd.core.lifecycle import made_id
from followupd.core.model import Alarm, Change, Mailbox, Task
from followupd.letters import carrier, send
from followupd.store import StoreBusy, fleet
from followupd.world import World

AGAIN = timedelta(minutes=5)
"""After how long a mail that could not be sent is tried again."""


@dataclass(slots=True)
class Teller:
    """What has been told of the alarms that are up: nothing is told twice while another part of the telling still fails."""

    noted: set[tuple[str, datetime]] = field(default_factory=set)
    mailed: set[tuple[str, datetime, str]] = field(default_factory=set)
    again: datetime | None = None
    stirred: object = None  # how the store was when there was nothing left to tell


async def tell(world: World, teller: Teller) -> None:
    """Tell what is new, and take back the tasks of what is over."""
    store, now = world.office.store, world.office.clock.now()
    try:
        stirred = await world.call(store.stirred)
        if stirred is not None and stirred == teller.stirred:
            return
        up = await world.call(store.alarms_up)
        await _drop_tasks(world, up, now)
        untold = await world.call(store.alarms_up, untold=True)
        for alarm in untold:
            await _note(world, teller, alarm)
        untold = await _ours(world, untold)
        if untold and (teller.again is None or teller.again <= now):
            teller.again = None if await _mail(world, teller, untold) else now + AGAIN
        for alarm in untold:
            if all((alarm.key, alarm.at, whom) in teller.mailed for whom in _recipients(world, alarm)):
                await world.call(store.told, alarm.key, now)
        teller.stirred = None if untold else stirred
    except StoreBusy as problem:
        log.trouble("store-refuses", reason=problem)


async def _ours(world: World, untold: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """Those of which we are to send the mail. Of many daemons one does: the first that has a mailbox which can carry it."""
    if not untold or (any(_recipients(world, one) for one in untold) and await carrier(world) is None):
        return ()
    keys = await world.call(fleet.to_tell, world.office.store, world.run)
    return tuple(alarm for alarm in untold if alarm.key in keys)


def task_of(alarm: Alarm, address: str) -> Task:
    """What the owner of the mailbox is asked to do. The same alarm, raised anew, is a new task."""
    return Task(
        id=_task_id(alarm), owner=alarm.mailbox, address=address, kind="alarm", title=alarm.text[:200], text=alarm.text, created=alarm.at,
    )  # fmt: skip


def _task_id(alarm: Alarm) -> str:
    return made_id("alarm", alarm.key, alarm.at.isoformat(), length=6)


async def _note(world: World, teller: Teller, alarm: Alarm) -> None:
    if (alarm.key, alarm.at) in teller.noted:
        return
    known = world.office.mailbox(alarm.mailbox)
    await world.writer.write(Change(tasks=(task_of(alarm, known.address if known else ""),)))
    log.trouble("alarm", key=alarm.key, mailbox=alarm.mailbox, text=alarm.text)
    teller.noted.add((alarm.key, alarm.at))


async def _drop_tasks(world: World, up: tuple[Alarm, ...], now: datetime) -> None:
    tasks = await world.call(world.office.store.tasks)
    wanted = {_task_id(alarm) for alarm in up}
    over = tuple(replace(task, state="dropped", closed=now) for task in tasks if task.kind == "alarm" and task.id not in wanted)
    if over:
        await world.writer.write(Change(tasks=over))


# -- by mail -------------------------------------------------------------------------------------


def _recipients(world: World, alarm: Alarm) -> tuple[str, ...]:
    config = world.office.config
    part = config.mailboxes.get(alarm.mailbox)
    return tuple(dict.fromkeys(whom for whom in (config.ops, part.reports_to if part else None) if whom))


async def _mail(world: World, teller: Teller, untold: tuple[Alarm, ...]) -> bool:
    """One mail to each who is to be told something. False: not everybody could be told."""
    letters: dict[str, list[Alarm]] = {}
    for alarm in untold:
        for whom in _recipients(world, alarm):
            if (alarm.key, alarm.at, whom) not in teller.mailed:
                letters.setdefault(whom, []).append(alarm)
    sender = await carrier(world) if letters else None
    if sender is None:
        return not letters
    whole = True
    for whom, alarms in letters.items():
        trouble = await _send(world, sender, whom, alarms)
        if trouble:
            log.trouble("alarm-not-mailed", mailbox=sender.name, to=whom, reason=trouble)
            whole = False
        else:
            teller.mailed.update((alarm.key, alarm.at, whom) for alarm in alarms)
    return whole


async def _send(world: World, sender: Mailbox, whom: str, alarms: list[Alarm]) -> str:
    """Why the mail could not be sent; nothing where it was."""
    name = made_id("alarms", whom, *(f"{alarm.key} {alarm.at.isoformat()}" for alarm in alarms), length=20)
    text = _text(alarms, ZoneInfo(sender.zone))
    trouble, _ = await send(world, sender, whom, _subject(alarms), text, f"alarm.{name}@{sender.domain}")
    return trouble


def _subject(alarms: list[Alarm]) -> str:
    about = ", ".join(dict.fromkeys(alarm.mailbox or "the daemon" for alarm in alarms))
    return f"followupd: {len(alarms)} alarm{'' if len(alarms) == 1 else 's'}, about {about[:200]}"


def _text(alarms: list[Alarm], zone: ZoneInfo) -> str:
    lines = [f"* {alarm.at.astimezone(zone):%d %b %H:%M %Z}: {alarm.text}" for alarm in alarms]
    return "\n\n".join(
        [*lines, "followupd status shows what stands today. This mail was made by followupd; nobody reads an answer.\n"]
    )
