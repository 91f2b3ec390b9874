"""Each library has one place: what would have to change with it is found at once."""

import ast
import configparser
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "followupd"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "bench" not in path.parts
)  # it measures the libraries, and peers that we don't have

# Library, and where alone it may be imported (the first part of the path below followupd/).
PLACE = {
    "aiosmtpd": {"demo"},
    "aiosmtplib": {"channels"},
    "alembic": {"store"},
    "apscheduler": {"daemon"},
    "click": {"cli"},
    "httpx2": {"oauth"},
    "imapclient": {"mailbox"},
    "imaplib": {"mailbox"},
    "jwt": {"oauth"},
    "jinja2": {"files", "cli"},  # cli: the page of preview
    "markupsafe": {"cli"},
    "markdown_it": {"files"},
    "proxyprotocol": {"demo"},
    "psycopg": {"store"},
    "pymap": {"demo"},
    "pysasl": {"demo"},
    "rich": {"cli", "demo"},
    "smtplib": set[str](),
    "snowballstemmer": {"core"},
    "sqlalchemy": {"store"},
    "sqlite3": {"store"},
    "yaml": {"files"},
}
DISTRIBUTION = {
    "email_validator": "email-validator",
    "flufl": "flufl.bounce",
    "html_text": "html-text",
    "jwt": "pyjwt[crypto]",
    "markdown_it": "markdown-it-py",
}
DISTRIBUTION |= {
    "psycopg": "psycopg[binary]",
    "pysasl": "pymap",
    "proxyprotocol": "pymap",
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",
}
UNIMPORTED = {
    "psycopg[binary]",
    "tzdata",
}  # SQLAlchemy finds the one by the URL; zoneinfo the other where the system has no zones


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {name.name.partition(".")[0] for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_in_its_place(path: Path) -> None:
    """SQL is seen by the store alone, IMAP by the mailbox alone, and so on."""
    place = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert {name for name in imported(path) & PLACE.keys() if place not in PLACE[name]} == set()


def declared(*groups: str) -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    extras = setup["options.extras_require"]
    text = setup["options"]["install_requires"] + "".join(extras[group] for group in groups)
    return {re.split(r"[<>=]", line)[0].strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    """No library comes along by luck, and none is carried for nothing."""
    everywhere = {name for path in MODULES for name in imported(path)} - set(sys.stdlib_module_names) - {"followupd"}
    assert {DISTRIBUTION.get(name, name) for name in everywhere} == declared(
        "oauth", "postgres", "fast", "demo", "train"
    ) - UNIMPORTED
