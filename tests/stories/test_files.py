"""Plays: files change while people are under way."""

from __future__ import annotations

from collections.abc import Callable

from tests.stories.stage import ANN, BOB, INTRO, Play


def test_same_file_twice(play: Play) -> None:
    """The same file twice does no harm: the second receipt says duplicate, and nobody gets a mail twice."""
    assert [row["result"] for row in play.at("mon 09:00").drop_csv(ANN)] == ["accepted"]
    assert [row["result"] for row in play.drop_csv(ANN)] == ["duplicate"]
    assert [row["result"] for row in play.drop_csv(ANN, name="copy.csv")] == ["duplicate"]
    play.run_until("+4d")
    play.expect_mails("ann@p.test", ["Hello Ann", "Re: Hello Ann"])


def test_good_and_bad_rows(play: Play) -> None:
    """A bad row is handed back with its line and reason; the good ones go their way."""
    receipt = play.at("mon 09:00").drop_csv(
        ANN + "not an address,intro,X,Y\nann@p.test,intro,Ann,Acme\nbob@q.test,intro,Bob,Beta\n"
    )
    assert [(row["line"], row["result"]) for row in receipt] == [
        ("2", "accepted"),
        ("3", "rejected"),
        ("4", "duplicate"),
        ("5", "accepted"),
    ]
    assert sorted(mail.recipient for mail in play.mails()) == ["ann@p.test", "bob@q.test"]
    assert sorted(path.name for path in (play.folder / "inbox").rglob("*.csv")) == ["list.csv", "list.receipt.csv"]
    assert (play.folder / "inbox/done/list.csv").exists()


def test_edited_cadence(play: Play) -> None:
    """Who is under way keeps the cadence as it was at the start; who comes later gets the new one."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", INTRO.replace("email: idea, after: 3d", "email: goodbye, after: 1d, thread: new"))
    play.reread()
    play.drop_csv(BOB, name="bob.csv")
    play.run_until("+4d")
    play.expect_times("ann@p.test", ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00"])
    play.expect_mails("bob@q.test", ["Hello Bob", "Shall I close this?"])
    assert "Here is an idea" in play.mails("ann@p.test")[1].text


def test_removed_cadence(play: Play) -> None:
    """A cadence whose file is gone goes on for those who are in it."""
    play.at("mon 09:00").drop_csv(ANN)
    (play.folder / "cadences/intro.yaml").unlink()
    play.reread()
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 4


def test_broken_cadence(stage: Callable[..., Play]) -> None:
    """A broken file keeps its last good version, for those under way and for new ones; the other cadences don't notice."""
    play = stage(cadences={"intro": INTRO, "other": INTRO.replace("cadence: intro", "cadence: other")})
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", "cadence: intro\nsteps: [oops\n")
    play.reread()
    assert [row["result"] for row in play.drop_csv(BOB, name="bob.csv")] == ["accepted"]
    assert [row["result"] for row in play.drop_csv(ANN.replace("ann@", "carl@").replace("intro", "other"), name="c.csv")] == [
        "accepted"
    ]
    play.run_until("+30d")
    assert {address: len(play.mails(address)) for address in ("ann@p.test", "bob@q.test", "carl@p.test")} == {
        "ann@p.test": 4, "bob@q.test": 4, "carl@p.test": 4,
    }  # fmt: skip


def test_broken_cadence_after_a_restart(play: Play) -> None:
    """Even after a restart with the file still broken those under way go on: their text is in the store."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("cadences/intro.yaml", "cadence: intro\nsteps: [oops\n")
    play.stop().start()
    play.run_until("+30d")
    assert len(play.mails("ann@p.test")) == 4


def test_edited_template(play: Play) -> None:
    """Who is under way keeps the words of the start, too; who comes later gets the new ones."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nA better idea for {{ prospect.company }}.\n")
    play.reread()
    play.drop_csv(BOB, name="bob.csv")
    play.run_until("+4d")
    assert "Here is an idea for Acme." in play.mails("ann@p.test")[1].text
    assert "A better idea for Beta." in play.mails("bob@q.test")[1].text


def test_broken_template(play: Play) -> None:
    """A template that is broken keeps its last good version."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("templates/idea.md", "---\nsubject: An idea\n---\nFor {{ prospect.company }.\n")
    play.reread()
    play.run_until("+4d")
    assert "Here is an idea for Acme." in play.mails("ann@p.test")[1].text


def test_broken_config(play: Play) -> None:
    """A config that can't be read changes nothing for the daemon that runs."""
    play.at("mon 09:00").drop_csv(ANN)
    play.write("config.yaml", "mailboxes: [\n")
    play.reread()
    play.run_until("+4d")
    assert len(play.mails("ann@p.test")) == 2
