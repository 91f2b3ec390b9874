"""`followupd login`: a person agrees in a browser, and what is kept is only what the mail server takes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from followupd.bench.servers.dovecot import Dovecot, dovecot
from tests.servers.tokens import SECRET, Tokens, token_server
from tests.test_oauth import _service_key

ROOT = Path(__file__).parents[2]

CONFIG = """\
company: {{name: Example Ltd, postal_address: "1 Main Street"}}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {{host: 127.0.0.1, port: 2525, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth:
      user: dana@example.com
      oauth2: {{{keys}, token_url: "{url}/token"{more}}}
  lee:
    address: lee@example.com
    smtp: {{host: 127.0.0.1, port: 2525, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth: {{user: lee, password: {{env: LEE}}}}
"""

BROWSER = "provider: google, client_id: followupd-test, client_secret: {env: APP}"
DEVICE = "provider: microsoft, client_id: followupd-test"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Tokens, Dovecot]]:
    """Give a token server, and a Dovecot that asks it."""
    with token_server() as tokens, dovecot(tokens.tokeninfo) as box:
        yield tokens, box


@pytest.fixture
def tokens(servers: tuple[Tokens, Dovecot]) -> Tokens:
    """Give the token server, well again."""
    servers[0].user, servers[0].pending = "dana@example.com", 1
    servers[0].faults.clear()
    return servers[0]


def write(folder: Path, servers: tuple[Tokens, Dovecot], keys: str, more: str = "") -> None:
    """The config of a mailbox that logs in this way."""
    url = servers[0].url
    (folder / "config.yaml").write_text(
        CONFIG.format(imap=servers[1].imap_port, keys=keys, url=url, more=more.replace("URL", url))
    )


@contextlib.contextmanager
def login(folder: Path, *arguments: str, mailbox: str = "dana") -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own: somebody has to open its page meanwhile."""
    command = [sys.executable, "-m", "followupd", "--config", str(folder / "config.yaml"), "login", mailbox, *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "APP": SECRET, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def page_of(process: subprocess.Popen[str]) -> str:
    """The page that it asks a person to open."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\S+authorize\S+", line):
            return found[0]
    raise AssertionError(process.communicate())


def kept(folder: Path) -> Path:
    """Where the consent is kept."""
    return folder / "secrets/dana.oauth2"


def test_by_browser(tmp_path: Path, servers: tuple[Tokens, Dovecot], tokens: Tokens) -> None:
    """The page of consent, back to this machine, the code for a token with PKCE, a try at the mail server, and it is kept.

    Somebody else who finds the port, and does not know the state of our question, gets nothing and ends nothing.
    """
    write(tmp_path, servers, BROWSER, ', authorize_url: "URL/authorize"')
    with login(tmp_path) as process:
        page = page_of(process)
        assert "access_type=offline" in page
        assert "scope=https%3A%2F%2Fmail.google.com%2F" in page
        assert SECRET not in page
        back = urllib.request.unquote(re.search(r"redirect_uri=([^&]+)", page)[1])  # type: ignore[attr-defined,index]
        for wrong in ("/?code=stolen&state=guess", "/?state=", "/favicon.ico"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(back + wrong, timeout=10)
        with urllib.request.urlopen(page, timeout=10) as answer:
            assert b"this page can be closed" in answer.read()
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert f"mailbox dana is logged in; the consent is kept in {kept(tmp_path)}" in out
    assert json.loads(kept(tmp_path).read_text())["refresh_token"] in tokens.refresh
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o600
    assert not any(secret in out for secret in [SECRET, *tokens.given])


def test_who_does_not_agree(tmp_path: Path, servers: tuple[Tokens, Dovecot]) -> None:
    """A person who says no ends the command with words; nothing is kept."""
    write(tmp_path, servers, BROWSER, ', authorize_url: "URL/authorize"')
    with login(tmp_path) as process:
        page = page_of(process)
        back = urllib.request.unquote(re.search(r"redirect_uri=([^&]+)", page)[1])  # type: ignore[attr-defined,index]
        state = re.search(r"state=([^&]+)", page)[1]  # type: ignore[index]
        urllib.request.urlopen(f"{back}/?error=access_denied&state={state}", timeout=10)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "followupd: 127.0.0.1 says no: access_denied\n")
    assert not kept(tmp_path).exists()


def test_by_device_code(tmp_path: Path, servers: tuple[Tokens, Dovecot], tokens: Tokens) -> None:
    """A code to type in elsewhere; it is asked for until somebody has agreed."""
    write(tmp_path, servers, DEVICE, ', device_url: "URL/device"')
    with login(tmp_path) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert f"Open {tokens.url}/devicelogin in any browser, type ABCD-EFGH, and agree as dana@example.com." in out
    assert kept(tmp_path).exists()
    assert "device-canary" not in out


def test_the_consent_of_another_account(tmp_path: Path, servers: tuple[Tokens, Dovecot], tokens: Tokens) -> None:
    """Who agrees with the wrong account is told so, because the mail server refuses the token; nothing is kept."""
    tokens.user, tokens.pending = "lee@example.com", 0
    write(tmp_path, servers, DEVICE, ', device_url: "URL/device"')
    with login(tmp_path) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was the consent given by another account? Nothing was kept" in err
    assert not kept(tmp_path).exists()


def test_an_app_is_tried(tmp_path: Path, servers: tuple[Tokens, Dovecot], tokens: Tokens) -> None:
    """Where nobody has to agree, the command shows that it works: Workspace's service account, for this user."""
    key, tokens.public_key = _service_key()
    (tmp_path / "key.json").write_text(key)
    (tmp_path / "key.json").chmod(0o600)
    write(tmp_path, servers, "provider: google, flow: service, key: {file: key.json}")
    with login(tmp_path) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "mailbox dana can log in; nothing had to be kept\n", "")
    assert not kept(tmp_path).exists()


@pytest.mark.parametrize(
    ("mailbox", "says"),
    [
        ("dan", 'there is no mailbox "dan"; did you mean "dana"?'),
        ("lee", "mailbox lee logs in by password; give it auth: {oauth2: ...} in config.yaml first"),
    ],
)
def test_what_can_not_be_logged_in(tmp_path: Path, servers: tuple[Tokens, Dovecot], mailbox: str, says: str) -> None:
    """A mailbox that does not exist, and one with a password."""
    write(tmp_path, servers, DEVICE)
    with login(tmp_path, mailbox=mailbox) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, f"followupd: {says}\n")


def test_a_token_server_that_is_down(tmp_path: Path, servers: tuple[Tokens, Dovecot], tokens: Tokens) -> None:
    """What passes is said as such."""
    tokens.faults.append((503, {}))
    write(tmp_path, servers, "provider: microsoft, flow: app, client_id: a, client_secret: {env: APP}, tenant: example.com")
    with login(tmp_path) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "followupd: 127.0.0.1 answers with 503; try again later\n")
