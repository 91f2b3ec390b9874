"""The house's words and manners, read from the syntax trees of every module."""

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "followupd").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
BANNED = {
    "campaign",
    "lead",
    "contact",
    "drip",
    "job",
    "action",
    "blast",
    "sequence",
    "utils",
    "util",
    "manager",
    "helper",
    "helpers",
}
BORROWED = {  # names that a library or the standard gave, not we
    "Sequence",  # collections.abc
    "contextmanager",
    "asynccontextmanager",
    "add_job",  # APScheduler
    "remove_job",
    "get_jobs",
    "get_job",
    "contact",  # the address that a referral names, as the labelled replies call it
    "action",  # RFC 3464, section 2.3.3: the field `Action` of a delivery report
}

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def names(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that the module gives to something, with its line."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def banned(module: ast.Module) -> list[str]:
    return [f"{name} (line {line})" for name, line in names(module) if name not in BORROWED and words(name) & BANNED]


@each_module
def test_one_word_per_thing(path: Path) -> None:
    """No module, class, function or variable carries a word that the house has banned."""
    assert not set(path.relative_to(ROOT).with_suffix("").parts) & BANNED
    assert banned(tree(path)) == []


def test_banned_words_are_noticed() -> None:
    """The check above is able to fail, and knows a word from a part of another word."""
    assert banned(ast.parse("class LeadList: pass\ndef next_sequence(): pass\nself.jobs = job = 1")) == [
        "LeadList (line 1)",
        "next_sequence (line 2)",
        "job (line 3)",
    ]
    assert banned(ast.parse("leading = transaction = contacted = 1")) == []


@each_module
def test_module_says_what_it_decides(path: Path) -> None:
    """Every module begins with a docstring of at least one whole sentence."""
    said = ast.get_docstring(tree(path)) or ""
    assert len(said.split()) >= 4, f"{path} needs a docstring that says what it decides and what it never does"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_test_states_a_behaviour(path: Path) -> None:
    """Every test function has a docstring: names are for finding, sentences are for reading."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    silent = [
        f"{node.name} (line {node.lineno})" for node in functions if node.name.startswith("test") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_packages_are_all_named() -> None:
    """Every package on disk stands in setup.cfg, so that the wheel carries it; and none that is gone."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    listed = {
        name
        for name in setup["options"]["packages"].split()
        if not name.startswith(("followupd.starter_set", "followupd.training"))
    }
    on_disk = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES}
    assert listed == on_disk


@each_module
def test_names_only_what_is_here(path: Path) -> None:
    """Comments and docstrings send the reader only to files that this repository holds."""
    text = path.read_text("utf-8")
    said = re.findall(r"#.*", text) + [
        ast.get_docstring(node) or "" for node in ast.walk(tree(path)) if isinstance(node, DOCUMENTED)
    ]
    named = {name for line in said for name in re.findall(r"[\w./-]+\.md\b", line)}
    folders = ("docs", "cadences", "templates", "content")
    here = {file.name for folder in folders for file in (ROOT / folder).rglob("*.md")} | {file.name for file in ROOT.glob("*.md")}
    assert {name for name in named if Path(name).name not in here} == set()
    assert re.findall(r"(?<![\w.])(?:\.\./|/root/|/work/|/home/)\S*", "\n".join(said)) == []
