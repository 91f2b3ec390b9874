"""The table of words: what it may say, and that the shipped one finds what it should and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd.core.vocabulary import Vocabulary
from followupd.files.content import parse_item
from followupd.files.words import parse_words

SHIPPED = Path(__file__).parents[2] / "content" / "words.yaml"

FORMS = """hiring hire|hires hired|supplier suppliers|delay delays|delayed delays|price pricing|customer customers|onboarded onboarding|
meeting meetings|automation automate|automating automated|recruiter recruiting|recruitment recruiting|planned plans|invoice invoicing|
forecasts forecasting|company companies|delivery deliveries|logistics logistic|trained training|schedules scheduled|sourcing source|
tariffs tariff|taxes tax|processes process|branches branch|batteries battery|packaging package|manufacturing manufacture|
manufacturers manufacturing|engineers engineering|management manage|managed management|growing grow|sales sale|payment payments|
paying pay|cutting cuts|reduced reducing|running run|negotiate negotiation|negotiating negotiations|factories factory|policies policy|
hacking hacked|losses loss|retained retains|leased lease|mining mines|phishing phish|expanding expand|expansion expansions|
compete competing|competitor competitors|exporting exporter|importing imports|strategy strategies|scaling scale|coaches coaching|
inspecting inspection|debts debt|licences licence|buyers buyer|bidding bids|upgrades upgrading|digitalisation digitalise|
shipment shipping|staffing staff|warehouse warehousing|analyses analysis|certification certify"""

FRIENDS = """new news|general generation|policy police|universe university|market marketing|organ organization|product productivity|
custom customer|customs customers|station stationery|busy business|import important|export expert|secure secretary|press pressure|
sale salary|staff stuff|plan plant|invest investigate|invention inventory|communication community|person personnel|
experience experiment|compute compete|price prize|meter meeting|bill billion|past paste|cars care|bus business|sea season|tax taxi|
rate ration|hire higher|part party|part partner|form formal|organic organ|arm army|engine engineering|factor factory|
direct director|fleet fleeting|legal legacy|lean learn|train trait|stock stocking|credit creditor|steel steal|tender tendency|
board boarding|account accounting|human humane|convert converse|process procession|success succession|intern internal|late lateral|
store story|human humanity|port portfolio|mark market|contract contraction|operation opera|pass passion|reserve reservoir|
terminal termination|audit audition|relation relative|execute executive"""


def pairs(text: str) -> list[tuple[str, str]]:
    return [(first, second) for first, second in (line.split() for line in text.replace("\n", "").split("|"))]


@pytest.fixture(scope="module")
def shipped() -> Vocabulary:
    """The table that `init` writes."""
    found, problems = parse_words(SHIPPED.read_text("utf-8"), "content/words.yaml")
    assert found is not None, problems
    return found


def forms_only(table: Vocabulary) -> Vocabulary:
    return Vocabulary(keep=table.keep)


def test_forms_of_a_word_are_found(shipped: Vocabulary) -> None:
    """At least nine in ten pairs of forms are one word, and nine in ten that are called one word are."""
    table = forms_only(shipped)

    def same(pair: tuple[str, str]) -> bool:
        (first,), (second,) = (table.read(word) for word in pair)
        return first.terms[0].key == second.terms[0].key

    missed = [pair for pair in pairs(FORMS) if not same(pair)]
    wrong = [pair for pair in pairs(FRIENDS) if same(pair)]
    found = len(pairs(FORMS)) - len(missed)
    assert (len(pairs(FORMS)) >= 60, len(pairs(FRIENDS)) >= 60) == (True, True)
    assert found / len(pairs(FORMS)) >= 0.9, missed
    assert found / (found + len(wrong)) >= 0.9, wrong


@pytest.mark.parametrize(
    ("text", "about", "language"),
    [
        ("hiring takes months", "recruiting", "en"), ("our power bill", "energy costs", "en"), ("rising energy prices", "energy costs", "en"),
        ("Einstellung von Fachkräften", "recruiting", "de"), ("Stromkosten senken", "energy costs", "de"), ("recrutements", "hiring", "fr"),
        ("customers are leaving", "customer retention", "en"), ("late suppliers", "supplier delays", "en"), ("GDPR audits", "compliance", "en"),
        ("hackers", "cybersecurity", "en"), ("raise our prices", "pricing", "en"), ("late payments", "cash flow", "en"),
        ("KI im Einkauf", "AI", "de"), ("Lieferketten", "supply chain", "de"), ("fournisseur en retard", "suppliers", "fr"),
        ("shorten lead times", "delivery times", "en"), ("new hires", "onboarding", "en"), ("home office rules", "remote teams", "en"),
    ],
)  # fmt: skip
def test_the_shipped_table_finds(shipped: Vocabulary, text: str, about: str, language: str) -> None:
    """What a prospect calls it and what an item calls it are the same to the shipped table."""
    said = {term.key for clause in shipped.read(text, language) for term in clause.terms if not term.weak}
    assert said & {term.key for clause in shipped.read(about) for term in clause.terms if not term.weak}


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("machine learning", "training"), ("better team work", "remote teams"), ("marketing", "market entry"), ("customers", "customer service"),
        ("customs", "customers"), ("sick leave", "customers leaving"), ("online shop", "shop floor"), ("plants", "planning"), ("costs", "energy costs"),
        ("customer complaints", "customer retention"), ("office manager", "home office"), ("board meeting room", "onboarding"), ("more time", "time tracking"),
    ],
)  # fmt: skip
def test_the_shipped_table_keeps_apart(shipped: Vocabulary, text: str, about: str) -> None:
    """What only looks alike is not the same, and words that mean nothing alone meet nothing."""
    said = {term.key for clause in shipped.read(text) for term in clause.terms if not term.weak}
    assert not said & {term.key for clause in shipped.read(about) for term in clause.terms if not term.weak}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'w.yaml:1:1: empty file; delete it or start with "same:"'),
        ("same:\n  - [hire, job]\n  - [x1, Hire]\n", 'w.yaml:3:10: same.1.1: "Hire" is already at 2:6; keep one'),
        ("same:\n  - [hire, post]\n  - [x1, hiring]\n", 'w.yaml:3:10: same.1.1: "hiring" is a form of "hire", which is already at 2:6; keep one'),
        ("same:\n  - [hire, hire]\n", 'w.yaml:2:12: same.0.1: "hire" is already at 2:6; keep one'),
        ("same:\n  - [hire]\n", "w.yaml:2:5: same.0: one word alone says the same as nothing; add another, or take the line out"),
        ("same: hire\n", "w.yaml:1:7: same: write a list: [hire]"),
        ("same:\n  - hire\n", "w.yaml:2:5: same.0: write a list: [hire]"),
        ("same:\n  - [hire, 'the of']\n", 'w.yaml:2:12: same.0.1: "the of" holds no word that tells anything; take it out'),
        ("same:\n  - [hire, one two three four five six]\n", "w.yaml:2:12: same.0.1: more than 5 words; shorten the phrase"),
        ("same:\n  - [hire, {a: b}]\n", "w.yaml:2:12: same.0.1: write one text here, no keys"),
        (f"same:\n  - [hire, {'x' * 81}]\n", "w.yaml:2:12: same.0.1: longer than 80 characters; shorten it"),
        ("ignore: [more time]\n", 'w.yaml:1:10: ignore.0: write one word; "more time" has 2'),
        ("keep: ['-']\n", 'w.yaml:1:8: keep.0: write one word; "-" has 0'),
        ("same:\n  - [hire, job]\nignore: [hires]\n", 'w.yaml:3:10: ignore.0: "hires" stands in a group at 2:6; keep one'),
        ("sames:\n  - [hire, job]\n", 'w.yaml:2:3: sames: no such key; did you mean "same"?'),
        ("ignore: [a\n", 'w.yaml:2:1: expected "," or "]"; the bracket opened at 1:9 is still open, close it'),
    ],
)  # fmt: skip
def test_every_mistake_has_its_place_and_a_mend(text: str, problem: str) -> None:
    """A word that says two things names both places; whatever else is wrong says what to write instead."""
    found, problems = parse_words(text, "w.yaml")
    assert (found, [str(one) for one in problems]) == (None, [problem])


def test_too_big() -> None:
    """A table that nobody could keep is refused unread."""
    found, problems = parse_words("same:\n" + "  - [hire, job]\n" * 20_000, "w.yaml")
    assert found is None
    assert "at most 256 KB" in str(problems[0])


def test_forms_in_one_group_do_no_harm() -> None:
    """Two forms of a word in the same group say the same anyway; a word that is kept has no forms."""
    found, _ = parse_words(
        "same:\n  - [hire, hiring, job]\n  - [market, shops]\n  - [marketing, adverts]\nkeep: [marketing]\n", "w.yaml"
    )
    assert found is not None
    assert found.keep == {"marketing"}


def item_problems(language: str) -> list[str]:
    text = f"---\ntitle: A\nurl: https://example.org/a\nlanguage: {language}\n---\nText.\n"
    found, problems = parse_item(text, "content/a.md", "a")
    assert found is None or found.language == language
    return [str(one) for one in problems]


def test_an_item_may_be_for_one_language() -> None:
    """`language` says for whom an item is; it must be a language."""
    assert item_problems("de") == []
    assert item_problems("'!!'") == ['content/a.md:4:11: language: write a language such as "de" or "pt-br"']
