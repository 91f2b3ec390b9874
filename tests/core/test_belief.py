"""Whose word it is: every cell of the table, reports, and what the table may never say."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from followupd.core import belief
from followupd.core.authentication import NOTHING, Standing, Stated
from followupd.core.belief import BELIEFS, CELLS, COLUMNS, Belief, believed
from followupd.core.model import ReplyKind
from tests.core.test_lifecycle import SENT, enrolled, taken
from tests.store.made import match, report

ANN, BOB = "ann@ann.example", "bob@ann.example"
SAID = {Standing.PASS: Stated(Standing.PASS), Standing.NONE: NOTHING, Standing.FAIL: Stated(Standing.FAIL, "DMARC failed")}
ROWS = [line.split() for line in BELIEFS.splitlines() if line.strip()]
KEYS = {"yes": ["thread", "token"], "no": ["address", "alias", "company"]}


def test_table_is_complete() -> None:
    """Every combination of proofs has a cell for everything that somebody can say; every other kind is a machine's report."""
    assert set(CELLS) == set(product((True, False), (True, False), Standing, set(COLUMNS.values())))
    assert set(ReplyKind) - set(COLUMNS) == {
        ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED, ReplyKind.COMPLAINT,
    }  # fmt: skip


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: "-".join(row[:3]))
@pytest.mark.parametrize("kind", COLUMNS)
def test_every_cell(row: list[str], kind: ReplyKind) -> None:
    """What a cell says is what becomes of the mail, by whatever key it was matched; a doubt says why, in words."""
    cell = Belief(dict(zip(ROWS[0], row, strict=True))[COLUMNS[kind]])
    writer = ANN if row[1] == "yes" else BOB
    for key in KEYS[row[0]]:
        word = believed(kind, match(enrolled(), taken(SENT), key=key), writer, SAID[Standing(row[2])])
        if cell == Belief.ACT:
            assert (word.kind, word.doubt) == (kind, "")
            continue
        assert word.kind == ReplyKind.UNCLEAR
        assert word.writer == (cell == Belief.WRITER)
        expected = (
            "the receiving server says that DMARC failed for this mail" if row[2] == "fail"
            else f"written by {BOB}, not by {ANN}" if row[1] == "no" else "it names no mail of ours"
        )  # fmt: skip
        assert word.doubt == expected


@pytest.mark.parametrize("kind", COLUMNS)
def test_what_the_table_may_never_say(kind: ReplyKind) -> None:
    """More proof never means less belief; a stated failure lets no firm word act; nobody's word ends another's conversation."""
    rank = {Belief.ASK: 0, Belief.WRITER: 1, Belief.ACT: 2}
    column = COLUMNS[kind]
    for (named, own, standing, said), cell in CELLS.items():
        if said != column:
            continue
        firm = column in ("yes", "words", "opt-out")
        if firm and (standing == Standing.FAIL or not own):
            assert cell != Belief.ACT
        if not named:
            assert rank[cell] <= rank[CELLS[True, own, standing, said]]
        if not own:
            assert rank[cell] <= rank[CELLS[named, True, standing, said]] or standing == Standing.FAIL
        assert rank[CELLS[named, own, Standing.FAIL, said]] <= rank[cell] <= rank[CELLS[named, own, Standing.PASS, said]]


@pytest.mark.parametrize("writer", ["", "ann@ann.example.evil.test", "Ann@ann.example", "ann@ann.example "])
def test_no_sender_is_nobody(writer: str) -> None:
    """Without exactly one address in From (which reading has normalised) nobody in particular wrote it."""
    assert believed(ReplyKind.YES, match(enrolled(), taken(SENT)), writer).kind == ReplyKind.UNCLEAR


@pytest.mark.parametrize("kind", [ReplyKind.BOUNCE_HARD, ReplyKind.BOUNCE_SOFT, ReplyKind.BOUNCE_BLOCKED, ReplyKind.COMPLAINT])
@pytest.mark.parametrize("standing", Standing)
def test_reports(kind: ReplyKind, standing: Standing) -> None:
    """A report counts with a mail of ours and the address to which it went, whoever writes it; else a human looks."""
    named, nameless = match(enrolled(), taken(SENT, address=ANN)), match(enrolled(), key="address")
    says = SAID[standing]
    assert believed(kind, named, "postmaster@relay.example", says, report(ANN)).kind == kind
    assert believed(kind, named, "", says, report("inner@other.example", ANN)).kind == kind  # forwarded, and failed there
    for other in (report("inner@other.example"), report("victim@ann.example", "victim@ann.example")):
        word = believed(kind, named, "postmaster@relay.example", says, other)
        assert word.kind == ReplyKind.UNCLEAR
        assert f"that mail went to {ANN}" in word.doubt
    for about in (report(ANN), None):
        word = believed(kind, nameless, ANN, says, about)
        assert (word.kind, word.doubt) == (ReplyKind.UNCLEAR, "a report that names no mail of ours")


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (ReplyKind.COMPLAINT, True), (ReplyKind.BOUNCE_SOFT, True), (ReplyKind.BOUNCE_HARD, False), (ReplyKind.BOUNCE_BLOCKED, False),
    ],
)  # fmt: skip
def test_report_without_an_address(kind: ReplyKind, counts: bool) -> None:
    """Complaints leave the address out, and a pause harms nobody; nothing firm follows from a report that names no address."""
    assert (believed(kind, match(enrolled(), taken(SENT)), "", report=report("")).kind == kind) == counts


@pytest.mark.parametrize(
    ("key", "standing", "kind", "counts"),
    [
        ("thread", Standing.NONE, ReplyKind.NO, False),
        ("token", Standing.FAIL, ReplyKind.NO, False),
        ("address", Standing.PASS, ReplyKind.NO, False),
        ("address", Standing.NONE, ReplyKind.NO, True),
        ("address", Standing.FAIL, ReplyKind.NO, True),
        ("company", Standing.PASS, ReplyKind.NO, True),
        ("alias", Standing.PASS, ReplyKind.OUT_OF_OFFICE, True),
        ("address", Standing.NONE, ReplyKind.AUTO_REPLY, False),
    ],
)
def test_what_counts_as_unproved(key: str, standing: Standing, kind: ReplyKind, counts: bool) -> None:
    """Mails that only claim to come from somebody are counted; those that change nothing are not."""
    assert belief.counts(believed(kind, match(enrolled(), key=key), ANN, SAID[standing])) == counts


def test_the_manual_shows_the_table() -> None:
    """The table that people read is the one that counts."""
    manual = (Path(__file__).parents[2] / "docs/reading.md").read_text()
    assert f"```{BELIEFS}```" in manual
