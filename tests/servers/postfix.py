"""A real Postfix on loopback that hands every mail to an LMTP server. Nothing can leave: mail for anybody else is refused.

Postfix refuses to be started by a plain user, so this needs root. It has its own queue, its own configuration and a port of its
own; a Postfix that the machine may already run is not touched.
"""

import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from followupd.bench.servers import free_port, wait_until

LIMIT = 30.0  # seconds to wait for the greeting

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = inline:{{{domains}}}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no outside mail
smtp_dns_support_level = disabled
smtputf8_enable = no
multi_instance_enable = yes
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
proxymap unix - - n - - proxymap
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(lmtp_port: int, domains: Iterable[str]) -> Iterator[int]:
    """Run Postfix until the block ends, handing mail for these domains to LMTP; give its SMTP port."""
    if not Path("/usr/sbin/postfix").exists():
        pytest.skip("Postfix is missing: apt-get install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only for root")
    with tempfile.TemporaryDirectory(prefix="px", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        _lay_out(folder, port, lmtp_port, domains)
        command = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
        started = subprocess.run([*command, "start"], capture_output=True, text=True, timeout=LIMIT, check=False)
        try:
            assert started.returncode == 0, f"Postfix did not start:\n{started.stderr}{_log(folder)}"
            _wait_for_greeting(folder, port)
            yield port
        finally:
            subprocess.run([*command, "stop"], capture_output=True, timeout=LIMIT, check=False)


def _lay_out(folder: Path, port: int, lmtp_port: int, domains: Iterable[str]) -> None:
    folder.chmod(0o755)
    for part in ("etc", "spool", "data", "log"):
        (folder / part).mkdir()
    shutil.chown(folder / "data", "postfix", "postfix")
    names = ", ".join(f"{domain}=1" for domain in domains)
    (folder / "etc/main.cf").write_text(MAIN.format(folder=folder, domains=names, lmtp=lmtp_port))
    (folder / "etc/master.cf").write_text(MASTER.format(port=port))


def _wait_for_greeting(folder: Path, port: int) -> None:
    def greets() -> bool:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=LIMIT).close()
        except OSError:
            return False
        return True

    try:
        wait_until(greets, LIMIT)
    except TimeoutError:
        pytest.fail(f"Postfix does not answer:\n{_log(folder)}")


def _log(folder: Path) -> str:
    log = folder / "log/mail.log"
    return log.read_text() if log.exists() else ""
