"""The examples of the manual, played: what a table says of the block above it is what the real stories do.

A block is completed to a workspace. Lines such as `# cadences/hello.yaml` cut it into files; without one it is a cadence, steps, or
keys of a cadence's head, by what it begins with. Messages and content are those of the starter set, as far as they are named.

A table whose first word is `saved` tells what comes of a CSV row that is saved then, on the prospect's clock:

- a step in backticks: when its mail leaves or the rep gets its task, `skipped` or `never`; in brackets words of it
- another name in backticks: a column of the row (and `variant`, the arm that is drawn)
- `meanwhile`: what people do, and when
- `then`: what becomes of it
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml

from followupd import desk
from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.cli.rehearsal import rehearse
from followupd.clock import SeededDice
from followupd.core import when
from followupd.core.lifecycle import task_id
from followupd.core.model import Enrollment, Event, Task, Touch, TouchState
from followupd.enroll import rules_of
from followupd.files.prospects import Row
from followupd.files.workspace import Workspace, load_workspace
from followupd.office import Office
from followupd.simulation import Sent, Simulation
from followupd.simulation.surroundings import JumpingClock
from followupd.store import Store
from tests.docs.pages import Block, Table, plain, read

ROOT = Path(__file__).parents[2]

CONFIG: dict[str, Any] = {
    "company": {"name": "Example Ltd", "postal_address": "1 Main Street, Springfield", "domains": ["example.com"]},
    "defaults": {"window": "mon-fri 09:00-17:00", "holidays": "prospect", "timezone": "America/New_York"},
    "mailboxes": {
        name: {
            "address": f"{name}@example.com", "name": full, "smtp": {"host": "127.0.0.1", "security": "none"},
            "imap": {"host": "127.0.0.1", "security": "none"},
        }
        for name, full in (("dana", "Dana Reyes"), ("lee", "Lee Ito"))
    },
}  # fmt: skip

SMALL = next(block.text for block in read(ROOT / "docs/cadence.md").blocks if block.language == "yaml")
STEPS = SMALL[SMALL.index("steps:\n") : SMALL.index("replies:\n")]
"""What the head stands above where an example shows the head alone: the steps of the small cadence."""

AROUND_A_MESSAGE = """
cadence: example
steps:
  - {id: thanks, email: thank-you}
  - {id: example, email: example, after: 1d, pick: {match: [challenges]}, doors: [yes, later, no]}
"""

ANN = {
    "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee", "company": "Acme", "country": "DE", "basis": "consent", "owner": "dana",
    "challenges": "energy costs", "meeting_highlight": "the queue outside your first shop",
}  # fmt: skip

NAMED = "example"
LONG = timedelta(days=100)
"""So long it goes on after the last thing that people do, or until all is as the row says."""

# -- a block as a workspace ----------------------------------------------------------------------


def files_of(block: Block) -> dict[str, str]:
    """The files that a block stands for, by path; a later edit of a file has `, edited` behind its path."""
    pieces = re.split(r"^# ([a-z-]+(?:/[a-z0-9./-]+)?\.(?:yaml|md)(?:, edited)?)$\n?", block.text, flags=re.MULTILINE)
    named = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if pieces[0].strip() and not named:
        path, text = _guessed(block.text, block.language)
        named[path] = text
    found = {}
    for path, text in named.items():
        if path.startswith("cadences/"):
            text = _whole(text, path.partition(",")[0].rpartition("/")[2].removesuffix(".yaml"))
        found[path] = text
    if not any(path.startswith("cadences/") for path in found):
        message = any(path.startswith("templates/example") for path in found)
        found[f"cadences/{NAMED}.yaml"] = AROUND_A_MESSAGE if message else _whole("", NAMED)
    return found


def _guessed(text: str, language: str) -> tuple[str, str]:
    if language == "yaml":
        name = re.search(r"^cadence: (\S+)", text, re.MULTILINE)
        return f"cadences/{name[1] if name else NAMED}.yaml", text
    if not text.startswith("---"):
        return "templates/example.md", f"---\nsubject: An example\n---\n{text}"
    head = text.split("---")[1]
    if "topics:" in head:
        return "content/example.md", text
    return ("templates/example.md" if "subject:" in head else "templates/tasks/call.md"), text


def _whole(text: str, name: str) -> str:
    """A cadence, whatever part of it is shown."""
    if text.startswith("- "):
        text = "steps:\n" + "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    if not re.search(r"^cadence:", text, re.MULTILINE):
        text = f"cadence: {name}\n{text}"
    return text if re.search(r"^steps:", text, re.MULTILINE) else text + STEPS


def write(folder: Path, files: Mapping[str, str], tables: list[Table]) -> None:
    """A workspace on disk."""
    words = " ".join([*files.values(), *(cell for table in tables for row in table.rows for cell in row)])
    for path in (ROOT / "cadences").glob("*.yaml"):
        if f"cadences/{path.name}" not in files and re.search(rf"\b{path.stem}\b", words):
            files = {f"cadences/{path.name}": path.read_text("utf-8"), **files}
    words = " ".join([words, *files.values()])
    for path in (ROOT / "templates").rglob("*.md"):
        if re.search(rf"\b{path.stem}\b", words):
            _copy(path, folder)
    if "pick" in words or "content" in words:
        for path in (ROOT / "content").iterdir():
            _copy(path, folder)
    for name, text in files.items():
        if not name.endswith(", edited") and name != "config.yaml":
            _write(folder / name, text)
    config = _deep(CONFIG, yaml.safe_load(files.get("config.yaml", "{}")))
    _write(folder / "config.yaml", json.dumps(config))


def _copy(path: Path, folder: Path) -> None:
    target = folder / path.relative_to(ROOT)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(path, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _deep(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return {**one, **{key: _deep(one[key], value) if key in one else value for key, value in other.items()}}


def load(folder: Path) -> Workspace:
    """The workspace in a folder, as `check` reads it."""
    return load_workspace(folder / "config.yaml", channels=CHANNELS, environ={}, scope=SCOPE)


# -- moments and deeds ---------------------------------------------------------------------------

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOMENT = r"([A-Z][a-z]{2}) ([0-9]{1,2}) ([A-Z][a-z]{2})(?: ([0-9]{4}))? ([0-9]{2}):([0-9]{2})"


def moment(text: str, year: int) -> datetime:
    """`Thu 12 Nov 2026 10:00`, on whatever wall; without a year that of the row."""
    found = re.fullmatch(_MOMENT, text)
    assert found, f'"{text}" is no date such as "Thu 12 Nov 10:00"'
    weekday, day, month, own, hour, minute = found.groups()
    at = datetime(int(own or year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute))  # noqa: DTZ001  (a wall time)
    assert f"{at:%a}" == weekday, f"{text}: that is a {at:%A}"
    return at


@dataclass
class Play:
    """One row of a table, while it is played."""

    simulation: Simulation
    folder: Path
    files: Mapping[str, str]
    cadence: str
    columns: dict[str, str]
    zone: ZoneInfo
    year: int
    receipts: list[str] = field(default_factory=list)

    def enroll(self, cadence: str) -> None:
        """The row is saved, for that cadence."""
        ((_, _, result, reason),) = self.simulation.enroll([{**self.columns, "cadence": cadence}])
        if result != "accepted":
            self.receipts.append(f"{result}: {reason}")

    def local(self, wall: datetime) -> datetime:
        """A time on the prospect's wall, as an instant."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def happen(self, text: str) -> None:
        """`Fri 13 Nov 11:00 she writes "No thanks."`"""
        found = re.fullmatch(rf"({_MOMENT}) (.+)", text)
        assert found, f"what happens when: {text}"
        self.simulation.advance(self.local(moment(found[1], self.year)))
        for pattern, deed in DEEDS:
            said = re.fullmatch(pattern, found[8])
            if said:
                deed(self, *said.groups())
                return
        raise AssertionError(f"nobody knows how to do this: {found[8]}")

    def writes(self, text: str, automatic: str = "") -> None:
        """An answer to the latest mail."""
        mail = self.simulation.sent[-1]
        now = self.simulation.now()
        head = [
            f"From: <{mail.recipient}>", f"Subject: Re: {mail.subject}", f"Date: {format_datetime(now)}",
            f"Message-ID: <{now.timestamp():.0f}@acme.example>", f"In-Reply-To: <{mail.message_id}>",
            *([f"Auto-Submitted: {automatic}"] if automatic else []), "Content-Type: text/plain; charset=utf-8",
        ]  # fmt: skip
        self.simulation.receive(mail.mailbox, ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode())

    def away(self, text: str) -> None:
        """Their mail program answers by itself."""
        self.writes(text, "auto-replied")

    def closes(self, verb: str, step: str) -> None:
        """The rep has done a task, or drops it."""
        task = next(one for one in self.tasks() if one.state == "open" and self.step_of(one) == step)
        self.simulation.request(lambda office: desk.close_task(office, task.id, done=verb == "has done", by="Dana"))

    def edited(self) -> None:
        """Somebody edits the files."""
        for path, text in self.files.items():
            if path.endswith(", edited"):
                _write(self.folder / path.removesuffix(", edited"), text)
        workspace = load(self.folder)
        assert not workspace.problems, workspace.problems
        self.simulation.reload(workspace)

    def moved(self) -> None:
        """Somebody asks for the move to the cadence of today."""
        for one in self.enrollments():
            if one.outcome is None:
                self.simulation.request(partial(desk.migrate, enrollment_id=one.id, by="Dana"))

    # -- what became of it

    def enrollments(self) -> tuple[Enrollment, ...]:
        return self.simulation.office.store.person(self.columns["email"])[1]

    def touches(self, cadence: str) -> dict[str, Touch]:
        return {
            touch.step: touch
            for one in reversed(self.enrollments())
            for touch in self.simulation.office.store.touches(one.id)
            if one.cadence == cadence
        }

    def events(self) -> tuple[Event, ...]:
        return self.simulation.office.store.timeline(self.columns["email"], 1000)

    def tasks(self) -> list[Task]:
        store = self.simulation.office.store
        touches = [touch for one in self.enrollments() for touch in store.touches(one.id)]
        own = [found for touch in touches if (found := store.find(Task, task_id(touch)))]
        return own + [one for one in store.tasks() if not one.touch]

    def step_of(self, task: Task) -> str:
        touch = self.simulation.office.store.find(Touch, task.touch)
        return touch.step if touch else task.kind

    def came(self, name: str) -> Came:
        """What came of a step, `step` or `cadence/step`."""
        cadence, _, step = name.rpartition("/")
        touch = self.touches(cadence or self.cadence).get(step)
        events = [event for event in self.events() if touch and event.touch == touch.id]
        at = next((event.at for event in events if event.kind in {"touch_sent", "task"}), None)
        if touch is None or (at is None and not any(event.kind == "touch_skipped" for event in events)):
            return Came("never")
        local = at.astimezone(self.zone).replace(tzinfo=None) if at else None
        return Came("skipped" if touch.state == TouchState.SKIPPED else "came", local, self.words(touch))

    def words(self, touch: Touch) -> str:
        """What stands in the mail or the task of a step."""
        mail = next((one for one in self.simulation.sent if one.message_id == touch.message_id and touch.message_id), None)
        task = self.simulation.office.store.find(Task, task_id(touch))
        return _said(mail) if mail else " ".join(f"{task.title} {task.text}".split()) if task else touch.text


def _said(mail: Sent) -> str:
    return f"{mail.mailbox} {mail.subject} {' '.join(mail.text.split())}"


DEEDS: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"she writes \"(.+)\"", Play.writes),
    (r"her mail program writes \"(.+)\"", Play.away),
    (r"Dana (has done|drops) `([a-z-]+)`", Play.closes),
    (r"a row for `([a-z-]+)`", Play.enroll),
    (r"the edit", Play.edited),
    (r"the move", Play.moved),
)

# -- what a table says ---------------------------------------------------------------------------


def shown(tables: list[Table]) -> Iterator[Table]:
    """The tables that tell what happens."""
    return (table for table in tables if table.head[0] == "saved")


def check_row(
    folder: Path, files: Mapping[str, str], workspace: Workspace, head: tuple[str, ...], row: tuple[str, ...]
) -> list[str]:
    """What a row says that is not so."""
    cells = dict(zip(head, row, strict=True))
    cadence = next(path for path in files if path.startswith("cadences/")).removeprefix("cadences/").partition(".")[0]
    edition = workspace.editions[cadence]
    steps = {f"{name}/{step.id}" for name, each in workspace.cadences.items() for step in each.steps}
    steps |= {step.id for step in edition.cadence.steps} | _edited_steps(files)
    own = {plain(name): value for name, value in cells.items() if name.startswith("`") and plain(name) not in steps}
    arm = own.pop("variant", "")
    if arm:
        drawn = replace(edition, cadence=replace(edition.cadence, variants={plain(arm): 1}))
        workspace = replace(workspace, editions={**workspace.editions, cadence: drawn})
    columns, zone, wall = _setting(workspace, cadence, own, cells["saved"])
    told = {plain(name): cell for name, cell in cells.items() if name.startswith("`") and plain(name) in steps and cell}
    if not {"meanwhile", "then"} & cells.keys():
        came = rehearsed(workspace, cadence, columns, wall.replace(tzinfo=zone))
        return [why for name, cell in told.items() for why in _check_step(name, cell, came.get(name, Came("never")), wall.year)]
    with Simulation(workspace, wall.replace(tzinfo=zone).astimezone(UTC), limits=False) as simulation:
        play = Play(simulation, folder, files, cadence, columns, zone, wall.year)
        play.enroll(cadence)
        for deed in _parts(cells.get("meanwhile", "")):
            play.happen(deed)
        return _played_on(play, told, tuple(_parts(cells.get("then", ""))))


def _played_on(play: Play, told: Mapping[str, str], claims: tuple[str, ...]) -> list[str]:
    """What is not so at the end; what is never to happen is watched for to the end."""
    denied = any(cell == "never" for cell in told.values()) or any(" not " in claim or " in all" in claim for claim in claims)
    end = play.simulation.now() + LONG
    while True:
        play.simulation.advance(min(end, play.simulation.now() + LONG / 10))
        over = play.simulation.now() >= end or all(one.outcome for one in play.enrollments())
        if denied and not over:
            continue
        wrong = [why for name, cell in told.items() for why in _check_step(name, cell, play.came(name), play.year)]
        wrong += [why for claim in claims for why in _check_end(play, claim)]
        if over or not wrong:
            return wrong


def _parts(cell: str) -> Iterator[str]:
    return filter(None, map(str.strip, cell.split(";")))


def _edited_steps(files: Mapping[str, str]) -> set[str]:
    return {name for path, text in files.items() if path.endswith("edited") for name in re.findall(r"\bid: ([a-z0-9-]+)", text)}


def _setting(workspace: Workspace, cadence: str, own: Mapping[str, str], saved: str) -> tuple[dict[str, str], ZoneInfo, datetime]:
    """Ann's row, her zone, and when the row is saved on her wall. What the cadence needs beside is filled."""
    columns = {**ANN, **{name: value for name, value in own.items() if value != "-"}}
    if "timezone" in own and "country" not in own:
        del columns["country"]
    for column, _ in workspace.required(cadence, columns.get("language", "")):
        if column not in own:
            columns.setdefault(column, "something")
    columns = {name: value for name, value in columns.items() if own.get(name) != "-"}
    zone = columns.get("timezone") or _by_country(columns.get("country", "")) or workspace.cadences[cadence].timezone
    return columns, when.zone_named(zone), moment(saved, 0)


def _by_country(country: str) -> str:
    return when.zone_of_country(country.partition("-")[0]) or ""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step: its state, when (on the prospect's wall), and its words."""

    state: str
    at: datetime | None = None
    words: str = ""


def rehearsed(workspace: Workspace, cadence: str, columns: Mapping[str, str], saved: datetime) -> dict[str, Came]:
    """Each step as a preview shows it: the code that sends, without a store."""
    clock, store = JumpingClock(saved), cast("Store", None)
    rules = rules_of(Office(store=store, workspace=workspace, clock=clock, dice=SeededDice(1)), "example.csv", "dana")
    row = Row(line=2, columns={**columns, "cadence": cadence})
    play = rehearse(workspace, workspace.cadences[cadence], row, rules, clock.now())
    return {
        one.touch.step: Came(
            "skipped" if one.skipped else one.problem or "came",
            None if one.skipped or one.problem else one.touch.due.astimezone(play.zone).replace(tzinfo=None),
            " ".join(f"{play.mailbox.name} {one.subject} {one.text}".split()),
        )
        for one in play.play()
    }


def _check_step(name: str, cell: str, came: Came, year: int) -> Iterator[str]:
    said = re.fullmatch(r"([^(]*?)(?: \((.+)\))?", cell)
    assert said, cell
    if came.state != said[1] if said[1] in {"never", "skipped"} else came.at != moment(said[1], year):
        yield f"{name}: {came.state}{f' on {came.at:%a %-d %b %Y %H:%M}' if came.at else ''}, not {said[1]}"
    if said[2] and said[2] not in came.words:
        yield f'{name} does not say "{said[2]}": {came.words}'


def _check_end(play: Play, claim: str) -> Iterator[str]:
    happened = [
        *(f"{event.kind}: {event.text}" for event in play.events()),
        *(f"{one.cadence} {one.outcome.value if one.outcome else one.state.value}" for one in play.enrollments()),
        *(f"task: {one.title} {one.text}" for one in play.tasks()), *play.receipts,
        *(f"suppressed: {one.key}" for one in play.simulation.office.store.suppressions()),
    ]  # fmt: skip
    finished = [f"finished `{one.outcome}`" for one in play.enrollments() if one.outcome and one.cadence == play.cadence]
    dates = [
        f"{one.cadence} is over on {one.finished.astimezone(play.zone):%a %-d %b %Y %H:%M}"
        for one in play.enrollments()
        if one.finished
    ]
    for pattern, ask in ENDS:
        found = re.fullmatch(pattern, claim)
        if found:
            if not ask(play, found, [*happened, *finished, *dates]):
                yield f"not so: {claim}; but: " + " | ".join([*finished, *dates, *happened])
            return
    raise AssertionError(f"nobody knows how to look for this: {claim}")


def _any(text: str, happened: list[str]) -> bool:
    return any(text in one for one in happened)


ENDS: tuple[tuple[str, Callable[[Play, re.Match[str], list[str]], bool]], ...] = (
    (r"finished `([a-z_]+)`", lambda _, found, happened: _any(found[0], happened)),
    (rf"finished `([a-z_]+)` on ({_MOMENT})", lambda play, found, happened: _any(
        f"{play.cadence} is over on {moment(found[2], play.year):%a %-d %b %Y %H:%M}", happened) and _any(f"finished `{found[1]}`", happened)),
    (rf"paused until ({_MOMENT})", lambda play, found, happened: _any(
        f"paused until {play.local(moment(found[1], play.year)):%d %b %Y %H:%M} UTC", happened)),
    (r"held", lambda _, __, happened: _any("held: ", happened)),
    (r"`([a-z-]+)` begins", lambda _, found, happened: _any(f"enrolled: enrolled in {found[1]} ", happened)),
    (r"`([a-z-]+)` does not begin", lambda _, found, happened: not _any(f"enrolled in {found[1]} ", happened)),
    (r"`([a-z-]+)` ends with `([a-z]+)`", lambda _, found, happened: _any(f"{found[1]} {found[2]}", happened)),
    (r"task \"(.+)\"", lambda _, found, happened: any(found[1] in one for one in happened if one.startswith("task"))),
    (r"no task", lambda _, __, happened: not _any("task: ", happened)),
    (r"told \"(.+)\"", lambda _, found, happened: _any(found[1], happened)),
    (r"handed back: (.+)", lambda play, found, _: any(found[1] in one for one in play.receipts)),
    (r"suppressed", lambda _, __, happened: _any("suppressed: ", happened)),
    (r"(one|[0-9]+) mails? in all", lambda play, found, _: len(play.simulation.sent) == int(found[1].replace("one", "1"))),
)  # fmt: skip
