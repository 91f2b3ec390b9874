"""What the rep's answer to a letter says: which words stand behind which of its numbers, and what the usual words mean.

Decides two things, apart from each other. `lines` parts the typed words of a mail into lines, each with the number that it is about; what
they mean is not looked at. `meant` reads the words behind one number as an order: done, skip, yes, no, later, and so on. Never changes
anything, never raises, and never guesses: what can be read in two ways, what is denied, asked, planned or supposed, is a doubt, said in
words for the rep. A letter with other questions (`answering.TAKES`) reads the words of a line in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from followupd.core.model import Reason
from followupd.core.replies.dates import resume_date
from followupd.core.replies.dates.days import first_working
from followupd.core.replies.letter import POLITE, unsigned
from followupd.core.replies.verdict import reason_in
from followupd.core.replies.words import plain_words

LONGEST = 500
"""Characters of one line that are read."""
MOST = 200
"""Lines of one answer that are read, and numbers that it may name."""
HIGHEST = 999

# -- the words -----------------------------------------------------------------------------------

WORDS: dict[str, str] = {
    "done": """
        done | finished | completed | complete | did it | did that | all done | erledigt | erl | fertig | gemacht | abgehakt | abgeschlossen
        | fait | faite | faits | c'est fait | terminé | terminée | termine | fini | réglé | hecho | hecha | terminado | terminada | fatto | fatta | finito | gedaan | klaar | afgerond | feito""",
    "skip": """
        skip | skipped | skip it | skip this | drop | dropped | drop it | drop this | überspringen | ueberspringen | auslassen | weglassen | verwerfen | fällt weg | hinfällig
        | sauter | abandonner | ignorer | laisse tomber | laisser tomber | saltar | omitir | saltare | overslaan | laat maar""",
    "yes": "yes | yep | yeah | ja | jawohl | oui | sí | si | sì | sim",
    "no": """
        no | nope | nein | non | nee | neen | não | not interested | no interest | no thanks | no thank you | kein interesse | nicht interessiert | nein danke
        | pas intéressé | pas intéressée | pas interesse | non merci | no le interesa | non interessato | non interessata | geen interesse""",
    "later": """
        later | snooze | postpone | postponed | not now | not before | not until | remind me | wait | wait until | pause | pause until | put off | put off until
        | später | spaeter | nicht jetzt | nicht vor | erst | verschieben | verschieben auf | vertagen | warten | warten bis | pausieren | pause bis
        | plus tard | pas maintenant | pas avant | reporter | reporter à | attendre | más tarde | mas tarde | luego | ahora no | aplazar | più tardi | piu tardi | dopo | rimandare | uitstellen | niet nu | mais tarde""",
    "stop": "stop | stopp | stop it | stop this | halt | aufhören | beenden | arrêter | arrête | arreter | parar | para | ferma | fermare | stoppen",
    "opt-out": """
        opt out | opt-out | optout | opted out | unsubscribe | unsubscribed | never write again | never write to them again | never contact again | do not write again
        | do not contact again | no more mails | no more emails | no more mail | abmelden | abgemeldet | stop writing | stop mailing | stop emailing | nie wieder schreiben | nie mehr schreiben
        | nicht mehr schreiben | nicht mehr anschreiben | keine mails mehr | keine e-mails mehr | désinscrire | désabonner | ne plus écrire | ne plus contacter
        | dar de baja | no escribir más | non scrivere più | niet meer schrijven | uitschrijven""",
    "go on": """
        go on | goes on | resume | continue | keep going | carry on | go | reopen | weiter | weitermachen | fortsetzen | geht weiter | continuer | reprendre | continuar | seguir | continua | continuare | doorgaan | verder""",
    "sent": "sent | was sent | it was sent | gesendet | verschickt | wurde gesendet | ist raus | envoyé | envoyée | a été envoyé | enviado | inviato | inviata | verzonden | verstuurd",
    "again": """
        again | resend | send again | send it again | once more | nochmal | noch mal | noch einmal | nochmals | nochmal senden | noch einmal senden | erneut | erneut senden
        | renvoyer | encore une fois | otra vez | reenviar | di nuovo | opnieuw | nog een keer | nog eens""",
    "question": "question | a question | asks something | engaged | frage | eine frage | rückfrage | hat eine frage | pose une question | pregunta | domanda | vraag",
    "away": """
        out of office | ooo | away | on holiday | on vacation | on leave | abwesend | im urlaub | urlaub | absent | absente | en vacances | en congé | de vacaciones | in ferie | met vakantie | afwezig""",
    "machine": "auto reply | auto-reply | autoreply | automatic | automatic reply | a machine | machine | automatisch | maschine | automatique | automático | automatico",
    "referral": "referral | referred | somebody else | someone else | wrong person | falsche person | jemand anders | jemand anderes | quelqu'un d'autre | mauvaise personne | otra persona | qualcun altro | iemand anders",
    "learn": "learn | learned | learnt | note | gelernt | merken | notiz | appris | noter | à noter | nota | aprendido | imparato | geleerd",
}
"""What the rep may write, by what it means, in English, German, French, Spanish, Italian and Dutch. To add a word: here, and nowhere else."""

PLAIN = frozenset({"opt-out", "skip", "stop", "go on", "sent", "again", "away", "machine", "referral", "question"})
"""Orders that stand for themselves: "stop by their office" and "skip to March" begin with the same words and mean something else."""

ABOUT_PERSON = frozenset({"yes", "no", "later", "stop", "opt-out", "go on"})
"""Orders that say something of the person, whatever item they stand behind."""

ALONE = frozenset({"si", "go", "erl", "complete"})
"""Words that are an order only with nothing behind them: the Spanish "si" is the French "if", and "complete list" is none."""


def _table() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for order, text in WORDS.items():
        for phrase in text.split("|"):
            found[tuple(phrase.split())] = order
    return found


PHRASES = _table()
LONGEST_PHRASE = max(map(len, PHRASES))
SINGLE = {phrase[0]: order for phrase, order in PHRASES.items() if len(phrase) == 1}

DENIED = frozenset(
    "not never no none nothing nope didn't don't dont didnt doesn't isn't haven't wasn't won't can't cannot couldn't nicht nie nein kein keine keinen keiner noch pas jamais aucun ne"
    " non niet nog geen nooit nunca todavía mai ancora não un unfinished undone unerledigt".split()
)
SUPPOSED = frozenset(
    "if unless wenn falls sobald sofern once when quand lorsque dès si als indien cuando quando whether provided until till but aber mais pero maar however though almost nearly"
    " fast beinahe presque casi quasi bijna half halb halbwegs partly partially teilweise maybe perhaps vielleicht eventuell evtl peut-être quizás forse misschien probably"
    " wahrscheinlich hopefully hoffentlich should sollte could könnte would würde might may or oder ou oppure except außer sauf".split()
)
PLANNED = frozenset(
    "tomorrow tmrw morgen demain mañana domani soon bald bientôt pronto presto will 'll i'll ill we'll going gonna werde wird werden vais sera next nächste nächsten nächster prochaine"
    " monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi"
    " tonight sich by bis before vor avant in dans later später this diese dieser".split()
)
OURSELVES = frozenset("i i've i'm ich je j'ai yo io ik we we've wir nous have had habe haben hab hatte did".split())
FOR_NOW = frozenset(
    "year quarter month season now currently moment today yet jahr quartal monat jetzt derzeit aktuell momentan zurzeit heuer noch année trimestre maintenant encore actuellement año ahora anno ora jaar nu".split()
)
"""A no that holds for so long is rather a later."""
ALL_BACK = re.compile(
    r"\b(?:(?:ignore|forget|scratch) (?:the above|all|everything|my (?:mail|answer|last)|these lines)|vergiss (?:alles|das obige)|alles falsch|ignore[rz]? tout)\b",
    re.IGNORECASE,
)
OF_SO_MANY = re.compile(r"(?:(?:out )?of|von|sur|de|di|van)\s+(?:the |them |den |les )?\d", re.IGNORECASE)
COUNTED = re.compile(
    r"\b\d{1,3} (?:to go|left|(?:still )?open|remaining|others?|of them|übrig|offen|noch offen|restant\w{0,3}|à faire|da fare|te gaan)\b",
    re.IGNORECASE,
)
"""Numbers that count: "3 done, 2 to go"."""
TAKEN_BACK = re.compile(
    r"\b(?:oops|scratch that|ignore (?:that|this|the above|my)|never ?mind|i mean(?:t)?\b|correction|wait,|no wait|forget (?:it|that|this|about)|typo|sorry,? (?:not|wrong|i meant)"
    r"|doch nicht|quatsch|moment,|ich meine|korrektur|vergiss|en fait|je veux dire|pardon,|me he equivocado|mi sono sbagliat[oa])",
    re.IGNORECASE,
)
JOINED = re.compile(r"^(?:(?:and|und|et|y|e|en)\b|[&/+])\s*", re.IGNORECASE)
FILLERS = re.compile(
    r"^(?:(?:is|are|was|ist|sind|war|est|es|è|now|already|just|bereits|schon|jetzt|déjà|all|ok(?:ay)?,|so|also|well,|habe ich|hab ich|wurde|i have|i've|i|we|we've|please|pls|bitte|it's|that's|task|aufgabe)\s+){1,3}",
    re.IGNORECASE,
)
NO_SUCH = re.compile(
    r"^(?:answer|contact|contacts|connection|reply|replies|response|show|idea|problem|news|change|changes|luck|one|rush|worries|longer|more|time|need|way|clue|action|need to|go|call|update|doubt|matter|antwort|zeit"
    r"|reaktion|problème|problem|temps|réponse|respuesta|tiempo|risposta|tempo|antwoord|tijd)\b",
    re.IGNORECASE,
)
"""What may follow "no" and is no no of the person's: "no answer", "no time"."""
NEGATED_NOUN = re.compile(r"^(?:kein(?:e|en|er)?|pas (?:de|d')|sans|ohne|sin|geen|nessun[oa]?|zonder|without)\s*", re.IGNORECASE)
ENDS = re.compile(r"^[\s,.;:!()–—\-✔✅☑👍🙂😀😊✓\ufe0f]+|[\s,.;:!(–—\-✔✅☑👍🙂😀😊✓\ufe0f]+$")
CLAUSE = re.compile(r"[,;(\n]|\s[-–—]\s")
MONTH = re.compile(r"(?<!\d)(20\d\d)-(0[1-9]|1[0-2])(?![-\d])")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# -- an order ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the words behind one number mean. `doubt` says why they are asked about; then the rest is of no account."""

    verb: str = ""  # a key of WORDS
    note: str = ""  # what else is said, in the rep's own words
    until: date | None = None  # of `later` and `away`
    reason: Reason | None = None  # of `no` and `later`
    doubt: str = ""


def meant(words: str, written: date) -> Order:
    """The order in some words. `written` is the local day on which they were: dates are read against it."""
    plain = _plain(words)
    verb, rest = _verb(plain)
    if verb == "learn":
        return (
            Order(verb="learn", note=_trimmed(rest))
            if _trimmed(rest)
            else Order(doubt="what was learned? Write it behind the number")
        )
    if "?" in plain:
        return Order(doubt="it has a question mark")
    if not verb:
        reason = _denied_noun(plain)
        if reason is not None:
            return Order(verb="no", reason=reason, note=_trimmed(plain))
        return Order(doubt=_why_not(plain or " ".join(words.split())))
    if TAKEN_BACK.search(rest):
        return Order(doubt="it takes something back")
    return _READERS.get(verb, _simple)(verb, rest, written)


def _plain(words: str) -> str:
    text = " ".join(words[:LONGEST].replace("’", "'").replace("\n", " ; ").split())
    return _trimmed(text)


def _trimmed(text: str) -> str:
    """Without the marks around it, and without thanks at its end."""
    before = ""
    while text != before:
        before, text = text, ENDS.sub("", text)
        if len(text.split()) > 1:
            text = POLITE.sub("", text)
    return text


def _verb(text: str) -> tuple[str, str]:
    """The order that a text begins with, and what follows it; nothing where it begins with something else."""
    for bare in dict.fromkeys((text, FILLERS.sub("", text))):
        found = [(match.group().casefold(), match.end()) for match in WORD.finditer(bare[:120])]
        first = WORD.search(bare)
        if first is None or ENDS.sub("", bare[: first.start()]):
            continue
        for count in range(min(LONGEST_PHRASE, len(found)), 0, -1):
            order = PHRASES.get(tuple(word for word, _ in found[:count]))
            left = bare[found[count - 1][1] :]
            if order and _together(bare[: found[count - 1][1]]) and not (found[0][0] in ALONE and count == 1 and _trimmed(left)):
                return order, left
        order = _mistyped(found[0][0])
        if order:
            return order, bare[found[0][1] :]
    return "", text


def _together(phrase: str) -> bool:
    """Whether these words stand in one clause."""
    return not re.search(r"[,;.:!?]", phrase)


MENDED = frozenset(
    "done finished completed erledigt fertig gemacht abgehakt skip skipped later später yes resume continue learn unsubscribe".split()
)
"""Words in which one slip of the fingers is mended. Only those for which no other word is a slip away, but for these few:"""
REAL = frozenset(
    "late complete donne dont shipped slipped skipper finnish finishes completes resumes latter layer alter lean yest".split()
)


def _mistyped(word: str) -> str:
    """The order whose word this is but for one slip of the fingers. Real words are never mended."""
    if len(word) < 3 or word in REAL:
        return ""
    found = {SINGLE[known] for known in MENDED if _slip(word, known)}
    return found.pop() if len(found) == 1 else ""


def _slip(word: str, known: str) -> bool:
    """Two letters in the wrong order; in longer words also one too many, one too few, or a wrong one."""
    if len(word) == len(known):
        at = [here for here, pair in enumerate(zip(word, known, strict=True)) if pair[0] != pair[1]]
        if len(at) == 2:
            return at[1] == at[0] + 1 and word[at[0]] == known[at[1]] and word[at[1]] == known[at[0]]
        return len(at) == 1 and len(known) >= 7
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    if len(longer) != len(shorter) + 1 or len(known) < 5:
        return False
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


WITH_IT = frozenset(
    "please pls bitte svp thx ty danke merci cheers s'il te plaît vous por favor per favore now jetzt today heute yesterday gestern hier aujourd'hui it this that them her him to writing mailing person ever again here too"
    " le la les ihr ihm ihnen es das ihn sie already schon bereits déjà".split()
)
"""Words that may stand behind any order and change nothing of it."""


def _bare_note(left: str) -> str:
    """What is left of a note without such words."""
    words = [match.group().casefold() for match in WORD.finditer(left)]
    if all(word in WITH_IT for word in words):
        return ""
    left = left.lstrip("/ ")
    return left.rstrip(")") if "(" not in left else left


def _first_words(text: str, count: int = 1) -> list[str]:
    return [match.group().casefold() for match in WORD.finditer(text[:120])][:count]


def _doubted(verb: str, rest: str) -> str:
    """Why what follows an order's word makes it doubtful, or nothing."""
    left = _trimmed(rest)
    if not left:
        return ""
    if not WORD.search(left):
        return "" if not ENDS.sub("", left) else f'I don\'t know what "{left[:40]}" adds to it'
    words = [match.group().casefold() for match in WORD.finditer(left)]
    first = words[0]
    if any(word in SUPPOSED for word in words):
        return "it is said with an if or a but"
    if (
        first in PLANNED
        or (len(words) > 1 and words[0] in {"i", "ich", "je", "we", "wir"} and words[1] in PLANNED)
        or "will do" in left.casefold()
    ):
        return "it is planned, not done" if verb == "done" else "it is said of another day"
    other, beyond = _verb(JOINED.sub("", left))
    if other and other != "learn":
        if other != verb and not _is_none(other, beyond):
            return f'"{verb}" and "{other}" don\'t go together'
    elif first in DENIED:
        return "there is a not in it"
    if first in DENIED and other == "no" and not NO_SUCH.match(_trimmed(beyond)):
        return "there is a no in it"
    if re.fullmatch(
        r"(?:and |und |et |y |e |en |& ?|\+ ?)?#?\d{1,3}(?:\W+(?:too|also|as well|auch|ebenso|aussi|dito|ditto|same|idem|también|anche|ook))?\W*",
        left,
        re.IGNORECASE,
    ):
        return "there is one more number in it"
    if verb == "yes" and set(words) & (DENIED | OURSELVES | {"later", "später", "plus"}):
        return "I can't tell whether that is a yes of theirs"
    if OF_SO_MANY.match(left):
        return "it may be a count"
    if _orders_in(left):
        return "there is one more number with an order in it"
    return ""


def _orders_in(text: str) -> bool:
    """Whether a number with an order behind it stands in a note: "got 2 yes and 1 no"."""
    return any(
        (found := _verb(text[match.end() :].strip(" .):-–")))[0] and not _is_none(*found)
        for match in ONE.finditer(text[:LONGEST])
    )


def _is_none(verb: str, rest: str) -> bool:
    """Whether words that begin with an order's word are no order after all: "sent the offer", "no answer"."""
    left = _trimmed(rest)
    if verb == "no":
        return bool(left) and (
            NO_SUCH.match(left) is not None or (reason_in(plain_words(f"no {left}")) is None and rest[:1] not in ",.;:!")
        )
    if verb in PLAIN:
        return bool(left) and rest[:1] not in ",.;:!"
    return False


def _simple(verb: str, rest: str, written: date) -> Order:
    """An order that needs no more than its word; what follows is a note."""
    left, doubt = _trimmed(rest), _doubted(verb, rest)
    if doubt:
        return Order(doubt=doubt)
    if verb in PLAIN and _bare_note(left) and rest.lstrip(" ")[:1] not in (",", ".", ";", ":", "!", "(", "-", "–", "—"):
        return Order(doubt=f'"{verb}" followed by "{left[:60]}" may mean something else')
    return Order(verb=verb, note=_bare_note(left))


def _no(verb: str, rest: str, written: date) -> Order:
    """A no, bare or with a reason. "No answer" and "no, I have not called" are none of the person's."""
    left = _trimmed(rest)
    if not left:
        return Order(verb=verb)
    words = [match.group().casefold() for match in WORD.finditer(left)]
    reason = reason_in(plain_words(left)) or reason_in(plain_words(f"no {left}"))
    if NO_SUCH.match(left):
        return Order(doubt=f'"no {left[:40]}" may be something else than a no')
    other, beyond = _verb(JOINED.sub("", left))
    if other == "no" and not _trimmed(beyond):
        return Order(verb=verb)
    if other and other not in ("no", "learn") and not _is_none(other, beyond):
        return Order(doubt=f'"no" and "{other}" don\'t go together')
    if any(word in SUPPOSED | OURSELVES for word in words):
        return Order(doubt="I can't tell whether that is a no of theirs")
    if FOR_NOW & set(words):
        return Order(doubt='is that a no, or a "later"? For a later write the day')
    if reason is None:
        return Order(
            doubt=f'I don\'t know what "{left[:60]}" says: write "no" alone, or with a reason such as budget, price, timing, competitor'
        )
    return Order(verb=verb, reason=reason, note=left.rstrip(")") if "(" not in left else left)


def _denied_noun(text: str) -> Reason | None:
    """A "kein Budget", a "pas de budget": a no with its reason, said without the word."""
    match = NEGATED_NOUN.match(text)
    if match is None:
        return None
    left = text[match.end() :]
    words = [word.group().casefold() for word in WORD.finditer(left)]
    if NO_SUCH.match(left) or len(words) > 4 or any(word in SUPPOSED | FOR_NOW | OURSELVES for word in words):
        return None
    return reason_in(plain_words(text))


def _later(verb: str, rest: str, written: date) -> Order:
    """Later needs a day: one that is written there, and only one."""
    left = _trimmed(rest)
    words = [match.group().casefold() for match in WORD.finditer(left)]
    if set(words) & {
        "maybe",
        "perhaps",
        "vielleicht",
        "peut-être",
        "probably",
        "wahrscheinlich",
        "eventuell",
        "or",
        "oder",
        "ou",
    }:
        return Order(doubt="I can't tell the day")
    if any(SINGLE.get(word, "later") not in ("later", "learn") for word in words):
        return Order(doubt="there is more than one order in it")
    head, *more = CLAUSE.split(left, maxsplit=1)
    note = _trimmed(more[0]) if more else ""
    day = day_in(head, written)
    if day is None:
        day, note = day_in(left, written), left
    elif note and day_in(note, written) not in (None, day):
        return Order(doubt="there are two days in it")
    if day is None:
        return Order(doubt='until when? Write "later March", "later 15 March" or "later in 3 weeks"')
    if note and note != left and (found := _verb(note))[0] not in ("", "learn", verb) and not _is_none(*found):
        return Order(doubt=f'"later" and "{found[0]}" don\'t go together')
    return Order(verb=verb, until=day, reason=reason_in(plain_words(note)), note=note)


def _away(verb: str, rest: str, written: date) -> Order:
    left = _trimmed(rest)
    return Order(verb=verb, note=left, until=day_in(left, written) if left else None)


def day_in(text: str, written: date) -> date | None:
    """The day that a few words name, such as "March", "in 3 Wochen", "2027-03"; None where there is none, or more than one reading."""
    text = " ".join(text.split())[:200]
    if not text:
        return None
    month = MONTH.search(text)
    if month:
        first = first_working(int(month[1]), int(month[2]))
        return first if written < first else None
    found = {
        day for form in ("{}", "call me {}", "call me in {}") if (day := resume_date(form.format(text), written)) is not None
    }
    return found.pop() if len(found) == 1 else None


_READERS = {"no": _no, "later": _later, "away": _away}


def _why_not(text: str) -> str:
    words = _first_words(text, 3)
    if not words:
        return f'I don\'t know what "{text[:20]}" means here' if text else "there is nothing behind the number"
    if any(word in DENIED for word in words):
        return "there is a not in it"
    if any(word in SUPPOSED for word in words):
        return "it is said with an if or a but"
    if any(word in PLANNED for word in words):
        return "it is planned, not done"
    return f'I don\'t know what "{text[:60]}" means here'


# -- the lines of an answer ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The words behind one number of a letter. `number` 0: they name none. `doubt` says why nothing is done, whatever the words mean."""

    number: int
    words: str
    doubt: str = ""


NAMED = r"(?:(?:task |item )?#\s?|(?:no\.|nr\.?|nº|n°|number|nummer|num[ée]ro|item|point|punkt|task|aufgabe|tâche|pos\.?)\s*)?"
DIGITS = r"(\d{1,3})(?![\d%€$£°]|[.:/]\d|\.\s?\d{1,2}\.|\s?(?:[ap]m\b|uhr\b|h\b))"
NUMBER = rf"{NAMED}(?<![\d.,:/+-]){DIGITS}"
AND = r"(?:\s*(?:,\s*(?:and|und|et|y|e|en)\s|[,;&+]|\s(?:and|und|et|y|e|en|plus)\s)\s*|\s+)"
TO = r"\s*(?:-|–|—|\bto\b|\bbis\b|\bà\b|\btot\b)\s*"
LIST = rf"{NUMBER}(?:(?:{TO}|{AND}){NAMED}{DIGITS})*"
_BARE = re.sub(r"\((?!\?)", "(?:", LIST)
AT_START = re.compile(rf"^\s*(?:[*•\-–(\[]\s*)?({_BARE})\s*([.):\]*→\-–—=>]*)\s*(.*)$", re.IGNORECASE | re.DOTALL)
LEARN_FIRST = re.compile(
    r"^\s*#?(?:learn(?:ed|t)?|gelernt|appris|aprendido|imparato|geleerd)\s+#?(\d{1,3})(?![\d%./])\s*([:)=–—-]?)\s+(.+)$",
    re.IGNORECASE | re.DOTALL,
)
LEARN_NEXT = re.compile(r"\s*[;,.]\s*(?=#?learn\s+#?\d)", re.IGNORECASE)
VERB_FIRST = re.compile(rf"^\s*([^\W\d_][^\d#:]{{1,30}}?) ?:? ?({_BARE}) ?(?:[,.;!]{{1,3}} ?(.*))?$", re.IGNORECASE | re.DOTALL)
MIDDLE = re.compile(
    rf"(?<!\s)(?P<sep>\s*[,;.]\s*(?:and\s|und\s|et\s|y\s|e\s|en\s)?|\s+(?:and|und|et|y|e|en|&|\+)\s+|\s+)(?P<list>{_BARE})(?P<mark>\s*[.):\-–—=>]*\s*)(?P<rest>\S)",
    re.IGNORECASE,
)
ONE = re.compile(rf"((?<!\s){TO})?{NAMED}(?<!\d){DIGITS}", re.IGNORECASE)
IN_QUOTE = re.compile(r"^[>\s*•]*(\d{1,3})\s?[.)]\s+(\S.*)$")


def lines(text: str, titles: Sequence[str], *, counts: bool = True) -> tuple[Line, ...]:
    """The lines of an answer, in their order. `titles` are those of the letter's items: the first is number 1.

    `counts`: a number may count ("2 to go", "5 open"). Not so where each number is a question of its own, and "5 open" its answer.
    `text` may hold quoted lines with their mark, where the rep has written between them: what stands below a quoted item is about that item.
    """
    found: list[Line] = []
    written = list(_written(text[: LONGEST * MOST], titles))
    for number, line in written:
        found.extend(_parted(line, titles, counts) if number == 0 else _below(number, line, titles))
        if len(found) >= MOST:
            break
    named = any(one.number for one in found)
    if len(titles) == 1 and not all(
        one.number == 1 for one in found if one.number or not _is_courtesy(one.words)
    ):  # "3 weeks", "15 March"
        words = "\n".join(_uncourteous([line for _, line in written]))
        return (Line(number=1, words=words),) if words.strip() else ()
    if not named:  # one question about all of it is enough
        found = [Line(number=0, words="\n".join(one.words for one in found))] if found else []
    found = [one for one in found if one.number or not (named and _is_courtesy(one.words))]
    return tuple(_judged(found, titles))


def own(text: str, asked: str) -> str:
    """The words of an answer without an unmarked copy of the letter that it answers: its examples are orders as well.

    Lines count as copied where at least COPIED of them stand together as in the letter. What stands above the copy is the answer; where
    nothing does, what stands within it is.
    """
    ours = [folded for line in asked.splitlines() if (folded := _folded(line))]
    places: dict[str, list[int]] = {}
    for at, line in enumerate(ours):
        places.setdefault(line, []).append(at)
    rows = text.split("\n")
    filled = [at for at, row in enumerate(rows) if _folded(row) and not row.startswith(">")]
    copied: set[int] = set()
    at = 0
    while at < len(filled):
        run = max((_run(rows, filled, at, ours, place) for place in places.get(_folded(rows[filled[at]]), ())[:20]), default=0)
        copied |= set(filled[at : at + run]) if run >= COPIED else set()
        at += max(run, 1)
    if not copied:
        return text
    above = rows[: min(copied)]
    if any(row.strip() and not _is_courtesy(row) for row in above):
        return "\n".join(above)
    return "\n".join(row for at, row in enumerate(rows) if at not in copied)


COPIED = 3
"""So many lines of a letter stand together by no chance."""


def _folded(line: str) -> str:
    return " ".join(line.casefold().split())


def _run(rows: Sequence[str], filled: Sequence[int], at: int, ours: Sequence[str], place: int) -> int:
    """How many lines from here on are those of the letter from there on."""
    count = 0
    while at + count < len(filled) and place + count < len(ours) and _folded(rows[filled[at + count]]) == ours[place + count]:
        count += 1
    return count


def _written(text: str, titles: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each typed line, with the number of the quoted item below which it stands (0: below none)."""
    rows = text.split("\n")
    if not any(row.startswith(">") for row in rows):
        yield from ((0, row.strip()) for row in _without_signature(text).split("\n") if row.strip())
        return
    above: list[int] = []
    inline, fresh = False, True
    for at, row in enumerate(rows):
        if row.startswith(">"):
            number = _quoted_item(row, titles)
            above = [] if fresh and number else above
            fresh = False if number else fresh
            above += [number] if number else []
        elif row.strip():
            fresh = True
            later = any(_quoted_item(below, titles) for below in rows[at + 1 :] if below.startswith(">"))
            if above and AT_START.match(row) is None and (len(above) == 1 or later or inline) and not _is_courtesy(row):
                inline = True
                yield above[-1], row.strip()
                above = above[-1:]
            else:
                yield 0, row.strip()


def _quoted_item(row: str, titles: Sequence[str]) -> int:
    """The number of the item that a quoted line shows; 0 where it shows none."""
    match = IN_QUOTE.match(row)
    if match is None or not 0 < int(match[1]) <= len(titles):
        return 0
    title, shown = (" ".join(WORD.findall(one.casefold()))[:15] for one in (titles[int(match[1]) - 1], match[2]))
    return (
        int(match[1])
        if not title or shown.startswith(title[: len(shown)]) or title in " ".join(WORD.findall(match[2].casefold()))
        else 0
    )


def _without_signature(text: str) -> str:
    """Without a signature that has no mark, unless an order may stand in what would be cut."""
    kept = unsigned(text)
    cut = text[len(kept) :]
    return text if any(AT_START.match(row) or _verb(_plain(row))[0] for row in cut.split("\n")) else kept


GREETED = re.compile(
    r"^(?:[Hh]i|[Hh]ey|[Hh]ello|[Hh]allo|[Mm]oin|[Bb]onjour|[Ss]alut|[Hh]ola|[Cc]iao|[Dd]ag|[Oo]k(?:ay)?|[Gg]ood morning|[Gg]uten [Mm]orgen)(?: [A-Z][\w.-]{1,20})?[\s,!:-]+(?=[#\d])"
)
COURTESY = re.compile(
    r"(?:hi|hello|hey|hiya|dear|hallo|moin|servus|bonjour|salut|coucou|hola|ciao|buongiorno|dag|(?:good )?(?:morning|afternoon|evening)|(?:guten )?(?:morgen|tag|abend)|thanks|thank you|thx|danke|merci|gracias|grazie|bedankt|cheers|best|regards|kind regards|best regards|lg|vg|mfg"
    r"|viele grüße|liebe grüße|beste grüße|gruß|cordialement|bien à vous|saludos|saluti|groeten|ok thanks|here you go|see below|siehe unten|voir ci-dessous)"
    r"(?:[ ,]+[^\W\d_]+){0,2}[\s,.!:)]*",
    re.IGNORECASE,
)


def _is_courtesy(line: str) -> bool:
    """A greeting, thanks, a name: nothing that asks for anything."""
    bare = line.strip()
    name = re.fullmatch(r"[-–—]?\s?[^\W\d_a-z][\w.'’-]{0,20}(?: [^\W\d_a-z][\w.'’-]{0,20}){0,2}[.,]?", bare)
    return bool(COURTESY.fullmatch(bare)) or (name is not None and not _verb(_plain(bare))[0])


def _uncourteous(rows: Sequence[str]) -> Sequence[str]:
    """The rows of a bare answer without greetings, and without a name at the end; as they are where nothing else is there."""
    kept = [row for row in rows if not COURTESY.fullmatch(row.strip())]
    while len(kept) > 1 and _is_courtesy(kept[-1]):
        kept.pop()
    return kept or rows


def _below(number: int, line: str, titles: Sequence[str]) -> Iterator[Line]:
    yield Line(number=number, words=_untitled(line, number, titles))


def _parted(line: str, titles: Sequence[str], counts: bool) -> Iterator[Line]:
    """The lines in one typed row: "3 done 4 no budget; 5 later March"."""
    line = GREETED.sub("", " ".join(line[:LONGEST].split()))
    if not line.strip():
        return
    if counts and COUNTED.search(line) and not LEARN_FIRST.match(line):
        yield Line(number=0, words=line, doubt="it may be a count")
        return
    line, *more = LEARN_NEXT.split(line, maxsplit=1)
    if more:
        yield from _parted(line, titles, counts)
        yield from _parted(more[0], titles, counts)
        return
    learned = LEARN_FIRST.match(line)
    if learned:
        more_numbers = not learned[2] and re.match(r"(?:and|und|et|y|e|en|&|,|\+)?\s*#?\d{1,3}\b", learned[3], re.IGNORECASE)
        doubt = "it is about more than one number, or begins with one: write a line for each" if more_numbers else ""
        yield Line(number=int(learned[1]), words=f"learn {learned[3].strip()}", doubt=doubt)
        return
    start = AT_START.match(line)
    if start is None:
        yield from _verb_first(line)
        return
    numbers, mark, rest = start[1], start[2], start[3]
    if not numbers.strip()[-1:].isdigit() or (
        not mark and rest[:1].isalpha() and line[start.end(1)].isalpha() and not _verb(_plain(rest))[0]
    ):
        yield Line(number=0, words=line)  # "3rd", "2x": no number of an item
        return
    words, further = _cut(rest, len(titles))
    yield from (Line(number=number, words=_untitled(words, number, titles)) for number in _numbers(numbers))
    if further:
        yield from _parted(further, titles, counts)


def _verb_first(line: str) -> Iterator[Line]:
    """The forms "done 3" and "erledigt: 2, 4"; anything else names no number."""
    match = VERB_FIRST.match(line)
    verb, rest = _verb(_plain(match[1])) if match else ("", "")
    if match is None or not verb or _trimmed(rest) or verb in ("no", "later", "again", "away", "learn"):
        yield Line(number=0, words=line)
        return
    more = f", {match[3].strip()}" if match[3] and match[3].strip() else ""
    yield from (Line(number=number, words=f"{match[1].strip()}{more}") for number in _numbers(match[2]))


def _cut(rest: str, count: int) -> tuple[str, str]:
    """The words of a line up to where the next number begins a line of its own, and what follows from there.

    Behind a comma any number of the letter does; elsewhere only one with an order behind it, where what stands before is complete.
    """
    at = 0
    if _verb(_plain(rest))[0] == "learn":
        return rest, ""
    while match := MIDDLE.search(rest, at):
        before, beyond = rest[: match.start()], rest[match.start("rest") :]
        mark = match["sep"].strip()[:1]
        if mark in (",", ";", ".") and mark:
            ends = _begins(beyond) or 0 < _numbers(match["list"])[0] <= count
        else:
            ends = _begins(beyond) and _is_whole(before) and not _goes_on(before, match["list"])
        if ends:
            return before, rest[match.start("list") :]
        at = match.start("list") + 1
    return rest, ""


def _begins(text: str) -> bool:
    """Whether an order begins here."""
    clause = re.split(r"[,;.\n]|\s#?\d", text, maxsplit=1)[0]
    return bool(_verb(_plain(text))[0]) or _denied_noun(_plain(clause)) is not None


def _goes_on(before: str, numbers: str) -> bool:
    """Whether the next number may belong to a date: "later March 6 yes"."""
    verb, left = _verb(_plain(before))
    if verb != "later":
        return False
    day, more = (
        day_in(f"{left} {beyond}".strip(), date(2000, 1, 3)) for beyond in ("", re.sub(r"\D.*", "", numbers.lstrip("# ")))
    )
    return more is not None and more != day


def _is_whole(words: str) -> bool:
    """Whether an order is complete in itself, so that a number behind it begins the next one."""
    found = meant(words, date(2000, 1, 3))
    if found.doubt or not found.verb or found.verb == "learn":
        return False
    return not found.note or (found.verb == "no" and found.reason is not None and len(found.note.split()) <= 3)


def _numbers(text: str) -> list[int]:
    """Every number of a list such as "1, 2 and 5-7"."""
    found: list[int] = []
    for match in ONE.finditer(text):
        number = int(match[2])
        if match[1] and found and match[1].strip():
            found += range(found[-1] + 1, number + 1) if found[-1] < number <= found[-1] + MOST else [-1]
        else:
            found.append(number)
    return found[:MOST]


def _untitled(words: str, number: int, titles: Sequence[str]) -> str:
    """The words without the item's own title in front: reps copy the line and write behind it."""
    title = titles[number - 1].strip() if 0 < number <= len(titles) else ""
    if len(title) > 3 and words.casefold().startswith(title.casefold()):
        return words[len(title) :].strip(" \t-–—:,.=>")
    return words.strip()


def _denies(words: str) -> bool:
    """Whether a short line without a number takes back what stands above: "not really"."""
    found = _first_words(words, 5)
    return 0 < len(found) <= 4 and found[0] in DENIED


def _judged(found: Sequence[Line], titles: Sequence[str]) -> Iterator[Line]:
    """Doubts about the lines as a whole: a number that is none of this letter's, two lines for one number, words that take others back."""
    stray = [one.words for one in found if one.number == 0]
    back = any(TAKEN_BACK.search(words) or _denies(words) for words in stray) or any(ALL_BACK.search(one.words) for one in found)
    written = date(2000, 1, 3)
    said: dict[int, set[tuple[str, str]]] = {}
    for one in found:
        if one.number and _verb(_plain(one.words))[0] != "learn":
            order = meant(one.words, written)
            said.setdefault(one.number, set()).add((order.verb, str(order.until) if order.verb else _plain(one.words).casefold()))
    for one in dict.fromkeys(found):
        if one.number == 0:
            yield replace(one, doubt="it names no number")
        elif not 0 < one.number <= len(titles):
            yield replace(
                one, doubt="this letter has no such number" if one.number > 0 else "those are no numbers of this letter"
            )
        elif len(said.get(one.number, ())) > 1 and _verb(_plain(one.words))[0] != "learn":
            yield replace(one, doubt=f"there is more than one line for {one.number}")
        elif back:
            yield replace(one, doubt="something in the answer takes something back")
        else:
            yield one
