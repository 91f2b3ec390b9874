"""What stands in the way of a whole mailbox: how long it rests after an answer about it, and what stops it.

Decides how a mailbox goes on once `channels/smtp.py` has said whom an answer is about, when a breaker opens, and what its
owner reads then. Two kinds of end: a trouble that rests is over with the next mail that is accepted; a breaker is a `Switch`,
and waits for a human or for a date. Recipients are never touched here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followupd.core.model import Alarm, Change, Switch

MINUTE, HOUR = 60.0, 3600.0

SHORT = (MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR)
LONG = (15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR)
"""From 15 minutes, doubling, to 6 hours: at most three logins in the first hour. Providers lock accounts that knock more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One row. A mailbox rests for the n-th of `waits` (seconds) at the n-th such answer in a row; without waits until its next day.

    `alarm` in a row raise an alarm, `stops` in a row stop the mailbox until a human resumes it; 0: never. `alone` is for how long it
    uses one connection only.
    """

    name: str
    spoken: str
    cure: str = ""
    waits: tuple[float, ...] = ()
    alarm: int = 0
    stops: int = 0
    alone: timedelta = timedelta()

    def rest(self, turn: int, now: datetime, zone: ZoneInfo) -> datetime:
        """Until when the mailbox rests after so many in a row."""
        if self.waits:
            return now + timedelta(seconds=self.waits[min(turn, len(self.waits)) - 1])
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)


TROUBLES = {
    row.name: row
    for row in (
        Trouble(
            name="login", spoken="the login is refused", waits=LONG, alarm=1,
            cure="put the password right where the config says it is; it is tried again by itself",
        ),
        Trouble(
            name="throttled", spoken="the provider slows the account down", waits=LONG, alarm=2,
            cure="see whether other programs use the account; it is tried again by itself",
        ),
        Trouble(
            name="quota", spoken="the provider's quota for today is used up", alarm=1,
            cure="sending goes on tomorrow by itself; lower its limits",
        ),
        Trouble(name="connections", spoken="too many connections at once", waits=(MINUTE,), alone=timedelta(hours=1)),
        Trouble(
            name="policy", spoken="mails are refused for what we are or sent", waits=LONG, stops=3,
            cure="look at SPF, DKIM, DMARC and block lists",
        ),
        Trouble(
            name="mailbox", spoken="the account can't send", waits=SHORT, alarm=4,
            cure="ask the provider; it is tried again by itself",
        ),
        Trouble(
            name="server", spoken="the mail server can't be used", waits=SHORT, alarm=6,
            cure="ask its administrators; it is tried again by itself",
        ),
    )
}  # fmt: skip
"""By the name that an answer bears. The alarm of a server comes after about an hour."""

ONES_OWN = frozenset({"login", "throttled", "quota", "connections", "mailbox", "server"})
"""Troubles that are over as soon as a mail is accepted."""


def met(mailbox: str, trouble: Trouble, turn: int, words: str, until: datetime, now: datetime) -> Change:
    """What follows from the `turn`-th such answer in a row, beside the rest itself."""
    if trouble.stops and turn >= trouble.stops:
        return stopped(
            mailbox, trouble.name, f"{turn} mails in a row were refused for what we are or sent ({words}); {trouble.cure}", now
        )
    if not trouble.alarm or turn < trouble.alarm:
        return Change()
    text = f"mailbox {mailbox} rests until {until:%d %b %H:%M} UTC: {trouble.spoken} ({words}); {trouble.cure}"
    return Change(alarms=(Alarm(key=f"{trouble.name}:{mailbox}", mailbox=mailbox, text=text, at=now),))


def calmed(mailbox: str, now: datetime) -> Change:
    """A mail was accepted: what a mailbox rests for is over."""
    return Change(
        alarms=tuple(Alarm(key=f"{name}:{mailbox}", mailbox=mailbox, text="", at=now, on=False) for name in sorted(ONES_OWN))
    )


# -- breakers ------------------------------------------------------------------------------------

BOUNCES_OF = 100
"""So many of the last mails are looked at."""
BOUNCES_LEAST = 5
"""Fewer bounces say nothing: one in ten mails is bad luck, five are a bad list."""
BOUNCES_SHARE = 0.05
"""Providers begin to distrust a sender at 3 to 5 % of unknown addresses."""

BLOCKED_LIMIT = 3
"""So many reports that our own mail was refused within a day stop the mailbox."""

COMPLAINT_SPAN = timedelta(days=30)
COMPLAINT_REST = timedelta(days=1)
"""How long a mailbox rests after a first complaint: time to look at what was sent. A second one within the span waits for a human.

A mailbox of 120 mails a day sends 2,600 in a month; providers want under 1 complaint in 1,000.
"""


def stopped(mailbox: str, breaker: str, text: str, now: datetime, until: datetime | None = None) -> Change:
    """A breaker opens: nothing leaves the mailbox before `until`, or before a human has resumed it."""
    end = f"it goes on by itself on {until:%d %b %H:%M} UTC" if until else f"then run followupd resume --mailbox {mailbox}"
    reason = f"{text}; {end}"[:300]
    return Change(
        switches=(Switch(scope=f"mailbox:{mailbox}", reason=reason, at=now),),
        alarms=(Alarm(key=f"{breaker}:{mailbox}", mailbox=mailbox, text=reason, at=now),),
    )


def too_many_bounces(mailbox: str, bounced: int, sent: int, now: datetime) -> Change:
    """Addresses that do not exist among the last mails: the list is old or bought, and the mailbox's name is at stake."""
    if bounced < BOUNCES_LEAST or bounced <= BOUNCES_SHARE * sent:
        return Change()
    text = f"{bounced} of the last {sent} mails of {mailbox} went to addresses that do not exist; look where the list is from"
    return stopped(mailbox, "bounces", text, now)


def complained(mailbox: str, complaints: int, whom: str, now: datetime) -> Change:
    """Somebody has pressed the spam button: so many within the span, this one included."""
    text = f"{whom} has told the provider that our mail is spam; see followupd show {whom}"
    if complaints < 2:
        return stopped(mailbox, "complaint", text, now, now + COMPLAINT_REST)
    return stopped(mailbox, "complaints", f"{complaints} complaints in {COMPLAINT_SPAN.days} days: {text}", now)


def blocked(mailbox: str, count: int, evidence: str, now: datetime) -> Change:
    """Reports that our mail was refused are about our mailbox: at the threshold it stops until a human has looked."""
    if count < BLOCKED_LIMIT:
        return Change()
    return stopped(mailbox, "policy", f"{count} mails were refused within a day, for what we are or sent: {evidence}", now)


BREAKERS = {"bounces": None, "complaint": COMPLAINT_REST, "complaints": None, "policy": None, "twin": None}
"""By the name in an alarm's key: after how long a breaker closes by itself; None: when a human resumes the mailbox."""


def closed(up: Iterable[Alarm], switches: Iterable[Switch], now: datetime) -> Change:
    """The breakers that are over: a human has resumed the mailbox, or their time has come. A human's own stop stays."""
    stops, change = {one.scope: one.reason for one in switches}, Change()
    for alarm in up:
        name = alarm.key.partition(":")[0]
        if name not in BREAKERS or not alarm.mailbox:
            continue
        scope, rest = f"mailbox:{alarm.mailbox}", BREAKERS[name]
        over = Change(alarms=(Alarm(key=alarm.key, mailbox=alarm.mailbox, text="", at=now, on=False),))
        if scope not in stops:
            change += over
        elif rest is not None and alarm.at + rest <= now:
            ours = stops[scope] == alarm.text
            change += over + Change(switches=(Switch(scope=scope, reason="its time is over", at=now, on=False),) if ours else ())
    return change
