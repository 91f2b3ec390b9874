"""A received mail prepared for judging: the writer's own words, and the question that they answer.

Decides which lines are the writer's own once our mail is subtracted, and what a bare "yes" would mean. Never decides
the meaning of the reply itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from followupd.core.model import Inbound
from followupd.core.replies import words as w

OWN = 8_192  # characters of the writer's own words that are read
FIRM_WORDS = 90  # a longer text says too many things to be firm


class Question(Enum):
    """What our last mail asked, as far as a bare yes or no answers it."""

    NONE = "none"  # nothing that yes or no answers alone
    PLAIN = "plain"  # a yes is a yes to the deal, a no a no to it
    INTEREST = "interest"  # a no refuses, a yes commits to nothing
    TURNED = "turned"  # a yes is no yes to the deal ("shall I close your file?")


@dataclass(frozen=True, slots=True)
class Letter:
    """What the recognisers look at. `words` is `own` without its signature, as the phrase tables expect it."""

    mail: Inbound
    own: str
    words: str
    core: str  # the words without greeting, closing and name, on one line
    question: Question
    asked: str  # our mail
    written: date
    foreign_subject: bool  # the subject is not the one that we wrote
    doors: frozenset[str] = frozenset()  # ready answers that our mail offered
    door: str = ""  # the one through which this answer came, as its token proves

    @property
    def sentences(self) -> list[str]:
        """The words, one thought each."""
        return [part.strip() for part in re.split(r"(?<=[.!?;])\s|\n", self.words) if part.strip()]

    @property
    def count(self) -> int:
        """How many words the writer typed."""
        return len(self.words.split())


def prepare(mail: Inbound, asked: str, asked_subject: str, written: date, doors: Iterable[str] = (), door: str = "") -> Letter:
    """Read a mail in the light of the one that it answers."""
    own = _subtract(mail.typed[:OWN], asked)
    said = unsigned(own)
    words = w.plain_words(said)
    return Letter(
        mail=mail,
        own=own,
        words=words,
        core=core_of(said),
        question=question_of(asked),
        asked=asked[:8_192],
        written=written,
        foreign_subject=not door and not _same_subject(mail.subject, asked_subject),
        doors=frozenset(doors),
        door=door,
    )


def _fold(line: str) -> str:
    return " ".join(line.lstrip("> \t").lower().split())


def _subtract(typed: str, asked: str) -> str:
    """The typed text without lines that we sent ourselves. Short lines are left: anybody may write "Thanks"."""
    ours = {folded for line in asked[:20_000].splitlines() if len(folded := _fold(line)) > 12}
    if not ours:
        return typed.strip()
    return "\n".join(line for line in typed.splitlines() if _fold(line) not in ours).strip()


def _same_subject(subject: str, asked_subject: str) -> bool:
    """Whether a subject is ours, give or take "Re:" (or there is nothing to compare it with, and it is an answer)."""
    bare = PREFIX.sub("", subject).strip().lower()
    ours = PREFIX.sub("", asked_subject).strip().lower()
    return bare == ours if ours else bare != subject.strip().lower()


PREFIX = w.Phrases(
    r"^(?:\s*(?:re|aw|antw|sv|vs|odp|r|rif|res|ref|fwd?|wg|tr|doorst|enc|rv)\s?(?:\[\d+\])?\s?[:：])+", re.IGNORECASE
)
GREETING = w.Phrases(
    r"^(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|moin|servus|liebe[r]?|sehr geehrte[r]?|bonjour|bonsoir|salut|cher|chère|madame|monsieur"
    r"|hola|buenos días|buenas(?: tardes)?|estimad[oa]|buongiorno|buonasera|ciao|salve|gentile|dag|beste|geachte|goedemorgen|goedemiddag|olá|oi|bom dia|boa tarde|prezad[oa])\b[^.!?\n]{0,40}?(?:[,!.]|\s[-–—]\s|$)\s*",
    re.IGNORECASE,
)
NAME_LINE = w.Phrases(
    r"^(?:[-–—/]\s?)?[^\W\d_a-z][\w.'’-]{0,25}(?:[ .&]+(?:[^\W\d_a-z][\w.'’-]{0,25}|van|von|de|der|den|du|la|le|x)){0,4}[ ,.]?(?:x|xx|:\))?$"
)
POLITE = w.Phrases(
    r"(?:^|[\s,.!-])(?:thanks|thanks so much|thank you|cheers|danke|danke schön|merci|gracias|muchas gracias|grazie|bedankt|dank u|obrigad[oa]|regards|best|ta)(?: (?:a lot|anyway|again|though|very much|\w{2,15}))?[\s.!,]*$"
)


FOOTER = w.Phrases(
    r"^\W{0,4}(?:p )?(?:please )?(?:consider|think of|save) the (?:environment|planet|trees)|^(?:sent|gesendet|envoyé|enviado|inviato|verzonden) (?:from|von|mit|depuis|de|desde|da|vanaf) |^get outlook"
    r"|^this (?:e-?mail|message) (?:is|may|and)|^aviso legal|^diese e-?mail (?:enthält|ist)|^ce (?:message|courriel) (?:est|et|contient)",
    re.IGNORECASE,
)
PIPED = w.Phrases(r"^[^\W\d_a-z][\w.'’-]{0,25}(?: [^\W\d_a-z][\w.'’-]{0,25}){1,3} [|·•] ")  # "A. J. Farrant | Managing Director"


def unsigned(own: str) -> str:
    """The words above a signature that has no mark: a name after a blank line, with nothing but such lines below."""
    lines = own.splitlines()
    for at in range(1, len(lines)):
        if FOOTER.match(lines[at]) or (not lines[at - 1].strip() and _begins_signature(lines[at], lines[at + 1 :])):
            return "\n".join(lines[:at]).strip() or own
    return own


def _begins_signature(line: str, below: list[str]) -> bool:
    """Whether a line is a name, and all lines below it are part of a signature. A postscript is not."""
    rest = [other for other in below[:30] if other.strip() and not FOOTER.match(other)]
    if PIPED.match(line):
        return not any(POSTSCRIPT.match(other) or "?" in other for other in rest)
    return (
        len(line) < 80 and NAME_LINE.match(line) is not None and all(len(other) < 80 and _looks_signed(other) for other in rest)
    )


POSTSCRIPT = w.Phrases(r"^\s*p\.? ?s\b", re.IGNORECASE)


def _looks_signed(line: str) -> bool:
    """Names, titles, numbers: mostly capitals, and no sentence."""
    if POSTSCRIPT.match(line) or re.search(r"[?!]|[a-z]\.\s", line):
        return False
    words = re.findall(r"[^\W\d_]+", line)
    return sum(word[0].isupper() for word in words) * 2 > len(words) or "@" in line or "www." in line


def core_of(own: str) -> str:
    """The words that answer: without greeting, thanks at the end, and a name below."""
    lines = [line.strip() for line in own.splitlines() if line.strip()]
    if lines and (stripped := GREETING.sub("", lines[0], count=1)) != lines[0]:
        lines[0] = stripped
        lines = [line for line in lines if line]
    while (
        len(lines) > 1 and len(lines[-1]) < 40 and NAME_LINE.match(lines[-1]) and (not lines[-1].isupper() or len(lines[-1]) < 4)
    ):
        lines.pop()
    text = w.plain_words(" ".join(lines))
    shortened = POLITE.sub("", text)
    text = shortened if shortened.strip() else text
    return re.sub(r"[\s.!,;:)(\U0001f300-\U0001faff☀-➿️-]+$", "", re.sub(r"[,.!]+\s", " ", text)).strip()


# -- what was asked ------------------------------------------------------------------------------

OPEN_QUESTION = w.Phrases(
    r"^(?:.{0,60}[,:;–-] ?)?(?:(?:and|so|but|or) )?(?:what|when|which|who|whom|where|why|how|was|wann|welche\w*|wer|wo|warum|wie|que|quoi|quand|quel\w*|qui|où|pourquoi|comment|qué|cuándo|cuál\w*|quién|dónde|cómo|cosa|che|quando|quale|chi|dove|perché|come|wat|wanneer|welke|wie|waar|waarom|hoe|o que|qual|quem|onde|como)\b"
)
CHOICE = w.Phrases(r"\s(?:or|oder|ou|o|oppure|of)\s|^reply\b|\b[a-c1-3]\s?(?:=|for|-|\))")
TURNED = w.Phrases(
    r"\b(?:received|receive|get my|got my|have you seen|reach you|bekommen|erhalten|angekommen|reçu|recibi\w+|ricevuto|ontvangen|recebeu|otrzyma\w+|close|stop|remove|release|cancel|withdraw|take you off|leave you|drop|give up|archive|mind|object\w*|reason not|no longer|not|no\b|dead|bad news|wrong|out of office|later|check back|another time|instead|someone else|anyone else|somebody else"
    r"|schließen|streichen|schliessen|in ruhe|stören|einwände|nein|nicht|später|aufhören|clore|fermer|arrête|objection|non|cerrar|dejar|importa|chiudere|smettere|stoppen|sluiten|bezwaar|rust|nee|niet|fechar|parar|não)\b|n't\b"
)
COMMITS = w.Phrases(
    r"\b(?:go ahead|proceed|start|sign|deal|order|buy|book|contract|demo|call|meet(?:ing)?|trial|pilot|visit|slot|come|send you the (?:contract|agreement)|renew|install|works?|in\?|on board|move forward|like (?:a|to|us)|chat|talk|speak|invite|lunch|coffee"
    r"|vertrag|termin|vorführung|telefonieren|starten|bestellen|auftrag|loslegen|einig|ja|contrat|rendez-vous|démo|appel|commencer|signer|contrato|reunión|llamada|empezar|firmar|pedido|contratto|incontro|chiamata|ordine|firmare|afspraak|bellen|beginnen|tekenen|reunião|ligação|fechar negócio)\b"
)
INTEREST = w.Phrases(
    r"\b(?:interest\w*|need\w*|consider|use for|quote|open to|curious|worth|bedarf|interesse|intéress\w+|besoin|interesa\w*|interessat\w+|behoefte|geïnteresseerd|interessad\w+)\b"
)


def question_of(asked: str) -> Question:
    """What a bare yes or no would answer: our mail must have asked exactly one question that it can answer."""
    text = w.plain_words(asked[:8_192])
    lines = " ".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    asks = [part.strip() for part in re.split(r"(?<=[.!?])\s+", lines) if part.strip().endswith("?")]
    if len(asks) != 1:
        return Question.NONE
    ask = asks[0][-400:]
    if TURNED.search(ask):
        return Question.TURNED
    if OPEN_QUESTION.search(ask) or CHOICE.search(ask):
        return Question.NONE
    if COMMITS.search(ask):
        return Question.PLAIN
    return Question.INTEREST if INTEREST.search(ask) else Question.NONE
