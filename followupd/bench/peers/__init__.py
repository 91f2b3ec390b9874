"""Who else does the same work: scripts that run in environments of their own, with packages from PyPI and npm by name.

They are installed into one folder (`set_up`); without it, or without one of them, whoever needs it is skipped with a line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from followupd.bench.suite import Missing

FOLDER = "FOLLOWUPD_PEERS"
"""The environment variable that says where they are."""

PYTHON_PACKAGES = (
    "django", "django-post-office>=3.12", "jinja2", "procrastinate>=3.10", "aiosmtplib", "psycopg[binary]", "mail-parser-reply", "flufl.bounce",
)  # fmt: skip
NODE_PACKAGES = ("nodemailer@10", "better-sqlite3@12")


LACKING = """
import importlib.util, sys
for name in sys.argv[1:]:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        print(name)
"""


def script(name: str) -> Path:
    """One of the scripts beside this file."""
    return Path(__file__).with_name(name)


def folder() -> Path:
    """Where the peers are installed. Raises Missing."""
    named = os.environ.get(FOLDER)
    if not named:
        raise Missing("no peers are installed: followupd bench --setup-peers FOLDER, then --peers FOLDER")
    return Path(named)


def python(*modules: str) -> Path:
    """The Python that has these modules. Raises Missing."""
    found = folder() / "venv" / "bin" / "python"
    if not found.exists():
        raise Missing(f"{found} is not there: followupd bench --setup-peers {folder()}")
    asked = subprocess.run([str(found), "-c", LACKING, *modules], capture_output=True, text=True, check=False)
    if asked.returncode or asked.stdout.strip():
        raise Missing(f"{', '.join(asked.stdout.split()) or found} is not installed: followupd bench --setup-peers {folder()}")
    return found


def node(*modules: str) -> tuple[str, dict[str, str]]:
    """Node, and the environment in which it finds these modules. Raises Missing."""
    found = shutil.which("node")
    if found is None:
        raise Missing("node is not installed: apt-get install nodejs npm")
    for name in modules:
        if not (folder() / "node_modules" / name).is_dir():
            raise Missing(f"{name} is not installed: followupd bench --setup-peers {folder()}")
    return found, {**os.environ, "NODE_PATH": str(folder() / "node_modules")}


def set_up(into: Path, tell: Callable[[str], None]) -> None:
    """Install all of them; what can't be installed is told, and the others are."""
    into.mkdir(parents=True, exist_ok=True)
    if not (into / "venv" / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(into / "venv")], check=True)
    for package in PYTHON_PACKAGES:
        _install(package, [str(into / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", package], into, tell)
    npm = shutil.which("npm")
    if npm is None:
        tell("npm is not installed: apt-get install nodejs npm")
        return
    if not (into / "package.json").exists():
        (into / "package.json").write_text('{"name": "peers", "private": true}\n', encoding="utf-8")
    for package in NODE_PACKAGES:
        _install(package, [npm, "install", "--no-audit", "--no-fund", "--silent", package], into, tell)


def _install(package: str, command: list[str], into: Path, tell: Callable[[str], None]) -> None:
    done = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    said = (done.stderr.strip().splitlines() or [""])[-1]
    tell(f"{package}: {'installed' if not done.returncode else f'not installed, {said}'}")


def versions() -> dict[str, str]:
    """The packages of the peers, as far as they are installed."""
    try:
        into = folder()
    except Missing:
        return {}
    found: dict[str, str] = {}
    for metadata in (into / "venv").glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = metadata.name.removesuffix(".dist-info").rpartition("-")
        found[name.replace("_", "-")] = version
    wanted = {package.partition("[")[0].partition(">")[0].partition("=")[0] for package in PYTHON_PACKAGES}
    kept = {name: version for name, version in found.items() if name in wanted}
    import json

    for package in NODE_PACKAGES:
        name = package.rpartition("@")[0]
        described = into / "node_modules" / name / "package.json"
        if described.exists():
            kept[name] = str(json.loads(described.read_text(encoding="utf-8"))["version"])
    return kept
