"""Who does what, when and where: all that a handler may know besides the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import DeviceId, LocationId, RegisterId, TenantId, UserId, derived_id
from shared.kernel.messages import Event, Nature
from shared.kernel.permissions import Permission


class Phase(StrEnum):
    """At which of its runs a command is."""

    FIRST = "first"
    """Where it is made: anything wrong is refused before it becomes true."""
    REPLAY = "replay"
    """Again on its own device, after newer server rows came in."""
    AUTHORITY = "authority"
    """On the server, which decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person or program that acts, and what it may do."""

    user_id: UserId | None
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """The enrolled device and the place it works for."""

    device_id: DeviceId
    location_id: LocationId | None = None
    register_id: RegisterId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything around one run of one command.

    Handlers take time, ids and numbers from here and from nowhere else, so that a second run on
    another machine gives the same rows.
    """

    tenant_id: TenantId
    command_id: str
    command_name: str
    nature: Nature
    phase: Phase
    actor: Actor
    station: Station
    business_at: datetime
    numbers: Mapping[str, int] = field(default_factory=dict)
    oddities: list[Rejected] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _made: list[str] = field(default_factory=list)

    def next_id(self) -> str:
        """The next id for a thing that this command makes; the same in every run."""
        made = derived_id(self.command_id, len(self._made))
        self._made.append(made)
        return made

    def number(self, series: str) -> int:
        """The document number that the device gave this command in `series`."""
        try:
            return self.numbers[series]
        except KeyError as error:
            message = f"command has no number in series {series}"
            raise Bug(message) from error

    def expect(self, *, holds: bool, otherwise: Rejected) -> None:
        """Insist on something that a fact may already have broken.

        Raises `otherwise` when it does not hold, except for a fact that is run again: what happened
        happened, so it is noted for the inbox instead and the handler goes on.
        """
        if holds:
            return
        if self.nature is Nature.FACT and self.phase is not Phase.FIRST:
            self.oddities.append(otherwise)
            return
        raise otherwise

    def note(self, oddity: Rejected) -> None:
        """Put something odd, but true, into the inbox of the people who can settle it."""
        self.oddities.append(oddity)

    def emit(self, event: Event) -> None:
        """Tell higher slices what happened; they react inside the same unit of work."""
        self.events.append(event)
