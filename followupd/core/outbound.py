"""A rendered message and an envelope become the bytes of one mail, and the names by which that mail is known.

Decides how a header is written (RFC 5322, RFC 2047), how a body is encoded (RFC 2045 quoted-printable, RFC 2046
multipart/alternative), and what our Message-ID looks like. Refuses what could add or change a header. Never chooses
words, recipients or times, and never sends: the same inputs give the same bytes.

The bytes are written here and not by the standard `email` package: that is fifty times slower, and on some versions
it folds References into encoded words, which breaks threads, or writes a header that a cell has smuggled in.
"""

from __future__ import annotations

import binascii
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256

from followupd.core.model import Rendered, ThreadContext

LONGEST_LINE = 998  # RFC 5322 2.1.1, without CRLF
LONGEST_HEADER_TEXT = 2000  # characters of a subject or a name; more is a mistake, not a message
RECENT_REFERENCES = 20  # kept beside the first one

ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
ADDRESS = re.compile(
    rf"[{ATEXT}]+(?:\.[{ATEXT}]+)*@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*"
)
TOUCH_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}")
OWN_ID = re.compile(r"t\.([A-Za-z0-9_\-]{1,100})\.([0-9a-f]{32})@[A-Za-z0-9.\-]{1,255}")
FOREIGN_ID = re.compile(r"[!-;=?-~]{1,250}")  # printable ASCII without < and >
LINK = re.compile(r"(?:mailto:|https://)[!-+\--;=?-~]{1,900}")  # a URI without <, > and comma
PLAIN_PHRASE = re.compile(rf"[{ATEXT}]+(?: [{ATEXT}]+)*")
LINE_BREAK = re.compile(r"\r\n|\r|\n")

# How mail programs write "Re:" (RFC 5322 3.6.5 asks for "Re:"; the rest is what their translations do).
REPLY_PREFIX = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt|vá|bls|ats|atb|отв|ответ|απ|σχετ|השב|رد|回复|回覆|答复|答覆|返信|회신)"
    r"(?:\s?[\[(]\d{1,3}[\])])?\s?[:\uff1a]\s*",  # the second is the full-width colon
    re.IGNORECASE,
)


class UnsafeMessage(ValueError):
    """The message can't be written without risk; the text says which part and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom, to whom, when, and under which name a message travels.

    `date` is aware and in the mailbox's own zone. `message_id` and the ids of `thread` stand without <>.
    `list_unsubscribe` holds `mailto:` or `https:` addresses without <>.
    """

    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    date: datetime
    message_id: str
    touch: str
    thread: ThreadContext
    same_thread: bool
    list_unsubscribe: tuple[str, ...] = ()
    reply_to: str | None = None
    automatic: bool = False  # a machine's answer to a mail (RFC 3834 section 5)


# -- the names of a mail -------------------------------------------------------------------------


def message_id(touch: str, domain: str, key: bytes) -> str:
    """The Message-ID of a touch, without <>: the same for the same inputs, and not to be guessed without the key."""
    if not TOUCH_ID.fullmatch(touch):
        raise UnsafeMessage(f"touch id {touch!a}: only letters, digits, '-' and '_' can stand in a Message-ID")
    name = f"t.{touch}.{_seal(touch, key)}@{domain}"
    if not OWN_ID.fullmatch(name):
        raise UnsafeMessage(f"domain {domain!a}: write it in ASCII letters, digits, '-' and '.'")
    return name


def touch_of(message_id: str, key: bytes) -> str | None:
    """The touch that one of our Message-IDs names; None for a foreign or forged one."""
    match = OWN_ID.fullmatch(message_id)
    if match is None or not hmac.compare_digest(_seal(match[1], key), match[2]):
        return None
    return match[1]


def plus_address(address: str, message_id: str) -> str:
    """Our address with the token of a touch: an answer sent there names its touch, whoever sends it and from wherever (RFC 5233)."""
    match = OWN_ID.fullmatch(message_id)
    local, _, domain = address.rpartition("@")
    if match is None or len(local) + len(match[1]) + PLUS_SEAL + 4 > 64:
        return address
    return f"{local}+t.{match[1]}.{match[2][:PLUS_SEAL]}@{domain}"


PLUS_SEAL = 12
"""Letters of the seal in an address, where only 64 may stand before the @ (RFC 5321 section 4.5.3.1.1)."""
PLUS_TOKEN = re.compile(rf"\+t\.([a-z0-9_\-]{{1,50}})\.([0-9a-f]{{{PLUS_SEAL}}})@")


def touch_of_address(address: str, key: bytes) -> str | None:
    """The touch that a plus-address of ours names; None for any other address, and for a forged one."""
    match = PLUS_TOKEN.search(address)
    if match is None or not hmac.compare_digest(_seal(match[1], key)[:PLUS_SEAL], match[2]):
        return None
    return match[1]


DOOR_NAMES = ("yes", "later", "no")
"""The ready answers that a mail can offer (`core/replies/doors.py` has their words)."""
DOOR_SEAL = 16
"""Letters of a door's seal: it stands in a subject that people see."""
DOOR_TOKEN = re.compile(rf"\s*\[f-([a-z0-9_\-]{{1,50}})-([0-9a-f]{{{DOOR_SEAL}}})\]")


def door_token(touch: str, door: str, key: bytes) -> str:
    """What the link of a door writes into the subject: it names the touch and the door, and nobody can make it without the key."""
    return f"[f-{touch}-{_door_seal(touch, door, key)}]"


def door_of(subject: str, key: bytes) -> tuple[str, str] | None:
    """Touch and door that a subject names; None where it names none of ours, or more than one."""
    named = {
        (match[1], door)
        for match in DOOR_TOKEN.finditer(subject)
        for door in DOOR_NAMES
        if hmac.compare_digest(_door_seal(match[1], door, key), match[2])
    }
    return named.pop() if len(named) == 1 else None


def without_door(subject: str) -> str:
    """A subject without the token of a door: what a person has written."""
    return DOOR_TOKEN.sub("", subject)


def _door_seal(touch: str, door: str, key: bytes) -> str:
    return hmac.digest(key, f"door {door} {touch}".encode("ascii"), "sha256").hex()[:DOOR_SEAL]


def _seal(touch: str, key: bytes) -> str:
    return hmac.digest(key, touch.encode("ascii"), "sha256").hex()[:32]


def subject_of(rendered: Rendered, thread: ThreadContext, same_thread: bool) -> str:
    """The subject line: in the same thread that of the thread with one "Re:", else the message's own."""
    if not (same_thread and thread.subject):
        return rendered.subject.strip(" ")
    subject = thread.subject
    while match := REPLY_PREFIX.match(subject):
        subject = subject[match.end() :]
    return f"Re: {subject.strip(' ')}".rstrip(" ")


# -- bytes ---------------------------------------------------------------------------------------


def compose(rendered: Rendered, envelope: Envelope) -> bytes:
    """The finished mail, lines ended by CRLF, checked by `check_exit`. Raises UnsafeMessage."""
    subject = subject_of(rendered, envelope.thread, envelope.same_thread)
    reply_to = envelope.reply_to or rendered.reply_to
    boundary = _boundary(envelope.message_id)
    head = _head(envelope, subject, reply_to, boundary)
    text, html = _quoted_printable("text", rendered.text), _quoted_printable("html", rendered.html)
    mark = boundary.encode("ascii")
    if mark in text or mark in html:  # can't be: '=_' is no quoted-printable
        raise UnsafeMessage("body: it holds the boundary between its own parts")
    raw = _MAIL % (head.encode("ascii"), mark, text, mark, html, mark)
    check_exit(raw, envelope, subject, reply_to=reply_to)
    return raw


_NO_THREAD = ThreadContext()


def _head(envelope: Envelope, subject: str, reply_to: str | None, boundary: str) -> str:
    own = f"<{_checked_id(envelope.message_id)}>"
    thread = envelope.thread if envelope.same_thread else _NO_THREAD
    answered = f"In-Reply-To: <{thread.last_id}>\r\n" if _writable(thread.last_id) else ""
    references = "\r\n ".join([*_references(thread, envelope.message_id), own])
    links = f"List-Unsubscribe: {_links(envelope.list_unsubscribe)}\r\n" if envelope.list_unsubscribe else ""
    answers_to = f"Reply-To: {plain_address('Reply-To', reply_to)}\r\n" if reply_to else ""
    return (
        f"Date: {_date(envelope.date)}\r\n"
        f"From: {_sender(envelope.sender_name, envelope.sender)}\r\n"
        f"To: {_mailbox('To', envelope.recipient_name, envelope.recipient)}\r\n"
        f"Subject: {_unstructured('Subject', subject)}\r\n"
        f"Message-ID: {own}\r\n"
        f"{answered}References: {references}\r\n"
        f"X-Followupd-Touch: {own}\r\n"
        f"{links}{answers_to}{_AUTOMATIC if envelope.automatic else ''}MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    )


_AUTOMATIC = "Auto-Submitted: auto-replied\r\n"
_PART = "--%b\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%b\r\n"
_MAIL = f"%b\r\n{_PART.format('plain')}{_PART.format('html')}--%b--\r\n".encode("ascii")


@lru_cache(maxsize=16)  # the writer asks for it, and who looks at what was written
def _boundary(message_id: str) -> str:
    # "=_" can't stand in quoted-printable text (RFC 2045 6.7), so no body can hold the boundary.
    return "=_" + sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _quoted_printable(field: str, text: str) -> bytes:
    """RFC 2045 6.7, lines of at most 76, CRLF; no line starts with "From " or is a lone dot."""
    try:
        data = (LINE_BREAK.sub("\n", text) if "\r" in text else text).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsafeMessage(f"{field}: character {text[error.start]!a} can't be written in UTF-8") from None
    return b"".join([_quoted_line(line) if len(line) < 1000 else _quoted(line) for line in data.splitlines(keepends=True)])


def _quoted(line: bytes) -> bytes:
    """One line, with the LF at its end where it has one: nothing of quoted-printable goes over a line break."""
    # b2a_qp writes soft breaks as bare LF if the first line has none, so all breaks are LF until the end.
    encoded = binascii.b2a_qp(line, quotetabs=False, istext=True)
    if b"From " in encoded:
        encoded = re.sub(rb"(?m)^(?:From )+", lambda run: b"=46rom =\n" * (len(run[0]) // 5), encoded)
    if b"." in encoded[:1] or b"\n." in encoded:
        encoded = re.sub(rb"(?m)^\.$", b"=2E", encoded)
    return encoded.replace(b"\n", b"\r\n")


_quoted_line = lru_cache(maxsize=2048)(_quoted)  # most lines of a mail are those of every other mail of its step


LETTER_ID = re.compile(r"l\.([a-z0-9]{1,50})\.([0-9a-f]{32})@[A-Za-z0-9.\-]{1,255}")


def letter_id(letter: str, domain: str, key: bytes) -> str:
    """The Message-ID of a letter to our own people, without <>; no letter's can be made from a touch's, or guessed."""
    return f"l.{letter}.{_seal('letter ' + letter, key)}@{domain}"


def letter_of(message_id: str, key: bytes) -> str | None:
    """The letter that one of our Message-IDs names; None for a foreign or forged one."""
    match = LETTER_ID.fullmatch(message_id)
    if match is None or not hmac.compare_digest(_seal("letter " + match[1], key), match[2]):
        return None
    return match[1]


def notice(*, sender: str, recipient: str, subject: str, text: str, date: datetime, message_id: str, reply_to: str = "") -> bytes:
    """A plain mail about our own affairs, to our own people: automatic, and not to be answered by machines (RFC 3834 5).

    One that may be answered (`reply_to`) bears its name twice more: answers must name it, also where the provider renames it.
    """
    own = f"<{_checked_id(message_id)}>"
    names = (
        (("References", own), ("X-Followupd-Letter", own), ("Reply-To", plain_address("Reply-To", reply_to))) if reply_to else ()
    )
    headers = (
        ("Date", _date(date)),
        ("From", _mailbox("From", "followupd", sender)),
        ("To", plain_address("To", recipient)),
        ("Subject", _unstructured("Subject", subject)),
        ("Message-ID", own),
        *names,
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),  # Exchange knows only this one
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "quoted-printable"),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    raw = head.encode("ascii") + b"\r\n" + _quoted_printable("text", text)
    _check_bytes(raw)
    if [name for name, _ in _parsed(raw.partition(b"\r\n\r\n")[0].decode("ascii"))] != [name for name, _ in headers]:
        raise UnsafeMessage("exit check: the headers are not the ones that were meant")
    return raw


# -- headers -------------------------------------------------------------------------------------


def plain_address(field: str, address: str) -> str:
    """The address itself, if it is one that any server takes (RFC 5321 Mailbox, dot-string, ASCII); else UnsafeMessage."""
    if not address.isascii():
        raise UnsafeMessage(f"{field}: {address[:80]!a} has letters outside ASCII; write the domain in its xn-- form")
    local, _, domain = address.rpartition("@")
    fits = len(local) <= 64 and len(domain) <= 253 and "=?" not in address
    if not (fits and ADDRESS.fullmatch(address)):
        raise UnsafeMessage(f"{field}: {address[:80]!a} is not a plain mail address such as dana@example.com")
    return address


def _safe_text(field: str, text: str) -> str:
    """`text` if it may reach a header: no control character, no line break, nothing that looks encoded already."""
    if len(text) > LONGEST_HEADER_TEXT:
        raise UnsafeMessage(f"{field}: {len(text)} characters are too many; {LONGEST_HEADER_TEXT} are allowed")
    if "=?" in text:
        raise UnsafeMessage(f"{field}: '=?' can't stand in a header")
    if text.isprintable():  # then it has none of what is looked for
        return text
    for sign in text:
        if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}:
            raise UnsafeMessage(f"{field}: character {sign!a} can't stand in a header")
    return text


def _mailbox(field: str, name: str, address: str) -> str:
    name, address = _safe_text(f"{field} name", name).strip(" "), plain_address(field, address)
    if not name:
        return address
    if not name.isascii() or len(name) > 60:
        return f"{_encoded_words(name, len(field) + 2)}\r\n <{address}>"
    if not PLAIN_PHRASE.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def _unstructured(field: str, text: str) -> str:
    text, used = _safe_text(field, text).strip(" "), len(field) + 2
    if text.isascii() and used + len(text) <= 78:
        return text
    if not text.isascii() or len(max(text.split(" "), key=len)) > 900:
        return _encoded_words(text, used)
    return _folded(text, used)


def _folded(text: str, used: int) -> str:
    """ASCII text with line breaks before some of its blanks, lines of 78 where the words allow it (RFC 5322 2.2.3)."""
    lines, length = [""], used
    for word in re.findall(r" *[^ ]+", text):
        if length + len(word) > 78 and lines[-1]:
            lines.append(word)
            length = len(word)
        else:
            lines[-1] += word
            length += len(word)
    return "\r\n".join(lines)


def _encoded_words(text: str, used: int) -> str:
    """RFC 2047 words of at most 75 bytes, one a line; a UTF-8 character is never split."""
    data, words, room = text.encode("utf-8"), [], (76 - used - 12) // 4 * 3
    while len(data) > room:
        end = room
        while data[end] & 0xC0 == 0x80:  # goes on with a character
            end -= 1
        words.append(data[:end])
        data, room = data[end:], 45
    words.append(data)
    return "\r\n ".join(["=?utf-8?B?" + binascii.b2a_base64(word, newline=False).decode() + "?=" for word in words])


def _references(thread: ThreadContext, own: str) -> list[str]:
    """The first and the last ids of the thread. An id that can't be written safely is a stranger's, and left out."""
    known = [f"<{one}>" for one in dict.fromkeys([*thread.references, thread.last_id]) if one != own and _writable(one)]
    return known if len(known) <= RECENT_REFERENCES + 1 else [known[0], *known[-RECENT_REFERENCES:]]


def _writable(message_id: str) -> bool:
    return FOREIGN_ID.fullmatch(message_id) is not None and "=?" not in message_id


def _checked_id(message_id: str) -> str:
    if not _writable(message_id) or "@" not in message_id:
        raise UnsafeMessage(f"Message-ID: {message_id[:80]!a} can't be written as one")
    return message_id


@lru_cache(maxsize=512)
def _links(links: tuple[str, ...]) -> str:
    return ",\r\n ".join([f"<{_link(one)}>" for one in links])


def _link(link: str) -> str:
    if not LINK.fullmatch(link) or "=?" in link:
        raise UnsafeMessage(f"List-Unsubscribe: {link[:80]!a} is not a mailto: or https: address without blanks and commas")
    return link


@lru_cache(maxsize=512)
def _sender(name: str, address: str) -> str:
    return _mailbox("From", name, address)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _date(date: datetime) -> str:
    """As `email.utils.format_datetime` writes it (RFC 5322 section 3.3), in a fraction of its time."""
    if date.tzinfo is None:
        raise UnsafeMessage("Date: it needs a time zone")
    day = f"{_DAYS[date.weekday()]}, {date.day:02} {_MONTHS[date.month - 1]} {date.year:04}"
    return f"{day} {date.hour:02}:{date.minute:02}:{date.second:02} {_zone(date.utcoffset())}"


@lru_cache(maxsize=512)
def _zone(offset: timedelta | None) -> str:
    return f"{datetime.min.replace(tzinfo=timezone(offset)):%z}" if offset is not None else ""


# -- the exit check ------------------------------------------------------------------------------

PRINTABLE = bytes(range(32, 127)) + b"\t"
HEADER = re.compile(r"([!-9;-~]+): (.+)")
WORD = r"=\?utf-8\?B\?([A-Za-z0-9+/]+=*)\?="
ONE_MAILBOX = re.compile(rf'(?:(?:"(?:[^"\\]|\\.)*"|[{ATEXT}]+(?: [{ATEXT}]+)*|{WORD}(?: {WORD})*) )?<([^<>" ]+)>|([^<>" ]+)')


def check_exit(raw: bytes, envelope: Envelope, subject: str, *, reply_to: str | None = None) -> None:
    """The last look at the finished bytes, which trusts nothing that wrote them. Raises UnsafeMessage.

    Header names are exactly the ones meant, each once, in order; printable ASCII only; no line over 998; CRLF is the
    only line break; To and Subject say what was meant; there are two parts and nothing behind them.
    """
    _check_bytes(raw)
    end = raw.find(b"\r\n\r\n")
    names = _expected_names(
        envelope.same_thread and _writable(envelope.thread.last_id),
        bool(envelope.list_unsubscribe),
        bool(reply_to or envelope.reply_to),
        envelope.automatic,
    )
    values = _meant(names).fullmatch(raw, 0, end)
    if values is None:
        found = ", ".join(name for name, _ in _parsed(raw[:end].decode("ascii")))
        raise UnsafeMessage(f"exit check: the headers are {found[:300]}, not {', '.join(names)}")
    _check_recipient(_unfolded(values["To"].decode("ascii")), envelope.recipient)
    if _decoded(_unfolded(values["Subject"].decode("ascii"))) != subject:
        raise UnsafeMessage("exit check: the subject is not the one that was meant")
    mark = b"--" + _boundary(envelope.message_id).encode()
    if raw.count(mark, end) != 3 or not (raw.startswith(mark + b"\r\n", end + 4) and raw.endswith(b"\r\n" + mark + b"--\r\n")):
        raise UnsafeMessage("exit check: the mail does not consist of its two parts")


def _check_bytes(raw: bytes) -> None:
    breaks = raw.translate(None, PRINTABLE)
    if breaks != b"\r\n" * raw.count(b"\r\n"):
        bare = not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
        raise UnsafeMessage(f"exit check: {'a bare CR or LF' if bare else 'a byte outside printable ASCII'} in the finished mail")
    start, end = 0, len(raw)
    while end - start > LONGEST_LINE:  # from the beginning of a line to that of the last one that begins within the longest
        start = raw.rfind(b"\n", start, start + LONGEST_LINE + 2) + 1 or end + 1
    if start > end:
        raise UnsafeMessage(f"exit check: a line over {LONGEST_LINE} in the finished mail")


def _parsed(head: str) -> list[tuple[str, str]]:
    headers = []
    for line in _unfolded(head).split("\r\n"):
        match = HEADER.fullmatch(line)
        if "\t" in line or (match is None and not line.endswith(": ")):
            raise UnsafeMessage(f"exit check: {line[:80]!a} is not a header line")
        headers.append((match[1], match[2]) if match else (line[:-2], ""))
    return headers


def _unfolded(head: str) -> str:
    return re.sub(r"\r\n(?= +[^ \r])", "", head) if "\r\n" in head else head


_NAMES = "Date From To Subject Message-ID In-Reply-To References X-Followupd-Touch List-Unsubscribe Reply-To Auto-Submitted MIME-Version Content-Type".split()


@lru_cache(maxsize=16)
def _expected_names(answers: bool, links: bool, reply_to: bool, automatic: bool) -> tuple[str, ...]:
    wanted = {"In-Reply-To": answers, "List-Unsubscribe": links, "Reply-To": reply_to, "Auto-Submitted": automatic}
    return tuple(name for name in _NAMES if wanted.get(name, True))


@lru_cache(maxsize=16)
def _meant(names: tuple[str, ...]) -> re.Pattern[bytes]:
    """A head with these headers, each once and in this order, folded or not (RFC 5322 section 2.2.3)."""
    value = r"[^\t\r\n]*(?:\r\n +[^ \t\r\n][^\t\r\n]*)*"
    kept = {name: f"(?P<{name}>{value})" for name in ("To", "Subject")}
    between = r":(?:\r\n(?= +[^ \r]))? "
    return re.compile(r"\r\n".join(f"{name}{between}{kept.get(name, value)}" for name in names).encode("ascii"))


def _check_recipient(value: str, recipient: str) -> None:
    match = ONE_MAILBOX.fullmatch(value)
    if match is None or recipient not in match.groups()[-2:]:
        raise UnsafeMessage("exit check: To does not name the recipient, and nobody else")


def _decoded(value: str) -> str | None:
    if "=?" not in value:
        return value
    try:
        return b"".join(binascii.a2b_base64(word) for word in re.findall(WORD, value)).decode("utf-8")
    except ValueError:
        return None
