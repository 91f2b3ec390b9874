"""`handover`: a rep's people go to another mailbox. The plan is shown first, and nothing is changed without a yes.

Decides nothing: `handover.py` moves, `core/handover.py` says what can't.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.requests import read_until

if TYPE_CHECKING:
    from followupd.core.handover import Line
    from followupd.handover import Plan
    from followupd.office import Office


@command(
    click.argument("giver", metavar="FROM"),
    click.argument("taker", metavar="TO"),
    click.option("--only", multiple=True, metavar="ADDRESS", help="Only this person; may be given several times."),
    click.option("--until", metavar="DATE|DURATION", help="When they come back by themselves, such as 2027-01-07 or 10d."),
    click.option("--yes", is_flag=True, help="Don't ask."),
    as_json,
)
def handover(giver: str, taker: str, only: tuple[str, ...], until: str | None, yes: bool, as_json: bool) -> int:
    """Hand the people of mailbox FROM over to TO: what is under way, tasks and conversations. The plan comes first."""
    from followupd import handover as story
    from followupd.desk import Unknown

    with place.office() as office:
        back = _until(office, taker, until)
        try:
            found = story.plan(office, giver, taker, [one.strip().lower() for one in only], back)
        except Unknown as problem:
            raise say.Fault(str(problem)) from problem
        if not as_json:
            _show(found, office.zone(taker))
        gone, refused = list["Line"](), list[str]()
        if found.going and _agreed(found, yes=yes, as_json=as_json):
            gone, refused = story.go(office, found, place.user())
    if as_json:
        say.as_json({"from": giver, "to": taker, "until": say.utc(back), "people": [_listed(one) for one in (*found.going, *found.stuck)], "moved": len(gone), "refused": refused})  # fmt: skip
    elif gone or refused:
        say.line(f"{len(gone)} moved" + (f", {len(refused)} not:" if refused else ""))
        for one in refused:
            say.line(f"  {one}")
    return 1 if refused else 0


def _until(office: Office, taker: str, text: str | None) -> Any:
    if text is None:
        return None
    now = office.clock.now()
    found = read_until(text, now, office.zone(taker))
    if found <= now:
        raise say.Fault(f"--until: {text} is over; write a day to come")
    return found


def _agreed(found: Plan, *, yes: bool, as_json: bool) -> bool:
    if yes:
        return True
    question = f"Hand {len(found.going)} people over from {found.giver} to {found.taker}?"
    if as_json or not sys.stdin.isatty():
        if not as_json:
            say.line(f"{question} Nothing was changed; say --yes if that is meant")
        return False
    if not click.confirm(question, err=True):
        raise say.Fault("nothing was changed")
    return True


def _show(found: Plan, zone: ZoneInfo) -> None:
    rows = [
        (one.prospect.address, one.stands, f"{one.coming.step}, {one.coming.due.astimezone(zone):%a %d %b %Y %H:%M}" if one.coming else "")
        for one in found.going if one.enrollments or one.tasks
    ]  # fmt: skip
    say.table(("address", "stands", "next"), rows)
    quiet = len(found.going) - len(rows)
    if quiet or not rows:
        say.line(
            f"{quiet} people with nothing under way go along"
            if quiet
            else f"nobody is with {found.giver}: there is nothing to hand over"
        )
    if found.stuck:
        say.line(f"{len(found.stuck)} stay for now:")
        for one in found.stuck:
            say.line(f"  {one.prospect.address}: {one.why_not}")


def _listed(one: Line) -> dict[str, Any]:
    return {
        "address": one.prospect.address, "stands": one.stands, "tasks": one.tasks, "next": one.coming.step if one.coming else None,
        "next_at": say.utc(one.coming.due) if one.coming else None, "why_not": one.why_not,
    }  # fmt: skip
