"""What a start loads and asks: nothing that it does not need, and nothing that grows with the enrollments."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from followupd.store import open_store, schema
from tests.store.made import NOW, begin, prospect

ROOT = Path(__file__).parents[1]

HEAVY = (
    "sqlalchemy", "pydantic", "alembic", "lxml", "holidays", "yaml", "jinja2", "asyncio", "apscheduler", "imapclient", "aiosmtplib", "email_validator",
    "rich", "markdown_it", "nh3", "html_text", "snowballstemmer", "flufl", "mailparser_reply", "numpy", "httpx2", "jwt", "psycopg",
)  # fmt: skip
"""What takes its time to load."""

IDLE = (
    "alembic",
    "rich",
    "lxml",
    "markdown_it",
    "nh3",
    "html_text",
    "flufl",
    "numpy",
    "email_validator",
    "httpx2",
    "jwt",
    "psycopg",
    "mako",
)
"""What a daemon does not load whose store is up to date, whose folders are SQLite's and whose mailboxes have passwords."""

LOADED = """\
import json, sys
{program}
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}} | set(sys.modules))))
"""

HELP = """\
from followupd.cli.door import enter
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()):
    enter(["--help"])
"""

OPENED = """\
import os
from pathlib import Path
import followupd.cli.running, followupd.daemon as daemon
from followupd.clock import RealClock, RealDice
from followupd.office import open_office
office = open_office(Path(sys.argv[1]), RealClock(), RealDice(), os.environ, examined=True)
built = daemon.build(office, os.environ)
built.world.marks.close()
office.store.close()
"""

CONFIG = """\
store: followupd.db
company: {name: Example Ltd, postal_address: "1 Main Street", domains: [example.com]}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 9, security: none}
    imap: {host: 127.0.0.1, port: 9, security: none}
    auth: {user: dana, password: {env: DANA}}
"""


def loaded(program: str, *arguments: str, **environ: str) -> set[str]:
    """The modules that a program has loaded at its end."""
    code = LOADED.format(program=program)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env={"PATH": "/usr/bin", "PYTHONPATH": str(ROOT), **environ},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_help_page_loads_next_to_nothing() -> None:
    """`followupd --help` loads none of the libraries, and no module that reads a file or opens a store."""
    found = loaded(HELP)
    assert found & set(HEAVY) == set()
    assert not {
        name for name in found if name.startswith(("followupd.store", "followupd.files", "followupd.core", "followupd.daemon"))
    }


def test_a_daemon_loads_what_it_uses(tmp_path: Path) -> None:
    """A start on a store that is up to date loads neither what upgrades it nor what only other commands and the reading process use."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    open_store(f"sqlite:///{tmp_path}/followupd.db").close()
    found = loaded(OPENED, str(tmp_path / "config.yaml"), DANA="secret", RUNTIME_DIRECTORY=str(tmp_path))
    assert found & set(IDLE) == set()
    assert "sqlalchemy.dialects.postgresql" not in found
    assert {"sqlalchemy", "followupd.dispatch"} <= found  # control: it was a daemon that was built


FEW = {"prospect_to_meet", "touch_in_hand", "enrollment_until", "touch_deadline"}
"""Indexes that hold only what the question is about, be there ever so many people."""


@pytest.mark.parametrize("ask", ["to_meet", "next_date", "first_due", "rounds_due"])
def test_no_question_of_a_start_looks_at_everybody(tmp_path: Path, ask: str) -> None:
    """SQLite finds what a start asks for by an index, in the tables that grow with the enrollments."""
    asked: list[str] = []
    given = {"to_meet": ("dana",), "next_date": (["dana"], NOW), "first_due": (["dana"],), "rounds_due": (["dana"], NOW)}
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as store:
        store.apply([begin(prospect(f"p{number}")) for number in range(3)])
        with store.reading() as connection:
            driver = connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        getattr(store, ask)(*given[ask])
        driver.set_trace_callback(None)
        questions = [text for text in asked if text.lstrip().startswith(("SELECT", "WITH"))]
        assert questions
        for text in questions:
            plan = [str(row[3]) for row in driver.execute(f"EXPLAIN QUERY PLAN {text}")]
            grows = [
                line
                for line in plan
                if line.startswith("SCAN") and line.split()[1] in {"enrollment", "touch", "prospect", "event"}
            ]
            assert [line for line in grows if line.rpartition("INDEX ")[2] not in FEW] == [], plan


def test_who_is_to_be_met_is_in_the_index(tmp_path: Path) -> None:
    """Control of the plan: the condition that the index was made with is the one that is asked."""
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as store, store.reading() as connection:
        said = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'prospect_to_meet'").scalar()
        assert schema.TO_MEET.text in str(said)
