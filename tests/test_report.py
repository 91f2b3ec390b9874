"""`report` on a year of simulated work, against a recount that knows nothing but the journal and the mail server."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from followupd import starter
from followupd.cli.door import enter
from followupd.core.figures import Span
from followupd.core.figures import report as shaped
from followupd.simulation import Sent
from followupd.store import Store, figures, open_store, schema
from tests.recount import Journal, Line, recount
from tests.year_of_work import START, lived

pytestmark = pytest.mark.slow

PEOPLE = 45


@dataclass
class Lived:
    """A year that is over: its workspace with the store, its journal, and what the mail server has taken."""

    folder: Path
    journal: Journal
    taken: list[Sent]
    lost: list[Sent]
    store: Store
    roles: Mapping[str, str]

    def shaped(self, span: Span | None = None) -> dict[str, Any]:
        """The report, without the command line around it."""
        return shaped(self.store.figures(span or Span()), self.roles)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Live the year, and keep its store where the command line finds it."""
    folder = tmp_path_factory.mktemp("year")
    with lived(folder, people=PEOPLE, seed=1) as (simulation, losses):
        office = simulation.office
        path = office.store.engine.url.database
        assert path
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(folder / "followupd.db")) as kept:
            live.backup(kept)
        digests = {row["digest"] for row in office.store.figures(Span())["endings"] + office.store.figures(Span())["under_way"]}
        roles = {digest: office.cadence(digest).role for digest in digests}
        taken = [mail for mail in simulation.sent if not mail.recipient.endswith("@example.com")]
    store = open_store(f"sqlite:///{folder}/followupd.db")
    yield Lived(folder, told(store), taken, losses, store, roles)
    store.close()


def told(store: Store) -> Journal:
    """The journal of a store, told again."""
    files = (starter.starter_folder() / "cadences").glob("*.yaml")
    order = {path.stem: [step["id"] for step in yaml.safe_load(path.read_text("utf-8"))["steps"]] for path in files}
    journal, e = Journal(order), schema.event.c
    with store.reading() as connection:
        lines = connection.execute(sa.select(e.at, e.kind, e.address, e.enrollment, e.touch, e.data).order_by(e.number))
        journal.read(Line(*row) for row in lines)
    return journal


def run(capsys: pytest.CaptureFixture[str], year: Lived, *arguments: str) -> str:
    """What `followupd report` says."""
    capsys.readouterr()
    code = enter(["--config", str(year.folder / "config.yaml"), "report", *arguments])
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


def differences(found: Mapping[str, Any], counted: Mapping[str, Any]) -> list[str]:
    """Where the report says something else than the recount."""
    pairs: dict[str, tuple[Any, Any]] = {
        "outcomes": ({one["outcome"]: one["count"] for one in found["outcomes"]}, counted["outcomes"]),
        "under_way": ({state: count for state, count in found["under_way"].items() if count}, counted["under_way"]),
        "decided": (
            Counter({(one["touch"], word): one[word] for one in found["decided"] for word in ("yes", "no")}),
            counted["decided"],
        ),
        "reasons": (
            Counter({(one["stated"], one["real"]): one["count"] for one in found["reasons"]["pairs"]}),
            counted["reasons"],
        ),
        "learned": (
            Counter({(one["cadence"], one["step"], one["name"]): one["count"] for one in found["learned"]}),
            counted["learned"],
        ),
        "channels": (Counter({(one["channel"], one["kind"]): one["count"] for one in found["channels"]}), counted["channels"]),
        "by_hand": (Counter({one["kind"]: one["count"] for one in found["by_hand"]}), counted["by_hand"]),
        "reopened": (
            Counter({name: count for name, count in found["reopened"].items() if name != "enrollments"}),
            counted["reopened"],
        ),
        "steps": ({(one["cadence"], one["step"]): Counter(numbers(one)) for one in found["steps"]}, dict(counted["steps"])),
        "gifts": ({name: found["gifts"][name] for name in counted["gifts"]}, counted["gifts"]),
        "clarity": (rounded(found["clarity"]), rounded(counted["clarity"])),
        "learning": ({name: found["learning"][name] for name in ("sent", "taught")}, counted["learning"]),
    }
    pairs |= {
        f"cadence {one['cadence']}": (rounded(one), rounded(counted["cadences"].get(one["cadence"], {})))
        for one in found["cadences"]
    }
    pairs |= {f"rep {one['mailbox']}": (rounded(one), rounded(counted["reps"].get(one["mailbox"], {}))) for one in found["reps"]}
    pairs["cadences"] = ({one["cadence"] for one in found["cadences"]}, set(counted["cadences"]))
    pairs["reps"] = ({one["mailbox"] for one in found["reps"]}, set(counted["reps"]))
    return [f"{name}: {left} is not {right}" for name, (left, right) in pairs.items() if left != right]


def numbers(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if isinstance(value, int)}


def rounded(row: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 2) for name, value in row.items() if not isinstance(value, str)}


def test_recount(year: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure of the year is what a recount from the journal says."""
    found = json.loads(run(capsys, year, "--json"))
    assert differences(found, recount(year.journal)) == []
    everything = {one["outcome"]: one["count"] for one in found["outcomes"]}
    assert all(everything[name] for name in ("yes", "no", "opted_out", "silent", "referred", "bounced")), everything
    assert found["reasons"]["differ"]
    assert found["reopened"]["enrollments"]
    assert found["gifts"]["asked"]
    totals = Counter[str]()
    for one in found["steps"]:
        totals.update(numbers(one))
    assert all(
        totals[name] for name in ("sent", "waiting", "skipped", "failed", "answered", "question", "later", "bounced", "taught")
    ), totals


def test_mail_server(year: Lived) -> None:
    """What counts as sent is what the mail server took, and what a rep said it took; nothing went out twice."""
    taken, lost = [touch_in(mail) for mail in year.taken], {touch_in(mail) for mail in year.lost}
    assert len(taken) > PEOPLE
    assert len(set(taken)) == len(taken)
    deeds = {touch: deed for touch, deed in year.journal.deeds.items() if deed.channel == "email" and not deed.kind}
    left = {touch for touch, deed in deeds.items() if deed.left}
    assert left - (lost - set(taken)) == set(taken)
    assert left & (lost - set(taken)), "no rep has settled a doubt"
    sent = sum(one["count"] for one in year.shaped()["channels"] if (one["channel"], one["kind"]) == ("email", ""))
    assert sent == sum(deeds[touch].state == "sent" for touch in left)
    assert sent < len(left), "nothing came back"


def touch_in(mail: Sent) -> str:
    """The touch that stands in a Message-ID."""
    return mail.message_id.split(".")[1]


PERIODS = [
    (START + timedelta(days=60), START + timedelta(days=180)),
    (START + timedelta(days=200), None),
    (None, START + timedelta(days=30)),
    (START + timedelta(days=4000), None),
]


@pytest.mark.parametrize(("since", "until"), PERIODS)
def test_periods(year: Lived, since: datetime | None, until: datetime | None) -> None:
    """So is every figure of a part of the year."""
    assert differences(year.shaped(Span(since=since, until=until)), recount(year.journal, since, until)) == []


# -- the test is able to fail --------------------------------------------------------------------


def broken(counts: Mapping[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """The counts with one thing wrong, in every way: a number too high, a row that is missing, a name for another."""
    for name, rows in counts.items():
        for place, row in enumerate(rows):
            yield (
                f"{name}: without {row}",
                {**counts, name: [*rows[:place], *rows[place + 1 :]]}
                if name != "gifts"
                else {**counts, name: [dict.fromkeys(row, 0)]},
            )
            for column, value in row.items():
                if column in ("count", "people", "gift_first", "asked", "gifts"):
                    yield (
                        f"{name}: {column} of {row}",
                        {**counts, name: [*rows[:place], row | {column: value + 1}, *rows[place + 1 :]]},
                    )
                others = {other[column] for other in rows} - {value}
                if others and column not in ("count", "digest", "position"):
                    swapped = row | {column: min(others, key=str)}
                    yield f"{name}: {column} of {row}", {**counts, name: [*rows[:place], swapped, *rows[place + 1 :]]}


def test_wrong_counts_are_noticed(year: Lived) -> None:
    """Each count of the report, wrong by one, missing, or filed under another name, makes the recount differ."""
    counts, expected = year.store.figures(Span()), recount(year.journal)
    shown = {
        name: [row for row in rows if name in ("steps", "kinds") or year.roles.get(row.get("digest"), "sales") == "sales"]
        for name, rows in counts.items()
    }
    survivors = [name for name, wrong in broken(shown) if not differences(shaped(wrong, year.roles), expected)]
    assert [name for name in survivors if not name.startswith("days: ")] == []  # a quartile need not move for one day


WRONG: dict[str, dict[str, Any]] = {
    "what came back counts as sent": {"_SENT": schema.touch.c.state.in_(["sent", "failed"])},
    "machines count as people": {"_HUMAN": [*figures._HUMAN, "out_of_office", "bounce_hard"]},
    "two answers after a touch count twice": {"_TOUCHES": sa.func.count().label("count")},
    "what is under way counts as finished": {"_OVER": sa.true()},
    "facts of every kind teach": {"_LEARNED": sa.false()},
    "what is planned is left out": {"_STILL_TO_COME": ["open"]},
    "the first real reason counts": {"REAL_REASON": "team_size"},
    "another cadence reopens": {"REOPENS": "proposal"},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_statements_are_noticed(year: Lived, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A statement that counts something else makes the recount differ."""
    for variable, value in WRONG[name].items():
        monkeypatch.setattr(figures, variable, value)
    assert differences(year.shaped(), recount(year.journal)) != []


# -- as people and programs get it ---------------------------------------------------------------


def test_csv(year: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """Every number of the JSON stands in the CSV, one to a row; a file gets the same as the screen."""
    rows = list(csv.DictReader(io.StringIO(run(capsys, year, "--csv", "-"))))
    found = json.loads(run(capsys, year, "--json"))
    got = {(row["section"], row["name"], row["second_name"], row["third_name"], row["measure"]): row["value"] for row in rows}
    assert len(got) == len(rows)
    assert got["outcomes", "no", "", "", "count"] == str(
        next(one["count"] for one in found["outcomes"] if one["outcome"] == "no")
    )
    assert got["clarity", "", "", "", "clear"] == str(found["clarity"]["clear"])
    for one in found["steps"]:
        assert got["steps", one["cadence"], one["step"], one["channel"], "sent"] == str(one["sent"])
    for one in found["reasons"]["pairs"]:
        assert got["pairs", one["stated"] or "", one["real"] or "", "", "count"] == str(one["count"])
    said = run(capsys, year, "--csv", str(year.folder / "report.csv"))
    assert f"{len(rows)} numbers" in said
    assert list(csv.DictReader((year.folder / "report.csv").open(encoding="utf-8", newline=""))) == rows


def test_page(year: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """The page for people says the same numbers, within 80 columns, and without a colour where it is no terminal."""
    page, found = run(capsys, year), json.loads(run(capsys, year, "--json"))
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page
    clear, ended = found["clarity"]["clear"], found["clarity"]["finished"]
    assert f"{clear} of {ended} ({clear / ended:.0%}) of what finished" in page
    for one in found["outcomes"]:
        assert any(
            line.startswith(one["means"]) and line.split()[len(one["means"].split())] == str(one["count"])
            for line in page.splitlines()
        )
    for words in ("By cadence", "By rep", "median", "Step by step", "Came from an old no"):
        assert words in page


def test_filters(year: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """One rep or one cadence at a time: together they make up the whole."""
    whole = json.loads(run(capsys, year, "--json"))
    for option, names in (("--owner", ["dana", "lee"]), ("--cadence", sorted({one["cadence"] for one in whole["steps"]}))):
        parts = [json.loads(run(capsys, year, option, name, "--json")) for name in names]
        assert sum(part["clarity"]["finished"] for part in parts) == whole["clarity"]["finished"]
        assert sum(part["learning"]["sent"] for part in parts) == whole["learning"]["sent"]
