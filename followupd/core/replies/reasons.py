"""The reason of a no in the writer's own words, as one can say them back in a thank-you.

Decides which part of an answer says why, and whether it can be quoted: a short, whole clause, civil, and nothing but words. Nothing is
put together from pieces and nothing is put right: what can't be quoted as it stands is not quoted.
"""

from __future__ import annotations

import re

from followupd.core.model import Reason
from followupd.core.replies import words as w

LONGEST, FEWEST = 120, 3
"""Characters of a quotation, and words."""

UNSAID = frozenset({Reason.TRUST, Reason.OTHER})
"""Reasons that nobody wants to hear back."""

_TABLES = dict(w.REASONS)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
_CLAUSES = re.compile(r"\s*[,;:]\s+|\s+[-–—]+\s+")
_LEADS = re.compile(
    r"^(?:but|and|because|since|as|so|or|sorry|unfortunately|aber|und|denn|leider|mais|et|car|parce que|pero|y|porque|ma|e|perché|maar|en|want|mas|helaas|malheureusement)\s+(?=\S)",
    re.IGNORECASE,
)
_WORDS_ALONE = re.compile(r"(?:[^\W_]|[\s'’%€$£&/().,+-])+")
_PRIVATE = re.compile(r"\d{5,}|\b\w+\.(?:com|org|net|de|fr|eu|io|co)\b|\bwww\.", re.IGNORECASE)

_UNCIVIL = w.Phrases(
    r"\b(?:jokes?|ridiculous\w*|rubbish|crap\w*|stupid\w*|idiot\w*|insane|insult\w*|nonsense|garbage|bullshit|hell|damn\w*|f\w?ck\w*|shit\w*|rip[- ]?off|witz|frech\w*|unverschämt\w*"
    r"|lächerlich\w*|schwachsinn\w*|mist|scheiß\w*|abzocke|merde|ridicule\w*|n'importe quoi|foutaise\w*|mierda|ridícul\w+|tontería\w*|ridicol\w+|belachelijk\w*|onzin)\b"
)


def quoted(text: str, reason: Reason | None) -> str:
    """The clause that gives the reason, as typed; nothing where none was read, or where it can't be said back."""
    if reason is None or reason in UNSAID:
        return ""
    table = _TABLES[reason.value]
    for sentence in _SENTENCES.split(text[:2000]):
        if table.search(w.plain_words(sentence)):
            clause = next((part for part in _CLAUSES.split(sentence) if table.search(w.plain_words(part))), "")
            return _clean(clause)
    return ""


def _clean(clause: str) -> str:
    """The clause as a quotation, or nothing."""
    said = " ".join(clause.split()).strip(" .!?…-–—")
    while (shorter := _LEADS.sub("", said)) != said:
        said = shorter
    civil = not any(table.search(w.plain_words(said)) for table in (w.SARCASM, w.ANNOYED, _UNCIVIL))
    whole = len(said) <= LONGEST and len(said.split()) >= FEWEST and said.count("(") == said.count(")")
    return said if civil and whole and _WORDS_ALONE.fullmatch(said) and not _PRIVATE.search(said) else ""
