"""`reopen`: old noes whose reason can have aged, as a list in each owner's folder.

Decides nothing: who is on it says `core/reopening.py`, where it lies `reopening.py`. The daemon does the same on the days of `reopen: {on: ...}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.core.reopening import OldNo


@command(
    click.option("--owner", metavar="NAME", help="Only the list of this mailbox's owner."),
    click.option("--dry-run", is_flag=True, help="Show the lists and write nothing."),
    as_json,
)
def reopen(owner: str | None, dry_run: bool, as_json: bool) -> None:
    """Lay a list of old noes into each owner's folder: those whose reason can have aged, with room for homework."""
    from followupd import reopening

    with place.office() as office:
        now = office.clock.now()
        if owner and owner not in office.config.mailboxes:
            from followupd.files.problems import did_you_mean

            raise say.Fault(f'there is no mailbox "{owner}"; {did_you_mean(owner, office.config.mailboxes)}')
        found = reopening.survey(office, now, owner)
        files: dict[str, str] = {}
        for name, olds in sorted(found.lists.items()):
            files[name] = ""
            if not dry_run:
                files[name], change = reopening.write(office, name, olds, now)
                office.store.apply_one(change)
    if as_json:
        lists = [
            {"owner": name, "file": file, "people": [_listed(one) for one in found.lists[name]]} for name, file in files.items()
        ]
        say.as_json(
            {"lists": lists, "passed": [{"reason": reason, "people": count} for reason, count in found.passed.most_common()]}
        )
        return
    rows = [
        (name, one.past.prospect.address, f"{one.finished.astimezone(ZoneInfo('UTC')):%Y-%m-%d}", one.real or one.stated, one.words[:60])
        for name in files for one in found.lists[name]
    ]  # fmt: skip
    say.table(
        ("owner", "address", "no on", "reason", "words"), rows, none="Nobody's no is old enough, for a reason that can age."
    )
    for name, file in files.items():
        say.line(f"{name}: {file}" if file else f"{name}: nothing was written (--dry-run)")
    for reason, count in found.passed.most_common():
        say.line(f"passed over: {count} - {reason}")


def _listed(one: OldNo) -> dict[str, Any]:
    return {
        "address": one.past.prospect.address, "no": say.utc(one.finished), "stated": one.stated, "real": one.real, "words": one.words,
    }  # fmt: skip
