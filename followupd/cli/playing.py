"""A trial: one cadence test, played on a simulation from the row to the end.

Decides nothing about cadences: everything that happens is done by the real stories. This module plays the people of the diary
and writes down what followupd did, in the words of a diary. Whether that was expected is `comparison.py`'s. The workspace's
store, its mailboxes and the network are never touched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from followupd import desk
from followupd.channels.smtp import judge
from followupd.cli import answering
from followupd.core import lifecycle, when
from followupd.core.lifecycle import NotNow
from followupd.core.model import (
    Delivery,
    Enrollment,
    EnrollmentState,
    Event,
    Prospect,
    ReplyKind,
    Task,
    Touch,
)
from followupd.core.timing import timing_for
from followupd.files import prospects
from followupd.files.cadence_tests import REPLY_TASKS, Case, Entry
from followupd.files.workspace import Workspace
from followupd.office import Office
from followupd.simulation import Sent, Simulation

BY = "the test"
BY_REPORT = "refused - delivery report"
MOST_EVENTS = 100_000
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that followupd did, in the words of a diary; `at` is on the prospect's clock. `why` are the rules behind its date."""

    at: datetime
    verb: str
    value: str
    cadence: str
    said: Mapping[str, Any] = field(default_factory=dict)
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a case. `trouble` says of an entry of the diary why it could not happen, or what was read otherwise."""

    case: Case
    zone: ZoneInfo
    happened: tuple[Happened, ...]
    trouble: Mapping[int, str]
    days: float  # simulated


class CannotHappen(Exception):
    """What the diary says people do can't be done at that moment; the text says why."""


def play(workspace: Workspace, case: Case) -> Played:
    """Play a case to its end."""
    workspace = _drawn(_without_rounds(workspace), case)
    zone = zone_of(workspace, case)
    start = case.start.replace(tzinfo=zone)
    with Simulation(workspace, start.astimezone(UTC), limits=False) as simulation:
        stage = _Stage(simulation, workspace, case, zone)
        stage.enroll({**case.columns, "cadence": case.cadence}, told=False)
        deeds = [
            (datetime.combine(entry.moment.day, entry.moment.first.time()), number, entry)
            for number, entry in enumerate(case.diary)
            if not entry.expected
        ]
        for moment, number, entry in deeds:
            stage.until(moment)
            stage.do(number, entry)
        stage.until(case.end)
        days = (simulation.now() - start).total_seconds() / 86400
        return Played(case=case, zone=zone, happened=stage.happened(), trouble=stage.trouble, days=days)


def _without_rounds(workspace: Workspace) -> Workspace:
    """The workspace without what comes each morning whatever the cadence does: no diary tells of it, and a year has 250 of them."""
    assert workspace.config is not None
    return replace(workspace, config=workspace.config.model_copy(update={"digest": None}))


def _drawn(workspace: Workspace, case: Case) -> Workspace:
    """The workspace in which the dice can draw nothing but the arm that the case names."""
    edition = workspace.editions.get(case.cadence)
    if edition is None or not case.variant:
        return workspace
    drawn = replace(edition, cadence=replace(edition.cadence, variants={case.variant: 1}))
    return replace(workspace, editions={**workspace.editions, case.cadence: drawn})


def zone_of(workspace: Workspace, case: Case) -> ZoneInfo:
    """The zone that the times of a case are meant in: its own, else the one in which the prospect would be written to."""
    if case.zone:
        return when.zone_named(case.zone)
    cadence = workspace.cadences[case.cadence]
    assert workspace.config is not None
    owners = workspace.config.mailboxes
    rules = prospects.Rules(
        cadences={case.cadence: ()}, steps={}, owners=frozenset(owners), own_addresses=frozenset(), own_domains=frozenset(),
        default_cadence=case.cadence, default_owner=next(iter(owners)),
    )  # fmt: skip
    asked = {name: case.columns[name] for name in ("email", "country", "timezone") if name in case.columns}
    found = prospects.judge(prospects.Row(line=2, columns=asked), rules)
    known = found if isinstance(found, prospects.Candidate) else None
    person = Prospect(id="", address="", zone=known.zone if known else None, country=known.country if known else None)
    return timing_for(cadence, person, "").zone


class _Stage:
    """The people of one case, and who writes down what happens."""

    def __init__(self, simulation: Simulation, workspace: Workspace, case: Case, zone: ZoneInfo) -> None:
        self.trouble: dict[int, str] = {}
        self._simulation, self._workspace, self._case, self._zone = simulation, workspace, case, zone
        self._address = prospects.normal_address(case.columns.get("email", "")) if case.columns.get("email") else ""
        self._found: list[Happened] = []
        self._tasks: dict[str, Task] = {}
        self._first = ""
        self._pauses: dict[tuple[str, datetime], datetime | None] = {}

    @property
    def _office(self) -> Office:
        return self._simulation.office

    # -- time, and the people

    def until(self, local: datetime) -> None:
        """Time goes on to that minute of the wall clock, inclusive."""
        self._simulation.advance(local.replace(second=59, tzinfo=self._zone).astimezone(UTC).replace(second=0))
        self._note()

    def enroll(self, columns: Mapping[str, str], *, told: bool) -> None:
        """The prospect's row is saved. That it is taken in is worth a line only where it is not the first one."""
        _, _, result, reason = self._simulation.enroll([{"owner": self._any_mailbox(), **columns}])[0]
        if result != "accepted":
            self._add(self._simulation.now(), "rejected", reason, columns["cadence"], because=reason)
        elif not told:
            self._first = columns["cadence"]
        self._note()

    def do(self, number: int, entry: Entry) -> None:
        """What the diary says that somebody does now."""
        try:
            self._done(entry)
        except (CannotHappen, NotNow, desk.Unknown) as problem:
            self.trouble[number] = str(problem)
        self._note()
        meant = entry.said.get("means")
        read = self._last_reading()
        if meant and number not in self.trouble and read != meant:
            self.trouble[number] = f"it was read as {read}" if read else "it was read as nothing at all"

    def _done(self, entry: Entry) -> None:
        match entry.verb:
            case "reply" | "away":
                self._reply(entry)
            case "bounce":
                self._bounce(entry)
            case "complain":
                self._complain(entry)
            case "done" | "skip":
                self._close(entry)
            case "decide":
                self._decide(entry)
            case "learn":
                self._simulation.request(lambda office: desk.learn(office, self._address, str(entry.value), BY))
            case "pause":
                self._pause(entry)
            case "resume":
                self._simulation.request(lambda office: desk.resume(office, self._address))
            case "stop":
                self._simulation.request(lambda office: desk.stop(office, self._address, BY))
            case "row":
                self.enroll({**self._case.columns, "cadence": self._case.cadence, **entry.value}, told=True)
            case "server":
                self._server(entry)
            case verb:
                raise AssertionError(verb)

    def _last_reading(self) -> str:
        replies = [event for event in self._events() if event.kind == "reply" and event.at == self._simulation.now()]
        return str(replies[-1].data.get("kind", "")) if replies else ""

    def _reply(self, entry: Entry) -> None:
        mail = self._mail(entry)
        sender = str(entry.said.get("from", self._address))
        self._receive(mail, answering.answer(
            str(entry.value), sender=sender, to=self._mailbox_address(mail), original=answering.original_of(mail.raw) if mail else None,
            now=self._local(), automatic=entry.verb == "away",
        ))  # fmt: skip

    def _bounce(self, entry: Entry) -> None:
        mail = self._needed(entry)
        self._receive(mail, answering.report(entry.value, self._address, answering.original_of(mail.raw), self._local()))

    def _complain(self, entry: Entry) -> None:
        mail = self._needed(entry)
        self._receive(mail, answering.complaint(self._address, answering.original_of(mail.raw), self._local()))

    def _receive(self, mail: Sent | None, raw: bytes) -> None:
        self._simulation.receive(mail.mailbox if mail else self._any_mailbox(), raw)

    def _close(self, entry: Entry) -> None:
        task = next((one for one in self._open_tasks() if self._named(one) == (entry.value, entry.cadence)), None)
        if task is None:
            open_now = ", ".join(sorted({name for name, _ in map(self._named, self._open_tasks())})) or "none"
            raise CannotHappen(f"there is no open task {entry.value} at that moment; open: {open_now}")
        note = str(entry.said.get("note", ""))
        self._simulation.request(lambda office: desk.close_task(office, task.id, done=entry.verb == "done", by=BY, note=note))

    def _decide(self, entry: Entry) -> None:
        replies, _ = self._office.store.reviews()
        if not replies:
            raise CannotHappen("no answer waits for a decision at that moment")
        self._simulation.request(lambda office: desk.decide(office, replies[-1].id, ReplyKind(entry.value), BY))

    def _pause(self, entry: Entry) -> None:
        until = None if entry.value is True else _later(self._local(), entry.value)
        self._simulation.request(lambda office: desk.pause(office, self._address, until, BY))

    def _server(self, entry: Entry) -> None:
        code, _, text = str(entry.value).partition(" ")
        answer: Delivery | None = None if entry.value == "ok" else judge("rcpt", int(code), text)
        self._simulation.answers = lambda mail: (
            answer if mail.recipient == self._address else None
        )  # letters to our own go as always

    # -- what they look at

    def _local(self) -> datetime:
        return self._simulation.now().astimezone(self._zone)

    def _mail(self, entry: Entry) -> Sent | None:
        """The mail that is answered: the latest one, or the latest of the step that is named."""
        step, mails = entry.said.get("to"), self._mails()
        if step is None:
            return mails[-1][0] if mails else None
        found = [mail for mail, touch, cadence in mails if (touch.step, cadence) == (step, entry.cadence)]
        if not found:
            raise CannotHappen(f"no mail of step {step} has left by then")
        return found[-1]

    def _needed(self, entry: Entry) -> Sent:
        mail = self._mail(entry)
        if mail is None:
            raise CannotHappen("no mail has left by then")
        return mail

    def _mails(self) -> list[tuple[Sent, Touch, str]]:
        store = self._office.store
        _, enrollments = store.person(self._address)
        known = {touch.message_id: (touch, one.cadence) for one in enrollments for touch in store.touches(one.id)}
        return [(mail, *known[mail.message_id]) for mail in self._simulation.sent if mail.message_id in known]

    def _touch(self, name: str) -> Touch | None:
        return self._office.store.find(Touch, name) if name else None

    def _cadence(self, enrollment: str) -> str:
        found = self._office.store.find(Enrollment, enrollment)
        return found.cadence if found else ""

    def _mailbox_address(self, mail: Sent | None) -> str:
        return self._office.config.mailboxes[mail.mailbox if mail else self._any_mailbox()].address

    def _any_mailbox(self) -> str:
        known = self._office.config.mailboxes
        owner = self._case.columns.get("owner", "")
        return owner if owner in known else next(iter(known))

    def _open_tasks(self) -> list[Task]:
        return [one for one in self._office.store.tasks() if one.address == self._address]

    def _named(self, task: Task) -> tuple[str, str]:
        """A task's name in a diary: its step, or what a reply asks for; and its cadence."""
        touch = self._touch(task.touch)
        return (touch.step if touch else task.kind), self._cadence(task.enrollment)

    def _events(self) -> tuple[Event, ...]:
        return self._office.store.timeline(self._address, MOST_EVENTS) if self._address else ()

    # -- writing down

    def _add(self, at: datetime, verb: str, value: str, cadence: str, why: tuple[str, ...] = (), **said: Any) -> None:
        local = at.astimezone(self._zone)
        self._found.append(Happened(at=local, verb=verb, value=value, cadence=cadence, said=said, why=why))

    def _note(self) -> None:
        """What would be gone later: tasks that are closed again, and the ends of pauses."""
        for task in self._open_tasks():
            self._tasks.setdefault(task.id, task)
        _, enrollments = self._office.store.person(self._address)
        for one in enrollments:
            if one.state == EnrollmentState.PAUSED:
                self._pauses[one.id, self._simulation.now()] = one.until

    def happened(self) -> tuple[Happened, ...]:
        """All that followupd did, in the order of time."""
        for mail, touch, cadence in self._mails():
            said = {
                "subject": mail.subject,
                "text": mail.text,
                "page": _page(mail),
                "item": self._item(mail),
                "from": mail.mailbox,
            }
            same = bool(_parsed(mail)["In-Reply-To"])
            self._add(mail.at, "mail", touch.step, cadence, why=touch.why, thread="same" if same else "new", **said)
        for event in self._events():
            self._from_event(event)
        for task in self._tasks.values():
            if not task.touch and task.kind in REPLY_TASKS:  # others (a next step, what a manager hears) can come in any cadence
                self._add_task(task.created, task, task.kind)
        for one in self._office.store.suppressions():
            self._add(one.at, "suppressed", one.key, "", because=one.reason)
        return tuple(sorted(self._found, key=lambda one: one.at))

    def _add_task(self, at: datetime, task: Task, name: str, why: tuple[str, ...] = ()) -> None:
        until = task.deadline.astimezone(self._zone) if task.deadline else None
        said = {"title": task.title, "text": task.text, "until": until, "for": task.owner}
        self._add(at, "task", name, self._cadence(task.enrollment), why=why, **said)

    def _from_event(self, event: Event) -> None:
        cadence, touch = self._cadence(event.enrollment), self._touch(event.touch)
        reason = event.text.partition(": ")[2] or event.text
        match event.kind:
            case "task" if touch is not None:
                task = self._office.store.find(Task, lifecycle.task_id(touch))
                if task is not None:
                    self._add_task(event.at, task, touch.step, touch.why)
            case "reminded" | "escalated" if touch is not None:
                self._add(event.at, event.kind, touch.step, cadence)
            case "touch_failed" if BY_REPORT in event.text or event.data.get("gone"):
                pass  # the diary has it as the report that came, or as the end: "bounced"
            case "touch_skipped" | "touch_failed" | "touch_deferred" if touch is not None:
                self._add(event.at, event.kind.removeprefix("touch_"), touch.step, cadence, because=event.text)
            case "held":
                self._add(event.at, "held", reason, cadence, because=reason)
            case "paused":
                until = self._pauses.get((event.enrollment, event.at))
                local = until.astimezone(self._zone) if until else None
                self._add(event.at, "paused", f"{local:%Y-%m-%d %H:%M}" if local else "", cadence, until=local, because=reason)
            case "finished":
                self._add(event.at, "finished", str(event.data.get("outcome", "")), cadence, because=reason.partition(" - ")[2])
            case "enrolled" if cadence != self._first:
                self._add(event.at, "enrolled", cadence, "")
            case "not_enrolled":
                self._add(event.at, "rejected", event.text, cadence, because=event.text)
            case _:
                pass

    def _item(self, mail: Sent) -> str:
        """The content item that went with a mail, found by what the mail says of it."""
        words = f"{mail.subject}\n{mail.text}"
        signs: tuple[Callable[[Any], str], ...] = (lambda item: item.url, lambda item: item.title, lambda item: item.body.strip())
        found = (item.name for sign in signs for item in self._workspace.items if sign(item) and sign(item) in words)
        return next(found, "")


def _parsed(mail: Sent) -> EmailMessage:
    found = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _page(mail: Sent) -> str:
    """The words of the HTML part: the preheader stands only there."""
    body = _parsed(mail).get_body(("html",))
    return html.unescape(re.sub(r"<[^<>]{0,2000}>", " ", str(body.get_content()))) if body else ""


def _later(local: datetime, length: str) -> datetime:
    """So much later on the wall clock."""
    count, unit = int(length[:-1]), length[-1]
    return (local + timedelta(**{_UNITS[unit]: count})).astimezone(UTC)
