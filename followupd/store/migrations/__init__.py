"""Migrations of the store, run by alembic (`followupd/store/upgrade.py`)."""
