"""docs/oauth.md is true: its logins load, its tables name every key, and what is parked says what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from followupd.files.config import OAuth2, load_config
from followupd.files.flows import FLOWS
from followupd.oauth import ADVICE
from tests.docs.pages import read

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/oauth.md"
LOGINS = [block.text for block in read(PAGE).blocks if block.language == "yaml"]


@pytest.mark.parametrize("login", LOGINS)
def test_each_login_loads(login: str) -> None:
    """What stands on the page can be put into a config as it is."""
    servers = "{host: mail.example.com}"
    head = f"company: {{name: x, postal_address: y}}\nmailboxes:\n  dana:\n    address: dana@example.com\n    smtp: {servers}\n    imap: {servers}\n"
    config, problems = load_config(head + "".join(f"    {line}\n" for line in login.splitlines()), "config.yaml")
    assert (config is not None, problems) == (True, [])


def test_each_flow_and_each_key_is_told() -> None:
    """There is a login on the page for each flow, and a row for each key."""
    text = PAGE.read_text("utf-8")
    assert len(LOGINS) == len(FLOWS)
    assert [f"`{flow.provider}`, `{flow.name}`" for flow in FLOWS if f"`{flow.provider}`, `{flow.name}`" not in text] == []
    keys = text.partition("## The keys of `oauth2`")[2].partition("\n## ")[0]
    assert [name for name in OAuth2.model_fields if f"`{name}`" not in keys] == []


def test_what_to_do_is_what_the_daemon_says() -> None:
    """Every flow has words for a refusal that nobody has thought of, and those of a person name the command."""
    assert {flow.name for flow in FLOWS} == {name for name, code in ADVICE if not code}
    assert all("followupd login {mailbox}" in ADVICE[flow.name, ""] for flow in FLOWS if flow.consent)
