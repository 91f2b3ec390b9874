"""What does this mail mean? One ordered table of kinds, each with a recogniser.

The order of KINDS is meaning: machines before people, delivery reports before automatic mail (half of all reports
call themselves automatic), and of a person's words the costliest to miss first. The first recogniser that speaks decides. Where
none does, the mail is `unclear`, and a human reads it. Nothing is ever guessed: firm words need firm phrases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from followupd.core.model import Inbound, Reading, ReplyKind
from followupd.core.replies import choices, human, machine
from followupd.core.replies import doors as doors_
from followupd.core.replies.agreement import agreed
from followupd.core.replies.letter import Letter, prepare
from followupd.core.replies.shipped import shipped
from followupd.core.replies.statistics import LABELS, Model
from followupd.core.replies.verdict import reading

JUDGED = frozenset(ReplyKind(label) for label in LABELS)
"""Kinds on which the statistical reader has an opinion; a report or a complaint is told by its form."""

SETTLED = 7
"""The first kinds are told by their form, by a header, or by words that we wrote ourselves: no second opinion is asked."""

Recogniser = Callable[[Letter], Reading | None]

KINDS: tuple[tuple[str, Recogniser], ...] = (
    ("complaint", machine.complaint),
    ("delivery report", machine.delivery_report),
    ("calendar answer", machine.calendar),
    ("declared automatic", machine.declared),
    ("door", doors_.door),
    ("choice", choices.choice),
    ("bare answer to doors", doors_.bare),
    ("automatic mail", machine.automatic),
    ("unsubscribe", human.unsubscribe),
    ("typed absence", machine.typed_absence),
    ("referral", human.referral),
    ("no", human.no),
    ("later", human.later),
    ("yes", human.yes),
    ("engaged", human.engaged),
)


def classify(
    inbound: Inbound,
    *,
    asked: str = "",
    asked_subject: str = "",
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
    model: Model | None = None,
    doors: Iterable[str] = (),
    door: str = "",
) -> Reading:
    """What a received mail means. `asked` and `asked_subject` are the mail of ours that it answers.

    Dates are read against the mail's own date in `zone`; `now` stands in where the mail has no date, or one that lies ahead. `model`
    is the second reader; the shipped one where none is given. `doors` are the ready answers that our mail offered, `door` the one whose
    token the mail bears.
    """
    sent = inbound.date
    if now is not None and (sent is None or sent > now):
        sent = now
    written = (sent or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(zone or UTC).date()
    letter = prepare(inbound, asked, asked_subject, written, doors, door)
    return doors_.through(letter, _verdict(letter, model)) if door else _verdict(letter, model)


def _verdict(letter: Letter, model: Model | None) -> Reading:
    inbound = letter.mail
    settled = _first(KINDS[:SETTLED], letter)
    if settled is not None:
        return settled
    if inbound.problem or not letter.own.strip():
        return machine.automatic(letter) or (None if inbound.problem else human.unsubscribe(letter)) or _unreadable(inbound)
    found = _first(KINDS[SETTLED:], letter)
    return found if found is not None and found.kind not in JUDGED else agreed(found, letter, model or shipped())


def ruled(letter: Letter) -> Reading | None:
    """What the rules say; nothing where none speaks."""
    return _first(KINDS, letter)


def _first(kinds: Iterable[tuple[str, Recogniser]], letter: Letter) -> Reading | None:
    return next((found for _, recognise in kinds if (found := recognise(letter)) is not None), None)


def _unreadable(inbound: Inbound) -> Reading:
    return reading(ReplyKind.UNCLEAR, 0.0, inbound.problem or "no words of the writer's own")
