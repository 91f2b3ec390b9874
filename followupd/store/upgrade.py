"""Making a new store, and bringing an older one up to date.

A new store is made from `schema.py` at once; an older one is upgraded by the migrations, all or nothing; one of a newer
followupd is refused. A test proves that both ways lead to the same tables.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from followupd.store import schema
from followupd.store.engine import READING, insert
from followupd.store.sqlite_file import StoreProblem

HEAD = "0006"
"""The newest migration. Kept as a constant because importing alembic costs a third of a second at each start."""

_version = sa.table("alembic_version", sa.column("version_num", sa.String))
_LOCK = 8025_0001  # an arbitrary key for PostgreSQL's advisory lock: one daemon at a time makes or upgrades tables


def bring_up_to_date(engine: sa.Engine) -> None:
    """Make or upgrade the tables; raises StoreProblem for a store of a newer followupd."""
    with engine.execution_options(**{READING: True}).connect() as connection:
        if _found(connection, engine) == HEAD:  # nearly always: `status` must not wait for a daemon that writes
            return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = _found(connection, engine)
        if found is None:
            _make(connection, engine)
        elif found != HEAD:
            _upgrade(connection, found, engine)


def _found(connection: sa.Connection, engine: sa.Engine) -> str | None:
    """The version of the store that lies there; None for an empty database."""
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if not {"alembic_version", schema.setting.name, schema.touch.name} <= tables:
        raise StoreProblem(
            f"{engine.url.render_as_string(hide_password=True)}: holds tables of another program; give followupd a database of its own"
        )
    return str(connection.execute(sa.select(_version.c.version_num)).scalar())


def _make(connection: sa.Connection, engine: sa.Engine) -> None:
    from followupd.store import new_key

    schema.metadata.create_all(connection)
    connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(sa.insert(_version).values(version_num=HEAD))
    connection.execute(insert(schema.setting, engine).values(name="key", value=new_key()))


def _upgrade(connection: sa.Connection, found: str, engine: sa.Engine) -> None:
    if found > HEAD:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreProblem(
            f"{where}: was written by a newer followupd (store version {found}, this one knows {HEAD}); upgrade followupd"
        )
    _check_alone(connection, engine)
    run_migrations(connection)


def _check_alone(connection: sa.Connection, engine: sa.Engine) -> None:
    """Daemons of an older followupd would go on writing tables as they were: they show by their locks that they live."""
    if engine.dialect.name != "postgresql":
        return
    others = connection.execute(sa.text(_OTHERS)).scalar()
    if others:
        raise StoreProblem(
            f"{engine.url.render_as_string(hide_password=True)}: this followupd brings a new format of the store, and {others} of an older one "
            "are still at work on it; stop all of them, then start this one"
        )


_OTHERS = """\
SELECT count(DISTINCT pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def run_migrations(connection: sa.Connection, until: str = "head") -> None:
    """All migrations that the store does not have yet, on a given connection, in its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, until)
