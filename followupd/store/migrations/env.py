"""Alembic's entry: run the migrations on the connection that `upgrade.py` hands over."""

from __future__ import annotations

from alembic import context

from followupd.store import schema

context.configure(connection=context.config.attributes["connection"], target_metadata=schema.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
