"""The Alembic environment of all lineages; migrations.apply hands it the open connection."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], version_table_schema=attributes["schema"])
with context.begin_transaction():
    context.run_migrations()
