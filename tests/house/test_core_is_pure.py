"""The core and the files decide; they never look at a clock, roll dice, touch a disk, print or log."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "followupd"
PURE = [*sorted((PACKAGE / "core").rglob("*.py")), *sorted((PACKAGE / "files").rglob("*.py"))]
# The thin doors through which files/ and core/ read the disk: people's files, secrets, and the program's own data.
LOADERS = {PACKAGE / "files/workspace.py", PACKAGE / "files/secret.py", PACKAGE / "core/replies/shipped.py"}

# The one that looks at which modules are loaded, so that the tables of one country don't bring those of all others.
MODULES = PACKAGE / "core/holiday_tables.py"

# What a name would bring in, written as it is called.
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__"}
FORBIDDEN_METHODS = {
    "now", "today", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter", "sleep",
    "read_text", "read_bytes", "write_text", "write_bytes", "getenv", "uuid1", "uuid4", "urandom", "token_hex", "token_urlsafe",
}  # fmt: skip
FORBIDDEN_MODULES = {
    "asyncio", "glob", "logging", "multiprocessing", "os", "random", "secrets", "shutil", "signal", "socket", "subprocess", "sys",
    "tempfile", "threading", "time", "uuid",
}  # fmt: skip
DISK = {"os", "open", "read_text", "read_bytes"}


def breaches(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        match node:
            case ast.Import(names=imported):
                yield from ((a.name, node.lineno) for a in imported if a.name.partition(".")[0] in FORBIDDEN_MODULES)
            case ast.ImportFrom(module=str(name), level=0) if name.partition(".")[0] in FORBIDDEN_MODULES:
                yield name, node.lineno
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield name, node.lineno
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_METHODS | {"open"}:
                yield name, node.lineno


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_from_outside(path: Path) -> None:
    """Clock, dice, disk, environment, screen and log come in as arguments, or not at all."""
    found = [
        (name, line)
        for name, line in breaches(ast.parse(path.read_text("utf-8")))
        if not (path in LOADERS and name in DISK) and (path, name) != (MODULES, "sys")
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import time", "from os import environ", "import os.path", "import random as r", "datetime.now()", "date.today()",
        "print(1)", "open('x')", "path.open()", "Path('x').read_text()", "from uuid import uuid4", "import logging.config",
    ],
)  # fmt: skip
def test_breaches_are_noticed(code: str) -> None:
    """The check above is able to fail, for each kind of breach."""
    assert list(breaches(ast.parse(code)))
