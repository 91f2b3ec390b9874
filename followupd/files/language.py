"""The language of templates: a small, listed part of Jinja2.

Decides what a template may say (output, plain data, if, one level of for, a few filters) by looking at its syntax tree,
node by node; whatever is not listed is refused, with its place. There is no arithmetic, no range, no call and no method,
so no template can take more time than its own length and its data explain. What passes is run in the sandbox, under a
cap on the output. `{% if prospect.team %}` or `|default("...")` is the way to say what happens without a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.parser import Parser

from followupd.files.problems import did_you_mean, shown
from followupd.files.sandbox import ARGUMENTS, FILTERS, MARKDOWN, NAMES, TYPED, CannotRender, plain

MAX_OUTPUT = 64 * 1024

Mistake = tuple[int, str]
"""Where in the source (an offset), and what is wrong."""

# -- the check -----------------------------------------------------------------------------------

_OPENERS = re.compile(r"\{[{%#]|[}%#]\}")
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_FOREIGN = (
    re.compile(r"(?<![{$])\{ ?[A-Za-z_][A-Za-z0-9_. ]{0,40}\}(?!\})"),
    re.compile(r"\[\[ ?[A-Za-z_][A-Za-z0-9_. ]{0,40}\]\]"),
    re.compile(r"\*\|[A-Za-z_:]{1,40}\|\*"),
    re.compile(r"<<[A-Za-z_][A-Za-z0-9_ ]{0,40}>>"),
)
_SHAPES = "; write {{ ... }} or {% if ... %} ... {% endif %}"
_NOT_PART = 'is not part of the template language; see "Templates" in the manual'

_Plain = (nodes.TemplateData, nodes.Const, nodes.And, nodes.Or, nodes.Not, nodes.Output, nodes.Template, nodes.Operand)
_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.Call: "a call",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Test: "is",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Concat: "~",
    nodes.Slice: "[:]",
    nodes.Dict: "{}",
    nodes.With: "with",
}
_LOOKS_LIKE: Mapping[type[nodes.Node], str] = {nodes.Call: r"\(", nodes.Slice: ":", nodes.Dict: r"\{(?=[^{%])"}


def check(source: str) -> list[Mistake]:
    """Everything in a template that is not part of the language, with its offset."""
    tags, found = _tags(source)
    masked = _masked(source, tags)
    found += [(match.start(), _foreign(match.group())) for pattern in _FOREIGN for match in pattern.finditer(masked)]
    tree = None
    if not found:
        tree, found = _parse(source)
    if tree is not None:
        found = list(_refuse(tree, _Finder(source), frozenset(), 0))
    return sorted(set(found))


def check_expression(source: str) -> list[Mistake]:
    """As `check`, for a bare expression such as `when:` holds. Offsets count in the expression."""
    if "}}" in source or "{{" in source or "{%" in source:
        return [(0, 'write the bare condition, without "{{ }}"')]
    return [(max(0, offset - 3), _for_condition(text)) for offset, text in check("{{ " + source + " }}")]


def _for_condition(text: str) -> str:
    text = text.replace('unexpected "}}"', "the condition stops too early").replace('"}}"', "the end of the condition")
    return (
        text.removesuffix(_SHAPES) + '; write a condition such as "prospect.team_size|int >= 20"'
        if text.endswith(_SHAPES)
        else text
    )


def _foreign(text: str) -> str:
    inner = re.sub(r"[^A-Za-z0-9_.]+", "_", text.strip("{}[]*|<> ")).lower()
    name = inner if "." in inner and inner.partition(".")[0] in NAMES else f"prospect.{inner}"
    return f"{text} looks like a merge field of another program; write {{{{ {name} }}}}"


def _tags(source: str) -> tuple[list[tuple[int, int]], list[Mistake]]:
    """Where the tags are; the first one without an end (or end without a tag) is a mistake and ends the search."""
    spans: list[tuple[int, int]] = []
    start = 0
    while found := _OPENERS.search(source, start):
        mark = found.group()
        if mark in _CLOSERS:
            end = source.find(_CLOSERS[mark], found.end())
            if end < 0:
                return spans, [(found.start(), f'"{mark}" is not closed; write "{_CLOSERS[mark]}" at its end')]
            start = end + 2
            spans.append((found.start(), start))
        elif mark == "}}":
            return spans, [(found.start(), '"}}" closes nothing; write "{{" before the name')]
        else:
            start = found.end()
    return spans, []


def _masked(source: str, tags: list[tuple[int, int]]) -> str:
    """The source with its tags blanked out, so that what is left is text and every offset still holds."""
    pieces, last = [], 0
    for start, end in tags:
        pieces += [source[last:start], re.sub(r"[^\n]", " ", source[start:end])]
        last = end
    return "".join([*pieces, source[last:]])


def text_only(source: str) -> str:
    """The source with its tags blanked out: what stands there for everybody, each character in its place."""
    return _masked(source, _tags(source)[0])


def _parse(source: str) -> tuple[nodes.Template | None, list[Mistake]]:
    raw = re.search(r"\{%[-+]?\s*(raw|autoescape|trans)\b", source)
    if raw:
        return None, [(raw.start(1), f'"{raw[1]}" {_NOT_PART}')]
    parser = None
    try:
        parser = Parser(TYPED, source)
        return parser.parse(), []
    except TemplateSyntaxError as error:
        word = str(parser.stream.current.value) if parser is not None else ""
        text = (error.message or "").replace("expected token ", "expected ").rstrip(".")
        return None, [(_Finder(source).find(error.lineno, re.escape(word)), _syntax(text))]
    except RecursionError:
        return None, [(0, "nested too deep; write it simpler")]


def _syntax(text: str) -> str:
    """Jinja2's sentence in our words."""
    tag = re.match(r"Encountered unknown tag '(\w+)'", text)
    if tag and tag[1].startswith(("end", "el")):
        return f'"{tag[1]}" has no "if" or "for" before it; remove it'
    if tag:
        return f'"{tag[1]}" {_NOT_PART}'
    still_open = re.search(r"innermost block that needs to be closed is '(\w+)'", text)
    if still_open:
        return f'"{still_open[1]}" is still open; write {{% end{still_open[1]} %}} where it ends'
    text = text.replace("'", '"').replace('"end of print statement"', '"}}"').replace('"end of statement block"', '"%}"')
    return text + _SHAPES


class _Finder:
    """Where a word of the syntax tree stands: Jinja2 keeps lines only, so it is looked up inside that line's tags."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self.tags = _tags(source)[0]

    def find(self, line: int, pattern: str) -> int:
        """The offset of the first match in the tags of a line, else of its first tag, else of the line."""
        start = self.starts[min(line, len(self.starts)) - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.source)
        inside = [(max(low, start), min(high, end)) for low, high in self.tags if low < end and high > start]
        for low, high in inside:
            match = re.compile(pattern).search(self.source, low, high) if pattern else None
            if match:
                return match.start()
        return inside[0][0] if inside else start

    def word(self, node: nodes.Node, name: str) -> int:
        return self.find(node.lineno, rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")


def _refuse(node: nodes.Node, finder: _Finder, loops: frozenset[str], depth: int) -> Iterator[Mistake]:
    """Walks the tree; a node type that is not listed ends the walk below it."""
    inner = loops
    if depth > 60:
        yield finder.find(node.lineno, ""), "nested too deep; write it simpler"
        return
    match node:
        case nodes.Name(name=name) if name not in NAMES | loops:
            yield finder.word(node, name), f'"{shown(name)}" is not known; {did_you_mean(name, NAMES | loops)}'
        case nodes.Getattr(attr=name) | nodes.Getitem(arg=nodes.Const(value=str(name))) if name.startswith("_"):
            yield finder.word(node, name), f'"{shown(name)}" {_NOT_PART}'
            return
        case nodes.Getitem(arg=arg) if not isinstance(arg, nodes.Const):
            yield finder.find(node.lineno, r"\["), f"[...] with anything but a number or a name in quotes {_NOT_PART}"
            return
        case nodes.Filter():
            yield from _refuse_filter(node, finder)
        case nodes.For():
            if loops:
                yield finder.word(node, "for"), f"a loop in a loop {_NOT_PART}"
                return
            if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
                yield finder.word(node, "for"), f"this form of for {_NOT_PART}; write {{% for item in prospect.items %}}"
                return
            inner = loops | {node.target.name}
        case nodes.Test(name="defined"):
            yield (
                finder.word(node, "is"),
                '"is defined" is not needed; the bare name asks the same, write {% if prospect.company %}',
            )
            return
        case (
            nodes.Name()
            | nodes.Getattr()
            | nodes.Getitem()
            | nodes.If()
            | nodes.CondExpr()
            | nodes.Compare()
            | nodes.List()
            | nodes.Tuple()
            | nodes.Neg()
        ):
            pass
        case _ if not isinstance(node, _Plain):
            called = node.node if isinstance(node, nodes.Call) else None
            function = getattr(called, "attr", None) or getattr(called, "name", None)
            if function:
                yield finder.find(node.lineno, rf"{re.escape(function)}\s*\("), f'"{shown(function)}()" {_NOT_PART}'
                return
            word = _WORDS.get(type(node), type(node).__name__.lower())
            pattern = _LOOKS_LIKE.get(type(node), re.escape(word))
            yield finder.find(node.lineno, pattern), f"{word if word == 'a call' else chr(34) + word + chr(34)} {_NOT_PART}"
            return
    for child in node.iter_child_nodes():
        if not (isinstance(node, nodes.For) and child is node.target):
            yield from _refuse(
                child, finder, inner if not isinstance(node, nodes.For) or child in node.body else loops, depth + 1
            )


def _refuse_filter(node: nodes.Filter, finder: _Finder) -> Iterator[Mistake]:
    least, most = ARGUMENTS.get(node.name, (0, 0))
    if node.name not in FILTERS:
        yield finder.word(node, node.name), f'no filter "{shown(node.name)}"; {did_you_mean(node.name, FILTERS)}'
    elif node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None or not least <= len(node.args) <= most:
        example = {"default": 'default("you")', "join": 'join(", ")', "date": 'date("%d %B")'}.get(node.name, node.name)
        yield finder.word(node, node.name), f"|{node.name} does not go like this; write |{example}"


# -- what a template needs -----------------------------------------------------------------------


def needed(source: str) -> frozenset[str]:
    """The prospect columns that a checked template uses with neither `default` nor a guarding `if` of that column."""
    tree, _ = _parse(source)
    return frozenset(_needs(tree, frozenset())) if tree is not None else frozenset()


def _column(node: nodes.Node | None) -> str | None:
    match node:
        case nodes.Getattr(node=nodes.Name(name="prospect"), attr=name):
            return str(name)
        case nodes.Getitem(node=nodes.Name(name="prospect"), arg=nodes.Const(value=str(name))):
            return name
    return None


def _needs(node: nodes.Node, given: frozenset[str]) -> Iterator[str]:
    match node:
        case nodes.If(test=test, body=body, elif_=elif_, else_=else_):
            yield from _tested(test, given)
            for child in body:
                yield from _needs(child, given | _sure(test))
            for child in (*elif_, *else_):
                yield from _needs(child, given | _sure_not(test))
        case nodes.CondExpr(test=test, expr1=yes, expr2=no):
            yield from _tested(test, given)
            yield from _needs(yes, given | _sure(test))
            if no is not None:
                yield from _needs(no, given | _sure_not(test))
        case nodes.Filter(name="default", node=value, args=args):
            if _column(value) is None and value is not None:
                yield from _needs(value, given)
            for child in args:
                yield from _needs(child, given)
        case nodes.And() | nodes.Or() | nodes.Not():
            yield from _tested(node, given)
        case _ if _column(node) is not None:
            column = _column(node)
            if column not in given and column is not None:
                yield column
        case _:
            for child in node.iter_child_nodes():
                yield from _needs(child, given)


def _tested(node: nodes.Node, given: frozenset[str]) -> Iterator[str]:
    """A column that is only asked whether it is there is not needed; one that is compared is."""
    match node:
        case nodes.And(left=left, right=right):
            yield from _tested(left, given)
            yield from _tested(right, given | _sure(left))
        case nodes.Or(left=left, right=right):
            yield from _tested(left, given)
            yield from _tested(right, given | _sure_not(left))
        case nodes.Not(node=inner):
            yield from _tested(inner, given)
        case _ if _column(node) is None:
            yield from _needs(node, given)


def _sure(test: nodes.Node) -> frozenset[str]:
    """The columns that are there when the test holds."""
    match test:
        case nodes.And(left=left, right=right):
            return _sure(left) | _sure(right)
        case nodes.Not(node=inner):
            return _sure_not(inner)
    column = _column(test)
    return frozenset({column}) if column else frozenset()


def _sure_not(test: nodes.Node) -> frozenset[str]:
    """The columns that are there when the test does not hold."""
    match test:
        case nodes.Or(left=left, right=right):
            return _sure_not(left) | _sure_not(right)
        case nodes.Not(node=inner):
            return _sure(inner)
    return frozenset()


# -- running -------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _compiled(source: str, markdown: bool) -> Any:
    if check(source):
        raise CannotRender("the template has mistakes; run: followupd check")
    return (MARKDOWN if markdown else TYPED).from_string(source)


@lru_cache(maxsize=512)
def _condition(source: str) -> Any:
    if check_expression(source):
        raise CannotRender("the condition has mistakes; run: followupd check")
    return TYPED.from_string("{% if " + source + " %}1{% endif %}")


def data(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The scope as plain, labelled copies."""
    return {name: plain(value, name) for name, value in scope.items() if name in NAMES and value is not None}


def run(source: str, values: Mapping[str, Any], *, markdown: bool = False) -> str:
    """The rendered text. `values` come from `data`; with `markdown` they are escaped for Markdown."""
    template = _compiled(source, markdown)
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(values):
            pieces.append(piece)
            size += len(piece.encode("utf-8", "surrogatepass"))
            if size > MAX_OUTPUT:
                raise CannotRender(f"the text grows over {MAX_OUTPUT // 1024} KB; shorten the template or the values in it")
    except UndefinedError as error:
        raise CannotRender(_missing(error)) from None
    except TypeError as error:
        raise CannotRender(f"values of different kinds can't be compared: {shown(error)}; write |int for a number") from None
    except TemplateError as error:
        raise CannotRender(shown(error)) from None
    return "".join(pieces)


def holds(source: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition holds. What nobody knows does not hold; `|default` says otherwise."""
    try:
        return bool(_condition(source).render(values))
    except UndefinedError:
        return False
    except TypeError as error:
        raise CannotRender(f"values of different kinds can't be compared: {shown(error)}; write |int for a number") from None
    except TemplateError as error:
        raise CannotRender(shown(error)) from None


def _missing(error: UndefinedError) -> str:
    text = error.message or "a value is missing"
    found = re.match(r"'(\w+)' is undefined", text)
    text = f"{found[1]} is missing" if found else text
    name = text.partition(" is ")[0]
    if not name.startswith("prospect."):
        return f"{text}; the template can't be written without it"
    return f'{text}; fill it in, or write {{{{ {name}|default("...") }}}} in the template'
