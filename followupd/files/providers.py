"""What mail providers allow: the presets under `limits:`, and the figures beyond which `check` warns.

Decides how much a mailbox of a well-known provider sends where the config says nothing more. The usual figures lie far below
what the provider allows: that is for all mail of the account, and a mailbox that lives at the border is soon taken for a robot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row. `most` are the known limits by key of `limits:`, `usual` those of the preset, `source` where they are from."""

    title: str
    hosts: tuple[str, ...]  # of its servers for outgoing mail
    most: Mapping[str, int]
    usual: Mapping[str, int]
    source: str


PROVIDERS: Mapping[str, Provider] = {
    # 500 mails in any 24 hours; too many logins: 454 4.7.0, so one connection that is kept. A free account is a person's own,
    # with the least credit of all: half of what a paid one sends.
    "gmail": Provider(
        title="Gmail", hosts=("smtp.gmail.com",), most={"per_day": 500},
        usual={"per_minute": 3, "per_hour": 20, "per_day": 60, "in_flight": 1},
        source="support.google.com/mail/answer/22839: 500 mails a day",
    ),
    # 2,000 mails in any 24 hours (500 in a trial), 2,000 different recipients outside; 100 recipients to a mail over SMTP.
    "workspace": Provider(
        title="Google Workspace", hosts=("smtp.gmail.com", "smtp-relay.gmail.com"), most={"per_day": 2000},
        usual={"per_minute": 5, "per_hour": 30, "per_day": 120, "in_flight": 1},
        source="support.google.com/a/answer/166852: 2,000 mails a day",
    ),
    # 30 mails a minute, 10,000 recipients in any 24 hours, three connections at once (432 4.3.2 beyond).
    "microsoft365": Provider(
        title="Microsoft 365", hosts=("smtp.office365.com", "outlook.office365.com"),
        most={"per_minute": 30, "per_day": 10_000, "in_flight": 3},
        usual={"per_minute": 5, "per_hour": 30, "per_day": 120, "in_flight": 1},
        source="Exchange Online limits, sending limits: 30 mails a minute, 10,000 recipients a day, three connections",
    ),
}  # fmt: skip


def provider_of(host: str, address: str, preset: str | None) -> Provider | None:
    """Whose limits hold for a mailbox: those of the preset, else of the server that takes its mail; None: not known."""
    if preset is not None:
        return PROVIDERS[preset]
    name = next((name for name, row in PROVIDERS.items() if host.lower() in row.hosts), None)
    if name == "gmail" and address.rpartition("@")[2].lower() not in {"gmail.com", "googlemail.com"}:
        name = "workspace"
    return PROVIDERS[name] if name else None
