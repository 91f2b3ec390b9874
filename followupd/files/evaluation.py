"""Running a checked template: one walk over its tree, step by step, under a limit.

Decides what each part of a tree is worth for given data. The tree itself is walked; no Python is made of it and nothing is
compiled, so that a template can do only what stands here, a failure has its exact place, and the first writing of a text
costs no more than the next. A tree that holds anything but what `language.py` lets through is refused, not guessed at.
What names and filters mean is the environment's (`sandbox.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, nodes

from followupd.files.sandbox import CannotRender, Data
from followupd.files.syntax import start_of

MOST_STEPS = 100_000
"""So many parts of trees are looked at for one text; 64 letters made by a filter, or compared, count as one. A loop over a long value could
otherwise go on for minutes, and a list of joined lists fill the memory."""

MAX_OUTPUT = 64 * 1024
"""So many bytes a text may have."""

TOO_LONG = f"the text grows over {MAX_OUTPUT // 1024} KB; shorten the template or the values in it"


class Inserted(str):
    """A piece of a text that a value has brought, and not the template."""

    __slots__ = ()


class Evaluation:
    """One walk. `pieces` is the text so far; after a failure `at` is what failed, and `offset` where it stands."""

    __slots__ = ("at", "environment", "left", "pieces", "room", "values")

    def __init__(self, environment: Any, values: Mapping[str, Any]) -> None:
        """`values` are plain data; loops add their own names to a copy."""
        self.environment = environment
        self.values = values
        self.pieces: list[str] = []
        self.at: nodes.Node | None = None
        self.left = MOST_STEPS
        self.room = MAX_OUTPUT

    @property
    def offset(self) -> int:
        """Of a filter its name, of anything else its beginning."""
        if self.at is None:
            return 0
        return self.at.lineno if isinstance(self.at, nodes.Filter) else start_of(self.at)

    def write(self, body: list[nodes.Node]) -> None:
        """Adds the text that a body makes."""
        for node in body:
            self.step()
            statement = _STATEMENTS.get(type(node))
            if statement is None:
                raise CannotRender("the template has mistakes; run: followupd check")
            statement(self, node)

    def value(self, node: nodes.Node) -> Any:
        """What an expression is worth. Raises what Python or the sandbox raises."""
        self.left -= 1
        worth = _WORTH.get(type(node))
        if self.left < 0 or worth is None:
            self.step(0)
            raise CannotRender("the template has mistakes; run: followupd check")
        return worth(self, node)

    def step(self, cost: int = 1) -> None:
        """Counts what was done. Raises `CannotRender` where it was too much."""
        self.left -= cost
        if self.left < 0:
            raise CannotRender("the text takes too long to make; shorten the template, or the values that it goes through")


# -- statements ----------------------------------------------------------------------------------


def _output(walk: Evaluation, node: nodes.Output) -> None:
    made = [part.data if type(part) is nodes.TemplateData else _inserted(walk, part) for part in node.nodes]
    if sum(map(len, made)) <= walk.room:  # letters: of bytes there are more
        text = "".join(made)
        walk.room -= len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        walk.pieces += made
        if walk.room >= 0:
            return
    raise CannotRender(TOO_LONG)


def _inserted(walk: Evaluation, node: nodes.Expr) -> Inserted:
    found = walk.value(node)
    if type(found) is str:
        return Inserted(found)
    walk.at = node
    return Inserted(walk.environment.finalize(found))


def _if(walk: Evaluation, node: nodes.If) -> None:
    for each in (node, *node.elif_):
        if walk.value(each.test):
            walk.write(each.body)
            return
    walk.write(node.else_)


def _for(walk: Evaluation, node: nodes.For) -> None:
    target = node.target
    assert isinstance(target, nodes.Name)  # the check lets no other through
    name, many = target.name, walk.value(node.iter)
    walk.at = node.iter
    if not isinstance(many, StrictUndefined | str | list | dict | tuple):
        raise CannotRender("a loop goes through a list only")
    outside, empty = walk.values, True
    for each in many:
        empty = False
        walk.values = {**outside, name: each}
        walk.write(node.body)
    walk.values = outside
    if empty:
        walk.write(node.else_)


_STATEMENTS: Mapping[type[nodes.Node], Callable[[Evaluation, Any], None]] = {
    nodes.Output: _output,
    nodes.If: _if,
    nodes.For: _for,
}

# -- expressions ---------------------------------------------------------------------------------


def _name(walk: Evaluation, node: nodes.Name) -> Any:
    if node.name in walk.values:
        return walk.values[node.name]
    walk.at = node
    return walk.environment.undefined(name=node.name)


def _getattr(walk: Evaluation, node: nodes.Getattr) -> Any:
    owner = walk.values.get(node.node.name) if type(node.node) is nodes.Name else None
    if type(owner) is Data:  # nearly always a column, and a text
        found = owner.get(node.attr)
        if type(found) is str and found:
            walk.left -= 1
            return found
    owner = walk.value(node.node)
    walk.at = node
    return walk.environment.getattr(owner, node.attr)


def _getitem(walk: Evaluation, node: nodes.Getitem) -> Any:
    owner, name = walk.value(node.node), walk.value(node.arg)
    walk.at = node
    return walk.environment.getitem(owner, name)


def _filter(walk: Evaluation, node: nodes.Filter) -> Any:
    if node.node is None or node.name not in walk.environment.filters:
        raise CannotRender("the template has mistakes; run: followupd check")
    values = [walk.value(node.node), *(walk.value(each) for each in node.args)]
    walk.at = node
    made = walk.environment.filters[node.name](*values)
    walk.step(1 + (len(made) // 64 if isinstance(made, str) else 0))
    return made


def _compare(walk: Evaluation, node: nodes.Compare) -> Any:
    left, result = walk.value(node.expr), True
    for operand in node.ops:
        right = walk.value(operand.expr)
        walk.at = node
        walk.step(sum(len(each) // 64 for each in (left, right) if isinstance(each, str | list | tuple)))
        result = _COMPARE[operand.op](left, right)
        if not result:
            return result
        left = right
    return result


def _chosen(walk: Evaluation, node: nodes.CondExpr) -> Any:
    if walk.value(node.test):
        return walk.value(node.expr1)
    if node.expr2 is not None:
        return walk.value(node.expr2)
    return walk.environment.undefined(hint='the short "if" has no "else" here')


_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}

_WORTH: Mapping[type[nodes.Node], Callable[[Evaluation, Any], Any]] = {
    nodes.Const: lambda _, node: node.value,
    nodes.Name: _name,
    nodes.Getattr: _getattr,
    nodes.Getitem: _getitem,
    nodes.Filter: _filter,
    nodes.Compare: _compare,
    nodes.CondExpr: _chosen,
    nodes.And: lambda walk, node: walk.value(node.left) and walk.value(node.right),
    nodes.Or: lambda walk, node: walk.value(node.left) or walk.value(node.right),
    nodes.Not: lambda walk, node: not walk.value(node.node),
    nodes.Neg: lambda walk, node: -walk.value(node.node),
    nodes.List: lambda walk, node: [walk.value(each) for each in node.items],
    nodes.Tuple: lambda walk, node: tuple(walk.value(each) for each in node.items),
}
"""What there is, and nothing else."""
