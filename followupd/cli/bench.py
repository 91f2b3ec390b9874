"""The command that measures: our own work beside floors and peers, on this machine.

Decides what the exit code says: 1 where a ratio has become worse than it was, a gate is not passed, or the work was done wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from followupd.cli import say
from followupd.cli.commands import command

PROFILE = "FOLLOWUPD_PROFILE"


def _file(name: str, what: str) -> Callable[[Any], Any]:
    return click.option(name, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=what)


@command(
    click.argument("workloads", nargs=-1, metavar="[WORKLOAD]..."),
    click.option("--quick", is_flag=True, help="A tenth of the size, one round: under three minutes."),
    click.option("--gates", is_flag=True, help="A tenth of the size, only what CI asks for: each ratio is at least half of what is promised."),
    click.option("--rounds", type=click.IntRange(min=1), help="How often everybody does the work. Default: three times."),
    click.option("--scale", type=click.FloatRange(min=0, min_open=True), help="The size of the work; 1 is the full size."),
    click.option("--only", multiple=True, metavar="NAME", help="Only this contender; may be given several times."),
    _file("--json", "Write everything that was measured here."),
    _file("--markdown", "Write the tables here."),
    _file("--svg", "Write the picture of the ratios here."),
    _file("--baseline", "Compare the ratios with those kept in this file."),
    click.option("--keep", is_flag=True, help="Keep the ratios of this run in the file of --baseline."),
    click.option("--peers", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Where peers are installed."),
    click.option("--setup-peers", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Install the peers from PyPI and npm, and leave."),
    _file("--profile", "Run our daemon under cProfile, which writes here. It takes three times as long then."),
)  # fmt: skip
def bench(
    workloads: tuple[str, ...], quick: bool, gates: bool, rounds: int | None, scale: float | None, only: tuple[str, ...], json: Path | None,
    markdown: Path | None, svg: Path | None, baseline: Path | None, keep: bool, peers: Path | None, setup_peers: Path | None, profile: Path | None,
) -> int:  # fmt: skip
    """Measure this machine: our own work beside floors (what it can do at most) and peers, in turns.

    Starts mail servers and databases of its own on loopback; nothing leaves this machine. Who is not installed is skipped with a line.
    """
    from followupd.bench import peers as others
    from followupd.bench import result, runner
    from followupd.bench.workloads import NAMES, workload

    if setup_peers is not None:
        others.set_up(setup_peers.absolute(), say.line)
        return 0
    if keep and baseline is None:
        raise click.UsageError("--keep needs --baseline FILE")
    for name in workloads:
        if name not in NAMES:
            from followupd.files.problems import did_you_mean, shown

            raise click.UsageError(f'there is no workload "{shown(name)}"; {did_you_mean(name, NAMES)}')
    if peers is not None:
        os.environ[others.FOLDER] = str(peers.absolute())
    if profile is not None:
        os.environ[PROFILE] = str(profile.absolute())
    small = quick or gates
    plan = runner.Plan(
        scale=scale or (runner.QUICK if small else 1.0), rounds=rounds, quick=small, gates=gates, only=only,
    )  # fmt: skip
    machine = result.Machine.look()

    def tell(text: str) -> None:
        say.line(text, err=True)

    wanted = []
    for name in workloads or NAMES:
        try:
            wanted.append(workload(name))
        except ModuleNotFoundError as reason:  # an extra that is not installed
            tell(f"{name}: skipped, {reason}")
    before = result.read_baseline(baseline, plan.scale) if baseline else {}
    report = result.Report(machine=machine, outcomes=[], scale=plan.scale, before=before)
    for outcome in runner.run(wanted, plan, tell):
        machine.look_again()
        report.outcomes.append(outcome)
        for path, write in ((json, report.json), (markdown, report.markdown), (svg, report.svg)):  # what is measured is not lost
            if path is not None:
                path.write_text(write(), encoding="utf-8")
    for text, red in report.lines(gates=gates):
        click.secho(say.plain(text), fg="red" if red else None)
    if keep and baseline is not None:
        result.keep_baseline(baseline, report)
    return 1 if report.failed(gates=gates) else 0
