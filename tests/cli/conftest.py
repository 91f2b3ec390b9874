"""A workspace as `init` writes it, and commands run in it as a person would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from followupd.cli.door import enter
from tests.cli.rows import HEADER, row


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Followupd = Callable[..., Said]


@pytest.fixture
def followupd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Followupd:
    """Run a command in this process, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FOLLOWUPD_CONFIG", raising=False)
    monkeypatch.delenv("DANA_PASSWORD", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = enter([str(each) for each in arguments])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return run


@pytest.fixture
def workspace(followupd: Followupd, tmp_path: Path) -> Path:
    """A workspace fresh from `init`."""
    assert followupd("init").code == 0
    return tmp_path


@pytest.fixture
def people(workspace: Path, followupd: Followupd) -> Path:
    """The workspace with ann, bob and dan enrolled in `proposal`, and cid in `after-the-no`, which begins with a task."""
    (workspace / "march.csv").write_text(HEADER + row("ann") + row("bob") + row("cid", cadence="after-the-no") + row("dan"))
    assert followupd("add", "march.csv").code == 0
    return workspace
