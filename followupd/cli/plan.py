"""`plan` and `migrate-cadence`: what edited files would change for people under way, what is due in the next days, and the move.

Decides nothing: what a move does is `core/revision.py`'s, dates are `core/outlook.py`'s. What `plan` shows is worked out by the
functions that move people, so it is what `migrate-cadence` does. Nobody is moved unless somebody says so.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core.when import speak
from followupd.files.problems import did_you_mean

if TYPE_CHECKING:
    from followupd.cli.moves import Moving
    from followupd.core.outlook import Day
    from followupd.files.workspace import Workspace
    from followupd.office import Office

EXAMPLES = 5
GIT_SECONDS = 30

_people = click.option("--people", is_flag=True, help="Name everybody, not only some.")


@command(
    click.option("--cadence", metavar="NAME", help="Only this cadence."),
    click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True, help="How far the forecast looks."),
    click.option(
        "--from", "revision", metavar="REV", help="Compare with the files of a git revision, not with people under way."
    ),
    _people,
    as_json,
)
def plan(cadence: str | None, days: int, revision: str | None, people: bool, as_json: bool) -> int:
    """Show what the edited files would change for people under way if they were moved, and what is due in the next days."""
    if revision:
        return _from_revision(revision, cadence, as_json=as_json)
    from followupd.cli import moves

    with place.office() as office:
        found = moves.survey(office, cadence)
        ahead = moves.forecasts(office, found, days)
    if as_json:
        say.as_json({"now": say.utc(found.now), **_listed(found), "forecast": _days(ahead)})
    else:
        _print(found, people=people)
        _print_forecast(ahead, days)
    return 0


@command(
    click.argument("name", metavar="NAME"),
    click.argument("addresses", metavar="ADDRESS", nargs=-1),
    click.option("--all", "everybody", is_flag=True, help="Everybody who is under way in it."),
    click.option(
        "--file", "sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The people of this CSV file."
    ),
    click.option("--dry-run", is_flag=True, help="Show the plan and move nobody."),
    click.option("--yes", is_flag=True, help="Don't ask."),
    _people,
    as_json,
)
def migrate_cadence(
    name: str,
    addresses: tuple[str, ...],
    everybody: bool,
    sheet: Path | None,
    dry_run: bool,
    yes: bool,
    people: bool,
    as_json: bool,
) -> int:
    """Move people under way to the cadence NAME as it is in the files today: everybody, or the ADDRESSes given."""
    from followupd import desk
    from followupd.cli import moves
    from followupd.core.lifecycle import NotNow

    wanted = {address.strip().lower() for address in addresses} | (_of_sheet(sheet) if sheet else set())
    if everybody == bool(wanted):
        raise click.UsageError("say whom to move: ADDRESSes, --file, or --all")
    with place.office() as office:
        _known(office, name)
        found = moves.survey(office, name, wanted or None)
        strangers = wanted - {one.enrollment.address for one in found.everybody}
        if strangers:
            raise say.Fault(f"not under way in {name}: {', '.join(sorted(strangers)[:10])}")
        going = [one for one in found.everybody if one.move is not None and not one.move.why_not]
        if not as_json:
            _print(found, people=people)
        if dry_run or not going:
            _say_moved(0, [], as_json=as_json, found=found)
            return 0
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise say.Fault(f"{len(going)} people would be moved; say --yes, or --dry-run to see how")
            click.confirm(f"Move {len(going)} people?", abort=True)
        moved, refused = 0, []
        with click.progressbar(going, label="moving", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for one in bar:
                try:
                    moved += bool(desk.migrate(office, one.enrollment.id, place.user()).lines)
                except NotNow as reason:
                    refused.append(str(reason))
    refused += [f"{one.enrollment.address}: {one.move.why_not}" for one in found.everybody if one.move and one.move.why_not]
    _say_moved(moved, refused, as_json=as_json, found=found)
    return 1 if refused else 0


def _known(office: Office, name: str) -> None:
    known = set(office.workspace.editions)
    if name not in known:
        raise say.Fault(f'there is no cadence "{name}" in order to move people to; {did_you_mean(name, known)}')


def _of_sheet(path: Path) -> set[str]:
    from followupd.files.prospects import read_sheet

    sheet = read_sheet(path.read_bytes(), name=path.name)
    if sheet.problem:
        raise say.Fault(sheet.problem)
    return {address.strip().lower() for row in sheet.rows if (address := row.columns.get("email", ""))}


def _say_moved(moved: int, refused: list[str], *, as_json: bool, found: Any) -> None:
    if as_json:
        say.as_json({"moved": moved, "refused": refused, **_listed(found)})
        return
    for reason in refused:
        say.line(f"not moved: {reason}")
    say.line(f"{moved} people moved" if moved != 1 else "1 person moved")


# -- how it looks --------------------------------------------------------------------------------


def _print(found: Any, *, people: bool) -> None:
    if not found.cadences:
        say.line("Nobody is under way.")
    for one in found.cadences:
        say.heading(f"{one.name}: {_count(one.people)} under way, {_earlier(one)}")
        for line in one.changes:
            say.line(f"   {line}")
        for group in one.groups:
            say.line()
            say.line(f"   {_count(len(group.people))}: {group.said}")
            shown = group.people if people else group.people[:EXAMPLES]
            say.table(("who", "step", "now", "if moved"), [row for each in shown for row in _rows(each)])
            if len(shown) < len(group.people):
                say.line(f"   and {len(group.people) - len(shown)} more (--people names all)")
        for each in one.stuck:
            say.line(f"   {each.enrollment.address} can't be moved now: {each.move.why_not}")


def _earlier(one: Any) -> str:
    if one.gone:
        return "and no such cadence in the files: they go on with what they began with"
    return f"{one.earlier} on an earlier edition" if one.earlier else "nothing changes for them"


def _rows(one: Moving) -> list[tuple[str, str, str, str]]:
    zone = one.zone
    rows = [
        (
            one.enrollment.address,
            each.step,
            speak(each.before, zone) if each.before else "-",
            speak(each.after, zone) if each.after else "-",
        )
        for each in one.differences
        if each.what != "reads differently"
    ]
    return rows or [(one.enrollment.address, each.step, "the old words", "the new words") for each in one.differences]


def _count(number: int) -> str:
    return f"{number:,} people" if number != 1 else "1 person"


def _print_forecast(ahead: Mapping[str, list[Day]], days: int) -> None:
    say.heading(f"The next {days} days, if nobody answers")
    rows = [
        (box, f"{day.day:%a %d %b}", day.due, day.cap, sum(day.slips.values()) or "")
        for box, found in sorted(ahead.items())
        for day in found
        if day.due
    ]
    say.table(("mailbox", "day", "mails due", "may send", "slip"), rows, none="Nothing is due.")
    for box, found in sorted(ahead.items()):
        for day in found:
            if day.slips:
                say.line(f"{day.day:%A} {day.due} mails are due, {box} may send {day.cap}: {_slipping(day)}")


def _slipping(day: Day) -> str:
    return ", ".join(f"{count} slip to {later:%A %d %b}" for later, count in sorted(day.slips.items()))


def _listed(found: Any) -> dict[str, Any]:
    return {
        "cadences": [
            {
                "cadence": one.name, "people": one.people, "earlier": one.earlier, "gone": one.gone, "changes": list(one.changes),
                "groups": [
                    {"people": len(group.people), "says": group.said, "members": [_member(each) for each in group.people]} for group in one.groups
                ],
                "stuck": [{"address": each.enrollment.address, "why": each.move.why_not} for each in one.stuck],
            }
            for one in found.cadences
        ],
    }  # fmt: skip


def _member(one: Moving) -> dict[str, Any]:
    return {
        "address": one.enrollment.address, "zone": one.zone.key,
        "differences": [
            {"step": each.step, "what": each.what, "before": say.utc(each.before), "after": say.utc(each.after)} for each in one.differences
        ],
    }  # fmt: skip


def _days(ahead: Mapping[str, list[Day]]) -> list[dict[str, Any]]:
    return [
        {
            "mailbox": box, "day": day.day.isoformat(), "due": day.due, "may_send": day.cap,
            "slips": {later.isoformat(): count for later, count in day.slips.items()},
        }
        for box, found in sorted(ahead.items())
        for day in found
    ]  # fmt: skip


# -- a git revision ------------------------------------------------------------------------------


def _from_revision(revision: str, only: str | None, *, as_json: bool) -> int:
    from followupd.cli import moves

    now = place.usable_workspace()
    with tempfile.TemporaryDirectory(prefix="followupd-") as folder:
        before = _checked_out(now, revision, Path(folder))
        names = sorted((before.editions.keys() | now.editions.keys()) if only is None else {only})
        found = {name: moves.changed(before.editions.get(name), now.editions.get(name)) for name in names}
    if as_json:
        say.as_json({"from": revision, "cadences": [{"cadence": name, "changes": list(lines)} for name, lines in found.items()]})
        return 0
    for name, lines in found.items():
        say.heading(f"{name}: {'what has changed since ' + revision if lines else 'as it was at ' + revision}")
        for line in lines:
            say.line(f"   {line}")
    return 0


def _checked_out(workspace: Workspace, revision: str, folder: Path) -> Workspace:
    """The workspace as a git revision has it, in a folder of its own. Only this folder's files are taken, and nothing is run."""
    from followupd.channels import CHANNELS
    from followupd.files.workspace import load_workspace

    if revision.startswith("-"):
        raise say.Fault(f'"{revision}" is no revision; write one such as HEAD~1 or main')
    try:
        made = subprocess.run(
            ["git", "-C", str(workspace.base.resolve()), "archive", "--format=tar", revision, "."],  # noqa: S607 - git from the PATH
            capture_output=True, timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise say.Fault(f"git could not be asked: {problem}") from problem
    if made.returncode:
        raise say.Fault(f"git: {made.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    config = folder / workspace.path.name
    if not config.exists():  # the config may be kept out of git: that of today will do
        config.write_bytes(workspace.path.read_bytes())
    return load_workspace(config, channels=CHANNELS, environ=dict(workspace.environ))
