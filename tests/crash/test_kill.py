"""kill -9 anywhere: nothing is sent twice, nothing is lost, and what can't be known is listed.

The judge is the mail server's own log, written and synced before it says 250. Each test proves that its kill happened.
"""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.bench.servers import wait_until
from followupd.store import schema
from tests.crash.runner import ANSWERS, IN_DOUBT, INTAKE, ONCE, POINTS
from tests.crash.scene import Backstage, Scene, all_settled, scene, stop, verdict
from tests.faults import Toll

PEOPLE = [f"p{number:03}@prospects.test" for number in range(4)]


def _rows(point: str) -> object:
    return pytest.param(point, marks=pytest.mark.fault("F5" if point in INTAKE else "F1"))


@pytest.mark.parametrize("point", [_rows(name) for name in POINTS if name not in ANSWERS])
def test_named_point(point: str, tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """Killed at a named point of intake or dispatch and started again: each touch arrives once, or is listed as doubtful."""
    _killed_at(point, tmp_path, shared, toll, copies=False)


@pytest.mark.fault("F1", "F29")
@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if number < 2 else pytest.mark.nightly) for number, one in enumerate(sorted(IN_DOUBT))]
)
def test_named_point_with_copies(point: str, tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """The same where the mail server keeps what it took in Sent: what lies there is settled by itself, and the cadence goes on."""
    _killed_at(point, tmp_path, shared, toll, copies=True)


def _killed_at(point: str, tmp_path: Path, shared: Backstage, toll: Toll, *, copies: bool) -> None:
    with scene(tmp_path / "w", shared=shared, copies=copies) as stage:
        stage.drop("quick.csv", PEOPLE)
        nth = "1" if point in ONCE else "2"
        first = stage.start(point, nth)
        assert first.wait(60) == -signal.SIGKILL, (stage.folder / "daemon.log").read_text()
        second = stage.start()
        wait_until(lambda: all_settled(stage, len(PEOPLE)), limit=60)
        assert stop(second) == 0
        found = verdict(stage, PEOPLE, 2)
        toll(injected=1, twice=len(found.twice), touches_lost=len(found.lost))
        assert found.doubtful == () or point in IN_DOUBT
        assert len(found.doubtful) <= 1  # never more than were in flight
        assert found.unsettled == ()
        assert (stage.folder / "inbox/done/quick.csv").exists()
        assert (stage.folder / "inbox/quick.receipt.csv").read_text("utf-8-sig").count(",accepted,") + _recognised(
            stage.folder
        ) == len(PEOPLE)


def _recognised(folder: Path) -> int:
    """Rows that a killed intake had enrolled already are told from strangers' duplicates in the receipt."""
    return (folder / "inbox/quick.receipt.csv").read_text("utf-8-sig").count(",duplicate,")


@pytest.mark.fault("F4")
@pytest.mark.parametrize("point", [*sorted(ANSWERS - ONCE), "before the commit", "in the commit", "after the commit"])
def test_answer(point: str, tmp_path: Path, shared: Backstage, toll: Toll) -> None:
    """Killed while an answer is being read: it counts once, and nobody who has answered is written to again."""
    ann = "ann@prospects.test"
    with scene(tmp_path / "w", shared=shared) as stage:
        stage.drop("quick.csv", [ann])
        first = stage.start()
        wait_until(lambda: len(stage.mails()) == 1, limit=30)
        first.send_signal(signal.SIGKILL)
        assert first.wait(30) == -signal.SIGKILL
        stage.answer(ann, next(iter(stage.mails()))[1])
        wait_until(lambda: _due(stage), limit=30)  # the second touch is due: only the answer can stop it
        second = stage.start(point, "1")
        assert second.wait(60) == -signal.SIGKILL, stage.log
        ready = stage.log.count(" ready ")
        third = stage.start()
        wait_until(lambda: stage.store.person(ann)[1][0].outcome == "no", limit=30)
        wait_until(lambda: stage.log.count(" ready ") > ready, limit=30)
        assert stop(third) == 0
        assert [event.kind for event in stage.store.timeline(ann)].count("reply") == 1
        toll(injected=1, after_answer=len(stage.mails()) - 1)


def _due(stage: Scene) -> bool:
    """Whether the next touch is due; where the dead daemon had the first still in hand, that one is."""
    with stage.store.reading() as connection:
        due = connection.execute(sa.select(sa.func.min(schema.touch.c.due)).where(schema.DUE)).scalar()
    return due is None or due <= datetime.now(UTC)
