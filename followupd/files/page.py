"""The two parts of a message from its pieces: the text as typed, and the HTML page made of the same Markdown.

Decides how a piece that a value has brought stands in Markdown: escaped, so that data never becomes markup; and what of
Markdown a letter may use. Knows no template and no scope.

Markdown is slow, and for two people who get the same words it differs in nothing but the values. So it is rendered once for
each *form*: the text with a mark in the place of each plain value. A plain value is one of which nothing could depend but
itself: whatever stands there that is no markup, the text around it becomes the same HTML (`_plain`, `_astray`). Every other
value is part of the form, escaped.
"""

from __future__ import annotations

import html as html_text
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from followupd.files.evaluation import MAX_OUTPUT, TOO_LONG, Inserted
from followupd.files.sandbox import CannotRender

RULE = "─" * 12
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_TAGS = frozenset({"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_STYLE = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:15px;line-height:1.5;color:#222;max-width:38em"
_FOOT = "border-top:1px solid #ccc;margin-top:2em;padding-top:.7em;font-size:12px;color:#666"


def may_link(url: str) -> bool:
    """Whether a link may lead there."""
    return url.partition(":")[0].lower() in SCHEMES and ":" in url


@lru_cache(maxsize=4096)
def linked(source: str) -> str:
    """`<{{ pick.url }}>` as a link that takes an escaped address."""
    return re.sub(r"<(\{\{[^{}]*\}\})>", r"[\1](\1)", source)


def escaped(text: str) -> str:
    """A text such that Markdown shows it as it was typed: no emphasis, link, list, heading or code comes out of it."""
    return _escaped(text) if len(text) < _SHORT else _as_words(text)


def _as_words(text: str) -> str:
    marked = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    return "\\\n".join(line.strip() for line in marked.splitlines() if line.strip())


_SHORT = 1000
_escaped = lru_cache(maxsize=1024)(_as_words)  # such as the signature, which stands in every letter of its writer


def typed(form: Form) -> str:
    """The text part."""
    text = "".join(form.parts)
    made = _typed_form(text, len(form.values)) if len(text) < _KEPT else None
    return _tidy("".join(form.pieces)) if made is None else made % form.values


def page(form: Form, preheader: str, footer: str) -> str:
    """The HTML part, a whole small document: the Markdown, between a preheader that only lists of mails show and the footer."""
    first = f'<div style="display:none;max-height:0;overflow:hidden">{html_text.escape(preheader)}</div>\n' if preheader else ""
    return f"{_HEAD}{first}{to_html(form)}{_foot(footer)}"


_HEAD = (
    '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n'
    f'<body><div style="{_STYLE}">\n'
)  # fmt: skip


@lru_cache(maxsize=512)
def _foot(footer: str) -> str:
    lines = "<br>\n".join(html_text.escape(line) for line in footer.strip().split("\n"))
    last = f'<div style="{_FOOT}">{lines}</div>\n' if footer.strip() else ""
    return f"{last}</div></body>\n</html>\n"


def _tidy(text: str) -> str:
    """Conditions leave blank lines behind: at most one in a row, none at the ends, no blanks at line ends."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


# -- Markdown ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _markdown() -> Any:
    """Markdown for letters: no code blocks (they would undo the escaping of values), no images, no HTML.

    Loaded when the first letter is written: `check` writes none.
    """
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "breaks": True})
    made.disable(["code", "fence", "backticks", "image", "html_block", "html_inline"])
    # A link of another scheme, or of none, stays the text that was typed.
    made.validateLink = may_link  # type: ignore[method-assign]
    return made


def rendered(markdown: str) -> str:
    """Markdown as HTML that holds nothing but what a letter may hold."""
    import nh3

    return nh3.clean(
        _markdown().render(_tidy(markdown)),
        tags=set(_TAGS),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(SCHEMES),
        link_rel=None,
        strip_comments=True,
    )


def to_html(form: Form) -> str:
    """The Markdown as HTML; what values have brought is shown as it is."""
    text = form.markdown
    if len(text) < _KEPT and sum(map(len, form.values)) < _KEPT:
        made = _html_form(text, len(form.values))
        if not isinstance(made, str):  # some stand where they are more than words: in the address of a link, say
            form = form_of(form.pieces, made)
            made = _html_form(form.markdown, len(form.values))
        if isinstance(made, str):
            # No plain value holds a line break: all are escaped in one go.
            return made % (tuple(html_text.escape("\n".join(form.values), quote=False).split("\n")) if form.values else ())
    return rendered(_bounded("".join([escaped(piece) if type(piece) is Inserted else piece for piece in form.pieces])))


def _bounded(markdown: str) -> str:
    """The same text. Raises `CannotRender` where escaping has made it too long."""
    if len(markdown.encode("utf-8", "surrogatepass")) > MAX_OUTPUT:
        raise CannotRender(TOO_LONG)
    return markdown


# -- forms ---------------------------------------------------------------------------------------

_KEPT = 8000
"""Longer texts have no form: a cache of them would take memory, and letters are shorter. Nor can such a form and its values grow over the limit."""

_MARKS = 1000
_WORDS, _ADDRESSES = 0xE000, 0xF000
_MARK = re.compile("[\ue000-\uf8ff]")  # private use: to Markdown it is like a letter, and no plain value holds one


class Form(NamedTuple):
    """A text with marks in the places of its plain `values`. `others` are the numbers of the parts that other values have brought."""

    pieces: Sequence[str]
    parts: list[str]
    values: tuple[str, ...]
    others: list[int]

    @property
    def markdown(self) -> str:
        """As Markdown, what is no plain value escaped."""
        parts = self.parts
        if self.others:
            parts = list(parts)
            for number in self.others:
                parts[number] = escaped(parts[number])
        return "".join(parts)


def form_of(pieces: Sequence[str], astray: frozenset[int] = frozenset()) -> Form:
    """The form of a text. The plain values with these numbers are part of it."""
    parts = list(pieces)
    values: list[str] = []
    others: list[int] = []
    met = 0
    for number, piece in enumerate(pieces):
        if type(piece) is not Inserted:
            continue
        if piece[:1].isalpha() and piece[-1].isalnum() and piece.isprintable() and not astray and not piece.startswith("mailto:"):
            parts[number] = chr(_WORDS + len(values))  # as `_taken_apart` would say, in a third of the time
            values.append(piece)
            continue
        before = pieces[number - 1] if number else "\n"
        after = pieces[number + 1] if number + 1 < len(pieces) else "\n"
        frame, found, first = _taken_apart(piece, before, after)
        own = range(met, met + len(found))
        met += len(found)
        if not found or len(values) >= _MARKS or not astray.isdisjoint(own):
            others.append(number)
            continue
        parts[number] = frame % tuple([chr(first + len(values) + each) for each in range(len(found))])
        values += found
    return Form(pieces, parts, tuple(values), others)


def _taken_apart(value: str, before: str, after: str) -> tuple[str, tuple[str, ...], int]:
    """The plain values in a value with what stands around them, and the first of their marks; none where it is not plain."""
    if before.endswith("](") and after.startswith(")"):
        address = _ADDRESS.fullmatch(value)
        if address:
            local, domain, query = address.groups()
            return f"mailto:%s@{domain}?%s", (local, query), _ADDRESSES
    return "%s", (value,) if _plain(value, before, after) else (), _WORDS


_LABEL = "[a-z0-9-]{1,63}"
_ADDRESS = re.compile(
    rf"mailto:([A-Za-z0-9._+-]{{1,64}})@({_LABEL}(?:\.{_LABEL}){{0,3}})\?((?:[A-Za-z0-9._~=&+@/-]|%[0-9A-F]{{2}})+)"
)
"""Such as that of a door, which names the touch: of these signs Markdown and the cleaning of HTML change none."""


def _plain(value: str, before: str, after: str) -> bool:
    """Whether nothing around a value depends on what it is: it is like a letter to Markdown, wherever a letter is just text.

    What stands beside `*` and `_` decides whether they are emphasis, and a backslash takes the next sign away: there it
    must begin and end like a word. Digits may begin a list where they begin a line.
    """
    if not value or not value.isprintable():  # no line break, and no blank but the usual one
        return False
    first, last = value[0], value[-1]
    if not first.isalpha() and (first == " " or not _may_follow(before, first)):
        return False
    return last.isalnum() or (last != " " and _may_precede(after))


def _may_follow(before: str, first: str) -> bool:
    if first.isdigit():
        return any(map(str.isalpha, before[before.rfind("\n") + 1 :]))
    return before != "" and before[-1] not in _DELIMITERS


def _may_precede(after: str) -> bool:
    return after != "" and after[0] not in _DELIMITERS


_DELIMITERS = frozenset("*_\\")


@lru_cache(maxsize=512)
def _typed_form(text: str, count: int) -> str | None:
    """A text with marks, tidy, for the operator `%`; None where its words have such signs, too."""
    return _for_values(_tidy(text)) if len(_MARK.findall(text)) == count else None


@lru_cache(maxsize=512)
def _html_form(text: str, count: int) -> str | frozenset[int]:
    """The HTML of a text with marks, for the operator `%`; else which of its marks are no place for a value."""
    marks = _MARK.findall(text)
    if len(marks) != count:  # the template's own words have such signs
        return frozenset(range(count))
    made = rendered(text)
    for mark in marks:
        if ord(mark) >= _ADDRESSES and made.count(quote(mark)) == 1:
            made = made.replace(quote(mark), mark)
    return _astray(text, made, marks) or _for_values(made)


def _for_values(text: str) -> str:
    return _MARK.sub("%s", text.replace("%", "%%"))


_TAG = re.compile(r"<[^>]*>")
_OWN_LINK = re.compile(r"\]\((?:[^\s()<>\\\ue000-\uf8ff]*|mailto:[\uf000-\uf8ff]@[a-z0-9.-]*\?[\uf000-\uf8ff])\)")
_IN_ADDRESS = re.compile(r"\]\(mailto:(?:[\uf000-\uf8ff]@[a-z0-9.-]*\?)?\Z")
_NO_WORD = re.compile(r"(?:<[^<>\s]*|&[#0-9A-Za-z]*)\Z")


def _astray(text: str, made: str, marks: list[str]) -> frozenset[int]:
    """Which marks stand where other signs might make something else: where a link's address may be (CommonMark 6.3 and 6.5),
    where an entity's name is (2.5), and anywhere if there may be link reference definitions (4.7).

    That each has come out once, as words or as the address that it was, and in their order is looked at all the same: nobody
    may get another one's name.
    """
    words = _TAG.sub("", made)
    astray = frozenset(
        number
        for number, mark in enumerate(marks)
        if made.count(mark) != 1
        or words.count(mark) != (ord(mark) < _ADDRESSES)
        or _no_place(_IN_ADDRESS.sub("", text[: text.index(mark)]) if ord(mark) >= _ADDRESSES else text[: text.index(mark)])
    )
    kept = [mark for number, mark in enumerate(marks) if number not in astray]
    in_order = [mark for mark in _MARK.findall(made) if mark in kept] == kept
    return astray if in_order and "]:" not in text else frozenset(range(len(marks)))


def _no_place(before: str) -> bool:
    """Whether a value behind this text could be part of an address or of an entity. No link goes over an empty line."""
    paragraph = before[before.rfind("\n\n") + 1 :]
    return _NO_WORD.search(paragraph) is not None or "](" in _OWN_LINK.sub("]", paragraph)
