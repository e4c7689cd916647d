"""The directory of tenants, pairing codes and token keys of the first release."""

from pathlib import Path

from migrations.statements import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file(Path(__file__).with_name("0001_first.sql"))
