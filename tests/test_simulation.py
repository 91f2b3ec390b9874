"""Simulations: the real stories on a calendar that jumps, against what the daemon does on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd import daemon, desk
from followupd.channels import CHANNELS
from followupd.core.model import Accepted, Deferred, Delivery, Doubtful, HandedOver, Refused
from followupd.demo.people import Person
from followupd.demo.script import original_of, report_mail
from followupd.files.workspace import Workspace, load_workspace
from followupd.simulation import Sent, Simulation
from tests.stories.stage import ANN, CONFIG, INTRO, START, TEMPLATES, Play

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=BERLIN)
ANN_ROW = {"email": "ann@p.test", "cadence": "intro", "first_name": "Ann", "company": "Acme", "owner": "dana"}
USUAL = "{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 4}"
LEE = """\
  lee:
    address: lee@example.com
    name: Lee Ito
    smtp: {host: 127.0.0.1, port: 1, security: none}
    imap: {host: 127.0.0.1, port: 1, security: none}
"""

Make = Callable[..., Simulation]


def workspace_in(
    folder: Path, *, cadences: Mapping[str, str] | None = None, limits: str = USUAL, gap: str = "0s", more: str = ""
) -> Workspace:
    """The workspace of the plays, on disk."""
    for name in ("cadences", "templates/tasks", "content"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG.format(smtp=1, imap=1, limits=limits, gap=gap, extra="") + more, encoding="utf-8")
    for name, text in (cadences or {"intro": INTRO}).items():
        (folder / f"cadences/{name}.yaml").write_text(text, encoding="utf-8")
    for name, (subject, body) in TEMPLATES.items():
        (folder / f"templates/{name}.md").write_text(f'---\nsubject: "{subject}"\n---\n{body}\n', encoding="utf-8")
    (folder / "templates/tasks/call.md").write_text("---\ntitle: Call {{ prospect.first_name }}\n---\nAsk.\n", encoding="utf-8")
    found = load_workspace(folder / "config.yaml", channels=CHANNELS, environ={"DANA": "secret"})
    assert not found.problems, found.problems
    return found


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Simulations of the plays' workspace, put away at the end."""
    made: list[Simulation] = []

    def simulate(*, start: datetime = MONDAY, seed: int = 1, unlimited: bool = False, **files: object) -> Simulation:
        made.append(Simulation(workspace_in(tmp_path, **files), start, seed=seed, limits=not unlimited))  # type: ignore[arg-type]
        return made[-1]

    yield simulate
    for one in made:
        one.close()


def answer(mail: Sent, text: str, now: datetime, *, automatic: str = "", subject: str = "", sender: str = "") -> bytes:
    """The bytes of an answer to a mail."""
    head = [
        f"From: <{sender or mail.recipient}>", f"Subject: {subject or 'Re: ' + mail.subject}", f"Date: {format_datetime(now)}",
        f"Message-ID: <{now.timestamp():.0f}@p.test>", f"In-Reply-To: <{mail.message_id}>", f"References: <{mail.message_id}>",
        *([f"Auto-Submitted: {automatic}"] if automatic else []), "Content-Type: text/plain; charset=utf-8",
    ]  # fmt: skip
    return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()


def times(simulation: Simulation, address: str = "ann@p.test") -> list[str]:
    """When mails came to somebody, by the clocks of Berlin."""
    return [f"{mail.at.astimezone(BERLIN):%a %d %b %H:%M}" for mail in simulation.sent if mail.recipient == address]


def outcome(simulation: Simulation, address: str = "ann@p.test", cadence: str = "intro") -> str:
    """How it ended; the state of what has not ended."""
    found = next(one for one in simulation.office.store.person(address)[1] if one.cadence == cadence)
    return (found.outcome or found.state).value


WHOLE = ["Mon 02 Mar 09:00", "Thu 05 Mar 09:00", "Mon 09 Mar 09:00", "Mon 16 Mar 09:00"]


def test_cadence_to_its_end(make: Make) -> None:
    """Each mail leaves at its own moment, and silence ends the cadence at its own."""
    simulation = make()
    (line,) = simulation.enroll([ANN_ROW])
    assert line == (2, "ann@p.test", "accepted", "hello on Mon 2 Mar 2026, 09:00 Europe/Berlin")
    simulation.advance(MONDAY + timedelta(days=20, hours=23, minutes=59))
    assert times(simulation) == WHOLE
    assert outcome(simulation) == "active"
    simulation.advance(MONDAY + timedelta(days=21))
    assert outcome(simulation) == "silent"
    assert simulation.now() == (MONDAY + timedelta(days=21)).astimezone(UTC)
    assert [mail.subject for mail in simulation.sent] == ["Hello Ann", "Re: Hello Ann", "Re: Hello Ann", "Shall I close this?"]
    assert simulation.sent[1].text.startswith("Here is an idea for Acme.")
    assert {mail.mailbox for mail in simulation.sent} == {"dana"}


def test_due_at_the_very_moment(make: Make) -> None:
    """What is due at `until` itself has happened when `advance` returns; what is due a second later has not."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=3) - timedelta(seconds=1))
    assert len(simulation.sent) == 1
    simulation.advance(MONDAY + timedelta(days=3))
    assert len(simulation.sent) == 2
    simulation.advance(MONDAY)  # time never goes back
    assert simulation.now() == (MONDAY + timedelta(days=3)).astimezone(UTC)


def test_rows_like_a_file(make: Make) -> None:
    """Rows are judged as those of a CSV file: people's column names, the file's cadence, rejections and duplicates with reasons."""
    simulation = make()
    rows = [
        {"E-Mail": "bob@q.test", "first_name": "Bob", "company": 'Beta, "Inc"'},
        {"E-Mail": "bob@q.test", "first_name": "Bob", "company": "Beta"},
        {"E-Mail": "nobody", "first_name": "No", "company": ""},
    ]
    lines = simulation.enroll(rows, "intro-march.csv")
    assert [(line, state) for line, _, state, _ in lines] == [(2, "accepted"), (3, "duplicate"), (4, "rejected")]
    assert simulation.enroll([]) == [
        (1, "", "rejected", "test:1: the first line must name the columns, e.g. email,cadence,first_name")
    ]
    simulation.advance(MONDAY + timedelta(days=4))
    assert 'for Beta, "Inc".' in simulation.sent[1].text


def test_reply_stops(make: Make) -> None:
    """A no is read the moment it comes, and nothing more is sent."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=3, hours=1))
    simulation.receive("dana", answer(simulation.sent[-1], "No thanks, we are not interested.", simulation.now()))
    assert outcome(simulation) == "no"
    simulation.advance(MONDAY + timedelta(days=60))
    assert times(simulation) == WHOLE[:2]


def test_reply_in_the_same_moment(make: Make) -> None:
    """An answer that comes at the moment at which a mail is due comes after that mail: `advance` had sent it."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=3))
    simulation.receive("dana", answer(simulation.sent[0], "No thanks, not for us.", simulation.now()))
    simulation.advance(MONDAY + timedelta(days=30))
    assert times(simulation) == WHOLE[:2]
    assert outcome(simulation) == "no"


def test_strangers_are_left_alone(make: Make) -> None:
    """Mail from somebody we never wrote to changes nothing."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    stranger = b"From: <x@else.test>\r\nSubject: Hi\r\nMessage-ID: <1@else.test>\r\n\r\nNo thanks.\r\n"
    simulation.receive("dana", stranger)
    simulation.advance(MONDAY + timedelta(days=30))
    assert times(simulation) == WHOLE


def test_out_of_office(make: Make) -> None:
    """An absence note pauses until the return it names; then the cadence goes on."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(minutes=1))
    note = "I am out of the office until 20 March 2026 and will answer after my return."
    simulation.receive(
        "dana", answer(simulation.sent[0], note, simulation.now(), automatic="auto-replied", subject="Out of office")
    )
    assert outcome(simulation) == "paused"
    simulation.advance(MONDAY + timedelta(days=60))
    came = [mail.at for mail in simulation.sent]
    assert len(came) == 4
    assert came[1] > datetime(2026, 3, 20, tzinfo=BERLIN)
    assert outcome(simulation) == "silent"


@pytest.mark.parametrize(("kind", "ending"), [("hard", "bounced"), ("soft", "silent")])
def test_bounce(make: Make, kind: str, ending: str) -> None:
    """A hard bounce ends it at once; a soft one does not."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(minutes=5))
    report = report_mail(Person(address="ann@p.test", bounces=kind), original_of(simulation.sent[0].raw), simulation.now())
    simulation.receive("dana", report)
    simulation.advance(MONDAY + timedelta(days=60))
    assert outcome(simulation) == ending
    assert len(simulation.sent) == (1 if kind == "hard" else 4)


DEADLINE = """\
cadence: intro
about: A task with a deadline between two mails.
steps:
  - {id: hello, email: hello, after: 0s}
  - {id: call, task: call, after: 1d, within: 2d}
  - {id: goodbye, email: goodbye, after: 1d}
end: {after: 7d}
"""


def test_deadline_goes_by(make: Make) -> None:
    """A task that nobody does is dropped at its deadline, and what follows it is dated from there."""
    simulation = make(cadences={"intro": DEADLINE})
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=1, hours=7))
    (task,) = simulation.office.store.tasks()
    assert (task.title, task.created) == ("Call Ann", MONDAY + timedelta(days=1))
    assert task.deadline is not None
    simulation.advance(task.deadline - timedelta(seconds=1))
    assert len(simulation.office.store.tasks()) == 1
    simulation.advance(task.deadline)
    assert not simulation.office.store.tasks()
    simulation.advance(MONDAY + timedelta(days=30))
    first, second = (mail for mail in simulation.sent if mail.recipient == "ann@p.test")  # the others are letters to the rep
    assert [first.subject, second.subject] == ["Hello Ann", "Re: Hello Ann"]
    assert second.at >= task.deadline + timedelta(days=1)


def test_request(make: Make) -> None:
    """A human's request happens at its moment, and the cadence goes on from there."""
    simulation = make(cadences={"intro": DEADLINE})
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=1, hours=2))
    (task,) = simulation.office.store.tasks()
    done = simulation.request(lambda office: desk.close_task(office, task.id, done=True, by="dana"))
    assert isinstance(done, desk.Done)
    assert done.lines[0] == f"task {task.id}: done"
    simulation.advance(MONDAY + timedelta(days=9))
    assert times(simulation) == ["Mon 02 Mar 09:00", "Wed 04 Mar 11:00"]


def test_clocks_change(make: Make) -> None:
    """Nine stays nine when the clocks go forward."""
    simulation = make(start=datetime(2026, 3, 26, 10, 0, tzinfo=BERLIN))
    simulation.enroll([ANN_ROW])
    simulation.advance(datetime(2026, 3, 31, tzinfo=BERLIN))
    assert times(simulation) == ["Thu 26 Mar 10:00", "Mon 30 Mar 09:00"]
    assert simulation.sent[1].at - simulation.sent[0].at == timedelta(days=4, hours=-2)


def test_two_mailboxes(make: Make) -> None:
    """Each owner writes from their own mailbox, and an answer to one stops nobody else."""
    simulation = make(more=LEE)
    bob = {**ANN_ROW, "email": "bob@q.test", "first_name": "Bob", "owner": "lee"}
    simulation.enroll([ANN_ROW, bob])
    simulation.advance(MONDAY + timedelta(minutes=1))
    assert [(mail.mailbox, mail.recipient) for mail in simulation.sent] == [("dana", "ann@p.test"), ("lee", "bob@q.test")]
    simulation.receive("lee", answer(simulation.sent[1], "No thanks, not interested.", simulation.now()))
    simulation.advance(MONDAY + timedelta(days=30))
    assert times(simulation) == WHOLE
    assert times(simulation, "bob@q.test") == WHOLE[:1]


def test_caps(make: Make) -> None:
    """A full mailbox waits until there is room again."""
    simulation = make(limits="{per_minute: 100, per_hour: 2, per_day: 100, in_flight: 2}")
    rows = [{**ANN_ROW, "email": f"p{number}@p.test"} for number in range(5)]
    simulation.enroll(rows)
    simulation.advance(MONDAY + timedelta(hours=8))
    at = [f"{mail.at.astimezone(BERLIN):%H:%M}" for mail in simulation.sent]
    assert at == ["09:00", "09:00", "10:00", "10:00", "11:00"]


def test_gap(make: Make) -> None:
    """Between two mails of a mailbox lies the drawn gap."""
    simulation = make(gap="45s..3m")
    simulation.enroll([{**ANN_ROW, "email": f"p{number}@p.test"} for number in range(6)])
    simulation.advance(MONDAY + timedelta(hours=1))
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in zip(simulation.sent, simulation.sent[1:], strict=False)]
    assert len(gaps) == 5
    assert all(45 <= gap <= 180 for gap in gaps), gaps
    assert len(set(gaps)) > 1


def test_without_limits(make: Make) -> None:
    """What the cadence says is tested, not the mailbox: caps, gap and ramp are lifted."""
    limits = "{per_minute: 1, per_hour: 1, per_day: 1}"
    simulation = make(limits=limits, gap="45s..3m\n    ramp: {start: 1, add: 0}", unlimited=True)
    simulation.enroll([{**ANN_ROW, "email": f"p{number}@p.test"} for number in range(20)])
    assert len(simulation.sent) == 20
    assert {mail.at for mail in simulation.sent} == {MONDAY.astimezone(UTC)}


def test_server_says(make: Make) -> None:
    """The mail server can be given its words: put off, the mail is tried again; refused for good, it ends."""
    simulation = make()
    words: list[Delivery | None] = [Deferred(451, "4.3.0 later"), None, Refused(550, "5.1.1 no such user", gone=True)]
    simulation.answers = lambda mail: words.pop(0)
    simulation.enroll([ANN_ROW])
    assert simulation.sent == []
    simulation.advance(MONDAY + timedelta(days=1))
    assert times(simulation) == ["Mon 02 Mar 09:05"]
    simulation.advance(MONDAY + timedelta(days=30))
    assert outcome(simulation) == "bounced"
    assert len(simulation.sent) == 1


def test_in_doubt(make: Make) -> None:
    """A mail that may have left is held for a human and never sent again by itself."""
    simulation = make()
    simulation.answers = lambda mail: Doubtful("lost after the final dot")
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=30))
    assert simulation.sent == []
    (doubtful,) = simulation.office.store.reviews()[1]
    simulation.answers = lambda mail: Accepted(250, "ok")
    simulation.request(lambda office: desk.settle(office, doubtful[0].id, "again", "dana"))
    simulation.advance(MONDAY + timedelta(days=60))
    assert len(simulation.sent) == 4


def test_servers_hand_nothing_over(make: Make) -> None:
    """An answer that no mail server gives is a fault of whoever scripted it."""
    simulation = make()
    simulation.answers = lambda mail: HandedOver("to whom?")
    with pytest.raises(TypeError, match="a mail server takes a mail"):
        simulation.enroll([ANN_ROW])


def test_switch(make: Make) -> None:
    """While a switch is on nothing leaves, and time goes on; when it is off, what waited leaves in the next window."""
    simulation = make()
    simulation.enroll([ANN_ROW])
    simulation.request(lambda office: desk.switch(office, "all", on=True, reason="a test"))
    simulation.advance(MONDAY + timedelta(days=5))
    assert len(simulation.sent) == 1
    simulation.request(lambda office: desk.switch(office, "all", on=False, reason=""))
    simulation.advance(MONDAY + timedelta(days=8))
    assert times(simulation) == ["Mon 02 Mar 09:00", "Mon 09 Mar 09:00"]


def test_changed_files(make: Make, tmp_path: Path) -> None:
    """Files that change reach whoever is enrolled afterwards."""
    simulation = make()
    one = INTRO[: INTRO.index("  - {id: idea")] + "end: {after: 7d}\n"
    simulation.reload(workspace_in(tmp_path, cadences={"intro": one}))
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=30))
    assert times(simulation) == WHOLE[:1]


def test_without_configuration(tmp_path: Path) -> None:
    """A workspace without a readable configuration, and a start in no zone, are refused with a reason."""
    usable = workspace_in(tmp_path)
    with pytest.raises(ValueError, match="can't be simulated"):
        Simulation(replace(usable, config=None), MONDAY)
    with pytest.raises(ValueError, match="names no time zone"):
        Simulation(usable, datetime(2026, 3, 2))  # noqa: DTZ001


def test_store_with_a_place(tmp_path: Path) -> None:
    """A store that was given a place outlives the simulation, and another one goes on with it."""
    workspace, url = workspace_in(tmp_path), f"sqlite:///{tmp_path}/kept.db"
    with Simulation(workspace, MONDAY, store_url=url) as first:
        first.enroll([ANN_ROW])
    with Simulation(workspace, MONDAY + timedelta(days=2), store_url=url) as second:
        second.advance(MONDAY + timedelta(days=30))
        assert times(second) == WHOLE[1:]
    with Simulation(workspace, MONDAY) as other:
        other.advance(MONDAY + timedelta(days=1))
        assert other.sent == []


def eventful(simulation: Simulation) -> list[Sent]:
    """A few weeks in which much happens."""
    rows = [{**ANN_ROW, "email": f"p{number}@p{number % 3}.test", "first_name": f"P{number}"} for number in range(12)]
    simulation.answers = lambda mail: Deferred(451, "4.2.1 busy") if mail.recipient == "p3@p0.test" else None
    simulation.enroll(rows)
    simulation.advance(MONDAY + timedelta(hours=6))
    simulation.receive("dana", answer(simulation.sent[2], "No thanks.", simulation.now()))
    simulation.answers = lambda mail: None
    away = answer(simulation.sent[4], "I am out of the office until 12 March 2026.", simulation.now(), automatic="auto-replied")
    simulation.receive("dana", away)
    simulation.advance(MONDAY + timedelta(days=8))
    simulation.request(lambda office: desk.pause(office, "p7@p1.test", MONDAY.astimezone(UTC) + timedelta(days=12), "dana"))
    simulation.advance(MONDAY + timedelta(days=60))
    return simulation.sent


@pytest.mark.slow
def test_the_same_again(make: Make) -> None:
    """The same workspace, start, seed and events give the same mails at the same moments, byte for byte; another seed gives others."""
    first, again = eventful(make(gap="45s..3m")), eventful(make(gap="45s..3m"))
    assert len(first) > 30
    assert again == first
    other = eventful(make(gap="45s..3m", seed=2))
    assert [mail.at for mail in other] != [mail.at for mail in first]


@pytest.mark.slow
def test_a_year_of_one_person(make: Make) -> None:
    """Twelve mails in a year, and quiet centuries after them that are jumped over."""
    steps = "".join(f"  - {{id: month{number}, email: idea, after: {'0s' if not number else '30d'}}}\n" for number in range(12))
    simulation = make(cadences={"intro": f"cadence: intro\nabout: A nurture.\nsteps:\n{steps}end: {{after: 30d}}\n"})
    simulation.enroll([ANN_ROW])
    simulation.advance(MONDAY + timedelta(days=400))
    simulation.advance(MONDAY + timedelta(days=100_000))
    assert len(simulation.sent) == 12
    assert outcome(simulation) == "silent"


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """A play on real sockets, in which files are looked at only when it says so."""
    monkeypatch.setattr(daemon, "SCAN_SECONDS", 3600.0)
    monkeypatch.setattr(daemon, "RELOAD_SECONDS", 3600.0)
    folder = tmp_path / "play"
    folder.mkdir(mode=0o700)
    with asyncio.Runner() as runner, contextlib.closing(Play(folder, runner, cadences={"intro": INTRO})) as found:
        yield found


@pytest.mark.slow
def test_as_the_daemon_does(play: Play, make: Make) -> None:
    """The same events give the same mails at the same moments, and the same states, as with the daemon on real sockets."""
    people = [("ann@p.test", "Ann"), ("bob@q.test", "Bob"), ("cat@r.test", "Cat"), ("dan@s.test", "Dan")]
    simulation = make(start=START)
    play.at("mon 09:00").drop_csv(ANN.splitlines()[0] + "\n" + "".join(f"{each},intro,{name},Acme\n" for each, name in people))
    simulation.advance(play.clock.now())
    simulation.enroll([{"email": each, "cadence": "intro", "first_name": name, "company": "Acme"} for each, name in people])
    answered = {
        "ann@p.test": ("No thanks, we have decided for somebody else.", ""),
        "bob@q.test": ("I am out of the office until 12 March 2026.", "auto-replied"),
        "cat@r.test": ("Please ask me again in two weeks.", ""),
    }
    play.at("thu 14:00")
    simulation.advance(play.clock.now())
    for address, (text, automatic) in answered.items():
        play.reply(address, text, automatic=automatic)
        mail = [one for one in simulation.sent if one.recipient == address][-1]
        simulation.receive("dana", answer(mail, text, simulation.now(), automatic=automatic))
    play.run_until("+90d")
    simulation.advance(play.clock.now())

    theirs = sorted((mail.recipient, mail.at, mail.subject, mail.text.replace("\r\n", "\n")) for mail in play.mails())
    assert sorted((mail.recipient, mail.at, mail.subject, mail.text) for mail in simulation.sent) == theirs
    assert len(theirs) == 2 + 4 + 4 + 4
    for address, _ in people:
        assert outcome(simulation, address) == play.outcome(address)
        ours = {
            touch.step: (touch.state, touch.settled) for touch in simulation.office.store.touches(_id(simulation.office, address))
        }
        assert ours == {step: (touch.state, touch.settled) for step, touch in play.touches(address).items()}


def _id(office: object, address: str) -> str:
    return office.store.person(address)[1][0].id  # type: ignore[attr-defined,no-any-return]
