"""When to come back: the date that a reply names, read against the date on which it was written.

Decides which of the dates in a text is the one on which the writer is back, or wants to hear again; `forms.py` reads the dates,
`tables.py` holds the words. Where two readings are possible it says nothing: a human is asked. Never returns a day that is not
after the day of the message, nor one more than two years away.
"""

from __future__ import annotations

from datetime import date, timedelta

from followupd.core.replies.dates.forms import Place, all_dates, next_working_day
from followupd.core.replies.words import Phrases

__all__ = ["next_working_day", "resume_date"]

FARTHEST = 731
"""Days."""
SEARCHED = 2000
"""Characters."""


def resume_date(text: str, written: date, *, prefers_end: bool = False) -> date | None:
    """The day to come back on, or None. With `prefers_end` (an absence) the working day after a last day of absence counts."""
    text = _folded(text)
    if not _ANY.search(text):
        return None
    named = [place for place in all_dates(text, written) if written < place.day <= written + timedelta(days=FARTHEST)]
    found = [place for place in named if not _NOT_THEN.search(_before(text, place, 40))]
    if not found:
        return None
    if prefers_end:
        ahead = [place for place in found if not place.stale]
        return _end_of_absence(text, ahead) if ahead else None
    return _time_to_talk(text, found)


def _folded(text: str) -> str:
    return " " + " ".join(text[:SEARCHED].lower().replace("’", "'").replace("\n", " ; ").split()) + " "


def _before(text: str, place: Place, most: int) -> str:
    """What stands before a date in its sentence."""
    return _SENTENCE.compiled.split(text[max(0, place.start - most) : place.start])[-1]


def _after(text: str, place: Place, most: int) -> str:
    """What stands after a date in its sentence."""
    end = place.end - (text[place.end - 1] == ".")
    return _SENTENCE.compiled.split(text[end : end + most])[0]


def _end_of_absence(text: str, found: list[Place]) -> date | None:
    """A day of return; else the working day after the last day that is named as one of absence."""
    later = [place for place in found if _NOT_BEFORE.search(_before(text, place, 60))]
    if later:
        return later[0].day
    back = [place for place in found if _names_return(text, place)]
    if back:
        return _then(text, min(back, key=lambda place: (not place.exact, place.start)))
    last = max(found, key=lambda place: place.day)
    if (
        last.day.weekday() == 0
        and len(found) == 1
        and _UNTIL_NEAR.search(_before(text, last, 25))
        and not _INCLUSIVE.search(text)
    ):
        return last.day  # away until Monday: back on Monday
    if (
        _UNTIL.search(_before(text, last, 45))
        or _UNTIL_AFTER.search(_after(text, last, 25))
        or _SPAN.search(text[last.start : last.end])
    ):
        return next_working_day(last.day)
    if _FROM.search(_before(text, last, 14)):
        return None  # the first day of an absence whose end isn't named
    if len(found) > 1 or _AWAY_ON.search(text):
        return next_working_day(last.day) if last.exact else None
    return last.day


def _names_return(text: str, place: Place) -> bool:
    """Whether a date is a day of return, and no last or first day of an absence."""
    before, after = _before(text, place, 60), _after(text, place, 40)
    if _SPAN.search(text[place.start : place.end]) or _UNTIL_NEAR.search(before[-25:]):
        return False
    if _RETURN.search(before) or _RETURNS.search(after):
        return not _GOES_ON.match(after)
    return bool(_FROM_THEN.search(before)) and not _GOES_ON.match(after) and not _AWAY.search(before)


def _time_to_talk(text: str, found: list[Place]) -> date | None:
    """The day that stands with words of talking again; else the only one."""
    called = [place for place in found if _CALL.search(_before(text, place, 80)) or _CALL.search(_after(text, place, 60))]
    ahead = called or [place for place in found if not place.stale]
    return _last_named(text, ahead) if ahead else None


def _last_named(text: str, places: list[Place]) -> date:
    """The last of the most exact ones; "next year" only where nothing in it is named."""
    within = [place for place in places if not place.a_year] or places
    return _then(text, ([place for place in within if place.exact] or within)[-1])


def _then(text: str, place: Place) -> date:
    """The day itself; "after the 6th" the working day after it."""
    before = _before(text, place, 24)
    past = _PAST.search(before) or (before.endswith(" na ") and text[place.start].isdigit())  # Dutch; "na segunda" is Portuguese
    return next_working_day(place.day) if place.exact and past else place.day


_SENTENCE = Phrases(r"[.!?;](?=\s)(?<!\d\.)|[。！？]")
_ANY = Phrases(r"\d|[^\W\d_]{3}|[月曜週年明]")
_NOT_THEN = Phrases(
    r"(?:(?:\bnot|n't|nicht|keine?n?) (?:(?!until|till|before|earlier|vor|avant|bis|jusqu)\S{1,12} ){0,2}(?:on |the |at |in |am |im |le |en )?"
    r"|\bpas (?:en |le |au |du )?|\b(?:since|seit|depuis|desde(?! el lunes)|sinds|sedan|siden|ago|dated|your (?:mail|email|message|letter|note|offer|quote|call) (?:of|from|dated)|(?:ihre?r?|deine?) (?:mail|nachricht|angebot|schreiben|e-mail) vom|votre (?:mail|message|offre|devis|courriel) du"
    r"|(?:su|tu) (?:correo|mensaje|oferta) del|(?:sua|tua) (?:mail|email|offerta|proposta) del|offer of|angebot vom|valid until|gültig bis|expires?|läuft .{0,12}bis|runs? (?:out|until|to|till)|contract .{0,20}(?:until|till|to|ends?)|vertrag .{0,20}bis|deadline|contrat .{0,20}jusqu'(?:au|en|à)) (?:the |le |el |il |den )?)$"
)
_RETURN = Phrases(
    r"(?<!\w)(?:back|return\w*|re-?open\w*|resum\w*|available (?:again|from)|in the office|at my desk|open (?:again|as (?:normal|usual))|open from|reachable again|wieder\w*|zurück|erreichbar|geöffnet|de retour|retour|reviens|revenons|rentre|reprise|repren\w*|rouvr\w+|réouvert\w*|dès le"
    r"|vuelv\w+|volv\w+|regres\w+|reincorpor\w+|retom\w+|atender\w+|de vuelta|reabr\w+|reapert\w*|otra vez|rientr\w+|torn\w+|riapr\w+|riapert\w*|di nuovo|terug|weer|heropen\w*|bereikbaar|volt\w+|retorn\w+|expected"
    r"|wrac\w+|wróc\w+|powrot\w*|znowu|ponownie|dostępn\w+|zpět|zpátky|vrac\w+|vrát\w+|opět|dostupn\w+|tillbaka|åter|igen|öppnar|anträffbar|tilbage|retur|åbner|træffes|dön\w+|geri)"
    r"(?:[\s,:]+\S{1,14}){0,5}[\s:,]*$"
)
_FROM_THEN = Phrases(
    r"(?<!\w)(?:starting|as of|from|ab(?: dem)?|à partir d[ue]|a partir d[eao]l?|dal?|vanaf|od(?: dnia)?|från|fra)(?:\s\S{1,14}){0,2}\s?$"
)
"""From a day on: of a return, unless a last day follows, or an absence begins so."""
_GOES_ON = Phrases(r"^\s?(?:-|–|to|until|till|through|bis|au|jusqu'au|al|hasta|all?'|fino|tot|t/m|ao|até|do|až|till|til)\s?")
_AWAY = Phrases(
    r"(?<!\w)(?:away|out of|off|leave|closed|holiday|vacation|urlaub|abwesend|geschlossen|nicht im|absen\w+|cong[ée]\w*|fermé\w*|vacaciones|ausente|cerrad\w+|assente|ferie|chius\w+|afwezig|vakantie|gesloten|férias|fechad\w+|nieobecn\w+|urlop\w*|zamknięt\w+|dovolen\w+|nepřítom\w+|zavřen\w*|semester|ledig|stängt|ferie\w*|lukket|izin\w*|tatil\w*|kapalı|saremo|sarò)(?:\s\S{1,14}){0,4}\s?$"
)
_RETURNS = Phrases(
    r"^[\s,]*(?:\S{1,14}\s){0,4}(?:back\b|return\w*|reopen|resume|again|otra vez|de nuevo|di nuovo|wieder|zurück|de retour|estaré|vuelvo|regreso|rientr\w+|terug|weer|wracam|wrócę|zpět|zpátky|tillbaka|tilbage|igen|dön\w+|itibaren|geri)"
    r"|^\s?(?:から|より|以降|に戻り|に出社|に復帰)|^'?(?:den|dan|ten|tan) itibaren"
)
_UNTIL_NEAR = Phrases(
    r"\b(?:until|till|til|bis|jusqu'(?:au|à|en)|hasta|fino a\w*|tot|até|do|till och med|t o m|t\.o\.m\.?|indtil)(?:\s\S{1,12}){0,2}\s?$"
)
_UNTIL = Phrases(
    r"(?:\b(?:until|till|til|through|thru|up to|including|to|by|bis|einschließlich|jusqu'(?:au|à|en)|au|inclus|hasta|al|fino a\w*|all?'|tot(?: en met)?|t/m|até|ao|a|do|až do|till(?: och med)?|t\.? ?o\.? ?m\.?|til(?: og med)?|t\.?o\.?m|indtil|and|und|et|y|e)|-|–)(?:\s\S{1,14}){0,3}\s?$"
)
_UNTIL_AFTER = Phrases(r"^\s?(?:まで|inclusive|inclus|inkl|einschließlich|compreso|t/m|dahil)|^'?\w{0,3}\s?(?:tarihine )?kadar")
_NOT_BEFORE = Phrases(
    r"(?:(?:not|n't|no|ne|nicht|niet|não|nie|inte|ikke) (?:\S{1,16}\s){0,5}?(?:until|till|before|hasta|antes d[eo]l?|avant(?: le)?|vor(?: dem)?|voor|até|przed|före|før)|(?:erst|dopiero|först|først|pas) (?:wieder )?(?:am|ab|vom|op|dne|od)?)\s?(?:the |el |le |dem |den )?$"
)
_INCLUSIVE = Phrases(
    r"including|inclusive|inclus|through|thru|einschl|inkl|t/m|tot en met|compreso|och med|og med|\bt\.?\s?o\.\s?m\b|\bt o m\b|\btom\b|włącznie|včetně|dahil"
)
_PAST = Phrases(
    r"\b(?:after|past|nach(?: dem)?|après(?: le)?|después del?(?: día)?|dopo il|depois d[eo](?: dia)?|po|efter(?: den)?)\s?(?:the |le |el |il )?$"
)
_SPAN = Phrases(r"\d\D{1,8}\d{1,2}\D+[^\W\d_]{3}")
_FROM = Phrases(r"\b(?:from|as of|ab|vom|à partir du|du|desde(?: el)?|dal|vanaf|a partir de|od|från|fra)\s?$")
_AWAY_ON = Phrases(
    r"\b(?:closed|out|off|away|geschlossen|zu|fermé\w*|cerrad\w*|chius\w*|gesloten|fechad\w*|zamknięt\w*|zavřen\w*|stängt|lukket|kapalı)\s(?:on|am|le|el|il|op|em|no|w|v|den)\b"
)
_CALL = Phrases(
    r"\b(?:call\w*|make it|ring|write|email|mail me|get (?:back|in touch)|reach (?:out|back)|contact|try (?:me|us|again)|talk|speak|chat|check (?:in|back)|come back|ping|touch base|follow up|remind|nudge|ask (?:me |us )?again|revisit|look at (?:it|this)|pick (?:it|this|up)|circle back|knock|hit me|catch me|shout|drop me|discuss|be ready|know more|decide"
    r"|meld\w*|anruf\w*|ruf\w*|schreib\w*|frag\w*|sprech\w*|nochmal|noch mal|wieder|kontakt\w*|anklopf\w*|hören|rappel\w*|recontact\w*|relanc\w*|appel\w*|écri\w*|reparl\w*|revenez|revoir|llam\w*|contact\w*|escri\w*|habl\w*|retom\w*|avis\w*|pregunt\w*|vuelv\w*"
    r"|sentir\w*|sentiamo|richiam\w*|riscri\w*|scriv\w*|ricontatt\w*|riparl\w*|parl\w*|bel\w*|mail\w*|neem|spreken|terugkomen|hoor|ligue\w*|liga\w*|fale\w*|fala\w*|escrev\w*|contat\w*|retom\w*|volt\w*|odez\w*|odzyw\w*|zadzwo\w*|napis\w*|wróc\w*|kontakt\w*|rozmawia\w*"
    r"|ozv\w*|ozvěte|zavolej\w*|napiš\w*|vrát\w*|hör av\w*|höra\w*|ring\w*|skriv\w*|återkom\w*|kontakta\w*|prata\w*|tag fat|tale\w*|vend\w*|ara\w*|yaz\w*|görüş\w*|konuş\w*)\b|連絡|お電話|相談|検討|再度|改めて"
)
