"""The doors: ready answers that a mail of ours offers as links, in the language of the mail.

Decides the words, and recognises them when they come back as they stand; what a word or two mean that answer a mail with doors
("go", "stay", "March"), and mean nothing elsewhere; and what an answer means whose token proves through which door it came. Whoever adds
words of their own is read like everybody else, and where those words say something else than the door, a human is asked: a link is opened
by one slip of the finger. Only a month behind `later` is part of that door.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import quote

from followupd.core.model import Reading, ReplyKind, Step
from followupd.core.replies import words as w
from followupd.core.replies.dates import resume_date
from followupd.core.replies.dates.tables import MONTHS
from followupd.core.replies.letter import GREETING, Letter, Question, core_of
from followupd.core.replies.verdict import reading

Door = tuple[str, str]
"""Subject and words of the mail that a door opens."""

DOORS: Mapping[str, Mapping[str, Door]] = {
    "en": {
        "yes": ("Yes, let us talk", "Yes, let us talk. Please suggest a time."),
        "later": ("Later, please", "Not now, please come back later. A good month would be: "),
        "no": ("No, thank you", "No, thank you. This is not for us."),
    },
    "de": {
        "yes": ("Ja, sprechen wir", "Ja, sehr gerne. Bitte schlagen Sie einen Termin vor."),
        "later": ("Später, bitte", "Im Moment nicht, bitte melden Sie sich später noch einmal. Ein guter Monat wäre: "),
        "no": ("Nein, danke", "Nein, danke. Das ist nichts für uns."),
    },
    "fr": {
        "yes": ("Oui, parlons-en", "Oui, avec plaisir. Proposez-moi un créneau."),
        "later": ("Plus tard", "Pas maintenant, merci de revenir vers moi plus tard. Un bon mois serait : "),
        "no": ("Non, merci", "Non merci. Ce n'est pas pour nous."),
    },
    "es": {
        "yes": ("Sí, hablemos", "Sí, hablemos. Por favor, proponga una fecha."),
        "later": ("Más adelante", "Ahora no, por favor escríbame más adelante. Un buen mes sería: "),
        "no": ("No, gracias", "No, gracias. No es para nosotros."),
    },
    "it": {
        "yes": ("Sì, parliamone", "Sì, volentieri. Proponga pure una data."),
        "later": ("Più avanti", "Non adesso, mi ricontatti più avanti. Un buon mese sarebbe: "),
        "no": ("No, grazie", "No, grazie. Non fa per noi."),
    },
    "nl": {
        "yes": ("Ja, graag", "Ja, graag. Stelt u een moment voor?"),
        "later": ("Later graag", "Nu niet, neem later nog eens contact op. Een goede maand is: "),
        "no": ("Nee, dank u", "Nee, dank u. Dit is niets voor ons."),
    },
    "pt": {
        "yes": ("Sim, vamos falar", "Sim, vamos falar. Por favor, sugira uma data."),
        "later": ("Mais tarde", "Agora não, por favor volte a contactar-me mais tarde. Um bom mês seria: "),
        "no": ("Não, obrigado", "Não, obrigado. Não é para nós."),
    },
    "pl": {
        "yes": ("Tak, porozmawiajmy", "Tak, chętnie. Proszę zaproponować termin."),
        "later": ("Później", "Nie teraz, proszę odezwać się później. Dobry miesiąc to: "),
        "no": ("Nie, dziękuję", "Nie, dziękuję. To nie dla nas."),
    },
    "sv": {
        "yes": ("Ja, gärna", "Ja, gärna. Föreslå en tid."),
        "later": ("Senare", "Inte just nu, hör av dig senare. En bra månad är: "),
        "no": ("Nej tack", "Nej tack. Det är inget för oss."),
    },
    "da": {
        "yes": ("Ja tak", "Ja, meget gerne. Foreslå et tidspunkt."),
        "later": ("Senere", "Ikke lige nu, vend tilbage senere. En god måned er: "),
        "no": ("Nej tak", "Nej tak. Det er ikke noget for os."),
    },
    "cs": {
        "yes": ("Ano, promluvme si", "Ano, rád. Navrhněte prosím termín."),
        "later": ("Později", "Teď ne, ozvěte se prosím později. Vhodný měsíc: "),
        "no": ("Ne, děkuji", "Ne, děkuji. To není pro nás."),
    },
    "tr": {
        "yes": ("Evet, konuşalım", "Evet, konuşalım. Lütfen bir tarih önerin."),
        "later": ("Daha sonra", "Şimdi değil, lütfen daha sonra tekrar yazın. Uygun ay: "),
        "no": ("Hayır, teşekkürler", "Hayır, teşekkürler. Bu bize göre değil."),
    },
    "ja": {
        "yes": ("ぜひお話ししましょう", "はい、ぜひお話ししましょう。ご都合の良い日時をご提案ください。"),
        "later": ("後日お願いします", "今は難しいので、後日改めてご連絡ください。都合の良い月："),
        "no": ("今回は結構です", "いいえ、結構です。弊社には必要ありません。"),
    },
}
"""By language, in the order in which they are offered."""

MONTH = 3
"""Words that may stand behind `later`: "in March, please"."""

_KINDS = {"yes": ReplyKind.YES, "later": ReplyKind.LATER, "no": ReplyKind.NO}
_WORDS = [(_KINDS[name], " ".join(words.split())) for doors in DOORS.values() for name, (_, words) in doors.items()]


CERTAIN = 0.99
"""Our own words as they stand, or a token that nobody else can make."""
PLAIN = 0.95
"""One word in answer to our question."""


def door(letter: Letter) -> Reading | None:
    """One of our doors, sent as it stands."""
    own = " ".join(letter.own.split())
    for kind, words in _WORDS:
        if own == words:
            return reading(kind, CERTAIN, words)
        more = own.removeprefix(words).split() if kind == ReplyKind.LATER and own.startswith(words) else []
        resume = resume_date(f"call me in {' '.join(more)}", letter.written) if 0 < len(more) <= MONTH else None
        if resume is not None:
            return reading(kind, CERTAIN, own, resume=resume)
    return None


def offered_by(step: Step) -> tuple[str, ...]:
    """The doors that a step's mail offers, and whether it asks for leave to go on writing."""
    offered = tuple(step.fields.get("doors") or ())
    return (*offered, PERMISSION) if offered and getattr(step, "keep", None) == PERMISSION else offered


# -- an answer that came through a door ----------------------------------------------------------


def through(letter: Letter, verdict: Reading) -> Reading:
    """What an answer means whose token names a door. `verdict` is what its words say by themselves.

    The token speaks for a mail without words. Beside words that say the same it adds certainty; beside any others a human is asked, and an
    opt-out is an opt-out.
    """
    kind = _KINDS[letter.door]
    if verdict.kind == kind:
        return replace(verdict, confidence=CERTAIN)
    if verdict.kind not in _FROM_A_PERSON:
        return verdict
    if not _words_beside(letter):
        return reading(kind, CERTAIN, f"came through the door {letter.door}")
    said = reading(ReplyKind.UNCLEAR, 0.5, f"came through the door {letter.door}, and says: {letter.own}", resume=verdict.resume)
    return replace(said, guess=verdict.label if verdict.label != ReplyKind.UNCLEAR else kind)


_FROM_A_PERSON = frozenset(
    {ReplyKind.YES, ReplyKind.NO, ReplyKind.LATER, ReplyKind.ENGAGED, ReplyKind.REFERRAL, ReplyKind.UNCLEAR}
)
"""What a door can be weighed against. An opt-out, an absence and whatever machines write are no matter of doors."""


def _words_beside(letter: Letter) -> str:
    """What somebody has typed beside the ready words of the door that they came through."""
    text = " ".join(letter.words.split())
    for words in (doors[letter.door][1] for doors in DOORS.values()):
        text = text.replace(" ".join(w.plain_words(words).split()), "")
    return re.sub(r"[\W_]+", "", text)


# -- a bare answer to a mail with doors ----------------------------------------------------------

PERMISSION = "permission"
"""Stands among the doors of a mail that asks whether we may go on writing: there "stay" is a yes."""

LETS_GO = w.Phrases(
    r"(?:just |please |bitte )?(?:go|go away|let (?:me|us|it) go|you can go|close (?:it|the file|my file|this)|drop it|gehen|geht|loslassen|lass(?:en)?(?: sie| wir)? (?:es )?gut sein|schließen|partir|partez|laissez tomber|on arrête|fermez"
    r"|dejarlo|déjelo|cerrar|cierre|lasci(?:amo)? perdere|chiud(?:a|ere|iamo)|laat maar|laat (?:ons|me|het) gaan|loslaten|sluiten)(?:,? please|,? bitte)?"
)
KEEPS_TOUCH = w.Phrases(
    r"(?:please |bitte )?(?:stay|(?:stay|keep|be) in touch|let us (?:stay|keep) in touch|bleib(?:en)?(?: sie| wir)?(?: in kontakt)?|in kontakt bleiben|rest(?:er|ez|ons)(?: en contact)?|gard(?:er|ons) (?:le )?contact|quedarse|qued(?:ese|ate|émonos)|seguimos en contacto|mantengamos el contacto"
    r"|rest(?:are|i|iamo)(?: in contatto)?|blijf|blijven|(?:we )?(?:houden|hou) contact|contact houden)(?:,? please|,? bitte)?"
)
NOT_NOW = w.Phrases(
    r"(?:maybe |perhaps |vielleicht |peut-être |quizás |forse |misschien )?(?:later(?: on)?|not (?:now|yet|today)|another time|später|nicht jetzt|jetzt nicht|noch nicht|ein andermal|plus tard|pas maintenant|pas encore|une autre fois|más (?:tarde|adelante)|ahora no|todavía no|otra vez|più (?:tardi|avanti)|non (?:ora|adesso)|non ancora|un'altra volta|nu niet|nog niet|een andere keer)"
    r"(?:,? (?:please|thanks|bitte|danke|merci|gracias|grazie|graag))?"
)
NO_THANKS = w.Phrases(
    r"no,? (?:thanks|thank you)|nein,? (?:danke|vielen dank)|non,? merci|no,? gracias|no,? grazie|nee,? (?:dank (?:u|je)|bedankt)"
)
TWO_MINDS = w.Phrases(r"go|stay")
"""Alone and unasked: "go ahead" to one, "go away" to another."""
NUMBER = w.Phrases(r"(?:number |option |nummer |numéro |número |numero )?([1-3])[.)]?")

_CALENDAR = frozenset(
    "in im en à a au nel a de in. early mid late end beginning anfang mitte ende début mi fin principios mediados finales inizio metà fine begin half eind after nach après después dopo na before"
    " next nächstes nächsten nächster kommendes l'année prochaine année el año que viene próximo prossimo anno volgend jaar year month quarter monat quartal jahr mois trimestre mes mese maand kwartaal the der die das"
    " spring summer autumn fall winter frühling frühjahr sommer herbst printemps été automne hiver primavera verano otoño invierno estate autunno inverno lente zomer herfst q1 q2 q3 q4 please bitte svp graag".split()
) | frozenset(MONTHS)  # fmt: skip
DATE_WORDS = 5


def bare(letter: Letter) -> Reading | None:
    """A word or two in answer to a mail that offered doors: "go", "stay", "March", "2", "yes". Elsewhere they decide nothing."""
    core = _said(letter)
    offered = bool(letter.doors) and not letter.foreign_subject
    if not offered and TWO_MINDS.fullmatch(core):
        return reading(ReplyKind.UNCLEAR, 0.0, letter.own)
    if not offered or not core or len(core) > 60 or "?" in letter.own:
        return None
    if LETS_GO.fullmatch(core):
        return reading(ReplyKind.NO, PLAIN, letter.own)
    if KEEPS_TOUCH.fullmatch(core):
        return reading(ReplyKind.YES if PERMISSION in letter.doors else ReplyKind.LATER, PLAIN, letter.own)
    if NOT_NOW.fullmatch(core):
        return reading(ReplyKind.LATER, PLAIN, letter.own)
    if (resume := _date_alone(core, letter.written)) is not None:
        return reading(ReplyKind.LATER, PLAIN, letter.own, resume=resume)
    if (number := NUMBER.fullmatch(core)) is not None:
        kind = _listed(letter, int(number[1]))
        return reading(kind, PLAIN, letter.own) if kind else None
    return _yes_or_no(letter, core)


def _said(letter: Letter) -> str:
    """The words that answer; where they are so few that they pass for the name in a signature, the first line below the greeting."""
    below = (line for line in GREETING.sub("", letter.own, count=1).splitlines() if line.strip())
    return letter.core or core_of(next(below, ""))


def _yes_or_no(letter: Letter, core: str) -> Reading | None:
    """A bare yes or no to the doors; not where our mail asks "shall I close your file?" as well: then it may answer that."""
    if letter.question is Question.TURNED:
        return None
    if w.ALONE_YES.fullmatch(core):
        return reading(ReplyKind.YES, PLAIN, letter.own)
    if w.ALONE_NO.fullmatch(core) or NO_THANKS.fullmatch(core):
        return reading(ReplyKind.NO, PLAIN, letter.own)
    return None


def _date_alone(core: str, written: date) -> date | None:
    """The day to come back on, where the answer is a month, a season or a year and nothing else."""
    said = re.findall(r"[\w'.-]+", core)
    if not 0 < len(said) <= DATE_WORDS or not all(word.strip(".") in _CALENDAR or re.fullmatch(r"20\d\d", word) for word in said):
        return None
    return resume_date(f"call me in {core}", written) or resume_date(core, written)


def _listed(letter: Letter, number: int) -> ReplyKind | None:
    """The door that stands at this place in our mail; None where not all of those offered can be found in it."""
    offered = [name for name in _KINDS if name in letter.doors]
    places = {name: _place(letter.asked, name) for name in offered}
    if number > len(offered) or min(places.values()) < 0:
        return None
    return _KINDS[sorted(offered, key=lambda name: places[name])[number - 1]]


def _place(asked: str, name: str) -> int:
    """Where the link of a door stands in our mail, or -1."""
    return max(asked.find(f"?subject={quote(doors[name][0])}") for doors in DOORS.values())
