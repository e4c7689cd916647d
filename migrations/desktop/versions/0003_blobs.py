"""Pictures name the blob that holds them as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS = {
    "blob": "TEXT NOT NULL DEFAULT ''",
    "blob_bytes": "INTEGER NOT NULL DEFAULT 0",
    "blob_type": "TEXT NOT NULL DEFAULT ''",
}


def upgrade() -> None:
    """Add the columns, unless the replica was made since they were declared."""
    found = {each["name"] for each in sa.inspect(op.get_bind()).get_columns("media")}
    for name, kind in _COLUMNS.items():
        if name not in found:
            op.execute(f"ALTER TABLE media ADD COLUMN {name} {kind}")
