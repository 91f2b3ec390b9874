"""What was probably meant: "3 days", "Mo-Fr 9-17h", "Germany", "CET+1" in the way that they are written here.

Decides only what a message proposes. Nothing is ever read in another way than it is written, and what is proposed is proved:
the parser itself takes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from followupd.core import when
from followupd.files.problems import nearest, shown

LONGEST = 200
"""Characters; in longer texts nothing is looked for."""


def read(parse: Callable[[str], Any], value: str, proposals: Callable[[str], Iterator[str]], *, otherwise: str = "") -> str:
    """The value as it is, if the parser takes it; else a ValueError that says what to write instead.

    Where no proposal fits, `otherwise` stands in for the parser's own words.
    """
    try:
        parse(value)
    except ValueError as error:
        said = str(error)
        fit = next((text for text in proposals(value) if len(value) <= LONGEST and _takes(parse, text)), "")
        raise ValueError(_with(value, said, fit) if fit else otherwise or said) from None
    return value


def _takes(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _with(value: str, said: str, fit: str) -> str:
    """The parser's own words, with the proposal in the place of its general example."""
    wrong = said.partition(";")[0] if ";" in said else f'"{shown(value)}" is not written like this'
    return f'{wrong}; write "{fit}"'


# -- names ---------------------------------------------------------------------------------------


def name(value: str) -> str:
    """`thank-you` for `Thank You` and `templates/Thank_You`; nothing where nothing is left."""
    last = re.sub(r"\.(md|ya?ml)$", "", value.strip()[:LONGEST].replace("\\", "/").rpartition("/")[2])
    return re.sub(r"[^a-z0-9]+", "-", _ascii(last)).strip("-")[:63].strip("-")


def column(value: str) -> str:
    """`meeting_at` for `Meeting at` and `prospect.meeting_at`; nothing where nothing is left."""
    last = value.strip()[:LONGEST].rpartition(".")[2]
    return re.sub(r"[^a-z0-9]+", "_", _ascii(last)).strip("_")[:63].lstrip("0123456789_")


def _ascii(text: str) -> str:
    """`grusse` for `Grüße`."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(char for char in plain if not unicodedata.combining(char))


# -- durations -----------------------------------------------------------------------------------

_NUMBERS: dict[str, int | Fraction] = {
    word: number for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_NUMBERS |= {"a": 1, "an": 1, "half": Fraction(1, 2)}
_UNITS = {
    "s": "s sec secs second seconds",
    "m": "m min mins minute minutes",
    "h": "h hr hrs hour hours std stunde stunden",
    "d": "d day days tag tage tagen calendarday calendardays",
    "w": "w wk wks week weeks woche wochen",
    "bd": "bd bds b wd businessday businessdays workingday workingdays workday workdays weekday weekdays werktag werktage",
    "month": "mo mon mos month months monat monate",
    "year": "y yr yrs year years jahr jahre",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_IN_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "month": 30 * 86_400, "year": 365 * 86_400}
_QUANTITY = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?)\s*([a-z]+(?: ?-?days?)?)")


def duration(value: str) -> Iterator[str]:
    """`3d` for `3 days`, `3bd` for `3 business days`, `36h` for `1.5d`, `90m` for `1h30m`."""
    text = value.partition("//")[0].lower().strip(" ,;\"'“”„‘’")
    if re.fullmatch("[0-9]{1,4}", text):
        yield "0m" if int(text) == 0 else f"{text}d"
        return
    text = re.sub(r"^pt?(?=[0-9])", "", text)
    words = [str(_decimal(_NUMBERS[word])) if word in _NUMBERS else word for word in text.split()]
    text = " ".join(words).replace("0.5 1 ", "0.5 ")  # half a day
    found = _QUANTITY.findall(text)
    if not found or re.sub(r"\s|and", "", _QUANTITY.sub("", text)):
        return
    amounts = [(Fraction(number.replace(",", ".")), _UNIT_OF.get(re.sub("[ -]", "", unit), "")) for number, unit in found]
    if len(amounts) == 1 and amounts[0][1] == "bd" and amounts[0][0].denominator == 1:
        yield f"{amounts[0][0]}bd"
    elif all(unit in _IN_SECONDS for _, unit in amounts):
        yield from _in_one_unit(amounts)


def elapsed(value: str) -> Iterator[str]:
    """`5m` for `5`: what is tried again is tried within minutes."""
    yield f"{value.strip()}m"
    yield from duration(value)


def clock_length(value: str) -> Iterator[str]:
    """`10s` for `10` and `10 seconds`, `24h` for `1d`."""
    yield f"{value.strip()}s"
    for length in duration(value):
        yield length
        yield f"{int(length[:-1]) * 24}h" if re.fullmatch("[0-9]{1,4}d", length) else ""


def gap(value: str) -> Iterator[str]:
    """`45s..3m` for `45s-3m` and `45s to 3m`."""
    low, _, high = re.sub(r"\s*(\.{2,}|[-–—]|\bto\b)\s*", "|", value.strip(), count=1).partition("|")
    for first in clock_length(low):
        yield from (f"{first}..{last}" for last in clock_length(high)) if high else (first,)


def size(value: str) -> Iterator[str]:
    """`64MB` for `64`, `64 mb` and `64 MiB`."""
    found = re.fullmatch(r"([0-9]{1,6})\s*([kmg]?)i?b?", value.strip().lower())
    if found:
        yield f"{found[1]}{ {'k': 'kB', 'm': 'MB', 'g': 'GB', '': 'MB'}[found[2]] }"


def kept(value: str) -> Iterator[str]:
    """`2y` for `2 years`, `180d` for `6 months`."""
    found = re.fullmatch(r"([0-9]{1,4})\s*([a-z]+)", value.strip().lower())
    if found and _UNIT_OF.get(found[2]) == "year":
        yield f"{found[1]}y"
    yield from duration(value)


# -- days and hours ------------------------------------------------------------------------------


def clock_time(value: str) -> Iterator[str]:
    """`07:30` for `7:30`, `19:00` for `7pm`."""
    yield _hours(_plain(value))


def days(value: str) -> Iterator[str]:
    """`mon-fri` for `weekdays` and `Mo-Fr`."""
    yield re.sub(r"[a-z]{2,}", lambda found: _days(found[0]), _plain(value))


def date(value: str) -> Iterator[str]:
    """`2026-12-31` for `31.12.2026` and `12/31/2026`; nothing for `3/4/2026`, which may be either day."""
    numbers = [int(number) for number in re.findall("[0-9]+", value[:LONGEST])]
    if len(numbers) != 3 or not re.fullmatch(r"[0-9]{1,4}([-./ ])[0-9]{1,2}\1[0-9]{1,4}", value.strip()):
        return
    first, second, third = numbers
    if first > 31:
        yield f"{first:04}-{second:02}-{third:02}"
    elif "." in value or first > 12:
        yield f"{third:04}-{second:02}-{first:02}"
    elif second > 12:
        yield f"{third:04}-{first:02}-{second:02}"


def absence(value: str) -> Iterator[str]:
    """`2026-12-24..2027-01-02` for `2026-12-24 - 2027-01-02` and `24.12.2026 to 2.1.2027`."""
    parts = re.split(r"(?<!\s)\s*(?:\.{2,}|\s[-–—]+\s|[–—]|\bto\b|\buntil\b|\bbis\b)\s*", value.strip())
    found = [next(date(part), part) for part in parts]
    yield "..".join(found)


def _decimal(number: int | Fraction) -> int | float:
    return number if isinstance(number, int) else float(number)


def _in_one_unit(amounts: list[tuple[Fraction, str]]) -> Iterator[str]:
    """In the unit that was written, else in the largest one that holds it whole."""
    total = sum(number * _IN_SECONDS[unit] for number, unit in amounts)
    smallest = min((unit for _, unit in amounts), key=lambda unit: _IN_SECONDS[unit])
    for unit in (smallest, "d", "h", "m", "s"):
        if unit in "smhdw" and total % _IN_SECONDS[unit] == 0:
            yield f"{total // _IN_SECONDS[unit]}{unit}"
            return


# -- windows -------------------------------------------------------------------------------------

_DAY_NAMES = {
    "mon": "mo monday mondays montag lun lundi lunes lunedi",
    "tue": "tu tues tuesday tuesdays di dienstag mardi martes",
    "wed": "we weds wednesday wednesdays mi mittwoch mer mercredi miercoles",
    "thu": "th thur thurs thursday thursdays do donnerstag jeu jeudi jueves",
    "fri": "fr friday fridays freitag ven vendredi viernes",
    "sat": "sa saturday saturdays samstag sam samedi sabado",
    "sun": "su sunday sundays so sonntag dim dimanche domingo",
}
_DAY_OF = {name: day for day, names in _DAY_NAMES.items() for name in names.split()}
_DAY_GROUPS = {
    "mon-fri": "weekdays weekday workdays workday workweek werktags werktage",
    "mon-sun": "daily everyday",
    "sat-sun": "weekend weekends",
    "always": "anytime 24/7 allday",
}
_GROUP_OF = {name: days for days, names in _DAY_GROUPS.items() for name in names.split()}
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?:\s*(am|pm|a\.m\.|p\.m\.|h|uhr|o'clock)(?![a-z]))?(?![0-9:])")
_USUAL = "09:00-17:00"


def window(value: str) -> Iterator[str]:
    """`mon-fri 09:00-17:00` for `Mo-Fr 9-17h`, `weekdays 9am-5pm` and `9-17`."""
    text = _plain(value)
    text = re.sub("(?:business|working|office) (?:days|hours)", "weekdays", text)
    text = re.sub("(every|all|any) (day|time)", r"\1\2", text)
    text = _GROUP_OF.get(text, re.sub(r"[a-z]{2,}", lambda found: _days(found[0]), text))
    text = re.sub(r"(?<=[a-z])\s*[:,](?=\s*[0-9])", " ", text)  # "mon-fri: 09:00", "mon-fri, 09:00"
    text = re.sub(r"(?<=[0-9m])\s+and\s+(?=[0-9])", ", ", text)
    text = re.sub(r"(?<=[0-9m]),?\s+(?:and\s+)?(?=(?:mon|tue|wed|thu|fri|sat|sun)\b)", "; ", text)
    for clock in (_hours(text), _afternoon(_hours(text))):
        yield clock
        yield f"mon-fri {clock}"
        yield f"{clock} {_USUAL}"


def _days(word: str) -> str:
    return _GROUP_OF.get(word) or _DAY_OF.get(word) or (nearest(word, when.DAY_NAMES) if len(word) < 5 else "") or word


def clause(value: str) -> Iterator[str]:
    """`before 08:00` for `before 8`, `17:00-18:00` for `mon-fri 5-6pm`."""
    text = _plain(value)
    for part in (text, re.sub(r"^[a-z]{2,9}(-[a-z]{2,9})?\s+(?=[0-9])", "", text)):
        yield _hours(part)
        bare = _hours(re.sub(r"^(from|at|around)\s+", "", part))
        yield bare
        if re.fullmatch("[01][0-9]:[0-9]{2}", bare):
            yield f"{bare}-{int(bare[:2]) + 1:02}{bare[2:]}"


def _plain(value: str) -> str:
    text = " ".join(value.lower().split())
    text = re.sub(r"\s*[–—−]\s*", "-", text)
    return re.sub(r"(?<=[a-z0-9])\s+(to|until|till|through|bis)\s+(?=[a-z0-9])", "-", text)


def _hours(text: str) -> str:
    """Each time in four digits. `9-5pm` takes the first one for the morning, `1-5pm` for the afternoon."""
    text = re.sub(r"([0-9])\s*-\s*(?=[0-9])", r"\1-", text)
    text = re.sub(r"\b([01][0-9]|2[0-4])([0-5][0-9])\b", r"\1:\2", text)
    text = re.sub(r"\b([1-6])-([0-9]{1,2}(?:[:.][0-9]{2})?)\s*pm\b", r"\1pm-\2pm", text)
    return _CLOCK.sub(_clock, text)


def _clock(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").replace(".", "")
    if half == "pm" and hour < 12:
        hour += 12
    return f"{0 if half == 'am' and hour == 12 else hour:02}:{minute:02}"


def _afternoon(text: str) -> str:
    """`09:00-05:00` was an afternoon: nobody works that long."""
    return re.sub(r"(?<=-)0([1-6]):(?=[0-9]{2})", lambda found: f"{int(found[1]) + 12}:", text)


# -- zones and holidays --------------------------------------------------------------------------

_ZONES = {
    "America/New_York": "est edt et eastern",
    "America/Chicago": "cst cdt ct central",
    "America/Denver": "mst mdt mt mountain",
    "America/Los_Angeles": "pst pdt pt pacific",
    "Europe/London": "bst uk london",
    "Europe/Berlin": "cest mez mesz",
    "Asia/Kolkata": "ist",
    "Asia/Tokyo": "jst",
    "Australia/Sydney": "aest aedt",
    "UTC": "z",
}
_ZONE_OF = {name: zone for zone, names in _ZONES.items() for name in names.split()}
_OFFSET = re.compile(r"(?:utc|gmt|cet|[a-z]{3,4})?\s*[+-]\s*[0-9]{1,2}(?::?[0-9]{2})?", re.IGNORECASE)


def zone_problem(value: str) -> str:
    """What is wrong with a zone that is an offset; else nothing."""
    if len(value) <= LONGEST and _OFFSET.fullmatch(value.strip()):
        return f'no such zone: "{shown(value)}"; an offset knows no summer time, write a place such as "Europe/Berlin"'
    return ""


def zone(value: str) -> Iterator[str]:
    """`America/Los_Angeles` for `PST`, `Europe/Berlin` for `Germany` and `europe/berlin`."""
    plain = value.strip().lower()
    words = [word.capitalize() for word in re.split(r"([/_ -])", plain)]
    yield "".join("_" if word == " " else word for word in words)
    yield _ZONE_OF.get(plain.removesuffix(" time"), "")
    country = None if re.search("[0-9]", value) else when.country_named(value)
    yield (when.zone_of_country(country) or "") if country else ""


def holiday_code(value: str) -> Iterator[str]:
    """`DE-BY` for `de_by` and `DE-Bayern`, `DE` for `Germany`."""
    country, _, region = value.strip().replace("_", "-").replace(" ", "-").partition("-")
    code = when.country_named(country) or when.country_named(value)
    if code is None:
        return
    yield f"{code}-{region.upper()}" if region else code
    yield f"{code}-{_region(code, region)}" if region else ""
    if not region or when.country_named(country) is None:
        yield code


def _region(country: str, region: str) -> str:
    try:
        import holidays

        aliases = holidays.country_holidays(country).subdivisions_aliases
    except (AttributeError, NotImplementedError):
        return ""
    known = {name.lower().replace(" ", "-"): code for name, code in aliases.items()}
    return str(known.get(region.lower(), ""))
