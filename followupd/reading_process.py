"""The process that reads strangers' mail: what `Reader` (reader.py) starts, with limits on time and memory.

Decides nothing about mails: it hands bytes to `core.inbound` and `core.replies`, and answers in plain JSON, never in pickles. It
opens no connection and writes no file. Loads nothing that it does not need: there is one for each daemon, for as long as that runs.
"""

from __future__ import annotations

import base64
import json
import resource
import struct
import sys
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from followupd.core.model import DeliveryReport, Inbound, Invitation, Reading, Reason, ReplyKind

if TYPE_CHECKING:
    from followupd.core.replies.statistics import Model

LENGTH = struct.Struct(">I")
"""Before each message between the processes: how many bytes it has."""


def packed(value: Mapping[str, Any]) -> bytes:
    """A message as it goes over."""
    body = json.dumps(value).encode("ascii")
    return LENGTH.pack(len(body)) + body


# -- nouns as JSON -------------------------------------------------------------------------------


def inbound_to(inbound: Inbound) -> dict[str, Any]:
    """An Inbound as plain JSON values."""
    values = {name: getattr(inbound, name) for name in _FIELDS} | {"headers": dict(inbound.headers)}
    for name in ("report", "invitation"):
        values[name] = asdict(values[name]) if values[name] else None
    values["date"] = inbound.date.isoformat() if inbound.date else None
    for name in ("begins", "ends") if inbound.invitation else ():
        at = getattr(inbound.invitation, name)
        values["invitation"][name] = at.isoformat() if at else None
    return values


_FIELDS = tuple(field.name for field in fields(Inbound))


def inbound_from(values: Mapping[str, Any]) -> Inbound:
    """An Inbound from plain JSON values."""
    changed = dict(values)
    changed["date"] = datetime.fromisoformat(values["date"]) if values["date"] else None
    changed["references"], changed["to"] = tuple(values["references"]), tuple(values["to"])
    changed["headers"] = {name: tuple(found) for name, found in values["headers"].items()}
    report = values["report"]
    changed["report"] = DeliveryReport(**{**report, "original_ids": tuple(report["original_ids"])}) if report else None
    changed["invitation"] = _invitation_from(values["invitation"]) if values["invitation"] else None
    return Inbound(**changed)


def _invitation_from(values: Mapping[str, Any]) -> Invitation:
    times = {name: datetime.fromisoformat(values[name]) if values[name] else None for name in ("begins", "ends")}
    return Invitation(**{**values, **times, "attendees": tuple(values["attendees"])})


def reading_to(reading: Reading) -> dict[str, Any]:
    """A Reading as plain JSON values."""
    values = asdict(reading)
    values["resume"] = reading.resume.isoformat() if reading.resume else None
    return values


def reading_from(values: Mapping[str, Any]) -> Reading:
    """A Reading from plain JSON values."""
    return Reading(
        kind=ReplyKind(values["kind"]),
        confidence=float(values["confidence"]),
        evidence=str(values["evidence"]),
        resume=date.fromisoformat(values["resume"]) if values["resume"] else None,
        reason=Reason(values["reason"]) if values["reason"] else None,
        contact=values["contact"],
        guess=ReplyKind(values["guess"]) if values["guess"] else None,
    )


# -- requests ------------------------------------------------------------------------------------


class Worker:
    """What answers the requests. The mail that it read last is at hand: what it means is mostly asked next."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._at_hand: Inbound | None = None

    def said(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, or what was the matter with the mail."""
        try:
            return self._answer(request)
        except (Exception, RecursionError) as error:  # noqa: BLE001 - the parent is told, and goes on
            return {"problem": f"could not be read ({type(error).__name__})"}

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        # Imported at the first request: "hello" is answered at once.
        from followupd.core.inbound import read_message
        from followupd.core.replies.kinds import classify

        match request.get("do"):
            case "hello":
                return {"hello": True}
            case "read":
                self._at_hand = None
                self._at_hand = replace(read_message(base64.b64decode(request["raw"])), size=int(request["size"]))
                return {"inbound": inbound_to(self._at_hand)}
            case "classify":
                inbound = inbound_from(request["inbound"]) if request["inbound"] else self._at_hand
                if inbound is None:
                    raise ValueError("no mail is at hand")
                reading = classify(
                    inbound,
                    asked=request["asked"],
                    asked_subject=request["asked_subject"],
                    zone=ZoneInfo(request["zone"]),
                    now=datetime.fromisoformat(request["now"]),
                    model=_own_model(),
                    doors=request["doors"],
                    door=request["door"],
                )
                return {"reading": reading_to(reading)}
        raise ValueError("no such request")


@cache
def _own_model() -> Model | None:
    """The model named on the command line, if it is there and can be read."""
    from followupd.core.replies.shipped import model_in

    return model_in(Path(sys.argv[2])) if len(sys.argv) > 2 else None


def _limited(memory: int) -> None:
    """Give up every right to much memory, to core files and to new files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the other side closes."""
    worker = Worker()
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        body = source.read(length)
        if len(body) < length:
            return
        sink.write(packed(worker.said(json.loads(body))))
        sink.flush()


def main() -> None:
    """Run the worker: `python -m followupd.reading_process [MEMORY [MODEL]]`."""
    if len(sys.argv) > 1:
        _limited(int(sys.argv[1]))
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
