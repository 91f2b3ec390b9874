"""A PostgreSQL of our own: started from nothing in about a second, on a Unix socket in a temporary folder, no port.

By itself it writes without fsync: a killed *daemon* loses nothing either way. What is measured, or survives a kill of the server, asks for more.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from followupd.bench.servers import as_nobody, wait_until
from followupd.bench.suite import Missing

LIMIT = 30.0  # seconds to wait for a start or a stop


class PostgresServer:
    """A running server: makes and drops databases."""

    def __init__(self, folder: Path, programs: Path, *, durable: bool = False, fsync: bool = False, address: str = "") -> None:
        self.folder, self._programs, self._durable, self._fsync, self._address = folder, programs, durable, fsync, address
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        rights, owner = as_nobody()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._account: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL} | rights

    def make(self) -> None:
        """Make its data directory."""
        switches = ["-U", "test", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        self.program("initdb", "-D", str(self.folder / "data"), *switches)
        if self._address:
            with (self.folder / "data/pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {self._address}/24 trust\n")

    def program(self, name: str, *arguments: str) -> None:
        """Run one of its programs under its account, to the end."""
        subprocess.run([self._programs / name, *arguments], check=True, timeout=LIMIT, **self._account)

    def start(self) -> None:
        """Start it, again after `kill`; returns when it answers."""
        settings = {
            "listen_addresses": self._address,
            "unix_socket_directories": str(self.folder),
            "fsync": "on" if self._fsync else "off",
            "synchronous_commit": "on" if self._durable or self._fsync else "off",
            "full_page_writes": "on" if self._fsync else "off",
            "max_connections": "100",
            "shared_buffers": "1GB" if self._fsync else "128MB",
        }
        switches = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as stderr:
            command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *switches]
            process: subprocess.Popen[bytes] = subprocess.Popen(command, stderr=stderr, start_new_session=True, **self._account)
        self._process = process
        _wait_until_ready(process, self._programs, self.folder, self.folder / "log")

    def signal(self, number: int) -> None:
        """Send a signal to the postmaster and all that it has started, at once."""
        assert self._process is not None
        pid = self._process.pid
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        for one in (pid, *children):
            with suppress(ProcessLookupError):
                os.kill(one, number)

    @property
    def pid(self) -> int:
        """Its first process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, to all its processes."""
        assert self._process is not None
        self.signal(signal.SIGKILL)
        self._process.wait(LIMIT)

    def stop(self) -> None:
        """End it at once, in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(LIMIT)

    def url(self, database: str = "postgres") -> str:
        """Give a database's URL, as `store:` in a config has it."""
        return f"postgresql+psycopg://test@/{database}?host={self.folder}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of a new and empty database, dropped afterwards whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.folder), user="test", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def postgres_programs() -> Path | None:
    """Find the newest installed PostgreSQL's programs: Debian keeps them off the path."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None and (on_path := shutil.which("initdb")):
        newest = Path(on_path).resolve()
    return newest.parent if newest else None


@contextmanager
def postgres_server(*, durable: bool = False, fsync: bool = False, address: str = "") -> Iterator[PostgresServer]:
    """Run a server until the block ends. As root it runs as `nobody`, because PostgreSQL refuses root. Raises Missing.

    `durable`: what it has acknowledged outlives it, so that it may be killed; `fsync`: and the machine as well, as in real life. `address`:
    it also answers there, at port 5432, whoever asks from the same network; only for a network of the test's own.
    """
    programs = postgres_programs()
    if programs is None:
        raise Missing("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # short: a socket's path has room for 107 bytes
    server = PostgresServer(folder, programs, durable=durable, fsync=fsync, address=address)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], programs: Path, folder: Path, log: Path) -> None:
    def ready() -> bool:
        assert server.poll() is None, f"PostgreSQL did not start:\n{log.read_text()}"
        return not subprocess.run([programs / "pg_isready", "-q", "-h", folder, "-U", "test"], check=False).returncode

    wait_until(ready, LIMIT)
