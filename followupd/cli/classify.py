"""`classify`: what received mails mean, by the same reading as the daemon's.

Decides nothing: `core/inbound.py` reads, `core/replies/` judges. Only as much of a file is read as the daemon would read, whatever
its size; a JSONL file is read line by line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core.inbound import RAW, read_message
from followupd.core.model import Inbound, Reading
from followupd.core.replies import labelled
from followupd.core.replies.kinds import classify as judge
from followupd.core.replies.shipped import model_in
from followupd.core.replies.statistics import Model
from followupd.reader import OWN_MODEL


@command(
    click.argument("files", metavar="[FILE.eml]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True)),
    click.option(
        "--asked", default="", metavar="TEXT", help="The words of our mail that is answered: short answers mean more with it."
    ),
    click.option(
        "--jsonl",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        help="Replies as JSON objects, one a line, with text, subject, date, asked and id; prints one JSON line for each.",
    ),
    as_json,
)
def classify(files: tuple[str, ...], asked: str, jsonl: str | None, as_json: bool) -> None:
    """Say what each received mail means; reads one mail from standard input where no file is given."""
    model = model_in(place.config_path().parent / OWN_MODEL)
    if jsonl is not None:
        if files:
            raise click.UsageError("name mails or --jsonl, not both")
        with click.open_file(jsonl, encoding="utf-8", errors="replace") as lines:
            _replies(jsonl, lines, asked, model)
        return
    listed = []
    for name in files or ("-",):
        inbound = read_message(_head(name))
        reading = judge(inbound, asked=asked[:RAW], model=model)
        if as_json:  # one line for each mail: a thousand of them can be read as they come
            say.as_json(_listed(name, reading), one_line=True)
        else:
            listed.append(_row(name, inbound, reading))
    if not as_json:
        say.table(("mail", "from", "kind", "confidence", "resume", "reason", "person", "evidence"), listed)


def _replies(name: str, lines: Iterable[str], asked: str, model: Model | None) -> None:
    """Each line of a JSONL file; raises Fault at the first that is none."""
    try:
        for row in labelled.parse(lines):
            say.as_json(_listed(row.id, judge(labelled.inbound(row), asked=row.asked or asked, model=model)), one_line=True)
    except ValueError as error:
        raise say.Fault(f"{name}, {error}") from None


def _head(name: str) -> bytes:
    """The first bytes of a mail: more are never looked at."""
    if name == "-":
        return _some(sys.stdin.buffer)
    with Path(name).open("rb") as file:
        return _some(file)


def _some(file: BinaryIO) -> bytes:
    return file.read(RAW)


def _listed(name: str, reading: Reading) -> dict[str, object]:
    """`acted` is the kind whose effect would follow; where that is `unclear`, `label` is what it may mean."""
    return {
        "id": name, "label": reading.label, "acted": reading.kind, "confidence": reading.confidence, "resume": reading.resume,
        "reason": reading.reason, "contact": reading.contact, "evidence": reading.evidence,
    }  # fmt: skip


def _row(name: str, inbound: Inbound, reading: Reading) -> tuple[object, ...]:
    return (
        name,
        inbound.sender,
        reading.kind,
        f"{reading.confidence:.2f}",
        reading.resume,
        reading.reason,
        reading.contact,
        reading.evidence,
    )
