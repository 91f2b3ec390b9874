"""What the rules look at: the cadences, messages and content items of a workspace, each with the place of every word in it.

Decides what of a message its reader sees, how long that can get, and where a word stands in its file. Files with mistakes are
left out: `check` tells those. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jinja2 import nodes

from followupd.core.model import Step
from followupd.core.shelf import ContentItem
from followupd.files import syntax, templates, yaml_text
from followupd.files.cadence import Draft
from followupd.files.edition import base_of, names_of
from followupd.files.lint.phrases import ASKING, FREE_TO_SAY_NO, words
from followupd.files.problems import Problem
from followupd.files.templates import Template
from followupd.files.workspace import Workspace


class Page:
    """A file with front matter: a message, a task note or a content item."""

    def __init__(self, path: str, text: str, first_key: str) -> None:
        """Nothing is read again before a place in it is asked for."""
        self.path, self.text, self.first_key = path, text, first_key

    @cached_property
    def _read(self) -> tuple[templates.Matter, yaml_text.Document]:
        matter, _ = templates.split(self.text, self.path, self.first_key)
        assert matter is not None, "it was in order a moment ago"
        document, _ = yaml_text.read(matter.head, self.path, first_line=2)
        assert document is not None
        return matter, document

    @property
    def document(self) -> yaml_text.Document:
        """The front matter."""
        return self._read[1]

    @property
    def allows(self) -> bool:
        """Whether its front matter may allow something; asked of the text, so that few pages are read again."""
        return "\nallow:" in self.text

    def problem(self, piece: str, offset: int, text: str) -> Problem:
        """A problem with a character of the body, or of a key of the front matter."""
        matter, document = self._read
        if piece != "body":
            return Problem(self.path, *document.inside((piece,), offset), text)
        before = matter.body[: len(matter.body) - len(matter.body.lstrip("\n")) + offset]
        return Problem(self.path, matter.body_line + before.count("\n"), len(before) - before.rfind("\n"), text)


class Message(Page):
    """A message or a task note."""

    def __init__(self, template: Template, text: str) -> None:
        """Of a template and its file's text."""
        super().__init__(template.path, text, "title" if template.task else "subject")
        self.template = template

    @cached_property
    def pieces(self) -> dict[str, str]:
        """What the prospect reads, tags blanked out, each character in its place. Of a task note that is the quoted script."""
        known = self.template
        body = syntax.text_only(known.body)
        if known.task:
            return {"body": re.sub(r"^(?!>).+$", lambda line: " " * len(line.group()), body, flags=re.MULTILINE)}
        found = {"subject": syntax.text_only(known.subject), "body": body}
        return found | ({"preheader": syntax.text_only(known.preheader)} if known.preheader else {})

    def parts(self, name: str) -> frozenset[str]:
        """The parts of `name` (`pick`, say) that it speaks of."""
        return frozenset(re.findall(rf"\b{name}\.(\w+)", "\n".join(self.template.sources))) if name in self.text else frozenset()

    @cached_property
    def words(self) -> dict[str, set[str]]:
        """The words of each piece, as phrases are looked for by them."""
        return {piece: words(text) for piece, text in self.pieces.items()}

    def links(self) -> list[tuple[int, str]]:
        """Where its body leads, each address once. The doors are answers, no links."""
        body = self.template.body
        typed = ((found.start(), found.group()) for found in re.finditer(r"https?://[^\s<>)\"'{}]+", body))
        inserted = ((found.start(), "pick.url") for found in re.finditer(r"\{\{-?\s*pick\.url\b", body))
        first: dict[str, int] = {}
        for offset, address in sorted((*typed, *inserted)):
            first.setdefault(address, offset)
        return [(offset, address) for address, offset in first.items()]

    @cached_property
    def asks(self) -> bool:
        """Whether it wants something of its reader."""
        body = re.sub(r"https?://\S+", "", self.pieces["body"])
        return "?" in body or "？" in body or any(ASKING.find(body, self.words["body"]))

    @cached_property
    def lets_say_no(self) -> bool:
        """Whether it says that no is an answer."""
        return any(FREE_TO_SAY_NO.find(self.pieces["body"], self.words["body"]))

    def longest(self, blurb: int) -> int:
        """The most words that a reader can get: of each `if` the longer branch, of each value one word, `blurb` for an item's."""
        body = self.template.body
        most = len(self.pieces["body"].split()) + body.count("{{") + blurb * body.count("pick.body")
        tree, _ = syntax.parse(body) if most > LONGEST_MESSAGE else (None, None)
        return most if tree is None else _words(tree.body, blurb)


LONGEST_MESSAGE = 150


def _words(many: Iterable[nodes.Node], blurb: int) -> int:
    return sum(_words_of(node, blurb) for node in many)


def _words_of(node: nodes.Node, blurb: int) -> int:
    match node:
        case nodes.TemplateData(data=text):
            return len(re.findall(r"\w[^\s]*", re.sub(r"\]\([^)]*\)", "] ", text)))
        case nodes.Output(nodes=inner):
            return _words(inner, blurb)
        case nodes.If(body=body, elif_=others, else_=otherwise):
            return max(_words(body, blurb), _words(otherwise, blurb), *(_words_of(each, blurb) for each in others), 0)
        case nodes.For(body=body):
            return _words(body, blurb)
    return blurb if any(_is_blurb(each) for each in (node, *node.find_all(nodes.Getattr))) else 1


def _is_blurb(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Getattr) and node.attr == "body" and getattr(node.node, "name", "") == "pick"


class Item(Page):
    """A content item."""

    def __init__(self, item: ContentItem, path: str, text: str) -> None:
        """Of an item and its file's text."""
        super().__init__(path, text, "title")
        self.item = item


@dataclass(frozen=True)
class View:
    """Everything in order in a workspace. `whole` says that nothing is missing because of mistakes."""

    workspace: Workspace
    drafts: tuple[Draft, ...]
    messages: Mapping[str, Message]
    items: tuple[Item, ...]
    today: date | None
    whole: bool

    @property
    def config_path(self) -> str:
        """The file for what belongs to no other."""
        return self.workspace.path.name

    def versions(self, draft: Draft, step: Step) -> list[Message]:
        """Every text that a step may send: of each arm, in each language."""
        channel = self.workspace.channels[step.channel]
        return [each for name in step.templates for each in self.in_languages.get(channel.template(name), [])]

    @cached_property
    def in_languages(self) -> dict[str, list[Message]]:
        """By the name of a template, the template and its language variants."""
        found: dict[str, list[Message]] = {}
        for name, message in self.messages.items():
            found.setdefault(base_of(name), []).append(message)
        return found

    @cached_property
    def used(self) -> frozenset[str]:
        """The templates that a cadence names."""
        return frozenset(name for draft in self.drafts for name, _ in names_of(draft.cadence, self.workspace.channels))

    def mails(self, draft: Draft) -> list[Step]:
        """The steps that write to the prospect by themselves."""
        return [step for step in draft.cadence.steps if not self.workspace.channels[step.channel].task]


def view_of(workspace: Workspace, today: date | None) -> View:
    """What is in order in a workspace."""
    drafts, messages, items = [], {}, []
    for path, file in workspace.files.items():
        match file.value:
            case Draft() if not file.problems:
                drafts.append(file.value)
            case Template() if not file.problems:
                messages[file.value.name] = Message(file.value, file.text)
            case ContentItem() if not file.problems:
                items.append(Item(file.value, path, file.text))
    return View(workspace, tuple(drafts), messages, tuple(items), today, not workspace.problems)
