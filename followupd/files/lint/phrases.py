"""Words that tell a habit: empty follow-ups, pressure, requests for time, the freedom to say no; in the languages that we read.

Decides only which words count and where a text holds them. Case, spaces, line ends, emphasis, apostrophes and accents may
differ. Each phrase is looked for only in texts that hold its longest word, so a long list costs next to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache

# -- looking -------------------------------------------------------------------------------------


class Phrases:
    """Phrases by language, as one text each with semicolons between them."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """Nothing is made ready before the first text is looked at."""
        self.table = {language: tuple(each.strip() for each in told.split(";")) for language, told in table.items()}

    def find(self, text: str, held: AbstractSet[str] | None = None) -> Iterator[tuple[int, str]]:
        """Where a text holds one of them, and how it is typed there; of two that overlap only the first, longest one.

        `held` are its `words`, where they are known already.
        """
        here = words(text) if held is None else held
        wanted = {phrase for word in self._by_word.keys() & here for phrase, needed in self._by_word[word] if needed <= here}
        wanted |= {phrase for phrase in self.table.get("ja", ()) if phrase in text}
        spans = sorted((match.start(), -match.end()) for phrase in wanted for match in _pattern(phrase).finditer(text))
        last = 0
        for start, end in spans:
            if start >= last:
                last = -end
                yield start, " ".join(text[start:-end].split())

    @cached_property
    def _by_word(self) -> dict[str, list[tuple[str, frozenset[str]]]]:
        """The phrases by their longest word, each with the words that can be typed in one way only."""
        found: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for language, phrases in self.table.items():
            for phrase in phrases if language != "ja" else ():
                sure = frozenset(re.findall(r"[a-z]+", re.sub(r"\S*[^a-z ',]\S*", " ", phrase.casefold())))
                longest = max(sure or words(phrase), key=lambda word: (len(word), word))
                found.setdefault(longest, []).append((phrase, sure))
        return found


def words(text: str) -> set[str]:
    """The words of a text, small and without accents."""
    return set(re.findall(r"[^\W_]+", _folded(text)))


def _folded(text: str) -> str:
    small = text.casefold()
    if small.isascii():
        return small
    return "".join(letter for letter in unicodedata.normalize("NFKD", small) if not unicodedata.combining(letter))


_LOOSE = {" ": r"[\s*_>]+", "'": "['\u2019\u2018\u02bc`\u00b4]", "-": "[-\u2010\u2011 ]?", "ä": "(?:ä|ae|a\u0308?)", "ö": "(?:ö|oe|o\u0308?)",
          "ü": "(?:ü|ue|u\u0308?)", "ß": "(?:ß|ss)"}  # fmt: skip
"""What may stand for a letter of a phrase."""


@lru_cache(maxsize=1024)
def _pattern(phrase: str) -> re.Pattern[str]:
    loose = "".join(_LOOSE.get(letter) or _accented(letter) for letter in phrase)
    edges = ("", "") if not _folded(phrase)[0].isascii() else (r"(?<!\w)", r"(?!\w)")
    return re.compile(edges[0] + loose + edges[1], re.IGNORECASE)


def _accented(letter: str) -> str:
    """A letter with or without its accent, whether typed as one character or two."""
    apart = unicodedata.normalize("NFD", letter)
    return f"(?:{letter}|{apart}|{apart[0]})" if len(apart) > 1 else re.escape(letter)


# -- the phrases ---------------------------------------------------------------------------------

EMPTY = Phrases({
    "en": "just checking in; just check in; just wanted to check in; checking in to see; checking in with you; checking in on; touching base; "
    "touch base; following up; just a follow-up; did you get my email; did you get my e-mail; did you get my mail; did you get my last; "
    "did you get a chance; did you receive my; did you see my; did you get it; bumping this; bump this; circling back; circle back; "
    "in case you missed; top of your inbox; gentle reminder; friendly reminder; quick reminder; any update on this; "
    "had a chance to look; had a chance to review; had a chance to read; pick your brain; finds you well; reaching out again",
    "de": "nur kurz nachfragen; kurz nachfragen; nur mal nachfragen; nachhaken; nachfassen; nur kurz melden; nur mal hören; kurz mal hören; "
    "mal wieder melden; haben Sie meine E-Mail; haben Sie meine Mail; haben Sie meine letzte; hast du meine Mail; hast du meine E-Mail; "
    "hatten Sie schon Gelegenheit; hatten Sie Gelegenheit; freundliche Erinnerung; kleine Erinnerung; komme ich zurück auf meine; "
    "bezugnehmend auf meine; nochmal nach oben holen",
    "fr": "je me permets de vous relancer; je vous relance; je te relance; petite relance; je reviens vers vous; je reviens vers toi; "
    "avez-vous reçu mon; avez-vous bien reçu; as-tu reçu mon; avez-vous eu le temps; avez-vous pu regarder; sauf erreur de ma part; "
    "je fais suite à mon; petit rappel; prendre la température; remonter ce mail",
    "es": "solo quería saber si; sólo quería saber si; hacer seguimiento; hacer un seguimiento; dar seguimiento; recibió mi correo; "
    "recibiste mi correo; ha recibido mi; has recibido mi; pudo ver mi; pudiste ver mi; retomo mi correo; un amable recordatorio; "
    "solo un recordatorio; vuelvo a escribirle; vuelvo a escribirte",
    "it": "volevo solo sapere; volevo sapere se ha; volevo sapere se hai; la ricontatto; ti ricontatto; ha ricevuto la mia; "
    "hai ricevuto la mia; ha avuto modo di; hai avuto modo di; faccio seguito alla mia; un gentile promemoria; un piccolo promemoria",
    "nl": "even checken; even horen of; even opvolgen; ik kom terug op mijn; kom ik terug op mijn; heeft u mijn mail; heeft u mijn e-mail; "
    "heb je mijn mail; heb je mijn e-mail; heeft u al kunnen kijken; heb je al kunnen kijken; vriendelijke herinnering; "
    "in navolging van mijn; even bij je inchecken",
    "pt": "só queria saber se; passando para saber; passando só para; dar seguimento; fazer um follow-up; recebeu meu e-mail; "
    "recebeu meu email; recebeu o meu; conseguiu ver meu; conseguiu ver o meu; retomando o meu; retomando meu; um lembrete gentil",
    "pl": "chciałem tylko zapytać; chciałam tylko zapytać; wracam do mojego; wracam do mojej; nawiązując do mojej; nawiązując do mojego; "
    "czy dotarł mój; czy dotarła moja; czy otrzymał pan; czy otrzymała pani; przypominam się; delikatne przypomnienie",
    "sv": "ville bara höra; ville bara kolla; följer upp mitt; följa upp mitt; fick du mitt; har du hunnit titta; vänlig påminnelse; "
    "stämma av läget; puffa upp",
    "da": "ville bare høre; ville bare lige; følger op på min; følge op på min; følger lige op; fik du min; modtog du min; "
    "har du haft tid til at se; venlig påmindelse",
    "cs": "jen se chci zeptat; chtěl jsem se jen zeptat; chtěla jsem se jen zeptat; navazuji na svůj; navazuji na můj; dostal jste můj; "
    "dostala jste můj; obdržel jste můj; obdržela jste můj; jen se připomínám; dovoluji si připomenout",
    "tr": "sadece kontrol etmek; e-postamı aldınız mı; mailimi aldınız mı; mesajımı aldınız mı; takip etmek için yazıyorum; "
    "nazik bir hatırlatma; hatırlatmak istedim; bakma fırsatınız oldu mu",
    "ja": "念のためご連絡; その後いかがでしょうか; メールはご覧いただけました; メールをご覧いただけました; ご確認いただけましたでしょうか; リマインド",
})  # fmt: skip
"""A follow-up that brings nothing but itself."""

PRESSURE = Phrases({
    "en": "last chance; final chance; final notice; final reminder; act now; limited time; before it's too late; don't miss out; "
    "i haven't heard back; i have not heard back; i haven't heard from you; i have not heard from you; you haven't replied; "
    "you have not replied; you haven't answered; you never replied; why you haven't; my third email; my fourth email; "
    "tried to reach you; tried reaching you; surely you; you can't afford not to",
    "de": "letzte Chance; letzte Mahnung; letzte Erinnerung; nur noch heute; jetzt zuschlagen; noch nichts von Ihnen gehört; "
    "noch nichts von dir gehört; leider keine Antwort; Sie haben nicht geantwortet; du hast nicht geantwortet; mehrfach versucht",
    "fr": "dernière chance; dernier rappel; dernière relance; offre limitée; sans réponse de votre part; vous n'avez pas répondu; "
    "tu n'as pas répondu; plusieurs fois de vous joindre",
    "es": "última oportunidad; último aviso; último recordatorio; por tiempo limitado; no he recibido respuesta; no he tenido respuesta; "
    "no ha respondido; no has respondido",
    "it": "ultima occasione; ultima possibilità; ultimo avviso; offerta limitata; non ho ricevuto risposta; non ha risposto; non hai risposto",
    "nl": "laatste kans; laatste herinnering; alleen vandaag; nog niets van u gehoord; nog niets van je gehoord; u heeft niet gereageerd; "
    "je hebt niet gereageerd",
    "pt": "última chance; última oportunidade; último aviso; por tempo limitado; não tive retorno; não obtive resposta; não respondeu",
    "pl": "ostatnia szansa; ostatnie przypomnienie; tylko dziś; nie otrzymałem odpowiedzi; nie otrzymałam odpowiedzi; brak odpowiedzi z",
    "sv": "sista chansen; sista påminnelsen; inte hört något från dig; inte hört av dig; du har inte svarat",
    "da": "sidste chance; sidste påmindelse; ikke hørt fra dig; du har ikke svaret",
    "cs": "poslední šance; poslední upozornění; jen dnes; neodpověděl jste; neodpověděla jste; jsem bez odpovědi",
    "tr": "son şans; son fırsat; son hatırlatma; sizden haber alamadım; cevap alamadım; yanıt alamadım",
    "ja": "最後のチャンス; 本日限り; 至急; お返事をいただけておりません; まだお返事をいただいて",
})  # fmt: skip
"""Hurry, blame and fear."""

ASKING = Phrases({
    "en": "quick call; short call; book a call; book a meeting; book a demo; schedule a call; schedule a meeting; hop on a call; your calendar; "
    "minutes of your time; time to talk; let me know",
    "de": "kurzes Telefonat; kurzes Gespräch; kurzer Anruf; Termin vereinbaren; Minuten Ihrer Zeit; geben Sie mir Bescheid",
    "fr": "court appel; bref appel; prendre rendez-vous; fixer un rendez-vous; minutes de votre temps; dites-moi",
    "es": "una llamada breve; agendar una; concertar una; minutos de su tiempo; minutos de tu tiempo; hágame saber",
    "it": "breve chiamata; breve telefonata; fissare un; minuti del suo tempo; minuti del tuo tempo; mi faccia sapere",
    "nl": "kort gesprek; kort telefoontje; afspraak plannen; minuten van uw tijd; minuten van je tijd; laat me weten",
    "pt": "uma ligação rápida; agendar uma; marcar uma; minutos do seu tempo; me avise",
    "pl": "krótka rozmowa; krótką rozmowę; umówić się; minut pana czasu; proszę o informację",
    "sv": "kort samtal; boka ett möte; minuter av din tid; hör av dig",
    "da": "kort samtale; book et møde; booke et møde; minutter af din tid; giv mig besked",
    "cs": "krátký hovor; domluvit schůzku; minut vašeho času; dejte mi vědět",
    "tr": "kısa bir görüşme; toplantı ayarla; dakikanızı; bana bildirin",
    "ja": "お時間をいただ; お時間を頂; 打ち合わせ",
})  # fmt: skip
"""A request without a question mark."""

FREE_TO_SAY_NO = Phrases({
    "en": "no is; a no; say no; saying no; no, thank you; no thank you; no thanks; or no; easy to stop",
    "de": "nein", "fr": "non merci; un non; dire non; ou non", "es": "un no; decir que no; decirme que no; no, gracias; o no",
    "it": "un no; dire di no; dirmi di no; no, grazie; o no", "nl": "nee", "pt": "um não; dizer não; dizer que não; não, obrigado; não, obrigada",
    "pl": "nie, dziękuję; powiedzieć nie; lub nie", "sv": "nej", "da": "nej", "cs": "ne, děkuji; říct ne; nebo ne", "tr": "hayır",
    "ja": "お断り; ご不要; いいえ",
})  # fmt: skip
"""Words by which a message says that no is an answer."""

OURS = frozenset(
    "we us our ours we're we've we'll wir uns unser unsere unseren unserem unserer nous notre nosotros nuestro nuestra nuestros nuestras"
    " noi nostro nostra nostri nostre wij we ons onze nossos nossa nosso nossas nasz nasza nasze vår våra vores náš naše biz bizim 弊社 当社".split()
)  # fmt: skip
"""Words for us. Left out: those that mean something else in another language, such as "my", "nos" and "vi"."""
YOURS = frozenset(
    "you your yours you're you've you'll ihr ihre ihren ihrem ihrer ihnen sie du dich dir dein deine vous votre vos tu te toi ton ta tes"
    " usted ustedes su sus ti tus lei suo sua suoi sue voi u uw jij jou jouw je você vocês seu pan pani pana państwo twój dig dit din"
    " vás vám váš vaše siz sizin size 御社 貴社".split()
)  # fmt: skip

SHORTENERS = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly t.ly lnkd.in shorturl.at rb.gy tiny.cc shorte.st bl.ink".split()
)
