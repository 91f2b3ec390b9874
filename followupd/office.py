"""The office: store, workspace and clock, and what following an answer needs of all three.

A plain command needs no more than this; the daemon's `World` has an office and what runs beside it. Decides nothing:
`consequences` gathers what `core/lifecycle.py` judges by, and puts the owner's words into tasks.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from followupd.channels import CHANNELS
from followupd.channels import task as task_channel
from followupd.channels.scope import SCOPE, owner_of, reply_of
from followupd.clock import Clock, Dice
from followupd.core import answers, colleagues, courtesy, guards, handover, keeping, lifecycle, meeting, nurture, waiting, when
from followupd.core.belief import Word
from followupd.core.guards import company_of
from followupd.core.model import (
    NURTURE,
    SALES,
    Cadence,
    Change,
    Company,
    Effect,
    Enrollment,
    EnrollmentState,
    Event,
    Fact,
    History,
    Mailbox,
    Match,
    Outcome,
    Prospect,
    Reading,
    Reply,
    ReplyKind,
    Round,
    Step,
    Stop,
    Task,
    Touch,
    TouchState,
)
from followupd.files.config import Config
from followupd.files.edition import Edition, acknowledgement, read_edition
from followupd.files.prospects import parse_date
from followupd.files.templates import CannotRender, render_line
from followupd.files.values import seconds
from followupd.files.workspace import Workspace, load_workspace
from followupd.store import Store, open_store

NEVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
"""When a round is due that nobody wants any more, or that comes only when it is summoned."""

DRAFTS = "drafts"
"""The folder in the inbox for what followupd proposes: nothing in it is taken in before a human has moved it out."""


class UnreadableCadence(LookupError):
    """The kept text of a cadence can't be read any more by this version; the text says why."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What one configuration says of our own side, as the rest of the program knows it: it is asked for with every mail."""

    config: Config
    mailboxes: Mapping[str, Mailbox]
    company: Company
    addresses: frozenset[str]


@dataclass(slots=True)
class Office:
    """Store, workspace and clock: what a human's request needs, from the command line or from the daemon."""

    store: Store
    workspace: Workspace  # the files as last read; the daemon puts a newer one here
    clock: Clock
    dice: Dice
    _read: dict[tuple[str, int], Edition] = field(default_factory=dict, repr=False)  # kept editions, for one configuration
    _known: _Known | None = field(default=None, repr=False)
    _stop: tuple[Path, str] | None = field(
        default=None, repr=False
    )  # where the STOP file lies, for one place of the configuration

    @property
    def config(self) -> Config:
        """The configuration. Nobody opens an office without one."""
        assert self.workspace.config is not None
        return self.workspace.config

    def _ours(self) -> _Known:
        config, known = self.config, self._known
        if known is None or known.config is not config:
            mailboxes = {name: config.mailbox(name) for name in config.mailboxes}
            addresses = frozenset(part.address.lower() for part in config.mailboxes.values())
            known = self._known = _Known(config, mailboxes, config.who(), addresses)
        return known

    @property
    def stop_file(self) -> Path:
        """A file of this name beside the configuration stops all sending at once, also where nothing else works any more."""
        return self.workspace.base / "STOP"

    def halted(self) -> str:
        """Whether a human has laid the STOP file there, in words; "" where not. What can't be looked for counts as there."""
        beside = self.workspace.path
        if self._stop is None or self._stop[0] is not beside:
            self._stop = beside, str(self.stop_file)
        try:
            os.lstat(self._stop[1])
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as problem:
            return f"{self.stop_file} can't be looked for: {problem.strerror}"
        return f"the file {self.stop_file} is there; remove it to go on"

    def cadence(self, digest: str) -> Cadence:
        """The cadence that an enrollment started with, whatever the file says today."""
        return self.edition(digest).cadence

    def edition(self, digest: str) -> Edition:
        """The edition that an enrollment started with, messages included. Raises UnreadableCadence."""
        config = self.config
        key = (digest, id(config))
        if key not in self._read:
            if any(known != id(config) for _, known in self._read):  # absences and holidays are those of today
                self._read.clear()
            self._read[key] = self._reread(digest, config)
        return self._read[key]

    def edition_at_hand(self, digest: str) -> Edition | None:
        """The same without a look into the store; None where that is needed."""
        return self._read.get((digest, id(self.config)))

    def _reread(self, digest: str, config: Config) -> Edition:
        kept = self.store.cadence(digest)
        if kept is None:
            raise UnreadableCadence(f"the text of cadence {digest[:12]} is not in the store")
        name, text, parts = kept
        if parts is None:  # kept by a followupd that knew no editions: what is beside the text is that of today
            parts = {"inherited": config.inherited(), "templates": self.workspace.sources()}
        edition, problems = read_edition(name, text, parts, CHANNELS)
        if edition is None:
            raise UnreadableCadence("; ".join(str(problem) for problem in problems))
        return replace(edition, cadence=replace(edition.cadence, digest=digest, calendars=config.calendars()))

    def mailbox(self, name: str) -> Mailbox | None:
        """A mailbox of the configuration, by name."""
        return self._ours().mailboxes.get(name)

    def who(self) -> Company:
        """The company as the configuration has it."""
        return self._ours().company

    def patience(self, owner: str) -> waiting.Patience | None:
        """How long whoever wrote to this mailbox may wait for a human; None where the configuration knows it no more."""
        config, part = self.config, self.config.mailboxes.get(owner)
        if part is None:
            return None
        wanted = config.answer_within
        return waiting.Patience(
            remind=timedelta(seconds=seconds(wanted.remind)), escalate=timedelta(seconds=seconds(wanted.escalate)), hours=when.parse_window(wanted.hours),
            zone=when.zone_named(config.mailbox(owner).zone), calendar=when.calendar_for((), config.calendars()[owner]), superior=part.reports_to or "",
        )  # fmt: skip

    def drafts(self, owner: str) -> Path:
        """Where what followupd proposes to an owner lies: in their folder of the inbox, or beside the files of the only mailbox."""
        inbox = self.workspace.folder("inbox")
        own = inbox / owner
        return (inbox if len(self.config.mailboxes) == 1 and not own.is_dir() else own) / DRAFTS

    def propose(self, owner: str, name: str, raw: bytes) -> Path:
        """Lay a file into the owner's drafts, whole or not at all, for those who may read the folder. A link in its way is taken away, never followed."""
        folder = self.drafts(owner)
        folder.mkdir(parents=True, exist_ok=True)
        half = f".{name}.half"
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            with suppress(FileNotFoundError):
                os.unlink(half, dir_fd=place)
            with os.fdopen(
                os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place), "wb"
            ) as file:
                os.fchmod(file.fileno(), os.fstat(place).st_mode & 0o666)
                file.write(raw)
            os.replace(half, name, src_dir_fd=place, dst_dir_fd=place)
        finally:
            os.close(place)
        return folder / name

    def zone(self, name: str) -> ZoneInfo:
        """The clock by which the owner of a mailbox reads; UTC for one that the configuration no longer has."""
        known = self.mailbox(name)
        return when.zone_named(known.zone if known else "UTC")

    def own_addresses(self) -> frozenset[str]:
        """Every address that is ours: mail from there is never a reply."""
        return self._ours().addresses

    def summon(self, kind: str, mailbox: str, at: datetime) -> Change:
        """A round (`rounds.ROUNDS`) for a mailbox is due at that moment, if not before."""
        known = self.store.find(Round, f"{kind}:{mailbox}") or Round(id=f"{kind}:{mailbox}", mailbox=mailbox, due=NEVER)
        return Change(rounds=(replace(known, due=min(known.due, at)),))

    def keep(self, edition: Edition, now: datetime) -> None:
        """Keep an edition in the store, before anybody is enrolled in it."""
        cadence = edition.cadence
        self.store.keep_cadence(cadence.digest, cadence.name, edition.text, edition.parts, now)

    def role(self, enrollment: Enrollment) -> str:
        """What the cadence of an enrollment is for; to sell, where it can't be read any more."""
        try:
            return self.cadence(enrollment.digest).role
        except UnreadableCadence:
            return SALES

    def against(self, cadence: Cadence, prospect: Prospect, history: History, learned: Collection[Fact] = ()) -> str:
        """What stands against keeping a person warm; nothing for a cadence of another role. `learned`: facts that are not written yet."""
        if cadence.role != NURTURE:
            return ""
        warm = frozenset(one.id for one in history.enrollments if self.role(one) == NURTURE)
        facts = (*self.store.facts(prospect.address), *learned)
        return nurture.against(cadence.name, prospect, self.config.keeping_warm(), history.enrollments, facts, warm)

    def follow_on(
        self, enrollment: Enrollment, prospect: Prospect, name: str, now: datetime, source: str, leaving: Collection[str] = (),
        learned: Collection[Fact] = (),
    ) -> Change:  # fmt: skip
        """The enrollment that another one's end starts; an empty change, but for the event, where it can't be.

        `leaving` are the enrollments that end with this one, `learned` the facts that are written with it.
        """
        edition = self.workspace.editions.get(name)
        if edition is None:
            return _not_enrolled(enrollment, name, f"there is no cadence {name} in order", now)
        lacking = [
            column
            for column, _ in self.workspace.required(name, prospect.columns.get("language", ""))
            if column != "email" and not prospect.columns.get(column)
        ]
        if lacking:
            return _not_enrolled(enrollment, name, f"{name} needs {', '.join(lacking)}", now)
        return self.start(edition, enrollment, prospect, now, source, leaving, learned)

    def start(
        self,
        edition: Edition,
        enrollment: Enrollment,
        prospect: Prospect,
        now: datetime,
        source: str,
        leaving: Collection[str] = (),
        learned: Collection[Fact] = (),
    ) -> Change:
        """An enrollment in the same person's name and conversation as another one, where admission has nothing against it."""
        cadence = edition.cadence
        known = self.store.histories([prospect.address])[prospect.address]
        entry = guards.Entry(
            address=prospect.address, cadence=cadence, history=known, now=now, leaving=frozenset({enrollment.id, *leaving}),
            against=self.against(cadence, prospect, known, learned),
        )  # fmt: skip
        verdict = guards.admit(entry)
        if isinstance(verdict, Stop):
            return _not_enrolled(enrollment, cadence.name, verdict.reason, now)
        self.keep(edition, now)
        start = lifecycle.Start(
            prospect=prospect, cadence=cadence, mailbox=mailbox_for(cadence, enrollment.mailbox, prospect.address),
            source=f"{enrollment.cadence}, {source}", parent=enrollment.id, round=guards.rounds(entry) + 1, fraction=self.dice.fraction(),
        )  # fmt: skip
        try:
            begun = replace(lifecycle.begin(start, now), prospects=())
        except (ValueError, LookupError) as problem:
            return _not_enrolled(enrollment, cadence.name, f"its first step can't be dated: {problem}", now)
        return begun + give_way(entry)


class NotReady(Exception):
    """The daemon can't start as things are; the text says why, for people."""


def open_office(config_path: Path, clock: Clock, dice: Dice, environ: Mapping[str, str], *, examined: bool = False) -> Office:
    """Read the workspace and open its store, looked through first if `examined`.

    Raises NotReady, with every problem of a config that can't be used, and StoreProblem.
    """
    workspace = load_workspace(config_path, channels=CHANNELS, scope=SCOPE, environ=environ)
    if workspace.config is None:
        raise NotReady("\n".join(str(problem) for problem in workspace.problems))
    office = Office(store=open_store(store_url(workspace), examined=examined), workspace=workspace, clock=clock, dice=dice)
    office.workspace = _with_kept(office)
    return office


def _with_kept(office: Office) -> Workspace:
    """A cadence that is broken at the start goes on as the newest edition that the store knows."""
    workspace = office.workspace
    kept = {
        name: office.edition(digest)
        for name, digest in office.store.latest_cadences().items()
        if name not in workspace.editions and name in workspace.broken
    }
    return replace(workspace, editions={**workspace.editions, **kept})


def store_url(workspace: Workspace) -> str:
    """The store's URL; a plain file name lies beside the config."""
    assert workspace.config is not None
    named = workspace.config.store
    return named if "://" in named else f"sqlite:///{(workspace.base / named).absolute()}"


def _not_enrolled(enrollment: Enrollment, name: str, reason: str, now: datetime) -> Change:
    text = f"not enrolled in {name}: {reason}"
    return Change(events=(Event(at=now, kind="not_enrolled", text=text, address=enrollment.address, enrollment=enrollment.id),))


def mailbox_for(cadence: Cadence, owner: str, address: str) -> str:
    """Which mailbox writes: the owner's, or one of the cadence's, the same one for a person for good."""
    if cadence.mailbox == ("owner",):
        return owner
    if len(cadence.mailbox) == 1:
        return cadence.mailbox[0]
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
    return cadence.mailbox[number % len(cadence.mailbox)]


def give_way(entry: guards.Entry) -> Change:
    """Less urgent cadences end where a more urgent one wants the person for itself."""
    change = Change()
    for one in guards.giving_way(entry):
        change += lifecycle.finish(one, Outcome.STOPPED, f"gave way to {entry.cadence.name}, which is more urgent", entry.now)
    return change


# -- what follows from an answer -----------------------------------------------------------------


def consequences(
    office: Office, reply: Reply, reading: Reading, match: Match, now: datetime, *, word: Word | None = None, automatic: str = "",
    instead: Effect | None = None,
) -> Change:  # fmt: skip
    """Everything that follows from a reply whose kind is settled: by the rules above, or by a human's word (`desk.decide`).

    `word` says how far a mail is believed (None: a human has decided), `automatic` why no machine may answer it; `instead` what it
    does where that is not its kind's to say.
    """
    goes_on, match = (Change(), match) if reply.kind in answers.AUTOMATIC else _alive(office, match, now)
    effects: dict[str, tuple[Cadence, Effect]] = {}
    step = _answered_step(office, reply, match)
    for enrollment in match.open:
        cadence = office.cadence(enrollment.digest)
        effect = instead or answers.effect_of(cadence, reply.kind, frozenset(office.workspace.cadences))
        own = keeping.effect(step[1].keep, reply) if step and step[0].enrollment == enrollment.id else None
        if own is not None:
            effect = replace(own, enroll=cadence.name) if own.outcome == Outcome.WELCOME else own
        effects[enrollment.id] = (cadence, answers.DOUBTED if word and word.doubt else effect)
    change = goes_on + answers.after_reply(reply, reading, match, effects, now, writer=word is None or word.writer)
    for enrollment in match.open:
        change += _tasks(office, reply, effects[enrollment.id][1], enrollment, match, now)
    if step is not None and step[1].keep and not (word and word.doubt):
        change += _kept(office, reply, *step)
    change += _superseded(office, reply, change)
    if word is None or not word.doubt:
        change += _courtesy(office, reply, match, now)
    if reply.kind == ReplyKind.REFERRAL and reply.contact:
        change += office.summon("referral", match.enrollment.mailbox, now)
    if reply.kind == ReplyKind.NO:
        change += _to_meet(office, change, match, now)
    change += _silenced(office, reply, match, now)
    if word is not None:
        change += _wrote_again(office, reply, match, change, now)
    change += _follow_on(office, reply, effects, match, change, now, automatic)
    change += Change(tasks=handover.owners(change.tasks, office.store.handovers(address=match.prospect.address)))
    return expected(office, change, reply, decided=now if word is None else None, after_the_end=not match.open)


def _alive(office: Office, match: Match, now: datetime) -> tuple[Change, Match]:
    """Whoever writes has taught us something: what was held for want of a lesson goes on first, and then the answer has its effect."""
    change, enrollments = Change(), []
    for enrollment in match.open:
        woken = going_on(office, enrollment, now)
        change += woken
        enrollments.append(next(iter(woken.enrollments), enrollment))
    return change, replace(match, open=tuple(enrollments))


def _answered_step(office: Office, reply: Reply, match: Match) -> tuple[Touch, Step] | None:
    """The mail of ours that is answered, with its step: the one that the answer names, else the last one of that enrollment."""
    touch = match.touch or (office.store.find(Touch, reply.touch) if reply.touch else None)
    if touch is None:
        sent = [
            one for one in office.store.touches(match.enrollment.id) if one.channel == "email" and one.state == TouchState.SENT
        ]
        touch = max(sent, key=lambda one: one.settled or one.due, default=None)
    mine = touch is not None and touch.enrollment == match.enrollment.id
    enrollment = match.enrollment if mine else office.store.find(Enrollment, touch.enrollment) if touch else None
    if touch is None or enrollment is None:
        return None
    try:
        return touch, office.cadence(enrollment.digest).step(touch.step)
    except LookupError:
        return None


def _kept(office: Office, reply: Reply, touch: Touch, step: Step) -> Change:
    """What the answer to a step with `keep` leaves."""
    enrollment = office.store.find(Enrollment, touch.enrollment)
    if enrollment is None or step.keep is None:
        return Change()
    facts, events = keeping.kept(step.keep, reply, enrollment, touch.id)
    return Change(facts=facts, events=events)


def expected(
    office: Office, change: Change, reply: Reply, *, decided: datetime | None = None, after_the_end: bool = True
) -> Change:
    """The tasks that a reply makes are waited for by whoever wrote it: they get the moments at which the owner and the manager hear of them.

    Once a human has `decided` what it means, the clock begins anew, for that human is at it. What a cadence only wants to be noticed
    (`notify`) while it goes on is no such task.
    """
    if not waiting.waits(reply):
        return change
    mine = [
        task for task in change.tasks if task.reply == reply.id and not task.version and (task.kind != "read" or after_the_end)
    ]
    before = office.store.waiting_for(sorted({task.address for task in mine}), ()) if mine and decided is None else ()
    for task in mine:
        patience = office.patience(task.owner)
        if task.kind in waiting.SETTLED_BY_HAND and office.store.by_hand_since(_addresses(task, reply), reply.received):
            change += closed(office, task, reply.seen, by_hand=task.owner)  # the answer came to light after the rep had found it
        elif patience is not None:
            change += Change(tasks=(waiting.expected(task, reply, decided or reply.received, before, patience),))
    return change


def _addresses(task: Task, reply: Reply) -> list[str]:
    return [one for one in (task.address, reply.address) if one]


def _wrote_again(office: Office, reply: Reply, match: Match, change: Change, now: datetime) -> Change:
    """Who writes again and has had no answer waits for one, whatever they say now."""
    if not waiting.waits(reply) or any(task.reply == reply.id for task in change.tasks):
        return Change()
    if not waiting.unanswered(office.store.waiting_for([match.prospect.address], ()), reply):
        return Change()
    title = f"{match.prospect.called} wrote again, and has had no answer"
    return Change(tasks=(answers.chore(reply, match.enrollment, "answer", title, reply.text or reply.subject, now),))


def _silenced(office: Office, reply: Reply, match: Match, now: datetime) -> Change:
    """Who wants no more mail is not to be answered either: what waited for an answer to them is dropped."""
    if reply.kind not in (ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT):
        return Change()
    return all_closed(office, (task for task, _ in office.store.waiting_for([match.prospect.address], ())), now)


def closed(office: Office, task: Task, now: datetime, *, state: str = "done", by_hand: str = "") -> Change:
    """The task is over, and what the manager was told of it. `by_hand`: whose own mail has done it."""
    told = office.store.find(Task, lifecycle.escalation_id(task.id))
    obsolete = (replace(told, state="dropped", closed=now),) if told and told.state == "open" else ()
    change = Change(tasks=(replace(task, state=state, closed=now), *obsolete))
    if not by_hand:
        return change
    event = Event(
        at=now, kind="answered_by_hand", text=f"{by_hand} has answered by hand: {task.title}"[:600], address=task.address,
        enrollment=task.enrollment, data={"task": task.id, "kind": task.kind, "reply": task.reply},
    )  # fmt: skip
    return change + Change(events=(event,))


def all_closed(office: Office, tasks: Iterable[Task], now: datetime, state: str = "dropped") -> Change:
    """These tasks are over, and what the manager was told of them."""
    change = Change()
    for task in tasks:
        change += closed(office, task, now, state=state)
    return change


NEXT_STEP, MEETING = "next-step", "meeting"
"""Kinds of tasks: what comes after a meeting is asked for; a meeting ahead of a no is to be confirmed or cancelled."""


def meeting_at(office: Office, mailbox: str, prospect: Prospect) -> datetime | None:
    """The moment in the prospect's column; None where it names none."""
    text, part = prospect.columns.get("meeting_at", "").strip(), office.mailbox(mailbox)
    if not text:
        return None
    try:
        return parse_date(text, when.zone_named(prospect.zone or (part.zone if part else "UTC")))
    except ValueError:
        return None


EVENING, MET_WITHIN = time(17, 30), timedelta(days=4)
"""When the owner is asked what came of a meeting, on the owner's clock; and how old a meeting may be to be asked about."""

LASTS = timedelta(hours=1)
"""A meeting of which only the beginning is known is over after so long."""


def evening_after(office: Office, mailbox: str, prospect: Prospect, now: datetime) -> datetime | None:
    """The evening on which the owner is asked for the next step; None where there is nothing to ask for (any more)."""
    met, part = meeting_at(office, mailbox, prospect), office.mailbox(mailbox)
    if met is None or part is None or prospect.columns.get("next_step", "").strip() or met < now - MET_WITHIN:
        return None
    zone = when.zone_named(part.zone)
    day = when.local_date(met + LASTS, zone)
    evenings = (datetime.combine(day + timedelta(days=days), EVENING, zone).astimezone(UTC) for days in (0, 1))
    return next(one for one in evenings if one >= met + LASTS)


def _to_meet(office: Office, change: Change, match: Match, now: datetime) -> Change:
    """Who says no while a meeting lies ahead: the owner confirms it, or cancels it. The round `meetings` tells of one that is near."""
    prospect, mine = match.prospect, {one.id for one in match.open}
    ended = next((one for one in change.enrollments if one.id in mine and one.outcome == Outcome.NO), None)
    if ended is None:
        return Change()
    known = meeting.next_ahead(meeting.meetings_in(office.store.facts(prospect.address)).values(), now)
    dates = [known.begins if known else None, meeting_at(office, ended.mailbox, prospect)]
    at = min((one for one in dates if one is not None and one > now), default=None)
    if at is None:
        return Change()
    person, spoken = prospect.called, when.speak(at, office.zone(ended.mailbox))
    task = Task(
        id=lifecycle.made_id(MEETING, ended.id, f"{at:%FT%TZ}", length=6), owner=ended.mailbox, address=prospect.address, kind=MEETING,
        title=f"Confirm or cancel the meeting with {person}",
        text=f"{person} ({prospect.address}) has said no, and you are to meet on {spoken}. Confirm the meeting, or cancel it, today.",
        created=now, enrollment=ended.id, deadline=at,
    )  # fmt: skip
    return Change(tasks=(task,)) + office.summon("meetings", ended.mailbox, now)


REASON = "reason"
"""The kind of the task, and of the item in a letter, that asks for a reason to go on."""


def going_on(office: Office, enrollment: Enrollment, now: datetime) -> Change:
    """An enrollment that is held because it has taught nothing goes on, and nobody is asked for a reason any more; nothing for any other."""
    if not lifecycle.wants_reason(enrollment):
        return Change()
    _, prospect, touches = office.store.with_touches(enrollment)
    cadence = office.cadence(enrollment.digest)
    woken = lifecycle.wake(enrollment, touches, cadence, prospect, now, lifecycle.EnrollmentFact.RESUME)
    asked = [task for task in office.store.tasks(enrollment.mailbox) if task.kind == REASON and task.enrollment == enrollment.id]
    return woken + Change(tasks=tuple(replace(task, state="dropped", closed=now, remind=None) for task in asked))


def _courtesy(office: Office, reply: Reply, match: Match, now: datetime) -> Change:
    """What a clear answer means for the colleagues of who gave it; their owners are told by letter (`followupd/colleagues.py`)."""
    outcome, part = colleagues.FIRM.get(reply.kind), office.config.courtesy
    span = part.span(outcome) if part and outcome else None
    company = company_of(match.prospect.address)
    own = {company_of(address) for address in office.own_addresses()} | {*office.who().domains}
    if outcome is None or span is None or not company or company in own:
        return Change()
    word = colleagues.said(outcome, reply, match.prospect, company, now, now + span)
    under_way = office.store.colleagues(company)
    change = colleagues.held(word, under_way, now)
    for mailbox in dict.fromkeys(one.mailbox for one in under_way if colleagues.concerned(word, one)):
        change += office.summon("courtesy", mailbox, now)
    return change


def _superseded(office: Office, reply: Reply, change: Change) -> Change:
    """Who has said something clear since needs no human's word on what was unclear before."""
    moved = {one.id for one in change.enrollments if one.state in (EnrollmentState.FINISHED, EnrollmentState.PAUSED)}
    older = [one for one in office.store.reviews_of(sorted(moved)) if one.id != reply.id] if moved else []
    return _closed_reviews(office, older, f"reply {reply.id}")


def _closed_reviews(office: Office, reviews: list[Reply], by: str) -> Change:
    ids, now = {one.id for one in reviews}, office.clock.now()
    chores = [task for task in office.store.tasks() if task.reply in ids and task.kind == "decide"] if ids else []
    return Change(replies=tuple(replace(one, review=False, decided_by=by) for one in reviews)) + all_closed(office, chores, now)


def let_go(office: Office, enrollment: Enrollment, by: str) -> Change:
    """A human lets the enrollment go on: what was unclear in it has been looked at."""
    return _closed_reviews(office, list(office.store.reviews_of([enrollment.id])), by)


def _tasks(office: Office, reply: Reply, effect: Effect, enrollment: Enrollment, match: Match, now: datetime) -> Change:
    """What the owner is asked to do, in the cadence's words."""
    mailbox = office.mailbox(enrollment.mailbox)
    scope = {
        "prospect": {**match.prospect.columns, "email": match.prospect.address}, "reply": reply_of(reply),
        "owner": owner_of(mailbox) if mailbox else {},
    }  # fmt: skip
    found = Change()
    for kind, source in _wishes(reply, effect):
        try:
            words = render_line(source, scope)
        except CannotRender:
            words = f"{match.prospect.address}: {reply.kind} - {reply.evidence}"
        doubt = answers.doubt_in(reply)
        text = f"{reply.address or 'somebody'} wrote{f' ({doubt})' if doubt else ''}: {reply.text or reply.subject}"
        if kind in ASKING and match.touch and match.touch.enrollment == enrollment.id:
            text = task_channel.asking(office.cadence(enrollment.digest).step(match.touch.step), text[:1500])
        found += Change(tasks=(answers.chore(reply, enrollment, kind, words, text, now),))
    return found


ASKING = frozenset({"answer", "call"})
"""Tasks after which the rep knows more: the question of the step whose mail was answered is put with them."""


def asked_by(office: Office, task: Task) -> tuple[Touch | None, str]:
    """The touch that a task is about, and the question that its step wants answered; neither where there is none."""
    reply = office.store.find(Reply, task.reply) if task.reply and task.kind in ASKING else None
    name = task.touch or (reply.touch if reply else "")
    touch = office.store.find(Touch, name) if name else None
    enrollment = office.store.find(Enrollment, touch.enrollment) if touch else None
    if touch is None or enrollment is None:
        return None, ""
    step = next((one for one in office.cadence(enrollment.digest).steps if one.id == touch.step), None)
    return touch, (step.learn or "") if step else ""


def _wishes(reply: Reply, effect: Effect) -> Iterator[tuple[str, str]]:
    kinds = {ReplyKind.YES: "call", ReplyKind.UNCLEAR: "decide"}
    if effect.task:
        yield kinds.get(reply.kind, "answer"), effect.task
    elif not effect.suppress and (why := waiting.by_hand(reply)):
        yield "answer", f"Answer the no of {{{{ prospect.first_name | default(prospect.email) }}}} by hand: {why}"
    if effect.notify:
        yield "read", effect.notify


def _follow_on(
    office: Office,
    reply: Reply,
    effects: dict[str, tuple[Cadence, Effect]],
    match: Match,
    change: Change,
    now: datetime,
    automatic: str,
) -> Change:
    """The cadence that the effect starts; only for the enrollment that was answered, and never for somebody suppressed."""
    if change.suppressions:
        return Change()
    leaving = {one.id for one in change.enrollments if one.state == EnrollmentState.FINISHED}
    found = Change()
    for enrollment in match.open:
        effect = effects[enrollment.id][1]
        if effect.enroll and not found.enrollments:
            found += office.follow_on(
                enrollment, match.prospect, effect.enroll, now, f"reply {reply.id}", leaving, learned=change.facts
            )
    return found + _acknowledgement(office, reply, effects, match, now, leaving, automatic)


def _acknowledgement(
    office: Office,
    reply: Reply,
    effects: dict[str, tuple[Cadence, Effect]],
    match: Match,
    now: datetime,
    leaving: set[str],
    automatic: str,
) -> Change:
    """The one mail that answers by itself, where nothing forbids it; whatever cadences wish for one, a person gets one."""
    for enrollment in match.open:
        answer = acknowledgement(office.edition(enrollment.digest), reply.kind, effects[enrollment.id][1])
        if answer is None:
            continue
        prospect, before = match.prospect, office.store.histories([match.prospect.address])[match.prospect.address].enrollments
        machine = "a machine wrote it" if reply.kind in answers.AUTOMATIC else automatic
        reason = machine or courtesy.unanswered(reply, prospect.address, before, now)
        if reason:
            text = f"not acknowledged: {reason}"
            return Change(
                events=(Event(at=now, kind="not_acknowledged", text=text, address=prospect.address, enrollment=enrollment.id),)
            )
        if courtesy.domain_is_full(prospect.domain, office.store.acknowledged(prospect.domain, now - courtesy.DAY)):
            return _silence(reply, enrollment, prospect.domain, now)
        return office.start(answer, enrollment, prospect, now, f"{courtesy.MARK} {reply.id}", leaving)
    return Change()


def _silence(reply: Reply, enrollment: Enrollment, domain: str, now: datetime) -> Change:
    """Too many acknowledgements for one domain: a machine there may be answering them. Nobody is answered; the owner is told once a day."""
    text = f"not acknowledged: {courtesy.PER_DOMAIN} answers from {domain} were acknowledged within a day, and a machine may be writing them"
    task = Task(
        id=lifecycle.made_id("silence", domain, f"{now:%Y-%m-%d}", length=6), owner=enrollment.mailbox, address=enrollment.address, kind="read",
        title=f"Answers from {domain} are no longer acknowledged today", text=f"{text}. Read them, and answer by hand those that people wrote.",
        created=now, enrollment=enrollment.id, reply=reply.id,
    )  # fmt: skip
    return Change(
        tasks=(task,),
        events=(Event(at=now, kind="not_acknowledged", text=text, address=enrollment.address, enrollment=enrollment.id),),
    )


def decided(reply: Reply, kind: ReplyKind, by: str) -> Reply:
    """The reply with a human's word for its kind."""
    return replace(reply, kind=kind, decided_by=by, review=False, confidence=1.0)
