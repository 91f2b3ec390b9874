"""Referrals: somebody whom a prospect has named becomes the draft of a row, and a row once the rep says so.

Decides where the draft lies and what the owner is asked. Nothing is written to the person named before the owner has said yes to the letter, or
has moved the file out of the drafts: in both ways it goes through intake like any other file, which may hand it back.

The round "referral" does what the store can't: it is summoned by the answer, and again by the owner's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from followupd import desk, letters
from followupd.core import guards
from followupd.core.lifecycle import made_id
from followupd.core.model import Change, Enrollment, Event, Fact, Letter, Prospect, Reply, Stop
from followupd.files import referrals
from followupd.files.edition import Edition
from followupd.files.prospects import read_sheet, same_person
from followupd.files.referrals import Named, Wish
from followupd.files.sheet import table
from followupd.letters import Heeded
from followupd.office import Office

KIND = "referral"
"""Of the letter, its item, the round, the fact; and the cadence for people who were named, where there is one."""

LATELY = timedelta(days=60)
"""Who was named longer ago, and nobody has said anything, is asked about by hand."""


def look_after(office: Office, mailbox: str, now: datetime) -> Change:
    """Drafts and letters for those who were named since; what the owner has said of earlier ones is done."""
    change = Change()
    for reply, enrollment in office.store.referrals(mailbox, now - LATELY):
        word = _word(office, reply, enrollment)
        if word is not None:
            _carry_out(office, mailbox, referrals.file_name(referrals.named(reply.contact or ""), reply.id), word.value)
        else:
            change += _propose(office, mailbox, reply, enrollment, now)
    return change


# -- the draft -----------------------------------------------------------------------------------


def _propose(office: Office, mailbox: str, reply: Reply, enrollment: Enrollment, now: datetime) -> Change:
    prospect, _ = office.store.person(enrollment.address)
    assert prospect is not None
    if office.store.find(Letter, letters.letter(office, mailbox, KIND, "", "", now, reply.id).id) is not None:
        return Change()
    who, writer = referrals.named(reply.contact or ""), reply.address or prospect.address
    edition = _edition(office, enrollment)
    by = prospect.called
    them = who.name or who.address
    if not them:
        return Change()  # the owner's task shows their words
    why_not = obstacle(office, who, prospect, writer, edition, now)
    if why_not:
        subject = f"{by} has named {them}, who can't be written to"
        text = f'{by} wrote:\n\n  "{_quote(reply)}"\n\n{them}{_at(who)}: {why_not}. So there is no draft; the rest is for you to judge.\n'
        return Change(letters=(letters.letter(office, mailbox, KIND, subject, text, now, reply.id),))
    cell = referrals.cells(who, prospect, writer, mailbox, edition.cadence.name if edition else "")
    lacking = _lacking(office, cell)
    name = referrals.file_name(who, reply.id)
    path = office.propose(mailbox, name, table(referrals.rows(cell, [*cell, *lacking]))).absolute()
    shown = "\n".join(f"  {column}: {value or '(empty)'}" for column, value in {**cell, **dict.fromkeys(lacking, "")}.items())
    subject = f"{by} names {them}: shall we write to them?"
    text = f'{by} wrote:\n\n  "{_quote(reply)}"\n\n1. {them}{_at(who)}\n\nThe draft of a row lies in {path}:\n\n{shown}\n\n{_what_to_do(who, path, lacking)}'
    item = {"kind": KIND, "id": reply.id, "address": enrollment.address, "title": them}
    return Change(letters=(letters.letter(office, mailbox, KIND, subject, text, now, reply.id, items=(item,)),))


def _what_to_do(who: Named, path: Path, lacking: list[str]) -> str:
    if lacking:
        return (
            f"The cadence needs {', '.join(lacking)}: fill that in, or name another cadence, and move the file into {path.parent.parent}.\n"
            'Or answer "1 no", and the draft goes away. Until then nothing is written to them.\n'
        )
    yes = '"yes"' if who.address else '"ok" and their address, such as "ok dana@example.com"'
    return (
        f"Answer {yes}, and they are enrolled as the row says; or change the file and move it into {path.parent.parent}.\n"
        'Answer "no", and the draft goes away. Until then nothing is written to them.\n'
    )


def _edition(office: Office, enrollment: Enrollment) -> Edition | None:
    """The cadence for people who were named; else the one in which they were."""
    editions = office.workspace.editions
    return editions.get(KIND) or editions.get(enrollment.cadence)


def _lacking(office: Office, cell: Mapping[str, str]) -> list[str]:
    cadence = cell["cadence"]
    if cadence not in office.workspace.editions:
        return ["cadence"]
    needed = [column for column, _ in office.workspace.required(cadence, cell.get("language", ""))]
    return [column for column in (*needed, *office.config.intake.needs) if column != "email" and not cell.get(column)]


def obstacle(office: Office, who: Named, referrer: Prospect, writer: str, edition: Edition | None, now: datetime) -> str:
    """Why the person named can't be written to; "" where nothing is against it, or no address is known."""
    if not who.address:
        return ""
    if who.address in office.own_addresses() or who.address.rpartition("@")[2] in office.config.who().domains:
        return "that is one of us"
    if same_person(who.address) in (same_person(referrer.address), same_person(writer)):
        return "that is their own address"
    if edition is None:
        return ""
    history = office.store.histories([who.address])[who.address]
    verdict = guards.admit(
        guards.Entry(address=who.address, cadence=edition.cadence, history=history, now=now, referred_by=writer)
    )
    return verdict.reason if isinstance(verdict, Stop) else ""


def _at(who: Named) -> str:
    return f", {who.address}" if who.name and who.address else ", address not known" if not who.address else ""


def _quote(reply: Reply) -> str:
    return " ".join((reply.text or reply.subject).split())[:300]


# -- the owner's word ----------------------------------------------------------------------------


def take(office: Office, letter: Letter, item: Mapping[str, str], words: str, now: datetime) -> Heeded:
    """What the owner answers to the draft: it goes into the inbox, or away."""
    reply = office.store.find(Reply, item["id"])
    enrollment = office.store.find(Enrollment, reply.enrollment) if reply else None
    if reply is None or enrollment is None:
        return Heeded(said="this is not known any more; nothing was changed", understood=False)
    said = _word(office, reply, enrollment)
    if said is not None:
        return Heeded(said=f"nothing is changed: it was answered before, on {said.at:%d %b %Y} ({said.value})", understood=False)
    who = referrals.named(reply.contact or "")
    draft = office.drafts(letter.mailbox) / referrals.file_name(who, reply.id)
    if not draft.is_file():
        return Heeded(said=f"{draft.name} is not among the drafts any more: it was moved already", understood=False)
    zone = ZoneInfo(office.config.mailbox(letter.mailbox).zone)
    wish = referrals.wish(words, now.astimezone(zone).date())
    if wish.doubt:
        return Heeded(said=wish.doubt, understood=False)
    if wish.go and (why := _not_yet(office, wish, draft, reply, enrollment, now)):
        return Heeded(said=why, understood=False)
    return Heeded(said=_spoken(wish, item["title"]), change=_noted(office, letter, reply, enrollment, wish, now))


def _not_yet(office: Office, wish: Wish, draft: Path, reply: Reply, enrollment: Enrollment, now: datetime) -> str:
    """What a yes still lacks, as the file stands today."""
    columns = _columns(draft)
    address = wish.address or columns.get("email", "")
    if not address:
        return 'their address is not known; write "ok" and the address'
    if lacking := _lacking(office, {"cadence": "", **columns}):
        return f"{', '.join(lacking)}: empty in {draft}; fill it in and move the file, nothing was changed"
    prospect, _ = office.store.person(enrollment.address)
    assert prospect is not None
    edition = office.workspace.editions.get(columns.get("cadence", ""))
    return obstacle(office, replace(referrals.named(address)), prospect, reply.address, edition, now)


def _columns(draft: Path) -> dict[str, str]:
    sheet = read_sheet(draft.read_bytes(), name=draft.name)
    row = next(iter(sheet.rows), None) if not sheet.problem else None
    return dict(row.columns) if row is not None and not row.problem else {}


def _spoken(wish: Wish, who: str) -> str:
    if not wish.go:
        return f"{who} is left alone, and the draft goes away"
    return f"{who}{f' ({wish.address})' if wish.address else ''} goes into the inbox; the receipt says whether they are enrolled"


def _noted(office: Office, letter: Letter, reply: Reply, enrollment: Enrollment, wish: Wish, now: datetime) -> Change:
    value = f"yes {wish.address}".strip() if wish.go else "no"
    fact = Fact(
        id=_fact_id(reply), address=enrollment.address, name=reply.id, value=value, at=now, about=KIND, source=letter.id, by=letter.to, enrollment=enrollment.id
    )  # fmt: skip
    text = f"{letter.to} on {referrals.named(reply.contact or '').name or 'whom they named'}: {value}"
    event = Event(
        at=now, kind="referral", text=text, address=enrollment.address, enrollment=enrollment.id, data={"reply": reply.id}
    )
    change = Change(facts=(fact,), events=(event,)) + office.summon(KIND, letter.mailbox, now)
    for task in office.store.tasks():
        if task.reply == reply.id and task.kind == "answer":
            change += desk.closing(office, task.id, done=True, by=letter.to, note=value)
    return change


def _word(office: Office, reply: Reply, enrollment: Enrollment) -> Fact | None:
    return next((one for one in office.store.facts(enrollment.address) if one.id == _fact_id(reply)), None)


def _fact_id(reply: Reply) -> str:
    return made_id("referral", reply.id)


def _carry_out(office: Office, mailbox: str, name: str, value: str) -> None:
    """The draft goes into the inbox, or away. It was done before where it is no longer there."""
    folder = office.drafts(mailbox)
    draft, address = folder / name, value.partition(" ")[2]
    if not draft.is_file() or draft.is_symlink():
        return
    if value == "no":
        draft.unlink()
        return
    if address:
        columns = {**_columns(draft), "email": address}
        office.propose(mailbox, name, table([list(columns), list(columns.values())]))
    with suppress(FileNotFoundError):
        draft.replace(folder.parent / name)
