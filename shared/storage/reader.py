"""A read-only view of one database, on which queries run."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from shared.kernel.errors import Rejected
from shared.storage.base import Row, table_named, table_of

R = TypeVar("R", bound=Row)
_ROWS_AT_ONCE = 500


class Reader:
    """Runs queries on one open connection; changes nothing."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a device's database; decides how text is searched."""
        return self._connection.dialect.name == "sqlite"

    def rows(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Sequence[Any]:
        """All result rows of a statement."""
        return self._connection.execute(statement).all()

    def column(self, statement: sa.Select[Any]) -> list[Any]:
        """The one column of a statement, for lists of any length.

        Rows are taken in parts: fetching 100,000 at once keeps all other threads of the process
        waiting for nearly half a second.
        """
        found = self._connection.execute(statement)
        return [row[0] for part in found.partitions(_ROWS_AT_ONCE) for row in part]

    def text(self, sql: str, **params: object) -> Sequence[Any]:
        """All result rows of a statement in SQL, for what only one engine can do."""
        return self._connection.execute(sa.text(sql), params).all()

    def find(
        self,
        row_type: type[R],
        *conditions: sa.ColumnElement[bool],
        order_by: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> list[R]:
        """The rows of one table that meet all conditions, in key order unless told otherwise."""
        table = table_of(row_type)
        ordering = order_by or [table.c[name] for name in table.key]
        statement = sa.select(table.table).where(*conditions).order_by(*ordering).limit(limit)
        return [table.from_values(values) for values in self._connection.execute(statement)]

    def get(self, row_type: type[R], *key: str) -> R | None:
        """The row with that key, or None."""
        table = table_of(row_type)
        given = {f"key_{name}": part for name, part in zip(table.key, key, strict=True)}
        found = self._connection.execute(_by_key(table.name), given).first()
        return None if found is None else table.from_values(found)

    def require(self, row_type: type[R], *key: str) -> R:
        """The row with that key. Raises Rejected("<table>_not_found") when there is none."""
        row = self.get(row_type, *key)
        if row is None:
            raise Rejected(f"{table_of(row_type).name}_not_found", id=key[0])
        return row


@cache
def _by_key(name: str) -> sa.Select[Any]:
    table = table_named(name)
    return sa.select(table.table).where(
        *(table.c[name] == sa.bindparam(f"key_{name}") for name in table.key)
    )
