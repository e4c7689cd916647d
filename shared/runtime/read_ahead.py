"""Reading what commands name before they run: a statement for each table, not for each row."""

import dataclasses
import itertools
import math
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from types import NoneType
from typing import Any

from shared.kernel.context import Station
from shared.kernel.ids import ID_TYPES, LocationId, RegisterId
from shared.kernel.messages import Command
from shared.storage.base import Key, TableOf, tables_in_order
from shared.storage.unit_of_work import UnitOfWork

_Named = dict[object, set[str]]
"""The ids that a command names, by their type."""
_MOST_KEYS = 10_000
"""Of one command in one table: keys of several parts are all that its ids can make."""
_Gather = Callable[[Any, _Named], None]


def read_ahead(work: UnitOfWork, commands: Iterable[Command], station: Station) -> None:
    """Read the rows whose keys the commands name, so that their handlers find them in `work`.

    It is a guess from the types of their fields and changes nothing: rows that it misses are read
    when a handler asks for them.
    """
    wanted: dict[str, dict[Key, None]] = {}
    for command in commands:
        named = _named(command, station)
        for table, kinds in _tables_by_ids():
            parts = [named.get(kind, ()) for kind in kinds]
            if 0 < math.prod(map(len, parts)) <= _MOST_KEYS:
                keys = itertools.product(*parts)
                wanted.setdefault(table.name, {}).update(dict.fromkeys(keys))
    for table, _kinds in _tables_by_ids():
        if table.name in wanted:
            work.lock(table.row_type, list(wanted[table.name]))


def _named(command: Command, station: Station) -> _Named:
    named: _Named = {}
    kind: object = type(command)
    gather = _gather(kind)
    if gather is not None:
        gather(command, named)
    if named:
        for held, here in ((LocationId, station.location_id), (RegisterId, station.register_id)):
            if here is not None:
                named.setdefault(held, set()).add(here)
    return named


@cache
def _tables_by_ids() -> tuple[tuple[TableOf[Any], tuple[object, ...]], ...]:
    """The tables whose keys are made of ids alone, each with the types of these."""
    found = ((table, _key_kinds(table)) for table in tables_in_order())
    return tuple((table, kinds) for table, kinds in found if ID_TYPES.issuperset(kinds))


def _key_kinds(table: TableOf[Any]) -> tuple[object, ...]:
    kinds = {column.name: column.annotation for column in table.columns}
    return tuple(kinds[name] for name in table.key)


@cache
def _gather(kind: object) -> _Gather | None:
    """How to collect the ids in values of a type; None for types without any."""
    if kind in ID_TYPES:
        return partial(_from_id, kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        fields = {name: found for name in names if (found := _gather(hints[name]))}
        return partial(_from_fields, fields) if fields else None
    parts = [part for part in typing.get_args(kind) if part not in {NoneType, ...}]
    gathers = [found for part in parts if (found := _gather(part))]
    if not gathers:
        return None
    is_sequence = typing.get_origin(kind) is tuple
    return partial(_from_each if is_sequence else _from_optional, gathers[0])


def _from_id(kind: object, value: str, named: _Named) -> None:
    named.setdefault(kind, set()).add(value)


def _from_fields(fields: Mapping[str, _Gather], value: object, named: _Named) -> None:
    for name, gather in fields.items():
        gather(getattr(value, name), named)


def _from_each(gather: _Gather, values: tuple[Any, ...], named: _Named) -> None:
    for value in values:
        gather(value, named)


def _from_optional(gather: _Gather, value: object, named: _Named) -> None:
    if value is not None:
        gather(value, named)
