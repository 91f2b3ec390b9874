"""What the bench suite stands on: a store that looks as if it had come about in days, and processes that are measured."""

import operator
import pstats
import re
import smtplib
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from followupd.bench.process import Failed, Process, call, measure
from followupd.bench.servers.dovecot import dovecot
from followupd.bench.servers.recorder import recorder
from followupd.bench.suite import WrongOutcome
from followupd.bench.workspace import Workspace, fill, person, send_all, workspace
from followupd.store import schema

OF_THE_STORE = re.compile(r"t\.([a-z0-9]+)\.[0-9a-f]{32}@|=_[0-9a-f]{32}")
"""Message-IDs and boundaries are sealed with the key of the store."""


def rows_about(place: Workspace, number: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about somebody, by table; without what differs from store to store, or was drawn."""
    found: dict[str, list[dict[str, Any]]] = {}
    with place.office() as office, office.store.reading() as connection:
        mine = {person(number)["email"]}
        for _ in range(3):  # person, enrollment, touches
            for table in schema.metadata.sorted_tables:
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').mappings():
                    named = {value for value in row.values() if isinstance(value, str)}
                    if named & mine and table.name in {"prospect", "enrollment", "touch"}:
                        mine |= {row["id"]}
                    if named & mine and dict(row) not in found.setdefault(table.name, []):
                        found[table.name].append(dict(row))
    return {name: sorted((_comparable(name, row) for row in rows), key=repr) for name, rows in found.items() if rows}


def _comparable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    left_out = {"token", "number", "due", *{"mail": ("raw", "text"), "touch": ("owner",)}.get(table, ())}
    return {
        name: OF_THE_STORE.sub(r"\1", value) if isinstance(value, str) else value
        for name, value in row.items()
        if name not in left_out
    }


def test_a_copy_is_like_somebody_who_came_about(tmp_path: Path) -> None:
    """Row by row in every table, somebody who was copied has what the store's own verbs have written for them."""
    stores = []
    for name, count, first in (("copied", 2, 6), ("made", 1, 7)):
        with workspace(tmp_path / name, smtp=1, imap=1) as place:
            assert fill(place, count, first=first)[-1] == person(7)["email"]
            stores.append(rows_about(place, 7))
    copied, made = ({name: [_to_the_day(row) for row in rows] for name, rows in each.items()} for each in stores)
    assert copied.keys() == made.keys() >= {"prospect", "enrollment", "touch", "mail", "event"}
    assert copied == made


def _to_the_day(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: re.sub(r"(\d{4}-\d\d-\d\d)T[\d:.]+Z|\d\d:\d\d", r"\1", value) if isinstance(value, str) else value
        for name, value in row.items()
    }


@pytest.mark.slow
def test_the_daemon_sends_what_was_filled_in(tmp_path: Path) -> None:
    """Everybody gets the follow-up once, as an answer to the first mail; a store that is filled on has no one twice."""
    with (
        recorder() as taken,
        dovecot() as box,
        workspace(tmp_path / "w", smtp=taken.port, imap=box.imap_port, mailboxes=2) as place,
    ):
        people = fill(place, 5) + fill(place, 4, first=5)
        sent = send_all(place, 9, timeout=60)
        assert sorted(one.recipient for one in taken.check(9)) == sorted(people)
        assert sent.cpu > 0
        assert sent.memory_mb > 10
        with place.office() as office, office.store.reading() as connection:
            raw = connection.exec_driver_sql("SELECT raw FROM mail JOIN touch ON id = touch WHERE position = 1").scalars().all()
        assert all(b"\r\nIn-Reply-To: <t." in one and b"\r\nList-Unsubscribe: " in one for one in raw)
        assert all(3_200 < len(one) < 4_000 for one in raw)


def test_a_recorder_that_was_told_twice() -> None:
    """Somebody who got two mails, and one mail too few, are wrong outcomes."""
    with recorder() as taken, smtplib.SMTP("127.0.0.1", taken.port) as client:
        for _ in range(2):
            client.sendmail("a@example.com", ["b@firm.example"], b"Message-ID: <1@x>\r\n\r\n..\r\n.\r\nHello\r\n")
        with pytest.raises(WrongOutcome, match=r"more than one mail, such as b@firm\.example"):
            taken.check(2)
        taken.forget()
        with pytest.raises(WrongOutcome, match="0 mails arrived instead of 1"):
            taken.check(1)


def test_a_process_is_measured_with_its_children() -> None:
    """Processor time and memory of a child count; so does what it says, and its exit code."""
    work = "x = bytearray(40_000_000); sum(range(4_000_000)); print('done', flush=True); import time; time.sleep(0.3)"
    cost = measure(["sh", "-c", f'python3 -c "{work}"; exit 3'])
    assert cost.code == 3
    assert cost.output == "done\n"
    assert cost.cpu > 0.02
    assert cost.memory_mb > 38
    assert cost.wall > 0.3


def test_a_process_that_takes_too_long_ends_with_its_children() -> None:
    """Nothing of it is left after the time is over."""
    cost = measure(["sh", "-c", "sleep 60 & echo $!; wait"], timeout=0.3)
    assert cost.timed_out
    assert cost.code == -9
    assert not Path(f"/proc/{cost.output.strip()}").exists() or _is_dead(cost.output.strip())


def _is_dead(pid: str) -> bool:
    time.sleep(0.1)
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_running_process_says_what_it_has_used() -> None:
    """Processor time is known while it runs."""
    process = Process(["python3", "-c", "while True: pass"])
    try:
        time.sleep(0.4)
        assert process.running
        assert process.cpu() > 0
    finally:
        process.stop()
    assert not process.running


def test_a_function_in_a_process_of_its_own() -> None:
    """What it returns comes back; what it dies of is told."""
    answer, cost = call(operator.add, 20, 22)
    assert answer == 42
    assert cost.memory_mb > 1
    with pytest.raises(Failed, match="no median for empty data"):
        call(statistics.median, [])


def test_a_profile_can_be_read(tmp_path: Path) -> None:
    """A command runs as it does otherwise, and what `pstats` reads has our functions in it."""
    cost = measure([sys.executable, "-m", "followupd.bench.profiled", str(tmp_path / "profile"), "--version"])
    assert (cost.code, cost.output.split()[0]) == (0, "followupd")
    found = pstats.Stats(str(tmp_path / "profile")).get_stats_profile().func_profiles
    assert found["enter"].cumtime > 0
