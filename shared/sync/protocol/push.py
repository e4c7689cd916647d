"""Commands go up, outcomes come back."""

from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.messages import Envelope, Outcome

MAX_COMMANDS = 500
MAX_BYTES = 1 << 20
"""A push carries at most this many commands and about this many bytes; one large command may go
alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRequest:
    """Consecutive commands of one device, lowest seq first."""

    protocol: int
    incarnation: int
    commands: tuple[Envelope, ...]


class PushState(StrEnum):
    """Whether the server could follow on from what it has."""

    ACCEPTED = "accepted"
    GAP = "gap"
    """Commands before the first one sent are missing; send from `expected_seq`."""
    FORKED = "forked"
    """The same seq was used for something else: this device is a copy or was restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """The stored outcome of one command and the tenant sequence at which it was committed."""

    seq: int
    cmd_id: str
    commit_seq: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReply:
    """The outcomes of all commands sent, old ones from store, new ones as decided."""

    state: PushState
    expected_seq: int
    outcomes: tuple[CommandOutcome, ...]
