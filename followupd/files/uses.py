"""Which names a template uses, where, and which of them it can do without.

Decides from the syntax tree alone, with no values at hand: a part such as `prospect.company` is *sure* where `default`
follows it, or where an `if` on the same part has let only people through who have it. Never runs anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import nodes

from followupd.files.syntax import Finder, parse

Path = tuple[str, str]
Given = frozenset[Path]


@dataclass(frozen=True, slots=True)
class Use:
    """One place that speaks of `name.part`; `part` is empty where it speaks of the name alone.

    `asked`: an `if` only wants to know whether it is there. `group`: an `if` has made sure of the name, not of the part.
    `filters` are those that it goes through, `below` what is asked of the part as if it had parts of its own. `beside` is
    the number that it is compared with, and `looped` says that a loop goes through it.
    """

    name: str
    part: str
    offset: int
    part_offset: int
    sure: bool = False
    group: bool = False
    asked: bool = False
    looped: bool = False
    filters: tuple[str, ...] = ()
    below: str = ""
    beside: str = ""


@lru_cache(maxsize=4096)
def uses_of(source: str) -> tuple[Use, ...]:
    """The uses of a checked template, in the order in which they stand."""
    tree, _ = parse(source)
    if tree is None:
        return ()
    return tuple(sorted(_Reader(source).read(tree, frozenset()), key=lambda use: use.offset))


class _Reader:
    def __init__(self, source: str) -> None:
        self.finder = Finder(source)
        self.loops: frozenset[str] = frozenset()

    def read(self, node: nodes.Node, given: Given) -> Iterator[Use]:
        """Everything below a node. `given` are the names and parts that are certainly there."""
        match node:
            case nodes.If():
                yield from self._if(node, given)
            case nodes.CondExpr(test=test, expr1=yes, expr2=no):
                yield from self.tested(test, given)
                yield from self.read(yes, given | _sure(test))
                if no is not None:
                    yield from self.read(no, given | _sure_not(test))
            case nodes.And() | nodes.Or() | nodes.Not():
                yield from self.tested(node, given)
            case nodes.For(target=nodes.Name(name=name), iter=many, body=body, else_=else_):
                yield from self._looped(many, given)
                self.loops |= {name}
                for child in body:
                    yield from self.read(child, given)
                self.loops -= {name}
                for child in else_:
                    yield from self.read(child, given)
            case nodes.Filter(node=nodes.Node()):
                yield from self._filtered(node, given)
            case nodes.Compare():
                yield from self._compared(node, given)
            case _ if path_of(node) is not None:
                yield from self._used(node, given)
            case _:
                for child in node.iter_child_nodes():
                    yield from self.read(child, given)

    def tested(self, node: nodes.Node, given: Given) -> Iterator[Use]:
        """A part that is only asked whether it is there is not needed; one that is compared is."""
        match node:
            case nodes.And(left=left, right=right):
                yield from self.tested(left, given)
                yield from self.tested(right, given | _sure(left))
            case nodes.Or(left=left, right=right):
                yield from self.tested(left, given)
                yield from self.tested(right, given | _sure_not(left))
            case nodes.Not(node=inner):
                yield from self.tested(inner, given)
            case _ if path_of(node) is not None:
                yield from self._used(node, given, asked=True)
            case _:
                yield from self.read(node, given)

    def _if(self, node: nodes.If, given: Given) -> Iterator[Use]:
        for each in (node, *node.elif_):
            yield from self.tested(each.test, given)
            for child in each.body:
                yield from self.read(child, given | _sure(each.test))
            given |= _sure_not(each.test)
        for child in node.else_:
            yield from self.read(child, given)

    def _looped(self, many: nodes.Node, given: Given) -> Iterator[Use]:
        if path_of(many) is None:
            yield from self.read(many, given)
        else:
            yield from self._used(many, given, looped=True)

    def _filtered(self, node: nodes.Filter, given: Given) -> Iterator[Use]:
        inner, filters = _through(node)
        if path_of(inner) is None:
            yield from self.read(inner, given)
        else:
            yield from self._used(inner, given, sure=filters[0] == "default", filters=filters)
        each: nodes.Node | None = node
        while isinstance(each, nodes.Filter):
            for child in each.args:
                yield from self.read(child, given)
            each = each.node

    def _compared(self, node: nodes.Compare, given: Given) -> Iterator[Use]:
        sides = [node.expr, *(each.expr for each in node.ops)]
        number = next((str(each.value) for each in sides if isinstance(each, nodes.Const) and _is_number(each.value)), "")
        for each in sides:
            if path_of(each) is None:
                yield from self.read(each, given)
            else:
                yield from self._used(each, given, beside=number)

    def _used(
        self, node: nodes.Node, given: Given, *, sure: bool = False, asked: bool = False, looped: bool = False,
        filters: tuple[str, ...] = (), beside: str = "",
    ) -> Iterator[Use]:  # fmt: skip
        path = path_of(node)
        if path is None or path[0] in self.loops:
            return
        (name, part), owner, below = path, node, ""
        while isinstance(owner, nodes.Getattr | nodes.Getitem) and not isinstance(owner.node, nodes.Name):
            below, owner = _part(owner), owner.node
        offset = owner.node.lineno if isinstance(owner, nodes.Getattr | nodes.Getitem) else owner.lineno
        yield Use(
            name=name, part=part, offset=offset, part_offset=self.finder.word(owner, part) if part else offset,
            sure=path in given or (sure and not below), group=(name, "") in given, asked=asked and not below, looped=looped,
            filters=filters, below=below, beside=beside,
        )  # fmt: skip


def path_of(node: nodes.Node | None) -> Path | None:
    """`("prospect", "company")` for `prospect.company`, `prospect["company"]` and anything below it; one name alone: `("today", "")`."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        parts.append(_part(node))
        node = node.node
    return (node.name, parts[-1] if parts else "") if isinstance(node, nodes.Name) else None


def _part(node: nodes.Getattr | nodes.Getitem) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _through(node: nodes.Filter) -> tuple[nodes.Node, tuple[str, ...]]:
    """What a chain of filters begins with, and their names in the order in which they are applied."""
    filters: list[str] = []
    inner: nodes.Node = node
    while isinstance(inner, nodes.Filter) and inner.node is not None:
        filters.insert(0, inner.name)
        inner = inner.node
    return inner, tuple(filters)


# -- what an `if` makes sure of ------------------------------------------------------------------


def _sure(test: nodes.Node) -> Given:
    """What is there when the test holds. Where a part is, its name is."""
    match test:
        case nodes.And(left=left, right=right):
            return _sure(left) | _sure(right)
        case nodes.Or(left=left, right=right):
            return _sure(left) & _sure(right)
        case nodes.Not(node=inner):
            return _sure_not(inner)
    path = path_of(test)
    return frozenset({path, (path[0], "")}) if path else frozenset()


def _sure_not(test: nodes.Node) -> Given:
    """What is there when the test does not hold."""
    match test:
        case nodes.Or(left=left, right=right):
            return _sure_not(left) | _sure_not(right)
        case nodes.And(left=left, right=right):
            return _sure_not(left) & _sure_not(right)
        case nodes.Not(node=inner):
            return _sure(inner)
    return frozenset()
