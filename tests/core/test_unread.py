"""`core/unread.py`: how often a mailbox is tried that can't be read, and when people hear of it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from followupd.core import unread
from followupd.core.model import Alarm
from followupd.core.unread import OBSTACLES, Failure

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def attempts(kind: str, hours: float, *, lives: float = 0.0) -> list[float]:
    """When a mailbox is tried that fails each time, `lives` seconds after the login."""
    failures: tuple[Failure, ...] = ()
    at, tried = 0.0, []
    while at < hours * 3600:
        tried.append(at)
        at += lives
        failures = (*unread.remembered(failures, at), Failure(at, kind))
        at += unread.pause(failures, 0.0)
    return tried


@pytest.mark.fault("F46")
@pytest.mark.parametrize("kind", ["link", "folder", "numbers"])
@pytest.mark.parametrize("lives", [0.0, 1.0, 60.0, 299.0])
def test_at_most_thirty_an_hour(toll, kind: str, lives: float) -> None:
    """However soon a link breaks after each login, no hour of a day sees more than 30 logins."""
    tried = attempts(kind, 24, lives=lives)
    assert max(sum(start <= one < start + 3600 for one in tried) for start in tried) <= 30
    toll(injected=len(tried))


@pytest.mark.fault("F57")
def test_refused_login_is_tried_rarely(toll) -> None:
    """A refused login is tried again after 15 minutes, then ever more rarely, at last every 6 hours."""
    tried = attempts("login", 48)
    assert tried[1] == 900
    assert sum(one < 3600 for one in tried) <= 4
    assert [later - one for one, later in itertools.pairwise(tried)][:6] == [900, 1800, 3600, 7200, 21_600, 21_600]
    toll(injected=len(tried))


def test_busy_server_gets_rest() -> None:
    """A server that says that it is too busy is asked after a minute, and then at most every 15 minutes."""
    tried = attempts("busy", 6)
    assert tried[1] == 60
    assert sum(one < 3600 for one in tried) <= 7
    assert tried[-1] - tried[-2] == 900


@pytest.mark.fault("F60")
def test_network_is_found_within_a_minute(toll) -> None:
    """Without a network an attempt costs nobody anything: it is made at least every 60 seconds, whatever is drawn on top."""
    failures = tuple(Failure(float(one), "network") for one in range(50))
    assert max(unread.pause(failures[:count], 1.0) for count in range(1, 50)) < 60
    toll(injected=50)


def test_reading_calms() -> None:
    """Once the mailbox was read a refused login is forgotten; a link that broke is not, or it could break all the time."""
    failures = (Failure(0.0, "login"), Failure(1.0, "link"), Failure(2.0, "busy"))
    assert unread.calmed(failures) == (failures[1],)
    assert unread.remembered(failures, 3602.0) == (failures[0], failures[2])


@pytest.mark.parametrize(
    ("kind", "minutes"), [("link", 60), ("network", 60), ("busy", 60), ("login", 0), ("folder", 0), ("numbers", 0)]
)
def test_when_people_hear(kind: str, minutes: int) -> None:
    """What may pass by itself is told after an hour, what needs a human at once; the text says since when, why, and what to do."""
    before = unread.told("dana", kind, "no answer in time", NOW, NOW + timedelta(minutes=minutes, seconds=-1))
    assert before.alarms == ()
    (alarm,) = unread.told("dana", kind, "no answer in time", NOW, NOW + timedelta(minutes=minutes)).alarms
    assert alarm.key == "unread:dana"
    for part in ("mailbox dana can't be read since 02 Mar 09:00 UTC", "no answer in time", OBSTACLES[kind].cure):
        assert part in alarm.text
    assert len(alarm.text) <= 600
    (over,) = unread.read_again("dana", NOW).alarms
    assert (over.key, over.on) == ("unread:dana", False)


@pytest.mark.parametrize(("share", "held"), [(None, False), (0.0, False), (0.979, False), (0.98, True), (1.7, True)])
def test_full_mailbox(share: float | None, held: bool) -> None:
    """A mailbox that is nearly full is said to be full; one whose server says nothing is not."""
    assert bool(unread.filled("dana", share)) is held


def test_a_mail_passed_over_is_shown_for_a_week() -> None:
    """The alarm of a mail that can't be fetched names it, and is over after a week; others stay."""
    (alarm,) = unread.unfetched("dana", "INBOX", 7, 4, NOW).alarms
    assert 'mail 4 in folder "INBOX"' in alarm.text
    other = Alarm(key="unread:dana", text="x", at=NOW)
    assert unread.aged([alarm, other], "dana", NOW + timedelta(days=6)).alarms == ()
    assert [one.key for one in unread.aged([alarm, other], "dana", NOW + timedelta(days=7)).alarms] == ["mail:dana:INBOX:7:4"]
