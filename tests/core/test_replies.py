"""What a mail means: a folder of whole mails, phrases and their near misses, dates."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.channels.phrases import OPT_OUT
from followupd.core.inbound import read_message
from followupd.core.model import Inbound, Reading, Reason, ReplyKind
from followupd.core.replies.doors import DOORS
from followupd.core.replies.kinds import classify
from followupd.core.replies.letter import Question, question_of
from followupd.core.replies.verdict import named_person

MAILS = Path(__file__).parents[1] / "replies"
PRIVATE = Path(__file__).parents[1] / "private" / "replies"
FILES = sorted(path for folder in (MAILS, PRIVATE) for path in folder.glob("*/*.eml"))
FIRM = {ReplyKind.YES, ReplyKind.NO, ReplyKind.UNSUBSCRIBE}
NOW = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)  # a Tuesday


def read(
    words: str, *, asked: str = "", subject: str = "Re: A pilot", asked_subject: str = "A pilot", **fields: object
) -> Reading:
    """The reading of typed words."""
    mail = Inbound(typed=words, subject=subject, sender="robin@prospect.example", date=NOW, references=("a@b",), **fields)  # type: ignore[arg-type]
    return classify(mail, asked=asked, asked_subject=asked_subject)


NOTHING_FIRM = {ReplyKind.UNCLEAR, ReplyKind.ENGAGED, ReplyKind.LATER, ReplyKind.REFERRAL}


def means(found: Reading, kind: str) -> bool:
    """Whether a reading is of a kind; `unclear` here: nothing that ends anything, and a person sees it."""
    return found.kind in NOTHING_FIRM if kind == "unclear" else found.kind == kind


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_folder(path: Path) -> None:
    """Each mail is read as the kind that its folder is named after, with evidence on one short line."""
    found = classify(read_message(path.read_bytes()), asked_subject="A pilot for your team")
    assert found.kind == path.parent.name, found
    assert len(found.evidence) <= 200
    assert found.evidence.isprintable()
    assert 0 <= found.confidence <= 1


def test_every_kind_has_mails() -> None:
    """No kind without at least four mails that show it."""
    assert {kind.value for kind in ReplyKind} == {path.parent.name for path in MAILS.glob("*/*.eml")}
    assert all(len(list((MAILS / kind.value).glob("*.eml"))) >= 4 for kind in ReplyKind)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        # yes, and what only looks like it
        ("Let's go ahead.", "yes"),
        ("Count me in!", "yes"),
        ("Tuesday 3pm works.", "yes"),
        ("Please send over the contract.", "yes"),
        ("We'd like to proceed as quoted.", "yes"),
        ("No worries at all, let's do it. Thursday works.", "yes"),
        ("If you can, please send the contract today.", "yes"),
        ("Should we go ahead?", "engaged"),
        ("Don't go ahead.", "unclear"),
        ("Let's go ahead if the price drops.", "unclear"),
        ("Let's go ahead, but not this year.", "unclear"),
        ("Yeah right, count me in.", "unclear"),
        ("Go ahead and close my file.", "unclear"),
        ("We can start a discussion about pricing.", "unclear"),
        ("That's a deal breaker for us.", "unclear"),
        ("I got the green light to ask for more details.", "unclear"),
        ("Friday is fine for the report.", "unclear"),
        ("Tuesday doesn't work.", "unclear"),
        ("Yes I got it, thanks.", "engaged"),
        ("Sounds interesting, tell me more.", "engaged"),
        # no, and what only looks like it
        ("Not interested.", "no"),
        ("Thanks, but no thanks.", "no"),
        ("We'll pass.", "no"),
        ("We went with someone else.", "no"),
        ("We have no need for this.", "no"),
        ("No problem, will look at it, thanks.", "engaged"),
        ("I never said we're not interested.", "unclear"),
        ("Not interested in the small plan, what about the big one?", "engaged"),
        ("Not interested at the moment.", "later"),
        ("We will pass, but my colleague may like it.", "unclear"),
        ("Are we not interested? Of course we are.", "engaged"),
        ("We'll pass it on to Ines.", "unclear"),
        ("We will pass this to our legal team.", "unclear"),
        ("No interest rates were mentioned in your offer.", "unclear"),
        ("We have no need to rush, take your time.", "unclear"),
        ("It's not for us to decide, the council votes.", "unclear"),
        ("We decided not to decide before Christmas.", "unclear"),
        # later
        ("Not now.", "later"),
        ("Circle back in Q3.", "later"),
        ("Budget opens in January.", "later"),
        ("Let me get back to you.", "later"),
        ("Could you ask me again next month?", "later"),
        ("On hold until the merger is done.", "later"),
        # unsubscribe
        ("STOP", "unsubscribe"),
        ("Remove.", "unsubscribe"),
        ("Please take me off your list.", "unsubscribe"),
        ("Stop emailing me!", "unsubscribe"),
        ("Yes, please take me off this list.", "unsubscribe"),
        ("Do not contact me again.", "unsubscribe"),
        ("Leave me alone.", "unsubscribe"),
        ("I accidentally unsubscribed from the newsletter, can you add me again?", "engaged"),
        ("Your unsubscribe link is broken, thought you should know. Is dark mode coming?", "engaged"),
        ("Please stop sending me the old contract, send the new one.", "unclear"),
        ("Remove me from the invite, my boss will take part.", "unclear"),
        ("Unsubscribe me from life, this week is awful.", "unclear"),
        ("Please don't remove me from your list, I like it.", "unclear"),
        ("We help our customers unsubscribe from newsletters. Does your tool do that?", "engaged"),
        # referral
        ("I'm not the right person, talk to Ines Maurer.", "referral"),
        ("Sam no longer works here.", "referral"),
        ("Procurement handles this, contact them.", "referral"),
        # other languages
        ("Wir haben kein Interesse.", "no"),
        ("Kein Problem, machen wir so.", "yes"),
        ("Im Moment kein Interesse, melden Sie sich im Herbst.", "later"),
        ("Bitte keine weiteren Mails.", "unsubscribe"),
        ("Non merci.", "no"),
        ("Pas maintenant, revenez vers moi en septembre.", "later"),
        ("No, gracias.", "no"),
        ("Non siamo interessati.", "no"),
        ("Geen interesse.", "no"),
        ("Não temos interesse.", "no"),
        ("Graag uitschrijven.", "unsubscribe"),
    ],
)
def test_phrases(words: str, kind: str) -> None:
    """A phrase means what it means, and its near misses are nothing firm."""
    assert means(read(words), kind)


@pytest.mark.parametrize(
    ("asked", "words", "kind"),
    [
        ("Would you like a demo?", "Yes", "yes"),
        ("Would you like a demo?", "no", "no"),
        ("Would you like a demo?", "Yes please!\n\nRobin", "yes"),
        ("Hi Robin,\n\nShall we go ahead?\n\nDana", "ok", "yes"),
        ("Are you interested?", "No.", "no"),
        ("Are you interested?", "Yes.", "unclear"),
        ("Shall I close your file?", "Yes", "unclear"),
        ("Shall I close your file?", "No", "unclear"),
        ("Shall I close your file?", "Go ahead.", "unclear"),
        ("Do you mind if I call?", "No", "unclear"),
        ("Demo or call?", "Yes", "unclear"),
        ("When suits you?", "Yes", "unclear"),
        ("Would you like a demo? Or shall I send the slides?", "Yes", "unclear"),
        ("", "Yes", "unclear"),
    ],
)
def test_bare_answers(asked: str, words: str, kind: str) -> None:
    """A bare yes or no is firm only as the answer to exactly one question that it can answer."""
    assert read(words, asked=asked).kind == kind


def test_our_own_words_are_not_theirs() -> None:
    """Lines of our own mail that came back without quote marks decide nothing."""
    ours = "If this is not for you, reply stop and I will unsubscribe you from this list.\nJust say you are not interested."
    assert read(ours, asked=ours).kind == ReplyKind.UNCLEAR
    assert read(f"{ours}\nLet's go ahead.", asked=ours).kind == ReplyKind.YES


@pytest.mark.parametrize(
    ("subject", "kind"), [("unsubscribe", "unsubscribe"), ("Re: A pilot", "unclear"), ("Re: unsubscribe from chaos", "unclear")]
)
def test_subject(subject: str, kind: str) -> None:
    """A subject asks to unsubscribe only where it is not the one that we wrote."""
    assert read("", subject=subject).kind == kind
    assert read("", subject="Re: Unsubscribe", asked_subject="Unsubscribe").kind == ReplyKind.UNCLEAR


@pytest.mark.parametrize(
    ("headers", "words", "kind"),
    [
        ({"auto-submitted": ("auto-replied",)}, "I am away until 12 May.", "out_of_office"),
        ({"auto-submitted": ("no",)}, "Thanks, will read.", "engaged"),
        ({"x-auto-response-suppress": ("All",)}, "Thanks, will read.", "engaged"),
        ({"precedence": ("list",)}, "Thanks, will read.", "engaged"),
        ({"list-id": ("<x.y>",), "list-unsubscribe": ("<mailto:a@b>",)}, "Thanks, will read.", "engaged"),
        ({"x-loop": ("a@b",)}, "Not interested.", "no"),
        ({"auto-submitted": ("auto-generated",)}, "Ticket opened.", "auto_reply"),
        ({"precedence": ("bulk",), "return-path": ("<>",)}, "We got it.", "auto_reply"),
    ],
)
def test_headers(headers: dict[str, tuple[str, ...]], words: str, kind: str) -> None:
    """Headers prove a machine or they do not; those that only ask for silence, and those of lists, prove nothing."""
    assert read(words, headers=headers).kind == kind


@pytest.mark.parametrize(
    "words",
    [
        "I got your automatic reply. Is this an automated response?",
        "Your ticket number 12 is on the way",
        "Thanks for contacting us",
    ],
)
def test_people_are_no_machines(words: str) -> None:
    """Words alone never make a person's mail an automatic one."""
    assert read(words).kind not in {ReplyKind.AUTO_REPLY, *FIRM}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Not interested, too expensive.", Reason.PRICE),
        ("We went with another vendor.", Reason.COMPETITOR),
        ("No thanks, we do not need it.", Reason.NO_NEED),
        ("On hold, there is no budget left.", Reason.BUDGET),
        ("Not interested.", None),
    ],
)
def test_reasons(words: str, reason: Reason | None) -> None:
    """A no or a later carries the reason that its words give, or none."""
    assert read(words).reason == reason


@pytest.mark.parametrize(
    ("words", "person"),
    [
        ("Please contact Ines Maurer, ines@prospect.example.", "Ines Maurer <ines@prospect.example>"),
        ("Talk to Petra Lang.", "Petra Lang"),
        ("Petra Lang looks after this.", "Petra Lang"),
        ("Write to purchasing@prospect.example", "purchasing@prospect.example"),
        ("Bitte wenden Sie sich an Frau Maurer.", "Frau Maurer"),
        ("Ask somebody else.", None),
        ("Robin, robin@prospect.example", None),
    ],
)
def test_named_person(words: str, person: str | None) -> None:
    """A referral carries the name and address that it gives, never the writer's own."""
    assert named_person(words, "robin@prospect.example") == person


def test_dates_in_the_readers_zone() -> None:
    """A word such as "tomorrow" is read against the local day of the message, and against now where the message has no date."""
    mail = Inbound(typed="Not now, ask me tomorrow.", sender="a@b.example")
    late = datetime(2026, 5, 5, 20, 0, tzinfo=UTC)
    assert classify(mail, now=late, zone=ZoneInfo("Asia/Tokyo")).resume == date(2026, 5, 7)
    assert classify(mail, now=late).resume == date(2026, 5, 6)


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("Would you like a demo?", Question.PLAIN),
        ("Are you interested?", Question.INTEREST),
        ("Should I close your file?", Question.TURNED),
        ("What do you think?", Question.NONE),
        ("No question at all.", Question.NONE),
    ],
)
def test_questions(asked: str, question: Question) -> None:
    """What a bare yes would answer depends on the one question asked."""
    assert question_of(asked) is question


@settings(max_examples=60, deadline=1000)
@given(st.text(max_size=2000), st.text(max_size=500), st.text(max_size=100))
def test_any_text(words: str, asked: str, subject: str) -> None:
    """Any text gets a reading, in time, with safe evidence; and words alone never make a report."""
    found = read(words, asked=asked, subject=subject)
    assert found.evidence.isprintable()
    assert found.kind not in {ReplyKind.BOUNCE_HARD, ReplyKind.COMPLAINT}


# -- whole replies, in tests/replies/plain.txt ----------------------------------------------------

PLAIN = [
    (kind.strip(), words.strip())
    for kind, _, words in (
        block.partition("\n")
        for block in re.split(r"^== ", (MAILS / "plain.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    )
]
ASKED = ("", "Hi,\n\nShall we go ahead with the order?\n\nDana", "Are you interested?", "Just a note.")
TURNED = "Should I close your file?\n\nDana"
FOOTERS = (
    "",
    "\n\nSent from my iPhone",
    "\n\nBest regards\nRobin Marsh\nOperations Director\n01632 960 001",
    "\n\n-- \nRobin | Marsh & Sons",
)


def typed(words: str) -> Inbound:
    """A mail with these words, as it comes off the wire."""
    head = b"From: robin@prospect.example\r\nSubject: Re: A pilot\r\nIn-Reply-To: <a@b>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return read_message(head + words.encode())


@pytest.mark.parametrize(("kind", "words"), PLAIN, ids=[f"{kind} {words[:30]}" for kind, words in PLAIN])
def test_plain(kind: str, words: str) -> None:
    """Plain words are read as what they say, whatever our mail was and whatever stands below them; near misses are never firm."""
    asked = ASKED if kind.endswith(", bare") else (*ASKED, TURNED)
    footers = FOOTERS if len(words) < 100 else FOOTERS[:1]
    for said in (words + footer for footer in footers):
        kinds = {classify(typed(said), asked=ours, asked_subject="A pilot", now=NOW).kind for ours in asked}
        if kind == "held":
            assert not kinds & FIRM, said
        else:
            assert kinds == {kind.removesuffix(", bare")}, said


@pytest.mark.parametrize("words", [words for kind, words in PLAIN if kind.endswith(", bare")])
def test_bare_words_to_a_turned_question(words: str) -> None:
    """A bare "no thanks" to "shall I close your file?" may mean either: a human looks."""
    assert means(read(words, asked=TURNED), "unclear")


def test_enough_plain_replies() -> None:
    """The table stays large enough to mean something."""
    held = sum(kind == "held" for kind, _ in PLAIN)
    assert held >= 100
    assert len(PLAIN) - held >= 100


@pytest.mark.parametrize("asked", [*ASKED, TURNED])
@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("door", DOORS["en"])
def test_our_doors(door: str, footer: str, asked: str) -> None:
    """The ready answers that our last mails offer are understood, and the month that a person adds to one of them."""
    subject, body = DOORS["en"][door]
    mail = replace(typed(body + ("March" if door == "later" else "") + footer), subject=subject)
    found = classify(mail, asked=asked, asked_subject="A pilot", now=NOW)
    assert found.kind == door
    assert found.resume == (date(2027, 3, 1) if door == "later" else None)


@pytest.mark.parametrize("language", DOORS)
@pytest.mark.parametrize("door", ["yes", "later", "no"])
def test_doors_in_every_language(language: str, door: str) -> None:
    """A door that comes back as it stands is understood, whatever the language; with words behind a yes it is read as usual."""
    subject, body = DOORS[language][door]
    found = classify(replace(typed(body), subject=subject), asked="Hello", asked_subject="A pilot", now=NOW)
    assert (found.kind, found.confidence > 0.9) == (door, True)
    more = classify(replace(typed(f"{body} Wait: I must ask my boss first?"), subject=subject), asked="Hello", now=NOW)
    assert more.evidence != body


@pytest.mark.parametrize("language", OPT_OUT)
def test_opt_out_word_in_every_language(language: str) -> None:
    """The word that every mail asks for stops it, also above the quoted line that asked for it."""
    assert "stop" in OPT_OUT[language].lower()
    for word in ("stop", "Stop.", "STOP"):
        assert classify(typed(word), asked=f"Hello\n{OPT_OUT[language]}", asked_subject="A pilot", now=NOW).kind == "unsubscribe"


@pytest.mark.parametrize(
    ("asked", "words", "kind"),
    [
        ("Reply A to go ahead, B for a call, C if it's not for you.", "C", "no"),
        ("Reply A to go ahead, B for a call, C if it's not for you.", "A please", "yes"),
        ("Reply A to go ahead, B for a call, C if it's not for you.", "B", "unclear"),
        ("Reply A to go ahead, B for a call, C if it's not for you.", "D", "unclear"),
        (
            "Just answer with a number:\n1 - let's have a call\n2 - later, please\n3 - take me off your list",
            "3, thanks!",
            "unsubscribe",
        ),
        ("Just answer with a number:\n1 - let's have a call\n2 - later, please\n3 - take me off your list", "2", "later"),
        (
            "Just answer with a number:\n1 - let's have a call\n2 - later, please\n3 - take me off your list",
            "3 of us will join",
            "unclear",
        ),
        ("Reply STAY to keep my mails, GO and I take you off my list.", "go", "unsubscribe"),
        ("Should I stay (keep the offer open) or go (withdraw it)?", "Go.", "no"),
        ("Should I stay (keep the offer open) or go (withdraw it)?", "Go ahead", "unclear"),
        ("Shall I stop writing to you?", "Yes please", "unsubscribe"),
        ("Soll ich Ihnen nicht mehr schreiben?", "Ja bitte", "unsubscribe"),
        ("Do you mind if I stop writing?", "Yes", "unclear"),
        ("Shall I stop writing or call you?", "Yes", "unclear"),
        ("Shall I stop writing to you?", "No", "unclear"),
    ],
)
def test_choices(asked: str, words: str, kind: str) -> None:
    """A letter or a word that our mail offered means what our mail said; a bare yes to our offer to stop is a request to stop."""
    assert means(read(words, asked=asked), kind)
    assert read(words).kind not in {ReplyKind.NO, ReplyKind.UNSUBSCRIBE} or words == "No"


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("We have no need for this: my cousin does it all.", {"no"}),
        ("Not interested, and Ines handles this now.", {"no", "unclear"}),
        ("Ines Maurer does this now.", {"referral", "unclear"}),
        ("Ines Maurer handles this now, cc'd.", {"referral"}),
        ("My cousin does it all.", {"unclear", "engaged"}),
    ],
)
def test_a_hand_over_is_no_no(words: str, kinds: set[str]) -> None:
    """A hand-over names somebody to talk to about this; beside an explicit no it is never a referral."""
    assert read(words).kind in kinds


def test_signatures_decide_nothing() -> None:
    """What stands in a signature is no answer, and a postscript is."""
    assert read("Stop by on Tuesday.\n\nA. J. Farr | Farr Gearboxes\nNO CALLERS. Cars must not stop here.").kind == ReplyKind.YES
    assert read("Let's go ahead.\n\nA. J. Farr | Farr Gearboxes\nPS: only if the price drops").kind in NOTHING_FIRM
    assert read("Let's go ahead.\n\nRobin\n\nUnless you can't do May").kind in NOTHING_FIRM


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["1 ", "Later 1 ", "a- ", "A: ", "signé .", "no need for an ", "happy to go ahead with the ", "A (b"]
)
def test_hostile_repetition(words: str) -> None:
    """Text made to keep the phrase tables busy is read in well under a second."""
    mail = Inbound(typed=f"Later. {words * (8000 // len(words))}", subject=words * 100, sender="robin@prospect.example", date=NOW)
    classify(mail, asked=words * 2000)  # tables are compiled
    begin = time.process_time()
    classify(mail, asked=words * 2000)
    assert time.process_time() - begin < 1
