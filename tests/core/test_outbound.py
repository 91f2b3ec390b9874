"""The bytes of a mail: parsed back by somebody else's parser they say what was meant, or they were refused."""

from __future__ import annotations

import binascii
import dataclasses
import email
import email.policy
import re
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followupd.core import outbound
from followupd.core.model import Rendered, ThreadContext
from followupd.core.outbound import (
    Envelope,
    UnsafeMessage,
    check_exit,
    compose,
    message_id,
    plus_address,
    subject_of,
    touch_of,
    touch_of_address,
)

KEY = b"k" * 32
OWN = message_id("T1", "example.com", KEY)
PLAIN = Rendered(subject="Two ideas for Acme", text="Hi Kim,\n\none idea.\n", html="<p>Hi Kim,</p>\n")


def envelope(**changes: Any) -> Envelope:
    """An envelope as dispatch makes it, with some fields changed."""
    fields: dict[str, Any] = {
        "sender": "dana@example.com",
        "sender_name": "Dana Reyes",
        "recipient": "kim@prospect.example",
        "recipient_name": "Kim Lee",
        "date": datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=-5))),
        "message_id": OWN,
        "touch": "T1",
        "thread": ThreadContext(),
        "same_thread": False,
    }
    return Envelope(**fields | changes)


def parsed(raw: bytes) -> EmailMessage:
    """The mail as the standard library's modern parser reads it."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def bodies(raw: bytes) -> tuple[str, str]:
    """Text and HTML part, decoded from the bytes by the old parser, so that no policy touches line ends."""
    parts = email.message_from_bytes(raw).get_payload()
    text, html = (part.get_payload(decode=True) for part in parts)  # type: ignore[union-attr]
    return text.decode(), html.decode()  # type: ignore[union-attr]


def test_the_golden_mail() -> None:
    """A first mail has exactly these bytes, so that no change of the writer goes unseen."""
    raw = compose(PLAIN, envelope(list_unsubscribe=("mailto:dana@example.com?subject=stop",)))
    boundary = re.search(rb'boundary="([^"]+)"', raw)
    assert boundary is not None
    mark = boundary[1].decode()
    assert raw.decode() == (
        "Date: Mon, 02 Mar 2026 09:30:00 -0500\r\n"
        "From: Dana Reyes <dana@example.com>\r\n"
        "To: Kim Lee <kim@prospect.example>\r\n"
        "Subject: Two ideas for Acme\r\n"
        f"Message-ID: <{OWN}>\r\n"
        f"References: <{OWN}>\r\n"
        f"X-Followupd-Touch: <{OWN}>\r\n"
        "List-Unsubscribe: <mailto:dana@example.com?subject=stop>\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{mark}"\r\n'
        "\r\n"
        f"--{mark}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Hi Kim,\r\n\r\none idea.\r\n\r\n"
        f"--{mark}\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<p>Hi Kim,</p>\r\n\r\n"
        f"--{mark}--\r\n"
    )
    assert compose(PLAIN, envelope(list_unsubscribe=("mailto:dana@example.com?subject=stop",))) == raw


def test_a_message_id_leads_back_to_its_touch_and_to_no_other() -> None:
    """Our id names its touch; with another key, another touch, another seal or a foreign form it names none."""
    assert touch_of(OWN, KEY) == "T1"
    assert message_id("T1", "example.com", KEY) == OWN
    seal = OWN.split(".")[2].split("@")[0]
    assert re.fullmatch("[0-9a-f]{32}", seal)
    for forged in (
        f"t.T2.{seal}@example.com",
        f"t.T1.{'0' * 32}@example.com",
        f"t.T1.{seal[:-1]}@example.com",
        "x@y",
        "",
        OWN + "\n",
        "t." * 9999,
    ):
        assert touch_of(forged, KEY) is None, forged
    assert touch_of(OWN, b"other") is None


@pytest.mark.parametrize(
    ("touch", "domain"),
    [("a b", "example.com"), ("a.b", "example.com"), ("", "example.com"), ("T1", "exa mple.com"), ("T1", "bücher.example")],
)
def test_a_message_id_is_refused_what_it_cannot_hold(touch: str, domain: str) -> None:
    """A touch id or a domain that would need quoting is refused."""
    with pytest.raises(UnsafeMessage):
        message_id(touch, domain, KEY)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("Your offer", "Re: Your offer"),
        ("Re: Your offer", "Re: Your offer"),
        ("AW: Re: WG: x", "Re: WG: x"),
        ("RE[2]: sv : Your offer", "Re: Your offer"),
        ("回复\uff1a报价", "Re: 报价"),
        ("Reality: a check", "Re: Reality: a check"),
        ("Vá: x", "Re: x"),
        ("", "Two ideas for Acme"),
    ],
)
def test_re_stands_once_whatever_its_language(first: str, expected: str) -> None:
    """In the same thread the subject is that of the thread behind one "Re:"."""
    assert subject_of(PLAIN, ThreadContext(subject=first), True) == expected
    assert subject_of(PLAIN, ThreadContext(subject=first), False) == "Two ideas for Acme"


def test_the_same_thread_points_at_what_came_before() -> None:
    """In-Reply-To is the last mail; References are the known ids with ours at the end, never an encoded word."""
    old = tuple(f"id-{number}-{'x' * 200}@example.com" for number in range(60))
    raw = compose(PLAIN, envelope(thread=ThreadContext(subject="Two ideas", last_id=old[-1], references=old), same_thread=True))
    head = raw.split(b"\r\n\r\n")[0]
    assert b"=?" not in head
    assert max(map(len, head.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw)
    assert message["In-Reply-To"] == f"<{old[-1]}>"
    assert re.findall("<([^>]+)>", message["References"]) == [old[0], *old[-20:], OWN]
    assert message["Subject"] == "Re: Two ideas"


def test_a_new_thread_points_at_nothing_old() -> None:
    """A new thread has no In-Reply-To, and only our own id in References."""
    message = parsed(compose(PLAIN, envelope(thread=ThreadContext(subject="Old", last_id="old@x", references=("old@x",)))))
    assert message["In-Reply-To"] is None
    assert message["References"] == message["X-Followupd-Touch"] == message["Message-ID"] == f"<{OWN}>"


def test_a_strangers_wild_message_id_is_left_out() -> None:
    """A foreign id that could break out of the header is not copied; the mail still goes."""
    wild = ("a b@x", "x>\r\nBcc: eve@evil.example", "=?utf-8?q?a?=@x", "é@x", "y" * 300, "fine@x")
    message = parsed(compose(PLAIN, envelope(thread=ThreadContext(last_id=wild[1], references=wild), same_thread=True)))
    assert message["In-Reply-To"] is None
    assert message["References"].split() == ["<fine@x>", f"<{OWN}>"]


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_name": "Kim\r\nBcc: eve@evil.example"},
        {"recipient_name": "=?utf-8?q?Kim=0ABcc:_eve@evil.example?="},
        {"recipient_name": "Kim\x00"},
        {"recipient_name": "Kim\x85Lee"},
        {"recipient_name": "Kim\u2028Lee"},
        {"recipient_name": "\ud800"},
        {"recipient_name": "x" * 3000},
        {"sender_name": "Dana\tReyes"},
        {"recipient": "kim@prospect.example, eve@evil.example"},
        {"recipient": "kim@prospect.example>\r\nRCPT TO:<eve@evil.example"},
        {"recipient": "kim@bücher.example"},
        {"recipient": "kïm@prospect.example"},
        {"recipient": "Kim <kim@prospect.example>"},
        {"recipient": '"a b"@prospect.example'},
        {"recipient": "kim"},
        {"recipient": "kim@"},
        {"recipient": "k" * 65 + "@prospect.example"},
        {"sender": "=?x@example.com"},
        {"reply_to": "a@b, c@d"},
        {"list_unsubscribe": ("javascript:alert(1)",)},
        {"list_unsubscribe": ("mailto:a@b>,<mailto:c@d",)},
        {"list_unsubscribe": ("mailto:a@b\r\nBcc: x@y",)},
        {"message_id": "a b@c"},
        {"date": datetime(2026, 3, 2, 9, 30)},  # noqa: DTZ001
    ],
)
def test_what_could_change_a_header_is_refused(changes: dict[str, Any]) -> None:
    """Nothing that a cell or a file holds adds a header, a recipient or a line; the refusal fits on one line."""
    with pytest.raises(UnsafeMessage) as refusal:
        compose(PLAIN, envelope(**changes))
    assert str(refusal.value).isprintable()
    assert str(refusal.value).isascii()


@pytest.mark.parametrize("subject", ["a\nb", "a\rBcc: x@y", "=?utf-8?q?=0A?=", "a\x7f", "\udcff"])
def test_what_could_change_the_subject_is_refused(subject: str) -> None:
    """The same for the subject, whether it is the message's own or that of the thread."""
    with pytest.raises(UnsafeMessage):
        compose(dataclasses.replace(PLAIN, subject=subject), envelope())
    with pytest.raises(UnsafeMessage):
        compose(PLAIN, envelope(thread=ThreadContext(subject=subject), same_thread=True))


BODIES = [
    "",
    "x",
    "no line end",
    "blank at the end \nand a tab\t\n",
    ".\n..\n.x\n",
    "From the start\nFrom From From \nFrom " + "x" * 200,
    "From " * 40,
    "From .\nFrom From .",
    *("x" * length + "." for length in range(70, 80)),
    "x" * 5000,
    "ü" * 500,
    "💶 = €\n" * 40,
    "a\rb\r\nc\nd\n\n",
    "--=_\n" + "=" * 300,
    "\x00\x01\x0b\x0c\x7f",
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_arrives_as_it_was(body: str) -> None:
    """Whatever the body: parsed back it is equal, lines stay under 77, and no line is a lone dot or starts with "From "."""
    raw = compose(Rendered(subject="x", text=body, html=body), envelope())
    meant = re.sub("\r\n|\r|\n", "\r\n", body)
    assert bodies(raw) == (meant, meant)
    lines = raw.split(b"\r\n\r\n", 1)[1].split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert b"." not in lines
    assert not any(line.startswith(b"From ") for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"Subject:", b"Bcc: eve@evil.example\r\nSubject:", "headers are"),
        (b"Subject:", b"Subject: again\r\nSubject:", "headers are"),
        (b"MIME-Version: 1.0\r\n", b"", "headers are"),
        (b"<kim@prospect.example>", b"<eve@evil.example>", "recipient"),
        (b"<kim@prospect.example>", b"<kim@prospect.example>, <eve@evil.example>", "recipient"),
        (b"Kim Lee <kim", b"<eve@evil.example>, Kim Lee <kim", "recipient"),
        (b"Two ideas", b"Two odeas", "subject"),
        (b"one idea.\r\n", b"one idea.\n", "bare"),
        (b"one idea.\r\n", b"one idea.\r", "bare"),
        (b"one idea.", b"one id\xc3\xa9a.", "ASCII"),
        (b"one idea.", b"one idea\x00.", "ASCII"),
        (b"one idea.", b"x" * 999, "998"),
        (b"Subject: Two", b"Subject:\tTwo", "header line"),
        (b"Two ideas for", b"Two ideas\r\n \r\n for", "header line"),
    ],
)
def test_the_exit_check_sees_what_a_faulty_writer_would_do(old: bytes, new: bytes, fault: str) -> None:
    """The exit check refuses each change of the finished bytes; unchanged they pass."""
    raw = compose(PLAIN, envelope())
    check_exit(raw, envelope(), PLAIN.subject)
    assert old in raw
    with pytest.raises(UnsafeMessage, match=fault):
        check_exit(raw.replace(old, new, 1), envelope(), PLAIN.subject)


def test_the_exit_check_sees_a_second_end() -> None:
    """Parts behind the end of the mail are refused."""
    raw = compose(PLAIN, envelope())
    end = raw.rsplit(b"\r\n", 2)[1] + b"\r\n"
    with pytest.raises(UnsafeMessage, match="two parts"):
        check_exit(raw + end, envelope(), PLAIN.subject)


TEXT = st.text(max_size=200) | st.text(alphabet='aä €"\\<>,@:;()[]._=?-\t\r\n\u2028', max_size=60)


@given(subject=TEXT, sender_name=TEXT, recipient_name=TEXT, text=TEXT, html=TEXT, followed=st.booleans())
def test_any_text_is_refused_or_parsed_back_equal(
    subject: str, sender_name: str, recipient_name: str, text: str, html: str, followed: bool
) -> None:
    """Any text in any field: refused, or somebody else's parser reads the same fields and one recipient."""
    rendered = Rendered(subject=subject, text=text, html=html)
    thread = ThreadContext(subject="Old", last_id="old@x", references=("old@x",))
    meant = envelope(sender_name=sender_name, recipient_name=recipient_name, thread=thread, same_thread=followed)
    try:
        raw = compose(rendered, meant)
    except UnsafeMessage:
        return
    assert compose(rendered, meant) == raw
    check_exit(raw, meant, subject_of(rendered, thread, followed))
    message = parsed(raw)
    assert not message.defects
    assert message["Subject"] == ("Re: Old" if followed else subject.strip(" "))
    for header, name, address in (("From", sender_name, "dana@example.com"), ("To", recipient_name, "kim@prospect.example")):
        (found,) = message[header].addresses
        assert found.addr_spec == address
        # The modern parser puts a blank between two encoded words of one name (RFC 2047 6.2 says none): ask the old one.
        written, _ = parseaddr(email.message_from_bytes(raw)[header])
        assert str(make_header(decode_header(written))) == name.strip(" ")
    assert bodies(raw) == tuple(re.sub("\r\n|\r|\n", "\r\n", body) for body in (text, html))
    assert parsedate_to_datetime(message["Date"]).astimezone(UTC) == meant.date.astimezone(UTC)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(subject=st.text(alphabet="ab äß漢💶", min_size=30, max_size=400))
def test_encoded_words_keep_to_their_length(subject: str) -> None:
    """RFC 2047: no encoded word over 75, no line with one over 76, each word is whole UTF-8."""
    raw = compose(dataclasses.replace(PLAIN, subject=subject), envelope())
    lines = [line for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line]
    for line in lines:
        assert len(line) <= 76
        for word in re.findall(rb"=\?[^ ]*\?=", line):
            assert len(word) <= 75
            [(decoded, charset)] = decode_header(word.decode())
            assert decoded.decode("utf-8") or charset


def test_plus_address() -> None:
    """The token of a touch in an address of ours leads back to the touch, in small letters too; a forged one leads nowhere."""
    name = message_id("abc234def567", "example.com", b"key")
    address = plus_address("dana@example.com", name)
    assert address.startswith("dana+t.abc234def567.")
    assert len(address.partition("@")[0]) <= 64
    assert touch_of_address(address.lower(), b"key") == "abc234def567"
    assert touch_of_address(address, b"other key") is None
    assert touch_of_address(address.replace("abc", "abd"), b"key") is None
    assert touch_of_address("dana@example.com", b"key") is None
    assert plus_address(f"{'d' * 50}@example.com", name) == f"{'d' * 50}@example.com"
    assert plus_address("dana@example.com", "foreign@example.com") == "dana@example.com"


# -- written fast, and still the same ------------------------------------------------------------

LINES = st.lists(
    st.one_of(
        st.text(max_size=200), st.sampled_from(["From me", "From From ", ".", "..", "x" * 76, "x" * 77, "ü" * 26, "a ", "\t", "a=b", "💶" * 20])
    ),
    max_size=8,
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n", "\r", "\n\n"]).map(lambda end: end.join(lines)))  # fmt: skip


@given(text=LINES)
def test_a_body_by_lines_is_the_body_as_a_whole(text: str) -> None:
    """Lines that were encoded before are what the standard library makes of the whole body at once."""
    try:
        data = re.sub("\r\n|\r|\n", "\n", text).encode()
    except UnicodeEncodeError:
        return
    whole = binascii.b2a_qp(data, quotetabs=False, istext=True)
    whole = re.sub(rb"(?m)^(?:From )+", lambda run: b"=46rom =\n" * (len(run[0]) // 5), whole)
    whole = re.sub(rb"(?m)^\.$", b"=2E", whole).replace(b"\n", b"\r\n")
    for _ in range(2):  # the second time from what is kept
        assert outbound._quoted_printable("text", text) == whole


@given(at=st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones() | st.just(UTC)))  # noqa: DTZ001
def test_a_date_is_that_of_the_standard_library(at: datetime) -> None:
    """Date says what `email.utils` would say (RFC 5322 section 3.3)."""
    assert outbound._date(at) == format_datetime(at)


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120), used=st.integers(4, 10))
def test_encoded_words_are_filled_letter_by_letter(text: str, used: int) -> None:
    """Each encoded word takes as many whole characters as fit."""
    words, chunk, room = [], b"", (76 - used - 12) // 4 * 3
    for sign in text:
        if len(chunk) + len(sign.encode()) > room:
            words.append(chunk)
            chunk, room = b"", 45
        chunk += sign.encode()
    expected = "\r\n ".join(f"=?utf-8?B?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in (*words, chunk))
    assert outbound._encoded_words(text, used) == expected


def stands(raw: bytes, meant: Envelope, subject: str) -> bool:
    """What the exit check asks, line by line."""
    if not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n") or raw.translate(None, bytes(range(32, 127)) + b"\t\r\n"):
        return False
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n(?= +[^ \r])", "", head.decode()).split("\r\n")
    found = [(match[1], match[2]) if (match := re.fullmatch("([!-9;-~]+): (.+)", line)) else (line[:-2], "") for line in lines]
    if max(map(len, raw.split(b"\r\n"))) > 998 or any("\t" in line or ": " not in line for line in lines):
        return False
    if [
        name for name, _ in found
    ] != "Date From To Subject Message-ID References X-Followupd-Touch MIME-Version Content-Type".split():
        return False
    values = dict(found)
    addressed = re.fullmatch(outbound.ONE_MAILBOX, values["To"])
    said = values["Subject"]
    if "=?" in said:
        try:
            said = b"".join(map(binascii.a2b_base64, re.findall(outbound.WORD, said))).decode()
        except ValueError:
            return False
    mark = b"--" + outbound._boundary(meant.message_id).encode()
    parts = body.count(mark) == 3 and body.startswith(mark + b"\r\n") and body.endswith(b"\r\n" + mark + b"--\r\n")
    return addressed is not None and meant.recipient in addressed.groups()[-2:] and said == subject and parts


BITS = st.sampled_from(
    [b"", b"\r", b"\n", b"\r\n", b"\r\n ", b"\r\n  x", b"\r\n\t", b"\t", b" ", b":", b": ", b"x", b"\x00", b"\xe4", b"Bcc: a@b\r\n", b"To: a@b\r\n"]
    + [b"<kim@prospect.example>", b"x" * 990, b"x" * 998, b"x" * 999, b"x" * 900 + b"\r\n" + b"x" * 998 + b"\r\n", b"\r\n\r\n", b"--", b"=?utf-8?B?eA==?="]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(),
    name=st.sampled_from(["Kim Lee", "Jürgen Müller", ""]),
    subject=st.sampled_from(["Two ideas", "Zwei Grüße", "x" * 200]),
)
def test_the_exit_check_asks_the_same_in_one_glance(data: st.DataObject, name: str, subject: str) -> None:
    """Whatever is put into finished bytes, or taken out of them: the exit check refuses it where a look at each line would."""
    meant, rendered = envelope(recipient_name=name), dataclasses.replace(PLAIN, subject=subject)
    raw = compose(rendered, meant)
    for _ in range(data.draw(st.integers(0, 2))):
        start = data.draw(st.integers(0, len(raw)) | st.sampled_from([at.start() for at in re.finditer(rb"\r\n|: ", raw)]))
        raw = raw[:start] + data.draw(BITS) + raw[start + data.draw(st.sampled_from([0, 0, 1, 2, 9])) :]
    try:
        check_exit(raw, meant, subject)
    except UnsafeMessage:
        assert not stands(raw, meant, subject)
    else:
        assert stands(raw, meant, subject)
