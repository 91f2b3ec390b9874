"""`backup` and `restore`: a copy of all state, and putting one back.

Decides which file is meant. The copying, and what keeps it safe, is `store/backup.py`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.files.workspace import Workspace

PG_DUMP = "the store is a PostgreSQL database, which has tools of its own: pg_dump --format=custom --file=FILE DATABASE"
PG_RESTORE = (
    "the store is a PostgreSQL database: stop every followupd, put it back with pg_restore, then run followupd restore without a file, "
    "so that every mailbox is asked what has left since"
)


def _file_of(workspace: Workspace) -> Path | None:
    """The store's file; None for PostgreSQL."""
    from followupd.office import store_url

    url = store_url(workspace)
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


@command(click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False)), as_json)
def backup(file: Path | None, as_json: bool) -> None:
    """Copy all state into FILE, also while the daemon runs. Default: a file with the date in its name, beside the store.

    The file holds people's data and answers: it is readable for its owner only. It is looked through before it gets its name, and
    nothing is written over. For a PostgreSQL store use pg_dump.
    """
    from followupd.store.backup import back_up

    store = _file_of(place.usable_workspace())
    if store is None:
        raise say.Fault(PG_DUMP)
    target = file or store.with_name(f"{store.stem}-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db")
    size = back_up(store, target)
    if as_json:
        say.as_json({"file": str(target), "bytes": size})
    else:
        say.line(f"{target}: {size / 1e6:.1f} MB, sound")


@command(click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False)), as_json)
def restore(file: Path | None, as_json: bool) -> None:
    """Put the backup FILE in the place of the store; with the daemon stopped.

    What lay there is kept beside it. Opt-outs that came after the backup are taken over. Mails that left after the backup are not in it: every
    mailbox is asked first, and sends nothing until then. After restoring a PostgreSQL database by its own tools: without FILE.
    """
    from followupd.store.backup import restore as put_back

    workspace = place.usable_workspace()
    assert workspace.config is not None
    store, now = _file_of(workspace), datetime.now(UTC)
    if store is None:
        if file is not None:
            raise say.Fault(PG_RESTORE)
        _mark(now)
        return
    if file is None:
        raise click.UsageError("say which backup: followupd restore FILE")
    found = put_back(store, file, workspace.config.mailboxes, now)
    if as_json:
        say.as_json(
            {"store": str(store), "kept": str(found.kept) if found.kept else None, "opt_outs_added": found.suppressions,
             "opt_outs_unread": found.unread, "since": say.utc(found.since)}
        )  # fmt: skip
        return
    say.line(f"{store}: restored from {file}")
    if found.kept:
        say.line(f"what lay there is kept as {found.kept}")
    if found.unread:
        say.line(
            f"ATTENTION: its opt-outs could not be read ({found.unread}); whoever opted out after the backup has to be suppressed again",
            err=True,
        )
    elif found.suppressions:
        say.line(f"{found.suppressions} opt-outs that the backup did not know of were taken over")
    say.line(f"each mailbox is asked first what has left since {say.utc(found.since)}; nothing is sent until then")


def _mark(now: datetime) -> None:
    """A database that its own tools have put back: every mailbox is asked first."""
    with place.office() as office:
        from followupd.store import incarnation

        since = incarnation.mark(office.store, office.config.mailboxes, now)
    say.line(f"each mailbox is asked first what has left since {say.utc(since)}; nothing is sent until then")
