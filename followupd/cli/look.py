"""Commands that look: `show`, `why`, `tasks`, `review`, `suppressions`.

Decides nothing: reads nouns from the store and lays them out. The sentence of `why` is made in `why.py`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd import tasksheet
from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.cli.why import Answer, Facts, explain
from followupd.core import guards
from followupd.core.model import Enrollment, EnrollmentState, Prospect, Touch, TouchState
from followupd.core.timing import timing_for
from followupd.core.when import speak

if TYPE_CHECKING:
    from followupd.office import Office


def _zone(office: Office, prospect: Prospect | None, enrollments: tuple[Enrollment, ...]) -> ZoneInfo:
    """The prospect's zone, as their latest cadence reckons; the workspace's where nobody is enrolled."""
    if prospect is None or not enrollments:
        return ZoneInfo((prospect and prospect.zone) or office.config.defaults.timezone)
    return timing_for(office.cadence(enrollments[0].digest), prospect, enrollments[0].mailbox).zone


# -- why -----------------------------------------------------------------------------------------


@command(click.argument("address"), as_json)
def why(address: str, as_json: bool) -> int:
    """One sentence: what happens next to ADDRESS, when, and by which rules; or why nothing does."""
    with place.office() as office:
        answers = answers_for(office, address.strip().lower())
    if as_json:
        first, *others = [_answer(facts, answer) for facts, answer in answers]
        say.as_json(first | {"also": others})
    else:
        for _, answer in answers:
            say.line(answer.sentence)
    return 1 if answers[0][1].verdict == "unknown" else 0


def answers_for(office: Office, address: str) -> list[tuple[Facts, Answer]]:
    """One answer for each enrollment that goes on, the earliest date first; one for the last that ended, where none does."""
    prospect, enrollments = office.store.person(address)
    going = [one for one in enrollments if one.state != EnrollmentState.FINISHED]
    about: list[Enrollment | None] = [*(going or enrollments[:1])] or [None]
    found = [facts_of(office, address, prospect, one) for one in about]
    explained = [(facts, explain(facts)) for facts in found]
    explained.sort(key=lambda pair: (pair[1].at is None, pair[1].at or pair[0].now))
    return explained[:1] if explained[0][1].verdict == "suppressed" else explained


def facts_of(office: Office, address: str, prospect: Prospect | None, enrollment: Enrollment | None) -> Facts:
    """Gather what the sentence needs."""
    from followupd.cli.senders import states

    store, now = office.store, office.clock.now()
    suppressed = store.histories([address])[address].suppressed
    if enrollment is None or prospect is None:
        return Facts(address=address, now=now, zone=_zone(office, prospect, ()), suppressed=suppressed)
    overview = store.overview(now)
    state = states(office, now, overview["mailboxes"]).get(enrollment.mailbox)
    cadence = office.cadence(enrollment.digest)
    return Facts(
        address=address, now=now, zone=timing_for(cadence, prospect, enrollment.mailbox).zone, suppressed=suppressed, enrollment=enrollment, steps=len(cadence.steps),
        touches=store.touches(enrollment.id), tasks=tuple(task for task in store.tasks() if task.enrollment == enrollment.id),
        reviews=tuple(reply for reply in store.reviews()[0] if reply.enrollment == enrollment.id), end_enroll=cadence.end_enroll,
        not_begun=_not_begun(office, enrollment), permission=_permission(office, enrollment.address),
        sender=state.sender if state else None, switches=overview["switches"], halted=office.halted(), tripped=_tripped(office, enrollment, now),
        crowded=_crowded(office, enrollment, now),
    )  # fmt: skip


def _not_begun(office: Office, enrollment: Enrollment) -> str:
    """Why the cadence that should follow this one's end did not begin."""
    if enrollment.state != EnrollmentState.FINISHED:
        return ""
    found = [
        one.text
        for one in office.store.timeline(enrollment.address)
        if one.kind == "not_enrolled" and one.enrollment == enrollment.id
    ]
    return found[-1] if found else ""


def _permission(office: Office, address: str) -> str:
    """What they have said on whether they want to go on hearing from us."""
    found = [one for one in office.store.facts(address) if one.about == "learned" and one.name == PERMISSION]
    return f'asked whether we may go on, they said "{found[-1].value}" on {found[-1].at:%d %b %Y}' if found else ""


PERMISSION = "permission"


def _tripped(office: Office, enrollment: Enrollment, now: datetime) -> datetime | None:
    """Until when the trip wire holds mail to this person. (What answers their own mail leaves all the same.)"""
    most, left = office.config.trip_wire, office.store.lately(enrollment.address, now)
    return left[-most] + guards.TRIP_SPAN if len(left) >= most else None


def _crowded(office: Office, enrollment: Enrollment, now: datetime) -> datetime | None:
    """Until when the mailbox has sent enough to this person's domain."""
    mailbox, domain = office.mailbox(enrollment.mailbox), enrollment.address.rpartition("@")[2]
    found = next((one for one in office.store.domain_usage(enrollment.mailbox, now) if one.domain == domain), None)
    return guards.domain_room(found, mailbox.caps, now)[1] if mailbox and found else None


def _answer(facts: Facts, answer: Answer) -> dict[str, Any]:
    enrollment = facts.enrollment
    return {
        "address": facts.address, "verdict": answer.verdict, "sentence": answer.sentence,
        "cadence": enrollment.cadence if enrollment else None, "state": enrollment.state if enrollment else None,
        "outcome": enrollment.outcome if enrollment else None, "step": answer.step or None, "at": say.utc(answer.at),
        "local": say.local(answer.at, facts.zone), "zone": facts.zone.key,
        "parts": [{"what": part.what, "text": part.text} for part in answer.parts],
    }  # fmt: skip


# -- show ----------------------------------------------------------------------------------------


@command(click.argument("address"), as_json)
def show(address: str, as_json: bool) -> None:
    """Everything about ADDRESS: the person, enrollments, touches, and the timeline in their local time."""
    from followupd import desk

    with place.office() as office:
        prospect, enrollments = desk.person(office, address.strip().lower())
        zone = _zone(office, prospect, enrollments)
        found = _person(office, prospect, enrollments, zone)
    if as_json:
        say.as_json(found)
    else:
        _print_person(found, zone)


def _person(office: Office, prospect: Prospect, enrollments: tuple[Enrollment, ...], zone: ZoneInfo) -> dict[str, Any]:
    suppressed = office.store.histories([prospect.address])[prospect.address].suppressed
    return {
        "address": prospect.address, "name": prospect.display_name, "owner": prospect.owner, "zone": zone.key, "country": prospect.country,
        "columns": dict(prospect.columns),
        "suppressed": say.some(suppressed, "key", "reason", "source", "at") if suppressed else None,
        "enrollments": [
            say.some(one, "id", "cadence", "state", "outcome", "mailbox", "reason", "source", "started", "until", "finished")
            | {"touches": [_touch(touch, zone) for touch in office.store.touches(one.id)]}
            for one in enrollments
        ],
        "learned": [
            say.some(fact, "name", "value", "at", "source", "by", "about", "enrollment", "touch") | {"local": say.local(fact.at, zone)}
            for fact in office.store.facts(prospect.address)
        ],
        "timeline": [
            {"at": say.utc(event.at), "local": say.local(event.at, zone), "kind": event.kind, "text": event.text}
            for event in office.store.timeline(prospect.address)
        ],
    }  # fmt: skip


def _touch(touch: Touch, zone: ZoneInfo) -> dict[str, Any]:
    return say.some(touch, "id", "step", "channel", "state", "due", "settled", "attempt", "code", "text", "message_id", "why") | {
        "local": say.local(touch.settled if touch.state == TouchState.SENT else touch.due, zone)
    }


def _print_person(found: dict[str, Any], zone: ZoneInfo) -> None:
    say.line(" ".join(part for part in (found["name"], f"<{found['address']}>") if part))
    say.line(f"owner {found['owner'] or '-'}; times are in {zone.key}")
    if found["suppressed"]:
        say.line(f"suppressed: {found['suppressed']['reason']}")
    for one in found["enrollments"]:
        outcome = f", {one['outcome']}" if one["outcome"] else ""
        say.heading(f"{one['cadence']}: {one['state']}{outcome}{' - ' + one['reason'] if one['reason'] else ''}")
        say.table(("step", "channel", "state", "when", "note"), [_touch_row(touch, zone) for touch in one["touches"]])
    if found["learned"]:
        say.heading("Learned")
        rows = [
            (_spoken(one["local"], zone), one["name"], one["value"], f"{one['source']}, {one['by']}") for one in found["learned"]
        ]
        say.table(("when", "name", "what", "source"), rows)
    say.heading("Timeline")
    say.table(("when", "what"), [(_spoken(one["at"], zone), one["text"]) for one in found["timeline"]])
    say.heading("Columns")
    say.table(("column", "value"), sorted(found["columns"].items()))


def _touch_row(touch: dict[str, Any], zone: ZoneInfo) -> tuple[object, ...]:
    return touch["step"], touch["channel"], touch["state"], _spoken(touch["local"], zone), touch["text"]


def _spoken(at: str | None, zone: ZoneInfo) -> str:
    return speak(datetime.fromisoformat(at), zone) if at else ""


# -- tasks, review, suppressions -----------------------------------------------------------------


@command(
    click.option("--owner", metavar="NAME", help="Only those of this mailbox."),
    click.option(
        "--csv",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write them into a file, whose column `answer` can be filled in and dropped into the inbox.",
    ),
    as_json,
)
def tasks(owner: str | None, file: Path | None, as_json: bool) -> None:
    """What waits for a person: calls, cards, answers to write. The most pressing first."""
    with place.office() as office:
        if file is not None:
            try:
                file.write_text(tasksheet.sheet_of(office, office.store.tasks(owner)), encoding="utf-8", newline="")
            except OSError as error:
                raise click.ClickException(f"{file}: {error.strerror}") from error
            return
        zone = ZoneInfo(office.config.defaults.timezone)
        found = [
            say.some(
                task, "id", "owner", "address", "kind", "title", "text", "created", "deadline", "enrollment", "touch", "reply"
            )
            | {"created_local": say.local(task.created, zone), "deadline_local": say.local(task.deadline, zone)}
            for task in office.store.tasks(owner)
        ]
    if as_json:
        say.as_json({"tasks": found})
        return
    rows = [(task["id"], task["owner"], _spoken(task["deadline"], zone), task["address"], task["title"]) for task in found]
    say.table(("task", "owner", "by", "about", "what"), rows, none="nothing to do")
    for task in found:
        say.heading(f"{task['id']}: {task['title']}")
        say.block(task["text"], "   ")


@command(
    click.option(
        "--export", "exports", is_flag=True, help="Write the answers that people have decided to tests/replies/, scrubbed."
    ),
    as_json,
)
def review(exports: bool, as_json: bool) -> None:
    """Answers whose meaning is in doubt, and mails that may have been sent, or not. `decide` settles them."""
    from followupd.core.answers import doubt_in
    from followupd.core.inbound import read_message

    if exports:
        _export(as_json=as_json)
        return
    with place.office() as office:
        replies, doubtful = office.store.reviews()
    answers = [
        say.some(reply, "id", "mailbox", "address", "subject", "text", "received", "kind", "confidence", "evidence", "enrollment")
        | {"doubt": doubt_in(reply)}
        for reply in replies
    ]
    sends = [
        say.some(touch, "id", "address", "mailbox", "step", "message_id", "intended", "text")
        | {
            "cadence": enrollment.cadence,
            "subject": read_message(raw).subject if raw else "",
            "message": raw.decode("utf-8", "replace"),
        }
        for touch, enrollment, raw in doubtful
    ]
    if as_json:
        say.as_json({"replies": answers, "doubtful": sends})
    else:
        _print_review(answers, sends)


def _export(*, as_json: bool) -> None:
    from followupd.cli.reply_cases import export

    with place.office() as office:
        path, count, new = export(office.workspace, office.store.decisions())
    if as_json:
        say.as_json({"path": str(path), "cases": count, "new": new})
    else:
        say.line(f"{path}: {count} {'case' if count == 1 else 'cases'}, {new} new; look at them before you share them")


def _print_review(answers: list[dict[str, Any]], sends: list[dict[str, Any]]) -> None:
    if not answers and not sends:
        say.line("nothing is in doubt")
    for one in answers:
        say.heading(f"Answer {one['id']} from {one['address'] or 'somebody'}: {one['subject']}")
        say.block(one["text"], "   ")
        say.line(f"   ({one['evidence']})")
        say.line(f"   followupd decide {one['id']} yes, no, later, engaged, referral, unsubscribe or another kind")
        if one["doubt"]:
            say.line(f"   Not believed: {one['doubt']}. If it is not theirs: followupd decide {one['id']} auto_reply")
    for one in sends:
        say.heading(f"Mail {one['id']} to {one['address']}: step {one['step']} of {one['cadence']}, {one['subject']}")
        say.line(f"   it may have been sent, or not: {one['text']}")
        say.line(f"   Look for <{one['message_id']}> in the folder of sent mail. It was about to leave as follows:")
        say.block(one["message"], "   | ")
        say.line(f"   followupd decide {one['id']} sent, skip or again")


@command(as_json)
def suppressions(as_json: bool) -> None:
    """Whom nobody may write to, with the reason."""
    with place.office() as office:
        found = [say.some(one, "key", "reason", "source", "at") for one in office.store.suppressions()]
    if as_json:
        say.as_json({"suppressions": found})
    else:
        say.table(
            ("address or domain", "since", "reason", "source"),
            [(one["key"], one["at"], one["reason"], one["source"]) for one in found],
            none="none",
        )
