"""Runs the migrations on the connection (and inside the transaction) that `migrate` hands over."""

from alembic import context

from openaisle.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
