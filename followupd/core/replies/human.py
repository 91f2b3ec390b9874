"""What a person means with typed words: unsubscribe, referral, no, later, yes, engaged.

Decides by phrase tables and vetoes. A firm word (yes, no, unsubscribe) stands only where no veto is in the same text: the
other answer, a time, a condition, a contrast, a question, a negation in front of it. What a veto stops is never
turned into another firm word; it becomes `later`, `engaged` or nothing. The subject counts only where it is not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from followupd.core.model import Reading, ReplyKind
from followupd.core.replies import words as w
from followupd.core.replies.dates import resume_date
from followupd.core.replies.letter import FIRM_WORDS, PREFIX, Letter, Question
from followupd.core.replies.verdict import named_person, reading, reason_in

BEFORE = 60  # characters in front of a phrase in which a negation turns it


def _neutral(words: str) -> str:
    """The words without idioms that only look like a yes, a no or a doubt."""
    return w.IDIOM.sub("~", words)


def _negated(words: str, start: int) -> bool:
    """Whether a negation stands within five words in front of a phrase, in the same sentence."""
    before = re.split(r"[.!?;\n,:]", words[max(0, start - BEFORE) : start])[-1]
    return bool(w.NEGATION.search(" ".join(before.split()[-5:])))


def _asks(words: str, start: int) -> bool:
    """Whether the sentence around this place is a question."""
    end = re.search(r"[.!?\n]", words[start:])
    return end is not None and end[0] == "?"


# -- unsubscribe ---------------------------------------------------------------------------------


def unsubscribe(letter: Letter) -> Reading | None:
    """Asks to get no more mail. Said in the writer's own words, or in a subject that is not ours."""
    if w.ALONE_UNSUBSCRIBE.fullmatch(letter.core):
        return reading(ReplyKind.UNSUBSCRIBE, 0.97, letter.own or letter.core)
    subject = w.plain_words(PREFIX.sub("", letter.mail.subject)).strip(" .!")
    if letter.foreign_subject and letter.count <= 12 and w.ALONE_UNSUBSCRIBE.fullmatch(subject):
        return reading(ReplyKind.UNSUBSCRIBE, 0.95, f"Subject: {letter.mail.subject}")
    for sentence in letter.sentences:
        found = w.UNSUBSCRIBE.search(sentence)
        if found and not _unsubscribe_doubted(sentence, found):
            return reading(ReplyKind.UNSUBSCRIBE, 0.95, found[0])
    beside = _stop_beside_a_no(letter)
    return reading(ReplyKind.UNSUBSCRIBE, 0.95, beside) if beside else None


def _stop_beside_a_no(letter: Letter) -> str:
    """A bare "stop" or "unsubscribe" as one part of a mail whose other parts refuse: "No thanks, stop." The no says what is to stop."""
    if letter.count > SHORT or letter.mail.headers.get("list-id"):  # on a list people speak to each other
        return ""
    parts = [part.strip(" .!-–—") for part in re.split(r"[.!?;,\n]+|\s[-–—]\s|\b(?:and|und|et|y|e|en|och|og)\b", letter.words)]
    said = next((part for part in parts if part and w.ALONE_UNSUBSCRIBE.fullmatch(part)), "")
    refuses = any(part != said and (w.ALONE_NO.fullmatch(part) or w.NO.search(_neutral(part))) for part in parts if part)
    return said if said and (refuses or w.NO.search(_neutral(letter.words))) and "?" not in letter.words else ""


SHORT = 30
"""Words of a mail in which a bare "stop" speaks to us."""


def _unsubscribe_doubted(sentence: str, found: re.Match[str]) -> bool:
    before = w.NO.sub("~", sentence[: found.start()])  # "not interested, stop writing": that "not" denies the offer, not the stop
    if w.UNSUBSCRIBE_DOUBT.search(before + sentence[found.start() :]) or w.SARCASM.search(sentence):
        return True
    return sentence.rstrip().endswith("?") and not re.match(r"(?:please|can|could|would|will) (?:you|please)", sentence)


# -- referral ------------------------------------------------------------------------------------


def referral(letter: Letter) -> Reading | None:
    """Somebody else is the person to talk to, or the addressee has left."""
    if _first_unnegated(w.NO, _neutral(letter.words)):
        return None  # an explicit no beside it: a human reads both
    person = named_person(letter.own, letter.mail.sender)
    found = w.LEFT.search(letter.words) or w.HANDS_OVER.search(letter.words)
    if found and not _asks(letter.words, found.start()):
        return reading(ReplyKind.REFERRAL, 0.85, found[0], person=person)
    passed = w.PASSES_ON.search(letter.words) or re.match(r"\+ ?\w", letter.own)
    if (
        passed
        and person
        and not (w.YES.search(letter.words) or w.LATER.search(letter.words) or w.NO.search(letter.words) or "?" in letter.own)
    ):
        return reading(ReplyKind.REFERRAL, 0.75, passed[0], person=person)
    return None


# -- no ------------------------------------------------------------------------------------------


def no(letter: Letter) -> Reading | None:
    """Refuses, without leaving it to a later date."""
    words = _neutral(letter.words)
    if letter.count > FIRM_WORDS:
        return None
    if w.ALONE_NO.fullmatch(letter.core) and not w.NO.search(words):
        return reading(ReplyKind.NO, 0.97, letter.own) if letter.question in (Question.PLAIN, Question.INTEREST) else None
    found = _first_unnegated(w.NO, words, besides=w.POLITE_NO if letter.question is Question.TURNED else None)
    if found is None or _no_doubted(words, found):
        return None
    return reading(ReplyKind.NO, 0.93, found[0], reason=reason_in(letter.words))


def _first_unnegated(table: w.Phrases, words: str, besides: w.Phrases | None = None) -> re.Match[str] | None:
    """The first phrase that says what it seems to, provided that none of its kind is negated. `besides` do not count."""
    found = list(islice(table.finditer(words), 10))
    if any(_negated(words, match.start()) for match in found):
        return None
    counted = (match for match in found if besides is None or not besides.fullmatch(match[0]))
    return next((match for match in counted if w.NO_TAIL.match(words[match.end() :])), None)


def _no_doubted(words: str, found: re.Match[str]) -> bool:
    """Every veto of a no."""
    after = words[found.end() :]
    if w.DECIDED.search(found[0]):
        after = w.WHEN_DECIDED.sub("", after, count=1)
    without = words[: found.start()] + "~" + after
    return bool(
        "?" in words
        or w.OTHERS.search(words[max(0, found.start() - BEFORE) : found.start()])
        or w.TIME.search(without)
        or w.LATER.search(without)
        or _agrees_too(words, found)
        or w.CONDITION.search(without)
        or w.CONTRAST.search(after)
        or w.SARCASM.search(without)
        or w.UNSURE.search(without)
        or w.STILL_TALKS.search(without)
        or w.HANDS_OVER.search(words)
        or w.ABSENCE.search(without)
    )


def _agrees_too(words: str, found: re.Match[str]) -> bool:
    """Whether a yes stands beside a no: one that is neither part of it nor a leave to close a file."""
    leaves = [match for match in w.UNDOES.finditer(words) if not _overlap(match, found)]
    return any(
        not _negated(words, match.start()) and not any(_overlap(match, other) for other in (found, *leaves))
        for match in w.YES.finditer(words)
    )


def _overlap(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _any(table: w.Phrases, words: str) -> bool:
    """Whether a phrase stands there that nothing in front of it negates."""
    return any(not _negated(words, match.start()) for match in table.finditer(words))


# -- later ---------------------------------------------------------------------------------------


def later(letter: Letter) -> Reading | None:
    """Defers. Not where the same text refuses for good: then a human looks."""
    words = letter.words
    found = w.LATER.search(words) or (w.FOR_NOW.search(words) if w.NO.search(words) else None)  # "not interested at the moment"
    if not found or _refuses_too(words) or w.UNSUBSCRIBE.search(words) or w.ANNOYED.search(words) or _any(w.YES, _neutral(words)):
        return None
    questions = [sentence for sentence in letter.sentences if sentence.endswith("?")]
    if any(not w.LATER.search(sentence) or ASKS_MORE.search(sentence) for sentence in questions):
        return None
    resume = resume_date(letter.own, letter.written)
    return reading(
        ReplyKind.LATER, 0.8 if resume or len(words.split()) < 40 else 0.7, found[0], resume=resume, reason=reason_in(words)
    )


ASKS_MORE = w.Phrases(
    r"\b(?:what|how|which|why|who|price|pricing|costs?|send|quote|discount|include\w*|explain|was|wie|welche\w*|kosten|quel\w*|combien|cuánto|qué|quanto|hoeveel)\b"
)


def _refuses_too(words: str) -> bool:
    """Whether a text that names a later time also has a final word."""
    found = w.NO.search(_neutral(words))
    return bool(w.FINAL.search(words)) or bool(found and not w.TIME.search(words) and not _negated(words, found.start()))


# -- yes -----------------------------------------------------------------------------------------


def yes(letter: Letter) -> Reading | None:
    """Commits: agrees, signs, buys, starts, or fixes a meeting."""
    if letter.count > FIRM_WORDS:
        return None
    words = _neutral(letter.words)
    if w.ALONE_YES.fullmatch(letter.core) and not w.YES.search(words):
        return reading(ReplyKind.YES, 0.97, letter.own) if letter.question is Question.PLAIN else None
    turned = letter.question is Question.TURNED
    agreed = (match for match in w.YES.finditer(words) if not _asks(words, match.start()))
    found = next((match for match in agreed if not (turned and w.WEAK_YES.fullmatch(match[0].strip()))), None)
    if found is None or _yes_doubted(words, found):
        return None
    return reading(ReplyKind.YES, 0.93, found[0])


def _yes_doubted(words: str, found: re.Match[str]) -> bool:
    """Every veto of a yes."""
    without = words[: found.start()] + "~" + words[found.end() :]
    return bool(
        w.NEGATION.search(words)
        or w.REGRET.search(words)
        or not w.YES_TAIL.match(words[found.end() :])
        or w.CONDITION.search(words)
        or w.CONTRAST.search(without)
        or w.UNDOING.search(without)
        or w.SARCASM.search(words)
        or w.UNSURE.search(words)
        or w.HANDS_OVER.search(words)
        or w.LATER.search(without)
        or w.ABSENCE.search(without)
    )


# -- engaged -------------------------------------------------------------------------------------


def engaged(letter: Letter) -> Reading | None:
    """A person who talks and has decided nothing: a question, thanks, an objection, interest."""
    if not knows_language(letter.words) or letter.count > 400 or w.UNSUBSCRIBE.search(letter.words):
        return None
    asks = next((sentence for sentence in letter.sentences if sentence.endswith("?")), "")
    if asks:
        return reading(ReplyKind.ENGAGED, 0.75, asks)
    found = w.ENGAGED.search(letter.words)
    if found and not w.NO.search(letter.words) and not w.YES.search(letter.words):
        return reading(ReplyKind.ENGAGED, 0.6, found[0])
    return None


def knows_language(words: str) -> bool:
    """Whether a text is in a language that the tables cover: enough of its small words are known."""
    tokens = re.findall(r"[^\W\d_]+", words)[:200]
    return _share(tokens, w.STOPWORDS) >= 0.2 if len(tokens) > 3 else any(token.isascii() for token in tokens)


def _share(tokens: list[str], known: Iterable[str]) -> float:
    return sum(token in known for token in tokens) / max(len(tokens), 1)
