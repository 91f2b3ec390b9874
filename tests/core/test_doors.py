"""Doors: tokens that nobody else can make, words that mean something only in answer to them, and words that say otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.channels.phrases import OPT_OUT
from followupd.channels.scope import doors_of
from followupd.core.inbound import read_message
from followupd.core.model import Inbound, Reading
from followupd.core.outbound import DOOR_NAMES, door_of, door_token, without_door
from followupd.core.replies.doors import DOORS
from followupd.core.replies.kinds import classify

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
KEY, TOUCH = b"k" * 32, "abc234def567"
TOKENS = {door: door_token(TOUCH, door, KEY) for door in DOOR_NAMES}
GOODBYE = (
    "Answer with one word, or choose a line:\n\n"
    + "".join(f"- [{door}]({link})\n" for door, link in doors_of("dana@example.com", "en", TOKENS).items())
    + "\nIf I hear nothing, I will stop writing about this.\n\n"
    + OPT_OUT["en"]
)
ALL = ("yes", "later", "no")


def typed(words: str, subject: str = "Re: Yes, later or no?") -> Inbound:
    """A mail with these words, as it comes off the wire."""
    head = f"From: robin@prospect.example\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return read_message((head + words).encode())


def read(words: str, *, doors: tuple[str, ...] = ALL, door: str = "", subject: str = "Re: Yes, later or no?") -> Reading:
    """What an answer to the goodbye means."""
    return classify(
        typed(words, subject), asked=GOODBYE, asked_subject="Yes, later or no?", now=NOW, doors=doors, door=door,
    )  # fmt: skip


# -- tokens --------------------------------------------------------------------------------------


def test_token() -> None:
    """Each door of each touch has its own token; it is found wherever it stands in a subject, and taken out of what people see."""
    assert len({*TOKENS.values(), door_token("other", "yes", KEY), door_token(TOUCH, "yes", b"other key")}) == 5
    for door, token in TOKENS.items():
        assert door_of(f"Re: Fwd: No, thank you {token} (was: a pilot)", KEY) == (TOUCH, door)
        assert without_door(f"No, thank you {token}") == "No, thank you"
    assert door_of(f"{TOKENS['no']} {TOKENS['no']}", KEY) == (TOUCH, "no")


@pytest.mark.parametrize(
    "subject",
    [
        TOKENS["no"].replace("abc", "abd"),
        TOKENS["no"].upper(),
        TOKENS["no"][:-2] + "]",
        door_token(TOUCH, "no", b"x" * 32),
        f"{TOKENS['yes']} {TOKENS['no']}",
        "[f-abc234def567-0123456789abcdef]",
        "",
    ],
)
def test_forged_or_mangled(subject: str) -> None:
    """A token for another touch, with another key, cut short, or two that contradict each other: no door."""
    assert door_of(subject, KEY) is None


@given(st.text(max_size=120), st.binary(min_size=1, max_size=40))
def test_nobody_guesses(text: str, key: bytes) -> None:
    """No text is a token, whatever stands around a real one; and a subject keeps what people wrote."""
    assert door_of(text, key) is None
    assert door_of(f"{text} {door_token(TOUCH, 'later', key)} {text}", key) == (TOUCH, "later")
    assert without_door(text) == text


@pytest.mark.parametrize("address", ["dana@example.com", "dana+t.abc.0123456789ab@example.com", "o'neil&co@example.com"])
@pytest.mark.parametrize("language", DOORS)
def test_links(address: str, language: str) -> None:
    """A link is one word that any mail program takes apart into address, subject with token and words (RFC 6068)."""
    from urllib.parse import parse_qs, unquote, urlsplit

    for door, link in doors_of(address, language, TOKENS).items():
        parts = urlsplit(link)
        assert link.isascii()
        assert not set(link) & set(' <>"[]\n')
        assert (parts.scheme, unquote(parts.path)) == ("mailto", address)
        assert "+" not in parts.query
        found = parse_qs(parts.query, strict_parsing=True)
        assert (
            found == {"subject": [f"{DOORS[language][door][0]} {TOKENS[door]}"], "body": [DOORS[language][door][1].strip(" ")]}
            or door == "later"
        )
        assert door_of(found["subject"][0], KEY) == (TOUCH, door)


# -- a token and words ---------------------------------------------------------------------------

THROUGH = [
    ("no", "", "no", None),
    ("yes", "\n\n", "yes", None),
    ("later", "", "later", None),
    ("no", DOORS["en"]["no"][1], "no", None),
    ("yes", "Yes, let us talk. Please suggest a time.\n\n-- \nRobin", "yes", None),
    ("later", "Not now, please come back later. A good month would be: March", "later", date(2027, 3, 1)),
    ("later", "Not now, please come back later. A good month would be: ", "later", None),
    ("no", "No, thank you. This is not for us.\n\nSent from my iPhone", "no", None),
    ("no", "No, thank you. This is not for us. We have chosen another supplier.", "no", None),
    ("no", "Nein, danke. Das ist nichts für uns.", "no", None),
    # what was typed says otherwise
    ("yes", "Please take me off your list and never write to me again.", "unsubscribe", None),
    ("later", "stop", "unsubscribe", None),
    ("yes", "No thanks, we are not interested.", "unclear", None),
    ("no", "Yes, let us talk. Please suggest a time.", "unclear", None),
    ("no", "Actually, can you tell me what the small plan costs?", "unclear", None),
    ("later", "Yes please, send me the contract.", "unclear", None),
    ("yes", "qwertz uiop", "unclear", None),
]  # fmt: skip


@pytest.mark.parametrize(("door", "words", "kind", "resume"), THROUGH)
def test_through_a_door(door: str, words: str, kind: str, resume: date | None) -> None:
    """The token speaks where there are no words, or words that say the same; else an opt-out wins, and a human is asked about the rest."""
    found = read(words, door=door, subject=f"No, thank you {TOKENS[door]}")
    assert (found.kind, found.resume) == (kind, resume)
    assert (found.confidence == 0.99) == (kind == door)


def test_a_machine_opens_no_door() -> None:
    """An automatic answer under a subject with a token stays what it is."""
    raw = f"From: r@p.test\r\nSubject: Re: No {TOKENS['no']}\r\nAuto-Submitted: auto-replied\r\n\r\nI am out of the office until 3 May.\r\n"
    found = classify(read_message(raw.encode()), asked=GOODBYE, now=NOW, doors=ALL, door="no")
    assert found.kind == "out_of_office"


# -- bare answers --------------------------------------------------------------------------------

BARE = [
    ("no", None, "go", "Go.", "let it go", "no", "No thanks", "Nein danke", "non merci", "no gracias", "no grazie", "nee bedankt", "3", "laat maar", "Hi Dana,\n\nGo.\n\nRobin"),
    ("later", None, "stay", "Stay in touch", "keep in touch please", "later", "not now", "später", "bleiben", "plus tard", "más adelante", "più avanti", "nu niet", "2"),
    ("later", date(2027, 3, 1), "March", "in March", "März", "im März bitte", "mars", "en mars", "marzo", "a marzo", "maart", "March 2027"),
    ("later", date(2027, 1, 4), "next year", "nächstes Jahr", "l'année prochaine", "el año que viene", "volgend jaar", "2027"),
    ("yes", None, "yes", "Yes please!", "ja", "ja gerne", "oui", "sí", "sì", "1"),
    ("unsubscribe", None, "stop", "unsubscribe", "Stop it"),
]  # fmt: skip
WORDS = [(kind, resume, words) for kind, resume, *many in BARE for words in many]


@pytest.mark.parametrize(("kind", "resume", "words"), WORDS)
def test_bare_answers(kind: str, resume: date | None, words: str) -> None:
    """A word or two in answer to a mail that offered doors are understood, in six languages, and the month counts."""
    found = read(words)
    assert (found.kind, found.resume) == (kind, resume)


NOWHERE = ["go", "let it go", "stay", "stay in touch", "2", "3", "2027", "bleiben", "laat maar"]


@pytest.mark.parametrize("words", NOWHERE)
def test_elsewhere_they_say_nothing(words: str) -> None:
    """The same words in answer to a mail without doors, or under a subject that is not ours, are left to a human."""
    assert read(words, doors=()).kind in ("unclear", "engaged")
    assert read(words, subject="Lunch on Friday").kind in ("unclear", "engaged")


@pytest.mark.parametrize("words", ["March", "marzo", "mars"])
def test_a_month_elsewhere(words: str) -> None:
    """A bare month that answers no doors names no day to come back on."""
    assert read(words, doors=()).resume is None


@pytest.mark.parametrize(
    "words", ["go ahead and send it", "go?", "stay or go?", "you may", "4", "March or never", "no idea", "since March"]
)
def test_near_misses(words: str) -> None:
    """What is not exactly such an answer is read like any other."""
    assert read(words).kind not in ("no", "later") or read(words).confidence < 0.95


def test_permission() -> None:
    """In answer to the question whether we may go on writing, "stay" is a yes; "go" still lets them go."""
    assert read("stay", doors=(*ALL, "permission")).kind == "yes"
    assert read("go", doors=(*ALL, "permission")).kind == "no"


@pytest.mark.parametrize("words", ["yes", "no", "no thanks", "ja"])
def test_turned(words: str) -> None:
    """Where the mail with doors asks "shall I close your file?" as well, a bare yes or no may answer either."""
    asked = f"{GOODBYE}\n\nShall I close your file?"
    found = classify(typed(words), asked=asked, asked_subject="Yes, later or no?", now=NOW, doors=ALL)
    assert found.kind not in ("yes", "no")
