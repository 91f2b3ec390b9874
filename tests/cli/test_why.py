"""The sentence of `followupd why`: a table of situations and the words that people read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from followupd.cli.senders import MOVED
from followupd.cli.why import QUESTIONS, Answer, Facts, Sender, explain
from followupd.core.model import (
    Enrollment,
    EnrollmentState,
    Outcome,
    Reply,
    ReplyKind,
    Suppression,
    Switch,
    Task,
    Touch,
    TouchState,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 12, 8, 0, tzinfo=UTC)  # Thu 12 Nov 2026, 09:00 in Berlin
ANN = "ann@example.org"

ENROLLMENT = Enrollment(
    id="e1", prospect="p1", address=ANN, cadence="proposal", digest="d", mailbox="dana", state=EnrollmentState.ACTIVE,
    started=NOW - timedelta(days=3), moved=NOW - timedelta(days=1), version=1,
)  # fmt: skip
IDEA = Touch(
    id="t2", enrollment="e1", address=ANN, mailbox="dana", position=2, step="first-idea", channel="email", state=TouchState.SCHEDULED,
    due=datetime(2026, 11, 17, 8, 0, tzinfo=UTC),
    why=(
        "3bd after Thu 12 Nov 2026, 08:10 Europe/Berlin (thanks was sent)",
        "moved to Tue 17 Nov 2026, 09:00 Europe/Berlin, the next opening of mon-thu 09:00-11:30",
        "times are in Europe/Berlin (the prospect's own zone)",
    ),
)  # fmt: skip
CALL = replace(IDEA, id="t3", step="voicemail", channel="task", position=3, state=TouchState.OPEN, why=())
TASK = Task(
    id="k1", owner="dana", address=ANN, kind="voicemail", title="Call Ann", text="", created=NOW, enrollment="e1", touch="t3"
)
DANA = Sender(name="dana", address="dana@example.com")
UNTIL = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
REPLY = Reply(
    id="r1", mailbox="dana", folder="INBOX", uidvalidity=1, uid=2, fingerprint="f", message_id="m", address=ANN, subject="Re: Hello",
    text="Let me think\nabout it", received=NOW, seen=NOW, kind=ReplyKind.UNCLEAR, confidence=0.2, evidence="Let me think", matched="thread",
    enrollment="e1", review=True,
)  # fmt: skip


def facts(**more: object) -> Facts:
    known: dict[str, object] = {
        "address": ANN, "now": NOW, "zone": BERLIN, "enrollment": ENROLLMENT, "steps": 7, "touches": (IDEA,), "sender": DANA,
    } | more  # fmt: skip
    return Facts(**known)


def finished(outcome: Outcome, reason: str) -> Facts:
    over = replace(ENROLLMENT, state=EnrollmentState.FINISHED, outcome=outcome, reason=reason, finished=NOW)
    return facts(enrollment=over, touches=())


def held(reason: str, **more: object) -> Facts:
    return facts(enrollment=replace(ENROLLMENT, state=EnrollmentState.HELD, reason=reason), **more)


def paused(reason: str, until: datetime | None, **more: object) -> Facts:
    return facts(enrollment=replace(ENROLLMENT, state=EnrollmentState.PAUSED, reason=reason, until=until), **more)


NEXT = (
    "The next mail to ann@example.org is step first-idea of proposal, on Tue 17 Nov 2026, 09:00 Europe/Berlin, from dana@example.com: "
    "3 business days after Thu 12 Nov 2026, 08:10 Europe/Berlin (thanks was sent); moved to Tue 17 Nov 2026, 09:00 Europe/Berlin, the next "
    "opening of mon-thu 09:00-11:30; times are in Europe/Berlin (the prospect's own zone)"
)

SENTENCES = {
    "next mail": (facts(), "next", NEXT + "."),
    "no daemon": (
        facts(sender=replace(DANA, silent="it last read mailbox dana on Wed 11 Nov 2026, 18:00 Europe/Berlin")),
        "next",
        NEXT + "; but nothing leaves while the daemon is not running (it last read mailbox dana on Wed 11 Nov 2026, 18:00 Europe/Berlin; start "
        "it with followupd run).",
    ),
    "switch and unreadable mailbox": (
        facts(
            switches=(Switch(scope="all", reason="paused by lee", at=NOW), Switch(scope="cadence:nurture", reason="", at=NOW)),
            sender=replace(DANA, trouble="login refused"),
        ),
        "next",
        NEXT + "; but nothing leaves while everything is stopped (paused by lee; followupd resume --all ends that), nor while mailbox dana "
        "can't be read (login refused).",
    ),
    "a switch that is off": (facts(switches=(Switch(scope="all", reason="", at=NOW, on=False),)), "next", NEXT + "."),
    "cap reached until later than due": (
        facts(sender=replace(DANA, free_at=UNTIL, free_why="its limits are used up")),
        "next",
        NEXT + "; but nothing leaves while mailbox dana rests until Tue 1 Dec 2026, 09:00 Europe/Berlin (its limits are used up).",
    ),
    "cap reached, but free again before it is due": (facts(sender=replace(DANA, free_at=NOW + timedelta(hours=1), free_why="x")), "next", NEXT + "."),
    "after a move": (
        facts(sender=replace(DANA, waits=MOVED)),
        "next",
        NEXT + "; but nothing leaves while it is being looked for what was sent before the store was moved, copied or restored (a quarter of an hour).",
    ),
    "mailbox gone": (
        facts(sender=Sender(name="dana"), touches=(replace(IDEA, why=()),)),
        "next",
        ("The next mail to ann@example.org is step first-idea of proposal, on Tue 17 Nov 2026, 09:00 Europe/Berlin; but nothing leaves while "
        "mailbox dana is not in the configuration."),
    ),
    "due already": (
        facts(touches=(replace(IDEA, due=NOW - timedelta(hours=1), why=("1h after noon",)),)),
        "next",
        ("The next mail to ann@example.org is step first-idea of proposal, which was due on Thu 12 Nov 2026, 08:00 Europe/Berlin and happens as "
        "soon as it can, from dana@example.com: 1 hour after noon."),
    ),
    "next is a task": (
        facts(touches=(replace(CALL, state=TouchState.SCHEDULED),)),
        "next",
        "The next task for dana, about ann@example.org is step voicemail of proposal, on Tue 17 Nov 2026, 09:00 Europe/Berlin.",
    ),
    "being sent": (
        facts(touches=(replace(IDEA, state=TouchState.SENDING, attempt=2),)),
        "sending",
        "Step first-idea of proposal is being sent to ann@example.org right now (attempt 2).",
    ),
    "waits for a task": (
        facts(touches=(replace(CALL, deadline=UNTIL),), tasks=(TASK,)),
        "task",
        ('Nothing is sent to ann@example.org in proposal before a person has acted: task k1, "Call Ann" (step voicemail) waits for dana; it goes '
        "on after followupd done k1 or followupd skip k1, and by itself on Tue 1 Dec 2026, 09:00 Europe/Berlin."),
    ),
    "waits for silence": (
        facts(enrollment=replace(ENROLLMENT, until=UNTIL, position=7), touches=(), end_enroll="nurture"),
        "silence",
        ("Nothing more will be sent to ann@example.org in proposal, because all 7 steps of it are over; if nobody answers by Tue 1 Dec 2026, "
        "09:00 Europe/Berlin, it finishes with outcome silent, and nurture begins."),
    ),
    "waits for silence after one step": (
        facts(enrollment=replace(ENROLLMENT, until=UNTIL), touches=(), steps=1),
        "silence",
        ("Nothing more will be sent to ann@example.org in proposal, because the one step of it is over; if nobody answers by Tue 1 Dec 2026, "
        "09:00 Europe/Berlin, it finishes with outcome silent."),
    ),
    "said no": (
        finished(Outcome.NO, "no: We went with someone else"),
        "finished",
        ("Nothing more will be sent to ann@example.org in proposal: it finished on Thu 12 Nov 2026, 09:00 Europe/Berlin with outcome no, because "
        'they said no (they answered "We went with someone else").'),
    ),
    "silent": (
        finished(Outcome.SILENT, "nobody answered"),
        "finished",
        ("Nothing more will be sent to ann@example.org in proposal: it finished on Thu 12 Nov 2026, 09:00 Europe/Berlin with outcome silent, "
        "because nobody answered."),
    ),
    "bounced": (
        finished(Outcome.BOUNCED, "bounce_hard: 550 5.1.1 no such user"),
        "finished",
        ("Nothing more will be sent to ann@example.org in proposal: it finished on Thu 12 Nov 2026, 09:00 Europe/Berlin with outcome bounced, "
        "because the address takes no mail (a report came back (bounce hard): 550 5.1.1 no such user)."),
    ),
    "stopped": (
        finished(Outcome.STOPPED, "stopped by lee"),
        "finished",
        ("Nothing more will be sent to ann@example.org in proposal: it finished on Thu 12 Nov 2026, 09:00 Europe/Berlin with outcome stopped, "
        "because somebody ended it (stopped by lee)."),
    ),
    "doubtful mail": (
        held("step first-idea may have been sent, or not: lost", touches=(replace(IDEA, state=TouchState.DOUBTFUL, text="after the final dot: lost"),)),
        "held",
        ("Nothing is sent to ann@example.org in proposal until you decide: step first-idea may have been sent, or not (after the final dot: lost); "
        "followupd review shows the mail, then run followupd decide t2 sent, skip or again."),
    ),
    "answer in doubt": (
        held("unclear: Let me think", reviews=(REPLY,)),
        "held",
        ('Nothing is sent to ann@example.org in proposal until you say what an answer means: ann@example.org wrote "Let me think about it"; run '
        "followupd decide r1 KIND, such as yes, no, later or engaged."),
    ),
    "a question waits for an answer": (
        held("engaged: How much for 50?", tasks=(replace(TASK, touch="", title="Answer this: How much for 50?"),)),
        "held",
        ('Nothing is sent to ann@example.org in proposal until you have looked: they answered "How much for 50?"; deal with task k1 (Answer this: '
        "How much for 50?), then run followupd resume ann@example.org to go on, or followupd stop ann@example.org."),
    ),
    "can't be written": (
        held("step first-idea can't be written: goals is missing"),
        "held",
        ("Nothing is sent to ann@example.org in proposal until you have looked: step first-idea can't be written: goals is missing; put that "
        "right, then run followupd resume ann@example.org to go on, or followupd stop ann@example.org."),
    ),
    "away": (
        paused("out_of_office: back on 30 November", UNTIL),
        "paused",
        ('Nothing is sent to ann@example.org in proposal before Tue 1 Dec 2026, 09:00 Europe/Berlin: it is paused because they are away: "back '
        'on 30 November"; then step first-idea follows at the next opening of its window.'),
    ),
    "paused by a human, the touch lies later": (
        paused("paused by lee", NOW + timedelta(days=1)),
        "paused",
        ("Nothing is sent to ann@example.org in proposal before Fri 13 Nov 2026, 09:00 Europe/Berlin: it was paused by lee; then "
        "step first-idea follows on Tue 17 Nov 2026, 09:00 Europe/Berlin."),
    ),
    "paused without an end": (
        paused("", None),
        "paused",
        "Nothing is sent to ann@example.org in proposal until somebody runs followupd resume ann@example.org: it is paused.",
    ),
    "suppressed": (
        facts(suppressed=Suppression(key=ANN, reason="asked for no more mail", source="reply r9", at=NOW)),
        "suppressed",
        ("Nothing will be sent to ann@example.org by anyone: the address is suppressed since Thu 12 Nov 2026, 09:00 Europe/Berlin (asked for no "
        "more mail; reply r9)."),
    ),
    "domain suppressed": (
        facts(suppressed=Suppression(key="@example.org", reason="a customer", source="by lee", at=NOW)),
        "suppressed",
        ("Nothing will be sent to ann@example.org by anyone: everybody at @example.org is suppressed since Thu 12 Nov 2026, 09:00 Europe/Berlin "
        "(a customer; by lee)."),
    ),
    "never enrolled": (
        facts(enrollment=None, touches=()),
        "unknown",
        "Nothing will be sent to ann@example.org: nobody by that address has been enrolled here.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("known", "verdict", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_one_sentence(known: Facts, verdict: str, sentence: str) -> None:
    """Each situation has its one sentence, in plain English, with dates on the prospect's clock."""
    answer = explain(known)
    assert (answer.verdict, answer.sentence) == (verdict, sentence)


@pytest.mark.parametrize("known", [known for known, _, _ in SENTENCES.values()], ids=SENTENCES)
def test_parts_carry_the_reason(known: Facts) -> None:
    """Whatever the sentence says is also given piece by piece, and what a person must type is a piece of its own."""
    answer: Answer = explain(known)
    assert answer.parts
    assert {part.what for part in answer.parts} <= {"next", "rule", "reason", "condition", "task", "command"}
    commands = [part.text for part in answer.parts if part.what == "command"]
    assert all(command.startswith("followupd ") for command in commands)
    assert bool(commands) == (answer.verdict in {"held", "task", "paused", "unknown"})


def test_every_question_is_asked() -> None:
    """The table of situations reaches every question, so that none can rot unseen (the last one is for states that can't be)."""
    reached = {next(question for question in QUESTIONS if question(known) is not None) for known, _, _ in SENTENCES.values()}
    assert set(QUESTIONS) - reached == {QUESTIONS[-1]}
    impossible = facts(touches=())
    assert explain(impossible).sentence == "Nothing is planned for ann@example.org in proposal, though it is active."


def test_the_earliest_touch_is_the_next_one() -> None:
    """With several touches planned, the sentence is about the one that comes first."""
    note = replace(IDEA, id="t1", step="note", position=1, waits=False, due=IDEA.due - timedelta(days=1))
    assert explain(facts(touches=(IDEA, note))).step == "note"
