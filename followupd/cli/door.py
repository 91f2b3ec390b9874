"""The door: every call of `followupd` comes in here, and no exception leaves but as words and an exit code.

    0    fine
    1    the user's files or request are at fault
    2    the command was typed wrong
    3    the fault is ours: one line for people, the details in a file
    130  interrupted

Decides only whose fault an exception is. Knows the exceptions of the lower floors by name, so that a command which never
loads the store does not load it for the sake of the door.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from followupd.cli import say
from followupd.cli.commands import program

FINE, YOURS, USAGE, OURS, INTERRUPTED = 0, 1, 2, 3, 130

THEIRS = (
    "followupd.cli.say:Fault",
    "followupd.core.lifecycle:NotNow",
    "followupd.core.outbound:UnsafeMessage",
    "followupd.office:NotReady",
    "followupd.desk:Unknown",
    "followupd.files.language:CannotRender",
    "followupd.files.secret:NoSecret",
    "followupd.marks:AlreadyRunning",
    "followupd.office:UnreadableCadence",
    "followupd.starter:StarterSetMissing",
    "followupd.store.sqlite_file:StoreProblem",
    "followupd.store:StoreBusy",
    "sqlalchemy.exc:OperationalError",
)
"""Exceptions whose text is written for people. One whose module was never loaded can't have been raised."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows less than UTF-8 must not end a command
    sys.exit(enter(sys.argv[1:] if arguments is None else arguments))


def enter(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        code = program.main(args=list(arguments), prog_name="followupd", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else FINE
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        return _tell(YOURS, error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # nobody reads on: the interpreter's last flush stays quiet
        return FINE
    except Exception as error:  # noqa: BLE001 - this is the door
        return _judged(error)


def _judged(error: Exception) -> int:
    if os.environ.get("FOLLOWUPD_DEBUG") == "1":
        traceback.print_exception(error)
    text = _for_people(error)
    return _tell(YOURS, text) if text else _tell(OURS, _ours(error))


def _for_people(error: Exception) -> str:
    """What to say where the fault is the user's (a file, a server, a request); nothing where it is ours."""
    if isinstance(error, _theirs()):
        return str(getattr(error, "orig", None) or error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}"
    return ""


def _theirs() -> tuple[type[Exception], ...]:
    places = (name.split(":") for name in THEIRS)
    return tuple(getattr(sys.modules[module], name) for module, name in places if module in sys.modules)


def _ours(error: Exception) -> str:
    """The details go into a private file; the line says where."""
    with tempfile.NamedTemporaryFile("w", prefix="followupd-fault-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"this is a fault of followupd, not yours: {type(error).__name__}: {error}; please report it with {file.name}"


def _tell(code: int, text: str) -> int:
    for line in text.splitlines() or [""]:
        click.echo(f"followupd: {say.plain(line)}", err=True)
    return code
