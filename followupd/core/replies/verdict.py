"""Making a `Reading`: evidence cut to one line, the person that a referral names, the reason that words give.

Decides only these small parts; the kind is decided by the recognisers.
"""

from __future__ import annotations

import re
from datetime import date

from followupd.core.model import Reading, Reason, ReplyKind
from followupd.core.replies import words as w

EVIDENCE = 200
ADDRESS = w.Phrases(r"(?<![\w.+-])([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![\w@])", re.ASCII)


def reading(
    kind: ReplyKind,
    confidence: float,
    evidence: str,
    *,
    resume: date | None = None,
    reason: Reason | None = None,
    person: str | None = None,
    guess: ReplyKind | None = None,
) -> Reading:
    """A reading whose evidence is one safe line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in evidence).split())[:EVIDENCE]
    return Reading(kind=kind, confidence=confidence, evidence=line, resume=resume, reason=reason, contact=person, guess=guess)


def reason_in(words: str) -> Reason | None:
    """The reason that the words of a no or a later give; the weightier first."""
    return next((Reason(name) for name, table in w.REASONS if table.search(words)), None)


def named_person(own: str, sender: str) -> str | None:
    """Name and address of the person that a referral names, as given."""
    own = own[:2000]
    address = next((found for found in ADDRESS.compiled.findall(own) if found.lower() != sender), "")
    name = _name(own)
    if name and address:
        return f"{name} <{address}>"
    return name or address or None


def _name(own: str) -> str:
    for pattern in (w.NAME_AFTER, w.NAME_BEFORE):
        for match in pattern.finditer(own):
            name = match[1].strip(" .,")
            if name.split()[0].lower() not in w.NO_NAME and not name.isupper():
                return name
    return ""
