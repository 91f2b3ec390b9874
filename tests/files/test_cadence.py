"""Cadences: the example of the manual, what is inherited, what replies do, an invented channel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core.answers import DEFAULT_EFFECTS
from followupd.core.model import Cadence, Effect, Limits, Outcome, ReplyKind, Thread
from followupd.files.cadence import LOCKED, parse_cadence
from tests.files.table import CHANNELS, WITH_PIGEON

EXAMPLE = (Path(__file__).parent / "examples/cadences/proposal.yaml").read_text()
SMALL = "cadence: small\nsteps:\n  - id: thanks\n    email: thank-you\n"


def good(text: str, **given_: object) -> Cadence:
    cadence, problems = parse_cadence(text, "cadences/small.yaml", channels=CHANNELS, **given_)
    assert not problems, [str(problem) for problem in problems]
    assert cadence is not None
    return cadence


def messages(text: str, path: str = "small.yaml") -> list[str]:
    cadence, problems = parse_cadence(text, path, channels=CHANNELS)
    assert (cadence is None) == bool(problems)
    return [str(problem) for problem in problems]


def test_the_example() -> None:
    """The whole example of the manual loads, step by step as written."""
    cadence, problems = parse_cadence(EXAMPLE, "cadences/proposal.yaml", channels=CHANNELS)
    assert not problems
    assert cadence is not None
    assert [step.id for step in cadence.steps] == ["thanks", "note", "first-idea", "voicemail", "results", "goodbye"]
    assert [step.position for step in cadence.steps] == list(range(6))
    thanks, note, idea, voicemail, results, goodbye = cadence.steps
    assert (thanks.channel, thanks.template, thanks.after, thanks.since) == ("email", "thank-you", "2h", "meeting_at")
    assert (note.channel, note.within, note.wait) == ("task", "24h", False)
    assert idea.fields["pick"] == {"match": ("goals", "challenges", "interests"), "ours": False}
    assert voicemail.at == "before 08:00 or after 18:00"
    assert results.when == "prospect.team_size|int >= 20"
    assert (goodbye.thread, goodbye.fields["doors"]) == (Thread.NEW, ("yes", "later", "no"))
    assert cadence.limits == Limits(touches=12, gap="2bd", days=60)
    assert cadence.needs == ("meeting_at", "meeting_highlight")
    assert (cadence.end_after, cadence.end_enroll, cadence.retry) == ("7d", "nurture", ("5m", "30m", "2h", "8h"))
    assert set(cadence.replies) == {ReplyKind.YES, ReplyKind.NO, ReplyKind.LATER}


def test_digest_names_the_text() -> None:
    """Another text has another digest, if only by a comment."""
    assert good(SMALL).digest != good(SMALL + "# more\n").digest
    assert good(SMALL) == good(SMALL)


def test_defaults_are_inherited() -> None:
    """Window, holidays and zone come from the config where the cadence names none."""
    defaults = {"window": "mon-tue 10:00-11:00", "holidays": ("DE",), "timezone": "Europe/Berlin"}
    inherited = good(SMALL, defaults=defaults)
    assert (inherited.window, inherited.holidays, inherited.timezone) == ("mon-tue 10:00-11:00", ("DE",), "Europe/Berlin")
    own = good(SMALL + "window: always\nholidays: none\ntimezone: Asia/Tokyo\n", defaults=defaults)
    assert (own.window, own.holidays, own.timezone) == ("always", (), "Asia/Tokyo")
    assert good(SMALL).mailbox == ("owner",)


@pytest.mark.parametrize(
    ("typed", "codes"), [("prospect", ("prospect",)), ("none", ()), ("US", ("US",)), ("[DE-BY, US]", ("DE-BY", "US"))]
)
def test_holidays(typed: str, codes: tuple[str, ...]) -> None:
    """The prospect's, none, one code or several."""
    assert good(f"{SMALL}holidays: {typed}\n").holidays == codes


@pytest.mark.parametrize(("typed", "names"), [("owner", ("owner",)), ("dana", ("dana",)), ("[dana, lee]", ("dana", "lee"))])
def test_mailbox(typed: str, names: tuple[str, ...]) -> None:
    """The owner's mailbox, one or several."""
    assert good(f"{SMALL}mailbox: {typed}\n").mailbox == names


@pytest.mark.parametrize(
    ("kind", "typed", "changes"),
    [
        ("yes", "{task: Call them}", {"task": "Call them"}),
        ("no", "{enroll: small}", {"enroll": "small"}),
        ("later", "{pause: 60d}", {"pause": "60d"}),
        ("engaged", "{notify: Look}", {"notify": "Look"}),
        ("yes", "hold", {"move": "hold", "outcome": None}),
        ("engaged", "{finish: true}", {"move": "finish", "outcome": Outcome.STOPPED}),
        ("engaged", "{finish: yes}", {"move": "finish", "outcome": Outcome.YES}),
        ("auto_reply", "{pause: 3d}", {"move": "pause", "pause": "3d"}),
        ("no", "{continue: true}", {"move": "continue", "outcome": None, "enroll": None}),
        ("unclear", "{suppress: true}", {"suppress": True}),
    ],
)
def test_a_cadence_says_only_what_differs(kind: str, typed: str, changes: dict[str, object]) -> None:
    """An effect is the default one with what the cadence changes in it."""
    effect = good(f"{SMALL}replies:\n  {kind}: {typed}\n").replies[ReplyKind(kind)]
    assert effect == replace(DEFAULT_EFFECTS[ReplyKind(kind)], **changes)


@pytest.mark.parametrize("kind", sorted(LOCKED))
@pytest.mark.parametrize(
    "typed", ["hold", "continue", "{pause: 3d}", "{suppress: false}", "{enroll: small}", "{finish: no}", "{}"]
)
def test_what_protects_people_cannot_be_weakened(kind: str, typed: str) -> None:
    """Nothing but a task or a notice may be added to unsubscribe, complaint and hard bounce."""
    found = messages(f"{SMALL}replies:\n  {kind}: {typed}\n")
    assert len(found) == 1
    assert f"what follows from {kind} can't be changed; only task and notify may be added" in found[0]


@pytest.mark.parametrize("kind", sorted(LOCKED))
def test_a_task_may_be_added(kind: str) -> None:
    """... and adding one keeps all of the default."""
    effect = good(f"{SMALL}replies:\n  {kind}: {{task: Have a look}}\n").replies[ReplyKind(kind)]
    assert effect == replace(DEFAULT_EFFECTS[ReplyKind(kind)], task="Have a look")


@pytest.mark.parametrize(
    ("kind", "outcome"), [("later", "no"), ("auto_reply", "no"), ("unclear", "opted_out"), ("engaged", "silent")]
)
def test_outcomes_have_proofs(kind: str, outcome: str) -> None:
    """A no is set by a no, no contact by an opt-out, silence by silence: no other answer is made one of them."""
    assert f"{outcome} is set by " in messages(f"{SMALL}replies:\n  {kind}: {{finish: {outcome}}}\n")[0]
    assert good(f"{SMALL}replies:\n  no: {{finish: no}}\n  later: {{finish: stopped}}\n")


def test_kinds_as_bare_words() -> None:
    """`yes:`, `no:` and `on` are words, whatever YAML 1.1 thought."""
    assert isinstance(good(f"{SMALL}replies: {{yes: hold, no: hold}}\n").replies[ReplyKind.YES], Effect)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("    email", "    emial"), 'small.yaml:4:12: steps.0.emial: no such key; did you mean "email"?'),
        (
            SMALL + "    task: x\n",
            'small.yaml:5:11: steps.0.task: this step has "email" already; keep one of the two, or make two steps',
        ),
        (SMALL + "    aftr: 3d\n", 'small.yaml:5:11: steps.0.aftr: no such key; did you mean "after"?'),
        (SMALL + "    doors: [maybe]\n", "small.yaml:5:13: steps.0.doors.0: write 'yes', 'later' or 'no'"),
        (SMALL + "    pick: {mach: [goals]}\n", 'small.yaml:5:18: steps.0.pick.mach: no such key; did you mean "match"?'),
        (
            SMALL + "  - id: thanks\n    task: x\n",
            'small.yaml:5:9: steps.1.id: "thanks" is already the step at 3:9; write another id',
        ),
        (SMALL + "    when: prospct.x\n", 'small.yaml:5:11: steps.0.when: "prospct" is not known; did you mean "prospect"?'),
        (
            SMALL + "    when: 'prospect.x and prospct.y'\n",
            'small.yaml:5:27: steps.0.when: "prospct" is not known; did you mean "prospect"?',
        ),
        (SMALL + "    wait: no\n", "small.yaml:5:11: steps.0.wait: write false"),
        (
            SMALL + "replies:\n  out_of_office: {send: x}\n",
            (
                "small.yaml:6:25: replies.out_of_office.send: out_of_office is written by a machine; nobody answers those"
                " (RFC 3834, section 2); remove send"
            ),
        ),
        (
            SMALL + "mailbox: [owner, dana]\n",
            'small.yaml:5:11: mailbox.0: "owner" stands alone; write owner, or a list of mailbox names',
        ),
    ],
)
def test_problems(text: str, message: str) -> None:
    """Each mistake has one message, at its place."""
    assert messages(text) == [message]


def test_all_at_once() -> None:
    """What the models refuse and what they can't see is told in one run."""
    found = messages(SMALL + "    aftr: 3d\n    when: prospct.x\nreplies:\n  unsubscribe: hold\n", "other.yaml")
    assert [message.split(":")[1] for message in found] == ["1", "5", "6", "8"]


def test_allow_is_taken() -> None:
    """Waivers of the lint are a rule and a reason."""
    good(f"{SMALL}allow: {{few-touches: this is one thank-you}}\n")
    assert messages(f"{SMALL}allow: {{few-touches: true}}\n") == [
        "small.yaml:5:22: allow.few-touches: write text here; true without quotes is none"
    ]


def test_an_invented_channel() -> None:
    """A channel that is passed in is a key of steps, with its own fields, checked and named in messages."""
    text = "cadence: small\nsteps:\n  - {id: fly, pigeon: greeting, altitude: 120}\n"
    cadence, problems = parse_cadence(text, "small.yaml", channels=WITH_PIGEON)
    assert not problems
    assert cadence is not None
    assert (cadence.steps[0].channel, cadence.steps[0].template, cadence.steps[0].fields) == (
        "pigeon",
        "greeting",
        {"altitude": 120},
    )
    _, problems = parse_cadence(text.replace("120", "900"), "small.yaml", channels=WITH_PIGEON)
    assert [str(problem) for problem in problems] == ["small.yaml:3:43: steps.0.altitude: write a number of at most 500"]
    assert messages(text) == ["small.yaml:3:5: steps.0: needs one of email, task; write just one"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_edit_of_the_example_gives_a_cadence_or_problems(data: st.DataObject) -> None:
    """Whatever is cut out of, or typed into, the example: a cadence or problems, never an exception."""
    start = data.draw(st.integers(0, len(EXAMPLE)))
    length = data.draw(st.integers(0, 30))
    typed = data.draw(st.text(alphabet="ab:{}[]-,#&*'\" \n1", max_size=6))
    cadence, problems = parse_cadence(EXAMPLE[:start] + typed + EXAMPLE[start + length :], "proposal.yaml", channels=CHANNELS)
    assert (cadence is None) == bool(problems)
