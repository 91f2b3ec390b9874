"""The syntax of templates: text to the tree of Jinja2's own parser, with the exact place of every word.

Decides where the tags of a text are and whether they can be read at all. Jinja2 counts lines only; here every node's
`lineno` is an *offset* into the source, so that a mistake is told at its column. What a tree may hold is `language.py`'s.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from followupd.files.sandbox import TYPED

Mistake = tuple[int, str]
"""Where in the source (an offset), and what is wrong."""

NOT_PART = 'is not part of the template language; see "Templates" in the manual'
SHAPES = "; write {{ ... }} or {% if ... %} ... {% endif %}"

# -- tags ----------------------------------------------------------------------------------------

_OPENERS = re.compile(r"\{[{%#]|[}%#]\}")
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}


@lru_cache(maxsize=4096)
def tags(source: str) -> tuple[tuple[tuple[int, int], ...], Mistake | None]:
    """Where the tags are; the first one without an end (or end without a tag) is a mistake and ends the search."""
    spans: list[tuple[int, int]] = []
    start = 0
    while found := _OPENERS.search(source, start):
        mark = found.group()
        if mark in _CLOSERS:
            end = source.find(_CLOSERS[mark], found.end())
            if end < 0:
                return tuple(spans), (found.start(), f'"{mark}" is not closed; write "{_CLOSERS[mark]}" at its end')
            start = end + 2
            spans.append((found.start(), start))
        elif mark == "}}":
            return tuple(spans), (found.start(), '"}}" closes nothing; write "{{" before the name')
        else:
            start = found.end()
    return tuple(spans), None


def text_only(source: str) -> str:
    """The source with its tags blanked out: what stands there for everybody, each character in its place."""
    pieces, last = [], 0
    for start, end in tags(source)[0]:
        pieces += [source[last:start], re.sub(r"[^\n]", " ", source[start:end])]
        last = end
    return "".join([*pieces, source[last:]])


class Finder:
    """Where a word stands that belongs to a node: at the node's offset, or a little behind it in the same tag."""

    def __init__(self, source: str) -> None:
        """Of one text."""
        self.source = source
        self.tags = tags(source)[0]

    def find(self, offset: int, pattern: str) -> int:
        """The first match from `offset` to the end of its tag; else `offset` itself."""
        at = bisect_right(self.tags, (offset, len(self.source) + 1)) - 1
        end = self.tags[at][1] if at >= 0 else len(self.source)
        match = re.compile(pattern).search(self.source, offset, max(end, offset))
        return match.start() if match else offset

    def word(self, node: nodes.Node, name: str) -> int:
        """The first such word from a node on."""
        return self.find(node.lineno, rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")


def start_of(node: nodes.Node) -> int:
    """Where an expression begins. The parser notes the place of its sign, or of what follows it."""
    first: nodes.Node | None = node
    while first is not None:
        node, first = first, None
        match node:
            case nodes.Compare(expr=inner) | nodes.CondExpr(expr1=inner) | nodes.And(left=inner) | nodes.Or(left=inner):
                first = inner
            case nodes.Getattr(node=inner) | nodes.Getitem(node=inner) | nodes.Filter(node=inner):
                first = inner
            case nodes.Tuple(items=[inner, *_]):
                first = inner
    return node.lineno


# -- trees ---------------------------------------------------------------------------------------


class _Parser(Parser):
    """Jinja2's parser over tokens that carry their offset where theirs carry a line."""

    def __init__(self, source: str) -> None:
        super().__init__(TYPED, "")
        self.stream = TokenStream(TYPED.lexer.wrap(_placed(source), None, None), None, None)


def _placed(source: str) -> Iterator[tuple[int, str, str]]:
    """Each token with its offset. The lexer leaves out nothing but blanks, so a token is the next place where its text stands."""
    end = 0
    tokens = TYPED.lexer.tokeniter(source, None)
    while True:
        try:
            token = next(tokens, None)
        except TemplateSyntaxError as error:  # of the lexer, which knows the line
            raise TemplateSyntaxError(*_lexed(error.message or "", source, end)) from None
        if token is None:
            return
        _, kind, text = token
        start = source.index(text, end)
        if kind in {"integer", "float"} and (len(text) > LONGEST_NUMBER or not re.fullmatch(r"[0-9.]+", text)):
            raise TemplateSyntaxError(f"{_NUMBER} of at most {LONGEST_NUMBER} digits", start)
        end = start + len(text)
        yield start, kind, text


LONGEST_NUMBER = 15
_NUMBER = "write a plain number"


def _lexed(message: str, source: str, end: int) -> tuple[str, int]:
    """What the lexer can't read, and where."""
    found = re.match(r"unexpected char (.+) at (\d+)|unexpected '(.)'", message)
    if found is None:
        return message, end
    if found[2]:
        return f"unexpected char {found[1]}", int(found[2])
    return message, max(source.find(found[3], end), 0)


@lru_cache(maxsize=4096)
def parse(source: str) -> tuple[nodes.Template | None, Mistake | None]:
    """The tree, or why there is none. Kept: the check, the proof and every writing of a text share one tree."""
    raw = re.search(r"\{%[-+]?\s*(raw|autoescape|trans)\b", source)
    if raw:
        return None, (raw.start(1), f'"{raw[1]}" {NOT_PART}')
    try:
        return _Parser(source.replace("\r\n", "\n").replace("\r", "\n")).parse(), None
    except TemplateSyntaxError as error:
        return None, _syntax((error.message or "").replace("expected token ", "expected ").rstrip("."), error.lineno, source)
    except RecursionError:
        return None, (0, "nested too deep; write it simpler")


def _syntax(text: str, offset: int, source: str) -> Mistake:
    """Jinja2's sentence in our words."""
    if text.startswith(_NUMBER):
        return offset, text
    tag = re.match(r"Encountered unknown tag '(\w+)'", text)
    if tag and tag[1].startswith(("end", "el")):
        return offset, f'"{tag[1]}" has no "if" or "for" before it; remove it'
    if tag:
        return offset, f'"{tag[1]}" {NOT_PART}'
    still_open = re.search(r"innermost block that needs to be closed is '(\w+)'", text)
    if still_open:
        return _innermost(source), f'"{still_open[1]}" is still open; write {{% end{still_open[1]} %}} where it ends'
    text = text.replace("'", '"').replace('"end of print statement"', '"}}"').replace('"end of statement block"', '"%}"')
    return offset, text + SHAPES


def _innermost(source: str) -> int:
    """The tag of the last `if` or `for` that nothing ends."""
    still_open: list[int] = []
    for start, end in tags(source)[0]:
        word = re.match(r"\{%[-+]?\s*(end)?(if|for)\b", source[start:end])
        if word and not word[1]:
            still_open.append(start)
        elif word and still_open:
            still_open.pop()
    return still_open[-1] if still_open else 0
