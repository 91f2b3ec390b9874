"""The statistical reader: learned the same way each time, kept in one file, and its limits set by the rule."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from followupd.core.replies import labelled, learning
from followupd.core.replies.measure import cost, read_all, tables
from followupd.core.replies.shipped import model_in, shipped
from followupd.core.replies.statistics import LABELS, model_from

ROOT = Path(__file__).parents[2]
SAYINGS = {
    "yes": ["let us go ahead", "we sign today", "book us in"], "no": ["not interested", "we will pass", "no thanks"], "later": ["next month please", "after the fair", "not now"],
    "engaged": ["what does it cost", "tell me more", "thanks for the sample"], "referral": ["ask my colleague", "she left us", "talk to Bob"],
    "unsubscribe": ["stop writing", "take me off the list", "unsubscribe"], "out_of_office": ["I am away until 6 May", "out of the office", "on leave"],
    "auto_reply": ["ticket 123 was opened", "we have received your request", "do not reply to this mail"],
}  # fmt: skip
ROWS = [
    labelled.Labelled(id=f"{label}{number}", text=f"{start}{said}{end}", label=label, asked=f"{start}?")
    for label, texts in SAYINGS.items()
    for number, (said, start, end) in enumerate(product(texts, ("", "Hello, ", "Well: "), (".", "!", " Ann")))
]


def shipped_rows() -> list[labelled.Labelled]:
    """What comes with followupd."""
    return [
        row
        for path in sorted((ROOT / "training/replies").glob("*.jsonl"))
        for row in labelled.parse(path.read_text("utf-8").splitlines())
    ]


def test_the_same_file_each_time() -> None:
    """The same replies give the same bytes, and the bytes the same likelihoods."""
    first, second = learning.train(ROWS).to_bytes(), learning.train(ROWS).to_bytes()
    assert first == second
    read, letter = model_from(first), labelled.letter(ROWS[0])
    assert read.likelihoods(letter) == model_from(second).likelihoods(letter)
    assert sum(read.likelihoods(letter).values()) == pytest.approx(1)
    assert max(read.likelihoods(letter), key=read.likelihoods(letter).__getitem__) == "yes"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"followupd reader 1\n",
        b"followupd reader 1\n{}\nx",
        b"\x00" * 5000,
        b"followupd reader 2\n{}\n",
        shipped().to_bytes()[:-900],
    ],
)
def test_no_model(data: bytes, tmp_path: Path) -> None:
    """A file that is none, is cut, or is of another version is refused with what to do; a workspace's is then passed over."""
    with pytest.raises(ValueError, match="followupd train"):
        model_from(data)
    path = tmp_path / "reader.model"
    path.write_bytes(data)
    assert model_in(path) is None
    assert model_in(tmp_path / "missing") is None


def test_limits_follow_the_rule() -> None:
    """A stage acts from the likelihood on at which it was right often enough; where it never was, never."""
    good = [(0.9 - number / 1000, True) for number in range(300)]
    found = learning.limits(
        {("explicit", "yes"): good, ("hint", "no"): [(0.99, False)] * 20 + good[:20], ("alone", "engaged"): [*good, (0.1, False)]}
    )
    assert found["explicit"]["yes"] == pytest.approx(0.601)
    assert found["hint"]["no"] > 1
    assert found["alone"]["engaged"] == pytest.approx(0.1)
    few = learning.limits({("explicit", "yes"): good[:10]})
    assert few["explicit"]["yes"] > 1  # ten right ones prove little
    weak = [(0.9, True)] * 40 + [(0.8, False)]
    assert learning.limits({("hint", "no"): weak})["hint"]["no"] == pytest.approx(0.9)
    assert learning.limits({("explicit", "yes"): good, ("hint", "no"): weak})["hint"]["no"] == pytest.approx(
        0.8
    )  # people meet both


def test_a_mistake_costs() -> None:
    """Asking a person is cheaper than any mistake, and ending a living conversation is the dearest."""
    rows = [labelled.Labelled(id="1", text="We will pass.", label=label) for label in ("no", "engaged")]
    right, wrong = (read_all([row]) for row in rows)
    assert cost(right) <= 1
    assert right[0].acted != "no" or cost(wrong) == 10


def test_tables_count_everybody() -> None:
    """The tables hold every reply once, by label and in the confusion."""
    found = {table.title: table for table in tables(read_all(ROWS[:40]))}
    assert sum(int(row[1]) for row in found["By label"].rows) == 40
    assert sum(int(cell or 0) for row in found["What is taken for what"].rows for cell in row[1:]) == 40


def test_training_replies_are_in_order() -> None:
    """Each line has an id of its own, a label that the model knows, its language and its day, and no address of anybody real."""
    rows = shipped_rows()
    assert len({row.id for row in rows}) == len(rows)
    for path in sorted((ROOT / "training/replies").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            assert row["label"] in LABELS
            assert row["lang"]
            assert row["date"]
            assert row["difficulty"] in {"obvious", "ordinary", "hard", "trap"}


def test_what_is_kept_back_is_read_well() -> None:
    """The shipped reader, on replies from which it has learned nothing: firm words are right, and no person is taken for a machine."""
    judged = read_all(row for row in shipped_rows() if row.kept_back)
    firm = [one for one in judged if one.acted in learning.FIRM]
    people = [one for one in judged if one.row.label not in learning.MACHINE]
    assert len(judged) > 250
    assert len(firm) > 20
    assert sum(one.right for one in firm) >= 0.95 * len(firm)
    assert sum(one.acted in learning.MACHINE for one in people) <= len(people) / 300
