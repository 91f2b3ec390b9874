"""The stage: lets the calendar run, delivers the prospects' answers, calls the reps, and gathers what happened.

Decides when time moves on (never while the daemon is at work) and nothing else. Each of our mails that the server
accepts puts its recipient's answers on the calendar.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path

from followupd.clock import Dice
from followupd.core.model import Enrollment, ReplyKind, Touch
from followupd.core.outbound import letter_of, touch_of
from followupd.demo.patience import TURN, PatientClock, Stuck
from followupd.demo.record import CADENCE, ZONES, Record
from followupd.demo.reps import SUPERIOR, Deed, Reps
from followupd.demo.sandbox import INBOX, SENT, Mail, Posted, Sandbox
from followupd.demo.script import PEOPLE, Answer, Person, answer_mail, named_day, original_of, report_mail
from followupd.demo.verdict import Said, Written
from followupd.demo.view import View
from followupd.store.moments import Moments
from followupd.world import World

LIMIT = 120.0
"""Real seconds that anything may take; a daemon that needs longer is stuck."""

A_DAY, LONGEST = timedelta(days=1), timedelta(hours=6)
"""Nothing is due: so much time passes at once, in the calm year and before it."""

CALM_YEAR = 20.0
"""So many times as fast the calendar may run once the days that are watched closely are over."""

REPORT_AFTER = timedelta(minutes=3)

_PEOPLE = {person.address: person for person in PEOPLE}
_REPORTS = {"hard": ReplyKind.BOUNCE_HARD, "soft": ReplyKind.BOUNCE_SOFT, "blocked": ReplyKind.BOUNCE_BLOCKED}


class Play:
    """One performance."""

    def __init__(self, clock: PatientClock, view: View, calm: datetime, end: datetime) -> None:
        """Nothing runs yet; `begin` needs the running world. From `calm` on the calendar leaps from one event to the next."""
        self._clock, self._view, self._calm, self._end = clock, view, calm, end
        self._calendar: list[tuple[datetime, int, Deed]] = []
        self._numbers = itertools.count()
        self._mails: defaultdict[str, list[Mail]] = defaultdict(list)
        self._fresh: list[Mail] = []  # not shown yet
        self._fresh_letters: list[Mail] = []
        self._names: dict[str, str] = {}  # of our own mailboxes, by address
        self._posted: dict[str, Posted] = {}  # what prospects have answered, by Message-ID
        self._letter_answers: dict[str, str] = {}  # what reps have answered to letters: its Message-ID, and the letter
        self._by_hand: list[Written] = []
        self._unread: dict[tuple[str, str], int] = {}  # mailbox and folder: the last UID that its watcher has still to read
        self._answered: set[str] = set()
        self._told: Counter[str] = Counter()  # how much of each timeline was shown
        self._said: dict[str, Said] = {}  # by Message-ID
        self._meant: dict[str, ReplyKind] = {}
        self._looked = clock.now()
        self._hastened = False
        self._unseen = True  # something has happened since the outcomes were last shown

    # -- what the prospects do

    def received(self, mail: Mail) -> None:
        """A mail of ours has reached somebody: put the answers to it on the calendar."""
        if mail.recipient in self._names or mail.recipient == SUPERIOR:
            self._fresh_letters.append(mail)
            if mail.recipient in self._names:
                self._unread[self._names[mail.recipient], INBOX] = self._sandbox.last_uid(mail.recipient)
            return
        mails = self._mails[mail.recipient]
        mails.append(mail)
        self._fresh.append(mail)
        person = _PEOPLE.get(mail.recipient)
        if person is None:
            return
        for answer in person.answers:
            if answer.to_mail == len(mails):
                answered = mails[(answer.old_mail or answer.to_mail) - 1]
                self._at(mail.at + answer.after, partial(self._answer, person, answer, answered))
        if any(answer.to_step for answer in person.answers):
            self._at(mail.at, partial(self._by_step, person, mail))
        if person.bounces in _REPORTS:
            self._at(mail.at + REPORT_AFTER, partial(self._report, person, mail))

    async def _by_step(self, person: Person, mail: Mail) -> None:
        """Answers to what a mail says, however many came before it."""
        enrollment, touch = await self._world.call(self._step_of, mail)
        for answer in person.answers:
            if touch and enrollment and answer.to_step == f"{enrollment.cadence} {touch.step}":
                self._at(mail.at + answer.after, partial(self._answer, person, answer, mail))

    def _step_of(self, mail: Mail) -> tuple[Enrollment | None, Touch | None]:
        store, name = self._world.office.store, touch_of(mail.message_id, self._world.key)
        touch = store.find(Touch, name) if name else None
        return (store.find(Enrollment, touch.enrollment) if touch else None), touch

    async def _answer(self, person: Person, answer: Answer, mail: Mail) -> None:
        now = self._clock.now()
        day = named_day(answer, now.astimezone(ZONES[person.address]))
        back = datetime.combine(day, time(0), ZONES[person.address]).astimezone(UTC) if day else None
        await self._post(person, answer.kind, answer_mail(person, answer, original_of(mail.raw), now), mail, back)

    async def _report(self, person: Person, mail: Mail) -> None:
        await self._post(
            person, _REPORTS[person.bounces], report_mail(person, original_of(mail.raw), self._clock.now()), mail, None
        )

    async def _rep_sends(self, mailbox: str, raw: bytes, arrives: bool) -> None:
        """A rep's own mail: the mail program keeps it among the sent ones, and it may come in at once, too."""
        kept, mail = await self._sandbox.post(mailbox, raw, SENT), original_of(raw)
        self._unread[self._names[mailbox], SENT] = kept.uid
        if arrives:
            self._letter_answers[mail.message_id] = next(
                filter(None, (letter_of(one, self._world.key) for one in mail.references)), ""
            )
            self._unread[self._names[mailbox], INBOX] = (await self._sandbox.post(mailbox, raw)).uid
        else:
            self._by_hand.append(Written(order=kept.order, at=kept.at, address=mail.to, words=mail.text.partition("\n\n-- ")[0]))

    async def _post(self, person: Person, kind: ReplyKind, raw: bytes, mail: Mail, back: datetime | None) -> None:
        name = str(message_from_bytes(raw)["Message-ID"]).strip().strip("<>")
        self._meant[name] = kind
        posted: Posted = await self._sandbox.post(mail.sender, raw)
        self._posted[name] = posted
        self._said[name] = Said(order=posted.order, at=posted.at, address=person.address, kind=kind, back=back)
        self._unread[self._names[mail.sender], INBOX] = posted.uid
        self._answered.add(person.address)

    # -- the calendar

    def _at(self, at: datetime, deed: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._calendar, (at, next(self._numbers), deed))

    def begin(self, world: World, sandbox: Sandbox, dice: Dice) -> None:
        """The daemon runs; from here on it can be asked."""
        self._world, self._sandbox = world, sandbox
        self._moments = Moments(world.office.store.engine, tuple(world.office.config.mailboxes))
        self._names = {part.address: name for name, part in world.office.config.mailboxes.items()}
        self._reps = Reps(
            world=world, dice=dice, at=self._at, stamp=sandbox.stamp, meant=self._meant, sends=self._rep_sends, posted=self._posted.get,
            tell=lambda who, text: self._view.tell("rep", world.office.config.mailboxes[who].name, text),
        )  # fmt: skip
        self._view.begins(self._clock.now(), self._calm, self._end)

    async def run(self) -> None:
        """From the first day to the last."""
        while True:
            await self._everyone_rests()
            await self._show()
            if self._clock.now() >= self._end:
                return
            stop = await self._next_stop()
            deed = self._calendar[0] if self._calendar and self._calendar[0][0] <= stop else None
            await self._clock.pace(deed[0] if deed else stop)
            if deed:  # first what the world does at this moment, then what the daemon does
                heapq.heappop(self._calendar)
                self._clock.set(deed[0])
                await deed[2]()
            else:
                self._clock.move(stop)
                self._world.wake.set()

    async def _next_stop(self) -> datetime:
        """When something is due next. What waits for room in its mailbox is due at no moment of its own: turns find it."""
        now = self._clock.now()
        if now >= self._calm and not self._hastened:
            self._hastened = True
            self._clock.hasten(CALM_YEAR)
        due, waiting = await self._world.call(self._moments.after, now)
        turn = TURN if waiting else LONGEST if now < self._calm else A_DAY
        return min([*due, now + turn, self._end])

    async def _everyone_rests(self) -> None:
        """Nothing is in flight, every answer is read, and the daemon waits for time to pass."""
        try:
            while True:
                await self._clock.rested(LIMIT)
                flights = [task for task in asyncio.all_tasks() if task.get_name().startswith(("touch ", "letter "))]
                if flights:
                    await asyncio.wait(flights, timeout=LIMIT)
                elif self._unread:
                    async with asyncio.timeout(LIMIT):
                        await self._everything_read()
                elif self._lists():
                    async with asyncio.timeout(LIMIT):
                        await self._files_taken()
                elif self._clock.at_rest:
                    return
        except TimeoutError:
            what = (
                f"the answers in {', '.join(name for name, _ in self._unread)} to be read"
                if self._unread
                else "the daemon to come to rest"
            )
            waited_for = "a file in the inbox to be taken" if self._lists() else what
            raise Stuck(f"waited {LIMIT:.0f} seconds for {waited_for}") from None

    async def _everything_read(self) -> None:
        store = self._world.office.store
        while self._unread:
            for (name, folder), uid in list(self._unread.items()):
                cursor = (await self._world.call(store.cursors, name)).get(folder)
                if cursor and cursor.uid >= uid:
                    del self._unread[name, folder]
                elif folder == SENT:  # nobody is woken by what comes in there
                    self._world.watches[name].asked.set()
            await asyncio.sleep(0.002)

    def _lists(self) -> list[Path]:
        """What somebody has laid where the daemon looks for lists, and it has not taken yet."""
        inbox = self._world.office.workspace.folder("inbox")
        places = (inbox, *(inbox / name for name in self._names.values()))
        return [one for place in places for one in place.glob("*.csv*") if not one.name.endswith(".receipt.csv")]

    async def _files_taken(self) -> None:
        """The daemon looks every few seconds, two looks for each file; here the calendar stands still, so it is asked to look now."""
        while self._lists():
            self._world.hurry.set()
            await asyncio.sleep(0.3)

    # -- what is shown

    async def _show(self) -> None:
        """Tell the view what is new; and at every turn look around."""
        now = self._clock.now()
        self._view.time(now)
        letters, self._fresh_letters = self._fresh_letters, []
        for mail in letters:
            kind = await self._reps.read(mail)
            self._view.tell("letter", mail.recipient, f"{kind}: {mail.subject}")
        self._unseen = self._unseen or bool(letters or self._fresh or self._answered)
        if self._fresh or self._answered:
            mails, self._fresh = self._fresh, []
            answered, self._answered = self._answered, set()
            for kind, who, text in await self._world.call(self._news, mails, sorted(answered)):
                self._view.tell(kind, who, text)
        if now - self._looked >= TURN:
            self._looked = now
            await self._reps.look_around()
            if self._unseen:
                self._view.outcomes(await self._world.call(self._standing))
            self._unseen = False

    def _news(self, mails: list[Mail], answered: list[str]) -> list[tuple[str, str, str]]:
        store, found = self._world.office.store, []
        for mail in mails:
            _, touch = self._step_of(mail)
            found.append(("mail", mail.recipient, f"{touch.step if touch else '?'}: {mail.subject}"))
        for address in answered:
            events = store.timeline(address)
            fresh, self._told[address] = events[self._told[address] :], len(events)
            for event in fresh:
                if event.kind == "reply":
                    found.append(("answer", address, event.text.partition(" answered: ")[2]))
                elif event.kind in ("finished", "paused", "held") or (event.kind == "enrolled" and event is not events[0]):
                    found.append(("follows", address, event.text))
        return found

    def _standing(self) -> dict[str, int]:
        counts = Counter[str]()
        for row in self._world.office.store.overview(self._clock.now())["enrollments"]:
            if row["cadence"] == CADENCE:
                counts[str(row["outcome"] or row["state"])] += row["count"]
        return dict(counts)

    # -- what the judge gets to see

    def record(self) -> Record:
        """What happened, for whoever asks the store and the servers about it."""
        return Record(
            world=self._world, mails=self._sandbox.mails, refused=self._sandbox.refused, said=self._said, words=self._reps.words,
            given_up=self._reps.given_up, by_hand=self._by_hand, answers=self._letter_answers, until=self._clock.now(),
        )  # fmt: skip
