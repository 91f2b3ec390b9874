"""`status`: mailboxes, enrollments, queue, next touches and problems, on one page.

Decides nothing; counts what the store holds.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core.model import Enrollment, Touch
from followupd.core.timing import timing_for
from followupd.core.when import speak

if TYPE_CHECKING:
    from followupd.cli.senders import State
    from followupd.office import Office
    from followupd.store import fleet


@command(as_json)
def status(as_json: bool) -> None:
    """Mailboxes, enrollments, queue, next touches, problems."""
    with place.office() as office:
        found = gather(office, office.clock.now())
    if as_json:
        say.as_json(found)
    else:
        _print(found)


def gather(office: Office, now: datetime) -> dict[str, Any]:
    """The page as JSON takes it; the tables are made from the same."""
    from followupd.cli.senders import states
    from followupd.store import fleet

    overview = office.store.overview(now)
    mailboxes = states(office, now, overview["mailboxes"])
    daemons = fleet.members(office.store)
    holders = {row["name"]: row["owner"] for row in overview["mailboxes"]}
    replies, doubtful = office.store.reviews()
    return {
        "now": say.utc(now),
        "running": _running(list(mailboxes.values())),
        "daemons": [_daemon(one, list(holders.values())) for one in daemons],
        "mailboxes": [_mailbox(state) | _held(state, holders.get(state.sender.name, ""), daemons) for state in mailboxes.values()],
        "enrollments": [_counted(row) for row in sorted(overview["enrollments"], key=_order)],
        "earlier_editions": _earlier(office, overview["editions"]),
        "queue": [row | {"next": say.utc(row["next"])} for row in overview["queue"]],
        "next": [_upcoming(office, touch) for touch in overview["next"]],
        "crossings": crossings_of(overview["crossings"]),
        "problems": {
            "files": [str(problem) for problem in office.workspace.problems],
            "stopped": [
                *_stop_file(office),
                *({"scope": one.scope, "reason": one.reason, "since": say.utc(one.at)} for one in overview["switches"] if one.on),
            ],
            "alarms": [{"mailbox": one.mailbox, "text": one.text, "since": say.utc(one.at)} for one in office.store.alarms_up()],
            "doubtful": len(doubtful), "reviews": len(replies), "tasks": len(office.store.tasks()),
        },
    }  # fmt: skip


BOUNDS = {"look_age": (1, 2, 5, 10), "lag": (1, 10, 60, 600, 3600)}
"""The steps of the histograms, in seconds: how old the last look was when the mail left, and how late the answer came to light."""


def crossings_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """How often a mail crossed with an answer, and the histograms that say why."""
    histograms = {name: _histogram([float(one[name]) for one in found], steps) for name, steps in BOUNDS.items()}
    return {"count": len(found), **histograms}


def _histogram(values: list[float], steps: tuple[int, ...]) -> dict[str, int]:
    counts = {f"{step}s": 0 for step in steps} | {"more": 0}
    for value in values:
        counts[next((f"{step}s" for step in steps if value <= step), "more")] += 1
    return counts


def _stop_file(office: Office) -> list[dict[str, Any]]:
    """The file that stops everything, as one more switch."""
    reason = office.halted()
    if not reason:
        return []
    with suppress(OSError):
        since = datetime.fromtimestamp(office.stop_file.lstat().st_mtime, UTC)
        return [{"scope": "all", "reason": reason, "since": say.utc(since)}]
    return [{"scope": "all", "reason": reason, "since": None}]


def _running(mailboxes: list[State]) -> bool | None:
    """Whether a daemon is at work; None where every mailbox is in trouble, because trouble looks the same with and without one."""
    if any(state.readable and not state.sender.silent for state in mailboxes):
        return True
    return None if all(state.sender.trouble for state in mailboxes) else False


def _mailbox(state: State) -> dict[str, Any]:
    sender = state.sender
    return {
        "name": sender.name, "address": sender.address, "readable": state.readable, "trouble": sender.trouble, "waits": sender.waits, "silent": sender.silent,
        "last_read": say.utc(state.looked), "last_read_local": say.local(state.looked, state.zone), "sent_24h": state.sent, "cap_24h": state.cap,
        "next_possible": say.utc(sender.free_at), "next_possible_local": say.local(sender.free_at, state.zone), "resting": sender.free_why,
        "zone": state.zone.key,
    }  # fmt: skip


def _daemon(member: fleet.Member, holders: list[str]) -> dict[str, Any]:
    return {
        "run": member.run, "host": member.host, "pid": member.pid, "version": member.version, "since": say.utc(member.since), "seen": say.utc(member.seen),
        "lives": member.lives, "mailboxes": holders.count(member.run),
    }  # fmt: skip


def _held(state: State, holder: str, daemons: tuple[fleet.Member, ...]) -> dict[str, Any]:
    """Who holds a mailbox; why nobody does, where daemons are at work that should."""
    found = next((one for one in daemons if one.run == holder), None)
    if found is not None and found.lives:
        return {"holder": _called(found), "orphaned": ""}
    wanted = bool(state.sender.address) and any(one.lives for one in daemons)
    orphaned = f"{_called(found)} is gone" if found else "no daemon holds it"
    return {"holder": None, "orphaned": f"{orphaned}, and nobody has taken it over yet" if wanted else ""}


def _called(member: fleet.Member) -> str:
    return f"{member.host} (process {member.pid})"


def _earlier(office: Office, under_way: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many people under way are on an edition of their cadence that is not today's: an edit reaches them by a move only."""
    current = {name: edition.cadence.digest for name, edition in office.workspace.editions.items()}
    people: dict[str, int] = {}
    for row in under_way:
        if current.get(row["cadence"]) != row["digest"]:
            people[row["cadence"]] = people.get(row["cadence"], 0) + row["count"]
    return [{"cadence": name, "people": count, "gone": name not in current} for name, count in sorted(people.items())]


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("cadence", "state", "outcome", "count")}


def _order(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["cadence"], row["state"], row["outcome"] or ""


def _upcoming(office: Office, touch: Touch) -> dict[str, Any]:
    enrollment = office.store.find(Enrollment, touch.enrollment)
    assert enrollment is not None
    _, prospect, _ = office.store.with_touches(enrollment)
    zone = timing_for(office.cadence(enrollment.digest), prospect, enrollment.mailbox).zone
    return {
        "address": touch.address, "cadence": enrollment.cadence, "step": touch.step, "channel": touch.channel, "mailbox": touch.mailbox,
        "due": say.utc(touch.due), "local": say.local(touch.due, zone), "zone": zone.key, "touch": touch.id,
    }  # fmt: skip


# -- for people ----------------------------------------------------------------------------------


RUNNING = {
    True: "the daemon is running",
    False: "no daemon seems to be running: followupd run",
    None: "no mailbox can be read, so it can't be told whether the daemon is running",
}


def _print(found: dict[str, Any]) -> None:
    say.line(f"as of {found['now']}; {RUNNING[found['running']]}")
    if found["daemons"]:
        say.heading("Daemons")
        say.table(("host", "process", "since", "last sign of life", "mailboxes"), [_daemon_row(one) for one in found["daemons"]])
    say.heading("Mailboxes")
    head = ("name", "address", "state", "last read", "sent in 24 h", "may send")
    many = len(found["daemons"]) > 1  # one that is alone holds them all
    say.table((*head, "held by") if many else head, [_mailbox_row(one, many) for one in found["mailboxes"]])
    say.heading("Enrollments")
    rows = [(row["cadence"], row["state"], row["outcome"], row["count"]) for row in found["enrollments"]]
    say.table(("cadence", "state", "outcome", "people"), rows, none="nobody is enrolled yet")
    for one in found["earlier_editions"]:
        edited = (
            "has been deleted; they finish it as it was"
            if one["gone"]
            else "was edited since; what a move would change: followupd plan"
        )
        say.line(f"{one['people']} in {one['cadence']}, which {edited}")
    say.heading("Queue")
    queue = [(row["mailbox"], row["channel"], row["state"], row["count"]) for row in found["queue"]]
    say.table(("mailbox", "channel", "state", "touches"), queue, none="empty")
    say.heading("Next")
    upcoming = [
        (_spoken(row["local"], row["zone"]), row["address"], row["cadence"], row["step"], row["channel"]) for row in found["next"]
    ]
    say.table(("when", "whom", "cadence", "step", "channel"), upcoming, none="nothing is planned")
    say.heading("Problems")
    _print_problems(found["problems"], [one["name"] for one in found["mailboxes"] if one["orphaned"]])
    if found["crossings"]["count"]:
        ages = ", ".join(f"{count} up to {step}" for step, count in found["crossings"]["look_age"].items() if count)
        say.line(f"{found['crossings']['count']} mails crossed with an answer so far; age of the last look: {ages}")


def _daemon_row(one: dict[str, Any]) -> tuple[object, ...]:
    return (
        one["host"],
        one["pid"],
        one["since"],
        one["seen"] if one["lives"] else f"dead; last seen at {one['seen']}",
        one["mailboxes"],
    )


def _mailbox_row(one: dict[str, Any], many: bool) -> tuple[object, ...]:
    cap = f"{one['sent_24h']} of {one['cap_24h']}" if one["cap_24h"] is not None else str(one["sent_24h"])
    free = f"{_spoken(one['next_possible_local'], one['zone'])} ({one['resting']})" if one["next_possible"] else "now"
    state = (
        "not in the configuration"
        if not one["address"]
        else one["trouble"] or one["waits"] or ("watched" if one["readable"] and not one["silent"] else "not watched")
    )
    row = (
        one["name"],
        one["address"],
        one["orphaned"] or state,
        _spoken(one["last_read_local"], one["zone"]) or "never",
        cap,
        free,
    )
    return (*row, one["holder"] or "nobody") if many else row


def _spoken(local: str | None, zone: str) -> str:
    return speak(datetime.fromisoformat(local), ZoneInfo(zone)) if local else ""


def _print_problems(problems: dict[str, Any], orphaned: list[str]) -> None:
    lines = [*problems["files"]]
    lines += [f"held by no daemon: {', '.join(orphaned)}"] if orphaned else []
    lines += [f"alarm since {one['since']}: {one['text']}" for one in problems["alarms"]]
    lines += [f"{one['scope']} is stopped since {one['since']}: {one['reason']}" for one in problems["stopped"]]
    counts = (
        ("doubtful", "mails may have been sent, or not: followupd review"),
        ("reviews", "answers wait for a word from you: followupd review"),
        ("tasks", "tasks are open: followupd tasks"),
    )
    lines += [f"{problems[name]} {text}" for name, text in counts if problems[name]]
    for one in lines or ["none"]:
        say.line(one)
