"""Bytes to Inbound: addresses, ids, charsets, quotes, reports, and what strangers send to break it."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followupd.core import quoting
from followupd.core.inbound import plain_head, read_message
from followupd.core.replies.kinds import classify

MAILS = Path(__file__).parents[1] / "replies"
MEGABYTE = 2**20


def mail(body: str = "", **header: str) -> bytes:
    """A mail with these header fields (underscores stand for hyphens)."""
    fields = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in header.items())
    return f"{fields}\n{body}".encode()


def quick(raw: bytes) -> float:
    """Seconds of work that reading and judging a mail take, whatever else the machine does."""
    begun = time.process_time()
    classify(read_message(raw), asked="Is it a yes? " * 500)
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("robin@a.example", "robin@a.example"),
        ("Robin Vale <Robin@A.example>", "robin@a.example"),
        ('"Vale, Robin" <robin@a.example>', "robin@a.example"),
        ("robin@a.example (Robin)", "robin@a.example"),
        ("robin@a.example <robin@a.example>", "robin@a.example"),
        ("=?utf-8?q?R=C3=B6bin?= <robin@a.example>", "robin@a.example"),
        ("boss@victim.example <robin@a.example>", ""),
        ("a@a.example, b@a.example", ""),
        ("<a@a.example> <b@a.example>", ""),
        ("staff: a@a.example;", ""),
        ("=?utf-8?q?a=40victim=2Eexample?=", ""),
        ("a@b@c.example", ""),
        ("robin", ""),
        ("", ""),
        ("<>", ""),
        ("a..b@a.example", ""),
    ],
)
def test_sender(value: str, sender: str) -> None:
    """The sender is the one address of the one From, or nobody."""
    assert read_message(mail(From=value)).sender == sender


def test_two_senders_are_none() -> None:
    """Two From fields name nobody (RFC 5322 section 3.6.2)."""
    assert read_message(b"From: a@a.example\nFrom: b@a.example\n\nhi").sender == ""


def test_ids() -> None:
    """In-Reply-To comes first, each id once; what is no id is left out."""
    found = read_message(
        mail(
            Message_ID="<own@a.example>",
            In_Reply_To="<two@x.example> (my mail)",
            References="<one@x.example>\n <two@x.example> <no blank@x> <bad\u00e9@x> <" + "y" * 300 + "@x> <three@x.example>",
        )
    )
    assert found.message_id == "own@a.example"
    assert found.references == ("two@x.example", "one@x.example", "three@x.example")


def test_many_references_are_capped() -> None:
    """No more than 200 ids are kept."""
    many = "\n ".join(f"<{number}@x.example>" for number in range(2000))
    assert len(read_message(mail(References=many)).references) == 200


@pytest.mark.parametrize("value", ["<a@b> <c@d>", "a b", "", "<\r\n@x>"])
def test_doubtful_own_id(value: str) -> None:
    """A Message-ID that is not exactly one id is none."""
    assert read_message(mail(Message_ID=value)).message_id == ""


def test_header_fields() -> None:
    """Only the fields that judging needs are kept, as safe single lines; recipients are gathered from all places."""
    found = read_message(
        mail(
            From="a@a.example",
            To="Dana <dana@b.example>, c@c.example",
            Cc="d@d.example",
            Delivered_To="dana+x@b.example",
            Subject="=?utf-8?b?R3LDvMOfZQ==?= \x1b[31m",
            Auto_Submitted="no",
            X_Secret="x",
            Date="Tue, 05 May 2026 10:30:00 +0200",
        )
    )
    assert found.to == ("dana@b.example", "c@c.example", "d@d.example", "dana+x@b.example")
    assert found.subject == "Grüße [31m"
    assert found.headers == {"auto-submitted": ("no",), "delivered-to": ("dana+x@b.example",)}
    assert found.date == datetime(2026, 5, 5, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "1 1 1 1",
        "Tue, 99 May 2026 10:30:00 +0200",
        "Tue, 05 May 1650 10:30:00 +0000",
        "Tue, 05 May 2026 10:30:00 +9999999",
    ],
)
def test_impossible_dates(value: str) -> None:
    """A date that a mail can't have is none."""
    assert read_message(mail(Date=value)).date is None


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=utf-8", "Gr\u00fc\u00dfe".encode(), "Gr\u00fc\u00dfe"),
        ("text/plain; charset=iso-8859-1", "Gr\u00fc\u00dfe".encode("latin-1"), "Gr\u00fc\u00dfe"),
        ("text/plain; charset=iso-2022-jp", "\u3053\u3093".encode("iso-2022-jp"), "\u3053\u3093"),
        ("text/plain", b"caf\xe9", "caf\ufffd"),
        ("text/plain; charset=utf-7", b"+ADw-script+AD4-", "+ADw-script+AD4-"),
        ("text/plain; charset=rot13", b"abc", "abc"),
        ("text/plain; charset=zlib", b"abc", "abc"),
        ("text/plain; charset=nonsense", b"abc", "abc"),
        ('text/plain; charset="', b"abc", "abc"),
        ("text/plain; charset=utf-8", b"a\x00b\x1b[2Jc\xe2\x80\xaed", "a b [2Jcd"),
        ("text/html; charset=utf-8", b"<p>one</p><script>alert(1)</script><p>t&amp;wo</p>", "one\n\nt&wo"),
        ("text/html", b"<div>mine</div><blockquote>yours</blockquote>", "mine"),
        ("text/html", b"<div>mine</div><hr><div id=divRplyFwdMsg><b>Von:</b> d@x</div><div>yours</div>", "mine"),
        ("image/png", b"\x89PNG", ""),
    ],
)
def test_text(content_type: str, body: bytes, text: str) -> None:
    """Text is decoded by an allowed charset, and what can't be decoded is replaced; HTML becomes text."""
    raw = f"From: a@a.example\nContent-Type: {content_type}\nContent-Transfer-Encoding: 8bit\n\n".encode() + body
    assert read_message(raw).typed == text


def test_plain_part_beats_html_and_attachments_are_left_out() -> None:
    """Of alternatives the plain one is read; attached files and mails are not."""
    raw = b"""From: a@a.example
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

plain
--a
Content-Type: text/html

<p>html</p>
--a--
--m
Content-Type: text/plain
Content-Disposition: attachment; filename=x.txt

attached
--m
Content-Type: message/rfc822

Subject: inner

unsubscribe
--m--
"""
    assert read_message(raw).typed == "plain"


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Yes.\n\nOn Mon, 4 May 2026 at 09:12, Dana Reyes <d@x.example> wrote:\n> no", "Yes."),
        ("Yes.\n\nOn Mon, 4 May 2026 at 09:12, Dana Reyes\n<d@x.example> wrote:\n\n> no", "Yes."),
        ("Ja.\n\nAm 04.05.2026 um 09:12 schrieb Dana Reyes <d@x.example>:\n> nein", "Ja."),
        ('Ja.\n\nAm 04.05.2026 um 09:12 schrieb "Dana Reyes" <d@x.example\n>:\n\n> nein', "Ja."),
        ("Oui.\n\nLe lun. 4 mai 2026 \u00e0 09:12, Dana Reyes <d@x.example> a\n\u00e9crit :\n> non", "Oui."),
        ("S\u00ed.\n\nEl lun, 4 may 2026 a las 9:12, Dana (<d@x.example>) escribi\u00f3:\n> no", "S\u00ed."),
        ("S\u00ec.\n\nIl giorno lun 4 mag 2026 alle ore 09:12 Dana <d@x.example> ha scritto:\n> no", "S\u00ec."),
        ("Ja.\n\nOp ma 4 mei 2026 om 09:12 schreef Dana <d@x.example>:\n> nee", "Ja."),
        ("Sim.\n\nEm seg., 4 de mai. de 2026 \u00e0s 09:12, Dana <d@x.example> escreveu:\n> n\u00e3o", "Sim."),
        ("Yes.\n\n-----Original Message-----\nFrom: Dana\nSent: Monday\nTo: Robin\n\nunsubscribe", "Yes."),
        ("Yes.\n\n________________________________\nFrom: Dana\nSent: Monday\nTo: Robin\n\nunsubscribe", "Yes."),
        ("Ja.\n\nVon: Dana\nGesendet: Montag\nAn: Robin\nBetreff: Hallo\n\nnein", "Ja."),
        ("Oui.\n\nDe : Dana\nEnvoy\u00e9 : lundi\n\u00c0 : Robin\nObjet : x\n\nnon", "Oui."),
        ("S\u00ed.\n\nDe: Dana\nEnviado el: lunes\nPara: Robin\nAsunto: x\n\nno", "S\u00ed."),
        ("Yes.\n\n*From:* Dana\n*Sent:* Monday\n*To:* Robin\n\nno", "Yes."),
        ("Yes.\n\n---- On Mon, 04 May 2026 09:12:00 +0200 d@x.example wrote ----\n\nno", "Yes."),
        ("Yes.\n\nBegin forwarded message:\n\nFrom: Dana\nSubject: x\n\nno", "Yes."),
        ("> one?\nfirst\n\n> two?\nsecond", "first\n\nsecond"),
        ("On Mon, 4 May 2026, Dana wrote:\n> no?\n\nYes.", "Yes."),
        ("Yes.\n-- \nRobin\nNo Limits Ltd", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        ("Ja.\n\nVon meinem iPhone gesendet", "Ja."),
        ("Yes.\n\nThis e-mail is confidential. To unsubscribe write to us.", "Yes."),
        ("Yes.\n\nBest regards\nRobin Vale\nNo Limits Ltd", "Yes."),
        ("Yes.\n\nRobin Vale | Director | No Limits Ltd\n+44 20 7946 0123", "Yes."),
        ("Yes.\n\nBest\nRobin\n\nPS: not before June", "Yes.\n\nPS: not before June"),
        ("As I wrote: no.", "As I wrote: no."),
        ("From: our side it is fine.", "From: our side it is fine."),
        ("My list:\n\n- one\n- two", "My list:\n\n- one\n- two"),
        ("On 5 May we can:\nmeet", "On 5 May we can:\nmeet"),
        ("", ""),
    ],
)
def test_typed(text: str, typed: str) -> None:
    """The writer's own words are parted from quotes and signature, wherever they stand."""
    assert quoting.split(text).typed == typed


@settings(max_examples=50, deadline=1000)
@example(text="Hello\n---------- Ann Lee ----------")
@given(st.text(alphabet="On wrote:\n>-_ ab@<.|From Snt", max_size=800))
def test_no_line_is_lost(text: str) -> None:
    """Every line lands in exactly one pile."""
    found = quoting.split(text)
    words = sorted(f"{found.typed}\n{found.quoted}\n{found.signature}".split())
    assert words == sorted(text.split())


def test_long_lines_are_broken_not_dropped() -> None:
    """A paragraph on one line is read to its end."""
    assert quoting.split("word " * 1000 + "no thanks").typed.endswith("no thanks")


@pytest.mark.parametrize(
    "name",
    sorted(
        path.name
        for kind in ("bounce_hard", "bounce_soft", "bounce_blocked", "complaint")
        for path in (MAILS / kind).glob("*.eml")
    ),
)
def test_reports_name_recipient_and_original(name: str) -> None:
    """A report says whom it is about and which of our mails."""
    (path,) = MAILS.glob(f"*/{name}")
    report = read_message(path.read_bytes()).report
    assert report is not None
    assert report.recipient == "sam@prospect.example"
    assert report.original_ids[0] == "t-4711.a1b2c3@example.com"


def test_report_fields() -> None:
    """The fields of RFC 3464 are taken over."""
    report = read_message((MAILS / "bounce_soft" / "02-delayed.eml").read_bytes()).report
    assert report is not None
    assert (report.action, report.status) == ("delayed", "4.4.1")
    assert "timed out" in report.diagnostic


@pytest.mark.parametrize(
    "raw",
    [
        mail(
            "Our mail to you was undeliverable: 550 5.1.1 user unknown. Did you move?",
            From="robin@a.example",
            Subject="Re: A pilot",
        ),
        mail("Delivery failed again, the driver could not deliver the parcel.", From="robin@a.example", Subject="your parcel"),
    ],
)
def test_people_write_about_failures_too(raw: bytes) -> None:
    """Failure words in a person's mail are no report."""
    assert read_message(raw).report is None


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    """Reports about authentication, and "not spam", complain about nothing."""
    raw = (MAILS / "complaint" / "01-abuse.eml").read_bytes().replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    assert not read_message(raw).complaint


def test_fingerprint() -> None:
    """The same mail has the same name after a server added fields and changed line ends; another mail has another."""
    one = mail("hello\n", From="a@a.example", Subject="x", Message_ID="<1@a>", Date="Tue, 05 May 2026 10:30:00 +0200")
    moved = b"Delivered-To: x@y.example\r\nX-Folder: 2\r\n" + one.replace(b"\n", b"\r\n")
    assert read_message(one).fingerprint == read_message(moved).fingerprint
    assert (
        len(
            {read_message(other).fingerprint for other in (one, one.replace(b"hello", b"hullo"), one.replace(b"<1@a>", b"<2@a>"))}
        )
        == 3
    )


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    return b"From: a@b.example\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )


HOSTILE = {
    "On On On": b"From: a@b.example\n\n" + b"On " * (MEGABYTE // 3),
    "On lines": b"From: a@b.example\n\n" + b"On 1 a@b wrote\n" * 60_000,
    ">>>>": b"From: a@b.example\n\n" + b">" * MEGABYTE,
    "> lines": b"From: a@b.example\n\n" + b">>>> \n" * 170_000,
    "header words": b"From: a@b.example\n\n" + b"From: x\nTo: y\n" * 70_000,
    "nested 1000": nested(1000),
    "nested 50": nested(50),
    "nested mails": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 1000,
    "parts": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * 200_000,
    "100,000 headers": b"a: b\n" * 100_000,
    "folded": b"Subject: a\n" + b" b\n" * 300_000,
    "quotes in From": b"From: " + b'"' * 100_000,
    "brackets in From": b"From: " + b"(" * 100_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000,
    "references": b"References: " + b"<a@b> " * 200_000,
    "html": b"Content-Type: text/html\n\n" + b"<div><blockquote>" * 60_000,
    "html marks": b"Content-Type: text/html\n\n" + b"&" * MEGABYTE,
    "not not": b"From: a@b.example\n\n" + b"not interested but " * 50_000,
    "dates": b"From: a@b.example\n\n" + b"in 2 weeks until 5 May " * 40_000,
    "report": b"From: mailer-daemon@b.example\nReturn-Path: <>\nSubject: Undelivered\n\n" + b"a@b." + b"a." * (MEGABYTE // 2),
    "statuses": b"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
    + b"Action: failed\n\n" * 60_000,
    "nul": b"\0" * MEGABYTE,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mail_is_read_in_time(raw: bytes) -> None:
    """A megabyte made to hang a parser is read and judged within a second."""
    assert quick(raw) < 1.0


WORST = {
    "dashes": b"From: a@b.example\n\n" + (b"-" * 498 + b"x\n") * 2000,
    "German": b"From: a@b.example\n\nist " + "für ".encode() * 200_000,
    "dots": b"From: a@b.example\n\n" + (b"A" + b"." * 480 + b"\n") * 2000,
    "a report on one line": b"From: mailer-daemon@b.example\nReturn-Path: <>\nSubject: Undelivered\n\nback" + b"," * MEGABYTE,
    "the same in base64": b"From: mailer-daemon@b.example\nReturn-Path: <>\nSubject: Undelivered\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(b"yes" + b"," * MEGABYTE),
}
"""Each hung the reader once, for a minute or for ever; found by `tests/fuzz/expressions.py`."""


@pytest.mark.parametrize("raw", WORST.values(), ids=WORST)
def test_the_worst_that_was_found(raw: bytes) -> None:
    """A megabyte of what has hung the reader is read and judged within two seconds."""
    assert quick(raw) < 2.0


@pytest.mark.parametrize(
    "raw", [nested(25), nested(1000), HOSTILE["parts"], HOSTILE["nested mails"]], ids=["25", "1000", "parts", "mails"]
)
def test_too_complex(raw: bytes) -> None:
    """A mail nested too deep says so, and a human looks."""
    found = read_message(raw)
    assert found.problem
    assert classify(found).kind == "unclear"
    assert found.size == len(raw)


@settings(max_examples=200, deadline=1000)
@given(st.binary(max_size=3000))
@example(b"")
@example(b"\n")
@example(b"Content-Type: multipart/report; boundary\n\n--")
@example(b"Content-Type: message/delivery-status\n\n")
@example(b"From: \xff\xfe <a@b>\nSubject: \xff\n\n\xff")
@example(b"Content-Transfer-Encoding: base64\n\n=A=")
def test_any_bytes(raw: bytes) -> None:
    """Any bytes become an Inbound with a fingerprint, and get a reading."""
    found = read_message(raw)
    assert len(found.fingerprint) == 64
    assert classify(found).evidence.isprintable()


@settings(max_examples=100, deadline=1000)
@given(
    st.lists(
        st.sampled_from(
            [
                b"From: a@b\n",
                b"Content-Type: multipart/mixed; boundary=x\n",
                b"Content-Type: text/html\n",
                b"\n",
                b"--x\n",
                b"--x--\n",
                b"> ",
                b"On 1 a@b wrote:\n",
                b"<div>",
                b"=?utf-8?b?",
                b"Content-Transfer-Encoding: base64\n",
                b"Message-ID: <",
                b"\xff",
            ]
        ),
        max_size=60,
    ).map(b"".join)
)
def test_any_pieces(raw: bytes) -> None:
    """Pieces of mails in any order are read too."""
    assert read_message(raw).size == len(raw)


def test_plain_heads() -> None:
    """A mail whose header alone is read says by it all that it is matched by, and holds no report: so it is with each of the mails kept here."""
    plain = 0
    for path in MAILS.glob("*/*.eml"):
        raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        head, whole = plain_head(raw), read_message(raw)
        if head is None:
            continue
        plain += 1
        assert whole.report is None, path
        names = ("message_id", "references", "sender", "to", "subject", "headers", "fingerprint")
        assert [getattr(head, name) for name in names] == [getattr(whole, name) for name in names], path
    assert plain > 50, "nearly nothing is read by its header alone: the rule has become too careful"


@pytest.mark.parametrize("break_", ["", "=\r\n"])
def test_hidden_complaints(break_: str) -> None:
    """What only the text of a mail shows to be a complaint is never taken for plain, in whatever encoding it lies there."""
    text = '{"notificationType":"Compl' + break_ + 'aint"}'
    raw = (
        f"From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain\r\n\r\n{text}\r\n".encode()
    )
    assert read_message(raw).complaint
    assert plain_head(raw) is None
    coded = base64.b64encode(b'{"notificationType":"Complaint"}').decode()
    raw = f"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n{coded}\r\n".encode()
    assert read_message(raw).complaint
    assert plain_head(raw) is None
