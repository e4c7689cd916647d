"""The tables of the first release in a tenant's schema, and those that synchronisation needs."""

from pathlib import Path

from migrations.statements import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file(Path(__file__).with_name("0001_first_tables.sql"))
    run_file(Path(__file__).with_name("0001_first_sync.sql"))
