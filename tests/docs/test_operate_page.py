"""The manual for many machines: what it has the operator do to a database works, and followupd goes on with it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from followupd.store import Store, open_store
from tests.cli.test_readme import blocks
from tests.store.test_contract import NOW, accepted, claim, claimed, enroll

ROOT = Path(__file__).parents[2]


def told(store: Store, name: str) -> list[Any]:
    """What the journal says of a person, and the mails that are kept."""
    with store.reading() as connection:
        kept = connection.execute(sa.text("SELECT touch, subject, raw FROM mail ORDER BY touch")).all()
    return [
        [(one.at, one.kind, one.text) for one in store.timeline(f"{name}@{name}.example")],
        [(*row[:2], bytes(row[2])) for row in kept],
    ]


@pytest.mark.slow
def test_tables_in_parts(postgres_url: str) -> None:
    """A store under way whose mails and journal are divided as the manual says keeps all it knows, sends on, and lets old lines go."""
    (layout,) = blocks((ROOT / "docs/operate.md").read_text("utf-8"), "sql")
    with closing(open_store(postgres_url)) as store:
        ann, bob = claimed(store, "ann", "bob")
        accepted(store, ann)
        before = told(store, "ann")
        driver: Any = store.engine.raw_connection()
        with closing(driver):
            driver.driver_connection.execute(layout)
        assert told(store, "ann") == before
    with closing(open_store(postgres_url)) as store:  # and the daemons are started again
        accepted(store, bob)  # what was in hand when they were stopped
        enroll(store, "cid")
        (cid,) = claim(store)
        assert cid.prospect.address == "cid@cid.example"
        accepted(store, cid)
        (again,) = [one for one in claim(store, NOW + timedelta(days=30)) if one.prospect.address == "ann@ann.example"]
        assert again.thread.last_id == ann.touch.message_id  # it goes on in the same conversation
        assert len(told(store, "ann")[1]) == 3
        with store.writing() as connection:
            connection.execute(sa.text("ALTER TABLE event DETACH PARTITION event_0"))
        assert store.timeline("ann@ann.example") == ()
        assert store.person("ann@ann.example")[1]
