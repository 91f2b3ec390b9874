"""The nouns of the reading side: where a mailbox is, what lies in it, and that it can't be read.

Decides nothing and talks to nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from followupd.files.secret import Secret

RAW_LIMIT = 65_536  # bytes of a mail that are read; the rest of a long mail holds nothing that decides


Mail = tuple[str, int, int]
"""Folder, UIDVALIDITY, UID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Where a mailbox is read. `security` is `tls`, `starttls` or `none`; the password is asked for at each login.

    `sent` is the folder of sent mail; "" means that it is looked for. `token` takes the password's place where it is given;
    told of a token that was refused, it gives a newer one if there is one.
    """

    host: str
    port: int
    security: str
    user: str
    password: Callable[[], str] = field(repr=False)
    token: Callable[[Secret | None], Awaitable[Secret]] | None = field(default=None, repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    sent: str = ""
    ca_file: str | None = None


class Unreachable(Exception):
    """The mailbox can't be read now. `reason` is for people; `kind` is a name in `core/unread.py`.

    `login` says that the server refused the login.
    """

    def __init__(self, reason: str, *, login: bool = False, kind: str = "link") -> None:
        self.reason = "".join(sign if sign.isprintable() else " " for sign in reason)[:200]
        self.kind = "login" if login else kind
        super().__init__(self.reason)

    @property
    def login(self) -> bool:
        """Whether the server refused the login."""
        return self.kind == "login"


class NotKept(Exception):
    """The server will not take a copy of a sent mail. The link is as good as before; `passing` says that it may be asked again."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        self.reason = "".join(sign if sign.isprintable() else " " for sign in reason)[:200]
        self.passing = passing
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail as the server has it. `raw` is its beginning; it is empty where the server would not give the mail."""

    folder: str
    uidvalidity: int
    uid: int
    received: datetime
    size: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """One reading of a folder. `end` is the UID for the cursor once these mails are handled.

    `more` says that mails are left for the next reading. `rescanned` says that the server has renumbered the folder
    (a new UIDVALIDITY), so mails that were handled long ago may be among these.
    """

    folder: str
    uidvalidity: int
    end: int
    mails: tuple[Arrival, ...]
    more: bool
    rescanned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One mail as its header names it. A stranger wrote that header: what does not match a strict pattern is left out.

    `ids` are all that the mail names, its own first; `original_id` is the id under which we know a mail of which this is
    a copy ("" for every other mail). `sender` is exactly one address, or "". All ids stand without <>.
    """

    folder: str
    uidvalidity: int
    uid: int
    received: datetime
    message_id: str
    ids: tuple[str, ...]
    original_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """One reading of the headers of a folder; the other words mean what they mean in `Arrivals`."""

    uidvalidity: int
    end: int
    found: tuple[Heading, ...]
    more: bool
    rescanned: bool
