"""The fault matrix is whole: each row is tried by a test that runs in the suite, or, if it is long by nature, in `make torture`."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.faults import ROWS

TESTS = Path(__file__).parents[1]

LONG = {
    "F2": "hundreds of kills under strace",
    "F11": "hundreds of rebuilt disks",
    "F63": "a minute of real time",
    "F69": "a second PostgreSQL from a copied folder",
    "F81": "tens of thousands of mails",
}
"""Rows whose whole trial is too long for the suite, and why."""


def _rows(node: ast.AST) -> set[str]:
    calls = (
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "fault"
    )
    inside = (one for call in calls for given in call.args for one in ast.walk(given) if isinstance(one, ast.Constant))
    return {one.value for one in inside if isinstance(one.value, str)}


def tried() -> tuple[set[str], set[str]]:
    """The rows that some test tries, and those of which all tests run in `make torture` alone."""
    somewhere, lately, daily = set[str](), set[str](), set[str]()
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        somewhere |= _rows(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                rows = set().union(*map(_rows, node.decorator_list))
                nightly = any(isinstance(one, ast.Attribute) and one.attr == "nightly" for one in node.decorator_list)
                (lately if nightly else daily).update(rows)
    return somewhere, lately - daily


def test_every_row_is_tried() -> None:
    """No row of the matrix is without a test, and only the long ones are left to `make torture` alone."""
    somewhere, nightly = tried()
    assert [row for row in ROWS if row not in somewhere] == []
    assert [row for row in ROWS if row in nightly and row not in LONG] == []
