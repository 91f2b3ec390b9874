"""People who are laid ready beside the store, and written all at once: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.model import Newcomer
from followupd.store import Store, StoreBusy, open_store, schema
from tests.store.made import begin, cadence, prospect, step

PLAN = cadence((step(0, wait=False), step(1)))
FIRST, OTHER = begin(prospect("first"), PLAN), begin(prospect("first"), cadence(name="other", exclusive=False))


def people(*numbers: int, begun: Any = FIRST, **more: Any) -> list[Newcomer]:
    return [Newcomer(prospect(f"p{number}", **more), f"list.csv:{number}", begun) for number in numbers]


def left(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that lies in the store of people; in the order of numbers where rows have one."""
    tables = (schema.prospect, schema.enrollment, schema.touch, schema.event)
    with store.reading() as connection:
        return {
            table.name: [tuple(row)[table is schema.event :] for row in connection.execute(sa.select(table).order_by(*table.c))]
            for table in tables
        }


def test_same_as_at_once(store: Store) -> None:
    """Who is laid ready in several parts is written as if all had come at once; before that nobody is there."""
    groups = [people(3, 1, 2), people(5, 4, columns={"a": "é"}), people(1, begun=OTHER)]
    store.enroll([one for group in groups for one in group])
    expected = left(store)
    for name in expected:
        with store.writing() as connection:
            connection.execute(sa.text(f"DELETE FROM {name}"))
    arrivals = store.arrivals()
    for group in groups:
        store.lay_ready(arrivals, group)
        assert store.enrollments() == ()
    assert len(arrivals) == 6
    store.enroll_all(arrivals)
    assert left(store) == expected
    assert [event[2].rpartition(":")[2] for event in expected["event"]] == ["3", "1", "2", "5", "4", "1"]


def test_who_comes_in_between_is_left_as_they_are(store: Store) -> None:
    """Somebody else has enrolled one of them since they were laid ready: they begin once, and the others all the same."""
    arrivals = store.arrivals()
    store.lay_ready(arrivals, people(1, 2, 3, 2))
    store.enroll([Newcomer(prospect("p2"), "other.csv:9", FIRST)])
    store.enroll_all(arrivals)
    assert sorted(one.source for one in store.enrollments()) == ["list.csv:1", "list.csv:3", "other.csv:9"]
    assert [len(store.timeline(prospect(f"p{number}").address)) for number in (1, 2, 3)] == [1, 1, 1]
    assert {len(store.touches(one.id)) for one in store.enrollments()} == {2}


def test_two_crowds_at_once(url: str) -> None:
    """Two who write the same people at the same time, each in another order: nobody begins twice, and neither waits for ever."""
    stores = [open_store(url), open_store(url)]
    numbers = list(range(300))
    ready = [store.arrivals() for store in stores]
    for store, arrivals, order in zip(stores, ready, (numbers, numbers[::-1]), strict=True):
        store.lay_ready(arrivals, people(*order))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda store, arrivals: store.enroll_all(arrivals), stores, ready))
    found = left(stores[0])
    assert {name: len(each) for name, each in found.items()} == {"prospect": 300, "enrollment": 300, "touch": 600, "event": 300}
    for store in stores:
        store.close()


def test_locked(tmp_path: Path) -> None:
    """Where the database can't write, nobody is there, and the reason is said as ever."""
    store, other = (open_store(f"sqlite:///{tmp_path}/followupd.db") for _ in range(2))
    arrivals = store.arrivals()
    arrivals.connection.exec_driver_sql("PRAGMA busy_timeout=100")
    arrivals.connection.rollback()
    store.lay_ready(arrivals, people(1))
    with other.writing(), pytest.raises(StoreBusy, match="locked"):
        store.enroll_all(arrivals)
    assert store.enrollments() == ()
    store.close()
    other.close()


@given(st.dictionaries(st.text(), st.text()))
def test_texts_by_name(columns: dict[str, str]) -> None:
    """What is written by a form reads as what the standard library writes."""
    assert schema.texts(columns) == schema.plain(columns)
    assert json.loads(schema.texts(columns)) == columns


def test_nobody_opens_the_file_beside_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The locks by which other processes know that we are at work on a file go when this process closes it anywhere (fcntl(2)): only SQLite may."""
    store = open_store(f"sqlite:///{tmp_path}/followupd.db")
    opened = list[str]()
    original = os.open
    monkeypatch.setattr(os, "open", lambda path, *more, **named: opened.append(str(path)) or original(path, *more, **named))
    store.close()
    store = open_store(f"sqlite:///{tmp_path}/followupd.db")
    assert [path for path in opened if path.endswith(".db")]  # control: the first one does
    opened.clear()
    arrivals = store.arrivals()
    store.lay_ready(arrivals, people(1))
    store.enroll_all(arrivals)
    assert [path for path in opened if path.endswith(".db")] == []
    store.close()
