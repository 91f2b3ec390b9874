"""What comes back from a prospect's side in a cadence test: answers, automatic answers, delivery reports, complaints.

Decides how such a mail looks; what it means is for the real reading to find out. Answers name the mail they answer (RFC 5322,
3.6.4), automatic ones say so (RFC 3834). The same inputs give the same bytes. Never sends anything.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from followupd.demo.people import Person
from followupd.demo.script import Original, complaint_mail, original_of, report_mail

__all__ = ["Original", "answer", "complaint", "original_of", "report"]

_POLICY = policy.SMTP.clone(max_line_length=900)  # a folded long Message-ID would be encoded by the standard library


def answer(words: str, *, sender: str, to: str, original: Original | None, now: datetime, automatic: bool = False) -> bytes:
    """A mail in these words, above the quoted mail that it answers. `now` is on the clock of the writer."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = _subject(original, automatic=automatic)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{_token(sender, words, original, now)}@{sender.rpartition('@')[2]}>"
    if original:
        mail["In-Reply-To"] = f"<{original.message_id}>"
        mail["References"] = " ".join(f"<{each}>" for each in (*original.references, original.message_id))
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    quote = "" if automatic or original is None else _quote(original)
    mail.set_content(f"{words.strip()}\n{quote}", cte="quoted-printable")
    return mail.as_bytes()


def report(kind: Literal["hard", "soft", "blocked"], address: str, original: Original, now: datetime) -> bytes:
    """The delivery report that a mail to this address comes back with."""
    return report_mail(Person(address=address, bounces=kind), original, now)


def complaint(address: str, original: Original, now: datetime) -> bytes:
    """What the provider sends when the spam button was pressed."""
    return complaint_mail(Person(address=address), original, now)


def _subject(original: Original | None, *, automatic: bool) -> str:
    if original is None:
        return "Hello"
    if automatic:
        return f"Automatic reply: {original.subject}"
    return original.subject if original.subject.lower().startswith("re:") else f"Re: {original.subject}"


def _quote(original: Original) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in original.text.strip().splitlines())
    date = original.date
    return f"\nOn {date:%a, %b} {date.day}, {date.year} at {date:%H:%M} {original.sender_name} <{original.sender}> wrote:\n\n{lines}\n"


def _token(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]
