"""Delivery reports, complaints and machines' mail, as whole messages: what is a report, what it says, and what people write about one."""

from __future__ import annotations

import pytest

from followupd.core.inbound import read_message
from followupd.core.replies.kinds import classify

DAEMON = "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: failure notice\n\n"
LIST = "From: jo@dev.example\nList-Id: <all.lists.example>\nPrecedence: bulk\nReturn-Path: <all-bounces@lists.example>\n"


def kind(text: str) -> str:
    return classify(read_message(text.replace("\n", "\r\n").encode())).kind.value


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("<kim@prospect.example>:\n550 5.1.1 user unknown", "bounce_hard"), ("Your message was not delivered to kim@prospect.example because:\nUser kim not listed in Domino Directory", "bounce_hard"),
        ("did not reach the following recipient(s):\nkim@prospect.example\nThe recipient name is not recognized", "bounce_hard"), ("<kim@prospect.example>:\nSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)", "bounce_hard"),
        ("could not be delivered\n<kim@prospect.example>: 550 Requested action not taken: mailbox unavailable", "bounce_hard"), ("<kim@prospect.example>: 550 5.2.1 mailbox disabled, User Unknown", "bounce_soft"),
        ("SMTP error from remote mail server after end of data:\nhost mx.example: 550 : User unknown <kim@prospect.example>\ncould not be delivered", "bounce_soft"),
        ("<kim@prospect.example>: 552 5.2.2 mailbox full", "bounce_soft"), ("delivery to kim@prospect.example has been postponed due to a full mailbox. We will continue to try.", "bounce_soft"),
        ("<kim@prospect.example>: host mx.example said: 550 5.2.1 <kim@prospect.example>... User Unknown (in reply to RCPT TO command)", "bounce_hard"),
        ("Your message cannot be delivered:\n<kim@prospect.example>:\n>>> DATA\n<<< 550 Unknown user kim@prospect.example", "bounce_soft"),
        ("kim@prospect.example\n>>> DATA\n<<< 550 5.5.0 Invalid recipient kim@prospect.example\n<<< 554 5.5.1 Error: no valid recipients", "bounce_hard"),
        ("could not deliver to kim@prospect.example because: Mailbox is full\nlog: 550 5.1.1 <kim@prospect.example>... User Unknown", "bounce_soft"),
        ("<kim@prospect.example>: 550 5.7.1 blocked using spamhaus", "bounce_blocked"), ("送信先のメールボックスが見つかりません。送信できませんでした。 kim@prospect.example", "bounce_hard"),
    ],
)  # fmt: skip
def test_what_a_report_means(said: str, means: str) -> None:
    """The cause is read from what the server said, else from the words around it; only a missing address is for good."""
    assert kind(f"{DAEMON}{said}\n") == means


@pytest.mark.parametrize(
    "text",
    [
        "From: staff@hotmail.com\nSubject: Our offer\nX-HmXmrOriginalRecipient: kim@hotmail.com\n\nHi Kim,\nan idea for you.\n",
        "From: scomp@aol.net\nSubject: Email Feedback Report for IP 192.0.2.1\n\nThis is a report.\n", "From: abuse@isp.example\nSubject: complaint about message from 192.0.2.1\n\nSee below.\n",
        'From: no-reply@sns.example\nSubject: Notice\n\n{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"kim@prospect.example"}]}}\n',
    ],
)  # fmt: skip
def test_complaints_without_a_machine_part(text: str) -> None:
    """Feedback loops that don't keep to RFC 5965 are known by their sender, their subject or their own field."""
    assert kind(text) == "complaint"


def test_a_mail_program_opts_out() -> None:
    """What a person's mail program sends when they press "unsubscribe" is their own wish, automatic or not."""
    assert (
        kind(
            "From: kim@prospect.example\nSubject: unsubscribe\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n\nApple Mail sent this email to unsubscribe.\n"
        )
        == "unsubscribe"
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: mail delivery failed again", "Yes, I see that too: 550 user unknown. The mail could not be delivered. Do you?"), ("[PATCH] smtp: user unknown", "The message was rejected by the server.\nSigned-off-by: Jo\n"),
        ("Re: out of office policy", "I am on vacation next week, but will review on Monday."), ("[PATCH v2] fix delivery failure of IRQs", "This handles what could not be delivered.\n"),
        ("Re: status", "He no longer works on this, ask Bob."),
    ],
)  # fmt: skip
def test_people_on_lists(subject: str, text: str) -> None:
    """People write about failed mail, absences and who has left; list headers prove nothing."""
    assert kind(f"{LIST}Subject: {subject}\nIn-Reply-To: <a@b.example>\nX-Auto-Response-Suppress: All\n\n{text}\n") not in {
        "bounce_hard",
        "bounce_soft",
        "bounce_blocked",
        "out_of_office",
        "auto_reply",
    }
