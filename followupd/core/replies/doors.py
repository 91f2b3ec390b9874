"""The doors: ready answers that a mail of ours offers as links, in the language of the mail.

Decides the words, and recognises them when they come back as they stand. Whoever adds a word of their own is read like
everybody else; only a month behind `later` is part of that door.
"""

from __future__ import annotations

from collections.abc import Mapping

from followupd.core.model import Reading, ReplyKind
from followupd.core.replies.dates import resume_date
from followupd.core.replies.letter import Letter
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


def door(letter: Letter) -> Reading | None:
    """One of our doors, sent as it stands."""
    own = " ".join(letter.own.split())
    for kind, words in _WORDS:
        if own == words:
            return reading(kind, 0.99, words)
        more = own.removeprefix(words).split() if kind == ReplyKind.LATER and own.startswith(words) else []
        resume = resume_date(f"call me in {' '.join(more)}", letter.written) if 0 < len(more) <= MONTH else None
        if resume is not None:
            return reading(kind, 0.99, own, resume=resume)
    return None
