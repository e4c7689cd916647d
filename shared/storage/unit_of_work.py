"""One command's reads and writes: an identity map with write-behind that knows every row image."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.storage.base import Key, Row, TableOf, table_named, table_of, tables_in_order
from shared.storage.bulk import insert_rows, update_rows
from shared.storage.changes import RowChange
from shared.storage.statements import (
    delete_from,
    is_any,
    is_one_of,
    key_params,
    select_one,
    select_where,
    with_parents,
)

R = TypeVar("R", bound=Row)
_Place = tuple[str, Key]
_Batches = dict[str, list[dict[str, Any]]]
_Families = dict[str, dict[str, set[Key]]]
"""Keys of a table's rows that belong together, by column and its value."""

_KEYS_AT_ONCE = 2000
"""Keys in one statement; both engines limit its parameters, and a key has up to three parts."""


class UnitOfWork:
    """Reads and writes rows on one open connection; commits nothing itself.

    Rows are kept by key, so that a row read twice is the same, and writes wait until a search
    needs them or `flush` is called. The first image of every touched row is kept: it is the base of
    the change log on the server and of the rebase on a device.

    With `defers`, the writes of a savepoint that ended well wait on too, so that many commands
    share their statements. When the database then refuses something, nobody can tell whose fault it
    is: Unavailable("writes_refused") comes up, and the whole work is to be rolled back and done
    again without `defers`.
    """

    def __init__(self, connection: sa.Connection, *, defers: bool = False) -> None:
        self._connection = connection
        self._defers = defers
        self._is_in_savepoint = False
        self._nested: sa.NestedTransaction | None = None
        self._rows: dict[_Place, Row | None] = {}
        self._before: dict[_Place, Row | None] = {}
        self._stored: dict[_Place, bool] = {}
        self._waiting: dict[str, dict[Key, Row | None]] = {}
        self._is_removing = False
        self._only: dict[str, Key] = {}
        self._families: dict[str, _Families] = {}

    def get(self, row_type: type[R], *key: str) -> R | None:
        """The row with that key, or None."""
        table = table_of(row_type)
        place = (table.name, key)
        if place in self._rows:
            return cast("R | None", self._rows[place])
        found = self._execute(select_one(table.name), key_params(table, key)).first()
        row = None if found is None else table.from_values(found)
        self._rows[place] = row
        return row

    def require(self, row_type: type[R], *key: str) -> R:
        """The row with that key. Raises Rejected("<table>_not_found") when there is none."""
        row = self.get(row_type, *key)
        if row is None:
            raise Rejected(f"{table_of(row_type).name}_not_found", id=key[0])
        return row

    def find(
        self,
        row_type: type[R],
        *conditions: sa.ColumnElement[bool],
        order_by: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> list[R]:
        """The rows that meet all conditions, in key order unless told otherwise."""
        table = table_of(row_type)
        self._flush_for(table)
        ordering = order_by or [table.c[name] for name in table.key]
        statement = sa.select(table.table).where(*conditions).order_by(*ordering).limit(limit)
        found = []
        for values in self._execute(statement):
            row = table.from_values(values)
            place = (table.name, table.key_of(row))
            known = self._rows.setdefault(place, row)
            if known is not None:
                found.append(cast("R", known))
        return found

    def only(self, row_type: type[R]) -> R | None:
        """The row of a table that has just one; searched for once, however often it is asked."""
        table = table_of(row_type)
        known = self._only.get(table.name)
        row = None if known is None else self.get(row_type, *known)
        if row is None:
            for row in self.find(row_type, limit=1):
                self._only[table.name] = table.key_of(row)
        return row

    def children(self, row_type: type[R], column: str, value: str) -> list[R]:
        """The rows whose `column` has that value, in key order; searched for once, then known.

        Unlike `find` it sends nothing that waits: writes of many commands stay together.
        """
        table = table_of(row_type)
        families = self._families.setdefault(table.name, {}).setdefault(column, {})
        if value not in families:
            families[value] = self._search(table, column, value)
        rows = (self._rows[table.name, key] for key in sorted(families[value]))
        return [cast("R", row) for row in rows if getattr(row, column, None) == value]

    def children_of_all(
        self, row_type: type[R], column: str, values: Iterable[str]
    ) -> Mapping[str, list[R]]:
        """The children of many parents, by parent; those not known yet are searched together."""
        table = table_of(row_type)
        families = self._families.setdefault(table.name, {}).setdefault(column, {})
        wanted = list(dict.fromkeys(values))
        unknown = [value for value in wanted if value not in families]
        for first in range(0, len(unknown), _KEYS_AT_ONCE):
            self._search_all(table, column, unknown[first : first + _KEYS_AT_ONCE])
        return {value: self.children(row_type, column, value) for value in wanted}

    def _search_all(self, table: TableOf[Any], column: str, values: Sequence[str]) -> None:
        found: dict[str, set[Key]] = {value: set() for value in values}
        for key, waiting in self._waiting.get(table.name, {}).items():
            if (keys := found.get(getattr(waiting, column, ""))) is not None:
                keys.add(key)
        wanted = is_any(table.c[column], values, takes_arrays=self._takes_arrays)
        for stored in self._execute(sa.select(table.table).where(wanted)):
            row = table.from_values(stored)
            key = table.key_of(row)
            self._rows.setdefault((table.name, key), row)
            found[getattr(row, column)].add(key)
        self._families[table.name][column].update(found)

    def _search(self, table: TableOf[Any], column: str, value: str) -> set[Key]:
        """The keys of stored and waiting rows with that value."""
        waiting = self._waiting.get(table.name, {})
        keys = {key for key, row in waiting.items() if getattr(row, column, None) == value}
        for values in self._execute(select_where(table.name, column), {"wanted": value}):
            row = table.from_values(values)
            key = table.key_of(row)
            self._rows.setdefault((table.name, key), row)
            keys.add(key)
        return keys

    def insert(self, row: Row) -> None:
        """Add a new row. A key that exists already surfaces when the work is flushed."""
        table = table_of(type(row))
        place = (table.name, table.key_of(row))
        if self._rows.get(place) is not None:
            message = f"{table.name} {place[1]} exists already"
            raise Bug(message)
        self._write(place, before=None, after=row)

    def put(self, row: Row) -> None:
        """Replace the row with the same key; it must exist and its table must allow it."""
        table = table_of(type(row))
        if table.is_append_only:
            message = f"rows of {table.name} are never changed"
            raise Bug(message)
        key = table.key_of(row)
        before = self.get(type(row), *key)
        if before is None:
            message = f"{table.name} {key} does not exist"
            raise Bug(message)
        if before != row:
            self._write((table.name, key), before=before, after=row)

    def delete(self, row: Row) -> None:
        """Remove a row; a tombstone travels in its place."""
        table = table_of(type(row))
        if table.is_append_only:
            message = f"rows of {table.name} are never removed"
            raise Bug(message)
        key = table.key_of(row)
        before = self.get(type(row), *key)
        if before is not None:
            self._write((table.name, key), before=before, after=None)

    def lock(self, row_type: type[R], keys: Sequence[Key]) -> dict[Key, R]:
        """The rows with those keys, read together; absent ones are left out."""
        table = table_of(row_type)
        unknown = [key for key in dict.fromkeys(keys) if (table.name, key) not in self._rows]
        if unknown:
            for key in unknown:
                self._rows[(table.name, key)] = None
            for first in range(0, len(unknown), _KEYS_AT_ONCE):
                self._read(table, unknown[first : first + _KEYS_AT_ONCE])
        found = {key: self._rows[(table.name, key)] for key in keys}
        return {key: cast("R", row) for key, row in found.items() if row is not None}

    def _read(self, table: TableOf[Any], keys: Sequence[Key]) -> None:
        wanted = is_one_of(table, keys, takes_arrays=self._takes_arrays)
        for values in self._execute(sa.select(table.table).where(wanted)):
            row = table.from_values(values)
            self._rows[(table.name, table.key_of(row))] = row

    def _write(self, place: _Place, *, before: Row | None, after: Row | None) -> None:
        self._before.setdefault(place, before)
        self._stored.setdefault(place, before is not None)
        self._rows[place] = after
        self._waiting.setdefault(place[0], {})[place[1]] = after
        self._is_removing |= after is None
        for column, families in self._families.get(place[0], {}).items():
            if (keys := families.get(getattr(after, column, ""))) is not None:
                keys.add(place[1])

    @property
    def _takes_arrays(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    @property
    def connection(self) -> sa.Connection:
        """The connection, with all writes flushed, for statements that span many rows."""
        self.flush()
        self._open_savepoint()
        return self._connection

    def flush(self) -> None:
        """Send waiting writes to the database, parents first, in one statement per table."""
        waiting, self._waiting = self._waiting, {}
        self._is_removing = False
        self._send_all(waiting)

    def _flush_for(self, table: TableOf[Any]) -> None:
        """Send what a search of one table has to find, and no more: the rest goes together later.

        A removed row may still be referred to by waiting ones, so then everything is sent.
        """
        if table.name not in self._waiting:
            return
        if self._is_removing:
            self.flush()
            return
        names = with_parents(table.name) & self._waiting.keys()
        self._send_all({name: self._waiting.pop(name) for name in names})

    def _send_all(self, waiting: Mapping[str, Mapping[Key, Row | None]]) -> None:
        inserts: _Batches = {}
        updates: _Batches = {}
        deletes: _Batches = {}
        for name, rows in waiting.items():
            table = table_named(name)
            for key, row in rows.items():
                is_stored = self._stored[name, key]
                if row is None and is_stored:
                    deletes.setdefault(name, []).append(key_params(table, key))
                elif row is not None and is_stored:
                    updates.setdefault(name, []).append(table.to_values(row))
                elif row is not None:
                    inserts.setdefault(name, []).append(table.to_values(row))
                self._stored[name, key] = row is not None
        if waiting:
            self._send(inserts, updates, deletes)

    def _send(self, inserts: _Batches, updates: _Batches, deletes: _Batches) -> None:
        self._open_savepoint()
        order = tables_in_order()
        for table in order:
            if table.name in inserts:
                self._insert(table, inserts[table.name])
            if table.name in updates:
                self._update(table, updates[table.name])
        for table in reversed(order):
            if table.name in deletes:
                self._execute(delete_from(table.name), deletes[table.name])

    def _insert(self, table: TableOf[Any], rows: Sequence[dict[str, Any]]) -> None:
        with self._refusals():
            insert_rows(self._connection, table.table, rows)

    def _update(self, table: TableOf[Any], rows: Sequence[dict[str, Any]]) -> None:
        with self._refusals():
            update_rows(self._connection, table.table, rows)

    def _execute(self, statement: sa.Executable, params: Any = None) -> sa.CursorResult[Any]:  # noqa: ANN401 - as SQLAlchemy takes them
        with self._refusals():
            return self._connection.execute(statement, params)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            if self._defers:
                raise Unavailable("writes_refused") from error
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo everything done inside when it raises; the error goes on to the caller."""
        inside = self._savepoint_when_needed if self._can_defer() else self._savepoint_at_once
        with inside():
            yield

    def _can_defer(self) -> bool:
        return self._defers and not self._is_in_savepoint

    @contextmanager
    def _savepoint_when_needed(self) -> Iterator[None]:
        """The database hears of it only when something has to be written inside."""
        before, stored = dict(self._before), dict(self._stored)
        rows = {place: self._rows[place] for place in before}
        waiting = {name: dict(rows) for name, rows in self._waiting.items()}
        is_removing, self._is_in_savepoint = self._is_removing, True
        try:
            yield
        except BaseException:
            self._close_savepoint(is_kept=False)
            self._before, self._stored, self._families = before, stored, {}
            self._rows, self._waiting, self._is_removing = rows, waiting, is_removing
            raise
        self._close_savepoint(is_kept=True)

    def _open_savepoint(self) -> None:
        if self._is_in_savepoint and self._nested is None:
            self._nested = self._connection.begin_nested()

    def _close_savepoint(self, *, is_kept: bool) -> None:
        nested, self._nested, self._is_in_savepoint = self._nested, None, False
        if nested is not None and is_kept:
            nested.commit()
        elif nested is not None:
            nested.rollback()

    @contextmanager
    def _savepoint_at_once(self) -> Iterator[None]:
        self.flush()
        before, stored = dict(self._before), dict(self._stored)
        rows = {place: self._rows[place] for place in before}
        nested = self._connection.begin_nested()
        try:
            yield
            self.flush()
        except BaseException:
            nested.rollback()
            self._before, self._stored, self._families = before, stored, {}
            self._rows, self._waiting, self._is_removing = rows, {}, False
            raise
        nested.commit()

    def changes(self) -> tuple[RowChange, ...]:
        """All rows that differ from the start of the work, in the order of their first touch."""
        self.flush()
        made = []
        for (name, key), before in self._before.items():
            after = self._rows[(name, key)]
            if before != after:
                made.append(RowChange(table_named(name), key, before, after))
        return tuple(made)
