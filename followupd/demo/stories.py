"""Two stories of the demo, told from what is left of them: the store's journal, and the mails at the servers.

Decides which happenings belong to a story, and which sentence of a mail is quoted. Makes nothing up: every word comes from the store or from a
mail, and what did not happen is not told. Plain code: call it in the store's thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followupd.core import debrief
from followupd.core.keeping import REAL_REASON, WORDS
from followupd.core.model import Enrollment, Fact, Reply, ReplyKind, Touch
from followupd.core.reopening import HOMEWORK, LISTED
from followupd.demo.record import CADENCE, Record
from followupd.demo.sandbox import Mail
from followupd.demo.script import original_of
from followupd.demo.verdict import NURTURE, REOPEN, THANKS, Facts, Told

LONGEST = 150
"""Characters of what is quoted."""

_SENTENCE = re.compile(r"(?<=[.!?\"])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One happening: when, what it was, and the words that go with it."""

    at: datetime
    what: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened to one person, in its order."""

    title: str
    address: str
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        lines = [{"at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "what": one.what, "words": one.words} for one in self.lines]
        return {"title": self.title, "address": self.address, "lines": lines}


class Teller:
    """Tells of one person after the other."""

    def __init__(self, record: Record, facts: Facts) -> None:
        """`facts` are those that the judge was shown."""
        self._record, self._facts, self._store = record, facts, record.world.office.store

    def of_a_no(self, address: str) -> Story:
        """From the first mail over the no to whatever came of it."""
        return self._told("The story of a no", address, [*self._mails(address), *self._journal(address), *self._learned(address)])

    def of_a_question(self, address: str) -> Story:
        """From the question to its answer, and who was told meanwhile."""
        asked = next((said for said in self._facts.said if said.address == address and said.kind == ReplyKind.ENGAGED), None)
        if asked is None:
            return self._told("The story of a question", address, [])
        answered = next((one for one in self._facts.by_hand if one.address == address and one.order > asked.order), None)
        told = [one for one in self._facts.told if address in one.about and one.order > asked.order]
        if answered:
            told = [one for one in told if one.order < answered.order]
        lines = [line for line in self._journal(address) if line.at >= asked.at and (not answered or line.at <= answered.at)]
        lines += [self._letter(one) for one in _first_of_each(told)]
        if answered:
            lines.append(Line(answered.at, f"{self._rep_of(address)} answered by hand", _cut(answered.words)))
            noticed = (event for event in self._store.timeline(address) if event.kind == "answered_by_hand")
            lines += [Line(event.at, "noticed in the folder of sent mail", event.text.partition(":")[0]) for event in noticed]
        return self._told("The story of a question", address, lines)

    # -- where it comes from

    def _told(self, title: str, address: str, lines: list[Line]) -> Story:
        prospect, _ = self._store.person(address)
        who = f"{prospect.display_name} ({prospect.columns.get('company', '')})" if prospect else address
        return Story(title=f"{title}: {who}", address=address, lines=tuple(sorted(lines, key=lambda line: line.at)))

    def _mails(self, address: str) -> Iterator[Line]:
        """What reached this person."""
        enrollments = {one.id: one for one in self._store.person(address)[1]}
        touches = {touch.message_id: (touch, one) for one in enrollments.values() for touch in self._store.touches(one.id)}
        for mail in self._record.mails:
            if mail.recipient == address and mail.message_id in touches:
                touch, enrollment = touches[mail.message_id]
                yield Line(mail.at, *self._mail(mail, touch, enrollment))

    def _mail(self, mail: Mail, touch: Touch, enrollment: Enrollment) -> tuple[str, str]:
        sentences = _sentences(original_of(mail.raw).text)
        if enrollment.cadence == THANKS and touch.step == "thanks":
            return "thanked", next((one for one in sentences if one.startswith("You wrote")), sentences[0])
        if enrollment.cadence == THANKS:
            return "asked one question", next((one for one in sentences if one.endswith("?")), mail.subject)
        items = {one.touch: one.item for one in self._store.taken().get(mail.recipient, ())}
        titles = {item.name: item.title for item in self._record.world.office.workspace.shelf.items}
        gift = titles.get(items.get(touch.id, ""), "")
        if enrollment.cadence == NURTURE:
            return "sent something to read, and nothing to buy", gift or mail.subject
        return f"written to ({touch.step})", gift or mail.subject

    def _journal(self, address: str) -> Iterator[Line]:
        """What the store has written down about this person."""
        for event in self._store.timeline(address):
            match event.kind:
                case "reply":
                    yield Line(event.at, *self._answer(event.data))
                case "finished" if event.data.get("outcome") in ("yes", "no", "opted_out"):
                    yield Line(
                        event.at,
                        f"ended: {event.data['outcome'].replace('_', ' ')}",
                        event.text.partition(" - ")[2].partition(": ")[2],
                    )
                case "enrolled" if event.data.get("cadence") == REOPEN:
                    prospect, _ = self._store.person(address)
                    columns = prospect.columns if prospect else {}
                    yield Line(event.at, "reopened, with homework", "; ".join(columns.get(name, "") for name in HOMEWORK))
                case _:
                    pass

    def _answer(self, data: Any) -> tuple[str, str]:
        reply = self._store.find(Reply, str(data.get("reply", "")))
        kind = str(data.get("kind", "")).replace("_", " ")
        return f"answered: {kind}", _cut(reply.text) if reply else ""

    def _learned(self, address: str) -> Iterator[Line]:
        """What the rep found, looking back, and what the person said the reason really was."""
        facts = [one for one in self._store.facts(address) if one.about in (debrief.ABOUT, "reason", LISTED)]
        debriefs = [one for one in facts if one.about == debrief.ABOUT]
        for at in sorted({one.at for one in debriefs}):
            yield Line(at, "looked back at", "; ".join(_said(one) for one in debriefs if one.at == at))
        for one in facts:
            if one.name == WORDS:
                code = next((other.value for other in facts if other.name == REAL_REASON and other.at == one.at), "")
                yield Line(one.at, f"kept as the real reason ({code.replace('_', ' ')})", _cut(one.value))
            elif one.about == LISTED:
                yield Line(one.at, "on the yearly list of old noes", one.value)
        for told in self._facts.told:
            if told.kind == debrief.ABOUT and address in told.about:
                yield self._letter(told)

    def _letter(self, told: Told) -> Line:
        names = {box.address: box.name for box in self._record.world.office.config.mailboxes.values()}
        return Line(told.at, f"{names.get(told.to, told.to)} was told by mail ({told.kind})", told.subject)

    def _rep_of(self, address: str) -> str:
        enrollment = next(one for one in self._store.person(address)[1] if one.cadence == CADENCE)
        return self._record.world.office.config.mailboxes[enrollment.mailbox].name


def _first_of_each(told: list[Told]) -> Iterator[Told]:
    """The first letter of each kind to each of our people: a digest that says the same again tells nothing new."""
    seen = set()
    for one in told:
        if (one.to, one.kind) not in seen:
            seen.add((one.to, one.kind))
            yield one


def _sentences(text: str) -> list[str]:
    body = text.partition("\n-- \n")[0]
    return [
        _cut(one.lstrip("> ")) for part in body.split("\n\n")[1:] for one in _SENTENCE.split(" ".join(part.split())) if one
    ] or [""]


def _said(fact: Fact) -> str:
    short = next((question.short for question in debrief.QUESTIONS if question.name == fact.name), fact.name)
    return f"{short}: {fact.value}"


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rsplit(' ', 1)[0]}…"
