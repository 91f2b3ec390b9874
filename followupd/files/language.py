"""The language of templates: a small, listed part of Jinja2.

Decides what a template may say (output, plain data, if, one level of for, a few filters) by looking at its syntax tree,
node by node; whatever is not listed is refused, with its place. There is no arithmetic, no range, no call and no method,
so no template can take more time than its own length and its data explain. What passes is walked by `evaluation.py`, under
a cap on steps and on output. `{% if prospect.team %}` or `|default("...")` is the way to say what happens without a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import TemplateError, UndefinedError, nodes

from followupd.files.evaluation import MAX_OUTPUT, Evaluation
from followupd.files.problems import did_you_mean, shown
from followupd.files.sandbox import ARGUMENTS, FILTERS, NAMES, TYPED, CannotRender, plain
from followupd.files.syntax import NOT_PART, SHAPES, Finder, Mistake, parse, start_of, tags, text_only
from followupd.files.uses import Use, uses_of

__all__ = [
    "GROUPS", "MAX_OUTPUT", "CannotRender", "Misfit", "Mistake", "Named", "check", "check_expression", "data", "fields", "holds", "named", "named_in_condition",
    "needed", "pieces", "run", "text_only", "uses_in_condition",
]  # fmt: skip

GROUPS = NAMES - {"today"}
"""Names that have parts."""
MOST_MISTAKES = 50
"""So many are told of one text; who mends them sees the rest."""

# -- the check -----------------------------------------------------------------------------------

_FOREIGN = (
    re.compile(r"(?<![{$])\{ ?[A-Za-z_][A-Za-z0-9_. ]{0,40}\}(?!\})"),
    re.compile(r"\[\[ ?[A-Za-z_][A-Za-z0-9_. ]{0,40}\]\]"),
    re.compile(r"\*\|[A-Za-z_:]{1,40}\|\*"),
    re.compile(r"<<[A-Za-z_][A-Za-z0-9_ ]{0,40}>>"),
)

_Plain = (
    nodes.Template, nodes.TemplateData, nodes.Output, nodes.If, nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Filter,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.CondExpr, nodes.List, nodes.Tuple, nodes.Neg,
)  # fmt: skip
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
    """What is not part of the language in a template, with its offset: all of it, or the first fifty."""
    return list(_checked(source.rstrip("\n")))  # so that a message and the end of its file share one tree


@lru_cache(maxsize=4096)
def _checked(source: str) -> tuple[Mistake, ...]:
    text = text_only(source)
    found = [(match.start(), _foreign(match.group())) for pattern in _FOREIGN for match in pattern.finditer(text)]
    mistake = tags(source)[1]
    found += [mistake] if mistake else []
    tree = None
    if not found:
        tree, mistake = parse(source)
        found += [mistake] if mistake else []
    if tree is not None:
        found = list(islice(_refuse(tree, Finder(source), frozenset(), 0), MOST_MISTAKES))
    return tuple(sorted(set(found))[:MOST_MISTAKES])


def check_expression(source: str) -> list[Mistake]:
    """As `check`, for a bare expression such as `when:` holds. Offsets count in the expression."""
    if "}}" in source or "{{" in source or "{%" in source:
        return [(0, 'write the bare condition, without "{{ }}"')]
    found = [(max(0, offset - len(_OPEN)), _for_condition(text)) for offset, text in check(_wrapped(source))]
    return found or [(0, "this is more than one condition; write it on one line, without {# #}") for _ in _pieces(source)[1:]]


_OPEN = "{{ "


def _wrapped(source: str) -> str:
    return f"{_OPEN}{source} }}}}"


def _pieces(source: str) -> list[nodes.Node]:
    """The expressions of a condition: one, if nobody tried anything."""
    tree, _ = parse(_wrapped(source))
    return [part for output in tree.body for part in getattr(output, "nodes", [output])] if tree is not None else []


def _for_condition(text: str) -> str:
    text = text.replace('unexpected "}}"', "the condition stops too early").replace('"}}"', "the end of the condition")
    return (
        text.removesuffix(SHAPES) + '; write a condition such as "prospect.team_size|int >= 20"'
        if text.endswith(SHAPES)
        else text
    )


def _foreign(text: str) -> str:
    inner = re.sub(r"[^A-Za-z0-9_.]+", "_", text.strip("{}[]*|<> ")).lower()
    name = inner if "." in inner and inner.partition(".")[0] in NAMES else f"prospect.{inner}"
    return f"{text} looks like a merge field of another program; write {{{{ {name} }}}}"


def _refuse(node: nodes.Node, finder: Finder, loops: frozenset[str], depth: int) -> Iterator[Mistake]:
    """Walks the tree; a node type that is not listed ends the walk below it."""
    if depth > 60:
        yield node.lineno, "nested too deep; write it simpler"
        return
    match node:
        case nodes.Name(name=name) if name not in NAMES | loops:
            odd = "" if name.isascii() else " (it holds letters of another alphabet)"
            yield node.lineno, f'"{shown(name)}"{odd} is not known; {did_you_mean(name, NAMES | loops)}'
        case nodes.Getattr(attr=name) | nodes.Getitem(arg=nodes.Const(value=str(name))) if why := _odd_name(name):
            yield finder.word(node, name), why
            return
        case nodes.Getitem(arg=arg) if not isinstance(arg, nodes.Const):
            yield node.lineno, f"[...] with anything but a number or a name in quotes {NOT_PART}"
            return
        case nodes.Const(value=str(text)) if _UNSEEN.search(text):
            yield node.lineno, "this text holds a control character; remove it"
        case nodes.Filter():
            yield from _refuse_filter(node, finder)
        case nodes.For():
            yield from _refuse_for(node, finder, loops, depth)
            return
        case nodes.Output() | nodes.If():
            yield from _refuse_lists(node)
        case nodes.Test(name="defined"):
            yield (
                finder.find(node.lineno, r"\bis\b"),
                '"is defined" is not needed; the bare name asks the same, write {% if prospect.company %}',
            )
            return
        case _ if not isinstance(node, _Plain):
            yield _foreign_node(node, finder)
            return
    for child in node.iter_child_nodes():
        yield from _refuse(child, finder, loops, depth + 1)


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def _odd_name(name: str) -> str:
    """Why nothing can be called that."""
    if name.startswith("_"):
        return f'"{shown(name)}" {NOT_PART}'
    usual = unicodedata.normalize("NFKC", name)
    return "" if usual == name else f'"{shown(name)}" is typed with unusual letters; write "{shown(usual)}"'


def _refuse_lists(node: nodes.Output | nodes.If) -> Iterator[Mistake]:
    """A comma makes a list out of what was meant to be one value."""
    for part in node.nodes if isinstance(node, nodes.Output) else [node.test]:
        if isinstance(part, nodes.Tuple | nodes.List):
            yield start_of(part), 'a list can\'t be written out or asked; write one value, or "and" and "or"'


def _refuse_for(node: nodes.For, finder: Finder, loops: frozenset[str], depth: int) -> Iterator[Mistake]:
    if loops:
        yield node.lineno, f"a loop in a loop {NOT_PART}"
        return
    if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
        yield node.lineno, f"this form of for {NOT_PART}; write {{% for fact in learned %}}"
        return
    name = node.target.name
    if name in NAMES or name == "loop" or _odd_name(name):
        yield node.target.lineno, f'a loop can\'t call its value "{shown(name)}"; choose another name'
    for child, inner in (
        (node.iter, loops),
        *((each, loops | {name}) for each in node.body),
        *((each, loops) for each in node.else_),
    ):
        yield from _refuse(child, finder, inner, depth + 1)


def _foreign_node(node: nodes.Node, finder: Finder) -> Mistake:
    """What it is called by people who know Jinja2."""
    called = node.node if isinstance(node, nodes.Call) else None
    function = getattr(called, "attr", None) or getattr(called, "name", None)
    if called is not None and function:
        return finder.find(called.lineno, rf"{re.escape(function)}\s*\("), f'"{shown(function)}()" {NOT_PART}'
    word = _WORDS.get(type(node), type(node).__name__.lower())
    pattern = _LOOKS_LIKE.get(type(node), re.escape(word))
    return finder.find(node.lineno, pattern), f"{word if word == 'a call' else chr(34) + word + chr(34)} {NOT_PART}"


def _refuse_filter(node: nodes.Filter, finder: Finder) -> Iterator[Mistake]:
    least, most = ARGUMENTS.get(node.name, (0, 0))
    if node.name not in FILTERS:
        yield node.lineno, f'no filter "{shown(node.name)}"; {did_you_mean(node.name, FILTERS)}'
    elif node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None or not least <= len(node.args) <= most:
        example = {"default": 'default("you")', "join": 'join(", ")', "date": 'date("%d %B")'}.get(node.name, node.name)
        yield node.lineno, f"|{node.name} does not go like this; write |{example}"


# -- what a template needs -----------------------------------------------------------------------


def needed(source: str) -> frozenset[str]:
    """The prospect columns that a checked template uses with neither `default` nor a guarding `if` of that column."""
    return fields(source, "prospect")


@lru_cache(maxsize=4096)
def uses_in_condition(source: str) -> tuple[Use, ...]:
    """As `uses_of`, for a bare expression. Offsets count in the expression."""
    found = uses_of(_wrapped(source))
    return tuple(replace(use, offset=use.offset - len(_OPEN), part_offset=use.part_offset - len(_OPEN)) for use in found)


def fields(source: str, name: str) -> frozenset[str]:
    """The parts of `name` (`pick`, say) that a checked template uses with neither `default` nor an `if` of that part."""
    return frozenset(use.part for use in uses_of(source) if use.name == name and use.part and not (use.sure or use.asked))


# -- running -------------------------------------------------------------------------------------


class Misfit(CannotRender):
    """As `CannotRender`, with the offset of what failed."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text)
        self.offset = offset


Named = Mapping[str, frozenset[str] | None]
"""Names, and of each the parts that are asked for by name; None where it is spoken of as a whole."""


@lru_cache(maxsize=4096)
def named(sources: tuple[str, ...]) -> Named:
    """What of a scope these texts speak of."""
    trees = [tree for source in sources if (tree := _runnable(source)) is not None]
    spoken = Counter(node.name for tree in trees for node in tree.find_all(nodes.Name))
    parts: dict[str, list[str]] = {}
    inner: list[nodes.Getattr | nodes.Getitem] = []
    for tree in trees:
        inner += [*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)]
    for node in inner:
        part = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if isinstance(node.node, nodes.Name) and part is not None:
            parts.setdefault(node.node.name, []).append(str(part))
    # As often as it is spoken of, as often a part is named: else it stands alone somewhere.
    return {
        name: frozenset(found) if len(found := parts.get(name, [])) == spoken[name] else None for name in NAMES & spoken.keys()
    }


def named_in_condition(source: str) -> Named:
    """As `named`, for a bare expression."""
    return named((_wrapped(source),))


def data(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The scope as plain, labelled copies."""
    return {name: plain(value, name) for name, value in scope.items() if name in NAMES and value is not None}


def run(source: str, values: Mapping[str, Any]) -> str:
    """The rendered text. `values` come from `data`."""
    return "".join(pieces(source, values))


def pieces(source: str, values: Mapping[str, Any]) -> list[str]:
    """The rendered text in pieces; those that values have brought are `Inserted`."""
    tree = _runnable(source)
    if tree is None:
        raise CannotRender("the template has mistakes; run: followupd check")
    walk = Evaluation(TYPED, values)
    try:
        walk.write(tree.body)
    except (ValueError, ArithmeticError, TypeError, TemplateError) as error:
        raise Misfit(_why(error), walk.offset) from None
    return walk.pieces


@lru_cache(maxsize=4096)
def _runnable(source: str) -> nodes.Template | None:
    return None if _checked(source.rstrip("\n")) else parse(source)[0]


def holds(source: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition holds. What nobody knows does not hold; `|default` says otherwise."""
    condition = _condition(source)
    if condition is None:
        raise CannotRender("the condition has mistakes; run: followupd check")
    walk = Evaluation(TYPED, values)
    try:
        return bool(walk.value(condition))
    except UndefinedError:
        return False
    except (ValueError, ArithmeticError, TypeError, TemplateError) as error:
        raise Misfit(_why(error), max(0, walk.offset - len(_OPEN))) from None


@lru_cache(maxsize=4096)
def _condition(source: str) -> nodes.Node | None:
    return None if check_expression(source) else _pieces(source)[0]


def _why(error: Exception) -> str:
    if isinstance(error, CannotRender):
        return str(error)
    if isinstance(error, UndefinedError):
        return _missing(error)
    if isinstance(error, TypeError):
        return f"values of different kinds can't be compared: {shown(error)}; write |int for a number"
    return shown(error)


def _missing(error: UndefinedError) -> str:
    text = error.message or "a value is missing"
    found = re.match(r"'(\w+)' is undefined", text)
    text = f"{found[1]} is missing" if found else text
    name = text.partition(" is ")[0]
    if not name.startswith("prospect."):
        return f"{text}; the template can't be written without it"
    return f'{text}; fill it in, or write {{{{ {name}|default("...") }}}} in the template'
