"""The command `test`: plays the diaries of `tests/*.yaml`, reads the replies of `tests/replies/`, and says where followupd would do something else.

Decides which files and which tests are played, and how the result is told. Playing is `playing.py`'s, comparing is
`comparison.py`'s. Nothing is played while `followupd check` has something to say: what is broken can't be tested.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.reply_cases import case_sets
from followupd.cli.reply_cases import play as play_replies

if TYPE_CHECKING:
    from followupd.cli.comparison import Pair
    from followupd.core.replies.measure import Judged
    from followupd.files.cadence_tests import Case, CaseFile
    from followupd.files.problems import Problem
    from followupd.files.workspace import Workspace

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one case."""

    case: Case
    pairs: tuple[Pair, ...]
    days: float

    @property
    def fine(self) -> bool:
        """Whether everything was as expected."""
        return not any(pair.faults for pair in self.pairs)


@dataclass(slots=True)
class Tally:
    """What came of one file."""

    path: str
    results: list[Result] = field(default_factory=list)
    seconds: float = 0.0


@command(
    click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(exists=True, path_type=Path)),
    click.option("-k", "word", default="", metavar="WORD", help="Only tests whose name, cadence or file holds this word."),
    as_json,
)
def test(files: tuple[Path, ...], word: str, as_json: bool) -> int:
    """Play the cadence tests of tests/, or of FILE..., on simulated days: nothing is sent, no store is touched."""
    workspace = place.usable_workspace()
    found, problems = gather(workspace, files)
    chosen = [case for file in found for case in file.cases if _wanted(case, word)]
    if problems:
        return _refused(problems, as_json=as_json)
    replies = [cases for cases in case_sets(workspace, files) if cases.rows and word.lower() in cases.path.lower()]
    if not chosen and not replies:
        return _nothing(workspace, word, as_json=as_json)
    tallies: list[Tally] = []
    with _progress(len(chosen)) as advance:
        for tally in played(workspace, chosen, advance):
            tallies.append(tally)
            if not as_json:
                _tell(tally, width=max(len(case.path) for case in chosen))
    read = [(cases.path, play_replies(workspace, cases)) for cases in replies]
    if as_json:
        _print_json(tallies, read)
    else:
        for path, judged in read:
            _tell_replies(path, judged)
        _sum_up(tallies)
    fine = all(result.fine for tally in tallies for result in tally.results)
    return 0 if fine and not any(_wrong(one) for _, judged in read for one in judged) else 1


# -- which ---------------------------------------------------------------------------------------


def gather(workspace: Workspace, paths: Sequence[Path] = ()) -> tuple[list[CaseFile], list[Problem]]:
    """The test files of the workspace, or those at `paths`, and every problem that keeps them from being played."""
    found, problems = read_files(workspace, paths)
    return found, sorted({*problems, *misfits(workspace, found)})


def read_files(workspace: Workspace, paths: Sequence[Path] = ()) -> tuple[list[CaseFile], list[Problem]]:
    """The test files, and what is wrong with them, whatever the workspace holds."""
    from followupd.files.cadence_tests import parse_cases
    from followupd.files.yaml_text import MAX_BYTES, decode, too_big

    found: list[CaseFile] = []
    problems: list[Problem] = []
    for path, name in _paths(workspace, paths):
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
        if data is None:
            problems.append(too_big(name, path.stat().st_size))
            continue
        text, faults = decode(data, name)
        file, more = parse_cases(text, name) if text is not None else (None, faults)
        problems += more
        found += [file] if file else []
    return found, problems


def misfits(workspace: Workspace, files: Sequence[CaseFile]) -> list[Problem]:
    """The problems of the workspace; where it has none, those of files that name what it does not hold."""
    from followupd.files.tests_check import check_tests, facts_of

    assert workspace.config is not None
    if workspace.problems:  # what is broken there would be told twice
        return list(workspace.problems)
    return list(
        check_tests(files, facts_of(workspace.cadences, workspace.templates, workspace.items, workspace.config.mailboxes))
    )


def _paths(workspace: Workspace, given: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each file, with the name under which it is told of."""
    folder = workspace.folder("tests")
    for path in given or (folder,):
        inner = (
            sorted(one for one in path.rglob("*") if one.suffix in ENDINGS)
            if path.is_dir()
            else [path]
            if path.exists() and path.suffix != ".jsonl"
            else []
        )
        for one in inner:
            if one.is_file() and not one.name.startswith("."):
                yield one, (str(one) if given else f"{folder.name}/{one.relative_to(folder).as_posix()}")


def _wanted(case: Case, word: str) -> bool:
    return word.lower() in f"{case.path} {case.cadence} {case.name}".lower()


# -- playing -------------------------------------------------------------------------------------


def result_of(workspace: Workspace, case: Case) -> Result:
    """Play one case and compare."""
    from followupd.cli.comparison import compare
    from followupd.cli.playing import play

    done = play(workspace, case)
    return Result(case=case, pairs=tuple(compare(done)), days=done.days)


def played(workspace: Workspace, cases: Sequence[Case], advance: Callable[[str], None] = lambda _: None) -> Iterator[Tally]:
    """Play the cases, file by file."""
    for path in dict.fromkeys(case.path for case in cases):
        tally, begun = Tally(path), time.perf_counter()
        for case in (one for one in cases if one.path == path):
            advance(f"{path}: {case.name}")
            tally.results.append(result_of(workspace, case))
        tally.seconds = time.perf_counter() - begun
        yield tally


@contextmanager
def _progress(count: int) -> Iterator[Callable[[str], None]]:
    """A bar on stderr while a person watches; nothing for a pipe."""
    if not sys.stderr.isatty() or count < 2:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task("", total=count)
        yield lambda name: bar.update(row, advance=1, description=say.plain(name))


# -- telling -------------------------------------------------------------------------------------


def _refused(problems: list[Problem], *, as_json: bool) -> int:
    if as_json:
        say.as_json({"ok": False, "problems": [say.some(one, "path", "line", "column", "text") for one in problems], "files": []})
    else:
        for one in problems:
            say.line(one)
        say.line(
            f"{len(problems)} {'mistake' if len(problems) == 1 else 'mistakes'}; nothing is played before the files are in order"
        )
    return 1


def _nothing(workspace: Workspace, word: str, *, as_json: bool) -> int:
    folder = workspace.folder("tests").name
    text = (
        f'no test whose name, cadence or file holds "{word}"'
        if word
        else f"there are no tests in {folder}/; docs/cadence.md says how to write one"
    )
    if as_json:
        say.as_json({"ok": False, "problems": [], "files": []})
    else:
        say.line(text)
    return 1


def _tell(tally: Tally, width: int) -> None:
    from followupd.cli.comparison import explained, told

    failed = [result for result in tally.results if not result.fine]
    count, days = len(tally.results), sum(result.days for result in tally.results)
    verdict = f"{len(failed)} failed" if failed else "ok"
    noun, unit = "test " if count == 1 else "tests", "day " if 0.5 <= days < 1.5 else "days"
    say.line(f"{tally.path:<{width}}  {count:>3} {noun}  {days:>7,.0f} {unit}  {tally.seconds:>6.1f} s  {verdict}")
    for result in failed:
        case = result.case
        say.line()
        say.line(f"{case.path}:{case.line}:{case.column}: {case.name} ({case.cadence}, {case.columns.get('email', '')})")
        for line in told(case, result.pairs, shutil.get_terminal_size((140, 24)).columns):
            click.secho(say.plain(line), fg="red" if line[2:3] in {"!", "-", "+"} else None)
        say.line()
        say.block("\n".join(explained(case, result.pairs)), "  ")
        say.line()


def _wrong(one: Judged) -> bool:
    """Whether a reply is acted on as something that it isn't; asking a person is never wrong."""
    return not one.right and one.acted != "unclear"


def _tell_replies(path: str, judged: list[Judged]) -> None:
    wrong, held = [one for one in judged if _wrong(one)], sum(one.acted == "unclear" for one in judged)
    say.line(f"{path}: {len(judged)} {'reply' if len(judged) == 1 else 'replies'}, {held} left to a person, {len(wrong)} wrong")
    for one in wrong:
        click.secho(
            say.plain(f'  {one.row.id}: says {one.row.label}, is read as {one.acted} ("{one.reading.evidence}")'), fg="red"
        )


def _sum_up(tallies: list[Tally]) -> None:
    if not tallies:
        return
    results = [result for tally in tallies for result in tally.results]
    failed = sum(not result.fine for result in results)
    days, seconds = sum(result.days for result in results), sum(tally.seconds for tally in tallies)
    count = f"{len(results)} test{'' if len(results) == 1 else 's'}"
    verdict = f"{failed} of {count} failed" if failed else f"{count} passed"
    say.line(f"{verdict}: {days:,.0f} simulated days in {seconds:.1f} s")


def _print_json(tallies: list[Tally], read: list[tuple[str, list[Judged]]]) -> None:
    files = [
        {"path": tally.path, "seconds": round(tally.seconds, 3), "tests": [_listed(one) for one in tally.results]}
        for tally in tallies
    ]
    replies = [
        {
            "path": path, "read": len(judged), "held": sum(one.acted == "unclear" for one in judged),
            "wrong": [{"id": one.row.id, "label": one.row.label, "acted": one.acted, "evidence": one.reading.evidence} for one in judged if _wrong(one)],
        }
        for path, judged in read
    ]  # fmt: skip
    fine = all(one.fine for tally in tallies for one in tally.results) and not any(each["wrong"] for each in replies)
    say.as_json({"ok": fine, "problems": [], "files": files, "replies": replies})


def _listed(result: Result) -> dict[str, Any]:
    from followupd.cli.comparison import listed

    case = result.case
    return {
        "test": case.name, "ok": result.fine, "line": case.line, "column": case.column, "cadence": case.cadence,
        "address": case.columns.get("email", ""), "days": round(result.days, 1), "diary": listed(result.pairs),
    }  # fmt: skip
