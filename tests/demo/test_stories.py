"""The demo without sockets: eleven months of the same play on the simulation, judged and told as at the end of `followupd demo`."""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from followupd import enroll
from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.clock import SeededDice
from followupd.core.model import Delivery, Refused
from followupd.demo import performance, run
from followupd.demo.people import PEOPLE, PROSPECTS, csv_text
from followupd.demo.play import Play
from followupd.demo.reps import BY_MAIL, SUPERIOR
from followupd.demo.sandbox import INBOX, SENT, Mail, Posted
from followupd.demo.stories import Story
from followupd.demo.verdict import Facts, judge
from followupd.demo.view import Silent
from followupd.files.workspace import load_workspace
from followupd.simulation import Sent, Simulation

CAST = frozenset(
    {
        performance.THE_NO, performance.THE_QUESTION, "lukasz.wozniak@wozniak-meble.example", "hannah.schulz@nordlicht-pflege.example",
        "nina.petit@petit-jardin.example", "ben.walker@walkerbikes.example", "tom.okafor@brightwell.example",
    }
)  # fmt: skip
"""Those who have a part in the stories, and a few others."""


class Rehearsal:
    """What the play needs of servers and clock, on a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation, self._order = simulation, 0
        self._names = {part.address: name for name, part in simulation.office.config.mailboxes.items()}
        self._last: dict[tuple[str, str], int] = {}
        self.mails: list[Mail] = []
        self.refused: list[str] = []
        self.play: Play

    # -- the servers

    def stamp(self) -> int:
        self._order += 1
        return self._order

    def takes(self, sent: Sent) -> Delivery | None:
        """The mail server's word."""
        if any(person.address == sent.recipient and person.bounces == "refused" for person in PEOPLE):
            self.refused.append(sent.recipient)
            return Refused(550, "5.1.1 gone", gone=True)
        headers = message_from_bytes(sent.raw)
        sender = next(part.address for name, part in self._simulation.office.config.mailboxes.items() if name == sent.mailbox)
        self.mails.append(
            Mail(order=self.stamp(), at=sent.at, sender=sender, recipient=sent.recipient, message_id=sent.message_id, subject=str(headers["Subject"]), raw=sent.raw)
        )  # fmt: skip
        if sent.recipient in self._names:
            self._put(sent.recipient, sent.raw, INBOX)
        self.play.received(self.mails[-1])
        return None

    async def post(self, mailbox: str, raw: bytes, folder: str = INBOX) -> Posted:
        """A mail comes to lie there, and is read."""
        order, uid = self.stamp(), self._put(mailbox, raw, folder)
        if folder == SENT or not raw.startswith(b"From: followupd"):
            await self._simulation._read(self._names[mailbox])
        return Posted(order=order, at=self.now(), mailbox=mailbox, folder=folder, uid=uid, raw=raw)

    def last_uid(self, mailbox: str, folder: str = INBOX) -> int:
        return self._last.get((mailbox, folder), 0)

    def _put(self, mailbox: str, raw: bytes, folder: str) -> int:
        self._simulation.leave(self._names[mailbox], raw, folder)
        self._last[mailbox, folder] = self.last_uid(mailbox, folder) + 1
        return self._last[mailbox, folder]

    # -- the clock

    def now(self) -> datetime:
        return self._simulation.now()

    def hasten(self, times: float) -> None:
        """It leaps anyway."""

    # -- the calendar

    async def plays(self, end: datetime) -> None:
        """What `Play.run` does, one thing after the other."""
        play, clock = self.play, self._simulation._clock
        while self.now() < end:
            await play._show()
            stop = await play._next_stop()
            deed = play._calendar[0] if play._calendar and play._calendar[0][0] <= stop else None
            clock.moment = max(clock.moment, deed[0] if deed else stop)
            if deed:
                heapq.heappop(play._calendar)
                await deed[2]()
            for path in play._lists():
                enroll.take_in(self._simulation.office, path)
            await self._simulation._rest()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Facts, tuple[Story, ...]]]:
    """The play until its stories are over, with some of its people."""
    folder: Path = tmp_path_factory.mktemp("demo")
    environ = performance.write_workspace(folder, SimpleNamespace(smtp_port=1, imap_port=1))  # type: ignore[arg-type]
    workspace = load_workspace(folder / "config.yaml", channels=CHANNELS, scope=SCOPE, environ=environ)
    days, end = timedelta(days=run.DAYS), datetime(2027, 1, 20, tzinfo=UTC)
    assert end < performance.START + timedelta(days=run.DAYS + run.CALM)
    simulation = Simulation(workspace, performance.START)
    try:
        rehearsal = Rehearsal(simulation)
        rehearsal.play = play = Play(rehearsal, Silent(), performance.START + days, end)  # type: ignore[arg-type]
        simulation.answers = rehearsal.takes
        play.begin(simulation._world, rehearsal, SeededDice(2))  # type: ignore[arg-type]
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(csv_text(performance.START.date()))))
        simulation.enroll([row for row in rows if row["email"] in CAST], source="prospects.csv")
        simulation._run(rehearsal.plays(end))
        yield performance.looked_back(play.record())
    finally:
        simulation.close()


def test_every_promise_is_kept(told: tuple[Facts, tuple[Story, ...]]) -> None:
    """Over eleven months the judge finds nothing broken but that those who are not in the cast got no mail."""
    verdict = judge(told[0])
    assert [one for one in verdict.broken if "never written to" not in one] == []
    assert len(verdict.broken) == len(PROSPECTS) - len(CAST)
    assert verdict.noes == 2
    assert {
        "digest",
        "debrief",
        "reminder",
        "escalation",
        "referral",
        "next-step",
        "reason",
        "reopen",
        "re: digest",
    } <= verdict.letters.keys()


def test_the_story_of_a_no(told: tuple[Facts, tuple[Story, ...]]) -> None:
    """Thanked with their own words, looked back at, asked once, kept warm, and a yes after the new year: in this order, and none of it canned."""
    no = told[1][0]
    happened = [line.what for line in no.lines]
    wanted = [
        "written to (thanks)",
        "answered: no",
        "Dana Reyes was told by mail (debrief)",
        "looked back at",
        "thanked",
        "asked one question",
    ]
    wanted += [
        "answered: engaged",
        "kept as the real reason (other)",
        "sent something to read, and nothing to buy",
        "on the yearly list of old noes",
    ]
    wanted += ["reopened, with homework", "written to (new-reason)", "answered: yes", "ended: yes"]
    assert sorted(wanted, key=happened.index) == wanted
    words = {line.what: line.words for line in no.lines}
    assert "we have decided to go with another supplier" in words["thanked"]
    assert words["asked one question"].endswith("?")
    assert "asked and let them speak" in words["looked back at"]
    assert "the others could start in March" in words["kept as the real reason (other)"]
    assert "Lyon" in words["reopened, with homework"]
    assert [line.at for line in no.lines] == sorted(line.at for line in no.lines)


def test_the_story_of_a_question(told: tuple[Facts, tuple[Story, ...]]) -> None:
    """The rep is reminded, then the manager told, then it is answered by hand, which the daemon sees; each with its date."""
    question = told[1][1]
    happened = [line.what for line in question.lines if "(digest)" not in line.what]
    assert happened == [
        "answered: engaged", "Lee Novak was told by mail (reminder)", f"{SUPERIOR} was told by mail (escalation)", "Lee Novak answered by hand",
        "noticed in the folder of sent mail",
    ]  # fmt: skip
    assert "room on the price" in question.lines[0].words
    assert question.as_json()["lines"][0]["at"].startswith("2026-")


def test_what_the_readme_says(told: tuple[Facts, tuple[Story, ...]]) -> None:
    """The figures and names in README's words about the demo are those of the play, and Dana does nothing but answer her mail."""
    words = " ".join((Path(__file__).parents[2] / "README.md").read_text("utf-8").split())
    months = (performance.START + timedelta(days=run.DAYS + run.CALM)).month - performance.START.month + 12
    assert (len(PEOPLE), len(performance.OWNERS), months) == (40, 2, 14)
    assert all(
        one in words
        for one in (
            "forty prospects who answer, two reps, fourteen months",
            "Dana, works by mail alone",
            "until his manager hears of it",
        )
    )
    assert {"dana"} == BY_MAIL
    assert told[0].unheeded == ()
    assert any(one.kind == "re: digest" and one.to == "dana@example.com" for one in told[0].told)
