"""Lint: each rule speaks where it should, exactly there, and holds its tongue elsewhere; what is allowed carries its reason."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.channels import CHANNELS
from followupd.files.lint import RULES, Finding, Rule, lint
from followupd.files.lint.phrases import ASKING, EMPTY, FREE_TO_SAY_NO, PRESSURE, Phrases
from followupd.files.workspace import load_workspace
from followupd.starter import starter_folder

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
STEPS = next(rule.good for rule in RULES if rule.id == "few-touches")
FILES = {
    "config.yaml": """defaults: {replies: {no: {enroll: after-the-no}}}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
    limits: {preset: workspace, per_day: 150}
""",
    "cadences/offer.yaml": f"cadence: offer\nagain: 180d\n{STEPS}",
    "cadences/second.yaml": """cadence: second
allow: {no-brings: the questions are asked by hand first}
steps:
  - {id: thanks, email: thanks, brings: what they told us, learn: did we hear it right?}
  - {id: note, task: voicemail, within: 2d, wait: false, brings: a card}
  - {id: idea, email: idea, after: 4d, pick: {match: [goals], ours: false}, brings: something to read}
  - {id: question, email: question, after: 6d}
  - {id: call-me, email: question, after: 7d, brings: what others answered}
  - {id: result, email: result, after: 7d, pick: {match: [goals], ours: true}, brings: one figure}
  - {id: goodbye, email: goodbye, after: 8d, thread: new, brings: an easy no}
""",
    "cadences/after-the-no.yaml": """cadence: after-the-no
again: 90d
allow:
  few-touches: a courtesy is two touches and no more
  no-goodbye: nothing is asked here, so there is nothing to decline
steps:
  - {id: debrief, task: voicemail, since: enrolled, wait: false, brings: what we learn}
  - {id: thanks, email: thanks-for-the-no, after: 4h, since: enrolled, brings: thanks, learn: nothing}
""",
    "templates/thanks.md": "---\nsubject: Thank you\n---\nHello,\n\nIf I got something wrong, one line is enough.\n",
    "templates/idea.md": """---
subject: "For your list: {{ pick.title }}"
---
Hello,

It made me think of what you said about your meetings.

[{{ pick.title }}]({{ pick.url }})
""",
    "templates/question.md": "---\nsubject: One question\n---\nHello,\n\nWhat would you change first?\n",
    "templates/result.md": "---\nsubject: One figure\n---\nHello,\n\n**{{ pick.result }}**, says {{ pick.source }}.\n",
    "templates/goodbye.md": "---\nsubject: Yes or no\n---\nHello,\n\nPerhaps it is a no. That is a good answer.\n",
    "templates/thanks-for-the-no.md": "---\nsubject: Thank you\n---\nHello,\n\nThere is nothing you need to do.\n",
    "templates/tasks/voicemail.md": '---\ntitle: Call\n---\nNever say "just checking in".\n\n> Good morning. Both are fine.\n',
    "content/reading.md": """---
title: Fewer meetings
url: https://example.org/fewer-meetings
topics: [meetings]
expires: 2027-11-30
---
A page of advice.
""",
    "content/figure.md": """---
title: Paid sooner
topics: [cash flow]
ours: true
source: our own count
result: "days until paid: 41 before, 29 after"
---
A wholesaler counted.
""",
}  # fmt: skip


def found(root: Path, changed: dict[str, str] | None = None, today: date | None = TODAY) -> tuple[Finding, ...]:
    """What lint says of the small workspace, with some files changed; an empty text deletes one."""
    for name, text in {**FILES, **(changed or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if not text:
            path.unlink()
    workspace = load_workspace(root / "config.yaml", channels=CHANNELS, environ={})
    assert [str(problem) for problem in workspace.problems] == []
    return lint(workspace, today)


def still_open(findings: tuple[Finding, ...]) -> list[str]:
    return [str(finding) for finding in findings if not finding.allowed]


def swapped(name: str, old: str, new: str) -> dict[str, str]:
    assert FILES[name].count(old) == 1, f"{name} holds {FILES[name].count(old)} times: {old}"
    return {name: FILES[name].replace(old, new)}


# -- the table -----------------------------------------------------------------------------------


def test_the_small_workspace_is_clean(tmp_path: Path) -> None:
    """With all good examples in it there is nothing to say, and three findings are allowed with their reasons."""
    findings = found(tmp_path)
    assert still_open(findings) == []
    assert {(finding.path, finding.rule) for finding in findings} == {
        ("cadences/after-the-no.yaml", "few-touches"),
        ("cadences/after-the-no.yaml", "no-goodbye"),
        ("cadences/second.yaml", "no-brings"),
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples(rule: Rule, tmp_path: Path) -> None:
    """The bad example makes its rule speak and no other; the good one stands in the clean workspace."""
    told = [finding for finding in found(tmp_path, swapped(rule.where, rule.good, rule.bad)) if not finding.allowed]
    assert {finding.rule for finding in told} == {rule.id}
    assert all(finding.text and finding.text.isprintable() and len(finding.text) < 200 for finding in told)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_and_why(rule: Rule) -> None:
    """Every row is a sentence, a reason and two different examples, under a name that may stand in a file."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+|pressure", rule.id)
    assert rule.says.endswith(".")
    assert len(rule.why.split()) >= 8
    assert rule.bad != rule.good
    assert rule.find.__doc__


def test_the_page_is_fresh() -> None:
    """docs/lint.md is made from the table; `make docs` writes it again."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs/lint.md").read_text("utf-8") == module.lint_page()


def test_the_starter_set_is_clean() -> None:
    """What `init` writes keeps to the craft, or says why not."""
    source = starter_folder()
    workspace = load_workspace(source / "config.example.yaml", channels=CHANNELS, environ={})
    assert still_open(lint(workspace, TODAY)) == []


# -- places --------------------------------------------------------------------------------------


PLACES = [
    ("cadences/offer.yaml", "after: 6d", "after: 2d", "7:40", "shrinking-gaps"),
    ("cadences/offer.yaml", ", doors: [yes, later, no]", "", "8:5", "no-goodbye"),
    ("templates/idea.md", "It made", "Well.\n\nI am just\nchecking in. It made", "8:6", "empty-words"),
    ("templates/idea.md", "For your list", "Touching base", "2:11", "empty-words"),
    ("templates/idea.md", "\n---\nHello", '\npreheader: "Following up, of course"\n---\nHello', "3:13", "empty-words"),
    ("templates/idea.md", "\n---\nHello,", "\n---\n\n\nTouch base,", "6:1", "empty-words"),
    ("templates/idea.md", '"For your list: {{ pick.title }}"', "'  aw : our talk'", "2:13", "fake-reply"),
    ("templates/tasks/voicemail.md", "> Good", "> This is your last chance. Good", "6:16", "pressure"),
    ("content/figure.md", "source: our own count\n", "", "4:7", "result-without-proof"),
    ("content/reading.md", "expires: 2027-11-30", "expires: 2026-11-22", "5:10", "expiring-item"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "place", "rule"), PLACES)
def test_places(name: str, old: str, new: str, place: str, rule: str, tmp_path: Path) -> None:
    """A finding names file, line and column of what it is about, in front matter and body alike."""
    changed = swapped(name, old, new)
    if rule == "no-goodbye":
        changed |= swapped("templates/goodbye.md", "Perhaps it is a no. That is a good answer.", "Until then.")
        changed |= swapped("cadences/second.yaml", "thread: new", "doors: [no]")
    told = [finding for finding in found(tmp_path, changed) if not finding.allowed]
    assert [(finding.path, f"{finding.line}:{finding.column}", finding.rule) for finding in told] == [(name, place, rule)]


# -- what is no breach ---------------------------------------------------------------------------


FINE = {
    "a call on the day of a mail sets no rhythm": swapped(
        "cadences/offer.yaml", "  - {id: call", "  - {id: ring, task: voicemail, after: 2h, brings: a voice}\n  - {id: call"
    ),
    "a goodbye in a new conversation that says that no is fine": swapped(
        "cadences/offer.yaml", ", doors: [yes, later, no]", ""
    ),
    "of two branches only the longer one counts": swapped(
        "templates/idea.md", "It made", "{% if today %}" + "word " * 80 + "{% else %}" + "word " * 80 + "{% endif %} It made"
    ),
    "a value in a subject is taken for a short one": swapped(
        "templates/idea.md", "For your list: ", "For you and your list this week, {{ prospect.company }}: "
    ),
    "words of a name in capitals": swapped("templates/question.md", "subject: One question", "subject: NATO and ISO in one question"),
    "one exclamation mark": swapped("templates/question.md", "subject: One question", "subject: One question!"),
    "Re in the middle of a word": swapped("templates/question.md", "subject: One question", "subject: 'Reading: one question'"),
    "a host that only ends like a shortener": swapped("content/reading.md", "example.org", "habit.ly.example.org"),
    "a circle that takes nobody twice": swapped(
        "cadences/after-the-no.yaml", "again: 90d\n", "end: {enroll: offer}\n"
    ),
    "the doors are no links": swapped(
        "templates/thanks.md", "If I", "[yes]({{ doors.yes }}) [no]({{ doors.no }}) [here](https://example.com) If I"
    ) | swapped("cadences/offer.yaml", "email: thanks,", "email: thanks, doors: [yes, later, no],")
      | swapped("cadences/second.yaml", "email: thanks,", "email: thanks, doors: [yes, later, no],"),
    "a phrase inside longer words": swapped("templates/idea.md", "It made", "Adjust checking into it made"),
    "a task note is kept in stock": {"templates/tasks/card.md": FILES["templates/tasks/voicemail.md"]},
    "a language variant is used with its base": {"templates/thanks.de.md": FILES["templates/thanks.md"]},
}  # fmt: skip


@pytest.mark.parametrize("why", FINE)
def test_no_false_alarm(why: str, tmp_path: Path) -> None:
    """What only looks like a breach is left alone."""
    assert still_open(found(tmp_path, FINE[why])) == []


def test_what_depends_on_broken_files_is_not_guessed(tmp_path: Path) -> None:
    """While a cadence has mistakes nobody says that its texts are unused, or that an `allow` has nothing to silence."""
    found(tmp_path)
    (tmp_path / "cadences/after-the-no.yaml").write_text("cadence: after-the-no\nsteps: 3\n")
    workspace = load_workspace(tmp_path / "config.yaml", channels=CHANNELS, environ={})
    assert workspace.problems
    assert still_open(lint(workspace, TODAY)) == []


def test_without_a_date_nothing_is_said_about_dates(tmp_path: Path) -> None:
    """The date is the caller's to give."""
    old = swapped("content/reading.md", "2027-11-30", "2020-01-01")
    assert still_open(found(tmp_path, old, today=None)) == []
    assert len(still_open(found(tmp_path, old))) == 1


# -- phrases -------------------------------------------------------------------------------------


TYPED = {
    "en": "I'm just checking in on this.", "de": "Ich wollte nur kurz nachfragen.", "fr": "Avez-vous bien reçu mon message ?",
    "es": "Le escribo para hacer seguimiento.", "it": "Ha ricevuto la mia e-mail?", "nl": "Ik wilde even checken hoe het gaat.",
    "pt": "Só queria saber se leu.", "pl": "Chciałem tylko zapytać o ofertę.", "sv": "Jag ville bara höra hur det går.",
    "da": "Jeg ville bare høre, om du så den.", "cs": "Jen se chci zeptat na nabídku.", "tr": "Sadece kontrol etmek istedim.",
    "ja": "先日の件、その後いかがでしょうか。",
}  # fmt: skip


@pytest.mark.parametrize("language", TYPED)
def test_each_language_has_its_empty_words(language: str) -> None:
    """A typical empty follow-up is recognised in every language that we read."""
    assert any(EMPTY.find(TYPED[language]))


@pytest.mark.parametrize("table", [EMPTY, PRESSURE, ASKING, FREE_TO_SAY_NO], ids=["empty", "pressure", "asking", "no"])
def test_every_phrase_is_found(table: Phrases) -> None:
    """Each phrase of each language is found as it stands, in capitals, and over a line end."""
    assert len(table.table) == 13
    for language, phrases in table.table.items():
        for phrase in phrases:
            shouted = phrase.replace("ı", "I").upper() if language != "tr" else phrase
            for text in (f"Well, {phrase}: now.", f"({phrase})", shouted, phrase.replace(" ", "\n> ")):
                assert any(table.find(text)), (language, text)


@pytest.mark.parametrize(
    ("text", "offset", "typed"),
    [
        ("it’s before it’s too late", 5, "before it’s too late"),
        ("I  haven\N{GRAVE ACCENT}t   heard back", 0, "I haven`t heard back"),
        ("this is *your* **last** chance", 17, "last** chance"),
        ("Ich wollte NUR KURZ\nNACHFRAGEN.", 11, "NUR KURZ NACHFRAGEN"),
        ("sidste pamindelse", 0, "sidste pamindelse"),
        ("nur mal hoeren", 0, "nur mal hoeren"),
        ("derniere chance", 0, "derniere chance"),
        ("dernie\u0300re chance", 0, "dernie\u0300re chance"),
    ],
)
def test_spelling_is_loose(text: str, offset: int, typed: str) -> None:
    """Apostrophes, blanks, emphasis and accents may differ; the place and the words are those of the text."""
    assert (offset, typed) in [*EMPTY.find(text), *PRESSURE.find(text)]


def test_overlapping_phrases_are_told_once() -> None:
    """Of phrases in one another only the longest is told."""
    assert [typed for _, typed in EMPTY.find("I just wanted to check in and was just checking in to see you")] == [
        "just wanted to check in",
        "just checking in",
    ]


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    """Whatever is typed, looking for phrases ends, and each place lies in the text."""
    for table in (EMPTY, PRESSURE, ASKING, FREE_TO_SAY_NO):
        assert all(0 <= offset < len(text) for offset, _ in table.find(text))


def test_hostile_texts_take_no_time() -> None:
    """Blanks and near misses in great number don't make a search slow."""
    import time

    begin = time.process_time()
    for text in ("just" + " " * 60_000 + "checking", "just checking " * 5_000, "*_>" * 20_000 + "base touch"):
        list(EMPTY.find(text))
    assert time.process_time() - begin < 1


# -- allow ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("few-touchs: a courtesy is short", 'there is no rule "few-touchs"; did you mean "few-touches"?'),
        ("few-touches: x", '"x" is no reason'),
        ("few-touches: to do", '"to do" is no reason'),
        ("many-touches: because we like it", "many-touches is not broken here any more; remove it"),
        ("poor-allow: because we like it", "poor-allow can't be allowed"),
    ],
)
def test_a_poor_allow_is_told_at_its_own_place(entry: str, words: str, tmp_path: Path) -> None:
    """An unknown rule, a poor reason and an entry that silences nothing are findings where they stand."""
    changed = swapped("cadences/after-the-no.yaml", "few-touches: a courtesy is two touches and no more", entry)
    (told,) = [finding for finding in found(tmp_path, changed) if finding.rule == "poor-allow"]
    assert (told.path, told.line, told.column) == ("cadences/after-the-no.yaml", 4, 3 + entry.index(": ") + 2)
    assert words in told.text


@pytest.mark.parametrize(
    "name", ["templates/question.md", "templates/tasks/voicemail.md", "content/figure.md", "content/reading.md"]
)
def test_front_matter_allows(name: str, tmp_path: Path) -> None:
    """Messages, task notes and content items allow for themselves; an entry without effect is told there."""
    old = {
        "templates/question.md": "Hello,",
        "templates/tasks/voicemail.md": "> Good",
        "content/figure.md": "source: our own count\n",
        "content/reading.md": "topics: [meetings]",
    }[name]
    new = {
        "templates/question.md": "Touching base,",
        "templates/tasks/voicemail.md": "> Touching base. Good",
        "content/figure.md": "",
        "content/reading.md": "topics: []",
    }[name]
    broken = swapped(name, old, new)
    (open_finding,) = [finding for finding in found(tmp_path, broken) if not finding.allowed]
    allow = f"---\nallow: {{{open_finding.rule}: it is a quotation of theirs}}\n"
    allowed = found(tmp_path, {name: broken[name].replace("---\n", allow, 1)})
    assert still_open(allowed) == []
    assert [finding.allowed for finding in allowed if finding.path == name] == ["it is a quotation of theirs"]
    needless = [finding for finding in found(tmp_path, {name: FILES[name].replace("---\n", allow, 1)}) if not finding.allowed]
    assert [(finding.path, finding.line, finding.column, finding.rule) for finding in needless] == [
        (name, 2, allow.index(" it is") - 2, "poor-allow")
    ]


def test_config_allows_for_all(tmp_path: Path) -> None:
    """An entry in config.yaml holds for every file; without effect it is told in config.yaml."""
    allow = "allow: {fake-reply: our customers expect it}\n"
    config = {"config.yaml": FILES["config.yaml"] + allow}
    broken = swapped("templates/question.md", "One question", "'Re: one question'")
    assert still_open(found(tmp_path, config | broken)) == []
    assert still_open(found(tmp_path, config)) == [
        "config.yaml:8:21: warning: allow: fake-reply is not broken anywhere any more; remove it [poor-allow]"
    ]


def test_findings_are_sorted_and_told_once(tmp_path: Path) -> None:
    """The order is that of the files; two runs say the same."""
    changed = swapped("templates/question.md", "Hello,", "Touching base, just checking in,")
    first = found(tmp_path, changed)
    assert list(first) == sorted(set(first))
    assert first == found(tmp_path, changed)
