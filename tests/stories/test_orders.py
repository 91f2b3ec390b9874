"""Plays: what the rep answers to a letter has its effect, line by line, once; what anybody else writes has none and is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from followupd import alarms, answering, letters
from followupd.clock import SeededDice
from followupd.core.model import Change, Letter, LetterAnswer, Task
from followupd.office import open_office
from followupd.store import Stale, schema
from tests.stories.stage import ANN, BOB, Play
from tests.stories.test_alarms import tell, with_ops

NAMES = ("ann", "bob", "cid")


def scene(play: Play, kind: str = "digest", about: str = "one") -> Letter:
    """Ann, Bob and Cid are under way; Dana has a task about each, in a letter that looks like the digest."""
    if not play.office.store.tasks():
        play.at("mon 09:00").drop_csv(ANN + "cid@r.test,intro,Cid,Gamma\n" + BOB.splitlines()[1] + "\n")
        play.run_until("+10m")
    now = play.clock.now()
    tasks = tuple(
        Task(
            id=f"call-{name}", owner="dana", address=address, kind="call", title=f"Call {name.title()}", text="Ask how it went.",
            created=now, enrollment=play.enrollment(address).id,
        )
        for name, address in zip(NAMES, ("ann@p.test", "bob@q.test", "cid@r.test"), strict=True)
    )  # fmt: skip
    items = [{"kind": "task", "id": task.id, "address": task.address, "title": task.title} for task in tasks]
    text = "Good morning.\n\n" + "".join(
        f"{number}. {item['title']}\n    about {item['address']}\n" for number, item in enumerate(items, 1)
    )
    found = letters.letter(play.office, "dana", kind, f"Monday: {about}", text, now, about, items=items)
    play._run(play.world.writer.write(Change(tasks=tasks, letters=(found,))))
    play.run_until("+1m")
    return found


def answers(play: Play) -> list[LetterAnswer]:
    """All answers, in the order in which they came."""
    with play.office.store.reading() as connection:
        rows = connection.execute(schema.letter_answer.select().order_by(schema.letter_answer.c.received)).mappings().all()
    return [LetterAnswer(**{**row, "results": tuple(row["results"])}) for row in rows]


def tasks(play: Play) -> dict[str, str]:
    """The state of each task."""
    found = {name: play.office.store.find(Task, f"call-{name}") for name in NAMES}
    return {name: task.state for name, task in found.items() if task}


def results(play: Play) -> list[str]:
    """What became of the lines of all answers, in a word."""
    return [
        "asked" if one.startswith("? ") else "done"
        for answer in answers(play)
        for one in answer.results
        if answer.state == "heeded"
    ]


def states(play: Play) -> list[str]:
    """The states of all answers."""
    return [one.state for one in answers(play)]


def untouched(play: Play) -> bool:
    """Whether nothing that was the rep's to decide has changed."""
    return tasks(play) == dict.fromkeys(NAMES, "open") and {
        play.state(one) for one in ("ann@p.test", "bob@q.test", "cid@r.test")
    } == {"active"}


def alarmed(play: Play) -> list[str]:
    """The alarms that are up."""
    return [one.key for one in play.office.store.alarms_up()]


def later(play: Play) -> None:
    """The time for a proof is over, and the folder where it would lie has been read since."""
    play.run_until("+16m").look().run_until("+1m")


def test_line_by_line(play: Play) -> None:
    """Each line has its effect: a task is done and its note kept, a no ends it, later waits, a fact is learned; the rest is asked about."""
    letter = scene(play)
    play.answers_letter("1 done, they have 40 people now\n2 no budget\n3 later June\n7 done\nlearn 3 team_size = 12\n\nDana")
    assert tasks(play) == {"ann": "done", "bob": "done", "cid": "open"}
    assert play.outcome("bob@q.test") == "no"
    assert (play.state("cid@r.test"), play.until("cid@r.test")[:10]) == ("paused", "Mon 01 Jun")
    facts = {(one.address, one.name, one.value) for one in play.office.store.facts()}
    assert facts == {("ann@p.test", "note", "they have 40 people now"), ("cid@r.test", "team_size", "12")}
    by = [event.text for event in play.office.store.timeline("bob@q.test") if event.kind == "finished"]
    assert by == [f'finished: no - no: dana@example.com, in answer to "{letter.subject}": no budget']
    now = play.clock.now()
    assert play.office.store.unproved("dana", letter.created, now) == 0  # a word of the rep is no mail of theirs
    assert play.office.store.answers_since("dana", letter.created) == ()
    told = play.letters()[-1]
    assert told.subject == f"Re: {letter.subject}"
    for words in (
        "1 Call Ann - you wrote: done",
        "this letter has no such number",
        "learn 1 team grew",
        "intro waits until Mon 01 Jun",
    ):
        assert words in told.text
    play.answers_letter("3 done", letter=told)  # the letter that tells of it has the same numbers
    assert tasks(play)["cid"] == "done"
    count = len(play.letters())
    play.answers_letter("All fine, thank you.")  # nobody thanks for thanks
    assert (states(play)[-1], len(play.letters())) == ("heeded", count)


def test_killed_between_the_lines(play: Play) -> None:
    """A daemon that dies between two lines goes on with the next one; a line that was heeded is never heeded again."""
    letter = scene(play)
    play.stop()
    office = open_office(play.folder / "config.yaml", play.clock, SeededDice(1), play._environ)
    answer = LetterAnswer(
        id="a", letter=letter.id, mailbox="dana", sender="dana@example.com", text="1 done\n2 later June\n3 skip", received=play.clock.now(), state="proved"
    )  # fmt: skip
    office.store.apply_one(Change(letter_answers=(answer,)))
    known = office.store.find(LetterAnswer, "a")
    office.store.apply_one(answering.step(office, known))
    stale = answering.step(office, known)  # another daemon was as fast
    try:
        office.store.apply_one(stale)
    except Stale:
        known = None
    assert known is None
    office.store.close()
    play.start().run_until("+10m")
    assert tasks(play) == {"ann": "done", "bob": "open", "cid": "dropped"}
    assert (results(play), len(play.letters())) == (["done"] * 3, 2)
    assert [event.kind for event in play.office.store.timeline("ann@p.test")].count("task_done") == 1
    play.stop().start().run_until("+1h")
    assert (len(play.letters()), states(play)) == (2, ["heeded"])


def test_what_has_changed(play: Play) -> None:
    """Nothing is changed of what is no longer as the letter says: a task that was closed, a person who has written since, a cadence that ended."""
    scene(play)
    play.run_until("+1h")
    play.reply("ann@p.test", "Not for us, thank you. We are not interested.")
    play.reply("cid@r.test", "What does it cost, and who else uses it?")
    play.answers_letter("1 yes\n3 later June")
    assert (play.outcome("ann@p.test"), play.state("cid@r.test"), results(play)) == ("no", "held", ["asked", "asked"])
    assert "has written since" in play.letters()[-1].text
    play.answers_letter("2 skip", letter=play.letters()[0])
    play.answers_letter("2 done", letter=play.letters()[0])
    assert (tasks(play)["bob"], results(play)) == ("dropped", ["asked", "asked", "done", "asked"])
    assert "it is dropped already" in play.letters()[-1].text


def test_against_each_other(play: Play) -> None:
    """Two lines that say different things of one person, or of one number, are both asked about; opting out is done whatever has come since."""
    letter = scene(play)
    twice = replace(
        letter,
        id="twice",
        items=(
            *letter.items,
            {"kind": "person", "id": play.enrollment("ann@p.test").id, "address": "ann@p.test", "title": "Ann"},
        ),
        version=0,
        state="wanted",
    )
    play._run(play.world.writer.write(Change(letters=(twice,))))
    play.run_until("+1m")
    play.answers_letter("1 yes\n4 no budget\n2 done\n2 skip")
    assert untouched(play)
    assert results(play) == ["asked"] * 4
    play.answers_letter("4 never write again")
    assert (list(play.suppressed()), play.outcome("ann@p.test")) == (["ann@p.test"], "opted_out")


def test_forged(play: Play) -> None:
    """A hundred mails from outside in the rep's name, with the letter's own name in them, change nothing and are one alarm, over after a day."""
    with_ops(play)
    scene(play)
    mails = [play.answer_to(play.letters()[0], f"1 done\n2 no budget {number}", "dana@example.com") for number in range(100)]

    async def flood() -> None:
        for raw in mails:
            await play.imap.append(raw, play.clock.now())

    play._unread = True
    play._run(flood())
    play.look()
    assert (set(states(play)), alarmed(play)) == ({"waiting"}, [])
    later(play)
    assert (states(play), alarmed(play)) == (["refused"] * 100, ["forged:dana"])
    teller = alarms.Teller()
    tell(play, teller)
    tell(play, teller)
    assert [task.title[:33] for task in play.office.store.tasks() if task.kind == "alarm"] == [
        'somebody answered the letter "Mon'
    ]
    assert sorted(mail.recipient for mail in play.mails() if "alarm" in mail.subject) == ["lee@example.com", "ops@example.com"]
    assert untouched(play)
    assert len(play.letters()) == 1  # nobody is told by a confirmation
    play.run_until("+25h")
    assert alarmed(play) == []


def test_replayed(play: Play) -> None:
    """The very same bytes again, and the same words under another name, have no second effect; other words under the same name are reported."""
    scene(play)
    raw = play.answers_letter("1 done")
    play.post(raw)
    stated = b"Authentication-Results: mx.example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com\r\n"
    play.post(stated + raw.replace(b"Message-ID: <answer", b"Message-ID: <again"))
    play.run_until("+1m")
    assert (tasks(play)["ann"], len(play.letters())) == ("done", 2)
    play.post(raw.replace(b"1 done", b"2 no budget"))
    later(play)
    assert (tasks(play)["bob"], play.state("bob@q.test"), alarmed(play), len(play.letters())) == (
        "open",
        "active",
        ["forged:dana"],
        2,
    )


def test_a_genuine_signature_again(play: Play) -> None:
    """The rep's own mail server vouches for a mail, so it counts at once; the same signed words under a new name are a replay."""
    play.stop()
    play.write("config.yaml", (play.folder / "config.yaml").read_text().replace("imap: {", "imap: {authserv: mx.example.com, "))
    play.start()
    scene(play)
    stated = "mx.example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
    raw = play.answers_letter("1 later June", sent=False, vouched=stated)
    assert (states(play), play.state("ann@p.test")) == (["heeded"], "paused")
    play.post(f"Authentication-Results: {stated}\r\n".encode() + raw.replace(b"Message-ID: <answer", b"Message-ID: <again"))
    play.answers_letter(
        "2 done", sent=False, vouched="mx.example.com; dkim=fail header.d=example.com; dmarc=fail header.from=example.com"
    )
    later(play)
    assert (states(play), tasks(play)["bob"], alarmed(play)) == (["heeded", "refused"], "open", ["forged:dana"])


def test_others(play: Play) -> None:
    """A stranger with a forwarded letter, and a mail in the rep's name that only looks like an answer: refused, reported, never answered."""
    scene(play)
    play.answers_letter("1 done", sent=False, sender="stranger@evil.test")
    assert (states(play), alarmed(play)) == (["refused"], ["forged:dana"])
    raw = play.answer_to(play.letters()[0], "2 done", "dana@example.com", threaded=False)
    play.post(raw)
    later(play)
    assert states(play) == ["refused", "refused"]
    own = play.answer_to(
        play.letters()[0], "3 done", "dana@example.com", threaded=False
    )  # the rep's own, from a program that names nothing
    play._run(play.imap.append(own, play.clock.now(), "Sent"))
    play.post(own)
    play.run_until("+1m")
    assert states(play) == ["refused", "refused", "heeded"]
    assert "has not said to which one" in play.letters()[-1].text
    assert untouched(play)
    assert play.mails("stranger@evil.test") == []


def test_forged_first(play: Play) -> None:
    """Who is there first under the name of the rep's own mail has said nothing: what lies in the folder of sent mail is what counts."""
    scene(play)
    true = play.answer_to(play.letters()[0], "1 done", "dana@example.com")
    play.post(true.replace(b"1 done", b"1 no budget"))
    assert states(play) == ["waiting"]
    play._run(play.imap.append(true, play.clock.now(), "Sent"))
    play.look().run_until("+1m")
    assert (tasks(play)["ann"], play.state("ann@p.test"), states(play)) == ("done", "active", ["heeded"])


def test_to_an_old_letter(play: Play) -> None:
    """An answer to last week's digest changes nothing once there is a newer one, and says so; numbers mean those of the letter that was answered."""
    scene(play)
    old = play.letters()[-1]
    play.run_until("+5d")
    play.answers_letter("1 done", letter=old)  # old, but the newest there is
    assert tasks(play)["ann"] == "done"
    scene(play, about="two")
    play.answers_letter("2 done", letter=old)
    assert (tasks(play)["bob"], results(play)) == ("open", ["done", "asked"])
    assert 'Please answer the newest, "Monday: two"' in play.letters()[-1].text


def test_a_prospect_with_the_letter(stage: Callable[..., Play]) -> None:
    """A prospect who answers our mail and names the letter as well has answered us, and has not answered the letter."""
    play = stage()
    scene(play)
    answer = play.answer_to(play.mails("ann@p.test")[0], "Not interested, thank you.", "ann@p.test")
    name = play.letters()[0].message_id.encode()
    play.post(answer.replace(b"References: ", b"References: <" + name + b"> "))
    assert (play.outcome("ann@p.test"), states(play)) == ("no", ["refused"])
    assert tasks(play) == dict.fromkeys(NAMES, "open")


def test_the_digest(stage: Callable[..., Play]) -> None:
    """The digest of the morning, quoted whole below, is answered by its numbers: a task done by hand, and an answer that was misread."""
    play = stage(settings='digest: {at: "07:30", days: mon-fri}\n').at("mon 09:00")
    play.drop_csv(ANN + BOB.splitlines()[1] + "\n")
    play.at("mon 11:00").reply("ann@p.test", "When could you start? I should like to know more.")
    play.reply("bob@q.test", "Could you send me the price list?")
    play.at("tue 07:45")
    (digest,) = play.letters()
    numbers = {line.partition(". ")[2]: line.partition(".")[0] for line in digest.text.splitlines() if line[:1].isdigit()}
    (asked,) = [number for title, number in numbers.items() if title.startswith("Wants to know more: Bob")]
    (chore,) = [number for title, number in numbers.items() if title.startswith("Answer this: When could you start")]
    play.answers_letter(f"Morning!\n\n{chore} erledigt, sie haben 40 Leute\n{asked} no budget\n\nDana", letter=digest)
    assert [task.title for task in play.tasks("ann@p.test")] == []
    assert (play.outcome("bob@q.test"), play.state("ann@p.test"), results(play)) == ("no", "held", ["done", "done"])
    assert play.office.store.facts("ann@p.test")[-1].value == "sie haben 40 Leute"


def test_to_a_manager(play: Play) -> None:
    """A letter to the manager is answered by the manager alone: a copy among what Dana has sent proves nothing of it, her mail server's word does."""
    play.stop()
    play.write("config.yaml", (play.folder / "config.yaml").read_text().replace("imap: {", "imap: {authserv: mx.example.com, "))
    play.start()
    items = scene(play).items
    told = letters.letter(
        play.office,
        "dana",
        "reminder",
        "Ann waits",
        "1. Call Ann\n2. Call Bob\n",
        play.clock.now(),
        to="lee@example.com",
        items=items[:2],
    )
    play._run(play.world.writer.write(Change(letters=(told,))))
    (mail,) = play.run_until("+1m").letters("lee@example.com")
    play.answers_letter("1 skip", letter=mail, sender="lee@example.com", sent=True)
    play.answers_letter("2 skip", letter=mail)
    later(play)
    assert (states(play), untouched(play)) == (["refused", "refused"], True)
    play.answers_letter(
        "1 done", letter=mail, sender="lee@example.com", sent=False, vouched="mx.example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
    )  # fmt: skip
    assert (tasks(play)["ann"], len(play.letters("lee@example.com"))) == ("done", 2)
