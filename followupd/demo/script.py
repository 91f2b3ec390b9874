"""The play of the demo: the bytes of what its prospects answer, and of what their mail systems report.

Who answers what stands in `demo/people.py`. Never sends, waits or looks at a clock: the mail that is answered and the
moment of the answer are arguments, so the same play gives the same bytes.

Answers name the mail they answer in In-Reply-To and References (RFC 5322, 3.6.4), automatic ones say so (RFC 3834),
delivery reports follow RFC 3464 and the complaint RFC 5965.
"""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from zoneinfo import ZoneInfo

from followupd.core.model import ReplyKind
from followupd.demo.people import PEOPLE, PROSPECTS, Answer, Person, csv_text

__all__ = [
    "PEOPLE", "PROSPECTS", "Answer", "Original", "Person", "answer_mail", "complaint_mail", "csv_text",
    "hand_written", "letter_answer", "named_day", "original_of", "report_mail",
]  # fmt: skip

_ROWS = {row["email"]: row for row in PROSPECTS}
_FAMILY_NAME_FIRST = frozenset({"JP", "KR", "SG"})
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What an answer needs to know about the mail that it answers. Ids are written without <>."""

    message_id: str
    subject: str
    text: str
    date: datetime
    sender: str
    sender_name: str = ""
    to: str = ""
    references: tuple[str, ...] = ()


# -- their mails ---------------------------------------------------------------------------------

_POLICY = policy.SMTP.clone(max_line_length=900)  # a folded long Message-ID would be encoded by the standard library

_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
}  # fmt: skip


def original_of(raw: bytes) -> Original:
    """The facts about one of our own mails, as the prospect's server received it."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    name, address = parseaddr(str(mail["From"]))
    return Original(
        message_id=_bare(str(mail["Message-ID"])),
        subject=str(mail["Subject"]),
        text=body.get_content().replace("\r\n", "\n") if body else "",
        date=parsedate_to_datetime(str(mail["Date"])),
        sender=address,
        sender_name=name,
        to=parseaddr(str(mail["To"]))[1],
        references=tuple(_bare(each) for each in str(mail["References"] or "").split()),
    )


def answer_mail(person: Person, answer: Answer, original: Original, now: datetime) -> bytes:
    """The whole mail that `person` sends at `now`. `original` is the mail answered; for `old_mail` that older one."""
    if answer.kind == ReplyKind.COMPLAINT:
        return complaint_mail(person, original, now)
    name, address = parseaddr(answer.sender) if answer.sender else (_name(person), person.address)
    local = _local(person, now)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _mailbox(name, address)
    mail["To"] = _mailbox(original.sender_name, original.sender)
    mail["Subject"] = _subject(answer, original)
    mail["Date"] = format_datetime(local)
    mail["Message-ID"] = f"<{_token(address, original, now)}@{address.rpartition('@')[2]}>"
    mail["In-Reply-To"] = f"<{_bare(original.message_id)}>"
    mail["References"] = " ".join(f"<{_bare(each)}>" for each in (*original.references, original.message_id))
    words = f"{_words(person, answer, local)}\n\n{_signature(person, name)}"
    if answer.automatic:
        mail["Auto-Submitted"] = answer.automatic
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(f"{words}\n", cte="quoted-printable")
    else:
        _fill(mail, person, words, original)
    return mail.as_bytes()


def letter_answer(original: Original, words: str, name: str, zone: ZoneInfo, now: datetime) -> bytes:
    """What one of our own people writes under a letter from the daemon: it came through the rep's own mailbox, and goes back there."""
    return _by_rep(original, words, name, original.to, original.to, zone, now)


def hand_written(original: Original, words: str, name: str, address: str, zone: ZoneInfo, now: datetime) -> bytes:
    """What a rep writes to a prospect from the mail program, under the mail that is answered."""
    return _by_rep(original, words, name, address, original.sender, zone, now)


def _by_rep(original: Original, words: str, name: str, address: str, to: str, zone: ZoneInfo, now: datetime) -> bytes:
    """A few words, a signature, and the whole mail that is answered quoted below."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"], mail["To"] = _mailbox(name, address), _mailbox(original.sender_name, to)
    mail["Subject"] = _re(original.subject)
    mail["Date"] = format_datetime(now.astimezone(zone))
    mail["Message-ID"] = f"<{_token(address, original, now)}@{address.rpartition('@')[2]}>"
    mail["In-Reply-To"] = f"<{_bare(original.message_id)}>"
    mail["References"] = " ".join(dict.fromkeys(f"<{_bare(each)}>" for each in (*original.references, original.message_id)))
    written = original.date.astimezone(zone)
    quoted = "\n".join(f"> {line}".rstrip() for line in original.text.strip().splitlines())
    credit = (
        f"On {written:%a, %b} {written.day}, {written.year} at {written:%H:%M} {original.sender_name or original.sender} wrote:"
    )
    mail.set_content(f"{words}\n\n-- \n{name}\nExample Ltd\n\n{credit}\n\n{quoted}\n", cte="quoted-printable")
    return mail.as_bytes()


def report_mail(person: Person, original: Original, now: datetime) -> bytes:
    """The delivery report that comes back from an address that bounces "hard", "soft" or "blocked" (RFC 3464)."""
    status, diagnostic = _REPORTS[person.bounces]
    host = f"mx.{person.address.rpartition('@')[2]}"
    machine = [
        f"Reporting-MTA: dns; {host}",
        f"Arrival-Date: {format_datetime(original.date)}",
        "",
        f"Final-Recipient: rfc822; {person.address}",
        "Action: failed",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {diagnostic}",
    ]
    words = [
        f"This is the mail system at host {host}.",
        "",
        "I'm sorry to have to inform you that your message could not",
        "be delivered to the recipient below.",
        "",
        f"<{person.address}>: {diagnostic}",
    ]
    return _report(
        sender=f"Mail Delivery System <MAILER-DAEMON@{host}>", subject="Undelivered Mail Returned to Sender",
        kind="delivery-status", automatic="auto-replied", person=person, original=original, now=now, words=words, machine=machine,
    )  # fmt: skip


def complaint_mail(person: Person, original: Original, now: datetime) -> bytes:
    """What a provider sends when a person pressed the spam button: an abuse report (RFC 5965)."""
    domain = person.address.rpartition("@")[2]
    machine = [
        "Feedback-Type: abuse",
        "User-Agent: Example-Feedback/1.0",
        "Version: 1",
        f"Original-Mail-From: <{original.sender}>",
        f"Original-Rcpt-To: <{person.address}>",
        f"Arrival-Date: {format_datetime(original.date)}",
        f"Reported-Domain: {original.sender.rpartition('@')[2]}",
    ]
    words = [
        "This is an email abuse report for a message that one of our users",
        "has marked as unwanted. The message is named below.",
    ]
    return _report(
        sender=f"Feedback Loop <feedback@{domain}>", subject="Abuse report", kind="feedback-report",
        automatic="auto-generated", person=person, original=original, now=now, words=words, machine=machine,
    )  # fmt: skip


_REPORTS = {
    "hard": ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
    "soft": ("4.2.2", "452 4.2.2 The recipient's mailbox is full, delivery was given up"),
    "blocked": ("5.7.1", "550 5.7.1 Message refused by the policy of this site, your host is on a block list"),
}


# -- how mail programs write ---------------------------------------------------------------------


def _fill(mail: EmailMessage, person: Person, words: str, original: Original) -> None:
    """The body: the person's words above the quoted mail, as her program does it, and HTML where it would send some."""
    quote = _quote(person, original)
    phone = "\n\nSent from my iPhone" if person.program == "phone" else ""
    mail.set_content(f"{words}{phone}\n\n{quote}\n", cte="quoted-printable")
    if person.program in ("gmail", "outlook"):
        box = '<div class="gmail_quote">' if person.program == "gmail" else '<div id="divRplyFwdMsg">'
        page = f'<div dir="ltr">{_as_html(words)}</div><br>{box}{_as_html(quote)}</div>'
        mail.add_alternative(f"<html><body>{page}</body></html>\n", subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_{_token(person.address, original, original.date)}")


def _quote(person: Person, original: Original) -> str:
    writer = original.sender_name or original.sender
    local = _local(person, original.date)
    if person.program == "outlook":
        return (
            f"________________________________\nFrom: {writer} <{original.sender}>\nSent: {local:%A, %B %d, %Y %H:%M}\n"
            f"To: {_name(person)} <{person.address}>\nSubject: {original.subject}\n\n{original.text.strip()}"
        )
    quoted = "\n".join(f"> {line}".rstrip() for line in original.text.strip().splitlines())
    if person.program == "phone":
        return f"> On {local.day} {local:%b %Y}, at {local:%H:%M}, {writer} <{original.sender}> wrote:\n>\n{quoted}"
    return f"On {local:%a, %b} {local.day}, {local.year} at {local:%H:%M} {writer} <{original.sender}> wrote:\n\n{quoted}"


def _report(
    *, sender: str, subject: str, kind: str, automatic: str, person: Person, original: Original, now: datetime,
    words: list[str], machine: list[str],
) -> bytes:  # fmt: skip
    """A multipart/report (RFC 6522): words for people, fields for machines, and the headers of the mail in question."""
    boundary = f"=_{_token(person.address, original, now)}"
    returned = [
        f"Message-ID: <{_bare(original.message_id)}>",
        f"From: {original.sender}",
        f"To: {person.address}",
        f"Subject: {Header(original.subject, 'utf-8', maxlinelen=900).encode()}",
        f"Date: {format_datetime(original.date)}",
    ]
    parts = (("text/plain; charset=us-ascii", words), (f"message/{kind}", machine), ("text/rfc822-headers", returned))
    lines = [
        f"From: {sender}",
        f"To: {original.sender}",
        f"Subject: {subject}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{_token(sender, original, now)}@{person.address.rpartition('@')[2]}>",
        f"Auto-Submitted: {automatic}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"',
        "",
    ]
    for content_type, text in parts:
        lines += [f"--{boundary}", f"Content-Type: {content_type}", "", *text, ""]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


def _words(person: Person, answer: Answer, local: datetime) -> str:
    day = named_day(answer, local)
    return answer.text.replace("{date}", _spoken(day, _ROWS[person.address]["language"])) if day else answer.text


def named_day(answer: Answer, local: datetime) -> date | None:
    """The day that an answer written at `local` names; None where it names none."""
    if answer.returns_in is None:
        return None
    day = local.date() + answer.returns_in
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day  # nobody comes back on a Sunday


def _spoken(day: date, language: str) -> str:
    dot = "." if language == "de" else ""
    return f"{day.day}{dot} {_MONTHS.get(language, _MONTHS['en'])[day.month - 1]} {day.year}"


def _subject(answer: Answer, original: Original) -> str:
    if answer.subject is not None:
        return answer.subject.replace("{subject}", original.subject)
    return _re(original.subject)


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _signature(person: Person, name: str) -> str:
    """The end of a mail, as this person's program writes it."""
    row = _ROWS[person.address]
    if person.program == "phone":
        return row["first_name"]
    mark = "-- \n" if person.program == "gmail" else ""
    return f"{mark}{name}\n{row['company']}" if name != _name(person) else f"{mark}{name}\n{row['title']}, {row['company']}"


def _name(person: Person) -> str:
    row = _ROWS[person.address]
    names = (row["first_name"], row["last_name"])
    return " ".join(reversed(names) if row["country"] in _FAMILY_NAME_FIRST else names)


def _mailbox(name: str, address: str) -> str:
    """A From or To value. Header objects encode the name; quotes keep a comma in it from starting a second address."""
    return f'"{name.replace(chr(34), "")}" <{address}>' if name else address


def _local(person: Person, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(_ROWS[person.address]["timezone"]))


def _token(address: str, original: Original, at: datetime) -> str:
    """Stands for this mail and no other: an id without dice."""
    return hashlib.sha256(f"{address} {original.message_id} {at.isoformat()}".encode()).hexdigest()[:24]


def _bare(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")


def _as_html(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")
