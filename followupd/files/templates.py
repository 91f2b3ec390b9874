"""Messages and task notes: `templates/*.md`, front matter and Markdown in the small template language.

Decides what a template may hold, what it needs of a prospect, and how it becomes the words of one message: the text part
is the Markdown as typed, the HTML part is `page.py`'s. No images, no tracking, no raw HTML; links are http, https, mailto or
tel. Never reads a file and never sends.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from followupd.core.model import Rendered
from followupd.files import language, page, yaml_text
from followupd.files.problems import Problem, shown
from followupd.files.sandbox import CannotRender
from followupd.files.validation import validate
from followupd.files.values import Filled, Name, Part, Shape

__all__ = ["CannotRender", "Template", "columns", "evaluate", "names_in", "names_of", "parse_template", "render", "render_line"]

MAX_SOURCE = 64 * 1024
MAX_SUBJECT = 200


class MessageHead(Part):
    """The front matter of a message."""

    subject: Annotated[Filled, Shape(maxLength=MAX_SUBJECT)]
    """The subject of a mail that opens a conversation; one in the same thread keeps that of the first, with Re:."""
    preheader: Filled | None = None
    """What mail programs show beside the subject."""
    reply_to: Filled | None = None
    """Another address for answers."""
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Rules of the craft that this text may break, each with the reason."""


class TaskHead(Part):
    """The front matter of a task note."""

    title: Filled
    """What the rep is to do, in one line."""
    kind: Name | None = None
    """What kind of task it is; by itself the one whose name it begins with."""
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Rules of the craft that this text may break, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A checked template. `subject` is the title where it is a task note; `digest` names its text."""

    name: str
    path: str
    digest: str
    subject: str
    body: str
    preheader: str | None = None
    reply_to: str | None = None
    task: bool = False
    kind: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Every piece of it that is written in the template language."""
        return tuple(piece for piece in (self.subject, self.preheader, self.reply_to, self.body) if piece)


# -- front matter --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matter:
    """A file cut in two: the YAML between the `---` lines and the body below it."""

    head: str
    body: str
    body_line: int  # the line on which the body begins, from 1


def split(text: str, path: str, first_key: str) -> tuple[Matter | None, list[Problem]]:
    """The front matter and the body. The first line must be `---`."""
    text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    example = f'begin the file with "---", "{first_key}: ...", "---"'
    if not text.strip():
        return None, [Problem(path, 1, 1, f"empty file; delete it or {example}")]
    if lines[0].rstrip() != "---" and next(filter(str.strip, lines)).rstrip() == "---":
        return None, [Problem(path, 1, 1, 'the first line must be "---"; remove the empty lines above it')]
    if lines[0].rstrip() != "---":
        return None, [Problem(path, 1, 1, f"front matter is missing; {example}")]
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    nearly = next((number for number, line in enumerate(lines[1:], 1) if re.fullmatch(r"[-–—]{1,9}\s*", line)), None)
    if end is None and nearly is not None:
        return None, [Problem(path, nearly + 1, 1, 'front matter ends with three hyphens; write "---"')]
    if end is None:
        return None, [Problem(path, 1, 1, 'front matter is not closed; write "---" on a line below its last key')]
    first = next((number for number, line in enumerate(lines[end + 1 :], end + 1) if line.strip()), len(lines))
    second = lines[first : first + 2]
    if len(second) == 2 and second[0].rstrip() == "---" and re.match(r"[a-z_]+:", second[1]):
        return None, [Problem(path, first + 1, 1, "a second front matter begins here; keep one")]
    return Matter("\n".join(lines[1:end]) + "\n", "\n".join(lines[end + 1 :]), end + 2), []


def parse_template(text: str, path: str, name: str, *, task: bool = False) -> tuple[Template | None, list[Problem]]:
    """The template, or every problem of it. `task` is for notes to the rep, which have a `title`."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_SOURCE:
        return None, [yaml_text.too_big(path, size, limit=MAX_SOURCE)]
    problems = yaml_text.unseen(text, path)
    if problems:
        return None, problems
    first_key = "title" if task else "subject"
    matter, problems = split(text, path, first_key)
    if matter is None:
        return None, problems
    document, problems = yaml_text.read(matter.head, path, first_line=2, begin=f'"{first_key}:"')
    body_problems = list(_check_body(matter, path, task=task))
    if document is None:
        return None, sorted([*problems, *body_problems])
    kind: type[MessageHead | TaskHead] = TaskHead if task else MessageHead
    head, problems = validate(document, kind)
    found = sorted({*problems, *_check_head(document), *body_problems})
    if head is None or found:
        return None, found
    return _made(name, path, text, head, matter.body), []


def _made(name: str, path: str, text: str, head: MessageHead | TaskHead, body: str) -> Template:
    digest = hashlib.sha256(text.encode()).hexdigest()
    body = body.strip("\n")
    if isinstance(head, TaskHead):
        return Template(name=name, path=path, digest=digest, subject=head.title, body=body, task=True, kind=head.kind or "")
    return Template(
        name=name,
        path=path,
        digest=digest,
        subject=head.subject,
        body=body,
        preheader=head.preheader,
        reply_to=head.reply_to,
    )


def _check_head(document: yaml_text.Document) -> Iterator[Problem]:
    for key, value in document.data.items():
        if not isinstance(value, str):
            continue
        for offset, what in language.check(value):
            yield Problem(document.path, *document.inside((key,), offset), f"{key}: {what}")
        if "=?" in value:
            offset = value.index("=?")
            yield Problem(
                document.path, *document.inside((key,), offset), f'{key}: "=?" begins an encoded header; write the plain text'
            )
        if key == "reply_to" and "{{" not in value and not _ADDRESS.fullmatch(value):
            yield document.problem((key,), 'write one mail address such as "dana@example.com"')
        if key == "subject" and len(language.text_only(value)) > MAX_SUBJECT:
            yield document.problem((key,), f"longer than {MAX_SUBJECT} characters; shorten it")


_LINK = re.compile(r"\]\(<?([^\s<>()]{1,2000})")
_NO_LINK = re.compile(r"(?<=\])(\(\)|[ \t]+\(https?://[^\s()]{1,2000}\))")
_HTML = re.compile(r"<!--|<(?=[/!?]?[A-Za-z])(?!https?:|mailto:|tel:)[^<>\n]{0,200}>")
_IMAGE = re.compile(r"!\[")


def _check_body(matter: Matter, path: str, *, task: bool) -> Iterator[Problem]:
    def say(offset: int, what: str) -> Problem:
        before = matter.body[:offset]
        return Problem(path, matter.body_line + before.count("\n"), offset - (before.rfind("\n") + 1) + 1, what)

    if not matter.body.strip() and not task:
        yield say(0, 'the message is empty; write it below the second "---"')
    mistakes = language.check(matter.body)
    yield from (say(offset, what) for offset, what in mistakes)
    text = language.text_only(matter.body)
    for found in _LINK.finditer(text):
        if not page.may_link(found[1]):
            yield say(found.start(1), f"a link can't lead to {shown(found[1])}; begin it with https:, http:, mailto: or tel:")
    for found in _NO_LINK.finditer(text):
        instead = "write its address between ( and )" if "://" not in found[1] else 'remove the space between "]" and "("'
        yield say(found.start(), f"this is not a link yet; {instead}")
    for found in _IMAGE.finditer(text):
        yield say(found.start(), "images are not sent; write a link [...](https://...)")
    if not mistakes:
        opened: set[str] = set()
        for found in _HTML.finditer(text):
            name = found.group().strip("</>").partition(" ")[0].lower()
            if not (found.group().startswith("</") and name in opened):  # its beginning is told
                instead = "write {# ... #}" if name == "!--" else "write Markdown"
                yield say(found.start(), f"HTML such as {shown(found.group())} would be shown as typed; {instead}")
            opened.add(name)


# -- what it needs -------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def columns(template: Template) -> frozenset[str]:
    """The prospect columns that it uses with neither `default` nor a guarding `if`: intake requires them."""
    return frozenset(column for source in template.sources for column in language.needed(source))


def names_of(template: Template) -> language.Named:
    """The names of which it speaks, and their parts: who writes it needs no more of a scope."""
    return language.named(template.sources)


def names_in(expression: str) -> language.Named:
    """The names of which a condition speaks."""
    return language.named_in_condition(expression)


# -- rendering -----------------------------------------------------------------------------------


def render(template: Template, scope: Mapping[str, Any], *, footer: str = "") -> Rendered:
    """The words of one message. Raises `CannotRender` with a sentence that names what is missing or does not fit."""
    values = language.data(scope)
    subject = _header(language.run(template.subject, values), "title" if template.task else "subject")
    reply_to = _reply_to(language.run(template.reply_to, values)) if template.reply_to else None
    preheader = " ".join(language.run(template.preheader, values).split()) if template.preheader else ""
    form = page.form_of(language.pieces(template.body, values))
    body = page.typed(form)
    if not body and not template.task:
        raise CannotRender("the message is empty for this person; look at the conditions in the template")
    linked = page.linked(template.body)
    if linked != template.body:
        form = page.form_of(language.pieces(linked, values))
    html = page.page(form, preheader, footer)
    text = f"{body}\n\n{page.RULE}\n{footer.strip()}\n" if footer.strip() else f"{body}\n"
    if (len(text) + len(html)) * 4 > language.MAX_OUTPUT and max(len(text.encode()), len(html.encode())) > language.MAX_OUTPUT:
        raise CannotRender(f"the message grows over {language.MAX_OUTPUT // 1024} KB; shorten the template or the values in it")
    return Rendered(subject=subject, text=text, html=html, reply_to=reply_to)


def render_line(source: str, scope: Mapping[str, Any]) -> str:
    """A one-line text of a cadence, such as `task:` of a reply: `Call {{ prospect.first_name }} today`."""
    return " ".join(language.run(source, language.data(scope)).split())[:2000]


def evaluate(expression: str, scope: Mapping[str, Any]) -> bool:
    """Whether the condition of a `when:` holds; a value that is missing or empty makes it false."""
    return language.holds(expression, language.data(scope))


def _header(text: str, name: str) -> str:
    """A text that is to stand in a header: one line, not empty, not long, nothing that a mail program would decode."""
    if not text.isprintable() and re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise CannotRender(f"{name} contains a line break or a control character: {shown(text)}")
    if "=?" in text:
        raise CannotRender(f'{name} contains "=?", which looks like an encoded header: {shown(text)}')
    text = text.strip()
    if not text:
        raise CannotRender(f"{name} is empty for this person")
    if len(text) > MAX_SUBJECT:
        raise CannotRender(f"{name} has {len(text)} characters; at most {MAX_SUBJECT}")
    return text


_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")


def _reply_to(text: str) -> str:
    address = _header(text, "reply_to")
    if not _ADDRESS.fullmatch(address):
        raise CannotRender(f"reply_to is not one mail address: {shown(address)}")
    return address
