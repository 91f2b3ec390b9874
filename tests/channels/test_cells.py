"""Whatever stands in the cells of a row: the row is handed back, the mail is held, or the mail says exactly what the row said."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followupd.channels import CHANNELS
from followupd.channels.email import Written, write
from followupd.channels.scope import Scene
from followupd.core.model import Prospect, ThreadContext, Touch, TouchState
from followupd.core.outbound import UnsafeMessage, message_id
from followupd.files.prospects import Candidate, Rejection, Row, Rules, judge
from followupd.files.templates import CannotRender, parse_template
from followupd.files.workspace import Workspace, load_workspace

NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SOUND = Path(__file__).parent.parent / "bad" / "sound" / "config.yaml"
COLUMNS = ("first_name", "last_name", "company", "goals", "shoe_size")
TEMPLATE, _ = parse_template(
    '---\nsubject: "For {{ prospect.company }}"\n---\nHello {{ prospect.first_name }},\n\n'
    "you said: {{ prospect.goals }}\n\nand {{ prospect.shoe_size }}.\n",
    "templates/any.md",
    "any",
)
RULES = Rules(
    cadences={"nurture": [(column, "the mail") for column in COLUMNS]}, steps={}, owners=frozenset({"dana"}), own_addresses=frozenset(),
    own_domains=frozenset(), default_cadence="nurture", default_owner="dana",
)  # fmt: skip


@cache
def workspace() -> Workspace:
    return load_workspace(SOUND, channels=CHANNELS, environ={})


def mail(columns: dict[str, str]) -> Written | str:
    """The mail for a row, or why there is none."""
    found = judge(Row(line=2, columns=columns), RULES)
    if isinstance(found, Rejection):
        return found.reason
    return written(found)


def written(row: Candidate) -> Written | str:
    config, cadence = workspace().config, workspace().cadences["nurture"]
    assert config is not None
    assert TEMPLATE is not None
    prospect = Prospect(id="p", address=row.address, columns=row.columns)
    scene = Scene(
        cadence=cadence, step=cadence.steps[0], prospect=prospect, mailbox=config.mailbox("dana"), company=config.who(), now=NOW,
        zone=ZoneInfo("UTC"),
    )  # fmt: skip
    touch = Touch(
        id="t1", enrollment="e1", address=row.address, mailbox="dana", position=0, step="hello", channel="email", state=TouchState.SENDING,
        due=NOW, message_id=message_id("t1", "example.com", b"key"),
    )  # fmt: skip
    try:
        return write(scene, TEMPLATE, touch, ThreadContext())
    except (CannotRender, UnsafeMessage) as held:
        return str(held)


GOOD = {
    "email": "ann@acme.example",
    "first_name": "Ann",
    "last_name": "Lee",
    "company": "Acme",
    "goals": "growth",
    "shoe_size": "42",
}
NASTY = (
    st.text(max_size=80)
    | st.text(alphabet='aä €"\\<>,@:;()[]._=?-*`#{}%|\t\r\n\x00\u2028\u202e\u200b', max_size=60)
    | st.sampled_from([
        "{{ 7*7 }}", "{% raw %}", "=?utf-8?q?Bcc=3A?=", "Ann\r\nBcc: eve@evil.example", "Ann\n.\nMAIL FROM:<x@y.example>", "[x](javascript:alert(1))",
        "<script>alert(1)</script>", "![x](http://evil.example/i.png)", "=cmd|' /C calc'!A0", "N/A", "-", "a" * 10_000, "\n.\n", "From here", "--=_x", "Řehoř",
    ])
)  # fmt: skip


def plain(columns: dict[str, str]) -> dict[str, str]:
    return {column: text.strip() for column, text in columns.items()}


@settings(max_examples=150)
@example({"first_name": "\u00b9\u00b9\u014a\U00018cd6"}, "ann@acme.example")  # in capitals, with one that no terminal shows
@given(st.dictionaries(st.sampled_from(COLUMNS), NASTY, max_size=5), st.just("ann@acme.example") | NASTY)
def test_any_text_in_any_cell(cells: dict[str, str], address: str) -> None:
    """Refused with a sentence, or somebody else's parser finds one recipient and the very words of the row in the mail."""
    columns = plain({**GOOD, **cells, "email": address})
    found = mail(columns)
    if isinstance(found, str):
        assert found.isprintable()
        return
    raw = found.raw
    message: Any = email.message_from_bytes(raw, policy=email.policy.default)
    assert not message.defects
    (to,) = message["To"].addresses
    assert to.addr_spec == judged_address(columns)
    assert message["Cc"] is message["Bcc"] is None
    name, _ = parseaddr(email.message_from_bytes(raw)["To"])
    assert str(make_header(decode_header(name))).split() == f"{columns['first_name']} {columns['last_name']}".split()
    assert message["Subject"].split() == f"For {columns['company']}".split()
    text, html = (part.get_payload(decode=True).decode() for part in email.message_from_bytes(raw).get_payload())  # type: ignore[union-attr]
    for column in ("first_name", "goals", "shoe_size"):
        assert columns[column].split() == [] or " ".join(columns[column].split()) in " ".join(text.split())
    assert tags(html.partition("<body>")[2]) <= {"div", "p", "br"}


def tags(page: str) -> set[str]:
    """The elements that a browser would make of a page."""
    found: set[str] = set()
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, _attributes: found.add(tag)  # type: ignore[method-assign]
    reader.feed(page)
    return found


def judged_address(columns: dict[str, str]) -> str:
    return judge(Row(line=2, columns=columns), RULES).address


def test_the_property_can_fail() -> None:
    """A control: good rows become mails, and bad ones do not."""
    assert isinstance(mail(GOOD), Written)
    assert isinstance(mail({**GOOD, "company": "Acme\r\nBcc: eve@evil.example"}), str)


@pytest.mark.parametrize("column", ["first_name", "last_name", "company", "goals", "shoe_size"])
def test_sums_are_never_done(column: str) -> None:
    """What looks like a template in a cell is shown with its braces, and is never worked out."""
    found = mail({**GOOD, column: "{{ 7*7 }}"})
    assert isinstance(found, Written)
    assert "49" not in found.subject + found.rendered.text + found.rendered.html
    assert "7*7" in found.rendered.text + found.subject or column == "last_name"


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("first_name", "N/A", "prospect.first_name is missing"),
        ("first_name", "-", "prospect.first_name is missing"),
        ("goals", "#REF!", "prospect.goals is missing"),
        ("company", "a\nb", "subject contains a line break"),
        ("company", "=?utf-8?q?x?=", "looks like an encoded header"),
        ("company", "x" * 300, "subject has 304 characters; at most 200"),
        ("goals", "x" * 70_000, "grows over 64 KB"),
    ],
)
def test_what_got_past_intake_is_held(column: str, text: str, said: str) -> None:
    """A row that an older version let in, or a command, is stopped when its mail is written: nobody is greeted as N/A."""
    row = judge(Row(line=2, columns=GOOD), RULES)
    assert isinstance(row, Candidate)
    held = written(row._replace(columns={**GOOD, column: text}))
    assert isinstance(held, str)
    assert said in held
