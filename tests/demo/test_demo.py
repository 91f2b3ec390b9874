"""The demo as people start it, and its judge, which must not be blind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followupd.core.model import Outcome, ReplyKind
from followupd.demo.verdict import Facts, Said, Sent, Told, Written, judge

# A shell starts what is in the background deaf to ^C; here it listens, as in a terminal.
CALL = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from followupd.demo.run import run_demo; sys.exit(run_demo(speed={speed}, seed={seed}, keep=False, as_json={json}, days={days}))"

# -- played --------------------------------------------------------------------------------------


def start(folder: Path, *, days: int, speed: float = 1e9, seed: int = 1, as_json: bool = True) -> subprocess.Popen[str]:
    """The demo in a process of its own, with a folder of its own for temporary files."""
    call = CALL.format(speed=speed, seed=seed, json=as_json, days=days)
    environ = {**os.environ, "TMPDIR": str(folder), "PYTHONWARNINGS": "default", "COLUMNS": "100"}
    return subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


@pytest.mark.slow
def test_four_days(tmp_path: Path) -> None:
    """Four days as fast as the machine can: one JSON object with the keys of the contract, no promise broken, nothing left behind."""
    process = start(tmp_path, days=4)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err + out
    assert err == ""
    found = json.loads(out)
    assert {"prospects", "mails", "duplicates", "after_answer", "replies", "outcomes", "doubtful", "days", "seconds"} <= set(
        found
    )
    assert (found["prospects"], found["days"], found["broken"]) == (40, 4, [])
    assert (found["duplicates"], found["after_answer"], found["doubtful"], found["outside_window"], found["late"]) == (
        0,
        0,
        0,
        0,
        0,
    )
    assert found["mails"] == sum(found["mails_per_prospect"].values()) > 40
    assert found["outcomes"]["yes"] >= 1
    assert found["outcomes"]["bounced"] == 2
    assert found["mails_per_prospect"]["mara.lindqvist@fjordvind.example"] == 1  # she said yes to the first one
    assert found["letters"]["digest"] >= 4
    assert found["letters"]["re: digest"] >= 1  # Dana's answers by mail are proved by her folder of sent mail, and heeded
    assert found["letters"]["referral"] == 1
    no, question = found["stories"]
    assert no["lines"][0]["what"] == "written to (thanks)"
    assert question["lines"] == []  # not asked yet
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_lines_for_pipes(tmp_path: Path) -> None:
    """Where the output is no terminal: plain lines with the answers and what followed, then the summary; no control characters."""
    process = start(tmp_path, days=3, as_json=False)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err + out
    assert "finished: yes" in out
    assert "Every promise was kept." in out
    assert "=> dana@example.com  referral: " in out
    assert len(out.splitlines()) < 100
    assert "\x1b" not in out


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(tmp_path: Path, told: signal.Signals) -> None:
    """^C and SIGTERM end the demo with 130, without a traceback, a file or a process left."""
    process = start(tmp_path, days=60, speed=10_000, as_json=False)
    assert process.stdout is not None
    assert "The calendar runs" in process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    process.send_signal(told)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert list(tmp_path.iterdir()) == []
    assert children
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


# -- judged --------------------------------------------------------------------------------------

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
ANN, BEN = "ann@one.example", "ben@two.example"


def sent(order: int, days: float, address: str = ANN, step: str = "", cadence: str = "proposal", **more: Any) -> Sent:
    """A mail that was accepted, each of another step unless said otherwise."""
    step = step or f"step-{order}"
    at = START + timedelta(days=days)
    return Sent(
        order=order, at=at, due=at, address=address, cadence=cadence, step=step, message_id=f"{address}.{cadence}.{step}", **more
    )


def said(order: int, days: float, kind: ReplyKind, address: str = ANN, back: float | None = None) -> Said:
    """An answer that was understood."""
    at = START + timedelta(days=days)
    return Said(
        order=order, at=at, address=address, kind=kind, understood=kind, back=START + timedelta(days=back) if back else None
    )


def facts(*happened: Sent | Said, ended: Outcome | None = None, **more: Any) -> Facts:
    """Ann alone, with what happened."""
    return Facts(
        addresses=(ANN,), sent=tuple(one for one in happened if isinstance(one, Sent)), said=tuple(one for one in happened if isinstance(one, Said)),
        ended={ANN: ended}, **more,
    )  # fmt: skip


FINAL = {
    ReplyKind.YES: Outcome.YES, ReplyKind.REFERRAL: Outcome.REFERRED, ReplyKind.UNSUBSCRIBE: Outcome.OPTED_OUT,
    ReplyKind.COMPLAINT: Outcome.OPTED_OUT, ReplyKind.BOUNCE_HARD: Outcome.BOUNCED,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome"), FINAL.items())
def test_after_a_final_answer(kind: ReplyKind, outcome: Outcome) -> None:
    """After a yes, a referral, an opt-out or a dead address nothing may leave, not even from another cadence."""
    kept = facts(sent(1, 0), said(2, 1, kind), ended=outcome)
    assert judge(kept).broken == ()
    verdict = judge(replace(kept, sent=(*kept.sent, sent(3, 9, cadence="nurture"))))
    assert verdict.after_answer == 1
    assert ANN in verdict.broken[0]


def test_after_a_no() -> None:
    """After a no thanks and one question may leave, after a month something useful, and what a human has asked for; nothing else."""
    kept = facts(sent(1, 0), said(2, 1, ReplyKind.NO), sent(3, 2, cadence="after-the-no"), ended=Outcome.NO)
    question = sent(4, 8, cadence="after-the-no", step="question")
    nurture, reopen = sent(5, 40, cadence="nurture"), sent(7, 300, cadence="reopen")

    def with_(*more: Sent, **rest: Any) -> Facts:
        return replace(kept, sent=(*kept.sent, *more), **rest)

    assert judge(with_(question, nurture, reopen, reopened=((ANN, 6),))).broken == ()
    for wrong in (
        with_(question, sent(5, 9, cadence="after-the-no")),  # a second question
        with_(sent(4, 3, cadence="nurture-send-no"), sent(5, 4, cadence="nurture-send-no")),  # a second word of thanks
        with_(sent(4, 3)),  # the proposal goes on
        with_(sent(4, 20, cadence="nurture")),  # too soon
        with_(reopen, released=((ANN, 6),)),  # nobody has done the homework
        with_(reopen, reopened=((ANN, 8),)),  # only afterwards
        with_(reopen, reopened=((BEN, 6),)),  # for somebody else
    ):
        assert judge(wrong).after_answer == 1


@pytest.mark.parametrize("cadence", ["after-the-no", "nurture", "reopen", "proposal"])
def test_after_an_opt_out(cadence: str) -> None:
    """Whose last word was an opt-out gets nothing, whatever was allowed before it, and whatever a human asks for."""
    no, stop = said(2, 1, ReplyKind.NO), said(4, 50, ReplyKind.UNSUBSCRIBE)
    kept = facts(
        sent(1, 0), no, sent(3, 2, cadence="after-the-no"), stop, ended=Outcome.NO, released=((ANN, 5),), reopened=((ANN, 5),)
    )
    assert judge(kept).broken == ()
    verdict = judge(replace(kept, sent=(*kept.sent, sent(6, 400, cadence=cadence))))
    assert verdict.after_answer == 1
    assert "unsubscribe" in verdict.broken[0] or "no)" in verdict.broken[0]


def test_after_a_name() -> None:
    """Who has named somebody else is thanked once, and hears nothing more."""
    kept = facts(sent(1, 0), said(2, 1, ReplyKind.REFERRAL), sent(3, 2, cadence="proposal-send-referral"), ended=Outcome.REFERRED)
    assert judge(kept).broken == ()
    assert judge(replace(kept, sent=(*kept.sent, sent(4, 3, cadence="proposal-send-referral")))).after_answer == 1
    assert judge(replace(kept, sent=(*kept.sent, sent(4, 3)))).after_answer == 1


@pytest.mark.parametrize("kind", [ReplyKind.LATER, ReplyKind.OUT_OF_OFFICE])
def test_before_the_day_they_named(kind: ReplyKind) -> None:
    """Who named a day is left alone until then; without a day, for good."""
    away = said(2, 1, kind, back=10)
    assert judge(facts(sent(1, 0), away, sent(3, 10))).after_answer == 0
    assert judge(facts(sent(1, 0), away, sent(3, 9.9))).after_answer == 1
    assert judge(facts(sent(1, 0), replace(away, back=None), sent(3, 100))).after_answer == 1


@pytest.mark.parametrize("kind", [ReplyKind.ENGAGED, ReplyKind.UNCLEAR])
def test_held_until_a_human_says_so(kind: ReplyKind) -> None:
    """After a question nothing leaves before a human lets it; somebody else's release does not count."""
    happened = (sent(1, 0), said(2, 1, kind), sent(4, 3))
    assert judge(facts(*happened)).after_answer == 1
    assert judge(facts(*happened, released=((BEN, 3),))).after_answer == 1
    assert judge(facts(*happened, released=((ANN, 5),))).after_answer == 1
    assert judge(facts(*happened, released=((ANN, 3),))).after_answer == 0


@pytest.mark.parametrize(("kind", "days"), [(ReplyKind.BOUNCE_SOFT, 3), (ReplyKind.BOUNCE_BLOCKED, 7)])
def test_pause_after_a_bounce(kind: ReplyKind, days: int) -> None:
    """A bounce that may pass is followed by a pause."""
    assert judge(facts(sent(1, 0), said(2, 0, kind), sent(3, days))).after_answer == 0
    assert judge(facts(sent(1, 0), said(2, 0, kind), sent(3, days - 0.5))).after_answer == 1


def test_automatic_answers_stop_nothing() -> None:
    """A ticket number is no answer."""
    assert judge(facts(sent(1, 0), said(2, 0, ReplyKind.AUTO_REPLY), sent(3, 1))).broken == ()


def test_an_answer_counts_from_its_place() -> None:
    """A mail accepted before the answer came is no breach, even in the same moment; one accepted after it is."""
    assert judge(facts(sent(1, 0), said(2, 0, ReplyKind.YES), ended=Outcome.YES)).after_answer == 0
    assert judge(facts(said(1, 0, ReplyKind.YES), sent(2, 0), ended=Outcome.YES)).after_answer == 1


def test_twice() -> None:
    """The same step twice, and the same Message-ID twice, are duplicates; two people with the same step are not."""
    assert judge(facts(sent(1, 0, step="thanks"), sent(2, 1, step="thanks"))).duplicates == 1
    again = replace(sent(2, 1, step="other"), message_id=sent(1, 0, step="thanks").message_id)
    assert judge(facts(sent(1, 0, step="thanks"), again)).duplicates == 1
    a_year_later = replace(sent(2, 400, step="thanks"), enrollment="another", message_id="another@example.com")
    assert judge(facts(sent(1, 0, step="thanks"), a_year_later)).duplicates == 0
    renamed = replace(sent(2, 1, step="thanks"), message_id="another@example.com")
    assert judge(facts(sent(1, 0, step="thanks"), renamed)).duplicates == 1
    assert judge(facts(sent(1, 0, step="thanks"), sent(2, 1, BEN, step="thanks"))).duplicates == 0


SAM = "sam@example.com"


def told(order: int, days: float, *about: str, to: str = SAM, letter: str = "", kind: str = "digest") -> Told:
    """A letter that was accepted, each another one unless said otherwise."""
    at = START + timedelta(days=days)
    return Told(
        order=order, at=at, to=to, letter=letter or f"letter-{order}", kind=kind, subject="Good morning", about=frozenset(about)
    )


def a_no(*more: Sent | Said | Told, **rest: Any) -> Facts:
    """Ann has said no, and four weeks have passed."""
    letters = tuple(one for one in more if isinstance(one, Told))
    happened = [one for one in more if not isinstance(one, Told)]
    month = START + timedelta(days=28)
    return facts(
        sent(1, 0),
        said(2, 1, ReplyKind.NO),
        *happened,
        ended=Outcome.NO,
        told=letters,
        ours=frozenset({SAM}),
        until=month,
        **rest,
    )


THANKS, DEBRIEF = sent(3, 2, cadence="after-the-no", step="thanks"), told(4, 1, ANN, kind="debrief")


def test_a_no_is_thanked_and_looked_back_at() -> None:
    """A no is thanked for and its owner asked five questions; opt-outs, talk among people and the end of the calendar stand in their place."""
    assert judge(a_no(THANKS, DEBRIEF)).broken == ()
    assert judge(a_no(THANKS, DEBRIEF)).noes == 1
    assert "was not thanked" in judge(a_no(DEBRIEF)).broken[0]
    for missing in (
        told(4, 1, ANN),
        told(4, 1, BEN, kind="debrief"),
        told(1, 0, ANN, kind="debrief"),
        told(4, 9, ANN, kind="debrief"),
    ):
        assert "what could be learned" in judge(a_no(THANKS, missing)).broken[0]
    assert judge(a_no(said(3, 1.1, ReplyKind.UNSUBSCRIBE))).broken == ()
    assert judge(a_no(by_hand=(Written(order=3, at=START + timedelta(days=2), address=ANN),))).broken == ()
    assert len(judge(a_no(by_hand=(Written(order=3, at=START + timedelta(days=2), address=BEN),))).broken) == 2
    assert judge(replace(a_no(), until=START + timedelta(days=2))).broken == ()


def test_a_question_is_somebodys() -> None:
    """Of an open question somebody of ours is told within days, or has answered it by hand by then."""
    asked = facts(sent(1, 0), said(2, 1, ReplyKind.ENGAGED), ours=frozenset({SAM}), until=START + timedelta(days=28))
    assert "nobody was told" in judge(asked).broken[0]
    assert judge(asked).questions == 1
    assert judge(replace(asked, told=(told(3, 2, ANN),))).broken == ()
    for missing in (told(3, 2, BEN), told(3, 9, ANN), told(1, 0, ANN)):
        assert "nobody was told" in judge(replace(asked, told=(missing,))).broken[0]
    assert judge(replace(asked, by_hand=(Written(order=3, at=START + timedelta(days=2), address=ANN),))).broken == ()
    assert judge(replace(asked, by_hand=(Written(order=3, at=START + timedelta(days=9), address=ANN),))).broken != ()


def test_letters_are_for_our_own_people() -> None:
    """A letter to anybody else breaks a promise, and so does one that comes twice, or an answer to one that came to nothing."""
    kept = a_no(THANKS, DEBRIEF)
    assert judge(kept).letters == {"debrief": 1}
    assert "none of us" in judge(replace(kept, told=(DEBRIEF, told(5, 2, to=ANN)))).broken[0]
    assert "twice" in judge(replace(kept, told=(DEBRIEF, told(5, 2, letter="a"), told(6, 2, letter="a")))).broken[0]
    assert "came to nothing" in judge(replace(kept, unheeded=("dana: refused",))).broken[0]


BREACHES = {
    "outside the window": facts(sent(1, 0, in_window=False)),
    "late": facts(replace(sent(1, 1), due=START)),
    "does not know": facts(replace(sent(1, 0), cadence="")),
    "never written to": facts(),
    "doubtful": facts(sent(1, 0), doubtful=1),
    "never happened": facts(sent(1, 0), forgotten=2),
    "should have ended with no": facts(sent(1, 0), said(2, 1, ReplyKind.NO), ended=Outcome.YES),
    "not finished": facts(sent(1, 0), said(2, 1, ReplyKind.NO)),
    "nobody said so": facts(sent(1, 0), ended=Outcome.YES),
    "should have ended with bounced": facts(gone=frozenset({ANN})),
    "should have ended with stopped": facts(sent(1, 0), given_up=frozenset({ANN})),
    "ended with stopped": facts(sent(1, 0), ended=Outcome.STOPPED, given_up=frozenset({BEN})),
}


@pytest.mark.parametrize("word", BREACHES)
def test_every_breach_is_named(word: str) -> None:
    """Each kind of broken promise shows in words, with the person or the number, and a clean run shows none."""
    broken = judge(BREACHES[word]).broken
    assert len(broken) == 1
    assert word in broken[0]
    assert judge(facts(sent(1, 0), ended=Outcome.SILENT)).broken == ()


def test_misread_is_no_breach() -> None:
    """An answer that was held for a human is counted as misread, and breaks nothing if the human put it right."""
    answer = replace(said(2, 1, ReplyKind.YES), understood=ReplyKind.UNCLEAR)
    verdict = judge(facts(sent(1, 0), answer, ended=Outcome.YES))
    assert (verdict.broken, verdict.answers, verdict.understood, verdict.misread) == ((), 1, 0, (answer,))
    assert verdict.as_json()["understood"] == {"right": 0, "of": 1}
