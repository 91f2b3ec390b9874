"""`report`: how it went. Outcomes, clarity, what decided, reasons, steps, what was learned.

Decides the period that is meant, and how the figures are laid out; what they mean is `core/figures.py`'s.
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command

if TYPE_CHECKING:
    from followupd.core.figures import Span
    from followupd.office import Office

WIDTH = 80

_PERIOD = "2026-01-01, or a length of time that ends now such as 30d or 12w"


@command(
    click.option("--since", metavar="DATE|DURATION", help=f"From then on: {_PERIOD}. Default: everything."),
    click.option("--until", metavar="DATE|DURATION", help="Up to then, that day not included. Default: now."),
    click.option("--owner", metavar="NAME", help="Only what this mailbox writes."),
    click.option("--cadence", metavar="NAME", help="Only this cadence."),
    click.option("--csv", "sheet", metavar="FILE", help="Write every number as a row of a CSV file; - for the screen."),
    as_json,
)
def report(
    since: str | None, until: str | None, owner: str | None, cadence: str | None, sheet: str | None, as_json: bool
) -> None:
    """How it went: outcomes, clarity, what decided, reasons, each step, what was learned. docs/report.md says what each figure counts."""
    from followupd.core import figures

    with place.office() as office:
        span = _span(office, since, until, owner, cadence)
        zone, now = ZoneInfo(office.config.defaults.timezone), office.clock.now()
        counts = office.store.figures(span)
        found = figures.report(counts, _roles(office, counts))
    asked = {
        "now": say.utc(now),
        "since": say.utc(span.since),
        "until": say.utc(span.until),
        "owner": span.mailbox,
        "cadence": span.cadence,
    }
    if sheet is not None:
        _write(sheet, as_csv(found))
    elif as_json:
        say.as_json(asked | found)
    else:
        show(found, span, zone, now)


# -- which period --------------------------------------------------------------------------------


def _span(office: Office, since: str | None, until: str | None, owner: str | None, cadence: str | None) -> Span:
    from followupd.core.figures import Span

    zone, now = ZoneInfo(office.config.defaults.timezone), office.clock.now()
    begin, end = (_moment(text, name, now, zone) for text, name in ((since, "--since"), (until, "--until")))
    if begin and begin >= (end or now):
        raise say.Fault(f"--since {since} is not before {f'--until {until}' if until else 'now'}; nothing lies between them")
    for kind, name, known in (("mailbox", owner, office.config.mailboxes), ("cadence", cadence, office.workspace.cadences)):
        if name and name not in known and not _counted(office, kind, name):
            from followupd.files.problems import did_you_mean

            raise say.Fault(f'there is no {kind} "{name}"; {did_you_mean(name, known)}')
    return Span(since=begin, until=end, mailbox=owner or "", cadence=cadence or "")


def _roles(office: Office, counts: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """What the cadence of each edition is for, as it was when people were enrolled in it."""
    from followupd.office import UnreadableCadence

    found = {}
    for digest in {row["digest"] for name in ("endings", "under_way") for row in counts[name]}:
        with suppress(UnreadableCadence):
            found[digest] = office.cadence(digest).role
    return found


def _counted(office: Office, kind: str, name: str) -> bool:
    """Whether a name that the files no longer know has been at work: a cadence may be deleted, a rep may leave."""
    from followupd.core.figures import Span

    counts = office.store.figures(Span(mailbox=name) if kind == "mailbox" else Span(cadence=name))
    return any(counts[name] for name in ("endings", "under_way", "steps"))


def _moment(text: str | None, option: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A date (its beginning, in the workspace's zone), a date with a time, or a length of time before now."""
    if not text:
        return None
    if length := re.fullmatch(r"(\d{1,5})\s?(h|d|w)", text.strip()):
        return now - int(length[1]) * {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[length[2]]
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise say.Fault(f'{option}: "{text}" is no date; write {_PERIOD}') from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


# -- as CSV --------------------------------------------------------------------------------------


def as_csv(found: dict[str, Any]) -> str:
    """Every number as a row; nothing in it is run by a spreadsheet."""
    from followupd.core.figures import LONG, long
    from followupd.files.sheet import defuse

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(LONG)
    for *names, measure, value in long(found):
        writer.writerow([*map(defuse, map(say.plain, names)), measure, "" if value is None else value])
    return text.getvalue()


def _write(path: str, text: str) -> None:
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        raise say.Fault(f"{path} can't be written: {problem.strerror}") from None
    say.line(f"{path}: {text.count(chr(10)) - 1} numbers")


def _line(text: str) -> None:
    """A sentence, folded to the width of a terminal."""
    for one in textwrap.wrap(text, WIDTH):
        say.line(one)


# -- for people ----------------------------------------------------------------------------------


def show(found: dict[str, Any], span: Span, zone: ZoneInfo, now: datetime) -> None:
    """The page for people."""
    _line(_whose(span, zone, now))
    if not found["cadences"] and not found["channels"]:
        _line("nothing happened then" if span.since or span.until else "nobody is enrolled yet")
        return
    for part in (_outcomes, _clarity, _cadences, _decided, _reasons, _steps, _learned, _channels, _gifts, _reopened, _reps):
        part(found)


def _whose(span: Span, zone: ZoneInfo, now: datetime) -> str:
    since = f"since {span.since.astimezone(zone):%d %b %Y %H:%M}" if span.since else "since the beginning"
    until = f"until {(span.until or now).astimezone(zone):%d %b %Y %H:%M} {zone.key}"
    only = [f"{kind} {name}" for kind, name in (("mailbox", span.mailbox), ("cadence", span.cadence)) if name]
    return ", ".join([since, until, *(f"only {one}" for one in only)])


def _outcomes(found: dict[str, Any]) -> None:
    say.heading("How it ended")
    most = max((one["count"] for one in found["outcomes"]), default=0)
    for one in found["outcomes"]:
        colour = {"yes": "green", "no": "green"}.get(one["outcome"], "")  # a no is clear, too
        say.bar(one["means"], one["count"], _percent(one["share"]), one["count"] / most if most else 0, colour)
    going = found["under_way"]
    _line(
        f"still under way: {sum(going.values())} ("
        + ", ".join(f"{count} {state}" for state, count in going.items())
        + "), in none of these rates"
    )
    others = [one for one in found["cadences"] if one["role"] != "sales"]
    if others:
        _line(
            "of cadences that sell; not in it: "
            + ", ".join(f"{one['cadence']} ({one['role']}), {one['finished']} ended" for one in others)
        )


def _clarity(found: dict[str, Any]) -> None:
    one = found["clarity"]
    say.heading("Clarity: a firm yes or a firm no")
    _line(f"{_of(one['clear'], one['finished'], one['rate'])} of what finished")
    _line(_days(one, "from the start to the firm answer"))


def _days(one: dict[str, Any], what: str) -> str:
    if one["days_median"] is None:
        return f"days {what}: too few to say"
    return f"days {what}: median {one['days_median']:g}, the middle half from {one['days_first_quartile']:g} to {one['days_third_quartile']:g}"


_SHORT = (
    ("yes", "yes"), ("no", "no"), ("out", "opted_out"), ("silent", "silent"), ("named", "referred"), ("welcome", "welcome"), ("gone", "bounced"), ("failed", "failed"),
    ("stopped", "stopped"),
)  # fmt: skip
"""Outcomes as heads of narrow columns."""


def _cadences(found: dict[str, Any]) -> None:
    say.heading("By cadence")
    _each(found["cadences"], "cadence")


def _reps(found: dict[str, Any]) -> None:
    if len(found["reps"]) > 1:
        say.heading("By rep")
        _each(found["reps"], "mailbox")


def _each(rows: list[dict[str, Any]], column: str) -> None:
    shown = _used(rows, _SHORT)
    counts = [(_cut(row[column]), row["finished"], *(row[name] or "" for _, name in shown)) for row in rows]
    say.table((column, "ended", *(short for short, _ in shown)), counts, none="nobody was enrolled")
    selling = [row for row in rows if row.get("role", "sales") == "sales"]
    if selling:
        say.line()
        more = ["touches"] if column == "mailbox" else []
        say.table(
            (column, "clear", "of ended", "days", "middle half", "under way", *more),
            [_cleared(row, column, more) for row in selling],
        )


def _cleared(row: dict[str, Any], column: str, more: list[str]) -> tuple[object, ...]:
    middle = "" if row["days_median"] is None else f"{row['days_first_quartile']:g} to {row['days_third_quartile']:g}"
    median = "" if row["days_median"] is None else f"{row['days_median']:g}"
    return _cut(row[column]), row["clear"], _percent(row["rate"]), median, middle, row["under_way"], *(row[name] for name in more)


def _used(rows: list[dict[str, Any]], columns: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(short, name) for short, name in columns if any(row[name] for row in rows)]


def _decided(found: dict[str, Any]) -> None:
    say.heading("After how many touches the firm answer came")
    rows = found["decided"]
    most = max((one["yes"] + one["no"] for one in rows), default=0)
    for one in rows:
        count = one["yes"] + one["no"]
        say.bar(f"{one['touch'] or 'none'}", count, f"{one['yes']} yes, {one['no']} no", count / most, "green", label=6)
    if not rows:
        _line("no firm answer yet")


def _reasons(found: dict[str, Any]) -> None:
    one = found["reasons"]
    say.heading("Why it was a no")
    say.table(
        ("stated", "real", "noes"),
        [(_reason(each["stated"]), _reason(each["real"]), each["count"]) for each in one["pairs"]],
        none="no no yet",
    )
    if one["noes"]:
        _line(
            f"of {one['noes']}, {one['stated']} stated a reason and {one['real']} gave the real one; where both are known they differ in "
            + _of(one["differ"], one["both"], one["differ_rate"])
        )


def _reason(text: str | None) -> str:
    return (text or "not known").replace("_", " ")


_BECAME = (("sent", "sent"), ("waiting", "waiting"), ("skipped", "skipped"), ("failed", "failed"), ("doubtful", "doubtful"))
_AFTER = (
    ("any", "answered"), ("yes", "yes"), ("no", "no"), ("later", "later"), ("asked", "question"), ("named", "referral"), ("out", "opted_out"),
    ("unclear", "unclear"), ("back", "bounced"), ("taught", "taught"),
)  # fmt: skip


def _steps(found: dict[str, Any]) -> None:
    rows = found["steps"]
    for title, columns in (
        ("Step by step: what became of the touches", _BECAME),
        ("Step by step: what was answered after them", _AFTER),
    ):
        say.heading(title)
        shown = _used(rows, columns)
        for cadence in dict.fromkeys(row["cadence"] for row in rows):
            lines = [(_cut(row["step"]), *(row[name] or "" for _, name in shown)) for row in rows if row["cadence"] == cadence]
            say.table((_cut(cadence), *(short for short, _ in shown)), lines)
        if not rows:
            _line("no touch yet")


def _cut(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"


def _learned(found: dict[str, Any]) -> None:
    one = found["learning"]
    say.heading("What was learned")
    _line(f"{_of(one['taught'], one['sent'], one['rate'])} of the touches taught something: a person wrote, or a fact was noted")
    say.table(
        ("cadence", "step", "learned", "times"),
        [(each["cadence"], each["step"], each["name"], each["count"]) for each in found["learned"]],
    )


def _channels(found: dict[str, Any]) -> None:
    say.heading("Touches by channel")
    rows = [(f"{one['channel']} {one['kind']}".strip(), one["count"]) for one in found["channels"]]
    rows += [(f"beside a cadence: {one['kind']}", one["count"]) for one in found["by_hand"]]
    most = max((count for _, count in rows), default=0)
    for name, count in rows:
        say.bar(name, count, "", count / most, label=32)
    if not rows:
        _line("none yet")


def _gifts(found: dict[str, Any]) -> None:
    one = found["gifts"]
    say.heading("Gifts before asks")
    _line(f"the first item was a gift for {_of(one['gift_first'], one['people'], one['gift_first_rate'])} people")
    if one["gifts_before_average"] is not None:
        _line(f"before the first item of ours came {one['gifts_before_average']:g} gifts on average ({one['asked']} people)")
    else:
        _line(f"{one['gifts_before']} gifts before the first item of ours, to {_people(one['asked'])}: too few for an average")


def _reopened(found: dict[str, Any]) -> None:
    one = found["reopened"]
    say.heading("Came from an old no")
    ended = [f"{one[name]} {short}" for short, name in _SHORT if one[name]]
    _line(
        "nobody" if not one["enrollments"] else f"{one['enrollments']}: " + ", ".join([*ended, f"{one['under_way']} under way"])
    )


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.0%}"


def _of(part: int, whole: int, rate: float | None) -> str:
    if not whole:
        return "none"
    return f"{part} of {whole}" + (f" ({rate:.0%})" if rate is not None else "")


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
