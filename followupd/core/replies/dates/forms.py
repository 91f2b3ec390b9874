"""The forms in which people write a date, each a pattern and how it is read against the day of the message.

Decides which day a form names. Never decides which of several days is meant (`__init__.py` does). The first forms are the exact
ones, and a more exact form hides a vaguer one at the same place. A form that could be read two ways is no date.

How vague forms are resolved: a month, quarter or season is its first working day, "mid" its 15th, "end" its last
working day; a week is its Monday; a year is its first working day (never 1 January).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from followupd.core.replies.dates import tables as t
from followupd.core.replies.words import Phrases


@dataclass(frozen=True, slots=True)
class Context:
    """Against what a form is read: the day of the message, and the last day that the text named before it."""

    written: date
    anchor: date


@dataclass(frozen=True, slots=True)
class Place:
    """A date found in a text. `exact`: it is named as one day; `a_year`: only a year is named; `stale`: it may be one that has just been."""

    start: int
    end: int
    day: date
    exact: bool
    a_year: bool
    stale: bool


Read = Callable[[re.Match[str], Context], date | None]


def _one_of(*names: Iterable[str] | Mapping[str, object]) -> str:
    listed = sorted({name for some in names for name in some}, key=lambda name: (-len(name), name))
    return "(?:" + "|".join(map(re.escape, listed)) + ")"


SUFFIX = r"(?:'?(?:[tdy]?[ae]n?|[ıiuü]n?|n?[ıiuü]n?[dt]?[ae]|[td][ae](?:ki|n)?)(?:ki)?)?"
TURKISH_MONTH, TURKISH_WEEKDAY = _one_of(t.TURKISH_MONTHS) + SUFFIX, _one_of(t.TURKISH_WEEKDAYS) + SUFFIX
MONTH = f"(?:{_one_of(t.MONTHS)}|{TURKISH_MONTH})"
WEEKDAY = f"(?:{_one_of(t.WEEKDAYS)}|{TURKISH_WEEKDAY})"
COUNT, UNIT = _one_of(t.COUNTS), _one_of(t.UNITS)


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


# -- arithmetic ----------------------------------------------------------------------------------


def working(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def next_working_day(day: date) -> date:
    """The next day from Monday to Friday."""
    return working(day + timedelta(days=1))


def months_later(day: date, count: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def _last_working(year: int, month: int) -> date:
    last = months_later(date(year, month, 1), 1) - timedelta(days=1)
    return last - timedelta(days=max(0, last.weekday() - 4))


def _first_working(year: int, month: int) -> date:
    return working(date(year, month, 2 if month == 1 else 1))


def quarter_start(number: int, year: int) -> date:
    """First working day of a quarter; numbers above 4 run on into later years."""
    year, number = year + (number - 1) // 4, (number - 1) % 4 + 1
    return _first_working(year, number * 3 - 2)


def easter(year: int) -> date:
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


# -- a day ---------------------------------------------------------------------------------------


def _iso(match: re.Match[str], _: Context) -> date:
    return date(int(match[1]), int(match[2]), int(match[3]))


def _numeric(match: re.Match[str], context: Context) -> date | None:
    """15.05.2026 is day first by its dots; 5/6/2026 could be either: only a weekday beside it, or the text's language, settles it."""
    if match[0] == "24/7" or VERSION.search(match.string[: match.start()][-12:]):
        return None
    first, mark, second, year = int(match["one"]), match["mark"], int(match["two"]), match["y"]
    readings = {(first, second)} if mark in ".-" else {(first, second), (second, first)}
    days = []
    for day, month in readings:
        try:
            days.append(in_year(day, month, year, context.written))
        except (ValueError, OverflowError):
            continue
    named = match["weekday"]
    if named and len(days) > 1:
        days = [day for day in days if day.weekday() == weekday_of(named)]
    if len(days) > 1 and first != second and DAY_FIRST.search(match.string):
        return in_year(first, second, year, context.written)
    return days[0] if len(days) == 1 else None


VERSION = Phrases(r"\b(?:version|v|release|ver\.|section|clause|§|art\.|page|kapitel|ziffer|nr\.|no\.)\s?$")
DAY_FIRST = Phrases(
    r"\b(?:der|und|nicht|ich|wir|le|les|nous|je|vous|el|los|para|que|gracias|il|non|sono|grazie|de|het|ik|wij|não|obrigad[oa]|nie|się|jest|och|jag|ikke|jeg|není|jsem|ile|bir)\b"
)
"""Small words of languages that write the day first. English is written both ways."""


def in_year(day: int, month: int, year: str | None, written: date) -> date:
    """A day of a month; without a year the next one."""
    if year:
        return date(int(year) + (2000 if int(year) < 100 else 0), month, day)
    found = date(written.year, month, day)
    return found if found >= written else date(written.year + 1, month, day)


LATELY = 75
"""Days for which a date without a year may be past, and not a year ahead."""


def _day_month(match: re.Match[str], context: Context) -> date:
    return in_year(int(match["day"]), month_of(match["month"]), match["year"], context.written)


def _days_of_month(match: re.Match[str], context: Context) -> date:
    """A span within a month such as "3 to 21 August": its last day."""
    return in_year(int(match["last"]), month_of(match["month"]), match["year"], context.written)


def _day_alone(match: re.Match[str], context: Context) -> date:
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


def _weekday(match: re.Match[str], context: Context) -> date | None:
    """The next such day after what was named before it; "Monday week" a week later."""
    name = match["weekday"]
    before, after = match.string[max(0, match.start() - 22) : match.start()], match.string[match.end() : match.end() + 24]
    if name in t.SPOKEN and not (PREPOSITION.search(before[-14:]) or before.endswith(" am ")):
        return None
    number = weekday_of(name)
    found = context.anchor + timedelta(days=(number - context.anchor.weekday()) % 7 or 7)
    return found + timedelta(days=7) if WEEK_ON.match(after) else found


WEEK_ON = Phrases(r"^\s(?:week|en huit|in acht tagen|senare en vecka)(?!\s?(?:or|if|when))\b")
PREPOSITION = Phrases(
    r"(?:in|until|till|til|by|from|after|before|on|back|next|early|mid|late|come|im|bis|ab|nach|en|em|à|a|au|du|el|le|il|hasta|até|tot|vanaf|fino a|de|d'|this|na|op|w|do|od|v|ve|till|från|fra|until the|returning|return|would be:?|reopen(?:ing)?:?|frühestens|erst|pas|start(?:ing)?|around|about|again|circa|maybe|perhaps)\s?$"
)


# -- weeks, months, quarters, seasons ------------------------------------------------------------


def _weekday_of_next_week(match: re.Match[str], context: Context) -> date:
    return context.written + timedelta(days=7 - context.written.weekday() + weekday_of(match["weekday"]))


def _span(match: re.Match[str], context: Context) -> date:
    """A span such as "in two weeks"."""
    count = int(match["count"]) if match["count"].isdigit() else t.COUNTS[match["count"]]
    if match["unit"] == "jours" and count in (8, 15):
        count -= 1  # "quinze jours" are two weeks
    if count > 400:
        raise ValueError(count)
    return _later(context.written, count, t.UNITS[match["unit"]])


def _later(written: date, count: int, unit: str) -> date:
    match unit:
        case "d":
            return written + timedelta(days=count)
        case "w":
            return written + timedelta(weeks=count)
        case "f":
            return written + timedelta(weeks=2 * count)
        case _:
            return months_later(written, count * {"m": 1, "q": 3, "y": 12, "h": 6}[unit])


def _half_year(_: re.Match[str], context: Context) -> date:
    return months_later(context.written, 6)


def _next_unit(match: re.Match[str], context: Context) -> date | None:
    """The next unit, such as "next month": its first working day; "end of next month" its last one."""
    unit, part = t.UNITS[(match["unit"] or match["unit2"]).split(" ")[-1]], part_of(match["part"] or "")
    written = context.written
    if unit == "d":
        return None
    if unit in "wf":
        monday = written + timedelta(days=7 - written.weekday())
        return monday + timedelta(days={"start": 0, "middle": 2, "end": 4}[part])
    if unit == "m":
        found = months_later(written.replace(day=1), 1)
        return {
            "start": _first_working(found.year, found.month),
            "middle": working(found.replace(day=15)),
            "end": _last_working(found.year, found.month),
        }[part]
    if unit == "q":
        return quarter_start((written.month - 1) // 3 + 2, written.year)
    if unit == "h":
        return _first_working(written.year, 7) if written.month < 7 else _first_working(written.year + 1, 1)
    return {
        "start": _first_working(written.year + 1, 1),
        "middle": working(date(written.year + 1, 7, 1)),
        "end": _last_working(written.year + 1, 12),
    }[part]


def _next_week(_: re.Match[str], context: Context) -> date:
    return context.written + timedelta(days=7 - context.written.weekday())


def _next_year(_: re.Match[str], context: Context) -> date:
    return _first_working(context.written.year + 1, 1)


def _week_after_next(_: re.Match[str], context: Context) -> date:
    return context.written + timedelta(days=14 - context.written.weekday())


def _end_of_this(match: re.Match[str], context: Context) -> date:
    """The end of this week, month, quarter or year: its last working day."""
    written, unit = context.written, t.UNITS[match["unit"]]
    if unit == "w":
        return written + timedelta(days=4 - written.weekday())
    if unit == "q":
        return _last_working(written.year, (written.month - 1) // 3 * 3 + 3)
    return _last_working(written.year, written.month if unit == "m" else 12)


def _year_end(_: re.Match[str], context: Context) -> date:
    return _last_working(context.written.year, 12)


def _month(match: re.Match[str], context: Context) -> date | None:
    """A bare month, or its beginning, middle or end."""
    name, part = match["month"], match["part"]
    before = match.string[: match.start()][-14:]
    if name in t.SPOKEN and not part and not match["year"] and not PREPOSITION.search(before):
        return None
    month, written = month_of(name), context.written
    if match["year"]:
        year = int(match["year"])
    elif NEXT_YEAR.search(match.string[max(0, match.start() - 60) : match.end() + 40]):
        year = written.year + 1
    else:
        year = written.year + (month < written.month or (month == written.month and not part))
    return _in_month(year, month, part_of(part or ""))


NEXT_YEAR = Phrases(
    r"\b(?:next year|nächste[sn] jahr|kommende[sn] jahr|l'année prochaine|l'an prochain|(?:el )?(?:próximo año|año que viene|año próximo)|l'anno prossimo|(?:il )?prossimo anno|volgend jaar|(?:o )?(?:próximo ano|ano que vem)|przyszłym roku|příští(?:m)? ro(?:ce|k)|nästa år|næste år|gelecek yıl|seneye)\b"
)


def _in_month(year: int, month: int, part: str) -> date:
    if part == "middle":
        return date(year, month, 15)
    return _last_working(year, month) if part == "end" else _first_working(year, month)


def part_of(said: str) -> str:
    """Beginning, middle or end, by the words for it."""
    if MIDDLE.match(said):
        return "middle"
    return "end" if END.match(said) else "start"


MIDDLE = Phrases(
    r"mid|mitte|mi$|mi[- ]|mediados|metà|medio|half|halver|meados|połow|polovi|půl|mitten|midten|the middle|middle|ortas"
)
END = Phrases(
    r"(?:the )?(?:back )?end|late|ende|fin|final|fines|eind|fine|fim|koniec|pod koniec|końc|konec|koncem|slut|ultimo|sonu"
)


def _turkish_part(match: re.Match[str], context: Context) -> date:
    month, part = month_of(match["month"]), part_of(match["after"])
    return _in_month(context.written.year + (month < context.written.month), month, part)


def _quarter(match: re.Match[str], context: Context) -> date:
    said, named = match["quarter"], match.groupdict().get("year")
    number = int(said) if said.isdigit() else ORDINALS[said]
    written = context.written
    year = int(named) if named else written.year + (quarter_start(number, written.year) <= written)
    return quarter_start(number, year)


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


def _half(match: re.Match[str], context: Context) -> date:
    """The first or second half of a year: its first working day."""
    second = match["half"] in (
        "2",
        "second",
        "zweite",
        "zweiten",
        "zweites",
        "deuxième",
        "segundo",
        "secondo",
        "tweede",
        "drugiej",
        "druhé",
        "andra",
        "anden",
        "back",
    )
    written = context.written
    found = _first_working(written.year, 7 if second else 1)
    return found if found > written else _first_working(written.year + 1, 7 if second else 1)


def _week_number(match: re.Match[str], context: Context) -> date:
    """Calendar week (ISO 8601)."""
    week = int(match["week"])
    this = context.written.isocalendar().year
    if NEXT_YEAR.search(match.string[match.end() : match.end() + 25]) or re.match(
        r" of the new year| im neuen jahr", match.string[match.end() :]
    ):
        return date.fromisocalendar(this + 1, week, 1)
    found = date.fromisocalendar(this, week, 1)
    return found if found > context.written else date.fromisocalendar(this + 1, week, 1)


def _last_weekday(match: re.Match[str], context: Context) -> date:
    last = months_later(context.written.replace(day=1), 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday_of(match["weekday"])) % 7)


def _week_of(match: re.Match[str], context: Context) -> date:
    """The week of a day: its Monday."""
    if match.groupdict().get("month"):
        day = in_year(int(match["day"]), month_of(match["month"]), None, context.written)
    else:
        day = _day_alone(match, context)
    return day - timedelta(days=day.weekday())


def _after_easter(_: re.Match[str], context: Context) -> date:
    return _after(context.written, lambda year: easter(year) + timedelta(days=2))


def _after_whitsun(_: re.Match[str], context: Context) -> date:
    return _after(context.written, lambda year: easter(year) + timedelta(days=51))


def _after_midsummer(_: re.Match[str], context: Context) -> date:
    return _after(context.written, lambda year: date(year, 6, 22) + timedelta(days=(7 - date(year, 6, 22).weekday()) % 7))


def _after(written: date, day_in: Callable[[int], date]) -> date:
    found = day_in(written.year)
    return found if found > written else day_in(written.year + 1)


def _after_new_year(match: re.Match[str], context: Context) -> date | None:
    """After Christmas or the turn of the year. "After the holidays" is that only in the last months of a year."""
    written = context.written
    if VAGUE_FEAST.search(match[0]) and written.month < 10:
        return None
    return _first_working(written.year, 1) if (written.month, written.day) < (1, 2) else _first_working(written.year + 1, 1)


VAGUE_FEAST = Phrases(r"holidays|the break|svátcích|świętach|feiertagen|helgerna|feestdagen|fêtes|fiestas|feste|festas")


def _season(match: re.Match[str], context: Context) -> date:
    """In a season: its first month. After the summer: September."""
    month, after = t.SEASONS[match["season"]], match["after"]
    if after:
        month = (month + 2) % 12 + 1
    written = context.written
    if NEXT_YEAR.search(match.string[max(0, match.start() - 40) : match.end() + 30]) and not after:
        return _first_working(written.year + 1, month)
    return working(date(written.year + (date(written.year, month, 1) <= written), month, 1))


def _after_summer(_: re.Match[str], context: Context) -> date:
    written = context.written
    return working(date(written.year + (written >= date(written.year, 9, 1)), 9, 1))


def _tomorrow(match: re.Match[str], context: Context) -> date:
    later = re.match(
        r"(?:the )?day after|übermorgen|après-demain|overmorgen|pasado|dopodomani|depois de|pojutrze|pozítří|i övermorgon|i overmorgen|öbür gün",
        match[0],
    )
    return context.written + timedelta(days=2 if later else 1)


# -- Japanese ------------------------------------------------------------------------------------


def _japanese_day(match: re.Match[str], context: Context) -> date:
    return in_year(int(match["day"]), int(match["month"]), match["year"], context.written)


def _japanese_month(match: re.Match[str], context: Context) -> date:
    month, part = int(match["month"]), match["part"] or ""
    year = (
        int(match["year"])
        if match["year"]
        else context.written.year + (month < context.written.month or (month == context.written.month and not part))
    )
    if part in ("末", "下旬", "の終わり"):
        return _last_working(year, month)
    return date(year, month, 15) if part in ("中旬", "半ば") else _first_working(year, month)


def _japanese_unit(match: re.Match[str], context: Context) -> date:
    written, said = context.written, match[0]
    found = {
        "再来週": written + timedelta(days=14 - written.weekday()), "来週": written + timedelta(days=7 - written.weekday()),
        "再来月": working(months_later(written.replace(day=1), 2)), "来月": working(months_later(written.replace(day=1), 1)),
        "明後日": written + timedelta(days=2), "明日": written + timedelta(days=1), "年末": _last_working(written.year, 12),
        "月末": _last_working(written.year, written.month),
    }.get(said)  # fmt: skip
    if found is not None:
        return found
    if said in ("新年度", "年度明け", "来年度", "来期"):
        return _first_working(written.year + (written.month >= 4), 4)
    if said in ("お盆明け", "お盆休み明け"):
        return _after(written, lambda year: working(date(year, 8, 17)))
    if said in ("連休明け", "gw明け", "ゴールデンウィーク明け") and 3 <= written.month <= 5:
        return _after(written, lambda year: working(date(year, 5, 7)))
    if said in ("来年", "年明け", "新年", "年始"):
        return _after(written, lambda year: working(date(year, 1, 4 if said != "来年" else 2)))
    raise ValueError(said)


def _japanese_span(match: re.Match[str], context: Context) -> date:
    unit = match["unit"]
    if match["count"] == "半":
        return months_later(context.written, 6)
    return _later(
        context.written, int(match["count"]), "d" if unit == "日" else "w" if unit == "週間" else "y" if unit == "年" else "m"
    )


def _japanese_weekday(match: re.Match[str], context: Context) -> date:
    number = "月火水木金土日".index(match["weekday"])
    if match["next"]:
        return context.written + timedelta(
            days=7 - context.written.weekday() + number + (7 if match["next"].startswith("再") else 0)
        )
    return context.anchor + timedelta(days=(number - context.anchor.weekday()) % 7 or 7)


def _japanese_quarter(match: re.Match[str], context: Context) -> date:
    return _after(context.written, lambda year: quarter_start(int(match["quarter"]), year))


# -- the table -----------------------------------------------------------------------------------


def _form(pattern: str, read: Read) -> tuple[Phrases, Read]:
    return Phrases(r"(?<![\w/])" + pattern + r"(?![\w/])"), read


def _bare(pattern: str, read: Read) -> tuple[Phrases, Read]:
    return Phrases(pattern), read


WEEK = r"(?:week|woche|semaine|semana|settimana|tydzień|tygodniu|týden|týdnu|vecka|uge|hafta)"
QUARTER_NAME = (
    r"(?:quarter|quartal[s]?|trimestre|kwartaal|kwartał(?:u|e)?|kwartale|čtvrtletí|kvartál(?:u|e)?|kvartal(?:et)?|çeyrek(?:te)?)"
)
YEAR = r"(?:,?\s(?:de\s|del\s|roku\s)?(?P<year>20\d\d))?"
PART = (
    r"(?:(?P<part>early|beginning|the beginning|the start|start|first week|mid|middle|the middle|late|end|the end|back end|the back end|anfang|mitte|ende|début|mi|fin|primeros|principios|inicios|comienzos|mediados|finales|fines|inizio|inizi|primi|metà|fine|begin|medio|half|halverwege|eind|início|inicio|começo|princípio"
    r"|meados|final|fim|finais|początek|początku|początkiem|połowa|połowie|połowy|koniec|końcem|końcu|pod koniec|začátek|začátkem|začátku|polovina|polovině|půlka|půlce|konec|koncem|början|mitten|slutet|starten|begyndelsen|primo|midten|medio|slutningen|ultimo)(?:[\s-](?:of |de |d'|di |del |dello |in |der |des |av |af |van |do )?)(?:the )?)?"
)
ON_DAY = rf"(?:(?P<weekday>{WEEKDAY})\.?,?\s(?:the\s|den\s|der\s|d\.\s|le\s|el\s|il\s|de\s|dia\s|dnia\s|dne\s|det\s)?)?"
TH = r"(?:-go|-ho|-tego|st|nd|rd|th|\.|er|º|°|ª|e|:e|:a|:te)?"
OF = r"(?:\s(?:of|de|di|von|d'|del))?"

FORMS: tuple[tuple[Phrases, Read], ...] = (
    _form(r"(20\d\d)-(\d\d)-(\d\d)", _iso),
    _form(
        rf"(?:the\s|den\s)?(?P<first>\d{{1,2}}){TH}\s?(?:-|–|to|until|till|through|and|bis|und|au|al|to the|t/m|tot en met|tot|a|ao|do|až|till|til|e|y|et|og|och|i)\s?(?:the\s|zum\s|el\s|il\s|de\s)?(?P<last>\d{{1,2}}){TH}{OF}\s(?P<month>{MONTH})\.?{YEAR}",
        _days_of_month,
    ),
    _form(ON_DAY + r"(?P<one>\d{1,2})(?P<mark>[./-])(?P<two>\d{1,2})(?:(?P=mark)(?P<y>20\d\d|\d\d))?\.?(?!\d|[.,]\d|\s?(?:%|€|uhr|h\b|am\b|pm\b|eur|usd))", _numeric),
    _form(rf"{ON_DAY}(?P<day>\d{{1,2}}){TH}{OF}\s(?P<month>{MONTH})\.?{YEAR}(?:\s{TURKISH_WEEKDAY})?", _day_month),
    _form(rf"{ON_DAY}(?P<month>{MONTH})\.?\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{YEAR}(?!\s?(?:am|pm|%|h\b|-?\d))", _day_month),
    _bare(r"(?:(?P<year>20\d\d)\s?年\s?)?(?P<month>1[0-2]|[1-9])\s?[月/]\s?(?P<day>3[01]|[12]?\d)\s?日?(?:\s?[(（][月火水木金土日][)）])?", _japanese_day),
    _form(
        rf"(?:the\s)?(?:week|woche|semaine|semana|settimana|tydzień|vecka|uge|wc|w/c)\s?(?:of|commencing|beginning|starting|vom|du|del|dell'|da|od)?\s?(?:the |dem |monday |montag |lundi |lunes )?(?P<day>\d{{1,2}}){TH}(?:{OF}\s(?P<month>{MONTH}))(?!\d)",
        _week_of,
    ),
    _form(r"(?:the\s)?(?:week|woche|semaine|semana|settimana)\s(?:of|commencing|beginning|vom|du|del|dell')\s?(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?", _week_of),
    _form(
        rf"(?:in|within|over|after|nach|dans|d'ici|en|dentro de|dame|denme|déme|tra|fra|binnen|daqui a|em|za|po|om|efter|give (?:it|me|us)|gib mir|geben sie (?:mir|uns)|donnez-(?:moi|nous)|mi dia|ci dia|geef (?:me|ons)|dê-me|me dê|dać mi|daj mi|proszę o|dejte mi|ge mig|giv mig|give us|allow)\s(?:about\s|around\s|roughly\s|maybe\s|the next\s|another\s|circa\s|ca\.?\s|etwa\s|rund\s|environ\s|unos\s|unas\s|ungefähr\s|zhruba\s|około\s)?(?:a\s|ein\s|een\s)?(?P<count>\d{{1,3}}|{COUNT})(?:\sof)?(?:\s|-)(?:more\s|weitere[nr]?\s)?(?P<unit>{UNIT})",
        _span,
    ),
    _form(rf"(?P<count>\d{{1,3}}|{COUNT})(?:\sof)?\s(?P<unit>{UNIT})\s(?:from now|from today|hence|down the (?:line|road)|later|sonra(?:\s\w+)?|on\b)", _span),
    _form(r"(?:in|dans|en|fra|tra|over|za|om|daqui a|ca\.)\s(?:about\s|etwa\s|zhruba\s)?(?:half a year|a half year|einem halben jahr|einem halbjahr|un semestre|medio año|sei mesi|een half jaar|meio ano|pół roku|půl roku|ett halvår|et halvt år)", _half_year),
    _bare(r"(?P<count>\d{1,2}|半)(?P<unit>日|週間|か月|ヶ月|ヵ月|カ月|年)(?:ほど|くらい|ぐらい)?後", _japanese_span),
    _form(rf"(?P<weekday>{WEEKDAY}),?\s(?:of |in |der |de la |della |da |de |w |i )?(?:the )?(?:{t.NEXT}\s{WEEK}|{WEEK}\s{t.NEXT}|haftaya)", _weekday_of_next_week),
    _form(rf"(?:the )?(?:{t.NEXT}\s{WEEK}|(?:la )?{WEEK}\s{t.NEXT}|haftaya),?\s(?:on |am |le |el |on the |op |na |w |i )?(?P<weekday>{WEEKDAY})", _weekday_of_next_week),
    _form(t.OVERNEXT, _week_after_next),
    _form(rf"{PART}(?:(?P<unit>(?!day|tag|jour|día|giorno|dag|dia|gün){UNIT})\s(?:{t.NEXT})|(?:the\s)?{t.NEXT}\s(?!ans?\b)(?P<unit2>(?:budget |financial |fiscal |school |calendar )?{UNIT}))", _next_unit),
    _form("haftaya|gelecek haftaya", _next_week),
    _form("seneye", _next_year),
    _form(r"(?:q|t|kvartal |quarter |quartal |trimestre |kwartał )(?P<quarter>[1-4])(?:[\s/]'?(?P<year>20\d\d))?", _quarter),
    _form(rf"(?:the\s)?(?P<quarter>[1-4])(?:st|nd|rd|th|\.|e|er|ème|º|°)?\s?{QUARTER_NAME}", _quarter),
    _form(rf"(?P<quarter>{_one_of(ORDINALS)})\s{QUARTER_NAME}", _quarter),
    _bare(r"第\s?(?P<quarter>[1-4])\s?四半期", _japanese_quarter),
    _form(r"h(?P<half>[12])", _half),
    _form(
        r"(?P<half>first|second|back|erste[sn]?|zweite[sn]?|premier|deuxième|primer|segundo|primo|secondo|eerste|tweede|pierwszej|drugiej|první|druhé|första|andra|første|anden)\s(?:half(?: of the year)?|halbjahr(?:es)?|semestre|helft(?: van het jaar)?|połowie roku|pololetí|halvåret|halvår)",
        _half,
    ),
    _form(r"(?:kw|cw|wk|calendar week|week|kalenderwoche|semaine|semana|settimana|tydzień|týden|týdnu|vecka|v\.|uge|hafta)\s?(?:nr\.?\s?|n°\s?)?(?P<week>[1-5]?\d)(?!\s?(?:of|days|tage|%))", _week_number),
    _form(r"(?P<week>[1-5]?\d)\.?\s?(?:kw|kalenderwoche|týden|týdnu|tygodniu|tydzień|hafta|uge)", _week_number),
    _form(r"en s\s?(?P<week>[1-5]\d)", _week_number),
    _form(rf"(?:the )?(?:last|letzten|dernier|último|ultimo|laatste|ostatni|poslední|sista|sidste) (?P<weekday>{WEEKDAY}) (?:of|in|im|du|del|van|do|w|v|i) (?:the |this |de |la |l')?(?:month|monat|mois|mes|mese|maand|mês|miesiącu|měsíci|månaden|måneden)", _last_weekday),
    _form(rf"(?:(?:after|following|once|past|until|nach|après(?: les)?|passé|después de|pasad[ao]|dopo(?: la)?|passata|na|depois d[aeo]|passada|po|efter|till|über|until after)\s)(?:the |dem |den |la |de )?{t.EASTER}(?:dan sonra)?", _after_easter),
    _form(rf"(?:(?:after|nach|après|después de|dopo|na|depois d[eo]|po|efter)\s)(?:the |la |de )?{t.WHITSUN}", _after_whitsun),
    _form(r"(?:after|efter)\s(?:midsommar(?:en)?|midsummer)", _after_midsummer),
    _form(
        rf"(?:(?:after|past|over|nach|après|después de|pasad[oa]s?|dopo|na|depois d[aeo]s?|po|efter|once we are past|the other side of)\s(?:the |dem |den |der |las |le |de |os |o )?(?:{t.YEAR_TURN})|yılbaşından sonra|(?:{t.IN_NEW_YEAR}))",
        _after_new_year,
    ),
    _form(
        rf"(?P<after>after|nach|après|después de|pasado|dopo|na|depois de|depois do|po|efter|finit[ao]|passat[ao]|terminado|acabado)\s(?:the |dem |der |l'|el |la |de |o )?(?P<season>{_one_of(t.SEASONS)})",
        _season,
    ),
    _form(
        rf"(?:(?:in|im|this|next|come|by|à|en|dans|nel|nell'|in de|no|na|al|a|till|i|w|v|na|until|bis|nächsten|nächstes|d'|to|om|do|au|dit|komend|pour|cet|cette|dès|l')\s?(?:the |der |la |l'|the late |late |early |het |de )?)(?P<after>)(?P<season>{_one_of(t.SEASONS)})(?!\s(?:dernier|passé|pasado|pasada|scors[ao]|passad[ao]|last|vorige|letzten))",
        _season,
    ),
    _form(
        r"(?:after|nach|après|después de|pasadas|finit[ao]|passat[ao]|acabado|terminado|fini|pasado|dopo|na|depois d[aeo]s?|po|efter|over)\s(?:the |den |dem |unseren |les |las |le |de |as |die )?(?:summer(?: holidays| break| recess)?|school holidays|sommerferien|betriebsferien im sommer|sommerpause|sommerurlaub|sommersemesterferien|vacances d'été|grandes vacances|vacaciones de verano|ferie estive|ferie d'agosto|ferragosto|zomervakantie|bouwvak|férias de verão|wakacjach|letních prázdninách|prázdninách|sommarsemestern|industrisemestern|sommerferien)|yazdan sonra|yaz tatilinden sonra|la rentrée|a la vuelta del verano",
        _after_summer,
    ),
    _form(rf"(?P<month>{TURKISH_MONTH})\s(?P<after>baş|orta|son)(?:ı|u|un|ında|unda|ına|una|sında|larında)?\w{{0,4}}", _turkish_part),
    _bare(r"(?:(?P<year>20\d\d)\s?年\s?)?(?P<month>1[0-2]|[1-9])\s?月(?P<part>上旬|初旬|初め|頭|中旬|半ば|下旬|末|の終わり)?(?!\s?\d{1,2}\s?日|曜)", _japanese_month),
    _form(rf"(?<!\d\s){PART}(?P<month>{MONTH}){YEAR}(?!\s\d{{1,2}}\b)", _month),
    _form(
        rf"(?:(?:by |at |until |till )?(?:the )?(?:end|back end) of (?:the |this )?|(?:bis )?ende (?:des |dieses |der |dieser |diesen )|(?:la )?fin (?:de |du |d')(?:la |l'|cette |ce )?|(?:a )?final(?:es)? de |fine |(?:het )?eind van (?:de |het |deze |dit )|(?:no )?fim (?:do |da |de )|(?:do |pod )?koniec |(?:do )?konc[ei] |slutet (?:av|på) )(?P<unit>{UNIT})",
        _end_of_this,
    ),
    _form(r"year[ -]?end|jahresende|fin d'année|fin de año|fine anno|jaareinde|het eind van het jaar|fim de ano|koniec roku|końca roku|konce roku|årets slut|årsskiftet|yıl sonu(?:na|nda)?", _year_end),
    _form(
        r"(?:the day after tomorrow|day after tomorrow|tomorrow|übermorgen|après-demain|demain|pasado mañana|mañana|dopodomani|domani|overmorgen|depois de amanhã|amanhã|pojutrze|jutro|pozítří|zítra|i övermorgon|i overmorgen|imorgon|i morgon|i morgen|yarın|öbür gün)(?! (?:ou|or|oder|o|of) )", _tomorrow
    ),
    _bare(r"再来週の?(?!の?[月火水木金土日]曜?)|来週(?!の?[月火水木金土日]曜?)|再来月|来月|新年度|年度明け|来年度|来期|来年|年明け|新年|年始|年末|月末|お盆休み明け|お盆明け|ゴールデンウィーク明け|gw明け|連休明け|明後日|明日", _japanese_unit),
    _bare(r"(?P<next>再来週|来週)?の?(?P<weekday>[月火水木金土日])曜日?", _japanese_weekday),
    _form(rf"(?P<weekday>{WEEKDAY})\.?,?(?:\s(?:the\s|den\s|d\.\s|dem\s|der\s|le\s|el\s|il\s|de\s|dia\s|dnia\s))?\s?(?P<day>[12]?\d|3[01])(?:-go|-ho|st|nd|rd|th|\.|er|º|e)?(?!\s?(?:uhr|h\b|:|am\b|pm\b|a\.m|p\.m|heures|horas|ore|uur|%|€|o'clock|\.\d))", _day_alone),
    _form(r"(?:(?:the|le|el|il|dia|día|on the|d\.|dem|den)\s|l')(?P<day>[12]?\d|3[01])(?:st|nd|rd|th|er|e|\.|º)?(?!-\w|\s?(?:uhr|h\b|:|am\b|pm\b|%|€|\.\d|,\d|percent|people|euro|days|weeks|-\w))", _day_alone),
    _form(rf"(?<!black )(?P<weekday>{WEEKDAY})", _weekday),
)  # fmt: skip


def _just_been(match: re.Match[str], read: Read, day: date, written: date) -> bool:
    """Whether a date without a year was a few weeks ago as well: "it was decided in September", in October."""
    if read not in YEARLESS or re.search(r"20\d\d|[./]\d\d$", match[0]) or NEXT_YEAR.search(match.string):
        return False
    return (day - written).days > 365 - LATELY - (31 if read is _month else 0)


YEARLESS = frozenset({_month, _day_month, _numeric, _days_of_month})
EXACT = frozenset({_iso, _numeric, _day_month, _days_of_month, _day_alone, _japanese_day, _week_of, _last_weekday})
A_YEAR = frozenset({_after_new_year, _next_year, _year_end})


def all_dates(text: str, written: date) -> list[Place]:
    """Every date in the text with its place, in order; the earlier form in the table hides a later one at the same place."""
    taken: list[tuple[int, int]] = []
    named: list[tuple[re.Match[str], Read]] = []
    for pattern, read in FORMS:
        for match in islice(pattern.finditer(text), 20):
            if match[0].strip() and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                named.append((match, read))
    found: list[Place] = []
    anchor = written
    for match, read in sorted(named, key=lambda one: one[0].start()):
        try:
            day = read(match, Context(written, anchor))
        except (ValueError, OverflowError):
            continue
        if day is not None:
            a_year = read in A_YEAR or (read is _next_unit and t.UNITS[(match["unit"] or match["unit2"]).split(" ")[-1]] == "y")
            found.append(Place(match.start(), match.end(), day, read in EXACT, a_year, _just_been(match, read, day, written)))
            anchor = max(anchor, day)
    return found
