"""What a unit of work changed: rows before and after, and the ids that screens hear of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.storage.base import Key, Row, TableOf


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row as it was before a unit of work and as it is after; None where it does not exist."""

    table: TableOf[Any]
    key: Key
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Which rows of which tables changed in one commit; the only thing screens are told."""

    ids: Mapping[str, frozenset[str]]
    """Table name to first key parts."""

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the tables that changed."""
        return frozenset(self.ids)


def change_set(changes: Iterable[tuple[str, Key]]) -> ChangeSet:
    """The change set of the given (table name, key) pairs."""
    found: dict[str, set[str]] = {}
    for name, key in changes:
        found.setdefault(name, set()).add(key[0])
    return ChangeSet({name: frozenset(ids) for name, ids in found.items()})
