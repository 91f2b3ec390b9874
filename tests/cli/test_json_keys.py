"""The JSON of every listing: its keys are a contract, and the manual names each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followupd.cli.commands import ENTRIES
from followupd.cli.manual import KEYS, page
from followupd.clock import RealClock, RealDice
from followupd.core.model import Change, EnrollmentState, Outcome, Prospect, Reply, ReplyKind, Switch, Task, TouchState
from followupd.office import open_office
from followupd.store import fleet, schema
from tests.cli.rows import HEADER, row

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def flat(value: Any, prefix: str, known: dict[str, str]) -> Iterator[str]:
    """Every key as the manual writes it: `a.b`, `list[].key`, `names{}`."""
    if f"{prefix}{{}}" in known:
        yield f"{prefix}{{}}"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{prefix}.{key}" if prefix else key, known)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, f"{prefix}[]", known)
    else:
        yield prefix


@pytest.fixture
def busy(people: Path) -> Path:
    """A store in which every list has something in it: a doubtful mail, an answer in doubt, an open task, a stop, a suppression."""
    office = open_office(people / "config.yaml", RealClock(), RealDice(), {})
    store = office.store
    found = {name: store.person(f"{name}@prospect.example")[1][0] for name in ("ann", "bob", "cid")}
    mail, note = (
        next(one for one in store.touches(found[name].id) if one.channel == kind)
        for name, kind in (("ann", "email"), ("cid", "task"))
    )
    reply = Reply(
        id="r1", mailbox="dana", folder="INBOX", uidvalidity=1, uid=1, fingerprint="f", message_id="m@x", address="bob@prospect.example", subject="Re: Hi",
        text="Hm", received=NOW, seen=NOW, kind=ReplyKind.UNCLEAR, confidence=0.2, evidence="Hm", matched="thread", enrollment=found["bob"].id, review=True,
    )  # fmt: skip
    task = Task(
        id="k1", owner="dana", address="cid@prospect.example", kind="note", title="Write a card", text="Soon", created=NOW, touch=note.id, enrollment=found["cid"].id,
        deadline=NOW + timedelta(days=1),
    )  # fmt: skip
    refused = replace(
        found["ann"],
        id="una",
        prospect="una",
        address="una@gone.example",
        state=EnrollmentState.FINISHED,
        outcome=Outcome.NO,
        finished=NOW,
        version=0,
    )
    store.apply_one(
        Change(
            enrollments=(
                refused,
                replace(found["ann"], state=EnrollmentState.HELD, reason=f"step {mail.step} may have been sent, or not: lost"),
                replace(found["bob"], state=EnrollmentState.HELD, reason="unclear: Hm"),
            ),
            touches=(replace(mail, state=TouchState.DOUBTFUL, settled=NOW, message_id="t.x@example.com", text="lost"), replace(note, state=TouchState.OPEN)),
            prospects=(Prospect(id="una", address="una@gone.example"),), replies=(reply,), tasks=(task,), switches=(Switch(scope="cadence:nurture", reason="a test", at=NOW),),
        )
    )  # fmt: skip
    values = {
        "touch": mail.id, "enrollment": mail.enrollment, "message_id": "t.x@example.com", "subject": "Hello", "opens": True, "text": "Hi",
        "raw": b"Subject: Hello\r\n\r\nHi\r\n", "gated": NOW, "looked": NOW,
    }  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(schema.mail.insert().values(values))
    fleet.join(store, fleet.Member(run="a run", host="sales-1", pid=4711, since=NOW, seen=NOW, version="1"))
    store.close()
    (people / "shelf.csv").write_text(HEADER + row("kim").replace("cash flow", "tariffs") + row("lou", cadence="none"))
    (people / "templates/broken.md").write_text("no front matter")
    proposal = people / "cadences/proposal.yaml"
    proposal.write_text(
        proposal.read_text("utf-8").replace("after: 3bd", "after: 4bd"), "utf-8"
    )  # they are on an earlier edition
    return people


LISTINGS: dict[str, list[list[str]]] = {
    "check": [["check"]],
    "preview": [["preview", "proposal", "--at", "2026-11-12 09:00"]],
    "add": [["add", "march.csv"]],
    "enroll": [["enroll", "x@y.example", "nurture"]],
    "status": [["status"]],
    "show": [["show", "ann@prospect.example"], ["show", "eve@gone.example"]],
    "why": [["why", "dan@prospect.example"], ["why", "ann@prospect.example"]],
    "report": [["report"]],
    "shelf": [["shelf", "--people"], ["shelf", "--csv", "shelf.csv"]],
    "digest": [["digest"], ["digest", "--owner", "dana", "--send"]],
    "tasks": [["tasks"]],
    "debrief": [["debrief", "una@gone.example", "--door", "open"], ["debrief"]],
    "review": [["review"]],
    "suppress": [["suppress", "eve@gone.example"]],
    "suppressions": [["suppressions"]],
    "pause": [["pause", "--mailbox", "dana"]],
    "resume": [["resume", "--mailbox", "dana"]],
    "done": [["done", "k1"]],
    "learn": [["learn", "eve@gone.example", "team_size=40"]],
    "decide": [["decide", "r1", "engaged"]],
    "stop": [["stop", "dan@prospect.example"]],
    "backup": [["backup", "backup.db"]],
    "restore": [["restore", "backup.db"]],
}
"""In an order in which each finds what it is to list."""

MAY_BE_MISSING = {"check": set(), "why": {"also[]"}, "show": {"suppressed"}, "add": set()}
MAY_BE_MISSING["report"] = {key for key in KEYS["report"] if "[]" in key}  # tests/docs/test_report_page.py fills each list


def test_keys_are_those_of_the_manual(followupd, busy: Path) -> None:
    """Every listing prints exactly the keys that the manual names, whatever the values."""
    eve = ["eve@gone.example", "nurture", "--column", "first_name=Eve", "--column", "company=Gone", "--column", "goals=pricing"]
    assert followupd("enroll", *eve).code == 0
    order = [*(name for name in LISTINGS if name != "show"), "show"]  # after the suppression of one of the two
    for name in order:
        known = KEYS[name]
        seen = {key for arguments in LISTINGS[name] for key in flat(followupd(*arguments, "--json").json(), "", known)}
        assert seen - set(known) == set(), name
        assert set(known) - seen <= MAY_BE_MISSING.get(name, set()), name


def test_lists_say_what_waits(followupd, busy: Path) -> None:
    """`status` counts what `review` and `tasks` list, and names the way to settle it."""
    problems = followupd("status", "--json").json()["problems"]
    assert (problems["doubtful"], problems["reviews"], problems["tasks"]) == (1, 1, 1)
    assert [one["scope"] for one in problems["stopped"]] == ["cadence:nurture"]
    assert any(one.startswith("templates/broken.md:1:1:") for one in problems["files"])
    page = followupd("status").out
    for words in ("followupd review", "followupd tasks", "cadence:nurture is stopped", "templates/broken.md:1:1:"):
        assert words in page
    review = followupd("review").out
    assert "followupd decide r1" in review
    assert "   | Subject: Hello" in review
    assert "t.x@example.com" in review
    assert "k1: Write a card" in followupd("tasks", "--owner", "dana").out
    assert followupd("tasks", "--owner", "lee").out == "nothing to do\n"
    digest = followupd("digest", "--send").out
    for words in (
        "Write a card",
        "What does this mean?",
        "Was this sent, or not?",
        "cadence:nurture is stopped",
        "broken.md:1:1:",
        "The daemon sends this",
    ):
        assert words in digest
    assert followupd("digest", "--owner", "dan").err.startswith('followupd: there is no mailbox "dan"; did you mean "dana"?')


def test_doubtful_is_settled(followupd, busy: Path) -> None:
    """A human's word on a doubtful mail lets the cadence go on, and `why` then speaks of the next mail."""
    touch = followupd("review", "--json").json()["doubtful"][0]["id"]
    assert f"followupd decide {touch} sent, skip or again" in followupd("why", "ann@prospect.example").out
    assert followupd("decide", touch, "sent").code == 0
    assert followupd("why", "ann@prospect.example", "--json").json()["verdict"] == "next"
    assert followupd("review", "--json").json()["doubtful"] == []


def test_an_answer_is_decided(followupd, busy: Path) -> None:
    """A human's word for an answer has its effect at once."""
    assert "followupd decide r1 KIND" in followupd("why", "bob@prospect.example").out
    assert followupd("decide", "r1", "no").code == 0
    enrollments = followupd("show", "bob@prospect.example", "--json").json()["enrollments"]
    assert {one["cadence"]: one["outcome"] for one in enrollments} == {"proposal": "no", "after-the-no": None}
    assert "step debrief of after-the-no" in followupd("why", "bob@prospect.example").out


def test_the_manual_is_fresh() -> None:
    """`docs/commands.md` says what the commands say; `make docs` writes it again."""
    path = Path(__file__).parents[2] / "docs/commands.md"
    assert path.read_text("utf-8") == page()


def test_the_manual_is_whole() -> None:
    """Every command has its section, and every command that takes `--json` has its keys."""
    text = page()
    assert all(f"\n### {name}\n" in text for name in ENTRIES)
    assert set(KEYS) <= set(ENTRIES)


def test_an_answer_that_is_not_believed(followupd, busy: Path) -> None:
    """`review` and `why` say plainly why an answer is not believed, and what to do if somebody else wrote it."""
    doubt = "the receiving server says that DMARC failed for this mail"
    store = open_office(busy / "config.yaml", RealClock(), RealDice(), {}).store
    found = store.find(Reply, "r1")
    assert found is not None
    store.apply_one(Change(replies=(replace(found, evidence=f"{doubt}; reads like no: No thanks"),)))
    store.close()
    assert f"Not believed: {doubt}. If it is not theirs: followupd decide r1 auto_reply" in followupd("review").out
    assert followupd("review", "--json").json()["replies"][0]["doubt"] == doubt
    assert f"it is not believed: {doubt}" in followupd("why", "bob@prospect.example").out
    assert followupd("decide", "r1", "auto_reply").code == 0
    assert "is step" in followupd("why", "bob@prospect.example").out
