"""What machines write: delivery reports, complaints, calendar answers, absence notices, receipts.

Decides from headers and machine parts first and from words second. A header that only asks for no automatic answer, or
that mailing lists add, proves nothing (RFC 3834 section 5; a human mail carries them too). A person's own words never
become `auto_reply`: without proof of a machine only an absence is read from words.
"""

from __future__ import annotations

import re
from dataclasses import replace

from followupd.core.model import DeliveryReport, Inbound, Reading, ReplyKind
from followupd.core.replies import words as w
from followupd.core.replies.dates import resume_date
from followupd.core.replies.letter import Letter
from followupd.core.replies.verdict import named_person, reading

GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
GONE_WORDS = w.Phrases(
    r"user (?:is )?unknown|unknown (?:user|recipient|local part|mailbox|account|address)|no such (?:domain|host|user|person|recipient|mailbox|account|address|local user|name here|email)"
    r"|(?:user|recipient|mailbox|account|address|mail address|e-?mail account|email address)(?: \S{1,80})? (?:does ?n[o']t exist|does not (?:seem to )?exist|not found|is (?:unknown|invalid|disabled|not valid|inactive|not known|not a valid|no longer)|unknown|is not recogni[sz]ed|not known|invalid|cannot be found|couldn't be found)"
    r"|(?:was|were|could) ?n[o']t (?:be )?found (?:at|by|in|on)|invalid (?:recipient|mailbox|user|address)|not (?:a valid|listed in|our customer)|recipient ?not ?found|bad destination (?:mailbox|host)|(?:has been|is) (?:disabled|deactivated|closed|discontinued)|mailbox (?:unavailable|disabled)\W+user|host (?:unknown|\S{1,80} not found|not found)|dns lookup failure|unrouteable address|domain (?:does not exist|not found)"
    r"|recipient name is not recogni[sz]ed|not listed in (?:the )?(?:domino|public|name)|no mx (?:record )?(?:found|for)|find a mail exchanger|indicated no smtp service|null mx|domain is not reachable"
    r"|550\W.{0,40}mailbox unavailable|address rejected\.?\s*$|address (?:not found|couldn't be found|is wrong)|(?:wrong|incorrect) or no longer valid|invalid final delivery|did not (?:exactly )?match an|no match(?:es)? (?:to|for|in)"
    r"|not a (?:known|valid|local) (?:user|mailbox|recipient|address)|no (?:valid )?recipients?\b.{0,20}(?:here|found)|has left (?:the )?(?:company|organi[sz]ation)|konto .{0,20}(?:existiert|gibt es) nicht|mailbox nicht gefunden|unbekannter (?:empfänger|benutzer)"
    r"|no mailbox (?:here )?by that name|addressee unknown|isn't valid|user doesn't have|adress(?:e|at) (?:ist )?(?:unbekannt|existiert nicht)|empfänger .{0,20}(?:unbekannt|existiert nicht)|destinataire inconnu|adresse .{0,20}n'existe pas|usuario desconocido|no existe|宛先不明|存在しません|見つかりません|utente sconosciuto|onbekende gebruiker|usuário desconhecido",
    re.IGNORECASE,
)
BLOCKED_WORDS = w.Phrases(
    r"\bspam|block(?:ed|list)|blacklist|\bpolic(?:y|ies)|reputation|\bdmarc|\bspf\b|\bdkim|unauthenticated|not authenticated|authentication|reverse dns|\bptr\b|\brdns|\brbl\b|dnsbl|spamhaus|barracuda|proofpoint|cloudmark|sender (?:rejected|denied|not allowed|verify|address rejected|blocked)|not (?:permitted|allowed|authorized|authorised) to|access denied|relay(?:ing)? (?:access )?denied|unable to relay"
    r"|rate ?limit|too many (?:messages|connections|recipients|emails|mails)|throttl|suspicious|unsolicited|content (?:rejected|filter)|virus|malware|phish|banned|listed (?:at|in|by|on)|restricted|refused (?:by|due)|(?:message|mail) (?:was )?(?:rejected|refused) (?:due|because|by)|rejected (?:by|for) (?:policy|content|spam)|bulk mail|greylist(?:ed)? permanently|poor reputation|client host",
    re.IGNORECASE,
)
ABOUT_US = w.Phrases(r"sender|open relay|from address", re.IGNORECASE)
SOFT_WORDS = w.Phrases(
    r"at a rate|rate that|(?:mailbox|inbox|quota|storage|account|disk) .{0,20}(?:is )?(?:full|exceed\w*|over)|over ?(?:quota|limit)|(?:exceed\w*|insufficient|out of|over) .{0,20}(?:quota|storage|space|limit|size)|too (?:large|big)|temporar|try again|timed? ?out|time-?out|connection (?:refused|lost|reset|dropped)|retry|delay|loop|too many hops|suspended|network|expired|unreachable|not responding",
    re.IGNORECASE,
)


def complaint(letter: Letter) -> Reading | None:
    """An abuse report (RFC 5965)."""
    if not letter.mail.complaint:
        return None
    said = letter.mail.report.diagnostic if letter.mail.report else "an abuse report"
    return reading(ReplyKind.COMPLAINT, 0.99, said or "an abuse report")


def delivery_report(letter: Letter) -> Reading | None:
    """A delivery report: the address is gone, or this time it failed, or we are refused."""
    report = letter.mail.report
    if report is None or letter.mail.complaint:
        return None
    if report.action in ("delivered", "relayed", "expanded"):
        return reading(ReplyKind.AUTO_REPLY, 0.95, f"delivery report: {report.action}")
    said = " ".join(f"{report.action} {report.status} {report.diagnostic}".split())
    return reading(_failure_kind(report, f"{letter.mail.typed}\n{letter.mail.quoted}"), 0.95 if report.status else 0.8, said)


def _failure_kind(report: DeliveryReport, text: str) -> ReplyKind:
    """Only the codes and words that say "there is no such address" make a hard bounce (RFC 3463 section 3).

    What the server said decides; where that says nothing, the text around it.
    """
    said, status = report.diagnostic, report.status
    gone, blocked, soft = _causes(said)
    if not (gone or blocked or soft):
        gone, blocked, soft = _causes(COPY.split(text[:AROUND], maxsplit=1)[0])
    if gone and ABOUT_US.search(said) and status not in GONE:
        gone, blocked = False, True  # it is our own domain or host that they do not know
    if report.action == "delayed" or status.startswith("4"):
        return ReplyKind.BOUNCE_SOFT
    if gone and (said.startswith("x-unix;") or FULL.search(text[:AROUND])):
        return ReplyKind.BOUNCE_SOFT  # a delivery program's own trouble, or a full mailbox behind a code that says otherwise
    if status == "5.2.1" and UNKNOWN.search(said) and AT_RCPT.search(text[:AROUND]):
        return ReplyKind.BOUNCE_HARD  # some servers say "disabled" for addresses that they do not know
    if status.startswith("5.2"):  # the mailbox is there: full, disabled, or picky
        return ReplyKind.BOUNCE_BLOCKED if blocked and not (gone or soft) else ReplyKind.BOUNCE_SOFT
    if status.startswith("5.7"):
        return ReplyKind.BOUNCE_HARD if gone and not blocked else ReplyKind.BOUNCE_BLOCKED
    if status in GONE:
        return (
            ReplyKind.BOUNCE_BLOCKED
            if blocked and not gone
            else ReplyKind.BOUNCE_SOFT
            if soft and not gone
            else ReplyKind.BOUNCE_HARD
        )
    if gone and not soft:  # refused with the whole mail in hand: a filter behind an address that is there
        return ReplyKind.BOUNCE_SOFT if _after_data(f"{said}\n{text[:AROUND]}") else ReplyKind.BOUNCE_HARD
    return ReplyKind.BOUNCE_BLOCKED if blocked and not soft else ReplyKind.BOUNCE_SOFT


AROUND = 4_000
"""Characters of a report in which a cause is looked for."""
FULL = re.compile(r"mailbox is full|not enough disk space|over (?:its )?quota|quota exceeded", re.IGNORECASE)
COPY = re.compile(
    r"^[ \t>-]{0,8}(?:original message|this is a copy|below (?:this line )?is a copy|here is a copy|message headers? follow|old message)",
    re.IGNORECASE | re.MULTILINE,
)


AFTER_DATA = re.compile(r"(?:after|in reply to) (?:the )?end of\s+data|>>> DATA\b", re.IGNORECASE)
AT_RCPT = re.compile(r"(?:in reply to |>>> |\[)RCPT[ _]TO|<<< (?:503|554 5\.5\.0|554 .{0,40}no valid)", re.IGNORECASE)
UNKNOWN = re.compile(r"unknown user|user unknown|no such user", re.IGNORECASE)


def _after_data(text: str) -> bool:
    """Whether the transcript shows a refusal after DATA; servers that pipeline show DATA after a refused RCPT as well (RFC 2920)."""
    return bool(AFTER_DATA.search(text)) and not AT_RCPT.search(text)


def _causes(said: str) -> tuple[bool, bool, bool]:
    """Whether words say that the address is gone, that we are refused, that it may work another time."""
    gone, blocked, soft = (bool(pattern.search(said)) for pattern in (GONE_WORDS, BLOCKED_WORDS, SOFT_WORDS))
    return gone, blocked, soft


def calendar(letter: Letter) -> Reading | None:
    """An answer to an invitation is an event, not a guess. Only an acceptance commits (RFC 5546 section 3.2.3)."""
    method = letter.mail.calendar
    if not method:
        return None
    if method == "REPLY ACCEPTED":
        return reading(ReplyKind.YES, 0.9, f"calendar: {method}")
    return reading(ReplyKind.ENGAGED, 0.8, f"calendar: {method}")


# -- automatic mail ------------------------------------------------------------------------------

AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-mail-autoreply",
    "x-autogenerated",
    "x-auto-reply",
    "x-autoresponse",
    "x-amazon-auto-reply",
)


def automatic(letter: Letter) -> Reading | None:
    """Automatic mail: somebody left, is away, or a machine answered. A mail program that opts out at a person's word speaks for them."""
    if letter.mail.headers.get("x-apple-unsubscribe"):
        return reading(ReplyKind.UNSUBSCRIBE, 0.99, letter.own or "X-Apple-Unsubscribe")
    proof = _proof(letter)
    if not proof:
        return None
    text = w.plain_words(f"{letter.mail.subject}\n{letter.own}")
    if (left := w.LEFT.search(text)) and not _comes_back(text):
        return reading(ReplyKind.REFERRAL, 0.85, left[0], person=named_person(letter.own, letter.mail.sender))
    if away := w.ABSENCE.search(text):
        return reading(ReplyKind.OUT_OF_OFFICE, 0.95, away[0], resume=resume_date(letter.own, letter.written, prefers_end=True))
    if w.AUTO_SUBJECT.match(letter.mail.subject) and not w.AUTO_WORDS.search(text):
        resume = resume_date(letter.own, letter.written, prefers_end=True)
        if resume is not None:
            return reading(ReplyKind.OUT_OF_OFFICE, 0.8, letter.mail.subject, resume=resume)
    return reading(ReplyKind.AUTO_REPLY, 0.9, proof)


def declared(letter: Letter) -> Reading | None:
    """Automatic mail of which a header, and not only words, says that a machine wrote it."""
    bare = replace(letter, own="", words="", mail=replace(letter.mail, signature="", subject=""))
    return automatic(letter) if letter.mail.headers and _proof(bare) else None


def _comes_back(text: str) -> bool:
    """A stand-in during an absence is no hand-over for good."""
    return (
        bool(re.search(r"\b(?:back|return\w*|wieder|zurück|de retour|vuelvo|rientr\w+|terug|volto)\b.{0,60}\d", text))
        and "no longer" not in text
    )


def _proof(letter: Letter) -> str:
    """The header, or the words, that show a machine; nothing where a person may have written."""
    headers = letter.mail.headers
    for value in headers.get("auto-submitted", ()):
        said = re.split(r"[;\s(]", value.strip().lower(), maxsplit=1)[0]
        if said.startswith("auto-") and said != "auto-forwarded":
            return f"Auto-Submitted: {value}"
    for name in AUTO_HEADERS:
        if any(value.lower() not in ("no", "false", "") for value in headers.get(name, ())):
            return f"{name}: {headers[name][0]}"
    kind = " ".join(headers.get("content-type", ())).lower()
    if "disposition-notification" in kind:
        return "a read receipt"
    if kind.startswith("multipart/report"):
        return "a machine's report"
    return _proof_of_signs(letter)


def _proof_of_signs(letter: Letter) -> str:
    """Weaker signs: two of them together, or one and words to match, or words that call themselves automatic."""
    headers, subject = letter.mail.headers, letter.mail.subject
    text = w.plain_words(f"{letter.own}\n{letter.mail.signature[:500]}")
    precedence = " ".join(headers.get("precedence", ())).lower()
    if "auto_reply" in precedence or "auto-reply" in precedence:
        return f"Precedence: {precedence}"
    signs = [
        f"Precedence: {precedence}" if precedence in ("bulk", "junk") and not headers.get("list-id") else "",
        "empty return path" if "<>" in headers.get("return-path", ()) else "",
        f"Subject: {subject}" if w.AUTO_SUBJECT.match(subject) or w.RECEIPT_SUBJECT.match(subject) else "",
    ]
    given = [sign for sign in signs if sign]
    words = w.AUTO_WORDS.search(text) or w.ABSENCE.search(text) or w.LEFT.search(text)
    if len(given) >= 2 or (given and words):
        return ", ".join(given)
    declared = w.SELF_DECLARED.search(text)
    if declared and not PERSON.search(text):
        return declared[0]
    if headers.get("list-unsubscribe") and not letter.mail.references and NEWSLETTER.search(text):
        return "a newsletter"
    return ""


PERSON = w.Phrases(r"\b(?:your|this was your|got (?:an?|your)|ihre|votre|su) auto\w*|\?")
NEWSLETTER = w.Phrases(
    r"view (?:this )?(?:email )?in (?:your )?browser|newsletter|update your preferences|manage (?:your )?(?:preferences|subscription)|im browser (?:ansehen|anzeigen)|voir dans (?:votre|le) navigateur|unsubscribe"
)


def typed_absence(letter: Letter) -> Reading | None:
    """A person who types "I am away until 6 May" and nothing that answers us."""
    if letter.count > 80 or "?" in letter.own:
        return None
    away = w.ABSENCE.search(letter.words)
    if not away or w.NOT_ABSENT.search(letter.words) or w.CONTRAST.search(letter.words):
        return None
    if any(table.search(letter.words) for table in (w.UNSUBSCRIBE, w.YES, w.NO, w.HANDS_OVER)):
        return None
    resume = resume_date(letter.own, letter.written, prefers_end=True)
    if resume is None and not STRONG_ABSENCE.search(letter.words):
        return None
    return reading(ReplyKind.OUT_OF_OFFICE, 0.75, away[0], resume=resume)


STRONG_ABSENCE = w.Phrases(
    r"\b(?:i am|we are|he is|she is) (?:currently |now )?(?:out of (?:the )?office|on (?:annual |parental |sick |maternity )?leave|on (?:holiday|vacation))|nicht im büro|im urlaub|en congés?|de vacaciones|in ferie|op vakantie|met vakantie|de férias"
)


def unreadable(mail: Inbound) -> Reading | None:
    """A mail that could not be read is for a human."""
    return reading(ReplyKind.UNCLEAR, 0.0, mail.problem) if mail.problem else None
