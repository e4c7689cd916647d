"""What a device must hold, worked out in the plainest way: confirmed rows, then each command."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from desktop.journal import Journal
from shared.kernel.context import Phase
from shared.kernel.errors import Bug, Rejected
from shared.kernel.messages import Envelope, OutcomeState
from shared.storage.base import Key, tables_in_order
from shared.storage.dialects import sqlite_ddl
from shared.storage.images import all_values, image_table, upsert_values
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.rebase import Place, run_envelope
from shared.sync.replica import key_from_text
from shared.sync.scopes import holds
from tests.support.memory import memory_engine

Rows = dict[str, dict[Key, bytes]]
_REFUSED = {OutcomeState.REJECTED, OutcomeState.QUARANTINED}


def visible_rows(connection: sa.Connection) -> Rows:
    """All rows as screens see them: canonical images by table and key."""
    found: Rows = {}
    for table in tables_in_order():
        images = image_table(table.name)
        rows = all_values(connection, images)
        found[table.name] = {images.key_of(row): images.image(row) for row in rows}
    return found


def confirmed_rows(connection: sa.Connection) -> Rows:
    """All rows without the effects of pending commands."""
    found = visible_rows(connection)
    for tbl, key, image in connection.exec_driver_sql("SELECT tbl, key, image FROM base_row"):
        found[tbl].pop(key_from_text(key), None)
        if image is not None:
            found[tbl][key_from_text(key)] = image
    return found


def in_scopes(rows: Rows, scopes: Iterable[str]) -> Rows:
    """The rows that a device with those scopes holds."""
    held = tuple(scopes)
    kept: Rows = {}
    for table in tables_in_order():
        scope_of = table.scope_of
        kept[table.name] = {
            key: image
            for key, image in rows[table.name].items()
            if scope_of is not None and holds(held, scope_of(table.from_image(image)))
        }
    return kept


def pending_envelopes(journal: Journal, *, acked_seq: int) -> list[Envelope]:
    """The commands whose effects lie on top of the confirmed rows."""
    return [
        entry.envelope
        for entry in journal.entries(after=acked_seq)
        if entry.outcome is None or entry.outcome.state not in _REFUSED
    ]


def rows_after(confirmed: Rows, envelopes: Iterable[Envelope], place: Place) -> Rows:
    """Confirmed rows with each command run on top in a unit of work and transaction of its own."""
    with _database_with(confirmed) as connection:
        for envelope in envelopes:
            work = UnitOfWork(connection)
            try:
                run_envelope(envelope, work, place, phase=Phase.REPLAY)
                work.flush()
            except (Rejected, Bug, sa.exc.IntegrityError):
                connection.rollback()
            else:
                connection.commit()
        return visible_rows(connection)


@contextmanager
def _database_with(rows: Rows) -> Iterator[sa.Connection]:
    engine = memory_engine()
    with engine.connect() as connection:
        for statement in sqlite_ddl():
            connection.exec_driver_sql(statement)
        for name, images in rows.items():
            table = image_table(name)
            upsert_values(connection, table, [table.read(image)[0] for image in images.values()])
        connection.commit()
        yield connection
    engine.dispose()
