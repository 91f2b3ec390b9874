"""The frame around the tests: layers hold, nothing leaves the machine, and what did not run is said last."""

import configparser
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

SAMPLE = """
import socket, pytest

def test_runs():
    pass

def test_reaches_out():
    try:
        socket.create_connection(("192.0.2.1", 25), timeout=1)
    except Exception:
        pass  # swallowed, as a daemon might

def test_looks_up():
    with pytest.raises(RuntimeError):
        socket.getaddrinfo("mail.example.com", 25)

def test_unknown_name():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nobody.invalid", 25)

def test_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    socket.getaddrinfo("localhost", 25)
"""

SKIPPING = """
import pytest

@pytest.mark.skip(reason="the server is missing")
def test_first():
    pass

@pytest.mark.skip(reason="the server is missing")
def test_second():
    pass

def test_runs():
    pass
"""


def run_pytest(tmp_path: Path, code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    (tmp_path / "test_sample.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)]
    clean = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    settings = clean | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_nothing_leaves_the_machine(tmp_path: Path) -> None:
    """A test that tries to reach another machine fails, even if the code under test swallows the refusal."""
    output = run_pytest(tmp_path, SAMPLE).stdout
    assert "socket.connect ('192.0.2.1', 25)" in output
    assert "socket.getaddrinfo mail.example.com" in output
    assert "5 passed, 2 errors" in output


def test_what_did_not_run_is_said_last(tmp_path: Path) -> None:
    """The last line names what was left out and why; the run itself is fine on a desk."""
    done = run_pytest(tmp_path, SKIPPING)
    assert done.stdout.splitlines()[-1] == "NOT RUN: 2 tests: the server is missing"
    assert done.returncode == 0


def test_ci_leaves_nothing_out(tmp_path: Path) -> None:
    """In CI the same run fails."""
    done = run_pytest(tmp_path, SKIPPING, CI="1")
    assert "NOT RUN: 2 tests: the server is missing" in done.stdout
    assert done.returncode == 1


def test_layers() -> None:
    """Imports go down the floors, never up and never sideways."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_is_made_from_the_code_is_fresh() -> None:
    """The drawn lifecycle and the schemas say what the code says; `make docs` writes them again."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    return dict(line.split(" ")[0].split("==") for line in lines if "==" in line)


def test_locks_agree() -> None:
    """The smaller lock, for the demo, names the same versions as the whole one."""
    demo = pins("requirements-demo.lock")
    assert demo.items() <= pins("requirements.lock").items()
    assert "pytest" not in demo


def test_lock_holds_what_setup_asks_for() -> None:
    """Every requirement of every group is pinned, at a version that setup.cfg allows; else `make lock` was forgotten."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    groups = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    asked = [Requirement(line) for group in groups for line in group.splitlines() if line.strip() and not line.startswith("#")]
    pinned = {canonicalize_name(name): version for name, version in pins("requirements.lock").items()}
    assert asked
    assert [str(one) for one in asked if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"))] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-demo.lock"])
def test_locks_carry_hashes_and_no_index(lock: str) -> None:
    """Every pin has hashes, and no package index is named: pip uses the one that it is configured for."""
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    blocks = [block for block in text.replace("\\\n", " ").splitlines() if block.strip()]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_every_rule_that_is_off_has_its_reason() -> None:
    """Linting has everything on; each line of the off-list says why."""
    text = (ROOT / "pyproject.toml").read_text()
    assert tomllib.loads(text)["tool"]["ruff"]["lint"]["select"] == ["ALL"]
    block = text.partition("\nignore = [\n")[2].partition("\n]")[0].splitlines()
    silent = [line for line in block if "#" not in line]
    assert silent == []


def test_starter_set_is_found() -> None:
    """A checkout finds the one copy of the starter set at the top."""
    from followupd.starter import PARTS, starter_folder

    assert starter_folder() == ROOT
    assert all(any((starter_folder() / part).iterdir()) for part in PARTS)


@pytest.mark.slow
def test_wheel_carries_the_starter_set(tmp_path: Path) -> None:
    """A wheel made from this tree holds every cadence, template and content item, under followupd/starter_set/."""
    import shutil
    import zipfile

    source = tmp_path / "source"
    keep = shutil.ignore_patterns(".venv", ".git", "tests", "*.egg-info", "build", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, source, ignore=keep)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(tmp_path),
        ".",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    parts = [path for part in ("cadences", "templates", "content") for path in (ROOT / part).rglob("*") if path.is_file()]
    assert parts
    assert {f"followupd/starter_set/{path.relative_to(ROOT)}" for path in parts} - carried == set()
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "followupd").rglob("*.py")}
    assert modules - carried == set()
