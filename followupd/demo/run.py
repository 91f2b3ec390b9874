"""`followupd demo`: sixty days of the real daemon, and the calm year after them, on embedded mail servers, with people who answer.

Decides the exit code and where things go: a folder of its own, removed at the end unless it is to be kept; the log into
that folder; one JSON object, or what people read, to stdout. What is played stands in `performance.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from followupd.demo.patience import Stuck
from followupd.demo.performance import perform
from followupd.demo.view import show_summary, view_for

DAYS, CALM = 60, 365
"""So many days with everybody, and so many more for what becomes of the noes."""

SPEED = 120_000.0
"""At most so many times as fast as real time, and twenty times that in the calm year."""

INTERRUPTED = 130


def run_demo(*, speed: float | None, seed: int, keep: bool, as_json: bool, days: int | None = None) -> int:
    """Play it: sixty days and the calm year after them, or just so many `days`. 0: every promise was kept. 1: one was broken. 130: told to stop before the end."""
    console = Console(highlight=False)
    close, calm = (DAYS, CALM) if days is None else (days, 0)
    folder = Path(tempfile.mkdtemp(prefix="followupd-demo-"))
    try:
        with _log_into(folder / "followupd.log"):
            ended = asyncio.run(perform(folder, view_for(console, as_json=as_json), speed or SPEED, seed, close, calm=calm))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BaseExceptionGroup as failed:  # out of the daemon's group of tasks
        stuck, others = failed.split(Stuck)
        if others is not None:
            raise
        Console(stderr=True, highlight=False).print(f"BROKEN: {_first(stuck)}", style="bold red")
        return 1
    finally:
        if keep:
            Console(stderr=True, highlight=False).print(f"Everything is kept in {folder}", soft_wrap=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        told = {"stories": [story.as_json() for story in ended.stories]}
        print(json.dumps(ended.verdict.as_json() | told | {"days": close + calm, "seconds": round(ended.seconds, 1)}))  # noqa: T201 - it is the output
    else:
        show_summary(console, ended.verdict, ended.ends, ended.stories, days=close + calm, seconds=ended.seconds)
    return 1 if ended.verdict.broken else 0


def _first(failed: BaseException | None) -> BaseException | None:
    while isinstance(failed, BaseExceptionGroup):
        failed = failed.exceptions[0]
    return failed


@contextlib.contextmanager
def _log_into(path: Path) -> Iterator[None]:
    """The daemon's log goes into the workspace: it is of use with --keep, and would spoil the view."""
    logger = logging.getLogger("followupd")
    before = logger.handlers[:], logger.level, logger.propagate
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.handlers, logger.level, logger.propagate = before
        handler.close()
