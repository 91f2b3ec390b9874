"""The manual page of the commands, `docs/commands.md`, made from the commands themselves; and the keys of their JSON.

Decides nothing: usage and options are click's, `KEYS` says in words what each key holds. A test compares the page with the code
and the keys with what the commands really print.
"""

from __future__ import annotations

import click

from followupd.cli.commands import GROUPS, Entry, program

HEAD = """\
# Commands

Made by `make docs` from the commands themselves; don't edit it by hand.

Every command takes `--config PATH`, before or after its name. Without it `config.yaml` in the working directory is meant, then
`$FOLLOWUPD_CONFIG`.

| exit code | means |
| --- | --- |
| 0 | fine |
| 1 | your files or your request are at fault; a sentence says how |
| 2 | the command was typed wrong |
| 3 | a fault of ours; the details are in a file whose name is printed. `FOLLOWUPD_DEBUG=1` prints them |
| 130 | interrupted |

`--json` prints one JSON value for machines (`classify` one line for each mail). Keys are only ever added. Times such as `due` are
ISO 8601 in UTC; `local` is the same moment on the prospect's clock. What is not there is `null` or an empty text.
`x[].y` below is the key `y` of each item in the list `x`; `x{}` holds names that you chose.
"""

_PROBLEM = {
    "problems[].path": "the file", "problems[].line": "its line, from 1", "problems[].column": "and column, from 1",
    "problems[].text": "what is wrong, and what to write instead",
}  # fmt: skip
_DONE = {"done[]": "what was done, a sentence for each row that moved"}


def _ended(where: str) -> dict[str, str]:
    return {
        f"{where}finished": "enrollments that finished", f"{where}clear": "with a firm yes or a firm no", f"{where}rate": "clear over finished, 0 to 1; null below five",
        f"{where}days_first_quartile": "from the start to the firm answer", f"{where}days_median": "", f"{where}days_third_quartile": "",
    }  # fmt: skip


def _outcomes(where: str) -> dict[str, str]:
    return {
        f"{where}{name}": ""
        for name in ("yes", "no", "opted_out", "silent", "referred", "welcome", "bounced", "failed", "stopped")
    }


_PLAN = {
    "cadences[].cadence": "its name", "cadences[].people": "who are under way in it", "cadences[].earlier": "how many of them on an earlier edition",
    "cadences[].gone": "there is no such cadence in the files", "cadences[].changes[]": "what is different in the files, in words",
    "cadences[].groups[].people": "for whom the same would change", "cadences[].groups[].says": "what that is",
    "cadences[].groups[].members[].address": "", "cadences[].groups[].members[].zone": "",
    "cadences[].groups[].members[].differences[].step": "", "cadences[].groups[].members[].differences[].what": "moves, is left out, comes in addition, reads differently",
    "cadences[].groups[].members[].differences[].before": "its date now", "cadences[].groups[].members[].differences[].after": "and after a move",
    "cadences[].stuck[].address": "who can't be moved now", "cadences[].stuck[].why": "",
}  # fmt: skip
KEYS: dict[str, dict[str, str]] = {
    "backup": {"file": "the backup", "bytes": "its size"},
    "restore": {
        "store": "the store", "kept": "where what lay there before is kept; null if nothing did",
        "opt_outs_added": "opt-outs taken over from it", "opt_outs_unread": "why they could not be read; empty where they could",
        "since": "from when on each mailbox is asked what has left",
    },
    "check": {
        "ok": "no mistakes", **_PROBLEM, "cadences": "how many cadences are in order", "templates": "how many templates are",
        "content": "how many content items are", "tests": "how many cadence tests there are",
        "warnings[].path": "the file", "warnings[].line": "its line, from 1", "warnings[].column": "and column, from 1",
        "warnings[].rule": "its name, as `allow` takes it", "warnings[].text": "what leaves the craft, and what to write instead",
        "warnings[].allowed": "the written reason why it may; empty where there is none",
    },
    "preview": {
        "cadence": "its name", "mailbox": "who writes", "zone": "the prospect's time zone", "prospect.address": "whom",
        "prospect.sample": "it is the sample prospect, no row of yours", "prospect.columns{}": "the row",
        "touches[].number": "from 1, by date", "touches[].step": "the step's id", "touches[].channel": "email or task",
        "touches[].due": "when", "touches[].local": "the same on the prospect's clock", "touches[].deadline": "end of `within`",
        "touches[].why[]": "the rule behind each part of the date", "touches[].subject": "subject, or title of the task",
        "touches[].text": "the full text", "touches[].thread": "same or new", "touches[].item": "the content item that was picked",
        "variant": "the variant that is taken to be drawn; null where there is no experiment",
        "touches[].because": "why this content item",
        "touches[].by_hand": "a human does it: a task, or a mail for which the shelf has nothing",
        "touches[].skipped": "why the step is left out", "touches[].problem": "why it can't be written",
        "ended": "why the cadence ends early", "silent_at": "when silence becomes the outcome", "then": "the cadence that follows",
    },
    "add": {
        "files[].name": "the file", "files[].accepted": "rows enrolled", "files[].rejected": "rows handed back",
        "files[].duplicate": "rows of people who are in already", "files[].problem": "why the whole file was refused",
        "files[].receipt": "where the receipt is", "files[].reasons[].result": "rejected or duplicate", "files[].reasons[].reason": "why",
        "files[].reasons[].count": "how many rows", "files[].reasons[].first_line": "line of the first",
    },
    "enroll": {"address": "whom", "cadence": "in what", "result": "accepted, rejected or duplicate", "reason": "why, or the first touch"},
    "status": {
        "now": "when this was asked", "running": "a daemon watches at least one mailbox; null where no mailbox can be read",
        "daemons[].run": "names one run of a daemon", "daemons[].host": "its machine", "daemons[].pid": "its process there", "daemons[].version": "of followupd",
        "daemons[].since": "when it was started", "daemons[].seen": "its last sign of life", "daemons[].lives": "whether it lives; a dead one is listed until its mailboxes are taken over",
        "daemons[].mailboxes": "how many it holds", "mailboxes[].holder": "the daemon that holds it; null for nobody",
        "mailboxes[].orphaned": "why nobody holds it although daemons are at work", "mailboxes[].name": "", "mailboxes[].address": "",
        "mailboxes[].readable": "it could be read when last tried", "mailboxes[].trouble": "why it can't be read", "mailboxes[].waits": "why nothing leaves yet although it can be read",
        "mailboxes[].silent": "why no daemon seems to watch it", "mailboxes[].last_read": "", "mailboxes[].last_read_local": "on the mailbox's clock",
        "mailboxes[].sent_24h": "mails in the last 24 hours", "mailboxes[].cap_24h": "how many it may send in 24 hours today",
        "mailboxes[].next_possible": "when it may send again; null means now", "mailboxes[].next_possible_local": "",
        "mailboxes[].resting": "why not now", "mailboxes[].zone": "", "enrollments[].cadence": "", "enrollments[].state": "active, held, paused, finished",
        "enrollments[].outcome": "of the finished ones", "enrollments[].count": "people", "earlier_editions[].cadence": "edited since",
        "earlier_editions[].people": "under way in it as it was", "earlier_editions[].gone": "whether it has been deleted", "queue[].mailbox": "", "queue[].channel": "",
        "queue[].state": "scheduled, sending, open, doubtful", "queue[].count": "touches", "queue[].next": "the earliest", "next[].address": "the next ten touches",
        "next[].cadence": "", "next[].step": "", "next[].channel": "", "next[].mailbox": "", "next[].due": "", "next[].local": "", "next[].zone": "",
        "crossings.count": "mails that left although an answer lay in the mailbox already",
        "crossings.look_age.1s": "of these, how many left up to a second after the last look", "crossings.look_age.2s": "", "crossings.look_age.5s": "",
        "crossings.look_age.10s": "", "crossings.look_age.more": "", "crossings.lag.1s": "how long after it had come the answer was seen",
        "crossings.lag.10s": "", "crossings.lag.60s": "", "crossings.lag.600s": "", "crossings.lag.3600s": "", "crossings.lag.more": "",
        "next[].touch": "its id", "problems.files[]": "mistakes in files, as `check` prints them", "problems.stopped[].scope": "all, mailbox:NAME or cadence:NAME",
        "problems.stopped[].reason": "", "problems.stopped[].since": "", "problems.doubtful": "mails that may have been sent, or not",
        "problems.reviews": "answers that wait for a human's word", "problems.tasks": "open tasks",
    },
    "show": {
        "address": "", "name": "", "owner": "", "zone": "", "country": "", "columns{}": "every column of the row", "suppressed": "null, or",
        "suppressed.key": "address or domain", "suppressed.reason": "", "suppressed.source": "", "suppressed.at": "", "enrollments[].id": "latest first",
        "enrollments[].cadence": "", "enrollments[].state": "", "enrollments[].outcome": "", "enrollments[].mailbox": "", "enrollments[].reason": "",
        "enrollments[].source": "file and row, or command", "enrollments[].started": "", "enrollments[].until": "end of a pause or of the last wait",
        "enrollments[].finished": "", "enrollments[].touches[].id": "", "enrollments[].touches[].step": "", "enrollments[].touches[].channel": "",
        "enrollments[].touches[].state": "scheduled, sending, open, sent, skipped, failed, doubtful", "enrollments[].touches[].due": "",
        "enrollments[].touches[].settled": "when it was over", "enrollments[].touches[].attempt": "", "enrollments[].touches[].code": "of the mail server",
        "enrollments[].touches[].text": "its words, or why it was skipped", "enrollments[].touches[].message_id": "",
        "enrollments[].touches[].why[]": "the rule behind each part of the date", "enrollments[].touches[].local": "when it was sent or is due",
        "learned[].name": "oldest first; the latest of a name counts", "learned[].value": "", "learned[].at": "", "learned[].local": "", "learned[].source": "the command, the task or the letter",
        "learned[].by": "", "learned[].about": "learned, debrief or reason", "learned[].enrollment": "", "learned[].touch": "the one that taught it",
        "timeline[].at": "oldest first", "timeline[].local": "", "timeline[].kind": "", "timeline[].text": "what happened, and why",
    },
    "why": {
        "address": "", "verdict": "next, sending, task, silence, held, paused, finished, suppressed, unknown or nothing", "sentence": "the explanation",
        "cadence": "", "state": "", "outcome": "", "step": "", "at": "the date that the sentence speaks of", "local": "", "zone": "",
        "parts[].what": "next, rule, reason, condition, task or command", "parts[].text": "", "also[]": "the same for further enrollments of this person",
    },
    "plan": {
        "now": "when this was asked", **_PLAN, "forecast[].mailbox": "", "forecast[].day": "in the mailbox's zone",
        "forecast[].due": "mails due on it, those that slipped to it included", "forecast[].may_send": "what its limits allow",
        "forecast[].slips{}": "how many slip, by the day to which",
    },
    "migrate-cadence": {"moved": "how many people", "refused[]": "who could not be moved, and why", **_PLAN},
    "test": {
        "ok": "every test went as its diary says", **_PROBLEM, "files[].path": "", "files[].seconds": "how long it took",
        "files[].tests[].test": "its name", "files[].tests[].ok": "", "files[].tests[].line": "where it stands", "files[].tests[].column": "",
        "files[].tests[].cadence": "", "files[].tests[].address": "whom it is about", "files[].tests[].days": "simulated",
        "files[].tests[].diary[].result": "same, differs, missing or unexpected", "files[].tests[].diary[].line": "", "files[].tests[].diary[].column": "",
        "files[].tests[].diary[].expected": "", "files[].tests[].diary[].happened": "", "files[].tests[].diary[].faults[]": "what differs, in words",
    },
    "report": {
        "now": "when this was asked", "since": "the period; null: the beginning", "until": "null: now", "owner": "the mailbox asked for; empty: all", "cadence": "the one asked for; empty: all",
        "outcomes[].outcome": "yes, no, opted_out, silent, referred, welcome, bounced, failed, stopped: always all of them", "outcomes[].means": "in words", "outcomes[].count": "enrollments that finished so",
        "outcomes[].share": "of all that finished, 0 to 1; null where there are fewer than five", **_ended("clarity."),
        "under_way.active": "enrollments that go on now", "under_way.held": "", "under_way.paused": "",
        "cadences[].cadence": "", "cadences[].role": "sales, thanks or nurture; only sales counts above", **_ended("cadences[]."), **_outcomes("cadences[]."), "cadences[].under_way": "now",
        "reps[].mailbox": "", **_ended("reps[]."), **_outcomes("reps[]."), "reps[].under_way": "now", "reps[].touches": "sent or done",
        "decided[].touch": "after so many touches the firm answer came", "decided[].yes": "", "decided[].no": "",
        "reasons.noes": "enrollments that ended in a no", "reasons.stated": "of these, how many gave a reason", "reasons.real": "and for how many the real one is known",
        "reasons.both": "for how many both are", "reasons.differ": "and how many of those differ", "reasons.differ_rate": "",
        "reasons.pairs[].stated": "price, budget, timing, competitor, no_need, authority, trust, other; null: none given", "reasons.pairs[].real": "", "reasons.pairs[].count": "",
        "steps[].cadence": "in the order of its steps", "steps[].step": "", "steps[].channel": "", "steps[].planned": "touches; the next five add up to them",
        "steps[].waiting": "planned, or with the rep, now", "steps[].sent": "sent, or done by the rep; and not come back", "steps[].skipped": "dropped, over, or no longer wanted",
        "steps[].failed": "refused, or come back", "steps[].doubtful": "may have been sent, or not", "steps[].answered": "touches after which a person wrote",
        "steps[].yes": "touches after which such an answer came", "steps[].no": "", "steps[].later": "", "steps[].question": "", "steps[].referral": "", "steps[].opted_out": "complaints included",
        "steps[].unclear": "", "steps[].bounced": "touches for which a delivery report came", "steps[].taught": "touches that taught something",
        "learning.sent": "touches", "learning.taught": "of these, how many taught something", "learning.rate": "",
        "learned[].cadence": "", "learned[].step": "", "learned[].name": "of the fact", "learned[].count": "",
        "channels[].channel": "email or task", "channels[].kind": "of the task; empty: the machine sent it", "channels[].count": "touches sent or done",
        "by_hand[].kind": "what a rep did beside the cadences: answer, call or apologize", "by_hand[].count": "done", "gifts.people": "who had their first item in the period",
        "gifts.gift_first": "for how many of them it was a gift", "gifts.gift_first_rate": "", "gifts.asked": "people who had their first item of ours in the period",
        "gifts.gifts_before": "gifts that they had had before it", "gifts.gifts_before_average": "", "reopened.enrollments": "of people who had said no some time ago",
        "reopened.under_way": "", **_outcomes("reopened."),
    },
    "debrief": {
        "address": "with ADDRESS", "noted[]": "what was noted now, in words", "noes[].cadence": "where they said no; latest first", "noes[].enrollment": "",
        "noes[].finished": "when", "noes[].answers[].question": "explored, asked, pace, best_decision or door", "noes[].answers[].says": "yes, no or other",
        "noes[].answers[].value": "the answer", "noes[].answers[].at": "", "noes[].answers[].source": "the letter or the command", "noes[].answers[].by": "",
        "noes[].open[]": "questions without an answer", "since": "without ADDRESS: the begin of the span; null: everything", "until": "and its end",
        "debriefs": "noes with at least one answer", "questions[].question": "those with most noes first", "questions[].text": "as it is asked",
        "questions[].yes": "how many answers say yes", "questions[].no": "", "questions[].other": "neither, or both", "questions[].answers[].says": "",
        "questions[].answers[].value": "", "questions[].answers[].address": "", "questions[].answers[].at": "", "questions[].answers[].by": "",
    },
    "shelf": {
        "now": "when this was asked", "people": "looked at", "items[].name": "", "items[].topics[]": "", "items[].ours": "",
        "items[].language": "only for readers of it; null: for everybody", "items[].expires": "its last day", "items[].given": "how many people have had it",
        "items[].fits": "how many of the people looked at it could still be sent to", "unanswered[].words": "said by people, and on no item",
        "unanswered[].people": "", "steps[].cadence": "", "steps[].step": "", "steps[].people": "who will come to it",
        "steps[].nothing": "for how many of them nothing fits", "steps[].wanted[].words": "what those had said", "steps[].wanted[].people": "",
        "weeks[].week": "its Monday", "weeks[].people": "who run dry in it, roughly", "dry": "how many people run dry", "dry_people[].address": "with --people",
        "dry_people[].cadence": "", "dry_people[].step": "the first for which nothing fits", "dry_people[].at": "roughly", "dry_people[].because": "",
        "refused[]": "with --csv: rows that intake would hand back",
    },
    "classify": {
        "id": "the file, or `-`; of a JSONL line its id, or its number", "label": "what it most likely means",
        "acted": "the kind whose effect would follow; `unclear` where a human is asked", "confidence": "0 to 1",
        "resume": "the date on which they want to hear again", "reason": "of a no or a later", "contact": "who was named instead",
        "evidence": "the words or the header that decided",
    },
    "digest": {
        "digests[].owner": "the mailbox", "digests[].to": "its address", "digests[].subject": "empty where there is nothing to say", "digests[].text": "",
        "digests[].items[].kind": "what a number stands for: `task`, `reply`, `doubt` (a mail that may have left, or not) or `person` (who stands still)",
        "digests[].items[].id": "", "digests[].items[].address": "", "digests[].items[].title": "", "digests[].sent": "with --send",
        "digests[].next": "when the next one comes by itself; null where no digest is configured",
    },
    "tasks": {
        "tasks[].id": "for `done` and `skip`", "tasks[].owner": "", "tasks[].address": "about whom", "tasks[].kind": "", "tasks[].title": "",
        "tasks[].text": "", "tasks[].created": "", "tasks[].deadline": "", "tasks[].enrollment": "", "tasks[].touch": "", "tasks[].reply": "",
        "tasks[].created_local": "on the workspace's clock", "tasks[].deadline_local": "",
    },
    "review": {
        "replies[].id": "for `decide`", "replies[].mailbox": "", "replies[].address": "who wrote", "replies[].subject": "", "replies[].text": "the typed words",
        "replies[].received": "", "replies[].kind": "", "replies[].confidence": "", "replies[].evidence": "", "replies[].enrollment": "",
        "replies[].doubt": "why it is not believed; empty where only its meaning is in doubt",
        "doubtful[].id": "for `decide`", "doubtful[].address": "", "doubtful[].mailbox": "", "doubtful[].step": "", "doubtful[].message_id": "to look for among sent mail",
        "doubtful[].intended": "", "doubtful[].text": "what is known", "doubtful[].cadence": "", "doubtful[].subject": "", "doubtful[].message": "the mail as it was about to leave",
    },
    "handover": {
        "from": "", "to": "", "until": "when they come back", "people[].address": "", "people[].stands": "", "people[].tasks": "how many", "people[].next": "the next step",
        "people[].next_at": "", "people[].why_not": "why they can't go now; empty where they can", "moved": "how many", "refused[]": "who, and why, where it did not work",
    },
    "reopen": {
        "lists[].owner": "", "lists[].file": "where it lies; empty with --dry-run", "lists[].people[].address": "", "lists[].people[].no": "when",
        "lists[].people[].stated": "the reason in their answer", "lists[].people[].real": "the real one, where it is known", "lists[].people[].words": "",
        "passed[].reason": "why people with an old no are not listed", "passed[].people": "how many",
    },
    "suppressions": {"suppressions[].key": "address or @domain", "suppressions[].reason": "", "suppressions[].source": "", "suppressions[].at": ""},
    "done": _DONE, "skip": _DONE, "learn": _DONE, "decide": _DONE, "pause": _DONE, "resume": _DONE, "stop": _DONE, "suppress": _DONE,
    "demo": {
        "prospects": "", "mails": "counted at the embedded mail server", "duplicates": "must be 0", "after_answer": "mails after an answer; must be 0",
        "replies{}": "answers read, by kind", "outcomes{}": "how enrollments ended", "doubtful": "", "days": "played", "seconds": "taken",
        "letters{}": "letters to our own people, by kind", "noes": "that had to be thanked for and looked back at", "questions": "of which somebody had to be told",
        "stories[].title": "", "stories[].address": "of whom", "stories[].lines[].at": "", "stories[].lines[].what": "what happened", "stories[].lines[].words": "from the store or a mail",
        "broken[]": "promises that were broken, in words; must be empty",
    },
}  # fmt: skip
"""What each key of `--json` holds. An empty text: the name says it."""


def page() -> str:
    """The whole page."""
    chapters = [f"## {title}\n\n" + "\n".join(_section(entry) for entry in entries) for title, entries in GROUPS]
    return HEAD + "\n" + "\n".join(chapters)


def _section(entry: Entry) -> str:
    context = click.Context(program, info_name="followupd", help_option_names=program.context_settings["help_option_names"])
    command = program.get_command(context, entry.name)
    assert command is not None
    inner = click.Context(command, info_name=entry.name, parent=context, max_content_width=110, terminal_width=110)
    text = command.get_help(inner).rstrip()
    keys = KEYS.get(entry.name, {})
    rows = [f"| `{key}` | {meaning} |" for key, meaning in keys.items()]
    listed = ["", "| key of `--json` | holds |", "| --- | --- |", *rows] if rows else []
    return "\n".join([f"### {entry.name}", "", "```text", text, "```", *listed, ""])


if __name__ == "__main__":
    click.echo(page(), nl=False)
