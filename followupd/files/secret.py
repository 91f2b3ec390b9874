"""Secrets: where the config says they are, read at the moment they are needed.

Decides whether a secret may be used: a file that group or others can read is refused. A secret has no text form, so
it can't reach a log, a traceback or a listing by accident. Beside `workspace.py` the only reader of files on this floor.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

MAX_SECRET = 64 * 1024


class NoSecret(ValueError):
    """A secret can't be had; the text says why and what to do, and never holds a value."""


class SecretSource(Protocol):
    """Where a secret is: exactly one of the three is given."""

    @property
    def env(self) -> str | None: ...  # noqa: D102
    @property
    def file(self) -> str | None: ...  # noqa: D102
    @property
    def credential(self) -> str | None: ...  # noqa: D102


class Secret:
    """A password in hand. Printing it shows `***`; `reveal` is called only where it goes onto the wire."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


def read_secret(source: SecretSource, base: Path, environ: Mapping[str, str]) -> Secret:
    """The secret that `source` names; relative files lie beside the config. Raises `NoSecret`, a ValueError."""
    if source.env:
        return _given(environ.get(source.env, ""), f"{source.env} is not set; set it where followupd is started")
    if source.credential:
        folder = environ.get("CREDENTIALS_DIRECTORY", "")
        if not folder:
            raise NoSecret(f"there is no $CREDENTIALS_DIRECTORY for {source.credential}; start by systemd with LoadCredential=")
        return _given(_read(Path(folder) / source.credential, source.credential), f"credential {source.credential} is empty")
    name = source.file or ""
    path = base / name
    unsafe = secret_file_problem(path, name)
    if unsafe:
        raise NoSecret(unsafe)
    return _given(_read(path, name), f"{name} is empty; write the password into it")


def secret_file_problem(path: Path, name: str) -> str:
    """Why this file may not hold a secret, or nothing. A link is followed: what counts is the file behind it."""
    try:
        found = path.stat()
    except OSError as error:
        return f"{name} can't be read: {(error.strerror or 'no such file').lower()}; write the password into it, then chmod 600"
    if not stat.S_ISREG(found.st_mode):
        return f"{name} is not a file; write the password into a file"
    if found.st_mode & 0o077:
        return f"{name} has mode {stat.S_IMODE(found.st_mode):04o}, so others can read it; run: chmod 600 {name}"
    if found.st_uid not in {os.geteuid(), 0}:
        return f"{name} belongs to another user; run: chown {os.geteuid()} {name}"
    return ""


def _read(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SECRET).decode("utf-8")
    except OSError as error:
        raise NoSecret(f"{name} can't be read: {(error.strerror or 'unknown reason').lower()}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{name} is not UTF-8 text; save it as UTF-8") from None


def _given(value: str, otherwise: str) -> Secret:
    value = value.rstrip("\r\n")
    if not value:
        raise NoSecret(otherwise)
    return Secret(value)
