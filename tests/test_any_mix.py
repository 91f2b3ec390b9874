"""All stories at once, mixed at random: whoever has said to hear nothing more hears nothing more, whatever comes after.

What people, reps, managers, files and mail servers do is drawn by Hypothesis and played in a simulation of some months, with the real bytes
and the real reader. The oracle stands outside: it knows when an opt-out was handed to a mailbox, and what the mail server took since. It
never asks the store whether somebody is suppressed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followupd import desk, enroll, handover, starter
from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.core import answers as core_answers
from followupd.core import guards
from followupd.core.lifecycle import NotNow
from followupd.core.model import Deferred, Delivery, Doubtful, Effect, Letter, Refused, ReplyKind
from followupd.demo.people import Person
from followupd.demo.script import complaint_mail, original_of, report_mail
from followupd.files.prospects import read_sheet
from followupd.files.sheet import table
from followupd.files.workspace import Workspace, load_workspace
from followupd.office import Office
from followupd.simulation import Sent, Simulation
from followupd.simulation.surroundings import LookAtOnce
from followupd.store import bulk, claiming, reading, writing

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
LAST = timedelta(days=430)

PEOPLE = ("ann@acme.test", "bob@acme.test", "cid@beta.test", "dan@beta.test", "eve@gmail.com", "fay@gmail.com", "kim@out.test")
"""Two companies, two at a public provider, and one whom nobody has met yet."""

OURS = ("dana@example.com", "lee@example.com")

CONFIG = """\
store: followupd.db
company: {{name: Example Ltd, postal_address: "1 Main Street, Springfield", domains: [example.com]}}
defaults: {{window: "mon-fri 09:00-17:00", holidays: none, timezone: Europe/Berlin}}
mailboxes:
  dana: {{address: dana@example.com, name: Dana Reyes, smtp: {server}, imap: {server}, gap: 0s, reports_to: lee@example.com{more}}}
  lee: {{address: lee@example.com, name: Lee Ito, smtp: {server}, imap: {server}, gap: 0s}}
{extra}"""
SERVER = "{host: 127.0.0.1, port: 1, security: none}"

VARIANTS = {
    "plain": ("", ""),
    "letters": ("", 'digest: {at: "07:30", days: tue}\nreopen: {on: ["05-04", "11-02"], after: 60d}\n'),
    "courtesy": (", plus: true", "courtesy: {after_yes: 60d, after_no: 30d, after_opt_out: 90d}\n"),
    "resend": (", doubtful: resend", "courtesy: {after_no: 10d}\n"),
}

ROW = {
    "last_name": "Sample", "meeting_highlight": "the handover", "challenges": "cash flow, hiring", "goals": "pricing, customer retention",
    "interests": "meetings", "news": "a second plant", "compelling_reason": "the new rules of May", "result_claim": "29 days instead of 41",
}  # fmt: skip

SAYS = {
    "no": ("No, thank you.", "We have decided to go with another supplier.", "We will not go ahead, it is too expensive for us."),
    "yes": ("Yes, let's go ahead. Please send me the contract.", "Yes please."),
    "later": ("Not right now. Please get back to me in three weeks.", "Please write to me again in June."),
    "question": ("Where is the data kept, and who can read it?", "Could you tell me more about the price?"),
    "odd": ("Hm. Ask the moon.", "maybe", "go"),
    "away": ("I am out of the office until 20 March 2026 and will answer after my return.",),
}

STOPS = (
    "Please take me off your list and do not send me any more emails.",
    "Stop emailing me.",
    "unsubscribe",
    "No thanks. And please remove me from your list, do not contact me again.",
    "Bitte schreiben Sie mir nicht mehr und löschen Sie meine Adresse aus Ihrem Verteiler.",
)

ORDERS = {
    "task": ("done", "skip", "yes", "no budget", "later March", "stop", "learn team grew to 40", "opt-out"),
    "reply": ("no", "yes", "question", "machine", "later May", "opt-out", "referral"),
    "doubt": ("sent", "again", "skip"),
    "person": ("go on", "no", "yes", "stop", "opt-out", "later April"),
    "referral": ("yes", "ok", "no", "yes"),
}
"""What a rep may write behind a number, by what it stands for; now and then it is something else."""


class Deed(NamedTuple):
    """Something that somebody does, so long after what was before."""

    wait: timedelta
    verb: str
    who: int
    how: int


@dataclass
class World:
    """The stage of one mix, and the oracle."""

    simulation: Simulation
    opted: dict[str, datetime] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # what was done, for people who read a failure
    checked: int = 0
    number: int = 0
    after_accepting: list[Callable[[Sent], None]] = field(default_factory=list)
    words: list[Delivery] = field(default_factory=list)  # what the mail server will say next

    # -- the oracle

    def check(self) -> None:
        """No mail to anybody who had opted out before it left, none twice, and letters to our own people alone."""
        for mail in self.simulation.sent[self.checked :]:
            letter = mail.message_id.startswith("l.")
            if letter and (told := re.findall(r"nobody writes to (\S+@\S+) again", mail.text)):
                for one in told:
                    self.opted.setdefault(one, mail.at)
            assert (mail.recipient in OURS) == letter, f"{mail.recipient}: {mail.subject}"
            assert letter or mail.recipient in PEOPLE, mail.recipient
            since = self.opted.get(mail.recipient)
            assert since is None or mail.at < since, (
                f"{mail.recipient} has opted out on {since}, and had {mail.subject!r} on {mail.at}; {self.said}"
            )
        self.checked = len(self.simulation.sent)

    def check_at_the_end(self) -> None:
        """No touch went out twice, no item was given twice, and nothing left in an enrollment that was over."""
        ids = [mail.message_id for mail in self.simulation.sent]
        assert len(set(ids)) == len(ids), [one for one in ids if ids.count(one) > 1]
        store = self.simulation.office.store
        for address in PEOPLE:
            given = [event.data["item"] for event in store.timeline(address, 10_000) if "item" in event.data]
            assert len(set(given)) == len(given), given
            for enrollment in store.person(address)[1]:
                for touch in store.touches(enrollment.id):
                    left = next((mail.at for mail in self.simulation.sent if mail.message_id.split(".")[1] == touch.id), None)
                    assert left is None or enrollment.finished is None or left <= enrollment.finished, (
                        address,
                        enrollment.cadence,
                        touch.step,
                    )

    # -- time and mails

    def go(self, until: datetime) -> None:
        """Time passes."""
        self.simulation.advance(until)
        self.take_in()
        self.check()

    def take_in(self) -> None:
        """The files that lie in the inbox by now, as the daemon finds them."""
        inbox = self.simulation.office.workspace.folder("inbox")
        for path in sorted([*inbox.glob("*.csv"), *inbox.glob("*/*.csv")]):
            if path.parent.name not in (enroll.DONE, "drafts") and not path.name.endswith(enroll.RECEIPT):
                self.simulation.request(lambda office, path=path: enroll.take_in(office, path).close())  # type: ignore[misc]

    def last_mail(self, who: str) -> Sent | None:
        """The last mail that they had."""
        return next((mail for mail in reversed(self.simulation.sent) if mail.recipient == who), None)

    def answer(
        self,
        mail: Sent,
        text: str,
        *,
        sender: str = "",
        to: str = "",
        subject: str = "",
        automatic: bool = False,
        answers: bool = True,
    ) -> bytes:
        """The bytes of an answer."""
        self.number += 1
        now = self.simulation.now()
        head = [
            f"From: <{sender or mail.recipient}>", f"To: <{to or mail.mailbox + '@example.com'}>", f"Subject: {subject or 'Re: ' + mail.subject}",
            f"Date: {format_datetime(now)}", f"Message-ID: <{self.number}.answer@people.example>",
            *([f"In-Reply-To: <{mail.message_id}>", f"References: <{mail.message_id}>"] if answers else []),
            *(["Auto-Submitted: auto-replied"] if automatic else []), "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
        ]  # fmt: skip
        return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()

    def ask(self, deed: Callable[[Office], object]) -> None:
        """A rep asks for something; what does not fit is refused."""
        with suppress(NotNow, desk.Unknown):
            self.simulation.request(deed)

    def server(self, mail: Sent) -> Delivery | None:
        """The mail server's word; whatever happens at this moment happens right after it."""
        if mail.recipient in OURS:
            return None
        word = self.words.pop() if self.words else None
        if word is None:
            for deed in self.after_accepting:
                deed(mail)
            self.after_accepting.clear()
        return word


# -- what may happen -----------------------------------------------------------------------------


def enrolls(world: World, who: str, how: int) -> None:
    """A row comes in, again and again."""
    cadence = ("proposal", "reopen", "nurture", "proposal")[how % 4]
    now = world.simulation.now().astimezone(START.tzinfo)
    row = ROW | {
        "email": who, "cadence": cadence, "first_name": who[:3].title(), "company": who.partition("@")[2], "owner": ("dana", "lee")[how % 5 == 1],
        "meeting_at": f"{now:%Y-%m-%d %H:%M}", "timezone": "Europe/Berlin",
    }  # fmt: skip
    world.simulation.enroll([row], ("spring.csv", "reopen-2026.csv")[how % 2])


def answers(world: World, who: str, how: int) -> None:
    """They answer their last mail."""
    mail = world.last_mail(who)
    if mail is not None:
        kind = list(SAYS)[how % len(SAYS)]
        text = SAYS[kind][how // len(SAYS) % len(SAYS[kind])]
        world.simulation.receive(mail.mailbox, world.answer(mail, text, automatic=kind == "away"))


def names(world: World, who: str, how: int) -> None:
    """They name somebody else."""
    mail, other = world.last_mail(who), PEOPLE[how % len(PEOPLE)]
    if mail is not None and other != who:
        text = f"I am not the right person for this. Please talk to my colleague {other[:3].title()} Sample, {other}, who looks after it now."
        world.simulation.receive(mail.mailbox, world.answer(mail, text))


def opts_out(world: World, who: str, how: int) -> None:
    """They want no more mail: in words, by the header of the mail, or by the spam button; to any mail that they ever had."""
    mails = [mail for mail in world.simulation.sent if mail.recipient == who]
    if mails:
        mail = mails[-1] if how % 3 else mails[how // 3 % len(mails)]
        world.simulation.receive(mail.mailbox, _opt_out(world, mail, how))
        world.opted.setdefault(who, world.simulation.now())


def opts_out_unseen(world: World, who: str, how: int) -> None:
    """The same, and nobody has looked when the next mail is due."""
    mail = world.last_mail(who)
    if mail is not None:
        world.simulation.leave(mail.mailbox, _opt_out(world, mail, how))
        world.opted.setdefault(who, world.simulation.now() + timedelta(microseconds=1))


def opts_out_meanwhile(world: World, who: str, how: int) -> None:
    """The same in the moment in which the next mail, to them or to anybody, has been taken by the mail server."""

    def then(mail: Sent) -> None:
        last = mail if mail.recipient == who else world.last_mail(who)
        if last is not None:
            world.simulation._clock.moment += timedelta(milliseconds=5)
            world.simulation.leave(last.mailbox, _opt_out(world, last, how))
            world.opted.setdefault(who, world.simulation.now())

    world.after_accepting.append(then)


def _opt_out(world: World, mail: Sent, how: int) -> bytes:
    way = how % 7
    if way == 5:
        return complaint_mail(Person(address=mail.recipient), original_of(mail.raw), world.simulation.now())
    link = str(message_from_bytes(mail.raw, policy=policy.default)["List-Unsubscribe"] or "")
    found = re.search(r"<(mailto:[^>]+)>", link)
    if way == 6 and found:
        parts = urlsplit(found[1])
        subject = parse_qs(parts.query).get("subject", ["unsubscribe"])[0]
        return world.answer(mail, "", to=unquote(parts.path), subject=subject, answers=False)
    return world.answer(mail, STOPS[way % len(STOPS)])


def opens_a_door(world: World, who: str, how: int) -> None:
    """They use one of the links in a mail that has some; or somebody else makes one up."""
    for mail in reversed(world.simulation.sent):
        doors = re.findall(r"mailto:([^?\s)>]+)\?subject=([^\s)>\"]+)", mail.text.replace("&amp;", "&"))
        if mail.recipient == who and doors:
            to, rest = doors[how % len(doors)]
            subject = unquote(rest.partition("&")[0])
            if how % 5 == 4:
                subject = subject[:-4] + "0000]"
            text = unquote(parse_qs("x=1&" + rest.partition("&")[2]).get("body", [""])[0])
            world.simulation.receive(
                mail.mailbox, world.answer(mail, text, to=unquote(to), subject=subject, answers=how % 2 == 0)
            )
            return


def bounces(world: World, who: str, how: int) -> None:
    """A report comes back."""
    mail = world.last_mail(who)
    if mail is not None:
        person = Person(address=who, bounces=("hard", "soft", "blocked")[how % 3])
        world.simulation.receive(mail.mailbox, report_mail(person, original_of(mail.raw), world.simulation.now()))


def another_answers(world: World, who: str, how: int) -> None:
    """Somebody writes in another person's conversation, or pretends to be them."""
    mail, other = world.last_mail(who), PEOPLE[how % len(PEOPLE)]
    if mail is not None:
        kind = list(SAYS)[how % len(SAYS)]
        world.simulation.receive(mail.mailbox, world.answer(mail, SAYS[kind][0], sender=other, answers=how % 2 == 0))


def a_rep_answers(world: World, who: str, how: int) -> None:
    """The owner answers a letter, line by line; the copy lies in their folder of sent mail. Every seventh is forged."""
    mails = [mail for mail in world.simulation.sent if mail.recipient in OURS]
    answerable = [(mail, letter) for mail in mails[-12:] if (letter := _letter(world, mail)) is not None and letter.items]
    if answerable:
        mail, letter = answerable[-1 - how % min(len(answerable), 4)]
        kinds = [item.get("kind", "") for item in letter.items]
        orders = [ORDERS.get(kind, ("yes", "no", "my own words")) for kind in kinds]
        lines = "\n".join(
            f"{number} {words[(how + 3 * number) % len(words)]}"
            for number, words in enumerate(orders[: how % 4 + 1], how % 9 // 8 + 1)
        )
        raw = world.answer(mail, lines, sender=mail.recipient)
        world.simulation.receive(mail.recipient.partition("@")[0], raw, "INBOX" if how % 7 == 6 else "Sent")


def _letter(world: World, mail: Sent) -> Letter | None:
    return world.simulation.office.store.find(Letter, mail.message_id.split(".")[1])


def a_rep_suppresses(world: World, who: str, how: int) -> None:
    """The owner wants that nobody writes there again, to the person or to the whole company."""
    key = who if how % 3 or who.endswith("@gmail.com") else f"@{who.partition('@')[2]}"
    world.ask(lambda office: desk.suppress(office, key, "they have called", "dana"))
    for one in PEOPLE:
        if one.endswith(key):
            world.opted.setdefault(one, world.simulation.now())


def a_rep_works(world: World, who: str, how: int) -> None:
    """What the owner does on the command line."""
    office = world.simulation.office
    tasks, (replies, doubtful) = [task for task in office.store.tasks() if task.address == who], office.store.reviews()
    kinds = [ReplyKind.NO, ReplyKind.YES, ReplyKind.ENGAGED, ReplyKind.LATER, ReplyKind.AUTO_REPLY]
    match how % 8:
        case 0 | 1:
            world.ask(lambda office: desk.resume(office, who))
        case 2 if tasks:
            world.ask(lambda office: desk.close_task(office, tasks[0].id, done=how % 3 != 0, by="dana"))
        case 3 if replies:
            world.ask(lambda office: desk.decide(office, replies[0].id, kinds[how % len(kinds)], "dana"))
        case 4 if doubtful:
            world.ask(lambda office: desk.settle(office, doubtful[0][0].id, ("again", "sent", "skip")[how % 3], "dana"))
        case 5:
            world.ask(lambda office: desk.pause(office, who, world.simulation.now() + timedelta(days=how % 40 + 1), "dana"))
        case 6:
            world.ask(lambda office: desk.learn(office, who, "team_size=40", "dana"))
        case 7:
            world.ask(lambda office: desk.stop(office, who, "dana"))


def a_rep_writes(world: World, who: str, how: int) -> None:
    """The owner writes to them by hand."""
    mail = world.last_mail(who)
    if mail is not None:
        raw = world.answer(mail, "A word of my own.", sender=f"{mail.mailbox}@example.com", to=who, answers=how % 2 == 0)
        world.simulation.receive(mail.mailbox, raw, "Sent")


def files_come_back(world: World, who: str, how: int) -> None:
    """What was proposed to the owners is filled in where it has holes, and moved into the inbox."""
    inbox = world.simulation.office.workspace.folder("inbox")
    for path in [*inbox.glob("drafts/*.csv"), *inbox.glob("*/drafts/*.csv")]:
        rows = list(read_sheet(path.read_bytes(), name=path.name).rows)
        filled = [
            {
                **ROW,
                "first_name": "Sam",
                "company": "Acme",
                "meeting_at": "2026-02-02 10:00",
                **{name: text for name, text in row.columns.items() if text},
            }
            for row in rows
        ]
        columns = list(dict.fromkeys(name for row in filled for name in row))
        if filled:
            path.write_bytes(table([columns, *([row.get(name, "") for name in columns] for row in filled)]))
        path.replace(path.parent.parent / path.name)
    world.take_in()


def hands_over(world: World, who: str, how: int) -> None:
    """Their rep hands them to the other one, alone or with everybody, for good or for some days; answers go on coming to either."""
    giver, taker = ("dana", "lee") if how % 2 else ("lee", "dana")
    only, until = ((), (who,))[how % 3 > 0], world.simulation.now() + timedelta(days=how % 30 + 1) if how % 5 else None
    world.ask(lambda office: handover.go(office, handover.plan(office, giver, taker, only, until), "ops"))


def the_server_says(world: World, who: str, how: int) -> None:
    """The next mail is put off, refused, or its answer is lost."""
    world.words.append(
        (
            Doubtful("lost after the final dot"),
            Deferred(451, "4.2.1 later"),
            Refused(552, "5.2.2 full", trouble="full"),
            Doubtful("lost"),
        )[how % 4]
    )


_DEEDS: tuple[Callable[[World, str, int], None], ...] = (
    enrolls, answers, names, opts_out, opts_out_unseen, opts_out_meanwhile, opens_a_door, bounces, another_answers, a_rep_answers, a_rep_works,
    a_rep_suppresses, a_rep_writes, files_come_back, hands_over, the_server_says,
)  # fmt: skip
DEEDS = {one.__name__: one for one in _DEEDS}
OFTEN = [*DEEDS, *["enrolls", "answers", "names", "a_rep_works", "a_rep_answers", "files_come_back"] * 2, "opts_out"]
WAITS = [
    timedelta(minutes=3),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=4),
    timedelta(days=7),
    timedelta(days=16),
    timedelta(days=45),
]


# -- the mix -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """The starter set under each of the configurations."""
    found = {}
    for name, (more, extra) in VARIANTS.items():
        folder = tmp_path_factory.mktemp(name)
        for part in starter.PARTS:
            shutil.copytree(starter.starter_folder() / part, folder / part)
        (folder / "config.yaml").write_text(CONFIG.format(server=SERVER, more=more, extra=extra), encoding="utf-8")
        found[name] = load_workspace(folder / "config.yaml", channels=CHANNELS, scope=SCOPE, environ={})
        assert not found[name].problems, found[name].problems
    return found


@contextmanager
def stage(workspace: Workspace) -> Iterator[World]:
    """A world in which everybody but one is enrolled."""
    with Simulation(workspace, START, limits=False) as simulation:
        world = World(simulation)
        simulation.answers = world.server
        for number, who in enumerate(PEOPLE[:-1]):
            enrolls(world, who, number * 4)
        yield world


def play(workspace: Workspace, deeds: list[Deed]) -> World:
    """The whole mix, to its last silence."""
    with stage(workspace) as world:
        world.go(START + timedelta(hours=3))
        for deed in deeds:
            world.go(min(world.simulation.now() + deed.wait, START.astimezone(UTC) + LAST))
            out = sorted(world.opted)  # what happens to them is what this is about
            who = out[deed.who % len(out)] if out and deed.how % 3 == 0 else PEOPLE[deed.who % len(PEOPLE)]
            world.said.append(f"{world.simulation.now():%d %b %H:%M} {deed.verb} {who} {deed.how}")
            DEEDS[deed.verb](world, who, deed.how)
            world.check()
        world.go(world.simulation.now() + timedelta(days=45))
        world.check_at_the_end()
        return world


deeds = st.builds(
    Deed, wait=st.sampled_from(WAITS), verb=st.sampled_from(OFTEN), who=st.integers(0, len(PEOPLE) - 1), how=st.integers(0, 839)
)
FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"


@settings(max_examples=2000 if FUZZ else 7, deadline=None, derandomize=not FUZZ, suppress_health_check=list(HealthCheck))
@given(variant=st.sampled_from(list(VARIANTS)), mix=st.lists(deeds, min_size=8, max_size=40))
def test_who_opted_out_hears_nothing_more(workspaces: dict[str, Workspace], variant: str, mix: list[Deed]) -> None:
    """In whatever mix: no mail to anybody whose last word was an opt-out, none twice, and letters only to our own people."""
    play(workspaces[variant], mix)


DAY, WEEK = timedelta(days=1), timedelta(days=7)
ANN, CID = PEOPLE.index("ann@acme.test"), PEOPLE.index("cid@beta.test")
FOUND: dict[str, list[Deed]] = {
    "an opt-out lies unread while they are enrolled again": [
        Deed(WAITS[0], "a_rep_works", ANN, 7), Deed(WAITS[0], "opts_out_unseen", ANN, 6), Deed(WAITS[1], "enrolls", ANN, 2),
    ],
}  # fmt: skip
"""What was found here, as short as it goes."""


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(workspaces: dict[str, Workspace], name: str) -> None:
    """What this has found once is played each time."""
    play(workspaces["plain"], FOUND[name])


# -- the test is able to fail --------------------------------------------------------------------

AFTERWARDS = [
    Deed(DAY, "opts_out", ANN, 0), Deed(timedelta(hours=5), "enrolls", ANN, 0), Deed(DAY, "a_rep_works", ANN, 0), Deed(WEEK, "names", CID, ANN),
    Deed(DAY, "a_rep_answers", CID, 13), Deed(WEEK, "enrolls", ANN, 2),
]  # fmt: skip


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No opt-out is kept, and admission asks for none."""
    write = writing.write
    monkeypatch.setattr(
        writing, "write", lambda connection, engine, change: write(connection, engine, replace(change, suppressions=()))
    )
    monkeypatch.setattr(bulk, "_PLAIN", tuple(row for row in bulk._PLAIN if row[0] != "suppressions"))
    monkeypatch.setattr(
        guards, "ADMISSION", tuple(rule for rule in guards.ADMISSION if rule.__name__ not in ("_suppressed", "_opted_out"))
    )


def heedless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opt-outs are kept, but end nothing, and neither the claim nor the gate asks for them."""
    for kind in (ReplyKind.UNSUBSCRIBE, ReplyKind.COMPLAINT):
        monkeypatch.setitem(core_answers.DEFAULT_EFFECTS, kind, Effect(move="continue"))
    monkeypatch.setattr(reading, "suppressed_under_way", lambda connection, limit: ())
    monkeypatch.setattr(claiming, "_suppressed", lambda address: sa.false())
    monkeypatch.setattr(claiming, "_STANDING", claiming._passing()[0])
    claiming._due.cache_clear()


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the mailbox before a mail leaves."""

    async def ask(watch: LookAtOnce, *_: object) -> str:
        watch.looked = watch._clock.steady()
        return ""

    monkeypatch.setattr(LookAtOnce, "ask", ask)


@pytest.mark.parametrize(
    ("fault", "mix"),
    [(forgetful, AFTERWARDS), (heedless, AFTERWARDS), (blind, [Deed(DAY, "opts_out_unseen", ANN, 0), Deed(DAY, "enrolls", CID, 0)])],
)  # fmt: skip
def test_a_broken_promise_is_noticed(
    workspaces: dict[str, Workspace],
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
    mix: list[Deed],
) -> None:
    """Without the check of opt-outs, or without the last look, the same oracle finds a mail that must not have left; with them it finds none."""
    if fault is not heedless:  # it has the same mix as the one before
        play(workspaces["plain"], mix)
    fault(monkeypatch)
    with pytest.raises(AssertionError, match="has opted out"):
        play(workspaces["plain"], mix)
    monkeypatch.undo()
    claiming._due.cache_clear()
