"""What stands in the way of reading a mailbox: how long until it is tried again, and when people are told.

Decides how a mailbox comes back by itself, without knocking so often that its provider locks the account, and what its owner reads
meanwhile. Never about sending: while a mailbox can't be read, nothing leaves in its name, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from followupd.core.model import Alarm, Change

HOUR = timedelta(hours=1)
NEVER = timedelta(0)

SOUND = timedelta(minutes=5)
"""A link that was good for so long does not count as a failure when it ends: providers end links by habit."""

LADDER = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0, 90.0, 180.0)
"""Seconds: together at most 28 attempts in an hour. What is drawn on top, up to a quarter, keeps mailboxes from marching in step."""

FULL = 0.98
"""A mailbox that is filled so far may refuse the next answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One row: the n-th failure within `memory` is followed by the n-th of `waits` (seconds); after `patience` people are told."""

    name: str
    waits: tuple[float, ...]
    cure: str
    memory: timedelta = HOUR
    patience: timedelta = HOUR


OBSTACLES = {
    row.name: row
    for row in (
        Obstacle(name="link", waits=LADDER, cure="see whether its mail server is up"),
        Obstacle(name="network", waits=(0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0), cure="see to this machine's network and name server"),
        Obstacle(
            name="busy", waits=(60.0, 120.0, 300.0, 600.0, 900.0), memory=3 * HOUR,
            cure="end other programs that use the account; it is tried again by itself",
        ),
        Obstacle(
            name="login", waits=(900.0, 1800.0, 3600.0, 7200.0, 21_600.0), memory=24 * HOUR, patience=NEVER,
            cure="put the login right where the config says it is; it is tried again by itself, or at once after a restart",
        ),
        # Told by whoever keeps the tokens, and tried again at once after a login.
        Obstacle(name="consent", waits=(900.0, 3600.0), memory=3 * HOUR, patience=timedelta.max, cure=""),
        Obstacle(
            name="folder", waits=LADDER, patience=NEVER, cure="make the folder again, or correct `folders` or `sent` of its `imap` in the config"
        ),
        Obstacle(
            name="numbers", waits=(300.0, 900.0), memory=3 * HOUR, patience=NEVER,
            cure="the server counts its mails anew and does not say so, perhaps after it was restored from a backup; ask its administrators to "
            "give the folder a new UIDVALIDITY (in Dovecot: delete its dovecot-uidlist)",
        ),
    )
}  # fmt: skip
"""By the name that an `Unreachable` bears."""


@dataclass(frozen=True, slots=True)
class Failure:
    """When something stood in the way, and what."""

    at: float  # steady seconds
    kind: str


def remembered(failures: Sequence[Failure], now: float) -> tuple[Failure, ...]:
    """Those failures that still count."""
    return tuple(one for one in failures if now - one.at < OBSTACLES[one.kind].memory.total_seconds())


def calmed(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """Those that still count once the mailbox has been read: a link that breaks after every reading is no better for it."""
    return tuple(one for one in failures if one.kind == "link")


def pause(failures: Sequence[Failure], fraction: float) -> float:
    """Seconds until the next attempt, after the last of these."""
    kind = failures[-1].kind
    turn = sum(one.kind == kind for one in failures)
    waits = OBSTACLES[kind].waits
    return waits[min(turn, len(waits)) - 1] * (1 + fraction / 4)


# -- what people are told -------------------------------------------------------------------------


def told(mailbox: str, kind: str, reason: str, since: datetime, now: datetime) -> Change:
    """One alarm for a mailbox that could not be read for too long; not one for each hiccup."""
    obstacle = OBSTACLES[kind]
    if now - since < obstacle.patience:
        return Change()
    text = (
        f"mailbox {mailbox} can't be read since {since:%d %b %H:%M} UTC, so nothing leaves in its name: {reason}; {obstacle.cure}"
    )
    return Change(alarms=(Alarm(key=f"unread:{mailbox}", mailbox=mailbox, text=text, at=now),))


def read_again(mailbox: str, now: datetime) -> Change:
    """It is over."""
    return Change(alarms=(Alarm(key=f"unread:{mailbox}", mailbox=mailbox, text="", at=now, on=False),))


def filled(mailbox: str, share: float | None) -> str:
    """Why nothing may leave from a mailbox that can be read: "" unless it is full."""
    if share is None or share < FULL:
        return ""
    return f"mailbox {mailbox} is full ({share:.0%} of its storage), so answers can't arrive and nothing leaves in its name; make room in it"


def full(mailbox: str, text: str, now: datetime) -> Change:
    """The alarm of a full mailbox; an empty text ends it."""
    return Change(alarms=(Alarm(key=f"full:{mailbox}", mailbox=mailbox, text=text, at=now, on=bool(text)),))


NOTED_FOR = timedelta(days=7)
"""How long people are shown a mail that was passed over: whether they have read it can't be seen."""


def aged(up: Iterable[Alarm], mailbox: str, now: datetime) -> Change:
    """The alarms of such mails that have been shown for long enough."""
    old = [one for one in up if one.key.startswith(f"mail:{mailbox}:") and one.at + NOTED_FOR <= now]
    return Change(alarms=tuple(Alarm(key=one.key, mailbox=mailbox, text="", at=now, on=False) for one in old))


def unfetched(mailbox: str, folder: str, uidvalidity: int, uid: int, now: datetime) -> Change:
    """A mail that the server will not give, or whose answer breaks the link: a human must read it."""
    text = (
        f'mailbox {mailbox}: mail {uid} in folder "{folder}" can\'t be fetched and was passed over; read it in your mail program, and if a '
        "prospect wrote it, stop or pause that person here"
    )
    return Change(alarms=(Alarm(key=f"mail:{mailbox}:{folder}:{uidvalidity}:{uid}", mailbox=mailbox, text=text, at=now),))
