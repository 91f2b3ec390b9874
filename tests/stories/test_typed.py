"""Answers to a digest as people really type them, in the mails that real programs make of them: understood, or asked about; none does the wrong thing.

`tests/answers/letter.txt` is the letter, `mails/` are the answers, and `effects.txt` says beside each name what it does. What has happened is
read from the store, not from what the program says of itself.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from followupd import answering, desk, letters
from followupd.clock import SeededDice
from followupd.core.inbound import read_message
from followupd.core.model import (
    Change,
    Enrollment,
    EnrollmentState,
    Fact,
    Letter,
    LetterAnswer,
    Outcome,
    Reply,
    ReplyKind,
    Task,
    Touch,
    TouchState,
)
from followupd.core.outbound import letter_id
from followupd.office import Office, open_office
from followupd.store import rows
from tests.stories.stage import Play

ANSWERS = Path(__file__).parents[1] / "answers"
LETTER = (ANSWERS / "letter.txt").read_text(encoding="utf-8")
NAMES = ("ann", "bob", "cid", "dora", "eve", "finn", "gus", "hal")
CHORES = {"ann": "Call Ann", "bob": "Answer Bob's question", "cid": "Call Cid", "dora": "Send Dora the summary"}


def address(name: str) -> str:
    """Whom a name stands for."""
    return f"{name}@p.test"


def expected() -> dict[str, str]:
    """What each mail does."""
    lines = [row for row in (ANSWERS / "effects.txt").read_text(encoding="utf-8").splitlines() if not row.startswith("# ")]
    return dict(row.split(": ", 1) for row in lines)


def scene(play: Play) -> Letter:
    """Eight people: tasks about four, unclear answers of two, a mail to the seventh that may have left, and one who stands still."""
    play.stop().at("sun 20:00").run_until("+270d").start().at("fri 09:00")
    play.drop_csv(
        "email,cadence,first_name,company\n"
        + "".join(f"{address(name)},intro,{name.title()},Acme\n" for name in NAMES if name != "gus")
    )
    play.run_until("+10m")
    play.server.says(drop="DOT", stores=False)
    play.drop_csv(f"email,cadence,first_name,company\n{address('gus')},intro,Gus,Acme\n", "gus.csv")
    play.run_until("+2m")
    play.server.says()
    for name in ("eve", "finn"):
        play.reply(address(name), " ")
    play.stop()
    office = _office(play, play.folder / "followupd.db")
    desk.pause(office, address("hal"), None, "dana")
    now = office.clock.now()
    tasks = {
        name: Task(
            id=f"task-{name}", owner="dana", address=address(name), kind="call", title=title, text="", created=now,
            enrollment=office.store.person(address(name))[1][0].id,
        )
        for name, title in CHORES.items()
    }  # fmt: skip
    reviews, doubts = office.store.reviews()
    assert sorted(one.address for one in reviews) == [address("eve"), address("finn")]
    items = [{"kind": "task", "id": task.id, "address": task.address, "title": task.title} for task in tasks.values()]
    for name in ("eve", "finn"):
        (reply,) = [one for one in reviews if one.address == address(name)]
        items.append({"kind": "reply", "id": reply.id, "address": reply.address, "title": f"What does this mean? {name.title()}"})
    items.append({"kind": "doubt", "id": doubts[0][0].id, "address": address("gus"), "title": "Was this sent, or not? To Gus"})
    items.append(
        {"kind": "person", "id": office.store.person(address("hal"))[1][0].id, "address": address("hal"), "title": "intro: Hal"}
    )
    play.clock.move(now.replace(day=30, hour=6, minute=31))
    letter = letters.letter(office, "dana", "digest", "Monday 30 November", LETTER, office.clock.now(), "one", items=items)
    office.store.apply_one(Change(tasks=tuple(tasks.values()), letters=(letter,)))
    office.store.close()
    return letter


def _office(play: Play, path: Path) -> Office:
    """An office over a store, without a daemon."""
    config = (play.folder / "config.yaml").read_text(encoding="utf-8").replace("store: followupd.db", f"store: {path.name}")
    play.write(f"{path.stem}.yaml", config)
    return open_office(play.folder / f"{path.stem}.yaml", play.clock, SeededDice(1), play._environ)


def answer(office: Office, letter: Letter, raw: bytes) -> LetterAnswer:
    """The mail lies in the rep's folder of sent mail: it is noted and carried out as the daemon does."""
    name = letter_id(letter.id, "example.com", office.store.key())
    inbound = read_message(raw.replace(b"@LETTER@", name.encode()))
    assert letters.answered(inbound, office.store.key()) == letter.id
    change = letters.note_answer(office, "dana", inbound, office.clock.now(), letter.id, sent=True)
    office.store.apply_one(change)
    (noted,) = change.letter_answers
    while (known := office.store.find(LetterAnswer, noted.id)) is not None and known.state == "proved":
        office.store.apply_one(answering.step(office, known))
    assert known is not None
    return known


OUTCOMES = {Outcome.NO: "no", Outcome.YES: "yes", Outcome.STOPPED: "stopped", Outcome.OPTED_OUT: "opted out"}


def effects(office: Office, letter: Letter) -> Iterator[str]:
    """What is different in the store from what the letter has told, number by number."""
    with office.store.reading() as connection:
        enrollments, replies, tasks, touches, facts = (
            rows.nouns(kind, connection.execute(rows.select(kind)).mappings()) for kind in (Enrollment, Reply, Task, Touch, Fact)
        )
    known = {one.id: one for one in (*tasks, *touches, *replies)}
    where = {one.address: one for one in enrollments}
    told = {one.address: one for one in replies if one.matched == "told"}
    for number, item in enumerate(letter.items, 1):
        enrollment, row = where[item["address"]], known.get(item["id"])
        word = row if isinstance(row, Reply) and not row.review else told.get(item["address"])
        if enrollment.state == EnrollmentState.FINISHED:
            assert enrollment.outcome
            yield f"{number} {OUTCOMES[enrollment.outcome]}{f' {word.reason}' if word and word.reason else ''}"
        elif word is not None and word.kind in (ReplyKind.LATER, ReplyKind.OUT_OF_OFFICE):
            assert (enrollment.state, enrollment.until is not None) == (EnrollmentState.PAUSED, True)
            yield f"{number} {'later' if word.kind == ReplyKind.LATER else 'away'} {word.resume}"
        elif word is not None and word.kind == ReplyKind.ENGAGED:
            yield f"{number} question"
        elif isinstance(row, Task) and row.state != "open":
            yield f"{number} {row.state}"
        elif isinstance(row, Touch) and row.state != TouchState.DOUBTFUL:
            yield f"{number} {'again' if row.again else row.state}"
        elif item["kind"] == "person" and enrollment.state == EnrollmentState.ACTIVE:
            yield f"{number} goes on"
        else:
            still = {"person": EnrollmentState.PAUSED, "task": EnrollmentState.ACTIVE}.get(item["kind"], EnrollmentState.HELD)
            assert enrollment.state == still, (number, enrollment)
    yield from (
        f"learned {fact.address.partition('@')[0]} {fact.name}={fact.value}" for fact in sorted(facts, key=lambda one: one.at)
    )


def _restore(whole: Path, copy: Path) -> None:
    """The store is as it was when the letter was written."""
    with closing(sqlite3.connect(whole)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def test_as_people_type(play: Play) -> None:
    """More than sixty answers: each has the effect that is written beside it, and no other, and is told of in one letter to the rep alone."""
    letter, wrong, table = scene(play), [], expected()
    mails = {path.stem: path.read_bytes() for path in sorted((ANSWERS / "mails").glob("*.eml"))}
    assert mails.keys() == table.keys()
    assert len(mails) > 60
    whole, copy = play.folder / "followupd.db", play.folder / "copy.db"
    shutil.copy(whole, copy)
    office = _office(play, copy)
    for name, raw in mails.items():
        _restore(whole, copy)
        heeded = answer(office, letter, raw)
        asked = sum(one.startswith("? ") for one in heeded.results)
        found = [*effects(office, letter), *([f"? {asked}"] if asked else [] if heeded.results else ["?"])]
        if " | ".join(found) != table[name]:
            wrong.append(f"{name}: {' | '.join(found)}, not {table[name]}: {heeded.results}")
        told = [one for one in office.store.letters_to("dana@example.com", letter.created) if one.id != letter.id]
        assert [one.kind for one in told] == ["re: digest"]
    office.store.close()
    assert wrong == [], "\n".join(wrong)
    play.start()
