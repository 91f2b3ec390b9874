"""A human's requests: pause, resume, stop, suppress, done, skip, decide, learn.

Decides only what was meant (a person or a scope, a date or a length of time); `desk.py` does it, and the tables in
`core/lifecycle.py` say whether it fits. What was asked stands in the timeline with the name of who asked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core import when
from followupd.core.model import ReplyKind

if TYPE_CHECKING:
    from followupd.desk import Done
    from followupd.office import Office


def _say_done(found: Done, *, as_json: bool) -> None:
    if as_json:
        say.as_json({"done": list(found.lines)})
    else:
        for one in found.lines:
            say.line(one)


# -- pause, resume, stop -------------------------------------------------------------------------

_WHOM: tuple[Any, ...] = (
    click.argument("address", required=False),
    click.option("--mailbox", metavar="NAME", help="Everybody that this mailbox writes to."),
    click.option("--cadence", metavar="NAME", help="Everybody in this cadence."),
    click.option("--all", "everything", is_flag=True, help="Everybody."),
)


def _scope(address: str | None, mailbox: str | None, cadence: str | None, everything: bool) -> str:
    """What is meant: an address, or `mailbox:NAME`, `cadence:NAME`, `all`. Exactly one."""
    meant = [
        address,
        f"mailbox:{mailbox}" if mailbox else None,
        f"cadence:{cadence}" if cadence else None,
        "all" if everything else None,
    ]
    found = [one for one in meant if one]
    if len(found) != 1:
        raise click.UsageError("say whom: an ADDRESS, or one of --mailbox NAME, --cadence NAME, --all")
    return _address(found[0]) if address else found[0]


def _address(text: str) -> str:
    """As addresses are kept, in small letters."""
    if "@" not in text:
        raise say.Fault(f'"{text}" is no address; write one such as ann@example.com')
    return text.strip().lower()


def _known_scope(office: Office, scope: str) -> str:
    """A scope by a name that exists; a misspelt one would stop nothing and look as if it had."""
    kind, _, name = scope.partition(":")
    known = {"mailbox": set(office.config.mailboxes), "cadence": set(office.workspace.cadences)}.get(kind, set())
    known |= {getattr(one, kind) for one in office.store.enrollments()} if name and name not in known else set()
    if name and name not in known:
        from followupd.files.problems import did_you_mean

        raise say.Fault(f'there is no {kind} "{name}"; {did_you_mean(name, known)}')
    return scope


def _request(scope: str, one: Callable[[Office], Done], many: Callable[[Office, str], Done], *, as_json: bool) -> None:
    with place.office() as office:
        _say_done(one(office) if "@" in scope else many(office, _known_scope(office, scope)), as_json=as_json)


@command(
    *_WHOM,
    click.option(
        "--until", metavar="DATE|DURATION", help='Such as 2026-12-01, "2026-12-01 09:00" or 10d. Default: until resume.'
    ),
    as_json,
)
def pause(
    address: str | None, mailbox: str | None, cadence: str | None, everything: bool, until: str | None, as_json: bool
) -> None:
    """Send nothing for a while: to ADDRESS, or to everybody of a mailbox or a cadence, or to everybody."""
    from followupd import desk

    scope = _scope(address, mailbox, cadence, everything)
    if until and "@" not in scope:
        raise click.UsageError(
            "--until is for one address; a mailbox, a cadence or everything stays paused until followupd resume"
        )
    by = place.user()
    _request(
        scope, lambda office: desk.pause(office, scope, _until(office, scope, until), by),
        lambda office, known: desk.switch(office, known, on=True, reason=f"paused by {by}"), as_json=as_json,
    )  # fmt: skip


@command(*_WHOM, as_json)
def resume(address: str | None, mailbox: str | None, cadence: str | None, everything: bool, as_json: bool) -> None:
    """Go on: with ADDRESS, or with a mailbox, a cadence or everything that was paused."""
    from followupd import desk

    scope, by = _scope(address, mailbox, cadence, everything), place.user()
    _request(
        scope, lambda office: desk.resume(office, scope),
        lambda office, known: desk.switch(office, known, on=False, reason=f"resumed by {by}"), as_json=as_json,
    )  # fmt: skip


@command(*_WHOM, click.option("--yes", is_flag=True, help="Don't ask, where it is about more than one person."), as_json)
def stop(address: str | None, mailbox: str | None, cadence: str | None, everything: bool, yes: bool, as_json: bool) -> None:
    """End it for good: for ADDRESS, or for everybody of a mailbox or a cadence, or for everybody."""
    from followupd import desk

    scope, by = _scope(address, mailbox, cadence, everything), place.user()

    def many(office: Office, known: str) -> Done:
        kind, _, name = known.partition(":")
        count = len(office.store.enrollments(**({kind: name} if name else {})))
        if count and not yes:
            _ask(f"End {count} enrollments of {say.plain(known)} for good?")
        return desk.stop_scope(office, known, by)

    _request(scope, lambda office: desk.stop(office, scope, by), many, as_json=as_json)


def _ask(question: str) -> None:
    """Go on only after a yes; where nobody can answer, `--yes` must have been typed."""
    if not sys.stdin.isatty():
        raise say.Fault(f"{question} Nothing was ended; say --yes if that is meant")
    if not click.confirm(question, err=True):
        raise say.Fault("nothing was ended")


def _until(office: Office, address: str, text: str | None) -> datetime | None:
    """A date on the prospect's clock, or a length from now on."""
    if text is None:
        return None
    from followupd import desk
    from followupd.core.timing import timing_for

    now = office.clock.now()
    prospect, enrollments = desk.person(office, address)
    latest = enrollments[0] if enrollments else None
    zone = timing_for(office.cadence(latest.digest), prospect, latest.mailbox).zone if latest else ZoneInfo("UTC")
    until = read_until(text, now, zone)
    if until <= now:
        raise say.Fault(
            f"{text} is over; write a date that lies ahead, such as {when.local_date(now, zone).year + 1}-01-15, or 10d"
        )
    return until


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`10d`, `3bd`, `2026-12-01` or `2026-12-01 09:00` as an instant; raises Fault."""
    if re.fullmatch(r"\d{1,8}\s?(s|m|h|d|w|bd)", text.strip()):
        try:
            delay = when.parse_delay(text)
        except ValueError as problem:
            raise say.Fault(f"--until: {problem}") from problem
        return when.due_at(now, delay, anchor_name="now", window=when.ALWAYS, zone=zone, calendar=when.NO_HOLIDAYS).at
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise say.Fault(
            '--until: write a date such as 2026-12-01 or "2026-12-01 09:00", or a length such as 10d or 3bd'
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


# -- never again ---------------------------------------------------------------------------------


@command(
    click.argument("key", metavar="ADDRESS|@DOMAIN"),
    click.option("--reason", default="", help="Stands in the list and in every refusal."),
    as_json,
)
def suppress(key: str, reason: str, as_json: bool) -> None:
    """Never write to ADDRESS, or to anybody at @DOMAIN, again. What is under way there ends."""
    from followupd import desk

    chosen = _address(key)
    if not re.fullmatch(r"[^\s@]{0,64}@[^\s@.]+(\.[^\s@.]+)+", chosen):
        raise say.Fault(f'"{key}" is neither an address nor a domain; write ann@example.com or @example.com')
    with place.office() as office:
        _say_done(desk.suppress(office, chosen, reason or "asked for", place.user()), as_json=as_json)


# -- tasks ---------------------------------------------------------------------------------------


@command(
    click.argument("task"),
    click.option("--note", default="", help="What came of it, and what was learned: kept as a fact about the person."),
    as_json,
)
def done(task: str, note: str, as_json: bool) -> None:
    """TASK is done; a cadence that waited for it goes on."""
    _close(task, done=True, note=note, as_json=as_json)


@command(click.argument("task"), click.option("--note", default="", help="Why; stands in the timeline."), as_json)
def skip(task: str, note: str, as_json: bool) -> None:
    """TASK is dropped; a cadence that waited for it goes on."""
    _close(task, done=False, note=note, as_json=as_json)


def _close(task: str, *, done: bool, note: str, as_json: bool) -> None:
    from followupd import desk

    with place.office() as office:
        _say_done(desk.close_task(office, task, done=done, by=place.user(), note=note), as_json=as_json)


@command(click.argument("address"), click.argument("fact", nargs=-1, required=True), as_json)
def learn(address: str, fact: tuple[str, ...], as_json: bool) -> None:
    """Note FACT about ADDRESS: team_size=40, "team size: 40", or a sentence, which is called note.

    Messages can speak of it as learned.team_size. The latest fact of a name counts; the earlier ones stay, with date and source.
    """
    from followupd import desk

    with place.office() as office:
        _say_done(desk.learn(office, _address(address), " ".join(fact), place.user()), as_json=as_json)


# -- in doubt ------------------------------------------------------------------------------------


@command(click.argument("key", metavar="REPLY|TOUCH"), click.argument("word", metavar="KIND|sent|skip|again"), as_json)
def decide(key: str, word: str, as_json: bool) -> None:
    """Say what an answer means (yes, no, later, engaged, ...), or whether a doubtful mail was sent (sent, skip, again)."""
    from followupd import desk
    from followupd.files.problems import did_you_mean

    by, kinds = place.user(), [kind.value for kind in ReplyKind]
    with place.office() as office:
        if word in desk.SETTLEMENTS:
            _say_done(desk.settle(office, key, word, by), as_json=as_json)
        elif word in kinds:
            _say_done(desk.decide(office, key, ReplyKind(word), by), as_json=as_json)
        else:
            raise say.Fault(f'"{word}" is no kind of answer; {did_you_mean(word, [*kinds, *desk.SETTLEMENTS])}')
