"""Commands about the files: `init` writes a workspace, `schema` prints what editors check with.

Decides what `init` writes and that it never overwrites.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from followupd import starter
from followupd.cli import say
from followupd.cli.commands import command

IGNORED = """\
# What a workspace keeps out of git: state, prospects and secrets.
/followupd.db*
/inbox/
/secrets/
.env
"""

NEXT_STEPS = """\
Next:
  1. edit config.yaml: your company, your mailbox, your mail servers
  2. followupd check
  3. followupd preview proposal
  4. followupd run
  5. save a CSV in inbox/, such as inbox/proposal-march.csv"""


@command(click.argument("folder", metavar="[DIR]", required=False, default=".", type=click.Path(path_type=Path, file_okay=False)))
def init(folder: Path) -> None:
    """Write a new workspace into DIR (default: here). A file that is there already is left as it is."""
    source = starter.starter_folder()
    planned = {
        path.relative_to(source): path for part in starter.PARTS for path in sorted((source / part).rglob("*")) if _wanted(path)
    }
    planned |= {Path("tests", path.name): path for path in sorted(starter.starter_tests().glob("*.yaml"))}
    written = [_write(folder / "config.yaml", _example_config(source)), _write(folder / ".gitignore", IGNORED)]
    written += [_copy(path, folder / name) for name, path in planned.items()]
    (folder / "inbox").mkdir(exist_ok=True)
    count = sum(written)
    say.line(f"{count} files written into {folder.resolve()}")
    if count < len(written):
        say.line(f"{len(written) - count} files were there already and are left as they were")
    click.echo(NEXT_STEPS if folder == Path() else NEXT_STEPS.replace("Next:", f"Next, in {say.plain(folder)}:"))


def _wanted(path: Path) -> bool:
    return path.is_file() and path.suffix in {".yaml", ".yml", ".md"} and not path.name.startswith(".")


def _example_config(source: Path) -> str:
    """The annotated example, without the line that tells people to copy it."""
    places = (source / "config.example.yaml", Path(starter.__file__).parent / "config.example.yaml")
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise starter.StarterSetMissing(f"config.example.yaml is missing in {source}; install followupd again")
    text = found.read_text("utf-8")
    return text.replace("Copy this file to config.yaml and change what you need.", "Change what you need.", 1)


def _copy(source: Path, target: Path) -> bool:
    if target.exists():
        say.line(f"left as it is: {target}")
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def _write(target: Path, text: str) -> bool:
    """Write a file that is not there; `x` mode, so that nothing can come in between."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        say.line(f"left as it is: {target}")
        return False
    return True


@command(
    click.argument("name", metavar="[NAME]", required=False),
    click.option(
        "--write",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Write NAME.schema.json files there.",
    ),
)
def schema(name: str | None, folder: Path | None) -> None:
    """Print the JSON Schema NAME (cadence, config, template, task, content), or all of them."""
    from followupd.channels import CHANNELS
    from followupd.files.problems import did_you_mean
    from followupd.files.schemas import schemas

    known = schemas(CHANNELS)
    if name and name not in known:
        raise say.Fault(f'there is no schema "{name}"; {did_you_mean(name, known)}')
    chosen = {name: known[name]} if name else known
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for each, value in chosen.items():
            (folder / f"{each}.schema.json").write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
        say.line(f"{len(chosen)} schemas written into {folder}")
    else:
        say.as_json(known[name] if name else known)
