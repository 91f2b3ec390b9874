"""The table of words: `words.yaml` beside the content items.

Decides what the table may say, and that no word says two things. What the words are good for is `core/vocabulary.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from followupd.core.vocabulary import ENGLISH, LITTLE, LONGEST_PHRASE, Vocabulary, stem, words_of
from followupd.files import yaml_text
from followupd.files.problems import Problem, shown
from followupd.files.validation import validate
from followupd.files.values import Filled, Many, Part

FILE_NAME = "words.yaml"

LONGEST = 80  # characters


def _short(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters; shorten it")
    return value


Phrase = Annotated[Filled, AfterValidator(_short)]


class WordsTable(Part):
    """Words by which the shelf finds what fits a prospect."""

    same: Annotated[Many[Annotated[Many[Phrase], Field(max_length=60)]], Field(max_length=500)] = ()
    """Groups of words and phrases that say the same, in any language."""
    ignore: Annotated[Many[Phrase], Field(max_length=1000)] = ()
    """Words that mean nothing alone; inside a phrase they count."""
    keep: Annotated[Many[Phrase], Field(max_length=1000)] = ()
    """Words that are no form of another word, although they look like one: "marketing" beside "market"."""


def parse_words(text: str, path: str) -> tuple[Vocabulary | None, list[Problem]]:
    """The table, or every problem of it."""
    document, problems = yaml_text.read(text, path, begin='"same:"')
    if document is None:
        return None, problems
    table, problems = validate(document, WordsTable)
    if table is None:
        return None, problems
    problems = sorted({*_wordless(document, table), *_twice(document, table), *_ignored(document, table)})
    return (None, problems) if problems else (_made(table), [])


def _made(table: WordsTable) -> Vocabulary:
    return Vocabulary(
        same=table.same,
        ignore=frozenset(word for phrase in table.ignore for word in words_of(phrase)),
        keep=frozenset(word for phrase in table.keep for word in words_of(phrase)),
    )


def _telling(phrase: str) -> list[str]:
    return [word for word in words_of(phrase) if word not in LITTLE]


def _placed(table: WordsTable) -> Iterator[tuple[yaml_text.Location, str]]:
    for number, group in enumerate(table.same):
        for index, phrase in enumerate(group):
            yield ("same", number, index), phrase


def _wordless(document: yaml_text.Document, table: WordsTable) -> Iterator[Problem]:
    """What can never be found: a group of one, a phrase without a word, or with more than a phrase may have."""
    for number, group in enumerate(table.same):
        if len(group) < 2:
            yield document.problem(("same", number), "one word alone says the same as nothing; add another, or take the line out")
    for place, phrase in _placed(table):
        count = len(_telling(phrase))
        if count == 0:
            yield document.problem(place, f'"{shown(phrase)}" holds no word that tells anything; take it out')
        if count > LONGEST_PHRASE:
            yield document.problem(place, f"more than {LONGEST_PHRASE} words; shorten the phrase")
    for key in ("ignore", "keep"):
        for index, phrase in enumerate(getattr(table, key)):
            if len(words_of(phrase)) != 1:
                yield document.problem((key, index), f'write one word; "{shown(phrase)}" has {len(words_of(phrase))}')


def _forms(table: WordsTable, phrase: str) -> tuple[str, ...]:
    kept = {word.casefold() for word in table.keep}
    return tuple(word if word in kept else stem(word, ENGLISH) for word in _telling(phrase))


def _twice(document: yaml_text.Document, table: WordsTable) -> Iterator[Problem]:
    """A word in two groups would say two things; a form of it counts as the word. Several forms in one group do no harm."""
    seen: dict[tuple[str, ...], tuple[yaml_text.Location, str]] = {}
    for place, phrase in _placed(table):
        forms = _forms(table, phrase)
        first, said = seen.setdefault(forms, (place, phrase)) if forms else (place, phrase)
        same = said.casefold() == phrase.casefold()
        if first != place and (first[:2] != place[:2] or same):
            line, column = document.place(first)
            known = "is" if same else f'is a form of "{shown(said)}", which is'
            yield document.problem(place, f'"{shown(phrase)}" {known} already at {line}:{column}; keep one')


def _ignored(document: yaml_text.Document, table: WordsTable) -> Iterator[Problem]:
    """A word that stands in a group says something, so it can't be one that means nothing."""
    known = {_forms(table, phrase): place for place, phrase in _placed(table)}
    for index, phrase in enumerate(table.ignore):
        forms = _forms(table, phrase)
        if forms and forms in known:
            line, column = document.place(known[forms])
            yield document.problem(("ignore", index), f'"{shown(phrase)}" stands in a group at {line}:{column}; keep one')
