"""Phase and result marks: what a daemon that was killed had done with each mail in its hands.

One small file, one slot of 1024 bytes per mail in flight, written with `pwrite` and never synced. On tmpfs it survives
kill -9 and a full disk, and vanishes with a power cut, which is what is wanted: no mark, no claim to know.

A slot that is free again still names the last gate that was passed in it, until the next: a store that does not know of that
gate is an older copy of the one that was written to (`store/incarnation.py`).

Says what was written; never decides what follows from it. The lock on the file, freed by the kernel when its owner
dies, proves that the former owner is dead before its marks are believed. A child made by `fork` without `exec` would
hold the lock too, so the daemon starts its workers by `exec`.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

from followupd.core.model import Accepted, Deferred, Gate, Refused

SLOT = 1024
MOST_SLOTS = 65536
SEAL = 8  # bytes of checksum at the start of a slot
EMPTY = bytes(SLOT)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LOOKS = "looks"
"""The file that says when each mailbox was last read."""
MOUNTS = Path("/proc/self/mountinfo")

Result = Accepted | Deferred | Refused


class AlreadyRunning(Exception):
    """Another living process holds the marks: it is the owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What the dead former owner left. `dots` are tokens whose dot may have left and whose answer is not known.

    `usable` means that this is the same boot and the header is whole. `torn` counts slots that can't be read: while
    there is one, a missing mark says nothing. `gates` are the last ones that it passed: the store must know of them.
    """

    run: str = ""
    usable: bool = False
    dots: frozenset[str] = frozenset()
    results: Mapping[str, Result] = field(default_factory=dict)
    torn: int = 0
    gates: tuple[Gate, ...] = ()

    def never_left(self, run: str, token: str) -> bool:
        """Whether it is certain that the dot of this claim of that run never left."""
        known = self.usable and self.torn == 0 and run == self.run != ""
        return known and token not in self.dots and token not in self.results


class Marks:
    """The marks of this process. A slot is busy from `phase` until `clear`, which comes after the result is in the store."""

    def __init__(self, descriptor: int, folder: Path, *, run: str, slots: int, boot: str) -> None:
        self.folder = folder
        self.in_memory = _on_tmpfs(folder)
        self._descriptor = descriptor
        self._run = run
        self._boot = boot
        self._tokens: list[str | None] = [None] * slots
        self._gates: list[Gate | None] = [None] * slots

    @classmethod
    def open(cls, folder: Path, *, run: str, slots: int) -> tuple[Marks, Remains]:
        """Take the lock and read what the former owner left; nothing is overwritten before `begin_run`."""
        if not 1 <= slots <= MOST_SLOTS:
            raise ValueError(f"{slots} slots; write 1 to {MOST_SLOTS}")
        descriptor = os.open(folder / "marks", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            boot = _boot_id()
            remains = _read(descriptor, boot, on_tmpfs=_on_tmpfs(folder))
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(f"another followupd is running with {folder / 'marks'}") from None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor, folder, run=run, slots=slots, boot=boot), remains

    def begin_run(self, gates: Sequence[Gate] = ()) -> None:
        """Make the file ours. Call it once, after the remains are settled in the store; `gates` of theirs go on being named.

        The old header goes first and ours comes last: a crash in between leaves marks that nobody believes.
        """
        size = SLOT * (len(self._tokens) + 1)
        os.posix_fallocate(self._descriptor, 0, size)
        os.pwrite(self._descriptor, EMPTY, 0)
        newest = sorted(gates, key=lambda gate: gate.at, reverse=True)
        self._gates = [newest[slot] if slot < len(newest) else None for slot in range(len(self._tokens))]
        for slot in range(len(self._tokens)):
            self._free(slot)
        os.ftruncate(self._descriptor, size)
        os.pwrite(self._descriptor, _sealed(_ENCODED({"run": self._run, "boot": self._boot, "slots": len(self._tokens)})), 0)
        self._tokens = [None] * len(self._tokens)

    def phase(self, slot: int, token: str, gate: Gate | None = None) -> None:
        """The dot is about to leave. If this raises, it must not."""
        if self._tokens[slot] is not None:
            raise RuntimeError(f"slot {slot} still holds {self._tokens[slot]}, whose result is not in the store")
        self._gates[slot] = gate
        self._write(slot, token)
        self._tokens[slot] = token

    def result(self, slot: int, token: str, delivery: Result) -> None:
        """The server has answered."""
        if self._tokens[slot] != token:
            raise RuntimeError(f"slot {slot} holds {self._tokens[slot]}, not {token}")
        self._write(slot, token, delivery)

    def clear(self, slot: int) -> None:
        """The result is in the store, or the claim was given back: the slot is free."""
        self._free(slot)
        self._tokens[slot] = None

    def show(self, looks: Mapping[str, datetime]) -> None:
        """When each mailbox was last read, for `status`. Written every few seconds, so it must lie in memory and not on a disk."""
        shown = self.folder / LOOKS
        half = shown.with_name(f"{LOOKS}.half")
        with suppress(OSError):
            half.touch(mode=0o600)
            half.write_text(json.dumps({name: at.isoformat() for name, at in looks.items()}), encoding="utf-8")
            half.replace(shown)

    def close(self) -> None:
        """Free the lock. The marks stay."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _check(self, slot: int) -> None:
        if not 0 <= slot < len(self._tokens):
            raise IndexError(f"slot {slot} of {len(self._tokens)}")

    def _free(self, slot: int) -> None:
        self._check(slot)
        if self._gates[slot] is None:
            os.pwrite(self._descriptor, EMPTY, SLOT * (slot + 1))
        else:
            self._write(slot)

    def _write(self, slot: int, token: str = "", delivery: Result | None = None) -> None:
        self._check(slot)
        record: list[str] = []
        if token:
            record.append(f'"token":{_quoted(token)}')
        if delivery is not None:
            record.append(_ENCODED(_written(delivery))[1:-1])
        if gate := self._gates[slot]:
            record.append(f'"gate":[{_quoted(gate.touch)},{_quoted(gate.at.isoformat())}]')
        if os.pwrite(self._descriptor, _sealed(f"{{{','.join(record)}}}"), SLOT * (slot + 1)) != SLOT:
            raise OSError(f"slot {slot} could not be written whole")


def looks_in(folder: Path) -> dict[str, datetime]:
    """What the owner of this folder has last shown; nothing where it has shown nothing, or nobody may read it."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        shown = json.loads((folder / LOOKS).read_text("utf-8"))
        return {name: datetime.fromisoformat(at) for name, at in shown.items()}
    return {}


def marks_folder(store_name: str, environ: Mapping[str, str]) -> Path:
    """A private folder for the marks of this store: systemd's, else on tmpfs, else beside the store.

    A folder that is a link, belongs to somebody else or is open to others is passed over.
    """
    name = f"followupd-{os.geteuid()}-{sha256(store_name.encode()).hexdigest()[:16]}"
    runtime = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    state = environ.get("XDG_STATE_HOME") or environ.get("HOME") or "/var/lib"
    beside = Path(state) if "://" in store_name else Path(store_name).absolute().parent
    candidates = [*([Path(runtime)] if runtime else []), Path("/dev/shm") / name, beside / f".{name}"]  # noqa: S108  (checked below)
    for folder in candidates:
        if _private(folder):
            return folder
    raise OSError(f"no private folder for the marks could be made: tried {', '.join(map(str, candidates))}")


# -- slots ---------------------------------------------------------------------------------------


_quoted = json.encoder.encode_basestring
"""As JSON, with quotes. Three records are written for each mail: what is known to be short text is not handed to a whole encoder."""
_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _sealed(record: str) -> bytes:
    body = record.encode("utf-8", "replace")
    if len(body) > SLOT - SEAL:
        raise ValueError(f"a mark of {len(body)} bytes does not fit into its slot")
    body = body.ljust(SLOT - SEAL, b"\0")
    return blake2b(body, digest_size=SEAL).digest() + body


def _opened(slot: bytes) -> dict[str, Any] | None:
    """The record of a slot: empty for a free one, None for one that can't be believed."""
    if slot == EMPTY:
        return {}
    seal, body = slot[:SEAL], slot[SEAL:]
    if len(slot) != SLOT or blake2b(body, digest_size=SEAL).digest() != seal:
        return None
    record = json.loads(body.rstrip(b"\0"))
    return record if isinstance(record, dict) else None


def _written(delivery: Result) -> dict[str, Any]:
    """A delivery, cut to what fits beside a token: the ids before the words."""
    ids: list[str] = []
    if isinstance(delivery, Accepted):
        for one in delivery.ids:
            if sum(map(_length, [*ids, one])) <= 200:
                ids.append(one)
    text = delivery.text
    while _length(text) > 330 - sum(map(_length, ids)) - 10 * len(ids):
        text = text[: len(text) * 3 // 4]
    record: dict[str, Any] = {"kind": type(delivery).__name__, "code": delivery.code, "text": text}
    match delivery:
        case Accepted():
            return record | ({"ids": ids} if ids else {})
        case Deferred():
            return record | {"blames": delivery.blames, "trouble": delivery.trouble}
        case Refused():
            return record | {"blames": delivery.blames, "trouble": delivery.trouble, "gone": delivery.gone}


def _length(text: str) -> int:
    return len(_quoted(text).encode("utf-8", "replace"))


def _delivery(record: Mapping[str, Any]) -> Result:
    match record["kind"]:
        case "Accepted":
            return Accepted(record["code"], record["text"], tuple(record.get("ids", ())))
        case "Deferred":
            return Deferred(record["code"], record["text"], record["blames"], record.get("trouble", ""))
        case _:
            return Refused(record["code"], record["text"], record["gone"], record["blames"], record.get("trouble", ""))


def _read(descriptor: int, boot: str, *, on_tmpfs: bool) -> Remains:
    content = os.pread(descriptor, SLOT * (MOST_SLOTS + 1), 0)
    header = _opened(content[:SLOT]) if content else {}
    if not header:
        return Remains()
    dots, results, torn, gates = set(), {}, 0, list[Gate]()
    for slot in range(1, header["slots"] + 1):
        record = _opened(content[SLOT * slot : SLOT * (slot + 1)])
        if record is None:
            torn += 1
            continue
        if "gate" in record:
            gates.append(Gate(record["gate"][0], datetime.fromisoformat(record["gate"][1])))
        if "kind" in record:
            results[record["token"]] = _delivery(record)
        elif "token" in record:
            dots.add(record["token"])
    same_boot = header["boot"] == boot and (bool(boot) or on_tmpfs)
    return Remains(run=header["run"], usable=same_boot, dots=frozenset(dots), results=results, torn=torn, gates=tuple(gates))


# -- where ---------------------------------------------------------------------------------------


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:  # ProcSubset=pid hides it
        return ""


def _on_tmpfs(folder: Path) -> bool:
    """Whether the folder's file system forgets everything at a reboot, by the longest mount point above it."""
    path, best, kind = str(folder.resolve()), "", ""
    try:
        mounts = MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    for line in mounts:
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind in {"tmpfs", "ramfs"}


def _private(folder: Path) -> bool:
    """Whether the folder is there, or can be made, and is ours alone."""
    with suppress(OSError):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        return ours and not found.st_mode & 0o022 and os.access(folder, os.W_OK)
    return False
