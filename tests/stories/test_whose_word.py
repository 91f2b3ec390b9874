"""Plays: anybody can write to Dana, and put any address into From. What a mail may do, and what it may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import sqlalchemy as sa

from followupd import desk
from followupd.cli.look import facts_of
from followupd.cli.why import explain
from followupd.core.inbound import read_message
from followupd.core.model import Reply, ReplyKind
from followupd.core.outbound import plus_address
from followupd.store import schema
from tests.faults import Toll
from tests.stories.stage import ANN, BOB, INTRO, Play

FORGED = "mx.example.com; spf=softfail smtp.mailfrom=p.test; dmarc=fail (p=none) header.from=p.test"
PASSED = "mx.example.com; dkim=pass header.d=p.test; dmarc=pass header.from=p.test"


@pytest.fixture
def judged(play: Play) -> Play:
    """The usual stage, where the mail server says what it thinks of senders; mails have been sent to Ann and Bob."""
    return named(play)


def named(play: Play) -> Play:
    config = (play.folder / "config.yaml").read_text()
    play.stop()  # what belongs to an account takes effect at a start
    play.write("config.yaml", config.replace("imap: {", "imap: {authserv: mx.example.com, "))
    play.start()
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    return play


def says(
    play: Play, text: str, results: Iterable[str] = (), *, sender: str = "ann@p.test", threaded: bool = True, to: str = ""
) -> None:
    """An answer to Ann's mail, with what servers wrote on top of it, the last one first."""
    raw = play.answer_to(play.mails("ann@p.test")[-1], text, sender, threaded=threaded, subject="" if threaded else "Your mail")
    top = "".join(f"Authentication-Results: {each}\r\n" for each in results).encode()
    play.post(top + (raw.replace(b"dana@example.com>", f"{to}>".encode(), 1) if to else raw))


def why(play: Play, address: str = "ann@p.test") -> str:
    prospect, (enrollment, *_) = play.office.store.person(address)
    return explain(facts_of(play.office, address, prospect, enrollment)).sentence


YES, NO, OUT = "Yes, let's go ahead. Please send me the contract.", "No thanks.", "Please remove me from your list."
FIRM = [(YES, ReplyKind.YES, "yes"), (NO, ReplyKind.NO, "no"), (OUT, ReplyKind.UNSUBSCRIBE, "opted_out")]


@pytest.mark.parametrize(("text", "kind", "outcome"), FIRM)
def test_server_says_that_it_is_forged(judged: Play, text: str, kind: ReplyKind, outcome: str) -> None:
    """Our own server says that DMARC failed: nothing more is sent, nothing firm happens, and a human reads why and decides."""
    says(judged, text, [FORGED])
    judged.run_until("+30d")
    judged.expect_mails("ann@p.test", ["Hello Ann"])
    assert (judged.state("ann@p.test"), judged.suppressed()) == ("held", {})
    (waiting,) = judged.reviews()
    words = "the receiving server says that DMARC failed for this mail"
    assert waiting.evidence.startswith(f"{words}; reads like {kind}: ")
    assert words in why(judged)
    assert words in judged.diary("ann@p.test")
    (task,) = judged.tasks("ann@p.test")
    assert (task.kind, words in task.text) == ("decide", True)
    desk.decide(judged.office, waiting.id, kind, "dana")
    assert judged.outcome("ann@p.test") == outcome
    assert list(judged.suppressed()) == (["ann@p.test"] if outcome == "opted_out" else [])


@pytest.mark.parametrize(
    ("text", "results", "outcome"),
    [
        (YES, [PASSED], "yes"), (YES, [], "yes"), (NO, ["mx.example.com; none"], "no"), (OUT, ["mx.evil.test; dmarc=fail"], "opted_out"),
        (YES, [PASSED, FORGED], "yes"),
    ],
)  # fmt: skip
def test_nothing_against_it(judged: Play, text: str, results: list[str], outcome: str) -> None:
    """In our conversation and from Ann's address an answer has its whole effect, unless our own server's word on top is against it."""
    says(judged, text, results)
    assert judged.outcome("ann@p.test") == outcome


@pytest.mark.parametrize(
    ("text", "results", "outcome"),
    [
        (NO, [FORGED], "held"), (OUT, [], "opted_out"), (OUT, [FORGED], "held"), (YES, [], "held"), (YES, [PASSED], "held"),
        ("Not now, please ask me again in May.", [], "paused"),
    ],
)  # fmt: skip
def test_mail_of_her_own(judged: Play, text: str, results: list[str], outcome: str) -> None:
    """A mail that names none of ours stops the cadence in any case; a yes in it is read by a human before it counts."""
    says(judged, text, results, threaded=False)
    judged.run_until("+20d")
    judged.expect_mails("ann@p.test", ["Hello Ann"])
    assert judged.outcome("ann@p.test") == outcome
    assert ("ann@p.test" in judged.suppressed()) == (outcome == "opted_out")
    assert bool(judged.reviews()) == (outcome == "held")


@pytest.mark.parametrize(("results", "suppressed"), [([], True), ([PASSED], True), ([FORGED], False)])
def test_forwarded_and_answered_by_a_colleague(judged: Play, results: list[str], suppressed: bool) -> None:
    """Carl has Ann's mail and wants no more: Carl gets none, unless the server says that Carl didn't write it; Ann's waits for a human."""
    says(judged, OUT, results, sender="carl@p.test")
    judged.run_until("+20d")
    judged.expect_mails("ann@p.test", ["Hello Ann"])
    assert judged.state("ann@p.test") == "held"
    assert list(judged.suppressed()) == (["carl@p.test"] if suppressed else [])
    assert "not by ann@p.test" in why(judged) or not suppressed


def test_token_of_another_person(judged: Play) -> None:
    """Bob writes to the address with Ann's token: it is not Ann's word, and as Bob has written, Bob gets no mail either. Twice is once."""
    address = plus_address("dana@example.com", judged.mails("ann@p.test")[0].message_id)
    assert "+t." in address
    for _ in range(2):
        says(judged, NO, sender="bob@q.test", threaded=False, to=address)
    judged.run_until("+20d")
    assert [judged.state(one) for one in ("ann@p.test", "bob@q.test")] == ["held", "held"]
    assert judged.suppressed() == {}
    assert [len(judged.mails(one)) for one in ("ann@p.test", "bob@q.test")] == [1, 1]
    says(judged, OUT, sender="bob@q.test", threaded=False, to=address)
    judged.run_until("+1d")
    assert list(judged.suppressed()) == ["bob@q.test"]
    assert [judged.outcome(one) for one in ("ann@p.test", "bob@q.test")] == ["held", "opted_out"]


def test_token_is_enough_for_its_owner(judged: Play) -> None:
    """Ann answers by a door in a mail of her own: the token in the address says which mail she answers. Twice is once."""
    address = plus_address("dana@example.com", judged.mails("ann@p.test")[0].message_id)
    says(judged, YES, threaded=False, to=address)
    assert judged.outcome("ann@p.test") == "yes"
    says(judged, NO, threaded=False, to=address)
    assert judged.outcome("ann@p.test") == "yes"
    forged = address.replace("+t.", "+t.x")
    says(judged, OUT, sender="eve@elsewhere.test", threaded=False, to=forged)
    assert judged.suppressed() == {}


# -- many at once --------------------------------------------------------------------------------

NAMES = [f"p{number}@p{number}.test" for number in range(200)]


def crowd(play: Play, count: int) -> Play:
    """So many people are written to, some dozens at once."""
    play.at("mon 09:00")
    for start in range(0, count, 40):
        rows = "".join(f"{one},intro,P,Acme\n" for one in NAMES[start : min(start + 40, count)])
        play.drop_csv(f"email,cadence,first_name,company\n{rows}", name=f"list{start}.csv")
    assert len(play.mails()) == count
    return play


def post_all(play: Play, raws: list[bytes]) -> None:
    """Many mails, some dozens at once."""

    async def some(few: list[bytes]) -> None:
        for raw in few:
            await play.imap.append(raw, play.clock.now())

    for start in range(0, len(raws), 40):
        play._unread = True
        play._run(some(raws[start : start + 40]))


def alarms(play: Play) -> list[str]:
    return [one.key for one in play.office.store.alarms_up()]


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.nightly)])
def test_forged_mails_from_everybody(play: Play, count: int) -> None:
    """Forged mails "from" everybody within an hour: at most 20 have an effect, one alarm; true answers count all the while."""
    crowd(play, count)
    forged = [
        play.answer_to(play.mails(one)[0], "What does it cost?", one, threaded=False, subject=f"Your mail {number}")
        for number, one in enumerate(NAMES[:count])
    ]
    post_all(play, forged[:20])
    assert alarms(play) == []
    post_all(play, forged[20:])
    states = [play.state(one) for one in NAMES[:count]]
    assert (states.count("held"), states.count("active"), alarms(play)) == (20, count - 20, ["unproved:dana"])
    assert len(play.reviews()) == count - 20
    assert len([task for task in play.office.store.tasks() if task.kind != "alarm"]) == 20
    assert "nothing proves it" in play.reviews()[0].evidence
    play.reply(NAMES[30], "No thanks.")
    assert play.outcome(NAMES[30]) == "no"
    play.run_until("+2h").reply(NAMES[31], "No thanks.")
    assert alarms(play) == []
    play.reply(NAMES[32], "No thanks, not for us.", threaded=False, subject="Your mail of Monday")
    assert [play.outcome(one) for one in NAMES[31:33]] == ["no", "no"]


def test_forged_in_a_conversation_of_ones_own(play: Play) -> None:
    """Who has one mail of ours writes in its thread in everybody's name: that proves nothing of theirs, and is counted all the same."""
    crowd(play, 30)
    asked = play.mails(NAMES[0])[0]
    post_all(play, [play.answer_to(asked, f"No thanks. {number}", one) for number, one in enumerate(NAMES[1:30])])
    assert [play.state(one) for one in NAMES[1:30]].count("held") == 20
    assert (play.suppressed(), alarms(play)) == ({}, ["unproved:dana"])


def test_an_honest_morning(play: Play) -> None:
    """Many who answer in our conversations, and many machines that thank for our mail, raise no alarm."""
    crowd(play, 44)
    answers = [play.answer_to(play.mails(one)[0], "No thanks.", one) for one in NAMES[:22]]
    thanks = [
        play.answer_to(play.mails(one)[0], "Thank you for your message.", one, "auto-replied", threaded=False)
        for one in NAMES[22:44]
    ]
    post_all(play, answers + thanks)
    assert alarms(play) == []
    assert [play.outcome(one) for one in NAMES[:44]] == ["no"] * 22 + ["active"] * 22


def test_forged_bounces(play: Play) -> None:
    """Forged reports, with a made-up id or with a true id and somebody else's address, suppress nobody and stop no mailbox."""
    crowd(play, 24)
    for one in NAMES[:20]:
        play.bounce(one, "hard", forged=True)
    for one in NAMES[20:24]:
        play.bounce(one, "blocked", forged=True)
    assert (play.suppressed(), play.switches()) == ({}, set())
    assert [play.state(one) for one in NAMES[:24]].count("held") == 20
    assert alarms(play) == ["unproved:dana"]


def test_one_mail_many_reports(play: Play) -> None:
    """Who has one mail of ours can write any number of true-looking reports about it: they count once, and stop no mailbox."""
    play.at("mon 09:00").drop_csv(ANN)
    original = play.mails("ann@p.test")[0].message_id
    for number in range(5):
        play.post(report(["ann@p.test"], original, "5.7.1", f"blocked as spam {number}"))
    assert [reply.kind for reply in replies(play)] == ["bounce_blocked"] * 5
    assert (play.switches(), play.suppressed()) == (set(), {})


def test_report_about_another_address(play: Play) -> None:
    """A report that names Ann's mail but says that Bob's address is gone: neither is suppressed, and Ann's waits for a human."""
    play.at("mon 09:00").drop_csv(ANN)
    play.drop_csv(BOB, name="bob.csv")
    original = play.mails("ann@p.test")[0].message_id
    play.post(report(["bob@q.test"], original))
    assert play.suppressed() == {}
    assert [play.outcome(one) for one in ("ann@p.test", "bob@q.test")] == ["held", "active"]
    assert "a report about bob@q.test, and that mail went to ann@p.test" in why(play)


def test_report_of_ten_thousand_recipients(play: Play) -> None:
    """A report about 10,000 addresses suppresses none of them: at most the one to which the named mail went, if it leads the list."""
    crowd(play, 10)
    everybody = [*NAMES[5:10], *(f"x{number}@elsewhere.test" for number in range(10_000)), *NAMES[:5]]
    play.post(report(everybody, play.mails(NAMES[0])[0].message_id))
    play.post(report(everybody, "t.madeup.0123456789abcdef0123456789abcdef@example.com"))
    assert play.suppressed() == {}
    assert "bounced" not in {play.outcome(one) for one in NAMES[:10]}
    play.post(report(NAMES[:1], play.mails(NAMES[0])[0].message_id))  # the control: a true one counts
    assert list(play.suppressed()) == NAMES[:1]


def replies(play: Play) -> list[Reply]:
    """Every mail that was recorded."""
    with play.office.store._transaction() as connection:
        ids = connection.execute(sa.select(schema.reply.c.id).order_by(schema.reply.c.uid)).scalars().all()
    return [reply for one in ids if (reply := play.office.store.find(Reply, one))]


def report(addresses: list[str], message_id: str, status: str = "5.1.1", said: str = "user unknown") -> bytes:
    """A delivery report about these addresses."""
    blocks = "".join(
        f"Final-Recipient: rfc822; {one}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {said}\r\n\r\n"
        for one in addresses
    )
    return (
        "From: MAILER-DAEMON@elsewhere.test\r\nTo: dana@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\nReturn-Path: <>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{said}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; elsewhere.test\r\n\r\n{blocks}\r\n--b--\r\n"
    ).encode()


# -- acknowledgements ----------------------------------------------------------------------------

NOT_NOW = "Not now, please ask me again in a month."
SENDING = INTRO + "replies:\n  later: {pause: 60d, send: noted}\n  engaged: {hold: true, send: noted}\n"


@pytest.fixture
def polite(stage: Callable[..., Play]) -> Play:
    """A cadence that thanks for answers."""
    play = stage(cadences={"intro": SENDING})
    play.write("templates/noted.md", "---\nsubject: Noted\n---\nThank you, {{ prospect.first_name }}.\n")
    return named(play)


def acknowledgements(play: Play, domain: str = "") -> int:
    return sum(mail.message["Auto-Submitted"] == "auto-replied" and mail.recipient.endswith(domain) for mail in play.mails())


def test_acknowledgement_says_what_it_is(polite: Play) -> None:
    """A machine's answer says so in its header, so that no machine answers it; the cadence's own mails don't. One a week."""
    says(polite, NOT_NOW)
    polite.run_until("+1d")
    first, thanks = polite.mails("ann@p.test")
    assert (first.message["Auto-Submitted"], thanks.message["Auto-Submitted"]) == (None, "auto-replied")
    assert read_message(thanks.raw).headers["auto-submitted"] == ("auto-replied",)
    says(polite, "How much is it for twenty people?")
    polite.run_until("+5d")
    assert acknowledgements(polite) == 1
    assert "not acknowledged: they have had one on 02 Mar 2026, and nobody gets two within a week" in polite.diary("ann@p.test")


@pytest.mark.parametrize(
    ("head", "more", "reason"),
    [
        (b"Precedence: bulk\r\n", {}, "its header says precedence: bulk"),
        (b"List-Id: <sales.p.test>\r\n", {}, "its header has list-id"),
        (b"Return-Path: <>\r\n", {}, "return-path"),
        (b"X-Auto-Response-Suppress: All\r\n", {}, "its header says x-auto-response-suppress: All"),
        (b"", {"threaded": False, "subject": "Your mail"}, "nothing proves that the answer is theirs"),
    ],
)
def test_not_acknowledged(polite: Play, head: bytes, more: dict[str, object], reason: str) -> None:
    """What a machine or a list may have sent, or somebody in Ann's name, has its effect, and no answer."""
    polite.post(head + polite.answer_to(polite.mails("ann@p.test")[0], NOT_NOW, "ann@p.test", **more))
    polite.run_until("+2d")
    assert acknowledgements(polite) == 0
    assert polite.state("ann@p.test") == "paused"
    assert f"{reason}" in polite.diary("ann@p.test")


@pytest.mark.fault("F80")
@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.nightly)])
def test_two_machines(polite: Play, toll: Toll, count: int) -> None:
    """A machine writes like a person and answers each mail, every time under a new address, now and then under Ann's: one mail comes back."""
    asked = polite.mails("ann@p.test")[0]
    post_all(
        polite,
        [polite.answer_to(asked, NOT_NOW, f"bot{number}@p.test" if number % 10 else "ann@p.test") for number in range(count)],
    )
    polite.run_until("+2d")
    assert acknowledgements(polite) <= 1
    says(polite, NOT_NOW, sender="bot-again@p.test")
    polite.run_until("+2d")
    assert acknowledgements(polite) <= 1
    assert {mail.recipient for mail in polite.mails()} - {"dana@example.com"} == {
        "ann@p.test",
        "bob@q.test",
    }  # nobody else was ever written to
    assert len(polite.letters()) <= 2  # what waits for Dana's word is one letter, however much it is
    toll(injected=count + 1, after_answer=len(polite.mails("ann@p.test")) - 1 - acknowledgements(polite))


@pytest.mark.fault("F80")
def test_a_machine_for_a_whole_company(polite: Play, toll: Toll) -> None:
    """A machine answers for everybody at p.test: three acknowledgements in a day, then silence and one task for the owner."""
    names = [f"p{number}@p.test" for number in range(8)]
    polite.drop_csv("email,cadence,first_name,company\n" + "".join(f"{one},intro,P,Acme\n" for one in names), name="more.csv")
    for hour in range(2):
        post_all(polite, [polite.answer_to(polite.mails(one)[0], f"{NOT_NOW} {hour}", one) for one in names])
        polite.run_until("+1h")
    polite.run_until("+3d")
    assert (acknowledgements(polite), acknowledgements(polite, "@p.test")) == (3, 3)
    silent = [task for task in polite.office.store.tasks() if "no longer acknowledged" in task.title]
    assert [(task.kind, task.owner) for task in silent] == [("read", "dana")]
    assert [len(polite.mails(one)) for one in names].count(1) == 5
    toll(injected=2 * len(names), after_answer=sum(len(polite.mails(one)) - 1 for one in names) - 3)
