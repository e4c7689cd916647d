"""The statements a unit of work is made of; each is built once per table."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from shared.storage.base import Key, TableOf, table_named


def key_params(table: TableOf[Any], key: Key) -> dict[str, str]:
    """The parameters of `matches_key` for one key."""
    return {f"key_{name}": part for name, part in zip(table.key, key, strict=True)}


def matches_key(table: TableOf[Any]) -> sa.ColumnElement[bool]:
    """Whether a row has the key that is given as parameters."""
    return sa.and_(*(table.c[name] == sa.bindparam(f"key_{name}") for name in table.key))


def is_one_of(
    table: TableOf[Any], keys: Sequence[Key], *, takes_arrays: bool
) -> sa.ColumnElement[bool]:
    """Whether a row has one of those keys.

    Parts that all keys share are compared once: PostgreSQL finds a list of single values by an
    index, but may compare every row of the table with every one of a list of tuples. An array is
    one parameter, so the statement is the same however many keys there are.
    """
    columns = [table.c[name] for name in table.key]
    parts = list(zip(*keys, strict=True))
    shared = [
        column == part[0]
        for column, part in zip(columns, parts, strict=True)
        if len(set(part)) == 1
    ]
    open_ = [place for place, part in enumerate(parts) if len(set(part)) > 1]
    if not open_:
        return sa.and_(*shared)
    if len(open_) == 1:
        place = open_[0]
        return sa.and_(*shared, is_any(columns[place], parts[place], takes_arrays=takes_arrays))
    wanted = [tuple(key[place] for place in open_) for key in keys]
    return sa.and_(*shared, sa.tuple_(*(columns[place] for place in open_)).in_(wanted))


def is_any(
    column: sa.Column[Any], values: Sequence[str], *, takes_arrays: bool
) -> sa.ColumnElement[bool]:
    """Whether a column has one of those values."""
    if takes_arrays:
        return column == sa.any_(sa.literal(values, sa.ARRAY(column.type)))
    return column.in_(values)


@cache
def with_parents(name: str) -> frozenset[str]:
    """A table and all that it refers to, near and far."""
    found = {name}
    for reference in table_named(name).references:
        if reference.table != name:
            found |= with_parents(reference.table)
    return frozenset(found)


@cache
def select_one(name: str) -> sa.Select[Any]:
    """The row with one key."""
    table = table_named(name)
    return sa.select(table.table).where(matches_key(table))


@cache
def select_where(name: str, column: str) -> sa.Select[Any]:
    """The rows in which a column has the value `wanted`."""
    table = table_named(name)
    return sa.select(table.table).where(table.c[column] == sa.bindparam("wanted"))


@cache
def delete_from(name: str) -> sa.Delete:
    """Removes the row with one key."""
    table = table_named(name)
    return sa.delete(table.table).where(matches_key(table))
