"""Which thing worth sending fits a person: by what both speak of, never twice, never stale, and with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.model import Cadence, Limits, Step, Taken
from followupd.core.shelf import Choice, ContentItem, Nothing, Recipient, Shelf, Wish, given_since_ours, wish_of
from followupd.core.vocabulary import Vocabulary, stem, words_of

TODAY = date(2026, 11, 12)
WORDS = Vocabulary(
    same=(("hiring", "recruiting", "Einstellungen"), ("energy costs", "energy", "power bill"), ("AI", "machine learning")),
    ignore=frozenset({"cost", "team", "customer"}),
    keep=frozenset({"marketing"}),
)


BY_CHALLENGES = Wish(match=("challenges",))


def item(name: str, *topics: str, **more: object) -> ContentItem:
    return ContentItem(name=name, title=name, body="", topics=topics, **more)


def ann(challenges: str = "", *, had: Iterable[Taken] = (), **columns: str) -> Recipient:
    return Recipient(columns={"first_name": "Ann", "challenges": challenges, **columns}, taken=tuple(had))


def had(name: str, *, ours: bool = False, at: datetime = datetime(2026, 11, 3, 12, tzinfo=UTC)) -> Taken:
    return Taken(address="ann@x.example", item=name, ours=ours, at=at)


def chosen(shelf: Iterable[ContentItem], recipient: Recipient, wish: Wish = BY_CHALLENGES) -> str | None:
    found = Shelf(tuple(shelf), WORDS).choose(wish, recipient, TODAY)
    return found.item.name if isinstance(found, Choice) else None


def reason(shelf: Iterable[ContentItem], recipient: Recipient, wish: Wish = BY_CHALLENGES) -> str:
    return Shelf(tuple(shelf), WORDS).choose(wish, recipient, TODAY).because


# -- what fits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic", "fits"),
    [
        ("hiring takes months", "recruiting", True),  # a synonym
        ("we hired nobody good", "hires", True),  # forms of one word
        ("the POWER BILL!", "energy costs", True),  # a phrase of the table
        ("delays by our suppliers", "supplier delays", True),  # the words of a phrase in any order
        ("suppliers", "supplier delays", True),  # a part of a phrase
        ("costs", "energy costs", False),  # a word that means nothing alone
        ("team", "team costs", False),
        ("costs of the team", "team costs", True),  # together they do
        ("customer complaints", "customer retention", False),
        ("machine learning", "learning", False),  # a phrase of the table is one thing
        ("machine learning", "AI", True),
        ("market", "marketing", False),  # kept apart by the table
        ("in 2026", "budget 2026", False),  # a number alone
        ("suppliers, and delays in the post", "supplier delays", True),  # each a part
        ("R&D budget", "R&D", True),
        ("none", "hiring", False),
        ("n/a", "AI", False),
        ("-", "hiring", False),
        ("", "hiring", False),
        ("not hiring", "hiring", False),
        ("we aren’t hiring", "hiring", False),
        ("no energy problems, hiring is slow", "hiring", True),  # only the part that denies counts for nothing
        ("no energy problems, hiring is slow", "energy", False),
        ("not enough people to hire", "hiring", True),  # it complains, it does not deny
        ("we can't hire", "hiring", True),
        ("kein Bedarf an Einstellungen", "hiring", False),
    ],
)
def test_what_a_person_says_finds_a_topic(text: str, topic: str, fits: bool) -> None:
    """Forms and synonyms are found; what only looks alike, says nothing or denies is not."""
    assert (chosen([item("it", topic)], ann(text)) == "it") == fits


@pytest.mark.parametrize(
    ("language", "text", "fits"),
    [
        ("de", "Einstellung von Fachkräften", True),  # a German form of a word of the table
        ("", "Einstellung von Fachkräften", False),  # read as English, it is no form of it
        ("de-at", "Einstellung", True),
        ("de", "hiring", True),  # Germans write English words too
        ("xx", "Einstellungen", True),  # no forms are known: the word itself
    ],
)
def test_words_are_read_in_the_language_of_the_row(language: str, text: str, fits: bool) -> None:
    """The forms of a word are those of the prospect's language, and of English."""
    assert (chosen([item("it", "recruiting")], ann(text, language=language)) == "it") == fits


@pytest.mark.parametrize(
    ("topics", "best"),
    [
        ({"a": ["suppliers"], "b": ["supplier delays"]}, "b"),  # a phrase counts more than a word
        ({"a": ["suppliers"], "b": ["sourcing suppliers"]}, "a"),  # a word more than a part
        ({"a": ["suppliers"], "b": ["suppliers", "steel"]}, "b"),  # two more than one
        ({"b": ["suppliers"], "a": ["suppliers"]}, "a"),  # by name
        ({"b": ["steel"], "a": ["delays"], "c": ["delays"]}, "b"),  # of two that fit alike the rarer word
    ],
)
def test_what_fits_best(topics: dict[str, list[str]], best: str) -> None:
    """Phrases before words before parts, more before fewer, rare before common, then by name; the order of files decides nothing."""
    shelf = [item(name, *each) for name, each in topics.items()]
    assert chosen(shelf, ann("supplier delays, steel")) == chosen(shelf[::-1], ann("supplier delays, steel")) == best


def test_the_first_column_counts_most() -> None:
    """The order of `match` is a weight."""
    shelf, person = [item("a", "steel"), item("b", "wood")], ann("steel", goals="wood")
    assert chosen(shelf, person, Wish(match=("challenges", "goals"))) == "a"
    assert chosen(shelf, person, Wish(match=("goals", "challenges"))) == "b"


def test_nothing_asked_for() -> None:
    """Without columns to match, the first by name that may be sent."""
    shelf = [item("b", "steel"), item("a", "wood")]
    assert (chosen(shelf, ann(), Wish()), chosen(shelf, ann(had=[had("a")]), Wish())) == ("a", "b")
    assert "may be sent to Ann; the first would be a, which Ann had" in reason(shelf, ann(had=[had("a"), had("b")]), Wish())


# -- what may be sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("it", "wish", "person", "miss"),
    [
        (item("it", "steel"), {}, {"had": [had("it")]}, "which Ann had on 3 Nov"),
        (item("it", "steel", expires=TODAY - timedelta(days=1)), {}, {}, "which expired on 11 Nov"),
        (item("it", "steel", expires=date(2025, 1, 2)), {}, {}, "which expired on 2 Jan 2025"),
        (item("it", "steel", expires=TODAY), {}, {}, ""),  # good on its last day
        (item("it", "steel", ours=True), {"ours": False}, {}, "which is ours"),
        (item("it", "steel"), {"ours": True}, {}, "which is not ours"),
        (item("it", "steel", ours=True), {"ours": True}, {}, ""),
        (item("it", "steel"), {"needs": frozenset({"url", "result"})}, {}, "which has no result and no url"),
        (item("it", "steel", url="https://x.example"), {"needs": frozenset({"url"})}, {}, ""),
        (item("it", "steel", language="de"), {}, {}, "which is only for readers of de"),
        (item("it", "steel", language="de"), {}, {"language": "de"}, ""),
        (item("it", "steel", language="de"), {}, {"language": "de-at"}, ""),
        (item("it", "steel", language="pt-br"), {}, {"language": "pt"}, "which is only for readers of pt-br"),
        (item("it", "steel", language="en"), {}, {}, ""),
        (item("it", "steel", ours=True), {"give_first": 2}, {"had": [had("x")]}, "2 that are not ours come first, 1 so far"),
        (item("it", "steel", ours=True), {"give_first": 2}, {"had": [had("x"), had("y")]}, ""),
        (item("it", "steel", ours=True), {"give_first": 1}, {"had": [had("x"), had("o", ours=True)]}, "1 that are not ours come first, 0"),
        (item("it", "steel"), {"give_first": 2}, {}, ""),  # it is not ours: that is giving
    ],
)  # fmt: skip
def test_what_stands_against_an_item(it: ContentItem, wish: dict[str, object], person: dict[str, object], miss: str) -> None:
    """Had, expired, the wrong owner, a part that the message needs, another language, give first: each is said."""
    found = Shelf((it,), WORDS).choose(Wish(match=("challenges",), **wish), ann("steel", **person), TODAY)
    assert isinstance(found, Choice) == (miss == "")
    assert miss in found.because


def test_the_next_best_is_taken() -> None:
    """What may not be sent makes room for the next one."""
    assert chosen([item("a", "steel works"), item("b", "steel")], ann("steel works", had=[had("a")])) == "b"


@pytest.mark.parametrize(("ours", "given"), [([], 0), ([False, False], 2), ([True], 0), ([False, True, False], 1)])
def test_given_since_ours(ours: list[bool], given: int) -> None:
    """What was given is counted from the last item of ours, or from the beginning."""
    assert given_since_ours([had(str(n), ours=one) for n, one in enumerate(ours)]) == given


def test_the_wish_of_a_step() -> None:
    """A step asks by `pick`, under the limits of its cadence."""
    cadence = Cadence(
        name="c", digest="d", about="", mailbox=("owner",), window="always", holidays=(), timezone="UTC", steps=(), replies={},
        limits=Limits(give_first=2),
    )  # fmt: skip
    pick = {"match": ("goals",), "ours": False}
    step = Step(id="s", position=0, channel="email", template="t", fields={"pick": pick})
    assert wish_of(cadence, step, frozenset({"url"})) == Wish(
        match=("goals",), ours=False, give_first=2, needs=frozenset({"url"})
    )
    assert wish_of(cadence, Step(id="s", position=0, channel="email", template="t")) is None


# -- reasons -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shelf", "text", "because"),
    [
        (
            [item("it", "recruiting")],
            "hiring takes months",
            'matches their challenges "hiring takes months": hiring = recruiting',
        ),
        ([item("it", "hiring")], "hiring takes months", 'matches their challenges "hiring takes months": hiring'),
        ([item("it", "energy costs")], "energy costs", 'matches their challenges "energy costs"'),
        ([], "steel", 'nothing on the shelf fits Ann\'s challenges "steel"; no item has such a topic'),
        ([item("it", "wood")], "none", "Ann's challenges say nothing that the shelf could answer"),
    ],
)
def test_the_reason_is_for_people(shelf: list[ContentItem], text: str, because: str) -> None:
    """A choice says what met what; an empty hand says what was looked for."""
    assert reason(shelf, ann(text)) == because


def test_the_nearest_miss_is_named() -> None:
    """A rep who has to find something reads what nearly did."""
    told = reason([item("late", "supplier delays")], ann("supplier delays", had=[had("late")]))
    assert told == 'nothing on the shelf fits Ann\'s challenges "supplier delays"; nearest: late, which Ann had on 3 Nov'


def test_the_date_is_the_readers() -> None:
    """The day on which somebody had an item is a day of their own calendar."""
    taken = had("late", at=datetime(2026, 11, 3, 20, tzinfo=UTC))
    person = Recipient(columns={"challenges": "steel"}, taken=(taken,), zone=ZoneInfo("Asia/Tokyo"))
    assert "this person had on 4 Nov" in reason([item("late", "steel")], person)


def test_a_reason_is_one_short_line() -> None:
    """A cell of many lines is quoted in one, and cut."""
    told = reason([], ann("steel " * 500 + "\nand more"))
    assert "\n" not in told
    assert len(told) < 200


# -- bounds --------------------------------------------------------------------------------------


def test_long_columns_are_cheap() -> None:
    """A cell of a megabyte costs no more than its beginning."""
    assert words_of("word " * 200_000 + "end")[-1] != "end"
    assert chosen([item("it", "end")], ann("word " * 200_000 + "end")) is None


def test_topics_are_bounded() -> None:
    """Of more than sixty topics only the first sixty are read."""
    shelf = [item("it", *(f"topic{n}" for n in range(60)), "steel")]
    assert (chosen(shelf, ann("topic59")), chosen(shelf, ann("steel"))) == ("it", None)


PIECES = st.lists(
    st.sampled_from(["hiring", "recruiting", "steel", "supplier delays", "delays", "no", "power bill", "costs", "AI", "."]), max_size=6
)  # fmt: skip


@given(st.lists(st.tuples(st.lists(st.sampled_from(["hiring", "steel", "supplier delays", "delays", "energy costs", "AI"]), max_size=3), st.booleans()), max_size=6), PIECES, PIECES)  # fmt: skip
def test_best_first(shelf: list[tuple[list[str], bool]], goals: list[str], challenges: list[str]) -> None:
    """Whatever is said, items come best first, and the order in which they lie decides nothing."""
    items = tuple(item(f"i{number}", *topics, ours=ours) for number, (topics, ours) in enumerate(shelf))
    person, match = ann(" ".join(challenges), goals=" ".join(goals)), ("goals", "challenges")
    found = list(Shelf(items, WORDS).fitting(match, person))
    assert [(-one.points, one.rare, one.item.name) for one in found] == sorted(
        (-one.points, one.rare, one.item.name) for one in found
    )
    assert found == list(Shelf(items[::-1], WORDS).fitting(match, person))


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "ru", "tr", "", "xx"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    """No text, in whichever language, makes reading fail; the same text is read the same."""
    found = Shelf((item("it", text or "x"),), WORDS).choose(Wish(match=("challenges",)), ann(text, language=language), TODAY)
    assert isinstance(found, Choice | Nothing)
    assert WORDS.read(text, language or "en") == Vocabulary(WORDS.same, WORDS.ignore, WORDS.keep).read(text, language or "en")


@pytest.mark.parametrize(
    ("word", "language", "cut"), [("hiring", "en", "hire"), ("Einstellungen".lower(), "de", "einstell"), ("ai", "en", "ai")]
)
def test_stem(word: str, language: str, cut: str) -> None:
    """What the forms of a word have in common; a word of two letters stays as it is."""
    assert stem(word, language) == cut
