"""How the databases answer what every turn asks: each row by an index, also before anybody has looked through the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from followupd.bench.plenty import BOXES, NOW, fill
from followupd.bench.servers.postgres import PostgresServer
from followupd.store import Store, claiming, gathering, matching, open_store, reading
from followupd.store.prepared import Prepared, by_index

ROWS = 3000
NUMBERS = [f"{number:012}" for number in range(0, ROWS, ROWS // 100)]
KEYS: dict[str, Any] = {
    "mailboxes": BOXES, "boxes": BOXES, "touches": [f"touch-{number}" for number in NUMBERS], "enrollments": [f"enrollment-{number}" for number in NUMBERS],
    "prospects": [f"prospect-{number}" for number in NUMBERS], "addresses": [f"person-{number}@company-{number}.example" for number in NUMBERS],
    "companies": ["acme.test"], "replies": ["r"], "full": ["full.test"], "places": 100, "most": 4, "mine": "t", "whom": "w", "parent": "p",
    "ids": ["a@acme.test"], "token": "t", "touch": "t", "prospect": "p", "enrollment": "e", "address": "w", "mailbox": "alone", "fingerprint": "f", "limit": 50,
}  # fmt: skip
"""What stands for the parameters; moments are NOW."""

SMALL = {"mailbox", "alarm", "round", "suppression", "one", "json_each", "anon_1", "CONSTANT"}
"""What may be read whole: a handful of rows, and the suppressions, which are counted."""

WAITING = ("touch_in_hand", "touch_in_doubt", "letter_answer_open")
"""Indexes of what waits at the moment and nothing else."""

# Three write rows that they know by their keys, one takes whichever row comes first; the last goes through all people of a company, where nothing else tells whom a mail belongs to.
STATEMENTS = {
    name: one for module in (claiming, gathering, matching, reading) for name, one in vars(module).items()
    if isinstance(one, Prepared) and name not in {"_MARK", "_START", "_KEEP", "_ANYTHING", "_COMPANY"}
}  # fmt: skip
DUE = {
    f"due {key}": claiming._due(*key)
    for key in (("task", False, False), ("email", True, False), ("email", False, False), ("email", False, True))
}


@pytest.fixture(scope="module")
def plenty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a SQLite store in which 3,000 touches are planned."""
    url = f"sqlite:///{tmp_path_factory.mktemp('plenty')}/followupd.db"
    fill(url, ROWS, 1000)
    with closing(open_store(url)) as store:
        yield store


@pytest.fixture(scope="module")
def unknown(postgres: PostgresServer) -> Iterator[Store]:
    """Give the same on PostgreSQL, which knows nothing of its tables yet."""
    with postgres.database() as url:
        fill(url, ROWS, 1000, analyzed=False)
        with closing(open_store(url)) as store:
            yield store


def plan_of(connection: sa.Connection, one: Prepared, explain: str) -> list[str]:
    """How a statement is carried out, a line each."""
    text, values = one.asked(connection, **{name: KEYS.get(name, NOW) for name in one.names(connection)})
    rows = connection.exec_driver_sql(f"{explain} {text}", tuple(values) if isinstance(values, list) else values)
    return [str(row[-1]) for row in rows]


@pytest.mark.parametrize("name", [*STATEMENTS, *DUE])
def test_sqlite_reads_no_table_whole(plenty: Store, name: str) -> None:
    """Every statement of a turn finds its rows by an index, and what is due comes in the order of the index."""
    with plenty.reading() as connection:
        plan = plan_of(connection, (STATEMENTS | DUE)[name], "EXPLAIN QUERY PLAN")
    whole = [line for line in plan if line.startswith("SCAN") and not line.endswith(WAITING)]
    assert not [line for line in whole if line.split()[1] not in SMALL], plan
    if name in DUE:
        assert any("touch_due" in line for line in plan)
        assert not [line for line in plan if "TEMP B-TREE" in line]


def kept_plan_of(connection: sa.Connection, one: Prepared) -> list[str]:
    """How PostgreSQL carries a statement out that it has prepared, whatever the keys will be."""
    text, _ = one.asked(connection, **{name: KEYS.get(name, NOW) for name in one.names(connection)})
    numbers = {name: f"${number}" for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)), 1)}
    connection.exec_driver_sql("PREPARE asked AS " + re.sub(r"%\((\w+)\)s", lambda found: numbers[found[1]], text))
    nothing = f"({', '.join(['NULL'] * len(numbers))})" if numbers else ""
    plan = connection.exec_driver_sql(f"EXPLAIN EXECUTE asked{nothing}").scalars().all()
    connection.exec_driver_sql("DEALLOCATE asked")
    return list(plan)


@pytest.mark.parametrize("name", [*STATEMENTS, *DUE])
def test_postgresql_reads_no_table_whole(unknown: Store, name: str) -> None:
    """The same where nobody has analyzed a table since it was filled; and nobody's few touches are sought among all that are in hand."""
    with unknown.writing() as connection:
        if name == "_FIRST_DUE":  # asked before anything is known to be due, and told by its order alone
            plan = plan_of(connection, STATEMENTS[name], "EXPLAIN")
        else:
            by_index(connection)
            plan = kept_plan_of(connection, (STATEMENTS | DUE)[name])
    assert not [line for line in plan if (found := re.search(r"Seq Scan on (\w+)", line)) and found[1] not in SMALL], plan
    assert not [line for line in plan if re.search("touch_in_hand on touch (other|another|later|earlier)", line)], plan
    if name in DUE:
        assert any("touch_due" in line for line in plan), plan
        assert not [line for line in plan if "Sort" in line], plan


def test_a_table_read_whole_is_seen(unknown: Store) -> None:
    """Control: without `by_index` PostgreSQL reads all touches to find those of a hundred people."""
    with unknown.reading() as connection:
        assert any("Seq Scan on touch" in line for line in plan_of(connection, gathering._PAST, "EXPLAIN"))
