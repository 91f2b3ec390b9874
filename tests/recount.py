"""The figures of `report`, counted once more: from the journal alone, in plain loops.

Knows the lines of the journal (`event`) and the order of steps in the cadences' files. Never asks the tables that `report` asks, and
shares no code with it; written from the definitions in docs/report.md.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

AUTOMATIC = {"out_of_office", "auto_reply", "bounce_hard", "bounce_soft", "bounce_blocked", "complaint"}
COLUMNS = {
    "yes": "yes", "no": "no", "later": "later", "engaged": "question", "referral": "referral", "unsubscribe": "opted_out", "complaint": "opted_out",
    "unclear": "unclear", "bounce_hard": "bounced", "bounce_soft": "bounced", "bounce_blocked": "bounced",
}  # fmt: skip
OUTCOMES = ["yes", "no", "opted_out", "silent", "referred", "welcome", "bounced", "failed", "stopped"]


@dataclass
class Line:
    """One line of the journal."""

    at: datetime
    kind: str
    address: str
    enrollment: str
    touch: str
    data: Mapping[str, Any]


@dataclass
class Way:
    """One enrollment, as the journal tells it."""

    cadence: str
    role: str
    mailbox: str
    address: str
    source: str
    started: datetime
    state: str = "active"
    outcome: str = ""
    finished: datetime | None = None
    answer: str = ""
    plans: set[str] = field(default_factory=set)
    touches: dict[str, Deed] = field(default_factory=dict)  # by step


@dataclass
class Deed:
    """One touch."""

    way: Way
    step: str
    channel: str
    state: str = ""
    settled: datetime | None = None
    kind: str = ""  # of the task
    left: bool = False  # it was sent, whatever became of it later


@dataclass
class Said:
    """A received mail; the last word on what it means counts."""

    way: Way
    named: str
    received: datetime
    kind: str
    reason: str


@dataclass
class Journal:
    """Everything that happened, told again."""

    order: Mapping[str, Sequence[str]]  # the steps of each cadence
    ways: dict[str, Way] = field(default_factory=dict)
    deeds: dict[str, Deed] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    learned: list[Line] = field(default_factory=list)  # one for each fact, its name and value in the data
    by_hand: list[tuple[datetime, str]] = field(default_factory=list)
    given: list[tuple[datetime, str, bool]] = field(default_factory=list)

    def read(self, lines: Iterable[Line]) -> None:
        """Line by line."""
        for line in lines:
            teller = getattr(self, f"_{line.kind}", None)
            if teller is not None:
                teller(line)
            if line.data.get("resumes"):
                self._resumed(line)
            if line.enrollment in self.ways:
                self.ways[line.enrollment].plans.update(line.data.get("plans", ()))
            if "item" in line.data:
                self.given.append((line.at, line.address, line.data["ours"]))
        for way in self.ways.values():
            for step in way.plans - way.touches.keys():
                way.touches[step] = Deed(way, step, "")
            for deed in way.touches.values():
                if deed.state in ("", "open") and way.finished:
                    deed.state, deed.settled = "skipped", way.finished

    def _enrolled(self, line: Line) -> None:
        data = line.data
        self.ways[line.enrollment] = Way(data["cadence"], data["role"], data["mailbox"], line.address, data["source"], line.at)

    def _finished(self, line: Line) -> None:
        way = self.ways[line.enrollment]
        way.state, way.outcome, way.answer, way.finished = "finished", line.data["outcome"], line.data["reply"], line.at

    def _held(self, line: Line) -> None:
        self.ways[line.enrollment].state = "held"

    def _paused(self, line: Line) -> None:
        self.ways[line.enrollment].state = "paused"

    def _resumed(self, line: Line) -> None:
        self.ways[line.enrollment].state = "active"

    def _deed(self, line: Line) -> Deed:
        way = self.ways[line.enrollment]
        found = self.deeds.setdefault(line.touch, Deed(way, line.data["step"], line.data["channel"]))
        way.touches[found.step] = found
        return found

    def _touch_sent(self, line: Line) -> None:
        deed = self._deed(line)
        deed.state, deed.settled, deed.left = "sent", line.at, True

    def _touch_skipped(self, line: Line) -> None:
        deed = self._deed(line)
        deed.state, deed.settled = "skipped", line.at

    def _touch_failed(self, line: Line) -> None:
        deed = self._deed(line)
        deed.settled = deed.settled if deed.state == "sent" else line.at  # what came back was sent when it was sent
        deed.state = "failed"

    def _touch_doubtful(self, line: Line) -> None:
        deed = self._deed(line)
        deed.state, deed.settled = "doubtful", line.at

    def _send_again(self, line: Line) -> None:
        deed = self.deeds[line.touch]
        deed.state, deed.settled = "", None

    def _task(self, line: Line) -> None:
        deed = self._deed(line)
        deed.state, deed.kind = "open", line.data["kind"]

    def _reply(self, line: Line) -> None:
        data, known = line.data, self.said.get(line.data["reply"])
        if known is not None:
            known.kind, known.reason = data["kind"], data["reason"]
        else:
            received = datetime.fromisoformat(data["received"])
            self.said[data["reply"]] = Said(self.ways[line.enrollment], line.touch, received, data["kind"], data["reason"])

    def _learned(self, line: Line) -> None:
        self.learned.append(line)

    def _kept(self, line: Line) -> None:
        for name, value in line.data["kept"].items():
            told = {"name": name, "value": value, "reply": line.data["reply"]}
            if all(one.data != told for one in self.learned):  # what a human decides again is kept once
                self.learned.append(replace(line, data=told))

    def _task_done(self, line: Line) -> None:
        if line.data["kind"] in ("answer", "call", "apologize"):
            self.by_hand.append((line.at, line.data["kind"]))
        if line.data["kind"] == "give-lead":
            self.given.append((line.at, line.address, False))

    def _answered_by_hand(self, line: Line) -> None:
        self._task_done(line)

    # -- what came after what

    def sent(self, way: Way, until: datetime) -> list[Deed]:
        """The touches of an enrollment that had reached the person by then, in their order."""
        found = [deed for deed in way.touches.values() if deed.state == "sent" and deed.settled and deed.settled <= until]
        return sorted(found, key=lambda deed: (deed.settled, self.order.get(way.cadence, [deed.step]).index(deed.step)))

    def came(self, said: Said, way: Way) -> datetime:
        """When an answer came: not before the mail that it names."""
        named = self.deeds.get(said.named)
        if named is not None and named.way is way and named.settled:
            return max(said.received, named.settled)
        return said.received

    def after(self, said: Said) -> Deed | None:
        """The touch that an answer came after."""
        if COLUMNS.get(said.kind) == "bounced" and said.named:
            return self.deeds[said.named]
        before = self.sent(said.way, self.came(said, said.way))
        return before[-1] if before else None


def recount(journal: Journal, since: datetime | None = None, until: datetime | None = None) -> dict[str, Any]:
    """All figures, as `report --json` names them."""

    def inside(at: datetime | None) -> bool:
        return at is not None and (since is None or at >= since) and (until is None or at < until)

    ways = list(journal.ways.values())
    told = [
        way for way in ways if "acknowledges reply" not in way.source
    ]  # a mail that acknowledges is a touch, and no enrollment
    selling = [way for way in told if way.role == "sales"]
    ended = [way for way in selling if inside(way.finished)]
    deeds = [deed for way in ways for deed in way.touches.values()]
    answered, taught, columns = set[int](), set[int](), defaultdict[str, set[int]](set)
    for said in journal.said.values():
        deed = journal.after(said)
        if deed is None:
            continue
        if said.kind in COLUMNS:
            columns[COLUMNS[said.kind]].add(id(deed))
        if said.kind not in AUTOMATIC:
            answered.add(id(deed))
    taught = answered | {id(journal.deeds[line.touch]) for line in journal.learned if line.touch}
    counted = [deed for deed in deeds if deed.state == "sent" and inside(deed.settled)]
    return {
        "outcomes": {outcome: sum(way.outcome == outcome for way in ended) for outcome in OUTCOMES},
        "clarity": _clarity(ended),
        "under_way": dict(Counter(way.state for way in selling if not way.finished)),
        "cadences": {name: _ended(told, inside, cadence=name) for name in {way.cadence for way in told if inside(way.finished) or not way.finished}},
        "reps": {
            name: _ended(selling, inside, mailbox=name) | {"touches": sum(deed.way.mailbox == name for deed in counted)}
            for name in {way.mailbox for way in selling if inside(way.finished) or not way.finished} | {deed.way.mailbox for deed in counted}
        },
        "decided": _decided(journal, ended),
        "reasons": _reasons(journal, ended),
        "steps": _steps(deeds, inside, answered, taught, columns),
        "learning": {"sent": len(counted), "taught": sum(id(deed) in taught for deed in counted)},
        "learned": Counter(
            (deed.way.cadence, deed.step, line.data["name"])
            for line in journal.learned if line.touch and (deed := journal.deeds[line.touch]).state == "sent" and inside(deed.settled)
        ),
        "channels": Counter((deed.channel, deed.kind) for deed in counted),
        "by_hand": Counter(kind for at, kind in journal.by_hand if inside(at)),
        "gifts": _gifts(journal.given, inside),
        "reopened": Counter(
            way.outcome or "under_way" for way in ways
            if (way.cadence == "reopen" or ", came from old_no" in way.source) and (inside(way.finished) or not way.finished)
        ),
    }  # fmt: skip


def _clarity(ended: Sequence[Way]) -> dict[str, Any]:
    clear = [way for way in ended if way.outcome in ("yes", "no")]
    days = [(way.finished.date() - way.started.date()).days for way in clear if way.finished]
    first, middle, third = statistics.quantiles(days, n=4, method="inclusive") if len(days) >= 5 else (None, None, None)
    return {
        "finished": len(ended), "clear": len(clear), "days_first_quartile": first, "days_median": middle, "days_third_quartile": third,
        "rate": len(clear) / len(ended) if len(ended) >= 5 else None,
    }  # fmt: skip


def _ended(ways: Sequence[Way], inside: Any, **whose: str) -> dict[str, Any]:
    mine = [way for way in ways if all(getattr(way, name) == value for name, value in whose.items())]
    ended = [way for way in mine if inside(way.finished)]
    outcomes = {outcome: sum(way.outcome == outcome for way in ended) for outcome in OUTCOMES}
    return _clarity(ended) | outcomes | {"under_way": sum(not way.finished for way in mine)}


def _decided(journal: Journal, ended: Sequence[Way]) -> Counter[tuple[int, str]]:
    found = Counter[tuple[int, str]]()
    for way in ended:
        if way.outcome in ("yes", "no") and way.finished:
            said = journal.said.get(way.answer)
            found[len(journal.sent(way, journal.came(said, way) if said else way.finished)), way.outcome] += 1
    return found


def _reasons(journal: Journal, ended: Sequence[Way]) -> Counter[tuple[str | None, str | None]]:
    found = Counter[tuple[str | None, str | None]]()
    for way in ended:
        if way.outcome == "no" and way.finished:
            real = [
                line.data["value"] for line in journal.learned
                if line.address == way.address and line.data["name"] == "real_reason" and line.at >= way.finished
            ]  # fmt: skip
            said = journal.said.get(way.answer)
            found[(said.reason if said else "") or None, real[-1] if real else None] += 1
    return found


def _steps(
    deeds: Sequence[Deed], inside: Any, answered: set[int], taught: set[int], columns: Mapping[str, set[int]]
) -> dict[tuple[str, str], Counter[str]]:
    found = defaultdict[tuple[str, str], Counter[str]](Counter)
    for deed in deeds:
        waiting = deed.state in ("", "open")
        if not waiting and not inside(deed.settled):
            continue
        counts = found[deed.way.cadence, deed.step]
        counts["planned"] += 1
        counts["waiting" if waiting else deed.state] += 1
        for name, those in columns.items():
            counts[name] += id(deed) in those
        counts["answered"] += id(deed) in answered and deed.state == "sent"
        counts["taught"] += id(deed) in taught and deed.state == "sent"
    return found


def _gifts(given: Sequence[tuple[datetime, str, bool]], inside: Any) -> dict[str, int]:
    found = Counter[str]()
    for who in {who for _, who, _ in given}:
        mine = sorted((at, ours) for at, whose, ours in given if whose == who)
        asks = [at for at, ours in mine if ours]
        found["people"] += inside(mine[0][0])
        found["gift_first"] += inside(mine[0][0]) and not mine[0][1]
        if asks and inside(asks[0]):
            found["asked"] += 1
            found["gifts_before"] += sum(not ours and at < asks[0] for at, ours in mine)
    return dict(found)
