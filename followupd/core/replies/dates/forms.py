"""How each form of a date is read: a match and the day of the message, to a day.

Decides which day a form names; which forms there are stands in `grammar.py`. Never decides which of several days is meant
(`__init__.py` does). A form that could be read two ways is no date.

How vague forms are resolved: a month, quarter or season is its first working day, "mid" its 15th, "end" its last
working day; a week is its Monday; a year is its first working day (never 1 January).
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from followupd.core.replies.dates import tables as t
from followupd.core.replies.dates.days import (
    after_feast,
    easter,
    first_working,
    last_working,
    months_later,
    nth_weekday,
    quarter_start,
    week_of_month,
    working,
)
from followupd.core.replies.words import Phrases


@dataclass(frozen=True, slots=True)
class Context:
    """Against what a form is read: the day of the message, and the last day that the text named before it."""

    written: date
    anchor: date


Read = Callable[[re.Match[str], Context], date | None]


def one_of(*names: Iterable[str] | Mapping[str, object]) -> str:
    """A group of names, the longest first."""
    listed = sorted({name for some in names for name in some}, key=lambda name: (-len(name), name))
    return "(?:" + "|".join(map(re.escape, listed)) + ")"


SUFFIX = r"(?:'?(?:[tdy]?[ae]n?|[ıiuü]n?|n?[ıiuü]n?[dt]?[ae]|[td][ae](?:ki|n)?)(?:ki)?)?"
TURKISH_MONTH, TURKISH_WEEKDAY = one_of(t.TURKISH_MONTHS) + SUFFIX, one_of(t.TURKISH_WEEKDAYS) + SUFFIX
MONTH = f"(?:{one_of(t.MONTHS)}|{TURKISH_MONTH})"
WEEKDAY = f"(?:{one_of(t.WEEKDAYS)}|{TURKISH_WEEKDAY})"
COUNT, UNIT = one_of(t.COUNTS), one_of(t.UNITS)


def month_of(name: str) -> int:
    """The number of a month's name, in whatever form."""
    return t.MONTHS.get(name) or next(number for stem, number in t.TURKISH_MONTHS.items() if name.startswith(stem))


def weekday_of(name: str) -> int:
    """The number of a weekday's name, Monday 0."""
    if name in t.WEEKDAYS:
        return t.WEEKDAYS[name]
    return next(
        number for stem, number in sorted(t.TURKISH_WEEKDAYS.items(), key=lambda one: -len(one[0])) if name.startswith(stem)
    )


# -- a day ---------------------------------------------------------------------------------------


def read_iso(match: re.Match[str], _: Context) -> date:
    """2026-05-04 says all."""
    return date(int(match[1]), int(match[2]), int(match[3]))


def read_numeric(match: re.Match[str], context: Context) -> date | None:
    """15.05.2026 is day first by its dots; 5/6/2026 could be either: only a weekday beside it, or the text's language, settles it."""
    text, year = match.string, match["y"]
    if NUMBERED.search(text[max(0, match.start() - 16) : match.start()]) or not (year or _looks_like_a_day(match)):
        return None
    first, second = int(match["one"]), int(match["two"])
    if KANA.search(text):
        return in_year(second, first, year, context.written)
    days = {}
    for day, month in ((first, second),) if match["mark"] == "." else ((first, second), (second, first)):
        try:
            days[day, month] = in_year(day, month, year, context.written)
        except (ValueError, OverflowError):
            continue
    if match["weekday"] and len(days) > 1:
        days = {key: day for key, day in days.items() if day.weekday() == weekday_of(match["weekday"])}
    if len(days) > 1 and _writes_day_first(text):
        return days.get((first, second))
    return next(iter(days.values())) if len(days) == 1 else None


def _looks_like_a_day(match: re.Match[str]) -> bool:
    """Whether two numbers without a year are a day and not a version, a price or "24/7"."""
    text, said = match.string, match[0]
    if match["mark"] == "-":
        return False
    if match["space"]:
        return said.rstrip().endswith(".")
    if match["mark"] == "/":
        return said != "24/7" and not SHARE.match(text[match.end() :])
    two_digits = len(match["one"]) == len(match["two"]) == len("05")
    full = said.rstrip().endswith(".") or (two_digits and _writes_day_first(text))
    return bool(full or match["weekday"] or PREPOSITION.search(text[max(0, match.start() - 14) : match.start()]))


NUMBERED = Phrases(
    r"(?:version|\bver\.?|\bv$|release|\brev\.?|page|seite|pagina|página|sida|side|strona|unit|room|raum|flat|apt|suite|\bno\.?|\bnr\.?|\bn°|número|numéro|number|numero|nummer|order|bestellung|commande|pedido|ordine|ticket|case|\bref\.?|invoice|rechnung|facture|factura|fattura|faktura|\btel\.?|phone|telefon|téléphone|fax|\biso|\bdin|§|#)\s?:?\s?$"
)
SHARE = Phrases(r"\s(?:of|der|des|de|dei|van|av|af)\s|\s?(?:\"|inch|zoll)")
"""What follows a fraction."""
KANA = Phrases(r"[ぁ-ヿ]")


def _writes_day_first(text: str) -> bool:
    """Whether the text writes the day first: it shows so in another date, or by its language. English is written both ways."""
    shown = {
        int(match["one"]) > MONTHS
        for match in islice(SLASHED.finditer(text), 20)
        if (int(match["one"]) > MONTHS) != (int(match["two"]) > MONTHS)
    }
    if shown:
        return shown == {True}
    said = {match[0] for match in islice(DAY_FIRST.finditer(text), 20)}
    return len(said) > 1 or (bool(said) and not ENGLISH.search(text))


MONTHS = 12
SLASHED = Phrases(
    r"(?<![\d/])(?P<one>0?[1-9]|[12]\d|3[01])/(?P<two>0?[1-9]|[12]\d|3[01])(?=/(?:20)?\d\d(?!\d)|(?![\d/]))(?<!24/7)"
)
DAY_FIRST = Phrases(
    r"\b(?:der|und|nicht|ich|wir|bitte|wieder|melden|zurück|büro|sie|mich|im|bis|vom|zum|ab|le|les|nous|je|vous|jusqu'au|absente?|congés|retour|el|los|para|que|hasta|gracias|hablamos|escríbeme|llámame|il|non|sono|fino|al|assente|ferie|rientro|mi|risentiamoci|grazie"
    r"|de|het|ik|wij|op|tot|t/m|terug|afwezig|bel|não|obrigad[oa]|até|dia|volto|retorno|férias|chama|me liga|estou|nie|się|jest|jestem|proszę|wracam|urlopie|och|jag|av|hör|åter|tillbaka|frånvarande|ledig|t\.o\.m|ring mig|ikke|jeg|igen|skriv|tilbage|ferie|og|není|jsem|ozvěte|zpět|dovolená|ile|bir|kadar|izindeyim|ofis)\b"
)
"""Small words of languages that write the day first."""
ENGLISH = Phrases(r"\b(?:the|and|you|your|is|will|i'm|are|have|with|office|back|please|call|until|out)\b")


def in_year(day: int, month: int, year: str | None, written: date) -> date:
    """A day of a month; without a year the next one, but not where the last one was a few weeks ago: that one is meant, and is past."""
    if year:
        return date(int(year) + (2000 if int(year) < 100 else 0), month, day)
    if (month, day) == (2, 29) and not isleap(written.year):
        return date(written.year + 1, month, day)
    found = date(written.year, month, day)
    lately = found < written and (written - found).days <= LATELY
    return found if found >= written or lately else date(written.year + 1, month, day)


LONGEST_ABSENCE = 120
"""Days for which two days without a year are taken to begin and end an absence."""
LATELY = 75
"""Days for which a date without a year is taken to be past and not a year ahead."""


def read_day_month(match: re.Match[str], context: Context) -> date | None:
    """A day and a month, where they name no street."""
    text = match.string
    if STREET.match(text[match.end() : match.end() + 12]) or NAMED_FOR.search(text[max(0, match.start() - 14) : match.start()]):
        return None
    return in_year(int(match["day"]), month_of(match["month"]), match["year"], context.written)


STREET = Phrases(r"\s(?:street|st\b|road|rd\b|avenue|ave\b|lane|square|drive|way\b)")
NAMED_FOR = Phrases(
    r"(?:rue|avenue|boulevard|bd) (?:du |des )$|(?:via|viale|piazza|calle|avenida|rua|praça|plaza|ulica|ul\.|straße des) $"
)


def read_days_of_month(match: re.Match[str], context: Context) -> date:
    """A span within a month such as "3 to 21 August": its last day."""
    return in_year(int(match["last"]), month_of(match["month"]), match["year"], context.written)


def read_last_of_two(match: re.Match[str], context: Context) -> date | None:
    """A span such as 1.5.-22.5. or 05/04-05/15: its last day, in the order in which both are days, and follow each other."""
    found = []
    for day, month in (("one", "two"), ("two", "one")):
        try:
            first = date(context.written.year, int(match[month]), int(match[day]))
            last = in_year(int(match["last_" + day]), int(match["last_" + month]), match["y"], context.written)
        except (ValueError, OverflowError):
            continue
        if (last - first).days % 365 < LONGEST_ABSENCE:
            found.append(last)
    if len(found) > 1 and (match["mark"] != "/" or _writes_day_first(match.string)):
        return found[0]
    return found[0] if len(set(found)) == 1 else None


def read_day_alone(match: re.Match[str], context: Context) -> date:
    """A day such as "the 22nd": the next one after what was named before it; with a weekday the next one that fits both."""
    day, named = int(match["day"]), match.groupdict().get("weekday")
    first = context.anchor.replace(day=1)
    for ahead in range(12 if named else 3):
        try:
            found = months_later(first, ahead).replace(day=day)
        except ValueError:
            continue
        if (found > context.anchor or found == context.anchor > context.written) and (
            not named or found.weekday() == weekday_of(named)
        ):
            return found
    raise ValueError(day)


def read_weekday(match: re.Match[str], context: Context) -> date | None:
    """The next such day after what was named before it; "Monday week" a week later; "Tuesday next week" in that week."""
    name = match["weekday"]
    before, after = match.string[max(0, match.start() - 22) : match.start()], match.string[match.end() : match.end() + 24]
    if name in t.SPOKEN and not (
        PREPOSITION.search(before[-14:]) or before.endswith(" am ") or after.startswith((" günü", " gününe"))
    ):
        return None
    number = weekday_of(name)
    if name in PORTUGUESE and COUNTED.match(after):
        return None
    if WEEK_NEXT.search(before):
        return context.written + timedelta(days=7 - context.written.weekday() + number)
    ahead = (number - context.anchor.weekday()) % 7
    return context.anchor + timedelta(days=ahead or (0 if context.anchor > context.written else 7))


PORTUGUESE = frozenset({"segunda", "terça", "quarta", "quinta", "sexta"})
COUNTED = Phrases(
    r"\s(?:fase|parte|opção|vez|metade|etapa|via|quinzena|semana|reunião|versão|rodada|edição|opinião|mão|chamada|proposta)\b"
)
"""What makes these words ordinals."""


def read_weekday_next_week(match: re.Match[str], context: Context) -> date:
    """Such as "Friday of next week": the one in that week."""
    return context.written + timedelta(days=7 - context.written.weekday() + weekday_of(match["weekday"] or match["weekday2"]))


def read_weekday_later(match: re.Match[str], context: Context) -> date:
    """Such as "Monday week": a week after the next one."""
    return context.written + timedelta(
        days=(weekday_of(match["weekday"] or match["weekday2"]) - context.written.weekday() - 1) % 7 + 8
    )


def read_nth_weekday(match: re.Match[str], context: Context) -> date:
    """Such as "the second Tuesday of June": the next one."""
    number, weekday, month = ORDINALS[match["nth"]], weekday_of(match["weekday"]), month_of(match["month"])
    found = nth_weekday(context.written.year, month, number, weekday)
    return found if found > context.written else nth_weekday(context.written.year + 1, month, number, weekday)


def read_nth_week(match: re.Match[str], context: Context) -> date:
    """Such as "the third week of June": its first working day."""
    month, written = month_of(match["month"]), context.written
    for year in (written.year, written.year + 1):
        if match["nth"] in LAST:
            friday = last_working(year, month)
            friday -= timedelta(days=(friday.weekday() - 4) % 7)
            found = friday - timedelta(days=4)
        else:
            found = week_of_month(year, month, ORDINALS[match["nth"]])
        if found > written:
            return found
    raise ValueError(match[0])


LAST = frozenset("last letzte letzten dernière última ultima laatste ostatni ostatnim poslední sista sidste".split())


WEEK_NEXT = Phrases(
    rf"(?:(?:{t.NEXT})\s(?:week|woche|semaine|semana|settimana|tydzień|tygodniu|týden|týdnu|vecka|uge|hafta),?|(?:la )?(?:semaine|semana|settimana) (?:prochaine|próxima|que viene|que vem|prossima),?|haftaya)\s(?:on |am |le |el |on the )?$"
)
PREPOSITION = Phrases(
    r"(?:in|until|till|til|by|from|after|before|on|back|next|early|mid|late|come|im|bis|ab|nach|en|em|à|a|au|du|el|le|il|hasta|até|tot|vanaf|fino a|de|d'|this|na|op|w|do|od|v|ve|till|från|fra|until the|returning|return|would be:?|reopen(?:ing)?:?|frühestens|erst|pas|start(?:ing)?|around|about|again|circa|maybe|perhaps|on or about|bu|önümüzdeki|gelecek|jusqu'au|dès|ve|vom|zum|den|dne|dnia|dia|día|vanaf)\s?$|[:：]\s?$"
)


# -- weeks, months, quarters, seasons ------------------------------------------------------------


def read_span(match: re.Match[str], context: Context) -> date | None:
    """A span such as "in two weeks"."""
    if OR_MORE.match(match.string[match.end() :]):
        return None  # "a week or three"
    said = match["count"] or "a"
    count = int(said) if said.isdigit() else t.COUNTS[said]
    if match["unit"] == "jours" and count in (8, 15):
        count -= 1  # "quinze jours" are two weeks
    if count > 400:
        raise ValueError(count)
    return counted(context.written, count, t.UNITS[match["unit"]])


OR_MORE = Phrases(rf"\s(?:or|oder|ou|o|of|lub|albo|nebo|eller|veya|to|bis)\s(?:\d|{COUNT}\b)")


def counted(written: date, count: int, unit: str) -> date:
    """So many units on."""
    match unit:
        case "d":
            return written + timedelta(days=count)
        case "w":
            return written + timedelta(weeks=count)
        case "f":
            return written + timedelta(weeks=2 * count)
        case _:
            return months_later(written, count * {"m": 1, "q": 3, "y": 12, "h": 6}[unit])


def read_a_week_from_today(_: re.Match[str], context: Context) -> date:
    """A week on."""
    return context.written + timedelta(days=7)


def read_two_weeks(_: re.Match[str], context: Context) -> date:
    """Two weeks on."""
    return context.written + timedelta(days=14)


def read_this_time_next_year(_: re.Match[str], context: Context) -> date:
    """A year on."""
    return months_later(context.written, 12)


def read_part_of_year(match: re.Match[str], context: Context) -> date:
    """The beginning, middle or end of a year."""
    year = int(match["year"])
    return {"start": first_working(year, 1), "middle": working(date(year, 7, 1)), "end": last_working(year, 12)}[
        part_of(match["part"])
    ]


def read_nothing(_: re.Match[str], __: Context) -> None:
    """A form that could be read two ways, and hides what stands in it."""


def read_year(match: re.Match[str], context: Context) -> date:
    """A year that begins: its first working day."""
    return first_working(int(match["year"]), 1)


def read_weeks(match: re.Match[str], context: Context) -> date:
    """Calendar weeks from one to another: the Friday of the last."""
    return _iso_week(int(match["last"]), context.written) + timedelta(days=4)


def read_swedish_week(match: re.Match[str], context: Context) -> date | None:
    """A week such as "v 32", where the text is Swedish."""
    return _iso_week(int(match["week"]), context.written) if SWEDISH.search(match.string) else None


def read_swedish_weeks(match: re.Match[str], context: Context) -> date | None:
    """Weeks such as "v 28-31", where the text is Swedish."""
    return read_weeks(match, context) if SWEDISH.search(match.string) else None


SWEDISH = Phrases(r"\b(?:och|jag|är|åter|på|av dig|ring|kontoret|semester|ledig|tillbaka|vi ses|hörs|vecka|inte|hör)\b")


def _iso_week(week: int, written: date) -> date:
    """The Monday of the next such week (ISO 8601)."""
    this = written.isocalendar().year
    found = date.fromisocalendar(this, week, 1)
    return found if found > written else date.fromisocalendar(this + 1, week, 1)


def read_half_year(_: re.Match[str], context: Context) -> date:
    """Half a year on."""
    return months_later(context.written, 6)


def unit_of(match: re.Match[str]) -> str:
    """The unit of "next month"."""
    return t.UNITS[(match["unit"] or match["unit2"]).split(" ")[-1]]


def read_next_unit(match: re.Match[str], context: Context) -> date | None:
    """The next unit, such as "next month": its first working day; "end of next month" its last one."""
    unit, part = unit_of(match), part_of(match["part"] or "")
    written = context.written
    if unit == "d" or (unit == "y" and match.string.startswith("'s", match.end())):
        return None
    if unit in "wf":
        monday = written + timedelta(days=7 - written.weekday())
        return monday + timedelta(days={"start": 0, "middle": 2, "end": 4}[part])
    if unit == "m":
        found = months_later(written.replace(day=1), 1)
        return {
            "start": first_working(found.year, found.month),
            "middle": working(found.replace(day=15)),
            "end": last_working(found.year, found.month),
        }[part]
    if unit == "q":
        return quarter_start((written.month - 1) // 3 + 2, written.year)
    if unit == "h":
        return first_working(written.year, 7) if written.month < 7 else first_working(written.year + 1, 1)
    return {
        "start": first_working(written.year + 1, 1),
        "middle": working(date(written.year + 1, 7, 1)),
        "end": last_working(written.year + 1, 12),
    }[part]


def read_next_week(_: re.Match[str], context: Context) -> date:
    """Monday of the next week."""
    return context.written + timedelta(days=7 - context.written.weekday())


def read_next_year(_: re.Match[str], context: Context) -> date:
    """First working day of the next year."""
    return first_working(context.written.year + 1, 1)


def read_week_after_next(_: re.Match[str], context: Context) -> date:
    """Monday of the week after the next."""
    return context.written + timedelta(days=14 - context.written.weekday())


def read_end_of_this(match: re.Match[str], context: Context) -> date:
    """The end of this week, month, quarter or year: its last working day."""
    written, unit = context.written, t.UNITS[match["unit"]]
    if unit == "w":
        return written + timedelta(days=4 - written.weekday())
    if unit == "q":
        return last_working(written.year, (written.month - 1) // 3 * 3 + 3)
    return last_working(written.year, written.month if unit == "m" else 12)


def read_month_end(_: re.Match[str], context: Context) -> date:
    """Last working day of this month."""
    return last_working(context.written.year, context.written.month)


def read_year_end(_: re.Match[str], context: Context) -> date:
    """Last working day of this year."""
    return last_working(context.written.year, 12)


def read_month(match: re.Match[str], context: Context) -> date | None:
    """A bare month, or its beginning, middle or end."""
    name, part = match["month"], match["part"]
    before = match.string[: match.start()][-14:]
    if name in t.SPOKEN and not part and not match["year"] and not PREPOSITION.search(before):
        return None
    month, written = month_of(name), context.written
    if match["year"]:
        year = int(match["year"])
    elif NEXT_YEAR.search(FOR_NEXT_YEAR.sub("", match.string[max(0, match.start() - 60) : match.end() + 40])):
        year = written.year + 1
    elif month == written.month:
        if not part:
            return None  # "we missed April's", in April
        year = written.year
    else:
        year = written.year + (month < written.month)
        if year > written.year and (written.month - month) <= RECENT and not (AHEAD.search(before) or _asked(match)):
            return None  # "it was decided in September", in October
    return _in_month(year, month, part_of(part or ""))


RECENT = 3
"""Months for which a month without a year is taken to be past."""


def _asked(match: re.Match[str]) -> bool:
    return bool(ASKED.search(match.string[max(0, match.start() - 60) : match.start()]))


AHEAD = Phrases(r"(?:until|till|next|bis|ab|erst|hasta|jusqu'en|até|fino a|tot|dopiero|až|until next)\s?$|[:：]\s?$")
ASKED = Phrases(
    r"\b(?:contact|call|ask|try|ring|e?mail|write|ping|remind|speak|talk|back|reach out|check in|circle back|revisit|catch|meld\w*|frag\w*|ruf\w*|sprech\w*|rappel\w*|recontact\w*|relanc\w*|reparl\w*|revenez|llám\w*|llam\w*|escr[ií]b\w*|contact\w*|habl\w*|chiam\w*|sent\w*|scriv\w*|riparl\w*|bel\w*|mail\w*|ligue\w*|fal[ae]\w*|escrev\w*|contat\w*|zadzwo\w*|kontakt\w*|odezw\w*|zavol\w*|ozv\w*|napiš\w*|ring|hör av|skriv|återkom|kontakta|vend tilbage|ara\w*|yaz\w*|opens?|starts?|begins?|resets?|renews?|is due)(?:\s[^\s,]{1,12}){0,4}\s?$"
)
"""Requests: what they name lies ahead, even a month that was a short while ago."""
FOR_NEXT_YEAR = Phrases(
    r"\b(?:for|för|für|pour|para|per|voor|pro|na|til)\s(?:the )?(?:next year|nächstes jahr|l'année prochaine|el próximo año|l'anno prossimo|volgend jaar|o próximo ano|przyszły rok|příští rok|nästa år|næste år)\b|\bnext year's"
)
NEXT_YEAR = Phrases(
    r"\b(?:next year|nächste[sn] jahr|kommende[sn] jahr|l'année prochaine|l'an prochain|(?:el )?(?:próximo año|año que viene|año próximo)|l'anno prossimo|(?:il )?prossimo anno|volgend jaar|(?:o )?(?:próximo ano|ano que vem)|przyszłym roku|příští(?:m)? ro(?:ce|k)|nästa år|næste år|gelecek yıl|seneye)\b"
)


def _in_month(year: int, month: int, part: str) -> date:
    if part == "middle":
        return date(year, month, 15)
    return last_working(year, month) if part == "end" else first_working(year, month)


def part_of(said: str) -> str:
    """Beginning, middle or end, by the words for it."""
    if MIDDLE.match(said):
        return "middle"
    return "end" if END.match(said) else "start"


MIDDLE = Phrases(
    r"mid|mitte|mi\b|orta|mediados|metà|medio|half|halver|meados|połow|polovi|půl|mitten|midten|the middle|middle|ortas"
)
END = Phrases(
    r"(?:the )?(?:back )?end|(?:the )?last|letzter|dernier|último|ultimo|laatste|ostatni|posled|sista|sidste|late|ende|fin|final|fines|eind|fine|fim|koniec|pod koniec|końc|konec|koncem|slut|ultimo|son"
)


def read_turkish_part(match: re.Match[str], context: Context) -> date:
    """The beginning, middle or end of a month, behind its name."""
    month, part = month_of(match["month"]), part_of(match["after"])
    return _in_month(context.written.year + (month < context.written.month), month, part)


def read_quarter(match: re.Match[str], context: Context) -> date:
    """A quarter: its first working day; "mid" and "end" of it."""
    said, parts, written = match["quarter"], match.groupdict(), context.written
    number, part, named = int(said) if said.isdigit() else ORDINALS[said], part_of(parts.get("part") or ""), parts.get("year")
    if named:
        year = int(named) + (2000 if len(named) < len("2027") else 0)
    else:
        year = written.year + (quarter_start(number, written.year) <= written)
        if part != "start" and date(written.year, number * 3, 1) >= written:
            year = written.year
    if part == "start":
        return quarter_start(number, year)
    return last_working(year, number * 3) if part == "end" else date(year, number * 3 - 1, 15)


ORDINALS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "first erste ersten erstes premier primer primo eerste primeiro pierwszym pierwszy i prvním první första første ilk birinci",
            "second zweite zweiten zweites deuxième segundo secondo tweede drugim drugi ii druhém druhé andra andet ikinci",
            "third dritte dritten drittes troisième tercer tercero terzo derde terceiro trzecim trzeci iii třetím třetí tredje üçüncü",
            "fourth vierte vierten viertes quatrième cuarto quarto vierde czwartym czwarty iv čtvrtém čtvrté fjärde fjerde dördüncü last letzte letzten dernier último ultimo laatste",
        ),
        start=1,
    )
    for name in names.split()
}


def read_half(match: re.Match[str], context: Context) -> date:
    """The first or second half of a year: its first working day."""
    written, month = context.written, 7 if match["half"] in SECOND else 1
    if NEXT_YEAR.search(match.string[match.start() : match.end() + 25]):
        return first_working(written.year + 1, month)
    if match["year"]:
        return first_working(int(match["year"]), month)
    found = first_working(written.year, month)
    return found if found > written else first_working(written.year + 1, month)


SECOND = frozenset(
    "2 second back latter zweite zweiten zweites deuxième second segundo segunda secondo seconda tweede drugiej drugim druhé druhém andra anden andet ikinci".split()
)


def read_week_number(match: re.Match[str], context: Context) -> date:
    """Calendar week (ISO 8601): its Monday, Wednesday or Friday."""
    week, ahead = int(match["week"]), {"start": 0, "middle": 2, "end": 4}[part_of(match.groupdict().get("part") or "")]
    rest = match.string[match.end() : match.end() + 25]
    if NEXT_YEAR.search(rest) or IN_NEW_YEAR.match(rest):
        return date.fromisocalendar(context.written.isocalendar().year + 1, week, 1 + ahead)
    return _iso_week(week, context.written) + timedelta(days=ahead)


IN_NEW_YEAR = Phrases(r" of the new year| im neuen jahr")


def read_last_weekday(match: re.Match[str], context: Context) -> date:
    """The last such weekday of this month."""
    last = months_later(context.written.replace(day=1), 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday_of(match["weekday"])) % 7)


def read_week_of(match: re.Match[str], context: Context) -> date:
    """The week of a day: its Monday."""
    if match.groupdict().get("month"):
        day = in_year(int(match["day"]), month_of(match["month"]), None, context.written)
    else:
        day = read_day_alone(match, context)
    return day - timedelta(days=day.weekday())


def read_after_feast(match: re.Match[str], context: Context) -> date:
    """After a feast whose day can be counted: the first working day after it."""
    return after_feast(
        next(name for name, said in match.groupdict().items() if said and name in FEAST_GROUPS).replace("_", " "), context.written
    )


FEAST_GROUPS = frozenset(name.replace(" ", "_") for name in t.FEASTS)


def next_such(written: date, day_in: Callable[[int], date]) -> date:
    """The day of this year, or of the next where it is past."""
    found = day_in(written.year)
    return found if found > written else day_in(written.year + 1)


def read_after_new_year(match: re.Match[str], context: Context) -> date | None:
    """After Christmas or the turn of the year. "After the holidays" is that in the last months of a year; shortly before Easter, after Easter."""
    written = context.written
    if VAGUE_FEAST.search(match[0]) and written.month < 10:
        near = easter(written.year) + timedelta(days=2)
        return near if timedelta(0) < near - written <= EASTER_NEAR else None
    return first_working(written.year, 1) if (written.month, written.day) < (1, 2) else first_working(written.year + 1, 1)


EASTER_NEAR = timedelta(days=20)
"""How long before Easter "the holidays" are those."""
VAGUE_FEAST = Phrases(r"holidays|the break|svátcích|świętach|feiertagen|helgerna|feestdagen|fêtes|fiestas|feste|festas")


def read_after_season(match: re.Match[str], context: Context) -> date:
    """After a season: the first working day of the next one."""
    month = (t.SEASONS[match["season"]] + 2) % 12 + 1
    return next_such(context.written, lambda year: first_working(year, month))


def read_season(match: re.Match[str], context: Context) -> date:
    """In a season: its first month."""
    month, written = t.SEASONS[match["season"]], context.written
    if NEXT_YEAR.search(match.string[max(0, match.start() - 40) : match.end() + 30]):
        return first_working(written.year + 1, month)
    return next_such(written, lambda year: first_working(year, month))


def read_part_of_season(match: re.Match[str], context: Context) -> date:
    """The beginning, middle or end of a season: of its first, second or third month."""
    part = part_of(match["part"])
    first = next_such(context.written, lambda year: first_working(year, t.SEASONS[match["season"]]))
    month = months_later(first.replace(day=1), {"start": 0, "middle": 1, "end": 2}[part])
    return _in_month(month.year, month.month, part)


def read_after_summer(_: re.Match[str], context: Context) -> date:
    """After the summer: September."""
    written = context.written
    return working(date(written.year + (written >= date(written.year, 9, 1)), 9, 1))


def read_tomorrow(match: re.Match[str], context: Context) -> date:
    """Tomorrow, or the day after."""
    later = re.match(
        r"(?:the )?day after|übermorgen|après-demain|overmorgen|pasado|dopodomani|depois de|pojutrze|pozítří|i övermorgon|i overmorgen|öbür gün",
        match[0],
    )
    return context.written + timedelta(days=2 if later else 1)
