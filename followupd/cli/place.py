"""Where a command works: the config it was given, the workspace around it, and its office with the store.

Decides which config is meant: `--config`, else `config.yaml` here, else `$FOLLOWUPD_CONFIG`.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from followupd.cli.say import Fault

if TYPE_CHECKING:
    from followupd.files.workspace import Workspace
    from followupd.office import Office

HERE = Path("config.yaml")


def config_path() -> Path:
    """The config that is meant, whether it is there or not."""
    given: Path | None = click.get_current_context().find_root().meta.get("config")
    named = os.environ.get("FOLLOWUPD_CONFIG", "")
    path = given or (HERE if HERE.exists() or not named else Path(named))
    return path / HERE if path.is_dir() else path


def read_workspace() -> Workspace:
    """The workspace as it is, with its problems."""
    from followupd.channels import CHANNELS
    from followupd.channels.scope import SCOPE
    from followupd.files.workspace import load_workspace

    return load_workspace(config_path(), channels=CHANNELS, scope=SCOPE, environ=os.environ)


def usable_workspace() -> Workspace:
    """The workspace, whose config must be in order."""
    found = read_workspace()
    if found.config is None:
        own = [str(problem) for problem in found.problems if problem.path == found.path.name]
        raise Fault("\n".join([*own, "the configuration must be in order first; followupd check names every mistake"]))
    return found


@contextmanager
def office(*, examined: bool = False) -> Iterator[Office]:
    """The office of this workspace, on the real clock; its store is let go of at the end. `examined`: and looked through first."""
    from followupd.clock import RealClock, RealDice
    from followupd.office import open_office

    found = open_office(config_path(), RealClock(), RealDice(), os.environ, examined=examined)
    try:
        yield found
    finally:
        found.store.close()


def user() -> str:
    """Who asks: stands in the timeline beside what was asked."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return f"user {os.getuid()}"
