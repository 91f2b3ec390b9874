"""The words of an answer: every form that reps type is read as what it says, and whatever could be read in two ways is asked about."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core import orders
from followupd.core.orders import WORDS, lines, meant

TITLES = (
    "Answer Ann's question", "Call Bob", "Call Ann", "Did the mail to Cid leave?", "Dora stands still", "Send Eve the summary", "What does Finn mean?",
    "Write Gus a note",
)  # fmt: skip
WRITTEN = date(2026, 11, 30)
TABLE = Path(__file__).with_name("orders.txt")


def understood(text: str) -> str:
    """What is understood of an answer, in the words of the table."""
    found = []
    for line in lines(text, TITLES):
        order = meant(line.words, WRITTEN)
        if line.doubt or order.doubt:
            found.append(f"{line.number} ?")
        else:
            parts = (
                str(line.number),
                order.verb,
                str(order.until or ""),
                order.reason or "",
                f"«{order.note}»" if order.note else "",
            )
            found.append(" ".join(part for part in parts if part))
    return " | ".join(found)


def rows() -> list[tuple[str, str]]:
    """The table."""
    found = [row.split("\t") for row in TABLE.read_text(encoding="utf-8").splitlines() if row and not row.startswith("# ")]
    return [(typed.replace("\\n", "\n"), expected) for typed, expected in found]


def test_the_table() -> None:
    """Every row of the table is understood as it says, or asked about."""
    table = rows()
    wrong = [f"{typed!r}: {found}, not {expected}" for typed, expected in table if (found := understood(typed)) != expected]
    assert len(table) > 300
    assert wrong == []


def test_every_word() -> None:
    """Each word of the vocabulary means its order behind a number, with a full stop, in capitals and beside another line."""
    for order, text in WORDS.items():
        for word in (" ".join(phrase.split()) for phrase in text.split("|")):
            more = {"later": " June 2027", "learn": " 40 people"}.get(order, "")
            for typed in (f"5 {word}{more}", f"5: {word.upper()}{more}.", f"5) {word}{more}\n6 done", f"6 done, 5 {word}{more}"):
                found = [one.partition(" ")[2] for one in understood(typed).split(" | ") if one.startswith("5 ")]
                assert [one.startswith(order) for one in found] == [True], (typed, found)


@pytest.mark.parametrize(
    "word", [word for word in ("not", "nicht", "pas", "if he calls,", "I will be", "almost", "never") if word]
)
def test_before_an_order(word: str) -> None:
    """Whatever stands before an order and may turn it round makes it a question."""
    for order in ("done", "erledigt", "fait", "yes", "stop", "skip"):
        assert understood(f"3 {word} {order}") == "3 ?", (word, order)


# -- which item ----------------------------------------------------------------------------------


def test_between_the_lines() -> None:
    """What is typed below a quoted item is about that item; below the whole quoted letter it is about none."""
    whole = "".join(f"> {number}. {title}\n" for number, title in enumerate(TITLES, 1))
    assert understood("> 3. Call Ann\ndone\n> 4. Did the mail to Cid leave?\nsent\n> 5. Dora stands still") == "3 done | 4 sent"
    assert understood("> 3. Call Ann\n>    about ann@p.test\ndone, they moved") == "3 done «they moved»"
    assert understood(whole + "\ndone") == "0 ?"
    assert understood(whole + "\n3 done") == "3 done"
    assert understood("> 3. Another title\ndone") == "0 ?"


def test_one_item() -> None:
    """A letter with one item is answered without a number; all of what is typed is about it."""
    assert [(one.number, one.words) for one in lines("March, please", ["When?"])] == [(1, "March, please")]
    assert [(one.number, one.words) for one in lines("1 done\nThanks!", ["Call"])] == [(1, "done")]
    assert [(one.number, one.words) for one in lines("3 weeks", ["When?"])] == [(1, "3 weeks")]
    assert meant(lines("2 done", ["Call"])[0].words, WRITTEN).doubt
    assert [(one.number, one.words) for one in lines("Hi,\n\ndone\n\nDana", ["Call"])] == [(1, "done")]


def test_counts() -> None:
    """In a list a number may count, and is asked about; where each number is a question of its own, "5 open" is the answer to the fifth."""
    typed, titles = "1 yes\n5 open, their budget comes in April", [f"Question {number}?" for number in range(1, 6)]
    assert [(one.number, bool(one.doubt)) for one in lines(typed, titles)] == [(1, False), (0, True)]
    assert [(one.number, one.words) for one in lines(typed, titles, counts=False)] == [
        (1, "yes"),
        (5, "open, their budget comes in April"),
    ]


LETTER = """Good morning.

TASKS

1. Call Ann
   about ann@p.test
2. Call Bob
   about bob@q.test

Answer this mail, a line for each number, such as:

  1 done
  2 no budget
  learn 1 team grew to 40
"""


def test_unmarked_copy() -> None:
    """The examples of a letter that some mail program copies without a mark are nobody's orders."""
    titles = ["Call Ann", "Call Bob"]

    def said(text: str) -> list[tuple[int, str]]:
        return [(one.number, one.words) for one in lines(orders.own(text, LETTER), titles) if not one.doubt]

    assert said(LETTER) == []
    assert said("2 done\n\n" + LETTER) == [(2, "done")]
    assert said("Hi\n" + LETTER + "\n2 done") == [(2, "done")]
    assert said(LETTER.replace("   about bob@q.test\n", "   about bob@q.test\n2 done\n")) == [(2, "done")]
    assert said("1 done\n2 no budget") == [(1, "done"), (2, "no budget")]  # what an example says may be typed as well


# -- anything at all -----------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*"0123456789", "3", "12", "done", "no", "yes", "later", "learn", "March", "if", "not", ",", ";", ".", "\n", "> 3. Call Ann\n", "#", "-", "?", "and", "budget",
     "in 3 weeks", "99", "1-3", "🙂", "\0", "ß", "İ"]
)  # fmt: skip
ANYTHING = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join))


@given(ANYTHING, st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_anything(text: str, count: int) -> None:
    """Any text is read without a fault; every number without a doubt is one of the letter's, and a day lies ahead."""
    for line in lines(orders.own(text, LETTER), TITLES[:count]):
        assert line.doubt or 0 < line.number <= count
        order = meant(line.words, WRITTEN)
        assert bool(order.doubt) != bool(order.verb)
        assert order.until is None or order.until > WRITTEN


@given(st.text(max_size=300).map(lambda text: "".join(letter for letter in text if not letter.isdigit())))
@settings(max_examples=80, deadline=None)
def test_without_numbers(text: str) -> None:
    """Without a number nothing is an order to a letter with several items."""
    assert all(line.doubt for line in lines(text, TITLES))


@pytest.mark.parametrize(
    "piece", ["3 ", "3, ", "3 done ", "no ", "> 3. Call Ann\n", "1-", "done 3 and ", "later ", ".", "\n", "3 not "]
)
def test_linear(piece: str) -> None:
    """The longest answer is read at once, whatever it repeats."""
    began = time.monotonic()
    text = (piece * 8192)[:8192]
    for line in lines(orders.own(text, LETTER), TITLES):
        meant(line.words, WRITTEN)
    assert time.monotonic() - began < 2
