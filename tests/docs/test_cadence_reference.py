"""docs/cadence.md is true: each example is loaded and played, and each table of keys is complete and names the real defaults."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from followupd.channels import CHANNELS, EmailFields
from followupd.channels.kinds import KINDS, TaskFields
from followupd.channels.phrases import OPT_OUT
from followupd.channels.scope import SCOPE
from followupd.cli import test as tests_command
from followupd.core import learned, when
from followupd.core.answers import DEFAULT_EFFECTS
from followupd.core.inbound import read_message
from followupd.core.model import Outcome, Reason, ReplyKind
from followupd.core.replies import kinds
from followupd.files import cadence, cadence_tests, config, content, language, sheet, templates, words, yaml_text
from followupd.files.cadence import cadence_model, read_cadence
from followupd.files.sandbox import FILTERS
from tests.docs import examples, pages

PAGE = pages.read(examples.ROOT / "docs/cadence.md")
TEXT = (examples.ROOT / "docs/cadence.md").read_text("utf-8")
BLOCKS = [block for block in PAGE.blocks if block.language in {"yaml", "markdown"}]
DIARIES = [block for block in BLOCKS if block.text.startswith("# tests/")]
EXAMPLES = [block for block in BLOCKS if block not in DIARIES]


# -- examples ------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: f"{block.line}-{block.section}")
def test_example(block: pages.Block, tmp_path: Path) -> None:
    """The block is in order, and what the tables below it say is what happens."""
    files = examples.files_of(block)
    examples.write(tmp_path, files, block.tables)
    workspace = examples.load(tmp_path)
    assert [str(problem) for problem in workspace.problems] == []
    wrong = [
        f"docs/cadence.md:{table.line + 2 + number}: {why}"
        for table in examples.shown(block.tables)
        for number, row in enumerate(table.rows)
        for why in examples.check_row(tmp_path, files, workspace, table.head, row)
    ]
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("block", DIARIES, ids=lambda block: f"{block.line}")
def test_diary(block: pages.Block, tmp_path: Path) -> None:
    """The example of a cadence test passes on the starter set."""
    for part in ("cadences", "templates", "content"):
        shutil.copytree(examples.ROOT / part, tmp_path / part)
    path = block.text.partition("\n")[0].removeprefix("# ")
    examples.write(tmp_path, {path: block.text}, [])
    workspace = examples.load(tmp_path)
    files, problems = tests_command.gather(workspace)
    assert [str(problem) for problem in problems] == []
    tallies = tests_command.played(workspace, [case for file in files for case in file.cases])
    assert [result.fine for tally in tallies for result in tally.results] == [True]


def test_the_examples_show_something() -> None:
    """The page is not vacuous: dozens of rows are played, and no table is left out."""
    rows = [row for block in EXAMPLES for table in examples.shown(block.tables) for row in table.rows]
    assert len(rows) > 60
    played = {table.line for block in EXAMPLES for table in block.tables}
    lost = [table.line for tables in PAGE.tables.values() for table in examples.shown(tables) if table.line not in played]
    assert lost == []


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (("saved", "`thanks`"), ("Thu 12 Nov 2026 10:00", "Thu 12 Nov 10:01")),
        (("saved", "`thanks`"), ("Thu 12 Nov 2026 10:00", "Thu 12 Nov 10:00 (Goodbye)")),
        (("saved", "`thanks`"), ("Thu 12 Nov 2026 10:00", "never")),
        (("saved", "`idea`", "then"), ("Thu 12 Nov 2026 10:00", "skipped", "")),
        (("saved", "then"), ("Thu 12 Nov 2026 10:00", "finished `no`")),
        (("saved", "then"), ("Thu 12 Nov 2026 10:00", "held")),
        (("saved", "meanwhile", "then"), ("Thu 12 Nov 2026 10:00", 'Fri 13 Nov 10:00 she writes "No, thanks."', "finished `silent`")),
    ],
)  # fmt: skip
def test_what_is_not_so_is_noticed(head: tuple[str, ...], row: tuple[str, ...], tmp_path: Path) -> None:
    """A table that says something false fails."""
    files = examples.files_of(EXAMPLES[0])
    examples.write(tmp_path, files, [])
    assert examples.check_row(tmp_path, files, examples.load(tmp_path), head, row)


# -- tables of keys ------------------------------------------------------------------------------

HEAD = ("key", "meaning", "if you leave it out")

KEYS: dict[tuple[str, int], tuple[type[BaseModel], set[str]]] = {
    ("The head", 0): (cadence_model(CHANNELS), set()),
    ("Steps", 0): (cadence.StepPart, set(CHANNELS)),
    ("Deadlines", 0): (cadence.WithinPart, set()),
    ("Mails", 0): (EmailFields, set()),
    ("Mails", 1): (cadence.Pick, set()),
    ("Tasks", 0): (TaskFields, set()),
    ("Limits", 0): (cadence.LimitsPart, set()),
    ("What follows from an answer", 0): (cadence.EffectPart, set()),
    ("When nobody answers", 0): (cadence.EndPart, set()),
    ("Messages", 0): (templates.MessageHead, set()),
    ("Messages", 1): (templates.TaskHead, set()),
    ("The content shelf", 0): (content.ItemHead, set()),
    ("The content shelf", 1): (words.WordsTable, set()),
    ("What is handed back", 0): (config.IntakePart, set()),
    ("What the configuration says for all", 0): (config.Defaults, set()),
    ("The file, and each test", 0): (cadence_tests.CasePart, {"about", "tests"}),
}
"""By section, and the number of its table of keys: the model, and keys that stand there beside the model's."""


def _key_tables(section: str) -> list[pages.Table]:
    return [table for table in PAGE.tables.get(section, []) if table.head[:1] == ("key",) and table.head[-1] == HEAD[-1]]


@pytest.mark.parametrize(("section", "number"), KEYS)
def test_keys(section: str, number: int) -> None:
    """A table of keys names each key that there is, no other one, and the default where it is a value."""
    model, more = KEYS[section, number]
    table = _key_tables(section)[number]
    told = {pages.plain(row[0]): row for row in table.rows}
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert set(told) == set(fields) | more
    assert [key for key, row in told.items() if not row[1]] == []
    wrong = {
        key: (row, default)
        for key, row in told.items()
        if key in fields and (default := _default(fields[key])) and default not in row[-1]
    }
    assert wrong == {}


def _default(field: Any) -> str:
    """What the table has to say of a default; nothing where it says in words what happens without the key."""
    if field.is_required():
        return "it is needed"
    match field.default:
        case bool(value):
            return f"`{str(value).lower()}`"
        case int(value) | str(value) if value != "":
            return f"`{value}`"
        case ("owner",) | ("prospect",):
            return f"`{field.default[0]}`"
        case tuple(values) if values:
            return f"`[{', '.join(values)}]`"
    return ""


def test_every_table_of_keys_is_checked() -> None:
    """No table of keys is left out."""
    there = {(section, number) for section in PAGE.tables for number in range(len(_key_tables(section)))}
    assert there == set(KEYS)


def test_keys_of_mailboxes_exist() -> None:
    """What the page says of mailboxes is there."""
    (table,) = [each for each in PAGE.tables["What the configuration says for all"] if each.head[0] == "key of a mailbox"]
    assert {pages.plain(cell) for cell in table.column("key of a mailbox")} <= set(config.MailboxPart.model_fields)
    assert {"holidays", "absences"} <= {pages.plain(cell) for cell in table.column("key of a mailbox")}


# -- other tables --------------------------------------------------------------------------------


def _table(section: str, head: str) -> pages.Table:
    (table,) = [each for each in PAGE.tables[section] if each.head[0] == head]
    return table


def test_defaults_of_replies() -> None:
    """What follows from each kind of answer is the default of the code, whole."""
    table = _table("What follows from an answer", "kind")
    written = dict(zip(map(pages.plain, table.column("kind")), table.column("as it would be written"), strict=True))
    assert list(written) == [kind.value for kind in ReplyKind]
    for kind, cell in written.items():
        default = DEFAULT_EFFECTS[ReplyKind(kind)]
        document, problems = yaml_text.read(pages.plain(cell), "table")
        assert document is not None, problems
        said = cadence.EffectPart.model_validate(document.data).model_dump(exclude_none=True, by_alias=True)
        beside = {"enroll": default.enroll, "task": default.task, "notify": default.notify, "suppress": default.suppress or None}
        value = {"finish": default.outcome, "pause": default.pause}.get(default.move, True)
        assert said == {default.move: value, **{name: each for name, each in beside.items() if each}}


def test_outcomes_and_reasons() -> None:
    """Outcomes and reasons that the page lists are all that there are."""
    chapter = TEXT.partition("\n## What follows from an answer")[2].partition("\n## ")[0]
    (row,) = [row for row in _key_tables("What follows from an answer")[0].rows if row[0] == "`finish`"]
    assert set(pages.codes(row[1])) - {"true"} == {outcome.value for outcome in Outcome}
    assert all(f"`{reason}`" in chapter for reason in Reason)


def test_kinds_of_tasks() -> None:
    """The table of kinds says what the code asks of each."""
    rows = _table("Tasks", "kind").rows
    assert [pages.plain(row[0]) for row in rows] == list(KINDS)
    for (_, about, needs, shows, most, keys), kind in zip(rows, KINDS.values(), strict=True):
        told = (about, pages.codes(needs), pages.codes(shows), most, pages.codes(keys))
        assert told == (kind.about, kind.needs, kind.shows, str(kind.words or ""), kind.keys)


def test_names_of_messages() -> None:
    """Every name that messages know is there, with all of its parts."""
    told = {code for cell in _table("Names", "name").column("name") for code in pages.codes(cell)}
    known = {f"{name}.{part}" for name, parts in SCOPE.items() for part in parts if part != "*"} | {"learned", "today"}
    assert {name for name in told if not name.startswith("prospect.")} == known


def test_languages() -> None:
    """As many languages as the page names have an opt-out line."""
    assert "Thirteen languages" in TEXT
    assert len(OPT_OUT) == 13


def test_columns() -> None:
    """Columns that followupd reads are known by their names."""
    assert {pages.plain(cell) for cell in _table("Rows", "column").column("column")} <= sheet.KNOWN


VALUES = {"prospect": {"company": "Acme", "first_name": "Ann"}, "learned": {"size": "40 people"}}


@pytest.mark.parametrize(("source", "text"), _table("Filters and tags", "template").rows)
def test_what_a_template_becomes(source: str, text: str) -> None:
    """Each filter and tag does what the table says."""
    assert language.check(pages.plain(source)) == []
    assert language.run(pages.plain(source), language.data(VALUES)).strip() == text


def test_every_filter_is_shown() -> None:
    """No filter is left out."""
    sources = " ".join(row[0] for row in _table("Filters and tags", "template").rows)
    assert {name for name in FILTERS if f"|{name}" not in sources} == set()


@pytest.mark.parametrize(("source", "why"), _table("Filters and tags", "refused").rows)
def test_what_is_refused(source: str, why: str) -> None:
    """What the page calls refused is; what it says to write instead is not."""
    assert _problems_of_body(pages.plain(source))
    assert [problem for code in pages.codes(why) for problem in _problems_of_body(code)] == []


def _problems_of_body(source: str) -> list[Any]:
    return templates.parse_template(f"---\nsubject: Hello\n---\n{source}\n", "templates/a.md", "a")[1]


@pytest.mark.parametrize(("source", "columns"), _table("Columns that rows must fill", "in the message").rows)
def test_columns_that_are_needed(source: str, columns: str) -> None:
    """A column is needed exactly where the page says so."""
    assert language.needed(pages.plain(source)) == set(pages.codes(columns))


@pytest.mark.parametrize(("wrong", "right"), _table("Windows", "refused").rows)
def test_refused_values(wrong: str, right: str) -> None:
    """What the page calls refused is; what it says to write instead is not."""
    assert _problems_of_head(pages.plain(wrong))
    assert _problems_of_head(pages.plain(right)) == []


def _problems_of_head(line: str) -> list[Any]:
    return read_cadence(f"cadence: a\n{line}\nsteps: [{{id: a, email: a}}]\n", "a.yaml", channels=CHANNELS)[1]


def test_lengths_of_time() -> None:
    """Each length in the table is one, and each unit is there."""
    told = [code for cell in _table("Lengths of time", "write").column("write") for code in pages.codes(cell)]
    assert {when.parse_delay(text).unit for text in told} == set(when.Unit)
    assert f"The longest is `{when.FARTHEST}d`" in TEXT


@pytest.mark.parametrize(("typed", "fact"), _table("What was learned", "what is typed").rows)
def test_facts(typed: str, fact: str) -> None:
    """What a rep types becomes the fact that the table shows."""
    (text,), (name,) = pages.codes(typed), pages.codes(fact)
    assert learned.fact_of(text) == (name, re.findall('"(.+)"', fact)[0])


@pytest.mark.parametrize(("answer", "meaning"), _table("Doors", "answer").rows)
def test_bare_answers(answer: str, meaning: str) -> None:
    """A word in answer to a mail with doors means what the table says, and in answer to another mail nothing that acts by itself."""
    mail = read_message(f"From: ann@p.test\r\nSubject: Re: Goodbye\r\n\r\n{pages.plain(answer)}\r\n".encode())
    now = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
    found = kinds.classify(mail, asked="Choose a line.", asked_subject="Goodbye", now=now, doors=("yes", "later", "no"))
    assert found.kind == pages.codes(meaning)[0]
    assert (found.resume is not None) == ("until then" in meaning)


# -- tests of cadences ---------------------------------------------------------------------------


def test_entries_of_diaries() -> None:
    """Each entry that a diary knows is there, with the keys that may stand beside it."""
    rows = [row for section in ("What followupd does", "What people do") for row in _table(section, "entry").rows]
    told = {}
    for entry, _, beside in rows:
        for code in pages.codes(entry):
            told[code.partition(":")[0]] = set(re.findall(r"`([a-z]+)(?:: [A-Z]+)?`", beside)) - {"ok"}
    assert set(told) == {*cadence_tests.HAPPENINGS, *cadence_tests.DEEDS}
    assert {verb: told[verb] for verb in told} == {verb: set(cadence_tests.BESIDE.get(verb, ())) for verb in told}


@pytest.mark.parametrize("text", [code for row in _table("When", "write").rows for code in pages.codes(row[0])])
def test_moments_of_diaries(text: str) -> None:
    """Each way to write a moment is one."""
    file, problems = cadence_tests.parse_cases(
        "tests:\n  - test: a\n    cadence: a\n    start: 2027-03-01 09:00\n    prospect: {email: a@b.c}\n"
        f"    diary:\n      - 2027-03-02 10:00: {{mail: a}}\n      - {text}: {{mail: a}}\n",
        "tests/a.yaml",
    )
    assert problems == []
    assert file is not None


# -- the page ------------------------------------------------------------------------------------


def _anchors() -> Iterator[str]:
    for _, heading in PAGE.headings:
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_links() -> None:
    """Every link leads somewhere, and the contents name every chapter."""
    anchors = set(_anchors())
    links = re.findall(r"\]\(([^)\s]*)\)", re.sub(r"```.*?```|`[^`]*`", "", TEXT, flags=re.DOTALL))
    assert [link for link in links if link.startswith("#") and link[1:] not in anchors] == []
    assert [link for link in links if not link.startswith(("#", "http")) and not (examples.ROOT / "docs" / link).exists()] == []
    contents = TEXT.partition("## Contents")[2].partition("\n## ")[0]
    chapters = {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for level, name in PAGE.headings if level == 2}
    assert {f"#{name}" for name in chapters - {"contents"}} == set(re.findall(r"\]\((#[^)]*)\)", contents))
