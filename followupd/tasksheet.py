"""The tasks of a rep as a file: written for a spreadsheet program, and carried out when it comes back filled in.

Decides which file is one (its columns `task` and `answer`, whatever its name), whose tasks may be answered in which folder, and what the
receipt says of each row. What the words in `answer` do is `items.py`'s, the same as in an answer to the digest. A file that was taken in
before does nothing, and a row whose task was closed meanwhile changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from followupd import items, log
from followupd.core import orders
from followupd.core.lifecycle import NotNow, made_id
from followupd.core.model import Letter, Prospect, Task
from followupd.files.sheet import ANSWERED, Line, Row, restored, table
from followupd.letters import Heeded
from followupd.office import Office
from followupd.store import Stale

HEADER = ("task", "owner", "who", "what", "due", "words", "as_of", "answer")
"""`as_of` is when the file was written: what somebody has written since counts more than what the row says of them."""

NAME = "tasks.csv"

FAULTS = (ValueError, LookupError, TypeError, AssertionError, ArithmeticError)
"""A fault of ours with one row. The others go on."""


def is_one(header: Collection[str]) -> bool:
    """Whether a file with these columns answers tasks."""
    return set(header) >= ANSWERED and "email" not in header


# -- written -------------------------------------------------------------------------------------


def tasks_sheet(office: Office, owner: str) -> str:
    """The open tasks of a mailbox's owner, theirs as a manager included, with an empty column for the answers."""
    part = office.config.mailboxes[owner]
    return sheet_of(office, (*office.store.tasks(owner), *office.store.tasks(part.address)))


def sheet_of(office: Office, tasks: Iterable[Task]) -> str:
    """These tasks as a file. Spreadsheet programs open it as it is, and no cell of it is a formula."""
    rows, now = [HEADER], office.clock.now()
    for task in tasks:
        if task.kind == "alarm":  # it ends by itself
            continue
        zone = office.zone(task.owner if task.owner in office.config.mailboxes else next(iter(office.config.mailboxes)))
        due = items.spoken(task.deadline, zone) if task.deadline else ""
        known = office.store.person(task.address)[0] if task.address else None
        rows.append((task.id, task.owner, _who(known, task.address), task.title, due, task.text, f"{now:%FT%TZ}", ""))
    return table(rows).decode()


def _who(prospect: Prospect | None, address: str) -> str:
    name, company = (prospect.display_name, prospect.columns.get("company", "")) if prospect else ("", "")
    return ", ".join(part for part in (name, company, address) if part)


# -- filled in -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Carries out the rows of one file, each in one transaction.

    `owner` is whose folder it lay in, and `known` says whether a file with these very bytes was taken in before.
    """

    office: Office
    name: str
    owner: str
    known: bool = False

    def carry_out(self, rows: Iterable[Row]) -> Iterator[Line]:
        """What became of each row."""
        for row in rows:
            task = self.office.store.find(Task, row.columns.get("task", "").strip())
            result, reason = ("duplicate", "this very file was taken in before") if self.known else self._row(row, task)
            yield row.line, task.address if task else "", result, reason

    def _row(self, row: Row, task: Task | None) -> tuple[str, str]:
        if row.problem:
            return "rejected", row.problem
        said = " ".join(restored(row.columns.get("answer", "").strip()).split())
        if not said:
            return "accepted", "no answer: it is left as it is"
        if task is None:
            return "rejected", f'there is no task "{row.columns.get("task", "")[:40]}"; followupd tasks lists them'
        if problem := self._foreign(task):
            return "rejected", problem
        try:
            written = self._written(row, task)
        except ValueError:
            return "rejected", f'as_of: "{row.columns["as_of"][:40]}" is no time; leave that column as it was'
        for _ in range(RETRIES):
            try:
                found = self._heeded(task, said, written)
                self.office.store.apply_one(found.change)
            except Stale:
                continue
            except (*FAULTS, NotNow) as problem:
                log.trouble("answer-line-failed", letter=self.name, line=row.line, problem=f"{type(problem).__name__}: {problem}")
                return "rejected", f"nothing is changed: {problem}"
            return "accepted" if found.understood else "rejected", found.said
        return "rejected", "nothing is changed: the daemon is changing the same rows; lay the row into the inbox again"

    def _foreign(self, task: Task) -> str:
        """Why this task may not be answered in this folder, or nothing."""
        config = self.office.config
        part = config.mailboxes.get(self.owner)
        if part is None:
            return f"lay this file into the folder of whoever the task is for, such as inbox/{next(iter(config.mailboxes))}/"
        if task.owner in (self.owner, part.address):
            return ""
        return f"this is a task of {task.owner}, and the file lay in the folder of {self.owner}"

    def _written(self, row: Row, task: Task) -> datetime:
        """When the file was written; without that nobody's word since the task was made is passed over. Raises ValueError."""
        text = row.columns.get("as_of", "").strip()
        if not text:
            return task.created
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError(text)
        return found

    def _heeded(self, task: Task, said: str, written: datetime) -> Heeded:
        """What the answer in a row does: as if it were the answer to a letter with this one task."""
        now = self.office.clock.now()
        item = {"kind": "task", "id": task.id, "address": task.address, "title": task.title}
        part = self.office.config.mailboxes[self.owner]
        letter = Letter(
            id=made_id("sheet", self.owner, written.isoformat()), kind=items.SHEET, mailbox=self.owner, to=part.address, subject=self.name, text="", created=written, due=now,
            items=(item,),
        )  # fmt: skip
        found = orders.lines(said, [task.title])
        if len(found) != 1 or found[0].doubt:
            return items.asked(found[0].doubt if found else "there are no words that can be read as an order")
        order = orders.meant(said, now.date())
        if order.verb == "learn":
            return items.learn(self.office, letter, item, order.note, now)
        return items.task(self.office, letter, item, found[0].words, now)


RETRIES = 20
"""How often a row is judged anew because the daemon has just moved what it is about."""
