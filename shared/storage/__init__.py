"""The only place where SQLite and PostgreSQL differ; rows, unit of work and changes."""
