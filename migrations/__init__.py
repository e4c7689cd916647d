"""Database migrations: one Alembic environment, two lineages."""
