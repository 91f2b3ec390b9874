"""May this happen now? Two ordered tables of questions: ADMISSION for a row, SENDING for a touch.

Decides: the verdict, with its reason, on facts that were gathered before. Never looks anything up, never changes
anything. A new stop rule is one function and one line in its table; its position is when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from followupd.core import when
from followupd.core.model import (
    THANKS,
    Ask,
    Cadence,
    Caps,
    Claim,
    DomainUsage,
    Enrollment,
    EnrollmentState,
    Go,
    History,
    Outcome,
    Skip,
    Stop,
    Usage,
    Verdict,
    Wait,
)
from followupd.core.timing import Timing

TRIP_SPAN = timedelta(hours=20)
"""In which one address gets at most `Caps.one_person` mails. Under a day, so that a mail each morning is nobody's trip wire."""

FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.fr hotmail.co.uk live.com msn.com yahoo.com yahoo.fr yahoo.co.uk yahoo.de ymail.com icloud.com me.com mac.com aol.com"
    " proton.me protonmail.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de orange.fr free.fr laposte.net sfr.fr wanadoo.fr libero.it tiscali.it virgilio.it"
    " terra.com uol.com.br bol.com.br sapo.pt ziggo.nl kpnmail.nl planet.nl telenet.be skynet.be wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz mail.ru yandex.ru"
    " qq.com 163.com 126.com naver.com btinternet.com comcast.net verizon.net att.net bluewin.ch zoho.com fastmail.com hey.com".split()
)
"""Where strangers share a domain: it says nothing of who belongs together."""

NOTHING_LEARNED = "nothing was learned"
"""Begins the reason of an enrollment that is held until its owner has given a reason to go on."""

_SHARED_SUFFIXES = frozenset("co com net org ac gov gob gouv edu or ne go gr nom ltd plc nhs sch".split())
"""What stands before the country where names are given out one level deeper, as in acme.co.uk."""

SHARED_HOSTS = frozenset(
    "onmicrosoft.com github.io herokuapp.com wixsite.com webflow.io myshopify.com eu.org uk.com us.com de.com".split()
)
"""Domains below which every name is another company."""


@lru_cache(maxsize=4096)  # the claim asks, and the gate soon after it
def company_of(address: str) -> str:
    """The domain that stands for the company of an address, `acme.test` for `ann@mail.acme.test`; "" where strangers share it.

    Without a list of all public suffixes this is a rule of thumb, and it errs towards one company where there may be two.
    """
    domain = address.rpartition("@")[2].lower()
    labels = domain.split(".")
    deeper = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SUFFIXES
    if len(labels) > 2 and ".".join(labels[-2:]) in SHARED_HOSTS:
        deeper = True
    company = ".".join(labels[-3:] if deeper else labels[-2:])
    return "" if domain in FREE_MAIL or company in FREE_MAIL else company


REST_AFTER_NO = timedelta(days=30)
"""How long nobody may be enrolled anew who said no: long enough that it is a new conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What ADMISSION sees: who is to be enrolled where, and what we know of them."""

    address: str
    cadence: Cadence
    history: History
    now: datetime
    leaving: frozenset[str] = frozenset()  # enrollments that this one follows: they are no obstacle
    against: str = ""  # what stands against keeping this person warm (`core/nurture.py`), where that is what is wanted
    referred_by: str = ""  # the address of who has named this person


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What SENDING sees: the claim and the time, nothing that can do anything."""

    claim: Claim
    cadence: Cadence
    timing: Timing
    now: datetime


def admit(entry: Entry) -> Go | Stop:
    """Whether a person may be enrolled; a `Stop` carries the reason for the receipt."""
    for question in ADMISSION:
        verdict = question(entry)
        if verdict is not None:
            return verdict
    return Go()


def clear_to_send(situation: Situation) -> Verdict:
    """Whether a claimed touch may happen now."""
    for question in SENDING:
        verdict = question(situation)
        if verdict is not None:
            return verdict
    return Go()


def room(usage: Usage, caps: Caps, now: datetime) -> tuple[int, datetime | None]:
    """How many mails a mailbox may start now, and, where that is none, when to ask again.

    Caps are sliding: a mail counts for exactly 60 seconds, 60 minutes and 24 hours after it left. With a gap between two
    mails, at most one may start at a time.
    """
    if usage.not_before and usage.not_before > now:
        return 0, usage.not_before
    free, again = _free(
        now,
        (caps.per_minute, usage.last_minute, usage.oldest_minute, timedelta(minutes=1)),
        (caps.per_hour, usage.last_hour, usage.oldest_hour, timedelta(hours=1)),
        (day_cap(caps, usage, now), usage.last_day, usage.oldest_day, timedelta(days=1)),
    )
    return (min(free, 1) if caps.gap[1] > 0 else free), again


def domain_room(usage: DomainUsage, caps: Caps, now: datetime) -> tuple[int, datetime | None]:
    """The same for one domain: how many mails a mailbox may start there now, and, where that is none, when to ask again.

    A company's mail server sees one sender and many mails. Where strangers share a domain, that is what the provider is there
    for: only the mailbox's own limits hold, which are less than any such provider minds.
    """
    if usage.domain in FREE_MAIL:
        return caps.per_day, None
    return _free(
        now,
        (caps.domain_hour, usage.last_hour, usage.oldest_hour, timedelta(hours=1)),
        (caps.domain_day, usage.last_day, usage.oldest_day, timedelta(days=1)),
    )


def next_room(usage: Usage, domains: Iterable[DomainUsage], caps: Caps, now: datetime) -> datetime | None:
    """When something that waits already may leave next: the mailbox has room, or, where it has, one of the full domains; None: now."""
    _, again = room(usage, caps, now)
    full = (until for one in domains if (until := domain_room(one, caps, now)[1]) is not None)
    return again or min(full, default=None)


def _free(now: datetime, *spans: tuple[int, int, datetime | None, timedelta]) -> tuple[int, datetime | None]:
    """Of spans with cap, count, oldest and length: what the tightest leaves, or when the last of the full ones has room."""
    free = min(cap - used for cap, used, _, _ in spans)
    if free > 0:
        return free, None
    ends = [oldest + span for cap, used, oldest, span in spans if used >= cap and oldest]
    return 0, max(ends) if ends else now + timedelta(minutes=1)


def day_cap(caps: Caps, usage: Usage, now: datetime) -> int:
    """The cap of today: a new mailbox starts small and grows by `ramp_add` each day (providers watch for jumps)."""
    if caps.ramp_start is None:
        return caps.per_day
    days = (now - usage.first_sent).days if usage.first_sent else 0
    return min(caps.per_day, caps.ramp_start + caps.ramp_add * days)


# -- ADMISSION -----------------------------------------------------------------------------------


def _suppressed(entry: Entry) -> Stop | None:
    found = entry.history.suppressed
    if not found:
        return None
    return Stop(Outcome.OPTED_OUT, f"suppressed since {found.at:%d %b %Y} ({found.reason}); nobody may write there")


def _opted_out(entry: Entry) -> Stop | None:
    for enrollment in entry.history.enrollments:
        if enrollment.outcome == Outcome.OPTED_OUT:
            return Stop(Outcome.OPTED_OUT, f"opted out on {enrollment.finished:%d %b %Y}")
    return None


def _already_enrolled(entry: Entry) -> Stop | None:
    """Once in a cadence is enough, unless the cadence says after how long somebody may come again."""
    cadence = entry.cadence
    for enrollment in entry.history.enrollments:
        another_round = enrollment.id in entry.leaving and cadence.again is not None  # by a written rule
        if enrollment.cadence != cadence.name or another_round:
            continue
        if enrollment.state != EnrollmentState.FINISHED:
            return Stop(Outcome.STOPPED, f"duplicate: is in cadence {cadence.name} since {enrollment.started:%d %b %Y}")
        if cadence.again is None:
            return Stop(
                Outcome.STOPPED, f"duplicate: has been through cadence {cadence.name} since {enrollment.started:%d %b %Y}"
            )
        free = (enrollment.finished or entry.now) + timedelta(seconds=when.seconds(when.parse_delay(cadence.again)))
        if free > entry.now:
            text = f"duplicate: was in cadence {cadence.name} until {enrollment.finished:%d %b %Y}; may come again from {free:%d %b %Y}"
            return Stop(Outcome.STOPPED, text)
    return None


def _under_way(entry: Entry) -> Stop | None:
    """A cadence that wants a person for itself gives way only to a more urgent one."""
    for enrollment in _in_the_way(entry):
        if enrollment.priority >= entry.cadence.priority:
            return Stop(Outcome.STOPPED, f"is under way in cadence {enrollment.cadence}; stop that first")
    return None


def giving_way(entry: Entry) -> tuple[Enrollment, ...]:
    """The enrollments that end when this person is admitted: those of less urgent cadences."""
    return tuple(one for one in _in_the_way(entry) if one.priority < entry.cadence.priority)


def _in_the_way(entry: Entry) -> Iterator[Enrollment]:
    for enrollment in entry.history.enrollments:
        open_still = enrollment.state != EnrollmentState.FINISHED and enrollment.id not in entry.leaving
        if open_still and enrollment.exclusive and entry.cadence.exclusive:
            yield enrollment


def rounds(entry: Entry) -> int:
    """How often the person has been in this cadence before."""
    return sum(one.cadence == entry.cadence.name for one in entry.history.enrollments)


def _said_no(entry: Entry) -> Stop | None:
    if entry.leaving:  # what follows a no by a written rule is no new conversation
        return None
    for enrollment in entry.history.enrollments:
        rests_until = (enrollment.finished or entry.now) + REST_AFTER_NO
        if enrollment.outcome == Outcome.NO and rests_until > entry.now:
            return Stop(Outcome.NO, f"said no on {enrollment.finished:%d %b %Y}; let it rest until {rests_until:%d %b %Y}")
    return None


def _not_kept_warm(entry: Entry) -> Stop | None:
    return Stop(Outcome.STOPPED, entry.against) if entry.against else None


SAID = {Outcome.YES: "said yes", Outcome.NO: "said no", Outcome.OPTED_OUT: "wants no more mail"}
"""What a firm word was, for people."""


def _colleague_answered(entry: Entry) -> Stop | None:
    """Who has had a clear answer from one person does not ask the next one at that company at once."""
    if entry.leaving:  # it goes on with the person themselves
        return None
    for word in entry.history.company:
        if word.until > entry.now and word.address not in (entry.address, entry.referred_by):
            said = f"{word.address} {SAID[word.outcome]} on {word.at:%d %b %Y}"
            return Stop(Outcome.STOPPED, f"{said}; leave {word.company} alone until {word.until:%d %b %Y}")
    return None


def waives(entry: Entry) -> bool:
    """Whether somebody at the company has said something for certain that this person is admitted in spite of."""
    return any(word.until > entry.now and word.address != entry.address for word in entry.history.company)


ADMISSION: tuple[Callable[[Entry], Stop | None], ...] = (
    _suppressed,
    _opted_out,
    _already_enrolled,
    _under_way,
    _said_no,
    _colleague_answered,
    _not_kept_warm,
)


# -- SENDING -------------------------------------------------------------------------------------


def _finished(situation: Situation) -> Verdict | None:
    enrollment = situation.claim.enrollment
    if enrollment.state == EnrollmentState.ACTIVE:
        return None
    return Wait(situation.now, f"the enrollment is {enrollment.state}")


def _colleague_waits(situation: Situation) -> Verdict | None:
    """They were enrolled in the very moment in which a colleague answered."""
    until = situation.claim.colleague
    return Wait(until, "somebody at the same company has just answered") if until and until > situation.now else None


def _deadline_over(situation: Situation) -> Verdict | None:
    deadline = situation.claim.touch.deadline
    if deadline and deadline <= situation.now:
        return Skip(f"its deadline was {when.speak(deadline, situation.timing.zone)}")
    return None


def _people_talk(situation: Situation) -> Verdict | None:
    """After a no nobody is written to by a machine while people talk: what was to be said, they say."""
    claim = situation.claim
    if situation.cadence.role != THANKS or claim.touch.channel == "task":
        return None
    talk, began = claim.talk, claim.enrollment.started
    answered = claim.answer.received if claim.answer else began
    if talk.by_hand and talk.by_hand >= answered:
        return Skip(f"the rep has written to them by hand on {when.speak(talk.by_hand, situation.timing.zone)}")
    if talk.said and talk.said > began:
        return Skip(f"they have written since, on {when.speak(talk.said, situation.timing.zone)}: a human answers that")
    asks = situation.cadence.step(claim.touch.step).keep is not None
    return Skip("something that they wrote still waits for a human") if asks and talk.waits else None


def _touches_used_up(situation: Situation) -> Verdict | None:
    allowed = situation.cadence.limits.touches
    if allowed is not None and situation.claim.sent_in_cadence >= allowed:
        return Stop(Outcome.SILENT, f"the cadence allows {allowed} touches, and none was answered")
    return None


def _days_used_up(situation: Situation) -> Verdict | None:
    allowed, enrollment = situation.cadence.limits.days, situation.claim.enrollment
    # Who asked us to come back in March has not used up the days until then.
    if allowed is not None and situation.now > enrollment.started + timedelta(days=allowed, seconds=enrollment.rested):
        return Stop(Outcome.SILENT, f"the cadence allows {allowed} days, and nothing was answered")
    return None


def _taught_nothing(situation: Situation) -> Verdict | None:
    """A dead deal is let go, unless somebody knows a reason to go on."""
    allowed, count = situation.cadence.limits.lessons, situation.claim.untaught
    return Ask(f"{NOTHING_LEARNED} from the last {count} touches") if allowed is not None and count >= allowed else None


def _too_soon(situation: Situation) -> Verdict | None:
    gap, previous = situation.cadence.limits.gap, situation.claim.previous_sent
    if situation.claim.touch.channel == "task" or not gap or not previous:
        return None
    # Business days keep the hour of the day: a gap must not push the mail past today's window by seconds.
    due = situation.timing.after(previous, gap, "the last mail to this person")
    return Wait(due.at, f"at least {gap} between two mails to one person") if due.at > situation.now else None


def _gives_way(situation: Situation) -> Verdict | None:
    """Of two cadences that would write to one person within the gap, the more urgent one writes first."""
    ahead, gap = situation.claim.ahead, situation.cadence.limits.gap or "1d"
    if situation.claim.touch.channel == "task" or ahead is None:
        return None
    if ahead > situation.timing.after(situation.now, gap, "").at:
        return None
    due = situation.timing.after(max(ahead, situation.now), gap, "a more urgent mail to this person")
    return Wait(due.at, "a more urgent cadence writes to this person first")


def _outside_window(situation: Situation) -> Verdict | None:
    # Windows begin and end on whole minutes, and instants are whole seconds: the fraction of this second decides nothing.
    second = situation.now - timedelta(microseconds=situation.now.microsecond)
    opens = situation.timing.next_open(second, situation.claim.touch.position)
    return Wait(opens.at, "; ".join(opens.why)) if opens.at > second else None


SENDING: tuple[Callable[[Situation], Verdict | None], ...] = (
    _finished,
    _colleague_waits,
    _deadline_over,
    _people_talk,
    _touches_used_up,
    _days_used_up,
    _taught_nothing,
    _too_soon,
    _gives_way,
    _outside_window,
)
