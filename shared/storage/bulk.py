"""Many rows into a table with one statement, where the engine has one that takes them."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.storage.types import JsonType

FEW = 16
"""Up to so many rows, one statement for each costs less than to make and take apart a text."""


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns.

    PostgreSQL gets a large batch as one JSON text and takes it apart itself: its COPY is refused
    under row-level security, and a statement for each row costs most of an import's time here.
    """
    if connection.dialect.name != "postgresql" or len(rows) <= FEW:
        connection.execute(sa.insert(table), rows)
        return
    names = tuple(rows[0])
    connection.execute(_insert_from_json(table, names), {"rows": _as_text(table, rows)})


def update_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Give the rows with those keys these values; all name the same columns, the key's included."""
    names = tuple(rows[0])
    if connection.dialect.name != "postgresql" or len(rows) <= FEW:
        keys = {column.name: f"key_{column.name}" for column in table.primary_key}
        with_keys = [{keys.get(name, name): row[name] for name in names} for row in rows]
        connection.execute(_update_by_key(table, names), with_keys)
        return
    connection.execute(_update_from_json(table, names), {"rows": _as_text(table, rows)})


def _as_text(table: sa.Table, rows: Sequence[dict[str, Any]]) -> str:
    forms = {name: form for name in rows[0] if (form := _form_of(table.c[name])) is not None}
    if forms:
        rows = [row | {name: form(row[name]) for name, form in forms.items()} for row in rows]
    return msgspec.json.encode(rows).decode()


def _form_of(column: sa.Column[Any]) -> Callable[[Any], str | None] | None:
    """How a value must be written where JSON's own form for it is not the column's."""
    if isinstance(column.type, JsonType):
        return column.type.to_text
    if isinstance(column.type, sa.LargeBinary):
        return _bytes_to_text
    return None


def _bytes_to_text(value: bytes | None) -> str | None:
    return None if value is None else f"\\x{value.hex()}"


@cache
def _insert_from_json(table: sa.Table, names: tuple[str, ...]) -> sa.Insert:
    given = _given(table, names)
    return sa.insert(table).from_select(names, sa.select(*(given.c[name] for name in names)))


@cache
def _update_from_json(table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    given = _given(table, names)
    same_key = (column == given.c[column.name] for column in table.primary_key)
    return sa.update(table).where(*same_key).values(_set_to(table, {n: given.c[n] for n in names}))


@cache
def _update_by_key(table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    same_key = (column == sa.bindparam(f"key_{column.name}") for column in table.primary_key)
    values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    return sa.update(table).where(*same_key).values(_set_to(table, values))


def _given(table: sa.Table, names: tuple[str, ...]) -> sa.TableValuedAlias:
    columns = [sa.column(name, table.c[name].type) for name in names]
    text = sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON)
    return sa.func.json_to_recordset(text).table_valued(*columns).render_derived(with_types=True)


def _set_to(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    """The values of all columns that are not of the key."""
    return {name: value for name, value in values.items() if not table.c[name].primary_key}
