"""`followupd test`: diaries are played and compared, differences are shown side by side, and nothing else is touched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CADENCE = """\
cadence: hello
about: Three mails and a call.
window: mon-fri 09:00-17:00
steps:
  - {id: list, email: list, after: 1h, brings: a list}
  - {id: call, task: call, after: 1d, within: 3d, brings: a voice}
  - {id: idea, email: idea, after: 1d, brings: an idea}
end: {after: 2d}
"""
CONFIG = """\
company: {name: Example Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}
defaults: {window: mon-fri 09:00-17:00, holidays: none, timezone: Europe/Berlin}
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {host: smtp.example.com, port: 587, security: starttls}
    imap: {host: imap.example.com, port: 993, security: tls}
    auth: {user: dana, password: {env: DANA_PASSWORD}}
    limits: {per_minute: 5, per_hour: 30, per_day: 120, in_flight: 1}
    gap: 45s..3m
"""
FILES = {
    "config.yaml": CONFIG,
    "cadences/hello.yaml": CADENCE,
    "cadences/urgent.yaml": "cadence: urgent\\nsteps:\\n  - {id: now, email: list}\\n".replace("\\n", "\n"),
    "templates/list.md": '---\nsubject: "The list for {{ prospect.first_name }}"\n---\nHello {{ prospect.first_name }},\n\nhere is the list.\n',
    "templates/idea.md": '---\nsubject: "An idea"\n---\nTry it on {{ prospect.email }} first.\n',
    "templates/tasks/call.md": "---\ntitle: Call {{ prospect.first_name }}\n---\nAsk how the list was.\n",
}
HEAD = """\
cadence: hello
start: 2027-03-01 10:00
prospect: {email: ann@acme.example, first_name: Ann, timezone: Europe/Berlin}
tests:
"""
GOOD = """\
  - test: nobody answers
    diary:
      - mon 2027-03-01 11:00: {mail: list, subject: The list for Ann, has: [here is the list., "Hello Ann,"], lacks: idea, thread: new, from: dana}
      - tue 2027-03-02 11:00: {task: call, title: Call Ann, has: Ask how, until: 2027-03-04 11:00, for: dana}
      - wed 2027-03-03 23:00: {reminded: call}
      - thu 2027-03-04 05:00: {escalated: call}
      - thu 2027-03-04 11:00: {skipped: call, because: deadline}
      - fri 2027-03-05 11:00: {mail: idea, thread: same, subject: "Re: The list for Ann"}
      - sun 2027-03-07: {finished: silent, because: nobody answered}
"""


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """A workspace with two small cadences of its own, and no tests yet; commands are run in it."""
    for name in ("cadences", "templates/tasks", "tests", "inbox"):
        (tmp_path / name).mkdir(parents=True, mode=0o700)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def write(folder: Path, text: str, name: str = "hello") -> None:
    (folder / "tests" / f"{name}.yaml").write_text(HEAD + text)


def case(*entries: str, more: str = "") -> str:
    """One test with these entries."""
    return f"  - test: it\n{more}    diary:\n" + "".join(f"      - {entry}\n" for entry in entries)


def times(text: str) -> str:
    """What was said, without the seconds that it took."""
    return re.sub(r" +\d+\.\d s", " N s", text)


# -- all is well ---------------------------------------------------------------------------------


def test_a_diary_that_holds_is_one_line(hello: Path, followupd) -> None:
    """Each file has a line with its tests, the simulated days and the time; the last line sums up; exit code 0."""
    write(hello, GOOD)
    write(hello, GOOD + case("mon 2027-03-01 11:00: {mail: list}", "+1h: {stop: true}", "then: {finished: stopped}"), "second")
    said = followupd("test")
    assert times(said.out).splitlines() == [
        "tests/hello.yaml     1 test        21 days N s  ok",
        "tests/second.yaml    2 tests       35 days N s  ok",
        "3 tests passed: 55 simulated days in N s",
    ], said.out
    assert said.code == 0


def test_nothing_of_the_workspace_is_touched(hello: Path, followupd) -> None:
    """No store is made, nothing is written, nothing is taken from the inbox."""
    write(hello, GOOD)
    (hello / "inbox" / "hello.csv").write_text("email,first_name\nbob@beta.example,Bob\n")
    before = {path: path.stat().st_mtime_ns for path in hello.rglob("*")}
    assert followupd("test").code == 0
    assert {path: path.stat().st_mtime_ns for path in hello.rglob("*")} == before


def test_the_caps_of_a_mailbox_do_not_count(hello: Path, followupd) -> None:
    """What the cadence says is tested, not how much a mailbox may send."""
    (hello / "config.yaml").write_text(CONFIG.replace("per_day: 120", "per_day: 1").replace("gap: 45s..3m", "gap: 2h..3h"))
    write(hello, GOOD)
    assert followupd("test").code == 0


PLAYS = {
    "a reply ends it": (
        "", "mon 2027-03-01 11:00: {mail: list}", "+1h: {reply: 'No thanks, we are not interested.', means: no}", "then: {finished: no}",
    ),
    "a mail of a colleague is unclear": (
        "2027-03-01", "mon 2027-03-01 11:00: {mail: list}", "+1h: {reply: 'No thanks, we are not interested.', from: bo@acme.example}",
        "then: {held: written by bo}", "then: {task: decide}", "+1h: {decide: no}", "then: {finished: no}",
    ),
    "an absence": (
        "2027-03-12 20:00", "mon 2027-03-01 11:00: {mail: list}", "+1h: {away: I am out of the office until 8 March 2027.}",
        "then: {paused: 2027-03-09}", "2027-03-04 11:00: {skipped: call}", "2027-03-09 09:00: {mail: idea}", "2027-03-11: {finished: silent}",
    ),
    "a bounce": (
        "", "mon 2027-03-01 11:00: {mail: list}", "+1m: {bounce: hard}", "then: {finished: bounced}", "then: {suppressed: ann@acme.example}",
    ),
    "a complaint": (
        "", "mon 2027-03-01 11:00: {mail: list}", "+1h: {complain: true, to: list}", "then: {finished: opted_out}", "then: {suppressed: true}",
    ),
    "a rep who pauses": (
        "2027-03-07", "mon 2027-03-01 10:30: {pause: 10d}", "then: {paused: 2027-03-11 10:30}", "2027-03-05 10:00: {resume: true}",
        "then: {mail: list}", "2027-03-05 10:30: {pause: true}", "then: {paused: true}",
    ),
    "a rep who works": (
        "", "mon 2027-03-01 11:00: {mail: list}", "2027-03-02 11:00: {task: call}", "2027-03-02 12:00: {done: call}",
        "2027-03-03 12:00: {mail: idea}", "2027-03-05: {finished: silent}",
    ),
    "a server that refuses": (
        "", "mon 2027-03-01 10:30: {server: 550 5.1.1 no such user}", "mon 2027-03-01 11:00: {finished: bounced}", "then: {suppressed: true}",
    ),
    "a server that has no time": (
        "2027-03-01", "mon 2027-03-01 10:30: {server: 451 4.7.1 greylisted}", "mon 2027-03-01 11:00: {deferred: list, because: 451}",
        "+1m: {server: ok}", "2027-03-01: {mail: list}",
    ),
    "a second row": (
        "2027-03-01", "mon 2027-03-01 11:00: {mail: list}", "+1h: {row: {first_name: Anne}}", "then: {rejected: duplicate}", "+1h: {stop: true}",
        "then: {finished: stopped}", "+1h: {row: {cadence: urgent}}", "then: {enrolled: urgent}", "then: {mail: now, in: urgent}",
    ),
}  # fmt: skip
"""How long each is played, where not by itself; and its diary."""


@pytest.mark.parametrize("name", PLAYS)
def test_a_play(name: str, hello: Path, followupd) -> None:
    """Everything that people and their machines can do in a diary has the effect that it has in earnest."""
    until, *entries = PLAYS[name]
    write(hello, case(*entries, more=f"    until: {until}\n" if until else ""))
    said = followupd("test")
    assert said.code == 0, said.out


def test_times_are_the_prospects(hello: Path, followupd) -> None:
    """Without a zone of its own a test speaks of the prospect's clock: by zone, by country, or by the defaults."""
    entry = "2027-03-02 11:00: {mail: list}"
    for columns in ("timezone: Asia/Tokyo", "timezone: '', country: JP", "timezone: ''"):
        text = f"    start: 2027-03-02 10:00\n    prospect: {{{columns}}}\n    only: mail\n    until: 2027-03-02\n"
        write(hello, case(entry, more=text))
        assert followupd("test").code == 0, columns
    write(
        hello,
        case(
            "2027-03-02 03:00: {mail: list}",
            more="    start: 2027-03-02 02:00\n    zone: Europe/Berlin\n    prospect: {timezone: Asia/Tokyo}\n    only: mail\n    until: 2027-03-02\n",
        ),
    )
    assert followupd("test").code == 0


def test_the_first_mailbox_writes(hello: Path, followupd) -> None:
    """Where a row names no owner, the first mailbox of the configuration writes; `from` and `for` see who it was."""
    other = CONFIG[CONFIG.index("  dana:") :].replace("dana", "lee").replace("DANA", "LEE").replace("Dana Reyes", "Lee Park")
    (hello / "config.yaml").write_text(CONFIG + other)
    write(hello, GOOD)
    assert followupd("test").code == 0
    write(
        hello, case("mon 2027-03-01 11:00: {mail: list, from: lee}", more="    prospect: {owner: lee}\n    until: 2027-03-01\n")
    )
    assert followupd("test").code == 0


def test_an_experiment_draws_what_the_test_says(hello: Path, followupd) -> None:
    """Each test of a cadence with variants plays the arm that it names, however the shares are."""
    text = CADENCE.replace("steps:", "variants: {plain: 999, story: 1}\nsteps:").replace(
        "email: list,", "email: list, variants: {story: idea},"
    )
    (hello / "cadences" / "hello.yaml").write_text(text)
    for arm, subject in (("plain", "The list for Ann"), ("story", "An idea")):
        write(
            hello,
            case(
                f"mon 2027-03-01 11:00: {{mail: list, subject: {subject}}}", more=f"    variant: {arm}\n    until: 2027-03-01\n"
            ),
        )
        said = followupd("test")
        assert said.code == 0, said.out
    write(hello, GOOD)
    assert 'needs "variant": hello draws one of plain, story; say which is drawn here' in followupd("test").out


# -- something is not as it should be ------------------------------------------------------------


def test_a_difference_is_shown_side_by_side(hello: Path, followupd) -> None:
    """The whole diary is shown on both sides, what differs is marked, and each difference has its place and a small diff."""
    write(
        hello,
        case(
            "mon 2027-03-01 11:30: {mail: list, subject: The list for Bob, has: here is a list.}",
            "mon 2027-03-01 12:00: {reply: Yes please!, means: no}",
            "2027-03-02 10:00: {done: note}",
            "2027-03-02 11:00: {mail: idea}",
        ).replace("note", "call"),
    )
    said = followupd("test")
    assert said.code == 1
    lines = said.out.splitlines()
    assert "1 failed" in lines[0]
    assert "tests/hello.yaml:5:5: it (hello, ann@acme.example)" in lines
    assert any(re.match(r"  ! mon 2027-03-01 11:30 mail list +mon 2027-03-01 11:00 mail list$", line) for line in lines), said.out
    assert any(re.match(r"  - tue 2027-03-02 11:00 mail idea$", line) for line in lines), said.out
    assert any(line.startswith("  + ") for line in lines), said.out
    told = "\n".join(line.strip() for line in lines)
    for part in (
        "tests/hello.yaml:7:9: mail list: when:\n- mon 2027-03-01 11:30\n+ mon 2027-03-01 11:00\nby the rule: 1h after Mon 1 Mar 10:00",
        "tests/hello.yaml:7:9: mail list: subject:\n- The list for Bob\n+ The list for Ann",
        "tests/hello.yaml:7:9: mail list: has, nearest line:\n- here is a list.\n+ here is the list.",
        "tests/hello.yaml:9:9: done call: there is no open task call at that moment; open:",
        "tests/hello.yaml:10:9: mail idea: this did not happen",
        "1 of 1 test failed: ",
    ):
        assert part in told, said.out


ONE_MAIL = "mon 2027-03-01 11:00: {mail: list}"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("mon 2027-03-01 11:01: {mail: list}", "when"),
        ("tue 2027-03-02: {mail: list}", "when"),
        ("mon 2027-03-01 11:00: {mail: idea}", "mail"),
        ("mon 2027-03-01 11:00: {mail: list, subject: The list}", "subject"),
        ("mon 2027-03-01 11:00: {mail: list, has: there}", "has"),
        ("mon 2027-03-01 11:00: {mail: list, lacks: here}", "lacks"),
        ("mon 2027-03-01 11:00: {mail: list, thread: same}", "thread"),
        ("mon 2027-03-01 11:00: {mail: list, in: urgent}", "urgent has no step"),
        ("mon 2027-03-01 11:00: {task: call}", "mail in place of task"),
        ("2027-03-01: {finished: silent}", "this did not happen"),
    ],
)
def test_each_thing_that_is_expected_is_compared(entry: str, fault: str, hello: Path, followupd) -> None:
    """Whatever an entry says can fail."""
    write(hello, case(ONE_MAIL, more="    until: 2027-03-01\n"))
    assert followupd("test").code == 0
    write(hello, case(entry, more="    until: 2027-03-01\n"))
    said = followupd("test")
    assert said.code == 1
    assert fault in said.out or "this did not happen" in said.out


@pytest.mark.parametrize(
    "entry",
    [
        "2027-03-02 11:00: {task: call, title: Call Bob}", "2027-03-02 11:00: {task: call, until: 2027-03-04 12:00}", "2027-03-02 11:00: {task: call, for: dana, has: x}",
        "2027-03-02 11:01: {task: call}", "2027-03-02 11:00: {reminded: call}",
    ],
)  # fmt: skip
def test_each_thing_about_a_task_is_compared(entry: str, hello: Path, followupd) -> None:
    """The same for tasks: title, words, deadline, moment."""
    write(hello, case("2027-03-01: {mail: list}", "2027-03-02 11:00: {task: call}", more="    until: 2027-03-02\n"))
    assert followupd("test").code == 0
    write(hello, case("2027-03-01: {mail: list}", entry, more="    until: 2027-03-02\n"))
    assert followupd("test").code == 1


def test_what_is_not_listed_is_a_failure(hello: Path, followupd) -> None:
    """A diary is complete: one mail more than it names fails it; `only` says what it is about."""
    write(hello, case(more="    until: 2027-03-01\n").replace("diary:", "diary: []"))
    said = followupd("test")
    assert said.code == 1
    assert "tests/hello.yaml:5:5: mon 2027-03-01 11:00 mail list: this was not expected" in said.out
    write(hello, case(more="    until: 2027-03-01\n    only: [task]\n").replace("diary:", "diary: []"))
    assert followupd("test").code == 0


def test_a_rejected_row_is_told_with_its_reason(hello: Path, followupd) -> None:
    """A row that intake hands back can be expected; where it is not, its reason is shown."""
    write(hello, case("2027-03-01 10:00: {rejected: first_name is empty}", more='    prospect: {first_name: ""}\n'))
    assert followupd("test").code == 0
    write(hello, case(ONE_MAIL, more='    prospect: {first_name: ""}\n'))
    said = followupd("test")
    assert said.code == 1
    assert "because: first_name is empty" in said.out


# -- choosing, and refusing ----------------------------------------------------------------------


def test_a_word_picks_tests(hello: Path, followupd) -> None:
    """`-k` takes the tests whose name, cadence or file holds the word; one that nothing holds is a fault."""
    write(hello, GOOD + case(ONE_MAIL, more="    until: 2027-03-01\n"))
    assert "2 tests passed" in followupd("test").out
    assert "1 test passed" in followupd("test", "-k", "NOBODY").out
    said = followupd("test", "-k", "somebody")
    assert (said.code, said.out) == (1, 'no test whose name, cadence or file holds "somebody"\n')


def test_files_may_be_named(hello: Path, followupd) -> None:
    """`followupd test FILE...` plays those, wherever they lie."""
    write(hello, GOOD)
    (hello / "elsewhere.yaml").write_text(HEAD + case(ONE_MAIL, more="    until: 2027-03-01\n"))
    said = followupd("test", "elsewhere.yaml")
    assert said.code == 0
    assert said.out.startswith("elsewhere.yaml    1 test")
    assert "2 tests passed" in followupd("test", "elsewhere.yaml", "tests").out
    assert followupd("test", "nowhere.yaml").code == 2


def test_no_tests_is_a_fault(hello: Path, followupd) -> None:
    """Nothing tested is not the same as all well."""
    said = followupd("test")
    assert (said.code, said.out) == (1, "there are no tests in tests/; docs/cadence.md says how to write one\n")


def test_mistakes_are_told_and_nothing_is_played(hello: Path, followupd) -> None:
    """Mistakes of tests and of the workspace are told with their places; nothing is played before they are mended."""
    write(hello, GOOD.replace("mail: idea", "mail: ideas").replace("task: call,", "tsk: call,"))
    said = followupd("test")
    assert said.code == 1
    assert 'tests/hello.yaml:8:37: tests.0.diary.1.tue 2027-03-02 11:00.tsk: no such key; did you mean "task"?' in said.out
    write(hello, GOOD.replace("mail: idea", "mail: ideas"))
    said = followupd("test")
    assert (
        'tests/hello.yaml:12:38: tests.0.diary.5.fri 2027-03-05 11:00.mail: hello has no step "ideas"; did you mean "idea"?'
        in said.out
    )
    assert said.out.splitlines()[-1] == "1 mistake; nothing is played before the files are in order"
    write(hello, GOOD)
    (hello / "cadences" / "hello.yaml").write_text(CADENCE.replace("after: 1h", "after: soon"))
    said = followupd("test")
    assert said.code == 1
    assert "cadences/hello.yaml:5:" in said.out


def test_json_tells_it_to_machines(hello: Path, followupd) -> None:
    """`--json` has every file, test and entry; `ok` says whether all is well."""
    write(hello, GOOD)
    told = followupd("test", "--json").json()
    assert told["ok"] is True
    assert told["problems"] == []
    (file,) = told["files"]
    assert (file["path"], [test["test"] for test in file["tests"]]) == ("tests/hello.yaml", ["nobody answers"])
    (test,) = file["tests"]
    assert list(test) == ["test", "ok", "line", "column", "cadence", "address", "days", "diary"]
    assert [entry["result"] for entry in test["diary"]] == ["same"] * 7
    write(hello, case("mon 2027-03-01 11:30: {mail: list}", more="    until: 2027-03-01\n"))
    said = followupd("test", "--json")
    assert said.code == 1
    (entry,) = said.json()["files"][0]["tests"][0]["diary"]
    assert list(entry) == ["result", "line", "column", "expected", "happened", "faults"]
    assert (entry["result"], entry["line"], entry["column"]) == ("differs", 8, 9)
    assert (entry["expected"], entry["happened"]) == ("mon 2027-03-01 11:30 mail list", "mon 2027-03-01 11:00 mail list")
    write(hello, "  - test: x\n")
    refused = followupd("test", "--json")
    assert refused.code == 1
    assert refused.json()["problems"][0]["line"] == 5
