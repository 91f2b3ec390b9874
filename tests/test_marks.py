"""The marks: what a killed daemon left is read for what it is, and never for more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd import marks as module
from followupd.core.model import Accepted, Deferred, Gate, Refused
from followupd.marks import SLOT, AlreadyRunning, Marks, Remains, marks_folder

CHILD = """
import os, signal, sys
from pathlib import Path
from followupd.core.model import Accepted, Deferred, Gate, Refused
from followupd.marks import Marks

def die():
    os.kill(os.getpid(), signal.SIGKILL)

marks, remains = Marks.open(Path(sys.argv[1]), run="first", slots=3)
"""


def killed(folder: Path, *lines: str) -> None:
    """Run the lines in a child that owns the marks, and kill it with SIGKILL after the last."""
    script = CHILD + "\n".join(lines) + "\ndie()\n"
    done = subprocess.run([sys.executable, "-c", script, str(folder)], check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == -signal.SIGKILL


def remains_of(folder: Path) -> Remains:
    """What the next owner reads."""
    marks, remains = Marks.open(folder, run="second", slots=3)
    marks.close()
    return remains


def test_a_first_start_finds_nothing(tmp_path: Path) -> None:
    """Without a former owner there is nothing to know."""
    assert remains_of(tmp_path) == Remains()


def test_killed_before_the_run_began(tmp_path: Path) -> None:
    """A child killed before `begin_run` leaves the remains of its predecessor as they were."""
    killed(tmp_path, "marks.begin_run()", "marks.phase(0, 'a')")
    before = remains_of(tmp_path)
    killed(tmp_path)
    assert remains_of(tmp_path) == before


@pytest.mark.parametrize(
    ("lines", "dots", "results"),
    [
        ([], set(), {}),
        (["marks.phase(0, 'a')"], {"a"}, {}),
        (["marks.phase(0, 'a')", "marks.phase(2, 'c')"], {"a", "c"}, {}),
        (
            ["marks.phase(0, 'a')", "marks.result(0, 'a', Accepted(250, 'ok', ('x@y',)))"],
            set(),
            {"a": Accepted(250, "ok", ("x@y",))},
        ),
        (
            ["marks.phase(0, 'a')", "marks.result(0, 'a', Deferred(451, 'é', 'server'))"],
            set(),
            {"a": Deferred(451, "é", "server")},
        ),
        (
            [
                "marks.phase(1, 'a')",
                "marks.result(1, 'a', Refused(550, 'no', gone=True, blames='mailbox'))",
                "marks.phase(0, 'b')",
            ],
            {"b"},
            {"a": Refused(550, "no", gone=True, blames="mailbox")},
        ),
        (["marks.phase(0, 'a')", "marks.result(0, 'a', Accepted(250, 'ok'))", "marks.clear(0)"], set(), {}),
        (["marks.phase(0, 'a')", "marks.clear(0)", "marks.phase(0, 'b')"], {"b"}, {}),
    ],
)
def test_killed_after_each_point(tmp_path: Path, lines: list[str], dots: set[str], results: dict[str, object]) -> None:
    """Killed with SIGKILL after any mark, exactly what was marked is read, and only claims without a mark never left."""
    killed(tmp_path, "marks.begin_run()", *lines)
    remains = remains_of(tmp_path)
    assert remains == Remains(run="first", usable=True, dots=frozenset(dots), results=results)  # type: ignore[arg-type]
    for token in ("a", "b", "c"):
        assert remains.never_left("first", token) is (token not in dots and token not in results)
        assert not remains.never_left("other", token)


def test_the_lock_is_refused_while_the_owner_lives(tmp_path: Path) -> None:
    """A second process is told so while the first lives, and gets the marks when it is killed."""
    script = CHILD + "marks.begin_run(); marks.phase(0, 'a'); print('ready', flush=True); sys.stdin.read()\n"
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        with pytest.raises(AlreadyRunning, match="another followupd"):
            Marks.open(tmp_path, run="second", slots=3)
        child.kill()
        child.wait(10)
    assert remains_of(tmp_path).dots == {"a"}


def change(offset: int, content: bytes) -> Callable[[Path], None]:
    """Overwrite some bytes of the file."""

    def apply(file: Path) -> None:
        with file.open("r+b") as handle:
            handle.seek(offset)
            handle.write(content)

    return apply


@pytest.mark.parametrize(
    ("harm", "usable", "torn"),
    [
        (change(SLOT + 100, b"xx"), True, 1),
        (change(SLOT, b"\0" * 20), True, 1),
        (change(2 * SLOT + 300, b"half"), True, 1),
        (lambda file: os.truncate(file, 2 * SLOT + 10), True, 2),
        (change(10, b"xx"), False, 0),
        (change(0, bytes(SLOT)), False, 0),
        (lambda file: os.truncate(file, 100), False, 0),
    ],
)
def test_a_torn_file_is_not_believed(tmp_path: Path, harm: Callable[[Path], None], usable: bool, torn: int) -> None:
    """A torn slot is counted, a torn header makes all unusable, and then no claim is said never to have left."""
    killed(tmp_path, "marks.begin_run()", "marks.phase(0, 'a')")
    harm(tmp_path / "marks")
    remains = remains_of(tmp_path)
    assert (remains.usable, remains.torn) == (usable, torn)
    assert not remains.never_left("first", "b")
    assert not remains.never_left("", "b")


def test_another_boot_makes_the_marks_unusable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a reboot, or on a clone, the marks prove nothing."""
    killed(tmp_path, "marks.begin_run()")
    assert remains_of(tmp_path).usable
    other = tmp_path / "boot_id"
    other.write_text("another\n")
    monkeypatch.setattr(module, "BOOT_ID", other)
    assert not remains_of(tmp_path).usable


@pytest.mark.parametrize(("kind", "usable"), [("tmpfs", True), ("ext4", False)])
def test_without_a_boot_id_only_tmpfs_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, usable: bool
) -> None:
    """Where the boot id is hidden, the file system must be one that a reboot empties."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:5 / {tmp_path} rw shared:1 - {kind} none rw\n")
    monkeypatch.setattr(module, "BOOT_ID", tmp_path / "none")
    monkeypatch.setattr(module, "MOUNTS", mounts)
    marks, _ = Marks.open(tmp_path, run="first", slots=1)
    marks.begin_run()
    marks.close()
    assert remains_of(tmp_path).usable is usable


def test_a_slot_is_not_reused_before_it_is_cleared(tmp_path: Path) -> None:
    """A result that is not in the store yet can't be overwritten by the next mail."""
    marks, _ = Marks.open(tmp_path, run="first", slots=1)
    marks.begin_run()
    marks.phase(0, "a")
    marks.result(0, "a", Accepted(250, "ok"))
    with pytest.raises(RuntimeError, match="still holds a"):
        marks.phase(0, "b")
    with pytest.raises(RuntimeError, match="not b"):
        marks.result(0, "b", Accepted(250, "ok"))
    marks.clear(0)
    marks.phase(0, "b")
    with pytest.raises(IndexError):
        marks.clear(1)
    marks.close()
    assert remains_of(tmp_path).dots == {"b"}


def test_fewer_slots_than_before_lose_nothing(tmp_path: Path) -> None:
    """The former owner's slots are read by its own header, and `begin_run` empties them all."""
    killed(tmp_path, "marks.begin_run()", "marks.phase(2, 'c')")
    marks, remains = Marks.open(tmp_path, run="second", slots=1)
    assert remains.dots == {"c"}
    marks.begin_run()
    marks.close()
    assert remains_of(tmp_path) == Remains(run="second", usable=True)


@given(text=st.text(max_size=400), ids=st.lists(st.text(max_size=240), max_size=5), code=st.integers(0, 999))
def test_any_answer_fits_into_its_slot(tmp_path_factory: pytest.TempPathFactory, text: str, ids: list[str], code: int) -> None:
    """Whatever the server said, kind and code are read back, and as much of the words as there is room for."""
    folder = tmp_path_factory.mktemp("marks")
    marks, _ = Marks.open(folder, run="first", slots=3)
    marks.begin_run()
    token = "t" * 32
    deliveries: tuple[module.Result, ...] = (
        Accepted(code, text, tuple(ids)),
        Deferred(code, text),
        Refused(code, text, gone=True),
    )
    for slot, delivery in enumerate(deliveries):
        marks.phase(slot, f"{token}{slot}")
        marks.result(slot, f"{token}{slot}", delivery)
    marks.close()
    results = remains_of(folder).results
    assert [type(results[f"{token}{slot}"]) for slot in range(3)] == [Accepted, Deferred, Refused]
    for result in results.values():
        assert result.code == code
        assert text.startswith(result.text)


def test_the_folder_is_systemds_or_private_on_tmpfs_or_beside_the_store(tmp_path: Path) -> None:
    """$RUNTIME_DIRECTORY comes first; a link or a folder open to others is passed over."""
    runtime = tmp_path / "run"
    runtime.mkdir(0o700)
    store = str(tmp_path / "followupd.db")
    assert marks_folder(store, {"RUNTIME_DIRECTORY": f"{runtime}:/other"}) == runtime
    shared = marks_folder(store, {})
    try:
        assert shared == marks_folder(store, {})
        assert shared != marks_folder(store + "2", {})
        assert shared.lstat().st_mode & 0o777 == 0o700
    finally:
        for one in {shared, marks_folder(store + "2", {})}:
            one.rmdir()
    runtime.chmod(0o777)
    assert marks_folder(store, {"RUNTIME_DIRECTORY": str(runtime)}) != runtime
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    other = marks_folder(store, {"RUNTIME_DIRECTORY": str(link)})
    assert other != link
    # Somebody else was quicker on the shared file system: the folder beside the store is taken.
    other.rmdir()
    other.symlink_to(tmp_path)
    try:
        assert marks_folder(store, {}).parent == tmp_path
    finally:
        other.unlink()


def test_the_last_gates_are_named(tmp_path: Path) -> None:
    """A free slot goes on naming the last gate that was passed in it, over further runs, until the next mail takes it."""
    early, late, later = (Gate(name, datetime(2026, 3, 2, 9, minute, tzinfo=UTC)) for minute, name in enumerate("abc"))
    marks, _ = Marks.open(tmp_path, run="first", slots=2)
    marks.begin_run()
    for slot, gate in ((0, early), (1, late)):
        marks.phase(slot, f"t{slot}", gate)
        marks.clear(slot)
    marks.phase(0, "t2", later)
    marks.close()
    marks, remains = Marks.open(tmp_path, run="second", slots=1)
    assert (set(remains.gates), remains.dots) == ({late, later}, {"t2"})
    marks.begin_run(remains.gates)
    marks.close()
    assert remains_of(tmp_path) == Remains(run="second", usable=True, gates=(later,))
