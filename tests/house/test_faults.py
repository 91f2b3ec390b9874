"""The fault matrix is whole: each row is tried by a test that runs in the suite, or, if it is long by nature, in `make torture`."""

from __future__ import annotations

import ast
from collections import defaultdict
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


def _marks(node: ast.AST) -> tuple[set[str], bool]:
    rows, nightly = set(), False
    for call in ast.walk(node):
        if isinstance(call, ast.Attribute) and call.attr == "nightly":
            nightly = True
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "fault":
            rows |= {one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return rows, nightly


def tried() -> dict[str, list[bool]]:
    """For each row, of each test that tries it, whether it runs in the suite."""
    found: dict[str, list[bool]] = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        whole = [node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "pytestmark"]
        module = [_marks(node.value) for node in whole]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                marks = [*module, *(_marks(one) for one in node.decorator_list)]
                # A case of a parametrized test that is marked as nightly leaves the other cases in the suite.
                alone = any(nightly and not isinstance(one, ast.Call) for one, (_, nightly) in zip(node.decorator_list, marks[len(module) :], strict=True))
                for row in set().union(*(rows for rows, _ in marks)):
                    found[row].append(not alone and not any(nightly for _, nightly in module))
    return found


def test_every_row_is_tried() -> None:
    """No row of the matrix is without a test, and only the long ones are left to `make torture` alone."""
    found = tried()
    assert [row for row in ROWS if row not in found] == []
    assert [row for row in ROWS if not any(found[row]) and row not in LONG] == []
