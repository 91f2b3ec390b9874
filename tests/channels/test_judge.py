"""The judge of the crash tests can be trusted: what it said 250 to stands in its log, and nothing it never had."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from tests.servers import smtp
from tests.servers.smtp import Mail, Script

RAW = b"Message-ID: <one@example.com>\r\n\r\n..dots\r\n.\r\nend\r\n"


def post(port: int, recipient: str) -> None:
    """One mail by somebody else's client."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("dana@example.com", [recipient], RAW)


def test_the_judge_writes_before_it_answers(tmp_path: Path) -> None:
    """Each accepted mail is in the log, with its bytes, when its sender has the 250, over several connections."""
    log = tmp_path / "log"
    with smtp.judge(log) as port:
        for number in range(3):
            post(port, f"p{number}@x.example")
            assert len(smtp.read_log(log)) == number + 1
    assert smtp.read_log(log)[2] == Mail("dana@example.com", ("p2@x.example",), "one@example.com", RAW)


@pytest.mark.parametrize("stores", [True, False])
def test_a_judge_that_hangs_up_after_the_dot_stored_or_not(tmp_path: Path, stores: bool) -> None:
    """A lost answer with the mail accepted, and one without, differ only in the log."""
    log = tmp_path / "log"
    with smtp.judge(log, drop="DOT", stores=stores) as port, pytest.raises(smtplib.SMTPServerDisconnected):
        post(port, "p@x.example")
    assert len(smtp.read_log(log)) == stores


def test_a_half_written_line_does_not_count(tmp_path: Path) -> None:
    """A judge killed while it wrote never said 250."""
    log = tmp_path / "log"
    log.write_bytes(b'{"sender": "a", "reci')
    assert smtp.read_log(log) == []


def test_a_scripted_server_runs_in_a_thread() -> None:
    """Tests that block have the same servers."""
    with smtp.in_thread(Script(answers={"RCPT": ["450 4.7.1 later", "250 ok"]})) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            post(server.port, "p@x.example")
        post(server.port, "p@x.example")
        assert [mail.raw for mail in server.mails] == [RAW]
