"""The daemon as a process: how it starts, what its exit code says, and that other commands work beside it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from followupd.cli.running import LoopFailed
from tests.cli.rows import HEADER, row

ROOT = Path(__file__).parents[2]


def settings(**more: str) -> dict[str, str]:
    """The environment of a process of ours."""
    kept = {
        name: value for name, value in os.environ.items() if name not in {"FOLLOWUPD_CONFIG", "INVOCATION_ID", "JOURNAL_STREAM"}
    }
    return kept | {"PYTHONPATH": str(ROOT), "DANA_PASSWORD": "made up"} | more


@pytest.fixture
def alone(workspace: Path) -> Path:
    """The workspace with mail servers that nobody runs: ports of this machine on which nothing listens."""
    path = workspace / "config.yaml"
    text = re.sub(r"smtp: \{[^}]*\}", "smtp: {host: 127.0.0.1, port: 9, security: none}", path.read_text())
    path.write_text(re.sub(r"imap: \{[^}]*\}", "imap: {host: 127.0.0.1, port: 9, security: none}", text))
    return workspace


@contextmanager
def daemon(folder: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A running daemon, ready; ended at the end of the block whatever happens in it."""
    command = [sys.executable, "-m", "followupd", "run"]
    process = subprocess.Popen(command, cwd=folder, env=settings(**more), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        for line in process.stderr:
            if " ready " in line or line.startswith("INFO ready"):
                break
        yield process
    finally:
        process.kill()
        process.wait(10)
        process.stderr.close()


@pytest.mark.slow
def test_told_to_stop(alone: Path) -> None:
    """SIGTERM ends the daemon with 0; under journald its lines carry no time of their own."""
    with daemon(alone, JOURNAL_STREAM="8:1") as process:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0
        assert 'INFO stopping reason="told to"' in told.splitlines()
        assert "Traceback" not in told


@pytest.mark.slow
def test_a_second_daemon_is_refused(alone: Path) -> None:
    """Another daemon on the same store ends with 1 and says why; commands beside the first one work."""
    with daemon(alone):
        second = subprocess.run(
            [sys.executable, "-m", "followupd", "run"],
            cwd=alone,
            env=settings(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert "another followupd is running" in second.stderr
        assert "Traceback" not in second.stderr
        (alone / "march.csv").write_text(HEADER + row("ann"))
        for arguments in (["add", "march.csv"], ["why", "ann@prospect.example"], ["status"]):
            done = subprocess.run(
                [sys.executable, "-m", "followupd", *arguments],
                cwd=alone,
                env=settings(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr


def test_a_loop_that_dies_is_ours(followupd, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a loop fails, the exit code is 3 and one line names what it died of, out of however many groups."""
    from followupd import daemon as roof

    async def dies(*_: object) -> None:
        raise ExceptionGroup("outer", [ExceptionGroup("inner", [RuntimeError("the table is gone")])])

    monkeypatch.setenv("DANA_PASSWORD", "made up")
    monkeypatch.setattr(roof, "serve", dies)
    said = followupd("run")
    assert said.code == 3
    assert 'failed reason="RuntimeError: the table is gone"' in said.err
    assert f"{LoopFailed.__name__}: RuntimeError: the table is gone" in said.err
    assert "Traceback" not in said.err


def test_a_secret_is_missing(followupd, alone: Path) -> None:
    """Without a mailbox's password the daemon does not start: it ends with 1 and says what to set."""
    said = followupd("run")
    assert (said.code, said.err.strip()) == (
        1,
        "followupd: mailbox dana: DANA_PASSWORD is not set; set it where followupd is started",
    )


def on_a_terminal(arguments: list[str], folder: Path) -> tuple[int, str]:
    """Run a command whose output and errors go to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "followupd", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env=settings(TERM="xterm", COLUMNS="100"), stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until:
        readable, _, _ = select.select([ours], [], [], 1.0)
        if readable:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    return process.wait(10), shown.decode("utf-8", "replace")


@pytest.mark.slow
def test_a_bar_on_a_terminal(workspace: Path) -> None:
    """`add` shows how many rows are done while a person watches; a pipe gets none of it (the other tests read it)."""
    (workspace / "march.csv").write_text(HEADER + "".join(row(f"p{number}") for number in range(1200)))
    code, shown = on_a_terminal(["add", "march.csv"], workspace)
    assert code == 0
    assert "march.csv" in shown
    assert re.search(r"\d+/1200", shown)
    assert re.search(r"march\.csv +1200 +0 +0", shown)


@pytest.mark.slow
def test_stopping_many_asks_first(people: Path) -> None:
    """On a terminal `stop --all` asks; without an answer of yes nobody is stopped."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "followupd", "stop", "--all"]
    process = subprocess.Popen(command, cwd=people, env=settings(), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.write(ours, b"n\n")
    _, told = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 1
    assert b"nothing was ended" in told
