"""Real servers on loopback, started from nothing and gone afterwards: for the bench suite, and for the tests.

    dovecot     IMAP and LMTP, any number of accounts
    postgres    a PostgreSQL cluster on a Unix socket
    sink        Postfix' smtp-sink: takes mails as fast as they come, and counts them
    recorder    a mail server that writes down what it accepted, and when
    tap         a relay that notes when a server has told a client of mails
    inotify     what the kernel lets them watch

A program that is not installed raises `Missing`, with the package that brings it. Here is what all of them share.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from followupd.bench.suite import Missing

T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_nobody() -> tuple[dict[str, Any], pwd.struct_passwd]:
    """Arguments for `Popen` that give root's rights up, and the account that the server then runs as."""
    if os.geteuid():
        return {}, pwd.getpwuid(os.getuid())
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}, nobody


def wait_until(fn: Callable[[], T], limit: float = 10.0) -> T:
    """Ask again until the answer is true, and return it. Blocks: in asyncio use it for starting only."""
    end = time.monotonic() + limit
    while not (answer := fn()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s in vain for {fn}")
        time.sleep(0.01)
    return answer


def program(name: str, package: str) -> str:
    """The path of a program that may lie off the path. Raises Missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return found


def listens(port: int) -> bool:
    """Whether somebody on this machine takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that is thrown away with the folder, and its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", str(key), "-out", str(certificate)],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return certificate, key
