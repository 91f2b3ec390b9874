"""When to come back: the date that a reply names, read against the date on which it was written.

Decides nothing but dates, with a small grammar of its own: days, weekdays, months, quarters, weeks, seasons and
feasts, in the languages of the phrase tables. A date that could be read two ways (7.5. or 5/7) is no date. Never returns
a day that is not after the day of the message, nor one more than 400 days away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from followupd.core.replies.words import Phrases

FARTHEST = 400
SEARCHED = 2000  # characters

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio januari janeiro janv ene gen",
            "february feb februar février fevrier febrero febbraio februari fevereiro févr fév",
            "march mar märz maerz mars marzo maart março mrz mrt",
            "april apr avril abril aprile avr abr",
            "may mai mayo maggio mei maio",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho juil",
            "august aug août aout agosto augustus",
            "september sept sep septembre septiembre settembre setembro sett",
            "october oct oktober okt octobre octubre ottobre outubro ott out",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre decembre diciembre dicembre dezembro déc dic",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon montag lundi lunes lunedì lunedi maandag segunda segunda-feira",
            "tuesday tue tues dienstag mardi martes martedì martedi dinsdag terça terça-feira",
            "wednesday wed mittwoch mercredi miércoles mercoledì mercoledi woensdag quarta quarta-feira",
            "thursday thu thur thurs donnerstag jeudi jueves giovedì giovedi donderdag quinta quinta-feira",
            "friday fri freitag vendredi viernes venerdì venerdi vrijdag sexta sexta-feira",
            "saturday sat samstag samedi sábado sabato zaterdag",
            "sunday sun sonntag dimanche domingo domenica zondag",
        )
    )
    for name in names.split()
}
COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "couple": 2, "few": 3,
    "einem": 1, "einer": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "paar": 3, "einigen": 3, "un": 1, "une": 1, "deux": 2, "trois": 3,
    "quatre": 4, "cinq": 5, "quelques": 3, "una": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "seis": 6, "due": 2, "tre": 3, "quattro": 4, "qualche": 3,
    "een": 1, "twee": 2, "drie": 3, "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3,
}  # fmt: skip
UNITS = {
    name: unit
    for unit, names in {
        "d": "day days tag tage tagen jour jours día días giorno giorni dag dagen dia dias",
        "w": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken",
        "m": "month months monat monate monaten mois mes meses mese mesi maand maanden mês",
        "q": "quarter quarters quartal quartalen trimestre trimestres kwartaal",
        "y": "year years jahr jahre jahren an ans année año años anno anni jaar ano anos",
    }.items()
    for name in names.split()
}


def _words(names: Mapping[str, object]) -> str:
    return "(?:" + "|".join(sorted(names, key=len, reverse=True)) + ")"


MONTH, WEEKDAY, COUNT, UNIT = (_words(names) for names in (MONTHS, WEEKDAYS, COUNTS, UNITS))
OF = r"(?:\s(?:of|de|di|von|d'))?"
NEXT = r"(?:next|following|coming|nächste[rsnm]?|kommende[rsnm]?|prochaine?|próxim[oa]|prossim[oa]|volgende?|que viene)"


def resume_date(text: str, written: date, *, prefers_end: bool = False) -> date | None:
    """The day to come back on, or None. With `prefers_end` (an absence) the day after a last day of absence counts."""
    text = " " + " ".join(text[:SEARCHED].lower().replace("’", "'").split()) + " "
    found = [place for place in _all_dates(text, written) if written < place.day <= written + timedelta(days=FARTHEST)]
    found = [place for place in found if not _NOT_THEN.search(text[max(0, place.start - 25) : place.start])]
    if not found:
        return None
    for wanted in (_RETURN, _UNTIL):
        named = [place for place in found if wanted.search(text[max(0, place.start - 45) : place.start])]
        if named:
            best = _most_exact(named)
            return _after_last_day(text, best) if prefers_end and wanted is _UNTIL else best.day
    if prefers_end:
        last = max(found, key=lambda place: place.day)
        return _after_last_day(text, last) if _RANGE.search(text) else last.day
    return _most_exact(found).day


@dataclass(frozen=True, slots=True)
class Place:
    """A date found in a text: where, which, and how vague its form is (0 is a day of a month)."""

    start: int
    day: date
    vague: int


def _most_exact(places: list[Place]) -> Place:
    return min(places, key=lambda place: (place.vague, place.start))


_NOT_THEN = Phrases(r"(?:\bnot|n't|\bno) (?:(?!until|till|before|earlier)\S{1,12} ){0,2}(?:on |the |at )?$")
_RETURN = Phrases(
    r"(?:back|return\w*|reopen\w*|resume|available again|available from|starting|wieder|zurück|ab(?: dem)?|de retour|reviens|reprise|à partir d[ue]"
    r"|vuelv\w+|volver\w*|regres\w+|reincorpor\w+|a partir d[eao]l?|rientr\w+|torn\w+|riapr\w+|terug|weer|vanaf|volt\w+|retorn\w+|expected|wracam|tillbaka)"
    r"(?:\s\S{1,14}){0,5}\s?$"
)
_UNTIL = Phrases(
    r"(?:until|till|til|through|thru|up to|including|to|by|-|–|bis|einschließlich|jusqu'(?:au|à)|au|inclus|hasta|al|fino al?|tot(?: en met)?|t/m|até)(?:\s\S{1,14}){0,4}\s?$"
)
_RANGE = Phrases(r"(?:\bfrom\b|\bvom\b|\bdu\b|\bdel\b|\bdal\b|\bvan\b|\bde\b)")
_INCLUSIVE = Phrases(r"(?:including|inclusive|inclus\w*|through|thru|einschl\w*|inkl\w*|t/m|tot en met|compreso|incl)")


def _after_last_day(text: str, place: Place) -> date:
    """The first working day after a last day of absence. "until Monday" is taken as back on Monday unless it says inclusive."""
    around = text[max(0, place.start - 45) : place.start + 40]
    if _INCLUSIVE.search(around) or _RANGE.search(around) or place.day.weekday() in (4, 5, 6):
        return next_working_day(place.day)
    return place.day


def next_working_day(day: date) -> date:
    """The next day from Monday to Friday."""
    day += timedelta(days=1)
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def _all_dates(text: str, written: date) -> list[Place]:
    """Every date in the text with its place, in order; a more exact form hides a vaguer one at the same place."""
    taken: list[tuple[int, int]] = []
    found: list[Place] = []
    for vague, (pattern, read) in enumerate(FORMS):
        for match in islice(pattern.finditer(text), 20):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            try:
                day = read(match, written)
            except (ValueError, OverflowError):
                continue
            if day is not None:
                found.append(Place(match.start(), day, max(0, vague - EXACT_FORMS)))
    return sorted(found, key=lambda place: place.start)


# -- the forms -----------------------------------------------------------------------------------


def _iso(match: re.Match[str], _: date) -> date:
    return date(int(match[1]), int(match[2]), int(match[3]))


def _numeric(match: re.Match[str], written: date) -> date | None:
    """15.05.2026 is day first by its dots; 5/6/2026 could be either and is nothing."""
    first, mark, second = int(match[1]), match[2], int(match[3])
    year = match[4]
    if mark == "/" and first <= 12 and second <= 12 and first != second:
        return None
    day, month = (second, first) if mark == "/" and second > 12 else (first, second)
    return _in_year(day, month, year, written)


def _in_year(day: int, month: int, year: str | None, written: date) -> date:
    """A day of a month; without a year the next one on or after the message."""
    if year:
        return date(int(year) + (2000 if int(year) < 100 else 0), month, day)
    found = date(written.year, month, day)
    return found if found >= written else date(written.year + 1, month, day)


def _day_month(match: re.Match[str], written: date) -> date:
    return _in_year(int(match["day"]), MONTHS[match["month"]], match["year"], written)


def _day_of_month(match: re.Match[str], written: date) -> date:
    """A day such as "the 22nd": of this month, else of the next."""
    day = int(match["day"])
    first = written.replace(day=1)
    for _ in range(3):
        try:
            if (found := first.replace(day=day)) > written:
                return found
        except ValueError:
            pass
        first = _months_later(first, 1)
    raise ValueError(day)


AMBIGUOUS = frozenset(
    "may march mars mar marzo out set ene gen mon sun sat wed fri thu tue segunda terça quarta quinta sexta ago".split()
)  # words with another meaning
PREPOSITION = Phrases(
    r"(?:in|until|till|til|by|from|after|before|since|on|back|next|early|mid|late|im|bis|ab|nach|en|em|à|a|au|hasta|até|tot|fino a|de|d'|this|na|op|returning|return|would be:?)\s?$"
)


def _part_of_month(match: re.Match[str], written: date) -> date | None:
    """A bare month, or its beginning, middle or end: the first working day of it."""
    month = MONTHS[match["month"]]
    if (
        match["month"] in AMBIGUOUS
        and not match["part"]
        and not match["year"]
        and not PREPOSITION.search(match.string[: match.start()][-12:])
    ):
        return None
    year = (
        int(match["year"])
        if match["year"]
        else written.year + (month < written.month or (month == written.month and not match["part"]))
    )
    part = match["part"] or ""
    day = (
        15
        if re.match(r"mid|mitte|mi-|mediados|metà|medio|half|meados", part)
        else 25
        if re.match(r"end|late|ende|fin|final|eind|fine", part)
        else 1
    )
    return _working(date(year, month, day))


def _working(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def _weekday(match: re.Match[str], written: date) -> date | None:
    """The next such day after the message."""
    if match["weekday"] in AMBIGUOUS and not PREPOSITION.search(match.string[: match.start()][-12:]):
        return None
    ahead = (WEEKDAYS[match["weekday"]] - written.weekday()) % 7 or 7
    return written + timedelta(days=ahead)


def _span(match: re.Match[str], written: date) -> date:
    """A span such as "in two weeks"."""
    count = int(match["count"]) if match["count"].isdigit() else COUNTS[match["count"]]
    if count > 60:
        raise ValueError(count)
    return _later(written, count, UNITS[match["unit"]])


def _later(written: date, count: int, unit: str) -> date:
    match unit:
        case "d":
            return written + timedelta(days=count)
        case "w":
            return written + timedelta(weeks=count)
        case _:
            return _months_later(written, count * {"m": 1, "q": 3, "y": 12}[unit])


def _months_later(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def _next_unit(match: re.Match[str], written: date) -> date:
    """The next unit, such as "next month": its first working day."""
    unit = UNITS[match["unit"] or match["unit2"]]
    if unit == "d":
        return written + timedelta(days=1)
    if unit == "w":
        return written + timedelta(days=7 - written.weekday())
    first = written.replace(day=1)
    if unit == "m":
        return _working(_months_later(first, 1))
    if unit == "q":
        return _quarter_start((written.month - 1) // 3 + 2, written.year)
    return _working_after_new_year(written.year + 1)


def _working_after_new_year(year: int) -> date:
    return _working(date(year, 1, 2))


def _quarter(match: re.Match[str], written: date) -> date:
    number = int(match["quarter"])
    year = int(match["year"]) if match["year"] else written.year
    if not match["year"] and date(year, number * 3 - 2, 1) <= written:
        year += 1
    return _quarter_start(number, year)


def _quarter_start(number: int, year: int) -> date:
    year, number = year + (number - 1) // 4, (number - 1) % 4 + 1
    return _working(date(year, number * 3 - 2, 1))


def _week_number(match: re.Match[str], written: date) -> date:
    """Calendar week (ISO 8601)."""
    week = int(match["week"])
    found = date.fromisocalendar(written.isocalendar().year, week, 1)
    return found if found > written else date.fromisocalendar(written.isocalendar().year + 1, week, 1)


def _easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _after_feast(match: re.Match[str], written: date) -> date:
    """After Easter, Whitsun or Christmas: the first working day that is none of theirs."""
    feast = match["feast"]
    for year in (written.year, written.year + 1):
        if feast.startswith(("east", "oster", "pâq", "semana", "pasq", "pasen", "pásc")):
            day = _easter(year) + timedelta(days=2)
        elif feast.startswith(("pfing", "whit", "pente", "pinkst")):
            day = _easter(year) + timedelta(days=51)
        else:
            day = _working_after_new_year(year) if written.month == 1 and written.day < 2 else _working_after_new_year(year + 1)
        if day > written:
            return day
    raise ValueError(feast)


SEASON_STARTS = (
    (r"spring|frühjahr|frühling|printemps|primavera|voorjaar|lente", 3),
    (r"summer|sommer|été|verano|estate|zomer|verão", 6),
    (r"autumn|fall|herbst|automne|otoño|autunno|herfst|najaar|outono|rentrée", 9),
    (r"winter|hiver|invierno|inverno", 12),
)


def _season(match: re.Match[str], written: date) -> date:
    """In a season: its first month. After the summer: September."""
    month = next(number for names, number in SEASON_STARTS if re.fullmatch(names, match["season"]))
    if match["after"]:
        month = (month + 2) % 12 + 1
    year = written.year + (date(written.year, month, 1) <= written)
    return _working(date(year, month, 1))


def _new_year(_: re.Match[str], written: date) -> date:
    return _working_after_new_year(written.year + 1)


def _end_of_month(_: re.Match[str], written: date) -> date:
    return _working(_months_later(written.replace(day=1), 1))


def _tomorrow(match: re.Match[str], written: date) -> date:
    return written + timedelta(days=2 if match[0].strip().startswith(("day after", "übermorgen", "après")) else 1)


def _form(
    pattern: str, read: Callable[[re.Match[str], date], date | None]
) -> tuple[Phrases, Callable[[re.Match[str], date], date | None]]:
    return Phrases(r"(?<![\w/])" + pattern + r"(?![\w/])"), read


YEAR = r"(?:,?\s(?:de\s|del\s)?(?P<year>20\d\d))?"
PART = r"(?:(?P<part>early|beginning|start|first week|mid|middle|late|end|anfang|mitte|ende|début|mi-|fin|principios|mediados|finales|inizio|primi|metà|fine|begin|medio|half|eind|início|meados|final)(?:[\s-](?:of|de|d'|di|del|in|der|des)?\s?|))?"
ON_DAY = rf"(?:{WEEKDAY}\.?,?\s(?:the\s|den\s|der\s|le\s|el\s|il\s|de\s|dia\s)?)?"
EXACT_FORMS = 3  # the first forms name one day of one month
FORMS = (
    _form(r"(20\d\d)-(\d\d)-(\d\d)", _iso),
    _form(ON_DAY + r"(\d{1,2})([./])(\d{1,2})(?:[./](20\d\d|\d\d)?)?(?!\d)", _numeric),
    _form(rf"{ON_DAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|er|º|°|ª|e)?{OF}\s(?P<month>{MONTH})\.?{YEAR}", _day_month),
    _form(
        rf"{ON_DAY}(?P<month>{MONTH})\.?\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{YEAR}(?!\s?(?:am|pm|%|h\b))", _day_month
    ),
    _form(
        rf"(?:in|within|over|after|nach|dans|d'ici|en|dentro de|tra|fra|binnen|daqui a|em)\s(?:about\s|the next\s|another\s|circa\s|ca\.?\s)?(?:a\s|ein\s|een\s)?(?P<count>\d{{1,2}}|{COUNT})(?:\sof)?\s(?:more\s)?(?P<unit>{UNIT})",
        _span,
    ),
    _form(rf"(?:(?:early |beginning of |start of )?{NEXT}\s(?P<unit>{UNIT})|(?P<unit2>{UNIT})\s{NEXT})", _next_unit),
    _form(r"(?P<q>q)(?P<quarter>[1-4])(?:\s(?P<year>20\d\d))?", _quarter),
    _form(r"(?:kw|calendar week|week|semaine|semana|settimana)\s?(?:nr\.?\s?)?(?P<week>\d{1,2})", _week_number),
    _form(
        r"(?:after|nach|après(?: les)?|después de|dopo|na|depois d[ae])\s(?:the )?(?P<feast>easter|ostern|pâques|semana santa|pasqua|pasen|páscoa|pfingsten|whitsun|pentecôte|pinksteren|christmas|weihnachten|noël|navidad(?:es)?|natale|kerst|natal|the holidays|les fêtes|holidays)",
        _after_feast,
    ),
    _form(r"(?:the|in the|early in the|im|in het)?\s?(?:new year|neuen jahr|nouvelle année|nieuwe jaar|año nuevo)", _new_year),
    _form(
        r"(?:(?P<after>after|nach|après|después de|dopo|na|depois de)\s(?:the |dem |der |l'|el |la |de |o )?|(?:in|im|this|next|à|en|dans|nel|nell'|in de|no|al|a)\s?(?:the |der |la |l')?)(?P<season>spring|frühjahr|frühling|printemps|primavera|voorjaar|summer|sommer|été|verano|estate|zomer|verão|autumn|herbst|automne|otoño|autunno|herfst|najaar|outono|rentrée|winter|hiver|invierno|inverno)",
        _season,
    ),
    _form(rf"(?<!\d\s){PART}(?P<month>{MONTH}){YEAR}(?!\s\d{{1,2}}\b)", _part_of_month),
    _form(
        r"(?:end of (?:the|this) month|ende (?:des|diesen) monats|fin du mois|fin de mes|fine mese|eind van de maand|fim do mês)",
        _end_of_month,
    ),
    _form(
        r"(?:the day after tomorrow|day after tomorrow|tomorrow|übermorgen|après-demain|demain|mañana|domani|amanhã)", _tomorrow
    ),
    _form(rf"(?P<weekday>{WEEKDAY})(?:\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th))", _day_of_month),
    _form(r"(?:the|le|el|il|de)\s(?P<day>\d{1,2})(?:st|nd|rd|th|er|e)?", _day_of_month),
    _form(rf"(?P<weekday>{WEEKDAY})", _weekday),
)
