"""Plays: providers throttle, refuse and lock. What an answer means for the mailbox, for its recipients, and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from followupd import alarms, desk
from followupd.core.lifecycle import FULL_RETRIES
from tests.faults import Toll
from tests.servers.smtp import Script
from tests.stories.stage import ANN, BOB, Play

ONE = "{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 1}"


class Answers(Mapping[str, Any]):
    """A script whose answers are thought of when they are asked for: `said(verb)`, None for the usual one."""

    def __init__(self, said: Callable[[str], str | None]) -> None:
        self._said = said

    def get(self, verb: str, default: Any = None) -> Any:
        return self._said(verb) or default

    def __getitem__(self, verb: str) -> Any:
        return self._said(verb)

    def __contains__(self, verb: object) -> bool:
        return self._said(str(verb)) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def people(count: int, domain: str = "p{}.test") -> str:
    """A file of so many people, each of a company of their own."""
    rows = [f"who{number}@{domain.format(number)},intro,Who,Acme" for number in range(count)]
    return "email,cadence,first_name,company\n" + "\n".join(rows) + "\n"


def says(play: Play, **script: Any) -> None:
    """The mail server follows this script from now on."""
    play.server.script = Script(**script)
    play.server._said.clear()


def twice(play: Play) -> int:
    """How many mails the server has more than once, by Message-ID."""
    return sum(count - 1 for count in Counter(mail.message_id for mail in play.mails()).values())


def lost(play: Play, count: int) -> int:
    """How many of so many first mails the server does not have."""
    return count - sum(mail.subject == "Hello Who" for mail in play.mails())


def configured(play: Play, more: str) -> None:
    """The same play with more lines at the head of its configuration."""
    play.stop()
    play.write("config.yaml", more + (play.folder / "config.yaml").read_text())
    play.start()


def tell(play: Play) -> alarms.Teller:
    """Whoever is to be told of alarms is told now."""
    teller = alarms.Teller()
    play._run(alarms.tell(play.world, teller))
    return teller


def logins_by_quarter(play: Play, quarters: int) -> list[int]:
    """How many logins there were in each quarter of an hour."""
    counts, known = [], play.server.logins
    for _ in range(quarters):
        play.run_until("+15m")
        counts.append(play.server.logins - known)
        known = play.server.logins
    return counts


def most_in_an_hour(counts: list[int]) -> int:
    """The fullest hour; four quarters after one another, and the one in which it begins."""
    return max(sum(counts[start : start + 5]) for start in range(len(counts)))


# -- logins --------------------------------------------------------------------------------------


@pytest.mark.fault("F33")
@pytest.mark.parametrize(
    "script",
    [
        {"password": "secret", "answers": {"AUTH": "454 4.7.0 Too many login attempts, please try again later."}},
        {"password": "secret", "answers": {"MAIL": "421 4.7.0 Try again later, closing connection."}},
        {"password": "secret", "answers": {"DOT": "421 4.7.0 Temporary System Problem. Try again later"}},
    ],
)
def test_too_many_logins(play: Play, toll: Toll, script: dict[str, Any]) -> None:
    """The mailbox rests for 15 minutes, twice as long each time, up to six hours: never more than four logins an hour."""
    says(play, **script)
    play.at("mon 09:00").drop_csv(people(6))
    first = play.server.logins
    counts = logins_by_quarter(play, 30)
    assert first == 1  # of four places in flight: one mail shows how the mailbox is
    assert most_in_an_hour([first, *counts]) <= 4
    assert sum(counts) >= 3
    assert [alarm.key for alarm in play.office.store.alarms_up()] == ["throttled:dana"]
    says(play, password="secret")
    play.run_until("+1d")
    assert play.office.store.alarms_up() == ()
    assert play.suppressed() == {}
    assert {play.touches(f"who{number}@p{number}.test")["hello"].attempt for number in range(6)} == {1}
    toll(injected=first + sum(counts), twice=twice(play), touches_lost=lost(play, 6))


@pytest.mark.fault("F33")
def test_a_gap_is_no_rest(stage: Callable[..., Play], toll: Toll) -> None:
    """A mailbox with a gap between its mails rests as long as one without: the gap of the mail that was tried is not taken for its rest."""
    play = stage(gap="45s..3m")
    says(play, answers={"MAIL": "421 4.7.0 Try again later, closing connection."})
    play.at("mon 09:00").drop_csv(people(6))
    tries = [sum(line.startswith("MAIL") for line in play.server.commands)]
    for _ in range(16):
        play.run_until("+15m")
        tries.append(sum(line.startswith("MAIL") for line in play.server.commands))
    assert max(later - earlier for earlier, later in zip(tries, tries[4:], strict=False)) <= 4, tries
    assert [alarm.key for alarm in play.office.store.alarms_up()] == ["throttled:dana"]
    says(play)
    play.run_until("+1d")
    toll(injected=tries[-1], twice=twice(play), touches_lost=lost(play, 6))


@pytest.mark.fault("F57")
def test_the_password_was_changed(play: Play, toll: Toll) -> None:
    """One try with the old password, then 15 minutes to 6 hours: no provider locks an account for that. It heals by itself."""
    says(play, password="secret")
    play.at("mon 09:00").drop_csv(ANN)
    says(play, password="changed")
    play.server.hang_up()
    known = play.server.logins
    play.at("mon 09:30").drop_csv(people(6))
    assert play.server.logins - known == 1
    counts = logins_by_quarter(play, 28)
    assert most_in_an_hour([1, *counts]) <= 4
    (alarm,) = play.office.store.alarms_up()
    assert alarm.key == "login:dana"
    assert "535 5.7.8 wrong password" in alarm.text
    assert "put the password right" in alarm.text
    assert play.switches() == set()
    says(play, password="secret")  # as if the secret had been put right
    play.run_until("+1d")
    assert play.office.store.alarms_up() == ()
    toll(injected=1 + sum(counts), twice=twice(play), touches_lost=lost(play, 6))


# -- quotas, connections -------------------------------------------------------------------------

QUOTAS = [
    ("DOT", "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to"),
    ("DOT", "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients"),
    ("RCPT", "452 4.5.3 Your message has too many recipients."),
    ("DOT", "454 Throttling failure: Daily message quota exceeded."),
    ("RCPT", "550 You have exceeded the daily sending limit of your account"),
]


@pytest.mark.fault("F34")
@pytest.mark.parametrize(("verb", "text"), QUOTAS)
def test_the_quota_is_used_up(play: Play, toll: Toll, verb: str, text: str) -> None:
    """The mailbox rests until its next day; nothing more is tried today, and nobody is suppressed or failed."""
    says(play, answers={verb: text})
    play.at("mon 09:00").drop_csv(people(5))
    play.run_until("+14h")
    tried = sum(line.startswith("RCPT") for line in play.server.commands)
    assert tried == 1
    assert [alarm.key for alarm in play.office.store.alarms_up()] == ["quota:dana"]
    says(play)
    play.run_until("+24h")
    assert [mail.when for mail in play.mails()] == ["Tue 03 Mar 09:00"] * 5
    assert play.suppressed() == {}
    assert {play.touches(f"who{number}@p{number}.test")["hello"].attempt for number in range(5)} == {1}
    assert play.office.store.alarms_up() == ()
    toll(injected=tried, twice=twice(play), touches_lost=lost(play, 5))


@pytest.mark.fault("F35")
def test_too_many_connections(play: Play, toll: Toll) -> None:
    """432: the mailbox goes on with one connection for an hour, without a failed touch."""
    refused: list[int] = []

    def said(verb: str) -> str | None:
        if verb != "MAIL" or len(play.server._sessions) <= 1:
            return None
        refused.append(len(play.server._sessions))
        return "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending"

    play.at("mon 09:00").drop_csv(ANN)  # one mail has shown that the mailbox is well: the next ones leave four at a time
    play.server.script = Script(answers=Answers(said))
    play.drop_csv(people(12), name="more.csv")
    first = len(refused)
    assert first > 0
    play.run_until("+50m")
    assert len(refused) == first, refused
    assert len(play.server._sessions) <= 1
    assert play.suppressed() == {}
    assert {play.touches(f"who{number}@p{number}.test")["hello"].state.value for number in range(12)} == {"sent"}
    toll(injected=first, twice=twice(play), touches_lost=lost(play, 12))


# -- the recipient's side ------------------------------------------------------------------------


GREY = [
    "450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/p.test.html",
    "451 4.7.1 Greylisting in action, please come back later",
    "421 4.7.0 Greylisted, come back later",
    "450 4.7.1 Please try again later",
]


@pytest.mark.fault("F36")
@pytest.mark.parametrize("text", GREY)
def test_greylisted(play: Play, toll: Toll, text: str) -> None:
    """It is tried again after 5 and 30 minutes, and, where the window closes meanwhile, at its next opening. It arrives once."""
    tries: list[str] = []
    play.at("fri 16:50")
    began = play.clock.now()

    def said(verb: str) -> str | None:
        if verb != "RCPT":
            return None
        tries.append(f"{play.clock.now() - began}")
        return text if play.clock.now() < began + timedelta(minutes=10) else None

    play.server.script = Script(answers=Answers(said))
    play.drop_csv(ANN)
    play.run_until("+9m")
    assert len(tries) == 2, tries
    play.at("sun 20:00")
    assert len(tries) == 2
    assert play.mails() == []
    play.at("mon 09:30")
    assert [mail.when for mail in play.mails()] == ["Mon 09 Mar 09:00"]
    assert play.touches("ann@p.test")["hello"].attempt == 3
    play.drop_csv(BOB, name="bob.csv")  # the mailbox itself was never at rest
    assert len(play.mails("bob@q.test")) == 1
    toll(injected=2, twice=twice(play), touches_lost=1 - len(play.mails("ann@p.test")))


@pytest.mark.fault("F37")
@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_the_address_is_gone(stage: Callable[..., Play], toll: Toll, status: str) -> None:
    """Exactly that address is suppressed and its cadence ends as bounced; colleagues at the same domain go on."""
    play = stage(limits=ONE)

    def said(verb: str) -> str | None:
        gone = verb == "RCPT" and "who2@" in play.server.commands[-1]
        return f"550 {status} no mailbox here by that name" if gone else None

    play.server.script = Script(answers=Answers(said))
    play.at("mon 09:00").drop_csv(people(4, "p.test"))
    play.run_until("+4d")
    assert play.suppressed() == {"who2@p.test": "the address is gone"}
    assert play.outcome("who2@p.test") == "bounced"
    assert sum("RCPT TO:<who2@" in line for line in play.server.commands) == 1
    assert [len(play.mails(f"who{number}@p.test")) for number in range(4)] == [2, 2, 0, 2]
    toll(injected=1, twice=twice(play), touches_lost=lost(play, 3))


@pytest.mark.fault("F38")
@pytest.mark.parametrize(
    "text", ["552 5.2.2 mailbox full", "452 4.2.2 over quota", "422 the mailbox has exceeded its storage limit"]
)
def test_a_full_mailbox(play: Play, toll: Toll, text: str) -> None:
    """A full mailbox is tried again after 1, 3 and 7 days; then a human is asked. Nobody is suppressed."""
    says(play, answers={"RCPT": text})
    play.at("mon 09:00").drop_csv(ANN)
    for span, tries in (("+23h", 1), ("+1d", 2), ("+4d", 3), ("+12d", 4), ("+20d", 4)):
        play.run_until(span)
        assert sum(line.startswith("RCPT") for line in play.server.commands) == tries, span
    assert FULL_RETRIES == ("1d", "3d", "7d")
    assert play.suppressed() == {}
    assert play.state("ann@p.test") == "held"
    assert [task.kind for task in play.tasks("ann@p.test")] == ["settle"]
    toll(injected=4)


def test_a_mailbox_that_was_emptied(play: Play) -> None:
    """Once there is room the mail arrives, once, and the cadence goes on."""
    says(play, answers={"RCPT": ["552 5.2.2 mailbox full", "250 2.1.5 ok"]})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+7d")
    assert [mail.subject for mail in play.mails()] == ["Hello Ann", "Re: Hello Ann"]


# -- our good name -------------------------------------------------------------------------------


POLICY = [
    ("RCPT", "550 5.7.1 rejected by policy"),
    ("DOT", "550 5.7.1 Our system has detected that this message is likely unsolicited mail"),
    ("DOT", "550 5.7.515 Access denied, sending domain does not meet the required authentication level"),
    ("DOT", "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy"),
    ("DOT", "554 Message refused, listed by Spamhaus"),
]


@pytest.mark.fault("F39")
@pytest.mark.parametrize(("verb", "text"), POLICY)
def test_refused_for_what_we_are(stage: Callable[..., Play], toll: Toll, verb: str, text: str) -> None:
    """After three in a row the mailbox stops, its owner is told, and it waits for a human; nobody is suppressed."""
    play = stage(limits=ONE)
    says(play, answers={verb: text})
    play.at("mon 09:00").drop_csv(people(10))
    play.run_until("+1d")
    tried = sum(line.startswith("RCPT") for line in play.server.commands)
    assert tried == 3
    assert play.switches() == {"mailbox:dana"}
    assert play.suppressed() == {}
    (alarm,) = play.office.store.alarms_up()
    assert alarm.key == "policy:dana"
    assert alarm.text.endswith("then run followupd resume --mailbox dana")
    tell(play)
    assert [(task.kind, task.owner, task.text) for task in play.office.store.tasks()] == [("alarm", "dana", alarm.text)]
    says(play)
    desk.switch(play.office, "mailbox:dana", on=False, reason="resumed by lee")
    play.run_until("+1d")
    assert play.office.store.alarms_up() == ()
    tell(play)
    assert play.office.store.tasks() == ()
    assert {play.touches(f"who{number}@p{number}.test")["hello"].state.value for number in range(10)} == {"sent"}
    toll(injected=tried, twice=twice(play), touches_lost=lost(play, 10))


def test_policy_in_between(stage: Callable[..., Play]) -> None:
    """Refusals with an accepted mail between them are not in a row: the mailbox rests, and never stops."""
    play = stage(limits=ONE)
    says(play, answers={"DOT": ["550 5.7.1 no", "550 5.7.1 no", "250 ok", "550 5.7.1 no", "550 5.7.1 no", "250 ok"]})
    play.at("mon 09:00").drop_csv(people(4))
    play.run_until("+8h")
    assert play.switches() == set()
    assert len(play.mails()) == 4


# -- a week's downtime ---------------------------------------------------------------------------


@pytest.mark.fault("F82")
def test_a_thousand_touches_after_a_week(stage: Callable[..., Play], toll: Toll) -> None:
    """After a week's downtime 1,000 touches are due at once: none leaves outside its window, over a cap, or inside a gap."""
    play = stage(limits="{per_minute: 5, per_hour: 20, per_day: 40, in_flight: 4}", gap="5s..20s")
    play.at("mon 08:00").drop_csv(people(1000))
    play.stop().run_until("+7d").at("tue 08:55")
    play.start().at("wed 10:30")
    sent = [mail.at for mail in play.mails()]
    spans = ((timedelta(minutes=1), 5), (timedelta(hours=1), 20), (timedelta(days=1), 40))
    over = sum(sum(at - span < other <= at for other in sent) > cap for span, cap in spans for at in sent)
    outside = [mail.when for mail in play.mails() if not "09:00" <= mail.when[-5:] < "17:00" or mail.when[:3] in {"Sat", "Sun"}]
    close = [later - earlier for earlier, later in pairwise(sent) if later - earlier < timedelta(seconds=5)]
    assert (over, outside, close) == (0, [], [])
    assert 60 <= len(sent) <= 80  # Tuesday as full as its cap, and as much of Wednesday as an hour and a half may hold
    states = Counter(
        touch.state.value
        for one in play.office.store.enrollments()
        for touch in play.office.store.touches(one.id)
        if touch.step == "hello"
    )
    assert states == {"sent": len(sent), "scheduled": 1000 - len(sent)}
    toll(injected=1000, twice=twice(play), touches_lost=1000 - sum(states.values()))
