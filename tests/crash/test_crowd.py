"""`followupd add` with a long file, killed anywhere and started again: everybody is enrolled once."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.store import open_store, schema
from tests.crash.scene import furnish

PEOPLE = [f"p{number:03d}@d.example" for number in range(240)]

PROGRAM = """\
import os, signal, sys
from followupd import enroll
from followupd.cli import main
from followupd.store import Store, arriving

name, left = sys.argv[1], [int(sys.argv[2])]
owner = arriving.Arrivals if hasattr(arriving.Arrivals, name) else Store
original = getattr(owner, name)

def wrapped(*parameters):
    found = original(*parameters)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(owner, name, wrapped)
enroll.LONG_BATCH, enroll.CROWD = 20, 50
sys.argv[1:] = sys.argv[3:]
main()
"""


def _add(config: Path, file: Path, name: str, nth: int) -> int:
    command = [sys.executable, "-c", PROGRAM, name, str(nth), "--config", str(config), "add", str(file)]
    return subprocess.run(
        command, check=False, env={**os.environ, "DANA": "secret"}, stdout=subprocess.DEVNULL, timeout=60
    ).returncode


@pytest.mark.fault("F5")
@pytest.mark.parametrize(("name", "nth"), [("lay_ready", 8), ("_write_enrollments", 3), ("enroll_all", 3)])
def test_killed_and_started_again(name: str, nth: int, tmp_path: Path) -> None:
    """Killed while people are laid ready, in the transaction, or after it: the second run enrolls the others, and names who was there."""
    config = furnish(tmp_path, smtp=9, imap=9)
    file = tmp_path / "quick-people.csv"
    file.write_text("email,first_name\n" + "".join(f"{address},Ann\n" for address in PEOPLE), encoding="utf-8")
    assert _add(config, file, name, nth) == -signal.SIGKILL
    with closing(open_store(f"sqlite:///{tmp_path}/followupd.db")) as store:
        before = len(store.enrollments())
        assert 0 < before < len(PEOPLE)
        assert _add(config, file, name, 0) == 0
        with store.reading() as connection:
            for table in (schema.prospect, schema.enrollment, schema.event):
                found = connection.execute(sa.select(table.c.address).order_by(table.c.address)).scalars().all()
                assert found == PEOPLE, table.name
            assert connection.execute(sa.select(sa.func.count(sa.distinct(schema.touch.c.enrollment)))).scalar() == len(PEOPLE)
    with file.with_name("quick-people.receipt.csv").open(encoding="utf-8-sig", newline="") as receipt:
        said = [row["result"] for row in csv.DictReader(receipt)]
    assert (said.count("duplicate"), said.count("accepted")) == (before, len(PEOPLE) - before)
