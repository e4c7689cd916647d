"""A state machine as a table, checked when it is defined."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from shared.kernel.errors import Bug, Rejected

S = TypeVar("S", bound=StrEnum)


class StateTable(Generic[S]):
    """Which state may follow which.

    Raises Bug when a state of the enumeration is missing from the table, so that a new state
    cannot be forgotten.
    """

    def __init__(self, name: str, states: type[S], table: Mapping[S, frozenset[S]]) -> None:
        missing = set(states) - set(table)
        if missing:
            message = f"state table {name} says nothing about {sorted(missing)}"
            raise Bug(message)
        self._name = name
        self._table = table

    def allows(self, before: S, after: S) -> bool:
        """Whether `after` may follow `before`."""
        return after in self._table[before]

    def check(self, before: S, after: S) -> None:
        """Raise Rejected("<name>_state_forbids") unless `after` may follow `before`."""
        if not self.allows(before, after):
            raise Rejected(f"{self._name}_state_forbids", before=before.value, after=after.value)
