"""Learning from labelled replies: the weights of the statistical reader, and the limits of each stage.

Decides by a written rule, never by feel: a stage may act on a label from the least likelihood on at which, on replies that the model had
not learned from, it is right as often as `RIGHT` asks, with half an error added so that few cases prove little. Where no
likelihood is enough, that stage never acts on that label. Needs numpy (the extra `train`); reading replies doesn't.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from followupd.core.replies.agreement import FIRM, MACHINE, NEVER, STAGES, claims
from followupd.core.replies.kinds import ruled
from followupd.core.replies.labelled import Labelled, letter
from followupd.core.replies.letter import Letter
from followupd.core.replies.statistics import BUCKETS, LABELS, Model, features

ROUNDS = 25
"""Times that every reply is looked at."""
BATCH = 32
STEP = 0.5
SHRINK = 3e-6
"""How strongly weights are pulled to zero at each step."""
FOLDS = 5
RIGHT: Mapping[str, float] = {
    "yes": 0.985, "no": 0.985, "unsubscribe": 0.985,  # what is wrong ends a conversation, or writes on after a no
    "out_of_office": 0.97, "auto_reply": 0.97,  # what is wrong writes on to a person who has answered
    "later": 0.9, "referral": 0.85,  # what is wrong waits too long, or proposes somebody
    "engaged": 0.75,  # what is wrong is read by the rep all the same
}  # fmt: skip
"""How often what is acted on must be right: the dearer the mistake, the oftener."""
FAMILIES = (FIRM, MACHINE)
"""Labels that share a limit, so that it rests on more cases."""
VETO = 0.02
"""A certain phrase is stopped only by a model that holds its label for nearly impossible."""

TRAP = "trap"
"""The difficulty of replies that were written against the phrase tables: they are learned from, and say nothing of how often a stage is right."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled reply with what is seen in it."""

    row: Labelled
    letter: Letter
    seen: tuple[int, ...]


def examples(rows: Sequence[Labelled]) -> list[Example]:
    """Every row whose label the model knows."""
    letters = [(row, letter(row)) for row in rows if row.label in LABELS]
    return [Example(row, read, tuple(features(read))) for row, read in letters]


def train(rows: Sequence[Labelled], progress: Progress = lambda done, of: None) -> Model:
    """A model with its limits, learned from all rows."""
    known = examples(rows)
    progress(0, FOLDS + 1)
    stages: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for fold in range(FOLDS):
        held = [one for one in known if _fold(one.row) == fold]
        model = fit([one for one in known if _fold(one.row) != fold])
        for one in held:
            if one.row.difficulty != TRAP:
                _judge(one, model, stages)
        progress(fold + 1, FOLDS + 1)
    model = replace(fit(known), limits=limits(stages))
    progress(FOLDS + 1, FOLDS + 1)
    return model


def _fold(row: Labelled) -> int:
    return zlib.crc32(f"fold {row.group}".encode()) % FOLDS


def _judge(one: Example, model: Model, stages: dict[tuple[str, str], list[tuple[float, bool]]]) -> None:
    """What each stage would have claimed for a reply that the model hasn't seen."""
    likely = model.likelihoods(one.letter)
    for claim in claims(ruled(one.letter), one.letter, likely, model):
        stages[claim.stage, claim.label].append((likely[claim.label], claim.label == one.row.label))


def limits(stages: Mapping[tuple[str, str], Sequence[tuple[float, bool]]]) -> dict[str, dict[str, float]]:
    """The least likelihood of each stage and label, by the rule."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for label in LABELS:
        family = next((kin for kin in FAMILIES if label in kin), frozenset({label}))
        acted: list[tuple[float, bool]] = []
        for stage in STAGES:
            judged = [one for kin in family for one in stages.get((stage, kin), ())]
            found[stage][label] = VETO if stage == "certain" else _least(judged, acted, RIGHT[label])
            acted += [one for one in judged if one[0] >= found[stage][label]]
    return {stage: dict(sorted(by_label.items())) for stage, by_label in sorted(found.items())}


def _least(judged: Sequence[tuple[float, bool]], acted: Sequence[tuple[float, bool]], right: float) -> float:
    """The lowest likelihood from which on the share of right ones, with half an error added, is what is asked.

    What better founded stages act on counts too: people meet all of it. By itself a stage is wrong at most `LEAN` times as often.
    """
    least, wrong, before = NEVER, 0.5, sum(not fits for _, fits in acted)
    for count, (likelihood, fits) in enumerate(sorted(judged, reverse=True), start=2):
        wrong += not fits
        if wrong + before <= (1 - right) * (count + len(acted)) and wrong <= LEAN * (1 - right) * count:
            least = likelihood
    return round(least, 4)


LEAN = 3
"""How much a stage may lean on the better founded ones."""


def fit(known: Sequence[Example]) -> Model:
    """Weights by softmax regression (AdaGrad over small batches, in a fixed order)."""
    import numpy as np

    target = np.array([LABELS.index(one.row.label) for one in known])
    seen = [np.array(one.seen, dtype=np.int64) for one in known]
    weights, squares = np.zeros((BUCKETS, len(LABELS))), np.full((BUCKETS, len(LABELS)), 1e-8)
    bias, bias_squares = np.zeros(len(LABELS)), np.full(len(LABELS), 1e-8)
    random = np.random.default_rng(0)
    for _ in range(ROUNDS):
        order = random.permutation(len(known))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            sizes = [len(seen[at]) for at in batch]
            buckets, owner = np.concatenate([seen[at] for at in batch]), np.repeat(np.arange(len(batch)), sizes)
            norm = 1 / np.sqrt(np.maximum(sizes, 1))
            error = _likelihoods(np, weights, bias, buckets, owner, norm)
            error[np.arange(len(batch)), target[batch]] -= 1
            error /= len(batch)
            touched, where = np.unique(buckets, return_inverse=True)
            slope = SHRINK * weights[touched]
            np.add.at(slope, where, (error * norm[:, None])[owner])
            squares[touched] += slope * slope
            weights[touched] -= STEP * slope / np.sqrt(squares[touched])
            total = error.sum(0)
            bias_squares += total * total
            bias -= STEP / 10 * total / np.sqrt(bias_squares)
    return _packed(np, weights, bias)


def _likelihoods(np: Any, weights: Any, bias: Any, buckets: Any, owner: Any, norm: Any) -> Any:
    scores = np.zeros((len(norm), len(LABELS)))
    np.add.at(scores, owner, weights[buckets])
    scores = scores * norm[:, None] + bias
    grown = np.exp(scores - scores.max(1, keepdims=True))
    return grown / grown.sum(1, keepdims=True)


def _packed(np: Any, weights: Any, bias: Any) -> Model:
    """The weights in one byte each."""
    scale = float(np.abs(weights).max()) / 127 or 1.0
    small = np.rint(weights / scale).astype(np.int8)
    return Model(
        scale=scale,
        bias=tuple(float(value) for value in bias),
        weights=tuple(array("b", small[:, at].tobytes()) for at in range(len(LABELS))),
    )


__all__ = ["FIRM", "Example", "examples", "fit", "limits", "train"]
