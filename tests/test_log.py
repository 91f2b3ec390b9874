"""The log never holds up who logs: a reader that takes nothing, lines without end, codes for terminals."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import time
import warnings

import pytest

from followupd import log
from tests.faults import Toll


@pytest.mark.fault("F83")
def test_nobody_reads(toll: Toll) -> None:
    """The pipe is full: thousands of lines cost no time, and once somebody reads, how many were dropped is said."""
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb", buffering=0) as reader, os.fdopen(writes, "w") as stream:
        patient = log.Patient(stream)
        begun = time.monotonic()
        for _ in range(5000):
            print("x" * 4000, file=patient, flush=True)
        assert time.monotonic() - begun < 5
        told = b""
        while not (found := re.search(rb"lines-dropped count=(\d+)\n", told)):
            told = told[-100:] + reader.read(65536)
            print("more", file=patient)
        while patient._pieces.qsize():  # the thread must not be held up for ever
            reader.read(65536)
    toll(injected=int(found[1]))


def test_everybody_has_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, a library's with its traceback, a warning of Python: one plain line each, and in the order in which they were said."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(logging.root, "handlers", [])
    try:
        log.to_stderr(stamped=False)
        log.note("ready", pid=7)
        fault = ValueError("two\nlines \x1b[2J")
        logging.getLogger("imapclient").error("failed", exc_info=fault)
        logging.getLogger("apscheduler.scheduler").warning("a round is left out")
        warnings.warn("old", stacklevel=1)
        log.settle()
    finally:
        logging.captureWarnings(capture=False)
        logging.getLogger("followupd").setLevel(logging.NOTSET)
        logging.getLogger(log.BUSY).setLevel(logging.NOTSET)
    lines = stream.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["INFO", "ready"],
        ["ERROR", "failed\\x0aValueError:"],
        ["WARNING", lines[2].split()[1]],
    ]
    assert "UserWarning: old" in lines[2]
    assert all(line.isprintable() for line in lines)


@pytest.mark.fault("F83")
def test_line_without_end(toll: Toll) -> None:
    """A megabyte, and what a terminal would obey, become one short plain line."""
    line = log._line("touch", {f"field{number}": "\x1b[2J\n" + "y" * 1_000_000 for number in range(50)})
    assert len(line) == log.LONGEST_LINE
    assert line.isprintable()
    toll()
