"""SQLite databases in memory that give themselves back when nobody holds them any more."""

import weakref
from sqlite3 import Connection as SqliteConnection

import sqlalchemy as sa


def memory_engine() -> sa.Engine:
    """An engine on one connection to a new database, which any thread may use.

    Since Python 3.13 a connection that is only forgotten warns; this one is closed with its engine.
    """
    engine = sa.create_engine(
        "sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False}
    )
    owner = weakref.ref(engine)

    def close_with_engine(connection: SqliteConnection, _record: object) -> None:
        if (owned := owner()) is not None:
            weakref.finalize(owned, connection.close)

    sa.event.listen(engine, "connect", close_with_engine)
    return engine
