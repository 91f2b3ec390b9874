"""The debrief: what was answered to the five questions about somebody's no, and what we keep doing wrong over all of them.

Decides only what was meant: one person, or a span of time. `debriefing.py` keeps the answers, `core/debrief.py` counts them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from followupd.cli import place, say
from followupd.cli.commands import as_json, command
from followupd.core.when import speak

if TYPE_CHECKING:
    from collections.abc import Mapping

    from followupd.core.debrief import Row
    from followupd.core.model import Enrollment, Fact
    from followupd.office import Office

MOST_WORDS = 5
"""So many answers are shown with each question; all of them with --json."""


@command(
    click.argument("address", required=False),
    click.option("--explored", metavar="TEXT", help="Note the answer: did I learn what they need before I proposed something?"),
    click.option("--asked", metavar="TEXT", help="Did I ask and let them speak, or did I pitch?"),
    click.option("--pace", metavar="TEXT", help="Did I keep to their pace and their order of importance?"),
    click.option("--best-decision", metavar="TEXT", help="Did I help them to decide in their own interest?"),
    click.option("--door", metavar="TEXT", help="Is the door open, and what would be a good reason to knock again?"),
    click.option("--month", metavar="YYYY-MM", help="Over everybody: the answers of one month."),
    click.option("--since", metavar="DATE", help="Over everybody: the answers since then."),
    as_json,
)
def debrief(address: str | None, month: str | None, since: str | None, as_json: bool, **answers: str | None) -> None:
    """What was answered about the no of ADDRESS, or noted now; without ADDRESS what we keep doing wrong, over everybody."""
    given = {name: words for name, words in answers.items() if words and words.strip()}
    if address and (month or since):
        raise click.UsageError("--month and --since are over everybody; leave ADDRESS out")
    if given and not address:
        raise click.UsageError("an answer is about one person: say whose no, by ADDRESS")
    if month and since:
        raise click.UsageError("say --month or --since, not both")
    with place.office() as office:
        zone = ZoneInfo(office.config.defaults.timezone)
        if address:
            _one(office, address.strip().lower(), given, zone, as_json=as_json)
        else:
            _everybody(office, *_span(month, since, zone), zone, as_json=as_json)


def _one(office: Office, address: str, given: dict[str, str], zone: ZoneInfo, *, as_json: bool) -> None:
    from followupd import debriefing
    from followupd.core.debrief import QUESTIONS

    said = debriefing.note(office, address, given, place.user()).lines if given else ()
    found = [_told(no, answers) for no, answers in debriefing.history(office, address)]
    if as_json:
        say.as_json({"address": address, "noted": list(said), "noes": found})
        return
    for line in said:
        say.line(line)
    if not found:
        say.line(f"{address} has not said no to anything")
    for one in found:
        ended = datetime.fromisoformat(str(one["finished"])) if one["finished"] else None
        say.heading(f"no in {one['cadence']}{f', {speak(ended, zone)}' if ended else ''}")
        answered = {row["question"]: row for row in one["answers"]}
        rows = [
            (each.text, answered.get(each.name, {}).get("says", ""), answered.get(each.name, {}).get("value", ""))
            for each in QUESTIONS
        ]
        say.table(("question", "says", "answer"), rows)


def _told(no: Enrollment, answers: Mapping[str, Fact]) -> dict[str, Any]:
    from followupd.core.debrief import NAMES, leaning

    said = [
        {"question": name, "says": leaning(fact.value, name)} | say.some(fact, "value", "at", "source", "by")
        for name, fact in answers.items()
    ]
    unanswered = [name for name in NAMES if name not in answers]
    return {"cadence": no.cadence, "enrollment": no.id, "finished": say.utc(no.finished), "answers": said, "open": unanswered}


def _everybody(office: Office, begin: datetime | None, end: datetime | None, zone: ZoneInfo, *, as_json: bool) -> None:
    from followupd import debriefing

    count, rows = debriefing.since(office, begin, end)
    if as_json:
        say.as_json({"since": say.utc(begin), "until": say.utc(end), "debriefs": count, "questions": [_row(row) for row in rows]})
        return
    span = f" from {speak(begin, zone)}" if begin else ""
    say.line(f"{count} noes were looked back at{span}{f' to {speak(end, zone)}' if end else ''}; those with most noes first")
    say.table(("question", "yes", "no", "other"), [(row.question.short, row.yes, row.no, row.other) for row in rows if count])
    for row in rows:
        wrong = [fact for verdict, fact in row.said if verdict != "yes"][:MOST_WORDS]
        if wrong:
            say.heading(row.question.text)
            say.table(("about", "answer"), [(fact.address, fact.value) for fact in wrong])


def _row(row: Row) -> dict[str, Any]:
    said = [{"says": verdict} | say.some(fact, "value", "address", "at", "by") for verdict, fact in row.said]
    return {
        "question": row.question.name,
        "text": row.question.text,
        "yes": row.yes,
        "no": row.no,
        "other": row.other,
        "answers": said,
    }


def _span(month: str | None, since: str | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From when and until when, on the workspace's clock."""
    if month:
        if not re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", month):
            raise say.Fault(f'"{month}" is no month; write one such as 2026-03')
        year, number = map(int, month.split("-"))
        begin = datetime(year, number, 1, tzinfo=zone)
        return begin.astimezone(UTC), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone).astimezone(UTC)
    if since:
        try:
            return datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=zone).astimezone(UTC), None
        except ValueError:
            raise say.Fault(f'"{since}" is no date; write one such as 2026-03-01') from None
    return None, None
