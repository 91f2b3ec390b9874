"""Every regular expression of the program, and for each the strings that are most likely to hang it.

An expression is slow where a repetition can match the same text in many ways. So the strings are made from its own parts: what
leads to a repetition, then what the repetition eats, thousands of times, then something that it can't end with.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import pkgutil
import re
import re._constants as sign
import re._parser as parser
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import followupd
from followupd.core.replies.words import Phrases

PACKAGE = Path(followupd.__file__).parent
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
POOL = "a A0 .-@<>\"':,\n\t/=_x+é中"
REPEATS = (sign.MAX_REPEAT, sign.MIN_REPEAT, sign.POSSESSIVE_REPEAT)
MANY = 10
"""A repetition that may run longer than this is worth an attack."""
END = "\0"


@dataclass(frozen=True)
class Expression:
    """One expression, how it is asked, and where it stands."""

    pattern: str | bytes
    flags: int
    method: str
    where: str

    def seconds(self, text: str) -> float:
        """Processor time that one question costs."""
        compiled = re.compile(self.pattern, self.flags)
        given: Any = text.encode("utf-8") if isinstance(self.pattern, bytes) else text
        begun = time.process_time()
        if self.method in ("search", "match", "fullmatch"):
            getattr(compiled, self.method)(given)
        else:
            for _ in compiled.finditer(given):
                pass
        return time.process_time() - begun


# -- where they are ------------------------------------------------------------------------------


@cache
def expressions() -> tuple[Expression, ...]:
    """All of the package: named ones with the methods that are called on their names, others as they are called."""
    sources = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    calls: dict[str, set[str]] = {}
    for path, source in sources.items():
        for name, method in re.findall(rf"\b([A-Z_][A-Z_0-9]*)\.({'|'.join(METHODS)})\(", source):
            for key in (name, f"{path} {name}"):
                calls.setdefault(key, set()).add(method)
    found: dict[tuple[str | bytes, int, str], str] = {}
    named = set()
    for module in _modules():
        for name, value in vars(module).items():
            for pattern, flags in _held(value):
                named.add(pattern)
                for method in calls.get(f"{module.__file__} {name}") or calls.get(name) or {"search"}:
                    found.setdefault((pattern, flags, method), f"{module.__name__}.{name}")
    for path, source in sources.items():
        for pattern, flags, method, line in _written(source):
            if pattern not in named:
                found.setdefault((pattern, flags, method), f"{path.relative_to(PACKAGE)}:{line}")
    return tuple(Expression(*key, where) for key, where in found.items())


def _modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(followupd.__path__, "followupd."):
        if not module.name.endswith("__main__") and "migrations" not in module.name and ".peers." not in module.name:
            yield importlib.import_module(module.name)


def _held(value: object, depth: int = 0) -> Iterator[tuple[str | bytes, int]]:
    """The expressions in a value of a module, inside of tables too."""
    unicode = re.UNICODE.value
    if isinstance(value, re.Pattern | Phrases):
        yield value.pattern, int(value.flags) & ~unicode
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _held(inner, depth)
    elif isinstance(value, tuple | list) and depth < 3:
        for inner in value:
            yield from _held(inner, depth + 1)
    elif type(value).__name__ == "Blame":
        yield from ((getattr(value, name), int(re.IGNORECASE)) for name in ("code", "status", "words"))


def _written(source: str) -> Iterator[tuple[str | bytes, int, str, int]]:
    """Calls such as `re.search("...")`, with their flags."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[first, *others]):
                with contextlib.suppress(ValueError, TypeError):
                    pattern = ast.literal_eval(first)
                    words = " ".join(ast.unparse(other) for other in [*others, *(one.value for one in node.keywords)])
                    flags = sum(int(getattr(re, name)) for name in re.findall(r"\bre\.([A-Z]+)\b", words))
                    if isinstance(pattern, str | bytes):
                        yield pattern, flags, method if method in METHODS else "search", node.lineno


# -- what hangs them -----------------------------------------------------------------------------


def attacks(expression: Expression) -> Iterator[tuple[str, str]]:
    """Pairs of what comes once and what comes again and again."""
    pattern = expression.pattern if isinstance(expression.pattern, str) else expression.pattern.decode("latin-1")
    tree = parser.parse(pattern, expression.flags & ~int(re.LOCALE))
    seen = {("", "")}
    for pair in [
        *islice(_pumps(tree), 400),
        *(("", pump) for pump in (_sample(tree), " ", "a", "0", "\n", " \n", "(", '"', "@", "-", ".")),
    ]:
        if pair not in seen and pair[1]:
            seen.add(pair)
            yield pair


def hostile(lead: str, pump: str, length: int) -> Iterator[str]:
    """Such a pair as texts of this length: the lead once, and the lead each time."""
    yield (lead + pump * (length // len(pump) + 1))[:length] + END
    if lead:
        yield ((lead + pump) * (length // len(lead + pump) + 1))[:length] + END


def _pumps(tree: Iterable[tuple[Any, Any]], lead: str = "") -> Iterator[tuple[str, str]]:
    nodes = list(tree)
    for at, (kind, value) in enumerate(nodes):
        here = lead + _sample(nodes[:at])
        if kind in REPEATS:
            _, most, body = value
            if most is sign.MAXREPEAT or most >= MANY:
                yield from ((here, text) for text in _ways(body))
            yield from _pumps(body, here)
        elif kind is sign.SUBPATTERN:
            yield from _pumps(value[3], here)
        elif kind is sign.ATOMIC_GROUP:
            yield from _pumps(value, here)
        elif kind is sign.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, here)


def _ways(body: Iterable[tuple[Any, Any]]) -> list[str]:
    """A few short texts that a repetition eats."""
    nodes = list(body)
    found = [_sample(nodes)]
    if len(nodes) == 1:
        kind, value = nodes[0]
        if kind is sign.IN:
            found += _letters(value)[:5]
        elif kind is sign.ANY:
            found += ["a", " ", "-"]
        elif kind is sign.BRANCH:
            found += [_sample(branch) for branch in value[1][:10]]
        elif kind is sign.SUBPATTERN:
            found += _ways(value[3])
    return [text for text in dict.fromkeys(found) if text]


def _sample(tree: Iterable[tuple[Any, Any]]) -> str:
    """A text that a part matches, roughly."""
    out = ""
    for kind, value in tree:
        match kind:
            case sign.LITERAL:
                out += chr(value)
            case sign.NOT_LITERAL:
                out += "b" if value == ord("a") else "a"
            case sign.ANY:
                out += "a"
            case sign.IN:
                out += (_letters(value) or ["a"])[0]
            case sign.BRANCH:
                out += _sample(value[1][0])
            case sign.SUBPATTERN:
                out += _sample(value[3])
            case sign.ATOMIC_GROUP:
                out += _sample(value)
            case _ if kind in REPEATS:
                out += _sample(value[2]) * min(value[0], 8)
    return out


def _letters(items: list[tuple[Any, Any]]) -> list[str]:
    """Letters of a set."""
    negated = items[0][0] is sign.NEGATE
    own = [chr(value if kind is sign.LITERAL else value[0]) for kind, value in items if kind in (sign.LITERAL, sign.RANGE)]
    return [letter for letter in dict.fromkeys([*POOL, *own]) if _is_in(letter, items[negated:]) != negated]


def _is_in(letter: str, items: list[tuple[Any, Any]]) -> bool:
    for kind, value in items:
        if kind is sign.LITERAL and value == ord(letter):
            return True
        if kind is sign.RANGE and value[0] <= ord(letter) <= value[1]:
            return True
        if kind is sign.CATEGORY:
            what = str(value)
            told = {"SPACE": letter.isspace(), "DIGIT": letter.isdigit(), "WORD": letter.isalnum() or letter == "_"}
            if told[what.rpartition("_")[2]] != ("_NOT_" in what):
                return True
    return False
