"""The main job on real servers that are not ours: Dovecot for the mailbox, Postfix and its smtp-sink for the mails that leave.

The daemon is a process of its own, `python -m followupd run`, in a workspace that is written by hand as the manual says.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followupd.bench.servers import as_nobody, free_port, wait_until
from followupd.bench.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.postfix import postfix

TOP = Path(__file__).parents[1]
SMTP_SINK = Path("/usr/sbin/smtp-sink")

CONFIG = """\
store: followupd.db
paths: {{cadences: cadences, templates: templates, content: content, inbox: inbox}}
company: {{name: Example Ltd, postal_address: "1 Main Street, Springfield", country: US, holidays: [US], domains: [example.com]}}
defaults: {{window: mon-fri 09:00-17:00, holidays: prospect, timezone: America/New_York}}
freshness: 10s
mailboxes:
  dana:
    address: dana@example.com
    name: Dana Reyes
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none, folders: [INBOX], sent: auto}}
    auth: {{user: dana@example.com, password: {{env: DANA_PASSWORD}}}}
    limits: {{per_minute: 100, per_hour: 1000, per_day: 1000, in_flight: 2}}
    gap: 0s
    reports_to: lee@example.com
    signature: |
      Dana Reyes, Example Ltd
digest: {{at: "07:30", days: mon-fri}}
web: {{listen: 127.0.0.1:8025, public_url: null}}
retention: {{after_finish: 2y}}
webhooks: []
"""

CADENCE = """\
cadence: pilot
about: Three mails in some seconds.
mailbox: owner
window: always
holidays: none
steps:
  - id: thanks
    email: thanks
    after: 0s
    brings: a summary
  - id: idea
    email: idea
    after: {after}
    brings: something to read
  - id: goodbye
    email: goodbye
    after: {after}
    thread: new
    doors: [yes, later, no]
replies:
  yes: {{task: "Call {{{{ prospect.first_name }}}} today: {{{{ reply.quote }}}}"}}
  later: {{pause: 60d}}
end: {{after: 7d}}
"""

TEMPLATES = {
    "thanks": (
        "Thank you, {{ prospect.first_name }}",
        "Hello {{ prospect.first_name }},\n\nit was good to meet **{{ prospect.company }}**.",
    ),
    "idea": ("An idea", "Something to read for {{ prospect.company }}."),
    "goodbye": ("Shall I close this?", "A short no is fine, too."),
}

PEOPLE = "E-Mail;First Name;Company\nann@p.test;Ann;Acme\nbob@p.test;Bob;Beta\ncarl@p.test;Carl;Gamma\n"

FIRST, SECOND, THIRD = 0, 1, 2


# -- servers -------------------------------------------------------------------------------------


@dataclass
class Sink:
    """Postfix's smtp-sink: takes every mail and drops it into a file of its own."""

    folder: Path
    port: int

    def mails(self, address: str) -> list[tuple[float, EmailMessage]]:
        """When each mail to this address was complete, and what it is; oldest first."""
        found = []
        for file in self.folder.glob("mail.*"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            if f"<{address}>" in str(mail["X-Rcpt-Args"]) and re.search(rb"--=_[0-9a-f]+--\s*\Z", file.read_bytes()):
                found.append((file.stat().st_mtime, mail))
        return sorted(found, key=lambda one: one[0])


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """Give an SMTP server that is not ours. To a login it answers 250 where RFC 4954 wants 235, as some servers do."""
    if not SMTP_SINK.exists():
        pytest.skip("smtp-sink is missing: apt-get install postfix")
    folder, port = tmp_path / "sink", free_port()
    folder.mkdir()
    rights, account = as_nobody()
    os.chown(folder, account.pw_uid, account.pw_gid)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)  # the sink runs as nobody and has to come as far as its folder
    process = subprocess.Popen([SMTP_SINK, "-d", "mail.", f"127.0.0.1:{port}", "50"], cwd=folder, **rights)
    try:
        wait_until(lambda: _greets(port))
        for file in folder.glob("mail.*"):
            file.unlink()
        yield Sink(folder, port)
    finally:
        process.terminate()
        process.wait(10)


def _greets(port: int) -> bool:
    with contextlib.suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=5):
        return True
    return False


@pytest.fixture
def box() -> Iterator[Dovecot]:
    """Give a Dovecot that delivers by LMTP."""
    with dovecot() as server:
        yield server


# -- the workspace and the daemon ----------------------------------------------------------------


@dataclass
class Workspace:
    """A workspace on disk, and the daemon that may run in it."""

    folder: Path

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The daemon, told to stop at the end of the block; it then ends with 0."""
        run = self.folder / "run"
        run.mkdir(mode=0o700, exist_ok=True)
        environ = {**os.environ, "DANA_PASSWORD": PASSWORD, "RUNTIME_DIRECTORY": str(run)}
        command = [sys.executable, "-m", "followupd", "--config", str(self.folder / "config.yaml"), "run"]
        with (self.folder / "log").open("ab") as log:
            daemon = subprocess.Popen(command, cwd=TOP, env=environ, stderr=log)
        try:
            yield daemon
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(30) == 0, self.log()
        finally:
            daemon.kill()
            daemon.wait(10)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def watches(self) -> bool:
        """Whether the daemon that was started last has read its mailbox and waits in IDLE."""
        return "mailbox-watched" in self.log().rpartition("ready ")[2]

    def enrollment(self, address: str) -> tuple[str, str | None, str | None]:
        """State, outcome and end of the pause, as a reader of the file sees them."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'followupd.db'}?mode=ro", uri=True)) as store:
            found = store.execute("SELECT state, outcome, until FROM enrollment WHERE address = ?", (address,)).fetchone()
        return found or ("", None, None)

    def receipt(self) -> list[str]:
        """What became of each row."""
        path = self.folder / "inbox" / "pilot-march.receipt.csv"
        return (
            [row["result"] for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())] if path.exists() else []
        )


def write_workspace(folder: Path, *, smtp: int, imap: int, after: str) -> Workspace:
    """As somebody would write it by hand."""
    folder.mkdir(mode=0o700)
    for name in ("cadences", "templates", "content", "inbox"):
        (folder / name).mkdir()
    (folder / "config.yaml").write_text(CONFIG.format(smtp=smtp, imap=imap))
    (folder / "cadences/pilot.yaml").write_text(CADENCE.format(after=after))
    for name, (subject, body) in TEMPLATES.items():
        (folder / f"templates/{name}.md").write_text(f'---\nsubject: "{subject}"\n---\n{body}\n')
    (folder / "inbox/pilot-march.csv").write_text(PEOPLE)
    return Workspace(folder)


def answer(mail: EmailMessage, sender: str, text: str, **headers: str) -> bytes:
    """A mail program's answer to this mail."""
    lines = [
        f"From: <{sender}>", "To: Dana Reyes <dana@example.com>", f"Subject: Re: {mail['Subject']}", f"Message-ID: <a.{time.time_ns()}@p.test>",
        f"In-Reply-To: {mail['Message-ID']}", f"References: {mail['Message-ID']}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", text, "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


# -- the promises --------------------------------------------------------------------------------


def test_main_job(tmp_path: Path, sink: Sink, box: Dovecot) -> None:
    """CSV in, mails out, answers read, sequence stopped.

    Each touch arrives once, threaded and on time. "No thanks" by LMTP stops Ann's mails within two seconds; an absence
    pauses Carl's. What the rep has marked in the mailbox stays as it was, and what came is still unread.
    """
    box.deliver("dana@example.com", b"From: mum@home.test\r\nSubject: Sunday\r\n\r\nCome for lunch?\r\n")
    rep = box.login("dana@example.com")
    rep.select("INBOX")
    rep.store("1", "+FLAGS", r"(\Flagged \Seen)")
    rep.logout()
    before = box.flags("dana@example.com")
    workspace = write_workspace(tmp_path / "workspace", smtp=sink.port, imap=box.imap_port, after="4s")
    with workspace.running():
        wait_until(lambda: all(sink.mails(f"{name}@p.test") for name in ("ann", "bob", "carl")), 30)
        assert workspace.receipt() == ["accepted"] * 3
        assert workspace.watches()
        began = time.monotonic()
        box.deliver("dana@example.com", answer(sink.mails("ann@p.test")[FIRST][1], "ann@p.test", "No thanks."))
        wait_until(lambda: workspace.enrollment("ann@p.test")[:2] == ("finished", "no"))
        assert time.monotonic() - began < 2
        today = datetime.now(ZoneInfo("America/New_York")).date()
        back = today + timedelta(days=21 - today.weekday())  # a Monday
        away = f"I am out of the office and will be back on {back.day} {back:%B %Y}."
        raw = answer(sink.mails("carl@p.test")[FIRST][1], "carl@p.test", away, Auto_Submitted="auto-replied")
        box.deliver("dana@example.com", raw)
        wait_until(lambda: workspace.enrollment("carl@p.test")[0] == "paused")
        wait_until(lambda: len(sink.mails("bob@p.test")) == 3, 30)
    until = datetime.fromisoformat(str(workspace.enrollment("carl@p.test")[2]))
    assert until.astimezone(ZoneInfo("America/New_York")).date() == back + timedelta(days=1)  # one business day for a full inbox
    assert (len(sink.mails("ann@p.test")), len(sink.mails("carl@p.test"))) == (1, 1)

    (at, first), (later, second), (last, third) = sink.mails("bob@p.test")
    assert [str(mail["Subject"]) for mail in (first, second, third)] == [
        "Thank you, Bob",
        "Re: Thank you, Bob",
        "Shall I close this?",
    ]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in second["References"].split()
    assert third["In-Reply-To"] is None
    assert len({mail["Message-ID"] for mail in (first, second, third)}) == 3
    assert 4 <= later - at < 7
    assert 4 <= last - later < 7
    assert box.flags("dana@example.com")[:1] == before
    assert not any(b"Seen" in line for line in box.flags("dana@example.com")[1:])
    assert len(box.flags("dana@example.com")) == 3


def test_answer_while_the_daemon_is_down(tmp_path: Path, sink: Sink, box: Dovecot) -> None:
    """An answer that was delivered while the daemon was down is read at its next start, before anything is sent."""
    workspace = write_workspace(tmp_path / "workspace", smtp=sink.port, imap=box.imap_port, after="5s")
    with workspace.running():
        wait_until(lambda: all(sink.mails(f"{name}@p.test") for name in ("ann", "bob", "carl")), 30)
    assert [len(sink.mails(f"{name}@p.test")) for name in ("ann", "bob", "carl")] == [1, 1, 1]
    (sent, mail), stopped = sink.mails("ann@p.test")[FIRST], time.time()
    box.deliver("dana@example.com", answer(mail, "ann@p.test", "No thanks."))
    wait_until(lambda: time.time() > max(sent, stopped) + 6, 30)  # now a second mail is due for everybody
    with workspace.running():
        wait_until(lambda: len(sink.mails("bob@p.test")) == 2 and len(sink.mails("carl@p.test")) == 2, 30)
        assert workspace.enrollment("ann@p.test")[:2] == ("finished", "no")
        wait_until(lambda: len(sink.mails("bob@p.test")) == 3, 30)
    assert len(sink.mails("ann@p.test")) == 1


def test_through_postfix(tmp_path: Path, box: Dovecot) -> None:
    """By way of a real Postfix into the prospects' own mailboxes, and their answers back the same way."""
    with postfix(box.lmtp_port, ["p.test", "example.com"]) as port:
        workspace = write_workspace(tmp_path / "workspace", smtp=port, imap=box.imap_port, after="5s")
        with workspace.running():
            wait_until(lambda: all(received(box, f"{name}@p.test") for name in ("ann", "bob", "carl")), 40)
            with smtplib.SMTP("127.0.0.1", port) as server:
                first = received(box, "ann@p.test")[FIRST]
                server.sendmail(
                    "ann@p.test", ["dana@example.com"], answer(first, "ann@p.test", "Please remove me from your list.")
                )
            wait_until(lambda: workspace.enrollment("ann@p.test")[:2] == ("finished", "opted_out"))
            wait_until(lambda: len(received(box, "bob@p.test")) == 3, 40)
        mails = received(box, "bob@p.test")
        assert [str(mail["Subject"]) for mail in mails] == ["Thank you, Bob", "Re: Thank you, Bob", "Shall I close this?"]
        assert mails[SECOND]["In-Reply-To"] == mails[FIRST]["Message-ID"]
        assert mails[THIRD]["In-Reply-To"] is None
        assert len(received(box, "ann@p.test")) == 1


def received(box: Dovecot, user: str) -> list[EmailMessage]:
    """What lies in a mailbox, oldest first."""
    rep = box.login(user)
    try:
        rep.select("INBOX", readonly=True)
        listed = rep.uid("SEARCH", "ALL")[1][0].split()
        mails = [message_from_bytes(rep.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1], policy=policy.default) for uid in listed]
    finally:
        rep.logout()
    return [mail for mail in mails if isinstance(mail, EmailMessage)]
