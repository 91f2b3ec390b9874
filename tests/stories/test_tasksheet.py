"""Plays: the rep's tasks as a file, filled in and brought back."""

from __future__ import annotations

import csv

from followupd import tasksheet
from followupd.core.model import Change, Task
from followupd.files.sheet import Row
from tests.stories.stage import Play
from tests.stories.test_orders import scene, tasks


def filled(play: Play, answers: dict[str, str], *, owner: str = "dana") -> str:
    """The file of open tasks with these answers in it, as a spreadsheet program saves it."""
    rows = list(csv.reader(tasksheet.tasks_sheet(play.office, owner).removeprefix("\ufeff").splitlines()))
    assert tuple(rows[0]) == tasksheet.HEADER
    for row in rows[1:]:
        row[-1] = answers.get(row[0].removeprefix("call-"), "")
    return "".join(";".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


def said(receipt: list[dict[str, str]]) -> dict[str, tuple[str, str]]:
    """Result and reason of each row, by whom it is about."""
    return {row["address"].partition("@")[0]: (row["result"], row["reason"]) for row in receipt}


def test_filled_in(play: Play) -> None:
    """Each answer has the effect that it would have in a mail; the receipt says so; the same file again does nothing, nor does a closed task."""
    scene(play)
    file = filled(play, {"ann": "done, they have 40 people", "bob": "no budget", "cid": "perhaps?"})
    receipt = said(play.drop_csv(file, "whatever.csv"))
    assert tasks(play) == {"ann": "done", "bob": "done", "cid": "open"}
    assert (play.outcome("bob@q.test"), play.office.store.facts()[0].value) == ("no", "they have 40 people")
    assert {name: result for name, (result, _) in receipt.items()} == {"ann": "accepted", "bob": "accepted", "cid": "rejected"}
    assert "question mark" in receipt["cid"][1]
    assert said(play.drop_csv(file, "again.csv"))["cid"] == ("duplicate", "this very file was taken in before")
    later = said(play.drop_csv(file.replace("perhaps?", "later June"), "more.csv"))
    assert (later["ann"][0], later["cid"][0], play.until("cid@r.test")[:10]) == ("rejected", "accepted", "Mon 01 Jun")
    assert "it is done already" in later["ann"][1]
    events = len(play.office.store.timeline("cid@r.test"))
    assert (
        said(play.drop_csv(file.replace("perhaps?", "later June") + "\r\n", "more.csv"))["cid"][0] == "rejected"
    )  # as after a crash
    assert len(play.office.store.timeline("cid@r.test")) == events


def test_not_theirs(play: Play) -> None:
    """A task of somebody else, one that nobody knows, and a person who has written since the file was made are refused."""
    scene(play)
    file = filled(play, {"ann": "yes", "cid": "skip"})
    assert said(play.drop_csv("task,answer\r\nnone,done\r\n", "a.csv")) == {
        "": ("rejected", 'there is no task "none"; followupd tasks lists them')
    }
    play.run_until("+1h")
    play.reply("ann@p.test", "No thanks, we are not interested.")
    lees = Task(id="lees", owner="lee", address="bob@q.test", kind="call", title="Call Bob", text="", created=play.clock.now())
    play.office.store.apply_one(Change(tasks=(lees,)))
    foreign = said(play.drop_csv("task,answer\r\nlees,done\r\n", "lee.csv"))["bob"]
    assert foreign == ("rejected", "this is a task of lee, and the file lay in the folder of dana")
    (row,) = tasksheet.Clerk(office=play.office, name="tasks.csv", owner="").carry_out(
        [Row(line=2, columns={"task": "call-bob", "answer": "done"})]
    )
    assert row[2:] == ("rejected", "lay this file into the folder of whoever the task is for, such as inbox/dana/")
    receipt = said(play.drop_csv(file, "b.csv"))
    assert (receipt["ann"][0], receipt["bob"], receipt["cid"][0]) == (
        "rejected",
        ("accepted", "no answer: it is left as it is"),
        "accepted",
    )
    assert (play.outcome("ann@p.test"), tasks(play)["cid"]) == ("no", "dropped")
