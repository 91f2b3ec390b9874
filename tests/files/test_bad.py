"""Broken workspaces: each tells all its problems, with path, line and column, and what to write instead."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest

from followupd.channels import CHANNELS as REAL_CHANNELS
from followupd.files.lint import lint
from followupd.files.workspace import load_workspace
from tests.files.table import CHANNELS

BAD = Path(__file__).parent.parent / "bad"
NAMES = sorted(path.parent.name for path in BAD.glob("*/expected-problems.txt"))


def _encodings(root: Path) -> None:
    (root / "cadences/bom.yaml").write_bytes(b"\xef\xbb\xbfcadence: bom\r\nsteps:\r\n  - {id: thanks, email: thank-you}\r\n")
    (root / "cadences/latin.yaml").write_bytes("cadence: latin\nabout: première\n".encode("latin-1"))
    (root / "cadences/utf16.yaml").write_bytes("cadence: utf16\n".encode("utf-16"))
    (root / "cadences/nul.yaml").write_bytes(b"cadence: nul\nabout: a\x00b\n")
    (root / "cadences/nel.yaml").write_bytes("cadence: nel\nabout: a\u0085b\n".encode())
    (root / "cadences/surrogate.yaml").write_bytes(b"cadence: surrogate\nabout: \xed\xa0\x80\n")
    (root / "templates/latin.md").write_bytes("---\nsubject: Grüße\n---\nHello.\n".encode("latin-1"))
    (root / "templates/bell.md").write_bytes(b"---\nsubject: Hello\n---\nHello\x07.\n")


def _deep(root: Path) -> None:
    (root / "cadences/brackets.yaml").write_text("[" * 30_000)
    (root / "cadences/braces.yaml").write_text("{a: " * 30_000)
    (root / "cadences/dashes.yaml").write_text("- " * 30_000)
    (root / "cadences/blocks.yaml").write_text("".join(f"{' ' * depth}a:\n" for depth in range(70)))
    (root / "templates/parens.md").write_text("---\nsubject: Hello\n---\nHi {{ " + "(" * 20_000 + "}}\n")
    (root / "templates/ifs.md").write_text("---\nsubject: Hello\n---\n" + "{% if today %}" * 2000 + "\n")
    (root / "templates/opened.md").write_text("---\nsubject: Hello\n---\n" + "{{ " * 20_000 + "\n")


def _big(root: Path) -> None:
    (root / "cadences/big.yaml").write_text("cadence: big\n" + "# padding\n" * 1_048_576)
    (root / "cadences/keys.yaml").write_text("".join(f"k{number}: 1\n" for number in range(20_000)))
    (root / "cadences/long-key.yaml").write_text("k" * 200_000 + ": 1\n")
    (root / "templates/big.md").write_text("---\nsubject: Hello\n---\n" + "Hello. " * 20_000)
    (root / "content/big.md").parent.mkdir()
    (root / "content/big.md").write_text("---\ntitle: Hello\n---\n" + "Hello. " * 20_000)


def _odd_files(root: Path) -> None:
    outside = root.parent / "outside.yaml"
    outside.write_text("cadence: outside\nsteps: [{id: thanks, email: thank-you}]\n")
    (root / "cadences/outside.yaml").symlink_to(outside)
    (root / "cadences/nowhere.yaml").symlink_to(root / "no-such-file.yaml")
    (root / "cadences/loop.yaml").symlink_to(root / "cadences/loop.yaml")
    (root / "cadences/folder.yaml").mkdir()
    os.mkfifo(root / "cadences/pipe.yaml")
    (root / "templates/device.md").symlink_to("/dev/zero")
    (root / "cadences/linked-folder").symlink_to(root.parent)


def _writable(root: Path) -> None:
    (root / "templates").chmod(0o777)
    (root / "cadences/proposal.yaml").chmod(0o666)
    (root / "config.yaml").chmod(0o646)


# What a repository can't hold: other encodings, huge files, pipes, links and modes.
MAKE = {
    "14-encoding": _encodings,
    "15-too-deep": _deep,
    "18-too-big": _big,
    "21-odd-files": _odd_files,
    "23-secret-file-open": lambda root: (root / "secrets/dana").chmod(0o644),
    "34-writable-by-others": _writable,
}


def _make(name: str, folder: Path) -> Path:
    root = folder / name
    shutil.copytree(BAD / name, root, ignore=shutil.ignore_patterns("expected-*.txt"))
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    if name in MAKE:
        MAKE[name](root)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_expected_problems(name: str, tmp_path: Path) -> None:
    """A broken workspace prints exactly its expected problems."""
    root = _make(name, tmp_path)
    found = load_workspace(root / "config.yaml", channels=CHANNELS, environ={}).problems
    assert "".join(f"{problem}\n" for problem in found) == (BAD / name / "expected-problems.txt").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_no_case_takes_a_second(name: str, tmp_path: Path) -> None:
    """However deep, big or hostile a workspace is, all its problems are there within a second of work."""
    root = _make(name, tmp_path)
    begin = time.process_time()
    assert load_workspace(root / "config.yaml", channels=CHANNELS, environ={}).problems
    assert time.process_time() - begin < 1


def test_every_hostile_template_is_told(tmp_path: Path) -> None:
    """Ninety ways out of a template language, published ones among them: each is refused when it is checked, none is missed."""
    root = _make("35-hostile-templates", tmp_path)
    found = load_workspace(root / "config.yaml", channels=CHANNELS, environ={}).problems
    files = {f"templates/{path.name}" for path in (root / "templates").glob("*.md")} - {"templates/thank-you.md"}
    assert len(files) >= 90
    assert {problem.path for problem in found} == files


CRAFT = sorted(path.parent.name for path in BAD.glob("*/expected-warnings.txt"))
TODAY = date(2026, 3, 9)


def _warnings(name: str, folder: Path) -> str:
    found = load_workspace(_make(name, folder) / "config.yaml", channels=REAL_CHANNELS, environ={})
    assert not found.problems
    return "".join(f"{finding}\n" for finding in lint(found, TODAY) if not finding.allowed)


@pytest.mark.parametrize("name", CRAFT)
def test_expected_warnings(name: str, tmp_path: Path) -> None:
    """What is against the craft is a warning, not a mistake; each names its rule, and a good reason silences it."""
    assert _warnings(name, tmp_path) == (BAD / name / "expected-warnings.txt").read_text()


def rewrite() -> None:
    """Writes all expectations anew, for `make golden`; the difference is then to be read like a text for people."""
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            root = _make(name, Path(folder))
            found = load_workspace(root / "config.yaml", channels=CHANNELS, environ={}).problems
        (BAD / name / "expected-problems.txt").write_text("".join(f"{problem}\n" for problem in found))
    for name in CRAFT:
        with tempfile.TemporaryDirectory() as folder:
            warnings = _warnings(name, Path(folder))
        (BAD / name / "expected-warnings.txt").write_text(warnings)


def test_there_are_thirty() -> None:
    """At least thirty broken workspaces, each with at least one problem, and none that is made for nothing."""
    assert len(NAMES) >= 30
    assert set(MAKE) <= set(NAMES)
    assert all((BAD / name / "expected-problems.txt").read_text() for name in NAMES)


LINE = re.compile(r"[\w/.-]+:[1-9]\d*:[1-9]\d*: \S.*")
INSTEAD = re.compile(
    r"write|did you mean|known:|nearest|remove|rename|keep one|use |run: |save the file|put |another address|leave it out|type it again|add it|split it|flatten|delete it|"
    r"look at|give one|choose|exclude|may be|copy the file|needs? |shorten|expected|comes first|one mailbox|too deep|move|begin|see \"Templates\"|instead|close it|listen on"
)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_where_and_what_instead(name: str) -> None:
    """Every message has path, line and column, says what to write instead, and never shows a secret."""
    for line in (BAD / name / "expected-problems.txt").read_text().splitlines():
        assert LINE.fullmatch(line)
        assert INSTEAD.search(line.split(": ", 1)[1]), line
        assert "hunter" not in line
        assert line.isprintable()
        assert len(line) < 400


def test_hostile_files_need_little_memory(tmp_path: Path) -> None:
    """The deep, big, aliased and hostile workspaces together stay under 200 MB, in a process of their own."""
    roots = [
        str(_make(name, tmp_path) / "config.yaml") for name in ("15-too-deep", "16-aliases", "18-too-big", "35-hostile-templates")
    ]
    program = (
        "import sys, pathlib, re; from tests.files.table import CHANNELS\n"
        "from followupd.files.workspace import load_workspace\n"
        "for path in sys.argv[1:]: assert load_workspace(pathlib.Path(path), channels=CHANNELS, environ={}).problems\n"
        # Not ru_maxrss: that outlives exec, and would count the process that runs the tests.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *roots],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert int(done.stdout) < 200


if __name__ == "__main__":
    rewrite()
