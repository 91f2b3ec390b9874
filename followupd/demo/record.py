"""What a performance has left behind: at the servers, in the store, and in what was said. The judge and the stories are given it as plain facts.

Decides which of our mails at the server was which step, and which was a letter. Never judges. Plain code: call it in the store's thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from followupd.answering import ASKED
from followupd.core import when
from followupd.core.answers import DEFAULT_EFFECTS
from followupd.core.lifecycle import made_id
from followupd.core.model import Enrollment, EnrollmentState, Letter, LetterAnswer, Outcome, Reply, ReplyKind, Touch, TouchState
from followupd.core.outbound import letter_of
from followupd.demo.patience import TURN
from followupd.demo.reps import SUPERIOR, Word
from followupd.demo.sandbox import Mail
from followupd.demo.script import PEOPLE, PROSPECTS, original_of
from followupd.demo.verdict import Facts, Said, Sent, Told, Written
from followupd.world import World

CADENCE = "proposal"
"""The cadence of everybody in the CSV."""

ZONES = {row["email"]: ZoneInfo(row["timezone"]) for row in PROSPECTS}
WRITERS = {person.address: tuple(parseaddr(answer.sender)[1] for answer in person.answers if answer.sender) for person in PEOPLE}
"""Who answers for somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known at the end. `said` are the answers of the prospects, by Message-ID."""

    world: World
    mails: Sequence[Mail]
    refused: Sequence[str]
    said: Mapping[str, Said]
    words: Sequence[Word]
    given_up: Collection[str]  # by a rep's word
    by_hand: Sequence[Written]
    answers: Mapping[str, str]  # what reps have answered to letters: its Message-ID, and the letter
    until: datetime

    def facts(self) -> Facts:
        """Everything that happened, for the judge."""
        store, config, played = self.world.office.store, self.world.office.config, [person.address for person in PEOPLE]
        ours = {SUPERIOR, *(part.address for part in config.mailboxes.values())}
        others = {mail.recipient for mail in self.mails} - {*played, *ours}  # whom somebody has named
        people = {address: store.person(address)[1] for address in (*played, *sorted(others))}
        first = {address: next((one for one in people[address] if one.cadence == CADENCE), None) for address in played}
        touches = [(one, touch) for found in people.values() for one in found for touch in store.touches(one.id)]
        sent = {touch.message_id: (one, touch) for one, touch in touches if touch.message_id}
        letters = [(mail, letter_of(mail.message_id, self.world.key)) for mail in self.mails]
        return Facts(
            addresses=tuple(played),
            sent=tuple(self._sent(mail, sent.get(mail.message_id)) for mail, letter in letters if not letter),
            said=(*self._understood(), *self._said_by_reps()),
            released=tuple((word.address, word.order) for word in self.words if word.kind is None and not word.homework),
            reopened=tuple((word.address, word.order) for word in self.words if word.homework),
            given_up=frozenset(self.given_up),
            gone=frozenset(self.refused),
            ended={address: one.outcome if one else None for address, one in first.items()},
            outcomes=dict(Counter(str(one.outcome) for one in first.values() if one and one.outcome)),
            waiting=dict(Counter(str(one.state) for one in first.values() if one and not one.outcome)),
            doubtful=sum(touch.state == TouchState.DOUBTFUL for _, touch in touches),
            forgotten=sum(_forgotten(one, touch, self.until) for one, touch in touches),
            told=tuple(self._told(mail, letter, people) for mail, letter in letters if letter),
            ours=frozenset(ours),
            by_hand=tuple(self.by_hand),
            until=self.until,
            unheeded=tuple(self._unheeded()),
        )

    def _sent(self, mail: Mail, known: tuple[Enrollment, Touch] | None) -> Sent:
        if known is None:
            return Sent(order=mail.order, at=mail.at, address=mail.recipient, message_id=mail.message_id)
        enrollment, touch = known
        return Sent(
            order=mail.order, at=mail.at, address=mail.recipient, message_id=mail.message_id, cadence=enrollment.cadence, step=touch.step,
            enrollment=enrollment.id, due=touch.due, in_window=self._in_window(mail, enrollment),
        )  # fmt: skip

    def _told(self, mail: Mail, letter: str, people: Iterable[str]) -> Told:
        """A letter. Whom it is about is read in it, as its reader does."""
        known, original = self.world.office.store.find(Letter, letter), original_of(mail.raw)
        words = f"{original.subject}\n{original.text}"
        return Told(
            order=mail.order, at=mail.at, to=mail.recipient, letter=letter, kind=known.kind if known else "unknown", subject=original.subject,
            about=frozenset(address for address in people if any(one in words for one in (address, *WRITERS.get(address, ())))),
        )  # fmt: skip

    def _unheeded(self) -> Iterator[str]:
        """Answers to letters that had no effect, or of which a line was not understood."""
        for name, letter in self.answers.items():
            found = self.world.office.store.find(LetterAnswer, made_id("answer", letter, name, length=16))
            if found is None:
                yield f"{name} was not read"
                continue
            first = next(iter(found.text.splitlines()), "")
            if found.state != "heeded":
                yield f"{found.sender}, {first!r}: {found.state}"
            yield from (f"{found.sender}, {first!r}: {one}" for one in found.results if one.startswith(ASKED))

    def _said_by_reps(self) -> Iterator[Said]:
        for word in self.words:
            if word.kind:
                back = _pause_of(word.kind, word.at)
                yield Said(order=word.order, at=word.at, address=word.address, kind=word.kind, by_rep=True, back=back)

    def _in_window(self, mail: Mail, enrollment: Enrollment) -> bool:
        """By the wall clock of the prospect, worked out anew from the window's text."""
        local = mail.at.astimezone(self._zone(mail.recipient))
        minute = local.hour * 60 + local.minute
        hours = when.parse_window(self.world.office.cadence(enrollment.digest).window).days[local.weekday()]
        return any(opens <= minute < closes for opens, closes in hours)

    def _zone(self, address: str) -> ZoneInfo:
        prospect = None if address in ZONES else self.world.office.store.person(address)[0]
        return ZONES[address] if prospect is None else ZoneInfo(prospect.zone or "UTC")

    def _understood(self) -> list[Said]:
        """What was said, with what the daemon took it for, and the day that a `later` without a date was understood to name."""
        store = self.world.office.store
        read: dict[str, tuple[ReplyKind, Reply]] = {}
        for address in {one.address for one in self.said.values()}:
            for event in store.timeline(address):
                reply = store.find(Reply, event.data["reply"]) if event.kind == "reply" else None
                if reply:  # the first reading; a rep's word comes later and stands in an event of its own
                    read.setdefault(reply.message_id, (ReplyKind(event.data["kind"]), reply))
        found = []
        for name, said in self.said.items():
            kind, reply = read.get(name, (None, None))
            found.append(replace(said, understood=kind, back=said.back or (_asked_for(said, reply) if reply else None)))
        return found


def _asked_for(said: Said, reply: Reply) -> datetime | None:
    if reply.resume:
        return datetime.combine(reply.resume, time(0), ZONES[said.address]).astimezone(UTC)
    return _pause_of(said.kind, said.at)


def _pause_of(kind: ReplyKind, at: datetime) -> datetime | None:
    """Until when somebody is left alone who named no day."""
    pause = DEFAULT_EFFECTS[kind].pause
    return at + timedelta(seconds=when.seconds(when.parse_delay(pause))) - TURN if pause else None


def _forgotten(enrollment: Enrollment, touch: Touch, now: datetime) -> bool:
    stands = enrollment.state == EnrollmentState.ACTIVE and enrollment.outcome != Outcome.SILENT
    return stands and touch.state == TouchState.SCHEDULED and touch.due < now - TURN
