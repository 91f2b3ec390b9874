"""Cadence tests as files: what a diary may say, where each mistake stands, and what does not fit the workspace."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd import starter
from followupd.core.model import Step
from followupd.files.cadence_tests import (
    BESIDE,
    DEEDS,
    HAPPENINGS,
    Case,
    CaseFile,
    EntryPart,
    Moment,
    parse_cases,
    parse_moment,
)
from followupd.files.tests_check import Facts, check_tests

HEAD = """\
cadence: proposal
start: 2026-11-10 09:00
prospect: {email: ann@acme.example, first_name: Ann}
tests:
  - test: first
    diary:
"""


def file_of(text: str) -> CaseFile:
    found, problems = parse_cases(text, "tests/a.yaml")
    assert found is not None, problems
    return found


def case_of(*entries: str, head: str = HEAD) -> Case:
    (case,) = file_of(head + "\n".join(f"      - {entry}" for entry in entries)).cases
    return case


def problems_of(text: str) -> list[str]:
    found, problems = parse_cases(text, "tests/a.yaml")
    assert found is None
    return [str(problem).removeprefix("tests/a.yaml:") for problem in problems]


def mistake(entry: str) -> str:
    """What is said of a diary with this one entry, which stands in line 7."""
    (said,) = problems_of(f"{HEAD}      - {entry}\n")
    return said


# -- reading -------------------------------------------------------------------------------------


def test_a_case_inherits_from_its_file() -> None:
    """Cadence, start and zone of the file hold where a test says nothing; its columns come on top of the file's."""
    file = file_of(
        """\
about: What we promise.
cadence: proposal
start: 2026-11-10 09:00
zone: Europe/Berlin
only: [mail, finished]
prospect: {email: ann@acme.example, country: DE}
tests:
  - test: one
    diary: []
  - test: two
    cadence: nurture
    start: 2026-11-11 10:30
    zone: Asia/Tokyo
    only: task
    until: 2026-12-01
    variant: plain
    prospect: {country: JP, goals: 3}
    diary: []
"""
    )
    one, two = file.cases
    assert (one.cadence, str(one.start), one.zone) == ("proposal", "2026-11-10 09:00:00", "Europe/Berlin")
    assert one.columns == {"email": "ann@acme.example", "country": "DE"}
    assert (one.only, one.variant, str(one.end)) == ({"mail", "finished"}, "", "2026-11-24 09:00:00")
    assert (two.cadence, str(two.start), two.zone, two.variant) == ("nurture", "2026-11-11 10:30:00", "Asia/Tokyo", "plain")
    assert two.columns == {"email": "ann@acme.example", "country": "JP", "goals": "3"}
    assert (two.only, str(two.end)) == ({"task"}, "2026-12-01 23:59:00")
    assert (one.line, one.column, two.line, two.column) == (8, 5, 10, 5)


def test_a_diary_is_read_from_the_top() -> None:
    """Entries have a date, an hour, a way to count on from the entry above, and each knows where it stands."""
    case = case_of(
        "tue 2026-11-10 13:00: {mail: thanks, subject: Hello, has: one sentence, thread: new}",
        "then: {task: note, until: 2026-11-11 11:00}",
        "+2h: {done: note}",
        "+3d 9:05: {reply: No thanks., from: bo@acme.example, means: no}",
        "+1w: {finished: no}",
        "2026-12-24: {mail: thanks, in: after-the-no}",
    )
    assert [str(entry.moment) for entry in case.diary] == [
        "tue 2026-11-10 13:00", "tue 2026-11-10 13:00", "tue 2026-11-10 15:00", "fri 2026-11-13 09:05", "fri 2026-11-20 09:05",
        "thu 2026-12-24",
    ]  # fmt: skip
    assert [(entry.verb, entry.value) for entry in case.diary] == [
        ("mail", "thanks"), ("task", "note"), ("done", "note"), ("reply", "No thanks."), ("finished", "no"), ("mail", "thanks"),
    ]  # fmt: skip
    assert [entry.expected for entry in case.diary] == [True, True, False, False, True, True]
    assert case.diary[0].said == {"subject": "Hello", "has": ("one sentence",), "thread": "new"}
    assert case.diary[3].said == {"from": "bo@acme.example", "means": "no"}
    assert [entry.cadence for entry in case.diary] == ["proposal"] * 5 + ["after-the-no"]
    assert [(entry.line, entry.column) for entry in case.diary] == [(line, 9) for line in range(7, 13)]
    assert str(case.end) == "2027-01-07 23:59:00"


def test_words_of_yaml_are_words() -> None:
    """`yes`, `no` and dates are the text that was typed, without quotes."""
    case = case_of("2026-11-10 13:00: {decide: no}", "then: {finished: yes}", "then: {paused: 2026-12-01}", "then: {held: true}")
    assert [entry.value for entry in case.diary] == ["no", "yes", "2026-12-01", True]


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)), st.none() | st.times())
def test_a_moment_reads_what_it_writes(day: date, clock: time | None) -> None:
    """A moment as it is shown can be written into a diary again."""
    moment = Moment(day, clock.replace(second=0, microsecond=0) if clock else None)
    assert parse_moment(str(moment)) == moment
    assert moment.covers(moment.first)
    assert moment.covers(moment.last)


@given(st.text(max_size=300))
def test_any_text_is_read_or_told(text: str) -> None:
    """Nothing that can be typed makes the parser fail: there is a file, or there are problems."""
    file, problems = parse_cases(text, "tests/a.yaml")
    assert (file is None) == bool(problems)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*HAPPENINGS, *DEEDS, "in", "has", "to", "x"]),
            st.sampled_from(["a", "true", "1", "2026-11-10", "[]", "{}"]),
            max_size=3,
        ),
        max_size=4,
    ),
    st.sampled_from(["2026-11-10 09:00", "then", "+1d", "+9999w", "2026-02-30", "x"]),
)
def test_any_diary_is_read_or_told(entries: list[dict[str, str]], moment: str) -> None:
    """The same for whatever is put into a diary."""
    lines = [f"      - {moment}: {{{', '.join(f'{key}: {value}' for key, value in entry.items())}}}" for entry in entries]
    file, problems = parse_cases(HEAD + "\n".join(lines or ["      []"]), "tests/a.yaml")
    assert (file is None) == bool(problems)


def test_every_key_belongs_to_a_verb() -> None:
    """The table of companions names only keys that exist, and every key that is no verb stands beside one."""
    keys = {field.alias or name for name, field in EntryPart.model_fields.items()}
    assert set(HAPPENINGS) | set(DEEDS) <= keys
    assert {key for known in BESIDE.values() for key in known} == keys - set(HAPPENINGS) - set(DEEDS)
    assert set(BESIDE) <= keys


@pytest.mark.parametrize("path", sorted(starter.starter_tests().glob("*.yaml")), ids=lambda path: path.stem)
def test_the_starter_set_is_in_order(path: Path) -> None:
    """Each shipped file of tests can be read, and holds more than one test."""
    file, problems = parse_cases(path.read_text("utf-8"), path.name)
    assert problems == []
    assert file is not None
    assert len(file.cases) > 1


# -- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("2026-11-10 13:00: {mial: thanks}", '7:34: tests.0.diary.0.2026-11-10 13:00.mial: no such key; did you mean "mail"?'),
        ("mon 2026-11-10 13:00: {mail: thanks}", "7:9: tests.0.diary.0: mon 2026-11-10 13:00: 2026-11-10 is a Tuesday; write tue, or leave the weekday out"),
        ("2026-02-30: {mail: thanks}", "7:9: tests.0.diary.0: 2026-02-30: there is no day 30 in that month"),
        ("2026-13-01: {mail: thanks}", "7:9: tests.0.diary.0: 2026-13-01: there is no date 2026-13-01"),
        ("2026-11-10 24:00: {mail: thanks}", "7:9: tests.0.diary.0: 2026-11-10 24:00: there is no time 24:00; write hours from 00 to 23 and minutes from 00 to 59"),
        ("soon: {mail: thanks}", '7:9: tests.0.diary.0: soon: write a date and an hour such as "2026-11-10 13:00", "+2d 09:00" after the entry above, or "then" for the same minute'),
        ("2026-11-09: {mail: thanks}", "7:9: tests.0.diary.0: 2026-11-09: earlier than the start (tue 2026-11-10 09:00); write the entries in the order of time"),
        ("2026-11-10: {reply: No.}", "7:9: tests.0.diary.0: 2026-11-10: what people do needs the hour as well, such as tue 2026-11-10 09:00"),
        ("2026-11-10: {subject: Hello}", f"7:21: tests.0.diary.0.2026-11-10: says nothing that happens; write one of {', '.join(HAPPENINGS)}, or of {', '.join(DEEDS)}"),
        ("2026-11-10: {mail: a, task: b}", '7:37: tests.0.diary.0.2026-11-10.task: mail and task are two entries; give the second its own line with "then"'),
        ("2026-11-10: {mail: a, title: b}", "7:38: tests.0.diary.0.2026-11-10.title: title does not go with mail; known there: in, subject, has, lacks, item, thread, from"),
        ("2026-11-10: {enrolled: a, has: b}", "7:40: tests.0.diary.0.2026-11-10.has: has does not go with enrolled; nothing does"),
        ("2026-11-10: {mail: First Idea}", '7:28: tests.0.diary.0.2026-11-10.mail: write a name of small letters, digits and "-", such as "first-idea"'),
        ("2026-11-10: {finished: maybe}", "7:32: tests.0.diary.0.2026-11-10.finished: write 'yes', 'no', 'silent', 'referred', 'opted_out', 'bounced', 'failed', 'stopped' or 'welcome'"),
        ("2026-11-10: {held: false}", "7:28: tests.0.diary.0.2026-11-10.held: write true, or some of the words of the reason"),
        ("2026-11-10: {paused: 10d}", "7:30: tests.0.diary.0.2026-11-10.paused: write a date such as 2026-11-10, or with the hour: 2026-11-10 13:00"),
        ("2026-11-10 10:00: {pause: 10}", '7:35: tests.0.diary.0.2026-11-10 10:00.pause: write true, or how long, such as "10d"'),
        ("2026-11-10 10:00: {server: slow}", '7:36: tests.0.diary.0.2026-11-10 10:00.server: write the answer of the mail server such as "451 4.7.1 try again later", or ok'),
        ("2026-11-10 10:00: {resume: yes}", "7:36: tests.0.diary.0.2026-11-10 10:00.resume: write true, or leave the key out"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(entry: str, said: str) -> None:
    """One mistake, one line: where it stands, what is wrong, what to write instead."""
    assert mistake(entry) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", '1:1: empty file; delete it or start with "tests:"'),
        ("cadence: a\nstart: 2026-11-10 09:00\n", '1:1: needs "tests"; add it'),
        ("start: 2026-11-10 09:00\ntests:\n  - {test: a, diary: []}\n", '3:5: tests.0: needs "cadence": the cadence that is tested; add it here or at the head of the file'),
        ("cadence: a\ntests:\n  - {test: a, diary: []}\n", '3:5: tests.0: needs "start": when the row is saved; add it here or at the head of the file'),
        ("cadence: a\nstart: 2026-11-10\ntests:\n  - {test: a, diary: []}\n", "2:8: start: needs the hour as well, such as 2026-11-10 13:00"),
        ("cadence: a\nstart: 2026-11-10 09:00\nzone: Mars/Base\ntests:\n  - {test: a, diary: []}\n", "3:7: zone: "),
        ("cadence: a\nstart: 2026-11-10 09:00\ntests:\n  - {test: a, diary: []}\n  - {test: a, diary: []}\n", '5:12: tests.1.test: "a" is already the test at 4:12; write another name'),
        ("cadence: a\nstart: 2026-11-10 09:00\ntests:\n  - {test: a, dairy: []}\n", '4:22: tests.0.dairy: no such key; did you mean "diary"?'),
        ("start: 2026-11-10 09:00\nprospect: {cadence: a}\ntests:\n  - {test: a, cadence: a, diary: []}\n", '2:21: prospect.cadence: the cadence stands beside "prospect", not in it; move it there'),
        (HEAD.replace("tests:", "only: [mail]\ntests:") + "      - 2026-11-11: {task: note}\n", '8:28: tests.0.diary.0.2026-11-11.task: "only" leaves task out, so this is never compared; add it there or remove this entry'),
        (HEAD + "      - 2026-11-12 10:00: {mail: a}\n      - 2026-11-11: {mail: a}\n", "8:9: tests.0.diary.1: 2026-11-11: earlier than the entry above (thu 2026-11-12 10:00); write the entries in the order of time"),
        (HEAD + "      - 2026-11-12: {mail: a}\n      - +2h: {mail: a}\n", "8:9: tests.0.diary.1: +2h: hours and minutes count from an entry above that has an hour, and take no hour of their own; write the date"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_says_where(text: str, said: str) -> None:
    """The same for the head of a file and for what entries have to do with each other."""
    assert any(problem.startswith(said) for problem in problems_of(text)), problems_of(text)


def test_all_mistakes_are_told_at_once() -> None:
    """One run names every mistake, in the order of the file."""
    text = HEAD + "      - 2026-11-11: {mial: a}\n      - 2026-11-10 08:00: {task: b}\n      - then: {decide: perhaps}\n"
    assert [problem.partition(":")[0] for problem in problems_of(text)] == ["7", "8", "9", "9"]


# -- do they fit the workspace? ------------------------------------------------------------------

STEPS = {
    "proposal": (
        Step(id="thanks", position=0, channel="email", template="thank-you"),
        Step(id="note", position=1, channel="task", template="handwritten-note"),
    ),
    "after-the-no": (Step(id="debrief", position=0, channel="task", template="debrief"),),
}
FACTS = Facts(
    steps=STEPS, items=frozenset({"energy-bill"}), mailboxes=frozenset({"dana"}),
    columns=frozenset({"email", "first_name", "goals", "meeting_at"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("2026-11-10: {mail: thank}", '7:28: tests.0.diary.0.2026-11-10.mail: proposal has no step "thank"; did you mean "thanks"?'),
        ("2026-11-10: {mail: note}", "7:28: tests.0.diary.0.2026-11-10.mail: the step note of proposal is a task, and no mail"),
        ("2026-11-10: {task: debrief}", '7:28: tests.0.diary.0.2026-11-10.task: proposal has no step "debrief"; known: note, thanks; if you mean that of after-the-no, add: in: after-the-no'),
        ("2026-11-10: {task: debrief, in: after}", '7:41: tests.0.diary.0.2026-11-10.in: there is no cadence "after"; known: after-the-no, proposal'),
        ("2026-11-10: {mail: thanks, item: energy}", '7:42: tests.0.diary.0.2026-11-10.item: there is no content item "energy"; did you mean "energy-bill"?'),
        ("2026-11-10: {mail: thanks, from: dan}", '7:42: tests.0.diary.0.2026-11-10.from: there is no mailbox "dan"; did you mean "dana"?'),
        ("2026-11-10: {task: note, for: dan}", '7:39: tests.0.diary.0.2026-11-10.for: there is no mailbox "dan"; did you mean "dana"?'),
        ("2026-11-10: {enrolled: nurtur}", '7:32: tests.0.diary.0.2026-11-10.enrolled: there is no cadence "nurtur"; known: after-the-no, proposal'),
        ("2026-11-10 10:00: {reply: No., to: thank}", '7:44: tests.0.diary.0.2026-11-10 10:00.to: proposal has no step "thank"; did you mean "thanks"?'),
        ("2026-11-10 10:00: {done: nots}", '7:34: tests.0.diary.0.2026-11-10 10:00.done: proposal has no step "nots"; did you mean "note"?'),
        ("2026-11-10 10:00: {row: {meeting_it: x}}", '7:46: tests.0.diary.0.2026-11-10 10:00.row.meeting_it: nothing reads this column; did you mean "meeting_at"?'),
        ("2026-11-10 10:00: {row: {cadence: propos}}", '7:43: tests.0.diary.0.2026-11-10 10:00.row.cadence: there is no cadence "propos"; did you mean "proposal"?'),
    ],
)  # fmt: skip
def test_what_is_named_must_be_there(entry: str, said: str) -> None:
    """Steps, cadences, items, mailboxes and columns that a diary names are looked up, each at its place."""
    found = [str(problem) for problem in check_tests([file_of(f"{HEAD}      - {entry}\n")], FACTS)]
    assert found == [f"tests/a.yaml:{said}"]


@pytest.mark.parametrize(
    "entry",
    [
        "2026-11-10: {task: answer}", "2026-11-10: {task: thanks}", "2026-11-10: {skipped: note}", "2026-11-10: {task: debrief, in: after-the-no}",
        "2026-11-10: {mail: thanks, from: dana, item: energy-bill}", "2026-11-10 10:00: {reply: x, from: bo@acme.example}",
        "2026-11-10 10:00: {row: {shoe_size: 4}}",
    ],
)  # fmt: skip
def test_what_is_there_may_be_named(entry: str) -> None:
    """No false alarm: tasks of replies, mails that became tasks, other cadences' steps, columns of people's own."""
    assert list(check_tests([file_of(f"{HEAD}      - {entry}\n")], FACTS)) == []


def test_the_head_is_looked_up_once() -> None:
    """A cadence or column at the head of the file is told once, however many tests inherit it."""
    text = "cadence: propose\nstart: 2026-11-10 09:00\nprospect: {first_nam: Ann}\ntests:\n  - {test: a, diary: []}\n  - {test: b, diary: []}\n"
    assert [str(problem) for problem in check_tests([file_of(text)], FACTS)] == [
        'tests/a.yaml:3:23: prospect.first_nam: nothing reads this column; did you mean "first_name"?',
        'tests/a.yaml:1:10: cadence: there is no cadence "propose"; did you mean "proposal"?',
    ]


def test_an_experiment_needs_its_arm() -> None:
    """Where a cadence draws an arm, the test says which; where it has none, it names none."""

    def said(variant: str, facts: Facts) -> list[str]:
        text = HEAD.replace("    diary:\n", f"{variant}    diary: []\n")
        return [str(problem) for problem in check_tests([file_of(text)], facts)]

    drawn = Facts(steps=STEPS, variants={"proposal": ("plain", "story")}, columns=FACTS.columns)
    assert [said(variant, drawn) for variant in ("", "    variant: plane\n", "    variant: plain\n")] == [
        ['tests/a.yaml:5:5: tests.0: needs "variant": proposal draws one of plain, story; say which is drawn here'],
        ['tests/a.yaml:6:14: tests.0.variant: proposal has no such variant; did you mean "plain"?'],
        [],
    ]
    assert said("    variant: plain\n", FACTS) == [
        "tests/a.yaml:6:14: tests.0.variant: proposal has no such variant; there are none"
    ]


@pytest.mark.parametrize("empty", ["cadence:\nstart: 2026-11-12 08:00", "cadence: value\nstart:"])
def test_a_key_that_says_nothing_is_missing(empty: str) -> None:
    """`cadence:` with nothing behind it is told like a cadence that is left out."""
    _, problems = parse_cases(f"{empty}\ntests:\n  - test: one\n    diary: []\n", "t.yaml")
    assert [problem.text.partition(";")[0].partition(":")[0] for problem in problems] == ["tests.0"]


def test_a_verb_that_says_nothing_is_none() -> None:
    """`mail:` with nothing behind it is no entry."""
    text = "cadence: value\nstart: 2026-11-12 08:00\ntests:\n  - test: one\n    diary:\n      - 2026-11-12 10:00: {mail: }\n"
    _, problems = parse_cases(text, "t.yaml")
    assert [problem.column for problem in problems] == [27]
