"""The earliest date found by looking at every minute: slow, simple, and built from nothing of `core/when.py`.

It knows what the clock on the wall of a zone shows at each minute of some years (asked of zoneinfo hour by hour), which minutes
of the week a window opens, and which days are closed (asked of the holidays library in one go, where the code goes year by
year). A date is then the first minute for which all masks are true. Only the cases are built with the code's own parsers.
"""

from __future__ import annotations

import random
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from followupd.core import when
from followupd.core.model import OwnCalendar

HOUR, DAY, WEEK = 60, 1440, 10_080  # minutes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ORDINAL = EPOCH.toordinal()
FARTHEST_EAST = 15 * HOUR
SECONDS = {"s": 1, "m": 60, "h": 3600}
DAYS = {"d": 1, "w": 7}

Spans = list[list[tuple[int, int]]]  # of each weekday, in minutes
Absence = tuple[date, date]


def epoch_seconds(at: datetime) -> int:
    """Whole seconds since 1970, fractions rounded up."""
    return -((EPOCH - at) // timedelta(seconds=1))


class Wall:
    """What the clock on the wall shows in one zone, minute by minute. Minutes are counted from 1970."""

    def __init__(self, zone: ZoneInfo, first: int, last: int) -> None:
        """From the first of the years to the end of the last one."""
        self.zone, self.first = zone, first
        self.start = epoch_seconds(datetime(first, 1, 1, tzinfo=UTC)) // 60
        end = epoch_seconds(datetime(last + 1, 1, 1, tzinfo=UTC)) // 60
        self.offset = np.empty(end - self.start, dtype=np.int16)  # small, because making the table is filling memory
        self.changes: list[int] = []
        self._fill(self.start, end, DAY)
        hours = np.arange(0, len(self.offset), HOUR)
        self.days = np.unique((self.start + hours + self.offset[hours]) // DAY)  # those that came at all

    def _fill(self, begin: int, end: int, step: int) -> None:
        """Ask day by day; where the answer has changed, hour by hour, and there minute by minute."""
        before, since = self._offset_at(begin), begin
        for low in range(begin, end, step):
            high = min(low + step, end)
            after = self._offset_at(high)
            if after == before:
                continue
            self.offset[since - self.start : low - self.start] = before
            if step == 1:
                self.offset[low - self.start] = before
                self.changes.append(high)
            else:
                self._fill(low, high, {DAY: HOUR, HOUR: 1}[step])
            before, since = after, high
        self.offset[since - self.start : end - self.start] = before

    def _offset_at(self, minute: int) -> int:
        offset = datetime.fromtimestamp(minute * 60, self.zone).utcoffset()
        assert offset is not None
        return offset // timedelta(minutes=1)

    def shown(self, begin: int, length: int) -> NDArray[np.int64]:
        """The minutes on the wall, as if of UTC, at each of the minutes from `begin` on."""
        found = np.arange(begin, begin + length) + self.offset[begin - self.start : begin - self.start + length]
        assert len(found) == length, "the table of this zone ends too early"
        return found

    def earliest(self, at: int, is_open: NDArray[np.bool_], closed: NDArray[np.bool_]) -> int:
        """The first second from `at` on whose minute of the week is open and whose day is not closed."""
        begin, length = at // 60, 2 * DAY
        while True:
            shown = self.shown(begin, length)
            good = is_open[(shown + 3 * DAY) % WEEK] & ~closed[shown // DAY]  # 1970 began on a Thursday
            if good.any():
                return max(at, (begin + int(good.argmax())) * 60)
            begin, length = begin + length, min(2 * length, 60 * DAY)

    def first_showing(self, wall: int, from_: int) -> int:
        """The first second from `from_` on at which the clock shows this wall time (in seconds) or a later one."""
        begin = max(from_ // 60, wall // 60 - FARTHEST_EAST)
        shown = self.shown(begin, 4 * DAY)
        index = int((shown >= wall // 60).argmax())
        assert shown[index] >= wall // 60
        late = wall % 60 if shown[index] == wall // 60 else 0
        return max(from_, (begin + index) * 60 + late)

    def after(self, anchor: int, amount: int, unit: str, closed: NDArray[np.bool_]) -> int:
        """The second that is so much later."""
        if unit in SECONDS:
            return anchor + amount * SECONDS[unit]
        wall = anchor + int(self.offset[anchor // 60 - self.start]) * 60
        if unit in DAYS:
            days = amount * DAYS[unit]
        elif amount == 0:
            days = 0
        else:
            today = wall // (DAY * 60)
            usual = self.days[((self.days + 3) % 7 < 5) & ~closed[self.days]]
            days = int(usual[usual > today][amount - 1]) - today
        return self.first_showing(wall + days * DAY * 60, anchor)


def open_minutes(spans: Spans) -> NDArray[np.bool_]:
    """The minutes of the week, Monday first, that a window opens."""
    mask = np.zeros(WEEK, dtype=bool)
    for day, each in enumerate(spans):
        for start, end in each:
            mask[day * DAY + start : day * DAY + end] = True
    return mask


@lru_cache(maxsize=256)
def closed_days(codes: tuple[str, ...], absences: tuple[Absence, ...], first: int, last: int) -> NDArray[np.bool_]:
    """The days since 1970 that are holidays or absences."""
    mask = np.zeros(date(last + 1, 12, 31).toordinal() - ORDINAL, dtype=bool)
    for code in codes:
        country, _, region = code.partition("-")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that of India ends in 2035
            for day in holidays.country_holidays(country, subdiv=region or None, years=range(first - 1, last + 2), expand=False):
                if first <= day.year <= last:
                    mask[day.toordinal() - ORDINAL] = True
    for begin, end in absences:
        mask[begin.toordinal() - ORDINAL : end.toordinal() - ORDINAL + 1] = True
    return mask


# -- cases ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sides:
    """A calendar as the code makes it, and the days that are closed by it."""

    calendar: when.Calendar
    closed: NDArray[np.bool_]


def sides(codes: tuple[str, ...], own_codes: tuple[str, ...], absences: tuple[Absence, ...], first: int, last: int) -> Sides:
    """The prospect's holidays, and the holidays and absences of whoever writes."""
    own = OwnCalendar(name="Dana Reyes", holidays=own_codes, absences=absences)
    return Sides(when.calendar_for(codes, own), closed_days(codes + own_codes, absences, first, last))


def some_sides(dice: random.Random, regions: list[str], first: int, last: int) -> Sides:
    """Up to two regions for the prospect, up to two for the owner, and some absences of up to sixty days a year."""
    codes = [dice.choice(regions) for _ in range(4)]
    absences = []
    for year in range(first, last):
        for _ in range(dice.randrange(4)):
            begin = date(year, 1, 1) + timedelta(days=dice.randrange(366))
            absences.append((begin, begin + timedelta(days=dice.choice([0, 0, 1, 4, 13, 20, 59]))))
    ours, theirs = dice.randrange(3), dice.randrange(3)
    return sides(tuple(codes[:ours]), tuple(codes[2 : 2 + theirs]), tuple(absences), first, last)


USUAL: Spans = [[(540, 690), (810, 960)], [(480, 1080)], [(1380, DAY)], [(0, 60)], [(90, 165)], [(0, DAY)]]


def some_spans(dice: random.Random) -> Spans:
    """Hours such as people write, hours to the minute, hours at midnight; some days shut."""
    days: Spans = []
    for _ in range(7):
        kind = dice.randrange(7)
        if kind == 0:
            marks = sorted(dice.sample(range(DAY + 1), 2 * dice.randint(1, 3)))
            days.append(list(zip(marks[::2], marks[1::2], strict=True)))
        else:
            days.append(USUAL[kind - 1])
    if dice.random() < 0.7:
        for day in dice.sample(range(7), dice.randint(1, 6)):
            days[day] = []
    return days


def written(spans: Spans) -> str:
    """The window as somebody would write it."""

    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    groups = [
        f"{name} " + ", ".join(f"{clock(start)}-{clock(end)}" for start, end in each)
        for name, each in zip(when.DAY_NAMES, spans, strict=True)
        if each
    ]
    return "; ".join(groups)


def some_delay(dice: random.Random) -> tuple[int, str]:
    """Mostly short, sometimes as long as is allowed."""
    unit = dice.choice(["s", "m", "h", "d", "d", "w", "bd", "bd", "bd"])
    usual = {"s": 90_000, "m": 6000, "h": 100, "d": 10, "w": 4, "bd": 12}[unit]
    longest = {"s": 34_560_000, "m": 576_000, "h": 9600, "d": 400, "w": 57, "bd": 285}[unit]
    return dice.choice([0, 1, dice.randint(0, usual), dice.randint(0, usual), dice.randint(0, longest)]), unit


def some_start(dice: random.Random, wall: Wall, first: int, last: int) -> tuple[datetime, int, str]:
    """Any second of the years, or one close to a change of the clocks, or one whose date lies at such a change; and a delay."""
    low, high = (epoch_seconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last + 1))
    changes = [change * 60 for change in wall.changes if low + 10 * DAY * 60 <= change * 60 < high]
    amount, unit = some_delay(dice)
    kind = dice.randrange(4) if changes else 0
    if kind < 2:
        at = dice.randrange(low, high)
    elif kind == 2:
        at = dice.choice(changes) + dice.randint(-5 * DAY * 60, DAY * 60)
    else:
        amount, unit = dice.randrange(10), dice.choice(["d", "d", "bd"])
        at = dice.choice(changes) - amount * DAY * 60 + dice.randint(-2 * HOUR * 60, 2 * HOUR * 60)
    if dice.random() < 0.5:
        at -= at % 900  # people write round times
    return EPOCH + timedelta(seconds=at, microseconds=dice.choice([0, 0, 0, 1, 999_999])), amount, unit


@dataclass(frozen=True)
class Case:
    """A question, the answer of the code, and that of the oracle."""

    question: tuple[str, ...]
    delayed: datetime
    found: datetime
    expected_delayed: datetime
    expected: datetime


def some_case(dice: random.Random, wall: Wall, both: Sides, first: int, last: int) -> Case:
    """A random case in this zone, with these calendars, from these years."""
    return ask(wall, both, *some_start(dice, wall, first, last), some_spans(dice))


def ask(wall: Wall, both: Sides, anchor: datetime, amount: int, unit: str, spans: Spans) -> Case:
    """The same question to the code and to the oracle."""
    delay, text = when.parse_delay(f"{amount}{unit}"), written(spans)
    window = when.parse_window(text) if len(text) <= 200 else when.Window(tuple(tuple(each) for each in spans))
    delayed, _ = when._delayed(when._whole(anchor), delay, "", wall.zone, both.calendar)
    found = when.due_at(anchor, delay, anchor_name="", window=window, zone=wall.zone, calendar=both.calendar)
    start = wall.after(epoch_seconds(anchor), amount, unit, both.closed)
    return Case(
        (wall.zone.key, anchor.isoformat(), str(delay), text, repr(both.calendar)),
        delayed,
        found.at,
        EPOCH + timedelta(seconds=start),
        EPOCH + timedelta(seconds=wall.earliest(start, open_minutes(spans), both.closed)),
    )
