"""Reminders: the owner hears of what lies too long, and then the manager, each once and by letter.

Decides whom to tell now, and that one person gets one letter for all that is due at once. When that is, and the words, are
`core/waiting.py`'s and `core/timing.py`'s. Whoever wants no more mail is spoken of no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from followupd.core import lifecycle, waiting, when
from followupd.core.lifecycle import GONE
from followupd.core.model import Change, Reply, Task
from followupd.letters import letter
from followupd.office import Office, closed


def tell(office: Office, tasks: Iterable[Task], now: datetime) -> Change:
    """What is due now: the events, the tasks without these alarms, and the letters."""
    change, reminded, escalated = Change(), dict[str, list[waiting.Due]](), dict[str, list[waiting.Due]]()
    for task in tasks:
        if _unwanted(office, task):
            change += closed(office, task, now, state="dropped")
            continue
        reply = office.store.find(Reply, task.reply) if task.reply else None
        due = waiting.Due(task=task, reply=reply, prospect=office.store.people([task.address]).get(task.address))
        if task.escalate is not None and task.escalate <= now:  # after a long downtime both at once: the later one counts
            change += lifecycle.escalate(replace(task, remind=None), _superior(office, task.owner), now)
            escalated.setdefault(task.owner, []).append(due)
        else:
            change += lifecycle.remind(task, now)
            reminded.setdefault(task.owner, []).append(due)
    for owner, dues in reminded.items():
        change += _reminder(office, owner, dues, now)
    for owner, dues in escalated.items():
        change += _escalation(office, owner, dues, now)
    return change


def _unwanted(office: Office, task: Task) -> bool:
    """Whether the person wants no more mail, from anybody."""
    suppressed = office.store.histories([task.address])[task.address].suppressed
    return bool(task.reply) and suppressed is not None and suppressed.reason != GONE


def _superior(office: Office, owner: str) -> str:
    part = office.config.mailboxes.get(owner)
    return (part.reports_to or "") if part else ""


def _reminder(office: Office, owner: str, dues: Sequence[waiting.Due], now: datetime) -> Change:
    mailbox = office.mailbox(owner)
    if mailbox is None:
        return Change()
    told = waiting.reminder(mailbox.display_name.partition(" ")[0] or owner, dues, when.zone_named(mailbox.zone))
    about = (f"{due.task.id} {due.task.remind}" for due in dues)
    return Change(letters=(letter(office, owner, "reminder", told.subject, told.text, now, *about, items=told.items),))


def _escalation(office: Office, owner: str, dues: Sequence[waiting.Due], now: datetime) -> Change:
    mailbox, superior = office.mailbox(owner), _superior(office, owner)
    if mailbox is None or not superior:
        return Change()
    zone = when.zone_named(mailbox.zone)
    absence = when.calendar_for((), office.config.calendars()[owner]).reason(when.local_date(now, zone))
    told = waiting.escalation(mailbox.display_name or owner, dues, zone, f"{absence}." if absence else "")
    about = (f"{due.task.id} {due.task.escalate}" for due in dues)
    return Change(letters=(letter(office, owner, "escalation", told.subject, told.text, now, *about, to=superior),))
