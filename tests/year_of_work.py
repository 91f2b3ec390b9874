"""A year of simulated work: two reps, the starter cadences, people who answer in every way, and reps who do what reps do.

    with lived(folder, people=80, seed=1) as simulation:
        ...

Everything that people do is drawn from one seed. What followupd makes of it is its own affair: nothing here looks into the store, but to
see which tasks and which doubtful answers a rep would see on the screen.
"""

from __future__ import annotations

import heapq
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from followupd import desk, meetings, starter
from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.core.lifecycle import NotNow
from followupd.core.model import Delivery, Doubtful, Refused, ReplyKind
from followupd.demo.people import Person
from followupd.demo.script import complaint_mail, original_of, report_mail
from followupd.files.workspace import Workspace, load_workspace
from followupd.office import Office
from followupd.simulation import Sent, Simulation

START = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
YEAR = timedelta(days=365)

CONFIG = """\
store: followupd.db
company: {name: Example Ltd, postal_address: "1 Main Street, Springfield", country: DE, domains: [example.com]}
defaults: {window: "mon-fri 09:00-17:00", holidays: none, timezone: Europe/Berlin}
mailboxes:
"""
MAILBOX = """\
  {name}:
    address: {name}@example.com
    name: {title} Sample
    smtp: {{host: 127.0.0.1, port: 1, security: none}}
    imap: {{host: 127.0.0.1, port: 1, security: none}}
    limits: {{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 4, per_domain: {{per_hour: 1000, per_day: 1000}}}}
    gap: 0s
"""
REPS = ("dana", "lee")

ANSWERS: tuple[tuple[int, str, str], ...] = (
    (5, "yes", "Yes, let's go ahead. Please send me the contract and I will sign it this week."),
    (4, "no", "Thank you, but we will not go ahead. It is too expensive for a company of our size."),
    (3, "no", "No thanks, we have decided to go with another supplier."),
    (3, "no", "We will not be going ahead, there is no budget for it this year or next."),
    (2, "no", "No, thank you."),
    (2, "no", "We have no need for this any more. So it is a no from us. I wish you well."),
    (3, "later", "Not right now, we are in the middle of the harvest. Please get back to me in three weeks."),
    (5, "question", "Where is the data kept, and who can read it? Our clients ask, and I would like to have an answer for them."),
    (
        2,
        "referral",
        "I am not the right person for this. Please talk to my colleague Jonas Behrens, he looks after it now: jonas@{domain}",
    ),
    (4, "opt-out", "Please take me off your list and do not send me any more emails."),
    (2, "odd", "Hm. Ask the moon, she knows the answer, and the tide does, too."),
    (3, "away", "I am out of the office until {back:%d %B %Y} and will answer after my return."),
    (3, "hard", ""),
    (1, "soft", ""),
    (1, "complaint", ""),
    (34, "", ""),
)
"""How often people do what with a mail; the last row is silence."""

GOALS = ("pricing", "hiring", "customer retention", "cash flow", "meetings", "onboarding")
REASONS = (
    "It was the price, in the end.",
    "Our budget is frozen.",
    "The timing: we are moving house.",
    "We did not trust the figures.",
    "An aged server room.",
)
"""What people answer who are asked what they would change."""


def workspace_in(folder: Path) -> Workspace:
    """The starter set, with two reps who may write as much as they like."""
    for part in starter.PARTS:
        shutil.copytree(starter.starter_folder() / part, folder / part)
    text = CONFIG + "".join(MAILBOX.format(name=name, title=name.capitalize()) for name in REPS)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    found = load_workspace(folder / "config.yaml", channels=CHANNELS, scope=SCOPE, environ={})
    assert not found.problems, found.problems
    return found


@dataclass
class Year:
    """The deeds of a year, each at its moment."""

    simulation: Simulation
    dice: Random
    _deeds: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _read: int = 0
    _done: set[str] = field(default_factory=set)

    def at(self, moment: datetime, deed: Callable[[], None]) -> None:
        """Something will happen then."""
        heapq.heappush(self._deeds, (moment.astimezone(UTC), next(self._numbers), deed))

    def live(self, until: datetime) -> None:
        """The year; every third day people read their mail, and reps look at their list."""
        while self.simulation.now() < until:
            tomorrow = min(self.simulation.now() + timedelta(days=3), until)
            while self._deeds and self._deeds[0][0] <= tomorrow:
                moment, _, deed = heapq.heappop(self._deeds)
                self.simulation.advance(moment)
                deed()
            self.simulation.advance(tomorrow)
            self._people()
            self._reps()

    # -- people

    def _people(self) -> None:
        new, self._read = self.simulation.sent[self._read :], len(self.simulation.sent)
        for mail in new:
            if mail.recipient.endswith("@example.com"):
                continue
            _, kind, text = self.dice.choices(ANSWERS, [row[0] for row in ANSWERS])[0]
            if "change one thing" in mail.text:
                kind, text = "why", self.dice.choice(REASONS)
            after = timedelta(minutes=self.dice.randint(5, 60 * 24 * 6))
            moment = self.simulation.now() + (timedelta(minutes=2) if kind in ("away", "hard", "soft") else after)
            if kind:
                self.at(moment, lambda mail=mail, kind=kind, text=text: self._answer(mail, kind, text))  # type: ignore[misc]

    def _answer(self, mail: Sent, kind: str, text: str) -> None:
        now = self.simulation.now()
        person = Person(address=mail.recipient, bounces=kind)
        if kind in ("hard", "soft"):
            raw = report_mail(person, original_of(mail.raw), now)
        elif kind == "complaint":
            raw = complaint_mail(person, original_of(mail.raw), now)
        else:
            words = text.format(domain=mail.recipient.partition("@")[2], back=now + timedelta(days=9))
            raw = self.mail(mail, words, automatic=kind == "away")
        self.simulation.receive(mail.mailbox, raw)

    def mail(self, mail: Sent, text: str, *, automatic: bool = False) -> bytes:
        """The bytes of an answer."""
        now = self.simulation.now()
        head = [
            f"From: <{mail.recipient}>", f"To: <{mail.mailbox}@example.com>", f"Subject: Re: {mail.subject}", f"Date: {format_datetime(now)}",
            f"Message-ID: <{next(self._numbers)}.{now:%Y%m%d%H%M%S}@people.example>", f"In-Reply-To: <{mail.message_id}>",
            *(["Auto-Submitted: auto-replied"] if automatic else []), "Content-Type: text/plain; charset=utf-8",
        ]  # fmt: skip
        return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()

    # -- reps

    def _reps(self) -> None:
        """Each rep does some of what is on the list, says what odd answers mean, and lets people go on."""
        office = self.simulation.office
        for task in office.store.tasks():
            if task.id in self._done or self.dice.random() < 0.6:
                continue
            self._done.add(task.id)
            done, learned = self.dice.random() < 0.85, bool(task.touch) and self.dice.random() < 0.4
            note = "a call next week" if task.kind == meetings.NEXT_STEP else "team_size=40" if learned else ""
            self._asks(
                lambda office, task=task, done=done, note=note: desk.close_task(
                    office, task.id, done=done, by=task.owner, note=note
                )
            )  # type: ignore[misc]
        for reply in office.store.reviews()[0]:
            if self.dice.random() < 0.5:
                kind = self.dice.choice([ReplyKind.NO, ReplyKind.YES, ReplyKind.ENGAGED, ReplyKind.AUTO_REPLY])
                self._asks(lambda office, reply=reply, kind=kind: desk.decide(office, reply.id, kind, "dana"))  # type: ignore[misc]
        for touch, _, _ in office.store.reviews()[1]:
            if self.dice.random() < 0.4:
                word = self.dice.choice(["sent", "skip", "again"])
                self._asks(lambda office, touch=touch, word=word: desk.settle(office, touch.id, word, "dana"))  # type: ignore[misc]
        for enrollment in office.store.enrollments():
            if enrollment.state.value == "held" and self.dice.random() < 0.3:
                self._asks(lambda office, who=enrollment.address: desk.resume(office, who))  # type: ignore[misc]
            elif self.dice.random() < 0.0004:
                self._asks(lambda office, who=enrollment.address: desk.stop(office, who, "dana"))  # type: ignore[misc]

    def _asks(self, deed: Callable[[Office], object]) -> None:
        with suppress(NotNow):  # it no longer fits
            self.simulation.request(deed)


def row_of(number: int, dice: Random) -> dict[str, str]:
    """A row of a file: two people at each company, every second one somebody else's prospect."""
    return {
        "email": f"p{number}@c{number // 2}.example", "cadence": "proposal", "first_name": f"P{number}", "last_name": "Sample", "company": f"C{number // 2}",
        "owner": REPS[number % 2], "meeting_highlight": "the handover", "challenges": dice.choice(GOALS), "goals": dice.choice(GOALS),
        "interests": dice.choice(GOALS), "timezone": dice.choice(["Europe/Berlin", "America/New_York", "Asia/Tokyo"]), "country": "FR",
    }  # fmt: skip


HOMEWORK = {
    "news": "you opened a second plant",
    "compelling_reason": "the new rules of May",
    "result_claim": "29 days instead of 41",
}


def _server(dice: Random, losses: list[Sent]) -> Callable[[Sent], Delivery | None]:
    """A mail server that takes nearly everything. One address is gone, and now and then its answer is lost."""

    def word(mail: Sent) -> Delivery | None:
        if mail.recipient.startswith("p13@"):
            return Refused(550, "5.1.1 no such user", gone=True)
        lost = not mail.recipient.endswith("@example.com") and dice.random() < 0.1
        if lost:
            losses.append(mail)
        return Doubtful("lost after the final dot") if lost else None

    return word


@contextmanager
def lived(folder: Path, *, people: int, seed: int) -> Iterator[tuple[Simulation, list[Sent]]]:
    """The whole year, and the mails of which nobody has heard whether the mail server took them."""
    dice = Random(seed)
    with Simulation(workspace_in(folder), START, seed=seed) as simulation:
        year = Year(simulation, dice)
        losses: list[Sent] = []
        simulation.answers = _server(dice, losses)
        for number in range(people):
            day = START + timedelta(days=dice.randint(0, 200), hours=dice.randint(0, 6))
            row = row_of(number, dice) | {"meeting_at": f"{day - timedelta(hours=2):%Y-%m-%d %H:%M}"}
            year.at(day, lambda row=row: simulation.enroll([row], "spring.csv"))  # type: ignore[misc]
            if number % 3 == 0:
                again = row | HOMEWORK | {"cadence": "reopen" if number % 2 else "proposal", "came_from": "old_no"}
                year.at(
                    day + timedelta(days=dice.randint(90, 120)), lambda again=again: simulation.enroll([again], "reopen-2026.csv")
                )  # type: ignore[misc]
        year.live(START + YEAR)
        yield simulation, losses
