"""Commands, events and the envelope in which a command travels."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from shared.kernel.blobs import BlobRef
from shared.kernel.permissions import Permission


class Nature(StrEnum):
    """Whether a command reports something that happened, or asks for something."""

    FACT = "fact"
    """It happened in the world; the server never refuses it."""
    REQUEST = "request"
    """It may be refused, and is then undone on the device."""


Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the arguments of a version from those of the one before, as plain JSON values."""


class Command:
    """Base of all commands: frozen dataclasses with imperative names."""

    NAME: ClassVar[str]
    """The name on the wire, snake case; never changed once released."""
    VERSION: ClassVar[int] = 1
    """Raised whenever the arguments change shape; a test pins the shapes to it."""
    UPCASTS: ClassVar[Mapping[int, Upcast]] = {}
    """By version from 2 on: a device may send what it made many releases ago."""
    NATURE: ClassVar[Nature] = Nature.REQUEST
    PERMISSION: ClassVar[Permission]
    SERIES: ClassVar[tuple[str, ...]] = ()
    """Document number series of which the device gives this command the next number."""

    def blobs(self) -> tuple[BlobRef, ...]:
        """The files that the command refers to; they travel behind it, and never hold it up."""
        return ()

    def needs(self) -> tuple[Permission, ...]:
        """Everything that whoever gives this command must be allowed to do."""
        return (self.PERMISSION,)


class Event:
    """Base of all events: frozen dataclasses named in the past tense."""


class OutcomeState(StrEnum):
    """What became of a command."""

    APPLIED = "applied"
    APPLIED_WITH_EXCEPTION = "applied_with_exception"
    """A fact was taken though something is odd; a case waits in the inbox."""
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    """Not understood or crashed; stored raw, the queue goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The authority's answer to one command; the same for every repetition of it."""

    state: OutcomeState
    code: str | None = None
    field: str | None = None
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A command as it is written to a journal and sent to the server.

    `seq` counts without gaps from 1 within one `incarnation` of a device; `prev_hash` is the hash
    of the envelope before it (64 zeros for the first), so a lost, doubled, reordered or altered
    command is found with its position.
    """

    cmd_id: str
    device_id: str
    incarnation: int
    seq: int
    name: str
    version: int
    args: msgspec.Raw
    actor_id: str | None
    business_at: datetime
    base_cursor: str
    numbers: Mapping[str, int]
    prev_hash: str

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the whole envelope, as 64 hex digits."""
        return hashlib.sha256(canonical_json(self)).hexdigest()


FIRST_HASH = "0" * 64


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no spaces: equal values give equal bytes on every machine."""
    return msgspec.json.encode(value, order="sorted")
