"""Commands that run: the daemon itself, and the demo that plays sixty days on it.

Decides what the daemon's exit code says: 0 it was told to stop, 1 it can't start as things are, 3 a loop of it failed.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.office import Office

OURS = 3
"""The exit code after which systemd starts the daemon again (`door.py`)."""


@command()
def run() -> int:
    """The daemon: sends what is due, reads the answers, takes CSV files from the inbox. Ends at SIGTERM or ^C."""
    from followupd import log

    # journald stamps each line itself; INVOCATION_ID is set for every unit.
    log.to_stderr(stamped=not (os.environ.get("JOURNAL_STREAM") or os.environ.get("INVOCATION_ID")))
    try:
        return _run()
    finally:
        gc.enable()
        log.settle()


def _run() -> int:
    gc.disable()  # what is loaded at the start stays: looking for garbage among it takes a sixth of the time to the first mail
    from followupd import daemon, log
    from followupd.store import StoreFailing, StoreProblem

    with place.office(examined=True) as office:
        _secrets_at_hand(office)
        built = daemon.build(office, os.environ)
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.get_loop().call_later(SETTLED_AFTER, _settle_memory)
                runner.run(daemon.serve(built))
        except StoreFailing as problem:
            say.line(f"followupd: {problem}", err=True)
            return OURS
        except BaseExceptionGroup as group:
            if _told_to_stop(group):
                return 0
            for error in _leaves(group):
                log.trouble("failed", reason=f"{type(error).__name__}: {error}")
            if all(isinstance(error, StoreProblem) for error in _leaves(group)):
                for text in dict.fromkeys(str(error) for error in _leaves(group)):
                    say.line(f"followupd: {text}", err=True)
                return OURS  # nobody's files are at fault as they are: the next start says what to do
            raise LoopFailed("; ".join(f"{type(error).__name__}: {error}" for error in _leaves(group))) from group
    return 0


SETTLED_AFTER = 1.5
"""Seconds of the daemon after which its memory is looked through, for a tenth of a second: the first mail goes first."""


def _settle_memory() -> None:
    """What is there now stays: it is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def new_loop() -> asyncio.AbstractEventLoop:
    """Uvloop where it is installed (`pip install followupd[fast]`): half the cost of a socket, and the same behaviour."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _secrets_at_hand(office: Office) -> None:
    """A mailbox without its password would only fail again and again: say so at once, for all of them."""
    from followupd.files.secret import NoSecret

    lacking = []
    for name in office.config.mailboxes:
        try:
            office.workspace.secret(name)
        except NoSecret as problem:
            lacking.append(f"mailbox {name}: {problem}")
    if lacking:
        raise say.Fault("\n".join(lacking))


def _told_to_stop(group: BaseExceptionGroup[BaseException]) -> bool:
    return all(isinstance(error, KeyboardInterrupt | asyncio.CancelledError) for error in _leaves(group))


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The exceptions themselves, out of however many groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


class LoopFailed(Exception):
    """A loop of the daemon died: ours, whatever it died of, so that systemd starts it again."""


@command(
    click.option(
        "--speed",
        type=click.FloatRange(min=0, min_open=True),
        help="Clock seconds per real second, in the first sixty days. Default: what makes it a minute.",
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same play."),
    click.option("--days", type=click.IntRange(min=1), help="Only so many days. Default: sixty, and the calm year after them."),
    click.option("--keep", is_flag=True, help="Keep the workspace and the mails, and say where they are."),
    as_json,
)
def demo(speed: float | None, seed: int, days: int | None, keep: bool, as_json: bool) -> int:
    """Sixty days with forty prospects who answer and two reps, and what becomes of a no in the year after, in about a minute.

    On mail servers of its own; nothing leaves this machine.
    """
    try:
        from followupd.demo.run import run_demo
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("followupd"):
            raise
        raise say.Fault(
            f"the demo's mail servers are not installed ({error.name} is missing); run: pip install 'followupd[demo]'"
        ) from error
    code: int = run_demo(speed=speed, seed=seed, keep=keep, as_json=as_json, days=days)
    return code
