"""A workspace on disk: config, cadences, templates and content, read together and checked against each other.

Decides which files belong to it (regular ones inside the tree, of a sane size, that no stranger can write) and whether they
fit together. The only reader of these files. A cadence of which any file breaks while the daemon runs keeps its last good
edition, whole; the problem is told until it is put right. Never writes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from followupd.core.model import Cadence, Effect, OwnCalendar, ReplyKind
from followupd.core.shelf import ContentItem, Shelf
from followupd.core.vocabulary import Vocabulary
from followupd.files import cadence as cadences
from followupd.files import config as configs
from followupd.files import content, templates, tongues, words, yaml_text
from followupd.files.cadence import Channels, Draft
from followupd.files.config import Config
from followupd.files.edition import Edition, base_of, edition_of, names_of
from followupd.files.problems import Problem, did_you_mean, nearest, shown
from followupd.files.proof import Scope, prove
from followupd.files.secret import Secret, read_secret, secret_file_problem
from followupd.files.templates import Template

Stamp = tuple[int, int, int, int]
Parsed = TypeVar("Parsed")

MAX_FILES = 2000
MAX_FOLDERS = 5


@dataclass(frozen=True, slots=True)
class _File:
    """What one file became: its stamp (to see that it has not changed), its value and its problems."""

    stamp: Stamp
    value: Any
    text: str
    problems: tuple[Problem, ...]
    good: Any = None  # the last value without problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Everything that people wrote, as values. `config` is None where it has problems; then nothing may be sent."""

    path: Path
    config: Config | None = None
    editions: Mapping[str, Edition] = field(default_factory=dict)  # by the cadence's name
    templates: Mapping[str, Template] = field(default_factory=dict)  # by name, such as `thank-you` or `tasks/voicemail`
    shelf: Shelf = field(default_factory=Shelf)
    problems: tuple[Problem, ...] = ()
    channels: Channels = field(default_factory=dict)
    scope: Scope = field(default_factory=dict)  # what messages may speak of; empty: they are not proved
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, _File] = field(default_factory=dict, repr=False)
    picture: tuple[object, ...] = field(default=(), repr=False)  # how the files and folders looked before they were read

    @property
    def cadences(self) -> Mapping[str, Cadence]:
        """The cadences that somebody may be enrolled in now."""
        return {name: edition.cadence for name, edition in self.editions.items()}

    @property
    def items(self) -> tuple[ContentItem, ...]:
        """The content items."""
        return self.shelf.items

    @property
    def broken(self) -> frozenset[str]:
        """The names of the cadence files that have problems."""
        return frozenset(problem.path.rpartition("/")[2].rpartition(".")[0] for problem in self.problems if "/" in problem.path)

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    def folder(self, name: str) -> Path:
        """The folder of `cadences`, `templates`, `content`, `inbox` or `tests`."""
        return self.base / (getattr(self.config.paths, name) if self.config else name)

    def required(self, name: str, language: str = "") -> tuple[tuple[str, str], ...]:
        """The columns that a row for this cadence must fill, each with the reason, in the order in which they are met.

        Any arm of an experiment may be drawn, so the columns of all are needed; of language variants only the row's own.
        """
        edition = self.editions[name]
        cadence = edition.cadence
        found: dict[str, str] = {"email": "every prospect"}
        for column in cadence.needs:
            found.setdefault(column, f"cadence {cadence.name}")
        for step in cadence.steps:
            if step.since not in {"previous", "enrolled"}:
                found.setdefault(step.since, f"step {step.id}")
            for each in step.templates:
                template = edition.in_language(self.channels[step.channel].template(each), language)
                _note_columns(found, template, self.channels[step.channel].needed(template))
        for effect in cadence.replies.values():
            if effect.send:
                _note_columns(found, edition.in_language(effect.send, language))
        return tuple(found.items())

    def languages(self, name: str) -> tuple[str, ...]:
        """The languages in which a cadence has messages of their own."""
        edition = self.editions[name]
        return tuple(sorted({each.rpartition(".")[2] for each in edition.templates if base_of(each) != each}))

    def sources(self) -> dict[str, str]:
        """The text of each template, by name."""
        return {name: self.files[template.path].text for name, template in self.templates.items()}

    def stamps(self) -> frozenset[tuple[str, Stamp]]:
        """What was read, and how old it was: the same while nothing has changed."""
        return frozenset((name, file.stamp) for name, file in self.files.items())

    def secret(self, mailbox: str) -> Secret | None:
        """The password of a mailbox, or the secret of its app; None where it logs in without one. Raises `NoSecret`."""
        auth = self.config.mailboxes[mailbox].auth if self.config else None
        named = auth.secret() if auth else None
        return read_secret(named[1], self.base, self.environ) if named else None

    def consent_file(self, mailbox: str) -> Path | None:
        """Where the consent of a mailbox is kept; None where it logs in without one."""
        auth = self.config.mailboxes[mailbox].auth if self.config else None
        return self.base / auth.consent(mailbox) if auth and auth.oauth2 else None


def _note_columns(found: dict[str, str], template: Template, more: Collection[str] = ()) -> None:
    for column in sorted({*templates.columns(template), *more}):
        found.setdefault(column, f"template {template.name}")


# -- loading -------------------------------------------------------------------------------------


def load_workspace(config_path: Path, *, channels: Channels, environ: Mapping[str, str], scope: Scope | None = None) -> Workspace:
    """The workspace around a config, with every problem of every file, sorted.

    `scope` says what messages may speak of; with it each message is written on trial with what intake guarantees.
    """
    return _load(Workspace(path=config_path, channels=channels, environ=environ, scope=scope or {}))


def reload(previous: Workspace) -> Workspace:
    """The workspace as it is now: the very same where nothing has changed. Unchanged files are not read again; a broken one keeps its last good version."""
    return previous if previous.picture and previous.picture == _picture(previous) else _load(previous)


def _picture(workspace: Workspace) -> tuple[object, ...]:
    """Everything that a pass over the files looks at, with its age, size and mode. It takes a thousandth of what the pass takes."""
    config = workspace.config
    seen = [_seen(workspace.path), (".", _seen(workspace.base)[1][3:])]  # of what else lies there nothing matters
    for name in ("cadences", "templates", "content"):
        for folder, folders, files in os.walk(workspace.folder(name)):
            seen += [_seen(Path(folder)), *(_seen(Path(folder, one)) for one in (*folders, *files))]
    for name, part in config.mailboxes.items() if config else ():
        seen += [_seen(workspace.base / secret) for _, secret in (part.auth.secret_files(name) if part.auth else ())]
    return tuple(sorted(seen))


def _seen(path: Path) -> tuple[str, tuple[int, ...]]:
    try:
        return str(path), _stamp(path)
    except OSError:
        return str(path), (0, 0, 0, 0)


def _load(previous: Workspace) -> Workspace:
    picture = _picture(previous)
    reader = _Reader(previous)
    own = reader.config()
    config = own or Config.model_construct(mailboxes={})  # the other files are checked all the same
    drafts: dict[str, tuple[str, Draft]] = {}
    for path, draft in reader.folder(config.paths.cadences, (".yaml", ".yml"), reader.cadence(config)):
        reader.same_name(path, draft, drafts)
    known = {
        each.name: (each, reader.files[path].text)
        for path, each in reader.folder(config.paths.templates, (".md",), reader.template(config))
    }
    items = tuple(each for _, each in reader.folder(config.paths.content, (".md",), reader.item(config)))
    broken = reader.broken_names(config)
    fresh = {name: draft for name, (path, draft) in drafts.items() if reader.files[path].value is draft}
    for problem in _cross_check(config, drafts, fresh, known, broken, previous.channels):
        reader.say(problem)
    found = Workspace(
        path=previous.path,
        config=own,
        templates={name: template for name, (template, _) in known.items()},
        shelf=_shelf(items, reader.vocabulary(config), previous.shelf),
        channels=previous.channels,
        scope=previous.scope,
        environ=previous.environ,
        files=reader.files,
        picture=picture,
    )
    for problem in prove(found, previous.scope) if previous.scope else ():
        reader.say(problem)
    return replace(found, editions=_editions(reader, config, drafts, known, previous), problems=reader.problems())


def _shelf(items: tuple[ContentItem, ...], vocabulary: Vocabulary, before: Shelf) -> Shelf:
    """The same shelf where nothing on it has changed: its index is made once."""
    return before if (before.items, before.vocabulary) == (items, vocabulary) else Shelf(items, vocabulary)


def _editions(
    reader: _Reader, config: Config, drafts: Mapping[str, tuple[str, Draft]], known: Mapping[str, tuple[Template, str]],
    previous: Workspace,
) -> dict[str, Edition]:  # fmt: skip
    """The edition of each cadence. One with a problem in any of its files stays as it was: nothing half-edited is used."""
    found: dict[str, Edition] = {}
    wrong = {problem.path for problem in reader.problems()}
    for name, (path, draft) in sorted(drafts.items()):
        edition = edition_of(draft.cadence, reader.files[path].text, draft.inherited, known, previous.channels)
        files = {path} | ({template.path for template in edition.templates.values()} if edition else set())
        if edition is None or files & wrong:
            edition = previous.editions.get(name)
        if edition is not None:
            found[name] = edition
    for name in reader.unread_cadences(config) - found.keys():
        if name in previous.editions:
            found[name] = previous.editions[name]
    calendars = config.calendars() if config.mailboxes else {}
    return {name: replace(each, cadence=_at_home(each.cadence, found, calendars)) for name, each in found.items()}


def _at_home(cadence: Cadence, known: Collection[str], calendars: Mapping[str, OwnCalendar]) -> Cadence:
    """The cadence among its neighbours. A default `enroll` (after-the-no) counts only where that cadence exists; a cadence's
    own one has been checked.
    """

    def fit(effect: Effect) -> Effect:
        return effect if effect.enroll is None or effect.enroll in known else replace(effect, enroll=None)

    replies = {kind: fit(effect) for kind, effect in cadence.replies.items()}
    return replace(cadence, replies=replies, calendars=calendars)


class _Reader:
    """One pass over the files. Remembers what it read, so that the next pass reads only what changed."""

    def __init__(self, previous: Workspace) -> None:
        self.previous = previous
        self.base = previous.path.parent
        self.files: dict[str, _File] = {}
        self._more: list[Problem] = []

    def say(self, problem: Problem) -> None:
        self._more.append(problem)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(sorted({*self._more, *(problem for file in self.files.values() for problem in file.problems)}))

    # what each kind of file becomes

    def config(self) -> Config | None:
        path = self.previous.path
        if not path.is_file():
            self.say(Problem(path.name, 1, 1, f"there is no such file in {self.base.resolve()}; {self._elsewhere()}"))
            return self.previous.config
        if _others_can_write(self.base):
            self.say(
                Problem(path.name, 1, 1, "others can write in the folder of this file, and so in your name; run: chmod o-w on it")
            )
        file = self._read(path, path.name, self._parse_config, yaml_text.MAX_CONFIG)
        if file.good is None:
            return None
        config: Config = file.good
        for problem in self._secret_files(config, file):
            self.say(problem)
        return config

    def _elsewhere(self) -> str:
        """A config further up is named, and never taken by itself: it may belong to somebody else."""
        name = self.previous.path.name
        above = next((folder / name for folder in [*self.base.resolve().parents][:2] if (folder / name).is_file()), None)
        return f"is {above} meant? then run: followupd --config {above}" if above else "run: followupd init"

    def _parse_config(self, text: str, name: str) -> tuple[Any, list[Problem]]:
        config, _, problems = configs.read_config(text, name)
        return config, problems

    def _secret_files(self, config: Config, file: _File) -> Iterator[Problem]:
        """A secret that others can read is refused here too, not only when the daemon logs in."""
        document, _ = yaml_text.read(file.text, self.previous.path.name)
        for name, part in config.mailboxes.items():
            for keys, secret in part.auth.secret_files(name) if part.auth else ():
                text = secret_file_problem(self.base / secret, secret) if (self.base / secret).exists() else ""
                if document and text:
                    yield document.problem(("mailboxes", name, "auth", *keys), text)

    def cadence(self, config: Config) -> Callable[[str, str], tuple[Any, list[Problem]]]:
        def parse(text: str, name: str) -> tuple[Any, list[Problem]]:
            return cadences.read_cadence(text, name, channels=self.previous.channels, defaults=config.inherited())

        return parse

    def template(self, config: Config) -> Callable[[str, str], tuple[Any, list[Problem]]]:
        folders = {channel.folder for channel in self.previous.channels.values() if channel.task}

        def parse(text: str, name: str) -> tuple[Any, list[Problem]]:
            short = _short(name, config.paths.templates)
            return templates.parse_template(text, name, short, task=short.rpartition("/")[0] in folders)

        return parse

    def item(self, config: Config) -> Callable[[str, str], tuple[Any, list[Problem]]]:
        return lambda text, name: content.parse_item(text, name, _short(name, config.paths.content))

    def vocabulary(self, config: Config) -> Vocabulary:
        """The table of words beside the content; without one, words are found by their forms alone."""
        root = self.base / config.paths.content
        path, name = root / words.FILE_NAME, f"{config.paths.content}/{words.FILE_NAME}"
        if not path.exists() and not path.is_symlink():
            return Vocabulary()
        trouble = self._unfit(path, root)
        if trouble:
            self.say(Problem(name, 1, 1, trouble))
            return Vocabulary()
        found: Vocabulary = self._read(path, name, words.parse_words, yaml_text.MAX_BYTES).good or Vocabulary()
        return found

    # walking

    def folder(
        self, name: str, endings: tuple[str, ...], parse: Callable[[str, str], tuple[Any, list[Problem]]]
    ) -> Iterator[tuple[str, Any]]:
        """Each good value below a folder with its path; what is no regular file is told and skipped."""
        root = self.base / name
        if not root.exists():
            return
        paths = sorted(_walk(root, 0))
        for folder in sorted({root, *(path.parent for path in paths)}):
            if _others_can_write(folder):
                below = f"{name}/{folder.relative_to(root).as_posix()}".removesuffix("/.")
                self.say(Problem(below, 1, 1, f"others can write in this folder, and so in your name; run: chmod o-w {below}"))
        count = 0
        for path in paths:
            shown_name = f"{name}/{path.relative_to(root).as_posix()}"
            if path.name.startswith(".") or not path.name.endswith(endings):
                continue
            count += 1
            if count > MAX_FILES:
                self.say(Problem(name, 1, 1, f"more than {MAX_FILES} files; move some out"))
                return
            trouble = self._unfit(path, root)
            if trouble:
                self.say(Problem(shown_name, 1, 1, trouble))
                continue
            limit = templates.MAX_SOURCE if endings == (".md",) else yaml_text.MAX_BYTES
            file = self._read(path, shown_name, parse, limit)
            if file.good is not None:
                yield shown_name, file.good

    def _unfit(self, path: Path, root: Path) -> str:
        try:
            mode = path.stat().st_mode
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                return "a link that leads out of the workspace is skipped; copy the file here"
        except (OSError, RuntimeError):  # RuntimeError: a link to itself
            return "a link that leads nowhere is skipped; remove it"
        if stat.S_ISDIR(mode):
            return "a folder with the name of a file is skipped; rename it"
        return "" if stat.S_ISREG(mode) else "not a regular file, skipped; remove it"

    def _read(self, path: Path, name: str, parse: Callable[[str, str], tuple[Any, list[Problem]]], limit: int) -> _File:
        """The file's value; read and parsed only where it changed since the last pass."""
        before = self.previous.files.get(name)
        try:
            stamp = _stamp(path)
            if before is not None and before.stamp == stamp and not self._config_changed(name):
                self.files[name] = before
                return before
            value, text, problems = _parsed(path, name, parse, limit)
        except OSError as error:
            stamp, value, text = (0, 0, 0, 0), None, ""
            problems = [
                Problem(name, 1, 1, f"can't be read: {(error.strerror or 'unknown reason').lower()}; look at its owner and mode")
            ]
        if not problems and _others_can_write(path):
            problems = [Problem(name, 1, 1, f"others can write this file, and so in your name; run: chmod o-w {name}")]
        good = value if value is not None and not problems else (before.good if before else None)
        kept_text = text if good is value else (before.text if before else text)
        self.files[name] = _File(stamp, value, kept_text, tuple(problems), good)
        return self.files[name]

    def _config_changed(self, name: str) -> bool:
        """A new config may change what the other files mean (defaults, folders)."""
        own = self.previous.path.name
        now, before = self.files.get(own), self.previous.files.get(own)
        return name != own and (now.stamp if now else None) != (before.stamp if before else None)

    # names

    def same_name(self, path: str, draft: Draft, drafts: dict[str, tuple[str, Draft]]) -> None:
        name = draft.cadence.name
        if name in drafts:
            line, column = drafts[name][1].document.place(("cadence",))
            self.say(
                draft.document.problem(
                    ("cadence",), f'"{name}" is already the cadence of {drafts[name][0]}:{line}:{column}; rename one'
                )
            )
        else:
            drafts[name] = (path, draft)

    def unread_cadences(self, config: Config) -> frozenset[str]:
        """The names of cadence files that are there, but were never in order."""
        folder = f"{config.paths.cadences}/"
        broken = [path for path, file in self.files.items() if path.startswith(folder) and file.good is None]
        return frozenset(path.rpartition("/")[2].rpartition(".")[0] for path in broken)

    def broken_names(self, config: Config) -> frozenset[str]:
        """Files that are there but broken: to say "there is no such template" of them would be one problem too many."""
        bad = [name for name, file in self.files.items() if file.good is None]
        bad += [problem.path for problem in self._more]
        folders = (config.paths.templates, config.paths.cadences)
        return frozenset(_short(name, folder) for folder in folders for name in bad if name.startswith(f"{folder}/"))


def _short(name: str, folder: str) -> str:
    return name.removeprefix(f"{folder}/").rpartition(".")[0]


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Files below a folder; folders that are links are not entered."""
    for entry in folder.iterdir():
        named_as_file = entry.suffix in {".yaml", ".yml", ".md"}
        if entry.is_dir() and not entry.is_symlink() and not named_as_file:
            if depth < MAX_FOLDERS and not entry.name.startswith("."):
                yield from _walk(entry, depth + 1)
        else:
            yield entry


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode


def _others_can_write(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IWOTH) and not path.stat().st_mode & stat.S_ISVTX


def _parsed(
    path: Path, name: str, parse: Callable[[str, str], tuple[Any, list[Problem]]], limit: int
) -> tuple[Any, str, list[Problem]]:
    size = path.stat().st_size
    if size > limit:
        return None, "", [yaml_text.too_big(name, size, limit=limit)]
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(limit + 1)
    text, problems = yaml_text.decode(data, name)
    if text is None:
        return None, "", problems
    value, problems = parse(text, name)
    return value, text, problems


# -- do the files fit together? ------------------------------------------------------------------


def _cross_check(
    config: Config,
    drafts: Mapping[str, tuple[str, Draft]],
    fresh: Mapping[str, Draft],
    known: Mapping[str, tuple[Template, str]],
    broken: frozenset[str],
    channels: Channels,
) -> Iterator[Problem]:
    """`fresh` are the cadences whose file is in order now; of one that broke since, the places are no longer true."""
    for draft in fresh.values():
        yield from _check_templates(config, draft, known, broken, channels)
        yield from _check_enroll(draft, drafts, broken)
        if config.mailboxes:
            yield from _check_mailboxes(config, draft)
    yield from _check_circles(drafts)
    yield from _check_languages(known, broken)


def _check_templates(
    config: Config, draft: Draft, known: Mapping[str, tuple[Template, str]], broken: frozenset[str], channels: Channels
) -> Iterator[Problem]:
    folder = config.paths.templates
    for name, place in names_of(draft.cadence, channels):
        if name in known or name in broken or not draft.document.has(place):
            continue
        found = nearest(name, [each for each in known if each.rpartition("/")[0] == name.rpartition("/")[0]])
        instead = f"nearest: {folder}/{found}.md" if found else "write that file"
        yield draft.document.problem(place, f"no {folder}/{shown(name)}.md; {instead}")
    for step in draft.cadence.steps:
        fits = channels[step.channel].misfits
        for each in step.templates if fits else ():
            used = known.get(channels[step.channel].template(each))
            for key, text in fits(step, used[0]) if fits and used else ():
                if key:
                    yield draft.document.problem(("steps", step.position, key), text)
                else:
                    yield Problem(used[0].path, 1, 1, text) if used else draft.document.problem(("steps", step.position), text)


def _check_languages(known: Mapping[str, tuple[Template, str]], broken: frozenset[str]) -> Iterator[Problem]:
    """A dot in a template's name says its language: the template `value.de` is `value` in German."""
    for name, (template, _) in known.items():
        base = base_of(name)
        if base == name:
            continue
        tag = name[len(base) + 1 :]
        if tongues.tag(tag) != tag:
            text = f'"{shown(tag)}" is no language; name it such as {base.rpartition("/")[2]}.de.md or {base.rpartition("/")[2]}.pt-br.md'
            yield Problem(template.path, 1, 1, text)
        elif base not in known and base not in broken:
            text = f"this is {shown(base)}.md in another language, but there is no {shown(base)}.md; write that file"
            yield Problem(template.path, 1, 1, text)


def _enrolls(draft: Draft) -> Iterator[tuple[yaml_text.Location, str]]:
    """The cadences that this one itself says to enroll in, with the place where it says so."""
    if draft.cadence.end_enroll is not None:
        yield ("end", "enroll"), draft.cadence.end_enroll
    for kind in ReplyKind:
        place: yaml_text.Location = ("replies", kind.value, "enroll")
        effect = draft.cadence.replies.get(kind)
        if effect is not None and effect.enroll is not None and draft.document.has(place):
            yield place, effect.enroll


def _check_enroll(draft: Draft, drafts: Mapping[str, tuple[str, Draft]], broken: frozenset[str]) -> Iterator[Problem]:
    for place, name in _enrolls(draft):
        if name not in drafts and name not in broken:
            yield draft.document.problem(place, f'there is no cadence "{shown(name)}"; {did_you_mean(name, drafts)}')


def _check_mailboxes(config: Config, draft: Draft) -> Iterator[Problem]:
    for index, name in enumerate(draft.cadence.mailbox):
        if name != "owner" and name not in config.mailboxes:
            place: yaml_text.Location = ("mailbox", index) if len(draft.cadence.mailbox) > 1 else ("mailbox",)
            yield draft.document.problem(
                place, f'there is no mailbox "{shown(name)}"; {did_you_mean(name, [*config.mailboxes, "owner"])}'
            )


def _check_circles(drafts: Mapping[str, tuple[str, Draft]]) -> Iterator[Problem]:
    """Silence that enrolls in a cadence whose silence leads back is a mail without end; a reply breaks the circle."""
    told: set[frozenset[str]] = set()
    for start in sorted(drafts):
        walk = [start]
        while (following := _after_silence(drafts, walk[-1])) is not None and following not in walk:
            walk.append(following)
        if following == start and frozenset(walk) not in told:
            told.add(frozenset(walk))
            circle = " -> ".join([*walk, start])
            yield drafts[start][1].document.problem(("end", "enroll"), f"{circle} never ends; give one an end")


def _after_silence(drafts: Mapping[str, tuple[str, Draft]], name: str) -> str | None:
    found = drafts.get(name)
    return found[1].cadence.end_enroll if found else None
