"""The judge of the demo: were the promises kept?

Decides from what the embedded servers wrote down, in the order in which it came in; the store is asked only for which
step a mail was, and how things ended. Pure: every fact is handed in, so a test can show the judge a broken promise.

After an answer nothing more may leave, with these exceptions, each of which is the meaning of the answer:

    no                      two mails of the cadence `after-the-no`: thanks, and one question; after a month the useful things of
                            `nurture`; and `reopen`, once a human has done the homework and asked for it; who
                            says no to nurture is thanked once
    later, out of office    mails from the day on that the writer named
    engaged, unclear        mails after a human let the cadence go on
    bounce soft, blocked    mails after the pause that follows
    referral                one mail that thanks for the name
    auto reply              all mails: a ticket number is no answer

After an opt-out there is no exception. A no has to be thanked for and looked back at; a question has to be somebody's; letters are for our
own people, each once. What is written by hand is the rep's own business, and stands for what the machine would have done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from followupd.core.model import Outcome, ReplyKind

THANKS, NURTURE, REOPEN = "after-the-no", "nurture", "reopen"
"""The cadences that may write after a no."""

THANKED_FOR_A_NAME = "-send-referral"
"""How the name of the cadence ends that thanks for a name, once."""

COURTESIES = 2
"""So many mails the first of them may send: thanks, and one question."""

QUIET = timedelta(days=28)
"""For so long after a no nothing else comes, however useful."""

THANKED_WITHIN = timedelta(days=6)
"""A no is thanked for by then: hours later, in the next window, and holidays and week-ends have none."""

ASKED_WITHIN = timedelta(days=4)
"""By then the owner has the questions about a no in the mailbox, and has heard of a question that waits."""

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
    enrollment: str = ""  # a cadence may come again after a year
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
class Told:
    """A letter that the SMTP server has accepted. `about` are the prospects whom it names."""

    order: int
    at: datetime
    to: str
    letter: str  # the same for each copy of it
    kind: str
    subject: str = ""
    about: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail that a rep wrote to a prospect by hand."""

    order: int
    at: datetime
    address: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the judge sees. `released` says when a human let somebody's cadence go on, `by_hand` when a rep wrote to somebody."""

    addresses: tuple[str, ...]
    sent: tuple[Sent, ...]
    said: tuple[Said, ...]
    released: tuple[tuple[str, int], ...] = ()
    reopened: tuple[tuple[str, int], ...] = ()  # for whom a rep has done the homework, and when
    given_up: frozenset[str] = frozenset()  # whose cadence a rep has stopped
    gone: frozenset[str] = frozenset()  # addresses that the server refused
    ended: Mapping[str, Outcome | None] = field(default_factory=dict)  # the cadence that each began with
    outcomes: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)  # who has not come to an end, by state
    doubtful: int = 0
    forgotten: int = 0  # touches that were due and never happened
    told: tuple[Told, ...] = ()
    ours: frozenset[str] = frozenset()  # the addresses of our own people
    by_hand: tuple[Written, ...] = ()
    until: datetime | None = None  # when the calendar stopped: what was not due by then is nobody's fault
    unheeded: tuple[str, ...] = ()  # what our people wrote in answer to letters, and what came to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures, and every promise that was broken, in words."""

    prospects: int
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
    letters: Mapping[str, int]
    noes: int  # that had to be thanked for
    questions: int  # that had to be told of
    broken: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, under the names of the contract."""
        return {
            "prospects": self.prospects, "mails": self.mails, "duplicates": self.duplicates, "after_answer": self.after_answer,
            "replies": dict(self.replies), "outcomes": dict(self.outcomes), "doubtful": self.doubtful, "stopped": self.stopped,
            "waiting": dict(self.waiting),
            "outside_window": self.outside_window, "late": self.late, "understood": {"right": self.understood, "of": self.answers},
            "misread": [{"address": one.address, "meant": one.kind, "read": one.understood} for one in self.misread],
            "mails_per_prospect": dict(self.mails_per_prospect), "letters": dict(self.letters), "noes": self.noes, "questions": self.questions,
            "broken": list(self.broken),
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
        *_wrong_letters(facts),
        *_left_undone(facts),
        *(f"an answer to a letter came to nothing: {one}" for one in facts.unheeded),
        *([f"{facts.doubtful} mails are doubtful, and no server failed"] if facts.doubtful else []),
        *([f"{facts.forgotten} touches were due and never happened"] if facts.forgotten else []),
    )
    counts = Counter(one.address for one in facts.sent)
    return Verdict(
        prospects=len(facts.addresses), mails=len(facts.sent), duplicates=len(twice), after_answer=len(after), outside_window=len(outside), late=len(late),
        stopped=sum(outcome is not None and outcome != Outcome.SILENT for outcome in facts.ended.values()), doubtful=facts.doubtful,
        replies=dict(Counter(str(one.understood or "not read") for one in read)), outcomes=facts.outcomes, waiting=facts.waiting, answers=len(read),
        understood=len(read) - len(misread), misread=misread, broken=broken,
        mails_per_prospect={address: counts[address] for address in (*facts.addresses, *sorted(counts.keys() - set(facts.addresses)))}, letters=dict(Counter(one.kind for one in facts.told)),
        noes=len(list(_noes(facts))), questions=len(list(_questions(facts))),
    )  # fmt: skip


def duplicates(sent: Iterable[Sent]) -> list[Sent]:
    """Every mail whose touch had reached its recipient before: by Message-ID, and by step."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for one in sent:
        names = {(one.address, one.message_id)} | (
            {(one.address, one.enrollment or one.cadence, one.step)} if one.cadence else set()
        )
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
            yield from (one for one in later if not _fits_a_no(one, said, later, facts))
        case ReplyKind.LATER | ReplyKind.OUT_OF_OFFICE:
            yield from (one for one in later if said.back is None or one.at < said.back)
        case ReplyKind.REFERRAL:
            thanks = [one for one in later if one.cadence.endswith(THANKED_FOR_A_NAME)]
            yield from (one for one in later if one not in thanks[:1])
        case kind if kind in _HELD:
            released = min(
                (order for address, order in facts.released if address == said.address and order > said.order), default=None
            )
            yield from (one for one in later if released is None or one.order < released)
        case kind if kind in _STANDS_STILL:
            yield from (one for one in later if one.at < said.at + _STANDS_STILL[kind] - _CLOCK_CHANGE)
        case _:
            yield from later


def _fits_a_no(mail: Sent, said: Said, later: list[Sent], facts: Facts) -> bool:
    match mail.cadence:
        case "after-the-no":
            return mail in [one for one in later if one.cadence == THANKS][:COURTESIES]
        case "nurture":
            return mail.at >= said.at + QUIET
        case "nurture-send-no":  # they have had enough of these: one word of thanks
            return mail in [one for one in later if one.cadence == mail.cadence][:1]
        case "reopen":
            return any(address == said.address and said.order < order < mail.order for address, order in facts.reopened)
        case _:
            return False


def _wrong_letters(facts: Facts) -> Iterator[str]:
    """Letters to strangers, and letters that came twice."""
    seen: set[str] = set()
    for one in facts.told:
        if one.to not in facts.ours:
            yield f'{one.to} is none of us, and got the letter "{one.subject}"'
        if one.letter in seen:
            yield f'{one.to} got the letter "{one.subject}" twice'
        seen.add(one.letter)


def _left_undone(facts: Facts) -> Iterator[str]:
    """Noes that nobody thanked for or looked back at, and questions that nobody was told of."""
    for said in _noes(facts):
        if not any(one.cadence == THANKS and one.address == said.address and one.order > said.order for one in facts.sent):
            yield f"{said.address} said no, and was not thanked"
        if not _told_of(said, facts, "debrief"):
            yield f"{said.address} said no, and nobody was asked what could be learned from it"
    for said in _questions(facts):
        if not _told_of(said, facts):
            yield f"{said.address} asked something on {said.at:%d %b}, and nobody was told"


def _told_of(said: Said, facts: Facts, kind: str = "") -> bool:
    return any(
        said.address in one.about and kind in ("", one.kind) and one.order > said.order and one.at <= said.at + ASKED_WITHIN
        for one in facts.told
    )


def _noes(facts: Facts) -> Iterator[Said]:
    """The first no of each person, where the time for thanks is over and nothing stands in their place: no opt-out, no talk among people."""
    seen: set[str] = set()
    for said in sorted(facts.said, key=lambda one: one.order):
        if said.kind == ReplyKind.NO and said.address not in seen:
            seen.add(said.address)
            if _due(said, THANKED_WITHIN, facts) and not _talk_since(said, THANKED_WITHIN, facts):
                yield said


def _questions(facts: Facts) -> Iterator[Said]:
    """Open questions that nobody has answered by hand while there was time."""
    for said in facts.said:
        if (
            said.kind == ReplyKind.ENGAGED
            and not said.by_rep
            and _due(said, ASKED_WITHIN, facts)
            and not _by_hand_since(said, ASKED_WITHIN, facts)
        ):
            yield said


def _due(said: Said, within: timedelta, facts: Facts) -> bool:
    return facts.until is not None and said.at + within <= facts.until


def _talk_since(said: Said, within: timedelta, facts: Facts) -> bool:
    """Whether they have written again in that time, or the rep has written by hand."""
    again = (one for one in facts.said if one.address == said.address and one.order > said.order and not one.by_rep)
    return any(one.at <= said.at + within for one in again) or _by_hand_since(said, within, facts)


def _by_hand_since(said: Said, within: timedelta, facts: Facts) -> bool:
    later = (one for one in facts.by_hand if one.address == said.address and one.order > said.order)
    return any(one.at <= said.at + within for one in later)


def _wrong_ends(facts: Facts) -> Iterator[str]:
    """Firm answers that did not end their cadence as they should, and ends that nobody asked for."""
    firm = sorted(
        (one for one in facts.said if one.kind in ENDS), key=lambda one: -one.order
    )  # the first word ends what they began with
    wanted = dict.fromkeys(facts.gone, Outcome.BOUNCED) | {one.address: ENDS[one.kind] for one in firm}
    wanted = dict.fromkeys(facts.given_up, Outcome.STOPPED) | wanted
    for address in facts.addresses:
        want, got = wanted.get(address), facts.ended.get(address)
        if want is not None and got != want:
            yield f"{address} should have ended with {want}, and is {got or 'not finished'}"
        elif want is None and got not in (None, Outcome.SILENT):
            yield f"{address} ended with {got}, and nobody said so"


def _name(one: Sent) -> str:
    return f"{one.cadence} {one.step}" if one.cadence else f"mail {one.message_id}"
