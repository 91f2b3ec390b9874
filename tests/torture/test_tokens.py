"""A daemon that logs in by token, with its token server, a Dovecot and a mail server that ask it: F58, F59, and no secret seen.

Judged by the mail server's list of accepted mails and the token server's list of questions.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from followupd.bench.servers import wait_until
from followupd.bench.servers.dovecot import Dovecot, dovecot
from followupd.cli.door import enter
from followupd.clock import RealClock, RealDice
from followupd.core.model import Alarm
from followupd.office import open_office
from tests.crash.scene import CADENCE, stop
from tests.servers.smtp import Script, SmtpServer, in_thread
from tests.servers.tokens import SECRET, Tokens, token_server

ROOT = Path(__file__).parents[2]

CONFIG = """\
store: followupd.db
company: {{name: Example Ltd, postal_address: "1 Main Street", domains: [example.com]}}
defaults: {{window: always, holidays: none, timezone: UTC}}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth:
      user: dana@example.com
      oauth2:
        provider: microsoft
        client_id: followupd-test
        client_secret: {{file: secrets/app}}
        device_url: {tokens}/device
        token_url: {tokens}/token
    limits: {{per_minute: 10000, per_hour: 100000, per_day: 100000}}
    gap: 0s
"""


@dataclass
class Stage:
    """Everything on the stage."""

    folder: Path
    tokens: Tokens
    box: Dovecot
    smtp: SmtpServer
    environ: dict[str, str]

    @property
    def file(self) -> Path:
        """Where the consent is kept."""
        return self.folder / "secrets/dana.oauth2"

    def followupd(self, *arguments: str) -> tuple[int, str]:
        """A command of the program, typed by a person: its exit code, and all that it has said."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = enter(["--config", str(self.folder / "config.yaml"), *arguments])
        return code, said.getvalue()

    @contextlib.contextmanager
    def running(self, *point: str) -> Iterator[subprocess.Popen[bytes]]:
        """The daemon; with a point and a number it kills itself there."""
        with (self.folder / "log").open("ab") as out:
            command = [sys.executable, "-m", "tests.crash.runner", str(self.folder / "config.yaml"), *point]
            process = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def log(self) -> str:
        """What the daemons have said."""
        return (self.folder / "log").read_text()

    def enroll(self, *names: str) -> None:
        """Save a CSV with these people."""
        rows = "".join(f"{name}@p.test,quick,{name}\n" for name in names)
        half = self.folder / "inbox/.half"
        half.write_text(f"email,cadence,first_name\n{rows}")
        half.rename(self.folder / f"inbox/quick-{names[0]}.csv")

    def mails(self) -> Counter[str]:
        """How many mails each person has got."""
        return Counter(mail.recipients[0].partition("@")[0] for mail in self.smtp.mails)

    def twice(self) -> int:
        """Mails that came more than once."""
        return len(self.smtp.mails) - len({mail.message_id for mail in self.smtp.mails})

    def cut(self) -> None:
        """Every session of IMAP ends, as when a provider says BYE."""
        for pid in self.box.processes("imap"):
            os.kill(pid, signal.SIGKILL)

    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that are up."""
        office = open_office(self.folder / "config.yaml", RealClock(), RealDice(), self.environ)
        try:
            return tuple(alarm for alarm in office.store.alarms_up() if alarm.key == "token:dana")
        finally:
            office.store.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give the stage, with nobody logged in."""
    folder = tmp_path / "w"
    for name in ("cadences", "templates", "content", "inbox", "secrets", "marks"):
        (folder / name).mkdir(parents=True, mode=0o700)
    (folder / "cadences/quick.yaml").write_text(CADENCE)
    (folder / "templates/hello.md").write_text("---\nsubject: Hello {{ prospect.first_name }}\n---\nA thought for you.\n")
    (folder / "secrets/app").write_text(SECRET)
    (folder / "secrets/app").chmod(0o600)
    with token_server(pending=0) as tokens, dovecot(tokens.tokeninfo) as box, in_thread(Script(bearer=tokens.good)) as smtp:
        text = CONFIG.format(smtp=smtp.port, imap=box.imap_port, tokens=tokens.url)
        (folder / "config.yaml").write_text(text)
        environ = {**os.environ, "RUNTIME_DIRECTORY": str(folder / "marks"), "PYTHONPATH": str(ROOT), "REST": "0"}
        yield Stage(folder, tokens, box, smtp, environ)


@pytest.mark.fault("F57", "F58", "F59")
def test_a_life_with_tokens(stage: Stage, toll: Any) -> None:
    """Nobody is logged in: told, held. A login, and it goes on by itself. The token runs out in mid session: one renewal, and on
    it goes. The consent is withdrawn: told, held, nobody is asked. A login, and on it goes. No secret is seen anywhere.
    """
    stage.enroll("ann")
    with stage.running() as process:
        wait_until(lambda: "login-parked" in stage.log(), 30)
        assert stage.tokens.asked == []
        code, done = stage.followupd("login", "dana")
        assert (code, "mailbox dana is logged in" in done) == (0, True), done
        wait_until(lambda: stage.mails()["ann"] == 2, 30)

        watched, asked = stage.log().count("mailbox-watched"), len(stage.tokens.asked)
        stage.tokens.expire()
        usual = stage.smtp.script
        stage.smtp.script = Script(bearer=stage.tokens.good, answers={"MAIL": ["535 5.7.8 token expired", "250 ok"]})
        began = time.monotonic()
        stage.cut()
        stage.enroll("bob")
        wait_until(lambda: stage.mails()["bob"] == 2 and stage.log().count("mailbox-watched") > watched, 60)
        assert time.monotonic() - began < 60
        assert len(stage.tokens.asked) == asked + 1
        stage.smtp.script = usual

        stage.tokens.withdraw()
        stage.cut()
        wait_until(lambda: stage.log().count("login-parked") == 2, 30)
        (alarm,) = stage.alarms()
        assert alarm.text.startswith(
            "127.0.0.1 no longer accepts the login of mailbox dana; run: followupd login dana (invalid_grant"
        )
        stage.enroll("carl")
        asked, logins = len(stage.tokens.asked), stage.smtp.logins
        wait_until((stage.folder / "inbox/done/quick-carl.csv").exists, 30)
        time.sleep(1.5)  # seven rounds of the keeper, with a touch that is due
        assert (len(stage.tokens.asked), stage.smtp.logins, stage.mails()["carl"]) == (asked, logins, 0)
        _, status = stage.followupd("status", "--json")
        assert json.loads(status)["mailboxes"][0]["readable"] is False
        assert stage.followupd("login", "dana")[0] == 0
        wait_until(lambda: stage.mails()["carl"] == 2, 30)
        wait_until(lambda: not stage.alarms(), 10)

        secrets = [SECRET, *stage.tokens.given]
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
        assert stop(process) == 0
    toll(injected=4, twice=stage.twice(), touches_lost=6 - sum(stage.mails().values()))
    assert stage.tokens.most_in_flight == 1
    seen += (done + status + stage.followupd("check")[1]).encode()
    for path in (path for path in stage.folder.rglob("*") if path.is_file() and path.parent.name != "secrets"):
        seen += path.read_bytes()  # the store with its WAL, the log, receipts, marks
    assert b"ABCD-EFGH" in seen  # the code that a person is to see: what is shown would be found
    assert any(secret in stage.file.read_text() for secret in secrets)
    assert [secret for secret in secrets if secret.encode() in seen] == []
    assert stage.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.fault("F59")
@pytest.mark.parametrize(
    ("point", "reuse", "parks"),
    [
        ("token received", True, False),
        ("token received", False, True),
        pytest.param("token kept", False, False, marks=pytest.mark.nightly),
    ],
)
def test_killed_around_an_exchanged_token(stage: Stage, point: str, reuse: bool, parks: bool, toll: Any) -> None:
    """Killed between the answer of the token server and the file: the old token is still there, and serves where the server
    still takes it; else it is told what to do, and nobody is asked again. Killed after the file: the new one serves.
    """
    stage.tokens.reuse = reuse
    assert stage.followupd("login", "dana")[0] == 0
    before = stage.file.read_text()
    stage.enroll("ann")
    with stage.running(point, "1") as process:
        assert process.wait(60) == -signal.SIGKILL, stage.log()
    assert (stage.file.read_text() == before) is (point == "token received")
    json.loads(stage.file.read_text())
    with stage.running() as process:
        if parks:
            wait_until(lambda: "login-parked" in stage.log(), 30)
            assert "run: followupd login dana" in stage.alarms()[0].text
            assert [form["grant_type"] for form in stage.tokens.asked].count("refresh_token") == 2  # one answered, one refused
            assert stage.followupd("login", "dana")[0] == 0
        wait_until(lambda: stage.mails()["ann"] == 2, 30)
        assert stop(process) == 0
    assert ("login-parked" in stage.log()) is parks
    toll(injected=1, twice=stage.twice())
