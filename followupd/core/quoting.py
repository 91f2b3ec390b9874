"""What a writer typed, what the mail quotes, and what is signature.

Decides line by line, in linear time, which of three piles a line of a mail's text belongs to. It never drops a
line and never judges what the words mean. Text that stands between or below quoted lines is the writer's own
(RFC 3676 section 4.5 names the quote mark, section 4.3 the signature mark). Where a mail carries an unmarked copy of
the older mail, everything from its opening line on is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINE = 500  # characters; longer lines are broken, never dropped
LINES = 3000
REACH = 3  # lines over which an attribution may be wrapped

TYPED, QUOTED, SIGNATURE = "t", "q", "s"


@dataclass(frozen=True, slots=True)
class Parts:
    """The three piles, each in the order of the mail."""

    typed: str
    quoted: str
    signature: str
    inline: str = (
        ""  # the typed lines, with the numbered ones of the quoted between which they stand; empty where they stand below none
    )


def split(text: str) -> Parts:
    """Sort the lines of a mail's text into typed, quoted and signature."""
    lines = _lines(text)
    marks = _mark_quotes(lines)
    _mark_armour(lines, marks)
    for start, end in _runs(marks):
        _mark_signature(lines, marks, start, end)
    _unmark_rules(lines, marks)
    typed, quoted, signature = (_pile(lines, marks, kind) for kind in (TYPED, QUOTED, SIGNATURE))
    return Parts(typed, quoted, signature, _inline(lines, marks))


def _lines(text: str) -> list[str]:
    """Whole lines of at most LINE characters, at most LINES of them."""
    found: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n", LINES)[:LINES]:
        found.extend(line[at : at + LINE].rstrip() for at in range(0, max(len(line), 1), LINE))
        if len(found) >= LINES:
            break
    return found[:LINES]


def _pile(lines: list[str], marks: list[str], kind: str) -> str:
    """The lines of one pile, blank lines at its ends taken off."""
    return "\n".join(line for line, mark in zip(lines, marks, strict=True) if mark == kind).strip("\n")


NUMBERED = re.compile(r"^[>\s*•]{0,40}\d{1,3}\s?[.)]\s")


def _inline(lines: list[str], marks: list[str]) -> str:
    """What was typed between the numbered lines of a quoted mail, in its place there."""
    kept: list[str] = []
    below = answers = False
    for line, mark in zip(lines, marks, strict=True):
        if mark == TYPED:
            kept.append(line)
            answers = answers or (below and bool(line.strip()))
        elif mark == QUOTED and NUMBERED.match(line):
            kept.append("> " + line.lstrip("> "))
            below = True
    return "\n".join(kept).strip("\n") if answers else ""


# -- quotes --------------------------------------------------------------------------------------

QUOTE = re.compile(r"^\s{0,40}(?:[A-Z]{0,3}>|&gt;)")
DASHED = re.compile(
    r"^\s{0,8}-{2,}\s{0,3}([^-\s].{6,298}[^-\s])\s{0,3}-{2,}\s*$"
)  # Zoho: "---- On Wed, 24 Feb 2021 Dana wrote ----"
WRAPPED_END = re.compile(r"^\s{0,4}>\s?[\w ]{0,20}[:：]$")  # the ">:" of an address that was wrapped
WROTE = re.compile(
    r"(?<!\w)(?:wrote|writes|schrieb|schreibt|a écrit|écrivait|escribi[óo]|escribe|ha scritto|scriveva|schreef|escreveu|skrev|skrifaði"
    r"|napisał[ao]?|napisała|pisze|написала?|пише[т]?|написав|napsala?|napísala?|kirjoitti|yazd[ıi]|ha escrit|a scris|írta|έγραψε"
    r"|napisao|je pisal|rašė|kirjutas|menulis|đã viết|geschrieben|geschreven|napisana przez|quoting|zitat von|citando|citazione)(?!\w)"
    r"|写道|寫道|작성|のメール",
    re.IGNORECASE,
)
CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.h][0-5]\d(?!\d)")
WROTE_LAST = re.compile(
    r"(?:wrote|writes|escribi[óo]|a écrit|ha scritto|escreveu|kirjoitti|yazd[ıi]|写道|寫道)\s*$", re.IGNORECASE
)
STAMPED = re.compile(
    r"^\s{0,4}(?:\d{4}[-/]\d{2}[-/]\d{2},? \d{1,2}:\d{2}(?::\d{2})? (?:(?:GMT|UTC) ?)?[+-]\d{2}:?(?:\d{2})? [^.!?]{2,80}"  # old Gmail
    r"|[^\W\d_][^.!?]{1,60}?-{2,3}\d{1,2}[./]\d{1,2}[./]\d{2,4} \d{1,2}:\d{2}.{0,80}-{2,3}.{0,200})$"  # Notes
)
OPENS = re.compile(
    r"^\s{0,8}(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu|pe|på|kl|vào|a|la|στις|mon|tue|wed|thu|fri|sat|sun|\d)",
    re.IGNORECASE,
)
NAMED_WITHIN = 170
"""Characters before the @ of an address with which a line may name a writer."""
SEPARATOR = re.compile(
    r"^\s{0,8}[-_=*]{2,}\s?(?:"
    r"original (?:message|appointment|email)|forwarded (?:message|by.{0,80})|urspr(?:ü|ue)ngliche (?:nachricht|e-?mail)|weitergeleitete nachricht"
    r"|message (?:d['’]origine|original|transf[ée]r[ée]|initial)|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)"
    r"|oorspronkelijk(?:e?) bericht|doorgestuurd bericht|mensagem (?:original|encaminhada)|reply message|originalmeddelande|ursprungligt meddelande"
    r"|oprindelig meddelelse|opprinnelig melding|wiadomość oryginalna|wiadomość przekazana|původní zpráva|исходное сообщение|пересылаемое сообщение"
    r"|alkuperäinen viesti|original ileti|原始邮件|邮件原件|元のメッセージ|転送メッセージ|original mensaje)\s?[-_=*]{0,}",
    re.IGNORECASE,
)
RULE = re.compile(r"^\s{0,4}[_\-=]{10,}\s*$")
FORWARD = re.compile(
    r"^\W{0,12}(?:(?:please )?(?:type|write|enter) your reply above|reply above|please reply above|bitte (?:oberhalb|über) dieser|répondez? au-dessus de|responda (?:por )?encima)(?: of)?\b.{0,30}\W{0,12}$"
    r"|^\s{0,4}(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:réexpédié|transféré))\s?:",
    re.IGNORECASE,
)
HEADER = re.compile(r"^[\s>*_]{0,10}([^\W\d_][\w .'/-]{0,24}?)[*_]{0,2}\s{0,2}[:：][*_]{0,2}(?:\s|$|\S+@)")

FROM_KEYS = frozenset(
    "from von de da van od från fra от feladó lähettäjä kimden gönderen expéditeur remitente mittente afzender absender 差出人 发件人 寄件者 보낸사람".split()
    + ["保낸 사람", "보낸 사람"]
)
OTHER_KEYS = frozenset(
    "sent to cc subject date reply-to gesendet an betreff datum envoyé à a objet date para asunto fecha enviado inviato oggetto data"
    " verzonden aan onderwerp enviada assunto wysłano do temat skickat till ämne sendt til emne dato отправлено кому тема дата"
    " lähetetty vastaanottaja aihe päivämäärä odesláno komu předmět kime konu tarih gönderildi elküldve címzett tárgy"
    " 件名 宛先 送信日時 日時 日付 发送时间 收件人 主题 日期 寄件日期 收件者 主旨".split()
    + ["enviado el", "enviado em", "enviada em", "date d'envoi", "sent at", "sent on", "data wysłania", "reply to", "répondre à"]
)


def _mark_quotes(lines: list[str]) -> list[str]:
    """Mark each line typed or quoted."""
    marks = [TYPED] * len(lines)
    at = 0
    while at < len(lines):
        if _is_quote(lines[at]):
            marks[at] = QUOTED
            at += 1
            continue
        end = _opening(lines, at)
        if end == at:
            at += 1
            continue
        marked = _next_is_quote(lines, end)
        stop = end if marked else len(lines)
        marks[at:stop] = [QUOTED] * (stop - at)
        at = stop
    return marks


ARMOUR = re.compile(r"^-----BEGIN PGP (SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")
ARMOUR_ENDS = re.compile(r"^-----END PGP |^-----BEGIN PGP SIGNATURE-----")


def _mark_armour(lines: list[str], marks: list[str]) -> None:
    """What OpenPGP wraps around a text is signature: the head of a signed one to its blank line, keys and signatures (RFC 9580 section 6)."""
    at = 0
    while at < len(lines):
        found = ARMOUR.match(lines[at])
        end = at + 1
        if found:
            signed = found[1] == "SIGNED MESSAGE"
            while end < len(lines) and (lines[end].strip() if signed else not ARMOUR_ENDS.match(lines[end])):
                end += 1
            end = end if signed else min(end + 1, len(lines))
            marks[at:end] = [SIGNATURE] * (end - at)
        at = end


def _is_quote(line: str) -> bool:
    return QUOTE.match(line) is not None


def _next_is_quote(lines: list[str], at: int) -> bool:
    """Whether the next line with words in it carries a quote mark (a few blank lines may stand between)."""
    following = next((line for line in lines[at : at + 6] if line.strip()), "")
    return _is_quote(following)


def _opening(lines: list[str], at: int) -> int:
    """The line after the opening of a quoted mail that begins at `at`; `at` itself where none begins."""
    line = lines[at]
    if not line.strip():
        return at
    dashed = DASHED.match(line)
    if SEPARATOR.match(line) or FORWARD.match(line) or (dashed and (WROTE.search(dashed[1]) or _is_header_block(lines, at + 1))):
        return _after_headers(lines, at + 1)
    if RULE.match(line):
        below = next((index for index in range(at + 1, min(at + 4, len(lines))) if lines[index].strip()), at)
        return _after_headers(lines, below) if below > at and _is_header_block(lines, below) else at
    if _is_header_block(lines, at):
        return _after_headers(lines, at)
    return _attribution(lines, at)


def _attribution(lines: list[str], at: int) -> int:
    """The line after "On ... wrote:", which may be wrapped over REACH lines."""
    if not (OPENS.match(lines[at]) or 0 < lines[at].find("@") < NAMED_WITHIN or WROTE.search(lines[at])):
        return at
    joined = ""
    for end in range(at, min(at + REACH, len(lines))):
        if not lines[end].strip() or (end > at and _is_quote(lines[end]) and not WRAPPED_END.match(lines[end])):
            break
        joined = f"{joined} {lines[end].strip()}"[-LINE:]
        if _attributes(joined, quoted_below=_next_is_quote(lines, end + 1)):
            return end + 1
    return at


def _attributes(text: str, *, quoted_below: bool) -> bool:
    """Whether a line names the writer of what follows: it ends in a colon and has a verb, or an address beside a time."""
    text = text.rstrip("*_ \u202a\u202b\u202c")
    if STAMPED.match(text):
        return True
    if not text.endswith((":", "：")):
        return "@" in text and _has_number(text) and bool(CLOCK.search(text)) and bool(WROTE_LAST.search(text))
    if "@" in text and _has_number(text) and (CLOCK.search(text) or text.endswith((">:", "):", ">："))):
        return True
    return bool(WROTE.search(text)) and ("@" in text or quoted_below or _has_number(text))


def _has_number(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _key(line: str) -> str:
    found = HEADER.match(line)
    return found[1].strip().lower() if found else ""


def _is_header_block(lines: list[str], at: int) -> bool:
    """Whether a copied header ("From: ... Sent: ... To: ...") begins here."""
    key = _key(lines[at]) if at < len(lines) else ""
    if key not in FROM_KEYS and key not in OTHER_KEYS:
        return False
    following = {_key(line) for line in lines[at + 1 : at + 8]} - {"", key}
    if key in FROM_KEYS:
        return bool(following & OTHER_KEYS)
    return len(following & OTHER_KEYS) >= 1 and bool(following & FROM_KEYS)


def _after_headers(lines: list[str], at: int) -> int:
    """Past the copied header that stands here: its fields, and blank lines between them."""
    end = at
    for index in range(at, min(at + 14, len(lines))):
        key = _key(lines[index])
        if key in FROM_KEYS or key in OTHER_KEYS:
            end = index + 1
    return end


# -- signatures ----------------------------------------------------------------------------------

DELIMITER = re.compile(r"^\s{0,2}(?:--|—|––)\s*$")
OTHER_DELIMITER = re.compile(r"^\s{0,2}(?:_{3,}|-{3,}|\*{3,}|={3,})\s*$")
FOOTER = re.compile(
    r"^\W{0,4}(?:sent (?:from|via|with|using) (?!the (?:office|contract))[^:;?!]{2,60}|get (?:outlook|bluemail|yahoo mail|gmail|protonmail) for .{2,30}"
    r"|(?:please |pls )?(?:excuse|forgive|pardon) (?:my |the |any )?(?:brevity|typos|thumbs)[^?!]{0,60}|typed (?:with|by|on) [^:?!]{0,30}(?:thumbs?|phone|mobile|iphone)[^:?!]{0,30}"
    r"|von meinem .{1,30} gesendet|gesendet (?:von|mit|über|aus) [^:?!]{2,60}|diese nachricht wurde von meinem[^?!]{2,80}|outlook für .{2,20} (?:beziehen|herunterladen)"
    r"|envoy[ée]e? (?:de|depuis|à partir|avec) [^:?!]{2,60}|télécharger outlook|obtenez outlook|enviad[oa] (?:desde|do|da|a partir|de|con|com|por) [^:?!]{2,60}"
    r"|obtener outlook|obter o outlook|inviat[oa] (?:da|con|tramite)(?:l|lla)? [^:?!]{2,60}|scarica outlook|ottieni outlook|(?:verzonden|verstuurd) (?:vanaf|met|via|vanuit) (?!op)[^:?!]{2,60}|outlook voor"
    r"|wysłan[eo] (?:z|za) [^:?!]{2,60}|skickat från [^:?!]{2,60}|sendt fra [^:?!]{2,60}|sendt med [^:?!]{2,60}|odesláno z[e]? [^:?!]{2,60}|odoslané z[o]? [^:?!]{2,60}"
    r"|enviat des d[^:?!]{2,60}|lähetetty [^:?!]{2,60}|отправлено (?:с|из|через) [^:?!]{2,60}|надіслано з [^:?!]{2,60}|elküldve [^:?!]{2,60}|trimis (?:de pe|din) [^:?!]{2,60}"
    r"|στάλθηκε από [^:?!]{2,60}|נשלח מ[^:?!]{2,60}|dikirim dari [^:?!]{2,60}|[^:?!]{1,40}(?:umdan|ımdan|imden|ümden) gönderildi|[^:?!]{1,40}から送信|(?:从|從|发自|發自)[^:?!]{1,30}|[^:?!]{1,30}에서 보냄)\.?\s*$",
    re.IGNORECASE,
)
EMPTY_RULE = re.compile(r"^\s{0,8}[-_=*~#+—–]{2,}\s*$")
DISCLAIMER = re.compile(
    r"^\W{0,6}(?:(?:this|the information (?:contained )?in this|the contents? of this) (?:e-?mail|message|communication|transmission)"
    r"(?: and| is| are| may| contains?| do| does|\W{0,2} including|,)"
    r"|confidentiality notice|disclaimer\b|legal notice|important notice|(?:p )?(?:please )?(?:consider|think (?:of|about)) the environment|p please consider"
    r"|if you (?:are not the intended|have received this)|privileged (?:and|&) confidential|registered in england"
    r"|diese (?:e-?mail|nachricht) (?:enthält|kann|ist|und)|der inhalt dieser e-?mail|vertraulichkeitshinweis|hinweis:? diese"
    r"|ce (?:message|courriel|mail) (?:est|et|peut|contient|électronique)|avis de confidentialité"
    r"|aviso legal|aviso de confidencialidad|este (?:mensaje|correo|e-?mail|mensagem) (?:es|y|va|se|puede|contiene|é|e|contém)"
    r"|questo messaggio (?:è|e|contiene)|le informazioni contenute|dit (?:bericht|e-?mail)(?:bericht)? (?:is|en|kan|bevat)|de informatie in dit"
    r"|esta mensagem (?:é|e|pode|contém)|to (?:unsubscribe|stop receiving)\b|you (?:are receiving|received|get) this"
    r"|pour ne plus recevoir|wenn sie keine weiteren|si desea darse de baja|\[(?:image|logo|cid):?)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"^\W{0,3}(?:(?:(?:with )?(?:best|kind|kindest|warm|warmest|many|cordial|all the|my|friendly) (?:regards|wishes|greetings|thanks|best)(?: regards| wishes)?"
    r"|regards|rgds|br|kr|cheers|sincerely|yours (?:sincerely|faithfully|truly)|best|warmly|thanks (?:and|&) (?:best |kind )?regards|thx (?:and|&) br"
    r"|thanks & regards|with (?:all )?good wishes|respectfully|cordially|take care|all the best|bw|ta"
    r"|(?:mit )?(?:freundlichen?|besten?|herzlichen?|lieben?|schönen?|viele[nr]?) (?:grü(?:ß|ss)en?|gruß)|(?:viele|liebe|beste|schöne|herzliche) grü(?:ß|ss)e"
    r"|gru(?:ß|ss)|grüße|mfg|vg|lg|hochachtungsvoll|alles gute"
    r"|(?:bien )?cordialement|(?:sincères |meilleures )?salutations|bien à (?:vous|toi)|cdlt|cdt|amitiés|amicalement|sentiments distingués"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|atte|un abrazo|(?:cordiali |distinti )?saluti|cordialmente|un saluto"
    r"|(?:met )?(?:vriendelijke?|hartelijke?) groet(?:en)?|groet(?:en|jes)?|mvg|gr|hoogachtend"
    r"|(?:com os )?(?:melhores )?cumprimentos|atenciosamente|att|abraços?|obrigad[oa]"
    r"|pozdrawiam|z poważaniem|med vänlig hälsning|vänliga hälsningar|mvh|hälsningar|med venlig hilsen|hilsen)(?:\W.{0,40})?)$",
    re.IGNORECASE,
)
MARKS = re.compile(
    r"(?:\+?\d[\d ()/.-]{7,}\d|\bwww\.|https?://|\s[|·•]\s|\b(?:ltd|gmbh|inc|llc|s\.?a\.?r\.?l|s\.p\.a|b\.v|plc|ceo|cfo|cto|director|manager)\b)",
    re.IGNORECASE,
)
POSTSCRIPT = re.compile(r"^\s{0,3}p\.?\s?p?\.?s\b[.: ]", re.IGNORECASE)


def _runs(marks: list[str]) -> Iterator[tuple[int, int]]:
    """Each stretch of typed lines, as (start, end)."""
    start = None
    for index, mark in enumerate([*marks, QUOTED]):
        if mark == TYPED and start is None:
            start = index
        elif mark != TYPED and start is not None:
            yield start, index
            start = None


def _mark_signature(lines: list[str], marks: list[str], start: int, end: int) -> None:
    """Mark the signature at the end of one stretch of typed lines; a postscript below it stays typed."""
    begin = _signature_start(lines, start, end)
    for index in range(begin, end):
        marks[index] = SIGNATURE
    for index in range(begin, end):
        if POSTSCRIPT.match(lines[index]):
            stop = next((later for later in range(index, end) if not lines[later].strip()), end)
            marks[index:stop] = [TYPED] * (stop - index)


def _signature_start(lines: list[str], start: int, end: int) -> int:
    """Where the signature of this stretch begins; `end` where it has none."""
    filled = [index for index in range(start, end) if lines[index].strip()]
    for position, index in enumerate(filled):
        line = lines[index]
        if DELIMITER.match(line) and position and len(filled) - position < 15:
            return index
        if OTHER_DELIMITER.match(line) and position and _looks_signed(lines, filled[position + 1 :]):
            return index
        if DISCLAIMER.match(line) and position:
            return index
        if FOOTER.match(line) and position and len(line) < 100 and len(filled) - position < 5:
            return index
        if CLOSING.match(line) and position and len(line) < 60 and _only_names(lines, filled[position + 1 :]):
            return index
    return _marked_paragraph(lines, filled, end)


def _looks_signed(lines: list[str], rest: list[int]) -> bool:
    """Whether what follows a drawn line is no text of the writer's: nothing, a name with what belongs to it, or small print."""
    if not rest:
        return True
    first = lines[rest[0]]
    if len(rest) > 15 or not (
        (_name_first(first) and not first.lstrip()[:1].islower())
        or DISCLAIMER.match(first)
        or FOOTER.match(first)
        or MARKS.search(first)
    ):
        return False
    return first.rstrip()[-1:] not in "!?" and len(first) < 160


def _unmark_rules(lines: list[str], marks: list[str]) -> None:
    """Lines drawn below the last typed words belong to what followed them."""
    for index in range(len(lines) - 1, -1, -1):
        if marks[index] == TYPED and lines[index].strip():
            if not EMPTY_RULE.match(lines[index]):
                return
            marks[index] = SIGNATURE


def _only_names(lines: list[str], rest: list[int]) -> bool:
    """Whether what follows a closing can be a signature: short lines, no question."""
    body = [index for index in rest if not POSTSCRIPT.match(lines[index])]
    return len(body) <= 14 and all("?" not in lines[index] for index in body[:2])


def _marked_paragraph(lines: list[str], filled: list[int], end: int) -> int:
    """The last paragraph, if a blank line parts it from the rest and it carries a phone number, a title or the like."""
    if not filled:
        return end
    first = filled[-1]
    while first - 1 in filled:
        first -= 1
    block = [line for line in lines[first:end] if line.strip()]
    if first == filled[0] or len(block) > 8 or not any(MARKS.search(line) for line in block):
        return end
    return first if all(len(line) < 160 and "?" not in line for line in block) and _name_first(block[0]) else end


def _name_first(line: str) -> bool:
    """Whether a line begins like a signature: up to five words, most of them capitalised, before any mark."""
    words = re.split(r"\s[|·•,–-]\s|,", line.strip(), maxsplit=1)[0].split()
    return 0 < len(words) <= 6 and sum(word[:1].isupper() or not word[:1].isalpha() for word in words) >= len(words) - 1
