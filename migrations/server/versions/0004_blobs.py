"""Pictures name the blob that holds them as a whole."""

from pathlib import Path

from migrations.statements import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_file(Path(__file__).with_name("0004_blobs.sql"))
