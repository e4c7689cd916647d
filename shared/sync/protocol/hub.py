"""What devices of one store say to each other while they share what is unsent.

Over TLS 1.3 with both certificates; one JSON text behind another, each after its length.
"""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from shared.kernel.ids import DeviceId
from shared.kernel.messages import Envelope
from shared.sync.protocol.push import MAX_COMMANDS

HUB_VERSION = 1
MOST_FRAME_BYTES = 16 << 20
LENGTH_BYTES = 4
"""Before each text, big-endian."""
MOST_SHELF_CHARS = 1 << 20
MOST_REVISION = 1 << 53
MOST_SHELVES = 100
MOST_TAKEN = 500
"""Of shelves, and of taken carts, in one text; no more taken carts are remembered."""

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Commands = Annotated[tuple[Envelope, ...], msgspec.Meta(min_length=1, max_length=MAX_COMMANDS)]


@dataclass(frozen=True, slots=True, order=True)
class Life:
    """One life of a device's journal."""

    device_id: DeviceId
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCommands:
    """Consecutive commands of one life, however many hands they went through.

    `signature` is that of `relay.signed_head` of the last, by the key that `certificate` (PEM)
    names; it is the owner's.
    """

    life: Life
    commands: _Commands
    signature: str
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUpTo:
    """Everything unsent of a life up to `seq` is on this device's disk."""

    life: Life
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What is parked at a device, as it keeps it itself; whoever hands it on does not read it.

    `revision` rises with each change; the highest is the present one. `content` is empty where
    nothing is parked.
    """

    device_id: Annotated[DeviceId, msgspec.Meta(min_length=1, max_length=64)]
    revision: Annotated[int, msgspec.Meta(ge=1, le=MOST_REVISION)]
    content: Annotated[str, msgspec.Meta(max_length=MOST_SHELF_CHARS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenCart:
    """A cart that was parked at a device goes on at another one.

    It is named by its parking, not by its order: the same cart may be parked there again.
    """

    device_id: Annotated[DeviceId, msgspec.Meta(min_length=1, max_length=64)]
    parking_id: _Id


_Shelves = Annotated[tuple[Shelf, ...], msgspec.Meta(max_length=MOST_SHELVES)]
_Taken = Annotated[tuple[TakenCart, ...], msgspec.Meta(max_length=MOST_TAKEN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubMessage:
    """One text: what the sender holds, and what it has for the other.

    The first text of a line has `says_hello`; its `held` is all that the sender holds. Later ones
    say what has come since.
    """

    version: int
    says_hello: bool = False
    held: tuple[HeldUpTo, ...] = ()
    shared: tuple[SignedCommands, ...] = field(default=())
    shelves: _Shelves = ()
    taken: _Taken = ()
