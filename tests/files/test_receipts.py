"""CSV files of every kind, byte for byte: each row is enrolled or handed back in a receipt that says why, and nothing stops.

`tests/bad/NN-csv-NAME/inbox/` holds the files, `receipts/` what becomes of them; the workspace is `tests/bad/sound/`, under what
the folder brings itself. `python -m tests.files.test_receipts` writes all receipts anew; the difference is then to be read.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd import desk, enroll
from followupd.clock import SeededDice
from followupd.core.model import Outcome
from followupd.enroll import RECEIPT, Folder, take_in
from followupd.files.sheet import defuse
from followupd.office import Office, open_office
from followupd.store import schema
from tests.stories.stage import FakeClock

BAD = Path(__file__).parent.parent / "bad"
NAMES = sorted(path.parent.name for path in BAD.glob("*/inbox"))
NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def _history(office: Office) -> None:
    """After the first file: one has said no, one is never to be written to, one is under way; a whole domain is gone."""
    (said_no,) = office.store.person("no@h.example")[1]
    from followupd.core import lifecycle

    office.store.apply_one(lifecycle.finish(said_no, Outcome.NO, "said no", NOW))
    desk.suppress(office, "out@h.example", "asked for it", "dana")
    desk.suppress(office, "@gone.example", "the company is gone", "dana")


AFTER: dict[tuple[str, str], Callable[[Office], None]] = {("52-csv-history", "a.csv"): _history}
"""What happens once a file has been taken."""


@contextmanager
def _office(name: str, folder: Path) -> Iterator[Office]:
    shutil.copytree(BAD / "sound", folder, dirs_exist_ok=True)
    shutil.copytree(BAD / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("receipts"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    office = open_office(folder / "config.yaml", FakeClock(NOW), SeededDice(1), {})
    try:
        yield office
    finally:
        office.store.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files whose last line is not ended are taken after two scans, too, and not after a minute."""
    monkeypatch.setattr(enroll, "UNENDED_RESTS", 0.0)


def _taken(name: str, folder: Path) -> dict[str, bytes]:
    """The receipts that were written, by file name."""
    with _office(name, folder) as office:
        inbox, watch = folder / "inbox", Folder()
        watch.resting(inbox)
        before = {path.name for path in inbox.iterdir()}
        for path in watch.resting(inbox):
            take_in(office, path)
            AFTER.get((name, path.name), lambda _: None)(office)
        return {path.name: path.read_bytes() for path in sorted(inbox.iterdir()) if path.is_file() and path.name not in before}


@pytest.mark.parametrize("name", NAMES)
def test_receipts(name: str, tmp_path: Path) -> None:
    """Every file gets exactly its expected receipt and moves to done/, byte for byte as it was; what is no list stays where it is."""
    assert _taken(name, tmp_path) == {path.name: path.read_bytes() for path in sorted((BAD / name / "receipts").iterdir())}
    for path in (BAD / name / "inbox").iterdir():
        listed = (BAD / name / "receipts" / f"{path.name.rpartition('.')[0]}{RECEIPT}").exists() and path.suffix != ".part"
        where = tmp_path / "inbox" / ("done" if listed else ".") / path.name
        assert where.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("crowd", [1, 2, 10_000])
@pytest.mark.parametrize("name", ["51-csv-duplicates", "52-csv-history"])
def test_whom_a_file_has_named_before(name: str, crowd: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is named twice is told by the row of the first time, however far the two rows lie apart: on the way or in the store."""
    monkeypatch.setattr(enroll, "LONG_BATCH", 1)
    monkeypatch.setattr(enroll, "CROWD", crowd)
    test_receipts(name, tmp_path)


def test_people_of_one_batch_are_dated_as_if_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who begin alike share their first dates, and nobody gets the dates of somebody in another zone, country or cadence."""
    choices = (
        ("proposal", "nurture"), ("", "DE", "US", "DE-BY"), ("", "Asia/Tokyo"), ("2026-03-02", "2026-03-02 14:30", "2026-03-10 09:00"),
        ("", "2026-03-20"), ("", "goodbye"),
    )  # fmt: skip
    rows = [row for row in itertools.product(*choices) if row[0] == "proposal" or not row[-1]]
    found = []
    for size in (1, 5000):
        monkeypatch.setattr(enroll, "LONG_BATCH", size)
        monkeypatch.setattr(enroll, "CROWD", size)
        with _office("51-csv-duplicates", tmp_path / str(size)) as office:
            path = tmp_path / "people.csv"
            lines = [",".join((f"p{number}@d.example", "Ann", *row)) for number, row in enumerate(rows)]
            path.write_text(
                "\n".join(["email,first_name,cadence,country,timezone,meeting_at,start_at,start_step", *lines]) + "\n",
                encoding="utf-8",
            )
            assert enroll.add(office, path, name="people.csv").accepted == len(rows)
            with office.store.reading() as connection:
                tables = (schema.prospect, schema.enrollment, schema.touch, schema.event)
                found.append([connection.execute(sa.select(table).order_by(*table.columns)).all() for table in tables])
    assert found[0] == found[1]
    assert len({touch.due for touch in found[0][2]}) > 10


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.parametrize("path", sorted(BAD.glob("*/receipts/*")), ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_receipt_is_for_people(path: Path) -> None:
    """It begins with a mark that spreadsheets know, its columns are a contract, no cell would be run, no reason hides anything."""
    assert path.read_bytes().startswith(b"\xef\xbb\xbfline,address,result,reason\r\n")
    for line, address, result, reason in _rows(path)[1:]:
        assert line.isdecimal()
        assert result in {"accepted", "rejected", "duplicate"}
        assert reason.isprintable()
        assert 5 < len(reason) < 300
        assert defuse(address) == address
        assert defuse(reason) == reason


INSTEAD = re.compile(
    r"write|did you mean|known: |rename|name it|save as|Save as|remove|put (it|that)|split|type it|must name|needs (it|that)|no rows below|leave|shorten|ask for"
    r"|one of our|our own domain|nobody may write|let it rest|is the same mailbox|of row|is in cadence|has been through|under way|may come again"
    r"|no address: |has \d+ characters|is a comma missing"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_reason_says_what_to_do(name: str) -> None:
    """Each row that is not enrolled says what to write instead, or by which rule it was left out."""
    for path in (BAD / name / "receipts").iterdir():
        for _, _, result, reason in _rows(path)[1:]:
            assert result == "accepted" or INSTEAD.search(reason), reason


HUGE = {
    "100,000 rows": ("email,first_name\n", "p@acme.example,Ann–Lee\n", 100_000, 100_000),
    "a million rows": ("email,first_name\n", "p@acme.example,Ann–Lee\n", 1_000_000, 1_000_000),
    "one value of 50 MB": ("email,goals\na@b.example,", "x" * 1000, 50_000, 1),
    "a quote that never closes over 20 MB": ('email,goals\na@b.example,"', "x" * 999 + "\n", 20_000, 20_000),
    "twenty million values": ("email,goals\na@b.example", ",1", 20_000_000, 1),
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.nightly) if kind == "a million rows" else kind for kind in HUGE]
)
def test_nothing_is_loaded_whole(kind: str, tmp_path: Path) -> None:
    """However big a file is, its rows are read one by one: under 200 MB, in a process of their own."""
    begin, piece, count, rows = HUGE[kind]
    with (tmp_path / "huge.csv").open("w", encoding="utf-8") as file:
        file.write(begin)
        for _ in range(count // 1000):
            file.write(piece * 1000)
    program = (
        "import pathlib, re, sys; from followupd.files.sheet import read_sheet\n"
        "found = read_sheet(open(sys.argv[1], 'rb'), name='huge.csv'); assert not found.problem, found.problem\n"
        "print(sum(1 for _ in found.rows), int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "huge.csv")], capture_output=True, text=True, check=True, timeout=60
    )
    read, megabytes = map(int, done.stdout.split())
    assert read == rows
    assert megabytes < 200


def rewrite() -> None:
    """Writes all receipts anew; the difference is then to be read like a text for people."""
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            found = _taken(name, Path(folder))
        shutil.rmtree(BAD / name / "receipts", ignore_errors=True)
        (BAD / name / "receipts").mkdir()
        for each, data in found.items():
            (BAD / name / "receipts" / each).write_bytes(data)


if __name__ == "__main__":
    rewrite()
