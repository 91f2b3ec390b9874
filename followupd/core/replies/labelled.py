"""Labelled replies: one JSON object a line, for learning, measuring and the tests of a workspace.

Decides what such a line may hold (`text` is needed; `id`, `lang`, `date`, `subject`, `asked`, `label`, `resume`, `reason`, `contact`,
`difficulty` and `typed` may be there, other keys are left alone), and turns it into the letter that the readers look at. Never
judges, and knows no file: it is given lines.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from followupd.core import quoting
from followupd.core.model import Inbound, Reason, ReplyKind
from followupd.core.replies.letter import Letter, prepare

LONGEST = 1_000_000
"""Characters of a line."""
SENDER = "prospect@example.invalid"
"""Who wrote it, as far as a line says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One reply, and what it means where a person has said so. Dates are the writer's."""

    id: str
    text: str
    subject: str = ""
    asked: str = ""
    date: dt.date | None = None
    lang: str = ""
    label: str = ""
    resume: dt.date | None = None
    reason: str | None = None
    contact: str | None = None
    difficulty: str = ""
    typed: str | None = None
    """The writer's own words, where somebody has marked them: for measuring how well quotes are stripped."""

    @property
    def group(self) -> str:
        """Replies of one conversation: those with the same question belong on the same side of a split."""
        return f"{self.lang} {self.asked}"

    @property
    def kept_back(self) -> bool:
        """Whether it is never learned from: one conversation in eight, by its checksum."""
        return zlib.crc32(self.group.encode()) % 8 == 0


def inbound(row: Labelled) -> Inbound:
    """The reply as a received mail."""
    parts = quoting.split(row.text)
    at = dt.datetime(row.date.year, row.date.month, row.date.day, 12, tzinfo=dt.UTC) if row.date else None
    return Inbound(typed=parts.typed, quoted=parts.quoted, signature=parts.signature, subject=row.subject, sender=SENDER, date=at)


def letter(row: Labelled) -> Letter:
    """The reply as the readers look at it."""
    mail = inbound(row)
    return prepare(mail, row.asked, "", (mail.date or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).date())


def parse(lines: Iterable[str]) -> Iterator[Labelled]:
    """The replies in a JSONL text. Raises ValueError that names the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _row(_object(line), number)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None


def _object(line: str) -> Mapping[str, Any]:
    if len(line) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"write one JSON object a line ({error})") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise ValueError('write an object with a "text"')  # noqa: TRY004 - the file is at fault
    return found


def _row(found: Mapping[str, Any], number: int) -> Labelled:
    label, reason = _text(found, "label"), _text(found, "reason")
    if label and label not in set(ReplyKind):
        raise ValueError(f'no such label: "{label}"; write one of {", ".join(ReplyKind)}')
    if reason and reason not in set(Reason):
        raise ValueError(f'no such reason: "{reason}"; write one of {", ".join(Reason)}')
    return Labelled(
        id=_text(found, "id") or str(number),
        text=found["text"],
        subject=_text(found, "subject"),
        asked=_text(found, "asked"),
        date=_day(found, "date"),
        lang=_text(found, "lang"),
        label=label,
        resume=_day(found, "resume"),
        reason=reason or None,
        contact=_text(found, "contact") or None,
        difficulty=_text(found, "difficulty"),
        typed=_text(found, "typed") if "typed" in found else None,
    )


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise ValueError(f'"{key}": write a text')  # noqa: TRY004 - the file is at fault
    return str(value)


def _day(found: Mapping[str, Any], key: str) -> dt.date | None:
    written = _text(found, key)
    if not written:
        return None
    try:
        return dt.date.fromisoformat(written[:10])
    except ValueError:
        raise ValueError(f'"{key}": write a date such as 2026-05-04') from None
