"""Every row of the matrix of wrong input has a place where it is tried (`tests/bad/README.md`); and the rows that no folder can hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from followupd.files.config import load_config
from followupd.store import StoreProblem, open_store

TOP = Path(__file__).parents[2]
BAD = TOP / "tests/bad"
ROWS = [f"{kind}{number}" for kind, count in (("Y", 22), ("G", 12), ("J", 14), ("V", 18)) for number in range(1, count + 1)]
TABLE = dict(
    re.findall(r"^\| ([YGJV]\d+) \| [^|\n]+ \| ([^|\n]+) \|$", (BAD / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
)


def test_every_row_is_there() -> None:
    """No row of the matrix is left out."""
    assert list(TABLE) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_what_is_named_exists(row: str) -> None:
    """Folders hold what the program is to say; tests are there."""
    places = re.findall(r"`([^`]+)`", TABLE[row])
    assert places
    for place in places:
        name, _, test = place.partition("::")
        if test:
            (path,) = (TOP / "tests").rglob(name)
            assert re.search(rf"^(async )?def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE), place
        else:
            assert [*(BAD / name).glob("expected-*.txt"), *(BAD / name).glob("receipts/*")], place


def test_no_folder_is_forgotten() -> None:
    """Each folder is named in the table; what may follow from an answer is no row of it."""
    named = set(re.findall(r"`(\d\d-[a-z0-9-]+)`", "".join(TABLE.values())))
    assert {path.name for path in BAD.glob("[0-9]*")} - named == {"33-effects"}


MAILBOX = """mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, security: none}
    imap: {host: 127.0.0.1, security: none}
"""


def said(text: str) -> list[str]:
    _, problems = load_config(text + MAILBOX, "config.yaml")
    assert all("hunter2" not in str(problem) for problem in problems)
    return [problem.text for problem in problems]


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        ("postgresql://dana:hunter2@db.example/f", "a secret may not stand here"),
        ("postgresql://db.example/f?password=hunter2", "a secret may not stand here"),
        ("postgresql://db.example/f?sslmode=require&sslpassword=hunter2", "a secret may not stand here"),
        ("postgresql:/dana:hunter2@db.example/f", "a secret may not stand here"),
        ("host=db.example PASSWORD=hunter2", "a secret may not stand here"),
        ("mysql://dana:hunter2@db.example/f", '"mysql" is not known'),
        ("sqlite:///followupd.db", "write the name of the file alone"),
        ("sqlite://:memory:", "write the name of the file alone"),
        ("~/followupd.db", '"~" is not looked up here'),
        ("../followupd.db", '".." leaves the workspace'),
    ],
)
def test_stores(store: str, sentence: str) -> None:
    """A store's address holds no secret, and is of a kind that we know; no value of a secret is shown."""
    (found,) = said(f"store: '{store}'\n")
    assert sentence in found


def test_a_store_that_is_no_file(tmp_path: Path) -> None:
    """A folder or a device is not taken for a store, and the message says so."""
    for path in (tmp_path, Path("/dev/null")):
        with pytest.raises(StoreProblem, match="is no file; write the name of one"):
            open_store(f"sqlite:///{path}")


@pytest.mark.parametrize(
    "web",
    [
        "listen: '0.0.0.0:8025'", "listen: '[::]:8025'", "listen: 'page.example:8025'", "listen: '127.0.0.1:99999'", "listen: '127.0.0.1'",
        "public_url: 'http://page.example'", "public_url: 'https://page.example/path'", "public_url: 'https://dana:hunter2@page.example'",
        "public_url: 'https://page.example?x=1'", "public_url: 'https://page.example#x'", "public_url: 'https://[::1'",
        "public_url: 'https://page example'", "public_url: 'https://page'",
    ],
)  # fmt: skip
def test_pages(web: str) -> None:
    """A page is for this machine, or behind an https address of its own."""
    (found,) = said(f"web: {{{web}}}\n")
    assert "write" in found or "listen on" in found


def test_who_writes_csv() -> None:
    """Receipts, reports and lists are written as CSV for people, formulas defused; whoever else begins to must defuse them, and say so here."""
    writers = {
        path.relative_to(TOP / "followupd").as_posix()
        for path in (TOP / "followupd").rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)", path.read_text(encoding="utf-8"))
    }
    ours = {
        "bench/workloads/intake.py",
        "demo/people.py",
        "demo/reps.py",
        "simulation/__init__.py",
    }  # these write for our own intake
    assert writers - ours == {"files/sheet.py", "cli/report.py"}
    for name in writers - ours:
        assert (
            "defuse(" in (TOP / "followupd" / name).read_text(encoding="utf-8")
            or "map(defuse" in (TOP / "followupd" / name).read_text()
        )


PIECES = ["[", "[a]["]
"""Of the Markdown that we tried, what takes longest."""

WRITING = """
import json, pathlib, re, sys, time
from followupd.files import templates
from followupd.files.sandbox import CannotRender
slowest = 0.0
for piece in json.loads(sys.argv[1]):
    for body, value in ((piece * (60_000 // len(piece)), "x"), ("Hello {{ prospect.words }}.", piece * (10_000 // len(piece)))):
        found, problems = templates.parse_template(f"---\\nsubject: Hello\\n---\\n{body}\\n", "t.md", "t")
        assert found is not None, problems
        begin = time.process_time()
        try:
            made = templates.render(found, {"prospect": {"words": value}})
            assert len(made.html.encode()) <= 64 * 1024
        except CannotRender as held:
            assert "grows over 64 KB" in str(held)
        slowest = max(slowest, time.process_time() - begin)
print(slowest, int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024)
"""


def test_writing_is_bounded() -> None:
    """64 KB of the worst Markdown that we know, and 10,000 letters of it in a value, are written or held within a second and 128 MB.

    There is no worker to be ended: a text can't ask for more than its length and its data explain (`files/evaluation.py`).
    """
    done = subprocess.run(
        [sys.executable, "-c", WRITING, json.dumps(PIECES)], capture_output=True, text=True, check=True, timeout=60
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 2  # the bound is 1; a busy machine counts slowly
    assert megabytes < 128
