"""The ids in a command, found by the types of its fields: all of them must be UUIDs."""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import NoneType
from typing import Any

from shared.kernel.errors import Bug
from shared.kernel.ids import ID_TYPES, is_id
from shared.kernel.messages import Command

_Search = Callable[[Any], str | None]
"""Where in a value the first malformed id is; None if all are well formed."""


def malformed_id(command: Command) -> str | None:
    """Where the first id is that is no canonical UUID, as `lines.0.variant_id`; None if none is.

    Storage takes ids for UUIDs, and one engine more strictly than the other.
    """
    kind: object = type(command)
    search = _search(kind)
    return None if search is None else search(command)


@cache
def _search(kind: object) -> _Search | None:
    """How to go through values of a type; None for types without ids, whatever their size."""
    if kind in ID_TYPES:
        return _of_id
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        fields = {name: found for name in names if (found := _search(hints[name]))}
        return partial(_of_fields, fields) if fields else None
    parts = [part for part in typing.get_args(kind) if part not in {NoneType, ...}]
    searches = [found for part in parts if (found := _search(part))]
    if not searches:
        return None
    if len(parts) > 1:
        raise Bug(f"{kind}: only optional ids and tuples of one kind are looked through")
    is_sequence = typing.get_origin(kind) is tuple
    return partial(_of_each if is_sequence else _of_optional, searches[0])


def _of_id(value: str) -> str | None:
    return None if is_id(value) else ""


def _of_fields(fields: Mapping[str, _Search], value: object) -> str | None:
    for name, search in fields.items():
        place = search(getattr(value, name))
        if place is not None:
            return f"{name}.{place}".rstrip(".")
    return None


def _of_each(search: _Search, values: tuple[Any, ...]) -> str | None:
    for index, value in enumerate(values):
        place = search(value)
        if place is not None:
            return f"{index}.{place}".rstrip(".")
    return None


def _of_optional(search: _Search, value: object) -> str | None:
    return None if value is None else search(value)
