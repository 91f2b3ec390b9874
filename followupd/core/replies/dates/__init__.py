"""When to come back: the date that a reply names, read against the date on which it was written.

Decides which of the dates in a text is the one on which the writer is back, or wants to hear again; `forms.py` reads the dates,
`tables.py` holds the words. Where two readings are possible it says nothing: a human is asked. Never returns a day that is not
after the day of the message, nor one more than two years away.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from followupd.core.replies.dates.days import first_working, months_later, next_working_day
from followupd.core.replies.dates.grammar import Place, all_dates
from followupd.core.replies.words import Phrases

__all__ = ["next_working_day", "resume_date"]

FARTHEST = 24
"""Months."""
SEARCHED = 2000
"""Characters."""


def resume_date(text: str, written: date, *, prefers_end: bool = False) -> date | None:
    """The day to come back on, or None. With `prefers_end` (an absence) the working day after a last day of absence counts."""
    text = _folded(text)
    if not _ANY.search(text):
        return None
    named = [place for place in all_dates(text, written) if not _means_something_else(text, place)]
    try:
        farthest = months_later(written, FARTHEST)
        found = [place for place in named if written < place.day <= farthest]
        day = _end_of_absence(text, written, found) if prefers_end else _time_to_talk(text, found)
    except (ValueError, OverflowError):
        return None  # at the end of the calendar
    return day if day is not None and written < day <= farthest else None


def _folded(text: str) -> str:
    return " " + " ".join(text[:SEARCHED].lower().replace("’", "'").replace("i̇", "i").replace("\n", " ; ").split()) + " "


def _before(text: str, place: Place, most: int) -> str:
    """What stands before a date in its sentence."""
    return _SENTENCE.compiled.split(text[max(0, place.start - most) : place.start])[-1]


def _after(text: str, place: Place, most: int) -> str:
    """What stands after a date in its sentence."""
    ends = text[place.end - 1] == "." and not _ORDINAL.search(text[place.start : place.end])
    end = place.end - ends
    return _SENTENCE.compiled.split(text[end : end + most])[0]


def _means_something_else(text: str, place: Place) -> bool:
    """Whether a date is past, denied, the date of a paper or of a deadline, or a habit such as "I work Monday to Wednesday"."""
    before, after = _before(text, place, 60), _after(text, place, 40)
    unmeant = _NOT_THEN.search(before[-45:]) and not _BEGINS_BEFORE.match(text[place.start : place.end])
    if (
        unmeant
        or (_DENIED.match(after) and not _BEFORE_IT.search(before))
        or _PAST_THEN.search(before)
        or _PAST_AFTER.match(after)
    ):
        return True
    return not place.exact and bool(_HABIT.search(before) or _HABIT.search(after[:25]))


# -- an absence ----------------------------------------------------------------------------------


def _end_of_absence(text: str, written: date, found: list[Place]) -> date | None:
    """A day of return; else the working day after the last day that is named as one of absence; else after today or this week."""
    later = [place for place in found if _NOT_BEFORE.search(_before(text, place, 60))]
    if later:
        return later[0].day
    back = [place for place in found if _names_return(text, place, found)]
    if back:
        return _then(text, _best_named([place for place in back if _returns_before(text, place)] or back))
    if not found:
        return _this_period(text, written)
    last = max([place for place in found if _AWAY_HERE.search(_sentence(text, place))] or found, key=lambda place: place.day)
    before, after = _before(text, last, 45), _after(text, last, 25)
    named = (last.exact or last.weekday) and not last.span
    if named and last.day.weekday() == 0 and len(found) == 1 and _until_the_day_of_return(text, last):
        return last.day
    if last.span or _UNTIL.search(before) or _UNTIL_AFTER.search(after):
        return _after_last_day(last, before + after)
    if _FROM.search(before[-14:]):
        return None  # the first day of an absence whose end isn't named
    if len(found) > 1 or _AWAY_ON.search(text) or (last.exact and _CLOSED.search(before)):
        return next_working_day(last.day) if last.exact else None
    return last.day


def _until_the_day_of_return(text: str, place: Place) -> bool:
    """Away until a Monday, which nobody counts as the last day: back on it. Not where it is said to be included."""
    return bool(_UNTIL_NEAR.search(_before(text, place, 25)) and not _INCLUSIVE.search(_sentence(text, place)))


def _best_named(places: list[Place]) -> Place:
    return min(places, key=lambda place: (not place.exact, place.start))


def _after_last_day(last: Place, around: str) -> date:
    """The working day after a last day. "Until September" names the month in which somebody is back, unless it is said to be included."""
    if not last.opens:
        return next_working_day(last.day)
    if last.day.day <= FIRST_DAYS and _INCLUSIVE.search(around):
        return first_working(last.day.year + last.day.month // 12, last.day.month % 12 + 1)
    return last.day


FIRST_DAYS = 4
"""The latest first working day of a month: a weekend after 1 January."""


def _sentence(text: str, place: Place) -> str:
    return _before(text, place, 200) + text[place.start : place.end] + _after(text, place, 200)


def _this_period(text: str, written: date) -> date | None:
    """Somebody away this week is back on Monday; away today, on the next working day."""
    for sentence in _SENTENCE.compiled.split(text):
        if _AWAY_HERE.search(sentence):
            if _THIS_WEEK.search(sentence):
                return written + timedelta(days=7 - written.weekday())
            if _TODAY.search(sentence):
                return next_working_day(written)
    return None


def _names_return(text: str, place: Place, found: list[Place]) -> bool:
    """Whether a date is a day of return, and no last or first day of an absence. Words behind the next date are about that one."""
    before, after = _before(text, place, 60), _after(text, place, 40)
    if place.span or _UNTIL_NEAR.search(before[-25:]) or _UNTIL_AFTER.search(after) or _GOES_ON.match(after):
        return False
    if _returns_before(text, place):
        return True
    following = min((one.start for one in found if one.start >= place.end), default=len(text))
    if _RETURNS.search(after[: max(0, following - place.end)]):
        return not _ENDS_THERE.search(after[:25])
    if _OPENS_WITH.match(text[place.start : place.end]):
        return not _AWAY.search(before)
    return bool(_FROM_THEN.search(before)) and not _AWAY.search(before)


def _returns_before(text: str, place: Place) -> bool:
    return bool(_RETURN.search(_before(text, place, 60)))


# -- later ---------------------------------------------------------------------------------------


def _time_to_talk(text: str, found: list[Place]) -> date | None:
    """The day that stands with words of talking again, or that "then" points to; else the only one."""
    if not found:
        return None
    near = [place for place in found if _CALL.search(_clause(text, place))]
    called = near or [place for place in found if _CALL.search(_before(text, place, 80)) or _CALL.search(_after(text, place, 60))]
    then = None if near else _THEN.search(text)
    if then is not None and (earlier := [place for place in found if place.end <= then.start()]):
        told = _sentence(text, earlier[-1])
        called = [place for place in earlier if _sentence(text, place) == told]
    chosen = _refined(_last_named(called or found), found)
    rival = any(_ALTERNATIVE.fullmatch(text[one.end : chosen.start]) for one in found if one.end <= chosen.start)
    unsaid = _RELATIVE.search(text[chosen.end : chosen.end + 80])  # "the day after": which one is not written
    return None if rival or unsaid else _then(text, chosen)


def _refined(chosen: Place, found: list[Place]) -> Place:
    """A day within the period that was chosen, such as "in June, say the 15th"."""
    within = (place for place in found if place.exact and chosen.opens and chosen.start < place.start)
    return next((place for place in within if timedelta(0) <= place.day - chosen.day <= WITHIN), chosen)


WITHIN = timedelta(days=30)


def _clause(text: str, place: Place) -> str:
    """The words between two commas around a date."""
    return _before(text, place, 80).rsplit(",", 1)[-1] + " ~ " + _after(text, place, 60).split(",", 1)[0]


def _last_named(places: list[Place]) -> Place:
    """The last of the most exact ones; "next year" only where nothing in it is named."""
    within = [place for place in places if not place.a_year] or places
    return ([place for place in within if place.exact] or within)[-1]


def _then(text: str, place: Place) -> date:
    """The day itself; "after the 6th" the working day after it."""
    before, after = _before(text, place, 24), _after(text, place, 16)
    dutch = before.endswith(" na ") and text[place.start].isdigit()  # "na segunda" is Portuguese
    past = _PAST.search(before) or dutch or (_SONRA.match(after) and not re.search(r"(?:gün|hafta|ay|yıl)\Z", text[: place.end]))
    return next_working_day(place.day) if place.exact and past else place.day


# -- words around a date -------------------------------------------------------------------------

_SENTENCE = Phrases(
    r"[.!?;](?=\s)(?<!\D\d\.)(?<!\D\d\d\.)(?<!inkl\.)(?<!incl\.)(?<!einschl\.)(?<!o\.m\.)(?<!t\.o\.)(?<! v\.)(?<! d\.)(?<!ca\.)(?<! do\.)(?<! mo\.)(?<! fr\.)(?<!tyg\.)(?<!str\.)(?<! kr\.)|[。！？]"
)
_ANY = Phrases(r"\d|[^\W\d_]{3}|[月曜週年明春夏秋冬半]")
_NOT_THEN = Phrases(
    r"(?:(?:\bnot|n't|nicht|keine?n?) (?:(?!until|till|before|earlier|vor|avant|bis|jusqu)[^\s,]{1,12} ){0,2}(?:on |the |at |in |am |im |le |en )?"
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
    r"\bdo(?: dnia| dne)?\s?$|\b(?:until|till|til|bis|jusqu'(?:au|à|en)|hasta|fino a\w*|tot|até|till och med|t o m|t\.o\.m\.?|indtil)(?:\s\S{1,12}){0,2}\s?$"
)
_UNTIL = Phrases(
    r"(?:\b(?:last day(?: of (?:absence|leave|holiday|vacation|my \w+))?:?|letzter (?:urlaubs|abwesenheits|ferien)tag:?|dernier jour d'absence:?|último día de ausencia:?|until|till|til|through|thru|up to|including|to|by|bis|einschließlich|jusqu'(?:au|à|en)|au|inclus|hasta|al|fino a\w*|all?'|tot(?: en met)?|t/m|até|ao|a|do|až do|till(?: och med)?|t\.? ?o\.? ?m\.?|til(?: og med)?|t\.?o\.?m|indtil|and|und|et|y|e)|-|–)(?:\s\S{1,14}){0,3}\s?$"
)
_UNTIL_AFTER = Phrases(
    r"^\s?(?:まで|inclusive|inclus|inkl|einschließlich|compreso|t/m|dahil|włącznie|včetně)|^'?\w{0,3}\s?(?:tarihine |gününe |günü )?(?:kadar|dek)|^'?\w{0,3}\s?(?:tarihleri )?aras"
)
_NOT_BEFORE = Phrases(
    r"(?:(?:not|n't|no|ne|nicht|niet|não|nie|inte|ikke) (?:\S{1,16}\s){0,5}?(?:until|till|before|hasta|antes d[eo]l?|avant(?: le)?|vor(?: dem)?|voor|até|przed|före|før)|(?:erst|dopiero|först|først|pas) (?:wieder )?(?:am|ab|vom|op|dne|od)?)\s?(?:the |el |le |dem |den )?$"
)
_INCLUSIVE = Phrases(
    r"including|inclusive|inclus|through|thru|einschl|inkl|t/m|tot en met|compreso|och med|og med|\bt\.?\s?o\.\s?m\b|\bt o m\b|\btom\b|włącznie|včetně|dahil"
)
_PAST = Phrases(
    r"\b(?:after|past|nach(?: dem)?|après(?: le)?|após(?: o)?(?: dia)?|tras el|después del?(?: día)?|dopo il|depois d[eo](?: dia)?|po|efter(?: den)?)\s?(?:the |le |el |il )?$"
)
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
_ENDS_THERE = Phrases(r"まで|から.{1,8}まで|kadar")
_DENIED = Phrases(
    r"^,?\s?(?:won't|will not|doesn't|does not|didn't|isn't|is not|is (?:out|full|impossible|no good|too (?:early|soon))|can't|geht (?:es )?(?:leider )?(?:nicht|nichts)|passt (?:es )?(?:leider )?nicht|ist (?:zu früh|voll|dicht)|ne va pas|ne marche pas|n'est pas|c'est impossible|no (?:puedo|me va|me viene|va a)|non va|non posso|gaat niet|lukt niet|kan niet|não (?:dá|posso)|nie (?:pasuje|mogę|da rady)|nejde|nemůžu|går inte|funkar inte|går ikke|olmaz|は(?:難|無理|厳))"
)
_PAST_THEN = Phrases(
    r"\b(?:last|previous|this past|letzten|letztes|vergangenen|vorigen|vorige|afgelopen|el pasado|lo scorso|la scorsa|no passado|zeszł\w+|ubiegł\w+|minul\w+|förra|i fjol|sidste(?! dag)|geçen)\s(?:the |week of )?$"
    r"|\b(?:i|we|they|he|she|you) (?:just |already |only )?(?:bought|met|signed|had|went|chose|sent|spoke|saw|got|did|renewed|ordered|moved|started|launched|hired|changed|switched|finished|stopped|talked|was|were) (?:(?!until|till|to|for|from|back)\S{1,14} ){0,4}(?:in|on|at|around|back in|mid|early|late) (?:the )?$"
    r"|\b(?:hatten|hatte|wurden?|waren|war|haben wir|avons|avait|était|compramos|firmamos|abbiamo|hebben|hadden|kupiliśmy|köpte|købte|koupili)\s(?:\S{1,14} ){0,3}(?:im|am|en|le|el|il|in|op|w|v|i|den|a)\s$"
)
_PAST_AFTER = Phrases(
    r"^\s?(?:dernière?|passée?|pasado|pasada|scors[ao]|passad[ao]|last year|ago|beri|tarihli|付|vorig jaar|letzten jahres|i fjol|sidste år|loni)\b"
)
_HABIT = Phrases(
    r"\bi (?:only |usually |normally |just )?(?:do not |don't )?work\b|office hours|opening hours|working (?:days|hours)|part[- ]time|\bevery\b|\beach\b|\barbeite(?:n)?\b|(?:büro|öffnungs|sprech|geschäfts)zeiten|\bjeden\b|\bne travaille|\bje travaille|horaires|\btrabajo\b|horario|\blavoro\b|\borari\b|\bik werk\b|openingstijden|kantooruren|\btrabalho\b|horário|\bpracuję\b|godziny|pracovní dob|otevírací|\b(?:jobbar|arbetar)\b|öppettider|\bjeg arbejder\b|åbningstider|mesai|営業時間|毎週"
)
"""What makes weekdays a habit."""
_AWAY_HERE = Phrases(
    r"\b(?:away|out of|out|off|ooo|leave|closed|holidays?|vacation|travell?ing|conference|abwesend|urlaub|geschlossen|nicht im|nicht (?:da|erreichbar)|auf (?:der )?messe|unterwegs|dienstreise|elternzeit|absent\w*|congés?|fermé\w*|déplacement|formation|vacances|fuera|vacaciones|ausente|cerrad\w+|baja|assent\w+|ferie|chius\w+|fuori|afwezig|vakantie|gesloten|niet (?:aanwezig|op kantoor|bereikbaar)|verlof|férias|fechad\w+|encerrad\w+|fora|não estou|licença|poza biurem|nieobecn\w+|urlop\w*|nieczynn\w+|zamknięt\w+|mimo kancelář|dovolen\w+|nepřítom\w+|zavřen\w*|nejsem|semester|ledig|stängt|frånvarande|inte på|bortrest|lukket|fraværende|ikke på|dışında\w*|izin\w*|tatil\w*|kapalı\w*|değilim)\b|不在|休業|休暇|休み|出張|お休み"
)
_THIS_WEEK = Phrases(
    r"\b(?:this week|all week|diese(?:r)? woche|die ganze woche|cette semaine|toute la semaine|esta semana|toda la semana|questa settimana|tutta la settimana|deze week|de hele week|toda a semana|w tym tygodniu|cały tydzień|tento týden|celý týden|den här veckan|hela veckan|denne uge|hele ugen|bu hafta)\b|今週"
)
_TODAY = Phrases(r"\b(?:today|heute|aujourd'hui|hoy|oggi|vandaag|hoje|dziś|dzisiaj|dnes|idag|i dag|bugün)\b|本日|今日")
_ALTERNATIVE = Phrases(
    r"\s?,?\s?(?:or|oder|ou|o|of|lub|albo|nebo|eller|veya|ya da|か|または)(?:\s(?:maybe|perhaps|even|vielleicht|erst|en|im|in|à|a|i|w|v|am|on|the|peut-être|quizás|forse|misschien|talvez))*\s?"
)
_THEN = Phrases(
    r"\b(?:(?:call|ring|speak|talk|write|ask|try|chat|reach out|get (?:back|in touch)|come back|check (?:in|back)|ping|knock)(?: (?:to )?(?:me|us|again|back)){0,2} then|(?:melden|fragen|sprechen|rufen|schreiben) (?:\S{1,12} ){0,3}dann|dann (?:gerne |bitte )?(?:wieder|nochmal)|(?:rappelez|reparlons|revenez)\S* (?:\S{1,10} )?(?:alors|à ce moment)|(?:hablamos|llám\w+|escríb\w+) entonces|entonces hablamos|(?:ne parl\w+|sent\w+|riparl\w+) allora|bel (?:me )?dan|falamos então|wtedy (?:proszę|zadzwoń|odezw)|(?:hör av dig|återkom|ring) då|(?:ring|skriv) (?:igen )?der)\b"
)
_SONRA = Phrases(r"^'?(?:[dt][ae]n)?\s?sonra|^\s?過ぎ")
_BEFORE_IT = Phrases(r"\b(?:before|vor(?: dem)?|avant(?: le)?|antes d[eo]l?|prima d[ei]l?|voor|przed|před|före|før)\s?$")
_CLOSED = Phrases(
    r"\b(?:closed|geschlossen|fermés?|cerrad[oa]s?|chius[oaie]|gesloten|fechad[oa]s?|zamknięt\w|zavřeno|stängt|lukket|kapalı)\s$"
)
_RELATIVE = Phrases(
    r"\b(?:the (?:day|week|month) (?:after|before)|a (?:day|week|month) (?:before|after|ahead)|(?:tags|eine woche|einen monat) (?:darauf|danach|davor|vorher)|le lendemain|la semaine d'après|un mois avant|el día siguiente|al día siguiente|un mes antes|il giorno dopo|un mese prima|de dag erna|een maand (?:ervoor|eerder)|no dia seguinte|um mês antes|dzień później|miesiąc wcześniej|dagen efter|en månad innan|dagen derpå|en måned før|den poté|měsíc předem)\b(?! (?:that|our|the|my|easter))"
)
_BEGINS_BEFORE = Phrases(r"(?:before|vor|avant|antes|prima|voor|przed|před|före|før|until|till|bis)\b")
"""Not before a time: that time is meant."""
_OPENS_WITH = Phrases(r"(?:dès le|à partir du|ab(?: dem)?|vanaf de|a partir del|dal)\s")
_ORDINAL = Phrases(r"(?<!\d)\d{1,2}\.$")
"""The point of "18.09." is part of it, that after a year ends a sentence."""
