"""`digest`: the morning letter of each owner as it would read now, and on request as a mail.

Decides nothing: it is gathered and composed by what the daemon uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.office import Office


@command(
    click.option("--owner", metavar="NAME", help="Only that of this mailbox."),
    click.option("--send", is_flag=True, help="Have the daemon send it now, under numbers of its own."),
    as_json,
)
def digest(owner: str | None, send: bool, as_json: bool) -> None:
    """Show today's morning letter: who answered, what is to do, what is in doubt, what leaves, what stands still."""
    with place.office() as office:
        found = [_of(office, name, send=send) for name in ([_known(office, owner)] if owner else office.config.mailboxes)]
    if as_json:
        say.as_json({"digests": found})
        return
    for one in found:
        say.heading(f"{one['owner']}: {one['subject'] or 'nothing to say'}")
        say.block(one["text"])
        if one["sent"]:
            say.line(f"The daemon sends this to {one['to']} as soon as it runs.")


def _known(office: Office, name: str) -> str:
    if name not in office.config.mailboxes:
        from followupd.files.problems import did_you_mean

        raise say.Fault(f'there is no mailbox "{name}"; {did_you_mean(name, set(office.config.mailboxes))}')
    return name


def _of(office: Office, name: str, *, send: bool) -> dict[str, Any]:
    from followupd import digest as morning

    now = office.clock.now()
    written = morning.digest_of(office, name, now)
    due = morning.next_digest(office, name, now)
    found = {
        "owner": name, "to": office.config.mailboxes[name].address, "subject": written.subject if written else "", "text": written.text if written else "",
        "items": [dict(one) for one in written.items] if written else [], "sent": bool(send and written), "next": say.utc(due),
    }  # fmt: skip
    if send:
        office.store.apply_one(morning.letter_of(office, name, written, now, now.isoformat()))
    return found
