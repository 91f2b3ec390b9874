"""Old noes: whose reason can have aged, what is shown of them, and what the list says.

Decides who is looked at again, and why the others are not: an opt-out at any time counts for good, and so does a later yes. Never decides
that somebody is written to: without homework of the rep's own (`HOMEWORK`) intake hands the row back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followupd.core.answers import AUTOMATIC
from followupd.core.keeping import REAL_REASON, WORDS
from followupd.core.lifecycle import made_id
from followupd.core.model import Enrollment, EnrollmentState, Fact, History, Outcome, Prospect, Reason, Reply, ReplyKind

CADENCE = "reopen"
"""The cadence that a filled list starts: its name begins the file's."""

HOMEWORK = ("news", "compelling_reason", "result_claim")
"""What the rep writes into the list. The columns are empty there, whatever was written a year ago."""

LISTED = "listed"
"""What a fact says that it is about, where somebody stood on a list."""

AGAIN = frozenset({ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What there is of a person."""

    prospect: Prospect
    history: History
    replies: tuple[Reply, ...] = ()
    facts: tuple[Fact, ...] = ()
    items: tuple[str, ...] = ()  # titles of what they were given to read
    warm: frozenset[str] = frozenset()  # enrollments that keep them warm (role: nurture): they give way to a better reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OldNo:
    """Somebody whose no may have aged: which no it was, and what is known of it."""

    past: Past
    no: Enrollment
    stated: str
    real: str
    words: str

    @property
    def finished(self) -> datetime:
        """When the no was."""
        return self.no.finished or self.no.moved


def judged(past: Past, after: timedelta, reasons: Collection[str], now: datetime) -> OldNo | str:
    """The old no of a person; or, in a few words, why nobody should look at it again now."""
    enrollments = past.history.enrollments
    noes = sorted((one for one in enrollments if one.outcome == Outcome.NO and one.finished), key=lambda one: one.finished or now)
    if past.history.suppressed or any(one.outcome == Outcome.OPTED_OUT for one in enrollments) or _wants_no_mail(past.replies):
        return "wants no more mail"
    if any(one.state != EnrollmentState.FINISHED and one.id not in past.warm for one in enrollments):
        return "is under way"
    if not noes or (noes[-1].finished or now) > now - after:
        return "has said no too lately"
    last = noes[-1]
    if any(one.outcome in (Outcome.YES, Outcome.REFERRED) and one.started >= last.started for one in enrollments):
        return "has said something else since"
    if any(word.until > now and word.address != past.prospect.address for word in past.history.company):
        return "a colleague has answered lately"
    if any(one.about == LISTED and one.at > now - after for one in past.facts):
        return "was on a list lately"
    if any(one.cadence == CADENCE and one.started > now - after for one in enrollments):
        return "was written to again lately"
    stated, real, words = _reasons(past, last)
    if (real if real not in ("", Reason.OTHER) else stated) not in reasons:
        return "a reason that does not age"
    return OldNo(past=past, no=last, stated=stated, real=real, words=words)


def _wants_no_mail(replies: Iterable[Reply]) -> bool:
    return any(one.kind in AGAIN for one in replies)


def _reasons(past: Past, no: Enrollment) -> tuple[str, str, str]:
    """The stated reason, the real one, and the words of the no."""
    said = [one for one in past.replies if one.enrollment == no.id and one.kind not in AUTOMATIC]
    answer = next((one for one in reversed(said) if one.kind == ReplyKind.NO), said[-1] if said else None)
    stated = next((one.reason.value for one in reversed(said) if one.reason), "")
    real = next((one.value for one in reversed(past.facts) if one.about == "reason" and one.name == REAL_REASON), "")
    words = " ".join((answer.text or answer.subject).split())[:300] if answer else no.reason
    return stated, real, words


# -- the list ------------------------------------------------------------------------------------


def rows(found: Sequence[OldNo], owner: str, needed: Iterable[str], zone: ZoneInfo) -> list[list[str]]:
    """The list as a table, header first: who it is, room for homework, what was, and what the cadence needs beside."""
    ahead = (
        "email",
        "first_name",
        "last_name",
        "company",
        *HOMEWORK,
        "then_date",
        "then_reason",
        "then_real_reason",
        "then_words",
    )
    beside = ("then_learned", "then_read", "cadence", "owner", "language", "country", "timezone", "came_from")
    header = [*ahead, *beside, *(name for name in dict.fromkeys(needed) if name not in (*ahead, *beside))]
    return [header, *([_cells(one, owner, zone).get(name, "") for name in header] for one in found)]


def _cells(old: OldNo, owner: str, zone: ZoneInfo) -> Mapping[str, str]:
    prospect, facts = old.past.prospect, old.past.facts
    learned = {one.name: one.value for one in facts if one.about == "learned"}
    return {
        **prospect.columns, **dict.fromkeys(HOMEWORK, ""), "email": prospect.address, "cadence": CADENCE, "owner": owner,
        "country": prospect.country or "", "timezone": prospect.zone or "", "came_from": "old_no",
        "then_date": f"{old.finished.astimezone(zone):%Y-%m-%d}", "then_reason": old.stated, "then_real_reason": _really(old), "then_words": old.words,
        "then_learned": "; ".join(f"{name}: {value}" for name, value in learned.items())[:1000], "then_read": "; ".join(old.past.items)[:1000],
    }  # fmt: skip


def _really(old: OldNo) -> str:
    """The real reason, in their words as well."""
    said = next((one.value for one in reversed(old.past.facts) if one.about == "reason" and one.name == WORDS), "")
    return ": ".join(part for part in (old.real, " ".join(said.split())[:300]) if part)


def listed(found: Iterable[OldNo], file: str, now: datetime) -> tuple[Fact, ...]:
    """The note that somebody stood on this list: the next one leaves them out."""
    return tuple(
        Fact(id=made_id(LISTED, one.past.prospect.address, file, f"{now:%Y-%m-%d}"), address=one.past.prospect.address, name=CADENCE, value=file, at=now, about=LISTED, source=file)
        for one in found
    )  # fmt: skip


MOST_NAMED = 20


def letter(found: Sequence[OldNo], place: str, folder: str, zone: ZoneInfo) -> tuple[str, str]:
    """Subject and text for the owner."""
    many = len(found)
    subject = f"{many} old no{'' if many == 1 else 'es'} to look at again"
    named = "\n".join(
        f"  - {one.past.prospect.called}{_company(one)}: no on {one.finished.astimezone(zone):%d %b %Y}"
        f" ({one.real or one.stated}): {one.words[:120]}"
        for one in found[:MOST_NAMED]
    )
    more = f"\n  ... and {many - MOST_NAMED} more, in the file\n" if many > MOST_NAMED else ""
    text = (
        f"Some time ago these people said no, for a reason that can be over by now. They lie in\n\n  {place}\n\n{named}\n{more}\n"
        "Nobody is written to by itself. If you want to knock again:\n\n"
        "  1. Open the file and read the columns that begin with then_: what was, in their words.\n"
        f"  2. Do the homework: fill {', '.join(HOMEWORK)} for those who are worth it. A row without it is handed back.\n"
        f"  3. Save it as CSV and move it into {folder}. That starts the cadence {CADENCE}; the receipt says for whom.\n\n"
        f"Delete the rows of those whom you leave in peace. Nobody here is listed again for a while.\n"
    )
    return subject, text


def _company(old: OldNo) -> str:
    company = old.past.prospect.columns.get("company", "")
    return f", {company}" if company else ""
