"""How far is a received mail believed? Anybody in the world can write to the rep's mailbox, and put any address into From.

Decides from three proofs. *Named*: it names a Message-ID of ours, or came to an address with our token; neither can be
guessed, so the writer has seen our mail. *Own*: it comes from the one address that we write to. *Standing*: what our own
receiving server says of the sender (`core/authentication.py`). Never decides what a mail means, nor what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from followupd.core.authentication import NOTHING, Standing, Stated
from followupd.core.model import Alarm, DeliveryReport, Match, ReplyKind


class Belief(StrEnum):
    """What becomes of a mail's word."""

    ACT = "act"  # its whole effect
    ASK = "ask"  # hold, and a human decides
    WRITER = "writer"  # the same; but the writer's own address gets no more mail


BELIEFS = """
named  own    standing   yes     words   opt-out  question  absence
yes    yes    pass       act     act     act      act       act
yes    yes    none       act     act     act      act       act
yes    yes    fail       ask     ask     ask      ask       act
yes    no     pass       ask     ask     writer   act       act
yes    no     none       ask     ask     writer   act       act
yes    no     fail       ask     ask     ask      ask       act
no     yes    pass       ask     act     act      act       act
no     yes    none       ask     act     act      act       act
no     yes    fail       ask     ask     ask      ask       ask
no     no     pass       ask     ask     writer   act       act
no     no     none       ask     ask     ask      act       act
no     no     fail       ask     ask     ask      ask       ask
"""
"""Rows: what is proved. Columns: what is said. A mail without the first two proofs gets here only by an address that has answered
before, or by the company's domain under our subject; of any other nothing is kept."""

COLUMNS = {
    ReplyKind.YES: "yes",
    ReplyKind.NO: "words",
    ReplyKind.LATER: "words",
    ReplyKind.REFERRAL: "words",
    ReplyKind.UNSUBSCRIBE: "opt-out",
    ReplyKind.ENGAGED: "question",
    ReplyKind.UNCLEAR: "question",
    ReplyKind.OUT_OF_OFFICE: "absence",
    ReplyKind.AUTO_REPLY: "absence",
}
"""The column of each kind that somebody says; reports are believed by what they name (`believed_report`)."""


def _read(table: str) -> dict[tuple[bool, bool, Standing, str], Belief]:
    header, *rows = [line.split() for line in table.splitlines() if line.strip()]
    return {
        (named == "yes", own == "yes", Standing(standing), column): Belief(cell)
        for named, own, standing, *cells in rows
        for column, cell in zip(header[3:], cells, strict=True)
    }


CELLS = _read(BELIEFS)

NAMED = frozenset({"thread", "token"})
"""Keys of a match that prove that the writer has seen a mail of ours."""

VOUCHED = "vouched"
"""Stands in a recorded reply for the key of a match by address, where our server vouches for that address."""

BESIDE = "beside"
"""The same where somebody to whom we write answers in another person's conversation: that other person's mail proves nothing of theirs."""

UNPROVED_LIMIT = 20
UNPROVED_SPAN = timedelta(hours=1)
"""So many mails without any proof may act in one mailbox within this time. More of them are an attack that wants to silence us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A mail's word as far as it is believed: its kind, and where it is doubted, why, for people."""

    kind: ReplyKind
    doubt: str = ""
    writer: bool = True  # an opt-out counts at least for whoever wrote it
    flood: bool = False  # one of too many: it changes nothing
    matched: str = ""  # how it was matched, for the record


def believed(kind: ReplyKind, match: Match, writer: str, stated: Stated = NOTHING, report: DeliveryReport | None = None) -> Word:
    """The word of a mail, as far as its proofs carry it."""
    named, own = match.key in NAMED, bool(writer) and writer == match.prospect.address
    matched = VOUCHED if match.key == "address" and own and stated.standing == Standing.PASS else match.key
    if kind not in COLUMNS:
        doubt = doubted_report(kind, match, report)
        return Word(kind=ReplyKind.UNCLEAR if doubt else kind, doubt=doubt, matched=matched)
    belief = CELLS[named, own, stated.standing, COLUMNS[kind]]
    if belief == Belief.ACT:
        return Word(kind=kind, matched=matched)
    doubt = _why(named, own, stated, writer, match.prospect.address)
    return Word(kind=ReplyKind.UNCLEAR, doubt=doubt, writer=belief == Belief.WRITER, matched=matched)


def _why(named: bool, own: bool, stated: Stated, writer: str, address: str) -> str:
    if stated.standing == Standing.FAIL:
        return f"the receiving server says that {stated.text} for this mail"
    if not own:
        return f"written by {writer or 'nobody in particular'}, not by {address}"
    assert not named
    return "it names no mail of ours"


def doubted_report(kind: ReplyKind, match: Match, report: DeliveryReport | None) -> str:
    """Why a report is not believed, or nothing: it must name a mail of ours, and the address to which that mail went.

    Anybody can write a report, and it is written by whichever server on the way had the trouble, so its sender proves nothing.
    Complaints often leave the address out (RFC 5965 section 3.2), and a pause of some days harms nobody.
    """
    if match.touch is None:
        return "a report that names no mail of ours"
    about = {address for address in (report.recipient, report.original) if address} if report else set()
    if match.touch.address in about or (kind in (ReplyKind.COMPLAINT, ReplyKind.BOUNCE_SOFT) and not about):
        return ""
    return f"a report about {min(about, default='nobody in particular')}, and that mail went to {match.touch.address}"


# -- too many ------------------------------------------------------------------------------------


def counts(word: Word) -> bool:
    """Whether nothing but an address in From, or less, says whose word this is, and it would change something."""
    return word.matched not in NAMED and word.matched != VOUCHED and word.kind != ReplyKind.AUTO_REPLY


def flooded(word: Word) -> Word:
    """The word of one mail too many: for a human to read, and without effect."""
    reason = f"more than {UNPROVED_LIMIT} mails within an hour say that they come from prospects, and nothing proves it"
    return replace(word, kind=ReplyKind.UNCLEAR, doubt=reason, writer=False, flood=True)


def alarm(mailbox: str, now: datetime, *, on: bool = True) -> Alarm:
    """What the owner is told of a flood; `on` False: it is over."""
    text = (
        f"More than {UNPROVED_LIMIT} mails within an hour say that they come from people to whom {mailbox} writes, and nothing proves it. "
        "They stop nobody any more; read them with followupd review. Where your mail server checks senders, name it in config.yaml: "
        f"mailboxes: {mailbox}: imap: authserv."
    )
    return Alarm(key=f"unproved:{mailbox}", mailbox=mailbox, text=text, at=now, on=on)
