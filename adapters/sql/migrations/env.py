"""Run by Alembic: applies the versions on the connection that `adapters.sql.migrate` hands over."""

from alembic import context

from threadwork.adapters.sql.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
