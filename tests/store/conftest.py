"""The two databases that every promise of the store is tested on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from followupd.bench.servers.postgres import PostgresServer
from followupd.store import Store, open_store, schema


@pytest.fixture(scope="session")
def postgres_contract_url(postgres: PostgresServer) -> Iterator[str]:
    """Give one database for all tests of the contract: making and dropping one takes longer than a test."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a store without a row: a file, or a database on a real PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/followupd.db"
    found: str = request.getfixturevalue("postgres_contract_url")
    store = open_store(found)
    with store.engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name != "setting":
                connection.execute(sa.delete(table))
    store.close()
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give an empty store."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database in which nothing lies yet."""
    return f"sqlite:///{tmp_path}/followupd.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
