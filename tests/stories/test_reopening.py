"""Plays: a no of last year is looked at again, by the rep's own homework."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from followupd import desk
from tests.stories.stage import INTRO, START, Play

REOPEN = """\
cadence: reopen
about: A new reason.
needs: [news, compelling_reason, result_claim]
again: 270d
steps:
  - {id: news, email: news, after: 0s, thread: new}
end: {after: 7d}
"""
PEOPLE = "email,cadence,first_name,company,goals\n" + "".join(
    f"{name}@{name}.test,intro,{name.title()},=Acme,- fewer lists\n" for name in ("ann", "bob", "cat", "dan", "eve")
)


@pytest.fixture
def year(stage: Callable[..., Play]) -> Play:
    """A March in which five people say no, each in another way; and the first working morning of the next January has come."""
    play = stage(cadences={"intro": INTRO, "reopen": REOPEN})
    play.write("templates/news.md", '---\nsubject: "Your news"\n---\nI read about {{ prospect.news }}. {{ prospect.goals }}\n')
    config = (play.folder / "config.yaml").read_text()
    play.write("config.yaml", config + '    absences: ["2027-01-01..2027-01-10"]\nreopen: {on: ["01-07"]}\n')
    play.reread()
    play.at("mon 09:00").drop_csv(PEOPLE)
    play.run_until("+1m")
    play.reply("ann@ann.test", "No thanks, we do not have the budget for it.")
    play.reply("bob@bob.test", "No thanks, we do not have the budget.")
    play.reply("cat@cat.test", "No thanks, we don't need it.")
    play.reply("dan@dan.test", "No thanks, we have no budget for it.")
    play.run_until("+1d")
    play.reply("dan@dan.test", "Please remove me from your list.")  # the last word
    play.run_until("+8d")
    play.stop()  # the rest of the year is of no interest
    play.clock.move(START + timedelta(days=314))
    play.start()
    desk.switch(
        play.office, "all", on=False, reason="it is that late"
    )  # the daemon wonders at the leap, and is told that it is right
    return play.run_until("+2d")


def filled(raw: bytes, **homework: str) -> str:
    """The list as Dana saves it, with her homework for Ann and none for Bob."""
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    for row in rows:
        row.update(
            homework if row["email"] == "ann@ann.test" else {"news": "x", "compelling_reason": "tbd", "result_claim": "n/a"}
        )
    text = io.StringIO()
    csv.writer(text).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return text.getvalue()


def test_a_year_later(year: Play) -> None:
    """On the owner's first working morning the list lies in the drafts, with a letter; nobody is written to. Moved back with homework it starts
    the cadence; a row without is handed back, and the same file again does no harm. Who was listed is not listed again.
    """
    draft = year.folder / "inbox" / "drafts" / "reopen-2027.csv"
    (letter,) = year.letters()
    assert letter.when == "Mon 11 Jan 07:30"  # Dana was away until then
    assert letter.subject == "2 old noes to look at again"
    assert all(
        part in letter.text for part in (str(draft), "Ann, =Acme: no on 02 Mar 2026 (budget)", "not have the budget for it")
    )
    raw = draft.read_bytes()
    assert [row["email"] for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))] == ["ann@ann.test", "bob@bob.test"]
    assert len(year.mails("ann@ann.test")) == 1
    text = filled(raw, news="your new plant", compelling_reason="=two plants need one plan", result_claim="a day a week")
    rows = year.drop_csv(text, name="reopen-2027.csv")
    assert [row["result"] for row in rows] == ["accepted", "rejected"]
    assert 'compelling_reason: "tbd" says nothing' in rows[1]["reason"]
    assert 'result_claim: "n/a" says nothing' in rows[1]["reason"]
    assert [row["result"] for row in year.drop_csv(text, name="reopen-2027.csv")] == ["duplicate", "rejected"]
    year.run_until("+3d")
    mail = year.mails("ann@ann.test")[-1]
    assert mail.subject == "Your news"
    assert "your new plant. - fewer lists" in mail.text
    ann = year.office.store.person("ann@ann.test")
    assert ann[1][0].source == "reopen-2027.csv:2, came from old_no"
    assert ann[0] is not None
    assert not any(name.startswith("then_") for name in ann[0].columns)  # what was, is for the rep to read
    # Somebody opts out after the list was made: their row is handed back, homework or not.
    desk.suppress(year.office, "bob@bob.test", "asked by phone", "dana")
    rows = year.drop_csv(
        text.replace("tbd", "more room").replace("n/a", "a day").replace(",x,", ",new plant,"), name="reopen-more.csv"
    )
    assert "suppressed since" in rows[1]["reason"]
    year.run_until("+3d")
    assert (len(year.letters()), len(year.mails("bob@bob.test"))) == (1, 1)
