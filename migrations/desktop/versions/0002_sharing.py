"""Whether the devices of a location keep copies of each other's unsent work."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column, unless the replica was made since it was declared."""
    columns = sa.inspect(op.get_bind()).get_columns("stock_location")
    if "is_sharing" not in {each["name"] for each in columns}:
        op.execute("ALTER TABLE stock_location ADD COLUMN is_sharing INTEGER NOT NULL DEFAULT 0")
