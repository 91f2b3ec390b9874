"""The judge of the demo: were the promises kept?

Decides from what the embedded servers wrote down, in the order in which it came in; the store is asked only for which
step a mail was, and how things ended. Pure: every fact is handed in, so a test can show the judge a broken promise.

After an answer nothing more may leave, with these exceptions, each of which is the meaning of the answer:

    no                      one mail of the cadence `after-the-no`
    later, out of office    mails from the day on that the writer named
    engaged, unclear        mails after a human let the cadence go on
    bounce soft, blocked    mails after the pause that follows
    auto reply              all mails: a ticket number is no answer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from followupd.core.model import Outcome, ReplyKind

THANKS = "after-the-no"
"""The cadence that may write once after a no."""

LATE = timedelta(hours=2)
"""A mail that leaves longer after its time than this was forgotten for a while."""

RESTS = timedelta(days=1)
"""For so long a mailbox sends nothing about which somebody has complained; what was due then is late by right."""

_STANDS_STILL = {ReplyKind.BOUNCE_SOFT: timedelta(days=3), ReplyKind.BOUNCE_BLOCKED: timedelta(days=7)}
_CLOCK_CHANGE = timedelta(hours=1)  # a day of a pause may be an hour short
_HELD = frozenset({ReplyKind.ENGAGED, ReplyKind.UNCLEAR})

ENDS = {
    ReplyKind.YES: Outcome.YES,
    ReplyKind.NO: Outcome.NO,
    ReplyKind.REFERRAL: Outcome.REFERRED,
    ReplyKind.UNSUBSCRIBE: Outcome.OPTED_OUT,
    ReplyKind.COMPLAINT: Outcome.OPTED_OUT,
    ReplyKind.BOUNCE_HARD: Outcome.BOUNCED,
}
"""The answers that end a cadence, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that the SMTP server has accepted. `cadence` and `step` are empty where the store does not know it."""

    order: int
    at: datetime
    address: str
    message_id: str
    cadence: str = ""
    step: str = ""
    due: datetime | None = None
    in_window: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer that lay in the mailbox, or what a rep found out. `back` is when the writer wants to be written to again."""

    order: int
    at: datetime
    address: str
    kind: ReplyKind  # what it was meant to be
    back: datetime | None = None
    understood: ReplyKind | None = None  # None: nobody had to read it
    by_rep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the judge sees. `released` says when a human let somebody's cadence go on."""

    addresses: tuple[str, ...]
    sent: tuple[Sent, ...]
    said: tuple[Said, ...]
    released: tuple[tuple[str, int], ...] = ()
    gone: frozenset[str] = frozenset()  # addresses that the server refused
    ended: Mapping[str, Outcome | None] = field(default_factory=dict)  # the cadence that each began with
    outcomes: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)  # who has not come to an end, by state
    doubtful: int = 0
    forgotten: int = 0  # touches that were due and never happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures, and every promise that was broken, in words."""

    mails: int
    duplicates: int
    after_answer: int
    outside_window: int
    late: int
    stopped: int
    doubtful: int
    replies: Mapping[str, int]
    outcomes: Mapping[str, int]
    waiting: Mapping[str, int]
    answers: int
    understood: int
    misread: tuple[Said, ...]
    mails_per_prospect: Mapping[str, int]
    broken: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, under the names of the contract."""
        return {
            "prospects": len(self.mails_per_prospect), "mails": self.mails, "duplicates": self.duplicates, "after_answer": self.after_answer,
            "replies": dict(self.replies), "outcomes": dict(self.outcomes), "doubtful": self.doubtful, "stopped": self.stopped,
            "waiting": dict(self.waiting),
            "outside_window": self.outside_window, "late": self.late, "understood": {"right": self.understood, "of": self.answers},
            "misread": [{"address": one.address, "meant": one.kind, "read": one.understood} for one in self.misread],
            "mails_per_prospect": dict(self.mails_per_prospect), "broken": list(self.broken),
        }  # fmt: skip


def judge(facts: Facts) -> Verdict:
    """Count, and name what was broken."""
    twice, after = duplicates(facts.sent), after_answers(facts)
    outside = [one for one in facts.sent if not one.in_window]
    complaints = [one.at for one in facts.said if one.kind == ReplyKind.COMPLAINT]
    late = [
        one
        for one in facts.sent
        if one.due and one.at > one.due + LATE and not any(at <= one.at <= at + RESTS + LATE for at in complaints)
    ]
    read = [one for one in facts.said if not one.by_rep]
    misread = tuple(one for one in read if one.understood != one.kind)
    broken = (
        *(f"{one.address} got {_name(one)} twice" for one in twice),
        *(f"{mail.address} had answered ({answer.kind}), and got {_name(mail)}" for mail, answer in after),
        *(f"{_name(one)} reached {one.address} outside the window, at {one.at:%d %b %H:%M} UTC" for one in outside),
        *(f"{_name(one)} reached {one.address} late: {one.at - one.due} after its time" for one in late if one.due),
        *(f"{one.address} got a mail that the store does not know: {one.message_id}" for one in facts.sent if not one.cadence),
        *(
            f"{address} was never written to"
            for address in sorted({*facts.addresses} - {one.address for one in facts.sent} - facts.gone)
        ),
        *_wrong_ends(facts),
        *([f"{facts.doubtful} mails are doubtful, and no server failed"] if facts.doubtful else []),
        *([f"{facts.forgotten} touches were due and never happened"] if facts.forgotten else []),
    )
    counts = Counter(one.address for one in facts.sent)
    return Verdict(
        mails=len(facts.sent), duplicates=len(twice), after_answer=len(after), outside_window=len(outside), late=len(late),
        stopped=sum(outcome is not None and outcome != Outcome.SILENT for outcome in facts.ended.values()), doubtful=facts.doubtful,
        replies=dict(Counter(str(one.understood or "not read") for one in read)), outcomes=facts.outcomes, waiting=facts.waiting, answers=len(read),
        understood=len(read) - len(misread), misread=misread, broken=broken,
        mails_per_prospect={address: counts[address] for address in facts.addresses},
    )  # fmt: skip


def duplicates(sent: Iterable[Sent]) -> list[Sent]:
    """Every mail whose touch had reached its recipient before: by Message-ID, and by step."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for one in sent:
        names = {(one.address, one.message_id)} | ({(one.address, one.cadence, one.step)} if one.cadence else set())
        if names & seen:
            found.append(one)
        seen |= names
    return found


def after_answers(facts: Facts) -> list[tuple[Sent, Said]]:
    """Every mail that left although an answer forbade it, once, with the first such answer."""
    found: dict[int, tuple[Sent, Said]] = {}
    for said in sorted(facts.said, key=lambda one: one.order):
        for mail in _forbidden(said, facts):
            found.setdefault(mail.order, (mail, said))
    return list(found.values())


def _forbidden(said: Said, facts: Facts) -> Iterator[Sent]:
    """The mails to this person that left after the answer, while it asked for quiet."""
    later = [one for one in facts.sent if one.address == said.address and one.order > said.order]
    match said.kind:
        case ReplyKind.AUTO_REPLY:
            return
        case ReplyKind.NO:
            thanks = [one for one in later if one.cadence == THANKS]
            yield from (one for one in later if one not in thanks[:1])
        case ReplyKind.LATER | ReplyKind.OUT_OF_OFFICE:
            yield from (one for one in later if said.back is None or one.at < said.back)
        case kind if kind in _HELD:
            released = min(
                (order for address, order in facts.released if address == said.address and order > said.order), default=None
            )
            yield from (one for one in later if released is None or one.order < released)
        case kind if kind in _STANDS_STILL:
            yield from (one for one in later if one.at < said.at + _STANDS_STILL[kind] - _CLOCK_CHANGE)
        case _:
            yield from later


def _wrong_ends(facts: Facts) -> Iterator[str]:
    """Firm answers that did not end their cadence as they should, and ends that nobody asked for."""
    wanted = dict.fromkeys(facts.gone, Outcome.BOUNCED)
    wanted |= {one.address: ENDS[one.kind] for one in sorted(facts.said, key=lambda one: one.order) if one.kind in ENDS}
    for address in facts.addresses:
        want, got = wanted.get(address), facts.ended.get(address)
        if want is not None and got != want:
            yield f"{address} should have ended with {want}, and is {got or 'not finished'}"
        elif want is None and got not in (None, Outcome.SILENT):
            yield f"{address} ended with {got}, and nobody said so"


def _name(one: Sent) -> str:
    return f"{one.cadence} {one.step}" if one.cadence else f"mail {one.message_id}"
