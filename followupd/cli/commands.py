"""Which commands there are, in the order of the help page. A command's module is loaded when it is called, not before.

Decides the names, which are a contract: add to them, don't rename. `--config` is understood before and after the name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: where its function is, and what it does in half a line."""

    name: str
    module: str
    about: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("Write and check", (
        Entry("init", "setup", "Write a new workspace: config, cadences, templates, content, inbox."),
        Entry("check", "check", "Name every mistake in the files, and what the craft has against them."),
        Entry("preview", "preview", "Show each touch of one prospect: date, rule, full message."),
        Entry("plan", "plan", "What edited files would change for people under way; the next days of each mailbox."),
        Entry("migrate-cadence", "plan", "Move people under way to a cadence as it is today."),
        Entry("test", "test", "Play the tests of tests/*.yaml on a calendar that jumps."),
        Entry("train", "learning", "Learn to read replies from those that people have decided."),
        Entry("schema", "setup", "Print the JSON Schemas that editors check with."),
    )),
    ("Run", (
        Entry("login", "login", "Let a mailbox log in by OAuth2: your consent, in a browser."),
        Entry("run", "running", "The daemon: sends what is due, reads the answers."),
        Entry("demo", "running", "Forty prospects, two reps and fourteen months in about a minute, on servers of its own."),
        Entry("bench", "bench", "Measure this machine: our work beside floors and peers."),
        Entry("add", "intake", "Enroll the prospects of CSV files."),
        Entry("enroll", "intake", "Enroll one person by hand."),
        Entry("reopen", "reopen", "Lay a list of old noes into each owner's folder."),
        Entry("backup", "keeping", "Copy all state into one file, also while the daemon runs."),
        Entry("restore", "keeping", "Put a backup back; opt-outs that came later stay."),
    )),
    ("Look", (
        Entry("status", "status", "Mailboxes, enrollments, queue, next touches, problems."),
        Entry("show", "look", "Everything about one person, with the timeline."),
        Entry("why", "look", "Why the next thing happens when it does, or why nothing does."),
        Entry("report", "report", "How it went: outcomes, clarity, what decided, reasons, what was learned."),
        Entry("debrief", "debrief", "What we answered about somebody's no; what we keep doing wrong."),
        Entry("shelf", "shelf", "What the content shelf can answer, and who will run dry when."),
        Entry("classify", "classify", "Say what received mails mean."),
    )),
    ("Decide", (
        Entry("digest", "digest", "The morning letter of each owner."),
        Entry("tasks", "look", "What waits for a person."),
        Entry("done", "requests", "A task is done."),
        Entry("skip", "requests", "A task is dropped; the cadence goes on."),
        Entry("learn", "requests", "Note what was learned about a person."),
        Entry("review", "look", "Answers and sends in doubt."),
        Entry("decide", "requests", "Say what an answer means, or whether a mail was sent."),
        Entry("pause", "requests", "Send nothing for a while."),
        Entry("resume", "requests", "Go on."),
        Entry("stop", "requests", "End it for good."),
        Entry("handover", "handover", "Hand a rep's people over to another mailbox."),
        Entry("suppress", "requests", "Never write to an address or a domain again."),
        Entry("suppressions", "look", "Whom nobody may write to."),
    )),
)  # fmt: skip

ENTRIES = {entry.name: entry for _, entries in GROUPS for entry in entries}


def _keep_config(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.find_root().meta["config"] = value


def _config_option() -> click.Option:
    return click.Option(
        ["--config"], type=click.Path(path_type=Path), metavar="PATH", expose_value=False, callback=_keep_config,
        help="The workspace's config.yaml. Default: the one here, then $FOLLOWUPD_CONFIG.",
    )  # fmt: skip


class Program(click.Group):
    """A group that knows its commands by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help page."""
        return list(ENTRIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command's module; every command takes `--config`."""
        entry = ENTRIES.get(cmd_name)
        if entry is None:
            return None
        found: click.Command = getattr(import_module(f"followupd.cli.{entry.module}"), cmd_name.replace("-", "_"))
        found.short_help = entry.about
        if not any("--config" in one.opts for one in found.params):
            found.params.append(_config_option())
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help page, without loading a command."""
        for title, entries in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.about) for entry in entries])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; for an unknown name the nearest one is named."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from followupd.files.problems import did_you_mean, shown

            raise click.UsageError(f'there is no command "{shown(args[0])}"; {did_you_mean(args[0], ENTRIES)}', ctx) from None


def _version(context: click.Context, _: click.Parameter, wanted: object) -> None:
    if wanted:
        from followupd import __version__

        click.echo(f"followupd {__version__}")
        context.exit()


program = Program(
    name="followupd", no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="Follows up by email for salespeople, and stops when the prospect has answered.",
    epilog="Exit codes: 0 fine, 1 your files or request are at fault, 2 typed wrong, 3 a fault of ours.",
    params=[
        _config_option(),
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version and leave."),
    ],
)  # fmt: skip


def command(
    *parameters: Callable[[Any], Any],
) -> Callable[[Callable[..., int | None]], click.Command]:
    """A command made from its function: the docstring is the help, `parameters` are click's decorators in reading order."""

    def make(function: Callable[..., int | None]) -> click.Command:
        decorated: Any = function
        for parameter in reversed(parameters):
            decorated = parameter(decorated)
        return click.command(name=function.__name__.removesuffix("_").replace("_", "-"))(decorated)

    return make


as_json = click.option("--json", "as_json", is_flag=True, help="For machines: keys are described in docs/commands.md.")
"""The option that every listing takes."""
