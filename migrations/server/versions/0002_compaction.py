"""From where on a tenant's change log is whole, so that its older part can be made short."""

from pathlib import Path

from migrations.statements import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file(Path(__file__).with_name("0002_compaction.sql"))
