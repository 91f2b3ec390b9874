"""Answers that mean something only beside our own mail: a letter or a word that we offered, and "yes, stop writing".

Decides from what our mail says each choice stands for. An answer that is not exactly one of the choices, and a choice whose
meaning is not plain, decide nothing.
"""

from __future__ import annotations

import re

from followupd.core.model import Reading, ReplyKind
from followupd.core.replies import words as w
from followupd.core.replies.letter import Letter
from followupd.core.replies.verdict import reading

LISTED = w.Phrases(
    r"(?:^|[\s,;(])([A-Ha-h1-9]|[A-Z]{2,12}) ?(?:[-–=:)]|(?:for|to|if|and|means)\b) ?([^\n,;?]{3,80})", re.MULTILINE
)
BRACKETED = w.Phrases(r"\b(\w{1,12}) \(([^()\n]{3,80})\)")
CHOICE = w.Phrases(r"(?:option |answer |number )?([a-h]|[1-9]|\w{2,12})(?:[ ,]+(?:please|thanks))?")

MEANINGS: tuple[tuple[ReplyKind, w.Phrases], ...] = (
    (
        ReplyKind.UNSUBSCRIBE,
        w.Phrases(
            r"\b(?:(?:take|taken|remove|removed) (?:you |me )?(?:off|from)|unsubscribe|stop (?:writing|mailing|emailing|my mails|all mails)|no (?:more|further) (?:e?mails?|messages))\b"
        ),
    ),
    (ReplyKind.LATER, w.Phrases(r"\b(?:later|next|not (?:now|yet)|another time|remind|in \d)\b")),
    (
        ReplyKind.NO,
        w.Phrases(
            r"\b(?:not for (?:you|me|us)|not interested|no,? thanks|no interest|(?:withdraw|drop|cancel) (?:it|the offer|this))\b"
        ),
    ),
    (
        ReplyKind.YES,
        w.Phrases(r"\b(?:go ahead|let us (?:start|sign)|place the order|sign the|order it|send (?:me )?the contract)\b"),
    ),
)

STOPS = w.Phrases(
    r"\b(?:(?:stop|quit) (?:writing|emailing|mailing|contacting|bothering)|take you off|remove you from|unsubscribe you|leave you (?:alone|in peace)|not (?:write|mail|email) (?:to )?you (?:again|any ?more)"
    r"|(?:nicht|nie) (?:mehr|wieder) (?:an)?(?:schreib\w+|mail\w+|kontaktier\w+)|in ruhe lass\w*|arrête de vous écrire|ne plus vous écrire|cesse de vous|deje de escribir\w*|smetta di scriver\w*|niet meer (?:mail\w*|schrijf\w*|schrijv\w*)|met rust laten|pare de (?:lhe )?escrever)\b"
)
UNCLEAR_ASK = w.Phrases(r"\b(?:mind|object\w*|or|not want|do not you|stört|oder|dérange|ou|importa|bezwaar|of)\b")


def choice(letter: Letter) -> Reading | None:
    """One of the choices that our mail offered, and nothing else; or a bare yes to our offer to stop."""
    if not letter.asked or len(letter.core) > 40:
        return None
    if w.ALONE_YES.fullmatch(letter.core):
        return reading(ReplyKind.UNSUBSCRIBE, 0.9, letter.own) if _offers_to_stop(letter.asked) else None
    said = CHOICE.fullmatch(letter.core)
    meant = _meanings(letter.asked, said[1]) if said else set()
    kind = meant.pop() if len(meant) == 1 else None
    return reading(kind, 0.9, letter.own) if kind is not None else None


def _meanings(asked: str, said: str) -> set[ReplyKind | None]:
    """What our mail says that this choice stands for. Nothing where it does not offer at least two."""
    for table in (LISTED, BRACKETED):
        offered = [(match[1].lower(), w.plain_words(match[2])) for match in table.finditer(asked)]
        if len({token for token, _ in offered}) >= 2 and any(token == said for token, _ in offered):
            return {_meaning(text) for token, text in offered if token == said}
    return set()


def _meaning(text: str) -> ReplyKind | None:
    return next((kind for kind, table in MEANINGS if table.search(text)), None)


def _offers_to_stop(asked: str) -> bool:
    """Whether the one question of our mail is "shall I stop writing to you?"."""
    lines = " ".join(line for line in w.plain_words(asked).splitlines() if not line.lstrip().startswith(">"))
    asks = [part for part in re.split(r"(?<=[.!?])\s+", lines) if part.rstrip().endswith("?")]
    return len(asks) == 1 and STOPS.search(asks[0]) is not None and UNCLEAR_ASK.search(asks[0]) is None
