"""Plays: when mails leave. Windows, holidays, zones, caps, gaps and limits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.stories.stage import ANN, INTRO, Play

ONE = """\
cadence: intro
about: One mail.
steps:
  - {id: hello, email: hello, after: 0s}
end: {after: 60d}
"""


def people(count: int) -> str:
    """So many people for one CSV."""
    return "email,cadence,first_name,company\n" + "".join(f"p{number}@p.test,intro,P,Acme\n" for number in range(count))


@pytest.mark.parametrize(
    ("dropped", "leaves"),
    [
        ("mon 08:59", "Mon 02 Mar 09:00"),
        ("mon 16:59", "Mon 02 Mar 16:59"),
        ("mon 17:00", "Tue 03 Mar 09:00"),
        ("fri 20:00", "Mon 09 Mar 09:00"),
        ("sat 11:00", "Mon 09 Mar 09:00"),
    ],
)
def test_window(play: Play, dropped: str, leaves: str) -> None:
    """Nothing leaves outside the window: the mail waits for its opening."""
    play.at(dropped).drop_csv(ANN)
    play.run_until("+80h")
    assert play.mails("ann@p.test")[0].when == leaves


def test_weekend(stage: Callable[..., Play]) -> None:
    """Three days after a Thursday is a Sunday: the mail leaves on Monday. The clocks change that night, and nine is still nine."""
    play = stage()
    play.run_until("+3w").at("thu 10:00").drop_csv(ANN)
    play.run_until("+5d")
    play.expect_times("ann@p.test", ["Thu 26 Mar 10:00", "Mon 30 Mar 09:00"])


def test_holidays(stage: Callable[..., Play]) -> None:
    """Good Friday and Easter Monday are quiet where the cadence says so."""
    play = stage(cadences={"intro": INTRO.replace("steps:", "holidays: [DE]\nsteps:")})
    play.run_until("+4w").at("tue 10:00").drop_csv(ANN)
    play.run_until("+9d")
    play.expect_times("ann@p.test", ["Tue 31 Mar 10:00", "Tue 07 Apr 09:00"])


def test_their_own_time(play: Play) -> None:
    """The window is that of the prospect: nine in New York is three in the afternoon in Berlin."""
    play.at("mon 09:00").drop_csv(ANN.replace("company\n", "company,timezone\n").replace("Acme", "Acme,America/New_York"))
    play.run_until("+12h")
    play.expect_times("ann@p.test", ["Mon 02 Mar 15:00"])


def test_cap_of_a_day(stage: Callable[..., Play]) -> None:
    """Three a day: the rest waits until the first of them is 24 hours old."""
    play = stage(cadences={"intro": ONE}, limits="{per_minute: 100, per_hour: 100, per_day: 3, in_flight: 2}")
    play.at("mon 09:00").drop_csv(people(8))
    play.run_until("+4d")
    assert [mail.when for mail in play.mails()] == ["Mon 02 Mar 09:00"] * 3 + ["Tue 03 Mar 09:00"] * 3 + ["Wed 04 Mar 09:00"] * 2


def test_cap_of_an_hour(stage: Callable[..., Play]) -> None:
    """Two an hour, for as long as the window is open."""
    play = stage(cadences={"intro": ONE}, limits="{per_minute: 100, per_hour: 2, per_day: 100, in_flight: 2}")
    play.at("mon 15:30").drop_csv(people(6))
    play.run_until("+1d")
    assert [mail.when for mail in play.mails()] == ["Mon 02 Mar 15:30"] * 2 + ["Mon 02 Mar 16:30"] * 2 + ["Tue 03 Mar 09:00"] * 2


def test_gap(stage: Callable[..., Play]) -> None:
    """Between two mails of a mailbox lies the drawn gap."""
    play = stage(cadences={"intro": ONE}, gap="45s..3m")
    play.at("mon 09:00").drop_csv(people(6))
    play.run_until("+1h")
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(play.mails())]
    assert len(gaps) == 5
    assert all(45 <= gap <= 181 for gap in gaps), gaps
    assert len(set(gaps)) > 1


def test_ramp(stage: Callable[..., Play]) -> None:
    """A new mailbox begins small and sends a little more each day."""
    play = stage(cadences={"intro": ONE}, gap="0s\n    ramp: {start: 2, add: 1}")
    play.at("mon 09:00").drop_csv(people(9))
    play.run_until("+4d")
    days = [mail.when[:3] for mail in play.mails()]
    assert [days.count(day) for day in ("Mon", "Tue", "Wed")] == [2, 3, 4]


def test_gap_between_two_mails_to_one_person(stage: Callable[..., Play]) -> None:
    """The cadence's own gap holds between any two mails to one person, whatever the steps say."""
    play = stage(cadences={"intro": INTRO.replace("steps:", "limits: {gap: 4bd}\nsteps:")})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+14d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Fri 06 Mar 09:00", "Thu 12 Mar 09:00"])


def test_limit_of_touches(stage: Callable[..., Play]) -> None:
    """After the allowed number of touches it ends, as silence."""
    play = stage(cadences={"intro": INTRO.replace("steps:", "limits: {touches: 2}\nsteps:")})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 2
    assert play.outcome("ann@p.test") == "silent"


def test_limit_of_days(stage: Callable[..., Play]) -> None:
    """After the allowed days it ends, as silence, pauses included."""
    play = stage(cadences={"intro": INTRO.replace("steps:", "limits: {days: 5}\nsteps:")})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 2
    assert play.outcome("ann@p.test") == "silent"


def test_downtime(play: Play) -> None:
    """What fell due while the daemon was down leaves once, in the next window: not at night, and not all at once."""
    play.at("mon 09:00").drop_csv(ANN)
    play.stop().run_until("+12d").start()  # a Saturday
    play.run_until("+6d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Mon 16 Mar 09:00", "Fri 20 Mar 09:00"])


def test_start_at(play: Play) -> None:
    """A row may say when its first touch comes."""
    play.at("mon 09:00").drop_csv(ANN.replace("company\n", "company,start_at\n").replace("Acme", "Acme,2026-03-11 14:00"))
    play.run_until("+10d")
    play.expect_times("ann@p.test", ["Wed 11 Mar 14:00"])
