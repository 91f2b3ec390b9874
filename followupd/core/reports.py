"""What a mail says about a delivery or a complaint: the machine parts, and the free text of older mail systems.

Decides which address a report names, what it says about it, and which of our mails it is about. Never decides what
follows from it. Obeys RFC 3464 section 2 (delivery status), RFC 3463 (enhanced codes), RFC 5965 section 3
(feedback reports) and RFC 6522 (multipart/report). A text is only searched for failures behind a gate on the envelope:
people write about undelivered mail too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message

from followupd.core.model import DeliveryReport

PARTS = 100  # parts of a mail that are looked at
DEPTH = 20
TEXT = 16_384  # characters of free text that are searched
RECIPIENTS = 50

ID = re.compile(r"<([!-;=?-~]{1,200}@[!-;=?-~]{1,200})>")
BARE_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,200}")
ADDRESS = re.compile(
    r"(?<![\w.+@=-])([A-Za-z0-9_][\w.!#$%&'*+/=?^{|}~-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24})(?![\w@])",
    re.ASCII,
)
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -](?=\D)")

DAEMON = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|postmaster|mmdf|mailadmin|mailsystem|mail[._-]?delivery(?:[._-]?(?:system|subsystem))?"
    r"|microsoftexchange[0-9a-f]{8,}|bounces?|no-?reply-?mailer|mdaemon|complaints|uucp|system\.administrator|mailer|pmta|vmd|dmailer)(?:$|[+._-])",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon)|postmaster|system administrator|mail administrator|internet mail delivery",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status )?(?:notification|report|failure|failed|has failed|delayed|status|problem|error)|non-?delivery"
    r"|(?:mail|message|email) (?:delivery|system|status) (?:failed|failure|error|report|problem)|mail delivery|returned mail|returned to sender"
    r"|(?:message|mail|email|delivery) (?:was |is |has been |status:? )?(?:delayed|not delivered|undeliver)|failure notice|failed (?:mail|delivery|message)"
    r"|could not (?:be delivered|send message)|could not deliver|not deliver(?:ed|able)|unzustellbar|nicht (?:zu|aus)gestellt|nicht zustellbar|zustell(?:ung|fehler)"
    r"|mail could not|message status|warning: (?:message|could)|non remis|non distribu|échec de (?:la )?(?:remise|distribution)|no se (?:ha )?(?:pudo|podido) entregar"
    r"|no entregado|mancato recapito|mancata consegna|onbestelbaar|não entregue|falha na entrega|nie dostarczono|olevererbart|配信|送信(?:エラー|でき)|недоставлен|delivery time-?out"
    r"|message not delivered|undelivered|kan niet worden (?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres|nedoručen|iletilemedi|teslim edilemedi|returnerad|メールを配信|届けられません"
    r"|user unknown|unknown user|mailbox full|bounced|(?:^|\W)nondeliverable|rejected mail|mail refus|message (?:blocked|refused|rejected)|^(?:dsn|ndr?n?)\b|permanent error",
    re.IGNORECASE,
)
FAILURE = re.compile(
    r"could ?n[o']t be (?:delivered|sent|processed)|was not delivered|could not deliver|(?:un|not) ?(?:able to|be) deliver|undeliver|unable to deliver|delivery (?:has )?failed"
    r"|failed (?:permanently|to deliver|recipient|address)|delivery (?:failure|error|problem|to the following)|has not been delivered|permanent (?:fatal )?error|not been able to deliver"
    r"|(?:user|recipient|mailbox|address|account|host|domain) (?:\S{1,80} )?(?:is )?(?:un)?(?:known|not found|disabled|full|rejected|unavailable|not exist)"
    r"|(?:no|unknown|invalid) (?:such |local )?(?:user|mailbox|recipient|address|account)|does ?n[o']t exist|(?:over|exceed\w{0,3}) (?:\S{1,20} ){0,2}(?:quota|storage|limit)"
    r"|message (?:was )?(?:rejected|refused|blocked|returned)|returned (?:to|mail|message)|the following (?:address|recipient|message|error)|rejected|nicht (?:zugestellt|zustellbar)"
    r"|送信できませんでした|配信できません|お届けできません|宛先不明|存在しません|has been postponed|kan niet worden (?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres|nie można (?:było )?dostarczyć|nelze doručit|iletilemedi"
    r"|no (?:se|fue|pudo) (?:ha )?(?:podido )?entreg|n'a pas pu|konnte nicht|could not be found|loop detected|too many hops|timed? ?out|not accepted|refused|bounced",
    re.IGNORECASE,
)
DELAY = re.compile(
    r"has been postponed|we will continue to try|(?:will|to) (?:be retried|keep trying|continue (?:to try|trying)|retry|try again)|still (?:being )?(?:trying|tried|retr|in the queue|attempting)|warning(?: message)? only|delivery (?:is |has been |status notification )?\(?delay"
    r"|(?:not|n't) (?:yet )?been delivered (?:yet|after|within)|has been delayed|not yet been delivered|do not need to resend|will be (?:re)?(?:tried|attempted)|wird weiter versucht|delivery delayed|message delayed",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"click (?:on )?(?:the|this) link .{0,60}(?:deliver|approve|confirm|verif)|prove (?:that )?you|approved senders?|boxbe|waiting list",
    re.IGNORECASE,
)


def parts_of(mail: Message) -> Iterator[tuple[Message, int]]:
    """Every part with its depth, without recursion, at most PARTS of them and DEPTH deep."""
    waiting = [(mail, 0)]
    seen = 0
    while waiting and seen < PARTS:
        part, depth = waiting.pop(0)
        seen += 1
        yield part, depth
        inner = part.get_payload()
        if isinstance(inner, list) and depth < DEPTH:
            waiting[:0] = [(child, depth + 1) for child in inner if isinstance(child, Message)]


def is_too_complex(mail: Message) -> bool:
    """Whether parts_of leaves something unread."""
    for seen, (part, depth) in enumerate(parts_of(mail), start=1):
        if seen >= PARTS or (depth >= DEPTH and part.is_multipart()):
            return True
    return False


def ids_in(value: str, *, most: int = 200) -> tuple[str, ...]:
    """The Message-IDs in a header value, without brackets, each once (RFC 5322 section 3.6.4, strict and bounded)."""
    value = value[:16_384]
    found = [item for item in ID.findall(value) if len(item) <= 255]
    bare = value.strip()
    if not found and len(bare) <= 255 and BARE_ID.fullmatch(bare):
        found = [bare]
    return tuple(dict.fromkeys(found))[:most]


def plain(value: object, most: int = 1000) -> str:
    """A raw header value as one safe line: whitespace folded, control characters gone, cut."""
    text = str(value)[: most * 4].encode("utf-8", "replace").decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:most]


def field_of(part: Message, name: str, most: int = 1000) -> str:
    """The first value of a header field, as text."""
    wanted = name.lower()
    return next((plain(value, most) for key, value in part.raw_items() if key.lower() == wanted), "")


SIGNS = b"delivery-status", b"feedback-report", b"x-hmxmroriginalrecipient", b"complaint", b"base64"
"""One of these stands in the bytes of every report whose envelope does not look like one; what is in base64 can't be seen."""


def may_report(raw: bytes, headers: Mapping[str, tuple[str, ...]], sender: str, sender_name: str, subject: str) -> bool:
    """Whether a mail may hold a report at all, told without taking it apart: False is certain, True is not."""
    plainly = raw.lower().replace(b"=\r\n", b"")  # a line break that is none (RFC 2045 section 6.7)
    return (
        any(sign in plainly for sign in SIGNS) or _gate(headers, sender, sender_name, subject) or sender in FEEDBACK_LOOPS
        or bool(COMPLAINT_SUBJECT.match(subject))
    )  # fmt: skip


# -- the machine parts ---------------------------------------------------------------------------


def read_report(
    mail: Message, headers: Mapping[str, tuple[str, ...]], sender: str, sender_name: str, subject: str, text: str
) -> DeliveryReport | None:
    """The delivery report in a mail: the RFC 3464 part, or the failure that its text tells of; None where there is none."""
    ids = original_ids(mail, text)
    for part, _ in parts_of(mail):
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            found = _from_status_part(part, ids, text)
            if found is not None:
                return found
    if not _gate(headers, sender, sender_name, subject):
        return None
    return _from_text(mail, headers, sender, subject, text, ids)


def _from_status_part(part: Message, ids: tuple[str, ...], text: str) -> DeliveryReport | None:
    """The worst recipient of a delivery-status part (RFC 3464 section 2.3)."""
    blocks = _blocks(part)
    reports = [_recipient_block(block, ids, text) for block in blocks[:RECIPIENTS] if block]
    named = [report for report in reports if report is not None]
    order = ("failed", "delayed", "", "expanded", "relayed", "delivered")
    return min(named, key=lambda report: order.index(report.action) if report.action in order else 2, default=None)


def _blocks(part: Message) -> list[dict[str, str]]:
    """The groups of fields in the part. Some systems leave the part as text, or put everything into one group."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return [{key.lower(): plain(value) for key, value in block.raw_items()} for block in inner if isinstance(block, Message)]
    groups: list[dict[str, str]] = [{}]
    for line in str(inner)[:TEXT].splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            groups.append({})
        elif colon:
            groups[-1].setdefault(name.strip().lower(), plain(value))
    return groups


def _recipient_block(block: Mapping[str, str], ids: tuple[str, ...], text: str) -> DeliveryReport | None:
    """One recipient's group of fields, or None for the group about the whole message."""
    final, original = block.get("final-recipient", ""), block.get("original-recipient", "")
    if not (final or original or "action" in block or "status" in block):
        return None
    diagnostic = block.get("diagnostic-code", "") or block.get("x-actual-recipient", "")
    status = STATUS.search(block.get("status", "")) or STATUS.search(diagnostic)
    said = block.get("action", "").split(" ")[0].strip("();,").lower()
    if said not in ("failed", "delayed", "delivered", "relayed", "expanded"):
        said = "delayed" if status and status[1].startswith("4") else "failed"
    inside = STATUS.search(diagnostic)
    if status and inside and status[1].endswith(".0.0") and inside[1][0] == status[1][0]:
        status = inside  # a specific code beats "other or undefined" (RFC 3463 section 3.1)
    return DeliveryReport(
        recipient=_address(final) or _address(original),
        action=said,
        status=status[1] if status else "",
        diagnostic=diagnostic or plain(_failure_line(text), 400),
        original_ids=ids,
        original=_address(original),
    )


def _address(value: str) -> str:
    """The address in "rfc822; name@host", in lower case."""
    found = ADDRESS.search(value.rpartition(";")[2])
    return found[1].lower() if found else ""


def original_ids(mail: Message, text: str) -> tuple[str, ...]:
    """Every Message-ID under which the returned mail may be known: our own mark first, then its id, then its thread."""
    found: list[str] = []
    for part, depth in parts_of(mail):
        if depth and part.get_content_type() in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            for returned in inner if isinstance(inner, list) else []:
                found.extend(_ids_of_fields(returned.raw_items()) if isinstance(returned, Message) else [])
        elif depth and part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            found.extend(_ids_of_text(_body(part)))
    found.extend(_ids_of_text(text))
    return tuple(dict.fromkeys(found))[:50]


def _ids_of_fields(fields: Iterable[tuple[str, object]]) -> list[str]:
    by_name: dict[str, str] = {}
    for key, value in fields:
        by_name.setdefault(key.lower(), plain(value, 16_000))
    return [
        found
        for name in ("x-followupd-touch", "message-id", "in-reply-to", "references")
        for found in ids_in(by_name.get(name, ""))
    ]


def _ids_of_text(text: str) -> list[str]:
    """Ids in copied header lines: "Message-ID: <...>", folded or not."""
    fields: list[tuple[str, str]] = []
    for line in text[: TEXT * 2].splitlines():
        stripped = line.lstrip("> \t")
        name, colon, value = stripped.partition(":")
        if colon and name.strip().lower() in ("x-followupd-touch", "message-id", "in-reply-to", "references"):
            fields.append((name.strip(), value))
        elif fields and line[:1] in " \t" and "<" in line:
            fields[-1] = (fields[-1][0], fields[-1][1] + " " + stripped)
    return _ids_of_fields(fields)


def _body(part: Message) -> str:
    """The payload of a small text part; never raises."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n".join(
            f"{key}: {value}" for block in payload[:3] if isinstance(block, Message) for key, value in block.raw_items()
        )[: TEXT * 2]
    return _payload(part)[: TEXT * 2].decode("utf-8", "replace")


def _payload(part: Message) -> bytes:
    """The bytes of a part, its transfer encoding undone; none of a part that is made of parts."""
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""


# -- failures told in free text ------------------------------------------------------------------


def _gate(headers: Mapping[str, tuple[str, ...]], sender: str, sender_name: str, subject: str) -> bool:
    """Whether the envelope looks like a mail system's: people also write about mails that did not arrive."""
    return bool(
        "<>" in headers.get("return-path", ())
        or DAEMON.match(sender.partition("@")[0])
        or DAEMON_NAME.search(sender_name)
        or headers.get("x-failed-recipients")
        or any(value.lower().startswith("multipart/report") for value in headers.get("content-type", ()))
        or _says_so(subject)
    )


ANSWER = re.compile(r"^\s*(?:re|aw|antw|sv|vs|odp|r|rif|res)\s?(?:\[\d+\])?\s?:", re.IGNORECASE)


def _says_so(subject: str) -> bool:
    """Whether a subject is that of a report. Answers are people's, whatever they talk about."""
    return bool(SUBJECT.search(subject)) and not ANSWER.match(subject)


def _from_text(
    mail: Message, headers: Mapping[str, tuple[str, ...]], sender: str, subject: str, text: str, ids: tuple[str, ...]
) -> DeliveryReport | None:
    """A report out of the words of a mail that passed the gate."""
    text = _before_copy(text[:TEXT])
    named = headers.get("x-failed-recipients", ("",))[0]
    is_daemon = bool(DAEMON.match(sender.partition("@")[0])) or "<>" in headers.get("return-path", ())
    says_so = _says_so(subject)
    failure = _failure_line(text)
    is_report = any(
        value.lower().startswith("multipart/report") and "disposition" not in value.lower()
        for value in headers.get("content-type", ())
    )
    proofs = sum((bool(named) * 2, says_so, is_daemon, bool(failure), bool(STATUS.search(text)), is_report))
    by_people = headers.get("list-id") and not (is_daemon or named or is_report)
    enough = 3 if by_people else 2  # on a list, people talk about mail that failed
    if not (failure or named or says_so) or proofs < enough or (CHALLENGE.search(text) and not says_so):
        return None
    status = STATUS.search(failure) or STATUS.search(text)
    return DeliveryReport(
        recipient=_address(named) or _failed_address(mail, text, sender),
        action="delayed" if DELAY.search(subject) or DELAY.search(text) else "failed",
        status=status[1] if status else "",
        diagnostic=plain(failure or subject, 400),
        original_ids=ids,
    )


def _before_copy(text: str) -> str:
    """The report's own words, without the copy of the mail that it returns."""
    found = COPY.search(text)
    return text[: found.start()] if found and found.start() > 40 else text


COPY = re.compile(
    r"^[ \t>]{0,4}-{2,}.{0,20}(?:original|returned|this is a copy|below this line is a copy|the header|message header|unsent|begin|copy of|your message|ursprüngliche).{0,60}$|^(?:Received: from |Return-Path: <)",
    re.IGNORECASE | re.MULTILINE,
)


def _failure_line(text: str) -> str:
    """The lines that say what went wrong, at most four: those with a code first, then those with failure words."""
    lines = [" ".join(line.split())[:250] for line in text[:TEXT].splitlines()[:200] if line.strip()]
    coded = [line for line in lines if STATUS.search(line) or CODE.search(line)]
    worded = [line for line in lines if FAILURE.search(line) and line not in coded]
    return " / ".join((coded[:3] + worded)[:4])


def _failed_address(mail: Message, text: str, sender: str) -> str:
    """The address that failed: as a known report form says, else the first foreign one in the report's own words."""
    ours = {found.lower() for name in ("to", "delivered-to") for found in ADDRESS.findall(field_of(mail, name))}
    for found in _known_forms(mail):
        if found not in ours:
            return found
    for match in ADDRESS.finditer(text):
        found = match[1].lower()
        if found != sender and found not in ours and not DAEMON.match(found.partition("@")[0]):
            return found
    return ""


KNOWN_LINES, KNOWN_LINE = 5_000, 998
"""Lines of a report that the second reader is given, and bytes of one (RFC 5322 section 2.1.1); more is no report."""


def _known_forms(mail: Message) -> list[str]:
    """What flufl.bounce reads. It raises on odd mails, and nothing it raises may reach us."""
    lines = [line for part, _ in parts_of(mail) for line in _payload(part).splitlines()]
    if len(lines) > KNOWN_LINES or any(len(line) > KNOWN_LINE for line in lines):
        return []  # its patterns are tried on each line, and take their time on a long one
    try:
        from flufl.bounce import all_failures  # slow to import, rarely needed

        temporary, permanent = all_failures(mail)
    except Exception:  # noqa: BLE001 - a second opinion only
        return []
    found = [item.decode("ascii", "replace").lower() for item in (*permanent, *temporary)]
    return sorted(item for item in found if ADDRESS.fullmatch(item))


# -- complaints ----------------------------------------------------------------------------------

NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dkim", "dmarc"})


FEEDBACK_LOOPS = frozenset({"staff@hotmail.com", "scomp@aol.net", "feedbackloop@comcast.net", "feedback@arf.mail.yahoo.com"})
"""Who sends complaints that have no machine part: Microsoft's junk mail reporting, and others before RFC 5965."""
COMPLAINT_SUBJECT = re.compile(
    r"^(?:complaint about (?:message|email|mail) from |(?:fwd?: ?)?email feedback report for ip|abuse (?:report|complaint):? )",
    re.IGNORECASE,
)
SES_COMPLAINT = re.compile(r"^\s*\{.{0,400}?notificationType\W{1,12}Complaint\b", re.DOTALL)


def read_complaint(mail: Message, sender: str, subject: str, text: str) -> DeliveryReport | None:
    """A complaint as a report with the word `complaint`; None for any other mail.

    That is an abuse report (RFC 5965), or what feedback loops without that part send: Microsoft's names the recipient in a field of
    its own, Amazon's is a JSON notice.
    """
    for part, _ in parts_of(mail):
        if part.get_content_type() != "message/feedback-report":
            continue
        fields = {key: value for block in _blocks(part) for key, value in block.items()}
        said = fields.get("feedback-type", "abuse").lower()
        if said in NO_COMPLAINT:
            return None
        address = _address(fields.get("original-rcpt-to", "")) or _address(fields.get("removal-recipient", ""))
        return _complaint(mail, text, address, f"feedback-type {said}")
    named = _address(field_of(mail, "x-hmxmroriginalrecipient"))
    if named or sender in FEEDBACK_LOOPS or COMPLAINT_SUBJECT.match(subject) or SES_COMPLAINT.match(text):
        address = named or next((found.lower() for found in ADDRESS.findall(text[:TEXT]) if SES_COMPLAINT.match(text)), "")
        return _complaint(mail, text, address, f"a complaint of a feedback loop: {subject}")
    return None


def _complaint(mail: Message, text: str, address: str, said: str) -> DeliveryReport:
    return DeliveryReport(
        recipient=address, action="complaint", status="", diagnostic=plain(said, 400), original_ids=original_ids(mail, text)
    )
