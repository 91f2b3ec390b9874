"""The log never holds up who logs: a reader that takes nothing, lines without end, codes for terminals."""

from __future__ import annotations

import logging
import os
import time

import pytest

from followupd import log
from tests.faults import Toll


@pytest.mark.fault("F83")
def test_nobody_reads(toll: Toll) -> None:
    """The pipe is full: thousands of lines cost no time, and once somebody reads, how many were dropped is said."""
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb", buffering=0) as reader, os.fdopen(writes, "w") as stream:
        handler = log._Patient(stream)
        record = logging.LogRecord("followupd", logging.INFO, "", 0, "x" * 4000, (), None)
        begun = time.monotonic()
        for _ in range(5000):
            handler.emit(record)
        assert time.monotonic() - begun < 5
        dropped = handler._dropped
        assert dropped > 0
        told = b""
        while b"lines-dropped count=" not in told:
            told = told[-100:] + reader.read(65536)
        while handler._lines.qsize():  # the thread must not be held up for ever
            reader.read(65536)
    toll(injected=dropped)


@pytest.mark.fault("F83")
def test_line_without_end(toll: Toll) -> None:
    """A megabyte, and what a terminal would obey, become one short plain line."""
    line = log._line("touch", {f"field{number}": "\x1b[2J\n" + "y" * 1_000_000 for number in range(50)})
    assert len(line) == log.LONGEST_LINE
    assert line.isprintable()
    toll()
