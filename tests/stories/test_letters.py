"""Plays: letters to the rep leave once, and only what the rep has written counts as an answer."""

from __future__ import annotations

from followupd import letters
from followupd.core.model import Change, Letter, LetterAnswer
from followupd.store import schema
from tests.stories.stage import Play


def write(play: Play, about: str = "one") -> None:
    """A letter to Dana is written."""
    found = letters.letter(
        play.office, "dana", "test", "Three things", "1. Call Ann\n", play.clock.now(), about, items=({"kind": "task"},)
    )
    play._run(play.world.writer.write(Change(letters=(found,))))
    play.run_until("+1m")


def known(play: Play, kind: type[Letter | LetterAnswer] = LetterAnswer) -> list[str]:
    """The states of all letters, or of all answers."""
    table = schema.letter if kind is Letter else schema.letter_answer
    with play.office.store.reading() as connection:
        return list(connection.execute(table.select().with_only_columns(table.c.state)).scalars())


def test_once(play: Play) -> None:
    """A letter leaves once, says that a machine wrote it, and can be answered under its name. The same letter is written once."""
    play.at("mon 09:00")
    write(play)
    write(play)
    (mail,) = play.letters()
    assert (mail.subject, mail.message.get_content()) == ("Three things", "1. Call Ann\r\n")
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Reply-To"] == "dana@example.com"
    assert mail.ids("References") == [mail.message_id]
    play.look()
    assert known(play, Letter) == ["sent"]
    assert known(play) == []  # the letter in the inbox is no answer to itself


def test_put_off(play: Play) -> None:
    """A mail server that says "later" is asked again; one that says no for good is not."""
    play.at("mon 09:00").server.says(RCPT=b"451 4.7.1 later\r\n")
    write(play)
    assert (known(play, Letter), play.letters()) == (["wanted"], [])
    play.server.says()
    play.run_until("+10m")
    assert len(play.letters()) == 1


def test_begun(play: Play) -> None:
    """A letter that was begun when the daemon died is looked for; where it does not show up, it goes once more, under the same name."""
    play.at("mon 09:00")
    write(play)
    for state, count in (("sending", 1), ("sending", 2)):
        with play.office.store.writing() as connection:
            connection.execute(schema.letter.update().values(state=state))
        if count == 2:
            (uid,) = [uid for uid, _ in play._runner.run(play.imap.mails())]
            play._runner.run(play.imap.delete(uid))
        play.stop().start()
        play.look()
        play.run_until("+1h")
        assert len(play.letters()) == count
    assert play.letters()[0].message_id == play.letters()[1].message_id


def test_proof(play: Play) -> None:
    """An answer counts if a copy lies in the rep's own folder of sent mail; the same words from outside wait for such a proof in vain."""
    play.at("mon 09:00")
    write(play)
    play.answers_letter("1 done", sent=False)
    assert known(play) == ["waiting"]
    write(play, "two")
    play.answers_letter("1 done", sent=False, sender="stranger@evil.test")
    play.answers_letter("I am away", automatic="auto-replied", sent=False)
    assert sorted(known(play)) == ["refused", "waiting"]  # a stranger's has no proof to wait for
    write(play, "three")
    play.answers_letter("1 done")
    assert "proved" in known(play) or "heeded" in known(play)
