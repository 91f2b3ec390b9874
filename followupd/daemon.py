"""The roof: builds the world in reading order, starts the loops, and ends when told, or when one of them fails.

    dispatch.work      due touches become sent messages
    Fleet.run          holds our share of the mailboxes (fleet.py), and has each watched:
    listen.follow      one per mailbox: replies become outcomes
    the scheduler      APScheduler as a hand of the clock: looks into the inbox folder and at the files, feeds the watchdog

Decides nothing about cadences. A loop that fails takes the process with it (exit 3): systemd starts it again, and the
store knows where everything stands. SIGTERM: what is in flight is finished, nothing new is started (exit 0).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from followupd import alarms, dispatch, enroll, listen, log, machine, systemd
from followupd.channels.smtp import Connection, SmtpAccount
from followupd.core.model import Alarm, Change
from followupd.files.workspace import Workspace, reload
from followupd.fleet import Fleet, check_home
from followupd.mailbox import ImapAccount, Inbox
from followupd.mailbox.threads import Threads
from followupd.marks import Marks, Remains, marks_folder
from followupd.oauth import Keeper, grant_of
from followupd.office import NEVER, NotReady, Office
from followupd.reader import OWN_MODEL, Reader
from followupd.store import Store, StoreBusy, incarnation
from followupd.world import Watch, World, Writer

SCAN_SECONDS = 2.0
"""How often the inbox folder is looked at: a file is taken after two looks that found it unchanged."""

READER_AFTER, READER_LOOKS = 1.0, 60
"""Seconds from the start until the reading process is started, unless a mail wants to be read: what is due goes first. While mails are on their way
it is put off by as much again, but not more often than this."""

LOOKED_THROUGH_AFTER = 5.0
"""Seconds from the start until a big store is looked through beside the work: the first mails go first."""

BREATH = 0.05
"""Seconds between two batches of a file: sending goes first, a long file can wait."""

RELOAD_SECONDS = 3.0
"""How often cadences, templates and content are looked at for changes."""

AT_REST = 0.5
"""Real seconds for which no file may have changed before an edit is taken: editors and git write several files, one by one."""

TEND_SECONDS = 5.0
"""How often tokens are looked after: one that nears its end is renewed, and a new login is noticed."""

BLOCKED_AFTER = 120.0
"""Real seconds after which a loop that has not turned counts as blocked, and the watchdog gets nothing."""


PATIENCE = 5.0
"""Seconds for which the daemon waits for a locked store before it turns to something else, and comes back."""


@dataclass(slots=True)
class Built:
    """A world, and what building it found: the remains of the last run."""

    world: World
    remains: Remains


def build(office: Office, environ: Mapping[str, str]) -> Built:
    """The world around an office. Raises NotReady, StoreOwned, StoreProblem, AlreadyRunning or NoSecret, with words for people."""
    config, store = office.config, office.store
    for name in config.mailboxes:
        office.workspace.secret(name)  # a missing one is said now, not at the first login
    if apart := machine.compare_clocks(office):
        raise NotReady(apart)
    store.own(PATIENCE)
    run = office.dice.token()
    slots = dispatch.slots(config)
    grants = {name: grant for name in config.mailboxes if (grant := grant_of(office.workspace, name))}
    keepers = {name: Keeper(each, steady=office.clock.steady, fraction=office.dice.fraction) for name, each in grants.items()}
    marks, remains = Marks.open(marks_folder(_name_of(store), environ), run=run, slots=slots)
    store.tell_where(marks.folder)
    pool = ThreadPoolExecutor(max_workers=1 if store.engine.dialect.name == "sqlite" else 4, thread_name_prefix="store")
    imap_pool = Threads(max(8, len(config.mailboxes)))
    accounts = {name: _smtp(office, name, keepers.get(name)) for name in config.mailboxes}
    world = World(
        office=office, run=run, key=store.key(), marks=marks, reader=Reader(model=office.workspace.path.parent / OWN_MODEL), pool=pool, imap_pool=imap_pool, writer=Writer(store, pool, dispatch.GATE_MARGIN * office.clock.speed),
        inboxes={name: Inbox(_imap(office, name, keepers.get(name)), imap_pool) for name in _soonest_first(office)}, keepers=keepers,
        connect=lambda name: Connection(accounts[name]), epochs={}, doors={name: one.door for name, one in accounts.items()},
        watches={name: Watch(office.clock) for name in config.mailboxes}, slots=list(range(slots)), freshness=config.freshness_seconds, shared_look=config.shared_look_seconds,
    )  # fmt: skip
    return Built(world=world, remains=_know_the_store(office, remains))


def _soonest_first(office: Office) -> list[str]:
    """The mailboxes, those first whose next mail is due soonest: at the start they are watched in this order."""
    dues = office.store.first_due(list(office.config.mailboxes))
    return sorted(office.config.mailboxes, key=lambda name: dues.get(name, NEVER))


def _know_the_store(office: Office, remains: Remains) -> Remains:
    """A store that has been restored, copied or cloned asks the mailboxes first what has left without its knowledge.

    Returns what the marks of the last run still say of it: no more than who it was, if they belong to a newer one.
    """
    store, now = office.store, office.clock.now()
    machine.doubt_the_clock(office, incarnation.last_minute(store), now)
    moved = incarnation.check(store, now, remains.gates)
    if moved:
        since = incarnation.mark(store, office.config.mailboxes, now)
        log.trouble("store-moved", reason=moved, since=f"{since:%FT%TZ}")
    incarnation.keep(store, now)
    incarnation.guard(store)
    return Remains(run=remains.run) if moved else remains


def _name_of(store: Store) -> str:
    return store.engine.url.database or "" if store.engine.dialect.name == "sqlite" else store.engine.url.render_as_string()


def _password(office: Office, name: str) -> Callable[[], str] | None:
    auth = office.config.mailboxes[name].auth
    if auth is None or auth.password is None:
        return None

    def reveal() -> str:
        secret = office.workspace.secret(name)
        return secret.reveal() if secret else ""

    return reveal


def _smtp(office: Office, name: str, keeper: Keeper | None) -> SmtpAccount:
    part = office.config.mailboxes[name]
    return SmtpAccount(
        host=part.smtp.host, port=part.smtp.number, security=part.smtp.security, user=part.auth.user if part.auth else "",
        password=_password(office, name), token=keeper.token if keeper else None, local_hostname=part.address.rpartition("@")[2],
    )  # fmt: skip


def _imap(office: Office, name: str, keeper: Keeper | None) -> ImapAccount:
    part = office.config.mailboxes[name]
    return ImapAccount(
        host=part.imap.host, port=part.imap.number, security=part.imap.security, user=part.auth.user if part.auth else part.address,
        password=_password(office, name) or (lambda: ""), token=keeper.token if keeper else None, folders=tuple(part.imap.folders), sent="" if part.imap.sent == "auto" else part.imap.sent,
    )  # fmt: skip


# -- running -------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def running(built: Built) -> AsyncIterator[World]:
    """The daemon's loops, as long as the block lasts. An exception in one of them ends the block and comes out here."""
    world = built.world
    writer = asyncio.create_task(world.writer.run(), name="writer")
    try:
        # What the last run left in flight is settled first; only then are its marks overwritten.
        alone = world.office.store.engine.dialect.name == "sqlite"
        await dispatch.recover(world, built.remains, alone=alone)
        world.marks.begin_run(built.remains.gates)
        fleet = Fleet(world)
        await fleet.begin()
        async with asyncio.TaskGroup() as group:
            scheduler = _ticker(world, group)
            work = group.create_task(dispatch.work(world), name="dispatch")
            owner = group.create_task(fleet.run(group, work), name="fleet")
            scheduler.start()
            group.create_task(_look_through(world), name="look through")
            reader = group.create_task(_have_a_reader(world), name="reader")
            pace = group.create_task(_keep_pace(world, scheduler), name="pace")
            try:
                yield world
            finally:
                pace.cancel()
                reader.cancel()
                scheduler.pause()
                await asyncio.sleep(0)  # what was just begun becomes a task of the group
                scheduler.shutdown(wait=False)
                world.stopping.set()
                world.wake.set()
                world.lost.set()
                await asyncio.wait([work, owner])  # mails in flight still need their last look: the watchers end after them
                world.closing.set()
                for watch in world.watches.values():
                    watch.asked.set()
    finally:
        writer.cancel()
        await asyncio.gather(*(keeper.close() for keeper in world.keepers.values()))
        await world.reader.close()
        for kept in world.connections.values():
            await kept.close()
        await asyncio.gather(*(inbox.close() for inbox in world.inboxes.values()))  # of watchers that were cut off
        world.marks.close()
        world.pool.shutdown()
        world.imap_pool.shutdown(wait=False)


async def _have_a_reader(world: World) -> None:
    """The first answer finds all ready. A mail that comes earlier has the reading process started at once, and waits for it."""
    for _ in range(READER_LOOKS):
        await asyncio.sleep(READER_AFTER)
        if not world.writer.crowd:
            break
    with contextlib.suppress(StoreBusy):
        await listen.rehearse(world)


async def _look_through(world: World) -> None:
    """A big store was opened with a short look: damage that lies deep in it ends the daemon as soon as it is found."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(world.stopping.wait(), LOOKED_THROUGH_AFTER)
    if world.stopping.is_set():
        return
    alone = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look-through")  # it makes itself slow, and nobody else
    try:
        await asyncio.get_running_loop().run_in_executor(alone, world.office.store.look_through, world.stopping.is_set)
    finally:
        alone.shutdown(wait=False)


class Every(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The next round comes an interval after this one: what was missed is not made up for.

    APScheduler's own goes through every round missed, one by one, with the event loop standing still: millions after a leap of a year.
    """

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When the next round begins."""
        return now + timedelta(seconds=self.interval_length)


def _ticker(world: World, group: asyncio.TaskGroup) -> AsyncIOScheduler:
    """Housekeeping by interval, in UTC. Never one entry per touch: due times live in the store."""
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    folder = enroll.Folder()

    def every(
        seconds: float, name: str, work: Callable[..., Coroutine[None, None, None]], *parameters: object, first: float = 0.0
    ) -> None:
        begin = datetime.now(UTC) + timedelta(seconds=first or seconds)
        scheduler.add_job(
            _housekeeping,
            Every(seconds=seconds, timezone="UTC"),
            args=[group, work, world, *parameters],
            id=name,
            next_run_time=begin,
        )

    every(SCAN_SECONDS, "inbox", _scan, folder)
    every(RELOAD_SECONDS, "files", _reread)
    noted = Noted()
    every(10, "state", _show_state, noted)
    if world.keepers:
        every(TEND_SECONDS, "tokens", _tend, dict.fromkeys(world.keepers))
    every(60, "incarnation", _keep_incarnation, noted, first=15)  # after what a start writes: then nothing is written any more
    every(10, "alarms", alarms.tell, alarms.Teller())
    patience = systemd.watchdog_seconds()
    if patience:
        every(patience, "watchdog", _feed_watchdog)
    return scheduler


async def _keep_pace(world: World, scheduler: AsyncIOScheduler) -> None:
    """At SIGHUP, and after a leap of the clock, the rounds come at once: set back by a day, the scheduler would wait a day."""
    while True:
        await world.hurry.wait()
        world.hurry.clear()
        for round_ in scheduler.get_jobs():
            round_.modify(next_run_time=datetime.now(UTC))


async def _housekeeping(group: asyncio.TaskGroup, work: Callable[..., Coroutine[None, None, None]], *parameters: object) -> None:
    """One round, as a task of the daemon's group: what fails in it ends the daemon, and the end waits for it.

    The scheduler itself would only log a failure, and cut the round off in the middle when it is shut down. A store that can't
    do it now (locked, full, restarting) is no failure: the next round comes.
    """

    async def round_() -> None:
        try:
            await work(*parameters)
        except StoreBusy as problem:
            log.trouble("store-refuses", reason=problem)

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait([group.create_task(round_())])


async def _scan(world: World, folder: enroll.Folder) -> None:
    office = world.office
    resting = await asyncio.to_thread(folder.resting, office.workspace.folder("inbox"))
    problems = dict(folder.problems)
    for path in resting:
        try:
            await asyncio.to_thread(enroll.take_in, office, path, lambda _rows: time.sleep(BREATH))
        except OSError as error:  # gone, no permission, no room: it stays where it is, and the other files go on
            problems[path.with_name(path.name.removesuffix(enroll.CLAIMED))] = error.strerror or str(error)
        world.wake.set()
    for path in folder.news(problems):
        log.trouble("intake-failed", file=path, reason=problems[path])


async def _reread(world: World) -> None:
    """Changed files take effect, all of an edit at once; a broken one keeps its last good version and is reported once."""
    before = world.office.workspace
    now = await asyncio.to_thread(reload, before)
    if now is before and world.restart_for is not None:
        return
    if now.stamps() != before.stamps():
        await asyncio.sleep(AT_REST)
        again = await asyncio.to_thread(reload, before)
        if again.stamps() != now.stamps():
            return  # somebody is still writing: the next look finds it done
        now = again
    if now.config is None:  # never a default in place of a config that can't be read
        now = before
    now = await _with_accounts_of_the_start(world, before, now)
    for problem in now.problems:
        if problem not in before.problems:
            log.trouble("file", problem=str(problem))
    for name in sorted(now.editions.keys() | before.editions.keys()):
        if _digest(now, name) != _digest(before, name):
            log.note("cadence-changed", cadence=name, edition=_digest(now, name)[:12] or "gone")
    world.office.workspace = now
    if now.stamps() != before.stamps():
        world.wake.set()  # a turn of the claim loop may find more to do by it


ACCOUNT = ("address", "smtp", "imap", "auth")
"""What makes a mailbox another account: we send as one and read the other if it changes in the middle."""


async def _with_accounts_of_the_start(world: World, before: Workspace, now: Workspace) -> Workspace:
    """Accounts and store change by a restart only. What the file says otherwise is an alarm until it agrees, or the daemon starts anew."""
    assert before.config is not None
    assert now.config is not None
    different, kept = list[str](), dict(now.config.mailboxes)
    for name in world.inboxes:
        old, new = before.config.mailboxes[name], now.config.mailboxes.get(name)
        changed = [key for key in ACCOUNT if new is None or getattr(new, key) != getattr(old, key)]
        if changed:
            different.append(f"mailbox {name} ({', '.join(changed) if new else 'gone'})")
            kept[name] = new.model_copy(update={key: getattr(old, key) for key in ACCOUNT}) if new else old
    different += [f"mailbox {name} (new)" for name in now.config.mailboxes if name not in world.inboxes]
    different += ["store"] if now.config.store != before.config.store else []
    told = ", ".join(different)
    if told != world.restart_for:
        text = (
            f"config.yaml is different from what this daemon started with: {told}; that takes effect when followupd is restarted"
        )
        if told:
            log.trouble("restart-needed", changed=told)
        await world.call(
            world.office.store.apply_one,
            Change(
                alarms=(
                    Alarm(key=machine.own_key(world.office, "restart"), text=text, at=world.office.clock.now(), on=bool(told)),
                )
            ),
        )
        world.restart_for = told
    if not different:
        return now
    return replace(now, config=now.config.model_copy(update={"mailboxes": kept, "store": before.config.store}))


def _digest(workspace: Workspace, name: str) -> str:
    edition = workspace.editions.get(name)
    return edition.cadence.digest if edition else ""


@dataclass(slots=True)
class Noted:
    """What the store was last told of us. Nothing is told twice: a quiet daemon leaves the disk alone."""

    looks: dict[str, tuple[datetime | None, str]] = field(default_factory=dict)
    stirred: object = None
    at: datetime | None = None


DAILY = timedelta(days=1)
"""After so long the store is told the minute although nobody has written to it: one that is much older counts as a leap of the clock."""


async def _show_state(world: World, noted: Noted) -> None:
    held = {name: watch for name, watch in world.watches.items() if name in world.epochs}
    states = {name: (watch.looked_at if watch.readable else None, watch.trouble) for name, watch in held.items()}
    shown = world.marks.in_memory and world.office.store.engine.dialect.name == "sqlite"  # elsewhere others must see it
    if shown:
        world.marks.show({name: watch.looked_at for name, watch in held.items() if watch.looked_at})
    news = {
        name: state
        for name, state in states.items()
        if state[1:] != noted.looks.get(name, ())[1:] or not (shown or state == noted.looks[name])
    }
    await _note_looks(world, noted, news)
    in_trouble = [name for name, watch in held.items() if not watch.readable]
    text = f"can't read {', '.join(in_trouble)}" if in_trouble else f"watching {len(held)} mailboxes"
    up = await world.call(world.office.store.alarms_up)
    told = f"{len(up)} alarm{'' if len(up) == 1 else 's'}: {up[0].text}; " if up else ""
    reason = world.unfit or world.writer.stuck
    stuck = f"nothing is sent: {reason}; " if reason and reason not in told else ""
    systemd.notify(f"STATUS={' '.join((stuck + told + text).split())}")


async def _note_looks(world: World, noted: Noted, states: dict[str, tuple[datetime | None, str]]) -> None:
    if states:
        await world.call(world.office.store.note_looks, states)
        noted.looks.update(states)


async def _keep_incarnation(world: World, noted: Noted) -> None:
    """The store remembers where it lives, and until when it was written to: by anybody, so where nobody has, there is nothing to remember."""
    store, now = world.office.store, world.office.clock.now()
    await world.call(check_home, store)
    stirred = await world.call(store.stirred)
    if stirred is not None and stirred == noted.stirred and noted.at is not None and abs(now - noted.at) < DAILY:
        return
    await _note_looks(
        world,
        noted,
        {name: (one.looked_at, one.trouble) for name, one in world.watches.items() if name in world.epochs and one.readable},
    )
    await world.call(incarnation.keep, store, now)
    await world.call(machine.calm_the_clock, world.office)
    noted.stirred, noted.at = await world.call(store.stirred), now


async def _tend(world: World, told: dict[str, str | None]) -> None:
    """Tokens are kept good. Whose login was withdrawn is told, rests at once, and goes on at once after a new login."""
    await asyncio.gather(*(keeper.tend() for keeper in world.keepers.values()))
    now = world.office.clock.now()
    for name, keeper in world.keepers.items():
        parked = keeper.parked
        if parked == told[name]:
            continue
        alarm = Alarm(key=f"token:{name}", mailbox=name, text=parked, at=now, on=bool(parked))
        await world.writer.write(Change(alarms=(alarm,)))
        if parked:
            log.trouble("login-parked", mailbox=name, reason=parked)
            await world.inboxes[name].close()  # nothing is sent from a mailbox that can't be read
        elif told[name]:
            log.note("login-again", mailbox=name)
            world.watches[name].mended.set()
        told[name] = parked


async def _feed_watchdog(world: World) -> None:
    """A sign of life only if the claim loop has turned: a timer that is alive proves nothing."""
    if world.office.clock.steady() - world.beats.get("dispatch", 0.0) < BLOCKED_AFTER:
        systemd.notify("WATCHDOG=1")


async def serve(built: Built) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP has files and inbox looked at now. Raises what made a loop fail."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, built.world.hurry.set)  # from the very beginning: without it a reload would end us
    async with running(built) as world:
        for problem in world.office.workspace.problems:
            log.trouble("file", problem=str(problem))
        log.note("ready", mailboxes=",".join(world.inboxes), store=world.office.store.engine.dialect.name, pid=os.getpid())
        systemd.notify("READY=1")
        await stop.wait()
        log.note("stopping", reason="told to")
        systemd.notify("STOPPING=1")
