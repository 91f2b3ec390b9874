"""Templates proved before anything runs: what is not known, what is not there, and what can't be written."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE, Scene, scope_of
from followupd.core.model import Cadence, Company, Mailbox, Prospect, Reason, Reply, ReplyKind, Step
from followupd.core.shelf import ContentItem
from followupd.files import language
from followupd.files.proof import ANY, is_slip, prove
from followupd.files.sandbox import NAMES
from followupd.files.uses import uses_of
from followupd.files.workspace import load_workspace
from followupd.starter import PARTS, starter_folder

FILES = {
    "config.yaml": """company: {name: Example Ltd, postal_address: "1 Main Street"}
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
""",
    "cadences/hello.yaml": """cadence: hello
about: A first word.
steps:
  - {id: first, email: first}
  - {id: idea, email: idea, after: 3d, pick: {match: [goals], ours: false}}
  - {id: bye, email: bye, after: 3d, doors: [yes, no]}
replies:
  no: {enroll: thanks}
""",
    "cadences/thanks.yaml": "cadence: thanks\nsteps:\n  - {id: thanks, email: thanks}\n",
    "templates/first.md": "---\nsubject: Hello\n---\nHi.\n",
    "templates/idea.md": "---\nsubject: Hello\n---\nHi.\n",
    "templates/bye.md": "---\nsubject: Hello\n---\nHi.\n",
    "templates/thanks.md": "---\nsubject: Hello\n---\nHi.\n",
    "content/book.md": "---\ntitle: A book\nsource: A library\ntopics: [growth]\n---\nRead it.\n",
    "content/page.md": "---\ntitle: A page\nurl: https://example.org/page\ntopics: [growth]\n---\nRead it, too.\n",
}

Prove = Callable[..., list[str]]


def proved(root: Path) -> list[str]:
    workspace = load_workspace(root / "config.yaml", channels=CHANNELS, environ={})
    assert [str(problem) for problem in workspace.problems] == []
    return [str(problem) for problem in prove(workspace, SCOPE)]


@pytest.fixture
def told(tmp_path: Path) -> Prove:
    """The problems of a small workspace in which some files read differently."""

    def prove_with(**changed: str) -> list[str]:
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name, text in changed.items():
            folder = "cadences" if text.startswith("cadence:") else "templates"
            ending = "yaml" if text.startswith("cadence:") else "md"
            body = text if text.startswith(("---", "cadence:")) else f"---\nsubject: Hello\n---\n{text}\n"
            (tmp_path / folder / f"{name}.{ending}").write_text(body)
        return proved(tmp_path)

    return prove_with


def test_a_workspace_in_order(told: Prove) -> None:
    """Nothing is said where nothing is wrong."""
    assert told() == []


def test_the_starter_set(tmp_path: Path) -> None:
    """What we ship is proved."""
    for part in PARTS:
        for path in sorted((starter_folder() / part).rglob("*")):
            if path.is_file():
                copy = tmp_path / part / path.relative_to(starter_folder() / part)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    (tmp_path / "config.yaml").write_text(FILES["config.yaml"])
    assert proved(tmp_path) == []


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("Call {{ owner.phone }}.", "4:15: owner has no phone; known: address, first_name, name, signature, took_over_from"),
        ("{% if owner.nmae %}x{% endif %}.", '4:13: owner has no nmae; did you mean "name"?'),
        ("a {{ owner.nmae|default('x') }}", '4:12: owner has no nmae; did you mean "name"?'),
        ("In {{ today.year }}", '4:13: today has no year; write {{ today|date("%d %B") }}, or another pattern'),
        ("{{ prospect.goals.first }}", "4:13: prospect.goals is one value, and nothing is below it; write {{ prospect.goals }}"),
        (
            "{% for goal in prospect.goals %}{{ goal }}{% endfor %}",
            "4:25: prospect.goals is no list; write {{ prospect.goals }} without a loop",
        ),
        (
            "{% if prospect.team_size == 20 %}x{% endif %}.",
            "4:16: prospect.team_size is text, which is never 20; write prospect.team_size|int",
        ),
        (
            "Hi {{ prospect.Firstname }}",
            "4:16: no file can fill the column Firstname: it is read as first_name; write prospect.first_name",
        ),
        (
            "Hi {{ prospect.fist_name }}",
            '4:16: fist_name is used nowhere else; did you mean "first_name"? If not, write it under needs',
        ),
        (
            "Hi {% if prospect.compnay %}you{% endif %}",
            '4:19: compnay is used nowhere else; did you mean "company"? If not, write it under needs',
        ),
        ("a {{ owner.name }} b {{ owner.name }} c {{ owner.nam }}", '4:50: owner has no nam; did you mean "name"?'),
        ("a\n\n   {% if today and owner.nam %}x{% endif %}", '6:26: owner has no nam; did you mean "name"?'),
    ],
)
def test_names(told: Prove, body: str, problem: str) -> None:
    """A part that nobody has is told at its own line and column, whether or not it is guarded."""
    assert told(first=body) == [f"templates/first.md:{problem}"]


def test_head(told: Prove) -> None:
    """The front matter is looked at as well, each key at its place."""
    text = '---\nsubject: "For {{ owner.nam }}"\npreheader: Of {{ pick.title }}\n---\nHi.\n'
    assert told(first=text) == [
        'templates/first.md:2:24: subject: owner has no nam; did you mean "name"?',
        (
            'templates/first.md:3:18: preheader: pick.title is not there: step "first" of hello has no pick; '
            'write {{ pick.title|default("...") }} or {% if pick.title %}'
        ),
    ]


def test_columns_of_their_own(told: Prove) -> None:
    """A column may have any name: only a slip of the finger beside a known one, in one place only, is told."""
    assert told(first="{{ prospect.industry }} {{ prospect.product_a }} {{ prospect.product_b }} {{ prospect.phone2 }}") == []
    assert told(first="{{ prospect.compane }}", bye="{{ prospect.compane }}") == []
    needs = FILES["cadences/hello.yaml"].replace("steps:", "needs: [compane]\nsteps:")
    assert told(first="{{ prospect.compane }}", bye="Hi.", hello=needs) == []


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("fist_name", "first_name", True),
        ("firstt_name", "first_name", True),
        ("frist_name", "first_name", True),
        ("forst_name", "first_name", True),
        ("company", "company", False),
        ("product_1", "product_2", False),
        ("plan_a", "plan_b", False),
        ("goals", "goal", False),
        ("industry", "company", False),
        ("cities", "country", False),
    ],
)
def test_slips(one: str, other: str, slip: bool) -> None:
    """One letter too many, too few, wrong or swapped; short words, numbers and endings differ on purpose."""
    assert is_slip(one, other) is is_slip(other, one) is slip


# -- there when it is needed ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("first", "{{ pick.title }}", 'pick.title is not there: step "first" of hello has no pick'),
        ("idea", "{{ pick.title }} {{ pick.source|default('a friend') }}", ""),
        ("idea", "{{ pick.title }} {{ pick.url }}", ""),
        ("idea", "{{ pick.result }}", 'pick.result is missing in every item that step "idea" of hello could pick'),
        ("idea", "{{ pick.url }} {{ pick.source }}", 'pick.source is missing in every item that step "idea" of hello could pick'),
        ("first", "{% if pick %}{{ pick.title }}{% endif %}.", ""),
        ("bye", "{{ reply.quote }}", 'reply.quote is not there before they have answered, and step "bye" of hello does not wait'),
        ("bye", "{% if reply %}{{ reply.quote }}{% endif %}.", ""),
        ("thanks", "{{ reply.quote }}", ""),
        ("thanks", "{{ reply.reason }}", "reply.reason is there only sometimes"),
        ("thanks", "{% if reply.reason %}{{ reply.reason }}{% endif %}.", ""),
        ("thanks", "{{ last.subject }}", ""),
        ("first", "{{ last.subject }}", 'last.subject is not there: no mail has left before step "first" of hello'),
        ("bye", "{{ last.subject }}", ""),
        ("bye", "[x]({{ doors.yes }})", ""),
        ("bye", "[x]({{ doors.later }})", 'doors.later is not offered by step "bye" of hello; add it to its doors'),
        ("first", "[x]({{ doors.yes }})", 'doors.yes is not offered by step "first" of hello; add it to its doors'),
        ("bye", "{% if doors.later %}[x]({{ doors.later }}){% endif %}.", ""),
        ("first", "{{ step.brings }}", 'step.brings is not said by step "first" of hello'),
        ("first", "{{ cadence.about }}", ""),
        ("thanks", "{{ cadence.about }}", 'cadence.about is not said by the cadence of step "thanks" of thanks'),
        ("first", "{{ owner.signature }}", "owner.signature is not filled in for the mailbox dana in config.yaml"),
        ("first", "{{ owner.signature|default(owner.name) }} {{ company.name }}", ""),
        ("first", "{{ learned.dog }}", "learned.dog is there only if somebody has noted it"),
        ("first", "{{ prospect.anything_at_all }}", ""),
        ("first.de", "{{ pick.title }}", 'pick.title is not there: step "first" of hello has no pick'),
    ],
)
def test_there_when_needed(told: Prove, name: str, body: str, problem: str) -> None:
    """What is there only sometimes must be guarded, by what each step that uses the message says."""
    found = told(**{name: body})
    assert len(found) == bool(problem)
    assert all(problem in one for one in found)


def test_a_message_of_two_steps(told: Prove) -> None:
    """A message that one step can write and another can't is told once."""
    hello = FILES["cadences/hello.yaml"].replace("email: bye", "email: idea").replace("email: first", "email: idea")
    (problem,) = told(hello=hello, idea="{{ pick.title }}")
    assert 'step "first" of hello (and 1 more) has no pick' in problem


def test_the_next_circle_of_silence_is_no_answer(told: Prove) -> None:
    """A cadence that silence begins as well can't count on an answer."""
    hello = FILES["cadences/hello.yaml"] + "end: {enroll: thanks}\n"
    (problem,) = told(hello=hello, thanks="{{ reply.quote }}")
    assert "reply.quote is not there before they have answered" in problem


# -- conditions and lines ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("when: prospect.team_size|int >= 20", ""),
        ("when: reply.kind == 'later' and pick.title", ""),
        ("when: prospect.team_size >= 20", "4:46: steps.0.when: prospect.team_size is text, which is never 20"),
        ("when: owner.nmae == 'x'", '4:43: steps.0.when: owner has no nmae; did you mean "name"?'),
        ('when: "today and prospect.compnay"', '4:57: steps.0.when: compnay is used nowhere else; did you mean "company"?'),
        ("when: prospect.meeting_at|date > 5", "4:37: steps.0.when: values of different kinds can't be compared"),
    ],
)
def test_conditions(told: Prove, line: str, problem: str) -> None:
    """A condition may ask for what is missing, but not for what can't be, nor compare text with numbers."""
    hello = FILES["cadences/hello.yaml"].replace("{id: first, email: first}", "{id: first, email: first, " + line + "}")
    found = told(hello=hello)
    assert len(found) == bool(problem)
    assert all(f"cadences/hello.yaml:{problem}" in one for one in found)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Call {{ prospect.first_name }}: {{ reply.quote }}", ""),
        ("For {{ company.name }}", '"company" is not known here; known: owner, prospect, reply'),
        ("Because of {{ reply.reason }}", "reply.reason is there only sometimes"),
        ("Because of {{ reply.reason|default('we do not know what') }}", ""),
    ],
)
def test_what_a_reply_sets_off(told: Prove, line: str, problem: str) -> None:
    """The lines of `replies` know the prospect, the answer and the owner."""
    found = told(hello=FILES["cadences/hello.yaml"].replace("{enroll: thanks}", f'{{enroll: thanks, task: "{line}"}}'))
    assert len(found) == bool(problem)
    assert all(one.startswith("cadences/hello.yaml:8:") and problem in one for one in found)


# -- written -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a {{ owner }} b", "4:6: a list or a group of values can't be written out; name one of them, or use |join"),
        ("{{ prospect.goals|join }}", "4:19: |join is for a list"),
        ("{{ prospect.first_name|date }} {{ prospect.age|int }}", ""),
        ("a {{ 'x' if prospect.goals }} b", '4:6: the short "if" has no "else" here'),
        ("{{ prospect.goals|default(prospect.nothing) }}", ""),
        ("{% if prospect.goals %}On {{ prospect.goals }}.{% endif %}", "4:1: comes out empty; say something for this case"),
        ("---\nsubject: '{% if prospect.goals %}x{% endif %}'\n---\nHi.\n", "2:11: subject: comes out empty"),
        ("---\nsubject: Hi\npreheader: '{% if prospect.goals %}x{% endif %}'\n---\nHi.\n", ""),
        ("---\nsubject: '{{ reply.quote|default(1) }}'\n---\nHi.\n", "2:11: subject: becomes 299 characters long; at most 200"),
        (
            "---\nsubject: Hi\nreply_to: '{{ owner.name }}'\n---\nHi.\n",
            "3:12: reply_to: becomes Александра Константиновна Вознесенская, which is no mail",
        ),
        ("---\nsubject: Hi\nreply_to: '{{ prospect.boss }}'\n---\nHi.\n", ""),
        ("---\nsubject: Hi\nreply_to: '{{ owner.address }}'\n---\nHi.\n", ""),
        ("{{ prospect.a == 'x' }}", "4:4: yes, no and nothing can't be written out"),
        ("{% if prospect.size|default('0')|int > 3 %}{{ prospect.size|upper }}{% endif %}.", ""),
        ("{% if step.id == 'first' %}{{ prospect.a|join }}{% endif %}.", "4:42: |join is for a list"),
    ],
)
def test_written(told: Prove, text: str, problem: str) -> None:
    """A message is written with everything, with next to nothing, and with things between; what fails is told at its place."""
    found = told(first=text)
    assert len(found) == bool(problem)
    assert all(f"templates/first.md:{problem}" in one for one in found)


# -- what is known -------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STEP = Step(id="a", position=0, channel="email", template="a", brings="b", learn="c")
REPLY = Reply(
    id="r", mailbox="dana", folder="INBOX", uidvalidity=1, uid=1, fingerprint="f", message_id="m", address="ann@example.org",
    subject="Re", text="No", received=NOW, seen=NOW, kind=ReplyKind.NO, confidence=1.0, evidence="No", matched="thread",
    reason=Reason.PRICE, contact="Bob",
)  # fmt: skip


def test_scope_is_what_is_given() -> None:
    """`SCOPE` names exactly what a scene gives to a template, and every name that the language knows."""
    cadence = Cadence(
        name="a",
        digest="d",
        about="b",
        mailbox=("owner",),
        window="always",
        holidays=(),
        timezone="UTC",
        steps=(STEP,),
        replies={},
    )
    scene = Scene(
        cadence=cadence, step=STEP, prospect=Prospect(id="p", address="ann@example.org"), company=Company(name="A", postal_address="B"),
        mailbox=Mailbox(name="dana", address="dana@example.com", display_name="Dana Reyes", zone="UTC", signature="D"), now=NOW,
        zone=ZoneInfo("UTC"), last_subject="s", reply=REPLY, learned={"x": "y"},
        item=ContentItem(name="i", title="t", body="b", url="u", source="s", result="r", minutes=5),
    )  # fmt: skip
    given = scope_of(scene)
    assert set(given) == set(SCOPE) == set(NAMES)
    for name, parts in SCOPE.items():
        if parts != ANY:
            assert sorted(parts) == sorted(given[name] if isinstance(given[name], dict) else ())


def test_uses_have_exact_places() -> None:
    """Each use knows its own place, however often the same words stand on one line."""
    source = "{{ owner.name }} {{ owner.name|upper }}\n{% if pick.url %}{{ pick  .  url }}{% endif %}{{ prospect['first_name'] }}"
    assert [source[use.part_offset :].startswith(use.part) for use in uses_of(source)] == [True] * 5
    assert [use.offset for use in uses_of(source)] == [3, 20, 46, 60, 89]
    assert [use.sure for use in uses_of(source)] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ pick.title }} {{ pick.url|default('x') }} {% if pick.source %}{{ pick.source }}{% endif %}", {"title"}),
        ("{% if pick %}{{ pick.result }}{% endif %}", {"result"}),
        ("{% if pick.url or pick.source %}{{ pick.url }}{% endif %}", {"url"}),
        ("{% if not pick.url %}x{% elif pick.minutes|int > 5 %}{{ pick.url }}{% else %}{{ pick.url }}{% endif %}", {"minutes"}),
        ("{{ prospect.title }}", set()),
    ],
)
def test_fields(source: str, found: set[str]) -> None:
    """The parts of the picked item that a message can't do without."""
    assert language.fields(source, "pick") == found


def test_quick(tmp_path: Path) -> None:
    """Three hundred messages in a hundred steps are proved in a small part of a second."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "content" / "both.md").write_text("---\ntitle: B\nsource: A\nurl: https://example.org\n---\nRead it.\n")
    body = (starter_folder() / "templates" / "value.md").read_text()
    for number in range(300):
        (tmp_path / "templates" / f"t{number}.md").write_text(body.replace("Hello", f"Hello {number}"))
    steps = "".join(f"  - {{id: s{number}, email: t{number}, after: 1d, pick: {{ours: false}}}}\n" for number in range(100))
    (tmp_path / "cadences" / "long.yaml").write_text(f"cadence: long\nsteps:\n{steps}")
    workspace = load_workspace(tmp_path / "config.yaml", channels=CHANNELS, environ={})
    begin = time.process_time()
    assert prove(workspace, SCOPE) == []
    assert time.process_time() - begin < 1
