"""`shelf`: what the shelf can answer, what it can't, and who will run dry when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followupd.cli.coverage import Coming, Way, survey
from followupd.core.model import Taken
from followupd.core.shelf import ContentItem, Recipient, Shelf, Wish
from tests.cli.conftest import Followupd
from tests.cli.rows import HEADER

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def write(folder: Path, *challenges: str) -> Path:
    """A file of people who all meet on one day, and of whom each has other challenges."""
    rows = [
        f'p{number}@x.example,proposal,P{number},Sample,Works,2026-03-03 10:00,the handover,"{text}",,Europe/Berlin\n'
        for number, text in enumerate(challenges)
    ]
    path = folder / "march.csv"
    path.write_text(HEADER + "".join(rows))
    return path


@pytest.fixture
def enrolled(workspace: Path, followupd: Followupd) -> Path:
    """Three people in `proposal`: one whose challenges the shelf answers, two for whom it has nothing."""
    assert (
        followupd(
            "add", write(workspace, "hiring, cash flow, meetings, security", "sourcing steel", "tariffs, sourcing steel").name
        ).code
        == 0
    )
    return workspace


@pytest.mark.usefixtures("enrolled")
class TestUnderWay:
    """What is told of people under way."""

    def test_coverage(self, followupd: Followupd) -> None:
        """What people said and no item answers is counted over people, the most wanted first; each step says how many it fails."""
        found = followupd("shelf", "--json").json()
        assert found["people"] == 3
        assert [(one["words"], one["people"]) for one in found["unanswered"]] == [("sourcing steel", 2), ("tariffs", 1)]
        steps = {f"{one['cadence']}/{one['step']}": (one["people"], one["nothing"]) for one in found["steps"]}
        assert steps == {"proposal/first-idea": (3, 2), "proposal/second-idea": (3, 2), "proposal/result": (3, 2)}
        assert found["dry"] == 2
        assert found["dry_people"] == []

    def test_items(self, followupd: Followupd) -> None:
        """Each item says how many people it would fit, and how often it was given."""
        items = {one["name"]: one for one in followupd("shelf", "--json").json()["items"]}
        assert (items["hiring-interviews"]["fits"], items["hiring-interviews"]["given"]) == (1, 0)
        assert items["supplier-delays"]["fits"] == 0

    def test_who(self, followupd: Followupd) -> None:
        """`--people` lists who will run dry: at which step, about when, and what was looked for."""
        listed = followupd("shelf", "--json", "--people").json()["dry_people"]
        assert [(one["address"], one["step"]) for one in listed] == [
            ("p1@x.example", "first-idea"),
            ("p2@x.example", "first-idea"),
        ]
        assert listed[0]["because"] == 'nothing on the shelf fits P1\'s challenges "sourcing steel"; no item has such a topic'

    def test_for_people(self, followupd: Followupd) -> None:
        """The page for people says the same in sentences."""
        told = followupd("shelf", "--people").out
        assert "proposal/first-idea: 2 of 3 people have nothing that fits: sourcing steel (2), tariffs (1)" in told
        assert "p2@x.example" in told

    def test_a_new_item_answers(self, enrolled: Path, followupd: Followupd) -> None:
        """An item put on the shelf is counted at once."""
        (enrolled / "content/steel.md").write_text(
            "---\ntitle: Steel\nurl: https://example.org/s\nsource: A paper\nminutes: 4\ntopics: [steel]\n---\nText.\n"
        )
        found = followupd("shelf", "--json").json()
        assert [one["words"] for one in found["unanswered"]] == ["tariffs"]
        assert {one["step"]: one["nothing"] for one in found["steps"]}["first-idea"] == 0

    def test_one_cadence(self, followupd: Followupd) -> None:
        """`--cadence` looks at one; an unknown one is named with the nearest."""
        assert followupd("shelf", "--cadence", "nurture", "--json").json()["people"] == 0
        wrong = followupd("shelf", "--cadence", "proposals")
        assert (wrong.code, 'did you mean "proposal"?' in wrong.err) == (1, True)


def test_a_file_before_it_is_enrolled(workspace: Path, followupd: Followupd) -> None:
    """`--csv` asks for the rows of a file what would become of them; rows that intake would hand back are told."""
    path = write(workspace, "hiring", "tariffs")
    path.write_text(path.read_text() + "nobody,proposal,,,,,,,,\n")
    found = followupd("shelf", "--csv", path, "--json").json()
    assert (found["people"], found["dry"], len(found["refused"])) == (2, 1, 1)
    assert followupd("shelf", "--json").json()["people"] == 0  # nobody was enrolled


def test_an_empty_workspace(workspace: Path, followupd: Followupd) -> None:
    """No item and nobody under way is no mistake."""
    for path in (workspace / "content").iterdir():
        path.unlink()
    told = followupd("shelf")
    assert (told.code, "the shelf is empty" in told.out) == (0, True)


def item(name: str, *topics: str, **more: Any) -> ContentItem:
    return ContentItem(name=name, title=name, body="", topics=topics, **more)


def way(challenges: str, *, steps: int, taken: tuple[Taken, ...] = ()) -> Way:
    wish = Wish(match=("challenges",))
    coming = tuple(Coming(step=f"s{n}", at=MONDAY + timedelta(days=7 * n), wish=wish) for n in range(steps))
    return Way(
        address="a@x.example", cadence="c", recipient=Recipient(columns={"challenges": challenges}, taken=taken), coming=coming
    )


def test_the_shelf_runs_dry_step_by_step() -> None:
    """Each step takes its item; the first that finds nothing is told with its date, and its week begins on Monday."""
    found = survey(Shelf((item("a", "steel"), item("b", "steel"))), [way("steel", steps=4)], MONDAY.date())
    assert [(one.step, one.at) for one in found.dry] == [("s2", MONDAY + timedelta(days=14))]
    assert [figures.nothing for figures in found.steps.values()] == [0, 0, 1, 1]
    assert found.weeks() == [((MONDAY + timedelta(days=14)).date(), 1)]


def test_what_expires_on_the_way_is_not_counted_on() -> None:
    """An item that is good today and over at the step's date does not fill that step."""
    shelf = Shelf((item("a", "steel", expires=MONDAY.date()),))
    assert [one.step for one in survey(shelf, [way("steel", steps=1)], MONDAY.date()).dry] == []
    late = way("steel", steps=2)
    late = Way(address=late.address, cadence="c", recipient=late.recipient, coming=late.coming[1:])
    assert [one.step for one in survey(shelf, [late], MONDAY.date()).dry] == ["s1"]


def test_expired_items_answer_nothing() -> None:
    """A topic whose only item is over counts as unanswered."""
    shelf = Shelf((item("a", "steel", expires=MONDAY.date() - timedelta(days=1)),))
    assert survey(shelf, [way("steel", steps=1)], MONDAY.date()).unanswered == {"steel": 1}
