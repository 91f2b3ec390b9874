"""Reading YAML: the types, the places, the limits."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from followupd.files import validation, yaml_text
from followupd.files.problems import Problem, did_you_mean, nearest, shown
from followupd.files.values import Line, Many, Part


def problems_of(text: str) -> list[str]:
    return [str(problem) for problem in yaml_text.read(text, "c.yaml", begin='"cadence:"')[1]]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *[
            (word, word)
            for word in ("yes", "no", "on", "off", "y", "9:30", "0777", "0o17", "0x1F", "1e3", "1.5", ".inf", "1_000")
        ],
        *[
            (word, word)
            for word in ("2026-13-45", "2026-03-01", "2026-03-01T09:00:00Z", "=", "1" * 5000, "nul", "truee", "- ")[:-1]
        ],
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ('"12"', "12"),
        ("'true'", "true"),
        ("[a, 1, {b: no}]", ("a", 1, {"b": "no"})),
    ],
)
def test_types(typed: str, value: object) -> None:
    """YAML 1.2: only true, false, null and whole numbers are anything but the text that was typed."""
    document, problems = yaml_text.read(f"key: {typed}\n", "c.yaml")
    assert not problems
    assert document is not None
    assert document.data == {"key": value}


def test_keys_are_text() -> None:
    """`yes`, `no`, `on` and numbers as keys are text."""
    document, _ = yaml_text.read("yes: 1\nno: 2\non: 3\n7: 4\n", "c.yaml")
    assert document is not None
    assert document.data == {"yes": 1, "no": 2, "on": 3, "7": 4}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1\n", "c.yaml:2:1: a tab can't indent YAML; use spaces"),
        ("a: 1\nlimits: 2\na: 3\n", 'c.yaml:3:1: "a" is already given at 1:1; keep one'),
        ("[" * 30_000, "c.yaml:1:65: nested deeper than 64; flatten it"),
        ("a: &a [*a]\n", "c.yaml:1:4: an alias that contains itself; write the values out"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            'c.yaml:1:4: tags are not used here; remove "!!python/object/apply:os.system"',
        ),
        ("", 'c.yaml:1:1: empty file; delete it or start with "cadence:"'),
        ("a: 1\n---\nb: 2\n", 'c.yaml:2:1: a second document begins here; keep one document a file, remove the "---"'),
        ("? [a, b]\n: 1\n", "c.yaml:1:1: a key must be a word"),
        ("x" * 300_000, "c.yaml:1:1: 293 KB; at most 256 KB, split it or take something out"),
    ],
)
def test_refused(text: str, message: str) -> None:
    """What is no YAML, or too much of it, is told with its place."""
    assert problems_of(text) == [message]


def test_first_line_is_counted() -> None:
    """Front matter begins on line 2 of its file, and problems say so."""
    _, problems = yaml_text.read("a: 1\na: 2\n", "t.md", first_line=2)
    assert [str(problem) for problem in problems] == ['t.md:3:1: "a" is already given at 2:1; keep one']


def test_merge() -> None:
    """`<<` merges an alias; own keys win, and the place of a merged key is where it is written."""
    document, _ = yaml_text.read("base: &base {x: 1, y: 2}\nown:\n  <<: *base\n  y: 3\n", "c.yaml")
    assert document is not None
    assert document.data["own"] == {"x": 1, "y": 3}
    assert document.place(("own", "x")) == (1, 17)
    assert document.place(("own", "y")) == (4, 6)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfa: 1\r\nb: 2\r", "a: 1\nb: 2\n"),
        ("ä: ß".encode(), "ä: ß"),
        ("a: ß".encode("latin-1"), "c.yaml:1:4: byte DF is not UTF-8; save the file as UTF-8"),
        ("ä\nä: ".encode() + b"\xe9", "c.yaml:2:4: byte E9 is not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "c.yaml:1:1: this is UTF-16; save the file as UTF-8"),
    ],
)
def test_decoding(data: bytes, expected: str) -> None:
    """UTF-8 with or without a byte order mark, any line ends; everything else is told with the byte and its place."""
    text, problems = yaml_text.decode(data, "c.yaml")
    assert (text if text is not None else str(problems[0])) == expected


class Inner(Part):
    """A group for the tests."""

    name: Line
    count: int = 0


class Outer(Part):
    """A file for the tests."""

    one: Inner
    many: Many[Inner] = ()
    free: dict[str, Inner] = {}  # noqa: RUF012


def test_all_problems_of_a_model_at_once() -> None:
    """Each problem of a model has its own place and its dotted path, and unknown keys have a suggestion."""
    text = "one: {namn: x, count: many}\nmany:\n  - name: a\n  - name: [b]\n    cuont: 3\nfree:\n  k: {name: n, count: true}\nmore: 1\n"
    document, _ = yaml_text.read(text, "c.yaml")
    assert document is not None
    model, problems = validation.validate(document, Outer)
    assert model is None
    assert [str(problem) for problem in problems] == [
        'c.yaml:1:13: one.namn: no such key; did you mean "name"?',
        "c.yaml:1:23: one.count: write a whole number such as 5",
        "c.yaml:4:11: many.1.name: write one text here, no list",
        'c.yaml:5:12: many.1.cuont: no such key; did you mean "count"?',
        "c.yaml:7:23: free.k.count: write a whole number such as 5",
        "c.yaml:8:7: more: no such key; known: free, many, one",
    ]


class Pairs(Part):
    """A list that needs two."""

    pair: Annotated[Many[int], Field(min_length=2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pair: []\n", ["c.yaml:1:7: pair: needs at least 2; add one"]),
        ("pair: [1]\n", ["c.yaml:1:7: pair: needs at least 2; add one"]),
        ("pair: [1, x]\n", ["c.yaml:1:11: pair.1: write a whole number such as 5"]),
        ("pair: [1, 2]\n", []),
    ],
)
def test_a_list_that_is_too_short_is_told(text: str, expected: list[str]) -> None:
    """A file without a model has a problem: too few items are told, unless a bad one among them is told already."""
    document, _ = yaml_text.read(text, "c.yaml")
    assert document is not None
    model, problems = validation.validate(document, Pairs)
    assert [str(problem) for problem in problems] == expected
    assert (model is None) is bool(expected)


def test_many_problems_are_cut() -> None:
    """A file with thousands of mistakes tells fifty and how many more there are."""
    document, _ = yaml_text.read("".join(f"key{number}: 1\n" for number in range(5000)), "c.yaml")
    assert document is not None
    _, problems = validation.validate(document, Outer)
    assert len(problems) == validation.MAX_PROBLEMS + 1
    assert any("4951 more problems in this file" in problem.text for problem in problems)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:{}[]-,#&*!|>'\"%@`<? \n\t~0é\x00\u2028"), max_size=60))
def test_any_text_gives_a_document_or_problems(text: str) -> None:
    """Nothing that can be typed raises, and every problem has a place inside or just after the text."""
    document, problems = yaml_text.read(text, "c.yaml")
    assert (document is None) == bool(problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_a_problem(data: bytes) -> None:
    """Nothing that can stand in a file raises."""
    text, problems = yaml_text.decode(data, "c.yaml")
    assert (text is None) == bool(problems)


def test_alias_bomb_needs_no_memory() -> None:
    """An alias bomb is refused under 120 MB of address space above the start, instead of being written out."""
    program = (
        "from followupd.files import yaml_text\n"
        "lines = ['a: &a [x, x]'] + [f'{c}: &{c} [*{p}, *{p}]' for p, c in zip('abcdefghijklmnopqrstuvw', 'bcdefghijklmnopqrstuvwx')]\n"
        "document, problems = yaml_text.read('\\n'.join(lines), 'c.yaml')\n"
        "assert document is None and problems, problems\n"
    )
    limit = 1_000_000_000
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        timeout=20,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )


def test_problem_reads_like_a_compiler() -> None:
    """Problems print as path:line:column: text, and sort by place."""
    late, early = Problem("c.yaml", 10, 1, "x"), Problem("c.yaml", 9, 5, "y")
    assert sorted([late, early]) == [early, late]
    assert str(early) == "c.yaml:9:5: y"


def test_words() -> None:
    """The nearest known word is suggested; foreign text is cut and has no control characters."""
    assert nearest("aftr", ["after", "since"]) == "after"
    assert nearest("zzz", ["after"]) == ""
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert shown("\x1b[31m\nred" + "x" * 100) == "\\x1b[31m\\nred" + "x" * 50 + "…"
