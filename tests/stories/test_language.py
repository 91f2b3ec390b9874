"""Plays: what the cadence language says, through the real daemon."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

from followupd import desk
from tests.stories.stage import ANN, INTRO, Play

ONE = "email,cadence,first_name,company{more}\nann@p.test,{cadence},Ann,Acme{values}\n"


def row(cadence: str = "intro", **more: str) -> str:
    """Ann's row with further columns."""
    names, values = "".join(f",{name}" for name in more), "".join(f',"{value}"' for value in more.values())
    return ONE.format(cadence=cadence, more=names, values=values)


def item(title: str, topics: str, *, ours: bool = False) -> str:
    return f"---\ntitle: {title}\nurl: https://example.org/x\ntopics: [{topics}]\nours: {str(ours).lower()}\n---\nA blurb.\n"


PICKING = """\
cadence: picking
limits: {give_first: 1}
steps:
  - {id: first, email: share, pick: {match: [challenges], ours: true}}
  - {id: second, email: share, after: 1d, pick: {match: [challenges], ours: false}}
  - {id: third, email: share, after: 1d, pick: {match: [challenges], ours: true}}
"""


def shelf(play: Play) -> None:
    play.write("templates/share.md", "---\nsubject: '{{ pick.title }}'\n---\n{{ pick.body }}\n")
    play.write("content/theirs.md", item("How others recruit", "recruiting"))
    play.write("content/ours.md", item("What we did", "recruiting", ours=True))
    play.reread()


def test_nothing_that_fits_is_a_task(stage: Callable[..., Play]) -> None:
    """A poor match is never sent: the rep gets a task, and the cadence goes on when the rep has done it."""
    play = stage(cadences={"picking": PICKING.replace("limits: {give_first: 1}\n", "")})
    shelf(play)
    play.at("mon 09:00").drop_csv(row("picking", challenges="tax law"))
    play.run_until("+3d")
    play.expect_mails("ann@p.test", [])
    (task,) = play.tasks("ann@p.test")
    assert task.kind == "by-hand"
    assert "challenges" in task.text
    desk.close_task(play.office, task.id, done=True, by="dana")
    play.run_until("+2d")
    assert play.steps("ann@p.test", "picking") == {"first": "sent", "second": "open"}


def test_give_first(stage: Callable[..., Play]) -> None:
    """With give_first nothing of ours goes out before something that is not ours was given."""
    play = stage(cadences={"picking": PICKING})
    shelf(play)
    play.at("mon 09:00").drop_csv(row("picking", challenges="recruiting"))
    (task,) = play.tasks("ann@p.test")
    desk.close_task(play.office, task.id, done=False, by="dana")
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["How others recruit", "Re: How others recruit"])
    assert "What we did" not in play.mails("ann@p.test")[0].subject


def test_message_in_the_prospects_language(play: Play) -> None:
    """A template with a language in its name is for people of that language; everybody else gets the usual one."""
    play.write("templates/hello.de.md", "---\nsubject: Guten Tag {{ prospect.first_name }}\n---\nSchön war's.\n")
    play.reread()
    play.at("mon 09:00").drop_csv(row(language="German"))
    play.drop_csv(row(language="fr").replace("ann@", "amelie@"), name="b.csv")
    assert play.mails("ann@p.test")[0].subject == "Guten Tag Ann"
    assert play.mails("amelie@p.test")[0].subject == "Hello Ann"
    assert play.mails("ann@p.test")[0].text != play.mails("amelie@p.test")[0].text


VARIED = INTRO.replace("steps:", "variants: {plain: 1, warm: 3}\nsteps:").replace(
    "email: hello, after: 0s", "email: hello, after: 0s, variants: {warm: warm}"
)


def test_variants_are_drawn_once(stage: Callable[..., Play]) -> None:
    """Each enrollment draws its arm once, by the shares; the timeline says which."""
    play = stage(cadences={"intro": VARIED}, limits="{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 50}")
    play.write("templates/warm.md", "---\nsubject: Good to see you\n---\nHello {{ prospect.first_name }}.\n")
    play.reread()
    people = "".join(f"p{number}@p.test,intro,Ann,Acme\n" for number in range(80))
    play.at("mon 09:00").drop_csv("email,cadence,first_name,company\n" + people)
    drawn = Counter(mail.subject for mail in play.mails())
    assert 45 <= drawn["Good to see you"] <= 73
    assert drawn["Hello Ann"] == 80 - drawn["Good to see you"]
    one = play.enrollment("p0@p.test")
    assert one.variant in {"plain", "warm"}
    assert f"variant {one.variant}" in play.diary("p0@p.test")


QUIET = INTRO.replace("cadence: intro", "cadence: quiet")


def test_more_urgent_cadence_takes_over(stage: Callable[..., Play]) -> None:
    """A cadence of a higher priority ends one of a lower; the other way round the row is handed back."""
    play = stage(cadences={"intro": INTRO + "priority: 80\n", "quiet": QUIET + "priority: 20\n"})
    play.at("mon 09:00").drop_csv(row("quiet"))
    assert play.at("tue 09:00").drop_csv(row("intro"), name="b.csv")[0]["result"] == "accepted"
    assert play.outcome("ann@p.test", "quiet") == "stopped"
    assert "gave way to intro" in play.enrollment("ann@p.test", "quiet").reason
    play.drop_csv(row("intro").replace("ann@", "eve@"), name="c.csv")
    refused = play.drop_csv(row("quiet").replace("ann@", "eve@"), name="d.csv")[0]
    assert "is under way in cadence intro; stop that first" in refused["reason"]


def test_two_cadences_at_once(stage: Callable[..., Play]) -> None:
    """Beside a cadence that is not exclusive another may run; the gap keeps their mails apart, the more urgent writes first."""
    gap = "limits: {gap: 2d}\n"
    play = stage(cadences={
        "intro": INTRO + gap + "priority: 80\n", "quiet": QUIET + gap + "exclusive: false\npriority: 20\n",
    })  # fmt: skip
    play.at("mon 09:00").drop_csv(row("quiet"))
    assert play.drop_csv(row("intro"), name="b.csv")[0]["result"] == "accepted"
    play.run_until("+20d")
    at = sorted(mail.at for mail in play.mails("ann@p.test"))
    assert len(at) >= 6
    assert all((later - earlier).days >= 2 for earlier, later in itertools.pairwise(at))


def test_again(stage: Callable[..., Play]) -> None:
    """Who has been through a cadence comes again only if it says so, and only after that time."""
    play = stage(cadences={"intro": INTRO + "again: 60d\n"})
    play.at("mon 09:00").drop_csv(row())
    play.run_until("+40d")
    assert play.outcome("ann@p.test") == "silent"
    found = play.drop_csv(row(), name="b.csv")[0]
    assert (found["result"], "may come again from" in found["reason"]) == ("duplicate", True)
    play.run_until("+60d")
    assert play.drop_csv(row(), name="c.csv")[0]["result"] == "accepted"
    assert [one.round for one in play.office.store.person("ann@p.test")[1]] == [2, 1]
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 8


NOTE = """\
cadence: noting
steps:
  - {id: note, task: call, within: 24h}
  - {id: bye, email: hello, after: 1d}
"""


def test_deadline_reminds_escalates_expires(stage: Callable[..., Play]) -> None:
    """Five sixths into a deadline the owner is reminded, then the manager is told, then the cadence goes on without it."""
    play = stage(cadences={"noting": NOTE})
    play.write(
        "config.yaml", (play.folder / "config.yaml").read_text().replace("    gap:", "    reports_to: lee@example.com\n    gap:")
    )
    play.reread()
    play.at("mon 09:00").drop_csv(row("noting"))
    play.at("tue 04:59")
    assert "reminded" not in play.diary("ann@p.test")
    play.at("tue 05:01")
    assert "Tue 03 Mar 05:00:00 reminded: dana was reminded: Call Ann" in play.diary("ann@p.test")
    (letter,) = play.letters()
    assert (letter.when, letter.subject) == ("Tue 03 Mar 05:00", "Not done yet: Call Ann")
    assert "    by Tue 3 Mar, 09:00; yours since Mon 2 Mar, 09:00\n    | Ask how the pilot went.\n" in letter.text.replace(
        "\r", ""
    )
    play.at("tue 07:01")
    (told,) = list(play.office.store.tasks("lee@example.com"))
    assert (told.kind, told.title) == ("escalated", "dana has not done: Call Ann")
    (letter,) = play.letters("lee@example.com")
    assert (letter.when, letter.subject) == ("Tue 03 Mar 07:00", "Not done yet: Call Ann")
    assert "Dana Reyes has not done what follows." in letter.text
    play.at("tue 09:01")
    assert play.steps("ann@p.test", "noting") == {"note": "skipped", "bye": "scheduled"}
    assert play.office.store.tasks() == ()
    play.run_until("+3d")
    play.expect_mails("ann@p.test", ["Hello Ann"])


def test_done_in_time_reminds_nobody(stage: Callable[..., Play]) -> None:
    """A task that is done is not spoken of again."""
    play = stage(cadences={"noting": NOTE})
    play.at("mon 09:00").drop_csv(row("noting"))
    (task,) = play.tasks("ann@p.test")
    desk.close_task(play.office, task.id, done=True, by="dana")
    play.run_until("+2d")
    assert (play.letters(), play.letters("lee@example.com")) == ([], [])
    assert "reminded" not in play.diary("ann@p.test")
    assert "escalated" not in play.diary("ann@p.test")


SENDING = INTRO + "replies:\n  later: {pause: 30d, send: noted}\n  no: {send: noted}\n"


def noted(stage: Callable[..., Play]) -> Play:
    play = stage(cadences={"intro": SENDING})
    play.write(
        "templates/noted.md", "---\nsubject: Noted\n---\nThank you, {{ prospect.first_name }}. You said: {{ reply.quote }}\n"
    )
    play.reread()
    return play


def test_one_acknowledgement(stage: Callable[..., Play]) -> None:
    """`send` answers once, in their thread, while the cadence itself stands still."""
    play = noted(stage)
    play.at("mon 09:00").drop_csv(row())
    play.at("tue 10:00").reply("ann@p.test", "Not now, please ask me again in a month.")
    play.run_until("+2h")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 10:10"])
    answer = play.mails("ann@p.test")[1]
    assert "You said: Not now" in answer.text
    assert answer.subject == "Re: Hello Ann"
    assert play.state("ann@p.test") == "paused"
    play.run_until("+20d")
    assert len(play.mails("ann@p.test")) == 2


def test_no_acknowledgement_after_another_answer(stage: Callable[..., Play]) -> None:
    """Who answers again before it has left gets none."""
    play = noted(stage)
    play.at("mon 09:00").drop_csv(row())
    play.at("tue 10:00").reply("ann@p.test", "Not now, please ask me again in a month.")
    play.at("tue 10:05").reply("ann@p.test", "Please remove me from your list.")
    play.run_until("+2d")
    assert len(play.mails("ann@p.test")) == 1


DAYS = INTRO.replace("steps:", "limits: {days: 20}\nsteps:")


def test_days_do_not_count_a_pause(stage: Callable[..., Play]) -> None:
    """Who asked us to come back in a month is written to then, though the cadence may last only 20 days."""
    play = stage(cadences={"intro": DAYS})
    play.at("mon 09:00").drop_csv(row())
    play.at("tue 10:00").reply("ann@p.test", "Not now, please ask me again in a month.")
    play.run_until("+60d")
    assert len(play.mails("ann@p.test")) == 4


def test_absences_of_the_owner(play: Play) -> None:
    """While the owner is away nothing leaves in their name, and those days are no business days."""
    config = (play.folder / "config.yaml").read_text()
    play.write("config.yaml", config.replace("    gap:", '    absences: ["2026-03-05..2026-03-10"]\n    gap:'))
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+14d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Wed 11 Mar 09:00", "Mon 16 Mar 09:00"])
    assert "an absence of Dana Reyes" in " ".join(play.touches("ann@p.test")["idea"].why)


def test_defaults_are_shared(play: Play) -> None:
    """What the config says for all holds in each cadence that says nothing itself."""
    config = (play.folder / "config.yaml").read_text()
    play.write("config.yaml", config.replace("defaults: {", "defaults: {limits: {touches: 2}, end: {after: 1d}, "))
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+14d")
    assert len(play.mails("ann@p.test")) == 2
    assert play.outcome("ann@p.test") == "silent"


def test_new_defaults_move_nobody(play: Play) -> None:
    """Who is under way keeps what the cadence inherited when they began."""
    play.at("mon 09:00").drop_csv(ANN)
    config = (play.folder / "config.yaml").read_text()
    play.write("config.yaml", config.replace("mon-fri 09:00-17:00", "sat 10:00-11:00"))
    play.reread()
    play.run_until("+4d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00"])


def test_migrate(play: Play) -> None:
    """Only a move that somebody asks for brings the new words and dates to people under way."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", INTRO.replace("email: idea, after: 3d", "email: idea, after: 1d"))
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nA better idea for {{ prospect.company }}.\n")
    play.reread()
    desk.migrate(play.office, play.enrollment("ann@p.test").id, "ops")
    play.run_until("+2d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Tue 03 Mar 09:00"])
    assert "A better idea" in play.mails("ann@p.test")[1].text
    assert "moved to the intro of today" in play.diary("ann@p.test")


def test_half_an_edit_is_never_used(play: Play) -> None:
    """A cadence and its messages count together: while one of them is broken, the edition before goes on, whole."""
    play.write("templates/better.md", "---\nsubject: Better\n---\n{{ oops\n")
    play.write("cadences/intro.yaml", INTRO.replace("email: hello", "email: better"))
    play.reread()
    play.at("mon 09:00").drop_csv(ANN)
    assert play.mails("ann@p.test")[0].subject == "Hello Ann"
    play.write("templates/better.md", "---\nsubject: Better\n---\nWell.\n")
    play.reread()
    play.drop_csv(row().replace("ann@", "eve@"), name="b.csv")
    assert play.mails("eve@p.test")[0].subject == "Better"


def test_broken_at_the_start(play: Play) -> None:
    """A cadence that is broken when the daemon starts goes on as the newest edition in the store, for new people as well."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", "cadence: intro\nsteps: [oops\n")
    play.stop().start()
    play.reread()
    assert play.drop_csv(row().replace("ann@", "eve@"), name="b.csv")[0]["result"] == "accepted"
    assert play.mails("eve@p.test")[0].subject == "Hello Ann"
