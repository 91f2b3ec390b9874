"""The players of the demo: forty prospects, and what each of them answers to which mail, how long after it.

Everybody is invented; every address ends in a reserved name (RFC 2606). Nothing here sends, waits or looks at a clock.
`demo/script.py` turns the answers into mails.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from followupd.core.model import ReplyKind

# -- who they are --------------------------------------------------------------------------------

_SOURCE = files("followupd.demo").joinpath("prospects.csv").read_text(encoding="utf-8")

PROSPECTS: tuple[dict[str, str], ...] = tuple(csv.DictReader(io.StringIO(_SOURCE)))
"""The rows of prospects.csv. There, `meeting_at` is only a time of day: the meeting is on the day the demo starts."""


def csv_text(start: date) -> str:
    """The sample CSV as a rep would save it on `start`, the day on which she met all of these people."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(PROSPECTS[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(row | {"meeting_at": f"{start.isoformat()} {row['meeting_at']}"} for row in PROSPECTS)
    return out.getvalue()


# -- what they do --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One mail that a person writes, or that a machine writes for her."""

    to_mail: int = 0  # comes after the n-th mail that she received, counted from 1
    to_step: str = ""  # or after the mail of this step, such as "reopen new-reason"
    after: timedelta  # so long after receiving it
    kind: ReplyKind  # what it is meant to be
    text: str  # may hold "{date}": the local date `returns_in` from now, or the Monday after it
    subject: str | None = None  # None: "Re: " and the subject of the mail answered
    sender: str | None = None  # another address, as "Name <address>"
    old_mail: int | None = None  # answers this mail instead of the latest
    automatic: str = ""  # the value of Auto-Submitted, for what a machine wrote
    returns_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What one address does with the mails it gets.

    `bounces`: "hard", "soft" and "blocked" accept the mail and report a failure later; "refused" says 550 to RCPT.
    `program` is how the person's mail program quotes: gmail, outlook, phone, or none.
    """

    address: str
    answers: tuple[Answer, ...] = ()
    bounces: str = ""
    program: str = "gmail"


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


def _days(count: float) -> timedelta:
    return timedelta(days=count)


_AUTO = "auto-replied"

_ANSWERING: tuple[Person, ...] = (
    # Yes: at once, after some thought, and to the last mail.
    Person(
        address="mara.lindqvist@fjordvind.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=1,
                after=_hours(3),
                kind=ReplyKind.YES,
                text="Yes, let's go ahead. The board has approved it. Please send me the contract and I will sign it this week.",
            ),
        ),
    ),
    Person(
        address="tom.okafor@brightwell.example",
        program="phone",
        answers=(
            Answer(
                to_mail=2,
                after=_hours(26),
                kind=ReplyKind.YES,
                text=(
                    "Good piece, thank you. We talked it over and we would like to go ahead with your proposal. "
                    "Please send the contract."
                ),
            ),
        ),
    ),
    Person(
        address="ingrid.hansen@hansen-sjomat.example",
        answers=(
            Answer(
                to_mail=5,
                after=_hours(5),
                kind=ReplyKind.YES,
                text="Yes! Sorry for the long silence. We have decided to go ahead, please send us the contract.",
            ),
        ),
    ),
    # Away first, and a yes once back.
    Person(
        address="priya.nair@monsoonsoft.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=1,
                after=timedelta(seconds=40),
                kind=ReplyKind.OUT_OF_OFFICE,
                automatic=_AUTO,
                returns_in=_days(11),
                subject="Automatic reply: {subject}",
                text="Thank you for your mail. I am out of the office and will be back on {date}. I will answer after my return.",
            ),
            Answer(
                to_mail=2,
                after=_hours(7),
                kind=ReplyKind.YES,
                text="Back from leave, and the answer is yes. We accept your proposal. Please go ahead with the paperwork.",
            ),
        ),
    ),
    # No: short, and with a reason. One comes very late, one answers an old mail.
    Person(
        address="juergen.mueller@mueller-praezision.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=2,
                after=_hours(20),
                kind=ReplyKind.NO,
                text="Thank you, but we will not go ahead. It is too expensive for a company of our size.",
            ),
        ),
    ),
    Person(
        address="claire.dubois@atelier-dubois.example",
        answers=(
            Answer(
                to_mail=3,
                after=_hours(44),
                kind=ReplyKind.NO,
                text="Dear Dana, we have decided to go with another supplier. Thank you for the effort you put into this.",
            ),
            Answer(
                to_step="after-the-no question",
                after=_hours(27),
                kind=ReplyKind.ENGAGED,
                text=(
                    "One thing? That the shop knows who is calling before we pick up the telephone. "
                    "And to be honest: the others could start in March, and you could not."
                ),
            ),
            Answer(
                to_step="reopen new-reason",
                after=_hours(22),
                kind=ReplyKind.YES,
                text="Dear Dana, you remembered that. Yes, we would like to go ahead. Please send me the contract.",
            ),
        ),
    ),
    Person(
        address="sofia.rossi@rossi-tessuti.example",
        answers=(Answer(to_mail=5, after=_hours(2), kind=ReplyKind.NO, text="No, thank you."),),
    ),
    Person(
        address="amara.diallo@diallo-textiles.example",
        answers=(
            Answer(
                to_mail=2,
                after=_days(17),
                kind=ReplyKind.NO,
                old_mail=2,
                text=(
                    "I am sorry that I answer so late. We have no need for this any more: "
                    "my cousin has joined us and does it all. So it is a no from us. I wish you well."
                ),
            ),
        ),
    ),
    Person(
        address="stefan.huber@huberholz.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=4,
                after=_hours(28),
                kind=ReplyKind.NO,
                old_mail=1,
                text="I found your first mail again. We will not be going ahead, there is no budget for it this year or next.",
            ),
        ),
    ),
    # Later: with a date, in words, and again with a date. One of them says yes when the time has come.
    Person(
        address="aoi.tanaka@sakura-logistics.example",
        answers=(
            Answer(
                to_mail=1,
                after=_hours(6),
                kind=ReplyKind.LATER,
                returns_in=_days(20),
                text=(
                    "Thank you for your mail. It is too early for us. "
                    "Please write to me again on {date}, when our new depot is open."
                ),
            ),
            Answer(
                to_mail=2,
                after=_hours(9),
                kind=ReplyKind.YES,
                text="The depot is open. Yes, we would like to go ahead. Please send the contract.",
            ),
        ),
    ),
    Person(
        address="ana.souza@verdecafe.example",
        program="phone",
        answers=(
            Answer(
                to_mail=2,
                after=_hours(30),
                kind=ReplyKind.LATER,
                text="Not right now, we are in the middle of the harvest. Please get back to me in three weeks.",
            ),
        ),
    ),
    Person(
        address="jack.thompson@harbourview.example",
        answers=(
            Answer(
                to_mail=3,
                after=_hours(8),
                kind=ReplyKind.LATER,
                returns_in=_days(75),
                text="Hi Lee, the house is full until autumn and nobody has time. Please come back to me after {date}. Cheers",
            ),
        ),
    ),
    # Talking, and nothing decided: a question, an objection, and a colleague who joins in.
    Person(
        address="daniel.reed@reedlegal.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=2,
                after=_hours(5),
                kind=ReplyKind.ENGAGED,
                text="Where is the data kept, and who can read it? Our clients ask, and I would like to have an answer for them.",
            ),
        ),
    ),
    Person(
        address="oliver.grant@grantfleet.example",
        answers=(
            Answer(
                to_mail=4,
                after=_hours(22),
                kind=ReplyKind.ENGAGED,
                text=(
                    "Impressive figure. But it still looks a bit steep to me. "
                    "Is there any room on the price if we take all three depots?"
                ),
            ),
        ),
    ),
    Person(
        address="minjun.kim@hanriver.example",
        answers=(
            Answer(
                to_mail=2,
                after=_hours(14),
                kind=ReplyKind.ENGAGED,
                sender="Park Seo-yeon <seoyeon.park@hanriver.example>",
                text=(
                    "Hello Lee, Min-jun showed me your mail. How would this work with our own model? "
                    "Could you tell me more about it?"
                ),
            ),
        ),
    ),
    # Somebody else: typed, and by the machine of one who has left.
    Person(
        address="hannah.schulz@nordlicht-pflege.example",
        answers=(
            Answer(
                to_mail=1,
                after=_hours(18),
                kind=ReplyKind.REFERRAL,
                text=(
                    "I am not the right person for this. Please talk to my colleague Jonas Behrens, he looks after it now: "
                    "jonas.behrens@nordlicht-pflege.example"
                ),
            ),
        ),
    ),
    Person(
        address="martin.kowalski@kowalski-druk.example",
        answers=(
            Answer(
                to_mail=3,
                after=timedelta(seconds=25),
                kind=ReplyKind.REFERRAL,
                automatic=_AUTO,
                subject="Automatic reply: {subject}",
                text=(
                    "I no longer work at Kowalski Druk. For all questions about sales please write to my successor Ewa Nowicka, "
                    "ewa.nowicka@kowalski-druk.example."
                ),
            ),
        ),
    ),
    # Stop.
    Person(
        address="ryan.cooper@cooperhvac.example",
        program="phone",
        answers=(Answer(to_mail=2, after=_hours(1), kind=ReplyKind.UNSUBSCRIBE, text="Stop emailing me."),),
    ),
    Person(
        address="nina.petit@petit-jardin.example",
        answers=(
            Answer(
                to_mail=3,
                after=_hours(11),
                kind=ReplyKind.UNSUBSCRIBE,
                text="Please take me off your list and do not send me any more emails.",
            ),
        ),
    ),
    # Machines: away until a date (one of them in German), and a ticket number.
    Person(
        address="zoe.meyer@alpenblick.example",
        program="outlook",
        answers=(
            Answer(
                to_mail=2,
                after=timedelta(seconds=35),
                kind=ReplyKind.OUT_OF_OFFICE,
                automatic=_AUTO,
                returns_in=_days(13),
                subject="Automatische Antwort: {subject}",
                text=(
                    "Vielen Dank für Ihre Nachricht. Ich bin zurzeit nicht im Büro und ab dem {date} wieder für Sie da. "
                    "Ihre E-Mail wird nicht weitergeleitet."
                ),
            ),
        ),
    ),
    Person(
        address="carlos.herrera@herrera-obras.example",
        answers=(
            Answer(
                to_mail=3,
                after=timedelta(seconds=50),
                kind=ReplyKind.OUT_OF_OFFICE,
                automatic=_AUTO,
                returns_in=_days(6),
                subject="Out of office: {subject}",
                text="I am on holiday and will return on {date}. For urgent matters please call our office.",
            ),
        ),
    ),
    Person(
        address="laura.jimenez@clinicasur.example",
        answers=(
            Answer(
                to_mail=1,
                after=timedelta(seconds=20),
                kind=ReplyKind.AUTO_REPLY,
                automatic=_AUTO,
                subject="[Ticket 48213] We have your message",
                text=(
                    "This is an automatic reply. We have received your request 48213 and will look at it in the order of arrival."
                ),
            ),
        ),
    ),
    Person(
        address="rachel.goldman@brooklynframes.example",
        answers=(
            Answer(
                to_mail=2,
                after=timedelta(seconds=15),
                kind=ReplyKind.AUTO_REPLY,
                automatic="auto-generated",
                subject="Thank you for writing to us",
                text=(
                    "Thank you for writing to Brooklyn Frames. "
                    "This is an automatic message to let you know that your email has reached us."
                ),
            ),
        ),
    ),
    # Addresses that fail, each in its own way.
    Person(address="peter.vandijk@vandijk-bloemen.example", bounces="hard"),
    Person(address="grace.mutua@savannatea.example", bounces="soft"),
    Person(address="michael.brandt@brandtlabs.example", bounces="blocked"),
    Person(address="ben.walker@walkerbikes.example", bounces="refused"),
    # The spam button.
    Person(
        address="marco.bianchi@bianchi-vini.example",
        answers=(Answer(to_mail=3, after=_hours(10), kind=ReplyKind.COMPLAINT, text="", automatic="auto-generated"),),
    ),
    # Nobody could say what these mean.
    Person(
        address="wei.chen@lotusprint.example", answers=(Answer(to_mail=2, after=_hours(3), kind=ReplyKind.UNCLEAR, text="??"),)
    ),
    Person(
        address="noah.fischer@fischer-elektro.example",
        program="outlook",
        answers=(Answer(to_mail=4, after=_hours(6), kind=ReplyKind.UNCLEAR, text="Hm. The blue one."),),
    ),
)

_SCRIPTED = {person.address: person for person in _ANSWERING}

PEOPLE: tuple[Person, ...] = tuple(
    _SCRIPTED.get(address) or Person(address=address) for address in (row["email"] for row in PROSPECTS)
)
"""Everybody in the CSV, in its order. Who has no part in the play is silent to the end."""
