"""Which content item fits this prospect, and why.

Decides by what a prospect's columns and an item's topics both speak of. An item that this person has had, that has expired,
that lacks what the message needs, or that is ours before enough was given, is never chosen; and none at all is better than one
that does not fit. Every choice comes with its reason, for people. Never reads the shelf or a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import cached_property

from followupd.core.model import Cadence, Step, Taken
from followupd.core.vocabulary import ENGLISH, Clause, Vocabulary, primary

MAX_TOPICS = 60
SHOWN = 60
"""So many characters of a prospect's own words are quoted in a reason."""

PHRASE, WORD, PART = 5, 3, 1
"""What a topic of several words counts, one of one word, and a part of a topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentItem:
    """One thing worth sending: an article, a figure, a customer's story. `body` is the blurb.

    `language` is for whom it is; empty: for everybody.
    """

    name: str
    title: str
    body: str
    url: str = ""
    topics: tuple[str, ...] = ()
    ours: bool = False
    source: str = ""
    result: str = ""
    expires: date | None = None
    minutes: int | None = None
    language: str = ""

    def has(self, part: str) -> bool:
        """Whether it brings this part (`url`, `result`), which a message may not do without."""
        return bool(getattr(self, part, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a step asks of the shelf. The first of the `match` columns counts most; `needs` are parts that the message uses."""

    match: tuple[str, ...] = ()
    ours: bool | None = None
    give_first: int = 0
    needs: frozenset[str] = frozenset()


def wish_of(cadence: Cadence, step: Step, needs: frozenset[str] = frozenset()) -> Wish | None:
    """What a step asks of the shelf; None where it asks for nothing."""
    pick = step.fields.get("pick")
    if not isinstance(pick, Mapping):
        return None
    return Wish(match=tuple(pick.get("match") or ()), ours=pick.get("ours"), give_first=cadence.limits.give_first, needs=needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom it is for: what their row says, and what they have had, oldest first."""

    columns: Mapping[str, str] = field(default_factory=dict)
    taken: Sequence[Taken] = ()
    zone: tzinfo = UTC

    @property
    def language(self) -> str:
        """Of their row; English where it names none."""
        return self.columns.get("language", "").strip().lower().replace("_", "-") or ENGLISH

    @property
    def name(self) -> str:
        """What a sentence for the rep calls them."""
        return self.columns.get("first_name", "").strip() or "this person"


@dataclass(frozen=True, slots=True)
class Choice:
    """An item that fits. `because` is a sentence for people."""

    item: ContentItem
    because: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No item fits. `because` says what was looked for, and the nearest miss."""

    because: str


@dataclass(frozen=True, slots=True)
class _Topic:
    """A topic, and the items that have it. It is met by all keys of one of `wholes`, or less well by one of `parts`."""

    said: str
    wholes: tuple[frozenset[str], ...]
    parts: frozenset[str]
    points: int
    items: tuple[int, ...]

    @property
    def tells(self) -> bool:
        """Whether anything can meet it: words that mean nothing alone may do so together."""
        return bool(self.parts) or len(self.wholes[0]) > 1


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a prospect's words and a topic meet. `rare` is on how many items the rarest of these words stands."""

    points: int
    topic: str
    column: str
    clause: Clause
    keys: frozenset[str]
    rare: int

    def __str__(self) -> str:
        quoted = f'{self.column} "{_cut(self.clause.said)}"'
        words = {term.key: term.said for term in reversed(self.clause.terms) if term.key in self.keys}
        said = " ".join(reversed(words.values()))
        if self.clause.said.casefold() == self.topic.casefold():
            return quoted
        return f"{quoted}: {said}" + ("" if said == self.topic.casefold() else f" = {self.topic}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well one item fits, and by which meetings, the best first."""

    item: ContentItem
    points: int
    rare: int
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True)  # no slots: the index is made when it is first asked for
class Shelf:
    """The items of a workspace, and the words by which they are found."""

    items: tuple[ContentItem, ...] = ()
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def choose(self, wish: Wish, recipient: Recipient, today: date, fits: Iterable[Fit] | None = None) -> Choice | Nothing:
        """The item that fits best; of two that fit alike the one with the rarer word, then the first by name.

        `fits` is what `fitting` has found for these columns, where that is known.
        """
        nearest: tuple[Fit, str] | None = None
        for fit, miss in self._judged(wish, recipient, today, fits):
            if not miss:
                return Choice(fit.item, _because(fit))
            nearest = nearest or (fit, miss)
        return Nothing(self._nothing(wish, recipient, nearest))

    def offers(self, wish: Wish, recipient: Recipient, today: date, fits: Iterable[Fit] | None = None) -> Iterator[ContentItem]:
        """Every item that could be chosen, best first."""
        return (fit.item for fit, miss in self._judged(wish, recipient, today, fits) if not miss)

    def _judged(self, wish: Wish, recipient: Recipient, today: date, fits: Iterable[Fit] | None) -> Iterator[tuple[Fit, str]]:
        """Every item that fits, with what is against it."""
        had = {one.item: one for one in recipient.taken}
        for fit in self.fitting(wish.match, recipient) if fits is None else fits:
            yield fit, _miss(fit.item, wish, recipient, had, today)

    def fitting(self, match: Sequence[str], recipient: Recipient) -> Iterator[Fit]:
        """Every item that the columns speak of, best first, whether or not it may be sent.

        Where no column is to be matched, all items fit alike. An item is weighed exactly only when its turn comes: what all its
        topics would count for together is an upper limit.
        """
        if not match:
            yield from self._all
        met: dict[int, list[Meeting]] = {}
        for topic, meeting in self._meetings(match, recipient):
            for number in topic.items:
                met.setdefault(number, []).append(meeting)
        waiting: list[tuple[int, int, str, int, Fit | None]] = [
            (-sum(one.points for one in meetings), 0, self.items[number].name, number, None) for number, meetings in met.items()
        ]
        heapq.heapify(waiting)
        while waiting:
            *_, name, number, fit = heapq.heappop(waiting)
            if fit is not None:
                yield fit
            else:
                fit = _fit(self.items[number], met[number])
                heapq.heappush(waiting, (-fit.points, fit.rare, name, number, fit))

    def clauses(self, recipient: Recipient, column: str) -> tuple[Clause, ...]:
        """What a column speaks of: read in the prospect's language, and in English as well, which topics are written in."""
        text, language = recipient.columns.get(column, ""), primary(recipient.language)
        read = self.vocabulary.read(text, language)
        return read if language == ENGLISH else (*read, *self.vocabulary.read(text, ENGLISH))

    def speaks_of(self, clause: Clause) -> bool:
        """Whether any item has a topic that a clause speaks of."""
        return any(self._near(clause))

    def topic_of(self, item: ContentItem) -> str:
        """A topic of the item that somebody's words can meet, or nothing."""
        topics = (self._topic(said, primary(item.language), ()) for said in item.topics[:MAX_TOPICS])
        return next((topic.said for topic in topics if topic.tells), "")

    # -- the index

    @cached_property
    def _all(self) -> list[Fit]:
        return [Fit(item=item, points=0, rare=0, meetings=()) for item in sorted(self.items, key=lambda one: one.name)]

    @cached_property
    def _topics(self) -> tuple[Mapping[str, tuple[_Topic, ...]], Mapping[str, int]]:
        """Topics by each key that can lead to them, and on how many items each key stands."""
        having: dict[tuple[str, str], dict[int, None]] = {}
        for number, item in enumerate(self.items):
            for said in item.topics[:MAX_TOPICS]:
                having.setdefault((said, primary(item.language)), {})[number] = None
        by_key: dict[str, list[_Topic]] = {}
        for (said, language), items in having.items():
            topic = self._topic(said, language, tuple(items))
            for key in topic.parts.union(*topic.wholes) if topic.tells else ():
                by_key.setdefault(key, []).append(topic)
        count = {key: len({item for topic in topics for item in topic.items}) for key, topics in by_key.items()}
        return {key: tuple(topics) for key, topics in by_key.items()}, count

    def _topic(self, said: str, language: str, items: tuple[int, ...]) -> _Topic:
        terms = tuple(term for clause in self.vocabulary.read(said, language) for term in clause.terms)
        words = [term for term in terms if " " not in term.said]
        phrase = next((term for term in terms if len(words) > 1 and len(term.said.split()) == len(words)), None)
        wholes = (frozenset(term.key for term in words), *([frozenset({phrase.key})] if phrase else []))
        parts = frozenset(term.key for term in terms if not term.weak)
        return _Topic(said, wholes, parts, PHRASE if len(words) > 1 else WORD, items)

    def _meetings(self, match: Sequence[str], recipient: Recipient) -> list[tuple[_Topic, Meeting]]:
        """Every topic that a column speaks of, once for each column, best first."""
        _, count = self._topics
        found: dict[tuple[int, str], tuple[_Topic, Meeting]] = {}
        for weight, column in zip(range(len(match), 0, -1), match, strict=True):
            for clause in self.clauses(recipient, column):
                for topic, points, keys in self._near(clause):
                    known = found.get((id(topic), column))
                    if known is None or known[1].points < points * weight:
                        rare = min(count[key] for key in keys)
                        found[id(topic), column] = topic, Meeting(points * weight, topic.said, column, clause, keys, rare)
        return sorted(found.values(), key=lambda pair: (-pair[1].points, pair[1].rare, pair[1].topic))

    def _near(self, clause: Clause) -> Iterator[tuple[_Topic, int, frozenset[str]]]:
        """Each topic that a clause speaks of, what that counts, and by which keys."""
        by_key, _ = self._topics
        said = frozenset(term.key for term in clause.terms)
        strong = frozenset(term.key for term in clause.terms if not term.weak)
        near = {id(topic): topic for term in clause.terms for topic in by_key.get(term.key, ())}
        for topic in near.values():
            points, keys = _met(topic, said, strong)
            if keys:
                yield topic, points, keys

    # -- reasons

    def _nothing(self, wish: Wish, recipient: Recipient, nearest: tuple[Fit, str] | None) -> str:
        if not wish.match:
            tail = f"; the first would be {nearest[0].item.name}, {nearest[1]}" if nearest else ""
            return f"nothing on the shelf may be sent to {recipient.name}{tail}"
        filled = [
            f'{column} "{_cut(recipient.columns[column].strip())}"' for column in wish.match if self.clauses(recipient, column)
        ]
        if not filled:
            return f"{_possessive(recipient.name)} {_listed(wish.match, 'and')} say nothing that the shelf could answer"
        near = f"nearest: {nearest[0].item.name}, {nearest[1]}" if nearest else "no item has such a topic"
        return f"nothing on the shelf fits {_possessive(recipient.name)} {_listed(filled, 'or')}; {near}"


def _met(topic: _Topic, said: frozenset[str], strong: frozenset[str]) -> tuple[int, frozenset[str]]:
    """What a clause that says this counts for a topic, and by which keys."""
    for whole in topic.wholes:
        if whole <= (said if len(whole) > 1 else strong):
            return topic.points, whole
    return PART, topic.parts & strong


def _fit(item: ContentItem, meetings: list[Meeting]) -> Fit:
    """A word that has counted for one topic does not count again for another. The meetings come best first."""
    first = meetings[0]
    if len(meetings) == 1:
        return Fit(item=item, points=first.points, rare=first.rare, meetings=(first,))
    kept: list[Meeting] = []
    used: dict[str, frozenset[str]] = {}
    for one in meetings:
        known = used.get(one.column, frozenset())
        if not one.keys <= known:
            used[one.column] = known | one.keys
            kept.append(one)
    return Fit(item=item, points=sum(one.points for one in kept), rare=min(one.rare for one in kept), meetings=tuple(kept))


def _because(fit: Fit) -> str:
    if not fit.meetings:
        return "no column is to be matched: the first by name that may be sent"
    return f"matches their {_listed([str(one) for one in fit.meetings[:2]], 'and')}"


def _miss(item: ContentItem, wish: Wish, recipient: Recipient, had: Mapping[str, Taken], today: date) -> str:
    """Why this item may not be sent to this person now; nothing where it may."""
    if item.name in had:
        return f"which {recipient.name} had on {_day(had[item.name].at.astimezone(recipient.zone).date(), today)}"
    if item.expires is not None and item.expires < today:
        return f"which expired on {_day(item.expires, today)}"
    if item.language and not _speaks(recipient.language, item.language):
        return f"which is only for readers of {item.language}"
    if wish.ours is not None and wish.ours != item.ours:
        return "which is ours" if item.ours else "which is not ours"
    lacking = sorted(part for part in wish.needs if not item.has(part))
    if lacking:
        return f"which has no {_listed(lacking, 'and no')}"
    given = given_since_ours(recipient.taken)
    if item.ours and given < wish.give_first:
        return f"which is ours and must wait: {wish.give_first} that are not ours come first, {given} so far"
    return ""


def given_since_ours(taken: Sequence[Taken]) -> int:
    """How many items that are not ours were given since the last one of ours, or since the beginning."""
    return next((count for count, one in enumerate(reversed(taken)) if one.ours), len(taken))


def _speaks(language: str, wanted: str) -> bool:
    return language == wanted.lower() or language.startswith(f"{wanted.lower()}-")


def _day(day: date, today: date) -> str:
    return f"{day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


def _possessive(name: str) -> str:
    return f"{name}'s"


def _listed(parts: Iterable[str], word: str) -> str:
    *others, last = parts
    return f"{', '.join(others)} {word} {last}" if others else last
