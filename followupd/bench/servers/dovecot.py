"""A Dovecot 2.3 on loopback: any user name, password `secret`, mail comes in by LMTP. Runs as root and as a plain user.

As it is set up by itself one process lets each connection in, as in most installations. `many` is for hundreds of mailboxes.
"""

from __future__ import annotations

import imaplib
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from followupd.bench.servers import as_nobody, certificate, free_port, program, wait_until

PASSWORD = "secret"

CONFIG = """
protocols = imap lmtp
listen = {listen}
base_dir = {d}/run
state_dir = {d}/state
log_path = {d}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{d}/cert.pem
ssl_key = <{d}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
{oauth2}passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={d}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Old {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


OAUTH2 = """
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {d}/oauth2.conf
}}
"""


MANY = """
default_process_limit = 6000
default_client_limit = 12000
mail_max_userip_connections = 10000
service imap-login {
  service_count = 0
  process_min_avail = 1
  process_limit = 2
  client_limit = 6000
}
service imap {
  process_limit = 6000
}
service lmtp {
  process_limit = 20
}
"""


class PortTaken(Exception):
    """A port that was free is not any more."""


class Dovecot:
    """One server with its own folder. It may be stopped and started again; ports and mail stay.

    With `tokeninfo`, the address of a token server, it also lets in who shows a token that is good there.
    """

    def __init__(self, folder: Path, tokeninfo: str = "", address: str = "", *, many: bool = False) -> None:
        self._program = program("dovecot", "dovecot-imapd dovecot-lmtpd")
        self.folder = folder
        self._listen = f"127.0.0.1, {address}" if address else "127.0.0.1"
        self._many = many
        self.tokeninfo = tokeninfo
        self.imap_port, self.imaps_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.ca_file = str(folder / "cert.pem")
        self._as, self._account = as_nobody()
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    def start(self) -> None:
        """Start it and return when it answers. Raises PortTaken."""
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self.folder / "dovecot.conf")],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            **self._as,
        )
        process = self._process
        wait_until(lambda: self._answers() or process.poll() is not None)
        if process.poll() is not None:  # it ends at once where it can't listen
            raise PortTaken(
                f"Dovecot has ended: one of {self.imap_port}, {self.imaps_port}, {self.lmtp_port} is somebody else's by now"
            )

    def stop(self) -> None:
        """End it at once, with all its children, frozen ones too. Clients see the connection break."""
        if self._process is None:
            return
        children = self.processes()
        self._process.kill()
        self._process.wait(10)
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(_runs(pid) for pid in children))
        self._process = None

    def deliver(self, user: str, raw: bytes, sender: str = "ann@customer.test") -> None:
        """Hand a mail over by LMTP, as a mail server would; it is in the mailbox when this returns."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=10) as lmtp:
            lmtp.sendmail(sender, [user], raw)

    @property
    def mailboxes(self) -> Path:
        """Where the mailboxes of all users lie."""
        return self.folder / "mail"

    def login(self, user: str) -> imaplib.IMAP4:
        """A connection of the rep's own mail program, to look and to move mails with. Close it with `logout`."""
        mail_program = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10)
        mail_program.login(user, PASSWORD)
        return mail_program

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """UID and flags of each mail, read without a change."""
        mail_program = self.login(user)
        try:
            mail_program.select(folder, readonly=True)
            return [line for line in mail_program.uid("FETCH", "1:*", "(FLAGS)")[1] if line]
        finally:
            mail_program.logout()

    def renumber(self, user: str) -> None:
        """Give the inbox a new UIDVALIDITY, as after a restore or a move to another server. Do it while nobody looks."""
        maildir = self.mailboxes / user / "Maildir"
        for file in (maildir / "dovecot-uidlist", *maildir.glob("dovecot.index*")):
            file.unlink(missing_ok=True)

    def processes(self, name: str = "") -> list[int]:
        """Children of the server by their kind, such as `imap`; without a name all of them."""
        if self._process is None or self._process.poll() is not None:
            return []
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [int(pid) for pid in listed if not name or _name(pid) == name]

    def _prepare(self) -> None:
        certificate(self.folder)
        group = subprocess.run(["id", "-gn", self._account.pw_name], check=True, capture_output=True, text=True).stdout.strip()
        values = {"user": self._account.pw_name, "group": group, "d": self.folder, "password": PASSWORD, "listen": self._listen}
        ports = {"imap": self.imap_port, "imaps": self.imaps_port, "lmtp": self.lmtp_port}
        oauth2 = OAUTH2.format(d=self.folder) if self.tokeninfo else ""
        asks = f"tokeninfo_url = {self.tokeninfo}\nusername_attribute = email\n"
        (self.folder / "oauth2.conf").write_text(asks)
        (self.folder / "dovecot.conf").write_text(CONFIG.format(**values, **ports, oauth2=oauth2) + (MANY if self._many else ""))
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _answers(self) -> bool:
        for port in (self.imap_port, self.lmtp_port):
            try:
                with closing(socket.create_connection(("127.0.0.1", port), timeout=2)) as probe:
                    if not probe.recv(10):
                        return False
            except OSError:
                return False
        return True


def _name(pid: str) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _runs(pid: int) -> bool:
    """A killed process that nobody has buried yet holds no port any more."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextmanager
def dovecot(tokeninfo: str = "", address: str = "", *, many: bool = False) -> Iterator[Dovecot]:
    """A running server in a folder of its own, both gone afterwards. `many`: set up for hundreds of mailboxes; `address`: where it
    answers besides loopback. Raises Missing.
    """
    with ExitStack() as after:
        yield _started(after, tokeninfo, address, many=many)


def _started(after: ExitStack, tokeninfo: str, address: str, *, many: bool) -> Dovecot:
    for attempt in range(TRIES):
        folder = Path(tempfile.mkdtemp(prefix="dc"))  # short: paths of its sockets must stay below 108 bytes
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        server = Dovecot(folder, tokeninfo, address, many=many)
        after.callback(server.stop)
        try:
            server.start()
        except PortTaken:
            if attempt == TRIES - 1:
                raise
        else:
            return server
    raise AssertionError


TRIES = 5
"""A port that was free may be taken, as its own end of a connection, by anybody on this machine before Dovecot listens on it."""
