"""The yearly look at old noes: gathered for each owner, laid into their folder as a list with room for homework.

Decides when the list comes (`reopen:` in config.yaml) and where it lies. Who is on it says `core/reopening.py`; who of them is written to
again says the owner, by doing the homework and moving the file: then it is a file like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followupd import letters
from followupd.core import reopening, when
from followupd.core.model import NURTURE, Change, Prospect
from followupd.core.reopening import CADENCE, OldNo, Past
from followupd.files.config import ReopenPart, days
from followupd.files.sheet import table
from followupd.office import Office

MORNING = when.parse_window("mon-fri 07:30-18:00")


@dataclass(slots=True, kw_only=True)
class Survey:
    """Old noes by owner, why others were passed over, and whose owner is gone."""

    lists: dict[str, list[OldNo]] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)


def next_list(office: Office, mailbox: str, now: datetime) -> datetime | None:
    """The owner's first working morning from the next of the days on; None where nobody wants lists."""
    part = office.config.reopen
    if part is None:
        return None
    zone, calendar = _clock(office, mailbox)
    found = []
    for year in (now.year - 1, now.year, now.year + 1, now.year + 2):
        for text in part.on:
            month, day = map(int, text.split("-"))
            first = date(year, month, min(day, 28) if month == 2 else day)  # 02-29 comes every year
            begin = datetime.combine(first, time(0), zone).astimezone(UTC)
            found.append(
                when.due_at(begin, when.parse_delay("0m"), anchor_name="", window=MORNING, zone=zone, calendar=calendar).at
            )
    return min((moment for moment in found if moment > now), default=None)


def _clock(office: Office, mailbox: str) -> tuple[ZoneInfo, when.Calendar]:
    return office.zone(mailbox), when.calendar_for((), office.config.calendars()[mailbox])


def lay_out(office: Office, mailbox: str, now: datetime) -> Change:
    """The round: this owner's list, if there is anybody on it."""
    found = survey(office, now, mailbox).lists.get(mailbox, [])
    return write(office, mailbox, found, now)[1] if found else Change()


def survey(office: Office, now: datetime, owner: str | None = None) -> Survey:
    """Everybody whose no may have aged, of one owner or of all."""
    part = office.config.reopen or ReopenPart()
    after, found = timedelta(days=days(part.after)), Survey()
    addresses = office.store.old_noes(now - after)
    people, replies = office.store.people(addresses), office.store.replies_of(addresses)
    histories, taken = office.store.histories(addresses), office.store.taken() if addresses else {}
    facts = office.store.facts() if addresses else ()
    titles = {item.name: item.title for item in office.workspace.shelf.items}
    for address in addresses:
        warm = frozenset(one.id for one in histories[address].enrollments if office.role(one) == NURTURE)
        past = Past(
            prospect=people[address], history=histories[address], warm=warm, replies=replies.get(address, ()),
            facts=tuple(one for one in facts if one.address == address), items=tuple(titles.get(one.item, one.item) for one in taken.get(address, ())),
        )  # fmt: skip
        verdict = reopening.judged(past, after, part.reasons, now)
        if isinstance(verdict, str):
            found.passed[verdict] += 1
            continue
        whose = owner_of(office, people[address], verdict)
        if not whose:
            found.passed["their owner is gone: see followupd handover"] += 1
        elif owner in (None, whose):
            found.lists.setdefault(whose, []).append(verdict)
    return found


def owner_of(office: Office, prospect: Prospect, old: OldNo) -> str:
    """Who looks at an old no: the person's owner, else the mailbox that had it; "" where neither is there any more."""
    return next((name for name in (prospect.owner, old.no.mailbox) if name in office.config.mailboxes), "")


def write(office: Office, owner: str, found: Sequence[OldNo], now: datetime) -> tuple[str, Change]:
    """The list in the owner's folder, and what is written about it: where it lies, the letter, and who stood on it."""
    zone, _ = _clock(office, owner)
    raw = table(reopening.rows(found, owner, _needed(office), zone))
    folder = office.drafts(owner)
    name, number = f"{CADENCE}-{now.astimezone(zone):%Y}.csv", 1
    while (folder / name).exists() and (folder / name).read_bytes() != raw:  # somebody may be filling the earlier one
        number += 1
        name = f"{CADENCE}-{now.astimezone(zone):%Y}-{number}.csv"
    place = str(office.propose(owner, name, raw).absolute())
    subject, text = reopening.letter(found, place, str(folder.parent.absolute()), zone)
    about = letters.letter(office, owner, CADENCE, subject, text, now, name, f"{now:%Y-%m-%d}")
    return place, Change(letters=(about,), facts=reopening.listed(found, name, now))


def _needed(office: Office) -> list[str]:
    """The columns that a row must fill, and those that intake wants of every row."""
    if CADENCE not in office.workspace.editions:
        raise LookupError(f"there is no cadence {CADENCE} in order; a filled list would start nothing. See followupd check")
    return [*(column for column, _ in office.workspace.required(CADENCE)), *office.config.intake.needs]
