"""A workspace, a judge that counts mails, a mailbox, and a daemon that is started, killed and started again.

With a `Backstage` many scenes share one mail server (each has a user of its own) and one zygote, which starts daemons in
milliseconds. The judge is always the scene's own.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from followupd.bench.servers.dovecot import Dovecot, dovecot
from followupd.clock import RealClock, RealDice
from followupd.office import Office, open_office
from followupd.store import Store, schema
from tests.crash.zygote import Child, Zygote
from tests.servers.smtp import judge, read_log

ROOT = Path(__file__).parents[2]

CADENCE = """\
cadence: quick
about: Two mails, quickly.
window: always
holidays: none
steps:
  - {id: first, email: hello, after: 0s}
  - {id: second, email: hello, after: 1s}
end: {after: 1h}
retry: [1s, 1s, 1s, 1s, 1s]
"""

CONFIG = """\
store: STORE
company: {name: Example Ltd, postal_address: "1 Main Street", domains: [example.com]}
defaults: {window: always, holidays: none, timezone: UTC}
mailboxes:
"""

MAILBOX = """\
  NAME:
    address: NAME@example.com
    name: Dana Reyes
    smtp: {host: 127.0.0.1, port: SMTP, security: none}
    imap: {host: 127.0.0.1, port: IMAP, security: none}
    auth: {user: USER, password: {env: DANA}}
    limits: {per_minute: 10000, per_hour: 100000, per_day: 100000, in_flight: FLIGHT}
    gap: 0s
"""


Daemon = subprocess.Popen[bytes] | Child


@dataclass
class Backstage:
    """What scenes may share."""

    box: Dovecot
    zygote: Zygote
    numbers: Iterator[int] = field(default_factory=itertools.count)


@contextmanager
def backstage() -> Iterator[Backstage]:
    """A mail server and a zygote for as long as the block lasts."""
    with Zygote() as zygote, dovecot() as box:
        yield Backstage(box, zygote)


@dataclass
class Scene:
    """Everything on the stage."""

    folder: Path
    box: Dovecot
    judged: Path
    environ: dict[str, str]
    user: str = "dana"
    zygote: Zygote | None = None
    mailboxes: tuple[str, ...] = ("dana",)
    copies: bool = False
    daemons: list[Daemon] = field(default_factory=list)

    @cached_property
    def store(self) -> Store:
        """A look into the store, from outside; open as long as the scene."""
        return self.office().store

    @property
    def config(self) -> Path:
        """The config file."""
        return self.folder / "config.yaml"

    @property
    def log(self) -> str:
        """What the daemons have said."""
        path = self.folder / "daemon.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self, *point: str, **environ: str) -> Daemon:
        """The daemon; with a point and a number it kills itself there. Further words go into its environment."""
        if self.zygote is not None:
            log = self.folder / "daemon.log"
            self.daemons.append(self.zygote.start(self.config, *point, environ={**self.environ, **environ}, log=log))
            return self.daemons[-1]
        with (self.folder / "daemon.log").open("ab") as out:
            command = [sys.executable, "-m", "tests.crash.runner", str(self.config), *point]
            self.daemons.append(subprocess.Popen(command, cwd=ROOT, env={**self.environ, **environ}, stdout=out, stderr=out))
            return self.daemons[-1]

    def office(self) -> Office:
        """A look into the store, from outside."""
        return open_office(self.config, RealClock(), RealDice(), self.environ)

    def mails(self) -> Counter[tuple[str, str]]:
        """What the judge accepted: how often each (recipient, Message-ID)."""
        return Counter((mail.recipients[0], mail.message_id) for mail in read_log(self.judged))

    def answer(self, address: str, message_id: str, text: str = "No thanks.") -> None:
        """Somebody answers a mail; it lies in the mailbox when this returns."""
        number = f"answer-{message_id.strip('<>').partition('@')[0]}@{address.partition('@')[2]}"
        head = f"From: <{address}>\r\nTo: dana@example.com\r\nSubject: Re: Hello\r\nMessage-ID: <{number}>\r\n"
        self.box.deliver(self.user, f"{head}In-Reply-To: <{message_id.strip('<>')}>\r\n\r\n{text}\r\n".encode(), address)

    def drop(self, name: str, addresses: list[str]) -> None:
        """Put a CSV into the inbox, as a spreadsheet program does: under another name first."""
        rows = "\n".join(["email,first_name", *(f"{address},{address.partition('@')[0].title()}" for address in addresses)])
        half = self.folder / "inbox" / f".{name}.half"
        half.write_text(rows + "\n", encoding="utf-8")
        half.rename(self.folder / "inbox" / name)


def stop(process: Daemon) -> int:
    """SIGTERM, and the exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


def furnish(
    folder: Path, *, smtp: int, imap: int, store: str = "followupd.db", user: str = "dana", names: Sequence[str] = ("dana",),
    in_flight: int = 1,
) -> Path:  # fmt: skip
    """Write the workspace; the path of its config."""
    for name in ("cadences", "templates", "content", "inbox"):
        (folder / name).mkdir(parents=True)
    template = '---\nsubject: "Hello {{ prospect.first_name }}"\n---\nHello {{ prospect.first_name }}, a thought for you.\n'
    (folder / "templates/hello.md").write_text(template, encoding="utf-8")
    cadence = CADENCE if len(names) == 1 else CADENCE.replace("window:", f"mailbox: [{', '.join(names)}]\nwindow:")
    (folder / "cadences/quick.yaml").write_text(cadence, encoding="utf-8")
    text = CONFIG + "".join(MAILBOX.replace("NAME", name).replace("USER", f"{user}{name[4:]}") for name in names)
    for word, value in {"STORE": store, "SMTP": str(smtp), "IMAP": str(imap), "FLIGHT": str(in_flight)}.items():
        text = text.replace(word, value)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml"


@contextmanager
def scene(
    folder: Path, *, store: str = "followupd.db", delay: float = 0.0, in_flight: int = 1, shared: Backstage | None = None,
    loses: float = 0.0, mailboxes: int = 1, copies: bool = False,
) -> Iterator[Scene]:  # fmt: skip
    """The stage, with real servers; everything is gone afterwards. `copies`: the mail server keeps what it accepts in Sent."""
    folder.mkdir(parents=True)
    judged = folder / "judge.log"
    user = f"rep{next(shared.numbers)}-" if shared else "dana"
    with (
        nullcontext(shared.box) if shared else dovecot() as box,
        judge(judged, delay=delay, password="secret", loses=loses, copies=box.mailboxes if copies else None) as port,
    ):
        names = ["dana", *(f"dana{number}" for number in range(1, mailboxes))]
        furnish(folder, smtp=port, imap=box.imap_port, store=store, user=user, names=names, in_flight=in_flight)
        marks = folder / "marks"
        marks.mkdir(mode=0o700)
        environ = {**os.environ, "DANA": "secret", "RUNTIME_DIRECTORY": str(marks), "PYTHONPATH": str(ROOT), "JUDGE": str(judged)}
        found = Scene(folder, box, judged, environ, user, shared.zygote if shared else None, tuple(names), copies)
        try:
            yield found
        finally:
            for process in found.daemons:  # a failing test leaves some
                process.kill()
                process.wait(10)
            found.store.close()


@dataclass(frozen=True)
class Verdict:
    """The promises, counted at the mail server."""

    twice: tuple[str, ...]
    lost: tuple[str, ...]
    doubtful: tuple[str, ...]
    unsettled: tuple[str, ...]


def verdict(found: Scene, addresses: list[str], steps: int) -> Verdict:
    """Who got a touch twice; who lacks one that is not doubtful; what is listed as doubtful; what of that a copy could settle."""
    mails = found.mails()
    twice = tuple(sorted(f"{who} {name}" for (who, name), count in mails.items() if count > 1))
    _, doubts = found.store.reviews()
    doubtful = {enrollment.address for _, enrollment, _ in doubts}
    got = Counter(who for who, _ in mails)
    lost = tuple(sorted(one for one in addresses if got[one] < steps and one not in doubtful))
    return Verdict(twice, lost, tuple(sorted(doubtful)), unsettled(found))


def unsettled(found: Scene) -> tuple[str, ...]:
    """Names of the touches that are doubtful although a copy lies in Sent: those that the mail server took."""
    taken = {name for _, name in found.mails()} if found.copies else set()
    return tuple(sorted(touch.message_id for touch, _ in found.store.doubtful() if touch.message_id in taken))


def all_settled(found: Scene, count: int) -> bool:
    """Whether nothing is left to do: no touch is due some day, none is in hand, and none is doubtful that a copy could settle."""
    time.sleep(0.05)  # whoever waits for it leaves the processor to the daemon
    store = found.store
    open_ones = (
        sa.select(schema.touch.c.id).where(sa.or_(schema.DUE, schema.IN_HAND)).limit(1)
    )  # letters and rounds come for ever
    enrolled = len(store.enrollments()) >= count
    with store.reading() as connection:
        sent = enrolled and connection.execute(open_ones).first() is None
    return sent and not unsettled(found)
