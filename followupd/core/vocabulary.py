"""Which words say the same: forms of one word, synonyms from a table, and phrases.

Decides by what a word is compared (its stem in one language, or the group of equals that it stands in), which words mean
nothing alone, and which parts of a text deny instead of telling. Never decides what fits whom: that is `shelf.py`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

ENGLISH = "en"
LONGEST_TEXT = 4000
LONGEST_PHRASE = 5  # words
SHORT_TEXT, MOST_KNOWN = 200, 5000  # what has been read is remembered

STEMMERS: Mapping[str, str] = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
"""By language tag. The words of any other language are compared as they are typed."""

LITTLE = frozenset(
    "a am an and are as at be been by do does for from had has have how if in into is it its me my of on or our so some than that the "
    "their them then there these they this those to too up us very was we were what when where which who will with you your "
    "am an auf aus bei das dem den der des die ein eine einen einer es für ich im in ist mit sie sind und uns unser unsere von wir "
    "zu zum zur au aux avec ce ces dans de des du en est et il la le les leur mes mon nos notre ou par pour que qui sa ses son "
    "sont sur un une vos votre enough cannot can could able genug assez".split()
)
"""Words that carry no meaning, alone or in a phrase."""

DENIALS = frozenset(
    "no not none never nothing neither nor without except nil kein keine keinen keiner nicht nichts ohne nie aucun "
    "aucune pas sans jamais rien".split()
)

COMPLAINTS = (
    "not enough", "no time", "no one", "can not", "can't", "couldn't", "could not", "not able", "won't", "doesn't work",
    "does not work", "don't know", "do not know", "not fast", "not quick", "never enough", "never on time", "not on time", "no idea",
    "no applicants", "without end", "nicht genug", "keine zeit", "keine bewerber", "nicht rechtzeitig", "pas assez", "pas de temps",
)  # fmt: skip
"""They sound like a denial and tell of a trouble: "not enough drivers" is about drivers."""

_WORD = re.compile(r"\w&\w|[^\W_]{2,40}(?:'[^\W_]{1,2}(?![^\W_]))?")
_CLAUSES = re.compile(r"[,.;:!?()\[\]|/\n\r\t•·–—\"“”]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase of a text. `key` is what it is compared by; `weak`: it means nothing alone."""

    key: str
    said: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text between two marks, with what it speaks of: words, and phrases that the table knows."""

    said: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The table, cut down to stems of one language."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]  # by first stem; the longest first
    weak: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A workspace's own words.

    Each of `same` is a group of equals (words or phrases of any language). Words of `ignore` mean nothing alone. Words of `keep`
    are no forms of another word ("marketing" is not "market").
    """

    same: tuple[tuple[str, ...], ...] = ()
    ignore: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], tuple[Clause, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _lexicons: dict[str, _Lexicon] = field(default_factory=dict, init=False, compare=False, repr=False)

    def read(self, text: str, language: str = ENGLISH) -> tuple[Clause, ...]:
        """What a text speaks of, clause by clause. A clause that denies speaks of nothing."""
        known = self._known.get((text, language))
        if known is not None:
            return known
        parts = (self._clause(part.strip(), language) for part in _CLAUSES.split(text[:LONGEST_TEXT]))
        found = tuple(clause for clause in parts if clause.terms)
        if len(text) <= SHORT_TEXT:  # many rows say the same in few words
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[text, language] = found
        return found

    def _clause(self, said: str, language: str) -> Clause:
        words = words_of(said)
        if _denies(words):
            return Clause(said, ())
        lexicon = self._lexicon(language)
        telling = [word for word in words if word not in LITTLE and word not in DENIALS and not word.endswith("n't")]
        stems = [self._stem(word, language) for word in telling]
        return Clause(said, tuple(_terms(telling, stems, lexicon)))

    def _stem(self, word: str, language: str) -> str:
        return word if word in self.keep else stem(word, language)

    def _lexicon(self, language: str) -> _Lexicon:
        found = self._lexicons.get(language)
        if found is None:
            found = self._lexicons[language] = self._cut(language)
        return found

    def _cut(self, language: str) -> _Lexicon:
        phrases: dict[str, dict[tuple[str, ...], str]] = {}
        for group in self.same:
            for phrase in group:
                stems = tuple(self._stem(word, language) for word in words_of(phrase) if word not in LITTLE)[:LONGEST_PHRASE]
                if stems:
                    phrases.setdefault(stems[0], {}).setdefault(stems, f"={group[0]}")
        return _Lexicon(
            {first: tuple(sorted(known.items(), key=lambda one: (-len(one[0]), one[0]))) for first, known in phrases.items()},
            frozenset(self._stem(word, language) for phrase in self.ignore for word in words_of(phrase)),
        )


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters. One letter alone is no word, "R&D" is."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold().replace("’", "'")
    return [word.removesuffix("'s") for word in _WORD.findall(plain)]


def _denies(words: list[str]) -> bool:
    if not any(word in DENIALS or word.endswith("n't") for word in words):
        return False
    said = f" {' '.join(words)} "
    return not any(f" {complaint} " in said for complaint in COMPLAINTS)


def _terms(words: list[str], stems: list[str], lexicon: _Lexicon) -> Iterator[Term]:
    """Every phrase of the table, and every word. A phrase is one thing: its words mean nothing alone ("machine learning" is not
    about learning).
    """
    inside = 0
    for at, (word, own) in enumerate(zip(words, stems, strict=True)):
        known = lexicon.phrases.get(own, ())
        found = next((one for one in known if len(one[0]) > 1 and tuple(stems[at : at + len(one[0])]) == one[0]), None)
        if found is not None:
            inside = max(inside, at + len(found[0]))
            yield Term(found[1], " ".join(words[at : at + len(found[0])]))
        key = next((group for phrase, group in known if len(phrase) == 1), own)
        yield Term(key, word, at < inside or (key == own and (own in lexicon.weak or word.isdecimal())))


@lru_cache(maxsize=1000)
def primary(language: str) -> str:
    """The language of a tag such as `pt-br`; English where there is none."""
    return re.split("[-_]", language.strip().casefold())[0] or ENGLISH


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """What the forms of a word have in common: "hiring", "hired" and "hires" are all "hire"."""
    name = STEMMERS.get(primary(language))
    if name is None or len(word) < 3:
        return word
    cut: str = _stemmer(name).stemWord(word)
    return cut


def _stemmer(name: str) -> Any:
    import snowballstemmer  # 50 ms: only where words are compared

    return snowballstemmer.stemmer(name)  # a new one for each word: it holds its state
