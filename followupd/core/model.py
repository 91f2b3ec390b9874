"""The nouns of followupd, as frozen values.

Decides nothing: this module only says what there is. Everything here is immutable, compares by value
and can be made in a test without a file, a clock or a database. Ids are opaque strings. Every `datetime`
is an aware UTC instant, unless a name says `local`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

# -- rows ----------------------------------------------------------------------------------------

Row = TypeVar("Row")


def altered(row: Row, **changes: Any) -> Row:
    """As `dataclasses.replace`, for our nouns and in a fifth of its time: their `__init__` does nothing but keep what it is given."""
    kind: Any = type(row)
    places, read, fill = _fields_of(kind)
    values = list(read(row))
    try:
        for name, value in changes.items():
            values[places[name]] = value
    except KeyError as unknown:
        raise TypeError(f"a {kind.__name__} has no {unknown.args[0]}") from None
    made: Row = fill(values)
    return made


def filled(kind: Any, values: Sequence[Any]) -> Any:
    """A noun with these values for all its fields, in their order."""
    return _fields_of(kind)[2](values)


@lru_cache(maxsize=64)
def _fields_of(kind: Any) -> tuple[dict[str, int], Callable[[Any], tuple[Any, ...]], Callable[[Sequence[Any]], Any]]:
    """The places of a noun's fields, and functions that read all of them and make a noun of all of them."""
    assert not hasattr(kind, "__post_init__")
    names = tuple(one.name for one in fields(kind))
    read = attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)
    # Filled in as a twin that is open, by what the standard library writes for such; then it is of its kind, and closed.
    into = vars(make_dataclass("Open", names))["__init__"]
    open_ = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    twin: Any = type(kind.__name__, (kind,), open_)

    def fill(values: Sequence[Any]) -> Any:
        made = object.__new__(twin)
        into(made, *values)
        made.__class__ = kind
        return made

    return {name: place for place, name in enumerate(names)}, read, fill


# -- what can be ---------------------------------------------------------------------------------


class EnrollmentState(StrEnum):
    """Where an enrollment stands. FINISHED is a sink: nothing leaves it, nothing is sent in it."""

    ACTIVE = "active"
    HELD = "held"  # a human must look first
    PAUSED = "paused"  # until a date, or until a human resumes it
    FINISHED = "finished"


class TouchState(StrEnum):
    """Where a touch stands (house table: `core/lifecycle.py`)."""

    SCHEDULED = "scheduled"
    SENDING = "sending"  # claimed: the intent is on disk
    OPEN = "open"  # handed over to a human
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    DOUBTFUL = "doubtful"  # may have been accepted by the mail server, or not


class Outcome(StrEnum):
    """Why an enrollment is finished. `SILENT` is an outcome of its own and never a no."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"
    REFERRED = "referred"
    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    FAILED = "failed"
    STOPPED = "stopped"
    WELCOME = "welcome"  # they let us go on sending useful things: no sale, and no no


class ReplyKind(StrEnum):
    """What a received mail means. The names are also the keys under `replies:` in a cadence."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    ENGAGED = "engaged"
    REFERRAL = "referral"
    UNSUBSCRIBE = "unsubscribe"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"
    BOUNCE_HARD = "bounce_hard"
    BOUNCE_SOFT = "bounce_soft"
    BOUNCE_BLOCKED = "bounce_blocked"
    COMPLAINT = "complaint"
    UNCLEAR = "unclear"


class Reason(StrEnum):
    """The reason that a `no` or a `later` gives in its own words."""

    PRICE = "price"
    BUDGET = "budget"
    TIMING = "timing"
    COMPETITOR = "competitor"
    NO_NEED = "no_need"
    AUTHORITY = "authority"
    TRUST = "trust"
    OTHER = "other"


class Thread(StrEnum):
    """Whether a mail continues the conversation or opens a new one."""

    SAME = "same"
    NEW = "new"


SALES, THANKS, NURTURE = "sales", "thanks", "nurture"
"""What a cadence is for: to sell; to thank for a no and then be quiet; to be of use to somebody who did not buy."""


# -- what ops staff write ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What follows from a reply: one closed move, and things to do beside it.

    `move` is `finish`, `pause`, `hold` or `continue`. `outcome` belongs to `finish`; `pause` is a length in
    text (`60d`) for a pause whose reply names no date. `task` and `notify` are template texts for the owner; `send` names the
    template of one acknowledgement.
    """

    move: str
    outcome: Outcome | None = None
    pause: str | None = None
    enroll: str | None = None
    task: str | None = None
    notify: str | None = None
    send: str | None = None
    suppress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of a cadence. Durations and windows stay text here; `core/when.py` reads them.

    `fields` are the channel's own keys (`email: thank-you`, `pick: {...}`), already checked by the parser.
    `since` is `previous`, `enrolled`, or the name of a date column. `remind` and `escalate` are lengths from the same
    anchor as `within`. `variants` names the template of each arm that has its own; `was` is the step's earlier id.
    """

    id: str
    position: int
    channel: str
    template: str
    after: str = "0m"
    since: str = "previous"
    within: str | None = None
    remind: str | None = None
    escalate: str | None = None
    at: str | None = None
    wait: bool = True
    thread: Thread = Thread.SAME
    when: str | None = None
    brings: str | None = None
    learn: str | None = None
    keep: str | None = None  # under which name an answer to it is kept (`core/keeping.py`)
    variants: Mapping[str, str] = field(default_factory=dict)
    was: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template that it may use, whichever arm was drawn; the usual one first."""
        return tuple(dict.fromkeys((self.template, *self.variants.values())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a cadence allows itself for one person; None means no limit of its own.

    `lessons` is how many touches in a row may teach us nothing before the owner is asked for a reason to go on.
    `days` counts only days on which the cadence did not stand still. `give_first` is how many items that are not ours come
    before each that is.
    """

    touches: int | None = None
    gap: str | None = None
    days: int | None = None
    give_first: int = 0
    lessons: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCalendar:
    """When a mailbox's owner is not there: public holidays by ISO code, and absences, first and last day included."""

    name: str
    holidays: tuple[str, ...] = ()
    absences: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """A cadence as it runs. `digest` names its edition (text, inherited defaults, messages); an enrollment keeps the one it
    started with.

    `variants` are the arms of an experiment with their shares. `again` is how long after the end somebody may come
    again (None: never), `exclusive` whether it wants a person for itself, `role` what it is for. `calendars` are those of the mailboxes, by name:
    they come from the configuration of today, not from the cadence.
    """

    name: str
    digest: str
    about: str
    mailbox: tuple[str, ...]  # ("owner",) or names of mailboxes, one of which serves a prospect for good
    window: str
    holidays: tuple[str, ...]  # ("prospect",), () for none, or ISO codes such as "US", "DE-BY"
    timezone: str  # for prospects who bring none
    steps: tuple[Step, ...]
    replies: Mapping[ReplyKind, Effect]  # only where the cadence differs from the default
    needs: tuple[str, ...] = ()
    limits: Limits = Limits()
    end_after: str = "7d"  # how long after the last touch silence becomes the outcome
    end_enroll: str | None = None
    retry: tuple[str, ...] = ("5m", "30m", "2h", "8h")
    priority: int = 50
    exclusive: bool = True
    again: str | None = None
    role: str = SALES
    variants: Mapping[str, int] = field(default_factory=dict)
    calendars: Mapping[str, OwnCalendar] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """The step of this id; raises LookupError where this edition has none."""
        found = next((step for step in self.steps if step.id == name), None)
        if found is None:
            raise LookupError(f"cadence {self.name} has no step {name} any more")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How much one mailbox may send. `gap` is in seconds, drawn evenly from low to high by the dice."""

    per_minute: int = 5
    per_hour: int = 30
    per_day: int = 120
    in_flight: int = 1
    gap: tuple[float, float] = (45.0, 180.0)
    ramp_start: int | None = None  # mails on the first day of a new mailbox
    ramp_add: int = 0  # and so many more on each following day
    domain_hour: int = 15  # of them to one company
    domain_day: int = 60
    one_person: int = 4  # the trip wire: mails to one address within `guards.TRIP_SPAN`, from any mailbox and cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An account that we send from and watch (not the client that does so). `zone` is an IANA name."""

    name: str
    address: str
    display_name: str
    zone: str
    caps: Caps = Caps()
    signature: str = ""
    aliases: tuple[str, ...] = ()
    plus: bool = False  # dana+anything@ reaches this mailbox

    @property
    def domain(self) -> str:
        """The part after the @, lower case; it stands in our Message-IDs."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who we are, for footers and holidays."""

    name: str = ""
    postal_address: str = ""
    country: str | None = None
    holidays: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


# -- who and what is under way -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """A person from a CSV row. `address` is normalised; `columns` holds every column as text."""

    id: str
    address: str
    zone: str | None = None  # IANA name, None where the row gave none
    country: str | None = None  # ISO 3166 alpha-2, or a subdivision such as DE-BY
    owner: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The part after the @, lower case."""
        return self.address.rpartition("@")[2]

    @property
    def display_name(self) -> str:
        """First and last name as the row gave them, or nothing."""
        return " ".join(part for part in (self.columns.get("first_name"), self.columns.get("last_name")) if part)

    @property
    def called(self) -> str:
        """How our own people speak of them: by name, else by address."""
        return self.display_name or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """A prospect in a cadence. `until` ends a pause (PAUSED) or the last wait for an answer (ACTIVE, no open touch)."""

    id: str
    prospect: str
    address: str
    cadence: str
    digest: str
    mailbox: str
    state: EnrollmentState
    started: datetime
    moved: datetime  # when the cadence last moved on: the anchor of "since previous"
    outcome: Outcome | None = None
    position: int = 0  # of the touch that the cadence waits for
    until: datetime | None = None
    reason: str = ""  # why it is held, paused or finished, in a sentence
    answer: str = ""  # the reply that ended it, where one did
    finished: datetime | None = None
    source: str = ""  # file and row, or the command, that brought it in
    parent: str = ""  # the enrollment whose reply or end started this one: its conversation goes on here
    round: int = 1  # how often the person has been enrolled in this cadence, this time included
    priority: int = 50
    exclusive: bool = True
    variant: str = ""  # the arm that was drawn for it
    passed: tuple[str, ...] = ()  # steps that have had their turn: they are never scheduled (again)
    still_since: datetime | None = None  # when it began to stand still; None while it is active
    rested: int = 0  # seconds that it stood still before that
    waived: datetime | None = None  # what colleagues had said by then no longer holds it: a human has let it go on
    version: int = 0  # 0: not stored yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One step happening to one enrollment. While SENDING, `due` is the end of the lease (see store)."""

    id: str
    enrollment: str
    address: str
    mailbox: str
    position: int
    step: str
    channel: str
    state: TouchState
    due: datetime
    why: tuple[str, ...] = ()  # the rule behind each part of the date
    waits: bool = True  # the cadence waits for this touch
    deadline: datetime | None = None
    attempt: int = 0
    token: str = ""  # of the claim that has it in hand
    owner: str = ""  # the run of the daemon that claimed it
    message_id: str = ""
    intended: datetime | None = None  # first intent: the Date of the mail
    settled: datetime | None = None
    code: int = 0
    text: str = ""  # what the server said, or why it was skipped
    again: bool = False  # a doubtful one that is sent once more: with the very bytes of the first time
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something for a human: a manual touch, or a reply that waits for an answer."""

    id: str
    owner: str
    address: str
    kind: str  # a task kind of a cadence, or "answer", "call", "settle", "read"
    title: str
    text: str
    created: datetime
    enrollment: str = ""
    touch: str = ""
    reply: str = ""
    deadline: datetime | None = None
    remind: datetime | None = None  # when the owner is to be reminded; None: not (any more)
    escalate: datetime | None = None  # when the owner's manager is to be told
    state: str = "open"  # open, done, dropped
    closed: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to our own people: a digest, a question, a reminder. It is sent once, by the mailbox of whom it is about.

    `items` are what its numbers stand for, in their order: each a mapping with `kind` (`task`, `reply`, `touch`, `person`, ...), `id`, `address`
    and `title`. An answer that says "3 done" means the third of *this* letter, whatever other letters number so.
    """

    id: str
    kind: str  # a row of `core/letters.py`
    mailbox: str
    to: str
    subject: str
    text: str
    created: datetime
    due: datetime
    items: tuple[Mapping[str, str], ...] = ()
    state: str = "wanted"  # wanted, sending, sent, failed
    attempt: int = 0
    settled: datetime | None = None
    said: str = ""  # what the mail server said last
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAnswer:
    """What somebody wrote in answer to a letter, and what became of it. The id is made of the letter and the mail's Message-ID.

    An empty `letter`: the mail looks like an answer, and does not name the letter.
    """

    id: str
    letter: str
    mailbox: str
    sender: str
    text: str  # the typed words
    received: datetime
    state: str = "waiting"  # waiting (for proof that the rep wrote it), proved, heeded, refused
    done: int = 0  # lines that have had their effect
    results: tuple[str, ...] = ()  # what became of each, in words for the rep; a question begins with "? "
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something learned about a person, dated and with its source. The latest one of a name counts; none is ever overwritten.

    `about`: `learned` (templates see it as `learned.NAME`), `going on` (why a cadence goes on that teaches nothing), `debrief` (an answer to one of the five questions) or `reason` (why it really was
    a no).
    """

    id: str
    address: str
    name: str
    value: str
    at: datetime
    about: str = "learned"
    source: str = ""  # the letter, the command, the task or the reply that it comes from
    by: str = ""
    enrollment: str = ""
    touch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Something that is done for a mailbox again and again: when it is due next. The id is `kind:mailbox`."""

    id: str
    mailbox: str
    due: datetime
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Never write to `key` again: an address, or `@domain`."""

    key: str
    reason: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyWord:
    """What somebody has said for certain, as their colleagues are concerned: until then nobody else at the company is written to.

    `outcome` is what it was: a yes, a no, or an opt-out. `company` is the domain that stands for the company (`guards.company_of`).
    """

    id: str
    company: str
    address: str
    outcome: Outcome
    words: str
    at: datetime
    until: datetime
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A person who has gone from one mailbox to another: `giver` to `taker`. Answers may still come to either."""

    id: str
    address: str
    giver: str
    taker: str
    name: str  # of the giver's owner, for the first mail after it
    at: datetime
    by: str
    until: datetime | None = None  # when the person goes back
    state: str = "moved"  # moved, returned
    version: int = 0


# -- a received mail -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """The machine part of a delivery report (RFC 3464), or what its free text says."""

    recipient: str  # the failed address, normalised; empty where none was found
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # enhanced code such as 5.1.1, or empty
    diagnostic: str
    original_ids: tuple[str, ...] = ()  # Message-IDs found in the returned message or its headers
    original: str = ""  # the address that the sender wrote to, where the report names it beside the failed one


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a calendar part says of one meeting (RFC 5546). Times without a zone are somebody's wall clock; None: not to be read."""

    method: str  # REQUEST, REPLY, CANCEL, COUNTER, ...
    uid: str = ""
    edition: int = 0  # goes up when the meeting is moved
    begins: datetime | None = None
    ends: datetime | None = None
    status: str = ""
    summary: str = ""
    answer: str = ""  # of a REPLY: ACCEPTED, DECLINED, TENTATIVE, ...
    organizer: str = ""
    attendees: tuple[str, ...] = ()
    recurs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A received mail, syntax only: what stands in it, not what it means.

    `sender` is empty unless there is exactly one address in exactly one From. `typed` are the sender's own
    words without quote and signature. `problem` says why a mail could not be read; then the rest may be empty.
    """

    message_id: str = ""
    references: tuple[str, ...] = ()  # In-Reply-To first, then References, each id once, as written inside <>
    sender: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the few that reading needs, lower-case names
    typed: str = ""
    quoted: str = ""
    signature: str = ""
    inline: str = ""  # the typed lines in their place between numbered lines that they quote; empty where they stand below none
    report: DeliveryReport | None = None
    complaint: bool = False  # an abuse report (RFC 5965)
    calendar: str = ""  # METHOD of a calendar part, such as REPLY
    invitation: Invitation | None = None  # the meeting that it speaks of
    content_type: str = ""
    fingerprint: str = ""  # the same for the same mail, whatever UID it has today
    size: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a mail means: the judge's verdict on an `Inbound`.

    `evidence` are the words or the header that decided. `resume` is the local date on which the writer said to come
    back. `contact` is the name and address of somebody else, as given. `guess` is what an unclear one may mean: for a human to
    see, never to act on.
    """

    kind: ReplyKind
    confidence: float  # 0 to 1
    evidence: str
    resume: date | None = None
    reason: Reason | None = None
    contact: str | None = None
    guess: ReplyKind | None = None

    @property
    def label(self) -> ReplyKind:
        """What it most likely means, acted on or not."""
        return self.guess or self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A received mail that belongs to somebody we write to, with what it meant and who said so."""

    id: str
    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    fingerprint: str
    message_id: str
    address: str  # of the writer
    subject: str
    text: str  # the typed words
    received: datetime  # INTERNALDATE of the server
    seen: datetime  # when we read it
    kind: ReplyKind
    confidence: float
    evidence: str
    matched: str  # how it was matched (`Match.key`); "vouched", "beside": see `belief.py`
    enrollment: str = ""
    touch: str = ""
    resume: date | None = None
    reason: Reason | None = None
    contact: str | None = None
    decided_by: str = "rules"  # or the human who decided
    review: bool = False  # waits for a human's word
    version: int = 0


# -- deciding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Go:
    """It may happen now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may happen, but not before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It may not happen, and the enrollment ends with `outcome`."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """This touch is not wanted (any more); the cadence goes on with the next one."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """This touch can't happen before a human has looked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """This touch waits until its owner has given a reason for it."""

    reason: str


Verdict = Go | Wait | Stop | Skip | Hold | Ask


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail server has it."""

    code: int
    text: str
    ids: tuple[str, ...] = ()  # other Message-IDs that the answer names


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A human has it."""

    text: str
    title: str = ""
    kind: str = ""  # of task; empty: the step's template


@dataclass(frozen=True, slots=True)
class Deferred:
    """A definite "not now": no connection, or 4xx. Nothing was accepted.

    `blames` says whom the answer is about: `message`, `mailbox` (ours) or `server`; `trouble` more closely what is wrong (a row
    of `core/troubles.py`, or `full`: the recipient's mailbox).
    """

    code: int
    text: str
    blames: str = "message"
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite "no": 5xx. `gone` only for codes that say that the address does not exist."""

    code: int
    text: str
    gone: bool = False
    blames: str = "message"
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Lost after the final dot: the server may have it, or not."""

    text: str


Delivery = Accepted | HandedOver | Deferred | Refused | Doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The words of one message, ready to be put into an envelope. `html` is a whole small document."""

    subject: str
    text: str
    html: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadContext:
    """The conversation so far: what a mail in the same thread must point at."""

    subject: str = ""  # of the first mail, without "Re:"
    last_id: str = ""  # the Message-ID to answer, without <>
    references: tuple[str, ...] = ()  # oldest first, without <>


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a mailbox has sent: counts over sliding spans, as read in the claiming transaction.

    Mails in flight count as sent. The `oldest_*` say when the first of each span was sent.
    """

    last_minute: int = 0
    last_hour: int = 0
    last_day: int = 0
    oldest_minute: datetime | None = None
    oldest_hour: datetime | None = None
    oldest_day: datetime | None = None
    first_sent: datetime | None = None
    not_before: datetime | None = None  # end of the drawn gap, or of a back-off of the whole mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainUsage:
    """What a mailbox has sent to one domain, as `Usage`."""

    domain: str
    last_hour: int = 0
    last_day: int = 0
    oldest_hour: datetime | None = None
    oldest_day: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything that admission needs to know about a person."""

    suppressed: Suppression | None = None
    enrollments: tuple[Enrollment, ...] = ()
    company: tuple[CompanyWord, ...] = ()  # what anybody at their company has said for certain, this person included


STRANGER = History()
"""What is known of nearly everybody in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whom a received mail belongs to. `key` says how it was found: thread, token, address, alias, company.

    `touch` is the one whose Message-ID the mail names. `open` are the person's unfinished enrollments, `enrollment` is the
    one the mail answers (it may be finished).
    """

    key: str
    enrollment: Enrollment
    prospect: Prospect
    open: tuple[Enrollment, ...] = ()
    touch: Touch | None = None
    touches: tuple[Touch, ...] = ()  # the unsettled touches of the open enrollments
    asked: str = ""  # the text of our mail that is answered
    asked_subject: str = ""
    asked_touch: str = ""  # which touch that mail was
    since: datetime | None = None  # when this person was first enrolled
    soft_bounces: int = 0  # so far in this enrollment
    known: bool = False  # this very mail has been recorded before


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A content item that a person has had."""

    address: str
    item: str
    ours: bool
    at: datetime
    touch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What passes between people beside the cadence; asked for cadences that fall silent as soon as people talk."""

    said: datetime | None = None  # when we have last read something that the person wrote, whatever it answered
    by_hand: datetime | None = None  # when the rep has last written to them by hand
    waits: bool = False  # something that they wrote waits for a human


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A touch in our hands, with all that judging and writing needs."""

    touch: Touch
    enrollment: Enrollment
    prospect: Prospect
    thread: ThreadContext
    epoch: int
    previous_sent: datetime | None = None  # last mail to this person, in any cadence
    sent_in_cadence: int = 0
    answer: Reply | None = None  # the person's last human answer in this conversation
    taken: tuple[Taken, ...] = ()  # content items this person has had, oldest first
    talk: Talk = Talk()
    untaught: int = 0  # touches in a row, up to the last one, after which nobody has answered and nothing was learned
    learned: Mapping[str, str] = field(default_factory=dict)  # what is known of this person by now, by name
    ahead: datetime | None = None  # when a more urgent cadence writes to this person next
    also: tuple[str, ...] = ()  # other mailboxes to which this person may still write
    took_over_from: str = ""  # in the first mail after a handover: whose place this mailbox has taken
    colleague: datetime | None = None  # until when a colleague's word holds this person
    most: int = 4  # mails to one address within the trip wire's span: asked again at the gate
    first: datetime | None = None  # when this person was enrolled for the first time: no answer is older. None: not asked yet


@dataclass(frozen=True, slots=True)
class Gate:
    """A touch that has passed the gate, and when: from then on its mail may have left."""

    touch: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a person's timeline."""

    at: datetime
    kind: str
    text: str  # a sentence for people: what happened and why
    address: str = ""
    enrollment: str = ""
    touch: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A human's or a breaker's stop for a whole scope: `all`, `mailbox:NAME` or `cadence:NAME`."""

    scope: str
    reason: str
    at: datetime
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that stands in the way of a whole mailbox, or of all of them, until it heals or a human mends it.

    Raising one that is up already changes nothing, so nobody is told twice. `on` False says that it is over.
    """

    key: str  # what is wrong and where, such as "bounces:dana"
    text: str  # a sentence for people: what is wrong, and what to do
    at: datetime
    mailbox: str = ""  # empty: it concerns the whole daemon
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A mail of ours that lies in the mailbox, or one that the rep wrote by hand. `at` is the server's INTERNALDATE."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    at: datetime
    touch: str = ""  # which touch of ours it is a copy of; empty: written by hand
    message_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFact:
    """What has become known of a mail whose bytes we keep; None leaves as it was.

    `copy` is how it came to lie in the folder of sent mail: `wanted` (not known yet, or ours to put there), `begun` (we are putting it
    there), `done` (we have), `refused` (the server would not take it), `kept` (the provider has).
    """

    touch: str
    left: datetime | None = None  # when its last part was handed to the server
    copy: str | None = None
    message_id: str | None = None  # the name under which the provider sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail as it left, or was about to."""

    touch: str
    enrollment: str
    message_id: str
    subject: str
    opens: bool
    text: str
    raw: bytes
    gated: datetime
    looked: datetime
    left: datetime | None
    copy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentKeeping:
    """What is known of where a mailbox's sent mails come to lie.

    `keeps` is `yes` (the provider puts a copy of what it sends into `sent_folder`), `no`, or empty (not known). `proved` is when that was
    last seen. `reconcile`, where it is set, is the time from which the mailbox must be read before anything is sent: the store was moved,
    copied or restored.
    """

    sent_folder: str = ""
    keeps: str = ""
    proved: datetime | None = None
    reconcile: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where the watcher stands in one folder of one mailbox."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    read: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one story wants written, as one value: all of it, or nothing.

    Rows with `version` 0 are new, inserting them twice is harmless. Others are written only if the stored version
    is still theirs; the stored version then goes up by one.
    """

    prospects: tuple[Prospect, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    touches: tuple[Touch, ...] = ()
    tasks: tuple[Task, ...] = ()
    replies: tuple[Reply, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()  # (Message-ID without <>, touch id)
    items: tuple[Taken, ...] = ()
    withdrawn: tuple[Touch, ...] = ()  # scheduled touches that are taken back, as if they had never been planned
    events: tuple[Event, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    switches: tuple[Switch, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    seen: tuple[Seen, ...] = ()
    mails: tuple[MailFact, ...] = ()
    letters: tuple[Letter, ...] = ()
    letter_answers: tuple[LetterAnswer, ...] = ()
    facts: tuple[Fact, ...] = ()
    rounds: tuple[Round, ...] = ()
    company_words: tuple[CompanyWord, ...] = ()
    handovers: tuple[Handover, ...] = ()
    raws: tuple[tuple[str, bytes], ...] = ()  # (reply id, its mail as it came, at most what was read of it)
    found: tuple[KeptMail, ...] = ()  # mails that this store had forgotten, as far as their headings tell

    def __add__(self, other: Change) -> Change:
        """Both changes as one. Where both speak of the same row, `other` has the last word."""
        places, read, fill = _fields_of(Change)
        joined = [ours + theirs for ours, theirs in zip(read(self), read(other), strict=True)]
        for name in _BY_ID:
            if len(joined[place := places[name]]) > 1:
                joined[place] = tuple({row.id: row for row in joined[place]}.values())
        joint: Change = fill(joined)
        return joint


_BY_ID = ("prospects", "enrollments", "touches", "tasks", "replies", "letters", "letter_answers", "facts", "rounds", "handovers")


class Newcomer(NamedTuple):
    """Somebody who begins as somebody else does: in `begun` nothing but ids, address and source is another's.

    In a file of 100,000 rows nearly all begin alike: those of one cadence, country and mailbox have the same first dates.
    """

    prospect: Prospect
    source: str
    begun: Change
