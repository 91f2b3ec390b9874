"""kill -9 at random moments, against a server that loses answers, while people say no: the outside judge counts.

    FOLLOWUPD_KILLS=2000 FOLLOWUPD_SEED=7 pytest --torture tests/torture/test_random_kills.py -s

Daemons live for a few hundred milliseconds. Between two of them some people answer "No thanks": nothing may reach them after that.
A share of the answers to the final dot is lost, half of them with the mail taken and half with it dropped. Where the mail server keeps
a copy of what it takes in Sent, each doubt about such a mail must be settled by itself, and only what was dropped stays doubtful. Where
it keeps none, what nobody can know must be listed. Everything else has arrived exactly once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from followupd.bench.servers import wait_until
from followupd.core.model import TouchState
from tests.crash.scene import Backstage, Scene, all_settled, scene, stop, verdict
from tests.faults import Toll
from tests.servers.smtp import Mail, fate, parse_log

LOSES = 0.04
"""Share of the mails whose answer is lost."""

MEETS_MAIL = 0.5
"""Share of the kills that wait until the daemon has sent something; the others come at any moment from its first."""

LONGEST = 0.5
"""Seconds: the longest life after that moment."""

ANSWER = 0.3
"""How often somebody answers between two daemons."""

FEW = int(os.environ.get("FOLLOWUPD_KILLS", "24"))
MANY = int(os.environ.get("FOLLOWUPD_KILLS", "2000"))
SEED = int(os.environ.get("FOLLOWUPD_SEED", "8025"))


class Log:
    """The judge's log, read on from where it was read last."""

    def __init__(self, path: Path) -> None:
        """Nothing was read yet."""
        self._path, self._read = path, 0
        self.mails: list[Mail] = []

    def more(self) -> list[Mail]:
        """All mails so far."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._read += len(whole) + 1
                self.mails += parse_log(whole)
        return self.mails


@dataclass
class Run:
    """One run of kills and what it has seen."""

    stage: Scene
    people: list[str]
    dice: random.Random
    answered: dict[str, int] = field(default_factory=dict)  # how many mails the judge had when the answer lay there
    busy: int = 0

    def __post_init__(self) -> None:
        """Look at the judge's log."""
        self.log = Log(self.stage.judged)

    def kill(self) -> None:
        """One daemon, from its start to its violent end."""
        before = len(self.log.more())
        process = self.stage.start()
        if self.dice.random() < MEETS_MAIL:
            wait_until(lambda: len(self.log.more()) > before or process.poll() is not None or self.over(), limit=60)
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.dice.random() * LONGEST)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL, self.stage.log[-3000:]
        self.busy += len(self.log.more()) > before

    def over(self) -> bool:
        """Whether there is nothing left to send."""
        return len(self.log.mails) > len(self.people) and all_settled(self.stage, 0)

    def somebody_answers(self) -> None:
        """Somebody who has had a mail says no, while no daemon runs. The last mail of the dead one may still be under way to the judge."""
        asked = {mail.recipients[0]: mail for mail in self.log.more()}
        if left := [one for one in asked if one not in self.answered]:
            who = self.dice.choice(sorted(left))
            self.stage.answer(who, asked[who].message_id)
            self.answered[who] = len(self.log.more())


def killed_at_random(stage: Scene, kills: int, toll: Toll, seed: int) -> None:
    """So many kills, and the count."""
    run = Run(stage, [f"p{number:05}@prospects.test" for number in range(12 + kills)], random.Random(seed))
    stage.drop("quick.csv", run.people)
    for _ in range(kills):
        run.kill()
        if run.dice.random() < ANSWER:
            run.somebody_answers()
    last = stage.start(SLOW="0")
    wait_until(lambda: all_settled(stage, len(run.people) - len(_finished(stage, run.people))), limit=300 + kills)
    wait_until(lambda: all(_heeded(stage, who) for who in run.answered), limit=120)
    assert stop(last) == 0
    judge(run, kills, toll, seed)


def _heeded(stage: Scene, who: str) -> bool:
    """Whether an answer has had its effect. A reader that was starved of time does not guess what it means: then a human is asked."""
    (enrollment,) = stage.store.person(who)[1]
    replies, _ = stage.store.reviews()
    return enrollment.outcome == "no" or any(reply.enrollment == enrollment.id for reply in replies)


def _finished(stage: Scene, people: list[str]) -> list[str]:
    open_ones = {one.address for one in stage.store.enrollments()}
    return [who for who in people if who not in open_ones and stage.store.person(who)[1]]


def judge(run: Run, kills: int, toll: Toll, seed: int) -> None:
    """Join what the judge has written down with what the store says."""
    mails, store = run.log.more(), run.stage.store
    names = Counter(mail.message_id for mail in mails)
    twice = [name for name, count in names.items() if count > 1]
    after = [m for n, m in enumerate(mails) if n >= run.answered.get(m.recipients[0], len(mails) + 1)]
    doubts = {touch.message_id: enrollment.address for touch, enrollment, _ in store.reviews()[1]}
    lost, unrecorded, dropped, proved = [], [], 0, 0
    for who in run.people:
        (enrollment,) = store.person(who)[1]
        for touch in store.touches(enrollment.id):
            arrived = touch.message_id in names
            doubtful = touch.message_id in doubts
            dropped += doubtful and not arrived
            proved += touch.text.startswith("proved")
            if touch.state == TouchState.SENT and not arrived:
                lost.append(f"{who} {touch.step}: sent, says the store")
            elif touch.state not in (TouchState.SENT, TouchState.DOUBTFUL, TouchState.SKIPPED):
                lost.append(f"{who} {touch.step}: {touch.state.value}")
            elif arrived and touch.state == TouchState.SKIPPED:
                unrecorded.append(f"{who} {touch.step}: arrived, and skipped says the store")
        missing = 2 - sum(mail.recipients[0] == who for mail in mails)
        if missing and who not in doubts.values() and who not in run.answered:
            lost.append(f"{who} lacks {missing}")
    replies = [who for who in run.answered if [event.kind for event in store.timeline(who)].count("reply") != 1]
    befell = Counter(fate(name, LOSES) for name in {*names, *doubts})
    print(
        f"seed {seed}: {kills} kills, mails arrived in {run.busy} of the lives; {len(mails)} mails, answers lost {befell['taken']} taken and "
        f"{befell['dropped']} dropped; {len(run.answered)} people said no; {proved} doubts settled by their copy; doubtful {len(doubts)}, "
        f"of which {dropped} never arrived; twice {len(twice)}, lost {len(lost)}, after an answer {len(after)}, answers lost {len(replies)}"
    )
    assert run.busy > kills / 5  # the kills met daemons at work
    assert unrecorded == []
    assert {name for name in doubts if fate(name, LOSES) == "dropped"}.isdisjoint(names)
    if run.stage.copies:
        assert names.keys().isdisjoint(doubts)
        assert proved >= befell["taken"]
    toll(
        injected=kills + befell["taken"] + befell["dropped"], twice=len(twice), after_answer=len(after), replies_lost=len(replies),
        touches_lost=len(lost),
    )  # fmt: skip


PLACES = ("sqlite", "postgresql")


def _scene(folder: Path, place: str, shared: Backstage, request: pytest.FixtureRequest, *, copies: bool):  # type: ignore[no-untyped-def]
    url = request.getfixturevalue("postgres_url").replace("+psycopg", "") if place == "postgresql" else ""
    return scene(
        folder, store=f'"{url}"' if url else "followupd.db", delay=0.02, in_flight=3, shared=shared, loses=LOSES, copies=copies
    )


@pytest.mark.fault("F1", "F29", "F30")
@pytest.mark.parametrize(
    ("place", "copies"), [("sqlite", True), ("postgresql", True), pytest.param("sqlite", False, marks=pytest.mark.nightly)]
)
def test_few(place: str, copies: bool, tmp_path: Path, shared: Backstage, toll: Toll, request: pytest.FixtureRequest) -> None:
    """Killed at random: none twice, none lost, nothing after an answer; what is known by its copy is settled, the rest is listed."""
    with _scene(tmp_path / "w", place, shared, request, copies=copies) as stage:
        stage.environ["SLOW"] = "0.1"
        killed_at_random(stage, FEW if place == "sqlite" and copies else FEW // 2, toll, SEED)


@pytest.mark.fault("F3")
def test_sixteen_in_flight(tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """Four mailboxes with four mails in flight each: after a kill at most those sixteen can be in doubt."""
    with scene(tmp_path / "w", delay=1.5, in_flight=4, shared=shared, mailboxes=4) as stage:
        people = [f"p{number:03}@prospects.test" for number in range(20)]
        stage.drop("quick.csv", people)
        process = stage.start()
        wait_until(lambda: stage.mails().total() >= 12, limit=60)  # the answers are still under way
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
        last = stage.start()
        wait_until(lambda: all_settled(stage, len(people)), limit=120)
        assert stop(last) == 0
        found = verdict(stage, people, 2)
        print(f"{len(found.doubtful)} of 16 in doubt")
        assert 1 <= len(found.doubtful) <= 16
        toll(injected=1, twice=len(found.twice), touches_lost=len(found.lost))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.fault("F1", "F29", "F30")
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("place", PLACES)
def test_many(place: str, part: int, tmp_path: Path, shared: Backstage, toll: Toll, request: pytest.FixtureRequest) -> None:
    """The same two thousand times on each database, in four parts that may run side by side; the last one without copies."""
    with _scene(tmp_path / "w", place, shared, request, copies=part < 3) as stage:
        stage.environ["SLOW"] = "0.1"
        killed_at_random(stage, MANY // 4, toll, SEED + part)


@pytest.mark.fault("F1")
def test_who_resends_on_doubt_is_seen(tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """Control: with the rule of most mailers, to send again what is in doubt, the same judge counts doubles."""
    with scene(tmp_path / "w", delay=0.02, shared=shared, loses=0.5) as stage:
        people = [f"p{number}@prospects.test" for number in range(6)]
        stage.drop("quick.csv", people)
        process = stage.start("server accepted", "2", POLICY="resend on doubt")
        assert process.wait(60) == -signal.SIGKILL, stage.log
        process = stage.start(POLICY="resend on doubt")
        wait_until(lambda: len(stage.mails()) and max(stage.mails().values()) > 1, limit=60)
        process.kill()
        process.wait(30)
        toll(injected=1)
