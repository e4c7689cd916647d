"""The tables of a replica file: made at once, recognised by their mark, brought up to date."""

import sqlalchemy as sa

from desktop.database import storage_errors
from migrations.apply import Lineage, head, revision_of, upgrade
from migrations.replica import indexes_of_replica, schema_fingerprint, tables_of_replica
from shared.sync.upgrade import take_in_aside


def make_replica(connection: sa.Connection) -> None:
    """Make all tables in an empty file."""
    with storage_errors(), connection.begin():
        for statement in (*tables_of_replica(), *indexes_of_replica()):
            connection.exec_driver_sql(statement)


def fingerprint_of(connection: sa.Connection) -> str | None:
    """The tables that a file says it has; None where it says nothing."""
    with connection.begin():
        known = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_mark'"
        if not connection.exec_driver_sql(known).scalar():
            return None
        return str(connection.exec_driver_sql("SELECT fingerprint FROM schema_mark").scalar_one())


def upgraded(connection: sa.Connection) -> bool:
    """Whether the replica of an older release could be brought up to date in place."""
    with connection.begin():
        revision = revision_of(connection)
    if revision is None or revision >= head(Lineage.DESKTOP):
        return False
    with connection.begin():
        upgrade(connection, Lineage.DESKTOP)
        take_in_aside(connection)
        connection.exec_driver_sql(
            "UPDATE schema_mark SET fingerprint = ?", (schema_fingerprint(),)
        )
    return True
