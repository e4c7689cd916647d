"""How an import remembers what it touched, so that it can be undone."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from shared.imports.tables import ImportedRow
from shared.kernel.ids import ImportId
from shared.storage.base import Key, Row, TableOf, table_named, table_of
from shared.storage.unit_of_work import UnitOfWork

_KEY_SEPARATOR = "|"


class Recorder:
    """Writes rows on behalf of an import and remembers their first state."""

    def __init__(self, work: UnitOfWork, import_id: ImportId) -> None:
        self._work = work
        self._import_id = import_id

    def save_all(self, rows: Sequence[Row]) -> None:
        """Insert or replace many rows; what is known of them is read together first."""
        by_type: dict[type[Row], list[Key]] = {}
        for row in rows:
            by_type.setdefault(type(row), []).append(table_of(type(row)).key_of(row))
        for row_type, keys in by_type.items():
            name = table_of(row_type).name
            remembered = [(self._import_id, name, _KEY_SEPARATOR.join(key)) for key in keys]
            self._work.lock(row_type, keys)
            self._work.lock(ImportedRow, remembered)
        for row in rows:
            self.save(row)

    def save(self, row: Row) -> None:
        """Insert or replace a row; nothing is remembered when it is the same already."""
        table = table_of(type(row))
        key = table.key_of(row)
        before = self._work.get(type(row), *key)
        if before == row:
            return
        self._remember(table, before=before, after=row)
        if before is None:
            self._work.insert(row)
        else:
            self._work.put(row)

    def _remember(self, table: TableOf[Row], *, before: Row | None, after: Row) -> None:
        touched_key = _KEY_SEPARATOR.join(table.key_of(after))
        known = self._work.get(ImportedRow, self._import_id, table.name, touched_key)
        digest = image_digest(table, after)
        if known is not None:
            self._work.put(replace(known, after=digest))
            return
        self._work.insert(
            ImportedRow(
                import_id=self._import_id,
                touched_table=table.name,
                touched_key=touched_key,
                before=None if before is None else table.image(before).decode(),
                after=digest,
            )
        )


def image_digest(table: TableOf[Row], row: Row) -> str:
    """A short digest of a row's image, to see whether somebody changed it since."""
    return hashlib.blake2b(table.image(row), digest_size=16).hexdigest()


def touched(remembered: ImportedRow) -> tuple[TableOf[Row], Key]:
    """The table and key that a remembered row speaks of."""
    return table_named(remembered.touched_table), tuple(
        remembered.touched_key.split(_KEY_SEPARATOR)
    )
