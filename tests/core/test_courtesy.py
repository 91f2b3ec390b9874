"""Who is answered by a machine: people whose answer is proved, rarely, and nobody else (RFC 3834)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core import courtesy
from followupd.core.inbound import read_message
from followupd.core.model import DeliveryReport, Enrollment, Inbound, ReplyKind
from tests.core.test_lifecycle import enrolled
from tests.store.made import NOW, reply

ANN = "ann@ann.example"
HOUR = timedelta(hours=1)

MACHINES = [
    "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; owner=x", "Auto-Submitted: AUTO-NOTIFIED", "Auto-Submitted: something-new",
    "Precedence: bulk", "Precedence: list", "Precedence: junk", "Precedence: auto_reply", "Return-Path: <>", "Return-Path: < >",
    "Return-Path: <MAILER-DAEMON@p.test>", "List-Id: <sales.p.test>", "List-Unsubscribe: <mailto:x@p.test>", "List-Post: <mailto:x@p.test>",
    "List-Help: <mailto:x@p.test>", "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: DR, AutoReply", "X-Autoreply: yes", "X-Loop: x@p.test",
    "Feedback-ID: 1:2:3", "Content-Type: multipart/report; report-type=disposition-notification", "X-Autorespond: 1",
]  # fmt: skip
PEOPLE = [
    "Auto-Submitted: no",
    "Auto-Submitted: No (a person)",
    "Return-Path: <ann@ann.example>",
    "Precedence: normal",
    "X-Auto-Response-Suppress: DR, RN",
    "Subject: Auto-Submitted: auto-replied",
]


def mail(line: str) -> Inbound:
    return read_message(f"From: {ANN}\r\n{line}\r\nMessage-ID: <1@ann.example>\r\n\r\nNot now.\r\n".encode())


@pytest.mark.parametrize("line", MACHINES)
def test_machines_get_no_answer(line: str) -> None:
    """One sign of a machine in the header is enough, even where reading takes the words for a person's."""
    assert courtesy.automatic(mail(line))


@pytest.mark.parametrize("line", PEOPLE)
def test_people_may_get_one(line: str) -> None:
    """What people's mail programs write is no sign of a machine."""
    assert courtesy.automatic(mail(line)) == ""


def test_reports_get_no_answer() -> None:
    """Nobody writes to a machine that reports a failure."""
    report = DeliveryReport(recipient=ANN, action="failed", status="5.1.1", diagnostic="")
    assert courtesy.automatic(Inbound(report=report))
    assert courtesy.automatic(Inbound(complaint=True))


@pytest.mark.parametrize(
    "address",
    [
        "postmaster@p.test", "MAILER-DAEMON@p.test", "mailer-daemon+x@p.test", "no-reply@p.test", "noreply@p.test", "donotreply@p.test",
        "do_not_reply@p.test", "owner-sales@p.test", "sales-request@p.test", "sales-bounces@p.test", "bounces+123@p.test", "root@p.test",
    ],
)  # fmt: skip
def test_system_addresses(address: str) -> None:
    """Nobody reads mail at such an address."""
    assert courtesy.unanswered(reply(ReplyKind.LATER, address=address, matched="thread"), address, (), NOW)


@pytest.mark.parametrize("address", ["ann@p.test", "not.a.daemon@p.test", "rooter@p.test", "noreen@p.test", "ownership@p.test"])
def test_addresses_of_people(address: str) -> None:
    """People are called many things."""
    assert not courtesy.SYSTEM.fullmatch(address)


@pytest.mark.parametrize(
    ("matched", "writer", "answered"),
    [
        ("thread", ANN, True), ("token", ANN, True), ("vouched", ANN, True), ("address", ANN, False), ("alias", ANN, False),
        ("thread", "bob@ann.example", False), ("token", "", False),
    ],
)  # fmt: skip
def test_only_proved_answers(matched: str, writer: str, answered: bool) -> None:
    """An acknowledgement goes to the person alone who has written, and only where something proves it: anything else is backscatter."""
    found = courtesy.unanswered(reply(ReplyKind.LATER, address=writer, matched=matched), ANN, (), NOW)
    assert (found == "") == answered


@pytest.mark.parametrize(("days", "answered"), [(0, False), (6.9, False), (7, True), (40, True)])
def test_once_a_week(days: float, answered: bool) -> None:
    """Nobody gets two within a week; other cadences don't count."""
    had = acknowledged(NOW - timedelta(days=days))
    found = courtesy.unanswered(reply(ReplyKind.NO, matched="thread"), ANN, (enrolled(), had), NOW)
    assert (found == "") == answered


def acknowledged(at: object) -> Enrollment:
    return replace(enrolled(), started=at, source=f"proposal, {courtesy.MARK} r-1")


@pytest.mark.parametrize(("domain", "lately", "full"), [("p.test", 2, False), ("p.test", 3, True), ("gmail.com", 30, False)])
def test_domains(domain: str, lately: int, full: bool) -> None:
    """Three a day for a company; at a provider of mail for everybody no machine answers for all."""
    assert courtesy.domain_is_full(domain, lately) == full


exchange = st.tuples(
    st.integers(0, 40), st.sampled_from(["ann@p.test", "bob@p.test", "carl@p.test", "dora@p.test", "no-reply@p.test", "eve@q.test"]),
    st.sampled_from(["ann@p.test", "bob@p.test", "", "x@elsewhere.test"]), st.booleans(),
    st.sampled_from(["thread", "token", "vouched", "address", "company"]), st.sampled_from(MACHINES + PEOPLE),
)  # fmt: skip


@given(st.lists(exchange, max_size=60))
def test_fewer_out_than_in(exchanges: list[tuple[int, str, str, bool, str, str]]) -> None:
    """Over any exchange of mails: no more acknowledgements than people's mails, one a week each, three a day for a domain."""
    now, sent, people = NOW, [], 0
    for hours, address, other, own, matched, line in exchanges:
        now += hours * HOUR
        writer = address if own else other
        person = not courtesy.automatic(mail(line)) and writer != ""
        people += person
        before = [acknowledged(at) for to, at in sent if to == address]
        lately = sum(to.endswith(address.rpartition("@")[2]) and at > now - courtesy.DAY for to, at in sent)
        refused = courtesy.automatic(mail(line)) or courtesy.unanswered(
            reply(ReplyKind.LATER, address=writer, matched=matched), address, before, now
        )
        if not refused and not courtesy.domain_is_full(address.rpartition("@")[2], lately):
            sent.append((address, now))
    assert len(sent) <= people
    for to, at in sent:
        assert sum(one == to and at <= when < at + courtesy.PER_PERSON for one, when in sent) == 1
        assert sum(one.endswith(to.rpartition("@")[2]) and at <= when < at + courtesy.DAY for one, when in sent) <= 3
