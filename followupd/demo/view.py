"""What people see of the demo while it runs, and the summary at its end.

Decides nothing; it is told what happened. On a terminal: a page that moves. Elsewhere: a line a week, and a line for
each answer and what followed. With `--json`: nothing at all until the one object at the end.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from followupd.demo.stories import Story
from followupd.demo.verdict import Verdict

DAILY = ("digest", "re: ", "reminder")
"""Letters of which there are many: they are counted, not listed."""

LINES = 16
"""How many of the latest happenings the moving page shows."""

_COLOURS = {"mail": "cyan", "answer": "yellow", "follows": "green", "rep": "magenta", "letter": "blue", "note": "bold"}
_SIGNS = {"mail": "->", "answer": "<-", "follows": "  ", "rep": "**", "letter": "=>", "note": "--"}


class View(Protocol):
    """Where the demo shows itself."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop showing; what is on the screen stays."""

    def begins(self, start: datetime, calm: datetime, end: datetime) -> None:
        """The calendar begins to run; from `calm` on it runs faster."""

    def time(self, now: datetime) -> None:
        """It is `now`."""

    def tell(self, kind: str, who: str, text: str) -> None:
        """Something happened: a `mail` left, an `answer` was read, this `follows`, a `rep` did something, one of
        our own people got a `letter`, or a `note`.
        """

    def outcomes(self, counts: Mapping[str, int]) -> None:
        """How the enrollments stand."""


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to stop."""

    def begins(self, start: datetime, calm: datetime, end: datetime) -> None:
        """Not shown."""

    def time(self, now: datetime) -> None:
        """Not shown."""

    def tell(self, kind: str, who: str, text: str) -> None:
        """Not shown."""

    def outcomes(self, counts: Mapping[str, int]) -> None:
        """Not shown."""


class Plain(Silent):
    """Lines, for files and pipes."""

    def __init__(self, console: Console) -> None:
        """Lines go to `console`."""
        self._console = console
        self._now: datetime | None = None
        self._week: datetime | None = None
        self._calm: datetime | None = None
        self._counts: Counter[str] = Counter()
        self._outcomes: Mapping[str, int] = {}

    def begins(self, start: datetime, calm: datetime, end: datetime) -> None:
        """The dates, once."""
        self._now, self._calm, self._week = start, calm, start + timedelta(days=7)
        self._line(f"The calendar runs from {start:%d %B %Y} to {end:%d %B %Y}.")

    def time(self, now: datetime) -> None:
        """A line a week, and in the calm year one in four."""
        self._now = now
        if self._week and now >= self._week:
            self._week += timedelta(days=7 if self._calm is None or now < self._calm else 28)
            ends = ", ".join(f"{count} {name}" for name, count in self._outcomes.items())
            self._line(
                f"{now:%d %b %Y}  {self._counts['mail']} mails sent, {self._counts['answer']} answers read, {self._counts['letter']} letters to us; {ends}"
            )

    def tell(self, kind: str, who: str, text: str) -> None:
        """A line for what is worth one."""
        self._counts[kind] += 1
        if kind in ("answer", "follows", "note") or (kind == "letter" and not text.startswith(DAILY)):
            self._line(f"{self._now:%d %b}  {_SIGNS[kind]} {who}  {text}" if self._now else f"{who}  {text}".strip())

    def outcomes(self, counts: Mapping[str, int]) -> None:
        """Kept for the next weekly line."""
        self._outcomes = dict(counts)

    def _line(self, text: str) -> None:
        self._console.print(escape(text), highlight=False, soft_wrap=True)


class Moving(Silent):
    """A page that moves, for terminals."""

    def __init__(self, console: Console) -> None:
        """The page is drawn on `console`."""
        self._start: datetime | None = None
        self._end: datetime | None = None
        self._now: datetime | None = None
        self._latest: deque[tuple[datetime | None, str, str, str]] = deque(maxlen=LINES)
        self._counts: Counter[str] = Counter()
        self._outcomes: Mapping[str, int] = {}
        self._live = Live(console=console, get_renderable=self._page, refresh_per_second=10, transient=True)

    def __enter__(self) -> Self:
        """Take the lower part of the screen."""
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Give it back."""
        self._live.stop()

    def begins(self, start: datetime, calm: datetime, end: datetime) -> None:
        """The calendar."""
        self._start = self._now = start
        self._end = end

    def time(self, now: datetime) -> None:
        """The calendar moves on."""
        self._now = now

    def tell(self, kind: str, who: str, text: str) -> None:
        """One more line; the oldest goes."""
        self._counts[kind] += 1
        self._latest.append((self._now, kind, who, text))

    def outcomes(self, counts: Mapping[str, int]) -> None:
        """The right-hand column."""
        self._outcomes = dict(counts)

    def _page(self) -> RenderableType:
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(ratio=1)
        table.add_column(width=26)
        table.add_row(
            Panel(self._happenings(), title="what happens", height=LINES + 2),
            Panel(self._figures(), title="so far", height=LINES + 2),
        )
        return Group(self._calendar(), table)

    def _calendar(self) -> RenderableType:
        if self._now is None or self._start is None or self._end is None:
            return Text("The daemon starts, and reads prospects.csv ...", style="bold")
        done, whole = self._now - self._start, self._end - self._start
        line = Table.grid(expand=True, padding=(0, 1))
        for _ in range(2):
            line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_row(
            Text(f"{self._now:%a %d %b %Y %H:%M} UTC", style="bold"),
            Text(f"day {done.days}"),
            ProgressBar(total=whole.days, completed=done / timedelta(days=1)),
        )
        return line

    def _happenings(self) -> Table:
        lines = Table.grid(expand=True, padding=(0, 1))
        for width in (6, 2, 17):
            lines.add_column(no_wrap=True, overflow="ellipsis", width=width)
        lines.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for at, kind, who, text in tuple(self._latest):  # drawn in a thread of rich's own
            lines.add_row(
                f"{at:%d %b}" if at else "", _SIGNS[kind], Text(who.partition("@")[0]), Text(text), style=_COLOURS[kind]
            )
        return lines

    def _figures(self) -> Table:
        figures = Table.grid(padding=(0, 1))
        figures.add_column(justify="right")
        figures.add_column()
        for kind, words in (
            ("mail", "mails left"),
            ("answer", "answers read"),
            ("letter", "letters to us"),
            ("rep", "deeds of the reps"),
        ):
            figures.add_row(str(self._counts[kind]), words)
        figures.add_row("", "")
        for name, count in self._outcomes.items():
            figures.add_row(str(count), name.replace("_", " "))
        return figures


def view_for(console: Console, *, as_json: bool) -> View:
    """The view that fits where the output goes."""
    if as_json:
        return Silent()
    return Moving(console) if console.is_terminal else Plain(console)


# -- the end -------------------------------------------------------------------------------------


def show_summary(
    console: Console, verdict: Verdict, ends: Mapping[str, str], stories: Sequence[Story], *, days: int, seconds: float
) -> None:
    """The figures, counted at the embedded servers, and two stories."""
    console.print(_per_prospect(verdict, ends))
    console.print(_counted(verdict))
    for one in verdict.misread:
        console.print(f"  {escape(one.address)} meant {one.kind}, and was read as {one.understood or 'nothing'}", highlight=False)
    for story in stories:
        if story.lines:
            console.print(_story(story))
    console.print(f"{days} days in {seconds:.0f} seconds.", highlight=False)
    for promise in verdict.broken:
        console.print(Text(f"BROKEN: {promise}", style="bold red"))
    if not verdict.broken:
        console.print(Text("Every promise was kept.", style="bold green"))


def _story(story: Story) -> Table:
    table = Table(title=story.title, title_justify="left", box=None, padding=(0, 1), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for line in story.lines:
        table.add_row(
            f"{line.at:%d %b %Y}", Text(line.what, style="bold") + Text(f": {line.words}" if line.words else "", style="not bold")
        )
    return table


def _per_prospect(verdict: Verdict, ends: Mapping[str, str]) -> Table:
    table = Table(title="Mails received, counted at the mail server", title_justify="left", box=None, padding=(0, 1))
    for _ in range(2):
        table.add_column("prospect", no_wrap=True, overflow="ellipsis", max_width=26)
        table.add_column("mails", justify="right")
        table.add_column("ended", no_wrap=True)
    people = [
        (address.partition("@")[0], str(count), ends.get(address, "")) for address, count in verdict.mails_per_prospect.items()
    ]
    half = (len(people) + 1) // 2
    for left, right in zip(people[:half], [*people[half:], ("", "", "")], strict=False):
        table.add_row(*left, *right)
    return table


def _counted(verdict: Verdict) -> Table:
    table = Table(title="The promises", title_justify="left", box=None, padding=(0, 1), show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for count, words in _lines(verdict):
        table.add_row(count, words)
    return table


def _lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    yield str(verdict.mails), "mails accepted by the mail server"
    yield str(verdict.duplicates), "of them a second time"
    yield str(verdict.after_answer), "after an answer (but for what that answer allows: thanks, a question, what is of use)"
    yield str(verdict.outside_window), "outside the prospect's window"
    yield str(verdict.doubtful), "doubtful"
    yield str(sum(verdict.letters.values())), "letters to our own people: " + _listed(verdict.letters)
    yield str(verdict.noes), "noes to thank for and to look back at"
    yield str(verdict.questions), "questions of which somebody had to be told"
    yield str(verdict.stopped), "cadences stopped by an answer or a bounce"
    yield f"{verdict.understood} of {verdict.answers}", "answers understood as they were meant: " + _listed(verdict.replies)
    yield str(sum(verdict.outcomes.values())), "came to an end: " + _listed(verdict.outcomes)
    yield str(sum(verdict.waiting.values())), "did not: " + _listed(verdict.waiting)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
