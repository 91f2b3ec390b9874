"""`preview`: what one prospect would get, and when, without a store and without sending anything.

Decides nothing of its own: rows are judged by `files/prospects.py`, dates come from `core/lifecycle.py`, verdicts from
`core/guards.py` and words from the channels, exactly as when it is sent. Each touch is taken to happen when it is due, each
task to be done at once, and nobody to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import click

from followupd.channels import email, task
from followupd.channels.scope import Scene, scope_of
from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core import guards, lifecycle, shelf
from followupd.core.lifecycle import TouchFact
from followupd.core.model import (
    Cadence,
    Change,
    Claim,
    Enrollment,
    Go,
    Mailbox,
    Prospect,
    Skip,
    Step,
    Stop,
    ThreadContext,
    Touch,
    TouchState,
    Wait,
)
from followupd.core.outbound import UnsafeMessage, message_id
from followupd.core.shelf import ContentItem
from followupd.core.timing import timing_for
from followupd.core.when import speak
from followupd.files.problems import did_you_mean
from followupd.files.templates import CannotRender, evaluate
from followupd.files.workspace import Workspace

if TYPE_CHECKING:
    from followupd.files.prospects import Row, Rules

KEY = b"preview"
"""Stands for the store's secret: Message-IDs in a preview are no real ones."""

MOST_WAITS = 20
"""A touch that is put off more often than that is shown as it then stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One touch as it would happen."""

    touch: Touch
    why: tuple[str, ...]
    subject: str = ""
    text: str = ""
    thread: str = ""
    item: str = ""
    raw: bytes = b""
    skipped: str = ""
    problem: str = ""


@dataclass(slots=True)
class Rehearsal:
    """One prospect's way through a cadence, played without a store."""

    workspace: Workspace
    cadence: Cadence
    prospect: Prospect
    mailbox: Mailbox
    enrollment: Enrollment
    pending: list[Touch]
    ended: str = ""
    sent: int = 0
    previous: datetime | None = None
    thread: ThreadContext = field(default_factory=ThreadContext)
    taken: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The prospect's zone."""
        return timing_for(self.cadence, self.prospect).zone

    def play(self) -> Iterator[Shown]:
        """Each touch in the order of its date, until the cadence is over."""
        while self.pending and not self.ended:
            touch = min(self.pending, key=lambda one: (one.due, one.position))
            self.pending.remove(touch)
            touch = replace(touch, state=TouchState.SENDING, message_id=self._message_id(touch), intended=touch.due)
            shown = self._one(touch)
            if shown is not None:
                yield shown

    def _message_id(self, touch: Touch) -> str:
        return message_id(touch.id, self.mailbox.domain, KEY) if touch.channel == "email" else ""

    def _one(self, touch: Touch) -> Shown | None:
        """What happens to one touch; None where it is put off and comes again later."""
        timing = timing_for(self.cadence, self.prospect)
        match guards.clear_to_send(
            guards.Situation(claim=self._claim(touch), cadence=self.cadence, timing=timing, now=touch.due)
        ):
            case Go():
                return self._written(touch)
            case Wait(until, reason) if len(touch.why) < MOST_WAITS:
                self.pending.append(replace(touch, state=TouchState.SCHEDULED, due=until, why=(*touch.why, reason)))
                return None
            case Stop(_, reason):
                self.ended = reason
                return None
            case Skip(reason):
                return self._skipped(touch, reason)
            case other:
                return self._skipped(touch, other.reason)

    def _claim(self, touch: Touch) -> Claim:
        return Claim(
            touch=touch, enrollment=self.enrollment, prospect=self.prospect, cadence_text="", thread=self.thread, epoch=0,
            previous_sent=self.previous, sent_in_cadence=self.sent, taken_items=self.taken,
        )  # fmt: skip

    def _written(self, touch: Touch) -> Shown:
        step = self.cadence.steps[touch.position]
        try:
            scene = self._scene(step, touch.due)
            if step.when and not evaluate(step.when, scope_of(scene)):
                return self._skipped(touch, f"its condition does not hold: {step.when}")
            template = self.workspace.template(step)
            shown = (
                self._task(touch, scene)
                if step.channel == "task"
                else self._mail(touch, email.write(scene, template, touch, self.thread), scene)
            )
        except (CannotRender, UnsafeMessage) as problem:
            self._settle(touch, TouchFact.ACCEPTED)
            return Shown(touch=touch, why=touch.why, problem=str(problem))
        self.sent += 1
        self.taken += (scene.item.name,) if scene.item else ()
        return shown

    def _scene(self, step: Step, now: datetime) -> Scene:
        config = self.workspace.config
        assert config is not None
        return Scene(
            cadence=self.cadence, step=step, prospect=self.prospect, mailbox=self.mailbox, company=config.who(), now=now, zone=self.zone,
            item=self._picked(step, now), last_subject=self.thread.subject,
        )  # fmt: skip

    def _picked(self, step: Step, now: datetime) -> ContentItem | None:
        wish = step.fields.get("pick")
        if not isinstance(wish, Mapping):
            return None
        match = tuple(wish.get("match") or ())
        day = now.astimezone(self.zone).date()
        item = shelf.choose(self.workspace.items, self.prospect.columns, match, wish.get("ours"), frozenset(self.taken), day)
        if item is None:
            raise CannotRender(f"nothing on the shelf fits this person's {', '.join(match) or 'interests'}; add to content/")
        return item

    def _mail(self, touch: Touch, written: email.Written, scene: Scene) -> Shown:
        references = (*(() if written.opens else self.thread.references), touch.message_id)
        subject = written.subject if written.opens else self.thread.subject
        self.thread = ThreadContext(subject=subject, last_id=touch.message_id, references=references)
        self.previous = touch.due
        self._settle(touch, TouchFact.ACCEPTED)
        return Shown(
            touch=touch, why=touch.why, subject=written.subject, text=written.rendered.text, thread="new" if written.opens else "same",
            item=scene.item.name if scene.item else "", raw=written.raw,
        )  # fmt: skip

    def _task(self, touch: Touch, scene: Scene) -> Shown:
        note = task.write(scene, self.workspace.template(scene.step))
        self._settle(replace(touch, state=TouchState.OPEN), TouchFact.DONE)
        return Shown(touch=touch, why=touch.why, subject=note.title, text=note.text, item=scene.item.name if scene.item else "")

    def _skipped(self, touch: Touch, reason: str) -> Shown:
        self._settle(touch, TouchFact.NOT_WANTED)
        return Shown(touch=touch, why=touch.why, skipped=reason)

    def _settle(self, touch: Touch, fact: TouchFact) -> None:
        """The touch is over at its due time; what the cadence waits for next is scheduled."""
        change = lifecycle.settle(touch, self.enrollment, self.cadence, self.prospect, fact, touch.due, "")
        self.enrollment = next(iter(change.enrollments), self.enrollment)
        self.pending += [one for one in change.touches if one.id != touch.id]


# -- whose way -----------------------------------------------------------------------------------


def rehearse(workspace: Workspace, cadence: Cadence, row: Row, rules: Rules, now: datetime) -> Rehearsal:
    """The way of the person in a row, who is enrolled at `now`. A row that intake would reject is a Fault."""
    from followupd.enroll import prospect_of
    from followupd.files.prospects import Rejection, judge
    from followupd.office import mailbox_for

    judged = judge(row, rules)
    if isinstance(judged, Rejection):
        raise say.Fault(f"row {judged.line} would be rejected: {judged.reason}")
    prospect = prospect_of(judged, cadence)
    assert workspace.config is not None
    name = mailbox_for(cadence, judged.owner, judged.address)
    start = lifecycle.Start(
        prospect=prospect, cadence=cadence, mailbox=name, source="preview", start_at=judged.start_at, start_step=judged.start_step
    )
    try:
        begun: Change = lifecycle.begin(start, now)
    except ValueError as problem:
        raise say.Fault(f"row {judged.line} can't be planned: {problem}") from problem
    return Rehearsal(
        workspace=workspace, cadence=cadence, prospect=prospect, mailbox=workspace.config.mailbox(name), enrollment=begun.enrollments[0],
        pending=list(begun.touches),
    )  # fmt: skip


SAMPLE = {
    "first_name": "Ann", "last_name": "Sample", "company": "Sample Works", "title": "head of operations", "phone": "+1 555 0100",
    "next_step": "a call with your team next week", "meeting_highlight": "how much time your team loses on handovers",
    "team_size": "40", "industry": "manufacturing", "language": "en", "postal_address": "2 Sample Street, Springfield",
}  # fmt: skip
"""What the sample prospect brings; columns that only this workspace knows are filled with their own name."""


def sample_columns(workspace: Workspace, cadence: Cadence, now: datetime) -> dict[str, str]:
    """A prospect whose every needed column is filled, and for whom the shelf holds something at each `pick`."""
    from followupd.enroll import dates_of

    columns = {column: column.replace("_", " ") for column, _ in workspace.required(cadence)} | SAMPLE
    columns |= dict.fromkeys(dates_of(cadence), now.isoformat(timespec="minutes"))
    taken: set[str] = set()
    interests: dict[str, list[str]] = {}
    for step in cadence.steps:
        wish = step.fields.get("pick")
        if isinstance(wish, Mapping) and wish.get("match"):
            fit = [item for item in workspace.items if item.name not in taken and wish.get("ours") in {None, item.ours} and _topic(item)]
            taken.update(item.name for item in fit[:1])
            interests.setdefault(wish["match"][0], []).extend(_topic(item) for item in fit[:1])
    columns |= {column: ", ".join(dict.fromkeys(topics)) for column, topics in interests.items()}
    return columns | {"email": "ann@sample.example", "cadence": cadence.name}


def _topic(item: ContentItem) -> str:
    """A topic of it that a prospect's words can meet."""
    return next((topic for topic in item.topics if shelf.words(topic)), "")


def _row_of(path: Path, number: int, cadence: Cadence) -> Row:
    from followupd.files.prospects import read_sheet

    sheet = read_sheet(path.read_bytes(), name=path.name)
    if sheet.problem:
        raise say.Fault(sheet.problem)
    for count, row in enumerate(sheet.rows, 1):
        if count == number:
            return replace(row, columns={**row.columns, "cadence": cadence.name})
    raise say.Fault(f"{path.name}: there is no row {number}")


def _rules(workspace: Workspace, name: str) -> Rules:
    from followupd.clock import RealClock, RealDice
    from followupd.enroll import rules_of
    from followupd.office import Office
    from followupd.store import Store

    # The rules ask the files alone; a preview has no store.
    return rules_of(Office(store=cast("Store", None), workspace=workspace, clock=RealClock(), dice=RealDice()), name, "")


# -- the command ---------------------------------------------------------------------------------


@command(
    click.argument("cadence"),
    click.option(
        "--csv", "sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Take the prospect from this file."
    ),
    click.option(
        "--row", type=click.IntRange(min=1), default=1, show_default=True, help="Which row of it; the one below the header is 1."
    ),
    click.option("--at", "at", metavar="TIME", help='When the prospect is enrolled, such as "2026-11-12 09:00". Default: now.'),
    as_json,
)
def preview(cadence: str, sheet: Path | None, row: int, at: str | None, as_json: bool) -> int:
    """Show each touch of CADENCE for one prospect: local date, the rule behind it, and the full message."""
    workspace = place.usable_workspace()
    chosen = workspace.cadences.get(cadence)
    if chosen is None:
        raise say.Fault(f'there is no cadence "{cadence}" in order; {did_you_mean(cadence, workspace.cadences)}')
    now = _moment(workspace, at)
    rules = _rules(workspace, sheet.name if sheet else "preview.csv")
    person = _row_of(sheet, row, chosen) if sheet else _sample_row(workspace, chosen, now)
    rehearsal = rehearse(workspace, chosen, person, _with_owner(rules, workspace), now)
    shown = list(rehearsal.play())
    if as_json:
        say.as_json(_listed(rehearsal, shown, sample=sheet is None))
    else:
        _print(rehearsal, shown, sample=sheet is None)
    return 1 if any(one.problem for one in shown) else 0


def _with_owner(rules: Rules, workspace: Workspace) -> Rules:
    """A preview needs an owner even where the rows of this workspace must name one: the first mailbox will do."""
    assert workspace.config is not None
    return rules if rules.default_owner else replace(rules, default_owner=next(iter(workspace.config.mailboxes)))


def _sample_row(workspace: Workspace, cadence: Cadence, now: datetime) -> Row:
    from followupd.files.prospects import Row

    return Row(line=1, columns=sample_columns(workspace, cadence, now))


def _moment(workspace: Workspace, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    from followupd.files.prospects import parse_date

    assert workspace.config is not None
    try:
        return parse_date(text, ZoneInfo(workspace.config.defaults.timezone))
    except ValueError as problem:
        raise say.Fault(f"--at: {problem}") from problem


def _listed(rehearsal: Rehearsal, shown: list[Shown], *, sample: bool) -> dict[str, Any]:
    person, zone = rehearsal.prospect, rehearsal.zone
    return {
        "cadence": rehearsal.cadence.name, "mailbox": rehearsal.mailbox.name, "zone": zone.key,
        "prospect": {"address": person.address, "sample": sample, "columns": dict(person.columns)},
        "touches": [
            {
                "number": number, "step": one.touch.step, "channel": one.touch.channel, "due": say.utc(one.touch.due),
                "local": say.local(one.touch.due, zone), "deadline": say.utc(one.touch.deadline), "why": list(one.why), "subject": one.subject,
                "text": one.text, "thread": one.thread, "item": one.item, "skipped": one.skipped, "problem": one.problem,
            }
            for number, one in enumerate(shown, 1)
        ],
        "ended": rehearsal.ended, "silent_at": say.utc(rehearsal.enrollment.until), "then": rehearsal.cadence.end_enroll,
    }  # fmt: skip


def _print(rehearsal: Rehearsal, shown: list[Shown], *, sample: bool) -> None:
    person, zone = rehearsal.prospect, rehearsal.zone
    whom = (
        f"a sample prospect ({person.display_name}, {person.address})"
        if sample
        else f"{person.display_name} {person.address}".strip()
    )
    say.line(f"{rehearsal.cadence.name}: what {whom} gets from {rehearsal.mailbox.address}, if nobody answers")
    for number, one in enumerate(shown, 1):
        touch = one.touch
        say.heading(f"{number}. {touch.step} ({touch.channel}) on {speak(touch.due, zone)}")
        for rule in one.why:
            say.line(f"   - {rule}")
        if touch.deadline:
            say.line(f"   - to be done by {speak(touch.deadline, zone)}")
        if one.skipped or one.problem:
            say.line(f"   {'skipped: ' + one.skipped if one.skipped else 'can not be written: ' + one.problem}")
            continue
        say.line()
        say.line(f"   {'Subject' if touch.channel == 'email' else 'Task'}: {one.subject}")
        say.line()
        say.block(one.text, "   ")
    say.heading("The end")
    say.block(_end(rehearsal), "   ")


def _end(rehearsal: Rehearsal) -> str:
    if rehearsal.ended:
        return f"It ends here: {rehearsal.ended}."
    until, then = rehearsal.enrollment.until, rehearsal.cadence.end_enroll
    date = speak(until, rehearsal.zone) if until else "its last wait is over"
    return f"If nobody has answered by {date}, the outcome is silent{f', and {then} begins' if then else ''}."
