"""Arithmetic of days: working days, months, quarters, and the feasts of which people say "after".

Decides on which day a feast or a period begins or ends. Knows no text. A working day is one from Monday to Friday; 1 January is
none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta


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


def last_working(year: int, month: int) -> date:
    """The last day of a month from Monday to Friday."""
    last = months_later(date(year, month, 1), 1) - timedelta(days=1)
    return last - timedelta(days=max(0, last.weekday() - 4))


def first_working(year: int, month: int) -> date:
    """The first working day of a month."""
    return working(date(year, month, 2 if month == 1 else 1))


def quarter_start(number: int, year: int) -> date:
    """First working day of a quarter; numbers above 4 run on into later years."""
    year, number = year + (number - 1) // 4, (number - 1) % 4 + 1
    return first_working(year, number * 3 - 2)


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


# -- feasts --------------------------------------------------------------------------------------

# fmt: off
_SUGAR = {2024: (4, 12), 2025: (4, 1), 2026: (3, 22), 2027: (3, 11), 2028: (2, 28), 2029: (2, 16), 2030: (2, 6), 2031: (1, 26), 2032: (1, 16)}
_SACRIFICE = {2024: (6, 19), 2025: (6, 9), 2026: (5, 30), 2027: (5, 19), 2028: (5, 8), 2029: (4, 27), 2030: (4, 16), 2031: (4, 5), 2032: (3, 25)}
# fmt: on
"""Last days of the two Islamic feasts, as counted in Turkey; elsewhere they may be a day later."""


def nth_weekday(year: int, month: int, number: int, weekday: int) -> date:
    """Such as the fourth Thursday of November."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def week_of_month(year: int, month: int, number: int) -> date:
    """The first working day of the first, second, third or fourth week of a month."""
    held = working(date(year, month, 7 * number - 6))
    return held if number == 1 else held - timedelta(days=held.weekday())


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def _on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _listed(days: Mapping[int, tuple[int, int]]) -> Callable[[int], date]:
    """From a list. A year beyond it raises ValueError, as every date that can't be read."""

    def last_day(year: int) -> date:
        if year not in days:
            raise ValueError(year)
        return date(year, *days[year])

    return last_day


FEASTS: Mapping[str, Callable[[int], date]] = {
    "epiphany": _on(1, 6),
    "carnival": _from_easter(-47),
    "easter": _from_easter(1),
    "may weekend": _on(5, 3),
    "ascension": _from_easter(39),
    "whitsun": _from_easter(50),
    "corpus christi": _from_easter(60),
    "midsummer": lambda year: date(year, 6, 20) + timedelta(days=(5 - date(year, 6, 20).weekday()) % 7),
    "assumption": _on(8, 15),
    "labor day": lambda year: nth_weekday(year, 9, 1, 0),
    "memorial day": lambda year: date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday()),
    "independence day": _on(7, 4),
    "all saints": _on(11, 1),
    "thanksgiving": lambda year: nth_weekday(year, 11, 4, 3) + timedelta(days=1),
    "sugar feast": _listed(_SUGAR),
    "feast of sacrifice": _listed(_SACRIFICE),
}
"""The last day of each, by year."""


JUST_PAST = timedelta(days=14)
"""How long after a feast "after it" may still mean the one that was, or the next."""


def after_feast(feast: str, written: date) -> date:
    """The first working day after the next such feast; of the two Turkish ones the nearer, where no name is said.

    Raises ValueError where the last one was a few days ago: either could be meant.
    """
    if feast == "either bayram":
        return min(after_feast("sugar feast", written), after_feast("feast of sacrifice", written))
    found = next_working_day(FEASTS[feast](written.year))
    if timedelta(0) <= written - found <= JUST_PAST:
        raise ValueError(feast)
    return found if found > written else next_working_day(FEASTS[feast](written.year + 1))
