"""`preview` into files and onto the terminal: what is written, what is left alone, and what is said about it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.cli.rows import HEADER, row

AT = ["--at", "2026-11-12 09:00"]

EXPERIMENT = """
cadence: short
about: Two wordings, and a step for large teams only.
mailbox: owner
variants: {plain: 50, warm: 50}
steps:
  - id: hello
    email: short-hello
    variants: {warm: short-warm}
    thread: new
  - id: large
    email: short-hello
    after: 3d
    when: prospect.team_size|default("0")|int >= 5000
"""
HELLO = "---\nsubject: Plain words\n---\nHello {{ prospect.first_name }}, this is plain.\n"


@pytest.fixture
def experiment(workspace: Path) -> Path:
    """The workspace with a cadence that has two variants and a condition."""
    (workspace / "cadences/short.yaml").write_text(EXPERIMENT)
    (workspace / "templates/short-hello.md").write_text(HELLO)
    (workspace / "templates/short-warm.md").write_text(HELLO.replace("Plain", "Warm").replace("plain", "warm"))
    return workspace


# -- files -----------------------------------------------------------------------------------------


def test_mails_are_written_as_they_would_leave(followupd, workspace: Path) -> None:
    """`--eml` writes each mail and each task, numbered by date; the mails are those that `--json` shows."""
    found = followupd("preview", "proposal", *AT, "--eml", "out", "--json").json()["touches"]
    kind = {"email": "eml", "task": "txt"}
    names = [f"{one['number']:02}-{one['step']}.{kind[one['channel']]}" for one in found]
    assert sorted(path.name for path in (workspace / "out").iterdir()) == names
    for name, one in zip(names, found, strict=True):
        raw = (workspace / "out" / name).read_bytes()
        if name.endswith("eml"):
            mail = message_from_bytes(raw, policy=policy.default)
            assert raw.count(b"\n") == raw.count(b"\r\n")
            assert (mail["Subject"], mail["To"]) == (one["subject"], "Ann Sample <ann@sample.example>")
        else:
            assert raw.decode() == f"{one['subject']}\n\n{one['text']}\n"


def test_what_an_earlier_preview_left_is_named(followupd, workspace: Path) -> None:
    """Files of the same name are written anew; those that this preview has not are named and stay; others are nobody's business."""
    (workspace / "out").mkdir()
    for name in ("01-thanks.eml", "09-old.eml", "notes.txt"):
        (workspace / "out" / name).write_text("old")
    said = followupd("preview", "proposal", *AT, "--eml", "out")
    assert (said.code, said.out) == (0, "")
    assert "from an earlier preview, not of this one: 09-old.eml" in said.err
    assert "notes.txt" not in said.err
    assert (workspace / "out/01-thanks.eml").read_text() != "old"
    assert (workspace / "out/09-old.eml").read_text() == "old"


def test_page_and_json_at_once(followupd, workspace: Path) -> None:
    """`--html` says on stderr what it wrote, so that `--json` stays JSON; without `--json` the terminal gets no second copy."""
    both = followupd("preview", "proposal", *AT, "--html", "page.html", "--json")
    assert both.json()["cadence"] == "proposal"
    assert "wrote page.html: 7 touches" in both.err
    first = (workspace / "page.html").read_bytes()
    assert followupd("preview", "proposal", *AT, "--html", "page.html").out == ""
    assert (workspace / "page.html").read_bytes() == first


def test_a_page_is_whole_or_not_there(followupd, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood there before stands until the new page is complete, and nothing half-written stays behind."""
    (workspace / "page.html").write_text("before")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    said = followupd("preview", "proposal", *AT, "--html", "page.html")
    assert (said.code, "no space left" in said.err) == (1, True)
    assert (workspace / "page.html").read_text() == "before"
    assert list(workspace.glob(".*.half")) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--html", "content"], 2, "is a directory"),
        (["--html", "/dev/null"], 1, "/dev/null is no plain file"),
        (["--html", "nowhere/page.html"], 1, "there is no folder nowhere"),
        (["--eml", "config.yaml"], 2, "is a file"),
        (["--variant", "warm"], 1, 'proposal has no variant "warm"; it has none'),
    ],
)
def test_where_it_can_not_go(followupd, workspace: Path, arguments: list[str], code: int, words: str) -> None:
    """A folder, a device or a place that is not there is refused in words; so is a variant that is not there."""
    said = followupd("preview", "proposal", *AT, *arguments)
    assert (said.code, words in said.err) == (code, True), said.err
    assert "Traceback" not in said.err


def test_a_link_is_replaced_not_followed(followupd, workspace: Path) -> None:
    """A link in the place of the page is replaced; what it pointed at is untouched."""
    (workspace / "page.html").symlink_to(workspace / "config.yaml")
    before = (workspace / "config.yaml").read_bytes()
    assert followupd("preview", "proposal", *AT, "--html", "page.html").code == 0
    assert (workspace / "config.yaml").read_bytes() == before
    assert not (workspace / "page.html").is_symlink()


# -- variants and skipped touches --------------------------------------------------------------------


def test_variant(followupd, experiment: Path) -> None:
    """`--variant` plays the arm that is named; a wrong name is mended."""
    for arm, words in (("plain", "Plain words"), ("warm", "Warm words")):
        found = followupd("preview", "short", *AT, "--variant", arm, "--json").json()
        assert (found["variant"], found["touches"][0]["subject"]) == (arm, words)
    assert 'did you mean "warm"?' in followupd("preview", "short", *AT, "--variant", "wram").err


def test_skipped_touches_are_shown(followupd, experiment: Path) -> None:
    """A step whose condition does not hold is on the page with its reason; as a file there is none, and that is said."""
    said = followupd("preview", "short", *AT, "--html", "page.html", "--eml", "out")
    page = (experiment / "page.html").read_text("utf-8")
    assert "<strong>Skipped:</strong>" in page
    assert "1 mail in 5 days; 1 skipped" in page
    assert [path.name for path in (experiment / "out").iterdir()] == ["01-hello.eml"]
    assert "not 02-large: its condition does not hold" in said.err


def test_the_page_says_what_the_terminal_says(followupd, workspace: Path) -> None:
    """Each date, rule and deadline of the terminal pages stands on the page."""
    from html import unescape

    found = followupd("preview", "proposal", *AT, "--html", "page.html", "--json").json()
    page = unescape((workspace / "page.html").read_text("utf-8"))
    for one in found["touches"]:
        assert one["local"][:16] in page
        assert one["subject"] in page
        assert all(rule in page or rule.startswith("times are in America/New_York") for rule in one["why"])
    assert "Time zone</dt><dd><bdi>America/New_York (the cadence's zone)" in page
    assert "and nurture begins." in page


def test_a_row_is_text_on_the_page(followupd, workspace: Path) -> None:
    """Markup in a row stays text: no element of the page comes from it."""
    line = row("ann").replace(",Ann,", ",<b id=x>Ann</b><script>1</script>,").replace("the handover", "</style><img src=//x>")
    (workspace / "march.csv").write_text(HEADER + line)
    assert followupd("preview", "proposal", *AT, "--csv", "march.csv", "--html", "page.html").code == 0
    page = (workspace / "page.html").read_text("utf-8")
    assert "&lt;script&gt;1&lt;/script&gt;" in page
    assert not any(piece in page for piece in ("<script", "<img", "<b id", "</style><"))


# -- the pager ---------------------------------------------------------------------------------------


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """What the command shows on a terminal of 24 rows, whose pager marks what passes through it."""
    pager = folder / "pager.sh"
    pager.write_text("#!/bin/sh\necho PAGED\ncat\n")
    pager.chmod(0o700)
    master, slave = pty.openpty()
    environment = os.environ | {"PAGER": str(pager), "LINES": "24", "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, "-m", "followupd", "preview", *arguments, *AT]
    running = subprocess.Popen(command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so when the last writer is gone
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    assert running.wait(60) == 0
    return b"".join(parts).decode()


def test_long_pages_go_through_the_pager(experiment: Path) -> None:
    """On a terminal a long preview is paged; a short one, or one with `--no-pager`, is not."""
    paged = on_a_terminal(experiment, "proposal")
    assert paged.startswith("PAGED")
    assert "The end" in paged
    assert not on_a_terminal(experiment, "proposal", "--no-pager").startswith("PAGED")
    assert not on_a_terminal(experiment, "short", "--json").startswith("PAGED")
