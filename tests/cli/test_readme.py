"""README and the operator's manual: the commands in them work, and what they name exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from followupd.cli.commands import ENTRIES
from followupd.core.answers import DEFAULT_EFFECTS, SOFT_BOUNCES
from followupd.core.model import ReplyKind

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/operate.md")
README = (ROOT / "README.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[list[str]]:
    """Every line of a shell block, and every inline `followupd ...`, as words."""
    lines = [line.partition("  #")[0] for block in blocks(text, "sh") for line in block.splitlines()]
    lines += re.findall(r"`(followupd [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    return [shlex.split(line) for line in lines if line.strip()]


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str, followupd) -> None:
    """Every `followupd` command on the page exists and knows the options that are shown."""
    found = [words for words in commands((ROOT / page).read_text("utf-8")) if Path(words[0]).name == "followupd"]
    assert len(found) >= 5
    for words in found:
        assert words[1] in ENTRIES, words
        options = {word for word in words if word.startswith("--")}
        assert options <= set(re.findall(r"--[a-z-]+", followupd(words[1], "--help").out)), words


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    """Links and named files lead somewhere, and `make` targets are there."""
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
    targets = re.findall(r"^make (\w+)", "\n".join(blocks(text, "sh")), re.MULTILINE)
    assert [target for target in targets if f"\n{target}:" not in (ROOT / "Makefile").read_text()] == []


def test_quick_start(followupd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick start works as written: init, check, preview, all tests of the starter set, the CSV, and the questions after it."""
    quick = README.partition("## Use it")[2].partition("\n## ")[0]
    for words in commands(quick):
        if words[0] == "cd":
            monkeypatch.chdir(tmp_path / words[1])
        elif words[0] == "followupd" and words[1] not in {"run", "why"}:
            said = followupd(*words[1:])
            assert said.code == 0, (words, said.out + said.err)
            assert " passed: " in said.out or words[1] != "test"
    (sheet,) = blocks(quick, "csv")
    Path("sheet.csv").write_text(sheet)
    assert followupd("add", "sheet.csv", "--json").json()["files"][0]["accepted"] == 1
    assert followupd("why", "ann@prospect.example").code == 0


def test_it_stays_short() -> None:
    """A README is read to its end only if it has one."""
    assert len(README.splitlines()) < 150


def test_answers_are_treated_as_the_table_says() -> None:
    """One row for each kind of answer, in the order of the kinds, and each says what the code's default does."""
    table = README.partition("## How answers are treated")[2].partition("\n\nSilence")[0]
    rows = [line.split("|")[2].strip() for line in table.splitlines() if line.startswith("|")][2:]
    order = [*ReplyKind]
    assert len(rows) == len(order)
    words = {"finish": "finishes", "pause": "pause ", "hold": "hold;", "continue": "goes on"}
    for kind, row in zip(order, rows, strict=True):
        effect = DEFAULT_EFFECTS[kind]
        assert words[effect.move] in row, kind
        assert ("nobody writes" in row) == effect.suppress, kind
        if effect.pause:
            assert f"{int(effect.pause[:-1])} days" in row, kind
        if effect.enroll:
            assert effect.enroll in row, kind
    assert SOFT_BOUNCES == 3


def test_every_line_of_the_log_is_in_the_manual() -> None:
    """Each event that the daemon logs is explained, and no other."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "followupd").rglob("*.py") if "demo" not in path.parts)
    logged = set(re.findall(r'(?:log\.(?:note|trouble)\(\s*f?"|"WARNING )([a-z-]+)', source))
    chapter = (ROOT / "docs/operate.md").read_text("utf-8").partition("| line | means |")[2].partition("\n\n")[0]
    explained = {
        name
        for row in chapter.splitlines()
        for name in re.findall(r"`([a-z-]+)`", row.split("|")[1] if row.startswith("|") else "")
    }
    assert logged == explained


def test_the_backup_can_be_opened(followupd, people: Path) -> None:
    """The backup command of the manual, made while the store is open elsewhere, is a whole store."""
    import sqlite3

    with sqlite3.connect(people / "followupd.db") as source, sqlite3.connect(people / "copy.db") as target:
        source.backup(target)  # what sqlite3's `.backup` does
    config = people / "config.yaml"
    config.write_text(config.read_text().replace("store: followupd.db", "store: copy.db"))
    assert followupd("why", "ann@prospect.example", "--json").json()["verdict"] == "next"


def test_module_and_program_are_one() -> None:
    """`python -m followupd` is the same program."""
    done = subprocess.run(
        [sys.executable, "-m", "followupd", "--version"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("followupd ")
