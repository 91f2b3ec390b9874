"""The JSON Schemas: fresh, valid, and of one mind with the parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from followupd.channels import CHANNELS as REAL
from followupd.files import yaml_text
from followupd.files.cadence import parse_cadence
from followupd.files.config import load_config
from followupd.files.schemas import schemas
from tests.files.table import CHANNELS

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = Path(__file__).parent / "examples"
CADENCES = sorted([*(EXAMPLES / "cadences").glob("*.yaml"), *(ROOT / "cadences").glob("**/*.yaml")])


def fits(name: str, data: Any) -> bool:
    return jsonschema.Draft202012Validator(schemas(CHANNELS)[name]).is_valid(data)


def data_of(text: str) -> Any:
    document, problems = yaml_text.read(text, "x.yaml")
    assert document is not None, problems
    return json.loads(json.dumps(document.data))


@pytest.mark.parametrize("name", sorted(schemas(CHANNELS)))
def test_fresh(name: str) -> None:
    """The files in `schema/` are what the models say; `make docs` writes them."""
    assert json.loads((ROOT / "schema" / f"{name}.schema.json").read_text()) == schemas(REAL)[name]


@pytest.mark.parametrize("name", sorted(schemas(CHANNELS)))
def test_valid(name: str) -> None:
    """Each is a valid schema of its dialect."""
    jsonschema.Draft202012Validator.check_schema(schemas(CHANNELS)[name])


@pytest.mark.parametrize("path", CADENCES, ids=lambda path: path.stem)
def test_cadences_fit(path: Path) -> None:
    """The manual's example and every shipped cadence fit the schema."""
    assert fits("cadence", data_of(path.read_text()))


def test_config_fits() -> None:
    """The manual's example fits the schema."""
    assert fits("config", data_of((EXAMPLES / "config.yaml").read_text()))


CADENCE = "cadence: small\nsteps:\n  - id: thanks\n    email: thank-you\n"
CONFIG = """mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
"""


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ("    after: 3d\n", True),
        ("    after: 3 dayz\n", False),
        ("    aftr: 3d\n", False),
        ("    task: x\n", False),
        ("    wait: no\n", False),
        ("    thread: old\n", False),
        ("    doors: [yes, no]\n", True),
        ("    doors: [perhaps]\n", False),
        ("    pick: {match: goals, ours: true}\n", True),
        ("    pick: {mach: goals}\n", False),
        ("mailbox: dana\n", True),
        ("mailbox: [dana, lee]\n", True),
        ("holidays: none\n", True),
        ("holidays: [US, DE-BY]\n", True),
        ("limits: {touches: 0}\n", False),
        ("replies: {yes: hold, no: {enroll: x}}\n", True),
        ("replies: {yes: wait}\n", False),
        ("replies: {maybe: hold}\n", False),
        ("replies: {no: {send: x}}\n", True),
        ("replies: {no: {send: [x]}}\n", False),
        ("needs: [a, b]\n", True),
        ("needs: [A b]\n", False),
    ],
)
def test_schema_and_parser_agree_on_cadences(more: str, good: bool) -> None:
    """What an editor marks and what `check` refuses is the same."""
    cadence, _ = parse_cadence(CADENCE + more, "small.yaml", channels=CHANNELS)
    assert (cadence is not None) is good
    assert fits("cadence", data_of(CADENCE + more)) is good


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ("    gap: 45s..3m\n", True),
        ("    gap: soon\n", False),
        ("    auth: {user: d, password: {env: X}}\n", True),
        ("    auth: {user: d, password: hunter2}\n", False),
        ("    auth: {user: d, oauth2: {}}\n", False),
        ("    auth: {user: d}\n", False),
        ("    auth: {user: d, password: {env: X}, oauth2: {provider: microsoft, client_id: a}}\n", False),
        ("    auth: {user: d, oauth2: {provider: microsoft, client_id: a}}\n", True),
        ("    auth: {user: d, oauth2: {provider: microsoft, client_id: a, token_url: 'http://example.com'}}\n", False),
        ("    auth: {user: d, oauth2: {provider: microsoft, client_id: a, token_url: 'http://127.0.0.1:1/t'}}\n", True),
        ("    limits: {per_day: 0}\n", False),
        ("    ramp: {start: 20, add: 10}\n", True),
        ("retention: {after_finish: 2y}\n", True),
        ("retention: {after_finish: long}\n", False),
        ("courtesy: {after_no: none, after_yes: 6w}\n", True),
        ("courtesy: {after_no: never}\n", False),
        ("reopen: {on: ['01-07', '07-01'], after: 9w, reasons: [timing, price]}\n", True),
        ("reopen: {on: ['13-07']}\n", False),
        ("reopen: {reasons: [weather]}\n", False),
        ("web: {listen: 127.0.0.1:8025, public_url: null}\n", True),
        ("digest: {at: '7:30'}\n", False),
    ],
)
def test_schema_and_parser_agree_on_configs(more: str, good: bool) -> None:
    """What an editor marks and what `check` refuses is the same."""
    config, _ = load_config(CONFIG + more, "config.yaml")
    assert (config is not None) is good
    assert fits("config", data_of(CONFIG + more)) is good
