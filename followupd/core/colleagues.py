"""Who at a company waits after one of them has given a clear answer, and what their owners are told.

Decides which answers count (a yes, a no, an opt-out; silence never), who is concerned and what the letter says. Never decides for how
long (`courtesy:` in config.yaml), nor which addresses are one company (`guards.company_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from followupd.core.courtesy import is_acknowledgement
from followupd.core.guards import SAID
from followupd.core.lifecycle import made_id, put_off
from followupd.core.model import Change, CompanyWord, Enrollment, Outcome, Prospect, Reply, ReplyKind

FIRM = {
    ReplyKind.YES: Outcome.YES, ReplyKind.NO: Outcome.NO, ReplyKind.UNSUBSCRIBE: Outcome.OPTED_OUT, ReplyKind.COMPLAINT: Outcome.OPTED_OUT,
}  # fmt: skip
"""The answers after which colleagues wait."""


def said(outcome: Outcome, reply: Reply, prospect: Prospect, company: str, now: datetime, until: datetime) -> CompanyWord:
    """What somebody has said, as it is kept for the others at the company."""
    words = " ".join((reply.text or reply.subject).split())[:300]
    return CompanyWord(
        id=made_id("company word", company, prospect.address, outcome, reply.id), company=company, address=prospect.address,
        outcome=outcome, words=words, at=now, until=until, reply=reply.id,
    )  # fmt: skip


def held(word: CompanyWord, enrollments: Sequence[Enrollment], now: datetime) -> Change:
    """The word, and the colleagues that wait for it. A longer pause stays, and so does one without a date."""
    change = Change(company_words=(word,))
    for enrollment in enrollments:
        if concerned(word, enrollment):
            change += put_off(enrollment, word.until, reason(word), now)
    return change


def concerned(word: CompanyWord, enrollment: Enrollment) -> bool:
    """Whether somebody waits: another person, in something that did not begin as an answer to their own mail."""
    answers = ", reply " in enrollment.source or is_acknowledgement(enrollment)
    return enrollment.address != word.address and not answers


def reason(word: CompanyWord) -> str:
    """Why a colleague waits."""
    return f"{word.address} {SAID[word.outcome]} (reply {word.reply}), so {word.company} is left alone for a while"


def letter(word: CompanyWord, there: Sequence[Enrollment], zone: ZoneInfo) -> tuple[str, str]:
    """Subject and text for the owner of those who wait, and of those who stand still for another reason."""
    until, why = f"{word.until.astimezone(zone):%d %b %Y}", reason(word)
    subject = f"{word.address} {SAID[word.outcome]}: colleagues at {word.company} wait until {until}"
    waiting = [f"  - {one.address}, in {one.cadence}: waits until {_day(one.until, zone)}" for one in there if one.reason == why]
    others = [f"  - {one.address}, in {one.cadence}: {one.state} ({one.reason[:120]})" for one in there if one.reason != why]
    said = f'{word.address} {SAID[word.outcome]} on {word.at.astimezone(zone):%a %d %b %Y, %H:%M}, in these words:\n\n  "{word.words or "(no words)"}"\n'
    parts = [said]
    if waiting:
        parts += [
            f"Out of courtesy nobody else at {word.company} hears from you for now:\n",
            *waiting,
            "\nThey go on by themselves. Is it a matter of its own? Then let one of them go on at once: followupd resume ADDRESS.\n",
        ]
    if others:
        parts += ["These stand where they stood; know it before you write to them by hand:\n", *others, ""]
    parts.append(f"New people at {word.company} are handed back in the receipt until {until}.\n")
    return subject, "\n".join(parts)


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %Y, %H:%M}" if at else "you resume it"
