"""The service file that we ship: right in form, and shut as tightly as a network service can be."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "contrib/systemd/followupd.service"
EXPOSURE = 1.2  # of 10; a bare unit has 9.6

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is missing: apt-get install systemd"
)


def analyze(*arguments: str) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def complaints(unit: Path) -> str:
    return analyze("verify", "--man=no", "--recursive-errors=no", str(unit))


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Give the unit as shipped, but for the program, which has to exist on the machine that checks it."""
    shipped = UNIT.read_text()
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", shipped))
    assert here.read_text() != shipped
    return here


@needs_systemd
def test_verify(unit: Path) -> None:
    """Every line of the unit is accepted by systemd without a word."""
    assert complaints(unit) == ""


@needs_systemd
def test_verify_notices_mistakes(unit: Path) -> None:
    """The check above is able to fail: a misspelt setting is reported."""
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchdogSeconds="))
    assert "Unknown key" in complaints(unit)


def exposure(unit: Path) -> float:
    report = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
    assert found, report
    return float(found[1])


@needs_systemd
def test_exposure(unit: Path) -> None:
    """The unit leaves no more open than a program with a network needs."""
    assert exposure(unit) <= EXPOSURE


@needs_systemd
def test_exposure_notices_an_open_door(unit: Path) -> None:
    """The figure above is able to fail: without its protections the unit is far over the limit."""
    unit.write_text(re.sub(r"(?m)^(Protect|Private|Restrict|SystemCall|CapabilityB|DynamicUser).*\n", "", unit.read_text()))
    assert exposure(unit) > 2 * EXPOSURE


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "WatchdogSec=60",
        "Restart=always",
        "TimeoutStopSec=60",
        "RuntimeDirectoryPreserve=yes",
        "StateDirectoryMode=0700",
        "UMask=0077",
        "LimitCORE=0",
    ],
)
def test_promises(line: str) -> None:
    """What the daemon relies on stands in the unit: the watchdog, the restart, the time to finish, the private state."""
    assert line in UNIT.read_text().splitlines()


@pytest.mark.parametrize(
    "line",
    ["After=network-online.target time-sync.target postgresql.service", "ExecReload=/bin/kill -HUP $MAINPID", "LoadCredential=mailbox:/etc/followupd/secrets"],
)  # fmt: skip
def test_more_promises(line: str) -> None:
    """A clock that is right, files looked at by `reload`, and secrets that only this daemon sees."""
    assert line in UNIT.read_text().splitlines()


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="systemd-sysusers is missing: apt-get install systemd")
def test_lasting_user(tmp_path: Path) -> None:
    """The user and the folders for machines without DynamicUser are made as their files say."""
    (tmp_path / "etc").mkdir()
    for tool, name, extra in (
        ("systemd-sysusers", "followupd.sysusers", []),
        ("systemd-tmpfiles", "followupd.tmpfiles", ["--create"]),
    ):
        done = subprocess.run(
            [tool, f"--root={tmp_path}", *extra, str(UNIT.with_name(name))],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "gnor" not in done.stderr, done.stderr
    assert "followupd:" in (tmp_path / "etc/passwd").read_text()
    modes = {name: oct((tmp_path / name).stat().st_mode & 0o777) for name in ("etc/followupd/secrets", "var/lib/followupd")}
    assert modes == {"etc/followupd/secrets": "0o700", "var/lib/followupd": "0o700"}
