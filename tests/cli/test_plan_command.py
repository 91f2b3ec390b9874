"""`plan` and `migrate-cadence` as a person types them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any


def edit(workspace: Path) -> None:
    path = workspace / "cadences/proposal.yaml"
    path.write_text(
        path.read_text("utf-8").replace("email: value              # first", "email: value").replace("after: 3bd", "after: 5bd"),
        "utf-8",
    )


def test_nothing_to_say(followupd, people: Path) -> None:
    """Without an edit everybody is on the edition of today."""
    said = followupd("plan")
    assert said.code == 0
    assert "proposal: 3 people under way, nothing changes for them" in said.out
    assert "mails due" in said.out


def said_of(found: dict[str, Any]) -> list[Any]:
    """What a plan says, without its moments: some of them hang on the second in which it is asked."""
    return [
        (
            each["cadence"],
            each["people"],
            each["earlier"],
            each["changes"],
            [(group["people"], group["says"]) for group in each["groups"]],
        )
        for each in found["cadences"]
    ]


def test_plan_and_move(followupd, people: Path) -> None:
    """An edit is shown with what it would change for whom; only the move changes anything, and only once."""
    assert followupd("status", "--json").json()["earlier_editions"] == []
    edit(people)
    assert followupd("status", "--json").json()["earlier_editions"] == [{"cadence": "proposal", "people": 3, "gone": False}]
    assert "3 in proposal, which was edited since; what a move would change: followupd plan" in followupd("status").out
    said = followupd("plan")
    assert "proposal: 3 people under way, 3 on an earlier edition" in said.out
    assert "step first-idea, after: 3bd -> 5bd" in said.out
    found = followupd("plan", "--json").json()
    one = next(each for each in found["cadences"] if each["cadence"] == "proposal")
    (group,) = one["groups"]
    assert group["says"].startswith("first-idea moves")
    assert {each["address"].partition("@")[0] for each in group["members"]} == {"ann", "bob", "dan"}
    assert followupd("migrate-cadence", "proposal").code == 2
    assert followupd("migrate-cadence", "proposal", "--all").code == 1
    assert followupd("migrate-cadence", "proposal", "--all", "--dry-run").code == 0
    assert said_of(followupd("plan", "--json").json()) == said_of(found)
    ann = group["members"][0]["address"]
    assert "1 person moved" in followupd("migrate-cadence", "proposal", ann, "--yes").out
    assert "2 people moved" in followupd("migrate-cadence", "proposal", "--all", "--yes").out
    assert "0 people moved" in followupd("migrate-cadence", "proposal", "--all", "--yes").out
    assert "moved to the proposal of today" in followupd("show", ann).out


def test_who_is_not_in_it(followupd, people: Path) -> None:
    """A name that is not under way in the cadence, and a cadence that there is not, are the request's fault."""
    assert followupd("migrate-cadence", "proposal", "nobody@nowhere.example", "--yes").code == 1
    assert followupd("migrate-cadence", "propsal", "--all", "--yes").code == 1


def test_since_a_revision(followupd, workspace: Path) -> None:
    """With --from the files of today are compared with those of a git revision."""
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=workspace, check=True)
    edit(workspace)
    said = followupd("plan", "--from", "HEAD")
    assert said.code == 0
    assert "proposal: what has changed since HEAD" in said.out
    assert "step first-idea, after: 3bd -> 5bd" in said.out
    assert "nurture: as it was at HEAD" in said.out
    assert followupd("plan", "--from", "no-such-revision").code == 1
    assert followupd("plan", "--from", "--help-me").code in (1, 2)
