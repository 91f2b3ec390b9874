"""The play of the demo: who is in it, which kinds it covers, and that its mails are what real servers would send."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from followupd.core.model import ReplyKind, Taken
from followupd.core.shelf import Choice, ContentItem, Recipient, Shelf, Wish
from followupd.demo import script
from followupd.demo.people import PROSPECTS
from followupd.demo.script import PEOPLE, Answer, Original, Person
from followupd.files.words import parse_words

TOP = Path(__file__).parents[2]
NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
OURS = Original(
    message_id="t-0123456789abcdefghij.0123456789abcdefghijklmnopqrstuvwxyz@example.com",
    subject="Danke, Jürgen: für Ihre Liste",
    text="Hello,\n\nI would say yes, go ahead.\nNo thanks needed.\n\nDana",
    date=NOW - timedelta(hours=3),
    sender="dana@example.com",
    sender_name="Dana Reyes",
    references=("first.0123456789@example.com", "second.0123456789@example.com"),
)
ANSWERS = [(person, answer) for person in PEOPLE for answer in person.answers]
HUMAN = [(person, answer) for person, answer in ANSWERS if answer.text and not answer.automatic]
REPORTED = [person for person in PEOPLE if person.bounces in ("hard", "soft", "blocked")]


def name_of(value: Person | Answer) -> str:
    """A short name for a test case."""
    return value.address.partition("@")[0] if isinstance(value, Person) else f"{value.kind}-{value.to_mail}"


def parsed(raw: bytes) -> EmailMessage:
    """The mail as the standard library reads it, which must find nothing wrong with it."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [defect for part in mail.walk() for defect in part.defects]
    return mail


def plain(mail: EmailMessage) -> str:
    """The text part of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_forty_people_in_the_csv() -> None:
    """The CSV has 40 rows, the columns that design.md names, and no address twice."""
    rows = list(csv.DictReader(io.StringIO(script.csv_text(date(2026, 3, 2)))))
    assert len(rows) == len({row["email"] for row in rows}) == 40
    known = set(
        "email cadence first_name last_name company title phone country timezone language owner goals challenges interests "
        "meeting_at meeting_highlight next_step source basis".split()
    )
    assert set(rows[0]) == known
    filled = ("email", "cadence", "first_name", "company", "timezone", "owner", "meeting_at", "meeting_highlight")
    assert all(row[column] for row in rows for column in filled)
    assert [person.address for person in PEOPLE] == [row["email"] for row in rows]


def test_meetings_are_on_the_start_date() -> None:
    """Each meeting is on the day the demo starts, at the prospect's local time, in a form that the standard library reads."""
    for row in csv.DictReader(io.StringIO(script.csv_text(date(2026, 3, 2)))):
        ZoneInfo(row["timezone"])
        assert datetime.fromisoformat(row["meeting_at"]).date() == date(2026, 3, 2)


def test_nobody_is_real() -> None:
    """Every address, also those in the texts, ends in a name that RFC 2606 reserves."""
    texts = [answer.text + (answer.sender or "") for _, answer in ANSWERS] + [person.address for person in PEOPLE]
    addresses = [found for text in texts for found in re.findall(r"[\w.+-]+@([\w.-]*\w)", text)]
    assert addresses
    assert all(re.search(r"(^|\.)(example|test|example\.com)$", domain) for domain in addresses)


def test_every_kind_is_played() -> None:
    """All reply kinds occur, as often as the demo promises; at least ten people are silent to the end."""
    kinds = Counter(answer.kind for _, answer in ANSWERS)
    kinds.update(
        {"hard": ReplyKind.BOUNCE_HARD, "soft": ReplyKind.BOUNCE_SOFT, "blocked": ReplyKind.BOUNCE_BLOCKED}[p.bounces]
        for p in REPORTED
    )
    least = {
        ReplyKind.YES: 3,
        ReplyKind.NO: 4,
        ReplyKind.LATER: 3,
        ReplyKind.ENGAGED: 3,
        ReplyKind.REFERRAL: 2,
        ReplyKind.UNSUBSCRIBE: 2,
    }
    least |= {ReplyKind.OUT_OF_OFFICE: 3, ReplyKind.AUTO_REPLY: 2, ReplyKind.UNCLEAR: 2}
    assert all(kinds[kind] >= least.get(kind, 1) for kind in ReplyKind)
    assert sum(not person.answers and not person.bounces for person in PEOPLE) >= 10
    assert any(person.bounces == "refused" for person in PEOPLE)


def test_every_awkward_turn_is_played() -> None:
    """A late answer, an answer to an old mail, one from a colleague, and an absence that a yes follows."""
    assert any(answer.after > timedelta(days=10) for _, answer in ANSWERS)
    assert any(answer.old_mail and answer.old_mail < answer.to_mail for _, answer in ANSWERS)
    colleagues = [(person, parseaddr(answer.sender)[1]) for person, answer in ANSWERS if answer.sender]
    assert all(theirs != person.address and theirs.split("@")[1] == person.address.split("@")[1] for person, theirs in colleagues)
    assert colleagues
    assert any([answer.kind for answer in person.answers] == [ReplyKind.OUT_OF_OFFICE, ReplyKind.YES] for person in PEOPLE)


@pytest.mark.parametrize(("person", "answer"), [pair for pair in ANSWERS if pair[1].kind != ReplyKind.COMPLAINT], ids=name_of)
def test_an_answer_is_a_whole_mail(person: Person, answer: Answer) -> None:
    """An answer parses without defects, names the mail it answers, comes from the right address and says its words first."""
    mail = parsed(script.answer_mail(person, answer, OURS, NOW))
    assert mail["In-Reply-To"] == f"<{OURS.message_id}>"
    assert mail["References"].split() == [f"<{each}>" for each in (*OURS.references, OURS.message_id)]
    assert parseaddr(mail["From"])[1] == (parseaddr(answer.sender)[1] if answer.sender else person.address)
    assert parseaddr(mail["To"]) == ("Dana Reyes", "dana@example.com")
    assert mail["Date"].datetime == NOW
    assert plain(mail).startswith(answer.text.partition("{date}")[0])
    assert (mail["Auto-Submitted"] or "") == answer.automatic


@pytest.mark.parametrize(("person", "answer"), HUMAN, ids=name_of)
def test_people_quote_what_they_answer(person: Person, answer: Answer) -> None:
    """What a human answers holds our mail as a quote below the answer, also in the HTML part where there is one."""
    mail = parsed(script.answer_mail(person, answer, OURS, NOW))
    assert plain(mail).index(answer.text.partition("{date}")[0]) < plain(mail).index("I would say yes, go ahead.")
    page = mail.get_body(("html",))
    assert (page is not None) == (person.program in ("gmail", "outlook"))
    assert page is None or "I would say yes, go ahead." in page.get_content()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("priya.nair@monsoonsoft.example", "will be back on 16 March 2026"),
        ("zoe.meyer@alpenblick.example", "ab dem 17. März 2026 wieder"),
        ("aoi.tanaka@sakura-logistics.example", "on 24 March 2026, when"),
    ],
)
def test_dates_are_the_writers_own(address: str, expected: str) -> None:
    """A date in an answer is counted from the moment of writing, on the writer's calendar and in her language, and is no weekend."""
    person = next(person for person in PEOPLE if person.address == address)
    assert expected in plain(parsed(script.answer_mail(person, person.answers[0], OURS, NOW)))


def test_the_writers_day_is_her_own() -> None:
    """Late in the day in Europe it is tomorrow in Tokyo."""
    person = next(person for person in PEOPLE if person.address.startswith("aoi.tanaka"))
    assert "on 25 March 2026" in plain(parsed(script.answer_mail(person, person.answers[0], OURS, NOW.replace(hour=20))))


@pytest.mark.parametrize("person", REPORTED, ids=name_of)
def test_a_delivery_report_names_address_status_and_mail(person: Person) -> None:
    """A report follows RFC 3464: its machine part names the address and the status, its last part our Message-ID."""
    raw = script.report_mail(person, OURS, NOW)
    mail = parsed(raw)
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "delivery-status"
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    fields = {name: value for part in mail.walk() for name, value in part.items()}
    assert fields["Final-Recipient"] == f"rfc822; {person.address}"
    assert fields["Action"] == "failed"
    assert fields["Status"] == {"hard": "5.1.1", "soft": "4.2.2", "blocked": "5.7.1"}[person.bounces]
    assert f"\r\nMessage-ID: <{OURS.message_id}>\r\n" in raw.decode("ascii").partition("text/rfc822-headers")[2]


def test_a_complaint_is_an_abuse_report() -> None:
    """The complaint follows RFC 5965 and names whom it comes from and which mail it is about."""
    person, answer = next(pair for pair in ANSWERS if pair[1].kind == ReplyKind.COMPLAINT)
    mail = parsed(script.answer_mail(person, answer, OURS, NOW))
    assert mail.get_param("report-type") == "feedback-report"
    whole = script.complaint_mail(person, OURS, NOW).decode("ascii")
    assert "Feedback-Type: abuse" in whole
    assert f"Original-Rcpt-To: <{person.address}>" in whole
    assert f"Message-ID: <{OURS.message_id}>" in whole


def test_the_same_play_gives_the_same_bytes() -> None:
    """Without dice and clock, the same answer at the same moment is the same mail; another moment gives another id."""
    person, answer = ANSWERS[0]
    raw = script.answer_mail(person, answer, OURS, NOW)
    assert raw == script.answer_mail(person, answer, OURS, NOW)
    later = script.answer_mail(person, answer, OURS, NOW + timedelta(seconds=1))
    assert parsed(raw)["Message-ID"] != parsed(later)["Message-ID"]


def test_our_mail_is_read_back() -> None:
    """The facts of a mail of ours survive the way through its bytes."""
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=900))
    mail["From"], mail["To"] = "Dana Reyes <dana@example.com>", "tom@brightwell.example"
    mail["Subject"], mail["Date"] = OURS.subject, OURS.date
    mail["Message-ID"] = f"<{OURS.message_id}>"
    mail["References"] = " ".join(f"<{each}>" for each in OURS.references)
    mail.set_content(OURS.text)
    mail.add_alternative("<p>Hello</p>", subtype="html")
    found = script.original_of(mail.as_bytes())
    assert (found.message_id, found.subject, found.references) == (OURS.message_id, OURS.subject, OURS.references)
    assert (found.sender, found.sender_name, found.to) == ("dana@example.com", "Dana Reyes", "tom@brightwell.example")
    assert found.text.strip() == OURS.text
    assert found.date == OURS.date


def test_the_shelf_has_enough_for_everybody() -> None:
    """Each sample prospect finds an item for every step of the proposal that picks one, and one more for later."""
    shelf = []
    for path in (TOP / "content").glob("*.md"):
        front = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])
        shelf.append(
            ContentItem(name=path.stem, title=front["title"], body="", topics=tuple(front["topics"]), ours=front["ours"])
        )
    words, problems = parse_words((TOP / "content/words.yaml").read_text("utf-8"), "words.yaml")
    assert words is not None, problems
    for row in PROSPECTS:
        taken: list[Taken] = []
        for ours in (False, False, True, False):
            wish = Wish(match=("goals", "challenges", "interests"), ours=ours)
            found = Shelf(tuple(shelf), words).choose(wish, Recipient(columns=row, taken=taken), date(2026, 3, 2))
            assert isinstance(found, Choice), (row["email"], taken, found)
            taken.append(Taken(address=row["email"], item=found.item.name, ours=ours, at=datetime(2026, 3, 2, tzinfo=UTC)))
