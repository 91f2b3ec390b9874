"""Reminders: the owner hears of what lies too long, and then the manager, each once and by letter.

Decides whom to tell now, and that one person gets one letter for all that is due at once. When that is, and the words, are
`core/waiting.py`'s and `core/timing.py`'s. Whoever has been answered by hand, or wants no more mail, is spoken of no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from followupd.core import lifecycle, waiting, when
from followupd.core.lifecycle import GONE
from followupd.core.model import Change, Reply, Task
from followupd.desk import closed
from followupd.letters import letter
from followupd.office import Office


def tell(office: Office, tasks: Iterable[Task], now: datetime) -> Change:
    """What is due now: the events, the tasks without these alarms, and the letters."""
    change, reminded, escalated = Change(), dict[str, list[waiting.Due]](), dict[str, list[waiting.Due]]()
    for task in tasks:
        reply = office.store.find(Reply, task.reply) if task.reply else None
        over = _over(office, task, reply, now)
        if over is not None:
            change += over
            continue
        due = waiting.Due(task=task, reply=reply, prospect=office.store.people([task.address]).get(task.address))
        if task.escalate is not None and task.escalate <= now:  # after a long downtime both at once: the later one counts
            change += lifecycle.escalate(replace(task, remind=None), _manager(office, task.owner), now)
            escalated.setdefault(task.owner, []).append(due)
        else:
            change += lifecycle.remind(task, now)
            reminded.setdefault(task.owner, []).append(due)
    for owner, dues in reminded.items():
        change += _reminder(office, owner, dues, now)
    for owner, dues in escalated.items():
        change += _escalation(office, owner, dues, now)
    return change


def _over(office: Office, task: Task, reply: Reply | None, now: datetime) -> Change | None:
    """What ends a task of which nobody need hear: they want no more mail, or the rep has written to them since."""
    suppressed = office.store.histories([task.address])[task.address].suppressed
    if suppressed is not None and suppressed.reason != GONE and reply is not None:
        return closed(office, task, now, state="dropped")
    if reply is not None and task.kind in waiting.SETTLED_BY_HAND and _written_since(office, task, reply):
        return closed(office, task, now, by_hand=task.owner)
    return None


def _written_since(office: Office, task: Task, reply: Reply) -> bool:
    return office.store.by_hand_since([one for one in (task.address, reply.address) if one], reply.received)


def _manager(office: Office, owner: str) -> str:
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
    mailbox, manager = office.mailbox(owner), _manager(office, owner)
    if mailbox is None or not manager:
        return Change()
    zone = when.zone_named(mailbox.zone)
    absence = when.calendar_for((), office.config.calendars()[owner]).reason(when.local_date(now, zone))
    told = waiting.escalation(mailbox.display_name or owner, dues, zone, f"{absence}." if absence else "")
    about = (f"{due.task.id} {due.task.escalate}" for due in dues)
    return Change(letters=(letter(office, owner, "escalation", told.subject, told.text, now, *about, to=manager),))
