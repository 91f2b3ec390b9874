"""How Japanese dates are read: no spaces, the month first, and words of their own.

Decides which day a form names, as `forms.py` does for the other languages.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from followupd.core.replies.dates.days import first_working, last_working, months_later, quarter_start, week_of_month, working
from followupd.core.replies.dates.forms import KANA, Context, counted, in_year, next_such
from followupd.core.replies.words import Phrases

REIWA = 2018
"""The year before the reign began."""
LATELY = 3
"""Months for which a month without a year is taken to be past."""
AHEAD = Phrases(r"次の|翌年|年明けの?$|[:：]\s?$")
BY_PART = {
    "来月末": "end",
    "来月下旬": "end",
    "来月中旬": "middle",
    "来月半ば": "middle",
    "来月初め": "start",
    "来月頭": "start",
    "来月上旬": "start",
}
KANJI = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def _year_said(match: re.Match[str], context: Context) -> str | None:
    if match["reign"]:
        return str(REIWA + int(match["reign"]))
    return str(context.written.year + 1) if match["next"] else match["year"]


def read_japanese_day(match: re.Match[str], context: Context) -> date:
    """A month and a day."""
    return in_year(int(match["day"]), int(match["month"]), _year_said(match, context), context.written)


def read_japanese_days(match: re.Match[str], context: Context) -> date:
    """A span such as 5月4日〜15日: its last day."""
    return in_year(int(match["day"]), int(match["month2"] or match["month"]), None, context.written)


def read_japanese_slash(match: re.Match[str], context: Context) -> date | None:
    """6/3 where the text is Japanese."""
    return in_year(int(match["two"]), int(match["one"]), None, context.written) if KANA.search(match.string) else None


def read_japanese_month(match: re.Match[str], context: Context) -> date | None:
    """A month, or its beginning, middle or end."""
    month, part, written = int(match["month"]), match["part"] or "", context.written
    said = _year_said(match, context)
    year = int(said) if said else written.year + (month < written.month or (month == written.month and not part))
    if not said and month == written.month and not part:
        return None  # this month, or that of next year
    if (
        not said
        and year > written.year
        and written.month - month <= LATELY
        and not AHEAD.search(match.string[: match.start()][-6:])
    ):
        return None  # "stopped since March", in May
    if part in ("末", "下旬", "の終わり"):
        return last_working(year, month)
    return date(year, month, 15) if part in ("中旬", "半ば") else first_working(year, month)


def read_japanese_unit(match: re.Match[str], context: Context) -> date:
    """Next week, the end of the month, after a run of holidays."""
    written, said = context.written, match[0]
    found = {
        "再来週": written + timedelta(days=14 - written.weekday()), "来週": written + timedelta(days=7 - written.weekday()),
        "再来月": working(months_later(written.replace(day=1), 2)), "来月": working(months_later(written.replace(day=1), 1)),
        "明後日": written + timedelta(days=2), "明日": written + timedelta(days=1), "年末": last_working(written.year, 12),
        "月末": last_working(written.year, written.month), "今月末": last_working(written.year, written.month),
    }.get(said)  # fmt: skip
    if found is not None:
        return found
    if said in BY_PART:
        first = months_later(written.replace(day=1), 1)
        return {"end": last_working(first.year, first.month), "middle": first.replace(day=15)}.get(
            BY_PART[said], first_working(first.year, first.month)
        )
    if said in ("新年度", "年度明け", "来年度", "来期"):
        return first_working(written.year + (written.month >= 4), 4)
    if said in ("お盆明け", "お盆休み明け"):
        return next_such(written, lambda year: working(date(year, 8, 17)))
    if said in ("連休明け", "gw明け", "ゴールデンウィーク明け") and 3 <= written.month <= 5:
        return next_such(written, lambda year: working(date(year, 5, 7)))
    if said in ("来年", "年明け", "新年", "年始"):
        return next_such(written, lambda year: working(date(year, 1, 4 if said != "来年" else 2)))
    raise ValueError(said)


def read_japanese_span(match: re.Match[str], context: Context) -> date:
    """So many units later."""
    unit = match["unit"]
    if match["count"] == "半":
        return months_later(context.written, 6)
    return counted(
        context.written,
        KANJI.get(match["count"]) or int(match["count"]),
        "d" if unit == "日" else "w" if unit == "週間" else "y" if unit == "年" else "m",
    )


def read_japanese_weekday(match: re.Match[str], context: Context) -> date:
    """The next such weekday, or that of a week that is named."""
    number = "月火水木金土日".index(match["weekday"])
    if match["next"]:
        return context.written + timedelta(
            days=7 - context.written.weekday() + number + (7 if match["next"].startswith("再") else 0)
        )
    return context.anchor + timedelta(days=(number - context.anchor.weekday()) % 7 or 7)


def read_japanese_quarter(match: re.Match[str], context: Context) -> date:
    """A quarter: its first working day."""
    return next_such(context.written, lambda year: quarter_start(int(match["quarter"]), year))


def read_japanese_nth_week(match: re.Match[str], context: Context) -> date:
    """第1週 of a month: its first working day."""
    return next_such(context.written, lambda year: week_of_month(year, int(match["month"]), int(match["nth"])))
