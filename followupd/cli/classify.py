"""`classify`: what received mails mean, by the same reading as the daemon's.

Decides nothing: `core/inbound.py` reads, `core/replies/` judges. Only as much of a file is read as the daemon would read, whatever
its size.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click

from followupd.cli import say
from followupd.cli.commands import as_json, command
from followupd.core.inbound import RAW, read_message
from followupd.core.model import Inbound, Reading
from followupd.core.replies import classify as judge


@command(
    click.argument("files", metavar="[FILE.eml]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True)),
    click.option(
        "--asked", default="", metavar="TEXT", help="The words of our mail that is answered: short answers mean more with it."
    ),
    as_json,
)
def classify(files: tuple[str, ...], asked: str, as_json: bool) -> None:
    """Say what each received mail means; reads one mail from standard input where no file is given."""
    listed = []
    for name in files or ("-",):
        inbound = read_message(_head(name))
        reading = judge(inbound, asked=asked[:RAW])
        if as_json:  # one line for each mail: a thousand of them can be read as they come
            say.as_json(_listed(name, reading), one_line=True)
        else:
            listed.append(_row(name, inbound, reading))
    if not as_json:
        say.table(("mail", "from", "kind", "confidence", "resume", "reason", "person", "evidence"), listed)


def _head(name: str) -> bytes:
    """The first bytes of a mail: more are never looked at."""
    if name == "-":
        return _some(sys.stdin.buffer)
    with Path(name).open("rb") as file:
        return _some(file)


def _some(file: BinaryIO) -> bytes:
    return file.read(RAW)


def _listed(name: str, reading: Reading) -> dict[str, object]:
    """`acted` is the kind whose effect would follow. Rules that are not sure say `unclear`, so it is the kind itself."""
    return {
        "id": name, "label": reading.kind, "acted": reading.kind, "confidence": reading.confidence, "resume": reading.resume,
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
