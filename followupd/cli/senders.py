"""How the mailboxes are, as the store and the configuration know them: readable, watched, resting, full.

Decides one thing: after how long without a word no daemon seems to be at work. Shared by `status` and `why`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from followupd.cli.why import Sender
from followupd.core import guards
from followupd.core.when import speak
from followupd.marks import looks_in

if TYPE_CHECKING:
    from followupd.office import Office

SILENT_AFTER = timedelta(minutes=7)
"""A daemon that watches says so every few seconds, but for the quiet part of a long wait for news (five minutes)."""


MOVED = "it is being looked for what was sent before the store was moved, copied or restored (a quarter of an hour)"
"""Why a mailbox sends nothing yet that can be read (`evidence.read_sent`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One mailbox for `status`."""

    sender: Sender
    zone: ZoneInfo
    looked: datetime | None
    sent: int
    cap: int | None
    troubles: int

    @property
    def readable(self) -> bool:
        """Whether it could be read when it was last tried; a mailbox that was never tried could not."""
        return self.looked is not None and not self.sender.trouble


def states(office: Office, now: datetime, rows: list[dict[str, Any]]) -> dict[str, State]:
    """Every mailbox of the configuration, and those that the store still knows."""
    beside = office.store.told_where()
    shown = looks_in(beside) if beside else {}  # of a daemon that is at work on this machine: it does not write it to the disk
    known = {
        row["name"]: {**row, "looked": max(filter(None, (row["looked"], shown.get(row["name"]))), default=None)} for row in rows
    }
    names = [*office.config.mailboxes, *(name for name in known if name not in office.config.mailboxes)]
    return {name: _state(office, name, known.get(name, {}), now) for name in names}


def _state(office: Office, name: str, row: Mapping[str, Any], now: datetime) -> State:
    mailbox, looked = office.mailbox(name), row.get("looked")
    zone = ZoneInfo(mailbox.zone if mailbox else office.config.defaults.timezone)
    usage = office.store.usage(name, now)
    free_at, free_why = None, ""
    if mailbox:
        free, again = guards.room(usage, mailbox.caps, now)
        free_at = again if not free else None
        free_why = _why_not(row, usage.not_before, now) if free_at else ""
    sender = Sender(
        name=name, address=mailbox.address if mailbox else "", trouble=_trouble(row), silent=_silent(name, looked, row, now, zone), free_at=free_at,
        free_why=free_why, waits=MOVED if row.get("reconcile") else "",
    )  # fmt: skip
    cap = guards.day_cap(mailbox.caps, usage, now) if mailbox else None
    return State(sender=sender, zone=zone, looked=looked, sent=usage.last_day, cap=cap, troubles=row.get("trouble") or 0)


def _trouble(row: Mapping[str, Any]) -> str:
    text: str = row.get("state_text") or ""
    return "" if text == "not read yet" else text


def _silent(name: str, looked: datetime | None, row: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    """Why no daemon seems to be at work. A mailbox in trouble is told as such: its daemon may well be running."""
    if looked is None:
        return "" if _trouble(row) else f"it has not read mailbox {name} yet"
    if _trouble(row) or now - looked < SILENT_AFTER:
        return ""
    return f"it last read mailbox {name} on {speak(looked, zone)}"


def _why_not(row: Mapping[str, Any], not_before: datetime | None, now: datetime) -> str:
    if not_before is None or not_before <= now:
        return "its limits are used up"
    return row.get("trouble_text") or "the gap between two mails"
