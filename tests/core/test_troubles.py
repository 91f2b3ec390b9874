"""What a trouble means for a mailbox: how long it rests, what stops it, and what ends that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import guards, troubles
from followupd.core.model import Alarm, Caps, Change, DomainUsage, Switch, Usage
from followupd.core.troubles import TROUBLES
from tests.store.made import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("login", [15, 30, 60, 120, 240, 360, 360, 360]),
        ("throttled", [15, 30, 60, 120, 240, 360, 360, 360]),
        ("policy", [15, 30, 60, 120, 240, 360, 360, 360]),
        ("server", [1, 2, 5, 15, 30, 60, 120, 360, 360]),
        ("mailbox", [1, 2, 5, 15, 30, 60, 120, 360, 360]),
        ("connections", [1, 1, 1]),
    ],
)
def test_rests(name: str, minutes: list[int]) -> None:
    """The n-th in a row makes a mailbox rest for the n-th wait; the last one holds for all that follow."""
    rests = [TROUBLES[name].rest(turn, NOW, BERLIN) - NOW for turn in range(1, len(minutes) + 1)]
    assert rests == [one * MINUTE for one in minutes]


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Europe/Berlin", datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)),
        (
            "Europe/Berlin",
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
        ),  # the clocks go forward
        ("America/New_York", datetime(2026, 3, 3, 3, tzinfo=UTC), datetime(2026, 3, 3, 5, tzinfo=UTC)),  # still Monday there
        ("Pacific/Kiritimati", datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ],
)
def test_quota_rests_until_the_next_day(zone: str, now: datetime, until: datetime) -> None:
    """The next day is that of the mailbox's own clock."""
    assert TROUBLES["quota"].rest(1, now, ZoneInfo(zone)) == until


@pytest.mark.parametrize(
    ("name", "turn", "alarm", "stopped"),
    [
        ("login", 1, True, False),
        ("throttled", 1, False, False),
        ("throttled", 2, True, False),
        ("quota", 1, True, False),
        ("connections", 9, False, False),
        ("policy", 2, False, False),
        ("policy", 3, True, True),
        ("server", 5, False, False),
        ("server", 6, True, False),
    ],
)
def test_met(name: str, turn: int, alarm: bool, stopped: bool) -> None:
    """When people are told, and what stops a mailbox until a human resumes it."""
    change = troubles.met("dana", TROUBLES[name], turn, "550 no", NOW + HOUR, NOW)
    assert [one.key for one in change.alarms] == ([f"{name}:dana"] if alarm else [])
    assert [one.scope for one in change.switches] == (["mailbox:dana"] if stopped else [])
    assert change.suppressions == ()
    assert all("550 no" in one.text for one in change.alarms)


def test_an_accepted_mail_ends_what_rests_and_no_stop() -> None:
    """After it no alarm of a rest is up; that of a breaker is."""
    over = {one.key for one in troubles.calmed("dana", NOW).alarms}
    assert over == {f"{name}:dana" for name, row in TROUBLES.items() if not row.stops}
    assert not over & {f"{name}:dana" for name in troubles.BREAKERS}


@pytest.mark.parametrize(
    ("bounced", "sent", "stopped"),
    [(0, 100, False), (4, 4, False), (5, 5, True), (5, 99, True), (5, 100, False), (6, 100, True), (4, 20, False)],
)
def test_bounces(bounced: int, sent: int, stopped: bool) -> None:
    """More than 5 % of the last 100, and at least five: four bad addresses in a small list stop nobody."""
    change = troubles.too_many_bounces("dana", bounced, sent, NOW)
    assert [one.scope for one in change.switches] == (["mailbox:dana"] if stopped else [])
    assert len(change.alarms) == stopped


@pytest.mark.parametrize(("count", "stopped"), [(1, False), (2, False), (3, True), (9, True)])
def test_blocked(count: int, stopped: bool) -> None:
    """Refusals of what we are and send are about our mailbox: at the third within a day it stops."""
    switches = troubles.blocked("dana", count, "listed at example.org", NOW).switches
    assert [(row.scope, row.on) for row in switches] == ([("mailbox:dana", True)] if stopped else [])


FIRST, SECOND = (troubles.complained("dana", number, "ann@p.test", NOW) for number in (1, 2))


@pytest.mark.parametrize(
    ("raised", "switches", "after", "ended", "lifted"),
    [
        (FIRST, FIRST.switches, DAY - MINUTE, False, False),
        (FIRST, FIRST.switches, DAY, True, True),
        (FIRST, (), HOUR, True, False),  # a human has resumed it
        (FIRST, (Switch(scope="mailbox:dana", reason="paused by dana", at=NOW),), DAY, True, False),  # a human's own stop stays
        (SECOND, SECOND.switches, 300 * DAY, False, False),
        (SECOND, (), HOUR, True, False),
        (Change(alarms=(Alarm(key="login:dana", mailbox="dana", text="x", at=NOW),)), (), DAY, False, False),  # no breaker
    ],
)
def test_closed(raised: Change, switches: tuple[Switch, ...], after: timedelta, ended: bool, lifted: bool) -> None:
    """A first complaint is over after a day; everything else when a human has resumed the mailbox."""
    change = troubles.closed(raised.alarms, switches, NOW + after)
    assert [one.on for one in change.alarms] == ([False] if ended else [])
    assert [one.on for one in change.switches] == ([False] if lifted else [])


# -- domains -------------------------------------------------------------------------------------

CAPS = Caps(per_day=50, domain_hour=3, domain_day=5)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (DomainUsage(domain="acme.test"), (3, None)),
        (DomainUsage(domain="acme.test", last_hour=3, oldest_hour=NOW - 40 * MINUTE, last_day=3, oldest_day=NOW - HOUR), (0, NOW + 20 * MINUTE)),
        (DomainUsage(domain="acme.test", last_day=5, oldest_day=NOW - 20 * HOUR), (0, NOW + 4 * HOUR)),
        (DomainUsage(domain="gmail.com", last_hour=40, oldest_hour=NOW, last_day=40, oldest_day=NOW), (50, None)),
    ],
)  # fmt: skip
def test_domain_room(usage: DomainUsage, expected: tuple[int, datetime | None]) -> None:
    """A company gets so many in an hour and a day; strangers who share a domain are no company."""
    assert guards.domain_room(usage, CAPS, NOW) == expected


def test_next_room() -> None:
    """What waits though the mailbox has room waits for a domain."""
    full = DomainUsage(domain="acme.test", last_hour=3, oldest_hour=NOW - 40 * MINUTE)
    assert guards.next_room(Usage(), [full], CAPS, NOW) == NOW + 20 * MINUTE
    assert guards.next_room(Usage(), [], CAPS, NOW) is None
    assert guards.next_room(Usage(not_before=NOW + DAY), [full], CAPS, NOW) == NOW + DAY


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=120), st.integers(1, 5), st.integers(1, 9))
def test_no_company_ever_gets_more(wishes: list[int], hour: int, day: int) -> None:
    """Whenever mails are wished for: in no hour and no day do more go to one domain than it may get, and never one too few."""
    caps, sent = Caps(domain_hour=hour, domain_day=day), list[datetime]()
    for second in sorted(wishes):
        now = NOW + timedelta(seconds=second)
        spans = {span: [at for at in sent if at > now - span] for span in (HOUR, DAY)}
        usage = DomainUsage(
            domain="acme.test", last_hour=len(spans[HOUR]), oldest_hour=min(spans[HOUR], default=None), last_day=len(spans[DAY]),
            oldest_day=min(spans[DAY], default=None),
        )  # fmt: skip
        free, again = guards.domain_room(usage, caps, now)
        assert free == max(0, min(hour - len(spans[HOUR]), day - len(spans[DAY])))
        assert (again is None) == (free > 0)
        if free:
            sent.append(now)
        else:
            assert again is not None
            assert now < again <= now + DAY
