"""Whether the devices of a location keep copies of each other's unsent work, and what is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add column and table, unless the replica was made since they were declared."""
    op.execute(
        "CREATE TABLE IF NOT EXISTS neighbour (device_id TEXT NOT NULL PRIMARY KEY,"
        " incarnation INTEGER NOT NULL, acked_seq INTEGER NOT NULL,"
        " shown_seq INTEGER NOT NULL) STRICT"
    )
    columns = sa.inspect(op.get_bind()).get_columns("stock_location")
    if "is_sharing" not in {each["name"] for each in columns}:
        op.execute("ALTER TABLE stock_location ADD COLUMN is_sharing INTEGER NOT NULL DEFAULT 0")
