"""What an answer to a step is kept as, and what it does beyond its kind: one row in `KEEPS` for each name that means more than its words.

A step says `keep: NAME`. Decides the facts that an answer to that very mail leaves, and where a plain yes or later means something
else than usual: a yes to "shall I go on?" is a permission and no sale. Never decides whom an answer belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from followupd.core.answers import AUTOMATIC
from followupd.core.lifecycle import made_id
from followupd.core.model import Effect, Enrollment, Event, Fact, Outcome, Reason, Reply, ReplyKind
from followupd.core.replies.letter import COMMITS
from followupd.core.replies.verdict import reason_in
from followupd.core.replies.words import plain_words

LONGEST = 500
"""Characters of an answer that are kept."""

REAL_REASON, WORDS = "real_reason", "real_reason_words"
"""Why it really was a no: the code of a `Reason`, and the words."""

PERMISSION = "permission"
"""Whether somebody wants to go on hearing from us: yes, no, or later; with the day on which they said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """One name. `effects` take the place of the usual ones; `values` are what is kept for an answer of a kind (others: nothing)."""

    about: str = "learned"
    effects: Mapping[ReplyKind, Effect] = field(default_factory=dict)
    values: Mapping[ReplyKind, str] = field(default_factory=dict)


KEEPS: Mapping[str, Keep] = {
    REAL_REASON: Keep(about="reason"),
    PERMISSION: Keep(
        effects={
            ReplyKind.YES: Effect(move="finish", outcome=Outcome.WELCOME),
            ReplyKind.LATER: Effect(move="pause", pause="180d", task="They want to hear again later, not now: {{ reply.quote }}"),
        },
        values={ReplyKind.YES: "yes", ReplyKind.NO: "no", ReplyKind.LATER: "later"},
    ),
}  # fmt: skip
"""Names with a meaning of their own. Under any other name the words of the answer are kept as learned."""


BARE = 8
"""Words of a yes that says nothing beyond "go on"."""


def effect(name: str | None, reply: Reply) -> Effect | None:
    """What an answer does where the step that it answers keeps `name`; None: the usual. A yes that says more may be a wish to talk."""
    known, words = KEEPS.get(name or ""), plain_words(reply.text)
    says_more = reply.kind == ReplyKind.YES and (len(words.split()) > BARE or COMMITS.search(words) is not None)
    return known.effects.get(reply.kind) if known and not says_more else None


def kept(name: str, reply: Reply, enrollment: Enrollment, touch: str) -> tuple[tuple[Fact, ...], tuple[Event, ...]]:
    """What an answer leaves. A machine's answer leaves nothing, nor does an opt-out: whoever wants no contact has told us nothing else."""
    if reply.kind in AUTOMATIC or reply.kind == ReplyKind.UNSUBSCRIBE:
        return (), ()
    known, words = KEEPS.get(name, Keep()), " ".join(reply.text.split())[:LONGEST]
    if name == REAL_REASON:
        reason = reason_in(plain_words(reply.text)) or Reason.OTHER
        said = {REAL_REASON: reason.value, WORDS: words} if words else {}
    else:
        value = known.values.get(reply.kind, "") if known.values else words
        said = {name: value} if value else {}
    facts = tuple(_fact(each, value, known.about, reply, enrollment, touch) for each, value in said.items())
    text = f"kept as {name}: {', '.join(said.values())}"
    event = Event(
        at=reply.seen,
        kind="kept",
        text=text[:600],
        address=enrollment.address,
        enrollment=enrollment.id,
        touch=touch,
        data={"name": name, "kept": said, "reply": reply.id},
    )
    return facts, (event,) if facts else ()


def _fact(name: str, value: str, about: str, reply: Reply, enrollment: Enrollment, touch: str) -> Fact:
    return Fact(
        id=made_id("kept", reply.id, name, value, length=16), address=enrollment.address, name=name, value=value, at=reply.received, about=about,
        source=f"reply {reply.id}", by=reply.address, enrollment=enrollment.id, touch=touch,
    )  # fmt: skip
