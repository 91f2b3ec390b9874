"""The power fails: a run of the real store is recorded by strace, and its files are built again as they may lie on the disk at any moment.

What was synced is there. Of what was written since, nothing, everything, or any half may be there, torn at 512 bytes. In each such state the
store must be whole and know everything that was acknowledged before. With `synchronous=NORMAL` it does not, and this test sees it.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults import Toll

ROOT = Path(__file__).parents[2]
SECTOR = 512
LINE = re.compile(
    r'^(pwrite64|write|fdatasync|fsync|ftruncate)\(\d+<([^>]*)>(?:, "((?:\\x[0-9a-f]{2})*)", (\d+))?(?:, (\d+))?\)\s+= (\d+)'
)

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is missing: apt-get install strace")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class File:
    """One file on a disk that may lose what was not synced."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, bytes]] = field(default_factory=list)  # offset and data; a length to cut to: (length, b"")

    def sync(self) -> None:
        """All of it is on the disk."""
        for change in self.waiting:
            _put(self.synced, *change)
        self.waiting.clear()

    def after_the_cut(self, kind: str, dice: random.Random) -> bytes:
        """What may be there: `none`, `all` or `half` of what was not synced."""
        found = bytearray(self.synced)
        for offset, data in self.waiting:
            if kind == "all" or not data:
                _put(found, offset, data)
            elif kind == "half":
                for start in range(0, len(data), SECTOR):
                    if dice.random() < 0.5:
                        _put(found, offset + start, data[start : start + SECTOR])
        return bytes(found)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if not data:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def record(folder: Path, count: int, mode: str) -> list[str]:
    """The system calls of a run."""
    out = folder / "record"
    calls = "trace=pwrite64,write,fdatasync,fsync,ftruncate"
    command = ["strace", "-y", "-xx", "-s", "1000000", "-o", str(out), "-e", calls]
    command += [sys.executable, "-m", "tests.torture.recorder", str(folder), str(count), mode]
    with (folder / "said").open("wb") as said:
        subprocess.run(command, check=True, cwd=ROOT, stdout=said, timeout=120)
    return out.read_text().splitlines()


def states(lines: list[str], dice: random.Random) -> Iterator[tuple[int, dict[str, bytes]]]:
    """What was acknowledged, and what the files may hold, after each call since the run began."""
    files: dict[str, File] = defaultdict(File)
    acknowledged, begun = 0, False
    for line in lines:
        if not (match := LINE.match(line)):
            continue
        call, path = match[1], _bytes(match[2]).decode()
        name = Path(path).name
        if call == "write":
            words = _bytes(match[3] or "").decode("latin-1").split()
            begun = begun or words[:1] == ["begin"]
            acknowledged = int(words[1]) if words[:1] == ["acknowledged"] else acknowledged
        elif name in ("store.db", "store.db-wal"):
            if call == "pwrite64":
                files[name].waiting.append((int(match[5]), _bytes(match[3] or "")[: int(match[6])]))
            elif call == "ftruncate":
                files[name].waiting.append((int(re.findall(r", (\d+)\)", line)[0]), b""))
            else:
                files[name].sync()
        if begun:
            for kind in ("none", "all", "half"):
                yield acknowledged, {name: file.after_the_cut(kind, dice) for name, file in files.items()}


def survives(folder: Path, acknowledged: int, files: dict[str, bytes]) -> str:
    """What is wrong with the store after the cut; "" if nothing."""
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with closing(sqlite3.connect(folder / "store.db")) as connection:
            checked = connection.execute("PRAGMA integrity_check").fetchone()[0]
            known = (connection.execute("SELECT max(uid) FROM cursor").fetchone() or (0,))[0] or 0
    except sqlite3.DatabaseError as error:
        return f"damaged: {error}"
    if checked != "ok":
        return f"damaged: {checked}"
    return "" if known >= acknowledged else f"lost: {known} known of {acknowledged}"


def cut_everywhere(tmp_path: Path, count: int, mode: str, seed: int = 8025) -> tuple[int, list[str]]:
    """How many states were tried, and what was wrong."""
    run, again = tmp_path / "run", tmp_path / "again"
    run.mkdir()
    again.mkdir()
    tried, wrong = 0, []
    for acknowledged, files in states(record(run, count, mode), random.Random(seed)):
        tried += 1
        if problem := survives(again, acknowledged, files):
            wrong.append(problem)
    return tried, wrong


@pytest.mark.fault("F11")
def test_the_power_is_cut(tmp_path: Path, toll: Toll) -> None:
    """At every moment of a short run nothing acknowledged is lost, and the store is whole."""
    tried, wrong = cut_everywhere(tmp_path, 8, "as it is")
    print(f"{tried} states, {len(wrong)} wrong")
    assert tried > 50
    assert [one for one in wrong if one.startswith("damaged")] == []
    toll(injected=tried, touches_lost=len(wrong))


@pytest.mark.nightly
@pytest.mark.fault("F11")
@pytest.mark.parametrize("seed", range(3))
def test_the_power_is_cut_in_a_long_run(seed: int, tmp_path: Path, toll: Toll) -> None:
    """The same over some hundred commits and their checkpoints."""
    tried, wrong = cut_everywhere(tmp_path, 150, "as it is", seed)
    print(f"{tried} states, {len(wrong)} wrong")
    toll(injected=tried, touches_lost=len(wrong))


@pytest.mark.fault("F11")
def test_who_does_not_sync_loses(tmp_path: Path, toll: Toll) -> None:
    """Control: with `synchronous=NORMAL` acknowledged commits are lost, and the same replay counts them."""
    tried, wrong = cut_everywhere(tmp_path, 6, "NORMAL")
    print(f"NORMAL: {tried} states, {len(wrong)} wrong")
    assert any(one.startswith("lost") for one in wrong)
    toll(injected=tried)
