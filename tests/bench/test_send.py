"""Those beside whom we are measured do the same work, and a mail that is missing is noticed."""

import email
import email.policy
from pathlib import Path

import pytest

from followupd.bench.peers.message import Writer
from followupd.bench.suite import Figures, Missing, Place, WrongOutcome
from followupd.bench.workloads import send, send_far
from followupd.bench.workspace import person

FEW = 0.002


@pytest.mark.slow
@pytest.mark.parametrize("work", [send.script, send.floor(2), send.smtp_source])
def test_who_stands_beside_us(work, tmp_path: Path) -> None:
    """The plain script, the bare loop and smtp-source hand over every mail, and are measured at the same figures as we."""
    found: Figures = work(Place(folder=tmp_path, scale=FEW))
    assert found.keys() == {"per_second", "with_start_per_second", "cpu_per_1000", "memory_mb"}
    assert min(found.values()) >= 0
    assert found["per_second"] > 0


@pytest.mark.slow
def test_a_server_far_away() -> None:
    """The bare loop gets no further than its connections allow at 20 ms an answer; through TLS it gets through as well."""
    found = send_far.bare_recorded(40, 4, delay=0.02, tls=True)
    assert 50 < found["per_second"] < 4 / 0.02


def test_a_mail_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A table in which somebody has got nothing, and a sink that has too few, are wrong outcomes."""
    send.people_in(tmp_path / "due.db", 3)
    with pytest.raises(WrongOutcome, match="0 of 3 are marked as sent"):
        send.check_table(tmp_path / "due.db", 3)

    class Few:
        count = 2

    with pytest.raises(WrongOutcome, match="2 mails arrived instead of 3"):
        send.check_count(Few(), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("work", [send.nodemailer, send.post_office])
def test_a_peer_without_its_folder(work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers that nobody has installed are missing, before any work is done."""
    monkeypatch.delenv("FOLLOWUPD_PEERS", raising=False)
    with pytest.raises(Missing, match="--setup-peers"):
        work(Place(folder=tmp_path, scale=FEW))


def test_everybody_sends_the_same_mail() -> None:
    """The mail of the peers has the headers, the words and the size of ours."""
    raw = Writer().message(person(3)).as_bytes()
    found = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert 3_200 < len(raw) < 4_000
    assert {"In-Reply-To", "References", "List-Unsubscribe", "Message-ID", "Date"} <= set(found.keys())
    html = found.get_body(("html",))
    assert html is not None
    assert "Hello Ann," in html.get_content()
    assert html.get_content().count("before, and after a quarter") == 3
