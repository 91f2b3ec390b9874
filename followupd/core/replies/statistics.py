"""The second opinion on a reply: how likely each label is, by the weights of a linear model over words and parts of words.

Decides nothing: `agreement.py` weighs it against the rules. A model like this is sure of things that it does not understand
("actually not now" is a *no* to it), so it may veto a firm verdict and never makes one alone. The weights are one small file,
written by `training/train.py`; what is here only adds numbers up.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from followupd.core.replies import words as w
from followupd.core.replies.hints import KINDS, hinted, languages_of
from followupd.core.replies.letter import PREFIX, Letter

LABELS = ("yes", "no", "later", "engaged", "referral", "unsubscribe", "out_of_office", "auto_reply")
"""What a person, or a machine that answers for one, may mean; delivery reports are told by their form."""
BUCKETS = 2**16
"""How many weights each label has; features share them by their hash."""
TOKENS = 160
"""Words that are looked at. The decision of a longer letter stands at its beginning or is left to the rep."""
SHORT = 6
"""Words of an answer that means something only beside its question."""
MAGIC = b"followupd reader 1\n"
LARGEST = 4 * 2**20
"""Bytes of a model file."""

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]+|[\U0001f300-\U0001faff☀-➿]|[:;][-']?[)(DP]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")


def features(letter: Letter) -> list[int]:
    """The buckets of everything that is seen in a reply, each once."""
    return sorted({_bucket(seen) for seen in _seen(letter)})


def _bucket(seen: str) -> int:
    return zlib.crc32(seen.encode("utf-8", "replace")) % BUCKETS


def _seen(letter: Letter) -> Iterator[str]:
    tokens = _tokens(letter.words)[:TOKENS]
    yield from _said("w", tokens)
    for token in tokens:
        yield from _parts(token)
    for token in tokens[:4]:
        yield f"first {token}"
    core = _tokens(letter.core)
    if len(core) <= SHORT:
        yield f"whole {' '.join(core)}"
        yield from _answers(core, letter)
    yield f"length {min(len(tokens), 128).bit_length()}"
    yield f"question {letter.question.value}"
    yield from _said(
        "subject", _tokens(w.plain_words(PREFIX.sub("", letter.mail.subject)))[:12] if letter.foreign_subject else ()
    )
    if "?" in letter.words:
        yield "asks"
    yield from _known(letter)


SIGNS: Mapping[str, w.Phrases] = {
    "yes": w.YES, "no": w.NO, "later": w.LATER, "unsubscribe": w.UNSUBSCRIBE, "handed over": w.HANDS_OVER, "left": w.LEFT, "absent": w.ABSENCE,
    "engaged": w.ENGAGED, "negated": w.NEGATION, "if": w.CONDITION, "but": w.CONTRAST, "unsure": w.UNSURE, "time": w.TIME, "final": w.FINAL,
    "regret": w.REGRET, "sarcasm": w.SARCASM, "automatic": w.AUTO_WORDS,
}  # fmt: skip
"""What the rules look for; each is one thing seen, whatever its words and language."""


def _known(letter: Letter) -> Iterator[str]:
    """Which tables of the rules, and which hints, speak: a meaning that other words of it share."""
    signs = [name for name, table in SIGNS.items() if table.search(letter.words)]
    hints = hinted(letter.words, languages_of(letter.words))
    for name in signs:
        yield from (f"sign {name} {copy}" for copy in range(4))
    for kind in KINDS:
        yield from (f"hint {kind} {kind in hints} {copy}" for copy in range(4))
    firm = [kind for kind in ("yes", "no", "unsubscribe") if kind in hints]
    yield f"hints {firm} {letter.question.value}"
    yield f"signs {[name for name in signs if name in ('yes', 'no', 'later', 'unsubscribe')]} {letter.question.value}"


def _tokens(text: str) -> list[str]:
    """Words, numbers (each digit a 0), marks that speak; a script without blanks in pairs and triples of its letters."""
    found: list[str] = []
    for token in _TOKEN.findall(text.lower()):
        if _UNSPACED.search(token):
            found += [token[at : at + size] for size in (2, 3) for at in range(len(token) - size + 1)] or [token]
        else:
            found.append("0" * len(token) if token.isdigit() else token)
    return found


def _said(kind: str, tokens: Sequence[str]) -> Iterator[str]:
    """Words alone, in pairs, in threes, and in pairs with one word between them."""
    for at, token in enumerate(tokens):
        yield f"{kind} {token}"
        if at + 1 < len(tokens):
            yield f"{kind} {token} {tokens[at + 1]}"
        if at + 2 < len(tokens):
            yield f"{kind} {token} {tokens[at + 1]} {tokens[at + 2]}"
            yield f"{kind} {token} _ {tokens[at + 2]}"


def _parts(token: str) -> Iterator[str]:
    """Parts of a word: other endings of it, and words that it is made of."""
    if len(token) > 3 and not token.isdigit():
        bounded = f"<{token[:24]}>"
        for size in (4, 5):
            for at in range(len(bounded) - size + 1):
                yield bounded[at : at + size]


def _answers(core: Sequence[str], letter: Letter) -> Iterator[str]:
    """A short answer beside each word of the question that it answers."""
    asked = set(_tokens(w.plain_words(letter.asked))[-40:])
    for word in core:
        yield f"{letter.question.value} {word}"
        for other in asked:
            yield f"{other} : {word}"


@dataclass(frozen=True, slots=True)
class Model:
    """The weights: for each label one small number a bucket, and what to multiply them with."""

    scale: float
    bias: tuple[float, ...]
    weights: tuple[array[int], ...]
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By stage and label: how likely a label must be for the stage to stand; see `agreement.py`. Set on data, by `learning.py`."""

    def likelihoods(self, letter: Letter) -> Mapping[str, float]:
        """How likely each label is; together 1."""
        seen = features(letter)
        norm = self.scale / math.sqrt(len(seen) or 1)
        scores = [
            bias + norm * sum(map(weights.__getitem__, seen)) for bias, weights in zip(self.bias, self.weights, strict=True)
        ]
        top = max(scores)
        grown = [math.exp(score - top) for score in scores]
        return {label: value / sum(grown) for label, value in zip(LABELS, grown, strict=True)}

    def words(self, letter: Letter, label: str) -> str:
        """The words of the reply that speak most for a label, as they stand in it."""
        weights, at = self.weights[LABELS.index(label)], _tokens(letter.words)[:TOKENS]
        spoken = [
            (weights[_bucket(f"w {' '.join(at[start : start + size])}")], start, size)
            for size in (3, 2, 1)
            for start in range(len(at))
        ]
        best = max(spoken, default=None)
        return " ".join(at[best[1] : best[1] + best[2]]) if best else ""

    def to_bytes(self) -> bytes:
        """The file: a line that names it, a line of JSON, the weights, packed."""
        head = json.dumps({"labels": LABELS, "scale": self.scale, "bias": self.bias, "limits": self.limits}, sort_keys=True)
        return MAGIC + head.encode("ascii") + b"\n" + zlib.compress(b"".join(weights.tobytes() for weights in self.weights), 9)


def model_from(data: bytes) -> Model:
    """The model in a file. Raises ValueError where it is none, or one of another version."""
    found = _unpacked(data)
    if found is None:
        raise ValueError("this is no model of this version of followupd; make one with followupd train")
    return found


def _unpacked(data: bytes) -> Model | None:
    head, _, packed = data.removeprefix(MAGIC)[:LARGEST].partition(b"\n")
    try:
        told = json.loads(head) if data.startswith(MAGIC) else {}
        body = zlib.decompressobj().decompress(packed, BUCKETS * len(LABELS) + 1)
        rows = tuple(array("b", body[at * BUCKETS : (at + 1) * BUCKETS]) for at in range(len(LABELS)))
        bias = tuple(float(value) for value in told["bias"])
        if told["labels"] != list(LABELS) or len(body) != BUCKETS * len(LABELS) or len(bias) != len(LABELS):
            return None
        return Model(scale=float(told["scale"]), bias=bias, weights=rows, limits=told["limits"])
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
