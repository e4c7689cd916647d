"""The nudge: there is something to pull."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """The tenant's head; sent when it moves, and once at the start."""

    head: str
