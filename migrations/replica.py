"""Makes an empty replica in one go, at the newest revision: on a device, and for its first fill."""

import hashlib
from functools import cache

from migrations.apply import Lineage, head
from shared.sync.replica import replica_ddl

_MARKS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))",
    "CREATE TABLE schema_mark (fingerprint TEXT NOT NULL) STRICT",
)
"""The first as Alembic makes it."""
_NAME_REVISION = "INSERT INTO alembic_version VALUES ('{}')"
_NAME_SCHEMA = "INSERT INTO schema_mark VALUES ('{}')"
_TABLE = "CREATE TABLE "


@cache
def schema_fingerprint() -> str:
    """Names the tables that this program's replica has."""
    return hashlib.sha256("\n".join(replica_ddl()).encode()).hexdigest()


def tables_of_replica() -> tuple[str, ...]:
    """The statements that make the tables, the revision and the mark, without any index."""
    tables = tuple(statement for statement in replica_ddl() if statement.startswith(_TABLE))
    return (
        *tables,
        *_MARKS,
        _NAME_REVISION.format(head(Lineage.DESKTOP)),
        _NAME_SCHEMA.format(schema_fingerprint()),
    )


def indexes_of_replica() -> tuple[str, ...]:
    """The statements for the rest: indexes and search, which are made faster behind the rows."""
    return tuple(statement for statement in replica_ddl() if not statement.startswith(_TABLE))
