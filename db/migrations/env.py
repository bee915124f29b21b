"""Alembic's entry: runs revisions on the connection that `db.migrating` hands it."""

from __future__ import annotations

from alembic import context

from db.registry import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
