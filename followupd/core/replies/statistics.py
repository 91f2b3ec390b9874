"""The second opinion on a reply: how likely each label is, by the weights of a linear model over words and parts of words.

Decides nothing: `agreement.py` weighs it against the rules. A model like this is sure of things that it does not understand
("actually not now" is a *no* to it), so it may veto a firm verdict and never makes one alone. The weights are one small file,
written by `training/train.py`; what is here only adds numbers up.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from followupd.core.replies import words as w
from followupd.core.replies.letter import Letter, PREFIX

LABELS = ("yes", "no", "later", "engaged", "referral", "unsubscribe", "out_of_office", "auto_reply")
"""What a person, or a machine that answers for one, may mean; delivery reports are told by their form."""
BUCKETS = 2**16
"""How many weights each label has; features share them by their hash."""
TOKENS = 160
"""Words that are looked at. The decision of a longer letter stands at its beginning or is left to the rep."""
SHORT = 6
"""Words of an answer that means something only beside its question."""
MAGIC = b"followupd reader 1\n"

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]+|[\U0001f300-\U0001faff☀-➿]|[:;][-']?[)(DP]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")


def features(letter: Letter) -> list[int]:
    """The buckets of everything that is seen in a reply, each once."""
    return sorted({zlib.crc32(seen.encode("utf-8", "replace")) % BUCKETS for seen in _seen(letter)})


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
    yield from _said("subject", _tokens(w.plain_words(PREFIX.sub("", letter.mail.subject)))[:12] if letter.foreign_subject else ())
    if "?" in letter.words:
        yield "asks"


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

    def to_bytes(self) -> bytes:
        """The file: a line that names it, the numbers, packed."""
        head = struct.pack(f"<{1 + len(LABELS)}d", self.scale, *self.bias)
        return MAGIC + zlib.compress(head + b"".join(weights.tobytes() for weights in self.weights), 9)


def model_from(data: bytes) -> Model:
    """The model in a file. Raises ValueError where it is none, or one of another version."""
    if not data.startswith(MAGIC):
        raise ValueError("this is no model of this version of followupd")
    size = struct.calcsize(f"<{1 + len(LABELS)}d")
    body = zlib.decompressobj().decompress(data[len(MAGIC) :], size + BUCKETS * len(LABELS) + 1)
    if len(body) != size + BUCKETS * len(LABELS):
        raise ValueError("this model has another size than it should have")
    scale, *bias = struct.unpack(f"<{1 + len(LABELS)}d", body[:size])
    rows = (body[size + at * BUCKETS : size + (at + 1) * BUCKETS] for at in range(len(LABELS)))
    return Model(scale=scale, bias=tuple(bias), weights=tuple(array("b", row) for row in rows))


@cache
def shipped() -> Model:
    """The model that comes with this version."""
    return model_from(resources.files("followupd.core.replies").joinpath("reader.model").read_bytes())
