"""What strangers can send us, target by target: how such bytes are made, and what must hold for any of them.

Each target takes bytes, gives nothing back, and raises only where its contract is broken. A problem that the program names is no
break: it is the answer. Bytes come from two sources: the structure of what is expected, put together wrongly, and changes to real
ones, which lie in git (`corpus/` and the samples of other tests).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from followupd.channels import CHANNELS
from followupd.channels.smtp import Connection, SmtpAccount
from followupd.core import orders, outbound, reports
from followupd.core.inbound import ADDR, RAW, read_head, read_message
from followupd.core.invitation import read_invitation
from followupd.core.meeting import said
from followupd.core.model import Accepted, Deferred, Doubtful, Inbound, Refused
from followupd.core.replies.dates import FARTHEST, resume_date
from followupd.core.replies.kinds import classify
from followupd.files import cadence, cadence_tests, config, content, prospects, templates
from followupd.mailbox import ImapAccount, Inbox, Unreachable
from followupd.reading_process import inbound_from, inbound_to
from tests.files.test_prospects import RULES
from tests.files.test_templates import SCOPE
from tests.mailbox.scripted import Scripted
from tests.servers.smtp import Script, SmtpServer

TESTS = Path(__file__).parents[1]
CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(__file__).parent / "found"
LARGEST = 2**20
"""Bytes of one input."""


@dataclass(frozen=True)
class Target:
    """One parser. `samples` are real inputs; `tokens` are pieces that mean something to it."""

    name: str
    attempt: Callable[[bytes], None]
    samples: Callable[[], Sequence[bytes]]
    tokens: Sequence[bytes]
    structured: st.SearchStrategy[bytes] = field(default_factory=lambda: st.binary(max_size=2000))

    def inputs(self) -> st.SearchStrategy[bytes]:
        """What it is tried with."""
        return st.one_of(mutated(self.samples(), self.tokens), self.structured, pieces(self.tokens))


# -- bytes ---------------------------------------------------------------------------------------

GENERAL = (
    b"", b"\0", b"\xff", b"\xe2\x80\xae", b"\r\n", b"\n", b"\r", b" ", b"\t", b'"', b"'", b"(", b"<", b">", b"@", b":", b",", b";", b"=?utf-8?q?", b"?=",
    b"%00", b"\x1b[2J", b"\xef\xbb\xbf", b"99999999999999999999", b"-1", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"../", b"{{", b"}}", b"{%", b"%}",
)  # fmt: skip


def mutated(samples: Sequence[bytes], tokens: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Real inputs with a few changes."""
    change = st.tuples(
        st.sampled_from(["cut", "drop", "repeat", "insert", "swap", "flip", "splice"]), st.floats(0, 1), st.floats(0, 1),
        st.sampled_from([*tokens, *GENERAL]), st.sampled_from([1, 1, 1, 1, 2, 2, 3, 20, 1500]),
    )  # fmt: skip
    return st.builds(_changed, st.sampled_from(samples), st.lists(change, max_size=6), st.sampled_from(samples))


def pieces(tokens: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Pieces that mean something, in any order, some of them again and again."""
    piece = st.tuples(st.sampled_from([*tokens, *GENERAL]), st.sampled_from([1, 1, 1, 1, 1, 1, 2, 3, 20, 1000]))
    return st.lists(piece, max_size=30).map(lambda found: b"".join(token * times for token, times in found)[:LARGEST])


def _changed(raw: bytes, changes: Iterable[tuple[str, float, float, bytes, int]], other: bytes) -> bytes:
    for kind, one, two, token, times in changes:
        start, end = sorted((int(one * len(raw)), int(two * len(raw))))
        match kind:
            case "cut":
                raw = raw[:end]
            case "drop":
                raw = raw[:start] + raw[end:]
            case "repeat":
                raw = raw[:end] + raw[start:end][:2000] * times + raw[end:]
            case "insert":
                raw = raw[:start] + token * times + raw[start:]
            case "swap":
                raw = raw[:start] + token + raw[end:]
            case "flip":
                raw = raw[:start] + bytes(255 - byte for byte in raw[start : start + 3]) + raw[start + 3 :]
            case "splice":
                raw = raw[:start] + other[int(two * len(other)) :]
        raw = raw[:LARGEST]
    return raw


def _files(*patterns: str) -> Callable[[], Sequence[bytes]]:
    """Samples that lie in git, by patterns below tests/ (or the repository, with `../`)."""

    @cache
    def read() -> Sequence[bytes]:
        found = [path for pattern in patterns for path in sorted(TESTS.glob(pattern)) if path.is_file()]
        assert found, patterns
        return [path.read_bytes() for path in found]

    return read


# -- mail ----------------------------------------------------------------------------------------

MAIL_TOKENS = (
    b"From: a@b.example\n", b"Subject: Re: A pilot\n", b"In-Reply-To: <a@b>\n", b"References: ", b"Message-ID: <", b"Auto-Submitted: auto-replied\n",
    b"Content-Type: multipart/mixed; boundary=x\n", b"Content-Type: text/html\n", b"Content-Type: text/plain; charset=utf-7\n", b"\n", b"--x\n", b"--x--\n",
    b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"=\n", b"=3D", b"> ",
    b"On 1 May 2026 at 10:00, a@b.example wrote:\n", b"-----Original Message-----\n", b"-- \n", b"<div>", b"<blockquote>", b"</blockquote>", b"not interested ",
    b"unsubscribe ", b"yes ", b"until 7.12. ", b"back on ", b"Content-Type: text/calendar; method=REPLY\n", b"charset=idna", b"format=flowed", b"*0*=''",
)  # fmt: skip
REPORT_TOKENS = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n", b"Content-Type: message/delivery-status\n\n", b"Reporting-MTA: dns; x\n\n",
    b"Final-Recipient: rfc822; sam@prospect.example\n", b"Original-Recipient: rfc822;", b"Action: failed\n", b"Action: delayed\n", b"Status: 5.1.1\n",
    b"Status: 4.4.1\n", b"Diagnostic-Code: smtp; 550 5.1.1 user unknown\n", b"Content-Type: message/feedback-report\n\n", b"Feedback-Type: abuse\n",
    b"Content-Type: text/rfc822-headers\n\n", b"Message-ID: <t-4711.a1b2c3@example.com>\n", b"From: mailer-daemon@b.example\n", b"Return-Path: <>\n",
    b"Subject: Undelivered Mail\n", b"\n", b"--x\n", b"--x--\n", b"550 5.1.1 <", b"could not be delivered ", b"X-Failed-Recipients: ", b"Message-ID: <x@y>\n ",
)  # fmt: skip


def mail(raw: bytes) -> None:
    """Any bytes become an Inbound with plain fields, and get a reading that is fit to be shown."""
    found = read_message(raw)
    assert len(found.fingerprint) == 64
    assert found.size == len(raw)
    for text in (
        found.subject,
        found.sender_name,
        found.content_type,
        found.calendar,
        *(v for values in found.headers.values() for v in values),
    ):
        assert text.isprintable() or not text, repr(text)
    assert all(letter == "\n" or letter.isprintable() for letter in found.typed + found.quoted + found.signature)
    for address in (found.sender, *found.to):
        assert not address or ADDR.fullmatch(address), address
    assert all(re.fullmatch(r"[!-~]{3,401}", one) for one in (*found.references, *filter(None, [found.message_id])))
    assert read_head(raw, "x").fingerprint == found.fingerprint
    _check_reading(found)


def _check_reading(found: Inbound) -> None:
    sent = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
    reading = classify(
        found, asked="Shall we start on Monday?", asked_subject="A pilot", zone=ZoneInfo("Europe/Berlin"), now=sent
    )
    assert reading.evidence
    assert reading.evidence.isprintable()
    assert len(reading.evidence) <= 300
    assert 0 <= reading.confidence <= 1
    assert reading.contact is None or reading.contact.isprintable()
    if reading.resume is not None:
        assert (
            min(found.date or sent, sent).date() - timedelta(days=2)
            < reading.resume
            <= sent.date() + timedelta(days=31 * FARTHEST)
        )


def report(raw: bytes) -> None:
    """Whatever a report says, it names at most one plain address and a bounded number of ids."""
    found = read_message(raw)
    if found.report is not None:
        assert found.report.recipient == "" or reports.ADDRESS.fullmatch(found.report.recipient)
        assert len(found.report.original_ids) <= 50
        assert found.report.diagnostic.isprintable()
    _check_reading(found)


DATE_TOKENS = tuple(
    word.encode()
    for word in (
        "until ", "back on ", "7.12.", "31.02.2026", "2026-13-45", "12/31/2099", "next week ", "in 3 weeks ", "in 99999999999 days ", "Monday ", "bis ",
        "ab dem ", "1. Mai ", "29 February ", "jusqu'au ", "hasta el ", "2. ", "- ", "/", ".", "１２月", "来週", "99999999999999", "Q3 ", "end of the month ",
    )
)  # fmt: skip


ORDER_TOKENS = (
    b"3 done\n", b"1-8 ", b"1, 2 and ", b"no budget", b"later ", b"March", b"learn 3 ", b"> 3. Call Ann\n", b"> ", b"#", b"not ", b"if ", b"?", b"99 ", b"in 3 weeks", b"-- \n",
    b"erledigt ", b"pas de budget", b"On 1 May 2026 at 10:00, a@b.example wrote:\n", b"never write again", b"12:30 ", b"and ", b"; ", b"yes\n", b"\n",
)  # fmt: skip
TITLES = ("Answer Ann's question", "Call Bob", "Call Ann", "Call Cid")


def ordered(raw: bytes) -> None:
    """Any answer to a letter is lines: each about an item of the letter, or doubted; an order that is not doubted is a known one."""
    found = read_message(raw) if raw.startswith(b"From:") else None
    text = (found.inline or found.typed) if found else raw.decode("utf-8", "replace")
    for line in orders.lines(orders.own(text, "1. Call Ann\n2. Call Bob\n3. Call Cid\n"), TITLES):
        assert line.doubt or 0 < line.number <= len(TITLES), line
        order = orders.meant(line.words, date(2026, 11, 30))
        assert order.doubt or order.verb in orders.WORDS, order
        assert order.until is None or order.until > date(2026, 11, 30)
        assert order.verb != "later" or order.until is not None


def dates(raw: bytes) -> None:
    """A date to come back on lies ahead, and not more than two years; or there is none."""
    text = raw.decode("utf-8", "replace")
    for written in (date(2026, 5, 5), date(2028, 2, 29), date(9999, 12, 30), date(1, 1, 1)):
        for prefers_end in (True, False):
            found = resume_date(text, written, prefers_end=prefers_end)
            assert found is None or written < found, (found, written)
            assert found is None or found.year <= written.year + 2


def _written_replies() -> Sequence[bytes]:
    path = TESTS.parent / "training" / "replies" / "mix-6.jsonl"
    return [json.loads(line).get("text", "").encode() for line in path.read_text("utf-8").splitlines()[:200]] + _files(
        "fuzz/corpus/dates/*"
    )()


# -- files of people -----------------------------------------------------------------------------


def sheet(raw: bytes) -> None:
    """A file is refused with a place, or its rows are each taken or handed back; what is taken is safe in every header."""
    found = prospects.read_sheet(raw, name="leads.csv")
    assert found.problem.isprintable() or not found.problem
    for row in found.rows:
        judged = prospects.judge(row, RULES)
        if isinstance(judged, prospects.Rejection):
            assert judged.reason
            assert judged.address.isprintable()
            continue
        assert outbound.plain_address("email", judged.address) == judged.address
        for value in judged.columns.values():
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]|=\?.*\?=", value), repr(value)
            assert prospects.defuse(value)[:1] not in ("=", "+", "-", "@", "\t", "\r")


def _problems(given: Any) -> None:
    """What every reader of files gives back: the thing, or problems that are fit to be shown."""
    found, problems = given
    assert found is not None or problems
    for problem in problems:
        assert problem.line >= 0
        assert str(problem).isprintable(), repr(str(problem))


def cadences(raw: bytes) -> None:
    """A cadence, or its problems."""
    _problems(cadence.parse_cadence(raw.decode("utf-8", "replace"), "cadences/small.yaml", channels=CHANNELS))


def configs(raw: bytes) -> None:
    """A configuration, or its problems."""
    _problems(config.load_config(raw.decode("utf-8", "replace"), "config.yaml"))


def diaries(raw: bytes) -> None:
    """A file of cases, or its problems."""
    _problems(cadence_tests.parse_cases(raw.decode("utf-8", "replace"), "tests/small.yaml"))


def template(raw: bytes) -> None:
    """A template, or its problems; one in order can be rendered, or says why not, and what it makes is bounded."""
    text = raw.decode("utf-8", "replace")
    found, problems = given = templates.parse_template(text, "templates/t.md", "t")
    _problems(given)
    _problems(content.parse_item(text, "content/t.md", "t"))
    if found is not None and not problems:
        with contextlib.suppress(templates.CannotRender):
            made = templates.render(found, SCOPE)
            assert len(made.subject) + len(made.text) < 300_000


FIXED = "---\nsubject: For {{ prospect.company | default('you') }}\n---\nHello {{ prospect.first_name }}, {{ prospect.note }}.\n"


def template_data(raw: bytes) -> None:
    """Whatever stands in the cells of a row, data stays data: nothing of it is evaluated, and it adds no line to the subject."""
    text = raw.decode("utf-8", "replace")[:100_000]
    found, _ = templates.parse_template(FIXED, "templates/t.md", "t")
    assert found is not None
    scope = {"prospect": {"first_name": text, "company": text[:50], "note": "49" if "49" in text else text}}
    with contextlib.suppress(templates.CannotRender):
        made = templates.render(found, scope)
        assert "\n" not in made.subject
        assert "\r" not in made.subject
        assert "<script" not in made.html.lower() if made.html else True
        assert "49" in text or "49" not in made.text


YAML_TOKENS = (
    b"cadence: small\n", b"steps:\n", b"  - {id: a, email: hello, after: 3d}\n", b"- ", b": ", b"[", b"{", b"&a ", b"*a ", b"!!python/object/apply:os.system ",
    b"<<: *a\n", b"| \n", b">-\n", b"? ", b"%YAML 1.1\n", b"---\n", b"...\n", b"#", b"null", b"yes", b"2026-13-45", b"1e999", b"0o777", b"after: ", b"when: ",
    b"window: mon-fri 09:00-17:00\n", b"\xc2\x85", b"\xe2\x80\xa8", b'"\\x00"', b"'",
)  # fmt: skip
TEMPLATE_TOKENS = (
    b"---\nsubject: a\n---\n", b"{{ prospect.first_name }}", b"{{ 7*7 }}", b"{% if prospect.company %}", b"{% endif %}", b"{% for t in pick.topics %}", b"{% endfor %}",
    b"| default('x')", b"| upper", b".__class__", b"{% include 'x' %}", b"{{ range(999999999) }}", b"{{ 'a' * 999999999 }}", b"((", b"not " * 50, b"{#", b"#}",
    b"[a](javascript:x)", b"<script>", b"**", b"`", b"![x](http://x)", b"{{ learned | join(', ') }}", b"{{ today }}", b"|attr('x')", b"{{ '%d' % 3 }}",
)  # fmt: skip
SHEET_TOKENS = (
    b"email,cadence,first_name\n", b"ann@acme.example,proposal,Ann\n", b";", b"\t", b"sep=;\n", b'"', b'""', b"\xff\xfe", b"\xe9", b"=cmd|'/c calc'!A1", b"+1", b"@x",
    b"Ann <a@b.example>", b"mailto:a@b.example", b"a@b.example,b@c.example", b"xn--", b"=?utf-8?q?x?=", b"PK\x03\x04", b"<html>", b"1.2.26", b"2026-02-30", b"\x0b", b"|",
)  # fmt: skip

# -- names ---------------------------------------------------------------------------------------


def addresses(raw: bytes) -> None:
    """An address is one that any server takes, or it is refused with a reason."""
    text = raw.decode("utf-8", "replace")
    with contextlib.suppress(outbound.UnsafeMessage):
        assert outbound.plain_address("to", text) == text
        assert re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", text)
        assert not re.search(r"[\s<>()\[\]\\,;:\"]", text)
    with contextlib.suppress(ValueError):
        found = prospects.normal_address(text)
        assert outbound.plain_address("to", found) == found
    head = read_message(b"From: " + raw.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n\nx")
    assert not head.sender or ADDR.fullmatch(head.sender)


KEY = b"k" * 32
OWN = outbound.message_id("abc", "example.com", KEY)
NO_DOOR = outbound.door_token("abc", "no", KEY)


def names(raw: bytes) -> None:
    """No name that we did not give is taken for one of ours; ids are plain ASCII."""
    text = raw.decode("utf-8", "replace")
    for one in (text, *reports.ids_in(text)):
        assert outbound.touch_of(one, KEY) in ({"abc", None} if OWN.partition("@")[0] in one else {None})
        assert outbound.touch_of_address(one, KEY) is None or "t.abc." in one
        assert outbound.door_of(one, KEY) in ({("abc", "no"), None} if NO_DOOR in one else {None})
    assert all(re.fullmatch(r"[!-~]{3,401}", one) for one in reports.ids_in(text))


# -- calendars -----------------------------------------------------------------------------------


def invitation(raw: bytes) -> None:
    """Any calendar part is a meeting with its end after its beginning, or none; all that is kept of it is bounded, and can be packed."""
    found = read_invitation(raw.decode("utf-8", "replace"))
    if found is None:
        return
    assert len(found.uid) <= 300
    assert len(found.summary) <= 120
    assert len(found.attendees) <= 50
    assert all(one is None or 1990 <= one.year <= 2101 for one in (found.begins, found.ends))
    if found.begins and found.ends:
        assert timedelta() <= found.ends - found.begins <= timedelta(days=60)
    read = replace(read_message(b"From: a@b.c\n\nx"), invitation=found)
    assert inbound_from(json.loads(json.dumps(inbound_to(read)))) == read
    saying, meeting = said(found, {}, ZoneInfo("Europe/Berlin"), datetime(2026, 3, 2, tzinfo=UTC))
    assert (meeting is not None) == (saying == "ahead")


# -- servers -------------------------------------------------------------------------------------

PART = re.compile(rb"^%% ([A-Z]+)\r?\n", re.MULTILINE)
"""Begins the answer to a verb in a file of `corpus/smtp` or `corpus/imap`."""


def _script(raw: bytes) -> dict[str, bytes]:
    found = PART.split(raw)
    return {
        verb.decode("ascii"): answer.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        for verb, answer in zip(found[1::2], found[2::2], strict=False)
    }


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(4)


def smtp(raw: bytes) -> None:
    """Whatever a mail server says, the end is one of the four; and a mail counts as accepted only after a whole answer of 2xx to the dot."""
    _runner().run(_deliver(_script(raw)))


YES = re.compile(rb"(?:2\d\d-[^\n]*\n)*2\d\d(?: [^\n]*|[^\n\d]*)\n", re.DOTALL)


async def _deliver(answers: dict[str, bytes]) -> None:
    message = b"From: <d@example.com>\r\nTo: <a@p.test>\r\n\r\nhello\r\n"
    async with SmtpServer(Script(answers=answers, pipelining=len(answers) % 2 == 0)) as server, asyncio.timeout(20):
        connection = Connection(
            SmtpAccount(host="127.0.0.1", port=server.port, security="none"), connect_limit=0.3, command_limit=0.1, dot_limit=0.1
        )
        begun = await connection.begin("d@example.com", "a@p.test")
        assert begun is None or isinstance(begun, Deferred | Refused)
        if begun is None:
            ended = await connection.finish(message, before_dot=lambda: None)
            assert isinstance(ended, Accepted | Deferred | Refused | Doubtful)
            assert ended.text.isprintable() or not ended.text
            if isinstance(ended, Accepted):
                assert YES.match(server.answer("DOT")), server.answer("DOT")[:200]
        await connection.close()


def imap(raw: bytes) -> None:
    """Whatever an IMAP server says, the mailbox is read or it is unreachable; it never hangs, and a mail is never longer than our limit."""
    _runner().run(_read(_script(raw)))


async def _read(answers: dict[str, bytes]) -> None:
    script = Scripted()
    script.folder(next_uid=3)
    script.says.update({verb: answer.decode("latin-1") for verb, answer in answers.items()})
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    async with server, asyncio.timeout(20):
        account = ImapAccount(
            host="127.0.0.1", port=server.sockets[0].getsockname()[1], security="none", user="dana", password=lambda: "secret"
        )
        inbox = Inbox(account, _pool(), read_limit=0.1, connect_limit=0.5)
        try:
            await inbox.connect()
            for folder in inbox.folders[:3]:
                found = await inbox.arrivals(folder, None, datetime(2026, 5, 5, tzinfo=UTC))
                assert all(len(mail.raw) <= RAW for mail in found.mails)
        except Unreachable as problem:
            assert str(problem).isprintable()  # noqa: PT017 - it may be raised, or not
        finally:
            await inbox.close()


SMTP_TOKENS = (
    b"%% BANNER\n", b"%% EHLO\n", b"%% MAIL\n", b"%% RCPT\n", b"%% DATA\n", b"%% DOT\n", b"%% RSET\n", b"220 hi\n", b"250 ok\n", b"250-ok\n", b"354 go on\n", b"421 bye\n",
    b"450 4.7.1 later\n", b"550 5.1.1 no\n", b"250 5.1.1 no\n", b"999 x\n", b"2\n", b"250", b"\xff" * 600, b"250-" + b"x" * 5000 + b"\n", b"000 \n", b"-", b"250 SIZE 1\n",
)  # fmt: skip
INVITATION_TOKENS = (
    b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"BEGIN:VTIMEZONE\n", b"METHOD:REPLY\n", b"METHOD:CANCEL\n", b"DTSTART:", b"DTEND;TZID=", b"DURATION:P99999W\n", b"DURATION:PT1H\n",
    b"20260305T100000Z\n", b"99991231T235960\n", b"SEQUENCE:9999999999\n", b"TZOFFSETTO:-2399\n", b"TZOFFSETTO:+0100\n", b"TZID:Our\n", b"RRULE:FREQ=SECONDLY\n", b"RECURRENCE-ID:x\n",
    b"ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.c\n", b"\n ", b";", b",", b'"', b":", b"\\n", b"\xff\xfe",
)  # fmt: skip
IMAP_TOKENS = (
    b"%% CAPABILITY\n", b"%% AUTHENTICATE\n", b"%% PASSWORD\n", b"%% LIST\n", b"%% EXAMINE\n", b"%% SEARCH\n", b"%% FETCH\n", b"%% STATUS\n", b"{tag} OK done\n", b"{tag} NO no\n",
    b"{tag} BAD\n", b"* BYE\n", b"* ", b"+ \n", b"{99999999}\n", b"{-1}\n", b"{5}\n", b"* OK [UIDVALIDITY 99999999999999999999] x\n", b"* OK [UIDVALIDITY x]\n", b"* 1 FETCH (UID ",
    b"* SEARCH 1 2 x\n", b"* 99999999 EXISTS\n", b"BODY[]<0> {4}\n", b"((((", b'"\\', b"NIL", b'INTERNALDATE "99-Foo-0000 99:99:99 +9999"', b'* LIST (\\Junk) "/" ',
)  # fmt: skip

# Answers to the morning mail come here as soon as there are any: their parser is a target like the others.
TARGETS = (
    Target("mail", mail, _files("replies/*/*.eml", "bad/mail/*.eml"), MAIL_TOKENS),
    Target("reports", report, _files("replies/bounce_*/*.eml", "replies/complaint/*.eml"), REPORT_TOKENS),
    Target("dates", dates, _written_replies, DATE_TOKENS, st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))),
    Target("orders", ordered, _files("answers/mails/*.eml", "core/orders.txt"), ORDER_TOKENS, st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))),
    Target("csv", sheet, _files("files/csv/*.csv"), SHEET_TOKENS),
    Target("cadences", cadences, _files("../cadences/*.yaml", "bad/*/cadences/*.yaml"), YAML_TOKENS),
    Target("config", configs, _files("../config.example.yaml", "bad/*/config.yaml"), YAML_TOKENS),
    Target("diaries", diaries, _files("../followupd/starter_tests/*.yaml"), YAML_TOKENS),
    Target("templates", template, _files("../templates/*.md", "../content/*.md", "bad/*/templates/*.md"), TEMPLATE_TOKENS),
    Target("template data", template_data, _files("../templates/*.md"), TEMPLATE_TOKENS, st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))),
    Target("addresses", addresses, _files("fuzz/corpus/addresses/*"), (b"a@b.example", b"<", b">", b"@", b".", b"xn--", b'"', b"(", b"%", b"!", b"mailto:", b"\xef\xbc\xa0", b"[127.0.0.1]", b"-")),
    Target("names", names, _files("fuzz/corpus/names/*"), (b"<", b">", b"@example.com", b"t.abc.", b"0" * 32, OWN.encode(), b"dana+t.abc.", b"+", b".", b" ", b"[f-abc-", b"]", NO_DOOR.encode())),
    Target("invitations", invitation, _files("fuzz/corpus/invitations/*"), INVITATION_TOKENS),
    Target("smtp", smtp, _files("fuzz/corpus/smtp/*"), SMTP_TOKENS),
    Target("imap", imap, _files("fuzz/corpus/imap/*"), IMAP_TOKENS),
)  # fmt: skip
