"""Do the two opinions agree? Rules with evidence first, the statistical reader beside them.

Decides what is acted on. Five stages, each with a least likelihood for each label (`Model.limits`, set on data by `learning.py`):

    certain   a phrase that can hardly mean anything else: the model may only veto it
    explicit  a phrase, without a veto beside it
    hint      words that lean towards a meaning, and none towards another firm one
    contested words that lean towards a meaning, beside others that lean towards a firm one; nothing firm
    alone     the model itself; never for yes, no or unsubscribe, and for automatic mail only beside words of absence or of machines

Whatever passes no stage is `unclear`: the prospect is held and a human asked. The model never makes a firm verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from followupd.core.model import Reading, ReplyKind
from followupd.core.replies import words as w
from followupd.core.replies.dates import resume_date
from followupd.core.replies.hints import hinted, languages_of
from followupd.core.replies.letter import FIRM_WORDS, Letter, Question
from followupd.core.replies.statistics import Model
from followupd.core.replies.verdict import named_person, reading, reason_in

FIRM = frozenset({"yes", "no", "unsubscribe"})
MACHINE = frozenset({"out_of_office", "auto_reply"})
ASKS = w.Phrases(r"\?")
CERTAIN = 0.97
"""Confidence of a rule from which on the model may only veto it."""
DOUBTS: Mapping[str, tuple[w.Phrases, ...]] = {
    "yes": (w.YES, w.NEGATION, w.REGRET, w.CONDITION, w.UNSURE, w.HANDS_OVER, w.LATER, w.SARCASM, w.UNDOING),
    "no": (w.NO, w.CONDITION, w.UNSURE, w.HANDS_OVER, w.STILL_TALKS, w.SARCASM, w.LATER, ASKS),
    "unsubscribe": (w.UNSUBSCRIBE, w.UNSUBSCRIBE_DOUBT, w.SARCASM, ASKS),
}
"""Words beside which a hint of a firm answer is none: the vetoes of the rules, and a phrase that they have found and doubted."""
STAGES = ("certain", "explicit", "hint", "contested", "alone")
"""The best founded first."""
NEVER = 2.0
"""A limit that no likelihood reaches."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one stage would say, before the model's likelihood is held against its limit."""

    stage: str
    label: str
    evidence: str
    rule: Reading | None = None


def agreed(rule: Reading | None, letter: Letter, model: Model) -> Reading:
    """The verdict that both opinions carry, or `unclear` with the reason."""
    likely = model.likelihoods(letter)
    for claim in claims(rule, letter, likely, model):
        if likely[claim.label] >= limit(model, claim):
            return _spoken(claim, letter, likely[claim.label])
    return _doubted(rule, letter, likely)


def limit(model: Model, claim: Claim) -> float:
    """How likely the model must hold a claim's label for the claim to stand."""
    return model.limits.get(claim.stage, {}).get(claim.label, NEVER)


def claims(rule: Reading | None, letter: Letter, likely: Mapping[str, float], model: Model) -> Iterator[Claim]:
    """What could be said, the best founded first."""
    top = max(likely, key=lambda label: likely[label])
    if rule is not None:
        yield Claim("certain" if rule.confidence >= CERTAIN else "explicit", rule.kind.value, rule.evidence, rule)
        if rule.kind.value in FIRM and top != rule.kind.value:
            return  # a firm phrase that the model reads otherwise: a human reads both
    hints = hinted(letter.words, languages_of(letter.words))
    against = (FIRM & set(hints)) - {top}
    doubted = bool(against) or any(table.search(letter.words) for table in DOUBTS.get(top, ()))
    if top in hints and not (top in FIRM and (doubted or letter.count > FIRM_WORDS or _may_mean_either(letter))):
        yield Claim("contested" if doubted else "hint", top, hints[top])
    if top in MACHINE and (said := _sounds_automatic(letter)):
        yield Claim("hint", top, said)
    if top not in FIRM | MACHINE and (said := model.words(letter, top)):  # nothing is said that no word stands for
        yield Claim("alone", top, said)


def _may_mean_either(letter: Letter) -> bool:
    """Whether it is a short answer to "shall I close your file?": a no may keep it open, or close it."""
    return letter.question is Question.TURNED and len(letter.core.split()) <= SHORT


SHORT = 6
"""Words of an answer that means something only beside its question."""


def _sounds_automatic(letter: Letter) -> str:
    """Words that call a mail automatic, or tell of an absence and nothing else; nothing where a person answers as well."""
    text = w.plain_words(f"{letter.mail.subject}\n{letter.own}")
    declared = w.AUTO_SUBJECT.match(letter.mail.subject) or w.SELF_DECLARED.search(text)
    if declared:
        return str(declared[0])
    answers = (w.NOT_ABSENT, w.CONTRAST, w.YES, w.NO, w.UNSUBSCRIBE)
    found = w.ABSENCE.search(text) or w.AUTO_WORDS.search(text)
    return str(found[0]) if found and not any(table.search(letter.words) for table in answers) else ""


def weighed(verdict: Reading, opinion: ReplyKind | None) -> Reading:
    """The verdict after a third opinion: doubted where it contradicts, helped where two opinions agree on nothing firm."""
    if opinion is None or verdict.kind == opinion or verdict.kind.value in NOT_ASKED:
        return verdict
    if verdict.kind != ReplyKind.UNCLEAR:
        if verdict.kind.value not in FIRM and opinion.value not in FIRM:
            return verdict
        return replace(
            verdict,
            kind=ReplyKind.UNCLEAR,
            confidence=0.5,
            guess=verdict.kind,
            evidence=f"{verdict.evidence} (a third opinion says {opinion})",
        )
    if opinion == verdict.guess and opinion.value not in FIRM | MACHINE:
        return replace(verdict, kind=opinion, confidence=0.7, guess=None, evidence=f"{verdict.evidence} (a third opinion agrees)")
    return verdict


NOT_ASKED = frozenset({"bounce_hard", "bounce_soft", "bounce_blocked", "complaint", "auto_reply", "out_of_office"})
"""Told by their form: a third opinion is not asked."""


def _spoken(claim: Claim, letter: Letter, likelihood: float) -> Reading:
    """The reading of a claim that stands."""
    if claim.rule is not None:
        sure = 1 - (1 - claim.rule.confidence) * (1 - likelihood)
        return reading(
            claim.rule.kind, sure, claim.evidence, resume=claim.rule.resume, reason=claim.rule.reason, person=claim.rule.contact
        )
    kind = ReplyKind(claim.label)
    dated = kind in (ReplyKind.LATER, ReplyKind.OUT_OF_OFFICE)
    return reading(
        kind,
        likelihood,
        claim.evidence,
        resume=resume_date(letter.own, letter.written, prefers_end=kind == ReplyKind.OUT_OF_OFFICE) if dated else None,
        reason=reason_in(letter.words) if kind in (ReplyKind.NO, ReplyKind.LATER) else None,
        person=named_person(letter.own, letter.mail.sender) if kind == ReplyKind.REFERRAL else None,
    )


def _doubted(rule: Reading | None, letter: Letter, likely: Mapping[str, float]) -> Reading:
    """Says what was thought of, and why it isn't acted on."""
    top = max(likely, key=lambda label: likely[label])
    guess = f"may be {top.replace('_', ' ')}"
    if rule is not None and rule.kind.value != top:
        guess = f'"{rule.evidence}" says {rule.kind.value.replace("_", " ")}, but the whole {guess}'
    return reading(ReplyKind.UNCLEAR, min(likely[top], 0.5), f"{guess}: {letter.own}", guess=ReplyKind(top))
