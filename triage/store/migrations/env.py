"""How Alembic runs: always on a connection handed in by :mod:`triage.store.schema`."""

from alembic import context

from triage.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
