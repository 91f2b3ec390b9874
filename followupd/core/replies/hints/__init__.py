"""Hints: words that lean towards a meaning and prove nothing alone, one file for each language.

The phrases of `words.py` are explicit: they decide where no veto stands beside them. A hint only says what a text might mean ("go
with", "the board", "sign"). It counts where the statistical reader is sure of the same and no hint speaks for another firm
answer. Adding a language is one file here and one row in `FILES`.

In a table each line holds phrases divided by `|`, in lower case as `words.plain_words` writes them; ` .. ` stands for up to three
words, a `*` at the end of a word for any ending. No other marks mean anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from followupd.core.replies.hints import cs, da, de, en, es, fr, it, ja, nl, pl, pt, sv, tr

FILES: Mapping[str, Mapping[str, str]] = {
    "en": en.HINTS, "de": de.HINTS, "fr": fr.HINTS, "es": es.HINTS, "it": it.HINTS, "nl": nl.HINTS, "pt": pt.HINTS,
    "pl": pl.HINTS, "sv": sv.HINTS, "da": da.HINTS, "cs": cs.HINTS, "tr": tr.HINTS, "ja": ja.HINTS,
}  # fmt: skip
KINDS = ("yes", "no", "later", "engaged", "referral", "unsubscribe")
READ = 4_000
"""Characters in which hints are looked for."""
SMALL_WORDS = {
    "en": "the and to you we for is of it this that i have not our will be with please thanks what can me my your just are was do know if on at no but so get from out about would let us up go good been too they them all now still next week month year",
    "de": "der die das und ich wir sie ist nicht ein eine zu mit für auf im den dem von bei es haben hat danke bitte kein keine auch noch uns mir mich ihr ihre aber wenn dann bin sind war schon mal gerne grüße",
    "fr": "le la les un une et je nous vous est pas de des du en pour avec sur merci bonjour oui non ne que qui ce cette mais c'est j'ai plus notre votre on au aux mon ma dans si bien cordialement",
    "es": "el la los las un una y yo nosotros es son para con por gracias hola que no sí del se su lo al me nos ya pero muy más este esta como saludos mi si cuando hasta",
    "it": "il lo la gli e io noi è sono per con grazie buongiorno che non di si un una del della al alla ma ci mi vi ho abbiamo anche più come saluti questo questa se nel",
    "nl": "de het een en ik wij we u is zijn niet voor met op bedankt dag dat van je jullie ons maar nog wel geen aan om te heb hebben als dan groet graag even naar bij",
    "pt": "o a os as um uma e eu nós é são não para com por obrigado obrigada olá que do da em no na dos mas já mais muito seu sua meu minha abraço ao se está temos",
    "pl": "i w z na do nie się jest to że dla o po za od jak ale tak już proszę dziękuję pozdrawiam dzień dobry mamy państwa pan pani czy nam mi jeszcze tylko",
    "sv": "och att det som en ett är vi jag ni inte för med på av till har den men om kan tack hej oss er mig nu från vår",
    "da": "og at det som en et er vi jeg i ikke for med på af til har den men om kan tak hej os jer mig nu fra vores til hilsen",
    "cs": "a v z na do ne se je to že pro o po za od jak ale ano už prosím děkuji dobrý den máme nám mi jen s pozdravem jsme",
    "tr": "ve bir bu için ile de da çok teşekkürler merhaba değil ama biz siz ne mi olarak var yok iyi lütfen şu an sonra kadar ben",
}
_SMALL = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@lru_cache(maxsize=4)  # both opinions on a mail ask
def languages_of(words: str) -> tuple[str, ...]:
    """The languages that a text seems to be in, by its small words; all of them where they don't say."""
    if _KANA.search(words):
        return ("ja",)
    tokens = _TOKEN.findall(words[:READ])
    if not tokens:
        return ()
    counts = {language: sum(map(small.__contains__, tokens)) for language, small in _SMALL.items()}
    most = max(counts.values())
    if most == 0 or len(tokens) < 4:
        return tuple(FILES)
    return tuple(language for language, count in counts.items() if count * 10 >= most * 8)


@lru_cache(maxsize=4)
def hinted(words: str, languages: tuple[str, ...]) -> Mapping[str, str]:
    """Which meanings the words lean towards, each with the first words that do."""
    found: dict[str, str] = {}
    for language in languages:
        for kind in KINDS:
            table = _table(language, kind)
            if kind not in found and table is not None and (match := table.search(words[:READ])):
                found[kind] = match[0]
    return found


@cache
def _table(language: str, kind: str) -> re.Pattern[str] | None:
    """One search for all hints of a language towards a meaning."""
    lines = FILES[language].get(kind, "").splitlines()
    phrases = sorted(
        {phrase.strip() for line in lines for phrase in line.split("|")} - {""}, key=lambda phrase: (-len(phrase), phrase)
    )
    if not phrases:
        return None
    edges = ("", "") if language == "ja" else (r"(?<!\w)", r"(?!\w)")
    return re.compile(f"{edges[0]}(?:{'|'.join(map(_expression, phrases))}){edges[1]}")


def _expression(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ \.\.\ ", r"(?: [^\s.!?]{1,30}){0,3} ").replace(r"\*", r"\w{0,12}").replace(r"\ ", " ")
