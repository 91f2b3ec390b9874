"""The commands, run as a person or a script would: what they print, what they leave behind, how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd.cli.commands import ENTRIES, program
from followupd.cli.requests import read_until
from tests.cli.rows import HEADER, row

ROOT = Path(__file__).parents[2]


def process(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The real program, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if name not in {"FOLLOWUPD_CONFIG", "DANA_PASSWORD"}}
    settings = clean | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)} | more
    command = [sys.executable, "-m", "followupd", *arguments]
    return subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


# -- the door ------------------------------------------------------------------------------------


def test_help_names_every_command(followupd) -> None:
    """The help page lists all commands; each has help of its own and takes `--config`."""
    page = followupd("--help")
    assert page.code == 0
    for name in ENTRIES:
        assert f"\n  {name} " in page.out
        own = followupd(name, "--help")
        assert own.code == 0
        assert own.out.count("--config") == 1
    assert program.list_commands(None) == list(ENTRIES)


def test_help_loads_no_heavy_library() -> None:
    """The help page loads neither the store, nor rich, nor the workspace's readers."""
    code = "import sys; from followupd.cli.door import enter; enter(['--help']); print({'sqlalchemy', 'rich', 'pydantic', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("command", ["check", "preview proposal"])
def test_check_needs_no_store_open(command: str, workspace: Path) -> None:
    """`check` does not load SQLAlchemy; neither command makes a store."""
    code = f"import sys; from followupd.cli.door import enter; code = enter('{command}'.split()); print(code, 'sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1].startswith("0 ")
    assert command != "check" or done.stdout.endswith("False\n")
    assert not list(workspace.glob("*.db"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["chek"], 2, 'did you mean "check"?'),
        (["status", "--jsn"], 2, "--json"),
        (["preview"], 2, "CADENCE"),
        (["check"], 1, "run: followupd init"),
        (["status"], 1, "run: followupd init"),
        (["run"], 1, "run: followupd init"),
        (["preview", "proposal"], 1, "run: followupd init"),
        (["schema", "cadense"], 1, 'did you mean "cadence"?'),
        (["add", "no-such.csv"], 2, "no-such.csv"),
        (["--version"], 0, "followupd "),
    ],
)
def test_exit_codes(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    """The exit code says whose fault it is, the text says what to do; nobody ever sees a traceback."""
    done = process(tmp_path, *arguments)
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (code, False)
    assert words in done.stdout + done.stderr


def test_a_fault_of_ours_is_one_line(followupd, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something unexpected ends with exit code 3 and one line that names a file; only that file holds the traceback."""
    import followupd.files.workspace as module

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a\x1b[31mb")

    monkeypatch.setattr(module, "load_workspace", broken)
    said = followupd("check")
    assert (said.code, len(said.err.splitlines()), "\x1b" in said.err) == (3, 1, False)
    assert "Traceback" not in said.err
    assert "Traceback" in Path(said.err.rstrip().rpartition(" ")[2]).read_text()


def test_interrupted(followupd, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """^C ends a command with 130 and without a word."""
    import followupd.files.workspace as module

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "load_workspace", interrupted)
    said = followupd("check")
    assert (said.code, said.out, said.err.strip()) == (130, "", "")


def test_a_damaged_store_is_told_in_words(followupd, workspace: Path) -> None:
    """A file that is no store of ours is the user's to mend: exit code 1, and the file is left as it is."""
    (workspace / "followupd.db").write_bytes(b"this is no database at all" * 100)
    said = followupd("status")
    assert said.code == 1
    assert "followupd.db" in said.err
    assert (workspace / "followupd.db").read_bytes().startswith(b"this is no database")


def test_a_reader_that_leaves(people: Path) -> None:
    """`followupd ... | head -1` ends quietly."""
    line = f"{sys.executable} -m followupd show ann@prospect.example --json | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=people,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_config_before_or_after_the_name(followupd, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--config` is understood on both sides of the command; the file here outdoes the variable, which outdoes nothing."""
    away = tmp_path / "elsewhere"
    away.mkdir()
    monkeypatch.chdir(away)
    config = workspace / "config.yaml"
    assert followupd("check").code == 1
    assert followupd("check", "--config", config).code == 0
    assert followupd("--config", config, "check").code == 0
    monkeypatch.setenv("FOLLOWUPD_CONFIG", str(config))
    assert followupd("check").code == 0
    (away / "config.yaml").write_text("mailboxes: {}\n")
    assert followupd("check").code == 1


# -- init, check, schema -------------------------------------------------------------------------


def test_init_writes_a_workspace_in_order(followupd, workspace: Path) -> None:
    """What `init` writes passes `check`, with no secret set on this machine."""
    assert (workspace / "inbox").is_dir()
    assert "followupd.db" in (workspace / ".gitignore").read_text()
    said = followupd("check", "--json")
    assert (said.code, said.json()["problems"]) == (0, [])
    assert {"cadences", "templates", "content"} <= {path.name for path in workspace.iterdir()}


def test_init_never_overwrites(followupd, workspace: Path) -> None:
    """A second `init` leaves every file, says which, and puts back only what is missing."""
    (workspace / "config.yaml").write_text("mine")
    (workspace / "templates/value.md").unlink()
    said = followupd("init")
    assert said.code == 0
    assert (workspace / "config.yaml").read_text() == "mine"
    assert (workspace / "templates/value.md").exists()
    assert "left as it is: config.yaml" in said.out
    assert "left as it is: templates/value.md" not in said.out
    assert "1 files written" in said.out


def test_check_tells_each_mistake(followupd, workspace: Path) -> None:
    """Each mistake is one line that editors understand, and the count comes last."""
    path = workspace / "cadences/proposal.yaml"
    path.write_text(path.read_text().replace("after: 3bd", "after: 3 moons", 1))
    said = followupd("check")
    first, last = said.out.splitlines()
    assert said.code == 1
    assert first.startswith("cadences/proposal.yaml:")
    assert "3 moons" in first or "duration" in first
    assert last.startswith("1 mistake in ")


def test_schema(followupd, tmp_path: Path) -> None:
    """`schema` prints one or all, or writes them for editors."""
    assert followupd("schema", "cadence").json()["title"] == "followupd cadence"
    assert set(followupd("schema").json()) == {"cadence", "config", "template", "task", "content", "words", "tests"}
    assert followupd("schema", "--write", tmp_path / "schema").code == 0
    assert len(list((tmp_path / "schema").glob("*.schema.json"))) == 7


# -- preview -------------------------------------------------------------------------------------


def test_preview_of_the_starter_cadence(followupd, workspace: Path, golden: Callable[[Path, str | bytes], None]) -> None:
    """The whole preview of `proposal` for the sample prospect: every date, rule and word is as in the golden file."""
    said = followupd("preview", "proposal", "--at", "2026-11-12 09:00")
    assert (said.code, said.err) == (0, "")
    golden(Path(__file__).parent / "golden/preview-proposal.txt", said.out)


@pytest.mark.parametrize("cadence", ["proposal", "after-the-no", "nurture", "reopen"])
def test_preview_of_each_starter_cadence(followupd, workspace: Path, cadence: str) -> None:
    """For the sample prospect every step of every starter cadence can be written."""
    said = followupd("preview", cadence, "--at", "2026-11-12 09:00", "--json")
    found = said.json()
    assert said.code == 0
    assert [touch["problem"] for touch in found["touches"] if touch["problem"]] == []
    assert all(touch["why"] for touch in found["touches"])
    assert [touch["due"] for touch in found["touches"]] == sorted(touch["due"] for touch in found["touches"])


def test_preview_of_a_row(followupd, people: Path) -> None:
    """With `--csv` and `--row` it is that person, on their own clock."""
    found = followupd("preview", "proposal", "--csv", "march.csv", "--row", "2", "--json", "--at", "2026-03-03").json()
    assert found["prospect"]["address"] == "bob@prospect.example"
    assert (found["prospect"]["sample"], found["zone"]) == (False, "Europe/Berlin")
    assert found["touches"][0]["local"].endswith("+01:00")
    assert "Bob" in found["touches"][0]["text"]


def test_preview_tells_what_is_wrong(followupd, people: Path) -> None:
    """A cadence or a row that is not there, and a row that intake would hand back, are told in words."""
    for arguments, words in (
        (["preview", "propsal"], 'did you mean "proposal"?'),
        (["preview", "proposal", "--csv", "march.csv", "--row", "9"], "there is no row 9"),
        (["preview", "proposal", "--at", "soon"], "--at"),
    ):
        said = followupd(*arguments)
        assert said.code == 1
        assert words in said.err


# -- add, enroll ---------------------------------------------------------------------------------


def test_add_counts_and_leaves_a_receipt(followupd, workspace: Path) -> None:
    """Good rows are in, the others are told with their reason, the receipt lies beside the file, which is left as it is."""
    text = HEADER + row("ann") + row("bob", email="bob") + row("eve", email="eve") + row("ann") + row("cid", cadence="propsal")
    (workspace / "march.csv").write_text(text)
    said = followupd("add", "march.csv", "--json")
    (found,) = said.json()["files"]
    assert said.code == 0
    assert (found["accepted"], found["rejected"], found["duplicate"]) == (1, 3, 1)
    assert found["reasons"][0] | {"reason": ""} == {"result": "rejected", "reason": "", "count": 2, "first_line": 3}
    assert len((workspace / "march.receipt.csv").read_text("utf-8-sig").splitlines()) == 6
    assert (workspace / "march.csv").read_text() == text


def test_add_fails_where_nothing_is_accepted(followupd, workspace: Path) -> None:
    """A file of bad rows only, or one that is no table, ends with 1; a file that was added before does no harm and ends with 0."""
    (workspace / "bad.csv").write_text(HEADER + row("ann", email="nobody"))
    (workspace / "good.csv").write_text(HEADER + row("ann"))
    (workspace / "odd.csv").write_bytes(b"PK\x03\x04 no table")
    assert followupd("add", "bad.csv").code == 1
    assert followupd("add", "odd.csv").code == 1
    assert followupd("add", "good.csv").code == 0
    assert followupd("add", "good.csv").code == 0


def test_enroll_by_hand(followupd, workspace: Path) -> None:
    """One person, judged like a row: a missing column is told, a second time is a duplicate."""
    arguments = [
        "enroll",
        "Ann@Prospect.example",
        "nurture",
        "--column",
        "First Name=Ann",
        "--column",
        "company=Works",
        "--column",
        "goals=pricing",
    ]
    assert "first_name" in followupd("enroll", "ann@prospect.example", "nurture").out
    first, second = followupd(*arguments, "--json"), followupd(*arguments, "--json")
    assert (first.code, first.json()["result"], first.json()["address"]) == (0, "accepted", "ann@prospect.example")
    assert (second.code, second.json()["result"]) == (1, "duplicate")
    assert followupd("enroll", "ann@prospect.example", "nurture", "--column", "nonsense").code == 2


# -- why, requests -------------------------------------------------------------------------------


def test_why_from_enrolled_to_stopped(followupd, people: Path) -> None:
    """The sentence follows what is asked for: planned, paused, gone on, everything stopped, ended, suppressed, unknown."""
    ann = "ann@prospect.example"
    assert followupd("why", ann).out.startswith(f"The next mail to {ann} is step thanks of proposal, ")
    assert "Europe/Berlin" in followupd("why", ann.upper()).out
    assert followupd("pause", ann, "--until", "10d").code == 0
    assert f"Nothing is sent to {ann} in proposal before " in followupd("why", ann).out
    assert followupd("resume", ann).code == 0
    assert followupd("pause", "--all").code == 0
    assert "while everything is stopped" in followupd("why", ann).out
    assert followupd("resume", "--all").code == 0
    assert "everything is stopped" not in followupd("why", ann).out
    assert followupd("stop", ann).code == 0
    assert "with outcome stopped" in followupd("why", ann).out
    assert followupd("suppress", "@prospect.example", "--reason", "a customer").code == 0
    assert "everybody at @prospect.example is suppressed" in followupd("why", "bob@prospect.example").out
    stranger = followupd("why", "stranger@prospect.invalid")
    assert (stranger.code, "has been enrolled here" in stranger.out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["pause"], 2, "say whom"),
        (["pause", "ann@prospect.example", "--all"], 2, "say whom"),
        (["pause", "ann"], 1, "no address"),
        (["pause", "--mailbox", "dena"], 1, 'did you mean "dana"?'),
        (["pause", "--all", "--until", "10d"], 2, "--until is for one address"),
        (["pause", "ann@prospect.example", "--until", "soon"], 1, "2026-12-01"),
        (["pause", "ann@prospect.example", "--until", "2020-01-01"], 1, "is over"),
        (["stop", "stranger@prospect.example"], 1, "nobody by that address"),
        (["resume", "ann@prospect.example"], 1, "does not apply"),
        (["done", "zz"], 1, "no such task"),
        (["decide", "zz", "yes"], 1, "no such reply"),
        (["decide", "zz", "sent"], 1, "no such touch"),
        (["decide", "zz", "mabye"], 1, "known"),
        (["suppress", "ann"], 1, "no address"),
        (["suppress", "@com"], 1, "neither an address nor a domain"),
        (["stop", "--all"], 1, "say --yes if that is meant"),
    ],
)
def test_requests_that_do_not_fit(followupd, people: Path, arguments: list[str], code: int, words: str) -> None:
    """A request that can't be meant, or does not fit the state, changes nothing and says what to write."""
    said = followupd(*arguments)
    assert (said.code, words in said.err) == (code, True), said
    assert followupd("why", "ann@prospect.example", "--json").json()["verdict"] == "next"


def test_stop_a_cadence(followupd, people: Path) -> None:
    """`stop --cadence` ends everybody in it, once that was said twice."""
    assert followupd("stop", "--cadence", "proposal", "--yes").code == 0
    assert followupd("why", "bob@prospect.example", "--json").json()["outcome"] == "stopped"


BERLIN, NOON = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 6, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("10d", NOON + timedelta(days=10)),
        ("1bd", NOON + timedelta(days=3)),  # a Friday
        ("90m", NOON + timedelta(minutes=90)),
        ("2026-12-01", datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        ("2026-07-01 09:00", datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        ("2026-07-01T09:00Z", datetime(2026, 7, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_until(text: str, until: datetime) -> None:
    """A pause ends at a date on the prospect's clock, or after a length of time."""
    assert read_until(text, NOON, BERLIN) == until


# -- classify ------------------------------------------------------------------------------------

NO = b"From: Ann <ann@prospect.example>\nSubject: Re: hi\nDate: Tue, 03 Mar 2026 10:00:00 +0000\n\nNo thanks, we went with someone else.\n"


def test_classify(followupd, tmp_path: Path) -> None:
    """Each mail gives one line of JSON, or one row of a table; the words that decided are there, escapes are not."""
    (tmp_path / "a.eml").write_bytes(NO)
    (tmp_path / "b.eml").write_bytes(NO.replace(b"No thanks", b"Stop emailing me\x1b[31m"))
    said = followupd("classify", "a.eml", "b.eml", "--json")
    first, second = [json.loads(line) for line in said.out.splitlines()]
    assert (first["id"], first["label"], first["acted"]) == ("a.eml", "no", "no")
    assert second["label"] == "unsubscribe"
    assert set(first) == {"id", "label", "acted", "confidence", "resume", "reason", "contact", "evidence"}
    assert "\x1b" not in followupd("classify", "b.eml").out


def test_classify_reads_standard_input(tmp_path: Path) -> None:
    """Without a file the mail comes from a pipe."""
    command = [sys.executable, "-m", "followupd", "classify", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, input=NO, capture_output=True, timeout=60, check=True
    )
    assert b'"label": "no"' in done.stdout


def test_classify_is_bounded(followupd, tmp_path: Path) -> None:
    """A huge file is read no further than the daemon would."""
    with (tmp_path / "huge.eml").open("wb") as file:
        file.write(NO)
        file.truncate(5_000_000_000)
    assert followupd("classify", "huge.eml", "--json").code == 0


# -- what is printed -----------------------------------------------------------------------------


def test_nothing_printed_obeys_a_stranger(followupd, people: Path) -> None:
    """Control characters in a name that came from outside never reach the terminal, in tables, sentences or JSON."""
    from followupd.cli import say

    assert say.plain("a\x1b[31m\u202eb\x07\nc\u00a0d\te") == r"a\x1b[31m\u202eb\x07\nc d e"
    followupd("suppress", "x@y.example", "--reason", "red\x1b[31m\u202e\x9b")
    for arguments in (["suppressions"], ["suppressions", "--json"], ["why", "x@y.example"]):
        said = followupd(*arguments)
        assert not {"\x1b", "\u202e", "\x9b"} & set(said.out)
    assert followupd("suppressions", "--json").json()["suppressions"][0]["reason"] == "red\x1b[31m\u202e\x9b"
