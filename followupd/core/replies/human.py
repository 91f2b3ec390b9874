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
    """The words with idioms taken out that only look like a yes or a no."""
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
    return None


def _unsubscribe_doubted(sentence: str, found: re.Match[str]) -> bool:
    if w.UNSUBSCRIBE_DOUBT.search(sentence) or w.SARCASM.search(sentence):
        return True
    return sentence.rstrip().endswith("?") and not re.match(r"(?:please|can|could|would|will) (?:you|please)", sentence)


# -- referral ------------------------------------------------------------------------------------


def referral(letter: Letter) -> Reading | None:
    """Somebody else is the person to talk to, or the addressee has left."""
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
        return reading(ReplyKind.NO, 0.9, letter.own) if letter.question in (Question.PLAIN, Question.INTEREST) else None
    found = _first_unnegated(w.NO, words)
    if found is None or _no_doubted(letter, words, found):
        return None
    return reading(ReplyKind.NO, 0.93, found[0], reason=reason_in(letter.words))


def _first_unnegated(table: w.Phrases, words: str) -> re.Match[str] | None:
    """The first phrase that says what it seems to, provided that none of its kind is negated."""
    found = list(islice(table.finditer(words), 10))
    if any(_negated(words, match.start()) for match in found):
        return None
    return next((match for match in found if w.NO_TAIL.match(words[match.end() :])), None)


def _no_doubted(letter: Letter, words: str, found: re.Match[str]) -> bool:
    """Every veto of a no."""
    without = words[: found.start()] + "~" + words[found.end() :]
    after = words[found.end() :]
    polite_only = letter.question is Question.TURNED and re.fullmatch(r"(?:no|nope|nah|nein|non|nee|não),? .{2,15}", found[0])
    return bool(
        "?" in words
        or polite_only
        or w.TIME.search(without)
        or w.LATER.search(without)
        or _any(w.YES, w.UNDOES.sub("~", without))
        or w.CONDITION.search(without)
        or w.CONTRAST.search(after)
        or w.SARCASM.search(without)
        or w.UNSURE.search(without)
        or w.HANDS_OVER.search(words)
        or w.ABSENCE.search(without)
    )


def _any(table: w.Phrases, words: str) -> bool:
    """Whether a phrase stands there that nothing in front of it negates."""
    return any(not _negated(words, match.start()) for match in table.finditer(words))


# -- later ---------------------------------------------------------------------------------------


def later(letter: Letter) -> Reading | None:
    """Defers. Not where the same text refuses for good: then a human looks."""
    words = letter.words
    found = w.LATER.search(words) or (w.FOR_NOW.search(words) if w.NO.search(words) else None)  # "not interested at the moment"
    resume = resume_date(letter.own, letter.written)
    if not found or _refuses_too(words) or w.UNSUBSCRIBE.search(words) or w.ANNOYED.search(words) or _any(w.YES, _neutral(words)):
        return None
    questions = [sentence for sentence in letter.sentences if sentence.endswith("?")]
    if any(not w.LATER.search(sentence) or ASKS_MORE.search(sentence) for sentence in questions):
        return None
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
        return reading(ReplyKind.YES, 0.9, letter.own) if letter.question is Question.PLAIN else None
    found = next((match for match in w.YES.finditer(words) if not _asks(words, match.start())), None)
    if found is None or _yes_doubted(letter, words, found):
        return None
    return reading(ReplyKind.YES, 0.93, found[0])


def _yes_doubted(letter: Letter, words: str, found: re.Match[str]) -> bool:
    """Every veto of a yes."""
    weak = w.WEAK_YES.fullmatch(found[0].strip()) is not None
    without = words[: found.start()] + "~" + words[found.end() :]
    return bool(
        w.NEGATION.search(words)
        or not w.YES_TAIL.match(words[found.end() :])
        or (weak and letter.question is Question.TURNED)
        or w.CONDITION.search(words)
        or w.CONTRAST.search(words)
        or w.UNDOING.search(words)
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
