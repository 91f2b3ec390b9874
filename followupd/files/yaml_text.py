"""Reading YAML: text to plain values, with the place of every value.

Decides what is YAML here: one document, the types of YAML 1.2 that configuration needs (text, whole numbers, true, false,
null), so `no`, `on`, `9:30`, `0777` and dates stay the text that was typed. Size, depth and aliases are counted over the
events *before* anything is composed, because libyaml's composer recurses in C and dies of 30,000 brackets. Never opens a file, never makes an object of a class that a file names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from followupd.files.problems import Problem, shown

MAX_BYTES = 256 * 1024
MAX_CONFIG = 1024 * 1024  # of config.yaml: some 400 bytes for each mailbox, and a daemon may hold a thousand and more
MAX_DEPTH = 64
MAX_ALIASES = 50
MAX_VALUES = 50_000  # after aliases are followed

Place = tuple[int, int]
Location = tuple[int | str, ...]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The C loader without YAML 1.1's guesses."""

    yaml_implicit_resolvers: Mapping[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", "[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text as plain values, and the node tree that knows where each of them stands."""

    path: str
    data: Any
    root: yaml.Node
    first_line: int = 1

    def place(self, location: Location) -> Place:
        """Line and column of the value at `location`, or of the nearest thing above it that is there."""
        node, best = self.root, self.root.start_mark
        for step in location:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in _pairs(node) if key.value == str(step)), None)
                if pair is None:
                    continue  # a missing key, or a tag that pydantic put into the location
                key, node = pair
                best = max(key.start_mark, node.start_mark, key=lambda mark: (mark.line, mark.column))  # an alias points up
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                best = max(best, node.start_mark, key=lambda mark: (mark.line, mark.column))
        return self._of(best)

    def inside(self, location: Location, offset: int) -> Place:
        """Line and column of a character inside a text that stands on one line; else of the text."""
        node = self._node(location)
        line, column = self.place(location)
        if not isinstance(node, yaml.ScalarNode) or node.start_mark.line != node.end_mark.line:
            return line, column
        return line, column + offset + (1 if node.style in {'"', "'"} else 0)

    def has(self, location: Location) -> bool:
        """Whether the file itself says something at `location`."""
        return self._node(location) is not None

    def at(self, location: Location) -> Any:
        """The value at `location`; None where nothing stands."""
        node = self._node(tuple(part for part in location if not str(part).startswith("@")))
        return None if node is None else _value(node, {})

    def is_plain(self, location: Location) -> bool:
        """Whether the file has a plain value at `location`, and no keys or list."""
        return isinstance(self._node(tuple(part for part in location if not str(part).startswith("@"))), yaml.ScalarNode)

    def problem(self, location: Location, text: str) -> Problem:
        """A problem with the value at `location`, its dotted name in front."""
        return Problem(self.path, *self.place(location), f"{dotted(location)}: {text}" if location else text)

    def _node(self, location: Location) -> yaml.Node | None:
        node: yaml.Node | None = self.root
        for step in location:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in _pairs(node) if key.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                return None
        return node

    def _of(self, mark: Any) -> Place:
        return mark.line + self.first_line, mark.column + 1


def dotted(location: Location) -> str:
    """`("steps", 2, "after")` as people write it; tags that only pydantic knows begin with @ and are left out."""
    return ".".join(shown(part) for part in location if not str(part).startswith("@"))


# -- bytes to text -------------------------------------------------------------------------------


def decode(data: bytes, path: str) -> tuple[str | None, list[Problem]]:
    """A file's bytes as text with Unix line ends. A byte order mark is fine, any other encoding than UTF-8 is not."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [Problem(path, 1, 1, "this is UTF-16; save the file as UTF-8")]
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")
        return None, [Problem(path, line, len(before) + 1, f"byte {data[error.start]:02X} is not UTF-8; save the file as UTF-8")]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def unseen(text: str, path: str, first_line: int = 1) -> list[Problem]:
    """Control characters: nobody sees them, YAML refuses most of them, mail headers choke on them."""
    found = _UNSEEN.search(text)
    if found is None:
        return []
    line = text.count("\n", 0, found.start())
    column = found.start() - text.rfind("\n", 0, found.start())
    message = f"the character U+{ord(found.group()):04X} can't be seen and is not allowed; remove it"
    return [Problem(path, line + first_line, column, message)]


# -- text to values ------------------------------------------------------------------------------


def read(
    text: str, path: str, *, first_line: int = 1, begin: str = "", limit: int = MAX_BYTES
) -> tuple[Document | None, list[Problem]]:
    """A YAML text as plain values, or what is wrong with it. `begin` says what an empty file could begin with."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        return None, [too_big(path, size, first_line, limit)]
    problems = unseen(text, path, first_line)
    if problems:
        return None, problems
    try:
        problems = [] if _is_plain(text) else _count_events(text, path, first_line, begin)
        if problems:
            return None, problems
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(error, text, path, first_line)]
    except yaml.YAMLError as error:  # a reader error: no mark, only an offset
        return None, [Problem(path, first_line, 1, f"not YAML: {shown(error)}")]
    problems = sorted(_check_nodes(root, path, first_line))
    if problems:
        return None, problems
    if not isinstance(root, yaml.MappingNode):
        mark = root.start_mark
        text_for_people = f'write "key: value" lines here{begin and f"; begin with {begin}"}'
        return None, [Problem(path, mark.line + first_line, mark.column + 1, text_for_people)]
    return Document(path, _value(root, {}), root, first_line), []


def too_big(path: str, size: int, first_line: int = 1, limit: int = MAX_BYTES) -> Problem:
    """Told before a file is parsed or even read."""
    megabytes = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size // 1024 + 1} KB"
    return Problem(path, first_line, 1, f"{megabytes}; at most {limit // 1024} KB, split it or take something out")


def _is_plain(text: str) -> bool:
    """Whether a text can hold nothing that `_count_events` looks for: no tag, alias, second document, or depth.

    Collections open at an indent (a list and the keys in it may share one), at a "- " or "? ", or at a bracket. It has content
    where a line holds "key: value".
    """
    if _ODD.search(text) or not _CONTENT.search(text):
        return False
    deepest = max(
        (len(line) - len(line.lstrip(" ")) + line.count("- ") + line.count("? ") for line in text.split("\n")), default=0
    )
    return 2 * (deepest + 1) + text.count("[") + text.count("{") < MAX_DEPTH


_ODD = re.compile(r"[!&*%\t\r]|^(?:---|\.\.\.)", re.MULTILINE)
_CONTENT = re.compile(r"^[a-z_]+: *[^\s#~'\"n]", re.MULTILINE)


def _count_events(text: str, path: str, first_line: int, begin: str) -> list[Problem]:
    """Depth, aliases, tags and documents, before anything recursive sees the text."""

    def say(mark: Any, what: str) -> list[Problem]:
        return [Problem(path, mark.line + first_line, mark.column + 1, what)]

    depth = aliases = documents = 0
    content = False
    for event in yaml.parse(text, Loader=_Loader):
        tag = getattr(event, "tag", None)
        if tag and not (tag == "!" and isinstance(event, yaml.ScalarEvent)):
            name = tag.replace("tag:yaml.org,2002:", "!!")
            return say(event.start_mark, f'tags are not used here; remove "{shown(name)}"')
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                return say(event.start_mark, 'a second document begins here; keep one document a file, remove the "---"')
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MAX_ALIASES:
                return say(event.start_mark, f"more than {MAX_ALIASES} aliases; write the values out")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return say(event.start_mark, f"nested deeper than {MAX_DEPTH}; flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        content = content or (isinstance(event, yaml.NodeEvent) and (getattr(event, "value", None) not in {"", "null", "~"}))
    if not content:
        return [Problem(path, first_line, 1, f"empty file; delete it or start with {begin or 'a key'}")]
    return []


def _check_nodes(root: yaml.Node, path: str, first_line: int) -> Iterator[Problem]:
    """Duplicate keys, keys that are no text, and aliases that contain themselves or grow without end."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    found: list[Problem] = []

    def say(mark: Any, what: str) -> None:
        found.append(Problem(path, mark.line + first_line, mark.column + 1, what))

    def size(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            say(node.start_mark, "an alias that contains itself; write the values out")
            return 1
        if id(node) in sizes:
            return sizes[id(node)]
        open_nodes.add(id(node))
        total = 1
        if isinstance(node, yaml.MappingNode):
            _check_keys(node, say, first_line)
            total += sum(size(value) for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            total += sum(size(value) for value in node.value)
        open_nodes.discard(id(node))
        sizes[id(node)] = total
        return total

    if size(root) > MAX_VALUES and not found:
        say(root.start_mark, f"more than {MAX_VALUES} values; take something out, or write aliases out")
    return iter(found)


def _check_keys(node: yaml.MappingNode, say: Any, first_line: int) -> None:
    seen: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            braces = isinstance(key, yaml.MappingNode) and key.flow_style
            say(node.start_mark, 'text that begins with "{{" needs quotes around it' if braces else "a key must be a word")
        elif key.tag.endswith(":merge"):
            inner = value.value if isinstance(value, yaml.SequenceNode) else [value]
            if not all(isinstance(item, yaml.MappingNode) for item in inner):
                say(key.start_mark, 'write an alias of "key: value" lines after "<<", such as "<<: *usual"')
        elif key.value in seen:
            mark = seen[key.value].start_mark
            where = f"{mark.line + first_line}:{mark.column + 1}"
            say(key.start_mark, f'"{shown(key.value)}" is already given at {where}; keep one')
        else:
            seen[key.value] = key


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Keys and values, own ones first, then those that `<<` merges in."""
    for key, value in node.value:
        if not key.tag.endswith(":merge"):
            yield key, value
    for key, value in node.value:
        if key.tag.endswith(":merge"):
            for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                yield from _pairs(item)


def _value(node: yaml.Node, made: dict[int, Any]) -> Any:
    """The plain value of a node; an aliased node is made once and shared. Lists become tuples: nobody may change them."""
    if id(node) not in made:
        made[id(node)] = _make(node, made)
    return made[id(node)]


def _make(node: yaml.Node, made: dict[int, Any]) -> Any:
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key, value in _pairs(node):
            values.setdefault(key.value, _value(value, made))
        return values
    if isinstance(node, yaml.SequenceNode):
        return tuple(_value(item, made) for item in node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return node.value.lower() == "true"
    if kind == "int":
        return int(node.value)
    return None if kind == "null" else node.value


# -- libyaml's words and ours --------------------------------------------------------------------

_SYNTAX = (
    ("could not find expected ':'", 'expected ":" after this key; write "key: value"'),
    ("mapping values are not allowed", 'a ":" too many; put text that contains ": " in quotes, or look at the indentation'),
    ("did not find expected key", "expected a key here; look at the indentation and at quotes of the lines above"),
    ("did not find expected ',' or '}'", 'expected "," or "}"'),
    ("did not find expected ',' or ']'", 'expected "," or "]"'),
    ("did not find expected '-' indicator", 'expected "- " here; look at the indentation'),
    ("found unexpected end of stream", "the file ends here"),
    ("found unexpected document indicator", "the document ends here"),
    ("found undefined alias", "no such anchor above; write the value out"),
    ("found duplicate anchor", "this anchor is already given; keep one"),
    ("found unknown escape character", "no such escape; use single quotes for text with backslashes"),
    ("block sequence entries are not allowed", 'a "- " can\'t stand here; begin a new line for the list'),
    ("did not find expected alphabetic", 'a "*" or "&" at the beginning needs quotes around the text'),
)
LONGEST_KEY = 1024
_OPENED = (
    ("quoted scalar", "the quote"),
    ("flow mapping", "the brace"),
    ("flow sequence", "the bracket"),
)


_NO_SPACE_AFTER_DASH = re.compile(r"\s*-(?=[A-Za-z])")
_AFTER_QUOTE = re.compile(r"""\s*(?:- )*[\w-]+:\s+(?:"[^"]*"|'[^']*')\s*(?=[^\s#])""")
_BARE_BRACES = re.compile(r"\s*(?:- )*[\w-]+:\s+(?=\{[{%])")


def _slip(lines: list[str], number: int, column: int, problem: str, context: Any) -> tuple[int, int, str] | None:
    """A slip of the pen that libyaml sees only later or elsewhere: its line and column, from 0, and what to write."""
    line = lines[number] if number < len(lines) else ""
    above = next((before for before in range(number - 1, -1, -1) if lines[before].strip()), number)
    for each in (number, above):
        if each < len(lines) and (found := _NO_SPACE_AFTER_DASH.match(lines[each])):
            return each, found.end() - 1, 'a "-" needs a space after it: "- id: ..."'
    if "could not find expected ':'" in problem and context is not None and context.line < len(lines):
        key = lines[context.line]
        if "\u00a0" in key:
            return (
                context.line,
                key.index("\u00a0"),
                "this is no usual space (U+00A0 comes from word processors); write a space here",
            )
        return context.line, context.column, 'expected ":" and a space after this key; write "key: value"'
    if line[column : column + 2] in {"{{", "{%"} and "expected" in problem:
        return number, column, f'text that holds "{line[column : column + 2]}" needs quotes around all of it'
    if found := _BARE_BRACES.match(line):
        return number, found.end(), f'text that begins with "{line[found.end() : found.end() + 2]}" needs quotes around it'
    if "expected key" in problem and (found := _AFTER_QUOTE.match(line)):
        return number, found.end(), "text goes on after the closing quote; put all of it into single quotes"
    if "mapping values are not allowed" in problem and number != above and ": " not in line[:column] and line[:column].strip():
        return number, len(line) - len(line.lstrip()), "this line does not begin below the key above; look at the indentation"
    return None


_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Where a line ends for YAML, and so in the places that it names (YAML 1.1 section 5.4)."""


def _syntax(error: yaml.MarkedYAMLError, text: str, path: str, first_line: int) -> Problem:
    mark = error.problem_mark or error.context_mark
    problem, context = error.problem or "", error.context or ""
    if mark is None:
        return Problem(path, first_line, 1, f"not YAML: {shown(problem)}")
    if "mapping values are not allowed" in problem and mark.column > LONGEST_KEY:
        return Problem(path, mark.line + first_line, 1, f"a key of more than {LONGEST_KEY} characters; shorten it")
    lines = _BREAK.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    slip = _slip(lines, mark.line, mark.column, problem, error.context_mark)
    if slip:
        return Problem(path, slip[0] + first_line, slip[1] + 1, slip[2])
    if "tab character" in problem or (problem.startswith("found character") and line[mark.column : mark.column + 1] == "\t"):
        return Problem(path, mark.line + first_line, mark.column + 1, "a tab can't indent YAML; use spaces")
    if problem.startswith("found character"):
        what = f'text that begins with "{shown(line[mark.column : mark.column + 1])}" needs quotes around it'
    else:
        what = next((ours for theirs, ours in _SYNTAX if theirs in problem), f"not YAML: {shown(problem)}")
    opened = next((name for word, name in _OPENED if word in context), "")
    if opened and "escape" not in problem and error.context_mark is not None:
        start = error.context_mark
        what += f"; {opened} opened at {start.line + first_line}:{start.column + 1} is still open, close it"
    return Problem(path, mark.line + first_line, mark.column + 1, what)
