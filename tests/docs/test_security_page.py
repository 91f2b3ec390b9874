"""docs/security.md is true: each threat has its row, each test that it names exists, and what no other test looks at is looked at here."""

from __future__ import annotations

import ast
import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py::[\w:]+)`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| X\d", line)]
SAFE = {
    "jinja2": (3, 1, 6),
    "aiosmtplib": (5, 1, 2),
    "imapclient": (3, 0, 1),
    "pyyaml": (6, 0, 3),
    "lxml": (6, 1),
    "nh3": (0, 3, 8),
    "sqlalchemy": (2, 1),
}
"""Versions that no longer have holes that matter here: sandbox escapes, words before TLS, what cleaners let through."""


def functions(path: Path) -> set[str]:
    """The tests of a file, those in classes as `Class::test`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        before = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {before + one.name for one in inner if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return found


@pytest.mark.parametrize("name", TESTS)
def test_what_it_names_exists(name: str) -> None:
    """Every test on the page stands in its file."""
    file, _, function = name.partition("::")
    assert function in functions(ROOT / file)


def test_every_threat_has_a_control_and_a_test() -> None:
    """X1 to X24, each once and in order, each with a control and at least one test."""
    assert [row.split("|")[1].strip() for row in ROWS] == [f"X{number}" for number in range(1, 25)]
    for row in ROWS:
        _, _, threat, control, tried, _ = row.split("|")
        assert threat.strip(), row
        assert control.strip(), row
        assert re.search(r"`tests/[\w/]+\.py::\w+", tried), row
    assert len(TESTS) > 60


def test_a_test_that_is_gone_is_noticed() -> None:
    """The control: only what is there is found."""
    assert "test_a_test_that_is_gone_is_noticed" in functions(Path(__file__))
    assert "test_that_never_was" not in functions(Path(__file__))
    assert "TestLimits::test_trip_wire" in functions(ROOT / "tests/store/test_contract.py")


@pytest.mark.parametrize("library", SAFE)
def test_versions_that_are_safe(library: str) -> None:
    """What is installed, what is asked for and what is locked are no older than the version that mended the last hole."""
    wanted = re.search(rf"(?m)^    {library}>=([\d.]+)", (ROOT / "setup.cfg").read_text("utf-8"))
    locked = re.search(rf"(?m)^{library}==([\d.]+)", (ROOT / "requirements.lock").read_text("utf-8"))
    assert wanted, library
    assert locked, library
    for found in (version(library), wanted[1], locked[1]):
        assert tuple(int(part) for part in re.findall(r"\d+", found)[:3]) >= SAFE[library], found


def test_only_a_login_listens() -> None:
    """Nothing in the program waits for a connection but `followupd login`, on this machine alone; demo and bench have servers of their own."""
    listening = {"start_server", "create_server", "start_unix_server", "listen", "bind", "HTTPServer", "ThreadingHTTPServer"}
    found = {}
    for path in sorted((ROOT / "followupd").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            if name in listening and not ast.unparse(node).startswith("sa.event.listen("):  # of SQLAlchemy's own doings
                found[str(path.relative_to(ROOT / "followupd")), name] = ast.unparse(node)
    ours = {place: code for place, code in found.items() if not place[0].startswith(("demo/", "bench/"))}
    assert list(ours) == [("cli/login.py", "start_server")], ours
    assert "'127.0.0.1'" in ours["cli/login.py", "start_server"]
