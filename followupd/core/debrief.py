"""The five questions after a no: what they ask, and what an answer to one of them says.

Decides whether free words mean yes or no, in the languages that reps write; in doubt neither: then the words speak for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from followupd.core.model import Fact

ABOUT = "debrief"
"""What a fact says that it is about, where it answers one of the questions."""

LONGEST = 500
"""Characters of an answer that are kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """One of the five. `short` heads its row in the table; `yes` and `no` are words that mean so for this question alone."""

    name: str
    text: str
    short: str
    yes: str = ""
    no: str = ""


QUESTIONS = (
    Question(
        "explored", "Did I learn what they need before I proposed something?", "needs explored before proposing",
        no=r"(?:proposed|offered|pitched|presented) (?:too (?:early|soon)|first)|zu früh|trop tôt|demasiado pronto|too (?:early|soon)",
    ),
    Question(
        "asked", "Did I ask and let them speak, or did I pitch?", "asked and let them speak",
        yes=r"asked|listened|gefragt|zugehört|posé des questions|écouté|pregunt\w+|escuch\w+|chiesto|ascoltato",
        no=r"pitch\w*|talked (?:too much|most)|gepitcht|geredet|präsentiert|zu viel erzählt|trop parlé|hablé demasiado|parlato troppo",
    ),
    Question(
        "pace", "Did I keep to their pace and their order of importance?", "their pace and priorities",
        no=r"too (?:fast|slow|pushy|early|soon)|pushed|rushed|zu (?:schnell|langsam|früh)|gedrängt|trop (?:vite|lent)|demasiado (?:rápido|lento)|troppo (?:veloce|lento)",
    ),
    Question("best_decision", "Did I help them to decide in their own interest?", "helped to decide in their interest"),
    Question(
        "door", "Is the door open, and what would be a good reason to knock again?", "the door is open",
        yes=r"open|offen|ouverte|abierta|aperta", no=r"closed|shut|zu|geschlossen|fermée|cerrada|chiusa",
    ),
)  # fmt: skip
"""In the order in which they are asked. The names stand in the store and in the options of the command."""

NAMES = tuple(question.name for question in QUESTIONS)

_YES = re.compile(
    r"^(?:y|yes|yep|yeah|yup|sure|certainly|definitely|absolutely|of course|j|ja|jo|jawohl|klar|natürlich|durchaus|auf jeden fall|o|oui|ouais|bien sûr|tout à fait|plutôt oui|s|sí|si|sì|claro|certo"
    r"|sim|jazeker|zeker|tak|ano|evet|はい|mostly|i (?:did|think so|believe so)|we did|it (?:is|was)|he (?:did|was)|she (?:did|was)|they (?:did|were)|eher ja|ich denke schon|größtenteils|meistens)(?!\w)",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:n|no|nope|nah|not (?:really|at all|enough|yet|quite)|not|never|hardly|barely|sadly not|unfortunately not|nein|nö|nee|ne|kaum|nicht|leider (?:nein|nicht)|eher (?:nein|nicht)|gar nicht|zu wenig"
    r"|non|pas (?:vraiment|du tout|assez)|plutôt non|hélas non|no realmente|la verdad no|non proprio|não|niet|neen|nie|ne|hayır|いいえ|i did not|i didn'?t|we did(?: not|n'?t)|none)(?!\w)",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\b(?:partly|half|somewhat|more or less|yes and no|jein|teils|teilweise|halb|en partie|à moitié|oui et non|sí y no|a medias|in parte|sì e no|deels)\b",
    re.IGNORECASE,
)


def leaning(words: str, name: str = "") -> str:
    """`yes`, `no`, or `other` where the words say neither, or both."""
    said = " ".join(words.split()).lstrip(" -–—:.,;)(\"'").casefold()
    said = re.sub(r"^(?:well|hm+|tja|naja|eh|bon|bueno|beh)[, .]+", "", said)
    if _HALF.search(said):
        return "other"
    if _NO.match(said):
        return "no"
    if _YES.match(said):
        return "yes"
    asked = next((question for question in QUESTIONS if question.name == name), None)
    found = {verdict for verdict in ("yes", "no") if asked and _says(getattr(asked, verdict), said)}
    return found.pop() if len(found) == 1 else "other"


def _says(pattern: str, said: str) -> bool:
    return (
        bool(pattern)
        and re.search(rf"(?<!\w)(?:{pattern})(?!\w)", said) is not None
        and not re.search(r"(?<!\w)(?:not|nicht|kein\w*|pas|non|no)(?!\w)", said)
    )


def answers(facts: Iterable[Fact], enrollment: str = "") -> Mapping[str, Fact]:
    """The last answer to each question, in the order of the questions; of one no, where its enrollment is named."""
    found = {one.name: one for one in facts if one.about == ABOUT and enrollment in ("", one.enrollment)}
    return {name: found[name] for name in NAMES if name in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question over many debriefs: how often yes and no, and what was said with each."""

    question: Question
    yes: int
    no: int
    other: int
    said: tuple[tuple[str, Fact], ...]  # what it says, and the answer; the noes first


def table(facts: Iterable[Fact]) -> tuple[int, tuple[Row, ...]]:
    """What we keep doing wrong: how many noes were looked back at, and for each question the answers to it, those with most noes first."""
    last = {(one.enrollment or one.address, one.name): one for one in facts if one.about == ABOUT and one.name in NAMES}
    rows = []
    for question in QUESTIONS:
        said = [(leaning(one.value, question.name), one) for (_, name), one in last.items() if name == question.name]
        count = {verdict: sum(found == verdict for found, _ in said) for verdict in ("yes", "no", "other")}
        ordered = sorted(said, key=lambda each: (("no", "other", "yes").index(each[0]), each[1].at))
        rows.append(Row(question=question, yes=count["yes"], no=count["no"], other=count["other"], said=tuple(ordered)))
    return len({where for where, _ in last}), tuple(sorted(rows, key=lambda row: -row.no))
