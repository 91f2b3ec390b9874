"""Telling the owners of people who wait because a colleague of theirs has given a clear answer.

Decides nothing: who waits is written with the answer itself (`office.consequences`, `core/colleagues.py`). One letter for each answer and
owner; a second run writes the same letter, which is none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from followupd import letters
from followupd.core import colleagues
from followupd.core.model import Change
from followupd.office import Office

LATELY = timedelta(days=2)
"""An answer of which its owners were not told within this time, for want of a daemon, is old news."""


def tell(office: Office, mailbox: str, now: datetime) -> Change:
    """The letters to the owner of a mailbox about those who wait there."""
    zone, found = office.zone(mailbox), []
    for word in office.store.company_words(now - LATELY):
        there = [
            one for one in office.store.colleagues(word.company) if one.mailbox == mailbox and colleagues.concerned(word, one)
        ]
        if there:
            subject, text = colleagues.letter(word, there, zone)
            found.append(letters.letter(office, mailbox, "courtesy", subject, text, now, word.id))
    return Change(letters=tuple(found))
